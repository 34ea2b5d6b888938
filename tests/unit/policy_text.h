/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy as text, one line a rule, for tests that compare models:
 *
 *     chain ip/filter/FORWARD base deny
 *       ip/filter/FORWARD#1 allow src=10.0.0.0/8 proto=tcp dport=80,443 state=NEW
 */
#ifndef TW_POLICY_TEXT_H
#define TW_POLICY_TEXT_H

#include "policy.h"

static void text_ranges(struct tw_buf *buf, const char *name, const struct tw_ranges *r,
                        int family)
{
    if (!r)
        return;
    tw_buf_fmt(buf, " %s=", name);
    for (size_t i = 0; i < r->n; i++) {
        if (i)
            tw_buf_char(buf, ',');
        if (family >= 0) {
            tw_buf_ip_range(buf, (enum tw_family)family, r->at[i]);
        } else {
            tw_buf_u64(buf, (uint64_t)r->at[i].lo);
            if (r->at[i].lo != r->at[i].hi)
                tw_buf_fmt(buf, "-%u", (unsigned)r->at[i].hi);
        }
    }
    if (r->n == 0)
        tw_buf_text(buf, "none");
}

static void text_protos(struct tw_buf *buf, const struct tw_ranges *r)
{
    if (!r || r->n != 1 || r->at[0].lo != r->at[0].hi) {
        text_ranges(buf, "proto", r, -1);
        return;
    }
    tw_buf_text(buf, " proto=");
    tw_buf_str(buf, tw_proto_name(buf->arena, (unsigned)r->at[0].lo));
}

static void text_icmp(struct tw_buf *buf, const struct tw_ranges *r)
{
    if (!r)
        return;
    tw_buf_text(buf, " icmp=");
    for (size_t i = 0; i < r->n; i++) {
        unsigned lo = (unsigned)r->at[i].lo, hi = (unsigned)r->at[i].hi;
        tw_buf_fmt(buf, "%s%u/%u-%u/%u", i ? "," : "", lo >> 8, lo & 255, hi >> 8,
                   hi & 255);
    }
    if (r->n == 0)
        tw_buf_text(buf, "none");
}

static void text_bits(struct tw_buf *buf, const char *name, unsigned bits,
                      const char *const *names)
{
    const char *separator = "";
    tw_buf_fmt(buf, "%s", name);
    for (unsigned i = 0; names[i]; i++)
        if (bits & 1u << i) {
            tw_buf_fmt(buf, "%s%s", separator, names[i]);
            separator = ",";
        }
}

static void text_condition(struct tw_buf *buf, const struct tw_policy *policy,
                           const struct tw_condition *condition)
{
    const struct tw_unknown *u = &policy->unknowns.at[condition->unknown];
    if (!u->values) {
        tw_buf_fmt(buf, " %s%u{",
                   condition->allowed[0] == 2   ? "?"
                   : condition->allowed[0] == 1 ? "?!"
                                                : "?bad",
                   condition->unknown);
        tw_buf_str(buf, u->name);
        tw_buf_char(buf, '}');
        return;
    }
    if (u->kind == TW_UNKNOWN_IN_IF || u->kind == TW_UNKNOWN_OUT_IF)
        tw_buf_text(buf, u->kind == TW_UNKNOWN_IN_IF ? " in={" : " out={");
    else if (u->kind == TW_UNKNOWN_APP)
        tw_buf_text(buf, " app={");
    else
        tw_buf_fmt(buf, " ?%u={", condition->unknown);
    const char *separator = "";
    for (size_t v = 0; v < u->nvalues; v++)
        if (condition->allowed[v / 64] >> v % 64 & 1) {
            tw_buf_text(buf, separator);
            if (u->values[v].len)
                tw_buf_str(buf, u->values[v]);
            else
                tw_buf_text(buf, "-");
            separator = " ";
        }
    tw_buf_char(buf, '}');
}

static void text_match(struct tw_buf *buf, const struct tw_policy *policy,
                       const struct tw_match *m, int family)
{
    static const char *const states[] = {"INVALID", "NEW",       "ESTABLISHED",
                                         "RELATED", "UNTRACKED", NULL};
    static const char *const flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", NULL};
    if (m->never)
        tw_buf_text(buf, " never");
    if (family < 0 && m->families) /* the chain's name does not say it */
        tw_buf_text(buf, m->families == 1 ? " ip" : m->families == 2 ? " ip6" : " ip*");
    if (family < 0)
        family = m->families == 1u << TW_IPV6 ? TW_IPV6 : TW_IPV4;
    text_ranges(buf, "src", m->src, family);
    text_ranges(buf, "dst", m->dst, family);
    text_protos(buf, m->proto);
    text_ranges(buf, "sport", m->sport, -1);
    text_ranges(buf, "dport", m->dport, -1);
    text_icmp(buf, m->icmp);
    if (m->states)
        text_bits(buf, " state=", m->states, states);
    for (size_t i = 0; i < m->nflags; i++) {
        text_bits(buf, m->flags[i].negated ? " !flags=" : " flags=", m->flags[i].mask,
                  flags);
        text_bits(buf, ":", m->flags[i].value, flags);
    }
    for (size_t i = 0; i < m->nmarks; i++)
        tw_buf_fmt(buf, " %s%s=0x%x/0x%x", m->marks[i].negated ? "!" : "",
                   m->marks[i].of_connection ? "connmark" : "mark", m->marks[i].value,
                   m->marks[i].mask);
    for (size_t i = 0; i < m->nconditions; i++)
        text_condition(buf, policy, &m->conditions[i]);
}

static void text_action(struct tw_buf *buf, const struct tw_policy *policy,
                        const struct tw_rule *rule)
{
    static const char *const names[] = {
        [TW_ACTION_ACCEPT] = "allow",
        [TW_ACTION_DENY] = "deny",
        [TW_ACTION_CONTINUE] = "continue",
        [TW_ACTION_CALL] = "call",
        [TW_ACTION_GOTO] = "goto",
        [TW_ACTION_RETURN] = "return",
        [TW_ACTION_TRANSLATE] = "translate",
        [TW_ACTION_UNDECIDED] = "undecided",
        [TW_ACTION_SET_MARK] = "set-mark",
        [TW_ACTION_SAVE_MARK] = "save-mark",
        [TW_ACTION_RESTORE_MARK] = "restore-mark",
        [TW_ACTION_SET_CONNMARK] = "set-connmark",
        [TW_ACTION_NOTRACK] = "notrack",
    };
    tw_buf_fmt(buf, " %s", rule->reject ? "reject" : names[rule->action]);
    if (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO) {
        tw_buf_char(buf, ' ');
        tw_buf_str(buf, policy->chains.at[rule->chain].name);
    }
    if (rule->action >= TW_ACTION_SET_MARK && rule->action <= TW_ACTION_SET_CONNMARK)
        tw_buf_fmt(buf, " 0x%x/0x%x", rule->value, rule->mask);
}

static void text_rule(struct tw_buf *buf, const struct tw_policy *policy,
                      const struct tw_rule *rule)
{
    struct tw_str chain = policy->chains.at[rule->chain_of].name;
    int family = tw_str_find(chain, '/') == chain.len
                     ? -1
                     : tw_str_find_str(chain, TW_STR("ip6")) < chain.len;
    tw_buf_str(buf, rule->id);
    text_action(buf, policy, rule);
    for (size_t i = 0; i < rule->nmatches; i++) {
        if (i)
            tw_buf_text(buf, " |");
        text_match(buf, policy, &rule->matches[i], family);
    }
    if (rule->nmatches == 0)
        tw_buf_text(buf, " nothing");
    if (rule->logged)
        tw_buf_text(buf, " logged");
    if (!rule->filtering)
        tw_buf_text(buf, " not-counted");
    if (rule->disabled)
        tw_buf_text(buf, " disabled");
    if (!rule->understood)
        tw_buf_text(buf, " UNCLEAR");
    if (rule->is_default)
        tw_buf_text(buf, " default");
    if (rule->has_counters)
        tw_buf_fmt(buf, " [%llu:%llu]", (unsigned long long)rule->packets,
                   (unsigned long long)rule->bytes);
    if (rule->expires_day != INT64_MAX)
        tw_buf_fmt(buf, " expires=%lld", (long long)rule->expires_day);
    if (rule->comment.len) {
        tw_buf_text(buf, " # ");
        tw_buf_str(buf, rule->comment);
    }
}

static inline void text_stages(struct tw_buf *buf, const struct tw_policy *policy)
{
    static const char *const hooks[] = {"forward", "input"};
    for (int f = 0; f < TW_FAMILIES; f++) {
        if (!policy->has_family[f])
            continue;
        for (int h = 0; h < TW_HOOKS; h++) {
            tw_buf_fmt(buf, "%s %s:", f == TW_IPV4 ? "ip" : "ip6", hooks[h]);
            for (size_t i = 0; i < policy->stages[f][h].len; i++) {
                const struct tw_stage *s = &policy->stages[f][h].at[i];
                tw_buf_char(buf, ' ');
                tw_buf_str(buf, policy->chains.at[s->chain].name);
                tw_buf_fmt(buf, "%s%s%s%s%s", s->decides ? "!" : "",
                           s->untracked ? "(untracked)" : "",
                           s->first_only ? "(first)" : "", s->no_in_if ? "(no-in)" : "",
                           s->no_out_if ? "(no-out)" : "");
            }
            tw_buf_char(buf, '\n');
        }
    }
}

static inline void text_policy(struct tw_buf *buf, const struct tw_policy *policy)
{
    struct tw_receipt receipt = tw_policy_receipt(policy);
    tw_buf_fmt(
        buf, "understood %llu of %llu%s%s%s\n", (unsigned long long)receipt.understood,
        (unsigned long long)receipt.rules,
        policy->state_in_rules ? " state-in-rules" : "",
        policy->uses_marks ? " marks" : "", policy->uses_notrack ? " notrack" : "");
    text_stages(buf, policy);
    for (size_t c = 0; c < policy->chains.len; c++) {
        const struct tw_chain *chain = &policy->chains.at[c];
        tw_buf_text(buf, "chain ");
        tw_buf_str(buf, chain->name);
        if (chain->is_base)
            tw_buf_fmt(buf, " base %s",
                       chain->policy == TW_ACTION_DENY ? "deny" : "allow");
        tw_buf_char(buf, '\n');
        for (uint32_t i = 0; i < chain->count; i++) {
            tw_buf_text(buf, "  ");
            text_rule(buf, policy, &policy->rules.at[chain->first + i]);
            tw_buf_char(buf, '\n');
        }
    }
}

#endif

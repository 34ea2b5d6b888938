/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy for people: what a packet passes, then the chains, a rule a line. The words
 * are those of the neutral XML, unknowns are told by their names.
 */
#include "format.h"
#include "messages.h"
#include "policy_fields.h"
#include "policy_words.h"
#include "policy_write.h"

struct writer {
    const struct tw_policy *policy;
    struct tw_policy_view *view;
    struct tw_doc *doc;
    struct tw_arena *arena;
};

#define SAY(w, ...) TW_SAY((w)->arena, (w)->doc->lang, __VA_ARGS__)

/* --- what holds for all rules -------------------------------------------------------
 */

static void line(struct writer *w, struct tw_str text)
{
    tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_PLAIN, text);
}

/* The chains of a hook, in order. */
static struct tw_str passes(struct writer *w, int family, int hook)
{
    struct tw_buf buf;
    tw_buf_init(&buf, w->arena);
    for (size_t i = 0; i < w->policy->stages[family][hook].len; i++) {
        const struct tw_stage *s = &w->policy->stages[family][hook].at[i];
        tw_buf_text(&buf, i ? " → " : "");
        tw_buf_str(&buf, w->view->chains[s->chain]);
    }
    return tw_buf_view(&buf);
}

static void put_families(struct writer *w)
{
    static const enum tw_message hooks[] = {TW_M_show_forward, TW_M_show_input};
    for (int f = 0; f < TW_FAMILIES; f++) {
        struct tw_str name = f == TW_IPV4 ? TW_STR("IPv4") : TW_STR("IPv6");
        if (!w->policy->has_family[f])
            line(w, SAY(w, TW_M_show_no_family, name));
        for (int h = 0; h < TW_HOOKS && w->policy->has_family[f]; h++)
            if (w->policy->stages[f][h].len)
                line(w, SAY(w, hooks[h], name, passes(w, f, h)));
    }
}

static struct tw_str joined(struct writer *w, const struct tw_str *names, size_t n)
{
    struct tw_fields fields = {.arena = w->arena};
    tw_field_names(&fields, "", names, n);
    return fields.list.at[0].value;
}

static struct tw_str address_text(struct writer *w,
                                  const struct tw_ranges *const addresses[TW_FAMILIES])
{
    struct tw_fields fields = {.arena = w->arena};
    struct tw_buf buf;
    for (int f = 0; f < TW_FAMILIES; f++)
        if (addresses[f] && addresses[f]->n)
            tw_field_addresses(&fields, "", addresses[f], (enum tw_family)f);
    tw_buf_init(&buf, w->arena);
    for (size_t i = 0; i < fields.list.len; i++) {
        tw_buf_text(&buf, i ? " " : "");
        tw_buf_str(&buf, fields.list.at[i].value);
    }
    return buf.len ? tw_buf_view(&buf) : TW_STR(TW_WORD_NONE);
}

static void put_names(struct writer *w)
{
    const struct tw_policy *p = w->policy;
    if (p->interfaces.len)
        line(w, SAY(w, TW_M_show_interfaces,
                    joined(w, p->interfaces.at, p->interfaces.len)));
    for (size_t i = 0; i < p->aliases.len; i++)
        line(w, SAY(w, TW_M_show_alias, p->aliases.at[i].name, p->aliases.at[i].value));
    for (size_t i = 0; i < p->reach.len; i++)
        line(w, SAY(w, TW_M_show_reach, p->reach.at[i].value,
                    address_text(w, p->reach.at[i].addresses)));
    for (size_t i = 0; i < p->objects.len; i++)
        line(w, SAY(w, TW_M_show_object, p->objects.at[i].name,
                    address_text(w, p->objects.at[i].addresses)));
}

/* --- rules --------------------------------------------------------------------------
 */

/* Blanks between items become commas, those inside of quotes stay. */
static void put_list(struct tw_buf *buf, struct tw_str list)
{
    struct tw_str item;
    bool joins = false;
    while (tw_next_item(&list, ' ', &item)) {
        tw_buf_text(buf, joins ? "," : "");
        tw_buf_str(buf, item);
        joins = !tw_str_is(item, "!");
    }
}

static void put_field(struct tw_buf *buf, const struct tw_field *f)
{
    tw_buf_text(buf, buf->len ? " " : "");
    if (tw_str_is(tw_str_of(f->key), "name")) {
        tw_buf_str(buf, f->value);
        tw_buf_char(buf, ':');
    } else if (tw_str_is(f->value, "yes")) {
        tw_buf_text(buf, f->key);
    } else if (tw_str_is(f->value, "no")) {
        tw_buf_fmt(buf, "not-%s", f->key);
    } else if (tw_str_is(tw_str_of(f->key), "comment")) {
        tw_buf_text(buf, "# ");
        tw_buf_str(buf, f->value);
    } else {
        tw_buf_fmt(buf, "%s=", f->key);
        /* Names of unknowns hold blanks of their own. */
        if (f->is_list && !tw_str_is(tw_str_of(f->key), "if"))
            put_list(buf, f->value);
        else
            tw_buf_str(buf, f->value);
    }
}

static struct tw_str fields_text(struct writer *w, const struct tw_fields *fields)
{
    struct tw_buf buf;
    tw_buf_init(&buf, w->arena);
    for (size_t i = 0; i < fields->list.len; i++)
        put_field(&buf, &fields->list.at[i]);
    return tw_buf_view(&buf);
}

/* "allow", "call CHAIN" */
static struct tw_str action_text(struct writer *w, const struct tw_rule *rule)
{
    struct tw_buf buf;
    tw_buf_init(&buf, w->arena);
    tw_buf_text(&buf, rule->reject && rule->action == TW_ACTION_DENY
                          ? TW_WORD_REJECT
                          : tw_words_of_action[rule->action]);
    if (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO) {
        tw_buf_char(&buf, ' ');
        tw_buf_str(&buf, w->view->chains[rule->chain]);
    }
    if (rule->action >= TW_ACTION_SET_MARK && rule->action <= TW_ACTION_SET_CONNMARK)
        tw_buf_fmt(&buf, " 0x%x/0x%x", rule->value, rule->mask);
    return tw_buf_view(&buf);
}

static enum tw_tone tone_of(const struct tw_rule *rule)
{
    if (rule->disabled)
        return TW_DIM;
    switch (rule->action) {
    case TW_ACTION_ACCEPT:
        return TW_GOOD;
    case TW_ACTION_DENY:
        return TW_BAD;
    case TW_ACTION_UNDECIDED:
    case TW_ACTION_TRANSLATE:
        return TW_DOUBT;
    default:
        return TW_PLAIN;
    }
}

/* A row for each of its products, at least one. */
static void put_rule(struct writer *w, struct tw_block *table, uint32_t index,
                     struct tw_chain_words chain)
{
    const struct tw_rule *rule = &w->policy->rules.at[index];
    struct tw_cell cells[] = {
        TW_CELL_RIGHT(tw_fmt(w->arena, "%u", (unsigned)rule->index)),
        TW_CELL_TONE(action_text(w, rule), tone_of(rule)), TW_CELL(TW_STR(""))};
    enum tw_tone tone = rule->disabled     ? TW_DIM
                        : rule->understood ? TW_PLAIN
                                           : TW_DOUBT;
    for (size_t m = 0; m < rule->nmatches || m == 0; m++) {
        struct tw_fields fields = {.arena = w->arena};
        if (m == 0 && tw_rule_has_own_name(w->view, rule))
            tw_field_text(&fields, "name", rule->id);
        if (rule->nmatches)
            tw_fields_of_match(&fields, w->view, &rule->matches[m], chain);
        else
            tw_field_yes(&fields, "nothing", true);
        if (m + 1 >= rule->nmatches) {
            tw_field_yes(&fields, "expired", rule->expired);
            tw_fields_behind(&fields, w->view, index, chain);
        }
        cells[2] = TW_CELL_TONE(fields_text(w, &fields), tone);
        tw_doc_row(w->doc, table, 3, cells);
        cells[0] = TW_CELL(TW_STR(""));
        cells[1] = TW_CELL(SAY(w, TW_M_show_or));
    }
}

static struct tw_str policy_text(struct writer *w, const struct tw_chain *chain,
                                 struct tw_str name)
{
    if (!chain->is_base)
        return name;
    if (chain->policy_unstated)
        return SAY(w, TW_M_show_chain_unstated, name);
    return SAY(w, TW_M_show_chain, name, tw_str_of(tw_words_of_action[chain->policy]));
}

static void put_chain(struct writer *w, uint32_t index)
{
    const struct tw_chain *chain = &w->policy->chains.at[index];
    struct tw_chain_words words = tw_chain_words(w->policy, chain);
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_HEADING, 0, TW_PLAIN,
                policy_text(w, chain, w->view->chains[index]));
    if (chain->count == 0)
        return;
    struct tw_block *table = tw_doc_table(w->doc, 1, false);
    for (uint32_t i = 0; i < chain->count; i++)
        put_rule(w, table, chain->first + i, words);
}

void tw_policy_write_text(const struct tw_policy *policy,
                          const struct tw_write_options *options, struct tw_doc *doc)
{
    struct writer writer = {policy, tw_policy_view_new(doc->arena, policy), doc,
                            doc->arena};
    struct writer *w = &writer;
    struct tw_receipt receipt = tw_policy_receipt(policy);
    w->view->for_people = true;
    w->view->counters = !options->without_counters;
    tw_doc_line(doc, TW_BLOCK_VERDICT, 0,
                receipt.understood == receipt.rules ? TW_PLAIN : TW_DOUBT,
                SAY(w, TW_M_show_receipt, tw_thousands(w->arena, receipt.understood),
                    tw_thousands(w->arena, receipt.rules),
                    tw_str_of(policy->format->name)));
    put_families(w);
    put_names(w);
    if (policy->assumptions.len)
        line(w, SAY(w, TW_M_show_assumed, policy->assumptions));
    if (tw_policy_expires(policy)) {
        struct tw_buf now;
        tw_buf_init(&now, w->arena);
        tw_buf_time(&now, options->now);
        line(w, SAY(w, TW_M_check_now, tw_buf_view(&now)));
    }
    for (uint32_t c = 0; c < policy->chains.len; c++)
        put_chain(w, c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules as pairs of texts; what the attributes of the normal form hold. */
#include "policy_fields.h"

#include "policy_words.h"

/* --- values --------------------------------------------------------------------- */

static struct tw_buf begin(const struct tw_fields *fields)
{
    struct tw_buf buf;
    tw_buf_init(&buf, fields->arena);
    return buf;
}

static void end(struct tw_fields *fields, const char *key, const struct tw_buf *buf,
                bool is_list)
{
    *tw_vec_add(fields->arena, &fields->list) =
        (struct tw_field){key, tw_buf_view(buf), is_list};
}

/* A blank before all items but the first. */
static void next(struct tw_buf *buf)
{
    if (buf->len)
        tw_buf_char(buf, ' ');
}

void tw_field_text(struct tw_fields *fields, const char *key, struct tw_str text)
{
    struct tw_buf buf = begin(fields);
    tw_buf_escaped(&buf, text);
    end(fields, key, &buf, false);
}

void tw_field_word(struct tw_fields *fields, const char *key, const char *word)
{
    *tw_vec_add(fields->arena, &fields->list) =
        (struct tw_field){key, tw_str_of(word), false};
}

void tw_field_yes(struct tw_fields *fields, const char *key, bool yes)
{
    if (yes)
        tw_field_word(fields, key, "yes");
}

void tw_field_no(struct tw_fields *fields, const char *key, bool no)
{
    if (no)
        tw_field_word(fields, key, "no");
}

void tw_field_number(struct tw_fields *fields, const char *key, uint64_t n)
{
    struct tw_buf buf = begin(fields);
    tw_buf_u64(&buf, n);
    end(fields, key, &buf, false);
}

void tw_field_addresses(struct tw_fields *fields, const char *key,
                        const struct tw_ranges *ranges, enum tw_family family)
{
    if (!ranges)
        return;
    struct tw_buf buf = begin(fields);
    for (size_t i = 0; i < ranges->n; i++) {
        next(&buf);
        tw_buf_ip_range(&buf, family, ranges->at[i]);
    }
    if (ranges->n == 0)
        tw_buf_text(&buf, TW_WORD_NONE);
    end(fields, key, &buf, true);
}

void tw_field_names(struct tw_fields *fields, const char *key,
                    const struct tw_str *names, size_t n)
{
    struct tw_buf buf = begin(fields);
    for (size_t i = 0; i < n; i++) {
        next(&buf);
        tw_buf_name(&buf, names[i]);
    }
    end(fields, key, &buf, true);
}

/* Addresses by the name of a list that holds just these. */
static void addresses(struct tw_fields *fields, const struct tw_policy_view *view,
                      const char *key, const struct tw_ranges *ranges,
                      enum tw_family family)
{
    const struct tw_object *o = tw_view_object(view, ranges, family);
    if (!o) {
        tw_field_addresses(fields, key, ranges, family);
        return;
    }
    struct tw_buf buf = begin(fields);
    tw_buf_char(&buf, '@');
    tw_buf_name(&buf, o->name);
    end(fields, key, &buf, true);
}

static void put_interval(struct tw_buf *buf, struct tw_range r)
{
    tw_buf_u64(buf, (uint64_t)r.lo);
    if (r.lo != r.hi) {
        tw_buf_char(buf, '-');
        tw_buf_u64(buf, (uint64_t)r.hi);
    }
}

static void put_protocols(struct tw_buf *buf, struct tw_range r)
{
    if (r.lo == r.hi)
        tw_buf_str(buf, tw_proto_name(buf->arena, (unsigned)r.lo));
    else
        put_interval(buf, r);
}

/* Types without their codes where all codes are meant: 8, 0-7; else 3/4, 3/4-3/7. */
static void put_icmp(struct tw_buf *buf, struct tw_range r)
{
    unsigned lo = (unsigned)r.lo, hi = (unsigned)r.hi;
    bool types = (lo & 255) == 0 && (hi & 255) == 255;
    tw_buf_u64(buf, lo >> 8);
    if (!types)
        tw_buf_fmt(buf, "/%u", lo & 255);
    if (types ? lo >> 8 == hi >> 8 : lo == hi)
        return;
    tw_buf_fmt(buf, "-%u", hi >> 8);
    if (!types)
        tw_buf_fmt(buf, "/%u", hi & 255);
}

static void intervals(struct tw_fields *fields, const char *key,
                      const struct tw_ranges *ranges,
                      void (*put)(struct tw_buf *, struct tw_range))
{
    if (!ranges)
        return;
    struct tw_buf buf = begin(fields);
    for (size_t i = 0; i < ranges->n; i++) {
        next(&buf);
        put(&buf, ranges->at[i]);
    }
    if (ranges->n == 0)
        tw_buf_text(&buf, TW_WORD_NONE);
    end(fields, key, &buf, true);
}

static void put_bits(struct tw_buf *buf, unsigned bits, const char *const *words,
                     char between)
{
    bool any = false;
    for (unsigned i = 0; words[i]; i++) {
        if (!(bits >> i & 1))
            continue;
        if (any)
            tw_buf_char(buf, between);
        tw_buf_text(buf, words[i]);
        any = true;
    }
    if (!any)
        tw_buf_text(buf, TW_WORD_NONE);
}

/* --- conditions ----------------------------------------------------------------- */

static bool allows(const struct tw_condition *c, size_t value)
{
    return c->allowed[value / 64] >> value % 64 & 1;
}

static void put_value(struct tw_buf *buf, const struct tw_unknown *u, size_t value)
{
    if (value == 0)
        tw_buf_text(buf, TW_NAME_NONE);
    else if (value == u->nvalues - 1)
        tw_buf_text(buf, TW_NAME_OTHER);
    else
        tw_buf_name(buf, u->values[value]);
}

/* The values that are allowed, or behind a "!" those that are not: what is shorter. */
static void put_choice(struct tw_buf *buf, const struct tw_unknown *u,
                       const struct tw_condition *c, char between)
{
    size_t count = 0;
    for (size_t v = 0; v < u->nvalues; v++)
        count += allows(c, v);
    bool negated = count > u->nvalues / 2, any = false;
    if (negated)
        tw_buf_char(buf, '!');
    for (size_t v = 0; v < u->nvalues; v++) {
        if (allows(c, v) == negated)
            continue;
        if (any || (negated && between == ' '))
            tw_buf_char(buf, between);
        put_value(buf, u, v);
        any = true;
    }
}

void tw_field_values(struct tw_fields *fields, const char *key,
                     const struct tw_unknown *u, const uint64_t *set)
{
    const struct tw_condition c = {.allowed = set};
    bool any = false;
    for (size_t v = 0; set && v < u->nvalues; v++)
        any |= allows(&c, v);
    if (!any)
        return;
    struct tw_buf buf = begin(fields);
    put_choice(&buf, u, &c, ' ');
    end(fields, key, &buf, true);
}

static void put_unknown(struct tw_buf *buf, const struct tw_policy_view *view,
                        uint32_t unknown)
{
    if (!view->for_people) {
        tw_buf_str(buf, view->unknowns[unknown]);
        return;
    }
    tw_buf_char(buf, '{');
    tw_buf_str(buf, view->policy->unknowns.at[unknown].name);
    tw_buf_char(buf, '}');
}

static void put_condition(struct tw_buf *buf, const struct tw_policy_view *view,
                          const struct tw_condition *c)
{
    const struct tw_unknown *u = &view->policy->unknowns.at[c->unknown];
    bool no = allows(c, 0), yes = u->nvalues > 1 && allows(c, 1);
    if (!u->values && no && !yes)
        tw_buf_char(buf, '!');
    put_unknown(buf, view, c->unknown);
    if (u->values) {
        tw_buf_char(buf, '=');
        put_choice(buf, u, c, '|');
    } else if (no == yes) {
        tw_buf_text(buf, yes ? "=any" : "=" TW_WORD_NONE);
    }
}

static void put_mark(struct tw_buf *buf, const struct tw_policy_view *view,
                     const struct tw_mark_test *t)
{
    tw_buf_fmt(buf, "%s%s=0x%x/0x%x", t->negated ? "!" : "",
               t->of_connection ? "connmark" : "mark", t->value, t->mask);
    if (view->for_people)
        return;
    tw_buf_char(buf, '?');
    tw_buf_str(buf, view->unknowns[t->unknown]);
}

static void conditions(struct tw_fields *fields, const struct tw_policy_view *view,
                       const struct tw_match *m)
{
    enum { OWN = 3 };
    const struct tw_policy *policy = view->policy;
    const struct {
        const char *key;
        uint32_t unknown;
    } own[OWN] = {{"in", policy->in_if}, {"out", policy->out_if}, {"app", policy->app}};
    const struct tw_condition *told[OWN] = {NULL};
    for (size_t k = 0; k < OWN; k++) {
        for (size_t i = 0; i < m->nconditions && !told[k]; i++)
            if (m->conditions[i].unknown == own[k].unknown)
                told[k] = &m->conditions[i];
        if (!told[k])
            continue;
        struct tw_buf buf = begin(fields);
        put_choice(&buf, &policy->unknowns.at[own[k].unknown], told[k], ' ');
        end(fields, own[k].key, &buf, true);
    }
    struct tw_buf buf = begin(fields);
    for (size_t i = 0; i < m->nconditions; i++) {
        const struct tw_condition *c = &m->conditions[i];
        if (c == told[0] || c == told[1] || c == told[2])
            continue;
        next(&buf);
        put_condition(&buf, view, c);
    }
    if (buf.len)
        end(fields, "if", &buf, true);
}

/* --- rules ---------------------------------------------------------------------- */

void tw_fields_of_match(struct tw_fields *fields, const struct tw_policy_view *view,
                        const struct tw_match *m, struct tw_chain_words chain)
{
    const unsigned both = (1u << TW_FAMILIES) - 1;
    enum tw_family of = m->families >> TW_IPV6 & 1 ? TW_IPV6 : TW_IPV4;
    tw_field_yes(fields, "never", m->never);
    if (chain.family < 0 && m->families && m->families != both)
        tw_field_word(fields, "family", tw_words_of_family[of]);
    addresses(fields, view, "src", m->src, of);
    addresses(fields, view, "dst", m->dst, of);
    intervals(fields, "proto", m->proto, put_protocols);
    intervals(fields, "sport", m->sport, put_interval);
    intervals(fields, "dport", m->dport, put_interval);
    intervals(fields, "icmp", m->icmp, put_icmp);
    struct tw_buf buf = begin(fields);
    if (m->states) {
        put_bits(&buf, m->states, tw_words_of_state, ' ');
        end(fields, "state", &buf, true);
    }
    buf = begin(fields);
    for (size_t i = 0; i < m->nflags; i++) {
        next(&buf);
        tw_buf_text(&buf, m->flags[i].negated ? "!" : "");
        put_bits(&buf, m->flags[i].value, tw_words_of_flag, ',');
        tw_buf_char(&buf, '/');
        put_bits(&buf, m->flags[i].mask, tw_words_of_flag, ',');
    }
    if (m->nflags)
        end(fields, "flags", &buf, true);
    buf = begin(fields);
    for (size_t i = 0; i < m->nmarks; i++) {
        next(&buf);
        put_mark(&buf, view, &m->marks[i]);
    }
    if (m->nmarks)
        end(fields, "marks", &buf, true);
    conditions(fields, view, m);
}

bool tw_rule_has_own_name(const struct tw_policy_view *view, const struct tw_rule *rule)
{
    struct tw_str chain = view->chains[rule->chain_of], rest;
    char number[16];
    size_t at = sizeof number;
    for (uint32_t n = rule->index; n; n /= 10)
        number[--at] = (char)('0' + n % 10);
    number[--at] = '#';
    rest = tw_str_from(rule->id, chain.len);
    return !tw_str_eq(tw_str_first(rule->id, chain.len), chain) ||
           !tw_str_eq(rest, (struct tw_str){number + at, sizeof number - at});
}

void tw_fields_before(struct tw_fields *fields, const struct tw_policy_view *view,
                      uint32_t index)
{
    const struct tw_rule *rule = &view->policy->rules.at[index];
    enum tw_action action = rule->action;
    if (tw_rule_has_own_name(view, rule))
        tw_field_text(fields, "name", rule->id);
    tw_field_word(fields, "action",
                  action == TW_ACTION_DENY && rule->reject
                      ? TW_WORD_REJECT
                      : tw_words_of_action[action]);
    if (action == TW_ACTION_CALL || action == TW_ACTION_GOTO)
        tw_field_text(fields, "chain", view->chains[rule->chain]);
    if (action >= TW_ACTION_SET_MARK && action <= TW_ACTION_SET_CONNMARK) {
        struct tw_buf buf = begin(fields);
        tw_buf_fmt(&buf, "0x%x/0x%x", rule->value, rule->mask);
        end(fields, "set", &buf, false);
    }
}

void tw_fields_behind(struct tw_fields *fields, const struct tw_policy_view *view,
                      uint32_t index, struct tw_chain_words chain)
{
    const struct tw_rule *rule = &view->policy->rules.at[index];
    tw_field_no(fields, "understood", !rule->understood);
    tw_field_yes(fields, "disabled", rule->disabled && !rule->expired);
    tw_field_yes(fields, "logged", rule->logged);
    tw_field_yes(fields, "default", rule->is_default);
    tw_field_no(fields, "counted", !rule->filtering && !chain.uncounted);
    if (rule->expires) {
        struct tw_buf buf = begin(fields);
        tw_buf_time(&buf, (struct tw_time){.day = rule->expires_day});
        end(fields, "expires", &buf, false);
    }
    if (rule->has_counters && view->counters) {
        tw_field_number(fields, "packets", rule->packets);
        tw_field_number(fields, "bytes", rule->bytes);
    }
    if (rule->comment.len)
        tw_field_text(fields, "comment", rule->comment);
}

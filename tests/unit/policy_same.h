/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do two policies say the same, field by field? Places, sources, the format and the
 * order of a product's conditions have no part in that. Fails with the field's name.
 */
#ifndef TW_POLICY_SAME_H
#define TW_POLICY_SAME_H

#include "cmocka_all.h"
#include "policy.h"

#define SAME(field)                                                         \
    do {                                                                    \
        if ((a->field) != (b->field))                                       \
            fail_msg("%s: %lld is not %lld", #field, (long long)(a->field), \
                     (long long)(b->field));                                \
    } while (0)
#define SAME_TEXT(field)                                                        \
    do {                                                                        \
        if (!tw_str_eq(a->field, b->field))                                     \
            fail_msg("%s: \"%.*s\" is not \"%.*s\"", #field, (int)a->field.len, \
                     a->field.ptr, (int)b->field.len, b->field.ptr);            \
    } while (0)

static void same_ranges(const char *what, const struct tw_ranges *a,
                        const struct tw_ranges *b)
{
    if (!a != !b || (a && !tw_ranges_eq(a, b)))
        fail_msg("%s differ", what);
}

static bool same_condition(const struct tw_policy *p, const struct tw_condition *a,
                           const struct tw_condition *b)
{
    if (a->unknown != b->unknown)
        return false;
    for (size_t v = 0; v < p->unknowns.at[a->unknown].nvalues; v++)
        if ((a->allowed[v / 64] ^ b->allowed[v / 64]) >> v % 64 & 1)
            return false;
    return true;
}

static void same_match(const struct tw_policy *p, const struct tw_match *a,
                       const struct tw_match *b)
{
    const unsigned both = (1u << TW_FAMILIES) - 1;
    assert_int_equal(a->families % both, b->families % both);
    same_ranges("src", a->src, b->src);
    same_ranges("dst", a->dst, b->dst);
    same_ranges("proto", a->proto, b->proto);
    same_ranges("sport", a->sport, b->sport);
    same_ranges("dport", a->dport, b->dport);
    same_ranges("icmp", a->icmp, b->icmp);
    SAME(states);
    SAME(never);
    SAME(nflags);
    SAME(nmarks);
    SAME(nconditions);
    for (size_t i = 0; i < a->nflags; i++) {
        SAME(flags[i].mask);
        SAME(flags[i].value);
        SAME(flags[i].negated);
    }
    for (size_t i = 0; i < a->nmarks; i++) {
        SAME(marks[i].value);
        SAME(marks[i].mask);
        SAME(marks[i].negated);
        SAME(marks[i].of_connection);
        SAME(marks[i].unknown);
    }
    for (size_t i = 0; i < a->nconditions; i++) {
        size_t times = 0;
        for (size_t k = 0; k < a->nconditions; k++) {
            times += same_condition(p, &a->conditions[i], &b->conditions[k]);
            times -= same_condition(p, &a->conditions[i], &a->conditions[k]);
        }
        if (times)
            fail_msg("the conditions differ");
    }
}

static void same_rule(const struct tw_policy *p, const struct tw_rule *a,
                      const struct tw_rule *b)
{
    bool calls = a->action == TW_ACTION_CALL || a->action == TW_ACTION_GOTO;
    bool marks = a->action >= TW_ACTION_SET_MARK && a->action <= TW_ACTION_SET_CONNMARK;
    SAME_TEXT(id);
    SAME_TEXT(comment);
    SAME(index);
    SAME(chain_of);
    SAME(action);
    if (a->action == TW_ACTION_DENY)
        SAME(reject);
    if (calls)
        SAME(chain);
    if (marks) {
        SAME(value);
        SAME(mask);
    }
    SAME(filtering);
    SAME(disabled);
    SAME(understood);
    SAME(logged);
    SAME(is_default);
    SAME(has_counters);
    if (a->has_counters) {
        SAME(packets);
        SAME(bytes);
    }
    SAME(expires);
    if (a->expires) {
        SAME(expires_day);
        SAME(expired);
    }
    assert_int_equal(!a->hits, !b->hits);
    if (a->hits) {
        SAME(hits->count);
        SAME(hits->first);
        SAME(hits->last);
        SAME(hits->reset);
        SAME(hits->created);
        SAME(hits->modified);
    }
    SAME(nmatches);
    for (size_t i = 0; i < a->nmatches; i++)
        same_match(p, &a->matches[i], &b->matches[i]);
}

static bool has_value(const uint64_t *set, size_t value)
{
    return set && set[value / 64] >> value % 64 & 1;
}

static void same_unknown(const struct tw_unknown *a, const struct tw_unknown *b)
{
    SAME(kind);
    SAME_TEXT(name);
    SAME(nvalues);
    assert_int_equal(!a->values, !b->values);
    for (size_t i = 0; a->values && i < a->nvalues; i++)
        SAME_TEXT(values[i]);
    for (size_t i = 0; a->values && i < a->nvalues; i++) {
        assert_int_equal(has_value(a->wide, i), has_value(b->wide, i));
        assert_int_equal(has_value(a->alone, i), has_value(b->alone, i));
    }
    SAME_TEXT(subject);
    assert_int_equal(!a->schedule, !b->schedule);
    if (!a->schedule)
        return;
    SAME(schedule->n);
    for (size_t i = 0; i < a->schedule->n; i++) {
        const struct tw_window *v = &a->schedule->windows[i];
        const struct tw_window *w = &b->schedule->windows[i];
        assert_int_equal(v->weekdays, w->weekdays);
        assert_true(!v->weekdays || (v->begin == w->begin && v->end == w->end));
        assert_true(v->weekdays || (tw_time_cmp(v->from, w->from) == 0 &&
                                    tw_time_cmp(v->to, w->to) == 0));
    }
}

static void same_names(const struct tw_policy *a, const struct tw_policy *b)
{
    SAME(all_interfaces_named);
    SAME(interfaces.len);
    SAME(aliases.len);
    SAME(reach.len);
    SAME(objects.len);
    for (size_t i = 0; i < a->interfaces.len; i++)
        SAME_TEXT(interfaces.at[i]);
    for (size_t i = 0; i < a->aliases.len; i++) {
        SAME_TEXT(aliases.at[i].name);
        SAME_TEXT(aliases.at[i].value);
    }
    for (size_t i = 0; i < a->reach.len; i++) {
        SAME_TEXT(reach.at[i].value);
        for (int f = 0; f < TW_FAMILIES; f++)
            same_ranges("routes", a->reach.at[i].addresses[f],
                        b->reach.at[i].addresses[f]);
    }
    for (size_t i = 0; i < a->objects.len; i++) {
        SAME_TEXT(objects.at[i].name);
        for (int f = 0; f < TW_FAMILIES; f++)
            same_ranges("objects", a->objects.at[i].addresses[f],
                        b->objects.at[i].addresses[f]);
    }
}

static void same_chains(const struct tw_policy *a, const struct tw_policy *b)
{
    SAME(chains.len);
    for (size_t i = 0; i < a->chains.len; i++) {
        SAME_TEXT(chains.at[i].name);
        SAME(chains.at[i].first);
        SAME(chains.at[i].count);
        SAME(chains.at[i].is_base);
        if (!a->chains.at[i].is_base)
            continue;
        SAME(chains.at[i].policy);
        SAME(chains.at[i].policy_unstated);
        assert_int_equal(!a->chains.at[i].policy_at.src,
                         !b->chains.at[i].policy_at.src);
    }
    for (int f = 0; f < TW_FAMILIES; f++) {
        SAME(has_family[f]);
        for (int h = 0; h < TW_HOOKS; h++) {
            SAME(stages[f][h].len);
            for (size_t i = 0; i < a->stages[f][h].len; i++) {
                SAME(stages[f][h].at[i].chain);
                SAME(stages[f][h].at[i].decides);
                SAME(stages[f][h].at[i].untracked);
                SAME(stages[f][h].at[i].first_only);
                SAME(stages[f][h].at[i].no_in_if);
                SAME(stages[f][h].at[i].no_out_if);
            }
        }
    }
}

static void same_policy(const struct tw_policy *a, const struct tw_policy *b)
{
    same_names(a, b);
    same_chains(a, b);
    SAME(in_if);
    SAME(out_if);
    SAME(app);
    SAME(state_in_rules);
    SAME(uses_marks);
    SAME(uses_notrack);
    SAME_TEXT(assumptions);
    SAME(unknowns.len);
    for (size_t i = 0; i < a->unknowns.len; i++)
        same_unknown(&a->unknowns.at[i], &b->unknowns.at[i]);
    SAME(rules.len);
    for (size_t i = 0; i < a->rules.len; i++)
        same_rule(a, &a->rules.at[i], &b->rules.at[i]);
}

#endif

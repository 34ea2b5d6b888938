/* SPDX-License-Identifier: Apache-2.0 */
/* Building a policy, and the promises that every reader of an export makes. */
#include "policy.h"

#include <assert.h>

struct tw_policy *tw_policy_new(struct tw_arena *arena, struct tw_str name)
{
    struct tw_policy *p = tw_new(arena, struct tw_policy);
    p->arena = arena;
    p->name = name;
    p->in_if = p->out_if = p->app = UINT32_MAX;
    tw_map_init(&p->unknown_keys, arena);
    return p;
}

uint32_t tw_policy_unknown(struct tw_policy *policy, enum tw_unknown_kind kind,
                           struct tw_str key, struct tw_str name)
{
    struct tw_str full = tw_fmt(policy->arena, "%d ", (int)kind);
    struct tw_buf buf;
    tw_buf_init(&buf, policy->arena);
    tw_buf_str(&buf, full);
    tw_buf_str(&buf, key);
    void **slot = tw_map_slot(&policy->unknown_keys, tw_buf_view(&buf));
    if (!*slot) {
        *tw_vec_add(policy->arena, &policy->unknowns) = (struct tw_unknown){
            .kind = kind, .name = tw_str_copy(policy->arena, name), .nvalues = 2};
        *slot = (void *)(uintptr_t)policy->unknowns.len; /* index + 1 */
    }
    return (uint32_t)((uintptr_t)*slot - 1);
}

uint32_t tw_policy_choice(struct tw_policy *policy, enum tw_unknown_kind kind,
                          struct tw_str name, const struct tw_str *values, size_t n)
{
    *tw_vec_add(policy->arena, &policy->unknowns) =
        (struct tw_unknown){.kind = kind, .name = name, .nvalues = n, .values = values};
    return (uint32_t)(policy->unknowns.len - 1);
}

static bool window_holds(const struct tw_window *w, struct tw_time at)
{
    if (!w->weekdays)
        return tw_time_cmp(w->from, at) <= 0 && tw_time_cmp(at, w->to) < 0;
    /* 1970-01-01 was a Thursday. */
    unsigned today = (unsigned)(((at.day + 3) % 7 + 7) % 7), before = (today + 6) % 7;
    bool on = w->weekdays >> today & 1, was_on = w->weekdays >> before & 1;
    if (w->begin < w->end)
        return on && w->begin <= at.second && at.second < w->end;
    return (on && at.second >= w->begin) || (was_on && at.second < w->end);
}

bool tw_schedule_active(const struct tw_schedule *schedule, struct tw_time at)
{
    for (size_t i = 0; i < schedule->n; i++)
        if (window_holds(&schedule->windows[i], at))
            return true;
    return false;
}

struct tw_condition tw_condition_yes(uint32_t unknown, bool negated)
{
    static const uint64_t no = 1, yes = 2;
    return (struct tw_condition){unknown, negated ? &no : &yes};
}

struct tw_str tw_policy_action_name(enum tw_action action)
{
    switch (action) {
    case TW_ACTION_ACCEPT:
        return TW_STR("allow");
    case TW_ACTION_DENY:
        return TW_STR("deny");
    case TW_ACTION_CALL:
        return TW_STR("call");
    case TW_ACTION_GOTO:
        return TW_STR("goto");
    case TW_ACTION_RETURN:
        return TW_STR("return");
    case TW_ACTION_TRANSLATE:
        return TW_STR("translate");
    case TW_ACTION_UNDECIDED:
        return TW_STR("undecided");
    default:
        return TW_STR("continue");
    }
}

struct tw_receipt tw_policy_receipt(const struct tw_policy *policy)
{
    struct tw_receipt r = {0};
    for (size_t i = 0; i < policy->rules.len; i++) {
        const struct tw_rule *rule = &policy->rules.at[i];
        r.rules += rule->filtering;
        r.understood += rule->filtering && rule->understood;
    }
    return r;
}

struct chain_visit {
    uint32_t chain, next; /* the next rule of it to look at */
};

static bool calls(const struct tw_rule *rule)
{
    return rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO;
}

/* Depth first from CHAIN, without recursion: the depth is the input's. */
static uint32_t circle_from(const struct tw_policy *policy, struct chain_visit *stack,
                            unsigned char *color, uint32_t chain)
{
    enum { NEW, ON_THE_WAY, DONE };
    size_t depth = 0;
    stack[depth++] = (struct chain_visit){chain, policy->chains.at[chain].first};
    color[chain] = ON_THE_WAY;
    while (depth) {
        struct chain_visit *top = &stack[depth - 1];
        const struct tw_chain *c = &policy->chains.at[top->chain];
        if (top->next == c->first + c->count) {
            color[top->chain] = DONE;
            depth--;
            continue;
        }
        const struct tw_rule *rule = &policy->rules.at[top->next++];
        if (!calls(rule) || color[rule->chain] == DONE)
            continue;
        if (color[rule->chain] == ON_THE_WAY)
            return top->next - 1;
        color[rule->chain] = ON_THE_WAY;
        uint32_t first = policy->chains.at[rule->chain].first;
        stack[depth++] = (struct chain_visit){rule->chain, first};
    }
    return UINT32_MAX;
}

uint32_t tw_policy_circle(const struct tw_policy *policy)
{
    struct tw_arena *scratch = tw_arena_child(policy->arena);
    size_t n = policy->chains.len;
    struct chain_visit *stack = tw_new_array(scratch, n, struct chain_visit);
    unsigned char *color = tw_new_array(scratch, n, unsigned char);
    uint32_t found = UINT32_MAX;
    for (uint32_t c = 0; c < n && found == UINT32_MAX; c++)
        if (color[c] == 0)
            found = circle_from(policy, stack, color, c);
    tw_arena_release(scratch);
    return found;
}

static void check_match(const struct tw_policy *policy, const struct tw_match *m)
{
    bool one_family = m->families && m->families != (1u << TW_FAMILIES) - 1;
    assert(one_family || (!m->src && !m->dst));
    for (size_t k = 0; k < m->nconditions; k++)
        assert(m->conditions[k].unknown < policy->unknowns.len);
    for (size_t k = 0; k < m->nmarks; k++)
        assert(m->marks[k].unknown < policy->unknowns.len);
    (void)policy, (void)one_family;
}

void tw_policy_check(const struct tw_policy *policy)
{
    size_t next = 0;
    for (size_t c = 0; c < policy->chains.len; c++) {
        const struct tw_chain *chain = &policy->chains.at[c];
        assert(chain->first == next);
        next += chain->count;
        assert(next <= policy->rules.len);
        for (uint32_t i = 0; i < chain->count; i++) {
            const struct tw_rule *rule = &policy->rules.at[chain->first + i];
            assert(rule->chain_of == c && rule->index == i + 1);
            assert(!calls(rule) || rule->chain < policy->chains.len);
            (void)rule;
        }
    }
    assert(next == policy->rules.len);
    for (size_t i = 0; i < policy->rules.len; i++) {
        const struct tw_rule *rule = &policy->rules.at[i];
        for (size_t m = 0; m < rule->nmatches; m++)
            check_match(policy, &rule->matches[m]);
    }
    for (size_t i = 0; i < policy->unknowns.len; i++) {
        const struct tw_unknown *u = &policy->unknowns.at[i];
        assert(u->nvalues >= 2 && (!u->values || u->values[0].len == 0));
        (void)u;
    }
}

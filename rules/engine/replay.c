/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaying one packet: plain recursion over chains, one rule after the other.
 *
 * Valuations of unknowns are kept as sets of values per unknown in one array; an open
 * condition is tried both ways by running the rest twice with the array changed. There
 * is no index, no diagram, no sharing of work: slow and easy to believe.
 */
#include "replay.h"

#include <string.h>

enum { WORK_MAX = 50000000 };

enum { MET = 1, MISSED = 2 };

/* A place in the program: a stack of chains, the innermost last. */
struct level {
    uint32_t chain, next; /* the next rule of the chain */
};

enum { DEPTH_MAX = 256 };

struct machine {
    size_t stage;
    struct level stack[DEPTH_MAX];
    size_t depth;
    uint32_t mark, mark_known, connmark, connmark_known;
    unsigned state;
    uint32_t passed_rule, passed_chain;
    bool passed;
};

struct checker {
    struct tw_arena *arena;
    const struct tw_crossing *crossing;
    const struct tw_policy *policy;
    const struct tw_packet *packet;
    const struct tw_replay_watch *watch;
    bool watching; /* on the run in which open conditions do not hold */
    struct tw_replay result;
    uint64_t work;
};

static bool in_list(const struct tw_ranges *list, tw_u128 x)
{
    if (!list)
        return true;
    for (size_t i = 0; i < list->n; i++)
        if (x >= list->at[i].lo && x <= list->at[i].hi)
            return true;
    return false;
}

static bool header_matches(const struct tw_match *m, const struct tw_packet *p)
{
    bool ports = tw_proto_has_ports(p->proto);
    if (m->never || (m->families && !(m->families & 1u << p->family)))
        return false;
    if ((m->sport || m->dport) && !ports)
        return false;
    if (m->icmp && !tw_proto_is_icmp(p->proto, p->family))
        return false;
    if (!in_list(m->src, p->src) || !in_list(m->dst, p->dst) ||
        !in_list(m->proto, p->proto) || !in_list(m->sport, p->sport) ||
        !in_list(m->dport, p->dport) || !in_list(m->icmp, p->dport))
        return false;
    for (size_t i = 0; i < m->nflags; i++) {
        const struct tw_flags_test *t = &m->flags[i];
        if (((p->tcp_flags & t->mask) == t->value) == t->negated)
            return false;
    }
    return true;
}

static const struct tw_stage *stage_of(const struct checker *c, size_t i)
{
    return &c->policy->stages[c->packet->family][c->crossing->hook].at[i];
}

static size_t stage_count(const struct checker *c)
{
    return c->policy->stages[c->packet->family][c->crossing->hook].len;
}

/* MET, MISSED or both: can the condition hold under the values that are left? */
static unsigned condition(const struct checker *c, const struct machine *m,
                          const uint64_t *const *values,
                          const struct tw_condition *cond)
{
    const struct tw_unknown *u = &c->policy->unknowns.at[cond->unknown];
    const struct tw_stage *s = stage_of(c, m->stage);
    unsigned answer = 0;
    bool none = (u->kind == TW_UNKNOWN_IN_IF && s->no_in_if) ||
                (u->kind == TW_UNKNOWN_OUT_IF && s->no_out_if);
    for (size_t v = 0; v < u->nvalues; v++) {
        bool possible = none ? v == 0 : values[cond->unknown][v / 64] >> v % 64 & 1;
        bool allowed = cond->allowed[v / 64] >> v % 64 & 1;
        if (possible)
            answer |= allowed ? MET : MISSED;
    }
    return answer;
}

static unsigned mark_condition(const struct checker *c, const struct machine *m,
                               const uint64_t *const *values,
                               const struct tw_mark_test *t)
{
    uint32_t mark = t->of_connection ? m->connmark : m->mark;
    uint32_t known = t->of_connection ? m->connmark_known : m->mark_known;
    unsigned untracked = TW_STATE_UNTRACKED | TW_STATE_INVALID;
    if (t->of_connection && (stage_of(c, m->stage)->untracked || m->state & untracked))
        return MISSED;
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t one = (uint32_t)1 << bit;
        uint32_t seen = t->mask & one ? mark & one : 0;
        bool sure = !(t->mask & one) || known & one;
        if (sure && seen != (t->value & one))
            return t->negated ? MET : MISSED;
    }
    if ((t->mask & ~known) == 0)
        return t->negated ? MISSED : MET;
    struct tw_condition open = tw_condition_yes(t->unknown, false);
    return condition(c, m, values, &open);
}

/* As condition(), for all of a product; *OPEN is the first open condition. */
static unsigned product(const struct checker *c, const struct machine *m,
                        const uint64_t *const *values, const struct tw_match *match,
                        struct tw_condition *open)
{
    unsigned state = m->state;
    if (stage_of(c, m->stage)->untracked && state != TW_STATE_UNTRACKED)
        state = TW_STATE_INVALID;
    if (!header_matches(match, c->packet) ||
        (match->states && !(match->states & state)))
        return MISSED;
    bool is_open = false;
    for (size_t i = 0; i < match->nmarks; i++) {
        unsigned a = mark_condition(c, m, values, &match->marks[i]);
        if (a == MISSED)
            return MISSED;
        if (a == (MET | MISSED) && !is_open) {
            *open = tw_condition_yes(match->marks[i].unknown, false);
            is_open = true;
        }
    }
    for (size_t i = 0; i < match->nconditions; i++) {
        unsigned a = condition(c, m, values, &match->conditions[i]);
        if (a == MISSED)
            return MISSED;
        if (a == (MET | MISSED) && !is_open) {
            *open = match->conditions[i];
            is_open = true;
        }
    }
    return is_open ? MET | MISSED : MET;
}

static bool next_stage(const struct checker *c, struct machine *m)
{
    for (; m->stage < stage_count(c); m->stage++) {
        const struct tw_stage *s = stage_of(c, m->stage);
        if (s->first_only && !(m->state & (TW_STATE_NEW | TW_STATE_RELATED)))
            continue;
        m->stack[0] = (struct level){s->chain, 0};
        m->depth = 1;
        return true;
    }
    return false;
}

static void end_run(struct checker *c, const struct machine *m, bool stopped,
                    uint32_t rule, uint32_t chain)
{
    if (stopped) {
        c->result.may_stop = true;
        c->result.rule = rule;
        c->result.chain = chain;
    } else {
        c->result.may_pass = true;
        c->result.rule = m->passed ? m->passed_rule : TW_REPLAY_POLICY;
        c->result.chain = m->passed ? m->passed_chain : chain;
    }
}

/* ACCEPT in this stage; false when the run has ended. */
static bool accepted(struct checker *c, struct machine *m, uint32_t rule,
                     uint32_t chain)
{
    if (!m->passed || stage_of(c, m->stage)->decides) {
        m->passed = true;
        m->passed_rule = rule;
        m->passed_chain = chain;
    }
    m->stage++;
    if (next_stage(c, m))
        return true;
    end_run(c, m, false, rule, chain);
    return false;
}

static void change_marks(const struct checker *c, struct machine *m,
                         const struct tw_rule *r)
{
    bool tracked = !(m->state & (TW_STATE_UNTRACKED | TW_STATE_INVALID)) &&
                   !stage_of(c, m->stage)->untracked;
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t one = (uint32_t)1 << bit;
        if (r->action == TW_ACTION_SET_MARK) {
            if (r->mask & one) {
                m->mark = (m->mark & ~one) | (r->value & one);
                m->mark_known |= one;
            } else {
                m->mark ^= r->value & one;
            }
        } else if (!tracked) {
            continue;
        } else if (r->action == TW_ACTION_SET_CONNMARK) {
            if (r->mask & one) {
                m->connmark = (m->connmark & ~one) | (r->value & one);
                m->connmark_known |= one;
            } else {
                m->connmark ^= r->value & one;
            }
        } else if (r->action == TW_ACTION_SAVE_MARK && r->mask & one) {
            m->connmark = (m->connmark & ~one) | (m->mark & one);
            m->connmark_known = (m->connmark_known & ~one) | (m->mark_known & one);
        } else if (r->action == TW_ACTION_RESTORE_MARK && r->mask & one) {
            m->mark = (m->mark & ~one) | (m->connmark & one);
            m->mark_known = (m->mark_known & ~one) | (m->connmark_known & one);
        }
    }
}

/* The rule matched. False when the run has ended. */
static bool perform(struct checker *c, struct machine *m, uint32_t index)
{
    const struct tw_rule *r = &c->policy->rules.at[index];
    switch (r->action) {
    case TW_ACTION_ACCEPT:
        return accepted(c, m, index, r->chain_of);
    case TW_ACTION_DENY:
        end_run(c, m, true, index, r->chain_of);
        return false;
    case TW_ACTION_UNDECIDED:
        c->result.may_pass = true;
        end_run(c, m, true, index, r->chain_of);
        return false;
    case TW_ACTION_TRANSLATE:
        if (accepted(c, m, index, r->chain_of)) {
            c->result.may_pass = true;
            end_run(c, m, true, index, r->chain_of);
        } else {
            c->result.translated = index;
        }
        return false;
    case TW_ACTION_CALL:
    case TW_ACTION_GOTO:
        if (r->action == TW_ACTION_GOTO)
            m->depth--;
        if (m->depth == DEPTH_MAX) {
            c->result.gave_up = true;
            return false;
        }
        m->stack[m->depth++] = (struct level){r->chain, 0};
        return true;
    case TW_ACTION_RETURN:
        m->depth--;
        return true;
    case TW_ACTION_NOTRACK:
        m->state = TW_STATE_UNTRACKED;
        return true;
    default:
        change_marks(c, m, r);
        return true;
    }
}

static void run(struct checker *c, struct machine m, const uint64_t *const *values);

/* Runs the rest with the values for which COND holds, then narrows to the others. */
static const uint64_t *const *try_both(struct checker *c, const struct machine *m,
                                       const uint64_t *const *values,
                                       const struct tw_condition *cond)
{
    size_t n = c->policy->unknowns.len;
    size_t words = tw_unknown_words(&c->policy->unknowns.at[cond->unknown]);
    const uint64_t **yes = tw_new_array(c->arena, n, const uint64_t *);
    const uint64_t **no = tw_new_array(c->arena, n, const uint64_t *);
    uint64_t *held = tw_new_array(c->arena, words, uint64_t);
    uint64_t *rest = tw_new_array(c->arena, words, uint64_t);
    for (size_t w = 0; w < words; w++) {
        held[w] = values[cond->unknown][w] & cond->allowed[w];
        rest[w] = values[cond->unknown][w] & ~cond->allowed[w];
    }
    memcpy(yes, values, n * sizeof *yes);
    memcpy(no, values, n * sizeof *no);
    yes[cond->unknown] = held;
    no[cond->unknown] = rest;
    bool watching = c->watching;
    c->watching = false;
    run(c, *m, yes);
    c->watching = watching;
    return no;
}

static void watch(const struct checker *c, uint32_t rule, bool held)
{
    if (c->watching && c->watch)
        c->watch->see(c->watch->ctx, rule, held);
}

static void run(struct checker *c, struct machine m, const uint64_t *const *values)
{
    while (c->work++ < WORK_MAX) {
        if (m.depth == 0) { /* RETURN in a base chain, or its end */
            uint32_t base = stage_of(c, m.stage)->chain;
            if (c->policy->chains.at[base].policy == TW_ACTION_DENY) {
                end_run(c, &m, true, TW_REPLAY_POLICY, base);
                return;
            }
            if (!accepted(c, &m, TW_REPLAY_POLICY, base))
                return;
            continue;
        }
        struct level *level = &m.stack[m.depth - 1];
        const struct tw_chain *chain = &c->policy->chains.at[level->chain];
        if (level->next == chain->count) {
            m.depth--;
            continue;
        }
        uint32_t index = chain->first + level->next++;
        const struct tw_rule *rule = &c->policy->rules.at[index];
        bool matched = false;
        for (size_t k = 0; k < rule->nmatches && !matched && !rule->disabled; k++) {
            struct tw_condition open;
            unsigned answer = product(c, &m, values, &rule->matches[k], &open);
            if (answer == (MET | MISSED))
                watch(c, index, false);
            while (answer == (MET | MISSED) && rule->action != TW_ACTION_CONTINUE) {
                struct machine again = m;
                again.stack[again.depth - 1].next--;
                values = try_both(c, &again, values, &open);
                answer = product(c, &m, values, &rule->matches[k], &open);
            }
            matched = answer == MET;
        }
        if (!matched)
            continue;
        watch(c, index, true);
        if (!perform(c, &m, index))
            return;
    }
    c->result.gave_up = true;
}

struct tw_replay tw_replay(struct tw_arena *arena, const struct tw_crossing *crossing,
                           const struct tw_packet *packet,
                           const struct tw_replay_watch *watch_by)
{
    struct checker c = {.arena = tw_arena_child(arena),
                        .crossing = crossing,
                        .policy = crossing->policy,
                        .packet = packet,
                        .watch = watch_by,
                        .watching = true};
    c.result = (struct tw_replay){.rule = TW_REPLAY_POLICY,
                                  .chain = TW_REPLAY_POLICY,
                                  .translated = TW_REPLAY_POLICY};
    unsigned state = crossing->unseen ? TW_STATE_INVALID : packet->state;
    struct machine m = {.state = state, .mark_known = UINT32_MAX};
    m.connmark_known = UINT32_MAX;
    for (size_t i = 0; i < c.policy->rules.len; i++)
        if ((c.policy->rules.at[i].action == TW_ACTION_SAVE_MARK ||
             c.policy->rules.at[i].action == TW_ACTION_SET_CONNMARK) &&
            !(state & (TW_STATE_NEW | TW_STATE_INVALID)))
            m.connmark_known = 0;
    if (next_stage(&c, &m))
        run(&c, m, crossing->possible);
    else
        c.result.may_pass = true;
    if (c.result.gave_up)
        c.result.may_pass = c.result.may_stop = true;
    tw_arena_release(c.arena);
    return c.result;
}

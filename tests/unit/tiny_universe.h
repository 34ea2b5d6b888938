/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies over a universe so small that all of it can be tried, and a plain
 * machine that runs one situation under one valuation: for tests of the engine. It
 * shares nothing with the engine or with replay.c.
 */
#ifndef TW_TINY_UNIVERSE_H
#define TW_TINY_UNIVERSE_H

#include <string.h>

#include "crossing.h"
#include "packet.h"

/* Lists hold numbers below these; the number itself stands for all others. */
enum { TINY_PORTS = 2 };

struct tiny {
    uint32_t addresses;
    bool flags, states, marks, notrack, effects, translates, chains;
    uint32_t unknowns, bases, more_chains, most_rules;
    enum tw_family family;
};

struct tiny_situation {
    struct tw_packet packet;
    uint32_t values[4];
};

static uint64_t tiny_seed;

static inline uint32_t tiny_draw(uint32_t below)
{
    tiny_seed ^= tiny_seed << 13;
    tiny_seed ^= tiny_seed >> 7;
    tiny_seed ^= tiny_seed << 17;
    return (uint32_t)((tiny_seed >> 11) % below);
}

/* --- random policies ------------------------------------------------------------- */

static inline const struct tw_ranges *tiny_list(struct tw_arena *arena, uint32_t size,
                                                tw_u128 max)
{
    struct tw_range at[2];
    size_t n = 1 + tiny_draw(2);
    if (tiny_draw(3) == 0)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        uint32_t a = tiny_draw(size), b = tiny_draw(size);
        at[i] = (struct tw_range){a < b ? a : b, a < b ? b : a};
        if (tiny_draw(6) == 0) /* everything from here on */
            at[i].hi = max;
    }
    return tw_ranges_of(arena, at, n);
}

static inline void tiny_tests(struct tw_policy *p, const struct tiny *tiny,
                              struct tw_match *m)
{
    static const uint64_t sets[] = {1, 2, 3, 4, 5, 6};
    struct tw_arena *arena = p->arena;
    if (tiny->states && tiny_draw(4) == 0)
        m->states = 1 + tiny_draw(31);
    if (tiny->marks && tiny_draw(5) == 0) {
        struct tw_mark_test *t = tw_new(arena, struct tw_mark_test);
        *t = (struct tw_mark_test){.mask = 1 + tiny_draw(3),
                                   .negated = tiny_draw(2),
                                   .of_connection = tiny_draw(2)};
        t->value = tiny_draw(4) & t->mask;
        m->marks = t;
        m->nmarks = 1;
    }
    if (tiny->unknowns && tiny_draw(3) == 0) {
        struct tw_condition *c = tw_new_array(arena, 2, struct tw_condition);
        m->nconditions = 1 + tiny_draw(2);
        for (size_t i = 0; i < m->nconditions; i++) {
            uint32_t u = tiny_draw(tiny->unknowns);
            c[i] = (struct tw_condition){
                u, &sets[tiny_draw(p->unknowns.at[u].nvalues == 3 ? 6 : 3)]};
        }
        m->conditions = c;
    }
}

static inline struct tw_match tiny_match(struct tw_policy *p, const struct tiny *tiny)
{
    struct tw_arena *arena = p->arena;
    struct tw_match m = {
        .src = tiny_list(arena, tiny->addresses, tw_ip_max(tiny->family)),
        .dst = tiny_list(arena, tiny->addresses, tw_ip_max(tiny->family))};
    uint32_t kind = tiny_draw(6);
    if (m.src || m.dst)
        m.families = 1u << tiny->family;
    if (kind < 2) {
        unsigned proto = kind ? TW_PROTO_TCP : TW_PROTO_UDP;
        m.proto = tw_ranges_one(arena, proto, proto);
        if (kind && tiny->flags && tiny_draw(2)) {
            struct tw_flags_test *t = tw_new(arena, struct tw_flags_test);
            *t = (struct tw_flags_test){TW_TCP_SYN, tiny_draw(2) ? TW_TCP_SYN : 0,
                                        tiny_draw(2)};
            m.flags = t;
            m.nflags = 1;
        }
    } else if (kind == 2) {
        unsigned proto = tiny->family == TW_IPV4 ? TW_PROTO_ICMP : TW_PROTO_ICMPV6;
        m.proto = tw_ranges_one(arena, proto, proto);
        m.icmp = tiny_list(arena, TINY_PORTS, 65535);
    } else if (kind == 3) {
        static const unsigned last[] = {TW_PROTO_TCP, TW_PROTO_UDP, 255};
        m.proto =
            tw_ranges_one(arena, tiny_draw(2) ? TW_PROTO_TCP : 0, last[tiny_draw(3)]);
    }
    if (kind < 2 || kind == 3) {
        m.dport = tiny_list(arena, TINY_PORTS, 65535);
        m.sport = tiny_draw(2) ? tiny_list(arena, TINY_PORTS, 65535) : NULL;
    }
    m.never = tiny_draw(25) == 0;
    tiny_tests(p, tiny, &m);
    return m;
}

static inline enum tw_action tiny_action(const struct tiny *tiny)
{
    static const enum tw_action plain[] = {
        TW_ACTION_ACCEPT,   TW_ACTION_ACCEPT, TW_ACTION_DENY,  TW_ACTION_DENY,
        TW_ACTION_CONTINUE, TW_ACTION_CALL,   TW_ACTION_CALL,  TW_ACTION_CALL,
        TW_ACTION_GOTO,     TW_ACTION_RETURN, TW_ACTION_RETURN};
    static const enum tw_action marks[] = {TW_ACTION_SET_MARK, TW_ACTION_SET_MARK,
                                           TW_ACTION_SAVE_MARK, TW_ACTION_RESTORE_MARK,
                                           TW_ACTION_SET_CONNMARK};
    uint32_t special = tiny_draw(8);
    if (tiny->marks && special < 2)
        return marks[tiny_draw(5)];
    if (tiny->notrack && special == 2)
        return TW_ACTION_NOTRACK;
    if (tiny->effects && special == 3)
        return TW_ACTION_UNDECIDED;
    if (tiny->translates && special == 4)
        return TW_ACTION_TRANSLATE;
    return plain[tiny_draw(tiny->chains ? 11 : 5)];
}

static inline struct tw_rule tiny_rule(struct tw_policy *p, const struct tiny *tiny,
                                       uint32_t chain)
{
    uint32_t chains = tiny->bases + tiny->more_chains;
    struct tw_rule r = {.action = tiny_action(tiny),
                        .chain_of = chain,
                        .value = tiny_draw(4),
                        .mask = tiny_draw(4),
                        .filtering = true,
                        .disabled = tiny_draw(30) == 0};
    bool calls = r.action == TW_ACTION_CALL || r.action == TW_ACTION_GOTO;
    if (calls && chain + 1 >= chains)
        r.action = TW_ACTION_DENY;
    else if (calls)
        r.chain = chain + 1 + tiny_draw(chains - chain - 1);
    r.nmatches = tiny_draw(5) ? 1 : 2;
    struct tw_match *m = tw_new_array(p->arena, r.nmatches, struct tw_match);
    for (size_t i = 0; i < r.nmatches; i++)
        m[i] = tiny_match(p, tiny);
    r.matches = m;
    return r;
}

static inline struct tw_policy *tiny_policy(struct tw_arena *arena,
                                            const struct tiny *tiny)
{
    struct tw_policy *p = tw_policy_new(arena, TW_STR("tiny"));
    for (uint32_t u = 0; u < tiny->unknowns; u++) {
        bool three = u > 0 && tiny_draw(2); /* marks ask for the first */
        tw_policy_unknown(p, three ? TW_UNKNOWN_IN_IF : TW_UNKNOWN_CONDITION,
                          tw_fmt(arena, "u%u", u), tw_fmt(arena, "u%u", u));
        p->unknowns.at[u].nvalues = three ? 3 : 2;
    }
    for (uint32_t c = 0; c < tiny->bases + tiny->more_chains; c++) {
        uint32_t count = 1 + tiny_draw(tiny->most_rules);
        *tw_vec_add(arena, &p->chains) = (struct tw_chain){
            .name = tw_fmt(arena, "chain%u", c),
            .first = (uint32_t)p->rules.len,
            .count = count,
            .is_base = c < tiny->bases,
            .policy = tiny_draw(3) ? TW_ACTION_ACCEPT : TW_ACTION_DENY};
        for (uint32_t i = 0; i < count; i++) {
            struct tw_rule r = tiny_rule(p, tiny, c);
            r.index = i + 1;
            r.id = tw_fmt(arena, "chain%u#%u", c, i + 1);
            *tw_vec_add(arena, &p->rules) = r;
        }
    }
    for (uint32_t c = 0; c < tiny->bases; c++)
        *tw_vec_add(arena, &p->stages[tiny->family][TW_HOOK_FORWARD]) =
            (struct tw_stage){.chain = c,
                              .decides = c + 1 == tiny->bases,
                              .untracked = tiny->states && c == 0 && !tiny_draw(4),
                              .first_only = tiny->states && !tiny_draw(5),
                              .no_in_if = !tiny_draw(4)};
    p->has_family[tiny->family] = true;
    p->uses_marks = tiny->marks;
    for (size_t i = 0; i < p->rules.len; i++)
        p->uses_notrack |= p->rules.at[i].action == TW_ACTION_NOTRACK;
    tw_policy_check(p);
    return p;
}

/* --- all situations -------------------------------------------------------------- */

struct tiny_walk {
    const struct tiny *tiny;
    const struct tw_policy *policy;
    struct tiny_situation now;
    uint32_t kind, state, dport, sport, flags;
    bool begun;
};

/* One of each sort that rules tell apart: with ports, ICMP, others. */
static const unsigned tiny_protos[] = {
    TW_PROTO_TCP, TW_PROTO_UDP, TW_PROTO_DCCP, 0 /* ICMP */, 47, 10, 5};
enum { TINY_ICMP = 3, TINY_PROTOS = 7 };

static inline void tiny_fill(struct tiny_walk *w)
{
    struct tw_packet *p = &w->now.packet;
    p->family = w->tiny->family;
    p->proto = tiny_protos[w->kind];
    if (w->kind == TINY_ICMP)
        p->proto = p->family == TW_IPV4 ? TW_PROTO_ICMP : TW_PROTO_ICMPV6;
    p->state = (enum tw_state)(1u << w->state);
    p->dport = w->dport;
    p->sport = w->sport;
    p->tcp_flags = w->flags ? TW_TCP_SYN : 0;
}

/* The next situation, all digits counted; false behind the last. */
static inline bool tiny_next(struct tiny_walk *w)
{
    const struct tiny *t = w->tiny;
    if (!w->begun) {
        w->begun = true;
        w->state = t->states ? 0 : 1;
        tiny_fill(w);
        return true;
    }
    for (size_t u = 0; u < t->unknowns; u++) {
        if (++w->now.values[u] < w->policy->unknowns.at[u].nvalues)
            return true;
        w->now.values[u] = 0;
    }
    bool more = true;
    if (t->states && ++w->state < 5)
        goto filled;
    w->state = t->states ? 0 : 1;
    if (t->flags && w->kind == 0 && ++w->flags < 2)
        goto filled;
    w->flags = 0;
    if (w->kind < TINY_ICMP && ++w->sport <= TINY_PORTS)
        goto filled;
    w->sport = 0;
    if (w->kind <= TINY_ICMP && ++w->dport <= TINY_PORTS)
        goto filled;
    w->dport = 0;
    if (++w->kind < TINY_PROTOS)
        goto filled;
    w->kind = 0;
    if (++w->now.packet.src <= t->addresses)
        goto filled;
    w->now.packet.src = 0;
    more = ++w->now.packet.dst <= t->addresses;
filled:
    tiny_fill(w);
    return more;
}

/* --- the machine ----------------------------------------------------------------- */

enum tiny_effect {
    TINY_STOPS,   /* a rule whose effect is not known ends the run */
    TINY_GOES_ON, /* … has no effect */
    TINY_ACCEPTS, /* … accepts */
};

struct tiny_run {
    const struct tw_policy *policy;
    const struct tiny_situation *at;
    enum tiny_effect effect;
    bool *reached;   /* by rule: matched */
    bool unsure;     /* the run ended in what nobody knows */
    bool translated; /* … which is another packet */
    size_t unsure_stage;
    /* the state of the machine */
    const struct tw_stage *stage;
    size_t stage_number;
    unsigned state;
    uint32_t mark, connmark;
    uint32_t mark_known, connmark_known;
};

static inline bool tiny_in(const struct tw_ranges *list, tw_u128 x)
{
    bool in = list == NULL;
    for (size_t i = 0; list && i < list->n; i++)
        in |= list->at[i].lo <= x && x <= list->at[i].hi;
    return in;
}

static inline bool tiny_header(const struct tw_match *m, const struct tw_packet *p)
{
    bool ports = p->proto == 6 || p->proto == 17 || p->proto == 33;
    bool icmp = p->proto == (p->family == TW_IPV4 ? 1u : 58u);
    bool holds = !m->never && (!m->families || m->families & 1u << p->family) &&
                 tiny_in(m->src, p->src) && tiny_in(m->dst, p->dst) &&
                 tiny_in(m->proto, p->proto) && (ports || (!m->sport && !m->dport)) &&
                 (icmp || !m->icmp) && tiny_in(m->sport, p->sport) &&
                 tiny_in(m->dport, p->dport) && tiny_in(m->icmp, p->dport);
    for (size_t i = 0; i < m->nflags; i++)
        holds &= ((p->tcp_flags & m->flags[i].mask) == m->flags[i].value) !=
                 m->flags[i].negated;
    return holds;
}

static inline bool tiny_conditions(const struct tiny_run *r, const struct tw_match *m)
{
    for (size_t i = 0; i < m->nconditions; i++) {
        uint32_t u = m->conditions[i].unknown, v = r->at->values[u];
        if (r->policy->unknowns.at[u].kind == TW_UNKNOWN_IN_IF && r->stage->no_in_if)
            v = 0;
        if (!(m->conditions[i].allowed[0] >> v & 1))
            return false;
    }
    return true;
}

static inline unsigned tiny_visible(const struct tiny_run *r)
{
    return r->stage->untracked && r->state != TW_STATE_UNTRACKED ? TW_STATE_INVALID
                                                                 : r->state;
}

static inline bool tiny_tracked(const struct tiny_run *r)
{
    return !r->stage->untracked &&
           !(r->state & (TW_STATE_UNTRACKED | TW_STATE_INVALID));
}

static inline bool tiny_marks(const struct tiny_run *r, const struct tw_match *m)
{
    for (size_t i = 0; i < m->nmarks; i++) {
        const struct tw_mark_test *t = &m->marks[i];
        uint32_t mark = t->of_connection ? r->connmark : r->mark;
        uint32_t known = t->of_connection ? r->connmark_known : r->mark_known;
        bool equal;
        if (t->of_connection && !tiny_tracked(r))
            return false;
        if ((mark & t->mask & known) != (t->value & known))
            equal = false;
        else if (t->mask & ~known) {
            if (r->at->values[t->unknown] != 1) /* the unknown says: it holds */
                return false;
            continue;
        } else
            equal = true;
        if (equal == t->negated)
            return false;
    }
    return true;
}

enum tiny_end { TINY_RETURNS, TINY_ACCEPTED, TINY_OVER };

static inline enum tiny_end tiny_chain(struct tiny_run *r, uint32_t chain);

static inline void tiny_change(struct tiny_run *r, const struct tw_rule *rule)
{
    uint32_t v = rule->value, m = rule->mask;
    if (rule->action == TW_ACTION_SET_MARK) {
        r->mark = (r->mark & ~m) ^ v;
        r->mark_known |= m;
    }
    if (rule->action == TW_ACTION_NOTRACK)
        r->state = TW_STATE_UNTRACKED;
    if (!tiny_tracked(r))
        return;
    if (rule->action == TW_ACTION_SET_CONNMARK) {
        r->connmark = (r->connmark & ~m) ^ v;
        r->connmark_known |= m;
    } else if (rule->action == TW_ACTION_SAVE_MARK) {
        r->connmark = (r->connmark & ~m) | (r->mark & m);
        r->connmark_known = (r->connmark_known & ~m) | (r->mark_known & m);
    } else if (rule->action == TW_ACTION_RESTORE_MARK) {
        r->mark = (r->mark & ~m) | (r->connmark & m);
        r->mark_known = (r->mark_known & ~m) | (r->connmark_known & m);
    }
}

static inline bool tiny_matches(const struct tiny_run *r, const struct tw_rule *rule)
{
    bool holds = false;
    for (size_t k = 0; k < rule->nmatches && !rule->disabled; k++) {
        const struct tw_match *m = &rule->matches[k];
        holds |= tiny_header(m, &r->at->packet) &&
                 (!m->states || m->states & tiny_visible(r)) && tiny_conditions(r, m) &&
                 tiny_marks(r, m);
    }
    return holds;
}

static inline enum tiny_end tiny_do(struct tiny_run *r, const struct tw_rule *rule,
                                    bool *next)
{
    enum tiny_end end;
    *next = false;
    switch (rule->action) {
    case TW_ACTION_ACCEPT:
        return TINY_ACCEPTED;
    case TW_ACTION_TRANSLATE: /* what follows is about another packet */
        r->unsure = r->translated = true;
        r->unsure_stage = r->stage_number;
        return TINY_OVER;
    case TW_ACTION_UNDECIDED:
        r->unsure = true;
        r->unsure_stage = r->stage_number;
        *next = r->effect == TINY_GOES_ON;
        return r->effect == TINY_ACCEPTS ? TINY_ACCEPTED : TINY_OVER;
    case TW_ACTION_DENY:
        return TINY_OVER;
    case TW_ACTION_RETURN:
        return TINY_RETURNS;
    case TW_ACTION_GOTO:
        return tiny_chain(r, rule->chain);
    case TW_ACTION_CALL:
        end = tiny_chain(r, rule->chain);
        *next = end == TINY_RETURNS;
        return end;
    default:
        tiny_change(r, rule);
        *next = true;
        return TINY_RETURNS;
    }
}

static inline enum tiny_end tiny_chain(struct tiny_run *r, uint32_t chain)
{
    const struct tw_chain *c = &r->policy->chains.at[chain];
    for (uint32_t i = c->first; i < c->first + c->count; i++) {
        const struct tw_rule *rule = &r->policy->rules.at[i];
        bool next;
        if (!tiny_matches(r, rule))
            continue;
        r->reached[i] = true;
        enum tiny_end end = tiny_do(r, rule, &next);
        if (!next)
            return end;
    }
    return TINY_RETURNS;
}

static inline bool tiny_sees(const struct tiny_run *r)
{
    return !r->stage->first_only || r->state & (TW_STATE_NEW | TW_STATE_RELATED);
}

/* Runs the stages from FIRST on. */
static inline void tiny_run(struct tiny_run *r, size_t first)
{
    enum tw_family family = r->at->packet.family;
    bool established = !(r->at->packet.state & (TW_STATE_NEW | TW_STATE_INVALID));
    bool writes = false;
    for (size_t i = 0; i < r->policy->rules.len; i++)
        writes |= r->policy->rules.at[i].action == TW_ACTION_SAVE_MARK ||
                  r->policy->rules.at[i].action == TW_ACTION_SET_CONNMARK;
    r->state = r->at->packet.state;
    r->mark = r->connmark = 0;
    r->mark_known = UINT32_MAX;
    r->connmark_known = writes && established ? 0 : UINT32_MAX;
    for (size_t i = first; i < r->policy->stages[family][TW_HOOK_FORWARD].len; i++) {
        r->stage = &r->policy->stages[family][TW_HOOK_FORWARD].at[i];
        r->stage_number = i;
        if (!tiny_sees(r))
            continue;
        enum tiny_end end = tiny_chain(r, r->stage->chain);
        if (end == TINY_OVER)
            return;
        if (end == TINY_RETURNS &&
            r->policy->chains.at[r->stage->chain].policy == TW_ACTION_DENY)
            return;
    }
}

#endif

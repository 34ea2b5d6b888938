/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random programs (chains, calls, gotos, RETURN, marks, NOTRACK, states, unknowns,
 * several stages) over few addresses and ports, for tests by enumeration. The same
 * `seed` gives the same ones.
 */
#ifndef TW_RANDOM_POLICY_H
#define TW_RANDOM_POLICY_H

#include "policy.h"

/* The packets of the shrunken universe. */
enum { ADDRESSES = 16, PORTS = 8 };

/* What is drawn: fewer addresses and ports for complete enumeration; a family; its
 * addresses as the upper bits of 128. */
static uint32_t random_addresses = ADDRESSES, random_ports = PORTS;
static enum tw_family random_family = TW_IPV4;
static unsigned random_shift;
static bool plain_only; /* no marks, no NOTRACK, nothing that leaves answers open */

static uint64_t seed;
static bool calls_often; /* half of the rules enter chains */

static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % below);
}

static const struct tw_ranges *random_list(struct tw_arena *arena, uint32_t size)
{
    if (draw(3) == 0)
        return NULL;
    struct tw_range at[3];
    size_t n = 1 + draw(3);
    for (size_t i = 0; i < n; i++) {
        uint32_t a = draw(size), b = draw(size);
        at[i] = (struct tw_range){a < b ? a : b, a < b ? b : a};
    }
    return tw_ranges_of(arena, at, n);
}

static const struct tw_ranges *random_address_list(struct tw_arena *arena)
{
    const struct tw_ranges *list = random_list(arena, random_addresses);
    if (!list || random_shift == 0)
        return list;
    struct tw_range at[3];
    tw_u128 rest = ((tw_u128)1 << random_shift) - 1;
    for (size_t i = 0; i < list->n; i++)
        at[i] = (struct tw_range){list->at[i].lo << random_shift,
                                  list->at[i].hi << random_shift | rest};
    return tw_ranges_of(arena, at, list->n);
}

static struct tw_match random_match(struct tw_policy *p, uint32_t unknowns)
{
    static const uint64_t no = 1, yes = 2;
    struct tw_arena *arena = p->arena;
    struct tw_match m = {.families = 1u << random_family,
                         .src = random_address_list(arena),
                         .dst = random_address_list(arena)};
    if (draw(2)) {
        unsigned proto = draw(3) ? 6 : 17;
        m.proto = tw_ranges_one(arena, proto, proto);
        m.dport = random_list(arena, random_ports);
        m.sport = draw(3) ? NULL : random_list(arena, random_ports);
        if (proto == 6 && draw(8) == 0) {
            struct tw_flags_test *t = tw_new(arena, struct tw_flags_test);
            *t = (struct tw_flags_test){TW_TCP_SYN | TW_TCP_ACK, TW_TCP_SYN, draw(2)};
            m.flags = t;
            m.nflags = 1;
        }
    }
    if (draw(5) == 0)
        m.states = 1 + draw(31);
    if (draw(12) == 0)
        m.never = true;
    if (draw(8) == 0 && !plain_only) {
        struct tw_mark_test *t = tw_new(arena, struct tw_mark_test);
        *t = (struct tw_mark_test){.value = draw(4),
                                   .mask = draw(4),
                                   .negated = draw(2),
                                   .of_connection = draw(2),
                                   .unknown = draw(unknowns)};
        t->value &= t->mask;
        m.marks = t;
        m.nmarks = 1;
    }
    m.nconditions = draw(4) == 0 ? 1 + draw(2) : 0;
    struct tw_condition *c = tw_new_array(arena, 2, struct tw_condition);
    for (size_t i = 0; i < m.nconditions; i++)
        c[i] = (struct tw_condition){draw(unknowns), draw(2) ? &yes : &no};
    m.conditions = c;
    return m;
}

static struct tw_rule random_rule(struct tw_policy *p, uint32_t chain, uint32_t chains,
                                  uint32_t unknowns)
{
    static const enum tw_action actions[] = {
        TW_ACTION_ACCEPT,    TW_ACTION_ACCEPT,       TW_ACTION_ACCEPT,
        TW_ACTION_DENY,      TW_ACTION_DENY,         TW_ACTION_DENY,
        TW_ACTION_CALL,      TW_ACTION_CALL,         TW_ACTION_GOTO,
        TW_ACTION_RETURN,    TW_ACTION_CONTINUE,     TW_ACTION_SET_MARK,
        TW_ACTION_SAVE_MARK, TW_ACTION_RESTORE_MARK, TW_ACTION_SET_CONNMARK,
        TW_ACTION_NOTRACK,   TW_ACTION_UNDECIDED,    TW_ACTION_TRANSLATE};
    struct tw_rule r = {.action = actions[draw(sizeof actions / sizeof actions[0])],
                        .chain_of = chain,
                        .value = draw(4),
                        .mask = draw(4),
                        .disabled = draw(20) == 0};
    if (calls_often && draw(2))
        r.action = TW_ACTION_CALL;
    if ((r.action == TW_ACTION_UNDECIDED || r.action == TW_ACTION_TRANSLATE) && draw(4))
        r.action = TW_ACTION_CONTINUE;
    if (plain_only && r.action > TW_ACTION_RETURN)
        r.action = draw(2) ? TW_ACTION_ACCEPT : TW_ACTION_DENY;
    bool calls = r.action == TW_ACTION_CALL || r.action == TW_ACTION_GOTO;
    if (calls && chain + 1 >= chains)
        r.action = TW_ACTION_DENY;
    else if (calls)
        r.chain = chain + 1 + draw(chains - chain - 1); /* forward only: no circle */
    r.nmatches = draw(6) ? 1 : 2;
    struct tw_match *m = tw_new_array(p->arena, r.nmatches, struct tw_match);
    for (size_t i = 0; i < r.nmatches; i++)
        m[i] = random_match(p, unknowns);
    r.matches = m;
    return r;
}

static struct tw_policy *random_policy(struct tw_arena *arena, uint32_t unknowns)
{
    struct tw_policy *p = tw_policy_new(arena, TW_STR("random"));
    uint32_t bases = 1 + draw(3), chains = bases + draw(4);
    for (uint32_t u = 0; u < unknowns; u++) {
        bool interface = draw(4) == 0; /* none, and two names */
        tw_policy_unknown(p, interface ? TW_UNKNOWN_IN_IF : TW_UNKNOWN_CONDITION,
                          tw_fmt(arena, "u%u", u), tw_fmt(arena, "u%u", u));
        p->unknowns.at[u].nvalues = interface ? 3 : 2;
    }
    for (uint32_t c = 0; c < chains; c++) {
        struct tw_chain *chain = tw_vec_add(arena, &p->chains);
        *chain =
            (struct tw_chain){.first = (uint32_t)p->rules.len,
                              .count = draw(9) ? draw(7) : draw(40),
                              .is_base = c < bases,
                              .policy = draw(2) ? TW_ACTION_ACCEPT : TW_ACTION_DENY};
        uint32_t count = chain->count;
        for (uint32_t i = 0; i < count; i++) {
            struct tw_rule r = random_rule(p, c, chains, unknowns);
            r.index = i + 1;
            *tw_vec_add(arena, &p->rules) = r;
        }
    }
    for (uint32_t c = 0; c < bases; c++)
        *tw_vec_add(arena, &p->stages[random_family][TW_HOOK_FORWARD]) =
            (struct tw_stage){.chain = c,
                              .decides = c + 1 == bases,
                              .untracked = c == 0 && draw(4) == 0,
                              .first_only = draw(5) == 0,
                              .no_in_if = draw(4) == 0};
    for (size_t i = 0; i < p->rules.len; i++) {
        p->uses_notrack |= p->rules.at[i].action == TW_ACTION_NOTRACK;
        p->uses_marks |= p->rules.at[i].action >= TW_ACTION_SET_MARK &&
                         p->rules.at[i].action <= TW_ACTION_SET_CONNMARK;
    }
    tw_policy_check(p);
    return p;
}

#endif

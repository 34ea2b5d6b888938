/* SPDX-License-Identifier: Apache-2.0 */
/* The algebra of products, dimension by dimension. */
#include "extent.h"

#include <string.h>

#define ALL_FLAGS (~(uint64_t)0)

uint64_t tw_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

unsigned tw_weight(tw_u128 count)
{
    uint64_t high = (uint64_t)(count >> 64), low = (uint64_t)count;
    if (count == 0)
        return 128 * 256;
    unsigned top = high ? 127 - (unsigned)__builtin_clzll(high)
                        : 63 - (unsigned)__builtin_clzll(low);
    unsigned next = (unsigned)(top >= 8 ? count >> (top - 8) : count << (8 - top));
    return top * 256 + (next & 255);
}

/* --- the space ------------------------------------------------------------------- */

struct tw_space *tw_space_new(struct tw_arena *arena,
                              const struct tw_crossing *crossing, enum tw_family family)
{
    struct tw_space *s = tw_new(arena, struct tw_space);
    s->crossing = crossing;
    s->family = family;
    s->states = crossing->unseen ? TW_STATE_INVALID : TW_STATE_ALL;
    const struct tw_ranges *addresses = tw_ranges_one(arena, 0, tw_ip_max(family));
    const struct tw_ranges *ports = tw_ranges_one(arena, 0, 65535);
    s->whole[TW_FIELD_SRC] = s->whole[TW_FIELD_DST] = addresses;
    s->whole[TW_FIELD_PROTO] = tw_ranges_one(arena, 0, 255);
    s->whole[TW_FIELD_DPORT] = s->whole[TW_FIELD_SPORT] = ports;
    struct tw_range at[256];
    size_t n = 0;
    for (unsigned proto = 0; proto < 256; proto++)
        if (tw_proto_has_ports(proto))
            at[n++] = (struct tw_range){proto, proto};
    s->with_ports = tw_ranges_of(arena, at, n);
    s->without_tcp =
        tw_ranges_not(arena, tw_ranges_one(arena, TW_PROTO_TCP, TW_PROTO_TCP), 255);
    return s;
}

struct tw_extent tw_extent_whole(const struct tw_space *space)
{
    struct tw_extent p = {.flags = ALL_FLAGS, .states = space->states};
    memcpy(p.field, space->whole, sizeof p.field);
    return p;
}

static size_t words_of(const struct tw_space *space, uint32_t unknown)
{
    return tw_unknown_words(&space->crossing->policy->unknowns.at[unknown]);
}

/* --- unknowns -------------------------------------------------------------------- */

static bool values_empty(const uint64_t *a, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if (a[w])
            return false;
    return true;
}

static bool values_meet(const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if (a[w] & b[w])
            return true;
    return false;
}

static bool values_cover(const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if (b[w] & ~a[w])
            return false;
    return true;
}

const uint64_t *tw_extent_values(const struct tw_space *space,
                                 const struct tw_extent *p, uint32_t unknown)
{
    for (size_t i = 0; i < p->nconditions; i++)
        if (p->conditions[i].unknown == unknown)
            return p->conditions[i].allowed;
    return space->crossing->possible[unknown];
}

/* Sets the values of UNKNOWN that P leaves. */
static void put_values(struct tw_arena *arena, struct tw_extent *p, uint32_t unknown,
                       const uint64_t *values)
{
    struct tw_condition *list =
        tw_new_array(arena, p->nconditions + 1, struct tw_condition);
    size_t n = 0, i = 0;
    for (; i < p->nconditions && p->conditions[i].unknown < unknown; i++)
        list[n++] = p->conditions[i];
    list[n++] = (struct tw_condition){unknown, values};
    if (i < p->nconditions && p->conditions[i].unknown == unknown)
        i++;
    for (; i < p->nconditions; i++)
        list[n++] = p->conditions[i];
    p->conditions = list;
    p->nconditions = n;
}

static bool narrow(struct tw_arena *arena, const struct tw_space *space,
                   struct tw_extent *p, uint32_t unknown, const uint64_t *allowed,
                   bool without)
{
    size_t words = words_of(space, unknown);
    const uint64_t *old = tw_extent_values(space, p, unknown);
    uint64_t *now = tw_new_array(arena, words, uint64_t);
    for (size_t w = 0; w < words; w++)
        now[w] = old[w] & (without ? ~allowed[w] : allowed[w]);
    if (values_empty(now, words))
        return false;
    if (!values_cover(now, old, words))
        put_values(arena, p, unknown, now);
    return true;
}

bool tw_extent_narrow(struct tw_arena *arena, const struct tw_space *space,
                      struct tw_extent *p, uint32_t unknown, const uint64_t *allowed)
{
    return narrow(arena, space, p, unknown, allowed, false);
}

bool tw_extent_exclude(struct tw_arena *arena, const struct tw_space *space,
                       struct tw_extent *p, uint32_t unknown, const uint64_t *allowed)
{
    return narrow(arena, space, p, unknown, allowed, true);
}

/* --- from matches ---------------------------------------------------------------- */

static bool cut(struct tw_arena *arena, const struct tw_ranges **field,
                const struct tw_ranges *list)
{
    if (list && list != *field)
        *field = tw_ranges_cover(list, *field)   ? *field
                 : tw_ranges_cover(*field, list) ? list
                                                 : tw_ranges_and(arena, *field, list);
    return (*field)->n != 0;
}

static bool cut_states(const struct tw_space *space, const struct tw_view *view,
                       const struct tw_match *match, struct tw_extent *p)
{
    (void)space;
    if (!match->states || view->any_state)
        return true;
    unsigned states = match->states;
    if (view->untracked)
        states =
            (match->states & TW_STATE_UNTRACKED) |
            (match->states & TW_STATE_INVALID ? TW_STATE_ALL & ~TW_STATE_UNTRACKED : 0);
    p->states &= states;
    return p->states != 0;
}

static bool cut_conditions(struct tw_arena *arena, const struct tw_space *space,
                           const struct tw_view *view, const struct tw_match *match,
                           struct tw_extent *p)
{
    const struct tw_unknown *unknowns = space->crossing->policy->unknowns.at;
    for (size_t i = 0; i < match->nconditions; i++) {
        const struct tw_condition *c = &match->conditions[i];
        enum tw_unknown_kind kind = unknowns[c->unknown].kind;
        if ((kind == TW_UNKNOWN_IN_IF && view->no_in_if) ||
            (kind == TW_UNKNOWN_OUT_IF && view->no_out_if)) {
            if (!(c->allowed[0] & 1))
                return false;
        } else if (!tw_extent_narrow(arena, space, p, c->unknown, c->allowed)) {
            return false;
        }
    }
    return true;
}

static uint64_t flags_of(const struct tw_match *match)
{
    uint64_t set = 0;
    for (unsigned v = 0; v < 64; v++) {
        bool holds = true;
        for (size_t i = 0; i < match->nflags; i++) {
            const struct tw_flags_test *t = &match->flags[i];
            holds &= ((v & t->mask) == t->value) != t->negated;
        }
        set |= (uint64_t)holds << v;
    }
    return set;
}

size_t tw_match_extents(struct tw_arena *arena, const struct tw_space *space,
                        const struct tw_view *view, const struct tw_match *match,
                        struct tw_extent out[TW_MATCH_EXTENTS])
{
    struct tw_extent p = tw_extent_whole(space);
    if (!tw_match_has(match, space->family))
        return 0;
    if (match->sport || match->dport)
        p.field[TW_FIELD_PROTO] = space->with_ports;
    if (match->icmp) {
        unsigned icmp = space->family == TW_IPV4 ? TW_PROTO_ICMP : TW_PROTO_ICMPV6;
        if (!cut(arena, &p.field[TW_FIELD_PROTO], tw_ranges_one(arena, icmp, icmp)))
            return 0;
    }
    if (!cut(arena, &p.field[TW_FIELD_SRC], match->src) ||
        !cut(arena, &p.field[TW_FIELD_DST], match->dst) ||
        !cut(arena, &p.field[TW_FIELD_PROTO], match->proto) ||
        !cut(arena, &p.field[TW_FIELD_SPORT], match->sport) ||
        !cut(arena, &p.field[TW_FIELD_DPORT], match->dport) ||
        !cut(arena, &p.field[TW_FIELD_DPORT], match->icmp) ||
        !cut_states(space, view, match, &p) ||
        !cut_conditions(arena, space, view, match, &p))
        return 0;
    size_t n = 0;
    uint64_t flags = match->nflags ? flags_of(match) : ALL_FLAGS;
    if (flags == ALL_FLAGS) {
        out[n++] = p;
        return n;
    }
    /* Packets that are not TCP have no flags set. */
    if (flags & 1) {
        out[n] = p;
        n += cut(arena, &out[n].field[TW_FIELD_PROTO], space->without_tcp);
    }
    p.flags = flags;
    if (flags && cut(arena, &p.field[TW_FIELD_PROTO],
                     tw_ranges_one(arena, TW_PROTO_TCP, TW_PROTO_TCP)))
        out[n++] = p;
    return n;
}

/* --- relations ------------------------------------------------------------------- */

static bool lists_meet(const struct tw_ranges *a, const struct tw_ranges *b)
{
    if (a->n == 1 && b->n == 1)
        return a->at[0].lo <= b->at[0].hi && b->at[0].lo <= a->at[0].hi;
    return tw_ranges_meet(a, b);
}

static bool lists_cover(const struct tw_ranges *a, const struct tw_ranges *b)
{
    if (a == b)
        return true;
    if (a->n == 1)
        return a->at[0].lo <= b->at[0].lo && b->at[b->n - 1].hi <= a->at[0].hi;
    return tw_ranges_cover(a, b);
}

bool tw_extent_meets(const struct tw_space *space, const struct tw_extent *a,
                     const struct tw_extent *b)
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (!lists_meet(a->field[f], b->field[f]))
            return false;
    if (!(a->flags & b->flags) || !(a->states & b->states))
        return false;
    for (size_t i = 0; i < a->nconditions; i++) {
        uint32_t u = a->conditions[i].unknown;
        if (!values_meet(a->conditions[i].allowed, tw_extent_values(space, b, u),
                         words_of(space, u)))
            return false;
    }
    return true;
}

bool tw_extent_covers(const struct tw_space *space, const struct tw_extent *a,
                      const struct tw_extent *b)
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (!lists_cover(a->field[f], b->field[f]))
            return false;
    if (b->flags & ~a->flags || b->states & ~a->states)
        return false;
    for (size_t i = 0; i < a->nconditions; i++) {
        uint32_t u = a->conditions[i].unknown;
        if (!values_cover(a->conditions[i].allowed, tw_extent_values(space, b, u),
                          words_of(space, u)))
            return false;
    }
    return true;
}

bool tw_extent_and(struct tw_arena *arena, const struct tw_space *space,
                   const struct tw_extent *a, const struct tw_extent *b,
                   struct tw_extent *out)
{
    struct tw_extent p = *a;
    for (int f = 0; f < TW_FIELDS; f++)
        if (!cut(arena, &p.field[f], b->field[f]))
            return false;
    p.flags &= b->flags;
    p.states &= b->states;
    if (!p.flags || !p.states)
        return false;
    for (size_t i = 0; i < b->nconditions; i++)
        if (!tw_extent_narrow(arena, space, &p, b->conditions[i].unknown,
                              b->conditions[i].allowed))
            return false;
    *out = p;
    return true;
}

struct tw_extents tw_extent_minus(struct tw_arena *arena, const struct tw_space *space,
                                  const struct tw_extent *a, const struct tw_extent *b)
{
    struct tw_extents out = {
        .at = tw_new_array(arena, TW_DIM_UNKNOWNS + b->nconditions, struct tw_extent)};
    struct tw_extent rest = *a; /* what is still to be cut: inside B so far */
    for (int f = 0; f < TW_FIELDS; f++) {
        if (lists_cover(b->field[f], rest.field[f]))
            continue;
        struct tw_extent *piece = &out.at[out.n++];
        *piece = rest;
        piece->field[f] = tw_ranges_minus(arena, rest.field[f], b->field[f]);
        cut(arena, &rest.field[f], b->field[f]);
    }
    if (rest.flags & ~b->flags) {
        out.at[out.n] = rest;
        out.at[out.n++].flags &= ~b->flags;
        rest.flags &= b->flags;
    }
    if (rest.states & ~b->states) {
        out.at[out.n] = rest;
        out.at[out.n++].states &= ~b->states;
        rest.states &= b->states;
    }
    for (size_t i = 0; i < b->nconditions; i++) {
        const struct tw_condition *c = &b->conditions[i];
        out.at[out.n] = rest;
        out.n +=
            tw_extent_exclude(arena, space, &out.at[out.n], c->unknown, c->allowed);
        tw_extent_narrow(arena, space, &rest, c->unknown, c->allowed);
    }
    return out;
}

/* --- points ---------------------------------------------------------------------- */

static tw_u128 pick_number(const struct tw_ranges *list, uint64_t *seed)
{
    if (!seed)
        return list->at[0].lo;
    uint64_t draw = tw_random(seed);
    const struct tw_range *r = &list->at[list->n > 1 ? (draw >> 32) % list->n : 0];
    switch (draw & 3) { /* corners are where rules begin and end */
    case 0:
        return r->lo;
    case 1:
        return r->hi;
    default:
        break;
    }
    tw_u128 wide = (tw_u128)tw_random(seed) << 64 | tw_random(seed);
    tw_u128 size = r->hi - r->lo + 1; /* 0: 2^128 */
    return r->lo + (size ? wide % size : wide);
}

static unsigned pick_bit(const uint64_t *set, size_t words, uint64_t *seed)
{
    size_t count = 0, skip;
    for (size_t w = 0; w < words; w++)
        count += (size_t)__builtin_popcountll(set[w]);
    skip = seed ? (tw_random(seed) >> 8) % count : 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t word = set[w];
        for (; word; word &= word - 1)
            if (skip-- == 0)
                return (unsigned)(w * 64) + (unsigned)__builtin_ctzll(word);
    }
    return 0;
}

struct tw_point tw_extent_pick(struct tw_arena *arena, const struct tw_space *space,
                               const struct tw_extent *p, uint64_t *seed)
{
    struct tw_point point = {.nvalues = p->nconditions};
    for (int f = 0; f < TW_FIELDS; f++)
        point.field[f] = pick_number(p->field[f], seed);
    uint64_t states = p->states;
    point.flags = pick_bit(&p->flags, 1, seed);
    point.state = 1u << pick_bit(&states, 1, seed);
    struct tw_valued *values = tw_new_array(arena, p->nconditions, struct tw_valued);
    for (size_t i = 0; i < p->nconditions; i++) {
        uint32_t u = p->conditions[i].unknown;
        values[i] = (struct tw_valued){
            u, pick_bit(p->conditions[i].allowed, words_of(space, u), seed)};
    }
    point.values = values;
    return point;
}

/* Unknowns that POINT does not mention have the first value that is possible. */
static uint32_t value_at(const struct tw_space *space, const struct tw_point *point,
                         uint32_t unknown)
{
    for (size_t i = 0; i < point->nvalues; i++)
        if (point->values[i].unknown == unknown)
            return point->values[i].value;
    return pick_bit(space->crossing->possible[unknown], words_of(space, unknown), NULL);
}

bool tw_extent_has(const struct tw_space *space, const struct tw_extent *p,
                   const struct tw_point *point)
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (!tw_ranges_has(p->field[f], point->field[f]))
            return false;
    if (!(p->flags >> point->flags & 1) || !(p->states & point->state))
        return false;
    for (size_t i = 0; i < p->nconditions; i++) {
        uint32_t v = value_at(space, point, p->conditions[i].unknown);
        if (!(p->conditions[i].allowed[v / 64] >> v % 64 & 1))
            return false;
    }
    return true;
}

struct tw_extent tw_extent_of(struct tw_arena *arena, const struct tw_space *space,
                              const struct tw_point *point)
{
    struct tw_extent p = {.flags = (uint64_t)1 << point->flags,
                          .states = point->state,
                          .nconditions = point->nvalues};
    for (int f = 0; f < TW_FIELDS; f++)
        p.field[f] = tw_ranges_one(arena, point->field[f], point->field[f]);
    struct tw_condition *list =
        tw_new_array(arena, point->nvalues, struct tw_condition);
    for (size_t i = 0; i < point->nvalues; i++) {
        const struct tw_valued *v = &point->values[i];
        uint64_t *only = tw_new_array(arena, words_of(space, v->unknown), uint64_t);
        only[v->value / 64] = (uint64_t)1 << v->value % 64;
        list[i] = (struct tw_condition){v->unknown, only};
    }
    p.conditions = list;
    return p;
}

struct tw_packet tw_point_packet(const struct tw_space *space,
                                 const struct tw_point *point)
{
    struct tw_packet p = {.family = space->family,
                          .src = point->field[TW_FIELD_SRC],
                          .dst = point->field[TW_FIELD_DST],
                          .proto = (unsigned)point->field[TW_FIELD_PROTO],
                          .state = (enum tw_state)point->state};
    if (tw_proto_has_ports(p.proto)) {
        p.sport = (unsigned)point->field[TW_FIELD_SPORT];
        p.dport = (unsigned)point->field[TW_FIELD_DPORT];
    } else if (tw_proto_is_icmp(p.proto, p.family)) {
        p.dport = (unsigned)point->field[TW_FIELD_DPORT];
    }
    if (p.proto == TW_PROTO_TCP)
        p.tcp_flags = point->flags;
    return p;
}

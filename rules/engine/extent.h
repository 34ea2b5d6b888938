/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extents: sets of situations (rule_verdict.h) of one family that are products, kept as
 * one set per dimension and never expanded into boxes.
 *
 *     src × dst × proto × dport|icmp × sport × TCP flags × state × unknown × unknown …
 *
 * Ports mean something for protocols that have them alone, an ICMP type for ICMP alone,
 * TCP flags for TCP alone. No product asks for one without its protocol, so the other
 * packets may be given any value there: products then behave as in a plain grid, and a
 * set is empty there exactly if it is. tw_point_packet() takes the values off
 * again. Unknowns that a product does not mention have any value that is possible at
 * the crossing; what it mentions is sorted by unknown, each once, and narrower.
 */
#ifndef TW_EXTENT_H
#define TW_EXTENT_H

#include "atoms.h"
#include "rule_verdict.h"

/* What all products of one question have in common. */
struct tw_space {
    const struct tw_crossing *crossing;
    enum tw_family family;
    unsigned states;                                  /* those that packets arrive in */
    const struct tw_ranges *whole[TW_FIELDS];         /* any value */
    const struct tw_ranges *with_ports, *without_tcp; /* protocols */
};

struct tw_extent {
    const struct tw_ranges *field[TW_FIELDS]; /* never NULL */
    uint64_t flags;                           /* bit v: flags v of enum tw_tcp_flag */
    unsigned states;
    const struct tw_condition *conditions;
    size_t nconditions;
};

/* How a stage sees packets: see struct tw_stage. */
struct tw_view {
    bool untracked, no_in_if, no_out_if;
    bool any_state; /* tests of states are left out: they are not settled here */
};

/* The dimensions of a product, for loops over them: the fields, then these. */
enum { TW_DIM_FLAGS = TW_FIELDS, TW_DIM_STATES, TW_DIM_UNKNOWNS };

/* One situation while it is being looked for: of unknowns those that a product is told
 * apart by. */
struct tw_point {
    tw_u128 field[TW_FIELDS];
    unsigned flags, state;
    const struct tw_valued *values; /* sorted */
    size_t nvalues;
};

struct tw_space *tw_space_new(struct tw_arena *arena,
                              const struct tw_crossing *crossing,
                              enum tw_family family);

/* All situations. */
struct tw_extent tw_extent_whole(const struct tw_space *space);

/* The products (0 … 2, their number is the answer) that MATCH is in SPACE, as a stage
 * with VIEW sees it; tests of marks are left out. */
enum { TW_MATCH_EXTENTS = 2 };
size_t tw_match_extents(struct tw_arena *arena, const struct tw_space *space,
                        const struct tw_view *view, const struct tw_match *match,
                        struct tw_extent out[TW_MATCH_EXTENTS]);

/* The values of UNKNOWN that P leaves: never NULL. */
const uint64_t *tw_extent_values(const struct tw_space *space,
                                 const struct tw_extent *p, uint32_t unknown);
bool tw_extent_meets(const struct tw_space *space, const struct tw_extent *a,
                     const struct tw_extent *b);
bool tw_extent_covers(const struct tw_space *space, const struct tw_extent *a,
                      const struct tw_extent *b); /* a ⊇ b */
/* *OUT = A ∩ B; false where that is empty. */
bool tw_extent_and(struct tw_arena *arena, const struct tw_space *space,
                   const struct tw_extent *a, const struct tw_extent *b,
                   struct tw_extent *out);
/* A without B as disjoint products, in ARENA; B meets A. */
struct tw_extents {
    struct tw_extent *at;
    size_t n;
};
struct tw_extents tw_extent_minus(struct tw_arena *arena, const struct tw_space *space,
                                  const struct tw_extent *a, const struct tw_extent *b);
/* Narrows P by the values ALLOWED of UNKNOWN; false where nothing is left. */
bool tw_extent_narrow(struct tw_arena *arena, const struct tw_space *space,
                      struct tw_extent *p, uint32_t unknown, const uint64_t *allowed);
/* P without the values ALLOWED of UNKNOWN. */
bool tw_extent_exclude(struct tw_arena *arena, const struct tw_space *space,
                       struct tw_extent *p, uint32_t unknown, const uint64_t *allowed);

/* A situation of P: its first, or with a SEED one at its corners or anywhere in it. */
struct tw_point tw_extent_pick(struct tw_arena *arena, const struct tw_space *space,
                               const struct tw_extent *p, uint64_t *seed);
bool tw_extent_has(const struct tw_space *space, const struct tw_extent *p,
                   const struct tw_point *point);
/* The product of POINT alone, whose unmentioned unknowns stay open. */
struct tw_extent tw_extent_of(struct tw_arena *arena, const struct tw_space *space,
                              const struct tw_point *point);
/* POINT as a packet without the values that mean nothing. */
struct tw_packet tw_point_packet(const struct tw_space *space,
                                 const struct tw_point *point);

/* How large COUNT is, as 256 × its logarithm to the base 2: for comparing sizes that
 * fit no integer. 0 stands for 2^128. */
unsigned tw_weight(tw_u128 count);

/* xorshift64: the same probes in every run; never 0. */
uint64_t tw_random(uint64_t *seed);

#endif

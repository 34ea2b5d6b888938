/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of numbers as sorted lists of closed intervals: addresses, ports, protocols,
 * ICMP types (type << 8 | code). One algebra for every field of a packet.
 *
 * A list is canonical: ascending, disjoint, and with a gap between neighbours, so that
 * equal sets are equal lists. Lists are immutable and live in the arena that was passed
 * (or are one of the arguments).
 */
#ifndef TW_RANGES_H
#define TW_RANGES_H

#include "num.h"

struct tw_range {
    tw_u128 lo, hi; /* lo <= hi */
};

struct tw_ranges {
    size_t n;
    const struct tw_range *at;
};

extern const struct tw_ranges tw_ranges_none;

const struct tw_ranges *tw_ranges_one(struct tw_arena *arena, tw_u128 lo, tw_u128 hi);
/* From N intervals in any order, overlapping or not; AT is sorted in place. */
const struct tw_ranges *tw_ranges_of(struct tw_arena *arena, struct tw_range *at,
                                     size_t n);
const struct tw_ranges *tw_ranges_union(struct tw_arena *arena,
                                        const struct tw_ranges *a,
                                        const struct tw_ranges *b);
const struct tw_ranges *tw_ranges_and(struct tw_arena *arena, const struct tw_ranges *a,
                                      const struct tw_ranges *b);
/* {0 … MAX} without A. */
const struct tw_ranges *tw_ranges_not(struct tw_arena *arena, const struct tw_ranges *a,
                                      tw_u128 max);
const struct tw_ranges *tw_ranges_minus(struct tw_arena *arena,
                                        const struct tw_ranges *a,
                                        const struct tw_ranges *b);
/* The index of the first interval that ends at X or later; a->n: none does. */
size_t tw_ranges_find(const struct tw_ranges *a, tw_u128 x);
bool tw_ranges_has(const struct tw_ranges *a, tw_u128 x);
bool tw_ranges_meet(const struct tw_ranges *a, const struct tw_ranges *b);
bool tw_ranges_cover(const struct tw_ranges *a, const struct tw_ranges *b); /* a ⊇ b */
bool tw_ranges_eq(const struct tw_ranges *a, const struct tw_ranges *b);
/* How many numbers are in A (0 stands for 2^128). */
tw_u128 tw_ranges_size(const struct tw_ranges *a);

#endif

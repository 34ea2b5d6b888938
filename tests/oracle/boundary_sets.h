/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small sets of values as sorted, disjoint ranges: what a rule and the rules that lead
 * to it leave of one field. For the probe generator.
 */
#ifndef TW_BOUNDARY_SETS_H
#define TW_BOUNDARY_SETS_H

#include "boundary_rules.h"

/* A set that would need more ranges keeps the first ones: the draws get narrower. */
#define TW_BOUNDARY_SET_MAX 128

struct tw_boundary_set {
    struct tw_boundary_range range[TW_BOUNDARY_SET_MAX];
    unsigned count;
};

/* Adds a range that need not be in order; overlapping ones may stay (draws only). */
void tw_boundary_set_add(struct tw_boundary_set *set, tw_boundary_value lo,
                         tw_boundary_value hi);

/* Cuts the set down to what meets the condition. */
void tw_boundary_set_meet(struct tw_boundary_set *set,
                          const struct tw_boundary_rules *all,
                          const struct tw_boundary_condition *condition);

bool tw_boundary_set_has(const struct tw_boundary_set *set, tw_boundary_value value);

/* A xorshift generator; the seed must not be 0. */
uint64_t tw_boundary_random(uint64_t *state);

/* A value of a set that is not empty: often the end of a range, else anything in it. */
tw_boundary_value tw_boundary_set_draw(const struct tw_boundary_set *set,
                                       uint64_t *state);

#endif

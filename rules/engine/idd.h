/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interval decision diagrams: exact sets of points, each set one number.
 *
 * A point has one coordinate per level, 0 … size - 1. A set is a node: one of the two
 * constants, or the intervals of its first level that matters, each with the set of
 * what may follow:
 *
 *     {x ≤ 3, y any} ∪ {x ≥ 4, y = 2}   =   x: …3 → ALL, …9 → (y: …1 → NONE, …2 → ALL,
 *                                                              …7 → NONE)
 *
 * Nodes are reduced (neighbours differ, no node with one interval) and shared (equal
 * nodes are one), so that equal sets are equal numbers. Results of operations are
 * remembered. There is no garbage collection: a diagram is for one question and is
 * dropped whole, and a budget of memory and of work bounds it. When that is used up,
 * every operation gives TW_IDD_LOST, and so does every operation on TW_IDD_LOST:
 * nothing is ever taken for empty or full because it could not be computed.
 *
 * Strehl and Thiele's interval decision diagrams, shared as Bryant's binary ones are.
 */
#ifndef TW_IDD_H
#define TW_IDD_H

#include <stdint.h>

#include "num.h"

struct tw_idd;

typedef uint32_t tw_idd_set;
#define TW_IDD_NONE ((tw_idd_set)0)
#define TW_IDD_ALL ((tw_idd_set)1)
#define TW_IDD_LOST UINT32_MAX

struct tw_idd_budget {
    size_t bytes;   /* of nodes, tables and memory of results; at most 2^34 */
    uint64_t steps; /* intervals that are looked at */
};

/* A closed interval of coordinates. */
struct tw_idd_span {
    uint32_t lo, hi;
};

enum tw_idd_answer { TW_IDD_NO, TW_IDD_YES, TW_IDD_UNDECIDED };

/* A diagram with NLEVELS levels of these SIZES (each at least 1, below 2^31), in memory
 * of its own until tw_idd_release(), or until ARENA is released. */
struct tw_idd *tw_idd_new(struct tw_arena *arena, const uint32_t *sizes, size_t nlevels,
                          struct tw_idd_budget budget);
void tw_idd_release(struct tw_idd *idd);

/* The points that are in one of SPANS (ascending, disjoint) at LEVEL, and in INSIDE,
 * which is about later levels. */
tw_idd_set tw_idd_spans(struct tw_idd *idd, size_t level,
                        const struct tw_idd_span *spans, size_t n, tw_idd_set inside);
tw_idd_set tw_idd_and(struct tw_idd *idd, tw_idd_set a, tw_idd_set b);
tw_idd_set tw_idd_or(struct tw_idd *idd, tw_idd_set a, tw_idd_set b);
tw_idd_set tw_idd_minus(struct tw_idd *idd, tw_idd_set a, tw_idd_set b);
/* THEN where IF, else OTHERWISE. */
tw_idd_set tw_idd_ite(struct tw_idd *idd, tw_idd_set condition, tw_idd_set then,
                      tw_idd_set otherwise);
/* The union of N sets; SETS is used up. */
tw_idd_set tw_idd_any(struct tw_idd *idd, tw_idd_set *sets, size_t n);
/* The points that would be in SET if their coordinate at LEVEL were 0. */
tw_idd_set tw_idd_at_zero(struct tw_idd *idd, tw_idd_set set, size_t level);

/* Questions that stop at the first point found: is A ∩ B not empty; is A ⊆ B? */
enum tw_idd_answer tw_idd_meet(struct tw_idd *idd, tw_idd_set a, tw_idd_set b);
enum tw_idd_answer tw_idd_within(struct tw_idd *idd, tw_idd_set a, tw_idd_set b);

/* None of SET's is TW_IDD_LOST from here on. */

bool tw_idd_has(const struct tw_idd *idd, tw_idd_set set, const uint32_t *point);
/* The least point of SET, by the first level first; false where there is none. A level
 * that does not matter behind the ones before it reads 0, and `false` in MATTERS (may
 * be NULL). */
bool tw_idd_pick(const struct tw_idd *idd, tw_idd_set set, uint32_t *point,
                 bool *matters);

/* What one coordinate stands for, how many values it has: WEIGHTS[level][coordinate], 0
 * for 2^128. The answer is exact, in decimal digits, in ARENA. */
struct tw_str tw_idd_count(struct tw_arena *arena, const struct tw_idd *idd,
                           tw_idd_set set, const tw_u128 *const *weights);

/* A product of lists, one per level; n == 0: any. */
struct tw_idd_list {
    const struct tw_idd_span *at;
    size_t n;
};

/* Calls SEE with each product of SET: they are disjoint and make up SET. In ascending
 * order of the first intervals. Ends early, with false, where SEE says false. */
bool tw_idd_products(struct tw_arena *arena, const struct tw_idd *idd, tw_idd_set set,
                     bool (*see)(void *ctx, const struct tw_idd_list *product),
                     void *ctx);

/* What was used of the budget, and how large SET is (intervals of all its nodes). */
struct tw_idd_use {
    size_t bytes, nodes;
    uint64_t steps;
    bool gave_up;
};
struct tw_idd_use tw_idd_use(const struct tw_idd *idd);
size_t tw_idd_size(struct tw_arena *arena, const struct tw_idd *idd, tw_idd_set set);

/* For who reads diagrams node by node: the first level that matters, the intervals. */
#define TW_IDD_EDGE_HI(edge) ((uint32_t)((edge) >> 32))
#define TW_IDD_EDGE_SET(edge) ((tw_idd_set)(edge))
struct tw_idd_node {
    size_t level;          /* the number of levels, for a constant */
    const uint64_t *edges; /* until the next operation */
    size_t n;
};
struct tw_idd_node tw_idd_node(const struct tw_idd *idd, tw_idd_set set);
size_t tw_idd_level_size(const struct tw_idd *idd, size_t level);
size_t tw_idd_levels(const struct tw_idd *idd);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second opinion on dead rules: is a rule really covered by these others?
 *
 * By trying everything: all numbers at which some list of the rule or of its covers
 * begins or ends are put together into a grid; within a cell of the grid these rules
 * cannot tell two situations apart, so that one of each cell stands for all. Each that
 * the rule matches must be matched by a cover. It shares nothing with the boxes, the
 * extents or the search, and takes as long as it takes: only small grids are tried.
 */
#ifndef TW_RECHECK_H
#define TW_RECHECK_H

#include "crossing.h"

enum tw_recheck {
    TW_RECHECK_HOLDS,
    TW_RECHECK_FAILS,     /* a situation of the rule is in no cover */
    TW_RECHECK_TOO_LARGE, /* more cells than MAX */
    TW_RECHECK_ELSEWHERE  /* not about one chain of one stage: calls, marks, policies */
};

/* Do RULES, all of them rules of RULE's own chain that stand before it and end what
 * they match, match every situation that RULE does? */
enum tw_recheck tw_recheck_cover(struct tw_arena *arena,
                                 const struct tw_crossing *crossing, uint32_t rule,
                                 const uint32_t *rules, size_t nrules, uint64_t max);

#endif

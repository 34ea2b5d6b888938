/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a policy's program for one class of packets: the inner step of atoms.c.
 *
 * A class is given as the set of products ("bits") that match it. Conditions on
 * unknowns are tried out: both ways where both are possible, the same way everywhere.
 */
#ifndef TW_EXPLORE_H
#define TW_EXPLORE_H

#include "atoms.h"
#include "index.h"

struct tw_program {
    const struct tw_crossing *crossing;
    enum tw_family family;
    enum tw_state state;         /* of the class when it arrives */
    const struct tw_entry *bits; /* bit b of the class is this product; sorted */
    size_t nbits;
    size_t offset;  /* of bit 0 in the class's words */
    uint64_t *work; /* steps so far; beyond TW_WORK_MAX a run gives up */
};

/* The steps of one question: a second or two. */
enum { TW_WORK_MAX = 1 << 28 };

/* What the wall does with the class whose matching products are the set bits of WORDS.
 */
struct tw_decision tw_explore(struct tw_arena *arena, const struct tw_program *program,
                              const uint64_t *words);

#endif

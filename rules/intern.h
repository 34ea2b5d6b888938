/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Equal lists of ranges, kept once: for readers, whose rules name the same addresses
 * again and again. A policy of 100,000 rules spends less on all of its lists than on
 * its text.
 */
#ifndef TW_INTERN_H
#define TW_INTERN_H

#include "ranges.h"

struct tw_intern {
    struct tw_arena *arena;   /* of the lists */
    struct tw_arena *scratch; /* of the table: an arena of its own below this one */
    struct tw_arena *table;
    const struct tw_ranges **slots;
    size_t nslots; /* a power of two, or 0 */
    size_t n;
};

/* Lists are made in ARENA; the table goes with SCRATCH. */
void tw_intern_init(struct tw_intern *intern, struct tw_arena *arena,
                    struct tw_arena *scratch);
/* The list that is LO … HI alone. */
const struct tw_ranges *tw_intern_one(struct tw_intern *intern, tw_u128 lo, tw_u128 hi);
/* LIST, or the equal one that came before. */
const struct tw_ranges *tw_intern_ranges(struct tw_intern *intern,
                                         const struct tw_ranges *list);

#endif

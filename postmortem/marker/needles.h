/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needles: plain texts that save looking at records.
 *
 * A rule has needles where it can hold for a value only if at least one of them stands
 * in that value, byte for byte. A scanner that finds none of them in the bytes of a
 * record need not decode or test it: `tw_record.no_needle`.
 */
#ifndef TW_NEEDLES_H
#define TW_NEEDLES_H

#include "arena.h"
#include "str.h"
#include "vec.h"

enum { TW_NEEDLES_MAX = 64 };

struct tw_needles {
    TW_VEC(struct tw_str) list; /* none is empty */
};

/* Adds TEXT unless a needle that is a part of it, or itself, stands there already. */
void tw_needles_add(struct tw_arena *arena, struct tw_needles *needles,
                    struct tw_str text);

#endif

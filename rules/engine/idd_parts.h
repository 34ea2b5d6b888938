/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a space of situations, for the files that make up idd_space.h. */
#ifndef TW_IDD_PARTS_H
#define TW_IDD_PARTS_H

#include "idd_unknowns.h"

enum { TW_IDD_STATES = 5 };
#define TW_IDD_TRACKED (TW_STATE_NEW | TW_STATE_ESTABLISHED | TW_STATE_RELATED)

/* A field that is cut into pieces: the first from `lo` to hi[0], and so on. */
struct tw_idd_field {
    tw_u128 lo;
    tw_u128 *hi;
    uint32_t n;
    tw_u128 *weights; /* 0 is 2^128 */
};

struct tw_idd_space {
    enum tw_family family;
    const struct tw_crossing *crossings[TW_IDD_CROSSINGS];
    struct tw_idd_slice slice;
    struct tw_idd_field fields[TW_IDD_FLAGS];
    uint64_t flags[64]; /* the flags that are one coordinate, as bits */
    tw_u128 flag_weights[64];
    uint32_t nflags;
    struct tw_idd_axes axes;
    const tw_u128 *const *weights;
    struct tw_idd *idd;
    tw_idd_set ports, icmp, tcp; /* by protocol */
    tw_idd_set universe;         /* each situation as one point */
    struct tw_arena *scratch;
};

/* The coordinate of X, which is within the field. */
uint32_t tw_idd_coordinate(const struct tw_idd_field *field, tw_u128 x);

#endif

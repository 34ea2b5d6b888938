/* SPDX-License-Identifier: Apache-2.0 */
/* The unknowns that rules ask for, as levels of a diagram: see idd_space.h. */
#ifndef TW_IDD_UNKNOWNS_H
#define TW_IDD_UNKNOWNS_H

#include "idd_space.h"

/* One unknown, of one policy or of both. Its values are those of both together; what no
 * condition tells apart is one coordinate. */
struct tw_idd_axis {
    uint32_t unknown[TW_IDD_CROSSINGS];    /* its number there, or UINT32_MAX */
    const uint32_t *own[TW_IDD_CROSSINGS]; /* the value there, for each value here */
    uint32_t nvalues;
    uint32_t *coordinate; /* of each value; UINT32_MAX: not possible */
    uint32_t ncoordinates;
    uint32_t *first; /* the least value of each coordinate */
    tw_u128 *weights;
};

struct tw_idd_axes {
    struct tw_idd_axis *at;
    size_t n;
    uint32_t *axis_of[TW_IDD_CROSSINGS]; /* for each unknown: its axis, or UINT32_MAX */
    bool empty; /* some axis has no possible value; it is given one coordinate */
};

struct tw_idd_axes tw_idd_axes_of(struct tw_arena *arena,
                                  const struct tw_crossing *const *crossings,
                                  size_t ncrossings, const struct tw_idd_asked *asked,
                                  size_t nasked);

#endif

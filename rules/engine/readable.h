/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes that people can read, for a set that was computed.
 *
 * What is left of a rule comes out as many ragged products. Here it is told again by
 * few boxes, each as wide as the set allows, the largest first; boxes may overlap, none
 * leaves the set, and together they are all of it. An address side is a named
 * object of the export, a prefix, or a range where no prefix has half of it.
 *
 *     10.0.0.0–10.0.0.6 × any, 10.0.0.7–10.0.0.255 × 80   the set
 *     10.0.0.0/24 × 80                                    the boxes: the second one
 *     10.0.0.0–10.0.0.6 × any                             stays inside the set
 */
#ifndef TW_READABLE_H
#define TW_READABLE_H

#include "extent.h"

struct tw_readable_box {
    struct tw_extent extent; /* ports and protocol: one interval each; addresses too,
                                or the list of the object */
    const struct tw_object *src, *dst; /* NULL: no object */
    unsigned weight;                   /* how large it is, see tw_weight() */
};

struct tw_readable {
    const struct tw_readable_box *at; /* the largest first */
    size_t n;
    uint64_t more;   /* boxes beyond the maximum */
    bool more_exact; /* … no more than these */
};

/* The boxes of SET, whose extents are disjoint, at most MAX of them. POLICY (may be
 * NULL) names objects. */
struct tw_readable tw_readable(struct tw_arena *arena, const struct tw_space *space,
                               const struct tw_policy *policy,
                               const struct tw_extents *set, size_t max);

#endif

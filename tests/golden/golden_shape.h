/* SPDX-License-Identifier: Apache-2.0 */
/* What check_golden.c and its parts share: the report at hand and its faults. */
#ifndef TW_GOLDEN_SHAPE_H
#define TW_GOLDEN_SHAPE_H

#include "estate.h"
#include "json_tree.h"

struct golden {
    struct tw_arena *arena;
    const char *files[3]; /* the report, the estate, the claims */
    const struct tw_estate *estate;
    size_t faults;
};

/* Tells a fault on stderr and counts it. */
void golden_fault(struct golden *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The keys and types of twinwall.check/1, and the sums that must agree. */
void golden_shape(struct golden *g, const struct json_node *root);

/* The same of twinwall.impact/1. */
void golden_impact(struct golden *g, const struct json_node *root);

/* The boxes of every pair: inside the flow, disjoint, with a witness inside. */
void golden_boxes(struct golden *g, const struct json_node *root);

#endif

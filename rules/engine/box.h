/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boxes of a policy's products, for "which earlier rule …?".
 *
 * Every product of every rule has one bounding box over the five fields, with lanes of
 * 32 bits for IPv4 and of 128 bits for IPv6; where a product is more than its box
 * (lists, flags, states, unknowns) the product stands behind it and has the last word.
 * The boxes stand in a forest of trees, apart by which fields are wide, so that a
 * wildcard never spoils the boxes of specific rules. A node knows the least and the
 * greatest rule below it: "the first match" is branch and bound.
 */
#ifndef TW_BOX_H
#define TW_BOX_H

#include "extent.h"

struct tw_boxes;

/* What a rule can do to a packet on its way to a later rule, as bits. */
enum tw_role {
    TW_ROLE_ENDS = 1,    /* takes what it matches out of its chain, for sure */
    TW_ROLE_MAY_END = 2, /* … or not: its reader does not know what it does */
    TW_ROLE_MOVES = 4    /* anything else that matters: calls, marks, NOTRACK; or its
                            match is not settled by the product alone */
};

/* One product of one rule, for building. */
struct tw_box_entry {
    uint32_t rule;
    unsigned roles;           /* 0: never found by a query */
    struct tw_extent product; /* its lists must outlive the table */
};

/* Rules of a query: those of one of ROLES that stand from FIRST up to (not with) LIMIT,
 * without SKIP. */
struct tw_box_span {
    uint32_t first, limit, skip;
    unsigned roles;
};

/* Builds the table of ENTRIES, given by NEXT in ascending order of rules; false: no
 * more. */
struct tw_box_source {
    bool (*next)(void *ctx, struct tw_box_entry *entry);
    void *ctx;
    size_t count; /* of entries; more are not asked for */
    size_t more;  /* about how many are more than their box */
};
struct tw_boxes *tw_boxes_build(struct tw_arena *arena, const struct tw_space *space,
                                size_t nrules, const struct tw_box_source *source);

/* The product of the entry with this number, and its rule. Entries of a rule are
 * numbered from tw_boxes_of_rule(…) to tw_boxes_of_rule(rule + 1) - 1. The lists may be
 * made in ARENA. */
uint32_t tw_boxes_of_rule(const struct tw_boxes *boxes, uint32_t rule);
uint32_t tw_boxes_rule(const struct tw_boxes *boxes, uint32_t entry);
unsigned tw_boxes_roles(const struct tw_boxes *boxes, uint32_t entry);
struct tw_extent tw_boxes_extent(struct tw_arena *arena, const struct tw_boxes *boxes,
                                 uint32_t entry);

/* The first rule of SPAN that matches POINT; TW_NO_RULE: none. */
uint32_t tw_boxes_first_match(const struct tw_boxes *boxes,
                              const struct tw_point *point,
                              const struct tw_box_span *span);
bool tw_boxes_any_match(const struct tw_boxes *boxes, const struct tw_point *point,
                        const struct tw_box_span *span);
/* The first rule of SPAN one of whose products holds all of TARGET. */
uint32_t tw_boxes_first_container(const struct tw_boxes *boxes,
                                  const struct tw_extent *target,
                                  const struct tw_box_span *span);
/* Some rule of SPAN that meets TARGET: deterministic, not always the first. */
uint32_t tw_boxes_any_overlap(const struct tw_boxes *boxes,
                              const struct tw_extent *target,
                              const struct tw_box_span *span);
/* The entries of SPAN that meet TARGET, ascending, in ARENA. */
struct tw_box_list {
    uint32_t *at;
    size_t n;
};
struct tw_box_list tw_boxes_overlaps(struct tw_arena *arena,
                                     const struct tw_boxes *boxes,
                                     const struct tw_extent *target,
                                     const struct tw_box_span *span);

/* Of these, at most MAX whose boxes hold most of the target's: most first. */
struct tw_box_list tw_boxes_largest(struct tw_arena *arena,
                                    const struct tw_boxes *boxes,
                                    const struct tw_extent *target,
                                    const struct tw_box_span *span, size_t max);

/* The quick answer for entry ENTRY against the rules of its chain before it (FIRST …):
 * most rules end here. */
enum tw_quick {
    TW_QUICK_FREE,   /* nothing before meets it */
    TW_QUICK_HELD,   /* one rule holds all of it: *BY */
    TW_QUICK_PARTLY, /* something meets it, and a situation is left */
    TW_QUICK_UNKNOWN /* ask in earnest */
};
enum tw_quick tw_boxes_quick(const struct tw_boxes *boxes, uint32_t entry,
                             uint32_t first, uint32_t *by);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rules can a set of packets meet at all?
 *
 * Every product of every rule that a stage can reach gets a bounding box: its own
 * fields cut with what can arrive in its chain (the union of the boxes of the rules
 * that call it). The boxes stand in a few bounding-volume trees, apart by which fields
 * are wide, so that a wildcard never spoils the boxes of specific rules. A query gives
 * a superset of the rules that overlap, in order of evaluation; the exact test is the
 * caller's.
 */
#ifndef TW_INDEX_H
#define TW_INDEX_H

#include "policy.h"

struct tw_index;

/* One product of one rule. */
struct tw_entry {
    uint32_t rule, match;
};

/* A product of lists; NULL: any. */
struct tw_region {
    const struct tw_ranges *src, *dst, *proto, *dport;
};

struct tw_entries {
    const struct tw_entry *at;
    size_t n;
};

/* For qsort: by rule, then by match. */
int tw_entry_compare(const void *a, const void *b);
/* The place in LIST, which is sorted so, of the first entry of RULE or a later one. */
size_t tw_entries_from(struct tw_entries list, uint32_t rule);

const struct tw_index *tw_index_build(struct tw_arena *arena,
                                      const struct tw_policy *policy);
/* The entries of FAMILY whose box meets REGION (no list of it is empty), and maybe a
 * few more, sorted by rule and match, in ARENA. */
struct tw_entries tw_index_overlaps(struct tw_arena *arena,
                                    const struct tw_index *index, enum tw_family family,
                                    const struct tw_region *region);
/* The chains that packets of FAMILY can reach, callers before callees. */
struct tw_chain_order {
    const uint32_t *at;
    size_t n;
};
struct tw_chain_order tw_index_chains(const struct tw_index *index,
                                      enum tw_family family);
/* Can rules write connection marks? Then those of an earlier packet are unknown. */
bool tw_index_writes_connmarks(const struct tw_index *index);
/* Can rules take packets out of connection tracking? */
bool tw_index_untracks(const struct tw_index *index);

#endif

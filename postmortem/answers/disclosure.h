/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a count may be shown: keys as keyed hashes (--keyed), small counts suppressed
 * (--external).
 *
 * --external suppresses every count of 1 to 4 affected, and what would let it be
 * computed back from a total that is shown:
 *
 *   - groups: beside those of 1 to 4 (m of them, shown as "<5"), groups of 5 or more
 *     are withheld in the order of their keys (q of them), until the sum of all that is
 *     hidden is at least 4·m + 5·q. That sum is what a reader can compute anyway, so
 *     that the choice tells nothing more, and with it each hidden count may still have
 *     at least three values. Where all groups do not suffice, the total is withheld
 * too.
 *   - rules: where one holds for 1 to 4, or for all affected but 1 to 4, all are
 *     withheld.
 *   - where the total is withheld, so is all that follows from it.
 */
#ifndef TW_DISCLOSURE_H
#define TW_DISCLOSURE_H

#include "impact.h"

enum tw_shown {
    TW_SHOWN,
    TW_BELOW_FIVE, /* "<5": 1 to 4 */
    TW_WITHHELD    /* to protect another one */
};

struct tw_view_group {
    struct tw_group_key *keys;
    uint64_t records, affected;
    enum tw_shown shown;
};

struct tw_view {
    struct tw_view_group *groups; /* sorted by the keys that are shown */
    size_t ngroups;
    enum tw_shown total;
    bool rules;     /* the counts of the rules are shown */
    bool all_shown; /* nothing is suppressed */
};

/* The view of IMPACT's counts, in its arena. */
const struct tw_view *tw_view_of(struct tw_impact *impact);
/* How the count of distinct values I may be shown. */
enum tw_shown tw_view_distinct(const struct tw_impact *impact,
                               const struct tw_view *view, size_t i);
/* The name of a file as it may be shown: without its folders for --external. */
struct tw_str tw_view_path(const struct tw_impact *impact, struct tw_str path);
/* KEY as --keyed shows it. */
struct tw_group_key tw_view_key(struct tw_impact *impact, size_t by,
                                struct tw_group_key key);

#endif

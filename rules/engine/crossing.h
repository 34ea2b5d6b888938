/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy as one path crosses it: from which interface to which, and which of its
 * unknowns are settled there.
 *
 * Every unknown of the policy has a set of values that are possible at this crossing. A
 * yes-or-no unknown that nothing settles has both; `in: eth0` leaves one interface;
 * rate limits are "within the rate" unless limits are strict; a forwarded packet's
 * destination is never an address of the wall itself. What is left with several values
 * is decided by nobody, and verdicts hold for all of them or are UNKNOWN.
 */
#ifndef TW_CROSSING_H
#define TW_CROSSING_H

#include "policy.h"

struct tw_index;

struct tw_crossing {
    const struct tw_policy *policy;
    const struct tw_index *index;
    enum tw_hook hook;
    bool unseen; /* see the options */
    /* The values possible for each unknown: bit i of word i / 64. */
    const uint64_t *const *possible;
};

struct tw_crossing_options {
    enum tw_hook hook;
    struct tw_str in, out; /* interface or zone names; empty: not said */
    bool strict_limits;    /* rate limits are left undecided */
    /* What a flow settles. An application that the export does not mention is one of
     * "all others". USERS holds every name that the flow's user has, groups included:
     * conditions on others fail. */
    struct tw_str app; /* empty: not said */
    const struct tw_str *users;
    size_t nusers;            /* 0: not said */
    const struct tw_time *at; /* by the wall's own clock; NULL: not said */
    /* An answer whose first packet went another way: it belongs to no connection that
     * this wall knows, and is INVALID to it. */
    bool unseen;
};

const struct tw_crossing *tw_crossing_new(struct tw_arena *arena,
                                          const struct tw_policy *policy,
                                          const struct tw_index *index,
                                          const struct tw_crossing_options *options);

/* Does the export know this interface: by name, or by a wildcard such as ppp+? True as
 * well where it names no interface at all (but lo), so that none of its rules can care.
 */
bool tw_policy_knows_interface(const struct tw_policy *policy, struct tw_str name);

/* The name of the zone or interface behind which all of ADDRESSES (of each family;
 * NULL: none of that family) are by the export's own routes; empty where there is no
 * such one. */
struct tw_str tw_policy_zone_of(const struct tw_policy *policy,
                                const struct tw_ranges *const addresses[TW_FAMILIES]);

/* The number of 64-bit words of a set of values of UNKNOWN. */
size_t tw_unknown_words(const struct tw_unknown *unknown);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The affected records over time: the buckets of the first --by that is a time, the
 * ones that are missing between them, the likeliest window, and the cumulative sums.
 *
 * The window and the sums are estimates from counts per bucket and are labelled so; the
 * times of the first and last affected record are exact.
 */
#ifndef TW_SERIES_H
#define TW_SERIES_H

#include "impact.h"
#include "statistics.h"

/* Beyond this many buckets with affected records the quadratic scan is not made. */
enum { TW_SERIES_SCAN_MAX = 6000 };

struct tw_gap {
    struct tw_str behind, before; /* the buckets around it */
    uint64_t missing;
};

struct tw_series {
    size_t by; /* index of the --by */
    size_t count;
    struct tw_str *names; /* of the buckets, in order */
    struct tw_part *parts;
    TW_VEC(struct tw_gap) gaps;
    uint64_t missing; /* buckets, over all gaps */
    bool scanned;
    bool stands_out; /* the window is unlikely to be chance: p at most 0.01 */
    struct tw_share_window window;
    bool has_cusum, from_baseline; /* the low rate is the baseline's */
    struct tw_part low, high;      /* the rates of the sums */
    struct tw_cusum cusum;
    bool has_before, has_after; /* of the records that are not affected */
    bool times_known;           /* they were kept */
    struct tw_time before, after;
};

/* NULL where there is no time bucket, nothing is affected, or there is only one bucket.
 */
const struct tw_series *tw_series_of(struct tw_impact *impact);

#endif

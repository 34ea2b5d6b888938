/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Estimates: intervals of shares, and where in a row of buckets the share is higher.
 *
 * These are the only figures of the project that come from floating point: intervals
 * and likelihoods are estimates, never counts. What goes in are counts; what comes out
 * are integers, billionths of a share and millionths of a score, rounded to the
 * nearest, so that a last bit that a mathematical library gets differently is not seen.
 *
 * Wilson 1927; Newcombe 1998 (method 10: the hybrid of two score intervals); the
 * scan is the likelihood ratio of an epidemic alternative; the sums are Page's (1954),
 * for binomial counts.
 */
#ifndef TW_STATISTICS_H
#define TW_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* K of N; K ≤ N < 10^15. */
struct tw_part {
    uint64_t k, n;
};

enum tw_confidence { TW_CONFIDENCE_95, TW_CONFIDENCE_99 };

struct tw_interval {
    int64_t low, high; /* billionths */
};

/* The score interval of the rate behind K of N, without continuity correction. N = 0
 * gives 0 to 1. */
struct tw_interval tw_wilson(struct tw_part part, enum tw_confidence confidence);
/* None of N: the rate that 95 of 100 such samples would have shown at least once,
 * 1 - 0.05^(1/N), in billionths. */
int64_t tw_zero_bound(uint64_t n);

struct tw_difference {
    int64_t value; /* A - B, billionths */
    struct tw_interval interval;
};

/* The difference of two shares, with 95 %. */
struct tw_difference tw_newcombe(struct tw_part a, struct tw_part b);

struct tw_share_window {
    bool found;      /* there are buckets inside and outside, and it is higher inside */
    size_t from, to; /* buckets from … to - 1 */
    struct tw_part in, out;
    int64_t score; /* Λ, millionths */
    int64_t p;     /* at most this, billionths, rounded up; at most 10^9 */
};

/* The window of buckets whose share differs most from that of the others (being
 * higher), by the likelihood ratio Λ. It begins and ends with a bucket of K > 0. Of
 * equal ones the earliest, then the shortest. The time is quadratic in the number of
 * buckets with K > 0. */
struct tw_share_window tw_window_scan(const struct tw_part *buckets, size_t count);

struct tw_cusum {
    bool alarm;
    size_t alarm_at; /* the first bucket above the threshold ln(10^4) */
    size_t onset;    /* the bucket behind the last reset to 0 before it */
};

/* Cumulative sums of the evidence for the rate HIGH against the rate LOW, both strictly
 * between 0 and 1 and LOW < HIGH. SCORES (millionths, COUNT of them) may be NULL. */
struct tw_cusum tw_cusum(const struct tw_part *buckets, size_t count,
                         struct tw_part low, struct tw_part high, int64_t *scores);

#endif

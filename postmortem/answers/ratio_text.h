/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ratios as people read them, by integers alone.
 *
 *     6131/1496160    4,098 per million    1 in 244.0    0.409 (truncated)
 */
#ifndef TW_RATIO_TEXT_H
#define TW_RATIO_TEXT_H

#include "num.h"

/* How percentages are printed. DIGITS -1: by tw_percent(), four significant ones. */
struct tw_pct_style {
    int digits;     /* behind the point, 0 … 12 */
    bool truncated; /* cut off, not rounded half up */
};

/* A·FACTOR/B, half up, all digits before the point and at least four significant ones,
 * with commas between the thousands where asked for. "0" only for A = 0, and for B = 0.
 * A·FACTOR below 10^21. */
struct tw_str tw_quotient(struct tw_arena *arena, uint64_t a, uint64_t factor,
                          uint64_t b, bool commas);
/* 100·K/N in the given style. As many digits more as it takes that K > 0 does not read
 * 0 and K < N does not read 100. */
struct tw_str tw_percent_styled(struct tw_arena *arena, uint64_t k, uint64_t n,
                                struct tw_pct_style style);
/* X billionths as a decimal of nine digits: "0.004065479". */
struct tw_str tw_billionths(struct tw_arena *arena, int64_t x);
/* X billionths as a percentage: "0.4065479". */
struct tw_str tw_billionths_percent(struct tw_arena *arena, int64_t x);
/* X billionths as percentage points, half away from zero: "0.4065". */
struct tw_str tw_points(struct tw_arena *arena, int64_t x);
/* X millionths: "32.576822". */
struct tw_str tw_millionths(struct tw_arena *arena, int64_t x);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar dates (proleptic Gregorian) without the C library's locale or time zone. */
#ifndef TW_DATE_H
#define TW_DATE_H

#include <stdint.h>

#include "buf.h"
#include "str.h"

struct tw_time {
    int64_t day;     /* days since 1970-01-01 */
    int32_t second;  /* of the day, 0 … 86399; 0 where only a date was given */
    int32_t nano;    /* of the second */
    bool has_clock;  /* a time of day was given */
    bool has_offset; /* a zone (Z, +08:00) was given; `day` and `second` are then UTC */
};

int64_t tw_day_of(int64_t year, unsigned month, unsigned day);
void tw_day_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);
/* 2023-02-09, 2023/2/9, 20230209; with [T ]HH:MM[:SS[.fff]] and Z or ±HH[:MM] behind
 * it. The whole text must match and the date must exist. */
bool tw_time_parse(struct tw_str s, struct tw_time *out);
int tw_time_cmp(struct tw_time a, struct tw_time b);
/* Now, UTC. */
struct tw_time tw_time_now(void);
/* "2023-02-09", and "2023-02-09T07:08:09Z" where it has a clock and an offset. */
void tw_buf_time(struct tw_buf *buf, struct tw_time t);

#endif

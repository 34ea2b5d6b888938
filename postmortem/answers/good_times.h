/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When were records still, and again, as they should be? The times of the records that
 * are not affected, to the second, so that after the run the last one before the first
 * affected record and the first one after the last can be told, in whatever order the
 * records came and the parts were merged.
 *
 * One bit a second: 10,800 bytes for each day that has times of day. Beyond DAYS_MAX
 * days nothing is kept, and the answer is that it is not known.
 */
#ifndef TW_GOOD_TIMES_H
#define TW_GOOD_TIMES_H

#include "date.h"
#include "map.h"

struct tw_good_day;

struct tw_good_times {
    struct tw_arena *parent, *arena;
    struct tw_map days; /* the number of the day, eight bytes → struct tw_good_day */
    struct tw_good_day *last;
    size_t days_max;
    bool full;
};

enum { TW_GOOD_DAYS_MAX = 4096 };

void tw_good_times_init(struct tw_good_times *good, struct tw_arena *arena,
                        size_t days_max);
void tw_good_times_add(struct tw_good_times *good, const struct tw_time *time);
void tw_good_times_merge(struct tw_good_times *into, const struct tw_good_times *from);
/* The latest second (or, of times without a clock, day) before that of TIME, and the
 * earliest after it. False where there is none, or where it is not known (full). */
bool tw_good_times_before(const struct tw_good_times *good, struct tw_time time,
                          struct tw_time *out);
bool tw_good_times_after(const struct tw_good_times *good, struct tw_time time,
                         struct tw_time *out);

#endif

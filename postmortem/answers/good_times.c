/* SPDX-License-Identifier: Apache-2.0 */
/* A bit for each second that has a record: see good_times.h. */
#include "good_times.h"

#include <string.h>

enum { DAY_SECONDS = 86400, DAY_WORDS = DAY_SECONDS / 64 };

struct tw_good_day {
    int64_t day;
    bool without_clock; /* some records of this day name no time of day */
    uint64_t *seconds;  /* DAY_WORDS; NULL: none names one */
};

void tw_good_times_init(struct tw_good_times *g, struct tw_arena *arena,
                        size_t days_max)
{
    *g = (struct tw_good_times){.parent = arena, .days_max = days_max};
    g->arena = tw_arena_child(arena);
    tw_map_init(&g->days, g->arena);
}

static void give_up(struct tw_good_times *g)
{
    g->full = true;
    g->last = NULL;
    tw_arena_release(g->arena);
    tw_map_init(&g->days, g->arena);
}

static struct tw_good_day *day_at(struct tw_good_times *g, int64_t day)
{
    if (g->full)
        return NULL;
    if (g->last && g->last->day == day)
        return g->last;
    struct tw_str key = {(const char *)&day, sizeof day};
    struct tw_good_day *d = tw_map_get(&g->days, key);
    if (!d) {
        if (g->days.entries.len >= g->days_max) {
            give_up(g);
            return NULL;
        }
        d = tw_new(g->arena, struct tw_good_day);
        d->day = day;
        *tw_map_slot(&g->days, (struct tw_str){(const char *)&d->day, sizeof d->day}) =
            d;
    }
    return g->last = d;
}

static uint64_t *seconds_of(struct tw_good_times *g, struct tw_good_day *d)
{
    if (!d->seconds)
        d->seconds = tw_new_array(g->arena, DAY_WORDS, uint64_t);
    return d->seconds;
}

void tw_good_times_add(struct tw_good_times *g, const struct tw_time *t)
{
    struct tw_good_day *d = day_at(g, t->day);
    if (!d)
        return;
    if (!t->has_clock)
        d->without_clock = true;
    else if (t->second >= 0 && t->second < DAY_SECONDS)
        seconds_of(g, d)[t->second / 64] |= UINT64_C(1) << t->second % 64;
}

void tw_good_times_merge(struct tw_good_times *into, const struct tw_good_times *from)
{
    if (from->full && !into->full)
        give_up(into);
    for (size_t i = 0; i < from->days.entries.len && !into->full; i++) {
        const struct tw_good_day *theirs = from->days.entries.at[i].value;
        struct tw_good_day *ours = day_at(into, theirs->day);
        if (!ours)
            return;
        ours->without_clock |= theirs->without_clock;
        for (size_t w = 0; theirs->seconds && w < DAY_WORDS; w++)
            seconds_of(into, ours)[w] |= theirs->seconds[w];
    }
}

/* The seconds of a day in the order in which they are tried: the last first, or the
 * first first; those from FROM to TO. */
static bool find_second(const struct tw_good_day *d, int32_t from, int32_t to,
                        bool last, struct tw_time *out)
{
    for (int32_t i = 0; d->seconds && from + i < to; i++) {
        int32_t s = last ? to - 1 - i : from + i;
        if (d->seconds[s / 64] >> s % 64 & 1) {
            *out = (struct tw_time){.day = d->day, .second = s, .has_clock = true};
            return true;
        }
    }
    return false;
}

/* The last or first time of a whole day. */
static bool edge_of_day(const struct tw_good_day *d, bool last, struct tw_time *out)
{
    if (find_second(d, 0, DAY_SECONDS, last, out))
        return true;
    *out = (struct tw_time){.day = d->day};
    return d->without_clock;
}

static bool nearest(const struct tw_good_times *g, struct tw_time t, bool before,
                    struct tw_time *out)
{
    const struct tw_good_day *best = NULL;
    for (size_t i = 0; i < g->days.entries.len; i++) {
        const struct tw_good_day *d = g->days.entries.at[i].value;
        if (d->day == t.day && t.has_clock &&
            find_second(d, before ? 0 : t.second + 1, before ? t.second : DAY_SECONDS,
                        before, out))
            return true;
        bool fits = before ? d->day < t.day : d->day > t.day;
        if (fits && (!best || (before ? d->day > best->day : d->day < best->day)))
            best = d;
    }
    return best && edge_of_day(best, before, out);
}

bool tw_good_times_before(const struct tw_good_times *g, struct tw_time t,
                          struct tw_time *out)
{
    return nearest(g, t, true, out);
}

bool tw_good_times_after(const struct tw_good_times *g, struct tw_time t,
                         struct tw_time *out)
{
    return nearest(g, t, false, out);
}

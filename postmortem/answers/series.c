/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets in their order, see series.h. Group keys of time buckets are texts of fixed
 * form ("2023-02", "2023-02-09", "2023-02-09 07:00") that sort as the times do; by
 * other
 * --by they are split, so they are added up first.
 */
#include "series.h"

#include <assert.h>
#include <stdlib.h>

enum { P_MAX = 10000000 }; /* billionths */

struct bucket {
    struct tw_str name;
    struct tw_part part;
};

static int cmp_buckets(const void *a, const void *b)
{
    return tw_str_cmp(((const struct bucket *)a)->name,
                      ((const struct bucket *)b)->name);
}

static void add_up(struct tw_impact *im, struct tw_series *s)
{
    struct tw_map known;
    TW_VEC(struct bucket) all = {0};
    tw_map_init(&known, im->arena);
    for (size_t g = 0; g < im->tally.groups.entries.len; g++) {
        const struct tw_group *group = im->tally.groups.entries.at[g].value;
        struct tw_group_key key = group->keys[s->by];
        if (key.kind != TW_GROUP_TEXT)
            continue;
        void **slot = tw_map_slot(&known, key.text);
        size_t *index = *slot;
        if (!index) {
            *slot = index = tw_new(im->arena, size_t);
            *index = all.len;
            *tw_vec_add(im->arena, &all) = (struct bucket){key.text, {0, 0}};
        }
        assert(*index < all.len);
        struct tw_part *part = &all.at[*index].part;
        part->k += group->affected;
        part->n += group->records;
    }
    if (all.len)
        qsort(all.at, all.len, sizeof *all.at, cmp_buckets);
    s->count = all.len;
    s->names = tw_new_array(im->arena, s->count, struct tw_str);
    s->parts = tw_new_array(im->arena, s->count, struct tw_part);
    for (size_t i = 0; i < s->count; i++) {
        s->names[i] = all.at[i].name;
        s->parts[i] = all.at[i].part;
    }
}

/* The number of a bucket on the line of its unit. */
static int64_t ordinal(struct tw_str name, enum tw_bucket unit)
{
    uint64_t year = 0, month = 1, day = 1, hour = 0;
    (void)tw_parse_u64(tw_str_first(name, 4), 9999, &year);
    (void)tw_parse_u64(tw_str_first(tw_str_from(name, 5), 2), 12, &month);
    if (unit == TW_BUCKET_MONTH)
        return (int64_t)(year * 12 + month);
    (void)tw_parse_u64(tw_str_first(tw_str_from(name, 8), 2), 31, &day);
    int64_t number = tw_day_of((int64_t)year, (unsigned)month, (unsigned)day);
    if (unit == TW_BUCKET_DAY)
        return number;
    (void)tw_parse_u64(tw_str_first(tw_str_from(name, 11), 2), 23, &hour);
    return number * 24 + (int64_t)hour;
}

static void find_gaps(struct tw_impact *im, struct tw_series *s)
{
    enum tw_bucket unit = im->plan.by[s->by].bucket;
    for (size_t i = 1; i < s->count; i++) {
        int64_t step = ordinal(s->names[i], unit) - ordinal(s->names[i - 1], unit);
        if (step <= 1)
            continue;
        *tw_vec_add(im->arena, &s->gaps) =
            (struct tw_gap){s->names[i - 1], s->names[i], (uint64_t)step - 1};
        s->missing += (uint64_t)step - 1;
    }
}

/* Strictly between 0 and 1: half a record is added to none, taken from all. */
static struct tw_part inside(struct tw_part p)
{
    if (p.k == 0)
        return (struct tw_part){1, 2 * p.n};
    if (p.k == p.n)
        return (struct tw_part){2 * p.n - 1, 2 * p.n};
    return p;
}

static bool is_above(struct tw_part a, struct tw_part b)
{
    return (tw_u128)a.k * b.n > (tw_u128)b.k * a.n;
}

/* The low rate is the baseline's, where it counted by the same rules, else that outside
 * of the window; the high one is that inside, or of all where there is no window. */
static void sum_up(struct tw_impact *im, struct tw_series *s)
{
    const struct tw_baseline *b = im->baseline;
    struct tw_part all = {im->tally.affected, im->tally.matched};
    bool same = b && b->affected.n &&
                tw_baseline_same_rules(b->wrong.at, b->wrong.len, im->plan.wrong,
                                       im->plan.nwrong) &&
                tw_baseline_same_rules(b->where.at, b->where.len, im->plan.where,
                                       im->plan.nwhere);
    if (!same && !s->stands_out)
        return;
    s->from_baseline = same;
    s->low = inside(same ? b->affected : s->window.out);
    s->high = inside(s->stands_out ? s->window.in : all);
    if (!is_above(s->high, s->low))
        return;
    s->has_cusum = true;
    s->cusum = tw_cusum(s->parts, s->count, s->low, s->high, NULL);
}

static void look_around(struct tw_impact *im, struct tw_series *s)
{
    const struct tw_tally *t = &im->tally;
    const struct tw_good_times *good = &t->answers->good;
    if (!t->has_time || good->full)
        return;
    s->times_known = true;
    s->has_before = tw_good_times_before(good, t->first_time, &s->before);
    s->has_after = tw_good_times_after(good, t->last_time, &s->after);
}

const struct tw_series *tw_series_of(struct tw_impact *im)
{
    size_t by = im->answers.time_by;
    if (by == SIZE_MAX || im->tally.affected == 0)
        return NULL;
    struct tw_series *s = tw_new(im->arena, struct tw_series);
    s->by = by;
    add_up(im, s);
    if (s->count < 2)
        return NULL;
    find_gaps(im, s);
    size_t bad = 0;
    for (size_t i = 0; i < s->count; i++)
        bad += s->parts[i].k > 0;
    s->scanned = bad <= TW_SERIES_SCAN_MAX;
    if (s->scanned)
        s->window = tw_window_scan(s->parts, s->count);
    s->stands_out = s->window.found && s->window.p <= P_MAX;
    sum_up(im, s);
    look_around(im, s);
    return s;
}

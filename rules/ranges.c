/* SPDX-License-Identifier: Apache-2.0 */
/* The interval algebra: every operation is one merge of two sorted lists. */
#include "ranges.h"

#include <stdlib.h>

const struct tw_ranges tw_ranges_none = {0, NULL};

static struct tw_ranges *list_new(struct tw_arena *arena, size_t room,
                                  struct tw_range **at)
{
    struct tw_ranges *r = tw_new(arena, struct tw_ranges);
    *at = tw_new_array(arena, room ? room : 1, struct tw_range);
    r->at = *at;
    return r;
}

const struct tw_ranges *tw_ranges_one(struct tw_arena *arena, tw_u128 lo, tw_u128 hi)
{
    struct tw_range *at;
    struct tw_ranges *r = list_new(arena, 1, &at);
    at[0] = (struct tw_range){lo, hi};
    r->n = 1;
    return r;
}

static int by_low(const void *a, const void *b)
{
    const struct tw_range *x = a, *y = b;
    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Appends X to the canonical list, joining it to the last interval where they touch. */
static void push(struct tw_range *at, size_t *n, struct tw_range x)
{
    struct tw_range *last = *n ? &at[*n - 1] : NULL;
    if (last && (x.lo <= last->hi || x.lo - last->hi == 1)) {
        if (x.hi > last->hi)
            last->hi = x.hi;
    } else {
        at[(*n)++] = x;
    }
}

const struct tw_ranges *tw_ranges_of(struct tw_arena *arena, struct tw_range *in,
                                     size_t n)
{
    struct tw_range *at;
    struct tw_ranges *r = list_new(arena, n, &at);
    if (n > 1)
        qsort(in, n, sizeof *in, by_low);
    for (size_t i = 0; i < n; i++)
        push(at, &r->n, in[i]);
    return r;
}

const struct tw_ranges *tw_ranges_union(struct tw_arena *arena,
                                        const struct tw_ranges *a,
                                        const struct tw_ranges *b)
{
    struct tw_range *at;
    if (a->n == 0 || b->n == 0)
        return a->n ? a : b;
    struct tw_ranges *r = list_new(arena, a->n + b->n, &at);
    for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
        bool from_a = j == b->n || (i < a->n && a->at[i].lo <= b->at[j].lo);
        push(at, &r->n, from_a ? a->at[i++] : b->at[j++]);
    }
    return r;
}

const struct tw_ranges *tw_ranges_and(struct tw_arena *arena, const struct tw_ranges *a,
                                      const struct tw_ranges *b)
{
    struct tw_range *at;
    if (a->n == 0 || b->n == 0)
        return &tw_ranges_none;
    struct tw_ranges *r = list_new(arena, a->n + b->n, &at);
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        tw_u128 lo = a->at[i].lo > b->at[j].lo ? a->at[i].lo : b->at[j].lo;
        tw_u128 hi = a->at[i].hi < b->at[j].hi ? a->at[i].hi : b->at[j].hi;
        if (lo <= hi)
            at[r->n++] = (struct tw_range){lo, hi};
        if (a->at[i].hi < b->at[j].hi)
            i++;
        else
            j++;
    }
    return r;
}

const struct tw_ranges *tw_ranges_not(struct tw_arena *arena, const struct tw_ranges *a,
                                      tw_u128 max)
{
    struct tw_range *at;
    struct tw_ranges *r = list_new(arena, a->n + 1, &at);
    tw_u128 next = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (a->at[i].lo > next)
            at[r->n++] = (struct tw_range){next, a->at[i].lo - 1};
        if (a->at[i].hi >= max)
            return r;
        next = a->at[i].hi + 1;
    }
    at[r->n++] = (struct tw_range){next, max};
    return r;
}

const struct tw_ranges *tw_ranges_minus(struct tw_arena *arena,
                                        const struct tw_ranges *a,
                                        const struct tw_ranges *b)
{
    if (a->n == 0 || b->n == 0)
        return a;
    tw_u128 max = a->at[a->n - 1].hi;
    return tw_ranges_and(arena, a, tw_ranges_not(arena, b, max));
}

size_t tw_ranges_find(const struct tw_ranges *a, tw_u128 x)
{
    size_t low = 0, high = a->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->at[middle].hi < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool tw_ranges_has(const struct tw_ranges *a, tw_u128 x)
{
    size_t i = tw_ranges_find(a, x);
    return i < a->n && a->at[i].lo <= x;
}

bool tw_ranges_meet(const struct tw_ranges *a, const struct tw_ranges *b)
{
    const struct tw_ranges *few = a->n <= b->n ? a : b, *many = few == a ? b : a;
    for (size_t i = 0; i < few->n; i++) {
        size_t j = tw_ranges_find(many, few->at[i].lo);
        if (j < many->n && many->at[j].lo <= few->at[i].hi)
            return true;
    }
    return false;
}

bool tw_ranges_cover(const struct tw_ranges *a, const struct tw_ranges *b)
{
    for (size_t i = 0; i < b->n; i++) {
        size_t j = tw_ranges_find(a, b->at[i].lo);
        if (j == a->n || a->at[j].lo > b->at[i].lo || a->at[j].hi < b->at[i].hi)
            return false;
    }
    return true;
}

bool tw_ranges_eq(const struct tw_ranges *a, const struct tw_ranges *b)
{
    if (a == b)
        return true;
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->at[i].lo != b->at[i].lo || a->at[i].hi != b->at[i].hi)
            return false;
    return true;
}

tw_u128 tw_ranges_size(const struct tw_ranges *a)
{
    tw_u128 size = 0;
    for (size_t i = 0; i < a->n; i++)
        size += a->at[i].hi - a->at[i].lo + 1;
    return size;
}

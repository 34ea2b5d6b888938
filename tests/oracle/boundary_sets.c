/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set arithmetic for the probe generator.
 */
#define _GNU_SOURCE 1
#include "boundary_sets.h"

#include <string.h>

void tw_boundary_set_add(struct tw_boundary_set *set, tw_boundary_value lo,
                         tw_boundary_value hi)
{
    if (set->count < TW_BOUNDARY_SET_MAX && lo <= hi) {
        set->range[set->count].lo = lo;
        set->range[set->count].hi = hi;
        set->count++;
    }
}

static void set_keep(struct tw_boundary_set *set,
                     const struct tw_boundary_range *ranges, uint32_t count)
{
    struct tw_boundary_set old = *set;
    set->count = 0;
    for (unsigned i = 0; i < old.count; i++) {
        for (uint32_t k = 0; k < count; k++) {
            const struct tw_boundary_range *a = &old.range[i];
            const struct tw_boundary_range *b = &ranges[k];
            tw_boundary_set_add(set, a->lo > b->lo ? a->lo : b->lo,
                                a->hi < b->hi ? a->hi : b->hi);
        }
    }
}

static void set_remove(struct tw_boundary_set *set,
                       const struct tw_boundary_range *gone)
{
    struct tw_boundary_set old = *set;
    set->count = 0;
    for (unsigned i = 0; i < old.count; i++) {
        const struct tw_boundary_range *a = &old.range[i];
        if (a->hi < gone->lo || a->lo > gone->hi) {
            tw_boundary_set_add(set, a->lo, a->hi);
            continue;
        }
        if (a->lo < gone->lo) {
            tw_boundary_set_add(set, a->lo, gone->lo - 1);
        }
        if (a->hi > gone->hi) {
            tw_boundary_set_add(set, gone->hi + 1, a->hi);
        }
    }
}

void tw_boundary_set_meet(struct tw_boundary_set *set,
                          const struct tw_boundary_rules *all,
                          const struct tw_boundary_condition *condition)
{
    const struct tw_boundary_range *ranges = all->ranges + condition->first;
    if (!condition->negated) {
        set_keep(set, ranges, condition->count);
        return;
    }
    for (uint32_t i = 0; i < condition->count; i++) {
        set_remove(set, &ranges[i]);
    }
}

bool tw_boundary_set_has(const struct tw_boundary_set *set, tw_boundary_value value)
{
    for (unsigned i = 0; i < set->count; i++) {
        if (value >= set->range[i].lo && value <= set->range[i].hi) {
            return true;
        }
    }
    return false;
}

/* Marsaglia, "Xorshift RNGs" (2003), with the usual multiplication at the end. */
uint64_t tw_boundary_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1du;
}

tw_boundary_value tw_boundary_set_draw(const struct tw_boundary_set *set,
                                       uint64_t *state)
{
    const struct tw_boundary_range *range =
        &set->range[(tw_boundary_random(state) >> 32) % set->count];
    uint64_t dice = tw_boundary_random(state) >> 60;
    if (dice < 2) {
        return dice == 0 ? range->lo : range->hi;
    }
    tw_boundary_value value = tw_boundary_random(state);
    value = value << 64 | tw_boundary_random(state);
    tw_boundary_value span = range->hi - range->lo + 1; /* 0: all 128-bit values */
    return span == 0 ? value : range->lo + value % span;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readable boxes: take the largest piece that is left, widen its largest box field by
 * field, take the box off, and so on.
 *
 * How far can a field be widened? The slice with that field whole is held against the
 * set: what sticks out of the set names the values that are not possible.
 */
#include "readable.h"

#include <stdlib.h>
#include <string.h>

#include "grid.h"

enum {
    BOXES_MAX = 1000,    /* that are counted */
    WIDEN_MAX = 2000,    /* extents of a set that boxes are widened in */
    OUTSIDE_MAX = 1024,  /* products of what sticks out */
    STEPS_MAX = 2000000, /* of work for one field */
    PIECES_MAX = 50000
};

struct maker {
    struct tw_arena *arena;
    const struct tw_space *space;
    const struct tw_policy *policy;
    const struct tw_extents *set;
    const struct tw_extent **covers; /* the set's */
    TW_VEC(struct tw_extent) left;
};

static unsigned weight_of(const struct tw_extent *e)
{
    unsigned sum = tw_weight((unsigned)__builtin_popcount(e->states)) +
                   tw_weight((unsigned)__builtin_popcountll(e->flags));
    for (int f = 0; f < TW_FIELDS; f++)
        sum += tw_weight(tw_ranges_size(e->field[f]));
    return sum;
}

static struct tw_range largest_range(const struct tw_ranges *list)
{
    struct tw_range best = list->at[0];
    for (size_t i = 1; i < list->n; i++)
        if (list->at[i].hi - list->at[i].lo > best.hi - best.lo)
            best = list->at[i];
    return best;
}

static const struct tw_ranges *one(const struct maker *m, struct tw_range r)
{
    return tw_ranges_one(m->arena, r.lo, r.hi);
}

/* --- widening -------------------------------------------------------------------- */

/* What of SLICE is not in the set, in at most MAX products; false: it was too much. */
static bool outside(const struct maker *m, const struct tw_extent *slice, size_t max,
                    struct tw_extents *out)
{
    uint64_t budget = STEPS_MAX;
    bool complete;
    if (m->set->n > WIDEN_MAX)
        return false;
    struct tw_grid grid = {.arena = m->arena,
                           .space = m->space,
                           .target = slice,
                           .covers = m->covers,
                           .n = m->set->n,
                           .budget = &budget};
    *out = tw_grid_residue(&grid, max, &complete);
    return complete;
}

/* The values of FIELD for which all of BOX is in the set: its own at least. */
static const struct tw_ranges *possible(const struct maker *m,
                                        const struct tw_extent *box, int field)
{
    struct tw_extent slice = *box;
    struct tw_extents out;
    const struct tw_ranges *values = m->space->whole[field];
    slice.field[field] = values;
    if (!outside(m, &slice, OUTSIDE_MAX, &out))
        return box->field[field];
    for (size_t i = 0; i < out.n; i++)
        values = tw_ranges_minus(m->arena, values, out.at[i].field[field]);
    return values;
}

/* The largest prefix inside RUN that holds SEED; its size is 0 where there is none. */
static struct tw_range prefix_in(struct tw_range run, struct tw_range seed,
                                 unsigned bits)
{
    struct tw_range best = {1, 0};
    for (unsigned length = 0; length <= bits; length++) {
        unsigned rest = bits - length;
        tw_u128 mask = rest >= 128 ? ~(tw_u128)0 : ((tw_u128)1 << rest) - 1;
        struct tw_range p = {seed.lo & ~mask, seed.lo | mask};
        if (p.hi < seed.hi)
            return best;
        if (run.lo <= p.lo && p.hi <= run.hi)
            return p;
    }
    return best;
}

/* The named object that holds SEED, stays inside VALUES, and is largest. */
static const struct tw_object *object_in(const struct maker *m,
                                         const struct tw_ranges *values,
                                         struct tw_range seed, unsigned at_least)
{
    const struct tw_object *best = NULL;
    for (size_t i = 0; m->policy && i < m->policy->objects.len; i++) {
        const struct tw_object *o = &m->policy->objects.at[i];
        const struct tw_ranges *list = o->addresses[m->space->family];
        if (!list || list->n == 0 || !tw_ranges_has(list, seed.lo) ||
            !tw_ranges_cover(values, list))
            continue;
        unsigned size = tw_weight(tw_ranges_size(list));
        if (size >= at_least) {
            best = o;
            at_least = size;
        }
    }
    return best;
}

/* Widens an address side of BOX. */
static void widen_addresses(const struct maker *m, struct tw_readable_box *box,
                            int field)
{
    const struct tw_ranges *values = possible(m, &box->extent, field);
    struct tw_range seed = box->extent.field[field]->at[0];
    struct tw_range run = values->at[tw_ranges_find(values, seed.lo)];
    unsigned bits = m->space->family == TW_IPV4 ? 32 : 128;
    struct tw_range prefix = prefix_in(run, seed, bits);
    if (prefix.lo <= prefix.hi && prefix.hi - prefix.lo >= (run.hi - run.lo) / 2)
        run = prefix;
    box->extent.field[field] = one(m, run);
    const struct tw_object *o =
        object_in(m, values, seed, tw_weight(run.hi - run.lo + 1));
    if (!o || values == m->space->whole[field])
        return;
    box->extent.field[field] = o->addresses[m->space->family];
    if (field == TW_FIELD_SRC)
        box->src = o;
    else
        box->dst = o;
}

static void widen_numbers(const struct maker *m, struct tw_readable_box *box, int field)
{
    const struct tw_ranges *values = possible(m, &box->extent, field);
    tw_u128 seed = box->extent.field[field]->at[0].lo;
    box->extent.field[field] = one(m, values->at[tw_ranges_find(values, seed)]);
}

/* States, flags and unknowns are widened to "any" or not at all. */
static void widen_rest(const struct maker *m, struct tw_readable_box *box)
{
    struct tw_extents out;
    struct tw_extent wide = box->extent;
    wide.conditions = NULL;
    wide.nconditions = 0;
    if (box->extent.nconditions && outside(m, &wide, 1, &out) && out.n == 0)
        box->extent = wide;
    wide = box->extent;
    wide.states = m->space->states;
    if (outside(m, &wide, 1, &out) && out.n == 0)
        box->extent = wide;
    wide = box->extent;
    wide.flags = ~(uint64_t)0;
    if (outside(m, &wide, 1, &out) && out.n == 0)
        box->extent = wide;
}

/* LIST, which may be in another arena, in that of M. */
static const struct tw_ranges *kept(const struct maker *m, const struct tw_ranges *list)
{
    struct tw_range *at = tw_new_array(m->arena, list->n, struct tw_range);
    for (size_t i = 0; i < list->n; i++)
        at[i] = list->at[i];
    return tw_ranges_of(m->arena, at, list->n);
}

static struct tw_readable_box widened(const struct maker *m,
                                      const struct tw_extent *piece)
{
    struct tw_readable_box box = {.extent = *piece};
    for (int f = 0; f < TW_FIELDS; f++)
        box.extent.field[f] = one(m, largest_range(piece->field[f]));
    widen_rest(m, &box);
    widen_numbers(m, &box, TW_FIELD_SPORT);
    widen_numbers(m, &box, TW_FIELD_DPORT);
    widen_numbers(m, &box, TW_FIELD_PROTO);
    widen_addresses(m, &box, TW_FIELD_SRC);
    widen_addresses(m, &box, TW_FIELD_DST);
    box.weight = weight_of(&box.extent);
    return box;
}

/* The widest box that PIECE grows to; the work on it is given back. */
static struct tw_readable_box box_of(const struct maker *m,
                                     const struct tw_extent *piece)
{
    struct maker on_its_own = *m;
    on_its_own.arena = tw_arena_child(m->arena);
    struct tw_readable_box box = widened(&on_its_own, piece);
    for (int f = 0; f < TW_FIELDS; f++)
        box.extent.field[f] = kept(m, box.extent.field[f]);
    tw_arena_release(on_its_own.arena);
    return box;
}

/* --- the boxes ------------------------------------------------------------------- */

static const struct tw_extent *largest_left(const struct maker *m)
{
    const struct tw_extent *best = &m->left.at[0];
    unsigned most = weight_of(best);
    for (size_t i = 1; i < m->left.len; i++) {
        unsigned size = weight_of(&m->left.at[i]);
        if (size > most) {
            most = size;
            best = &m->left.at[i];
        }
    }
    return best;
}

/* False: the pieces would be too many. */
static bool take_off(struct maker *m, const struct tw_extent *box)
{
    TW_VEC(struct tw_extent) rest = {0};
    for (size_t i = 0; i < m->left.len; i++) {
        const struct tw_extent *piece = &m->left.at[i];
        if (tw_extent_covers(m->space, box, piece))
            continue;
        if (!tw_extent_meets(m->space, box, piece)) {
            *tw_vec_add(m->arena, &rest) = *piece;
            continue;
        }
        struct tw_extents parts = tw_extent_minus(m->arena, m->space, piece, box);
        for (size_t k = 0; k < parts.n; k++)
            *tw_vec_add(m->arena, &rest) = parts.at[k];
        if (rest.len > PIECES_MAX)
            return false;
    }
    m->left.at = rest.at;
    m->left.len = rest.len;
    m->left.cap = rest.cap;
    return true;
}

static int larger_first(const void *a, const void *b)
{
    const struct tw_readable_box *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    for (int f = 0; f < TW_FIELDS; f++) {
        tw_u128 i = x->extent.field[f]->at[0].lo, j = y->extent.field[f]->at[0].lo;
        if (i != j)
            return i < j ? -1 : 1;
    }
    return 0;
}

struct tw_readable tw_readable(struct tw_arena *arena, const struct tw_space *space,
                               const struct tw_policy *policy,
                               const struct tw_extents *set, size_t max)
{
    struct maker m = {.arena = arena, .space = space, .policy = policy, .set = set};
    TW_VEC(struct tw_readable_box) boxes = {0};
    m.covers = tw_new_array(arena, set->n + 1, const struct tw_extent *);
    for (size_t i = 0; i < set->n; i++) {
        m.covers[i] = &set->at[i];
        *tw_vec_add(arena, &m.left) = set->at[i];
    }
    bool all = true;
    while (m.left.len && all && boxes.len < BOXES_MAX) {
        struct tw_readable_box box = box_of(&m, largest_left(&m));
        *tw_vec_add(arena, &boxes) = box;
        all = take_off(&m, &box.extent);
    }
    if (boxes.len > 1)
        qsort(boxes.at, boxes.len, sizeof *boxes.at, larger_first);
    size_t shown = boxes.len < max ? boxes.len : max;
    return (struct tw_readable){.at = boxes.at,
                                .n = shown,
                                .more = boxes.len - shown + (m.left.len ? 1 : 0),
                                .more_exact = m.left.len == 0};
}

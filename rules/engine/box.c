/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of boxes: what both widths share, and the two of them. */
#include "box.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum {
    TREES = 32,
    LEAF = 8,
    STACK = 80,       /* a halving tree of 2^32 items leaves one node per level */
    QUICK = 48,       /* boxes that the quick answer looks at one by one */
    QUICK_SIMPLE = 8, /* … where the trees can answer as well */
    PROBES = 24
};

#define PLAIN UINT32_MAX
#define ALL_FLAGS (~(uint64_t)0)

/* A product of single intervals with room for its lists. */
struct flat_product {
    struct tw_extent product;
    struct tw_range ranges[TW_FIELDS];
    struct tw_ranges lists[TW_FIELDS];
};

struct table_ipv4;
struct table_ipv6;

struct tw_boxes {
    const struct tw_space *space;
    size_t n, nrules;
    uint32_t *of_rule;               /* the first entry of each rule */
    uint32_t *place;                 /* of each entry among the items */
    TW_VEC(struct tw_extent) behind; /* products that are more than their box */
    bool simple;                     /* all that have a role are boxes that end */
    struct table_ipv4 *table_ipv4;   /* the one of the family */
    struct table_ipv6 *table_ipv6;
};

static bool is_plain(const struct tw_space *space, const struct tw_extent *p)
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (p->field[f]->n != 1)
            return false;
    return p->flags == ALL_FLAGS && p->states == space->states && p->nconditions == 0;
}

static uint32_t keep_product(struct tw_arena *arena, struct tw_boxes *boxes,
                             const struct tw_extent *p)
{
    *tw_vec_add(arena, &boxes->behind) = *p;
    return (uint32_t)boxes->behind.len - 1;
}

/* Random numbers of a lane's width. */
static uint32_t wide_ipv4(uint64_t *seed)
{
    return (uint32_t)(tw_random(seed) >> 16);
}

static tw_u128 wide_ipv6(uint64_t *seed)
{
    return (tw_u128)tw_random(seed) << 64 | tw_random(seed);
}

/* The entries that hold most, most first, while they are looked for. */
struct largest {
    struct tw_box_list list;
    unsigned *weights; /* of what they have in common with the target */
    size_t max;
};

static void offer(struct largest *best, uint32_t entry, unsigned weight)
{
    size_t n = best->list.n;
    if (n == best->max && weight <= best->weights[n - 1])
        return;
    n -= n == best->max;
    size_t at = n;
    for (; at > 0 && best->weights[at - 1] < weight; at--) {
        best->weights[at] = best->weights[at - 1];
        best->list.at[at] = best->list.at[at - 1];
    }
    best->weights[at] = weight;
    best->list.at[at] = entry;
    best->list.n = n + 1;
}

#define LANE uint32_t
#define NAMED(x) x##_ipv4
#include "box_lanes.h"
#undef LANE
#undef NAMED
#define LANE tw_u128
#define NAMED(x) x##_ipv6
#include "box_lanes.h"
#undef LANE
#undef NAMED

#define BY_FAMILY(boxes, four, six) ((boxes)->space->family == TW_IPV4 ? (four) : (six))

struct tw_boxes *tw_boxes_build(struct tw_arena *arena, const struct tw_space *space,
                                size_t nrules, const struct tw_box_source *source)
{
    struct tw_boxes *boxes = tw_new(arena, struct tw_boxes);
    boxes->space = space;
    boxes->nrules = nrules;
    boxes->of_rule = tw_new_array(arena, nrules + 1, uint32_t);
    boxes->simple = true;
    if (space->family == TW_IPV4)
        fill_ipv4(arena, boxes, source);
    else
        fill_ipv6(arena, boxes, source);
    return boxes;
}

/* --- entries --------------------------------------------------------------------- */

uint32_t tw_boxes_of_rule(const struct tw_boxes *boxes, uint32_t rule)
{
    return boxes->of_rule[rule];
}

uint32_t tw_boxes_rule(const struct tw_boxes *boxes, uint32_t entry)
{
    uint32_t at = boxes->place[entry];
    return BY_FAMILY(boxes, boxes->table_ipv4->items[at].rule,
                     boxes->table_ipv6->items[at].rule);
}

unsigned tw_boxes_roles(const struct tw_boxes *boxes, uint32_t entry)
{
    uint32_t at = boxes->place[entry];
    return BY_FAMILY(boxes, boxes->table_ipv4->items[at].roles,
                     boxes->table_ipv6->items[at].roles);
}

struct tw_extent tw_boxes_extent(struct tw_arena *arena, const struct tw_boxes *boxes,
                                 uint32_t entry)
{
    struct flat_product *room = tw_new(arena, struct flat_product);
    uint32_t at = boxes->place[entry];
    return *BY_FAMILY(boxes,
                      product_of_ipv4(boxes, &boxes->table_ipv4->items[at], room),
                      product_of_ipv6(boxes, &boxes->table_ipv6->items[at], room));
}

/* --- queries --------------------------------------------------------------------- */

static struct query_ipv4 query_of_ipv4(const struct tw_boxes *boxes,
                                       const struct tw_extent *target,
                                       const struct tw_box_span *span)
{
    return (struct query_ipv4){.boxes = boxes,
                               .table = boxes->table_ipv4,
                               .hull = hull_of_ipv4(target),
                               .exact = is_plain(boxes->space, target) ? NULL : target,
                               .span = *span};
}

static struct query_ipv6 query_of_ipv6(const struct tw_boxes *boxes,
                                       const struct tw_extent *target,
                                       const struct tw_box_span *span)
{
    return (struct query_ipv6){.boxes = boxes,
                               .table = boxes->table_ipv6,
                               .hull = hull_of_ipv6(target),
                               .exact = is_plain(boxes->space, target) ? NULL : target,
                               .span = *span};
}

static uint32_t match(const struct tw_boxes *boxes, const struct tw_point *point,
                      const struct tw_box_span *span, bool any)
{
    if (boxes->space->family == TW_IPV4) {
        struct query_ipv4 q = {.boxes = boxes,
                               .table = boxes->table_ipv4,
                               .hull = hull_of_point_ipv4(point),
                               .point = point,
                               .span = *span};
        return first_ipv4(&q, false, any);
    }
    struct query_ipv6 q = {.boxes = boxes,
                           .table = boxes->table_ipv6,
                           .hull = hull_of_point_ipv6(point),
                           .point = point,
                           .span = *span};
    return first_ipv6(&q, false, any);
}

uint32_t tw_boxes_first_match(const struct tw_boxes *boxes,
                              const struct tw_point *point,
                              const struct tw_box_span *span)
{
    return match(boxes, point, span, false);
}

bool tw_boxes_any_match(const struct tw_boxes *boxes, const struct tw_point *point,
                        const struct tw_box_span *span)
{
    return match(boxes, point, span, true) != TW_NO_RULE;
}

static uint32_t search(const struct tw_boxes *boxes, const struct tw_extent *target,
                       const struct tw_box_span *span, bool holding)
{
    if (boxes->space->family == TW_IPV4) {
        struct query_ipv4 q = query_of_ipv4(boxes, target, span);
        return first_ipv4(&q, holding, !holding);
    }
    struct query_ipv6 q = query_of_ipv6(boxes, target, span);
    return first_ipv6(&q, holding, !holding);
}

uint32_t tw_boxes_first_container(const struct tw_boxes *boxes,
                                  const struct tw_extent *target,
                                  const struct tw_box_span *span)
{
    return search(boxes, target, span, true);
}

uint32_t tw_boxes_any_overlap(const struct tw_boxes *boxes,
                              const struct tw_extent *target,
                              const struct tw_box_span *span)
{
    return search(boxes, target, span, false);
}

static int ascending(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

struct tw_box_list tw_boxes_overlaps(struct tw_arena *arena,
                                     const struct tw_boxes *boxes,
                                     const struct tw_extent *target,
                                     const struct tw_box_span *span)
{
    struct tw_box_list list = {0};
    if (boxes->space->family == TW_IPV4) {
        struct query_ipv4 q = query_of_ipv4(boxes, target, span);
        collect_ipv4(arena, &q, &list);
    } else {
        struct query_ipv6 q = query_of_ipv6(boxes, target, span);
        collect_ipv6(arena, &q, &list);
    }
    if (list.n > 1)
        qsort(list.at, list.n, sizeof *list.at, ascending);
    return list;
}

struct tw_box_list tw_boxes_largest(struct tw_arena *arena,
                                    const struct tw_boxes *boxes,
                                    const struct tw_extent *target,
                                    const struct tw_box_span *span, size_t max)
{
    struct largest best = {.max = max,
                           .weights = tw_new_array(arena, max + 1, unsigned)};
    best.list.at = tw_new_array(arena, max + 1, uint32_t);
    if (boxes->space->family == TW_IPV4) {
        struct query_ipv4 q = query_of_ipv4(boxes, target, span);
        largest_ipv4(&q, &best);
    } else {
        struct query_ipv6 q = query_of_ipv6(boxes, target, span);
        largest_ipv6(&q, &best);
    }
    return best.list;
}

enum tw_quick tw_boxes_quick(const struct tw_boxes *boxes, uint32_t entry,
                             uint32_t first, uint32_t *by)
{
    *by = TW_NO_RULE;
    return BY_FAMILY(boxes, quick_ipv4(boxes, entry, first, by),
                     quick_ipv6(boxes, entry, first, by));
}

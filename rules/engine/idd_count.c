/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in a diagram: exact counts, sizes, and its products for people to read.
 *
 * Numbers of situations go up to 2^300 and beyond; a number is here an array of as many
 * 64-bit limbs, the least significant first, as the whole universe needs.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "idd.h"
#include "vec.h"

/* --- every node of a set once, children first --------------------------------------
 */

struct walk {
    struct tw_arena *arena;
    const struct tw_idd *idd;
    TW_VEC(tw_idd_set) order;
    uint32_t *slots; /* place in the order + 1 */
    size_t nslots;
};

static size_t slot_of(const struct walk *w, tw_idd_set set)
{
    size_t s = (set * 0x9e3779b97f4a7c15u >> 20) & (w->nslots - 1);
    while (w->slots[s]) {
        assert(w->slots[s] <= w->order.len);
        if (w->order.at[w->slots[s] - 1] == set)
            break;
        s = (s + 1) & (w->nslots - 1);
    }
    return s;
}

static void make_slots(struct walk *w)
{
    w->nslots = w->nslots ? w->nslots * 4 : 64;
    w->slots = tw_new_array(w->arena, w->nslots, uint32_t);
    for (size_t i = 0; i < w->order.len; i++)
        w->slots[slot_of(w, w->order.at[i])] = (uint32_t)(i + 1);
}

static void visit(struct walk *w, tw_idd_set set)
{
    if (w->slots[slot_of(w, set)])
        return;
    struct tw_idd_node node = tw_idd_node(w->idd, set);
    for (size_t i = 0; i < node.n; i++)
        visit(w, TW_IDD_EDGE_SET(node.edges[i]));
    *tw_vec_add(w->arena, &w->order) = set;
    if (w->order.len * 2 > w->nslots)
        make_slots(w);
    else
        w->slots[slot_of(w, set)] = (uint32_t)w->order.len;
}

static struct walk walk(struct tw_arena *arena, const struct tw_idd *idd,
                        tw_idd_set set)
{
    struct walk w = {.arena = arena, .idd = idd};
    make_slots(&w);
    visit(&w, TW_IDD_NONE);
    visit(&w, TW_IDD_ALL);
    visit(&w, set);
    return w;
}

size_t tw_idd_size(struct tw_arena *arena, const struct tw_idd *idd, tw_idd_set set)
{
    struct walk w = walk(arena, idd, set);
    size_t edges = 0;
    for (size_t i = 0; i < w.order.len; i++)
        edges += tw_idd_node(idd, w.order.at[i]).n;
    return edges;
}

/* --- counting ------------------------------------------------------------------------
 */

struct counter {
    const struct tw_idd *idd;
    const tw_u128 *const *weights;
    tw_u128 *widths; /* of whole levels; 0 is 2^128 */
    size_t limbs;
    uint64_t *term; /* room for one number */
};

static void add(uint64_t *sum, const uint64_t *x, size_t limbs)
{
    tw_u128 carry = 0;
    for (size_t i = 0; i < limbs; i++) {
        carry += (tw_u128)sum[i] + x[i];
        sum[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void times_limb(uint64_t *x, uint64_t factor, size_t limbs)
{
    tw_u128 carry = 0;
    for (size_t i = 0; i < limbs; i++) {
        carry += (tw_u128)x[i] * factor;
        x[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void shift_limb(uint64_t *x, size_t limbs)
{
    memmove(x + 1, x, (limbs - 1) * sizeof *x);
    x[0] = 0;
}

/* X × FACTOR, where a factor of 0 is 2^128; ROOM is for one number. */
static void times(uint64_t *x, tw_u128 factor, size_t limbs, uint64_t *room)
{
    uint64_t high = (uint64_t)(factor >> 64);
    if (factor == 0) {
        shift_limb(x, limbs);
        shift_limb(x, limbs);
    } else if (high == 0) {
        times_limb(x, (uint64_t)factor, limbs);
    } else {
        memcpy(room, x, limbs * sizeof *x);
        times_limb(x, high, limbs);
        shift_limb(x, limbs);
        times_limb(room, (uint64_t)factor, limbs);
        add(x, room, limbs);
    }
}

/* The numbers of the nodes of W, each over its own and later levels. */
static uint64_t *count_all(const struct counter *c, const struct walk *w,
                           uint64_t *room)
{
    uint64_t *counts = tw_new_array(w->arena, w->order.len * c->limbs, uint64_t);
    counts[c->limbs] = 1; /* ALL, the second of the order */
    for (size_t i = 2; i < w->order.len; i++) {
        struct tw_idd_node node = tw_idd_node(c->idd, w->order.at[i]);
        uint32_t from = 0;
        for (size_t e = 0; e < node.n; e++) {
            tw_idd_set child = TW_IDD_EDGE_SET(node.edges[e]);
            uint32_t hi = TW_IDD_EDGE_HI(node.edges[e]);
            tw_u128 width = 0;
            for (uint32_t k = from; k <= hi; k++)
                width += c->weights[node.level][k];
            from = hi + 1;
            if (child == TW_IDD_NONE)
                continue;
            size_t place = w->slots[slot_of(w, child)] - 1;
            memcpy(c->term, counts + place * c->limbs, c->limbs * sizeof *c->term);
            times(c->term, width, c->limbs, room);
            for (size_t l = node.level + 1; l < tw_idd_node(c->idd, child).level; l++)
                times(c->term, c->widths[l], c->limbs, room);
            add(counts + i * c->limbs, c->term, c->limbs);
        }
    }
    return counts;
}

/* Digits in groups of 19, taken off from the right. */
static struct tw_str decimal(struct tw_arena *arena, uint64_t *x, size_t limbs)
{
    static const uint64_t group = 10000000000000000000u; /* 10^19 */
    size_t room = limbs * 20 + 1, at = room;
    char *digits = tw_new_array(arena, room, char);
    bool more = true;
    while (more) {
        tw_u128 rest = 0;
        more = false;
        for (size_t i = limbs; i-- > 0;) {
            rest = rest << 64 | x[i];
            x[i] = (uint64_t)(rest / group);
            rest %= group;
            more |= x[i] != 0;
        }
        for (unsigned d = 0; d < 19 && (more || rest || at == room); d++) {
            digits[--at] = (char)('0' + (int)(rest % 10));
            rest /= 10;
        }
    }
    return (struct tw_str){digits + at, room - at};
}

struct tw_str tw_idd_count(struct tw_arena *arena, const struct tw_idd *idd,
                           tw_idd_set set, const tw_u128 *const *weights)
{
    struct tw_arena *own = tw_arena_child(arena);
    size_t levels = tw_idd_levels(idd), bits = 64;
    struct counter c = {.idd = idd, .weights = weights};
    c.widths = tw_new_array(own, levels + 1, tw_u128);
    for (size_t l = 0; l < levels; l++) {
        for (size_t k = 0; k < tw_idd_level_size(idd, l); k++)
            c.widths[l] += weights[l][k];
        for (tw_u128 width = c.widths[l] - 1; width; width >>= 1)
            bits++;
        bits++;
    }
    c.limbs = bits / 64 + 3; /* one product may be shifted by two */
    c.term = tw_new_array(own, c.limbs, uint64_t);
    uint64_t *room = tw_new_array(own, c.limbs, uint64_t);
    struct walk w = walk(own, idd, set);
    uint64_t *counts = count_all(&c, &w, room);
    uint64_t *total = counts + (w.slots[slot_of(&w, set)] - 1) * c.limbs;
    for (size_t l = 0; l < tw_idd_node(idd, set).level; l++)
        times(total, c.widths[l], c.limbs, room);
    struct tw_str text = decimal(arena, total, c.limbs);
    tw_arena_release(own);
    return text;
}

/* --- products ------------------------------------------------------------------------
 */

struct listing {
    struct tw_arena *arena;
    const struct tw_idd *idd;
    struct tw_idd_list *product;
    bool (*see)(void *ctx, const struct tw_idd_list *product);
    void *ctx;
};

/* The intervals of NODE that lead where its edge number FIRST does. */
static struct tw_idd_list alike(struct tw_arena *arena, struct tw_idd_node node,
                                size_t first)
{
    struct tw_idd_span *spans = tw_new_array(arena, node.n, struct tw_idd_span);
    size_t n = 0;
    for (size_t i = first; i < node.n; i++)
        if (TW_IDD_EDGE_SET(node.edges[i]) == TW_IDD_EDGE_SET(node.edges[first]))
            spans[n++] =
                (struct tw_idd_span){i ? TW_IDD_EDGE_HI(node.edges[i - 1]) + 1 : 0,
                                     TW_IDD_EDGE_HI(node.edges[i])};
    return (struct tw_idd_list){spans, n};
}

/* For qsort: by child, then by place. */
static int by_child(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : x[1] < y[1] ? -1 : x[1] > y[1];
}

/* The places of the edges that are the first of NODE to lead where they do. */
static size_t *firsts(struct tw_arena *arena, struct tw_idd_node node, size_t *n)
{
    uint64_t(*pairs)[2] = tw_arena_array(arena, node.n, sizeof *pairs);
    bool *is_first = tw_new_array(arena, node.n, bool);
    size_t *places = tw_new_array(arena, node.n, size_t);
    for (size_t i = 0; i < node.n; i++) {
        pairs[i][0] = TW_IDD_EDGE_SET(node.edges[i]);
        pairs[i][1] = i;
    }
    qsort(pairs, node.n, sizeof *pairs, by_child);
    for (size_t i = 0; i < node.n; i++)
        if (pairs[i][0] != TW_IDD_NONE && (i == 0 || pairs[i][0] != pairs[i - 1][0]))
            is_first[pairs[i][1]] = true;
    *n = 0;
    for (size_t i = 0; i < node.n; i++)
        if (is_first[i])
            places[(*n)++] = i;
    return places;
}

static bool list_from(const struct listing *l, tw_idd_set set)
{
    if (set == TW_IDD_ALL)
        return l->see(l->ctx, l->product);
    struct tw_idd_node node = tw_idd_node(l->idd, set);
    struct tw_arena_mark mark = tw_arena_mark(l->arena);
    size_t n;
    const size_t *places = firsts(l->arena, node, &n);
    bool more = true;
    for (size_t i = 0; i < n && more; i++) {
        l->product[node.level] = alike(l->arena, node, places[i]);
        more = list_from(l, TW_IDD_EDGE_SET(node.edges[places[i]]));
    }
    l->product[node.level] = (struct tw_idd_list){NULL, 0};
    tw_arena_rewind(l->arena, mark);
    return more;
}

bool tw_idd_products(struct tw_arena *arena, const struct tw_idd *idd, tw_idd_set set,
                     bool (*see)(void *ctx, const struct tw_idd_list *product),
                     void *ctx)
{
    if (set == TW_IDD_NONE)
        return true;
    struct listing l = {
        .arena = tw_arena_child(arena), .idd = idd, .see = see, .ctx = ctx};
    l.product = tw_new_array(l.arena, tw_idd_levels(idd) + 1, struct tw_idd_list);
    bool all = list_from(&l, set);
    tw_arena_release(l.arena);
    return all;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of a required flow.
 *
 * For one field after the other, the question's list is cut where a product's list
 * begins or ends; pieces that the same products match are one class; each class goes on
 * to the next field with just these products. At the end stands the set of products
 * that match the whole packet, and the interpreter says what the walls do with it.
 *
 *     question src {a b c d}    rule 1 {a b}   rule 2 {b c}
 *     classes   {a}: 1    {b}: 1 2    {c}: 2    {d}: none
 *
 * What a class can never meet is taken off its set (survey.h). Equal sets of products
 * give equal subtrees, so each is computed once; nodes with
 * equal edges are one node. What comes out is an ordered decision diagram over interval
 * lists, as small as its field order allows: cells join across classes where nothing
 * differs.
 */
#include "atoms.h"

#include <stdlib.h>
#include <string.h>

#include "survey.h"

/* A question gives up beyond TW_WORK_MAX steps, or this much memory and cells. */
enum { MEMORY_MAX = 1 << 28, CELLS_MAX = 1 << 18 };

struct node;

struct edge {
    const struct tw_ranges *label;
    const struct node *child;
};

/* The field by which it parts the packets; the fields between a node and its child make
 * no difference. */
struct node {
    uint32_t id;
    int field;
    size_t nedges; /* 0: a leaf */
    const struct edge *edges;
    const struct tw_decision *const *decisions;
};

struct atoms {
    struct tw_arena *arena;
    size_t used; /* bytes of the arena's family before the question */
    const struct tw_question *q;
    struct tw_survey *survey;
    struct tw_map memo;    /* field + set of products → node */
    struct tw_map unique;  /* node contents → node */
    struct tw_map decided; /* decision contents → decision */
    uint32_t nnodes;
    uint64_t work;
    bool gave_up;
};

static bool spent(struct atoms *a)
{
    size_t used = a->arena->root->used;
    a->gave_up |= a->work > TW_WORK_MAX ||
                  (used > a->used && used - a->used > (size_t)MEMORY_MAX);
    return a->gave_up;
}

/* --- classes of one field -------------------------------------------------------- */

struct cut {
    tw_u128 at;
    uint32_t bit;
    bool begins; /* else: ended just before */
};

static int by_place(const void *x, const void *y)
{
    const struct cut *a = x, *b = y;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->bit < b->bit ? -1 : a->bit > b->bit;
}

struct class
{
    uint64_t *bits;
    TW_VEC(struct tw_range) pieces;
};

struct classes {
    struct tw_map by_bits;
    TW_VEC(struct class *) list;
    uint64_t *bits; /* of the piece at hand, pruned */
    struct class *last;
};

/* [LO, HI], which the products of NOW match; CHANGED: other ones than the last piece.
 */
static void add_piece(struct atoms *a, struct classes *classes, int field,
                      const uint64_t *now, bool changed, struct tw_range piece)
{
    size_t bytes = a->survey->words * sizeof *now;
    struct class *c = classes->last;
    if (changed || !c) {
        memcpy(classes->bits, now, bytes);
        tw_survey_prune(a->survey, field + 1, classes->bits);
        struct tw_str key = {(const char *)classes->bits, bytes};
        c = tw_map_get(&classes->by_bits, key);
        if (!c) {
            c = tw_new(a->arena, struct class);
            key = tw_str_copy(a->arena, key);
            c->bits = (uint64_t *)(uintptr_t)key.ptr;
            *tw_map_slot(&classes->by_bits, key) = c;
            *tw_vec_add(a->arena, &classes->list) = c;
        }
        classes->last = c;
    }
    a->work += 8;
    struct tw_range *last = c->pieces.len ? &c->pieces.at[c->pieces.len - 1] : NULL;
    if (last && last->hi + 1 == piece.lo)
        last->hi = piece.hi;
    else
        *tw_vec_add(a->arena, &c->pieces) = piece;
}

static void set_bit(uint64_t *words, size_t bit, bool on)
{
    uint64_t one = (uint64_t)1 << bit % 64;
    words[bit / 64] = on ? words[bit / 64] | one : words[bit / 64] & ~one;
}

typedef TW_VEC(struct cut) cut_list;

/* Where LIST begins and ends inside WHOLE. */
static void cut_by(struct atoms *a, const struct tw_ranges *list, size_t bit,
                   const struct tw_ranges *whole, cut_list *cuts)
{
    tw_u128 first = whole->at[0].lo, last = whole->at[whole->n - 1].hi;
    for (size_t i = tw_ranges_find(list, first); i < list->n; i++) {
        if (list->at[i].lo > last)
            break;
        tw_u128 from = list->at[i].lo > first ? list->at[i].lo : first;
        *tw_vec_add(a->arena, cuts) = (struct cut){from, (uint32_t)bit, true};
        if (list->at[i].hi < last)
            *tw_vec_add(a->arena, cuts) =
                (struct cut){list->at[i].hi + 1, (uint32_t)bit, false};
    }
}

/* The products of BITS that match all of the field go to ALWAYS; the others cut it. */
static cut_list cuts_of(struct atoms *a, enum tw_field field, const uint64_t *bits,
                        uint64_t *always)
{
    cut_list cuts = {0};
    for (size_t w = 0; w < a->survey->words; w++) {
        always[w] = bits[w] & a->survey->covers[field][w];
        for (uint64_t left = bits[w] & ~always[w]; left; left &= left - 1) {
            size_t bit = w * 64 + (size_t)__builtin_ctzll(left);
            cut_by(a, tw_match_field(a->survey->match[bit], a->q->kind, field), bit,
                   a->q->field[field], &cuts);
        }
        if (cuts.len > 4096 && spent(a))
            break;
    }
    if (cuts.len > 1)
        qsort(cuts.at, cuts.len, sizeof *cuts.at, by_place);
    a->work += 16 * cuts.len + a->survey->words;
    return cuts;
}

static void classify(struct atoms *a, enum tw_field field, const uint64_t *bits,
                     struct classes *classes)
{
    const struct tw_ranges *whole = a->q->field[field];
    uint64_t *now = tw_new_array(a->arena, a->survey->words, uint64_t);
    cut_list cuts = cuts_of(a, field, bits, now);
    size_t c = 0;
    tw_map_init(&classes->by_bits, a->arena);
    classes->bits = tw_new_array(a->arena, a->survey->words, uint64_t);
    for (size_t i = 0; i < whole->n && !a->gave_up; i++) {
        tw_u128 lo = whole->at[i].lo, hi = whole->at[i].hi;
        for (;;) {
            bool changed = false;
            for (; c < cuts.len && cuts.at[c].at <= lo; c++, changed = true)
                set_bit(now, cuts.at[c].bit, cuts.at[c].begins);
            tw_u128 end = c < cuts.len && cuts.at[c].at <= hi ? cuts.at[c].at - 1 : hi;
            add_piece(a, classes, (int)field, now, changed, (struct tw_range){lo, end});
            if (end == hi || spent(a))
                break;
            lo = end + 1;
        }
    }
}

/* --- the diagram ----------------------------------------------------------------- */

static const struct tw_decision *intern_decision(struct atoms *a, struct tw_decision d)
{
    struct tw_buf key;
    tw_buf_init(&key, a->arena);
    uint32_t numbers[] = {d.may_pass,     d.may_stop,      d.approx,
                          d.gave_up,      d.passed.rule,   d.passed.chain,
                          d.stopped.rule, d.stopped.chain, d.translated};
    tw_buf_put(&key, numbers, sizeof numbers);
    tw_buf_put(&key, d.reasons, d.nreasons * sizeof *d.reasons);
    const struct tw_decision *known = tw_map_get(&a->decided, tw_buf_view(&key));
    if (known)
        return known;
    struct tw_decision *fresh = tw_new(a->arena, struct tw_decision);
    struct tw_reason *reasons = tw_new_array(a->arena, d.nreasons, struct tw_reason);
    if (d.nreasons)
        memcpy(reasons, d.reasons, d.nreasons * sizeof *reasons);
    *fresh = d;
    fresh->reasons = reasons;
    *tw_map_slot(&a->decided, tw_buf_view(&key)) = fresh;
    return fresh;
}

static const struct node *intern_node(struct atoms *a, struct tw_str key,
                                      struct node node)
{
    const struct node *known = tw_map_get(&a->unique, key);
    if (known)
        return known;
    struct node *fresh = tw_new(a->arena, struct node);
    node.id = a->nnodes++;
    *fresh = node;
    *tw_map_slot(&a->unique, key) = fresh;
    return fresh;
}

static const struct node *leaf_of(struct atoms *a, const uint64_t *bits)
{
    static const struct tw_decision given_up = {
        .may_pass = true, .may_stop = true, .gave_up = true, .translated = TW_NO_RULE};
    size_t n = a->survey->ncrossings;
    const struct tw_decision **decisions =
        tw_new_array(a->arena, n + 1, const struct tw_decision *);
    for (size_t i = 0; i < n; i++) {
        struct tw_decision d =
            bits ? tw_explore(a->arena, &a->survey->programs[i], bits) : given_up;
        if (!bits)
            d.passed = d.stopped = (struct tw_decider){TW_NO_RULE, TW_NO_RULE};
        decisions[i] = intern_decision(a, d);
    }
    struct tw_buf key;
    tw_buf_init(&key, a->arena);
    tw_buf_char(&key, 'L');
    tw_buf_put(&key, decisions, n * sizeof *decisions);
    return intern_node(a, tw_buf_view(&key),
                       (struct node){.field = TW_FIELDS, .decisions = decisions});
}

static int by_child(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    return a->child->id < b->child->id ? -1 : a->child->id > b->child->id;
}

static int by_first(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    return a->label->at[0].lo < b->label->at[0].lo ? -1 : 1;
}

/* The labels of N edges together. */
static const struct tw_ranges *join_labels(struct atoms *a, const struct edge *edges,
                                           size_t n)
{
    size_t total = 0, at = 0;
    if (n == 1)
        return edges->label;
    for (size_t i = 0; i < n; i++)
        total += edges[i].label->n;
    struct tw_range *all = tw_new_array(a->arena, total, struct tw_range);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < edges[i].label->n; k++)
            all[at++] = edges[i].label->at[k];
    a->work += 16 * total;
    return tw_ranges_of(a->arena, all, total);
}

/* Joins edges with the same child, orders them, and interns the node; where all edges
 * lead to one child, that is the node. */
static const struct node *inner_of(struct atoms *a, int field, struct edge *edges,
                                   size_t n)
{
    size_t kept = 0;
    if (n > 1)
        qsort(edges, n, sizeof *edges, by_child);
    if (edges[0].child == edges[n - 1].child)
        return edges[0].child;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && edges[end].child == edges[i].child;)
            end++;
        edges[kept++] =
            (struct edge){join_labels(a, edges + i, end - i), edges[i].child};
    }
    if (kept > 1)
        qsort(edges, kept, sizeof *edges, by_first);
    struct tw_buf key;
    tw_buf_init(&key, a->arena);
    tw_buf_char(&key, (char)('0' + field));
    for (size_t i = 0; i < kept; i++) {
        tw_buf_put(&key, &edges[i].child->id, sizeof edges[i].child->id);
        tw_buf_put(&key, &edges[i].label->n, sizeof edges[i].label->n);
        tw_buf_put(&key, edges[i].label->at,
                   edges[i].label->n * sizeof *edges[i].label->at);
    }
    return intern_node(a, tw_buf_view(&key),
                       (struct node){.field = field, .nedges = kept, .edges = edges});
}

/* Do all products of BITS match all of the field? */
static bool is_covered(const struct atoms *a, int field, const uint64_t *bits)
{
    for (size_t w = 0; w < a->survey->words; w++)
        if (bits[w] & ~a->survey->covers[field][w])
            return false;
    return true;
}

static const struct node *divide(struct atoms *a, int field, const uint64_t *bits)
{
    while (field < TW_FIELDS && is_covered(a, field, bits))
        field++;
    struct tw_buf key;
    tw_buf_init(&key, a->arena);
    tw_buf_char(&key, (char)('0' + field));
    tw_buf_put(&key, bits, a->survey->words * sizeof *bits);
    const struct node *known = tw_map_get(&a->memo, tw_buf_view(&key));
    if (known)
        return known;

    if (field == TW_FIELDS) {
        const struct node *leaf = leaf_of(a, spent(a) ? NULL : bits);
        *tw_map_slot(&a->memo, tw_buf_view(&key)) = (void *)(uintptr_t)leaf;
        return leaf;
    }
    struct classes classes = {0};
    if (!spent(a))
        classify(a, (enum tw_field)field, bits, &classes);
    if (a->gave_up)
        return leaf_of(a, NULL);
    struct edge *edges = tw_new_array(a->arena, classes.list.len, struct edge);
    for (size_t i = 0; i < classes.list.len; i++) {
        const struct class *c = classes.list.at[i];
        edges[i].label = tw_ranges_of(a->arena, c->pieces.at, c->pieces.len);
        edges[i].child = divide(a, field + 1, c->bits);
    }
    const struct node *node = inner_of(a, field, edges, classes.list.len);
    *tw_map_slot(&a->memo, tw_buf_view(&key)) = (void *)(uintptr_t)node;
    return node;
}

/* --- the answer ------------------------------------------------------------------ */

struct lister {
    struct atoms *a;
    TW_VEC(struct tw_flow_cell) cells;
    struct tw_flow_cell now;
};

static void list_cells(struct lister *l, const struct node *node, int field)
{
    for (; field < node->field; field++)
        l->now.field[field] = l->a->q->field[field];
    if (node->nedges == 0) {
        l->now.decisions = node->decisions;
        l->a->gave_up |= l->cells.len >= CELLS_MAX;
        if (!l->a->gave_up)
            *tw_vec_add(l->a->arena, &l->cells) = l->now;
        return;
    }
    for (size_t i = 0; i < node->nedges && !l->a->gave_up; i++) {
        l->now.field[field] = node->edges[i].label;
        list_cells(l, node->edges[i].child, field + 1);
    }
}

struct tw_cells tw_atoms(struct tw_arena *arena, const struct tw_question *question,
                         const struct tw_crossing *const *crossings, size_t ncrossings)
{
    struct atoms a = {.arena = arena, .used = arena->root->used, .q = question};
    a.survey = tw_survey_new(arena, question, crossings, ncrossings, &a.work);
    uint64_t *all = tw_new_array(arena, a.survey->words, uint64_t);
    for (size_t bit = 0; bit < a.survey->nbits; bit++)
        set_bit(all, bit, true);
    tw_survey_prune(a.survey, 0, all);
    tw_map_init(&a.memo, arena);
    tw_map_init(&a.unique, arena);
    tw_map_init(&a.decided, arena);
    struct lister lister = {.a = &a};
    list_cells(&lister, divide(&a, 0, all), 0);
    if (a.gave_up || a.work > TW_WORK_MAX) {
        lister.cells.len = 0; /* no part of the answer may look complete */
        a.gave_up = false;
        list_cells(&lister, leaf_of(&a, NULL), 0);
    }
    return (struct tw_cells){lister.cells.at, lister.cells.len};
}

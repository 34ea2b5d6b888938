/* SPDX-License-Identifier: Apache-2.0 */
/* Covers of a product: classes per dimension, the search over them, and the cutting. */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum {
    FEW = 40,            /* covers that are searched without cutting first */
    WORDS_MAX = 1 << 20, /* of all classes together, for a search */
    DEPTH_MAX = 3000,    /* of cuts */
    SEEN_MAX = 24,       /* sets that a search step remembers */
    FIRST_TRY = 1 << 17  /* steps of a search before the first cut */
};

/* A maximal run of values of one class; ranges for fields, single values else. */
struct run {
    tw_u128 lo, hi;
    uint32_t class;
};

struct dim {
    int kind;         /* a field, or TW_DIM_FLAGS … */
    uint32_t unknown; /* TW_DIM_UNKNOWNS */
    struct run *runs;
    size_t nruns;
    uint64_t *sets; /* of the classes, W words each */
    size_t nclasses;
    uint64_t *full; /* covers that hold all of the target here */
    size_t npartial;
};

struct search {
    const struct tw_grid *grid;
    struct tw_arena *arena;
    size_t words; /* of a set of covers */
    struct dim *dims;
    size_t ndims;
    uint64_t **full_from; /* covers that hold all from this dimension on */
    bool *used;
    uint32_t *chosen; /* the class taken in each dimension */
    size_t depth;     /* … of the first of them */
    bool gave_up;
    /* for the residue */
    bool **chosen_sets;
    struct tw_extents *out;
    size_t max;
};

static bool spend(const struct tw_grid *grid, uint64_t steps)
{
    if (*grid->budget < steps) {
        *grid->budget = 0;
        return false;
    }
    *grid->budget -= steps;
    return true;
}

static void set_bit(uint64_t *words, size_t bit)
{
    words[bit / 64] |= (uint64_t)1 << bit % 64;
}

/* --- classes --------------------------------------------------------------------- */

struct edge {
    tw_u128 at;
    uint32_t cover;
    bool begins;
};

static int edge_compare(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

struct classes {
    struct search *s;
    struct dim *dim;
    uint32_t *slots; /* class + 1 by hash */
    size_t nslots;
    size_t cap;
};

static struct classes classes_new(struct search *s, struct dim *dim, size_t most)
{
    struct classes c = {.s = s, .dim = dim, .nslots = 16, .cap = most + 1};
    while (c.nslots < 2 * c.cap)
        c.nslots *= 2;
    c.slots = tw_new_array(s->arena, c.nslots, uint32_t);
    dim->sets = tw_new_array(s->arena, c.cap * s->words, uint64_t);
    dim->runs = tw_new_array(s->arena, c.cap, struct run);
    return c;
}

/* Values LO … HI are held by the covers SET. */
static void add_run(struct classes *c, tw_u128 lo, tw_u128 hi, const uint64_t *set)
{
    size_t words = c->s->words, bytes = words * sizeof *set;
    size_t slot = tw_hash_bytes(set, bytes) & (c->nslots - 1);
    while (c->slots[slot] &&
           memcmp(c->dim->sets + (c->slots[slot] - 1) * words, set, bytes) != 0)
        slot = (slot + 1) & (c->nslots - 1);
    if (!c->slots[slot]) {
        memcpy(c->dim->sets + c->dim->nclasses * words, set, bytes);
        c->slots[slot] = (uint32_t)++c->dim->nclasses;
    }
    c->dim->runs[c->dim->nruns++] = (struct run){lo, hi, c->slots[slot] - 1};
}

/* The covers that hold all of the target's FIELD, and the edges of the others. */
static struct edge *edges_of(struct search *s, struct dim *dim, uint64_t *now,
                             size_t *nedges)
{
    const struct tw_grid *g = s->grid;
    const struct tw_ranges *target = g->target->field[dim->kind];
    size_t room = 1;
    for (size_t i = 0; i < g->n; i++)
        room += 2 * g->covers[i]->field[dim->kind]->n;
    struct edge *edges = tw_new_array(s->arena, room, struct edge);
    tw_u128 first = target->at[0].lo, last = target->at[target->n - 1].hi;
    for (size_t i = 0; i < g->n; i++) {
        const struct tw_ranges *list = g->covers[i]->field[dim->kind];
        if (tw_ranges_cover(list, target)) {
            set_bit(now, i);
            set_bit(dim->full, i);
            continue;
        }
        dim->npartial++;
        for (size_t k = 0; k < list->n; k++) {
            if (list->at[k].hi < first || list->at[k].lo > last)
                continue;
            edges[(*nedges)++] = (struct edge){list->at[k].lo, (uint32_t)i, true};
            if (list->at[k].hi < last)
                edges[(*nedges)++] =
                    (struct edge){list->at[k].hi + 1, (uint32_t)i, false};
        }
    }
    return edges;
}

static void add_field(struct search *s, struct dim *dim)
{
    const struct tw_ranges *target = s->grid->target->field[dim->kind];
    uint64_t *now = tw_new_array(s->arena, s->words, uint64_t);
    size_t nedges = 0, e = 0;
    struct edge *edges = edges_of(s, dim, now, &nedges);
    if (nedges > 1)
        qsort(edges, nedges, sizeof *edges, edge_compare);
    struct classes c = classes_new(s, dim, target->n + nedges);
    for (size_t i = 0; i < target->n; i++) {
        tw_u128 lo = target->at[i].lo, hi = target->at[i].hi;
        while (lo <= hi) {
            for (; e < nedges && edges[e].at <= lo; e++)
                now[edges[e].cover / 64] ^= (uint64_t)1 << edges[e].cover % 64;
            bool inside = e < nedges && edges[e].at <= hi;
            add_run(&c, lo, inside ? edges[e].at - 1 : hi, now);
            if (!inside)
                break;
            lo = edges[e].at;
        }
    }
}

/* What COVER allows of the values of DIM that the target has. */
static const uint64_t *allowed_by(const struct search *s, const struct dim *dim,
                                  const struct tw_extent *p, uint64_t *room)
{
    if (dim->kind == TW_DIM_UNKNOWNS)
        return tw_extent_values(s->grid->space, p, dim->unknown);
    *room = dim->kind == TW_DIM_FLAGS ? p->flags : p->states;
    return room;
}

static void add_values(struct search *s, struct dim *dim)
{
    const struct tw_grid *g = s->grid;
    uint64_t target_room, room;
    const uint64_t *target = allowed_by(s, dim, g->target, &target_room);
    size_t nvalues = 64;
    if (dim->kind == TW_DIM_UNKNOWNS)
        nvalues = g->space->crossing->policy->unknowns.at[dim->unknown].nvalues;
    struct classes c = classes_new(s, dim, nvalues);
    uint64_t *now = tw_new_array(s->arena, s->words, uint64_t);
    memset(dim->full, 0xff, s->words * sizeof *dim->full);
    for (size_t v = 0; v < nvalues; v++) {
        if (!(target[v / 64] >> v % 64 & 1))
            continue;
        memset(now, 0, s->words * sizeof *now);
        for (size_t i = 0; i < g->n; i++)
            if (allowed_by(s, dim, g->covers[i], &room)[v / 64] >> v % 64 & 1)
                set_bit(now, i);
        for (size_t w = 0; w < s->words; w++)
            dim->full[w] &= now[w];
        add_run(&c, v, v, now);
    }
    for (size_t i = 0; i < g->n; i++)
        dim->npartial += !(dim->full[i / 64] >> i % 64 & 1);
}

static bool has_dim(const struct search *s, uint32_t unknown)
{
    for (size_t d = 0; d < s->ndims; d++)
        if (s->dims[d].kind == TW_DIM_UNKNOWNS && s->dims[d].unknown == unknown)
            return true;
    return false;
}

static void add_dim(struct search *s, int kind, uint32_t unknown)
{
    struct dim *dim = &s->dims[s->ndims];
    *dim = (struct dim){.kind = kind, .unknown = unknown};
    dim->full = tw_new_array(s->arena, s->words, uint64_t);
    if (kind < TW_FIELDS)
        add_field(s, dim);
    else
        add_values(s, dim);
    s->ndims++;
}

/* Dimensions in which most covers hold only a part come first: what is left behind them
 * is then soon held whole. */
static int dim_compare(const void *a, const void *b)
{
    const struct dim *x = a, *y = b;
    if (x->npartial != y->npartial)
        return x->npartial < y->npartial ? 1 : -1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->unknown < y->unknown ? -1 : x->unknown > y->unknown;
}

/* Is there room for a search over all covers at once? */
static bool fits(const struct tw_grid *g)
{
    size_t classes = 0, words = (g->n + 63) / 64;
    for (int f = 0; f < TW_FIELDS; f++) {
        classes += g->target->field[f]->n;
        for (size_t i = 0; i < g->n; i++)
            classes += 2 * g->covers[i]->field[f]->n;
    }
    return classes * words <= WORDS_MAX;
}

static struct search search_new(const struct tw_grid *grid)
{
    struct search s = {
        .grid = grid, .arena = grid->arena, .words = (grid->n + 63) / 64};
    size_t most = TW_DIM_UNKNOWNS;
    if (s.words == 0)
        s.words = 1;
    for (size_t i = 0; i < grid->n; i++)
        most += grid->covers[i]->nconditions;
    s.dims = tw_new_array(s.arena, most, struct dim);
    for (int kind = 0; kind < TW_DIM_UNKNOWNS; kind++)
        add_dim(&s, kind, 0);
    for (size_t i = 0; i < grid->n; i++)
        for (size_t k = 0; k < grid->covers[i]->nconditions; k++)
            if (!has_dim(&s, grid->covers[i]->conditions[k].unknown))
                add_dim(&s, TW_DIM_UNKNOWNS, grid->covers[i]->conditions[k].unknown);
    qsort(s.dims, s.ndims, sizeof *s.dims, dim_compare);
    s.full_from = tw_new_array(s.arena, s.ndims + 1, uint64_t *);
    uint64_t *all = tw_new_array(s.arena, s.words, uint64_t);
    for (size_t i = 0; i < grid->n; i++)
        set_bit(all, i);
    s.full_from[s.ndims] = all;
    for (size_t d = s.ndims; d-- > 0;) {
        s.full_from[d] = tw_new_array(s.arena, s.words, uint64_t);
        for (size_t w = 0; w < s.words; w++)
            s.full_from[d][w] = s.full_from[d + 1][w] & s.dims[d].full[w];
    }
    s.chosen = tw_new_array(s.arena, s.ndims, uint32_t);
    return s;
}

/* --- the search ------------------------------------------------------------------ */

/* Is some cover of ACTIVE whole from dimension D on? */
static bool whole_from(const struct search *s, size_t d, const uint64_t *active)
{
    for (size_t w = 0; w < s->words; w++) {
        uint64_t both = active[w] & s->full_from[d][w];
        if (both) {
            if (s->used)
                s->used[w * 64 + (size_t)__builtin_ctzll(both)] = true;
            return true;
        }
    }
    return false;
}

static bool is_none(const struct search *s, const uint64_t *set)
{
    for (size_t w = 0; w < s->words; w++)
        if (set[w])
            return false;
    return true;
}

/* Is A ⊇ B for one of the N sets B? What is covered with fewer covers is with more. */
static bool holds_one_of(const struct search *s, const uint64_t *a,
                         const uint64_t *const *sets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t missing = 0;
        for (size_t w = 0; w < s->words; w++)
            missing |= sets[i][w] & ~a[w];
        if (!missing)
            return true;
    }
    return false;
}

/* True: covered, with the covers ACTIVE in the dimensions before D. */
static bool search_from(struct search *s, size_t d, const uint64_t *active)
{
    s->depth = d;
    if (is_none(s, active))
        return false;
    if (whole_from(s, d, active))
        return true;
    const struct dim *dim = &s->dims[d];
    if (!spend(s->grid, dim->nclasses * s->words)) {
        s->gave_up = true;
        return false;
    }
    struct tw_arena_mark mark = tw_arena_mark(s->arena);
    const uint64_t *seen[SEEN_MAX];
    size_t nseen = 0;
    uint64_t *set = tw_new_array(s->arena, s->words, uint64_t);
    bool covered = true;
    for (size_t c = 0; c < dim->nclasses && covered; c++) {
        for (size_t w = 0; w < s->words; w++)
            set[w] = active[w] & dim->sets[c * s->words + w];
        if (holds_one_of(s, set, seen, nseen))
            continue;
        s->chosen[d] = (uint32_t)c;
        covered = search_from(s, d + 1, set);
        if (covered && nseen < SEEN_MAX) {
            seen[nseen++] = set;
            set = tw_new_array(s->arena, s->words, uint64_t);
        }
    }
    tw_arena_rewind(s->arena, mark);
    return covered;
}

/* --- from classes to products ---------------------------------------------------- */

/* Narrows P in DIM to the classes for which IN is set. */
static void take_classes(const struct search *s, const struct dim *dim, const bool *in,
                         struct tw_extent *p)
{
    struct tw_arena *arena = s->arena;
    if (dim->kind < TW_FIELDS) {
        struct tw_range *at = tw_new_array(arena, dim->nruns, struct tw_range);
        size_t n = 0;
        for (size_t r = 0; r < dim->nruns; r++)
            if (in[dim->runs[r].class])
                at[n++] = (struct tw_range){dim->runs[r].lo, dim->runs[r].hi};
        p->field[dim->kind] = tw_ranges_of(arena, at, n);
        return;
    }
    size_t words = 1;
    if (dim->kind == TW_DIM_UNKNOWNS)
        words = tw_unknown_words(
            &s->grid->space->crossing->policy->unknowns.at[dim->unknown]);
    uint64_t *set = tw_new_array(arena, words, uint64_t);
    for (size_t r = 0; r < dim->nruns; r++)
        if (in[dim->runs[r].class])
            set_bit(set, (size_t)dim->runs[r].lo);
    if (dim->kind == TW_DIM_FLAGS)
        p->flags = *set;
    else if (dim->kind == TW_DIM_STATES)
        p->states = (unsigned)*set;
    else
        tw_extent_narrow(arena, s->grid->space, p, dim->unknown, set);
}

static struct tw_extent chosen_product(const struct search *s)
{
    struct tw_extent p = *s->grid->target;
    for (size_t d = 0; d < s->depth; d++) {
        bool *in = tw_new_array(s->arena, s->dims[d].nclasses, bool);
        in[s->chosen[d]] = true;
        take_classes(s, &s->dims[d], in, &p);
    }
    return p;
}

static enum tw_covered search_all(const struct tw_grid *grid, bool *used,
                                  struct tw_extent *left)
{
    struct search s = search_new(grid);
    s.used = used;
    bool covered = search_from(&s, 0, s.full_from[s.ndims]);
    if (s.gave_up)
        return TW_COVER_GAVE_UP;
    if (!covered)
        *left = chosen_product(&s);
    return covered ? TW_COVERED : TW_NOT_COVERED;
}

/* --- cutting --------------------------------------------------------------------- */

static unsigned loss(tw_u128 all, tw_u128 both)
{
    unsigned a = tw_weight(all), b = tw_weight(both);
    return a > b ? a - b : 0;
}

static unsigned list_loss(const struct tw_ranges *a, const struct tw_ranges *b)
{
    tw_u128 all = 0, both = 0; /* 0: 2^128 */
    size_t j = 0;
    if (a == b)
        return 0;
    for (size_t i = 0; i < a->n; i++) {
        all += a->at[i].hi - a->at[i].lo + 1;
        while (j < b->n && b->at[j].hi < a->at[i].lo)
            j++;
        for (size_t k = j; k < b->n && b->at[k].lo <= a->at[i].hi; k++) {
            tw_u128 lo = a->at[i].lo > b->at[k].lo ? a->at[i].lo : b->at[k].lo;
            tw_u128 hi = a->at[i].hi < b->at[k].hi ? a->at[i].hi : b->at[k].hi;
            both += hi - lo + 1;
        }
    }
    return loss(all, both);
}

unsigned tw_extent_loss(const struct tw_space *space, const struct tw_extent *a,
                        const struct tw_extent *b)
{
    unsigned sum = loss((unsigned)__builtin_popcountll(a->flags),
                        (unsigned)__builtin_popcountll(a->flags & b->flags)) +
                   loss((unsigned)__builtin_popcount(a->states),
                        (unsigned)__builtin_popcount(a->states & b->states));
    for (int f = 0; f < TW_FIELDS; f++)
        sum += list_loss(a->field[f], b->field[f]);
    for (size_t i = 0; i < b->nconditions; i++) {
        const struct tw_condition *c = &b->conditions[i];
        const uint64_t *values = tw_extent_values(space, a, c->unknown);
        size_t words =
            tw_unknown_words(&space->crossing->policy->unknowns.at[c->unknown]);
        unsigned all = 0, both = 0;
        for (size_t w = 0; w < words; w++) {
            all += (unsigned)__builtin_popcountll(values[w]);
            both += (unsigned)__builtin_popcountll(values[w] & c->allowed[w]);
        }
        sum += loss(all, both);
    }
    return sum;
}

struct cutting {
    struct tw_grid grid; /* of the whole question */
    bool *used;
    struct tw_extent *left;
    /* for the residue: everything that is left, not the first piece */
    struct tw_extents *out;
    size_t max;
};

/* A piece of the question and the covers that may meet it. */
struct piece {
    struct tw_extent product;
    const uint32_t *covers;
    size_t n;
};

static enum tw_covered cut_piece(struct cutting *c, const struct piece *piece,
                                 size_t depth);

/* The covers that meet PIECE, to LIST; the one that holds most of it to *BEST. True
 * when one holds all of it. */
static bool filter(const struct cutting *c, const struct piece *piece, uint32_t *list,
                   size_t *n, uint32_t *best)
{
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i < piece->n; i++) {
        const struct tw_extent *p = c->grid.covers[piece->covers[i]];
        if (!tw_extent_meets(c->grid.space, p, &piece->product))
            continue;
        unsigned lost = tw_extent_loss(c->grid.space, &piece->product, p);
        if (lost < 256 && tw_extent_covers(c->grid.space, p, &piece->product)) {
            if (c->used)
                c->used[piece->covers[i]] = true;
            return true;
        }
        if (lost < least) {
            least = lost;
            *best = piece->covers[i];
        }
        list[(*n)++] = piece->covers[i];
    }
    return false;
}

/* Few covers: by a search. */
static enum tw_covered search_piece(struct cutting *c, const struct piece *piece)
{
    struct tw_grid few = c->grid;
    const struct tw_extent **covers =
        tw_new_array(few.arena, piece->n, const struct tw_extent *);
    bool *used = c->used ? tw_new_array(few.arena, piece->n, bool) : NULL;
    for (size_t i = 0; i < piece->n; i++)
        covers[i] = few.covers[piece->covers[i]];
    few.target = &piece->product;
    few.covers = covers;
    few.n = piece->n;
    enum tw_covered covered = search_all(&few, used, c->left);
    for (size_t i = 0; used && i < piece->n; i++)
        c->used[piece->covers[i]] |= used[i];
    return covered;
}

static enum tw_covered cut_off(struct cutting *c, const struct piece *piece,
                               uint32_t best, size_t depth)
{
    struct tw_extents rest = tw_extent_minus(c->grid.arena, c->grid.space,
                                             &piece->product, c->grid.covers[best]);
    if (c->used)
        c->used[best] = true;
    for (size_t i = 0; i < rest.n; i++) {
        struct piece next = {rest.at[i], piece->covers, piece->n};
        enum tw_covered covered = cut_piece(c, &next, depth + 1);
        if (covered != TW_COVERED)
            return covered;
    }
    return TW_COVERED;
}

static enum tw_covered cut_piece(struct cutting *c, const struct piece *piece,
                                 size_t depth)
{
    struct tw_arena *arena = c->grid.arena;
    if (depth > DEPTH_MAX || !spend(&c->grid, piece->n + 1))
        return TW_COVER_GAVE_UP;
    struct tw_arena_mark mark = tw_arena_mark(arena);
    uint32_t *list = tw_new_array(arena, piece->n, uint32_t), best = 0;
    struct piece now = {piece->product, list, 0};
    enum tw_covered covered = TW_COVERED;
    if (!filter(c, piece, list, &now.n, &best)) {
        if (now.n == 0) {
            *c->left = piece->product;
            return TW_NOT_COVERED; /* what is left stays in the arena */
        }
        covered = now.n <= FEW ? search_piece(c, &now) : cut_off(c, &now, best, depth);
    }
    if (covered == TW_COVERED)
        tw_arena_rewind(arena, mark);
    return covered;
}

static struct piece whole_piece(const struct tw_grid *grid)
{
    uint32_t *all = tw_new_array(grid->arena, grid->n, uint32_t);
    for (size_t i = 0; i < grid->n; i++)
        all[i] = (uint32_t)i;
    return (struct piece){*grid->target, all, grid->n};
}

enum tw_covered tw_grid_decide(const struct tw_grid *grid, bool *used,
                               struct tw_extent *left, bool *has_left)
{
    struct tw_extent room;
    struct piece whole = whole_piece(grid);
    struct cutting c = {.grid = *grid, .used = used, .left = left ? left : &room};
    enum tw_covered covered = TW_COVER_GAVE_UP;
    if (grid->n > FEW && fits(grid)) {
        uint64_t some = *grid->budget < FIRST_TRY ? *grid->budget : FIRST_TRY;
        uint64_t rest = *grid->budget - some;
        struct tw_grid try = *grid;
        try.budget = &some;
        covered = search_all(&try, used, c.left);
        *grid->budget = rest + some;
        if (covered == TW_COVER_GAVE_UP && used)
            memset(used, 0, grid->n * sizeof *used);
    }
    if (covered == TW_COVER_GAVE_UP)
        covered = cut_piece(&c, &whole, 0);
    bool here = covered == TW_NOT_COVERED;
    if (covered == TW_COVER_GAVE_UP && grid->escape) {
        covered = grid->escape->decide(grid->escape->ctx, grid->space, grid->target,
                                       grid->covers, grid->n);
        for (size_t i = 0; used && i < grid->n; i++)
            used[i] = true;
    }
    if (has_left)
        *has_left = here;
    return covered;
}

/* --- the residue ----------------------------------------------------------------- */

static bool emit(struct search *s, size_t d, const uint64_t *active);

/* Classes that leave the same covers go on together; false: no more room or budget. */
static bool emit_groups(struct search *s, size_t d, const uint64_t *active)
{
    const struct dim *dim = &s->dims[d];
    size_t n = dim->nclasses, words = s->words;
    uint64_t *sets = tw_new_array(s->arena, n * words, uint64_t);
    bool *done = tw_new_array(s->arena, n, bool);
    for (size_t c = 0; c < n; c++)
        for (size_t w = 0; w < words; w++)
            sets[c * words + w] = active[w] & dim->sets[c * words + w];
    for (size_t c = 0; c < n; c++) {
        if (done[c])
            continue;
        if (!spend(s->grid, (n - c) * words))
            return false;
        bool *group = tw_new_array(s->arena, n, bool);
        for (size_t k = c; k < n; k++)
            if (memcmp(sets + c * words, sets + k * words, words * sizeof *sets) == 0)
                group[k] = done[k] = true;
        s->chosen_sets[d] = group;
        if (!emit(s, d + 1, sets + c * words))
            return false;
    }
    return true;
}

static bool emit(struct search *s, size_t d, const uint64_t *active)
{
    if (whole_from(s, d, active))
        return true;
    if (!is_none(s, active))
        return emit_groups(s, d, active);
    if (s->out->n == s->max)
        return false;
    struct tw_extent p = *s->grid->target;
    for (size_t k = 0; k < d; k++)
        take_classes(s, &s->dims[k], s->chosen_sets[k], &p);
    s->out->at[s->out->n++] = p;
    return true;
}

static bool residue_by_search(const struct tw_grid *grid, struct tw_extents *out,
                              size_t max)
{
    struct search s = search_new(grid);
    s.chosen_sets = tw_new_array(s.arena, s.ndims, bool *);
    s.out = out;
    s.max = max;
    return emit(&s, 0, s.full_from[s.ndims]);
}

static bool residue_of(struct cutting *c, const struct piece *piece, size_t depth)
{
    struct tw_arena *arena = c->grid.arena;
    if (depth > DEPTH_MAX || !spend(&c->grid, piece->n + 1))
        return false;
    uint32_t *list = tw_new_array(arena, piece->n, uint32_t), best = 0;
    size_t n = 0;
    if (filter(c, piece, list, &n, &best))
        return true;
    if (n <= FEW) {
        struct tw_grid few = c->grid;
        const struct tw_extent **covers =
            tw_new_array(arena, n + 1, const struct tw_extent *);
        for (size_t i = 0; i < n; i++)
            covers[i] = few.covers[list[i]];
        few.target = &piece->product;
        few.covers = covers;
        few.n = n;
        return residue_by_search(&few, c->out, c->max);
    }
    struct tw_extents rest =
        tw_extent_minus(arena, c->grid.space, &piece->product, c->grid.covers[best]);
    for (size_t i = 0; i < rest.n; i++) {
        struct piece next = {rest.at[i], list, n};
        if (!residue_of(c, &next, depth + 1))
            return false;
    }
    return true;
}

struct tw_extents tw_grid_residue(const struct tw_grid *grid, size_t max,
                                  bool *complete)
{
    struct tw_extents out = {tw_new_array(grid->arena, max + 1, struct tw_extent), 0};
    struct cutting c = {.grid = *grid, .out = &out, .max = max};
    struct piece whole = whole_piece(grid);
    *complete = grid->n > FEW && fits(grid) && grid->n <= 512
                    ? residue_by_search(grid, &out, max)
                    : residue_of(&c, &whole, 0);
    return out;
}

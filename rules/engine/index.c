/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index: boxes, the reach of chains, and the trees.
 *
 * Example: FORWARD has `-d 10.64.4.0/24 -j ark`; the chain ark has `-p tcp --dport 8443
 * -j ACCEPT`. The second rule's box is dst 10.64.4.0/24 (from the call) × tcp × 8443
 * (its own): a question about another destination never meets it.
 */
#include "index.h"

#include <assert.h>
#include <stdlib.h>

enum { LANES = 4, LEAF = 8, TREES = 8 };
enum { LANE_SRC, LANE_DST, LANE_PROTO, LANE_PORT };

/* A box of packets; addresses as 64-bit lanes: IPv4 whole, IPv6 by its upper half. */
struct hull {
    uint64_t lo[LANES], hi[LANES];
};

struct item {
    struct hull box;
    struct tw_entry entry;
};

struct node {
    struct hull box;
    uint32_t first, count; /* items; count 0: an inner node */
    uint32_t right;        /* its left child is the next node */
};

struct tree {
    const struct item *items;
    const struct node *nodes;
    size_t nitems;
};

struct tw_index {
    struct tree trees[TW_FAMILIES][TREES];
    struct tw_chain_order chains[TW_FAMILIES];
    bool writes_connmarks, untracks;
};

static uint64_t lane_of(enum tw_family family, tw_u128 address)
{
    return family == TW_IPV4 ? (uint64_t)address : (uint64_t)(address >> 64);
}

static struct hull hull_of_all(void)
{
    return (struct hull){.hi = {UINT64_MAX, UINT64_MAX, 255, 65535}};
}

static bool hull_empty(const struct hull *h)
{
    for (int i = 0; i < LANES; i++)
        if (h->lo[i] > h->hi[i])
            return true;
    return false;
}

static bool hulls_meet(const struct hull *a, const struct hull *b)
{
    bool meet = true;
    for (int i = 0; i < LANES; i++)
        meet &= (a->lo[i] <= b->hi[i]) & (b->lo[i] <= a->hi[i]);
    return meet;
}

static void hull_join(struct hull *a, const struct hull *b)
{
    for (int i = 0; i < LANES; i++) {
        a->lo[i] = a->lo[i] < b->lo[i] ? a->lo[i] : b->lo[i];
        a->hi[i] = a->hi[i] > b->hi[i] ? a->hi[i] : b->hi[i];
    }
}

static void cut_lane(struct hull *h, int lane, const struct tw_ranges *list,
                     enum tw_family family, bool address)
{
    if (!list)
        return;
    if (list->n == 0) {
        h->lo[lane] = 1;
        h->hi[lane] = 0;
        return;
    }
    tw_u128 first = list->at[0].lo, last = list->at[list->n - 1].hi;
    uint64_t lo = address ? lane_of(family, first) : (uint64_t)first;
    uint64_t hi = address ? lane_of(family, last) : (uint64_t)last;
    if (lo > h->lo[lane])
        h->lo[lane] = lo;
    if (hi < h->hi[lane])
        h->hi[lane] = hi;
}

static struct hull box_of(const struct tw_match *m, const struct hull *reach,
                          enum tw_family family)
{
    struct hull h = *reach;
    cut_lane(&h, LANE_SRC, m->src, family, true);
    cut_lane(&h, LANE_DST, m->dst, family, true);
    cut_lane(&h, LANE_PROTO, m->proto, family, false);
    cut_lane(&h, LANE_PORT, m->dport, family, false);
    return h;
}

/* --- what can arrive in each chain ----------------------------------------------- */

struct reach {
    const struct tw_policy *policy;
    enum tw_family family;
    struct hull *of; /* by chain */
    bool *reached;   /* by chain */
    uint32_t *order; /* chains, callers before callees */
    size_t norder;
    uint8_t *visited;
};

struct call_step {
    uint32_t chain, next; /* the rule to look at next */
};

/* Depth first; a chain is entered into the order behind all that it calls, so that the
 * order read backwards has callers first. The calls of a policy have no cycle. */
static void visit(struct reach *r, uint32_t start)
{
    const struct tw_policy *p = r->policy;
    struct tw_arena_mark mark = tw_arena_mark(p->arena);
    TW_VEC(struct call_step) stack = {0};
    if (r->visited[start])
        return;
    r->visited[start] = 1;
    *tw_vec_add(p->arena, &stack) = (struct call_step){start, 0};
    while (stack.len) {
        size_t top = stack.len - 1;
        const struct tw_chain *chain = &p->chains.at[stack.at[top].chain];
        if (stack.at[top].next == chain->count) {
            r->order[r->norder++] = stack.at[top].chain;
            stack.len--;
            continue;
        }
        const struct tw_rule *rule = &p->rules.at[chain->first + stack.at[top].next++];
        bool calls = rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO;
        if (calls && !r->visited[rule->chain]) {
            r->visited[rule->chain] = 1;
            *tw_vec_add(p->arena, &stack) = (struct call_step){rule->chain, 0};
        }
    }
    tw_arena_rewind(p->arena, mark);
}

static void spread(struct reach *r, uint32_t c)
{
    const struct tw_policy *p = r->policy;
    const struct tw_chain *chain = &p->chains.at[c];
    for (uint32_t i = 0; i < chain->count; i++) {
        const struct tw_rule *rule = &p->rules.at[chain->first + i];
        if (rule->action != TW_ACTION_CALL && rule->action != TW_ACTION_GOTO)
            continue;
        for (size_t m = 0; m < rule->nmatches; m++) {
            struct hull h = box_of(&rule->matches[m], &r->of[c], r->family);
            if (!tw_match_has(&rule->matches[m], r->family) || hull_empty(&h))
                continue;
            if (r->reached[rule->chain])
                hull_join(&r->of[rule->chain], &h);
            else
                r->of[rule->chain] = h;
            r->reached[rule->chain] = true;
        }
    }
}

static struct reach reach_of(struct tw_arena *scratch, const struct tw_policy *policy,
                             enum tw_family family)
{
    size_t n = policy->chains.len;
    struct reach r = {.policy = policy,
                      .family = family,
                      .of = tw_new_array(scratch, n + 1, struct hull),
                      .reached = tw_new_array(scratch, n + 1, bool),
                      .order = tw_new_array(scratch, n + 1, uint32_t),
                      .visited = tw_new_array(scratch, n + 1, uint8_t)};
    for (int hook = 0; hook < TW_HOOKS; hook++) {
        for (size_t s = 0; s < policy->stages[family][hook].len; s++) {
            uint32_t c = policy->stages[family][hook].at[s].chain;
            r.of[c] = hull_of_all();
            r.reached[c] = true;
            visit(&r, c);
        }
    }
    for (size_t i = r.norder; i-- > 0;)
        if (r.reached[r.order[i]])
            spread(&r, r.order[i]);
    return r;
}

/* --- trees ----------------------------------------------------------------------- */

/* One comparison per lane: the sort needs no state beside the items. */
#define BY_LANE(lane)                                                              \
    static int by_lane_##lane(const void *a, const void *b)                        \
    {                                                                              \
        const struct item *x = a, *y = b;                                          \
        uint64_t i = x->box.lo[lane] / 2 + x->box.hi[lane] / 2;                    \
        uint64_t j = y->box.lo[lane] / 2 + y->box.hi[lane] / 2;                    \
        if (i != j)                                                                \
            return i < j ? -1 : 1;                                                 \
        return x->entry.rule < y->entry.rule ? -1 : x->entry.rule > y->entry.rule; \
    }
BY_LANE(0)
BY_LANE(1)
BY_LANE(2)
BY_LANE(3)

struct builder {
    struct item *items;
    struct node *nodes;
    size_t nnodes;
};

static int widest_lane(const struct item *items, size_t n, const struct hull *box)
{
    /* The lane in which the boxes are most apart, relative to the box of all of them.
     */
    int best = LANE_DST;
    uint64_t best_score = 0;
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t least = UINT64_MAX, most = 0;
        for (size_t i = 0; i < n; i++) {
            uint64_t middle = items[i].box.lo[lane] / 2 + items[i].box.hi[lane] / 2;
            least = middle < least ? middle : least;
            most = middle > most ? middle : most;
        }
        uint64_t width = box->hi[lane] - box->lo[lane];
        uint64_t score = width >= 4096 ? (most - least) / (width / 4096)
                         : width       ? (most - least) * 4096 / width
                                       : 0;
        if (score > best_score) {
            best_score = score;
            best = lane;
        }
    }
    return best;
}

static void build(struct builder *b, uint32_t first, uint32_t count)
{
    static int (*const by_lane[LANES])(const void *, const void *) = {
        by_lane_0, by_lane_1, by_lane_2, by_lane_3};
    struct node *node = &b->nodes[b->nnodes++];
    struct item *items = b->items + first;
    node->box = items[0].box;
    for (uint32_t i = 1; i < count; i++)
        hull_join(&node->box, &items[i].box);
    if (count <= LEAF) {
        node->first = first;
        node->count = count;
        return;
    }
    qsort(items, count, sizeof *items, by_lane[widest_lane(items, count, &node->box)]);
    uint32_t half = count / 2;
    build(b, first, half);
    node->right = (uint32_t)b->nnodes;
    build(b, first + half, count - half);
}

static unsigned tree_of(const struct hull *box)
{
    const uint64_t wide = (uint64_t)1 << 24;
    return (unsigned)(box->hi[LANE_SRC] - box->lo[LANE_SRC] >= wide) |
           (unsigned)(box->hi[LANE_DST] - box->lo[LANE_DST] >= wide) << 1 |
           (unsigned)(box->hi[LANE_PORT] - box->lo[LANE_PORT] >= 1024) << 2;
}

static void index_family(struct tw_arena *arena, struct tw_arena *scratch,
                         struct tw_index *index, const struct tw_policy *policy,
                         enum tw_family family)
{
    struct reach reach = reach_of(scratch, policy, family);
    size_t counts[TREES] = {0}, total = 0;
    uint32_t *chains = tw_new_array(arena, reach.norder + 1, uint32_t);
    for (size_t i = reach.norder; i-- > 0;)
        if (reach.reached[reach.order[i]])
            chains[index->chains[family].n++] = reach.order[i];
    index->chains[family].at = chains;
    for (size_t i = 0; i < policy->rules.len; i++)
        total += policy->rules.at[i].nmatches;
    struct item *all = tw_new_array(scratch, total + 1, struct item);
    size_t n = 0;
    for (size_t i = 0; i < policy->rules.len; i++) {
        const struct tw_rule *rule = &policy->rules.at[i];
        if (!reach.reached[rule->chain_of] || rule->disabled)
            continue;
        for (size_t m = 0; m < rule->nmatches; m++) {
            struct hull h =
                box_of(&rule->matches[m], &reach.of[rule->chain_of], family);
            if (!tw_match_has(&rule->matches[m], family) || hull_empty(&h))
                continue;
            all[n++] = (struct item){h, {(uint32_t)i, (uint32_t)m}};
            counts[tree_of(&h)]++;
        }
    }
    struct item *fill[TREES];
    for (unsigned t = 0; t < TREES; t++) {
        fill[t] = tw_new_array(arena, counts[t] + 1, struct item);
        index->trees[family][t].items = fill[t];
        index->trees[family][t].nitems = counts[t];
    }
    for (size_t i = 0; i < n; i++)
        *fill[tree_of(&all[i].box)]++ = all[i];
    for (unsigned t = 0; t < TREES; t++) {
        if (counts[t] == 0)
            continue;
        struct builder b = {.items = fill[t] - counts[t],
                            .nodes = tw_new_array(arena, 2 * counts[t], struct node)};
        build(&b, 0, (uint32_t)counts[t]);
        index->trees[family][t].nodes = b.nodes;
    }
}

const struct tw_index *tw_index_build(struct tw_arena *arena,
                                      const struct tw_policy *policy)
{
    struct tw_index *index = tw_new(arena, struct tw_index);
    struct tw_arena *scratch = tw_arena_child(arena);
    for (int family = 0; family < TW_FAMILIES; family++)
        index_family(arena, scratch, index, policy, (enum tw_family)family);
    for (size_t i = 0; i < policy->rules.len; i++) {
        enum tw_action action = policy->rules.at[i].action;
        index->writes_connmarks |=
            action == TW_ACTION_SAVE_MARK || action == TW_ACTION_SET_CONNMARK;
        index->untracks |= action == TW_ACTION_NOTRACK;
    }
    tw_arena_release(scratch);
    return index;
}

bool tw_index_writes_connmarks(const struct tw_index *index)
{
    return index->writes_connmarks;
}

struct tw_chain_order tw_index_chains(const struct tw_index *index,
                                      enum tw_family family)
{
    return index->chains[family];
}

bool tw_index_untracks(const struct tw_index *index)
{
    return index->untracks;
}

/* --- queries --------------------------------------------------------------------- */

int tw_entry_compare(const void *a, const void *b)
{
    const struct tw_entry *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return x->match < y->match ? -1 : x->match > y->match;
}

size_t tw_entries_from(struct tw_entries list, uint32_t rule)
{
    size_t low = 0, high = list.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list.at[middle].rule < rule)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct interval {
    uint64_t lo, hi;
};

struct query {
    struct hull hull;
    /* The lanes of the addresses where the hull says too much, else none. */
    struct interval *lanes[2];
    size_t nlanes[2];
};

static void add_lanes(struct tw_arena *arena, struct query *q, int lane,
                      const struct tw_ranges *list, enum tw_family family)
{
    if (!list || list->n < 2)
        return;
    q->lanes[lane] = tw_new_array(arena, list->n, struct interval);
    q->nlanes[lane] = list->n;
    for (size_t i = 0; i < list->n; i++)
        q->lanes[lane][i] = (struct interval){lane_of(family, list->at[i].lo),
                                              lane_of(family, list->at[i].hi)};
}

static bool lanes_meet(const struct query *q, int lane, const struct hull *box)
{
    const struct interval *at = q->lanes[lane];
    size_t low = 0, high = q->nlanes[lane];
    if (high == 0)
        return true; /* the hull has said it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at[middle].hi < box->lo[lane])
            low = middle + 1;
        else
            high = middle;
    }
    return low < q->nlanes[lane] && at[low].lo <= box->hi[lane];
}

static bool box_meets(const struct query *q, const struct hull *box)
{
    return hulls_meet(box, &q->hull) && lanes_meet(q, LANE_SRC, box) &&
           lanes_meet(q, LANE_DST, box);
}

struct tw_entries tw_index_overlaps(struct tw_arena *arena,
                                    const struct tw_index *index, enum tw_family family,
                                    const struct tw_region *region)
{
    enum { STACK = 64 }; /* deeper than a halving tree of 2^32 items */
    struct query q = {.hull = hull_of_all()};
    cut_lane(&q.hull, LANE_SRC, region->src, family, true);
    cut_lane(&q.hull, LANE_DST, region->dst, family, true);
    cut_lane(&q.hull, LANE_PROTO, region->proto, family, false);
    cut_lane(&q.hull, LANE_PORT, region->dport, family, false);
    add_lanes(arena, &q, LANE_SRC, region->src, family);
    add_lanes(arena, &q, LANE_DST, region->dst, family);
    TW_VEC(struct tw_entry) found = {0};
    for (unsigned t = 0; t < TREES; t++) {
        const struct tree *tree = &index->trees[family][t];
        uint32_t stack[STACK];
        size_t depth = 0;
        if (tree->nitems)
            stack[depth++] = 0;
        while (depth) {
            uint32_t at = stack[--depth];
            const struct node *node = &tree->nodes[at];
            if (!box_meets(&q, &node->box))
                continue;
            for (uint32_t i = 0; i < node->count; i++) {
                const struct item *item = &tree->items[node->first + i];
                if (box_meets(&q, &item->box))
                    *tw_vec_add(arena, &found) = item->entry;
            }
            if (node->count == 0) {
                assert(depth + 2 <= STACK);
                stack[depth++] = node->right;
                stack[depth++] = at + 1;
            }
        }
    }
    if (found.len > 1)
        qsort(found.at, found.len, sizeof *found.at, tw_entry_compare);
    return (struct tw_entries){found.at, found.len};
}

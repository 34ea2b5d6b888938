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
 * Equal sets of products give equal subtrees, so each is computed once; nodes with
 * equal edges are one node. What comes out is an ordered decision diagram over interval
 * lists, as small as its field order allows: cells join across classes where nothing
 * differs.
 */
#include "atoms.h"

#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "hash.h"

enum { NODES_MAX = 1 << 20, CELLS_MAX = 1 << 20 };

struct node;

struct edge {
    const struct tw_ranges *label;
    const struct node *child;
};

struct node {
    uint32_t id;
    size_t nedges; /* 0: a leaf */
    const struct edge *edges;
    const struct tw_decision *const *decisions;
};

struct atoms {
    struct tw_arena *arena;   /* of the answer */
    struct tw_arena *scratch; /* of the work */
    const struct tw_question *q;
    const struct tw_crossing *const *crossings;
    size_t ncrossings;
    struct tw_program *programs;   /* one per crossing */
    const struct tw_match **match; /* of every bit */
    size_t nbits, words;
    struct tw_map memo;    /* field + set of products → node */
    struct tw_map unique;  /* node contents → node */
    struct tw_map decided; /* decision contents → decision */
    uint32_t nnodes;
    bool gave_up;
};

/* --- which products can meet the question ---------------------------------------- */

static const struct tw_ranges *field_of(const struct tw_match *m, enum tw_kind kind,
                                        enum tw_field field)
{
    switch (field) {
    case TW_FIELD_SRC:
        return m->src;
    case TW_FIELD_DST:
        return m->dst;
    case TW_FIELD_PROTO:
        return m->proto;
    case TW_FIELD_SPORT:
        return kind == TW_KIND_PORTS ? m->sport : NULL;
    default:
        return kind == TW_KIND_PORTS ? m->dport : kind == TW_KIND_ICMP ? m->icmp : NULL;
    }
}

/* A product that asks for ports never matches a packet without them. */
static bool kind_fits(const struct tw_match *m, enum tw_kind kind)
{
    if ((m->sport || m->dport) && kind != TW_KIND_PORTS)
        return false;
    return !m->icmp || kind == TW_KIND_ICMP;
}

static bool flags_fit(const struct tw_match *m, const struct tw_question *q)
{
    for (size_t i = 0; i < m->nflags; i++) {
        bool equal = (q->tcp_flags & m->flags[i].mask) == m->flags[i].value;
        if (equal == m->flags[i].negated)
            return false;
    }
    return true;
}

/* --- where a chain can be reached from ------------------------------------------- */

/* The circumstances under which a chain may be run, as bits beside enum tw_state: is
 * the interface known in the stage that came here? */
enum { IN_KNOWN = 32, IN_NONE = 64, OUT_KNOWN = 128, OUT_NONE = 256 };

static unsigned circumstances(const struct tw_crossing *c, const struct tw_stage *stage,
                              enum tw_state state)
{
    unsigned untracked = tw_index_untracks(c->index) ? TW_STATE_UNTRACKED : 0;
    return untracked | (unsigned)(stage->untracked ? TW_STATE_INVALID : state) |
           (stage->no_in_if ? IN_NONE : IN_KNOWN) |
           (stage->no_out_if ? OUT_NONE : OUT_KNOWN);
}

/* Can the condition hold (bit 0), can it fail (bit 1), where a rule is reached WHERE?
 */
enum { CAN_HOLD = 1, CAN_FAIL = 2 };

static unsigned weigh(const struct tw_crossing *c, const struct tw_condition *cond,
                      unsigned where)
{
    const struct tw_unknown *u = &c->policy->unknowns.at[cond->unknown];
    unsigned known = u->kind == TW_UNKNOWN_IN_IF    ? IN_KNOWN
                     : u->kind == TW_UNKNOWN_OUT_IF ? OUT_KNOWN
                                                    : 0;
    unsigned none = known << 1, can = 0;
    if (where & none)
        can |= cond->allowed[0] & 1 ? CAN_HOLD : CAN_FAIL;
    for (size_t w = 0; (!known || where & known) && w < tw_unknown_words(u); w++) {
        uint64_t possible = c->possible[cond->unknown][w];
        can |= possible & cond->allowed[w] ? CAN_HOLD : 0;
        can |= possible & ~cond->allowed[w] ? CAN_FAIL : 0;
    }
    return can;
}

static bool may_match(const struct atoms *a, const struct tw_crossing *c,
                      const struct tw_match *m, unsigned where)
{
    const struct tw_question *q = a->q;
    if (!kind_fits(m, q->kind) || (m->states && !(m->states & where)) ||
        !flags_fit(m, q))
        return false;
    for (int f = 0; f < TW_FIELDS; f++) {
        const struct tw_ranges *list = field_of(m, q->kind, (enum tw_field)f);
        if (list && !tw_ranges_meet(list, q->field[f]))
            return false;
    }
    for (size_t i = 0; i < m->nconditions; i++)
        if (!(weigh(c, &m->conditions[i], where) & CAN_HOLD))
            return false;
    return true;
}

/* Does this product, wherever it is reached, hold for the whole question? */
static bool surely_matches(const struct atoms *a, const struct tw_crossing *c,
                           const struct tw_match *m, unsigned where)
{
    const struct tw_question *q = a->q;
    if (m->nmarks || (m->states && where & TW_STATE_ALL & ~m->states))
        return false;
    for (int f = 0; f < TW_FIELDS; f++) {
        const struct tw_ranges *list = field_of(m, q->kind, (enum tw_field)f);
        if (list && !tw_ranges_cover(list, q->field[f]))
            return false;
    }
    for (size_t i = 0; i < m->nconditions; i++)
        if (weigh(c, &m->conditions[i], where) & CAN_FAIL)
            return false;
    return true;
}

static struct tw_hull hull_of(const struct tw_question *q)
{
    struct tw_hull h = {.hi = {0, 0, 255, 65535}};
    const struct tw_ranges *src = q->field[TW_FIELD_SRC], *dst = q->field[TW_FIELD_DST];
    const struct tw_ranges *proto = q->field[TW_FIELD_PROTO];
    const struct tw_ranges *port = q->field[TW_FIELD_DPORT];
    h.lo[0] = tw_hull_lane(q->family, src->at[0].lo);
    h.hi[0] = tw_hull_lane(q->family, src->at[src->n - 1].hi);
    h.lo[1] = tw_hull_lane(q->family, dst->at[0].lo);
    h.hi[1] = tw_hull_lane(q->family, dst->at[dst->n - 1].hi);
    h.lo[2] = (uint64_t)proto->at[0].lo;
    h.hi[2] = (uint64_t)proto->at[proto->n - 1].hi;
    if (q->kind == TW_KIND_PORTS) {
        h.lo[3] = (uint64_t)port->at[0].lo;
        h.hi[3] = (uint64_t)port->at[port->n - 1].hi;
    }
    return h;
}

/* The products of one crossing that can be met, found by following the calls. */
struct survey {
    const struct atoms *a;
    const struct tw_crossing *crossing;
    struct tw_entries found;
    bool *kept;               /* by entry */
    uint16_t *where;          /* by chain: under which circumstances it is reached */
    TW_VEC(uint32_t) waiting; /* chains to look at (again) */
};

static void arrive(struct survey *s, uint32_t chain, unsigned where)
{
    if ((s->where[chain] | where) == s->where[chain])
        return;
    s->where[chain] = (uint16_t)(s->where[chain] | where);
    *tw_vec_add(s->a->scratch, &s->waiting) = chain;
}

static size_t first_entry(struct tw_entries list, uint32_t rule)
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

/* Does ACTION leave the chain? Then what stands behind a sure match is never met. */
static bool leaves(enum tw_action action)
{
    return action == TW_ACTION_ACCEPT || action == TW_ACTION_DENY ||
           action == TW_ACTION_GOTO || action == TW_ACTION_RETURN ||
           action == TW_ACTION_TRANSLATE || action == TW_ACTION_UNDECIDED;
}

static void survey_chain(struct survey *s, uint32_t chain)
{
    const struct tw_policy *policy = s->crossing->policy;
    const struct tw_chain *c = &policy->chains.at[chain];
    unsigned where = s->where[chain];
    size_t k = first_entry(s->found, c->first);
    for (; k < s->found.n && s->found.at[k].rule < c->first + c->count; k++) {
        const struct tw_rule *rule = &policy->rules.at[s->found.at[k].rule];
        const struct tw_match *m = &rule->matches[s->found.at[k].match];
        if (rule->action == TW_ACTION_CONTINUE ||
            !may_match(s->a, s->crossing, m, where))
            continue;
        s->kept[k] = true;
        if (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO)
            arrive(s, rule->chain, where);
        if (leaves(rule->action) && surely_matches(s->a, s->crossing, m, where))
            break;
    }
}

static void collect(struct atoms *a, size_t i)
{
    const struct tw_crossing *c = a->crossings[i];
    struct tw_program *p = &a->programs[i];
    struct tw_hull hull = hull_of(a->q);
    struct survey s = {.a = a, .crossing = c};
    s.found = tw_index_overlaps(a->scratch, c->index, a->q->family, &hull);
    s.kept = tw_new_array(a->scratch, s.found.n + 1, bool);
    s.where = tw_new_array(a->scratch, c->policy->chains.len + 1, uint16_t);
    for (size_t k = 0; k < c->policy->stages[a->q->family][c->hook].len; k++) {
        const struct tw_stage *stage = &c->policy->stages[a->q->family][c->hook].at[k];
        arrive(&s, stage->chain, circumstances(c, stage, a->q->state));
    }
    while (s.waiting.len)
        survey_chain(&s, s.waiting.at[--s.waiting.len]);
    struct tw_entry *bits = tw_new_array(a->scratch, s.found.n + 1, struct tw_entry);
    size_t n = 0;
    for (size_t k = 0; k < s.found.n; k++)
        if (s.kept[k])
            bits[n++] = s.found.at[k];
    *p = (struct tw_program){.crossing = c,
                             .family = a->q->family,
                             .state = a->q->state,
                             .bits = bits,
                             .nbits = n,
                             .offset = a->nbits};
    a->nbits += n;
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
};

static void set_bit(uint64_t *words, size_t bit, bool on)
{
    uint64_t one = (uint64_t)1 << bit % 64;
    words[bit / 64] = on ? words[bit / 64] | one : words[bit / 64] & ~one;
}

static void add_piece(struct atoms *a, struct classes *classes, const uint64_t *bits,
                      tw_u128 lo, tw_u128 hi)
{
    struct tw_str key = {(const char *)bits, a->words * sizeof *bits};
    struct class *c = tw_map_get(&classes->by_bits, key);
    if (!c) {
        c = tw_new(a->scratch, struct class);
        key = tw_str_copy(a->scratch, key);
        c->bits = (uint64_t *)(uintptr_t)key.ptr;
        *tw_map_slot(&classes->by_bits, key) = c;
        *tw_vec_add(a->scratch, &classes->list) = c;
    }
    struct tw_range *last = c->pieces.len ? &c->pieces.at[c->pieces.len - 1] : NULL;
    if (last && last->hi + 1 == lo)
        last->hi = hi;
    else
        *tw_vec_add(a->scratch, &c->pieces) = (struct tw_range){lo, hi};
}

/* Sorts the products of BITS into those that match all of the field (they stay in
 * ALWAYS) and the cuts of those that match a part. */
static struct cut *cuts_of(struct atoms *a, enum tw_field field, const uint64_t *bits,
                           uint64_t *always, size_t *ncuts)
{
    const struct tw_ranges *whole = a->q->field[field];
    TW_VEC(struct cut) cuts = {0};
    for (size_t w = 0; w < a->words; w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            size_t bit = w * 64 + (size_t)__builtin_ctzll(left);
            const struct tw_ranges *list = field_of(a->match[bit], a->q->kind, field);
            if (!list || tw_ranges_cover(list, whole)) {
                set_bit(always, bit, true);
                continue;
            }
            tw_u128 first = whole->at[0].lo, last = whole->at[whole->n - 1].hi;
            for (size_t i = 0; i < list->n; i++) {
                if (list->at[i].hi < first || list->at[i].lo > last)
                    continue;
                tw_u128 from = list->at[i].lo > first ? list->at[i].lo : first;
                *tw_vec_add(a->scratch, &cuts) =
                    (struct cut){from, (uint32_t)bit, true};
                if (list->at[i].hi < last)
                    *tw_vec_add(a->scratch, &cuts) =
                        (struct cut){list->at[i].hi + 1, (uint32_t)bit, false};
            }
        }
    }
    if (cuts.len > 1)
        qsort(cuts.at, cuts.len, sizeof *cuts.at, by_place);
    *ncuts = cuts.len;
    return cuts.at;
}

static void classify(struct atoms *a, enum tw_field field, const uint64_t *bits,
                     struct classes *classes)
{
    const struct tw_ranges *whole = a->q->field[field];
    uint64_t *now = tw_new_array(a->scratch, a->words, uint64_t);
    size_t ncuts, c = 0;
    struct cut *cuts = cuts_of(a, field, bits, now, &ncuts);
    tw_map_init(&classes->by_bits, a->scratch);
    for (size_t i = 0; i < whole->n; i++) {
        tw_u128 lo = whole->at[i].lo, hi = whole->at[i].hi;
        for (;;) {
            while (c < ncuts && cuts[c].at <= lo) {
                set_bit(now, cuts[c].bit, cuts[c].begins);
                c++;
            }
            tw_u128 end = c < ncuts && cuts[c].at <= hi ? cuts[c].at - 1 : hi;
            add_piece(a, classes, now, lo, end);
            if (end == hi)
                break;
            lo = end + 1;
        }
    }
}

/* --- the diagram ----------------------------------------------------------------- */

static const struct tw_decision *intern_decision(struct atoms *a, struct tw_decision d)
{
    struct tw_buf key;
    tw_buf_init(&key, a->scratch);
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
    struct node *fresh = tw_new(a->scratch, struct node);
    node.id = a->nnodes++;
    *fresh = node;
    *tw_map_slot(&a->unique, key) = fresh;
    return fresh;
}

static const struct node *leaf_of(struct atoms *a, const uint64_t *bits)
{
    static const struct tw_decision given_up = {
        .may_pass = true, .may_stop = true, .gave_up = true, .translated = TW_NO_RULE};
    const struct tw_decision **decisions =
        tw_new_array(a->arena, a->ncrossings + 1, const struct tw_decision *);
    for (size_t i = 0; i < a->ncrossings; i++) {
        struct tw_decision d =
            bits ? tw_explore(a->scratch, &a->programs[i], bits) : given_up;
        if (!bits)
            d.passed = d.stopped = (struct tw_decider){TW_NO_RULE, TW_NO_RULE};
        decisions[i] = intern_decision(a, d);
    }
    struct tw_buf key;
    tw_buf_init(&key, a->scratch);
    tw_buf_char(&key, 'L');
    tw_buf_put(&key, decisions, a->ncrossings * sizeof *decisions);
    return intern_node(a, tw_buf_view(&key), (struct node){.decisions = decisions});
}

static int by_first(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    return a->label->at[0].lo < b->label->at[0].lo ? -1 : 1;
}

/* Joins edges with the same child, orders them, and interns the node. */
static const struct node *inner_of(struct atoms *a, struct edge *edges, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < kept && edges[j].child != edges[i].child)
            j++;
        if (j == kept)
            edges[kept++] = edges[i];
        else
            edges[j].label = tw_ranges_union(a->arena, edges[j].label, edges[i].label);
    }
    qsort(edges, kept, sizeof *edges, by_first);
    struct tw_buf key;
    tw_buf_init(&key, a->scratch);
    tw_buf_char(&key, 'I');
    for (size_t i = 0; i < kept; i++) {
        tw_buf_put(&key, &edges[i].child->id, sizeof edges[i].child->id);
        tw_buf_put(&key, &edges[i].label->n, sizeof edges[i].label->n);
        tw_buf_put(&key, edges[i].label->at,
                   edges[i].label->n * sizeof *edges[i].label->at);
    }
    return intern_node(a, tw_buf_view(&key),
                       (struct node){.nedges = kept, .edges = edges});
}

static const struct node *divide(struct atoms *a, int field, const uint64_t *bits)
{
    if (field == TW_FIELDS)
        return leaf_of(a, bits);
    struct tw_buf key;
    tw_buf_init(&key, a->scratch);
    tw_buf_char(&key, (char)('0' + field));
    tw_buf_put(&key, bits, a->words * sizeof *bits);
    const struct node *known = tw_map_get(&a->memo, tw_buf_view(&key));
    if (known)
        return known;
    a->gave_up |= a->nnodes > NODES_MAX || a->memo.entries.len > NODES_MAX;
    if (a->gave_up)
        return leaf_of(a, NULL);

    struct classes classes = {0};
    classify(a, (enum tw_field)field, bits, &classes);
    struct edge *edges = tw_new_array(a->scratch, classes.list.len, struct edge);
    for (size_t i = 0; i < classes.list.len; i++) {
        const struct class *c = classes.list.at[i];
        edges[i].label = tw_ranges_of(a->arena, c->pieces.at, c->pieces.len);
        edges[i].child = divide(a, field + 1, c->bits);
    }
    const struct node *node = inner_of(a, edges, classes.list.len);
    *tw_map_slot(&a->memo, tw_buf_view(&key)) = (void *)(uintptr_t)node;
    return node;
}

/* --- the answer ------------------------------------------------------------------ */

struct lister {
    struct atoms *a;
    TW_VEC(struct tw_flow_cell) cells;
    struct tw_flow_cell now;
};

/* A leaf above the last field (the budget was used up) holds for all of the rest. */
static void list_cells(struct lister *l, const struct node *node, int field)
{
    if (node->nedges == 0) {
        for (int f = field; f < TW_FIELDS; f++)
            l->now.field[f] = l->a->q->field[f];
        l->now.decisions = node->decisions;
        l->a->gave_up |= l->cells.len >= CELLS_MAX;
        if (l->cells.len < CELLS_MAX)
            *tw_vec_add(l->a->arena, &l->cells) = l->now;
        return;
    }
    for (size_t i = 0; i < node->nedges; i++) {
        l->now.field[field] = node->edges[i].label;
        list_cells(l, node->edges[i].child, field + 1);
    }
}

struct tw_cells tw_atoms(struct tw_arena *arena, const struct tw_question *question,
                         const struct tw_crossing *const *crossings, size_t ncrossings)
{
    struct atoms a = {.arena = arena,
                      .scratch = tw_arena_child(arena),
                      .q = question,
                      .crossings = crossings,
                      .ncrossings = ncrossings};
    a.programs = tw_new_array(a.scratch, ncrossings + 1, struct tw_program);
    for (size_t i = 0; i < ncrossings; i++)
        collect(&a, i);
    a.words = a.nbits / 64 + 1;
    a.match = tw_new_array(a.scratch, a.nbits + 1, const struct tw_match *);
    uint64_t *all = tw_new_array(a.scratch, a.words, uint64_t);
    for (size_t i = 0, bit = 0; i < ncrossings; i++) {
        const struct tw_program *p = &a.programs[i];
        for (size_t k = 0; k < p->nbits; k++, bit++) {
            const struct tw_rule *rule =
                &p->crossing->policy->rules.at[p->bits[k].rule];
            a.match[bit] = &rule->matches[p->bits[k].match];
            set_bit(all, bit, true);
        }
    }
    tw_map_init(&a.memo, a.scratch);
    tw_map_init(&a.unique, a.scratch);
    tw_map_init(&a.decided, a.scratch);
    struct lister lister = {.a = &a};
    list_cells(&lister, divide(&a, 0, all), 0);
    if (a.gave_up) { /* no part of the answer may look complete */
        lister.cells.len = 0;
        list_cells(&lister, leaf_of(&a, NULL), 0);
    }
    tw_arena_release(a.scratch);
    return (struct tw_cells){lister.cells.at, lister.cells.len};
}

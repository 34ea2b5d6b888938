/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interval decision diagrams: making nodes, and the operations on them.
 *
 * All nodes stand one behind the other in one array of 64-bit words: a head (level,
 * number of intervals), then the intervals in ascending order (upper bound, child). A
 * set is the place of its head, so that following an edge costs one look at memory. An
 * operation walks the intervals of both operands side by side, like a merge; where one
 * of them decides alone (nothing of an intersection, all of a union), the other is
 * skipped to there by doubling steps. That is what makes a narrow box against a node
 * of 100,000 intervals cheap.
 */
#include "idd.h"

#include <assert.h>
#include <string.h>

#include "hash.h"

enum operation { AND = 1, OR, MINUS, MEET, WITHIN, AT_ZERO };

enum { FIRST_WORDS = 1 << 10, FIRST_SLOTS = 1 << 8, FIRST_MEMOS = 1 << 8 };

/* Memory that grows by moving; what it moves from is freed. */
struct block {
    struct tw_arena *arena;
    void *at;
    size_t bytes;
};

struct memo {
    tw_idd_set a, b, result;
    uint32_t operation; /* 0: free */
};

struct tw_idd {
    struct tw_arena *arena;
    struct tw_idd_budget budget;
    uint32_t *sizes;
    size_t nlevels;
    struct block words, slots, memos, scratch;
    size_t nwords, nnodes, nscratch;
    size_t slot_mask, memo_mask;
    size_t bytes;
    uint64_t steps;
    bool gave_up;
};

static uint64_t *words(const struct tw_idd *m)
{
    return m->words.at;
}

static bool give_up(struct tw_idd *m)
{
    m->gave_up = true;
    return false;
}

/* --- memory ---------------------------------------------------------------------- */

static bool grow(struct tw_idd *m, struct block *block, size_t bytes, bool keep)
{
    if (m->bytes - block->bytes + bytes > m->budget.bytes)
        return give_up(m);
    struct tw_arena *arena = tw_arena_child(m->arena);
    void *at = tw_arena_try(arena, bytes);
    if (!at)
        return give_up(m);
    if (keep && block->bytes)
        memcpy(at, block->at, block->bytes);
    if (block->arena)
        tw_arena_release(block->arena);
    m->bytes += bytes - block->bytes;
    *block = (struct block){arena, at, bytes};
    return true;
}

static uint64_t hash_node(const uint64_t *head)
{
    return tw_hash_bytes(head, (1 + (uint32_t)*head) * sizeof *head);
}

/* Twice as many slots, each node put where it belongs now. */
static bool grow_slots(struct tw_idd *m)
{
    size_t n = m->slots.bytes ? m->slots.bytes / sizeof(uint32_t) * 2 : FIRST_SLOTS;
    if (!grow(m, &m->slots, n * sizeof(uint32_t), false))
        return false;
    uint32_t *slots = m->slots.at;
    m->slot_mask = n - 1;
    for (size_t w = 2; w < m->nwords; w += 1 + (uint32_t)words(m)[w]) {
        size_t s = hash_node(&words(m)[w]) & m->slot_mask;
        while (slots[s])
            s = (s + 1) & m->slot_mask;
        slots[s] = (uint32_t)w;
    }
    return true;
}

/* The memory of results grows with the nodes, to a quarter of the budget. */
static void grow_memos(struct tw_idd *m)
{
    size_t n = m->memos.bytes ? (m->memo_mask + 1) * 2 : FIRST_MEMOS;
    size_t bytes = n * sizeof(struct memo);
    if (m->memos.bytes &&
        (bytes > m->budget.bytes / 4 || m->bytes + bytes > m->budget.bytes))
        return;
    if (grow(m, &m->memos, bytes, false))
        m->memo_mask = n - 1;
}

struct tw_idd *tw_idd_new(struct tw_arena *arena, const uint32_t *sizes, size_t nlevels,
                          struct tw_idd_budget budget)
{
    struct tw_arena *own = tw_arena_child(arena);
    struct tw_idd *m = tw_new(own, struct tw_idd);
    if (budget.bytes > (size_t)1 << 34)
        budget.bytes = (size_t)1 << 34;
    *m = (struct tw_idd){.arena = own,
                         .budget = budget,
                         .sizes = tw_new_array(own, nlevels + 1, uint32_t),
                         .nlevels = nlevels};
    for (size_t i = 0; i < nlevels; i++) {
        assert(sizes[i] >= 1 && sizes[i] < (uint32_t)1 << 31);
        m->sizes[i] = sizes[i];
    }
    if (!grow(m, &m->words, FIRST_WORDS * sizeof(uint64_t), false) ||
        !grow(m, &m->scratch, FIRST_WORDS * sizeof(uint64_t), false) || !grow_slots(m))
        return m;
    grow_memos(m);
    if (m->gave_up)
        return m;
    words(m)[TW_IDD_NONE] = words(m)[TW_IDD_ALL] = (uint64_t)nlevels << 32;
    m->nwords = 2;
    return m;
}

void tw_idd_release(struct tw_idd *idd)
{
    tw_arena_release(idd->arena);
}

/* --- nodes -------------------------------------------------------------------------
 */

static size_t level_of(const struct tw_idd *m, tw_idd_set set)
{
    return (size_t)(words(m)[set] >> 32);
}

/* One more interval at the end of the node that is being built from BASE on. */
static bool push(struct tw_idd *m, size_t base, uint32_t hi, tw_idd_set child)
{
    uint64_t *scratch = m->scratch.at, edge = (uint64_t)hi << 32 | child;
    if (m->nscratch > base && TW_IDD_EDGE_SET(scratch[m->nscratch - 1]) == child) {
        scratch[m->nscratch - 1] = edge;
        return true;
    }
    if ((m->nscratch + 1) * sizeof edge > m->scratch.bytes &&
        !grow(m, &m->scratch, m->scratch.bytes * 2, true))
        return false;
    scratch = m->scratch.at;
    scratch[m->nscratch++] = edge;
    return true;
}

static bool make_room(struct tw_idd *m, size_t n)
{
    size_t need = (m->nwords + n) * sizeof(uint64_t), bytes = m->words.bytes;
    if (m->nwords + n >= TW_IDD_LOST)
        return give_up(m);
    while (bytes < need)
        bytes *= 2;
    return bytes == m->words.bytes || grow(m, &m->words, bytes, true);
}

/* The node at LEVEL with the intervals that were pushed from BASE on. */
static tw_idd_set make(struct tw_idd *m, size_t level, size_t base)
{
    uint64_t *edges = (uint64_t *)m->scratch.at + base;
    size_t n = m->nscratch - base;
    m->nscratch = base;
    if (n == 1)
        return TW_IDD_EDGE_SET(edges[0]);
    if (!make_room(m, n + 1))
        return TW_IDD_LOST;
    uint64_t *head = &words(m)[m->nwords];
    head[0] = (uint64_t)level << 32 | n;
    memcpy(head + 1, edges, n * sizeof *edges);
    uint32_t *slots = m->slots.at;
    size_t s = hash_node(head) & m->slot_mask;
    for (; slots[s]; s = (s + 1) & m->slot_mask)
        if (memcmp(&words(m)[slots[s]], head, (n + 1) * sizeof *head) == 0)
            return slots[s];
    tw_idd_set made = (tw_idd_set)m->nwords;
    slots[s] = made;
    m->nwords += n + 1;
    m->nnodes++;
    if (m->nnodes * 2 > m->slot_mask && !grow_slots(m))
        return TW_IDD_LOST;
    if (m->nnodes > m->memo_mask)
        grow_memos(m);
    return made;
}

tw_idd_set tw_idd_spans(struct tw_idd *m, size_t level, const struct tw_idd_span *spans,
                        size_t n, tw_idd_set inside)
{
    if (m->gave_up || inside == TW_IDD_LOST)
        return TW_IDD_LOST;
    assert(level < m->nlevels && level_of(m, inside) > level);
    uint32_t last = m->sizes[level] - 1;
    size_t base = m->nscratch;
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        assert(spans[i].lo <= spans[i].hi && spans[i].hi <= last);
        assert(i == 0 || spans[i].lo > spans[i - 1].hi);
        if (spans[i].lo > 0 && (i == 0 || spans[i].lo > spans[i - 1].hi + 1))
            ok = push(m, base, spans[i].lo - 1, TW_IDD_NONE);
        ok = ok && push(m, base, spans[i].hi, inside);
    }
    if (ok && (n == 0 || spans[n - 1].hi < last))
        ok = push(m, base, last, TW_IDD_NONE);
    if (ok)
        return make(m, level, base);
    m->nscratch = base;
    return TW_IDD_LOST;
}

/* --- walking two nodes side by side --------------------------------------------------
 */

/* The intervals of SET at a level; of a set that is about later levels: one, itself. */
struct cursor {
    tw_idd_set set;
    uint32_t next, n; /* n == 0: the set itself */
    uint32_t hi;
    tw_idd_set child;
};

static void look(const struct tw_idd *m, struct cursor *c)
{
    uint64_t edge = words(m)[c->set + 1 + c->next];
    c->hi = TW_IDD_EDGE_HI(edge);
    c->child = TW_IDD_EDGE_SET(edge);
}

static struct cursor cursor_at(const struct tw_idd *m, tw_idd_set set, size_t level)
{
    struct cursor c = {.set = set, .hi = m->sizes[level] - 1, .child = set};
    if (level_of(m, set) == level) {
        c.n = (uint32_t)words(m)[set];
        look(m, &c);
    }
    return c;
}

/* To the first interval that ends behind HI, which is not the last coordinate. */
static void pass(const struct tw_idd *m, struct cursor *c, uint32_t hi)
{
    if (c->n == 0 || c->hi > hi)
        return;
    const uint64_t *edges = &words(m)[c->set + 1];
    uint32_t low = c->next + 1, step = 1; /* edges before `low` end at HI or earlier */
    while (low + step < c->n && TW_IDD_EDGE_HI(edges[low + step - 1]) <= hi) {
        low += step;
        step *= 2;
    }
    uint32_t high = low + step < c->n ? low + step - 1 : c->n - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (TW_IDD_EDGE_HI(edges[middle]) <= hi)
            low = middle + 1;
        else
            high = middle;
    }
    c->next = low;
    look(m, c);
}

/* Is the result known without looking inside? Else the operands of a commutative
 * operation are put in order. For questions 0 is no and 1 yes. */
static bool settled(enum operation op, tw_idd_set *a, tw_idd_set *b, tw_idd_set *result)
{
    switch (op) {
    case AND:
    case MEET:
        *result = *a == TW_IDD_ALL ? *b : *a;
        if (*a == TW_IDD_NONE || *b == TW_IDD_NONE)
            *result = TW_IDD_NONE;
        else if (*a != *b && *a != TW_IDD_ALL && *b != TW_IDD_ALL)
            break;
        else if (op == MEET)
            *result = 1;
        return true;
    case OR:
        *result = *a == TW_IDD_NONE ? *b : *a;
        if (*a == TW_IDD_ALL || *b == TW_IDD_ALL)
            *result = TW_IDD_ALL;
        else if (*a != *b && *a != TW_IDD_NONE && *b != TW_IDD_NONE)
            break;
        return true;
    case MINUS:
        *result = *a;
        if (*a == TW_IDD_NONE || *b == TW_IDD_ALL || *a == *b)
            *result = TW_IDD_NONE;
        else if (*b != TW_IDD_NONE)
            return false;
        return true;
    case WITHIN:
        *result = *a == TW_IDD_NONE || *b == TW_IDD_ALL || *a == *b;
        return *result || *b == TW_IDD_NONE || *a == TW_IDD_ALL;
    case AT_ZERO:
        break;
    }
    if (*a > *b) {
        tw_idd_set swap = *a;
        *a = *b;
        *b = swap;
    }
    return false;
}

static struct memo *memo_of(const struct tw_idd *m, enum operation op, tw_idd_set a,
                            tw_idd_set b)
{
    uint64_t h = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u;
    h += (uint64_t)op * 0xd6e8feb86659fd93u;
    h ^= h >> 32;
    h *= 0xff51afd7ed558ccdu;
    return (struct memo *)m->memos.at + ((h ^ h >> 29) & m->memo_mask);
}

static bool remembered(const struct memo *memo, enum operation op, tw_idd_set a,
                       tw_idd_set b)
{
    return memo->a == a && memo->b == b && memo->operation == (uint32_t)op;
}

/* The upper bound of what is known where X and Y are: of both, or of the one that
 * decides alone. */
static uint32_t known_until(enum operation op, const struct cursor *x,
                            const struct cursor *y)
{
    tw_idd_set by_x = op == OR ? TW_IDD_ALL : TW_IDD_NONE;
    tw_idd_set by_y = op == AND || op == MEET ? TW_IDD_NONE : TW_IDD_ALL;
    uint32_t hi = x->hi < y->hi ? x->hi : y->hi;
    if (x->child == by_x && x->hi > hi)
        hi = x->hi;
    if (y->child == by_y && y->hi > hi)
        hi = y->hi;
    return hi;
}

static bool step(struct tw_idd *m)
{
    return ++m->steps <= m->budget.steps || give_up(m);
}

static tw_idd_set apply(struct tw_idd *m, enum operation op, tw_idd_set a, tw_idd_set b)
{
    tw_idd_set result;
    if (settled(op, &a, &b, &result))
        return result;
    const struct memo *known = memo_of(m, op, a, b);
    if (remembered(known, op, a, b))
        return known->result;
    size_t level_a = level_of(m, a), level_b = level_of(m, b);
    size_t level = level_a < level_b ? level_a : level_b, base = m->nscratch;
    struct cursor x = cursor_at(m, a, level), y = cursor_at(m, b, level);
    uint32_t last = m->sizes[level] - 1, hi;
    for (;;) {
        hi = known_until(op, &x, &y);
        tw_idd_set child = TW_IDD_LOST, in_x = x.child, in_y = y.child;
        if (step(m) && !settled(op, &in_x, &in_y, &child))
            child = apply(m, op, in_x, in_y);
        if (child == TW_IDD_LOST || !push(m, base, hi, child)) {
            m->nscratch = base;
            return TW_IDD_LOST;
        }
        if (hi == last)
            break;
        pass(m, &x, hi);
        pass(m, &y, hi);
    }
    result = make(m, level, base);
    if (result != TW_IDD_LOST)
        *memo_of(m, op, a, b) = (struct memo){a, b, result, (uint32_t)op};
    return result;
}

static tw_idd_set operate(struct tw_idd *m, enum operation op, tw_idd_set a,
                          tw_idd_set b)
{
    if (m->gave_up || a == TW_IDD_LOST || b == TW_IDD_LOST)
        return TW_IDD_LOST;
    return apply(m, op, a, b);
}

tw_idd_set tw_idd_and(struct tw_idd *m, tw_idd_set a, tw_idd_set b)
{
    return operate(m, AND, a, b);
}

tw_idd_set tw_idd_or(struct tw_idd *m, tw_idd_set a, tw_idd_set b)
{
    return operate(m, OR, a, b);
}

tw_idd_set tw_idd_minus(struct tw_idd *m, tw_idd_set a, tw_idd_set b)
{
    return operate(m, MINUS, a, b);
}

tw_idd_set tw_idd_ite(struct tw_idd *m, tw_idd_set condition, tw_idd_set then,
                      tw_idd_set otherwise)
{
    return tw_idd_or(m, tw_idd_and(m, then, condition),
                     tw_idd_minus(m, otherwise, condition));
}

tw_idd_set tw_idd_any(struct tw_idd *m, tw_idd_set *sets, size_t n)
{
    for (; n > 1; n = (n + 1) / 2) {
        for (size_t i = 0; i < n / 2; i++)
            sets[i] = tw_idd_or(m, sets[2 * i], sets[2 * i + 1]);
        if (n % 2)
            sets[n / 2] = sets[n - 1];
    }
    return n ? sets[0] : m->gave_up ? TW_IDD_LOST : TW_IDD_NONE;
}

static tw_idd_set at_zero(struct tw_idd *m, tw_idd_set set, size_t level)
{
    size_t own = level_of(m, set), base = m->nscratch;
    if (own > level)
        return set;
    if (own == level)
        return TW_IDD_EDGE_SET(words(m)[set + 1]);
    const struct memo *known = memo_of(m, AT_ZERO, set, (tw_idd_set)level);
    if (remembered(known, AT_ZERO, set, (tw_idd_set)level))
        return known->result;
    for (size_t i = 1; i <= (uint32_t)words(m)[set]; i++) {
        uint64_t edge = words(m)[set + i];
        tw_idd_set child = TW_IDD_LOST;
        if (step(m))
            child = at_zero(m, TW_IDD_EDGE_SET(edge), level);
        if (child == TW_IDD_LOST || !push(m, base, TW_IDD_EDGE_HI(edge), child)) {
            m->nscratch = base;
            return TW_IDD_LOST;
        }
    }
    tw_idd_set result = make(m, own, base);
    if (result != TW_IDD_LOST)
        *memo_of(m, AT_ZERO, set, (tw_idd_set)level) =
            (struct memo){set, (tw_idd_set)level, result, AT_ZERO};
    return result;
}

tw_idd_set tw_idd_at_zero(struct tw_idd *m, tw_idd_set set, size_t level)
{
    return m->gave_up || set == TW_IDD_LOST ? TW_IDD_LOST : at_zero(m, set, level);
}

/* --- questions -----------------------------------------------------------------------
 */

/* 1 and 0 for yes and no, or TW_IDD_LOST. Both are decided by the first place where a
 * point is found: MEET by one of both, WITHIN by one of A alone. */
static tw_idd_set ask(struct tw_idd *m, enum operation op, tw_idd_set a, tw_idd_set b)
{
    tw_idd_set answer, found = op == MEET;
    if (settled(op, &a, &b, &answer))
        return answer;
    const struct memo *known = memo_of(m, op, a, b);
    if (remembered(known, op, a, b))
        return known->result;
    size_t level_a = level_of(m, a), level_b = level_of(m, b);
    size_t level = level_a < level_b ? level_a : level_b;
    struct cursor x = cursor_at(m, a, level), y = cursor_at(m, b, level);
    uint32_t last = m->sizes[level] - 1;
    for (;;) {
        uint32_t hi = known_until(op, &x, &y);
        answer = step(m) ? ask(m, op, x.child, y.child) : TW_IDD_LOST;
        if (answer == TW_IDD_LOST)
            return answer;
        if (answer == found || hi == last)
            break;
        pass(m, &x, hi);
        pass(m, &y, hi);
    }
    *memo_of(m, op, a, b) = (struct memo){a, b, answer, (uint32_t)op};
    return answer;
}

static enum tw_idd_answer answer_to(struct tw_idd *m, enum operation op, tw_idd_set a,
                                    tw_idd_set b)
{
    if (m->gave_up || a == TW_IDD_LOST || b == TW_IDD_LOST)
        return TW_IDD_UNDECIDED;
    tw_idd_set answer = ask(m, op, a, b);
    return answer == TW_IDD_LOST ? TW_IDD_UNDECIDED : answer ? TW_IDD_YES : TW_IDD_NO;
}

enum tw_idd_answer tw_idd_meet(struct tw_idd *m, tw_idd_set a, tw_idd_set b)
{
    return answer_to(m, MEET, a, b);
}

enum tw_idd_answer tw_idd_within(struct tw_idd *m, tw_idd_set a, tw_idd_set b)
{
    return answer_to(m, WITHIN, a, b);
}

/* --- looking at nodes ----------------------------------------------------------------
 */

struct tw_idd_node tw_idd_node(const struct tw_idd *m, tw_idd_set set)
{
    assert(set < m->nwords);
    return (struct tw_idd_node){level_of(m, set), &words(m)[set + 1],
                                (uint32_t)words(m)[set]};
}

size_t tw_idd_level_size(const struct tw_idd *m, size_t level)
{
    return m->sizes[level];
}

size_t tw_idd_levels(const struct tw_idd *m)
{
    return m->nlevels;
}

struct tw_idd_use tw_idd_use(const struct tw_idd *m)
{
    return (struct tw_idd_use){m->bytes, m->nnodes, m->steps, m->gave_up};
}

bool tw_idd_has(const struct tw_idd *m, tw_idd_set set, const uint32_t *point)
{
    while (set > TW_IDD_ALL) {
        struct tw_idd_node node = tw_idd_node(m, set);
        size_t low = 0, high = node.n - 1;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (TW_IDD_EDGE_HI(node.edges[middle]) < point[node.level])
                low = middle + 1;
            else
                high = middle;
        }
        set = TW_IDD_EDGE_SET(node.edges[low]);
    }
    return set == TW_IDD_ALL;
}

bool tw_idd_pick(const struct tw_idd *m, tw_idd_set set, uint32_t *point, bool *matters)
{
    for (size_t i = 0; i < m->nlevels; i++) {
        point[i] = 0;
        if (matters)
            matters[i] = false;
    }
    while (set > TW_IDD_ALL) {
        struct tw_idd_node node = tw_idd_node(m, set);
        bool first = TW_IDD_EDGE_SET(node.edges[0]) != TW_IDD_NONE;
        const uint64_t *edge = &node.edges[first ? 0 : 1]; /* neighbours differ */
        point[node.level] = first ? 0 : TW_IDD_EDGE_HI(node.edges[0]) + 1;
        if (matters)
            matters[node.level] = true;
        set = TW_IDD_EDGE_SET(*edge);
    }
    return set == TW_IDD_ALL;
}

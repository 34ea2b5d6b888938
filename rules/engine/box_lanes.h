/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of boxes for lanes of one width: included by box.c once for IPv4 and once
 * for IPv6, with LANE (an unsigned type) and NAMED(x) (x with a suffix) defined. Not
 * for anybody else.
 */

struct NAMED(hull) {
    LANE lo[TW_FIELDS], hi[TW_FIELDS];
};

/* One entry; in the order of the trees. */
struct NAMED(item) {
    struct NAMED(hull) box;
    uint32_t rule;
    uint32_t behind; /* the product's place, or PLAIN: the box says it all */
    uint32_t entry;
    uint32_t roles;
};

struct NAMED(node) {
    struct NAMED(hull) box;
    uint32_t least, greatest; /* rules */
    uint32_t first;           /* of its items; inner nodes: the right child */
    uint16_t count;           /* items; 0: an inner node, its left child is the next */
    uint16_t roles;
};

struct NAMED(table) {
    struct NAMED(item) * items;
    struct NAMED(node) * nodes;
    size_t nnodes;
    uint32_t roots[TREES];
    size_t nroots;
};

struct NAMED(query) {
    const struct tw_boxes *boxes;
    const struct NAMED(table) * table;
    struct NAMED(hull) hull;
    const struct tw_extent *exact; /* NULL: the hull says it all */
    const struct tw_point *point;  /* the hull is this point's */
    struct tw_box_span span;
};

/* --- hulls ----------------------------------------------------------------------- */

static struct NAMED(hull) NAMED(hull_of)(const struct tw_extent *p)
{
    struct NAMED(hull) h;
    for (int f = 0; f < TW_FIELDS; f++) {
        h.lo[f] = (LANE)p->field[f]->at[0].lo;
        h.hi[f] = (LANE)p->field[f]->at[p->field[f]->n - 1].hi;
    }
    return h;
}

static struct NAMED(hull) NAMED(hull_of_point)(const struct tw_point *p)
{
    struct NAMED(hull) h;
    for (int f = 0; f < TW_FIELDS; f++)
        h.lo[f] = h.hi[f] = (LANE)p->field[f];
    return h;
}

static inline bool NAMED(meet)(const struct NAMED(hull) * a,
                               const struct NAMED(hull) * b)
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (a->lo[f] > b->hi[f] || b->lo[f] > a->hi[f])
            return false;
    return true;
}

static inline bool NAMED(holds)(const struct NAMED(hull) * a,
                                const struct NAMED(hull) * b) /* a ⊇ b */
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (a->lo[f] > b->lo[f] || b->hi[f] > a->hi[f])
            return false;
    return true;
}

/* --- products -------------------------------------------------------------------- */

static void NAMED(flatten)(const struct tw_boxes *boxes, const struct NAMED(hull) * h,
                           struct flat_product *out)
{
    out->product =
        (struct tw_extent){.flags = ALL_FLAGS, .states = boxes->space->states};
    for (int f = 0; f < TW_FIELDS; f++) {
        out->ranges[f] = (struct tw_range){h->lo[f], h->hi[f]};
        out->lists[f] = (struct tw_ranges){1, &out->ranges[f]};
        out->product.field[f] = &out->lists[f];
    }
}

/* The product of ITEM; one that is its box is made in ROOM. */
static const struct tw_extent *NAMED(product_of)(const struct tw_boxes *boxes,
                                                 const struct NAMED(item) * item,
                                                 struct flat_product *room)
{
    if (item->behind != PLAIN)
        return &boxes->behind.at[item->behind];
    NAMED(flatten)(boxes, &item->box, room);
    return &room->product;
}

/* --- building -------------------------------------------------------------------- */

struct NAMED(key) {
    LANE middle;
    uint32_t item;
};

struct NAMED(builder) {
    struct NAMED(table) * table;
    const struct NAMED(item) * items; /* by entry */
    struct NAMED(key) * keys;         /* of the tree that is being built */
    uint32_t *order;                  /* the items of the table, as they stand in it */
};

static inline bool NAMED(before)(const struct NAMED(key) * a,
                                 const struct NAMED(key) * b)
{
    return a->middle != b->middle ? a->middle < b->middle : a->item < b->item;
}

/* Partially sorts KEYS so that the N / 2 least come first. */
static void NAMED(halve)(struct NAMED(key) * keys, size_t n)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, half = (ptrdiff_t)(n / 2);
    while (low < high) {
        struct NAMED(key) pivot = keys[low + (high - low) / 2];
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (NAMED(before)(&keys[i], &pivot))
                i++;
            while (NAMED(before)(&pivot, &keys[j]))
                j--;
            if (i <= j) {
                struct NAMED(key) swap = keys[i];
                keys[i++] = keys[j];
                keys[j--] = swap;
            }
        }
        if (half <= j)
            high = j;
        else if (half >= i)
            low = i;
        else
            return;
    }
}

/* The lane in which the middles are most apart, for its width; ports and protocols
 * count for less, since rules differ by addresses first. */
static int NAMED(widest)(const struct NAMED(builder) * b, const uint32_t *order,
                         size_t n)
{
    LANE least[TW_FIELDS], most[TW_FIELDS];
    const unsigned bits = (unsigned)sizeof(LANE) * 8;
    /* What brings spreads of different fields to one scale, as weights. */
    const unsigned scale[TW_FIELDS] = {
        [TW_FIELD_SRC] = (130 - bits) * 256, [TW_FIELD_DST] = (130 - bits) * 256,
        [TW_FIELD_PROTO] = (128 - 8) * 256,  [TW_FIELD_DPORT] = (128 - 16) * 256,
        [TW_FIELD_SPORT] = (128 - 16) * 256,
    };
    int best = -1;
    unsigned score = 0;
    for (size_t i = 0; i < n; i++) {
        const struct NAMED(hull) *h = &b->items[order[i]].box;
        for (int f = 0; f < TW_FIELDS; f++) {
            LANE middle = h->lo[f] + (h->hi[f] - h->lo[f]) / 2;
            if (i == 0 || middle < least[f])
                least[f] = middle;
            if (i == 0 || middle > most[f])
                most[f] = middle;
        }
    }
    for (int f = 0; f < TW_FIELDS; f++) {
        if (most[f] == least[f])
            continue;
        unsigned spread = tw_weight((tw_u128)(LANE)(most[f] - least[f])) + scale[f];
        if (spread > score) {
            score = spread;
            best = f;
        }
    }
    return best;
}

static uint32_t NAMED(grow)(struct NAMED(builder) * b, size_t first, size_t n)
{
    struct NAMED(table) *t = b->table;
    uint32_t at = (uint32_t)t->nnodes++, *order = b->order + first;
    struct NAMED(node) node = {.least = UINT32_MAX};
    for (size_t i = 0; i < n; i++) {
        const struct NAMED(item) *item = &b->items[order[i]];
        node.least = item->rule < node.least ? item->rule : node.least;
        node.greatest = item->rule > node.greatest ? item->rule : node.greatest;
        node.roles |= (uint16_t)item->roles;
        for (int f = 0; f < TW_FIELDS; f++) {
            if (i == 0 || item->box.lo[f] < node.box.lo[f])
                node.box.lo[f] = item->box.lo[f];
            if (i == 0 || item->box.hi[f] > node.box.hi[f])
                node.box.hi[f] = item->box.hi[f];
        }
    }
    int lane = n > LEAF ? NAMED(widest)(b, order, n) : -1;
    if (lane < 0 && n <= UINT16_MAX) {
        node.first = (uint32_t)first;
        node.count = (uint16_t)n;
        t->nodes[at] = node;
        return at;
    }
    if (lane < 0)
        lane = TW_FIELD_DST; /* equal boxes: any halves */
    for (size_t i = 0; i < n; i++) {
        const struct NAMED(hull) *h = &b->items[order[i]].box;
        b->keys[i] = (struct NAMED(key)){
            h->lo[lane] + (LANE)(h->hi[lane] - h->lo[lane]) / 2, order[i]};
    }
    NAMED(halve)(b->keys, n);
    for (size_t i = 0; i < n; i++)
        order[i] = b->keys[i].item;
    NAMED(grow)(b, first, n / 2);
    node.first = NAMED(grow)(b, first + n / 2, n - n / 2);
    t->nodes[at] = node;
    return at;
}

static unsigned NAMED(width_class)(LANE lo, LANE hi)
{
    const unsigned bits = (unsigned)sizeof(LANE) * 8;
    LANE width = hi - lo;
    return width >> (bits - 1)   ? 0
           : width >> (bits / 2) ? 1
           : width >> (bits / 4) ? 2
                                 : 3;
}

static unsigned NAMED(tree_of)(const struct NAMED(hull) * h)
{
    return (NAMED(width_class)(h->lo[TW_FIELD_SRC], h->hi[TW_FIELD_SRC]) * 4 +
            NAMED(width_class)(h->lo[TW_FIELD_DST], h->hi[TW_FIELD_DST])) *
               2 +
           (h->lo[TW_FIELD_DPORT] == h->hi[TW_FIELD_DPORT]);
}

/* Moves every item to its place, cycle by cycle. */
static void NAMED(arrange)(struct tw_arena *arena, struct NAMED(item) * items, size_t n,
                           const uint32_t *place)
{
    struct tw_arena *scratch = tw_arena_child(arena);
    bool *moved = tw_new_array(scratch, n + 1, bool);
    for (size_t i = 0; i < n; i++) {
        struct NAMED(item) held = items[i];
        for (size_t at = i; !moved[at];) {
            moved[at] = true;
            at = place[at];
            struct NAMED(item) next = items[at];
            items[at] = held;
            held = next;
        }
    }
    tw_arena_release(scratch);
}

/* ITEMS, by entry, to their places in the trees; those without a role stand behind. */
static void NAMED(plant)(struct tw_arena *arena, struct NAMED(table) * table,
                         struct NAMED(item) * items, size_t n, uint32_t *place)
{
    struct tw_arena *scratch = tw_arena_child(arena);
    size_t counts[TREES + 1] = {0}, starts[TREES + 1], at = 0;
    struct NAMED(builder) b = {.table = table, .items = items};
    for (size_t i = 0; i < n; i++)
        counts[items[i].roles ? NAMED(tree_of)(&items[i].box) : TREES]++;
    for (size_t t = 0; t <= TREES; t++) {
        starts[t] = at;
        at += counts[t];
    }
    b.order = tw_new_array(scratch, n + 1, uint32_t);
    b.keys = tw_new_array(scratch, n + 1, struct NAMED(key));
    size_t fill[TREES + 1];
    memcpy(fill, starts, sizeof fill);
    for (size_t i = 0; i < n; i++)
        b.order[fill[items[i].roles ? NAMED(tree_of)(&items[i].box) : TREES]++] =
            (uint32_t)i;
    /* A halved list of more than LEAF items makes leaves of LEAF / 2 at least. */
    table->nodes =
        tw_new_array(arena, 2 * (n / (LEAF / 2)) + 2 * TREES, struct NAMED(node));
    for (size_t t = 0; t < TREES; t++)
        if (counts[t])
            table->roots[table->nroots++] = NAMED(grow)(&b, starts[t], counts[t]);
    for (size_t i = 0; i < n; i++)
        place[b.order[i]] = (uint32_t)i;
    tw_arena_release(scratch);
    NAMED(arrange)(arena, items, n, place);
    table->items = items;
}

static void NAMED(fill)(struct tw_arena *arena, struct tw_boxes *boxes,
                        const struct tw_box_source *source)
{
    struct NAMED(item) *items =
        tw_new_array(arena, source->count + 1, struct NAMED(item));
    struct tw_box_entry entry;
    uint32_t next = 0;
    while (boxes->n < source->count && source->next(source->ctx, &entry)) {
        while (next <= entry.rule)
            boxes->of_rule[next++] = (uint32_t)boxes->n;
        struct NAMED(item) *item = &items[boxes->n];
        item->box = NAMED(hull_of)(&entry.product);
        item->rule = entry.rule;
        item->roles = entry.roles;
        item->entry = (uint32_t)boxes->n++;
        item->behind = is_plain(boxes->space, &entry.product)
                           ? PLAIN
                           : keep_product(arena, boxes, &entry.product);
        if (item->roles && (item->roles != TW_ROLE_ENDS || item->behind != PLAIN))
            boxes->simple = false;
    }
    while (next <= boxes->nrules)
        boxes->of_rule[next++] = (uint32_t)boxes->n;
    boxes->place = tw_new_array(arena, boxes->n + 1, uint32_t);
    boxes->NAMED(table) = tw_new(arena, struct NAMED(table));
    NAMED(plant)(arena, boxes->NAMED(table), items, boxes->n, boxes->place);
}

/* --- queries --------------------------------------------------------------------- */

static inline bool NAMED(eligible)(const struct NAMED(query) * q,
                                   const struct NAMED(item) * item)
{
    return item->rule < q->span.limit && item->rule >= q->span.first &&
           item->rule != q->span.skip && item->roles & q->span.roles;
}

static inline bool NAMED(open_node)(const struct NAMED(query) * q,
                                    const struct NAMED(node) * node)
{
    return node->least < q->span.limit && node->greatest >= q->span.first &&
           node->roles & q->span.roles;
}

/* The query's target, made in ROOM where the hull is all of it. */
static const struct tw_extent *NAMED(target_of)(const struct NAMED(query) * q,
                                                struct flat_product *room)
{
    if (q->exact)
        return q->exact;
    NAMED(flatten)(q->boxes, &q->hull, room);
    return &room->product;
}

/* Does the item, whose box meets the query's hull, really meet the target? */
static bool NAMED(really_meets)(const struct NAMED(query) * q,
                                const struct NAMED(item) * item)
{
    struct flat_product own, target;
    if (item->behind == PLAIN && !q->exact)
        return true;
    if (q->point)
        return tw_extent_has(q->boxes->space, &q->boxes->behind.at[item->behind],
                             q->point);
    return tw_extent_meets(q->boxes->space, NAMED(product_of)(q->boxes, item, &own),
                           NAMED(target_of)(q, &target));
}

/* Does the item, whose box holds the query's hull, really hold the target? */
static bool NAMED(really_holds)(const struct NAMED(query) * q,
                                const struct NAMED(item) * item)
{
    struct flat_product target;
    return item->behind == PLAIN ||
           tw_extent_covers(q->boxes->space, &q->boxes->behind.at[item->behind],
                            NAMED(target_of)(q, &target));
}

/* The next leaf of the forest whose box fits; the stack holds what is still to be
 * looked at. */
struct NAMED(walk) {
    uint32_t stack[STACK];
    size_t depth, root;
};

static const struct NAMED(node) * NAMED(next_leaf)(const struct NAMED(query) * q,
                                                   struct NAMED(walk) * walk,
                                                   bool holding)
{
    const struct NAMED(table) *t = q->table;
    while (walk->depth || walk->root < t->nroots) {
        uint32_t at = walk->depth ? walk->stack[--walk->depth] : t->roots[walk->root++];
        const struct NAMED(node) *node = &t->nodes[at];
        if (!NAMED(open_node)(q, node) ||
            !(holding ? NAMED(holds)(&node->box, &q->hull)
                      : NAMED(meet)(&node->box, &q->hull)))
            continue;
        if (node->count)
            return node;
        walk->stack[walk->depth++] = node->first;
        walk->stack[walk->depth++] = at + 1;
    }
    return NULL;
}

static uint32_t NAMED(first)(struct NAMED(query) * q, bool holding, bool any)
{
    struct NAMED(walk) walk;
    walk.depth = walk.root = 0;
    uint32_t best = TW_NO_RULE;
    const struct NAMED(node) * leaf;
    while ((leaf = NAMED(next_leaf)(q, &walk, holding))) {
        for (uint32_t i = 0; i < leaf->count; i++) {
            const struct NAMED(item) *item = &q->table->items[leaf->first + i];
            if (!NAMED(eligible)(q, item))
                continue;
            if (holding ? !NAMED(holds)(&item->box, &q->hull) ||
                              !NAMED(really_holds)(q, item)
                        : !NAMED(meet)(&item->box, &q->hull) ||
                              !NAMED(really_meets)(q, item))
                continue;
            best = item->rule;
            if (any)
                return best;
            q->span.limit = best; /* bound */
        }
    }
    return best;
}

static void NAMED(collect)(struct tw_arena *arena, const struct NAMED(query) * q,
                           struct tw_box_list *list)
{
    struct NAMED(walk) walk;
    walk.depth = walk.root = 0;
    TW_VEC(uint32_t) found = {0};
    const struct NAMED(node) * leaf;
    while ((leaf = NAMED(next_leaf)(q, &walk, false))) {
        for (uint32_t i = 0; i < leaf->count; i++) {
            const struct NAMED(item) *item = &q->table->items[leaf->first + i];
            if (NAMED(eligible)(q, item) && NAMED(meet)(&item->box, &q->hull) &&
                NAMED(really_meets)(q, item))
                *tw_vec_add(arena, &found) = item->entry;
        }
    }
    list->at = found.at;
    list->n = found.len;
}

static void NAMED(largest)(const struct NAMED(query) * q, struct largest *best)
{
    struct NAMED(walk) walk;
    walk.depth = walk.root = 0;
    const struct NAMED(node) * leaf;
    while ((leaf = NAMED(next_leaf)(q, &walk, false))) {
        for (uint32_t i = 0; i < leaf->count; i++) {
            const struct NAMED(item) *item = &q->table->items[leaf->first + i];
            if (!NAMED(eligible)(q, item) || !NAMED(meet)(&item->box, &q->hull) ||
                !NAMED(really_meets)(q, item))
                continue;
            unsigned weight = 0;
            for (int f = 0; f < TW_FIELDS; f++) {
                LANE lo =
                    item->box.lo[f] > q->hull.lo[f] ? item->box.lo[f] : q->hull.lo[f];
                LANE hi =
                    item->box.hi[f] < q->hull.hi[f] ? item->box.hi[f] : q->hull.hi[f];
                weight += tw_weight((tw_u128)(LANE)(hi - lo) + 1);
            }
            offer(best, item->entry, weight);
        }
    }
}

/* --- the quick answer ------------------------------------------------------------ */

static uint64_t NAMED(seed_of)(const struct NAMED(item) * item)
{
    return tw_hash_bytes(&item->box, sizeof item->box) | 1;
}

/* Probe number K of a box: its corners first. */
static void NAMED(probe)(const struct NAMED(hull) * box, unsigned k, uint64_t *seed,
                         struct NAMED(hull) * out)
{
    uint64_t draw = k < 2 ? 0 : tw_random(seed);
    for (int f = 0; f < TW_FIELDS; f++) {
        LANE x = box->lo[f];
        if (k == 1 || (k >= 2 && k < 6 && draw >> f & 1)) {
            x = box->hi[f];
        } else if (k >= 6 && box->lo[f] != box->hi[f]) {
            LANE size = (LANE)(box->hi[f] - box->lo[f] + 1), some = NAMED(wide)(seed);
            x = (LANE)(x + (size ? some % size : some));
        }
        out->lo[f] = out->hi[f] = x;
    }
}

/* Is a probe met by none of the boxes FOUND? */
static bool NAMED(probe_list)(const struct NAMED(item) * item,
                              const struct NAMED(item) * *found, size_t n)
{
    uint64_t seed = NAMED(seed_of)(item);
    struct NAMED(hull) probe;
    for (unsigned k = 0; k < PROBES; k++) {
        size_t i = 0;
        NAMED(probe)(&item->box, k, &seed, &probe);
        while (i < n && !NAMED(holds)(&found[i]->box, &probe))
            i++;
        if (i == n)
            return true;
    }
    return false;
}

static enum tw_quick NAMED(quick_by_trees)(struct NAMED(query) * q,
                                           const struct NAMED(item) * item,
                                           uint32_t *by)
{
    struct NAMED(query) container = *q, points = *q;
    *by = NAMED(first)(&container, true, false);
    if (*by != TW_NO_RULE)
        return TW_QUICK_HELD;
    uint64_t seed = NAMED(seed_of)(item);
    for (unsigned k = 0; k < PROBES; k++) {
        NAMED(probe)(&item->box, k, &seed, &points.hull);
        if (NAMED(first)(&points, false, true) == TW_NO_RULE)
            return TW_QUICK_PARTLY;
    }
    return TW_QUICK_UNKNOWN;
}

/* All boxes that meet it are looked at where they are few. */
static enum tw_quick NAMED(quick)(const struct tw_boxes *boxes, uint32_t entry,
                                  uint32_t first, uint32_t *by)
{
    const struct NAMED(table) *t = boxes->NAMED(table);
    const struct NAMED(item) *item = &t->items[boxes->place[entry]];
    const struct tw_extent *exact =
        item->behind == PLAIN ? NULL : &boxes->behind.at[item->behind];
    struct NAMED(query) q = {.boxes = boxes,
                             .table = t,
                             .hull = item->box,
                             .exact = exact,
                             .span = {first, item->rule, TW_NO_RULE, ~0u}};
    const struct NAMED(item) * found[QUICK];
    size_t n = 0;
    const size_t most = boxes->simple ? QUICK_SIMPLE : QUICK;
    bool many = false, fancy = exact != NULL;
    struct NAMED(walk) walk;
    walk.depth = walk.root = 0;
    const struct NAMED(node) * leaf;
    while (!many && (leaf = NAMED(next_leaf)(&q, &walk, false))) {
        for (uint32_t i = 0; i < leaf->count && !many; i++) {
            const struct NAMED(item) *other = &t->items[leaf->first + i];
            if (other->rule >= item->rule || other->rule < first ||
                !NAMED(meet)(&other->box, &item->box) ||
                !NAMED(really_meets)(&q, other))
                continue;
            *by = other->rule;
            if (other->roles == TW_ROLE_ENDS && NAMED(holds)(&other->box, &item->box) &&
                NAMED(really_holds)(&q, other))
                return TW_QUICK_HELD;
            fancy |= other->behind != PLAIN || other->roles != TW_ROLE_ENDS;
            many = n == most;
            if (!many)
                found[n++] = other;
        }
    }
    if (n == 0)
        return TW_QUICK_FREE;
    if (fancy || (many && !boxes->simple))
        return TW_QUICK_UNKNOWN;
    if (many)
        return NAMED(quick_by_trees)(&q, item, by);
    /* One box that does not hold it leaves something. */
    return n == 1 || NAMED(probe_list)(item, found, n) ? TW_QUICK_PARTLY
                                                       : TW_QUICK_UNKNOWN;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: open addressing over pointers; the key of a list is the list itself. */
#include "intern.h"

#include "hash.h"

void tw_intern_init(struct tw_intern *intern, struct tw_arena *arena,
                    struct tw_arena *scratch)
{
    *intern = (struct tw_intern){.arena = arena, .scratch = scratch};
}

static size_t probe(const struct tw_intern *intern, const struct tw_ranges *list)
{
    size_t mask = intern->nslots - 1;
    size_t at = (size_t)tw_hash_bytes(list->at, list->n * sizeof *list->at) & mask;
    while (intern->slots[at] && !tw_ranges_eq(intern->slots[at], list))
        at = (at + 1) & mask;
    return at;
}

static void grow(struct tw_intern *intern)
{
    const struct tw_ranges **old = intern->slots;
    struct tw_arena *table = intern->table;
    size_t n = intern->nslots;
    intern->nslots = n ? 2 * n : 64;
    intern->table = tw_arena_child(intern->scratch);
    intern->slots =
        tw_new_array(intern->table, intern->nslots, const struct tw_ranges *);
    for (size_t i = 0; i < n; i++)
        if (old[i])
            intern->slots[probe(intern, old[i])] = old[i];
    if (table)
        tw_arena_release(table);
}

/* The slot of LIST, which may be free. */
static const struct tw_ranges **slot_of(struct tw_intern *intern,
                                        const struct tw_ranges *list)
{
    if (4 * intern->n >= 3 * intern->nslots)
        grow(intern);
    return &intern->slots[probe(intern, list)];
}

const struct tw_ranges *tw_intern_one(struct tw_intern *intern, tw_u128 lo, tw_u128 hi)
{
    struct tw_range range = {lo, hi};
    struct tw_ranges list = {1, &range};
    const struct tw_ranges **slot = slot_of(intern, &list);
    if (!*slot) {
        *slot = tw_ranges_one(intern->arena, lo, hi);
        intern->n++;
    }
    return *slot;
}

const struct tw_ranges *tw_intern_ranges(struct tw_intern *intern,
                                         const struct tw_ranges *list)
{
    const struct tw_ranges **slot = slot_of(intern, list);
    if (!*slot) {
        *slot = list;
        intern->n++;
    }
    return *slot;
}

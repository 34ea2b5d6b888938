/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing over 16-byte keys; the table of each size has an arena of its own. */
#include "value_set.h"

#include <string.h>

#include "hash.h"
#include "num.h"

enum { FIRST_SLOTS = 1024, SHORT_MAX = 15 };

void tw_value_set_init(struct tw_value_set *set, struct tw_arena *arena, uint64_t max)
{
    *set = (struct tw_value_set){.parent = arena, .max = max};
}

#define HASHED (UINT64_C(1) << 63)
#define THERE (UINT64_C(1) << 62)
#define AFFECTED (UINT64_C(1) << 61)

static uint64_t load(const char *p, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

/* LEN up to 15, in its highest byte but for the flags. */
static struct tw_value_key short_key(const char *p, size_t len)
{
    uint64_t a, b = 0;
    if (len >= 8) {
        memcpy(&a, p, 8);
        if (len > 8) {
            memcpy(&b, p + len - 8, 8); /* the last eight; shift out what A has */
            b >>= 8 * (16 - len);
        }
    } else {
        a = load(p, len);
    }
    return (struct tw_value_key){a, b | (uint64_t)len << 56 | THERE};
}

static struct tw_value_key key_of(struct tw_str text)
{
    if (text.len <= SHORT_MAX)
        return short_key(text.len ? text.ptr : "", text.len);
    struct tw_hash128 hash = tw_hash_bytes128(text.ptr, text.len);
    return (struct tw_value_key){hash.low, (hash.high & ~AFFECTED) | HASHED | THERE};
}

/* Folds a product of 128 bits: every bit of the key reaches every bit of the place. */
static size_t place_of(const struct tw_value_set *set, struct tw_value_key key)
{
    tw_u128 product = (tw_u128)(key.a ^ UINT64_C(0x9e3779b97f4a7c15)) *
                      ((key.b & ~AFFECTED) ^ UINT64_C(0xd6e8feb86659fd93));
    return ((size_t)product ^ (size_t)(product >> 64)) & (set->nslots - 1);
}

static size_t probe(const struct tw_value_set *set, struct tw_value_key key)
{
    size_t mask = set->nslots - 1, at = place_of(set, key);
    while (set->keys[at].b &&
           (set->keys[at].a != key.a || (set->keys[at].b & ~AFFECTED) != key.b))
        at = (at + 1) & mask;
    return at;
}

static void grow(struct tw_value_set *set)
{
    const struct tw_value_set old = *set;
    struct tw_arena *arena = tw_arena_child(set->parent);
    size_t nslots = old.nslots ? old.nslots * 2 : FIRST_SLOTS;
    set->keys = tw_new_array(arena, nslots, struct tw_value_key); /* or unwinds */
    set->arena = arena;
    set->nslots = nslots;
    for (size_t i = 0; i < old.nslots; i++) {
        struct tw_value_key key = old.keys[i];
        if (!key.b)
            continue;
        size_t at = place_of(set, key);
        while (set->keys[at].b)
            at = (at + 1) & (set->nslots - 1);
        set->keys[at] = key;
    }
    if (old.arena)
        tw_arena_release(old.arena);
}

static bool add_key(struct tw_value_set *set, struct tw_value_key key, bool affected)
{
    if (set->count * 2 >= set->nslots)
        grow(set);
    size_t at = probe(set, key);
    if (!set->keys[at].b) {
        if (set->count == set->max)
            return false;
        set->keys[at] = key;
        set->count++;
    }
    if (affected && !(set->keys[at].b & AFFECTED)) {
        set->keys[at].b |= AFFECTED;
        set->affected++;
    }
    return true;
}

static bool put(struct tw_value_set *set, struct tw_value_key key)
{
    bool affected = (key.b & AFFECTED) != 0;
    key.b &= ~AFFECTED;
    return add_key(set, key, affected);
}

bool tw_value_set_add(struct tw_value_set *set, struct tw_str text, bool affected)
{
    struct tw_value_key key = key_of(text);
    struct tw_value_key *late = &set->late[set->nlate % TW_VALUE_SET_LATE];
    bool fits = true;
    if (set->nlate - set->nput == TW_VALUE_SET_LATE) {
        fits = put(set, *late);
        set->nput++;
    }
    key.b |= affected ? AFFECTED : 0;
    *late = key;
    set->nlate++;
    if (set->nslots)
        __builtin_prefetch(&set->keys[place_of(set, key)], 1);
    return fits;
}

bool tw_value_set_add_many(struct tw_value_set *set,
                           const struct tw_record_field *fields, size_t n)
{
    enum { BATCH = 64 };
    struct tw_value_key keys[BATCH];
    bool fits = true;
    while (n && fits) {
        size_t some = n < BATCH ? n : BATCH, nkeys = 0;
        for (size_t i = 0; i < some; i++) {
            if (fields[i].is_null)
                continue;
            keys[nkeys] = key_of((struct tw_str){fields[i].ptr, fields[i].len});
            if (set->nslots)
                __builtin_prefetch(&set->keys[place_of(set, keys[nkeys])], 1);
            nkeys++;
        }
        for (size_t i = 0; i < nkeys && fits; i++)
            fits = add_key(set, keys[i], false);
        fields += some;
        n -= some;
    }
    return fits;
}

bool tw_value_set_settle(struct tw_value_set *set)
{
    bool fits = true;
    for (; set->nput < set->nlate; set->nput++)
        fits &= put(set, set->late[set->nput % TW_VALUE_SET_LATE]);
    return fits;
}

bool tw_value_set_merge(struct tw_value_set *into, struct tw_value_set *from)
{
    bool fits = tw_value_set_settle(into) && tw_value_set_settle(from);
    for (size_t i = 0; fits && i < from->nslots; i++)
        if (from->keys[i].b)
            fits = put(into, from->keys[i]);
    return fits;
}

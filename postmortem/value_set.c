/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing over 16-byte keys; the table of each size has an arena of its own. */
#include "value_set.h"

#include <string.h>

#include "hash.h"

enum { FIRST_SLOTS = 1024, SHORT_MAX = 15 };

void tw_value_set_init(struct tw_value_set *set, struct tw_arena *arena, uint64_t max)
{
    *set = (struct tw_value_set){.parent = arena, .max = max};
}

static struct tw_value_key key_of(struct tw_str text)
{
    struct tw_value_key key = {0, 0};
    if (text.len <= SHORT_MAX) {
        unsigned char bytes[sizeof key] = {0};
        if (text.len)
            memcpy(bytes, text.ptr, text.len);
        bytes[SHORT_MAX] = (unsigned char)text.len;
        memcpy(&key, bytes, sizeof key);
        return key;
    }
    struct tw_hash128 hash = tw_hash_bytes128(text.ptr, text.len);
    unsigned char bytes[sizeof key];
    memcpy(bytes, &hash, sizeof bytes);
    bytes[SHORT_MAX] |= 0x80; /* no length of a short text */
    memcpy(&key, bytes, sizeof key);
    return key;
}

static size_t probe(const struct tw_value_set *set, struct tw_value_key key)
{
    size_t mask = set->nslots - 1;
    uint64_t h =
        (key.a ^ (key.b * UINT64_C(0x9e3779b97f4a7c15))) * UINT64_C(0xd6e8feb86659fd93);
    size_t at = (size_t)(h ^ h >> 32) & mask;
    while (set->state[at] && (set->keys[at].a != key.a || set->keys[at].b != key.b))
        at = (at + 1) & mask;
    return at;
}

static void grow(struct tw_value_set *set)
{
    struct tw_value_set old = *set;
    set->arena = tw_arena_child(set->parent);
    set->nslots = old.nslots ? old.nslots * 2 : FIRST_SLOTS;
    set->keys = tw_new_array(set->arena, set->nslots, struct tw_value_key);
    set->state = tw_new_array(set->arena, set->nslots, unsigned char);
    for (size_t i = 0; i < old.nslots; i++) {
        if (!old.state[i])
            continue;
        size_t at = probe(set, old.keys[i]);
        set->keys[at] = old.keys[i];
        set->state[at] = old.state[i];
    }
    if (old.arena)
        tw_arena_release(old.arena);
}

static bool add_key(struct tw_value_set *set, struct tw_value_key key, bool affected)
{
    if (set->count * 3 >= set->nslots * 2)
        grow(set);
    size_t at = probe(set, key);
    if (!set->state[at]) {
        if (set->count == set->max)
            return false;
        set->keys[at] = key;
        set->state[at] = 1;
        set->count++;
    }
    if (affected && set->state[at] == 1) {
        set->state[at] = 3;
        set->affected++;
    }
    return true;
}

bool tw_value_set_add(struct tw_value_set *set, struct tw_str text, bool affected)
{
    return add_key(set, key_of(text), affected);
}

bool tw_value_set_merge(struct tw_value_set *into, const struct tw_value_set *from)
{
    for (size_t i = 0; i < from->nslots; i++)
        if (from->state[i] && !add_key(into, from->keys[i], from->state[i] == 3))
            return false;
    return true;
}

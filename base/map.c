/* SPDX-License-Identifier: Apache-2.0 */
/* The hash map: open addressing over an array that keeps the order of insertion. */
#include "map.h"

#include "hash.h"

void tw_map_init(struct tw_map *map, struct tw_arena *arena)
{
    *map = (struct tw_map){.arena = arena};
}

static size_t probe(const struct tw_map *map, struct tw_str key, uint64_t hash)
{
    size_t mask = map->nslots - 1, at = (size_t)hash & mask;
    while (map->slots[at]) {
        const struct tw_map_entry *e = &map->entries.at[map->slots[at] - 1];
        if (e->hash == hash && tw_str_eq(e->key, key))
            break;
        at = (at + 1) & mask;
    }
    return at;
}

const struct tw_map_entry *tw_map_find(const struct tw_map *map, struct tw_str key)
{
    if (map->nslots == 0)
        return NULL;
    uint32_t slot = map->slots[probe(map, key, tw_hash_bytes(key.ptr, key.len))];
    return slot ? &map->entries.at[slot - 1] : NULL;
}

void *tw_map_get(const struct tw_map *map, struct tw_str key)
{
    const struct tw_map_entry *e = tw_map_find(map, key);
    return e ? e->value : NULL;
}

static void grow(struct tw_map *map)
{
    map->nslots = map->nslots ? map->nslots * 2 : 16;
    map->slots = tw_new_array(map->arena, map->nslots, uint32_t);
    for (size_t i = 0; i < map->entries.len; i++) {
        const struct tw_map_entry *e = &map->entries.at[i];
        map->slots[probe(map, e->key, e->hash)] = (uint32_t)i + 1;
    }
}

void **tw_map_slot(struct tw_map *map, struct tw_str key)
{
    if (map->entries.len * 4 >= map->nslots * 3)
        grow(map);
    uint64_t hash = tw_hash_bytes(key.ptr, key.len);
    size_t at = probe(map, key, hash);
    if (!map->slots[at]) {
        *tw_vec_add(map->arena, &map->entries) =
            (struct tw_map_entry){.key = key, .hash = hash};
        map->slots[at] = (uint32_t)map->entries.len;
    }
    return &map->entries.at[map->slots[at] - 1].value;
}

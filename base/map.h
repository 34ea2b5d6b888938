/* SPDX-License-Identifier: Apache-2.0 */
/* From text to a pointer; the order of insertion is kept in `entries`. */
#ifndef TW_MAP_H
#define TW_MAP_H

#include <stdint.h>

#include "str.h"
#include "vec.h"

struct tw_map_entry {
    struct tw_str key;
    uint64_t hash;
    void *value;
};

struct tw_map {
    struct tw_arena *arena;
    TW_VEC(struct tw_map_entry) entries; /* in the order of insertion */
    uint32_t *slots;                     /* entry index + 1, 0 for free */
    size_t nslots;                       /* a power of two, or 0 */
};

void tw_map_init(struct tw_map *map, struct tw_arena *arena);
/* The value of KEY, or NULL. */
void *tw_map_get(const struct tw_map *map, struct tw_str key);
/* The slot for KEY's value, made (with NULL) where it was missing. KEY is not copied.
 * The address holds until the next insertion. */
void **tw_map_slot(struct tw_map *map, struct tw_str key);
/* The entry of KEY, or NULL: for maps that hold NULL values. */
const struct tw_map_entry *tw_map_find(const struct tw_map *map, struct tw_str key);

#endif

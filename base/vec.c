/* SPDX-License-Identifier: Apache-2.0 */
/* The growth step of the typed arrays. */
#include "vec.h"

#include <stdint.h>

void *tw_vec_room(struct tw_arena *arena, void *at, size_t *cap, size_t size)
{
    size_t old = *cap, grown = old ? old * 2 : 8;
    if (grown > SIZE_MAX / 2 / size)
        return tw_arena_array(arena, SIZE_MAX, size); /* unwinds */
    *cap = grown;
    return tw_arena_grow(arena, at, old * size, grown * size);
}

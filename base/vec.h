/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed arrays that grow in an arena.
 *
 *     TW_VEC(struct rule) rules = {0};
 *     *tw_vec_add(arena, &rules) = (struct rule){…};      rules.at[0 … rules.len - 1]
 */
#ifndef TW_VEC_H
#define TW_VEC_H

#include "arena.h"

#define TW_VEC(type)     \
    struct {             \
        type *at;        \
        size_t len, cap; \
    }

/* Room for one more at the end (zeroed, unless members were taken off); the address
 * holds until the next growth. */
#define tw_vec_add(arena, v)                                                           \
    ((v)->len == (v)->cap                                                              \
         ? (void)((v)->at = tw_vec_room((arena), (v)->at, &(v)->cap, sizeof *(v)->at)) \
         : (void)0,                                                                    \
     &(v)->at[(v)->len++])

void *tw_vec_room(struct tw_arena *arena, void *at, size_t *cap, size_t size);

#endif

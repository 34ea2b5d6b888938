/* SPDX-License-Identifier: Apache-2.0 */
/* The set of needles of a plan: see needles.h. */
#include "needles.h"

void tw_needles_add(struct tw_arena *arena, struct tw_needles *needles,
                    struct tw_str text)
{
    for (size_t i = 0; i < needles->list.len; i++)
        if (tw_str_find_str(text, needles->list.at[i]) < text.len)
            return;
    *tw_vec_add(arena, &needles->list) = text;
}

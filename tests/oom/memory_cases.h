/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that reads an input, as cases whose answer is one text. */
#ifndef TW_MEMORY_CASES_H
#define TW_MEMORY_CASES_H

#include "buf.h"
#include "vec.h"

struct tw_format;

struct tw_memory_case {
    struct tw_str name, path, bytes; /* of its file */
    const struct tw_format *format;
    /* Reads it with all its memory from ARENA; the answer holds what was read, and the
     * diagnostics. True where it was refused for lack of memory in so many words. */
    bool (*read)(struct tw_arena *arena, const struct tw_memory_case *c,
                 struct tw_buf *answer);
};

struct tw_memory_cases {
    TW_VEC(struct tw_memory_case) list;
};

/* The cases: formats with their fixtures, estates, dumps, YAML, XML. */
void tw_memory_cases_collect(struct tw_arena *arena, struct tw_memory_cases *cases);

#endif

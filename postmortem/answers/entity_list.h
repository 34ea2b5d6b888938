/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The different texts of one column in affected records, kept as they are, for
 * `--list`. Exact and bounded: beyond its maximum it refuses, it never leaves one out.
 */
#ifndef TW_ENTITY_LIST_H
#define TW_ENTITY_LIST_H

#include "buf.h"
#include "map.h"

struct tw_entity_list {
    struct tw_arena *arena;
    struct tw_map texts; /* to themselves */
    uint64_t count_max, bytes, bytes_max;
};

void tw_entity_list_init(struct tw_entity_list *list, struct tw_arena *arena,
                         uint64_t count_max, uint64_t bytes_max);
/* False where it is full. */
bool tw_entity_list_add(struct tw_entity_list *list, struct tw_str text);
bool tw_entity_list_merge(struct tw_entity_list *into,
                          const struct tw_entity_list *from);
/* One text a line, sorted bytewise. A backslash is written \\, a line feed \n, a
 * carriage return \r, a NUL \0, so that each line is one text. */
void tw_entity_list_write(const struct tw_entity_list *list, struct tw_buf *out);

#endif

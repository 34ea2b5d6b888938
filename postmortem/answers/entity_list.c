/* SPDX-License-Identifier: Apache-2.0 */
/* A set of texts: see entity_list.h. */
#include "entity_list.h"

#include <stdlib.h>

void tw_entity_list_init(struct tw_entity_list *list, struct tw_arena *arena,
                         uint64_t count_max, uint64_t bytes_max)
{
    *list = (struct tw_entity_list){
        .arena = arena, .count_max = count_max, .bytes_max = bytes_max};
    tw_map_init(&list->texts, arena);
}

bool tw_entity_list_add(struct tw_entity_list *list, struct tw_str text)
{
    if (tw_map_find(&list->texts, text))
        return true;
    if (list->texts.entries.len >= list->count_max ||
        list->bytes + text.len > list->bytes_max)
        return false;
    list->bytes += text.len;
    (void)tw_map_slot(&list->texts, tw_str_copy(list->arena, text));
    return true;
}

bool tw_entity_list_merge(struct tw_entity_list *into,
                          const struct tw_entity_list *from)
{
    for (size_t i = 0; i < from->texts.entries.len; i++)
        if (!tw_entity_list_add(into, from->texts.entries.at[i].key))
            return false;
    return true;
}

static int cmp_texts(const void *a, const void *b)
{
    return tw_str_cmp(*(const struct tw_str *)a, *(const struct tw_str *)b);
}

static void put_line(struct tw_buf *out, struct tw_str text)
{
    static const char plain[] = {'\\', '\n', '\r', '\0'},
                      letter[] = {'\\', 'n', 'r', '0'};
    for (size_t i = 0; i < text.len; i++) {
        size_t k = 0;
        while (k < sizeof plain && plain[k] != text.ptr[i])
            k++;
        if (k < sizeof plain)
            tw_buf_char(out, '\\');
        tw_buf_char(out, k < sizeof plain ? letter[k] : text.ptr[i]);
    }
    tw_buf_char(out, '\n');
}

void tw_entity_list_write(const struct tw_entity_list *list, struct tw_buf *out)
{
    size_t n = list->texts.entries.len;
    struct tw_str *all = tw_new_array(out->arena, n, struct tw_str);
    for (size_t i = 0; i < n; i++)
        all[i] = list->texts.entries.at[i].key;
    if (n)
        qsort(all, n, sizeof *all, cmp_texts);
    for (size_t i = 0; i < n; i++)
        put_line(out, all[i]);
}

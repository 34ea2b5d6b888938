/* SPDX-License-Identifier: Apache-2.0 */
/* Building the two faces of a report. */
#include "doc.h"

#include <string.h>

static struct tw_value *value_new(struct tw_arena *arena, enum tw_value_kind kind)
{
    struct tw_value *v = tw_new(arena, struct tw_value);
    v->kind = kind;
    return v;
}

struct tw_value *tw_value_object(struct tw_arena *arena)
{
    return value_new(arena, TW_VALUE_OBJECT);
}

struct tw_value *tw_value_array(struct tw_arena *arena)
{
    return value_new(arena, TW_VALUE_ARRAY);
}

struct tw_value *tw_value_add(struct tw_arena *arena, struct tw_value *in,
                              const char *key, enum tw_value_kind kind)
{
    struct tw_value *v = value_new(arena, kind);
    v->key = tw_str_of(key);
    if (in->last)
        in->last->next = v;
    else
        in->first = v;
    in->last = v;
    return v;
}

void tw_value_add_null(struct tw_arena *arena, struct tw_value *in, const char *key)
{
    tw_value_add(arena, in, key, TW_VALUE_NULL);
}

void tw_value_add_bool(struct tw_arena *arena, struct tw_value *in, const char *key,
                       bool b)
{
    tw_value_add(arena, in, key, TW_VALUE_BOOL)->boolean = b;
}

void tw_value_add_int(struct tw_arena *arena, struct tw_value *in, const char *key,
                      uint64_t n)
{
    tw_value_add(arena, in, key, TW_VALUE_INT)->integer = (int64_t)n;
}

void tw_value_add_text(struct tw_arena *arena, struct tw_value *in, const char *key,
                       struct tw_str s)
{
    tw_value_add(arena, in, key, TW_VALUE_TEXT)->text = s;
}

void tw_value_add_text_at(struct tw_arena *arena, struct tw_value *in,
                          struct tw_str key, struct tw_str s)
{
    struct tw_value *v = tw_value_add(arena, in, NULL, TW_VALUE_TEXT);
    v->key = key;
    v->text = s;
}

struct tw_doc *tw_doc_new(struct tw_arena *arena, enum tw_lang lang, const char *schema)
{
    struct tw_doc *doc = tw_new(arena, struct tw_doc);
    doc->arena = arena;
    doc->lang = lang;
    doc->data = tw_value_object(arena);
    tw_value_add_text(arena, doc->data, "schema", tw_str_of(schema));
    return doc;
}

void tw_doc_line(struct tw_doc *doc, enum tw_block_kind kind, unsigned indent,
                 enum tw_tone tone, struct tw_str text)
{
    *tw_vec_add(doc->arena, &doc->blocks) = (struct tw_block){
        .kind = kind, .indent = indent, .cell = TW_CELL_TONE(text, tone)};
}

void tw_doc_gap(struct tw_doc *doc)
{
    tw_vec_add(doc->arena, &doc->blocks)->kind = TW_BLOCK_GAP;
}

struct tw_block *tw_doc_table(struct tw_doc *doc, unsigned indent, bool has_header)
{
    struct tw_block *b = tw_vec_add(doc->arena, &doc->blocks);
    b->kind = TW_BLOCK_TABLE;
    b->indent = indent;
    b->has_header = has_header;
    return b;
}

void tw_doc_row(struct tw_doc *doc, struct tw_block *table, size_t ncells,
                const struct tw_cell *cells)
{
    struct tw_cell *copy = tw_new_array(doc->arena, ncells, struct tw_cell);
    memcpy(copy, cells, ncells * sizeof *copy);
    *tw_vec_add(doc->arena, &table->rows) = (struct tw_row){copy, ncells};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report as data: what renderers see, and the only thing they see.
 *
 * A doc has two faces, built together by the room that found the answer: `data`, a tree
 * of values in the order of the JSON contract, and `blocks`, the same answer laid out
 * for a person: the verdict first, the totals last.
 */
#ifndef TW_DOC_H
#define TW_DOC_H

#include <stdint.h>

#include "lang.h"
#include "str.h"
#include "vec.h"

enum tw_value_kind {
    TW_VALUE_NULL,
    TW_VALUE_BOOL,
    TW_VALUE_INT,
    TW_VALUE_TEXT, /* strings, addresses, decimals: quoted in JSON */
    TW_VALUE_ARRAY,
    TW_VALUE_OBJECT
};

struct tw_value {
    enum tw_value_kind kind;
    bool boolean;
    int64_t integer;
    struct tw_str text;
    struct tw_value *first, *last, *next; /* members, in order */
    struct tw_str key;                    /* of a member of an object */
};

struct tw_value *tw_value_object(struct tw_arena *arena);
struct tw_value *tw_value_array(struct tw_arena *arena);
/* Each appends to the object IN (with KEY, a literal) or to the array IN (KEY NULL) and
 * returns what it appended. Text is copied nowhere: it must live as long as the doc. */
struct tw_value *tw_value_add(struct tw_arena *arena, struct tw_value *in,
                              const char *key, enum tw_value_kind kind);
void tw_value_add_null(struct tw_arena *arena, struct tw_value *in, const char *key);
void tw_value_add_bool(struct tw_arena *arena, struct tw_value *in, const char *key,
                       bool b);
void tw_value_add_int(struct tw_arena *arena, struct tw_value *in, const char *key,
                      uint64_t n);
void tw_value_add_text(struct tw_arena *arena, struct tw_value *in, const char *key,
                       struct tw_str s);
/* For keys that are data (column names). */
void tw_value_add_text_at(struct tw_arena *arena, struct tw_value *in,
                          struct tw_str key, struct tw_str s);

/* The meaning of a piece of text; a renderer may show it as colour, never only so. */
enum tw_tone { TW_PLAIN, TW_STRONG, TW_GOOD, TW_BAD, TW_DOUBT, TW_DIM };

struct tw_cell {
    struct tw_str text;
    enum tw_tone tone;
    bool right; /* aligned to the right: numbers */
};

enum tw_block_kind {
    TW_BLOCK_VERDICT, /* the first line */
    TW_BLOCK_HEADING,
    TW_BLOCK_LINE,  /* one line of text, indented */
    TW_BLOCK_TABLE, /* rows of cells, columns aligned */
    TW_BLOCK_GAP,
    TW_BLOCK_TOTALS, /* the last line */
    TW_BLOCK_COMMAND /* a command to copy */
};

struct tw_row {
    const struct tw_cell *cells;
    size_t ncells;
};

struct tw_block {
    enum tw_block_kind kind;
    unsigned indent;     /* levels of two blanks */
    struct tw_cell cell; /* all kinds but TABLE and GAP */
    bool has_header;     /* the table's first row is its header */
    TW_VEC(struct tw_row) rows;
};

struct tw_doc {
    struct tw_arena *arena;
    enum tw_lang lang;
    struct tw_value *data; /* an object; its first member is "schema" */
    TW_VEC(struct tw_block) blocks;
    struct tw_str xml; /* the answer as XML, where it has such a form */
};

struct tw_doc *tw_doc_new(struct tw_arena *arena, enum tw_lang lang,
                          const char *schema);
void tw_doc_line(struct tw_doc *doc, enum tw_block_kind kind, unsigned indent,
                 enum tw_tone tone, struct tw_str text);
void tw_doc_gap(struct tw_doc *doc);
/* An empty table; the address holds until the next block is added. */
struct tw_block *tw_doc_table(struct tw_doc *doc, unsigned indent, bool has_header);
/* A row; CELLS are copied. */
void tw_doc_row(struct tw_doc *doc, struct tw_block *table, size_t ncells,
                const struct tw_cell *cells);

#define TW_CELL(s) ((struct tw_cell){.text = (s)})
#define TW_CELL_TONE(s, t) ((struct tw_cell){.text = (s), .tone = (t)})
#define TW_CELL_RIGHT(s) ((struct tw_cell){.text = (s), .right = true})

#endif

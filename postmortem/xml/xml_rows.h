/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows out of a stream of events: the one that is being built, and behind it the
 * finished ones that were not asked for yet, a queue. A parser that is pushed gives as
 * many as its piece of text holds.
 *
 * What is called from inside a foreign library does not unwind: it answers false where
 * memory ends.
 */
#ifndef TW_XML_ROWS_H
#define TW_XML_ROWS_H

#include "record.h"

struct tw_xml_cell {
    size_t off, len; /* in chars */
    bool is_null, set;
    bool bytes;  /* bytes beyond ASCII were put back: it may not be UTF-8 */
    bool broken; /* not written as its type has it */
};

struct tw_xml_row {
    struct tw_record record;
    bool refused;
    size_t cells, ncells; /* its cells, and … */
    size_t chars;         /* … where its text begins */
    bool all;             /* it has all columns, else the wanted ones */
};

struct tw_xml_rows {
    struct tw_arena *arena;
    struct tw_arena *room_chars, *room_cells, *room_rows;
    char *chars;
    struct tw_xml_cell *cells;
    struct tw_xml_row *rows;
    size_t nchars, chars_cap, ncells, cells_cap, nrows, rows_cap;
    size_t next; /* rows[next … nrows) were not given yet */

    struct tw_xml_row open; /* the row that is being built */
    bool is_open;
};

void tw_xml_rows_init(struct tw_xml_rows *rows, struct tw_arena *arena);
/* Begins a row of NCELLS cells. */
bool tw_xml_rows_open(struct tw_xml_rows *rows, size_t ncells, bool all);
/* One cell more: while the columns are being learnt. */
bool tw_xml_rows_add_cell(struct tw_xml_rows *rows);
struct tw_xml_cell *tw_xml_rows_cell(struct tw_xml_rows *rows, size_t index);
bool tw_xml_rows_text(struct tw_xml_rows *rows, struct tw_str piece);
/* The open row is finished: it joins the queue. */
bool tw_xml_rows_close(struct tw_xml_rows *rows);
/* The next finished row, or NULL. What was given before is forgotten. */
const struct tw_xml_row *tw_xml_rows_take(struct tw_xml_rows *rows);

#endif

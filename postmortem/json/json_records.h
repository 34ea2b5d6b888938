/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as records: what the formats jsonl, json_array and json_compact share. */
#ifndef TW_JSON_RECORDS_H
#define TW_JSON_RECORDS_H

#include "json_fields.h"
#include "text_window.h"

struct tw_json_records {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena;
    struct tw_text_window w;
    struct tw_json_fields *fields;
    struct tw_str name;
    size_t record_max;
    uint64_t number, given;
    TW_VEC(struct tw_column) columns;
    const size_t *wanted;
    size_t nwanted;
    const struct tw_str *declared; /* columns that may be in no record */
    size_t ndeclared;
    struct tw_str first_keys; /* of the first record, for diagnostics */
    struct tw_diags *diags;
};

/* The common part of an open JSON dump whose records are objects. */
struct tw_json_records *tw_json_records_new(const struct tw_dump_open *how, size_t size,
                                            const struct tw_dump *dump);
/* Begins R with the first byte that is not consumed. */
void tw_json_begin(struct tw_json_records *t, struct tw_record *r, uint64_t bytes);
/* Reads the first LEN bytes not consumed as one object, consumes USED of them, and
 * gives the record or refuses it. */
enum tw_next tw_json_judge(struct tw_json_records *t, struct tw_record *r, size_t len,
                           size_t used);
/* The answer at the end of the file: fails where a wanted column was in no record. */
enum tw_next tw_json_end(struct tw_json_records *t);

/* One record a line; json_lines.c. */
struct tw_json_lines {
    struct tw_json_records json;
    uint64_t blanks, blank_bytes, blanks_at; /* blank lines just passed */
    /* LINE, with its line end, begins what is not consumed. */
    enum tw_next (*read)(struct tw_json_lines *t, struct tw_record *r,
                         struct tw_str line);
    size_t nfields;      /* of arrays */
    struct tw_str names; /* of arrays: the header line */
};

/* The next line that is not blank. */
enum tw_line tw_json_line_find(struct tw_json_lines *t, struct tw_str *line);
struct tw_json_lines *tw_json_lines_open(const struct tw_dump_open *how,
                                         const struct tw_dump *dump);

/* For probing: HEAD from its first byte that is not blank. */
struct tw_str tw_json_head(struct tw_str head);
/* Does some line of HEAD begin with OPEN and end with CLOSE? Yes where HEAD is but one
 * line that is not whole. */
bool tw_json_head_has_line(struct tw_str head, char open, char close);

#endif

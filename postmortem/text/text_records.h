/* SPDX-License-Identifier: Apache-2.0 */
/* Delimited text as records: what the formats of one dump/NAME.c each have in common.
 */
#ifndef TW_TEXT_RECORDS_H
#define TW_TEXT_RECORDS_H

#include "csv.h"
#include "text_window.h"

/* What another reader must know to read the records of an open delimited text. */
struct tw_text_layout {
    struct tw_csv_dialect dialect;
    struct tw_str null_text; /* a bare field that is NULL */
    size_t nfields;          /* of every record; others are refused */
    struct tw_str header;    /* its bytes without the line end: not a record */
    uint64_t start;          /* decoded bytes before the first record */
    size_t record_max;
    enum tw_refusal ragged; /* how a record with another number of fields is refused */
};

enum tw_text_names {
    TW_TEXT_NAMES_FIRST,     /* the first record names the columns */
    TW_TEXT_NAMES_AND_TYPES, /* and the second one gives their types */
    TW_TEXT_NAMES_NONE       /* --columns does; else they are #1, #2 … */
};

/* How a format writes its text. */
struct tw_text_format {
    struct tw_csv_dialect dialect; /* the flags of the caller override it */
    const char *null_text;         /* what stands for NULL; NULL: `\N` */
    bool null_ambiguous;           /* … and for the same text: such cells are noted */
    enum tw_text_names names;
    /* Records of fewer fields than names are whole, the last columns NULL, as long as
     * all of the file's records have the same number of them. */
    bool short_records;
    enum tw_refusal ragged;
    size_t skip_lines; /* before the header: no records, noted */
    /* Is LINE a client's and no record? Noted where it is surely none. */
    bool (*aside)(struct tw_str line);
    bool nul_wraps; /* cells in NUL bytes cannot be read: refused, with all between */
    /* Is a column with times in UTC, by its TYPE? */
    bool (*utc)(struct tw_str type);
};

/* Opens HOW's stream. NULL after a diagnostic. FORMAT must outlive the arena or is
 * copied by value: nothing of it is kept but what is constant. */
struct tw_records *tw_text_records_open(const struct tw_dump_open *how,
                                        const struct tw_dump *dump,
                                        const struct tw_text_format *format);

/* For readers of the same bytes beside next(), which must have given what it began:
 * where the next record stands, … */
struct tw_text_at {
    uint64_t decoded; /* in the decoded text */
    uint64_t offset;  /* in the file */
    uint64_t number;  /* of the records before it */
};
struct tw_text_at tw_text_records_at(struct tw_records *records);
/* … where a later record stands in the file, asked in the order of the places, … */
uint64_t tw_text_records_offset(struct tw_records *records, uint64_t decoded);
/* … the bytes from there on, as many as the buffer holds (TW_NEXT_RECORD; at the end
 * TW_NEXT_END), with TW_TEXT_MARGIN readable bytes on both sides, … */
enum tw_next tw_text_records_window(struct tw_records *records, struct tw_str *window);
/* Do places in the decoded text and in the file differ by a constant? */
bool tw_text_records_is_plain(const struct tw_records *records);
size_t tw_text_records_buffer(const struct tw_records *records);
/* … and that NBYTES of them, NRECORDS whole records, were read. */
void tw_text_records_pass(struct tw_records *records, size_t nbytes, uint64_t nrecords);

/* A reader of what RECORDS reads that begins in the middle of the file, at AT: its
 * records are numbered and placed as those of RECORDS. SOURCE gives UTF-8 from there
 * on. STOP as in HOW of an open. */
struct tw_records *tw_text_records_resume(struct tw_arena *arena,
                                          const struct tw_records *records,
                                          struct tw_byte_source source,
                                          struct tw_text_at at, bool (*stop)(void *ctx),
                                          void *stop_ctx);

/* Lets RECORDS look at bytes that it has not read: PEEK gives up to ROOM decoded bytes
 * from the place AT on, none where it cannot. A record of megabytes is then found to be
 * too long before it is kept. */
void tw_text_records_peek(struct tw_records *records,
                          size_t (*peek)(void *ctx, uint64_t at, char *bytes,
                                         size_t room),
                          void *ctx);

/* The dialect of HOW over DEFAULTS; false after a diagnostic. */
bool tw_text_dialect(const struct tw_dump_open *how, struct tw_csv_dialect defaults,
                     struct tw_csv_dialect *dialect);
/* What stands for NULL: as the caller says, or else as the format has it. */
struct tw_str tw_text_null(const struct tw_dump_open *how, const char *null_text);
/* A format that has no tables and was given one: false after a diagnostic. */
bool tw_text_no_table(const struct tw_dump_open *how, const struct tw_dump *dump);
/* COUNT columns: named as HOW says, the others #1, #2 … */
struct tw_column *tw_text_columns(const struct tw_dump_open *how, size_t count);

/* For probing, on the beginning of a file. */
struct tw_str tw_text_first_line(struct tw_str head); /* without its line end */
bool tw_text_first_line_has(struct tw_str head, char c);
/* Takes the next cell of *LINE, without its quotes (0: none) and not decoded; false
 * behind the last one. *LINE is TW_NO_STR behind it. */
bool tw_text_cell(struct tw_str *line, char delimiter, char quote, struct tw_str *cell);
/* Is TEXT a cell of LINE, or of any whole line of HEAD? Quotes are not looked at. */
bool tw_text_has_cell(struct tw_str line, char delimiter, const char *text);
bool tw_text_head_has_cell(struct tw_str head, char delimiter, const char *text);
/* Are all escaped bytes of HEAD among LETTERS? *ANY: there are some. */
bool tw_text_escapes_are(struct tw_str head, char escape, const char *letters,
                         bool *any);
/* Have the whole records of HEAD one and the same number of fields, more than one, and
 * no stray quotes? */
bool tw_text_regular(struct tw_str head, const struct tw_csv_dialect *dialect);

#endif

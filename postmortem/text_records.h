/* SPDX-License-Identifier: Apache-2.0 */
/* Delimited text as records: what the formats csv and tsv share. */
#ifndef TW_TEXT_RECORDS_H
#define TW_TEXT_RECORDS_H

#include "csv.h"
#include "record.h"

/* What another reader must know to read the records of an open delimited text. */
struct tw_text_layout {
    struct tw_csv_dialect dialect;
    struct tw_str null_text; /* a bare field that is NULL */
    size_t nfields;          /* of every record; others are refused */
    struct tw_str header;    /* its bytes without the line end: not a record */
    uint64_t start;          /* decoded bytes before the first record */
    size_t record_max;
};

/* Opens HOW's stream. DEFAULTS is the format's own dialect; the flags of HOW override
 * it. NULL after a diagnostic. */
struct tw_records *tw_text_records_open(const struct tw_dump_open *how,
                                        const struct tw_dump *dump,
                                        struct tw_csv_dialect defaults);

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
enum { TW_TEXT_MARGIN = 128 };
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

/* For probing: does C occur in the first line of HEAD? */
bool tw_text_first_line_has(struct tw_str head, char c);

#endif

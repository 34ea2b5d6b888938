/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of delimited text in memory, from the offsets that a kernel found to the tally.
 *
 *     tw_rows_find(rows, bytes, len, until)      where records end; is something odd?
 *     tw_rows_count(rows, n, place)              the first N of them, into the tally
 *
 * One of these belongs to one thread.
 */
#ifndef TW_SCAN_ROWS_H
#define TW_SCAN_ROWS_H

#include "scan_kernel.h"
#include "tally.h"
#include "text_records.h"

struct tw_rows {
    const struct tw_text_layout *layout;
    const struct tw_binding *binding;
    const struct tw_scan_kernel *kernel;
    struct tw_tally *tally;
    size_t file;
    struct tw_needle_filter filter;
    struct tw_arena *arena, *scratch;
    bool scratched; /* something stands in it */
    bool takes_many;
    struct tw_record_field *
        *columns; /* of some records, by slot; NULL: not looked at */
    struct tw_record_field *fields;
    size_t *used, nused; /* slots that a record without a needle needs */
    size_t *all, nall;   /* all slots but the constant ones */
    bool counts_only;    /* records without a needle are counted without a look */
    size_t room;         /* of the arrays of `scan` */
    struct tw_scan scan;
    struct tw_csv_record first; /* room for tw_rows_first() */
    uint32_t *one_separators;   /* of a single record */
    uint32_t one_end[2], one_hit;
};

/* Where the first of some rows stands. */
struct tw_rows_place {
    struct tw_text_at at;
    struct tw_records *records; /* to ask where later ones stand; NULL: byte by byte */
};

/* What a run needs; ROOM is the largest number of bytes for tw_rows_find(). SAMPLE is
 * some of the file's text. TALLY's plan decides what is looked at. */
void tw_rows_init(struct tw_rows *rows, struct tw_arena *arena,
                  const struct tw_text_layout *layout, const struct tw_binding *binding,
                  const struct tw_scan_kernel *kernel, struct tw_tally *tally,
                  size_t file, size_t room, struct tw_str sample);

/*
 * Finds the records that begin in BYTES[0 … UNTIL); BYTES[0] begins a record, the last
 * one may end anywhere before LEN. TW_SCAN_MARGIN bytes stand on both sides. *USED: the
 * bytes of the records that end before LEN, *COUNT their number; *USED < UNTIL: one
 * that begins there does not. False where something is odd: nothing is to be counted
 * then.
 */
bool tw_rows_find(struct tw_rows *rows, const char *bytes, size_t len, size_t until,
                  size_t *used, size_t *count);
/* Counts the records that were found. */
void tw_rows_count(struct tw_rows *rows, size_t count, struct tw_rows_place place);

/* The offset in BYTES[0 … LEN) behind a line feed from which on something looks like a
 * record, or UNTIL: a guess. */
size_t tw_rows_first(struct tw_rows *rows, const char *bytes, size_t len, size_t until);

#endif

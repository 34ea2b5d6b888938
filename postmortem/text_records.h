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

/* For probing: does C occur in the first line of HEAD? */
bool tw_text_first_line_has(struct tw_str head, char c);

#endif

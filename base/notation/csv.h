/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delimited text (RFC 4180 and its relatives), record by record, exactly.
 *
 * A state machine over bytes that lie in memory: it finds the next record's fields, or
 * says that it needs more bytes. Whole files and streams of any size use it alike:
 *
 *     a,"b ""x""",c\r\n   →   {a} {b ""x"", quoted, doubled} {c}
 *
 * Fields are slices into the bytes that were given; a field with doubled quotes or
 * escapes says so and is decoded by tw_csv_decode() on demand.
 */
#ifndef TW_CSV_H
#define TW_CSV_H

#include "str.h"
#include "vec.h"

/* What the byte behind an escape stands for. */
enum tw_csv_escapes {
    TW_CSV_ESCAPES_ITSELF,     /* for itself */
    TW_CSV_ESCAPES_MYSQL,      /* 0 b n r t Z (LOAD DATA), else for itself */
    TW_CSV_ESCAPES_CLICKHOUSE, /* 0 a b f n r t v, xHH, else for itself */
    TW_CSV_ESCAPES_POSTGRES    /* b f n r t v, octal, xHH (COPY), else for itself */
};

struct tw_csv_dialect {
    char delimiter; /* ',' '\t' … */
    char quote;     /* '"', or 0 for none: then quotes are data */
    char escape;    /* 0, or '\\': the next byte is data, in and out of quotes */
    enum tw_csv_escapes escapes;
};

struct tw_csv_field {
    struct tw_str raw; /* without the surrounding quotes */
    bool quoted;
    bool encoded; /* holds doubled quotes or escapes */
};

enum tw_csv_result {
    TW_CSV_RECORD,
    TW_CSV_END,        /* no more bytes */
    TW_CSV_MORE,       /* the record does not end in these bytes */
    TW_CSV_OPEN_QUOTE, /* the input ends inside quotes; `used` covers the rest */
    TW_CSV_STRAY_QUOTE /* text behind a closing quote, or a quote inside a bare field;
                          the record ends at the next line end (outside of quotes) */
};

struct tw_csv_record {
    TW_VEC(struct tw_csv_field) fields; /* reused from call to call */
    size_t fields_max;                  /* set by the caller; 0: any number */
    size_t dropped;                     /* fields beyond it: counted, not kept */
    size_t used;                        /* bytes of the record, its line end included */
    size_t stray;                       /* offset of the stray quote */
};

/* Finds the record at the beginning of BYTES. LAST: nothing follows BYTES. */
enum tw_csv_result tw_csv_next(struct tw_arena *arena,
                               const struct tw_csv_dialect *dialect,
                               struct tw_str bytes, bool last,
                               struct tw_csv_record *record);
/*
 * Walks over one record that is too long to be kept, piece by piece. *STATE is 0 at the
 * record's beginning. Returns how many of BYTES belong to it; *ENDED: its line end was
 * among them. Where the input ends first, tw_csv_skip_in_quotes() tells whether a quote
 * was left open.
 */
size_t tw_csv_skip(const struct tw_csv_dialect *dialect, unsigned *state,
                   struct tw_str bytes, bool *ended);
bool tw_csv_skip_in_quotes(unsigned state);
/* The value of FIELD: RAW itself, or a decoded copy in ARENA. */
struct tw_str tw_csv_decode(struct tw_arena *arena,
                            const struct tw_csv_dialect *dialect,
                            const struct tw_csv_field *field);

#endif

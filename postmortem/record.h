/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records out of data dumps: the interface that every dump format shares.
 *
 * One file dump/NAME.c is one format and defines
 *
 *     const struct tw_dump tw_dump_NAME = { .name = "NAME", … };
 *
 * The build collects them into the registry. A format turns UTF-8 text (utf8_stream.h
 * has decompressed and decoded it) into records, one at a time and in order:
 *
 *     open   reads as far as the columns are known
 *     want   says which columns the caller will look at; others need not be decoded
 *     next   gives the next record, or says why it is refused
 *
 * What cannot be read for sure is refused with a reason and its place; the reader goes
 * on behind it. Nothing is skipped silently: records given + records refused is what
 * the file holds.
 */
#ifndef TW_RECORD_H
#define TW_RECORD_H

#include "diag.h"
#include "utf8_stream.h"

/* Why a record is not counted. The order is the order of reports. */
enum tw_refusal {
    TW_REFUSED_RAGGED,       /* another number of fields than the header has */
    TW_REFUSED_STRAY_QUOTE,  /* a quote inside a bare field, text behind a quoted one */
    TW_REFUSED_OPEN_QUOTE,   /* a quote that is open to the end of the file */
    TW_REFUSED_TOO_LONG,     /* beyond the maximum length */
    TW_REFUSED_BAD_ENCODING, /* a byte that is not text in the file's encoding */
    TW_REFUSED_HEADER_AGAIN, /* the header line once more: files joined into one */
    TW_REFUSED_MARK_INSIDE,  /* a byte order mark inside: files joined into one */
    TW_REFUSED_REGEX_LIMIT,  /* a regular expression gave up on it */
    TW_REFUSAL_COUNT
};

struct tw_record_field {
    const char *ptr;
    size_t len;
    bool is_null; /* NULL, which is not the empty text */
};

/* Slices hold until the next call of next(). */
struct tw_record {
    const struct tw_record_field
        *fields; /* the columns wanted, in the order of want() */
    size_t nfields;
    uint64_t number; /* from 1 in its file; a header is not counted */
    uint64_t offset; /* of its first byte in the decompressed file */
    uint64_t bytes;  /* its length as decoded, line end included */
    uint64_t times;  /* refused: how many records this stands for (lines in a row) */
    enum tw_refusal refusal;
};

enum tw_next {
    TW_NEXT_RECORD,
    TW_NEXT_REFUSED,
    TW_NEXT_END,
    TW_NEXT_STOPPED, /* stop() said so */
    TW_NEXT_FAILED   /* the input cannot be read on; a diagnostic says why */
};

struct tw_column {
    struct tw_str name;
    bool utc; /* its times are UTC although they carry no zone */
};

/* An open dump. */
struct tw_records {
    const struct tw_dump *dump;
    const struct tw_column *columns;
    size_t ncolumns;
    bool no_header; /* the file is empty: not even a header */
    void (*want)(struct tw_records *records, const size_t *columns, size_t count);
    enum tw_next (*next)(struct tw_records *records, struct tw_record *record);
};

/* How delimited text is written. -1: as the format has it; 0 for none. */
struct tw_dialect {
    int delimiter, quote, escape;
    struct tw_str null_text;      /* what stands for NULL outside of quotes */
    const struct tw_str *columns; /* for files without a header; ncolumns 0: has one */
    size_t ncolumns;
    size_t record_max; /* bytes; longer records are refused */
    size_t buffer;     /* bytes to begin with; grows up to what a record needs */
};

extern const struct tw_dialect tw_dialect_default;

struct tw_dump_open {
    struct tw_arena *arena; /* of the file: released with it */
    struct tw_utf8_stream *stream;
    struct tw_str name; /* of the file, for diagnostics */
    const struct tw_dialect *dialect;
    struct tw_str table;     /* of dumps with several; empty: not said */
    bool (*stop)(void *ctx); /* asked where one record may take long; NULL: never */
    void *stop_ctx;
    struct tw_diags *diags;
};

struct tw_dump {
    const char *name;
    const char *summary[TW_LANG_COUNT];
    /* How well HEAD, the decoded beginning of the file FILE_NAME, fits: 0 not at all,
     * 100 beyond doubt. */
    unsigned (*probe)(struct tw_str head, struct tw_str file_name);
    /* NULL after a diagnostic. */
    struct tw_records *(*open)(const struct tw_dump_open *how);
};

/* All formats, sorted by name, NULL at the end. */
extern const struct tw_dump *const tw_dumps[];
const struct tw_dump *tw_dump_by_name(struct tw_str name);
/* The format that fits best, or NULL after a diagnostic. */
const struct tw_dump *tw_dump_detect(struct tw_str head, struct tw_str file_name,
                                     struct tw_diags *diags);

#endif

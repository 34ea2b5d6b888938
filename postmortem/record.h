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
    TW_REFUSED_BAD_VALUE,    /* a value that is not written as the format has it */
    TW_REFUSED_AMBIGUOUS,    /* it can be read in two ways */
    TW_REFUSED_BROKEN_LINE,  /* a line that a raw line end in a value left behind */
    TW_REFUSED_CUT,          /* cut off by the end of the file */
    TW_REFUSAL_COUNT
};

/* What a reader notices and the reader of a report must know, counted per file; none of
 * it refuses a record. */
enum tw_note {
    TW_NOTE_AMBIGUOUS_NULL, /* cells that are NULL or the text that stands for it */
    TW_NOTE_NOT_A_RECORD,   /* lines around the records: log lines of a client */
    TW_NOTE_REPAIRED_BYTE,  /* bytes that the notation forbids, read as they are */
    TW_NOTE_LOST_CR,        /* carriage returns that the notation cannot keep */
    TW_NOTE_OTHER_TABLE,    /* records of tables that were not asked for */
    TW_NOTE_REPEATED_KEY,   /* objects that name a column twice: the last one counts */
    TW_NOTE_COUNT
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
    /* None of the plan's needles (needles.h) occurs in its bytes, and the text of the
     * wanted fields stands in these bytes as it is. False where nobody looked. */
    bool no_needle;
    bool margin; /* eight bytes before each field can be read */
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
    struct tw_str alias; /* another name of it; empty: none */
    bool utc;            /* its times are UTC although they carry no zone */
};

/* An open dump. */
struct tw_records {
    const struct tw_dump *dump;
    const struct tw_column *columns;
    size_t ncolumns;
    bool no_header; /* the file is empty: not even a header */
    uint64_t notes[TW_NOTE_COUNT];
    struct tw_str as_of; /* when the data were read, where the dump says so; or empty */
    /* Columns behind the others that have one value in the whole file, and are not read
     * from it: set by who opened it; next() does not give them. */
    const struct tw_column *constant_columns;
    const struct tw_record_field *constants;
    size_t nconstants;
    /* Delimited text whose records may be read by scan.h as well; NULL: only by next().
     * Valid once it is open and before the first call of next(). */
    const struct tw_text_layout *text;
    /* Formats whose records name their columns themselves: the place of the column NAME
     * in `columns`, which it joins. NULL: `columns` are all. */
    size_t (*column)(struct tw_records *records, struct tw_str name);
    /* With column(): whatever else a record holds is wanted too, behind the columns of
     * want(). Set before want() is called. */
    bool others;
    /* COLUMNS is kept: it lives as long as the records. */
    void (*want)(struct tw_records *records, const size_t *columns, size_t count);
    enum tw_next (*next)(struct tw_records *records, struct tw_record *record);
};

/* How delimited text is written. -1: as the format has it; 0 for none. */
struct tw_dialect {
    int delimiter, quote, escape;
    struct tw_str null_text; /* what stands for NULL outside of quotes; no pointer: as
                                the format has it */
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
    struct tw_str schema;    /* path of the file that declares the table; empty: none */
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
/* Is HEAD the beginning of a table in binary? Then a diagnostic says what to do. */
bool tw_dump_tell_binary(struct tw_str head, struct tw_str file_name,
                         struct tw_diags *diags);
/* The format that fits best, or NULL after a diagnostic. */
const struct tw_dump *tw_dump_detect(struct tw_str head, struct tw_str file_name,
                                     struct tw_diags *diags);

#endif

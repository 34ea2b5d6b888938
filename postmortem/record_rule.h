/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about a record: what `--wrong` and `--where` say.
 *
 *     COLUMN ~ /REGEX/[i]     COLUMN !~ /REGEX/[i]
 *     COLUMN = 'text'         COLUMN != 'text'
 *     COLUMN < LITERAL        also <= > >= (and = != with a bare literal)
 *     COLUMN is null          is empty, is not null, is not empty
 *     COLUMN fails FORM       mobile, cn-id, … (detector.h: TW_DETECTOR_FORMAT)
 *     COLUMN looks LOOK       ciphertext, mojibake, empty (TW_DETECTOR_LOOKS)
 *     COLUMN has marker 'text'  the text and its disguises (marker.h)
 *
 * COLUMN: a name, a quoted name ("…", '…' or `…`), #3 (from 1), or * for any column.
 * LITERAL: a number (compared as exact decimals) or a date, with or without quotes.
 *
 * NULL fails every comparison, != and !~ too; only `is null` finds it. A cell that is
 * neither NULL nor a number (a date) fails the comparison and is counted as not
 * comparable. A date without a clock compares days; times with a zone compare only with
 * each other.
 *
 * `fails` holds where the detector says no, and not for the empty text; what is masked
 * or written oddly does not fail and is counted apart. `looks` holds where the detector
 * says yes; where it cannot tell, that is counted apart.
 */
#ifndef TW_RECORD_RULE_H
#define TW_RECORD_RULE_H

#include "date.h"
#include "detector.h"
#include "marker.h"
#include "num.h"
#include "record.h"
#include "regex.h"

enum tw_column_ref_kind { TW_COLUMN_NAME, TW_COLUMN_NUMBER, TW_COLUMN_ANY };

struct tw_column_ref {
    enum tw_column_ref_kind kind;
    struct tw_str name; /* NAME */
    uint64_t number;    /* NUMBER, from 1 */
    struct tw_span at;
};

/* All columns that a run refers to; rules name them by index. */
struct tw_column_refs {
    TW_VEC(struct tw_column_ref) list;
};

/* Adds REF, or finds its equal; the index. */
size_t tw_column_refs_add(struct tw_arena *arena, struct tw_column_refs *refs,
                          struct tw_column_ref ref);

/* The references resolved against one file: slot[i] is the place of reference i among
 * a record's fields, or TW_SLOT_ANY. */
#define TW_SLOT_ANY SIZE_MAX
struct tw_binding {
    size_t *slot;
    const struct tw_column *columns; /* of each slot */
    const size_t *wanted;            /* the column of each slot */
    size_t nslots;
    /* The last slots are of columns that are constant in the file: next() gives
     * nslots - nconstants fields, and tw_binding_complete() the others. */
    const struct tw_record_field *constants;
    size_t nconstants;
    bool others; /* records have further fields behind these, other ones each */
};

/* RECORD with the constant fields behind the others, as *COMPLETE, whose fields stand
 * in FIELDS (room for all slots); or RECORD itself where it has them all. */
const struct tw_record *tw_binding_complete(const struct tw_binding *binding,
                                            const struct tw_record *record,
                                            struct tw_record_field *fields,
                                            struct tw_record *complete);

/* Resolves REFS against RECORDS and tells it what is wanted. False after diagnostics
 * (a column that is missing or named twice); FILE names the file in them. */
bool tw_binding_make(struct tw_arena *arena, const struct tw_column_refs *refs,
                     struct tw_records *records, struct tw_str file,
                     struct tw_diags *diags, struct tw_binding *out);

enum tw_record_test {
    TW_TEST_MATCHES,
    TW_TEST_MATCHES_NOT,
    TW_TEST_EQ,
    TW_TEST_NE,
    TW_TEST_LT,
    TW_TEST_LE,
    TW_TEST_GT,
    TW_TEST_GE,
    TW_TEST_NULL,
    TW_TEST_NOT_NULL,
    TW_TEST_EMPTY,
    TW_TEST_NOT_EMPTY,
    TW_TEST_FAILS,
    TW_TEST_LOOKS,
    TW_TEST_HAS_MARKER
};

enum tw_literal_kind { TW_LITERAL_TEXT, TW_LITERAL_NUMBER, TW_LITERAL_TIME };

struct tw_record_rule {
    struct tw_str text; /* as it was written */
    size_t column;      /* index into the references */
    enum tw_record_test op;
    enum tw_literal_kind kind;
    struct tw_str literal;
    struct tw_decimal number;
    struct tw_time time;
    const struct tw_regex *regex;
    const struct tw_detector *detector;
    const struct tw_marker *marker;
};

/* What a rule noticed about one record beside holding. */
struct tw_rule_notes {
    uint64_t not_comparable; /* cells */
    uint64_t masked;         /* cells that a detector of a form calls masked */
    uint64_t odd;            /* cells that a detector calls odd (detector.h) */
    enum tw_disguise
        disguise; /* where a marker was found: the first way of all cells */
};

/* Reads SRC, the text of one rule. False after diagnostics. */
bool tw_record_rule_parse(struct tw_arena *arena, const struct tw_source *src,
                          struct tw_column_refs *refs, struct tw_diags *diags,
                          struct tw_record_rule *out);
/* Reads a column reference that is the whole of TEXT, a slice of SRC, and adds it to
 * REFS as *COLUMN. False after diagnostics. */
bool tw_column_ref_parse(struct tw_arena *arena, const struct tw_source *src,
                         struct tw_str text, struct tw_column_refs *refs,
                         struct tw_diags *diags, size_t *column);

/* Adds RULE's needles (needles.h). False where it has none: then nothing was added, and
 * it must be tested on every record. */
bool tw_record_rule_needles(const struct tw_record_rule *rule, struct tw_arena *arena,
                            struct tw_needles *needles);

/* Does RULE hold for RECORD? Adds to *NOTES, which begins as zeros. */
enum tw_holds tw_record_rule_holds(const struct tw_record_rule *rule,
                                   const struct tw_record *record,
                                   const struct tw_binding *binding,
                                   struct tw_rule_notes *notes);

#endif

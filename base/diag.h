/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is wrong with an input, where, and how to mend it.
 *
 * Nothing prints from inside a parser: it adds a record (ID, message, up to three
 * spans) to the tw_diags that it was given and goes on at the next rule, so that one
 * run shows all mistakes. The caller prints them:
 *
 *     policy/lft.rules:412:21: error[TW112]: "300.1.1.1" is not an address
 *       -A FORWARD -s 300.1.1.1 -j ACCEPT
 *                     ^~~~~~~~~
 *
 * IDs stand in diag_*.def and are never reused; `twinwall explain TW112` prints their
 * explanation. Numbers: TW001–TW099 findings, TW1xx policies, TW2xx estate and
 * catalogue, TW3xx data dumps, TW4xx files and memory.
 */
#ifndef TW_DIAG_H
#define TW_DIAG_H

#include "buf.h"
#include "lang.h"
#include "source.h"
#include "vec.h"

enum tw_severity { TW_NOTE, TW_WARNING, TW_ERROR };

enum tw_diag_id {
#define D(number, severity, slug, en, zh, why_en, why_zh) TW_D_##slug,
#include "diag.def"
#undef D
    TW_DIAG_COUNT
};

/* One line of the table. */
struct tw_diag_def {
    const char *id; /* "TW112" */
    enum tw_severity severity;
    const char *slug;
    const char *message[TW_LANG_COUNT]; /* with {0} … placeholders, see messages.h */
    const char *explanation[TW_LANG_COUNT];
};

enum { TW_DIAG_SPANS = 3 };

struct tw_diag {
    enum tw_diag_id id;
    enum tw_severity severity;
    struct tw_str message;
    struct tw_span
        spans[TW_DIAG_SPANS]; /* the first is where it is; others: see also */
    size_t nspans;
};

struct tw_diags {
    struct tw_arena *arena;
    enum tw_lang lang;
    TW_VEC(struct tw_diag) list;
    size_t errors, warnings;
    size_t dropped; /* beyond the maximum; they still count as errors and warnings */
};

void tw_diags_init(struct tw_diags *diags, struct tw_arena *arena, enum tw_lang lang);

/* Adds a diagnostic at AT (TW_NOWHERE for none). A span's source must outlive DIAGS.
 * The answer can be given further spans with tw_diag_also(); it is NULL beyond the
 * maximum. */
struct tw_diag *tw_diag_add(struct tw_diags *diags, enum tw_diag_id id,
                            struct tw_span at, size_t nargs, const struct tw_str *args);
void tw_diag_also(struct tw_diag *diag, struct tw_span span); /* NULL is ignored */

/* TW_DIAG(diags, TW_D_bad_address, span, text): arguments are struct tw_str; text from
 * inputs is made printable. */
#define TW_DIAG(diags, id, ...) TW_DIAG_(diags, id, __VA_ARGS__, TW_NO_STR)
#define TW_DIAG_(diags, id, at, ...)                                                   \
    tw_diag_add((diags), (id), (at),                                                   \
                sizeof((const struct tw_str[]){__VA_ARGS__}) / sizeof(struct tw_str) - \
                    1,                                                                 \
                (const struct tw_str[]){__VA_ARGS__})

const struct tw_diag_def *tw_diag_def(enum tw_diag_id id);
/* The definition with the ID "TW112", or NULL. */
const struct tw_diag_def *tw_diag_def_by_id(struct tw_str id);
/* Prints them in the order in which they were added. Of notes and warnings with the
 * same ID only the first three are printed, and the number of the others, unless ALL.
 */
void tw_diags_print(const struct tw_diags *diags, bool color, bool all,
                    struct tw_buf *buf);

/* The member of NAMES (NULL at the end) nearest to WORD, or NULL where none is near. */
const char *tw_nearest(struct tw_str word, const char *const *names);

#endif

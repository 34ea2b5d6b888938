/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row of an INSERT: (1,'text',NULL,0xFF,…), found at the speed of a dump.
 *
 * The values that are wanted are remembered as slices; the others are passed over.
 */
#ifndef TW_SQL_ROW_H
#define TW_SQL_ROW_H

#include <stdint.h>

#include "str.h"

enum tw_sql_value_kind {
    TW_SQL_NULL,
    TW_SQL_NUMBER, /* RAW is its text */
    TW_SQL_TEXT,   /* RAW stands between quotes */
    TW_SQL_HEX,    /* RAW is hexadecimal digits */
    TW_SQL_BITS,   /* RAW is binary digits */
    TW_SQL_TRUTH,  /* TRUE or FALSE */
    TW_SQL_OTHER   /* an expression: a server would have to compute it */
};

struct tw_sql_value {
    struct tw_str raw;
    enum tw_sql_value_kind kind;
    char quote;          /* of TEXT */
    bool encoded;        /* TEXT: holds escapes or doubled quotes */
    struct tw_str label; /* the character set before it (_latin1'…'), or empty */
};

#define TW_SQL_UNWANTED UINT32_MAX

struct tw_sql_row {
    const uint32_t *slot; /* of each value among VALUES, or TW_SQL_UNWANTED … */
    size_t nslots;        /* … for the first NSLOTS of them; the rest is unwanted */
    struct tw_sql_value *values;
    bool plain_backslash; /* a backslash is data (NO_BACKSLASH_ESCAPES) */
    size_t count;         /* found: values of the row */
    size_t used;          /* found: its bytes, both parentheses included */
};

enum tw_sql_scan {
    TW_SQL_ROW,
    TW_SQL_CUT, /* it does not end in these bytes */
    TW_SQL_BAD  /* not written as values are */
};

enum { TW_SQL_BEYOND = 16 }; /* bytes behind the given ones that may be read */

/* Reads the row at BYTES, whose first is "("; TW_SQL_BEYOND bytes of any value must be
 * readable behind them. */
enum tw_sql_scan tw_sql_row_scan(struct tw_sql_row *row, struct tw_str bytes);

/* The bytes that VALUE (no NULL, no OTHER) stands for: a slice, or built in ARENA.
 * False where it is not written as its kind is. */
bool tw_sql_value_bytes(struct tw_arena *arena, const struct tw_sql_value *value,
                        bool plain_backslash, struct tw_str *out);

#endif

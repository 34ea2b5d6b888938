/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values in memory, checked and passed over without building anything.
 *
 * The text must be followed by a NUL byte, which no value can hold, and by
 * TW_JSON_SLACK bytes more that may be read. All functions take the place where a value
 * (a key, blanks) begins and return the place behind it, or NULL where what stands
 * there is not JSON: control characters in texts, half surrogates (`\ud83d` alone) and
 * numbers such as 01 or 1. are not.
 *
 * Source: RFC 8259; that `\u` escapes pair up is RFC 7493, section 2.1.
 */
#ifndef TW_JSON_TEXT_H
#define TW_JSON_TEXT_H

#include <stdint.h>

#include "str.h"

enum { TW_JSON_SLACK = 126, TW_JSON_DEPTH_MAX = 1024 };

enum tw_json_kind {
    TW_JSON_TEXT,
    TW_JSON_NUMBER,
    TW_JSON_WORD, /* true, false */
    TW_JSON_NULL,
    TW_JSON_OBJECT,
    TW_JSON_ARRAY
};

struct tw_json_value {
    enum tw_json_kind kind;
    struct tw_str raw; /* as it is written; of a text: without its quotes */
    bool escaped;      /* a text with backslashes */
};

static inline const char *tw_json_blanks(const char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

const char *tw_json_value(const char *p, struct tw_json_value *value);
/* P stands behind the opening quote. */
const char *tw_json_text(const char *p, struct tw_json_value *value);
/* The text that a value of this kind stands for; with escapes it lives in ARENA. */
struct tw_str tw_json_decode(struct tw_arena *arena, const struct tw_json_value *text);

/* Where the first quote, backslash or control character stands in TEXT, or its end:
 * for whoever looks for the end of a text whose end is not there yet. */
size_t tw_json_plain(struct tw_str text);

#endif

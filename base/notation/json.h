/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small JSON documents (RFC 8259, by jansson) as a tree: reports of earlier runs.
 *
 * Strict: no duplicate keys, nothing behind the document, integers within 64 bits, no
 * NUL in a text, at most TW_JSON_DEPTH_MAX levels and TW_JSON_NODES_MAX values. Dumps
 * are not read by this but by a scanner of their own.
 */
#ifndef TW_JSON_H
#define TW_JSON_H

#include "diag.h"

enum { TW_JSON_DEPTH_MAX = 64, TW_JSON_NODES_MAX = 4000000 };

enum tw_json_kind {
    TW_JSON_NULL,
    TW_JSON_BOOL,
    TW_JSON_INTEGER,
    TW_JSON_REAL, /* a number with a fraction or an exponent: its value is not kept */
    TW_JSON_TEXT,
    TW_JSON_ARRAY,
    TW_JSON_OBJECT
};

struct tw_json {
    enum tw_json_kind kind;
    bool boolean;
    int64_t integer;
    struct tw_str text, key; /* key: of a member of an object */
    struct tw_json *first, *last, *next;
    size_t count; /* members */
};

/* The root, in ARENA, or NULL after a diagnostic. SRC must outlive DIAGS, not the tree.
 */
const struct tw_json *tw_json_parse(struct tw_arena *arena, const struct tw_source *src,
                                    struct tw_diags *diags);
/* The member KEY of an object; NULL where there is none, and where OBJECT is NULL or no
 * object. */
const struct tw_json *tw_json_get(const struct tw_json *object, const char *key);
/* The natural number that the member KEY is. */
bool tw_json_natural(const struct tw_json *object, const char *key, uint64_t max,
                     uint64_t *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of JSON (RFC 8259) into a tree, for tests that look at reports.
 *
 * Stricter than the grammar where the contract is: a key stands once in an object, and
 * numbers are integers (ratios and amounts are text).
 */
#ifndef TW_JSON_TREE_H
#define TW_JSON_TREE_H

#include "str.h"

enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

struct json_node {
    enum json_kind kind;
    struct tw_str key;  /* members of objects */
    struct tw_str text; /* of texts (resolved), numbers, "true", "false", "null" */
    const struct json_node *first, *next;
    size_t count; /* of members */
};

/* NULL where TEXT is not one value with nothing but white space around it; then *AT is
 * how far it was understood. */
const struct json_node *json_parse(struct tw_arena *arena, struct tw_str text,
                                   size_t *at);
/* The member KEY of an object, or NULL. */
const struct json_node *json_get(const struct json_node *object, const char *key);

#endif

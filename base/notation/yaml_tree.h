/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML (1.1, by libyaml) as a small tree in which every node knows its place.
 *
 * All scalars are text: no type is guessed. Refused with a diagnostic: duplicate keys,
 * aliases and anchors, a second document, more than 64 levels. JSON is read as well.
 */
#ifndef TW_YAML_TREE_H
#define TW_YAML_TREE_H

#include "diag.h"

enum tw_yaml_kind { TW_YAML_SCALAR, TW_YAML_SEQUENCE, TW_YAML_MAPPING };

struct tw_yaml {
    enum tw_yaml_kind kind;
    struct tw_span at;     /* of the node; of its value where it has a key */
    struct tw_span key_at; /* members of mappings */
    struct tw_str key;
    struct tw_str text; /* scalars */
    bool quoted;        /* a scalar in quotes: "" is then not null */
    struct tw_yaml *first, *last, *next;
    size_t count; /* members */
};

/* Texts may be slices of SRC, which must outlive the tree. The root node, or NULL after
 * diagnostics. An empty document gives an empty mapping.
 */
const struct tw_yaml *tw_yaml_parse(struct tw_arena *arena, const struct tw_source *src,
                                    struct tw_diags *diags);
/* The same, but where duplicate keys are all that was refused the tree is given too
 * (each duplicate is a member of its mapping), so that the caller can find the other
 * mistakes in the same run. The caller must look at DIAGS->errors. */
const struct tw_yaml *tw_yaml_parse_on(struct tw_arena *arena,
                                       const struct tw_source *src,
                                       struct tw_diags *diags);
/* The member KEY of a mapping, or NULL. */
const struct tw_yaml *tw_yaml_get(const struct tw_yaml *mapping, const char *key);

#endif

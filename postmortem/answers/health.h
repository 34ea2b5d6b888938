/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The health of columns: how many cells are NULL, empty, as they should be, or not.
 *
 * Each cell of a column falls into one class, told in this order: NULL; empty; a marker
 * of a `--wrong … has marker` rule; surely mojibake; by the column's format valid,
 * masked, odd; what stands for nothing ("N/A"); ciphertext; bad format. Without a
 * format: NULL, empty, marker, text.
 *
 * Counts are kept per column, and per column and key of one --by. They merge in any
 * order: columns are told apart by name, keys by their text.
 */
#ifndef TW_HEALTH_H
#define TW_HEALTH_H

#include "detector.h"
#include "marker.h"
#include "tally.h"

enum tw_health_class {
    TW_HEALTH_NULL,
    TW_HEALTH_EMPTY,
    TW_HEALTH_EMPTY_LIKE,
    TW_HEALTH_VALID,
    TW_HEALTH_TEXT,
    TW_HEALTH_MASKED,
    TW_HEALTH_ODD,
    TW_HEALTH_MARKER,
    TW_HEALTH_CIPHERTEXT,
    TW_HEALTH_MOJIBAKE,
    TW_HEALTH_BAD_FORMAT,
    TW_HEALTH_CLASSES
};

/* What drifts: sums of classes. */
enum tw_health_measure {
    TW_MEASURE_NULL,
    TW_MEASURE_EMPTY, /* empty, empty-like */
    TW_MEASURE_BAD,   /* marker, ciphertext, mojibake, bad format */
    TW_MEASURES
};

struct tw_health_counts {
    uint64_t of[TW_HEALTH_CLASSES];
};

/* --health COLUMN[=FORMAT] */
struct tw_health_asked {
    struct tw_str name; /* of the column, as written: the name in reports */
    size_t column;      /* index into the references */
    const struct tw_detector *format; /* NULL: none */
};

/* A marker that a rule of --wrong looks for. */
struct tw_health_marker {
    size_t rule, column; /* indices into --wrong and into the references */
    const struct tw_marker *marker;
};

struct tw_health_plan {
    struct tw_health_asked *asked;
    size_t nasked;
    bool all;         /* `*`: the columns of each file that are not asked for by name */
    size_t by;        /* index of the --by that cuts it; SIZE_MAX: none */
    size_t cells_max; /* columns × keys */
    struct tw_health_marker *markers;
    size_t nmarkers;
    const struct tw_detector *mojibake, *ciphertext, *empty; /* NULL: not built in */
};

struct tw_health_column {
    struct tw_str name;
    const struct tw_detector *format;
    size_t file, place; /* the least, for the order of reports */
    struct tw_health_counts all;
    TW_VEC(struct tw_health_counts) by; /* by index of the key */
};

struct tw_health {
    struct tw_arena *arena;
    const struct tw_health_plan *plan;
    struct tw_map columns;                     /* name → struct tw_health_column */
    struct tw_map keys;                        /* encoded → its index + 1 */
    TW_VEC(struct tw_group_key) keys_in_order; /* of insertion */
    size_t last_key;
    /* The file at hand: the column of each slot, or NULL. */
    size_t file;
    bool bound;
    struct tw_health_column **slots;
    size_t nslots;
};

void tw_health_init(struct tw_health *health, struct tw_arena *arena,
                    const struct tw_health_plan *plan);
/* Counts the cells of one record; KEY: of the plan's --by, NULL where there is none.
 * False where there are too many keys. */
bool tw_health_record(struct tw_health *health, const struct tw_count_plan *count,
                      const struct tw_record *record, const struct tw_binding *binding,
                      size_t file, const struct tw_group_key *key);
bool tw_health_merge(struct tw_health *into, const struct tw_health *from);

/* The columns in the order of the first file that has them. */
struct tw_health_column **tw_health_columns(const struct tw_health *health,
                                            struct tw_arena *arena, size_t *count);
/* The indices of the keys, sorted as groups are. */
size_t *tw_health_keys(const struct tw_health *health, struct tw_arena *arena,
                       size_t *count);
/* The counts of COLUMN under key INDEX: zeros where there are none. */
struct tw_health_counts tw_health_at(const struct tw_health_column *column,
                                     size_t index);
uint64_t tw_health_total(const struct tw_health_counts *counts);
uint64_t tw_health_measured(const struct tw_health_counts *counts,
                            enum tw_health_measure measure);
/* "empty-like": in data and in text of both languages' tables of classes. */
const char *tw_health_class_name(enum tw_health_class class);
const char *tw_health_measure_name(enum tw_health_measure measure);
/* Does TEXT, which is not empty, stand for nothing? "NULL", "N/A", "-", blanks, … */
bool tw_empty_like(struct tw_str text);
/* A key in one text: its kind, then its text. */
struct tw_str tw_group_key_encode(struct tw_buf *buf, const struct tw_group_key *key);
int tw_group_key_cmp(const struct tw_group_key *a, const struct tw_group_key *b);

#endif

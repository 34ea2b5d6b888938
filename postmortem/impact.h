/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many records of a dataset are affected, which, since when.
 *
 *     struct tw_impact *impact = tw_impact_new(arena, &options, diags);
 *     tw_impact_count(impact, paths, n);             or tw_impact_add() per source
 *     tw_impact_report(impact, lang)                 (impact_report.h)
 *
 * The library prints nothing and looks at no flag of the process: whether to stop is
 * asked through a callback, and how far it is, is told through another.
 */
#ifndef TW_IMPACT_H
#define TW_IMPACT_H

#include "answers.h"
#include "baseline.h"
#include "dataset.h"
#include "rational.h"
#include "tally.h"

/* A text of the user and what diagnostics call the place where it stands. */
struct tw_said {
    struct tw_str text, name;
};

struct tw_said_list {
    TW_VEC(struct tw_said) list;
};

struct tw_impact_options {
    struct tw_said_list wrong, where, by, distinct, sums;
    struct tw_said_list paths;
    struct tw_str dump;     /* format; empty: told by content */
    struct tw_str encoding; /* empty: decided per file */
    struct tw_str table;
    struct tw_str zone; /* empty: none */
    struct tw_dialect dialect;
    bool fingerprint; /* compute the SHA-256 of each file */
    uint64_t groups_max, distinct_max;
    /* How the work is done, which the answer does not depend on; zero: as is best. */
    unsigned threads;
    size_t chunk;
    const struct tw_scan_kernel *kernel;
    bool record_by_record;   /* the reference: no scan */
    bool (*stop)(void *ctx); /* NULL: never */
    void (*progress)(void *ctx, struct tw_str file, uint64_t done, uint64_t total);
    void *ctx;

    /* What the caller asks of the answer; impact_spec.c reads them too. */
    bool has_max_ratio, has_max_affected;
    const struct tw_rational *max_ratio;
    uint64_t max_affected, max_refused;

    /* Beyond the counts: answers_plan.c reads them. */
    struct tw_said_list health, lists, secret, keyed;
    struct tw_str sample, baseline, key_file, pct_mode;
    uint64_t samples, pct_digits; /* pct_digits UINT64_MAX: four significant ones */
    uint64_t list_count_max, list_bytes_max, health_cells_max;
    bool external, fail_on_drift;
};

struct tw_impact_file {
    struct tw_str name;
    const char *format;      /* of the dump */
    const char *compression; /* "plain", "gzip", … */
    struct tw_str encoding;
    struct tw_str sha256; /* of the file as it lies on the disk; empty: not asked for */
    uint64_t read, refused;
    uint64_t notes[TW_NOTE_COUNT];
    struct tw_str as_of; /* when the data were read; empty: the dump does not say */
};

struct tw_impact {
    struct tw_arena *arena;
    struct tw_diags *diags;
    const struct tw_impact_options *options;
    struct tw_count_plan plan;
    struct tw_answers_plan answers;
    const struct tw_baseline *baseline; /* NULL: none */
    const struct tw_view *view;         /* disclosure.h; of the report */
    struct tw_tally tally;
    TW_VEC(struct tw_impact_file) files;
    bool partial;           /* it was told to stop */
    struct tw_input *input; /* that is being read, NULL: none that tells its place */
    bool scans_file;
    bool headless; /* some file was empty, where at least a header was expected */
};

/* The defaults: no rule, csv or tsv by content, `\N` for NULL. */
void tw_impact_options_init(struct tw_impact_options *options);
void tw_said_add(struct tw_arena *arena, struct tw_said_list *list, struct tw_str text,
                 struct tw_str name);

/* Reads the rules. NULL after diagnostics. OPTIONS must outlive it. */
struct tw_impact *tw_impact_new(struct tw_arena *arena,
                                const struct tw_impact_options *options,
                                struct tw_diags *diags);
/* Counts one more file, read from SOURCE. TW_OK also when it was told to stop. */
enum tw_status tw_impact_add(struct tw_impact *impact, struct tw_byte_source source,
                             struct tw_str name) TW_MUST_CHECK;
/* Counts the options' paths. */
enum tw_status tw_impact_count(struct tw_impact *impact) TW_MUST_CHECK;

/* Limits that the answer breaks. */
bool tw_impact_above_ratio(const struct tw_impact *impact);
bool tw_impact_above_affected(const struct tw_impact *impact);
/* A column drifted from the baseline. */
bool tw_impact_drifted(struct tw_impact *impact);
/* Refused records above the limit, or nothing to check at all. */
bool tw_impact_incomplete(const struct tw_impact *impact);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The answers beyond the counts in a report: their data, and their text. */
#ifndef TW_ANSWERS_REPORT_H
#define TW_ANSWERS_REPORT_H

#include "disclosure.h"
#include "doc.h"
#include "messages.h"
#include "series.h"

struct tw_answer_writer {
    struct tw_arena *arena;
    enum tw_lang lang;
    struct tw_impact *im;
    const struct tw_view *view;
    const struct tw_series *series; /* NULL: none, or not to be shown */
    bool health;                    /* it is asked for, and may be shown */
    struct tw_doc *doc;
};

struct tw_answer_writer tw_answer_writer_of(struct tw_impact *impact,
                                            const struct tw_view *view,
                                            enum tw_lang lang, struct tw_doc *doc);

/* Adds "affected": N, or null with "suppressed" where it may not be shown. */
void tw_answer_add_count(struct tw_arena *arena, struct tw_value *in, const char *key,
                         enum tw_shown shown, uint64_t n);
/* "sample", "interval", "onset", "health", "drift", … behind the counts. */
void tw_answers_data(const struct tw_answer_writer *w);

/* A count as it may be shown: "1,533", "<5" or a dash. */
struct tw_str tw_answer_count(const struct tw_answer_writer *w, enum tw_shown shown,
                              uint64_t n);
/* A percentage in the style of the run; empty where it may not be shown. */
struct tw_str tw_answer_percent(const struct tw_answer_writer *w, enum tw_shown shown,
                                uint64_t k, uint64_t n);
/* The same with the word "truncated" behind it, for texts with no heading. */
struct tw_str tw_answer_percent_told(const struct tw_answer_writer *w,
                                     enum tw_shown shown, uint64_t k, uint64_t n);
/* The heading of a column of percentages: "%", "% (truncated)". */
struct tw_str tw_answer_percent_head(const struct tw_answer_writer *w);
/* The lines below the verdict: per million, sample, what is suppressed. */
void tw_answers_head_text(const struct tw_answer_writer *w);
/* The sections behind the first and last affected record. */
void tw_answers_text(const struct tw_answer_writer *w);

/* The keys of the histograms, in the order of what is shown of them. */
size_t *tw_answer_keys(const struct tw_answer_writer *w, size_t *count);

/* Each drift row in order: of all keys, then of the keys that drifted. */
struct tw_drift_row {
    const struct tw_health_column *column;
    enum tw_health_measure measure;
    const struct tw_group_key *key; /* NULL: of all */
    struct tw_drift drift;
};
struct tw_drift_rows {
    TW_VEC(struct tw_drift_row) list;
    TW_VEC(struct tw_str) unknown; /* columns that the baseline has not, or otherwise */
    bool drifted;
};
const struct tw_drift_rows *tw_drift_rows_of(struct tw_impact *impact);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An earlier answer of a count, to hold this one against: its JSON, as `-o json:FILE`
 * wrote it.
 *
 * It may come from anywhere: what does not add up is refused, not repaired.
 */
#ifndef TW_BASELINE_H
#define TW_BASELINE_H

#include "health.h"
#include "statistics.h"

struct tw_baseline_column {
    struct tw_str name, format; /* format: empty for none */
    struct tw_health_counts counts;
};

struct tw_baseline {
    struct tw_str path;
    struct tw_part affected;            /* of all its records */
    TW_VEC(struct tw_str) wrong, where; /* the texts of its rules */
    TW_VEC(struct tw_baseline_column) columns;
    bool sampled; /* it counted a sample */
    uint64_t refused;
};

/* NULL after a diagnostic. */
const struct tw_baseline *tw_baseline_load(struct tw_arena *arena, struct tw_str path,
                                           struct tw_diags *diags);
/* The same from text. */
const struct tw_baseline *tw_baseline_read(struct tw_arena *arena,
                                           const struct tw_source *src,
                                           struct tw_diags *diags);
const struct tw_baseline_column *tw_baseline_column(const struct tw_baseline *baseline,
                                                    struct tw_str name);
/* Did the baseline count by these RULES (in any order)? */
bool tw_baseline_same_rules(const struct tw_str *theirs, size_t ntheirs,
                            const struct tw_record_rule *rules, size_t nrules);

/* How far a share has moved. */
struct tw_drift {
    struct tw_part now, before;
    struct tw_difference difference; /* now - before, Newcombe's interval of 95 % */
    /* The interval lies above 0, and the difference exceeds 0.1 point and twice the
     * share of before. */
    bool drifted;
};

struct tw_drift tw_drift_of(struct tw_part now, struct tw_part before);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Column by column and measure by measure against the baseline: as a whole, and each
 * key (each day) against the baseline's whole. Of the keys, those that drifted.
 */
#include "answers_report.h"

static void add_row(struct tw_impact *im, struct tw_drift_rows *rows,
                    struct tw_drift_row row)
{
    rows->drifted |= row.drift.drifted;
    *tw_vec_add(im->arena, &rows->list) = row;
}

static void add_column(struct tw_impact *im, struct tw_drift_rows *rows,
                       const struct tw_health_column *c,
                       const struct tw_health_counts *before, const size_t *keys,
                       size_t nkeys)
{
    const struct tw_health *health = &im->tally.answers->health;
    for (size_t i = 0; i < TW_MEASURES; i++) {
        enum tw_health_measure m = (enum tw_health_measure)i;
        struct tw_part then = {tw_health_measured(before, m), tw_health_total(before)};
        struct tw_part now = {tw_health_measured(&c->all, m), tw_health_total(&c->all)};
        if (now.k || then.k)
            add_row(im, rows,
                    (struct tw_drift_row){c, m, NULL, tw_drift_of(now, then)});
        for (size_t k = 0; k < nkeys; k++) {
            struct tw_health_counts at = tw_health_at(c, keys[k]);
            now = (struct tw_part){tw_health_measured(&at, m), tw_health_total(&at)};
            struct tw_drift d = tw_drift_of(now, then);
            if (d.drifted)
                add_row(
                    im, rows,
                    (struct tw_drift_row){c, m, &health->keys_in_order.at[keys[k]], d});
        }
    }
}

bool tw_impact_drifted(struct tw_impact *im)
{
    return tw_drift_rows_of(im)->drifted;
}

const struct tw_drift_rows *tw_drift_rows_of(struct tw_impact *im)
{
    struct tw_drift_rows *rows = tw_new(im->arena, struct tw_drift_rows);
    if (!im->baseline || !im->answers.has_health)
        return rows;
    const struct tw_health *health = &im->tally.answers->health;
    size_t ncolumns, nkeys;
    struct tw_health_column **columns = tw_health_columns(health, im->arena, &ncolumns);
    size_t *keys = tw_health_keys(health, im->arena, &nkeys);
    for (size_t i = 0; i < ncolumns; i++) {
        const struct tw_health_column *c = columns[i];
        const struct tw_baseline_column *b = tw_baseline_column(im->baseline, c->name);
        struct tw_str format = tw_str_of(c->format ? c->format->name : "");
        if (b && tw_str_eq(b->format, format))
            add_column(im, rows, c, &b->counts, keys, nkeys);
        else
            *tw_vec_add(im->arena, &rows->unknown) = c->name;
    }
    return rows;
}

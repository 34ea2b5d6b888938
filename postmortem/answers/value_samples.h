/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few masked samples of affected values, for `--samples N`: of the different masked
 * forms, the N that occur first in the dataset. Which these are does not depend on how
 * the dataset was parted: a form that is among the first N of the whole is among the
 * first N of the part in which it occurs first.
 */
#ifndef TW_VALUE_SAMPLES_H
#define TW_VALUE_SAMPLES_H

#include "mask.h"
#include "tally.h"

enum { TW_SAMPLES_MAX = 5 };

struct tw_value_sample {
    struct tw_masked value;
    bool is_null, is_empty;
    struct tw_tally_place place;
};

struct tw_value_samples {
    size_t len, max;
    struct tw_value_sample at[TW_SAMPLES_MAX]; /* by place */
};

void tw_value_samples_init(struct tw_value_samples *samples, size_t max);
void tw_value_samples_add(struct tw_value_samples *samples,
                          const struct tw_record_field *field,
                          struct tw_tally_place place);
void tw_value_samples_merge(struct tw_value_samples *into,
                            const struct tw_value_samples *from);

#endif

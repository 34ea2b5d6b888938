/* SPDX-License-Identifier: Apache-2.0 */
/* From the options to the plan of what is answered beyond the counts. */
#ifndef TW_ANSWERS_PLAN_H
#define TW_ANSWERS_PLAN_H

#include "impact.h"

void tw_answers_options_init(struct tw_impact_options *options);
/* Makes IMPACT's plan of answers, whose rules, --by and --distinct are parsed; reads
 * the baseline and the key. False after diagnostics. */
bool tw_answers_plan_make(struct tw_impact *impact);
/* A file's columns are known: does none of its --secret columns go by another name into
 * what prints values? False after a diagnostic. */
bool tw_answers_bind(struct tw_impact *impact, const struct tw_binding *binding);
/* Says what ran full (TW_TALLY_ANSWERS_FULL). */
void tw_answers_tell_full(struct tw_impact *impact);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of a count as values, in the order of the schema twinwall.impact/1. */
#ifndef TW_IMPACT_DATA_H
#define TW_IMPACT_DATA_H

#include "doc.h"
#include "impact.h"
#include "messages.h"

/* Fills DOC's data. */
void tw_impact_data(struct tw_impact *impact, struct tw_doc *doc);
enum tw_message tw_refusal_message(enum tw_refusal refusal);
/* The word for it in data: "ragged". */
enum tw_message tw_note_message(enum tw_note note);
const char *tw_refusal_name(enum tw_refusal refusal);
/* "2023-02-09" or "2023-02-09 07:08:09". */
struct tw_str tw_impact_time_text(struct tw_arena *arena, struct tw_time time);
/* The zone in which the times of the report are; empty: as written. */
struct tw_str tw_impact_zone_name(const struct tw_impact *impact);

#endif

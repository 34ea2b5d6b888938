/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer of a count as a report: schema twinwall.impact/1, and text.
 *
 * No value of a record is shown but the group keys that were asked for.
 */
#ifndef TW_IMPACT_REPORT_H
#define TW_IMPACT_REPORT_H

#include "doc.h"
#include "impact.h"

struct tw_doc *tw_impact_report(struct tw_impact *impact, enum tw_lang lang);

#endif

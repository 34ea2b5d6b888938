/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of `check` as a doc: its two faces. */
#ifndef TW_CHECK_REPORT_H
#define TW_CHECK_REPORT_H

#include "check.h"
#include "doc.h"

/* The members of the JSON contract, in check_data.c. */
void tw_check_data(struct tw_doc *doc, const struct tw_check *check);
/* The lines for people, in check_text.c. */
void tw_check_text(struct tw_doc *doc, const struct tw_check *check);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beeline's deprecated csv and tsv: every cell between apostrophes and nothing escaped,
 *
 *     'id','name'
 *     '1','it's'
 *
 * A line is read where its cells can be told in one way only. NULL and the empty text
 * are both ''.
 */
#ifndef TW_TEXT_APOSTROPHES_H
#define TW_TEXT_APOSTROPHES_H

#include "text_records.h"

/* FORMAT's lines before the header, its client's lines and its dialect's delimiter
 * count; its names stand in the first line. */
struct tw_records *tw_text_apostrophes_open(const struct tw_dump_open *how,
                                            const struct tw_dump *dump,
                                            const struct tw_text_format *format);
/* Two places that part cells share an apostrophe: only one of them can do so. */
#define TW_CELLS_OVERLAP SIZE_MAX
/* How many cells LINE has; 0 where it is not written so. */
size_t tw_text_apostrophes_count(struct tw_str line, char delimiter);

#endif

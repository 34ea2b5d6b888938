/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of MySQL's INTO OUTFILE with ENCLOSED BY '"' ESCAPED BY '"', as managed
 * databases export it: the quote is the escape too, so that
 *
 *     "N      is NULL               and may begin the text "N,…"
 *     "0      is a NUL byte
 *     ""      is a quote
 *     "⏎      is a line end of a text, or the end of a text and of its record
 *
 * Only the number of columns tells one from the other: --columns must name them.
 */
#ifndef TW_TEXT_DOUBLED_H
#define TW_TEXT_DOUBLED_H

#include "text_records.h"

/* As tw_text_records_open(), for a caller whose quote and escape are the same. */
struct tw_records *tw_text_doubled_open(const struct tw_dump_open *how,
                                        const struct tw_dump *dump, char delimiter);

#endif

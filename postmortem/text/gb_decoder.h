/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GB18030 and the encodings within it, decoded to UTF-8 faster than iconv does.
 *
 * ASCII is copied, characters of two bytes are looked up in a table; whatever else
 * there is iconv decodes. The table is made of iconv's own answers, so that the two
 * cannot differ. Only for encodings without states, in which a byte below 80 where a
 * character begins is that byte.
 */
#ifndef TW_GB_DECODER_H
#define TW_GB_DECODER_H

#include <iconv.h>
#include <stdbool.h>

#include "str.h"

struct tw_gb_decoder;

/* CD decodes ENCODING to UTF-8 and stays with the caller. NULL for other encodings. */
struct tw_gb_decoder *tw_gb_decoder_new(struct tw_arena *arena, struct tw_str encoding,
                                        iconv_t cd);
/* Decodes BYTES to TO, which has room for 4 times as many, and adds to *FILL how many
 * came of them. Each wrong byte becomes FF. Returns how many were taken: all, but for a
 * character that is cut at the end where BYTES are not the WHOLE. */
size_t tw_gb_decode(struct tw_gb_decoder *gb, struct tw_str bytes, bool whole, char *to,
                    size_t *fill);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Characters: UTF-8, its width on a terminal, and other encodings brought to it.
 *
 * Exports and catalogues of the field come as UTF-8, as GB18030/GBK (spreadsheets on
 * Chinese systems), or as UTF-16 with a mark. The encoding is decided per file: by its
 * byte order mark, else UTF-8 where the bytes are valid, else GB18030. What an XML
 * declaration says is believed where the bytes are not UTF-8, or could be either.
 */
#ifndef TW_TEXT_H
#define TW_TEXT_H

#include <stdint.h>

#include "buf.h"
#include "str.h"

/* Length in bytes of the valid UTF-8 sequence at S (1 … 4), 0 where there is none. */
size_t tw_utf8_step(struct tw_str s, uint32_t *code_point);
bool tw_utf8_valid(struct tw_str s);
/* How many of BYTES, from the first on, are whole valid characters. */
size_t tw_utf8_valid_prefix(struct tw_str bytes);
/* Characters; an invalid byte counts as one. */
size_t tw_utf8_length(struct tw_str s);
/* Columns on a terminal: 2 for East Asian wide characters, 0 for combining marks. */
size_t tw_utf8_width(struct tw_str s);
/* S with every control character and invalid byte shown as \xNN, so that data cannot
 * steer a terminal. */
struct tw_str tw_printable(struct tw_arena *arena, struct tw_str s);
void tw_buf_printable(struct tw_buf *buf, struct tw_str s);

/* BYTES as UTF-8 without a mark; *ENCODING is what they were. False where they are in
 * none of the known encodings: *BAD_OFFSET is where the first wrong byte stands. NAME
 * (e.g. "GB18030", "UTF-16LE"; empty: decide) forces one. */
bool tw_text_decode(struct tw_arena *arena, struct tw_str bytes, struct tw_str name,
                    struct tw_str *text, struct tw_str *encoding, size_t *bad_offset);

#endif

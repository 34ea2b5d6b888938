/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which encoding a file is in.
 *
 * Its byte order mark decides; else *NAME where it was given; else the lines of its
 * first block: UTF-16 where there is no doubt, UTF-8, GB18030 (utf8_stream.h says how).
 */
#ifndef TW_ENCODING_GUESS_H
#define TW_ENCODING_GUESS_H

#include <stdbool.h>

#include "str.h"

/* HEAD: the first block, WHOLE where it is the whole file. *NAME, empty or given,
 * becomes the encoding as iconv names it, *MARK the length of the mark. False where
 * nothing can be decided; *DECLARED is then what the file states, if that is why. */
bool tw_encoding_guess(struct tw_arena *arena, struct tw_str head, bool whole,
                       struct tw_str *name, struct tw_str *declared, size_t *mark);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions over fields: PCRE2, UTF-8, with limits; the only way to it.
 *
 * `$` matches only at the very end, `.` not a line feed. A pattern without special
 * characters is searched for as plain text.
 */
#ifndef TW_REGEX_H
#define TW_REGEX_H

#include <stdint.h>

#include "needles.h"

struct tw_regex;

enum tw_holds { TW_HOLDS_NO, TW_HOLDS_YES, TW_HOLDS_LIMIT /* it gave up */ };

/* NULL: *WHY says what is wrong with PATTERN and *AT where. Freed with ARENA. */
const struct tw_regex *tw_regex_compile(struct tw_arena *arena, struct tw_str pattern,
                                        bool ignore_case, struct tw_str *why,
                                        size_t *at);
/* Adds what every text that matches holds at least one of. False where there is no such
 * set, or none is known: then nothing was added. */
bool tw_regex_needles(const struct tw_regex *regex, struct tw_arena *arena,
                      struct tw_needles *needles);
/* TEXT must be valid UTF-8. */
enum tw_holds tw_regex_match(const struct tw_regex *regex, struct tw_str text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Text as pointer and length; it never owns and may hold any byte, NUL included. */
#ifndef TW_STR_H
#define TW_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct tw_str {
    const char *ptr;
    size_t len;
};

#define TW_STR(literal) ((struct tw_str){"" literal, sizeof(literal) - 1})
#define TW_NO_STR ((struct tw_str){NULL, 0})

struct tw_str tw_str_of(const char *nul_terminated); /* NULL gives the empty text */
struct tw_str tw_str_copy(struct tw_arena *arena, struct tw_str s);
/* A NUL-terminated copy, for library borders only. */
char *tw_str_cstr(struct tw_arena *arena, struct tw_str s);
bool tw_str_eq(struct tw_str a, struct tw_str b);
bool tw_str_is(struct tw_str a, const char *literal);
bool tw_str_eq_nocase(struct tw_str a, struct tw_str b); /* ASCII letters only */
int tw_str_cmp(struct tw_str a, struct tw_str b);        /* bytewise, shorter first */
bool tw_str_starts(struct tw_str s, const char *prefix);
bool tw_str_ends(struct tw_str s, const char *suffix);
struct tw_str tw_str_trim(struct tw_str s); /* blanks, tabs, CR, LF at both ends */
struct tw_str tw_str_from(struct tw_str s, size_t start);
struct tw_str tw_str_first(struct tw_str s, size_t len);
/* The index of C in S, or S.len. */
size_t tw_str_find(struct tw_str s, char c);
/* The index of NEEDLE in S, or S.len. */
size_t tw_str_find_str(struct tw_str s, struct tw_str needle);
/* Takes the next piece of *REST up to SEPARATOR (or to the end) into *PIECE; false when
 * *REST has been used up. "a,,b" gives "a", "", "b", and the empty text gives one empty
 * piece. */
bool tw_str_split(struct tw_str *rest, char separator, struct tw_str *piece);
/* The Levenshtein distance, at most LIMIT + 1: for "did you mean". */
size_t tw_str_distance(struct tw_str a, struct tw_str b, size_t limit);

#endif

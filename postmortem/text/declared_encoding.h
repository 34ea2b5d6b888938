/* SPDX-License-Identifier: Apache-2.0 */
/* The encoding that a file states in its own first lines: SET NAMES of an SQL dump, or
 * an XML declaration. */
#ifndef TW_DECLARED_ENCODING_H
#define TW_DECLARED_ENCODING_H

#include "str.h"

/* The name that HEAD, the raw beginning of a file, states: a slice of it, or empty.
 * *SQL: it is MySQL's name of a character set. */
struct tw_str tw_declared_encoding(struct tw_str head, bool *sql);
/* What iconv calls that character set of MySQL; empty: not known here. "binary" gives
 * "binary": bytes as they lie in the tables. */
struct tw_str tw_mysql_encoding(struct tw_str charset);

/* Encodings in which a backslash may be the second byte of a character. */
enum tw_backslash_family {
    TW_FAMILY_NONE,
    TW_FAMILY_GBK, /* and GB18030 */
    TW_FAMILY_BIG5,
    TW_FAMILY_SJIS
};

enum tw_backslash_family tw_backslash_family(struct tw_str encoding);
/* The bytes of the character at BYTES, which are not empty, as a server steps over
 * them: 1 where the first byte begins none; 0 where more bytes are needed (not where
 * LAST). */
size_t tw_backslash_step(enum tw_backslash_family family, struct tw_str bytes,
                         bool last);

#endif

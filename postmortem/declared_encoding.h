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

#endif

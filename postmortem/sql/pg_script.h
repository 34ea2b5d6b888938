/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of one table in a plain script of pg_dump. */
#ifndef TW_PG_SCRIPT_H
#define TW_PG_SCRIPT_H

#include "text_records.h"

/* As a dump's open(): reads up to the rows of HOW's table, or of the first table that
 * has some. */
struct tw_records *tw_pg_script_open(const struct tw_dump_open *how,
                                     const struct tw_dump *dump);

#endif

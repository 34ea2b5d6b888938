/* SPDX-License-Identifier: Apache-2.0 */
/* A buffer that slides over an SQL dump; it grows up to what one row needs. */
#ifndef TW_SQL_BUFFER_H
#define TW_SQL_BUFFER_H

#include "record.h"
#include "sql_lexer.h"

struct tw_sql_buffer {
    const struct tw_dump_open *how;
    struct tw_arena *room; /* of `bytes` */
    char *bytes;           /* bytes[start … fill) is not yet consumed */
    size_t start, fill, cap;
    uint64_t before; /* decoded bytes before bytes[0] */
    bool ended;      /* the stream holds no more than this */
    bool stopped;
};

/* Empty; HOW must outlive it. */
void tw_sql_buffer_init(struct tw_sql_buffer *buffer, const struct tw_dump_open *how);
/* What is not yet consumed. TW_SQL_BEYOND bytes of any value are readable behind it. */
struct tw_str tw_sql_rest(const struct tw_sql_buffer *buffer);
/* Reads on, in place of what was consumed; slices of the rest move. False where the
 * input fails or the caller's stop() said so. */
bool tw_sql_more(struct tw_sql_buffer *buffer);
bool tw_sql_at_end(const struct tw_sql_buffer *buffer);
bool tw_sql_starts(const struct tw_sql_buffer *buffer, struct tw_str text);
/* Passes WALK to its end, or to the end of the input; adds to *COUNT the bytes. False
 * where the input fails. */
bool tw_sql_pass_on(struct tw_sql_buffer *buffer, struct tw_sql_walk *walk,
                    uint64_t *count, bool *ended);

#endif

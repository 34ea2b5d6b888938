/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A buffer that slides over the decoded stream, for formats whose records are found in
 * it: it grows up to what a record needs, and knows where its bytes stand in the file.
 */
#ifndef TW_RECORD_BUFFER_H
#define TW_RECORD_BUFFER_H

#include "record.h"

struct tw_record_buffer {
    char *bytes; /* bytes[start … fill) is not consumed; SLACK more may be written */
    size_t start, fill, cap, slack;
    bool ended; /* the stream has no more */

    struct tw_arena *arena, *room;
    struct tw_utf8_stream *stream;
    bool (*stop)(void *ctx);
    void *stop_ctx;
    bool stopped, transcodes;
    size_t checked;  /* bytes[… checked) is valid UTF-8, or was told not to be */
    uint64_t before; /* decoded bytes before bytes[0] */
    uint64_t line;   /* where the line of bytes[start] begins; if transcodes */
};

void tw_record_buffer_init(struct tw_record_buffer *buffer,
                           const struct tw_dump_open *how, size_t slack);
/* Adds at least one byte, unless the stream ends; moves what is not consumed to the
 * front. Not TW_OK: tw_record_buffer_failed() says what next() answers. */
enum tw_status tw_record_buffer_fill(struct tw_record_buffer *buffer) TW_MUST_CHECK;
enum tw_next tw_record_buffer_failed(const struct tw_record_buffer *buffer);
/* Are the first LEN bytes that are not consumed valid UTF-8? Once per byte. */
bool tw_record_buffer_valid(struct tw_record_buffer *buffer, size_t len);
/* The first LEN bytes are consumed. */
void tw_record_buffer_take(struct tw_record_buffer *buffer, size_t len);
/* The place in the file of the first byte not consumed; in an encoding other than UTF-8
 * that of its line. */
uint64_t tw_record_buffer_place(struct tw_record_buffer *buffer);

#endif

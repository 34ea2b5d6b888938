/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of bytes of any encoding as a stream of UTF-8.
 *
 * The encoding is decided once per file: by its byte order mark; else by what the file
 * states (SET NAMES, an XML declaration) unless its bytes are surely UTF-8 and it
 * states another, which is refused; else UTF-16 where the first line is ASCII with a
 * zero byte at every other place; else by the lines of the first block that hold bytes
 * beyond ASCII: UTF-8 where all of them are valid so, or more of them surely are than
 * are not (one text that was cut inside a character must not turn a UTF-8 file into
 * another encoding); else GB18030 where most are.
 *
 * UTF-8 passes through as it is, wrong bytes included. In other encodings each wrong
 * byte becomes one byte FF, which is valid nowhere in UTF-8. Either way the reader of
 * records finds it where it stands and refuses that record alone.
 */
#ifndef TW_UTF8_STREAM_H
#define TW_UTF8_STREAM_H

#include "diag.h"

struct tw_byte_source {
    /* Up to ROOM bytes; *GOT = 0 at the end. */
    enum tw_status (*read)(void *ctx, char *bytes, size_t room, size_t *got);
    void *ctx;
};

struct tw_utf8_stream;

/* ENCODING: as iconv names it, or empty: decide. NULL after a diagnostic, or where
 * SOURCE fails. */
struct tw_utf8_stream *tw_utf8_stream_open(struct tw_arena *arena,
                                           struct tw_byte_source source,
                                           struct tw_str encoding, struct tw_str name,
                                           struct tw_diags *diags);
/* A stream over SOURCE, which begins with UTF-8 text somewhere behind the beginning of
 * a file: its bytes are passed on as they are, and placed as they are counted, MARK
 * bytes of a byte order mark before them. */
struct tw_utf8_stream *tw_utf8_stream_resume(struct tw_arena *arena,
                                             struct tw_byte_source source,
                                             uint64_t mark);
/* Does the decoded text stand in the source byte for byte, but for a mark? */
bool tw_utf8_stream_is_plain(const struct tw_utf8_stream *stream);
/* The source also lends its next bytes without a copy: BLOCK is called with its ctx;
 * they stay valid until the next call of either function; empty at the end. */
void tw_utf8_stream_lend(struct tw_utf8_stream *stream,
                         enum tw_status (*block)(void *ctx, struct tw_str *bytes));
/* The decoded beginning, without a mark; up to some 64 KiB. For probing; valid until
 * the first read. */
struct tw_str tw_utf8_stream_head(const struct tw_utf8_stream *stream);
/* Says, before the first read, that the text is SQL, where a backslash escapes the next
 * byte. False where the source fails. */
bool tw_utf8_stream_is_sql(struct tw_utf8_stream *stream);
enum tw_status tw_utf8_stream_read(struct tw_utf8_stream *stream, char *bytes,
                                   size_t room, size_t *got) TW_MUST_CHECK;
/* The next decoded bytes where they lie, UTF-8 from a source that lends without a copy:
 * valid until the next read or block. Empty at the end. */
enum tw_status tw_utf8_stream_block(struct tw_utf8_stream *stream,
                                    struct tw_str *bytes) TW_MUST_CHECK;
/* Where the decoded byte AT, the first of a line or (not in UTF-16 and UTF-32) an
 * opening parenthesis, stands in the source. AT never decreases from call to call and
 * was read already. Ask once in a while even where it is not needed: what is known of
 * lines is kept until a later one is asked for. */
uint64_t tw_utf8_stream_place(struct tw_utf8_stream *stream, uint64_t at);
struct tw_str tw_utf8_stream_encoding(const struct tw_utf8_stream *stream);

#endif

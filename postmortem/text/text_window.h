/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A buffer that slides over a stream of UTF-8: what the readers of records stand on.
 *
 *     before ──► bytes[0 … start) consumed | bytes[start … fill) the rest | not yet
 * read
 *
 * It grows (by doubling, so that looking again at a record that did not end in it costs
 * at most twice) as far as its user lets it; on the way to a byte more than the longest
 * record, which tells one that is too long, by no more than that.
 */
#ifndef TW_TEXT_WINDOW_H
#define TW_TEXT_WINDOW_H

#include "record.h"

enum { TW_TEXT_MARGIN = 128 };

/* Around the buffer stand TW_TEXT_MARGIN more bytes of any value on both sides, which
 * may be read and written, for readers that take many at once. */
struct tw_text_window {
    struct tw_arena *arena, *room;
    struct tw_utf8_stream *stream;
    bool (*stop)(void *ctx);
    void *stop_ctx;
    bool stopped;
    char *bytes;
    size_t start, fill, cap, record_max;
    size_t checked;  /* bytes[start … checked) is known to be valid UTF-8 */
    uint64_t before; /* decoded bytes before bytes[0] */
    bool ended;      /* nothing follows bytes[fill) */
    bool transcodes; /* the source is in another encoding */
    uint64_t line;   /* where the line of the rest begins; if transcodes, see take */
};

void tw_text_window_init(struct tw_text_window *w, const struct tw_dump_open *how);
/* Makes W, a copy of an open one, the window over STREAM, from the decoded byte BEFORE
 * on. */
void tw_text_window_resume(struct tw_text_window *w, struct tw_arena *arena,
                           struct tw_utf8_stream *stream, uint64_t before,
                           bool (*stop)(void *ctx), void *stop_ctx);
/* Moves what is left to the front, then makes room, then reads until it is full: at
 * least one byte more unless the stream ends. */
enum tw_status tw_text_window_more(struct tw_text_window *w) TW_MUST_CHECK;
/* The first USED bytes of the rest are valid UTF-8. Checks far ahead, once. */
bool tw_text_window_valid(struct tw_text_window *w, size_t used);
/* What to answer where tw_text_window_more() did not give TW_OK. */
enum tw_next tw_text_window_failed(const struct tw_text_window *w);

static inline struct tw_str tw_text_window_rest(const struct tw_text_window *w)
{
    return (struct tw_str){w->bytes + w->start, w->fill - w->start};
}

/* The first LEN bytes of the rest are consumed. Who needs no
 * tw_text_window_line_place() may as well add to `start`. */
void tw_text_window_take(struct tw_text_window *w, size_t len);

static inline bool tw_text_window_at_end(const struct tw_text_window *w)
{
    return w->ended && w->start == w->fill;
}

/* Where the rest, which begins a line (or a row of SQL), begins in the source. */
static inline uint64_t tw_text_window_place(const struct tw_text_window *w)
{
    return tw_utf8_stream_place(w->stream, w->before + w->start);
}

/* Where the rest begins in the source; in another encoding than UTF-8 where its line
 * does. All bytes must have been consumed by tw_text_window_take(). */
uint64_t tw_text_window_line_place(struct tw_text_window *w);

enum tw_line {
    TW_LINE,
    TW_LINE_END,      /* no more bytes */
    TW_LINE_TOO_LONG, /* it does not end within the maximum */
    TW_LINE_FAILED
};

/* The first line of the rest, with its line end unless the input ends first. */
enum tw_line tw_text_window_line(struct tw_text_window *w, size_t max,
                                 struct tw_str *line);
/* Passes over the rest of a line; *BYTES: how many they were. */
enum tw_status tw_text_window_skip_line(struct tw_text_window *w,
                                        uint64_t *bytes) TW_MUST_CHECK;

/* LINE without its line end, LF or CR LF. */
struct tw_str tw_text_line_of(struct tw_str line);

/* A refused record of the bytes that begin the rest. */
enum tw_next tw_text_window_refuse(struct tw_text_window *w, struct tw_record *r,
                                   uint64_t number, size_t used, enum tw_refusal why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The sliding buffer under the readers of records: see text_window.h. */
#include "text_window.h"

#include <string.h>

#include "text.h"

static char *buffer_new(struct tw_arena *arena, size_t cap)
{
    size_t margins = 2 * (size_t)TW_TEXT_MARGIN;
    return (char *)tw_arena_alloc(arena, cap + margins) + TW_TEXT_MARGIN;
}

void tw_text_window_init(struct tw_text_window *w, const struct tw_dump_open *how)
{
    *w = (struct tw_text_window){.arena = how->arena,
                                 .room = tw_arena_child(how->arena),
                                 .stream = how->stream,
                                 .stop = how->stop,
                                 .stop_ctx = how->stop_ctx,
                                 .cap = how->dialect->buffer,
                                 .record_max = how->dialect->record_max};
    w->transcodes = !tw_str_is(tw_utf8_stream_encoding(how->stream), "UTF-8");
    if (w->cap == 0)
        w->cap = 1;
    w->bytes = buffer_new(w->room, w->cap);
}

void tw_text_window_resume(struct tw_text_window *w, struct tw_arena *arena,
                           struct tw_utf8_stream *stream, uint64_t before,
                           bool (*stop)(void *ctx), void *stop_ctx)
{
    struct tw_arena *room = tw_arena_child(arena);
    *w = (struct tw_text_window){.arena = arena,
                                 .room = room,
                                 .stream = stream,
                                 .stop = stop,
                                 .stop_ctx = stop_ctx,
                                 .cap = w->cap,
                                 .record_max = w->record_max,
                                 .bytes = buffer_new(room, w->cap),
                                 .before = before};
}

static size_t larger_cap(const struct tw_text_window *w)
{
    bool passes = w->cap <= w->record_max && w->cap * 2 >= w->record_max;
    return passes ? w->record_max + 1 : w->cap * 2;
}

enum tw_status tw_text_window_more(struct tw_text_window *w)
{
    w->stopped = w->stop && w->stop(w->stop_ctx);
    if (w->stopped)
        return TW_STOPPED;
    size_t left = w->fill - w->start;
    w->before += w->start;
    w->checked = w->checked > w->start ? w->checked - w->start : 0;
    if (left == w->cap) {
        struct tw_arena *room = tw_arena_child(w->arena);
        size_t cap = larger_cap(w);
        char *larger = buffer_new(room, cap);
        memcpy(larger, w->bytes + w->start, left);
        tw_arena_release(w->room);
        w->room = room;
        w->bytes = larger;
        w->cap = cap;
    } else if (w->start) {
        memmove(w->bytes, w->bytes + w->start, left);
    }
    w->start = 0;
    w->fill = left;
    while (!w->ended && w->fill < w->cap) {
        size_t got;
        enum tw_status status =
            tw_utf8_stream_read(w->stream, w->bytes + w->fill, w->cap - w->fill, &got);
        if (status == TW_STOPPED) /* what was read by then is still counted */
            return w->fill > left ? TW_OK : status;
        if (status != TW_OK)
            return status;
        w->ended = got == 0;
        w->fill += got;
    }
    return TW_OK;
}

bool tw_text_window_valid(struct tw_text_window *w, size_t used)
{
    size_t end = w->start + used;
    if (end <= w->checked)
        return true;
    if (w->checked < w->start)
        w->checked = w->start;
    struct tw_str ahead = {w->bytes + w->checked, w->fill - w->checked};
    w->checked += tw_utf8_valid_prefix(ahead);
    return end <= w->checked;
}

enum tw_next tw_text_window_failed(const struct tw_text_window *w)
{
    bool stopped = w->stopped || (w->stop && w->stop(w->stop_ctx));
    return stopped ? TW_NEXT_STOPPED : TW_NEXT_FAILED;
}

void tw_text_window_take(struct tw_text_window *w, size_t len)
{
    const char *from = w->bytes + w->start;
    const char *feed = w->transcodes && len ? memrchr(from, '\n', len) : NULL;
    if (feed)
        w->line = w->before + (uint64_t)(feed + 1 - w->bytes);
    w->start += len;
}

uint64_t tw_text_window_line_place(struct tw_text_window *w)
{
    return tw_utf8_stream_place(w->stream,
                                w->transcodes ? w->line : w->before + w->start);
}

enum tw_line tw_text_window_line(struct tw_text_window *w, size_t max,
                                 struct tw_str *line)
{
    size_t looked = 0;
    for (;;) {
        struct tw_str rest = tw_text_window_rest(w);
        size_t n = looked + tw_str_find(tw_str_from(rest, looked), '\n');
        bool whole = n < rest.len || w->ended;
        *line = tw_str_first(rest, n < rest.len ? n + 1 : n);
        if (line->len > max)
            return TW_LINE_TOO_LONG;
        if (whole)
            return line->len ? TW_LINE : TW_LINE_END;
        looked = rest.len;
        if (tw_text_window_more(w) != TW_OK)
            return TW_LINE_FAILED;
    }
}

enum tw_status tw_text_window_skip_line(struct tw_text_window *w, uint64_t *bytes)
{
    *bytes = 0;
    for (;;) {
        struct tw_str rest = tw_text_window_rest(w);
        size_t n = tw_str_find(rest, '\n');
        bool found = n < rest.len;
        tw_text_window_take(w, n + found);
        *bytes += n + found;
        if (found || w->ended)
            return TW_OK;
        enum tw_status status = tw_text_window_more(w);
        if (status != TW_OK)
            return status;
    }
}

struct tw_str tw_text_line_of(struct tw_str line)
{
    if (line.len && line.ptr[line.len - 1] == '\n') {
        line.len--;
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
    }
    return line;
}

enum tw_next tw_text_window_refuse(struct tw_text_window *w, struct tw_record *r,
                                   uint64_t number, size_t used, enum tw_refusal why)
{
    *r = (struct tw_record){.number = number,
                            .offset = tw_text_window_place(w),
                            .bytes = used,
                            .times = 1,
                            .refusal = why};
    w->start += used;
    return TW_NEXT_REFUSED;
}

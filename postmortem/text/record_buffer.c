/* SPDX-License-Identifier: Apache-2.0 */
/* The sliding buffer of record readers: see record_buffer.h. */
#include "record_buffer.h"

#include <string.h>

void tw_record_buffer_init(struct tw_record_buffer *b, const struct tw_dump_open *how,
                           size_t slack)
{
    *b = (struct tw_record_buffer){
        .slack = slack,
        .arena = how->arena,
        .room = tw_arena_child(how->arena),
        .stream = how->stream,
        .stop = how->stop,
        .stop_ctx = how->stop_ctx,
        .cap = how->dialect->buffer ? how->dialect->buffer : 1,
        .transcodes = !tw_str_is(tw_utf8_stream_encoding(how->stream), "UTF-8"),
    };
    b->bytes = tw_arena_alloc(b->room, b->cap + slack);
}

/* By doubling, so that looking again at a record costs at most twice. */
static void make_room(struct tw_record_buffer *b)
{
    size_t left = b->fill - b->start;
    if (left < b->cap) {
        memmove(b->bytes, b->bytes + b->start, left);
        return;
    }
    struct tw_arena *room = tw_arena_child(b->arena);
    char *larger = tw_arena_alloc(room, b->cap * 2 + b->slack);
    memcpy(larger, b->bytes + b->start, left);
    tw_arena_release(b->room);
    b->room = room;
    b->bytes = larger;
    b->cap *= 2;
}

enum tw_status tw_record_buffer_fill(struct tw_record_buffer *b)
{
    b->stopped = b->stop && b->stop(b->stop_ctx);
    if (b->stopped)
        return TW_STOPPED;
    size_t left = b->fill - b->start;
    make_room(b);
    b->before += b->start;
    b->checked = b->checked > b->start ? b->checked - b->start : 0;
    b->start = 0;
    b->fill = left;
    while (!b->ended && b->fill < b->cap) {
        size_t got;
        enum tw_status status =
            tw_utf8_stream_read(b->stream, b->bytes + b->fill, b->cap - b->fill, &got);
        if (status == TW_STOPPED) /* what was read by then is still counted */
            return b->fill > left ? TW_OK : status;
        if (status != TW_OK)
            return status;
        b->ended = got == 0;
        b->fill += got;
    }
    return TW_OK;
}

enum tw_next tw_record_buffer_failed(const struct tw_record_buffer *b)
{
    bool stopped = b->stopped || (b->stop && b->stop(b->stop_ctx));
    return stopped ? TW_NEXT_STOPPED : TW_NEXT_FAILED;
}

bool tw_record_buffer_valid(struct tw_record_buffer *b, size_t len)
{
    size_t end = b->start + len;
    if (end <= b->checked)
        return true;
    if (b->checked < b->start)
        b->checked = b->start;
    struct tw_str ahead = {b->bytes + b->checked, b->fill - b->checked};
    b->checked += tw_utf8_valid_prefix(ahead);
    if (end <= b->checked)
        return true;
    b->checked = end;
    return false;
}

void tw_record_buffer_take(struct tw_record_buffer *b, size_t len)
{
    const char *from = b->bytes + b->start;
    const char *feed = b->transcodes && len ? memrchr(from, '\n', len) : NULL;
    if (feed)
        b->line = b->before + (uint64_t)(feed + 1 - b->bytes);
    b->start += len;
}

uint64_t tw_record_buffer_place(struct tw_record_buffer *b)
{
    uint64_t at = b->transcodes ? b->line : b->before + b->start;
    return tw_utf8_stream_place(b->stream, at);
}

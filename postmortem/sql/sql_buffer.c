/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes under the reader of SQL dumps: see sql_buffer.h. */
#include "sql_buffer.h"

#include <string.h>

#include "sql_row.h"

void tw_sql_buffer_init(struct tw_sql_buffer *b, const struct tw_dump_open *how)
{
    size_t cap = how->dialect->buffer ? how->dialect->buffer : 1;
    *b = (struct tw_sql_buffer){
        .how = how, .room = tw_arena_child(how->arena), .cap = cap};
    b->bytes = tw_arena_alloc(b->room, cap + TW_SQL_BEYOND);
}

struct tw_str tw_sql_rest(const struct tw_sql_buffer *b)
{
    return (struct tw_str){b->bytes + b->start, b->fill - b->start};
}

bool tw_sql_at_end(const struct tw_sql_buffer *b)
{
    return b->ended && b->start == b->fill;
}

bool tw_sql_starts(const struct tw_sql_buffer *b, struct tw_str text)
{
    return b->fill - b->start >= text.len &&
           memcmp(b->bytes + b->start, text.ptr, text.len) == 0;
}

/* Moves what is left to the front, and makes room for more. */
static void slide(struct tw_sql_buffer *b)
{
    size_t left = b->fill - b->start;
    b->before += b->start;
    if (left == b->cap) {
        struct tw_arena *room = tw_arena_child(b->how->arena);
        char *larger = tw_arena_alloc(room, b->cap * 2 + TW_SQL_BEYOND);
        memcpy(larger, b->bytes + b->start, left);
        tw_arena_release(b->room);
        b->room = room;
        b->bytes = larger;
        b->cap *= 2;
    } else if (b->start) {
        memmove(b->bytes, b->bytes + b->start, left);
    }
    b->start = 0;
    b->fill = left;
}

bool tw_sql_more(struct tw_sql_buffer *b)
{
    b->stopped = b->how->stop && b->how->stop(b->how->stop_ctx);
    if (b->stopped)
        return false;
    slide(b);
    size_t left = b->fill;
    while (!b->ended && b->fill < b->cap) {
        size_t got;
        enum tw_status status = tw_utf8_stream_read(b->how->stream, b->bytes + b->fill,
                                                    b->cap - b->fill, &got);
        if (status == TW_STOPPED && b->fill > left)
            return true; /* what was read by then is still counted */
        if (status != TW_OK)
            return false;
        b->ended = got == 0;
        b->fill += got;
    }
    return true;
}

bool tw_sql_pass_on(struct tw_sql_buffer *b, struct tw_sql_walk *walk, uint64_t *count,
                    bool *ended)
{
    for (;;) {
        size_t n = tw_sql_pass(walk, tw_sql_rest(b), b->ended, ended);
        b->start += n;
        *count += n;
        if (*ended || tw_sql_at_end(b))
            return true;
        if (!tw_sql_more(b))
            return false;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xz by liblzma: streams one after the other with padding between and behind them, as
 * the format has it, and a limit on the memory that a hostile header may ask for.
 */
#include <lzma.h>
#include <string.h>

#include "decoder.h"

/* The window and what the library needs beside it. */
enum { MEMORY_MAX = (TW_DECODER_MEMORY_MB + 8) << 20 };

static void close_xz(void *state)
{
    lzma_end(state);
}

static void *open_xz(struct tw_arena *arena)
{
    lzma_stream *s = tw_new(arena, lzma_stream);
    *s = (lzma_stream)LZMA_STREAM_INIT;
    tw_arena_defer(arena, close_xz, s);
    if (lzma_stream_decoder(s, MEMORY_MAX,
                            LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK)
        tw_arena_exhausted(arena);
    return s;
}

static enum tw_decoded step_xz(void *state, struct tw_decoder_io *io)
{
    lzma_stream *s = state;
    s->next_in = (const uint8_t *)io->in;
    s->avail_in = io->in_len;
    s->next_out = (uint8_t *)io->out;
    s->avail_out = io->out_room;
    lzma_ret rc = lzma_code(s, io->last ? LZMA_FINISH : LZMA_RUN);
    io->in += io->in_len - s->avail_in;
    io->in_len = s->avail_in;
    io->out += io->out_room - s->avail_out;
    io->out_room = s->avail_out;
    if (rc == LZMA_STREAM_END)
        return TW_DECODED_END;
    if (rc == LZMA_MEM_ERROR)
        return TW_DECODED_NO_MEMORY;
    if (rc == LZMA_MEMLIMIT_ERROR)
        return TW_DECODED_TOO_WIDE;
    return rc == LZMA_OK || rc == LZMA_BUF_ERROR ? TW_DECODED_MORE : TW_DECODED_DAMAGED;
}

static bool begins_xz(struct tw_str head)
{
    enum { MAGIC = 6 };
    return head.len >= MAGIC && memcmp(head.ptr,
                                       "\xfd"
                                       "7zXZ\0",
                                       MAGIC) == 0;
}

const struct tw_decoder tw_decoder_xz = {
    .name = "xz",
    .begins = begins_xz,
    .open = open_xz,
    .step = step_xz,
};

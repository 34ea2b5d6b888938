/* SPDX-License-Identifier: Apache-2.0 */
/* xz by liblzma, with a limit on the memory that a hostile header may ask for. */
#include <lzma.h>

#include "decoder.h"

enum { MEMORY_MAX = 256 << 20 };

static void close_xz(void *state)
{
    lzma_end(state);
}

static void *open_xz(struct tw_arena *arena)
{
    lzma_stream *s = tw_new(arena, lzma_stream);
    *s = (lzma_stream)LZMA_STREAM_INIT;
    tw_arena_defer(arena, close_xz, s);
    if (lzma_stream_decoder(s, MEMORY_MAX, 0) != LZMA_OK)
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
    lzma_ret rc = lzma_code(s, LZMA_RUN);
    io->in += io->in_len - s->avail_in;
    io->in_len = s->avail_in;
    io->out += io->out_room - s->avail_out;
    io->out_room = s->avail_out;
    if (rc == LZMA_STREAM_END)
        return lzma_stream_decoder(s, MEMORY_MAX, 0) == LZMA_OK ? TW_DECODED_END
                                                                : TW_DECODED_NO_MEMORY;
    if (rc == LZMA_MEM_ERROR)
        return TW_DECODED_NO_MEMORY;
    return rc == LZMA_OK || rc == LZMA_BUF_ERROR ? TW_DECODED_MORE : TW_DECODED_DAMAGED;
}

const struct tw_decoder tw_decoder_xz = {
    .name = "xz",
    .magic_len = 6,
    .magic = "\xfd"
             "7zXZ\x00",
    .open = open_xz,
    .step = step_xz,
};

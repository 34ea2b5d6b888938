/* SPDX-License-Identifier: Apache-2.0 */
/* gzip (RFC 1952) by zlib; a file may be several members one after the other. */
#define ZLIB_CONST
#include <zlib.h>

#include "decoder.h"

static void close_gzip(void *state)
{
    inflateEnd(state);
}

static void *open_gzip(struct tw_arena *arena)
{
    z_stream *z = tw_new(arena, z_stream);
    enum { WINDOW = 15, GZIP_ONLY = 16 };
    tw_arena_defer(arena, close_gzip, z);
    if (inflateInit2(z, WINDOW + GZIP_ONLY) != Z_OK)
        tw_arena_exhausted(arena);
    return z;
}

static enum tw_decoded step_gzip(void *state, struct tw_decoder_io *io)
{
    enum { PIECE = 1 << 30 };
    z_stream *z = state;
    uInt in = (uInt)(io->in_len < PIECE ? io->in_len : PIECE);
    uInt out = (uInt)(io->out_room < PIECE ? io->out_room : PIECE);
    z->next_in = (const Bytef *)io->in;
    z->avail_in = in;
    z->next_out = (Bytef *)io->out;
    z->avail_out = out;
    int rc = inflate(z, Z_NO_FLUSH);
    io->in += in - z->avail_in;
    io->in_len -= in - z->avail_in;
    io->out += out - z->avail_out;
    io->out_room -= out - z->avail_out;
    if (rc == Z_STREAM_END)
        return inflateReset(z) == Z_OK ? TW_DECODED_END : TW_DECODED_DAMAGED;
    if (rc == Z_MEM_ERROR)
        return TW_DECODED_NO_MEMORY;
    return rc == Z_OK || rc == Z_BUF_ERROR ? TW_DECODED_MORE : TW_DECODED_DAMAGED;
}

const struct tw_decoder tw_decoder_gzip = {
    .name = "gzip",
    .magic_len = 2,
    .magic = "\x1f\x8b",
    .open = open_gzip,
    .step = step_gzip,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate by zlib: where ISA-L is missing, and for comparing the two. */
#define ZLIB_CONST
#include <zlib.h>

#include "inflater.h"

enum { PIECE = 1 << 30 };

static void close_zlib(void *state)
{
    inflateEnd(state);
}

static void *open_zlib(struct tw_arena *arena)
{
    enum { RAW = -15 }; /* the whole window, no frame */
    z_stream *z = tw_new(arena, z_stream);
    tw_arena_defer(arena, close_zlib, z);
    if (inflateInit2(z, RAW) != Z_OK)
        tw_arena_exhausted(arena);
    return z;
}

static void begin_zlib(void *state)
{
    inflateReset(state);
}

static enum tw_decoded step_zlib(void *state, struct tw_decoder_io *io)
{
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
        return TW_DECODED_END;
    if (rc == Z_MEM_ERROR)
        return TW_DECODED_NO_MEMORY;
    return rc == Z_OK || rc == Z_BUF_ERROR ? TW_DECODED_MORE : TW_DECODED_DAMAGED;
}

/* What it took too many it has put back itself. */
static size_t unread_zlib(const void *state, unsigned char bytes[TW_INFLATER_UNREAD])
{
    (void)state, (void)bytes;
    return 0;
}

static uint32_t crc_zlib(uint32_t crc, const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc, bytes, len);
}

const struct tw_inflater tw_inflater_zlib = {
    .open = open_zlib,
    .begin = begin_zlib,
    .step = step_zlib,
    .unread = unread_zlib,
    .crc = crc_zlib,
};

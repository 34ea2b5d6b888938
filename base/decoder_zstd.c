/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard (RFC 8878) by libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include "decoder.h"

static void close_zstd(void *state)
{
    ZSTD_DCtx *const *ctx = state;
    ZSTD_freeDCtx(*ctx);
}

static void *open_zstd(struct tw_arena *arena)
{
    ZSTD_DCtx **ctx = tw_new(arena, ZSTD_DCtx *);
    tw_arena_defer(arena, close_zstd, (void *)ctx);
    *ctx = ZSTD_createDCtx();
    if (!*ctx)
        tw_arena_exhausted(arena);
    return (void *)ctx;
}

static enum tw_decoded step_zstd(void *state, struct tw_decoder_io *io)
{
    ZSTD_DCtx *const *ctx = state;
    ZSTD_inBuffer in = {io->in, io->in_len, 0};
    ZSTD_outBuffer out = {io->out, io->out_room, 0};
    size_t rc = ZSTD_decompressStream(*ctx, &out, &in);
    io->in += in.pos;
    io->in_len -= in.pos;
    io->out += out.pos;
    io->out_room -= out.pos;
    if (ZSTD_isError(rc))
        return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation
                   ? TW_DECODED_NO_MEMORY
                   : TW_DECODED_DAMAGED;
    return rc == 0 ? TW_DECODED_END : TW_DECODED_MORE;
}

const struct tw_decoder tw_decoder_zstd = {
    .name = "zstd",
    .magic_len = 4,
    .magic = "\x28\xb5\x2f\xfd",
    .open = open_zstd,
    .step = step_zstd,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zstandard (RFC 8878) by libzstd: frames one after the other, and frames to be skipped
 * between or before them. A frame without a checksum has none to be checked.
 */
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
    ZSTD_DCtx_setParameter(*ctx, ZSTD_d_windowLogMax, TW_DECODER_WINDOW_LOG);
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
    if (ZSTD_isError(rc)) {
        ZSTD_ErrorCode why = ZSTD_getErrorCode(rc);
        return why == ZSTD_error_memory_allocation               ? TW_DECODED_NO_MEMORY
               : why == ZSTD_error_frameParameter_windowTooLarge ? TW_DECODED_TOO_WIDE
                                                                 : TW_DECODED_DAMAGED;
    }
    return rc == 0 ? TW_DECODED_END : TW_DECODED_MORE;
}

static bool begins_zstd(struct tw_str head)
{
    if (tw_str_starts(head, "\x28\xb5\x2f\xfd"))
        return true;
    /* a frame to be skipped: 184D2A50 to 184D2A5F, the lowest byte first */
    return head.len >= 4 && (head.ptr[0] & 0xf0) == 0x50 &&
           tw_str_starts(tw_str_from(head, 1), "\x2a\x4d\x18");
}

const struct tw_decoder tw_decoder_zstd = {
    .name = "zstd",
    .begins = begins_zstd,
    .open = open_zstd,
    .step = step_zstd,
};

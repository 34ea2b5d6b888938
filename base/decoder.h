/* SPDX-License-Identifier: Apache-2.0 */
/* What input.c asks of a decompressor: one file per library. */
#ifndef TW_DECODER_H
#define TW_DECODER_H

#include <stddef.h>

#include "arena.h"

struct tw_decoder_io {
    const char *in; /* compressed bytes that are left */
    size_t in_len;
    char *out; /* where the next decompressed byte goes */
    size_t out_room;
};

enum tw_decoded {
    TW_DECODED_MORE,    /* took or gave something; call again */
    TW_DECODED_END,     /* at the end of a frame or member; another one may follow */
    TW_DECODED_DAMAGED, /* corrupt data */
    TW_DECODED_NO_MEMORY
};

struct tw_decoder {
    const char *name;
    size_t magic_len;
    const char *magic;
    /* Unwinds without memory; freed with ARENA. */
    void *(*open)(struct tw_arena *arena);
    enum tw_decoded (*step)(void *state, struct tw_decoder_io *io);
};

extern const struct tw_decoder tw_decoder_gzip, tw_decoder_zstd, tw_decoder_xz;

#endif

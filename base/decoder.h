/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What unpack.c asks of a decompressor: one file per format.
 *
 * A step may run on another thread than open: it takes nothing from the arena.
 */
#ifndef TW_DECODER_H
#define TW_DECODER_H

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

struct tw_decoder_io {
    const char *in; /* compressed bytes that are left */
    size_t in_len;
    char *out; /* where the next decompressed byte goes */
    size_t out_room;
    bool last; /* no bytes will come behind those of IN */
};

enum tw_decoded {
    TW_DECODED_MORE,     /* took or gave something; call again */
    TW_DECODED_END,      /* at the end of a frame or member; another one may follow */
    TW_DECODED_DAMAGED,  /* corrupt data */
    TW_DECODED_TOO_WIDE, /* it asks for more memory than is allowed */
    TW_DECODED_NO_MEMORY
};

struct tw_decoder {
    const char *name;
    /* Does a file with this beginning (6 bytes, fewer where it is shorter) hold it? */
    bool (*begins)(struct tw_str head);
    /* Unwinds without memory; freed with ARENA. */
    void *(*open)(struct tw_arena *arena);
    enum tw_decoded (*step)(void *state, struct tw_decoder_io *io);
};

/* The widest window of zstd that is read, and the most that xz may ask for: 128 MiB,
 * what `zstd -d` takes by default, and enough for `xz -9`. */
enum { TW_DECODER_WINDOW_LOG = 27, TW_DECODER_MEMORY_MB = 128 };

extern const struct tw_decoder tw_decoder_gzip, tw_decoder_zstd, tw_decoder_xz;
/* gzip by zlib alone: the same results, for tests. */
extern const struct tw_decoder tw_decoder_gzip_zlib;

#endif

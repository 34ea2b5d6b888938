/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file, decompressed: what input.c runs itself or on a thread.
 *
 * It takes no memory from an arena, reports nothing and keeps what went wrong, so that
 * whoever reads can say it. One thread at a time calls tw_unpack_step(); taken may be
 * read by any.
 */
#ifndef TW_UNPACK_H
#define TW_UNPACK_H

#include <stdatomic.h>
#include <stdint.h>

#include "decoder.h"
#include "hash.h"

enum tw_unpacked {
    TW_UNPACKED_OK,
    TW_UNPACKED_STOPPED,     /* wait() said so */
    TW_UNPACKED_CANNOT_READ, /* the errno is in .error */
    TW_UNPACKED_DAMAGED,
    TW_UNPACKED_CHANGED, /* the file is longer or shorter than it was */
    TW_UNPACKED_TOO_WIDE,
    TW_UNPACKED_NO_MEMORY
};

/* A decoder in fast code may look a few bytes behind the block. */
enum { TW_UNPACK_BLOCK = 1 << 18, TW_UNPACK_SLACK = 64 };

struct tw_unpack {
    int fd;                           /* -1: memory, all of it in raw */
    const struct tw_decoder *decoder; /* NULL: plain */
    void *state;
    char *block;                 /* TW_UNPACK_BLOCK bytes and the slack: read from fd */
    struct tw_str raw;           /* bytes not yet taken */
    atomic_uint_least64_t taken; /* raw bytes that were taken */
    uint64_t read, size;         /* raw bytes read; how many there were; 0: unknown */
    struct tw_sha256 *sha;       /* of the raw bytes, or NULL */
    bool (*wait)(void *ctx);     /* before each read: false to stop; or NULL */
    void *wait_ctx;
    int error;
    bool ended;        /* no more raw bytes will come */
    bool inside_frame; /* of compressed data */
    bool stuck;        /* the last step took and gave nothing */
};

/* Up to ROOM (> 0) decompressed bytes; *GOT = 0 only at the end or with an error. */
enum tw_unpacked tw_unpack_step(struct tw_unpack *unpack, char *bytes, size_t room,
                                size_t *got);
/* Reads on until LEN raw bytes lie in the block, or the file ends: for its beginning.
 */
enum tw_unpacked tw_unpack_head(struct tw_unpack *unpack, size_t len);
/* Of plain bytes: the next ones without a copy, valid until the next call; none at the
 * end. */
enum tw_unpacked tw_unpack_borrow(struct tw_unpack *unpack, struct tw_str *bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What decoder_gzip.c asks of a library: raw deflate streams (RFC 1951) and the CRC of
 * gzip. The frame around them, its checks and what may follow it are read in one place,
 * so that no two libraries differ about them.
 *
 * What zlib reads ISA-L reads to the same bytes. The one way in which they differ:
 * ISA-L also reads a block whose codes leave room unused, which RFC 1951 forbids and
 * nothing writes; the CRC of gzip then still says whether the text is the one that was
 * written.
 */
#ifndef TW_INFLATER_H
#define TW_INFLATER_H

#include <stdint.h>

#include "decoder.h"

enum { TW_INFLATER_UNREAD = 8 };

struct tw_inflater {
    /* Unwinds without memory; freed with ARENA. */
    void *(*open)(struct tw_arena *arena);
    void (*begin)(void *state); /* another stream */
    /* TW_DECODED_END at the end of the stream; the byte behind it is io->in, but for
     * those that unread() gives back. */
    enum tw_decoded (*step)(void *state, struct tw_decoder_io *io);
    /* At the end of a stream: bytes behind it that were taken already. */
    size_t (*unread)(const void *state, unsigned char bytes[TW_INFLATER_UNREAD]);
    uint32_t (*crc)(uint32_t crc, const void *bytes, size_t len);
};

extern const struct tw_inflater tw_inflater_zlib;
#ifdef TW_WITH_ISAL
extern const struct tw_inflater tw_inflater_isal;
#endif

#endif

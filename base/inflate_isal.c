/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate by Intel's ISA-L, three times as fast as zlib; left out where it is missing.
 */
#include "inflater.h"

#ifdef TW_WITH_ISAL
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <string.h>

enum { PIECE = 1 << 30 };

struct isal {
    struct inflate_state s;
    /* The last bytes that were taken, and how many of them were given back. */
    unsigned char taken[TW_INFLATER_UNREAD];
    size_t given_back;
};

static void begin_isal(void *state)
{
    struct isal *i = state;
    isal_inflate_init(&i->s); /* raw deflate, the whole window */
    i->given_back = 0;
}

static void *open_isal(struct tw_arena *arena)
{
    struct isal *i = tw_new(arena, struct isal);
    begin_isal(i);
    return i;
}

static void remember(struct isal *i, const char *bytes, size_t len)
{
    size_t n = len < TW_INFLATER_UNREAD ? len : TW_INFLATER_UNREAD;
    memmove(i->taken, i->taken + n, TW_INFLATER_UNREAD - n);
    if (n)
        memcpy(i->taken + TW_INFLATER_UNREAD - n, bytes + len - n, n);
}

static enum tw_decoded step_isal(void *state, struct tw_decoder_io *io)
{
    struct isal *i = state;
    struct inflate_state *s = &i->s;
    uint32_t in = (uint32_t)(io->in_len < PIECE ? io->in_len : PIECE);
    uint32_t out = (uint32_t)(io->out_room < PIECE ? io->out_room : PIECE);
    s->next_in = (uint8_t *)(uintptr_t)io->in; /* it does not write there */
    s->avail_in = in;
    s->next_out = (uint8_t *)io->out;
    s->avail_out = out;
    int rc = isal_inflate(s);
    /* In damaged data it may lose count of its bytes. */
    if (rc != ISAL_DECOMP_OK || s->avail_out > out)
        return TW_DECODED_DAMAGED;
    bool end = s->block_state == ISAL_BLOCK_FINISH;
    uint32_t used = in - s->avail_in;
    if (s->avail_in > in) { /* from 2.32.1 on it puts back what earlier calls took */
        i->given_back = s->avail_in - in;
        used = 0;
        if (!end || i->given_back > TW_INFLATER_UNREAD)
            return TW_DECODED_DAMAGED;
    }
    remember(i, io->in, used);
    io->in += used;
    io->in_len -= used;
    io->out += out - s->avail_out;
    io->out_room -= out - s->avail_out;
    return end ? TW_DECODED_END : TW_DECODED_MORE;
}

/* It reads ahead into a word of bits; the lowest ones complete the last byte. */
static size_t unread_isal(const void *state, unsigned char bytes[TW_INFLATER_UNREAD])
{
    const struct isal *i = state;
    unsigned nbits = i->s.read_in_length > 0 ? (unsigned)i->s.read_in_length : 0;
    if (i->given_back) {
        memcpy(bytes, i->taken + TW_INFLATER_UNREAD - i->given_back, i->given_back);
        return i->given_back;
    }
    uint64_t bits = i->s.read_in >> nbits % 8;
    size_t n = nbits / 8 < TW_INFLATER_UNREAD ? nbits / 8 : TW_INFLATER_UNREAD;
    for (size_t k = 0; k < n; k++)
        bytes[k] = (unsigned char)(bits >> 8 * k);
    return n;
}

static uint32_t crc_isal(uint32_t crc, const void *bytes, size_t len)
{
    return crc32_gzip_refl(crc, bytes, len);
}

const struct tw_inflater tw_inflater_isal = {
    .open = open_isal,
    .begin = begin_isal,
    .step = step_isal,
    .unread = unread_isal,
    .crc = crc_isal,
};
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip (RFC 1952): the frames around deflate streams, for the reader of files.
 *
 * A file may be several members one after the other, some of them empty. Zero bytes
 * behind the last one are padding, as `gzip -d` has it. Anything else there is damage:
 * gzip skips it with a warning, but it may be a member whose beginning was hit, and an
 * answer without its records would be wrong. The CRC and the length of each member are
 * checked, and that of a header where it has one.
 */
#include "inflater.h"

enum place {
    BETWEEN, /* behind a member */
    PADDING,
    HEADER, /* ten bytes */
    EXTRA_LEN,
    EXTRA,
    NAME,
    COMMENT,
    HEADER_CRC,
    BODY,
    TRAILER
};

enum { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, FLAGS = 31 };

struct gzip {
    const struct tw_inflater *inflater;
    void *state;
    enum place at;
    uint8_t flags; /* fields of the header still to come */
    size_t seen;   /* bytes of this part */
    uint64_t part; /* its value, the lowest byte first */
    size_t extra;  /* bytes to skip */
    uint32_t header_crc, crc, size;
};

static void *open_with(struct tw_arena *arena, const struct tw_inflater *inflater)
{
    struct gzip *g = tw_new(arena, struct gzip);
    *g = (struct gzip){.inflater = inflater, .at = HEADER};
    g->state = inflater->open(arena);
    return g;
}

static void go_to(struct gzip *g, enum place at)
{
    g->at = at;
    g->seen = 0;
    g->part = 0;
}

/* The next part of the header that its flags announce. */
static void next_field(struct gzip *g)
{
    static const struct {
        uint8_t flag;
        enum place at;
    } fields[] = {{HAS_EXTRA, EXTRA_LEN},
                  {HAS_NAME, NAME},
                  {HAS_COMMENT, COMMENT},
                  {HAS_CRC, HEADER_CRC}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (g->flags & fields[i].flag) {
            g->flags &= (uint8_t)~fields[i].flag;
            go_to(g, fields[i].at);
            return;
        }
    go_to(g, BODY);
    g->inflater->begin(g->state);
    g->crc = g->size = 0;
}

static bool header_byte(struct gzip *g, unsigned char b)
{
    enum { DEFLATE = 8, HEADER_LEN = 10 };
    if (g->seen == 0)
        g->header_crc = 0;
    if ((g->seen == 0 && b != 0x1f) || (g->seen == 1 && b != 0x8b) ||
        (g->seen == 2 && b != DEFLATE) || (g->seen == 3 && b & ~FLAGS))
        return false;
    if (g->seen == 3)
        g->flags = b;
    g->seen++;
    g->header_crc = g->inflater->crc(g->header_crc, &b, 1);
    if (g->seen == HEADER_LEN)
        next_field(g);
    return true;
}

/* Gathers the bytes of a number; true with the last of them. */
static bool number_byte(struct gzip *g, unsigned char b, size_t len)
{
    g->part |= (uint64_t)b << 8 * g->seen++;
    return g->seen == len;
}

static bool field_byte(struct gzip *g, unsigned char b)
{
    uint32_t crc = g->header_crc;
    g->header_crc = g->inflater->crc(crc, &b, 1);
    switch (g->at) {
    case EXTRA_LEN:
        if (!number_byte(g, b, 2))
            return true;
        g->extra = (size_t)g->part;
        go_to(g, EXTRA);
        if (g->extra == 0)
            next_field(g);
        return true;
    case EXTRA:
        if (--g->extra == 0)
            next_field(g);
        return true;
    case HEADER_CRC:
        if (g->seen == 0)
            g->crc = crc; /* of what stands before it */
        if (!number_byte(g, b, 2))
            return true;
        if (g->part != (g->crc & 0xffff))
            return false;
        next_field(g);
        return true;
    default: /* NAME, COMMENT */
        if (b == 0)
            next_field(g);
        return true;
    }
}

/* One byte outside of a deflate stream; false where it must not stand there. */
static bool frame_byte(struct gzip *g, unsigned char b)
{
    switch (g->at) {
    case BETWEEN:
        go_to(g, b == 0 ? PADDING : HEADER);
        return b == 0 || header_byte(g, b);
    case PADDING:
        return b == 0;
    case HEADER:
        return header_byte(g, b);
    case TRAILER:
        if (!number_byte(g, b, 8))
            return true;
        if (g->part != ((uint64_t)g->size << 32 | g->crc))
            return false;
        go_to(g, BETWEEN);
        return true;
    default:
        return field_byte(g, b);
    }
}

/* Inflates; at the end of the stream goes on to the trailer. */
static enum tw_decoded step_body(struct gzip *g, struct tw_decoder_io *io)
{
    const char *out = io->out;
    enum tw_decoded decoded = g->inflater->step(g->state, io);
    size_t n = (size_t)(io->out - out);
    g->crc = g->inflater->crc(g->crc, out, n);
    g->size += (uint32_t)n; /* modulo 2^32, as the format has it */
    if (decoded != TW_DECODED_END)
        return decoded;
    unsigned char bytes[TW_INFLATER_UNREAD];
    size_t unread = g->inflater->unread(g->state, bytes);
    go_to(g, TRAILER);
    for (size_t i = 0; i < unread; i++)
        if (!frame_byte(g, bytes[i]))
            return TW_DECODED_DAMAGED;
    return TW_DECODED_END;
}

static enum tw_decoded step_gzip(void *state, struct tw_decoder_io *io)
{
    struct gzip *g = state;
    for (;;) {
        if (g->at == BODY) {
            if (io->out_room == 0)
                return TW_DECODED_MORE;
            enum tw_decoded decoded = step_body(g, io);
            if (decoded != TW_DECODED_END)
                return decoded;
        } else if (io->in_len == 0) {
            return g->at <= PADDING ? TW_DECODED_END : TW_DECODED_MORE;
        } else {
            unsigned char b = (unsigned char)*io->in++;
            io->in_len--;
            if (!frame_byte(g, b))
                return TW_DECODED_DAMAGED;
        }
    }
}

static bool begins_gzip(struct tw_str head)
{
    return tw_str_starts(head, "\x1f\x8b");
}

static void *open_zlib(struct tw_arena *arena)
{
    return open_with(arena, &tw_inflater_zlib);
}

const struct tw_decoder tw_decoder_gzip_zlib = {
    .name = "gzip",
    .begins = begins_gzip,
    .open = open_zlib,
    .step = step_gzip,
};

static void *open_best(struct tw_arena *arena)
{
#ifdef TW_WITH_ISAL
    return open_with(arena, &tw_inflater_isal);
#else
    return open_zlib(arena);
#endif
}

const struct tw_decoder tw_decoder_gzip = {
    .name = "gzip",
    .begins = begins_gzip,
    .open = open_best,
    .step = step_gzip,
};

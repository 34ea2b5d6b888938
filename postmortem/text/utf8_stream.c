/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding while reading, for the readers of dumps.
 *
 * Other encodings are decoded line by line, so that the place of each line in the
 * source is known: a queue of (decoded length, source length) pairs, one a line. In all
 * encodings that are taken here a line feed is the byte 0A (or its 16- or 32-bit unit)
 * and nothing else, and so is the parenthesis 28: encodings where ASCII bytes mean
 * something else are refused.
 */
#include "utf8_stream.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "declared_encoding.h"
#include "encoding_guess.h"
#include "gb_decoder.h"
#include "record.h"
#include "text.h"

enum { RAW_BLOCK = 1 << 16, OUT_BLOCK = RAW_BLOCK * 4 + 64, LABEL_MAX = 32 };

struct line {
    uint32_t decoded, raw;
};

struct tw_utf8_stream {
    struct tw_arena *arena;
    struct tw_byte_source source;
    enum tw_status (*lend)(void *ctx, struct tw_str *bytes); /* or NULL */
    struct tw_str encoding;
    size_t unit; /* bytes of the smallest unit: 1, 2, 4 */
    bool big_end;
    iconv_t cd;               /* where the encoding is not UTF-8 */
    struct tw_gb_decoder *gb; /* for the encodings of its family, else NULL */
    bool transcodes, ended;
    enum tw_backslash_family escapes; /* of SQL in such an encoding */
    uint64_t mark;                    /* bytes of the byte order mark */
    char *raw;                        /* RAW_BLOCK bytes */
    size_t from, fill;                /* not yet taken: raw[from … fill) */
    char *out; /* decoded, not yet given: out[out_from … out_fill) */
    size_t out_from, out_fill;
    TW_VEC(struct line) lines; /* a queue: lines.at[first_line …] */
    size_t first_line;
    uint64_t line_decoded, line_raw; /* where lines.at[first_line] begins */
};

static enum tw_status refill(struct tw_utf8_stream *s)
{
    memmove(s->raw, s->raw + s->from, s->fill - s->from);
    s->fill -= s->from;
    s->from = 0;
    size_t kept = s->fill;
    while (!s->ended && s->fill < RAW_BLOCK) {
        size_t got;
        enum tw_status status =
            s->source.read(s->source.ctx, s->raw + s->fill, RAW_BLOCK - s->fill, &got);
        if (status == TW_STOPPED && s->fill > kept)
            return TW_OK; /* what was read by then; the next call says it again */
        if (status != TW_OK)
            return status;
        s->ended = got == 0;
        s->fill += got;
    }
    return TW_OK;
}

static bool label_of(struct tw_str name, char label[LABEL_MAX])
{
    if (name.len == 0 || name.len >= LABEL_MAX || memchr(name.ptr, '/', name.len) ||
        memchr(name.ptr, '\0', name.len))
        return false;
    memcpy(label, name.ptr, name.len);
    label[name.len] = '\0';
    return true;
}

static void close_iconv(void *ptr)
{
    const struct tw_utf8_stream *s = ptr;
    if (s->cd != (iconv_t)-1)
        iconv_close(s->cd);
}

/* An encoding in which each ASCII byte, at any place, may mean something else would
 * break the search for line feeds. */
static bool keeps_ascii(iconv_t cd)
{
    for (char c = 0; c < 127; c++) {
        char in_bytes[1] = {c}, out[8];
        char *in = in_bytes, *to = out;
        size_t left = 1, room = sizeof out;
        iconv(cd, NULL, NULL, NULL, NULL);
        if (iconv(cd, &in, &left, &to, &room) == (size_t)-1 || to != out + 1 ||
            out[0] != c)
            return false;
    }
    iconv(cd, NULL, NULL, NULL, NULL);
    return true;
}

static bool set_up(struct tw_utf8_stream *s)
{
    if (tw_str_eq_nocase(s->encoding, TW_STR("UTF-8")) ||
        tw_str_eq_nocase(s->encoding, TW_STR("UTF8"))) {
        s->encoding = TW_STR("UTF-8");
        return true;
    }
    char label[LABEL_MAX];
    if (!label_of(s->encoding, label))
        return false;
    s->cd = (iconv_t)-1;
    tw_arena_defer(s->arena, close_iconv, s);
    s->cd = iconv_open("UTF-8", label);
    if (s->cd == (iconv_t)-1 && errno == ENOMEM)
        tw_arena_exhausted(s->arena);
    if (s->cd == (iconv_t)-1)
        return false;
    s->transcodes = true;
    s->gb = tw_gb_decoder_new(s->arena, s->encoding, s->cd);
    bool wide16 = tw_str_starts(s->encoding, "UTF-16");
    bool wide32 = tw_str_starts(s->encoding, "UTF-32");
    s->unit = wide32 ? 4 : wide16 ? 2 : 1;
    s->big_end = tw_str_ends(s->encoding, "BE");
    s->out = tw_arena_alloc(s->arena, OUT_BLOCK);
    bool sided = s->big_end || tw_str_ends(s->encoding, "LE");
    return s->unit > 1 ? sided : keeps_ascii(s->cd);
}

/* The bytes of the first line of raw[from …), or 0 where it does not end there. A row
 * of an SQL dump begins with a parenthesis, in lines of a megabyte: it ends what stands
 * before it as a line end does. */
static size_t raw_line(const struct tw_utf8_stream *s)
{
    struct tw_str raw = {s->raw + s->from, s->fill - s->from};
    if (s->unit == 1) {
        size_t n = 0;
        while (n < raw.len && raw.ptr[n] != '\n' && (raw.ptr[n] != '(' || n == 0))
            n++;
        return n == raw.len ? 0 : n + (raw.ptr[n] == '\n');
    }
    /* The byte 0A may be a half of another unit: then on with what follows it. */
    size_t place = s->big_end ? s->unit - 1 : 0;
    for (size_t i = 0;;) {
        i += tw_str_find(tw_str_from(raw, i), '\n');
        if (i == raw.len)
            return 0;
        size_t begin = i - i % s->unit;
        bool found = i - begin == place && begin + s->unit <= raw.len;
        for (size_t k = 0; found && k < s->unit; k++)
            found = k == place || raw.ptr[begin + k] == '\0';
        if (found)
            return begin + s->unit;
        i++;
    }
}

static void put_wrong(struct tw_utf8_stream *s)
{
    s->out[s->out_fill++] = '\xff';
}

/* Decodes LEN raw bytes at raw[AT], which end a line (or the file) where WHOLE. Returns
 * how many were taken: all, but for a character that is cut at the end. */
static size_t decode(struct tw_utf8_stream *s, size_t at, size_t len, bool whole)
{
    char *in = s->raw + at;
    size_t left = len;
    if (s->gb && !s->escapes) {
        struct tw_str line = {in, len};
        return tw_gb_decode(s->gb, line, whole, s->out + s->out_fill, &s->out_fill);
    }
    while (left) {
        size_t before = left, room = OUT_BLOCK - s->out_fill;
        char *to = s->out + s->out_fill;
        size_t done = iconv(s->cd, &in, &left, &to, &room);
        s->out_fill = (size_t)(to - s->out);
        if (done != (size_t)-1 || left == 0)
            break;
        if (left < before)
            continue;
        /* Stuck at a wrong or a cut character. */
        if (!whole && left < 8)
            break;
        size_t skip = left < s->unit ? left : s->unit;
        if (s->escapes) /* a character that the table lacks is one all the same */
            skip = tw_backslash_step(s->escapes, (struct tw_str){in, left}, true);
        put_wrong(s);
        in += skip;
        left -= skip;
        iconv(s->cd, NULL, NULL, NULL, NULL);
    }
    return len - left;
}

/* The same for SQL where a backslash may be the second byte of a character: the first
 * byte behind an escaping one stands alone, as a server reads it. (Dumps escape the
 * wrong bytes of binary columns so; with the backslash behind it such a byte would pass
 * for a character.) */
static size_t decode_escaped(struct tw_utf8_stream *s, size_t len, bool whole)
{
    size_t from = 0, i = 0;
    struct tw_str raw = {s->raw + s->from, len};
    while (i < len) {
        bool backslash = raw.ptr[i] == '\\', pair = backslash && i + 1 < len;
        if (backslash && !pair && !whole)
            break;
        if (pair && (signed char)raw.ptr[i + 1] < 0) {
            (void)decode(s, s->from + from, i + 1 - from, true);
            put_wrong(s);
            from = i + 2;
        }
        size_t n = pair ? 2 : tw_backslash_step(s->escapes, tw_str_from(raw, i), whole);
        if (n == 0)
            break;
        i += n;
    }
    return from + decode(s, s->from + from, i - from, whole || i < len);
}

/* Decodes the next lines into the empty out block. */
static enum tw_status decode_block(struct tw_utf8_stream *s)
{
    s->out_from = s->out_fill = 0;
    enum { ROOM = RAW_BLOCK * 3 };
    while (s->out_fill == 0) {
        if (s->fill - s->from < RAW_BLOCK / 2 && !s->ended) {
            enum tw_status status = refill(s);
            if (status != TW_OK)
                return status;
        }
        if (s->from == s->fill)
            return TW_OK;
        while (s->from < s->fill && (OUT_BLOCK - s->out_fill) > ROOM) {
            size_t n = raw_line(s);
            bool whole = n > 0 || (s->ended && n == 0);
            if (n == 0 && s->out_fill && !s->ended)
                break;
            size_t before = s->out_fill;
            size_t piece = n ? n : s->fill - s->from;
            n = s->escapes ? decode_escaped(s, piece, whole)
                           : decode(s, s->from, piece, whole);
            if (n == 0)
                break;
            *tw_vec_add(s->arena, &s->lines) =
                (struct line){(uint32_t)(s->out_fill - before), (uint32_t)n};
            s->from += n;
        }
    }
    return TW_OK;
}

struct tw_utf8_stream *tw_utf8_stream_open(struct tw_arena *arena,
                                           struct tw_byte_source source,
                                           struct tw_str encoding, struct tw_str name,
                                           struct tw_diags *diags)
{
    struct tw_utf8_stream *s = tw_new(arena, struct tw_utf8_stream);
    *s = (struct tw_utf8_stream){.arena = arena, .source = source, .unit = 1};
    s->raw = tw_arena_alloc(arena, RAW_BLOCK);
    if (refill(s) != TW_OK)
        return NULL;
    s->encoding = encoding;
    size_t mark;
    struct tw_str head = {s->raw, s->fill}, declared = TW_NO_STR;
    if (!tw_encoding_guess(arena, head, s->ended, &s->encoding, &declared, &mark)) {
        if (declared.len)
            TW_DIAG(diags, TW_D_dump_encoding_declared, TW_NOWHERE, name, declared);
        else if (!tw_dump_tell_binary(head, name, diags))
            TW_DIAG(diags, TW_D_dump_encoding_unknown, TW_NOWHERE, name);
        return NULL;
    }
    s->mark = s->from = mark;
    if (!set_up(s)) {
        TW_DIAG(diags, TW_D_dump_encoding_refused, TW_NOWHERE, name, s->encoding);
        return NULL;
    }
    s->line_raw = s->mark;
    if (s->transcodes && decode_block(s) != TW_OK)
        return NULL;
    return s;
}

struct tw_utf8_stream *tw_utf8_stream_resume(struct tw_arena *arena,
                                             struct tw_byte_source source,
                                             uint64_t mark)
{
    struct tw_utf8_stream *s = tw_new(arena, struct tw_utf8_stream);
    *s = (struct tw_utf8_stream){.arena = arena,
                                 .source = source,
                                 .encoding = TW_STR("UTF-8"),
                                 .unit = 1,
                                 .mark = mark};
    return s;
}

bool tw_utf8_stream_is_plain(const struct tw_utf8_stream *s)
{
    return !s->transcodes;
}

bool tw_utf8_stream_is_sql(struct tw_utf8_stream *s)
{
    s->escapes = tw_backslash_family(s->encoding);
    if (!s->transcodes || !s->escapes)
        return true;
    s->from = s->mark; /* nothing was read: the first block is still there */
    s->lines.len = s->first_line = 0;
    s->line_decoded = 0;
    return decode_block(s) == TW_OK;
}

void tw_utf8_stream_lend(struct tw_utf8_stream *s,
                         enum tw_status (*block)(void *ctx, struct tw_str *bytes))
{
    s->lend = block;
}

struct tw_str tw_utf8_stream_head(const struct tw_utf8_stream *s)
{
    if (s->transcodes)
        return (struct tw_str){s->out + s->out_from, s->out_fill - s->out_from};
    return (struct tw_str){s->raw + s->from, s->fill - s->from};
}

static size_t give(char *bytes, size_t room, const char *from, size_t have)
{
    size_t n = have < room ? have : room;
    memcpy(bytes, from, n);
    return n;
}

enum tw_status tw_utf8_stream_read(struct tw_utf8_stream *s, char *bytes, size_t room,
                                   size_t *got)
{
    *got = 0;
    if (room == 0)
        return TW_OK;
    if (s->transcodes) {
        if (s->out_from == s->out_fill) {
            enum tw_status status = decode_block(s);
            if (status != TW_OK)
                return status;
        }
        *got = give(bytes, room, s->out + s->out_from, s->out_fill - s->out_from);
        s->out_from += *got;
        return TW_OK;
    }
    if (s->from == s->fill)
        return s->ended ? TW_OK : s->source.read(s->source.ctx, bytes, room, got);
    *got = give(bytes, room, s->raw + s->from, s->fill - s->from);
    s->from += *got;
    return TW_OK;
}

enum tw_status tw_utf8_stream_block(struct tw_utf8_stream *s, struct tw_str *bytes)
{
    enum tw_status status = TW_OK;
    if (s->transcodes) {
        if (s->out_from == s->out_fill)
            status = decode_block(s);
        *bytes = (struct tw_str){s->out + s->out_from, s->out_fill - s->out_from};
        s->out_from = s->out_fill;
        return status;
    }
    if (s->from == s->fill && !s->ended) {
        if (s->lend)
            return s->lend(s->source.ctx, bytes);
        s->from = 0;
        status = s->source.read(s->source.ctx, s->raw, RAW_BLOCK, &s->fill);
    }
    *bytes = (struct tw_str){s->raw + s->from, s->fill - s->from};
    s->from = s->fill;
    return status;
}

uint64_t tw_utf8_stream_place(struct tw_utf8_stream *s, uint64_t at)
{
    if (!s->transcodes)
        return s->mark + at;
    while (s->first_line < s->lines.len && s->line_decoded < at) {
        const struct line *line = &s->lines.at[s->first_line++];
        s->line_decoded += line->decoded;
        s->line_raw += line->raw;
    }
    if (s->first_line > s->lines.len / 2 + 64) {
        memmove(s->lines.at, s->lines.at + s->first_line,
                (s->lines.len - s->first_line) * sizeof *s->lines.at);
        s->lines.len -= s->first_line;
        s->first_line = 0;
    }
    return s->line_raw;
}

struct tw_str tw_utf8_stream_encoding(const struct tw_utf8_stream *s)
{
    return s->encoding;
}

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
#include "record.h"
#include "text.h"

enum { RAW_BLOCK = 1 << 16, OUT_BLOCK = RAW_BLOCK * 4 + 64, LABEL_MAX = 32 };

struct line {
    uint32_t decoded, raw;
};

struct tw_utf8_stream {
    struct tw_arena *arena;
    struct tw_byte_source source;
    struct tw_str encoding;
    struct tw_str declared; /* by the file, and not to be followed; or empty */
    size_t unit;            /* bytes of the smallest unit: 1, 2, 4 */
    bool big_end;
    iconv_t cd; /* where the encoding is not UTF-8 */
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

static const struct {
    const char *mark, *name;
    size_t len;
} marks[] = {{"\xff\xfe\0\0", "UTF-32LE", 4}, {"\0\0\xfe\xff", "UTF-32BE", 4},
             {"\xef\xbb\xbf", "UTF-8", 3},    {"\xff\xfe", "UTF-16LE", 2},
             {"\xfe\xff", "UTF-16BE", 2},     {"\x84\x31\x95\x33", "GB18030", 4}};

size_t tw_utf8_valid_prefix(struct tw_str s)
{
    size_t i = 0;
    while (i < s.len) {
        const unsigned char *p = (const unsigned char *)s.ptr + i;
        size_t left = s.len - i;
        uint64_t word;
        if (left >= sizeof word) {
            memcpy(&word, p, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof word;
                continue;
            }
        }
        if (p[0] < 0x80) {
            i++;
            continue;
        }
        /* The common three bytes of CJK, without the calls of the general case. */
        if (left >= 3 && p[0] > 0xe0 && p[0] < 0xed && (p[1] & 0xc0) == 0x80 &&
            (p[2] & 0xc0) == 0x80) {
            i += 3;
            continue;
        }
        uint32_t c;
        size_t n = tw_utf8_step(tw_str_from(s, i), &c);
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

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

/* Does BYTES, some whole lines, decode from LABEL? */
static bool decodes(iconv_t cd, struct tw_str bytes)
{
    char out[1024];
    char *in = (char *)(uintptr_t)bytes.ptr;
    size_t left = bytes.len;
    iconv(cd, NULL, NULL, NULL, NULL);
    while (left) {
        char *to = out;
        size_t room = sizeof out, before = left;
        (void)iconv(cd, &in, &left, &to, &room);
        if (left == before)
            return false;
    }
    return true;
}

/* The lines with bytes beyond ASCII, as seen under one encoding. */
struct verdicts {
    size_t good, bad;
    size_t strong; /* of the good in UTF-8: with a character of three bytes or more */
};

/* CD -1: UTF-8. */
static struct verdicts judge_lines(struct tw_str head, bool whole, iconv_t cd)
{
    struct verdicts v = {0, 0, 0};
    while (head.len) {
        size_t n = tw_str_find(head, '\n');
        bool cut = n == head.len && !whole;
        if (cut && (v.good || v.bad))
            break; /* at the block's end */
        struct tw_str line = tw_str_first(head, n);
        bool ascii = true, wide = false, ok;
        for (size_t i = 0; i < line.len; i++) {
            ascii &= (unsigned char)line.ptr[i] < 0x80;
            wide |= (unsigned char)line.ptr[i] >= 0xe0;
        }
        if (cd != (iconv_t)-1)
            ok = decodes(cd, line);
        else /* a character cut at the block's end is no mistake */
            ok = tw_utf8_valid_prefix(line) + (cut ? 3 : 0) >= line.len;
        v.good += ok && !ascii;
        v.strong += ok && wide;
        v.bad += !ok && !ascii;
        head = tw_str_from(head, n < head.len ? n + 1 : n);
    }
    return v;
}

/* Two bytes that are one character of GB18030 are often one of UTF-8 as well; three
 * that are one of UTF-8 hardly ever fit GB18030 text. So where some lines are not valid
 * UTF-8, only the ones with wider characters speak for it. */
static bool guess(struct tw_arena *arena, struct tw_str head, bool whole,
                  struct tw_str *name)
{
    struct verdicts utf8 = judge_lines(head, whole, (iconv_t)-1);
    *name = TW_STR("UTF-8");
    if (utf8.bad == 0 || utf8.strong > utf8.bad)
        return true;
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    if (cd == (iconv_t)-1 && errno == ENOMEM)
        tw_arena_exhausted(arena);
    if (cd != (iconv_t)-1) {
        struct verdicts gb = judge_lines(head, whole, cd);
        iconv_close(cd);
        if (gb.good > gb.bad) {
            *name = TW_STR("GB18030");
            return true;
        }
    }
    return utf8.good >= utf8.bad;
}

/* What the file states, unless its bytes say otherwise for sure: they are UTF-8 with
 * wide characters. *DONE: there was a statement. False where it cannot be followed. */
static bool decide_by_statement(struct tw_utf8_stream *s, struct tw_str *name,
                                bool *done)
{
    bool sql;
    struct tw_str head = {s->raw, s->fill};
    struct tw_str said = tw_declared_encoding(head, &sql);
    struct tw_str encoding = sql ? tw_mysql_encoding(said) : said;
    *done = said.len > 0 && !tw_str_is(encoding, "binary");
    if (!*done)
        return true;
    *name = encoding.len ? tw_str_copy(s->arena, encoding) : TW_STR("");
    bool utf8 = tw_str_eq_nocase(encoding, TW_STR("UTF-8"));
    struct verdicts bytes = judge_lines(head, s->ended, (iconv_t)-1);
    if (encoding.len && (utf8 || bytes.bad || bytes.strong == 0))
        return true;
    s->declared = tw_str_copy(s->arena, said);
    return false;
}

static bool decide(struct tw_utf8_stream *s, struct tw_str *name)
{
    struct tw_str head = {s->raw, s->fill};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct tw_str said = tw_str_of(marks[i].name);
        if (head.len < marks[i].len ||
            memcmp(head.ptr, marks[i].mark, marks[i].len) != 0)
            continue;
        if (name->len && !tw_str_eq_nocase(*name, said) &&
            !(tw_str_starts(said, "UTF-16") &&
              tw_str_eq_nocase(*name, TW_STR("UTF-16"))))
            continue;
        *name = said;
        s->mark = s->from = marks[i].len;
        return true;
    }
    if (name->len)
        return true;
    bool done;
    if (!decide_by_statement(s, name, &done) || done)
        return s->declared.len == 0;
    return guess(s->arena, head, s->ended, name);
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
    for (char c = 0; c >= 0 && c < 127; c++) {
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
    size_t place = s->big_end ? s->unit - 1 : 0;
    for (size_t i = 0; i + s->unit <= raw.len; i += s->unit) {
        bool found = raw.ptr[i + place] == '\n';
        for (size_t k = 0; found && k < s->unit; k++)
            found = k == place || raw.ptr[i + k] == '\0';
        if (found)
            return i + s->unit;
    }
    return 0;
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
    if (!decide(s, &s->encoding)) {
        struct tw_str head = {s->raw + s->from, s->fill - s->from};
        if (s->declared.len)
            TW_DIAG(diags, TW_D_dump_encoding_declared, TW_NOWHERE, name, s->declared);
        else if (!tw_dump_tell_binary(head, name, diags))
            TW_DIAG(diags, TW_D_dump_encoding_unknown, TW_NOWHERE, name);
        return NULL;
    }
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

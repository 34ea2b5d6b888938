/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding undone: see misread.h.
 *
 * Every character is brought back to the bytes that the wrong decoder saw, and these
 * are read as UTF-8. 张三 is E5 BC A0 E4 B8 89; as GB18030 these are the pairs E5BC
 * A0E4 B889, 寮犱笁; back in bytes they are UTF-8 again. A text that was never misread
 * fails at its first or second character: 张 is D5 C5, and C5 cannot follow D5.
 *
 * By chance some texts pass (濮 is E5 A7, 翠 is B4 E4: together they begin like UTF-8).
 * Which of the two readings is the likelier is told by how common its characters are:
 * pairs of bytes that were no characters before give rare ones. Where that does not
 * favour the new reading it is only a maybe.
 */
#include "misread.h"

#include <string.h>

#include "gb18030.h"
#include "text.h"

enum { REPLACEMENT = 0xfffd };

/* Bytes read as UTF-8, with losses. */
struct undo {
    struct tw_misread_out *out;
    uint32_t c;
    unsigned pending, total; /* of the character at hand: bytes to come, in all */
    unsigned loose;          /* continuation bytes to skip behind a loss */
    bool lenient, hard; /* Latin-1: a blank stood in it; a byte 80 … BF as such */
    uint64_t chars;     /* above ASCII */
    int64_t score;
    bool ideographs;
    bool gap; /* a lost character was written, and nothing since */
    unsigned long_hard, long_soft, latin, short_others; /* by kind, see verdict below */
};

static void put(struct tw_misread_out *out, const char *bytes, size_t n)
{
    if (out->room == 0)
        return;
    if (out->full || out->room - out->len < n) {
        out->full = true;
        return;
    }
    memcpy(out->ptr + out->len, bytes, n);
    out->len += n;
}

static void put_char(struct tw_misread_out *out, uint32_t c)
{
    char b[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    b[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xf0u) | c >> 6 * (n - 1));
    for (size_t i = 1; i < n; i++)
        b[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
    put(out, b, n);
}

static bool is_ideograph(uint32_t c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0x20000 && c <= 0x323af);
}

/* 、。《》【】，！？：；（） “”‘’ — … · */
static bool is_punctuation(uint32_t c)
{
    static const uint16_t marks[] = {
        0xb7,   0x2014, 0x2018, 0x2019, 0x201c, 0x201d, 0x2026, 0x3001, 0x3002, 0x300a,
        0x300b, 0x3010, 0x3011, 0xff01, 0xff08, 0xff09, 0xff0c, 0xff1a, 0xff1b, 0xff1f};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (marks[i] == c)
            return true;
    return false;
}

/* How common a character above ASCII is in Chinese text. */
static int score_of(uint32_t c)
{
    static const int by_level[] = {0, 4, 2};
    if (is_ideograph(c))
        return by_level[tw_gb2312_level(c)];
    if (c >= 0xe000 && c <= 0xf8ff)
        return -4;
    return is_punctuation(c) ? 4 : -2;
}

static bool complete(struct undo *u)
{
    uint32_t c = u->c;
    if ((u->total == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
        (u->total == 4 && (c < 0x10000 || c > 0x10ffff)))
        return false;
    u->chars++;
    u->score += score_of(c);
    u->ideographs |= is_ideograph(c);
    if (u->total > 2)
        ++*(u->hard && !u->lenient ? &u->long_hard : &u->long_soft);
    else
        ++*(c <= 0xff ? &u->latin : &u->short_others);
    u->gap = false;
    put_char(u->out, c);
    return true;
}

static bool feed(struct undo *u, unsigned b)
{
    if (u->pending) {
        if ((b & 0xc0) != 0x80)
            return false;
        u->c = u->c << 6 | (b & 0x3f);
        return --u->pending > 0 || complete(u);
    }
    if ((b & 0xc0) == 0x80) {
        if (u->loose == 0)
            return false;
        u->loose--;
        return true;
    }
    u->loose = 0;
    if (b < 0x80) {
        u->gap = false;
        put_char(u->out, b);
        return true;
    }
    if (b < 0xc2 || b > 0xf4)
        return false;
    u->total = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
    u->pending = u->total - 1;
    u->c = b & (0x7fu >> u->total);
    u->lenient = u->hard = false;
    return true;
}

/* A byte, and with it the character at hand, was lost: U+FFFD stands for it. */
static void lose(struct undo *u)
{
    u->pending = 0;
    u->loose = 2;
    if (!u->gap)
        put_char(u->out, REPLACEMENT);
    u->gap = u->out->gaps = true;
}

static void end(struct undo *u)
{
    if (u->pending)
        lose(u);
}

/* ---- UTF-8 as GB18030 ---- */

enum { EURO = 0x20ac };

/* Of the ideographs whose bytes can begin a character of UTF-8, these are family names.
 * A text of GB 2312 ideographs behind one of them may be a name as it stands. */
static bool may_be_a_name(struct tw_str text)
{
    return tw_str_starts(text, "濮") || tw_str_starts(text, "琚") ||
           tw_str_starts(text, "澹");
}

static enum tw_misread as_gb18030(struct tw_str text, bool euro_is_80,
                                  struct tw_misread_out *out)
{
    struct undo u = {.out = out};
    uint64_t chars = 0;
    int64_t score = 0;
    bool plain = may_be_a_name(text);
    uint32_t c;
    for (size_t at = 0, n; at < text.len; at += n) {
        unsigned char bytes[4];
        n = tw_utf8_step((struct tw_str){text.ptr + at, text.len - at}, &c);
        if (n == 0)
            return TW_MISREAD_NOT;
        if (c == REPLACEMENT || (c == '?' && u.pending)) {
            lose(&u);
            continue;
        }
        size_t nbytes = tw_gb18030_encode(c, bytes);
        if (c == EURO && euro_is_80) {
            bytes[0] = 0x80;
            nbytes = 1;
        }
        for (size_t i = 0; i < nbytes; i++)
            if (!feed(&u, bytes[i]))
                return TW_MISREAD_NOT;
        if (c >= 0x80) {
            chars++;
            score += score_of(c);
            plain &= tw_gb2312_level(c) > 0;
        }
    }
    end(&u);
    if (!u.ideographs)
        return TW_MISREAD_NOT;
    bool likelier = u.score * (int64_t)chars > score * (int64_t)u.chars;
    return likelier && !plain ? TW_MISREAD_SURE : TW_MISREAD_MAYBE;
}

enum tw_misread tw_misread_as_gb18030(struct tw_str text, struct tw_misread_out *out)
{
    /* Windows writes the byte 80 as the euro sign: 涓€ was 一. GB18030 has A2E3 for it.
     */
    enum tw_misread found = as_gb18030(text, true, out);
    if (found != TW_MISREAD_NOT || tw_str_find(text, '\xe2') == text.len ||
        tw_str_find_str(text, TW_STR("€")) == text.len)
        return found;
    out->len = 0;
    out->full = false;
    return as_gb18030(text, false, out);
}

/* ---- UTF-8 as Latin-1 ---- */

int tw_latin1_byte(uint32_t c)
{
    /* 80 … 9F of Windows-1252; 0: not assigned, and read as the control character. */
    static const uint16_t windows[32] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
        0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
    if (c <= 0xff || c > 0x2122)
        return c <= 0xff ? (int)c : -1;
    for (size_t i = 0; i < 32; i++)
        if (windows[i] == c)
            return 0x80 + (int)i;
    return -1;
}

/* The letters of Western words seldom stand so that they are UTF-8, but a capital with
 * a quotation mark behind it may (É’), or é with an ellipsis and a mark: one such is
 * only a maybe. */
static enum tw_misread latin_verdict(const struct undo *u)
{
    unsigned soft = u->long_soft + u->short_others;
    if (u->long_hard || u->latin || soft >= 2)
        return TW_MISREAD_SURE;
    return soft ? TW_MISREAD_MAYBE : TW_MISREAD_NOT;
}

enum tw_misread tw_misread_as_latin1(struct tw_str text, struct tw_misread_out *out)
{
    struct undo u = {.out = out};
    uint32_t c;
    for (size_t n; text.len; text = tw_str_from(text, n)) {
        n = tw_utf8_step(text, &c);
        if (n == 0)
            return TW_MISREAD_NOT;
        if (c == REPLACEMENT || (c == '?' && u.pending)) {
            lose(&u);
            continue;
        }
        int b = tw_latin1_byte(c);
        if (b < 0)
            return TW_MISREAD_NOT;
        u.hard |= c >= 0x80 && c <= 0xbf;
        if (c == ' ' && u.pending && u.total > 2) {
            b = 0xa0;
            u.lenient = true;
        }
        if (!feed(&u, (unsigned)b))
            return TW_MISREAD_NOT;
    }
    end(&u);
    out->score = u.score;
    out->chars = u.chars;
    out->ideographs = u.ideographs;
    return latin_verdict(&u);
}

/* ---- GB18030 as Latin-1, or as nothing ---- */

enum tw_misread tw_misread_gb_as_latin1(struct tw_str text, struct tw_misread_out *out)
{
    uint32_t c;
    uint64_t chars = 0, level1 = 0;
    out->score = 0;
    char pair[2];
    size_t have = 0;
    for (size_t n; text.len; text = tw_str_from(text, n)) {
        n = tw_utf8_step(text, &c);
        if (n == 0 || c > 0xfe || (c >= 0x80 && c <= 0xa0) || (c < 0x80 && have))
            return TW_MISREAD_NOT;
        if (c < 0x80) {
            put_char(out, c);
            continue;
        }
        pair[have++] = (char)c;
        if (have < 2)
            continue;
        have = 0;
        unsigned lead = (unsigned char)pair[0];
        if (lead < 0xb0 || lead > 0xf7 ||
            tw_gb18030_step((struct tw_str){pair, 2}, &c) != 2)
            return TW_MISREAD_NOT;
        unsigned level = tw_gb2312_level(c);
        if (level == 0)
            return TW_MISREAD_NOT;
        chars++;
        level1 += level == 1;
        out->score += score_of(c);
        put_char(out, c);
    }
    out->chars = chars;
    out->ideographs = true;
    if (chars < 2)
        return TW_MISREAD_NOT;
    return level1 * 2 >= chars ? TW_MISREAD_SURE : TW_MISREAD_MAYBE;
}

enum tw_misread tw_misread_raw_gb18030(struct tw_str bytes, struct tw_misread_out *out)
{
    uint32_t c;
    bool ideographs = false;
    for (size_t n; bytes.len; bytes = tw_str_from(bytes, n)) {
        n = tw_gb18030_step(bytes, &c);
        if (n == 0 && bytes.len == 1 && (unsigned char)bytes.ptr[0] >= 0x81) {
            put_char(out, REPLACEMENT); /* a cut end */
            break;
        }
        if (n == 0)
            return TW_MISREAD_NOT;
        ideographs |= is_ideograph(c);
        put_char(out, c);
    }
    return ideographs ? TW_MISREAD_SURE : TW_MISREAD_NOT;
}

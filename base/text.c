/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by hand (Unicode 15, table 3-7), everything else by the C library's iconv. */
#include "text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

size_t tw_utf8_step(struct tw_str s, uint32_t *code_point)
{
    if (s.len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    }
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.len < n)
        return 0;
    uint32_t c = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
        (n == 4 && (c < 0x10000 || c > 0x10ffff)))
        return 0;
    *code_point = c;
    return n;
}

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

bool tw_utf8_valid(struct tw_str s)
{
    return tw_utf8_valid_prefix(s) == s.len;
}

size_t tw_utf8_length(struct tw_str s)
{
    size_t count = 0;
    uint32_t c;
    for (; s.len; count++) {
        size_t n = tw_utf8_step(s, &c);
        s = tw_str_from(s, n ? n : 1);
    }
    return count;
}

/* The blocks that terminals show two columns wide (Unicode East Asian Width W and F),
 * and the marks that take none. */
static size_t char_width(uint32_t c)
{
    static const struct {
        uint32_t first, last, width;
    } table[] = {
        {0x0300, 0x036f, 0},   {0x1100, 0x115f, 2}, {0x200b, 0x200f, 0},
        {0x20d0, 0x20ff, 0},   {0x2e80, 0x303e, 2}, {0x3041, 0x33ff, 2},
        {0x3400, 0x4dbf, 2},   {0x4e00, 0x9fff, 2}, {0xa000, 0xa4cf, 2},
        {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2}, {0xfe30, 0xfe4f, 2},
        {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2},
        {0x20000, 0x3fffd, 2},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (c >= table[i].first && c <= table[i].last)
            return table[i].width;
    return 1;
}

size_t tw_utf8_width(struct tw_str s)
{
    size_t width = 0;
    while (s.len) {
        uint32_t c = 0;
        size_t n = tw_utf8_step(s, &c);
        width += n ? char_width(c) : 1;
        s = tw_str_from(s, n ? n : 1);
    }
    return width;
}

void tw_buf_printable(struct tw_buf *buf, struct tw_str s)
{
    while (s.len) {
        uint32_t c = 0;
        size_t n = tw_utf8_step(s, &c);
        bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
                       c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
                       (c >= 0x2066 && c <= 0x2069);
        if (n && !control) {
            tw_buf_put(buf, s.ptr, n);
        } else {
            n = n ? n : 1;
            for (size_t i = 0; i < n; i++)
                tw_buf_fmt(buf, "\\x%02x", (unsigned)(unsigned char)s.ptr[i]);
        }
        s = tw_str_from(s, n);
    }
}

struct tw_str tw_printable(struct tw_arena *arena, struct tw_str s)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_printable(&buf, s);
    return tw_buf_view(&buf);
}

static bool convert(struct tw_arena *arena, struct tw_str bytes, const char *from,
                    struct tw_str *text, size_t *bad_offset)
{
    bool wide = strncasecmp(from, "GB", 2) == 0 || strncasecmp(from, "UTF-16", 6) == 0;
    /* A character of two bytes becomes one of three, that of one byte may do so too. */
    size_t room = (wide ? bytes.len / 2 : bytes.len) * 3 + 64;
    char *block = tw_arena_alloc(arena, room); /* it unwinds before a handle is open */
    /* In the arena: in a local variable, gcc's analyzer takes the (iconv_t)-1 of a
     * failure for a handle that is not closed. */
    iconv_t *cd = tw_new(arena, iconv_t);
    *cd = iconv_open("UTF-8", from);
    if (*cd == (iconv_t)-1) {
        if (errno == ENOMEM)
            tw_arena_exhausted(arena);
        *bad_offset = 0;
        return false;
    }
    char *in = (char *)(uintptr_t)bytes.ptr, *to = block;
    size_t left = bytes.len;
    bool ok = iconv(*cd, &in, &left, &to, &room) != (size_t)-1 && left == 0;
    iconv_close(*cd);
    if (!ok) {
        *bad_offset = bytes.len - left;
        return false;
    }
    *text = (struct tw_str){block, (size_t)(to - block)};
    return true;
}

/* A byte order mark, or the beginning of an XML declaration in UTF-16. */
static bool decide(struct tw_str *bytes, struct tw_str *name)
{
    static const struct {
        struct tw_str start;
        size_t skip;
        const char *name;
    } marks[] = {{{"\xef\xbb\xbf", 3}, 3, "UTF-8"},
                 {{"\xff\xfe", 2}, 2, "UTF-16LE"},
                 {{"\xfe\xff", 2}, 2, "UTF-16BE"},
                 {{"\x84\x31\x95\x33", 4}, 4, "GB18030"},
                 {{"<\0?\0x\0m\0l\0", 10}, 0, "UTF-16LE"},
                 {{"\0<\0?\0x\0m\0l", 10}, 0, "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (!tw_str_eq(tw_str_first(*bytes, marks[i].start.len), marks[i].start))
            continue;
        if (name->len && !tw_str_eq_nocase(*name, tw_str_of(marks[i].name)))
            continue;
        *bytes = tw_str_from(*bytes, marks[i].skip);
        *name = tw_str_of(marks[i].name);
        return true;
    }
    return false;
}

/* What an XML declaration at the beginning calls the encoding: ours for it, or "". */
static struct tw_str declared(struct tw_str bytes)
{
    enum { DECLARATION_MAX = 200 };
    static const struct {
        const char *word, *name;
    } known[] = {
        {"GBK", "GB18030"},       {"GB2312", "GB18030"},        {"GB18030", "GB18030"},
        {"CP936", "GB18030"},     {"ISO-8859-1", "ISO-8859-1"}, {"Big5", "BIG5"},
        {"latin1", "ISO-8859-1"}, {"windows-1252", "CP1252"},
    };
    if (!tw_str_starts(bytes, "<?xml"))
        return TW_STR("");
    struct tw_str s = tw_str_first(bytes, DECLARATION_MAX);
    s = tw_str_first(s, tw_str_find_str(s, TW_STR("?>")));
    s = tw_str_from(s, tw_str_find_str(s, TW_STR("encoding")));
    s = tw_str_trim(tw_str_from(s, tw_str_find(s, '=') + 1));
    if (s.len == 0 || (s.ptr[0] != '"' && s.ptr[0] != '\''))
        return TW_STR("");
    s = tw_str_first(tw_str_from(s, 1), tw_str_find(tw_str_from(s, 1), s.ptr[0]));
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (tw_str_eq_nocase(s, tw_str_of(known[i].word)))
            return tw_str_of(known[i].name);
    return TW_STR("");
}

/* Whether all that is not ASCII in the UTF-8 text S is characters of two bytes. */
static bool only_pairs(struct tw_str s)
{
    bool any = false;
    for (size_t i = 0; i < s.len; i++) {
        any |= (unsigned char)s.ptr[i] >= 0x80;
        if ((unsigned char)s.ptr[i] >= 0xe0)
            return false;
    }
    return any;
}

/* By the bytes: GB18030 text of some length is not valid UTF-8. A few characters can be
 * both; then a declaration is believed, unless there are characters of three bytes, as
 * all Chinese ones are in UTF-8: a text that was converted, and its declaration not. */
static struct tw_str choose(struct tw_str bytes)
{
    struct tw_str said = declared(bytes);
    if (!tw_utf8_valid(bytes))
        return said.len ? said : TW_STR("GB18030");
    bool either = tw_str_is(said, "GB18030") && only_pairs(bytes);
    return either ? said : TW_STR("UTF-8");
}

bool tw_text_decode(struct tw_arena *arena, struct tw_str bytes, struct tw_str name,
                    struct tw_str *text, struct tw_str *encoding, size_t *bad_offset)
{
    bool told = name.len != 0;
    size_t whole = bytes.len;
    told |= decide(&bytes, &name);
    size_t mark = whole - bytes.len;
    if (!told)
        name = choose(bytes);
    *encoding = name;
    if (tw_str_eq_nocase(name, TW_STR("UTF-8"))) {
        size_t good = tw_utf8_valid_prefix(bytes);
        *bad_offset = mark + good;
        *text = bytes;
        return good == bytes.len;
    }
    char label[32];
    if (name.len >= sizeof label)
        return false;
    memcpy(label, name.ptr, name.len);
    label[name.len] = '\0';
    bool ok = convert(arena, bytes, label, text, bad_offset);
    *bad_offset += mark;
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which encoding a file is in, by its mark or its first block: for utf8_stream.c. */
#include "encoding_guess.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "declared_encoding.h"
#include "text.h"
#include "utf8_stream.h"

static const struct {
    const char *mark, *name;
    size_t len;
} marks[] = {{"\xff\xfe\0\0", "UTF-32LE", 4}, {"\0\0\xfe\xff", "UTF-32BE", 4},
             {"\xef\xbb\xbf", "UTF-8", 3},    {"\xff\xfe", "UTF-16LE", 2},
             {"\xfe\xff", "UTF-16BE", 2},     {"\x84\x31\x95\x33", "GB18030", 4}};

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

static unsigned unit_at(struct tw_str s, size_t i, bool big_end)
{
    unsigned char low = (unsigned char)s.ptr[i + big_end];
    unsigned char high = (unsigned char)s.ptr[i + !big_end];
    return (unsigned)high << 8 | low;
}

/* UTF-16 without a mark, only where there is no doubt: the first line is ASCII, four
 * characters at least, with a zero byte at every other place, and what follows it has
 * no lone surrogate and no zero character. Text in no other encoding looks so. */
static bool looks_utf16(struct tw_str head, bool big_end)
{
    enum { ASCII_MIN = 4 };
    size_t first_line = 0, n = head.len / 2;
    bool in_line = true, in_pair = false;
    for (size_t i = 0; i < n; i++) {
        unsigned unit = unit_at(head, i * 2, big_end);
        bool high = unit >= 0xd800 && unit < 0xdc00;
        bool low = unit >= 0xdc00 && unit < 0xe000;
        if (unit == 0 || low != in_pair)
            return false;
        in_pair = high;
        if (in_line && unit == '\n')
            in_line = false;
        if (in_line && unit >= 0x80)
            return false;
        first_line += in_line;
    }
    return !in_line && first_line >= ASCII_MIN;
}

/* Two bytes that are one character of GB18030 are often one of UTF-8 as well; three
 * that are one of UTF-8 hardly ever fit GB18030 text. So where some lines are not valid
 * UTF-8, only the ones with wider characters speak for it. */
static bool guess(struct tw_arena *arena, struct tw_str head, bool whole,
                  struct tw_str *name)
{
    if (looks_utf16(head, false)) {
        *name = TW_STR("UTF-16LE");
        return true;
    }
    if (looks_utf16(head, true)) {
        *name = TW_STR("UTF-16BE");
        return true;
    }
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

/* What the file states decides, unless it is not known, or is another than the bytes
 * say beyond doubt: then *DECLARED is the statement. Pure ASCII is what it states; a
 * file that states UTF-8 is UTF-8 whatever is wrong in it; one that states another
 * encoding and is valid UTF-8 with wide characters is not. *DONE: there was a
 * statement. False where it cannot be followed. */
static bool decide_by_statement(struct tw_arena *arena, struct tw_str head, bool whole,
                                struct tw_str *name, struct tw_str *declared,
                                bool *done)
{
    bool sql;
    struct tw_str said = tw_declared_encoding(head, &sql);
    struct tw_str encoding = sql ? tw_mysql_encoding(said) : said;
    *done = said.len > 0 && !tw_str_is(encoding, "binary");
    if (!*done)
        return true;
    *name = encoding.len ? tw_str_copy(arena, encoding) : TW_STR("");
    bool utf8 = tw_str_eq_nocase(encoding, TW_STR("UTF-8"));
    struct verdicts bytes = judge_lines(head, whole, (iconv_t)-1);
    if (encoding.len && (utf8 || bytes.bad || bytes.strong == 0))
        return true;
    *declared = tw_str_copy(arena, said);
    return false;
}

bool tw_encoding_guess(struct tw_arena *arena, struct tw_str head, bool whole,
                       struct tw_str *name, struct tw_str *declared, size_t *mark)
{
    *mark = 0;
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
        *mark = marks[i].len;
        return true;
    }
    if (name->len)
        return true;
    bool done;
    if (!decide_by_statement(arena, head, whole, name, declared, &done))
        return false;
    return done || guess(arena, head, whole, name);
}

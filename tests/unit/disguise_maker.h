/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disguises of a text, made with the C library's iconv and nothing of what finds them.
 */
#ifndef TW_DISGUISE_MAKER_H
#define TW_DISGUISE_MAKER_H

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#include "buf.h"
#include "cmocka_all.h"

/* What a decoder puts where bytes are no character, and how many it passes by: one, or
 * both of a pair that is formed as one and assigned to nothing. */
struct lossy {
    const char *instead;
    size_t bytes;
};

static bool is_pair(const char *at, size_t left)
{
    return left > 1 && (unsigned char)at[0] > 0x80 && (unsigned char)at[0] < 0xff &&
           (unsigned char)at[1] >= 0x40 && (unsigned char)at[1] != 0x7f &&
           (unsigned char)at[1] != 0xff;
}

/* TEXT from one encoding to another; bytes that are none become LOSS. */
static struct tw_str converted(struct tw_arena *arena, const char *to, const char *from,
                               struct tw_str text, struct lossy loss)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    iconv_t cd = iconv_open(to, from);
    assert_true(cd != (iconv_t)-1);
    char *in = (char *)(uintptr_t)text.ptr;
    size_t left = text.len;
    while (left) {
        char block[64], *at = block;
        size_t room = sizeof block;
        size_t n = iconv(cd, &in, &left, &at, &room);
        tw_buf_put(&out, block, (size_t)(at - block));
        if (n != (size_t)-1 || errno == E2BIG)
            continue;
        tw_buf_text(&out, loss.instead);
        size_t skip = loss.bytes == 2 && is_pair(in, left) ? 2 : 1;
        in += skip;
        left -= skip;
        iconv(cd, NULL, NULL, NULL, NULL);
    }
    iconv_close(cd);
    return tw_buf_view(&out);
}

static const struct lossy no_loss = {"<lost>", 1};

static struct tw_str digits_of(struct tw_arena *arena, struct tw_str bytes,
                               const char *fmt)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i < bytes.len; i++) {
        char text[8];
        snprintf(text, sizeof text, fmt, (unsigned)(unsigned char)bytes.ptr[i]);
        tw_buf_text(&out, text);
    }
    return tw_buf_view(&out);
}

/* Bytes beyond ASCII by FMT, the rest as it is. */
static struct tw_str percent_of(struct tw_arena *arena, struct tw_str bytes,
                                const char *fmt)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        if (byte < 0x80 && byte != '%')
            tw_buf_char(&out, (char)byte);
        else
            tw_buf_str(&out, digits_of(arena, (struct tw_str){bytes.ptr + i, 1}, fmt));
    }
    return tw_buf_view(&out);
}

/* Units of UTF-16 beyond ASCII by FMT. */
static struct tw_str json_of(struct tw_arena *arena, struct tw_str text,
                             const char *fmt)
{
    struct tw_str wide = converted(arena, "UTF-16BE", "UTF-8", text, no_loss);
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i + 1 < wide.len; i += 2) {
        unsigned unit = (unsigned)(unsigned char)wide.ptr[i] << 8 |
                        (unsigned)(unsigned char)wide.ptr[i + 1];
        char escape[16];
        snprintf(escape, sizeof escape, fmt, unit);
        if (unit == '"' || unit == '\\')
            tw_buf_char(&out, '\\');
        if (unit < 0x80)
            tw_buf_char(&out, (char)unit);
        else
            tw_buf_text(&out, escape);
    }
    return tw_buf_view(&out);
}

/* Characters beyond ASCII by FMT, the five special ones by name. */
static struct tw_str html_of(struct tw_arena *arena, struct tw_str text,
                             const char *fmt)
{
    static const char special[] = "&<>\"'";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    struct tw_str wide = converted(arena, "UTF-32BE", "UTF-8", text, no_loss);
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i + 3 < wide.len; i += 4) {
        unsigned code = 0;
        for (size_t k = 0; k < 4; k++)
            code = code << 8 | (unsigned char)wide.ptr[i + k];
        char reference[16];
        snprintf(reference, sizeof reference, fmt, code);
        const char *at = code && code < 0x80 ? strchr(special, (int)code) : NULL;
        if (at)
            tw_buf_text(&out, names[at - special]);
        else if (code < 0x80)
            tw_buf_char(&out, (char)code);
        else
            tw_buf_text(&out, reference);
    }
    return tw_buf_view(&out);
}

static struct tw_str masked_of(struct tw_arena *arena, struct tw_str text, size_t stars)
{
    struct tw_str wide = converted(arena, "UTF-32BE", "UTF-8", text, no_loss);
    struct tw_buf out;
    tw_buf_init(&out, arena);
    struct tw_str first = {wide.ptr, 4}, last = {wide.ptr + wide.len - 4, 4};
    tw_buf_str(&out, converted(arena, "UTF-8", "UTF-32BE", first, no_loss));
    tw_buf_chars(&out, '*', stars ? stars : wide.len / 4 - 2);
    tw_buf_str(&out, converted(arena, "UTF-8", "UTF-32BE", last, no_loss));
    return tw_buf_view(&out);
}

enum made {
    MADE_PLAIN,
    MADE_JSON,
    MADE_JSON_UPPER,
    MADE_HTML,
    MADE_HTML_HEX,
    MADE_HTML_UPPER,
    MADE_PERCENT,
    MADE_PERCENT_LOWER,
    MADE_PERCENT_GB,
    MADE_HEX,
    MADE_HEX_UPPER,
    MADE_HEX_GB,
    MADE_HEX_GB_UPPER,
    MADE_GB,
    MADE_GB_LATIN,
    MADE_UTF16LE,
    MADE_UTF16BE,
    MADE_LATIN,
    MADE_WINDOWS,
    MADE_WINDOWS_LOST,
    MADE_MOJIBAKE,
    MADE_MOJIBAKE_GBK,
    MADE_MOJIBAKE_LOST,
    MADE_MASKED,
    MADE_COUNT
};

/* TEXT, which is UTF-8, in disguise. */
static struct tw_str made(struct tw_arena *arena, struct tw_str text, enum made how)
{
    static const struct lossy two = {"?", 2}, one = {"\xef\xbf\xbd", 1},
                              question = {"?", 1};
    switch (how) {
    case MADE_JSON:
        return json_of(arena, text, "\\u%04x");
    case MADE_JSON_UPPER:
        return json_of(arena, text, "\\u%04X");
    case MADE_HTML:
        return html_of(arena, text, "&#%u;");
    case MADE_HTML_HEX:
        return html_of(arena, text, "&#x%x;");
    case MADE_HTML_UPPER:
        return html_of(arena, text, "&#x%X;");
    case MADE_PERCENT:
        return percent_of(arena, text, "%%%02X");
    case MADE_PERCENT_LOWER:
        return percent_of(arena, text, "%%%02x");
    case MADE_PERCENT_GB:
        return percent_of(arena, converted(arena, "GB18030", "UTF-8", text, no_loss),
                          "%%%02X");
    case MADE_HEX:
        return digits_of(arena, text, "%02x");
    case MADE_HEX_UPPER:
        return digits_of(arena, text, "%02X");
    case MADE_HEX_GB:
        return digits_of(arena, converted(arena, "GB18030", "UTF-8", text, no_loss),
                         "%02x");
    case MADE_HEX_GB_UPPER:
        return digits_of(arena, converted(arena, "GB18030", "UTF-8", text, no_loss),
                         "%02X");
    case MADE_GB:
        return converted(arena, "GB18030", "UTF-8", text, no_loss);
    case MADE_GB_LATIN:
        return converted(arena, "UTF-8", "ISO-8859-1",
                         converted(arena, "GB18030", "UTF-8", text, no_loss), no_loss);
    case MADE_UTF16LE:
        return converted(arena, "UTF-16LE", "UTF-8", text, no_loss);
    case MADE_UTF16BE:
        return converted(arena, "UTF-16BE", "UTF-8", text, no_loss);
    case MADE_LATIN:
        return converted(arena, "UTF-8", "ISO-8859-1", text, no_loss);
    case MADE_WINDOWS:
        return converted(arena, "UTF-8", "CP1252", text, one);
    case MADE_WINDOWS_LOST:
        return converted(arena, "UTF-8", "CP1252", text, question);
    case MADE_MOJIBAKE:
        return converted(arena, "UTF-8", "GB18030", text, two);
    case MADE_MOJIBAKE_GBK:
        return converted(arena, "UTF-8", "GBK", text, two);
    case MADE_MOJIBAKE_LOST:
        return converted(arena, "UTF-8", "GBK", text, one);
    case MADE_MASKED:
        return masked_of(arena, text, 0);
    default:
        return text;
    }
}

/* Does HOW work on characters alone, so that what stands around makes no difference? */
static inline bool is_local(enum made how)
{
    return how < MADE_MOJIBAKE || how == MADE_MASKED;
}

#endif

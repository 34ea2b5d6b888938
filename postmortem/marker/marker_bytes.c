/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A marker by its bytes: as hexadecimal digits (a dump with --hex-blob, a log), raw in
 * another encoding, and with each byte taken for a character of Latin-1 or
 * Windows-1252, which was then written as UTF-8:
 *
 *     解 = E8 A7 A3    è § £    in UTF-8: C3 A8  C2 A7  C2 A3
 *
 * The two differ for the bytes 80 … 9F: control characters that later programs drop or
 * replace in Latin-1, punctuation in Windows-1252, where five of them are nothing.
 */
#include "marker_form.h"

#include <string.h>

#include "num.h"

/* Windows-1252 for the bytes from 0x80; 0: it has none. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static bool has_letter_digit(struct tw_str needle)
{
    for (size_t i = 0; i < needle.len; i++)
        if (!tw_is_digit(needle.ptr[i]))
            return true;
    return false;
}

static void digits(struct tw_marker_plan *p, bool gb, bool upper)
{
    enum { SURE_BYTES = 6 };
    tw_form_begin(p, TW_DISGUISE_HEX);
    for (size_t i = 0, end = 0; i < p->nchars; i++) {
        const struct tw_marker_char *c = &p->chars[i];
        struct tw_str bytes = gb ? c->gb : c->utf8;
        struct tw_buf out;
        tw_buf_init(&out, p->arena);
        for (size_t k = 0; k < bytes.len; k++)
            tw_buf_fmt(&out, upper ? "%02X" : "%02x",
                       (unsigned)(unsigned char)bytes.ptr[k]);
        tw_form_one(p, end += c->utf8.len, tw_buf_view(&out));
    }
    /* Digits alone stand in every number. */
    tw_form_end(p, (size_t)2 * SURE_BYTES, has_letter_digit);
}

static bool is_not_ascii(struct tw_str needle)
{
    for (size_t i = 0; i < needle.len; i++)
        if ((unsigned char)needle.ptr[i] >= 0x7f || needle.ptr[i] < ' ')
            return true;
    return false;
}

static void utf16(struct tw_marker_plan *p, bool big)
{
    enum { SURE_BYTES = 8 };
    tw_form_begin(p, TW_DISGUISE_UTF16);
    for (size_t i = 0, end = 0; i < p->nchars; i++) {
        uint32_t c = p->chars[i].code, unit[2] = {c, 0};
        size_t n = 1;
        if (c >= 0x10000) {
            unit[0] = 0xd800 + ((c - 0x10000) >> 10);
            unit[1] = 0xdc00 + (c & 0x3ff);
            n = 2;
        }
        char bytes[4];
        for (size_t k = 0; k < n; k++) {
            bytes[2 * k + !big] = (char)(unit[k] >> 8);
            bytes[2 * k + big] = (char)(unit[k] & 0xff);
        }
        tw_form_one(p, end += p->chars[i].utf8.len, (struct tw_str){bytes, 2 * n});
    }
    /* U+4E2D is "-N": such text may be anything. */
    tw_form_end(p, SURE_BYTES, is_not_ascii);
}

static void gb18030(struct tw_marker_plan *p)
{
    enum { SURE_BYTES = 6 };
    tw_form_begin(p, TW_DISGUISE_GB18030);
    for (size_t i = 0, end = 0; i < p->nchars; i++)
        tw_form_one(p, end += p->chars[i].utf8.len, p->chars[i].gb);
    tw_form_end(p, SURE_BYTES, is_not_ascii);
}

enum taken { LATIN_1, WINDOWS_1252, EITHER };

/* One byte, taken for a character. */
static void taken_byte(struct tw_marker_plan *p, size_t end, unsigned char byte,
                       enum taken how)
{
    char latin[4], windows[4];
    struct tw_str list[5];
    size_t n = 0;
    uint32_t other = byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : 0;
    bool differ = byte >= 0x80 && byte < 0xa0;
    if (how != WINDOWS_1252 || !other)
        list[n++] = (struct tw_str){latin, tw_form_utf8(byte, latin)};
    if (how != LATIN_1 && other)
        list[n++] = (struct tw_str){windows, tw_form_utf8(other, windows)};
    if (differ && (how == EITHER || (how == WINDOWS_1252 && !other))) {
        list[n++] = TW_STR("\xef\xbf\xbd");
        list[n++] = TW_STR("?");
        list[n++] = TW_STR("");
    }
    tw_form_unit(p, end, list, n);
}

static bool taken(struct tw_marker_plan *p, enum tw_disguise disguise, bool gb,
                  enum taken how)
{
    /* Three characters of Latin-1: less may be a word of another language. */
    enum { SURE_BYTES = 6 };
    tw_form_begin(p, disguise);
    for (size_t i = 0, end = 0; i < p->nchars; i++) {
        const struct tw_marker_char *c = &p->chars[i];
        struct tw_str bytes = gb ? c->gb : c->utf8;
        end += c->utf8.len;
        for (size_t k = 0; k < bytes.len; k++)
            taken_byte(p, end, (unsigned char)bytes.ptr[k], how);
    }
    return tw_form_end(p, SURE_BYTES, is_not_ascii);
}

/* One form for both where the bytes in which they agree are enough to find it. */
static void taken_for_characters(struct tw_marker_plan *p, enum tw_disguise disguise,
                                 bool gb)
{
    if (taken(p, disguise, gb, EITHER))
        return;
    taken(p, disguise, gb, LATIN_1);
    taken(p, disguise, gb, WINDOWS_1252);
}

void tw_marker_bytes(struct tw_marker_plan *p)
{
    for (int gb = 0; gb < (p->foreign ? 2 : 1); gb++) {
        digits(p, gb, false);
        digits(p, gb, true);
    }
    if (p->foreign) {
        gb18030(p);
        taken_for_characters(p, TW_DISGUISE_GB18030, true);
    }
    utf16(p, false);
    utf16(p, true);
    if (p->foreign)
        taken_for_characters(p, TW_DISGUISE_DOUBLE, false);
}

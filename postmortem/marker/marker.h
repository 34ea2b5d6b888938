/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A marker: one text that a failing program writes where a value should be, and the
 * disguises in which it turns up further down the line.
 *
 *     struct tw_marker *marker = tw_marker_new(arena, TW_STR("【解密失败】"), &why);
 *     if (tw_marker_in(marker, value, &disguise)) …
 *
 * The marker may stand anywhere in a value. Of each disguise that makes text longer,
 * the beginning at the end of the value is enough as well (a column too short for it):
 * at least eight characters and 16 bytes of the marker; one cut inside a character may
 * have left up to three `?` or U+FFFD. docs/markers.md is the page for users.
 *
 * Only what is certain is found. A disguise is not looked for where a marker has too
 * little to be told by it (hexadecimal digits of fewer than six bytes, the mojibake of
 * two characters, …), and these are not looked for at all: other punctuation or width
 * than the marker has, another script, two disguises on top of each other, GB18030
 * taken for UTF-8 (it destroys the text), ASCII letters written as escapes.
 *
 * Values are UTF-8 where a reader has decoded a file: the raw bytes of GB18030 and of
 * UTF-16 reach a value only where a reader hands binary columns on as bytes (and UTF-16
 * of ASCII, which is valid UTF-8 with NULs). A file in such an encoding is decoded
 * before it is searched: there the marker stands as it is.
 */
#ifndef TW_MARKER_H
#define TW_MARKER_H

#include "needles.h"

/* How a marker was found; of several ways the first one here counts. */
enum tw_disguise {
    TW_DISGUISE_NONE, /* as it is */
    TW_DISGUISE_CUT,  /* its beginning, at the end of the value (VARCHAR too short) */
    TW_DISGUISE_JSON, /* \uXXXX, and \" \\ \/ \n … */
    TW_DISGUISE_HTML, /* &#NNN; &#xHH; &amp; … */
    TW_DISGUISE_PERCENT,  /* %E3%80%90, of its bytes in UTF-8 or GB18030 */
    TW_DISGUISE_HEX,      /* hexadecimal digits of its bytes, in UTF-8 or GB18030 */
    TW_DISGUISE_GB18030,  /* its GB18030 bytes; each taken for a Latin-1 character */
    TW_DISGUISE_UTF16,    /* its UTF-16 bytes, of either order */
    TW_DISGUISE_DOUBLE,   /* UTF-8 taken for Latin-1 or Windows-1252, encoded again */
    TW_DISGUISE_MOJIBAKE, /* UTF-8 taken for GB18030 or GBK */
    TW_DISGUISE_MASKED,   /* first and last character kept, asterisks between */
    TW_DISGUISE_COUNT
};

enum { TW_MARKER_CHARS_MAX = 500 };

struct tw_marker;

/* TEXT is UTF-8. NULL where it cannot be a marker (empty, with blanks at its ends, too
 * long, …): *WHY says why. */
struct tw_marker *tw_marker_new(struct tw_arena *arena, struct tw_str text,
                                struct tw_str *why);
/* Does VALUE hold the marker? *DISGUISE: the first way in which it does; NONE where it
 * does not. VALUE may be any bytes. No allocation; the marker may be shared by threads.
 */
bool tw_marker_in(const struct tw_marker *marker, struct tw_str value,
                  enum tw_disguise *disguise);
/* Adds what every value with the marker holds at least one of, byte for byte; at most
 * TW_NEEDLES_MAX. False where there is no such set: then nothing was added. */
bool tw_marker_needles(const struct tw_marker *marker, struct tw_arena *arena,
                       struct tw_needles *needles);
/* A short name for reports: "plain", "cut", "json", … */
const char *tw_disguise_name(enum tw_disguise disguise);

#endif

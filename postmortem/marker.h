/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A marker: one text that a failing program writes where a value should be, and the
 * disguises in which it turns up further down the line.
 *
 *     struct tw_marker *marker = tw_marker_new(arena, TW_STR("【解密失败】"), &why);
 *     if (tw_marker_in(marker, value, &disguise)) …
 */
#ifndef TW_MARKER_H
#define TW_MARKER_H

#include "needles.h"

/* How a marker was found; the order is the order in which they are tried. */
enum tw_disguise {
    TW_DISGUISE_NONE, /* as it is */
    TW_DISGUISE_CUT,  /* its beginning, at the end of the value (VARCHAR too short) */
    TW_DISGUISE_JSON, /* \uXXXX */
    TW_DISGUISE_HTML, /* &#NNN; &#xHH; &amp; … */
    TW_DISGUISE_PERCENT,  /* %E3%80%90 */
    TW_DISGUISE_HEX,      /* hexadecimal digits of its bytes, in UTF-8 or GB18030 */
    TW_DISGUISE_GB18030,  /* its GB18030 bytes */
    TW_DISGUISE_UTF16,    /* its UTF-16 bytes */
    TW_DISGUISE_DOUBLE,   /* UTF-8 taken for Latin-1 or Windows-1252, encoded again */
    TW_DISGUISE_MOJIBAKE, /* UTF-8 taken for GB18030 */
    TW_DISGUISE_MASKED,   /* first and last character kept, asterisks between */
    TW_DISGUISE_COUNT
};

struct tw_marker;

/* TEXT is UTF-8. NULL where it cannot be a marker (empty, …): *WHY says why. */
struct tw_marker *tw_marker_new(struct tw_arena *arena, struct tw_str text,
                                struct tw_str *why);
/* Does VALUE hold the marker? *DISGUISE: the first way in which it does. No allocation;
 * the marker may be shared by threads. */
bool tw_marker_in(const struct tw_marker *marker, struct tw_str value,
                  enum tw_disguise *disguise);
/* Adds what every value with the marker holds at least one of. False where there is no
 * such set: then nothing was added. */
bool tw_marker_needles(const struct tw_marker *marker, struct tw_arena *arena,
                       struct tw_needles *needles);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that were decoded in the wrong encoding, turned back: what a text would have
 * been if its author had written UTF-8 and a reader had taken it for GB18030 or
 * Latin-1, or the other way round.
 */
#ifndef TW_MISREAD_H
#define TW_MISREAD_H

#include <stdint.h>

#include "str.h"

enum tw_misread {
    TW_MISREAD_NOT, /* it cannot have come about this way */
    TW_MISREAD_MAYBE,
    TW_MISREAD_SURE
};

/* Where the text is written to; ROOM 0: nowhere. */
struct tw_misread_out {
    char *ptr;
    size_t room, len;
    bool full; /* it did not fit */
    bool gaps; /* characters were lost */
    /* Of Latin-1 readings, to weigh two of them: how common the characters above ASCII
     * are in Chinese text, added up; how many there are; whether one is an ideograph.
     */
    int64_t score;
    uint64_t chars;
    bool ideographs;
};

/* UTF-8 taken for GB18030 or GBK: 寮犱笁 was 张三. U+FFFD stands for characters that
 * were lost on the way ('?' or U+FFFD inside a character, a cut end). */
enum tw_misread tw_misread_as_gb18030(struct tw_str text, struct tw_misread_out *out);
/* UTF-8 taken for Latin-1 or Windows-1252. A blank inside a character is taken for the
 * no-break space that it was. */
enum tw_misread tw_misread_as_latin1(struct tw_str text, struct tw_misread_out *out);
/* GB18030 taken for Latin-1: ÕÅÈý was 张三. */
enum tw_misread tw_misread_gb_as_latin1(struct tw_str text, struct tw_misread_out *out);
/* GB18030 bytes that nobody decoded. */
enum tw_misread tw_misread_raw_gb18030(struct tw_str bytes, struct tw_misread_out *out);

/* The byte that Latin-1 or Windows-1252 has for C, -1 where it has none. */
int tw_latin1_byte(uint32_t c);

#endif

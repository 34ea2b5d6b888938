/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per
 * Byte" (Software: Practice and Experience 51, 2021): each bit is one way in which two
 * bytes in a row can be wrong; a bit that all three tables have is a mistake. The
 * highest bit is no mistake where the byte is the third or fourth of a character.
 */
#ifndef TW_UTF8_TABLES_H
#define TW_UTF8_TABLES_H

enum {
    SHORT = 1,      /* a lead byte is not followed by a continuation */
    LONG = 2,       /* ASCII is followed by a continuation */
    OVERLONG3 = 4,  /* E0 80 … E0 9F */
    LARGE = 8,      /* F4 90 and beyond */
    SURROGATE = 16, /* ED A0 … ED BF */
    OVERLONG2 = 32, /* C0, C1 */
    OVERLONG4 = 64, /* F0 80 … F0 8F; also F5 80 … beyond U+10FFFF */
    TWO = 128,      /* two continuations in a row */
    ALWAYS = SHORT | LONG | TWO
};

/* By the high half of the first byte. */
static const unsigned char tw_utf8_first_high[16] = {LONG,
                                                     LONG,
                                                     LONG,
                                                     LONG,
                                                     LONG,
                                                     LONG,
                                                     LONG,
                                                     LONG,
                                                     TWO,
                                                     TWO,
                                                     TWO,
                                                     TWO,
                                                     SHORT | OVERLONG2,
                                                     SHORT,
                                                     SHORT | OVERLONG3 | SURROGATE,
                                                     SHORT | LARGE | OVERLONG4};
/* By its low half. */
static const unsigned char tw_utf8_first_low[16] = {
    ALWAYS | OVERLONG2 | OVERLONG3 | OVERLONG4,
    ALWAYS | OVERLONG2,
    ALWAYS,
    ALWAYS,
    ALWAYS | LARGE,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4 | SURROGATE,
    ALWAYS | LARGE | OVERLONG4,
    ALWAYS | LARGE | OVERLONG4};
/* By the high half of the second byte. */
static const unsigned char tw_utf8_second_high[16] = {
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    LONG | TWO | OVERLONG2 | OVERLONG3 | OVERLONG4,
    LONG | TWO | OVERLONG2 | OVERLONG3 | LARGE,
    LONG | TWO | OVERLONG2 | SURROGATE | LARGE,
    LONG | TWO | OVERLONG2 | SURROGATE | LARGE,
    SHORT,
    SHORT,
    SHORT,
    SHORT};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the detectors of numbers share: digits eight at a time, and masks.
 *
 * A detector runs on every cell of a column, so its first look has to be cheap: eight
 * bytes are loaded as one number and tested together.
 */
#ifndef TW_DETECTOR_TEXT_H
#define TW_DETECTOR_TEXT_H

#include <stdint.h>

#include "detector.h"
#include "num.h"

/* The eight bytes at P as a number, the first one lowest. */
static inline uint64_t tw_load8(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint64_t)u[0] | (uint64_t)u[1] << 8 | (uint64_t)u[2] << 16 |
           (uint64_t)u[3] << 24 | (uint64_t)u[4] << 32 | (uint64_t)u[5] << 40 |
           (uint64_t)u[6] << 48 | (uint64_t)u[7] << 56;
}

/* Are all eight bytes ASCII digits? The high half of a digit is 3, and stays 3 when 6
 * is added; a byte from which a carry could come fails the first test. */
static inline bool tw_digits8(uint64_t x)
{
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    const uint64_t threes = UINT64_C(0x3030303030303030);
    const uint64_t sixes = UINT64_C(0x0606060606060606);
    return (((x & high) ^ threes) | (((x + sixes) & high) ^ threes)) == 0;
}

static inline bool tw_all_digits(struct tw_str s)
{
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8)
        if (!tw_digits8(tw_load8(s.ptr + i)))
            return false;
    for (; i < s.len; i++)
        if (!tw_is_digit(s.ptr[i]))
            return false;
    return true;
}

/* One unbroken run of asterisks, nothing else hidden: where it begins and ends. */
static inline bool tw_mask_run(struct tw_str s, size_t *from, size_t *to)
{
    size_t a = 0, b;
    while (a < s.len && s.ptr[a] != '*')
        a++;
    for (b = a; b < s.len && s.ptr[b] == '*';)
        b++;
    for (size_t i = b; i < s.len; i++)
        if (s.ptr[i] == '*')
            return false;
    *from = a;
    *to = b;
    return b > a;
}

/* TEXT without the separators (one kind, blank or hyphen) that stand before the
 * characters AT[0 … NAT), counted without separators. The length, 0 where the
 * separators stand otherwise or the result has more than ROOM characters. */
static inline size_t tw_without_groups(struct tw_str text, const size_t *at, size_t nat,
                                       char *out, size_t room)
{
    size_t n = 0, next = 0;
    char separator = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (next < nat && n == at[next]) {
            if ((c != ' ' && c != '-') || (separator && c != separator))
                return 0;
            separator = c;
            next++;
            if (++i == text.len)
                return 0;
            c = text.ptr[i];
        }
        if (c == ' ' || c == '-' || n == room)
            return 0;
        out[n++] = c;
    }
    return n;
}

#endif

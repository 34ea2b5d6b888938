/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unified social credit codes, GB 32100-2015: one character of the department, one of
 * the kind, six digits of the place, nine of the organisation code (GB 11714-1997), one
 * check character.
 *
 *     91350100M000100Y43:  Σ value × 3^(i-1) ≡ 28, 31 - 28 = 3; and M000100Y has check
 * 4
 *
 * The outer check finds every single wrong character and every swap of neighbours, and
 * lets one random code in 31 pass. Where it holds and the inner one does not, the code
 * is odd: only a register can tell whether it was issued like that.
 */
#include "detector_text.h"

extern const struct tw_detector tw_detector_uscc;

enum { USCC_LEN = 18, MASK_MIN = 4, NONE = 0xff };

/* The value of a character plus one; 0: it is none. I, O, S, V and Z are left out. */
static const uint8_t value_plus[128] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,
    ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
    ['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['L'] = 21,
    ['M'] = 22, ['N'] = 23, ['P'] = 24, ['Q'] = 25, ['R'] = 26, ['T'] = 27, ['U'] = 28,
    ['W'] = 29, ['X'] = 30, ['Y'] = 31};

static unsigned value(char c)
{
    unsigned char u = (unsigned char)c;
    return u < 128 && value_plus[u] ? value_plus[u] - 1u : NONE;
}

static bool outer_check_holds(const char *p)
{
    static const uint8_t weights[17] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                        29, 25, 13, 8,  24, 10, 30, 28};
    unsigned sum = value(p[17]); /* weighs 1, and the sum must be ≡ 0 */
    for (size_t i = 0; i < 17; i++)
        sum += value(p[i]) * weights[i];
    return sum % 31 == 0;
}

/* Of GB 11714: letters count from 10 by the whole alphabet, 11 - Σ mod 11 is the check:
 * 10 is written X, 11 is written 0. */
static bool inner_check_holds(const char *p)
{
    static const uint8_t weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++)
        sum +=
            (tw_is_digit(p[i]) ? (unsigned)(p[i] - '0') : (unsigned)(p[i] - 'A') + 10) *
            weights[i];
    unsigned check = 11 - sum % 11;
    char want = check == 11 ? '0' : check == 10 ? 'X' : (char)('0' + check);
    return p[8] == want;
}

static enum tw_detected masked(struct tw_str text)
{
    size_t from, to;
    if (!tw_mask_run(text, &from, &to) || to - from < MASK_MIN || from == 0)
        return TW_DETECTED_NO;
    for (size_t i = 0; i < USCC_LEN; i++) {
        if (i >= from && i < to)
            continue;
        bool place = i >= 2 && i < 8;
        if (place ? !tw_is_digit(text.ptr[i]) : value(text.ptr[i]) == NONE)
            return TW_DETECTED_NO;
    }
    return TW_DETECTED_MASKED;
}

static enum tw_detected detect(struct tw_str text)
{
    if (text.len != USCC_LEN)
        return TW_DETECTED_NO;
    char upper[USCC_LEN] = {0};
    bool lower = false;
    for (size_t i = 0; i < USCC_LEN; i++) {
        char c = text.ptr[i];
        bool small = c >= 'a' && c <= 'z';
        lower |= small;
        upper[i] = small ? (char)(c - 'a' + 'A') : c;
        if (value(upper[i]) == NONE)
            return masked(text);
    }
    if (!tw_all_digits((struct tw_str){upper + 2, 6}) || !outer_check_holds(upper))
        return TW_DETECTED_NO;
    return lower || !inner_check_holds(upper + 8) ? TW_DETECTED_ODD : TW_DETECTED_YES;
}

const struct tw_detector tw_detector_uscc = {
    .name = "uscc",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails uscc: no unified social credit code (GB 32100)",
                "fails uscc：不是统一社会信用代码（GB 32100）"},
    .detect = detect,
};

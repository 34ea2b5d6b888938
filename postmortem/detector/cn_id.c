/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Citizen identity numbers, GB 11643-1999: six digits of the place, eight of the birth,
 * three of the sequence, one check character by ISO 7064 MOD 11-2.
 *
 *     11010519491231002X:  Σ digit × weight = 167 ≡ 2 (mod 11), and 2 + X ≡ 1
 *
 * The check finds every single wrong digit and every swap of neighbours. The place is
 * looked at by province only: districts come and go. The birth must be a day that
 * exists in the years 1900 … 2099: a detector looks at no clock.
 */
#include "detector_text.h"

extern const struct tw_detector tw_detector_cn_id;

enum { ID_LEN = 18, OLD_LEN = 15, MASK_MIN = 4, YEAR_MIN = 1900, YEAR_MAX = 2099 };

/* 11-15, 21-23, 31-37, 41-46, 50-54, 61-65, 71, and 81-83 for the residence permits of
 * Hong Kong, Macao and Taiwan. By tens: one bit per units digit. */
static const uint16_t provinces[10] = {0,    0x3e, 0x0e, 0xfe, 0x7e,
                                       0x1f, 0x3e, 0x02, 0x0e, 0};

static unsigned digit(char c)
{
    return (unsigned)(c - '0');
}

static bool is_province(const char *p)
{
    return tw_is_digit(p[0]) && tw_is_digit(p[1]) &&
           (provinces[digit(p[0])] >> digit(p[1]) & 1);
}

static unsigned two(const char *p)
{
    return digit(p[0]) * 10 + digit(p[1]);
}

static bool day_exists(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[13] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > days[month])
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month != 2 || day < 29 || leap;
}

/* Eight digits as Σ digit × 2^(7-i): neighbours first, then pairs, then fours. */
static uint32_t halving_sum8(uint64_t x)
{
    uint64_t d = x & UINT64_C(0x0f0f0f0f0f0f0f0f);
    d = ((d << 1) & UINT64_C(0x00ff00ff00ff00ff)) +
        (d >> 8 & UINT64_C(0x00ff00ff00ff00ff));
    d = ((d << 2) & UINT64_C(0x0000ffff0000ffff)) +
        (d >> 16 & UINT64_C(0x0000ffff0000ffff));
    return ((uint32_t)d << 4) + (uint32_t)(d >> 32);
}

/* The weights are 2^(18-i), of which the standard prints the rests modulo 11; the check
 * character weighs 1 and the sum must be ≡ 1. */
static bool check_holds(const char *p, unsigned check)
{
    uint32_t sum = halving_sum8(tw_load8(p)) * 256 + halving_sum8(tw_load8(p + 8));
    return (sum * 4 + digit(p[16]) * 2 + check) % 11 == 1;
}

static enum tw_detected full(const char *p)
{
    if (!tw_digits8(tw_load8(p)) || !tw_digits8(tw_load8(p + 8)) || !tw_is_digit(p[16]))
        return TW_DETECTED_NO;
    char last = p[17];
    bool lower = last == 'x', x = lower || last == 'X';
    if (!x && !tw_is_digit(last))
        return TW_DETECTED_NO;
    if (!day_exists(two(p + 6) * 100 + two(p + 8), two(p + 10), two(p + 12)) ||
        !check_holds(p, x ? 10 : digit(last)))
        return TW_DETECTED_NO;
    /* The permanent residence card of foreigners since 2023: 9, province, country. */
    bool foreign = p[0] == '9' && is_province(p + 1);
    if (!foreign && !is_province(p))
        return TW_DETECTED_NO;
    bool no_sequence = p[14] == '0' && p[15] == '0' && p[16] == '0';
    return lower || foreign || no_sequence ? TW_DETECTED_ODD : TW_DETECTED_YES;
}

/* The form before 1999: the year has two digits, of 19xx; no check. */
static enum tw_detected old(const char *p)
{
    bool holds = tw_all_digits((struct tw_str){p, OLD_LEN}) && is_province(p) &&
                 day_exists(1900 + two(p + 6), two(p + 8), two(p + 10));
    return holds ? TW_DETECTED_ODD : TW_DETECTED_NO;
}

/* 110101********002X: what is left to see must be right in its place. */
static enum tw_detected masked(struct tw_str text)
{
    size_t from, to;
    if (!tw_mask_run(text, &from, &to) || to - from < MASK_MIN || from == 0 ||
        to == text.len)
        return TW_DETECTED_NO;
    const char *p = text.ptr;
    char last = p[ID_LEN - 1];
    bool ok = tw_all_digits((struct tw_str){p, from}) &&
              tw_all_digits((struct tw_str){p + to, ID_LEN - 1 - to}) &&
              (tw_is_digit(last) || last == 'X' || last == 'x') && p[0] != '0' &&
              (from < 2 || is_province(p) || (p[0] == '9' && from < 3) ||
               (p[0] == '9' && is_province(p + 1)));
    return ok ? TW_DETECTED_MASKED : TW_DETECTED_NO;
}

static enum tw_detected detect(struct tw_str text)
{
    if (text.len == ID_LEN) {
        enum tw_detected found = full(text.ptr);
        return found == TW_DETECTED_NO ? masked(text) : found;
    }
    return text.len == OLD_LEN ? old(text.ptr) : TW_DETECTED_NO;
}

const struct tw_detector tw_detector_cn_id = {
    .name = "cn-id",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails cn-id: no citizen identity number (GB 11643)",
                "fails cn-id：不是公民身份号码（GB 11643）"},
    .detect = detect,
};

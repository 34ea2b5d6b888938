/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bank card numbers, ISO/IEC 7812-1: 13 to 19 digits whose Luhn sum ends in 0: from the
 * right, every second digit is doubled, and the digits of the products are added.
 *
 *     4111111111111111:  8 × 1 + 7 × 2 + 8 = 30
 *
 * One string of digits in ten passes by chance: this is for a column that ought to hold
 * cards, not for finding cards in free text.
 */
#include <string.h>

#include "detector_text.h"

extern const struct tw_detector tw_detector_bank_card;

enum { CARD_MIN = 13, CARD_MAX = 19, MASK_MIN = 4, TAIL_MIN = 4 };

/* The Luhn sum of eight digits whose last one (the highest byte) is not doubled: two of
 * a byte's neighbours are handled at once, no byte of a sum exceeds 9. */
static unsigned luhn8(uint64_t x)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t d = x - ones * '0';
    uint64_t twice = (d & UINT64_C(0x00ff00ff00ff00ff)) << 1;
    uint64_t above = (twice + ones * (127 - 9)) >> 7 & ones; /* 10 … 18 */
    uint64_t sum = (d & UINT64_C(0xff00ff00ff00ff00)) + twice - above * 9;
    return (unsigned)(sum * ones >> 56); /* at most 72 */
}

static bool luhn_holds(const char *p, size_t len)
{
    char padded[24];
    memset(padded, '0', sizeof padded);
    memcpy(padded + sizeof padded - len, p, len);
    unsigned sum = luhn8(tw_load8(padded)) + luhn8(tw_load8(padded + 8)) +
                   luhn8(tw_load8(padded + 16));
    return sum % 10 == 0;
}

static bool all_zeros(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '0')
            return false;
    return true;
}

/* 622202*********0006 and ************0006: the last four can be seen. */
static bool is_masked(struct tw_str s)
{
    size_t from, to;
    return tw_mask_run(s, &from, &to) && to - from >= MASK_MIN &&
           s.len - to >= TAIL_MIN && tw_all_digits(tw_str_first(s, from)) &&
           tw_all_digits(tw_str_from(s, to));
}

static enum tw_detected bare(struct tw_str s)
{
    if (s.len < CARD_MIN || s.len > CARD_MAX)
        return TW_DETECTED_NO;
    if (!tw_all_digits(s))
        return is_masked(s) ? TW_DETECTED_MASKED : TW_DETECTED_NO;
    return luhn_holds(s.ptr, s.len) && !all_zeros(s) ? TW_DETECTED_YES : TW_DETECTED_NO;
}

static enum tw_detected detect(struct tw_str text)
{
    static const size_t groups[] = {4, 8, 12, 16}; /* 6222 0202 0000 0000 006 */
    if (text.len < CARD_MIN || text.len > CARD_MAX + 4)
        return TW_DETECTED_NO;
    if (text.ptr[4] != ' ' && text.ptr[4] != '-')
        return bare(text);
    char joined[CARD_MAX];
    size_t n = tw_without_groups(text, groups, 4, joined, sizeof joined);
    enum tw_detected found = bare((struct tw_str){joined, n});
    return found == TW_DETECTED_YES ? TW_DETECTED_ODD : found;
}

const struct tw_detector tw_detector_bank_card = {
    .name = "bank-card",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails bank-card: no bank card number (13 to 19 digits, Luhn)",
                "fails bank-card：不是银行卡号（13 至 19 位数字，Luhn 校验）"},
    .detect = detect,
};

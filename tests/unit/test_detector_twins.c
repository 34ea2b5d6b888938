/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slow twins of the detectors, written from the texts of the standards with other
 * means (powers instead of tables of weights, the other form of each check), and what
 * must hold for any number: a changed digit is found, random ones pass as often as the
 * check lets them.
 */
#include <stdlib.h>

#include "cmocka_all.h"
#include "detector.h"

static uint64_t seed = 20230209;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % n);
}

static const struct tw_detector *named(const char *name)
{
    const struct tw_detector *d = tw_detector_by_name(tw_str_of(name));
    assert_non_null(d);
    return d;
}

static enum tw_detected put(const struct tw_detector *d, const char *text, size_t len)
{
    return d->detect((struct tw_str){text, len});
}

static bool is_in(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static bool all_in(const char *s, size_t n, const char *set)
{
    for (size_t i = 0; i < n; i++)
        if (!is_in(s[i], set))
            return false;
    return true;
}

static const char digits[] = "0123456789";

/* ---- GB 11643 and ISO 7064: P(1) = 10-free MOD 11-2 by the recursive form ---- */

static bool slow_mod_11_2(const char *s)
{
    unsigned p = 0;
    for (size_t i = 0; i < 18; i++) {
        unsigned v = s[i] == 'X' || s[i] == 'x' ? 10 : (unsigned)(s[i] - '0');
        p = (p * 2 + v) % 11;
    }
    return p == 1;
}

static unsigned number(const char *s, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (unsigned)(s[i] - '0');
    return v;
}

static bool slow_day(unsigned y, unsigned m, unsigned d)
{
    /* Counting up: does the day before, or the month, reach it? */
    if (y < 1900 || y > 2099 || m < 1 || m > 12 || d < 1)
        return false;
    unsigned last = m == 2 ? 28 : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
    if (m == 2 && (y % 400 == 0 || (y % 4 == 0 && y % 100 != 0)))
        last = 29;
    return d <= last;
}

static bool slow_province(unsigned p)
{
    static const unsigned all[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
                                   35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                                   53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] == p)
            return true;
    return false;
}

static enum tw_detected slow_id(const char *s, size_t len)
{
    if (len == 15 && all_in(s, 15, digits))
        return slow_province(number(s, 2)) &&
                       slow_day(1900 + number(s + 6, 2), number(s + 8, 2),
                                number(s + 10, 2))
                   ? TW_DETECTED_ODD
                   : TW_DETECTED_NO;
    if (len != 18 || !all_in(s, 17, digits) || !is_in(s[17], "0123456789Xx") ||
        !slow_mod_11_2(s) ||
        !slow_day(number(s + 6, 4), number(s + 10, 2), number(s + 12, 2)))
        return TW_DETECTED_NO;
    bool foreign = s[0] == '9' && slow_province(number(s + 1, 2));
    if (!foreign && !slow_province(number(s, 2)))
        return TW_DETECTED_NO;
    bool odd = foreign || s[17] == 'x' || number(s + 14, 3) == 0;
    return odd ? TW_DETECTED_ODD : TW_DETECTED_YES;
}

/* A number that is right, but for what CHANGE spoils. */
static void make_id(char *s)
{
    static const char *const provinces[] = {"11", "15", "23", "37", "46", "50",
                                            "54", "65", "71", "81", "83"};
    for (size_t i = 0; i < 17; i++)
        s[i] = (char)('0' + below(10));
    memcpy(s, provinces[below(11)], 2);
    unsigned y = 1900 + below(200), m = 1 + below(12), d = 1 + below(28);
    const unsigned parts[] = {y / 1000, y / 100 % 10, y / 10 % 10, y % 10,
                              m / 10,   m % 10,       d / 10,      d % 10};
    for (size_t i = 0; i < 8; i++)
        s[6 + i] = (char)('0' + parts[i]);
    for (unsigned c = 0; c < 11; c++) {
        s[17] = "0123456789X"[c];
        if (slow_mod_11_2(s))
            return;
    }
    fail_msg("no check character");
}

static void identity_numbers_agree_with_the_standard(void **state)
{
    (void)state;
    const struct tw_detector *d = named("cn-id");
    unsigned count[4] = {0};
    for (unsigned round = 0; round < 60000; round++) {
        char s[18];
        size_t len = 18;
        make_id(s);
        switch (below(6)) {
        case 0: /* any digits in it */
            for (unsigned k = below(4); k < 4; k++)
                s[below(18)] = (char)('0' + below(10));
            break;
        case 1: /* another day, and the check to it */
            for (size_t k = 10; k < 14; k++)
                s[k] = (char)('0' + below(4));
            s[17] = "0123456789Xx"[below(12)];
            break;
        case 2:
            len = 15;
            break;
        case 3:
            if (s[17] == 'X')
                s[17] = 'x';
            s[below(3)] = '9';
            break;
        default:
            break;
        }
        enum tw_detected want = slow_id(s, len);
        if (put(d, s, len) != want)
            fail_msg("%.*s is not %d", (int)len, s, (int)want);
        count[want]++;
    }
    assert_true(count[TW_DETECTED_NO] > 5000 && count[TW_DETECTED_YES] > 5000 &&
                count[TW_DETECTED_ODD] > 50);
}

static void every_province_and_no_other_is_known(void **state)
{
    (void)state;
    const struct tw_detector *d = named("cn-id");
    for (unsigned p = 0; p < 100; p++) {
        char s[] = "000105491231002";
        s[0] = (char)('0' + p / 10);
        s[1] = (char)('0' + p % 10);
        assert_int_equal(put(d, s, 15) == TW_DETECTED_ODD, slow_province(p));
    }
}

static void every_changed_digit_of_an_identity_number_is_found(void **state)
{
    (void)state;
    const struct tw_detector *d = named("cn-id");
    for (unsigned round = 0; round < 300; round++) {
        char s[18];
        make_id(s);
        assert_int_not_equal(put(d, s, 18), TW_DETECTED_NO);
        for (size_t i = 0; i < 18; i++) {
            char kept = s[i];
            for (const char *c = "0123456789X"; *c; c++) {
                s[i] = *c;
                if (*c != kept)
                    assert_int_equal(put(d, s, 18), TW_DETECTED_NO);
            }
            s[i] = kept;
        }
        for (size_t i = 0; i + 1 < 17; i++) {
            char swapped[18];
            memcpy(swapped, s, 18);
            swapped[i] = s[i + 1];
            swapped[i + 1] = s[i];
            if (s[i] != s[i + 1])
                assert_int_equal(put(d, swapped, 18), TW_DETECTED_NO);
        }
    }
}

/* ---- GB 32100 ---- */

static const char alphabet31[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
static const char alphabet36[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static unsigned at31(char c)
{
    return (unsigned)(strchr(alphabet31, c) - alphabet31);
}

static char slow_check31(const char *s)
{
    unsigned sum = 0, weight = 1;
    for (size_t i = 0; i < 17; i++) {
        sum += at31(s[i]) * weight;
        weight = weight * 3 % 31;
    }
    return alphabet31[(31 - sum % 31) % 31];
}

static char slow_check11(const char *s)
{
    static const unsigned weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++)
        sum += (unsigned)(strchr(alphabet36, s[i]) - alphabet36) * weights[i];
    return "0X987654321"[sum % 11];
}

static void make_uscc(char *s, bool inner)
{
    for (size_t i = 0; i < 17; i++)
        s[i] = i >= 2 && i < 8 ? (char)('0' + below(10)) : alphabet31[below(31)];
    if (inner)
        s[16] = slow_check11(s + 8);
    s[17] = slow_check31(s);
}

static void credit_codes_agree_with_the_standard(void **state)
{
    (void)state;
    const struct tw_detector *d = named("uscc");
    unsigned count[4] = {0};
    for (unsigned round = 0; round < 30000; round++) {
        char s[18];
        make_uscc(s, below(2));
        if (below(4) == 0)
            s[below(18)] = alphabet36[below(36)];
        bool form = all_in(s, 18, alphabet31) && all_in(s + 2, 6, digits);
        enum tw_detected want = !form || s[17] != slow_check31(s) ? TW_DETECTED_NO
                                : s[16] == slow_check11(s + 8)    ? TW_DETECTED_YES
                                                                  : TW_DETECTED_ODD;
        if (put(d, s, 18) != want)
            fail_msg("%.18s is not %d", s, (int)want);
        count[want]++;
    }
    assert_true(count[0] > 3000 && count[1] > 3000 && count[3] > 3000);
}

static void every_changed_character_of_a_credit_code_is_found(void **state)
{
    (void)state;
    const struct tw_detector *d = named("uscc");
    for (unsigned round = 0; round < 200; round++) {
        char s[18];
        make_uscc(s, true);
        assert_int_equal(put(d, s, 18), TW_DETECTED_YES);
        for (size_t i = 0; i < 18; i++) {
            char kept = s[i];
            for (const char *c = alphabet36; *c; c++) {
                s[i] = *c;
                if (*c != kept)
                    assert_int_equal(put(d, s, 18), TW_DETECTED_NO);
            }
            s[i] = kept;
        }
    }
}

/* ---- Luhn ---- */

static bool slow_luhn(const char *s, size_t len)
{
    unsigned sum = 0;
    bool twice = false;
    for (size_t i = len; i-- > 0; twice = !twice) {
        unsigned v = (unsigned)(s[i] - '0') * (twice ? 2 : 1);
        sum += v / 10 + v % 10;
    }
    return sum % 10 == 0;
}

static void cards_agree_with_the_standard(void **state)
{
    (void)state;
    const struct tw_detector *d = named("bank-card");
    unsigned passed = 0, all = 0;
    for (unsigned round = 0; round < 60000; round++) {
        char s[24];
        size_t len = 10 + below(12);
        for (size_t i = 0; i < len; i++)
            s[i] = (char)('0' + below(10));
        s[0] = (char)('1' + below(9));
        bool want = len >= 13 && len <= 19 && slow_luhn(s, len);
        assert_int_equal(put(d, s, len), want ? TW_DETECTED_YES : TW_DETECTED_NO);
        all += len >= 13 && len <= 19;
        passed += want;
        if (!want)
            continue;
        size_t at = below((unsigned)len);
        char kept = s[at];
        for (int c = '0'; c <= '9'; c++) {
            s[at] = (char)c;
            if (c != kept)
                assert_int_equal(put(d, s, len), TW_DETECTED_NO);
        }
    }
    /* One in ten: 10 % ± 0.5 % of about 35,000. */
    assert_true(passed * 1000 > all * 95 && passed * 1000 < all * 105);
}

/* ---- mobile numbers, by a walk over the characters ---- */

static bool slow_mobile(const char *s, size_t len)
{
    return len == 11 && s[0] == '1' && is_in(s[1], "3456789") &&
           all_in(s + 2, 9, digits);
}

static void mobile_numbers_agree_with_the_pattern(void **state)
{
    (void)state;
    const struct tw_detector *d = named("mobile");
    unsigned yes = 0;
    for (unsigned round = 0; round < 60000; round++) {
        char s[16];
        size_t len = 10 + below(3);
        for (size_t i = 0; i < sizeof s; i++)
            s[i] = (char)('0' + below(10));
        s[0] = '1';
        if (below(2))
            s[below(12)] = (char)below(256);
        if (below(2))
            len = 11;
        bool want = slow_mobile(s, len);
        enum tw_detected found = put(d, s, len);
        if ((found == TW_DETECTED_YES) != want)
            fail_msg("%.*s", (int)len, s);
        yes += want;
    }
    assert_true(yes > 10000);
}

/* ---- every byte at every place ---- */

static void no_byte_is_taken_for_a_digit(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } cases[] = {{"mobile", "13800138000"},
                 {"cn-id", "110101199003077512"},
                 {"cn-id", "110105491231002"},
                 {"uscc", "91350100M000100Y43"},
                 {"bank-card", "6222020200000000006"}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char s[24];
        size_t len = strlen(cases[k].text);
        memcpy(s, cases[k].text, len);
        assert_int_not_equal(put(named(cases[k].name), s, len), TW_DETECTED_NO);
        for (size_t i = 0; i < len; i++) {
            char kept = s[i];
            for (int c = 0; c < 256; c++) {
                bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                             (c >= 'a' && c <= 'z');
                s[i] = (char)c;
                if (!plain)
                    assert_int_equal(put(named(cases[k].name), s, len), TW_DETECTED_NO);
            }
            s[i] = kept;
        }
    }
}

/* ---- masks ---- */

static void a_masked_number_has_at_least_four_asterisks_in_one_run(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t first, last; /* the run must leave these visible at the ends */
    } cases[] = {{"cn-id", "110101199003077512", 1, 1},
                 {"uscc", "91350100M000100Y43", 1, 0},
                 {"bank-card", "6222020200000000006", 0, 4}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        size_t len = strlen(cases[k].text);
        for (size_t from = 0; from < len; from++)
            for (size_t to = from + 1; to <= len; to++) {
                char s[24];
                memcpy(s, cases[k].text, len);
                memset(s + from, '*', to - from);
                bool want = to - from >= 4 && from >= cases[k].first &&
                            len - to >= cases[k].last;
                enum tw_detected found = put(named(cases[k].name), s, len);
                if (found != (want ? TW_DETECTED_MASKED : TW_DETECTED_NO))
                    fail_msg("%s: %.*s", cases[k].name, (int)len, s);
            }
    }
}

/* ---- names: each code point of Unicode between two ideographs ---- */

static bool slow_ideograph(uint32_t c)
{
    static const uint32_t blocks[][2] = {
        {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0x20000, 0x2a6df}, {0x2a700, 0x2b73f},
        {0x2b740, 0x2b81f}, {0x2b820, 0x2ceaf}, {0x2ceb0, 0x2ebef}, {0x2ebf0, 0x2ee5f},
        {0x30000, 0x3134f}, {0x31350, 0x323af}};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (c >= blocks[i][0] && c <= blocks[i][1])
            return true;
    return false;
}

static size_t utf8(uint32_t c, char *out)
{
    if (c < 0x80)
        return out[0] = (char)c, 1;
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
    return n;
}

static void names_know_every_code_point(void **state)
{
    (void)state;
    const struct tw_detector *d = named("cjk-name");
    for (uint32_t c = 1; c < 0x110000; c++) {
        char s[16];
        size_t n = 3;
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        memcpy(s, "张", 3);
        n += utf8(c, s + n);
        memcpy(s + n, "三", 3);
        n += 3;
        bool rare = c == 0x3007 || (c >= 0xf900 && c <= 0xfaff) ||
                    (c >= 0x2f800 && c <= 0x2fa1f);
        enum tw_detected want =
            c == '*' || c == 0xff0a ? TW_DETECTED_MASKED
            : rare                  ? TW_DETECTED_ODD
            : slow_ideograph(c) || c == 0xb7 || c == 0x2022 || c == 0x2027
                ? TW_DETECTED_YES
                : TW_DETECTED_NO;
        if (put(d, s, n) != want)
            fail_msg("U+%04X is not %d", (unsigned)c, (int)want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_numbers_agree_with_the_standard),
        cmocka_unit_test(every_province_and_no_other_is_known),
        cmocka_unit_test(every_changed_digit_of_an_identity_number_is_found),
        cmocka_unit_test(credit_codes_agree_with_the_standard),
        cmocka_unit_test(every_changed_character_of_a_credit_code_is_found),
        cmocka_unit_test(cards_agree_with_the_standard),
        cmocka_unit_test(mobile_numbers_agree_with_the_pattern),
        cmocka_unit_test(no_byte_is_taken_for_a_digit),
        cmocka_unit_test(a_masked_number_has_at_least_four_asterisks_in_one_run),
        cmocka_unit_test(names_know_every_code_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

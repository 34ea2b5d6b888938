/* SPDX-License-Identifier: Apache-2.0 */
/* Exact numbers: see num.h. */
#include "num.h"

#include <assert.h>
#include <string.h>

enum { SCALE_MAX = 30 };

bool tw_parse_u64(struct tw_str s, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!tw_is_digit(s.ptr[i]))
            return false;
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(s.ptr[i] - '0'), &n))
            return false;
    }
    *out = n;
    return n <= max;
}

bool tw_parse_u64_any(struct tw_str s, uint64_t max, uint64_t *out)
{
    if (!tw_str_starts(s, "0x") && !tw_str_starts(s, "0X"))
        return tw_parse_u64(s, max, out);
    s = tw_str_from(s, 2);
    if (s.len == 0 || s.len > 16)
        return false;
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = tw_hex_digit(s.ptr[i]);
        if (digit < 0)
            return false;
        n = n << 4 | (uint64_t)digit;
    }
    *out = n;
    return n <= max;
}

/* Up to 18 digits fit a word, without a look at overflow. */
static bool parse_short_decimal(struct tw_str s, struct tw_decimal *out)
{
    size_t i = s.ptr[0] == '-' || s.ptr[0] == '+', point = s.len, begin = i;
    uint64_t units = 0;
    for (; i < s.len; i++) {
        unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';
        if (digit <= 9) {
            units = units * 10 + digit;
            continue;
        }
        if (s.ptr[i] != '.' || point != s.len)
            return false;
        point = i;
    }
    /* A digit before or behind the point, and one behind it. */
    if (begin == s.len || point + 1 == s.len)
        return false;
    tw_i128 value = (tw_i128)units;
    out->units = s.ptr[0] == '-' ? -value : value;
    out->scale = point == s.len ? 0 : (uint32_t)(s.len - point - 1);
    return true;
}

bool tw_parse_decimal(struct tw_str s, struct tw_decimal *out)
{
    enum { SHORT = 19 }; /* with a sign or a point, or both */
    if (s.len && s.len <= SHORT - 1)
        return parse_short_decimal(s, out);
    bool negative = false, seen_point = false, seen_digit = false;
    size_t i = 0;
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
        negative = s.ptr[0] == '-';
        i = 1;
    }
    tw_i128 units = 0;
    uint32_t scale = 0;
    for (; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '.' && !seen_point) {
            seen_point = true;
            continue;
        }
        if (c < '0' || c > '9' || (seen_point && scale == SCALE_MAX))
            return false;
        seen_digit = true;
        scale += seen_point;
        if (__builtin_mul_overflow(units, (tw_i128)10, &units) ||
            __builtin_add_overflow(units, (tw_i128)(c - '0'), &units))
            return false;
    }
    if (!seen_digit || (seen_point && scale == 0))
        return false;
    *out = (struct tw_decimal){negative ? -units : units, scale};
    return true;
}

/* The number that eight digits write, the first one in the lowest byte (Lemire,
 * "Quickly parsing eight digits", 2022); -1 where one of them is none. */
static int64_t eight_digits(uint64_t w)
{
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    if (((w & high) | ((w + UINT64_C(0x0606060606060606)) & high) >> 4) !=
        UINT64_C(0x3333333333333333))
        return -1;
    w = (w - zeros) * 10 + ((w - zeros) >> 8);
    return (int64_t)(((w & UINT64_C(0x000000ff000000ff)) *
                          (UINT64_C(100) + (UINT64_C(1000000) << 32)) +
                      ((w >> 16) & UINT64_C(0x000000ff000000ff)) *
                          (UINT64_C(1) + (UINT64_C(10000) << 32))) >>
                     32);
}

bool tw_parse_cents(struct tw_str s, int64_t *cents)
{
    bool negative = s.len && s.ptr[0] == '-';
    const char *end = s.ptr + s.len;
    size_t whole = s.len - (size_t)negative - 3;
    if (s.len < 4 || whole - 1 > 7 || end[-3] != '.')
        return false;
    /* The bytes before the number become zeros. */
    uint64_t w, keep = ~UINT64_C(0) << 8 * (8 - whole);
    memcpy(&w, end - 11, sizeof w);
    w = (w & keep) | (UINT64_C(0x3030303030303030) & ~keep);
    int64_t units = eight_digits(w);
    unsigned tens = (unsigned)(unsigned char)end[-2] - '0';
    unsigned ones = (unsigned)(unsigned char)end[-1] - '0';
    if (units < 0 || tens > 9 || ones > 9)
        return false;
    units = units * 100 + (int64_t)(tens * 10 + ones);
    *cents = negative ? -units : units;
    return true;
}

/* Brings D to SCALE, which is not below its own. */
static bool rescale(struct tw_decimal *d, uint32_t scale)
{
    for (; d->scale < scale; d->scale++)
        if (__builtin_mul_overflow(d->units, (tw_i128)10, &d->units))
            return false;
    return true;
}

bool tw_decimal_add(struct tw_decimal *sum, struct tw_decimal x)
{
    struct tw_decimal s = *sum;
    if (s.scale == x.scale) {
        if (__builtin_add_overflow(s.units, x.units, &s.units))
            return false;
        sum->units = s.units;
        return true;
    }
    if (!rescale(&s, x.scale) || !rescale(&x, s.scale) ||
        __builtin_add_overflow(s.units, x.units, &s.units))
        return false;
    *sum = s;
    return true;
}

int tw_decimal_cmp(struct tw_decimal a, struct tw_decimal b)
{
    /* A side that overflows when it is rescaled is the larger in size: its sign tells.
     */
    struct tw_decimal ra = a, rb = b;
    if (!rescale(&ra, b.scale))
        return a.units < 0 ? -1 : 1;
    if (!rescale(&rb, a.scale))
        return b.units < 0 ? 1 : -1;
    return ra.units < rb.units ? -1 : ra.units > rb.units;
}

void tw_buf_decimal(struct tw_buf *buf, struct tw_decimal d)
{
    char digits[64];
    size_t at = sizeof digits;
    tw_u128 n = d.units < 0 ? -(tw_u128)d.units : (tw_u128)d.units;
    for (uint32_t i = 0; n || i <= d.scale; i++) {
        if (i == d.scale && d.scale)
            digits[--at] = '.';
        digits[--at] = (char)('0' + (int)(n % 10));
        n /= 10;
    }
    if (d.units < 0)
        tw_buf_char(buf, '-');
    tw_buf_put(buf, digits + at, sizeof digits - at);
}

/* floor(100·k·10^scale / n + 1/2) */
static tw_u128 percent_units(uint64_t k, uint64_t n, uint32_t scale)
{
    tw_u128 x = (tw_u128)k * 100;
    for (uint32_t i = 0; i < scale; i++)
        x *= 10;
    return (2 * x + n) / ((tw_u128)2 * n);
}

struct tw_str tw_percent(struct tw_arena *arena, uint64_t k, uint64_t n)
{
    enum { DIGITS_MAX = 16 };
    if (k == 0 || n == 0)
        return TW_STR("0");
    assert(k < UINT64_C(1000000000000000000) && n < UINT64_C(1000000000000000000));
    /* The smallest scale that gives four digits before rounding: 9.9994 is 9.999. */
    uint32_t scale = 0;
    for (tw_u128 x = (tw_u128)k * 100; scale < DIGITS_MAX && x / n < 1000; x *= 10)
        scale++;
    tw_u128 units = percent_units(k, n, scale);
    /* Rounding up to 10000 keeps one digit too many: 9.9996 reads 10.00. */
    if (units >= 10000 && scale > 0 && k != n)
        units = percent_units(k, n, --scale);
    if (k == n)
        return TW_STR("100.0");
    tw_u128 hundred = 100;
    for (uint32_t i = 0; i < scale; i++)
        hundred *= 10;
    while (k < n && units == hundred && scale < DIGITS_MAX) {
        units = percent_units(k, n, ++scale);
        hundred *= 10;
    }
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_decimal(&buf, (struct tw_decimal){(tw_i128)units, scale});
    return tw_buf_view(&buf);
}

struct tw_str tw_thousands(struct tw_arena *arena, uint64_t n)
{
    char text[32];
    size_t at = sizeof text, digits = 0;
    do {
        if (digits && digits % 3 == 0)
            text[--at] = ',';
        text[--at] = (char)('0' + n % 10);
        digits++;
        n /= 10;
    } while (n);
    return tw_str_copy(arena, (struct tw_str){text + at, sizeof text - at});
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Ratios as text, for reports: see ratio_text.h. */
#include "ratio_text.h"

enum { SCALE_MAX = 16 };

static tw_u128 power_of_ten(uint32_t n)
{
    tw_u128 p = 1;
    while (n--)
        p *= 10;
    return p;
}

static struct tw_str decimal(struct tw_arena *arena, tw_i128 units, uint32_t scale)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_decimal(&buf, (struct tw_decimal){units, scale});
    return tw_buf_view(&buf);
}

static tw_u128 half_up(tw_u128 a, uint64_t b)
{
    return (2 * a + b) / ((tw_u128)2 * b);
}

struct tw_str tw_quotient(struct tw_arena *arena, uint64_t a, uint64_t factor,
                          uint64_t b, bool commas)
{
    if (a == 0 || b == 0)
        return TW_STR("0");
    tw_u128 x = (tw_u128)a * factor;
    uint32_t scale = 0; /* four digits before rounding */
    while (scale < SCALE_MAX && x * power_of_ten(scale) / b < 1000)
        scale++;
    tw_u128 units = half_up(x * power_of_ten(scale), b);
    /* 9.9996 is 10.00, not 10.000. */
    if (units >= 10000 && scale > 0)
        units = half_up(x * power_of_ten(--scale), b);
    if (scale > 0 || !commas || units > UINT64_MAX)
        return decimal(arena, (tw_i128)units, scale);
    return tw_thousands(arena, (uint64_t)units);
}

struct tw_str tw_percent_styled(struct tw_arena *arena, uint64_t k, uint64_t n,
                                struct tw_pct_style style)
{
    if (style.digits < 0)
        return tw_percent(arena, k, n);
    if (k == 0 || n == 0)
        return decimal(arena, 0, (uint32_t)style.digits);
    for (uint32_t scale = (uint32_t)style.digits;; scale++) {
        tw_u128 x = (tw_u128)k * 100 * power_of_ten(scale);
        tw_u128 units = style.truncated ? x / n : half_up(x, n);
        bool misleads = units == 0 || (k < n && units == 100 * power_of_ten(scale));
        if (!misleads || scale >= SCALE_MAX)
            return decimal(arena, (tw_i128)units, scale);
    }
}

struct tw_str tw_billionths(struct tw_arena *arena, int64_t x)
{
    return decimal(arena, x, 9);
}

struct tw_str tw_billionths_percent(struct tw_arena *arena, int64_t x)
{
    return decimal(arena, x, 7);
}

struct tw_str tw_points(struct tw_arena *arena, int64_t x)
{
    return decimal(arena, (x < 0 ? x - 500 : x + 500) / 1000, 4);
}

struct tw_str tw_millionths(struct tw_arena *arena, int64_t x)
{
    return decimal(arena, x, 6);
}

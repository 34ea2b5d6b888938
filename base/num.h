/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, exactly: strict parsing, 128-bit integers, decimals, percentages.
 *
 * No double is used on the way to a printed figure anywhere in the project.
 */
#ifndef TW_NUM_H
#define TW_NUM_H

#include <stdint.h>

#include "buf.h"
#include "str.h"

__extension__ typedef unsigned __int128 tw_u128;
__extension__ typedef __int128 tw_i128;

static inline bool tw_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit of either case, or -1. */
static inline int tw_hex_digit(char c)
{
    return tw_is_digit(c)         ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decimal digits only, no sign, no blanks, not empty, at most MAX. */
bool tw_parse_u64(struct tw_str s, uint64_t max, uint64_t *out);
/* Decimal, or 0x… hexadecimal, as the kernel's tools write numbers. */
bool tw_parse_u64_any(struct tw_str s, uint64_t max, uint64_t *out);

/* A decimal number: units × 10^-scale. */
struct tw_decimal {
    tw_i128 units;
    uint32_t scale; /* digits behind the point, 0 … 30 */
};

/* [+-]digits[.digits]; no blanks, exponents, or thousands separators; false on
 * overflow. */
bool tw_parse_decimal(struct tw_str s, struct tw_decimal *out);
/* As tw_parse_decimal() for a text of up to eight digits, a point and two digits, as
 * most amounts are written, without a branch for each digit. False where S is written
 * otherwise. Eight bytes before S can be read, of any value. */
bool tw_parse_cents(struct tw_str s, int64_t *cents);
/* *SUM += X, exactly; the scale becomes the larger one. False on overflow. */
bool tw_decimal_add(struct tw_decimal *sum, struct tw_decimal x);
/* -1, 0 or 1, exactly. */
int tw_decimal_cmp(struct tw_decimal a, struct tw_decimal b);
void tw_buf_decimal(struct tw_buf *buf, struct tw_decimal d);

/*
 * 100·k/n as text: four significant digits, half up, by integers alone; more digits
 * where k < n would read 100; "0" only for k = 0 (or n = 0). k and n below 10^18.
 *     6131/1496160 "0.4098"   1/3 "33.33"   999999/1000000 "99.9999"
 */
struct tw_str tw_percent(struct tw_arena *arena, uint64_t k, uint64_t n);

/* With commas between the thousands: 1,496,160. */
struct tw_str tw_thousands(struct tw_arena *arena, uint64_t n);

#endif

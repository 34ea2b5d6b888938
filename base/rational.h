/* SPDX-License-Identifier: Apache-2.0 */
/* Exact fractions of any size (by GMP): shares of traffic, fractions of packet sets. */
#ifndef TW_RATIONAL_H
#define TW_RATIONAL_H

#include "num.h"

struct tw_rational; /* immutable; lives in an arena, its digits are freed with it */

const struct tw_rational *tw_rational_of(struct tw_arena *arena, uint64_t num,
                                         uint64_t den);
/* The product of COUNT natural numbers: the size of a box of packets. */
const struct tw_rational *tw_rational_product(struct tw_arena *arena,
                                              const tw_u128 *factors, size_t count);
/* A percentage or decimal fraction as it is written: "90%", "12.5 %", "0.9". False
 * where it is neither, negative, or longer than 30 digits. */
bool tw_rational_parse(struct tw_arena *arena, struct tw_str s,
                       const struct tw_rational **out);
const struct tw_rational *tw_rational_add(struct tw_arena *arena,
                                          const struct tw_rational *a,
                                          const struct tw_rational *b);
const struct tw_rational *tw_rational_mul(struct tw_arena *arena,
                                          const struct tw_rational *a,
                                          const struct tw_rational *b);
/* B is not zero. */
const struct tw_rational *tw_rational_div(struct tw_arena *arena,
                                          const struct tw_rational *a,
                                          const struct tw_rational *b);
int tw_rational_cmp(const struct tw_rational *a, const struct tw_rational *b);
bool tw_rational_is_zero(const struct tw_rational *a);
/* A decimal, half up, DIGITS significant digits, without trailing zeros: "0.1". */
struct tw_str tw_rational_text(struct tw_arena *arena, const struct tw_rational *a,
                               unsigned digits);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values made fit to be shown (JR/T 0171-2020, class C2): a bank card with its first
 * six and last four digits, a mobile number with its first three and last four, an
 * identity number with its first and last character, a name with its first and last.
 * Of all others only the length is told: what they are is not known. So it is of 15 and
 * 18 digits that pass the check of a card: one in ten identity numbers with a wrong
 * check digit does, and would show where and when its owner was born.
 */
#ifndef TW_MASK_H
#define TW_MASK_H

#include <stdint.h>

#include "str.h"

enum tw_mask_class {
    TW_MASK_CARD,
    TW_MASK_MOBILE,
    TW_MASK_ID,
    TW_MASK_NAME,
    TW_MASK_LENGTH,
    TW_MASK_CLASSES
};

enum { TW_MASKED_MAX = 96 };

struct tw_masked {
    enum tw_mask_class class;
    uint64_t characters;
    size_t len; /* of the text; 0 for LENGTH */
    char text[TW_MASKED_MAX];
};

/* The class that the detectors tell: only what is surely of a form, written plainly. */
enum tw_mask_class tw_mask_class_of(struct tw_str value);
/* VALUE as one of CLASS; where it is too short for that, or too long, by its length. */
struct tw_masked tw_mask(struct tw_str value, enum tw_mask_class class);
bool tw_masked_eq(const struct tw_masked *a, const struct tw_masked *b);
/* "bank-card", "mobile", "cn-id", "cjk-name", "length" */
const char *tw_mask_class_name(enum tw_mask_class class);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of invented bills, for the benches of `impact`. Every row is a pure function of
 * the set's numbers and its index, so that any row can be made at any time: the same
 * row damaged, repaired, in another order, in another format.
 *
 * Names are put together from the words for the days of an almanac and from "示例"
 * (example); nobody is called so.
 */
#ifndef BILL_ROWS_H
#define BILL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the encryption service wrote instead of a name when it could not be reached. */
#define BILL_MARKER "【解密服务初始化失败，请联系加解密管理员】"

enum { BILL_DATES_MAX = 300, BILL_MERCHANTS = 40000, BILL_TEXT_MAX = 160 };

struct bill_set {
    uint64_t rows;
    uint64_t bad;     /* rows with the marker in counterparty_name: exactly so many */
    uint64_t decoys;  /* rows with the marker in memo, the wrong column */
    uint64_t missing; /* rows that the repaired set lacks; no bad ones */
    uint64_t seed;
    unsigned dates; /* days from 2023-02-09 on, at most BILL_DATES_MAX */
};

enum bill_column {
    BILL_ID,
    BILL_DATE,
    BILL_MERCHANT,
    BILL_ACCOUNT,
    BILL_NAME,
    BILL_NAME_ACCOUNT,
    BILL_AMOUNT,
    BILL_FEE,
    BILL_STATUS,
    BILL_MEMO,
    BILL_COLUMNS
};

extern const char *const bill_column_names[BILL_COLUMNS];

struct bill_field {
    char text[BILL_TEXT_MAX];
    size_t length;
    bool null;
};

struct bill_row {
    struct bill_field field[BILL_COLUMNS];
    bool bad, decoy, missing;
    unsigned date, merchant;
    int64_t cents; /* of amount */
};

/* A source of numbers that look random. */
struct bill_draw {
    uint64_t state;
};

struct bill_draw bill_draw_for(uint64_t seed, uint64_t row, unsigned purpose);
/* A number below LIMIT. */
uint64_t bill_below(struct bill_draw *draw, uint64_t limit);

/* Where INDEX (below N) stands in the shuffle of N numbers that SEED and PURPOSE name;
 * every number stands in one place. */
uint64_t bill_shuffled(uint64_t n, uint64_t seed, unsigned purpose, uint64_t index);

/* The text of row INDEX (below rows); REPAIRED: with its true name. */
void bill_row_make(const struct bill_set *set, uint64_t index, bool repaired,
                   struct bill_row *out);

/* "2023-02-09" and the days behind it, into ten bytes. */
void bill_date_text(unsigned day, char *out);

void bill_field_clear(struct bill_field *field);
void bill_field_add(struct bill_field *field, const char *text);
void bill_field_add_digits(struct bill_field *field, uint64_t value, unsigned width);
/* A person's name, of two or three characters. */
void bill_field_add_person(struct bill_field *field, struct bill_draw *draw);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of invented people (bill_people.h), for gen_bills.
 *
 * Identity cards end in a check digit after GB 11643 (weights 2^(18-i) modulo 11 from
 * the left), bank cards in one after Luhn (every second digit doubled). One damaged
 * number in two keeps its form and has a wrong check digit alone.
 */
#include "bill_people.h"

#include <string.h>

const char *const people_column_names[PEOPLE_COLUMNS] = {"id", "name", "mobile",
                                                         "id_card", "bank_card"};

enum { CARD_DIGITS = 18, FOR_PERSON = 9, FOR_DAMAGE = 16 };

static const char *const districts[] = {"110101", "120101", "310101", "320102",
                                        "330102", "440103", "500101", "510104"};

static char card_check(const char *digits)
{
    static const unsigned weights[17] = {7, 9, 10, 5,  8, 4, 2, 1, 6,
                                         3, 7, 9,  10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < 17; i++)
        sum += weights[i] * (unsigned)(digits[i] - '0');
    return "10X98765432"[sum % 11];
}

/* The digit that makes DIGITS (N of them, the last one open) a Luhn number. */
static char luhn_check(const char *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned d = (unsigned)(digits[n - 2 - i] - '0');
        if (i % 2 == 0)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

static void set_text(struct bill_field *field, const char *text)
{
    bill_field_clear(field);
    bill_field_add(field, text);
}

static void make_good(struct people_row *row, struct bill_draw *draw)
{
    bill_field_add_person(&row->field[PEOPLE_NAME], draw);
    struct bill_field *mobile = &row->field[PEOPLE_MOBILE];
    bill_field_add(mobile, "1");
    bill_field_add_digits(mobile, 3 + bill_below(draw, 7), 1);
    bill_field_add_digits(mobile, bill_below(draw, 1000000000), 9);

    struct bill_field *card = &row->field[PEOPLE_CARD];
    bill_field_add(card, districts[bill_below(draw, 8)]);
    bill_field_add_digits(card, 1950 + bill_below(draw, 55), 4);
    bill_field_add_digits(card, 1 + bill_below(draw, 12), 2);
    bill_field_add_digits(card, 1 + bill_below(draw, 28), 2);
    bill_field_add_digits(card, 1 + bill_below(draw, 999), 3);
    card->text[card->length++] = card_check(card->text);

    struct bill_field *bank = &row->field[PEOPLE_BANK];
    bill_field_add(bank, "62");
    bill_field_add_digits(bank, bill_below(draw, UINT32_MAX), 13);
    if (bill_below(draw, 2) == 0)
        bill_field_add_digits(bank, bill_below(draw, 1000), 3);
    bank->length++;
    bank->text[bank->length - 1] = luhn_check(bank->text, bank->length);
}

/* Damages COLUMN; true where the form stays what it was. */
static bool damage(struct people_row *row, size_t column, struct bill_draw *draw)
{
    struct bill_field *field = &row->field[column];
    uint64_t kind = bill_below(draw, 4);
    char *last = &field->text[field->length - 1];
    switch (column) {
    case PEOPLE_NAME:
        set_text(field, (const char *[]){BILL_MARKER, "N/A", "甲", "甲子7"}[kind]);
        return false;
    case PEOPLE_MOBILE:
        if (kind == 0)
            field->length--;
        else if (kind == 1)
            field->text[1] = '2';
        else if (kind == 2)
            *last = 'x';
        else
            set_text(field, BILL_MARKER);
        return false;
    case PEOPLE_CARD:
        if (kind >= 2) {
            *last = *last == 'X' ? '0' : (char)('0' + (*last - '0' + 1) % 10);
            return true;
        }
        if (kind == 0) {
            field->length--;
        } else { /* the thirteenth month, with its right check digit */
            memcpy(field->text + 10, "13", 2);
            *last = card_check(field->text);
        }
        return false;
    default:
        if (kind >= 2) {
            *last = (char)('0' + (*last - '0' + 1) % 10);
            return true;
        }
        if (kind == 0)
            field->text[7] = 'O';
        else
            set_text(field, BILL_MARKER);
        return false;
    }
}

void people_row_make(uint64_t rows, uint64_t bad, uint64_t seed, uint64_t index,
                     struct people_row *out)
{
    struct bill_draw draw = bill_draw_for(seed, index, FOR_PERSON);
    for (size_t c = 0; c < PEOPLE_COLUMNS; c++)
        bill_field_clear(&out->field[c]);
    bill_field_add(&out->field[PEOPLE_ID], "P");
    bill_field_add_digits(&out->field[PEOPLE_ID], index, 9);
    make_good(out, &draw);
    out->bad[PEOPLE_ID] = out->checksum_only[PEOPLE_ID] = false;
    for (unsigned c = PEOPLE_NAME; c < PEOPLE_COLUMNS; c++) {
        out->bad[c] = bill_shuffled(rows, seed, FOR_DAMAGE + c, index) < bad;
        out->checksum_only[c] = out->bad[c] && damage(out, c, &draw);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of invented bills (bill_rows.h), for gen_bills.
 *
 * Exactly BAD of ROWS rows are bad, without a list of them: the row numbers are
 * shuffled by a small cipher (four Feistel rounds on just enough bits; results that are
 * no row number are enciphered again), and a row is bad if it comes among the first
 * BAD. Rows with the marker in the wrong column stand behind them, then those that get
 * lost.
 */
#include "bill_rows.h"

#include <assert.h>
#include <string.h>

const char *const bill_column_names[BILL_COLUMNS] = {
    "bill_id",
    "bill_date",
    "merchant_id",
    "account_no",
    "counterparty_name",
    "counterparty_account",
    "amount",
    "fee",
    "status",
    "memo",
};

static const char *const stems[] = {"甲", "乙", "丙", "丁", "戊",
                                    "己", "庚", "辛", "壬", "癸"};
static const char *const branches[] = {"子", "丑", "寅", "卯", "辰", "巳",
                                       "午", "未", "申", "酉", "戌", "亥"};
static const char *const trades[] = {"商行", "货栈", "客舍", "车行", "仓库", "茶铺"};
static const char *const reasons[] = {"服务费", "押金", "维修款", "代收水电",
                                      "退款差额"};
static const char *const statuses[] = {"SETTLED", "SETTLED", "SETTLED",
                                       "PENDING", "FAILED",  "REFUND"};

enum { COUNT_REASONS = sizeof reasons / sizeof *reasons };
enum purpose { FOR_ROW = 1, FOR_KIND };

static uint64_t mixed(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

struct bill_draw bill_draw_for(uint64_t seed, uint64_t row, unsigned purpose)
{
    return (struct bill_draw){mixed(mixed(seed + purpose) + row)};
}

uint64_t bill_below(struct bill_draw *draw, uint64_t limit)
{
    draw->state += UINT64_C(0x9e3779b97f4a7c15);
    return (mixed(draw->state) >> 32) * limit >> 32;
}

uint64_t bill_shuffled(uint64_t n, uint64_t seed, unsigned purpose, uint64_t index)
{
    unsigned half = 1;
    while (half < 31 && n > UINT64_C(1) << 2 * half)
        half++;
    uint64_t low = (UINT64_C(1) << half) - 1;
    uint64_t key = mixed(seed * 64 + purpose);
    do {
        uint64_t left = index >> half, right = index & low;
        for (unsigned round = 0; round < 4; round++) {
            uint64_t next = left ^ (mixed(key + right * 4 + round) & low);
            left = right;
            right = next;
        }
        index = left << half | right;
    } while (index >= n);
    return index;
}

void bill_field_clear(struct bill_field *field)
{
    field->length = 0;
    field->null = false;
}

void bill_field_add(struct bill_field *field, const char *text)
{
    size_t length = strlen(text);
    assert(field->length + length <= sizeof field->text);
    memcpy(field->text + field->length, text, length);
    field->length += length;
}

void bill_field_add_digits(struct bill_field *field, uint64_t value, unsigned width)
{
    char digits[21];
    size_t n = 0;
    do {
        digits[sizeof digits - ++n] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0 || n < width);
    assert(field->length + n <= sizeof field->text);
    memcpy(field->text + field->length, digits + sizeof digits - n, n);
    field->length += n;
}

void bill_field_add_person(struct bill_field *field, struct bill_draw *draw)
{
    bill_field_add(field, stems[bill_below(draw, 10)]);
    bill_field_add(field, branches[bill_below(draw, 12)]);
    if (bill_below(draw, 3) != 0)
        bill_field_add(field, branches[bill_below(draw, 12)]);
}

static void add_company(struct bill_field *field, struct bill_draw *draw)
{
    bill_field_add(field, "示例");
    bill_field_add(field, stems[bill_below(draw, 10)]);
    bill_field_add(field, branches[bill_below(draw, 12)]);
    bill_field_add(field, trades[bill_below(draw, 6)]);
}

void bill_date_text(unsigned day, char *out)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned month = 1, left = day + 8;
    assert(day < BILL_DATES_MAX);
    while (left >= days[month]) {
        left -= days[month];
        month++;
    }
    memcpy(out, "2023-00-00", 10);
    out[5] = (char)('0' + (month + 1) / 10);
    out[6] = (char)('0' + (month + 1) % 10);
    out[8] = (char)('0' + (left + 1) / 10);
    out[9] = (char)('0' + (left + 1) % 10);
}

/* What makes a row need quotes, in 12 of 100. */
enum row_kind {
    KIND_COMMA_NAME, /* 4 */
    KIND_COMMA_MEMO, /* 4 */
    KIND_NEWLINE,    /* 2 */
    KIND_QUOTE,      /* 2 */
    KIND_NO_MEMO,
    KIND_PLAIN
};

static enum row_kind kind_of(const struct bill_set *set, uint64_t index)
{
    struct bill_draw draw = bill_draw_for(set->seed, index, FOR_KIND);
    uint64_t n = bill_below(&draw, 100);
    if (n < 12)
        return n < 4    ? KIND_COMMA_NAME
               : n < 8  ? KIND_COMMA_MEMO
               : n < 10 ? KIND_NEWLINE
                        : KIND_QUOTE;
    return n < 42 ? KIND_NO_MEMO : KIND_PLAIN;
}

static void make_name(struct bill_field *name, enum row_kind kind,
                      struct bill_draw *draw)
{
    if (bill_below(draw, 2) == 0)
        bill_field_add_person(name, draw);
    else
        add_company(name, draw);
    if (kind == KIND_COMMA_NAME)
        bill_field_add(name, ", 二部");
}

static void make_memo(struct bill_field *memo, enum row_kind kind,
                      struct bill_draw *draw)
{
    uint64_t room = bill_below(draw, 9999), part = bill_below(draw, 24) + 1;
    if (kind == KIND_NO_MEMO)
        return;
    bill_field_add(memo, reasons[bill_below(draw, COUNT_REASONS)]);
    if (kind == KIND_COMMA_MEMO)
        bill_field_add(memo, ", 其他");
    bill_field_add(memo, kind == KIND_NEWLINE ? "\n第" : " 第");
    bill_field_add_digits(memo, part, 1);
    bill_field_add(memo, kind == KIND_QUOTE ? "期 \"房源" : "期 房源");
    bill_field_add_digits(memo, room, 4);
    bill_field_add(memo, kind == KIND_QUOTE ? "\"" : "");
    bill_field_add(memo, " 批次");
    bill_field_add_digits(memo, room * part, 9);
}

static void make_amounts(struct bill_row *row, struct bill_draw *draw)
{
    row->cents = (int64_t)bill_below(draw, 9999999) + 1;
    struct bill_field *amount = &row->field[BILL_AMOUNT];
    bill_field_add(amount, "");
    if (bill_below(draw, 100) == 0) {
        bill_field_add(amount, "-");
        bill_field_add_digits(amount, (uint64_t)row->cents / 100, 1);
        row->cents = -row->cents;
    } else {
        bill_field_add_digits(amount, (uint64_t)row->cents / 100, 1);
    }
    uint64_t rest = (uint64_t)(row->cents < 0 ? -row->cents : row->cents) % 100;
    bill_field_add(amount, ".");
    bill_field_add_digits(amount, rest, 2);
    struct bill_field *fee = &row->field[BILL_FEE];
    fee->null = bill_below(draw, 32) == 0;
    uint64_t cents = bill_below(draw, 2000);
    if (!fee->null) {
        bill_field_add_digits(fee, cents / 100, 1);
        bill_field_add(fee, ".");
        bill_field_add_digits(fee, cents % 100, 2);
    }
}

void bill_row_make(const struct bill_set *set, uint64_t index, bool repaired,
                   struct bill_row *out)
{
    struct bill_draw draw = bill_draw_for(set->seed, index, FOR_ROW);
    enum row_kind kind = kind_of(set, index);
    uint64_t place = bill_shuffled(set->rows, set->seed, 0, index);
    struct bill_field *field = out->field;
    for (size_t c = 0; c < BILL_COLUMNS; c++)
        bill_field_clear(&field[c]);
    out->bad = place < set->bad && !repaired;
    out->decoy = place >= set->bad && place < set->bad + set->decoys;
    out->missing = place >= set->bad + set->decoys &&
                   place < set->bad + set->decoys + set->missing;
    out->date = (unsigned)bill_below(&draw, set->dates);
    out->merchant = (unsigned)bill_below(&draw, BILL_MERCHANTS);

    bill_field_add(&field[BILL_ID], "B");
    bill_field_add_digits(&field[BILL_ID], UINT64_C(2023020900000000) + index, 16);
    bill_date_text(out->date, field[BILL_DATE].text);
    field[BILL_DATE].length = 10;
    bill_field_add(&field[BILL_MERCHANT], "M");
    bill_field_add_digits(&field[BILL_MERCHANT], 100000 + out->merchant, 6);
    bill_field_add(&field[BILL_ACCOUNT], "9900");
    bill_field_add_digits(&field[BILL_ACCOUNT], bill_below(&draw, UINT32_MAX), 15);
    make_name(&field[BILL_NAME], kind, &draw);
    if (out->bad) {
        bill_field_clear(&field[BILL_NAME]);
        bill_field_add(&field[BILL_NAME], BILL_MARKER);
    }
    bill_field_add(&field[BILL_NAME_ACCOUNT], "9955");
    bill_field_add_digits(&field[BILL_NAME_ACCOUNT], bill_below(&draw, UINT32_MAX), 15);
    make_amounts(out, &draw);
    bill_field_add(&field[BILL_STATUS], statuses[bill_below(&draw, 6)]);
    make_memo(&field[BILL_MEMO], kind, &draw);
    if (out->decoy) {
        bill_field_clear(&field[BILL_MEMO]);
        bill_field_add(&field[BILL_MEMO], "备注: ");
        bill_field_add(&field[BILL_MEMO], BILL_MARKER);
    }
}

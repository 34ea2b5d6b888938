/* SPDX-License-Identifier: Apache-2.0 */
/* Percentages, decimals, fractions and dates against published and hand-made values. */
#include "cmocka_all.h"
#include "date.h"
#include "rational.h"

static struct tw_arena arena;

static void percent_has_four_digits_half_up(void **state)
{
    static const struct {
        uint64_t k, n;
        const char *text;
    } cases[] = {
        {6131, 1496160, "0.4098"},
        {3, 1864458, "0.0001609"},
        {1, 3, "33.33"},
        {2, 3, "66.67"},
        {999999, 1000000, "99.9999"},
        {49999, 50000, "99.998"},
        {5, 100000, "0.005000"},
        {1, 1000, "0.1000"},
        {0, 7, "0"},
        {7, 7, "100.0"},
        {0, 0, "0"},
        {99996, 1000000, "10.00"},
        {99994, 1000000, "9.999"},
        {1, 999999999999999999, "0.0000000000000001"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(tw_percent(&arena, cases[i].k, cases[i].n), cases[i].text);
}

static void decimals_add_exactly_and_refuse_overflow(void **state)
{
    (void)state;
    struct tw_decimal sum = {0}, x;
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    assert_true(tw_parse_decimal(TW_STR("9999999999999999.99"), &x));
    for (int i = 0; i < 1000; i++)
        assert_true(tw_decimal_add(&sum, x));
    tw_buf_decimal(&buf, sum);
    assert_text(tw_buf_view(&buf), "9999999999999999990.00");
    assert_true(tw_parse_decimal(TW_STR("-0.05"), &x));
    buf.len = 0;
    tw_buf_decimal(&buf, x);
    assert_text(tw_buf_view(&buf), "-0.05");
    assert_false(tw_parse_decimal(TW_STR("1,000.00"), &x));
    assert_false(tw_parse_decimal(TW_STR("1e3"), &x));
    assert_false(tw_parse_decimal(TW_STR("1."), &x));
    assert_false(tw_parse_decimal(TW_STR(""), &x));
    assert_false(
        tw_parse_decimal(TW_STR("999999999999999999999999999999999999999999"), &x));
}

static void fractions_print_six_digits_half_up(void **state)
{
    (void)state;
    const struct tw_rational *p, *q;
    assert_true(tw_rational_parse(&arena, TW_STR("90%"), &p));
    assert_true(tw_rational_parse(&arena, TW_STR("0.1"), &q));
    assert_text(tw_rational_text(&arena, tw_rational_mul(&arena, p, q), 6), "0.09");
    assert_text(tw_rational_text(&arena, tw_rational_of(&arena, 2, 3), 6), "0.666667");
    assert_text(tw_rational_text(&arena, tw_rational_of(&arena, 1, 1), 6), "1");
    assert_text(tw_rational_text(&arena, tw_rational_of(&arena, 1, 30000), 6),
                "0.0000333333");
    tw_u128 sides[] = {~(tw_u128)0, ~(tw_u128)0};
    const struct tw_rational *huge = tw_rational_product(&arena, sides, 2);
    assert_text(tw_rational_text(&arena, tw_rational_div(&arena, huge, huge), 6), "1");
    assert_false(tw_rational_parse(&arena, TW_STR("-1%"), &p));
}

static void dates_must_exist(void **state)
{
    (void)state;
    struct tw_time t;
    assert_true(tw_time_parse(TW_STR("2023-02-09"), &t));
    assert_int_equal(t.day, 19397);
    assert_true(tw_time_parse(TW_STR("2024/2/29 23:59:60"), &t) == false);
    assert_true(tw_time_parse(TW_STR("2024/2/29 23:59:59"), &t));
    assert_false(tw_time_parse(TW_STR("2023-02-29"), &t));
    assert_true(tw_time_parse(TW_STR("2023-02-09T01:00:00+08:00"), &t));
    assert_int_equal(t.day, 19396);
    assert_int_equal(t.second, 17 * 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_has_four_digits_half_up),
        cmocka_unit_test(decimals_add_exactly_and_refuse_overflow),
        cmocka_unit_test(fractions_print_six_digits_half_up),
        cmocka_unit_test(dates_must_exist),
    };
    tw_arena_init(&arena, 1 << 24);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

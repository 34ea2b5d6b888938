/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intervals, windows and cumulative sums against vectors that were computed with
 * decimals of sixty digits, and against the published ones.
 */
#include "cmocka_all.h"
#include "statistics.h"

static void the_score_interval_is_that_of_wilson(void **state)
{
    (void)state;
    static const struct {
        struct tw_part part;
        int64_t low, high;
    } v[] = {
        {{6131, 1496160}, 3996726, 4201468},
        {{3, 1864458}, 547, 4731},
        {{0, 100000}, 0, 38413},
        {{1, 100000}, 1765, 56647},
        {{50, 1000}, 38130262, 65313820},
        {{0, 10}, 0, 277532800},
        {{1, 10}, 17876213, 404150027},
        {{5, 10}, 236593091, 763406909},
        {{10, 10}, 722467200, 1000000000},
        {{6131, 6131}, 999373829, 1000000000},
        {{0, 0}, 0, 1000000000},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct tw_interval got = tw_wilson(v[i].part, TW_CONFIDENCE_95);
        assert_int_equal(got.low, v[i].low);
        assert_int_equal(got.high, v[i].high);
    }
    struct tw_interval got =
        tw_wilson((struct tw_part){6131, 1496160}, TW_CONFIDENCE_99);
    assert_int_equal(got.low, 3965477);
    assert_int_equal(got.high, 4234569);
}

static void none_of_many_still_has_a_bound(void **state)
{
    (void)state;
    assert_int_equal(tw_zero_bound(100000), 29957);
    assert_int_equal(tw_zero_bound(1), 950000000);
    assert_int_equal(tw_zero_bound(0), 1000000000);
}

static void the_difference_of_two_shares_is_that_of_newcombe(void **state)
{
    (void)state;
    struct tw_difference d =
        tw_newcombe((struct tw_part){56, 70}, (struct tw_part){48, 80});
    assert_int_equal(d.value, 200000000);
    assert_int_equal(d.interval.low, 52431472);
    assert_int_equal(d.interval.high, 333872654);
    d = tw_newcombe((struct tw_part){6131, 1496160}, (struct tw_part){12, 371000});
    assert_int_equal(d.value, 4065479);
    assert_int_equal(d.interval.low, 3961526);
    assert_int_equal(d.interval.high, 4170043);
    /* Turned round it is the same with the other sign. */
    struct tw_difference e =
        tw_newcombe((struct tw_part){12, 371000}, (struct tw_part){6131, 1496160});
    assert_int_equal(e.value, -d.value);
    assert_int_equal(e.interval.low, -d.interval.high);
    assert_int_equal(e.interval.high, -d.interval.low);
}

enum { BUCKETS_MAX = 12 };

static void make(struct tw_part *parts, const uint64_t *k, const uint64_t *n,
                 size_t count)
{
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct tw_part){k[i], n[i]};
}

static const uint64_t hours[] = {0, 0, 0, 1, 0, 0, 3, 5, 4, 6, 0, 0};

static void the_window_is_the_likeliest_one(void **state)
{
    (void)state;
    struct tw_part parts[BUCKETS_MAX];
    for (size_t i = 0; i < 12; i++)
        parts[i] = (struct tw_part){hours[i], 1000};
    struct tw_share_window w = tw_window_scan(parts, 12);
    assert_true(w.found);
    assert_int_equal(w.from, 6);
    assert_int_equal(w.to, 10);
    assert_int_equal(w.in.k, 18);
    assert_int_equal(w.in.n, 4000);
    assert_int_equal(w.out.k, 1);
    assert_int_equal(w.out.n, 8000);
    assert_int_equal(w.score, 32576822);
    assert_true(w.p > 800 && w.p < 1000); /* 1.1e-8 × 78 windows, from above */

    static const uint64_t k[] = {0, 0, 1, 0, 1510, 1554, 1540, 1527, 3, 0, 0, 0};
    static const uint64_t n[] = {371210, 372004, 374880, 373122, 374100, 375020,
                                 373990, 373050, 374441, 372900, 371000, 370500};
    make(parts, k, n, 12);
    w = tw_window_scan(parts, 12);
    assert_int_equal(w.from, 4);
    assert_int_equal(w.to, 8);
    assert_int_equal(w.in.k, 6131);
    assert_int_equal(w.in.n, 1496160);
    assert_int_equal(w.out.k, 4);
    assert_int_equal(w.out.n, 2980057);
    assert_int_equal(w.score, 13390956305); /* …6.305003 in sixty digits */
    assert_true(w.p <= 1);
}

static void the_window_is_that_of_all_windows_tried(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        uint64_t k[BUCKETS_MAX], n[BUCKETS_MAX];
        bool found;
        size_t from, to;
        int64_t score;
    } v[] = {
        {12,
         {0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0},
         {50, 200, 7, 7, 10, 1000, 1000, 7, 7, 50, 10, 7},
         true,
         3,
         4,
         20092292},
        {7,
         {4, 0, 0, 0, 0, 2, 864},
         {10, 200, 7, 1000, 50, 7, 1000},
         true,
         5,
         7,
         2156134929},
        {7, {0, 0, 0, 0, 0, 0, 0}, {50, 7, 50, 50, 1000, 1000, 10}, false, 0, 0, 0},
        {2, {25, 0}, {50, 7}, true, 0, 1, 8842237},
        {11,
         {0, 3, 7, 26, 5, 0, 0, 5, 5, 0, 1},
         {7, 200, 10, 50, 50, 50, 1000, 10, 50, 1000, 200},
         true,
         2,
         4,
         204022915},
        {3, {0, 0, 1}, {1000, 50, 1000}, true, 2, 3, 1436192},
        {9,
         {780, 2, 0, 49, 0, 1, 1, 3, 4},
         {1000, 50, 50, 200, 1000, 7, 1000, 7, 7},
         true,
         0,
         1,
         2145400313},
        {12,
         {325, 0, 0, 5, 0, 0, 0, 1, 0, 3, 0, 0},
         {1000, 200, 10, 7, 7, 200, 1000, 7, 1000, 200, 1000, 200},
         true,
         0,
         1,
         1040924298},
        {11,
         {0, 0, 44, 3, 0, 1, 5, 0, 0, 1, 0},
         {200, 7, 200, 50, 50, 7, 200, 200, 50, 10, 50},
         true,
         2,
         3,
         104016562},
        {3, {0, 6, 689}, {200, 7, 1000}, true, 1, 3, 398807791},
        {2, {1, 0}, {50, 200}, true, 0, 1, 3235005},
        {7, {0, 0, 3, 0, 0, 0, 0}, {7, 50, 50, 7, 200, 7, 7}, true, 2, 3, 11442133},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct tw_part parts[BUCKETS_MAX];
        make(parts, v[i].k, v[i].n, v[i].count);
        struct tw_share_window w = tw_window_scan(parts, v[i].count);
        assert_int_equal(w.found, v[i].found);
        assert_int_equal(w.from, v[i].from);
        assert_int_equal(w.to, v[i].to);
        assert_int_equal(w.score, v[i].score);
    }
}

static void of_equal_windows_the_earliest_and_shortest_is_told(void **state)
{
    (void)state;
    struct tw_part parts[] = {{0, 100}, {5, 100}, {0, 100}, {5, 100}, {0, 100}};
    struct tw_share_window w = tw_window_scan(parts, 5);
    assert_true(w.found);
    assert_int_equal(w.from, 1);
    /* One bucket of 5 and three with 10 of 300 are not equal; the likelier one wins. */
    assert_int_equal(w.to, 4);
    struct tw_part apart[] = {{9, 100}, {0, 9000}, {9, 100}};
    w = tw_window_scan(apart, 3);
    assert_int_equal(w.from, 0);
    assert_int_equal(w.to, 1);
    /* Nothing is left outside, or it is not lower there. */
    struct tw_part same[] = {{5, 100}, {5, 100}};
    assert_false(tw_window_scan(same, 2).found);
    assert_false(tw_window_scan(same, 1).found);
    assert_false(tw_window_scan(same, 0).found);
}

static void the_sums_alarm_and_name_the_onset(void **state)
{
    (void)state;
    static const int64_t want[] = {
        0, 0, 0, 0, 0, 0, 2878408, 9345343, 14018014, 22279213, 19774829, 17270445};
    struct tw_part parts[BUCKETS_MAX];
    int64_t scores[BUCKETS_MAX];
    for (size_t i = 0; i < 12; i++)
        parts[i] = (struct tw_part){hours[i], 1000};
    struct tw_part low = {5, 10000}, high = {30, 10000};
    struct tw_cusum c = tw_cusum(parts, 12, low, high, scores);
    assert_true(c.alarm);
    assert_int_equal(c.alarm_at, 7);
    assert_int_equal(c.onset, 6);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(scores[i], want[i]);
    assert_false(tw_cusum(parts, 6, low, high, NULL).alarm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_score_interval_is_that_of_wilson),
        cmocka_unit_test(none_of_many_still_has_a_bound),
        cmocka_unit_test(the_difference_of_two_shares_is_that_of_newcombe),
        cmocka_unit_test(the_window_is_the_likeliest_one),
        cmocka_unit_test(the_window_is_that_of_all_windows_tried),
        cmocka_unit_test(of_equal_windows_the_earliest_and_shortest_is_told),
        cmocka_unit_test(the_sums_alarm_and_name_the_onset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

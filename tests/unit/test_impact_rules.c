/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule against cells that it finds and cells that it must not find. */
#include <stdio.h>

#include "impact_bench.h"

/* How many of the cells (one a line, one column) RULE finds; *ODD: not comparable. */
static uint64_t finds(const char *rule, const char *cells, uint64_t *odd)
{
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", rule);
    bench_set(&b, "columns", "x,y");
    assert_int_equal(bench_add(&b, tw_str_of(cells), "cells.csv"), TW_OK);
    assert_int_equal(tw_tally_refused(&b.impact->tally), 0);
    uint64_t n = b.impact->tally.affected;
    if (odd)
        *odd = b.impact->tally.wrong[0].not_comparable;
    bench_end(&b);
    return n;
}

#define FINDS(rule, cells, n) assert_int_equal(finds((rule), (cells), NULL), (n))

static void null_fails_every_comparison(void **state)
{
    (void)state;
    const char *cells = "\\N,1\n\"\\N\",1\n,1\n\"\",1\nNULL,1\n";
    FINDS("x is null", cells, 1);
    FINDS("x is empty", cells, 2);
    FINDS("x is not null", cells, 4);
    FINDS("x is not empty", cells, 2);
    FINDS("x != 'a'", cells, 4);
    FINDS("x !~ /a/", cells, 4);
    FINDS("x = '\\N'", cells, 1); /* the quoted one is text */
    FINDS("x != 5", cells, 0);
    FINDS("* is null", cells, 1);
}

static void a_null_text_of_ones_own_replaces_the_default(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "x is null");
    bench_set(&b, "null", "NULL");
    assert_int_equal(bench_add(&b, TW_STR("x,y\nNULL,1\n\"NULL\",1\n\\N,1\n"), "a.csv"),
                     TW_OK);
    assert_text(bench_digest(&b), "3 3 3 1 | 0:1:4 0:1:4");
    bench_end(&b);
}

static void numbers_compare_as_exact_decimals(void **state)
{
    (void)state;
    uint64_t odd;
    const char *cells =
        "0.1,\n0.10,\n.1,\n0.10000000000000000001,\n1e1,\nabc,\n,\n\\N,\n";
    assert_int_equal(finds("x = 0.1", cells, &odd), 3);
    assert_int_equal(odd, 3); /* 1e1, abc and the empty text; NULL is NULL */
    FINDS("x > 0.1", cells, 1);
    FINDS("x >= 0.10", cells, 4);
    FINDS("x != 0.1", cells, 1);
    FINDS("x < '-0.5'", "-0.51,\n-0.5,\n0,\n", 1);
    FINDS("x <= -0.5", "-0.51,\n-0.5,\n0,\n", 2);
    FINDS("x > 99999999999999999999999999999", "100000000000000000000000000000,\n1,\n",
          1);
}

static void dates_compare_by_day_or_by_second(void **state)
{
    (void)state;
    uint64_t odd;
    const char *cells = "2023-02-09,\n2023-02-09 23:59:59,\n2023-02-10 00:00:00.5,\n"
                        "2023/2/11,\nsoon,\n2023-02-30,\n2023-02-10T00:00:00Z,\n";
    assert_int_equal(finds("x <= 2023-02-09", cells, &odd), 2);
    assert_int_equal(odd, 3); /* soon, a day that does not exist, and the zoned one */
    FINDS("x > 2023-02-10 00:00:00", cells, 2);
    FINDS("x > '2023-02-10 00:00:00.5'", cells, 1);
    FINDS("x = 2023-02-09", cells, 2);
    FINDS("x = 2023-02-10T08:00:00+08:00", cells, 1);
    FINDS("x = '2023-02-09'", cells, 1); /* in quotes: as text */
}

static void regular_expressions_know_characters_and_the_very_end(void **state)
{
    (void)state;
    FINDS("x ~ /^.$/", "失,\nab,\na,\n", 2);
    FINDS("x ~ /a$/", "a,\n\"a\n\",\nba,\n", 2);
    FINDS("x ~ /A/i", "a,\nA,\nb,\n", 2);
    FINDS("x ~ /A/", "a,\nA,\nb,\n", 1);
    FINDS("x ~ /a\\/b/", "a/b,\nab,\n", 1);
    FINDS("x ~ /a\\.b/", "a.b,\naxb,\n", 1);
    FINDS("x ~ /a.b/", "a.b,\naxb,\n", 2);
    FINDS("x ~ //", "a,\n,\n\\N,\n", 2);
    FINDS("x ~ /\"q\"/", "\"say \"\"q\"\"\",\n", 1);
    FINDS("* ~ /z/", "z,\na,z\na,a\n", 2);
    FINDS("* !~ /z/", "z,\na,z\nz,z\n", 2);
}

static void columns_are_named_in_several_ways(void **state)
{
    (void)state;
    FINDS("#2 = 'b'", "a,b\nb,a\n", 1);
    FINDS("'x' = 'b'", "a,b\nb,a\n", 1);
    FINDS("\"y\"='b'", "a,b\nb,a\n", 1);
    FINDS("`y` = 'it''s'", "a,it's\n", 1);
    FINDS("y='b'", "a,b\nb,a\n", 1);
    FINDS("y is  NOT  null", "a,b\nb,a\n", 2);
}

static void a_record_on_which_a_regex_gives_up_is_refused(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "x ~ /^(a|aa|aaa)+$/");
    bench_set(&b, "wrong", "y = '1'");
    assert_int_equal(
        bench_add(&b,
                  TW_STR("x,y\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab,1\n"
                         "aa,1\n"),
                  "a.csv"),
        TW_OK);
    assert_text(bench_digest(&b), "2 1 1 1 | regex limit 1@1:4+53 | 0:2:57 0:2:57");
    bench_end(&b);
}

static void null_and_the_empty_text_fail_no_form(void **state)
{
    (void)state;
    const char *cells = "\\N,1\n,1\n\"\",1\n13800138000,1\nabc,1\n\"\\N\",1\n";
    static const char *const forms[] = {"mobile",   "cn-id",   "uscc", "bank-card",
                                        "cjk-name", "decimal", "date"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char rule[32];
        snprintf(rule, sizeof rule, "x fails %s", forms[i]);
        /* abc and the text \N; the number is none of the other forms but decimal. */
        uint64_t want = i == 0 || i == 5 ? 2 : 3;
        if (finds(rule, cells, NULL) != want)
            fail_msg("%s: %d", rule, (int)finds(rule, cells, NULL));
    }
    FINDS("x looks empty", cells, 1); /* the text \N */
    FINDS("x looks ciphertext", cells, 0);
    FINDS("x looks mojibake", cells, 0);
    FINDS("x has marker 'a'", cells, 1);
    FINDS("x FAILS mobile", cells, 2);
    FINDS("* fails mobile", "13800138000,13800138000\n13800138000,1\n,\\N\n", 1);
}

static void what_is_masked_or_odd_is_counted_apart(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "* fails mobile");
    bench_set(&b, "wrong", "x looks ciphertext");
    bench_set(&b, "where", "y fails date");
    assert_int_equal(
        bench_add(&b,
                  TW_STR("x,y\n138****8000,+8613800138000\n13800138000,138 0013 8000\n"
                         "5f4dcc3b5aa765d61d8327deb882cf99,138****8000\n"
                         "138****8000,2023-02-09\n"),
                  "a.csv"),
        TW_OK);
    const struct tw_tally *t = &b.impact->tally;
    assert_int_equal(t->matched, 3); /* the last one does not pass --where */
    assert_int_equal(t->wrong[0].holds, 1);
    assert_int_equal(t->wrong[0].masked, 2);
    assert_int_equal(t->wrong[0].odd, 2);
    assert_int_equal(t->wrong[1].holds, 0);
    assert_int_equal(t->wrong[1].odd, 1);
    assert_int_equal(t->where[0].holds, 3);
    assert_int_equal(t->where[0].masked + t->where[0].odd, 0);
    bench_end(&b);
}

static void how_a_marker_was_found_is_counted_once_a_record(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "* has marker 'failed'");
    bench_set(&b, "wrong", "x has marker 'it''s'");
    assert_int_equal(
        bench_add(&b, TW_STR("x,y\nfailed,failed\nwell,it failed\nit's,a\n\\N,\n"),
                  "a.csv"),
        TW_OK);
    struct tw_tally *t = &b.impact->tally;
    struct tw_tally twice;
    tw_tally_init(&twice, &b.arena, &b.impact->plan);
    tw_tally_merge(&twice, t);
    tw_tally_merge(&twice, t);
    for (unsigned rule = 0; rule < 2; rule++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < TW_DISGUISE_COUNT; i++) {
            sum += t->wrong[rule].disguises[i];
            assert_int_equal(twice.wrong[rule].disguises[i],
                             2 * t->wrong[rule].disguises[i]);
        }
        assert_int_equal(sum, t->wrong[rule].holds);
        assert_int_equal(t->wrong[rule].holds, rule ? 1 : 2);
        assert_int_equal(t->wrong[rule].disguises[TW_DISGUISE_NONE], rule ? 1 : 2);
        assert_int_equal(twice.wrong[rule].holds, rule ? 2 : 4);
    }
    bench_end(&b);
}

static void a_marker_has_needles_and_a_detector_has_none(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "x has marker 'failed'");
    bench_set(&b, "wrong", "x fails mobile");
    bench_set(&b, "wrong", "x looks empty");
    assert_true(bench_plan(&b));
    struct tw_needles needles = {0};
    const struct tw_record_rule *rules = b.impact->plan.wrong;
    assert_false(tw_record_rule_needles(&rules[1], &b.arena, &needles));
    assert_false(tw_record_rule_needles(&rules[2], &b.arena, &needles));
    assert_int_equal(needles.list.len, 0);
    bool any = tw_record_rule_needles(&rules[0], &b.arena, &needles);
    assert_int_equal(any, needles.list.len > 0);
    struct tw_needles own = {0};
    assert_int_equal(tw_marker_needles(rules[0].marker, &b.arena, &own), any);
    assert_int_equal(own.list.len, needles.list.len);
    bench_end(&b);
}

static void mistakes_in_rules_are_told_where_they_stand(void **state)
{
    static const struct {
        const char *rule, *id;
        size_t off;
    } cases[] = {
        {"", "TW302", 0},
        {"= 'a'", "TW302", 0},
        {"#0 = 'a'", "TW303", 0},
        {"'x = 'a'", "TW305", 6},
        {"x = 'a", "TW304", 4},
        {"x", "TW305", 1},
        {"x like 'a'", "TW305", 2},
        {"x ~ a", "TW306", 4},
        {"x ~", "TW306", 3},
        {"x ~ /a", "TW307", 4},
        {"x ~ /a\\/", "TW307", 4},
        {"x ~ /a(/", "TW308", 7},
        {"x <", "TW309", 3},
        {"x < abc", "TW310", 4},
        {"x < 'abc'", "TW310", 4},
        {"x = abc", "TW311", 4},
        {"x is", "TW312", 4},
        {"x is nul", "TW312", 5},
        {"x is not", "TW312", 8},
        {"x fails", "TW390", 7},
        {"x fails zzzzzzzzz", "TW390", 8},
        {"x looks 'empty'", "TW390", 8},
        {"x fails null", "TW390", 8},
        {"x fails mobil", "TW391", 8},
        {"x looks cyphertext", "TW391", 8},
        {"x fails mojibake", "TW392", 8},
        {"x looks mobile", "TW392", 8},
        {"x has", "TW393", 5},
        {"x has market 'a'", "TW393", 6},
        {"x has marker a", "TW393", 13},
        {"x has marker 'a", "TW304", 13},
        {"x has marker ''", "TW394", 13},
        {"x fails mobile or", "TW314", 15},
        {"x has marker 'a' b", "TW314", 17},
        {"x = 'a' or y = 'b'", "TW314", 8},
        {"x is null y", "TW314", 10},
        {"x ~ /a/x", "TW314", 7},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", cases[i].rule);
        assert_false(bench_plan(&b));
        if (strcmp(bench_told(&b), cases[i].id) != 0)
            fail_msg("%s: %s, not %s", cases[i].rule, bench_told(&b), cases[i].id);
        const struct tw_diag *d = &b.diags.list.at[0];
        assert_int_equal(d->nspans, 1);
        if (d->spans[0].off != cases[i].off)
            fail_msg("%s: at %d", cases[i].rule, (int)d->spans[0].off);
        assert_text(d->spans[0].src->name, "--wrong");
        bench_end(&b);
    }
}

static void a_missing_column_is_told_with_the_nearest_name(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *by, *id;
    } cases[] = {
        {"nane = 'a'", NULL, "TW321"},
        {"zzzzzzzz = 'a'", NULL, "TW320"},
        {"#4 = 'a'", NULL, "TW322"},
        {"id = 'a'", NULL, "TW323"},
        {"name = 'a'", "nmae:day", "TW321"},
        {"name = 'a'", "*", "TW302"},
        {"#3 = 'a'", NULL, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", cases[i].rule);
        if (cases[i].by)
            bench_set(&b, "by", cases[i].by);
        enum tw_status status = bench_add(&b, TW_STR("id,name,id\n1,a,a\n"), "a.csv");
        assert_int_equal(status, cases[i].id[0] ? TW_ERR_INPUT : TW_OK);
        assert_string_equal(bench_told(&b), cases[i].id);
        bench_end(&b);
    }
}

static void a_spec_holds_the_same_options(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    const struct tw_source *src = tw_source_new(
        &b.arena, TW_STR("dir/spec.yaml"),
        TW_STR("dumps: [a.csv, /b.csv]\nwrong: \"x = 'a'\"\nwhere: [y is null]\n"
               "max-ratio: 1%\nmax-refused: 7\ndelimiter: '|'\n"));
    assert_true(tw_impact_spec_read(&b.arena, src, &b.options, &b.diags));
    assert_text(b.options.paths.list.at[0].text, "dir/a.csv");
    assert_text(b.options.paths.list.at[1].text, "/b.csv");
    assert_text(b.options.wrong.list.at[0].text, "x = 'a'");
    assert_int_equal(b.options.where.list.len, 1);
    assert_int_equal(b.options.max_refused, 7);
    assert_int_equal(b.options.dialect.delimiter, '|');
    assert_true(b.options.has_max_ratio);
    src = tw_source_new(&b.arena, TW_STR("spec.yaml"),
                        TW_STR("wong: x\nwrong: {a: b}\ntz: [a]\nmax-refused: -1\n"
                               "by: [[a]]\n"));
    assert_false(tw_impact_spec_read(&b.arena, src, &b.options, &b.diags));
    assert_int_equal(b.diags.errors, 5);
    assert_string_equal(bench_told(&b), "TW348");
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_fails_every_comparison),
        cmocka_unit_test(a_null_text_of_ones_own_replaces_the_default),
        cmocka_unit_test(numbers_compare_as_exact_decimals),
        cmocka_unit_test(dates_compare_by_day_or_by_second),
        cmocka_unit_test(regular_expressions_know_characters_and_the_very_end),
        cmocka_unit_test(columns_are_named_in_several_ways),
        cmocka_unit_test(a_record_on_which_a_regex_gives_up_is_refused),
        cmocka_unit_test(null_and_the_empty_text_fail_no_form),
        cmocka_unit_test(what_is_masked_or_odd_is_counted_apart),
        cmocka_unit_test(how_a_marker_was_found_is_counted_once_a_record),
        cmocka_unit_test(a_marker_has_needles_and_a_detector_has_none),
        cmocka_unit_test(mistakes_in_rules_are_told_where_they_stand),
        cmocka_unit_test(a_missing_column_is_told_with_the_nearest_name),
        cmocka_unit_test(a_spec_holds_the_same_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

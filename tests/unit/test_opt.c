/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser: every spelling that it takes, every mistake that it must tell. */
#include "cmocka_all.h"
#include "opt.h"

static struct tw_arena arena;

static const char *const colors[] = {"red", "green", NULL};
static const struct tw_opt own[] = {
    {.name = "wrong", .letter = 'w', .value = "RULE", .repeatable = true},
    {.name = "site", .value = "SITE"},
    {.name = "shade", .value = "COLOR", .choices = colors},
    {.name = "strict", .letter = 's'},
    {.name = NULL}};

struct line {
    struct tw_args args;
    struct tw_diags diags;
    bool ok;
};

static struct line parse(const char *const *words)
{
    struct tw_str list[16];
    size_t n = 0;
    for (; words[n]; n++)
        list[n] = tw_str_of(words[n]);
    struct line line = {.args = {.arena = &arena, .opts = tw_opts_join(&arena, own)}};
    tw_diags_init(&line.diags, &arena, TW_LANG_EN);
    line.ok = tw_args_parse(&line.args, list, n, &line.diags);
    return line;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static struct tw_str value(const struct line *line, const char *name)
{
    return tw_args_value(&line->args, name, TW_STR("(none)"));
}

/* Fails unless LINE has exactly the one error ID. */
static void assert_refused(const struct line *line, enum tw_diag_id id)
{
    assert_false(line->ok);
    assert_int_equal(line->diags.list.len, 1);
    assert_string_equal(tw_diag_def(line->diags.list.at[0].id)->id,
                        tw_diag_def(id)->id);
}

static void values_may_be_joined_or_follow(void **state)
{
    (void)state;
    struct line a = PARSE("--site", "dr", "--shade=red", "-wx = '1'", "-w", "y", "a");
    assert_true(a.ok);
    assert_text(value(&a, "site"), "dr");
    assert_text(value(&a, "shade"), "red");
    size_t n;
    struct tw_str *rules = tw_args_values(&a.args, "wrong", &n);
    assert_int_equal(n, 2);
    assert_text(rules[0], "x = '1'");
    assert_text(rules[1], "y");
    assert_int_equal(a.args.operands.len, 1);
    struct line b = PARSE("--site=", "--wrong=a=b");
    assert_true(b.ok);
    assert_text(value(&b, "site"), "");
    assert_text(value(&b, "wrong"), "a=b");
}

static void switches_combine_and_the_last_may_take_a_value(void **state)
{
    (void)state;
    struct line a = PARSE("-sqwrule", "x");
    assert_true(a.ok);
    assert_true(tw_args_has(&a.args, "strict"));
    assert_true(tw_args_has(&a.args, "quiet"));
    assert_text(value(&a, "wrong"), "rule");
    struct line b = PARSE("-sw", "rule");
    assert_true(b.ok);
    assert_text(value(&b, "wrong"), "rule");
}

static void operands_stand_anywhere_and_a_dash_is_one(void **state)
{
    (void)state;
    struct line a = PARSE("x", "-s", "-", "--", "--site", "-s", "--");
    assert_true(a.ok);
    assert_int_equal(a.args.operands.len, 5);
    assert_text(a.args.operands.at[1], "-");
    assert_text(a.args.operands.at[2], "--site");
    assert_text(a.args.operands.at[4], "--");
    assert_int_equal(a.args.ngiven, 1);
    struct line b = PARSE("--site", "-", "");
    assert_true(b.ok);
    assert_text(value(&b, "site"), "-");
    assert_int_equal(b.args.operands.len, 1);
}

static void a_value_that_looks_like_an_option_must_be_joined(void **state)
{
    (void)state;
    struct line a = PARSE("--site", "--strict");
    assert_int_equal(a.diags.list.len, 1);
    assert_refused(&a, TW_D_option_value_missing);
    struct line b = PARSE("--site");
    assert_refused(&b, TW_D_option_value_missing);
    struct line c = PARSE("-w", "--");
    assert_refused(&c, TW_D_option_value_missing);
    struct line d = PARSE("--site=--strict", "-w", "-NULL-");
    assert_true(d.ok);
    assert_text(value(&d, "site"), "--strict");
    assert_text(value(&d, "wrong"), "-NULL-");
}

static void unknown_options_name_the_nearest(void **state)
{
    (void)state;
    struct line a = PARSE("--stie", "dr");
    assert_refused(&a, TW_D_option_unknown);
    assert_text(a.diags.list.at[0].message,
                "unknown option \"--stie\"; did you mean \"--site\"?");
    struct line b = PARSE("--baseline=x");
    assert_refused(&b, TW_D_option_unknown);
    struct line c = PARSE("-z");
    assert_refused(&c, TW_D_option_unknown);
    struct line d = PARSE("--sit", "dr");
    assert_refused(&d, TW_D_option_unknown);
    struct line e = PARSE("-\x1b[31m");
    assert_refused(&e, TW_D_option_unknown);
    assert_null(
        memchr(e.diags.list.at[0].message.ptr, 0x1b, e.diags.list.at[0].message.len));
}

static void switches_take_no_value(void **state)
{
    (void)state;
    struct line a = PARSE("--strict=yes");
    assert_refused(&a, TW_D_option_value_unexpected);
    struct line b = PARSE("--strict=");
    assert_refused(&b, TW_D_option_value_unexpected);
}

static void choices_are_checked(void **state)
{
    (void)state;
    struct line a = PARSE("--shade", "gren");
    assert_refused(&a, TW_D_option_value_bad);
    assert_text(a.diags.list.at[0].message,
                "\"gren\" is no value for --shade: expected red, green; did you mean "
                "\"green\"?");
    struct line b = PARSE("--shade=");
    assert_refused(&b, TW_D_option_value_bad);
    struct line c = PARSE("--shade=RED");
    assert_refused(&c, TW_D_option_value_bad);
}

static void an_option_that_cannot_repeat_stands_once(void **state)
{
    (void)state;
    struct line a = PARSE("--site", "dr", "--site=main");
    assert_refused(&a, TW_D_option_repeated);
    struct line b = PARSE("-ss");
    assert_refused(&b, TW_D_option_repeated);
    struct line c = PARSE("-w", "a", "-w", "a");
    assert_true(c.ok);
}

static void all_mistakes_are_told_at_once(void **state)
{
    (void)state;
    struct line a = PARSE("--x", "--shade=no", "--strict=1", "--site");
    assert_false(a.ok);
    assert_int_equal(a.diags.list.len, 4);
}

static size_t verb_at(const char *const *words)
{
    struct tw_str list[16];
    size_t n = 0;
    for (; words[n]; n++)
        list[n] = tw_str_of(words[n]);
    return tw_args_verb_at(tw_opts_join(&arena, NULL), list, n);
}

#define VERB_AT(...) verb_at((const char *const[]){__VA_ARGS__, NULL})

static void the_verb_may_follow_common_options(void **state)
{
    (void)state;
    assert_int_equal(VERB_AT("check"), 0);
    assert_int_equal(VERB_AT("-q", "check"), 1);
    assert_int_equal(VERB_AT("--lang", "zh", "check"), 2);
    assert_int_equal(VERB_AT("--lang=zh", "check", "x"), 1);
    assert_int_equal(VERB_AT("-qo", "json", "check"), 2);
    assert_int_equal(VERB_AT("-ojson", "-qv", "check"), 2);
    assert_int_equal(VERB_AT("--unknown", "check"), 1);
    assert_int_equal(VERB_AT("--help"), 1);
    assert_int_equal(VERB_AT("-", "x"), 0);
}

static void the_tables_hold_no_name_or_letter_twice(void **state)
{
    (void)state;
    for (const struct tw_opt *a = tw_common_opts; a->name; a++)
        for (const struct tw_opt *b = a + 1; b->name; b++) {
            assert_string_not_equal(a->name, b->name);
            assert_true(!a->letter || a->letter != b->letter);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_may_be_joined_or_follow),
        cmocka_unit_test(switches_combine_and_the_last_may_take_a_value),
        cmocka_unit_test(operands_stand_anywhere_and_a_dash_is_one),
        cmocka_unit_test(a_value_that_looks_like_an_option_must_be_joined),
        cmocka_unit_test(unknown_options_name_the_nearest),
        cmocka_unit_test(switches_take_no_value),
        cmocka_unit_test(choices_are_checked),
        cmocka_unit_test(an_option_that_cannot_repeat_stands_once),
        cmocka_unit_test(all_mistakes_are_told_at_once),
        cmocka_unit_test(the_verb_may_follow_common_options),
        cmocka_unit_test(the_tables_hold_no_name_or_letter_twice),
    };
    tw_arena_init(&arena, 1 << 24);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

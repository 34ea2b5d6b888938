/* SPDX-License-Identifier: Apache-2.0 */
/* Every text exists in every language and says the same about the same arguments. */
#include "cmocka_all.h"
#include "diag.h"
#include "messages.h"
#include "text.h"

/* The set of {N} in PATTERN, one bit a number. */
static unsigned placeholders(const char *pattern)
{
    unsigned set = 0;
    for (const char *p = pattern; *p; p++)
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}')
            set |= 1u << (p[1] - '0');
    return set;
}

static void check_pair(const char *label, const char *en, const char *zh)
{
    if (!en || !zh || !*en || !*zh)
        fail_msg("%s: a language is missing", label);
    if (!tw_utf8_valid(tw_str_of(en)) || !tw_utf8_valid(tw_str_of(zh)))
        fail_msg("%s: not UTF-8", label);
    if (placeholders(en) != placeholders(zh))
        fail_msg("%s: the languages use different arguments", label);
}

static void messages_agree_on_their_arguments(void **state)
{
    (void)state;
    for (int i = 0; i < TW_MESSAGE_COUNT; i++) {
        enum tw_message m = (enum tw_message)i;
        const char *en = tw_message_pattern(TW_LANG_EN, m);
        check_pair(en ? en : "?", en, tw_message_pattern(TW_LANG_ZH, m));
    }
}

static void diagnostics_agree_on_their_arguments(void **state)
{
    (void)state;
    for (int i = 0; i < TW_DIAG_COUNT; i++) {
        const struct tw_diag_def *d = tw_diag_def((enum tw_diag_id)i);
        check_pair(d->id, d->message[TW_LANG_EN], d->message[TW_LANG_ZH]);
        check_pair(d->id, d->explanation[TW_LANG_EN], d->explanation[TW_LANG_ZH]);
        if (placeholders(d->explanation[TW_LANG_EN]))
            fail_msg("%s: an explanation has no arguments", d->id);
    }
}

static void diagnostic_numbers_are_well_formed_and_unique(void **state)
{
    (void)state;
    for (int i = 0; i < TW_DIAG_COUNT; i++) {
        const struct tw_diag_def *d = tw_diag_def((enum tw_diag_id)i);
        size_t digits = strspn(d->id + 2, "0123456789");
        if (strncmp(d->id, "TW", 2) != 0 || digits != 3 || d->id[5] != '\0')
            fail_msg("%s is not TW and three digits", d->id);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(tw_diag_def((enum tw_diag_id)k)->id, d->id);
        assert_ptr_equal(tw_diag_def_by_id(tw_str_of(d->id)), d);
    }
}

static void a_brace_in_an_argument_is_just_a_brace(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    const struct tw_str args[] = {TW_STR("{1}"), TW_STR("b")};
    tw_buf_pattern(&buf, "{1}{0}{2}{x}", 2, args);
    assert_text(tw_buf_view(&buf), "b{1}{2}{x}");
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_agree_on_their_arguments),
        cmocka_unit_test(diagnostics_agree_on_their_arguments),
        cmocka_unit_test(diagnostic_numbers_are_well_formed_and_unique),
        cmocka_unit_test(a_brace_in_an_argument_is_just_a_brace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

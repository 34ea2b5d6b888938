/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needles of regular expressions: what is found for the shapes that people write, and
 * that no text which PCRE2 itself says matches is without one: random patterns of the
 * whole grammar, against texts that were made along with them and then damaged.
 */
#include "cmocka_all.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "buf.h"
#include "regex.h"

#ifndef ROUNDS
#define ROUNDS 20000
#endif

/* --- the shapes ------------------------------------------------------------------- */

/* The needles of PATTERN in the order in which they were found, with bars between. */
static struct tw_str needles_of(struct tw_arena *arena, const char *pattern, bool i)
{
    struct tw_str why;
    size_t at;
    const struct tw_regex *r =
        tw_regex_compile(arena, tw_str_of(pattern), i, &why, &at);
    assert_non_null(r);
    struct tw_needles needles = {0};
    bool some = tw_regex_needles(r, arena, &needles);
    assert_int_equal(some, needles.list.len != 0);
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t k = 0; k < needles.list.len; k++) {
        tw_buf_text(&out, k ? "|" : "");
        tw_buf_str(&out, needles.list.at[k]);
    }
    return tw_buf_view(&out);
}

struct shape {
    const char *pattern, *needles;
};

static void check_shapes(const struct shape *shapes, size_t n, bool ignore_case)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)16 << 20);
    for (size_t i = 0; i < n; i++) {
        struct tw_str got = needles_of(&arena, shapes[i].pattern, ignore_case);
        if (!tw_str_is(got, shapes[i].needles))
            fail_msg("/%s/: \"%.*s\" is not \"%s\"", shapes[i].pattern, (int)got.len,
                     got.ptr, shapes[i].needles);
    }
    tw_arena_release(&arena);
}

#define CHECK(shapes, i) check_shapes((shapes), sizeof(shapes) / sizeof *(shapes), (i))

static void required_texts_of_common_shapes_are_found(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {"解密服务初始化失败", "解密服务初始化失败"},
        {"^解密服务初始化失败$", "解密服务初始化失败"},
        {"a\\.b", "a.b"},
        {"^.*解密.*失败了$", "失败了"},
        {"解密+失", "解密"},
        {"a密+失败", "密失败"},
        {"(?:解密){2,9}失", "解密解密"},
        {"解密?失败", "解密失败|解失败"},
        {"解密|失败", "解密|失败"},
        {"(解密|加密)失败", "解密失败|加密失败"},
        {"(?:解密|加密)(?:服务)?失败", "解密服务失败|解密失败|加密服务失败|加密失败"},
        {"^(?:解密|.*失败)$", "解密|失败"},
        {"(?<what>解密)\\s*失败", "解密"},
        {"解密(?=失败)", "解密"},
        {"解(?!码)密", "解密"},
        {"解密\\b失败", "解密失败"},
        {"\\Q[ERR]\\E.*", "[ERR]"},
        {"[解加]密失败", "解密失败|加密失败"},
        {"[^解]密失败", "密失败"},
        {"[0-9]{4}-失败", "-失败"},
        {"(失败){2,}", "失败失败"},
        {"\\x{5931}\\x{8d25}", "失败"},
        {"a(?#note)b", "ab"},
        {"a(?C1)b", "ab"},
        {"a(?s).b", "a"},
        {"(?i)解密", "解密"},
    };
    CHECK(shapes, false);
}

static void without_case_ideographs_and_a_few_letters_are_enough(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {"解密失败", "解密失败"},
        {"【解密】a", "【解密】a|【解密】A"},
        {"ab", "ab|aB|Ab|AB"},
        {"12:34", "12:34"},
        {"kg", "kg|kG|Kg|KG|\u212ag|\u212aG"},
        {"é", ""},
        {"(?-i)ab", "ab"},
        {"Ω解密", "解密"},
    };
    CHECK(shapes, true);
}

static void patterns_without_a_sure_text_have_no_needles(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {"", ""},
        {"a?", ""},
        {"a*b?", ""},
        {".*", ""},
        {"解密|.*", ""},
        {"解密|", ""},
        {"[a-z]+", ""},
        {"\\d{11}", ""},
        {"(a|b|)", ""},
        {"(?=解密)", ""},
        {"(?!解密)", ""},
        {"(解密){0}", ""},
        {"(解密)?+", ""},
        {"(?x)解 密", ""},
        {"(*ACCEPT)解", ""},
        {"(*UTF)解密", ""},
        {"(a)?(?(1)解|密)", ""},
    };
    CHECK(shapes, false);
}

static void many_or_long_texts_end_in_a_set_of_limited_size(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)64 << 20);
    struct tw_buf pattern;
    tw_buf_init(&pattern, &arena);
    for (int i = 0; i < 3000; i++)
        tw_buf_text(&pattern, "解密失败");
    tw_buf_char(&pattern, '\0');
    struct tw_str got = needles_of(&arena, pattern.ptr, false);
    assert_int_equal(got.len, 36000); /* plain text is one needle */
    pattern.ptr[0] = '.', pattern.ptr[1] = '.', pattern.ptr[2] = '.';
    got = needles_of(&arena, pattern.ptr, false);
    assert_true(got.len > 30 && got.len <= 40);
    assert_text(needles_of(&arena, "[ab][ab][ab][ab][ab][ab][ab]失败", false),
                "aaa失败|aab失败|aba失败|abb失败|baa失败|bab失败|bba失败|bbb失败");
    pattern.len = 0;
    for (int i = 0; i < 40; i++)
        tw_buf_fmt(&pattern, i ? "|e%d-%d" : "e%d-%d", i, i);
    tw_buf_char(&pattern, '\0');
    assert_text(needles_of(&arena, pattern.ptr, false), "");
    tw_arena_release(&arena);
}

/* --- random patterns -------------------------------------------------------------- */

struct maker {
    uint64_t random;
    struct tw_buf pattern, text; /* a text that may well match */
    bool common;                 /* no groups but common ones */
    unsigned left;               /* parts to go */
};

static unsigned roll(struct maker *m, unsigned sides)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (unsigned)((m->random >> 20) % sides);
}

static const char *const alphabet[] = {"a", "b", "k", "s", "K",  "S",  "解", "密",
                                       "é", "É", "1", "2", " ",  "-",  "]",  "}",
                                       ",", "#", "x", "E", "\n", "失", "Q",  "Ａ"};
enum { LETTERS = sizeof alphabet / sizeof alphabet[0] };

static void both(struct maker *m, const char *pattern, const char *text)
{
    tw_buf_text(&m->pattern, pattern);
    tw_buf_text(&m->text, text);
}

static void make_class(struct maker *m)
{
    static const char *const classes[][2] = {
        {"[ab]", "b"},        {"[^a]", "解"},        {"[a-k]", "b"},
        {"[]a]", "]"},        {"[^]a]", "b"},        {"[\\]a]", "a"},
        {"[[:alpha:]]", "a"}, {"[解密]", "密"},      {"[a\\d]", "1"},
        {"[-a]", "-"},        {"[\\x{5d}a]", "]"},   {"[[:^digit:]a]", "a"},
        {"[[a]", "["},        {"[\\Qa]\\E]", "]"},   {"[ks]", "\u017f"},
        {"[\\c]a]", "a"},     {"[a[:space:]]", " "}, {"[\\\\a]", "\\"},
        {"[[:a]", ":"},       {"[\\p{Han}]", "解"},  {"[é]", "É"},
        {"[a|b]", "|"},       {"[(]", "("},          {"[a\\-k]", "k"}};
    unsigned i = roll(m, sizeof classes / sizeof classes[0]);
    both(m, classes[i][0], classes[i][1]);
}

static void make_escape(struct maker *m)
{
    static const char *const escapes[][2] = {
        {"\\d", "1"},        {"\\w", "a"},       {"\\s", " "},       {"\\D", "解"},
        {"\\x{89e3}", "解"}, {"\\x61", "a"},     {"\\x6", "\x06"},   {"\\.", "."},
        {"\\b", ""},         {"\\B", ""},        {"\\A", ""},        {"\\z", ""},
        {"\\Z", ""},         {"\\G", ""},        {"\\K", ""},        {"\\R", "\n"},
        {"\\X", "a"},        {"\\N", "b"},       {"\\h", " "},       {"\\n", "\n"},
        {"\\t", "\t"},       {"\\e", "\x1b"},    {"\\p{Han}", "解"}, {"\\P{Han}", "a"},
        {"\\pL", "a"},       {"\\1", "a"},       {"\\2", ""},        {"\\Qa+\\E", "a+"},
        {"\\Q\\E", ""},      {"\\E", ""},        {"\\061", "1"},     {"\\0", ""},
        {"\\cA", "\x01"},    {"\\g{1}", "a"},    {"\\g1", "a"},      {"\\k{n}", "a"},
        {"\\_", "_"},        {"\\Q\\\\E", "\\"}, {"\\o{141}", "a"},  {"\\N{U+61}", "a"},
        {"\\x{0}", ""},      {"\\#", "#"},       {"\\-", "-"},       {"\\xe9", "é"},
        {"\\x{e9}", "É"},    {"\\12", "\n"},     {"\\V", "a"},       {"\\H", "b"},
        {"\\Q解密", "解密"}, {"\\g<1>", "a"},    {"\\81", "81"}};
    unsigned i = roll(m, sizeof escapes / sizeof escapes[0]);
    both(m, escapes[i][0], escapes[i][1]);
}

static void make_alternatives(struct maker *m);

/* Its text does not stand in what matches. */
static void make_assertion(struct maker *m, const char *begin)
{
    size_t len = m->text.len;
    tw_buf_text(&m->pattern, begin);
    make_alternatives(m);
    tw_buf_char(&m->pattern, ')');
    if (roll(m, 2))
        m->text.len = len;
}

static void make_group(struct maker *m)
{
    static const char *const whole[] = {
        "(?i)",      "(?-i)",   "(?s)",      "(?x)",         "(?m)",   "(?#a(b)",
        "(?C1)",     "(?C)",    "(?R)",      "(?1)",         "(?+1)",  "(?-1)",
        "(*SKIP)",   "(*F)",    "(*ACCEPT)", "(?(1)a|b)",    "(?i-s)", "(?J)",
        "(?U)",      "(?^)",    "(?P=n)",    "(?&n)",        "(?P>n)", "(?#)",
        "(?(?=a)b)", "(?C'a')", "(?xx)",     "(?(DEFINE)a)", "(?n)",   "(*PRUNE)"};
    static const char *const begin[] = {
        "(",    "(?:",   "(?>",     "(?<n>",     "(?'n'", "(?P<n>", "(?|",
        "(?i:", "(?-i:", "(?is-m:", "(*atomic:", "(?s:",  "(?x:",   "(?^:"};
    static const char *const look[] = {"(?=", "(?!",  "(?<=",   "(?<!",
                                       "(?*", "(?<*", "(*pla:", "(*nlb:"};
    unsigned kind = m->common ? 2 : roll(m, 8);
    if (kind == 0) {
        tw_buf_text(&m->pattern, whole[roll(m, sizeof whole / sizeof whole[0])]);
    } else if (kind == 1) {
        make_assertion(m, look[roll(m, sizeof look / sizeof look[0])]);
    } else {
        unsigned i = roll(m, 3) ? roll(m, 3) : roll(m, sizeof begin / sizeof begin[0]);
        tw_buf_text(&m->pattern, begin[i]);
        make_alternatives(m);
        tw_buf_char(&m->pattern, ')');
    }
}

/* A quantifier; the text of what it stands behind begins at FROM. */
static void make_times(struct maker *m, size_t from)
{
    static const struct {
        const char *text;
        unsigned min, more;
    } times[] = {{"*", 0, 3},    {"+", 1, 3},     {"?", 0, 2},     {"{0}", 0, 1},
                 {"{2}", 2, 1},  {"{0,1}", 0, 2}, {"{1,}", 1, 2},  {"{1,2}", 1, 2},
                 {"{3}", 3, 1},  {"{,2}", 0, 2},  {"{ 1 }", 1, 1}, {"{a}", 1, 1},
                 {"{1,2", 1, 1}, {"{12}", 12, 1}};
    static const char *const how[] = {"", "", "", "?", "+", "(?#)*", "\\E+"};
    unsigned i = roll(m, sizeof times / sizeof times[0]);
    unsigned count = times[i].min + roll(m, times[i].more);
    tw_buf_text(&m->pattern, roll(m, 12) ? "" : "(?#n)");
    tw_buf_text(&m->pattern, times[i].text);
    tw_buf_text(&m->pattern, how[roll(m, sizeof how / sizeof how[0])]);
    struct tw_str one = {m->text.ptr + from, m->text.len - from};
    if (count == 0)
        m->text.len = from;
    for (unsigned k = 1; k < count && one.len < 64; k++) {
        struct tw_str again = tw_str_copy(m->text.arena, one);
        tw_buf_str(&m->text, again);
    }
}

static void make_part(struct maker *m)
{
    size_t from = m->text.len;
    unsigned kind = roll(m, 20);
    if (kind < 11) {
        const char *letter = alphabet[roll(m, LETTERS)];
        both(m, letter, letter);
    } else if (kind < 13) {
        make_class(m);
    } else if (kind < 15) {
        make_escape(m);
    } else if (kind < 16) {
        static const char *const signs[] = {".", "^", "$", "{", ".", "(?#c)"};
        unsigned i = roll(m, 6);
        both(m, signs[i], i == 0 || i == 4 ? "b" : "");
    } else if (m->left > 3) {
        make_group(m);
    }
    if (roll(m, 5) == 0)
        make_times(m, from);
}

static void make_alternatives(struct maker *m)
{
    unsigned rows = roll(m, 3) ? 1 : 1 + roll(m, 3), taken = roll(m, rows);
    for (unsigned i = 0; i < rows; i++) {
        size_t from = m->text.len;
        if (i)
            tw_buf_char(&m->pattern, '|');
        for (unsigned n = roll(m, 5); n && m->left; n--) {
            m->left--;
            make_part(m);
        }
        if (i != taken)
            m->text.len = from;
    }
}

/* One small damage to the text, which stays UTF-8. */
static struct tw_str damage(struct maker *m, struct tw_arena *arena, struct tw_str text)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    unsigned how = roll(m, 4);
    size_t at = text.len ? roll(m, (unsigned)text.len) : 0;
    while (at && ((unsigned char)text.ptr[at] & 0xc0) == 0x80)
        at--;
    size_t n = at < text.len; /* the character there */
    while (at + n < text.len && ((unsigned char)text.ptr[at + n] & 0xc0) == 0x80)
        n++;
    tw_buf_str(&out, tw_str_first(text, at));
    if (how == 0 && n == 1) { /* another case */
        static const char cases[][2][4] = {{"k", "\u212a"}, {"s", "\u017f"}, {"K", "k"},
                                           {"S", "s"},      {"a", "A"},      {"b", "B"},
                                           {"x", "X"},      {"E", "e"}};
        unsigned i = 0;
        while (i < 8 && cases[i][0][0] != text.ptr[at])
            i++;
        if (i < 8)
            tw_buf_text(&out, cases[i][1]);
        else
            tw_buf_put(&out, text.ptr + at, n);
    } else if (how == 1) {
        tw_buf_put(&out, text.ptr + at, n);
        tw_buf_text(&out, alphabet[roll(m, LETTERS)]);
    } else if (how == 2) {
        tw_buf_text(&out, alphabet[roll(m, LETTERS)]);
    } /* else it is lost */
    tw_buf_str(&out, tw_str_from(text, at + n));
    return tw_buf_view(&out);
}

static bool holds_one(const struct tw_needles *needles, struct tw_str text)
{
    for (size_t i = 0; i < needles->list.len; i++)
        if (memmem(text.ptr, text.len, needles->list.at[i].ptr,
                   needles->list.at[i].len))
            return true;
    return false;
}

/* What the library's interpreter says, asked without our code. */
static int truth(const pcre2_code *code, pcre2_match_data *data,
                 pcre2_match_context *limits, struct tw_str text)
{
    return pcre2_match(code, (PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, 0, 0,
                       data, limits);
}

struct counts {
    uint64_t matched, gave_up;
};

static void try_texts(struct maker *m, struct tw_arena *arena, bool ignore_case,
                      struct counts *counts)
{
    struct tw_str pattern = tw_buf_view(&m->pattern), why;
    int error;
    PCRE2_SIZE place;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY |
                                         (ignore_case ? PCRE2_CASELESS : 0),
                                     &error, &place, NULL);
    size_t at;
    const struct tw_regex *ours =
        tw_regex_compile(arena, pattern, ignore_case, &why, &at);
    assert_int_equal(ours != NULL, code != NULL);
    if (!code)
        return;
    struct tw_needles needles = {0};
    if (!tw_regex_needles(ours, arena, &needles))
        assert_int_equal(needles.list.len, 0);
    assert_true(needles.list.len <= TW_NEEDLES_MAX);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(limits, 20000);
    struct tw_str text = tw_buf_view(&m->text);
    for (int i = 0; i < 24; i++) {
        int n = truth(code, data, limits, text);
        if (n >= 0 && needles.list.len) {
            counts->matched++;
            if (!holds_one(&needles, text))
                fail_msg("/%.*s/%s matches \"%.*s\", which holds no needle",
                         (int)pattern.len, pattern.ptr, ignore_case ? "i" : "",
                         (int)text.len, text.ptr);
        }
        if (n >= 0 || n == PCRE2_ERROR_NOMATCH) {
            enum tw_holds holds = tw_regex_match(ours, text);
            counts->gave_up += holds == TW_HOLDS_LIMIT;
            if (holds == (n >= 0 ? TW_HOLDS_NO : TW_HOLDS_YES))
                fail_msg("/%.*s/%s on \"%.*s\": %d and %d", (int)pattern.len,
                         pattern.ptr, ignore_case ? "i" : "", (int)text.len, text.ptr,
                         (int)holds, n);
        }
        text = damage(m, arena, i % 6 == 5 ? tw_buf_view(&m->text) : text);
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
}

static void every_match_has_a_needle_and_is_that_of_the_interpreter(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct counts counts = {0};
    tw_arena_init(&arena, (size_t)256 << 20);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&arena);
        struct maker m = {.random = 0x9e3779b97f4a7c15u * (round + 1),
                          .common = round % 2,
                          .left = 3 + round % 12};
        tw_buf_init(&m.pattern, &arena);
        tw_buf_init(&m.text, &arena);
        make_alternatives(&m);
        try_texts(&m, &arena, round % 3 == 0, &counts);
        tw_arena_rewind(&arena, mark);
    }
    tw_arena_release(&arena);
    assert_true(counts.matched > ROUNDS); /* or the texts are no test */
    assert_true(counts.gave_up < ROUNDS / 100);
}

static void matches_that_machine_code_is_known_to_lose_are_found(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"(1|)b*1", "1"},
        {"(?:.|S|)\\D0*]", "S]"},
        {"(?:.|S|)Sa*b", "Sb"},
        {"(?>,+?)#{3}", ",,###"},
        {"(?>b{1,}?)(?:c?())a", "bba"},
        {"(?:.|解|)失败*了", "失了"},
    };
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)16 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tw_str why;
        size_t at;
        const struct tw_regex *r =
            tw_regex_compile(&arena, tw_str_of(cases[i][0]), false, &why, &at);
        assert_non_null(r);
        assert_int_equal(tw_regex_match(r, tw_str_of(cases[i][1])), TW_HOLDS_YES);
    }
    tw_arena_release(&arena);
}

/* --- limits ----------------------------------------------------------------------- */

static void a_match_gives_up_at_its_limit_and_only_there(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_str why;
    size_t at;
    tw_arena_init(&arena, (size_t)64 << 20);
    const char *ways[] = {"", "(*NO_JIT)"}; /* machine code, interpreter */
    for (int i = 0; i < 2; i++) {
        struct tw_str pattern = tw_fmt(&arena, "%s^(a|aa|aaa)+$", ways[i]);
        const struct tw_regex *r = tw_regex_compile(&arena, pattern, false, &why, &at);
        assert_non_null(r);
        assert_int_equal(tw_regex_match(r, TW_STR("aaaaaaaab")), TW_HOLDS_NO);
        assert_int_equal(tw_regex_match(r, TW_STR("aaaaaaaaa")), TW_HOLDS_YES);
        assert_int_equal(tw_regex_match(r, TW_STR("")), TW_HOLDS_NO);
        assert_int_equal(tw_regex_match(r, TW_NO_STR), TW_HOLDS_NO);
        assert_int_equal(
            tw_regex_match(r, TW_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")),
            TW_HOLDS_LIMIT);
        assert_int_equal(tw_regex_match(r, TW_STR("aa")), TW_HOLDS_YES);
    }
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(required_texts_of_common_shapes_are_found),
        cmocka_unit_test(without_case_ideographs_and_a_few_letters_are_enough),
        cmocka_unit_test(patterns_without_a_sure_text_have_no_needles),
        cmocka_unit_test(many_or_long_texts_end_in_a_set_of_limited_size),
        cmocka_unit_test(every_match_has_a_needle_and_is_that_of_the_interpreter),
        cmocka_unit_test(matches_that_machine_code_is_known_to_lose_are_found),
        cmocka_unit_test(a_match_gives_up_at_its_limit_and_only_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

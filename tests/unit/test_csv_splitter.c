/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record splitter against a naive twin that reads one byte at a time: random bytes
 * of a tiny alphabet, every dialect, every prefix.
 */
#include "cmocka_all.h"
#include "csv.h"

static struct tw_arena arena;

enum { FIELDS_MAX = 128, INPUT_MAX = 80 };

struct twin {
    enum tw_csv_result result;
    size_t used, nfields;
    struct {
        char text[INPUT_MAX];
        size_t len;
        bool quoted;
    } fields[FIELDS_MAX];
};

static bool line_ends_at(const char *p, size_t len, size_t at, size_t *width)
{
    *width = at < len && p[at] == '\n'                            ? 1
             : at + 1 < len && p[at] == '\r' && p[at + 1] == '\n' ? 2
                                                                  : 0;
    return *width > 0;
}

static void twin_stray(struct twin *t, const char *p, size_t len, size_t at)
{
    while (at < len && p[at] != '\n')
        at++;
    t->used = at < len ? at + 1 : len;
    t->result = TW_CSV_STRAY_QUOTE;
}

/* One field; false where the record ended with it. */
static bool twin_field(struct twin *t, const struct tw_csv_dialect *d, const char *p,
                       size_t len, size_t *at)
{
    size_t n = t->nfields++, width;
    char *out = t->fields[n].text;
    size_t *m = &t->fields[n].len;
    *m = 0;
    t->fields[n].quoted = d->quote && *at < len && p[*at] == d->quote;
    if (t->fields[n].quoted) {
        for (++*at;; ++*at) {
            if (*at >= len) {
                t->result = TW_CSV_OPEN_QUOTE;
                t->used = len;
                return false;
            }
            if (d->escape && p[*at] == d->escape && d->escape != d->quote) {
                if (++*at < len)
                    out[(*m)++] = p[*at];
                continue;
            }
            if (p[*at] == d->quote) {
                if (*at + 1 < len && p[*at + 1] == d->quote)
                    ++*at;
                else
                    break;
            }
            out[(*m)++] = p[*at];
        }
        ++*at;
    } else {
        for (;
             *at < len && p[*at] != d->delimiter && !line_ends_at(p, len, *at, &width);
             ++*at) {
            if (d->quote && p[*at] == d->quote) {
                twin_stray(t, p, len, *at);
                return false;
            }
            if (d->escape && p[*at] == d->escape && *at + 1 < len)
                ++*at;
            out[(*m)++] = p[*at];
        }
    }
    if (*at < len && p[*at] == d->delimiter) {
        ++*at;
        return true;
    }
    t->result = TW_CSV_RECORD;
    if (*at < len && !line_ends_at(p, len, *at, &width))
        twin_stray(t, p, len, *at);
    else
        t->used = *at < len ? *at + width : len;
    return false;
}

static void twin_next(struct twin *t, const struct tw_csv_dialect *d, struct tw_str in)
{
    size_t at = 0;
    t->nfields = 0;
    t->result = TW_CSV_END;
    t->used = 0;
    if (in.len)
        while (twin_field(t, d, in.ptr, in.len, &at)) {
        }
}

static void same(const struct twin *t, enum tw_csv_result result,
                 const struct tw_csv_record *r, const struct tw_csv_dialect *d)
{
    assert_int_equal(result, t->result);
    assert_int_equal(r->used, t->used);
    if (result != TW_CSV_RECORD)
        return;
    assert_int_equal(r->fields.len, t->nfields);
    for (size_t i = 0; i < t->nfields; i++) {
        struct tw_str value = tw_csv_decode(&arena, d, &r->fields.at[i]);
        assert_int_equal(value.len, t->fields[i].len);
        assert_memory_equal(value.ptr, t->fields[i].text, value.len);
        assert_int_equal(r->fields.at[i].quoted, t->fields[i].quoted);
    }
}

static const struct tw_csv_dialect dialects[] = {
    {',', '"', 0, TW_CSV_ESCAPES_ITSELF},
    {',', 0, 0, TW_CSV_ESCAPES_ITSELF},
    {'\t', '"', '\\', TW_CSV_ESCAPES_ITSELF},
    {',', 0, '\\', TW_CSV_ESCAPES_ITSELF},
    {',', '"', '"', TW_CSV_ESCAPES_ITSELF}};

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static size_t random_input(uint64_t *seed, char *bytes)
{
    static const char alphabet[] = "a,\"\n\r\\\t\0b,\"\n";
    size_t len = next_random(seed) % INPUT_MAX;
    /* Long runs of plain text reach the fast path, dense ones the corners. */
    uint32_t plain = next_random(seed) % 12;
    for (size_t i = 0; i < len; i++)
        bytes[i] = next_random(seed) % 12 < plain
                       ? 'x'
                       : alphabet[next_random(seed) % (sizeof alphabet - 1)];
    return len;
}

static void skip_agrees(const struct tw_csv_dialect *d, struct tw_str in,
                        const struct twin *t, size_t piece)
{
    unsigned state = 0;
    bool ended = false;
    size_t used = 0;
    while (!ended && used < in.len)
        used +=
            tw_csv_skip(d, &state, tw_str_first(tw_str_from(in, used), piece), &ended);
    assert_int_equal(used, t->used);
    if (!ended)
        assert_int_equal(tw_csv_skip_in_quotes(state), t->result == TW_CSV_OPEN_QUOTE);
}

static void random_bytes_split_as_the_naive_twin_says(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct twin t;
    struct tw_csv_record r = {0};
    char bytes[INPUT_MAX];
    for (int round = 0; round < 120000; round++) {
        size_t len = random_input(&seed, bytes);
        const struct tw_csv_dialect *d = &dialects[round % 5];
        struct tw_str in = {bytes, len};
        while (in.len) {
            twin_next(&t, d, in);
            enum tw_csv_result result = tw_csv_next(&arena, d, in, true, &r);
            same(&t, result, &r, d);
            skip_agrees(d, in, &t, 1 + (size_t)round % 7);
            in = tw_str_from(in, t.used);
        }
        if (round % 1000 == 0) {
            r = (struct tw_csv_record){0};
            tw_arena_release(&arena);
        }
    }
    tw_arena_release(&arena);
}

static void a_prefix_gives_the_same_record_or_asks_for_more(void **state)
{
    (void)state;
    uint64_t seed = 2;
    struct twin t;
    struct tw_csv_record r = {0};
    char bytes[INPUT_MAX];
    for (int round = 0; round < 20000; round++) {
        size_t len = random_input(&seed, bytes);
        const struct tw_csv_dialect *d = &dialects[round % 5];
        twin_next(&t, d, (struct tw_str){bytes, len});
        for (size_t n = 0; n < len; n++) {
            enum tw_csv_result result =
                tw_csv_next(&arena, d, (struct tw_str){bytes, n}, false, &r);
            if (result != TW_CSV_MORE)
                same(&t, result, &r, d);
            else
                assert_true(n <= t.used || t.used == len);
        }
    }
    tw_arena_release(&arena);
}

static void no_record_ends_before_its_line_end_was_seen(void **state)
{
    (void)state;
    struct tw_csv_record r = {0};
    const struct tw_csv_dialect *d = &dialects[0];
    assert_int_equal(tw_csv_next(&arena, d, TW_STR("a,b"), false, &r), TW_CSV_MORE);
    assert_int_equal(tw_csv_next(&arena, d, TW_STR("a,b\r"), false, &r), TW_CSV_MORE);
    assert_int_equal(tw_csv_next(&arena, d, TW_STR("a,\"b\""), false, &r), TW_CSV_MORE);
    assert_int_equal(tw_csv_next(&arena, d, TW_STR("a,\"b\"\r\n"), false, &r),
                     TW_CSV_RECORD);
    assert_int_equal(r.used, 7);
    assert_int_equal(tw_csv_next(&arena, d, TW_STR("a,b\r"), true, &r), TW_CSV_RECORD);
    assert_text(r.fields.at[1].raw, "b\r");
    tw_arena_release(&arena);
}

static void fields_beyond_the_maximum_are_counted_but_not_kept(void **state)
{
    (void)state;
    static const char *const inputs[] = {"a,b,c,d,e\n", "a,\"b\",c,d,e\n",
                                         "aaaaaaaaaaaaaaaaaaaa,b,c,d,e\n"};
    for (size_t i = 0; i < 3; i++) {
        struct tw_csv_record r = {.fields_max = 2};
        assert_int_equal(
            tw_csv_next(&arena, &dialects[0], tw_str_of(inputs[i]), true, &r),
            TW_CSV_RECORD);
        assert_int_equal(r.fields.len, 2);
        assert_int_equal(r.dropped, 3);
        assert_text(r.fields.at[1].raw, "b");
    }
    tw_arena_release(&arena);
}

static void decodes(enum tw_csv_escapes escapes, const char *raw, struct tw_str value)
{
    const struct tw_csv_dialect d = {'\t', 0, '\\', escapes};
    struct tw_csv_record r = {0};
    assert_int_equal(tw_csv_next(&arena, &d, tw_str_of(raw), true, &r), TW_CSV_RECORD);
    assert_int_equal(r.fields.len, 1);
    struct tw_str got = tw_csv_decode(&arena, &d, &r.fields.at[0]);
    if (!tw_str_eq(got, value))
        fail_msg("%d, %s: %.*s", (int)escapes, raw, (int)got.len, got.ptr);
}

static void escapes_stand_for_what_their_writer_means(void **state)
{
    (void)state;
    enum tw_csv_escapes itself = TW_CSV_ESCAPES_ITSELF, mysql = TW_CSV_ESCAPES_MYSQL,
                        click = TW_CSV_ESCAPES_CLICKHOUSE, pg = TW_CSV_ESCAPES_POSTGRES;
    decodes(itself, "\\0\\n\\t\\x41\\\\", TW_STR("0ntx41\\"));
    decodes(mysql, "\\0|\\b|\\n|\\r|\\t|\\Z|\\\\|\\'|\\\"",
            TW_STR("\0|\b|\n|\r|\t|\x1a|\\|'|\""));
    decodes(mysql, "\\a\\f\\v\\x41\\101\\z", TW_STR("afvx41101z"));
    decodes(click, "\\0|\\a|\\b|\\f|\\n|\\r|\\t|\\v|\\\\|\\'",
            TW_STR("\0|\a|\b|\f|\n|\r|\t|\v|\\|'"));
    decodes(click, "\\x41\\xe5\\xA4\\xb1\\x4|\\x|\\Z\\101",
            TW_STR("A\xe5\xa4\xb1x4|x|Z101"));
    decodes(pg, "\\b|\\f|\\n|\\r|\\t|\\v|\\\\|\\.", TW_STR("\b|\f|\n|\r|\t|\v|\\|."));
    decodes(pg, "\\x41\\x4g\\x|\\101\\60|\\08\\1011|\\a\\Z\\9",
            TW_STR("A\x04gx|A0|\0"
                   "8A1|aZ9"));
}

static void an_escaped_line_end_and_a_last_escape_are_data(void **state)
{
    (void)state;
    decodes(TW_CSV_ESCAPES_MYSQL, "a\\\nb", TW_STR("a\nb"));
    decodes(TW_CSV_ESCAPES_POSTGRES, "a\\\tb", TW_STR("a\tb"));
    decodes(TW_CSV_ESCAPES_MYSQL, "a\\", TW_STR("a\\"));
    decodes(TW_CSV_ESCAPES_POSTGRES, "\\", TW_STR("\\"));
}

static void a_doubled_quote_is_no_escape_of_its_own(void **state)
{
    (void)state;
    const struct tw_csv_dialect d = {',', '"', '\\', TW_CSV_ESCAPES_MYSQL};
    struct tw_csv_record r = {0};
    assert_int_equal(
        tw_csv_next(&arena, &d, TW_STR("\"a\"\"n\\\"n\\n\",\\N\n"), true, &r),
        TW_CSV_RECORD);
    assert_text(tw_csv_decode(&arena, &d, &r.fields.at[0]), "a\"n\"n\n");
    assert_text(r.fields.at[1].raw, "\\N"); /* as it is written: NULL is told by it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_split_as_the_naive_twin_says),
        cmocka_unit_test(a_prefix_gives_the_same_record_or_asks_for_more),
        cmocka_unit_test(fields_beyond_the_maximum_are_counted_but_not_kept),
        cmocka_unit_test(no_record_ends_before_its_line_end_was_seen),
        cmocka_unit_test(escapes_stand_for_what_their_writer_means),
        cmocka_unit_test(an_escaped_line_end_and_a_last_escape_are_data),
        cmocka_unit_test(a_doubled_quote_is_no_escape_of_its_own),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The count on adversarial files: each answer is one line of figures, and must be the
 * same however the bytes arrive.
 */
#include "impact_bench.h"
#include "input.h"
#include "renderer.h"

struct sample {
    const char *name;
    struct tw_str bytes;
    const char *wrong;
    const char *answer; /* of bench_digest() */
};

#define SAMPLE(name, bytes, wrong, answer)              \
    {                                                   \
        name, {bytes, sizeof(bytes) - 1}, wrong, answer \
    }

static const struct sample samples[] = {
    SAMPLE("plain", "a,b\n1,x\n2,y\n", "b = 'x'", "2 2 2 1 | 0:1:4 0:1:4"),
    SAMPLE("no newline at the end", "a,b\n1,x\n2,x", "b = 'x'",
           "2 2 2 2 | 0:1:4 0:2:8"),
    SAMPLE("CRLF and a mark",
           "\xef\xbb\xbf"
           "a,b\r\n1,x\r\n2,y\r\n",
           "a = '1'", "2 2 2 1 | 0:1:8 0:1:8"),
    SAMPLE("mixed line ends", "a,b\r\n1,x\n2,x\r\n3,x\n", "b = 'x'",
           "3 3 3 3 | 0:1:5 0:3:14"),
    SAMPLE("quotes, newlines and delimiters inside",
           "a,b\n1,\"x\ny,\"\"z\"\"\"\n\"2\",\"x\r\n\"\n", "b = 'x\ny,\"z\"'",
           "2 2 2 1 | 0:1:4 0:1:4"),
    SAMPLE("ragged", "a,b\n1\n1,2,3\n1,x\n", "b = 'x'",
           "3 1 1 1 | ragged 2@1:4+8 | 0:3:12 0:3:12"),
    SAMPLE("more fields than a record can have columns",
           "a,b\n,,,,,,,,,,,,,,,,,,,,\n1,x\n\"\",,,,,\n", "b = 'x'",
           "3 1 1 1 | ragged 2@1:4+29 | 0:2:25 0:2:25"),
    SAMPLE("stray quote", "a,b\n1,5\" x\n\"1\"2,x\n1,x\n", "b = 'x'",
           "3 1 1 1 | stray quote 2@1:4+14 | 0:3:18 0:3:18"),
    SAMPLE("open quote", "a,b\n1,x\n2,\"x\n3,x\n4,x\n", "b = 'x'",
           "2 1 1 1 | open quote 1@2:8+13 | 0:1:4 0:1:4"),
    SAMPLE("NULL and empty", "a,b\n1,\\N\n2,\n3,\"\\N\"\n", "b is null",
           "3 3 3 1 | 0:1:4 0:1:4"),
    SAMPLE("one column: an empty line is an empty text", "a\nx\n\n\nx\n\n",
           "a is empty", "5 5 5 3 | 0:2:4 0:5:8"),
    SAMPLE("empty lines at the end are none", "a,b\n1,x\n\n\r\n\n", "b = 'x'",
           "1 1 1 1 | 0:1:4 0:1:4"),
    SAMPLE("empty lines inside are ragged", "a,b\n1,x\n\n\r\n2,x\n", "b = 'x'",
           "4 2 2 2 | ragged 2@2:8+3 | 0:1:4 0:4:11"),
    SAMPLE("the header again", "a,b\n1,x\na,b\n2,x\n", "b = 'x'",
           "3 2 2 2 | header again 1@2:8+4 | 0:1:4 0:3:12"),
    SAMPLE("a mark inside",
           "a,b\n1,x\n\xef\xbb\xbf"
           "a,b\n2,x\n",
           "b = 'x'", "3 2 2 2 | byte order mark inside 1@2:8+7 | 0:1:4 0:3:15"),
    SAMPLE("a byte that is no text",
           "a,b\n1,\xe5\xa4\xb1\n2,\xe5\xa4\n3,\xe5\xa4\xb1\n4,\xff\n5,\xe5\xa4\xb1\n",
           "b ~ /\xe5\xa4\xb1/", "5 3 3 3 | invalid encoding 2@2:10+9 | 0:1:4 0:5:25"),
    SAMPLE("cut inside a character", "a,b\n1,\xe5\xa4\xb1\n2,\xe5\xa4", "b is not null",
           "2 1 1 1 | invalid encoding 1@2:10+4 | 0:1:4 0:1:4"),
    SAMPLE("NUL bytes are data", "a,b\n1,x\0y\n2,x\n", "b = 'x'",
           "2 2 2 1 | 0:2:10 0:2:10"),
    SAMPLE("a CR alone is data", "a,b\n1,x\ry\n", "b ~ /^x\ry$/",
           "1 1 1 1 | 0:1:4 0:1:4"),
    SAMPLE("only a header", "a,b\n", "b = 'x'", "0 0 0 0"),
    SAMPLE("GB18030",
           "a,b\n1,\xca\xa7\n2,x\n3,\xca\xa7|\n4,\x96|\n5,\x81\n6,\xca\xa7\n",
           "b ~ /^\xe5\xa4\xb1/", "6 5 5 3 | invalid encoding 1@5:24+4 | 0:1:4 0:6:28"),
    SAMPLE("UTF-16LE",
           "\xff\xfe"
           "a\0,\0b\0\r\0\n\0"
           "1\0,\0\x31\x59\r\0\n\0"
           "2\0,\0\x0a\x59\r\0\n\0"
           "3\0,\0\x31\x59",
           "b ~ /\xe5\xa4\xb1/", "3 3 3 2 | 0:1:12 0:3:32"),
    SAMPLE("UTF-16BE with half a surrogate",
           "\xfe\xff\0a\0,\0b\0\n\0"
           "1\0,\xd8\0\0\n\0"
           "2\0,\x59\x31\0\n",
           "b ~ /\xe5\xa4\xb1/", "2 1 1 1 | invalid encoding 1@1:10+4 | 0:2:18 0:2:18"),
};

static void answer_is(const struct sample *s, size_t piece, size_t buffer, size_t max)
{
    struct bench b;
    bench_begin(&b);
    b.piece = piece;
    b.options.dialect.buffer = buffer;
    if (max)
        b.options.dialect.record_max = max;
    bench_set(&b, "dump", "csv");
    bench_set(&b, "wrong", s->wrong);
    if (bench_add(&b, s->bytes, "a.csv") != TW_OK)
        fail_msg("%s: %s", s->name, bench_told(&b));
    struct tw_str got = bench_digest(&b);
    if (!tw_str_is(got, s->answer))
        fail_msg("%s (piece %zu, buffer %zu):\n%.*s, not\n%s", s->name, piece, buffer,
                 (int)got.len, got.ptr, s->answer);
    bench_end(&b);
}

static void the_answer_is_right_for_every_size_of_pieces_and_buffers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        answer_is(&samples[i], 1 << 20, 1 << 18, 0);
        for (size_t size = 1; size <= 64; size++) {
            answer_is(&samples[i], size, 1 << 10, 0);
            answer_is(&samples[i], 1 << 10, size, 0);
            answer_is(&samples[i], size, size, 0);
        }
    }
}

static void a_record_beyond_the_maximum_is_refused_to_its_true_end(void **state)
{
    (void)state;
    static const struct sample long_ones[] = {
        SAMPLE("long in quotes", "a,b\n1,\"xxxxxxxxxxxxxxxxxxxx\nx,y\n2,z\n\"\n2,x\n",
               "b = 'x'", "2 1 1 1 | too long 1@1:4+34 | 0:2:38 0:2:38"),
        SAMPLE("long and open", "a,b\n1,x\n1,\"xxxxxxxxxxxxxxxxxxxx\nx,y\n2,z\n\n2,x\n",
               "b = 'x'", "2 1 1 1 | open quote 1@2:8+37 | 0:1:4 0:1:4"),
        SAMPLE("long and bare", "a,b\n1,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n2,x\n",
               "b = 'x'", "2 1 1 1 | too long 1@1:4+34 | 0:2:38 0:2:38"),
        SAMPLE("just as long as allowed", "a,b\n1,xxxxxxxxxxxxxxxxx\n2,x\n", "b = 'x'",
               "2 2 2 1 | 0:2:24 0:2:24"),
    };
    for (size_t i = 0; i < 4; i++)
        for (size_t size = 1; size <= 64; size++)
            answer_is(&long_ones[i], size, 65 - size, 20);
}

static struct tw_str digest_with(struct bench *b, struct tw_str bytes, size_t piece,
                                 size_t buffer)
{
    bench_begin(b);
    b->piece = piece;
    b->options.dialect.buffer = buffer;
    b->options.dialect.record_max = 24;
    bench_set(b, "dump", "csv");
    bench_set(b, "encoding", "UTF-8");
    bench_set(b, "columns", "x,y");
    bench_set(b, "wrong", "y ~ /a/");
    bench_set(b, "by", "x");
    bench_set(b, "distinct", "y");
    assert_int_equal(bench_add(b, bytes, "a.csv"), TW_OK);
    return bench_digest(b);
}

static void random_files_count_alike_in_all_pieces_and_buffers(void **state)
{
    (void)state;
    static const char alphabet[] = "aab,\",\"\n\n\r\n\xe5\xa4\xb1";
    uint64_t seed = 3;
    char bytes[300];
    for (int round = 0; round < 1500; round++) {
        struct bench whole, cut;
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            bytes[i] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
        }
        struct tw_str in = {bytes, sizeof bytes - (size_t)round % 9};
        struct tw_str expected = digest_with(&whole, in, 1 << 20, 1 << 18);
        for (size_t size = 1; size <= 40; size += 3) {
            struct tw_str got = digest_with(&cut, in, size, 1 + size * 7 % 41);
            if (!tw_str_eq(got, expected))
                fail_msg("round %d, size %zu:\n%.*s\n%.*s", round, size, (int)got.len,
                         got.ptr, (int)expected.len, expected.ptr);
            bench_end(&cut);
        }
        bench_end(&whole);
    }
}

static void groups_sort_and_show_null_empty_and_what_is_no_time(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "by", "t:day");
    bench_set(&b, "by", "s");
    assert_int_equal(
        bench_add(&b,
                  TW_STR("t,s\n2023-02-10 23:59:59,x\n\\N,y\n,y\nsoon,\\N\n"
                         "2023-02-09,x\n2023-2-9 01:00,x\n"),
                  "a.csv"),
        TW_OK);
    assert_text(bench_digest(&b),
                "6 6 6 3 | 0:2023-02-09,0:x 2/2 | 0:2023-02-10,0:x 1/1 "
                "| 1:,3: 0/1 | 2:,0:y 0/1 | 3:,0:y 0/1 | 0:1:4 0:6:55");
    assert_true(b.impact->tally.has_time);
    assert_text(tw_impact_time_text(&b.arena, b.impact->tally.first_time),
                "2023-02-09");
    assert_text(tw_impact_time_text(&b.arena, b.impact->tally.last_time),
                "2023-02-10 23:59:59");
    bench_end(&b);
}

static const char *zones(const char *tz, const char *rows, const char *answer)
{
    static const char *const ids[] = {"", "TW343", "TW344", "TW345"};
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "t is null");
    bench_set(&b, "columns", "t");
    bench_set(&b, "by", "t:hour");
    if (tz)
        bench_set(&b, "tz", tz);
    if (bench_add(&b, tw_str_of(rows), "a.csv") == TW_OK)
        assert_text(bench_digest(&b), answer);
    const char *told = bench_told(&b), *id = "?";
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (strcmp(told, ids[i]) == 0)
            id = ids[i];
    bench_end(&b);
    return id;
}

static void times_with_a_zone_are_converted_and_a_mix_is_refused(void **state)
{
    (void)state;
    const char *rows = "2023-02-09T20:30:00Z\n2023-02-10T04:10:00+08:00\n";
    assert_string_equal(zones(NULL, rows, "2 2 2 0 | 0:2023-02-09 20:00 0/2"), "");
    assert_string_equal(
        zones("Asia/Shanghai", rows, "2 2 2 0 | 0:2023-02-10 04:00 0/2"), "");
    assert_string_equal(zones("-03:30", rows,
                              "2 2 2 0 | 0:2023-02-09 16:00 0/1 | "
                              "0:2023-02-09 17:00 0/1"),
                        "");
    const char *mix = "2023-02-09T20:30:00Z\n2023-02-10 04:10:00\n";
    assert_string_equal(zones(NULL, mix, ""), "TW343");
    assert_string_equal(zones("+08:00", mix, "2 2 2 0 | 0:2023-02-10 04:00 0/2"), "");
    assert_string_equal(zones("Mars/Olympus", mix, ""), "TW344");
}

static void sums_are_exact_and_tell_gross_from_refunds(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "sum", "n");
    assert_int_equal(
        bench_add(&b,
                  TW_STR("n,s\n0.1,x\n0.2,x\n-0.05,x\n9999999999999999.99,y\n\\N,y\n"
                         "abc,y\n,x\n\"1,000\",y\n"),
                  "a.csv"),
        TW_OK);
    assert_text(bench_digest(&b),
                "8 8 8 4 | sum 0.3 -0.05 10000000000000000.29 -0.05 1 3 "
                "| 0:1:4 0:7:57");
    bench_end(&b);

    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "sum", "n");
    assert_int_equal(bench_add(&b,
                               TW_STR("n,s\n170141183460469231731687303715884105727,x\n"
                                      "1,x\n"),
                               "a.csv"),
                     TW_ERR_INPUT);
    assert_string_equal(bench_told(&b), "TW342");
    bench_end(&b);
}

static void distinct_values_are_exact_and_have_a_maximum(void **state)
{
    static const char *const shapes[] = {"%u,%s\n", "%016u,%s\n", "%030u,%s\n"};
    (void)state;
    struct bench b;
    struct tw_buf rows;
    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "distinct", "k");
    tw_buf_init(&rows, &b.arena);
    tw_buf_text(&rows, "k,s\n\\N,x\n,x\n");
    for (unsigned i = 0; i < 6000; i++)
        tw_buf_fmt(&rows, shapes[i % 3], i % 3000, i % 3000 < 10 ? "x" : "y");
    assert_int_equal(bench_add(&b, tw_buf_view(&rows), "a.csv"), TW_OK);
    assert_int_equal(b.impact->tally.distinct[0].count, 3001);
    assert_int_equal(b.impact->tally.distinct[0].affected, 11);
    struct tw_str kept = tw_buf_view(&rows);
    b.impact = NULL;
    b.options.distinct_max = 3000;
    assert_int_equal(bench_add(&b, kept, "a.csv"), TW_ERR_INPUT);
    assert_string_equal(bench_told(&b), "TW341");
    bench_end(&b);

    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "by", "k");
    b.options.groups_max = 2;
    assert_int_equal(bench_add(&b, TW_STR("k,s\n1,x\n2,x\n1,x\n3,x\n"), "a.csv"),
                     TW_ERR_INPUT);
    assert_string_equal(bench_told(&b), "TW340");
    bench_end(&b);
}

static void where_says_what_is_counted(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "wrong", "s = 'z'");
    bench_set(&b, "where", "n >= 2");
    bench_set(&b, "where", "n < 5");
    assert_int_equal(
        bench_add(&b, TW_STR("n,s\n1,x\n2,x\n3,y\n4,z\n5,z\nno,z\n"), "a.csv"), TW_OK);
    assert_text(bench_digest(&b), "6 6 3 2 | 0:2:8 0:4:16");
    assert_int_equal(b.impact->tally.where[0].not_comparable, 1);
    assert_int_equal(b.impact->tally.wrong[1].holds, 1);
    bench_end(&b);
}

static void each_file_has_its_own_order_of_columns(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    assert_int_equal(bench_add(&b, TW_STR("n,s\n1,x\n"), "a.csv"), TW_OK);
    assert_int_equal(bench_add(&b, TW_STR("s\tn\tmore\nx\t1\t\nx\t\"\t\n"), "b.tsv"),
                     TW_OK);
    assert_text(bench_digest(&b), "3 3 3 3 | 0:1:4 1:2:14");
    assert_int_equal(bench_add(&b, TW_STR(""), "c.csv"), TW_OK);
    assert_string_equal(bench_told(&b), "TW325");
    assert_int_equal(bench_add(&b, TW_STR("n,S\n1,x\n"), "d.csv"), TW_ERR_INPUT);
    bench_end(&b);
}

static void parts_merge_into_the_whole(void **state)
{
    (void)state;
    const struct tw_str parts[2] = {TW_STR("k,s,n\n1,x,1.5\n2,y,-1\n\"3,x\n"),
                                    TW_STR("k,s,n\n2,x,2.25\nbad\n9,y,q\n")};
    struct bench whole, part[2];
    struct bench *all[] = {&whole, &part[0], &part[1]};
    for (size_t i = 0; i < 3; i++) {
        bench_begin(all[i]);
        bench_set(all[i], "wrong", "s = 'x'");
        bench_set(all[i], "by", "k");
        bench_set(all[i], "distinct", "k");
        bench_set(all[i], "sum", "n");
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(
                bench_add(all[i], i == 0 || i == k + 1 ? parts[k] : TW_STR(""), "part"),
                TW_OK);
    }
    struct tw_str expected = bench_digest(&whole);
    assert_text(expected, "6 4 4 2 | ragged 1@2:15+4 | open quote 1@3:21+5 | 0:1 1/1 | "
                          "0:2 1/2 | 0:9 0/1 | distinct 2/3 | "
                          "sum 3.75 0 3.75 -1 0 1 | 0:1:6 1:1:6");
    tw_tally_merge(&part[1].impact->tally, &part[0].impact->tally);
    struct tw_str got = bench_digest(&part[1]);
    assert_int_equal(tw_str_cmp(got, expected), 0);
    for (size_t i = 0; i < 3; i++)
        bench_end(all[i]);
}

static void dialects_are_said_by_flags(void **state)
{
    static const struct {
        const char *flags[3][2];
        const char *bytes, *answer;
    } cases[] = {
        {{{"delimiter", "|"}}, "a|b\n1|x\n\"2\"|x\n", "2 2 2 2 | 0:1:4 0:2:8"},
        {{{"delimiter", ";"}, {"quote", "'"}},
         "a;b\n1;x\n'2;';x\n",
         "2 2 2 2 | 0:1:4 0:2:8"},
        {{{"quote", "none"}}, "a,b\n\"1,x\n", "1 1 1 1 | 0:1:4 0:1:4"},
        {{{"escape", "\\"}},
         "a,b\n\"q\\\"q\",x\n1\\,2,x\n1\\\n2,x\n",
         "3 3 3 3 | 0:1:4 0:3:20"},
        {{{"dump", "tsv"}}, "a\tb\n\"1\tx\n", "1 1 1 1 | 0:1:4 0:1:4"},
        {{{"columns", "a,b"}}, "1,x\n2,x\n", "2 2 2 2 | 0:1:0 0:2:4"},
        {{{"encoding", "gbk"}}, "a,b\n\xca\xa7,x\n", "1 1 1 1 | 0:1:4 0:1:4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "b = 'x'");
        for (size_t k = 0; k < 3 && cases[i].flags[k][0]; k++)
            bench_set(&b, cases[i].flags[k][0], cases[i].flags[k][1]);
        assert_int_equal(bench_add(&b, tw_str_of(cases[i].bytes), "a"), TW_OK);
        struct tw_str got = bench_digest(&b);
        if (!tw_str_is(got, cases[i].answer))
            fail_msg("%zu: %.*s", i, (int)got.len, got.ptr);
        bench_end(&b);
    }
}

static void what_cannot_be_read_is_refused_with_a_diagnostic(void **state)
{
    static const struct {
        const char *flag, *value;
        struct tw_str bytes;
        const char *id;
    } cases[] = {
        {"null", "", {"PAR1xxxx", 8}, "TW356"},
        {"null", "", {"PRAGMA foreign_keys\n", 20}, "TW326"},
        {"null", "", {"{\"a\":1}\n", 8}, "TW326"},
        {"null", "", {"a,b\n\0\1\2", 7}, "TW327"},
        {"null", "", {"\"a,b\n", 5}, "TW324"},
        {"null", "", {"a,b\n1,\xff\xff\n", 9}, "TW331"},
        {"encoding", "nonsense", {"a,b\n", 4}, "TW332"},
        {"encoding", "utf-7", {"a,b\n", 4}, "TW332"},
        {"encoding", "utf-16", {"a,b\n", 4}, "TW332"},
        {"table", "t", {"a,b\n", 4}, "TW330"},
        {"delimiter", "\"", {"a,b\n", 4}, "TW329"},
        {"dump", "cvs", {"a,b\n", 4}, "TW328"},
        {"delimiter", "ab", {"a,b\n", 4}, "TW346"},
        {"max-refused", "-1", {"a,b\n", 4}, "TW346"},
        {"max-ratio", "x", {"a,b\n", 4}, "TW346"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "b = 'x'");
        bench_set(&b, cases[i].flag, cases[i].value);
        (void)bench_add(&b, cases[i].bytes, "a");
        if (strcmp(bench_told(&b), cases[i].id) != 0)
            fail_msg("%zu: %s, not %s", i, bench_told(&b), cases[i].id);
        bench_end(&b);
    }
}

static bool stop_now(void *ctx)
{
    return ++*(int *)ctx > 1;
}

static void a_stop_gives_the_partial_answer_marked_so(void **state)
{
    (void)state;
    struct bench b;
    struct tw_buf rows;
    int asked = -2;
    bench_begin(&b);
    b.options.stop = stop_now;
    b.options.ctx = &asked;
    b.options.dialect.buffer = 1 << 10; /* asked once a buffer */
    bench_set(&b, "wrong", "s = 'x'");
    tw_buf_init(&rows, &b.arena);
    tw_buf_text(&rows, "n,s\n");
    for (unsigned i = 0; i < 20000; i++)
        tw_buf_text(&rows, "1,x\n");
    assert_int_equal(bench_add(&b, tw_buf_view(&rows), "a.csv"), TW_OK);
    assert_true(b.impact->partial);
    assert_in_range(b.impact->tally.affected, 1, 19999);
    bench_end(&b);

    /* Also within what is one record, or no record at all. */
    static const char *const endless[] = {"n,s\n1,\"", "n,s\n\n\n"};
    for (size_t k = 0; k < 2; k++) {
        asked = -8; /* not before the header */
        bench_begin(&b);
        b.options.stop = stop_now;
        b.options.ctx = &asked;
        b.options.dialect.buffer = 16;
        b.options.dialect.record_max = 64;
        bench_set(&b, "wrong", "s = 'x'");
        tw_buf_init(&rows, &b.arena);
        tw_buf_text(&rows, endless[k]);
        tw_buf_chars(&rows, '\n', 100000);
        assert_int_equal(bench_add(&b, tw_buf_view(&rows), "a.csv"), TW_OK);
        assert_true(b.impact->partial);
        assert_int_equal(b.impact->tally.read, 0);
        bench_end(&b);
    }
}

static void limits_are_compared_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *ratio, *affected;
        bool above_ratio, above_affected;
    } cases[] = {{"33.333333333333333%", "1", true, false},
                 {"33.333333333333334%", "0", false, true},
                 {"0.3333333333", NULL, true, false},
                 {NULL, NULL, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "s = 'x'");
        if (cases[i].ratio)
            bench_set(&b, "max-ratio", cases[i].ratio);
        if (cases[i].affected)
            bench_set(&b, "max-affected", cases[i].affected);
        assert_int_equal(bench_add(&b, TW_STR("s,n\nx,\ny,\ny,\n"), "a.csv"), TW_OK);
        assert_int_equal(tw_impact_above_ratio(b.impact), cases[i].above_ratio);
        assert_int_equal(tw_impact_above_affected(b.impact), cases[i].above_affected);
        assert_false(tw_impact_incomplete(b.impact));
        bench_end(&b);
    }
}

static void a_fingerprint_is_that_of_the_whole_file(void **state)
{
    (void)state;
    struct bench b;
    char bytes[2];
    size_t got;
    bench_begin(&b);
    struct tw_input *input =
        tw_input_memory(&b.arena, TW_STR("abc"), TW_STR("a"), &b.diags);
    tw_input_fingerprint(input);
    assert_text(tw_input_sha256(input), "");
    do {
        assert_int_equal(tw_input_read(input, bytes, sizeof bytes, &got), TW_OK);
    } while (got);
    /* FIPS 180-4, the example of one block */
    assert_text(tw_input_sha256(input),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    bench_end(&b);
}

static void the_report_follows_the_schema_and_shows_no_values(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "name ~ /secret/");
    bench_set(&b, "by", "day");
    bench_set(&b, "distinct", "name");
    bench_set(&b, "sum", "n");
    bench_set(&b, "max-ratio", "50%");
    assert_int_equal(
        bench_add(&b,
                  TW_STR("day,name,n\nd\x1b[31m,my-secret,1.50\nd2,other,-1\n"
                         "d2,other\n\\N,other,x\n"),
                  "a.csv"),
        TW_OK);
    const struct tw_doc *doc = tw_impact_report(b.impact, TW_LANG_EN);
    struct tw_render_options options = {0};
    struct tw_buf text, json;
    tw_buf_init(&text, &b.arena);
    tw_buf_init(&json, &b.arena);
    tw_renderer_by_name(TW_STR("text"))->render(doc, &options, &text);
    tw_renderer_by_name(TW_STR("json"))->render(doc, &options, &json);
    struct tw_str t = tw_buf_view(&text), j = tw_buf_view(&json);
    assert_true(tw_str_starts(t, "3 records, at least 1 affected, 33.33 %\n"));
    assert_true(tw_str_find_str(t, TW_STR("d\\x1b[31m")) < t.len);
    assert_true(
        tw_str_find_str(t, TW_STR("1/3 = 33.33 %; read 4 = counted 3 + refused 1")) <
        t.len);
    assert_int_equal(tw_str_find_str(t, TW_STR("my-secret")), t.len);
    assert_int_equal(tw_str_find_str(j, TW_STR("my-secret")), j.len);
    assert_true(tw_str_find_str(j, TW_STR("twinwall.impact/1")) < j.len);
    assert_false(tw_impact_above_ratio(b.impact));
    assert_true(tw_impact_incomplete(b.impact));
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_right_for_every_size_of_pieces_and_buffers),
        cmocka_unit_test(a_record_beyond_the_maximum_is_refused_to_its_true_end),
        cmocka_unit_test(random_files_count_alike_in_all_pieces_and_buffers),
        cmocka_unit_test(groups_sort_and_show_null_empty_and_what_is_no_time),
        cmocka_unit_test(times_with_a_zone_are_converted_and_a_mix_is_refused),
        cmocka_unit_test(sums_are_exact_and_tell_gross_from_refunds),
        cmocka_unit_test(distinct_values_are_exact_and_have_a_maximum),
        cmocka_unit_test(where_says_what_is_counted),
        cmocka_unit_test(each_file_has_its_own_order_of_columns),
        cmocka_unit_test(parts_merge_into_the_whole),
        cmocka_unit_test(dialects_are_said_by_flags),
        cmocka_unit_test(what_cannot_be_read_is_refused_with_a_diagnostic),
        cmocka_unit_test(a_stop_gives_the_partial_answer_marked_so),
        cmocka_unit_test(limits_are_compared_exactly),
        cmocka_unit_test(a_fingerprint_is_that_of_the_whole_file),
        cmocka_unit_test(the_report_follows_the_schema_and_shows_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner against the reference, which reads record by record: the same answer for
 * every kernel, chunk size, buffer size and number of threads, on records made to be
 * hard. TW_SCAN_ROUNDS=N asks for more rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "impact_bench.h"
#include "renderer.h"
#include "scan_kernel.h"

enum { TEXT_MAX = 6000, PATH_ROOM = 64 };

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static size_t below(uint64_t *seed, size_t n)
{
    return next_random(seed) % n;
}

static const char *pick(uint64_t *seed, const char *const *list, size_t n)
{
    return list[below(seed, n)];
}

/* One field: most are well written, some are not. */
static void put_field(struct tw_buf *out, uint64_t *seed, bool last)
{
    static const char *const bare[] = {"",    "x",   "失败", "2023-02-09", "12.50",
                                       "\\N", "a b", "失",   "东",         "0.1",
                                       "-3",  "\\N", "ab",   "失败x",      "x失败"};
    static const char *const quoted[] = {
        "\"\"",           "\"a,b\"",       "\"失败\"",
        "\"x\ny\"",       "\"x\r\ny\"",    "\"say \"\"失败\"\"\"",
        "\"\\N\"",        "\"\n\n\"",      "\"失\"\"败\"",
        "\",\n\"\"\n,\"", "\"2023-02-09\""};
    static const char *const odd[] = {
        "5\" x",         "\"a\"b", "\"a\" ", "\xff",         "失\xe5\xa4",
        "\"open",        "a\"",    "\r",     "x\\",          "\\\"",
        "\xef\xbb\xbfx", "a\\\nb", "\\,",    "\xed\xa0\x80", "\xf0\x9f\x98\x80"};
    size_t kind = below(seed, 400);
    if (kind < 3)
        tw_buf_text(out, pick(seed, odd, sizeof odd / sizeof odd[0]));
    else if (kind < 60)
        tw_buf_text(out, pick(seed, quoted, sizeof quoted / sizeof quoted[0]));
    else if (kind < 70)
        for (size_t n = below(seed, 200); n > 0; n--)
            tw_buf_char(out, (char)('a' + n % 26));
    else
        tw_buf_text(out, pick(seed, bare, sizeof bare / sizeof bare[0]));
    if (last)
        tw_buf_text(out, below(seed, 4) == 0 ? "\r\n" : "\n");
}

/* ODD: how many of 1000 records are broken on purpose. */
static struct tw_str random_text(struct tw_arena *arena, uint64_t *seed, size_t odd)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    if (below(seed, 8) == 0)
        tw_buf_text(&out, "\xef\xbb\xbf");
    tw_buf_text(&out, "a,b,c\n");
    size_t size = below(seed, TEXT_MAX);
    while (out.len < size) {
        size_t fields = below(seed, 1000) < odd ? below(seed, 6) : 3;
        if (below(seed, 1000) < odd && below(seed, 3) == 0)
            tw_buf_text(&out, "a,b,c\n");
        for (size_t i = 0; i < fields; i++) {
            if (i)
                tw_buf_char(&out, ',');
            put_field(&out, seed, i + 1 == fields);
        }
        if (fields == 0)
            tw_buf_char(&out, '\n');
    }
    if (below(seed, 3) == 0 && out.len > 8)
        out.len -= 1 + below(seed, 7); /* cut anywhere */
    return tw_buf_view(&out);
}

static struct tw_str random_bytes(struct tw_arena *arena, uint64_t *seed)
{
    static const char alphabet[] = "aab,,,\"\"\n\n\r\\\xe5\xa4\xb1\xe8\xb4\xa5";
    size_t n = below(seed, 400);
    char *bytes = tw_arena_alloc(arena, n + 8);
    memcpy(bytes, "a,b,c\n", 6);
    for (size_t i = 6; i < n + 6; i++)
        bytes[i] = alphabet[below(seed, sizeof alphabet - 1)];
    return (struct tw_str){bytes, n + 6};
}

/* What a run asks, and how it is done. */
struct way {
    const struct tw_scan_kernel *kernel; /* NULL: the reference */
    size_t buffer, chunk;
    unsigned threads; /* 0: a stream */
};

struct question {
    unsigned dialect, rules;
};

static void ask(struct bench *b, struct question q)
{
    static const char *const dialects[][3] = {
        {"csv", "", ""},           {"csv", "none", ""},     {"csv", "", "\\"},
        {"csv", "none", "\\"},     {"hive_text", "", ""},   {"outfile", "", ""},
        {"outfile", "\"", "none"}, {"dumpling_csv", "", ""}};
    bench_set(b, "dump", dialects[q.dialect][0]);
    bench_set(b, "encoding", "UTF-8");
    if (q.dialect > 3) {
        bench_set(b, "delimiter", ",");
        bench_set(b, "columns", "a,b,c");
    }
    if (*dialects[q.dialect][1])
        bench_set(b, "quote", dialects[q.dialect][1]);
    if (*dialects[q.dialect][2])
        bench_set(b, "escape", dialects[q.dialect][2]);
    switch (q.rules) {
    case 0: /* only counts */
        bench_set(b, "wrong", "b ~ /失败/");
        break;
    case 1:
        bench_set(b, "wrong", "b ~ /失败/");
        bench_set(b, "by", "a");
        bench_set(b, "distinct", "c");
        bench_set(b, "sum", "c");
        break;
    case 2: /* several needles, a rule without any, a condition */
        bench_set(b, "wrong", "c = 'x'");
        bench_set(b, "wrong", "b ~ /失败/");
        bench_set(b, "wrong", "a is null");
        bench_set(b, "where", "c is not empty");
        break;
    case 3: /* several needles, one with a quote in it */
        bench_set(b, "wrong", "c ~ /失/");
        bench_set(b, "wrong", "* ~ /y \"失/");
        break;
    case 4: /* times around the affected, by runs of plain records */
        bench_set(b, "wrong", "b ~ /失败/");
        bench_set(b, "by", "a:day");
        break;
    case 5:
        bench_set(b, "wrong", "b = '失败'");
        bench_set(b, "by", "a:hour");
        bench_set(b, "by", "c");
        bench_set(b, "health", "a");
        break;
    default:
        bench_set(b, "wrong", "* ~ /失败|2023/");
        bench_set(b, "by", "b:day");
    }
}

static struct tw_str answer(struct bench *b, struct question q, struct way way,
                            struct tw_str bytes, const char *path)
{
    bench_begin(b);
    ask(b, q);
    b->options.record_by_record = way.kernel == NULL;
    b->options.kernel = way.kernel;
    b->options.chunk = way.chunk;
    b->options.threads = way.threads;
    b->options.dialect.buffer = way.buffer;
    enum tw_status status;
    if (way.threads == 0) {
        status = bench_add(b, bytes, path);
    } else {
        tw_said_add(&b->arena, &b->options.paths, tw_str_of(path), TW_STR("DUMP"));
        assert_true(bench_plan(b));
        status = tw_impact_count(b->impact);
    }
    if (status != TW_OK)
        fail_msg("%s", bench_told(b));
    /* The report too: it tells of times and health what the digest does not. */
    struct tw_render_options plain = {0};
    struct tw_buf out;
    tw_buf_init(&out, &b->arena);
    tw_buf_str(&out, bench_digest(b));
    tw_renderer_by_name(TW_STR("json"))
        ->render(tw_impact_report(b->impact, TW_LANG_EN), &plain, &out);
    return tw_buf_view(&out);
}

static void equal_answers(struct question q, struct way way, struct tw_str bytes,
                          const char *path, struct tw_str expected, uint64_t seed)
{
    struct bench b;
    struct tw_str got = answer(&b, q, way, bytes, path);
    if (!tw_str_eq(got, expected)) {
        FILE *kept = fopen("test_scan.failed.csv", "wb");
        if (kept) {
            fwrite(bytes.ptr, 1, bytes.len, kept);
            fclose(kept);
        }
        fail_msg("seed %llu, dialect %u, rules %u, kernel %s, buffer %zu, chunk %zu, "
                 "threads %u:\n%.*s\nnot\n%.*s",
                 (unsigned long long)seed, q.dialect, q.rules, way.kernel->name,
                 way.buffer, way.chunk, way.threads, (int)got.len, got.ptr,
                 (int)expected.len, expected.ptr);
    }
    bench_end(&b);
}

static void write_file(const char *path, struct tw_str bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static size_t rounds(size_t few)
{
    const char *more = getenv("TW_SCAN_ROUNDS");
    uint64_t n = 0;
    return more && tw_parse_u64(tw_str_of(more), 1000000000, &n) ? (size_t)n : few;
}

static void every_way_of_scanning_gives_the_answer_of_the_reference(void **state)
{
    (void)state;
    const struct tw_scan_kernel *kernels[5];
    size_t nkernels = tw_scan_kernels(kernels);
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "test_scan.%ld.csv", (long)getpid());
    uint64_t records = 0;
    for (size_t round = 0; round < rounds(300); round++) {
        uint64_t seed = round * 7919 + 1, started = seed;
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 24);
        static const size_t odds[] = {0, 0, 2, 20, 300};
        struct tw_str bytes = below(&seed, 5) == 0
                                  ? random_bytes(&arena, &seed)
                                  : random_text(&arena, &seed, odds[below(&seed, 5)]);
        struct question q = {(unsigned)below(&seed, 12), (unsigned)below(&seed, 7)};
        q.dialect = q.dialect < 5 ? 0 : q.dialect - 4; /* mostly the common one */
        struct bench b;
        struct way reference = {NULL, (size_t)1 << 16, 0, 0};
        struct tw_str expected =
            tw_str_copy(&arena, answer(&b, q, reference, bytes, path));
        records += b.impact->tally.read;
        bench_end(&b);
        write_file(path, bytes);
        for (size_t k = 0; k < nkernels; k++) {
            struct way stream = {kernels[k], 1 + below(&seed, 3000), 0, 0};
            equal_answers(q, stream, bytes, path, expected, started);
            static const size_t chunks[] = {1, 2, 7, 63, 64, 65, 129, 500, 1000, 4096};
            struct way file = {kernels[k], 1 + below(&seed, 3000),
                               below(&seed, 3) ? 1 + below(&seed, 2000)
                                               : chunks[below(&seed, 10)],
                               1 + (unsigned)below(&seed, 8)};
            equal_answers(q, file, bytes, path, expected, started);
        }
        tw_arena_release(&arena);
    }
    unlink(path);
    assert_true(records > 5000);
}

/* The masks themselves: the same offsets from every kernel. */
static void all_kernels_find_the_same_structure(void **state)
{
    (void)state;
    const struct tw_scan_kernel *kernels[5];
    size_t n = tw_scan_kernels(kernels);
    assert_true(n >= 1);
    assert_string_equal(kernels[n - 1]->name, "plain");
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 24);
    struct tw_needles needles = {0};
    tw_needles_add(&arena, &needles, TW_STR("\xe5\xa4\xb1\xe8\xb4\xa5"));
    uint64_t seed = 11;
    size_t compared = 0;
    for (size_t round = 0; round < rounds(2000); round++) {
        struct tw_arena_mark mark = tw_arena_mark(&arena);
        struct tw_str text =
            round % 2 ? random_text(&arena, &seed, 3) : random_bytes(&arena, &seed);
        char *bytes = tw_arena_alloc(&arena, text.len + 2 * (size_t)TW_SCAN_MARGIN);
        memcpy(bytes + TW_SCAN_MARGIN, text.ptr, text.len);
        struct tw_needle_filter filter;
        tw_needle_filter_init(&filter, &needles, text);
        struct tw_scan plain = {0};
        for (size_t k = n; k-- > 0;) {
            struct tw_scan s = {.bytes = bytes + TW_SCAN_MARGIN,
                                .len = text.len,
                                .delimiter = ',',
                                .quote = round % 7 ? '"' : '\0',
                                .escape = round % 5 ? '\0' : '\\',
                                .nfields = 3,
                                .header = TW_STR("a,b,c"),
                                .filter = &filter,
                                .wants_separators = true};
            size_t room = text.len + 2 * (size_t)TW_SCAN_MARGIN;
            s.separators = tw_new_array(&arena, room, uint32_t);
            s.ends = tw_new_array(&arena, room, uint32_t);
            s.ranks = tw_new_array(&arena, room, uint32_t);
            s.hits = tw_new_array(&arena, room, uint32_t);
            kernels[k]->run(&s, text.len);
            if (k + 1 == n) {
                plain = s;
                continue;
            }
            assert_int_equal(s.done, plain.done);
            assert_true(s.odd || !plain.odd);
            compared += !s.odd;
            if (s.odd) /* also without need: by bytes behind the last record */
                continue;
            assert_int_equal(s.nends, plain.nends);
            assert_int_equal(s.nseparators, plain.nseparators);
            assert_memory_equal(s.ends, plain.ends, s.nends * sizeof *s.ends);
            assert_memory_equal(s.separators, plain.separators,
                                s.nseparators * sizeof *s.separators);
            assert_int_equal(s.nhits, plain.nhits);
            assert_memory_equal(s.hits, plain.hits, s.nhits * sizeof *s.hits);
        }
        tw_arena_rewind(&arena, mark);
    }
    assert_true(n == 1 || compared > 200);
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kernels_find_the_same_structure),
        cmocka_unit_test(every_way_of_scanning_gives_the_answer_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

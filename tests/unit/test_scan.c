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
#include "scan_structure.h"

enum { PATH_ROOM = 64 };

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
        struct tw_str bytes =
            below(&seed, 5) == 0
                ? random_bytes(&arena, &seed)
                : random_text(&arena, &seed, odds[below(&seed, 5)], false);
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
    size_t n = tw_scan_kernels(kernels), compared, round = 0;
    assert_true(n >= 1);
    assert_string_equal(kernels[n - 1]->name, "plain");
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 24);
    const char *kernel = "";
    const char *what = scan_structure(&arena, rounds(2000), &compared, &round, &kernel);
    if (what)
        fail_msg("round %zu: %s by %s is not what the plain kernel has", round, what,
                 kernel);
    assert_true(n == 1 || compared > 500);
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

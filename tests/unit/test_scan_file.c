/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file under a scan of several threads: that changes meanwhile, that holds a record
 * longer than many chunks, that is left in the middle, whose tally runs full.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "impact_bench.h"
#include "scan.h"

static char path[64];

static int name_file(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "test_scan_file.%ld.csv", (long)getpid());
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void write_file(struct tw_str bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static struct tw_str rows(struct tw_arena *arena, const char *head, const char *row,
                          size_t n)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    tw_buf_text(&out, head);
    for (size_t i = 0; i < n; i++)
        tw_buf_text(&out, row);
    return tw_buf_view(&out);
}

static enum tw_status count(struct bench *b)
{
    tw_said_add(&b->arena, &b->options.paths, tw_str_of(path), TW_STR("DUMP"));
    assert_true(bench_plan(b));
    return tw_impact_count(b->impact);
}

/* --- files that change ----------------------------------------------------------- */

/* Callbacks come from all threads: when they were ASKED so often, it changes. */
static struct {
    atomic_uint asked;
    unsigned when;
    off_t size;
    bool done;
} change;

static bool change_file(void *ctx)
{
    (void)ctx;
    if (atomic_fetch_add(&change.asked, 1) == change.when)
        change.done = truncate(path, change.size) == 0;
    return false;
}

static void changed_is_refused(struct bench *b, unsigned when, off_t size)
{
    atomic_store(&change.asked, 0);
    change.when = when;
    change.size = size;
    change.done = false;
    b->options.stop = change_file;
    assert_int_equal(count(b), TW_ERR_INPUT);
    assert_true(change.done);
    assert_string_equal(bench_told(b), "TW333");
    assert_int_equal(b->diags.list.len, 1);
    bench_end(b);
}

static void a_file_that_changes_under_the_scan_is_refused(void **state)
{
    (void)state;
    enum { ROWS = 3000, SIZE = 4 + ROWS * 6 };
    /* Before what is read, where it is read, behind it; and longer. */
    static const off_t sizes[] = {0, 1, 5000, 9004, SIZE - 1, SIZE + 1, SIZE + 6};
    for (unsigned threads = 1; threads <= 4; threads += 3)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct bench b;
            bench_begin(&b);
            bench_set(&b, "wrong", "s = 'xx'");
            b.options.threads = threads;
            b.options.chunk = 500;
            write_file(rows(&b.arena, "n,s\n", "10,xx\n", ROWS));
            changed_is_refused(&b, 16, sizes[i]);
        }
}

/* Other formats, and whoever wants a fingerprint, read it from one end to the other. */
static void a_file_that_changes_under_a_reader_is_refused(void **state)
{
    (void)state;
    enum { ROWS = 50000 };
    static const char *const formats[] = {"csv", "jsonl"};
    static const char *const heads[] = {"n,s\n", ""};
    static const char *const row[] = {"1000000000,xx\n", "{\"n\":1,\"s\":\"xx\"}\n"};
    for (size_t k = 0; k < 2; k++) {
        off_t size = (off_t)(strlen(heads[k]) + ROWS * strlen(row[k]));
        const off_t sizes[] = {300000, size - (off_t)strlen(row[k]), size - 1,
                               size + 9};
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct bench b;
            bench_begin(&b);
            bench_set(&b, "dump", formats[k]);
            bench_set(&b, "wrong", "s = 'xx'");
            b.options.fingerprint = true;
            write_file(rows(&b.arena, heads[k], row[k], ROWS));
            changed_is_refused(&b, 3, sizes[i]);
        }
    }
}

struct memory {
    struct tw_str bytes;
};

static enum tw_status read_memory(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct memory *m = ctx;
    *got = m->bytes.len < room ? m->bytes.len : room;
    if (*got)
        memcpy(bytes, m->bytes.ptr, *got);
    m->bytes = tw_str_from(m->bytes, *got);
    return TW_OK;
}

/* SIZE: what the file had when it was opened; its header ends at 4. */
static enum tw_next scan_as_of(uint64_t size, struct bench *b)
{
    struct tw_str all = rows(&b->arena, "n,s\n", "10,xx\n", 100), name = TW_STR("dump");
    struct memory memory = {all};
    write_file(all);
    bench_set(b, "wrong", "s = 'xx'");
    assert_true(bench_plan(b));
    struct tw_utf8_stream *stream =
        tw_utf8_stream_open(&b->arena, (struct tw_byte_source){read_memory, &memory},
                            TW_STR("UTF-8"), name, &b->diags);
    struct tw_dump_open how = {.arena = &b->arena,
                               .stream = stream,
                               .name = name,
                               .dialect = &b->options.dialect,
                               .diags = &b->diags};
    struct tw_records *records = tw_dump_by_name(TW_STR("csv"))->open(&how);
    assert_non_null(records);
    struct tw_binding binding;
    assert_true(tw_binding_make(&b->arena, &b->impact->plan.refs, records, name,
                                &b->diags, &binding));
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    struct tw_scan_file in = {fileno(f), 4, size, name};
    struct tw_scan_how scan = {.threads = 1, .chunk = 50};
    enum tw_next next = tw_scan_file(&in, records, &binding, &b->impact->tally, 0,
                                     &scan, NULL, NULL, &b->diags);
    fclose(f);
    return next;
}

static void a_size_that_is_not_the_file_s_is_told(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {
        604, 0, 3, 4, 10, 603, 605, 70000, UINT64_C(1) << 50};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bench b;
        bench_begin(&b);
        enum tw_next next = scan_as_of(sizes[i], &b);
        assert_int_equal(next, i ? TW_NEXT_FAILED : TW_NEXT_END);
        assert_string_equal(bench_told(&b), i ? "TW333" : "");
        if (i == 0)
            assert_int_equal(b.impact->tally.affected, 100);
        bench_end(&b);
    }
}

/* --- records longer than many chunks --------------------------------------------- */

struct long_record {
    size_t len;         /* of its middle */
    const char *before; /* the record's beginning … */
    const char *after;  /* … and the rest of the file */
    const char *answer; /* of bench_digest(): the same for all ways */
};

static void answers_in_all_ways(const struct long_record *r, size_t max, size_t chunk)
{
    static const unsigned counts[] = {0, 1, 2, 4}; /* of threads; 0: a stream */
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        unsigned threads = counts[i];
        struct bench b;
        struct tw_buf out;
        bench_begin(&b);
        bench_set(&b, "wrong", "s ~ /xx/");
        b.options.dialect.record_max = max;
        b.options.threads = threads;
        b.options.chunk = chunk;
        tw_buf_init(&out, &b.arena);
        tw_buf_text(&out, "n,s\n1,xx\n");
        tw_buf_text(&out, r->before);
        for (size_t n = 0; n < r->len; n += 8)
            tw_buf_text(&out, "a,\n\"\"xx\n");
        tw_buf_text(&out, r->after);
        write_file(tw_buf_view(&out));
        enum tw_status status =
            threads ? count(&b) : bench_add(&b, tw_buf_view(&out), "a.csv");
        assert_int_equal(status, TW_OK);
        assert_string_equal(tw_str_cstr(&b.arena, bench_digest(&b)), r->answer);
        bench_end(&b);
    }
}

static void a_record_over_many_chunks_is_refused_to_its_true_end(void **state)
{
    (void)state;
    static const struct long_record records[] = {
        {80000, "2,\"", "\"\n3,xx\n4,y\n",
         "4 3 3 2 | too long 1@2:9+80005 | 0:1:4 0:3:80014"},
        {80000, "2,\"", "\n3,xx\n4,y\n",
         "2 1 1 1 | open quote 1@2:9+80013 | 0:1:4 0:1:4"},
        {80000, "2,\"", "", "2 1 1 1 | open quote 1@2:9+80003 | 0:1:4 0:1:4"},
        {80000, "2,\"", "\"", "2 1 1 1 | too long 1@2:9+80004 | 0:1:4 0:1:4"},
        {240, "2,\"", "\"\n3,xx\n4,y\n", "4 4 4 3 | 0:1:4 0:3:254"},
    };
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
        for (size_t chunk = 64; chunk <= 4096; chunk *= 8)
            answers_in_all_ways(&records[i], 300, chunk);
}

/* From four megabytes on the scan looks ahead before it keeps a record. */
static void a_record_of_megabytes_is_judged_by_its_length_alone(void **state)
{
    (void)state;
    enum { MEBI = 1 << 20 };
    static const struct long_record records[] = {
        /* 3 + 5242872 + 2 and two more: a byte beyond five megabytes, or none */
        {5242872, "2,\"x", "xx\"\n3,xx\n",
         "3 2 2 2 | too long 1@2:9+5242880 | 0:1:4 0:3:5242889"},
        {5242872, "2,\"", "xx\"\n3,xx\n", "3 3 3 3 | 0:1:4 0:3:5242888"},
        {7000000, "2,\"", "\"\n3,xx\n",
         "3 2 2 2 | too long 1@2:9+7000005 | 0:1:4 0:3:7000014"},
        {7000000, "2,\"", "\n3,xx\n",
         "2 1 1 1 | open quote 1@2:9+7000009 | 0:1:4 0:1:4"},
    };
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
        answers_in_all_ways(&records[i], 5 * MEBI - 1, MEBI / 4);
}

/* --- ends before the file's ------------------------------------------------------ */

static atomic_uint asked;

static bool stop_later(void *ctx)
{
    return atomic_fetch_add(&asked, 1) > *(const unsigned *)ctx;
}

static void threads_that_are_stopped_leave_a_partial_answer(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    for (unsigned later = 0; later < 60; later += 7) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "s = 'xx'");
        atomic_store(&asked, 0);
        b.options.stop = stop_later;
        b.options.ctx = &later;
        b.options.threads = 4;
        b.options.chunk = 1000;
        write_file(rows(&b.arena, "n,s\n", "10,xx\n", ROWS));
        assert_int_equal(count(&b), TW_OK);
        const struct tw_tally *t = &b.impact->tally;
        assert_true(b.impact->partial);
        assert_in_range(t->read, 0, ROWS - 1);
        assert_int_equal(t->affected, t->read);
        assert_int_equal(tw_tally_refused(t), 0);
        bench_end(&b);
    }
}

static void a_thread_whose_tally_runs_full_ends_them_all(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        struct bench b;
        struct tw_buf out;
        bench_begin(&b);
        bench_set(&b, "wrong", "s = 'xx'");
        bench_set(&b, "by", "n");
        b.options.groups_max = 3 + round;
        b.options.threads = 4;
        b.options.chunk = 40 + round;
        tw_buf_init(&out, &b.arena);
        tw_buf_text(&out, "n,s\n");
        for (unsigned i = 0; i < 400; i++) /* every third one is read by itself */
            tw_buf_fmt(&out, i % 3 ? "%u,xx\n" : "%u,\"x\"x\n%u\n", i % 50, i);
        write_file(tw_buf_view(&out));
        assert_int_equal(count(&b), TW_ERR_INPUT);
        assert_string_equal(bench_told(&b), "TW340");
        bench_end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_changes_under_the_scan_is_refused),
        cmocka_unit_test(a_file_that_changes_under_a_reader_is_refused),
        cmocka_unit_test(a_size_that_is_not_the_file_s_is_told),
        cmocka_unit_test(a_record_over_many_chunks_is_refused_to_its_true_end),
        cmocka_unit_test(a_record_of_megabytes_is_judged_by_its_length_alone),
        cmocka_unit_test(threads_that_are_stopped_leave_a_partial_answer),
        cmocka_unit_test(a_thread_whose_tally_runs_full_ends_them_all),
    };
    return cmocka_run_group_tests(tests, name_file, remove_file);
}

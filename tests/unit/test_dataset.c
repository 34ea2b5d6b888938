/* SPDX-License-Identifier: Apache-2.0 */
/* What folders say about their files: partitions of Hive, dumps of Dumpling. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataset.h"
#include "impact_bench.h"
#include "input.h"

struct folder {
    struct bench bench; /* of the paths' memory */
    char path[64];
};

static int make(void **state)
{
    static struct folder f;
    bench_begin(&f.bench);
    memcpy(f.path, "/tmp/tw-dataset-XXXXXX", 23);
    assert_non_null(mkdtemp(f.path));
    *state = &f;
    return 0;
}

static struct tw_str below(struct folder *f, const char *name)
{
    return tw_fmt(&f->bench.arena, "%s/%s", f->path, name);
}

/* Writes TEXT to the file NAME, whose folders are made. */
static void put(struct folder *f, const char *name, const char *text)
{
    char *path = tw_str_cstr(&f->bench.arena, below(f, name));
    for (char *p = path + strlen(f->path) + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(path, 0700);
            *p = '/';
        }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int drop(void **state)
{
    struct folder *f = *state;
    assert_int_equal(nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    bench_end(&f->bench);
    return 0;
}

/* The answer for the folder's NAME, or the ID of the first diagnostic. */
static const char *count(struct folder *f, const char *name, const char *const *options)
{
    struct bench b;
    bench_begin(&b);
    tw_said_add(&b.arena, &b.options.paths, below(f, name), TW_STR("DUMP"));
    for (; *options; options += 2)
        bench_set(&b, options[0], options[1]);
    assert_true(bench_plan(&b));
    bool ok = tw_impact_count(b.impact) == TW_OK;
    struct tw_str answer = ok ? bench_digest(&b) : tw_str_of(bench_told(&b));
    const char *kept = tw_str_cstr(&f->bench.arena, answer);
    bench_end(&b);
    return kept;
}

#define COUNT(f, name, ...) \
    count(f, name, (const char *const[]){"wrong", __VA_ARGS__, NULL})

static void partitions_are_columns_of_every_record(void **state)
{
    struct folder *f = *state;
    put(f, "t/dt=2023-02-09/c=a%3Ab/x.csv", "id\n1\n2\n");
    put(f, "t/dt=2023-02-09/c=__HIVE_DEFAULT_PARTITION__/x.csv", "id\n3\n");
    put(f, "t/dt=2023-02-10/c=/x.csv", "id\n4\n");
    put(f, "t/_SUCCESS", "");
    put(f, "t/dt=2023-02-10/_tmp/x.csv", "id\n5\n");
    assert_string_equal(COUNT(f, "t", "id = '1'", "by", "dt:day", "by", "c"),
                        "4 4 4 1 | 0:2023-02-09,0:a:b 1/2 | 0:2023-02-09,3: 0/1 | "
                        "0:2023-02-10,2: 0/1 | 1:1:3 1:1:3");
    /* Rules on nothing but a partition, by all ways to count. */
    assert_string_equal(COUNT(f, "t", "dt ~ /-09$/"), "4 4 4 3 | 0:1:3 1:2:5");
    assert_string_equal(COUNT(f, "t", "c is null"), "4 4 4 1 | 0:1:3 0:1:3");
    assert_string_equal(COUNT(f, "t", "* = 'a:b'"), "4 4 4 2 | 1:1:3 1:2:5");
    assert_string_equal(COUNT(f, "t", "#3 = 'a:b'"), "4 4 4 2 | 1:1:3 1:2:5");
    assert_string_equal(COUNT(f, "t", "#4 = 'a:b'"), "TW322");
    assert_string_equal(COUNT(f, "t", "d = 'a:b'"), "TW321");
    assert_string_equal(COUNT(f, "t", "id = '1'", "where", "dt = '2023-02-09'",
                              "distinct", "c", "sum", "id"),
                        "4 4 3 1 | distinct 1/1 | sum 1 0 6 0 0 0 | 1:1:3 1:1:3");
    /* The path itself may name them. */
    assert_string_equal(COUNT(f, "t/dt=2023-02-09", "dt = '2023-02-09'"),
                        "3 3 3 3 | 0:1:3 1:2:5");
    assert_string_equal(COUNT(f, "t/dt=2023-02-10/c=/x.csv", "c is empty"),
                        "1 1 1 1 | 0:1:3 0:1:3");
}

static void partitions_that_cannot_be_read_are_refused(void **state)
{
    struct folder *f = *state;
    put(f, "a/dt=%ff/x.csv", "id\n1\n");
    put(f, "b/dt=1/dt=2/x.csv", "id\n1\n");
    put(f, "c/id=1/x.csv", "id\n1\n");
    put(f, "d/dt=1/x.csv", "id\n1\n");
    put(f, "d/y.csv", "id\n1\n");
    assert_string_equal(COUNT(f, "a", "id = '1'"), "TW379");
    assert_string_equal(COUNT(f, "b", "id = '1'"), "TW379");
    assert_string_equal(COUNT(f, "c", "id = '1'"), "TW323");
    assert_string_equal(COUNT(f, "d", "dt = '1'"), "TW320");
}

static void a_timestamp_of_tidb_is_a_time(void **state)
{
    struct folder *f = *state;
    struct tw_arena *arena = &f->bench.arena;
    assert_true(tw_str_is(tw_tso_text(arena, UINT64_C(420747102018863124)),
                          "2020-11-10T15:40:19.591Z"));
    assert_true(tw_str_is(tw_tso_text(arena, 0), "1970-01-01T00:00:00.000Z"));
}

#define METADATA                                                                      \
    "Started dump at: 2020-11-10 10:40:19\nSHOW MASTER STATUS:\n\tLog: tidb-binlog\n" \
    "\tPos: 420747102018863124\n\tGTID:\n\nFinished dump at: 2020-11-10 10:40:20\n"
#define SCHEMA "CREATE TABLE `t` (`id` int, `b` varchar(9));\n"

static void a_folder_of_dumpling_is_one_table(void **state)
{
    struct folder *f = *state;
    put(f, "d/metadata", METADATA);
    put(f, "d/p-schema-create.sql", "CREATE DATABASE `p`;\n");
    put(f, "d/p.t-schema.sql", SCHEMA);
    put(f, "d/p.t.000000000.sql", "INSERT INTO `t` VALUES\n(1,'x'),\n(2,'y');\n");
    put(f, "d/p.t.0000000010000.sql", "INSERT INTO `t` VALUES\n(3,'x');\n");
    assert_string_equal(COUNT(f, "d", "b = 'x'"), "3 3 3 2 | 0:1:23 1:1:23");
    /* One file alone finds its declaration as well. */
    assert_string_equal(COUNT(f, "d/p.t.000000000.sql", "b = 'x'"),
                        "2 2 2 1 | 0:1:23 0:1:23");
    put(f, "d/p.u%2Ev.0.sql", "INSERT INTO `u.v` (`b`) VALUES ('x');\n");
    put(f, "d/p.e-schema.sql", "CREATE TABLE `e` (`b` int);\n");
    assert_string_equal(COUNT(f, "d", "b = 'x'"), "TW370");
    assert_string_equal(COUNT(f, "d", "b = 'x'", "table", "t"),
                        "3 3 3 2 | 0:1:23 1:1:23");
    assert_string_equal(COUNT(f, "d", "b = 'x'", "table", "p.t"),
                        "3 3 3 2 | 0:1:23 1:1:23");
    assert_string_equal(COUNT(f, "d", "b = 'x'", "table", "u.v"),
                        "1 1 1 1 | 0:1:31 0:1:31");
    assert_string_equal(COUNT(f, "d", "b = 'x'", "table", "e"), "0 0 0 0");
    assert_string_equal(COUNT(f, "d", "b = 'x'", "table", "q.t"), "TW371");
    put(f, "d/q.t.0.sql", "INSERT INTO `t` VALUES (1);\n");
    assert_string_equal(COUNT(f, "d", "b = 'x'", "table", "t"), "TW370");
}

static void the_csv_of_dumpling_has_its_own_escapes(void **state)
{
    struct folder *f = *state;
    put(f, "d/metadata", METADATA);
    put(f, "d/p.t-schema.sql", SCHEMA);
    put(f, "d/p.t.0.csv", "\"id\",\"b\"\n1,\"a\\\"\\\\\\n\"\n2,\\N\n");
    put(f, "d/p.t.1.csv", "3,\"\\N\"\n4,\"\"\n");
    assert_string_equal(COUNT(f, "d", "b ~ /^a\"\\\\\\n$/", "wrong", "b is null"),
                        "4 4 4 2 | 0:1:9 0:2:21");
}

static void a_dump_that_is_not_finished_is_refused(void **state)
{
    struct folder *f = *state;
    put(f, "a/metadata", "Started dump at: 2020-11-10 10:40:19\n");
    put(f, "a/p.t.0.sql", "INSERT INTO `t` VALUES (1,'x');\n");
    put(f, "b/p-schema-create.sql", "CREATE DATABASE `p`;\n");
    put(f, "b/p.t.0.sql", "INSERT INTO `t` VALUES (1,'x');\n");
    put(f, "c/metadata", METADATA);
    put(f, "c/p.t.0.sql", "INSERT INTO `t` VALUES (1,'x');\n");
    put(f, "c/p.t.1.parquet", "PAR1");
    put(f, "d/metadata", "other\n");
    put(f, "d/a.csv", "b\nx\n");
    assert_string_equal(COUNT(f, "a", "#2 = 'x'"), "TW377");
    assert_string_equal(COUNT(f, "b", "#2 = 'x'"), "TW377");
    assert_string_equal(COUNT(f, "c", "#2 = 'x'"), "TW378");
    assert_string_equal(COUNT(f, "d", "b = 'x'"), "TW320"); /* a folder as any other */
}

static void a_single_file_of_an_unfinished_dump_can_be_named(void **state)
{
    struct folder *f = *state;
    put(f, "a/metadata", "Started dump at: 2020-11-10 10:40:19\n");
    put(f, "a/p.t.0.sql", "INSERT INTO `t` VALUES (1,'x');\n");
    assert_string_equal(COUNT(f, "a/p.t.0.sql", "#2 = 'x'"), "1 1 1 1 | 0:1:23 0:1:23");
    assert_string_equal(COUNT(f, "a/p.t.0.sql", "name = 'x'"), "TW320");
    put(f, "a/p.t-schema.sql", SCHEMA);
    assert_string_equal(COUNT(f, "a/p.t.0.sql", "b = 'x'"), "1 1 1 1 | 0:1:23 0:1:23");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(partitions_are_columns_of_every_record),
        TEST(partitions_that_cannot_be_read_are_refused),
        TEST(a_timestamp_of_tidb_is_a_time),
        TEST(a_folder_of_dumpling_is_one_table),
        TEST(the_csv_of_dumpling_has_its_own_escapes),
        TEST(a_dump_that_is_not_finished_is_refused),
        TEST(a_single_file_of_an_unfinished_dump_can_be_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

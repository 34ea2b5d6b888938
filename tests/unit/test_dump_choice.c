/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a file is taken for, and which are refused with what to do instead. */
#include "impact_bench.h"
#include "text_records.h"

static struct tw_arena arena;

struct choice {
    const char *file;
    struct tw_str head;
    const char *format;
};

#define HEAD(file, head, format)               \
    {                                          \
        file, {head, sizeof(head) - 1}, format \
    }

static const struct choice choices[] = {
    /* plain ones stay what they were */
    HEAD("a.csv", "a,b\n1,x\n", "csv"),
    HEAD("a", "a,b\n1,x\n", "csv"),
    HEAD("a", "one column\nx\n", "csv"),
    HEAD("a.csv", "a\tb\n1\tx\n", "csv"),
    HEAD("a.csv", "\"a\",\"b\"\n1,\"x \"\"y\"\"\"\n", "csv"),
    HEAD("a.csv", "\"a\",\"b\"\n1,\"C:\\new\\x\"\n", "csv"),
    HEAD("a.csv", "a,b\n1,NULL\n2,\\N\n", "csv"),
    HEAD("a.csv", "a,b\n1,it's\n2,'x'\n", "csv"),
    HEAD("a.csv", "user.id,bill.id\n1,2\n", "csv"),
    HEAD("a.csv", "t.id,t.name\n1,\\N\n", "csv"),
    HEAD("a.csv", "Date,Time\nString,x\n", "csv"),
    HEAD("a.csv", "Export,2023\nDate,Time\n", "csv"),
    HEAD("a.csv", "kind\nString\nDate\n", "csv"),
    HEAD("a.csv", "a,b\n1,5\" pipe\n", "csv"),
    HEAD("a.tsv", "a\tb\n1\tx\n", "tsv"),
    HEAD("a.txt", "a\tb\n1\tx\\y\n", "tsv"),
    HEAD("a.tsv", "a\tb\n1\t\\N\n", "tsv"),
    HEAD("a", "a\tb,c\n1\tx,y\n", "csv"),
    HEAD("a.txt", "a\tb\n1\tends with \\\n2\tx\n", "tsv"),
    /* Hive */
    HEAD("000000_0", "1\x01\\N\x01x\n", "hive_text"),
    HEAD("a.csv", "1\x01,\x01x\n", "hive_text"),
    HEAD("a", "", NULL),
    /* MySQL */
    HEAD("a.tsv", "id\tv\n1\tNULL\n2\ta\\nb\n", "mysql_batch"),
    HEAD("a.tsv", "id\tv\n1\tNULL\n2\tC:\\x\n", "tsv"),
    HEAD("a.tsv", "id\tv\n1\tNULL\n2\t\\N\n", "tsv"),
    HEAD("a.txt", "1\t\\N\t2\n", "outfile"),
    HEAD("a.txt", "1\ta\\\nb\t2\n2\tx\ty\n3\ta\\\nb\tz\n", "outfile"),
    /* beeline */
    HEAD("a.csv", "t.id,t.v\n1,NULL\n", "beeline"),
    HEAD("a", "t.id\tt.v\n1\tNULL\n", "beeline"),
    HEAD("a", "INFO  : Compiling\nid|v\n1|x\n", "beeline"),
    HEAD("a.csv", "Connecting to jdbc:hive2://h\n'id','v'\n'1','x'\n", "beeline"),
    HEAD("a.csv", "'t.id','t.v'\n'1','x'\n'2',''\n", "beeline"),
    HEAD("a.csv", "'id','v'\n'1','x'\n2,y\n", "csv"),
    /* ClickHouse */
    HEAD("a.tsv", "id\tv\nUInt64\tNullable(String)\n1\tx\n", "clickhouse"),
    HEAD("a.csv", "\"id\",\"v\"\n\"UInt64\",\"Decimal(18, 2)\"\n1,2\n", "clickhouse"),
    HEAD("a.csv", "\"id\",\"v\"\n\"UInt64\",\"x\"\n1,2\n", "csv"),
    /* PostgreSQL */
    HEAD("a.sql", "--\n-- PostgreSQL database dump\n--\n", "pg_copy"),
    HEAD("a.sql", "SET x = 1;\nCOPY public.t (id) FROM stdin;\n1\n\\.\n", "pg_copy"),
    HEAD("a.csv", "a,b\n1,COPY t FROM stdin;\n", "csv"),
    /* Dumpling */
    HEAD("d.t.000000000.csv", "\"id\",\"v\"\n1,\"a\\\"b\"\n", "dumpling_csv"),
    HEAD("a.csv", "\"id\",\"v\"\n1,\"a\\\"b\\\", c\"\n", "dumpling_csv"),
    HEAD("d.t.000000000.csv", "\"id\",\"v\"\n1,\"a\\nb\"\n", "dumpling_csv"),
    HEAD("d.t.000000000.csv.gz", "\"id\",\"v\"\n1,\"a\\nb\"\n", "dumpling_csv"),
    HEAD("bills.2023.csv", "\"id\",\"v\"\n1,\"plain\"\n", "csv"),
    HEAD("d.t.0.csv", "\"id\",\"v\"\n1,\"a\\nb \"\"c\"\"\"\n", "csv"),
};

static void a_file_is_taken_for_what_wrote_it(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        const struct choice *c = &choices[i];
        struct tw_diags diags;
        tw_diags_init(&diags, &arena, TW_LANG_EN);
        const struct tw_dump *dump =
            tw_dump_detect(c->head, tw_str_of(c->file), &diags);
        const char *got = dump ? dump->name : NULL;
        const char *want = c->format ? c->format : "csv";
        if (!got || strcmp(got, want) != 0) {
            print_error("%s: %.*s: %s, not %s\n", c->file, (int)c->head.len,
                        c->head.ptr, got ? got : "none", want);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void a_binary_table_is_refused_with_the_command_that_writes_text(void **state)
{
    (void)state;
    static const struct choice refused[] = {
        HEAD("a.parquet", "PAR1\x15\x04\xff\xff", "FORMAT CSVWithNames"),
        HEAD("a.orc", "ORC\x08\x03\xfe\xfe", "orcfiledump"),
        HEAD("000000_0", "SEQ\x06\x22org.apache.hadoop\xff\xff",
             "ROW FORMAT DELIMITED"),
        HEAD("000000_0", "RCF\x01\xff\xff", "ROW FORMAT DELIMITED"),
        HEAD("a.avro", "Obj\x01\x04\x14\xff\xff", "avro-tools"),
        HEAD("a.dump", "PGDMP\x01\x0e\xff\xff", "pg_restore"),
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        for (int lang = 0; lang < TW_LANG_COUNT; lang++) {
            struct bench b;
            bench_begin(&b);
            b.diags.lang = (enum tw_lang)lang;
            bench_set(&b, "wrong", "a = 1");
            assert_int_equal(bench_add(&b, refused[i].head, refused[i].file),
                             TW_ERR_INPUT);
            assert_string_equal(bench_told(&b), "TW356");
            struct tw_str message = b.diags.list.at[0].message;
            assert_true(tw_str_find_str(message, tw_str_of(refused[i].format)) <
                        message.len);
            bench_end(&b);
        }
}

static struct tw_str of_bytes(const char *bytes)
{
    return tw_str_of(bytes);
}

static enum tw_status read_all(void *ctx, char *bytes, size_t room, size_t *got)
{
    return read_piece(ctx, bytes, room, got);
}

/* What FORMAT tells other readers about BYTES; NULL: nothing. */
static const struct tw_text_layout *layout_of(const char *format, const char *bytes,
                                              struct tw_dialect dialect)
{
    struct tw_diags diags;
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    struct piecewise *p = tw_new(&arena, struct piecewise);
    *p = (struct piecewise){of_bytes(bytes), 1 << 20};
    struct tw_dialect *d = tw_new(&arena, struct tw_dialect);
    *d = dialect;
    struct tw_utf8_stream *stream = tw_utf8_stream_open(
        &arena, (struct tw_byte_source){read_all, p}, TW_NO_STR, TW_STR("a"), &diags);
    struct tw_dump_open how = {.arena = &arena,
                               .stream = stream,
                               .name = TW_STR("a"),
                               .dialect = d,
                               .diags = &diags};
    struct tw_records *records = tw_dump_by_name(tw_str_of(format))->open(&how);
    assert_non_null(records);
    return records->text;
}

static void only_what_a_plain_scanner_reads_is_told_to_it(void **state)
{
    (void)state;
    const struct tw_dialect d = tw_dialect_default;
    const struct tw_text_layout *l = layout_of("csv", "a,b\n1,2\n", d);
    assert_int_equal(l->start, 4);
    assert_int_equal(l->nfields, 2);
    assert_text(l->header, "a,b");
    assert_text(l->null_text, "\\N");
    assert_int_equal(l->ragged, TW_REFUSED_RAGGED);
    l = layout_of("hive_text",
                  "1\x01"
                  "2\x01"
                  "3\n",
                  d);
    assert_int_equal(l->start, 0);
    assert_int_equal(l->nfields, 3);
    assert_int_equal(l->header.len, 0);
    assert_int_equal(l->ragged, TW_REFUSED_BROKEN_LINE);
    l = layout_of("outfile", "1\t2\n", d);
    assert_int_equal(l->dialect.escape, '\\');
    assert_int_equal(l->dialect.escapes, TW_CSV_ESCAPES_MYSQL);
    assert_non_null(layout_of("pg_copy", "1\t2\n", d));
    assert_non_null(layout_of("dumpling_csv", "a,b\n1,2\n", d));
    assert_non_null(layout_of("clickhouse", "a\tb\n1\t2\n", d));
    assert_null(layout_of("csv", "", d));
    assert_null(layout_of("clickhouse", "a,b\nString,String\n1,2\n", d));
    assert_null(layout_of("mysql_batch", "a\tb\n1\t2\n", d));
    assert_null(layout_of("beeline", "a,b\n1,2\n", d));
    assert_null(layout_of("pg_copy", "COPY t (a) FROM stdin;\n1\n\\.\n", d));
    struct tw_dialect special = d;
    special.escape = 0;
    assert_null(layout_of("outfile", "1\t2\n", special));
    special.quote = '"';
    assert_text(layout_of("outfile", "1\t2\n", special)->null_text, "NULL");
    const struct tw_str names[] = {TW_STR("a"), TW_STR("b"), TW_STR("c")};
    special = d;
    special.columns = names;
    special.ncolumns = 3;
    assert_null(layout_of("hive_text",
                          "1\x01"
                          "2\n",
                          special));
    assert_non_null(layout_of("hive_text",
                              "1\x01"
                              "2\x01"
                              "3\n",
                              special));
    tw_arena_release(&arena);
}

static void a_script_that_cannot_be_counted_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options, *bytes, *id;
    } refused[] = {
        {"", "COPY a (x) FROM stdin;\n1\n\\.\nCOPY b (x) FROM stdin;\n1\n\\.\n",
         "TW352"},
        {"c", "COPY a (x) FROM stdin;\n1\n\\.\n", "TW351"},
        {"", "--\n-- PostgreSQL database dump\n--\n", "TW351"},
        {"", "COPY a (x) FROM stdin;\n1\n", "TW355"},
        {"", "--\n-- PostgreSQL database dump\n--\nSELECT 'x", "TW355"},
        {"", "COPY a (x) FROM stdin;\n1\n\\.\nSELECT 1", "TW355"},
        {"", "COPY b FROM stdin;\n\\.\nINSERT INTO a VALUES (1);\n", "TW354"},
        {"", "COPY a (x) FROM stdin;\n1\n\\.\nINSERT INTO a VALUES (1);\n", "TW354"},
        {"", "COPY c FROM stdin;\n\\.\nCOPY a (x) FROM stdin WITH CSV;\n1\n\\.\n",
         "TW353"},
        {"", "COPY a (x) FROM stdin;\n1\n\\.\nCOPY a (x, y) FROM stdin;\n1\t2\n\\.\n",
         "TW357"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "x = 1");
        if (refused[i].options[0])
            bench_set(&b, "table", refused[i].options);
        enum tw_status status = bench_add(&b, tw_str_of(refused[i].bytes), "a.sql");
        if (status != TW_ERR_INPUT || strcmp(bench_told(&b), refused[i].id) != 0)
            fail_msg("%s: %s, not %s", refused[i].bytes, bench_told(&b), refused[i].id);
        bench_end(&b);
    }
}

static void a_quote_that_escapes_itself_needs_the_columns(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "#1 = 1");
    bench_set(&b, "dump", "outfile");
    bench_set(&b, "quote", "\"");
    bench_set(&b, "escape", "\"");
    assert_int_equal(bench_add(&b, TW_STR("1\t\"N\n"), "a"), TW_ERR_INPUT);
    assert_string_equal(bench_told(&b), "TW350");
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_taken_for_what_wrote_it),
        cmocka_unit_test(a_binary_table_is_refused_with_the_command_that_writes_text),
        cmocka_unit_test(only_what_a_plain_scanner_reads_is_told_to_it),
        cmocka_unit_test(a_script_that_cannot_be_counted_is_refused),
        cmocka_unit_test(a_quote_that_escapes_itself_needs_the_columns),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

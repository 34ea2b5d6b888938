/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delimited formats: each answer is one line of figures and notes, and must be the
 * same however the bytes arrive.
 */
#include "impact_bench.h"
#include "text_records.h"

struct sample {
    const char *name;
    const char *options; /* "name=value;…" */
    struct tw_str bytes;
    const char *wrong;  /* rules, parted by commas; 1F stands for one inside */
    const char *answer; /* of bench_digest(), then the notes */
};

#define SAMPLE(name, options, bytes, wrong, answer)              \
    {                                                            \
        name, options, {bytes, sizeof(bytes) - 1}, wrong, answer \
    }

#define MARK "\xe8\xa7\xa3\xe5\xaf\x86" /* 解密 */

static const struct sample samples[] = {
    /* hive_text */
    SAMPLE("hive: ^A, NULL, quotes and backslashes are data", "dump=hive_text",
           "1\x01\\N\x01\"a\n2\x01NULL\x01" MARK "\\\n3\x01\x01" MARK "\n",
           "#2 is null,#3 ~ /" MARK "/", "3 3 3 3 | 0:1:0 0:3:23"),
    SAMPLE("hive: named columns", "dump=hive_text;columns=id,name",
           "1\x01x\n2\x01y\n3\x01x", "name = 'x'", "3 3 3 2 | 0:1:0 0:3:8"),
    SAMPLE("hive: a raw line end breaks a row", "dump=hive_text;columns=a,b,c",
           "1\x01x\x01z\n2\x01y1\ny2\x01z\n3\x01x\x01z\n", "b = 'x'",
           "4 2 2 2 | broken line 2@2:6+10 | 0:1:0 0:4:16"),
    SAMPLE("hive: the first row is the broken one", "dump=hive_text",
           "1\x01x\ny\x01z\n2\x01x\x01z\n3\x01x\x01z\n", "#2 = 'x'",
           "4 2 2 2 | broken line 2@1:0+8 | 0:3:8 0:4:14"),
    SAMPLE("hive: columns that came later are NULL", "dump=hive_text;columns=a,b,c",
           "1\x01x\n2\x01y\n", "c is null", "2 2 2 2 | 0:1:0 0:2:4"),
    SAMPLE("hive: more fields than names", "dump=hive_text;columns=a,b",
           "1\x01x\x01z\n", "b = 'x'", "1 0 0 0 | broken line 1@1:0+6"),
    SAMPLE("hive: items and map keys are data", "dump=hive_text", "1\x01p\x02q\x03r\n",
           "#2 = 'p\x02q\x03r'", "1 1 1 1 | 0:1:0 0:1:0"),
    SAMPLE("hive: an escape where the table has one",
           "dump=hive_text;escape=\\;delimiter=|", "1|a\\|b\\\\\n2|\\N\n",
           "#2 = 'a|b\\',#2 is null", "2 2 2 2 | 0:1:0 0:2:9"),
    /* outfile */
    SAMPLE("outfile: escaped line ends, tabs, NUL and NULL", "dump=outfile",
           "1\ta\\\tb\\\nc\\0d\\\\\n2\t\\N\n3\t\\\\N\n",
           "#2 ~ /^a\\tb\\nc\\x00d\\\\$/,#2 is null,#2 = '\\N'",
           "3 3 3 3 | 0:1:0 0:3:20"),
    SAMPLE("outfile: enclosed, NULL is bare",
           "dump=outfile;delimiter=,;quote=\";columns=id,v",
           "1,\"a\\\"b,\\\nc\"\n2,\\N\n3,\"\\N\"\n", "v is null,v = 'a\"b\x1f\nc'",
           "3 3 3 2 | 0:1:0 0:2:13"),
    SAMPLE("outfile: without an escape NULL is the word, and may be a text",
           "dump=outfile;escape=none", "1\tNULL\n2\tNULLx\n3\t\\N\n", "#2 is null",
           "3 3 3 1 | 0:1:0 0:1:0 | ambiguous null 1"),
    SAMPLE("outfile: without an escape but in quotes it is sure",
           "dump=outfile;escape=none;quote=\"", "1\tNULL\n2\t\"NULL\"\n", "#2 is null",
           "2 2 2 1 | 0:1:0 0:1:0"),
    SAMPLE("outfile: another number of fields", "dump=outfile;columns=a,b",
           "1\tx\n2\n3\tx\ty\n", "b = 'x'", "3 1 1 1 | ragged 2@2:4+8 | 0:1:0 0:1:0"),
    /* outfile with the quote as escape */
    SAMPLE("doubled: NULL and texts that begin like it",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b,c",
           "1,\"N,\"x\"\n2,\"N\",\"N\n3,\"N,\",\"\"\n4,\"N,o\",\"Nx\"\n",
           "b is null,b = 'N\x1f',c = 'Nx',c is null", "4 4 4 4 | 0:1:0 0:4:28"),
    SAMPLE("doubled: quotes, NUL and line ends in texts",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b",
           "1,\"a\"\"b\"0c\"\nd\"\n2,\"\"\n3,\"\"\"\"\n",
           "b ~ /^a\"b\\x00c\\nd$/,b = '\"'", "3 3 3 2 | 0:1:0 0:3:20"),
    SAMPLE("doubled: CR LF ends lines, and a raw LF is data",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b,c",
           "1,\"x\ny\",\"N\r\n2,\"x\"\r\ny\",\"end\"\r\n3,\"z\",\"N\r\n",
           "b = 'x\ny',b ~ /^x\\r\\ny$/,c is null", "3 3 3 3 | 0:1:0 0:3:29"),
    SAMPLE("doubled: a text with a line end in the last column",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b",
           "1,\"x\"\ny\"\n2,\"x\"\n", "b = 'x\ny'", "2 2 2 1 | 0:1:0 0:1:0"),
    SAMPLE("doubled: two ways to begin, and one to end",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b,c",
           "1,\"x\",\"y\"\n\"N,\",\",\"N\n3,\"x\",\"y\"\n", "b = 'x'",
           "3 3 3 2 | 0:1:0 0:3:20"),
    SAMPLE("doubled: what can be read in two ways is refused",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b,c",
           "0,\"x\",\"z\"\n1,5,\"x\"\n2,\"\",\"0\"\n3,\"x\",\"y\"\n", "b = 'x'",
           "4 2 2 2 | ambiguous 2@2:10+17 | 0:1:0 0:4:27"),
    SAMPLE("doubled: a line that cannot be read",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b",
           "1,\"x\"\n2,\"x\"y\"\n3\n4,\"x\"\n", "b = 'x'",
           "4 2 2 2 | ragged 1@3:14+2 | bad value 1@2:6+8 | 0:1:0 0:4:16"),
    SAMPLE("doubled: cut off in the next record, or a line end in a text",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b",
           "1,\"w\"\n\"2\",\"x\"\n\"", "b ~ /x/", "2 1 1 0 | ambiguous 1@2:6+9"),
    SAMPLE("doubled: no line end at the end",
           "dump=outfile;delimiter=,;quote=\";escape=\";columns=a,b", "1,\"x\"\n2,\"N",
           "b is null", "2 2 2 1 | 0:2:6 0:2:6"),
    /* mysql_batch */
    SAMPLE("batch: escapes, and NULL is a word", "dump=mysql_batch",
           "id\tv\n1\ta\\tb\\nc\\\\d\\0\n2\tNULL\n3\t\\N\n",
           "v ~ /^a\\tb\\nc\\\\d\\x00$/,v is null",
           "3 3 3 2 | 0:1:5 0:2:20 | ambiguous null 1"),
    SAMPLE("batch: only wanted columns are noted", "dump=mysql_batch",
           "id\tv\n1\tNULL\nNULL\t2\n", "id = 1",
           "2 2 2 1 | 0:1:5 0:1:5 | ambiguous null 1"),
    SAMPLE("batch: names left out", "dump=mysql_batch", "1\tNULL\n2\tx\n", "#2 = 'x'",
           "2 2 2 1 | 0:2:7 0:2:7 | ambiguous null 1"),
    SAMPLE("batch: raw line ends are refused", "dump=mysql_batch",
           "id\tv\n1\tline1\nline2\n2\tx\n", "v = 'x'",
           "3 2 2 1 | ragged 1@2:13+6 | 0:3:19 0:3:19"),
    /* beeline */
    SAMPLE("beeline: csv2 with the log around it", "dump=beeline",
           "Connecting to jdbc:hive2://h:10000\nINFO  : Compiling, \"x\", y\n"
           "t.id,t.v\n1,x\n2,\"x\ny\"\nINFO  : Done\n3,NULL\n4,\"NULL\"\n"
           "4 rows selected (0.5 seconds)\nClosing: 0: jdbc:hive2://h\n",
           "v = 'x',t.v is null",
           "4 4 4 2 | 0:1:70 0:3:95 | ambiguous null 1 | not a record 5"),
    SAMPLE("beeline: tsv2 and a line that is no one's", "dump=beeline",
           "id\tv\n1\tx\nwhat is this\n2\tx\n", "v = 'x'",
           "3 2 2 2 | broken line 1@2:9+13 | 0:1:5 0:3:22"),
    SAMPLE("beeline: a log line that fits is no sure one", "dump=beeline",
           "t.v\nx\nINFO  : Done\n1 row selected (0.1 seconds)\n", "v = 'x'",
           "3 1 1 1 | ambiguous 2@2:6+42 | 0:1:4 0:1:4"),
    SAMPLE("beeline: cells in NUL bytes are refused", "dump=beeline",
           "t.a|t.b\n1|x\n\0"
           "2|\0|x\n3|\0y\n4|x\nz\0\n5|x\n",
           "b = 'x'", "6 2 2 2 | bad value 4@2:12+19 | 0:1:8 0:6:31"),
    SAMPLE("beeline: deprecated csv, and NULL is the empty text", "dump=beeline",
           "'t.id','t.v'\n'1','it's'\n'2',''\n'3','a','b'\n'4','a\nb'\n",
           "v = 'it\x27\x27s',v is null",
           "5 2 2 2 | ambiguous 1@3:31+12 | broken line 2@4:43+10 | 0:1:13 0:2:24 | "
           "ambiguous null 1"),
    SAMPLE("beeline: deprecated csv, with a comma for a text", "dump=beeline",
           "'a','b','c'\n'x',',','y'\n'x','','y'\n'',',''\n'',','y'\n", "c = 'y'",
           "4 1 1 1 | ambiguous 3@1:12+29 | 0:2:24 0:2:24"),
    /* clickhouse */
    SAMPLE("clickhouse: names and types, in UTC", "dump=clickhouse;by=t:day;tz=+08:00",
           "id\tt\tv\nUInt64\tNullable(DateTime(\\'UTC\\'))\tString\n"
           "1\t2023-02-08 20:00:00\ta\\'b\n2\t\\N\t\\x41\n",
           "v = 'a\x27\x27"
           "b',v = 'A'",
           "2 2 2 2 | 0:2023-02-09 1/1 | 3: 1/1 | 0:1:49 0:2:76"),
    SAMPLE("clickhouse: CSV with names and types", "dump=clickhouse",
           "\"id\",\"v\"\n\"UInt64\",\"Decimal(18, 2)\"\n1,\"a \"\"b\"\"\n\"\n2,\\N\n",
           "v = 'a \"b\"\n',v is null", "2 2 2 2 | 0:1:35 0:2:48"),
    SAMPLE("clickhouse: names and types again", "dump=clickhouse",
           "id,v\nUInt64,String\n1,x\nid,v\nUInt64,String\n2,x\n", "v = 'x'",
           "4 2 2 2 | header again 2@2:23+19 | 0:1:19 0:4:42"),
    SAMPLE("clickhouse: a first line with NULL is no header", "dump=clickhouse",
           "1\t\\N\n2\tx\n", "#2 is null", "2 2 2 1 | 0:1:0 0:1:0"),
    /* pg_copy */
    SAMPLE("copy: a plain file", "dump=pg_copy;columns=id,v",
           "1\ta\\tb\\nc\\\\\\x41\\101\n2\t\\N\n3\t\n",
           "v ~ /^a\\tb\\nc\\\\AA$/,v is null", "3 3 3 2 | 0:1:0 0:2:20"),
    SAMPLE("copy: in a script", "dump=pg_copy",
           "--\n-- PostgreSQL database dump\n--\n\n\\restrict x\n"
           "CREATE FUNCTION f() AS $q$ COPY t (a) FROM stdin; ' $q$;\n"
           "/* a; /* b; */ ' */ SELECT E'\\';', ';''', \"a;\"\"\";\n"
           "COPY public.t (id, \"V w\", x) FROM stdin;\n"
           "1\ta\t\\N\n2\tb\n3\ta\t\n\\.\n\n\n-- done;\n",
           "'V w' = 'a'", "3 2 2 2 | ragged 1@2:202+4 | 0:1:195 0:3:206"),
    SAMPLE("copy: the table that was asked for", "dump=pg_copy;table=t",
           "COPY a.s (id) FROM stdin;\n1\n2\n\\.\nCOPY a.t (id) FROM stdin;\n2\n\\.\n"
           "COPY a.t (id) FROM stdin;\n3\n\\.\n",
           "id = 2", "2 2 2 1 | 0:1:59 0:1:59 | other table 2"),
    SAMPLE("copy: empty tables do not count", "dump=pg_copy",
           "COPY s (id) FROM stdin;\n\\.\nCOPY t (id) FROM stdin;\n2\n\\.\n", "id = 2",
           "1 1 1 1 | 0:1:51 0:1:51"),
    /* dumpling_csv */
    SAMPLE("dumpling: backslash escapes", "dump=dumpling_csv",
           "\"id\",\"v\"\n1,\"a\\\"b\\n\\r\\0\\\\\"\n2,\\N\n3,\"\\\\N\"\n",
           "v ~ /^a\"b\\n\\r\\x00\\\\$/,v is null,v = '\\N'", "3 3 3 3 | 0:1:9 0:3:31"),
    /* what other readers get wrong */
    SAMPLE("stray quotes in bare fields", "dump=csv;quote=none",
           "id,v\n1,5\" pipe\n2,x\n3,7\" pipe\n", "v ~ /\"/", "3 3 3 2 | 0:1:5 0:3:19"),
    SAMPLE("CR LF and a mark", "dump=csv",
           "\xef\xbb\xbf"
           "id,v\r\n1,x\r\n2,y\r\n",
           "v = 'x'", "2 2 2 1 | 0:1:9 0:1:9"),
    SAMPLE("backslashes before quotes, as declared", "dump=csv;escape=\\",
           "id,v\n1,\"a \\\"b\\\", c\"\n2,\"x\\\\\"\n", "v = 'a \"b\"\x1f c',v = 'x\\'",
           "2 2 2 2 | 0:1:5 0:2:20"),
    SAMPLE("GB18030 with bars that are half of a character",
           "dump=csv;delimiter=|;encoding=GB18030",
           "id|v\n1|\x96|\n2|\x96|\x96|x\n3|x|y\n", "v ~ /\xe6\x9d\xb1/",
           "3 2 2 2 | ragged 1@3:18+6 | 0:1:5 0:2:10"),
};

static void set_all(struct bench *b, const char *options)
{
    struct tw_str rest = tw_str_of(options), option;
    while (tw_str_split(&rest, ';', &option)) {
        size_t n = tw_str_find(option, '=');
        bench_set(b, tw_str_cstr(&b->arena, tw_str_first(option, n)),
                  tw_str_cstr(&b->arena, tw_str_from(option, n + 1)));
    }
    assert_int_equal(b->diags.list.len, 0);
}

static void set_rules(struct bench *b, const char *rules)
{
    struct tw_str rest = tw_str_of(rules), rule;
    while (tw_str_split(&rest, ',', &rule)) {
        char *text = tw_str_cstr(&b->arena, rule);
        for (char *c = text; *c; c++)
            if (*c == '\x1f')
                *c = ',';
        bench_set(b, "wrong", text);
    }
}

static struct tw_str answer_of(struct bench *b)
{
    struct tw_buf out;
    tw_buf_init(&out, &b->arena);
    tw_buf_str(&out, bench_digest(b));
    for (size_t i = 0; i < TW_NOTE_COUNT; i++) {
        static const char *const names[TW_NOTE_COUNT] = {
            "ambiguous null", "not a record", "repaired byte",
            "lost cr",        "other table",  "repeated key"};
        uint64_t n = b->impact->files.at[0].notes[i];
        if (n)
            tw_buf_fmt(&out, " | %s %u", names[i], (unsigned)n);
    }
    return tw_buf_view(&out);
}

static bool answer_is(const struct sample *s, size_t piece, size_t buffer)
{
    struct bench b;
    bench_begin(&b);
    b.piece = piece;
    b.options.dialect.buffer = buffer;
    set_all(&b, s->options);
    set_rules(&b, s->wrong);
    if (bench_add(&b, s->bytes, "dump") != TW_OK)
        fail_msg("%s: %s", s->name, bench_told(&b));
    struct tw_str got = answer_of(&b);
    bool right = tw_str_is(got, s->answer);
    if (!right)
        print_error("%s (piece %zu, buffer %zu):\n%.*s, not\n%s\n", s->name, piece,
                    buffer, (int)got.len, got.ptr, s->answer);
    bench_end(&b);
    return right;
}

static void the_answer_is_right_for_every_size_of_pieces_and_buffers(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        bool right = answer_is(&samples[i], 1 << 20, 1 << 18);
        for (size_t size = 1; size <= 64 && right; size++)
            right = answer_is(&samples[i], 1 << 20, size) &&
                    answer_is(&samples[i], size, 65 - size);
        wrong += !right;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_right_for_every_size_of_pieces_and_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

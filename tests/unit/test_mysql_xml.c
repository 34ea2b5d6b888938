/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML of mysqldump and of the mysql client: what is read, what is refused, and that
 * random rows come back byte for byte, whatever bytes the values hold: the test writes
 * them as the client does, which escapes four characters and nothing else.
 */
#include "text.h"
#include "transcript.h"
#include "xml_repair.h"

#define XSI " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
#define DUMP(inside) \
    "<?xml version=\"1.0\"?>\n<mysqldump" XSI ">\n<database name=\"d\">\n" inside
#define TABLE(name, rows) "<table_data name=\"" name "\">\n" rows "</table_data>\n"
#define CLOSED "</database>\n</mysqldump>\n"
#define ROW(fields) "<row>" fields "</row>\n"
#define FIELD(name, value) "<field name=\"" name "\">" value "</field>"
#define NIL(name) "<field name=\"" name "\" xsi:nil=\"true\" />"
#define RESULT(rows) "<resultset statement=\"select 1\"" XSI ">" rows "</resultset>"
#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
/* Where the rows of DUMP(TABLE("t", …)) begin. */
#define AT "130"

struct sample {
    const char *what;
    struct reading in;
    const char *expected;
};

static void hold(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct reading in = samples[i].in;
        in.format = "mysql_xml";
        reads_as(in, samples[i].what, tw_str_of(samples[i].expected));
    }
}

static void rows_are_records(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"values, NULL and the empty text",
         {.bytes = TEXT(DUMP(
              TABLE("t", ROW(FIELD("a", "1") FIELD("b", "x &lt;&amp;&gt;&quot; y"))
                             ROW(NIL("a") FIELD("b", ""))
                                 ROW(FIELD("a", "") "<field name=\"b\"/>"))) CLOSED),
          .columns = {"b", "a"}},
         "1@" AT "+83 [x <&>\" y] [1]\n2@214+68 [] NULL\n3@283+52 [] []\nend\n"},
        {"a result set of the client",
         {.bytes = TEXT(RESULT("\n  " ROW(FIELD("a", "1")) "\n  " ROW(NIL("a")))),
          .columns = {"a"}},
         "1@89+36 [1]\n2@129+44 NULL\nend\n"},
        {"line ends and tabs in values",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "x\r\ny\rz\n\t")))), .columns = {"a"}},
         "1@86+43 [x\\x0d\\x0ay\\x0dz\\x0a\\x09]\nend\n"},
        {"control bytes are read as they are",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "\x05\0\x1b") FIELD("\x01", "")))),
          .columns = {"a", "\x01"}},
         "1@86+62 [\\x05\\x00\\x1b] []\nend\nnote 2: 4\n"},
        {"bytes that are no text: refused where they are looked at",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1") FIELD("b", "\xff\xe5\xa4"))
                                   ROW(FIELD("a", "2") FIELD("b", "")))),
          .columns = {"a"}},
         "1@86+63 [1]\n2@150+60 [2]\nend\nnote 2: 3\n"},
        {"the same, looked at",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1") FIELD("b", "\xff\xe5\xa4"))
                                   ROW(FIELD("a", "2") FIELD("b", "")))),
          .columns = {"b"}},
         "1@86+63 invalid encoding\n2@150+60 []\nend\nnote 2: 3\n"},
        {"private characters of the data are kept",
         {.bytes = TEXT(RESULT(
              ROW(FIELD("a", "\xef\x9c\x85\xef\x9d\xbf\xef\x9d\xbf\xef\x9f\xbf\x05")
                      FIELD("b", "\xef\xbf\xbe")))),
          .columns = {"a"}},
         "1@86+75 [\xef\x9c\x85\xef\x9d\xbf\xef\x9d\xbf\xef\x9f\xbf\\x05]\nend\n"
         "note 2: 4\n"},
        {"references to characters, and CDATA",
         {.bytes = TEXT(RESULT(ROW(FIELD(
              "a",
              "&#65;&#xe9;&#13;&#xF705;\x05<![CDATA[<&#65;\r\x06>]]><!-- x -->y")))),
          .columns = {"a"}},
         "1@86+92 [A\xc3\xa9\\x0d\xef\x9c\x85\\x05<&#65;\\x0d\\x06>y]\nend\nnote 2: "
         "2\n"},
        {"hexadecimal values",
         {.bytes = TEXT(RESULT(
              ROW("<field name=\"a\" xsi:type=\"xs:hexBinary\">E5A4b1</field>")
                  ROW("<field name=\"a\" xsi:type=\"xs:hexBinary\">E5A</field>")
                      ROW("<field name=\"a\" xsi:type=\"xs:hexBinary\">EG</field>") ROW(
                          "<field name=\"a\" xsi:type=\"xs:hexBinary\">ff</field>"))),
          .columns = {"a"}},
         "1@86+65 [\xe5\xa4\xb1]\n2@152+62 bad value\n3@215+61 bad value\n"
         "4@277+61 invalid encoding\nend\n"},
        {"another order of columns, and other columns",
         {.bytes = TEXT(RESULT(
              ROW(FIELD("a", "1") FIELD("b", "2")) ROW(FIELD("b", "3") FIELD("a", "4"))
                  ROW(FIELD("a", "5")) ROW(FIELD("a", "6") FIELD("a", "7"))
                      ROW(FIELD("a", "8") FIELD("c", "9")))),
          .columns = {"a", "b"}},
         "1@86+61 [1] [2]\n2@148+61 [4] [3]\n3@210+36 ragged\n4@247+61 ragged\n"
         "5@309+61 ragged\nend\n"},
        {"text and elements in a row that are no fields",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) ROW("x" FIELD("a", "2")) ROW(FIELD(
              "a", "<b>3</b>")) ROW("<b/>" FIELD("a", "4")) ROW("<field>5</field>"))),
          .columns = {"a"}},
         "1@86+36 [1]\n2@123+37 bad value\n3@161+43 bad value\n4@205+40 bad value\n"
         "5@246+27 ragged\nend\n"},
        {"NULL with a value",
         {.bytes = TEXT(RESULT(ROW("<field name=\"a\" xsi:nil=\"true\">x</field>")
                                   ROW(NIL("a")))),
          .columns = {"a"}},
         "1@86+51 bad value\n2@138+44 NULL\nend\n"},
        {"too long",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) ROW(
              FIELD("a", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) ROW(FIELD("a", "2")))),
          .columns = {"a"},
          .record_max = 40},
         "1@86+36 [1]\n2@123+167 too long\n3@291+36 [2]\nend\n"},
        {"GB18030: places are those of lines",
         {.bytes = TEXT(RESULT("\n" ROW(FIELD("a", "\xca\xa7"))
                                   ROW(FIELD("a", "\x81\xff")) ROW(FIELD("a", "1")))),
          .columns = {"a"},
          .encoding = "GB18030"},
         "1@87+38 [\xe5\xa4\xb1]\n2@125+37 invalid encoding\n3@163+36 [1]\nend\n"
         "note 2: 2\n"},
        {"no rows", {.bytes = TEXT(RESULT("")), .columns = {"a"}}, "empty\n"},
    };
    hold(samples, sizeof samples / sizeof samples[0]);
}

#define STRUCTURE(name)                                                   \
    "<table_structure name=\"" name                                       \
    "\"><field Field=\"a\" Type=\"timestamp\" /><field Field=\"b\" Type=" \
    "\"datetime\"/></table_structure>\n"

static void tables_are_told_apart(void **state)
{
    (void)state;
#define TWO                                                         \
    DUMP(TABLE("t", ROW(FIELD("a", "1")) ROW(FIELD("a", "2")))      \
             TABLE("u", ROW(FIELD("b", "3")) ROW(FIELD("b", "4")))) \
    CLOSED
    static const struct sample samples[] = {
        {"several tables and none is named",
         {.bytes = TEXT(TWO), .columns = {"a"}},
         "1@" AT "+36 [1]\n2@167+36 [2]\nTW387\n"},
        {"the first one",
         {.bytes = TEXT(TWO), .columns = {"a"}, .table = "t"},
         "1@" AT "+36 [1]\n2@167+36 [2]\nend\nnote 4: 2\n"},
        {"the second one",
         {.bytes = TEXT(TWO), .columns = {"b"}, .table = "d.u"},
         "1@240+36 [3]\n2@277+36 [4]\nend\nnote 4: 2\n"},
        {"one that is not there",
         {.bytes = TEXT(TWO), .columns = {"b"}, .table = "x"},
         "TW388\n"},
        {"one of another database",
         {.bytes = TEXT(TWO), .columns = {"b"}, .table = "e.u"},
         "TW388\n"},
        {"the same name in two databases",
         {.bytes = TEXT(DUMP(
              TABLE("t", ROW(FIELD("a", "1"))) "</database>\n"
                                               "<database name=\"e\">\n" TABLE(
                                                   "t", ROW(FIELD("a", "2")))) CLOSED),
          .columns = {"a"},
          .table = "t"},
         "1@" AT "+36 [1]\nTW387\n"},
        {"timestamps of mysqldump are UTC",
         {.bytes = TEXT(DUMP(
              STRUCTURE("t") TABLE("t", ROW(FIELD("a", "1") FIELD("b", "2")))) CLOSED),
          .columns = {"b", "a"}},
         "1@245+61 [2] [1]\nend\nutc 1\n"},
        {"the structure of another table says nothing",
         {.bytes = TEXT(DUMP(STRUCTURE("u") TABLE(
              "u", "") "<table_structure "
                       "name=\"t\"/>" TABLE("t", ROW(FIELD("a", "1")))) CLOSED),
          .columns = {"a"}},
         "1@308+36 [1]\nend\n"},
        {"a table without rows has the columns of its structure",
         {.bytes = TEXT(DUMP(STRUCTURE("t") TABLE("t", "\n")) CLOSED),
          .columns = {"b"}},
         "end\n"},
        {"a table without rows and without structure",
         {.bytes = TEXT(DUMP(TABLE("t", "")) CLOSED), .columns = {"b"}},
         "empty\n"},
        {"a result set has no tables",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")))), .columns = {"a"}, .table = "t"},
         "TW330\n"},
    };
    hold(samples, sizeof samples / sizeof samples[0]);
}

static void what_is_no_such_dump_or_is_cut_off_gives_no_answer(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"other XML",
         {.bytes = TEXT("<?xml version=\"1.0\"?><result><row/></result>"),
          .columns = {"a"}},
         "TW385\n"},
        {"cut off between rows",
         {.bytes = TEXT(DUMP("<table_data name=\"t\">\n" ROW(FIELD("a", "1")))),
          .columns = {"a"}},
         "1@" AT "+36 [1]\nTW386\n"},
        {"cut off in a value",
         {.bytes = TEXT(DUMP("<table_data name=\"t\">\n" ROW(
              FIELD("a", "1"))) "<row><field name=\"a\">2"),
          .columns = {"a"}},
         "1@" AT "+36 [1]\nTW386\n"},
        {"cut off in the first row",
         {.bytes = TEXT(RESULT("<row><field name=\"a\">2")), .columns = {"a"}},
         "TW386\n"},
        {"a document type declaration",
         {.bytes = TEXT("<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY x SYSTEM "
                        "\"file:///etc/passwd\">]>" RESULT(ROW(FIELD("a", "&x;")))),
          .columns = {"a"}},
         "TW386\n"},
        {"an entity that is not declared",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) ROW(FIELD("a", "&nbsp;")))),
          .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"two result sets in one file",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1"))) "<?xml version=\"1.0\"?>" RESULT(
              ROW(FIELD("a", "2")))),
          .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"tags that do not match",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) "<row></field></row>")),
          .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"text between rows",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) "x" ROW(FIELD("a", "1")))),
          .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"a row in a row",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) ROW(FIELD("a", "<row/>")))),
          .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"a row outside of the data",
         {.bytes = TEXT(DUMP("<table_structure name=\"t\">" ROW(FIELD("a", "1")))),
          .columns = {"a"}},
         "TW386\n"},
        {"an element that is no row among rows",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1")) "<x/>")), .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"NUL bytes behind the end",
         {.bytes = TEXT(RESULT(ROW(FIELD("a", "1"))) "\0\0\0"), .columns = {"a"}},
         "1@86+36 [1]\nTW386\n"},
        {"empty", {.bytes = TEXT(""), .columns = {"a"}}, "TW386\n"},
    };
    hold(samples, sizeof samples / sizeof samples[0]);
}

/* --- random rows ------------------------------------------------------------------ */

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

static void random_bytes(struct tw_buf *out)
{
    static const char *const pieces[] = {"a",
                                         "1.50",
                                         "<",
                                         "&",
                                         ">",
                                         "\"",
                                         "'",
                                         "\r\n",
                                         "\r",
                                         "\n",
                                         "\t",
                                         "]]>",
                                         "&#65;",
                                         "\xe5\xa4\xb1",
                                         "\xf0\x9f\x98\x80",
                                         "\xc3\xa9",
                                         "\xef\x9c\x85",
                                         "\xef\x9d\xbf",
                                         "\xef\x9f\xbf",
                                         "\xef\xbf\xbd",
                                         "\xef\xbf\xbe",
                                         "\x05",
                                         "\x7f",
                                         "\x1b",
                                         "\x08",
                                         "<row>",
                                         "</row>",
                                         "<!--",
                                         "-->",
                                         "<![CDATA[",
                                         "<!DOCTYPE x>",
                                         "<?",
                                         "?>",
                                         "plain text that is longer than a block"};
    static const char *const broken[] = {"\xff",         "\xe5\xa4",         "\xc3",
                                         "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80",
                                         "\xef",         "\xef\x9c"};
    for (unsigned n = dice(6); n; n--) {
        if (dice(12) == 0)
            tw_buf_text(out, broken[dice(8)]);
        else if (dice(12) == 0)
            tw_buf_char(out, '\0');
        else
            tw_buf_text(out, pieces[dice(sizeof pieces / sizeof pieces[0])]);
    }
}

/* As the client writes a value. */
static void write_value(struct tw_buf *out, struct tw_str value)
{
    for (size_t i = 0; i < value.len; i++)
        switch (value.ptr[i]) {
        case '<':
            tw_buf_text(out, "&lt;");
            break;
        case '>':
            tw_buf_text(out, "&gt;");
            break;
        case '&':
            tw_buf_text(out, "&amp;");
            break;
        case '"':
            tw_buf_text(out, "&quot;");
            break;
        default:
            tw_buf_char(out, value.ptr[i]);
        }
}

static void random_row(struct tw_arena *arena, struct tw_buf *bytes,
                       struct tw_buf *expected, unsigned number)
{
    struct tw_record_field fields[2];
    bool valid = true;
    size_t from = bytes->len;
    tw_buf_text(bytes, "<row>\n");
    for (size_t i = 0; i < 2; i++) {
        struct tw_buf value;
        tw_buf_init(&value, arena);
        bool is_null = dice(6) == 0;
        if (!is_null)
            random_bytes(&value);
        struct tw_str text = tw_buf_view(&value);
        fields[i] = (struct tw_record_field){text.ptr, text.len, is_null};
        valid &= i == 1 || tw_utf8_valid(text);
        tw_buf_fmt(bytes, "\t<field name=\"%c\"%s>", "ab"[i],
                   is_null ? " xsi:nil=\"true\"" : "");
        write_value(bytes, text);
        tw_buf_text(bytes, "</field>\n");
    }
    tw_buf_text(bytes, "</row>");
    tw_buf_fmt(expected, "%u@%u+%u", number, (unsigned)from,
               (unsigned)(bytes->len - from));
    if (valid)
        put_value(expected, &fields[0]);
    else
        tw_buf_text(expected, " invalid encoding");
    tw_buf_char(expected, '\n');
    tw_buf_char(bytes, '\n');
}

static void random_rows_come_back_byte_for_byte(void **state)
{
    (void)state;
    seed = 20230209;
    for (int round = 0; round < 250; round++) {
        struct tw_arena arena;
        struct tw_buf bytes, expected;
        tw_arena_init(&arena, (size_t)1 << 28);
        tw_buf_init(&bytes, &arena);
        tw_buf_init(&expected, &arena);
        tw_buf_text(&bytes, "<resultset" XSI ">\n");
        for (unsigned i = 1; i <= 12; i++)
            random_row(&arena, &bytes, &expected, i);
        tw_buf_text(&bytes, "</resultset>\n");
        tw_buf_text(&expected, "end\n");
        struct reading in = {.format = "mysql_xml",
                             .bytes = tw_buf_view(&bytes),
                             .columns = {"a"},
                             .piece = 1 + dice(300),
                             .buffer = 1 + dice(300)};
        struct tw_str got = transcript(&arena, &in);
        got = tw_str_first(got, expected.len); /* notes behind it */
        if (!tw_str_eq(got, tw_buf_view(&expected)))
            fail_msg("round %d:\n%.*s\nnot\n%.*s", round, (int)got.len, got.ptr,
                     (int)expected.len, expected.ptr);
        tw_arena_release(&arena);
    }
}

static void a_long_value_is_read_in_bounded_pieces(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_buf bytes;
    tw_arena_init(&arena, (size_t)200 << 20);
    tw_buf_init(&bytes, &arena);
    tw_buf_text(&bytes, "<resultset><row><field name=\"a\">");
    tw_buf_chars(&bytes, 'x', (size_t)12 << 20);
    tw_buf_text(&bytes, "</field></row><row><field name=\"a\">");
    tw_buf_chars(&bytes, '\x05', (size_t)3 << 20);
    tw_buf_text(&bytes, "</field></row></resultset>");
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "a ~ /^x{9}/");
    assert_int_equal(bench_add(&b, tw_buf_view(&bytes), "a.xml"), TW_OK);
    assert_text(bench_digest(&b), "2 2 2 1 | 0:1:11 0:1:11");
    bench_end(&b);
    bench_begin(&b);
    b.options.dialect.record_max = 1 << 20;
    bench_set(&b, "wrong", "a ~ /^x{9}/");
    assert_int_equal(bench_add(&b, tw_buf_view(&bytes), "a.xml"), TW_OK);
    assert_text(bench_digest(&b), "2 0 0 0 | too long 2@1:11+15728710");
    bench_end(&b);
    tw_arena_release(&arena);
}

static void tags_and_comments_have_a_limit(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_buf bytes;
    tw_arena_init(&arena, (size_t)256 << 20);
    tw_buf_init(&bytes, &arena);
    tw_buf_text(&bytes, "<resultset><row><field name=\"a\">1</field></row><!--");
    tw_buf_chars(&bytes, '-', 1);
    tw_buf_chars(&bytes, 'x', (size_t)2 << 20);
    struct reading in = {
        .format = "mysql_xml", .bytes = tw_buf_view(&bytes), .columns = {"a"}};
    assert_text(transcript(&arena, &in), "1@11+36 [1]\nTW386\n");
    bytes.len = 0;
    tw_buf_text(&bytes, "<resultset><row><field name=\"a\">1</field></row><row");
    for (unsigned i = 0; i < 1001; i++)
        tw_buf_fmt(&bytes, " a%u=''", i);
    tw_buf_text(&bytes, "></row></resultset>");
    in.bytes = tw_buf_view(&bytes);
    assert_text(transcript(&arena, &in), "1@11+36 [1]\nTW386\n");
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_records),
        cmocka_unit_test(tables_are_told_apart),
        cmocka_unit_test(what_is_no_such_dump_or_is_cut_off_gives_no_answer),
        cmocka_unit_test(random_rows_come_back_byte_for_byte),
        cmocka_unit_test(a_long_value_is_read_in_bounded_pieces),
        cmocka_unit_test(tags_and_comments_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

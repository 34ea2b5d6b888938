/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON dumps: what is read, what is refused, and that it is the same however the bytes
 * arrive. Random lines are held against a slow reader that shares nothing with the fast
 * one: it builds a tree by recursive descent, as the grammar of RFC 8259 has it.
 */
#include "text.h"
#include "transcript.h"

#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

struct sample {
    const char *what;
    struct reading in;
    const char *expected;
};

static void hold(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        reads_as(samples[i].in, samples[i].what, tw_str_of(samples[i].expected));
}

static void lines_are_records(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"values",
         {.format = "jsonl",
          .bytes = TEXT("{\"a\":1.50,\"b\":\"x\"}\n"
                        "{\"b\":null,\"a\":-0.5e+3}\r\n"
                        " { \"b\" : true , \"a\" : \"\" } \n"
                        "{\"a\":[1, {\"b\":2}],\"b\":{ }}"),
          .columns = {"a", "b"}},
         "1@0+19 [1.50] [x]\n2@19+24 [-0.5e+3] NULL\n3@43+28 [] [true]\n"
         "4@71+26 [[1, {\"b\":2}]] [{ }]\nend\n"},
        {"what is missing is NULL",
         {.format = "jsonl",
          .bytes = TEXT("{}\n{\"a\":1}\n{\"b\":2}\n"),
          .columns = {"a"}},
         "1@0+3 NULL\n2@3+8 [1]\n3@11+8 NULL\nend\n"},
        {"escapes",
         {.format = "jsonl",
          .bytes =
              TEXT("{\"a\":\"\\u89e3\\/\\\"\\\\\\n\\u0041\\ud83d\\uDE00\\u00e9\"}\n"
                   "{\"\\u0061\":\"\\b\\f\\r\\t\"}\n"),
          .columns = {"a"}},
         "1@0+47 [\xe8\xa7\xa3/\"\\\\x0aA\xf0\x9f\x98\x80\xc3\xa9]\n"
         "2@47+22 [\\x08\\x0c\\x0d\\x09]\nend\n"},
        {"half a surrogate, in any column",
         {.format = "jsonl",
          .bytes =
              TEXT("{\"a\":1}\n{\"a\":\"\\ud83d\"}\n{\"a\":2,\"b\":\"\\ude00\"}\n"
                   "{\"a\":\"\\ud83d\\u0041\"}\n{\"a\":\"\\ud83dx\"}\n{\"a\":3}\n"),
          .columns = {"a"}},
         "1@0+8 [1]\n2@8+15 bad value\n3@23+21 bad value\n4@44+21 bad value\n"
         "5@65+16 bad value\n6@81+8 [3]\nend\n"},
        {"what is no object is refused and the next line is read",
         {.format = "jsonl",
          .bytes =
              TEXT("{\"a\":1}\n[1]\n5\nnull\n\"x\"\n{\"a\":1}{\"a\":2}\n{\"a\":1},\n"
                   "{\"a\":1\n{\"a\":01}\n{\"a\":1.}\n{\"a\":tru}\n{a:1}\n{\"a\" 1}\n"
                   "{\"a\":1,}\n{,}\n{\"a\":1]\n{\"a\":'x'}\n{\"a\":NaN}\n{\"a\":\"x\n"
                   "{\"a\":9}\n{\"a\""),
          .columns = {"a"}},
         "1@0+8 [1]\n2@8+4 bad value\n3@12+2 bad value\n4@14+5 bad value\n"
         "5@19+4 bad value\n6@23+15 bad value\n7@38+9 bad value\n8@47+7 bad value\n"
         "9@54+9 bad value\n10@63+9 bad value\n11@72+10 bad value\n12@82+6 bad value\n"
         "13@88+8 bad value\n14@96+9 bad value\n15@105+4 bad value\n"
         "16@109+8 bad value\n17@117+10 bad value\n18@127+10 bad value\n"
         "19@137+8 bad value\n20@145+8 [9]\n21@153+4 bad value\nend\n"},
        {"control characters and NUL bytes are no JSON",
         {.format = "jsonl",
          .bytes = TEXT("{\"a\":1}\n{\"a\":\"x\ty\"}\n{\"a\":\"x\0y\"}\n{\"a\":1}\0\n"
                        "{\"a\":\"\\u0000\"}\n"),
          .columns = {"a"}},
         "1@0+8 [1]\n2@8+12 bad value\n3@20+12 bad value\n4@32+9 bad value\n"
         "5@41+15 [\\x00]\nend\n"},
        {"a byte that is no text",
         {.format = "jsonl",
          .bytes = TEXT(
              "{\"a\":1}\n{\"a\":2,\"b\":\"\xff\"}\n{\"a\":\"\xe5\xa4\"}\n{\"a\":3}\n"),
          .columns = {"a"}},
         "1@0+8 [1]\n2@8+16 invalid encoding\n3@24+11 invalid encoding\n"
         "4@35+8 [3]\nend\n"},
        {"marks",
         {.format = "jsonl",
          .bytes = TEXT("\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"a\":2}\n{\"a\":3}\n"),
          .columns = {"a"}},
         "1@3+8 [1]\n2@11+11 byte order mark inside\n3@22+8 [3]\nend\n"},
        {"blank lines at the end are none, others are refused",
         {.format = "jsonl",
          .bytes = TEXT("\n{\"a\":1}\n \n\r\n{\"a\":2}\n\n \t\n"),
          .columns = {"a"}},
         "1@0+1 bad value\n2@1+8 [1]\n3@9+4 bad value x2\n5@13+8 [2]\nend\n"},
        {"too long",
         {.format = "jsonl",
          .bytes =
              TEXT("{\"a\":1}\n{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n{\"a\":2}\n"
                   "{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
          .columns = {"a"},
          .record_max = 20},
         "1@0+8 [1]\n2@8+38 too long\n3@46+8 [2]\n4@54+35 too long\nend\n"},
        {"a key that stands there twice: the last one counts",
         {.format = "jsonl",
          .bytes = TEXT(
              "{\"a\":1,\"a\":2}\n{\"a\":1,\"b\":1,\"b\":1}\n{\"a\":1,\"a\":null}\n"),
          .columns = {"a"}},
         "1@0+14 [2]\n2@14+20 [1]\n3@34+17 NULL\nend\nnote 5: 2\n"},
        {"members of members",
         {.format = "jsonl",
          .bytes = TEXT(
              "{\"a\":{\"b\":1,\"c\":{\"d\":\"x\"}}}\n{\"a\":{\"b\":null}}\n{\"a\":5}\n"
              "{\"a.b\":7}\n{\"a.b\":7,\"a\":{\"b\":8}}\n{\"a\":{\"b\":1},\"a\":{}}\n"
              "{\"a\":{\"b\":1,\"b\":2}}\n"),
          .columns = {"a.b", "a.c.d", "a"}},
         "1@0+28 [1] [x] [{\"b\":1,\"c\":{\"d\":\"x\"}}]\n2@28+17 NULL NULL "
         "[{\"b\":null}]\n3@45+8 NULL NULL [5]\n4@53+10 [7] NULL NULL\n"
         "5@63+22 ambiguous\n6@85+21 NULL NULL [{}]\n7@106+20 [2] NULL "
         "[{\"b\":1,\"b\":2}]\nend\nnote 5: 2\n"},
        {"the NULL of ClickHouse as text",
         {.format = "jsonl",
          .bytes = TEXT("{\"a\":\"\xe1\xb4\xba\xe1\xb5\x81\xe1\xb4\xb8\xe1\xb4\xb8\"}\n"
                        "{\"a\":\"\\\\N\"}\n"),
          .columns = {"a"}},
         "1@0+21 NULL\n2@21+12 [\\N]\nend\nnote 0: 1\n"},
        {"the NULL that is said",
         {.format = "jsonl",
          .bytes = TEXT("{\"a\":\"\xe1\xb4\xba\xe1\xb5\x81\xe1\xb4\xb8\xe1\xb4\xb8\"}\n"
                        "{\"a\":\"-\"}\n{\"a\":null}\n"),
          .columns = {"a"},
          .null_text = "-"},
         "1@0+21 [\xe1\xb4\xba\xe1\xb5\x81\xe1\xb4\xb8\xe1\xb4\xb8]\n2@21+10 NULL\n"
         "3@31+11 NULL\nend\n"},
        {"the empty text is said to be NULL",
         {.format = "jsonl",
          .bytes = TEXT("{\"a\":\"\"}\n{\"a\":\"-\"}\n"),
          .columns = {"a"},
          .null_text = ""},
         "1@0+9 NULL\n2@9+10 [-]\nend\n"},
        {"a column that is nowhere",
         {.format = "jsonl", .bytes = TEXT("{\"a\":1}\n{\"a\":2}\n"), .columns = {"A"}},
         "1@0+8 NULL\n2@8+8 NULL\nTW381\n"},
        {"a column that is nowhere and is said to be one",
         {.format = "jsonl",
          .bytes = TEXT("{\"a\":1}\n"),
          .columns = {"b"},
          .declared = "b"},
         "1@0+8 NULL\nend\n"},
        {"a column that is in refused records alone",
         {.format = "jsonl", .bytes = TEXT("{\"a\":1}\n{\"b\":1]\n"), .columns = {"b"}},
         "1@0+8 NULL\n2@8+8 bad value\nTW381\n"},
        {"nothing was read",
         {.format = "jsonl", .bytes = TEXT("{\"a\":1]\n"), .columns = {"b"}},
         "1@0+8 bad value\nend\n"},
        {"any column: what the record holds",
         {.format = "jsonl",
          .bytes = TEXT(
              "{\"a\":1,\"b\":2}\n{\"c\":3,\"a\":4,\"c\":5}\n{}\n{\"a\":{\"b\":6}}\n"),
          .columns = {"*", "a.b"}},
         "1@0+14 NULL [1] [2]\n2@14+20 NULL [5] [4]\n3@34+3 NULL\n"
         "4@37+14 [6] [{\"b\":6}]\nend\nnote 5: 1\n"},
        {"an empty file",
         {.format = "jsonl", .bytes = TEXT(""), .columns = {"a"}},
         "empty\n"},
        {"a file of blanks",
         {.format = "jsonl", .bytes = TEXT("\n \n"), .columns = {"a"}},
         "empty\n"},
        {"GB18030",
         {.format = "jsonl",
          .bytes = TEXT(
              "{\"a\":\"\xca\xa7\"}\n{\"a\":\"\x96|\"}\n{\"a\":\"\x81\"}\n{\"a\":1}\n"),
          .columns = {"a"},
          .encoding = "GB18030"},
         "1@0+12 [\xe5\xa4\xb1]\n2@11+12 [\xe6\x9d\xb1]\n3@22+10 invalid encoding\n"
         "4@32+8 [1]\nend\n"},
    };
    hold(samples, sizeof samples / sizeof samples[0]);
}

static void objects_may_stand_in_an_array_or_one_after_another(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"an array",
         {.format = "json_array",
          .bytes = TEXT(" [ {\"a\":1},\n{\"a\":\n\"]}\\\"\"} , {} ]\n"),
          .columns = {"a"}},
         "1@3+7 [1]\n2@12+13 []}\"]\n3@28+2 NULL\nend\n"},
        {"an array without blanks",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},{\"a\":[{}]}]"),
          .columns = {"a"}},
         "1@1+7 [1]\n2@9+10 [[{}]]\nend\n"},
        {"an empty array",
         {.format = "json_array", .bytes = TEXT("[]"), .columns = {"a"}},
         "end\n"},
        {"one after another",
         {.format = "json_array",
          .bytes = TEXT("{\n \"a\": 1\n}\n{\"a\":2}{\"a\":3}"),
          .columns = {"a"}},
         "1@0+11 [1]\n2@12+7 [2]\n3@19+7 [3]\nend\n"},
        {"what is no object is refused",
         {.format = "json_array",
          .bytes =
              TEXT("[{\"a\":1},5,\"x,]\",null,[1,{}],{\"a\":01},{\"a\" 1},{\"a\":2}]"),
          .columns = {"a"}},
         "1@1+7 [1]\n2@9+1 bad value\n3@11+5 bad value\n4@17+4 bad value\n"
         "5@22+6 bad value\n6@29+8 bad value\n7@38+7 bad value\n8@46+7 [2]\nend\n"},
        {"the array is cut off",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},{\"a\":2}"),
          .columns = {"a"}},
         "1@1+7 [1]\n2@9+7 [2]\nTW382\n"},
        {"an object is cut off",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},{\"a\":\"2"),
          .columns = {"a"}},
         "1@1+7 [1]\nTW382\n"},
        {"a later object is cut off",
         {.format = "json_array",
          .bytes = TEXT("{\"a\":1}\n{\"a\":"),
          .columns = {"a"}},
         "1@0+7 [1]\nTW382\n"},
        {"brackets that do not match",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},{\"a\":[2},{\"a\":3}]"),
          .columns = {"a"}},
         "1@1+7 [1]\nTW383\n"},
        {"a raw line end in a text",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},{\"a\":\"x\n\"},{\"a\":3}]"),
          .columns = {"a"}},
         "1@1+7 [1]\nTW383\n"},
        {"no comma",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1} {\"a\":2}]"),
          .columns = {"a"}},
         "1@1+7 [1]\nTW383\n"},
        {"a comma too many",
         {.format = "json_array", .bytes = TEXT("[{\"a\":1},]"), .columns = {"a"}},
         "1@1+7 [1]\nTW383\n"},
        {"two commas",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},,{\"a\":1}]"),
          .columns = {"a"}},
         "1@1+7 [1]\nTW383\n"},
        {"text behind the array",
         {.format = "json_array", .bytes = TEXT("[{\"a\":1}]\n["), .columns = {"a"}},
         "1@1+7 [1]\nTW383\n"},
        {"text between objects",
         {.format = "json_array",
          .bytes = TEXT("{\"a\":1},{\"a\":1}"),
          .columns = {"a"}},
         "1@0+7 [1]\nTW383\n"},
        {"too long",
         {.format = "json_array",
          .bytes =
              TEXT("[{\"a\":1},{\"a\":\"xxxxxxxxxx]}xxxxxxxxxx\\\"xxx\"},{\"a\":2}]"),
          .columns = {"a"},
          .record_max = 12},
         "1@1+7 [1]\n2@9+35 too long\n3@45+7 [2]\nend\n"},
        {"too long and cut off",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":1},{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
          .columns = {"a"},
          .record_max = 12},
         "1@1+7 [1]\nTW382\n"},
        {"a byte that is no text",
         {.format = "json_array",
          .bytes = TEXT("[{\"a\":\"\xff\"},{\"a\":2}]"),
          .columns = {"a"}},
         "1@1+9 invalid encoding\n2@11+7 [2]\nend\n"},
        {"an empty file",
         {.format = "json_array", .bytes = TEXT(" \n"), .columns = {"a"}},
         "empty\n"},
    };
    hold(samples, sizeof samples / sizeof samples[0]);
}

static void arrays_a_line_are_records_of_named_columns(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"names",
         {.format = "json_compact",
          .bytes = TEXT("[\"a\",\"b\"]\n[1, \"x\"]\n[null,{\"a\":[]}]\n"),
          .columns = {"b", "a"}},
         "1@10+9 [x] [1]\n2@19+16 [{\"a\":[]}] NULL\nend\n"},
        {"names and types",
         {.format = "json_compact",
          .bytes =
              TEXT("[\"a\",\"b\"]\n[\"UInt32\",\"Nullable(String)\"]\n[1,\"x\"]\n"),
          .columns = {"a"}},
         "1@40+8 [1]\nend\nnote 1: 1\n"},
        {"texts that are no types",
         {.format = "json_compact",
          .bytes = TEXT("[\"a\",\"b\"]\n[\"UInt32\",\"x\"]\n"),
          .columns = {"a"}},
         "1@10+15 [UInt32]\nend\n"},
        {"ragged, no array, the header again",
         {.format = "json_compact",
          .bytes =
              TEXT("[\"a\",\"b\"]\n[1]\n[1,2,3]\n[]\n{}\n[1,2\n[1,2]x\n[\"a\",\"b\"]\n"
                   "[1,2]\n"),
          .columns = {"a"}},
         "1@10+4 ragged\n2@14+8 ragged\n3@22+3 ragged\n4@25+3 bad value\n"
         "5@28+5 bad value\n6@33+7 bad value\n7@40+10 header again\n8@50+6 [1]\nend\n"},
        {"a byte that is no text in the first line of values",
         {.format = "json_compact",
          .bytes = TEXT("[\"a\"]\n[\"\xff\"]\n[\"x\"]\n"),
          .columns = {"a"}},
         "1@6+6 invalid encoding\n2@12+6 [x]\nend\n"},
        {"places in the file as it is encoded",
         {.format = "json_compact",
          .bytes = TEXT("[\"a\"]\n[\"\xd6\xd0\"]\n[\"x\"]\n[1]"),
          .columns = {"a"},
          .encoding = "GB18030"},
         "1@6+8 [\xe4\xb8\xad]\n2@13+6 [x]\n3@19+3 [1]\nend\n"},
        {"GB18030, with and without types",
         {.format = "json_compact",
          .bytes = TEXT("[\"a\"]\n[\"String\"]\n[\"\xca\xa7\"]\r\n[\"\x96|\"]\n"
                        "[\"\x81\"]\n[1]"),
          .columns = {"a"},
          .encoding = "GB18030"},
         "1@17+9 [\xe5\xa4\xb1]\n2@25+8 [\xe6\x9d\xb1]\n3@32+6 invalid encoding\n"
         "4@38+3 [1]\nend\nnote 1: 1\n"},
        {"columns that are said",
         {.format = "json_compact",
          .bytes = TEXT("[1]\n[\"x\"]\n"),
          .columns = {"a"},
          .declared = "a"},
         "1@0+4 [1]\n2@4+6 [x]\nend\n"},
        {"no names",
         {.format = "json_compact", .bytes = TEXT("[1]\n[\"x\"]\n"), .columns = {"a"}},
         "TW384\n"},
        {"a name twice",
         {.format = "json_compact", .bytes = TEXT("[\"a\",\"a\"]\n"), .columns = {"a"}},
         "TW384\n"},
        {"a column that is not there",
         {.format = "json_compact", .bytes = TEXT("[\"a\",\"b\"]\n"), .columns = {"x"}},
         "TW321\n"},
        {"any column",
         {.format = "json_compact",
          .bytes = TEXT("[\"a\",\"b\"]\n[1,2]\n"),
          .columns = {"*"}},
         "1@10+6 [1] [2]\nend\n"},
        {"an empty file",
         {.format = "json_compact", .bytes = TEXT(""), .columns = {"a"}},
         "empty\n"},
    };
    hold(samples, sizeof samples / sizeof samples[0]);
}

/* --- the slow reader -------------------------------------------------------------- */

struct tree {
    char kind;          /* '{' '[' '"' '0' (number) 't' (word) 'n' (null) */
    struct tw_str text; /* of a text: decoded; else as it is written */
    struct tw_str keys[16];
    struct tree *children[16];
    size_t count;
};

struct slow {
    struct tw_arena *arena;
    const char *p, *end;
    bool bad;
};

static int at(const struct slow *s)
{
    return s->p < s->end ? (unsigned char)*s->p : -1;
}

static bool eat(struct slow *s, char c)
{
    bool is = at(s) == c;
    s->p += is;
    return is;
}

static void need(struct slow *s, char c)
{
    s->bad |= !eat(s, c);
}

static void blanks(struct slow *s)
{
    while (at(s) == ' ' || at(s) == '\t' || at(s) == '\r')
        s->p++;
}

static unsigned hex4(struct slow *s)
{
    unsigned n = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *d = at(s) > 0 ? strchr(digits, at(s)) : NULL;
        s->bad |= !d;
        if (!d)
            return 0;
        size_t value = (size_t)(d - digits);
        n = n * 16 + (unsigned)(value < 16 ? value : value - 6);
        s->p++;
    }
    return n;
}

static void put_point(struct tw_buf *out, unsigned c)
{
    if (c < 0x80) {
        tw_buf_char(out, (char)c);
    } else if (c < 0x800) {
        tw_buf_char(out, (char)(0xc0 + c / 64));
        tw_buf_char(out, (char)(0x80 + c % 64));
    } else if (c < 0x10000) {
        tw_buf_char(out, (char)(0xe0 + c / 4096));
        tw_buf_char(out, (char)(0x80 + c / 64 % 64));
        tw_buf_char(out, (char)(0x80 + c % 64));
    } else {
        tw_buf_char(out, (char)(0xf0 + c / 262144));
        tw_buf_char(out, (char)(0x80 + c / 4096 % 64));
        tw_buf_char(out, (char)(0x80 + c / 64 % 64));
        tw_buf_char(out, (char)(0x80 + c % 64));
    }
}

static void slow_escape(struct slow *s, struct tw_buf *out)
{
    int c = at(s);
    s->p++;
    if (c == 'u') {
        unsigned high = hex4(s);
        if (high >= 0xdc00 && high <= 0xdfff)
            s->bad = true;
        if (high >= 0xd800 && high <= 0xdbff) {
            need(s, '\\');
            need(s, 'u');
            unsigned low = s->bad ? 0 : hex4(s);
            s->bad |= low < 0xdc00 || low > 0xdfff;
            high = 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
        }
        if (!s->bad)
            put_point(out, high);
    } else if (c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't') {
        tw_buf_char(out, c == 'b'   ? 8
                         : c == 'f' ? 12
                         : c == 'n' ? 10
                         : c == 'r' ? 13
                                    : 9);
    } else if (c == '"' || c == '\\' || c == '/') {
        tw_buf_char(out, (char)c);
    } else {
        s->bad = true;
    }
}

static struct tw_str slow_text(struct slow *s)
{
    struct tw_buf out;
    tw_buf_init(&out, s->arena);
    need(s, '"');
    while (!s->bad && !eat(s, '"')) {
        if (at(s) < 0x20)
            s->bad = true;
        else if (eat(s, '\\'))
            slow_escape(s, &out);
        else
            tw_buf_char(&out, *s->p++);
    }
    return tw_buf_view(&out);
}

static bool slow_digits(struct slow *s)
{
    const char *from = s->p;
    while (at(s) >= '0' && at(s) <= '9')
        s->p++;
    return s->p > from;
}

static void slow_number(struct slow *s)
{
    eat(s, '-');
    if (!eat(s, '0'))
        s->bad |= !slow_digits(s);
    if (eat(s, '.'))
        s->bad |= !slow_digits(s);
    if (eat(s, 'e') || eat(s, 'E')) {
        if (!eat(s, '+'))
            eat(s, '-');
        s->bad |= !slow_digits(s);
    }
}

static struct tree *slow_value(struct slow *s);

static void slow_children(struct slow *s, struct tree *tree, char close)
{
    blanks(s);
    if (eat(s, close))
        return;
    do {
        assert_true(tree->count < 16);
        struct tw_str key = TW_STR("");
        blanks(s);
        if (close == '}') {
            key = slow_text(s);
            blanks(s);
            need(s, ':');
        }
        if (s->bad)
            return;
        tree->keys[tree->count] = key;
        tree->children[tree->count++] = slow_value(s);
        blanks(s);
    } while (!s->bad && eat(s, ','));
    need(s, close);
}

static struct tree *slow_value(struct slow *s)
{
    struct tree *tree = tw_new(s->arena, struct tree);
    blanks(s);
    const char *from = s->p;
    if (at(s) == '"') {
        tree->kind = '"';
        tree->text = slow_text(s);
        return tree;
    }
    if (eat(s, '{')) {
        tree->kind = '{';
        slow_children(s, tree, '}');
    } else if (eat(s, '[')) {
        tree->kind = '[';
        slow_children(s, tree, ']');
    } else if (at(s) == 't' || at(s) == 'f' || at(s) == 'n') {
        static const char *const words[] = {"true", "false", "null"};
        tree->kind = at(s) == 'n' ? 'n' : 't';
        struct tw_str rest = {s->p, (size_t)(s->end - s->p)};
        size_t i = 0;
        while (i < 3 && !tw_str_starts(rest, words[i]))
            i++;
        s->bad |= i == 3;
        s->p += i == 3 ? 0 : strlen(words[i]);
    } else {
        tree->kind = '0';
        slow_number(s);
    }
    tree->text = (struct tw_str){from, (size_t)(s->p - from)};
    return tree;
}

/* The last child of TREE with the key, or NULL; *TWICE: there are more. */
static const struct tree *child(const struct tree *tree, const char *key, bool *twice)
{
    const struct tree *found = NULL;
    for (size_t i = 0; tree && tree->kind == '{' && i < tree->count; i++)
        if (tw_str_is(tree->keys[i], key)) {
            *twice |= found != NULL;
            found = tree->children[i];
        }
    return found;
}

static void put_tree(struct tw_buf *out, const struct tree *tree)
{
    struct tw_record_field f = {"", 0, true};
    if (tree && tree->kind != 'n')
        f = (struct tw_record_field){tree->text.ptr, tree->text.len, false};
    put_value(out, &f);
}

/* What the reader must say of LINE, the columns being a, a.b and c. *SEEN: in which
 * they stood. */
static bool slow_line(struct tw_arena *arena, struct tw_str line, struct tw_buf *out,
                      bool seen[3], bool *repeated)
{
    struct slow s = {arena, line.ptr, line.ptr + line.len, false};
    struct tree *tree = tw_utf8_valid(line) ? slow_value(&s) : NULL;
    if (!tree) {
        tw_buf_text(out, " invalid encoding");
        return false;
    }
    blanks(&s);
    if (s.bad || s.p < s.end || tree->kind != '{') {
        tw_buf_text(out, " bad value");
        return false;
    }
    bool twice = false;
    const struct tree *a = child(tree, "a", &twice), *c = child(tree, "c", &twice);
    const struct tree *flat = child(tree, "a.b", &twice), *deep = child(a, "b", &twice);
    /* What stood inside of an `a` that another one replaced was there as well. */
    bool inside = false;
    for (size_t i = 0; i < tree->count; i++)
        if (tw_str_is(tree->keys[i], "a"))
            inside |= child(tree->children[i], "b", &twice) != NULL;
    if (flat && inside) {
        tw_buf_text(out, " ambiguous");
        return false;
    }
    const struct tree *ab = flat ? flat : deep;
    put_tree(out, a);
    put_tree(out, ab);
    put_tree(out, c);
    seen[0] |= a != NULL;
    seen[1] |= ab != NULL;
    seen[2] |= c != NULL;
    *repeated = twice;
    return true;
}

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

static void random_value(struct tw_buf *out, unsigned depth)
{
    static const char *const values[] = {
        "null",        "true",
        "false",       "0",
        "-1.5",        "1e9",
        "10.250",      "\"\"",
        "\"x\"",       "\"\xe5\xa4\xb1\"",
        "\"\\u5931\"", "\"\\ud83d\\ude00\"",
        "\"a\\\"b\"",  "\"\\\\\"",
        "\"}{][,:\"",  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n\""};
    static const char *const keys[] = {"a", "b", "c", "a.b", "\\u0061", "d", "b"};
    if (depth == 0 || dice(3)) {
        tw_buf_text(out, values[dice(16)]);
        return;
    }
    bool object = dice(3) > 0;
    tw_buf_char(out, object ? '{' : '[');
    for (unsigned n = dice(4), i = 0; i < n; i++) {
        tw_buf_text(out, i ? dice(4) ? "," : " , " : "");
        if (object)
            tw_buf_fmt(out, "\"%s\"%s", keys[dice(7)], dice(4) ? ":" : " : ");
        random_value(out, depth - 1);
    }
    tw_buf_char(out, object ? '}' : ']');
}

static void random_line(struct tw_buf *out)
{
    static const char *const keys[] = {"a", "b", "c", "a.b", "d", "e"};
    size_t from = out->len;
    tw_buf_text(out, dice(9) ? "{" : " { ");
    for (unsigned n = dice(7), i = 0; i < n; i++) {
        tw_buf_text(out, i ? "," : "");
        tw_buf_fmt(out, "\"%s\":", keys[dice(3) ? i % 6 : dice(6)]);
        random_value(out, 3);
    }
    tw_buf_text(out, "}");
    /* Most lines as they are, some with a byte changed, some cut. */
    static const char bytes[] = "\"\\{}[],:0x.\xff\xe5 \t\x01tn";
    if (dice(3) == 0 && out->len > from)
        out->ptr[from + dice((unsigned)(out->len - from))] =
            bytes[dice(sizeof bytes - 1)];
    if (dice(12) == 0)
        out->len -= dice((unsigned)(out->len - from));
}

static void random_lines_are_read_as_a_slow_reader_reads_them(void **state)
{
    (void)state;
    seed = 20230209;
    for (int round = 0; round < 400; round++) {
        struct tw_arena arena;
        struct tw_buf bytes, expected;
        tw_arena_init(&arena, (size_t)1 << 28);
        tw_buf_init(&bytes, &arena);
        tw_buf_init(&expected, &arena);
        bool seen[3] = {false, false, false};
        unsigned given = 0, repeats = 0;
        for (unsigned i = 1; i <= 12; i++) {
            size_t from = bytes.len;
            bool repeated = false;
            random_line(&bytes);
            struct tw_str line = {bytes.ptr + from, bytes.len - from};
            tw_buf_fmt(&expected, "%u@%u+%u", i, (unsigned)from,
                       (unsigned)line.len + 1);
            bool ok = slow_line(&arena, line, &expected, seen, &repeated);
            given += ok;
            repeats += ok && repeated;
            tw_buf_char(&expected, '\n');
            tw_buf_char(&bytes, '\n');
        }
        bool all = (seen[0] && seen[1] && seen[2]) || given == 0;
        tw_buf_text(&expected, all ? "end\n" : "");
        if (repeats && all)
            tw_buf_fmt(&expected, "note 5: %u\n", repeats);
        tw_buf_text(&expected, all ? "" : "TW381\n");
        struct reading in = {.format = "jsonl",
                             .bytes = tw_buf_view(&bytes),
                             .columns = {"a", "a.b", "c"}};
        in.piece = 1 + dice(200);
        in.buffer = 1 + dice(200);
        struct tw_str got = transcript(&arena, &in);
        if (!tw_str_eq(got, tw_buf_view(&expected)))
            fail_msg("round %d:\n%.*s\n%.*s\nnot\n%.*s", round, (int)bytes.len,
                     bytes.ptr, (int)got.len, got.ptr, (int)expected.len, expected.ptr);
        tw_arena_release(&arena);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_buf bytes;
    tw_arena_init(&arena, (size_t)1 << 28);
    tw_buf_init(&bytes, &arena);
    for (size_t depth = 1023; depth <= 1025; depth++) {
        tw_buf_text(&bytes, "{\"b\":1,\"a\":");
        tw_buf_chars(&bytes, '[', depth);
        tw_buf_chars(&bytes, ']', depth);
        tw_buf_text(&bytes, "}\n");
    }
    struct reading in = {
        .format = "jsonl", .bytes = tw_buf_view(&bytes), .columns = {"b"}};
    assert_text(transcript(&arena, &in),
                "1@0+2059 [1]\n2@2059+2061 [1]\n3@4120+2063 bad value\nend\n");
    tw_arena_release(&arena);
}

static void the_format_is_told_by_content(void **state)
{
    (void)state;
    static const struct {
        struct tw_str head;
        const char *format;
    } heads[] = {
        {TEXT("{\"a\":1}\n"), "jsonl"},
        {TEXT("\n {\"a\":1}\n{"), "jsonl"},
        {TEXT("{\"a\":1,\"b\":\"a line that is longer than the head"), "jsonl"},
        {TEXT("{\n\"a\":1\n}\n"), "json_array"},
        {TEXT("{\n}\n{\n}\n"), "json_array"},
        {TEXT("[{\"a\":1},\n"), "json_array"},
        {TEXT("[\n {\n"), "json_array"},
        {TEXT("[]"), "json_array"},
        {TEXT("[\"a\",\"b\"]\n[1,2]\n"), "json_compact"},
        {TEXT("[1,2]\n"), "json_compact"},
        {TEXT("[a],b\n1,2\n"), "csv"},
        {TEXT("{a},b\n1,2\n"), "csv"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct tw_arena arena;
        struct tw_diags diags;
        tw_arena_init(&arena, 1 << 20);
        tw_diags_init(&diags, &arena, TW_LANG_EN);
        const struct tw_dump *dump = tw_dump_detect(heads[i].head, TW_STR("x"), &diags);
        if (!dump || strcmp(dump->name, heads[i].format) != 0)
            fail_msg("%s is taken for %s", heads[i].head.ptr,
                     dump ? dump->name : "nothing");
        tw_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_records),
        cmocka_unit_test(objects_may_stand_in_an_array_or_one_after_another),
        cmocka_unit_test(arrays_a_line_are_records_of_named_columns),
        cmocka_unit_test(random_lines_are_read_as_a_slow_reader_reads_them),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(the_format_is_told_by_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

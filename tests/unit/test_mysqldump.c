/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records out of SQL dumps: each sample's answer is one line of figures, and must be
 * the same however the bytes arrive.
 */
#include "impact_bench.h"

struct sample {
    const char *name;
    struct tw_str bytes;
    const char *wrong, *table;
    const char *answer; /* of bench_digest() */
};

#define SAMPLE(name, bytes, wrong, table, answer)              \
    {                                                          \
        name, {bytes, sizeof(bytes) - 1}, wrong, table, answer \
    }

#define TABLE "CREATE TABLE `t` (`a` int,`b` varchar(9));\n"

static const struct sample samples[] = {
    SAMPLE("rows in one line",
           TABLE "INSERT INTO `t` VALUES (1,'x'),(2,'y'),(3,'x');\n", "b = 'x'", NULL,
           "3 3 3 2 | 0:1:66 0:3:82"),
    SAMPLE("a row per line", TABLE "INSERT INTO `t` VALUES\n(1,'x'),\n(2,'x');\n",
           "b = 'x'", NULL, "2 2 2 2 | 0:1:66 0:2:75"),
    SAMPLE("a statement per row",
           TABLE "INSERT INTO `t` VALUES (1,'x');\nINSERT INTO `t` VALUES (2,'x');\n",
           "b = 'x'", NULL, "2 2 2 2 | 0:1:66 0:2:98"),
    SAMPLE("blanks and comments between all tokens",
           TABLE "insert /* a */ into `t`\n-- it's (\nvalues ( 1 , 'x' ) , -- ;\n"
                 " # (9,'x'\n(2/*!40000 */,'x') ;",
           "b = 'x'", NULL, "2 2 2 2 | 0:1:84 0:2:113"),
    SAMPLE("REPLACE, IGNORE, modifiers, VALUE",
           TABLE "REPLACE INTO t VALUES (1,'x');INSERT IGNORE INTO t VALUES(2,'x');"
                 "INSERT LOW_PRIORITY t VALUE (3,'x');",
           "b = 'x'", NULL, "3 3 3 3 | 0:1:65 0:3:136"),
    SAMPLE("ON DUPLICATE KEY UPDATE",
           TABLE "INSERT INTO t VALUES (1,'x') ON DUPLICATE KEY UPDATE b='(2,x)';"
                 "INSERT INTO t VALUES (2,'x');",
           "b = 'x'", NULL, "2 2 2 2 | 0:1:64 0:2:127"),
    SAMPLE("a list of columns, in any order",
           TABLE
           "INSERT INTO `t` (`b`,`a`) VALUES ('x',1);\n"
           "INSERT INTO `t` (`a`, `b`) VALUES (2,'x'); INSERT INTO t VALUES (3,'x');",
           "b = 'x'", NULL, "3 3 3 3 | 0:1:76 0:3:149"),
    SAMPLE("a list that lacks a wanted column",
           TABLE "INSERT INTO t (a,b) VALUES (1,'x');INSERT INTO t (a) VALUES (2),(3);",
           "b = 'x'", NULL, "3 1 1 1 | ragged 2@2:103+6 | 0:1:70 0:1:70"),
    SAMPLE(
        "escapes of all kinds",
        TABLE
        "INSERT INTO t VALUES (1,'\\0\\n\\r\\\\\\'\\\"\\Z\\t\\b\\x'''),(2,'\\%\\_');",
        "b = '\x01'", NULL, "2 2 2 0"),
    SAMPLE("an escaped text is decoded",
           TABLE
           "INSERT INTO t VALUES (1,'it\\'s'),(2,'it''s'),(3,\"it's\"),(4,'it\\\\s'),"
           "(5,'it\ns');",
           "b ~ /^it'?\\n?s$/", NULL, "5 5 5 4 | 0:1:64 0:5:111"),
    SAMPLE("a text that looks like SQL",
           TABLE
           "INSERT INTO t VALUES (1,';),( INSERT INTO t VALUES (9,\\'x\\'),'),(2,'x');",
           "b = 'x'", NULL, "2 2 2 1 | 0:2:107 0:2:107"),
    SAMPLE("NULL, 'NULL', '' and '\\\\N'",
           TABLE
           "INSERT INTO t VALUES (1,NULL),(2,'NULL'),(3,''),(4,'\\\\N'),(5, null );",
           "b is null", NULL, "5 5 5 2 | 0:1:64 0:5:101"),
    SAMPLE("hexadecimal, bits, introducers",
           TABLE
           "INSERT INTO t VALUES (1,0x78),(2,x'78'),(3,b'1111000'),(4,_binary 'x'),"
           "(5,_utf8mb4'x'),(6,0b01111000),(7,_binary 0x78),(8,X'7'),(9,x''),(10,0x);",
           "b = 'x'", NULL, "10 9 9 7 | bad value 1@8:162+8 | 0:1:64 0:7:145"),
    SAMPLE("numbers",
           TABLE "INSERT INTO t VALUES (-1,1e3),(+2,-.5),(3,1E-2),(4,1--1),(5,1/2);",
           "#2 ~ /[15]/", NULL, "5 3 3 3 | bad value 2@4:91+15 | 0:1:64 0:3:82"),
    SAMPLE("expressions are refused where they are wanted",
           TABLE
           "INSERT INTO t VALUES (now(),'x'),(2,concat('x',')')),(3,TRUE),(4,DEFAULT);",
           "b = 'x'", NULL, "4 2 2 1 | bad value 2@2:76+30 | 0:1:64 0:1:64"),
    SAMPLE(
        "values that are none",
        TABLE
        "INSERT INTO t VALUES (1,'x'),(2,'it's'),(3,'x');INSERT INTO t VALUES (4,'x');",
        "b = 'x'", NULL, "2 1 1 1 | cut off 1@2:72+48 | 0:1:64 0:1:64"),
    SAMPLE("values that are none, and an end",
           TABLE "INSERT INTO t VALUES (1,'x'),(2,x x),(3,'x');", "b = 'x'", NULL,
           "3 2 2 2 | bad value 1@2:72+7 | 0:1:64 0:3:80"),
    SAMPLE("too few and too many values",
           TABLE "INSERT INTO t VALUES (1),(1,'x'),(1,'x',2);", "b = 'x'", NULL,
           "3 1 1 1 | ragged 2@1:64+12 | 0:2:68 0:2:68"),
    SAMPLE("a dump without CREATE TABLE has numbered columns",
           "INSERT INTO t VALUES (1,'x'),(2,'y'),(3);", "#2 = 'x'", NULL,
           "3 2 2 1 | ragged 1@3:37+3 | 0:1:21 0:1:21"),
    SAMPLE("generated columns that are dumped",
           "CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a + 1) VIRTUAL, b text);"
           "INSERT INTO t VALUES (1,2,'x');",
           "b = 'x'", NULL, "1 1 1 1 | 0:1:95 0:1:95"),
    SAMPLE("generated columns that are left out",
           "CREATE TABLE t (a int, g int as (concat('(',a)) stored, b text, KEY k (b));"
           "INSERT INTO t VALUES (1,'x'),(1,2,'x');",
           "b = 'x'", NULL, "2 1 1 1 | ragged 1@2:104+9 | 0:1:96 0:1:96"),
    SAMPLE("another number of values than either",
           "CREATE TABLE t (a int, g int as (a), b text);INSERT INTO t VALUES (1);",
           "b = 'x'", NULL, "1 0 0 0 | ragged 1@1:66+3"),
    SAMPLE("rows of another table are passed over",
           TABLE "CREATE TABLE u (c int);INSERT INTO u VALUES (1),('(');"
                 "INSERT INTO t VALUES (1,'x');INSERT INTO u VALUES (3);"
                 "INSERT INTO t VALUES (2,'x');",
           "b = 'x'", "t", "2 2 2 2 | 0:1:118 0:2:172"),
    SAMPLE("a table of a database",
           "USE `d`;" TABLE "INSERT INTO t VALUES (1,'x');USE e;" TABLE
           "INSERT INTO t VALUES (2,'x'),(3,'x');",
           "b = 'x'", "d.t", "1 1 1 1 | 0:1:72 0:1:72"),
    SAMPLE("a qualified name",
           "CREATE TABLE d.t (a int,b text);INSERT INTO `d`.`t` VALUES (1,'x');"
           "INSERT INTO e.t VALUES(2,'x');",
           "b = 'x'", "d.t", "1 1 1 1 | 0:1:59 0:1:59"),
    SAMPLE("the first lines of a mysqldump name the database",
           "-- MySQL dump 10.13\n--\n-- Host: localhost    Database: pay\n" TABLE
           "INSERT INTO t VALUES (1,'x');\n-- Dump completed on 2023-02-13\n",
           "b = 'x'", "pay.t", "1 1 1 1 | 0:1:123 0:1:123"),
    SAMPLE("triggers and routines are passed over",
           TABLE
           "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER g BEFORE INSERT ON t "
           "FOR EACH ROW BEGIN INSERT INTO t VALUES (7,'x'); SET @a = 'DELIMITER ;'; "
           "END */;;\nDELIMITER ;\nINSERT INTO t VALUES (1,'x');",
           "b = 'x'", NULL, "1 1 1 1 | 0:1:227 0:1:227"),
    SAMPLE("comments with quotes and statements in them",
           "/*M!999999\\- enable the sandbox mode */ \n-- it's\n# INSERT INTO t VALUES "
           "(8,'x');\n/* INSERT INTO t VALUES (9,'x'); it's */\n" TABLE
           "/*!40000 ALTER TABLE `t` DISABLE KEYS */;\nINSERT INTO t VALUES (1,'x');",
           "b = 'x'", NULL, "1 1 1 1 | 0:1:228 0:1:228"),
    SAMPLE("backslashes that are data",
           "SET sql_mode='ANSI,NO_BACKSLASH_ESCAPES';" TABLE
           "INSERT INTO t VALUES (1,'x\\'),(2,'x');SET sql_mode=@old;"
           "INSERT INTO t VALUES (3,'x\\'');",
           "b = 'x\\'", NULL, "3 3 3 1 | 0:1:105 0:1:105"),
    SAMPLE(
        "names in double quotes",
        "CREATE TABLE \"t\" (\"a\" int,\"b\" text);INSERT INTO \"t\" VALUES (1,'x');",
        "b = 'x'", "t", "1 1 1 1 | 0:1:59 0:1:59"),
    SAMPLE("cut off inside a text", TABLE "INSERT INTO t VALUES (1,'x'),(2,'x",
           "b = 'x'", NULL, "2 1 1 1 | cut off 1@2:72+5 | 0:1:64 0:1:64"),
    SAMPLE("cut off behind a row", TABLE "INSERT INTO t VALUES (1,'x')", "b = 'x'",
           NULL, "2 1 1 1 | cut off 1@2:71+0 | 0:1:64 0:1:64"),
    SAMPLE("cut off behind a comma", TABLE "INSERT INTO t VALUES (1,'x'),\n", "b = 'x'",
           NULL, "2 1 1 1 | cut off 1@2:73+0 | 0:1:64 0:1:64"),
    SAMPLE("cut off in the head of an INSERT",
           TABLE "INSERT INTO t VALUES (1,'x');INSERT INTO t VAL", "b = 'x'", NULL,
           "2 1 1 1 | cut off 1@2:72+17 | 0:1:64 0:1:64"),
    SAMPLE("cut off in another table",
           TABLE "INSERT INTO t VALUES (1,'x');INSERT INTO u VALUES (1,'x", "b = 'x'",
           "t", "2 1 1 1 | cut off 1@2:98+0 | 0:1:64 0:1:64"),
    SAMPLE("cut off between statements",
           "-- MariaDB dump 10.19\n" TABLE
           "INSERT INTO t VALUES (1,'x');\nUNLOCK TABLES;\n",
           "b = 'x'", NULL, "2 1 1 1 | cut off 1@2:110+0 | 0:1:86 0:1:86"),
    SAMPLE("a first dump that is cut off before a second one",
           "-- MySQL dump 1\n" TABLE "INSERT INTO t VALUES (1,'x');\n-- MySQL dump 1\n"
           "-- Dump completed\n",
           "b = 'x'", NULL, "2 1 1 1 | cut off 1@2:123+0 | 0:1:80 0:1:80"),
    SAMPLE("two dumps of one table in one file",
           TABLE "INSERT INTO t VALUES (1,'x');\n" TABLE
                 "INSERT INTO t VALUES (1,'x');\n",
           "b = 'x'", NULL, "3 2 2 2 | header again 1@2:73+41 | 0:1:64 0:3:137"),
    SAMPLE("an INSERT of a SELECT",
           TABLE "INSERT INTO t VALUES (1,'x');INSERT INTO t SELECT * FROM u;\n",
           "b = 'x'", NULL, "2 1 1 1 | bad value 1@2:72+30 | 0:1:64 0:1:64"),
    SAMPLE("no rows", TABLE, "b = 'x'", NULL, "0 0 0 0"),
    SAMPLE("bytes that are no text, wanted or not",
           "SET NAMES utf8mb4;CREATE TABLE t (a varbinary(9), b text);INSERT INTO t "
           "VALUES "
           "('\xff\x05\\0','x'),"
           "('\xe5','\xe5\xa4'),(0xFF,'x'),(_binary '\xff','x');",
           "b = 'x'", NULL, "4 3 3 3 | invalid encoding 1@2:92+10 | 0:1:79 0:4:114"),
    SAMPLE("a text in a character set of its own",
           TABLE "INSERT INTO t VALUES "
                 "(1,_latin1'x'),(2,_latin1'\xc3\xa9'),(3,_utf8'\xc3\xa9');",
           "b is not null", NULL,
           "3 2 2 2 | invalid encoding 1@2:79+15 | 0:1:64 0:3:95"),
    SAMPLE("GBK by SET NAMES, with a backslash inside of a character",
           "/*!40101 SET NAMES gbk */;\n" TABLE "INSERT INTO t VALUES "
           "(1,'\xd5\x5c'),(2,'\xd5\x5c\\''),(3,'\xca\xa7'),(4,'\x81 ');",
           "b ~ /^(\xe8\xaa\xa0'?|\xe5\xa4\xb1)$/", NULL,
           "4 3 3 3 | invalid encoding 1@4:120+8 | 0:1:91 0:3:111"),
    SAMPLE("GBK with wrong bytes, escaped one by one",
           "SET NAMES gbk;" TABLE
           "INSERT INTO t VALUES ('\\\x85\\',','x'),('\xf9\xb4\xd9\x5c','x'),(3,'y');",
           "b = 'x'", NULL, "3 3 3 2 | 0:1:78 0:2:92"),
    SAMPLE("latin1 by SET NAMES",
           "SET NAMES latin1;" TABLE "INSERT INTO t VALUES (1,'\xe9'),(2,'\x80');",
           "b ~ /^[\xc3\xa9\xe2\x82\xac]$/", NULL, "2 2 2 2 | 0:1:81 0:2:89"),
    SAMPLE("binary by SET NAMES: the bytes decide",
           "SET NAMES binary;" TABLE "INSERT INTO t VALUES (1,'\xe5\xa4\xb1');",
           "b = '\xe5\xa4\xb1'", NULL, "1 1 1 1 | 0:1:81 0:1:81"),
};

static void answer_is(const struct sample *s, size_t piece, size_t buffer)
{
    struct bench b;
    bench_begin(&b);
    b.piece = piece;
    b.options.dialect.buffer = buffer;
    bench_set(&b, "dump", "mysqldump");
    bench_set(&b, "wrong", s->wrong);
    if (s->table)
        bench_set(&b, "table", s->table);
    if (bench_add(&b, s->bytes, "a.sql") != TW_OK)
        fail_msg("%s: %s", s->name, bench_told(&b));
    struct tw_str got = bench_digest(&b);
    if (!tw_str_is(got, s->answer))
        fail_msg("%s (piece %zu, buffer %zu):\n%.*s, not\n%s", s->name, piece, buffer,
                 (int)got.len, got.ptr, s->answer);
    const struct tw_tally_place places[] = {b.impact->tally.first,
                                            b.impact->tally.last};
    for (size_t i = 0; i < 2; i++)
        if (places[i].set && s->bytes.ptr[places[i].offset] != '(')
            fail_msg("%s: no row begins there", s->name);
    bench_end(&b);
}

static void the_answer_is_right_for_every_size_of_pieces_and_buffers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        answer_is(&samples[i], 1 << 20, 1 << 18);
        for (size_t size = 1; size <= 48; size++) {
            answer_is(&samples[i], size, 1 << 10);
            answer_is(&samples[i], 1 << 10, size);
            answer_is(&samples[i], size, size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_right_for_every_size_of_pieces_and_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes dumps of invented bills, and what is true of them, for the benches of
 * `impact`.
 *
 *     gen_bills MODE ROWS BAD SEED DATES >DUMP 2>TRUTH.json
 *
 * MODE: bills (comma-separated), after (the same bills repaired, in another order, some
 * missing), mysqldump, hive, jsonl (the same bills in other formats), people (BAD
 * damaged cells in each of four columns). The same arguments give the same bytes.
 *
 * The truth is counted from the rows as they were made, before they became text.
 */
#include "bill_out.h"
#include "bill_people.h"
#include "bill_rows.h"

#include <inttypes.h>

struct truth {
    uint64_t rows, affected, marker_records;
    uint64_t by_date[BILL_DATES_MAX], affected_by_date[BILL_DATES_MAX];
    bool merchant[BILL_MERCHANTS], affected_merchant[BILL_MERCHANTS];
    int64_t cents, affected_cents;
    uint64_t nulls[BILL_COLUMNS], empties[BILL_COLUMNS];
    uint64_t changed, missing;
};

static void count_row(struct truth *t, const struct bill_row *row)
{
    t->rows++;
    t->by_date[row->date]++;
    t->merchant[row->merchant] = true;
    t->cents += row->cents;
    t->marker_records += row->bad || row->decoy;
    if (row->bad) {
        t->affected++;
        t->affected_by_date[row->date]++;
        t->affected_merchant[row->merchant] = true;
        t->affected_cents += row->cents;
    }
    for (size_t c = 0; c < BILL_COLUMNS; c++) {
        t->nulls[c] += row->field[c].null;
        t->empties[c] += !row->field[c].null && row->field[c].length == 0;
    }
}

/* ---- one row in each format ---- */

static bool needs_quotes(const struct bill_field *f)
{
    return memchr(f->text, ',', f->length) != NULL ||
           memchr(f->text, '"', f->length) != NULL ||
           memchr(f->text, '\n', f->length) != NULL;
}

static void csv_field(struct bill_out *out, const struct bill_field *f)
{
    if (f->null) {
        bill_out_text(out, "\\N");
        return;
    }
    if (!needs_quotes(f)) {
        bill_out_add(out, f->text, f->length);
        return;
    }
    bill_out_text(out, "\"");
    for (size_t i = 0; i < f->length; i++) {
        bill_out_add(out, &f->text[i], 1);
        if (f->text[i] == '"')
            bill_out_text(out, "\"");
    }
    bill_out_text(out, "\"");
}

static void csv_row(struct bill_out *out, const struct bill_field *fields, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        if (c != 0)
            bill_out_text(out, ",");
        csv_field(out, &fields[c]);
    }
    bill_out_text(out, "\n");
}

static void csv_header(struct bill_out *out, const char *const *names, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        bill_out_text(out, c != 0 ? "," : "");
        bill_out_text(out, names[c]);
    }
    bill_out_text(out, "\n");
}

/* Hive's text: \x01 between fields, no quotes; a line end in a value is a space. */
static void hive_row(struct bill_out *out, struct bill_row *row)
{
    for (size_t c = 0; c < BILL_COLUMNS; c++) {
        struct bill_field *f = &row->field[c];
        for (size_t i = 0; i < f->length; i++)
            if (f->text[i] == '\n')
                f->text[i] = ' ';
        bill_out_text(out, c != 0 ? "\x01" : "");
        bill_out_add(out, f->null ? "\\N" : f->text, f->null ? 2 : f->length);
    }
    bill_out_text(out, "\n");
}

/* Between QUOTEs, with a backslash before quotes, backslashes and in "\n". */
static void escaped(struct bill_out *out, const struct bill_field *f, bool both_quotes,
                    const char *quote)
{
    bill_out_text(out, quote);
    for (size_t i = 0; i < f->length; i++) {
        char c = f->text[i];
        if (c == '\n') {
            bill_out_text(out, "\\n");
            continue;
        }
        if (c == '\\' || c == *quote || (both_quotes && (c == '"' || c == '\'')))
            bill_out_text(out, "\\");
        bill_out_add(out, &c, 1);
    }
    bill_out_text(out, quote);
}

static void bare_or_escaped(struct bill_out *out, const struct bill_row *row, size_t c,
                            const char *null, const char *quote)
{
    const struct bill_field *f = &row->field[c];
    if (f->null)
        bill_out_text(out, null);
    else if (c == BILL_AMOUNT || c == BILL_FEE)
        bill_out_add(out, f->text, f->length);
    else
        escaped(out, f, *quote == '\'', quote);
}

static void jsonl_row(struct bill_out *out, const struct bill_row *row)
{
    for (size_t c = 0; c < BILL_COLUMNS; c++) {
        bill_out_text(out, c != 0 ? ",\"" : "{\"");
        bill_out_text(out, bill_column_names[c]);
        bill_out_text(out, "\":");
        bare_or_escaped(out, row, c, "null", "\"");
    }
    bill_out_text(out, "}\n");
}

static const char mysql_head[] =
    "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n"
    "--\n"
    "-- Host: localhost    Database: bills\n"
    "-- ------------------------------------------------------\n"
    "/*!50503 SET NAMES utf8mb4 */;\n\n"
    "--\n-- Table structure for table `bill_detail`\n--\n\n"
    "DROP TABLE IF EXISTS `bill_detail`;\n"
    "CREATE TABLE `bill_detail` (\n"
    "  `bill_id` varchar(32) NOT NULL,\n"
    "  `bill_date` date NOT NULL,\n"
    "  `merchant_id` varchar(16) NOT NULL,\n"
    "  `account_no` varchar(32) NOT NULL,\n"
    "  `counterparty_name` varchar(128) DEFAULT NULL,\n"
    "  `counterparty_account` varchar(32) DEFAULT NULL,\n"
    "  `amount` decimal(18,2) NOT NULL,\n"
    "  `fee` decimal(18,2) DEFAULT NULL,\n"
    "  `status` varchar(16) NOT NULL,\n"
    "  `memo` varchar(255) NOT NULL,\n"
    "  PRIMARY KEY (`bill_id`)\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n\n"
    "--\n-- Dumping data for table `bill_detail`\n--\n\n"
    "LOCK TABLES `bill_detail` WRITE;\n"
    "/*!40000 ALTER TABLE `bill_detail` DISABLE KEYS */;\n";
static const char mysql_tail[] = "/*!40000 ALTER TABLE `bill_detail` ENABLE KEYS */;\n"
                                 "UNLOCK TABLES;\n\n-- Dump completed\n";

/* One statement holds 5,000 rows: about a mebibyte, as mysqldump's do. */
enum { ROWS_A_STATEMENT = 5000 };

static void mysql_row(struct bill_out *out, const struct bill_row *row, uint64_t index,
                      bool last)
{
    bill_out_text(out, index % ROWS_A_STATEMENT == 0
                           ? "INSERT INTO `bill_detail` VALUES ("
                           : ",(");
    for (size_t c = 0; c < BILL_COLUMNS; c++) {
        bill_out_text(out, c != 0 ? "," : "");
        bare_or_escaped(out, row, c, "NULL", "'");
    }
    bill_out_text(out, last || (index + 1) % ROWS_A_STATEMENT == 0 ? ");\n" : ")");
}

/* ---- whole dumps ---- */

enum mode { BILLS, AFTER, MYSQLDUMP, HIVE, JSONL, PEOPLE, MODES };
static const char *const mode_names[MODES] = {"bills", "after", "mysqldump",
                                              "hive",  "jsonl", "people"};

static void write_bills(const struct bill_set *set, enum mode mode,
                        struct bill_out *out, struct truth *t)
{
    struct bill_row row;
    if (mode == BILLS || mode == AFTER)
        csv_header(out, bill_column_names, BILL_COLUMNS);
    else if (mode == MYSQLDUMP)
        bill_out_text(out, mysql_head);
    for (uint64_t i = 0; i < set->rows; i++) {
        uint64_t index = mode == AFTER ? bill_shuffled(set->rows, set->seed, 1, i) : i;
        bill_row_make(set, index, mode == AFTER, &row);
        t->missing += mode == AFTER && row.missing;
        if (mode == AFTER && row.missing)
            continue;
        count_row(t, &row);
        if (mode == HIVE)
            hive_row(out, &row);
        else if (mode == JSONL)
            jsonl_row(out, &row);
        else if (mode == MYSQLDUMP)
            mysql_row(out, &row, i, i + 1 == set->rows);
        else
            csv_row(out, row.field, BILL_COLUMNS);
    }
    t->changed = mode == AFTER ? set->bad : 0;
    if (mode == MYSQLDUMP)
        bill_out_text(out, mysql_tail);
}

static void print_columns(const char *key, const uint64_t *counts)
{
    fprintf(stderr, ",\n \"%s\": {", key);
    for (size_t c = 0; c < BILL_COLUMNS; c++)
        fprintf(stderr, "%s\"%s\": %" PRIu64, c != 0 ? ", " : "", bill_column_names[c],
                counts[c]);
    fputs("}", stderr);
}

static uint64_t count_true(const bool *flags)
{
    uint64_t n = 0;
    for (size_t i = 0; i < BILL_MERCHANTS; i++)
        n += flags[i];
    return n;
}

static void print_sum(const char *key, int64_t cents)
{
    uint64_t n = (uint64_t)(cents < 0 ? -cents : cents);
    fprintf(stderr, ",\n \"%s\": \"%s%" PRIu64 ".%02" PRIu64 "\"", key,
            cents < 0 ? "-" : "", n / 100, n % 100);
}

static void print_truth(const struct truth *t, const struct bill_out *out,
                        unsigned dates)
{
    fprintf(stderr,
            "{\"records\": %" PRIu64 ", \"affected\": %" PRIu64 ", \"bytes\": %" PRIu64
            ", \"lines\": %" PRIu64 ", \"marker_records\": %" PRIu64
            ",\n \"missing\": %" PRIu64 ", \"changed\": %" PRIu64 ",\n \"by\": {",
            t->rows, t->affected, out->bytes, out->lines, t->marker_records, t->missing,
            t->changed);
    const char *comma = "";
    for (unsigned d = 0; d < dates; d++) {
        char date[11] = "";
        bill_date_text(d, date);
        if (t->by_date[d] == 0)
            continue;
        fprintf(stderr, "%s\"%s\": [%" PRIu64 ", %" PRIu64 "]", comma, date,
                t->by_date[d], t->affected_by_date[d]);
        comma = ", ";
    }
    fprintf(stderr,
            "},\n \"distinct_all\": %" PRIu64 ", \"distinct_affected\": %" PRIu64,
            count_true(t->merchant), count_true(t->affected_merchant));
    print_sum("sum_all", t->cents);
    print_sum("sum_affected", t->affected_cents);
    print_columns("nulls", t->nulls);
    print_columns("empties", t->empties);
    fputs("}\n", stderr);
}

static void write_people(uint64_t rows, uint64_t bad, uint64_t seed,
                         struct bill_out *out)
{
    uint64_t damaged[PEOPLE_COLUMNS] = {0}, checksum_only[PEOPLE_COLUMNS] = {0};
    uint64_t affected = 0;
    struct people_row row;
    csv_header(out, people_column_names, PEOPLE_COLUMNS);
    for (uint64_t i = 0; i < rows; i++) {
        people_row_make(rows, bad, seed, i, &row);
        csv_row(out, row.field, PEOPLE_COLUMNS);
        bool any = false;
        for (size_t c = 0; c < PEOPLE_COLUMNS; c++) {
            damaged[c] += row.bad[c];
            checksum_only[c] += row.checksum_only[c];
            any = any || row.bad[c];
        }
        affected += any;
    }
    fprintf(stderr,
            "{\"records\": %" PRIu64 ", \"affected\": %" PRIu64 ", \"bytes\": %" PRIu64
            ", \"lines\": %" PRIu64,
            rows, affected, out->bytes, out->lines);
    for (size_t c = PEOPLE_NAME; c < PEOPLE_COLUMNS; c++)
        fprintf(stderr, ",\n \"%s\": %" PRIu64 ", \"%s_by_pattern\": %" PRIu64,
                people_column_names[c], damaged[c], people_column_names[c],
                damaged[c] - checksum_only[c]);
    fputs("}\n", stderr);
}

static bool read_number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    uintmax_t n = strtoumax(text, &end, 10);
    *out = n;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n <= most;
}

int main(int argc, char **argv)
{
    static struct bill_out out;
    static struct truth truth;
    struct bill_set set = {0};
    uint64_t dates = 0;
    enum mode mode = BILLS;
    while (argc == 6 && mode < MODES && strcmp(argv[1], mode_names[mode]) != 0)
        mode++;
    if (argc != 6 || mode == MODES || !read_number(argv[2], 1000000000, &set.rows) ||
        !read_number(argv[3], set.rows, &set.bad) ||
        !read_number(argv[4], UINT64_MAX, &set.seed) ||
        !read_number(argv[5], BILL_DATES_MAX, &dates) || dates == 0 || set.rows == 0) {
        fputs("usage: gen_bills bills|after|mysqldump|hive|jsonl|people ROWS BAD SEED "
              "DATES\n",
              stderr);
        return 2;
    }
    set.dates = (unsigned)dates;
    uint64_t good = set.rows - set.bad;
    set.decoys = set.rows / 40000 + 1 < good ? set.rows / 40000 + 1 : good;
    set.missing = good - set.decoys < 20 ? 0 : 20;
    if (mode == PEOPLE)
        write_people(set.rows, set.bad, set.seed, &out);
    else
        write_bills(&set, mode, &out, &truth);
    bill_out_flush(&out);
    if (fflush(stdout) != 0) {
        perror("gen_bills");
        return 2;
    }
    if (mode != PEOPLE)
        print_truth(&truth, &out, set.dates);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Hive's beeline prints with --outputformat=csv2, tsv2, dsv (or the deprecated csv
 * and tsv): names as `table.column`, NULL as the word NULL, which the text NULL is too,
 * and, where its log was not kept apart, lines around and between the records.
 *
 * A line that is a log's and has not the number of fields of a record is passed over
 * and noted; one that has it is refused; any other line that has not it as well.
 */
#include <string.h>

#include "num.h"
#include "text_apostrophes.h"

extern const struct tw_dump tw_dump_beeline;

/* How lines of the client and its libraries begin. */
static const char *const begins[] = {
    "INFO  : ",
    "WARN  : ",
    "ERROR : ",
    "DEBUG : ",
    "SLF4J: ",
    "log4j:",
    "Connecting to jdbc:",
    "Connected to: ",
    "Driver: ",
    "Transaction isolation: ",
    "Beeline version ",
    "Closing: ",
    "0: jdbc:",
    ". . . . . .",
    "WARNING: ",
    "Picked up _JAVA_OPTIONS",
    "Picked up JAVA_TOOL_OPTIONS",
    "Hive Session ID = ",
    "Logging initialized using ",
    "OpenJDK 64-Bit Server VM warning: ",
    "Java HotSpot(TM) ",
    "Error: ",
    "which: no ",
    "Query ID = ",
    "Total jobs = ",
    "Launching Job ",
    "Time taken: ",
    "ls: cannot access ",
};

/* "2023-02-09 10:00:00,123 …" or "23/02/09 10:00:00 …" and a level. */
static bool is_log(struct tw_str line)
{
    static const char *const levels[] = {" INFO ", " WARN ", " ERROR ", " DEBUG ",
                                         " INFO:", " WARN:", " ERROR:"};
    static const char *const shapes[] = {"dddd-dd-dd dd:dd:dd", "dddd-dd-ddTdd:dd:dd",
                                         "dd/dd/dd dd:dd:dd"};
    bool timed = false;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !timed; i++) {
        size_t n = strlen(shapes[i]), k = 0;
        while (k < n && k < line.len &&
               (shapes[i][k] == 'd' ? tw_is_digit(line.ptr[k])
                                    : line.ptr[k] == shapes[i][k]))
            k++;
        timed = k == n;
    }
    for (size_t i = 0; timed && i < sizeof levels / sizeof levels[0]; i++)
        if (tw_str_find_str(line, tw_str_of(levels[i])) < line.len)
            return true;
    return false;
}

/* "1,234 rows selected (0.5 seconds)" */
static bool is_tail(struct tw_str line)
{
    struct tw_str word;
    if (!tw_str_split(&line, ' ', &word))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if ((word.ptr[i] < '0' || word.ptr[i] > '9') && word.ptr[i] != ',' &&
            !tw_str_is(word, "No"))
            return false;
    return word.len && (tw_str_starts(line, "rows selected (") ||
                        tw_str_starts(line, "row selected (") ||
                        tw_str_starts(line, "rows affected (") ||
                        tw_str_starts(line, "row affected ("));
}

static bool is_aside(struct tw_str line)
{
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (tw_str_starts(line, begins[i]))
            return true;
    return is_log(line) || is_tail(line);
}

/* The lines of a client that stand before the header. */
static size_t lines_aside(struct tw_str *head)
{
    size_t count = 0, end;
    for (; (end = tw_str_find(*head, '\n')) < head->len; count++) {
        struct tw_str line = tw_text_first_line(*head);
        if (line.len && !is_aside(line))
            break;
        *head = tw_str_from(*head, end + 1);
    }
    return count;
}

static char delimiter_of(struct tw_str header, bool apostrophes)
{
    static const char delimiters[] = {'\t', ',', '|'};
    for (size_t i = 0; i < sizeof delimiters; i++)
        if (apostrophes ? tw_text_apostrophes_count(header, delimiters[i]) > 1
                        : tw_str_find(header, delimiters[i]) < header.len)
            return delimiters[i];
    return ',';
}

static bool in_apostrophes(struct tw_str header)
{
    return header.len >= 2 && header.ptr[0] == '\'' &&
           header.ptr[header.len - 1] == '\'';
}

/* The part of NAME before its first point, and the point; empty: none. */
static struct tw_str table_of(struct tw_str name)
{
    size_t n = tw_str_find(name, '.');
    return n && n + 1 < name.len ? tw_str_first(name, n + 1) : TW_NO_STR;
}

/* Are all names of HEADER of one table, or of one each? */
static bool has_tables(struct tw_str header, char delimiter, char quote)
{
    struct tw_str cell, first = TW_NO_STR;
    while (tw_text_cell(&header, delimiter, quote, &cell)) {
        struct tw_str table = table_of(cell);
        if (table.len == 0 || (first.len && !tw_str_eq(table, first)))
            return false;
        first = table;
    }
    return first.len > 0;
}

/* Are all lines but a client's in apostrophes, two cells or more? */
static bool all_in_apostrophes(struct tw_str head, char delimiter)
{
    size_t n = 0, end;
    for (; (end = tw_str_find(head, '\n')) < head.len;
         head = tw_str_from(head, end + 1)) {
        struct tw_str line = tw_text_first_line(head);
        if (line.len == 0 || is_aside(line))
            continue;
        if (tw_text_apostrophes_count(line, delimiter) < 2)
            return false;
        n++;
    }
    return n > 0;
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    if (memchr(head.ptr, '\0', head.len))
        return 0;
    size_t before = lines_aside(&head);
    struct tw_str header = tw_text_first_line(head);
    if (header.len == 0)
        return 0;
    bool apostrophes = in_apostrophes(header);
    char delimiter = delimiter_of(header, apostrophes);
    if (apostrophes && all_in_apostrophes(head, delimiter))
        return 70;
    if (before)
        return 75;
    bool other_null = tw_text_head_has_cell(head, delimiter, "\\N");
    return !other_null && has_tables(header, delimiter, '"') ? 70 : 0;
}

/* `column` is as good a name as `table.column`. */
static void name_shortly(struct tw_records *records, struct tw_arena *arena)
{
    struct tw_column *columns =
        tw_new_array(arena, records->ncolumns, struct tw_column);
    for (size_t i = 0; i < records->ncolumns; i++) {
        columns[i] = records->columns[i];
        struct tw_str table = table_of(columns[i].name);
        columns[i].alias = tw_str_from(columns[i].name, table.len);
    }
    records->columns = columns;
}

static struct tw_records *open_beeline(const struct tw_dump_open *how)
{
    struct tw_str head = tw_utf8_stream_head(how->stream);
    struct tw_text_format format = {.dialect = {.quote = '"'},
                                    .null_text = "NULL",
                                    .null_ambiguous = true,
                                    .ragged = TW_REFUSED_BROKEN_LINE,
                                    .aside = is_aside,
                                    .nul_wraps = true};
    format.skip_lines = lines_aside(&head);
    struct tw_str header = tw_text_first_line(head);
    bool apostrophes = in_apostrophes(header) && how->dialect->quote < 0;
    format.dialect.delimiter = delimiter_of(header, apostrophes);
    struct tw_records *records;
    if (apostrophes) {
        format.null_text = "";
        format.dialect.quote = '\'';
        records = tw_text_apostrophes_open(how, &tw_dump_beeline, &format);
    } else {
        records = tw_text_records_open(how, &tw_dump_beeline, &format);
    }
    if (records)
        name_shortly(records, how->arena);
    return records;
}

const struct tw_dump tw_dump_beeline = {
    .name = "beeline",
    .summary = {"output of Hive's beeline (csv2, tsv2, dsv, csv, tsv)",
                "Hive beeline 的输出（csv2、tsv2、dsv、csv、tsv）"},
    .probe = probe,
    .open = open_beeline,
};

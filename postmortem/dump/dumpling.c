/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data file of Dumpling (TiDB) or mydumper: SQL, or CSV as Dumpling writes it.
 *
 * That CSV is not RFC 4180: a backslash escapes inside of quotes (\0 \r \n \\ \"), NULL
 * is \N without quotes, and a header may be missing; then the columns are those of the
 * table's declaration.
 */
#include <string.h>

#include "sql_table.h"
#include "text_records.h"

extern const struct tw_dump tw_dump_dumpling, tw_dump_mysqldump;

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)head;
    (void)file_name;
    return 0; /* told by the folder, or named */
}

/* How many fields the first line of the CSV has, and whether they are the columns of
 * COLUMNS (*HEADER). */
static size_t first_line(const struct tw_dump_open *how,
                         const struct tw_csv_dialect *dialect,
                         const struct tw_sql_columns *columns, bool *header)
{
    struct tw_csv_record line = {0};
    *header = true;
    enum tw_csv_result found =
        tw_csv_next(how->arena, dialect, tw_utf8_stream_head(how->stream), true, &line);
    if (found != TW_CSV_RECORD)
        return 0;
    for (size_t i = 0; i < line.fields.len; i++) {
        struct tw_str name = tw_csv_decode(how->arena, dialect, &line.fields.at[i]);
        bool known = false;
        for (size_t k = 0; k < columns->list.len && !known; k++)
            known = tw_str_eq(columns->list.at[k].name, name);
        *header &= known;
    }
    return line.fields.len;
}

/* The columns of a CSV without a header, from the declaration of its table. */
static bool add_header(const struct tw_dump_open *how,
                       const struct tw_csv_dialect *dialect, struct tw_dialect *out)
{
    struct tw_sql_columns columns = {0};
    bool utc, header;
    if (!tw_sql_schema_read(how->arena, how->schema, how->table, how->diags, &columns,
                            &utc))
        return false;
    size_t n = first_line(how, dialect, &columns, &header);
    if (header)
        return true;
    struct tw_str *names = tw_new_array(how->arena, columns.list.len, struct tw_str);
    for (size_t i = 0; i < columns.list.len; i++)
        if (n == columns.list.len || !columns.list.at[i].generated)
            names[out->ncolumns++] = columns.list.at[i].name;
    out->columns = names;
    return true;
}

static struct tw_records *open_dumpling(const struct tw_dump_open *how)
{
    struct tw_str head = tw_utf8_stream_head(how->stream);
    if (tw_dump_mysqldump.probe(head, TW_STR("")) > 0)
        return tw_dump_mysqldump.open(how);
    struct tw_csv_dialect csv = {.delimiter = ',',
                                 .quote = '"',
                                 .escape = '\\',
                                 .escapes = TW_CSV_ESCAPES_MYSQL};
    struct tw_dialect dialect = *how->dialect;
    struct tw_dump_open text = *how;
    if (dialect.delimiter > 0)
        csv.delimiter = (char)dialect.delimiter;
    if (dialect.escape >= 0)
        csv.escape = (char)dialect.escape;
    if (dialect.quote >= 0)
        csv.quote = (char)dialect.quote;
    if (how->schema.len && dialect.ncolumns == 0 && !add_header(how, &csv, &dialect))
        return NULL;
    text.dialect = &dialect;
    text.table = TW_STR(""); /* the file holds one */
    const struct tw_text_format format = {.dialect = csv};
    return tw_text_records_open(&text, &tw_dump_dumpling, &format);
}

const struct tw_dump tw_dump_dumpling = {
    .name = "dumpling",
    .summary =
        {"folder of Dumpling or mydumper; of its files: SQL, CSV with backslashes",
         "Dumpling 或 mydumper 的目录；其文件：SQL、以反斜杠转义的 CSV"},
    .probe = probe,
    .open = open_dumpling,
};

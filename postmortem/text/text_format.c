/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller's flags make of a format of delimited text. */
#include "text_records.h"

#include <string.h>

struct tw_str tw_text_first_line(struct tw_str head)
{
    struct tw_str line = tw_str_first(head, tw_str_find(head, '\n'));
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

bool tw_text_first_line_has(struct tw_str head, char c)
{
    struct tw_str line = tw_text_first_line(head);
    return tw_str_find(line, c) < line.len;
}

bool tw_text_cell(struct tw_str *line, char delimiter, char quote, struct tw_str *cell)
{
    if (!line->ptr)
        return false;
    bool quoted = quote && line->len && line->ptr[0] == quote;
    size_t from = quoted ? 1 : 0;
    size_t end = tw_str_find(tw_str_from(*line, from), quoted ? quote : delimiter);
    *cell = tw_str_first(tw_str_from(*line, from), end);
    struct tw_str behind = tw_str_from(*line, from + end);
    behind = tw_str_from(behind, tw_str_find(behind, delimiter));
    *line = behind.len ? tw_str_from(behind, 1) : TW_NO_STR;
    return true;
}

bool tw_text_has_cell(struct tw_str line, char delimiter, const char *text)
{
    struct tw_str cell;
    while (tw_text_cell(&line, delimiter, 0, &cell))
        if (tw_str_is(cell, text))
            return true;
    return false;
}

bool tw_text_head_has_cell(struct tw_str head, char delimiter, const char *text)
{
    size_t n;
    for (; (n = tw_str_find(head, '\n')) < head.len; head = tw_str_from(head, n + 1))
        if (tw_text_has_cell(tw_text_first_line(head), delimiter, text))
            return true;
    return false;
}

bool tw_text_escapes_are(struct tw_str head, char escape, const char *letters,
                         bool *any)
{
    *any = false;
    for (size_t i = 0; i + 1 < head.len; i++) {
        if (head.ptr[i] != escape)
            continue;
        *any = true;
        char c = head.ptr[++i];
        if (c == '\0' || !strchr(letters, c))
            return false;
    }
    return true;
}

bool tw_text_regular(struct tw_str head, const struct tw_csv_dialect *dialect)
{
    /* One field is kept and the others are only counted: nothing is allocated. */
    struct tw_csv_field room[1];
    struct tw_csv_record record = {.fields = {room, 0, 1}, .fields_max = 1};
    size_t fields = 0;
    for (;; head = tw_str_from(head, record.used)) {
        enum tw_csv_result result = tw_csv_next(NULL, dialect, head, false, &record);
        if (result == TW_CSV_MORE)
            return fields > 1;
        size_t n = 1 + record.dropped;
        if (result != TW_CSV_RECORD || (fields && n != fields))
            return false;
        fields = n;
    }
}

static void choose(char *in_use, int given)
{
    if (given >= 0)
        *in_use = (char)given;
}

static bool dialect_works(const struct tw_csv_dialect *d)
{
    const char all[] = {d->delimiter, d->quote, d->escape};
    for (size_t i = 0; i < sizeof all; i++)
        if (all[i] == '\n' || all[i] == '\r' || (signed char)all[i] < 0)
            return false;
    return d->delimiter && d->delimiter != d->quote && d->delimiter != d->escape;
}

bool tw_text_dialect(const struct tw_dump_open *how, struct tw_csv_dialect defaults,
                     struct tw_csv_dialect *dialect)
{
    const struct tw_dialect *d = how->dialect;
    *dialect = defaults;
    choose(&dialect->delimiter, d->delimiter);
    choose(&dialect->quote, d->quote);
    choose(&dialect->escape, d->escape);
    if (dialect->escape == dialect->quote)
        dialect->escape = 0; /* a doubled quote is what both of them say */
    if (dialect_works(dialect))
        return true;
    TW_DIAG(how->diags, TW_D_dump_dialect_bad, TW_NOWHERE);
    return false;
}

struct tw_str tw_text_null(const struct tw_dump_open *how, const char *null_text)
{
    if (how->dialect->null_text.ptr)
        return how->dialect->null_text;
    return null_text ? tw_str_of(null_text) : TW_STR("\\N");
}

bool tw_text_no_table(const struct tw_dump_open *how, const struct tw_dump *dump)
{
    if (how->table.len == 0)
        return true;
    TW_DIAG(how->diags, TW_D_dump_no_tables, TW_NOWHERE, how->name,
            tw_str_of(dump->name));
    return false;
}

struct tw_column *tw_text_columns(const struct tw_dump_open *how, size_t count)
{
    struct tw_column *columns = tw_new_array(how->arena, count, struct tw_column);
    for (size_t i = 0; i < count; i++)
        columns[i].name = i < how->dialect->ncolumns
                              ? how->dialect->columns[i]
                              : tw_fmt(how->arena, "#%zu", i + 1);
    return columns;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller's flags make of a format of delimited text. */
#include "text_records.h"

bool tw_text_first_line_has(struct tw_str head, char c)
{
    struct tw_str line = tw_str_first(head, tw_str_find(head, '\n'));
    return tw_str_find(line, c) < line.len;
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

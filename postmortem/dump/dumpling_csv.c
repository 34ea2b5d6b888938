/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CSV of TiDB's Dumpling: a header, texts in quotes, and by default a backslash
 * before quotes inside (not doubled ones): `\0 \r \n \\ \"`. NULL is `\N` outside of
 * quotes. With escape-backslash=false it is plain csv.
 */
#include <string.h>

#include "num.h"
#include "text_records.h"

extern const struct tw_dump tw_dump_dumpling_csv;

static const struct tw_csv_dialect dumpling = {',', '"', '\\', TW_CSV_ESCAPES_MYSQL};

/* DATABASE.TABLE.000000000.csv, compressed or not. */
static bool named_so(struct tw_str name)
{
    size_t end = tw_str_find_str(name, TW_STR(".csv"));
    if (end == name.len)
        return false;
    size_t from = end;
    while (from && tw_is_digit(name.ptr[from - 1]))
        from--;
    return from < end && from && name.ptr[from - 1] == '.';
}

/* A quote that is written twice inside a text: never done beside backslashes. An empty
 * text stands between delimiters. */
static bool has_doubled(struct tw_str head)
{
    for (size_t i = 1; i + 2 < head.len; i++)
        if (head.ptr[i] == '"' && head.ptr[i + 1] == '"' && head.ptr[i - 1] != ',' &&
            head.ptr[i - 1] != '\n' && head.ptr[i - 1] != '\\')
            return true;
    return false;
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    bool any;
    if (memchr(head.ptr, '\0', head.len) || !tw_text_first_line_has(head, ',') ||
        has_doubled(head) || !tw_text_regular(head, &dumpling) ||
        !tw_text_escapes_are(head, '\\', "0rnZN\\\"", &any) || !any)
        return 0;
    static const struct tw_csv_dialect rfc4180 = {.delimiter = ',', .quote = '"'};
    if (!tw_text_regular(head, &rfc4180))
        return 65;
    return named_so(file_name) ? 62 : 0;
}

static struct tw_records *open_dumpling_csv(const struct tw_dump_open *how)
{
    const struct tw_text_format format = {.dialect = dumpling};
    return tw_text_records_open(how, &tw_dump_dumpling_csv, &format);
}

const struct tw_dump tw_dump_dumpling_csv = {
    .name = "dumpling_csv",
    .summary = {"CSV of TiDB Dumpling (backslash escapes)",
                "TiDB Dumpling 的 CSV（反斜杠转义）"},
    .probe = probe,
    .open = open_dumpling_csv,
};

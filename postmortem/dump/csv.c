/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated text (RFC 4180): what spreadsheets and most exports write. */
#include <string.h>

#include "text_records.h"

extern const struct tw_dump tw_dump_csv;

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    if (memchr(head.ptr, '\0', head.len))
        return 0;
    if (tw_str_find_str(file_name, TW_STR(".csv")) < file_name.len)
        return 60;
    /* A file of one column has no comma; nothing speaks against it. */
    return tw_text_first_line_has(head, ',') ? 40 : 20;
}

static struct tw_records *open_csv(const struct tw_dump_open *how)
{
    static const struct tw_text_format rfc4180 = {
        .dialect = {.delimiter = ',', .quote = '"'}};
    return tw_text_records_open(how, &tw_dump_csv, &rfc4180);
}

const struct tw_dump tw_dump_csv = {
    .name = "csv",
    .summary = {"comma-separated text with quotes (RFC 4180)",
                "逗号分隔、带引号的文本（RFC 4180）"},
    .probe = probe,
    .open = open_csv,
};

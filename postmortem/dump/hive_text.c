/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text files of a Hive table (LazySimpleSerDe): ^A between fields, a line per
 * record, `\N` for NULL, no quotes, no header.
 *
 * A raw line end in a value breaks its row, and nothing in the file says so but the
 * number of fields: rows that have another one are refused. Files from before a column
 * was added are shorter as a whole: the columns that they lack are NULL.
 */
#include <string.h>

#include "text_records.h"

extern const struct tw_dump tw_dump_hive_text;

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    if (memchr(head.ptr, '\0', head.len))
        return 0;
    return tw_text_first_line_has(head, '\x01') ? 85 : 0;
}

static struct tw_records *open_hive_text(const struct tw_dump_open *how)
{
    static const struct tw_text_format hive = {.dialect = {.delimiter = '\x01'},
                                               .names = TW_TEXT_NAMES_NONE,
                                               .short_records = true,
                                               .ragged = TW_REFUSED_BROKEN_LINE};
    return tw_text_records_open(how, &tw_dump_hive_text, &hive);
}

const struct tw_dump tw_dump_hive_text = {
    .name = "hive_text",
    .summary = {"text files of a Hive table (^A between fields, \\N)",
                "Hive 表的文本文件（^A 分隔、\\N 表示 NULL）"},
    .probe = probe,
    .open = open_hive_text,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tab-separated text (IANA text/tab-separated-values): a tab between fields, a line per
 * record, and no quoting: a quote is data. `--quote` says otherwise where it is needed.
 */
#include <string.h>

#include "text_records.h"

extern const struct tw_dump tw_dump_tsv;

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    if (memchr(head.ptr, '\0', head.len))
        return 0;
    if (tw_str_find_str(file_name, TW_STR(".tsv")) < file_name.len)
        return 60;
    bool tab = tw_text_first_line_has(head, '\t');
    return !tab ? 0 : tw_text_first_line_has(head, ',') ? 30 : 50;
}

static struct tw_records *open_tsv(const struct tw_dump_open *how)
{
    static const struct tw_text_format iana = {.dialect = {.delimiter = '\t'}};
    return tw_text_records_open(how, &tw_dump_tsv, &iana);
}

const struct tw_dump tw_dump_tsv = {
    .name = "tsv",
    .summary = {"tab-separated text without quotes", "制表符分隔、无引号的文本"},
    .probe = probe,
    .open = open_tsv,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What MySQL writes with SELECT … INTO OUTFILE and mysqldump --tab: no header, tabs,
 * `\N`, and a backslash before tab, line end (the real one) and backslash. ENCLOSED BY
 * is said with --quote, ESCAPED BY with --escape:
 *
 *     ESCAPED BY '\\'   as above; in quotes the quote is escaped
 *     ESCAPED BY ''     NULL is the word NULL; without quotes so is the text NULL
 *     ESCAPED BY '"' ENCLOSED BY '"'   `"N` is NULL: text_doubled.h reads it
 */
#include <string.h>

#include "text_doubled.h"

extern const struct tw_dump tw_dump_outfile;

static const struct tw_csv_dialect defaults = {'\t', 0, '\\', TW_CSV_ESCAPES_MYSQL};

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    if (memchr(head.ptr, '\0', head.len) || !tw_text_first_line_has(head, '\t'))
        return 0;
    /* A header has no NULL; and only this writer puts a backslash before a real line
     * end, which then is none. */
    if (tw_text_has_cell(tw_text_first_line(head), '\t', "\\N"))
        return 65;
    static const struct tw_csv_dialect plain = {.delimiter = '\t'};
    return tw_text_regular(head, &defaults) && !tw_text_regular(head, &plain) ? 70 : 0;
}

static struct tw_records *open_outfile(const struct tw_dump_open *how)
{
    const struct tw_dialect *d = how->dialect;
    if (d->quote > 0 && d->quote == d->escape)
        return tw_text_doubled_open(how, &tw_dump_outfile, '\t');
    bool unescaped = d->escape == 0;
    const struct tw_text_format format = {
        .dialect = defaults,
        .null_text = unescaped ? "NULL" : NULL,
        .null_ambiguous = unescaped && d->quote <= 0,
        .names = TW_TEXT_NAMES_NONE,
    };
    return tw_text_records_open(how, &tw_dump_outfile, &format);
}

const struct tw_dump tw_dump_outfile = {
    .name = "outfile",
    .summary = {"MySQL SELECT … INTO OUTFILE, mysqldump --tab",
                "MySQL 的 SELECT … INTO OUTFILE 与 mysqldump --tab"},
    .probe = probe,
    .open = open_outfile,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the MySQL client prints with -B (`mysql -e "SELECT …" > file.tsv`): names, tabs,
 * and `\t \n \\ \0` for what would break a line. NULL is the word NULL, and so is the
 * text NULL: each such cell is noted. With -r nothing is escaped and nothing tells so.
 */
#include <string.h>

#include "text_records.h"

extern const struct tw_dump tw_dump_mysql_batch;

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    bool any;
    if (memchr(head.ptr, '\0', head.len) || !tw_text_first_line_has(head, '\t') ||
        !tw_text_escapes_are(head, '\\', "tn\\0", &any))
        return 0;
    return tw_text_head_has_cell(head, '\t', "NULL") ? 65 : 0;
}

static struct tw_records *open_mysql_batch(const struct tw_dump_open *how)
{
    struct tw_text_format batch = {
        .dialect = {'\t', 0, '\\', TW_CSV_ESCAPES_MYSQL},
        .null_text = "NULL",
        .null_ambiguous = true,
    };
    /* No column is called NULL: the names were left out (-N). */
    struct tw_str head = tw_utf8_stream_head(how->stream);
    if (tw_text_has_cell(tw_text_first_line(head), '\t', "NULL"))
        batch.names = TW_TEXT_NAMES_NONE;
    return tw_text_records_open(how, &tw_dump_mysql_batch, &batch);
}

const struct tw_dump tw_dump_mysql_batch = {
    .name = "mysql_batch",
    .summary = {"output of the MySQL client's batch mode (mysql -B, mysql -e … > file)",
                "MySQL 客户端批处理模式的输出（mysql -B、mysql -e … > 文件）"},
    .probe = probe,
    .open = open_mysql_batch,
};

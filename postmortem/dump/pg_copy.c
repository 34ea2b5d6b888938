/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's COPY in text form: a file that COPY … TO wrote, without names, or a
 * plain script of pg_dump, in which the rows stand behind
 *
 *     COPY public.bill (id, name) FROM stdin;
 *
 * up to a line of `\.`. (COPY … WITH CSV is csv.) The statements between are read as
 * far as it takes to know where they end.
 */
#include <string.h>

#include "pg_script.h"

extern const struct tw_dump tw_dump_pg_copy;

static const struct tw_csv_dialect copy = {'\t', 0, '\\', TW_CSV_ESCAPES_POSTGRES};

/* Does a line of HEAD begin a COPY from the script itself? */
static bool is_script(struct tw_str head)
{
    if (tw_str_starts(head, "--\n-- PostgreSQL database") ||
        tw_str_starts(head, "--\r\n-- PostgreSQL database"))
        return true;
    for (;;) {
        struct tw_str line = tw_text_first_line(head);
        if (tw_str_starts(line, "COPY ") && tw_str_ends(line, " FROM stdin;"))
            return true;
        size_t end = tw_str_find(head, '\n');
        if (end == head.len)
            return false;
        head = tw_str_from(head, end + 1);
    }
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    return is_script(head) ? 95 : 0;
}

static struct tw_records *open_pg_copy(const struct tw_dump_open *how)
{
    struct tw_str head = tw_utf8_stream_head(how->stream);
    const struct tw_text_format format = {.dialect = copy, .names = TW_TEXT_NAMES_NONE};
    return is_script(head) ? tw_pg_script_open(how, &tw_dump_pg_copy)
                           : tw_text_records_open(how, &tw_dump_pg_copy, &format);
}

const struct tw_dump tw_dump_pg_copy = {
    .name = "pg_copy",
    .summary = {"PostgreSQL COPY text, and pg_dump scripts with it",
                "PostgreSQL 的 COPY 文本，以及含它的 pg_dump 脚本"},
    .probe = probe,
    .open = open_pg_copy,
};

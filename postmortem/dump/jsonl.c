/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines: one object a line, as log shippers and ClickHouse (JSONEachRow) write. */
#include "json_records.h"

extern const struct tw_dump tw_dump_jsonl;

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    head = tw_json_head(head);
    if (!tw_str_starts(head, "{"))
        return 0;
    struct tw_str inside = tw_json_head(tw_str_from(head, 1));
    bool object = tw_str_starts(inside, "\"") || tw_str_starts(inside, "}");
    return object && tw_json_head_has_line(head, '{', '}') ? 95 : 0;
}

static struct tw_records *open_jsonl(const struct tw_dump_open *how)
{
    struct tw_json_lines *t = tw_json_lines_open(how, &tw_dump_jsonl);
    return t ? &t->json.base : NULL;
}

const struct tw_dump tw_dump_jsonl = {
    .name = "jsonl",
    .summary = {"JSON lines: one object a line (JSONEachRow)",
                "JSON 行：每行一个对象（JSONEachRow）"},
    .probe = probe,
    .open = open_jsonl,
};

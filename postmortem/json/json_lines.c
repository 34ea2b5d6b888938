/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, one value a line. In JSON a line feed inside a text is written \n, so that each
 * line feed of the file ends a record, whatever is wrong with it: what cannot be read
 * is refused and the next line stands for itself.
 */
#include <string.h>

#include "json_records.h"

/* Blank lines at the end of the file are none; these were not at the end. */
static enum tw_next give_blanks(struct tw_json_lines *t, struct tw_record *r)
{
    *r = (struct tw_record){.number = t->json.number + 1,
                            .offset = t->blanks_at,
                            .bytes = t->blank_bytes,
                            .times = t->blanks,
                            .refusal = TW_REFUSED_BAD_VALUE};
    t->json.number += t->blanks;
    t->blanks = t->blank_bytes = 0;
    return TW_NEXT_REFUSED;
}

enum tw_line tw_json_line_find(struct tw_json_lines *t, struct tw_str *line)
{
    struct tw_text_window *w = &t->json.w;
    for (;;) {
        enum tw_line found = tw_text_window_line(w, t->json.record_max, line);
        if (found != TW_LINE || tw_json_head(*line).len)
            return found;
        if (t->blanks++ == 0)
            t->blanks_at = tw_text_window_line_place(w);
        t->blank_bytes += line->len;
        tw_text_window_take(w, line->len);
    }
}

/* A line beyond the maximum: its bytes are passed over and not kept. */
static enum tw_next skip_line(struct tw_json_lines *t, struct tw_record *r)
{
    tw_json_begin(&t->json, r, 0);
    r->refusal = TW_REFUSED_TOO_LONG;
    if (tw_text_window_skip_line(&t->json.w, &r->bytes) != TW_OK)
        return tw_text_window_failed(&t->json.w);
    return TW_NEXT_REFUSED;
}

static enum tw_next next_line(struct tw_records *records, struct tw_record *r)
{
    struct tw_json_lines *t = (struct tw_json_lines *)records;
    struct tw_str line;
    enum tw_line found = tw_json_line_find(t, &line);
    if (found == TW_LINE_FAILED)
        return tw_text_window_failed(&t->json.w);
    if (found == TW_LINE_END)
        return t->json.base.column ? tw_json_end(&t->json) : TW_NEXT_END;
    if (t->blanks)
        return give_blanks(t, r);
    if (found == TW_LINE_TOO_LONG)
        return skip_line(t, r);
    return t->read(t, r, line);
}

static enum tw_next read_object(struct tw_json_lines *t, struct tw_record *r,
                                struct tw_str line)
{
    size_t len = line.len - tw_str_ends(line, "\n");
    return tw_json_judge(&t->json, r, len, line.len);
}

struct tw_json_lines *tw_json_lines_open(const struct tw_dump_open *how,
                                         const struct tw_dump *dump)
{
    struct tw_json_lines *t =
        (struct tw_json_lines *)tw_json_records_new(how, sizeof *t, dump);
    if (!t)
        return NULL;
    t->json.base.next = next_line;
    t->read = read_object;
    struct tw_str line;
    enum tw_line found = tw_json_line_find(t, &line);
    if (found == TW_LINE_FAILED)
        return NULL;
    t->json.base.no_header = found == TW_LINE_END;
    return t;
}

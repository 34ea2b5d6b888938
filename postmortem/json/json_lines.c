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

/* The end of the line at hand, read on until it is there. */
static enum tw_line_found line_end(struct tw_json_lines *t, struct tw_json_line *line)
{
    struct tw_record_buffer *b = &t->json.buffer;
    for (;;) {
        struct tw_str rest = {b->bytes + b->start, b->fill - b->start};
        size_t n = t->looked + tw_str_find(tw_str_from(rest, t->looked), '\n');
        t->looked = n;
        *line = (struct tw_json_line){n, n + (n < rest.len)};
        if (n < rest.len || (b->ended && n))
            return TW_LINE;
        if (b->ended)
            return TW_LINE_NONE;
        if (n > t->json.record_max)
            return TW_LINE_LONG;
        if (tw_record_buffer_fill(b) != TW_OK)
            return TW_LINE_FAILED;
    }
}

static bool is_blank(const struct tw_record_buffer *b, size_t len)
{
    const char *p = b->bytes + b->start;
    for (size_t i = 0; i < len; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
            return false;
    return true;
}

enum tw_line_found tw_json_line_find(struct tw_json_lines *t, struct tw_json_line *line)
{
    struct tw_record_buffer *b = &t->json.buffer;
    for (;;) {
        enum tw_line_found found = line_end(t, line);
        if (found != TW_LINE || !is_blank(b, line->len))
            return found;
        if (t->blanks++ == 0)
            t->blanks_at = tw_record_buffer_place(b);
        t->blank_bytes += line->used;
        t->looked = 0;
        tw_record_buffer_take(b, line->used);
    }
}

/* A line beyond the maximum: its bytes are passed over and not kept. */
static enum tw_next skip_line(struct tw_json_lines *t, struct tw_record *r)
{
    struct tw_record_buffer *b = &t->json.buffer;
    tw_json_begin(&t->json, r, 0);
    r->refusal = TW_REFUSED_TOO_LONG;
    t->looked = 0;
    for (;;) {
        struct tw_str rest = {b->bytes + b->start, b->fill - b->start};
        size_t n = tw_str_find(rest, '\n'), used = n + (n < rest.len);
        r->bytes += used;
        tw_record_buffer_take(b, used);
        if (n < rest.len || b->ended)
            return TW_NEXT_REFUSED;
        if (tw_record_buffer_fill(b) != TW_OK)
            return tw_record_buffer_failed(b);
    }
}

static enum tw_next next_line(struct tw_records *records, struct tw_record *r)
{
    struct tw_json_lines *t = (struct tw_json_lines *)records;
    struct tw_json_line line;
    enum tw_line_found found = tw_json_line_find(t, &line);
    if (found == TW_LINE_FAILED)
        return tw_record_buffer_failed(&t->json.buffer);
    if (found == TW_LINE_NONE)
        return t->json.base.column ? tw_json_end(&t->json) : TW_NEXT_END;
    if (t->blanks)
        return give_blanks(t, r);
    if (found == TW_LINE_LONG)
        return skip_line(t, r);
    t->looked = 0;
    return t->read(t, r, line);
}

static enum tw_next read_object(struct tw_json_lines *t, struct tw_record *r,
                                struct tw_json_line line)
{
    return tw_json_judge(&t->json, r, line.len, line.used);
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
    struct tw_json_line line;
    enum tw_line_found found = tw_json_line_find(t, &line);
    if (found == TW_LINE_FAILED)
        return NULL;
    t->json.base.no_header = found == TW_LINE_NONE;
    return t;
}

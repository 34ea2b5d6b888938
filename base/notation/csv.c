/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record splitter. Three states: at the start of a field, in a bare field, in
 * quotes. A line ends with LF or CR LF; a CR anywhere else is data. A quote opens a
 * quoted field only as the field's first byte; behind the closing quote only a
 * delimiter, a line end or the end of input may stand.
 */
#include "csv.h"

#include <string.h>

struct scan {
    struct tw_arena *arena;
    const struct tw_csv_dialect *d;
    struct tw_str in;
    struct tw_csv_record *out;
    bool last;
    size_t at;
};

static void add_field(struct scan *s, size_t from, size_t to, bool quoted, bool encoded)
{
    *tw_vec_add(s->arena, &s->out->fields) = (struct tw_csv_field){
        .raw = {s->in.ptr + from, to - from}, .quoted = quoted, .encoded = encoded};
}

/* Is AT a line end? 0: no, 1 or 2: its length, -1: cannot be told yet. */
static int line_end(const struct scan *s, size_t at)
{
    if (s->in.ptr[at] == '\n')
        return 1;
    if (s->in.ptr[at] != '\r')
        return 0;
    if (at + 1 == s->in.len)
        return s->last ? 0 : -1;
    return s->in.ptr[at + 1] == '\n' ? 2 : 0;
}

/* After a stray quote: to the end of the line. */
static enum tw_csv_result skip_line(struct scan *s, size_t stray)
{
    s->out->stray = stray;
    size_t n = tw_str_find(tw_str_from(s->in, s->at), '\n');
    if (s->at + n == s->in.len && !s->last)
        return TW_CSV_MORE;
    s->out->used = s->at + n + (s->at + n < s->in.len);
    return TW_CSV_STRAY_QUOTE;
}

/* The end of a field at s->at: 1 another field follows, 0 the record is complete,
 * -1 more bytes are needed, -2 neither delimiter nor line end stands here. */
static int field_end(struct scan *s)
{
    if (s->at == s->in.len) {
        if (!s->last)
            return -1;
        s->out->used = s->at;
        return 0;
    }
    if (s->in.ptr[s->at] == s->d->delimiter) {
        s->at++;
        return 1;
    }
    int n = line_end(s, s->at);
    if (n > 0) {
        s->at += (size_t)n;
        s->out->used = s->at;
        return 0;
    }
    return n < 0 ? -1 : -2;
}

static enum tw_csv_result quoted_field(struct scan *s, int *end)
{
    size_t start = ++s->at;
    bool encoded = false;
    for (;; s->at++) {
        if (s->at == s->in.len)
            goto open;
        char c = s->in.ptr[s->at];
        if (s->d->escape && c == s->d->escape && c != s->d->quote) {
            encoded = true;
            if (++s->at == s->in.len)
                goto open;
            continue;
        }
        if (c != s->d->quote)
            continue;
        if (s->at + 1 == s->in.len && !s->last)
            return TW_CSV_MORE;
        if (s->at + 1 == s->in.len || s->in.ptr[s->at + 1] != s->d->quote)
            break;
        encoded = true;
        s->at++;
    }
    add_field(s, start, s->at, true, encoded);
    s->at++;
    *end = field_end(s);
    if (*end == -1)
        return TW_CSV_MORE;
    return *end == -2 ? skip_line(s, s->at - 1) : TW_CSV_RECORD;
open:
    if (!s->last)
        return TW_CSV_MORE;
    s->out->used = s->in.len;
    s->out->stray = start - 1;
    return TW_CSV_OPEN_QUOTE;
}

static enum tw_csv_result bare_field(struct scan *s, int *end)
{
    size_t start = s->at;
    bool encoded = false;
    for (; s->at < s->in.len; s->at++) {
        char c = s->in.ptr[s->at];
        if (c == s->d->delimiter || c == '\n')
            break;
        if (c == '\r') {
            int n = line_end(s, s->at);
            if (n < 0)
                return TW_CSV_MORE;
            if (n > 0)
                break;
        }
        if (s->d->quote && c == s->d->quote)
            return skip_line(s, s->at);
        if (s->d->escape && c == s->d->escape) {
            encoded = true;
            if (++s->at == s->in.len)
                break;
        }
    }
    if (s->at == s->in.len && !s->last)
        return TW_CSV_MORE;
    add_field(s, start, s->at, false, encoded);
    *end = field_end(s);
    return TW_CSV_RECORD;
}

enum tw_csv_result tw_csv_next(struct tw_arena *arena,
                               const struct tw_csv_dialect *dialect,
                               struct tw_str bytes, bool last,
                               struct tw_csv_record *record)
{
    record->fields.len = 0;
    record->used = 0;
    if (bytes.len == 0)
        return last ? TW_CSV_END : TW_CSV_MORE;
    struct scan s = {arena, dialect, bytes, record, last, 0};
    int end;
    do {
        bool quoted =
            dialect->quote && s.at < bytes.len && bytes.ptr[s.at] == dialect->quote;
        enum tw_csv_result result =
            quoted ? quoted_field(&s, &end) : bare_field(&s, &end);
        if (result != TW_CSV_RECORD)
            return result;
    } while (end == 1);
    return end == -1 ? TW_CSV_MORE : TW_CSV_RECORD;
}

struct tw_str tw_csv_decode(struct tw_arena *arena,
                            const struct tw_csv_dialect *dialect,
                            const struct tw_csv_field *field)
{
    if (!field->encoded)
        return field->raw;
    char *out = tw_arena_alloc(arena, field->raw.len);
    size_t n = 0;
    for (size_t i = 0; i < field->raw.len; i++) {
        char c = field->raw.ptr[i];
        bool doubled = field->quoted && c == dialect->quote;
        bool escaped = dialect->escape && c == dialect->escape;
        if ((doubled || escaped) && i + 1 < field->raw.len)
            c = field->raw.ptr[++i];
        out[n++] = c;
    }
    return (struct tw_str){out, n};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of delimited text: a buffer that slides over the stream, the record
 * splitter of base on it, and the checks that make a record count or be refused.
 *
 * The buffer grows (by doubling, so that looking again at a record that did not end in
 * it costs at most twice) up to the longest record allowed. A longer one is walked over
 * to its true end by the same quoting rules: going on at just any line end inside a
 * quoted text would invent records.
 */
#include "text_records.h"

#include <string.h>

enum { COLUMNS_MAX = 100000 };

struct text_records {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena; /* of the file */
    struct tw_arena *scratch, *room;
    struct tw_utf8_stream *stream;
    struct tw_diags *diags;
    bool (*stop)(void *ctx);
    void *stop_ctx;
    bool stopped;
    struct tw_str name;
    struct tw_csv_dialect dialect;
    struct tw_str null_text;
    size_t record_max;

    char *buf; /* buf[start … fill) is not yet consumed */
    size_t start, fill, cap;
    size_t checked;  /* buf[… checked) is known to be valid UTF-8, or was refused */
    uint64_t before; /* decoded bytes before buf[0] */
    bool ended;

    struct tw_csv_record split;
    uint64_t number;
    struct tw_str header; /* its bytes, without the line end */
    uint64_t empties; /* empty lines just passed, of which it is not yet known … */
    uint64_t empty_bytes;
    uint64_t empties_at; /* … whether they stand at the end of the file */
    size_t *wanted, nwanted;
    struct tw_record_field *fields;
    struct tw_text_layout layout;
};

bool tw_text_first_line_has(struct tw_str head, char c)
{
    struct tw_str line = tw_str_first(head, tw_str_find(head, '\n'));
    return tw_str_find(line, c) < line.len;
}

static struct tw_str rest(const struct text_records *t)
{
    return (struct tw_str){t->buf + t->start, t->fill - t->start};
}

/* With margins for readers that take many bytes at once. */
static char *buffer_new(struct tw_arena *arena, size_t cap)
{
    size_t margins = 2 * (size_t)TW_TEXT_MARGIN;
    return (char *)tw_arena_alloc(arena, cap + margins) + TW_TEXT_MARGIN;
}

/* Moves what is left to the front, then makes room, then reads until it is full. */
static enum tw_status fill_buffer(struct text_records *t)
{
    t->stopped = t->stop && t->stop(t->stop_ctx);
    if (t->stopped)
        return TW_ERR_IO;
    size_t left = t->fill - t->start;
    t->before += t->start;
    t->checked = t->checked > t->start ? t->checked - t->start : 0;
    if (left == t->cap) {
        struct tw_arena *room = tw_arena_child(t->arena);
        char *larger = buffer_new(room, t->cap * 2);
        memcpy(larger, t->buf + t->start, left);
        tw_arena_release(t->room);
        t->room = room;
        t->buf = larger;
        t->cap *= 2;
    } else if (t->start) {
        memmove(t->buf, t->buf + t->start, left);
    }
    t->start = 0;
    t->fill = left;
    while (!t->ended && t->fill < t->cap) {
        size_t got;
        enum tw_status status =
            tw_utf8_stream_read(t->stream, t->buf + t->fill, t->cap - t->fill, &got);
        if (status == TW_STOPPED) /* what was read by then is still counted */
            return t->fill > left ? TW_OK : status;
        if (status != TW_OK)
            return status;
        t->ended = got == 0;
        t->fill += got;
    }
    return TW_OK;
}

/* The first NUSED bytes of the rest are valid UTF-8. Checks far ahead, once. */
static bool valid_text(struct text_records *t, size_t used)
{
    size_t end = t->start + used;
    if (end <= t->checked)
        return true;
    if (t->checked < t->start)
        t->checked = t->start;
    struct tw_str ahead = {t->buf + t->checked, t->fill - t->checked};
    t->checked += tw_utf8_valid_prefix(ahead);
    if (end <= t->checked)
        return true;
    t->checked = end;
    return false;
}

static void begin(struct text_records *t, struct tw_record *r, size_t used)
{
    *r = (struct tw_record){.number = ++t->number,
                            .offset =
                                tw_utf8_stream_place(t->stream, t->before + t->start),
                            .bytes = used,
                            .times = 1};
}

static enum tw_next failed(const struct text_records *t)
{
    bool stopped = t->stopped || (t->stop && t->stop(t->stop_ctx));
    return stopped ? TW_NEXT_STOPPED : TW_NEXT_FAILED;
}

static enum tw_next refuse(struct tw_record *r, enum tw_refusal why)
{
    r->refusal = why;
    return TW_NEXT_REFUSED;
}

/* A record that does not end within the longest one allowed. */
static enum tw_next skip_long(struct text_records *t, struct tw_record *r)
{
    unsigned state = 0;
    bool ended = false;
    begin(t, r, 0);
    for (;;) {
        size_t n = tw_csv_skip(&t->dialect, &state, rest(t), &ended);
        r->bytes += n;
        t->start += n;
        if (ended)
            return refuse(r, TW_REFUSED_TOO_LONG);
        if (t->ended)
            break;
        if (fill_buffer(t) != TW_OK)
            return failed(t);
    }
    return refuse(r, tw_csv_skip_in_quotes(state) ? TW_REFUSED_OPEN_QUOTE
                                                  : TW_REFUSED_TOO_LONG);
}

static void take_fields(struct text_records *t, struct tw_record *r)
{
    tw_arena_rewind(t->scratch, (struct tw_arena_mark){0});
    for (size_t i = 0; i < t->nwanted; i++) {
        const struct tw_csv_field *f = &t->split.fields.at[t->wanted[i]];
        struct tw_str value =
            f->encoded ? tw_csv_decode(t->scratch, &t->dialect, f) : f->raw;
        bool is_null = !f->quoted && tw_str_eq(f->raw, t->null_text);
        t->fields[i] = (struct tw_record_field){value.ptr, value.len, is_null};
    }
    r->fields = t->fields;
    r->nfields = t->nwanted;
}

static bool is_header_again(const struct text_records *t)
{
    struct tw_str line = tw_str_first(rest(t), t->split.used);
    if (t->header.len == 0 || line.len < t->header.len ||
        line.ptr[0] != t->header.ptr[0] ||
        memcmp(line.ptr, t->header.ptr, t->header.len) != 0)
        return false;
    struct tw_str end = tw_str_from(line, t->header.len);
    return end.len == 0 || tw_str_is(end, "\n") || tw_str_is(end, "\r\n");
}

static bool is_empty_line(const struct text_records *t)
{
    const struct tw_csv_field *f = t->split.fields.at;
    return t->split.fields.len == 1 && f->raw.len == 0 && !f->quoted;
}

/* The empty lines that were passed did not stand at the end after all. */
static enum tw_next give_empties(struct text_records *t, struct tw_record *r)
{
    *r = (struct tw_record){.number = t->number + 1,
                            .offset = t->empties_at,
                            .bytes = t->empty_bytes,
                            .times = t->empties};
    t->number += t->empties;
    t->empties = t->empty_bytes = 0;
    return refuse(r, TW_REFUSED_RAGGED);
}

static enum tw_next judge(struct text_records *t, struct tw_record *r,
                          enum tw_csv_result result)
{
    size_t used = t->split.used;
    begin(t, r, used);
    bool valid = valid_text(t, used);
    bool ragged = t->split.dropped || t->split.fields.len != t->base.ncolumns;
    bool again = valid && result == TW_CSV_RECORD && is_header_again(t);
    bool mark = used >= 3 && memcmp(t->buf + t->start, "\xef\xbb\xbf", 3) == 0;
    t->start += used;
    if (result == TW_CSV_OPEN_QUOTE)
        return refuse(r, TW_REFUSED_OPEN_QUOTE);
    if (used > t->record_max)
        return refuse(r, TW_REFUSED_TOO_LONG);
    if (result == TW_CSV_STRAY_QUOTE)
        return refuse(r, TW_REFUSED_STRAY_QUOTE);
    if (!valid)
        return refuse(r, TW_REFUSED_BAD_ENCODING);
    if (mark)
        return refuse(r, TW_REFUSED_MARK_INSIDE);
    if (ragged)
        return refuse(r, TW_REFUSED_RAGGED);
    if (again)
        return refuse(r, TW_REFUSED_HEADER_AGAIN);
    take_fields(t, r);
    return TW_NEXT_RECORD;
}

/* The splitter on the buffer, with more bytes as it asks for them. */
static enum tw_status split(struct text_records *t, enum tw_csv_result *result)
{
    for (;;) {
        *result = tw_csv_next(t->arena, &t->dialect, rest(t), t->ended, &t->split);
        if (*result != TW_CSV_MORE || t->fill - t->start > t->record_max)
            return TW_OK;
        enum tw_status status = fill_buffer(t);
        if (status != TW_OK)
            return status;
    }
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct text_records *t = (struct text_records *)records;
    for (;;) {
        enum tw_csv_result result;
        if (split(t, &result) != TW_OK)
            return failed(t);
        if (result == TW_CSV_END)
            return TW_NEXT_END; /* empty lines at the end of the file are none */
        bool skipped =
            result == TW_CSV_RECORD && t->base.ncolumns > 1 && is_empty_line(t);
        if (!skipped && t->empties)
            return give_empties(t, r);
        if (result == TW_CSV_MORE)
            return skip_long(t, r);
        if (!skipped)
            return judge(t, r, result);
        if (t->empties++ == 0)
            t->empties_at = tw_utf8_stream_place(t->stream, t->before + t->start);
        t->empty_bytes += t->split.used;
        t->start += t->split.used;
    }
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct text_records *t = (struct text_records *)records;
    t->wanted = tw_new_array(t->arena, count, size_t);
    t->fields = tw_new_array(t->arena, count, struct tw_record_field);
    t->nwanted = count;
    if (count)
        memcpy(t->wanted, columns, count * sizeof *columns);
}

static bool read_header(struct text_records *t)
{
    enum tw_csv_result result;
    if (split(t, &result) != TW_OK)
        return false;
    if (result == TW_CSV_END) {
        t->base.no_header = true;
        return true;
    }
    if (result != TW_CSV_RECORD || t->split.dropped || t->split.used > t->record_max ||
        !valid_text(t, t->split.used)) {
        TW_DIAG(t->diags, TW_D_dump_header_bad, TW_NOWHERE, t->name);
        return false;
    }
    size_t n = t->split.fields.len;
    struct tw_column *columns = tw_new_array(t->arena, n, struct tw_column);
    for (size_t i = 0; i < n; i++)
        columns[i].name = tw_str_copy(
            t->arena, tw_csv_decode(t->arena, &t->dialect, &t->split.fields.at[i]));
    t->base.columns = columns;
    t->base.ncolumns = n;
    struct tw_str line = tw_str_first(rest(t), t->split.used);
    while (line.len &&
           (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    t->header = tw_str_copy(t->arena, line);
    t->start += t->split.used;
    return true;
}

static void name_columns(struct text_records *t, const struct tw_dialect *d)
{
    struct tw_column *columns = tw_new_array(t->arena, d->ncolumns, struct tw_column);
    struct tw_buf line;
    tw_buf_init(&line, t->arena);
    for (size_t i = 0; i < d->ncolumns; i++) {
        columns[i].name = d->columns[i];
        if (i)
            tw_buf_char(&line, t->dialect.delimiter);
        tw_buf_str(&line, d->columns[i]);
    }
    t->base.columns = columns;
    t->base.ncolumns = d->ncolumns;
    t->header = tw_buf_view(&line); /* it may have one all the same */
}

/* What another reader must know, once the columns are known. */
static void lay_out(struct text_records *t)
{
    if (t->base.no_header)
        return;
    t->layout = (struct tw_text_layout){.dialect = t->dialect,
                                        .null_text = t->null_text,
                                        .nfields = t->base.ncolumns,
                                        .header = t->header,
                                        .start = t->before + t->start,
                                        .record_max = t->record_max};
    t->base.text = &t->layout;
}

static void choose(char *in_use, int given)
{
    if (given >= 0)
        *in_use = (char)given;
}

static bool dialect_works(const struct tw_csv_dialect *d)
{
    const char all[] = {d->delimiter, d->quote, d->escape};
    for (size_t i = 0; i < sizeof all; i++)
        if (all[i] == '\n' || all[i] == '\r' || (signed char)all[i] < 0)
            return false;
    return d->delimiter && d->delimiter != d->quote && d->delimiter != d->escape;
}

struct tw_records *tw_text_records_open(const struct tw_dump_open *how,
                                        const struct tw_dump *dump,
                                        struct tw_csv_dialect dialect)
{
    const struct tw_dialect *d = how->dialect;
    choose(&dialect.delimiter, d->delimiter);
    choose(&dialect.quote, d->quote);
    choose(&dialect.escape, d->escape);
    if (dialect.escape == dialect.quote)
        dialect.escape = 0; /* a doubled quote is what both of them say */
    if (!dialect_works(&dialect)) {
        TW_DIAG(how->diags, TW_D_dump_dialect_bad, TW_NOWHERE);
        return NULL;
    }
    if (how->table.len) {
        TW_DIAG(how->diags, TW_D_dump_no_tables, TW_NOWHERE, how->name,
                tw_str_of(dump->name));
        return NULL;
    }
    struct text_records *t = tw_new(how->arena, struct text_records);
    *t = (struct text_records){
        .base = {.dump = dump, .want = want, .next = next_record},
        .arena = how->arena,
        .scratch = tw_arena_child(how->arena),
        .room = tw_arena_child(how->arena),
        .stream = how->stream,
        .diags = how->diags,
        .stop = how->stop,
        .stop_ctx = how->stop_ctx,
        .name = how->name,
        .dialect = dialect,
        .null_text = d->null_text,
        .record_max = d->record_max,
        .cap = d->buffer ? d->buffer : 1,
        .split = {.fields_max = COLUMNS_MAX},
    };
    t->buf = buffer_new(t->room, t->cap);
    if (d->ncolumns)
        name_columns(t, d);
    else if (!read_header(t))
        return NULL;
    /* One more than the columns tells a ragged record; a line of nothing but
     * delimiters must not take 32 bytes for each. */
    t->split.fields_max = t->base.ncolumns + 1;
    lay_out(t);
    return &t->base;
}

struct tw_text_at tw_text_records_at(struct tw_records *records)
{
    struct text_records *t = (struct text_records *)records;
    uint64_t decoded = t->before + t->start;
    return (struct tw_text_at){decoded, tw_text_records_offset(records, decoded),
                               t->number};
}

uint64_t tw_text_records_offset(struct tw_records *records, uint64_t decoded)
{
    struct text_records *t = (struct text_records *)records;
    return tw_utf8_stream_place(t->stream, decoded);
}

enum tw_next tw_text_records_window(struct tw_records *records, struct tw_str *window)
{
    struct text_records *t = (struct text_records *)records;
    if (!t->ended && (t->start || t->fill < t->cap) && fill_buffer(t) != TW_OK)
        return failed(t);
    memset(t->buf + t->fill, 0, TW_TEXT_MARGIN);
    *window = rest(t);
    return window->len ? TW_NEXT_RECORD : TW_NEXT_END;
}

bool tw_text_records_is_plain(const struct tw_records *records)
{
    return tw_utf8_stream_is_plain(((const struct text_records *)records)->stream);
}

size_t tw_text_records_buffer(const struct tw_records *records)
{
    return ((const struct text_records *)records)->cap;
}

void tw_text_records_pass(struct tw_records *records, size_t nbytes, uint64_t nrecords)
{
    struct text_records *t = (struct text_records *)records;
    t->start += nbytes;
    t->number += nrecords;
}

struct tw_records *tw_text_records_resume(struct tw_arena *arena,
                                          const struct tw_records *records,
                                          struct tw_byte_source source,
                                          struct tw_text_at at, bool (*stop)(void *ctx),
                                          void *stop_ctx)
{
    const struct text_records *from = (const struct text_records *)records;
    struct text_records *t = tw_new(arena, struct text_records);
    *t = *from;
    t->arena = arena;
    t->scratch = tw_arena_child(arena);
    t->room = tw_arena_child(arena);
    t->buf = buffer_new(t->room, t->cap);
    t->stream = tw_utf8_stream_resume(arena, source, at.offset - at.decoded);
    t->stop = stop;
    t->stop_ctx = stop_ctx;
    t->start = t->fill = t->checked = 0;
    t->before = at.decoded;
    t->ended = t->stopped = false;
    t->split = (struct tw_csv_record){.fields_max = t->base.ncolumns + 1};
    t->number = at.number;
    t->empties = t->empty_bytes = 0;
    t->wanted = tw_new_array(arena, t->nwanted, size_t);
    t->fields = tw_new_array(arena, t->nwanted, struct tw_record_field);
    if (t->nwanted)
        memcpy(t->wanted, from->wanted, t->nwanted * sizeof *t->wanted);
    return &t->base;
}

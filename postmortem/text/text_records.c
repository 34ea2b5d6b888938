/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of delimited text: a window that slides over the stream, the record
 * splitter of base on it, and the checks that make a record count or be refused.
 *
 * The window grows up to the longest record allowed. A longer one is walked over to its
 * true end by the same quoting rules: going on at just any line end inside a quoted
 * text would invent records.
 */
#include "text_records.h"

#include <string.h>

#include "text_window.h"

enum { COLUMNS_MAX = 100000, LOOK_FROM = 4 << 20, LOOK_BLOCK = 1 << 16 };

struct text_records {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena; /* of the file */
    struct tw_arena *scratch;
    struct tw_diags *diags;
    struct tw_str name;
    struct tw_text_format format;
    struct tw_csv_dialect dialect;
    struct tw_str null_text;
    size_t record_max;
    size_t nfields; /* of every record: as many as columns, or fewer */

    struct tw_text_window w;
    struct tw_csv_record split;
    struct tw_csv_record alone; /* a line that may be none of a record */
    uint64_t number;
    struct tw_str header, types; /* their bytes, without the line end */
    uint64_t empties; /* empty lines just passed, of which it is not yet known … */
    uint64_t empty_bytes;
    uint64_t empties_at; /* … whether they stand at the end of the file */
    bool in_nul;         /* between two NUL bytes */
    const size_t *wanted;
    size_t nwanted;
    struct tw_record_field *fields;
    struct tw_text_layout layout;
    size_t (*peek)(void *ctx, uint64_t at, char *bytes, size_t room); /* or NULL */
    void *peek_ctx;
};

static struct tw_str rest(const struct text_records *t)
{
    return tw_text_window_rest(&t->w);
}

static void begin(struct text_records *t, struct tw_record *r, size_t used)
{
    *r = (struct tw_record){.number = ++t->number,
                            .offset = tw_text_window_place(&t->w),
                            .bytes = used,
                            .times = 1};
}

static enum tw_next refuse(struct tw_record *r, enum tw_refusal why)
{
    r->refusal = why;
    return TW_NEXT_REFUSED;
}

/* A cell in NUL bytes may hold delimiters and line ends: nothing between is sure. */
static bool in_nul_cell(struct text_records *t, struct tw_str record)
{
    bool within = t->in_nul;
    size_t count = 0;
    for (size_t at; (at = tw_str_find(record, '\0')) < record.len; count++)
        record = tw_str_from(record, at + 1);
    t->in_nul ^= count & 1;
    return within || count;
}

/* A record that does not end within the longest one allowed. */
static enum tw_next skip_long(struct text_records *t, struct tw_record *r)
{
    unsigned state = 0;
    bool ended = false;
    begin(t, r, 0);
    for (;;) {
        size_t n = tw_csv_skip(&t->dialect, &state, rest(t), &ended);
        if (t->format.nul_wraps)
            in_nul_cell(t, tw_str_first(rest(t), n));
        r->bytes += n;
        t->w.start += n;
        if (ended)
            return refuse(r, TW_REFUSED_TOO_LONG);
        if (t->w.ended)
            break;
        if (tw_text_window_more(&t->w) != TW_OK)
            return tw_text_window_failed(&t->w);
    }
    return refuse(r, tw_csv_skip_in_quotes(state) ? TW_REFUSED_OPEN_QUOTE
                                                  : TW_REFUSED_TOO_LONG);
}

static void take_fields(struct text_records *t, struct tw_record *r)
{
    tw_arena_rewind(t->scratch, (struct tw_arena_mark){0});
    for (size_t i = 0; i < t->nwanted; i++) {
        if (t->wanted[i] >= t->nfields) { /* a column that this file does not have */
            t->fields[i] = (struct tw_record_field){"", 0, true};
            continue;
        }
        const struct tw_csv_field *f = &t->split.fields.at[t->wanted[i]];
        struct tw_str value =
            f->encoded ? tw_csv_decode(t->scratch, &t->dialect, f) : f->raw;
        bool is_null = !f->quoted && tw_str_eq(f->raw, t->null_text);
        if (is_null && t->format.null_ambiguous)
            t->base.notes[TW_NOTE_AMBIGUOUS_NULL]++;
        t->fields[i] = (struct tw_record_field){value.ptr, value.len, is_null};
    }
    r->fields = t->fields;
    r->nfields = t->nwanted;
}

static bool is_line_again(const struct text_records *t, struct tw_str header)
{
    struct tw_str line = tw_str_first(rest(t), t->split.used);
    if (header.len == 0 || line.len < header.len || line.ptr[0] != header.ptr[0] ||
        memcmp(line.ptr, header.ptr, header.len) != 0)
        return false;
    struct tw_str end = tw_str_from(line, header.len);
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
    return refuse(r, t->format.ragged);
}

static enum tw_next judge(struct text_records *t, struct tw_record *r,
                          enum tw_csv_result result)
{
    size_t used = t->split.used;
    begin(t, r, used);
    bool valid = tw_text_window_valid(&t->w, used);
    bool ragged = t->split.dropped || t->split.fields.len != t->nfields;
    bool again = valid && result == TW_CSV_RECORD &&
                 (is_line_again(t, t->header) || is_line_again(t, t->types));
    struct tw_str bytes = tw_str_first(rest(t), used);
    bool mark = tw_str_starts(bytes, "\xef\xbb\xbf");
    bool wrapped = t->format.nul_wraps && in_nul_cell(t, bytes);
    bool client = t->format.aside && t->format.aside(tw_text_line_of(bytes));
    t->w.start += used;
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
    if (wrapped)
        return refuse(r, TW_REFUSED_BAD_VALUE);
    if (ragged)
        return refuse(r, t->format.ragged);
    if (again)
        return refuse(r, TW_REFUSED_HEADER_AGAIN);
    if (client)
        return refuse(r, TW_REFUSED_AMBIGUOUS);
    take_fields(t, r);
    return TW_NEXT_RECORD;
}

/* Is the record that does not end in the window too long, as the bytes behind it tell
 * where they can be looked at? */
static bool runs_beyond(struct text_records *t)
{
    unsigned state = 0;
    bool ended = false;
    struct tw_str seen = rest(t);
    uint64_t at = t->w.before + t->w.fill;
    size_t len = tw_csv_skip(&t->dialect, &state, seen, &ended);
    struct tw_arena *arena = tw_arena_child(t->arena);
    char *bytes = tw_arena_alloc(arena, LOOK_BLOCK);
    while (!ended && len <= t->record_max) {
        seen = (struct tw_str){bytes, t->peek(t->peek_ctx, at, bytes, LOOK_BLOCK)};
        if (seen.len == 0)
            break;
        len += tw_csv_skip(&t->dialect, &state, seen, &ended);
        at += seen.len;
    }
    tw_arena_release(arena);
    return len > t->record_max;
}

/* The splitter on the window, with more bytes as it asks for them. */
static enum tw_status split(struct text_records *t, enum tw_csv_result *result)
{
    bool looked = t->peek == NULL;
    for (;;) {
        *result = tw_csv_next(t->arena, &t->dialect, rest(t), t->w.ended, &t->split);
        size_t have = t->w.fill - t->w.start;
        if (*result != TW_CSV_MORE || have > t->record_max)
            return TW_OK;
        if (!looked && have >= LOOK_FROM && runs_beyond(t))
            return TW_OK;
        looked |= have >= LOOK_FROM;
        enum tw_status status = tw_text_window_more(&t->w);
        if (status != TW_OK)
            return status;
    }
}

/* Passes over a line that is a client's and cannot be a record. */
static enum tw_status pass_aside(struct text_records *t, bool *passed)
{
    struct tw_str line;
    *passed = false;
    enum tw_line found = tw_text_window_line(&t->w, t->record_max, &line);
    if (found == TW_LINE_FAILED)
        return TW_ERR_IO;
    struct tw_str text = tw_text_line_of(line);
    if (found != TW_LINE || (text.len && !t->format.aside(text)) ||
        (text.len == 0 && t->nfields == 1))
        return TW_OK;
    t->alone.fields_max = t->nfields + 1;
    enum tw_csv_result alone =
        tw_csv_next(t->arena, &t->dialect, line, true, &t->alone);
    bool fits = t->alone.fields.len == t->nfields && t->alone.dropped == 0;
    *passed = alone == TW_CSV_STRAY_QUOTE || (alone == TW_CSV_RECORD && !fits);
    if (*passed) {
        t->base.notes[TW_NOTE_NOT_A_RECORD]++;
        t->w.start += line.len;
    }
    return TW_OK;
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct text_records *t = (struct text_records *)records;
    for (;;) {
        enum tw_csv_result result;
        if (t->format.aside) {
            bool passed;
            if (pass_aside(t, &passed) != TW_OK)
                return tw_text_window_failed(&t->w);
            if (passed)
                continue;
        }
        if (split(t, &result) != TW_OK)
            return tw_text_window_failed(&t->w);
        if (result == TW_CSV_END)
            return TW_NEXT_END; /* empty lines at the end of the file are none */
        bool skipped = result == TW_CSV_RECORD && t->nfields > 1 && is_empty_line(t);
        if (!skipped && t->empties)
            return give_empties(t, r);
        if (result == TW_CSV_MORE)
            return skip_long(t, r);
        if (!skipped)
            return judge(t, r, result);
        if (t->empties++ == 0)
            t->empties_at = tw_text_window_place(&t->w);
        t->empty_bytes += t->split.used;
        t->w.start += t->split.used;
    }
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct text_records *t = (struct text_records *)records;
    t->wanted = columns;
    t->nwanted = count;
    t->fields = tw_new_array(t->arena, count, struct tw_record_field);
}

/* The next record, of which not one byte may be doubtful. */
static bool split_first(struct text_records *t, enum tw_csv_result *result)
{
    if (split(t, result) != TW_OK)
        return false;
    if (*result == TW_CSV_END)
        return true;
    if (*result == TW_CSV_RECORD && t->split.dropped == 0 &&
        t->split.used <= t->record_max && tw_text_window_valid(&t->w, t->split.used))
        return true;
    TW_DIAG(t->diags, TW_D_dump_header_bad, TW_NOWHERE, t->name);
    return false;
}

static struct tw_str take_line(struct text_records *t)
{
    struct tw_str line = tw_str_first(rest(t), t->split.used);
    while (line.len &&
           (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    t->w.start += t->split.used;
    return tw_str_copy(t->arena, line);
}

static struct tw_str decoded(struct text_records *t, size_t field)
{
    return tw_str_copy(
        t->arena, tw_csv_decode(t->arena, &t->dialect, &t->split.fields.at[field]));
}

static bool read_names(struct text_records *t)
{
    enum tw_csv_result result;
    for (size_t i = 0; i < t->format.skip_lines; i++) {
        uint64_t bytes;
        if (tw_text_window_skip_line(&t->w, &bytes) != TW_OK)
            return false;
        t->base.notes[TW_NOTE_NOT_A_RECORD]++;
    }
    if (!split_first(t, &result))
        return false;
    if (result == TW_CSV_END) {
        t->base.no_header = true;
        return true;
    }
    size_t n = t->split.fields.len;
    struct tw_column *columns = tw_new_array(t->arena, n, struct tw_column);
    for (size_t i = 0; i < n; i++)
        columns[i].name = decoded(t, i);
    t->base.columns = columns;
    t->base.ncolumns = t->nfields = n;
    t->header = take_line(t);
    if (t->format.names != TW_TEXT_NAMES_AND_TYPES)
        return true;
    if (!split_first(t, &result))
        return false;
    for (size_t i = 0; i < n && i < t->split.fields.len && t->format.utc; i++)
        columns[i].utc = t->format.utc(decoded(t, i));
    t->types = take_line(t);
    return true;
}

/* How many fields the records have: most of them in the beginning, which no broken one
 * exceeds; else the first one; 0 where that cannot be read. */
static bool count_fields(struct text_records *t, struct tw_str head, size_t *count)
{
    enum tw_csv_result result = TW_CSV_RECORD;
    for (*count = 0; t->format.short_records && result == TW_CSV_RECORD;
         head = tw_str_from(head, t->split.used)) {
        result = tw_csv_next(t->arena, &t->dialect, head, false, &t->split);
        if (result == TW_CSV_RECORD && t->split.used <= t->record_max &&
            t->split.fields.len > *count)
            *count = t->split.fields.len;
    }
    if (*count)
        return true;
    if (split(t, &result) != TW_OK)
        return false;
    t->base.no_header = result == TW_CSV_END;
    if (result == TW_CSV_RECORD && t->split.used <= t->record_max)
        *count = t->split.fields.len;
    return true;
}

static bool name_columns(struct text_records *t, const struct tw_dump_open *how,
                         struct tw_str head)
{
    const struct tw_dialect *d = how->dialect;
    size_t count = d->ncolumns;
    if ((count == 0 || t->format.short_records) && !count_fields(t, head, &count))
        return false;
    if (count == 0 && d->ncolumns == 0 && !t->base.no_header) {
        TW_DIAG(t->diags, TW_D_dump_header_bad, TW_NOWHERE, t->name);
        return false;
    }
    t->nfields =
        d->ncolumns && (count == 0 || count > d->ncolumns) ? d->ncolumns : count;
    t->base.ncolumns = d->ncolumns ? d->ncolumns : count;
    t->base.columns = tw_text_columns(how, t->base.ncolumns);
    if (d->ncolumns)
        t->base.no_header = false;
    struct tw_buf line;
    tw_buf_init(&line, t->arena);
    for (size_t i = 0; i < d->ncolumns; i++) {
        if (i)
            tw_buf_char(&line, t->dialect.delimiter);
        tw_buf_str(&line, d->columns[i]);
    }
    t->header = tw_buf_view(&line); /* it may have one all the same */
    return true;
}

/* What another reader must know, once the columns are known. It counts no notes and
 * knows of no records but those that this layout describes. */
static void lay_out(struct text_records *t)
{
    if (t->base.no_header || t->format.aside || t->format.null_ambiguous ||
        t->format.nul_wraps || t->types.len || t->nfields != t->base.ncolumns)
        return;
    t->layout = (struct tw_text_layout){.dialect = t->dialect,
                                        .null_text = t->null_text,
                                        .nfields = t->nfields,
                                        .header = t->header,
                                        .start = t->w.before + t->w.start,
                                        .record_max = t->record_max,
                                        .ragged = t->format.ragged};
    t->base.text = &t->layout;
}

struct tw_records *tw_text_records_open(const struct tw_dump_open *how,
                                        const struct tw_dump *dump,
                                        const struct tw_text_format *format)
{
    struct tw_csv_dialect dialect;
    if (!tw_text_dialect(how, format->dialect, &dialect) ||
        !tw_text_no_table(how, dump))
        return NULL;
    struct text_records *t = tw_new(how->arena, struct text_records);
    *t = (struct text_records){
        .base = {.dump = dump, .want = want, .next = next_record},
        .arena = how->arena,
        .scratch = tw_arena_child(how->arena),
        .diags = how->diags,
        .name = how->name,
        .format = *format,
        .dialect = dialect,
        .null_text = tw_text_null(how, format->null_text),
        .record_max = how->dialect->record_max,
        .split = {.fields_max = COLUMNS_MAX},
    };
    tw_text_window_init(&t->w, how);
    bool none = format->names == TW_TEXT_NAMES_NONE ||
                (format->names == TW_TEXT_NAMES_FIRST && how->dialect->ncolumns);
    if (!(none ? name_columns(t, how, tw_utf8_stream_head(how->stream))
               : read_names(t)))
        return NULL;
    /* One more than the fields tells a ragged record; a line of nothing but delimiters
     * must not take 32 bytes for each. */
    t->split.fields_max = t->nfields + 1;
    lay_out(t);
    return &t->base;
}

struct tw_text_at tw_text_records_at(struct tw_records *records)
{
    struct text_records *t = (struct text_records *)records;
    uint64_t decoded = t->w.before + t->w.start;
    return (struct tw_text_at){decoded, tw_text_records_offset(records, decoded),
                               t->number};
}

uint64_t tw_text_records_offset(struct tw_records *records, uint64_t decoded)
{
    struct text_records *t = (struct text_records *)records;
    return tw_utf8_stream_place(t->w.stream, decoded);
}

enum tw_next tw_text_records_window(struct tw_records *records, struct tw_str *window)
{
    struct text_records *t = (struct text_records *)records;
    struct tw_text_window *w = &t->w;
    if (!w->ended && (w->start || w->fill < w->cap) && tw_text_window_more(w) != TW_OK)
        return tw_text_window_failed(w);
    memset(w->bytes + w->fill, 0, TW_TEXT_MARGIN);
    *window = rest(t);
    return window->len ? TW_NEXT_RECORD : TW_NEXT_END;
}

bool tw_text_records_is_plain(const struct tw_records *records)
{
    return tw_utf8_stream_is_plain(((const struct text_records *)records)->w.stream);
}

size_t tw_text_records_buffer(const struct tw_records *records)
{
    return ((const struct text_records *)records)->w.cap;
}

void tw_text_records_pass(struct tw_records *records, size_t nbytes, uint64_t nrecords)
{
    struct text_records *t = (struct text_records *)records;
    t->w.start += nbytes;
    t->number += nrecords;
}

void tw_text_records_peek(struct tw_records *records,
                          size_t (*peek)(void *ctx, uint64_t at, char *bytes,
                                         size_t room),
                          void *ctx)
{
    struct text_records *t = (struct text_records *)records;
    t->peek = peek;
    t->peek_ctx = ctx;
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
    tw_text_window_resume(&t->w, arena,
                          tw_utf8_stream_resume(arena, source, at.offset - at.decoded),
                          at.decoded, stop, stop_ctx);
    t->split = (struct tw_csv_record){.fields_max = t->nfields + 1};
    t->number = at.number;
    t->empties = t->empty_bytes = 0;
    t->fields = tw_new_array(arena, t->nwanted, struct tw_record_field);
    return &t->base;
}

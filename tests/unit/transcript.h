/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of dump readers: all that a reader gives, as one text. */
#ifndef TW_TRANSCRIPT_H
#define TW_TRANSCRIPT_H

#include "impact_bench.h"

struct reading {
    const char *format;
    struct tw_str bytes;
    const char *columns[8]; /* NULL at the end; "*" for any */
    const char *table, *null_text, *encoding;
    size_t piece, buffer, record_max; /* 0: a usual size */
    const char *declared;             /* one name for --columns */
};

static inline void put_value(struct tw_buf *out, const struct tw_record_field *f)
{
    tw_buf_char(out, ' ');
    if (f->is_null)
        tw_buf_text(out, "NULL");
    else {
        tw_buf_char(out, '[');
        tw_buf_printable(out, (struct tw_str){f->ptr, f->len});
        tw_buf_char(out, ']');
    }
}

static inline void put_record(struct tw_buf *out, const struct tw_record *r, bool given)
{
    tw_buf_fmt(out, "%u@%u+%u", (unsigned)r->number, (unsigned)r->offset,
               (unsigned)r->bytes);
    for (size_t i = 0; given && i < r->nfields; i++)
        put_value(out, &r->fields[i]);
    if (!given)
        tw_buf_fmt(out, " %s", tw_refusal_name(r->refusal));
    if (r->times != 1)
        tw_buf_fmt(out, " x%u", (unsigned)r->times);
    tw_buf_char(out, '\n');
}

/* Records, one a line, then "end", "empty" or the ID of the diagnostic, then notes. */
static inline struct tw_str transcript(struct tw_arena *arena, const struct reading *in)
{
    struct tw_buf out;
    struct tw_diags diags;
    struct tw_dialect dialect = tw_dialect_default;
    struct tw_column_refs refs = {0};
    struct tw_str declared = tw_str_of(in->declared);
    struct piecewise p = {in->bytes, in->piece ? in->piece : 1 << 20};
    tw_buf_init(&out, arena);
    tw_diags_init(&diags, arena, TW_LANG_EN);
    if (in->buffer)
        dialect.buffer = in->buffer;
    if (in->record_max)
        dialect.record_max = in->record_max;
    if (in->null_text)
        dialect.null_text = tw_str_of(in->null_text);
    if (in->declared) {
        dialect.columns = &declared;
        dialect.ncolumns = 1;
    }
    struct tw_dump_open how = {.arena = arena,
                               .name = TW_STR("t"),
                               .dialect = &dialect,
                               .table = tw_str_of(in->table),
                               .diags = &diags};
    how.stream = tw_utf8_stream_open(arena, (struct tw_byte_source){read_piece, &p},
                                     tw_str_of(in->encoding ? in->encoding : "UTF-8"),
                                     how.name, &diags);
    struct tw_records *records = tw_dump_by_name(tw_str_of(in->format))->open(&how);
    struct tw_binding binding;
    for (size_t i = 0; in->columns[i]; i++) {
        struct tw_column_ref ref = {.kind = TW_COLUMN_NAME,
                                    .name = tw_str_of(in->columns[i])};
        if (strcmp(in->columns[i], "*") == 0)
            ref = (struct tw_column_ref){.kind = TW_COLUMN_ANY};
        tw_column_refs_add(arena, &refs, ref);
    }
    if (records && records->no_header)
        tw_buf_text(&out, "empty\n");
    else if (records &&
             tw_binding_make(arena, &refs, records, how.name, &diags, &binding)) {
        struct tw_record r;
        enum tw_next next;
        while ((next = records->next(records, &r)) <= TW_NEXT_REFUSED)
            put_record(&out, &r, next == TW_NEXT_RECORD);
        if (next == TW_NEXT_END)
            tw_buf_text(&out, "end\n");
        for (size_t i = 0; i < binding.nslots; i++)
            if (binding.columns[i].utc)
                tw_buf_fmt(&out, "utc %u\n", (unsigned)i);
        for (size_t i = 0; i < TW_NOTE_COUNT; i++)
            if (next == TW_NEXT_END && records->notes[i])
                tw_buf_fmt(&out, "note %u: %u\n", (unsigned)i,
                           (unsigned)records->notes[i]);
    }
    if (diags.list.len)
        tw_buf_fmt(&out, "%s\n", tw_diag_def(diags.list.at[0].id)->id);
    return tw_buf_view(&out);
}

/* EXPECTED for every size of pieces and buffers. */
static inline void reads_as(struct reading in, const char *what, struct tw_str expected)
{
    static const size_t sizes[] = {1,  2,  3,  4,  5,  6,  7,  8,   9,   10,
                                   11, 12, 13, 14, 15, 16, 17, 18,  19,  23,
                                   31, 33, 47, 48, 63, 64, 65, 127, 128, 1 << 18};
    enum { N = sizeof sizes / sizeof sizes[0] };
    for (size_t i = 0; i < 2 * N; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 28);
        in.buffer = i < N ? sizes[i] : 1 << 10;
        in.piece = i < N ? 1 << 10 : sizes[i - N];
        struct tw_str got = transcript(&arena, &in);
        if (!tw_str_eq(got, expected))
            fail_msg("%s (piece %zu, buffer %zu):\n%.*s\nnot\n%.*s", what, in.piece,
                     in.buffer, (int)got.len, got.ptr, (int)expected.len, expected.ptr);
        tw_arena_release(&arena);
    }
}

#endif

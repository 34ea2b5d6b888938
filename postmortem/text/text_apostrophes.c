/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of cells between apostrophes. With a delimiter D, `'D'` parts two cells; where
 * a line holds it more often than it has columns to part, overlapping ones counted, a
 * text holds it too, and no one can tell which.
 */
#include "text_apostrophes.h"

#include <string.h>

#include "text_window.h"

struct apostrophes {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena;
    struct tw_text_window w;
    struct tw_text_format format;
    size_t record_max;
    struct tw_str null_text;
    char delimiter;
    struct tw_str header;
    uint64_t number;
    struct tw_str *cells; /* of the line at hand */
    const size_t *wanted;
    size_t nwanted;
    struct tw_record_field *fields;
};

static bool parts(struct tw_str s, size_t at, char delimiter)
{
    return at + 2 < s.len && s.ptr[at] == '\'' && s.ptr[at + 1] == delimiter &&
           s.ptr[at + 2] == '\'';
}

static bool between(struct tw_str line)
{
    return line.len >= 2 && line.ptr[0] == '\'' && line.ptr[line.len - 1] == '\'';
}

/* The first apostrophe only opens a cell, the last one only closes one. */
size_t tw_text_apostrophes_count(struct tw_str line, char delimiter)
{
    if (!between(line))
        return 0;
    size_t n = 1, behind = 1;
    for (size_t i = 1; i + 3 < line.len; i++) {
        if (!parts(line, i, delimiter))
            continue;
        if (i < behind)
            return TW_CELLS_OVERLAP;
        behind = i + 3;
        n++;
    }
    return n;
}

static void cut(const struct apostrophes *a, struct tw_str line, struct tw_str *cells)
{
    size_t n = 0, from = 1;
    for (size_t i = 1; i + 3 < line.len; i++)
        if (parts(line, i, a->delimiter)) {
            cells[n++] = (struct tw_str){line.ptr + from, i - from};
            from = i + 3;
        }
    cells[n] = (struct tw_str){line.ptr + from, line.len - 1 - from};
}

static enum tw_next refuse(struct apostrophes *a, struct tw_record *r, size_t used,
                           enum tw_refusal why)
{
    return tw_text_window_refuse(&a->w, r, ++a->number, used, why);
}

static enum tw_next refuse_long(struct apostrophes *a, struct tw_record *r)
{
    *r = (struct tw_record){.number = ++a->number,
                            .offset = tw_text_window_place(&a->w),
                            .times = 1,
                            .refusal = TW_REFUSED_TOO_LONG};
    if (tw_text_window_skip_line(&a->w, &r->bytes) != TW_OK)
        return tw_text_window_failed(&a->w);
    return TW_NEXT_REFUSED;
}

static enum tw_next give(struct apostrophes *a, struct tw_record *r, struct tw_str line,
                         size_t used)
{
    cut(a, line, a->cells);
    for (size_t i = 0; i < a->nwanted; i++) {
        struct tw_str cell = a->cells[a->wanted[i]];
        bool is_null = tw_str_eq(cell, a->null_text);
        a->base.notes[TW_NOTE_AMBIGUOUS_NULL] += is_null;
        a->fields[i] = (struct tw_record_field){cell.ptr, cell.len, is_null};
    }
    *r = (struct tw_record){.fields = a->fields,
                            .nfields = a->nwanted,
                            .number = ++a->number,
                            .offset = tw_text_window_place(&a->w),
                            .bytes = used,
                            .times = 1};
    a->w.start += used;
    return TW_NEXT_RECORD;
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct apostrophes *a = (struct apostrophes *)records;
    for (;;) {
        struct tw_str whole;
        enum tw_line found = tw_text_window_line(&a->w, a->record_max, &whole);
        if (found == TW_LINE_FAILED)
            return tw_text_window_failed(&a->w);
        if (found == TW_LINE_END)
            return TW_NEXT_END;
        if (found == TW_LINE_TOO_LONG)
            return refuse_long(a, r);
        struct tw_str line = tw_text_line_of(whole);
        size_t n = tw_text_apostrophes_count(line, a->delimiter);
        if (n == 0 && (line.len == 0 || a->format.aside(line))) {
            a->base.notes[TW_NOTE_NOT_A_RECORD]++;
            a->w.start += whole.len;
            continue;
        }
        if (!tw_text_window_valid(&a->w, whole.len))
            return refuse(a, r, whole.len, TW_REFUSED_BAD_ENCODING);
        if (n == 0)
            return refuse(a, r, whole.len, TW_REFUSED_BROKEN_LINE);
        if (n != a->base.ncolumns)
            return refuse(a, r, whole.len,
                          n > a->base.ncolumns ? TW_REFUSED_AMBIGUOUS
                                               : TW_REFUSED_RAGGED);
        if (tw_str_eq(line, a->header))
            return refuse(a, r, whole.len, TW_REFUSED_HEADER_AGAIN);
        return give(a, r, line, whole.len);
    }
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct apostrophes *a = (struct apostrophes *)records;
    a->wanted = columns;
    a->nwanted = count;
    a->fields = tw_new_array(a->arena, count, struct tw_record_field);
}

/* The names, from the first line; or from the caller. */
static bool read_names(struct apostrophes *a, const struct tw_dump_open *how)
{
    for (size_t i = 0; i < a->format.skip_lines; i++) {
        uint64_t bytes;
        if (tw_text_window_skip_line(&a->w, &bytes) != TW_OK)
            return false;
        a->base.notes[TW_NOTE_NOT_A_RECORD]++;
    }
    size_t n = how->dialect->ncolumns;
    if (n) {
        a->base.columns = tw_text_columns(how, n);
        a->base.ncolumns = n;
        a->cells = tw_new_array(a->arena, n, struct tw_str);
        return true;
    }
    struct tw_str whole;
    enum tw_line found = tw_text_window_line(&a->w, a->record_max, &whole);
    if (found == TW_LINE_FAILED)
        return false;
    a->base.no_header = found == TW_LINE_END;
    if (a->base.no_header)
        return true;
    a->header = tw_str_copy(a->arena, tw_text_line_of(whole));
    n = tw_text_apostrophes_count(a->header, a->delimiter);
    if (found == TW_LINE_TOO_LONG || n == 0 || n == TW_CELLS_OVERLAP ||
        !tw_text_window_valid(&a->w, whole.len)) {
        TW_DIAG(how->diags, TW_D_dump_header_bad, TW_NOWHERE, how->name);
        return false;
    }
    a->w.start += whole.len;
    a->cells = tw_new_array(a->arena, n, struct tw_str);
    cut(a, a->header, a->cells);
    struct tw_column *columns = tw_new_array(a->arena, n, struct tw_column);
    for (size_t i = 0; i < n; i++)
        columns[i].name = a->cells[i];
    a->base.columns = columns;
    a->base.ncolumns = n;
    return true;
}

struct tw_records *tw_text_apostrophes_open(const struct tw_dump_open *how,
                                            const struct tw_dump *dump,
                                            const struct tw_text_format *format)
{
    struct tw_csv_dialect dialect;
    if (!tw_text_dialect(how, format->dialect, &dialect) ||
        !tw_text_no_table(how, dump))
        return NULL;
    struct apostrophes *a = tw_new(how->arena, struct apostrophes);
    *a = (struct apostrophes){.base = {.dump = dump, .want = want, .next = next_record},
                              .arena = how->arena,
                              .format = *format,
                              .record_max = how->dialect->record_max,
                              .null_text = tw_text_null(how, format->null_text),
                              .delimiter = dialect.delimiter};
    tw_text_window_init(&a->w, how);
    return read_names(a, how) ? &a->base : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of JSON have in common: columns by name, and the judgement of one
 * object. */
#include "json_records.h"

#include <string.h>

enum { KEYS_TEXT_MAX = 400 };

static size_t column(struct tw_records *records, struct tw_str name)
{
    struct tw_json_records *t = (struct tw_json_records *)records;
    size_t i = 0;
    while (i < t->columns.len && !tw_str_eq(t->columns.at[i].name, name))
        i++;
    if (i == t->columns.len)
        *tw_vec_add(t->arena, &t->columns) = (struct tw_column){.name = name};
    t->base.columns = t->columns.at;
    t->base.ncolumns = t->columns.len;
    return i;
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct tw_json_records *t = (struct tw_json_records *)records;
    struct tw_str *names = tw_new_array(t->arena, count, struct tw_str);
    for (size_t i = 0; i < count; i++)
        names[i] = t->columns.at[columns[i]].name;
    t->wanted = columns;
    t->nwanted = count;
    tw_json_fields_want(t->fields, names, NULL, count, records->others);
}

struct tw_json_records *tw_json_records_new(const struct tw_dump_open *how, size_t size,
                                            const struct tw_dump *dump)
{
    if (how->table.len) {
        TW_DIAG(how->diags, TW_D_dump_no_tables, TW_NOWHERE, how->name,
                tw_str_of(dump->name));
        return NULL;
    }
    const struct tw_dialect *d = how->dialect;
    /* The default stands for NULL in delimited text, where nothing else can. */
    bool said = d->null_text.ptr != tw_dialect_default.null_text.ptr;
    struct tw_json_records *t = tw_arena_alloc(how->arena, size);
    t->base = (struct tw_records){.dump = dump, .want = want, .column = column};
    t->arena = how->arena;
    t->name = how->name;
    t->diags = how->diags;
    t->record_max = d->record_max;
    t->declared = d->columns;
    t->ndeclared = d->ncolumns;
    /* behind a text a NUL is put, and the slack follows */
    _Static_assert((int)TW_TEXT_MARGIN > (int)TW_JSON_SLACK, "what may be read");
    tw_text_window_init(&t->w, how);
    t->fields =
        tw_json_fields_new(how->arena, said ? d->null_text : TW_NO_STR, t->base.notes);
    return t;
}

void tw_json_begin(struct tw_json_records *t, struct tw_record *r, uint64_t bytes)
{
    *r = (struct tw_record){.number = ++t->number,
                            .offset = tw_text_window_line_place(&t->w),
                            .bytes = bytes,
                            .times = 1};
}

/* The keys of the object at P, which is known to be one. */
static struct tw_str keys_of(struct tw_arena *arena, const char *p)
{
    struct tw_buf buf;
    struct tw_json_value key, value;
    tw_buf_init(&buf, arena);
    p = tw_json_blanks(tw_json_blanks(p) + 1);
    while (*p == '"' && buf.len < KEYS_TEXT_MAX) {
        p = tw_json_blanks(tw_json_text(p + 1, &key));
        tw_buf_text(&buf, buf.len ? ", " : "");
        tw_buf_str(&buf, tw_json_decode(arena, &key));
        p = tw_json_blanks(tw_json_value(tw_json_blanks(p + 1), &value));
        p = tw_json_blanks(p + (*p == ','));
    }
    return tw_buf_view(&buf);
}

static const enum tw_refusal refusals[] = {
    [TW_JSON_NOT_JSON] = TW_REFUSED_BAD_VALUE,
    [TW_JSON_AMBIGUOUS] = TW_REFUSED_AMBIGUOUS,
    [TW_JSON_RAGGED] = TW_REFUSED_RAGGED,
};

enum tw_next tw_json_judge(struct tw_json_records *t, struct tw_record *r, size_t len,
                           size_t used)
{
    struct tw_text_window *w = &t->w;
    struct tw_str text = {w->bytes + w->start, len};
    bool valid = tw_text_window_valid(w, used);
    tw_json_begin(t, r, used);
    tw_text_window_take(w, used);
    char behind = w->bytes[w->start - used + len];
    w->bytes[w->start - used + len] = '\0';
    enum tw_json_fate fate = TW_JSON_NOT_JSON;
    if (used > t->record_max)
        r->refusal = TW_REFUSED_TOO_LONG;
    else if (!valid)
        r->refusal = TW_REFUSED_BAD_ENCODING;
    else if (tw_str_starts(text, "\xef\xbb\xbf"))
        r->refusal = TW_REFUSED_MARK_INSIDE;
    else if ((fate = tw_json_fields_object(t->fields, text, r)) != TW_JSON_READ)
        r->refusal = refusals[fate];
    if (fate == TW_JSON_READ && t->given++ == 0)
        t->first_keys = keys_of(t->arena, text.ptr);
    w->bytes[w->start - used + len] = behind;
    return fate == TW_JSON_READ ? TW_NEXT_RECORD : TW_NEXT_REFUSED;
}

static bool is_declared(const struct tw_json_records *t, struct tw_str name)
{
    for (size_t i = 0; i < t->ndeclared; i++)
        if (tw_str_eq(t->declared[i], name))
            return true;
    return false;
}

enum tw_next tw_json_end(struct tw_json_records *t)
{
    bool ok = true;
    for (size_t i = 0; t->given && i < t->nwanted; i++) {
        struct tw_str name = t->columns.at[t->wanted[i]].name;
        if (tw_json_fields_seen(t->fields, i) || is_declared(t, name))
            continue;
        TW_DIAG(t->diags, TW_D_dump_column_nowhere, TW_NOWHERE, t->name, name,
                t->first_keys);
        ok = false;
    }
    return ok ? TW_NEXT_END : TW_NEXT_FAILED;
}

struct tw_str tw_json_head(struct tw_str head)
{
    size_t n = 0;
    while (n < head.len && strchr(" \n\t\r", head.ptr[n]) && head.ptr[n])
        n++;
    return tw_str_from(head, n);
}

bool tw_json_head_has_line(struct tw_str head, char open, char close)
{
    bool first = true;
    for (; head.len; first = false) {
        size_t n = tw_str_find(head, '\n');
        struct tw_str line = tw_str_trim(tw_str_first(head, n));
        if (n == head.len && first)
            return true;
        if (line.len > 1 && line.ptr[0] == open && line.ptr[line.len - 1] == close)
            return true;
        head = tw_str_from(head, n < head.len ? n + 1 : n);
    }
    return false;
}

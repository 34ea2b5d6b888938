/* SPDX-License-Identifier: Apache-2.0 */
/* One cell, one class; counts by column and by key: see health.h. */
#include "health.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static const char *const class_names[TW_HEALTH_CLASSES] = {
    [TW_HEALTH_NULL] = "null",
    [TW_HEALTH_EMPTY] = "empty",
    [TW_HEALTH_EMPTY_LIKE] = "empty-like",
    [TW_HEALTH_VALID] = "valid",
    [TW_HEALTH_TEXT] = "text",
    [TW_HEALTH_MASKED] = "masked",
    [TW_HEALTH_ODD] = "odd",
    [TW_HEALTH_MARKER] = "marker",
    [TW_HEALTH_CIPHERTEXT] = "ciphertext",
    [TW_HEALTH_MOJIBAKE] = "mojibake",
    [TW_HEALTH_BAD_FORMAT] = "bad-format",
};

static const char *const measure_names[TW_MEASURES] = {
    [TW_MEASURE_NULL] = "null", [TW_MEASURE_EMPTY] = "empty", [TW_MEASURE_BAD] = "bad"};

/* What each class adds to; TW_MEASURES: to nothing. */
static const enum tw_health_measure measure_of[TW_HEALTH_CLASSES] = {
    [TW_HEALTH_NULL] = TW_MEASURE_NULL,
    [TW_HEALTH_EMPTY] = TW_MEASURE_EMPTY,
    [TW_HEALTH_EMPTY_LIKE] = TW_MEASURE_EMPTY,
    [TW_HEALTH_VALID] = TW_MEASURES,
    [TW_HEALTH_TEXT] = TW_MEASURES,
    [TW_HEALTH_MASKED] = TW_MEASURES,
    [TW_HEALTH_ODD] = TW_MEASURES,
    [TW_HEALTH_MARKER] = TW_MEASURE_BAD,
    [TW_HEALTH_CIPHERTEXT] = TW_MEASURE_BAD,
    [TW_HEALTH_MOJIBAKE] = TW_MEASURE_BAD,
    [TW_HEALTH_BAD_FORMAT] = TW_MEASURE_BAD,
};

const char *tw_health_class_name(enum tw_health_class class)
{
    return class_names[class];
}

const char *tw_health_measure_name(enum tw_health_measure measure)
{
    return measure_names[measure];
}

uint64_t tw_health_total(const struct tw_health_counts *counts)
{
    uint64_t n = 0;
    for (size_t i = 0; i < TW_HEALTH_CLASSES; i++)
        n += counts->of[i];
    return n;
}

uint64_t tw_health_measured(const struct tw_health_counts *counts,
                            enum tw_health_measure measure)
{
    uint64_t n = 0;
    for (size_t i = 0; i < TW_HEALTH_CLASSES; i++)
        if (measure_of[i] == measure)
            n += counts->of[i];
    return n;
}

bool tw_empty_like(struct tw_str text)
{
    static const char *const words[] = {"null",      "\\n", "n/a",  "na", "nil",
                                        "undefined", "{}",  "none", "[]", "nan"};
    struct tw_str rest = text;
    bool blank = true;
    while (rest.len && blank) {
        uint32_t c = 0;
        size_t n = tw_utf8_step(rest, &c);
        blank = n && (c == ' ' || (c >= '\t' && c <= '\r') || c == 0x3000 || c == 0xa0);
        rest = tw_str_from(rest, n ? n : 1);
    }
    if (blank)
        return true;
    text = tw_str_trim(text);
    size_t dashes = 0;
    while (dashes < text.len && text.ptr[dashes] == '-')
        dashes++;
    if (dashes == text.len)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tw_str_eq_nocase(text, tw_str_of(words[i])))
            return true;
    return false;
}

void tw_health_init(struct tw_health *h, struct tw_arena *arena,
                    const struct tw_health_plan *plan)
{
    *h = (struct tw_health){.arena = arena, .plan = plan};
    tw_map_init(&h->columns, arena);
    tw_map_init(&h->keys, arena);
}

/* --- columns and keys ------------------------------------------------------------- */

static struct tw_health_column *column_at(struct tw_health *h, struct tw_str name,
                                          const struct tw_detector *format, size_t file,
                                          size_t place)
{
    struct tw_health_column *c = tw_map_get(&h->columns, name);
    if (!c) {
        c = tw_new(h->arena, struct tw_health_column);
        c->name = tw_str_copy(h->arena, name);
        c->format = format;
        c->file = file;
        c->place = place;
        *tw_map_slot(&h->columns, c->name) = c;
    }
    if (file < c->file || (file == c->file && place < c->place)) {
        c->file = file;
        c->place = place;
    }
    return c;
}

/* A name that several columns of a file have is told with its number behind it. */
static struct tw_str name_of_slot(struct tw_health *h, const struct tw_binding *b,
                                  size_t slot)
{
    size_t before = 0;
    for (size_t i = 0; i < slot; i++)
        before += tw_str_eq(b->columns[i].name, b->columns[slot].name);
    if (before == 0)
        return b->columns[slot].name;
    struct tw_buf buf;
    tw_buf_init(&buf, h->arena);
    tw_buf_str(&buf, b->columns[slot].name);
    tw_buf_fmt(&buf, " #%zu", slot + 1);
    return tw_buf_view(&buf);
}

static void bind(struct tw_health *h, const struct tw_binding *b, size_t file)
{
    if (b->nslots > h->nslots) {
        h->slots = tw_new_array(h->arena, b->nslots, struct tw_health_column *);
        h->nslots = b->nslots;
    }
    memset(h->slots, 0, h->nslots * sizeof *h->slots);
    for (size_t i = 0; i < h->plan->nasked; i++) {
        const struct tw_health_asked *a = &h->plan->asked[i];
        h->slots[b->slot[a->column]] = column_at(h, a->name, a->format, 0, i);
    }
    for (size_t s = 0; h->plan->all && s < b->nslots; s++)
        if (!h->slots[s])
            h->slots[s] =
                column_at(h, name_of_slot(h, b, s), NULL, file, h->plan->nasked + s);
    h->file = file;
    h->bound = true;
}

struct tw_str tw_group_key_encode(struct tw_buf *buf, const struct tw_group_key *key)
{
    buf->len = 0;
    tw_buf_char(buf, (char)key->kind);
    tw_buf_str(buf, key->text);
    return tw_buf_view(buf);
}

/* The index of KEY; false where there are too many. */
static bool key_at(struct tw_health *h, const struct tw_group_key *key, size_t *index)
{
    if (h->last_key < h->keys_in_order.len) {
        const struct tw_group_key *last = &h->keys_in_order.at[h->last_key];
        if (last->kind == key->kind && tw_str_eq(last->text, key->text)) {
            *index = h->last_key;
            return true;
        }
    }
    struct tw_arena_mark mark = tw_arena_mark(h->arena);
    struct tw_buf buf;
    tw_buf_init(&buf, h->arena);
    struct tw_str name = tw_group_key_encode(&buf, key);
    const size_t *known = tw_map_get(&h->keys, name);
    if (known) {
        *index = h->last_key = *known;
        tw_arena_rewind(h->arena, mark);
        return true;
    }
    if ((h->keys_in_order.len + 1) * h->columns.entries.len > h->plan->cells_max)
        return false;
    size_t *fresh = tw_new(h->arena, size_t);
    *fresh = *index = h->last_key = h->keys_in_order.len;
    *tw_map_slot(&h->keys, name) = fresh;
    *tw_vec_add(h->arena, &h->keys_in_order) =
        (struct tw_group_key){key->kind, tw_str_from(name, 1)};
    return true;
}

static struct tw_health_counts *counts_at(struct tw_health *h,
                                          struct tw_health_column *c, size_t index)
{
    while (c->by.len <= index)
        *tw_vec_add(h->arena, &c->by) = (struct tw_health_counts){{0}};
    return &c->by.at[index];
}

/* --- cells ------------------------------------------------------------------------ */

static bool has_marker(const struct tw_health *h, const struct tw_count_plan *count,
                       const struct tw_record *r, const struct tw_binding *b,
                       size_t slot)
{
    struct tw_str text = {r->fields[slot].ptr, r->fields[slot].len};
    for (size_t i = 0; i < h->plan->nmarkers; i++) {
        const struct tw_health_marker *m = &h->plan->markers[i];
        size_t about = b->slot[m->column];
        enum tw_disguise disguise;
        if (r->no_needle && count->guarded && count->guarded[m->rule])
            continue;
        if ((about == slot || about == TW_SLOT_ANY) &&
            tw_marker_in(m->marker, text, &disguise))
            return true;
    }
    return false;
}

static bool surely(const struct tw_detector *d, struct tw_str text)
{
    return d && d->detect && d->detect(text) == TW_DETECTED_YES;
}

static enum tw_health_class class_of(const struct tw_health_plan *plan,
                                     const struct tw_detector *format,
                                     struct tw_str text)
{
    if (!format)
        return TW_HEALTH_TEXT;
    /* Names taken for another encoding are made of the same characters as names. */
    if (surely(plan->mojibake, text))
        return TW_HEALTH_MOJIBAKE;
    switch (format->detect(text)) {
    case TW_DETECTED_YES:
        return TW_HEALTH_VALID;
    case TW_DETECTED_MASKED:
        return TW_HEALTH_MASKED;
    case TW_DETECTED_ODD:
        return TW_HEALTH_ODD;
    case TW_DETECTED_NO:
        break;
    }
    if (plan->empty ? surely(plan->empty, text) : tw_empty_like(text))
        return TW_HEALTH_EMPTY_LIKE;
    return surely(plan->ciphertext, text) ? TW_HEALTH_CIPHERTEXT : TW_HEALTH_BAD_FORMAT;
}

bool tw_health_record(struct tw_health *h, const struct tw_count_plan *count,
                      const struct tw_record *r, const struct tw_binding *b,
                      size_t file, const struct tw_group_key *key)
{
    if (!h->bound || h->file != file) {
        bind(h, b, file);
        if (h->keys_in_order.len * h->columns.entries.len > h->plan->cells_max)
            return false;
    }
    size_t index = 0;
    if (key && !key_at(h, key, &index))
        return false;
    for (size_t s = 0; s < b->nslots; s++) {
        struct tw_health_column *c = h->slots[s];
        if (!c)
            continue;
        const struct tw_record_field *f = &r->fields[s];
        enum tw_health_class class = TW_HEALTH_NULL;
        if (!f->is_null && f->len == 0)
            class = TW_HEALTH_EMPTY;
        else if (!f->is_null)
            class = has_marker(h, count, r, b, s)
                        ? TW_HEALTH_MARKER
                        : class_of(h->plan, c->format, (struct tw_str){f->ptr, f->len});
        c->all.of[class]++;
        if (key)
            counts_at(h, c, index)->of[class]++;
    }
    return true;
}

static void add(struct tw_health_counts *into, const struct tw_health_counts *from)
{
    for (size_t i = 0; i < TW_HEALTH_CLASSES; i++)
        into->of[i] += from->of[i];
}

bool tw_health_merge(struct tw_health *into, const struct tw_health *from)
{
    for (size_t i = 0; i < from->columns.entries.len; i++) {
        const struct tw_health_column *theirs = from->columns.entries.at[i].value;
        struct tw_health_column *ours =
            column_at(into, theirs->name, theirs->format, theirs->file, theirs->place);
        add(&ours->all, &theirs->all);
    }
    for (size_t k = 0; k < from->keys_in_order.len; k++) {
        size_t index;
        if (!key_at(into, &from->keys_in_order.at[k], &index))
            return false;
        for (size_t i = 0; i < from->columns.entries.len; i++) {
            const struct tw_health_column *theirs = from->columns.entries.at[i].value;
            struct tw_health_column *ours = tw_map_get(&into->columns, theirs->name);
            if (k < theirs->by.len)
                add(counts_at(into, ours, index), &theirs->by.at[k]);
        }
    }
    return into->keys_in_order.len * into->columns.entries.len <= into->plan->cells_max;
}

/* --- for reports ------------------------------------------------------------------ */

static int cmp_columns(const void *a, const void *b)
{
    const struct tw_health_column *x = *(struct tw_health_column *const *)a;
    const struct tw_health_column *y = *(struct tw_health_column *const *)b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return tw_str_cmp(x->name, y->name);
}

struct tw_health_column **tw_health_columns(const struct tw_health *h,
                                            struct tw_arena *arena, size_t *count)
{
    size_t n = *count = h->columns.entries.len;
    struct tw_health_column **out = tw_new_array(arena, n, struct tw_health_column *);
    for (size_t i = 0; i < n; i++)
        out[i] = h->columns.entries.at[i].value;
    if (n)
        qsort(out, n, sizeof *out, cmp_columns);
    return out;
}

int tw_group_key_cmp(const struct tw_group_key *a, const struct tw_group_key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return tw_str_cmp(a->text, b->text);
}

struct indexed {
    struct tw_group_key key;
    size_t index;
};

static int cmp_indexed(const void *a, const void *b)
{
    const struct indexed *x = a, *y = b;
    return tw_group_key_cmp(&x->key, &y->key);
}

size_t *tw_health_keys(const struct tw_health *h, struct tw_arena *arena, size_t *count)
{
    size_t n = *count = h->keys_in_order.len;
    struct indexed *all = tw_new_array(arena, n, struct indexed);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct indexed){h->keys_in_order.at[i], i};
    if (n)
        qsort(all, n, sizeof *all, cmp_indexed);
    size_t *out = tw_new_array(arena, n, size_t);
    for (size_t i = 0; i < n; i++)
        out[i] = all[i].index;
    return out;
}

struct tw_health_counts tw_health_at(const struct tw_health_column *column,
                                     size_t index)
{
    return index < column->by.len ? column->by.at[index]
                                  : (struct tw_health_counts){{0}};
}

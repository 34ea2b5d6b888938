/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups by key: columns as they are, or times cut to month, day or hour.
 *
 * An encoded key is, for each --by, one byte (the kind), four bytes (the length) and
 * the text. Few keys make up most records: the ones seen of late are found by the cells
 * as they are written, and a time that reads the same as the one before is not parsed
 * again.
 *
 * Times without a zone are cut as written. Times with one are brought to UTC, or to the
 * zone that was asked for; then those without are taken to be of that zone. A column
 * that holds both, with no zone asked for, stops the run: no cut would be right.
 */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "tally.h"

enum { MEMO_MAX = 48, BUCKET_MAX = 24 };

struct tw_time_memo {
    char raw[MEMO_MAX];
    size_t raw_len; /* 0: nothing remembered */
    enum tw_group_key_kind kind;
    struct tw_time time;
    char text[BUCKET_MAX];
    size_t text_len;
};

struct tw_time_memo *tw_time_memo_new(struct tw_arena *arena, size_t count)
{
    return tw_new_array(arena, count, struct tw_time_memo);
}

/*
 * Keys that were seen of late, by their cells as they are written: no parsing, no
 * encoding. Short cells of few columns only.
 */
enum { RECENT_SLOTS = 1024, RECENT_WAYS = 4, RECENT_COLUMNS = 3, RECENT_CELL_MAX = 16 };

struct recent_cell {
    uint64_t first, last; /* its first and its last eight bytes */
    uint64_t len;         /* UINT64_MAX: NULL */
};

struct recent {
    struct recent_cell cells[RECENT_COLUMNS];
    struct tw_group *group; /* NULL: nothing yet */
    struct tw_time time;
    bool has_time;
    bool good; /* a record that is not affected had this time, and that was told */
};

struct tw_group_recent {
    size_t file; /* whose cells they are, from 1: what a time means is its own */
    size_t turn;
    struct recent slots[RECENT_SLOTS];
};

static inline bool recent_cell_of(const struct tw_record_field *f,
                                  struct recent_cell *out)
{
    *out = (struct recent_cell){0, 0, f->is_null ? UINT64_MAX : f->len};
    if (f->is_null)
        return true;
    if (f->len > RECENT_CELL_MAX)
        return false;
    if (f->len >= 8) {
        memcpy(&out->first, f->ptr, 8);
        memcpy(&out->last, f->ptr + f->len - 8, 8);
    } else if (f->len) {
        memcpy(&out->first, f->ptr, f->len);
    }
    return true;
}

/* Another file: the same cell may mean another time. */
static void forget(struct tw_tally *t, size_t file)
{
    if (!t->recent)
        t->recent = tw_new(t->arena, struct tw_group_recent);
    memset(t->recent, 0, sizeof *t->recent);
    t->recent->file = file + 1;
    for (size_t i = 0; i < t->plan->nby; i++)
        t->memo[i].raw_len = 0;
}

static inline bool same_cells(const struct recent_cell *a, const struct recent_cell *b,
                              size_t n)
{
    uint64_t differs = 0;
    for (size_t i = 0; i < n; i++)
        differs |=
            (a[i].first ^ b[i].first) | (a[i].last ^ b[i].last) | (a[i].len ^ b[i].len);
    return differs == 0;
}

/* Folded products: every bit of a cell reaches every bit of the hash. */
static inline uint64_t hash_cell(uint64_t hash, uint64_t first, uint64_t last,
                                 uint64_t len)
{
    tw_u128 product = (tw_u128)(first ^ hash ^ UINT64_C(0x9e3779b97f4a7c15)) *
                      (last ^ len ^ UINT64_C(0xd6e8feb86659fd93));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The slot of the record's key; NULL: it is none that is kept. */
static struct recent *recent_of(struct tw_tally *t, const struct tw_record *r,
                                const struct tw_binding *b, struct recent_cell *cells,
                                bool *found)
{
    size_t n = t->plan->nby;
    if (n > RECENT_COLUMNS)
        return NULL;
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++) {
        if (!recent_cell_of(&r->fields[b->slot[t->plan->by[i].column]], &cells[i]))
            return NULL;
        hash = hash_cell(hash, cells[i].first, cells[i].last, cells[i].len);
    }
    /* One of four slots; where all are taken by others, one of them gives way. */
    struct recent *free = NULL;
    for (size_t k = 0; k < RECENT_WAYS; k++) {
        struct recent *slot = &t->recent->slots[(hash + k) % RECENT_SLOTS];
        if (!slot->group) {
            free = free ? free : slot;
        } else if (same_cells(slot->cells, cells, n)) {
            *found = true;
            return slot;
        }
    }
    size_t way = t->recent->turn++ % RECENT_WAYS;
    return free ? free : &t->recent->slots[(hash + way) % RECENT_SLOTS];
}

static void put_number(struct tw_time_memo *m, uint64_t n, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; n /= 10)
        m->text[m->text_len + i] = (char)('0' + n % 10);
    m->text_len += digits;
}

static void cut(struct tw_time_memo *m, enum tw_bucket bucket)
{
    int64_t year;
    unsigned month, day;
    tw_day_civil(m->time.day, &year, &month, &day);
    m->text_len = 0;
    put_number(m, year < 0 ? 0 : (uint64_t)year, 4);
    m->text[m->text_len++] = '-';
    put_number(m, month, 2);
    if (bucket == TW_BUCKET_MONTH)
        return;
    m->text[m->text_len++] = '-';
    put_number(m, day, 2);
    if (bucket == TW_BUCKET_DAY)
        return;
    m->text[m->text_len++] = ' ';
    put_number(m, (uint64_t)m->time.second / 3600, 2);
    memcpy(m->text + m->text_len, ":00", 3);
    m->text_len += 3;
}

static void parse_cell(struct tw_tally *t, size_t i, struct tw_str cell, bool utc,
                       struct tw_time_memo *m)
{
    m->raw_len = 0;
    m->kind = cell.len ? TW_GROUP_NOT_A_TIME : TW_GROUP_EMPTY;
    m->text_len = 0;
    if (cell.len && tw_time_parse(cell, &m->time)) {
        m->kind = TW_GROUP_TEXT;
        m->time.has_offset |= utc;
        if (m->time.has_offset) {
            t->zoned[i] = true;
            tw_time_to_zone(&m->time, &t->plan->zone);
        } else {
            t->unzoned[i] = true;
        }
        if (t->zoned[i] && t->unzoned[i] && !t->plan->zone.given) {
            t->stop = TW_TALLY_ZONES_MIXED;
            t->stop_index = i;
        }
        cut(m, t->plan->by[i].bucket);
    }
    if (cell.len && cell.len <= MEMO_MAX) {
        memcpy(m->raw, cell.ptr, cell.len);
        m->raw_len = cell.len;
    }
}

static void put_key(struct tw_buf *key, enum tw_group_key_kind kind, struct tw_str text)
{
    uint32_t len = (uint32_t)text.len;
    tw_buf_char(key, (char)kind);
    tw_buf_put(key, &len, sizeof len);
    tw_buf_put(key, text.ptr, text.len);
}

static bool encode(struct tw_tally *t, const struct tw_record *record,
                   const struct tw_binding *binding, struct tw_time *time,
                   bool *has_time)
{
    t->key.len = 0;
    *has_time = false;
    bool first_bucket = true;
    for (size_t i = 0; i < t->plan->nby; i++) {
        const struct tw_by *by = &t->plan->by[i];
        size_t slot = binding->slot[by->column];
        const struct tw_record_field *f = &record->fields[slot];
        struct tw_str cell = {f->ptr, f->len};
        bool bucket = by->bucket != TW_BUCKET_NONE, first = bucket && first_bucket;
        first_bucket &= !bucket;
        if (f->is_null || !bucket) {
            enum tw_group_key_kind kind = f->is_null ? TW_GROUP_NULL
                                          : f->len   ? TW_GROUP_TEXT
                                                     : TW_GROUP_EMPTY;
            put_key(&t->key, kind, kind == TW_GROUP_TEXT ? cell : TW_STR(""));
            continue;
        }
        struct tw_time_memo *m = &t->memo[i];
        if (m->raw_len == 0 || !tw_str_eq((struct tw_str){m->raw, m->raw_len}, cell))
            parse_cell(t, i, cell, binding->columns[slot].utc, m);
        put_key(&t->key, m->kind, (struct tw_str){m->text, m->text_len});
        if (first && m->kind == TW_GROUP_TEXT) {
            *time = m->time;
            *has_time = true;
        }
    }
    return t->stop == TW_TALLY_GOES_ON;
}

static struct tw_group *group_new(struct tw_tally *t, struct tw_str key)
{
    struct tw_group *g = tw_new(t->arena, struct tw_group);
    g->keys = tw_new_array(t->arena, t->plan->nby, struct tw_group_key);
    for (size_t i = 0; i < t->plan->nby; i++) {
        uint32_t len;
        memcpy(&len, key.ptr + 1, sizeof len);
        g->keys[i].kind = (enum tw_group_key_kind)key.ptr[0];
        g->keys[i].text = (struct tw_str){key.ptr + 1 + sizeof len, len};
        key = tw_str_from(key, 1 + sizeof len + len);
    }
    return g;
}

struct tw_group *tw_group_find(struct tw_tally *t, struct tw_str key)
{
    const struct tw_map_entry *e = tw_map_find(&t->groups, key);
    if (!e) {
        if (t->groups.entries.len >= t->plan->groups_max) {
            t->stop = TW_TALLY_GROUPS_FULL;
            return NULL;
        }
        struct tw_str kept = tw_str_copy(t->arena, key);
        *tw_map_slot(&t->groups, kept) = group_new(t, kept);
        e = tw_map_find(&t->groups, kept);
    }
    return e->value;
}

/* The slot of a single column's cell, or NULL: the same as below, in registers. */
static inline struct recent *recent_one(struct tw_group_recent *recent,
                                        const struct tw_record_field *f)
{
    uint64_t first = 0, last = 0, len = f->is_null ? UINT64_MAX : f->len;
    if (f->is_null || f->len < 8 || f->len > RECENT_CELL_MAX)
        return NULL;
    memcpy(&first, f->ptr, 8);
    memcpy(&last, f->ptr + f->len - 8, 8);
    uint64_t hash = hash_cell(0, first, last, len);
    for (size_t k = 0; k < RECENT_WAYS; k++) {
        struct recent *slot = &recent->slots[(hash + k) % RECENT_SLOTS];
        const struct recent_cell *c = &slot->cells[0];
        if (c->first == first && c->last == last && c->len == len && slot->group)
            return slot;
    }
    return NULL;
}

struct tw_group *tw_group_of(struct tw_tally *t, const struct tw_record *record,
                             const struct tw_binding *binding, size_t file,
                             struct tw_time *time, bool *has_time)
{
    struct recent_cell cells[RECENT_COLUMNS];
    bool found = false;
    if (!t->recent || t->recent->file != file + 1)
        forget(t, file);
    if (t->plan->nby == 1) {
        size_t cell = binding->slot[t->plan->by[0].column];
        const struct recent *one = recent_one(t->recent, &record->fields[cell]);
        if (one) {
            *time = one->time;
            *has_time = one->has_time;
            return one->group;
        }
    }
    struct recent *slot = recent_of(t, record, binding, cells, &found);
    if (slot && found) {
        *time = slot->time;
        *has_time = slot->has_time;
        return slot->group;
    }
    struct tw_group *group = NULL;
    if (encode(t, record, binding, time, has_time))
        group = tw_group_find(t, tw_buf_view(&t->key));
    if (slot && group) {
        memcpy(slot->cells, cells, t->plan->nby * sizeof *cells);
        slot->group = group;
        slot->time = *time;
        slot->has_time = *has_time;
        slot->good = false;
    }
    return group;
}

/* One record, in full. */
static bool group_plain_one(struct tw_tally *t,
                            const struct tw_record_field *const *columns, size_t i,
                            const struct tw_binding *binding, size_t file)
{
    struct tw_time time;
    bool has_time;
    struct tw_record row = {.fields = tw_tally_row(t, columns, i, binding),
                            .nfields = binding->nslots};
    struct tw_group *group = tw_group_of(t, &row, binding, file, &time, &has_time);
    if (!group)
        return false;
    group->records++;
    if (has_time && t->answers)
        tw_good_times_add(&t->answers->good, &time);
    return true;
}

void tw_group_plain(struct tw_tally *t, const struct tw_record_field *const *columns,
                    size_t n, const struct tw_binding *binding, size_t file)
{
    if (!t->recent || t->recent->file != file + 1)
        forget(t, file);
    const struct tw_record_field *only =
        t->plan->nby == 1 ? columns[binding->slot[t->plan->by[0].column]] : NULL;
    for (size_t i = 0; i < n; i++) {
        struct recent *one = only ? recent_one(t->recent, &only[i]) : NULL;
        if (one && (one->good || !one->has_time)) {
            one->group->records++;
            continue;
        }
        if (!group_plain_one(t, columns, i, binding, file))
            return;
        if (one)
            one->good = true;
    }
}

/* qsort has no context; the number of keys stands in the group itself. */
struct sorted {
    struct tw_group *group;
    size_t nkeys;
};

static int cmp_groups(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    for (size_t i = 0; i < x->nkeys; i++) {
        const struct tw_group_key *k = &x->group->keys[i], *l = &y->group->keys[i];
        if (k->kind != l->kind)
            return k->kind < l->kind ? -1 : 1;
        int cmp = tw_str_cmp(k->text, l->text);
        if (cmp)
            return cmp;
    }
    return 0;
}

struct tw_group **tw_tally_groups(const struct tw_tally *t, struct tw_arena *arena,
                                  size_t *count)
{
    size_t n = t->groups.entries.len;
    struct sorted *all = tw_new_array(arena, n, struct sorted);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct sorted){t->groups.entries.at[i].value, t->plan->nby};
    if (n)
        qsort(all, n, sizeof *all, cmp_groups);
    struct tw_group **out = tw_new_array(arena, n, struct tw_group *);
    for (size_t i = 0; i < n; i++)
        out[i] = all[i].group;
    *count = n;
    return out;
}

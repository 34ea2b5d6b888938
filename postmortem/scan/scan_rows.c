/* SPDX-License-Identifier: Apache-2.0 */
/* Rows into the tally: see scan_rows.h. */
#include "scan_rows.h"

#include <string.h>

/* A rule about a column that is not in the file's bytes is not told by them. */
static bool rules_stand_in_the_bytes(const struct tw_count_plan *plan,
                                     const struct tw_binding *b)
{
    for (size_t i = 0; b->nconstants && i < plan->nwrong; i++)
        if (plan->guarded[i] &&
            b->slot[plan->wrong[i].column] >= b->nslots - b->nconstants)
            return false; /* any column (TW_SLOT_ANY) included */
    return true;
}

/* A needle with a quote in it is written another way in a quoted field. */
static bool needles_stand_as_they_are(const struct tw_needles *needles, char quote)
{
    for (size_t i = 0; quote && i < needles->list.len; i++)
        if (memchr(needles->list.at[i].ptr, quote, needles->list.at[i].len))
            return false;
    return true;
}

enum { MANY = 128 }; /* records that are counted at once */

static void list_slots(struct tw_rows *rows, const struct tw_count_plan *plan)
{
    size_t n = rows->binding->nslots;
    bool *used = tw_new_array(rows->arena, n, bool);
    rows->used = tw_new_array(rows->arena, n, size_t);
    rows->all = tw_new_array(rows->arena, n, size_t);
    tw_tally_slots(plan, rows->binding, used);
    rows->nall = n - rows->binding->nconstants;
    for (size_t i = 0; i < rows->nall; i++) {
        rows->all[i] = i;
        if (used[i])
            rows->used[rows->nused++] = i;
    }
    for (size_t i = rows->nall; i < n; i++)
        rows->fields[i] = rows->binding->constants[i - rows->nall];
    rows->takes_many = rows->filter.kind != TW_FILTER_NONE && tw_tally_takes_many(plan);
    rows->columns = tw_new_array(rows->arena, n, struct tw_record_field *);
    for (size_t i = 0; rows->takes_many && i < n; i++) {
        if (!used[i])
            continue;
        rows->columns[i] = tw_new_array(rows->arena, MANY, struct tw_record_field);
        for (size_t k = 0; i >= rows->nall && k < MANY; k++)
            rows->columns[i][k] = rows->fields[i];
    }
}

void tw_rows_init(struct tw_rows *rows, struct tw_arena *arena,
                  const struct tw_text_layout *layout, const struct tw_binding *binding,
                  const struct tw_scan_kernel *kernel, struct tw_tally *tally,
                  size_t file, size_t room, struct tw_str sample)
{
    static const struct tw_needles none;
    const struct tw_count_plan *plan = tally->plan;
    const struct tw_csv_dialect *d = &layout->dialect;
    bool filtered = needles_stand_as_they_are(&plan->needles, d->quote) &&
                    rules_stand_in_the_bytes(plan, binding);
    *rows = (struct tw_rows){.layout = layout,
                             .binding = binding,
                             .kernel = kernel,
                             .tally = tally,
                             .file = file,
                             .arena = arena,
                             .scratch = tw_arena_child(arena),
                             .room = room};
    tw_needle_filter_init(&rows->filter, filtered ? &plan->needles : &none, sample);
    rows->counts_only =
        rows->filter.kind != TW_FILTER_NONE && tw_tally_only_counts(plan);
    rows->fields = tw_new_array(arena, binding->nslots, struct tw_record_field);
    list_slots(rows, plan);
    rows->first = (struct tw_csv_record){.fields_max = layout->nfields};
    size_t cap = room + 2 * (size_t)TW_SCAN_MARGIN;
    rows->scan = (struct tw_scan){
        .delimiter = d->delimiter,
        .quote = d->quote,
        .escape = d->escape == d->quote ? '\0' : d->escape,
        .nfields = layout->nfields,
        .header = layout->header,
        .filter = &rows->filter,
        .wants_separators = !rows->counts_only,
        .ends = tw_new_array(arena, cap, uint32_t),
        .ranks = tw_new_array(arena, cap, uint32_t),
        .hits = tw_new_array(arena, cap, uint32_t),
    };
    if (!rows->counts_only)
        rows->scan.separators = tw_new_array(arena, cap, uint32_t);
    rows->one_separators =
        tw_new_array(arena, layout->nfields + (size_t)TW_SCAN_MARGIN, uint32_t);
}

static void begin(struct tw_scan *s, const char *bytes, size_t len)
{
    s->bytes = bytes;
    s->len = len;
    s->nseparators = s->nends = s->nhits = s->done = 0;
    s->inside = s->escaped = s->unfree = s->closed = 0;
    s->first = s->nbefore = s->nbefore_end = 0;
    s->odd = tw_scan_begins_oddly(s, 0);
}

static bool any_longer(const struct tw_scan *s, size_t n, size_t max)
{
    size_t begin_at = 0;
    for (size_t i = 0; s->len > max && i < n; i++) {
        if (s->ends[i] + (size_t)1 - begin_at > max)
            return true;
        begin_at = s->ends[i] + (size_t)1;
    }
    return false;
}

bool tw_rows_find(struct tw_rows *rows, const char *bytes, size_t len, size_t until,
                  size_t *used, size_t *count)
{
    enum { STEP = 4096 };
    struct tw_scan *s = &rows->scan;
    begin(s, bytes, len);
    rows->kernel->run(s, until);
    /* The last record that begins before UNTIL may end behind it. */
    while (!s->odd && s->done < len &&
           (s->nends == 0 || s->ends[s->nends - 1] + 1 < until))
        rows->kernel->run(s, s->done + STEP);
    size_t n = s->odd ? 0 : s->nends;
    while (n > 1 && s->ends[n - 2] + (size_t)1 >= until)
        n--;
    *count = n;
    *used = n ? s->ends[n - 1] + (size_t)1 : 0;
    return !s->odd && !any_longer(s, n, rows->layout->record_max);
}

static struct tw_str decoded(struct tw_rows *rows, struct tw_str raw, bool quoted)
{
    const struct tw_csv_field field = {raw, quoted, true};
    rows->scratched = true;
    return tw_csv_decode(rows->scratch, &rows->layout->dialect, &field);
}

static bool is_escaped(const struct tw_rows *rows, const char *begin_at, const char *at)
{
    bool odd = false;
    while (rows->scan.escape && at > begin_at && at[-1] == rows->scan.escape) {
        odd = !odd;
        at--;
    }
    return odd;
}

/* LAST: a carriage return before the line feed belongs to the record's end. */
static inline void take_field(struct tw_rows *rows, const char *p, const char *end,
                              bool last, struct tw_record_field *f)
{
    if (last && end > p && end[-1] == '\r' && !is_escaped(rows, p, end - 1))
        end--;
    const struct tw_text_layout *layout = rows->layout;
    const char quote = layout->dialect.quote, escape = rows->scan.escape;
    bool quoted = quote && p < end && *p == quote;
    struct tw_str raw = {p + quoted, (size_t)(end - p) - 2 * (size_t)quoted};
    f->is_null =
        !quoted && raw.len == layout->null_text.len &&
        (raw.len == 0 || (*raw.ptr == *layout->null_text.ptr &&
                          memcmp(raw.ptr, layout->null_text.ptr, raw.len) == 0));
    if ((quoted && memchr(raw.ptr, quote, raw.len)) ||
        (escape && memchr(raw.ptr, escape, raw.len)))
        raw = decoded(rows, raw, quoted);
    f->ptr = raw.ptr;
    f->len = raw.len;
}

/* The fields of SLOTS of the record at BEGIN, whose separators are ENDS, from BYTES. */
static inline void take_fields(struct tw_rows *rows, const char *bytes, size_t begin_at,
                               const uint32_t *ends, const size_t *slots, size_t nslots)
{
    const struct tw_binding *b = rows->binding;
    for (size_t k = 0; k < nslots; k++) {
        size_t i = slots[k], column = b->wanted[i];
        const char *p = bytes + (column ? ends[column - 1] + (size_t)1 : begin_at);
        const char *end = bytes + ends[column];
        bool last = column + 1 == rows->layout->nfields;
        take_field(rows, p, end, last, &rows->fields[i]);
    }
}

/* The separators of a single record, where the run did not ask for them. */
static const uint32_t *separators_of(struct tw_rows *rows, size_t begin_at, size_t end)
{
    const struct tw_needle_filter none = {.kind = TW_FILTER_NONE};
    struct tw_scan one = rows->scan;
    one.filter = &none;
    one.header = TW_STR("");
    one.wants_separators = true;
    one.separators = rows->one_separators;
    one.ends = rows->one_end;
    one.ranks = rows->one_end;
    one.hits = &rows->one_hit;
    begin(&one, rows->scan.bytes + begin_at, end + 1 - begin_at);
    rows->kernel->run(&one, one.len);
    return one.separators;
}

static uint64_t offset_of(const struct tw_rows_place *place, size_t begin_at)
{
    return place->records
               ? tw_text_records_offset(place->records, place->at.decoded + begin_at)
               : place->at.offset + begin_at;
}

static void count_one(struct tw_rows *rows, struct tw_record *record, size_t begin_at,
                      size_t end, const uint32_t *separators)
{
    const size_t *slots = record->no_needle ? rows->used : rows->all;
    size_t nslots = record->no_needle ? rows->nused : rows->nall;
    if (separators)
        take_fields(rows, rows->scan.bytes, begin_at, separators, slots, nslots);
    else
        take_fields(rows, rows->scan.bytes + begin_at, 0,
                    separators_of(rows, begin_at, end), slots, nslots);
    tw_tally_record(rows->tally, record, rows->binding, rows->file);
    if (rows->scratched)
        tw_arena_rewind(rows->scratch, (struct tw_arena_mark){0});
    rows->scratched = false;
}

/* Only records with a needle are looked at. */
static void count_hits(struct tw_rows *rows, size_t count, struct tw_rows_place place)
{
    const struct tw_scan *s = &rows->scan;
    size_t looked_at = 0, r = 0;
    for (size_t h = 0; h < s->nhits && rows->tally->stop == TW_TALLY_GOES_ON;) {
        /* Hits are rare: a search by halves among the ends. */
        size_t high = count;
        while (r < high) {
            size_t middle = r + (high - r) / 2;
            if (s->ends[middle] < s->hits[h])
                r = middle + 1;
            else
                high = middle;
        }
        if (r == count)
            break;
        size_t begin_at = r ? s->ends[r - 1] + (size_t)1 : 0, end = s->ends[r];
        struct tw_record record = {.fields = rows->fields,
                                   .nfields = rows->binding->nslots,
                                   .number = place.at.number + r + 1,
                                   .offset = offset_of(&place, begin_at),
                                   .bytes = end + 1 - begin_at,
                                   .times = 1};
        count_one(rows, &record, begin_at, end, NULL);
        looked_at++;
        r++;
        while (h < s->nhits && s->hits[h] <= end)
            h++;
    }
    tw_tally_unaffected(rows->tally, count - looked_at);
}

/* N records from number R on, none of which has a needle, column by column. */
static void count_many(struct tw_rows *rows, size_t r, size_t n)
{
    const struct tw_scan *s = &rows->scan;
    const size_t nfields = rows->layout->nfields;
    for (size_t k = 0; k < rows->nused; k++) {
        size_t column = rows->binding->wanted[rows->used[k]];
        bool last = column + 1 == nfields;
        struct tw_record_field *fields = rows->columns[rows->used[k]];
        const uint32_t *ends = s->separators + r * nfields + column;
        for (size_t i = 0; i < n; i++, ends += nfields) {
            /* The separator before the record's first field ends the record before. */
            size_t begin_at = r + i + column ? ends[-1] + (size_t)1 : 0;
            take_field(rows, s->bytes + begin_at, s->bytes + *ends, last, &fields[i]);
        }
    }
    tw_tally_many(rows->tally, (const struct tw_record_field *const *)rows->columns, n,
                  rows->binding, rows->file, true);
    if (rows->scratched)
        tw_arena_rewind(rows->scratch, (struct tw_arena_mark){0});
    rows->scratched = false;
}

/* The records up to the next one with a needle, at most MANY. */
static size_t plain_run(const struct tw_rows *rows, size_t r, size_t count, size_t hit)
{
    const struct tw_scan *s = &rows->scan;
    size_t n = 0;
    while (n < MANY && r + n < count &&
           (hit == s->nhits || s->ends[r + n] < s->hits[hit]))
        n++;
    return n;
}

void tw_rows_count(struct tw_rows *rows, size_t count, struct tw_rows_place place)
{
    if (rows->counts_only) {
        count_hits(rows, count, place);
        return;
    }
    const struct tw_scan *s = &rows->scan;
    const bool filtered = rows->filter.kind != TW_FILTER_NONE;
    const size_t nfields = rows->layout->nfields;
    struct tw_record record = {
        .fields = rows->fields,
        .nfields = rows->binding->nslots,
        .times = 1,
        .margin = true}; /* in the bytes, or behind the head of an arena */
    size_t h = 0;
    for (size_t r = 0; r < count && rows->tally->stop == TW_TALLY_GOES_ON;) {
        size_t many = rows->takes_many ? plain_run(rows, r, count, h) : 0;
        if (many) {
            count_many(rows, r, many);
            r += many;
            continue;
        }
        size_t begin_at = r ? s->ends[r - 1] + (size_t)1 : 0, end = s->ends[r];
        bool hit = h < s->nhits && s->hits[h] <= end;
        while (h < s->nhits && s->hits[h] <= end)
            h++;
        record.number = place.at.number + r + 1;
        record.offset = offset_of(&place, begin_at);
        record.bytes = end + 1 - begin_at;
        record.no_needle = filtered && !hit;
        count_one(rows, &record, begin_at, end, s->separators + r * nfields);
        r++;
    }
}

size_t tw_rows_first(struct tw_rows *rows, const char *bytes, size_t len, size_t until)
{
    enum { LOOK_AT = 1 << 14 };
    struct tw_str all = {bytes, len < LOOK_AT ? len : LOOK_AT};
    for (size_t at = 0; at < all.len && at < until;) {
        at += tw_str_find(tw_str_from(all, at), '\n') + 1;
        if (at >= all.len)
            break;
        enum tw_csv_result result =
            tw_csv_next(rows->arena, &rows->layout->dialect, tw_str_from(all, at),
                        false, &rows->first);
        if (result == TW_CSV_RECORD && rows->first.dropped == 0 &&
            rows->first.fields.len == rows->layout->nfields)
            return at;
    }
    return until;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of application ports, which no export holds:
 *
 *     application,ports,as_of
 *     ssl,tcp/443,2026-01-01
 *     dns,tcp/53;udp/53,2026-01-01
 *     ping,icmp/8,2026-01-01
 *
 * It is the user's, and dated: reports say as of when.
 */
#include "csv.h"
#include "panos_parts.h"

enum { APPLICATION, PORTS, AS_OF, COLUMNS };

struct row {
    struct tw_str app;
    struct tw_span at;
    struct tw_panos_defaults defaults;
};

struct tw_panos_app_ports {
    struct tw_str name;
    TW_VEC(struct row *) rows;
    struct tw_map by_name;
    struct tw_time first, last; /* of the dates */
};

/* --- one word of ports ----------------------------------------------------------- */

static void add_to(struct tw_arena *arena, const struct tw_ranges **list, uint64_t lo,
                   uint64_t hi)
{
    const struct tw_ranges *one = tw_ranges_one(arena, lo, hi);
    *list = *list ? tw_ranges_union(arena, *list, one) : one;
}

/* N, N-M or "any", up to MAX. */
static bool numbers(struct tw_str s, uint64_t max, uint64_t *lo, uint64_t *hi)
{
    size_t dash = tw_str_find(s, '-');
    *lo = 0;
    *hi = max;
    if (tw_str_is(s, "any"))
        return true;
    return tw_parse_u64(tw_str_trim(tw_str_first(s, dash)), max, lo) &&
           tw_parse_u64(tw_str_trim(dash < s.len ? tw_str_from(s, dash + 1) : s), max,
                        hi) &&
           *lo <= *hi;
}

static bool icmp_word(struct tw_arena *arena, struct tw_str what, bool bare,
                      const struct tw_ranges **list)
{
    uint64_t type, code;
    size_t slash = tw_str_find(what, '/');
    if (bare || tw_str_is(what, "any")) {
        add_to(arena, list, 0, 65535);
        return true;
    }
    if (!tw_parse_u64(tw_str_first(what, slash), 255, &type))
        return false;
    if (slash == what.len)
        add_to(arena, list, type << 8, type << 8 | 255);
    else if (tw_parse_u64(tw_str_from(what, slash + 1), 255, &code))
        add_to(arena, list, type << 8 | code, type << 8 | code);
    else
        return false;
    return true;
}

bool tw_panos_port_word(struct tw_arena *arena, struct tw_str word,
                        struct tw_panos_defaults *d)
{
    size_t slash = tw_str_find(word, '/');
    struct tw_str proto = tw_str_first(word, slash), piece;
    struct tw_str rest = tw_str_from(word, slash < word.len ? slash + 1 : word.len);
    bool bare = slash == word.len;
    uint64_t lo, hi;
    if (tw_str_is(proto, "icmp"))
        return icmp_word(arena, rest, bare, &d->icmp);
    if (tw_str_is(proto, "icmp6"))
        return icmp_word(arena, rest, bare, &d->icmp6);
    if (tw_str_is(proto, "ip") && !bare && numbers(rest, 255, &lo, &hi)) {
        add_to(arena, &d->protos, lo, hi);
        return true;
    }
    const struct tw_ranges **list = tw_str_is(proto, "tcp")    ? &d->tcp
                                    : tw_str_is(proto, "udp")  ? &d->udp
                                    : tw_str_is(proto, "sctp") ? &d->sctp
                                                               : NULL;
    if (!list || bare)
        return false;
    while (tw_str_split(&rest, ',', &piece)) {
        piece = tw_str_trim(piece);
        if (tw_str_is(piece, "dynamic"))
            d->dynamic |= list == &d->tcp ? 1u : list == &d->udp ? 2u : 4u;
        else if (numbers(piece, 65535, &lo, &hi))
            add_to(arena, list, lo, hi);
        else
            return false;
    }
    return true;
}

/* --- the table ------------------------------------------------------------------- */

struct reading {
    struct tw_panos *in;
    const struct tw_source *src;
    struct tw_csv_dialect dialect;
    struct tw_csv_record record;
    int field_of[COLUMNS];
    struct tw_panos_app_ports *table;
};

static struct tw_span field_span(const struct reading *r, size_t field)
{
    return tw_span_of(r->src, tw_str_trim(r->record.fields.at[field].raw));
}

static struct tw_str field(const struct reading *r, int column)
{
    const struct tw_csv_field *f = &r->record.fields.at[(size_t)r->field_of[column]];
    return tw_str_trim(tw_csv_decode(r->in->arena, &r->dialect, f));
}

static bool read_header(struct reading *r)
{
    static const char *const names[COLUMNS][2] = {
        {"application", "应用"}, {"ports", "端口"}, {"as_of", "截至日期"}};
    size_t errors = r->in->diags->errors;
    for (int c = 0; c < COLUMNS; c++)
        r->field_of[c] = -1;
    for (size_t i = 0; i < r->record.fields.len; i++) {
        struct tw_str name = tw_str_trim(r->record.fields.at[i].raw);
        int column = 0;
        while (column < COLUMNS &&
               !tw_str_eq_nocase(name, tw_str_of(names[column][0])) &&
               !tw_str_is(name, names[column][1]))
            column++;
        if (column == COLUMNS || r->field_of[column] >= 0)
            TW_DIAG(r->in->diags, TW_D_app_ports_column, field_span(r, i), name);
        else
            r->field_of[column] = (int)i;
    }
    for (int c = 0; c < COLUMNS; c++)
        if (r->field_of[c] < 0)
            TW_DIAG(r->in->diags, TW_D_app_ports_no_column, field_span(r, 0),
                    tw_str_of(names[c][0]));
    return r->in->diags->errors == errors;
}

static void read_ports(struct reading *r, struct row *row)
{
    struct tw_str rest = field(r, PORTS), piece;
    struct tw_span at = field_span(r, (size_t)r->field_of[PORTS]);
    bool any = false;
    while (tw_str_split(&rest, ';', &piece)) {
        piece = tw_str_trim(piece);
        if (piece.len == 0)
            continue;
        any = true;
        if (!tw_panos_port_word(r->in->arena, piece, &row->defaults))
            TW_DIAG(r->in->diags, TW_D_app_ports_bad, at, piece);
    }
    if (!any)
        TW_DIAG(r->in->diags, TW_D_app_ports_bad, at, TW_STR(""));
}

static void read_date(struct reading *r)
{
    struct tw_panos_app_ports *table = r->table;
    struct tw_str text = field(r, AS_OF);
    struct tw_time time;
    if (!tw_time_parse(text, &time)) {
        TW_DIAG(r->in->diags, TW_D_allow_bad_date,
                field_span(r, (size_t)r->field_of[AS_OF]), text);
        return;
    }
    if (table->rows.len == 0 || tw_time_cmp(time, table->first) < 0)
        table->first = time;
    if (table->rows.len == 0 || tw_time_cmp(table->last, time) < 0)
        table->last = time;
}

static void read_row(struct reading *r)
{
    struct tw_panos_app_ports *table = r->table;
    struct tw_str app = field(r, APPLICATION);
    struct tw_span at = field_span(r, (size_t)r->field_of[APPLICATION]);
    struct row *row = tw_new(r->in->arena, struct row);
    *row = (struct row){.app = app, .at = at};
    if (app.len == 0)
        TW_DIAG(r->in->diags, TW_D_app_ports_bad, at, app);
    read_ports(r, row);
    read_date(r);
    void **slot = tw_map_slot(&table->by_name, app);
    if (*slot)
        tw_diag_also(TW_DIAG(r->in->diags, TW_D_panos_twice,
                             ((const struct row *)*slot)->at,
                             tw_panos_say(r->in, TW_M_panos_application), app),
                     at);
    *slot = row;
    *tw_vec_add(r->in->arena, &table->rows) = row;
}

static bool is_blank(const struct reading *r)
{
    for (size_t i = 0; i < r->record.fields.len; i++)
        if (tw_str_trim(r->record.fields.at[i].raw).len)
            return false;
    return true;
}

const struct tw_panos_app_ports *tw_panos_app_ports_read(struct tw_panos *in,
                                                         const struct tw_source *src)
{
    struct reading r = {.in = in,
                        .src = src,
                        .dialect = {.delimiter = ',', .quote = '"'},
                        .table = tw_new(in->arena, struct tw_panos_app_ports)};
    struct tw_str rest = src->text;
    bool has_header = false;
    r.table->name = src->name;
    tw_map_init(&r.table->by_name, in->arena);
    if (tw_str_starts(rest, "\xef\xbb\xbf"))
        rest = tw_str_from(rest, 3);
    for (;;) {
        enum tw_csv_result result =
            tw_csv_next(in->arena, &r.dialect, rest, true, &r.record);
        if (result == TW_CSV_END || result == TW_CSV_MORE || !r.record.used)
            break;
        struct tw_str text = tw_str_first(rest, r.record.used);
        rest = tw_str_from(rest, r.record.used);
        struct tw_span line = tw_span_of(src, tw_str_trim(text));
        if (result == TW_CSV_OPEN_QUOTE) {
            TW_DIAG(in->diags, TW_D_csv_open_quote,
                    tw_span_of(src, tw_str_first(text, tw_str_find(text, '\n'))));
        } else if (result == TW_CSV_STRAY_QUOTE) {
            TW_DIAG(
                in->diags, TW_D_csv_stray_quote,
                tw_span_of(src, tw_str_first(tw_str_from(text, r.record.stray), 1)));
        } else if (is_blank(&r)) {
            continue;
        } else if (!has_header) {
            if (!read_header(&r))
                return r.table;
            has_header = true;
        } else if (r.record.fields.len != COLUMNS) {
            TW_DIAG(in->diags, TW_D_csv_ragged, line,
                    tw_fmt(in->arena, "%zu", r.record.fields.len), TW_STR("3"));
        } else {
            read_row(&r);
        }
    }
    if (!has_header)
        TW_DIAG(in->diags, TW_D_app_ports_no_column, ((struct tw_span){src, 0, 0}),
                TW_STR("application"));
    return r.table;
}

const struct tw_panos_defaults *
tw_panos_app_ports_find(const struct tw_panos_app_ports *table, struct tw_str app)
{
    const struct row *row = table ? tw_map_get(&table->by_name, app) : NULL;
    return row ? &row->defaults : NULL;
}

size_t tw_panos_app_ports_count(const struct tw_panos_app_ports *table)
{
    return table ? table->rows.len : 0;
}

struct tw_str tw_panos_app_ports_name(const struct tw_panos_app_ports *table, size_t i)
{
    return table->rows.at[i]->app;
}

struct tw_str tw_panos_app_ports_words(struct tw_panos *in)
{
    const struct tw_panos_app_ports *table = in->app_ports;
    struct tw_buf first, last;
    tw_buf_init(&first, in->arena);
    tw_buf_init(&last, in->arena);
    tw_buf_time(&first, (struct tw_time){.day = table->first.day});
    tw_buf_time(&last, (struct tw_time){.day = table->last.day});
    if (table->first.day == table->last.day)
        return TW_SAY(in->arena, in->diags->lang, TW_M_app_ports_as_of,
                      tw_buf_view(&first), table->name);
    return TW_SAY(in->arena, in->diags->lang, TW_M_app_ports_between,
                  tw_buf_view(&first), tw_buf_view(&last), table->name);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allow list of a bank channel ("开白"), as a table:
 *
 *     source,destination,port,protocol,expiry
 *     10.64.4.0/24,203.0.113.10,443,tcp,2025-12-31
 *
 * Each row allows what it names, on its last day too (UTC); what no row names is
 * denied. Nothing is guessed: an empty cell where a value is needed, a column that may
 * restrict the row, an address with host bits are errors.
 *
 * The model has a chain per address family, since a product of ranges has no family of
 * its own: a row stands in the chains of the families that it names.
 */
#include "csv.h"
#include "format.h"

enum column {
    SOURCE,
    DESTINATION,
    PORT,
    PROTOCOL,
    EXPIRY,
    ID,
    NOTE,
    NAME,
    HARMLESS, /* has no part in the decision */
    UNKNOWN,
    COLUMNS
};

enum { REQUIRED = PROTOCOL + 1, FIELDS_MAX = 256, PIECES_MAX = 4096 };

static const struct header {
    const char *name;
    enum column column;
} headers[] = {
    {"source", SOURCE},
    {"src", SOURCE},
    {"来源", SOURCE},
    {"源地址", SOURCE},
    {"源ip", SOURCE},
    {"源ip地址", SOURCE},
    {"源", SOURCE},
    {"destination", DESTINATION},
    {"dst", DESTINATION},
    {"目的", DESTINATION},
    {"目的地址", DESTINATION},
    {"目标", DESTINATION},
    {"目标地址", DESTINATION},
    {"目的ip", DESTINATION},
    {"目的ip地址", DESTINATION},
    {"目标ip", DESTINATION},
    {"port", PORT},
    {"ports", PORT},
    {"dport", PORT},
    {"端口", PORT},
    {"目的端口", PORT},
    {"目标端口", PORT},
    {"protocol", PROTOCOL},
    {"proto", PROTOCOL},
    {"协议", PROTOCOL},
    {"expiry", EXPIRY},
    {"expires", EXPIRY},
    {"expire", EXPIRY},
    {"到期日", EXPIRY},
    {"到期日期", EXPIRY},
    {"有效期", EXPIRY},
    {"有效期至", EXPIRY},
    {"到期时间", EXPIRY},
    {"截止日期", EXPIRY},
    {"id", ID},
    {"编号", ID},
    {"序号", ID},
    {"comment", NOTE},
    {"note", NOTE},
    {"备注", NOTE},
    {"说明", NOTE},
    {"name", NAME},
    {"名称", NAME},
    {"owner", HARMLESS},
    {"ticket", HARMLESS},
    {"contact", HARMLESS},
    {"department", HARMLESS},
    {"applicant", HARMLESS},
    {"bank", HARMLESS},
    {"channel", HARMLESS},
    {"联系人", HARMLESS},
    {"负责人", HARMLESS},
    {"工单", HARMLESS},
    {"工单号", HARMLESS},
    {"部门", HARMLESS},
    {"申请人", HARMLESS},
    {"银行", HARMLESS},
    {"渠道", HARMLESS},
};

static const char known_headers[] =
    "source 源地址, destination 目的地址, port 端口, protocol 协议, expiry 到期日, id "
    "编号, name 名称, note 备注, owner 负责人, ticket 工单";

/* --- cells --------------------------------------------------------------------- */

static const char *const wide_blanks[] = {"\xe3\x80\x80", "\xc2\xa0", "\xef\xbb\xbf"};

static size_t wide_blank(struct tw_str s)
{
    for (size_t i = 0; i < sizeof wide_blanks / sizeof wide_blanks[0]; i++)
        if (tw_str_starts(s, wide_blanks[i]))
            return tw_str_of(wide_blanks[i]).len;
    return 0;
}

/* Without blanks at both ends, the wide ones of Chinese text and byte order marks too.
 */
static struct tw_str trim(struct tw_str s)
{
    s = tw_str_trim(s);
    for (size_t n = wide_blank(s); n; n = wide_blank(s))
        s = tw_str_trim(tw_str_from(s, n));
    for (size_t i = 0; i < sizeof wide_blanks / sizeof wide_blanks[0];) {
        if (s.len && tw_str_ends(s, wide_blanks[i])) {
            s = tw_str_trim(tw_str_first(s, s.len - tw_str_of(wide_blanks[i]).len));
            i = 0;
        } else {
            i++;
        }
    }
    return s;
}

/* The length of the separator that S begins with, or 0: ; , blanks 、 ； ， */
static size_t separator(struct tw_str s, const char *more)
{
    static const char *const wide[] = {"、", "；", "，", "\xe3\x80\x80", "\xc2\xa0"};
    char c = *s.ptr;
    if (c == ';' || c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return 1;
    for (; *more; more++)
        if (c == *more)
            return 1;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (tw_str_starts(s, wide[i]))
            return tw_str_of(wide[i]).len;
    return 0;
}

/* The next piece of a list in a cell; false at its end. */
static bool next_piece(struct tw_str *rest, const char *more, struct tw_str *piece)
{
    while (rest->len && separator(*rest, more))
        *rest = tw_str_from(*rest, separator(*rest, more));
    size_t n = 0;
    while (n < rest->len && !separator(tw_str_from(*rest, n), more))
        n++;
    *piece = tw_str_first(*rest, n);
    *rest = tw_str_from(*rest, n);
    return n > 0;
}

static bool is_any(struct tw_str s)
{
    return tw_str_eq_nocase(s, TW_STR("any")) || tw_str_is(s, "任意");
}

/* --- the table ----------------------------------------------------------------- */

struct row {
    const struct tw_ranges *src[TW_FAMILIES], *dst[TW_FAMILIES]; /* NULL: any */
    bool has_src[TW_FAMILIES], has_dst[TW_FAMILIES];
    const struct tw_ranges *proto, *dport; /* NULL: any */
    int64_t expires_day;
    struct tw_str id, note;
};

struct reading {
    struct tw_policy *policy;
    struct tw_arena *arena;
    struct tw_diags *diags;
    const struct tw_source *src;
    struct tw_time now;
    struct tw_csv_dialect dialect;
    struct tw_csv_record record;
    enum column columns[FIELDS_MAX];
    struct tw_span header_at[FIELDS_MAX];
    bool told[FIELDS_MAX]; /* an unknown column's error was told */
    size_t ncolumns;
    int field_of[COLUMNS]; /* -1: no such column */
    uint32_t nrows;
    TW_VEC(struct tw_rule) rules[TW_FAMILIES];
};

static enum column column_of(struct tw_str name)
{
    name = trim(name);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (tw_str_eq_nocase(name, tw_str_of(headers[i].name)))
            return headers[i].column;
    return UNKNOWN;
}

static const char *column_name(enum column column)
{
    static const char *const names[] = {"source 源地址", "destination 目的地址",
                                        "port 端口",     "protocol 协议",
                                        "expiry 到期日", "id 编号",
                                        "note 备注",     "name 名称"};
    return names[column];
}

/* How many of the required columns the header line has with this DELIMITER. */
static unsigned required_in(struct tw_str line, char delimiter)
{
    unsigned seen = 0, count = 0;
    struct tw_str piece;
    while (tw_str_split(&line, delimiter, &piece)) {
        piece = trim(piece);
        if (piece.len > 1 && *piece.ptr == '"' && piece.ptr[piece.len - 1] == '"')
            piece = tw_str_first(tw_str_from(piece, 1), piece.len - 2);
        seen |= 1u << column_of(piece);
    }
    for (unsigned c = 0; c < REQUIRED; c++)
        count += seen >> c & 1;
    return count;
}

static struct tw_str first_line(struct tw_str text)
{
    for (;;) {
        struct tw_str line = tw_str_first(text, tw_str_find(text, '\n'));
        if (trim(line).len || line.len == text.len)
            return line;
        text = tw_str_from(text, line.len + 1);
    }
}

static char delimiter_of(struct tw_str text, unsigned *best)
{
    static const char delimiters[] = {',', '\t', ';'};
    struct tw_str line = first_line(text);
    char found = ',';
    *best = 0;
    for (size_t i = 0; i < sizeof delimiters; i++) {
        unsigned n = required_in(line, delimiters[i]);
        if (n > *best) {
            *best = n;
            found = delimiters[i];
        }
    }
    return found;
}

static struct tw_span field_span(const struct reading *r, size_t field)
{
    return tw_span_of(r->src, r->record.fields.at[field].raw);
}

static struct tw_str field_text(const struct reading *r, size_t field)
{
    return trim(tw_csv_decode(r->arena, &r->dialect, &r->record.fields.at[field]));
}

/* The cell of COLUMN; empty where there is no such column. */
static struct tw_str cell(const struct reading *r, enum column column)
{
    int field = r->field_of[column];
    return field < 0 ? TW_STR("") : field_text(r, (size_t)field);
}

static struct tw_span cell_span(const struct reading *r, enum column column)
{
    return field_span(r, (size_t)r->field_of[column]);
}

/* Where PIECE of a cell stands: itself, or the cell where that was decoded. */
static struct tw_span piece_span(const struct reading *r, enum column column,
                                 struct tw_str piece)
{
    struct tw_str text = r->src->text;
    if (piece.ptr >= text.ptr && piece.ptr + piece.len <= text.ptr + text.len)
        return tw_span_of(r->src, piece);
    return cell_span(r, column);
}

static void read_header(struct reading *r)
{
    for (int c = 0; c < COLUMNS; c++)
        r->field_of[c] = -1;
    r->ncolumns = r->record.fields.len;
    for (size_t i = 0; i < r->ncolumns; i++) {
        struct tw_str name = field_text(r, i);
        enum column column = column_of(name);
        struct tw_span span = field_span(r, i);
        r->columns[i] = column;
        r->header_at[i] = span;
        if (column == HARMLESS) {
            TW_DIAG(r->diags, TW_D_allow_ignored_column, span, name);
        } else if (column < HARMLESS && r->field_of[column] >= 0) {
            tw_diag_also(TW_DIAG(r->diags, TW_D_allow_column_twice, span, name,
                                 tw_str_of(column_name(column))),
                         r->header_at[r->field_of[column]]);
        } else {
            r->field_of[column] = (int)i;
        }
    }
    for (int c = 0; c < REQUIRED; c++)
        if (r->field_of[c] < 0)
            TW_DIAG(r->diags, TW_D_allow_no_column,
                    tw_span_of(r->src, tw_str_trim(first_line(r->src->text))),
                    tw_str_of(column_name((enum column)c)));
}

/* --- one row ------------------------------------------------------------------- */

/* A cell that must hold something; false after an error. */
static bool must_have(struct reading *r, enum column column)
{
    if (cell(r, column).len)
        return true;
    TW_DIAG(r->diags, TW_D_allow_empty_cell, cell_span(r, column),
            tw_str_of(column_name(column)));
    return false;
}

struct pieces {
    TW_VEC(struct tw_range) list[TW_FAMILIES];
};

static void read_address(struct reading *r, enum column column, struct tw_str piece,
                         struct pieces *out)
{
    enum tw_family family;
    struct tw_range range;
    bool host_bits;
    struct tw_span span = piece_span(r, column, piece);
    size_t dash = tw_str_find(piece, '-');
    enum tw_family a, b;
    tw_u128 lo, hi;
    if (dash < piece.len && tw_ip_parse(tw_str_first(piece, dash), &a, &lo) &&
        tw_ip_parse(tw_str_from(piece, dash + 1), &b, &hi) && a == b && lo > hi)
        TW_DIAG(r->diags, TW_D_range_upside_down, span, piece);
    else if (!tw_ip_range_parse(piece, &family, &range, &host_bits))
        TW_DIAG(r->diags, TW_D_bad_address, span, piece);
    else if (host_bits)
        TW_DIAG(r->diags, TW_D_allow_host_bits, span, piece);
    else
        *tw_vec_add(r->arena, &out->list[family]) = range;
}

static void read_addresses(struct reading *r, enum column column,
                           const struct tw_ranges **sets, bool *has)
{
    if (!must_have(r, column))
        return;
    struct tw_str rest = cell(r, column), piece;
    if (is_any(rest)) {
        has[TW_IPV4] = has[TW_IPV6] = true;
        return;
    }
    struct pieces pieces = {0};
    for (size_t n = 0; next_piece(&rest, "", &piece); n++) {
        if (n == PIECES_MAX) {
            TW_DIAG(r->diags, TW_D_ipt_too_long, cell_span(r, column), TW_STR("4096"));
            return;
        }
        read_address(r, column, piece, &pieces);
    }
    for (int f = 0; f < TW_FAMILIES; f++) {
        has[f] = pieces.list[f].len > 0;
        if (has[f])
            sets[f] = tw_ranges_of(r->arena, pieces.list[f].at, pieces.list[f].len);
    }
}

static void read_ports(struct reading *r, struct row *row)
{
    if (!must_have(r, PORT))
        return;
    struct tw_str rest = cell(r, PORT), piece;
    if (is_any(rest))
        return;
    TW_VEC(struct tw_range) list = {0};
    while (next_piece(&rest, "", &piece) && list.len < PIECES_MAX) {
        size_t dash = tw_str_find(piece, '-');
        struct tw_str to =
            dash < piece.len ? tw_str_from(piece, dash + 1) : tw_str_first(piece, dash);
        uint64_t lo, hi;
        struct tw_span span = piece_span(r, PORT, piece);
        if (!tw_parse_u64(tw_str_first(piece, dash), 65535, &lo) ||
            !tw_parse_u64(to, 65535, &hi))
            TW_DIAG(r->diags, TW_D_bad_port, span, piece);
        else if (lo > hi)
            TW_DIAG(r->diags, TW_D_range_upside_down, span, piece);
        else
            *tw_vec_add(r->arena, &list) = (struct tw_range){lo, hi};
    }
    if (rest.len)
        TW_DIAG(r->diags, TW_D_ipt_too_long, cell_span(r, PORT), TW_STR("4096"));
    row->dport = tw_ranges_of(r->arena, list.at, list.len);
}

/* tcp, udp, both, or any; "any" with ports means every protocol that has ports. */
static void read_protocol(struct reading *r, struct row *row)
{
    if (!must_have(r, PROTOCOL))
        return;
    struct tw_str rest = cell(r, PROTOCOL), piece;
    struct tw_range list[] = {{TW_PROTO_TCP, TW_PROTO_TCP},
                              {TW_PROTO_UDP, TW_PROTO_UDP},
                              {TW_PROTO_DCCP, TW_PROTO_DCCP},
                              {TW_PROTO_SCTP, TW_PROTO_SCTP},
                              {TW_PROTO_UDPLITE, TW_PROTO_UDPLITE}};
    if (is_any(rest)) {
        if (row->dport)
            row->proto = tw_ranges_of(r->arena, list, sizeof list / sizeof list[0]);
        return;
    }
    struct tw_range named[2];
    size_t n = 0;
    while (next_piece(&rest, "+/&", &piece)) {
        bool tcp = tw_str_eq_nocase(piece, TW_STR("tcp"));
        if ((!tcp && !tw_str_eq_nocase(piece, TW_STR("udp"))) || n == 2) {
            TW_DIAG(r->diags, TW_D_allow_bad_protocol, piece_span(r, PROTOCOL, piece),
                    piece);
            return;
        }
        named[n++] = tcp ? list[0] : list[1];
    }
    row->proto = tw_ranges_of(r->arena, named, n);
}

/* 2024年12月31日 as 2024-12-31; other text as it is. */
static struct tw_str plain_date(struct tw_arena *arena, struct tw_str s)
{
    size_t year = tw_str_find_str(s, TW_STR("年"));
    size_t month = tw_str_find_str(s, TW_STR("月"));
    size_t wide = tw_str_of("年").len;
    if (year >= month || month >= s.len)
        return s;
    struct tw_str parts[] = {
        tw_str_first(s, year),
        tw_str_first(tw_str_from(s, year + wide), month - year - wide),
        tw_str_from(s, month + wide)};
    if (tw_str_ends(parts[2], "日"))
        parts[2].len -= wide;
    return tw_fmt(
        arena, "%.*s-%s%.*s-%s%.*s", (int)tw_str_first(parts[0], 9).len, parts[0].ptr,
        parts[1].len == 1 ? "0" : "", (int)tw_str_first(parts[1], 9).len, parts[1].ptr,
        parts[2].len == 1 ? "0" : "", (int)tw_str_first(parts[2], 9).len, parts[2].ptr);
}

static void read_expiry(struct reading *r, struct row *row)
{
    static const char *const never[] = {"never", "none", "-",
                                        "长期",  "永久", "长期有效"};
    struct tw_str text = cell(r, EXPIRY);
    row->expires_day = INT64_MAX;
    if (!text.len)
        return;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (tw_str_eq_nocase(text, tw_str_of(never[i])))
            return;
    struct tw_time time;
    if (!tw_time_parse(plain_date(r->arena, text), &time)) {
        TW_DIAG(r->diags, TW_D_allow_bad_date, cell_span(r, EXPIRY), text);
        return;
    }
    row->expires_day = time.day;
    if (time.day >= r->now.day)
        return;
    struct tw_buf date;
    tw_buf_init(&date, r->arena);
    tw_buf_time(&date, (struct tw_time){.day = time.day});
    TW_DIAG(r->diags, TW_D_allow_expired, cell_span(r, EXPIRY), row->id,
            tw_buf_view(&date));
}

/* A column that nobody knows may restrict the row: it must be empty. */
static void check_unknown(struct reading *r)
{
    for (size_t i = 0; i < r->ncolumns; i++) {
        if (r->columns[i] != UNKNOWN || r->told[i] || !field_text(r, i).len)
            continue;
        r->told[i] = true;
        tw_diag_also(TW_DIAG(r->diags, TW_D_allow_unknown_column, r->header_at[i],
                             tw_span_text(r->header_at[i]), tw_str_of(known_headers)),
                     field_span(r, i));
    }
}

static void add_rule(struct reading *r, const struct row *row, int family,
                     struct tw_span at)
{
    bool expired = row->expires_day < r->now.day;
    struct tw_match *match = tw_new(r->arena, struct tw_match);
    *match = (struct tw_match){.families = 1u << family,
                               .src = row->src[family],
                               .dst = row->dst[family],
                               .proto = row->proto,
                               .dport = row->dport};
    bool first = family == TW_IPV4 || !(row->has_src[TW_IPV4] && row->has_dst[TW_IPV4]);
    struct tw_rule *rule = tw_vec_add(r->arena, &r->rules[family]);
    *rule = (struct tw_rule){.id = row->id,
                             .index = (uint32_t)r->rules[family].len,
                             .chain_of = (uint32_t)family,
                             .at = at,
                             .comment = row->note,
                             .action = TW_ACTION_ACCEPT,
                             .matches = match,
                             .nmatches = 1,
                             .filtering = first, /* a row counts once */
                             .disabled = expired,
                             .understood = true,
                             .expires = row->expires_day != INT64_MAX,
                             .expires_day = row->expires_day,
                             .expired = expired};
}

static void read_row(struct reading *r, struct tw_str text)
{
    size_t errors = r->diags->errors;
    struct row row = {0};
    r->nrows++;
    row.id = cell(r, ID);
    if (!row.id.len)
        row.id = tw_fmt(r->arena, "row %u", (unsigned)r->nrows);
    row.note = cell(r, NOTE).len ? cell(r, NOTE) : cell(r, NAME);
    check_unknown(r);
    read_addresses(r, SOURCE, row.src, row.has_src);
    read_addresses(r, DESTINATION, row.dst, row.has_dst);
    read_ports(r, &row);
    read_protocol(r, &row);
    read_expiry(r, &row);
    if (r->diags->errors != errors)
        return;
    struct tw_span at = tw_span_of(r->src, tw_str_trim(text));
    bool any = false;
    for (int f = 0; f < TW_FAMILIES; f++)
        if (row.has_src[f] && row.has_dst[f]) {
            add_rule(r, &row, f, at);
            any = true;
        }
    if (!any)
        TW_DIAG(r->diags, TW_D_allow_families_differ, at, row.id);
}

/* --- the file ------------------------------------------------------------------ */

static bool is_blank(const struct reading *r)
{
    for (size_t i = 0; i < r->record.fields.len; i++)
        if (trim(r->record.fields.at[i].raw).len)
            return false;
    return true;
}

static void read_record(struct reading *r, struct tw_str text, bool *has_header)
{
    size_t n = r->record.fields.len;
    if (is_blank(r))
        return;
    struct tw_str line = tw_str_trim(text);
    if (!*has_header) {
        if (n > FIELDS_MAX) {
            TW_DIAG(r->diags, TW_D_ipt_too_long, tw_span_of(r->src, line),
                    TW_STR("256"));
            r->record.fields.len = FIELDS_MAX;
        }
        read_header(r);
        *has_header = true;
    } else if (n != r->ncolumns) {
        TW_DIAG(r->diags, TW_D_csv_ragged, tw_span_of(r->src, line),
                tw_fmt(r->arena, "%zu", n), tw_fmt(r->arena, "%zu", r->ncolumns));
    } else {
        read_row(r, text);
    }
}

static void read_source(struct reading *r, const struct tw_source *src)
{
    unsigned found;
    struct tw_str rest = src->text;
    bool has_header = false;
    size_t errors = r->diags->errors;
    r->src = src;
    size_t nul = tw_str_find(rest, '\0');
    if (nul < rest.len) {
        TW_DIAG(r->diags, TW_D_nul_byte, ((struct tw_span){src, nul, 1}), src->name);
        return;
    }
    r->dialect =
        (struct tw_csv_dialect){.delimiter = delimiter_of(rest, &found), .quote = '"'};
    if (tw_str_starts(rest, "\xef\xbb\xbf"))
        rest = tw_str_from(rest, 3);
    for (;;) {
        enum tw_csv_result result =
            tw_csv_next(r->arena, &r->dialect, rest, true, &r->record);
        if (result == TW_CSV_END || result == TW_CSV_MORE || !r->record.used)
            break;
        struct tw_str text = tw_str_first(rest, r->record.used);
        rest = tw_str_from(rest, r->record.used);
        if (result == TW_CSV_OPEN_QUOTE)
            TW_DIAG(r->diags, TW_D_csv_open_quote,
                    tw_span_of(src, tw_str_first(text, tw_str_find(text, '\n'))));
        else if (result == TW_CSV_STRAY_QUOTE)
            TW_DIAG(
                r->diags, TW_D_csv_stray_quote,
                tw_span_of(src, tw_str_first(tw_str_from(text, r->record.stray), 1)));
        else
            read_record(r, text, &has_header);
        if (!has_header && r->diags->errors != errors)
            break; /* without a header no row can be read */
        bool complete = true;
        for (int c = 0; c < REQUIRED && has_header; c++)
            complete = complete && r->field_of[c] >= 0;
        if (!complete)
            break;
    }
    if (!has_header && r->diags->errors == errors)
        TW_DIAG(r->diags, TW_D_allow_no_header, ((struct tw_span){src, 0, 0}),
                src->name);
}

static void fill_policy(struct reading *r)
{
    struct tw_policy *policy = r->policy;
    static const char *const names[] = {"allowlist/ip", "allowlist/ip6"};
    for (uint32_t f = 0; f < TW_FAMILIES; f++) {
        *tw_vec_add(r->arena, &policy->chains) =
            (struct tw_chain){.name = tw_str_of(names[f]),
                              .first = (uint32_t)policy->rules.len,
                              .count = (uint32_t)r->rules[f].len,
                              .is_base = true,
                              .policy = TW_ACTION_DENY};
        for (size_t i = 0; i < r->rules[f].len; i++)
            *tw_vec_add(r->arena, &policy->rules) = r->rules[f].at[i];
        policy->has_family[f] = true;
        for (int h = 0; h < TW_HOOKS; h++)
            *tw_vec_add(r->arena, &policy->stages[f][h]) =
                (struct tw_stage){.chain = f, .decides = true};
    }
}

static void read_all(struct tw_policy *policy, const struct tw_source *const *sources,
                     size_t nsources, const struct tw_format_options *options,
                     struct tw_diags *diags)
{
    struct reading *r = tw_new(policy->arena, struct reading);
    r->policy = policy;
    r->arena = policy->arena;
    r->diags = diags;
    r->now = options->now;
    for (size_t i = 0; i < nsources; i++)
        read_source(r, sources[i]);
    fill_policy(r);
}

static enum tw_probe probe(struct tw_str head)
{
    unsigned found;
    char delimiter = delimiter_of(head, &found);
    (void)delimiter;
    return found >= REQUIRED - 1 ? TW_PROBE_CERTAIN : TW_PROBE_NO;
}

const struct tw_format tw_format_allowlist_csv = {
    .name = "allowlist_csv",
    .summary = {"a channel's allow list as CSV", "银行通道白名单（开白）CSV"},
    .export_command = "save the channel's allow list as CSV (UTF-8 or GB18030)",
    .probe = probe,
    .read = read_all,
};

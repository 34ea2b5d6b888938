/* SPDX-License-Identifier: Apache-2.0 */
/*
 * services_csv and flows_csv: the catalogue as a configuration database or a
 * spreadsheet exports it.
 *
 * The first record names the columns, in English or Chinese, in any order. An empty
 * cell says nothing; a cell that holds a list is split by semicolons. Every cell knows
 * its place, so that a mistake is shown in the row where it stands.
 */
#include <assert.h>

#include "csv.h"
#include "estate_load.h"

enum { COLUMNS_MAX = 24, ALIASES_MAX = 4 };

struct column {
    const char *names[ALIASES_MAX]; /* the first is the key of the YAML file */
    bool required;
};

struct table {
    struct tw_loader *l;
    const struct tw_source *src;
    const struct column *columns;
    size_t ncolumns;
    TW_VEC(size_t) order;               /* the column of each field; ncolumns: none */
    struct tw_named cells[COLUMNS_MAX]; /* of the row at hand */
    struct tw_span row;
    bool broken; /* something in this row was refused */
};

static const struct tw_csv_dialect dialect = {.delimiter = ',', .quote = '"'};

static struct tw_named cell_of(struct table *t, const struct tw_csv_field *field)
{
    struct tw_str raw = field->raw;
    struct tw_str text = tw_csv_decode(t->l->scratch, &dialect, field);
    if (!field->encoded)
        raw = text = tw_str_trim(text);
    return (struct tw_named){tw_str_trim(text), tw_span_of(t->src, raw)};
}

static size_t column_of(const struct table *t, struct tw_str name)
{
    for (size_t c = 0; c < t->ncolumns; c++)
        for (size_t a = 0; a < ALIASES_MAX && t->columns[c].names[a]; a++)
            if (tw_str_eq_nocase(name, tw_str_of(t->columns[c].names[a])))
                return c;
    return t->ncolumns;
}

static void unknown_column(struct table *t, struct tw_named cell)
{
    const char *names[COLUMNS_MAX * ALIASES_MAX + 1] = {NULL};
    size_t n = 0;
    for (size_t c = 0; c < t->ncolumns; c++)
        for (size_t a = 0; a < ALIASES_MAX && t->columns[c].names[a]; a++)
            names[n++] = t->columns[c].names[a];
    TW_DIAG(t->l->diags, TW_D_estate_csv_column, cell.at, cell.text,
            tw_suggest_text(t->l, tw_nearest(cell.text, names)));
}

static bool read_header(struct table *t, const struct tw_csv_record *record)
{
    struct tw_span seen[COLUMNS_MAX] = {{0}};
    size_t errors = t->l->diags->errors;
    for (size_t i = 0; i < record->fields.len; i++) {
        struct tw_named cell = cell_of(t, &record->fields.at[i]);
        size_t c = column_of(t, cell.text);
        *tw_vec_add(t->l->scratch, &t->order) = c;
        if (c == t->ncolumns)
            unknown_column(t, cell);
        else if (seen[c].src)
            tw_diag_also(TW_DIAG(t->l->diags, TW_D_estate_csv_column_twice, cell.at,
                                 cell.text, tw_str_of(t->columns[c].names[0])),
                         seen[c]);
        else
            seen[c] = cell.at;
    }
    for (size_t c = 0; c < t->ncolumns; c++)
        if (t->columns[c].required && !seen[c].src)
            TW_DIAG(t->l->diags, TW_D_estate_csv_no_column, t->row,
                    tw_str_of(t->columns[c].names[0]));
    return t->l->diags->errors == errors;
}

static struct tw_str number(struct tw_loader *l, size_t n)
{
    struct tw_buf buf;
    tw_buf_init(&buf, l->scratch);
    tw_buf_u64(&buf, n);
    return tw_buf_view(&buf);
}

static bool cell_is_clean(struct tw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* False where the row is not to be used. */
static bool read_row(struct table *t, const struct tw_csv_record *record)
{
    struct tw_loader *l = t->l;
    if (record->fields.len != t->order.len) {
        TW_DIAG(l->diags, TW_D_csv_ragged, t->row, number(l, record->fields.len),
                number(l, t->order.len));
        return false;
    }
    t->broken = false;
    for (size_t c = 0; c < t->ncolumns; c++)
        t->cells[c] = (struct tw_named){TW_STR(""), TW_NOWHERE};
    for (size_t i = 0; i < record->fields.len; i++) {
        struct tw_named cell = cell_of(t, &record->fields.at[i]);
        size_t c = t->order.at[i];
        bool clean = cell_is_clean(cell.text);
        if (!clean)
            TW_DIAG(l->diags, TW_D_estate_control, cell.at);
        if (clean && cell.text.len)
            t->cells[c] = cell;
        if (clean && cell.text.len == 0 && t->columns[c].required)
            TW_DIAG(l->diags, TW_D_estate_empty, cell.at.len ? cell.at : t->row,
                    tw_str_of(t->columns[c].names[0]));
        t->broken |= !clean || (cell.text.len == 0 && t->columns[c].required);
    }
    return true;
}

static bool is_blank(const struct tw_csv_record *record)
{
    return record->fields.len == 1 && !record->fields.at[0].quoted &&
           tw_str_trim(record->fields.at[0].raw).len == 0;
}

static void read_table(struct table *t, void (*take)(struct table *t))
{
    struct tw_csv_record record = {0};
    struct tw_str rest = t->src->text;
    bool header = false;
    for (;;) {
        enum tw_csv_result result =
            tw_csv_next(t->l->scratch, &dialect, rest, true, &record);
        if (result == TW_CSV_END)
            break;
        assert(result != TW_CSV_MORE);
        struct tw_str line = tw_str_first(rest, record.used);
        t->row = tw_span_of(t->src, tw_str_trim(line));
        if (result != TW_CSV_RECORD) {
            struct tw_str quote = tw_str_first(tw_str_from(rest, record.stray), 1);
            TW_DIAG(t->l->diags,
                    result == TW_CSV_OPEN_QUOTE ? TW_D_csv_open_quote
                                                : TW_D_csv_stray_quote,
                    tw_span_of(t->src, quote));
            if (!header)
                return;
        } else if (is_blank(&record)) {
            /* A blank line is no row. */
        } else if (!header) {
            header = true;
            if (!read_header(t, &record))
                return;
        } else if (read_row(t, &record)) {
            take(t);
        }
        rest = tw_str_from(rest, record.used);
    }
    struct tw_span start = {t->src, 0, 0};
    if (!header)
        TW_DIAG(t->l->diags, TW_D_estate_csv_empty, start, t->src->name);
}

/* The pieces of a list cell; blanks around them and empty pieces do not count. A
 * full-width semicolon is what Chinese keyboards type. */
static struct tw_names list_of(struct table *t, struct tw_named cell)
{
    static const struct tw_str wide = {"\xef\xbc\x9b", 3};
    TW_VEC(struct tw_named) out = {0};
    bool slices = cell.text.ptr >= t->src->text.ptr &&
                  cell.text.ptr < t->src->text.ptr + t->src->text.len;
    struct tw_str rest = cell.text;
    while (rest.len) {
        size_t narrow = tw_str_find(rest, ';');
        size_t full = tw_str_find_str(tw_str_first(rest, narrow), wide);
        struct tw_str piece = tw_str_trim(tw_str_first(rest, full));
        rest = tw_str_from(rest, full < narrow ? full + wide.len : narrow + 1);
        if (piece.len)
            *tw_vec_add(t->l->scratch, &out) =
                (struct tw_named){piece, slices ? tw_span_of(t->src, piece) : cell.at};
    }
    return (struct tw_names){out.at, out.len};
}

/* ---- services: one row per service and site */

enum service_column {
    SERVICE_NAME,
    SERVICE_TITLE,
    SERVICE_ZONE,
    SERVICE_OWNER,
    SERVICE_SITE,
    SERVICE_HOSTS,
    SERVICE_LISTEN,
    SERVICE_COLUMNS
};

static const struct column service_columns[SERVICE_COLUMNS] = {
    [SERVICE_NAME] = {{"name", "service", "服务"}, true},
    [SERVICE_TITLE] = {{"title", "名称"}, false},
    [SERVICE_ZONE] = {{"zone", "区域"}, false},
    [SERVICE_OWNER] = {{"owner", "负责人"}, false},
    [SERVICE_SITE] = {{"site", "机房"}, true},
    [SERVICE_HOSTS] = {{"hosts", "地址"}, true},
    [SERVICE_LISTEN] = {{"listen", "监听端口"}, false},
};

static void take_service(struct table *t)
{
    const struct tw_named *c = t->cells;
    struct tw_raw_service raw = {
        .name = c[SERVICE_NAME],
        .title = c[SERVICE_TITLE],
        .zone = c[SERVICE_ZONE],
        .owner = c[SERVICE_OWNER],
        .listen = list_of(t, c[SERVICE_LISTEN]),
        .from_csv = true,
        .broken = t->broken,
    };
    if (!raw.name.at.src || !tw_name_check(t->l, raw.name))
        return;
    if (c[SERVICE_SITE].at.src)
        *tw_vec_add(t->l->scratch, &raw.sites) =
            (struct tw_raw_site){c[SERVICE_SITE], list_of(t, c[SERVICE_HOSTS])};
    tw_raw_service_add(t->l, &raw);
}

void tw_services_csv_read(struct tw_loader *l, const struct tw_source *src)
{
    struct table t = {
        .l = l, .src = src, .columns = service_columns, .ncolumns = SERVICE_COLUMNS};
    read_table(&t, take_service);
}

/* ---- flows */

static const struct column flow_columns[TW_FLOW_FIELDS] = {
    [TW_FLOW_ID] = {{"id", "编号"}, true},
    [TW_FLOW_FROM] = {{"from", "源"}, false},
    [TW_FLOW_TO] = {{"to", "目的"}, true},
    [TW_FLOW_PORTS] = {{"ports", "端口"}, false},
    [TW_FLOW_SOURCE_PORTS] = {{"source_ports", "源端口"}, false},
    [TW_FLOW_EXPECT] = {{"expect", "期望"}, false},
    [TW_FLOW_SEVERITY] = {{"severity", "级别"}, false},
    [TW_FLOW_SITE_PAIRS] = {{"site_pairs", "机房对"}, false},
    [TW_FLOW_WHY] = {{"why", "理由"}, false},
    [TW_FLOW_OWNER] = {{"owner", "负责人"}, false},
    [TW_FLOW_TICKET] = {{"ticket", "工单"}, false},
    [TW_FLOW_EXPIRES] = {{"expires", "到期日"}, false},
    [TW_FLOW_APPS] = {{"apps", "应用"}, false},
    [TW_FLOW_USERS] = {{"users", "用户"}, false},
    [TW_FLOW_DATASETS] = {{"datasets", "数据集"}, false},
};

static void take_flow(struct table *t)
{
    const struct tw_named *c = t->cells;
    struct tw_raw_flow raw = {
        .id = c[TW_FLOW_ID],
        .from = c[TW_FLOW_FROM],
        .to = c[TW_FLOW_TO],
        .expect = c[TW_FLOW_EXPECT],
        .severity = c[TW_FLOW_SEVERITY],
        .why = c[TW_FLOW_WHY],
        .owner = c[TW_FLOW_OWNER],
        .ticket = c[TW_FLOW_TICKET],
        .expires = c[TW_FLOW_EXPIRES],
        .ports = list_of(t, c[TW_FLOW_PORTS]),
        .source_ports = list_of(t, c[TW_FLOW_SOURCE_PORTS]),
        .site_pairs = list_of(t, c[TW_FLOW_SITE_PAIRS]),
        .apps = list_of(t, c[TW_FLOW_APPS]),
        .users = list_of(t, c[TW_FLOW_USERS]),
        .datasets = list_of(t, c[TW_FLOW_DATASETS]),
        .at = t->row,
        .broken = t->broken,
    };
    tw_flow_resolve(t->l, &raw);
}

void tw_flows_csv_read(struct tw_loader *l, const struct tw_source *src)
{
    struct table t = {
        .l = l, .src = src, .columns = flow_columns, .ncolumns = TW_FLOW_FIELDS};
    read_table(&t, take_flow);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ClickHouse writes as TSVWithNames, TSVWithNamesAndTypes, CSVWithNames and
 * CSVWithNamesAndTypes; with --columns also TSV and CSV. A tab in the first line tells
 * tabs from commas, a second line of nothing but types tells that there is one.
 *
 *     tabs     `\t \n \\ \' \0 \b \f \r` escaped, NULL `\N`
 *     commas   texts in quotes, doubled inside, line ends raw; NULL `\N`
 *
 * Times of a DateTime('UTC') are UTC; the others are as they are written.
 */
#include <string.h>

#include "num.h"
#include "text_records.h"

extern const struct tw_dump tw_dump_clickhouse;

static const struct tw_csv_dialect tabs = {'\t', 0, '\\', TW_CSV_ESCAPES_CLICKHOUSE};
static const struct tw_csv_dialect commas = {.delimiter = ',', .quote = '"'};

/* Type names, without the sizes behind them. The first ones are no words of people. */
static const char *const types[] = {
    "Int",      "UInt",     "Float",    "BFloat",       "Decimal",
    "String",   "DateTime", "Nullable", "FixedString",  "LowCardinality",
    "UUID",     "IPv",      "Enum",     "Date",         "Time",
    "Bool",     "Array",    "Map",      "Tuple",        "Nested",
    "JSON",     "Variant",  "Dynamic",  "Object",       "AggregateFunction",
    "Nothing",  "Point",    "Ring",     "LineString",   "SimpleAggregateFunction",
    "Interval", "QBit",     "Polygon",  "MultiPolygon", "MultiLineString",
};
enum { NTYPES = sizeof types / sizeof types[0], NSURE = 10 };

/* Which type CELL is; NTYPES: none. */
static size_t type_of(struct tw_str cell)
{
    size_t n = 0;
    while (n < cell.len && ((cell.ptr[n] >= 'A' && cell.ptr[n] <= 'Z') ||
                            (cell.ptr[n] >= 'a' && cell.ptr[n] <= 'z')))
        n++;
    struct tw_str word = tw_str_first(cell, n), behind = tw_str_from(cell, n);
    while (behind.len && tw_is_digit(behind.ptr[0]))
        behind = tw_str_from(behind, 1);
    size_t i = 0;
    while (i < NTYPES && !tw_str_is(word, types[i]))
        i++;
    return behind.len && behind.ptr[0] != '(' ? NTYPES : i;
}

/* Is the second line of HEAD one of types, as many as the first has names? *SURE: it
 * could hardly be anything else. */
static bool has_types(struct tw_str head, const struct tw_csv_dialect *d, bool *sure)
{
    struct tw_str names = tw_text_first_line(head);
    struct tw_str rest = tw_str_from(head, tw_str_find(head, '\n'));
    struct tw_str line = tw_text_first_line(tw_str_from(rest, 1)), cell;
    size_t nnames = 0, ntypes = 0;
    *sure = false;
    while (tw_text_cell(&names, d->delimiter, d->quote, &cell))
        nnames++;
    for (; tw_text_cell(&line, d->delimiter, d->quote, &cell); ntypes++) {
        size_t type = type_of(cell);
        if (type == NTYPES)
            return false;
        *sure |= type < NSURE;
    }
    *sure &= ntypes > 1;
    return ntypes == nnames;
}

static const struct tw_csv_dialect *dialect_of(struct tw_str head,
                                               struct tw_str file_name)
{
    bool tab = tw_text_first_line_has(head, '\t');
    bool comma = tw_text_first_line_has(head, ',') || tw_str_starts(head, "\"");
    bool named = tw_str_find_str(file_name, TW_STR(".csv")) < file_name.len;
    return tab || (!comma && !named) ? &tabs : &commas;
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    bool sure;
    if (memchr(head.ptr, '\0', head.len))
        return 0;
    return has_types(head, dialect_of(head, file_name), &sure) && sure ? 90 : 0;
}

/* Is a column of TYPE one of times in UTC? */
static bool is_utc(struct tw_str type)
{
    static const char *const wrappers[] = {"Nullable(", "LowCardinality("};
    static const char *const zones[] = {"'UTC'",     "'Etc/UTC'",   "'GMT'",
                                        "'Etc/GMT'", "'Universal'", "'Zulu'"};
    for (size_t i = 0; i < 2; i++)
        if (tw_str_starts(type, wrappers[i]))
            return is_utc(tw_str_from(type, strlen(wrappers[i])));
    bool found = false;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        found |= tw_str_find_str(type, tw_str_of(zones[i])) < type.len;
    return found && tw_str_starts(type, "DateTime");
}

static struct tw_records *open_clickhouse(const struct tw_dump_open *how)
{
    struct tw_str head = tw_utf8_stream_head(how->stream);
    const struct tw_csv_dialect *d = dialect_of(head, how->name);
    if (how->dialect->delimiter > 0)
        d = how->dialect->delimiter == '\t' ? &tabs : &commas;
    struct tw_text_format format = {.dialect = *d, .utc = is_utc};
    bool sure;
    if (has_types(head, d, &sure))
        format.names = TW_TEXT_NAMES_AND_TYPES;
    else if (tw_text_has_cell(tw_text_first_line(head), d->delimiter, "\\N"))
        format.names = TW_TEXT_NAMES_NONE; /* a header has no NULL */
    return tw_text_records_open(how, &tw_dump_clickhouse, &format);
}

const struct tw_dump tw_dump_clickhouse = {
    .name = "clickhouse",
    .summary = {"ClickHouse TSV and CSV, with names (and types)",
                "ClickHouse 的 TSV 与 CSV，带列名（及类型）"},
    .probe = probe,
    .open = open_clickhouse,
};

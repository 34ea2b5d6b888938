/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON array a line, as ClickHouse writes it: JSONCompactEachRowWithNames, with or
 * without a second line of types (…WithNamesAndTypes), and JSONCompactEachRow, whose
 * columns --columns must name.
 */
#include <string.h>

#include "json_records.h"
#include "num.h"

extern const struct tw_dump tw_dump_json_compact;

enum { NAMES_MAX = 100000 };

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct tw_json_lines *t = (struct tw_json_lines *)records;
    tw_json_fields_want(t->json.fields, NULL, columns, count, false);
}

/* LINE, a slice of the window, with a NUL in place of its line end. *BEHIND: what stood
 * there. (Whoever counts lines must have consumed it before.) */
static struct tw_str seal(struct tw_json_lines *t, struct tw_str line, char *behind)
{
    line.len -= tw_str_ends(line, "\n");
    char *end = t->json.w.bytes + (line.ptr - t->json.w.bytes) + line.len;
    *behind = *end;
    *end = '\0';
    return line;
}

static bool is_names(const struct tw_json_lines *t, struct tw_str line)
{
    return tw_str_eq(tw_str_trim(line), t->names);
}

static enum tw_next read_array(struct tw_json_lines *t, struct tw_record *r,
                               struct tw_str line)
{
    static const enum tw_refusal refusals[] = {
        [TW_JSON_NOT_JSON] = TW_REFUSED_BAD_VALUE,
        [TW_JSON_AMBIGUOUS] = TW_REFUSED_AMBIGUOUS,
        [TW_JSON_RAGGED] = TW_REFUSED_RAGGED,
    };
    struct tw_text_window *w = &t->json.w;
    char behind;
    bool valid = tw_text_window_valid(w, line.len);
    tw_json_begin(&t->json, r, line.len);
    tw_text_window_take(w, line.len);
    struct tw_str text = seal(t, line, &behind);
    enum tw_json_fate fate;
    if (!valid)
        r->refusal = TW_REFUSED_BAD_ENCODING;
    else if (tw_str_starts(text, "\xef\xbb\xbf"))
        r->refusal = TW_REFUSED_MARK_INSIDE;
    else if (is_names(t, text))
        r->refusal = TW_REFUSED_HEADER_AGAIN;
    else if ((fate = tw_json_fields_array(t->json.fields, text, t->nfields, r)) !=
             TW_JSON_READ)
        r->refusal = refusals[fate];
    else
        return TW_NEXT_RECORD;
    return TW_NEXT_REFUSED;
}

static bool stands_before(const struct tw_json_lines *t, struct tw_str name)
{
    for (size_t i = 0; i < t->json.columns.len; i++)
        if (tw_str_eq(t->json.columns.at[i].name, name))
            return true;
    return false;
}

/* An array of texts, none of them twice. */
static bool take_names(struct tw_json_lines *t, struct tw_str line)
{
    const char *p = tw_json_blanks(line.ptr);
    struct tw_json_value value;
    if (*p++ != '[')
        return false;
    do {
        p = tw_json_blanks(p);
        p = *p == '"' ? tw_json_text(p + 1, &value) : NULL;
        if (!p || t->json.columns.len == NAMES_MAX)
            return false;
        struct tw_str name = tw_json_decode(t->json.arena, &value);
        if (stands_before(t, name))
            return false;
        *tw_vec_add(t->json.arena, &t->json.columns) =
            (struct tw_column){.name = tw_str_copy(t->json.arena, name)};
        p = tw_json_blanks(p);
    } while (*p++ == ',');
    return p[-1] == ']' && tw_json_blanks(p) == line.ptr + line.len;
}

/* Is TEXT the name of a type of ClickHouse, as far as its first word tells? */
static bool is_type(struct tw_str text)
{
    static const char *const types[] = {"Int",
                                        "UInt",
                                        "Float",
                                        "BFloat",
                                        "Decimal",
                                        "Bool",
                                        "String",
                                        "FixedString",
                                        "Date",
                                        "DateTime",
                                        "Time",
                                        "UUID",
                                        "IPv4",
                                        "IPv6",
                                        "Enum",
                                        "Array",
                                        "Tuple",
                                        "Map",
                                        "Nullable",
                                        "LowCardinality",
                                        "Nested",
                                        "Nothing",
                                        "JSON",
                                        "Variant",
                                        "Dynamic",
                                        "Object",
                                        "Point",
                                        "Ring",
                                        "Polygon",
                                        "MultiPolygon",
                                        "SimpleAggregateFunction",
                                        "AggregateFunction",
                                        NULL};
    size_t n = tw_str_find(text, '('), letters = n;
    if (n < text.len && !tw_str_ends(text, ")"))
        return false;
    while (letters && tw_is_digit(text.ptr[letters - 1]))
        letters--;
    for (size_t i = 0; types[i]; i++)
        if (tw_str_is(tw_str_first(text, n), types[i]) ||
            tw_str_is(tw_str_first(text, letters), types[i]))
            return true;
    return false;
}

/* As many names of types as there are columns. */
static bool is_types(const struct tw_json_lines *t, struct tw_str line)
{
    const char *p = tw_json_blanks(line.ptr);
    struct tw_json_value value;
    size_t n = 0;
    if (*p++ != '[')
        return false;
    do {
        p = tw_json_blanks(p);
        p = *p == '"' ? tw_json_text(p + 1, &value) : NULL;
        if (!p || !is_type(value.raw))
            return false;
        n++;
        p = tw_json_blanks(p);
    } while (*p++ == ',');
    return n == t->json.columns.len && p[-1] == ']';
}

static void pass(struct tw_json_lines *t, struct tw_str line)
{
    tw_text_window_take(&t->json.w, line.len);
    t->blanks = t->blank_bytes = 0;
}

static bool read_names(struct tw_json_lines *t, const struct tw_dump_open *how)
{
    struct tw_str line;
    enum tw_line found = tw_json_line_find(t, &line);
    if (found == TW_LINE_FAILED || found == TW_LINE_END)
        return found == TW_LINE_END; /* told by open */
    bool valid = tw_text_window_valid(&t->json.w, line.len);
    pass(t, line);
    char behind;
    struct tw_str text = seal(t, line, &behind);
    if (found != TW_LINE || !valid || !take_names(t, text)) {
        TW_DIAG(how->diags, TW_D_json_names_bad, TW_NOWHERE, how->name);
        return false;
    }
    t->names = tw_str_copy(t->json.arena, tw_str_trim(text));
    found = tw_json_line_find(t, &line);
    if (found == TW_LINE_FAILED)
        return false;
    if (found == TW_LINE && tw_text_window_valid(&t->json.w, line.len)) {
        text = seal(t, line, &behind);
        bool types = is_types(t, text);
        t->json.w.bytes[t->json.w.start + text.len] = behind;
        if (types) {
            t->json.base.notes[TW_NOTE_NOT_A_RECORD]++;
            pass(t, line);
        }
    }
    return true;
}

static struct tw_records *open_compact(const struct tw_dump_open *how)
{
    struct tw_json_lines *t = tw_json_lines_open(how, &tw_dump_json_compact);
    if (!t)
        return NULL;
    t->json.base.want = want;
    t->json.base.column = NULL;
    t->read = read_array;
    for (size_t i = 0; i < how->dialect->ncolumns; i++)
        *tw_vec_add(t->json.arena, &t->json.columns) =
            (struct tw_column){.name = how->dialect->columns[i]};
    if (how->dialect->ncolumns == 0 && !read_names(t, how))
        return NULL;
    t->json.base.columns = t->json.columns.at;
    t->json.base.ncolumns = t->nfields = t->json.columns.len;
    return &t->json.base;
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    head = tw_json_head(head);
    if (!tw_str_starts(head, "["))
        return 0;
    struct tw_str inside = tw_json_head(tw_str_from(head, 1));
    bool value = inside.len && strchr("\"0123456789-ntf[", inside.ptr[0]);
    return value && tw_json_head_has_line(head, '[', ']') ? 90 : 0;
}

const struct tw_dump tw_dump_json_compact = {
    .name = "json_compact",
    .summary = {"one JSON array a line (JSONCompactEachRowWithNames)",
                "每行一个 JSON 数组（JSONCompactEachRowWithNames）"},
    .probe = probe,
    .open = open_compact,
};

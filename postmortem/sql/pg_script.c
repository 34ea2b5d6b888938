/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A script of pg_dump, statement by statement. Of SQL only that much is known as tells
 * where a statement ends: texts ('…', E'…', $tag$…$tag$), names in quotes, comments
 * (nested ones too) and the lines of psql that begin with a backslash. Rows follow a
 * COPY … FROM stdin; and end with a line of `\.`.
 */
#include "pg_script.h"

#include <string.h>

#include "messages.h"
#include "text_window.h"

enum { STATEMENT_KEPT = 1 << 16, TAG_MAX = 64, TABLES_TOLD = 10 };

static const struct tw_csv_dialect copy_text = {'\t', 0, '\\', TW_CSV_ESCAPES_POSTGRES};

struct script {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena, *scratch;
    struct tw_text_window w;
    struct tw_diags *diags;
    struct tw_str name, asked; /* of the file; of the table, empty: the first one */
    struct tw_str null_text;
    size_t record_max;
    struct tw_buf statement; /* the one at hand, its beginning */
    struct tw_buf others;    /* tables that were passed over */
    size_t nothers;
    struct tw_str table; /* whose rows are given; empty: none yet */
    struct tw_str columns_text;
    bool in_rows, told;
    uint64_t number;
    struct tw_csv_record split;
    const size_t *wanted;
    size_t nwanted;
    struct tw_record_field *fields;
};

enum found { ROWS, THE_END, FAILED };

/* The byte at hand, or -1 at the end, or -2. */
static int look(struct script *s)
{
    while (s->w.start == s->w.fill) {
        if (s->w.ended)
            return -1;
        if (tw_text_window_more(&s->w) != TW_OK)
            return -2;
    }
    return (unsigned char)s->w.bytes[s->w.start];
}

static int take(struct script *s)
{
    int c = look(s);
    if (c < 0)
        return c;
    s->w.start++;
    if (s->statement.len < STATEMENT_KEPT)
        tw_buf_char(&s->statement, (char)c);
    return c;
}

static enum found cut_off(struct script *s, int end, enum tw_message where)
{
    if (end == -1) {
        TW_DIAG(s->diags, TW_D_pg_cut, TW_NOWHERE, s->name,
                TW_SAY(s->arena, s->diags->lang, where));
        s->told = true;
    }
    return FAILED;
}

/* Behind an opening QUOTE: up to the closing one. */
static int pass_quoted(struct script *s, int quote, bool backslash)
{
    int c;
    while ((c = take(s)) >= 0) {
        if (backslash && c == '\\') {
            if ((c = take(s)) < 0)
                return c;
        } else if (c == quote) {
            if (look(s) != quote)
                return 0;
            take(s);
        }
    }
    return c;
}

static bool in_name(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c >= 0x80;
}

/* Behind a $: a text in dollars, if it is one. */
static int pass_dollars(struct script *s)
{
    char tag[TAG_MAX];
    size_t n = 0, matched = 0;
    int c;
    tag[n++] = '$';
    while (n < TAG_MAX - 1 && in_name(look(s)))
        tag[n++] = (char)take(s);
    if ((c = look(s)) != '$')
        return c < 0 ? c : 0; /* a parameter such as $1 */
    tag[n++] = (char)take(s);
    while (matched < n) {
        if ((c = take(s)) < 0)
            return c;
        matched = c == (unsigned char)tag[matched] ? matched + 1 : c == '$' ? 1 : 0;
    }
    return 0;
}

static int pass_line(struct script *s)
{
    int c;
    while ((c = take(s)) >= 0 && c != '\n') {
    }
    return c == -2 ? c : 0;
}

static int pass_comment(struct script *s)
{
    int c;
    for (size_t depth = 1; depth;) {
        if ((c = take(s)) < 0)
            return c;
        if (c == '*' && look(s) == '/') {
            take(s);
            depth--;
        } else if (c == '/' && look(s) == '*') {
            take(s);
            depth++;
        }
    }
    return 0;
}

/* What C, just taken, opens is passed over; BEFORE is the two bytes before it. */
static int pass_opened(struct script *s, int c, const int *before, bool *comment)
{
    *comment = false;
    if (c == '\'')
        return pass_quoted(
            s, c, (before[0] == 'E' || before[0] == 'e') && !in_name(before[1]));
    if (c == '"')
        return pass_quoted(s, c, false);
    if (c == '$' && !in_name(before[0]))
        return pass_dollars(s);
    *comment = (c == '-' && look(s) == '-') || (c == '/' && look(s) == '*');
    if (!*comment)
        return 0;
    take(s);
    return c == '-' ? pass_line(s) : pass_comment(s);
}

/* One statement into s->statement, comments left out. 1: there is one, 0: the end. */
static int take_statement(struct script *s)
{
    int before[2] = {' ', ' '}, c;
    s->statement.len = 0;
    while ((c = take(s)) >= 0) {
        size_t from = s->statement.len - 1;
        if (from == 0 && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
            s->statement.len = 0;
            continue;
        }
        if (from == 0 && c == '\\') { /* a command of psql */
            if ((c = pass_line(s)) < 0)
                return c;
            s->statement.len = 0;
            continue;
        }
        if (c == ';')
            return 1;
        bool comment;
        int end = pass_opened(s, c, before, &comment);
        if (end < 0)
            return end == -1 ? -1 : -2;
        if (comment)
            s->statement.len = from;
        before[1] = before[0];
        before[0] = c;
    }
    return c == -1 && s->statement.len == 0 ? 0 : c;
}

static void skip_blanks(struct tw_str *s)
{
    while (s->len && (s->ptr[0] == ' ' || s->ptr[0] == '\n' || s->ptr[0] == '\r' ||
                      s->ptr[0] == '\t'))
        *s = tw_str_from(*s, 1);
}

static bool take_word(struct tw_str *s, const char *word)
{
    size_t n = strlen(word);
    if (!tw_str_eq_nocase(tw_str_first(*s, n), tw_str_of(word)) ||
        (s->len > n && in_name((unsigned char)s->ptr[n])))
        return false;
    *s = tw_str_from(*s, n);
    skip_blanks(s);
    return true;
}

/* One name, its quotes taken off; names without are as they stand. */
static bool take_name(struct tw_arena *arena, struct tw_str *s, struct tw_str *name)
{
    size_t n = 0;
    if (s->len && s->ptr[0] == '"') {
        const struct tw_csv_dialect quotes = {.delimiter = ',', .quote = '"'};
        size_t end = 1;
        while (end < s->len &&
               (s->ptr[end] != '"' || (end + 1 < s->len && s->ptr[end + 1] == '"')))
            end += s->ptr[end] == '"' ? 2 : 1;
        if (end >= s->len)
            return false;
        n = end + 1;
        const struct tw_csv_field field = {{s->ptr + 1, end - 1}, true, true};
        *name = tw_csv_decode(arena, &quotes, &field);
    } else {
        while (n < s->len && in_name((unsigned char)s->ptr[n]))
            n++;
        *name = tw_str_copy(arena, tw_str_first(*s, n));
    }
    *s = tw_str_from(*s, n);
    skip_blanks(s);
    return n > 0;
}

/* "schema.table" or "table". */
static bool take_table(struct tw_arena *arena, struct tw_str *s, struct tw_str *table)
{
    struct tw_str second;
    if (!take_name(arena, s, table))
        return false;
    if (s->len == 0 || s->ptr[0] != '.')
        return true;
    *s = tw_str_from(*s, 1);
    if (!take_name(arena, s, &second))
        return false;
    *table = tw_fmt(arena, "%.*s.%.*s", (int)table->len, table->ptr, (int)second.len,
                    second.ptr);
    return true;
}

static bool is_asked_for(const struct script *s, struct tw_str table)
{
    struct tw_str asked = s->table.len ? s->table : s->asked;
    if (asked.len == 0 || tw_str_eq(table, asked))
        return true;
    size_t point = tw_str_find(table, '.');
    return s->table.len == 0 && point < table.len &&
           tw_str_eq(tw_str_from(table, point + 1), asked);
}

static void note_other(struct script *s, struct tw_str table)
{
    if (s->nothers++ >= TABLES_TOLD)
        return;
    tw_buf_text(&s->others, s->others.len ? ", " : "");
    tw_buf_str(&s->others, table);
}

struct copy {
    struct tw_str table, columns; /* what stands between the parentheses */
};

/* COPY table [(columns)] FROM stdin [options]; 1: it is one, 0: another statement. */
static int parse_copy(struct script *s, struct copy *copy)
{
    struct tw_str in = tw_buf_view(&s->statement);
    *copy = (struct copy){0};
    if (!take_word(&in, "COPY") || !take_table(s->arena, &in, &copy->table))
        return 0;
    if (in.len && in.ptr[0] == '(') {
        struct tw_str inside = tw_str_from(in, 1), rest = inside, name;
        skip_blanks(&rest);
        while (take_name(s->arena, &rest, &name) && rest.len && rest.ptr[0] == ',') {
            rest = tw_str_from(rest, 1);
            skip_blanks(&rest);
        }
        if (rest.len == 0 || rest.ptr[0] != ')')
            return 0;
        copy->columns =
            tw_str_copy(s->arena, tw_str_first(inside, inside.len - rest.len));
        in = tw_str_from(rest, 1);
        skip_blanks(&in);
    }
    if (!take_word(&in, "FROM") || !take_word(&in, "stdin"))
        return 0;
    if (tw_str_is(in, ";"))
        return 1;
    TW_DIAG(s->diags, TW_D_pg_copy_options, TW_NOWHERE, s->name, copy->table, in);
    s->told = true;
    return -2;
}

/* Rows that are written as INSERT would be left out of the count. */
static bool is_insert(struct script *s)
{
    struct tw_str in = tw_buf_view(&s->statement), table;
    tw_arena_rewind(s->scratch, (struct tw_arena_mark){0});
    if (!take_word(&in, "INSERT") || !take_word(&in, "INTO") ||
        !take_table(s->scratch, &in, &table) || !is_asked_for(s, table))
        return false;
    TW_DIAG(s->diags, TW_D_pg_inserts, TW_NOWHERE, s->name, table);
    return s->told = true;
}

static bool is_end_of_rows(struct tw_str line)
{
    return tw_str_is(tw_text_line_of(line), "\\.");
}

/* Passes over the rows of a table that was not asked for; *COUNT: how many. */
static enum found pass_rows(struct script *s, uint64_t *count)
{
    for (*count = 0;; ++*count) {
        struct tw_str line;
        enum tw_line found = tw_text_window_line(&s->w, s->record_max, &line);
        uint64_t bytes;
        if (found == TW_LINE_FAILED)
            return FAILED;
        if (found == TW_LINE_END)
            return cut_off(s, -1, TW_M_pg_rows);
        if (found == TW_LINE_TOO_LONG) {
            if (tw_text_window_skip_line(&s->w, &bytes) != TW_OK)
                return FAILED;
            continue;
        }
        bool last = is_end_of_rows(line);
        s->w.start += line.len;
        if (last)
            return ROWS;
    }
}

/* Whether rows stand at hand. */
static enum found has_rows(struct script *s, bool *has)
{
    struct tw_str line;
    enum tw_line found = tw_text_window_line(&s->w, s->record_max, &line);
    if (found == TW_LINE_FAILED)
        return FAILED;
    if (found == TW_LINE_END)
        return cut_off(s, -1, TW_M_pg_rows);
    *has = found == TW_LINE_TOO_LONG || !is_end_of_rows(line);
    return ROWS;
}

/* The rows of COPY are ours: ROWS; or they were passed over: THE_END. */
static enum found enter(struct script *s, struct copy copy)
{
    bool has;
    if (has_rows(s, &has) != ROWS)
        return FAILED;
    if (!is_asked_for(s, copy.table)) {
        if (has && s->asked.len == 0) {
            TW_DIAG(s->diags, TW_D_pg_several_tables, TW_NOWHERE, s->name, s->table,
                    copy.table);
            s->told = true;
            return FAILED;
        }
        uint64_t count;
        note_other(s, copy.table);
        if (pass_rows(s, &count) != ROWS)
            return FAILED;
        s->base.notes[TW_NOTE_OTHER_TABLE] += count;
        return THE_END;
    }
    if (!has && s->asked.len == 0 && s->table.len == 0) {
        uint64_t none; /* perhaps another table has some */
        return pass_rows(s, &none) == ROWS ? THE_END : FAILED;
    }
    if (s->table.len && !tw_str_eq(copy.columns, s->columns_text)) {
        TW_DIAG(s->diags, TW_D_pg_columns_differ, TW_NOWHERE, s->name, s->table);
        s->told = true;
        return FAILED;
    }
    s->table = copy.table;
    s->columns_text = copy.columns;
    s->in_rows = true;
    return ROWS;
}

/* Up to the next rows of the table. */
static enum found find_rows(struct script *s)
{
    for (;;) {
        struct copy copy;
        int got = take_statement(s);
        if (got == 0)
            return THE_END;
        if (got < 0)
            return cut_off(s, got, TW_M_pg_statement);
        int is_copy = parse_copy(s, &copy);
        if (is_copy < 0 || (is_copy == 0 && is_insert(s)))
            return FAILED;
        if (is_copy == 0)
            continue;
        s->statement.len = 0;
        if (pass_line(s) < 0)
            return FAILED;
        enum found found = enter(s, copy);
        if (found != THE_END)
            return found;
    }
}

static enum tw_next give(struct script *s, struct tw_record *r, size_t used)
{
    tw_arena_rewind(s->scratch, (struct tw_arena_mark){0});
    for (size_t i = 0; i < s->nwanted; i++) {
        const struct tw_csv_field *f = &s->split.fields.at[s->wanted[i]];
        struct tw_str value = tw_csv_decode(s->scratch, &copy_text, f);
        s->fields[i] = (struct tw_record_field){value.ptr, value.len,
                                                tw_str_eq(f->raw, s->null_text)};
    }
    *r = (struct tw_record){.fields = s->fields,
                            .nfields = s->nwanted,
                            .number = ++s->number,
                            .offset = tw_text_window_place(&s->w),
                            .bytes = used,
                            .times = 1};
    s->w.start += used;
    return TW_NEXT_RECORD;
}

static enum tw_next refuse_long(struct script *s, struct tw_record *r)
{
    *r = (struct tw_record){.number = ++s->number,
                            .offset = tw_text_window_place(&s->w),
                            .times = 1,
                            .refusal = TW_REFUSED_TOO_LONG};
    if (tw_text_window_skip_line(&s->w, &r->bytes) != TW_OK)
        return tw_text_window_failed(&s->w);
    return TW_NEXT_REFUSED;
}

/* A row is a line: within it a line end is always written \n. */
static enum tw_next next_row(struct script *s, struct tw_record *r, struct tw_str line)
{
    enum tw_refusal why = TW_REFUSED_BAD_ENCODING;
    if (tw_text_window_valid(&s->w, line.len)) {
        enum tw_csv_result result =
            tw_csv_next(s->arena, &copy_text, line, true, &s->split);
        why = TW_REFUSED_RAGGED;
        if (result == TW_CSV_RECORD && s->split.dropped == 0 &&
            s->split.fields.len == s->base.ncolumns)
            return give(s, r, line.len);
    }
    return tw_text_window_refuse(&s->w, r, ++s->number, line.len, why);
}

static enum tw_next stop_at(const struct script *s)
{
    return s->told ? TW_NEXT_FAILED : tw_text_window_failed(&s->w);
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct script *s = (struct script *)records;
    for (;;) {
        if (!s->in_rows) {
            enum found found = find_rows(s);
            if (found != ROWS)
                return found == THE_END ? TW_NEXT_END : stop_at(s);
        }
        struct tw_str line;
        enum tw_line found = tw_text_window_line(&s->w, s->record_max, &line);
        if (found == TW_LINE_END)
            cut_off(s, -1, TW_M_pg_rows);
        if (found == TW_LINE_END || found == TW_LINE_FAILED)
            return stop_at(s);
        if (found == TW_LINE_TOO_LONG)
            return refuse_long(s, r);
        if (!is_end_of_rows(line))
            return next_row(s, r, line);
        s->w.start += line.len;
        s->in_rows = false;
    }
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct script *s = (struct script *)records;
    s->wanted = columns;
    s->nwanted = count;
    s->fields = tw_new_array(s->arena, count, struct tw_record_field);
}

/* The names behind COPY; a COPY without any takes them from the caller, or none. */
static bool name_columns(struct script *s, const struct tw_dump_open *how)
{
    TW_VEC(struct tw_column) columns = {0};
    struct tw_str rest = s->columns_text, name, line;
    skip_blanks(&rest);
    while (rest.len && take_name(s->arena, &rest, &name)) {
        *tw_vec_add(s->arena, &columns) = (struct tw_column){.name = name};
        rest = tw_str_from(rest, 1);
        skip_blanks(&rest);
    }
    s->base.columns = columns.at;
    s->base.ncolumns = columns.len;
    if (columns.len)
        return true;
    size_t n = how->dialect->ncolumns;
    if (n == 0) {
        if (tw_text_window_line(&s->w, s->record_max, &line) == TW_LINE_FAILED)
            return false;
        for (n = 1; line.len; line = tw_str_from(line, 1))
            n += line.ptr[0] == '\t';
    }
    s->base.columns = tw_text_columns(how, n);
    s->base.ncolumns = n;
    return true;
}

struct tw_records *tw_pg_script_open(const struct tw_dump_open *how,
                                     const struct tw_dump *dump)
{
    struct script *s = tw_new(how->arena, struct script);
    *s = (struct script){.base = {.dump = dump, .want = want, .next = next_record},
                         .arena = how->arena,
                         .scratch = tw_arena_child(how->arena),
                         .diags = how->diags,
                         .name = how->name,
                         .asked = how->table,
                         .null_text = tw_text_null(how, NULL),
                         .record_max = how->dialect->record_max};
    tw_buf_init(&s->statement, how->arena);
    tw_buf_init(&s->others, how->arena);
    tw_text_window_init(&s->w, how);
    enum found found = find_rows(s);
    if (found == THE_END)
        TW_DIAG(how->diags, TW_D_pg_no_table, TW_NOWHERE, how->name,
                how->table.len
                    ? tw_fmt(how->arena, "\"%.*s\"",
                             (int)tw_str_first(how->table, 400).len, how->table.ptr)
                    : TW_SAY(how->arena, how->diags->lang, TW_M_pg_any_table),
                s->others.len ? tw_buf_view(&s->others) : TW_STR("-"));
    if (found != ROWS || !name_columns(s, how))
        return NULL;
    s->split.fields_max = s->base.ncolumns + 1;
    return &s->base;
}

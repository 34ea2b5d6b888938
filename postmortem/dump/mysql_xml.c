/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `mysqldump --xml` and `mysql --xml` write:
 *
 *     <mysqldump><database name="d">            <resultset statement="select …">
 *       <table_structure name="t">                <row>
 *         <field Field="c" Type="int" …/>           <field name="c">1</field>
 *       </table_structure>                          <field name="d" xsi:nil="true"/>
 *       <table_data name="t">                     </row>
 *         <row><field name="c">1</field></row>  </resultset>
 *
 * Control bytes and binary columns stand in it as they are, which is not XML: the text
 * is repaired before the parser sees it and values are read back behind it
 * (xml_repair.h). The columns are those of the first row; the structure tells which of
 * them are of type timestamp, which mysqldump writes in UTC.
 */
#include <string.h>

#include "num.h"
#include "text.h"
#include "text_window.h"
#include "xml_events.h"
#include "xml_repair.h"
#include "xml_rows.h"

extern const struct tw_dump tw_dump_mysql_xml;

enum {
    CHUNK = 32 << 10,
    NAME_SIZE = 1024,
    COLUMNS_MAX = 100000,
    LIST_SIZE = 400,
    NO_CELL = -1
};

enum fault {
    FINE,
    FAULT_ROOT,
    FAULT_TABLES,
    FAULT_NO_TABLES, /* --table for a result set */
    FAULT_PLACE,     /* rows, or text, where none belong */
    FAULT_NAME,
    FAULT_COLUMNS,
    FAULT_MEMORY
};

struct name {
    char at[NAME_SIZE];
    size_t len;
};

struct structure_field {
    struct tw_str name;
    bool timestamp;
};

struct mysql_xml {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena;
    struct tw_diags *diags;
    struct tw_str name, asked; /* of the file; --table */
    size_t record_max;
    struct tw_text_window w;
    struct tw_xml_repair repair;
    struct tw_xml_events *events;
    struct tw_xml_rows rows;
    char *repaired;
    bool at_end; /* all bytes were fed, and nothing was wrong so far */
    bool ended, told;
    enum fault fault;

    /* Where the parser is. */
    size_t depth, row_depth;
    struct name root, database, table;
    bool in_data, in_structure, counts; /* counts: rows of this table are asked for */
    struct tw_arena *structure_arena;
    TW_VEC(struct structure_field) structure;
    uint64_t data_rows; /* of this table_data */

    /* The table whose rows are counted. */
    struct name chosen_database, chosen_table;
    bool chosen, found; /* found: --table stands there, if without rows */
    size_t empty_tables;
    char list[LIST_SIZE]; /* the tables with data, for diagnostics */
    size_t nlist;
    TW_VEC(struct tw_column) columns;
    bool learnt; /* the columns are known */

    /* The row that is open. */
    uint64_t number;
    size_t nfields;
    bool in_row, other_row, in_field, field_nil, field_hex;
    bool ragged, bad, too_long;
    ptrdiff_t cell;
    uint64_t *seen; /* per column: the number of the last row with it */

    const size_t *wanted;
    size_t nwanted;
    ptrdiff_t *cell_of; /* per column, among the wanted ones */
    bool wants;
    struct tw_record_field *fields;
};

static bool fail(struct mysql_xml *t, enum fault fault)
{
    if (t->fault == FINE)
        t->fault = fault;
    return false;
}

/* --- names ------------------------------------------------------------------------ */

static struct tw_str text_of(const struct name *name)
{
    return (struct tw_str){name->at, name->len};
}

/* A value of an attribute as it was before the repair. */
static bool set_name(struct mysql_xml *t, struct name *name, struct tw_str value)
{
    bool ignored = false;
    if (value.len > sizeof name->at)
        return fail(t, FAULT_NAME);
    if (value.len)
        memcpy(name->at, value.ptr, value.len);
    name->len = t->repair.mapped ? tw_xml_repair_undo(name->at, value.len, &ignored)
                                 : value.len;
    return true;
}

static bool same_name(const struct name *a, const struct name *b)
{
    return tw_str_eq(text_of(a), text_of(b));
}

static struct tw_str attr(const struct tw_xml_event_attr *attrs, size_t n,
                          struct tw_str name)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_eq(attrs[i].name, name))
            return attrs[i].value;
    return TW_NO_STR;
}

/* TABLE, or DATABASE.TABLE. */
static bool is_asked(const struct mysql_xml *t)
{
    struct tw_str table = text_of(&t->table), database = text_of(&t->database);
    if (t->asked.len == 0 || tw_str_eq(t->asked, table))
        return true;
    return t->asked.len == database.len + 1 + table.len &&
           t->asked.ptr[database.len] == '.' &&
           tw_str_eq(tw_str_first(t->asked, database.len), database) &&
           tw_str_eq(tw_str_from(t->asked, database.len + 1), table);
}

static void list_name(struct mysql_xml *t, struct tw_str piece)
{
    piece = tw_str_first(piece, LIST_SIZE - t->nlist);
    if (piece.len)
        memcpy(t->list + t->nlist, piece.ptr, piece.len);
    t->nlist += piece.len;
}

static void list_table(struct mysql_xml *t)
{
    list_name(t, t->nlist ? TW_STR(", ") : TW_STR(""));
    list_name(t, text_of(&t->database));
    list_name(t, TW_STR("."));
    list_name(t, text_of(&t->table));
}

/* --- columns ---------------------------------------------------------------------- */

struct addition {
    struct mysql_xml *t;
    struct tw_str name;
    bool timestamp;
};

static bool is_timestamp(const struct mysql_xml *t, struct tw_str column)
{
    for (size_t i = 0; i < t->structure.len; i++)
        if (tw_str_eq(t->structure.at[i].name, column))
            return t->structure.at[i].timestamp;
    return false;
}

static enum tw_status add_column(void *ctx)
{
    struct addition *a = ctx;
    *tw_vec_add(a->t->arena, &a->t->columns) = (struct tw_column){
        .name = tw_str_copy(a->t->arena, a->name), .utc = is_timestamp(a->t, a->name)};
    return TW_OK;
}

static enum tw_status add_structure(void *ctx)
{
    struct addition *a = ctx;
    struct tw_arena *arena = a->t->structure_arena;
    *tw_vec_add(arena, &a->t->structure) =
        (struct structure_field){tw_str_copy(arena, a->name), a->timestamp};
    return TW_OK;
}

static bool add(struct mysql_xml *t, enum tw_status (*how)(void *), struct tw_str name,
                bool timestamp)
{
    struct addition a = {t, name, timestamp};
    if (t->columns.len == COLUMNS_MAX || t->structure.len == COLUMNS_MAX)
        return fail(t, FAULT_COLUMNS);
    return tw_arena_run(t->arena, how, &a) == TW_OK || fail(t, FAULT_MEMORY);
}

static enum tw_status publish(void *ctx)
{
    struct mysql_xml *t = ctx;
    t->base.columns = t->columns.at;
    t->base.ncolumns = t->columns.len;
    t->seen = tw_new_array(t->arena, t->columns.len, uint64_t);
    t->learnt = true;
    return TW_OK;
}

/* The column NAME, which is likely to be GUESS; the number of columns: none. */
static size_t find_column(const struct mysql_xml *t, struct tw_str name, size_t guess)
{
    if (guess < t->columns.len && tw_str_eq(t->columns.at[guess].name, name))
        return guess;
    size_t i = 0;
    while (i < t->columns.len && !tw_str_eq(t->columns.at[i].name, name))
        i++;
    return i;
}

/* --- rows ------------------------------------------------------------------------- */

static bool choose_table(struct mysql_xml *t)
{
    t->data_rows++;
    if (t->chosen)
        return (same_name(&t->database, &t->chosen_database) &&
                same_name(&t->table, &t->chosen_table)) ||
               fail(t, FAULT_TABLES);
    t->chosen_database = t->database;
    t->chosen_table = t->table;
    t->chosen = true;
    return true;
}

static bool start_row(struct mysql_xml *t)
{
    struct tw_xml_place place = tw_xml_places_take(&t->repair.starts);
    t->in_row = true;
    t->other_row = !t->counts;
    t->base.notes[TW_NOTE_OTHER_TABLE] += t->other_row;
    if (t->other_row)
        return true;
    if (!choose_table(t))
        return false;
    if (!t->learnt)
        t->columns.len = 0; /* those of a table without rows */
    size_t ncells = !t->learnt ? 0 : t->wants ? t->nwanted : t->columns.len;
    if (!tw_xml_rows_open(&t->rows, ncells, !t->wants))
        return fail(t, FAULT_MEMORY);
    t->rows.open.record =
        (struct tw_record){.number = ++t->number,
                           .offset = t->w.transcodes ? place.line : place.at,
                           .bytes = place.at, /* its length, when the end is known */
                           .times = 1};
    t->nfields = 0;
    t->ragged = t->bad = t->too_long = false;
    return true;
}

static bool end_row(struct mysql_xml *t)
{
    struct tw_xml_place end = tw_xml_places_take(&t->repair.ends);
    t->in_row = false;
    if (t->other_row)
        return true;
    if (!t->learnt && tw_arena_run(t->arena, publish, t) != TW_OK)
        return fail(t, FAULT_MEMORY);
    struct tw_xml_row *row = &t->rows.open;
    struct tw_record *r = &row->record;
    r->bytes = end.at - r->bytes;
    row->refused = true;
    if (t->too_long || r->bytes > t->record_max)
        r->refusal = TW_REFUSED_TOO_LONG;
    else if (t->ragged || t->nfields != t->columns.len)
        r->refusal = TW_REFUSED_RAGGED;
    else if (t->bad)
        r->refusal = TW_REFUSED_BAD_VALUE;
    else
        row->refused = false;
    if (row->refused)
        t->rows.nchars = row->chars;
    return tw_xml_rows_close(&t->rows) || fail(t, FAULT_MEMORY);
}

/* The cell for the column of the field that begins; NO_CELL: nobody wants it. */
static bool find_cell(struct mysql_xml *t, struct tw_str name)
{
    size_t column = t->nfields++;
    t->cell = NO_CELL;
    if (!t->learnt) {
        t->cell = (ptrdiff_t)column;
        if (!tw_xml_rows_add_cell(&t->rows))
            return fail(t, FAULT_MEMORY);
        return add(t, add_column, name, false);
    }
    column = find_column(t, name, column);
    t->ragged |= column == t->columns.len || t->seen[column] == t->number;
    if (t->ragged)
        return true;
    t->seen[column] = t->number;
    t->cell = t->rows.open.all ? (ptrdiff_t)column : t->cell_of[column];
    return true;
}

static bool start_field(struct mysql_xml *t, const struct tw_xml_event_attr *attrs,
                        size_t nattrs)
{
    struct tw_str said = attr(attrs, nattrs, TW_STR("name")),
                  nil = attr(attrs, nattrs, TW_STR("nil"));
    t->bad |= !said.ptr;
    if (said.ptr && t->repair.mapped && memchr(said.ptr, '\xef', said.len)) {
        struct name name;
        if (!set_name(t, &name, said) || !find_cell(t, text_of(&name)))
            return false;
    } else if (said.len > NAME_SIZE) {
        return fail(t, FAULT_NAME);
    } else if (!find_cell(t, said)) {
        return false;
    }
    t->in_field = true;
    t->field_nil = tw_str_eq(nil, TW_STR("true")) || tw_str_eq(nil, TW_STR("1"));
    t->field_hex = tw_str_ends(attr(attrs, nattrs, TW_STR("type")), "hexBinary");
    if (t->cell != NO_CELL)
        *tw_xml_rows_cell(&t->rows, (size_t)t->cell) = (struct tw_xml_cell){
            .off = t->rows.nchars, .is_null = t->field_nil, .set = true};
    return true;
}

/* Two digits a byte, in place; false where they are not. */
static bool undo_hex(char *text, size_t *len)
{
    for (size_t i = 0; i + 1 < *len; i += 2) {
        int high = tw_hex_digit(text[i]), low = tw_hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        text[i / 2] = (char)(high << 4 | low);
    }
    bool even = *len % 2 == 0;
    *len /= 2;
    return even;
}

static void end_field(struct mysql_xml *t)
{
    t->in_field = false;
    if (t->cell == NO_CELL)
        return;
    struct tw_xml_cell *cell = tw_xml_rows_cell(&t->rows, (size_t)t->cell);
    cell->len = t->rows.nchars - cell->off;
    char *text = t->rows.chars + cell->off;
    if (t->repair.mapped && cell->len)
        cell->len = tw_xml_repair_undo(text, cell->len, &cell->bytes);
    if (t->field_hex) {
        cell->broken = !undo_hex(text, &cell->len);
        cell->bytes = true;
    }
    t->rows.nchars = cell->off + cell->len;
}

/* --- events ----------------------------------------------------------------------- */

static bool start_root(struct mysql_xml *t, struct tw_str name)
{
    bool dump = tw_str_eq(name, TW_STR("mysqldump"));
    if (!set_name(t, &t->root, name))
        return false;
    if (!dump && !tw_str_eq(name, TW_STR("resultset")))
        return fail(t, FAULT_ROOT);
    t->row_depth = dump ? 4 : 2;
    t->in_data = t->counts = !dump;
    return dump || t->asked.len == 0 || fail(t, FAULT_NO_TABLES);
}

static bool start_table(struct mysql_xml *t, struct tw_str name,
                        const struct tw_xml_event_attr *attrs, size_t nattrs)
{
    t->in_structure = tw_str_eq(name, TW_STR("table_structure"));
    t->in_data = tw_str_eq(name, TW_STR("table_data"));
    if (t->in_structure) {
        tw_arena_release(t->structure_arena);
        t->structure.at = NULL;
        t->structure.len = t->structure.cap = 0;
    }
    if (!t->in_data)
        return true;
    if (!set_name(t, &t->table, attr(attrs, nattrs, TW_STR("name"))))
        return false;
    t->counts = is_asked(t);
    t->found |= t->counts;
    t->data_rows = 0;
    list_table(t);
    return true;
}

static bool on_start(void *ctx, struct tw_str name,
                     const struct tw_xml_event_attr *attrs, size_t nattrs)
{
    struct mysql_xml *t = ctx;
    size_t depth = ++t->depth;
    if (depth == 1)
        return start_root(t, name);
    bool row = tw_str_eq(name, TW_STR("row"));
    if (row || (depth == t->row_depth && t->in_data))
        return row && depth == t->row_depth && t->in_data ? start_row(t)
                                                          : fail(t, FAULT_PLACE);
    if (t->in_row) {
        if (t->other_row)
            return true;
        if (depth == t->row_depth + 1 && tw_str_eq(name, TW_STR("field")))
            return start_field(t, attrs, nattrs);
        t->bad = true; /* something else, or an element in a value */
        return true;
    }
    if (t->row_depth == 2)
        return true;
    if (depth == 2 && tw_str_eq(name, TW_STR("database")))
        return set_name(t, &t->database, attr(attrs, nattrs, TW_STR("name")));
    if (depth == 3)
        return start_table(t, name, attrs, nattrs);
    if (depth == 4 && t->in_structure && tw_str_eq(name, TW_STR("field")))
        return add(t, add_structure, attr(attrs, nattrs, TW_STR("Field")),
                   tw_str_starts(attr(attrs, nattrs, TW_STR("Type")), "timestamp"));
    return true;
}

/* A carriage return comes as U+F70D. */
static bool is_blank(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.len - i >= 3 && memcmp(s.ptr + i, "\xef\x9c\x8d", 3) == 0)
            i += 2;
        else if (s.ptr[i] != ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\n')
            return false;
    }
    return true;
}

static bool on_text(void *ctx, struct tw_str piece)
{
    struct mysql_xml *t = ctx;
    if (t->in_row) {
        if (t->other_row)
            return true;
        bool value = t->in_field && t->depth == t->row_depth + 1;
        if (!value || t->field_nil) {
            t->bad |= value || !is_blank(piece);
            return true;
        }
        if (t->cell == NO_CELL)
            return true;
        /* The repair makes three bytes of one at most. */
        t->too_long |=
            t->rows.nchars - t->rows.open.chars + piece.len > 3 * t->record_max;
        return t->too_long || tw_xml_rows_text(&t->rows, piece) ||
               fail(t, FAULT_MEMORY);
    }
    bool between = t->in_data && t->depth == t->row_depth - 1;
    return !between || is_blank(piece) || fail(t, FAULT_PLACE);
}

static enum tw_status take_structure(void *ctx)
{
    struct mysql_xml *t = ctx;
    for (size_t i = 0; i < t->structure.len; i++) {
        struct addition a = {t, t->structure.at[i].name, false};
        if (add_column(&a) != TW_OK)
            return TW_ERR_MEMORY;
    }
    return TW_OK;
}

/* A table without rows: its columns, for the case that it is the only one. */
static bool end_table(struct mysql_xml *t)
{
    bool empty = t->in_data && t->counts && t->data_rows == 0;
    t->in_data = t->in_structure = false;
    if (!empty || t->learnt || t->empty_tables++ > 0)
        return true;
    return tw_arena_run(t->arena, take_structure, t) == TW_OK || fail(t, FAULT_MEMORY);
}

static bool on_end(void *ctx, struct tw_str name)
{
    (void)name;
    struct mysql_xml *t = ctx;
    size_t depth = t->depth--;
    if (t->in_row && depth == t->row_depth)
        return end_row(t);
    if (t->in_field && depth == t->row_depth + 1)
        end_field(t);
    if (depth == 3 && t->row_depth == 4)
        return end_table(t);
    return true;
}

/* --- reading ---------------------------------------------------------------------- */

static void tell(struct mysql_xml *t)
{
    static const char *const words[] = {
        [FAULT_PLACE] = "a row, or text, where none belongs",
        [FAULT_NAME] = "a name that is too long",
        [FAULT_COLUMNS] = "too many columns",
    };
    struct tw_str what = tw_xml_events_error(t->events);
    bool open = t->in_row && !t->other_row;
    if (t->told)
        return;
    t->told = true;
    switch (t->fault) {
    case FAULT_ROOT:
        TW_DIAG(t->diags, TW_D_xml_no_dump, TW_NOWHERE, t->name, text_of(&t->root));
        return;
    case FAULT_NO_TABLES:
        TW_DIAG(t->diags, TW_D_dump_no_tables, TW_NOWHERE, t->name,
                TW_STR("mysql --xml"));
        return;
    case FAULT_TABLES:
        t->nlist = 0;
        struct name database = t->database, table = t->table;
        t->database = t->chosen_database;
        t->table = t->chosen_table;
        list_table(t);
        t->database = database;
        t->table = table;
        list_table(t);
        TW_DIAG(t->diags, TW_D_xml_tables_several, TW_NOWHERE, t->name,
                (struct tw_str){t->list, t->nlist});
        return;
    case FAULT_MEMORY:
        tw_arena_exhausted(t->arena);
    case FINE:
        if (t->at_end && t->depth)
            what = TW_STR("the file ends inside of an element: it is truncated");
        else if (what.len == 0 && t->repair.fault == TW_XML_REPAIR_DOCTYPE)
            what = TW_STR("a document type declaration");
        else if (what.len == 0 && t->repair.fault == TW_XML_REPAIR_LONG_TAG)
            what = TW_STR("a tag or comment that is too long");
        break;
    default:
        what = tw_str_of(words[t->fault]);
    }
    TW_DIAG(t->diags, TW_D_xml_dump_broken, TW_NOWHERE, t->name,
            tw_fmt(t->diags->arena, "%llu", (unsigned long long)(t->number - open)),
            what);
}

/* Gives the parser the next piece. TW_ERR_INPUT: it is told what is wrong. */
static enum tw_status feed(struct mysql_xml *t)
{
    struct tw_text_window *w = &t->w;
    if (w->fill - w->start < CHUNK && !w->ended) {
        enum tw_status status = tw_text_window_more(w);
        if (status != TW_OK)
            return status;
    }
    struct tw_str chunk = tw_str_first(tw_text_window_rest(w), CHUNK);
    bool last = w->ended && w->start + chunk.len == w->fill;
    size_t nout, used = tw_xml_repair_run(&t->repair, chunk, last, t->repaired, &nout);
    tw_text_window_take(w, used);
    last = last && w->start == w->fill;
    t->base.notes[TW_NOTE_REPAIRED_BYTE] = t->repair.repaired;
    bool fine = t->repair.fault == TW_XML_REPAIR_FINE;
    if (t->repair.fault == TW_XML_REPAIR_DOCTYPE) /* the parser shall not see it */
        nout -= nout < 3 ? nout : 3;
    struct tw_str repaired = {t->repaired, nout};
    bool ok = tw_xml_events_feed(t->events, repaired, false) && fine;
    t->at_end |= ok && last; /* if something is wrong now, it is the end */
    ok = ok && (!last || tw_xml_events_feed(t->events, TW_STR(""), true));
    t->ended = ok && last;
    if (!ok && t->fault == FAULT_MEMORY)
        tw_arena_exhausted(t->arena);
    return ok ? TW_OK : TW_ERR_INPUT;
}

static enum tw_next give(struct mysql_xml *t, const struct tw_xml_row *row,
                         struct tw_record *r)
{
    *r = row->record;
    r->offset = tw_utf8_stream_place(t->w.stream, r->offset);
    if (row->refused)
        return TW_NEXT_REFUSED;
    for (size_t i = 0; i < t->nwanted; i++) {
        const struct tw_xml_cell *cell =
            &t->rows.cells[row->cells + (row->all ? t->wanted[i] : i)];
        struct tw_str text = {cell->len ? t->rows.chars + cell->off : "", cell->len};
        t->fields[i] = (struct tw_record_field){text.ptr, text.len, cell->is_null};
        bool coded = !cell->bytes || tw_utf8_valid_prefix(text) == text.len;
        if (!coded || cell->broken) {
            r->refusal = cell->broken ? TW_REFUSED_BAD_VALUE : TW_REFUSED_BAD_ENCODING;
            return TW_NEXT_REFUSED;
        }
    }
    r->fields = t->fields;
    r->nfields = t->nwanted;
    return TW_NEXT_RECORD;
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct mysql_xml *t = (struct mysql_xml *)records;
    enum tw_status status = TW_OK;
    for (;;) {
        const struct tw_xml_row *row = tw_xml_rows_take(&t->rows);
        if (row)
            return give(t, row, r);
        if (t->ended)
            return TW_NEXT_END;
        if (status == TW_OK && !t->told && t->fault == FINE)
            status = feed(t);
        else
            break;
    }
    if (status == TW_ERR_INPUT || t->fault != FINE) {
        tell(t);
        return TW_NEXT_FAILED;
    }
    return tw_text_window_failed(&t->w);
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct mysql_xml *t = (struct mysql_xml *)records;
    t->wanted = columns;
    t->fields = tw_new_array(t->arena, count, struct tw_record_field);
    t->cell_of = tw_new_array(t->arena, t->columns.len, ptrdiff_t);
    t->nwanted = count;
    t->wants = true;
    for (size_t i = 0; i < t->columns.len; i++)
        t->cell_of[i] = NO_CELL;
    for (size_t i = 0; i < count; i++)
        t->cell_of[columns[i]] = (ptrdiff_t)i;
}

/* The file was read to its end and no row was found. */
static bool settle_empty(struct mysql_xml *t)
{
    if (t->asked.len && !t->found) {
        TW_DIAG(t->diags, TW_D_xml_table_missing, TW_NOWHERE, t->name, t->asked,
                (struct tw_str){t->list, t->nlist});
        return false;
    }
    if (t->empty_tables != 1)
        t->columns.len = 0;
    t->base.no_header = t->columns.len == 0;
    return publish(t) == TW_OK;
}

static struct mysql_xml *make(const struct tw_dump_open *how)
{
    struct mysql_xml *t = tw_new(how->arena, struct mysql_xml);
    t->base = (struct tw_records){
        .dump = &tw_dump_mysql_xml, .want = want, .next = next_record};
    t->arena = how->arena;
    t->diags = how->diags;
    t->name = how->name;
    t->asked = how->table;
    t->record_max = how->dialect->record_max;
    t->structure_arena = tw_arena_child(how->arena);
    t->repaired = tw_arena_alloc(how->arena, 3 * CHUNK + 8);
    tw_text_window_init(&t->w, how);
    tw_xml_repair_init(&t->repair, how->arena, TW_STR("row"));
    t->repair.wants_lines = t->w.transcodes;
    tw_xml_rows_init(&t->rows, how->arena);
    const struct tw_xml_event_handler handler = {on_start, on_text, on_end, t};
    t->events = tw_xml_events_new(how->arena, &handler);
    return t;
}

static struct tw_records *open_xml(const struct tw_dump_open *how)
{
    struct mysql_xml *t = make(how);
    enum tw_status status = TW_OK;
    while (!t->learnt && !t->ended && status == TW_OK)
        status = feed(t);
    if (t->learnt)
        return &t->base;
    if (status == TW_ERR_INPUT)
        tell(t);
    if (status != TW_OK || !settle_empty(t))
        return NULL;
    return &t->base;
}

/* All XML is taken, so that other XML is not taken for delimited text. */
static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    static const char *const begins[] = {"<?xml", "<mysqldump", "<resultset",
                                         "<!DOCTYPE"};
    head = tw_str_trim(head);
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (tw_str_starts(head, begins[i]))
            return 100;
    return 0;
}

const struct tw_dump tw_dump_mysql_xml = {
    .name = "mysql_xml",
    .summary = {"mysqldump --xml, mysql --xml", "mysqldump --xml、mysql --xml 的输出"},
    .probe = probe,
    .open = open_xml,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL dumps: what mysqldump, mariadb-dump, mydumper and Dumpling write.
 *
 *     CREATE TABLE `bill` (`id` bigint, `name` varchar(20), …);      the columns
 *     INSERT INTO `bill` VALUES (1,'it\'s'),(2,NULL);                two records
 *
 * A buffer slides over the stream. Between statements the reader looks at the first
 * word: CREATE TABLE, USE, SET and DELIMITER are understood, INSERT and REPLACE are
 * entered, all else is passed over by the rules of quotes and comments. Inside of an
 * INSERT it goes from row to row (sql_row.h) and never holds more than the current one.
 *
 * One table makes the records (sql_choice.h). Where rows of a second one come, and
 * nobody said which is meant, there is no answer. A dump that was cut off is told: by a
 * statement that does not end, or by the missing last line of a dump whose first line
 * promises it.
 */
#include <string.h>

#include "sql_choice.h"
#include "text.h"
#include "text_window.h"

extern const struct tw_dump tw_dump_mysqldump;

enum { HELD_MAX = 16 << 20, HEAD_KEPT = 64 << 10, LINE_KEPT = 4096 };

/* Where the reader stands. */
enum place {
    BETWEEN,   /* statements */
    AT_ROW,    /* before the parenthesis of a row */
    BEHIND_ROW /* before a comma or the end of the statement */
};

enum step {
    STEP_ON,      /* nothing to tell */
    STEP_ROW,     /* the row of a record begins at the buffer's start */
    STEP_REFUSED, /* something that should have been records: `refused` */
    STEP_END,
    STEP_FAILED
};

struct reader {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_dump_open how;
    struct tw_text_window in;
    struct tw_sql_choice choice;
    struct tw_arena *scratch;

    enum place place;
    bool promises_end, has_end, joined; /* the dump's own first and last lines */
    bool cut_told;
    struct tw_str db, delimiter;
    bool utc, plain_backslash; /* as the session's SET statements have it */
    bool listing;              /* there is no answer: only names are looked for */

    struct tw_buf head; /* of the INSERT before, to know an equal one by; or empty */
    bool ours;          /* its rows make records */
    struct tw_sql_row row;
    struct tw_record_field *fields;

    struct tw_record refused;
    bool held; /* `refused` was met by open() and not yet given */
    uint64_t number;
};

/* What is not yet consumed. TW_SQL_BEYOND bytes behind it can be read. */
static struct tw_str rest(const struct reader *t)
{
    _Static_assert((int)TW_TEXT_MARGIN >= (int)TW_SQL_BEYOND, "what may be read");
    return tw_text_window_rest(&t->in);
}

static bool read_on(struct reader *t)
{
    return tw_text_window_more(&t->in) == TW_OK;
}

/* The same, but no more than MAX bytes: what is found must not depend on how many more
 * the buffer happens to hold. */
static struct tw_str rest_up_to(const struct reader *t, size_t max)
{
    return tw_str_first(rest(t), max);
}

static bool at(const struct reader *t, const char *text)
{
    return tw_str_starts(rest(t), text);
}

static bool at_text(const struct reader *t, struct tw_str text)
{
    return tw_str_eq(tw_str_first(rest(t), text.len), text);
}

static void begin(struct reader *t, struct tw_record *r)
{
    *r = (struct tw_record){
        .number = ++t->number, .offset = tw_text_window_place(&t->in), .times = 1};
}

/* Passes WALK to its end, or to the end of the input; adds to *COUNT the bytes. False
 * where the input fails. */
static bool pass_on(struct reader *t, struct tw_sql_walk *walk, uint64_t *count,
                    bool *ended)
{
    for (;;) {
        size_t n = tw_sql_pass(walk, rest(t), t->in.ended, ended);
        t->in.start += n;
        *count += n;
        if (*ended || tw_text_window_at_end(&t->in))
            return true;
        if (!read_on(t))
            return false;
    }
}

static void tell_cut(struct reader *t)
{
    if (!t->cut_told && !t->listing)
        TW_DIAG(t->how.diags, TW_D_sql_cut, TW_NOWHERE, t->how.name);
    t->cut_told = true;
}

/* The file ends where more should follow; a refused record, because nobody knows how
 * many are missing. */
static enum step refuse_cut(struct reader *t)
{
    tell_cut(t);
    t->refused.refusal = TW_REFUSED_CUT;
    return STEP_REFUSED;
}

/* The rest of a statement that is not understood. COUNTS: as one refused record. */
static enum step pass_statement(struct reader *t, bool counts, enum tw_refusal why)
{
    struct tw_sql_walk walk = {.delimiter = t->delimiter,
                               .plain_backslash = t->plain_backslash};
    uint64_t bytes = 0;
    bool ended;
    t->place = BETWEEN;
    if (counts)
        begin(t, &t->refused);
    if (!pass_on(t, &walk, &bytes, &ended))
        return STEP_FAILED;
    bool cut = !ended && walk.any;
    if (cut && !counts)
        begin(t, &t->refused);
    t->refused.bytes = counts ? bytes : 0;
    t->refused.refusal = why;
    return cut ? refuse_cut(t) : counts ? STEP_REFUSED : STEP_ON;
}

/* ---- Statements -------------------------------------------------------------------
 */

static enum step advance(struct reader *t);

/* Rows of two tables would be records: names all tables that have rows. */
static enum step tell_several(struct reader *t)
{
    t->listing = true;
    t->place = BETWEEN;
    t->head.len = 0;
    enum step step;
    do
        step = advance(t);
    while (step != STEP_END && step != STEP_FAILED);
    if (step == STEP_END)
        TW_DIAG(t->how.diags, TW_D_sql_tables_several, TW_NOWHERE, t->how.name,
                tw_sql_choice_names(&t->choice, false));
    return STEP_FAILED;
}

/* How many values the row at the buffer's start has; 0 where that cannot be told. */
static bool count_values(struct reader *t, size_t *count)
{
    struct tw_sql_row row = {.plain_backslash = t->plain_backslash};
    *count = 0;
    for (;;) {
        size_t max = t->how.dialect->record_max;
        enum tw_sql_scan scan = tw_sql_row_scan(&row, rest_up_to(t, max + 1));
        if (scan == TW_SQL_ROW)
            *count = row.count;
        if (scan != TW_SQL_CUT || t->in.ended || rest(t).len > max)
            return true;
        if (!read_on(t))
            return false;
    }
}

static bool tell_columns(const struct reader *t)
{
    TW_DIAG(t->how.diags, TW_D_sql_columns_given, TW_NOWHERE, t->how.name);
    return false;
}

/* --columns names those of a dump that does not say them itself. */
static bool given_twice(const struct reader *t, bool said)
{
    return said && t->how.dialect->ncolumns > 0 && !tell_columns(t);
}

static bool settle(struct reader *t, const struct tw_sql_insert *insert)
{
    struct tw_sql_choice *c = &t->choice;
    size_t values = 0;
    if (given_twice(t, insert->list.list.len || c->declared.list.len))
        return false;
    if (tw_sql_choice_needs_count(c, insert) && !count_values(t, &values))
        return false;
    tw_sql_choice_settle(c, insert, values, t->utc);
    t->base.columns = c->columns;
    t->base.ncolumns = c->ncolumns;
    if (t->utc && !tw_sql_choice_knows_types(c))
        TW_DIAG(t->how.diags, TW_D_sql_types_unknown, TW_NOWHERE, t->how.name);
    return true;
}

/* The head of an INSERT was read; its bytes are still in the buffer. */
static enum step enter(struct reader *t, const struct tw_sql_insert *insert)
{
    struct tw_sql_choice *c = &t->choice;
    bool several;
    bool ours = tw_sql_choice_rows(c, insert->db, insert->name, &several);
    t->ours = ours && !t->listing;
    if (several && !t->listing)
        return tell_several(t);
    t->head.len = 0;
    if (insert->used <= HEAD_KEPT)
        tw_buf_put(&t->head, rest(t).ptr, insert->used);
    t->in.start += insert->used;
    t->place = AT_ROW;
    t->row.nslots = 0;
    if (!t->ours)
        return STEP_ON;
    if (!c->columns && !settle(t, insert))
        return STEP_FAILED;
    tw_sql_choice_insert(c, insert);
    tw_sql_choice_map(c);
    t->row.slot = c->slot;
    t->row.nslots = c->nslots;
    return STEP_ON;
}

/* An INSERT without a list of values: nobody can count what a SELECT would make. */
static enum step pass_insert(struct reader *t, const struct tw_sql_insert *insert)
{
    bool several = false;
    bool ours = insert->name.len == 0 ||
                tw_sql_choice_rows(&t->choice, insert->db, insert->name, &several);
    if (several && !t->listing)
        return tell_several(t);
    t->base.notes[TW_NOTE_OTHER_TABLE] += !ours && !t->listing;
    return pass_statement(t, ours && !t->listing, TW_REFUSED_BAD_VALUE);
}

/* A statement that begins with INSERT or REPLACE. */
static enum step read_insert(struct reader *t)
{
    for (;;) {
        struct tw_arena *arena = t->choice.statement;
        struct tw_sql_insert insert;
        struct tw_sql_lexer lx = {.bytes = rest_up_to(t, HELD_MAX),
                                  .last = t->in.ended,
                                  .plain_backslash = t->plain_backslash};
        tw_arena_rewind(arena, (struct tw_arena_mark){0});
        tw_sql_step(&lx);
        enum tw_sql_head head = tw_sql_insert_read(arena, &lx, &insert);
        if (head == TW_SQL_HEAD_MORE && rest(t).len < HELD_MAX) {
            if (!read_on(t))
                return STEP_FAILED;
            continue;
        }
        if (insert.db.len == 0)
            insert.db = t->db;
        return head == TW_SQL_HEAD_ROWS ? enter(t, &insert) : pass_insert(t, &insert);
    }
}

/* A statement that changes how others are read. */
static enum step understand(struct reader *t, struct tw_str statement)
{
    struct tw_sql_lexer lx = {.bytes = statement, .last = true};
    struct tw_sql_token value;
    struct tw_sql_table made;
    struct tw_str none;
    t->head.len = 0;
    if (tw_sql_setting(statement, "TIME_ZONE", &value))
        t->utc = tw_sql_zone_is_utc(&value);
    if (tw_sql_setting(statement, "SQL_MODE", &value))
        t->plain_backslash =
            value.kind == TW_SQL_STRING &&
            tw_str_find_str(value.raw, TW_STR("NO_BACKSLASH_ESCAPES")) < value.raw.len;
    tw_sql_step(&lx);
    if (tw_sql_is_word(&lx, "USE"))
        (void)tw_sql_table_name(t->how.arena, &lx, &none, &t->db);
    if (!tw_sql_create_read(t->how.arena, statement, t->plain_backslash, &made))
        return STEP_ON;
    if (made.db.len == 0)
        made.db = t->db;
    if (!tw_sql_choice_declare(&t->choice, made) || t->number == 0)
        return STEP_ON;
    /* Declared again behind its own records: files were joined into one. */
    begin(t, &t->refused);
    t->refused.bytes = statement.len;
    t->refused.refusal = TW_REFUSED_HEADER_AGAIN;
    return STEP_REFUSED;
}

/* Holds the whole statement in the buffer, reads it and passes it. */
static enum step hold(struct reader *t)
{
    struct tw_sql_walk walk = {.delimiter = t->delimiter,
                               .plain_backslash = t->plain_backslash};
    size_t n = 0;
    bool ended = false;
    for (;;) {
        struct tw_str held = rest_up_to(t, HELD_MAX);
        n += tw_sql_pass(&walk, tw_str_from(held, n), t->in.ended, &ended);
        if (ended || (t->in.ended && n == rest(t).len) || rest(t).len >= HELD_MAX)
            break;
        if (!read_on(t))
            return STEP_FAILED;
    }
    if (!ended) /* too long to be understood, or cut off */
        return pass_statement(t, false, TW_REFUSED_CUT);
    enum step step = understand(t, tw_str_first(rest(t), n - t->delimiter.len));
    t->in.start += n;
    return step;
}

/* Reads on until the line at the buffer's start ends in it, or is longer than MAX. */
static bool whole_line(struct reader *t, size_t max)
{
    while (rest(t).len < max && tw_str_find(rest(t), '\n') == rest(t).len &&
           !t->in.ended)
        if (!read_on(t))
            return false;
    return true;
}

/* DELIMITER ;; is no statement: it ends with its line. */
static enum step read_delimiter(struct reader *t, size_t word)
{
    if (!whole_line(t, LINE_KEPT))
        return STEP_FAILED;
    struct tw_str line = rest_up_to(t, LINE_KEPT);
    line = tw_str_first(line, tw_str_find(line, '\n'));
    struct tw_str said = tw_str_trim(tw_str_from(line, word));
    if (said.len)
        t->delimiter = tw_str_copy(t->how.arena, said);
    t->head.len = 0;
    t->in.start += line.len;
    return STEP_ON;
}

/* Comments by which a dump says where it comes from, where it begins and ends. */
static bool read_comment(struct reader *t)
{
    if (!whole_line(t, LINE_KEPT))
        return false;
    if (at(t, "-- MySQL dump") || at(t, "-- MariaDB dump")) {
        t->joined |= t->promises_end && !t->has_end;
        t->promises_end = true;
        t->has_end = false;
    }
    t->has_end |= at(t, "-- Dump completed");
    struct tw_str line = rest_up_to(t, LINE_KEPT);
    line = tw_str_first(line, tw_str_find(line, '\n'));
    struct tw_str label = TW_STR(" Database: ");
    size_t found = tw_str_find_str(line, label);
    if (at(t, "-- Host: ") && found < line.len)
        t->db = tw_str_copy(t->how.arena,
                            tw_str_trim(tw_str_from(line, found + label.len)));
    return true;
}

/* Blanks and comments. False where the input fails. */
static bool pass_blanks(struct reader *t)
{
    struct tw_sql_walk walk = {.delimiter = TW_STR("")};
    bool ended = false;
    while (!ended) {
        if (!walk.comment && at(t, "-") && !read_comment(t))
            return false;
        size_t n = tw_sql_pass_blank(&walk, rest(t), t->in.ended, &ended);
        t->in.start += n;
        if (n || ended)
            continue;
        if (t->in.ended) /* nothing is left, or half of a mark */
            return true;
        if (!read_on(t))
            return false;
    }
    return true;
}

/* Does the head of the INSERT before stand here again? With --skip-extended-insert each
 * row has one. */
static bool same_head(struct reader *t)
{
    struct tw_str head = tw_buf_view(&t->head);
    if (head.len == 0 || !at_text(t, head) || rest(t).len == head.len ||
        rest(t).ptr[head.len] != '(')
        return false;
    t->in.start += head.len;
    t->place = AT_ROW;
    return true;
}

/* The first token of what stands here. */
static bool first_word(struct reader *t, struct tw_sql_lexer *lx)
{
    for (;;) {
        *lx = (struct tw_sql_lexer){.bytes = rest(t), .last = t->in.ended};
        if (tw_sql_step(lx) != TW_SQL_MORE || t->in.ended || rest(t).len > LINE_KEPT)
            return true;
        if (!read_on(t))
            return false;
    }
}

static enum step statement(struct reader *t)
{
    struct tw_sql_lexer lx;
    if (!pass_blanks(t))
        return STEP_FAILED;
    if (tw_text_window_at_end(&t->in) || same_head(t))
        return STEP_ON;
    if (!first_word(t, &lx))
        return STEP_FAILED;
    if (tw_sql_is_word(&lx, "INSERT") || tw_sql_is_word(&lx, "REPLACE"))
        return read_insert(t);
    if (tw_sql_is_word(&lx, "DELIMITER"))
        return read_delimiter(t, lx.at);
    if (tw_sql_is_word(&lx, "CREATE") || tw_sql_is_word(&lx, "SET") ||
        tw_sql_is_word(&lx, "USE"))
        return hold(t);
    return pass_statement(t, false, TW_REFUSED_CUT);
}

static enum step end_of_file(struct reader *t)
{
    bool cut = (t->promises_end && !t->has_end) || t->joined;
    if (!cut || t->cut_told)
        return STEP_END;
    begin(t, &t->refused);
    return refuse_cut(t);
}

/* ---- Rows -------------------------------------------------------------------------
 */

/* A row that is too long or cannot be read: passed to the parenthesis that closes it.
 */
static bool pass_row(struct reader *t, struct tw_record *r, enum tw_refusal why)
{
    struct tw_sql_walk walk = {.plain_backslash = t->plain_backslash};
    bool ended;
    t->place = BEHIND_ROW;
    r->refusal = why;
    if (!pass_on(t, &walk, &r->bytes, &ended))
        return false;
    if (!ended) {
        tell_cut(t);
        r->refusal = TW_REFUSED_CUT;
    }
    return true;
}

static bool scan_row(struct reader *t, enum tw_sql_scan *scan)
{
    size_t max = t->how.dialect->record_max;
    t->row.plain_backslash = t->plain_backslash;
    for (;;) {
        *scan = tw_sql_row_scan(&t->row, rest_up_to(t, max + 1));
        if (*scan != TW_SQL_CUT || t->in.ended || rest(t).len > max)
            return true;
        if (!read_on(t))
            return false;
    }
}

/* A row of a table that was not asked for. */
static enum step pass_other(struct reader *t)
{
    enum tw_sql_scan scan;
    struct tw_record row = {0};
    if (!scan_row(t, &scan))
        return STEP_FAILED;
    if (!t->listing)
        t->base.notes[TW_NOTE_OTHER_TABLE]++;
    t->place = BEHIND_ROW;
    if (scan == TW_SQL_ROW) {
        t->in.start += t->row.used;
        return STEP_ON;
    }
    if (!pass_row(t, &row, TW_REFUSED_BAD_VALUE))
        return STEP_FAILED;
    if (row.refusal != TW_REFUSED_CUT)
        return STEP_ON;
    begin(t, &t->refused);
    return refuse_cut(t);
}

/* Behind a row: to the next one, or to the end of the statement. */
static enum step behind_row(struct reader *t)
{
    struct tw_str s = rest(t);
    size_t blank = s.len > 2 && s.ptr[1] == '\n';
    if (s.len > 2 && s.ptr[0] == ',' && s.ptr[1 + blank] == '(') {
        t->in.start += 1 + blank;
        t->place = AT_ROW;
        return STEP_ON;
    }
    if (!pass_blanks(t))
        return STEP_FAILED;
    while (rest(t).len < t->delimiter.len && !t->in.ended)
        if (!read_on(t))
            return STEP_FAILED;
    if (at_text(t, t->delimiter)) {
        t->in.start += t->delimiter.len;
        t->place = BETWEEN;
        return STEP_ON;
    }
    if (at(t, ",")) {
        t->in.start++;
        if (!pass_blanks(t))
            return STEP_FAILED;
        t->place = at(t, "(") ? AT_ROW : BEHIND_ROW;
        if (t->place == AT_ROW)
            return STEP_ON;
    }
    if (tw_text_window_at_end(&t->in))
        return STEP_ON;
    struct tw_sql_lexer lx;
    if (!first_word(t, &lx))
        return STEP_FAILED;
    bool known = tw_sql_is_word(&lx, "ON") || tw_sql_is_word(&lx, "AS");
    return pass_statement(t, t->ours && !known, TW_REFUSED_BAD_VALUE);
}

/* The file ends behind a row, and the statement does not. */
static enum step unended(struct reader *t)
{
    t->place = BETWEEN;
    if (t->cut_told) /* by the row itself */
        return STEP_ON;
    begin(t, &t->refused);
    return refuse_cut(t);
}

/* To the next row of the table, or to what must be told before. */
static enum step advance(struct reader *t)
{
    for (;;) {
        enum step step = STEP_ON;
        bool end = tw_text_window_at_end(&t->in);
        switch (t->place) {
        case AT_ROW:
            step = t->ours ? STEP_ROW : pass_other(t);
            break;
        case BEHIND_ROW:
            step = end ? unended(t) : behind_row(t);
            break;
        case BETWEEN:
            step = end ? end_of_file(t) : statement(t);
            break;
        }
        if (step != STEP_ON)
            return step;
    }
}

static enum tw_next refuse(struct tw_record *r, enum tw_refusal why)
{
    r->refusal = why;
    return TW_NEXT_REFUSED;
}

static bool is_ascii(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((signed char)s.ptr[i] < 0)
            return false;
    return true;
}

/* Text whose character set is named before it, which need not be the file's. */
static bool is_other_charset(const struct reader *t, const struct tw_sql_value *v,
                             struct tw_str bytes)
{
    static const char *const same[] = {"utf8mb4", "utf8mb3", "utf8", "binary"};
    if (v->label.len == 0 || is_ascii(bytes))
        return false;
    if (!tw_str_is(tw_utf8_stream_encoding(t->how.stream), "UTF-8"))
        return true;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (tw_str_eq_nocase(v->label, tw_str_of(same[i])))
            return false;
    return true;
}

static enum tw_next take_fields(struct reader *t, struct tw_record *r)
{
    size_t n = t->choice.nwanted;
    tw_arena_rewind(t->scratch, (struct tw_arena_mark){0});
    for (size_t k = 0; k < n; k++) {
        const struct tw_sql_value *v = &t->row.values[k];
        struct tw_str bytes = TW_STR("");
        bool is_null = v->kind == TW_SQL_NULL;
        if (!is_null && !tw_sql_value_bytes(t->scratch, v, t->plain_backslash, &bytes))
            return refuse(r, TW_REFUSED_BAD_VALUE);
        if (tw_utf8_valid_prefix(bytes) < bytes.len || is_other_charset(t, v, bytes))
            return refuse(r, TW_REFUSED_BAD_ENCODING);
        t->fields[k] = (struct tw_record_field){bytes.ptr, bytes.len, is_null};
    }
    r->fields = t->fields;
    r->nfields = n;
    return TW_NEXT_RECORD;
}

static enum tw_next failed(const struct reader *t)
{
    return tw_text_window_failed(&t->in);
}

/* The record at the buffer's start. */
static enum tw_next take_row(struct reader *t, struct tw_record *r)
{
    enum tw_sql_scan scan;
    if (!scan_row(t, &scan))
        return failed(t);
    begin(t, r);
    if (scan != TW_SQL_ROW || t->row.used > t->how.dialect->record_max) {
        bool is_long = scan != TW_SQL_BAD;
        bool passed =
            pass_row(t, r, is_long ? TW_REFUSED_TOO_LONG : TW_REFUSED_BAD_VALUE);
        return passed ? TW_NEXT_REFUSED : failed(t);
    }
    r->bytes = t->row.used;
    t->in.start += t->row.used;
    t->place = BEHIND_ROW;
    if (t->row.count != t->choice.nlist || t->choice.lacks)
        return refuse(r, TW_REFUSED_RAGGED);
    return take_fields(t, r);
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct reader *t = (struct reader *)records;
    enum step step = t->held ? STEP_REFUSED : advance(t);
    t->held = false;
    if (step == STEP_ROW)
        return take_row(t, r);
    if (step == STEP_END)
        return TW_NEXT_END;
    if (step != STEP_REFUSED)
        return failed(t);
    *r = t->refused;
    return TW_NEXT_REFUSED;
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct reader *t = (struct reader *)records;
    struct tw_arena *arena = t->how.arena;
    t->fields = tw_new_array(arena, count, struct tw_record_field);
    t->row.values = tw_new_array(arena, count, struct tw_sql_value);
    t->choice.wanted = columns;
    t->choice.nwanted = count;
    if (!t->ours)
        return;
    tw_sql_choice_map(&t->choice);
    t->row.slot = t->choice.slot;
    t->row.nslots = t->choice.nslots;
}

/* ---- Opening ----------------------------------------------------------------------
 */

/* No row of the table came: its declaration says the columns. */
static bool settle_empty(struct reader *t)
{
    struct tw_sql_choice *c = &t->choice;
    bool empty = t->in.before + t->in.fill == 0;
    if (given_twice(t, c->declared.list.len > 0))
        return false;
    if (tw_sql_choice_settle_empty(c, t->utc)) {
        t->base.columns = c->columns;
        t->base.ncolumns = c->ncolumns;
        return true;
    }
    t->base.no_header = empty;
    if (empty)
        return true;
    struct tw_str names = tw_sql_choice_names(c, true);
    if (c->asked.len)
        TW_DIAG(t->how.diags, TW_D_sql_table_missing, TW_NOWHERE, t->how.name, c->asked,
                names.len ? names : TW_STR("-"));
    else if (names.len)
        TW_DIAG(t->how.diags, TW_D_sql_tables_several, TW_NOWHERE, t->how.name, names);
    else
        TW_DIAG(t->how.diags, TW_D_sql_no_table, TW_NOWHERE, t->how.name);
    return false;
}

/* Columns that come from outside of the file. */
static bool read_given(struct reader *t)
{
    struct tw_arena *arena = t->how.arena;
    struct tw_sql_columns *given = tw_new(arena, struct tw_sql_columns);
    const struct tw_dialect *d = t->how.dialect;
    for (size_t i = 0; i < d->ncolumns; i++)
        *tw_vec_add(arena, &given->list) =
            (struct tw_sql_column){.name = d->columns[i]};
    if (!given->list.len && t->how.schema.len &&
        !tw_sql_schema_read(arena, t->how.schema, t->how.table, t->how.diags, given,
                            &t->utc))
        return false;
    if (given->list.len)
        t->choice.given = given;
    t->choice.given_types = d->ncolumns == 0;
    return true;
}

static struct tw_records *open_mysqldump(const struct tw_dump_open *how)
{
    struct reader *t = tw_new(how->arena, struct reader);
    *t = (struct reader){
        .base = {.dump = &tw_dump_mysqldump, .want = want, .next = next_record},
        .how = *how,
        .scratch = tw_arena_child(how->arena),
        .delimiter = TW_STR(";"),
    };
    tw_buf_init(&t->head, how->arena);
    tw_text_window_init(&t->in, how);
    tw_sql_choice_init(&t->choice, how->arena, how->table);
    if (!read_given(t) || !tw_utf8_stream_is_sql(how->stream) || !read_on(t))
        return NULL;
    enum step step = advance(t);
    t->held = step == STEP_REFUSED;
    if (step == STEP_FAILED || (!t->base.columns && !settle_empty(t)))
        return NULL;
    return &t->base;
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    static const char *const heads[] = {"-- MySQL dump", "-- MariaDB dump", "/*M!",
                                        "/*!40", "/*!50"};
    static const char *const words[] = {"INSERT", "REPLACE", "CREATE", "SET",
                                        "USE",    "DROP",    "LOCK",   "START",
                                        "BEGIN",  "ALTER"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (tw_str_starts(head, heads[i]))
            return 100;
    bool named = tw_str_find_str(file_name, TW_STR(".sql")) < file_name.len;
    struct tw_sql_lexer lx = {.bytes = head};
    if (tw_sql_step(&lx) == TW_SQL_MORE) /* a long comment, or a word alone */
        return named ? 30 : 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!tw_sql_is_word(&lx, words[i]))
            continue;
        tw_sql_step(&lx); /* `insert,into` is the header of a table of words */
        return !tw_sql_is_name(&lx) ? 0 : named ? 90 : 80;
    }
    return 0;
}

const struct tw_dump tw_dump_mysqldump = {
    .name = "mysqldump",
    .summary = {"SQL as mysqldump, mariadb-dump, mydumper and Dumpling write it",
                "SQL 转储（mysqldump、mariadb-dump、mydumper、Dumpling）"},
    .probe = probe,
    .open = open_mysqldump,
};

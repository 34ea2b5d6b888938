/* SPDX-License-Identifier: Apache-2.0 */
/* What CREATE TABLE and the head of an INSERT say: see sql_table.h. */
#include "sql_table.h"

#include "input.h"

enum { COLUMNS_MAX = 100000, SCHEMA_MAX = 64 << 20 };

/* The token at hand as a name that outlives the bytes. */
static struct tw_str keep(struct tw_arena *arena, const struct tw_sql_lexer *lx)
{
    return tw_str_copy(arena, tw_sql_decode(arena, &lx->now, lx->plain_backslash));
}

static bool has_name(struct tw_sql_lexer *lx)
{
    tw_sql_step(lx);
    return tw_sql_is_name(lx);
}

bool tw_sql_table_name(struct tw_arena *arena, struct tw_sql_lexer *lx,
                       struct tw_str *db, struct tw_str *name)
{
    *db = TW_STR("");
    if (!has_name(lx))
        return false;
    *name = keep(arena, lx);
    struct tw_sql_lexer behind = *lx;
    tw_sql_step(&behind);
    if (!tw_sql_is_mark(&behind, '.'))
        return true;
    bool found = has_name(&behind);
    *lx = behind;
    if (!found)
        return false;
    *db = *name;
    *name = keep(arena, lx);
    return true;
}

/* What may begin an item of CREATE TABLE that is no column, where it is not quoted. */
static bool begins_key(const struct tw_sql_lexer *lx)
{
    static const char *const words[] = {"PRIMARY",  "KEY",     "UNIQUE",     "INDEX",
                                        "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN",
                                        "CHECK",    "PERIOD"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tw_sql_is_word(lx, words[i]))
            return true;
    return false;
}

/* The rest of an item, up to its comma or to the parenthesis that closes the list: the
 * lexer's current token afterwards. False where the text ends before. */
static bool read_item(struct tw_sql_lexer *lx, struct tw_sql_column *column)
{
    unsigned depth = 0;
    bool type = true;
    for (;; type = false) {
        enum tw_sql_kind kind = tw_sql_step(lx);
        if (kind == TW_SQL_MORE || kind == TW_SQL_END)
            return false;
        if (depth == 0 && (tw_sql_is_mark(lx, ',') || tw_sql_is_mark(lx, ')')))
            return true;
        depth += tw_sql_is_mark(lx, '(');
        depth -= tw_sql_is_mark(lx, ')');
        if (type)
            column->timestamp = tw_sql_is_word(lx, "timestamp");
        else if (depth == 0)
            column->generated |=
                tw_sql_is_word(lx, "generated") || tw_sql_is_word(lx, "as");
    }
}

/* Behind the parenthesis that opens the list. */
static bool read_items(struct tw_arena *arena, struct tw_sql_lexer *lx,
                       struct tw_sql_columns *out)
{
    do {
        struct tw_sql_column column = {0};
        if (!has_name(lx) || out->list.len == COLUMNS_MAX)
            return false;
        bool key = begins_key(lx);
        column.name = keep(arena, lx);
        if (!read_item(lx, &column))
            return false;
        if (!key)
            *tw_vec_add(arena, &out->list) = column;
    } while (tw_sql_is_mark(lx, ','));
    return out->list.len > 0;
}

bool tw_sql_create_read(struct tw_arena *arena, struct tw_str statement,
                        bool plain_backslash, struct tw_sql_table *out)
{
    struct tw_sql_lexer lx = {
        .bytes = statement, .last = true, .plain_backslash = plain_backslash};
    *out = (struct tw_sql_table){0};
    tw_sql_step(&lx);
    if (!tw_sql_is_word(&lx, "CREATE"))
        return false;
    tw_sql_step(&lx);
    while (tw_sql_is_word(&lx, "OR") || tw_sql_is_word(&lx, "REPLACE") ||
           tw_sql_is_word(&lx, "TEMPORARY"))
        tw_sql_step(&lx);
    if (!tw_sql_is_word(&lx, "TABLE"))
        return false;
    struct tw_sql_lexer name = lx;
    for (tw_sql_step(&lx); tw_sql_is_word(&lx, "IF") || tw_sql_is_word(&lx, "NOT") ||
                           tw_sql_is_word(&lx, "EXISTS");
         tw_sql_step(&lx))
        name = lx;
    lx = name;
    if (!tw_sql_table_name(arena, &lx, &out->db, &out->name))
        return false;
    tw_sql_step(&lx);
    return tw_sql_is_mark(&lx, '(') && read_items(arena, &lx, &out->columns);
}

/* `(a, b, c)` behind the parenthesis. */
static bool read_names(struct tw_arena *arena, struct tw_sql_lexer *lx,
                       struct tw_sql_columns *out)
{
    do {
        if (!has_name(lx) || out->list.len == COLUMNS_MAX)
            return false;
        *tw_vec_add(arena, &out->list) =
            (struct tw_sql_column){.name = keep(arena, lx)};
        tw_sql_step(lx);
    } while (tw_sql_is_mark(lx, ','));
    return tw_sql_is_mark(lx, ')');
}

static bool is_modifier(const struct tw_sql_lexer *lx)
{
    return tw_sql_is_word(lx, "LOW_PRIORITY") || tw_sql_is_word(lx, "DELAYED") ||
           tw_sql_is_word(lx, "HIGH_PRIORITY") || tw_sql_is_word(lx, "IGNORE") ||
           tw_sql_is_word(lx, "INTO");
}

/* PARTITION (p0, p1) */
static bool skip_partitions(struct tw_sql_lexer *lx)
{
    while (lx->now.kind != TW_SQL_MORE && lx->now.kind != TW_SQL_END) {
        tw_sql_step(lx);
        if (tw_sql_is_mark(lx, ')')) {
            tw_sql_step(lx);
            return true;
        }
    }
    return false;
}

static enum tw_sql_head read_head(struct tw_arena *arena, struct tw_sql_lexer *lx,
                                  struct tw_sql_insert *out)
{
    struct tw_sql_lexer name = *lx;
    for (tw_sql_step(lx); is_modifier(lx); tw_sql_step(lx))
        name = *lx;
    *lx = name;
    if (!tw_sql_table_name(arena, lx, &out->db, &out->name))
        return TW_SQL_HEAD_ELSE;
    tw_sql_step(lx);
    if (tw_sql_is_word(lx, "PARTITION") && !skip_partitions(lx))
        return TW_SQL_HEAD_ELSE;
    if (tw_sql_is_mark(lx, '(')) {
        if (!read_names(arena, lx, &out->list))
            return TW_SQL_HEAD_ELSE;
        tw_sql_step(lx);
    }
    if (!tw_sql_is_word(lx, "VALUES") && !tw_sql_is_word(lx, "VALUE"))
        return TW_SQL_HEAD_ELSE;
    tw_sql_step(lx);
    if (!tw_sql_is_mark(lx, '('))
        return TW_SQL_HEAD_ELSE;
    out->used = lx->at - 1;
    return TW_SQL_HEAD_ROWS;
}

enum tw_sql_head tw_sql_insert_read(struct tw_arena *arena, struct tw_sql_lexer *lx,
                                    struct tw_sql_insert *out)
{
    *out = (struct tw_sql_insert){0};
    enum tw_sql_head head = read_head(arena, lx, out);
    /* A name that stands before the end of the bytes may go on behind it. */
    bool cut = lx->now.kind == TW_SQL_MORE || lx->now.kind == TW_SQL_END ||
               lx->at == lx->bytes.len;
    return head == TW_SQL_HEAD_ELSE && cut && !lx->last ? TW_SQL_HEAD_MORE : head;
}

bool tw_sql_table_is(struct tw_str wanted, struct tw_str db, struct tw_str name)
{
    if (tw_str_eq(wanted, name))
        return true;
    return db.len && wanted.len == db.len + 1 + name.len &&
           tw_str_eq(tw_str_first(wanted, db.len), db) && wanted.ptr[db.len] == '.' &&
           tw_str_eq(tw_str_from(wanted, db.len + 1), name);
}

struct tw_str tw_sql_table_text(struct tw_arena *arena, struct tw_str db,
                                struct tw_str name)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, db);
    tw_buf_text(&buf, db.len ? "." : "");
    tw_buf_str(&buf, name);
    return tw_buf_view(&buf);
}

bool tw_sql_setting(struct tw_str statement, const char *name,
                    struct tw_sql_token *value)
{
    struct tw_sql_lexer lx = {.bytes = statement, .last = true};
    bool found = false;
    tw_sql_step(&lx);
    if (!tw_sql_is_word(&lx, "SET"))
        return false;
    while (lx.now.kind != TW_SQL_END && lx.now.kind != TW_SQL_MORE) {
        bool here = tw_sql_is_word(&lx, name);
        tw_sql_step(&lx);
        if (!here || !tw_sql_is_mark(&lx, '='))
            continue;
        tw_sql_step(&lx);
        *value = lx.now;
        found = true;
    }
    return found;
}

bool tw_sql_zone_is_utc(const struct tw_sql_token *value)
{
    return value->kind == TW_SQL_STRING &&
           (tw_str_is(value->raw, "+00:00") || tw_str_is(value->raw, "-00:00") ||
            tw_str_is(value->raw, "+0:00") ||
            tw_str_eq_nocase(value->raw, TW_STR("UTC")));
}

bool tw_sql_schema_read(struct tw_arena *arena, struct tw_str path, struct tw_str table,
                        struct tw_diags *diags, struct tw_sql_columns *out, bool *utc)
{
    const struct tw_source *src =
        tw_source_load(arena, path, path, SCHEMA_MAX, TW_STR(""), diags);
    if (!src)
        return false;
    size_t found = 0;
    struct tw_buf names;
    tw_buf_init(&names, arena);
    *utc = false;
    for (struct tw_str rest = src->text; rest.len;) {
        struct tw_sql_walk walk = {.delimiter = TW_STR(";")};
        bool ended;
        size_t n = tw_sql_pass(&walk, rest, true, &ended);
        struct tw_str statement = tw_str_first(rest, n);
        struct tw_sql_table made;
        struct tw_sql_token zone;
        if (tw_sql_setting(statement, "TIME_ZONE", &zone) && found == 0)
            *utc = tw_sql_zone_is_utc(&zone);
        if (tw_sql_create_read(arena, statement, false, &made)) {
            tw_buf_text(&names, names.len ? ", " : "");
            tw_buf_str(&names, made.name);
            if (table.len == 0 || tw_str_eq(table, made.name)) {
                *out = made.columns;
                found++;
            }
        }
        rest = tw_str_from(rest, n);
    }
    if (found != 1)
        TW_DIAG(diags, TW_D_sql_table_missing, TW_NOWHERE, path,
                table.len ? table : TW_STR("-"), tw_buf_view(&names));
    return found == 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tables as SQL declares them: names, columns, and the head of an INSERT. */
#ifndef TW_SQL_TABLE_H
#define TW_SQL_TABLE_H

#include "diag.h"
#include "sql_lexer.h"

struct tw_sql_column {
    struct tw_str name;
    bool timestamp; /* TIMESTAMP, which a dump may write in UTC */
    bool generated; /* computed from others: some dumps leave it out */
};

struct tw_sql_columns {
    TW_VEC(struct tw_sql_column) list;
};

struct tw_sql_table {
    struct tw_str db, name; /* DB is empty where nothing says it */
    struct tw_sql_columns columns;
};

struct tw_sql_tables {
    TW_VEC(struct tw_sql_table) list;
};

/* [db.]name at LEXER's next token. False where no name stands there. */
bool tw_sql_table_name(struct tw_arena *arena, struct tw_sql_lexer *lexer,
                       struct tw_str *db, struct tw_str *name);
/* Reads STATEMENT where it is a CREATE TABLE with columns; false where it is not. */
bool tw_sql_create_read(struct tw_arena *arena, struct tw_str statement,
                        bool plain_backslash, struct tw_sql_table *out);

/* INSERT or REPLACE, up to the first row. */
struct tw_sql_insert {
    struct tw_str db, name;
    struct tw_sql_columns list; /* empty: in the order of the table */
    size_t used;                /* bytes before the first "(" of a row */
};
enum tw_sql_head {
    TW_SQL_HEAD_ROWS,
    TW_SQL_HEAD_MORE, /* it does not end in these bytes */
    TW_SQL_HEAD_ELSE  /* no list of values follows (SELECT, SET) */
};
/* Reads what stands behind LEXER's current token, the word INSERT or REPLACE. */
enum tw_sql_head tw_sql_insert_read(struct tw_arena *arena, struct tw_sql_lexer *lexer,
                                    struct tw_sql_insert *out);

/* Does WANTED ("table" or "db.table") name this one? */
bool tw_sql_table_is(struct tw_str wanted, struct tw_str db, struct tw_str name);
/* "db.table", or "table" where the first is not known. */
struct tw_str tw_sql_table_text(struct tw_arena *arena, struct tw_str db,
                                struct tw_str name);
/* The value that STATEMENT, where it is a SET, gives to the session variable NAME (the
 * last one). False where it gives it none. */
bool tw_sql_setting(struct tw_str statement, const char *name,
                    struct tw_sql_token *value);
/* Is this time_zone UTC? */
bool tw_sql_zone_is_utc(const struct tw_sql_token *value);

/*
 * The columns of TABLE (without its database; empty: of the only one) as the SQL file
 * PATH declares them. *UTC: the file sets the session's time zone to UTC. False after a
 * diagnostic: it cannot be read, or declares no such table.
 */
bool tw_sql_schema_read(struct tw_arena *arena, struct tw_str path, struct tw_str table,
                        struct tw_diags *diags, struct tw_sql_columns *out, bool *utc);

#endif

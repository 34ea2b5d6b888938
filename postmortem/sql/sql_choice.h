/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which table of an SQL dump makes the records, and which value of a row is which of
 * its columns.
 *
 * The columns are settled by the first INSERT of the table: its own list; else the
 * CREATE TABLE before it, generated columns included where the rows have as many values
 * (MariaDB dumps them, MySQL does not); else what was given from outside; else as many
 * nameless ones as the first row has values. Later INSERTs are mapped to them by name.
 */
#ifndef TW_SQL_CHOICE_H
#define TW_SQL_CHOICE_H

#include "record.h"
#include "sql_row.h"
#include "sql_table.h"

struct tw_sql_choice {
    struct tw_arena *arena;
    struct tw_str asked;            /* by --table; empty: nothing */
    struct tw_sql_tables declared;  /* by CREATE TABLE, the last one counts */
    struct tw_sql_tables with_rows; /* names only */
    bool chosen;
    struct tw_str db, name; /* the chosen table */

    const struct tw_sql_columns *given; /* from outside; or NULL */
    bool given_types;                   /* and their types as well */
    bool with_generated;
    const struct tw_column *columns; /* of the records, once they are settled */
    size_t ncolumns;

    struct tw_arena *statement; /* rewound by each INSERT */
    struct tw_str *list;        /* the columns that the INSERT at hand writes */
    size_t nlist;
    const size_t *wanted;
    size_t nwanted;
    uint32_t *slot; /* of each value of a row among the wanted ones */
    size_t slot_room, nslots;
    bool lacks; /* a wanted column is not among them */
};

void tw_sql_choice_init(struct tw_sql_choice *choice, struct tw_arena *arena,
                        struct tw_str asked);
/* TABLE was declared. True: it is the chosen one, once more. */
bool tw_sql_choice_declare(struct tw_sql_choice *choice, struct tw_sql_table table);
/* Rows of DB.NAME come. Do they make records? *SEVERAL: they would, but so did those of
 * another table. */
bool tw_sql_choice_rows(struct tw_sql_choice *choice, struct tw_str db,
                        struct tw_str name, bool *several);
/* Must the values of INSERT's first row be counted to settle the columns? */
bool tw_sql_choice_needs_count(const struct tw_sql_choice *choice,
                               const struct tw_sql_insert *insert);
/* Settles the columns by INSERT, the first of the chosen table; VALUES: of its first
 * row, where that was needed. UTC: timestamps are. */
void tw_sql_choice_settle(struct tw_sql_choice *choice,
                          const struct tw_sql_insert *insert, size_t values, bool utc);
/* The same where no rows came. False where no single table is declared. */
bool tw_sql_choice_settle_empty(struct tw_sql_choice *choice, bool utc);
/* Does anything say the types of the chosen table's columns? */
bool tw_sql_choice_knows_types(const struct tw_sql_choice *choice);
/* The rows of INSERT, of the chosen table, come. */
void tw_sql_choice_insert(struct tw_sql_choice *choice,
                          const struct tw_sql_insert *insert);
/* Maps the INSERT at hand to what is wanted. */
void tw_sql_choice_map(struct tw_sql_choice *choice);
/* The names of the tables with rows (ALL: of those declared as well). */
struct tw_str tw_sql_choice_names(struct tw_sql_choice *choice, bool all);

#endif

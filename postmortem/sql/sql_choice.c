/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and columns of an SQL dump: see sql_choice.h. */
#include "sql_choice.h"

enum { TABLES_MAX = 100000, NAMES_MAX = 400 };

void tw_sql_choice_init(struct tw_sql_choice *c, struct tw_arena *arena,
                        struct tw_str asked)
{
    *c = (struct tw_sql_choice){.arena = arena,
                                .asked = asked,
                                .statement = tw_arena_child(arena),
                                .with_generated = true};
}

static bool same(const struct tw_sql_table *t, struct tw_str db, struct tw_str name)
{
    return tw_str_eq(t->name, name) && tw_str_eq(t->db, db);
}

static const struct tw_sql_table *find(const struct tw_sql_tables *tables,
                                       struct tw_str db, struct tw_str name)
{
    for (size_t i = tables->list.len; i-- > 0;)
        if (same(&tables->list.at[i], db, name))
            return &tables->list.at[i];
    return NULL;
}

static bool is_asked_for(const struct tw_sql_choice *c, struct tw_str db,
                         struct tw_str name)
{
    return c->asked.len == 0 || tw_sql_table_is(c->asked, db, name);
}

bool tw_sql_choice_declare(struct tw_sql_choice *c, struct tw_sql_table table)
{
    if (c->declared.list.len < TABLES_MAX)
        *tw_vec_add(c->arena, &c->declared.list) = table;
    return c->chosen && tw_str_eq(c->name, table.name) && tw_str_eq(c->db, table.db);
}

bool tw_sql_choice_rows(struct tw_sql_choice *c, struct tw_str db, struct tw_str name,
                        bool *several)
{
    *several = false;
    const struct tw_sql_table *known = find(&c->with_rows, db, name);
    if (!known && c->with_rows.list.len < TABLES_MAX) {
        *tw_vec_add(c->arena, &c->with_rows.list) = (struct tw_sql_table){
            .db = tw_str_copy(c->arena, db), .name = tw_str_copy(c->arena, name)};
        known = &c->with_rows.list.at[c->with_rows.list.len - 1];
    }
    if (!is_asked_for(c, db, name))
        return false;
    if (!c->chosen && known) {
        c->chosen = true;
        c->db = known->db;
        c->name = known->name;
    }
    *several = !tw_str_eq(c->name, name) || !tw_str_eq(c->db, db);
    return !*several;
}

/* What says the columns of INSERT where it has no list itself; NULL: nothing. */
static const struct tw_sql_columns *types_of(const struct tw_sql_choice *c,
                                             struct tw_str db, struct tw_str name)
{
    const struct tw_sql_table *table = find(&c->declared, db, name);
    return table ? &table->columns : c->given;
}

static size_t generated_of(const struct tw_sql_columns *columns)
{
    size_t n = 0;
    for (size_t i = 0; i < columns->list.len; i++)
        n += columns->list.at[i].generated;
    return n;
}

bool tw_sql_choice_needs_count(const struct tw_sql_choice *c,
                               const struct tw_sql_insert *insert)
{
    const struct tw_sql_columns *types = types_of(c, insert->db, insert->name);
    return insert->list.list.len == 0 && (!types || generated_of(types) > 0);
}

void tw_sql_choice_insert(struct tw_sql_choice *c, const struct tw_sql_insert *insert)
{
    const struct tw_sql_columns *from = &insert->list;
    bool all = from->list.len > 0 || c->with_generated;
    if (from->list.len == 0)
        from = types_of(c, insert->db, insert->name);
    if (!from) { /* as many as the first row had values */
        c->nlist = c->ncolumns;
        c->list = tw_new_array(c->statement, c->nlist, struct tw_str);
        for (size_t i = 0; i < c->nlist; i++)
            c->list[i] = tw_fmt(c->statement, "#%zu", i + 1);
        return;
    }
    c->list = tw_new_array(c->statement, from->list.len, struct tw_str);
    c->nlist = 0;
    for (size_t i = 0; i < from->list.len; i++)
        if (all || !from->list.at[i].generated)
            c->list[c->nlist++] = from->list.at[i].name;
}

static void set_columns(struct tw_sql_choice *c, const struct tw_sql_columns *types,
                        bool utc)
{
    struct tw_column *columns = tw_new_array(c->arena, c->nlist, struct tw_column);
    for (size_t i = 0; i < c->nlist; i++) {
        columns[i].name = tw_str_copy(c->arena, c->list[i]);
        for (size_t k = 0; utc && types && k < types->list.len; k++)
            columns[i].utc |= types->list.at[k].timestamp &&
                              tw_str_eq(types->list.at[k].name, c->list[i]);
    }
    c->columns = columns;
    c->ncolumns = c->nlist;
}

void tw_sql_choice_settle(struct tw_sql_choice *c, const struct tw_sql_insert *insert,
                          size_t values, bool utc)
{
    const struct tw_sql_columns *types = types_of(c, insert->db, insert->name);
    if (types && tw_sql_choice_needs_count(c, insert))
        c->with_generated = values != types->list.len - generated_of(types);
    c->ncolumns = values;
    tw_sql_choice_insert(c, insert);
    set_columns(c, types, utc);
}

bool tw_sql_choice_knows_types(const struct tw_sql_choice *c)
{
    return find(&c->declared, c->db, c->name) || (c->given && c->given_types);
}

bool tw_sql_choice_settle_empty(struct tw_sql_choice *c, bool utc)
{
    const struct tw_sql_table *found = NULL;
    for (size_t i = 0; i < c->declared.list.len; i++) {
        const struct tw_sql_table *t = &c->declared.list.at[i];
        bool asked =
            c->chosen ? same(t, c->db, c->name) : is_asked_for(c, t->db, t->name);
        if (!asked)
            continue;
        if (found && !same(found, t->db, t->name))
            return false;
        found = t;
    }
    const struct tw_sql_columns *types = found ? &found->columns : c->given;
    if (!types)
        return false;
    const struct tw_sql_insert all = {.list = *types};
    tw_sql_choice_insert(c, &all);
    set_columns(c, types, utc);
    return true;
}

void tw_sql_choice_map(struct tw_sql_choice *c)
{
    if (c->nlist > c->slot_room) {
        c->slot = tw_new_array(c->arena, c->nlist, uint32_t);
        c->slot_room = c->nlist;
    }
    for (size_t i = 0; i < c->nlist; i++)
        c->slot[i] = TW_SQL_UNWANTED;
    c->nslots = 0;
    c->lacks = false;
    for (size_t k = 0; k < c->nwanted; k++) {
        struct tw_str name = c->columns[c->wanted[k]].name;
        size_t i = c->wanted[k];
        /* Mostly they stand in the order of the table. */
        if (i >= c->nlist || !tw_str_eq(c->list[i], name))
            for (i = 0; i < c->nlist && !tw_str_eq(c->list[i], name); i++)
                ;
        c->lacks |= i >= c->nlist;
        if (i >= c->nlist)
            continue;
        c->slot[i] = (uint32_t)k;
        if (i + 1 > c->nslots)
            c->nslots = i + 1;
    }
}

struct tw_str tw_sql_choice_names(struct tw_sql_choice *c, bool all)
{
    struct tw_sql_tables names = c->with_rows;
    struct tw_buf out;
    names.list.cap = names.list.len; /* what is added moves elsewhere */
    for (size_t i = 0; all && i < c->declared.list.len; i++) {
        const struct tw_sql_table *t = &c->declared.list.at[i];
        if (!find(&names, t->db, t->name))
            *tw_vec_add(c->arena, &names.list) = *t;
    }
    tw_buf_init(&out, c->arena);
    for (size_t i = 0; i < names.list.len; i++) {
        tw_buf_text(&out, i ? ", " : "");
        if (out.len > NAMES_MAX) {
            tw_buf_text(&out, "\xe2\x80\xa6");
            break;
        }
        tw_buf_str(&out, tw_sql_table_text(c->arena, names.list.at[i].db,
                                           names.list.at[i].name));
    }
    return tw_buf_view(&out);
}

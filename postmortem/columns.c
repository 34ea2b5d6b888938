/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that rules refer to, found in each file by that file's own header. */
#include <string.h>

#include "record_rule.h"

static bool same_ref(const struct tw_column_ref *a, const struct tw_column_ref *b)
{
    return a->kind == b->kind && a->number == b->number && tw_str_eq(a->name, b->name);
}

size_t tw_column_refs_add(struct tw_arena *arena, struct tw_column_refs *refs,
                          struct tw_column_ref ref)
{
    for (size_t i = 0; i < refs->list.len; i++)
        if (same_ref(&refs->list.at[i], &ref))
            return i;
    *tw_vec_add(arena, &refs->list) = ref;
    return refs->list.len - 1;
}

/* All columns: those that are read, then the constant ones. */
static size_t count_columns(const struct tw_records *records)
{
    return records->ncolumns + records->nconstants;
}

static const struct tw_column *column_at(const struct tw_records *records, size_t i)
{
    return i < records->ncolumns ? &records->columns[i]
                                 : &records->constant_columns[i - records->ncolumns];
}

static void tell_missing(struct tw_arena *arena, const struct tw_column_ref *ref,
                         const struct tw_records *records, struct tw_str file,
                         struct tw_diags *diags)
{
    size_t n = count_columns(records);
    const char **names = tw_new_array(arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++)
        names[i] = tw_str_cstr(arena, column_at(records, i)->name);
    const char *near = tw_nearest(ref->name, names);
    struct tw_buf all;
    tw_buf_init(&all, arena);
    for (size_t i = 0; i < n && all.len < 400; i++) {
        tw_buf_text(&all, i ? ", " : "");
        tw_buf_str(&all, column_at(records, i)->name);
    }
    if (near)
        TW_DIAG(diags, TW_D_dump_column_missing_near, ref->at, file, ref->name,
                tw_str_of(near), tw_buf_view(&all));
    else
        TW_DIAG(diags, TW_D_dump_column_missing, ref->at, file, ref->name,
                tw_buf_view(&all));
}

static bool is_called(const struct tw_column *column, struct tw_str name)
{
    return tw_str_eq(column->name, name) ||
           (column->alias.len && tw_str_eq(column->alias, name));
}

/* Stands for constant column I - CONSTANT until the number of the others is known. */
#define CONSTANT (SIZE_MAX / 2)

/* Of a file whose records name their own columns. */
static bool find_constant(const struct tw_records *records,
                          const struct tw_column_ref *ref, size_t *out)
{
    for (size_t i = 0; ref->kind == TW_COLUMN_NAME && i < records->nconstants; i++)
        if (is_called(&records->constant_columns[i], ref->name)) {
            *out = CONSTANT + i;
            return true;
        }
    return false;
}

static bool find_column(struct tw_arena *arena, const struct tw_column_ref *ref,
                        struct tw_records *records, struct tw_str file,
                        struct tw_diags *diags, size_t *out)
{
    size_t n = count_columns(records), found = 0;
    if (records->column && find_constant(records, ref, out))
        return true;
    if (records->column && ref->kind == TW_COLUMN_NAME) {
        *out = records->column(records, ref->name);
        return true;
    }
    if (records->column) {
        TW_DIAG(diags, TW_D_dump_columns_unordered, ref->at, file);
        return false;
    }
    if (ref->kind == TW_COLUMN_NUMBER) {
        *out = (size_t)ref->number - 1;
        if (*out < n)
            return true;
        TW_DIAG(diags, TW_D_dump_column_number, ref->at, file, tw_fmt(arena, "%zu", n));
        return false;
    }
    for (size_t i = 0; i < n; i++)
        if (is_called(column_at(records, i), ref->name) && found++ == 0)
            *out = i;
    if (found == 0)
        tell_missing(arena, ref, records, file, diags);
    if (found > 1)
        TW_DIAG(diags, TW_D_dump_column_twice, ref->at, file, ref->name);
    return found == 1;
}

/* The place of COLUMN among the NWANTED wanted ones, added where it is new. */
static size_t want_column(size_t *wanted, size_t *nwanted, size_t column)
{
    size_t k = 0;
    while (k < *nwanted && wanted[k] != column)
        k++;
    if (k == *nwanted)
        wanted[(*nwanted)++] = column;
    return k;
}

/* Slots for the columns from FIRST up to END that the references name. */
static void bind_range(const struct tw_column_refs *refs, const size_t *column,
                       size_t first, size_t end, bool any, size_t *wanted,
                       size_t *nwanted, size_t *slot)
{
    bool all = false;
    for (size_t i = 0; any && i < refs->list.len; i++)
        all |= refs->list.at[i].kind == TW_COLUMN_ANY;
    for (size_t c = first; all && c < end; c++)
        (void)want_column(wanted, nwanted, c);
    for (size_t i = 0; i < refs->list.len; i++) {
        if (refs->list.at[i].kind == TW_COLUMN_ANY)
            slot[i] = TW_SLOT_ANY;
        else if (column[i] >= first && column[i] < end)
            slot[i] = want_column(wanted, nwanted, column[i]);
    }
}

/* The constants of the slots behind NREAD. */
static void bind_constants(struct tw_arena *arena, const struct tw_records *records,
                           const size_t *wanted, size_t nread, struct tw_binding *out)
{
    size_t n = out->nslots - nread;
    struct tw_record_field *constants = tw_new_array(arena, n, struct tw_record_field);
    for (size_t k = 0; k < n; k++)
        constants[k] = records->constants[wanted[nread + k] - records->ncolumns];
    out->constants = constants;
    out->nconstants = n;
}

bool tw_binding_make(struct tw_arena *arena, const struct tw_column_refs *refs,
                     struct tw_records *records, struct tw_str file,
                     struct tw_diags *diags, struct tw_binding *out)
{
    size_t n = refs->list.len, nwanted = 0;
    bool ok = true, any = false;
    *out = (struct tw_binding){.slot = tw_new_array(arena, n, size_t)};
    size_t *column = tw_new_array(arena, n, size_t);
    for (size_t i = 0; i < n; i++) {
        const struct tw_column_ref *ref = &refs->list.at[i];
        any |= ref->kind == TW_COLUMN_ANY;
        if (ref->kind != TW_COLUMN_ANY)
            ok &= find_column(arena, ref, records, file, diags, &column[i]);
    }
    if (!ok)
        return false;
    records->others = any && records->column;
    size_t ncolumns = records->ncolumns, all = count_columns(records);
    for (size_t i = 0; i < n; i++) /* the hook may have added columns before them */
        if (column[i] >= CONSTANT)
            column[i] = column[i] - CONSTANT + ncolumns;
    size_t *wanted = tw_new_array(arena, all + n, size_t);
    bind_range(refs, column, 0, ncolumns, !records->others, wanted, &nwanted,
               out->slot);
    size_t nread = nwanted;
    bind_range(refs, column, ncolumns, all, true, wanted, &nwanted, out->slot);
    out->others = records->others;
    struct tw_column *columns = tw_new_array(arena, nwanted, struct tw_column);
    for (size_t k = 0; k < nwanted; k++)
        columns[k] = *column_at(records, wanted[k]);
    out->columns = columns;
    out->wanted = wanted;
    out->nslots = nwanted;
    bind_constants(arena, records, wanted, nread, out);
    records->want(records, wanted, nread);
    return true;
}

const struct tw_record *tw_binding_complete(const struct tw_binding *b,
                                            const struct tw_record *record,
                                            struct tw_record_field *fields,
                                            struct tw_record *complete)
{
    if (b->nconstants == 0 || (record->nfields == b->nslots && !b->others))
        return record;
    size_t nread = b->nslots - b->nconstants, nothers = record->nfields - nread;
    if (nread)
        memcpy(fields, record->fields, nread * sizeof *fields);
    memcpy(fields + nread, b->constants, b->nconstants * sizeof *fields);
    if (nothers)
        memcpy(fields + b->nslots, record->fields + nread, nothers * sizeof *fields);
    *complete = *record;
    complete->fields = fields;
    complete->nfields = b->nslots + nothers;
    complete->no_needle = false; /* nobody looked at the constants */
    return complete;
}

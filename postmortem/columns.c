/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that rules refer to, found in each file by that file's own header. */
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

static struct tw_str count_text(struct tw_arena *arena, size_t n)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_u64(&buf, n);
    return tw_buf_view(&buf);
}

static void tell_missing(struct tw_arena *arena, const struct tw_column_ref *ref,
                         const struct tw_records *records, struct tw_str file,
                         struct tw_diags *diags)
{
    const char **names = tw_new_array(arena, records->ncolumns + 1, const char *);
    for (size_t i = 0; i < records->ncolumns; i++)
        names[i] = tw_str_cstr(arena, records->columns[i].name);
    const char *near = tw_nearest(ref->name, names);
    struct tw_buf all;
    tw_buf_init(&all, arena);
    for (size_t i = 0; i < records->ncolumns && all.len < 400; i++) {
        tw_buf_text(&all, i ? ", " : "");
        tw_buf_str(&all, records->columns[i].name);
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

static bool find_column(struct tw_arena *arena, const struct tw_column_ref *ref,
                        const struct tw_records *records, struct tw_str file,
                        struct tw_diags *diags, size_t *out)
{
    if (ref->kind == TW_COLUMN_NUMBER) {
        *out = (size_t)ref->number - 1;
        if (*out < records->ncolumns)
            return true;
        TW_DIAG(diags, TW_D_dump_column_number, ref->at, file,
                count_text(arena, records->ncolumns));
        return false;
    }
    size_t found = 0;
    for (size_t i = 0; i < records->ncolumns; i++)
        if (is_called(&records->columns[i], ref->name) && found++ == 0)
            *out = i;
    if (found == 0)
        tell_missing(arena, ref, records, file, diags);
    if (found > 1)
        TW_DIAG(diags, TW_D_dump_column_twice, ref->at, file, ref->name);
    return found == 1;
}

bool tw_binding_make(struct tw_arena *arena, const struct tw_column_refs *refs,
                     struct tw_records *records, struct tw_str file,
                     struct tw_diags *diags, struct tw_binding *out)
{
    size_t n = refs->list.len, nwanted = 0;
    bool ok = true, all = false;
    *out = (struct tw_binding){.slot = tw_new_array(arena, n, size_t)};
    size_t *column = tw_new_array(arena, n, size_t);
    for (size_t i = 0; i < n; i++) {
        const struct tw_column_ref *ref = &refs->list.at[i];
        if (ref->kind == TW_COLUMN_ANY)
            all = true;
        else
            ok &= find_column(arena, ref, records, file, diags, &column[i]);
    }
    if (!ok)
        return false;
    size_t *wanted = tw_new_array(arena, all ? records->ncolumns : n, size_t);
    for (size_t i = 0; all && i < records->ncolumns; i++)
        wanted[nwanted++] = i;
    for (size_t i = 0; i < n; i++) {
        if (refs->list.at[i].kind == TW_COLUMN_ANY) {
            out->slot[i] = TW_SLOT_ANY;
            continue;
        }
        size_t k = 0;
        while (k < nwanted && wanted[k] != column[i])
            k++;
        if (k == nwanted)
            wanted[nwanted++] = column[i];
        out->slot[i] = k;
    }
    struct tw_column *columns = tw_new_array(arena, nwanted, struct tw_column);
    for (size_t k = 0; k < nwanted; k++)
        columns[k] = records->columns[wanted[k]];
    out->columns = columns;
    out->wanted = wanted;
    out->nslots = nwanted;
    records->want(records, wanted, nwanted);
    return true;
}

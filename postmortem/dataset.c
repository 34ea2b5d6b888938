/* SPDX-License-Identifier: Apache-2.0 */
/* Folders are walked in name order, so that the answer does not depend on the disk. */
#include "dataset.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "num.h"
#include "text.h"

enum { DEPTH_MAX = 16, FILES_MAX = 1000000, PATH_MAX_LEN = 900 };

struct walk {
    struct tw_arena *arena;
    struct tw_dataset_files *files;
    struct tw_str table;
    struct tw_diags *diags;
};

static bool cannot_open(const struct walk *w, struct tw_str path, int error)
{
    TW_DIAG(w->diags, TW_D_cannot_open, TW_NOWHERE, path, tw_str_of(strerror(error)));
    return false;
}

static int cmp_names(const void *a, const void *b)
{
    return tw_str_cmp(*(const struct tw_str *)a, *(const struct tw_str *)b);
}

struct tw_str tw_percent_decode(struct tw_arena *arena, struct tw_str text)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i < text.len; i++) {
        bool whole = text.ptr[i] == '%' && i + 2 < text.len;
        int high = whole ? tw_hex_digit(text.ptr[i + 1]) : -1;
        int low = whole ? tw_hex_digit(text.ptr[i + 2]) : -1;
        bool coded = high >= 0 && low >= 0;
        tw_buf_char(&out, coded ? (char)(high << 4 | low) : text.ptr[i]);
        i += coded ? 2 : 0;
    }
    return tw_buf_view(&out);
}

/* COLUMN=VALUE */
static bool is_partition(struct tw_str name)
{
    size_t n = tw_str_find(name, '=');
    return n > 0 && n < name.len;
}

/* *LIST with the partition that the folder NAME is; a copy, since others share it. */
static bool add_partition(const struct walk *w, struct tw_str name,
                          struct tw_partitions *list)
{
    size_t n = tw_str_find(name, '=');
    struct tw_partition p = {
        .name = tw_percent_decode(w->arena, tw_str_first(name, n)),
        .value = tw_percent_decode(w->arena, tw_str_from(name, n + 1)),
    };
    p.is_null = tw_str_is(p.value, "__HIVE_DEFAULT_PARTITION__");
    bool ok = tw_utf8_valid(p.name) && tw_utf8_valid(p.value);
    struct tw_partitions longer = {0};
    for (size_t i = 0; i < list->list.len; i++) {
        ok &= !tw_str_eq(list->list.at[i].name, p.name);
        *tw_vec_add(w->arena, &longer.list) = list->list.at[i];
    }
    if (!ok)
        TW_DIAG(w->diags, TW_D_partition_bad, TW_NOWHERE, name);
    *tw_vec_add(w->arena, &longer.list) = p;
    *list = longer;
    return ok;
}

static void close_folder(void *ptr)
{
    DIR **dir = ptr;
    if (*dir)
        closedir(*dir);
}

/* The names in FOLDER, sorted, hidden ones left out. */
static bool read_names(const struct walk *w, struct tw_str path,
                       struct tw_folder *folder)
{
    struct tw_arena *arena = w->arena;
    DIR **dir = tw_new(arena, DIR *);
    tw_arena_defer(arena, close_folder, (void *)dir); /* names may unwind */
    *dir = opendir(tw_str_cstr(arena, path));
    if (!*dir)
        return cannot_open(w, path, errno);
    errno = 0;
    for (const struct dirent *e; (e = readdir(*dir)) != NULL;)
        if (e->d_name[0] != '.')
            *tw_vec_add(arena, &folder->names) =
                tw_str_copy(arena, tw_str_of(e->d_name));
    int error = errno;
    closedir(*dir);
    *dir = NULL;
    if (error)
        return cannot_open(w, path, error);
    if (folder->names.len)
        qsort(folder->names.at, folder->names.len, sizeof *folder->names.at, cmp_names);
    struct tw_buf prefix;
    tw_buf_init(&prefix, arena);
    tw_buf_str(&prefix, path);
    tw_buf_text(&prefix, tw_str_ends(path, "/") ? "" : "/");
    folder->path = tw_buf_view(&prefix);
    return true;
}

static bool is_folder(const struct walk *w, struct tw_str path)
{
    struct stat st;
    return stat(tw_str_cstr(w->arena, path), &st) == 0 && S_ISDIR(st.st_mode);
}

static struct tw_str path_in(const struct walk *w, const struct tw_folder *folder,
                             size_t i)
{
    struct tw_buf path;
    tw_buf_init(&path, w->arena);
    tw_buf_str(&path, folder->path);
    tw_buf_str(&path, folder->names.at[i]);
    return tw_buf_view(&path);
}

static bool has_partitions(const struct walk *w, const struct tw_folder *folder)
{
    for (size_t i = 0; i < folder->names.len; i++)
        if (is_partition(folder->names.at[i]) && is_folder(w, path_in(w, folder, i)))
            return true;
    return false;
}

static bool add_path(const struct walk *w, struct tw_str path, unsigned depth,
                     const struct tw_partitions *partitions);

static bool add_folder(const struct walk *w, struct tw_str path, unsigned depth,
                       const struct tw_partitions *partitions)
{
    struct tw_folder folder = {0};
    if (!read_names(w, path, &folder))
        return false;
    if (tw_dumpling_is(w->arena, &folder))
        return tw_dumpling_expand(w->arena, &folder, w->table, w->files, w->diags);
    bool tree = partitions->list.len > 0 || has_partitions(w, &folder), ok = true;
    for (size_t i = 0; i < folder.names.len; i++) {
        struct tw_str name = folder.names.at[i], below = path_in(w, &folder, i);
        struct tw_partitions deeper = *partitions;
        if (tree && name.ptr[0] == '_')
            continue; /* _SUCCESS, _temporary */
        if (is_partition(name) && is_folder(w, below))
            ok &= add_partition(w, name, &deeper);
        ok &= add_path(w, below, depth + 1, &deeper);
    }
    return ok;
}

static bool add_path(const struct walk *w, struct tw_str path, unsigned depth,
                     const struct tw_partitions *partitions)
{
    bool input = tw_str_is(path, "-");
    if (!input && path.len > PATH_MAX_LEN)
        return cannot_open(w, path, ENAMETOOLONG);
    if (!input && is_folder(w, path))
        return depth < DEPTH_MAX ? add_folder(w, path, depth, partitions)
                                 : cannot_open(w, path, ELOOP);
    if (w->files->list.len == FILES_MAX || depth > DEPTH_MAX)
        return cannot_open(w, path, E2BIG);
    /* A file that is missing is told when it is opened. */
    *tw_vec_add(w->arena, &w->files->list) =
        (struct tw_dataset_file){.path = path, .partitions = *partitions};
    return true;
}

/* The partitions that PATH itself names on its way. */
static bool partitions_of(const struct walk *w, struct tw_str path,
                          struct tw_partitions *out)
{
    struct tw_str rest = path, piece;
    bool ok = true, folder = is_folder(w, path);
    while (tw_str_split(&rest, '/', &piece)) {
        bool last = rest.ptr == NULL || piece.ptr + piece.len == path.ptr + path.len;
        if (is_partition(piece) && (!last || folder))
            ok &= add_partition(w, piece, out);
    }
    return ok;
}

bool tw_dataset_expand(struct tw_arena *arena, struct tw_str path, struct tw_str table,
                       struct tw_dataset_files *files, struct tw_diags *diags)
{
    const struct walk w = {arena, files, table, diags};
    struct tw_partitions partitions = {0};
    size_t before = files->list.len;
    if (path.len <= PATH_MAX_LEN && !partitions_of(&w, path, &partitions))
        return false;
    if (!add_path(&w, path, 0, &partitions))
        return false;
    /* A data file of Dumpling, named alone: its declaration lies beside it. */
    if (files->list.len == before + 1 && tw_str_eq(files->list.at[before].path, path)) {
        struct tw_str schema = tw_dumpling_schema_of(arena, path);
        struct stat st;
        if (schema.len && stat(tw_str_cstr(arena, schema), &st) == 0)
            files->list.at[before].schema = schema;
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Folders are walked in name order, so that the answer does not depend on the disk. */
#include "dataset.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 16, FILES_MAX = 1000000 };

struct walk {
    struct tw_arena *arena;
    struct tw_dataset_files *files;
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

static bool add_path(const struct walk *w, struct tw_str path, unsigned depth);

static void close_folder(void *ptr)
{
    DIR **dir = ptr;
    if (*dir)
        closedir(*dir);
}

static bool add_folder(const struct walk *w, struct tw_str path, unsigned depth)
{
    struct tw_arena *arena = w->arena;
    const char *name = tw_str_cstr(arena, path);
    DIR **dir = tw_new(arena, DIR *);
    tw_arena_defer(arena, close_folder, (void *)dir); /* names may unwind */
    *dir = opendir(name);
    if (!*dir)
        return cannot_open(w, path, errno);
    TW_VEC(struct tw_str) names = {0};
    errno = 0;
    for (const struct dirent *e; (e = readdir(*dir)) != NULL;)
        if (e->d_name[0] != '.')
            *tw_vec_add(arena, &names) = tw_str_copy(arena, tw_str_of(e->d_name));
    int error = errno;
    closedir(*dir);
    *dir = NULL;
    if (error)
        return cannot_open(w, path, error);
    if (names.len)
        qsort(names.at, names.len, sizeof *names.at, cmp_names);
    bool slash = tw_str_ends(path, "/"), ok = true;
    for (size_t i = 0; i < names.len; i++)
        ok &= add_path(w,
                       tw_fmt(arena, "%.*s%s%.*s", (int)path.len, path.ptr,
                              slash ? "" : "/", (int)names.at[i].len, names.at[i].ptr),
                       depth + 1);
    return ok;
}

static bool add_path(const struct walk *w, struct tw_str path, unsigned depth)
{
    struct stat st;
    if (!tw_str_is(path, "-") && path.len > 900)
        return cannot_open(w, path, ENAMETOOLONG);
    if (tw_str_is(path, "-") || stat(tw_str_cstr(w->arena, path), &st) != 0 ||
        !S_ISDIR(st.st_mode)) {
        if (w->files->paths.len == FILES_MAX || depth > DEPTH_MAX)
            return cannot_open(w, path, E2BIG);
        *tw_vec_add(w->arena, &w->files->paths) = path;
        return true; /* a file that is missing is told when it is opened */
    }
    return depth < DEPTH_MAX ? add_folder(w, path, depth) : cannot_open(w, path, ELOOP);
}

bool tw_dataset_expand(struct tw_arena *arena, struct tw_str path,
                       struct tw_dataset_files *files, struct tw_diags *diags)
{
    struct walk w = {arena, files, diags};
    return add_path(&w, path, 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the files of the bundled incident into a folder, for `twinwall demo`: whose the
 * folder is, and that each file appears whole or not at all.
 *
 * twinwall.yaml comes first: its first line marks the folder as ours, so that an
 * interrupted run can be repeated.
 */
#include "demo.h"

#include "demo_plan.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096 };

static const struct file {
    const char *path;
    void (*write)(FILE *out, const struct tw_demo_plan *plan);
} files[] = {
    {"twinwall.yaml", tw_demo_estate_write},
    {"cmdb.csv", tw_demo_cmdb_write},
    {"flows.csv", tw_demo_flows_write},
    {"policy/jinfu-fw.xml", tw_demo_jinfu_fw_write},
    {"policy/jinfu-hits.xml", tw_demo_jinfu_hits_write},
    {"policy/app-ports.csv", tw_demo_app_ports_write},
    {"policy/lft-fw.rules", tw_demo_lft_fw_write},
    {"policy/channel-allowlist.csv", tw_demo_allowlist_write},
    {"README.txt", tw_demo_readme_write},
    {"bills.csv", tw_demo_bills_write},
};

enum { FILE_COUNT = sizeof files / sizeof files[0] };

static int path_make(char out[PATH_SIZE], const char *dir, const char *path,
                     const char *suffix)
{
    int n = snprintf(out, PATH_SIZE, "%s/%s%s", dir, path, suffix);

    if (n >= 0 && n < PATH_SIZE)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

/* Makes a folder; one that is there already is as good. */
static int folder_make(const char *path)
{
    struct stat st;

    if (mkdir(path, 0777) == 0)
        return 0;
    if (errno != EEXIST || stat(path, &st) != 0)
        return -1;
    if (S_ISDIR(st.st_mode))
        return 0;
    errno = ENOTDIR;
    return -1;
}

/* 1: the estate starts with our mark; 0: it does not; -1: no such file or no access. */
static int mark_look(const char *path)
{
    char line[128];
    size_t n = strlen(tw_demo_mark), got;
    FILE *in = fopen(path, "rb");

    if (in == NULL)
        return -1;
    got = fread(line, 1, n < sizeof line ? n : sizeof line, in);
    fclose(in);
    return got == n && memcmp(line, tw_demo_mark, n) == 0;
}

/* Refuses a folder in which a file of one of our names is somebody else's. */
static int folder_claim(const char *dir, const char **failed_path)
{
    char path[PATH_SIZE];
    struct stat st;
    size_t i;
    int marked;

    *failed_path = files[0].path;
    if (path_make(path, dir, files[0].path, "") != 0)
        return -1;
    marked = mark_look(path);
    if (marked == 1)
        return 0;
    if (marked < 0 && errno != ENOENT)
        return -1;
    for (i = 0; i < FILE_COUNT; i++) {
        *failed_path = files[i].path;
        if (path_make(path, dir, files[i].path, "") != 0)
            return -1;
        if (lstat(path, &st) == 0) {
            errno = EEXIST;
            return -1;
        }
        if (errno != ENOENT)
            return -1;
    }
    return 0;
}

static int file_write(const char *dir, const struct file *file,
                      const struct tw_demo_plan *plan)
{
    char path[PATH_SIZE], part[PATH_SIZE];
    FILE *out;
    int failed, saved;

    if (path_make(path, dir, file->path, "") != 0 ||
        path_make(part, dir, file->path, ".part") != 0)
        return -1;
    out = fopen(part, "wb");
    if (out == NULL)
        return -1;
    errno = 0;
    file->write(out, plan);
    failed = ferror(out);
    saved = errno;
    if (fclose(out) != 0 && !failed) {
        failed = 1;
        saved = errno;
    }
    if (!failed && rename(part, path) == 0)
        return 0;
    if (!failed)
        saved = errno;
    remove(part);
    errno = saved != 0 ? saved : EIO;
    return -1;
}

int tw_demo_write(const char *dir, const char **failed_path)
{
    struct tw_demo_plan plan;
    char path[PATH_SIZE];
    size_t i;

    *failed_path = dir;
    if (folder_make(dir) != 0 || folder_claim(dir, failed_path) != 0)
        return -1;
    *failed_path = "policy";
    if (path_make(path, dir, "policy", "") != 0 || folder_make(path) != 0)
        return -1;
    tw_demo_plan_init(&plan);
    for (i = 0; i < FILE_COUNT; i++) {
        *failed_path = files[i].path;
        if (file_write(dir, &files[i], &plan) != 0)
            return -1;
    }
    *failed_path = NULL;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writing what only its owner may read: see private_file.h. */
#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "term.h"

enum { PATH_LIMIT = 900 };

static int stands_there(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : errno;
    if (S_ISLNK(st.st_mode))
        return ELOOP;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    return S_ISREG(st.st_mode) ? 0 : EEXIST;
}

int tw_private_file_check(struct tw_arena *arena, struct tw_str path)
{
    return path.len > PATH_LIMIT ? ENAMETOOLONG
                                 : stands_there(tw_str_cstr(arena, path));
}

int tw_private_file_write(struct tw_arena *arena, struct tw_str path,
                          struct tw_str text)
{
    int error = tw_private_file_check(arena, path);
    if (error)
        return error;
    const char *place = tw_str_cstr(arena, path);
    const char *temporary =
        tw_str_cstr(arena, tw_fmt(arena, "%s.%ld.tmp", place, (long)getpid()));
    int fd =
        open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    error = fchmod(fd, 0600) != 0 ? errno : tw_write_all(fd, text);
    if (!error && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && !error)
        error = errno;
    if (!error && rename(temporary, place) != 0)
        error = errno;
    if (error)
        (void)unlink(temporary);
    return error;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork and exec of the system's tools.
 */
#define _GNU_SOURCE 1
#include "oracle_run.h"

#include "oracle_die.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A user's PATH often lacks the folders that hold these tools. */
static void path_widen(void)
{
    char path[4096];
    const char *old = getenv("PATH");
    int len = snprintf(path, sizeof path, "%s:/usr/sbin:/sbin:/usr/local/sbin",
                       old != NULL ? old : "/usr/bin:/bin");
    if (len > 0 && (size_t)len < sizeof path) {
        setenv("PATH", path, 1);
    }
}

static _Noreturn void child_exec(const char *const argv[], int input, bool quiet)
{
    int sink = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (sink < 0 || dup2(input >= 0 ? input : sink, STDIN_FILENO) < 0 ||
        dup2(sink, STDOUT_FILENO) < 0 || (quiet && dup2(sink, STDERR_FILENO) < 0)) {
        _exit(126);
    }
    path_widen();
    /* exec takes the words unchanged, but its type predates const. */
    char *words[16] = {(char *)(uintptr_t)argv[0]};
    for (size_t i = 1; argv[i] != NULL && i + 1 < sizeof words / sizeof words[0]; i++) {
        words[i] = (char *)(uintptr_t)argv[i];
    }
    execvp(argv[0], words);
    _exit(errno == ENOENT ? TW_ORACLE_RUN_MISSING : 126);
}

int tw_oracle_run(const char *const argv[], int input, bool quiet)
{
    fflush(stdout);
    fflush(stderr);
    pid_t child = fork();
    if (child < 0) {
        tw_oracle_die(TW_ORACLE_FAILED, "fork: %s", strerror(errno));
    }
    if (child == 0) {
        child_exec(argv, input, quiet);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            tw_oracle_die(TW_ORACLE_FAILED, "waitpid: %s", strerror(errno));
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int tw_oracle_run_text(const char *text)
{
    int fd = memfd_create("oracle-input", MFD_CLOEXEC);
    size_t len = strlen(text);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0) {
        tw_oracle_die(TW_ORACLE_FAILED, "memfd: %s", strerror(errno));
    }
    return fd;
}

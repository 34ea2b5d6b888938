/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command several times and prints its least time and its largest memory.
 *
 *     best_of RUNS SECONDS COMMAND [WORD…]   prints "MICROSECONDS KIBIBYTES EXIT-CODE"
 *
 * Its output goes nowhere. A run that takes longer than SECONDS is ended, and the exit
 * code is then 124.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct run {
    uint64_t us;
    long peak_kib;
    int code;
};

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool run_once(char **command, unsigned seconds, struct run *run)
{
    uint64_t start = now_us();
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        alarm(seconds); /* outlives exec */
        execvp(command[0], command);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) < 0)
        return false;
    *run = (struct run){now_us() - start, usage.ru_maxrss,
                        WIFEXITED(status) ? WEXITSTATUS(status) : 124};
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: best_of RUNS SECONDS COMMAND [WORD...]\n", stderr);
        return 2;
    }
    uintmax_t runs = strtoumax(argv[1], NULL, 10);
    unsigned seconds = (unsigned)strtoumax(argv[2], NULL, 10);
    struct run best = {.us = UINT64_MAX};
    for (uintmax_t r = 0; r < runs; r++) {
        struct run run;
        if (!run_once(argv + 3, seconds, &run)) {
            perror("best_of");
            return 1;
        }
        best.us = run.us < best.us ? run.us : best.us;
        best.peak_kib = run.peak_kib > best.peak_kib ? run.peak_kib : best.peak_kib;
        best.code = run.code;
    }
    printf("%" PRIu64 " %ld %d\n", best.us, best.peak_kib, best.code);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command once, for count_peers.py, and prints what it took.
 *
 *     timed_run SECONDS OUT ERR COMMAND [WORD…]
 *     prints "MICROSECONDS CPU-MICROSECONDS KIBIBYTES EXIT-CODE"
 *
 * Its output goes to the files OUT and ERR, so that the answer can be looked at: some
 * programs do less where nobody reads them. A run that takes longer than SECONDS is
 * ended, and the exit code is then 124. The memory is that of the largest process; a
 * process this small starts it, because a started process counts its parent's memory as
 * its own.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void end_child(int number)
{
    (void)number;
    kill(-child, SIGKILL);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t us_of(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static void redirect(int number, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || dup2(file, number) < 0) {
        perror(path);
        _exit(127);
    }
    close(file);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: timed_run SECONDS OUT ERR COMMAND [WORD...]\n", stderr);
        return 2;
    }
    uint64_t start = now_us();
    child = fork();
    if (child < 0) {
        perror("timed_run");
        return 2;
    }
    if (child == 0) {
        setpgid(0, 0); /* so that a whole pipe can be ended */
        redirect(STDOUT_FILENO, argv[2]);
        redirect(STDERR_FILENO, argv[3]);
        execvp(argv[4], argv + 4);
        perror(argv[4]);
        _exit(127);
    }
    setpgid(child, child);
    struct sigaction on_alarm = {.sa_handler = end_child, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &on_alarm, NULL);
    alarm((unsigned)strtoumax(argv[1], NULL, 10));
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) < 0) {
        perror("timed_run");
        return 2;
    }
    printf("%" PRIu64 " %" PRIu64 " %ld %d\n", now_us() - start,
           us_of(usage.ru_utime) + us_of(usage.ru_stime), usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 124);
    return 0;
}

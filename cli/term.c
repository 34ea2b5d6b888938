/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's manners at a terminal and in a pipe: when it may use colour, how it
 * shows progress, what Ctrl-C does, how it writes.
 */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "num.h"
#include "text.h"

/* Signal handlers can reach nothing but a variable of static life. */
static volatile sig_atomic_t interrupts;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    if (interrupts)
        _exit(TW_EXIT_INTERRUPTED);
    interrupts = 1;
}

bool tw_interrupted(void)
{
    return interrupts != 0;
}

void tw_signals_install(void)
{
    /* Without SA_RESTART: a read that waits for bytes ends, and asks whether to stop.
     */
    struct sigaction act = {.sa_handler = on_interrupt};
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* beyond a limit a write fails, and is told */
}

void tw_streams_guard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            /* The lowest free descriptor is FD itself; what is written there fails. */
            (void)open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

bool tw_color_allowed(int fd, struct tw_str when)
{
    const char *no_color = getenv("NO_COLOR");
    if ((no_color && *no_color) || tw_str_is(when, "never"))
        return false;
    if (tw_str_is(when, "always"))
        return true;
    const char *term = getenv("TERM");
    return isatty(fd) && !(term && tw_str_is(tw_str_of(term), "dumb"));
}

enum tw_progress tw_progress_mode(struct tw_str how, bool quiet)
{
    if (tw_str_is(how, "plain"))
        return TW_PROGRESS_PLAIN;
    if (tw_str_is(how, "none") || quiet || !isatty(STDERR_FILENO))
        return TW_PROGRESS_NONE;
    return TW_PROGRESS_TERMINAL;
}

int tw_write_all(int fd, struct tw_str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        text = tw_str_from(text, (size_t)n);
    }
    return 0;
}

uint64_t tw_clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct tw_str number(struct tw_arena *arena, uint64_t n)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_u64(&buf, n);
    return tw_buf_view(&buf);
}

void tw_progress_show(struct tw_run *run, struct tw_str label, uint64_t done,
                      uint64_t total)
{
    enum { MEBI = 1 << 20 };
    static const uint64_t pauses[] = {
        [TW_PROGRESS_PLAIN] = 1000000000, [TW_PROGRESS_TERMINAL] = 100000000};
    if (run->progress == TW_PROGRESS_NONE)
        return;
    uint64_t now = tw_clock_ns();
    if (now < run->progress_state.next_ns)
        return;
    run->progress_state.next_ns = now + pauses[run->progress];
    /* The line is forgotten at once: a long run must not gather memory. */
    struct tw_arena *scratch = run->arena;
    struct tw_arena_mark mark = tw_arena_mark(scratch);
    label = tw_printable(scratch, label);
    struct tw_str mib = number(scratch, done / MEBI), line;
    if (total) {
        if (done > total)
            done = total;
        uint64_t percent = (uint64_t)((tw_u128)done * 100 / total);
        line = TW_SAY(scratch, run->lang, TW_M_progress_of, label, mib,
                      number(scratch, total / MEBI), number(scratch, percent));
    } else {
        line = TW_SAY(scratch, run->lang, TW_M_progress_so_far, label, mib);
    }
    bool terminal = run->progress == TW_PROGRESS_TERMINAL;
    struct tw_buf out;
    tw_buf_init(&out, scratch);
    tw_buf_text(&out, terminal ? "\r" : "");
    tw_buf_str(&out, line);
    tw_buf_text(&out, terminal ? "\033[K" : "\n");
    (void)tw_write_all(STDERR_FILENO, tw_buf_view(&out));
    run->progress_state.shown = terminal;
    tw_arena_rewind(scratch, mark);
}

void tw_progress_end(struct tw_run *run)
{
    if (run->progress_state.shown)
        (void)tw_write_all(STDERR_FILENO, TW_STR("\r\033[K"));
    run->progress_state.shown = false;
}

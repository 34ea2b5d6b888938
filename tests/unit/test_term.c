/* SPDX-License-Identifier: Apache-2.0 */
/* Progress: on stderr only, seldom, safe to look at, and without gathering memory. */
#include <fcntl.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "term.h"

static struct tw_arena arena;

/* What SHOW writes to stderr, by a pipe in its place. */
static struct tw_str stderr_of(struct tw_run *run, void (*show)(struct tw_run *))
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    dup2(ends[1], STDERR_FILENO);
    show(run);
    dup2(saved, STDERR_FILENO);
    close(ends[1]);
    close(saved);
    char *text = tw_arena_alloc(&arena, 1 << 16);
    ssize_t n = read(ends[0], text, 1 << 16);
    close(ends[0]);
    assert_true(n >= 0);
    return (struct tw_str){text, (size_t)n};
}

static void show_often(struct tw_run *run)
{
    for (int i = 0; i < 1000; i++)
        tw_progress_show(run, TW_STR("bills\033[2J.csv"), 50u << 20, 200u << 20);
    tw_progress_end(run);
}

static void show_unknown_total(struct tw_run *run)
{
    tw_progress_show(run, TW_STR("x"), 3u << 20, 0);
    run->progress_state.next_ns = 0;
    tw_progress_show(run, TW_STR("x"), UINT64_MAX, UINT64_MAX - 1);
    tw_progress_end(run);
}

static void plain_progress_is_a_line_a_second(void **state)
{
    (void)state;
    struct tw_run run = {.arena = &arena, .progress = TW_PROGRESS_PLAIN};
    assert_text(stderr_of(&run, show_often),
                "bills\\x1b[2J.csv: 50 of 200 MiB (25 %)\n");
}

static void terminal_progress_is_one_line_that_is_wiped(void **state)
{
    (void)state;
    struct tw_run run = {.arena = &arena, .progress = TW_PROGRESS_TERMINAL};
    assert_text(stderr_of(&run, show_often),
                "\rbills\\x1b[2J.csv: 50 of 200 MiB (25 %)\033[K\r\033[K");
}

static void odd_totals_are_no_trouble(void **state)
{
    (void)state;
    struct tw_run run = {.arena = &arena, .progress = TW_PROGRESS_PLAIN};
    assert_text(stderr_of(&run, show_unknown_total),
                "x: 3 MiB\nx: 17592186044415 of 17592186044415 MiB (100 %)\n");
}

static void no_progress_is_no_output(void **state)
{
    (void)state;
    struct tw_run run = {.arena = &arena, .progress = TW_PROGRESS_NONE};
    assert_text(stderr_of(&run, show_often), "");
}

static void progress_gathers_no_memory(void **state)
{
    (void)state;
    struct tw_run run = {.arena = &arena, .progress = TW_PROGRESS_PLAIN};
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC), saved = dup(STDERR_FILENO);
    dup2(null, STDERR_FILENO);
    show_unknown_total(&run);
    size_t before = arena.used;
    for (int i = 0; i < 20000; i++) {
        run.progress_state.next_ns = 0;
        tw_progress_show(&run, TW_STR("label"), (uint64_t)i, 20000);
    }
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(null);
    assert_int_equal(arena.used, before);
}

static void progress_follows_the_option(void **state)
{
    (void)state;
    assert_int_equal(tw_progress_mode(TW_STR("none"), false), TW_PROGRESS_NONE);
    assert_int_equal(tw_progress_mode(TW_STR("plain"), true), TW_PROGRESS_PLAIN);
    assert_int_equal(tw_progress_mode(TW_STR("auto"), true), TW_PROGRESS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_progress_is_a_line_a_second),
        cmocka_unit_test(terminal_progress_is_one_line_that_is_wiped),
        cmocka_unit_test(odd_totals_are_no_trouble),
        cmocka_unit_test(no_progress_is_no_output),
        cmocka_unit_test(progress_gathers_no_memory),
        cmocka_unit_test(progress_follows_the_option),
    };
    tw_arena_init(&arena, 1 << 24);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

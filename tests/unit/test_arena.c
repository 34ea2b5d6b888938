/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: what rewinding and releasing give back, and in which order. */
#include "arena.h"
#include "cmocka_all.h"

struct note {
    size_t *n;
    int *order;
    int number;
};

static void append(void *ptr)
{
    const struct note *note = ptr;
    note->order[(*note->n)++] = note->number;
}

static void defer_note(struct tw_arena *arena, size_t *n, int *order, int number)
{
    struct note *note = tw_new(arena, struct note);
    *note = (struct note){n, order, number};
    tw_arena_defer(arena, append, note);
}

static void rewinding_runs_the_later_cleanups_only(void **state)
{
    (void)state;
    struct tw_arena arena;
    int order[4] = {0};
    size_t n = 0;
    tw_arena_init(&arena, 1 << 20);
    defer_note(&arena, &n, order, 1);
    struct tw_arena_mark mark = tw_arena_mark(&arena);
    defer_note(&arena, &n, order, 2);
    defer_note(&arena, &n, order, 3);
    tw_arena_rewind(&arena, mark);
    assert_int_equal(n, 2);
    assert_int_equal(order[0], 3);
    assert_int_equal(order[1], 2);
    tw_arena_release(&arena);
    assert_int_equal(n, 3);
    assert_int_equal(order[2], 1);
}

static void rewinding_to_the_beginning_releases_children(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    struct tw_arena_mark empty = tw_arena_mark(&arena);
    for (int i = 0; i < 3; i++) {
        struct tw_arena *child = tw_arena_child(&arena);
        tw_arena_alloc(child, 5000);
        tw_arena_rewind(&arena, empty);
    }
    assert_null(arena.cleanups);
    size_t one_chunk = arena.used;
    tw_arena_alloc(tw_arena_child(&arena), 5000);
    assert_true(arena.used > one_chunk);
    tw_arena_release(&arena);
    assert_int_equal(arena.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewinding_runs_the_later_cleanups_only),
        cmocka_unit_test(rewinding_to_the_beginning_releases_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

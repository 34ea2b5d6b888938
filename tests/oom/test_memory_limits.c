/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without memory every reader gives its full answer or none: no crash, no leak, no open
 * file, no short answer, no mistake found in an input that is sound.
 *
 * Each case is read once with memory for everything; then with arenas of growing
 * limits, and with an allocator that fails at its n-th call (ours and those of the
 * libraries count alike), once or from then on.
 */
#include <fcntl.h>
#include <gmp.h>
#include <iconv.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "failing_malloc.h"
#include "memory_cases.h"

enum { PLENTY = 1 << 28, STEPS = 48 };

static struct tw_arena arena;
static struct tw_memory_cases cases;

/* The library tells of exhaustion on stderr where it has no parser to tell it to. */
TW_PRINTF(2, 3) static void say_nothing(void *ctx, const char *message, ...)
{
    (void)ctx, (void)message;
}

struct run {
    const struct tw_memory_case *c;
    struct tw_arena arena;
    struct tw_buf answer;
    bool refused; /* with words about memory */
};

static enum tw_status read_it(void *ctx)
{
    struct run *run = ctx;
    tw_buf_init(&run->answer, &run->arena);
    run->refused = run->c->read(&run->arena, run->c, &run->answer);
    return TW_OK;
}

static int next_file(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

struct shortage {
    size_t limit; /* of the arena */
    size_t fails; /* the call that fails; 0: none */
    bool stays;
};

struct outcome {
    bool answered;
    size_t used, asked;
};

/* Reads C; fails the test unless the answer is WANT, or that there is no memory. */
static struct outcome attempt(const struct tw_memory_case *c, struct shortage s,
                              struct tw_str want)
{
    struct outcome out;
    struct run run = {.c = c};
    xmlResetLastError(); /* a copy that the library keeps for itself */
    size_t live = tw_failing_malloc_live();
    int file = next_file();
    tw_arena_init(&run.arena, s.limit);
    tw_failing_malloc_begin(s.fails, s.stays);
    enum tw_status status = tw_arena_run(&run.arena, read_it, &run);
    out.asked = tw_failing_malloc_end();
    out.answered = status == TW_OK && !run.refused;
    out.used = run.arena.used;
    struct tw_str got = out.answered ? tw_buf_view(&run.answer) : TW_STR("");
    if (out.answered && !tw_str_eq(got, want)) {
        fprintf(stderr, "--- wanted\n%.*s\n--- got\n%.*s\n", (int)want.len, want.ptr,
                (int)got.len, got.ptr);
        fail_msg("%.*s, limit %zu, call %zu%s: a different answer", (int)c->name.len,
                 c->name.ptr, s.limit, s.fails, s.stays ? " and all that follow" : "");
    }
    assert_true(status == TW_OK || status == TW_ERR_MEMORY);
    tw_arena_release(&run.arena);
    xmlResetLastError();
    assert_int_equal(run.arena.used, 0);
    if (tw_failing_malloc_live() != live || next_file() != file)
        fail_msg("%.*s, limit %zu, call %zu%s: %zu blocks before, %zu after; file %d "
                 "was the next, %d is",
                 (int)c->name.len, c->name.ptr, s.limit, s.fails,
                 s.stays ? " and all that follow" : "", live, tw_failing_malloc_live(),
                 file, next_file());
    return out;
}

static struct outcome read_whole(const struct tw_memory_case *c, struct tw_str *answer)
{
    struct run run = {.c = c};
    tw_arena_init(&run.arena, PLENTY);
    assert_int_equal(tw_arena_run(&run.arena, read_it, &run), TW_OK);
    *answer = tw_str_copy(&arena, tw_buf_view(&run.answer));
    tw_arena_release(&run.arena);
    return attempt(c, (struct shortage){.limit = PLENTY}, *answer);
}

/* Limits grow by an eighth until one suffices; those below it are tried finely. */
static void arenas_of_any_size_give_all_or_nothing(void **state)
{
    (void)state;
    size_t tries = 0, answers = 0;
    for (size_t i = 0; i < cases.list.len; i++) {
        const struct tw_memory_case *c = &cases.list.at[i];
        struct tw_str want;
        size_t limit = 256, last = 0;
        (void)read_whole(c, &want);
        while (!attempt(c, (struct shortage){.limit = limit}, want).answered) {
            last = limit;
            limit += limit / 8;
            tries++;
        }
        size_t step = (limit - last) / STEPS + 1;
        for (size_t l = last; l < limit; l += step, tries++)
            answers += attempt(c, (struct shortage){.limit = l}, want).answered;
        for (size_t k = 1; k <= STEPS && k * 16 < limit; k++, tries++)
            answers +=
                attempt(c, (struct shortage){.limit = limit - k * 16}, want).answered;
    }
    printf("%zu cases, %zu limits, %zu answers below the first\n", cases.list.len,
           tries, answers);
    assert_true(tries > 40 * cases.list.len);
}

/* All of the first calls, and a sample of the others. */
static void allocations_that_fail_give_all_or_nothing(void **state)
{
    (void)state;
    size_t tries = 0, answers = 0;
    if (!tw_failing_malloc_works())
        skip();
    for (size_t i = 0; i < cases.list.len; i++) {
        const struct tw_memory_case *c = &cases.list.at[i];
        struct tw_str want;
        size_t asked = read_whole(c, &want).asked, stride = asked / STEPS + 1;
        for (size_t n = 1; n <= asked; n += n < STEPS ? 1 : stride, tries++) {
            struct shortage s = {PLENTY, n, (n + i) % 2};
            answers += attempt(c, s, want).answered;
        }
    }
    printf("%zu cases, %zu calls failed, %zu answers\n", cases.list.len, tries,
           answers);
    assert_true(tries > 10 * cases.list.len);
}

int main(void)
{
    static const char *const encodings[] = {"GB18030", "UTF-16LE"};
    enum { ENCODINGS = sizeof encodings / sizeof encodings[0] };
    iconv_t kept[ENCODINGS];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arenas_of_any_size_give_all_or_nothing),
        cmocka_unit_test(allocations_that_fail_give_all_or_nothing),
    };
    /* GMP ends the program where it gets no memory, and knows no other way; its numbers
     * are a few words long. */
    mp_set_memory_functions(tw_spared_malloc, tw_spared_realloc, NULL);
    xmlSetGenericErrorFunc(NULL, say_nothing);
    /* The C library unloads the tables of an encoding some time after their last use,
     * and would seem to free more than a case took. */
    for (size_t i = 0; i < ENCODINGS; i++)
        kept[i] = iconv_open("UTF-8", encodings[i]);
    tw_arena_init(&arena, (size_t)1 << 30);
    tw_memory_cases_collect(&arena, &cases);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    for (size_t i = 0; i < ENCODINGS; i++)
        if (kept[i] != (iconv_t)-1)
            iconv_close(kept[i]);
    return failed;
}

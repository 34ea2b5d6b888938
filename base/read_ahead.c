/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of blocks between the thread that fills them and the one that reads. */
#include "read_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

struct block {
    char *bytes;
    size_t len;
};

struct tw_read_ahead {
    struct tw_fill fill;
    size_t room; /* of a block */
    struct block *blocks;
    size_t count;
    pthread_t thread;

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t filled, freed;
    size_t first; /* the oldest block that is not free */
    size_t used;  /* blocks that are not free: filled, and the one that is lent */
    bool lent;    /* is the oldest one with the caller? */
    bool done;    /* the thread gives no more blocks … */
    int code;     /* … because of this */
    bool end;     /* nobody wants more */
};

/* The next free block, or NULL when nobody wants it. */
static struct block *free_block(struct tw_read_ahead *a)
{
    struct block *block = NULL;
    pthread_mutex_lock(&a->lock);
    while (!a->end && a->used == a->count)
        pthread_cond_wait(&a->freed, &a->lock);
    if (!a->end)
        block = &a->blocks[(a->first + a->used) % a->count];
    pthread_mutex_unlock(&a->lock);
    return block;
}

static void *run(void *ptr)
{
    struct tw_read_ahead *a = ptr;
    for (bool done = false; !done;) {
        struct block *block = free_block(a);
        if (!block)
            break;
        int code = a->fill.fill(a->fill.ctx, block->bytes, a->room, &block->len);
        pthread_mutex_lock(&a->lock);
        done = code != 0 || block->len == 0;
        if (done) {
            a->done = true;
            a->code = code;
        } else {
            a->used++;
        }
        pthread_cond_signal(&a->filled);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

/* A condition that waits by a clock nobody sets. */
static bool make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t how;
    if (pthread_condattr_init(&how) != 0)
        return false;
    bool made = pthread_condattr_setclock(&how, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(condition, &how) == 0;
    pthread_condattr_destroy(&how);
    return made;
}

static bool make_locks(struct tw_read_ahead *a)
{
    if (pthread_mutex_init(&a->lock, NULL) != 0)
        return false;
    if (make_condition(&a->filled)) {
        if (make_condition(&a->freed))
            return true;
        pthread_cond_destroy(&a->filled);
    }
    pthread_mutex_destroy(&a->lock);
    return false;
}

static void free_locks(struct tw_read_ahead *a)
{
    pthread_cond_destroy(&a->freed);
    pthread_cond_destroy(&a->filled);
    pthread_mutex_destroy(&a->lock);
}

/* The new thread inherits a mask under which no signal is for it. */
static bool start_thread(struct tw_read_ahead *a)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    bool started = pthread_create(&a->thread, NULL, run, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct tw_read_ahead *tw_read_ahead_start(struct tw_arena *arena, struct tw_fill fill,
                                          size_t block, size_t count)
{
    struct tw_read_ahead *a = tw_arena_try(arena, sizeof *a);
    struct block *blocks = tw_arena_try(arena, count * sizeof *blocks);
    if (!a || !blocks)
        return NULL;
    *a = (struct tw_read_ahead){
        .fill = fill, .room = block, .blocks = blocks, .count = count};
    for (size_t i = 0; i < count; i++) {
        blocks[i].bytes = tw_arena_try(arena, block);
        if (!blocks[i].bytes)
            return NULL;
    }
    if (!make_locks(a))
        return NULL;
    if (start_thread(a))
        return a;
    free_locks(a);
    return NULL;
}

static struct timespec look_up_time(void)
{
    enum { LOOK_UP_NS = 200000000, SECOND_NS = 1000000000 };
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += LOOK_UP_NS;
    if (at.tv_nsec >= SECOND_NS) {
        at.tv_nsec -= SECOND_NS;
        at.tv_sec++;
    }
    return at;
}

/* Waits until there is a block or none will come; false when told to stop. */
static bool wait_for_block(struct tw_read_ahead *a, bool (*stop)(void *ctx), void *ctx)
{
    while (a->used == 0 && !a->done) {
        if (!stop) {
            pthread_cond_wait(&a->filled, &a->lock);
            continue;
        }
        /* Asked without the lock: the caller's function may take its time. */
        pthread_mutex_unlock(&a->lock);
        bool now = stop(ctx);
        pthread_mutex_lock(&a->lock);
        if (now)
            return false;
        struct timespec until = look_up_time();
        int rc = 0;
        while (a->used == 0 && !a->done && rc == 0)
            rc = pthread_cond_timedwait(&a->filled, &a->lock, &until);
    }
    return true;
}

int tw_read_ahead_next(struct tw_read_ahead *a, struct tw_str *bytes,
                       bool (*stop)(void *ctx), void *stop_ctx, bool *stopped)
{
    int code = 0;
    *bytes = TW_STR("");
    pthread_mutex_lock(&a->lock);
    if (a->lent) {
        a->lent = false;
        a->first = (a->first + 1) % a->count;
        a->used--;
        pthread_cond_signal(&a->freed);
    }
    *stopped = !wait_for_block(a, stop, stop_ctx);
    if (a->used) {
        const struct block *block = &a->blocks[a->first];
        *bytes = (struct tw_str){block->bytes, block->len};
        *stopped = false;
        a->lent = true;
    } else if (!*stopped) {
        code = a->code;
    }
    pthread_mutex_unlock(&a->lock);
    return code;
}

bool tw_read_ahead_done(struct tw_read_ahead *a)
{
    pthread_mutex_lock(&a->lock);
    bool done = a->done;
    pthread_mutex_unlock(&a->lock);
    return done;
}

void tw_read_ahead_end(struct tw_read_ahead *a)
{
    pthread_mutex_lock(&a->lock);
    a->end = true;
    pthread_cond_signal(&a->freed);
    pthread_mutex_unlock(&a->lock);
    if (a->fill.wake)
        a->fill.wake(a->fill.ctx);
    pthread_join(a->thread, NULL);
    free_locks(a);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: chunks of growing size, one limit and one unwinding point per family. */
#include "arena.h"

#include <assert.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

struct tw_arena_chunk {
    struct tw_arena_chunk *prev;
    size_t size, fill;
    size_t used; /* the largest fill so far: zero behind it */
    alignas(max_align_t) unsigned char data[];
};

struct tw_arena_cleanup {
    struct tw_arena_cleanup *next;
    void (*fn)(void *);
    void *ptr;
};

struct tw_arena_guard {
    jmp_buf env;
    struct tw_arena_guard *outer;
};

void tw_arena_init(struct tw_arena *arena, size_t limit)
{
    *arena = (struct tw_arena){.limit = limit};
    arena->root = arena;
}

static size_t align_up(size_t n)
{
    const size_t unit = alignof(max_align_t);
    return (n + unit - 1) / unit * unit;
}

static bool add_chunk(struct tw_arena *arena, size_t need)
{
    struct tw_arena *root = arena->root;
    size_t size = FIRST_CHUNK;
    if (arena->head)
        size = arena->head->size < LARGEST_CHUNK / 2 ? arena->head->size * 2
                                                     : LARGEST_CHUNK;
    if (size < need)
        size = need;
    size_t left = root->limit - root->used;
    if (size > left)
        size = need; /* the last of the budget, without room to spare */
    size_t total = size + sizeof(struct tw_arena_chunk);
    if (total < size || total > left)
        return false;
    /* Zeroed by the system where it is large: pages that nobody touches cost nothing.
     */
    struct tw_arena_chunk *chunk = calloc(1, total);
    if (!chunk)
        return false;
    *chunk = (struct tw_arena_chunk){.prev = arena->head, .size = size};
    arena->head = chunk;
    root->used += total;
    return true;
}

/* The next SIZE bytes of CHUNK, zeroed; what was never used is zero already. */
static void *take(struct tw_arena_chunk *chunk, size_t size)
{
    unsigned char *p = chunk->data + chunk->fill;
    if (chunk->fill < chunk->used) {
        size_t again = chunk->used - chunk->fill;
        memset(p, 0, again < size ? again : size);
    }
    chunk->fill += size;
    if (chunk->used < chunk->fill)
        chunk->used = chunk->fill;
    return p;
}

void *tw_arena_try(struct tw_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = align_up(size ? size : 1);
    struct tw_arena_chunk *chunk = arena->head;
    if (!chunk || chunk->size - chunk->fill < size) {
        if (!add_chunk(arena, size))
            return NULL;
        chunk = arena->head;
    }
    return take(chunk, size);
}

void tw_arena_exhausted(const struct tw_arena *arena)
{
    struct tw_arena_guard *guard = arena->root->guard;
    if (!guard)
        abort();
    longjmp(guard->env, 1);
}

void *tw_arena_alloc(struct tw_arena *arena, size_t size)
{
    void *p = tw_arena_try(arena, size);
    if (!p)
        tw_arena_exhausted(arena);
    return p;
}

void *tw_arena_array(struct tw_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        tw_arena_exhausted(arena);
    return tw_arena_alloc(arena, total);
}

void *tw_arena_grow(struct tw_arena *arena, void *old, size_t old_size, size_t new_size)
{
    assert(new_size >= old_size);
    struct tw_arena_chunk *chunk = arena->head;
    size_t old_room = align_up(old_size), new_room = align_up(new_size);
    if (old_size && chunk && new_size <= SIZE_MAX / 2 &&
        (unsigned char *)old + old_room == chunk->data + chunk->fill &&
        chunk->size - chunk->fill >= new_room - old_room) {
        take(chunk, new_room - old_room);
        return old;
    }
    void *p = tw_arena_alloc(arena, new_size);
    if (old_size)
        memcpy(p, old, old_size);
    return p;
}

void tw_arena_defer(struct tw_arena *arena, void (*fn)(void *), void *ptr)
{
    struct tw_arena_cleanup *c = tw_new(arena, struct tw_arena_cleanup);
    *c = (struct tw_arena_cleanup){.next = arena->cleanups, .fn = fn, .ptr = ptr};
    arena->cleanups = c;
}

static void free_chunks_until(struct tw_arena *arena, const struct tw_arena_chunk *keep)
{
    while (arena->head != keep) {
        struct tw_arena_chunk *chunk = arena->head;
        arena->head = chunk->prev;
        arena->root->used -= chunk->size + sizeof *chunk;
        free(chunk);
    }
}

static void run_cleanups_until(struct tw_arena *arena,
                               const struct tw_arena_cleanup *keep)
{
    while (arena->cleanups != keep) {
        struct tw_arena_cleanup *c = arena->cleanups;
        arena->cleanups = c->next;
        c->fn(c->ptr);
    }
}

void tw_arena_release(struct tw_arena *arena)
{
    run_cleanups_until(arena, NULL);
    free_chunks_until(arena, NULL);
}

static void release_child(void *ptr)
{
    tw_arena_release(ptr);
}

struct tw_arena *tw_arena_child(struct tw_arena *parent)
{
    struct tw_arena *child = tw_new(parent, struct tw_arena);
    child->root = parent->root;
    tw_arena_defer(parent, release_child, child);
    return child;
}

struct tw_arena_mark tw_arena_mark(const struct tw_arena *arena)
{
    return (struct tw_arena_mark){arena->head, arena->head ? arena->head->fill : 0,
                                  arena->cleanups};
}

/* Frees all chunks but one, the last that is not oversized, and empties it. */
static void keep_one_chunk(struct tw_arena *arena)
{
    struct tw_arena_chunk *keep = arena->head;
    while (keep && keep->prev && keep->size > LARGEST_CHUNK)
        keep = keep->prev;
    free_chunks_until(arena, keep);
    if (!keep)
        return;
    arena->head = keep->prev;
    free_chunks_until(arena, NULL);
    keep->prev = NULL;
    keep->fill = 0;
    arena->head = keep;
}

void tw_arena_rewind(struct tw_arena *arena, struct tw_arena_mark mark)
{
    run_cleanups_until(arena, mark.cleanups);
    /* One chunk is kept, so that rewinding to the beginning costs no malloc. */
    if (!mark.chunk) {
        keep_one_chunk(arena);
        return;
    }
    free_chunks_until(arena, mark.chunk);
    mark.chunk->fill = mark.fill;
}

enum tw_status tw_arena_run(struct tw_arena *arena, enum tw_status (*fn)(void *),
                            void *ctx)
{
    struct tw_arena *root = arena->root;
    struct tw_arena_guard guard;
    guard.outer = root->guard;
    if (setjmp(guard.env)) {
        root->guard = guard.outer;
        return TW_ERR_MEMORY;
    }
    root->guard = &guard;
    enum tw_status status = fn(ctx);
    root->guard = guard.outer;
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed whole.
 *
 * One arena belongs to one policy, estate, report or run. Functions take const pointers
 * and keep nothing; what they return lives in the arena that was passed. Everything is
 * zeroed. An arena has a limit; when it is reached, or the system has no memory,
 * control unwinds to the innermost tw_arena_run() of that arena's root, which returns
 * TW_ERR_MEMORY. Without a tw_arena_run() around it, exhaustion aborts: that is a bug
 * of the caller. Never let an unwinding allocation happen inside a callback of a
 * foreign library: use tw_arena_try() there.
 *
 *     root (limit, used, guard)
 *       ├── child: released with its root, or earlier by tw_arena_release()
 *       └── child …
 */
#ifndef TW_ARENA_H
#define TW_ARENA_H

#include <stddef.h>

#include "status.h"

struct tw_arena_chunk;
struct tw_arena_cleanup;
struct tw_arena_guard;

struct tw_arena {
    struct tw_arena_chunk *head;       /* the chunk that is being filled */
    struct tw_arena_cleanup *cleanups; /* run in reverse order by release */
    struct tw_arena *root;             /* itself, for a root */
    struct tw_arena_guard *guard;      /* root only: where exhaustion unwinds to */
    size_t used;  /* root only: bytes of all chunks of the family */
    size_t limit; /* root only */
};

/* A position to which an arena can be rewound; allocations after it are given back. */
struct tw_arena_mark {
    struct tw_arena_chunk *chunk;
    size_t fill;
    struct tw_arena_cleanup *cleanups;
};

/* Makes ARENA an empty root that may hold LIMIT bytes at most. */
void tw_arena_init(struct tw_arena *arena, size_t limit);

/* A new empty arena that shares the limit and the guard of PARENT's root and is
 * released with PARENT at the latest. */
struct tw_arena *tw_arena_child(struct tw_arena *parent);

/* Runs the cleanups and frees all memory; the arena is empty and may be used again. */
void tw_arena_release(struct tw_arena *arena);

/* SIZE zeroed bytes, aligned for any type. Never NULL. */
void *tw_arena_alloc(struct tw_arena *arena, size_t size);

/* COUNT × SIZE zeroed bytes, overflow checked. Never NULL. */
void *tw_arena_array(struct tw_arena *arena, size_t count, size_t size);

/* As tw_arena_alloc(), but NULL when there is no memory. */
void *tw_arena_try(struct tw_arena *arena, size_t size);

/* Unwinds as an allocation that fails does: for memory that a foreign library did not
 * get, and for what tw_arena_try() was refused. */
TW_NORETURN void tw_arena_exhausted(const struct tw_arena *arena);

/* Grows the array OLD of OLD_SIZE bytes to NEW_SIZE; the last allocation grows in place
 * where its chunk has room. */
void *tw_arena_grow(struct tw_arena *arena, void *old, size_t old_size,
                    size_t new_size);

/* FN(PTR) is called when the arena is released: for files and foreign objects. */
void tw_arena_defer(struct tw_arena *arena, void (*fn)(void *), void *ptr);

struct tw_arena_mark tw_arena_mark(const struct tw_arena *arena);

/* Gives back what was allocated since MARK; cleanups that were added since run first.
 */
void tw_arena_rewind(struct tw_arena *arena, struct tw_arena_mark mark);

/* Calls FN(CTX) and returns its answer, or TW_ERR_MEMORY when an allocation of the
 * family of ARENA failed inside it. Calls nest. */
enum tw_status tw_arena_run(struct tw_arena *arena, enum tw_status (*fn)(void *),
                            void *ctx) TW_MUST_CHECK;

#define tw_new(arena, type) ((type *)tw_arena_alloc((arena), sizeof(type)))
#define tw_new_array(arena, count, type) \
    ((type *)tw_arena_array((arena), (count), sizeof(type)))

#endif

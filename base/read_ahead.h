/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ahead: a thread fills blocks while the caller works on earlier ones.
 *
 *     filled by the thread →  [ 3 ][ 4 ][   ][ 2 ]  → 2 is lent to the caller
 *
 * The thread touches nothing but the blocks and what fill() touches: no arena, no
 * diagnostics. How its last call of fill() ended is handed over behind the bytes that
 * came before. Signals go to the caller's threads, never to this one.
 */
#ifndef TW_READ_AHEAD_H
#define TW_READ_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

struct tw_read_ahead;

struct tw_fill {
    /* On the thread: up to ROOM bytes; *GOT = 0 at the end. Not 0: it failed, with a
     * code of the caller's; it is not called again. */
    int (*fill)(void *ctx, char *bytes, size_t room, size_t *got);
    /* On the caller's thread: lets a fill() that waits return; NULL: it never waits
     * for long. */
    void (*wake)(void *ctx);
    void *ctx;
};

/* Starts the thread with COUNT (2 at least) blocks of BLOCK bytes. NULL where there is
 * no memory or no thread to be had: then read without. Whoever starts it also ends it,
 * before ARENA is released or rewound. */
struct tw_read_ahead *tw_read_ahead_start(struct tw_arena *arena, struct tw_fill fill,
                                          size_t block, size_t count);

/* Waits for the next block and lends it until the next call: *BYTES, empty at the end.
 * Answers what fill() answered where it failed; again at each further call. Every so
 * often STOP (NULL: never) is asked whether to stop waiting: then *STOPPED. */
int tw_read_ahead_next(struct tw_read_ahead *ahead, struct tw_str *bytes,
                       bool (*stop)(void *ctx), void *stop_ctx, bool *stopped);

/* Has the thread come to the end of its input, or failed? What fill() wrote elsewhere
 * may then be read. */
bool tw_read_ahead_done(struct tw_read_ahead *ahead);

/* Waits for the thread to end; what it filled is lost. */
void tw_read_ahead_end(struct tw_read_ahead *ahead);

#endif

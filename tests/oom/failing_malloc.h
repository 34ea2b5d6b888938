/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator of the whole program, foreign libraries included, that fails when it is
 * told to: for tests of what happens without memory.
 */
#ifndef TW_FAILING_MALLOC_H
#define TW_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Can allocations be made to fail here? Else the calls below do nothing. */
bool tw_failing_malloc_works(void);

/* From now on allocations are counted, and the AFTER-th one fails (from 1; 0: none),
 * and with STAYS all that follow it. */
void tw_failing_malloc_begin(size_t after, bool stays);
/* No more fails; returns how many were asked for since. */
size_t tw_failing_malloc_end(void);

/* Allocations that always succeed and are not counted as asked for. */
void *tw_spared_malloc(size_t size);
void *tw_spared_realloc(void *block, size_t old_size, size_t size);

/* Blocks that are allocated and not freed; 0 under a sanitizer, which looks itself. */
size_t tw_failing_malloc_live(void);

#endif

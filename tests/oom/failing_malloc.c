/* SPDX-License-Identifier: Apache-2.0 */
/*
 * malloc() and its like by their own names: the dynamic linker gives them to all
 * libraries. They stand on those of the C library, or on the sanitizer's.
 */
#include "failing_malloc.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#endif

#if defined(HAS_ASAN)
#define REAL(name) __interceptor_##name
#elif defined(__GLIBC__)
#define REAL(name) __libc_##name
#endif

/* Volatile: the compiler knows malloc() and that it looks at no variable. */
static volatile size_t asked, fails_at, live;
static volatile bool armed, fails_on;

#ifdef REAL
void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *block, size_t size);
void REAL(free)(void *block);

#define SHOWN __attribute__((visibility("default")))
static bool refuses(void)
{
    if (!armed)
        return false;
    asked++;
    if (!fails_at || (fails_on ? asked < fails_at : asked != fails_at))
        return false;
    errno = ENOMEM;
    return true;
}

SHOWN void *malloc(size_t size)
{
    void *block = refuses() ? NULL : REAL(malloc)(size);
    live += block != NULL;
    return block;
}

SHOWN void *calloc(size_t count, size_t size)
{
    void *block = refuses() ? NULL : REAL(calloc)(count, size);
    live += block != NULL;
    return block;
}

SHOWN void *realloc(void *block, size_t size)
{
    void *grown = refuses() ? NULL : REAL(realloc)(block, size);
    live += block == NULL && grown != NULL;
    live -= block != NULL && grown == NULL && size == 0;
    return grown;
}

SHOWN void free(void *block)
{
    live -= block != NULL;
    REAL(free)(block);
}

bool tw_failing_malloc_works(void)
{
    return true;
}

void *tw_spared_malloc(size_t size)
{
    void *block = REAL(malloc)(size);
    live += block != NULL;
    return block;
}

void *tw_spared_realloc(void *block, size_t old_size, size_t size)
{
    (void)old_size;
    return REAL(realloc)(block, size);
}
#else
bool tw_failing_malloc_works(void)
{
    return false;
}

void *tw_spared_malloc(size_t size)
{
    return malloc(size);
}

void *tw_spared_realloc(void *block, size_t old_size, size_t size)
{
    (void)old_size;
    return realloc(block, size);
}
#endif

void tw_failing_malloc_begin(size_t after, bool stays)
{
    asked = 0;
    fails_at = after;
    fails_on = stays;
    armed = true;
}

size_t tw_failing_malloc_end(void)
{
    armed = false;
    return asked;
}

size_t tw_failing_malloc_live(void)
{
#ifdef HAS_ASAN /* allocates for some functions by itself, and looks for leaks */
    return 0;
#else
    return live;
#endif
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages and the end of the oracle's programs.
 */
#define _GNU_SOURCE 1
#include "oracle_die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void say(const char *fmt, va_list ap)
{
    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

_Noreturn void tw_oracle_die(enum tw_oracle_exit code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    exit((int)code);
}

void tw_oracle_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

void *tw_oracle_alloc(unsigned long count, unsigned long size)
{
    void *memory = calloc(count != 0 ? count : 1, size);
    if (memory == NULL) {
        tw_oracle_die(TW_ORACLE_FAILED, "out of memory (%lu x %lu bytes)", count, size);
    }
    return memory;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the oracle's programs end when they cannot go on: one line on stderr and one of
 * these exit codes. A test oracle that guesses is worse than none, so every failure is
 * final.
 */
#ifndef TW_ORACLE_DIE_H
#define TW_ORACLE_DIE_H

enum tw_oracle_exit {
    TW_ORACLE_OK = 0,
    TW_ORACLE_FAILED = 1, /* a system call failed after the walls stood */
    TW_ORACLE_USAGE = 2,  /* command line or input file */
    TW_ORACLE_LOAD = 3,   /* a rule set or a set file did not load */
    TW_ORACLE_SKIP = 77   /* this machine does not allow it (CTest: skipped) */
};

/* Prints "PROGRAM: message" on stderr and exits with `code`. */
_Noreturn void tw_oracle_die(enum tw_oracle_exit code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same without the end: for notes. */
void tw_oracle_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* calloc that dies (exit 1) when there is no memory; `count` * `size` is checked. */
void *tw_oracle_alloc(unsigned long count, unsigned long size);

#endif

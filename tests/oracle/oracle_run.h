/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the system's tools (ip, ipset, iptables-restore) without a shell between.
 */
#ifndef TW_ORACLE_RUN_H
#define TW_ORACLE_RUN_H

#include <stdbool.h>

#define TW_ORACLE_RUN_MISSING 127 /* no such program */

/*
 * Runs argv (found in PATH, /usr/sbin or /sbin) in the caller's namespaces with
 * `input` as standard input and waits. stdout goes to /dev/null (the oracle's own
 * stdout carries results only), stderr stays, or is dropped with `quiet`.
 * Returns the exit code; 128 + signal number for a killed program.
 */
int tw_oracle_run(const char *const argv[], int input, bool quiet);

/* A file descriptor to read `text` from; dies (exit 1) on failure. close() it. */
int tw_oracle_run_text(const char *text);

#endif

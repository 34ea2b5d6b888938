/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a function that touches the environment may answer.
 *
 * A bug asserts; the environment (a missing file, no memory) answers with one of these;
 * input never fails by a code alone: TW_ERR_INPUT says that at least one diagnostic of
 * severity error was added to the tw_diags that the caller passed (diag.h).
 */
#ifndef TW_STATUS_H
#define TW_STATUS_H

enum tw_status {
    TW_OK = 0,
    TW_ERR_INPUT = 1,  /* refused: the diagnostics say why */
    TW_ERR_IO = 2,     /* the environment failed: the diagnostics say where */
    TW_ERR_MEMORY = 3, /* the arena's limit was reached, or the system has no more */
    TW_STOPPED = 4     /* the caller's stop() said so; nothing is wrong */
};

#if defined(__GNUC__)
#define TW_MUST_CHECK __attribute__((warn_unused_result))
#define TW_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define TW_NORETURN __attribute__((noreturn))
#else
#define TW_MUST_CHECK
#define TW_PRINTF(fmt, first)
#define TW_NORETURN
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting the records of an open delimited text without its reader, many at a time.
 *
 * tw_scan_stream() looks at the reader's own buffer, tw_scan_file() at chunks of the
 * file, on several threads. Both give what next() gives, record by record: where
 * something is odd (scan_kernel.h), next() itself takes over from the last record that
 * is sure, and hands back behind it. The counts do not depend on the number of threads,
 * the kernel, or the size of a chunk.
 */
#ifndef TW_SCAN_H
#define TW_SCAN_H

#include "tally.h"
#include "text_records.h"

struct tw_scan_kernel;

struct tw_scan_how {
    unsigned threads;                    /* 0: as many as there are processors */
    size_t chunk;                        /* bytes; 0: as measured to be best */
    const struct tw_scan_kernel *kernel; /* NULL: the fastest one here */
    bool (*stop)(void *ctx);             /* asked from every thread; NULL: never */
    void (*progress)(void *ctx, uint64_t done); /* on the calling thread; or NULL */
    void *ctx;
};

/* Counts what is left of RECORDS into TALLY as records of file FILE: TW_NEXT_END,
 * _STOPPED, _FAILED, or _RECORD where the tally stopped by itself. */
enum tw_next tw_scan_stream(struct tw_records *records,
                            const struct tw_binding *binding, struct tw_tally *tally,
                            size_t file, const struct tw_scan_how *how);

/* A plain file in UTF-8 that lies open under FD. */
struct tw_scan_file {
    int fd;
    uint64_t start; /* where the first record stands */
    uint64_t size;
    struct tw_str name; /* for diagnostics */
};

/* As above, by FILE's bytes; RECORDS says how they are to be read. PLAN_OF makes a plan
 * of the same options for each further thread (rules hold what only one thread may
 * use); NULL: it failed. */
enum tw_next
tw_scan_file(const struct tw_scan_file *in, struct tw_records *records,
             const struct tw_binding *binding, struct tw_tally *tally, size_t file,
             const struct tw_scan_how *how,
             const struct tw_count_plan *(*plan_of)(void *ctx, struct tw_arena *arena),
             void *plan_ctx, struct tw_diags *diags);

#endif

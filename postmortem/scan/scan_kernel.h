/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of delimited text, 64 bytes at a time: where fields and records end,
 * and whether anything stands in them that only the state machine of csv.h may judge.
 *
 * Theory. Three comparisons give a 64-bit mask each: quotes, delimiters, line feeds. An
 * exclusive prefix sum over the quotes, modulo two, tells which bytes stand inside
 * quotes: one carry-less multiplication by all ones. Delimiters and line feeds there
 * are data. An escaped byte (behind an odd run of escapes) is no delimiter, quote or
 * line feed. (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019.)
 *
 *     a,"b,c",d\n       quotes 00100010.. inside 00111100.. separators 010000011
 *
 * This is right as long as each quote opens a field as its first byte or closes it as
 * its last: `odd` is raised where one does not, where a record has another number of
 * fields, where bytes are not UTF-8, where the header or a byte order mark stands at
 * the beginning of a record. The bytes are then read by the reference instead. It may
 * be raised without need, never be missing.
 *
 * Every kernel gives the same answer for the same bytes; scan_kernels() lists what this
 * processor can run, the best one first, the plain one last.
 */
#ifndef TW_SCAN_KERNEL_H
#define TW_SCAN_KERNEL_H

#include "needle_filter.h"

/* What a kernel may read before the first byte and behind the last one it was told. */
enum { TW_SCAN_MARGIN = 128 };

struct tw_scan {
    /* What is read: bytes[0 … len), bytes[0] begins a record; TW_SCAN_MARGIN bytes
     * stand on both sides, of any value. */
    const char *bytes;
    size_t len;
    char delimiter, quote, escape; /* quote and escape: 0 for none */
    size_t nfields;
    struct tw_str header; /* empty: none */
    const struct tw_needle_filter *filter;
    bool wants_separators;

    /* What was found in bytes[0 … done): offsets in increasing order. */
    uint32_t *separators; /* delimiters and record ends; only if wanted */
    uint32_t *ends;       /* line feeds that end records */
    uint32_t *ranks;      /* for the kernel: of each end, the separators up to it */
    uint32_t *hits;       /* where the second byte of a needle, or an escape, stands */
    size_t nseparators, nends, nhits;
    bool odd;

    /* Where to go on; zero at the beginning. */
    size_t done;
    uint64_t inside;    /* all ones: in quotes */
    uint64_t escaped;   /* 1: the next byte is escaped */
    uint64_t unfree;    /* 1: a quote may not open at the next byte */
    uint64_t closed;    /* 1: the byte before was a closing quote */
    uint64_t first;     /* where a needle may have its second byte, by its first */
    size_t nbefore;     /* separators so far */
    size_t nbefore_end; /* separators up to the last record end */
};

struct tw_scan_kernel {
    const char *name;
    bool (*runs)(void); /* on this processor */
    /* Goes on until bytes[0 … until) are done, in steps of 64 bytes; a step may reach
     * beyond UNTIL, never beyond LEN. The arrays have room for UNTIL + 64 offsets. */
    void (*run)(struct tw_scan *scan, size_t until);
};

/* The kernels that run here, the fastest first; NULL ends. The last one is "plain". */
size_t tw_scan_kernels(const struct tw_scan_kernel *list[5]);

/* A line feed was found at END, outside of quotes: does the header or a mark follow? */
static inline bool tw_scan_begins_oddly(const struct tw_scan *s, size_t begin)
{
    const char *p = s->bytes + begin;
    size_t left = s->len - begin;
    if (left >= 3 && __builtin_memcmp(p, "\xef\xbb\xbf", 3) == 0)
        return true;
    return s->header.len && left >= s->header.len &&
           __builtin_memcmp(p, s->header.ptr, s->header.len) == 0;
}

#endif

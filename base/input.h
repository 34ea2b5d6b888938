/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files: plain, gzip (several members too), zstd or xz, told by content.
 *
 * Streams for dumps; whole sources for policies and catalogues. "-" is standard input.
 * A stream that ends early inside a compressed frame is an error, never a short answer;
 * so is a file that ends elsewhere than it did when it was opened.
 *
 * A compressed file or a pipe of a megabyte or more is read and decompressed ahead on a
 * thread of its own, which ends when the arena is released. The calls stay with one
 * thread; diagnostics are reported and callbacks asked on it.
 */
#ifndef TW_INPUT_H
#define TW_INPUT_H

#include "diag.h"

struct tw_input;

/* Opens PATH; the file is closed when ARENA is released. NULL after a diagnostic. NAME
 * is what diagnostics call it. */
struct tw_input *tw_input_open(struct tw_arena *arena, struct tw_str path,
                               struct tw_str name, struct tw_diags *diags);
/* The same; waiting for a pipe's writer and later for bytes, it asks STOP as
 * tw_input_stop_by() says. NULL without a diagnostic where that said so. */
struct tw_input *tw_input_open_until(struct tw_arena *arena, struct tw_str path,
                                     struct tw_str name, bool (*stop)(void *ctx),
                                     void *ctx, struct tw_diags *diags);
/* An input over bytes in memory, for tests and fuzzers. */
struct tw_input *tw_input_memory(struct tw_arena *arena, struct tw_str bytes,
                                 struct tw_str name, struct tw_diags *diags);
/* Up to ROOM decompressed bytes; *GOT = 0 at the end. */
enum tw_status tw_input_read(struct tw_input *input, char *bytes, size_t room,
                             size_t *got) TW_MUST_CHECK;
/* The next decompressed bytes without a copy, where they lie: valid until the next call
 * of this or of tw_input_read(), and until the arena is released. Empty at the end. */
enum tw_status tw_input_block(struct tw_input *input,
                              struct tw_str *bytes) TW_MUST_CHECK;
/* Where nothing arrives for a while (a pipe, a terminal), STOP is asked whether to stop
 * waiting; where it says so, a read answers TW_STOPPED. */
void tw_input_stop_by(struct tw_input *input, bool (*stop)(void *ctx), void *ctx);
/* The descriptor of a regular file that is not compressed, for reading by place; else
 * -1, as for one that says it is empty, or of which somebody read a part before. */
int tw_input_plain_file(const struct tw_input *input);
/* Before the first read: reads ahead in blocks of BLOCK bytes, from FROM raw bytes on
 * (by default 1 MiB, from 1 MiB on). For tests and measurements. */
void tw_input_read_ahead(struct tw_input *input, size_t block, uint64_t from);
/* "plain", "gzip", "zstd" or "xz". */
const char *tw_input_compression(const struct tw_input *input);
/* Compressed bytes taken so far, and the size of the file (0 where unknown): progress.
 */
uint64_t tw_input_taken(const struct tw_input *input);
uint64_t tw_input_size(const struct tw_input *input);

/* Asks for the SHA-256 of the file as it lies on the disk, before the first read; and
 * gives it, empty before the end was reached. */
void tw_input_fingerprint(struct tw_input *input);
struct tw_str tw_input_sha256(struct tw_input *input);

enum { TW_SOURCE_MAX = 1 << 30 };

/* Reads PATH whole (decompressed at most LIMIT bytes), decodes it to UTF-8 (encoding ""
 * = decide), computes its SHA-256. NULL after a diagnostic. */
const struct tw_source *tw_source_load(struct tw_arena *arena, struct tw_str path,
                                       struct tw_str name, size_t limit,
                                       struct tw_str encoding, struct tw_diags *diags);
/* The same for bytes in memory. */
const struct tw_source *tw_source_decode(struct tw_arena *arena, struct tw_str name,
                                         struct tw_str bytes, struct tw_str encoding,
                                         struct tw_diags *diags);

#endif

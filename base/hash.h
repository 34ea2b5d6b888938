/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes: XXH3 for tables (never an output order), SHA-256 (FIPS 180-4) for evidence.
 */
#ifndef TW_HASH_H
#define TW_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "str.h"

uint64_t tw_hash_bytes(const void *bytes, size_t len);
struct tw_hash128 {
    uint64_t low, high;
};
struct tw_hash128 tw_hash_bytes128(const void *bytes, size_t len);
/* 64 lower-case hexadecimal digits. */
struct tw_str tw_sha256_hex(struct tw_arena *arena, const void *bytes, size_t len);

/* SHA-256 of bytes that come in pieces. */
struct tw_sha256;
struct tw_sha256 *tw_sha256_new(struct tw_arena *arena);
void tw_sha256_add(struct tw_sha256 *sha, const void *bytes, size_t len);
/* The digest of all that was added; SHA is used up. */
struct tw_str tw_sha256_end(struct tw_sha256 *sha, struct tw_arena *arena);

/* HMAC-SHA-256 (RFC 2104): 64 lower-case hexadecimal digits. */
struct tw_str tw_hmac_sha256_hex(struct tw_arena *arena, struct tw_str key,
                                 struct tw_str text);

#endif

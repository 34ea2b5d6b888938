/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 by libsodium, for the fingerprints of inputs. */
#include <sodium.h>

#include "hash.h"

struct tw_str tw_sha256_hex(struct tw_arena *arena, const void *bytes, size_t len)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, len ? bytes : (const void *)"", len);
    char *hex = tw_arena_alloc(arena, sizeof digest * 2 + 1);
    sodium_bin2hex(hex, sizeof digest * 2 + 1, digest, sizeof digest);
    return (struct tw_str){hex, sizeof digest * 2};
}

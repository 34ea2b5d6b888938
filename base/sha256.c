/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 by libsodium, for the fingerprints of inputs. */
#include <sodium.h>

#include "hash.h"

struct tw_sha256 {
    crypto_hash_sha256_state state;
};

struct tw_sha256 *tw_sha256_new(struct tw_arena *arena)
{
    struct tw_sha256 *sha = tw_new(arena, struct tw_sha256);
    crypto_hash_sha256_init(&sha->state);
    return sha;
}

void tw_sha256_add(struct tw_sha256 *sha, const void *bytes, size_t len)
{
    if (len)
        crypto_hash_sha256_update(&sha->state, bytes, len);
}

struct tw_str tw_sha256_end(struct tw_sha256 *sha, struct tw_arena *arena)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&sha->state, digest);
    char *hex = tw_arena_alloc(arena, sizeof digest * 2 + 1);
    sodium_bin2hex(hex, sizeof digest * 2 + 1, digest, sizeof digest);
    return (struct tw_str){hex, sizeof digest * 2};
}

struct tw_str tw_sha256_hex(struct tw_arena *arena, const void *bytes, size_t len)
{
    struct tw_sha256 sha;
    crypto_hash_sha256_init(&sha.state);
    tw_sha256_add(&sha, bytes, len);
    return tw_sha256_end(&sha, arena);
}

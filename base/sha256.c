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

struct tw_str tw_hmac_sha256_hex(struct tw_arena *arena, struct tw_str key,
                                 struct tw_str text)
{
    static const unsigned char nothing[1] = {0};
    const unsigned char *k = key.len ? (const unsigned char *)key.ptr : nothing;
    const unsigned char *t = text.len ? (const unsigned char *)text.ptr : nothing;
    unsigned char digest[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, k, key.len);
    crypto_auth_hmacsha256_update(&state, t, text.len);
    crypto_auth_hmacsha256_final(&state, digest);
    char *hex = tw_arena_alloc(arena, sizeof digest * 2 + 1);
    sodium_bin2hex(hex, sizeof digest * 2 + 1, digest, sizeof digest);
    return (struct tw_str){hex, sizeof digest * 2};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Table hashes by xxHash; evidence hashes stand in sha256.c. */
#include "hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t tw_hash_bytes(const void *bytes, size_t len)
{
    return XXH3_64bits(len ? bytes : "", len);
}

struct tw_hash128 tw_hash_bytes128(const void *bytes, size_t len)
{
    XXH128_hash_t hash = XXH3_128bits(len ? bytes : "", len);
    return (struct tw_hash128){hash.low64, hash.high64};
}

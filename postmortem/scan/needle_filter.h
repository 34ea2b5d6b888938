/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter over raw bytes for the needles of a plan: two bytes at fixed distances from
 * a needle's beginning are compared for 64 places at once; what passes is compared
 * whole.
 *
 * Which two bytes: the ones that are rarest in a sample of the file. (In Chinese text
 * in UTF-8 the lead bytes E4 to E9 are of no use.) With several needles each of the two
 * bytes is looked up in two tables by its halves: bit k says that needles of group k
 * may have it (the "Teddy" of Hyperscan and ripgrep, with one needle position each).
 */
#ifndef TW_NEEDLE_FILTER_H
#define TW_NEEDLE_FILTER_H

#include <stdint.h>

#include "needles.h"

enum tw_filter_kind { TW_FILTER_NONE, TW_FILTER_ONE, TW_FILTER_MANY };

struct tw_needle_filter {
    enum tw_filter_kind kind;
    const struct tw_str *needles;
    size_t nneedles;
    size_t longest;
    size_t at[2];              /* offsets of the two bytes */
    char byte[2];              /* ONE: the bytes */
    unsigned char half[4][16]; /* MANY: low and high half of each byte to groups */
};

/* SAMPLE: some bytes of the file. NEEDLES may be empty; it is kept. */
void tw_needle_filter_init(struct tw_needle_filter *filter,
                           const struct tw_needles *needles, struct tw_str sample);

/* Does a needle begin at BYTES, of which LEN may be looked at? */
static inline bool tw_needle_here(const struct tw_needle_filter *filter,
                                  const char *bytes, size_t len)
{
    for (size_t i = 0; i < filter->nneedles; i++) {
        const struct tw_str n = filter->needles[i];
        if (n.len <= len && bytes[0] == n.ptr[0] &&
            __builtin_memcmp(bytes, n.ptr, n.len) == 0)
            return true;
    }
    return false;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing the two bytes that a filter looks at: see needle_filter.h. */
#include "needle_filter.h"

enum { SPAN_MAX = 48, GROUPS = 8 };

/* How often the filter would stop, about: what the sample says of both bytes. */
static uint64_t cost(const struct tw_needle_filter *f, const uint32_t *often, size_t a,
                     size_t b)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < f->nneedles; i++) {
        const unsigned char *n = (const unsigned char *)f->needles[i].ptr;
        sum += (often[n[a]] + UINT64_C(1)) * (often[n[b]] + UINT64_C(1));
    }
    return sum;
}

static void choose(struct tw_needle_filter *f, size_t shortest, struct tw_str sample)
{
    uint32_t often[256] = {0};
    for (size_t i = 0; i < sample.len; i++)
        often[(unsigned char)sample.ptr[i]]++;
    uint64_t best = UINT64_MAX;
    size_t span = shortest < SPAN_MAX ? shortest : SPAN_MAX;
    for (size_t a = 0; a < span; a++)
        for (size_t b = a; b < span; b++) {
            uint64_t c = (a == b && span > 1) ? UINT64_MAX : cost(f, often, a, b);
            if (c < best) {
                best = c;
                f->at[0] = a;
                f->at[1] = b;
            }
        }
}

void tw_needle_filter_init(struct tw_needle_filter *f, const struct tw_needles *needles,
                           struct tw_str sample)
{
    *f = (struct tw_needle_filter){.needles = needles->list.at,
                                   .nneedles = needles->list.len};
    if (f->nneedles == 0)
        return;
    size_t shortest = SIZE_MAX;
    for (size_t i = 0; i < f->nneedles; i++) {
        size_t len = f->needles[i].len;
        shortest = len < shortest ? len : shortest;
        f->longest = len > f->longest ? len : f->longest;
    }
    choose(f, shortest, sample);
    f->kind = f->nneedles == 1 ? TW_FILTER_ONE : TW_FILTER_MANY;
    for (size_t i = 0; i < f->nneedles; i++)
        for (size_t k = 0; k < 2; k++) {
            unsigned char c = (unsigned char)f->needles[i].ptr[f->at[k]];
            f->byte[k] = (char)c;
            f->half[2 * k][c & 15] |= (unsigned char)(1u << i % GROUPS);
            f->half[2 * k + 1][c >> 4] |= (unsigned char)(1u << i % GROUPS);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel for arm64 with NEON, four vectors of 16 bytes a block. */
#include "scan_kernel_list.h"

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

typedef struct {
    uint8x16_t part[4];
} block;
typedef uint8x16_t wide;

static inline uint8x16_t load16(const char *p)
{
    return vld1q_u8((const uint8_t *)p);
}

static inline block block_load(const char *p)
{
    return (block){{load16(p), load16(p + 16), load16(p + 32), load16(p + 48)}};
}

static inline wide wide_of(char c)
{
    return vdupq_n_u8((uint8_t)c);
}

/* One bit of each byte of M, all ones or zero, by pairwise sums. */
static inline uint64_t mask_of(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    static const uint8_t bit[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                    1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bits = vld1q_u8(bit);
    uint8x16_t low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
    uint8x16_t high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
    uint8x16_t sum = vpaddq_u8(low, high);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

static inline uint64_t block_eq(block x, wide c)
{
    return mask_of(vceqq_u8(x.part[0], c), vceqq_u8(x.part[1], c),
                   vceqq_u8(x.part[2], c), vceqq_u8(x.part[3], c));
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

#include "utf8_tables.h"

typedef uint8x16_t errors;

static inline errors errors_none(void)
{
    return vdupq_n_u8(0);
}

static inline unsigned lowest(uint64_t bits)
{
    return bits ? (unsigned)__builtin_ctzll(bits) : 0;
}

static inline errors errors_part(errors e, uint8x16_t last, uint8x16_t x)
{
    uint8x16_t before = vextq_u8(last, x, 15), before2 = vextq_u8(last, x, 14),
               before3 = vextq_u8(last, x, 13);
    uint8x16_t cases = vandq_u8(
        vandq_u8(
            vqtbl1q_u8(vld1q_u8(tw_utf8_first_high), vshrq_n_u8(before, 4)),
            vqtbl1q_u8(vld1q_u8(tw_utf8_first_low), vandq_u8(before, vdupq_n_u8(15)))),
        vqtbl1q_u8(vld1q_u8(tw_utf8_second_high), vshrq_n_u8(x, 4)));
    uint8x16_t third = vqsubq_u8(before2, vdupq_n_u8(0xe0 - 0x80));
    uint8x16_t fourth = vqsubq_u8(before3, vdupq_n_u8(0xf0 - 0x80));
    uint8x16_t must = vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(0x80));
    return vorrq_u8(e, veorq_u8(must, cases));
}

static inline errors errors_add(errors e, block last, block x)
{
    e = errors_part(e, last.part[3], x.part[0]);
    for (unsigned k = 1; k < 4; k++)
        e = errors_part(e, x.part[k - 1], x.part[k]);
    return e;
}

static inline bool errors_any(errors e)
{
    return vmaxvq_u8(e) != 0;
}

typedef struct {
    uint8x16_t byte[2];
    uint8x16_t half[4];
} filter;

static inline filter filter_of(const struct tw_needle_filter *f)
{
    filter r;
    for (size_t k = 0; k < 2; k++)
        r.byte[k] = wide_of(f->byte[k]);
    for (size_t k = 0; k < 4; k++)
        r.half[k] = vld1q_u8(f->half[k]);
    return r;
}

static inline uint8x16_t groups_of(const filter *r, uint8x16_t a, uint8x16_t b)
{
    const uint8x16_t low = vdupq_n_u8(15);
    uint8x16_t first = vandq_u8(vqtbl1q_u8(r->half[0], vandq_u8(a, low)),
                                vqtbl1q_u8(r->half[1], vshrq_n_u8(a, 4)));
    uint8x16_t second = vandq_u8(vqtbl1q_u8(r->half[2], vandq_u8(b, low)),
                                 vqtbl1q_u8(r->half[3], vshrq_n_u8(b, 4)));
    return vtstq_u8(first, second);
}

static inline uint64_t groups(const filter *r, const char *first, block x)
{
    block a = block_load(first);
    return mask_of(
        groups_of(r, a.part[0], x.part[0]), groups_of(r, a.part[1], x.part[1]),
        groups_of(r, a.part[2], x.part[2]), groups_of(r, a.part[3], x.part[3]));
}

static inline void put_offsets(uint32_t *out, uint64_t bits, uint32_t base)
{
    for (; bits; bits &= bits - 1)
        *out++ = base + (uint32_t)__builtin_ctzll(bits);
}

#include "scan_body.h"

static bool runs_here(void)
{
    return true;
}

const struct tw_scan_kernel tw_scan_neon = {"neon", runs_here, run};
#else
const struct tw_scan_kernel tw_scan_neon = {"neon", NULL, NULL};
#endif

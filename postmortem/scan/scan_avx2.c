/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel for x86-64 with AVX2, two vectors of 32 bytes a block. */
#include "scan_kernel_list.h"

#ifdef __AVX2__
#include <immintrin.h>

typedef struct {
    __m256i low, high;
} block;
typedef __m256i wide;

static inline __m256i load32(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline block block_load(const char *p)
{
    return (block){load32(p), load32(p + 32)};
}

static inline wide wide_of(char c)
{
    return _mm256_set1_epi8(c);
}

static inline uint64_t mask_of(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline uint64_t block_eq(block x, wide c)
{
    return mask_of(_mm256_cmpeq_epi8(x.low, c), _mm256_cmpeq_epi8(x.high, c));
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i all = _mm_set1_epi8(-1), x = _mm_set_epi64x(0, (long long)bits);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(x, all, 0));
}

#include "utf8_tables.h"

typedef __m256i errors;

static inline errors errors_none(void)
{
    return _mm256_setzero_si256();
}

static inline unsigned lowest(uint64_t bits)
{
    return (unsigned)_tzcnt_u64(bits);
}

static inline __m256i table(const unsigned char *bytes)
{
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)bytes));
}

static inline __m256i high_halves(__m256i x)
{
    return _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(15));
}

static inline errors errors_part(errors e, __m256i last, __m256i x)
{
    __m256i shifted = _mm256_permute2x128_si256(last, x, 0x21);
    __m256i before = _mm256_alignr_epi8(x, shifted, 15),
            before2 = _mm256_alignr_epi8(x, shifted, 14),
            before3 = _mm256_alignr_epi8(x, shifted, 13);
    __m256i low = _mm256_and_si256(before, _mm256_set1_epi8(15));
    __m256i cases = _mm256_and_si256(
        _mm256_and_si256(
            _mm256_shuffle_epi8(table(tw_utf8_first_high), high_halves(before)),
            _mm256_shuffle_epi8(table(tw_utf8_first_low), low)),
        _mm256_shuffle_epi8(table(tw_utf8_second_high), high_halves(x)));
    __m256i third = _mm256_subs_epu8(before2, _mm256_set1_epi8((char)(0xe0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(before3, _mm256_set1_epi8((char)(0xf0 - 0x80)));
    __m256i must =
        _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_or_si256(e, _mm256_xor_si256(must, cases));
}

static inline errors errors_add(errors e, block last, block x)
{
    return errors_part(errors_part(e, last.high, x.low), x.low, x.high);
}

static inline bool errors_any(errors e)
{
    return !_mm256_testz_si256(e, e);
}

typedef struct {
    __m256i byte[2];
    __m256i half[4];
} filter;

static inline filter filter_of(const struct tw_needle_filter *f)
{
    filter r;
    for (size_t k = 0; k < 2; k++)
        r.byte[k] = wide_of(f->byte[k]);
    for (size_t k = 0; k < 4; k++)
        r.half[k] = table(f->half[k]);
    return r;
}

static inline __m256i groups_of(const filter *r, __m256i a, __m256i b)
{
    const __m256i low = _mm256_set1_epi8(15);
    __m256i first =
        _mm256_and_si256(_mm256_shuffle_epi8(r->half[0], _mm256_and_si256(a, low)),
                         _mm256_shuffle_epi8(r->half[1], high_halves(a)));
    __m256i second =
        _mm256_and_si256(_mm256_shuffle_epi8(r->half[2], _mm256_and_si256(b, low)),
                         _mm256_shuffle_epi8(r->half[3], high_halves(b)));
    return _mm256_and_si256(first, second);
}

static inline uint64_t groups(const filter *r, const char *first, block x)
{
    const __m256i none = _mm256_setzero_si256();
    block a = block_load(first);
    return ~mask_of(_mm256_cmpeq_epi8(groups_of(r, a.low, x.low), none),
                    _mm256_cmpeq_epi8(groups_of(r, a.high, x.high), none));
}

static inline void put_offsets(uint32_t *out, uint64_t bits, uint32_t base)
{
    enum { UNROLLED = 6 };
    int n = __builtin_popcountll(bits);
    for (int k = 0; k < UNROLLED; k++) {
        out[k] = base + (uint32_t)_tzcnt_u64(bits);
        bits = _blsr_u64(bits);
    }
    for (int k = UNROLLED; __builtin_expect(k < n, 0); k++) {
        out[k] = base + (uint32_t)_tzcnt_u64(bits);
        bits = _blsr_u64(bits);
    }
}

#include "scan_body.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
}

const struct tw_scan_kernel tw_scan_avx2 = {"avx2", runs_here, run};
#else
const struct tw_scan_kernel tw_scan_avx2 = {"avx2", NULL, NULL};
#endif

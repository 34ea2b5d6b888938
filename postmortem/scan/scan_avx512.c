/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel for x86-64 with AVX-512 (BW, VL, VBMI2), one vector a block. */
#include "scan_kernel_list.h"

#ifdef __AVX512VBMI2__
#include <immintrin.h>

typedef __m512i block;
typedef __m512i wide;

static inline block block_load(const char *p)
{
    return _mm512_loadu_si512((const void *)p);
}

static inline wide wide_of(char c)
{
    return _mm512_set1_epi8(c);
}

static inline uint64_t block_eq(block x, wide c)
{
    return _mm512_cmpeq_epi8_mask(x, c);
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i all = _mm_set1_epi8(-1), x = _mm_set_epi64x(0, (long long)bits);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(x, all, 0));
}

#include "utf8_tables.h"

static inline __m512i table(const unsigned char *bytes)
{
    return _mm512_broadcast_i32x4(
        _mm_loadu_si128((const __m128i *)(const void *)bytes));
}

/* The compiler is to keep X in a register, not to make it anew from a number each time.
 */
static inline __m512i kept(__m512i x)
{
    __asm__("" : "+v"(x));
    return x;
}

typedef struct {
    __m512i wrong;
    __m512i low, high, third, fourth; /* 0f, 80, and what lead bytes are above */
    __m512i first_high, first_low, second_high; /* the tables */
} errors;

static inline errors errors_none(void)
{
    return (errors){_mm512_setzero_si512(),
                    kept(_mm512_set1_epi8(15)),
                    kept(_mm512_set1_epi8((char)0x80)),
                    kept(_mm512_set1_epi8((char)(0xe0 - 0x80))),
                    kept(_mm512_set1_epi8((char)(0xf0 - 0x80))),
                    kept(table(tw_utf8_first_high)),
                    kept(table(tw_utf8_first_low)),
                    kept(table(tw_utf8_second_high))};
}

static inline unsigned lowest(uint64_t bits)
{
    return (unsigned)_tzcnt_u64(bits);
}

static inline __m512i high_halves(__m512i x)
{
    return _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(15));
}

static inline errors errors_add(errors e, block last, block x)
{
    enum { ALL_THREE = 0x80, ONE_OR_TWO_AND_THREE = 0xe0, OR_XOR = 0xf6 };
    __m512i shifted = _mm512_alignr_epi64(x, last, 6); /* by one lane of 16 bytes */
    __m512i before = _mm512_alignr_epi8(x, shifted, 15),
            before2 = _mm512_alignr_epi8(x, shifted, 14),
            before3 = _mm512_alignr_epi8(x, shifted, 13);
    __m512i first_high = _mm512_and_si512(_mm512_srli_epi16(before, 4), e.low);
    __m512i second_high = _mm512_and_si512(_mm512_srli_epi16(x, 4), e.low);
    __m512i cases = _mm512_ternarylogic_epi64(
        _mm512_shuffle_epi8(e.first_high, first_high),
        _mm512_shuffle_epi8(e.first_low, _mm512_and_si512(before, e.low)),
        _mm512_shuffle_epi8(e.second_high, second_high), ALL_THREE);
    __m512i third = _mm512_subs_epu8(before2, e.third);
    __m512i fourth = _mm512_subs_epu8(before3, e.fourth);
    __m512i must =
        _mm512_ternarylogic_epi64(e.high, third, fourth, ONE_OR_TWO_AND_THREE);
    e.wrong = _mm512_ternarylogic_epi64(e.wrong, must, cases, OR_XOR);
    return e;
}

static inline bool errors_any(errors e)
{
    return _mm512_test_epi8_mask(e.wrong, e.wrong) != 0;
}

typedef struct {
    __m512i byte[2];
    __m512i half[4];
} filter;

static inline filter filter_of(const struct tw_needle_filter *f)
{
    filter r;
    for (size_t k = 0; k < 2; k++)
        r.byte[k] = kept(wide_of(f->byte[k]));
    for (size_t k = 0; k < 4; k++)
        r.half[k] = table(f->half[k]);
    return r;
}

static inline uint64_t groups(const filter *r, const char *first, block x)
{
    const __m512i low = _mm512_set1_epi8(15);
    block a = block_load(first);
    __m512i one =
        _mm512_and_si512(_mm512_shuffle_epi8(r->half[0], _mm512_and_si512(a, low)),
                         _mm512_shuffle_epi8(r->half[1], high_halves(a)));
    __m512i two =
        _mm512_and_si512(_mm512_shuffle_epi8(r->half[2], _mm512_and_si512(x, low)),
                         _mm512_shuffle_epi8(r->half[3], high_halves(x)));
    return _mm512_test_epi8_mask(one, two);
}

static inline void put16(uint32_t *out, __m128i bytes, __m512i base)
{
    _mm512_storeu_si512((void *)out,
                        _mm512_add_epi32(_mm512_cvtepu8_epi32(bytes), base));
}

static inline void put_offsets(uint32_t *out, uint64_t bits, uint32_t base)
{
    static const unsigned char count[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    __m512i places =
        _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512((const void *)count));
    __m512i bases = _mm512_set1_epi32((int)base);
    put16(out, _mm512_castsi512_si128(places), bases);
    if (__builtin_expect(__builtin_popcountll(bits) > 16, 0)) {
        put16(out + 16, _mm512_extracti32x4_epi32(places, 1), bases);
        put16(out + 32, _mm512_extracti32x4_epi32(places, 2), bases);
        put16(out + 48, _mm512_extracti32x4_epi32(places, 3), bases);
    }
}

#include "scan_body.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
}

const struct tw_scan_kernel tw_scan_avx512 = {"avx512", runs_here, run};
#else
const struct tw_scan_kernel tw_scan_avx512 = {"avx512", NULL, NULL};
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GB18030 by tables: see gb18030.h.
 *
 * Of the ideographs 4E00 … 9FA5 only those of GB 2312 have codes that must be looked
 * up. The others stand in GBK/3 (8140 …) and then GBK/4 (AA40 …) in the order of
 * Unicode: the code follows from how many of them come before, which is what a bit per
 * ideograph and a running count per 64 tell. The user-defined areas and the planes
 * above the basic one are linear, and so, piece by piece, are the four-byte codes of
 * the basic plane.
 */
#include "gb18030.h"

struct two_byte {
    uint32_t c;
    uint16_t code;
};
struct four_byte {
    uint16_t first, last, index;
};
#include "gb18030_tables.inc"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    FIRST = 0x4e00,
    LAST = 0x9fa5,
    GBK3_SIZE = 32 * 190, /* leads 81 … A0, trails 40 … FE without 7F */
    GBK4_WIDTH = 96,      /* trails 40 … A0 without 7F */
    OTHERS = LAST - FIRST + 1 - 6763,
    HIGH_INDEX = 189000 /* the linear index of U+10000: 90 30 81 30 */
};

/* Trails leave out 7F. */
static unsigned trail_at(unsigned cell)
{
    return 0x40 + cell + (cell >= 0x3f);
}

static unsigned cell_of(unsigned trail)
{
    return trail - 0x40 - (trail > 0x7f);
}

/* How many ideographs of GB 2312 come before C, and whether C is one. */
static unsigned rank(uint32_t c, bool *is_one)
{
    unsigned i = c - FIRST;
    uint64_t word = gb2312_bits[i / 64], bit = UINT64_C(1) << i % 64;
    *is_one = (word & bit) != 0;
    return gb2312_before[i / 64] + (unsigned)__builtin_popcountll(word & (bit - 1));
}

static unsigned ideograph_code(uint32_t c)
{
    bool one;
    unsigned before = rank(c, &one);
    if (one)
        return gb2312_codes[before];
    unsigned n = c - FIRST - before;
    if (n < GBK3_SIZE)
        return (0x81 + n / 190) << 8 | trail_at(n % 190);
    n -= GBK3_SIZE;
    return (0xaa + n / GBK4_WIDTH) << 8 | trail_at(n % GBK4_WIDTH);
}

/* The Nth ideograph that is not of GB 2312. */
static uint32_t other_ideograph(unsigned n)
{
    unsigned low = 0, high = COUNT(gb2312_bits);
    while (high - low > 1) {
        unsigned mid = (low + high) / 2;
        if (mid * 64 - gb2312_before[mid] <= n)
            low = mid;
        else
            high = mid;
    }
    n -= low * 64 - gb2312_before[low];
    unsigned i = 0;
    for (uint64_t word = gb2312_bits[low];; word >>= 1, i++)
        if (!(word & 1) && n-- == 0)
            return FIRST + low * 64 + i;
}

/* E000 … E765: AAA1 … AFFE, F8A1 … FEFE, A140 … A7A0. */
static unsigned user_code(uint32_t c)
{
    unsigned n = c - 0xe000;
    if (n < 564)
        return (0xaa + n / 94) << 8 | (0xa1 + n % 94);
    if (n < 1222)
        return (0xf8 + (n - 564) / 94) << 8 | (0xa1 + (n - 564) % 94);
    n -= 1222;
    return (0xa1 + n / GBK4_WIDTH) << 8 | trail_at(n % GBK4_WIDTH);
}

static unsigned other_code(uint32_t c)
{
    size_t low = 0, high = COUNT(two_byte_others);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (two_byte_others[mid].c == c)
            return two_byte_others[mid].code;
        if (two_byte_others[mid].c < c)
            low = mid + 1;
        else
            high = mid;
    }
    for (size_t i = 0; i < COUNT(two_byte_earlier); i++)
        if (two_byte_earlier[i].c == c)
            return two_byte_earlier[i].code;
    return 0;
}

static size_t linear(uint32_t index, unsigned char out[4])
{
    out[3] = (unsigned char)(0x30 + index % 10);
    out[2] = (unsigned char)(0x81 + index / 10 % 126);
    out[1] = (unsigned char)(0x30 + index / 1260 % 10);
    out[0] = (unsigned char)(0x81 + index / 12600);
    return 4;
}

static size_t four_bytes(uint32_t c, unsigned char out[4])
{
    if (c >= 0x10000)
        return c <= 0x10ffff ? linear(HIGH_INDEX + c - 0x10000, out) : 0;
    size_t low = 0, high = COUNT(four_byte_ranges);
    while (low < high) {
        size_t mid = (low + high) / 2;
        const struct four_byte *r = &four_byte_ranges[mid];
        if (c > r->last)
            low = mid + 1;
        else if (c < r->first)
            high = mid;
        else
            return linear(r->index + c - r->first, out);
    }
    return 0;
}

size_t tw_gb18030_encode(uint32_t c, unsigned char out[4])
{
    if (c < 0x80) {
        out[0] = (unsigned char)c;
        return 1;
    }
    unsigned code = c >= FIRST && c <= LAST      ? ideograph_code(c)
                    : c >= 0xe000 && c <= 0xe765 ? user_code(c)
                                                 : other_code(c);
    if (code == 0)
        return four_bytes(c, out);
    out[0] = (unsigned char)(code >> 8);
    out[1] = (unsigned char)code;
    return 2;
}

static uint32_t two_byte_char(unsigned lead, unsigned trail)
{
    if (lead <= 0xa0)
        return other_ideograph((lead - 0x81) * 190 + cell_of(trail));
    if (trail <= 0xa0) {
        unsigned cell = cell_of(trail);
        if (lead <= 0xa7)
            return 0xe000 + 1222 + (lead - 0xa1) * GBK4_WIDTH + cell;
        if (lead >= 0xaa && (lead - 0xaa) * GBK4_WIDTH + cell < OTHERS - GBK3_SIZE)
            return other_ideograph(GBK3_SIZE + (lead - 0xaa) * GBK4_WIDTH + cell);
    } else if (lead >= 0xf8) {
        return 0xe000 + 564 + (lead - 0xf8) * 94 + trail - 0xa1;
    } else if (lead >= 0xb0) {
        uint16_t c = gb2312_chars[(lead - 0xb0) * 94 + trail - 0xa1];
        if (c)
            return c;
    } else if (lead >= 0xaa) {
        return 0xe000 + (lead - 0xaa) * 94 + trail - 0xa1;
    }
    for (size_t i = 0; i < COUNT(two_byte_others); i++)
        if (two_byte_others[i].code == (lead << 8 | trail))
            return two_byte_others[i].c;
    return 0;
}

static uint32_t four_byte_char(uint32_t index)
{
    if (index >= HIGH_INDEX)
        return index <= HIGH_INDEX + 0xfffff ? index - HIGH_INDEX + 0x10000 : 0;
    for (size_t i = 0; i < COUNT(four_byte_ranges); i++) {
        const struct four_byte *r = &four_byte_ranges[i];
        if (index >= r->index && index <= r->index + (uint32_t)(r->last - r->first))
            return r->first + index - r->index;
    }
    return 0;
}

static bool between(unsigned x, unsigned low, unsigned high)
{
    return x >= low && x <= high;
}

size_t tw_gb18030_step(struct tw_str s, uint32_t *c)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (s.len == 0)
        return 0;
    *c = p[0];
    if (p[0] < 0x80)
        return 1;
    if (s.len < 2 || !between(p[0], 0x81, 0xfe))
        return 0;
    if (between(p[1], 0x40, 0xfe) && p[1] != 0x7f) {
        *c = two_byte_char(p[0], p[1]);
        return *c ? 2 : 0;
    }
    if (s.len < 4 || !between(p[1], 0x30, 0x39) || !between(p[2], 0x81, 0xfe) ||
        !between(p[3], 0x30, 0x39))
        return 0;
    *c = four_byte_char((uint32_t)(((p[0] - 0x81) * 10 + p[1] - 0x30) * 1260 +
                                   (p[2] - 0x81) * 10 + p[3] - 0x30));
    return *c ? 4 : 0;
}

unsigned tw_gb2312_level(uint32_t c)
{
    bool one;
    if (c < FIRST || c > LAST)
        return 0;
    unsigned before = rank(c, &one);
    return !one ? 0 : gb2312_codes[before] < 0xd800 ? 1 : 2;
}

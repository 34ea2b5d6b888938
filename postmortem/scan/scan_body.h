/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of the vector kernels, over the operations that each of them defines before
 * it includes this file:
 *
 *     block, block_load(p)            64 bytes
 *     wide, wide_of(c)                a byte to compare with
 *     block_eq(block, wide)           a mask of the bytes that are equal
 *     prefix_xor(mask)                bit i: the parity of bits 0 … i
 *     errors, errors_none(), errors_add(errors, block, p), errors_any(errors)
 *                                     mistakes of UTF-8 in 64 bytes at p
 *     filter, filter_of(f), filter_mask(filter, f, p)
 *                                     where a needle may begin
 *     put_offsets(out, mask, base)    the offsets of the set bits; may write 64 of them
 */
#include <string.h>

#include "scan_kernel.h"

/* Bits behind an odd run of escapes. *CARRY: the first byte is escaped; then, the byte
 * behind the block. (Lemire's bit trick: runs that begin at odd places, added.) */
static inline uint64_t escaped_bits(uint64_t escapes, uint64_t *carry)
{
    if (!escapes) {
        uint64_t first = *carry;
        *carry = 0;
        return first;
    }
    uint64_t bits = 0;
    uint64_t skip = *carry;
    bits = skip;
    escapes &= ~skip;
    *carry = 0;
    while (escapes) { /* each escape takes the next byte, itself not an escape then */
        unsigned at = (unsigned)__builtin_ctzll(escapes);
        escapes &= escapes - 1;
        if (at == 63) {
            *carry = 1;
            break;
        }
        bits |= UINT64_C(2) << at;
        escapes &= ~(UINT64_C(2) << at);
    }
    return bits;
}

/* A closing quote stands before the bits of AFTER; what stands there is neither a
 * separator nor a quote. Only a line end of two bytes may. */
static bool odd_after_quote(const struct tw_scan *s, size_t at, uint64_t after)
{
    for (; after; after &= after - 1) {
        size_t i = at + (unsigned)__builtin_ctzll(after);
        if (i + 1 >= s->len || s->bytes[i] != '\r' || s->bytes[i + 1] != '\n')
            return i < s->len; /* the end of the bytes is for the reference to judge */
    }
    return false;
}

static void take_hits(struct tw_scan *s, size_t at, uint64_t mask, uint64_t escapes)
{
    for (uint64_t all = mask | escapes; all; all &= all - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(all);
        size_t i = at + bit;
        if ((escapes >> bit & 1) || tw_needle_here(s->filter, s->bytes + i, s->len - i))
            s->hits[s->nhits++] = (uint32_t)i;
    }
}

/* The header's first bytes as a word, to compare the beginning of each record with. */
struct beginning {
    uint32_t header, mask;
};

static struct beginning beginning_of(const struct tw_scan *s)
{
    struct beginning b = {0, 0};
    size_t n = s->header.len < 4 ? s->header.len : 4;
    if (n == 0) {
        b.header = 1; /* equal to no word under a mask of zero */
        return b;
    }
    memcpy(&b.header, s->header.ptr, n);
    memset(&b.mask, 0xff, n);
    return b;
}

static inline __attribute__((always_inline)) void
scan_blocks(struct tw_scan *s, size_t until, const bool separators, const bool filtered)
{
    enum { MARK = 0xbfbbef, MARK_MASK = 0xffffff };
    const wide line_feed = wide_of('\n'), delimiter = wide_of(s->delimiter);
    const wide quote = wide_of(s->quote), escape = wide_of(s->escape);
    const bool quotes = s->quote != 0, escapes = s->escape != 0;
    const filter needles = filter_of(s->filter);
    const struct beginning begin = beginning_of(s);
    const char *const bytes = s->bytes;
    const size_t len = s->len;
    uint64_t inside = s->inside, escaped = s->escaped, unfree = s->unfree;
    uint64_t closed = s->closed, odd = 0;
    size_t nbefore = s->nbefore, nbefore_end = s->nbefore_end, nends = s->nends;
    uint32_t *const ends = s->ends;
    errors wrong = errors_none();
    size_t i = s->done;
    for (; i < until; i += 64) {
        const char *p = bytes + i;
        block x = block_load(p);
        uint64_t ends_here = block_eq(x, line_feed);
        uint64_t all = ends_here | block_eq(x, delimiter);
        uint64_t hits = 0, escapes_here = 0;
        wrong = errors_add(wrong, x, p);
        if (filtered)
            hits = filter_mask(needles, s->filter, p);
        uint64_t q = quotes ? block_eq(x, quote) : 0;
        if (escapes) {
            escapes_here = block_eq(x, escape);
            uint64_t data = escaped_bits(escapes_here, &escaped);
            all &= ~data;
            ends_here &= ~data;
            q &= ~data;
        }
        uint64_t valid = ~UINT64_C(0);
        if (__builtin_expect(len - i < 64, 0)) {
            valid = (UINT64_C(1) << (len - i)) - 1;
            all &= valid;
            ends_here &= valid;
            q &= valid;
            hits &= valid;
            escapes_here &= valid;
        }
        if (quotes) {
            if (q | inside | closed) {
                uint64_t in = prefix_xor(q) ^ inside;
                inside = (uint64_t)((int64_t)in >> 63);
                uint64_t free = all | q, opening = q & in, closing = q & ~in;
                odd |= opening & ~(free << 1 | (unfree ^ 1));
                uint64_t after = (closing << 1 | closed) & ~free;
                closed = closing >> 63;
                if (__builtin_expect(after != 0, 0))
                    odd |= odd_after_quote(s, i, after);
                unfree = ~free >> 63;
                all &= ~in;
                ends_here &= ~in;
            } else {
                unfree = ~all >> 63;
            }
        }
        if (filtered && __builtin_expect((hits | escapes_here) != 0, 0))
            take_hits(s, i, hits, escapes_here);
        if (separators)
            put_offsets(s->separators + nbefore, all, (uint32_t)i);
        /* The first record end without a branch: most blocks have none or one. */
        uint64_t has = ends_here != 0;
        size_t bit = has ? (size_t)__builtin_ctzll(ends_here) : 0;
        uint32_t word;
        memcpy(&word, p + bit + 1, sizeof word);
        uint64_t upto = ends_here ^ (ends_here - 1);
        size_t here = nbefore + (size_t)__builtin_popcountll(all & upto);
        ends[nends] = (uint32_t)(i + bit);
        nends += has;
        odd |= has & (uint64_t)(here - nbefore_end != s->nfields);
        odd |= has & (uint64_t)((word & MARK_MASK) == MARK);
        if (__builtin_expect(has & ((word & begin.mask) == begin.header), 0))
            odd |= tw_scan_begins_oddly(s, i + bit + 1);
        nbefore_end = has ? here : nbefore_end;
        ends_here &= ends_here - 1;
        while (__builtin_expect(ends_here != 0, 0)) {
            bit = (size_t)__builtin_ctzll(ends_here);
            upto = ends_here ^ (ends_here - 1);
            here = nbefore + (size_t)__builtin_popcountll(all & upto);
            ends[nends++] = (uint32_t)(i + bit);
            odd |= here - nbefore_end != s->nfields;
            odd |= tw_scan_begins_oddly(s, i + bit + 1);
            nbefore_end = here;
            ends_here &= ends_here - 1;
        }
        nbefore += (size_t)__builtin_popcountll(all);
    }
    s->odd |= odd != 0 || errors_any(wrong);
    s->inside = inside;
    s->escaped = escaped;
    s->unfree = unfree;
    s->closed = closed;
    s->nbefore = nbefore;
    s->nbefore_end = nbefore_end;
    s->nends = nends;
    s->nseparators = nbefore;
    s->done = i < len ? i : len;
}

static void run(struct tw_scan *s, size_t until)
{
    if (until > s->len)
        until = s->len;
    bool filtered = s->filter->kind != TW_FILTER_NONE;
    if (s->wants_separators && filtered)
        scan_blocks(s, until, true, true);
    else if (s->wants_separators)
        scan_blocks(s, until, true, false);
    else if (filtered)
        scan_blocks(s, until, false, true);
    else
        scan_blocks(s, until, false, false);
}

static unsigned quotes_of(const struct tw_scan *s, const char *bytes, size_t len,
                          uint64_t *escaped)
{
    const wide quote = wide_of(s->quote), escape = wide_of(s->escape);
    uint64_t sum = 0, carry = *escaped;
    size_t i = 0;
    for (; i + 64 <= len; i += 64) {
        block x = block_load(bytes + i);
        uint64_t q = block_eq(x, quote);
        if (s->escape)
            q &= ~escaped_bits(block_eq(x, escape), &carry);
        sum ^= q;
    }
    unsigned count = (unsigned)__builtin_popcountll(sum);
    for (; i < len; i++) {
        bool data = carry != 0;
        carry = !data && s->escape && bytes[i] == s->escape;
        count += !data && bytes[i] == s->quote;
    }
    *escaped = carry;
    return count & 1;
}

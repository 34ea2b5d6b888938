/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of the vector kernels, over the operations that each of them defines before
 * it includes this file:
 *
 *     block, block_load(p)            64 bytes
 *     wide, wide_of(c)                a byte to compare with
 *     block_eq(block, wide)           a mask of the bytes that are equal
 *     prefix_xor(mask)                bit i: the parity of bits 0 … i
 *     lowest(mask)                    its lowest bit's number; of none: any number
 *     errors, errors_none(), errors_add(errors, before, block), errors_any(errors)
 *                                     mistakes of UTF-8, by the block before
 *     filter, filter_of(f)            what a needle filter looks for: byte[0], byte[1]
 *     groups(&filter, first, block)   where the second byte of a needle may stand; the
 *                                     first ones stand at `first`
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

/* MASK: where the second byte of a needle may stand. */
static void take_hits(struct tw_scan *s, size_t at, uint64_t mask, uint64_t escapes)
{
    for (uint64_t all = mask | escapes; all; all &= all - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(all);
        size_t i = at + bit, second = s->filter->at[1];
        if ((escapes >> bit & 1) ||
            (i >= second &&
             tw_needle_here(s->filter, s->bytes + i - second, s->len - i + second)))
            s->hits[s->nhits++] = (uint32_t)i;
    }
}

/* What a loop carries from block to block, in registers. */
struct carried {
    uint64_t inside, escaped, closed, unfree, odd;
    uint64_t first; /* bytes that a needle's first byte before asks for */
    size_t nbefore, nends, nhits;
    block before;
    errors wrong;
};

/* What does not change from block to block: copies, so that the stores of the loop do
 * not make the compiler read it again. */
struct settled {
    const char *bytes;
    wide line_feed, delimiter, quote, escape;
    bool quotes, escapes;
    filter needles;
    size_t at[2];
    unsigned apart; /* the two bytes of a needle */
    uint32_t *ends, *ranks, *separators;
};

static inline struct settled settle(const struct tw_scan *s)
{
    return (struct settled){.bytes = s->bytes,
                            .line_feed = wide_of('\n'),
                            .delimiter = wide_of(s->delimiter),
                            .quote = wide_of(s->quote),
                            .escape = wide_of(s->escape),
                            .quotes = s->quote != 0,
                            .escapes = s->escape != 0,
                            .needles = filter_of(s->filter),
                            .at = {s->filter->at[0], s->filter->at[1]},
                            .apart = (unsigned)(s->filter->at[1] - s->filter->at[0]),
                            .ends = s->ends,
                            .ranks = s->ranks,
                            .separators = s->separators};
}

/* Quotes in a block, or a block within quotes. */
static inline void take_quotes(const struct tw_scan *s, struct carried *c, size_t i,
                               uint64_t q, uint64_t valid, uint64_t *all,
                               uint64_t *ends_here)
{
    uint64_t in = prefix_xor(q) ^ c->inside;
    c->inside = (uint64_t)((int64_t)in >> 63);
    uint64_t free = *all | q | ~valid, opening = q & in, closing = q & ~in;
    c->odd |= opening & ~(free << 1 | (c->unfree ^ 1));
    uint64_t after = (closing << 1 | c->closed) & ~free;
    c->closed = closing >> 63;
    if (__builtin_expect(after != 0, 0))
        c->odd |= odd_after_quote(s, i, after);
    *all &= ~in;
    *ends_here &= ~in;
}

/* May a quote open at the block's first byte? Without escapes the byte before tells. */
static inline uint64_t unfree_before(const struct tw_scan *s, const char *p)
{
    return p != s->bytes && p[-1] != s->delimiter && p[-1] != '\n' && p[-1] != s->quote;
}

/* Where the second of two bytes stands that are as far apart as a needle has them. */
static inline uint64_t pairs(const struct settled *k, struct carried *c, block x)
{
    uint64_t first = block_eq(x, k->needles.byte[0]);
    uint64_t here = first << k->apart | c->first;
    c->first = k->apart ? first >> (64 - k->apart) : 0;
    return here & block_eq(x, k->needles.byte[1]);
}

/* The block X stands at offset I; VALID: those of its bytes that are to be looked at.
 */
static inline __attribute__((always_inline)) void
scan_block(struct tw_scan *s, const struct settled *k, struct carried *c, block x,
           size_t i, uint64_t valid, const bool separators,
           const enum tw_filter_kind filtered)
{
    const char *p = k->bytes + (ptrdiff_t)i; /* a first block begins in the margin */
    uint64_t ends_here = block_eq(x, k->line_feed) & valid;
    uint64_t all = (block_eq(x, k->delimiter) & valid) | ends_here;
    uint64_t q = k->quotes ? block_eq(x, k->quote) & valid : 0;
    uint64_t escapes_here = 0, hits = 0;
    c->wrong = errors_add(c->wrong, c->before, x);
    c->before = x;
    if (filtered == TW_FILTER_ONE)
        hits = pairs(k, c, x) & valid;
    if (filtered == TW_FILTER_MANY)
        hits = groups(&k->needles, p - k->apart, x) & valid;
    if (k->escapes) {
        escapes_here = block_eq(x, k->escape) & valid;
        uint64_t data = escaped_bits(escapes_here, &c->escaped);
        all &= ~data;
        ends_here &= ~data;
        q &= ~data;
    }
    if (q | c->inside | c->closed) {
        uint64_t raw = all | q;
        if (!k->escapes)
            c->unfree = unfree_before(s, p);
        take_quotes(s, c, i, q, valid, &all, &ends_here);
        if (k->escapes)
            c->unfree = ~raw >> 63;
    } else if (k->escapes) {
        c->unfree = ~all >> 63;
    }
    if (filtered != TW_FILTER_NONE && __builtin_expect((hits | escapes_here) != 0, 0)) {
        s->nhits = c->nhits;
        take_hits(s, i, hits, escapes_here);
        c->nhits = s->nhits;
    }
    if (separators)
        put_offsets(k->separators + c->nbefore, all, (uint32_t)i);
    if (separators) { /* where they stand follows from the separators: find_ends() */
        c->nends += (size_t)__builtin_popcountll(ends_here);
    } else {
        /* The first record end without a branch: most blocks have none or one. */
        uint64_t upto = ends_here ^ (ends_here - 1);
        k->ends[c->nends] = (uint32_t)(i + (size_t)lowest(ends_here));
        k->ranks[c->nends] =
            (uint32_t)(c->nbefore + (size_t)__builtin_popcountll(all & upto));
        c->nends += ends_here != 0;
        ends_here &= ends_here - 1;
        while (__builtin_expect(ends_here != 0, 0)) {
            upto = ends_here ^ (ends_here - 1);
            k->ends[c->nends] = (uint32_t)(i + (size_t)lowest(ends_here));
            k->ranks[c->nends++] =
                (uint32_t)(c->nbefore + (size_t)__builtin_popcountll(all & upto));
            ends_here &= ends_here - 1;
        }
    }
    c->nbefore += (size_t)__builtin_popcountll(all);
}

/* The line feed at END and the three bytes behind it. */
static inline uint32_t around(const struct tw_scan *s, uint32_t end)
{
    uint32_t word; /* the margin can be read */
    memcpy(&word, s->bytes + end, sizeof word);
    return word;
}

static inline bool is_mark(uint32_t word)
{
    return word == (UINT32_C(0xbfbbef) << 8 | '\n');
}

/* Where there are separators: every last one of NFIELDS must end a record; as many line
 * feeds as that were seen, so no other one does. False where it is not so. *MARKS: one
 * is followed by a mark. */
static bool find_ends(struct tw_scan *s, size_t from, bool *marks)
{
    const uint32_t *separators = s->separators;
    const size_t nfields = s->nfields;
    if (s->nends * nfields > s->nseparators)
        return false;
    uint32_t wrong = 0;
    for (size_t k = from; k < s->nends; k++) {
        uint32_t at = separators[k * nfields + nfields - 1], word = around(s, at);
        wrong |= (word & 0xff) ^ '\n';
        *marks |= is_mark(word);
        s->ends[k] = at;
    }
    return wrong == 0;
}

/* Without them, the ranks of the ends tell the number of fields. */
static bool ends_are_even(const struct tw_scan *s, size_t from, bool *marks)
{
    const uint32_t *ranks = s->ranks, nfields = (uint32_t)s->nfields;
    uint32_t ragged = from < s->nends && from == 0 ? ranks[0] ^ nfields : 0;
    for (size_t k = from ? from : 1; k < s->nends; k++)
        ragged |= (ranks[k] - ranks[k - 1]) ^ nfields;
    for (size_t k = from; k < s->nends; k++)
        *marks |= is_mark(around(s, s->ends[k]));
    return ragged == 0;
}

/* Is there a record, from FROM on, that is the header or begins with a mark? (The one
 * behind the last end too: it may end in a later step than its mark.) */
static bool odd_rows(const struct tw_scan *s, size_t from, bool marks)
{
    const uint32_t *ends = s->ends, length = (uint32_t)s->header.len;
    uint32_t alike = 0;
    for (size_t k = from ? from : 1; k < s->nends; k++)
        alike |= ends[k] - ends[k - 1] - 1 - length <= 1;
    for (size_t k = from; marks && k < s->nends; k++)
        if (tw_scan_begins_oddly(s, ends[k] + (size_t)1))
            return true;
    for (size_t k = from ? from : 1; alike && k < s->nends; k++)
        if (ends[k] - ends[k - 1] - 1 - length <= 1 &&
            tw_scan_begins_oddly(s, ends[k - 1] + (size_t)1))
            return true;
    return false;
}

static inline __attribute__((always_inline)) void
scan_blocks(struct tw_scan *s, size_t until, const bool separators,
            const enum tw_filter_kind filtered)
{
    const struct settled settled = settle(s);
    struct carried c = {.inside = s->inside,
                        .escaped = s->escaped,
                        .closed = s->closed,
                        .unfree = s->unfree,
                        .first = s->first,
                        .nbefore = s->nbefore,
                        .nends = s->nends,
                        .nhits = s->nhits,
                        .wrong = errors_none()};
    const size_t from = s->nends, len = s->len;
    size_t i = s->done;
    if (i == 0) { /* a part of a block, so that all others are aligned */
        char part[64];
        memset(part, '\n', sizeof part);
        size_t skip = (uintptr_t)s->bytes % 64, n = 64 - skip < len ? 64 - skip : len;
        c.before = block_load(part);
        memcpy(part + skip, s->bytes, n);
        uint64_t valid = n == 64 ? ~UINT64_C(0) : ((UINT64_C(1) << n) - 1) << skip;
        scan_block(s, &settled, &c, block_load(part), (size_t)0 - skip, valid,
                   separators, filtered);
        i = n;
    } else {
        c.before = block_load(s->bytes + i - 64);
    }
    for (; i < until && len - i >= 64; i += 64)
        scan_block(s, &settled, &c, block_load(s->bytes + i), i, ~UINT64_C(0),
                   separators, filtered);
    if (i < until) { /* what stands behind the bytes may be half a character */
        char part[64];
        memset(part, '\n', sizeof part);
        memcpy(part, s->bytes + i, len - i);
        uint64_t valid = (UINT64_C(1) << (len - i)) - 1;
        scan_block(s, &settled, &c, block_load(part), i, valid, separators, filtered);
        i = len;
    }
    s->inside = c.inside;
    s->escaped = c.escaped;
    s->closed = c.closed;
    s->unfree = c.unfree;
    s->first = c.first;
    s->nbefore = s->nseparators = c.nbefore;
    s->nends = c.nends;
    s->nhits = c.nhits;
    s->done = i;
    bool marks = false;
    s->odd |=
        c.odd != 0 || errors_any(c.wrong) ||
        !(separators ? find_ends(s, from, &marks) : ends_are_even(s, from, &marks)) ||
        odd_rows(s, from, marks);
}

static void run(struct tw_scan *s, size_t until)
{
    const enum tw_filter_kind kind = s->filter->kind;
    if (until > s->len)
        until = s->len;
    if (s->wants_separators && kind == TW_FILTER_NONE)
        scan_blocks(s, until, true, TW_FILTER_NONE);
    else if (s->wants_separators && kind == TW_FILTER_ONE)
        scan_blocks(s, until, true, TW_FILTER_ONE);
    else if (s->wants_separators)
        scan_blocks(s, until, true, TW_FILTER_MANY);
    else if (kind == TW_FILTER_NONE)
        scan_blocks(s, until, false, TW_FILTER_NONE);
    else if (kind == TW_FILTER_ONE)
        scan_blocks(s, until, false, TW_FILTER_ONE);
    else
        scan_blocks(s, until, false, TW_FILTER_MANY);
}

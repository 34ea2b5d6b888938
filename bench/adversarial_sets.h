/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets made to be hard, as iptables-save text: the same for the same arguments.
 *
 *     tile    one rule at the end whose situations are cut into SIZE pieces by rules
 *             before it, in five fields, in no order: dead, by all of them together
 *     needle  the same, but for the smallest piece: live by a sliver
 *     clique  rules forbid pairs of values of five fields with SIZE values each; the
 *             last rule is reached exactly if five values, one per field, are allowed
 *             pairwise: a clique in a graph, which is hard in the number of fields
 */
#ifndef TW_ADVERSARIAL_SETS_H
#define TW_ADVERSARIAL_SETS_H

#include "buf.h"
#include "num.h"

enum tw_adversary { TW_ADVERSARY_TILE, TW_ADVERSARY_NEEDLE, TW_ADVERSARY_CLIQUE };

struct adversary {
    struct tw_arena *arena;
    uint64_t seed;
};

static inline uint32_t adversary_draw(struct adversary *a, uint32_t below)
{
    a->seed ^= a->seed << 13;
    a->seed ^= a->seed >> 7;
    a->seed ^= a->seed << 17;
    return (uint32_t)((a->seed >> 11) % below);
}

/* --- tiles ---------------------------------------------------------------------------
 */

enum { TILE_SRC, TILE_DST, TILE_SPORT, TILE_DPORT, TILE_STATE, TILE_FIELDS };

struct tile {
    uint32_t lo[TILE_FIELDS], hi[TILE_FIELDS]; /* state: 0 … 3 */
};

static const struct tile tile_whole = {{0x0a000000, 0xac100000, 1024, 0, 0},
                                       {0x0affffff, 0xac1fffff, 65535, 65535, 3}};

static inline tw_u128 tile_size(const struct tile *t)
{
    tw_u128 size = 1;
    for (int f = 0; f < TILE_FIELDS; f++)
        size *= (tw_u128)(t->hi[f] - t->lo[f]) + 1;
    return size;
}

/* Cuts one of the tiles in two, in a field and at a place at random, COUNT times. */
static inline void cut_tiles(struct adversary *a, struct tile *tiles, uint32_t count)
{
    tiles[0] = tile_whole;
    for (uint32_t n = 1; n < count;) {
        struct tile *t = &tiles[adversary_draw(a, n)];
        uint32_t field = adversary_draw(a, TILE_FIELDS);
        if (t->lo[field] == t->hi[field])
            continue;
        uint32_t last = t->lo[field] + adversary_draw(a, t->hi[field] - t->lo[field]);
        tiles[n] = *t;
        t->hi[field] = last;
        tiles[n++].lo[field] = last + 1;
    }
}

static inline void put_address(struct tw_buf *buf, uint32_t x)
{
    tw_buf_fmt(buf, "%u.%u.%u.%u", x >> 24, x >> 16 & 255, x >> 8 & 255, x & 255);
}

static inline void put_tile(struct tw_buf *buf, const struct tile *t,
                            const char *target)
{
    static const char *const states[] = {"INVALID", "NEW", "ESTABLISHED", "RELATED"};
    tw_buf_text(buf, "-A FORWARD -p tcp -m iprange --src-range ");
    put_address(buf, t->lo[TILE_SRC]);
    tw_buf_char(buf, '-');
    put_address(buf, t->hi[TILE_SRC]);
    tw_buf_text(buf, " --dst-range ");
    put_address(buf, t->lo[TILE_DST]);
    tw_buf_char(buf, '-');
    put_address(buf, t->hi[TILE_DST]);
    tw_buf_fmt(buf, " -m tcp --sport %u:%u --dport %u:%u -m conntrack --ctstate ",
               t->lo[TILE_SPORT], t->hi[TILE_SPORT], t->lo[TILE_DPORT],
               t->hi[TILE_DPORT]);
    for (uint32_t s = t->lo[TILE_STATE]; s <= t->hi[TILE_STATE]; s++)
        tw_buf_fmt(buf, "%s%s", s > t->lo[TILE_STATE] ? "," : "", states[s]);
    tw_buf_fmt(buf, " -j %s\n", target);
}

static inline void put_tiles(struct adversary *a, struct tw_buf *buf, uint32_t count,
                             bool needle)
{
    struct tile *tiles = tw_new_array(a->arena, count, struct tile);
    uint32_t smallest = 0;
    cut_tiles(a, tiles, count);
    for (uint32_t i = count; i-- > 1;) {
        uint32_t k = adversary_draw(a, i + 1);
        struct tile swap = tiles[i];
        tiles[i] = tiles[k];
        tiles[k] = swap;
    }
    for (uint32_t i = 1; i < count; i++)
        if (tile_size(&tiles[i]) < tile_size(&tiles[smallest]))
            smallest = i;
    for (uint32_t i = 0; i < count; i++)
        if (!needle || i != smallest)
            put_tile(buf, &tiles[i], adversary_draw(a, 2) ? "ACCEPT" : "DROP");
    put_tile(buf, &tile_whole, "ACCEPT");
}

/* --- cliques -------------------------------------------------------------------------
 */

/* The five fields: addresses, ports, and the lower bits of the TCP flags. */
static inline void put_clique_field(struct tw_buf *buf, uint32_t field, uint32_t value,
                                    uint32_t bits)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
    static const char *const options[] = {" -s 10.0.0.", " -d 10.0.1.", " --sport ",
                                          " --dport "};
    if (field < 4) {
        tw_buf_fmt(buf, "%s%u%s", options[field], value, field < 2 ? "/32" : "");
        return;
    }
    const char *separator = " --tcp-flags ";
    for (uint32_t i = 0; i < bits; i++, separator = ",")
        tw_buf_fmt(buf, "%s%s", separator, names[i]);
    separator = " ";
    for (uint32_t i = 0; i < bits; i++)
        if (value >> i & 1) {
            tw_buf_fmt(buf, "%s%s", separator, names[i]);
            separator = ",";
        }
    if (value == 0)
        tw_buf_text(buf, " NONE");
}

static inline void put_clique_rule(struct tw_buf *buf, const uint32_t field[2],
                                   const uint32_t value[2], uint32_t bits)
{
    tw_buf_text(buf, "-A FORWARD");
    for (int i = 0; i < 2; i++)
        if (field[i] < 2)
            put_clique_field(buf, field[i], value[i], bits);
    tw_buf_text(buf, " -p tcp -m tcp");
    for (int i = 0; i < 2; i++)
        if (field[i] >= 2)
            put_clique_field(buf, field[i], value[i], bits);
    tw_buf_text(buf, " -j DROP\n");
}

/* 2^BITS values a field, of whose pairs PERCENT are forbidden; shuffled by drawing the
 * pairs in the order of a full-period generator. */
static inline void put_clique(struct adversary *a, struct tw_buf *buf, uint32_t bits,
                              uint32_t percent)
{
    uint32_t values = 1u << bits, pairs = values * values, all = 16 * pairs;
    uint32_t at = adversary_draw(a, all);
    for (uint32_t i = 0; i < all; i++) {
        at = (at * 5 + 12345) & (all - 1);
        uint32_t which = at / pairs, first = 0, second = 1 + which;
        for (; second > 4 && first < 4; first++)
            second -= 3 - first;
        if (which >= 10 || adversary_draw(a, 100) >= percent)
            continue;
        const uint32_t field[] = {first, second};
        const uint32_t value[] = {at % values, at / values % values};
        put_clique_rule(buf, field, value, bits);
    }
    tw_buf_fmt(buf,
               "-A FORWARD -m iprange --src-range 10.0.0.0-10.0.0.%u --dst-range "
               "10.0.1.0-10.0.1.%u -p tcp -m tcp --sport 0:%u --dport 0:%u",
               values - 1, values - 1, values - 1, values - 1);
    tw_buf_text(buf, bits == 5   ? " --tcp-flags URG NONE"
                     : bits == 4 ? " --tcp-flags ACK,URG NONE"
                                 : " --tcp-flags PSH,ACK,URG NONE");
    tw_buf_text(buf, " -j ACCEPT\n");
}

/* SIZE: pieces of a tile (1 … 1,000,000), bits of a clique's fields (3 … 5). PERCENT:
 * of a clique's pairs. In ARENA. */
static inline struct tw_str adversarial_set(struct tw_arena *arena,
                                            enum tw_adversary kind, uint32_t size,
                                            uint32_t percent, uint64_t seed)
{
    struct adversary a = {arena, seed * 0x9e3779b97f4a7c15u | 1};
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_text(&buf, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n"
                      ":OUTPUT ACCEPT [0:0]\n");
    if (kind == TW_ADVERSARY_CLIQUE)
        put_clique(&a, &buf, size, percent);
    else
        put_tiles(&a, &buf, size, kind == TW_ADVERSARY_NEEDLE);
    tw_buf_text(&buf, "COMMIT\n");
    return tw_buf_view(&buf);
}

#endif

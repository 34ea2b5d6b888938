/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder of GB18030 and its like: for utf8_stream.c. */
#include "gb_decoder.h"

#include <stdint.h>
#include <string.h>

enum {
    LEAD_MIN = 0x81,
    LEAD_MAX = 0xfe,
    TRAIL_MIN = 0x40,
    TRAIL_MAX = 0xfe,
    TRAILS = TRAIL_MAX - TRAIL_MIN + 1,
    PAIRS = (LEAD_MAX - LEAD_MIN + 1) * TRAILS,
    CHARACTER_MAX = 4 /* bytes, in either encoding */
};

struct tw_gb_decoder {
    iconv_t cd;
    char (*pairs)[CHARACTER_MAX]; /* UTF-8, zero bytes behind it; all zero: not one */
};

static size_t pair_index(unsigned char lead, unsigned char trail)
{
    return (size_t)(lead - LEAD_MIN) * TRAILS + (size_t)(trail - TRAIL_MIN);
}

static void learn_pair(struct tw_gb_decoder *gb, unsigned char lead,
                       unsigned char trail)
{
    char bytes[2] = {(char)lead, (char)trail}, out[CHARACTER_MAX] = {0};
    char *in = bytes, *to = out;
    size_t left = sizeof bytes, room = sizeof out;
    iconv(gb->cd, NULL, NULL, NULL, NULL);
    bool known = iconv(gb->cd, &in, &left, &to, &room) != (size_t)-1 && left == 0;
    /* One character: a byte of ASCII would be two, or nothing that is looked up. */
    if (known && (out[0] & 0x80))
        memcpy(gb->pairs[pair_index(lead, trail)], out, sizeof out);
}

struct tw_gb_decoder *tw_gb_decoder_new(struct tw_arena *arena, struct tw_str encoding,
                                        iconv_t cd)
{
    static const char *const family[] = {"GB18030", "GBK", "CP936", "GB2312", "EUC-CN"};
    bool is_one = false;
    for (size_t i = 0; i < sizeof family / sizeof family[0]; i++)
        is_one |= tw_str_eq_nocase(encoding, tw_str_of(family[i]));
    if (!is_one)
        return NULL;
    struct tw_gb_decoder *gb = tw_new(arena, struct tw_gb_decoder);
    gb->cd = cd;
    gb->pairs = tw_arena_array(arena, PAIRS, sizeof *gb->pairs);
    for (int lead = LEAD_MIN; lead <= LEAD_MAX; lead++)
        for (int trail = TRAIL_MIN; trail <= TRAIL_MAX; trail++)
            learn_pair(gb, (unsigned char)lead, (unsigned char)trail);
    iconv(cd, NULL, NULL, NULL, NULL);
    return gb;
}

/* The ASCII bytes at the beginning of FROM. */
static size_t copy_ascii(const char *from, size_t len, char *to)
{
    size_t i = 0;
    uint64_t word;
    for (; i + sizeof word <= len; i += sizeof word) {
        memcpy(&word, from + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
        memcpy(to + i, &word, sizeof word);
    }
    for (; i < len && !(from[i] & 0x80); i++)
        to[i] = from[i];
    return i;
}

/* One or more characters that iconv takes from a few bytes; 0 where it takes none. */
static size_t ask_iconv(struct tw_gb_decoder *gb, const char *from, size_t len,
                        char **to)
{
    enum { WINDOW = 2 * CHARACTER_MAX };
    size_t left = len < WINDOW ? len : WINDOW, asked = left;
    size_t room = WINDOW * CHARACTER_MAX;
    char *in = (char *)(uintptr_t)from; /* iconv does not write there */
    iconv(gb->cd, NULL, NULL, NULL, NULL);
    (void)iconv(gb->cd, &in, &left, to, &room);
    return asked - left;
}

size_t tw_gb_decode(struct tw_gb_decoder *gb, struct tw_str bytes, bool whole, char *to,
                    size_t *fill)
{
    const char *begin = to;
    size_t i = 0;
    while (i < bytes.len) {
        const char *p = bytes.ptr + i;
        size_t left = bytes.len - i;
        if (!(p[0] & 0x80)) {
            size_t n = copy_ascii(p, left, to);
            i += n;
            to += n;
            continue;
        }
        unsigned char lead = (unsigned char)p[0];
        unsigned char trail = left > 1 ? (unsigned char)p[1] : 0;
        if (lead >= LEAD_MIN && lead <= LEAD_MAX && trail >= TRAIL_MIN &&
            trail <= TRAIL_MAX) {
            const char *c = gb->pairs[pair_index(lead, trail)];
            if (c[0]) {
                memcpy(to, c, CHARACTER_MAX);
                to += c[2] == 0 ? 2 : c[3] == 0 ? 3 : 4;
                i += 2;
                continue;
            }
        }
        size_t n = ask_iconv(gb, p, left, &to);
        if (n == 0 && !whole && left < 2 * CHARACTER_MAX)
            break; /* cut, or wrong: the next bytes tell */
        if (n == 0)
            *to++ = '\xff';
        i += n ? n : 1;
    }
    *fill += (size_t)(to - begin);
    return i;
}

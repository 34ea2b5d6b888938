/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses from text and back. The C library's inet_pton does the strict parsing. */
#include "ip.h"

#include <arpa/inet.h>
#include <string.h>

tw_u128 tw_ip_max(enum tw_family family)
{
    return family == TW_IPV4 ? TW_IPV4_MAX : TW_IPV6_MAX;
}

bool tw_ip_parse(struct tw_str s, enum tw_family *family, tw_u128 *out)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (s.len == 0 || s.len >= sizeof text || memchr(s.ptr, '\0', s.len))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    bool six = tw_str_find(s, ':') < s.len;
    if (inet_pton(six ? AF_INET6 : AF_INET, text, bytes) != 1)
        return false;
    tw_u128 address = 0;
    for (size_t i = 0; i < (six ? 16u : 4u); i++)
        address = address << 8 | bytes[i];
    *family = six ? TW_IPV6 : TW_IPV4;
    *out = address;
    return true;
}

/* The number of leading ones of a contiguous mask, or -1. */
static int mask_length(enum tw_family family, tw_u128 mask)
{
    tw_u128 max = tw_ip_max(family), host = max & ~mask;
    if (host & (host + 1))
        return -1;
    int bits = family == TW_IPV4 ? 32 : 128;
    for (; host; host >>= 1)
        bits--;
    return bits;
}

static bool parse_prefix(struct tw_str address, struct tw_str tail,
                         enum tw_family *family, struct tw_range *out, bool *host_bits)
{
    tw_u128 a, mask;
    enum tw_family mask_family;
    uint64_t length;
    if (!tw_ip_parse(address, family, &a))
        return false;
    uint64_t bits = *family == TW_IPV4 ? 32 : 128;
    if (!tw_parse_u64(tail, bits, &length)) {
        int n = -1;
        if (tw_ip_parse(tail, &mask_family, &mask) && mask_family == *family)
            n = mask_length(*family, mask);
        if (n < 0)
            return false;
        length = (uint64_t)n;
    }
    tw_u128 host =
        length == 0 ? tw_ip_max(*family) : (((tw_u128)1 << (bits - length)) - 1);
    if (host_bits)
        *host_bits = (a & host) != 0;
    *out = (struct tw_range){a & ~host, (a & ~host) | host};
    return true;
}

bool tw_ip_range_parse(struct tw_str s, enum tw_family *family, struct tw_range *out,
                       bool *host_bits)
{
    if (host_bits)
        *host_bits = false;
    size_t slash = tw_str_find(s, '/'), dash = tw_str_find(s, '-');
    if (slash < s.len)
        return parse_prefix(tw_str_first(s, slash), tw_str_from(s, slash + 1), family,
                            out, host_bits);
    if (dash < s.len) {
        enum tw_family other;
        return tw_ip_parse(tw_str_trim(tw_str_first(s, dash)), family, &out->lo) &&
               tw_ip_parse(tw_str_trim(tw_str_from(s, dash + 1)), &other, &out->hi) &&
               *family == other && out->lo <= out->hi;
    }
    if (!tw_ip_parse(s, family, &out->lo))
        return false;
    out->hi = out->lo;
    return true;
}

static void put_quad(struct tw_buf *buf, uint32_t address)
{
    for (unsigned shift = 32; shift > 0;) {
        shift -= 8;
        tw_buf_u64(buf, address >> shift & 255);
        if (shift)
            tw_buf_char(buf, '.');
    }
}

void tw_buf_ip(struct tw_buf *buf, enum tw_family family, tw_u128 address)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (family == TW_IPV4) {
        put_quad(buf, (uint32_t)address);
        return;
    }
    for (size_t i = sizeof bytes; i-- > 0; address >>= 8)
        bytes[i] = (unsigned char)address;
    if (inet_ntop(AF_INET6, bytes, text, sizeof text))
        tw_buf_text(buf, text);
}

void tw_buf_ip_range(struct tw_buf *buf, enum tw_family family, struct tw_range range)
{
    tw_buf_ip(buf, family, range.lo);
    if (range.lo == range.hi)
        return;
    tw_u128 host = range.lo ^ range.hi;
    if ((host & (host + 1)) == 0 && (range.lo & host) == 0) {
        unsigned bits = family == TW_IPV4 ? 32 : 128;
        for (; host; host >>= 1)
            bits--;
        tw_buf_char(buf, '/');
        tw_buf_u64(buf, bits);
    } else {
        tw_buf_char(buf, '-');
        tw_buf_ip(buf, family, range.hi);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Packets as bytes (RFC 791, 8200, 9293, 768, 792, 4443), for bpf_filter(). */
#include "bpf_match.h"

#include <string.h>

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, PAYLOAD = 40 };

/* The SIZE low bytes of VALUE, most significant first. */
static void put(unsigned char *at, tw_u128 value, size_t size)
{
    for (size_t i = size; i > 0; i--, value >>= 8)
        at[i - 1] = (unsigned char)value;
}

/* The transport header; without ports or types it is all ones, so that a filter which
 * reads it by mistake does not find the zeros of a packet without ports. */
static void put_payload(unsigned char *at, const struct tw_packet *p)
{
    memset(at, 0xff, PAYLOAD);
    switch (p->proto) {
    case TW_PROTO_TCP:
        memset(at, 0, 20);
        at[12] = 5 << 4; /* words of header */
        at[13] = (unsigned char)p->tcp_flags;
        put(at, p->sport, 2);
        put(at + 2, p->dport, 2);
        break;
    case TW_PROTO_UDP:
    case TW_PROTO_UDPLITE:
    case TW_PROTO_SCTP:
    case TW_PROTO_DCCP:
        put(at, p->sport, 2);
        put(at + 2, p->dport, 2);
        break;
    case TW_PROTO_ICMP:
    case TW_PROTO_ICMPV6:
        put(at, p->dport, 2); /* type, code */
        break;
    default:
        break;
    }
}

size_t tw_bpf_packet(unsigned char bytes[TW_BPF_PACKET_MAX],
                     const struct tw_packet *packet, unsigned options)
{
    bool six = packet->family == TW_IPV6;
    size_t header = six ? IPV6_HEADER : IPV4_HEADER + 4u * options;
    memset(bytes, 0, header);
    if (six) {
        bytes[0] = 6 << 4;
        put(bytes + 4, PAYLOAD, 2);
        bytes[6] = (unsigned char)packet->proto;
        bytes[7] = 64;
        put(bytes + 8, packet->src, 16);
        put(bytes + 24, packet->dst, 16);
    } else {
        bytes[0] = (unsigned char)(4 << 4 | header / 4);
        put(bytes + 2, header + PAYLOAD, 2);
        bytes[6] = 0x40; /* do not fragment */
        bytes[8] = 64;
        bytes[9] = (unsigned char)packet->proto;
        put(bytes + 12, packet->src, 4);
        put(bytes + 16, packet->dst, 4);
        memset(bytes + IPV4_HEADER, 1, header - IPV4_HEADER); /* no operation */
    }
    put_payload(bytes + header, packet);
    return header + PAYLOAD;
}

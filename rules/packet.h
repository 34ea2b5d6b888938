/* SPDX-License-Identifier: Apache-2.0 */
/* One packet, as far as rules look at it. */
#ifndef TW_PACKET_H
#define TW_PACKET_H

#include "ip.h"

enum tw_proto {
    TW_PROTO_ICMP = 1,
    TW_PROTO_TCP = 6,
    TW_PROTO_UDP = 17,
    TW_PROTO_DCCP = 33,
    TW_PROTO_ICMPV6 = 58,
    TW_PROTO_SCTP = 132,
    TW_PROTO_UDPLITE = 136
};

enum tw_tcp_flag {
    TW_TCP_FIN = 1,
    TW_TCP_SYN = 2,
    TW_TCP_RST = 4,
    TW_TCP_PSH = 8,
    TW_TCP_ACK = 16,
    TW_TCP_URG = 32,
    TW_TCP_ALL = 63 /* what iptables calls ALL: without ECE and CWR */
};

/* States of connection tracking, as bits. */
enum tw_state {
    TW_STATE_INVALID = 1,
    TW_STATE_NEW = 2,
    TW_STATE_ESTABLISHED = 4,
    TW_STATE_RELATED = 8,
    TW_STATE_UNTRACKED = 16,
    TW_STATE_ALL = 31
};

struct tw_packet {
    enum tw_family family;
    tw_u128 src, dst;
    unsigned proto;      /* 0 … 255 */
    unsigned sport;      /* 0 for protocols without ports */
    unsigned dport;      /* ICMP: type << 8 | code; 0 for protocols without ports */
    unsigned tcp_flags;  /* of enum tw_tcp_flag, TCP only */
    enum tw_state state; /* of the connection it belongs to, one bit */
};

/* Does PROTO carry ports (TCP, UDP, UDP-Lite, SCTP, DCCP)? */
bool tw_proto_has_ports(unsigned proto);
/* Is PROTO the ICMP of FAMILY? */
bool tw_proto_is_icmp(unsigned proto, enum tw_family family);
/* "tcp", "udp", "icmp", "ipv6-icmp" … or its number. */
struct tw_str tw_proto_name(struct tw_arena *arena, unsigned proto);
/* By name (IANA's, as in /etc/protocols, without reading that file) or number. */
bool tw_proto_parse(struct tw_str s, unsigned *proto);

#endif

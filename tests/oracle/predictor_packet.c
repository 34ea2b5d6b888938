/* SPDX-License-Identifier: Apache-2.0 */
/* Probes as packets, and what connection tracking makes of them. */
#include "predictor_packet.h"

enum {
    ECHO_REPLY = 0,
    ECHO = 8,
    TIMESTAMP = 13,
    TIMESTAMP_REPLY = 14,
    INFORMATION = 15,
    INFORMATION_REPLY = 16,
    ADDRESS_MASK = 17,
    ADDRESS_MASK_REPLY = 18,
    ECHO6 = 128,
    ECHO6_REPLY = 129,
    NODE6_QUERY = 139,
    NODE6_REPLY = 140
};

static tw_u128 address_of(const uint8_t *bytes, size_t n)
{
    tw_u128 value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static enum tw_state tcp_state(unsigned flags)
{
    unsigned known = flags & (TW_TCP_FIN | TW_TCP_SYN | TW_TCP_RST | TW_TCP_ACK);
    /* PSH never matters; URG goes with SYN, ACK and FIN+ACK alone. */
    bool opens = known == TW_TCP_SYN;
    bool goes_on = known == TW_TCP_ACK;
    return opens || goes_on ? TW_STATE_NEW : TW_STATE_INVALID;
}

static bool icmp_state(const struct tw_packet *p, enum tw_state *state)
{
    unsigned type = p->dport >> 8;
    *state = TW_STATE_INVALID;
    if (p->family == TW_IPV6) {
        if (type == ECHO6 || type == NODE6_QUERY)
            *state = TW_STATE_NEW;
        bool discovery =
            (type >= 130 && type <= 137) || type == 143 ||
            (type >= 151 && type <= 153); /* multicast routers, in new kernels */
        return !discovery;
    }
    if (type == ECHO || type == TIMESTAMP || type == INFORMATION ||
        type == ADDRESS_MASK)
        *state = TW_STATE_NEW;
    return true;
}

/* As the first packet of whatever it belongs to. */
static bool first_state(const struct tw_packet *p, enum tw_state *state)
{
    *state = TW_STATE_NEW;
    if (tw_proto_is_icmp(p->proto, p->family))
        return icmp_state(p, state);
    if (p->proto == TW_PROTO_TCP)
        *state = tcp_state(p->tcp_flags);
    if (p->proto == (p->family == TW_IPV4 ? TW_PROTO_ICMPV6 : TW_PROTO_ICMP))
        *state = TW_STATE_INVALID;
    /* "No next header" in IPv6 ends the search for a protocol. */
    return !(p->family == TW_IPV6 && p->proto == 59);
}

bool tw_predictor_packet(const struct tw_oracle_probe *probe, struct tw_packet *packet)
{
    size_t bytes = probe->family == 4 ? 4 : 16;
    *packet = (struct tw_packet){.family = probe->family == 4 ? TW_IPV4 : TW_IPV6,
                                 .src = address_of(probe->src, bytes),
                                 .dst = address_of(probe->dst, bytes),
                                 .proto = probe->proto};
    if (tw_proto_is_icmp(packet->proto, packet->family)) {
        packet->dport = (unsigned)probe->sport << 8 | probe->dport;
    } else if (tw_proto_has_ports(packet->proto)) {
        packet->sport = probe->sport;
        packet->dport = probe->dport;
    }
    if (packet->proto == TW_PROTO_TCP)
        packet->tcp_flags = probe->flags & TW_TCP_ALL;
    return first_state(packet, &packet->state);
}

/* The reply's type, or -1. */
static int reply_type(enum tw_family family, unsigned type)
{
    static const int pairs[][3] = {
        {TW_IPV4, ECHO, ECHO_REPLY},
        {TW_IPV4, TIMESTAMP, TIMESTAMP_REPLY},
        {TW_IPV4, INFORMATION, INFORMATION_REPLY},
        {TW_IPV4, ADDRESS_MASK, ADDRESS_MASK_REPLY},
        {TW_IPV6, ECHO6, ECHO6_REPLY},
        {TW_IPV6, NODE6_QUERY, NODE6_REPLY},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][0] == (int)family && pairs[i][1] == (int)type)
            return pairs[i][2];
    return -1;
}

bool tw_predictor_answer(const struct tw_packet *request, struct tw_packet *answer)
{
    *answer = *request;
    answer->src = request->dst;
    answer->dst = request->src;
    answer->sport = request->dport;
    answer->dport = request->sport;
    answer->state = TW_STATE_ESTABLISHED;
    unsigned opening = TW_TCP_SYN | TW_TCP_ACK;
    if (request->proto == TW_PROTO_TCP)
        answer->tcp_flags =
            (request->tcp_flags & opening) == TW_TCP_SYN ? opening : TW_TCP_ACK;
    if (!tw_proto_is_icmp(request->proto, request->family))
        return true;
    int type = reply_type(request->family, request->dport >> 8);
    answer->sport = 0;
    answer->dport = type < 0 ? 0 : (unsigned)type << 8 | (request->dport & 255);
    return type >= 0;
}

bool tw_predictor_stray_state(const struct tw_packet *answer, enum tw_state *state)
{
    if (answer->proto == TW_PROTO_SCTP || answer->proto == TW_PROTO_DCCP ||
        answer->proto == TW_PROTO_UDPLITE)
        return false;
    return first_state(answer, state);
}

enum tw_kind tw_predictor_kind(const struct tw_packet *packet)
{
    return tw_proto_is_icmp(packet->proto, packet->family) ? TW_KIND_ICMP
           : tw_proto_has_ports(packet->proto)             ? TW_KIND_PORTS
                                                           : TW_KIND_OTHER;
}

tw_u128 tw_predictor_field(const struct tw_packet *packet, enum tw_field field)
{
    switch (field) {
    case TW_FIELD_SRC:
        return packet->src;
    case TW_FIELD_DST:
        return packet->dst;
    case TW_FIELD_PROTO:
        return packet->proto;
    case TW_FIELD_DPORT:
        return packet->dport;
    default:
        return packet->sport;
    }
}

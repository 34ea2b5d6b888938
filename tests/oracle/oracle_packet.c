/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds and reads the oracle's packets. Layouts: RFC 791, 8200 (IP), 9293 (TCP), 768
 * (UDP), 3828 (UDP-Lite), 792 and 4443 (ICMP), 9260 (SCTP), 4340 (DCCP).
 */
#include "oracle_packet.h"

#include <string.h>

#define TAG_SIZE 8

/* The sequence number follows from the probe's number, so an answer can acknowledge. */
#define SEQUENCE(id) ((uint32_t)((id)*2654435761u + 1u))

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
    return get16(at) << 16 | get16(at + 2);
}

static uint64_t sum16(const uint8_t *at, size_t len)
{
    uint64_t sum = 0;
    for (size_t i = 0; i + 1 < len; i += 2) {
        sum += get16(at + i);
    }
    return (len & 1) != 0 ? sum + ((uint64_t)at[len - 1] << 8) : sum;
}

static uint32_t fold(uint64_t sum)
{
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint32_t)(~sum & 0xffff);
}

/* SCTP's CRC-32C (RFC 9260 appendix A), bit by bit: the packets are 52 bytes long. */
static uint32_t crc32c(const uint8_t *at, size_t len)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < len; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1u) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        }
    }
    return ~crc;
}

static void tag_put(uint8_t *at, enum tw_oracle_direction direction, uint32_t id)
{
    static const char tag[] = {'t', 'w', 'o'};
    memcpy(at, tag, sizeof tag);
    at[3] = direction == TW_ORACLE_REQUEST ? 'q' : 'a';
    put32(at + 4, id);
}

static uint64_t pseudo_header(const struct tw_oracle_probe *head, size_t len)
{
    size_t bytes = head->family == 4 ? 4 : 16;
    return sum16(head->src, bytes) + sum16(head->dst, bytes) + head->proto + len;
}

/* What the transport builders share: the packet's head and which side sends it. */
struct segment {
    const struct tw_oracle_probe *head;
    uint32_t id;
    enum tw_oracle_direction direction;
    uint8_t *at; /* zeroed */
};

static size_t tcp_build(const struct segment *s)
{
    size_t len = 20 + TAG_SIZE;
    put16(s->at, s->head->sport);
    put16(s->at + 2, s->head->dport);
    if (s->direction == TW_ORACLE_REQUEST) {
        put32(s->at + 4, SEQUENCE(s->id));
        put32(s->at + 8, (s->head->flags & TW_ORACLE_TCP_ACK) != 0 ? 1u : 0u);
    } else {
        put32(s->at + 4, 1u);
        put32(s->at + 8, SEQUENCE(s->id) + 1u);
    }
    s->at[12] = 5 << 4;
    s->at[13] = s->head->flags;
    put16(s->at + 14, 65535);
    tag_put(s->at + 20, s->direction, s->id);
    put16(s->at + 16, fold(pseudo_header(s->head, len) + sum16(s->at, len)));
    return len;
}

/* UDP and UDP-Lite; a coverage of zero says that all of it is summed (RFC 3828). */
static size_t udp_build(const struct segment *s)
{
    size_t len = 8 + TAG_SIZE;
    put16(s->at, s->head->sport);
    put16(s->at + 2, s->head->dport);
    put16(s->at + 4, s->head->proto == TW_ORACLE_UDP ? (uint32_t)len : 0u);
    tag_put(s->at + 8, s->direction, s->id);
    uint32_t sum = fold(pseudo_header(s->head, len) + sum16(s->at, len));
    put16(s->at + 6, sum != 0 ? sum : 0xffffu);
    return len;
}

static size_t icmp_build(const struct segment *s)
{
    size_t len = 8 + TAG_SIZE;
    s->at[0] = (uint8_t)s->head->sport;
    s->at[1] = (uint8_t)s->head->dport;
    put32(s->at + 4, s->id << 16 | s->id >> 16); /* identifier, sequence */
    tag_put(s->at + 8, s->direction, s->id);
    uint64_t pseudo = s->head->family == 6 ? pseudo_header(s->head, len) : 0;
    put16(s->at + 2, fold(pseudo + sum16(s->at, len)));
    return len;
}

/* INIT must be the only chunk of its packet: the tag hides in a padding parameter. */
static size_t sctp_build(const struct segment *s)
{
    size_t len = 12 + 20 + 4 + TAG_SIZE;
    bool answer = s->direction == TW_ORACLE_ANSWER;
    put16(s->at, s->head->sport);
    put16(s->at + 2, s->head->dport);
    put32(s->at + 4, answer ? 1u : 0u);
    s->at[12] = answer ? 2 : 1;
    put16(s->at + 14, 20 + 4 + TAG_SIZE);
    put32(s->at + 16, answer ? 2u : 1u);
    put32(s->at + 20, 65535);
    put16(s->at + 24, 1);
    put16(s->at + 26, 1);
    put32(s->at + 28, SEQUENCE(s->id));
    put16(s->at + 32, 0x8005);
    put16(s->at + 34, 4 + TAG_SIZE);
    tag_put(s->at + 36, s->direction, s->id);
    uint32_t crc = crc32c(s->at, len);
    for (unsigned i = 0; i < 4; i++) {
        s->at[8 + i] = (uint8_t)(crc >> 8 * i);
    }
    return len;
}

static size_t dccp_build(const struct segment *s)
{
    bool answer = s->direction == TW_ORACLE_ANSWER;
    size_t header = answer ? 28 : 20;
    size_t len = header + TAG_SIZE;
    put16(s->at, s->head->sport);
    put16(s->at + 2, s->head->dport);
    s->at[4] = (uint8_t)(header / 4);
    s->at[8] = answer ? 1 << 1 | 1 : 1; /* type, long sequence numbers */
    put32(s->at + 12, SEQUENCE(s->id));
    if (answer) {
        put32(s->at + 20, SEQUENCE(s->id));
    }
    tag_put(s->at + header, s->direction, s->id);
    put16(s->at + 6, fold(pseudo_header(s->head, len) + sum16(s->at, len)));
    return len;
}

static size_t plain_build(const struct segment *s)
{
    tag_put(s->at + 8, s->direction, s->id);
    return 8 + TAG_SIZE;
}

static size_t segment_build(const struct segment *s)
{
    switch (s->head->proto) {
    case TW_ORACLE_TCP:
        return tcp_build(s);
    case TW_ORACLE_UDP:
    case TW_ORACLE_UDPLITE:
        return udp_build(s);
    case TW_ORACLE_SCTP:
        return sctp_build(s);
    case TW_ORACLE_DCCP:
        return dccp_build(s);
    case TW_ORACLE_ICMP:
        return s->head->family == 4 ? icmp_build(s) : plain_build(s);
    case TW_ORACLE_ICMP6:
        return s->head->family == 6 ? icmp_build(s) : plain_build(s);
    default:
        return plain_build(s);
    }
}

static size_t packet_build(const struct tw_oracle_probe *head, uint32_t id,
                           enum tw_oracle_direction direction,
                           uint8_t out[TW_ORACLE_PACKET_MAX])
{
    size_t header = head->family == 4 ? 20 : 40;
    memset(out, 0, TW_ORACLE_PACKET_MAX);
    struct segment s = {head, id, direction, out + header};
    size_t len = segment_build(&s);
    if (head->family == 4) {
        out[0] = 0x45;
        put16(out + 2, (uint32_t)(header + len));
        put16(out + 4, id & 0xffff);
        out[6] = 0x40; /* don't fragment */
        out[8] = 64;
        out[9] = head->proto;
        memcpy(out + 12, head->src, 4);
        memcpy(out + 16, head->dst, 4);
        put16(out + 10, fold(sum16(out, header)));
    } else {
        out[0] = 0x60;
        put16(out + 4, (uint32_t)len);
        out[6] = head->proto;
        out[7] = 64;
        memcpy(out + 8, head->src, 16);
        memcpy(out + 24, head->dst, 16);
    }
    return header + len;
}

size_t tw_oracle_packet_request(const struct tw_oracle_probe *probe, uint32_t id,
                                uint8_t out[TW_ORACLE_PACKET_MAX])
{
    return packet_build(probe, id, TW_ORACLE_REQUEST, out);
}

/* The ICMP type that answers `type`, or -1. */
static int icmp_answer_type(const struct tw_oracle_probe *request)
{
    if (request->family == 6) {
        return request->sport == 128 ? 129 : request->sport == 139 ? 140 : -1;
    }
    switch (request->sport) {
    case 8:
        return 0;
    case 13: /* timestamp */
    case 15: /* information */
    case 17: /* address mask */
        return request->sport + 1;
    default:
        return -1;
    }
}

static bool is_icmp(const struct tw_oracle_probe *head)
{
    return head->proto == (head->family == 4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6);
}

bool tw_oracle_packet_answerable(const struct tw_oracle_probe *request)
{
    return !is_icmp(request) || icmp_answer_type(request) >= 0;
}

size_t tw_oracle_packet_answer(const struct tw_oracle_probe *request, uint32_t id,
                               uint8_t out[TW_ORACLE_PACKET_MAX])
{
    struct tw_oracle_probe answer = *request;
    if (!tw_oracle_packet_answerable(request)) {
        return 0;
    }
    memcpy(answer.src, request->dst, sizeof answer.src);
    memcpy(answer.dst, request->src, sizeof answer.dst);
    if (is_icmp(request)) {
        answer.sport = (uint16_t)icmp_answer_type(request); /* the code stays */
    } else {
        answer.sport = request->dport;
        answer.dport = request->sport;
    }
    if (request->proto == TW_ORACLE_TCP) {
        unsigned opening = TW_ORACLE_TCP_SYN | TW_ORACLE_TCP_ACK;
        bool opens = (request->flags & opening) == TW_ORACLE_TCP_SYN;
        answer.flags = (uint8_t)(opens ? opening : TW_ORACLE_TCP_ACK);
    }
    return packet_build(&answer, id, TW_ORACLE_ANSWER, out);
}

/* Reads the IP header; returns its length, 0 when this is no packet of ours. */
static size_t header_read(const uint8_t *packet, size_t *len,
                          struct tw_oracle_probe *head)
{
    if (*len >= 20 && packet[0] == 0x45) {
        size_t total = get16(packet + 2);
        if (total > *len) {
            return 0;
        }
        *len = total; /* the frame may be padded */
        head->family = 4;
        head->proto = packet[9];
        memcpy(head->src, packet + 12, 4);
        memcpy(head->dst, packet + 16, 4);
        return 20;
    }
    if (*len >= 40 && packet[0] >> 4 == 6) {
        size_t total = 40 + get16(packet + 4);
        if (total > *len) {
            return 0;
        }
        *len = total;
        head->family = 6;
        head->proto = packet[6];
        memcpy(head->src, packet + 8, 16);
        memcpy(head->dst, packet + 24, 16);
        return 40;
    }
    return 0;
}

bool tw_oracle_packet_read(const uint8_t *packet, size_t len,
                           struct tw_oracle_sight *sight)
{
    memset(sight, 0, sizeof *sight);
    size_t header = header_read(packet, &len, &sight->head);
    if (header == 0 || len < header + 8 + TAG_SIZE) {
        return false;
    }
    const uint8_t *tag = packet + len - TAG_SIZE;
    if (memcmp(tag, "two", 3) != 0 || (tag[3] != 'q' && tag[3] != 'a')) {
        return false;
    }
    sight->direction = tag[3] == 'q' ? TW_ORACLE_REQUEST : TW_ORACLE_ANSWER;
    sight->id = get32(tag + 4);
    const uint8_t *segment = packet + header;
    if (is_icmp(&sight->head)) {
        sight->head.sport = segment[0];
        sight->head.dport = segment[1];
    } else if (tw_oracle_proto_ported(sight->head.proto)) {
        sight->head.sport = (uint16_t)get16(segment);
        sight->head.dport = (uint16_t)get16(segment + 2);
    }
    if (sight->head.proto == TW_ORACLE_TCP && len >= header + 20 + TAG_SIZE) {
        sight->head.flags = segment[13];
    }
    return true;
}

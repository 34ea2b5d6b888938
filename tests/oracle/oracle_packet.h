/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real packets for probes, with every checksum right (connection tracking calls the
 * others INVALID), and the way back from a packet to its probe.
 *
 * The last eight bytes of every packet are a tag: the letters "two", a letter for the
 * direction, and the probe's number as 32 bits in network order. An ICMP error that a
 * wall sends quotes the packet and so ends with the same tag; that is why the reader
 * hands back the packet's own addresses and protocol too, for the caller to compare.
 */
#ifndef TW_ORACLE_PACKET_H
#define TW_ORACLE_PACKET_H

#include "oracle_probe.h"

/* Enough for every packet built here, IPv6 header included. */
#define TW_ORACLE_PACKET_MAX 128

enum tw_oracle_direction { TW_ORACLE_REQUEST, TW_ORACLE_ANSWER };

/*
 * Builds the IP packet of `probe` with number `id` and returns its length.
 * SCTP and DCCP open a connection (INIT, REQUEST); protocols without ports carry eight
 * zero bytes before the tag.
 */
size_t tw_oracle_packet_request(const struct tw_oracle_probe *probe, uint32_t id,
                                uint8_t out[TW_ORACLE_PACKET_MAX]);

/*
 * The answer that a server would give to a request with this head: addresses and ports
 * swapped; TCP: SYN+ACK to a SYN, ACK to anything else; ICMP: echo reply and its like;
 * SCTP: INIT-ACK; DCCP: RESPONSE. Returns 0 where no answer exists (ICMP errors and
 * replies).
 */
size_t tw_oracle_packet_answer(const struct tw_oracle_probe *request, uint32_t id,
                               uint8_t out[TW_ORACLE_PACKET_MAX]);

/* Is there an answer to such a request? */
bool tw_oracle_packet_answerable(const struct tw_oracle_probe *request);

/* What a received packet says. */
struct tw_oracle_sight {
    struct tw_oracle_probe head; /* ports or type and code, addresses as received */
    uint32_t id;
    enum tw_oracle_direction direction;
};

/* Reads an IP packet; false when it carries no tag. */
bool tw_oracle_packet_read(const uint8_t *packet, size_t len,
                           struct tw_oracle_sight *sight);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a probe to the packet that the product's rooms know, with the state that Linux
 * gives to it when it meets a wall as a stranger.
 *
 * States (Linux, net/netfilter/nf_conntrack_proto_*.c): TCP: a valid set of flags with
 * SYN alone, or ACK without SYN, FIN and RST (picked up in the middle), is NEW; all
 * else INVALID. UDP and protocols without a tracker of their own: NEW. ICMP: requests
 * are NEW, errors and replies that belong to nothing INVALID. ICMPv6: neighbour and
 * listener discovery are never tracked. The ICMP of the other family is INVALID. What
 * differs between kernels is not decided: Linux sums UDP-Lite for connection tracking
 * with UDP's pseudo header (udplite_error()), so that right packets are INVALID there
 * where it sums at all.
 */
#ifndef TW_PREDICTOR_PACKET_H
#define TW_PREDICTOR_PACKET_H

#include "atoms.h"
#include "oracle_probe.h"

/* False where the state is not told here. */
bool tw_predictor_packet(const struct tw_oracle_probe *probe, struct tw_packet *packet);

/* The server's answer to REQUEST as oracle_packet.h builds it: state ESTABLISHED. False
 * where there is none. */
bool tw_predictor_answer(const struct tw_packet *request, struct tw_packet *answer);

/* The state of an answer at a wall without an entry for the request; false: not told.
 */
bool tw_predictor_stray_state(const struct tw_packet *answer, enum tw_state *state);

enum tw_kind tw_predictor_kind(const struct tw_packet *packet);

/* The packet's value of FIELD in a question. */
tw_u128 tw_predictor_field(const struct tw_packet *packet, enum tw_field field);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of packets as people and the JSON contract see them: products of lists joined
 * where nothing differs, boxes, sizes, one packet to try.
 */
#ifndef TW_PACKETS_H
#define TW_PACKETS_H

#include "atoms.h"
#include "doc.h"
#include "rational.h"

struct tw_product {
    const struct tw_ranges *field[TW_FIELDS];
    uint32_t tag; /* products are joined only where it is equal */
};

/* Joins products that are equal in all fields but one, as long as there are any.
 * Returns how many are left; disjoint products stay disjoint. */
size_t tw_products_join(struct tw_arena *arena, struct tw_product *at, size_t n);
/* The number of packets. */
const struct tw_rational *tw_product_size(struct tw_arena *arena,
                                          const struct tw_ranges *const *field);
/* How many boxes (one interval per field) it takes; saturates. */
uint64_t tw_product_boxes(const struct tw_product *product);

/* A box: one interval per field. */
struct tw_packet_box {
    enum tw_family family;
    enum tw_kind kind;
    struct tw_range field[TW_FIELDS];
    bool whole_sport; /* all source ports of the question */
};

/* Its members in the contract's words: src, dst, proto, dport (icmp), sport where told.
 */
void tw_box_value(struct tw_arena *arena, struct tw_value *object,
                  const struct tw_packet_box *box);
/* "10.16.8.0/24 → 10.66.4.10 tcp/8443" */
struct tw_str tw_box_text(struct tw_arena *arena, const struct tw_packet_box *box);
/* What connection tracking makes of a first ICMP packet of TYPE: a request opens a
 * connection; neighbour and multicast discovery is not tracked; an error or a reply
 * that belongs to nothing is INVALID (nf_conntrack_proto_icmp.c and _icmpv6.c of
 * Linux). */
enum tw_state tw_icmp_first_state(enum tw_family family, unsigned type);
/* Its packet with the lowest numbers, from source port 49152 where that is inside. */
struct tw_packet tw_box_packet(const struct tw_packet_box *box,
                               const struct tw_question *question);
void tw_packet_value(struct tw_arena *arena, struct tw_value *object,
                     const struct tw_packet *packet);
/* "tcp 10.16.8.0:49152 → 10.66.4.10:8443" */
struct tw_str tw_packet_text(struct tw_arena *arena, const struct tw_packet *packet);

#endif

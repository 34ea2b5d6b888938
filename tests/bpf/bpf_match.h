/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule's match in the words of packet filters of the pcap library, and the bytes of
 * packets to hold against both: a second opinion, by another compiler and another
 * machine, on what a product of lists matches.
 *
 * A term is what a rule says before anything of the product has sorted, merged or
 * negated it; `negated` stays a word here and becomes `not (…)` in the filter.
 */
#ifndef TW_BPF_MATCH_H
#define TW_BPF_MATCH_H

#include "policy.h"

struct tw_bpf_list {
    bool given, negated; /* not given: any */
    const struct tw_range *at;
    size_t n;
};

enum tw_bpf_field {
    TW_BPF_SRC,
    TW_BPF_DST,
    TW_BPF_PROTO,
    TW_BPF_SPORT,
    TW_BPF_DPORT,
    TW_BPF_ICMP, /* type << 8 | code */
    TW_BPF_FIELDS
};

struct tw_bpf_term {
    unsigned families; /* bit 1 << family; 0: both */
    bool never;
    struct tw_bpf_list field[TW_BPF_FIELDS];
    const struct tw_flags_test *flags; /* of TCP */
    size_t nflags;
};

/* A deterministic choice among BELOW, made anew at every call: the same thing is
 * written in several ways (networks or numbers, port names or offsets). */
typedef uint32_t tw_bpf_choose(uint32_t below);

/* Writes the filter that holds for the packets of FAMILY that TERM holds for. */
void tw_bpf_write(struct tw_buf *filter, const struct tw_bpf_term *term,
                  enum tw_family family, tw_bpf_choose *choose);

enum { TW_BPF_PACKET_MAX = 128 };

/* The bytes of PACKET from its IP header on, unfragmented, with OPTIONS words of IPv4
 * options (0 … 10); returns their number. */
size_t tw_bpf_packet(unsigned char bytes[TW_BPF_PACKET_MAX],
                     const struct tw_packet *packet, unsigned options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds a policy against a filter of the pcap library: packets on the edges of what the
 * rule names, and others, go through bpf_filter(), through the linear checker, and are
 * looked up among the cells of questions that ask for everything.
 */
#ifndef TW_BPF_CHECK_H
#define TW_BPF_CHECK_H

#include "bpf_match.h"

/* The ranges whose edges are worth a packet, by field. */
struct tw_bpf_edges {
    TW_VEC(struct tw_range) of[TW_BPF_FIELDS];
};

/* How often packets met and missed, so that a test can see that it tested. */
struct tw_bpf_score {
    size_t filters, met, missed;
};

/* A deterministic number among BELOW. */
uint32_t tw_bpf_draw(uint32_t below);
tw_u128 tw_bpf_draw_wide(void);
void tw_bpf_seed(uint64_t seed);

/* A policy that accepts what MATCHES hold for and denies the rest, for both families.
 */
struct tw_policy *tw_bpf_policy(struct tw_arena *arena, const struct tw_match *matches,
                                size_t n);

/* Fails the test where POLICY, whose first rule alone accepts, disagrees with FILTER on
 * one of PACKETS packets of FAMILY. */
void tw_bpf_check(struct tw_arena *arena, const struct tw_policy *policy,
                  struct tw_str filter, enum tw_family family,
                  const struct tw_bpf_edges *edges, size_t packets,
                  struct tw_bpf_score *score);

/* Frees what the compiler of filters holds. */
void tw_bpf_end(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pair of ends: the packets that a flow sends from one to the other, and back.
 *
 * `check` asks this for every pair of every flow, `trace` for one.
 */
#ifndef TW_PAIRS_H
#define TW_PAIRS_H

#include "verdict.h"

/* A packet that stands for a box, and whether the linear checker finds of every wall
 * that is named for the box what the answer says. */
struct tw_certificate {
    const struct tw_share *share;
    struct tw_packet_box box;
    struct tw_packet packet;
    bool of_answer; /* on the way back */
    bool confirmed;
};

/* The answer; for `from: any` the origin is a zone. */
struct tw_pair_result {
    struct tw_end from, to;
    const struct tw_rational *share;
    enum tw_verdict verdict;
    bool nothing_to_ask; /* no family of addresses in common: UNKNOWN */
    struct tw_shares shares;
    uint32_t entries;
    bool has_answer;
    enum tw_verdict answer;
    struct tw_shares answer_shares;
    TW_VEC(struct tw_certificate) certificates; /* where they are wanted */
};

/* What --verify counts: packets that the linear checker was asked about. */
struct tw_proof {
    bool wanted;       /* of every box that is printed */
    bool certificates; /* of all boxes, and kept */
    size_t asked, refuted;
    struct tw_str first_refuted; /* a packet */
};

/* Judges FLOW between pair->from and pair->to into the rest of PAIR. */
void tw_pair_judge(struct tw_arena *arena, struct tw_walls *walls,
                   const struct tw_flow *flow, struct tw_proof *proof,
                   struct tw_pair_result *pair);

/* The first box of product number PRODUCT of SHARE. */
struct tw_packet_box tw_share_box(const struct tw_share *share, size_t product);
/* All boxes of SHARE, one a call, from a zeroed WALK on; false at the end. */
struct tw_box_walk {
    size_t product, at[TW_FIELDS];
};
bool tw_share_next(const struct tw_share *share, struct tw_box_walk *walk,
                   struct tw_packet_box *box);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts: what the walls on its ways do with the packets of one pair.
 *
 * For every cell of the partition the walls of a way are asked in order. A cell is
 * STOPPED when some wall surely stops it, PASSED when all surely let it through, else
 * OPEN-ENDED: it depends. Behind a translation, and behind a rule that may do anything,
 * nothing is sure any more. With several ways, a required packet counts as stopped
 * where any way stops it and as passed where all let it through; a forbidden one the
 * other way round.
 */
#ifndef TW_VERDICT_H
#define TW_VERDICT_H

#include "packets.h"
#include "questions.h"

enum tw_verdict {
    TW_VERDICT_OPEN,
    TW_VERDICT_PARTIAL,
    TW_VERDICT_BLOCKED,
    TW_VERDICT_UNKNOWN,
    TW_VERDICT_CLOSED, /* of forbidden flows */
    TW_VERDICT_LEAKS,
    TW_VERDICTS
};

/* "OPEN", "PARTIAL" …: the contract's words. */
const char *tw_verdict_name(enum tw_verdict verdict);

enum tw_fate { TW_FATE_PASSED, TW_FATE_STOPPED, TW_FATE_DEPENDS };

/* What one wall contributes to a fate. */
struct tw_blame {
    uint32_t wall;
    bool allows; /* lets through; else stops */
    struct tw_decider by;
};

/* Why a fate depends: a wall's reasons, or (no reasons) the wall as a whole. */
enum tw_doubt_kind {
    TW_DOUBT_CONDITION, /* `reason` */
    TW_DOUBT_EMPTY,     /* the wall states no rules */
    TW_DOUBT_FAMILY,    /* the wall's export says nothing about this family */
    TW_DOUBT_BUDGET     /* the question is too large to be decided */
};

struct tw_doubt {
    uint32_t wall;
    enum tw_doubt_kind kind;
    struct tw_reason reason;
};

/* One fate for the same reasons: its packets are products. */
struct tw_share {
    enum tw_fate fate;
    const struct tw_blame *blames; /* STOPPED: every wall that surely stops it; PASSED:
                                      every wall's accepting rule */
    size_t nblames;
    const struct tw_doubt *doubts; /* DEPENDS */
    size_t ndoubts;
    const struct tw_question *question;
    uint32_t entry;
    struct tw_product *products;
    size_t nproducts;               /* may be 0 behind tw_shares_part() */
    const struct tw_rational *size; /* before that; NULL: of its products */
};

struct tw_shares {
    struct tw_share *at; /* in the order of their first packets */
    size_t n;
    bool approx;
    bool translated; /* something on the way may be translated */
    /* … but only by this wall, the last one, which undoes it for the answer before it
     * looks at it: 1 + its index, or 0. The answer must come by it first. */
    uint32_t undoes;
};

/* Judges the QUESTION over WAYS. FORBIDDEN: of a deny flow. */
void tw_judge(struct tw_arena *arena, struct tw_walls *walls,
              const struct tw_ways *ways, const struct tw_question *question,
              uint32_t entry, bool forbidden, struct tw_shares *shares);

/* Entries of `ports` may overlap: takes the packets of earlier questions out of later
 * ones, so that each packet is reported once. Means over entries stay what they were.
 */
void tw_shares_part(struct tw_arena *arena, struct tw_shares *shares);

/* Have A and B the same fate for the same reasons? */
bool tw_share_alike(const struct tw_share *a, const struct tw_share *b);

/* Joins the shares of ICMP that differ in nothing but the state in which their packets
 * were asked. Behind tw_shares_part(). */
void tw_shares_join(struct tw_arena *arena, struct tw_shares *shares);

/* The verdict of shares: OPEN … UNKNOWN, or CLOSED, LEAKS, UNKNOWN where FORBIDDEN. */
enum tw_verdict tw_shares_verdict(const struct tw_shares *shares, bool forbidden);

/* The stopped fraction: the mean over the ENTRIES of stopped packets / packets; with
 * DEPENDS, undecided packets count as stopped. */
const struct tw_rational *tw_shares_fraction(struct tw_arena *arena,
                                             const struct tw_shares *shares,
                                             uint32_t entries, bool depends);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy as sets: what becomes of the situations that enter a chain.
 *
 * No rule changes a packet, so that a chain divides the situations once for all callers
 * into those that it accepts, stops, returns or leaves open. The outcome of a run of
 * rules is put together from those of its halves,
 *
 *     gone(run) = gone(left) ∪ gone(right)
 *     part(run) = part(left) ∪ (part(right) \ gone(left)),
 *
 * so that n rules cost about n log n small operations, not n operations on the set of
 * all that is still undecided; a rule that calls a chain is a rule whose outcome is the
 * chain's.
 *
 * What rules do change is what later rules see (marks, NOTRACK). All that is followed,
 * exactly: it is part of the view, a chain has an outcome of its own in each view, and
 * a rule that changes the view passes its situations on to the rest of the chain as
 * that is in the other view.
 */
#ifndef TW_IDD_PROGRAM_H
#define TW_IDD_PROGRAM_H

#include "idd_space.h"

/* Why there is no answer. */
enum tw_idd_why {
    TW_IDD_DONE,
    TW_IDD_OVER_BUDGET,   /* of memory or work */
    TW_IDD_TOO_MANY_VIEWS /* more combinations of marks, or deeper calls, than followed
                           */
};

enum tw_idd_end {
    TW_IDD_ACCEPTED,
    TW_IDD_RETURNED,
    TW_IDD_OPEN,       /* UNDECIDED */
    TW_IDD_TRANSLATED, /* TRANSLATE */
    TW_IDD_ENDS
};

struct tw_idd_part {
    enum tw_idd_end end;
    uint32_t view; /* that they are in then */
    tw_idd_set set;
};

/* What becomes of situations. What is gone and in no part is stopped; what is not gone
 * comes out at the end of the run, in the view it came in. */
struct tw_idd_outcome {
    tw_idd_set gone;
    const struct tw_idd_part *parts; /* disjoint */
    size_t n;
};

struct tw_idd_program;

/* For CROSSING of SPACE. All in ARENA. */
struct tw_idd_program *tw_idd_program_new(struct tw_arena *arena,
                                          struct tw_idd_space *space,
                                          uint32_t crossing);
enum tw_idd_why tw_idd_program_why(const struct tw_idd_program *program);

/* Adds to ASKED the matches of all rules that HOOK can reach at CROSSING, number INDEX
 * of the space. */
struct tw_idd_asked_list {
    TW_VEC(struct tw_idd_asked) list;
};
void tw_idd_ask(struct tw_arena *arena, const struct tw_crossing *crossing,
                uint32_t index, enum tw_family family, struct tw_idd_asked_list *asked);

/* The chains that STAGE can reach, callers before callees; their number. */
size_t tw_idd_chains(struct tw_arena *arena, const struct tw_policy *policy,
                     uint32_t base, const uint32_t **chains);

/* Views by number. The view of STAGE before any rule has changed anything. */
uint32_t tw_idd_first_view(struct tw_idd_program *program,
                           const struct tw_stage *stage);
const struct tw_idd_view *tw_idd_view_at(const struct tw_idd_program *program,
                                         uint32_t view);

/* --- one run through all stages --------------------------------------------------- */

/* Told of the situations that enter each stage. */
struct tw_idd_watch {
    void (*enter)(void *ctx, const struct tw_stage *stage, uint32_t view,
                  tw_idd_set set);
    void *ctx;
};

struct tw_idd_result {
    tw_idd_set pass, stop, open; /* disjoint, all together */
    tw_idd_set translated;       /* within `pass` */
};

/* WATCH may be NULL. With ONLY_ENTER the result of the last stage is not computed and
 * nothing in the answer holds. */
struct tw_idd_result tw_idd_run(struct tw_idd_program *program,
                                const struct tw_idd_watch *watch, bool only_enter);

/* --- which rules are reached -------------------------------------------------------
 */

/* Told, in order of evaluation, of each rule that some of the situations come to.
 * ARRIVED holds those for which its match holds, tests of marks aside; MET those for
 * which it holds. NEXT is where they then go on: into the rule's chain in the same view
 * (`calls`), and to later rules of its chain in other views. */
struct tw_idd_reach {
    void (*see)(void *ctx, uint32_t rule, tw_idd_set arrived, tw_idd_set met);
    void (*call)(void *ctx, uint32_t chain, uint32_t view, tw_idd_set set);
    void (*go_on)(void *ctx, uint32_t chain, uint32_t next, uint32_t view,
                  tw_idd_set set);
    void *ctx;
};

/* SET comes to the rule number FIRST of CHAIN in VIEW, and goes on in it. */
void tw_idd_reach(struct tw_idd_program *program, uint32_t chain, uint32_t first,
                  uint32_t view, tw_idd_set set, const struct tw_idd_reach *reach);

#endif

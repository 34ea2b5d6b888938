/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole policies as sets: what is let through, and whether two policies are equal.
 *
 * Exact over all situations of a crossing (rule_verdict.h), all stages, chains and
 * marks; conditions on unknowns are followed for each of their values. Open remains
 * only what the reader of the policy does not know: a rule that hands packets to
 * something unknown, or that changes their addresses before more rules decide. Where
 * the budget is used up, there is no answer, never a part of one.
 */
#ifndef TW_IDD_POLICY_H
#define TW_IDD_POLICY_H

#include "idd_program.h"

/* 512 MiB, and about half a minute of work. */
struct tw_idd_budget tw_idd_usual_budget(void);

struct tw_idd_policy {
    enum tw_idd_why why; /* sets hold only for TW_IDD_DONE */
    struct tw_idd_space *space;
    struct tw_idd_result sets;
};

/* In ARENA, which is the diagram's life. */
struct tw_idd_policy tw_idd_policy(struct tw_arena *arena,
                                   const struct tw_crossing *crossing,
                                   enum tw_family family, struct tw_idd_budget budget);

struct tw_idd_change {
    enum tw_idd_why why;
    /* Do both let the same situations through? Undecided, too, where no difference was
     * found but something is open. To which addresses packets are translated is not
     * compared. */
    enum tw_idd_answer equal;
    struct tw_idd_space *space; /* crossing 0: before, 1: after */
    struct tw_idd_result before, after;
    tw_idd_set opened; /* surely stopped before, surely let through after */
    tw_idd_set closed; /* the other way round */
    tw_idd_set unsure; /* open in one of them */
};

/* Two policies crossed in the same way. Exchanging them exchanges opened and closed. */
struct tw_idd_change tw_idd_compare(struct tw_arena *arena,
                                    const struct tw_crossing *before,
                                    const struct tw_crossing *after,
                                    enum tw_family family, struct tw_idd_budget budget);

#endif

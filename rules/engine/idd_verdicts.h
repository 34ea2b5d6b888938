/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of every rule, by diagrams: the second engine beside the search for
 * covers and witnesses, with which it shares nothing but the policy.
 *
 * For each rule, three questions: has it situations, does one reach it, does one not?
 * (rule_verdict.h.) A run of rules is split in halves; what comes to the left half is
 * what touches it, what comes to the right half is what is not gone behind the left
 * one; where nothing comes, a whole run of dead rules has been found at once.
 *
 * When a diagram grows over the budget, the situations are cut in two by address, each
 * half with the rules and the boundaries that it has, and the answers are put together:
 * a rule is dead where it is dead in every slice.
 *
 * The situations of a rule are those for which its match holds with the state that the
 * packet itself has, and whichever it is reached by (NOTRACK changes the state).
 * A rule that does what nobody knows, or translates packets of a later stage, may send
 * those that reach it anywhere: a rule that is missed by some of them alone is
 * undecided.
 * Marks: a rule that tests them and is evaluated for all situations that fit otherwise
 * is live, or unmatchable when the marks never fit; reached by nothing else it is dead;
 * what marks the others would have had is not followed: undecided.
 */
#ifndef TW_IDD_VERDICTS_H
#define TW_IDD_VERDICTS_H

#include "idd_policy.h"
#include "rule_verdict.h"

struct tw_idd_verdict_options {
    struct tw_idd_budget budget; /* of each slice; all zero: 64 MiB, half a minute */
    uint64_t steps;              /* of all slices together; 0: eight budgets */
};

struct tw_idd_verdicts {
    enum tw_idd_why why; /* else undecided where nothing is known yet */
    /* Of each rule of the policy, over both families; unmatchable, too, for rules that
     * the crossing's hook cannot reach at all. */
    const enum tw_rule_state *at;
    size_t n;
    size_t slices;     /* diagrams that were finished */
    size_t peak_bytes; /* of the largest diagram */
    uint64_t steps;
};

struct tw_idd_verdicts tw_idd_verdicts(struct tw_arena *arena,
                                       const struct tw_crossing *crossing,
                                       const struct tw_idd_verdict_options *options);

#endif

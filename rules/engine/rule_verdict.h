/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of every rule of a policy: dead, partly shadowed, live.
 *
 * The universe is that of *situations*: a packet of one family (addresses, protocol,
 * ports or ICMP type), its TCP flags, the state of its connection, and a value for
 * every unknown of the policy that is possible where it crosses. A rule REACHES a
 * situation when the policy's program, run from its first stage, comes to that rule and
 * the rule matches. The situations of a rule are those that its match holds for and
 * that some call path leads to its chain by the matches of the calls alone.
 *
 *     dead         no situation reaches the rule, though it has some
 *     partly       some of its situations reach it, some are decided before
 *     live         all of its situations reach it
 *     unmatchable  it has no situation: its match is empty, or nothing calls its chain
 *     undecided    the budget was used up, or the answer depends on what is not
 *                  followed (marks that are restored from a connection)
 *
 * A dead rule stays dead whatever the unknowns are; a live one is live for the values
 * that its witness names. A rule of a chain that is called more than once is dead only
 * if it is dead at every call. Definitions: FireWall-1 shadowing in the union form of
 * FIREMAN (Yuan et al., IEEE S&P 2006) and Liu and Gouda's upward redundancy.
 */
#ifndef TW_RULE_VERDICT_H
#define TW_RULE_VERDICT_H

#include "crossing.h"
#include "packet.h"

enum tw_rule_state {
    TW_RULE_UNMATCHABLE,
    TW_RULE_DEAD,
    TW_RULE_PARTLY,
    TW_RULE_LIVE,
    TW_RULE_UNDECIDED,
    TW_RULE_STATES
};

/* The value of one unknown in a situation: an index into its values (0 no, 1 yes). */
struct tw_valued {
    uint32_t unknown, value;
};

struct tw_situation {
    struct tw_packet packet;
    const struct tw_valued *values; /* those that matter, sorted by unknown */
    size_t nvalues;
};

#endif

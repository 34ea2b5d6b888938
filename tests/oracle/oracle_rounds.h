/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends the probes and finds out which wall stopped each.
 *
 * Every probe must meet the walls as a stranger. Connection tracking would make two
 * probes of one connection (same ends, either direction) meet as acquaintances, so they
 * go in different passes, and the walls' connection tables are emptied before each pass
 * and every few thousand probes. Probes that are equal share one answer.
 *
 * What has not arrived is sent again in the next round; a probe counts as stopped only
 * when every round lost it.
 */
#ifndef TW_ORACLE_ROUNDS_H
#define TW_ORACLE_ROUNDS_H

#include "oracle_net.h"
#include "oracle_probe.h"

struct tw_oracle_plan {
    unsigned rounds; /* at least 1 */
    bool two_way;
};

struct tw_oracle_report {
    uint64_t sent;       /* requests, all rounds */
    uint64_t answers;    /* answers sent by the server */
    uint64_t translated; /* arrived with other addresses or ports than they left */
    uint64_t lost;       /* frames that a full socket buffer lost */
    unsigned passes;
    unsigned rounds;
};

/* Fills probe->seen of all probes. Memory: about 20 bytes a probe. */
void tw_oracle_rounds_run(const struct tw_oracle_net *net,
                          struct tw_oracle_probes *probes,
                          const struct tw_oracle_plan *plan,
                          struct tw_oracle_report *report);

/*
 * The result of a probe after the rounds: A, B, P or M; two-way with a second letter:
 * r (wall B stopped the answer), R (wall A did), o (it came back), - (none was sent).
 */
void tw_oracle_result(const struct tw_oracle_probe *probe, bool two_way, char out[3]);

#endif

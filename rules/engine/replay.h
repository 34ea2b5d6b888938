/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linear checker: one packet, rule by rule, as a person would read the export.
 *
 * It shares nothing with the index and the diagrams, so that what they say can be held
 * against it (`--verify`, the tests). It is also what `trace` prints.
 */
#ifndef TW_REPLAY_H
#define TW_REPLAY_H

#include "crossing.h"

struct tw_replay {
    bool may_pass, may_stop; /* both: it depends on unknowns */
    /* The deciding rule where the open conditions do not hold; TW_REPLAY_POLICY: the
     * policy of `chain`. */
    uint32_t rule, chain;
    uint32_t translated; /* the rule that translates it behind the decision, or
                            TW_REPLAY_POLICY */
    bool gave_up;
};

#define TW_REPLAY_POLICY UINT32_MAX

/* Called for each rule that matches (HELD), or may match (not HELD), on the run in
 * which open conditions do not hold, in order. */
struct tw_replay_watch {
    void (*see)(void *ctx, uint32_t rule, bool held);
    void *ctx;
};

struct tw_replay tw_replay(struct tw_arena *arena, const struct tw_crossing *crossing,
                           const struct tw_packet *packet,
                           const struct tw_replay_watch *watch);

#endif

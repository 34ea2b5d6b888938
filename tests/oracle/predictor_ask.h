/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the engine about packets, several in one question, and holding every answer
 * against the linear checker.
 */
#ifndef TW_PREDICTOR_ASK_H
#define TW_PREDICTOR_ASK_H

#include "predictor_packet.h"
#include "predictor_walls.h"

/* What one wall does with one packet. */
enum tw_predictor_fate {
    TW_PREDICTOR_PASSES,
    TW_PREDICTOR_STOPS,
    TW_PREDICTOR_OPEN /* undecided, or something may be translated */
};

/* How many packets one question may be about. */
enum { TW_PREDICTOR_GROUP_MAX = 64 };

/* The fates of N packets of one kind, family, state and set of TCP flags at both
 * crossings (a NULL crossing lets everything through): FATE[packet][wall]. One question
 * over all of them. Returns the number of packets about which the engine and the linear
 * checker disagree, each told on stderr. */
size_t tw_predictor_ask(struct tw_arena *arena,
                        const struct tw_crossing *const *crossings,
                        const struct tw_packet *const *packets, size_t n,
                        enum tw_predictor_fate (*fate)[TW_PREDICTOR_WALLS]);

/* Can the two stand in one question? */
bool tw_predictor_alike(const struct tw_packet *a, const struct tw_packet *b);

/* Is PACKET taken out of connection tracking at this crossing? */
enum tw_predictor_tracking {
    TW_PREDICTOR_TRACKED,
    TW_PREDICTOR_UNTRACKED,
    TW_PREDICTOR_MAYBE_TRACKED
};
enum tw_predictor_tracking tw_predictor_tracking(struct tw_arena *arena,
                                                 const struct tw_crossing *crossing,
                                                 const struct tw_packet *packet);

#endif

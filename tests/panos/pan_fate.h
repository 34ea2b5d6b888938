/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of every rule, by looking at every kind of packet that there is.
 *
 * Two packets are of one kind where no address, port or zone that a rule names tells
 * them apart; one of each kind stands for all. Every combination of what is open is
 * tried for each.
 */
#ifndef PAN_FATE_H
#define PAN_FATE_H

#include "pan_truth.h"

enum pan_fate {
    PAN_UNMATCHABLE, /* no packet matches it */
    PAN_DEAD,        /* none of those that match reaches it */
    PAN_PARTLY,
    PAN_LIVE,    /* all of them do */
    PAN_TOO_MANY /* more to try than is worth while */
};

/* Of rule order[k], see pan_order(). */
enum pan_fate pan_fate(const struct pan_wall *wall, int k);

#endif

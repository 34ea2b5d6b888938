/* SPDX-License-Identifier: Apache-2.0 */
/* A universe that is small and interesting: the edges of what a wall names. */
#ifndef PAN_POINTS_H
#define PAN_POINTS_H

#include "pan_truth.h"

enum { PAN_POINTS = 120 };

struct pan_points {
    int n;
    uint32_t at[PAN_POINTS]; /* ascending, each once */
};

enum pan_packets { PAN_WITH_PORTS, PAN_ICMP, PAN_WITHOUT_PORTS, PAN_PACKETS };

struct pan_universe {
    struct pan_points address[2]; /* of each family; IPv6: none where no object is */
    struct pan_points dport, sport;
    struct pan_points icmp;  /* type << 8 | code */
    struct pan_points proto; /* with ports */
    struct pan_points other; /* protocols without */
};

/* Of WALL: at most MOST addresses of a family and MOST ports, drawn from its edges. */
void pan_points(struct pan_universe *universe, const struct pan_wall *wall, int most,
                uint64_t *state);

/* How many packets of a kind there are, and the one with a number below it. */
uint64_t pan_count(const struct pan_universe *universe, int family,
                   enum pan_packets kind);
struct pan_packet pan_packet_at(const struct pan_universe *universe, int family,
                                enum pan_packets kind, uint64_t number);

#endif

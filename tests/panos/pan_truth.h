/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PAN-OS wall does with one packet, by plain reading: rule by rule, member by
 * member, once for every combination of what the export leaves open.
 *
 * Open are: which application the packet belongs to (exactly one), whether an
 * application is in a filter, whether the packet is on its application's default ports
 * where these are not stated, whether the user is one that a rule names, whether an
 * address is behind a domain name, in a region, in an external list, in a dynamic group
 * beyond the tagged objects, whether a schedule is active, which of its devices a
 * device group is, and what words mean that nobody defined. The answer is the set of
 * outcomes over all of these.
 */
#ifndef PAN_TRUTH_H
#define PAN_TRUTH_H

#include "pan_wall.h"

struct pan_packet {
    int family;
    uint32_t end[2]; /* source, destination */
    int proto;
    uint32_t sport, dport; /* ICMP: type << 8 | code in dport */
};

/* What the question settles, as names; -1 and 0: nothing. */
struct pan_settled {
    int app;
    struct pan_list users;
    bool timed;
    int day, weekday; /* since the wall's first day; 0 Monday */
    uint32_t minute;
};

/* May there be zones that the export does not name? */
bool pan_open_zones(const struct pan_wall *wall);

/* Can its rules translate destinations? */
bool pan_translates(const struct pan_wall *wall);

/* Zones are indexes into wall->zones; PAN_OTHER_ZONE and the one behind it are two that
 * the export does not mention. */
enum { PAN_OTHER_ZONE = PAN_ZONES };

/* Who decides: the index of a rule, or a default rule. */
enum { PAN_INTRAZONE_DEFAULT = -1, PAN_INTERZONE_DEFAULT = -2, PAN_NOBODY = -3 };

enum { PAN_RUNS_MAX = 3000 };

struct pan_answer {
    bool pass, stop;
    int decider;     /* PAN_NOBODY: not always the same one, or a translation */
    bool translated; /* some passed packet is not what it was */
    bool too_many;   /* combinations: not an answer */
    int runs;
};

void pan_truth(const struct pan_wall *wall, const struct pan_settled *settled,
               const struct pan_packet *packet, int from, int to,
               struct pan_answer *answer);

/* Of the combinations for which rule ORDER[K] matches: does one reach it, is one
 * decided before? */
struct pan_reach {
    bool reached, missed, too_many;
};
struct pan_reach pan_reach(const struct pan_wall *wall, const struct pan_packet *packet,
                           int from, int to, int k);

/* The rules of the wall in the order in which they are asked; their number. */
int pan_order(const struct pan_wall *wall, int order[PAN_RULES]);

#endif

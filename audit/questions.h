/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of the catalogue to the packets it is about, and the ways they can take.
 */
#ifndef TW_QUESTIONS_H
#define TW_QUESTIONS_H

#include "walls.h"

/* One question of a pair: the packets of one `ports` entry, family and kind. */
struct tw_asked {
    struct tw_question question;
    uint32_t entry;  /* entry × family: questions with the same number are one mean */
    bool has_answer; /* is there an answer packet to speak of? */
    struct tw_question answer;
};

struct tw_asked_list {
    const struct tw_asked *at;
    size_t n;
    uint32_t entries; /* how many means */
};

/* One end of a pair: where packets start, or where they go. */
struct tw_end {
    uint32_t service;                           /* TW_NONE: none in particular */
    uint32_t zone;                              /* or TW_ZONE_OUTSIDE */
    uint32_t site;                              /* TW_NONE: any */
    const struct tw_ranges *hosts[TW_FAMILIES]; /* NULL or empty: none of that family */
};

struct tw_ends {
    const struct tw_end *at;
    size_t n;
};

/* SERVICE at SITE. */
struct tw_end tw_service_end(const struct tw_estate *estate, uint32_t service,
                             uint32_t site);
/* Where the packets of PAIR of FLOW start: the service at that site; for `from: any`,
 * every zone with a path to the target, and outside where a path names it, without the
 * target's own hosts. */
struct tw_ends tw_flow_origins(struct tw_arena *arena, const struct tw_estate *estate,
                               const struct tw_flow *flow,
                               const struct tw_site_pair *pair);

/* The questions of FLOW (its ports, source ports, expectation) from FROM to TO. */
struct tw_asked_list tw_flow_questions(struct tw_arena *arena,
                                       const struct tw_flow *flow,
                                       const struct tw_end *from,
                                       const struct tw_end *to);

/* One way over the walls, with one choice of interfaces where a path names several. */
struct tw_step {
    uint32_t wall;
    const struct tw_crossing *crossing;
    bool unseen; /* an answer: this wall has not seen the first packet */
};

struct tw_way {
    const struct tw_step *steps;
    size_t nsteps;
};

struct tw_ways {
    const struct tw_way *at;
    size_t n;
    size_t nsteps; /* of all ways together */
};

/* The ways of FLOW that the paths of the estate leave from FROM to TO: one for each
 * choice of interfaces and of the flow's applications, all of which must do. Zones that
 * a path does not name are those behind which the hosts are by the wall's own routes.
 */
struct tw_ways tw_ways_of(struct tw_arena *arena, struct tw_walls *walls,
                          const struct tw_flow *flow, const struct tw_end *from,
                          const struct tw_end *to);
/* The ways of the answer: the declared path back, else the same walls reversed. FORWARD
 * tells which walls have seen the first packet. */
struct tw_ways tw_answer_ways(struct tw_arena *arena, struct tw_walls *walls,
                              const struct tw_flow *flow, const struct tw_end *from,
                              const struct tw_end *to, const struct tw_ways *forward);

#endif

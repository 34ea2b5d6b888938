/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `check`: every flow of the catalogue against the walls on its paths.
 *
 * tw_check_run() answers; check_report.h turns the answer into a doc.
 */
#ifndef TW_CHECK_H
#define TW_CHECK_H

#include "pairs.h"

struct tw_flow_result {
    const struct tw_flow *flow;
    enum tw_verdict verdict;
    const struct tw_rational *exposure, *exposure_max; /* required flows; else NULL */
    struct tw_pair_result *pairs;
    size_t npairs;
    bool answer_stopped;
    bool answer_unknown; /* whether some answer gets back cannot be decided */
};

/* Whether a site's services can start there: all required flows that they themselves
 * start at that site are OPEN, answers included. */
struct tw_service_state {
    uint32_t service;
    const uint32_t *flows; /* indexes of results that keep it from being ready */
    size_t nflows;
};

struct tw_readiness {
    uint32_t site;
    size_t services, ready;
    struct tw_service_state *not_ready;
    size_t nnot_ready;
    struct tw_service_state *unreachable; /* services there that others cannot reach */
    size_t nunreachable;
};

struct tw_finding {
    enum tw_diag_id id;
    enum tw_level severity;
    struct tw_str fingerprint, message;
    struct tw_span at;
    bool definite; /* else it makes the answer incomplete */
    uint32_t flow; /* index of its result */
};

struct tw_check {
    const struct tw_estate *estate;
    const struct tw_walls *walls;
    struct tw_flow_result *flows;
    size_t nflows;
    size_t counts[TW_VERDICTS];
    struct tw_finding *findings;
    size_t nfindings;
    struct tw_readiness *readiness; /* NULL: not asked */
    struct tw_time now;
    bool now_matters; /* an input carries an expiry or an age */
    struct tw_proof proof;
};

struct tw_check_options {
    uint32_t site;     /* TW_NONE: no readiness */
    bool verify;       /* confirm every witness by the linear checker */
    bool certificates; /* … of every box, and keep them */
    struct tw_time now;
    enum tw_lang lang;
};

struct tw_check *tw_check_run(struct tw_arena *arena, struct tw_walls *walls,
                              const struct tw_check_options *options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walls of a prediction: the rule files that kernel_oracle would load, read by the
 * product and crossed from one interface to the other and back.
 */
#ifndef TW_PREDICTOR_WALLS_H
#define TW_PREDICTOR_WALLS_H

#include "crossing.h"

enum { TW_PREDICTOR_WALLS = 2 };

struct tw_predictor_wall {
    const char *files[TW_FAMILIES]; /* NULL: this family meets no rules here */
    struct tw_str in, out;
    const struct tw_policy *policy;         /* NULL: no file at all */
    const struct tw_crossing *there, *back; /* request, answer */
};

/* Sets the interfaces from "a_in,a_out,b_in,b_out" (NULL: kernel_oracle's own). Dies
 * on anything else. */
void tw_predictor_ifaces(struct tw_arena *arena, struct tw_predictor_wall *walls,
                         const char *names);

/* Reads the files of a wall. Where the product refuses them, its diagnostics go to
 * stderr and the program ends with the code of a rule set that does not load. VERBOSE:
 * warnings and the receipt go there as well. */
void tw_predictor_wall_load(struct tw_arena *arena, struct tw_predictor_wall *wall,
                            bool verbose);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A wall, as the product reads it from the export. */
#ifndef PAN_READ_H
#define PAN_READ_H

#include "pan_wall.h"
#include "policy.h"

/* NULL where it is refused: REPORT (may be NULL) says why. */
const struct tw_policy *pan_read(struct tw_arena *arena, const struct pan_wall *wall,
                                 FILE *report);

/* The rule of the policy that is RULE of the wall; UINT32_MAX: none. */
uint32_t pan_rule_of(const struct tw_policy *policy, const struct pan_wall *wall,
                     int rule);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones as offsets from UTC. Only zones without summer time have names here: the
 * answer must not depend on which zone tables a machine has. */
#ifndef TW_TIME_ZONE_H
#define TW_TIME_ZONE_H

#include "date.h"

struct tw_tz {
    bool given;
    int32_t seconds; /* east of UTC */
    struct tw_str name;
};

/* "UTC", "Z", "Asia/Shanghai", "+08:00". False where TEXT is none of these. */
bool tw_tz_parse(struct tw_str text, struct tw_tz *out);
/* From UTC to the clock of ZONE. */
void tw_time_to_zone(struct tw_time *t, const struct tw_tz *zone);

#endif

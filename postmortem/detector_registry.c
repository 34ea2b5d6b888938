/* SPDX-License-Identifier: Apache-2.0 */
/* The detectors by name. */
#include "detector.h"

#define X(name) extern const struct tw_detector tw_detector_##name;
#include "detectors.inc"
#undef X

const struct tw_detector *const tw_detectors[] = {
#define X(name) &tw_detector_##name,
#include "detectors.inc"
#undef X
    0};

const struct tw_detector *tw_detector_by_name(struct tw_str name)
{
    for (size_t i = 0; tw_detectors[i]; i++)
        if (tw_str_is(name, tw_detectors[i]->name))
            return tw_detectors[i];
    return 0;
}

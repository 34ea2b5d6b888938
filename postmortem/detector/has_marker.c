/* SPDX-License-Identifier: Apache-2.0 */
/* Markers: the text stands in the rule itself, and is searched for behind marker.h. */
#include "detector.h"

extern const struct tw_detector tw_detector_has_marker;

const struct tw_detector tw_detector_has_marker = {
    .name = "marker",
    .use = TW_DETECTOR_RULE,
    .summary = {"has marker 'TEXT': the text and its known disguises",
                "has marker '文本'：该文本及其已知变形"},
};

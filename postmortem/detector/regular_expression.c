/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: they stand in the rule itself, and run behind regex.h. */
#include "detector.h"

extern const struct tw_detector tw_detector_regular_expression;

const struct tw_detector tw_detector_regular_expression = {
    .name = "regular-expression",
    .use = TW_DETECTOR_RULE,
    .summary = {"~ /REGEX/, !~ /REGEX/: PCRE2, UTF-8",
                "~ /正则/、!~ /正则/：PCRE2，UTF-8"},
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Decimals as comparisons and sums read them (num.h): what fails here is what they
 * cannot take. */
#include "detector.h"
#include "num.h"

extern const struct tw_detector tw_detector_decimal;

static enum tw_detected detect(struct tw_str text)
{
    struct tw_decimal number;
    return tw_parse_decimal(text, &number) ? TW_DETECTED_YES : TW_DETECTED_NO;
}

const struct tw_detector tw_detector_decimal = {
    .name = "decimal",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails decimal: no plain decimal number",
                "fails decimal：不是普通的十进制数"},
    .detect = detect,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and times as comparisons and time buckets read them (date.h): what fails here
 * is what they cannot take. */
#include "date.h"
#include "detector.h"

extern const struct tw_detector tw_detector_date_text;

static enum tw_detected detect(struct tw_str text)
{
    struct tw_time time;
    return tw_time_parse(text, &time) ? TW_DETECTED_YES : TW_DETECTED_NO;
}

const struct tw_detector tw_detector_date_text = {
    .name = "date",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails date: no date or time, or a day that does not exist",
                "fails date：不是日期或时间，或该日不存在"},
    .detect = detect,
};

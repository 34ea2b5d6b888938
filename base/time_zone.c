/* SPDX-License-Identifier: Apache-2.0 */
/* Reading time zones, and moving times into them. */
#include "time_zone.h"

#include "num.h"

bool tw_tz_parse(struct tw_str text, struct tw_tz *out)
{
    *out = (struct tw_tz){.given = true, .name = text};
    if (tw_str_eq_nocase(text, TW_STR("UTC")) || tw_str_is(text, "Z"))
        return true;
    if (tw_str_eq_nocase(text, TW_STR("Asia/Shanghai"))) {
        out->seconds = 8 * 3600;
        return true;
    }
    /* ±HH:MM */
    uint64_t h, m;
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') ||
        text.ptr[3] != ':' || !tw_parse_u64((struct tw_str){text.ptr + 1, 2}, 18, &h) ||
        !tw_parse_u64((struct tw_str){text.ptr + 4, 2}, 59, &m))
        return false;
    int32_t seconds = (int32_t)(h * 3600 + m * 60);
    out->seconds = text.ptr[0] == '-' ? -seconds : seconds;
    return true;
}

void tw_time_to_zone(struct tw_time *t, const struct tw_tz *zone)
{
    int64_t second = t->second + zone->seconds;
    int64_t days = (second >= 0 ? second : second - 86399) / 86400;
    t->day += days;
    t->second = (int32_t)(second - days * 86400);
}

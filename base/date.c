/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates. The conversion between days and year-month-day counts in eras of 400 years
 * with the year beginning on 1 March, so that the leap day is the last one: 146,097
 * days an era, and month lengths by (153·m + 2) / 5.
 */
#include "date.h"

#include <time.h>

#include "num.h"

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

int64_t tw_day_of(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year =
        (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int64_t)day - 1;
    return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           DAYS_TO_1970;
}

void tw_day_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t z = days + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t doe = z - era * DAYS_PER_ERA;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static bool take_number(struct tw_str *s, size_t least, size_t most, uint64_t *out)
{
    size_t n = 0;
    while (n < s->len && n < most && s->ptr[n] >= '0' && s->ptr[n] <= '9')
        n++;
    if (n < least || !tw_parse_u64(tw_str_first(*s, n), UINT64_MAX, out))
        return false;
    *s = tw_str_from(*s, n);
    return true;
}

static bool take_char(struct tw_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = tw_str_from(*s, 1);
    return true;
}

static bool take_date(struct tw_str *s, struct tw_time *t)
{
    uint64_t y, m, d;
    if (!take_number(s, 4, 4, &y))
        return false;
    char separator = s->len ? s->ptr[0] : '\0';
    if (separator == '-' || separator == '/') {
        if (!take_char(s, separator) || !take_number(s, 1, 2, &m) ||
            !take_char(s, separator) || !take_number(s, 1, 2, &d))
            return false;
    } else if (!take_number(s, 2, 2, &m) || !take_number(s, 2, 2, &d)) {
        return false;
    }
    if (m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    t->day = tw_day_of((int64_t)y, (unsigned)m, (unsigned)d);
    int64_t year;
    unsigned month, day;
    tw_day_civil(t->day, &year, &month, &day);
    return month == m && day == d;
}

static bool take_clock(struct tw_str *s, struct tw_time *t)
{
    uint64_t h, m, sec = 0, fraction = 0;
    if (!take_number(s, 1, 2, &h) || !take_char(s, ':') || !take_number(s, 2, 2, &m))
        return false;
    if (take_char(s, ':') && !take_number(s, 2, 2, &sec))
        return false;
    if (take_char(s, '.')) {
        size_t before = s->len;
        if (!take_number(s, 1, 9, &fraction))
            return false;
        for (size_t digits = before - s->len; digits < 9; digits++)
            fraction *= 10;
    }
    if (h > 23 || m > 59 || sec > 59)
        return false;
    t->second = (int32_t)(h * 3600 + m * 60 + sec);
    t->nano = (int32_t)fraction;
    t->has_clock = true;
    return true;
}

static bool take_offset(struct tw_str *s, struct tw_time *t)
{
    if (take_char(s, 'Z')) {
        t->has_offset = true;
        return true;
    }
    bool east = take_char(s, '+');
    if (!east && !take_char(s, '-'))
        return false;
    uint64_t h, m = 0;
    if (!take_number(s, 2, 2, &h))
        return false;
    if (take_char(s, ':') ? !take_number(s, 2, 2, &m)
                          : s->len && !take_number(s, 2, 2, &m))
        return false;
    if (h > 18 || m > 59)
        return false;
    int64_t seconds = (int64_t)(h * 3600 + m * 60);
    int64_t utc = t->day * 86400 + t->second + (east ? -seconds : seconds);
    int64_t day = (utc >= 0 ? utc : utc - 86399) / 86400;
    t->second = (int32_t)(utc - day * 86400);
    t->day = day;
    t->has_offset = true;
    return true;
}

bool tw_time_parse(struct tw_str s, struct tw_time *out)
{
    struct tw_time t = {0};
    if (!take_date(&s, &t))
        return false;
    if (s.len) {
        if (!take_char(&s, 'T') && !take_char(&s, ' '))
            return false;
        if (!take_clock(&s, &t))
            return false;
        while (take_char(&s, ' ')) {
        }
        if (s.len && !take_offset(&s, &t))
            return false;
    }
    *out = t;
    return s.len == 0;
}

int tw_time_cmp(struct tw_time a, struct tw_time b)
{
    if (a.day != b.day)
        return a.day < b.day ? -1 : 1;
    if (a.second != b.second)
        return a.second < b.second ? -1 : 1;
    return a.nano < b.nano ? -1 : a.nano > b.nano;
}

struct tw_time tw_time_now(void)
{
    int64_t seconds = (int64_t)time(NULL);
    return (struct tw_time){.day = seconds / 86400,
                            .second = (int32_t)(seconds % 86400),
                            .has_clock = true,
                            .has_offset = true};
}

void tw_buf_time(struct tw_buf *buf, struct tw_time t)
{
    int64_t year;
    unsigned month, day;
    tw_day_civil(t.day, &year, &month, &day);
    tw_buf_fmt(buf, "%04lld-%02u-%02u", (long long)year, month, day);
    if (!t.has_clock)
        return;
    tw_buf_fmt(buf, "T%02d:%02d:%02d%s", (int)(t.second / 3600),
               (int)(t.second / 60 % 60), (int)(t.second % 60),
               t.has_offset ? "Z" : "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedules: recurring daily or weekly ("08:00-18:00"), or once
 * ("2026/10/01@00:00-2026/10/03@24:00"), by the wall's own clock.
 */
#include "panos_parts.h"

enum { DAY = 86400, EVERY_DAY = 127 };

struct schedule {
    struct tw_panos *in;
    TW_VEC(struct tw_window) windows;
    bool vague; /* a window ends before it begins: what PAN-OS makes of it is unknown */
};

/* HH:MM, up to 24:00. */
static bool clock_of(struct tw_str s, int32_t *second)
{
    uint64_t hour, minute;
    size_t colon = tw_str_find(s, ':');
    if (colon != 2 || s.len != 5 || !tw_parse_u64(tw_str_first(s, colon), 24, &hour) ||
        !tw_parse_u64(tw_str_from(s, colon + 1), 59, &minute) || (hour == 24 && minute))
        return false;
    *second = (int32_t)(hour * 3600 + minute * 60);
    return true;
}

/* YYYY/MM/DD@HH:MM */
static bool moment_of(struct tw_str s, struct tw_time *time)
{
    size_t at = tw_str_find(s, '@');
    int32_t second;
    if (at == s.len || !tw_time_parse(tw_str_first(s, at), time) || time->has_clock ||
        !clock_of(tw_str_from(s, at + 1), &second))
        return false;
    time->day += second / DAY;
    time->second = second % DAY;
    time->has_clock = true;
    return true;
}

static bool read_hours(struct tw_str s, struct schedule *out, unsigned weekdays)
{
    struct tw_window w = {.weekdays = weekdays};
    size_t dash = tw_str_find(s, '-');
    if (dash == s.len || !clock_of(tw_str_trim(tw_str_first(s, dash)), &w.begin) ||
        !clock_of(tw_str_trim(tw_str_from(s, dash + 1)), &w.end))
        return false;
    out->vague |= w.end <= w.begin;
    *tw_vec_add(out->in->arena, &out->windows) = w;
    return true;
}

static bool read_once(struct tw_str s, struct schedule *out)
{
    struct tw_window w = {.weekdays = 0};
    size_t dash = tw_str_find(s, '-');
    if (dash == s.len || !moment_of(tw_str_trim(tw_str_first(s, dash)), &w.from) ||
        !moment_of(tw_str_trim(tw_str_from(s, dash + 1)), &w.to))
        return false;
    out->vague |= tw_time_cmp(w.from, w.to) >= 0;
    *tw_vec_add(out->in->arena, &out->windows) = w;
    return true;
}

static void read_list(const struct tw_xml *list, struct schedule *out, bool once,
                      unsigned weekdays)
{
    for (const struct tw_xml *m = tw_xml_child(list, "member"); m; m = tw_xml_next(m)) {
        bool read = once ? read_once(m->text, out) : read_hours(m->text, out, weekdays);
        if (!read)
            TW_DIAG(out->in->diags, TW_D_panos_bad_time, m->text_at, m->text);
    }
}

static bool read_weekly(const struct tw_xml *weekly, struct schedule *out)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    for (const struct tw_xml *day = weekly->first; day; day = day->next) {
        unsigned i = 0;
        while (i < 7 && !tw_str_is(day->name, days[i]))
            i++;
        if (i == 7)
            return false;
        read_list(day, out, false, 1u << i);
    }
    return true;
}

bool tw_panos_schedule_read(struct tw_panos *in, const struct tw_xml *type,
                            const struct tw_schedule **schedule)
{
    struct schedule out = {.in = in};
    const struct tw_xml *recurring = tw_xml_child(type, "recurring");
    const struct tw_xml *once = tw_xml_child(type, "non-recurring");
    if (!type || (recurring && once) || !type->first || type->first != type->last ||
        (!recurring && !once))
        return false;
    for (const struct tw_xml *r = recurring ? recurring->first : NULL; r; r = r->next) {
        if (tw_str_is(r->name, "daily"))
            read_list(r, &out, false, EVERY_DAY);
        else if (!tw_str_is(r->name, "weekly") || !read_weekly(r, &out))
            return false;
    }
    read_list(once, &out, true, 0);
    *schedule = NULL;
    if (out.vague || out.windows.len == 0)
        return true;
    struct tw_schedule *s = tw_new(in->arena, struct tw_schedule);
    *s = (struct tw_schedule){out.windows.at, out.windows.len};
    *schedule = s;
    return true;
}

struct tw_panos_thing *tw_panos_schedule(struct tw_panos *in, uint32_t name, int rank)
{
    bool twice;
    struct tw_panos_object *o =
        tw_panos_lookup(in, TW_PANOS_SCHEDULES, name, rank, &twice);
    if (!o)
        return tw_panos_nothing(in, "schedule", name, TW_NOWHERE);
    if (twice)
        return tw_panos_ambiguous(in, "schedule", name, o);
    return ((struct tw_panos_opaque *)o)->thing;
}

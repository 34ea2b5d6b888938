/* SPDX-License-Identifier: Apache-2.0 */
/* Unknowns of the neutral XML, their schedules, and sets of their values. */
#include "neutral.h"
#include "policy_words.h"

enum { VALUES_MAX = 1 << 20 };

static struct tw_str say(const struct tw_neutral *r, enum tw_message want)
{
    return TW_SAY(r->diags->arena, r->diags->lang, want);
}

/* --- schedules -------------------------------------------------------------------- */

/* HH:MM or HH:MM:SS, up to MAX seconds. */
static bool parse_clock(struct tw_str s, int32_t max, int32_t *out)
{
    static const uint64_t limits[] = {24, 59, 59};
    int32_t second = 0;
    size_t n = 0;
    struct tw_str piece;
    while (n < 3 && tw_str_split(&s, ':', &piece)) {
        uint64_t value;
        if (piece.len != 2 || !tw_parse_u64(piece, limits[n], &value))
            return false;
        second = second * 60 + (int32_t)value;
        n++;
    }
    *out = n == 2 ? second * 60 : second;
    return n >= 2 && s.ptr == NULL && *out <= max;
}

static int32_t read_clock(struct tw_neutral *r, const struct tw_xml *e,
                          const char *name, const char *max_text, int32_t max)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    int32_t second = 0;
    if (!a)
        TW_DIAG(r->diags, TW_D_neutral_missing, e->start, e->name, tw_str_of(name));
    else if (!parse_clock(a->value, max, &second))
        tw_neutral_bad(r, a, a->value,
                       TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_clock,
                              tw_str_of(max_text)));
    return second;
}

static struct tw_time read_time(struct tw_neutral *r, const struct tw_xml *e,
                                const char *name)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    struct tw_time time = {0};
    if (!a)
        TW_DIAG(r->diags, TW_D_neutral_missing, e->start, e->name, tw_str_of(name));
    else if (!tw_time_parse(a->value, &time) || time.has_offset || time.nano)
        tw_neutral_bad(r, a, a->value, say(r, TW_M_want_wall_time));
    return time;
}

static struct tw_window read_weekly(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"days", "begin", "end", NULL};
    enum { DAY = 86400 };
    const struct tw_xml_attr *a = tw_neutral_attr(e, "days");
    struct tw_window window = {0};
    struct tw_str rest = a->value, item;
    tw_neutral_know(r, e, known);
    while (tw_next_item(&rest, ' ', &item)) {
        int day = tw_word_index(tw_words_of_day, item);
        if (day < 0)
            tw_neutral_bad(r, a, item,
                           TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_one_of,
                                  TW_STR("mon, tue, wed, thu, fri, sat, sun")));
        else
            window.weekdays |= 1u << day;
    }
    if (!window.weekdays)
        tw_neutral_bad(r, a, a->value,
                       TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_one_of,
                              TW_STR("mon, tue, wed, thu, fri, sat, sun")));
    window.begin = read_clock(r, e, "begin", "23:59:59", DAY - 1);
    window.end = read_clock(r, e, "end", "24:00", DAY);
    return window;
}

static struct tw_window read_once(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"from", "to", NULL};
    size_t errors = r->diags->errors;
    tw_neutral_know(r, e, known);
    struct tw_window window = {.from = read_time(r, e, "from"),
                               .to = read_time(r, e, "to")};
    if (r->diags->errors == errors && tw_time_cmp(window.from, window.to) >= 0) {
        const struct tw_xml_attr *a = tw_neutral_attr(e, "to");
        tw_neutral_bad(r, a, a->value, say(r, TW_M_want_to_behind_from));
    }
    return window;
}

/* The children of an unknown: windows, or <never/>; none where nobody knows. */
static const struct tw_schedule *read_schedule(struct tw_neutral *r,
                                               const struct tw_xml *e)
{
    static const char *const nothing[] = {NULL};
    TW_VEC(struct tw_window) windows = {0};
    const struct tw_xml *never = tw_xml_child(e, "never");
    if (!e->first)
        return NULL;
    for (const struct tw_xml *c = e->first; c; c = c->next) {
        bool is_window = tw_str_is(c->name, "window") && tw_str_eq(c->ns, e->ns);
        if (c->first || !(never ? c == never && !c->next : is_window))
            TW_DIAG(r->diags, TW_D_neutral_element, c->start, c->name, e->name);
        else if (never)
            tw_neutral_know(r, c, nothing);
        else
            *tw_vec_add(r->arena, &windows) =
                tw_neutral_attr(c, "days") ? read_weekly(r, c) : read_once(r, c);
    }
    struct tw_schedule *schedule = tw_new(r->arena, struct tw_schedule);
    *schedule = (struct tw_schedule){windows.at, windows.len};
    return schedule;
}

/* --- sets of values ----------------------------------------------------------------
 */
static bool find_value(struct tw_neutral *r, const struct tw_unknown *u,
                       struct tw_str item, size_t *value)
{
    struct tw_str name;
    *value = 0;
    if (tw_str_is(item, TW_NAME_NONE))
        return true;
    *value = u->nvalues - 1;
    if (tw_str_is(item, TW_NAME_OTHER))
        return true;
    if (!tw_item_name(r->arena, item, &name))
        return false;
    for (*value = 1; *value + 1 < u->nvalues; ++*value)
        if (tw_str_eq(u->values[*value], name))
            return true;
    return false;
}

static const uint64_t *read_set(struct tw_neutral *r, const struct tw_xml_attr *a,
                                const struct tw_unknown *u, struct tw_str list,
                                char separator)
{
    size_t words = (u->nvalues + 63) / 64, value, errors = r->diags->errors;
    uint64_t *set = tw_new_array(r->arena, words, uint64_t);
    bool negated = tw_str_starts(list, "!");
    struct tw_str rest = tw_str_from(list, negated), item;
    while (tw_next_item(&rest, separator, &item)) {
        if (find_value(r, u, item, &value))
            set[value / 64] |= (uint64_t)1 << value % 64;
        else
            tw_neutral_bad(
                r, a, item,
                TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_names, u->name));
    }
    for (value = 0; negated && value < u->nvalues; value++)
        set[value / 64] ^= (uint64_t)1 << value % 64;
    return r->diags->errors == errors ? set : NULL;
}

/* --- unknowns --------------------------------------------------------------------- */

/* Which of the policy's own unknowns this one is: attribute="in", "out" or "app". */
static void read_role(struct tw_neutral *r, const struct tw_xml *e,
                      const struct tw_unknown *u, uint32_t index)
{
    static const char *const words[] = {"in", "out", "app", NULL};
    static const enum tw_unknown_kind kinds[] = {TW_UNKNOWN_IN_IF, TW_UNKNOWN_OUT_IF,
                                                 TW_UNKNOWN_APP};
    uint32_t *roles[] = {&r->policy->in_if, &r->policy->out_if, &r->policy->app};
    int role = tw_neutral_word(r, e, "attribute", words, false);
    if (role < 0)
        return;
    const struct tw_xml_attr *a = tw_neutral_attr(e, "attribute");
    if (u->kind != kinds[role] || !u->values)
        tw_neutral_bad(r, a, a->value, say(r, TW_M_want_attribute_kind));
    else if (*roles[role] != UINT32_MAX)
        TW_DIAG(r->diags, TW_D_neutral_twice, a->at, e->name, a->value);
    else
        *roles[role] = index;
}

/* Only some kinds are one of several, and interfaces always are. */
static bool kind_fits(enum tw_unknown_kind kind, bool values)
{
    switch (kind) {
    case TW_UNKNOWN_IN_IF:
    case TW_UNKNOWN_OUT_IF:
        return values;
    case TW_UNKNOWN_TOKEN:
    case TW_UNKNOWN_CONDITION:
    case TW_UNKNOWN_APP:
        return true;
    default:
        return !values;
    }
}

static void read_values(struct tw_neutral *r, const struct tw_xml *e,
                        struct tw_unknown *u)
{
    size_t n;
    struct tw_str *names = tw_neutral_names(r, e, "values", &n);
    const struct tw_xml_attr *a = tw_neutral_attr(e, "values");
    u->nvalues = 2;
    if (!kind_fits(u->kind, names != NULL))
        TW_DIAG(r->diags, names ? TW_D_neutral_attr : TW_D_neutral_missing,
                names ? a->at : e->start, e->name, TW_STR("values"));
    if (!names)
        return;
    if (n > VALUES_MAX) {
        TW_DIAG(r->diags, TW_D_ipt_too_long, a->at, TW_STR("1048576"));
        return;
    }
    struct tw_map seen;
    tw_map_init(&seen, r->arena);
    struct tw_str *values = tw_new_array(r->arena, n + 2, struct tw_str);
    for (size_t i = 0; i < n; i++) {
        if (tw_map_find(&seen, names[i]))
            TW_DIAG(r->diags, TW_D_neutral_twice, a->at, TW_STR("values"), names[i]);
        tw_map_slot(&seen, names[i]);
        values[i + 1] = names[i];
    }
    values[0] = TW_STR("");
    values[n + 1] = tw_neutral_text(r, e, "other", false);
    u->values = values;
    u->nvalues = n + 2;
    const struct tw_xml_attr *wide = tw_neutral_attr(e, "wide");
    const struct tw_xml_attr *alone = tw_neutral_attr(e, "alone");
    if (wide && u->kind == TW_UNKNOWN_APP)
        u->wide = read_set(r, wide, u, wide->value, ' ');
    if (alone && u->kind == TW_UNKNOWN_APP)
        u->alone = read_set(r, alone, u, alone->value, ' ');
}

/* Conditions are written around ids: they are plain words. */
static void check_id(struct tw_neutral *r, const struct tw_xml *e, struct tw_str id)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, "id");
    if (a && !tw_is_id(id))
        tw_neutral_bad(r, a, a->value, say(r, TW_M_want_unknown_id));
}

void tw_neutral_unknown(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"id",        "kind",   "name",  "subject",
                                        "attribute", "values", "other", NULL};
    static const char *const of_app[] = {"id",        "kind",   "name",  "subject",
                                         "attribute", "values", "other", "wide",
                                         "alone",     NULL};
    uint32_t index = (uint32_t)r->policy->unknowns.len;
    struct tw_unknown u = {.name = tw_neutral_text(r, e, "name", true),
                           .subject = tw_neutral_text(r, e, "subject", false)};
    int kind = tw_neutral_word(r, e, "kind", tw_words_of_kind, true);
    bool choice = tw_neutral_attr(e, "values") != NULL;
    tw_neutral_know(r, e, kind == TW_UNKNOWN_APP && choice ? of_app : known);
    if (kind < 0)
        return;
    u.kind = (enum tw_unknown_kind)kind;
    read_values(r, e, &u);
    if (u.kind == TW_UNKNOWN_TIME)
        u.schedule = read_schedule(r, e);
    else if (e->first)
        TW_DIAG(r->diags, TW_D_neutral_element, e->first->start, e->first->name,
                e->name);
    read_role(r, e, &u, index);
    struct tw_str id = tw_neutral_text(r, e, "id", true);
    check_id(r, e, id);
    if (tw_neutral_declare(r, &r->unknowns, e, id, index))
        *tw_vec_add(r->arena, &r->policy->unknowns) = u;
}

uint32_t tw_neutral_find_unknown(struct tw_neutral *r, const struct tw_xml_attr *a,
                                 struct tw_str id)
{
    uintptr_t found = (uintptr_t)tw_map_get(&r->unknowns, id);
    if (!found)
        TW_DIAG(r->diags, TW_D_neutral_undeclared, tw_neutral_span(r, a, id),
                TW_STR("unknown"), id);
    return (uint32_t)found - 1;
}

const uint64_t *tw_neutral_set(struct tw_neutral *r, const struct tw_xml_attr *a,
                               uint32_t unknown, struct tw_str list, char separator)
{
    r->key.len = 0;
    tw_buf_u64(&r->key, unknown);
    tw_buf_char(&r->key, separator);
    tw_buf_str(&r->key, list);
    const uint64_t *set = tw_map_get(&r->sets, tw_buf_view(&r->key));
    if (set)
        return set;
    struct tw_str key = tw_str_copy(r->arena, tw_buf_view(&r->key));
    set = read_set(r, a, &r->policy->unknowns.at[unknown], list, separator);
    if (set)
        *tw_map_slot(&r->sets, key) = (void *)(uintptr_t)set;
    return set;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The data face of the report: counts are integers, ratios and amounts text. */
#include "impact_data.h"

#include "answers_report.h"

static const struct {
    const char *name;
    enum tw_message message;
} refusals[TW_REFUSAL_COUNT] = {
    [TW_REFUSED_RAGGED] = {"ragged", TW_M_refused_ragged},
    [TW_REFUSED_STRAY_QUOTE] = {"stray quote", TW_M_refused_stray_quote},
    [TW_REFUSED_OPEN_QUOTE] = {"open quote", TW_M_refused_open_quote},
    [TW_REFUSED_TOO_LONG] = {"too long", TW_M_refused_too_long},
    [TW_REFUSED_BAD_ENCODING] = {"invalid encoding", TW_M_refused_bad_encoding},
    [TW_REFUSED_HEADER_AGAIN] = {"header again", TW_M_refused_header_again},
    [TW_REFUSED_MARK_INSIDE] = {"byte order mark inside", TW_M_refused_mark_inside},
    [TW_REFUSED_REGEX_LIMIT] = {"regex limit", TW_M_refused_regex_limit},
    [TW_REFUSED_BAD_VALUE] = {"bad value", TW_M_refused_bad_value},
    [TW_REFUSED_AMBIGUOUS] = {"ambiguous", TW_M_refused_ambiguous},
    [TW_REFUSED_BROKEN_LINE] = {"broken line", TW_M_refused_broken_line},
    [TW_REFUSED_CUT] = {"cut off", TW_M_refused_cut},
};

enum tw_message tw_refusal_message(enum tw_refusal refusal)
{
    return refusals[refusal].message;
}

const char *tw_refusal_name(enum tw_refusal refusal)
{
    return refusals[refusal].name;
}

static const struct {
    const char *name;
    enum tw_message message;
} notes[TW_NOTE_COUNT] = {
    [TW_NOTE_AMBIGUOUS_NULL] = {"ambiguous null", TW_M_note_ambiguous_null},
    [TW_NOTE_NOT_A_RECORD] = {"not a record", TW_M_note_not_a_record},
    [TW_NOTE_REPAIRED_BYTE] = {"repaired byte", TW_M_note_repaired_byte},
    [TW_NOTE_LOST_CR] = {"carriage return lost", TW_M_note_lost_cr},
    [TW_NOTE_OTHER_TABLE] = {"other table", TW_M_note_other_table},
    [TW_NOTE_REPEATED_KEY] = {"repeated key", TW_M_note_repeated_key},
};

enum tw_message tw_note_message(enum tw_note note)
{
    return notes[note].message;
}

struct tw_str tw_impact_time_text(struct tw_arena *arena, struct tw_time t)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    struct tw_time date = {.day = t.day};
    tw_buf_time(&buf, date);
    if (t.has_clock)
        tw_buf_fmt(&buf, " %02d:%02d:%02d", (int)(t.second / 3600),
                   (int)(t.second / 60 % 60), (int)(t.second % 60));
    return tw_buf_view(&buf);
}

struct tw_str tw_impact_zone_name(const struct tw_impact *im)
{
    if (im->plan.zone.given)
        return im->plan.zone.name;
    for (size_t i = 0; i < im->plan.nby; i++)
        if (im->tally.zoned[i])
            return TW_STR("UTC");
    return TW_STR("");
}

struct maker {
    struct tw_arena *arena;
    const struct tw_impact *im;
    const struct tw_tally *t;
    const struct tw_view *view;
};

static void add_decimal(const struct maker *m, struct tw_value *in, const char *key,
                        struct tw_decimal d)
{
    struct tw_buf buf;
    tw_buf_init(&buf, m->arena);
    tw_buf_decimal(&buf, d);
    tw_value_add_text(m->arena, in, key, tw_buf_view(&buf));
}

static struct tw_value *add_array(const struct maker *m, struct tw_value *in,
                                  const char *key)
{
    return tw_value_add(m->arena, in, key, TW_VALUE_ARRAY);
}

static struct tw_value *add_item(const struct maker *m, struct tw_value *array)
{
    return tw_value_add(m->arena, array, NULL, TW_VALUE_OBJECT);
}

static void add_key(const struct maker *m, struct tw_value *in, struct tw_str name,
                    struct tw_group_key key)
{
    if (key.kind == TW_GROUP_NULL)
        tw_value_add(m->arena, in, NULL, TW_VALUE_NULL)->key = name;
    else
        tw_value_add_text_at(m->arena, in, name,
                             key.kind == TW_GROUP_NOT_A_TIME ? TW_STR("(not a time)")
                                                             : key.text);
}

static void add_groups(const struct maker *m, struct tw_value *data)
{
    const struct tw_count_plan *plan = &m->im->plan;
    struct tw_value *by = add_array(m, data, "by");
    for (size_t g = 0; plan->nby && g < m->view->ngroups; g++) {
        const struct tw_view_group *group = &m->view->groups[g];
        struct tw_value *item = add_item(m, by);
        struct tw_value *key = tw_value_add(m->arena, item, "key", TW_VALUE_OBJECT);
        for (size_t i = 0; i < plan->nby; i++)
            add_key(m, key, plan->by[i].title, group->keys[i]);
        tw_value_add_int(m->arena, item, "records", group->records);
        tw_answer_add_count(m->arena, item, "affected", group->shown, group->affected);
        if (group->shown == TW_SHOWN)
            tw_value_add_text(m->arena, item, "percent",
                              tw_percent(m->arena, group->affected, group->records));
    }
}

/* What a rule noticed, where it is of a kind that notices such things. */
static void add_rule_notes(const struct maker *m, struct tw_value *item,
                           const struct tw_record_rule *rule,
                           const struct tw_record_rule_count *count)
{
    static const char *const names[TW_DISGUISE_COUNT] = {
        "as_is",   "cut",   "json",        "html",     "percent", "hex",
        "gb18030", "utf16", "double_utf8", "mojibake", "masked"};
    if (rule->detector && rule->op == TW_TEST_FAILS)
        tw_value_add_int(m->arena, item, "masked", count->masked);
    if (rule->detector)
        tw_value_add_int(m->arena, item, "odd", count->odd);
    if (!rule->marker)
        return;
    struct tw_value *found = tw_value_add(m->arena, item, "disguises", TW_VALUE_OBJECT);
    for (size_t i = 0; i < TW_DISGUISE_COUNT; i++)
        tw_value_add_int(m->arena, found, names[i], count->disguises[i]);
}

static void add_rules(const struct maker *m, struct tw_value *data, const char *key,
                      const char *count_key, const struct tw_record_rule *rules,
                      const struct tw_record_rule_count *counts, size_t n,
                      enum tw_shown shown)
{
    struct tw_value *array = add_array(m, data, key);
    for (size_t i = 0; i < n; i++) {
        struct tw_value *item = add_item(m, array);
        tw_value_add_text(m->arena, item, "rule", rules[i].text);
        tw_answer_add_count(m->arena, item, count_key, shown, counts[i].holds);
        tw_value_add_int(m->arena, item, "not_comparable", counts[i].not_comparable);
        add_rule_notes(m, item, &rules[i], &counts[i]);
    }
}

static void add_net(const struct maker *m, struct tw_value *in, const char *key,
                    struct tw_decimal gross, struct tw_decimal refunds)
{
    struct tw_decimal net;
    if (tw_sum_net(gross, refunds, &net))
        add_decimal(m, in, key, net);
    else
        tw_value_add_null(m->arena, in, key);
}

static void add_measured(const struct maker *m, struct tw_value *data)
{
    const struct tw_count_plan *plan = &m->im->plan;
    struct tw_value *distinct = add_array(m, data, "distinct");
    for (size_t i = 0; i < plan->ndistinct; i++) {
        struct tw_value *item = add_item(m, distinct);
        tw_value_add_text(m->arena, item, "column", plan->distinct[i].text);
        tw_answer_add_count(m->arena, item, "affected",
                            tw_view_distinct(m->im, m->view, i),
                            m->t->distinct[i].affected);
        tw_value_add_int(m->arena, item, "all", m->t->distinct[i].count);
    }
    struct tw_value *sums = add_array(m, data, "sums");
    for (size_t i = 0; m->view->all_shown && i < plan->nsums; i++) {
        const struct tw_sum *s = &m->t->sums[i];
        struct tw_value *item = add_item(m, sums);
        tw_value_add_text(m->arena, item, "column", plan->sums[i].text);
        add_net(m, item, "affected", s->affected_gross, s->affected_refunds);
        add_net(m, item, "all", s->gross, s->refunds);
        add_decimal(m, item, "affected_gross", s->affected_gross);
        add_decimal(m, item, "affected_refunds", s->affected_refunds);
        add_decimal(m, item, "gross", s->gross);
        add_decimal(m, item, "refunds", s->refunds);
        tw_value_add_int(m->arena, item, "nulls", s->nulls);
        tw_value_add_int(m->arena, item, "not_numbers", s->not_numbers);
    }
}

static void add_place(const struct maker *m, struct tw_value *in, const char *key,
                      struct tw_tally_place place)
{
    if (!place.set || !m->view->all_shown) {
        tw_value_add_null(m->arena, in, key);
        return;
    }
    struct tw_value *at = tw_value_add(m->arena, in, key, TW_VALUE_OBJECT);
    tw_value_add_text(m->arena, at, "file",
                      tw_view_path(m->im, m->im->files.at[place.file].name));
    tw_value_add_int(m->arena, at, "record", place.record);
    tw_value_add_int(m->arena, at, "offset", place.offset);
}

static void add_refused(const struct maker *m, struct tw_value *data)
{
    struct tw_value *array = add_array(m, data, "refused");
    for (size_t i = 0; i < TW_REFUSAL_COUNT; i++) {
        const struct tw_refused *r = &m->t->refused[i];
        if (r->count == 0)
            continue;
        struct tw_value *item = add_item(m, array);
        tw_value_add_text(m->arena, item, "reason", tw_str_of(refusals[i].name));
        tw_value_add_int(m->arena, item, "count", r->count);
        tw_value_add_int(m->arena, item, "bytes", r->bytes);
        tw_value_add_int(m->arena, item, "first_offset", r->first.offset);
        add_place(m, item, "first", r->first);
    }
}

static void add_notes(const struct maker *m, struct tw_value *in, const uint64_t *found)
{
    struct tw_value *array = NULL;
    for (size_t i = 0; i < TW_NOTE_COUNT; i++) {
        if (found[i] == 0)
            continue;
        if (!array)
            array = add_array(m, in, "notes");
        struct tw_value *item = add_item(m, array);
        tw_value_add_text(m->arena, item, "note", tw_str_of(notes[i].name));
        tw_value_add_int(m->arena, item, "count", found[i]);
    }
}

static void add_files(const struct maker *m, struct tw_value *data)
{
    struct tw_value *array = add_array(m, data, "files");
    for (size_t i = 0; i < m->im->files.len; i++) {
        const struct tw_impact_file *f = &m->im->files.at[i];
        struct tw_value *item = add_item(m, array);
        tw_value_add_text(m->arena, item, "path", tw_view_path(m->im, f->name));
        tw_value_add_text(m->arena, item, "format", tw_str_of(f->format));
        tw_value_add_text(m->arena, item, "compression", tw_str_of(f->compression));
        tw_value_add_text(m->arena, item, "encoding", f->encoding);
        if (f->sha256.len)
            tw_value_add_text(m->arena, item, "sha256", f->sha256);
        tw_value_add_int(m->arena, item, "read", f->read);
        tw_value_add_int(m->arena, item, "refused", f->refused);
        if (f->as_of.len)
            tw_value_add_text(m->arena, item, "as_of", f->as_of);
        add_notes(m, item, f->notes);
    }
}

void tw_impact_data(struct tw_impact *im, struct tw_doc *doc)
{
    const struct maker m = {im->arena, im, &im->tally, im->view};
    const struct tw_tally *t = m.t;
    const struct tw_count_plan *plan = &im->plan;
    struct tw_value *data = doc->data;
    tw_value_add_bool(m.arena, data, "partial", im->partial);
    struct tw_value *records = tw_value_add(m.arena, data, "records", TW_VALUE_OBJECT);
    tw_value_add_int(m.arena, records, "read", t->read);
    tw_value_add_int(m.arena, records, "counted", t->counted);
    tw_value_add_int(m.arena, records, "refused", tw_tally_refused(t));
    enum tw_shown total = m.view->total;
    tw_answer_add_count(m.arena, data, "affected", total, t->affected);
    struct tw_value *ratio = tw_value_add(m.arena, data, "ratio", TW_VALUE_OBJECT);
    tw_answer_add_count(m.arena, ratio, "num", total, t->affected);
    tw_value_add_int(m.arena, ratio, "den", t->matched);
    if (total == TW_SHOWN)
        tw_value_add_text(m.arena, ratio, "percent",
                          tw_percent(m.arena, t->affected, t->matched));
    add_groups(&m, data);
    add_rules(&m, data, "wrong", "affected", plan->wrong, t->wrong, plan->nwrong,
              m.view->rules ? TW_SHOWN : TW_WITHHELD);
    add_rules(&m, data, "where", "passed", plan->where, t->where, plan->nwhere,
              TW_SHOWN);
    add_measured(&m, data);
    add_place(&m, data, "first", t->first);
    add_place(&m, data, "last", t->last);
    if (t->has_time && m.view->all_shown) {
        tw_value_add_text(m.arena, data, "first_time",
                          tw_impact_time_text(m.arena, t->first_time));
        tw_value_add_text(m.arena, data, "last_time",
                          tw_impact_time_text(m.arena, t->last_time));
    }
    struct tw_str zone = tw_impact_zone_name(im);
    if (zone.len)
        tw_value_add_text(m.arena, data, "tz", zone);
    add_refused(&m, data);
    add_files(&m, data);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The answers beyond the counts as values. */
#include <stdlib.h>

#include "answers_report.h"
#include "impact_data.h"

static bool has_small_cell(const struct tw_health_counts *counts)
{
    for (size_t i = 0; i < TW_HEALTH_CLASSES; i++)
        if (counts->of[i] > 0 && counts->of[i] < 5)
            return true;
    return false;
}

/* With --external: no cell of the histograms is of 1 to 4. */
static bool health_may_be_shown(struct tw_impact *im)
{
    size_t n;
    struct tw_health_column **columns =
        tw_health_columns(&im->tally.answers->health, im->arena, &n);
    for (size_t i = 0; i < n; i++) {
        if (has_small_cell(&columns[i]->all))
            return false;
        for (size_t k = 0; k < columns[i]->by.len; k++)
            if (has_small_cell(&columns[i]->by.at[k]))
                return false;
    }
    return true;
}

struct tw_answer_writer tw_answer_writer_of(struct tw_impact *im,
                                            const struct tw_view *view,
                                            enum tw_lang lang, struct tw_doc *doc)
{
    struct tw_answer_writer w = {.arena = im->arena,
                                 .lang = lang,
                                 .im = im,
                                 .view = view,
                                 .doc = doc,
                                 .health = im->answers.has_health};
    if (view->all_shown)
        w.series = tw_series_of(im);
    if (im->answers.external && w.health)
        w.health = view->all_shown && health_may_be_shown(im);
    return w;
}

void tw_answer_add_count(struct tw_arena *arena, struct tw_value *in, const char *key,
                         enum tw_shown shown, uint64_t n)
{
    if (shown == TW_SHOWN) {
        tw_value_add_int(arena, in, key, n);
        return;
    }
    tw_value_add_null(arena, in, key);
    tw_value_add_text(arena, in, "suppressed",
                      shown == TW_BELOW_FIVE ? TW_STR("<5") : TW_STR("withheld"));
}

static struct tw_value *object(const struct tw_answer_writer *w, struct tw_value *in,
                               const char *key)
{
    return tw_value_add(w->arena, in, key, TW_VALUE_OBJECT);
}

static struct tw_value *array(const struct tw_answer_writer *w, struct tw_value *in,
                              const char *key)
{
    return tw_value_add(w->arena, in, key, TW_VALUE_ARRAY);
}

static void add_part(const struct tw_answer_writer *w, struct tw_value *in,
                     const char *key, struct tw_part part)
{
    struct tw_value *at = object(w, in, key);
    tw_value_add_int(w->arena, at, "num", part.k);
    tw_value_add_int(w->arena, at, "den", part.n);
}

static void add_share(const struct tw_answer_writer *w, struct tw_value *in,
                      const char *key, int64_t billionths)
{
    tw_value_add_text(w->arena, in, key, tw_billionths(w->arena, billionths));
}

static void add_time(const struct tw_answer_writer *w, struct tw_value *in,
                     const char *key, bool has, struct tw_time time)
{
    if (has)
        tw_value_add_text(w->arena, in, key, tw_impact_time_text(w->arena, time));
    else
        tw_value_add_null(w->arena, in, key);
}

static void add_ratio(const struct tw_answer_writer *w)
{
    const struct tw_tally *t = &w->im->tally;
    struct tw_value *data = w->doc->data;
    if (w->view->total == TW_SHOWN && t->affected && t->matched) {
        struct tw_value *per = object(w, data, "rates");
        tw_value_add_text(
            w->arena, per, "per_million",
            tw_quotient(w->arena, t->affected, 1000000, t->matched, false));
        tw_value_add_text(w->arena, per, "one_in",
                          tw_quotient(w->arena, t->matched, 1, t->affected, false));
    }
    struct tw_pct_style pct = w->im->answers.pct;
    if (pct.digits >= 0 && w->view->total == TW_SHOWN) {
        struct tw_value *printed = object(w, data, "printed");
        tw_value_add_text(w->arena, printed, "percent",
                          tw_percent_styled(w->arena, t->affected, t->matched, pct));
        tw_value_add_int(w->arena, printed, "digits", (uint64_t)pct.digits);
        tw_value_add_bool(w->arena, printed, "truncated", pct.truncated);
    }
}

static void add_sample(const struct tw_answer_writer *w)
{
    const struct tw_sample_plan *s = &w->im->answers.sample;
    const struct tw_tally *t = &w->im->tally;
    if (!s->on)
        return;
    struct tw_value *at = object(w, w->doc->data, "sample");
    tw_value_add_int(w->arena, at, "num", s->num);
    tw_value_add_int(w->arena, at, "den", s->den);
    tw_value_add_int(w->arena, at, "left_out", t->answers->left_out);
    if (w->view->total != TW_SHOWN || t->matched == 0)
        return;
    struct tw_interval i =
        tw_wilson((struct tw_part){t->affected, t->matched}, TW_CONFIDENCE_95);
    struct tw_value *interval = object(w, w->doc->data, "interval");
    tw_value_add_text(w->arena, interval, "method", TW_STR("wilson"));
    tw_value_add_text(w->arena, interval, "confidence", TW_STR("0.95"));
    add_share(w, interval, "low", i.low);
    add_share(w, interval, "high", i.high);
    if (t->affected == 0)
        add_share(w, interval, "one_sided_high", tw_zero_bound(t->matched));
}

static void add_window(const struct tw_answer_writer *w, struct tw_value *in)
{
    const struct tw_series *s = w->series;
    if (!s->scanned || !s->window.found) {
        tw_value_add_null(w->arena, in, "window");
        return;
    }
    struct tw_value *at = object(w, in, "window");
    tw_value_add_text(w->arena, at, "from", s->names[s->window.from]);
    tw_value_add_text(w->arena, at, "to", s->names[s->window.to - 1]);
    add_part(w, at, "in", s->window.in);
    add_part(w, at, "out", s->window.out);
    tw_value_add_text(w->arena, at, "score", tw_millionths(w->arena, s->window.score));
    add_share(w, at, "p_at_most", s->window.p);
}

static void add_cusum(const struct tw_answer_writer *w, struct tw_value *in)
{
    const struct tw_series *s = w->series;
    if (!s->has_cusum) {
        tw_value_add_null(w->arena, in, "cusum");
        return;
    }
    struct tw_value *at = object(w, in, "cusum");
    add_part(w, at, "low", s->low);
    tw_value_add_text(w->arena, at, "low_from",
                      s->from_baseline ? TW_STR("baseline")
                                       : TW_STR("outside the window"));
    add_part(w, at, "high", s->high);
    if (!s->cusum.alarm) {
        tw_value_add_null(w->arena, at, "onset");
        tw_value_add_null(w->arena, at, "alarm");
        return;
    }
    tw_value_add_text(w->arena, at, "onset", s->names[s->cusum.onset]);
    tw_value_add_text(w->arena, at, "alarm", s->names[s->cusum.alarm_at]);
}

static void add_onset(const struct tw_answer_writer *w)
{
    const struct tw_series *s = w->series;
    if (!s)
        return;
    const struct tw_tally *t = &w->im->tally;
    struct tw_value *at = object(w, w->doc->data, "onset");
    tw_value_add_text(w->arena, at, "by", w->im->plan.by[s->by].text);
    add_time(w, at, "last_good_before", s->has_before, s->before);
    add_time(w, at, "first_affected", t->has_time, t->first_time);
    add_time(w, at, "last_affected", t->has_time, t->last_time);
    add_time(w, at, "first_good_after", s->has_after, s->after);
    tw_value_add_bool(w->arena, at, "good_times_known", s->times_known);
    tw_value_add_int(w->arena, at, "buckets", s->count);
    tw_value_add_int(w->arena, at, "missing", s->missing);
    struct tw_value *gaps = array(w, at, "gaps");
    for (size_t i = 0; i < s->gaps.len; i++) {
        struct tw_value *gap = object(w, gaps, NULL);
        tw_value_add_text(w->arena, gap, "after", s->gaps.at[i].behind);
        tw_value_add_text(w->arena, gap, "before", s->gaps.at[i].before);
        tw_value_add_int(w->arena, gap, "missing", s->gaps.at[i].missing);
    }
    add_window(w, at);
    add_cusum(w, at);
}

static void add_counts(const struct tw_answer_writer *w, struct tw_value *in,
                       const struct tw_health_counts *counts)
{
    tw_value_add_int(w->arena, in, "records", tw_health_total(counts));
    struct tw_value *classes = object(w, in, "classes");
    for (size_t i = 0; i < TW_HEALTH_CLASSES; i++)
        if (counts->of[i])
            tw_value_add_int(w->arena, classes,
                             tw_health_class_name((enum tw_health_class)i),
                             counts->of[i]);
}

static void add_key(const struct tw_answer_writer *w, struct tw_value *in,
                    const struct tw_group_key *key)
{
    struct tw_group_key shown = *key;
    shown = tw_view_key(w->im, w->im->answers.health.by, shown);
    if (shown.kind == TW_GROUP_NULL)
        tw_value_add_null(w->arena, in, "key");
    else if (shown.kind == TW_GROUP_NOT_A_TIME)
        tw_value_add_text(w->arena, in, "key", TW_STR("(not a time)"));
    else
        tw_value_add_text(w->arena, in, "key", shown.text);
}

struct shown_key {
    struct tw_group_key key;
    size_t index;
};

static int cmp_shown_keys(const void *a, const void *b)
{
    return tw_group_key_cmp(&((const struct shown_key *)a)->key,
                            &((const struct shown_key *)b)->key);
}

size_t *tw_answer_keys(const struct tw_answer_writer *w, size_t *count)
{
    const struct tw_health *health = &w->im->tally.answers->health;
    size_t *keys = tw_health_keys(health, w->arena, count);
    size_t by = w->im->answers.health.by, n = *count;
    if (by == SIZE_MAX || !w->im->answers.any_keyed)
        return keys;
    struct shown_key *shown = tw_new_array(w->arena, n, struct shown_key);
    for (size_t i = 0; i < n; i++)
        shown[i] = (struct shown_key){
            tw_view_key(w->im, by, health->keys_in_order.at[keys[i]]), keys[i]};
    if (n)
        qsort(shown, n, sizeof *shown, cmp_shown_keys);
    for (size_t i = 0; i < n; i++)
        keys[i] = shown[i].index;
    return keys;
}

static void add_health(const struct tw_answer_writer *w)
{
    if (!w->health)
        return;
    const struct tw_health *health = &w->im->tally.answers->health;
    size_t by = w->im->answers.health.by, ncolumns, nkeys;
    struct tw_health_column **columns = tw_health_columns(health, w->arena, &ncolumns);
    size_t *keys = tw_answer_keys(w, &nkeys);
    if (by != SIZE_MAX)
        tw_value_add_text(w->arena, w->doc->data, "health_by", w->im->plan.by[by].text);
    struct tw_value *list = array(w, w->doc->data, "health");
    for (size_t i = 0; i < ncolumns; i++) {
        const struct tw_health_column *c = columns[i];
        struct tw_value *item = object(w, list, NULL);
        tw_value_add_text(w->arena, item, "name", c->name);
        if (c->format)
            tw_value_add_text(w->arena, item, "format", tw_str_of(c->format->name));
        else
            tw_value_add_null(w->arena, item, "format");
        add_counts(w, item, &c->all);
        struct tw_value *each = by != SIZE_MAX ? array(w, item, "by") : NULL;
        for (size_t k = 0; each && k < nkeys; k++) {
            struct tw_health_counts at = tw_health_at(c, keys[k]);
            struct tw_value *cell = object(w, each, NULL);
            add_key(w, cell, &health->keys_in_order.at[keys[k]]);
            add_counts(w, cell, &at);
        }
    }
}

static void add_drift(const struct tw_answer_writer *w)
{
    if (!w->health || !w->im->baseline)
        return;
    const struct tw_drift_rows *rows = tw_drift_rows_of(w->im);
    struct tw_value *list = array(w, w->doc->data, "drift");
    for (size_t i = 0; i < rows->list.len; i++) {
        const struct tw_drift_row *row = &rows->list.at[i];
        struct tw_value *item = object(w, list, NULL);
        tw_value_add_text(w->arena, item, "column", row->column->name);
        tw_value_add_text(w->arena, item, "measure",
                          tw_str_of(tw_health_measure_name(row->measure)));
        if (row->key)
            add_key(w, item, row->key);
        add_part(w, item, "now", row->drift.now);
        add_part(w, item, "baseline", row->drift.before);
        add_share(w, item, "difference", row->drift.difference.value);
        add_share(w, item, "low", row->drift.difference.interval.low);
        add_share(w, item, "high", row->drift.difference.interval.high);
        tw_value_add_bool(w->arena, item, "drifted", row->drift.drifted);
    }
    struct tw_value *unknown = NULL;
    for (size_t i = 0; i < rows->unknown.len; i++) {
        if (!unknown)
            unknown = array(w, w->doc->data, "drift_unknown");
        tw_value_add_text(w->arena, unknown, NULL, rows->unknown.at[i]);
    }
}

static void add_samples(const struct tw_answer_writer *w)
{
    const struct tw_impact *im = w->im;
    if (im->answers.samples == 0)
        return;
    struct tw_value *list = array(w, w->doc->data, "samples");
    for (size_t i = 0; i < im->plan.nwrong; i++) {
        const struct tw_value_samples *s = &im->tally.answers->samples[i];
        for (size_t k = 0; k < s->len; k++) {
            const struct tw_value_sample *v = &s->at[k];
            struct tw_value *item = object(w, list, NULL);
            tw_value_add_text(w->arena, item, "rule", im->plan.wrong[i].text);
            if (v->is_null)
                tw_value_add_null(w->arena, item, "masked");
            else
                tw_value_add_text(w->arena, item, "masked",
                                  (struct tw_str){v->value.text, v->value.len});
            tw_value_add_text(w->arena, item, "class",
                              tw_str_of(v->is_null ? "null"
                                        : v->is_empty
                                            ? "empty"
                                            : tw_mask_class_name(v->value.class)));
            tw_value_add_int(w->arena, item, "characters", v->value.characters);
            tw_value_add_text(w->arena, item, "file", im->files.at[v->place.file].name);
            tw_value_add_int(w->arena, item, "record", v->place.record);
            tw_value_add_int(w->arena, item, "offset", v->place.offset);
        }
    }
}

void tw_answers_data(const struct tw_answer_writer *w)
{
    if (w->im->answers.external)
        tw_value_add_bool(w->arena, w->doc->data, "external", true);
    add_ratio(w);
    add_sample(w);
    add_onset(w);
    add_health(w);
    add_drift(w);
    add_samples(w);
}

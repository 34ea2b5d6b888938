/* SPDX-License-Identifier: Apache-2.0 */
/* The answers beyond the counts as text. */
#include "answers_report.h"
#include "impact_data.h"
#include "text.h"

#define SAY(w, ...) TW_SAY((w)->arena, (w)->lang, __VA_ARGS__)

static struct tw_str number(const struct tw_answer_writer *w, uint64_t n)
{
    return tw_thousands(w->arena, n);
}

static void line(const struct tw_answer_writer *w, enum tw_tone tone, struct tw_str s)
{
    tw_doc_line(w->doc, TW_BLOCK_LINE, 1, tone, s);
}

static void heading(const struct tw_answer_writer *w, struct tw_str text)
{
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_HEADING, 0, TW_STRONG, text);
}

struct tw_str tw_answer_count(const struct tw_answer_writer *w, enum tw_shown shown,
                              uint64_t n)
{
    if (shown == TW_SHOWN)
        return number(w, n);
    return shown == TW_BELOW_FIVE ? TW_STR("<5") : TW_STR("\xe2\x80\x94");
}

struct tw_str tw_answer_percent(const struct tw_answer_writer *w, enum tw_shown shown,
                                uint64_t k, uint64_t n)
{
    return shown == TW_SHOWN ? tw_percent_styled(w->arena, k, n, w->im->answers.pct)
                             : TW_STR("\xe2\x80\x94");
}

struct tw_str tw_answer_percent_told(const struct tw_answer_writer *w,
                                     enum tw_shown shown, uint64_t k, uint64_t n)
{
    struct tw_str text = tw_answer_percent(w, shown, k, n);
    bool cut = shown == TW_SHOWN && w->im->answers.pct.truncated;
    return cut ? SAY(w, TW_M_answers_truncated, text) : text;
}

struct tw_str tw_answer_percent_head(const struct tw_answer_writer *w)
{
    struct tw_str text = SAY(w, TW_M_impact_col_percent);
    return w->im->answers.pct.truncated ? SAY(w, TW_M_answers_truncated, text) : text;
}

/* --- below the verdict ------------------------------------------------------------ */

static void sample_lines(const struct tw_answer_writer *w)
{
    const struct tw_sample_plan *s = &w->im->answers.sample;
    const struct tw_tally *t = &w->im->tally;
    if (!s->on)
        return;
    line(w, TW_DOUBT,
         SAY(w, TW_M_answers_sample, number(w, s->num), number(w, s->den),
             number(w, t->answers->left_out)));
    if (w->view->total != TW_SHOWN || t->matched == 0)
        return;
    struct tw_interval i =
        tw_wilson((struct tw_part){t->affected, t->matched}, TW_CONFIDENCE_95);
    line(w, TW_DOUBT,
         SAY(w, TW_M_answers_interval, tw_billionths_percent(w->arena, i.low),
             tw_billionths_percent(w->arena, i.high)));
    if (t->affected == 0)
        line(w, TW_DOUBT,
             SAY(w, TW_M_answers_zero_bound,
                 tw_billionths_percent(w->arena, tw_zero_bound(t->matched))));
}

void tw_answers_head_text(const struct tw_answer_writer *w)
{
    const struct tw_tally *t = &w->im->tally;
    if (w->view->total == TW_SHOWN && t->affected)
        line(w, TW_PLAIN,
             SAY(w, TW_M_answers_rates, number(w, t->affected), number(w, t->matched),
                 tw_quotient(w->arena, t->affected, 1000000, t->matched, true),
                 tw_quotient(w->arena, t->matched, 1, t->affected, true)));
    sample_lines(w);
    if (w->im->answers.external)
        line(w, TW_DIM,
             SAY(w,
                 w->view->all_shown ? TW_M_answers_external : TW_M_answers_suppressed));
}

/* --- onset and end ---------------------------------------------------------------- */

static void record_times(const struct tw_answer_writer *w)
{
    const struct tw_series *s = w->series;
    const struct tw_tally *t = &w->im->tally;
    if (!t->has_time)
        return;
    if (!s->times_known) {
        line(w, TW_DOUBT, SAY(w, TW_M_answers_times_unknown));
        return;
    }
    struct tw_str first = tw_impact_time_text(w->arena, t->first_time);
    struct tw_str last = tw_impact_time_text(w->arena, t->last_time);
    struct tw_str before = tw_impact_time_text(w->arena, s->before);
    struct tw_str after = tw_impact_time_text(w->arena, s->after);
    line(w, s->has_before ? TW_PLAIN : TW_DOUBT,
         s->has_before ? SAY(w, TW_M_answers_onset_times, first, before)
                       : SAY(w, TW_M_answers_onset_open, first));
    line(w, s->has_after ? TW_PLAIN : TW_DOUBT,
         s->has_after ? SAY(w, TW_M_answers_end_times, last, after)
                      : SAY(w, TW_M_answers_end_open, last));
}

static void window_lines(const struct tw_answer_writer *w)
{
    const struct tw_series *s = w->series;
    const struct tw_share_window *win = &s->window;
    if (!s->scanned) {
        line(w, TW_DOUBT,
             SAY(w, TW_M_answers_not_scanned, number(w, TW_SERIES_SCAN_MAX)));
    } else if (s->stands_out) {
        line(w, TW_PLAIN,
             SAY(w, TW_M_answers_window, s->names[win->from], s->names[win->to - 1],
                 number(w, win->in.k), number(w, win->in.n), number(w, win->out.k),
                 number(w, win->out.n), tw_millionths(w->arena, win->score),
                 tw_billionths(w->arena, win->p)));
    } else {
        line(w, TW_PLAIN, SAY(w, TW_M_answers_no_window));
    }
    if (s->has_cusum && s->cusum.alarm)
        line(w, TW_PLAIN,
             SAY(w,
                 s->from_baseline ? TW_M_answers_cusum_baseline
                                  : TW_M_answers_cusum_outside,
                 s->names[s->cusum.onset], s->names[s->cusum.alarm_at]));
}

static void gap_lines(const struct tw_answer_writer *w)
{
    enum { GAPS_SHOWN = 10 };
    const struct tw_series *s = w->series;
    if (s->missing == 0)
        return;
    line(w, TW_DOUBT, SAY(w, TW_M_answers_gaps, number(w, s->missing)));
    for (size_t i = 0; i < s->gaps.len && i < GAPS_SHOWN; i++)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 2, TW_DOUBT,
                    SAY(w, TW_M_answers_gap, s->gaps.at[i].behind, s->gaps.at[i].before,
                        number(w, s->gaps.at[i].missing)));
    if (s->gaps.len > GAPS_SHOWN)
        tw_doc_line(
            w->doc, TW_BLOCK_LINE, 2, TW_DIM,
            SAY(w, TW_M_answers_more_gaps, number(w, s->gaps.len - GAPS_SHOWN)));
}

static void onset_section(const struct tw_answer_writer *w)
{
    if (!w->series)
        return;
    heading(w, SAY(w, TW_M_answers_head_onset,
                   tw_printable(w->arena, w->im->plan.by[w->series->by].text)));
    record_times(w);
    window_lines(w);
    gap_lines(w);
}

/* --- health ----------------------------------------------------------------------- */

static struct tw_str class_word(const struct tw_answer_writer *w,
                                enum tw_health_class class)
{
    static const enum tw_message words[TW_HEALTH_CLASSES] = {
        [TW_HEALTH_NULL] = TW_M_health_null,
        [TW_HEALTH_EMPTY] = TW_M_health_empty,
        [TW_HEALTH_EMPTY_LIKE] = TW_M_health_empty_like,
        [TW_HEALTH_VALID] = TW_M_health_valid,
        [TW_HEALTH_TEXT] = TW_M_health_text,
        [TW_HEALTH_MASKED] = TW_M_health_masked,
        [TW_HEALTH_ODD] = TW_M_health_odd,
        [TW_HEALTH_MARKER] = TW_M_health_marker,
        [TW_HEALTH_CIPHERTEXT] = TW_M_health_ciphertext,
        [TW_HEALTH_MOJIBAKE] = TW_M_health_mojibake,
        [TW_HEALTH_BAD_FORMAT] = TW_M_health_bad_format,
    };
    return SAY(w, words[class]);
}

static struct tw_str measure_word(const struct tw_answer_writer *w,
                                  enum tw_health_measure measure)
{
    static const enum tw_message words[TW_MEASURES] = {
        [TW_MEASURE_NULL] = TW_M_health_null,
        [TW_MEASURE_EMPTY] = TW_M_health_empty,
        [TW_MEASURE_BAD] = TW_M_health_bad};
    return SAY(w, words[measure]);
}

static struct tw_str column_title(const struct tw_answer_writer *w,
                                  const struct tw_health_column *c)
{
    struct tw_str name = tw_printable(w->arena, c->name);
    if (!c->format)
        return name;
    return tw_fmt(w->arena, "%.*s (%s)", (int)tw_str_first(name, 200).len, name.ptr,
                  c->format->name);
}

/* One row a column, one cell for each class that occurs. */
static void histogram(const struct tw_answer_writer *w,
                      struct tw_health_column *const *columns, size_t n)
{
    bool occurs[TW_HEALTH_CLASSES] = {false};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < TW_HEALTH_CLASSES; k++)
            occurs[k] |= columns[i]->all.of[k] > 0;
    struct tw_block *table = tw_doc_table(w->doc, 1, true);
    for (size_t i = 0; i <= n; i++) {
        const struct tw_health_column *c = i ? columns[i - 1] : NULL;
        struct tw_cell cells[TW_HEALTH_CLASSES + 1];
        size_t at = 0;
        cells[at++] = TW_CELL(c ? column_title(w, c) : TW_STR(""));
        for (size_t k = 0; k < TW_HEALTH_CLASSES; k++)
            if (occurs[k])
                cells[at++] = TW_CELL_RIGHT(c ? number(w, c->all.of[k])
                                              : class_word(w, (enum tw_health_class)k));
        tw_doc_row(w->doc, table, at, cells);
    }
}

static struct tw_str key_text(const struct tw_answer_writer *w,
                              const struct tw_group_key *key)
{
    struct tw_group_key shown = tw_view_key(w->im, w->im->answers.health.by, *key);
    switch (shown.kind) {
    case TW_GROUP_NOT_A_TIME:
        return SAY(w, TW_M_impact_key_not_a_time);
    case TW_GROUP_NULL:
        return SAY(w, TW_M_impact_key_null);
    case TW_GROUP_EMPTY:
        return SAY(w, TW_M_impact_key_empty);
    case TW_GROUP_TEXT:
        break;
    }
    return tw_printable(w->arena, shown.text);
}

static void head_by_key(const struct tw_answer_writer *w, struct tw_block *table,
                        struct tw_str title)
{
    struct tw_cell cells[3 + 2 * TW_MEASURES];
    size_t at = 0;
    cells[at++] = TW_CELL(TW_STR(""));
    cells[at++] = TW_CELL(tw_printable(w->arena, title));
    cells[at++] = TW_CELL_RIGHT(SAY(w, TW_M_impact_col_records));
    for (size_t m = 0; m < TW_MEASURES; m++) {
        cells[at++] = TW_CELL_RIGHT(measure_word(w, (enum tw_health_measure)m));
        cells[at++] = TW_CELL_RIGHT(tw_answer_percent_head(w));
    }
    tw_doc_row(w->doc, table, at, cells);
}

static void row_by_key(const struct tw_answer_writer *w, struct tw_block *table,
                       struct tw_str title, struct tw_str key,
                       const struct tw_health_counts *counts)
{
    struct tw_cell cells[3 + 2 * TW_MEASURES];
    uint64_t all = tw_health_total(counts);
    size_t at = 0;
    cells[at++] = TW_CELL(title);
    cells[at++] = TW_CELL(key);
    cells[at++] = TW_CELL_RIGHT(number(w, all));
    for (size_t m = 0; m < TW_MEASURES; m++) {
        uint64_t k = tw_health_measured(counts, (enum tw_health_measure)m);
        cells[at++] = TW_CELL_RIGHT(number(w, k));
        cells[at++] = TW_CELL_RIGHT(tw_answer_percent(w, TW_SHOWN, k, all));
    }
    tw_doc_row(w->doc, table, at, cells);
}

/* Columns in which nothing is NULL, empty or bad are left out: they say nothing. */
static void shares_by_key(const struct tw_answer_writer *w,
                          struct tw_health_column *const *columns, size_t n)
{
    const struct tw_health *health = &w->im->tally.answers->health;
    size_t by = w->im->answers.health.by, nkeys;
    if (by == SIZE_MAX)
        return;
    size_t *keys = tw_answer_keys(w, &nkeys);
    struct tw_block *table = NULL;
    for (size_t i = 0; i < n; i++) {
        uint64_t found = 0;
        for (size_t m = 0; m < TW_MEASURES; m++)
            found += tw_health_measured(&columns[i]->all, (enum tw_health_measure)m);
        if (found == 0)
            continue;
        if (!table) {
            tw_doc_gap(w->doc);
            table = tw_doc_table(w->doc, 1, true);
            head_by_key(w, table, w->im->plan.by[by].title);
        }
        for (size_t k = 0; k < nkeys; k++) {
            struct tw_health_counts at = tw_health_at(columns[i], keys[k]);
            row_by_key(w, table, k ? TW_STR("") : column_title(w, columns[i]),
                       key_text(w, &health->keys_in_order.at[keys[k]]), &at);
        }
    }
}

static void health_section(const struct tw_answer_writer *w)
{
    if (!w->im->answers.has_health)
        return;
    heading(w, SAY(w, TW_M_answers_head_health));
    if (!w->health) {
        line(w, TW_DIM, SAY(w, TW_M_answers_not_shown));
        return;
    }
    size_t n;
    struct tw_health_column **columns =
        tw_health_columns(&w->im->tally.answers->health, w->arena, &n);
    histogram(w, columns, n);
    shares_by_key(w, columns, n);
}

/* --- drift ------------------------------------------------------------------------ */

static void drift_row(const struct tw_answer_writer *w, struct tw_block *table,
                      const struct tw_drift_row *row)
{
    const struct tw_drift *d = &row->drift;
    struct tw_str interval =
        SAY(w, TW_M_answers_range, tw_points(w->arena, d->difference.interval.low),
            tw_points(w->arena, d->difference.interval.high));
    tw_doc_row(
        w->doc, table, 8,
        (const struct tw_cell[]){
            TW_CELL(tw_printable(w->arena, row->column->name)),
            TW_CELL(measure_word(w, row->measure)),
            TW_CELL(row->key ? key_text(w, row->key) : SAY(w, TW_M_impact_col_all)),
            TW_CELL_RIGHT(tw_answer_percent(w, TW_SHOWN, d->before.k, d->before.n)),
            TW_CELL_RIGHT(tw_answer_percent(w, TW_SHOWN, d->now.k, d->now.n)),
            TW_CELL_RIGHT(tw_points(w->arena, d->difference.value)), TW_CELL(interval),
            TW_CELL_TONE(
                SAY(w, d->drifted ? TW_M_answers_drift : TW_M_answers_no_drift),
                d->drifted ? TW_BAD : TW_DIM)});
}

static void drift_section(const struct tw_answer_writer *w)
{
    if (!w->health || !w->im->baseline)
        return;
    const struct tw_drift_rows *rows = tw_drift_rows_of(w->im);
    heading(w, SAY(w, TW_M_answers_head_drift,
                   tw_printable(w->arena, tw_view_path(w->im, w->im->baseline->path))));
    if (rows->list.len == 0)
        line(w, TW_PLAIN, SAY(w, TW_M_answers_nothing_to_compare));
    struct tw_block *table = rows->list.len ? tw_doc_table(w->doc, 1, true) : NULL;
    if (table)
        tw_doc_row(w->doc, table, 8,
                   (const struct tw_cell[]){
                       TW_CELL(TW_STR("")), TW_CELL(TW_STR("")), TW_CELL(TW_STR("")),
                       TW_CELL_RIGHT(SAY(w, TW_M_answers_col_before)),
                       TW_CELL_RIGHT(SAY(w, TW_M_answers_col_now)),
                       TW_CELL_RIGHT(SAY(w, TW_M_answers_col_difference)),
                       TW_CELL(SAY(w, TW_M_answers_col_interval)),
                       TW_CELL(TW_STR(""))});
    for (size_t i = 0; i < rows->list.len; i++)
        drift_row(w, table, &rows->list.at[i]);
    for (size_t i = 0; i < rows->unknown.len; i++)
        line(w, TW_DOUBT,
             SAY(w, TW_M_answers_drift_unknown,
                 tw_printable(w->arena, rows->unknown.at[i])));
}

/* --- samples ---------------------------------------------------------------------- */

static struct tw_str sample_text(const struct tw_answer_writer *w,
                                 const struct tw_value_sample *v)
{
    if (v->is_null)
        return SAY(w, TW_M_impact_key_null);
    if (v->is_empty)
        return SAY(w, TW_M_impact_key_empty);
    if (v->value.class == TW_MASK_LENGTH)
        return SAY(w, TW_M_answers_characters, number(w, v->value.characters));
    return tw_printable(w->arena, (struct tw_str){v->value.text, v->value.len});
}

static void sample_section(const struct tw_answer_writer *w)
{
    const struct tw_impact *im = w->im;
    bool headed = false;
    struct tw_block *table = NULL;
    for (size_t i = 0; im->answers.samples && i < im->plan.nwrong; i++) {
        const struct tw_value_samples *s = &im->tally.answers->samples[i];
        for (size_t k = 0; k < s->len; k++) {
            if (!headed) {
                heading(w, SAY(w, TW_M_answers_head_samples));
                table = tw_doc_table(w->doc, 1, false);
            }
            headed = true;
            struct tw_tally_place at = s->at[k].place;
            tw_doc_row(
                w->doc, table, 3,
                (const struct tw_cell[]){
                    TW_CELL(k ? TW_STR("")
                              : tw_printable(w->arena, im->plan.wrong[i].text)),
                    TW_CELL(sample_text(w, &s->at[k])),
                    TW_CELL(SAY(w, TW_M_impact_place,
                                tw_printable(w->arena, im->files.at[at.file].name),
                                number(w, at.record), number(w, at.offset)))});
        }
    }
}

static void list_lines(const struct tw_answer_writer *w)
{
    const struct tw_answers_plan *plan = &w->im->answers;
    for (size_t i = 0; i < plan->nlists; i++) {
        if (i == 0)
            tw_doc_gap(w->doc);
        const struct tw_entity_list *list = &w->im->tally.answers->lists[i];
        tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_PLAIN,
                    SAY(w, TW_M_answers_listed,
                        tw_printable(w->arena, plan->lists[i].text),
                        number(w, list->texts.entries.len),
                        tw_printable(w->arena, plan->lists[i].file)));
    }
}

static void keyed_line(const struct tw_answer_writer *w)
{
    if (!w->im->answers.any_keyed)
        return;
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_DIM, SAY(w, TW_M_answers_keyed));
}

void tw_answers_text(const struct tw_answer_writer *w)
{
    onset_section(w);
    health_section(w);
    drift_section(w);
    sample_section(w);
    list_lines(w);
    keyed_line(w);
}

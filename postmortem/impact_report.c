/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a count; its data stand in impact_data.c. */
#include "impact_report.h"

#include "answers_report.h"
#include "impact_data.h"
#include "messages.h"
#include "text.h"

struct writer {
    struct tw_arena *arena;
    enum tw_lang lang;
    struct tw_impact *im;
    const struct tw_tally *t;
    struct tw_doc *doc;
    const struct tw_view *view;
    struct tw_answer_writer answers;
};

static struct tw_str count(const struct writer *w, uint64_t n)
{
    return tw_thousands(w->arena, n);
}

static struct tw_str say(const struct writer *w, enum tw_message m)
{
    return TW_SAY(w->arena, w->lang, m);
}

static struct tw_str decimal(const struct writer *w, struct tw_decimal d)
{
    struct tw_buf buf;
    tw_buf_init(&buf, w->arena);
    tw_buf_decimal(&buf, d);
    return tw_buf_view(&buf);
}

static struct tw_str place(const struct writer *w, struct tw_tally_place at)
{
    struct tw_str name = at.file < w->im->files.len
                             ? tw_view_path(w->im, w->im->files.at[at.file].name)
                             : TW_STR("?");
    return TW_SAY(w->arena, w->lang, TW_M_impact_place, tw_printable(w->arena, name),
                  count(w, at.record), count(w, at.offset));
}

static void heading(struct writer *w, enum tw_message m)
{
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_HEADING, 0, TW_STRONG, say(w, m));
}

static void line(struct writer *w, unsigned indent, enum tw_tone tone,
                 struct tw_str text)
{
    tw_doc_line(w->doc, TW_BLOCK_LINE, indent, tone, text);
}

static void verdict(struct writer *w)
{
    const struct tw_tally *t = w->t;
    uint64_t refused = tw_tally_refused(t);
    struct tw_str text;
    if (t->matched == 0)
        text = say(w, TW_M_impact_verdict_nothing);
    else
        text = TW_SAY(w->arena, w->lang,
                      refused ? TW_M_impact_verdict_least : TW_M_impact_verdict,
                      count(w, t->matched),
                      tw_answer_count(&w->answers, w->view->total, t->affected),
                      tw_answer_percent_told(&w->answers, w->view->total, t->affected,
                                             t->matched));
    enum tw_tone tone = t->matched == 0 || refused ? TW_DOUBT
                        : t->affected              ? TW_BAD
                                                   : TW_GOOD;
    tw_doc_line(w->doc, TW_BLOCK_VERDICT, 0, tone, text);
    if (w->im->partial)
        line(w, 1, TW_DOUBT, say(w, TW_M_impact_partial));
    tw_answers_head_text(&w->answers);
    if (refused)
        line(w, 1, TW_DOUBT,
             TW_SAY(w->arena, w->lang, TW_M_impact_lower_bound, count(w, refused)));
    if (w->im->plan.nwhere)
        line(w, 1, TW_PLAIN,
             TW_SAY(w->arena, w->lang, TW_M_impact_where, count(w, t->counted),
                    count(w, t->matched)));
    if (tw_impact_above_ratio(w->im))
        line(w, 1, TW_BAD, say(w, TW_M_impact_above_ratio));
    if (tw_impact_above_affected(w->im))
        line(w, 1, TW_BAD, say(w, TW_M_impact_above_affected));
}

static struct tw_str key_text(const struct writer *w, struct tw_group_key key)
{
    switch (key.kind) {
    case TW_GROUP_NOT_A_TIME:
        return say(w, TW_M_impact_key_not_a_time);
    case TW_GROUP_NULL:
        return say(w, TW_M_impact_key_null);
    case TW_GROUP_EMPTY:
        return say(w, TW_M_impact_key_empty);
    case TW_GROUP_TEXT:
        break;
    }
    return tw_printable(w->arena, key.text);
}

static void groups(struct writer *w)
{
    const struct tw_count_plan *plan = &w->im->plan;
    if (plan->nby == 0 || w->t->matched == 0)
        return;
    size_t n = plan->nby;
    struct tw_cell *cells = tw_new_array(w->arena, n + 3, struct tw_cell);
    tw_doc_gap(w->doc);
    struct tw_block *table = tw_doc_table(w->doc, 1, true);
    for (size_t i = 0; i < n; i++)
        cells[i] = TW_CELL(tw_printable(w->arena, plan->by[i].title));
    cells[n] = TW_CELL_RIGHT(say(w, TW_M_impact_col_records));
    cells[n + 1] = TW_CELL_RIGHT(say(w, TW_M_impact_col_affected));
    cells[n + 2] = TW_CELL_RIGHT(tw_answer_percent_head(&w->answers));
    tw_doc_row(w->doc, table, n + 3, cells);
    for (size_t g = 0; g < w->view->ngroups; g++) {
        const struct tw_view_group *group = &w->view->groups[g];
        for (size_t i = 0; i < n; i++)
            cells[i] = TW_CELL(key_text(w, group->keys[i]));
        cells[n] = TW_CELL_RIGHT(count(w, group->records));
        cells[n + 1] =
            TW_CELL_RIGHT(tw_answer_count(&w->answers, group->shown, group->affected));
        cells[n + 1].tone = group->affected ? TW_BAD : TW_PLAIN;
        cells[n + 2] = TW_CELL_RIGHT(tw_answer_percent(
            &w->answers, group->shown, group->affected, group->records));
        tw_doc_row(w->doc, table, n + 3, cells);
    }
}

static void add_note(const struct writer *w, struct tw_buf *note, struct tw_str text)
{
    if (note->len)
        tw_buf_str(note, say(w, TW_M_detectors_separator));
    tw_buf_str(note, text);
}

/* What the reader must know of a rule beside how often it holds. */
static struct tw_str rule_note(const struct writer *w,
                               const struct tw_record_rule *rule,
                               const struct tw_record_rule_count *c)
{
    static const enum tw_message disguises[TW_DISGUISE_COUNT] = {
        TW_M_disguise_none,     TW_M_disguise_cut,     TW_M_disguise_json,
        TW_M_disguise_html,     TW_M_disguise_percent, TW_M_disguise_hex,
        TW_M_disguise_gb18030,  TW_M_disguise_utf16,   TW_M_disguise_double,
        TW_M_disguise_mojibake, TW_M_disguise_masked};
    struct tw_buf note;
    tw_buf_init(&note, w->arena);
    for (size_t i = 0; i < TW_DISGUISE_COUNT; i++)
        if (c->disguises[i])
            add_note(w, &note,
                     TW_SAY(w->arena, w->lang, TW_M_detectors_disguise,
                            say(w, disguises[i]), count(w, c->disguises[i])));
    if (c->not_comparable)
        add_note(w, &note,
                 TW_SAY(w->arena, w->lang, TW_M_impact_not_comparable,
                        count(w, c->not_comparable)));
    if (c->masked)
        add_note(w, &note,
                 TW_SAY(w->arena, w->lang, TW_M_detectors_masked, count(w, c->masked)));
    if (c->odd)
        add_note(w, &note,
                 TW_SAY(w->arena, w->lang,
                        rule->op == TW_TEST_LOOKS ? TW_M_detectors_untold
                                                  : TW_M_detectors_odd,
                        count(w, c->odd)));
    return tw_buf_view(&note);
}

static void rule_table(struct writer *w, enum tw_message head,
                       const struct tw_record_rule *rules,
                       const struct tw_record_rule_count *counts, size_t n,
                       enum tw_shown shown)
{
    if (n == 0)
        return;
    heading(w, head);
    struct tw_block *table = tw_doc_table(w->doc, 1, false);
    for (size_t i = 0; i < n; i++) {
        struct tw_str note = rule_note(w, &rules[i], &counts[i]);
        tw_doc_row(
            w->doc, table, 3,
            (const struct tw_cell[]){
                TW_CELL(tw_printable(w->arena, rules[i].text)),
                TW_CELL_RIGHT(tw_answer_count(&w->answers, shown, counts[i].holds)),
                TW_CELL_TONE(note, TW_DOUBT)});
    }
}

static void distinct(struct writer *w)
{
    const struct tw_count_plan *plan = &w->im->plan;
    if (plan->ndistinct == 0)
        return;
    heading(w, TW_M_impact_head_distinct);
    struct tw_block *table = tw_doc_table(w->doc, 1, true);
    tw_doc_row(w->doc, table, 3,
               (const struct tw_cell[]){TW_CELL(TW_STR("")),
                                        TW_CELL_RIGHT(say(w, TW_M_impact_col_affected)),
                                        TW_CELL_RIGHT(say(w, TW_M_impact_col_all))});
    for (size_t i = 0; i < plan->ndistinct; i++)
        tw_doc_row(w->doc, table, 3,
                   (const struct tw_cell[]){
                       TW_CELL(tw_printable(w->arena, plan->distinct[i].text)),
                       TW_CELL_RIGHT(tw_answer_count(
                           &w->answers, tw_view_distinct(w->im, w->view, i),
                           w->t->distinct[i].affected)),
                       TW_CELL_RIGHT(count(w, w->t->distinct[i].count))});
}

static void sum_row(struct writer *w, struct tw_block *table, struct tw_str column,
                    enum tw_message what, struct tw_decimal gross,
                    struct tw_decimal refunds)
{
    struct tw_decimal net;
    struct tw_str net_text =
        tw_sum_net(gross, refunds, &net) ? decimal(w, net) : TW_STR("?");
    tw_doc_row(w->doc, table, 5,
               (const struct tw_cell[]){TW_CELL(column), TW_CELL(say(w, what)),
                                        TW_CELL_RIGHT(net_text),
                                        TW_CELL_RIGHT(decimal(w, gross)),
                                        TW_CELL_RIGHT(decimal(w, refunds))});
}

static void sums(struct writer *w)
{
    const struct tw_count_plan *plan = &w->im->plan;
    if (plan->nsums == 0 || !w->view->all_shown)
        return;
    heading(w, TW_M_impact_head_sums);
    struct tw_block *table = tw_doc_table(w->doc, 1, true);
    tw_doc_row(
        w->doc, table, 5,
        (const struct tw_cell[]){TW_CELL(TW_STR("")), TW_CELL(TW_STR("")),
                                 TW_CELL_RIGHT(say(w, TW_M_impact_col_net)),
                                 TW_CELL_RIGHT(say(w, TW_M_impact_col_gross)),
                                 TW_CELL_RIGHT(say(w, TW_M_impact_col_refunds))});
    for (size_t i = 0; i < plan->nsums; i++) {
        const struct tw_sum *s = &w->t->sums[i];
        struct tw_str column = tw_printable(w->arena, plan->sums[i].text);
        sum_row(w, table, column, TW_M_impact_sum_affected, s->affected_gross,
                s->affected_refunds);
        sum_row(w, table, TW_STR(""), TW_M_impact_col_all, s->gross, s->refunds);
    }
    for (size_t i = 0; i < plan->nsums; i++) {
        const struct tw_sum *s = &w->t->sums[i];
        if (s->not_numbers || s->nulls)
            line(w, 1, TW_DOUBT,
                 TW_SAY(w->arena, w->lang, TW_M_impact_sum_cells,
                        tw_printable(w->arena, plan->sums[i].text),
                        count(w, s->not_numbers), count(w, s->nulls)));
    }
}

static void first_and_last(struct writer *w)
{
    const struct tw_tally *t = w->t;
    if (!t->first.set || !w->view->all_shown)
        return;
    tw_doc_gap(w->doc);
    line(w, 0, TW_PLAIN,
         TW_SAY(w->arena, w->lang, TW_M_impact_first, place(w, t->first)));
    line(w, 0, TW_PLAIN,
         TW_SAY(w->arena, w->lang, TW_M_impact_last, place(w, t->last)));
    if (!t->has_time)
        return;
    struct tw_str zone = tw_impact_zone_name(w->im);
    struct tw_str first = tw_impact_time_text(w->arena, t->first_time);
    struct tw_str last = tw_impact_time_text(w->arena, t->last_time);
    line(w, 0, TW_PLAIN,
         zone.len ? TW_SAY(w->arena, w->lang, TW_M_impact_times_zone, first, last, zone)
                  : TW_SAY(w->arena, w->lang, TW_M_impact_times, first, last));
}

static void refused(struct writer *w)
{
    if (tw_tally_refused(w->t) == 0)
        return;
    heading(w, TW_M_impact_head_refused);
    struct tw_block *table = tw_doc_table(w->doc, 1, true);
    tw_doc_row(w->doc, table, 4,
               (const struct tw_cell[]){TW_CELL(say(w, TW_M_impact_col_reason)),
                                        TW_CELL_RIGHT(say(w, TW_M_impact_col_records)),
                                        TW_CELL_RIGHT(say(w, TW_M_impact_col_bytes)),
                                        TW_CELL(say(w, TW_M_impact_col_first))});
    for (size_t i = 0; i < TW_REFUSAL_COUNT; i++) {
        const struct tw_refused *r = &w->t->refused[i];
        if (r->count == 0)
            continue;
        tw_doc_row(
            w->doc, table, 4,
            (const struct tw_cell[]){
                TW_CELL_TONE(say(w, tw_refusal_message((enum tw_refusal)i)), TW_DOUBT),
                TW_CELL_RIGHT(count(w, r->count)), TW_CELL_RIGHT(count(w, r->bytes)),
                TW_CELL(place(w, r->first))});
    }
    if (w->t->refused[TW_REFUSED_BAD_ENCODING].count)
        line(w, 1, TW_DIM, say(w, TW_M_impact_hint_encoding));
    if (w->t->refused[TW_REFUSED_STRAY_QUOTE].count ||
        w->t->refused[TW_REFUSED_OPEN_QUOTE].count)
        line(w, 1, TW_DIM, say(w, TW_M_impact_hint_quote));
}

/* What the readers noticed, over all files. */
static void noticed(struct writer *w)
{
    bool headed = false;
    for (size_t i = 0; i < TW_NOTE_COUNT; i++) {
        uint64_t n = 0;
        for (size_t k = 0; k < w->im->files.len; k++)
            n += w->im->files.at[k].notes[i];
        if (n == 0)
            continue;
        if (!headed)
            tw_doc_gap(w->doc);
        headed = true;
        line(w, 0, TW_DOUBT,
             TW_SAY(w->arena, w->lang, tw_note_message((enum tw_note)i), count(w, n)));
    }
    for (size_t k = 0; k < w->im->files.len; k++) {
        const struct tw_impact_file *f = &w->im->files.at[k];
        if (f->as_of.len && (k == 0 || !tw_str_eq(f->as_of, f[-1].as_of)))
            line(w, 0, TW_DIM,
                 TW_SAY(w->arena, w->lang, TW_M_impact_as_of,
                        tw_printable(w->arena, tw_view_path(w->im, f->name)),
                        tw_printable(w->arena, f->as_of)));
    }
}

static void fingerprints(struct writer *w)
{
    if (!w->im->options->fingerprint)
        return;
    heading(w, TW_M_impact_head_files);
    struct tw_block *table = tw_doc_table(w->doc, 1, false);
    for (size_t i = 0; i < w->im->files.len; i++) {
        const struct tw_impact_file *f = &w->im->files.at[i];
        tw_doc_row(w->doc, table, 3,
                   (const struct tw_cell[]){
                       TW_CELL(tw_printable(w->arena, tw_view_path(w->im, f->name))),
                       TW_CELL_RIGHT(count(w, f->read)), TW_CELL(f->sha256)});
    }
}

static void totals(struct writer *w)
{
    const struct tw_tally *t = w->t;
    struct tw_buf encodings;
    tw_buf_init(&encodings, w->arena);
    for (size_t i = 0; i < w->im->files.len; i++) {
        struct tw_str encoding = w->im->files.at[i].encoding;
        bool told = encoding.len == 0;
        for (size_t k = 0; k < i && !told; k++)
            told = tw_str_eq(w->im->files.at[k].encoding, encoding);
        if (told)
            continue;
        tw_buf_text(&encodings, encodings.len ? ", " : "");
        tw_buf_printable(&encodings, encoding);
    }
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_TOTALS, 0, TW_PLAIN,
                TW_SAY(w->arena, w->lang, TW_M_impact_totals,
                       tw_answer_count(&w->answers, w->view->total, t->affected),
                       count(w, t->matched),
                       tw_answer_percent_told(&w->answers, w->view->total, t->affected,
                                              t->matched),
                       count(w, t->read), count(w, t->counted),
                       count(w, tw_tally_refused(t)), count(w, w->im->files.len),
                       encodings.len ? tw_buf_view(&encodings) : TW_STR("-")));
}

struct tw_doc *tw_impact_report(struct tw_impact *im, enum tw_lang lang)
{
    struct tw_doc *doc = tw_doc_new(im->arena, lang, "twinwall.impact/1");
    im->view = tw_view_of(im);
    struct writer w = {im->arena,
                       lang,
                       im,
                       &im->tally,
                       doc,
                       im->view,
                       tw_answer_writer_of(im, im->view, lang, doc)};
    const struct tw_count_plan *plan = &im->plan;
    tw_impact_data(im, doc);
    tw_answers_data(&w.answers);
    verdict(&w);
    groups(&w);
    rule_table(&w, TW_M_impact_head_rules, plan->wrong, im->tally.wrong, plan->nwrong,
               im->view->rules ? TW_SHOWN : TW_WITHHELD);
    rule_table(&w, TW_M_impact_head_where, plan->where, im->tally.where, plan->nwhere,
               TW_SHOWN);
    distinct(&w);
    sums(&w);
    first_and_last(&w);
    tw_answers_text(&w.answers);
    refused(&w);
    noticed(&w);
    fingerprints(&w);
    totals(&w);
    return doc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The text face of `check`: the verdict first, details only of what is not as required,
 * the receipt, the totals last. */
#include "check_report.h"
#include "messages.h"
#include "report_words.h"
#include "text.h"

enum { BOXES_SHOWN = 4, DOUBTS_SHOWN = 20 };

struct writer {
    struct tw_arena *arena;
    struct tw_doc *doc;
    const struct tw_check *check;
    enum tw_lang lang;
};

#define SAY(w, ...) TW_SAY((w)->arena, (w)->lang, __VA_ARGS__)

static struct tw_str number(const struct writer *w, uint64_t n)
{
    return tw_thousands(w->arena, n);
}

static struct tw_str joined(struct tw_arena *arena, struct tw_str a,
                            const char *between, struct tw_str b)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, a);
    if (a.len && b.len)
        tw_buf_text(&buf, between);
    tw_buf_str(&buf, b);
    return tw_buf_view(&buf);
}

/* A fraction as a percentage: 0.1 → 10 */
static struct tw_str percent(const struct writer *w, const struct tw_rational *share)
{
    const struct tw_rational *hundred = tw_rational_of(w->arena, 100, 1);
    return tw_rational_text(w->arena, tw_rational_mul(w->arena, share, hundred), 6);
}

static enum tw_tone tone_of(enum tw_verdict v)
{
    return v == TW_VERDICT_OPEN || v == TW_VERDICT_CLOSED ? TW_GOOD
           : v == TW_VERDICT_UNKNOWN                      ? TW_DOUBT
                                                          : TW_BAD;
}

static void verdict_line(struct writer *w)
{
    const struct tw_check *c = w->check;
    size_t bad = c->counts[TW_VERDICT_PARTIAL] + c->counts[TW_VERDICT_BLOCKED] +
                 c->counts[TW_VERDICT_LEAKS];
    size_t unknown = c->counts[TW_VERDICT_UNKNOWN];
    for (size_t i = 0; i < c->nflows; i++) {
        const struct tw_flow_result *f = &c->flows[i];
        bool open = f->verdict == TW_VERDICT_OPEN;
        bad += open && f->answer_stopped;
        unknown += open && f->answer_unknown && !f->answer_stopped;
    }
    bool unfit = false;
    for (size_t i = 0; i < c->walls->n; i++)
        unfit |= c->walls->at[i].empty || c->walls->at[i].stale;
    struct tw_str all = number(w, c->nflows), text;
    enum tw_tone tone = TW_BAD;
    if (c->nflows == 0) {
        text = SAY(w, TW_M_check_nothing);
        tone = TW_DOUBT;
    } else if (bad) {
        text = SAY(w, TW_M_check_fail, number(w, bad), all);
    } else if (unknown) {
        text = SAY(w, TW_M_check_undecided, number(w, unknown), all);
        tone = TW_DOUBT;
    } else if (unfit) {
        text = SAY(w, TW_M_check_unfit, all);
        tone = TW_DOUBT;
    } else {
        text = SAY(w, TW_M_check_pass, all);
        tone = TW_GOOD;
    }
    tw_doc_line(w->doc, TW_BLOCK_VERDICT, 0, tone, text);
}

/* --- one pair -------------------------------------------------------------------- */

static void blame_row(struct writer *w, struct tw_block *table,
                      const struct tw_blame *b)
{
    const struct tw_wall *wall = &w->check->walls->at[b->wall];
    const struct tw_policy *policy = wall->policy;
    struct tw_str rule = tw_decider_text(w->arena, w->lang, policy, b->by);
    struct tw_str comment = TW_STR("");
    if (b->by.rule == TW_NO_RULE && b->by.chain == TW_NO_RULE)
        rule = SAY(w, TW_M_check_never_seen);
    if (b->by.rule != TW_NO_RULE)
        comment = tw_printable(w->arena, policy->rules.at[b->by.rule].comment);
    if (comment.len)
        comment = joined(w->arena, joined(w->arena, TW_STR("\""), "", comment), "",
                         TW_STR("\""));
    struct tw_cell cells[] = {
        TW_CELL(wall->spec->name),
        TW_CELL_TONE(SAY(w, b->allows ? TW_M_check_allows : TW_M_check_stops),
                     b->allows ? TW_GOOD : TW_BAD),
        TW_CELL_TONE(rule, TW_STRONG),
        TW_CELL(tw_place_text(w->arena, tw_decider_span(policy, b->by))),
        TW_CELL_TONE(comment, TW_DIM)};
    tw_doc_row(w->doc, table, sizeof cells / sizeof cells[0], cells);
}

/* Where a wall's default stops it: the row that has expired, if one would let it
 * through. */
static void expired_lines(struct writer *w, const struct tw_share *share)
{
    struct tw_packet_box box = tw_share_box(share, 0);
    struct tw_packet packet = tw_box_packet(&box, share->question);
    for (size_t i = 0; i < share->nblames; i++) {
        const struct tw_blame *b = &share->blames[i];
        if (b->allows || b->by.rule != TW_NO_RULE)
            continue;
        const struct tw_rule *rule =
            tw_expired_rule(w->check->walls->at[b->wall].policy, &packet);
        if (!rule)
            continue;
        struct tw_str date =
            tw_time_text(w->arena, (struct tw_time){.day = rule->expires_day});
        tw_doc_line(w->doc, TW_BLOCK_LINE, 3, TW_BAD,
                    SAY(w, TW_M_check_expired_row, tw_printable(w->arena, rule->id),
                        date, tw_place_text(w->arena, rule->at)));
    }
}

static void box_lines(struct writer *w, const struct tw_share *share)
{
    uint64_t boxes = 0;
    for (size_t p = 0; p < share->nproducts; p++)
        boxes += tw_product_boxes(&share->products[p]);
    uint64_t shown = 0;
    for (size_t p = 0; p < share->nproducts && shown < BOXES_SHOWN; p++, shown++) {
        struct tw_packet_box box = tw_share_box(share, p);
        struct tw_str line = tw_box_text(w->arena, &box);
        if (shown == 0 && share->fate != TW_FATE_DEPENDS) {
            struct tw_packet packet = tw_box_packet(&box, share->question);
            line = joined(w->arena, line, "   ",
                          SAY(w, TW_M_check_try, tw_packet_text(w->arena, &packet)));
        }
        tw_doc_line(w->doc, TW_BLOCK_LINE, 3, TW_PLAIN, line);
    }
    if (boxes > shown)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 3, TW_DIM,
                    SAY(w, TW_M_check_more_boxes, number(w, boxes - shown)));
}

static void reason_lines(struct writer *w, const struct tw_share *share)
{
    if (share->fate == TW_FATE_DEPENDS) {
        for (size_t i = 0; i < share->ndoubts && i < DOUBTS_SHOWN; i++) {
            const struct tw_doubt *d = &share->doubts[i];
            const struct tw_wall *wall = &w->check->walls->at[d->wall];
            struct tw_str what = tw_doubt_text(w->arena, w->lang, w->check->walls, d,
                                               share->question->family);
            struct tw_str at = wall->spec->name;
            if (d->kind == TW_DOUBT_CONDITION) {
                const struct tw_rule *rule = &wall->policy->rules.at[d->reason.rule];
                at = joined(w->arena, at, "  ", rule->id);
                at = joined(w->arena, at, "  ", tw_place_text(w->arena, rule->at));
            }
            tw_doc_line(w->doc, TW_BLOCK_LINE, 3, TW_DOUBT,
                        joined(w->arena, SAY(w, TW_M_check_depends, what), "   ", at));
        }
        if (share->ndoubts > DOUBTS_SHOWN)
            tw_doc_line(w->doc, TW_BLOCK_LINE, 3, TW_DIM,
                        SAY(w, TW_M_check_more_doubts,
                            number(w, share->ndoubts - DOUBTS_SHOWN)));
    } else {
        struct tw_block *table = tw_doc_table(w->doc, 3, false);
        for (size_t i = 0; i < share->nblames; i++)
            blame_row(w, table, &share->blames[i]);
        expired_lines(w, share);
    }
}

/* All shares but those of fate FINE: reasons once, and below them what they hold for.
 */
static void shares_lines(struct writer *w, const struct tw_shares *shares,
                         enum tw_fate fine)
{
    bool *told = tw_new_array(w->arena, shares->n, bool);
    for (size_t i = 0; i < shares->n; i++) {
        const struct tw_share *share = &shares->at[i];
        if (told[i] || share->fate == fine || share->nproducts == 0)
            continue;
        reason_lines(w, share);
        for (size_t k = i; k < shares->n; k++) {
            const struct tw_share *other = &shares->at[k];
            if (told[k] || other->nproducts == 0 || !tw_share_alike(share, other))
                continue;
            box_lines(w, other);
            told[k] = true;
        }
    }
}

static void pair_lines(struct writer *w, const struct tw_flow_result *f,
                       const struct tw_pair_result *p)
{
    const struct tw_estate *e = w->check->estate;
    bool required = f->flow->expect == TW_EXPECT_ALLOW;
    struct tw_buf head;
    tw_buf_init(&head, w->arena);
    tw_buf_text(&head, tw_verdict_name(p->verdict));
    tw_buf_text(&head, "  ");
    tw_buf_str(&head, tw_origin_text(w->arena, e, f->flow, &p->from));
    tw_buf_text(&head, " → ");
    tw_buf_str(&head, e->services.at[f->flow->to].name);
    tw_buf_char(&head, '@');
    tw_buf_str(&head, e->sites.at[p->to.site].name);
    if (required) {
        tw_buf_text(&head, "   ");
        tw_buf_str(&head, SAY(w, TW_M_check_share, percent(w, p->share)));
    }
    tw_doc_line(w->doc, TW_BLOCK_LINE, 2, tone_of(p->verdict), tw_buf_view(&head));
    if (p->nothing_to_ask)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 3, TW_DOUBT,
                    SAY(w, TW_M_check_no_common_family));
    shares_lines(w, &p->shares, required ? TW_FATE_PASSED : TW_FATE_STOPPED);
    if (!p->has_answer || p->answer == TW_VERDICT_OPEN)
        return;
    tw_doc_line(
        w->doc, TW_BLOCK_LINE, 2, tone_of(p->answer),
        joined(w->arena, tw_str_of(tw_verdict_name(p->answer)), "  ",
               SAY(w, p->answer == TW_VERDICT_UNKNOWN ? TW_M_check_answer_unknown
                                                      : TW_M_check_answer_stopped)));
    shares_lines(w, &p->answer_shares, TW_FATE_PASSED);
}

/* --- one flow -------------------------------------------------------------------- */

/* TEXT as one word of a POSIX shell. */
static void put_quoted(struct tw_buf *buf, struct tw_str text)
{
    tw_buf_char(buf, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            tw_buf_text(buf, "'\\''");
        else
            tw_buf_char(buf, text.ptr[i]);
    }
    tw_buf_char(buf, '\'');
}

/* Plain words stay as they are; a glob must reach the shell as one. */
static void put_word(struct tw_buf *buf, struct tw_str text)
{
    bool plain = text.len && text.ptr[0] != '-';
    for (size_t i = 0; i < text.len && plain; i++) {
        char c = text.ptr[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' ||
                c == '-' || c == '*' || c == ':';
    }
    if (plain)
        tw_buf_str(buf, text);
    else
        put_quoted(buf, text);
}

static void dataset_lines(struct writer *w, const struct tw_flow *flow)
{
    for (size_t i = 0; i < flow->ndatasets; i++) {
        const struct tw_dataset *d = &w->check->estate->datasets.at[flow->datasets[i]];
        struct tw_str name = d->name;
        if (d->title.len)
            name = joined(w->arena, name, " ", d->title);
        tw_doc_line(w->doc, TW_BLOCK_LINE, 2, TW_BAD,
                    SAY(w, TW_M_check_data_at_risk, tw_printable(w->arena, name)));
        struct tw_buf cmd;
        tw_buf_init(&cmd, w->arena);
        tw_buf_text(&cmd, "twinwall impact ");
        put_word(&cmd, tw_estate_path(w->arena, w->check->estate, d->dump));
        for (size_t k = 0; k < d->wrong.n; k++) {
            tw_buf_text(&cmd, " --wrong ");
            put_quoted(&cmd, d->wrong.at[k].text);
        }
        if (d->time.len) {
            tw_buf_text(&cmd, " --by ");
            put_word(&cmd, d->time);
        }
        tw_doc_line(w->doc, TW_BLOCK_COMMAND, 2, TW_PLAIN,
                    tw_printable(w->arena, tw_buf_view(&cmd)));
    }
}

static void flow_lines(struct writer *w, const struct tw_flow_result *f)
{
    const struct tw_estate *e = w->check->estate;
    bool required = f->flow->expect == TW_EXPECT_ALLOW;
    struct tw_buf head;
    tw_buf_init(&head, w->arena);
    tw_buf_text(&head, tw_verdict_name(f->verdict));
    tw_buf_text(&head, "  ");
    tw_buf_str(&head, f->flow->id);
    tw_buf_text(&head, "  ");
    tw_buf_str(&head, f->flow->from == TW_NONE ? TW_STR("any")
                                               : e->services.at[f->flow->from].name);
    tw_buf_text(&head, " → ");
    tw_buf_str(&head, e->services.at[f->flow->to].name);
    tw_buf_text(&head, "  ");
    tw_buf_str(&head, tw_ports_text(w->arena, f->flow));
    tw_buf_text(&head, "   ");
    tw_buf_str(&head, tw_place_text(w->arena, f->flow->at));
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_HEADING, 0, tone_of(f->verdict),
                tw_printable(w->arena, tw_buf_view(&head)));
    if (required && f->verdict != TW_VERDICT_OPEN) {
        struct tw_str low = tw_rational_text(w->arena, f->exposure, 6);
        struct tw_str high = tw_rational_text(w->arena, f->exposure_max, 6);
        tw_doc_line(w->doc, TW_BLOCK_LINE, 1, TW_PLAIN,
                    tw_str_eq(low, high)
                        ? SAY(w, TW_M_check_exposure, low, percent(w, f->exposure))
                        : SAY(w, TW_M_check_exposure_between, low, high));
    }
    if (f->flow->why.len)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 1, TW_DIM,
                    tw_printable(w->arena, f->flow->why));
    if (f->flow->expect == TW_EXPECT_NOTHING_ELSE)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 1, TW_DOUBT,
                    SAY(w, TW_M_check_nothing_else_later));
    for (size_t i = 0; i < f->npairs; i++) {
        const struct tw_pair_result *p = &f->pairs[i];
        bool fine = p->verdict == TW_VERDICT_OPEN || p->verdict == TW_VERDICT_CLOSED;
        if (!fine || (p->has_answer && p->answer != TW_VERDICT_OPEN))
            pair_lines(w, f, p);
    }
    dataset_lines(w, f->flow);
}

static bool is_fine(const struct tw_flow_result *f)
{
    bool answers = true;
    for (size_t i = 0; i < f->npairs; i++)
        answers &= !f->pairs[i].has_answer || f->pairs[i].answer == TW_VERDICT_OPEN;
    return answers &&
           (f->verdict == TW_VERDICT_OPEN || f->verdict == TW_VERDICT_CLOSED);
}

/* --- readiness, receipt ---------------------------------------------------------- */

static void state_rows(struct writer *w, enum tw_message title,
                       const struct tw_service_state *at, size_t n)
{
    const struct tw_estate *e = w->check->estate;
    if (n == 0)
        return;
    tw_doc_line(w->doc, TW_BLOCK_LINE, 1, TW_PLAIN, SAY(w, title));
    struct tw_block *table = tw_doc_table(w->doc, 2, false);
    for (size_t i = 0; i < n; i++) {
        const struct tw_service *s = &e->services.at[at[i].service];
        struct tw_buf reasons;
        tw_buf_init(&reasons, w->arena);
        for (size_t f = 0; f < at[i].nflows; f++) {
            const struct tw_finding *found = NULL;
            for (size_t k = 0; k < w->check->nfindings; k++)
                if (w->check->findings[k].flow == at[i].flows[f])
                    found = &w->check->findings[k];
            if (reasons.len)
                tw_buf_text(&reasons, "; ");
            tw_buf_str(&reasons, found ? found->message
                                       : w->check->flows[at[i].flows[f]].flow->id);
        }
        struct tw_cell cells[] = {
            TW_CELL_TONE(tw_printable(w->arena, s->name), TW_BAD),
            TW_CELL(tw_printable(w->arena, s->title)),
            TW_CELL(tw_printable(w->arena, tw_buf_view(&reasons)))};
        tw_doc_row(w->doc, table, sizeof cells / sizeof cells[0], cells);
    }
}

static void readiness_lines(struct writer *w)
{
    const struct tw_readiness *r = w->check->readiness;
    const struct tw_estate *e = w->check->estate;
    tw_doc_gap(w->doc);
    tw_doc_line(w->doc, TW_BLOCK_HEADING, 0, r->ready == r->services ? TW_GOOD : TW_BAD,
                SAY(w, TW_M_check_ready, number(w, r->ready), number(w, r->services),
                    e->sites.at[r->site].name));
    state_rows(w, TW_M_check_not_ready, r->not_ready, r->nnot_ready);
    state_rows(w, TW_M_check_unreachable, r->unreachable, r->nunreachable);
}

static void receipt_lines(struct writer *w)
{
    enum { LINES_SHOWN = 10 };
    const struct tw_walls *walls = w->check->walls;
    tw_doc_gap(w->doc);
    for (size_t i = 0; i < walls->n; i++) {
        const struct tw_wall *wall = &walls->at[i];
        bool all = wall->receipt.rules == wall->receipt.understood;
        tw_doc_line(w->doc, TW_BLOCK_LINE, 0, all ? TW_PLAIN : TW_DOUBT,
                    SAY(w, TW_M_check_understood, wall->spec->name,
                        number(w, wall->receipt.understood),
                        number(w, wall->receipt.rules), tw_wall_default(wall),
                        tw_str_of(wall->policy->format->name)));
        for (size_t k = 0; k < wall->policy->not_understood.len && k < LINES_SHOWN; k++)
            tw_doc_line(
                w->doc, TW_BLOCK_LINE, 1, TW_DOUBT,
                SAY(w, TW_M_check_not_understood,
                    tw_place_text(w->arena, wall->policy->not_understood.at[k])));
    }
    for (size_t i = 0; i < walls->n; i++) {
        const struct tw_policy *policy = walls->at[i].policy;
        if (policy->assumptions.len)
            tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_DIM,
                        SAY(w, TW_M_check_assumed, walls->at[i].spec->name,
                            tw_printable(w->arena, policy->assumptions)));
    }
    if (walls->options.at)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_DIM,
                    SAY(w, TW_M_check_at, tw_time_text(w->arena, *walls->options.at)));
    if (tw_walls_assume_rates(walls))
        tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_DIM, SAY(w, TW_M_check_rates));
    if (w->check->now_matters)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 0, TW_DIM,
                    SAY(w, TW_M_check_now, tw_time_text(w->arena, w->check->now)));
    if (w->check->proof.asked)
        tw_doc_line(w->doc, TW_BLOCK_LINE, 0,
                    w->check->proof.refuted ? TW_BAD : TW_GOOD,
                    SAY(w, TW_M_check_verified,
                        number(w, w->check->proof.asked - w->check->proof.refuted),
                        number(w, w->check->proof.asked)));
}

void tw_check_text(struct tw_doc *doc, const struct tw_check *check)
{
    struct writer w = {doc->arena, doc, check, doc->lang};
    const size_t *n = check->counts;
    verdict_line(&w);
    for (size_t i = 0; i < check->nflows; i++)
        if (!is_fine(&check->flows[i]))
            flow_lines(&w, &check->flows[i]);
    if (check->readiness)
        readiness_lines(&w);
    receipt_lines(&w);
    tw_doc_line(doc, TW_BLOCK_TOTALS, 0, TW_PLAIN,
                SAY(&w, TW_M_check_totals, number(&w, check->nflows),
                    number(&w, n[TW_VERDICT_OPEN]), number(&w, n[TW_VERDICT_PARTIAL]),
                    number(&w, n[TW_VERDICT_BLOCKED]),
                    number(&w, n[TW_VERDICT_UNKNOWN]), number(&w, n[TW_VERDICT_CLOSED]),
                    number(&w, n[TW_VERDICT_LEAKS])));
}

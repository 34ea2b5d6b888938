/* SPDX-License-Identifier: Apache-2.0 */
/* Tracing one pair through its walls. */
#include "trace.h"

#include "messages.h"
#include "replay.h"
#include "report_words.h"
#include "text.h"

struct named_end {
    struct tw_end end;
    struct tw_str name; /* finance-data@main, 10.16.8.5 */
};

struct tracer {
    struct tw_arena *arena;
    struct tw_walls *walls;
    struct tw_doc *doc;
    struct tw_diags *diags;
    struct tw_flow flow; /* made up for the questions */
    struct tw_value *pairs;
    struct tw_trace *trace;
};

/* --- the two ends ---------------------------------------------------------------- */

struct named_ends {
    struct named_end *at;
    size_t len, cap;
};

static void add_service(struct tracer *t, uint32_t service, uint32_t only_site,
                        struct named_ends *out)
{
    const struct tw_estate *e = t->walls->estate;
    for (uint32_t s = 0; s < e->sites.len; s++) {
        const struct tw_service *sv = &e->services.at[service];
        bool there = sv->hosts[TW_IPV4][s] || sv->hosts[TW_IPV6][s];
        if (!there || (only_site != TW_NONE && only_site != s))
            continue;
        struct tw_buf name;
        tw_buf_init(&name, t->arena);
        tw_buf_str(&name, sv->name);
        tw_buf_char(&name, '@');
        tw_buf_str(&name, e->sites.at[s].name);
        *tw_vec_add(t->arena, out) =
            (struct named_end){tw_service_end(e, service, s), tw_buf_view(&name)};
    }
}

/* The zone of an address, and the service and site that it belongs to, if any. */
static void add_address(struct tracer *t, struct tw_str text, enum tw_family family,
                        struct tw_range range, struct named_ends *out)
{
    const struct tw_estate *e = t->walls->estate;
    const struct tw_ranges *hosts = tw_ranges_one(t->arena, range.lo, range.hi);
    struct tw_end end = {.service = TW_NONE, .zone = TW_ZONE_OUTSIDE, .site = TW_NONE};
    end.hosts[family] = hosts;
    for (uint32_t z = 0; z < e->zones.len; z++)
        if (tw_ranges_cover(e->zones.at[z].networks[family], hosts))
            end.zone = z;
    for (uint32_t s = 0; s < e->services.len; s++)
        for (uint32_t site = 0; site < e->sites.len; site++) {
            const struct tw_ranges *of = e->services.at[s].hosts[family][site];
            if (of && end.service == TW_NONE && tw_ranges_cover(of, hosts)) {
                end.service = s;
                end.site = site;
            }
        }
    *tw_vec_add(t->arena, out) = (struct named_end){end, text};
}

static bool resolve(struct tracer *t, struct tw_str text, struct named_ends *out)
{
    const struct tw_estate *e = t->walls->estate;
    enum tw_family family;
    struct tw_range range;
    size_t at = tw_str_find(text, '@');
    uint32_t service = tw_estate_service(e, tw_str_first(text, at)), site = TW_NONE;
    if (at < text.len)
        site = tw_estate_site(e, tw_str_from(text, at + 1));
    bool named = service != TW_NONE && (at == text.len || site != TW_NONE);
    if (named)
        add_service(t, service, site, out);
    else if (tw_ip_range_parse(text, &family, &range, NULL))
        add_address(t, text, family, range, out);
    if (out->len)
        return true;
    TW_DIAG(t->diags, TW_D_trace_end, TW_NOWHERE, text);
    return false;
}

/* --- hops ------------------------------------------------------------------------ */

struct part {
    const char *verdict; /* allow, deny, unknown */
    struct tw_decider by;
    const struct tw_decision *decision;
    const struct tw_flow_cell *cell; /* the first one */
};

static struct part part_of(const struct tw_wall *wall, enum tw_family family,
                           const struct tw_flow_cell *cell, size_t step)
{
    const struct tw_decision *d = cell->decisions[step];
    struct part p = {"unknown", {TW_NO_RULE, TW_NO_RULE}, d, cell};
    if (wall->empty || !wall->policy->has_family[family])
        return p;
    if (d->may_pass != d->may_stop) {
        p.verdict = d->may_pass ? "allow" : "deny";
        p.by = d->may_pass ? d->passed : d->stopped;
    } else if (d->nreasons) {
        p.by.rule = d->reasons[0].rule;
    }
    return p;
}

struct parts {
    struct part *at;
    size_t len, cap;
};

static void collect_parts(struct tracer *t, const struct tw_wall *wall,
                          enum tw_family family, const struct tw_cells *cells,
                          size_t step, struct parts *parts)
{
    for (size_t c = 0; c < cells->n; c++) {
        struct part p = part_of(wall, family, &cells->at[c], step);
        bool known = false;
        for (size_t i = 0; i < parts->len; i++)
            known |= parts->at[i].verdict == p.verdict &&
                     parts->at[i].by.rule == p.by.rule &&
                     parts->at[i].by.chain == p.by.chain;
        if (!known)
            *tw_vec_add(t->arena, parts) = p;
    }
}

static enum tw_tone tone_of(const char *verdict)
{
    return verdict[0] == 'a' ? TW_GOOD : verdict[0] == 'd' ? TW_BAD : TW_DOUBT;
}

static struct tw_packet_box cell_box(const struct tw_question *q,
                                     const struct tw_flow_cell *cell)
{
    struct tw_packet_box box = {.family = q->family, .kind = q->kind};
    for (int f = 0; f < TW_FIELDS; f++)
        box.field[f] = cell->field[f]->at[0];
    box.whole_sport =
        tw_ranges_eq(cell->field[TW_FIELD_SPORT], q->field[TW_FIELD_SPORT]);
    return box;
}

struct seen_rules {
    struct tracer *t;
    const struct tw_policy *policy;
    struct tw_value *list;
    struct tw_block *table;
};

static void see_rule(void *ctx, uint32_t index, bool held)
{
    const struct seen_rules *s = ctx;
    struct tw_arena *arena = s->t->arena;
    const struct tw_rule *rule = &s->policy->rules.at[index];
    struct tw_str action = tw_policy_action_name(rule->action);
    struct tw_value *v = tw_value_add(arena, s->list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(arena, v, "rule", rule->id);
    tw_value_add_text(arena, v, "action", action);
    tw_value_add_bool(arena, v, "sure", held);
    tw_value_add_int(arena, v, "line", tw_span_line(rule->at));
    struct tw_cell cells[] = {
        TW_CELL_TONE(rule->id, TW_DIM),
        TW_CELL_TONE(held ? action
                          : tw_fmt(arena, "%.*s?", (int)action.len, action.ptr),
                     held ? TW_DIM : TW_DOUBT),
        TW_CELL_TONE(tw_place_text(arena, rule->at), TW_DIM),
        TW_CELL_TONE(tw_printable(arena, rule->comment), TW_DIM)};
    tw_doc_row(s->t->doc, s->table, sizeof cells / sizeof cells[0], cells);
}

/* The rules that the first packet of PART meets. */
static void rule_lines(struct tracer *t, const struct tw_step *step,
                       const struct tw_question *q, const struct part *part,
                       struct tw_value *hop)
{
    struct tw_packet_box box = cell_box(q, part->cell);
    struct tw_packet packet = tw_box_packet(&box, q);
    struct seen_rules seen = {t, t->walls->at[step->wall].policy,
                              tw_value_add(t->arena, hop, "matched", TW_VALUE_ARRAY),
                              tw_doc_table(t->doc, 3, false)};
    struct tw_replay_watch watch = {see_rule, &seen};
    tw_replay(t->arena, step->crossing, &packet, &watch);
}

static void part_value(struct tracer *t, struct tw_value *v, uint32_t wall,
                       const struct part *p)
{
    tw_decider_value(t->arena, v, t->walls, wall, "verdict", p->verdict, p->by);
}

static void hop_lines(struct tracer *t, struct tw_value *list,
                      const struct tw_step *step, const struct tw_question *q,
                      const struct tw_cells *cells, size_t at)
{
    struct tw_arena *arena = t->arena;
    const struct tw_wall *wall = &t->walls->at[step->wall];
    struct parts parts = {0};
    collect_parts(t, wall, q->family, cells, at, &parts);
    struct tw_value *hop = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    if (parts.len == 1) {
        part_value(t, hop, step->wall, &parts.at[0]);
    } else {
        tw_value_add_text(arena, hop, "wall", wall->spec->name);
        tw_value_add_text(arena, hop, "verdict", TW_STR("partial"));
    }
    struct tw_value *several =
        parts.len > 1 ? tw_value_add(arena, hop, "parts", TW_VALUE_ARRAY) : NULL;
    for (size_t i = 0; i < parts.len; i++) {
        const struct part *p = &parts.at[i];
        struct tw_packet_box box = cell_box(q, p->cell);
        struct tw_str rule = tw_decider_text(arena, t->doc->lang, wall->policy, p->by);
        struct tw_cell cells_of[] = {
            TW_CELL_TONE(wall->spec->name, TW_STRONG),
            TW_CELL_TONE(tw_str_of(p->verdict), tone_of(p->verdict)), TW_CELL(rule),
            TW_CELL(tw_place_text(arena, tw_decider_span(wall->policy, p->by))),
            TW_CELL_TONE(tw_box_text(arena, &box), TW_DIM)};
        struct tw_block *table = tw_doc_table(t->doc, 2, false);
        tw_doc_row(t->doc, table, sizeof cells_of / sizeof cells_of[0], cells_of);
        if (several) {
            struct tw_value *v = tw_value_add(arena, several, NULL, TW_VALUE_OBJECT);
            part_value(t, v, step->wall, p);
            tw_box_value(arena, v, &box);
            rule_lines(t, step, q, p, v);
        } else {
            rule_lines(t, step, q, p, hop);
        }
        for (size_t r = 0; r < p->decision->nreasons && p->verdict[0] == 'u'; r++) {
            struct tw_doubt doubt = {step->wall, TW_DOUBT_CONDITION,
                                     p->decision->reasons[r]};
            tw_doc_line(t->doc, TW_BLOCK_LINE, 3, TW_DOUBT,
                        TW_SAY(arena, t->doc->lang, TW_M_check_depends,
                               tw_doubt_text(arena, t->doc->lang, t->walls, &doubt,
                                             q->family)));
        }
    }
}

/* An answer at a wall that keeps state: its rules are not asked. */
static void state_line(struct tracer *t, struct tw_value *list,
                       const struct tw_step *step)
{
    struct tw_arena *arena = t->arena;
    struct tw_value *hop = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    struct tw_str wall = t->walls->at[step->wall].spec->name;
    const char *verdict = step->unseen ? "deny" : "allow";
    tw_value_add_text(arena, hop, "wall", wall);
    tw_value_add_text(arena, hop, "verdict", tw_str_of(verdict));
    tw_value_add_text(arena, hop, "rule", TW_STR("state"));
    tw_value_add_int(arena, hop, "index", 0);
    tw_value_add_text(arena, hop, "path",
                      t->walls->at[step->wall].policy->sources.at[0]->name);
    tw_value_add_null(arena, hop, "line");
    struct tw_cell cells[] = {
        TW_CELL_TONE(wall, TW_STRONG),
        TW_CELL_TONE(tw_str_of(verdict), tone_of(verdict)),
        TW_CELL(tw_str_of(tw_message_pattern(
            t->doc->lang, step->unseen ? TW_M_check_never_seen : TW_M_trace_state)))};
    struct tw_block *table = tw_doc_table(t->doc, 2, false);
    tw_doc_row(t->doc, table, sizeof cells / sizeof cells[0], cells);
}

static void direction(struct tracer *t, struct tw_value *pair, const char *key,
                      enum tw_message title, const struct tw_ways *ways,
                      const struct tw_question *q)
{
    struct tw_value *list = NULL;
    for (struct tw_value *v = pair->first; v && !list; v = v->next)
        if (tw_str_is(v->key, key))
            list = v;
    if (!list)
        list = tw_value_add(t->arena, pair, key, TW_VALUE_ARRAY);
    tw_doc_line(t->doc, TW_BLOCK_LINE, 1, TW_PLAIN,
                tw_str_of(tw_message_pattern(t->doc->lang, title)));
    const struct tw_crossing **crossings =
        tw_new_array(t->arena, ways->nsteps + 1, const struct tw_crossing *);
    size_t n = 0;
    for (size_t w = 0; w < ways->n; w++)
        for (size_t s = 0; s < ways->at[w].nsteps; s++)
            crossings[n++] = ways->at[w].steps[s].crossing;
    struct tw_cells cells = tw_atoms(t->arena, q, crossings, n);
    if (n == 0)
        tw_doc_line(t->doc, TW_BLOCK_LINE, 2, TW_GOOD,
                    TW_SAY(t->arena, t->doc->lang, TW_M_trace_no_walls));
    n = 0;
    bool answer = q->state == TW_STATE_ESTABLISHED;
    for (size_t w = 0; w < ways->n; w++)
        for (size_t s = 0; s < ways->at[w].nsteps; s++, n++) {
            const struct tw_step *step = &ways->at[w].steps[s];
            if (answer && tw_wall_keeps_state(&t->walls->at[step->wall]))
                state_line(t, list, step);
            else
                hop_lines(t, list, step, q, &cells, n);
        }
}

static bool trace_pair(struct tracer *t, const struct named_end *from,
                       const struct named_end *to)
{
    struct tw_proof proof = {0};
    struct tw_pair_result result = {.from = from->end, .to = to->end};
    struct tw_ways ways =
        tw_ways_of(t->arena, t->walls, &t->flow, &from->end, &to->end);
    if (ways.n == 0) {
        TW_DIAG(t->diags, TW_D_trace_no_path, TW_NOWHERE, from->name, to->name);
        return false;
    }
    tw_pair_judge(t->arena, t->walls, &t->flow, &proof, &result);
    struct tw_value *pair = tw_value_add(t->arena, t->pairs, NULL, TW_VALUE_OBJECT);
    struct tw_str verdict = tw_str_of(tw_verdict_name(result.verdict));
    tw_value_add_text(t->arena, pair, "from", from->name);
    tw_value_add_text(t->arena, pair, "to", to->name);
    tw_value_add_text(t->arena, pair, "verdict", verdict);
    if (t->pairs->first != t->pairs->last)
        tw_doc_gap(t->doc);
    enum tw_tone tone = result.verdict == TW_VERDICT_OPEN      ? TW_GOOD
                        : result.verdict == TW_VERDICT_UNKNOWN ? TW_DOUBT
                                                               : TW_BAD;
    tw_doc_line(t->doc, TW_BLOCK_VERDICT, 0, tone,
                TW_SAY(t->arena, t->doc->lang, TW_M_trace_verdict, verdict, from->name,
                       to->name, t->flow.ports.at[0].text));
    struct tw_asked_list asked =
        tw_flow_questions(t->arena, &t->flow, &from->end, &to->end);
    for (size_t i = 0; i < asked.n; i++)
        direction(t, pair, "hops", TW_M_trace_request, &ways, &asked.at[i].question);
    if (asked.n == 0)
        tw_doc_line(t->doc, TW_BLOCK_LINE, 2, TW_DOUBT,
                    TW_SAY(t->arena, t->doc->lang, TW_M_check_no_common_family));
    struct tw_ways back =
        tw_answer_ways(t->arena, t->walls, &t->flow, &from->end, &to->end, &ways);
    for (size_t i = 0; i < asked.n && result.has_answer; i++)
        if (asked.at[i].has_answer)
            direction(t, pair, "reply", TW_M_trace_answer, &back, &asked.at[i].answer);
    bool answer_bad = result.has_answer && (result.answer == TW_VERDICT_BLOCKED ||
                                            result.answer == TW_VERDICT_PARTIAL);
    if (result.has_answer)
        tw_value_add_text(t->arena, pair, "reply_verdict",
                          tw_str_of(tw_verdict_name(result.answer)));
    t->trace->stopped |= answer_bad || result.verdict == TW_VERDICT_BLOCKED ||
                         result.verdict == TW_VERDICT_PARTIAL;
    t->trace->undecided |= result.verdict == TW_VERDICT_UNKNOWN;
    return true;
}

bool tw_trace_run(struct tw_arena *arena, struct tw_walls *walls,
                  const struct tw_trace_request *request, struct tw_diags *diags,
                  struct tw_trace *trace)
{
    struct tracer t = {.arena = arena, .walls = walls, .diags = diags, .trace = trace};
    struct tw_port_entry *entry = tw_new(arena, struct tw_port_entry);
    struct named_ends from = {0}, to = {0};
    bool ok = tw_port_entry_parse(arena, request->port, entry);
    if (!ok)
        TW_DIAG(diags, TW_D_trace_port, TW_NOWHERE, request->port);
    ok &= resolve(&t, request->src, &from);
    ok &= resolve(&t, request->dst, &to);
    if (!ok)
        return false;
    t.flow = (struct tw_flow){.id = TW_STR("trace"),
                              .ports = {entry, 1},
                              .expect = TW_EXPECT_ALLOW,
                              .apps = request->apps,
                              .users = request->users};
    t.doc = tw_doc_new(arena, request->lang, "twinwall.trace/1");
    t.pairs = tw_value_add(arena, t.doc->data, "pairs", TW_VALUE_ARRAY);
    for (size_t i = 0; i < from.len; i++)
        for (size_t k = 0; k < to.len; k++)
            ok &= trace_pair(&t, &from.at[i], &to.at[k]);
    trace->doc = t.doc;
    return ok;
}

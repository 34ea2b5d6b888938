/* SPDX-License-Identifier: Apache-2.0 */
/* The data face of `check`: the stable core of the contract, and what stands beside it.
 */
#include "check_report.h"
#include "messages.h"
#include "report_words.h"

struct reporter {
    struct tw_arena *arena;
    const struct tw_check *check;
};

static void add_source(struct tw_arena *arena, struct tw_value *list,
                       const struct tw_source *src)
{
    struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(arena, v, "path", src->name);
    tw_value_add_text(arena, v, "sha256", src->sha256);
    tw_value_add_int(arena, v, "bytes", src->bytes);
    tw_value_add_text(arena, v, "encoding", src->encoding);
}

static void add_inputs(const struct reporter *r, struct tw_value *data)
{
    struct tw_value *list = tw_value_add(r->arena, data, "inputs", TW_VALUE_ARRAY);
    const struct tw_estate *e = r->check->estate;
    for (size_t i = 0; i < e->sources.len; i++)
        add_source(r->arena, list, e->sources.at[i]);
    for (size_t w = 0; w < r->check->walls->n; w++) {
        const struct tw_policy *p = r->check->walls->at[w].policy;
        for (size_t i = 0; i < p->sources.len; i++)
            add_source(r->arena, list, p->sources.at[i]);
        const struct tw_wall *wall = &r->check->walls->at[w];
        if (wall->app_ports)
            add_source(r->arena, list, wall->app_ports);
        if (wall->hits)
            add_source(r->arena, list, wall->hits);
    }
}

static void add_expired(const struct reporter *r, struct tw_value *object,
                        const struct tw_blame *blame, const struct tw_packet *packet)
{
    if (blame->allows || blame->by.rule != TW_NO_RULE)
        return;
    const struct tw_rule *rule =
        tw_expired_rule(r->check->walls->at[blame->wall].policy, packet);
    if (!rule)
        return;
    struct tw_value *v = tw_value_add(r->arena, object, "expired", TW_VALUE_OBJECT);
    struct tw_str date =
        tw_time_text(r->arena, (struct tw_time){.day = rule->expires_day});
    tw_value_add_text(r->arena, v, "rule", rule->id);
    tw_value_add_text(r->arena, v, "expired", date);
    tw_place_value(r->arena, v, rule->at);
}

static void add_blames(const struct reporter *r, struct tw_value *object,
                       const char *key, const struct tw_share *share,
                       const struct tw_packet *packet)
{
    struct tw_value *by = tw_value_add(r->arena, object, key, TW_VALUE_ARRAY);
    for (size_t i = 0; i < share->nblames; i++) {
        const struct tw_blame *b = &share->blames[i];
        struct tw_value *v = tw_value_add(r->arena, by, NULL, TW_VALUE_OBJECT);
        tw_decider_value(r->arena, v, r->check->walls, b->wall, "action",
                         b->allows ? "allow" : "deny", b->by);
        add_expired(r, v, b, packet);
    }
}

static void add_doubts(const struct reporter *r, struct tw_value *object,
                       const struct tw_share *share)
{
    struct tw_value *list = tw_value_add(r->arena, object, "depends", TW_VALUE_ARRAY);
    for (size_t i = 0; i < share->ndoubts; i++) {
        const struct tw_doubt *d = &share->doubts[i];
        const struct tw_wall *wall = &r->check->walls->at[d->wall];
        struct tw_value *v = tw_value_add(r->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(r->arena, v, "wall", wall->spec->name);
        tw_value_add_text(r->arena, v, "condition",
                          tw_doubt_text(r->arena, TW_LANG_EN, r->check->walls, d,
                                        share->question->family));
        if (d->kind != TW_DOUBT_CONDITION)
            continue;
        const struct tw_rule *rule = &wall->policy->rules.at[d->reason.rule];
        tw_value_add_text(r->arena, v, "rule", rule->id);
        tw_place_value(r->arena, v, rule->at);
    }
}

static void each_box(struct reporter *r, struct tw_value *list,
                     const struct tw_share *share)
{
    struct tw_box_walk walk = {0};
    struct tw_packet_box box;
    while (tw_share_next(share, &walk, &box)) {
        struct tw_value *v = tw_value_add(r->arena, list, NULL, TW_VALUE_OBJECT);
        tw_box_value(r->arena, v, &box);
        if (share->fate == TW_FATE_DEPENDS) {
            add_doubts(r, v, share);
            continue;
        }
        struct tw_packet packet = tw_box_packet(&box, share->question);
        add_blames(r, v, "by", share, &packet);
        tw_packet_value(r->arena, tw_value_add(r->arena, v, "witness", TW_VALUE_OBJECT),
                        &packet);
    }
}

static void add_boxes(struct reporter *r, struct tw_value *pair, const char *key,
                      const struct tw_shares *shares, enum tw_fate fate)
{
    struct tw_value *list = tw_value_add(r->arena, pair, key, TW_VALUE_ARRAY);
    for (size_t s = 0; s < shares->n; s++)
        if (shares->at[s].fate == fate)
            each_box(r, list, &shares->at[s]);
}

static void add_certificates(struct reporter *r, struct tw_value *pair,
                             const struct tw_pair_result *p)
{
    static const char *const fates[] = {[TW_FATE_PASSED] = "passed",
                                        [TW_FATE_STOPPED] = "stopped",
                                        [TW_FATE_DEPENDS] = "depends"};
    struct tw_value *list =
        tw_value_add(r->arena, pair, "certificates", TW_VALUE_ARRAY);
    for (size_t i = 0; i < p->certificates.len; i++) {
        const struct tw_certificate *c = &p->certificates.at[i];
        struct tw_value *v = tw_value_add(r->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(r->arena, v, "fate", tw_str_of(fates[c->share->fate]));
        tw_value_add_bool(r->arena, v, "reply", c->of_answer);
        tw_box_value(r->arena, v, &c->box);
        tw_packet_value(r->arena, tw_value_add(r->arena, v, "witness", TW_VALUE_OBJECT),
                        &c->packet);
        add_blames(r, v, "by", c->share, &c->packet);
        if (c->share->ndoubts)
            add_doubts(r, v, c->share);
        tw_value_add_bool(r->arena, v, "confirmed", c->confirmed);
    }
}

static void add_pair(struct reporter *r, struct tw_value *list,
                     const struct tw_flow_result *flow, const struct tw_pair_result *p)
{
    struct tw_arena *arena = r->arena;
    const struct tw_estate *e = r->check->estate;
    struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    if (p->from.site == TW_NONE) {
        tw_value_add_null(arena, v, "from_site");
        tw_value_add_text(arena, v, "from_zone",
                          tw_origin_name(e, flow->flow, &p->from));
    } else {
        tw_value_add_text(arena, v, "from_site", e->sites.at[p->from.site].name);
    }
    tw_value_add_text(arena, v, "to_site", e->sites.at[p->to.site].name);
    tw_value_add_text(arena, v, "share", tw_rational_text(arena, p->share, 6));
    tw_value_add_text(arena, v, "verdict", tw_str_of(tw_verdict_name(p->verdict)));
    if (p->has_answer)
        tw_value_add_text(arena, v, "reply", tw_str_of(tw_verdict_name(p->answer)));
    bool required = flow->flow->expect == TW_EXPECT_ALLOW;
    if (required)
        add_boxes(r, v, "missing", &p->shares, TW_FATE_STOPPED);
    else
        add_boxes(r, v, "excess", &p->shares, TW_FATE_PASSED);
    add_boxes(r, v, "unsure", &p->shares, TW_FATE_DEPENDS);
    if (r->check->proof.certificates)
        add_certificates(r, v, p);
    if (p->has_answer && p->answer != TW_VERDICT_OPEN) {
        add_boxes(r, v, "reply_missing", &p->answer_shares, TW_FATE_STOPPED);
        add_boxes(r, v, "reply_unsure", &p->answer_shares, TW_FATE_DEPENDS);
    }
    if (p->shares.approx || p->answer_shares.approx)
        tw_value_add_bool(arena, v, "approx", true);
}

static const char *level_name(enum tw_level level)
{
    static const char *const names[] = {"low", "medium", "high", "critical"};
    return names[level];
}

static void add_flow(struct reporter *r, struct tw_value *list,
                     const struct tw_flow_result *f)
{
    static const char *const expects[] = {"allow", "deny", "nothing-else"};
    struct tw_arena *arena = r->arena;
    const struct tw_estate *e = r->check->estate;
    struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(arena, v, "id", f->flow->id);
    tw_value_add_text(arena, v, "from",
                      f->flow->from == TW_NONE ? TW_STR("any")
                                               : e->services.at[f->flow->from].name);
    tw_value_add_text(arena, v, "to", e->services.at[f->flow->to].name);
    tw_value_add_text(arena, v, "ports", tw_ports_text(arena, f->flow));
    tw_value_add_text(arena, v, "expect", tw_str_of(expects[f->flow->expect]));
    tw_value_add_text(arena, v, "severity", tw_str_of(level_name(f->flow->severity)));
    tw_value_add_text(arena, v, "verdict", tw_str_of(tw_verdict_name(f->verdict)));
    if (f->exposure) {
        tw_value_add_text(arena, v, "exposure",
                          tw_rational_text(arena, f->exposure, 6));
        tw_value_add_text(arena, v, "exposure_max",
                          tw_rational_text(arena, f->exposure_max, 6));
    }
    bool approx = false;
    struct tw_value *pairs = tw_value_add(arena, v, "pairs", TW_VALUE_ARRAY);
    for (size_t i = 0; i < f->npairs; i++) {
        add_pair(r, pairs, f, &f->pairs[i]);
        approx |= f->pairs[i].shares.approx || f->pairs[i].answer_shares.approx;
    }
    if (approx)
        tw_value_add_bool(arena, v, "approx", true);
    struct tw_value *datasets = tw_value_add(arena, v, "datasets", TW_VALUE_ARRAY);
    for (size_t i = 0; i < f->flow->ndatasets; i++)
        tw_value_add_text(arena, datasets, NULL,
                          e->datasets.at[f->flow->datasets[i]].name);
    tw_place_value(arena, v, f->flow->at);
}

static void add_summary(struct reporter *r, struct tw_value *data)
{
    static const struct {
        const char *key;
        enum tw_verdict verdict;
    } counts[] = {{"open", TW_VERDICT_OPEN},       {"partial", TW_VERDICT_PARTIAL},
                  {"blocked", TW_VERDICT_BLOCKED}, {"unknown", TW_VERDICT_UNKNOWN},
                  {"closed", TW_VERDICT_CLOSED},   {"leaks", TW_VERDICT_LEAKS}};
    struct tw_value *v = tw_value_add(r->arena, data, "summary", TW_VALUE_OBJECT);
    tw_value_add_int(r->arena, v, "flows", r->check->nflows);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        tw_value_add_int(r->arena, v, counts[i].key,
                         r->check->counts[counts[i].verdict]);
    tw_value_add_int(r->arena, v, "waived", 0);
}

static void add_states(struct reporter *r, struct tw_value *object, const char *key,
                       const struct tw_service_state *at, size_t n)
{
    struct tw_value *list = tw_value_add(r->arena, object, key, TW_VALUE_ARRAY);
    for (size_t i = 0; i < n; i++) {
        struct tw_value *v = tw_value_add(r->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(r->arena, v, "service",
                          r->check->estate->services.at[at[i].service].name);
        struct tw_value *flows = tw_value_add(r->arena, v, "flows", TW_VALUE_ARRAY);
        for (size_t f = 0; f < at[i].nflows; f++)
            tw_value_add_text(r->arena, flows, NULL,
                              r->check->flows[at[i].flows[f]].flow->id);
    }
}

static void add_readiness(struct reporter *r, struct tw_value *data)
{
    const struct tw_readiness *ready = r->check->readiness;
    struct tw_value *v = tw_value_add(r->arena, data, "readiness", TW_VALUE_OBJECT);
    tw_value_add_text(r->arena, v, "site",
                      r->check->estate->sites.at[ready->site].name);
    tw_value_add_int(r->arena, v, "services", ready->services);
    tw_value_add_int(r->arena, v, "ready", ready->ready);
    add_states(r, v, "not_ready", ready->not_ready, ready->nnot_ready);
    add_states(r, v, "unreachable_from", ready->unreachable, ready->nunreachable);
}

static void add_findings(struct reporter *r, struct tw_value *data)
{
    struct tw_value *list = tw_value_add(r->arena, data, "findings", TW_VALUE_ARRAY);
    for (size_t i = 0; i < r->check->nfindings; i++) {
        const struct tw_finding *f = &r->check->findings[i];
        struct tw_value *v = tw_value_add(r->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(r->arena, v, "id", tw_str_of(tw_diag_def(f->id)->id));
        tw_value_add_text(r->arena, v, "severity", tw_str_of(level_name(f->severity)));
        tw_value_add_text(r->arena, v, "fingerprint", f->fingerprint);
        tw_value_add_text(r->arena, v, "message", f->message);
        tw_place_value(r->arena, v, f->at);
    }
}

void tw_check_data(struct tw_doc *doc, const struct tw_check *check)
{
    struct reporter reporter = {doc->arena, check};
    struct reporter *r = &reporter;
    struct tw_value *data = doc->data;
    if (r->check->now_matters) {
        tw_value_add_text(r->arena, data, "now", tw_time_text(r->arena, r->check->now));
    }
    if (r->check->walls->options.at)
        tw_value_add_text(r->arena, data, "at",
                          tw_time_text(r->arena, *r->check->walls->options.at));
    add_inputs(r, data);
    tw_walls_value(r->arena, data, r->check->walls);
    struct tw_value *assumed =
        tw_value_add(r->arena, data, "assumptions", TW_VALUE_ARRAY);
    if (tw_walls_assume_rates(r->check->walls))
        tw_value_add_text(r->arena, assumed, NULL,
                          TW_SAY(r->arena, TW_LANG_EN, TW_M_check_rates));
    add_summary(r, data);
    if (r->check->readiness)
        add_readiness(r, data);
    struct tw_value *flows = tw_value_add(r->arena, data, "flows", TW_VALUE_ARRAY);
    for (size_t i = 0; i < r->check->nflows; i++)
        add_flow(r, flows, &r->check->flows[i]);
    add_findings(r, data);
}

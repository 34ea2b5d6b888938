/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON face of `check`: the stable core of the contract, and what stands beside it.
 */
#include "check_report.h"

#include "messages.h"
#include "text.h"

/* --- words that check and trace share -------------------------------------------- */

struct tw_str tw_decider_name(const struct tw_policy *policy, struct tw_decider by)
{
    if (by.rule != TW_NO_RULE)
        return policy->rules.at[by.rule].id;
    return TW_STR("default");
}

struct tw_span tw_decider_span(const struct tw_policy *policy, struct tw_decider by)
{
    if (by.rule != TW_NO_RULE)
        return policy->rules.at[by.rule].at;
    return by.chain < policy->chains.len ? policy->chains.at[by.chain].policy_at
                                         : TW_NOWHERE;
}

static void place_members(struct tw_arena *arena, struct tw_value *object,
                          struct tw_span at)
{
    if (at.src) {
        tw_value_add_text(arena, object, "path", at.src->name);
        tw_value_add_int(arena, object, "line", tw_span_line(at));
    } else {
        tw_value_add_null(arena, object, "path");
        tw_value_add_null(arena, object, "line");
    }
}

void tw_decider_value(struct tw_arena *arena, struct tw_value *object,
                      const struct tw_walls *walls, uint32_t wall,
                      const char *action_key, const char *action, struct tw_decider by)
{
    const struct tw_policy *policy = walls->at[wall].policy;
    tw_value_add_text(arena, object, "wall", walls->at[wall].spec->name);
    tw_value_add_text(arena, object, action_key, tw_str_of(action));
    tw_value_add_text(arena, object, "rule", tw_decider_name(policy, by));
    tw_value_add_int(arena, object, "index",
                     by.rule == TW_NO_RULE ? 0 : policy->rules.at[by.rule].index);
    if (by.rule == TW_NO_RULE && by.chain < policy->chains.len)
        tw_value_add_text(arena, object, "chain", policy->chains.at[by.chain].name);
    struct tw_span at = tw_decider_span(policy, by);
    if (by.rule == TW_NO_RULE && !at.src && policy->sources.len) {
        tw_value_add_text(arena, object, "path", policy->sources.at[0]->name);
        tw_value_add_null(arena, object, "line");
        return;
    }
    place_members(arena, object, at);
}

static struct tw_str family_name(enum tw_family family)
{
    return family == TW_IPV4 ? TW_STR("IPv4") : TW_STR("IPv6");
}

struct tw_str tw_doubt_text(struct tw_arena *arena, enum tw_lang lang,
                            const struct tw_walls *walls, const struct tw_doubt *doubt,
                            enum tw_family family)
{
    const struct tw_wall *wall = &walls->at[doubt->wall];
    const struct tw_policy *policy = wall->policy;
    struct tw_str name = wall->spec->name;
    switch (doubt->kind) {
    case TW_DOUBT_EMPTY:
        return TW_SAY(arena, lang, TW_M_check_doubt_empty, name);
    case TW_DOUBT_FAMILY:
        return TW_SAY(arena, lang, TW_M_check_doubt_family, name, family_name(family));
    case TW_DOUBT_BUDGET:
        return TW_SAY(arena, lang, TW_M_check_doubt_budget, name);
    default:
        break;
    }
    if (doubt->reason.unknown != TW_NO_RULE)
        return tw_printable(arena, policy->unknowns.at[doubt->reason.unknown].name);
    const struct tw_rule *rule = &policy->rules.at[doubt->reason.rule];
    bool translates = rule->action == TW_ACTION_TRANSLATE;
    return TW_SAY(arena, lang,
                  translates ? TW_M_check_doubt_translation : TW_M_check_doubt_action,
                  rule->id);
}

struct tw_str tw_place_text(struct tw_arena *arena, struct tw_span at)
{
    if (!at.src)
        return TW_STR("");
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_printable(&buf, at.src->name);
    tw_buf_char(&buf, ':');
    tw_buf_u64(&buf, tw_span_line(at));
    return tw_buf_view(&buf);
}

static bool list_has(const struct tw_ranges *list, tw_u128 x)
{
    return !list || tw_ranges_has(list, x);
}

const struct tw_rule *tw_expired_rule(const struct tw_policy *policy,
                                      const struct tw_packet *packet)
{
    for (size_t i = 0; i < policy->rules.len; i++) {
        const struct tw_rule *rule = &policy->rules.at[i];
        if (!rule->expires || !rule->disabled || rule->action != TW_ACTION_ACCEPT)
            continue;
        for (size_t k = 0; k < rule->nmatches; k++) {
            const struct tw_match *m = &rule->matches[k];
            bool family = !m->families || m->families >> packet->family & 1;
            if (family && list_has(m->src, packet->src) &&
                list_has(m->dst, packet->dst) && list_has(m->proto, packet->proto) &&
                list_has(m->dport, packet->dport))
                return rule;
        }
    }
    return NULL;
}

static struct tw_str origin_name(const struct tw_estate *estate,
                                 const struct tw_flow *flow,
                                 const struct tw_end *origin)
{
    if (flow->from != TW_NONE)
        return estate->services.at[flow->from].name;
    return origin->zone == TW_ZONE_OUTSIDE ? TW_STR("outside")
                                           : estate->zones.at[origin->zone].name;
}

struct tw_str tw_origin_text(struct tw_arena *arena, const struct tw_estate *estate,
                             const struct tw_flow *flow, const struct tw_end *origin)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, origin_name(estate, flow, origin));
    if (origin->site != TW_NONE) {
        tw_buf_char(&buf, '@');
        tw_buf_str(&buf, estate->sites.at[origin->site].name);
    }
    return tw_buf_view(&buf);
}

struct tw_str tw_ports_text(struct tw_arena *arena, const struct tw_flow *flow)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    for (size_t i = 0; i < flow->ports.n; i++) {
        if (i)
            tw_buf_text(&buf, ", ");
        tw_buf_str(&buf, flow->ports.at[i].text);
    }
    return tw_buf_view(&buf);
}

/* The default of the stage that people mean, over both families and the wall's hooks.
 */
struct tw_str tw_wall_default(const struct tw_policy *policy)
{
    bool denies = false, allows = false;
    for (int family = 0; family < TW_FAMILIES; family++) {
        bool decided = false;
        for (size_t s = 0; s < policy->stages[family][TW_HOOK_FORWARD].len; s++) {
            const struct tw_stage *stage =
                &policy->stages[family][TW_HOOK_FORWARD].at[s];
            if (!stage->decides)
                continue;
            decided = true;
            bool accept = policy->chains.at[stage->chain].policy == TW_ACTION_ACCEPT;
            allows |= accept;
            denies |= !accept;
        }
        allows |= policy->has_family[family] && !decided;
    }
    return denies && allows ? TW_STR("mixed")
           : denies         ? TW_STR("deny")
                            : TW_STR("allow");
}

void tw_walls_value(struct tw_arena *arena, struct tw_value *object,
                    const struct tw_walls *walls)
{
    struct tw_value *list = tw_value_add(arena, object, "walls", TW_VALUE_ARRAY);
    for (size_t i = 0; i < walls->n; i++) {
        const struct tw_wall *w = &walls->at[i];
        struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(arena, v, "name", w->spec->name);
        tw_value_add_text(arena, v, "format", tw_str_of(w->policy->format->name));
        tw_value_add_int(arena, v, "rules", w->receipt.rules);
        tw_value_add_int(arena, v, "understood", w->receipt.understood);
        tw_value_add_int(arena, v, "unsure", w->receipt.rules - w->receipt.understood);
        tw_value_add_text(arena, v, "default", tw_wall_default(w->policy));
        tw_value_add_text(arena, v, "role",
                          w->spec->role == TW_ROLE_OPEN ? TW_STR("open")
                                                        : TW_STR("enforce"));
        if (w->aged) {
            tw_value_add_text(arena, v, "as_of", w->spec->as_of.text);
            tw_value_add_bool(arena, v, "stale", w->stale);
        }
        struct tw_value *lines =
            tw_value_add(arena, v, "not_understood", TW_VALUE_ARRAY);
        for (size_t k = 0; k < w->policy->not_understood.len; k++)
            place_members(arena, tw_value_add(arena, lines, NULL, TW_VALUE_OBJECT),
                          w->policy->not_understood.at[k]);
    }
}

bool tw_walls_assume_rates(const struct tw_walls *walls)
{
    for (size_t i = 0; i < walls->n && !walls->strict_limits; i++) {
        const struct tw_policy *policy = walls->at[i].policy;
        for (size_t u = 0; u < policy->unknowns.len; u++)
            if (policy->unknowns.at[u].kind == TW_UNKNOWN_RATE)
                return true;
    }
    return false;
}

/* --- check ----------------------------------------------------------------------- */

struct reporter {
    struct tw_arena *arena;
    const struct tw_check *check;
    const struct tw_check_report_options *options;
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
    struct tw_buf date;
    tw_buf_init(&date, r->arena);
    tw_buf_time(&date, (struct tw_time){.day = rule->expires_day});
    tw_value_add_text(r->arena, v, "rule", rule->id);
    tw_value_add_text(r->arena, v, "expired", tw_buf_view(&date));
    place_members(r->arena, v, rule->at);
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
        place_members(r->arena, v, rule->at);
    }
}

/* Calls SEE for every box of the products of SHARE, in order. */
static void each_box(struct reporter *r, struct tw_value *list,
                     const struct tw_share *share)
{
    struct tw_packet_box box = tw_share_box(share, 0);
    for (size_t p = 0; p < share->nproducts; p++) {
        const struct tw_product *product = &share->products[p];
        size_t at[TW_FIELDS] = {0};
        box = tw_share_box(share, p);
        for (;;) {
            for (int f = 0; f < TW_FIELDS; f++)
                box.field[f] = product->field[f]->at[at[f]];
            struct tw_value *v = tw_value_add(r->arena, list, NULL, TW_VALUE_OBJECT);
            tw_box_value(r->arena, v, &box);
            if (share->fate == TW_FATE_DEPENDS) {
                add_doubts(r, v, share);
            } else {
                struct tw_packet packet = tw_box_packet(&box, share->question);
                add_blames(r, v, "by", share, &packet);
                tw_packet_value(r->arena,
                                tw_value_add(r->arena, v, "witness", TW_VALUE_OBJECT),
                                &packet);
            }
            int f = TW_FIELDS - 1;
            while (f >= 0 && ++at[f] == product->field[f]->n)
                at[f--] = 0;
            if (f < 0)
                break;
        }
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

static void add_pair(struct reporter *r, struct tw_value *list,
                     const struct tw_flow_result *flow, const struct tw_pair_result *p)
{
    struct tw_arena *arena = r->arena;
    const struct tw_estate *e = r->check->estate;
    struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    if (p->from.site == TW_NONE) {
        tw_value_add_null(arena, v, "from_site");
        tw_value_add_text(arena, v, "from_zone", origin_name(e, flow->flow, &p->from));
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
    place_members(arena, v, f->flow->at);
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
        place_members(r->arena, v, f->at);
    }
}

static void add_data(struct reporter *r, struct tw_value *data)
{
    if (r->check->now_matters) {
        struct tw_buf now;
        tw_buf_init(&now, r->arena);
        tw_buf_time(&now, r->check->now);
        tw_value_add_text(r->arena, data, "now", tw_buf_view(&now));
    }
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

const struct tw_doc *tw_check_doc(struct tw_arena *arena, const struct tw_check *check,
                                  const struct tw_check_report_options *options)
{
    struct tw_doc *doc = tw_doc_new(arena, options->lang, "twinwall.check/1");
    struct reporter r = {arena, check, options};
    if (!options->text_only)
        add_data(&r, doc->data);
    tw_check_text(doc, check, options);
    return doc;
}

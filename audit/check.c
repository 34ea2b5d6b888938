/* SPDX-License-Identifier: Apache-2.0 */
/* Running the catalogue against the walls: pairs, flows, findings. */
#include "check.h"

#include "hash.h"
#include "messages.h"

struct checker {
    struct tw_arena *arena;
    struct tw_walls *walls;
    const struct tw_check_options *options;
    struct tw_check *check;
    TW_VEC(struct tw_finding) findings;
};

/* --- flows ----------------------------------------------------------------------- */

static enum tw_verdict verdict_of(const struct tw_flow_result *r)
{
    bool seen[TW_VERDICTS] = {false};
    for (size_t i = 0; i < r->npairs; i++)
        seen[r->pairs[i].verdict] = true;
    if (r->flow->expect != TW_EXPECT_ALLOW)
        return seen[TW_VERDICT_LEAKS]                       ? TW_VERDICT_LEAKS
               : seen[TW_VERDICT_UNKNOWN] || r->npairs == 0 ? TW_VERDICT_UNKNOWN
                                                            : TW_VERDICT_CLOSED;
    bool some_stopped = seen[TW_VERDICT_BLOCKED] || seen[TW_VERDICT_PARTIAL];
    bool some_not =
        seen[TW_VERDICT_OPEN] || seen[TW_VERDICT_PARTIAL] || seen[TW_VERDICT_UNKNOWN];
    if (some_stopped)
        return some_not ? TW_VERDICT_PARTIAL : TW_VERDICT_BLOCKED;
    return seen[TW_VERDICT_UNKNOWN] || r->npairs == 0 ? TW_VERDICT_UNKNOWN
                                                      : TW_VERDICT_OPEN;
}

static void weigh(struct checker *c, struct tw_flow_result *r)
{
    struct tw_arena *arena = c->arena;
    const struct tw_rational *zero = tw_rational_of(arena, 0, 1);
    const struct tw_rational *one = tw_rational_of(arena, 1, 1);
    r->exposure = r->exposure_max = zero;
    for (size_t i = 0; i < r->npairs; i++) {
        const struct tw_pair_result *p = &r->pairs[i];
        if (p->verdict == TW_VERDICT_OPEN)
            continue;
        const struct tw_rational *low = zero, *high = one;
        if (!p->nothing_to_ask) {
            low = tw_shares_fraction(arena, &p->shares, p->entries, false);
            high = tw_shares_fraction(arena, &p->shares, p->entries, true);
        }
        r->exposure =
            tw_rational_add(arena, r->exposure, tw_rational_mul(arena, p->share, low));
        r->exposure_max = tw_rational_add(arena, r->exposure_max,
                                          tw_rational_mul(arena, p->share, high));
    }
}

static struct tw_flow_result judge_flow(struct checker *c, const struct tw_flow *flow)
{
    struct tw_flow_result r = {.flow = flow};
    TW_VEC(struct tw_pair_result) pairs = {0};
    const struct tw_rational **shares =
        tw_flow_shares(c->arena, c->check->estate, flow);
    for (size_t i = 0; i < flow->npairs; i++) {
        struct tw_ends origins =
            tw_flow_origins(c->arena, c->check->estate, flow, &flow->pairs[i]);
        /* Nothing says how the calls are spread over several origins: evenly. */
        const struct tw_rational *share = shares[i];
        if (origins.n > 1)
            share = tw_rational_div(c->arena, share,
                                    tw_rational_of(c->arena, origins.n, 1));
        for (size_t o = 0; o < origins.n; o++) {
            struct tw_pair_result *p = tw_vec_add(c->arena, &pairs);
            *p = (struct tw_pair_result){
                .from = origins.at[o],
                .to = tw_service_end(c->check->estate, flow->to, flow->pairs[i].to),
                .share = share};
            tw_pair_judge(c->arena, c->walls, flow, &c->check->proof, p);
            r.answer_stopped |= p->has_answer && (p->answer == TW_VERDICT_BLOCKED ||
                                                  p->answer == TW_VERDICT_PARTIAL);
            r.answer_unknown |= p->has_answer && p->answer == TW_VERDICT_UNKNOWN;
        }
    }
    r.pairs = pairs.at;
    r.npairs = pairs.len;
    r.verdict = verdict_of(&r);
    if (flow->expect == TW_EXPECT_ALLOW)
        weigh(c, &r);
    return r;
}

/* --- findings -------------------------------------------------------------------- */

/* The walls that stop something of the flow: " at jinfu-fw, lft-fw". */
static struct tw_str where_text(struct checker *c, const struct tw_flow_result *r,
                                bool answers)
{
    struct tw_buf names;
    tw_buf_init(&names, c->arena);
    for (size_t w = 0; w < c->walls->n; w++) {
        bool named = false;
        for (size_t i = 0; i < r->npairs && !named; i++) {
            const struct tw_shares *shares =
                answers ? &r->pairs[i].answer_shares : &r->pairs[i].shares;
            for (size_t s = 0; s < shares->n && !named; s++)
                for (size_t b = 0; b < shares->at[s].nblames; b++)
                    named |= shares->at[s].fate == TW_FATE_STOPPED &&
                             shares->at[s].blames[b].wall == w;
        }
        if (!named)
            continue;
        if (names.len)
            tw_buf_text(&names, ", ");
        tw_buf_str(&names, c->walls->at[w].spec->name);
    }
    if (names.len == 0)
        return TW_STR("");
    return TW_SAY(c->arena, c->options->lang, TW_M_check_at_walls, tw_buf_view(&names));
}

static struct tw_str ends_text(struct checker *c, const struct tw_flow *flow)
{
    const struct tw_estate *e = c->check->estate;
    struct tw_buf buf;
    tw_buf_init(&buf, c->arena);
    tw_buf_str(&buf,
               flow->from == TW_NONE ? TW_STR("any") : e->services.at[flow->from].name);
    tw_buf_text(&buf, " → ");
    tw_buf_str(&buf, e->services.at[flow->to].name);
    return tw_buf_view(&buf);
}

/* The same finding in another run has the same fingerprint: no line, no rule number. */
static struct tw_str fingerprint(struct checker *c, enum tw_diag_id id,
                                 const struct tw_flow *flow)
{
    const struct tw_estate *e = c->check->estate;
    struct tw_buf buf;
    tw_buf_init(&buf, c->arena);
    tw_buf_text(&buf, tw_diag_def(id)->id);
    struct tw_str parts[] = {flow->id,
                             flow->from == TW_NONE ? TW_STR("any")
                                                   : e->services.at[flow->from].name,
                             e->services.at[flow->to].name};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        tw_buf_char(&buf, '|');
        tw_buf_str(&buf, parts[i]);
    }
    for (size_t i = 0; i < flow->ports.n; i++) {
        tw_buf_char(&buf, '|');
        tw_buf_str(&buf, flow->ports.at[i].text);
    }
    return tw_str_first(tw_sha256_hex(c->arena, buf.ptr, buf.len), 32);
}

static void find(struct checker *c, size_t index, enum tw_diag_id id, bool definite,
                 bool answers)
{
    const struct tw_flow_result *r = &c->check->flows[index];
    struct tw_str args[] = {r->flow->id, ends_text(c, r->flow),
                            where_text(c, r, answers)};
    struct tw_buf buf;
    tw_buf_init(&buf, c->arena);
    tw_buf_pattern(&buf, tw_diag_def(id)->message[c->options->lang], 3, args);
    *tw_vec_add(c->arena, &c->findings) =
        (struct tw_finding){.id = id,
                            .severity = r->flow->severity,
                            .fingerprint = fingerprint(c, id, r->flow),
                            .message = tw_buf_view(&buf),
                            .at = r->flow->at,
                            .definite = definite,
                            .flow = (uint32_t)index};
}

static void find_all(struct checker *c)
{
    for (size_t i = 0; i < c->check->nflows; i++) {
        const struct tw_flow_result *r = &c->check->flows[i];
        switch (r->verdict) {
        case TW_VERDICT_BLOCKED:
            find(c, i, TW_D_flow_blocked, true, false);
            break;
        case TW_VERDICT_PARTIAL:
            find(c, i, TW_D_flow_partial, true, false);
            break;
        case TW_VERDICT_LEAKS:
            find(c, i, TW_D_flow_leaks, true, false);
            break;
        case TW_VERDICT_UNKNOWN:
            find(c, i, TW_D_flow_unknown, false, false);
            break;
        default:
            break;
        }
        if (r->answer_stopped)
            find(c, i, TW_D_flow_answer_stopped, true, true);
    }
}

/* --- readiness ------------------------------------------------------------------- */

static bool pair_is_open(const struct tw_pair_result *p)
{
    return p->verdict == TW_VERDICT_OPEN &&
           (!p->has_answer || p->answer == TW_VERDICT_OPEN);
}

/* The flows of SERVICE (as source, or as target) that are not open at SITE. */
static struct tw_service_state state_of(struct checker *c, uint32_t service,
                                        bool as_source)
{
    uint32_t site = c->options->site;
    TW_VEC(uint32_t) broken = {0};
    for (size_t i = 0; i < c->check->nflows; i++) {
        const struct tw_flow_result *r = &c->check->flows[i];
        bool mine = as_source ? r->flow->from == service
                              : r->flow->to == service && r->flow->from != TW_NONE;
        bool ok = true;
        for (size_t p = 0; p < r->npairs && mine; p++) {
            const struct tw_pair_result *pair = &r->pairs[p];
            if ((as_source ? pair->from.site : pair->to.site) == site)
                ok &= pair_is_open(pair);
        }
        if (mine && !ok && r->flow->expect == TW_EXPECT_ALLOW)
            *tw_vec_add(c->arena, &broken) = (uint32_t)i;
    }
    return (struct tw_service_state){service, broken.at, broken.len};
}

static struct tw_readiness *readiness(struct checker *c)
{
    const struct tw_estate *e = c->check->estate;
    struct tw_readiness *r = tw_new(c->arena, struct tw_readiness);
    r->site = c->options->site;
    TW_VEC(struct tw_service_state) not_ready = {0}, unreachable = {0};
    for (uint32_t s = 0; s < e->services.len; s++) {
        const struct tw_service *service = &e->services.at[s];
        bool there = false;
        for (int family = 0; family < TW_FAMILIES; family++)
            there |= service->hosts[family][r->site] != NULL;
        if (!there)
            continue;
        r->services++;
        struct tw_service_state own = state_of(c, s, true);
        struct tw_service_state others = state_of(c, s, false);
        if (own.nflows)
            *tw_vec_add(c->arena, &not_ready) = own;
        if (others.nflows)
            *tw_vec_add(c->arena, &unreachable) = others;
    }
    r->ready = r->services - not_ready.len;
    r->not_ready = not_ready.at;
    r->nnot_ready = not_ready.len;
    r->unreachable = unreachable.at;
    r->nunreachable = unreachable.len;
    return r;
}

static bool carries_expiry(const struct checker *c)
{
    for (size_t i = 0; i < c->check->nflows; i++)
        if (c->check->flows[i].flow->expires.text.len)
            return true;
    for (size_t w = 0; w < c->walls->n; w++) {
        const struct tw_policy *p = c->walls->at[w].policy;
        if (c->walls->at[w].aged)
            return true;
        for (size_t i = 0; i < p->rules.len; i++)
            if (p->rules.at[i].expires)
                return true;
    }
    return false;
}

struct tw_check *tw_check_run(struct tw_arena *arena, struct tw_walls *walls,
                              const struct tw_check_options *options)
{
    const struct tw_estate *estate = walls->estate;
    struct tw_check *check = tw_new(arena, struct tw_check);
    struct checker c = {
        .arena = arena, .walls = walls, .options = options, .check = check};
    check->estate = estate;
    check->walls = walls;
    check->now = options->now;
    check->proof.wanted = options->verify;
    check->proof.certificates = options->certificates;
    check->nflows = estate->flows.len;
    check->flows = tw_new_array(arena, check->nflows, struct tw_flow_result);
    for (size_t i = 0; i < check->nflows; i++) {
        check->flows[i] = judge_flow(&c, &estate->flows.at[i]);
        check->counts[check->flows[i].verdict]++;
    }
    find_all(&c);
    check->findings = c.findings.at;
    check->nfindings = c.findings.len;
    if (options->site != TW_NONE)
        check->readiness = readiness(&c);
    check->now_matters = carries_expiry(&c);
    return check;
}

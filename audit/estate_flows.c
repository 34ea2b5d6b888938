/* SPDX-License-Identifier: Apache-2.0 */
/* The flows: what must be let through, what must not, between which sites. */
#include <assert.h>
#include <string.h>

#include "estate_load.h"

/* ---- raw records */

static const struct tw_key flow_keys[] = {
    [TW_FLOW_ID] = {"id", TW_KEY_TEXT, TW_KEY_REQUIRED},
    [TW_FLOW_FROM] = {"from", TW_KEY_TEXT, 0},
    [TW_FLOW_TO] = {"to", TW_KEY_TEXT, TW_KEY_REQUIRED},
    [TW_FLOW_PORTS] = {"ports", TW_KEY_TEXTS, 0},
    [TW_FLOW_SOURCE_PORTS] = {"source_ports", TW_KEY_TEXTS, 0},
    [TW_FLOW_EXPECT] = {"expect", TW_KEY_TEXT, 0},
    [TW_FLOW_SEVERITY] = {"severity", TW_KEY_TEXT, 0},
    [TW_FLOW_SITE_PAIRS] = {"site_pairs", TW_KEY_TEXTS, 0},
    [TW_FLOW_WHY] = {"why", TW_KEY_TEXT, 0},
    [TW_FLOW_OWNER] = {"owner", TW_KEY_TEXT, 0},
    [TW_FLOW_TICKET] = {"ticket", TW_KEY_TEXT, 0},
    [TW_FLOW_EXPIRES] = {"expires", TW_KEY_TEXT, 0},
    [TW_FLOW_APPS] = {"apps", TW_KEY_TEXTS, TW_KEY_MAY_BE_EMPTY},
    [TW_FLOW_USERS] = {"users", TW_KEY_TEXTS, TW_KEY_MAY_BE_EMPTY},
    [TW_FLOW_DATASETS] = {"datasets", TW_KEY_TEXTS, TW_KEY_MAY_BE_EMPTY},
    {NULL, TW_KEY_ANY, 0},
};

static void read_flow(struct tw_loader *l, const struct tw_yaml *node)
{
    const struct tw_yaml *v[TW_KEYS_MAX];
    bool good = tw_keys_read(l, node, "flows", flow_keys, v);
    if (node->kind != TW_YAML_MAPPING)
        return;
    struct tw_raw_flow raw = {
        .id = tw_yaml_word(v[TW_FLOW_ID]),
        .from = tw_yaml_word(v[TW_FLOW_FROM]),
        .to = tw_yaml_word(v[TW_FLOW_TO]),
        .expect = tw_yaml_word(v[TW_FLOW_EXPECT]),
        .severity = tw_yaml_word(v[TW_FLOW_SEVERITY]),
        .why = tw_yaml_word(v[TW_FLOW_WHY]),
        .owner = tw_yaml_word(v[TW_FLOW_OWNER]),
        .ticket = tw_yaml_word(v[TW_FLOW_TICKET]),
        .expires = tw_yaml_word(v[TW_FLOW_EXPIRES]),
        .ports = tw_yaml_words(l, v[TW_FLOW_PORTS]),
        .source_ports = tw_yaml_words(l, v[TW_FLOW_SOURCE_PORTS]),
        .site_pairs = tw_yaml_words(l, v[TW_FLOW_SITE_PAIRS]),
        .apps = tw_yaml_words(l, v[TW_FLOW_APPS]),
        .users = tw_yaml_words(l, v[TW_FLOW_USERS]),
        .datasets = tw_yaml_words(l, v[TW_FLOW_DATASETS]),
        .at = node->at,
        .broken = !good,
    };
    tw_flow_resolve(l, &raw);
}

void tw_flows_read(struct tw_loader *l, const struct tw_yaml *flows)
{
    for (const struct tw_yaml *m = flows ? flows->first : NULL; m; m = m->next)
        read_flow(l, m);
}

/* ---- resolving: words */

static void resolve_id(struct tw_loader *l, const struct tw_raw_flow *raw,
                       struct tw_flow *flow)
{
    flow->id = tw_keep(l, raw->id.text);
    flow->at = raw->id.at.src ? raw->id.at : raw->at;
    if (!raw->id.at.src || !tw_name_check(l, raw->id))
        return;
    uint32_t before = tw_index_get(&l->flows, flow->id);
    if (before != TW_NONE) {
        tw_diag_also(
            TW_DIAG(l->diags, TW_D_estate_duplicate_flow, raw->id.at, raw->id.text),
            l->estate->flows.at[before].at);
        return;
    }
    tw_index_put(&l->flows, flow->id, l->estate->flows.len);
}

static uint32_t demand_service(struct tw_loader *l, struct tw_named word)
{
    const struct tw_map *services = &l->estate->service_index;
    if (l->services_missing) /* told */
        return tw_index_get(services, word.text);
    return tw_index_demand(l, services, word, TW_D_estate_unknown_service);
}

static bool resolve_ends(struct tw_loader *l, const struct tw_raw_flow *raw,
                         struct tw_flow *flow)
{
    bool said = raw->from.at.src != NULL, any = tw_str_is(raw->from.text, "any");
    bool good = true;
    flow->from = flow->to = TW_NONE;
    if (flow->expect == TW_EXPECT_NOTHING_ELSE) {
        if (said && !any) {
            TW_DIAG(l->diags, TW_D_estate_nothing_else_from, raw->from.at, flow->id);
            good = false;
        }
    } else if (!said) {
        if (!raw->broken)
            TW_DIAG(l->diags, TW_D_estate_missing_key, flow->at, TW_STR("flows"),
                    TW_STR("from"));
        good = false;
    } else if (!any) {
        flow->from = demand_service(l, raw->from);
        good = flow->from != TW_NONE;
    }
    if (!raw->to.at.src)
        return false;
    flow->to = demand_service(l, raw->to);
    return good && flow->to != TW_NONE;
}

static void resolve_expiry(struct tw_loader *l, const struct tw_raw_flow *raw,
                           struct tw_flow *flow)
{
    struct tw_time end;
    flow->expires = tw_keep_named(l, raw->expires);
    if (!raw->expires.at.src)
        return;
    if (!tw_time_parse(raw->expires.text, &end) || end.has_clock) {
        TW_DIAG(l->diags, TW_D_estate_bad_date, raw->expires.at, raw->expires.text);
        return;
    }
    if (end.day < l->now.day) /* the last day still counts */
        TW_DIAG(l->diags, TW_D_estate_expired, raw->expires.at, flow->id,
                raw->expires.text);
}

static void resolve_datasets(struct tw_loader *l, const struct tw_raw_flow *raw,
                             struct tw_flow *flow)
{
    uint32_t *at = tw_new_array(l->arena, raw->datasets.n, uint32_t);
    for (size_t i = 0; i < raw->datasets.n; i++) {
        at[i] = tw_index_demand(l, &l->datasets, raw->datasets.at[i],
                                TW_D_estate_unknown_dataset);
    }
    flow->datasets = at;
    flow->ndatasets = raw->datasets.n;
}

/* What nothing-else is about is every port: only the listed flows may reach the
 * service. */
static void resolve_ports(struct tw_loader *l, const struct tw_raw_flow *raw,
                          struct tw_flow *flow)
{
    flow->source_ports = tw_source_ports_read(l, raw->source_ports);
    tw_ports_read(l, raw->ports, &flow->ports);
    if (raw->ports.n == 0 && flow->expect == TW_EXPECT_NOTHING_ELSE) {
        struct tw_named any = {TW_STR("any"), flow->at};
        tw_ports_read(l, (struct tw_names){&any, 1}, &flow->ports);
    } else if (raw->ports.n == 0 && flow->to != TW_NONE) {
        const struct tw_service *to = &l->estate->services.at[flow->to];
        flow->ports = to->listen;
        if (flow->ports.n == 0 && !raw->broken && !l->service_broken.at[flow->to]) {
            tw_diag_also(
                TW_DIAG(l->diags, TW_D_estate_no_ports, flow->at, flow->id, to->name),
                to->at);
        }
    }
}

/* ---- resolving: pairs of sites */

static bool has_site(const struct tw_service *service, uint32_t site)
{
    return service->hosts[TW_IPV4][site] != NULL;
}

/* "main->dr"; "any->dr" for flows from anywhere. */
static bool parse_pair(struct tw_loader *l, const struct tw_flow *flow,
                       struct tw_named word, struct tw_site_pair *out)
{
    const struct tw_map *sites = &l->estate->site_index;
    size_t arrow = tw_str_find_str(word.text, TW_STR("->"));
    struct tw_named from = {tw_str_trim(tw_str_first(word.text, arrow)), word.at};
    struct tw_named to = {tw_str_trim(tw_str_from(word.text, arrow + 2)), word.at};
    bool any = tw_str_is(from.text, "any");
    if (arrow == word.text.len || from.text.len == 0 || to.text.len == 0 ||
        any != (flow->from == TW_NONE)) {
        TW_DIAG(l->diags, TW_D_estate_bad_pair, word.at, word.text);
        return false;
    }
    out->from =
        any ? TW_NONE : tw_index_demand(l, sites, from, TW_D_estate_unknown_site);
    out->to = tw_index_demand(l, sites, to, TW_D_estate_unknown_site);
    return out->to != TW_NONE && (any || out->from != TW_NONE);
}

static bool service_has(struct tw_loader *l, struct tw_named word, uint32_t service,
                        uint32_t site)
{
    const struct tw_estate *e = l->estate;
    const struct tw_service *s = &e->services.at[service];
    if (has_site(s, site))
        return true;
    if (!l->service_broken.at[service])
        tw_diag_also(TW_DIAG(l->diags, TW_D_estate_pair_site, word.at, word.text,
                             s->name, e->sites.at[site].name),
                     s->at);
    return false;
}

static void named_pairs(struct tw_loader *l, const struct tw_raw_flow *raw,
                        const struct tw_flow *flow)
{
    uint32_t nsites = (uint32_t)l->estate->sites.len;
    uint32_t stamp = (uint32_t)l->estate->flows.len + 1;
    for (size_t i = 0; i < raw->site_pairs.n; i++) {
        struct tw_named word = raw->site_pairs.at[i];
        struct tw_site_pair pair;
        if (!parse_pair(l, flow, word, &pair))
            continue;
        bool has = service_has(l, word, flow->to, pair.to);
        if (pair.from != TW_NONE)
            has &= service_has(l, word, flow->from, pair.from);
        size_t row = pair.from == TW_NONE ? nsites : pair.from;
        uint32_t *mark = &l->pair_stamps[row * nsites + pair.to];
        if (has && *mark == stamp) {
            TW_DIAG(l->diags, TW_D_estate_pair_twice, word.at, word.text);
            has = false;
        }
        *mark = stamp;
        if (has)
            *tw_vec_add(l->scratch, &l->pair_list) = pair;
    }
}

static void all_pairs(struct tw_loader *l, const struct tw_flow *flow)
{
    const struct tw_estate *e = l->estate;
    const struct tw_service *to = &e->services.at[flow->to];
    for (uint32_t t = 0; flow->from == TW_NONE && t < e->sites.len; t++)
        if (has_site(to, t))
            *tw_vec_add(l->scratch, &l->pair_list) = (struct tw_site_pair){TW_NONE, t};
    for (uint32_t s = 0; flow->from != TW_NONE && s < e->sites.len; s++)
        for (uint32_t t = 0; t < e->sites.len; t++)
            if (has_site(&e->services.at[flow->from], s) && has_site(to, t))
                *tw_vec_add(l->scratch, &l->pair_list) = (struct tw_site_pair){s, t};
}

/* Has a pair any packet at all: addresses of one family on both sides, and an entry of
 * `ports` that speaks of it? What has none would be "open" without a look. */
static bool pair_has_packets(const struct tw_estate *e, const struct tw_flow *flow,
                             struct tw_site_pair pair)
{
    const struct tw_service *to = &e->services.at[flow->to];
    for (int f = 0; f < TW_FAMILIES; f++) {
        bool both = to->hosts[f][pair.to]->n != 0;
        if (pair.from != TW_NONE)
            both &= e->services.at[flow->from].hosts[f][pair.from]->n != 0;
        for (size_t i = 0; both && i < flow->ports.n; i++)
            if (flow->ports.at[i].in[f])
                return true;
    }
    return false;
}

static struct tw_str pair_text(struct tw_loader *l, struct tw_site_pair pair)
{
    const struct tw_site *sites = l->estate->sites.at;
    struct tw_buf buf;
    tw_buf_init(&buf, l->scratch);
    tw_buf_str(&buf, pair.from == TW_NONE ? TW_STR("any") : sites[pair.from].name);
    tw_buf_text(&buf, "->");
    tw_buf_str(&buf, sites[pair.to].name);
    return tw_buf_view(&buf);
}

static void report_no_path(struct tw_loader *l, const struct tw_flow *flow,
                           struct tw_site_pair pair, uint32_t from, uint32_t to)
{
    struct tw_estate *e = l->estate;
    struct tw_str from_name = e->zones.at[from].name, to_name = e->zones.at[to].name;
    bool some = tw_path_exists_somewhere(e, from, to);
    if (!tw_first_time(l, 'p', from, to, some ? pair.from : TW_NONE,
                       some ? pair.to : TW_NONE))
        return;
    if (some)
        TW_DIAG(l->diags, TW_D_estate_no_path_sites, flow->at, from_name, to_name,
                flow->id, pair_text(l, pair));
    else if (from == to)
        TW_DIAG(l->diags, TW_D_estate_no_path_within, flow->at, from_name, flow->id);
    else
        TW_DIAG(l->diags, TW_D_estate_no_path, flow->at, from_name, to_name, flow->id);
}

static bool is_entered(const struct tw_loader *l, uint32_t zone, uint32_t site)
{
    uint32_t exact[2] = {zone, site}, everywhere[2] = {zone, TW_NONE};
    return tw_map_get(&l->entered, (struct tw_str){(char *)exact, sizeof exact}) ||
           tw_map_get(&l->entered,
                      (struct tw_str){(char *)everywhere, sizeof everywhere});
}

static void check_path(struct tw_loader *l, const struct tw_flow *flow,
                       struct tw_site_pair pair)
{
    const struct tw_estate *e = l->estate;
    uint32_t to = e->services.at[flow->to].zone;
    if (l->paths_broken)
        return; /* told */
    if (pair.from == TW_NONE) {
        if (!is_entered(l, to, pair.to) && tw_first_time(l, 'e', to, pair.to, 0, 0))
            TW_DIAG(l->diags, TW_D_estate_no_way_in, flow->at, e->zones.at[to].name,
                    e->sites.at[pair.to].name, flow->id);
        return;
    }
    uint32_t from = e->services.at[flow->from].zone;
    if (!tw_path_exists(e, from, pair.from, to, pair.to))
        report_no_path(l, flow, pair, from, to);
}

static void resolve_pairs(struct tw_loader *l, const struct tw_raw_flow *raw,
                          struct tw_flow *flow)
{
    size_t errors = l->diags->errors;
    l->pair_list.len = 0;
    if (raw->site_pairs.n)
        named_pairs(l, raw, flow);
    else
        all_pairs(l, flow);
    if (l->diags->errors != errors || l->service_broken.at[flow->to] ||
        (flow->from != TW_NONE && l->service_broken.at[flow->from]))
        return;
    if (l->pair_list.len > TW_ESTATE_PAIRS_MAX - l->pairs) {
        l->pairs = TW_ESTATE_PAIRS_MAX;
        tw_room_check(l, "site_pairs", l->pairs, TW_ESTATE_PAIRS_MAX, flow->at);
        return;
    }
    l->pairs += l->pair_list.len;
    assert(l->pair_list.len); /* a service without an error has hosts at some site */
    bool told = false;
    for (size_t i = 0; i < l->pair_list.len; i++) {
        check_path(l, flow, l->pair_list.at[i]);
        if (told || !flow->ports.n ||
            pair_has_packets(l->estate, flow, l->pair_list.at[i]))
            continue;
        told = true;
        TW_DIAG(l->diags, TW_D_estate_no_packets, flow->at, flow->id,
                pair_text(l, l->pair_list.at[i]));
    }
    struct tw_site_pair *kept =
        tw_new_array(l->arena, l->pair_list.len, struct tw_site_pair);
    if (l->pair_list.len)
        memcpy(kept, l->pair_list.at, l->pair_list.len * sizeof *kept);
    flow->pairs = kept;
    flow->npairs = l->pair_list.len;
}

/* ---- all of it */

void tw_flow_resolve(struct tw_loader *l, const struct tw_raw_flow *raw)
{
    static const char *const expects[] = {"allow", "deny", "nothing-else", NULL};
    static const char *const levels[] = {"low", "medium", "high", "critical", NULL};
    if (!tw_room_check(l, "flows", l->estate->flows.len, TW_ESTATE_ENTRIES_MAX,
                       raw->at))
        return;
    unsigned expect = TW_EXPECT_ALLOW, severity = TW_LEVEL_HIGH;
    struct tw_flow flow = {
        .why = tw_keep(l, raw->why.text),
        .owner = tw_keep(l, raw->owner.text),
        .ticket = tw_keep(l, raw->ticket.text),
        .apps = tw_keep_names(l, raw->apps),
        .users = tw_keep_names(l, raw->users),
    };
    resolve_id(l, raw, &flow);
    /* Of a flow with a key that was refused, only what is said can be judged, not what
     * is missing. */
    struct tw_raw_flow judged = *raw;
    if (!tw_choice(l, "expect", raw->expect, expects, &expect))
        judged.broken = true;
    tw_choice(l, "severity", raw->severity, levels, &severity);
    flow.expect = (enum tw_expect)expect;
    flow.severity = (enum tw_level)severity;
    bool ends = resolve_ends(l, &judged, &flow);
    resolve_ports(l, &judged, &flow);
    if (ends)
        resolve_pairs(l, &judged, &flow);
    resolve_expiry(l, raw, &flow);
    resolve_datasets(l, raw, &flow);
    *tw_vec_add(l->arena, &l->estate->flows) = flow;
}

static void note_entries(struct tw_loader *l)
{
    for (size_t i = 0; i < l->estate->paths.len; i++) {
        uint32_t *key = tw_new_array(l->scratch, 2, uint32_t);
        key[0] = l->estate->paths.at[i].to;
        key[1] = l->estate->paths.at[i].to_site;
        *tw_map_slot(&l->entered, (struct tw_str){(char *)key, 2 * sizeof *key}) = l;
    }
}

void tw_flows_begin(struct tw_loader *l)
{
    size_t nsites = l->estate->sites.len;
    l->pair_stamps = tw_new_array(l->scratch, (nsites + 1) * nsites, uint32_t);
    note_entries(l);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services: read from YAML, joined with the rows of the CSV files, resolved.
 *
 * A host must lie in the networks of its service's zone: a service whose address was
 * copied from another room would otherwise be checked along the wrong path.
 */
#include "estate_load.h"

/* ---- raw records */

static void read_hosts(struct tw_loader *l, const struct tw_yaml *sites,
                       struct tw_raw_service *raw)
{
    for (const struct tw_yaml *m = sites ? sites->first : NULL; m; m = m->next)
        if (tw_yaml_is_texts(l, m))
            *tw_vec_add(l->scratch, &raw->sites) =
                (struct tw_raw_site){tw_yaml_key(m), tw_yaml_words(l, m)};
}

static void read_service(struct tw_loader *l, const struct tw_yaml *node)
{
    enum { TITLE, ZONE, OWNER, SITES, LISTEN, APPS };
    static const struct tw_key keys[] = {
        {"title", TW_KEY_TEXT, 0},
        {"zone", TW_KEY_TEXT, TW_KEY_REQUIRED},
        {"owner", TW_KEY_TEXT, 0},
        {"sites", TW_KEY_MAPPING, TW_KEY_REQUIRED},
        {"listen", TW_KEY_TEXTS, TW_KEY_MAY_BE_EMPTY},
        {"apps", TW_KEY_TEXTS, TW_KEY_MAY_BE_EMPTY},
        {NULL, TW_KEY_ANY, 0},
    };
    const struct tw_yaml *v[TW_KEYS_MAX];
    size_t errors = l->diags->errors;
    tw_keys_read(l, node, "services", keys, v);
    struct tw_raw_service raw = {
        .name = tw_yaml_key(node),
        .title = tw_yaml_word(v[TITLE]),
        .zone = tw_yaml_word(v[ZONE]),
        .owner = tw_yaml_word(v[OWNER]),
        .listen = tw_yaml_words(l, v[LISTEN]),
        .apps = tw_yaml_words(l, v[APPS]),
    };
    read_hosts(l, v[SITES], &raw);
    raw.broken = l->diags->errors != errors;
    tw_raw_service_add(l, &raw);
}

void tw_services_read(struct tw_loader *l, const struct tw_yaml *services)
{
    for (const struct tw_yaml *m = services ? services->first : NULL; m; m = m->next)
        if (tw_index_get(&l->raw_names, m->key) == TW_NONE &&
            tw_name_check(l, tw_yaml_key(m)))
            read_service(l, m);
}

/* A row may leave out what an earlier row of its service said, but not contradict it.
 */
static void join_word(struct tw_loader *l, const char *column, struct tw_named name,
                      struct tw_named *have, struct tw_named add)
{
    if (have->text.len == 0)
        *have = add;
    else if (add.text.len && !tw_str_eq(have->text, add.text))
        tw_diag_also(TW_DIAG(l->diags, TW_D_estate_service_conflict, add.at, name.text,
                             tw_str_of(column), add.text, have->text),
                     have->at);
}

static struct tw_str joined(struct tw_loader *l, struct tw_names words)
{
    struct tw_buf buf;
    tw_buf_init(&buf, l->scratch);
    for (size_t i = 0; i < words.n; i++) {
        tw_buf_text(&buf, i ? ";" : "");
        tw_buf_str(&buf, words.at[i].text);
    }
    return tw_buf_view(&buf);
}

static void join_listen(struct tw_loader *l, struct tw_raw_service *have,
                        const struct tw_raw_service *row)
{
    if (row->listen.n == 0)
        return;
    if (have->listen.n == 0) {
        have->listen = row->listen;
        return;
    }
    struct tw_named before = {joined(l, have->listen), have->listen.at[0].at};
    struct tw_named now = {joined(l, row->listen), row->listen.at[0].at};
    join_word(l, "listen", have->name, &before, now);
}

static void join_row(struct tw_loader *l, struct tw_raw_service *have,
                     const struct tw_raw_service *row)
{
    join_word(l, "zone", have->name, &have->zone, row->zone);
    join_word(l, "title", have->name, &have->title, row->title);
    join_word(l, "owner", have->name, &have->owner, row->owner);
    join_listen(l, have, row);
    for (size_t i = 0; i < row->sites.len; i++)
        *tw_vec_add(l->scratch, &have->sites) = row->sites.at[i];
    have->broken |= row->broken;
}

void tw_raw_service_add(struct tw_loader *l, const struct tw_raw_service *raw)
{
    uint32_t index = tw_index_get(&l->raw_names, raw->name.text);
    if (index != TW_NONE) {
        struct tw_raw_service *have = &l->raw_services.at[index];
        if (have->from_csv && raw->from_csv)
            join_row(l, have, raw);
        else
            tw_diag_also(TW_DIAG(l->diags, TW_D_estate_duplicate_service, raw->name.at,
                                 raw->name.text),
                         have->name.at);
        return;
    }
    if (!tw_room_check(l, "services", l->raw_services.len, TW_ESTATE_ENTRIES_MAX,
                       raw->name.at))
        return;
    tw_index_put(&l->raw_names, raw->name.text, l->raw_services.len);
    *tw_vec_add(l->scratch, &l->raw_services) = *raw;
}

/* ---- resolving */

/* The zone that holds ADDRESS, or TW_NONE. */
static uint32_t zone_of(const struct tw_loader *l, enum tw_family family,
                        tw_u128 address)
{
    size_t low = 0, high = l->zone_claims.len;
    while (low < high) { /* the first claim behind ADDRESS */
        size_t middle = low + (high - low) / 2;
        const struct tw_claim *c = &l->zone_claims.at[middle];
        bool behind =
            c->family > family || (c->family == family && c->range.lo > address);
        if (behind)
            high = middle;
        else
            low = middle + 1;
    }
    const struct tw_claim *c = low ? &l->zone_claims.at[low - 1] : NULL;
    bool holds = c && c->family == family && c->range.hi >= address;
    return holds ? c->owner : TW_NONE;
}

static bool check_zone(struct tw_loader *l, const struct tw_service *service,
                       const struct tw_claim *host, struct tw_str text)
{
    struct tw_estate *e = l->estate;
    if (service->zone == TW_NONE || l->zone_broken.at[service->zone])
        return true; /* told */
    const struct tw_zone *zone = &e->zones.at[service->zone];
    struct tw_ranges one = {1, &host->range};
    if (tw_ranges_cover(zone->networks[host->family], &one))
        return true;
    uint32_t low = zone_of(l, host->family, host->range.lo);
    uint32_t high = zone_of(l, host->family, host->range.hi);
    uint32_t other = low != TW_NONE && low != service->zone ? low : high;
    if (other != TW_NONE && other != service->zone)
        TW_DIAG(l->diags, TW_D_estate_host_other_zone, host->at, text, service->name,
                zone->name, e->zones.at[other].name);
    else
        TW_DIAG(l->diags, TW_D_estate_host_no_zone, host->at, text, service->name,
                zone->name);
    return false;
}

static bool resolve_site(struct tw_loader *l, struct tw_service *service,
                         uint32_t index, const struct tw_raw_site *raw)
{
    struct tw_estate *e = l->estate;
    uint32_t site =
        tw_index_demand(l, &e->site_index, raw->site, TW_D_estate_unknown_site);
    if (site == TW_NONE)
        return false;
    if (service->hosts[TW_IPV4][site]) {
        TW_DIAG(l->diags, TW_D_estate_duplicate_site, raw->site.at, service->name,
                raw->site.text);
        return false;
    }
    TW_VEC(struct tw_range) ranges[TW_FAMILIES] = {{0}};
    bool good = true;
    for (size_t i = 0; i < raw->hosts.n; i++) {
        struct tw_claim host = {
            .site = site, .owner = index, .at = raw->hosts.at[i].at};
        if (!tw_address_read(l, raw->hosts.at[i], &host.family, &host.range)) {
            good = false;
            continue;
        }
        good &= check_zone(l, service, &host, raw->hosts.at[i].text);
        *tw_vec_add(l->scratch, &ranges[host.family]) = host.range;
        *tw_vec_add(l->scratch, &l->host_claims) = host;
    }
    for (int f = 0; f < TW_FAMILIES; f++)
        service->hosts[f][site] = tw_ranges_of(l->arena, ranges[f].at, ranges[f].len);
    return good;
}

static void resolve_service(struct tw_loader *l, const struct tw_raw_service *raw)
{
    struct tw_estate *e = l->estate;
    uint32_t index = (uint32_t)e->services.len;
    struct tw_service service = {
        .name = tw_keep(l, raw->name.text),
        .title = tw_keep(l, raw->title.text),
        .owner = tw_keep(l, raw->owner.text),
        .at = raw->name.at,
        .zone = TW_NONE,
        .apps = tw_keep_names(l, raw->apps),
    };
    bool good = !raw->broken;
    if (!raw->zone.at.src && !raw->broken)
        TW_DIAG(l->diags, TW_D_estate_missing_key, raw->name.at, TW_STR("services"),
                TW_STR("zone"));
    if (raw->zone.at.src)
        service.zone =
            tw_index_demand(l, &l->zones, raw->zone, TW_D_estate_unknown_zone);
    for (int f = 0; f < TW_FAMILIES; f++)
        service.hosts[f] =
            tw_new_array(l->arena, e->sites.len, const struct tw_ranges *);
    for (size_t i = 0; i < raw->sites.len; i++)
        good &= resolve_site(l, &service, index, &raw->sites.at[i]);
    good &= tw_ports_read(l, raw->listen, &service.listen);
    tw_index_put(&e->service_index, service.name, index);
    *tw_vec_add(l->arena, &e->services) = service;
    *tw_vec_add(l->scratch, &l->service_broken) = !good || service.zone == TW_NONE;
}

static void report_shared(struct tw_loader *l, const struct tw_claim *a,
                          const struct tw_claim *b)
{
    const struct tw_service *services = l->estate->services.at;
    if (!tw_first_time(l, 's', a->owner, b->owner, a->site, 0))
        return;
    struct tw_buf range;
    tw_buf_init(&range, l->scratch);
    tw_u128 lo = a->range.lo > b->range.lo ? a->range.lo : b->range.lo;
    tw_u128 hi = a->range.hi < b->range.hi ? a->range.hi : b->range.hi;
    tw_buf_ip_range(&range, a->family, (struct tw_range){lo, hi});
    tw_diag_also(TW_DIAG(l->diags, TW_D_estate_shared_host, b->at, tw_buf_view(&range),
                         services[a->owner].name, services[b->owner].name,
                         l->estate->sites.at[a->site].name),
                 a->at);
}

void tw_services_resolve(struct tw_loader *l)
{
    for (size_t i = 0; i < l->raw_services.len; i++)
        resolve_service(l, &l->raw_services.at[i]);
    tw_claims_sort(l->host_claims.at, l->host_claims.len);
    tw_claims_sweep(l, l->host_claims.at, l->host_claims.len, report_shared);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The walls, the zones with their networks, and the paths through the walls. */
#include <stdlib.h>

#include "estate_load.h"

/* ---- walls */

enum wall_key {
    WALL_POLICY,
    WALL_FORMAT,
    WALL_ROLE,
    WALL_STATEFUL,
    WALL_HOOK,
    WALL_EMPTY,
    WALL_TZ,
    WALL_AS_OF,
    WALL_MAX_AGE,
    WALL_VSYS,
    WALL_DEVICE_GROUP,
    WALL_APP_PORTS,
    WALL_HITS
};

static const struct tw_key wall_keys[] = {
    [WALL_POLICY] = {"policy", TW_KEY_TEXTS, TW_KEY_REQUIRED},
    [WALL_FORMAT] = {"format", TW_KEY_TEXT, 0},
    [WALL_ROLE] = {"role", TW_KEY_TEXT, 0},
    [WALL_STATEFUL] = {"stateful", TW_KEY_TEXT, 0},
    [WALL_HOOK] = {"hook", TW_KEY_TEXT, 0},
    [WALL_EMPTY] = {"allow_empty", TW_KEY_TEXT, 0},
    [WALL_TZ] = {"tz", TW_KEY_TEXT, 0},
    [WALL_AS_OF] = {"as_of", TW_KEY_TEXT, 0},
    [WALL_MAX_AGE] = {"max_age", TW_KEY_TEXT, 0},
    [WALL_VSYS] = {"vsys", TW_KEY_TEXT, 0},
    [WALL_DEVICE_GROUP] = {"device_group", TW_KEY_TEXT, 0},
    [WALL_APP_PORTS] = {"app_ports", TW_KEY_TEXT, 0},
    [WALL_HITS] = {"hits", TW_KEY_TEXT, 0},
    {NULL, TW_KEY_ANY, 0},
};

static void read_wall(struct tw_loader *l, const struct tw_yaml *node)
{
    static const char *const roles[] = {"enforce", "open", NULL};
    static const char *const flags[] = {"false", "true", NULL};
    static const char *const hooks[] = {"forward", "input", NULL};
    const struct tw_yaml *v[TW_KEYS_MAX];
    struct tw_estate *e = l->estate;
    unsigned role = TW_ROLE_ENFORCE, stateful = 2, hook = 0, empty = 0;
    tw_keys_read(l, node, "walls", wall_keys, v);
    tw_choice(l, "role", tw_yaml_word(v[WALL_ROLE]), roles, &role);
    tw_choice(l, "stateful", tw_yaml_word(v[WALL_STATEFUL]), flags, &stateful);
    tw_choice(l, "hook", tw_yaml_word(v[WALL_HOOK]), hooks, &hook);
    tw_choice(l, "allow_empty", tw_yaml_word(v[WALL_EMPTY]), flags, &empty);
    struct tw_named format = tw_keep_named(l, tw_yaml_word(v[WALL_FORMAT]));
    if (tw_str_is(format.text, "auto"))
        format.text = TW_STR("");
    struct tw_wall_spec wall = {
        .name = tw_keep(l, node->key),
        .at = node->key_at,
        .policy = tw_keep_names(l, tw_yaml_words(l, v[WALL_POLICY])),
        .format = format,
        .role = (enum tw_role)role,
        .stateful = stateful == 2 ? TW_UNSAID
                    : stateful    ? TW_YES
                                  : TW_NO,
        .hook_input = hook == 1,
        .allow_empty = empty == 1,
        .tz = tw_keep_named(l, tw_yaml_word(v[WALL_TZ])),
        .as_of = tw_keep_named(l, tw_yaml_word(v[WALL_AS_OF])),
        .max_age = tw_keep_named(l, tw_yaml_word(v[WALL_MAX_AGE])),
        .vsys = tw_keep_named(l, tw_yaml_word(v[WALL_VSYS])),
        .device_group = tw_keep_named(l, tw_yaml_word(v[WALL_DEVICE_GROUP])),
        .app_ports = tw_keep_named(l, tw_yaml_word(v[WALL_APP_PORTS])),
        .hits = tw_keep_named(l, tw_yaml_word(v[WALL_HITS])),
    };
    tw_index_put(&l->walls, wall.name, e->walls.len);
    *tw_vec_add(l->arena, &e->walls) = wall;
}

void tw_walls_read(struct tw_loader *l, const struct tw_yaml *walls)
{
    for (const struct tw_yaml *m = walls ? walls->first : NULL; m; m = m->next) {
        if (!tw_room_check(l, "walls", l->estate->walls.len, TW_ESTATE_ENTRIES_MAX,
                           m->key_at))
            break;
        if (tw_index_get(&l->walls, m->key) == TW_NONE &&
            tw_name_check(l, tw_yaml_key(m)))
            read_wall(l, m);
    }
}

/* ---- addresses and zones */

bool tw_address_read(struct tw_loader *l, struct tw_named word, enum tw_family *family,
                     struct tw_range *out)
{
    bool host_bits;
    if (!tw_ip_range_parse(word.text, family, out, &host_bits)) {
        TW_DIAG(l->diags, TW_D_estate_bad_address, word.at, word.text);
        return false;
    }
    if (!host_bits)
        return true;
    struct tw_buf net;
    tw_buf_init(&net, l->scratch);
    tw_buf_ip_range(&net, *family, *out);
    TW_DIAG(l->diags, TW_D_estate_host_bits, word.at, word.text, tw_buf_view(&net),
            tw_str_first(word.text, tw_str_find(word.text, '/')));
    return false;
}

static int claim_order(const void *a, const void *b)
{
    const struct tw_claim *x = a, *y = b;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    if (x->site != y->site)
        return x->site < y->site ? -1 : 1;
    if (x->range.lo != y->range.lo)
        return x->range.lo < y->range.lo ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void tw_claims_sort(struct tw_claim *claims, size_t n)
{
    for (size_t i = 0; i < n; i++)
        claims[i].order = i;
    if (n > 1)
        qsort(claims, n, sizeof *claims, claim_order);
}

/* One sweep: a range that meets any earlier one meets the one that reaches farthest,
 * so that N ranges give at most N - 1 reports. */
void tw_claims_sweep(struct tw_loader *l, const struct tw_claim *claims, size_t n,
                     void (*fn)(struct tw_loader *l, const struct tw_claim *a,
                                const struct tw_claim *b))
{
    const struct tw_claim *reach = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct tw_claim *c = &claims[i];
        bool same = reach && reach->family == c->family && reach->site == c->site;
        if (same && c->range.lo <= reach->range.hi && c->owner != reach->owner) {
            bool swap = c->order < reach->order;
            fn(l, swap ? c : reach, swap ? reach : c);
        }
        if (!same || c->range.hi > reach->range.hi)
            reach = c;
    }
}

static void report_overlap(struct tw_loader *l, const struct tw_claim *a,
                           const struct tw_claim *b)
{
    const struct tw_zone *zones = l->estate->zones.at;
    if (!tw_first_time(l, 'z', a->owner, b->owner, 0, 0))
        return;
    struct tw_buf range;
    tw_buf_init(&range, l->scratch);
    tw_u128 lo = a->range.lo > b->range.lo ? a->range.lo : b->range.lo;
    tw_u128 hi = a->range.hi < b->range.hi ? a->range.hi : b->range.hi;
    tw_buf_ip_range(&range, a->family, (struct tw_range){lo, hi});
    tw_diag_also(TW_DIAG(l->diags, TW_D_estate_zone_overlap, b->at,
                         zones[a->owner].name, zones[b->owner].name,
                         tw_buf_view(&range)),
                 a->at);
}

static bool read_networks(struct tw_loader *l, struct tw_zone *zone, uint32_t index,
                          struct tw_names words)
{
    TW_VEC(struct tw_range) ranges[TW_FAMILIES] = {{0}};
    bool good = true;
    for (size_t i = 0; i < words.n; i++) {
        enum tw_family family;
        struct tw_range range;
        if (!tw_address_read(l, words.at[i], &family, &range)) {
            good = false;
            continue;
        }
        *tw_vec_add(l->scratch, &ranges[family]) = range;
        *tw_vec_add(l->scratch, &l->zone_claims) = (struct tw_claim){
            .family = family, .range = range, .owner = index, .at = words.at[i].at};
    }
    for (int f = 0; f < TW_FAMILIES; f++)
        zone->networks[f] = tw_ranges_of(l->arena, ranges[f].at, ranges[f].len);
    return good;
}

static void read_zone(struct tw_loader *l, const struct tw_yaml *node)
{
    enum { TITLE, NETWORKS };
    static const struct tw_key keys[] = {
        {"title", TW_KEY_TEXT, 0},
        {"networks", TW_KEY_TEXTS, TW_KEY_REQUIRED},
        {NULL, TW_KEY_ANY, 0},
    };
    const struct tw_yaml *v[TW_KEYS_MAX];
    struct tw_estate *e = l->estate;
    bool good = tw_keys_read(l, node, "zones", keys, v);
    struct tw_zone zone = {.name = tw_keep(l, node->key),
                           .title = tw_keep(l, tw_yaml_word(v[TITLE]).text),
                           .at = node->key_at};
    struct tw_names words = tw_yaml_words(l, v[NETWORKS]);
    good &= read_networks(l, &zone, (uint32_t)e->zones.len, words);
    tw_index_put(&l->zones, zone.name, e->zones.len);
    *tw_vec_add(l->arena, &e->zones) = zone;
    *tw_vec_add(l->scratch, &l->zone_broken) = !good;
}

void tw_zones_read(struct tw_loader *l, const struct tw_yaml *zones)
{
    for (const struct tw_yaml *m = zones ? zones->first : NULL; m; m = m->next) {
        if (!tw_room_check(l, "zones", l->estate->zones.len, TW_ESTATE_ENTRIES_MAX,
                           m->key_at))
            break;
        if (tw_index_get(&l->zones, m->key) == TW_NONE &&
            tw_name_check(l, tw_yaml_key(m)))
            read_zone(l, m);
    }
    tw_claims_sort(l->zone_claims.at, l->zone_claims.len);
    tw_claims_sweep(l, l->zone_claims.at, l->zone_claims.len, report_overlap);
}

/* ---- paths */

static struct tw_names side(struct tw_loader *l, const struct tw_yaml *node)
{
    return tw_keep_names(l, tw_yaml_words(l, node));
}

static bool read_hop(struct tw_loader *l, const struct tw_yaml *node,
                     struct tw_hop *hop)
{
    enum { WALL, IN, OUT };
    static const struct tw_key keys[] = {
        {"wall", TW_KEY_TEXT, TW_KEY_REQUIRED},
        {"in", TW_KEY_TEXTS, 0},
        {"out", TW_KEY_TEXTS, 0},
        {NULL, TW_KEY_ANY, 0},
    };
    const struct tw_yaml *v[TW_KEYS_MAX] = {NULL};
    struct tw_named word = tw_yaml_word(node);
    bool good = true;
    if (node->kind == TW_YAML_SEQUENCE) {
        TW_DIAG(l->diags, TW_D_estate_not_text, node->at, TW_STR("walls"));
        return false;
    }
    if (node->kind == TW_YAML_MAPPING) {
        good = tw_keys_read(l, node, "paths.walls", keys, v);
        if (!v[WALL])
            return false;
        word = tw_yaml_word(v[WALL]);
        hop->in = side(l, v[IN]);
        hop->out = side(l, v[OUT]);
    }
    hop->at = word.at;
    hop->wall = tw_index_demand(l, &l->walls, word, TW_D_estate_unknown_wall);
    return good && hop->wall != TW_NONE;
}

static bool read_end(struct tw_loader *l, struct tw_named word, bool is_from,
                     uint32_t *zone)
{
    *zone = TW_NONE;
    if (!word.at.src)
        return false; /* told */
    if (tw_str_is(word.text, "outside")) {
        if (is_from)
            *zone = TW_ZONE_OUTSIDE;
        else
            TW_DIAG(l->diags, TW_D_estate_path_outside, word.at);
    } else {
        *zone = tw_index_demand(l, &l->zones, word, TW_D_estate_unknown_zone);
    }
    return *zone != TW_NONE;
}

static bool read_path_site(struct tw_loader *l, const struct tw_yaml *node,
                           uint32_t *site)
{
    *site = TW_NONE;
    if (!node)
        return true;
    *site = tw_index_demand(l, &l->estate->site_index, tw_yaml_word(node),
                            TW_D_estate_unknown_site);
    return *site != TW_NONE;
}

static void put_number(struct tw_buf *key, uint32_t number)
{
    tw_buf_put(key, &number, sizeof number);
}

static void put_names(struct tw_buf *key, struct tw_names names)
{
    put_number(key, (uint32_t)names.n);
    for (size_t i = 0; i < names.n; i++) {
        put_number(key, (uint32_t)names.at[i].text.len);
        tw_buf_str(key, names.at[i].text);
    }
}

/* Two entries that say the same are a slip of the pen: alternatives must differ. */
static void check_duplicate_path(struct tw_loader *l, struct tw_map *seen,
                                 const struct tw_path *path)
{
    struct tw_buf key;
    tw_buf_init(&key, l->scratch);
    put_number(&key, path->from);
    put_number(&key, path->to);
    put_number(&key, path->from_site);
    put_number(&key, path->to_site);
    for (size_t i = 0; i < path->nhops; i++) {
        put_number(&key, path->hops[i].wall);
        put_names(&key, path->hops[i].in);
        put_names(&key, path->hops[i].out);
    }
    void **slot = tw_map_slot(seen, tw_buf_view(&key));
    if (*slot) {
        const struct tw_span *before = *slot;
        tw_diag_also(TW_DIAG(l->diags, TW_D_estate_duplicate_path, path->at), *before);
    } else {
        struct tw_span *at = tw_new(l->scratch, struct tw_span);
        *at = path->at;
        *slot = at;
    }
}

static bool read_path(struct tw_loader *l, const struct tw_yaml *node,
                      struct tw_path *path)
{
    enum { FROM, TO, WALLS, FROM_SITE, TO_SITE };
    static const struct tw_key keys[] = {
        {"from", TW_KEY_TEXT, TW_KEY_REQUIRED},
        {"to", TW_KEY_TEXT, TW_KEY_REQUIRED},
        {"walls", TW_KEY_LIST, TW_KEY_REQUIRED | TW_KEY_MAY_BE_EMPTY},
        {"from_site", TW_KEY_TEXT, 0},
        {"to_site", TW_KEY_TEXT, 0},
        {NULL, TW_KEY_ANY, 0},
    };
    const struct tw_yaml *v[TW_KEYS_MAX];
    bool good = tw_keys_read(l, node, "paths", keys, v);
    struct tw_named from = tw_yaml_word(v[FROM]);
    path->at = from.at.src ? from.at : node->at;
    good &= read_end(l, from, true, &path->from);
    good &= read_end(l, tw_yaml_word(v[TO]), false, &path->to);
    good &= read_path_site(l, v[FROM_SITE], &path->from_site);
    good &= read_path_site(l, v[TO_SITE], &path->to_site);
    if (path->from == TW_ZONE_OUTSIDE && v[FROM_SITE]) {
        TW_DIAG(l->diags, TW_D_estate_outside_site, tw_entry_span(v[FROM_SITE]));
        good = false;
    }
    if (!v[WALLS])
        return false;
    struct tw_hop *hops = tw_new_array(l->arena, v[WALLS]->count, struct tw_hop);
    for (const struct tw_yaml *m = v[WALLS]->first; m; m = m->next)
        good &= read_hop(l, m, &hops[path->nhops++]);
    path->hops = hops;
    return good;
}

void tw_paths_read(struct tw_loader *l, const struct tw_yaml *paths)
{
    struct tw_map seen;
    tw_map_init(&seen, l->scratch);
    for (const struct tw_yaml *m = paths ? paths->first : NULL; m; m = m->next) {
        struct tw_path path = {.from = TW_NONE};
        if (!tw_room_check(l, "paths", l->estate->paths.len, TW_ESTATE_ENTRIES_MAX,
                           m->at))
            break;
        if (read_path(l, m, &path)) {
            check_duplicate_path(l, &seen, &path);
            *tw_vec_add(l->arena, &l->estate->paths) = path;
        } else {
            l->paths_broken = true;
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The sites with their shares of the traffic, the routing between them, the datasets.
 */
#include "estate_load.h"

enum { SUM_DIGITS = 40 };

static const struct tw_rational *read_share(struct tw_loader *l, struct tw_named word)
{
    const struct tw_rational *share;
    const struct tw_rational *one = tw_rational_of(l->arena, 1, 1);
    if (tw_rational_parse(l->arena, word.text, &share) &&
        tw_rational_cmp(share, one) <= 0)
        return share;
    TW_DIAG(l->diags, TW_D_estate_bad_share, word.at, word.text);
    return NULL;
}

static struct tw_str percent_text(struct tw_loader *l, const struct tw_rational *sum)
{
    const struct tw_rational *hundred = tw_rational_of(l->scratch, 100, 1);
    return tw_rational_text(l->scratch, tw_rational_mul(l->scratch, sum, hundred),
                            SUM_DIGITS);
}

static bool is_one(struct tw_loader *l, const struct tw_rational *sum)
{
    return tw_rational_cmp(sum, tw_rational_of(l->scratch, 1, 1)) == 0;
}

static void read_site(struct tw_loader *l, const struct tw_yaml *node)
{
    static const struct tw_key keys[] = {{"traffic", TW_KEY_TEXT, TW_KEY_REQUIRED},
                                         {NULL, TW_KEY_ANY, 0}};
    const struct tw_yaml *v[TW_KEYS_MAX];
    struct tw_estate *e = l->estate;
    struct tw_site site = {.name = tw_keep(l, node->key), .at = node->key_at};
    if (tw_keys_read(l, node, "sites", keys, v))
        site.traffic = read_share(l, tw_yaml_word(v[0]));
    tw_index_put(&e->site_index, site.name, e->sites.len);
    *tw_vec_add(l->arena, &e->sites) = site;
}

static void check_traffic(struct tw_loader *l, struct tw_span at)
{
    const struct tw_estate *e = l->estate;
    const struct tw_rational *sum = tw_rational_of(l->scratch, 0, 1);
    for (size_t i = 0; i < e->sites.len; i++) {
        if (!e->sites.at[i].traffic)
            return; /* told */
        sum = tw_rational_add(l->scratch, sum, e->sites.at[i].traffic);
    }
    if (e->sites.len && !is_one(l, sum))
        TW_DIAG(l->diags, TW_D_estate_traffic_sum, at, percent_text(l, sum));
}

static void read_routing_row(struct tw_loader *l, const struct tw_yaml *node)
{
    struct tw_estate *e = l->estate;
    uint32_t from =
        tw_index_demand(l, &e->site_index, tw_yaml_key(node), TW_D_estate_unknown_site);
    if (node->kind != TW_YAML_MAPPING) {
        TW_DIAG(l->diags, TW_D_estate_not_mapping, tw_entry_span(node), node->key);
        return;
    }
    /* What a row does not name gets this: it stays with the estate. */
    const struct tw_rational *sum = tw_rational_of(l->arena, 0, 1);
    const struct tw_rational **row =
        tw_new_array(l->arena, e->sites.len, const struct tw_rational *);
    for (size_t i = 0; i < e->sites.len; i++)
        row[i] = sum;
    bool good = true;
    for (const struct tw_yaml *m = node->first; m; m = m->next) {
        uint32_t to = tw_index_demand(l, &e->site_index, tw_yaml_key(m),
                                      TW_D_estate_unknown_site);
        if (m->kind != TW_YAML_SCALAR) {
            TW_DIAG(l->diags, TW_D_estate_not_text, tw_entry_span(m), m->key);
            good = false;
            continue;
        }
        const struct tw_rational *share = read_share(l, tw_yaml_word(m));
        good &= share && to != TW_NONE;
        if (!good)
            continue;
        row[to] = share;
        sum = tw_rational_add(l->scratch, sum, share);
    }
    if (good && !is_one(l, sum))
        TW_DIAG(l->diags, TW_D_estate_routing_sum, tw_entry_span(node), node->key,
                percent_text(l, sum));
    else if (good && from != TW_NONE)
        e->sites.at[from].routing = row;
}

void tw_sites_read(struct tw_loader *l, const struct tw_yaml *sites,
                   const struct tw_yaml *routing)
{
    struct tw_estate *e = l->estate;
    for (const struct tw_yaml *m = sites ? sites->first : NULL; m; m = m->next) {
        if (!tw_room_check(l, "sites", e->sites.len, TW_ESTATE_SITES_MAX, m->key_at))
            break;
        if (tw_index_get(&e->site_index, m->key) == TW_NONE &&
            tw_name_check(l, tw_yaml_key(m)))
            read_site(l, m);
    }
    if (sites)
        check_traffic(l, sites->key_at);
    const struct tw_rational *none = tw_rational_of(l->arena, 0, 1);
    for (size_t i = 0; i < e->sites.len; i++)
        if (!e->sites.at[i].traffic)
            e->sites.at[i].traffic = none;
    size_t rows = 0;
    for (const struct tw_yaml *m = routing ? routing->first : NULL;
         m && rows < TW_ESTATE_SITES_MAX; m = m->next, rows++)
        read_routing_row(l, m);
}

static void read_dataset(struct tw_loader *l, const struct tw_yaml *node)
{
    enum { TITLE, DUMP, WRONG, TIME, KEY };
    static const struct tw_key keys[] = {
        {"title", TW_KEY_TEXT, 0},
        {"dump", TW_KEY_TEXT, TW_KEY_REQUIRED},
        {"wrong", TW_KEY_TEXTS, TW_KEY_MAY_BE_EMPTY},
        {"time", TW_KEY_TEXT, 0},
        {"key", TW_KEY_TEXT, 0},
        {NULL, TW_KEY_ANY, 0},
    };
    const struct tw_yaml *v[TW_KEYS_MAX];
    struct tw_estate *e = l->estate;
    struct tw_dataset set = {.name = tw_keep(l, node->key), .at = node->key_at};
    if (tw_keys_read(l, node, "datasets", keys, v)) {
        set.title = tw_keep(l, tw_yaml_word(v[TITLE]).text);
        set.dump = tw_keep(l, tw_yaml_word(v[DUMP]).text);
        set.wrong = tw_keep_names(l, tw_yaml_words(l, v[WRONG]));
        set.time = tw_keep(l, tw_yaml_word(v[TIME]).text);
        set.key = tw_keep(l, tw_yaml_word(v[KEY]).text);
    }
    tw_index_put(&l->datasets, set.name, e->datasets.len);
    *tw_vec_add(l->arena, &e->datasets) = set;
}

void tw_datasets_read(struct tw_loader *l, const struct tw_yaml *datasets)
{
    for (const struct tw_yaml *m = datasets ? datasets->first : NULL; m; m = m->next) {
        if (!tw_room_check(l, "datasets", l->estate->datasets.len,
                           TW_ESTATE_ENTRIES_MAX, m->key_at))
            break;
        if (tw_index_get(&l->datasets, m->key) == TW_NONE &&
            tw_name_check(l, tw_yaml_key(m)))
            read_dataset(l, m);
    }
}

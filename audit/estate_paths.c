/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which paths a pair of zones and sites has, and what share of the traffic each pair of
 * sites of a flow carries.
 *
 * Paths are sorted by (from, to, from_site, to_site, place in the file), so that a
 * question about one pair of sites is at most four binary searches: the entries for
 * these sites, for one of them and everywhere, for everywhere. TW_NONE sorts last.
 */
#include <stdlib.h>

#include "estate_load.h"

struct question {
    uint32_t from, to, from_site, to_site;
};

static int compare_numbers(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

/* By zones alone where SITES is false. */
static int compare(const struct tw_path *p, const struct question *q, bool sites)
{
    int order = compare_numbers(p->to, q->to);
    if (order == 0)
        order = compare_numbers(p->from, q->from);
    if (order == 0 && sites)
        order = compare_numbers(p->to_site, q->to_site);
    if (order == 0 && sites)
        order = compare_numbers(p->from_site, q->from_site);
    return order;
}

static int path_order(const void *a, const void *b)
{
    const struct tw_path *x = *(const struct tw_path *const *)a;
    const struct tw_path *y = *(const struct tw_path *const *)b;
    struct question q = {y->from, y->to, y->from_site, y->to_site};
    int order = compare(x, &q, true);
    return order ? order : x < y ? -1 : x > y;
}

void tw_paths_order(struct tw_loader *l)
{
    struct tw_estate *e = l->estate;
    e->path_order = tw_new_array(l->arena, e->paths.len, const struct tw_path *);
    for (size_t i = 0; i < e->paths.len; i++)
        e->path_order[i] = &e->paths.at[i];
    if (e->paths.len > 1)
        qsort(e->path_order, e->paths.len, sizeof *e->path_order, path_order);
}

/* The first place in the order that is not before Q. */
static size_t lower_bound(const struct tw_estate *e, const struct question *q,
                          bool sites)
{
    size_t low = 0, high = e->paths.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(e->path_order[middle], q, sites) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool site_fits(uint32_t of_path, uint32_t asked)
{
    return of_path == TW_NONE || asked == TW_NONE || of_path == asked;
}

static bool stands_at(const struct tw_estate *e, size_t i, const struct question *q,
                      bool sites)
{
    return i < e->paths.len && compare(e->path_order[i], q, sites) == 0;
}

bool tw_path_exists(const struct tw_estate *estate, uint32_t from, uint32_t from_site,
                    uint32_t to, uint32_t to_site)
{
    uint32_t from_sites[] = {from_site, TW_NONE}, to_sites[] = {to_site, TW_NONE};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            struct question q = {from, to, from_sites[i], to_sites[j]};
            if (stands_at(estate, lower_bound(estate, &q, true), &q, true))
                return true;
        }
    }
    return false;
}

bool tw_path_exists_somewhere(const struct tw_estate *estate, uint32_t from,
                              uint32_t to)
{
    struct question q = {from, to, 0, 0};
    return stands_at(estate, lower_bound(estate, &q, false), &q, false);
}

static int address_order(const void *a, const void *b)
{
    const struct tw_path *x = *(const struct tw_path *const *)a;
    const struct tw_path *y = *(const struct tw_path *const *)b;
    return x < y ? -1 : x > y;
}

struct tw_path_list tw_estate_paths(struct tw_arena *arena,
                                    const struct tw_estate *estate, uint32_t from,
                                    uint32_t from_site, uint32_t to, uint32_t to_site)
{
    struct question q = {from, to, from_site, to_site};
    TW_VEC(const struct tw_path *) found = {0};
    for (size_t i = lower_bound(estate, &q, false); stands_at(estate, i, &q, false);
         i++) {
        const struct tw_path *p = estate->path_order[i];
        if (site_fits(p->from_site, from_site) && site_fits(p->to_site, to_site))
            *tw_vec_add(arena, &found) = p;
    }
    /* Paths stand in one array in the order of the file. */
    if (found.len > 1)
        qsort(found.at, found.len, sizeof *found.at, address_order);
    return (struct tw_path_list){found.at, found.len};
}

/* ---- shares */

static const struct tw_rational *
weight(struct tw_arena *arena, const struct tw_estate *estate, struct tw_site_pair pair)
{
    const struct tw_site *to = &estate->sites.at[pair.to];
    if (pair.from == TW_NONE)
        return to->traffic;
    const struct tw_site *from = &estate->sites.at[pair.from];
    return tw_rational_mul(arena, from->traffic,
                           from->routing ? from->routing[pair.to] : to->traffic);
}

const struct tw_rational **tw_flow_shares(struct tw_arena *arena,
                                          const struct tw_estate *estate,
                                          const struct tw_flow *flow)
{
    const struct tw_rational *sum = tw_rational_of(arena, 0, 1);
    const struct tw_rational **shares =
        tw_new_array(arena, flow->npairs, const struct tw_rational *);
    for (size_t i = 0; i < flow->npairs; i++) {
        shares[i] = weight(arena, estate, flow->pairs[i]);
        sum = tw_rational_add(arena, sum, shares[i]);
    }
    bool nothing = tw_rational_is_zero(sum);
    for (size_t i = 0; i < flow->npairs; i++)
        shares[i] = nothing ? tw_rational_of(arena, 1, flow->npairs)
                            : tw_rational_div(arena, shares[i], sum);
    return shares;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed keys and suppressed counts: see disclosure.h. */
#include "disclosure.h"

#include <stdlib.h>

#include "hash.h"

enum { SMALL = 5, KEY_DIGITS = 16 };

static bool is_small(uint64_t n)
{
    return n > 0 && n < SMALL;
}

enum tw_shown tw_view_distinct(const struct tw_impact *im, const struct tw_view *view,
                               size_t i)
{
    if (view->total != TW_SHOWN)
        return TW_WITHHELD;
    bool small = is_small(im->tally.distinct[i].affected);
    return im->answers.external && small ? TW_BELOW_FIVE : TW_SHOWN;
}

struct tw_str tw_view_path(const struct tw_impact *im, struct tw_str path)
{
    if (!im->answers.external)
        return path;
    for (size_t i = path.len; i-- > 0;)
        if (path.ptr[i] == '/' && i + 1 < path.len)
            return tw_str_from(path, i + 1);
    return path;
}

struct tw_group_key tw_view_key(struct tw_impact *im, size_t by,
                                struct tw_group_key key)
{
    if (!im->answers.any_keyed || !im->answers.keyed[by] || key.kind != TW_GROUP_TEXT)
        return key;
    struct tw_str hex = tw_hmac_sha256_hex(im->arena, im->answers.key, key.text);
    key.text = tw_str_first(hex, KEY_DIGITS);
    return key;
}

/* qsort has no context: the number of keys stands beside each group. */
struct sorted {
    struct tw_view_group group;
    size_t nkeys;
};

static int cmp_shown(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    for (size_t i = 0; i < x->nkeys; i++) {
        int cmp = tw_group_key_cmp(&x->group.keys[i], &y->group.keys[i]);
        if (cmp)
            return cmp;
    }
    return 0;
}

static void take_groups(struct tw_impact *im, struct tw_view *view)
{
    size_t n, nkeys = im->plan.nby;
    struct tw_group **groups = tw_tally_groups(&im->tally, im->arena, &n);
    struct sorted *all = tw_new_array(im->arena, n, struct sorted);
    for (size_t g = 0; g < n; g++) {
        struct tw_group_key *keys = tw_new_array(im->arena, nkeys, struct tw_group_key);
        for (size_t i = 0; i < nkeys; i++)
            keys[i] = tw_view_key(im, i, groups[g]->keys[i]);
        all[g] = (struct sorted){{.keys = keys,
                                  .records = groups[g]->records,
                                  .affected = groups[g]->affected},
                                 nkeys};
    }
    if (n && im->answers.any_keyed)
        qsort(all, n, sizeof *all, cmp_shown);
    view->ngroups = n;
    view->groups = tw_new_array(im->arena, n, struct tw_view_group);
    for (size_t g = 0; g < n; g++)
        view->groups[g] = all[g].group;
}

static void suppress_groups(struct tw_view *view)
{
    uint64_t small = 0, withheld = 0, hidden = 0;
    for (size_t g = 0; g < view->ngroups; g++) {
        struct tw_view_group *group = &view->groups[g];
        if (!is_small(group->affected))
            continue;
        group->shown = TW_BELOW_FIVE;
        hidden += group->affected;
        small++;
    }
    if (small == 0)
        return;
    view->all_shown = false;
    for (size_t g = 0; g < view->ngroups; g++) {
        struct tw_view_group *group = &view->groups[g];
        if (withheld && hidden >= (SMALL - 1) * small + SMALL * withheld)
            return;
        if (group->affected < SMALL)
            continue;
        group->shown = TW_WITHHELD;
        hidden += group->affected;
        withheld++;
    }
    if (!withheld || hidden < (SMALL - 1) * small + SMALL * withheld)
        view->total = TW_WITHHELD;
}

static void suppress_rules(const struct tw_impact *im, struct tw_view *view)
{
    for (size_t i = 0; i < im->plan.nwrong; i++)
        view->rules &= !is_small(im->tally.wrong[i].holds) &&
                       !is_small(im->tally.affected - im->tally.wrong[i].holds);
    view->rules &= view->total == TW_SHOWN;
    view->all_shown &= view->rules;
}

const struct tw_view *tw_view_of(struct tw_impact *im)
{
    struct tw_view *view = tw_new(im->arena, struct tw_view);
    *view = (struct tw_view){.rules = true, .all_shown = true};
    take_groups(im, view);
    if (!im->answers.external)
        return view;
    suppress_groups(view);
    if (is_small(im->tally.affected))
        view->total = TW_BELOW_FIVE;
    view->all_shown &= view->total == TW_SHOWN;
    suppress_rules(im, view);
    for (size_t i = 0; i < im->plan.ndistinct; i++)
        view->all_shown &= !is_small(im->tally.distinct[i].affected);
    return view;
}

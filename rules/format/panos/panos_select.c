/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which part of the documents is the wall, and in which order its rulebases run:
 *
 *     shared pre → device groups' pre, outermost first → pushed pre → the vsys' own
 *     → pushed post → device groups' post, innermost first → shared post
 */
#include "panos_parts.h"

typedef TW_VEC(struct tw_panos_scope *) scopes;

static scopes scopes_of(struct tw_panos *in, enum tw_panos_scope_kind kind)
{
    scopes list = {0};
    for (size_t i = 0; i < in->scopes.len; i++)
        if (in->scopes.at[i]->kind == kind)
            *tw_vec_add(in->scratch, &list) = in->scopes.at[i];
    return list;
}

static struct tw_str names_of(struct tw_panos *in, const scopes *list)
{
    enum { SHOWN = 20 };
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    for (size_t i = 0; i < list->len; i++) {
        if (i == SHOWN) {
            tw_buf_fmt(&buf, ", … (%zu)", list->len);
            break;
        }
        tw_buf_text(&buf, i ? ", " : "");
        tw_buf_str(&buf, list->at[i]->name);
        if (list->at[i]->title.len) {
            tw_buf_text(&buf, " (");
            tw_buf_str(&buf, list->at[i]->title);
            tw_buf_char(&buf, ')');
        }
    }
    return tw_buf_view(&buf);
}

/* Two of one name are two exports, or parts of two devices. */
static bool are_unique(struct tw_panos *in, const scopes *list, enum tw_message words)
{
    struct tw_map seen;
    bool unique = true;
    tw_map_init(&seen, in->scratch);
    for (size_t i = 0; i < list->len; i++) {
        void **slot = tw_map_slot(&seen, list->at[i]->name);
        if (*slot) {
            const struct tw_panos_scope *first = *slot;
            tw_diag_also(TW_DIAG(in->diags, TW_D_panos_twice, first->at,
                                 tw_panos_say(in, words), first->name),
                         list->at[i]->at);
            unique = false;
        }
        *slot = list->at[i];
    }
    return unique;
}

static void tell_unknown(struct tw_panos *in, const struct tw_choice *choice,
                         const scopes *list, enum tw_message words)
{
    enum { FAR = 3 };
    size_t best = FAR + 1;
    struct tw_str nearest = names_of(in, list);
    for (size_t i = 0; i < list->len; i++) {
        size_t d = tw_str_distance(choice->text, list->at[i]->name, FAR);
        if (d < best) {
            best = d;
            nearest = list->at[i]->name;
        }
    }
    if (list->len == 0)
        TW_DIAG(in->diags, TW_D_panos_has_none, choice->at, tw_panos_say(in, words));
    else
        TW_DIAG(in->diags, TW_D_panos_unknown_choice, choice->at,
                tw_panos_say(in, words), choice->text, nearest);
}

/* The one of LIST that CHOICE means; NULL after an error, or where there is none. */
static struct tw_panos_scope *choose(struct tw_panos *in,
                                     const struct tw_choice *choice, const scopes *list,
                                     enum tw_message words, const char *key)
{
    struct tw_panos_scope *found = NULL;
    if (choice->text.len == 0) {
        if (list->len > 1)
            TW_DIAG(in->diags, TW_D_panos_choose, list->at[0]->at,
                    tw_panos_say(in, words), names_of(in, list), tw_str_of(key));
        return list->len == 1 ? list->at[0] : NULL;
    }
    for (size_t i = 0; i < list->len; i++)
        if (tw_str_eq(list->at[i]->name, choice->text))
            return list->at[i];
    size_t titled = 0;
    for (size_t i = 0; i < list->len; i++)
        if (tw_str_eq(list->at[i]->title, choice->text)) {
            found = list->at[i];
            titled++;
        }
    if (titled == 1)
        return found;
    tell_unknown(in, choice, list, words);
    return NULL;
}

/* --- device groups --------------------------------------------------------------- */

static struct tw_str parent_of(const struct tw_panos *in,
                               const struct tw_panos_scope *group)
{
    for (size_t i = 0; i < in->parents.len; i++)
        if (tw_str_eq(in->parents.at[i].group, group->name) &&
            in->parents.at[i].parent.len)
            return in->parents.at[i].parent;
    return group->parent;
}

static void join(struct tw_panos *in, struct tw_panos_scope *scope)
{
    scope->rank = (int)in->chain.len;
    *tw_vec_add(in->scratch, &in->chain) = scope;
}

/* The group and its parents; false after an error. */
static bool join_groups(struct tw_panos *in, struct tw_panos_scope *group,
                        const scopes *groups)
{
    for (size_t level = 0; group; level++) {
        struct tw_str parent = parent_of(in, group);
        if (group->rank >= 0 || level == TW_PANOS_LEVELS) {
            TW_DIAG(in->diags, TW_D_panos_parent, group->at, group->name, parent);
            return false;
        }
        join(in, group);
        struct tw_panos_scope *next = NULL;
        for (size_t i = 0; i < groups->len; i++)
            if (tw_str_eq(groups->at[i]->name, parent))
                next = groups->at[i];
        if (!next && parent.len && !tw_str_is(parent, "shared")) {
            TW_DIAG(in->diags, TW_D_panos_parent, group->at, group->name, parent);
            return false;
        }
        group = next;
    }
    return true;
}

/* --- the order of rulebases ------------------------------------------------------ */

static void add_layer(struct tw_panos *in, const struct tw_panos_scope *scope,
                      enum tw_panos_part part)
{
    *tw_vec_add(in->scratch, &in->layers) = (struct tw_panos_layer){scope, part};
}

static void order_layers(struct tw_panos *in)
{
    size_t n = in->chain.len;
    for (size_t i = n; i-- > 0;)
        add_layer(in, in->chain.at[i], TW_PANOS_PRE);
    for (size_t i = 0; i < n; i++)
        add_layer(in, in->chain.at[i], TW_PANOS_LOCAL);
    for (size_t i = 0; i < n; i++)
        add_layer(in, in->chain.at[i], TW_PANOS_POST);
}

static bool has_rules(const struct tw_panos_scope *scope)
{
    for (int p = 0; p < TW_PANOS_PARTS; p++)
        for (int b = 0; b < TW_PANOS_BOOKS; b++)
            if (scope->books[p][b].n)
                return true;
    return false;
}

static bool join_all(struct tw_panos *in, struct tw_panos_scope *vsys,
                     struct tw_panos_scope *group, const scopes *groups)
{
    scopes shared = scopes_of(in, TW_PANOS_SHARED);
    scopes pushed = scopes_of(in, TW_PANOS_PUSHED);
    bool any = vsys || group;
    if (vsys)
        join(in, vsys);
    for (size_t i = 0; i < shared.len; i++)
        if (vsys && shared.at[i]->src == vsys->src &&
            !(group && group->src == vsys->src))
            join(in, shared.at[i]);
    for (size_t i = 0; i < pushed.len; i++)
        if (vsys && tw_str_eq(pushed.at[i]->name, vsys->name)) {
            if (group && has_rules(pushed.at[i])) {
                TW_DIAG(in->diags, TW_D_panos_pushed_twice, pushed.at[i]->at,
                        vsys->name, group->name);
                return false;
            }
            join(in, pushed.at[i]);
        }
    if (!join_groups(in, group, groups))
        return false;
    for (size_t i = 0; i < shared.len; i++)
        if (shared.at[i]->rank < 0) {
            join(in, shared.at[i]);
            any |= has_rules(shared.at[i]);
        }
    return any;
}

bool tw_panos_select(struct tw_panos *in)
{
    size_t errors = in->diags->errors;
    scopes vsyses = scopes_of(in, TW_PANOS_VSYS);
    scopes groups = scopes_of(in, TW_PANOS_DEVICES);
    bool unique = are_unique(in, &vsyses, TW_M_panos_vsys);
    if (!are_unique(in, &groups, TW_M_panos_device_group) || !unique)
        return false;
    struct tw_panos_scope *vsys =
        choose(in, &in->options->vsys, &vsyses, TW_M_panos_vsys, "vsys");
    struct tw_panos_scope *group = choose(in, &in->options->device_group, &groups,
                                          TW_M_panos_device_group, "device_group");
    if (in->diags->errors != errors)
        return false;
    in->vsys = vsys;
    in->group = group;
    in->has_panorama = groups.len > 0;
    if (!join_all(in, vsys, group, &groups)) {
        if (in->diags->errors == errors)
            TW_DIAG(in->diags, TW_D_panos_no_rulebase,
                    ((struct tw_span){in->src, 0, 0}), in->src->name);
        return false;
    }
    order_layers(in);
    in->unseen = in->managed.src && vsys && !in->has_pushed && !in->has_panorama;
    return true;
}

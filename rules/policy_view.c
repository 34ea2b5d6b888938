/* SPDX-License-Identifier: Apache-2.0 */
/* The names by which the normal form refers to chains, unknowns and address lists. */
#include "policy_fields.h"
#include "policy_words.h"
#include "policy_write.h"
#include "text.h"

enum {
    SPELLED_OUT = 4, /* longer address lists are told by their names */
    ID_MAX = 40
};

/* NAME, or with the first number behind it that makes it differ from all in SEEN. */
static struct tw_str unique(struct tw_arena *arena, struct tw_map *seen,
                            struct tw_str name, char separator)
{
    struct tw_str one = name;
    while (tw_map_find(seen, one)) {
        void **last = tw_map_slot(seen, name); /* the number tried last */
        uintptr_t twin = *last ? (uintptr_t)*last + 1 : 2;
        *last = (void *)twin;
        struct tw_buf buf;
        tw_buf_init(&buf, arena);
        tw_buf_str(&buf, name);
        tw_buf_char(&buf, separator);
        tw_buf_u64(&buf, twin);
        one = tw_buf_view(&buf);
    }
    tw_map_slot(seen, one);
    return one;
}

/* Calls and stages name their chains, so that no two may have one name. */
static void name_chains(struct tw_arena *arena, struct tw_policy_view *view)
{
    const struct tw_policy *policy = view->policy;
    struct tw_map seen;
    tw_map_init(&seen, arena);
    view->chains = tw_new_array(arena, policy->chains.len, struct tw_str);
    for (size_t i = 0; i < policy->chains.len; i++)
        view->chains[i] = unique(arena, &seen, policy->chains.at[i].name, '~');
}

/* --- ids of unknowns -------------------------------------------------------------- */

/* The letters and digits of S, others as single dashes. */
static void put_slug(struct tw_buf *buf, struct tw_str s)
{
    size_t start = buf->len;
    bool gap = false;
    while (s.len && buf->len < ID_MAX) {
        uint32_t c = 0;
        size_t n = tw_utf8_step(s, &c);
        struct tw_str one = tw_str_first(s, n ? n : 1);
        bool wide = n > 1 && c >= 0xa0 && (c < 0x2000 || c > 0x206f) && c < 0xfff0;
        if (wide || (n == 1 && *s.ptr != '-' && *s.ptr != '.' && tw_is_id(one))) {
            if (gap && buf->len > start)
                tw_buf_char(buf, '-');
            tw_buf_str(buf, one);
            gap = false;
        } else {
            gap = true;
        }
        s = tw_str_from(s, one.len);
    }
    if (buf->len == start)
        tw_buf_char(buf, 'x');
}

/* Told by what the unknown is about and not by its number, so that one more changes no
 * rules but its own: user.jf-operators, m-set-match-set-blocklist-src, in. */
static struct tw_str id_of(struct tw_arena *arena, const struct tw_policy *policy,
                           uint32_t index)
{
    const struct tw_unknown *u = &policy->unknowns.at[index];
    if (index == policy->in_if || index == policy->out_if || index == policy->app)
        return tw_str_of(tw_words_of_kind[u->kind]);
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    if (u->kind != TW_UNKNOWN_TOKEN && u->kind != TW_UNKNOWN_CONDITION)
        tw_buf_fmt(&buf, "%s.", tw_words_of_kind[u->kind]);
    put_slug(&buf, u->subject.len ? u->subject : u->name);
    return tw_buf_view(&buf);
}

static void name_unknowns(struct tw_arena *arena, struct tw_policy_view *view)
{
    const struct tw_policy *policy = view->policy;
    struct tw_map seen;
    tw_map_init(&seen, arena);
    view->unknowns = tw_new_array(arena, policy->unknowns.len, struct tw_str);
    for (uint32_t i = 0; i < policy->unknowns.len; i++)
        view->unknowns[i] = unique(arena, &seen, id_of(arena, policy, i), '-');
}

/* --- lists of addresses ----------------------------------------------------------- */

static struct tw_str content_key(const struct tw_ranges *r)
{
    return (struct tw_str){(const char *)r->at, r->n * sizeof *r->at};
}

/* Only names that stand for one list can be referred to. */
static void name_lists(struct tw_arena *arena, struct tw_policy_view *view)
{
    const struct tw_policy *policy = view->policy;
    struct tw_map count;
    tw_map_init(&count, arena);
    tw_map_init(&view->objects, arena);
    for (size_t i = 0; i < policy->objects.len; i++) {
        void **n = tw_map_slot(&count, policy->objects.at[i].name);
        *n = (void *)((uintptr_t)*n + 1);
    }
    for (size_t i = 0; i < policy->objects.len; i++) {
        const struct tw_object *o = &policy->objects.at[i];
        if ((uintptr_t)tw_map_get(&count, o->name) != 1)
            continue;
        for (int f = 0; f < TW_FAMILIES; f++) {
            if (!o->addresses[f] || o->addresses[f]->n <= SPELLED_OUT)
                continue;
            void **slot = tw_map_slot(&view->objects, content_key(o->addresses[f]));
            if (!*slot)
                *slot = (void *)(uintptr_t)o;
        }
    }
}

const struct tw_object *tw_view_object(const struct tw_policy_view *view,
                                       const struct tw_ranges *ranges,
                                       enum tw_family family)
{
    if (!ranges || ranges->n <= SPELLED_OUT)
        return NULL;
    const struct tw_object *o = tw_map_get(&view->objects, content_key(ranges));
    bool same = o && o->addresses[family] && tw_ranges_eq(o->addresses[family], ranges);
    return same ? o : NULL;
}

struct tw_policy_view *tw_policy_view_new(struct tw_arena *arena,
                                          const struct tw_policy *policy)
{
    struct tw_policy_view *view = tw_new(arena, struct tw_policy_view);
    view->policy = policy;
    view->counters = true;
    name_chains(arena, view);
    name_unknowns(arena, view);
    name_lists(arena, view);
    return view;
}

struct tw_chain_words tw_chain_words(const struct tw_policy *policy,
                                     const struct tw_chain *chain)
{
    struct tw_chain_words words = {.family = -1, .uncounted = chain->count > 0};
    unsigned families = 0;
    bool any = false;
    for (uint32_t i = 0; i < chain->count; i++) {
        const struct tw_rule *rule = &policy->rules.at[chain->first + i];
        words.uncounted &= !rule->filtering;
        for (size_t m = 0; m < rule->nmatches; m++) {
            families |= rule->matches[m].families;
            any |= rule->matches[m].families == 0;
        }
    }
    if (!any && families == 1u << TW_IPV4)
        words.family = TW_IPV4;
    if (!any && families == 1u << TW_IPV6)
        words.family = TW_IPV6;
    return words;
}

bool tw_policy_expires(const struct tw_policy *policy)
{
    for (size_t i = 0; i < policy->rules.len; i++)
        if (policy->rules.at[i].expires)
            return true;
    return false;
}

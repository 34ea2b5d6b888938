/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of rules and groups to sets of addresses.
 *
 * A name is looked up as an object first; only then is it an address, a prefix, a range
 * or a country by itself. What it holds is a set of known addresses and of things: more
 * addresses that nobody here knows. A name that nothing defines is a thing of doubt.
 */
#include <stdlib.h>

#include "panos_parts.h"

static struct tw_panos_thing *quoted(struct tw_panos *in, const char *words,
                                     uint32_t name, const char *more, struct tw_span at)
{
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    tw_buf_text(&buf, words);
    tw_buf_text(&buf, " \"");
    tw_buf_str(&buf, tw_panos_text(in, name));
    tw_buf_char(&buf, '"');
    tw_buf_text(&buf, more);
    return tw_panos_doubt(in, tw_buf_view(&buf), at);
}

struct tw_panos_thing *tw_panos_nothing(struct tw_panos *in, const char *words,
                                        uint32_t name, struct tw_span at)
{
    return quoted(in, words, name, ", which nothing defines,", at);
}

struct tw_panos_thing *tw_panos_ambiguous(struct tw_panos *in, const char *words,
                                          uint32_t name,
                                          const struct tw_panos_object *nearest)
{
    return quoted(in, words, name, ", which is defined differently elsewhere,",
                  tw_panos_object_at(nearest));
}

/* --- sets ------------------------------------------------------------------------ */

static const struct tw_panos_set *set_of_thing(struct tw_panos *in,
                                               struct tw_panos_thing *thing)
{
    struct tw_panos_set *set = tw_new(in->scratch, struct tw_panos_set);
    struct tw_panos_thing **things = tw_new(in->scratch, struct tw_panos_thing *);
    things[0] = thing;
    *set = (struct tw_panos_set){
        .known = {&tw_ranges_none, &tw_ranges_none}, .things = things, .nthings = 1};
    return set;
}

static struct tw_panos_set set_of_address(const struct tw_panos_address *a)
{
    struct tw_panos_set set = {.known = {&tw_ranges_none, &tw_ranges_none}};
    set.known[a->family] = &a->ranges;
    return set;
}

static int by_place(const void *a, const void *b)
{
    const struct tw_panos_thing *x = *(struct tw_panos_thing *const *)a;
    const struct tw_panos_thing *y = *(struct tw_panos_thing *const *)b;
    return tw_str_cmp(x->name, y->name);
}

struct tw_panos_set tw_panos_set_union(struct tw_panos *in,
                                       const struct tw_panos_set *sets, size_t n)
{
    struct tw_panos_set all = {.known = {&tw_ranges_none, &tw_ranges_none}};
    size_t things = 0;
    if (n == 1)
        return sets[0];
    for (int f = 0; f < TW_FAMILIES; f++) {
        size_t ranges = 0, k = 0;
        for (size_t i = 0; i < n; i++)
            ranges += sets[i].known[f]->n;
        if (ranges == 0)
            continue;
        struct tw_arena_mark mark = tw_arena_mark(in->scratch);
        struct tw_range *at = tw_new_array(in->scratch, ranges, struct tw_range);
        for (size_t i = 0; i < n; i++)
            for (size_t r = 0; r < sets[i].known[f]->n; r++)
                at[k++] = sets[i].known[f]->at[r];
        all.known[f] = tw_ranges_of(in->arena, at, k);
        tw_arena_rewind(in->scratch, mark);
    }
    for (size_t i = 0; i < n; i++) {
        all.any |= sets[i].any;
        things += sets[i].nthings;
    }
    if (things == 0)
        return all;
    struct tw_panos_thing **list =
        tw_new_array(in->scratch, things, struct tw_panos_thing *);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < sets[i].nthings; t++)
            list[k++] = sets[i].things[t];
    if (k > 1)
        qsort(list, k, sizeof *list, by_place);
    for (size_t i = 0; i < k; i++)
        if (all.nthings == 0 || list[all.nthings - 1] != list[i])
            list[all.nthings++] = list[i];
    all.things = list;
    return all;
}

/* --- objects --------------------------------------------------------------------- */

struct tw_panos_set tw_panos_name_set(struct tw_panos *in, uint32_t name, int rank,
                                      struct tw_span at, unsigned depth)
{
    bool twice;
    struct tw_panos_object *o =
        tw_panos_lookup(in, TW_PANOS_ADDRESSES, name, rank, &twice);
    if (o && twice)
        return *set_of_thing(in, tw_panos_ambiguous(in, "address", name, o));
    if (o)
        return tw_panos_object_set(in, o, depth);
    const struct tw_panos_set *literal = tw_panos_literal(in, name);
    if (literal)
        return *literal;
    return *set_of_thing(in, tw_panos_nothing(in, "address", name, at));
}

/* Its members, looked up from its own scope. */
static struct tw_panos_set
members_set(struct tw_panos *in, const struct tw_panos_group *group, unsigned depth)
{
    int rank = in->scopes.at[group->object.scope]->rank;
    struct tw_panos_set *sets =
        tw_new_array(in->scratch, group->nmembers + 1, struct tw_panos_set);
    for (size_t i = 0; i < group->nmembers; i++) {
        const struct tw_panos_member *m = &group->members[i];
        struct tw_span at = {group->object.src, m->off, m->len};
        sets[i] = tw_panos_name_set(in, m->name, rank, at, depth + 1);
    }
    return tw_panos_set_union(in, sets, group->nmembers);
}

static struct tw_panos_set group_set(struct tw_panos *in, struct tw_panos_group *group,
                                     unsigned depth)
{
    struct tw_panos_object *o = &group->object;
    if (o->state == TW_PANOS_RESOLVED)
        return *group->resolved;
    if (o->state == TW_PANOS_RESOLVING)
        return *set_of_thing(in,
                             quoted(in, "address group", o->name,
                                    ", which holds itself,", tw_panos_object_at(o)));
    if (depth > TW_PANOS_NEST)
        return *set_of_thing(in,
                             quoted(in, "address group", o->name,
                                    ", which lies too deep,", tw_panos_object_at(o)));
    o->state = TW_PANOS_RESOLVING;
    struct tw_panos_set *set = tw_new(in->scratch, struct tw_panos_set);
    if (o->kind == TW_PANOS_DYNAMIC) {
        *set = tw_panos_dynamic(in, group, depth);
    } else {
        *set = members_set(in, group, depth);
        if (group->thing) {
            struct tw_panos_set both[] = {*set, *set_of_thing(in, group->thing)};
            *set = tw_panos_set_union(in, both, 2);
        }
    }
    group->resolved = set;
    o->state = TW_PANOS_RESOLVED;
    return *set;
}

struct tw_panos_set tw_panos_object_set(struct tw_panos *in,
                                        struct tw_panos_object *object, unsigned depth)
{
    switch (object->kind) {
    case TW_PANOS_ADDRESS:
        return set_of_address((struct tw_panos_address *)object);
    case TW_PANOS_REGION:
        return ((struct tw_panos_region *)object)->set;
    case TW_PANOS_OPAQUE:
        return *set_of_thing(in, ((struct tw_panos_opaque *)object)->thing);
    default:
        return group_set(in, (struct tw_panos_group *)object, depth);
    }
}

/* --- names by themselves --------------------------------------------------------- */

static struct tw_panos_set *literal_range(struct tw_panos *in, enum tw_family family,
                                          struct tw_range range)
{
    struct tw_panos_set *set = tw_new(in->scratch, struct tw_panos_set);
    *set = (struct tw_panos_set){.known = {&tw_ranges_none, &tw_ranges_none}};
    set->known[family] = tw_ranges_one(in->arena, range.lo, range.hi);
    return set;
}

static bool is_country(struct tw_str s)
{
    return s.len == 2 && s.ptr[0] >= 'A' && s.ptr[0] <= 'Z' &&
           ((s.ptr[1] >= 'A' && s.ptr[1] <= 'Z') || s.ptr[1] == '1' || s.ptr[1] == '2');
}

const struct tw_panos_set *tw_panos_literal(struct tw_panos *in, uint32_t index)
{
    struct tw_panos_name *name = tw_panos_name_at(in, index);
    struct tw_str text = name->text;
    enum tw_family family;
    struct tw_range range;
    if (name->literal)
        return name->literal;
    if (tw_ip_range_parse(text, &family, &range, NULL)) {
        name->literal = literal_range(in, family, range);
    } else if (is_country(text) || tw_str_starts(text, "panw-")) {
        struct tw_buf buf;
        tw_buf_init(&buf, in->scratch);
        tw_buf_text(&buf, text.len == 2 ? "country " : "external list ");
        tw_buf_str(&buf, text);
        name->literal = set_of_thing(
            in, tw_panos_thing(in, TW_UNKNOWN_CONDITION, tw_buf_view(&buf)));
    }
    return name->literal;
}

/* --- lists ----------------------------------------------------------------------- */

struct tw_panos_set tw_panos_addresses(struct tw_panos *in, tw_panos_list list,
                                       int rank)
{
    uint32_t room;
    if (list == TW_PANOS_ANY)
        return (struct tw_panos_set){.known = {&tw_ranges_none, &tw_ranges_none},
                                     .any = true};
    struct tw_panos_span names = tw_panos_list_names(in, list, &room);
    if (names.n == 1)
        return tw_panos_name_set(in, names.at[0], rank, TW_NOWHERE, 0);
    uint64_t key = (uint64_t)list << 32 | (uint32_t)rank;
    const struct tw_panos_set *known = tw_panos_table_get(&in->sets, key);
    if (known)
        return *known;
    enum { FEW = 8 };
    struct tw_panos_set few[FEW], *sets = few;
    if (names.n > FEW)
        sets = tw_new_array(in->scratch, names.n, struct tw_panos_set);
    for (size_t i = 0; i < names.n; i++)
        sets[i] = tw_panos_name_set(in, names.at[i], rank, TW_NOWHERE, 0);
    struct tw_panos_set *all = tw_new(in->scratch, struct tw_panos_set);
    *all = tw_panos_set_union(in, sets, names.n);
    tw_panos_table_put(in->scratch, &in->sets, key, all);
    return *all;
}

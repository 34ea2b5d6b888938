/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zones and rule types as conditions on where a packet comes in and leaves.
 *
 *     universal   in ∈ F ∧ out ∈ T
 *     intrazone   one product a zone: in = z ∧ out = z
 *     interzone   in ∈ F∖T ∧ out ∈ T,  in ∈ F∩T ∧ out ∈ T∖F, and for zones of both
 *                 lists, numbered from 0, one product for each binary digit and its two
 *                 values: the digit differs
 *
 * A firewall names all of its zones. A Panorama need not: there the last value stands
 * for the zones that it does not name, and whether two of them are one is unknown.
 */
#include "panos_parts.h"

/* --- the unknowns ---------------------------------------------------------------- */

static void add_zone(struct tw_panos *in, uint32_t name)
{
    struct tw_panos_name *n = tw_panos_name_at(in, name);
    if (n->zone)
        return;
    n->zone = (uint32_t)in->zone_values.len;
    *tw_vec_add(in->arena, &in->zone_values) = n->text;
    *tw_vec_add(in->arena, &in->policy->interfaces) = n->text;
}

static void add_zones_of(struct tw_panos *in, const struct tw_panos_scope *scope)
{
    for (size_t i = 0; i < scope->zones.len; i++) {
        const struct tw_panos_zone *zone = &scope->zones.at[i];
        add_zone(in, zone->name);
        for (size_t k = 0; k < zone->ninterfaces && scope == in->vsys; k++)
            *tw_vec_add(in->arena, &in->policy->aliases) = (struct tw_alias){
                tw_panos_text(in, zone->interfaces[k]), tw_panos_text(in, zone->name)};
    }
}

static void add_list(struct tw_panos *in, tw_panos_list list)
{
    uint32_t room;
    struct tw_panos_span names = tw_panos_list_names(in, list, &room);
    for (size_t i = 0; i < names.n; i++) {
        bool built_in = tw_str_is(tw_panos_text(in, names.at[i]), "multicast");
        if (!in->zones_closed || built_in)
            add_zone(in, names.at[i]);
    }
}

void tw_panos_zones_settle(struct tw_panos *in)
{
    struct tw_policy *policy = in->policy;
    *tw_vec_add(in->arena, &in->zone_values) = TW_STR("");
    if (in->vsys)
        add_zones_of(in, in->vsys);
    in->zones_closed = in->vsys && in->vsys->zones.len && !in->unseen;
    for (size_t i = 0; i < in->scopes.len; i++)
        if (in->scopes.at[i]->kind == TW_PANOS_TEMPLATE)
            add_zones_of(in, in->scopes.at[i]);
    for (size_t i = 0; i < in->layers.len; i++) {
        const struct tw_panos_layer *l = &in->layers.at[i];
        for (int b = 0; b < TW_PANOS_BOOKS; b++)
            for (struct tw_panos_each e = tw_panos_each(&l->scope->books[l->part][b]);
                 tw_panos_next(&e);) {
                const struct tw_panos_rule *rule = e.rule;
                add_list(in, rule->from);
                add_list(in, rule->to);
            }
    }
    *tw_vec_add(in->arena, &in->zone_values) = TW_STR("");
    policy->all_interfaces_named = in->zones_closed;
    policy->in_if = tw_policy_choice(policy, TW_UNKNOWN_IN_IF, TW_STR("incoming zone"),
                                     in->zone_values.at, in->zone_values.len);
    policy->out_if =
        tw_policy_choice(policy, TW_UNKNOWN_OUT_IF, TW_STR("outgoing zone"),
                         in->zone_values.at, in->zone_values.len);
}

/* --- sets of zones --------------------------------------------------------------- */

struct zones {
    bool any;
    uint64_t *set; /* never NULL */
    TW_VEC(struct tw_panos_thing *) things;
};

static size_t words_of(const struct tw_panos *in)
{
    return (in->zone_values.len + 63) / 64;
}

static bool has(const uint64_t *set, size_t value)
{
    return set[value / 64] >> value % 64 & 1;
}

static void put(uint64_t *set, size_t value)
{
    set[value / 64] |= (uint64_t)1 << value % 64;
}

static uint64_t *new_set(struct tw_panos *in)
{
    return tw_new_array(in->arena, words_of(in), uint64_t);
}

static const uint64_t *single(struct tw_panos *in, size_t value)
{
    if (!in->single_zones)
        in->single_zones =
            tw_new_array(in->scratch, in->zone_values.len, const uint64_t *);
    if (!in->single_zones[value]) {
        uint64_t *set = new_set(in);
        put(set, value);
        in->single_zones[value] = set;
    }
    return in->single_zones[value];
}

static bool is_empty(const struct tw_panos *in, const uint64_t *set)
{
    uint64_t all = 0;
    for (size_t w = 0; w < words_of(in); w++)
        all |= set[w];
    return all == 0;
}

static struct zones zones_of(struct tw_panos *in, tw_panos_list list)
{
    uint32_t room;
    struct zones z = {.any = list == TW_PANOS_ANY, .set = new_set(in)};
    size_t last = in->zone_values.len - 1;
    for (size_t v = 1; v <= last && z.any; v++)
        if (v < last || !in->zones_closed)
            put(z.set, v);
    struct tw_panos_span names = tw_panos_list_names(in, list, &room);
    for (size_t i = 0; i < names.n; i++) {
        uint32_t value = tw_panos_name_at(in, names.at[i])->zone;
        if (value)
            put(z.set, value);
        else
            *tw_vec_add(in->scratch, &z.things) =
                tw_panos_nothing(in, "zone", names.at[i], TW_NOWHERE);
    }
    return z;
}

/* --- products -------------------------------------------------------------------- */

struct builder {
    struct tw_panos *in;
    TW_VEC(struct tw_panos_alt) alts;
    TW_VEC(struct tw_panos_thing *) doubts;
    const struct tw_condition *always; /* in every product, or NULL */
};

/* FROM, TO: NULL for any. */
static void add(struct builder *b, const uint64_t *from, const uint64_t *to,
                const struct tw_condition *more)
{
    struct tw_condition row[4];
    size_t n = 0;
    struct tw_panos *in = b->in;
    if ((from && is_empty(in, from)) || (to && is_empty(in, to)))
        return;
    if (from)
        row[n++] = (struct tw_condition){in->policy->in_if, from};
    if (to)
        row[n++] = (struct tw_condition){in->policy->out_if, to};
    if (more)
        row[n++] = *more;
    if (b->always)
        row[n++] = *b->always;
    *tw_vec_add(in->scratch, &b->alts) = (struct tw_panos_alt){
        .conditions = tw_panos_conditions(in, row, n), .nconditions = n};
}

static struct tw_condition one_zone(struct tw_panos *in, bool negated)
{
    struct tw_panos_thing *thing =
        tw_panos_thing(in, TW_UNKNOWN_CONDITION,
                       TW_STR("both zones, which the export does not name, are one"));
    return tw_condition_yes(tw_panos_unknown(in, thing, TW_PANOS_SELF), negated);
}

static void add_doubts(struct builder *b, const struct zones *z, const uint64_t *from,
                       const uint64_t *to)
{
    for (size_t i = 0; i < z->things.len; i++) {
        struct tw_condition open = tw_condition_yes(
            tw_panos_unknown(b->in, z->things.at[i], TW_PANOS_SELF), false);
        *tw_vec_add(b->in->scratch, &b->doubts) = z->things.at[i];
        add(b, from, to, &open);
    }
}

static void add_universal(struct builder *b, const struct zones *f,
                          const struct zones *t)
{
    const uint64_t *from = f->any ? NULL : f->set, *to = t->any ? NULL : t->set;
    add(b, from, to, NULL);
    add_doubts(b, f, NULL, t->things.len ? NULL : to);
    add_doubts(b, t, f->things.len ? NULL : from, NULL);
}

static void add_intrazone(struct builder *b, const struct zones *f)
{
    struct tw_panos *in = b->in;
    size_t last = in->zone_values.len - 1;
    for (size_t v = 1; v <= last; v++) {
        struct tw_condition same;
        if (!has(f->set, v))
            continue;
        if (v == last)
            same = one_zone(in, false);
        add(b, single(in, v), single(in, v), v == last ? &same : NULL);
    }
    add_doubts(b, f, NULL, NULL);
}

/* Zones of BOTH, not the same: some binary digit of their numbers differs. */
static void add_different(struct builder *b, const uint64_t *both)
{
    struct tw_panos *in = b->in;
    size_t n = 0;
    for (size_t v = 1; v < in->zone_values.len; v++)
        n += has(both, v);
    for (size_t digit = 1; digit < n; digit *= 2) {
        uint64_t *ones = new_set(in), *zeros = new_set(in);
        size_t i = 0;
        for (size_t v = 1; v < in->zone_values.len; v++)
            if (has(both, v))
                put(i++ & digit ? ones : zeros, v);
        add(b, ones, zeros, NULL);
        add(b, zeros, ones, NULL);
    }
}

static void add_interzone(struct builder *b, const struct zones *f,
                          const struct zones *t)
{
    struct tw_panos *in = b->in;
    uint64_t *both = new_set(in), *only_from = new_set(in), *only_to = new_set(in);
    size_t last = in->zone_values.len - 1;
    for (size_t w = 0; w < words_of(in); w++) {
        both[w] = f->set[w] & t->set[w];
        only_from[w] = f->set[w] & ~t->set[w];
        only_to[w] = t->set[w] & ~f->set[w];
    }
    add(b, only_from, t->set, NULL);
    add(b, both, only_to, NULL);
    add_different(b, both);
    if (has(both, last)) {
        struct tw_condition differ = one_zone(in, true);
        add(b, single(in, last), single(in, last), &differ);
    }
    add_doubts(b, f, NULL, NULL);
    add_doubts(b, t, NULL, NULL);
}

const struct tw_panos_alts *tw_panos_zone_alts(struct tw_panos *in, tw_panos_list from,
                                               tw_panos_list to,
                                               enum tw_panos_type type)
{
    uint64_t key = (uint64_t)from << 32 | to;
    const struct tw_panos_alts *known = tw_panos_table_get(&in->zone_alts[type], key);
    if (known)
        return known;
    struct builder b = {.in = in};
    struct zones f = zones_of(in, from), t = zones_of(in, to);
    struct tw_condition odd;
    if (type == TW_PANOS_INTRAZONE && to != TW_PANOS_ANY && to != from) {
        /* The source's zones are meant; one that says otherwise is unclear. */
        struct tw_panos_thing *thing = tw_panos_doubt(
            in, TW_STR("an intrazone rule with other zones in <to>"), TW_NOWHERE);
        *tw_vec_add(in->scratch, &b.doubts) = thing;
        odd = tw_condition_yes(tw_panos_unknown(in, thing, TW_PANOS_SELF), false);
        b.always = &odd;
    }
    if (type == TW_PANOS_UNIVERSAL)
        add_universal(&b, &f, &t);
    else if (type == TW_PANOS_INTRAZONE)
        add_intrazone(&b, &f);
    else
        add_interzone(&b, &f, &t);
    struct tw_panos_alts *alts = tw_new(in->scratch, struct tw_panos_alts);
    *alts = (struct tw_panos_alts){b.alts.at, b.alts.len, b.doubts.at, b.doubts.len};
    tw_panos_table_put(in->scratch, &in->zone_alts[type], key, alts);
    return alts;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records to rules: every way in which the zones, the users, the source, the
 * destination, and the applications with their services can hold is combined with every
 * other; each combination is a product.
 *
 *     source [web, db.example.com], service [tcp/80, udp/53]
 *         src web ∧ tcp 80,  src web ∧ udp 53,
 *         "fqdn db.example.com matches src" ∧ tcp 80,  … ∧ udp 53
 *
 * A negated side is the complement of what is known, where no thing of it holds.
 */
#include "panos_parts.h"

/* --- a rule under construction --------------------------------------------------- */

/* One way in which a side holds. */
struct side {
    bool any;
    const struct tw_ranges *of[TW_FAMILIES]; /* NULL: any */
    bool has[TW_FAMILIES];
    struct tw_condition conditions[TW_PANOS_THINGS];
    size_t n;
};

struct sides {
    struct side at[TW_PANOS_THINGS + 1];
    size_t n;
};

struct builder {
    struct tw_panos *in;
    const struct tw_panos_rule *raw;
    int rank;
    enum tw_panos_use use;
    bool quiet;
    struct tw_rule *rule;
    TW_VEC(struct tw_condition) always; /* in every product */
    TW_VEC(struct tw_condition) users;  /* one of them; none: any */
    bool never;
    size_t told;
};

static struct tw_span rule_at(const struct builder *b)
{
    return tw_panos_rule_at(b->raw);
}

static void tell(struct builder *b, const struct tw_panos_thing *thing,
                 struct tw_span at)
{
    struct tw_panos *in = b->in;
    b->rule->understood = false;
    if (b->quiet || b->told++ >= TW_PANOS_TOLD)
        return;
    *tw_vec_add(in->arena, &in->policy->not_understood) = at;
    struct tw_diag *d =
        TW_DIAG(in->diags, TW_D_panos_not_understood, at, thing->name, b->raw->name);
    if (thing->at.src && thing->at.off != at.off)
        tw_diag_also(d, thing->at);
}

/* The text between the quotes of a thing's name: the member that it is about. */
static struct tw_str member_of(const struct tw_panos_thing *thing)
{
    size_t first = tw_str_find(thing->name, '"');
    struct tw_str rest = tw_str_from(thing->name, first + 1);
    return first == thing->name.len ? TW_NO_STR
                                    : tw_str_first(rest, tw_str_find(rest, '"'));
}

static void tell_all(struct builder *b, struct tw_panos_thing *const *things, size_t n,
                     const char *const *elements)
{
    for (size_t i = 0; i < n; i++) {
        struct tw_str member = member_of(things[i]);
        struct tw_span at = rule_at(b);
        if (!things[i]->doubt || b->told > TW_PANOS_TOLD)
            continue;
        for (const char *const *e = elements; *e && member.len && at.off == b->raw->off;
             e++)
            at = tw_panos_member_at(b->raw, *e, member);
        tell(b, things[i], at);
    }
}

static void require(struct builder *b, struct tw_panos_thing *thing, bool negated)
{
    *tw_vec_add(b->in->scratch, &b->always) =
        tw_condition_yes(tw_panos_unknown(b->in, thing, TW_PANOS_SELF), negated);
}

/* Something of this rule alone is not understood. */
static void doubt(struct builder *b, struct tw_str what, struct tw_span at)
{
    struct tw_buf buf;
    tw_buf_init(&buf, b->in->scratch);
    tw_buf_str(&buf, what);
    tw_buf_text(&buf, " of rule \"");
    tw_buf_str(&buf, b->raw->name);
    tw_buf_text(&buf, "\"");
    struct tw_panos_thing *thing = tw_panos_doubt(b->in, tw_buf_view(&buf), at);
    require(b, thing, false);
    tell(b, thing, at);
}

/* LIST, or any where there is none, which is not understood. */
static tw_panos_list stated(struct builder *b, tw_panos_list list, const char *element)
{
    if (list != TW_PANOS_NONE)
        return list;
    doubt(b, tw_fmt(b->in->scratch, "the missing <%s>", element), rule_at(b));
    return TW_PANOS_ANY;
}

/* --- sides ----------------------------------------------------------------------- */

/* Many things of one list as one; the number tells it from those of other lists. */
static struct tw_panos_thing *joint(struct tw_panos *in, const struct tw_panos_set *set)
{
    enum { SHOWN = 8 };
    uint64_t key = (uint64_t)(uintptr_t)set->things;
    const struct tw_panos_joint *known = tw_panos_table_get(&in->joints, key);
    if (known)
        return known->thing;
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    tw_buf_fmt(&buf, "list %zu of %zu names that only the device resolves: ",
               in->joints.n + 1, set->nthings);
    for (size_t i = 0; i < set->nthings && i < SHOWN; i++) {
        tw_buf_text(&buf, i ? ", " : "");
        tw_buf_str(&buf, set->things[i]->name);
    }
    if (set->nthings > SHOWN)
        tw_buf_text(&buf, ", …");
    struct tw_panos_joint *joint = tw_new(in->scratch, struct tw_panos_joint);
    joint->thing = tw_panos_thing(in, TW_UNKNOWN_CONDITION, tw_buf_view(&buf));
    tw_panos_table_put(in->scratch, &in->joints, key, joint);
    return joint->thing;
}

static void negate(struct tw_panos *in, const struct tw_panos_set *set,
                   struct tw_panos_thing *const *things, size_t n,
                   enum tw_panos_side which, struct sides *out)
{
    struct side *s = &out->at[0];
    *s = (struct side){.n = n};
    out->n = 1;
    for (int f = 0; f < TW_FAMILIES; f++) {
        s->has[f] = true;
        if (set->known[f]->n)
            s->of[f] =
                tw_ranges_not(in->arena, set->known[f], tw_ip_max((enum tw_family)f));
        s->has[f] = !s->of[f] || s->of[f]->n;
    }
    s->any = !s->of[TW_IPV4] && !s->of[TW_IPV6];
    for (size_t i = 0; i < n; i++)
        s->conditions[i] =
            tw_condition_yes(tw_panos_unknown(in, things[i], which), true);
}

static void sides_of(struct builder *b, const struct tw_panos_set *set, bool negated,
                     enum tw_panos_side which, struct sides *out)
{
    struct tw_panos *in = b->in;
    struct tw_panos_thing *one;
    struct tw_panos_thing *const *things = set->things;
    size_t n = set->nthings;
    out->n = 0;
    if (set->any) {
        out->n = !negated; /* not any: nothing */
        out->at[0] = (struct side){.any = true, .has = {true, true}};
        return;
    }
    if (n > TW_PANOS_THINGS) {
        one = joint(in, set);
        things = &one;
        n = 1;
    }
    if (negated) {
        negate(in, set, things, n, which, out);
        return;
    }
    if (set->known[TW_IPV4]->n || set->known[TW_IPV6]->n) {
        struct side *s = &out->at[out->n++];
        *s = (struct side){.n = 0};
        for (int f = 0; f < TW_FAMILIES; f++) {
            s->of[f] = set->known[f];
            s->has[f] = set->known[f]->n > 0;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct side *s = &out->at[out->n++];
        *s = (struct side){.any = true, .has = {true, true}, .n = 1};
        s->conditions[0] =
            tw_condition_yes(tw_panos_unknown(in, things[i], which), false);
    }
}

/* --- products -------------------------------------------------------------------- */

static const struct tw_mark_test *mark_of(struct tw_panos *in, uint32_t overridden)
{
    if (!overridden)
        return NULL;
    struct tw_str key = {(const char *)&overridden, sizeof overridden};
    struct tw_mark_test *test = tw_map_get(&in->mark_tests, key);
    if (!test) {
        test = tw_new(in->arena, struct tw_mark_test);
        *test = (struct tw_mark_test){
            .value = overridden - 1, .mask = UINT32_MAX, .unknown = in->mark_unknown};
        *tw_map_slot(&in->mark_tests, tw_str_copy(in->scratch, key)) = test;
    }
    return test;
}

static void add_row(struct tw_panos *in, const struct tw_condition *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *tw_vec_add(in->scratch, &in->row) = at[i];
}

struct combination {
    const struct tw_panos_alt *zones, *ports;
    const struct tw_condition *user;
    const struct side *src, *dst;
};

static void add_products(struct builder *b, const struct combination *c,
                         unsigned families)
{
    struct tw_panos *in = b->in;
    bool anywhere = c->src->any && c->dst->any;
    unsigned can = c->ports->families ? c->ports->families : 3;
    unsigned of = c->ports->families ? c->ports->families & families : families;
    if (!of || b->never)
        return;
    in->row.len = 0;
    add_row(in, c->zones->conditions, c->zones->nconditions);
    if (c->user)
        add_row(in, c->user, 1);
    add_row(in, c->src->conditions, c->src->n);
    add_row(in, c->dst->conditions, c->dst->n);
    add_row(in, c->ports->conditions, c->ports->nconditions);
    add_row(in, b->always.at, b->always.len);
    struct tw_match m = {.proto = c->ports->proto,
                         .sport = c->ports->sport,
                         .dport = c->ports->dport,
                         .icmp = c->ports->icmp,
                         .marks = mark_of(in, c->ports->overridden),
                         .nmarks = c->ports->overridden != 0,
                         .conditions = tw_panos_conditions(in, in->row.at, in->row.len),
                         .nconditions = in->row.len};
    if (anywhere) {
        m.families = of == 3 && can == 3 ? 0 : of;
        *tw_vec_add(in->scratch, &in->products) = m;
        return;
    }
    for (int f = 0; f < TW_FAMILIES; f++) {
        if (!(of >> f & 1) || !c->src->has[f] || !c->dst->has[f])
            continue;
        m.families = 1u << f;
        m.src = c->src->any ? NULL : c->src->of[f];
        m.dst = c->dst->any ? NULL : c->dst->of[f];
        *tw_vec_add(in->scratch, &in->products) = m;
    }
}

/* All combinations; false: too many. */
static bool combine(struct builder *b, const struct tw_panos_alts *zones,
                    const struct sides *src, const struct sides *dst,
                    const struct tw_panos_alts *ports, unsigned families)
{
    size_t users = b->users.len ? b->users.len : 1;
    size_t n = zones->n * users;
    if (n > TW_PANOS_PRODUCTS || ports->n > TW_PANOS_PRODUCTS ||
        n * src->n * dst->n * ports->n * 2 > TW_PANOS_PRODUCTS)
        return false;
    for (size_t z = 0; z < zones->n; z++)
        for (size_t u = 0; u < users; u++)
            for (size_t s = 0; s < src->n; s++)
                for (size_t d = 0; d < dst->n; d++)
                    for (size_t p = 0; p < ports->n; p++) {
                        struct combination c = {&zones->at[z], &ports->at[p],
                                                b->users.len ? &b->users.at[u] : NULL,
                                                &src->at[s], &dst->at[d]};
                        add_products(b, &c, families);
                    }
    return true;
}

/* --- conditions of the whole rule ------------------------------------------------ */

static struct tw_str list_words(struct tw_panos *in, struct tw_str words,
                                tw_panos_list list)
{
    uint32_t room;
    struct tw_buf buf;
    struct tw_panos_span names = tw_panos_list_names(in, list, &room);
    tw_buf_init(&buf, in->scratch);
    tw_buf_str(&buf, words);
    tw_buf_char(&buf, ' ');
    tw_panos_buf_names(in, &buf, names.at, names.n, list & INT32_MAX);
    return tw_buf_view(&buf);
}

/* Does the rule apply to this wall? Where the device group's devices are known, they
 * may settle it. */
static void read_target(struct builder *b, const struct tw_panos_extra *x)
{
    struct tw_panos *in = b->in;
    uint32_t room;
    struct tw_panos_span names = tw_panos_list_names(in, x->list, &room);
    size_t ours = 0, n = in->group ? in->group->devices.len : 0;
    bool by_vsys = x->by_vsys;
    for (size_t i = 0; i < n; i++) {
        by_vsys |= in->group->devices.at[i].by_vsys;
        for (size_t k = 0; k < names.n; k++)
            if (in->group->devices.at[i].serial == names.at[k]) {
                ours++;
                break;
            }
    }
    if (n && (ours == 0 || (ours == n && !by_vsys))) {
        b->never |= (ours == 0) != x->negated;
        return;
    }
    struct tw_str words =
        list_words(in,
                   names.n == 1 ? TW_STR("rule applies to device")
                                : TW_STR("rule applies to one of the devices"),
                   x->list);
    require(b, tw_panos_thing(in, TW_UNKNOWN_CONDITION, words), x->negated);
}

static void read_extras(struct builder *b)
{
    struct tw_panos *in = b->in;
    for (const struct tw_panos_extra *x = b->raw->extras; x; x = x->next) {
        if (x->kind == TW_PANOS_DOUBT)
            doubt(b, x->text, x->at);
        else if (x->kind == TW_PANOS_TARGET)
            read_target(b, x);
        else if (x->kind == TW_PANOS_CONDITION)
            require(b,
                    tw_panos_thing(in, TW_UNKNOWN_CONDITION,
                                   list_words(in, x->text, x->list)),
                    false);
    }
    if (b->raw->schedule) {
        struct tw_panos_thing *thing =
            tw_panos_schedule(in, b->raw->schedule - 1, b->rank);
        static const char *const elements[] = {"schedule", NULL};
        tell_all(b, &thing, 1, elements);
        require(b, thing, false);
    }
}

static void read_users(struct builder *b)
{
    struct tw_panos *in = b->in;
    uint32_t room;
    struct tw_panos_span names = tw_panos_list_names(in, b->raw->user, &room);
    for (size_t i = 0; i < names.n; i++) {
        struct tw_buf buf;
        struct tw_str name = tw_panos_text(in, names.at[i]);
        tw_buf_init(&buf, in->scratch);
        tw_buf_text(&buf, "user \"");
        tw_buf_str(&buf, name);
        tw_buf_char(&buf, '"');
        struct tw_panos_thing *thing =
            tw_panos_thing(in, TW_UNKNOWN_USER, tw_buf_view(&buf));
        thing->subject = name;
        *tw_vec_add(in->scratch, &b->users) =
            tw_condition_yes(tw_panos_unknown(in, thing, TW_PANOS_SELF), false);
    }
}

/* The zones of a translation's destination are those of the address as it comes. */
static tw_panos_list original_zone(struct builder *b, tw_panos_list to)
{
    if (to <= TW_PANOS_ANY)
        return to;
    struct tw_str words =
        list_words(b->in, TW_STR("the address before translation is in zone"), to);
    require(b, tw_panos_thing(b->in, TW_UNKNOWN_CONDITION, words), false);
    return TW_PANOS_ANY;
}

static unsigned families_of(const struct builder *b)
{
    if (b->use != TW_PANOS_NAT_BEFORE && b->use != TW_PANOS_NAT_AFTER)
        return 3;
    return b->raw->flags & TW_PANOS_ONLY_IPV6 ? 1u << TW_IPV6 : 1u << TW_IPV4;
}

static const struct tw_panos_alts *ports_of(struct builder *b)
{
    struct tw_panos *in = b->in;
    const struct tw_panos_rule *raw = b->raw;
    if (b->use != TW_PANOS_NAMES_APP) {
        tw_panos_list apps = stated(b, raw->apps, "application");
        tw_panos_list service = stated(b, raw->service, "service");
        return tw_panos_app_services(in, apps, service, b->rank);
    }
    struct tw_panos_alts *alts = tw_new(in->scratch, struct tw_panos_alts);
    struct tw_panos_alt *alt = tw_new(in->scratch, struct tw_panos_alt);
    const struct tw_panos_extra *x = raw->extras;
    while (x && x->kind != TW_PANOS_PORT)
        x = x->next;
    if (x)
        *alt = (struct tw_panos_alt){.proto = tw_panos_proto(in, x->ports->proto),
                                     .dport = x->ports->dport};
    else
        doubt(b, TW_STR("the missing <port>"), rule_at(b));
    *alts = (struct tw_panos_alts){.at = alt, .n = 1};
    return alts;
}

static void build_matches(struct builder *b)
{
    static const char *const zones_in[] = {"from", "to", NULL};
    static const char *const src_in[] = {"source", NULL};
    static const char *const dst_in[] = {"destination", NULL};
    static const char *const ports_in[] = {"application", "service", NULL};
    struct tw_panos *in = b->in;
    const struct tw_panos_rule *raw = b->raw;
    bool intrazone = raw->type == TW_PANOS_INTRAZONE;
    tw_panos_list from = stated(b, raw->from, "from");
    tw_panos_list to =
        intrazone && raw->to == TW_PANOS_NONE ? TW_PANOS_ANY : stated(b, raw->to, "to");
    if (b->use == TW_PANOS_NAT_BEFORE)
        to = original_zone(b, to);
    struct tw_panos_set src =
        tw_panos_addresses(in, stated(b, raw->source, "source"), b->rank);
    struct tw_panos_set dst =
        tw_panos_addresses(in, stated(b, raw->destination, "destination"), b->rank);
    const struct tw_panos_alts *ports = ports_of(b);
    const struct tw_panos_alts *zones =
        tw_panos_zone_alts(in, from, to, (enum tw_panos_type)raw->type);
    struct sides sources, destinations;
    read_users(b);
    read_extras(b);
    tell_all(b, zones->doubts, zones->ndoubts, zones_in);
    tell_all(b, src.things, src.nthings, src_in);
    tell_all(b, dst.things, dst.nthings, dst_in);
    tell_all(b, ports->doubts, ports->ndoubts, ports_in);
    sides_of(b, &src, raw->flags & TW_PANOS_NEGATE_SRC, TW_PANOS_SRC, &sources);
    sides_of(b, &dst, raw->flags & TW_PANOS_NEGATE_DST, TW_PANOS_DST, &destinations);
    in->products.len = 0;
    if (!combine(b, zones, &sources, &destinations, ports, families_of(b))) {
        struct tw_match all = {0};
        doubt(b, TW_STR("the number of combinations"), rule_at(b));
        all.conditions = tw_panos_conditions(in, b->always.at, b->always.len);
        all.nconditions = b->always.len;
        in->products.len = 0;
        *tw_vec_add(in->scratch, &in->products) = all;
    }
    size_t n = in->products.len;
    struct tw_match *matches = n ? tw_new_array(in->arena, n, struct tw_match) : NULL;
    for (size_t i = 0; i < n; i++)
        matches[i] = in->products.at[i];
    b->rule->matches = matches;
    b->rule->nmatches = n;
}

void tw_panos_rule_build(struct tw_panos *in, const struct tw_panos_rule *raw, int rank,
                         enum tw_panos_use use, bool quiet, struct tw_rule *out)
{
    struct builder b = {
        .in = in, .raw = raw, .rank = rank, .use = use, .quiet = quiet, .rule = out};
    *out = (struct tw_rule){.id = raw->name,
                            .at = tw_panos_rule_at(raw),
                            .comment = raw->comment,
                            .disabled = raw->flags & TW_PANOS_DISABLED,
                            .logged = raw->flags & TW_PANOS_LOGGED,
                            .understood = true,
                            .expires_day = INT64_MAX};
    if (!out->disabled)
        build_matches(&b);
}

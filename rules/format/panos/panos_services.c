/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services to ports. The built-in ones are service-http (tcp 80, 8080), service-https
 * (tcp 443) and application-default; an object of such a name wins.
 */
#include "panos_parts.h"

struct gather {
    struct tw_panos *in;
    uint32_t number;
    TW_VEC(struct tw_panos_ports) ports;
    TW_VEC(struct tw_panos_thing *) things;
};

const struct tw_ranges *tw_panos_proto(struct tw_panos *in, unsigned proto)
{
    if (!in->protos[proto])
        in->protos[proto] = tw_ranges_one(in->arena, proto, proto);
    return in->protos[proto];
}

static void add_thing(struct gather *g, struct tw_panos_thing *thing)
{
    if (thing->seen == g->number)
        return;
    thing->seen = g->number;
    *tw_vec_add(g->in->scratch, &g->things) = thing;
}

static bool add_built_in(struct gather *g, struct tw_str name)
{
    struct tw_range web[] = {{80, 80}, {8080, 8080}};
    struct tw_arena *arena = g->in->arena;
    struct tw_panos_ports ports = {.proto = TW_PROTO_TCP};
    if (tw_str_is(name, "service-http"))
        ports.dport = tw_ranges_of(arena, web, 2);
    else if (tw_str_is(name, "service-https"))
        ports.dport = tw_ranges_one(arena, 443, 443);
    else
        return false;
    *tw_vec_add(g->in->scratch, &g->ports) = ports;
    return true;
}

static struct tw_panos_thing *
group_thing(struct tw_panos *in, const struct tw_panos_group *group, const char *more)
{
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    tw_buf_text(&buf, "service group \"");
    tw_buf_str(&buf, tw_panos_text(in, group->object.name));
    tw_buf_text(&buf, more);
    return tw_panos_doubt(in, tw_buf_view(&buf), tw_panos_object_at(&group->object));
}

static void add_name(struct gather *g, uint32_t name, int rank, struct tw_span at,
                     unsigned depth);

static void add_group(struct gather *g, struct tw_panos_group *group, unsigned depth)
{
    struct tw_panos_object *o = &group->object;
    if (group->thing)
        add_thing(g, group->thing);
    if (o->state == TW_PANOS_RESOLVING || depth > TW_PANOS_NEST) {
        add_thing(g, group_thing(g->in, group, "\", which holds itself,"));
        return;
    }
    if (group->seen == g->number)
        return;
    group->seen = g->number;
    o->state = TW_PANOS_RESOLVING;
    int rank = g->in->scopes.at[o->scope]->rank;
    for (size_t i = 0; i < group->nmembers; i++) {
        const struct tw_panos_member *m = &group->members[i];
        add_name(g, m->name, rank, (struct tw_span){o->src, m->off, m->len}, depth + 1);
        if (g->ports.len > TW_PANOS_PORTS) {
            add_thing(g, group_thing(g->in, group, "\", which holds too many,"));
            break;
        }
    }
    o->state = TW_PANOS_NEW;
}

static void add_name(struct gather *g, uint32_t name, int rank, struct tw_span at,
                     unsigned depth)
{
    bool twice;
    struct tw_panos *in = g->in;
    struct tw_panos_object *o =
        tw_panos_lookup(in, TW_PANOS_SERVICES, name, rank, &twice);
    struct tw_str text = tw_panos_text(in, name);
    if (o && twice) {
        add_thing(g, tw_panos_ambiguous(in, "service", name, o));
    } else if (!o) {
        if (!add_built_in(g, text))
            add_thing(g, tw_panos_nothing(in, "service", name, at));
    } else if (o->kind == TW_PANOS_SERVICE) {
        const struct tw_panos_service *s = (const struct tw_panos_service *)o;
        for (size_t i = 0; i < s->ports.len; i++)
            *tw_vec_add(in->scratch, &g->ports) = s->ports.at[i];
        if (s->thing)
            add_thing(g, s->thing);
    } else {
        add_group(g, (struct tw_panos_group *)o, depth);
    }
}

/* --- ports as products ----------------------------------------------------------- */

static const struct tw_ranges *ports_of(struct gather *g, unsigned proto)
{
    struct tw_arena *scratch = g->in->scratch;
    size_t room = 0, n = 0;
    for (size_t i = 0; i < g->ports.len; i++)
        if (g->ports.at[i].proto == proto && !g->ports.at[i].sport &&
            g->ports.at[i].dport)
            room += g->ports.at[i].dport->n;
    if (room == 0)
        return NULL;
    struct tw_arena_mark mark = tw_arena_mark(scratch);
    struct tw_range *at = tw_new_array(scratch, room, struct tw_range);
    for (size_t i = 0; i < g->ports.len; i++) {
        const struct tw_panos_ports *p = &g->ports.at[i];
        if (p->proto != proto || p->sport)
            continue;
        for (size_t k = 0; p->dport && k < p->dport->n; k++)
            at[n++] = p->dport->at[k];
    }
    const struct tw_ranges *list = tw_ranges_of(g->in->arena, at, n);
    tw_arena_rewind(scratch, mark);
    return list;
}

static bool same(const struct tw_ranges *a, const struct tw_ranges *b)
{
    return a == b || (a && b && tw_ranges_eq(a, b));
}

static bool is_known(const struct tw_panos_alt *at, size_t n,
                     const struct tw_panos_alt *alt)
{
    for (size_t i = 0; i < n; i++)
        if (same(at[i].proto, alt->proto) && same(at[i].sport, alt->sport) &&
            same(at[i].dport, alt->dport))
            return true;
    return false;
}

static struct tw_panos_alt *products(struct gather *g, size_t *n)
{
    enum { PROTOS = 3 };
    static const unsigned protos[PROTOS] = {TW_PROTO_TCP, TW_PROTO_UDP, TW_PROTO_SCTP};
    struct tw_panos *in = g->in;
    const struct tw_ranges *lists[PROTOS];
    struct tw_panos_alt *alts =
        tw_new_array(in->scratch, g->ports.len + PROTOS + 1, struct tw_panos_alt);
    *n = 0;
    for (size_t i = 0; i < PROTOS; i++)
        lists[i] = ports_of(g, protos[i]);
    for (size_t i = 0; i < PROTOS; i++) {
        if (!lists[i])
            continue;
        const struct tw_ranges *proto = tw_panos_proto(in, protos[i]);
        for (size_t k = i + 1; k < PROTOS; k++)
            if (lists[k] && tw_ranges_eq(lists[i], lists[k])) {
                proto =
                    tw_ranges_union(in->arena, proto, tw_panos_proto(in, protos[k]));
                lists[k] = NULL;
            }
        alts[(*n)++] = (struct tw_panos_alt){.proto = proto, .dport = lists[i]};
    }
    for (size_t i = 0; i < g->ports.len; i++) {
        const struct tw_panos_ports *p = &g->ports.at[i];
        struct tw_panos_alt alt = {.proto = tw_panos_proto(in, p->proto),
                                   .sport = p->sport,
                                   .dport = p->dport};
        if (p->sport && !is_known(alts, *n, &alt))
            alts[(*n)++] = alt;
    }
    return alts;
}

struct tw_panos_services tw_panos_services(struct tw_panos *in, tw_panos_list list,
                                           int rank)
{
    static const struct tw_panos_alt any = {0};
    uint32_t room;
    bool twice;
    struct gather g = {.in = in, .number = ++in->gatherings};
    struct tw_panos_services s = {.ports = &any, .nports = 1};
    if (list == TW_PANOS_ANY)
        return s;
    struct tw_panos_span names = tw_panos_list_names(in, list, &room);
    s.by_default = names.n == 1 &&
                   tw_str_is(tw_panos_text(in, names.at[0]), "application-default") &&
                   !tw_panos_lookup(in, TW_PANOS_SERVICES, names.at[0], rank, &twice);
    s.nports = 0;
    if (s.by_default)
        return s;
    for (size_t i = 0; i < names.n; i++)
        add_name(&g, names.at[i], rank, TW_NOWHERE, 0);
    s.ports = products(&g, &s.nports);
    s.things = g.things.at;
    s.nthings = g.things.len;
    return s;
}

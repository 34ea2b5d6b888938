/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses are behind a zone: the longest prefix among the networks of the
 * interfaces and the static routes of the virtual router.
 *
 *     10.0.0.0/8   → ethernet1/1 (jinfu)        jinfu  10.0.0.0 – 10.59.255.255, …
 *     10.60.0.0/16 → ethernet1/2 (lft)          lft    10.60.0.0 – 10.60.255.255
 *     0.0.0.0/0    → ethernet1/3 (untrust)      untrust   all the rest
 *
 * Nothing is said where the export does not settle it: several virtual routers, dynamic
 * routing, addresses that are leased, interfaces that are switched off, routes that are
 * watched, forwarding by policy, a Panorama that may push more.
 */
#include <stdlib.h>

#include "panos_parts.h"

enum { WORK_MAX = 100000000 };

enum next { BY_INTERFACE, BY_ADDRESS, NOWHERE };

struct route {
    enum tw_family family;
    struct tw_range range;
    enum next next;
    uint32_t interface;
    tw_u128 address;
    uint64_t cost; /* 0: of an interface */
};

struct router {
    TW_VEC(uint32_t) interfaces;
    TW_VEC(struct route) routes;
    bool vague; /* not settled by the export */
};

struct tw_panos_network {
    TW_VEC(struct router) routers;
    TW_VEC(struct route) connected; /* by interface */
    TW_VEC(uint32_t) leased;        /* interfaces whose addresses are leased */
    /* By interface: the zone + 1; is it another vsys', is it the router's? */
    struct tw_panos_table zones, foreign, routed;
    bool vague;
};

/* --- reading --------------------------------------------------------------------- */

static bool is_on(const struct tw_xml *element)
{
    const struct tw_xml *enable = tw_xml_child(element, "enable");
    return element && (!enable || !tw_str_is(enable->text, "no"));
}

/* An address or a prefix: two of them are within each other or apart. */
static bool is_prefix(struct tw_str s, enum tw_family *family, struct tw_range *range)
{
    return tw_str_find(s, '-') == s.len && tw_ip_range_parse(s, family, range, NULL);
}

static void read_addresses(struct tw_panos *in, struct tw_panos_network *net,
                           uint32_t interface, const struct tw_xml *list)
{
    for (const struct tw_xml *e = tw_xml_child(list, "entry"); e; e = tw_xml_next(e)) {
        struct route r = {.interface = interface};
        if (is_prefix(tw_xml_attr(e, "name"), &r.family, &r.range))
            *tw_vec_add(in->scratch, &net->connected) = r;
        else
            net->vague = true; /* an object's name, a template's variable */
    }
}

static void read_layer3(struct tw_panos *in, struct tw_panos_network *net,
                        struct tw_str name, const struct tw_xml *xml)
{
    static const char *const leases[] = {"dhcp-client", "pppoe", NULL};
    if (!xml)
        return;
    uint32_t interface = tw_panos_name(in, name);
    read_addresses(in, net, interface, tw_xml_child(xml, "ip"));
    read_addresses(in, net, interface, tw_xml_at(xml, "ipv6", "address", NULL));
    for (const char *const *l = leases; *l; l++)
        if (is_on(tw_xml_child(xml, *l)))
            *tw_vec_add(in->scratch, &net->leased) = interface;
    if (tw_xml_at(xml, "ipv6", "dhcp-client", NULL) ||
        tw_xml_at(xml, "ipv6", "inherited", NULL))
        *tw_vec_add(in->scratch, &net->leased) = interface;
    const struct tw_xml *units = tw_xml_child(xml, "units");
    for (const struct tw_xml *u = tw_xml_child(units, "entry"); u; u = tw_xml_next(u))
        if (!tw_xml_child(u, "units"))
            read_layer3(in, net, tw_xml_attr(u, "name"), u);
}

static void read_interfaces(struct tw_panos *in, struct tw_panos_network *net,
                            const struct tw_xml *interface)
{
    for (const struct tw_xml *kind = interface ? interface->first : NULL; kind;
         kind = kind->next) {
        read_layer3(in, net, kind->name, kind); /* vlan, loopback, tunnel themselves */
        for (const struct tw_xml *e = tw_xml_child(kind, "entry"); e;
             e = tw_xml_next(e)) {
            const struct tw_xml *layer3 = tw_xml_child(e, "layer3");
            /* Its networks and routes are gone. */
            net->vague |= layer3 && tw_str_is(tw_xml_text(e, "link-state"), "down");
            read_layer3(in, net, tw_xml_attr(e, "name"), layer3);
        }
    }
}

static uint64_t number_of(const struct tw_xml *route, const char *child, uint64_t other)
{
    uint64_t n;
    return tw_parse_u64(tw_xml_text(route, child), 65535, &n) ? n : other;
}

static void read_route(struct tw_panos *in, struct router *router,
                       const struct tw_xml *xml)
{
    enum tw_family family;
    struct tw_str interface = tw_xml_text(xml, "interface");
    const struct tw_xml *next = tw_xml_child(xml, "nexthop");
    const struct tw_xml *address = tw_xml_child(next, "ip-address");
    const struct tw_xml *table = tw_xml_child(xml, "route-table");
    if (!address)
        address = tw_xml_child(next, "ipv6-address");
    struct route r = {.cost = 1 + number_of(xml, "admin-dist", 10) * 65536 +
                              number_of(xml, "metric", 10)};
    if (tw_xml_child(table, "no-install") || tw_xml_child(table, "multicast"))
        return;
    bool known = is_prefix(tw_xml_text(xml, "destination"), &r.family, &r.range) &&
                 !is_on(tw_xml_child(xml, "path-monitor"));
    if (tw_xml_child(next, "discard")) {
        r.next = NOWHERE;
    } else if (interface.len) {
        r.interface = tw_panos_name(in, interface);
    } else if (address && tw_ip_parse(address->text, &family, &r.address)) {
        r.next = BY_ADDRESS;
        known &= family == r.family;
    } else {
        known = false; /* another router, a name */
    }
    router->vague |= !known;
    *tw_vec_add(in->scratch, &router->routes) = r;
}

static void read_router(struct tw_panos *in, struct router *router,
                        const struct tw_xml *xml)
{
    static const char *const families[] = {"ip", "ipv6", NULL};
    static const char *const protocols[] = {"bgp", "ospf", "ospfv3", "rip", NULL};
    const struct tw_xml *protocol = tw_xml_child(xml, "protocol");
    const struct tw_xml *list = tw_xml_child(xml, "interface");
    for (const struct tw_xml *m = tw_xml_child(list, "member"); m; m = tw_xml_next(m))
        *tw_vec_add(in->scratch, &router->interfaces) = tw_panos_name(in, m->text);
    for (const char *const *p = protocols; *p; p++)
        router->vague |=
            tw_str_is(tw_xml_text(tw_xml_child(protocol, *p), "enable"), "yes");
    for (const char *const *f = families; *f; f++) {
        const struct tw_xml *routes =
            tw_xml_at(xml, "routing-table", *f, "static-route", NULL);
        for (const struct tw_xml *r = tw_xml_child(routes, "entry"); r;
             r = tw_xml_next(r))
            read_route(in, router, r);
    }
}

void tw_panos_network_read(struct tw_panos *in, const struct tw_xml *xml)
{
    struct tw_panos_network *net = in->network;
    const struct tw_xml *routers = tw_xml_child(xml, "virtual-router");
    if (!net)
        in->network = net = tw_new(in->scratch, struct tw_panos_network);
    net->vague |= tw_xml_at(xml, "logical-router", "entry", NULL) != NULL;
    read_interfaces(in, net, tw_xml_child(xml, "interface"));
    for (const struct tw_xml *e = tw_xml_child(routers, "entry"); e; e = tw_xml_next(e))
        read_router(in, tw_vec_add(in->scratch, &net->routers), e);
}

/* --- which router, which zones --------------------------------------------------- */

static void note(struct tw_panos *in, struct tw_panos_table *table, uint32_t key,
                 size_t value)
{
    if (!tw_panos_table_get(table, key))
        tw_panos_table_put(in->scratch, table, key, (void *)(uintptr_t)(value + 1));
}

/* Whose zone each interface is in, and which are another vsys'. */
static void note_interfaces(struct tw_panos *in)
{
    struct tw_panos_network *net = in->network;
    for (size_t s = 0; s < in->scopes.len; s++) {
        const struct tw_panos_scope *scope = in->scopes.at[s];
        bool ours = scope == in->vsys;
        uint32_t room;
        if (scope->kind != TW_PANOS_VSYS)
            continue;
        struct tw_panos_span names = tw_panos_list_names(in, scope->imported, &room);
        for (size_t i = 0; i < names.n && !ours; i++)
            note(in, &net->foreign, names.at[i], 0);
        for (size_t z = 0; z < scope->zones.len; z++)
            for (size_t k = 0; k < scope->zones.at[z].ninterfaces; k++)
                note(in, ours ? &net->zones : &net->foreign,
                     scope->zones.at[z].interfaces[k], z);
    }
}

/* The index of the zone of INTERFACE among the vsys' zones, or -1. */
static int zone_of(const struct tw_panos *in, uint32_t interface)
{
    return (int)(uintptr_t)tw_panos_table_get(&in->network->zones, interface) - 1;
}

/* Is what the wall does with addresses settled by the export at all? */
static bool is_settled(const struct tw_panos *in)
{
    if (!in->vsys || !in->network || in->network->vague || in->managed.src ||
        in->has_panorama || in->has_pushed)
        return false;
    for (size_t i = 0; i < in->vsys->zones.len; i++)
        if (in->vsys->zones.at[i].external)
            return false;
    for (size_t i = 0; i < in->layers.len; i++)
        if (in->layers.at[i].scope->books[in->layers.at[i].part][TW_PANOS_PBF].n)
            return false;
    return true;
}

/* The one virtual router that has interfaces of the wall's zones, or NULL. */
static const struct router *router_of(struct tw_panos *in)
{
    const struct router *found = NULL;
    struct tw_panos_network *net = in->network;
    for (size_t i = 0; i < net->routers.len; i++) {
        const struct router *r = &net->routers.at[i];
        bool ours = false;
        for (size_t k = 0; k < r->interfaces.len; k++)
            ours |= zone_of(in, r->interfaces.at[k]) >= 0;
        if (ours && found)
            return NULL;
        found = ours ? r : found;
    }
    if (!found || found->vague)
        return NULL;
    for (size_t k = 0; k < found->interfaces.len; k++) {
        if (tw_panos_table_get(&net->foreign, found->interfaces.at[k]))
            return NULL;
        note(in, &net->routed, found->interfaces.at[k], 0);
    }
    for (size_t i = 0; i < net->leased.len; i++)
        if (tw_panos_table_get(&net->routed, net->leased.at[i]))
            return NULL;
    /* More than any device has; the search of next hops is plain. */
    return net->connected.len * found->routes.len > WORK_MAX ? NULL : found;
}

/* --- the longest prefix ---------------------------------------------------------- */

struct place { /* a range of addresses and the zone that it is behind; -1: none */
    struct tw_range range;
    int zone;
    uint64_t cost;
};

typedef TW_VEC(struct place) places;

static int by_range(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->range.lo != y->range.lo)
        return x->range.lo < y->range.lo ? -1 : 1;
    if (x->range.hi != y->range.hi)
        return x->range.hi > y->range.hi ? -1 : 1;
    return x->cost < y->cost ? -1 : x->cost > y->cost;
}

/* The zone of the network of an interface that ADDRESS is in; -2: none. */
static int zone_of_address(const struct tw_panos *in, enum tw_family family,
                           tw_u128 address)
{
    const struct route *best = NULL;
    const struct tw_panos_network *net = in->network;
    for (size_t i = 0; i < net->connected.len; i++) {
        const struct route *c = &net->connected.at[i];
        if (c->family != family || c->range.lo > address || c->range.hi < address ||
            !tw_panos_table_get(&net->routed, c->interface))
            continue;
        if (!best || c->range.hi - c->range.lo < best->range.hi - best->range.lo)
            best = c;
    }
    return best ? zone_of(in, best->interface) : -2;
}

static bool collect(struct tw_panos *in, const struct router *router,
                    enum tw_family family, places *out)
{
    const struct tw_panos_network *net = in->network;
    for (size_t i = 0; i < net->connected.len; i++) {
        const struct route *c = &net->connected.at[i];
        if (c->family == family && tw_panos_table_get(&net->routed, c->interface))
            *tw_vec_add(in->scratch, out) =
                (struct place){c->range, zone_of(in, c->interface), 0};
    }
    for (size_t i = 0; i < router->routes.len; i++) {
        const struct route *r = &router->routes.at[i];
        int zone = -1;
        if (r->family != family)
            continue;
        if (r->next == BY_INTERFACE)
            zone = zone_of(in, r->interface);
        else if (r->next == BY_ADDRESS)
            zone = zone_of_address(in, family, r->address);
        if (zone == -2)
            return false; /* by way of another route */
        *tw_vec_add(in->scratch, out) = (struct place){r->range, zone, r->cost};
    }
    if (out->len > 1)
        qsort(out->at, out->len, sizeof *out->at, by_range);
    return true;
}

/* Of equal prefixes the cheapest stays; false: two of one cost lead to two zones. */
static bool drop_dearer(places *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->len; i++) {
        struct place *p = &list->at[i], *last = n ? &list->at[n - 1] : NULL;
        bool same =
            last && last->range.lo == p->range.lo && last->range.hi == p->range.hi;
        if (same && last->cost == p->cost && last->zone != p->zone)
            return false;
        if (!same)
            list->at[n++] = *p;
    }
    list->len = n;
    return true;
}

struct sweep {
    struct tw_panos *in;
    TW_VEC(struct tw_range) * of; /* by zone */
    struct place *stack[130];     /* prefixes within each other */
    size_t depth;
    tw_u128 next; /* the first address that has no zone yet … */
    bool done;    /* … unless all have */
};

/* The addresses from NEXT up to LAST are behind the innermost prefix. */
static void give(struct sweep *s, tw_u128 last)
{
    const struct place *p = s->stack[s->depth - 1];
    if (s->done || s->next > last)
        return;
    if (p->zone >= 0)
        *tw_vec_add(s->in->scratch, &s->of[p->zone]) = (struct tw_range){s->next, last};
    s->done = last == TW_IPV6_MAX;
    s->next = last + 1;
}

/* Prefixes are within each other or apart. */
static void sweep(struct sweep *s, places *list)
{
    for (size_t i = 0; i < list->len; i++) {
        struct place *p = &list->at[i];
        while (s->depth && s->stack[s->depth - 1]->range.hi < p->range.lo) {
            give(s, s->stack[s->depth - 1]->range.hi);
            s->depth--;
        }
        if (s->depth && p->range.lo > s->next)
            give(s, p->range.lo - 1);
        s->next = p->range.lo;
        s->stack[s->depth++] = p;
    }
    while (s->depth) {
        give(s, s->stack[s->depth - 1]->range.hi);
        s->depth--;
    }
}

void tw_panos_routes(struct tw_panos *in)
{
    if (!is_settled(in))
        return;
    note_interfaces(in);
    const struct router *router = router_of(in);
    if (!router)
        return;
    size_t n = in->vsys->zones.len;
    struct sweep s[TW_FAMILIES];
    for (int f = 0; f < TW_FAMILIES; f++) {
        places list = {0};
        s[f] = (struct sweep){.in = in};
        s[f].of = tw_arena_array(in->scratch, n + 1, sizeof *s[f].of);
        if (!collect(in, router, (enum tw_family)f, &list) || !drop_dearer(&list))
            return;
        sweep(&s[f], &list);
    }
    for (size_t z = 0; z < n; z++) {
        struct tw_reach reach = {.value =
                                     tw_panos_text(in, in->vsys->zones.at[z].name)};
        bool any = false;
        for (int f = 0; f < TW_FAMILIES; f++) {
            reach.addresses[f] = tw_ranges_of(in->arena, s[f].of[z].at, s[f].of[z].len);
            any |= s[f].of[z].len > 0;
        }
        if (any)
            *tw_vec_add(in->arena, &in->policy->reach) = reach;
    }
}

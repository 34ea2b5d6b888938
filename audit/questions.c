/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and ways of a pair. */
#include "questions.h"

#include "packets.h"

/* --- origins --------------------------------------------------------------------- */

static const struct tw_ranges *all_hosts(struct tw_arena *arena,
                                         const struct tw_estate *estate,
                                         const struct tw_service *service, int family)
{
    const struct tw_ranges *all = &tw_ranges_none;
    for (size_t s = 0; s < estate->sites.len; s++)
        if (service->hosts[family][s])
            all = tw_ranges_union(arena, all, service->hosts[family][s]);
    return all;
}

static const struct tw_ranges *zone_hosts(struct tw_arena *arena,
                                          const struct tw_estate *estate, uint32_t zone,
                                          int family)
{
    if (zone != TW_ZONE_OUTSIDE)
        return estate->zones.at[zone].networks[family];
    const struct tw_ranges *inside = &tw_ranges_none;
    for (size_t z = 0; z < estate->zones.len; z++)
        inside = tw_ranges_union(arena, inside, estate->zones.at[z].networks[family]);
    return tw_ranges_not(arena, inside, tw_ip_max((enum tw_family)family));
}

struct tw_end tw_service_end(const struct tw_estate *estate, uint32_t service,
                             uint32_t site)
{
    const struct tw_service *s = &estate->services.at[service];
    struct tw_end end = {.service = service, .zone = s->zone, .site = site};
    for (int family = 0; family < TW_FAMILIES; family++)
        end.hosts[family] = s->hosts[family][site];
    return end;
}

struct tw_ends tw_flow_origins(struct tw_arena *arena, const struct tw_estate *estate,
                               const struct tw_flow *flow,
                               const struct tw_site_pair *pair)
{
    TW_VEC(struct tw_end) list = {0};
    const struct tw_service *target = &estate->services.at[flow->to];
    if (flow->from != TW_NONE) {
        *tw_vec_add(arena, &list) = tw_service_end(estate, flow->from, pair->from);
        return (struct tw_ends){list.at, list.len};
    }
    for (size_t z = 0; z <= estate->zones.len; z++) {
        uint32_t zone = z < estate->zones.len ? (uint32_t)z : TW_ZONE_OUTSIDE;
        if (tw_estate_paths(arena, estate, zone, TW_NONE, target->zone, pair->to).n ==
            0)
            continue;
        struct tw_end end = {.service = TW_NONE, .zone = zone, .site = TW_NONE};
        for (int family = 0; family < TW_FAMILIES; family++)
            end.hosts[family] =
                tw_ranges_minus(arena, zone_hosts(arena, estate, zone, family),
                                all_hosts(arena, estate, target, family));
        *tw_vec_add(arena, &list) = end;
    }
    return (struct tw_ends){list.at, list.len};
}

/* --- questions ------------------------------------------------------------------- */

/* The ICMP types that ask, and what answers them (RFC 792, RFC 950, RFC 4443). */
static int icmp_answer(enum tw_family family, unsigned type)
{
    static const unsigned char pairs[][2] = {{8, 0}, {13, 14}, {15, 16}, {17, 18}};
    if (family == TW_IPV6)
        return type == 128 ? 129 : -1;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][0] == type)
            return pairs[i][1];
    return -1;
}

static void make_answer(struct tw_arena *arena, struct tw_asked *asked)
{
    const struct tw_question *q = &asked->question;
    struct tw_question *a = &asked->answer;
    *a = *q;
    a->field[TW_FIELD_SRC] = q->field[TW_FIELD_DST];
    a->field[TW_FIELD_DST] = q->field[TW_FIELD_SRC];
    a->state = TW_STATE_ESTABLISHED;
    a->tcp_flags = TW_TCP_SYN | TW_TCP_ACK;
    asked->has_answer = true;
    if (q->kind == TW_KIND_PORTS) {
        a->field[TW_FIELD_SPORT] = q->field[TW_FIELD_DPORT];
        a->field[TW_FIELD_DPORT] = q->field[TW_FIELD_SPORT];
    } else if (q->kind == TW_KIND_ICMP) {
        TW_VEC(struct tw_range) types = {0};
        for (unsigned type = 0; type < 256; type++) {
            int answer = icmp_answer(q->family, type);
            if (answer >= 0 && tw_ranges_has(q->field[TW_FIELD_DPORT], type << 8)) {
                tw_u128 code = (tw_u128)(unsigned)answer << 8;
                *tw_vec_add(arena, &types) = (struct tw_range){code, code};
            }
        }
        asked->has_answer = types.len > 0;
        a->field[TW_FIELD_DPORT] = tw_ranges_of(arena, types.at, types.len);
    }
}

static const struct tw_ranges *protocols(struct tw_arena *arena, enum tw_family family,
                                         enum tw_kind kind)
{
    struct tw_range ports[] = {{6, 6}, {17, 17}, {33, 33}, {132, 132}, {136, 136}};
    const struct tw_ranges *with_ports =
        tw_ranges_of(arena, ports, sizeof ports / sizeof ports[0]);
    unsigned icmp = family == TW_IPV4 ? TW_PROTO_ICMP : TW_PROTO_ICMPV6;
    const struct tw_ranges *with_types = tw_ranges_one(arena, icmp, icmp);
    if (kind == TW_KIND_PORTS)
        return with_ports;
    if (kind == TW_KIND_ICMP)
        return with_types;
    return tw_ranges_not(arena, tw_ranges_union(arena, with_ports, with_types), 255);
}

struct asker {
    struct tw_arena *arena;
    const struct tw_flow *flow;
    enum tw_family family;
    const struct tw_ranges *src, *dst;
    TW_VEC(struct tw_asked) list;
    uint32_t entries;
};

/* The types whose first packets are in STATE. */
static const struct tw_ranges *icmp_types(struct tw_arena *arena, enum tw_family family,
                                          enum tw_state state)
{
    TW_VEC(struct tw_range) types = {0};
    for (unsigned type = 0; type < 256; type++)
        if (tw_icmp_first_state(family, type) == state)
            *tw_vec_add(arena, &types) =
                (struct tw_range){(tw_u128)type << 8, (tw_u128)type << 8 | 255};
    return tw_ranges_of(arena, types.at, types.len);
}

static void ask_state(struct asker *k, enum tw_kind kind, enum tw_state state,
                      const struct tw_ranges *proto, const struct tw_ranges *dport)
{
    struct tw_arena *arena = k->arena;
    bool required = k->flow->expect == TW_EXPECT_ALLOW;
    const struct tw_ranges *nothing = tw_ranges_one(arena, 0, 0);
    const struct tw_ranges *sport = k->flow->source_ports;
    if (!sport)
        sport = tw_ranges_one(arena, required ? 1024 : 0, 65535);
    struct tw_asked *asked = tw_vec_add(arena, &k->list);
    *asked = (struct tw_asked){.entry = k->entries};
    struct tw_question *q = &asked->question;
    *q = (struct tw_question){
        .family = k->family, .kind = kind, .tcp_flags = TW_TCP_SYN, .state = state};
    q->field[TW_FIELD_SRC] = k->src;
    q->field[TW_FIELD_DST] = k->dst;
    q->field[TW_FIELD_PROTO] = proto;
    q->field[TW_FIELD_DPORT] = kind == TW_KIND_OTHER ? nothing : dport;
    q->field[TW_FIELD_SPORT] = kind == TW_KIND_PORTS ? sport : nothing;
    if (required)
        make_answer(arena, asked);
}

static void ask(struct asker *k, enum tw_kind kind, const struct tw_ranges *proto,
                const struct tw_ranges *dport)
{
    static const enum tw_state states[] = {TW_STATE_NEW, TW_STATE_UNTRACKED,
                                           TW_STATE_INVALID};
    if (!dport)
        dport = tw_ranges_one(k->arena, 0, 65535);
    if (kind != TW_KIND_ICMP) {
        ask_state(k, kind, TW_STATE_NEW, proto, dport);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        const struct tw_ranges *types =
            tw_ranges_and(k->arena, dport, icmp_types(k->arena, k->family, states[i]));
        if (types->n)
            ask_state(k, kind, states[i], proto, types);
    }
}

static void ask_entry(struct asker *k, const struct tw_port_entry *e)
{
    if (!e->in[k->family])
        return;
    if (e->any) {
        for (int kind = TW_KIND_PORTS; kind <= TW_KIND_OTHER; kind++)
            ask(k, (enum tw_kind)kind,
                protocols(k->arena, k->family, (enum tw_kind)kind), NULL);
        k->entries++;
        return;
    }
    if (e->icmp) {
        ask(k, TW_KIND_ICMP, protocols(k->arena, k->family, TW_KIND_ICMP), e->dport);
    } else {
        enum tw_kind kind = tw_proto_has_ports(e->proto)            ? TW_KIND_PORTS
                            : tw_proto_is_icmp(e->proto, k->family) ? TW_KIND_ICMP
                                                                    : TW_KIND_OTHER;
        ask(k, kind, tw_ranges_one(k->arena, e->proto, e->proto), e->dport);
    }
    k->entries++;
}

struct tw_asked_list tw_flow_questions(struct tw_arena *arena,
                                       const struct tw_flow *flow,
                                       const struct tw_end *from,
                                       const struct tw_end *to)
{
    struct asker k = {.arena = arena, .flow = flow};
    for (int family = 0; family < TW_FAMILIES; family++) {
        k.family = (enum tw_family)family;
        k.src = from->hosts[family];
        k.dst = to->hosts[family];
        if (!k.src || !k.dst || k.src->n == 0 || k.dst->n == 0)
            continue;
        for (size_t i = 0; i < flow->ports.n; i++)
            ask_entry(&k, &flow->ports.at[i]);
    }
    return (struct tw_asked_list){k.list.at, k.list.len, k.entries};
}

/* --- ways ------------------------------------------------------------------------ */

struct walker {
    struct tw_arena *arena;
    struct tw_walls *walls;
    const struct tw_flow *flow;
    struct tw_names apps; /* the flow's, else, of a required one, its target's */
    /* The ends of the paths as they are declared: behind `in`, behind `out`. */
    const struct tw_end *near, *far;
    bool backwards;                /* the hops in reverse, in and out swapped */
    const struct tw_ways *forward; /* an answer: what the first packet crossed */
    TW_VEC(struct tw_way) list;
    size_t nsteps;
};

static struct walker walker_of(struct tw_arena *arena, struct tw_walls *walls,
                               const struct tw_flow *flow, const struct tw_end *from,
                               const struct tw_end *to)
{
    const struct tw_estate *e = walls->estate;
    struct walker k = {.arena = arena, .walls = walls, .flow = flow};
    k.near = from;
    k.far = to;
    k.apps = flow->apps;
    /* Whoever is to be kept out will not keep to what the target speaks. */
    if (k.apps.n == 0 && to->service != TW_NONE && flow->expect == TW_EXPECT_ALLOW)
        k.apps = e->services.at[to->service].apps;
    return k;
}

static bool crossed(const struct tw_ways *ways, uint32_t wall)
{
    for (size_t w = 0; w < ways->n; w++)
        for (size_t s = 0; s < ways->at[w].nsteps; s++)
            if (ways->at[w].steps[s].wall == wall)
                return true;
    return false;
}

static struct tw_str name_at(struct tw_names names, size_t i)
{
    return names.n ? names.at[i].text : TW_NO_STR;
}

/* The zone or interface of END that a path does not name. */
static struct tw_str zone_of(const struct walker *k, const struct tw_hop *hop,
                             const struct tw_end *end)
{
    return tw_policy_zone_of(k->walls->at[hop->wall].policy, end->hosts);
}

/* Are the applications of the flow more than one choice on PATH? */
static size_t app_choices(const struct walker *k, const struct tw_path *path)
{
    bool asked = false;
    for (size_t h = 0; h < path->nhops; h++)
        asked |= tw_wall_asks_app(&k->walls->at[path->hops[h].wall]);
    return asked && k->apps.n ? k->apps.n : 1;
}

static struct tw_step step_of(struct walker *k, const struct tw_hop *hop,
                              struct tw_settled settled)
{
    if (settled.in.len == 0)
        settled.in = zone_of(k, hop, k->near);
    if (settled.out.len == 0)
        settled.out = zone_of(k, hop, k->far);
    if (k->backwards) {
        struct tw_str in = settled.in;
        settled.in = settled.out;
        settled.out = in;
    }
    settled.users = k->flow->users;
    settled.unseen = k->forward && !crossed(k->forward, hop->wall);
    return (struct tw_step){hop->wall,
                            tw_walls_crossing(k->arena, k->walls, hop->wall, &settled),
                            settled.unseen};
}

/* All choices of applications, and of interfaces of the hops of PATH, as ways. */
static void walk(struct walker *k, const struct tw_path *path)
{
    size_t napps = app_choices(k, path), choices = napps;
    for (size_t h = 0; h < path->nhops; h++) {
        const struct tw_hop *hop = &path->hops[h];
        choices *= (hop->in.n ? hop->in.n : 1) * (hop->out.n ? hop->out.n : 1);
    }
    for (size_t c = 0; c < choices; c++) {
        struct tw_step *steps = tw_new_array(k->arena, path->nhops, struct tw_step);
        struct tw_settled settled = {.app = name_at(k->apps, c % napps)};
        size_t left = c / napps;
        for (size_t h = 0; h < path->nhops; h++) {
            const struct tw_hop *hop =
                &path->hops[k->backwards ? path->nhops - 1 - h : h];
            size_t nin = hop->in.n ? hop->in.n : 1, nout = hop->out.n ? hop->out.n : 1;
            settled.in = name_at(hop->in, left % nin);
            left /= nin;
            settled.out = name_at(hop->out, left % nout);
            left /= nout;
            steps[h] = step_of(k, hop, settled);
        }
        *tw_vec_add(k->arena, &k->list) = (struct tw_way){steps, path->nhops};
        k->nsteps += path->nhops;
    }
}

static struct tw_ways walk_all(struct walker *k, struct tw_path_list paths)
{
    for (size_t i = 0; i < paths.n; i++)
        walk(k, paths.at[i]);
    return (struct tw_ways){k->list.at, k->list.len, k->nsteps};
}

struct tw_ways tw_ways_of(struct tw_arena *arena, struct tw_walls *walls,
                          const struct tw_flow *flow, const struct tw_end *from,
                          const struct tw_end *to)
{
    struct walker k = walker_of(arena, walls, flow, from, to);
    return walk_all(&k, tw_estate_paths(arena, walls->estate, from->zone, from->site,
                                        to->zone, to->site));
}

struct tw_ways tw_answer_ways(struct tw_arena *arena, struct tw_walls *walls,
                              const struct tw_flow *flow, const struct tw_end *from,
                              const struct tw_end *to, const struct tw_ways *forward)
{
    const struct tw_estate *estate = walls->estate;
    struct walker k = walker_of(arena, walls, flow, from, to);
    struct tw_path_list back = {0};
    k.forward = forward;
    if (from->zone != TW_ZONE_OUTSIDE)
        back =
            tw_estate_paths(arena, estate, to->zone, to->site, from->zone, from->site);
    if (back.n) {
        k.near = to;
        k.far = from;
        return walk_all(&k, back);
    }
    k.backwards = true;
    return walk_all(
        &k, tw_estate_paths(arena, estate, from->zone, from->site, to->zone, to->site));
}

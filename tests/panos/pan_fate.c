/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding one packet of every kind.
 *
 * All spans that rules lean on cut the line of addresses, or of ports, into pieces; two
 * pieces are alike where the same spans hold them. The first number of each piece
 * stands for it, and one piece for those that are alike.
 */
#include "pan_fate.h"

#include <string.h>

enum { SPANS = 128, KINDS = 64, WORK_MAX = 3000000 };

/* Spans of one line. */
struct cuts {
    int n;
    struct pan_span at[SPANS];
    uint32_t loose[SPANS]; /* wildcards: these bits do not matter */
    int place[SPANS];      /* ports: the protocol; addresses: the family */
};

/* One number of each kind. */
struct kinds {
    int n;
    uint32_t at[KINDS];
    int place[KINDS];
};

struct used {
    const struct pan_wall *wall;
    bool name[PAN_NAMES];
};

/* --- which names do rules lean on? -------------------------------------------------
 */

static void use(struct used *u, int name)
{
    const struct pan_wall *w = u->wall;
    if (u->name[name])
        return;
    u->name[name] = true;
    for (int i = 0; i < w->nthings; i++) {
        const struct pan_thing *t = &w->things[i];
        for (int k = 0; k < t->members.n && t->name == name; k++)
            use(u, t->members.at[k]);
        /* Which objects a dynamic group holds is told by their tags: any of them. */
        for (int k = 0; k < w->nthings; k++)
            if (t->name == name && t->kind == PAN_DYNAMIC && w->things[k].tags)
                use(u, w->things[k].name);
    }
    for (int i = 0; i < w->nservices; i++)
        for (int k = 0; k < w->services[i].members.n && w->services[i].name == name;
             k++)
            use(u, w->services[i].members.at[k]);
}

static void use_list(struct used *u, const struct pan_list *list)
{
    for (int i = 0; i < list->n; i++)
        use(u, list->at[i]);
}

static void cut(struct cuts *cuts, struct pan_span span, uint32_t loose, int place)
{
    if (cuts->n == SPANS)
        return;
    cuts->at[cuts->n] = span;
    cuts->loose[cuts->n] = loose;
    cuts->place[cuts->n++] = place;
}

static void cut_addresses(struct cuts *cuts, const struct pan_wall *w, int side)
{
    struct used u = {.wall = w};
    int order[PAN_RULES], n = pan_order(w, order), family;
    struct pan_span span;
    for (int i = 0; i < n; i++)
        use_list(&u, &w->rules[order[i]].end[side]);
    for (int i = 0; i < w->noverrides; i++)
        use_list(&u, &w->overrides[i].end[side]);
    for (int i = 0; i < w->nthings; i++) {
        const struct pan_thing *t = &w->things[i];
        if (u.name[t->name] && (t->kind <= PAN_WILDCARD || t->kind == PAN_REGION))
            cut(cuts, t->span, t->kind == PAN_WILDCARD ? t->loose : 0, t->family);
    }
    for (int i = 0; i < w->nnames; i++)
        if (u.name[i] && pan_literal(w->names[i], &family, &span))
            cut(cuts, span, 0, family);
}

/* Ports of destinations, or of sources. */
static void cut_ports(struct cuts *cuts, const struct pan_wall *w, bool sources)
{
    struct used u = {.wall = w};
    int order[PAN_RULES], n = pan_order(w, order);
    for (int i = 0; i < n; i++)
        use_list(&u, &w->rules[order[i]].services);
    for (int i = 0; i < w->nservices; i++) {
        const struct pan_service *s = &w->services[i];
        int spans = sources ? s->nsports : s->nports;
        for (int k = 0; k < spans && u.name[s->name] && !s->group; k++)
            cut(cuts, sources ? s->sports[k] : s->ports[k], 0, s->proto);
    }
    if (sources)
        return;
    const struct pan_app *tables[] = {w->apps, w->table};
    int sizes[] = {w->napps, w->ntable};
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < sizes[t]; i++)
            for (int k = 0; k < tables[t][i].nports; k++)
                cut(cuts, tables[t][i].ports[k], 0, tables[t][i].proto[k]);
    for (int i = 0; i < w->noverrides; i++)
        cut(cuts, w->overrides[i].ports, 0, w->overrides[i].proto);
    static const uint32_t built_in[] = {80, 443, 8080};
    for (size_t i = 0; i < 3; i++)
        cut(cuts, (struct pan_span){built_in[i], built_in[i]}, 0, 6);
}

/* --- one of each kind ---------------------------------------------------------------
 */

static bool held(const struct cuts *cuts, int i, uint32_t x, int place)
{
    if (cuts->place[i] != place)
        return false;
    if (cuts->loose[i])
        return (x & ~cuts->loose[i]) == cuts->at[i].lo;
    return cuts->at[i].lo <= x && x <= cuts->at[i].hi;
}

static bool alike(const struct cuts *cuts, uint32_t x, uint32_t y, int place)
{
    for (int i = 0; i < cuts->n; i++)
        if (held(cuts, i, x, place) != held(cuts, i, y, place))
            return false;
    return true;
}

static void stand(const struct cuts *cuts, struct kinds *kinds, uint32_t x, int place)
{
    for (int i = 0; i < kinds->n; i++)
        if (kinds->place[i] == place && alike(cuts, kinds->at[i], x, place))
            return;
    if (kinds->n == KINDS)
        return;
    kinds->at[kinds->n] = x;
    kinds->place[kinds->n++] = place;
}

static void find_kinds(const struct cuts *cuts, struct kinds *kinds, int place,
                       uint32_t max)
{
    stand(cuts, kinds, 0, place);
    for (int i = 0; i < cuts->n; i++) {
        if (cuts->place[i] != place)
            continue;
        stand(cuts, kinds, cuts->at[i].lo, place);
        if (cuts->at[i].hi < max)
            stand(cuts, kinds, cuts->at[i].hi + 1, place);
        for (uint32_t low = 0; low < 64 && cuts->loose[i]; low++)
            stand(cuts, kinds, (cuts->at[i].lo & ~(uint32_t)63) | low, place);
    }
}

/* --- every kind of packet ------------------------------------------------------------
 */

struct search {
    const struct pan_wall *wall;
    int k;
    struct kinds src, dst, dport, sport;
    bool reached, missed, too_many;
    uint64_t work;
};

static bool done(const struct search *s)
{
    return (s->reached && s->missed) || s->too_many;
}

static void look(struct search *s, const struct pan_packet *p)
{
    const struct pan_wall *w = s->wall;
    int others = pan_open_zones(w) ? 1 : 0;
    for (int i = 0; i < w->nzones + others; i++)
        for (int k = 0; k < w->nzones + 2 * others && !done(s); k++) {
            int from = i < w->nzones ? i : PAN_OTHER_ZONE;
            int to = k < w->nzones ? k : PAN_OTHER_ZONE + k - w->nzones;
            struct pan_reach r = pan_reach(w, p, from, to, s->k);
            s->reached |= r.reached;
            s->missed |= r.missed;
            s->too_many |= r.too_many || ++s->work > WORK_MAX;
        }
}

static void look_at_ports(struct search *s, struct pan_packet p)
{
    static const uint32_t icmp[] = {0,           1,           8 << 8,
                                    8 << 8 | 1,  8 << 8 | 2,  13 << 8,
                                    13 << 8 | 1, 13 << 8 | 2, 5 << 8};
    for (int i = 0; i < s->dport.n; i++)
        for (int k = 0; k < s->sport.n && !done(s); k++) {
            if (s->dport.place[i] != s->sport.place[k])
                continue;
            p.proto = s->dport.place[i];
            p.dport = s->dport.at[i];
            p.sport = s->sport.at[k];
            look(s, &p);
        }
    p.sport = 0;
    for (size_t i = 0; i < sizeof icmp / sizeof icmp[0] && !done(s); i++) {
        p.proto = p.family ? 58 : 1;
        p.dport = icmp[i];
        look(s, &p);
    }
    p.dport = 0;
    static const int others[] = {47, 50};
    for (size_t i = 0; i < 2 && !done(s); i++) {
        p.proto = others[i];
        look(s, &p);
    }
}

static void find_all_kinds(struct search *s)
{
    static const int protocols[] = {6, 17, 132};
    struct cuts cuts[4] = {{0}};
    cut_addresses(&cuts[0], s->wall, 0);
    cut_addresses(&cuts[1], s->wall, 1);
    cut_ports(&cuts[2], s->wall, false);
    cut_ports(&cuts[3], s->wall, true);
    for (int family = 0; family < 2; family++) {
        find_kinds(&cuts[0], &s->src, family, UINT32_MAX);
        find_kinds(&cuts[1], &s->dst, family, UINT32_MAX);
    }
    for (int i = 0; i < 3; i++) {
        find_kinds(&cuts[2], &s->dport, protocols[i], 65535);
        find_kinds(&cuts[3], &s->sport, protocols[i], 65535);
    }
    for (int i = 0; i < 4; i++)
        s->too_many |= cuts[i].n == SPANS;
    s->too_many |= s->src.n == KINDS || s->dst.n == KINDS || s->dport.n == KINDS ||
                   s->sport.n == KINDS;
}

enum pan_fate pan_fate(const struct pan_wall *wall, int k)
{
    struct search s = {.wall = wall, .k = k};
    find_all_kinds(&s);
    for (int i = 0; i < s.src.n; i++)
        for (int j = 0; j < s.dst.n && !done(&s); j++)
            if (s.src.place[i] == s.dst.place[j])
                look_at_ports(&s,
                              (struct pan_packet){.family = s.src.place[i],
                                                  .end = {s.src.at[i], s.dst.at[j]}});
    if (s.reached && s.missed)
        return PAN_PARTLY;
    if (s.too_many)
        return PAN_TOO_MANY;
    return s.reached ? PAN_LIVE : s.missed ? PAN_DEAD : PAN_UNMATCHABLE;
}

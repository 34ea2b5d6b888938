/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the edges of a wall's spans, and numbers the packets that they make. */
#include "pan_points.h"

#include <string.h>

static void add(struct pan_points *points, uint32_t x)
{
    int at = 0;
    while (at < points->n && points->at[at] < x)
        at++;
    if (points->n == PAN_POINTS || (at < points->n && points->at[at] == x))
        return;
    memmove(&points->at[at + 1], &points->at[at],
            (size_t)(points->n - at) * sizeof points->at[0]);
    points->at[at] = x;
    points->n++;
}

/* Its ends, and what is right before and behind it. */
static void add_edges(struct pan_points *points, struct pan_span span, uint32_t max)
{
    add(points, span.lo);
    add(points, span.hi);
    if (span.lo)
        add(points, span.lo - 1);
    if (span.hi < max)
        add(points, span.hi + 1);
}

static void thin(struct pan_points *points, int most, uint64_t *state)
{
    while (points->n > most) {
        int at = (int)pan_draw(state, (uint32_t)points->n);
        points->n--;
        memmove(&points->at[at], &points->at[at + 1],
                (size_t)(points->n - at) * sizeof points->at[0]);
    }
}

static void add_addresses(struct pan_universe *u, const struct pan_wall *wall)
{
    int family;
    struct pan_span span;
    for (int i = 0; i < wall->nthings; i++) {
        const struct pan_thing *t = &wall->things[i];
        if (t->kind <= PAN_RANGE || t->kind == PAN_REGION)
            add_edges(&u->address[t->family], t->span, UINT32_MAX);
        if (t->kind == PAN_WILDCARD)
            for (uint32_t x = 0; x < 64; x += 5)
                add(&u->address[0], (t->span.lo & ~(uint32_t)63) + x);
    }
    for (int i = 0; i < wall->nnames; i++)
        if (pan_literal(wall->names[i], &family, &span))
            add_edges(&u->address[family], span, UINT32_MAX);
    add(&u->address[0], (10u << 24) + 200);
    add(&u->address[1], 77);
}

static void add_ports(struct pan_universe *u, const struct pan_wall *wall)
{
    for (int i = 0; i < wall->nservices; i++) {
        const struct pan_service *s = &wall->services[i];
        for (int k = 0; k < s->nports && !s->group; k++)
            add_edges(&u->dport, s->ports[k], 65535);
        for (int k = 0; k < s->nsports && !s->group; k++)
            add_edges(&u->sport, s->sports[k], 65535);
        if (!s->group)
            add(&u->proto, (uint32_t)s->proto);
    }
    const struct pan_app *tables[] = {wall->apps, wall->table};
    int n[] = {wall->napps, wall->ntable};
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < n[t]; i++)
            for (int k = 0; k < tables[t][i].nports; k++)
                add_edges(&u->dport, tables[t][i].ports[k], 65535);
    for (int i = 0; i < wall->noverrides; i++)
        add_edges(&u->dport, wall->overrides[i].ports, 65535);
    add(&u->dport, 443);
    add(&u->dport, 80);
    add(&u->sport, 40000);
    add(&u->proto, 6);
    add(&u->proto, 17);
}

void pan_points(struct pan_universe *universe, const struct pan_wall *wall, int most,
                uint64_t *state)
{
    static const uint32_t icmp[] = {0, 8 << 8, 8 << 8 | 1, 13 << 8, 13 << 8 | 1};
    memset(universe, 0, sizeof *universe);
    add_addresses(universe, wall);
    add_ports(universe, wall);
    for (size_t i = 0; i < sizeof icmp / sizeof icmp[0]; i++)
        add(&universe->icmp, icmp[i]);
    add(&universe->other, 47);
    add(&universe->other, 50);
    thin(&universe->address[0], most, state);
    thin(&universe->address[1], most, state);
    thin(&universe->dport, most, state);
    thin(&universe->sport, most / 2 + 1, state);
}

uint64_t pan_count(const struct pan_universe *universe, int family,
                   enum pan_packets kind)
{
    uint64_t ends =
        (uint64_t)universe->address[family].n * (uint64_t)universe->address[family].n;
    if (kind == PAN_ICMP)
        return ends * (uint64_t)universe->icmp.n;
    if (kind == PAN_WITHOUT_PORTS)
        return ends * (uint64_t)universe->other.n;
    return ends * (uint64_t)(universe->proto.n * universe->dport.n * universe->sport.n);
}

static uint32_t take(const struct pan_points *points, uint64_t *number)
{
    uint64_t n = (uint64_t)points->n, at = *number % n;
    *number /= n;
    return points->at[at];
}

struct pan_packet pan_packet_at(const struct pan_universe *universe, int family,
                                enum pan_packets kind, uint64_t number)
{
    struct pan_packet p = {.family = family};
    p.end[0] = take(&universe->address[family], &number);
    p.end[1] = take(&universe->address[family], &number);
    if (kind == PAN_ICMP) {
        p.proto = family ? 58 : 1;
        p.dport = take(&universe->icmp, &number);
    } else if (kind == PAN_WITHOUT_PORTS) {
        p.proto = (int)take(&universe->other, &number);
    } else {
        p.proto = (int)take(&universe->proto, &number);
        p.dport = take(&universe->dport, &number);
        p.sport = take(&universe->sport, &number);
    }
    return p;
}

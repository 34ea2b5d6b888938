/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boxes of a report against the flow that they are about: read back from their
 * text, held inside the flow's addresses and ports, and against one another.
 */
#include <stdio.h>

#include "golden_shape.h"

enum { SRC, DST, PROTO, DPORT, SPORT, SIDES };

struct box {
    enum tw_family family;
    struct tw_range side[SIDES];
};

static bool read_number(struct tw_str s, tw_u128 *out)
{
    uint64_t n;
    bool ok = tw_parse_u64(s, UINT32_MAX, &n);
    *out = n;
    return ok;
}

static bool read_range(const struct json_node *n, struct tw_range *out)
{
    size_t dash = tw_str_find(n->text, '-');
    bool one = dash == n->text.len;
    bool ok = read_number(tw_str_first(n->text, dash), &out->lo);
    out->hi = out->lo;
    return ok && (one || read_number(tw_str_from(n->text, dash + 1), &out->hi)) &&
           out->lo <= out->hi;
}

static bool read_proto(const struct json_node *n, struct tw_range *out)
{
    unsigned proto;
    if (tw_proto_parse(n->text, &proto)) {
        *out = (struct tw_range){proto, proto};
        return true;
    }
    return read_range(n, out);
}

/* "8", "8/0", "8-13", "8/1-13/5" into type << 8 | code. */
static bool read_icmp(const struct json_node *n, struct tw_range *out)
{
    tw_u128 ends[2][2]; /* type and code */
    struct tw_str rest = n->text, end;
    size_t i = 0;
    bool coded = tw_str_find(rest, '/') < rest.len, ok = true;
    for (; ok && i < 2 && tw_str_split(&rest, '-', &end); i++) {
        size_t slash = tw_str_find(end, '/');
        ends[i][1] = i ? 255 : 0;
        ok = read_number(tw_str_first(end, slash), &ends[i][0]) &&
             (!coded || read_number(tw_str_from(end, slash + 1), &ends[i][1]));
    }
    if (!ok || i == 0)
        return false;
    out->lo = ends[0][0] << 8 | ends[0][1];
    out->hi = i == 2  ? ends[1][0] << 8 | ends[1][1]
              : coded ? out->lo
                      : (ends[0][0] << 8 | 255);
    return out->lo <= out->hi;
}

static bool read_box(const struct json_node *node, struct box *box)
{
    enum tw_family family;
    const struct json_node *dport = json_get(node, "dport");
    const struct json_node *sport = json_get(node, "sport");
    const struct json_node *icmp = json_get(node, "icmp");
    struct tw_range all = {0, 65535};
    bool ok = tw_ip_range_parse(json_get(node, "src")->text, &box->family,
                                &box->side[SRC], NULL) &&
              tw_ip_range_parse(json_get(node, "dst")->text, &family, &box->side[DST],
                                NULL) &&
              family == box->family &&
              read_proto(json_get(node, "proto"), &box->side[PROTO]);
    box->side[DPORT] = box->side[SPORT] = all;
    if (dport)
        ok = ok && read_range(dport, &box->side[DPORT]);
    if (icmp)
        ok = ok && read_icmp(icmp, &box->side[DPORT]);
    if (sport)
        ok = ok && read_range(sport, &box->side[SPORT]);
    return ok;
}

static bool meet(const struct box *a, const struct box *b)
{
    if (a->family != b->family)
        return false;
    for (int i = 0; i < SIDES; i++)
        if (a->side[i].hi < b->side[i].lo || b->side[i].hi < a->side[i].lo)
            return false;
    return true;
}

static bool within(const struct tw_ranges *list, struct tw_range r)
{
    struct tw_ranges one = {1, &r};
    return list && tw_ranges_cover(list, &one);
}

/* The packets of one entry of `ports`; a box without ports is whole there. */
static bool entry_holds(const struct tw_port_entry *e, const struct box *box)
{
    unsigned icmp = box->family == TW_IPV4 ? TW_PROTO_ICMP : TW_PROTO_ICMPV6;
    unsigned proto = e->icmp ? icmp : e->proto;
    if (e->any)
        return true;
    return e->in[box->family] && box->side[PROTO].lo == proto &&
           box->side[PROTO].hi == proto &&
           (!e->dport || within(e->dport, box->side[DPORT]));
}

struct ends {
    const struct tw_flow *flow;
    uint32_t from_site, to_site; /* from_site TW_NONE: any */
};

static bool inside(struct golden *g, const struct ends *ends, const struct box *box)
{
    const struct tw_service *services = g->estate->services.at;
    const struct tw_flow *flow = ends->flow;
    bool entry = false;
    for (size_t i = 0; i < flow->ports.n; i++)
        entry |= entry_holds(&flow->ports.at[i], box);
    bool src = ends->from_site == TW_NONE ||
               within(services[flow->from].hosts[box->family][ends->from_site],
                      box->side[SRC]);
    return entry && src &&
           within(services[flow->to].hosts[box->family][ends->to_site], box->side[DST]);
}

/* The source port of required flows is from 1024 up, unless the flow says otherwise;
 * a box that does not say has all of them. */
static bool sports_inside(const struct tw_flow *flow, const struct json_node *node,
                          const struct box *box)
{
    struct tw_range usual = {1024, 65535};
    struct tw_ranges list = {1, &usual};
    if (!json_get(node, "sport"))
        return true;
    if (flow->source_ports)
        return within(flow->source_ports, box->side[SPORT]);
    return flow->expect != TW_EXPECT_ALLOW || within(&list, box->side[SPORT]);
}

static bool witness_inside(const struct json_node *node, const struct box *box)
{
    struct box w;
    const struct json_node *witness = json_get(node, "witness");
    enum tw_family family;
    if (!witness)
        return true;
    bool ok = tw_ip_range_parse(json_get(witness, "src")->text, &w.family, &w.side[SRC],
                                NULL) &&
              tw_ip_range_parse(json_get(witness, "dst")->text, &family, &w.side[DST],
                                NULL) &&
              read_proto(json_get(witness, "proto"), &w.side[PROTO]);
    w.side[DPORT] = box->side[DPORT];
    w.side[SPORT] = box->side[SPORT];
    if (ok && json_get(witness, "dport"))
        ok = read_range(json_get(witness, "dport"), &w.side[DPORT]) &&
             read_range(json_get(witness, "sport"), &w.side[SPORT]);
    return ok && meet(&w, box);
}

enum { BOXES_MAX = 4096 };

struct pile {
    struct box at[BOXES_MAX];
    size_t n;
};

static void hold_list(struct golden *g, const struct ends *ends, struct pile *pile,
                      const struct json_node *list)
{
    for (const struct json_node *m = list ? list->first : NULL; m; m = m->next) {
        struct tw_str id = ends->flow->id;
        struct box box;
        if (!read_box(m, &box)) {
            golden_fault(g, "flow %.*s: a box that cannot be read", (int)id.len,
                         id.ptr);
            continue;
        }
        if (!inside(g, ends, &box) || !sports_inside(ends->flow, m, &box))
            golden_fault(g, "flow %.*s: a box outside of the flow", (int)id.len,
                         id.ptr);
        if (!witness_inside(m, &box))
            golden_fault(g, "flow %.*s: a witness outside of its box", (int)id.len,
                         id.ptr);
        for (size_t i = 0; i < pile->n; i++)
            if (meet(&pile->at[i], &box))
                golden_fault(g, "flow %.*s: two boxes overlap", (int)id.len, id.ptr);
        if (pile->n < BOXES_MAX)
            pile->at[pile->n++] = box;
    }
}

static const struct tw_flow *find_flow(struct golden *g, struct tw_str id)
{
    for (size_t i = 0; i < g->estate->flows.len; i++)
        if (tw_str_eq(g->estate->flows.at[i].id, id))
            return &g->estate->flows.at[i];
    return NULL;
}

void golden_boxes(struct golden *g, const struct json_node *root)
{
    static const char *const lists[] = {"missing", "excess", "unsure"};
    const struct json_node *flows = json_get(root, "flows");
    for (const struct json_node *f = flows ? flows->first : NULL; f; f = f->next) {
        struct ends ends = {.flow = find_flow(g, json_get(f, "id")->text)};
        if (!ends.flow) {
            golden_fault(g, "a flow that the estate does not have");
            continue;
        }
        for (const struct json_node *p = json_get(f, "pairs")->first; p; p = p->next) {
            const struct json_node *from = json_get(p, "from_site");
            ends.from_site = from->kind == JSON_NULL
                                 ? TW_NONE
                                 : tw_estate_site(g->estate, from->text);
            ends.to_site = tw_estate_site(g->estate, json_get(p, "to_site")->text);
            struct pile *pile = tw_new(g->arena, struct pile);
            for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
                hold_list(g, &ends, pile, json_get(p, lists[i]));
        }
    }
}

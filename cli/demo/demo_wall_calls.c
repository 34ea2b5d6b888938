/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the demo's walls that let the plan's calls through, for demo_wall.c.
 *
 * A direction (one zone to another) has a chain; it jumps to a chain per called
 * service, which accepts the callers one by one. A service with many callers splits
 * them by room first. jinfu-fw was rebuilt for the new room: what goes to the other
 * zone's new room is listed in one chain, NEWROOM-OUT, which drops the rest; the rule
 * that the incident lacks would stand there.
 */
#include "demo_wall.h"

#include <string.h>

struct direction {
    unsigned wall;
    enum tw_demo_zone from, to;
    const char *in, *out;
    const char *chain;
    const char *target_prefix; /* of the chains per called service */
    const char *newroom;       /* the chain for the target zone's new room, or NULL */
};

static const struct direction directions[] = {
    {TW_DEMO_JINFU_FW, TW_DEMO_JINFU, TW_DEMO_LFT, "eth0", "eth1", "OUT-LFT", "to",
     "NEWROOM-OUT"},
    {TW_DEMO_JINFU_FW, TW_DEMO_LFT, TW_DEMO_JINFU, "eth1", "eth0", "IN-LFT", "in",
     NULL},
    {TW_DEMO_LFT_FW, TW_DEMO_JINFU, TW_DEMO_LFT, "eth0", "eth1", "FROM-JINFU", "svc",
     NULL},
    {TW_DEMO_LFT_FW, TW_DEMO_LFT, TW_DEMO_JINFU, "eth1", "eth0", "TO-JINFU", "jf",
     NULL},
    {TW_DEMO_LFT_FW, TW_DEMO_LFT, TW_DEMO_CHANNELS, "eth1", "eth2", "TO-BANKS", "ch",
     NULL},
    {TW_DEMO_LFT_FW, TW_DEMO_CHANNELS, TW_DEMO_LFT, "eth2", "eth1", "FROM-BANKS", "cb",
     NULL},
};

enum { DIRECTION_COUNT = sizeof directions / sizeof directions[0] };

/* From this many callers on, a target's chain splits them by room. */
enum { CALLERS_TO_SPLIT = 6 };

/* The prefixes that the rooms of a zone lie in. Banks lie in none of them. */
static const char *const room_prefixes[TW_DEMO_CHANNELS][TW_DEMO_SITES] = {
    {"10.16.0.0/14", "10.20.0.0/14"},
    {"10.64.0.0/15", "10.66.0.0/15"},
};

static const char *const zone_prefixes[TW_DEMO_CHANNELS] = {
    "10.16.0.0/12",
    "10.64.0.0/12",
};

/* The two halves of an address match: iptables-save puts -s, -d before -p, and
   -m iprange after it. */
struct address_match {
    char plain[40];   /* "-s 10.0.0.0/24 " or empty */
    char iprange[72]; /* "-m iprange --src-range 10.0.0.1-10.0.0.9 " or empty */
};

static void address_text(char out[20], uint32_t a)
{
    snprintf(out, 20, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static struct address_match address_match(char letter, struct tw_demo_pool pool)
{
    struct address_match m = {{0}, {0}};
    char lo[20], hi[20];
    int len = tw_demo_pool_prefix(pool);

    address_text(lo, pool.lo);
    address_text(hi, pool.hi);
    if (len >= 0)
        snprintf(m.plain, sizeof m.plain, "-%c %s/%d ", letter, lo, len);
    else
        snprintf(m.iprange, sizeof m.iprange, "-m iprange --%s-range %s-%s ",
                 letter == 's' ? "src" : "dst", lo, hi);
    return m;
}

/* A service's addresses in a room as this wall writes them: ranges, or prefixes. */
static size_t pools_of(const struct tw_demo_wall *w, const struct tw_demo_service *s,
                       enum tw_demo_site site, struct tw_demo_pool *out, size_t max)
{
    struct tw_demo_pool pools[TW_DEMO_POOLS_MAX], prefix;
    size_t i, n = tw_demo_pools(s, site, pools), made = 0;

    for (i = 0; i < n; i++) {
        if (!w->prefixes && made < max) {
            out[made++] = pools[i];
            continue;
        }
        while (made < max && tw_demo_pool_take(&pools[i], &prefix))
            out[made++] = prefix;
    }
    return made;
}

enum { POOLS_WRITTEN_MAX = 16 };

static void port_text(char *out, size_t size, struct tw_demo_port p)
{
    if (p.lo == p.hi)
        snprintf(out, size, "%u", p.lo);
    else
        snprintf(out, size, "%u:%u", p.lo, p.hi);
}

/*
 * The protocol and port matches of a flow, one for each rule that it takes: a rule per
 * entry, or one multiport rule where the entries share a protocol.
 */
static size_t port_matches(const struct tw_demo_flow *f, bool multiport,
                           char out[TW_DEMO_PORTS_MAX][80])
{
    struct tw_demo_port ports[TW_DEMO_PORTS_MAX];
    size_t i, n = tw_demo_flow_ports(f, ports);
    char a[16], b[16];

    if (multiport && n == 2 && ports[0].udp == ports[1].udp) {
        port_text(a, sizeof a, ports[0]);
        port_text(b, sizeof b, ports[1]);
        snprintf(out[0], 80, "-p %s -m multiport --dports %s,%s ",
                 ports[0].udp ? "udp" : "tcp", a, b);
        return 1;
    }
    for (i = 0; i < n; i++) {
        const char *proto = ports[i].udp ? "udp" : "tcp";

        port_text(a, sizeof a, ports[i]);
        if (multiport)
            snprintf(out[i], 80, "-p %s -m multiport --dports %s ", proto, a);
        else
            snprintf(out[i], 80, "-p %s -m %s --dport %s ", proto, proto, a);
    }
    return n;
}

/* Accepts a flow's callers of one room; with `to_site`, for that room's hosts only. */
static void flow_accept(struct tw_demo_wall *w, const struct tw_demo_flow *f,
                        enum tw_demo_site from_site, const enum tw_demo_site *to_site)
{
    struct tw_demo_pool src[POOLS_WRITTEN_MAX], dst[POOLS_WRITTEN_MAX];
    char ports[TW_DEMO_PORTS_MAX][80];
    uint32_t style = tw_demo_mix(f->to->slot * 4u + (uint32_t)f->to->zone, w->bit);
    size_t i, j, k, src_count, dst_count = 1, port_count;

    src_count = pools_of(w, f->from, from_site, src, POOLS_WRITTEN_MAX);
    port_count = port_matches(f, style % 5 == 0, ports);
    if (to_site != NULL)
        dst_count = pools_of(w, f->to, *to_site, dst, POOLS_WRITTEN_MAX);
    for (i = 0; i < src_count; i++)
        for (j = 0; j < dst_count; j++)
            for (k = 0; k < port_count; k++) {
                struct address_match s = address_match('s', src[i]);
                struct address_match d = {{0}, {0}};
                unsigned ticket = f->ticket;
                bool newroom = to_site != NULL || from_site == TW_DEMO_DR;

                if (to_site != NULL)
                    d = address_match('d', dst[j]);
                tw_demo_wall_rule(
                    w, true,
                    "%s%s%s%s%s%s-m comment --comment \"%s%s CHG-%u-%04u\" -j ACCEPT",
                    s.plain, d.plain, ports[k], s.iprange, d.iprange,
                    style % 3 == 0 ? "-m conntrack --ctstate NEW " : "",
                    style % 7 == 0 ? f->from->title : f->from->name,
                    newroom ? ", new room" : "", newroom ? 2022u : 2019 + ticket % 4,
                    ticket / 4 % 9000 + 100);
            }
}

static bool flow_goes(const struct tw_demo_flow *f, const struct direction *d)
{
    return !f->deny && f->from->zone == d->from && f->to->zone == d->to;
}

static size_t callers_count(const struct tw_demo_wall *w, const struct direction *d,
                            const struct tw_demo_service *to)
{
    size_t i, n = 0;

    for (i = 0; i < w->plan->flow_count; i++)
        n += flow_goes(&w->plan->flows[i], d) && w->plan->flows[i].to == to;
    return n;
}

/* Whether the chain of a service is reached for its hosts in this room. */
static bool target_reached(const struct direction *d, enum tw_demo_site site)
{
    return d->newroom == NULL || site != TW_DEMO_DR;
}

/* The callers of one room, without those whose rule was forgotten here. */
static void callers_accept(struct tw_demo_wall *w, const struct direction *d,
                           const struct tw_demo_service *to,
                           enum tw_demo_site from_site)
{
    size_t i;

    for (i = 0; i < w->plan->flow_count; i++) {
        const struct tw_demo_flow *f = &w->plan->flows[i];

        /* in a chain for both rooms of the target a gap is one for both */
        if (flow_goes(f, d) && f->to == to &&
            (tw_demo_gap(f, from_site, TW_DEMO_MAIN) & w->bit) == 0)
            flow_accept(w, f, from_site, NULL);
    }
}

static void target_chain(struct tw_demo_wall *w, const struct direction *d,
                         const struct tw_demo_service *to)
{
    bool guarded = d->from != TW_DEMO_CHANNELS && tw_demo_mix(to->slot, 3) % 3 == 0;
    bool split =
        d->from != TW_DEMO_CHANNELS && callers_count(w, d, to) >= CALLERS_TO_SPLIT;
    bool sealed = strcmp(to->team, "crypto") == 0;
    int site;

    tw_demo_wall_chain(w, NULL, "%s_%s", d->target_prefix, to->name);
    if (guarded)
        tw_demo_wall_rule(w, false, "! -s %s -j RETURN", zone_prefixes[d->from]);
    for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++) {
        if (split)
            tw_demo_wall_rule(w, true, "-s %s -j %s_%s_%s",
                              room_prefixes[d->from][site], d->target_prefix, to->name,
                              tw_demo_site_name((enum tw_demo_site)site));
        else
            callers_accept(w, d, to, (enum tw_demo_site)site);
    }
    if (sealed)
        tw_demo_wall_rule(w, true, "-g REFUSE");
    else if (guarded)
        tw_demo_wall_rule(w, true, "-j RETURN");
    for (site = TW_DEMO_MAIN; split && site < TW_DEMO_SITES; site++) {
        tw_demo_wall_chain(w, NULL, "%s_%s_%s", d->target_prefix, to->name,
                           tw_demo_site_name((enum tw_demo_site)site));
        callers_accept(w, d, to, (enum tw_demo_site)site);
    }
}

/* Jumps by the called service's address, a goto where nothing else could match. */
static void direction_chain(struct tw_demo_wall *w, const struct direction *d)
{
    struct tw_demo_pool pools[POOLS_WRITTEN_MAX];
    size_t i, j, n;
    int site;

    tw_demo_wall_chain(w, NULL, "%s", d->chain);
    if (d->newroom != NULL)
        tw_demo_wall_rule(
            w, true,
            "-d %s -m comment --comment \"the new room has its own list\" "
            "-g %s",
            room_prefixes[d->to][TW_DEMO_DR], d->newroom);
    for (i = 0; i < tw_demo_catalogue_count; i++) {
        const struct tw_demo_service *to = &tw_demo_catalogue[i];

        if (callers_count(w, d, to) == 0)
            continue;
        for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++) {
            if (!target_reached(d, (enum tw_demo_site)site))
                continue;
            n = pools_of(w, to, (enum tw_demo_site)site, pools, POOLS_WRITTEN_MAX);
            for (j = 0; j < n; j++) {
                struct address_match m = address_match('d', pools[j]);

                tw_demo_wall_rule(w, true, "%s%s-%c %s_%s", m.plain, m.iprange,
                                  tw_demo_mix(to->slot, 9) % 4 == 0 ? 'g' : 'j',
                                  d->target_prefix, to->name);
            }
        }
    }
    tw_demo_wall_rule(w, true, "-j RETURN");
}

static void newroom_chain(struct tw_demo_wall *w, const struct direction *d)
{
    static const enum tw_demo_site dr = TW_DEMO_DR;
    size_t i;
    int site;

    tw_demo_wall_chain(w, NULL, "%s", d->newroom);
    for (i = 0; i < w->plan->flow_count; i++) {
        const struct tw_demo_flow *f = &w->plan->flows[i];

        for (site = TW_DEMO_MAIN; flow_goes(f, d) && site < TW_DEMO_SITES; site++)
            if ((tw_demo_gap(f, (enum tw_demo_site)site, dr) & w->bit) == 0)
                flow_accept(w, f, (enum tw_demo_site)site, &dr);
    }
    tw_demo_wall_rule(w, true,
                      "-m limit --limit 10/min -j LOG --log-prefix \"%s newroom: \"",
                      w->name);
    tw_demo_wall_rule(w, true,
                      "-m comment --comment \"new room: only what was applied for\" "
                      "-j DROP");
}

void tw_demo_wall_calls_jumps(struct tw_demo_wall *w)
{
    size_t i;

    for (i = 0; i < DIRECTION_COUNT; i++)
        if (directions[i].wall == w->bit)
            tw_demo_wall_rule(w, true, "-i %s -o %s -j %s", directions[i].in,
                              directions[i].out, directions[i].chain);
}

void tw_demo_wall_calls(struct tw_demo_wall *w)
{
    size_t i, j;

    for (i = 0; i < DIRECTION_COUNT; i++) {
        const struct direction *d = &directions[i];

        if (d->wall != w->bit)
            continue;
        direction_chain(w, d);
        if (d->newroom != NULL)
            newroom_chain(w, d);
        for (j = 0; j < tw_demo_catalogue_count; j++)
            if (callers_count(w, d, &tw_demo_catalogue[j]) > 0)
                target_chain(w, d, &tw_demo_catalogue[j]);
    }
    tw_demo_wall_chain(w, NULL, "REFUSE");
    tw_demo_wall_rule(w, true,
                      "-m limit --limit 10/min -j LOG --log-prefix \"%s refuse: \"",
                      w->name);
    tw_demo_wall_rule(w, true, "-j DROP");
}

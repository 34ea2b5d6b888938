/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns the catalogue into addresses and flows, and says what was forgotten where: for
 * the writers of the demo's files.
 */
#include "demo_plan.h"

#include <assert.h>
#include <string.h>

#define STORY_FLOW "FD-ARK"

/*
 * What went wrong, in full. A row stands for the calls of one service to another that
 * start in from_site and end in to_site; TW_DEMO_SITES is any room.
 */
static const struct gap {
    const char *from, *to;
    enum tw_demo_site from_site, to_site;
    unsigned walls;
    bool expired; /* the bank's row is there, but past its date */
} gaps[] = {
    /* the incident: nobody applied for the new room's ark at the wall of jinfu */
    {"finance-data", "ark", TW_DEMO_SITES, TW_DEMO_DR, TW_DEMO_JINFU_FW, false},
    /* what else the switch to the new room would have met */
    {"loan-repay", "withhold", TW_DEMO_DR, TW_DEMO_SITES, TW_DEMO_LFT_FW, false},
    {"credit-report", "identity", TW_DEMO_DR, TW_DEMO_SITES,
     TW_DEMO_JINFU_FW | TW_DEMO_LFT_FW, false},
    {"settle-clear", "finance-ledger", TW_DEMO_DR, TW_DEMO_SITES, TW_DEMO_JINFU_FW,
     false},
    {"channel-quick", "bank-bing", TW_DEMO_DR, TW_DEMO_SITES, TW_DEMO_BANK, false},
    {"channel-ebank", "bank-ding", TW_DEMO_DR, TW_DEMO_SITES, TW_DEMO_BANK, true},
};

/* Calls that must not get through; none of them does. */
static const struct ban {
    const char *id, *from, *to, *ports, *severity, *why;
    bool in_yaml;
} bans[] = {
    {"NO-SSH", NULL, "ark", "tcp/22", "critical", "ark is run from its own zone only",
     true},
    {"NO-KEYS", NULL, "key-store", "tcp/22;tcp/3306", "critical",
     "keys are kept from inside only", true},
    {"NO-ROTATE", NULL, "key-rotate", NULL, "critical",
     "keys are rotated from inside only", true},
    {"NO-BANK-ARK", "bank-jia", "ark", "tcp/8443", "critical",
     "no bank may ask for plain text", true},
    {"NO-DB", NULL, "account-core", "tcp/3306", "critical",
     "no reading past the account service", false},
    {"NO-REDIS", NULL, "balance", "tcp/6379", "high", "no reading past the cache",
     false},
    {"NO-FD-SSH", "pay-core", "finance-data", "tcp/22", "high",
     "each zone runs its own hosts", false},
    {"NO-OLD-POS", "pos-legacy", "finance-ledger", NULL, "medium",
     "the old terminals post through the ledger of payments", false},
};

const char *tw_demo_zone_name(enum tw_demo_zone zone)
{
    static const char *const names[TW_DEMO_ZONES] = {"jinfu", "lifangtong", "channels"};

    assert(zone < TW_DEMO_ZONES);
    return names[zone];
}

const char *tw_demo_site_name(enum tw_demo_site site)
{
    return site == TW_DEMO_MAIN ? "main" : "dr";
}

bool tw_demo_service_at(const struct tw_demo_service *s, enum tw_demo_site site)
{
    return (s->sites >> site & 1) != 0;
}

/* The slot's first address: a /24 of the room, or for a bank its /28. */
static uint32_t slot_base(const struct tw_demo_service *s, enum tw_demo_site site)
{
    static const uint32_t rooms[TW_DEMO_CHANNELS][TW_DEMO_SITES] = {
        {0x0a100000, 0x0a140000}, /* jinfu: 10.16.0.0, 10.20.0.0 */
        {0x0a400000, 0x0a420000}, /* lifangtong: 10.64.0.0, 10.66.0.0 */
    };

    if (s->zone == TW_DEMO_CHANNELS) /* 203.0.113.16 upward, 198.51.100.16 upward */
        return s->slot < 5 ? 0xcb007110 + s->slot * 16u
                           : 0xc6336410 + (s->slot - 5u) * 16u;
    return rooms[s->zone][site] + s->slot * 256u;
}

size_t tw_demo_pools(const struct tw_demo_service *s, enum tw_demo_site site,
                     struct tw_demo_pool out[TW_DEMO_POOLS_MAX])
{
    /* per shape and room: first and last host, then those of a second pool */
    static const uint8_t hosts[][TW_DEMO_SITES][4] = {
        [TW_DEMO_NET] = {{0, 255}, {0, 255}},
        [TW_DEMO_HALF] = {{64, 127}, {64, 95}},
        [TW_DEMO_CLUSTER] = {{10, 19}, {10, 10}},
        [TW_DEMO_BAND] = {{20, 35}, {20, 23}},
        [TW_DEMO_TWINS] = {{21, 22, 40, 40}, {21, 22}},
        [TW_DEMO_FRONT] = {{0, 15}, {0, 15}},
    };
    const uint8_t *h = hosts[s->shape][site];
    uint32_t base = slot_base(s, site);

    if (!tw_demo_service_at(s, site))
        return 0;
    out[0] = (struct tw_demo_pool){base + h[0], base + h[1]};
    if (h[2] == 0)
        return 1;
    out[1] = (struct tw_demo_pool){base + h[2], base + h[3]};
    return 2;
}

/* Reads digits up to a byte that is none. The text is our own, and checked in tests. */
static uint16_t number_read(const char **p)
{
    unsigned n = 0;

    for (; **p >= '0' && **p <= '9'; (*p)++)
        n = n * 10 + (unsigned)(**p - '0');
    assert(n <= UINT16_MAX);
    return (uint16_t)n;
}

size_t tw_demo_flow_ports(const struct tw_demo_flow *f,
                          struct tw_demo_port out[TW_DEMO_PORTS_MAX])
{
    const char *p = f->ports != NULL ? f->ports : f->to->listen;
    bool all = f->ports == NULL || f->deny; /* an allowed call names one entry */
    size_t n = 0;

    while (*p != '\0' && n < TW_DEMO_PORTS_MAX) {
        struct tw_demo_port *e = &out[n++];

        e->udp = *p == 'u';
        p += strlen("tcp/");
        e->lo = e->hi = number_read(&p);
        if (*p == '-') {
            p++;
            e->hi = number_read(&p);
        }
        if (!all)
            break;
        if (*p != '\0')
            p++; /* the blank or semicolon */
    }
    return n;
}

const char *tw_demo_flow_apps(const struct tw_demo_flow *f)
{
    static const struct {
        uint16_t port;
        const char *apps;
    } table[] = {{443, "ssl"},
                 {8443, "ssl"},
                 {20880, "jf-dubbo"},
                 {9092, "kafka"},
                 {2022, "ssh"}};
    struct tw_demo_port ports[TW_DEMO_PORTS_MAX];
    size_t i, n;

    if (f->deny || f->from->zone == f->to->zone || f->from->zone == TW_DEMO_CHANNELS ||
        f->to->zone == TW_DEMO_CHANNELS)
        return NULL;
    n = tw_demo_flow_ports(f, ports);
    assert(n > 0);
    if (n > 1)
        return strcmp(f->to->name, "pay-gateway") == 0 ? "ssl web-browsing" : NULL;
    if (ports[0].lo == 8080 && tw_demo_mix(f->to->slot, 5) % 3 == 0)
        return "web-browsing";
    for (i = 0; i < sizeof table / sizeof table[0]; i++)
        if (!ports[0].udp && ports[0].lo == table[i].port)
            return table[i].apps;
    return NULL;
}

static const struct gap *gap_find(const struct tw_demo_flow *f)
{
    size_t i;

    if (f->from == NULL || f->deny)
        return NULL;
    for (i = 0; i < sizeof gaps / sizeof gaps[0]; i++)
        if (strcmp(gaps[i].from, f->from->name) == 0 &&
            strcmp(gaps[i].to, f->to->name) == 0)
            return &gaps[i];
    return NULL;
}

unsigned tw_demo_gap(const struct tw_demo_flow *f, enum tw_demo_site from_site,
                     enum tw_demo_site to_site)
{
    const struct gap *g = gap_find(f);

    if (g == NULL || (g->from_site != TW_DEMO_SITES && g->from_site != from_site) ||
        (g->to_site != TW_DEMO_SITES && g->to_site != to_site))
        return 0;
    return g->walls;
}

bool tw_demo_row_expired(const struct tw_demo_flow *f, enum tw_demo_site from_site)
{
    const struct gap *g = gap_find(f);

    return g != NULL && g->expired && g->from_site == from_site;
}

void tw_demo_flow_id(const struct tw_demo_flow *f, char out[16])
{
    static const char initials[TW_DEMO_ZONES] = {'J', 'L', 'C'};

    if (f->id != NULL)
        snprintf(out, 16, "%s", f->id);
    else
        snprintf(out, 16, "%c%c-%03u", initials[f->from->zone], initials[f->to->zone],
                 f->number % 1000);
}

int tw_demo_pool_prefix(struct tw_demo_pool pool)
{
    uint32_t size = pool.hi - pool.lo + 1; /* no pool of ours is the whole space */
    int len = 32;

    if ((size & (size - 1)) != 0 || (pool.lo & (size - 1)) != 0)
        return -1;
    for (; size > 1; size >>= 1)
        len--;
    return len;
}

bool tw_demo_pool_take(struct tw_demo_pool *pool, struct tw_demo_pool *prefix)
{
    uint32_t size = 1;

    if (pool->lo > pool->hi)
        return false;
    while ((pool->lo & (size * 2 - 1)) == 0 && pool->lo + (size * 2 - 1) <= pool->hi)
        size *= 2;
    *prefix = (struct tw_demo_pool){pool->lo, pool->lo + (size - 1)};
    pool->lo += size;
    return true;
}

static void address_print(FILE *out, uint32_t a)
{
    fprintf(out, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

void tw_demo_pool_print(FILE *out, struct tw_demo_pool pool)
{
    int len = tw_demo_pool_prefix(pool);

    address_print(out, pool.lo);
    if (len >= 0 && len < 32) {
        fprintf(out, "/%d", len);
    } else if (len < 0) {
        fputc('-', out);
        address_print(out, pool.hi);
    }
}

/* Two rounds of a multiply-xorshift mixer with constants of our own, both odd. */
uint32_t tw_demo_mix(uint32_t a, uint32_t b)
{
    uint32_t x = a * 0x9e3779b1u ^ (b + 0x7f4a7c15u);

    x = (x ^ x >> 16) * 0x2c1b3c6du;
    x = (x ^ x >> 13) * 0x297a2d39u;
    return x ^ x >> 16;
}

static const struct tw_demo_service *service_find(const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < tw_demo_catalogue_count; i++)
        if (strlen(tw_demo_catalogue[i].name) == len &&
            memcmp(tw_demo_catalogue[i].name, name, len) == 0)
            return &tw_demo_catalogue[i];
    assert(false); /* a name in the catalogue that no row has */
    return NULL;
}

static const char *severity_of(const struct tw_demo_service *from,
                               const struct tw_demo_service *to)
{
    if (strcmp(to->team, "crypto") == 0)
        return "critical";
    if (from->zone == to->zone)
        return "medium";
    if (strcmp(to->team, "platform-jinfu") == 0 || strcmp(to->name, "metric-hub") == 0)
        return "low";
    return tw_demo_mix(from->slot, to->slot) % 3 == 0 ? "medium" : "high";
}

/* What sets single calls apart from the rest of the table. */
static void flow_adorn(struct tw_demo_flow *f)
{
    const char *from = f->from->name, *to = f->to->name;

    if (strcmp(from, "finance-data") == 0 && strcmp(to, "ark") == 0) {
        f->id = STORY_FLOW;
        f->dataset = "bill_detail";
        f->in_yaml = true;
    } else if (strcmp(from, "bill-feed") == 0 && strcmp(to, "finance-data") == 0) {
        f->why = "push bill batches";
        f->dataset = "bill_detail";
    } else if (strcmp(from, "data-sync") == 0 && strcmp(to, "data-lake") == 0) {
        f->site_pairs = "main->dr;dr->main"; /* the copies between the rooms */
    } else if (strcmp(from, "etl-runner") == 0 && f->to->zone == f->from->zone) {
        f->site_pairs = "main->main;dr->dr"; /* daily jobs stay in their room */
    }
}

void tw_demo_plan_init(struct tw_demo_plan *plan)
{
    unsigned numbers[TW_DEMO_ZONES][TW_DEMO_ZONES] = {{0}};
    size_t i;

    plan->flow_count = 0;
    for (i = 0; i < tw_demo_catalogue_count; i++) {
        const struct tw_demo_service *from = &tw_demo_catalogue[i];
        const char *p = from->calls;

        while (*p != '\0') {
            size_t len = strcspn(p, "* ");
            const struct tw_demo_service *to = service_find(p, len);
            struct tw_demo_flow *f = &plan->flows[plan->flow_count++];

            assert(plan->flow_count <= TW_DEMO_FLOWS_MAX);
            p += len;
            *f = (struct tw_demo_flow){.from = from, .to = to};
            f->ports = *p == '*' ? NULL : to->listen;
            p += *p == '*';
            p += *p == ' ';
            f->severity = severity_of(from, to);
            f->ticket = tw_demo_mix((uint32_t)i + 1, to->slot);
            flow_adorn(f);
            if (f->id == NULL)
                f->number = ++numbers[from->zone][to->zone];
        }
    }
    for (i = 0; i < sizeof bans / sizeof bans[0]; i++) {
        const struct ban *b = &bans[i];
        struct tw_demo_flow *f = &plan->flows[plan->flow_count++];

        assert(plan->flow_count <= TW_DEMO_FLOWS_MAX);
        *f = (struct tw_demo_flow){.id = b->id,
                                   .to = service_find(b->to, strlen(b->to)),
                                   .ports = b->ports,
                                   .why = b->why,
                                   .severity = b->severity,
                                   .ticket = tw_demo_mix(77, (uint32_t)i),
                                   .deny = true,
                                   .in_yaml = b->in_yaml};
        if (b->from != NULL)
            f->from = service_find(b->from, strlen(b->from));
    }
}

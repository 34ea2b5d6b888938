/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a rule set as access lists, firewalls or packet filters of chains collect
 * them: for rules_speed.sh. The same arguments give the same bytes.
 *
 *     gen_rules acl|fw|ipc COUNT SEED DUMP [BOXES]
 *
 * DUMP is an iptables-save dump, BOXES the same rules as numbers for other engines (see
 * classbench_rules.py). Prefixes come from trees that grow unevenly: a new prefix is
 * mostly a child, a sibling or a parent of an older one, so that some networks are
 * dense and most of the address space is empty. `acl` names hosts and services, `fw`
 * has wildcards and wide networks on either side, `ipc` is between the two.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIXES_MAX = 60000 };

struct prefix {
    uint32_t address;
    unsigned length;
};

struct shape {
    const char *name;
    unsigned any_src, any_dst; /* of 100 rules, how many have a wildcard there */
    unsigned exact, range;     /* … of those with a port: one port, a range */
    unsigned sport;            /* … that name a source port */
    unsigned shortest;         /* prefix length */
    unsigned hosts;            /* of 100 prefixes, how many are single addresses */
};

static const struct shape shapes[] = {
    {"acl", 1, 1, 80, 18, 2, 18, 75},
    {"fw", 12, 10, 70, 22, 30, 12, 50},
    {"ipc", 4, 4, 75, 18, 12, 16, 65},
};

struct rule {
    struct prefix src, dst;
    unsigned proto; /* 0: any */
    unsigned sport[2], dport[2];
    bool permit;
};

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    assert(below > 0);
    state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 16) % below;
}

static uint32_t host_bits(unsigned length)
{
    return length ? (uint32_t)((uint64_t)1 << (32 - length)) - 1 : UINT32_MAX;
}

/* --- prefixes -------------------------------------------------------------------- */

struct pool {
    struct prefix at[PREFIXES_MAX];
    uint32_t n;
};

/* Old ones are taken more often than new ones. */
static struct prefix pick(const struct pool *pool)
{
    uint32_t a = draw(pool->n), b = draw(pool->n);
    return pool->at[draw(4) ? a : a < b ? a : b];
}

static struct prefix grown(const struct pool *pool, const struct shape *shape)
{
    struct prefix p = pick(pool);
    switch (draw(4)) {
    case 0: /* the sibling */
        p.address ^= (uint32_t)1 << (32 - p.length);
        break;
    case 1: /* the parent */
        if (p.length > shape->shortest)
            p.length -=
                1 +
                draw(p.length - shape->shortest < 4 ? p.length - shape->shortest : 4);
        break;
    default: /* a child */
        p.address |= (uint32_t)draw(1u << 31) & host_bits(p.length);
        p.length = draw(100) < shape->hosts ? 32 : p.length + draw(33 - p.length);
        break;
    }
    p.address &= ~host_bits(p.length);
    return p;
}

static void grow_pool(struct pool *pool, const struct shape *shape, uint32_t n)
{
    for (pool->n = 0; pool->n < n && pool->n < PREFIXES_MAX; pool->n++) {
        if (pool->n < 4 || draw(200) == 0)
            pool->at[pool->n] = (struct prefix){(1 + draw(222)) << 24 | draw(256) << 16,
                                                shape->shortest + draw(9)};
        else
            pool->at[pool->n] = grown(pool, shape);
        pool->at[pool->n].address &= ~host_bits(pool->at[pool->n].length);
    }
}

/* --- rules ----------------------------------------------------------------------- */

static void draw_ports(const struct shape *shape, unsigned ports[2])
{
    static const unsigned known[] = {20,   21,   22,   23,   25,   53,   67,
                                     80,   110,  123,  143,  161,  389,  443,
                                     514,  636,  993,  1433, 1521, 2049, 3306,
                                     3389, 5060, 5432, 6379, 8080, 8443, 9092};
    uint32_t kind = draw(100);
    ports[0] = 0;
    ports[1] = 65535;
    if (kind < shape->exact) {
        ports[0] = ports[1] =
            draw(5) ? known[draw(sizeof known / sizeof known[0])] : 1024 + draw(40000);
    } else if (kind < shape->exact + shape->range) {
        ports[0] = draw(3) ? 1024 : draw(60000);
        ports[1] = draw(2) ? 65535 : ports[0] + draw(65536 - ports[0]);
    }
}

static struct rule draw_rule(const struct shape *shape, const struct pool *src,
                             const struct pool *dst)
{
    const struct prefix any = {0, 0};
    struct rule r = {.sport = {0, 65535}, .dport = {0, 65535}};
    bool any_src = draw(100) < shape->any_src, any_dst = draw(100) < shape->any_dst;
    uint32_t kind = draw(100);
    if (any_src && any_dst && draw(200))
        any_src = false; /* wild on either side is rare */
    r.src = any_src ? any : pick(src);
    r.dst = any_dst ? any : pick(dst);
    r.proto = kind < 70 ? 6 : kind < 94 ? 17 : kind < 97 ? 1 : kind < 98 ? 47 : 0;
    if (r.proto == 6 || r.proto == 17) {
        draw_ports(shape, r.dport);
        if (draw(100) < shape->sport)
            draw_ports(shape, r.sport);
    }
    r.permit = draw(5) != 0;
    return r;
}

/* --- writing --------------------------------------------------------------------- */

static void put_prefix(FILE *f, const char *option, struct prefix p)
{
    if (p.length)
        fprintf(f, " %s %u.%u.%u.%u/%u", option, p.address >> 24, p.address >> 16 & 255,
                p.address >> 8 & 255, p.address & 255, p.length);
}

static void put_ports(FILE *f, const char *option, const unsigned ports[2])
{
    if (ports[0] == ports[1])
        fprintf(f, " %s %u", option, ports[0]);
    else if (ports[0] != 0 || ports[1] != 65535)
        fprintf(f, " %s %u:%u", option, ports[0], ports[1]);
}

static void put_rule(FILE *f, const struct rule *r)
{
    const char *name = r->proto == 6 ? "tcp" : "udp";
    fputs("-A FORWARD", f);
    put_prefix(f, "-s", r->src);
    put_prefix(f, "-d", r->dst);
    if (r->proto == 6 || r->proto == 17) {
        fprintf(f, " -p %s -m %s", name, name);
        put_ports(f, "--sport", r->sport);
        put_ports(f, "--dport", r->dport);
    } else if (r->proto) {
        fprintf(f, " -p %s", r->proto == 1 ? "icmp" : "gre");
    }
    fprintf(f, " -j %s\n", r->permit ? "ACCEPT" : "DROP");
}

static void put_box(FILE *f, const struct rule *r)
{
    fprintf(f, "%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %u %u %u %u %u %u %s\n",
            r->src.address, r->src.address | host_bits(r->src.length), r->dst.address,
            r->dst.address | host_bits(r->dst.length), r->sport[0], r->sport[1],
            r->dport[0], r->dport[1], r->proto, r->proto ? r->proto : 255,
            r->permit ? "permit" : "deny");
}

static FILE *open_or_die(const char *name)
{
    FILE *f = fopen(name, "w");
    if (!f) {
        perror(name);
        exit(2);
    }
    return f;
}

/* Digits alone; 0 for anything else. */
static uint64_t number(const char *digits)
{
    uint64_t n = 0;
    for (; *digits >= '0' && *digits <= '9' && n < UINT32_MAX; digits++)
        n = n * 10 + (uint64_t)(*digits - '0');
    return *digits ? 0 : n;
}

int main(int argc, char **argv)
{
    const struct shape *shape = NULL;
    for (size_t i = 0; argc >= 5 && i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(argv[1], shapes[i].name) == 0)
            shape = &shapes[i];
    if (!shape) {
        fprintf(stderr, "usage: gen_rules acl|fw|ipc COUNT SEED DUMP [BOXES]\n");
        return 2;
    }
    uint32_t count = (uint32_t)number(argv[2]);
    state = number(argv[3]);
    static struct pool src, dst;
    grow_pool(&src, shape, count / 2 + 8);
    grow_pool(&dst, shape, count / 2 + 8);
    FILE *dump = open_or_die(argv[4]), *boxes = argc > 5 ? open_or_die(argv[5]) : NULL;
    fputs("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n", dump);
    for (uint32_t i = 0; i < count; i++) {
        struct rule r = draw_rule(shape, &src, &dst);
        put_rule(dump, &r);
        if (boxes)
            put_box(boxes, &r);
    }
    fputs("COMMIT\n", dump);
    return fclose(dump) != 0 || (boxes && fclose(boxes) != 0);
}

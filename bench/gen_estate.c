/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a large estate for the benchmark: two iptables walls of RULES rules each and
 * 126 sources × 20 targets = 2,520 required flows. The same arguments give the same
 * bytes.
 *
 *     gen_estate DIR [RULES [SEED [SITES]]]      defaults: 20000 1 1
 *
 * The first wall has a chain per calling service, entered by its addresses; the second
 * one is flat and opens networks. Around the calls stands what such walls collect over
 * the years: wide and narrow prefixes, single ports, ranges and lists, wildcards, and
 * chains per network. Most flows are open; some are stopped at the first wall, at the
 * second or at both, and some miss a part.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SOURCES = 126,
    TARGETS = 20,
    HOSTS_MAX = 200,
    BLOCKS_MAX = 4,
    SITES_MAX = 2,
    NOISE_CHAINS = 120,
    CALL_PORT = 6000 /* calls use the ports 6000 to 9999, noise that denies does not */
};

struct source {
    uint32_t blocks[BLOCKS_MAX]; /* networks of 24 bits */
    unsigned nblocks;
    uint32_t hosts[HOSTS_MAX]; /* ascending */
    unsigned nhosts;
};

struct target {
    uint32_t hosts[20];
    unsigned nhosts;
    uint32_t block; /* of 27 bits */
};

enum fate { OPEN, STOPPED_A, STOPPED_B, STOPPED_BOTH, PARTIAL_A, PARTIAL_B };

struct estate {
    unsigned sites;
    struct source sources[SITES_MAX][SOURCES];
    struct target targets[SITES_MAX][TARGETS];
    unsigned ports[TARGETS];
    enum fate fates[SOURCES][TARGETS];
};

struct wall {
    FILE *out;
    uint64_t seed;
    unsigned long rules, wanted;
};

/* --- numbers --------------------------------------------------------------------- */

/* splitmix64, by Sebastiano Vigna (public domain description at prng.di.unimi.it). */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)((next(seed) >> 32) * n >> 32);
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* --- the plan -------------------------------------------------------------------- */

static void plan_source(struct source *s, uint64_t *seed, unsigned site, unsigned index)
{
    uint32_t kind = below(seed, 8);
    unsigned wanted = 1 + below(seed, kind == 0 ? HOSTS_MAX : kind < 3 ? 40 : 8);
    s->nblocks = 1 + below(seed, BLOCKS_MAX);
    for (unsigned b = 0; b < s->nblocks; b++) /* 10.16.0.0/13, 10.24.0.0/13 */
        s->blocks[b] = 0x0a100000u + (site << 19) + ((index * BLOCKS_MAX + b) << 8) +
                       (below(seed, 3) << 17);
    for (unsigned i = 0; i < wanted; i++) {
        uint32_t host = s->blocks[below(seed, s->nblocks)] + 1 + below(seed, 254);
        bool known = false;
        for (unsigned k = 0; k < s->nhosts; k++)
            known |= s->hosts[k] == host;
        if (!known)
            s->hosts[s->nhosts++] = host;
    }
    qsort(s->hosts, s->nhosts, sizeof s->hosts[0], by_value);
}

static void plan_target(struct target *t, uint64_t *seed, unsigned site, unsigned index)
{
    t->block = 0x0a400000u + (site << 19) + (index << 12) + (below(seed, 100) << 5);
    unsigned wanted = 1 + below(seed, 20);
    for (uint32_t h = 1; h < 31 && t->nhosts < wanted; h++)
        if (below(seed, 3) || 31 - h <= wanted - t->nhosts)
            t->hosts[t->nhosts++] = t->block + h;
}

static void plan(struct estate *e, uint64_t seed, unsigned sites)
{
    e->sites = sites;
    for (unsigned site = 0; site < sites; site++) {
        for (unsigned i = 0; i < SOURCES; i++)
            plan_source(&e->sources[site][i], &seed, site, i);
        for (unsigned j = 0; j < TARGETS; j++)
            plan_target(&e->targets[site][j], &seed, site, j);
    }
    for (unsigned j = 0; j < TARGETS; j++)
        e->ports[j] = CALL_PORT + j * 150 + below(&seed, 100);
    for (unsigned i = 0; i < SOURCES; i++)
        for (unsigned j = 0; j < TARGETS; j++) {
            uint32_t d = below(&seed, 1000);
            e->fates[i][j] = d < 60    ? STOPPED_A
                             : d < 160 ? STOPPED_B
                             : d < 174 ? STOPPED_BOTH
                             : d < 194 ? PARTIAL_A
                             : d < 212 ? PARTIAL_B
                                       : OPEN;
        }
}

/* --- rules ----------------------------------------------------------------------- */

static void put_ip(FILE *out, uint32_t ip)
{
    fprintf(out, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

/* One rule of CHAIN. FORMAT knows %I (an address), %u and %s. */
static void rule(struct wall *w, const char *chain, const char *format, ...)
{
    va_list args;
    unsigned packets = below(&w->seed, 3) ? below(&w->seed, 900000) : 0;
    fprintf(w->out, "[%u:%u] -A %s", packets, packets * 60u, chain);
    va_start(args, format);
    for (const char *c = format; *c; c++) {
        if (*c != '%') {
            fputc(*c, w->out);
            continue;
        }
        c++;
        if (*c == 'I')
            put_ip(w->out, va_arg(args, uint32_t));
        else if (*c == 'u')
            fprintf(w->out, "%u", va_arg(args, unsigned));
        else
            fputs(va_arg(args, const char *), w->out);
    }
    va_end(args);
    fputc('\n', w->out);
    w->rules++;
}

static uint32_t mask_of(unsigned length)
{
    return length ? ~(uint32_t)0 << (32 - length) : 0;
}

/* A network as noise has it: " -s 10.1.0.0/16", or nothing for "any". *WIDE: it may
 * hold whole zones. */
static void network(uint64_t *seed, char *text, size_t room, const char *option,
                    bool *wide)
{
    static const uint8_t lengths[] = {0,  0,  8,  12, 14, 16, 16, 20, 22,
                                      24, 24, 24, 24, 26, 27, 28, 30, 32,
                                      32, 32, 32, 32, 32, 32, 32, 32};
    unsigned length = lengths[below(seed, sizeof lengths)];
    static const uint32_t spaces[] = {0x0a100000u, 0x0a400000u, 0x0a800000u,
                                      0xac100000u, 0xc0a80000u, 0x0a600000u};
    uint32_t ip = spaces[below(seed, 6)] + below(seed, 1u << 20);
    ip &= mask_of(length);
    *wide = length < 18;
    text[0] = '\0';
    if (length)
        snprintf(text, room, " %s %u.%u.%u.%u/%u", option, ip >> 24, ip >> 16 & 255,
                 ip >> 8 & 255, ip & 255, length);
}

/* Ports of noise. SAFE: none of a call, since the rule is wide or denies. */
static void ports(uint64_t *seed, char *text, size_t room, const char *proto, bool safe)
{
    unsigned base = safe ? 10000 : 1024;
    unsigned port = below(seed, 2) ? 1 + below(seed, 1024) : base + below(seed, 30000);
    switch (below(seed, 10)) {
    case 0:
    case 1:
        snprintf(text, room, " -p %s -m %s --dport %u:%u", proto, proto, port,
                 port + below(seed, 400));
        break;
    case 2:
        snprintf(text, room, " -p %s -m multiport --dports %u,%u,%u:%u", proto, port,
                 port + 11, port + 20, port + 20 + below(seed, 30));
        break;
    case 3:
        snprintf(text, room, " -p %s -m %s --sport 1024:65535 --dport %u", proto, proto,
                 port);
        break;
    case 4:
        if (!safe) {
            snprintf(text, room, " -p %s", proto);
            break;
        }
        /* fall through */
    default:
        snprintf(text, room, " -p %s -m %s --dport %u", proto, proto, port);
        break;
    }
}

static void noise(struct wall *w, const char *chain)
{
    static const char *const protos[] = {"tcp", "tcp", "tcp", "tcp", "udp", "udp"};
    char src[40], dst[40], service[80];
    bool wide_src, wide_dst, drop = below(&w->seed, 10) < 3;
    network(&w->seed, src, sizeof src, "-s", &wide_src);
    network(&w->seed, dst, sizeof dst, "-d", &wide_dst);
    bool wide = wide_src || wide_dst;
    if (below(&w->seed, 20) == 0)
        snprintf(service, sizeof service, " -p icmp -m icmp --icmp-type %u",
                 below(&w->seed, 2) ? 8u : 3u);
    else
        ports(&w->seed, service, sizeof service, protos[below(&w->seed, 6)],
              wide || drop);
    rule(w, chain, "%s%s%s -j %s", src, dst, service, drop ? "DROP" : "ACCEPT");
}

static void noise_chain_name(char *text, size_t room, unsigned i)
{
    snprintf(text, room, "net-%u", i);
}

/* --- the first wall -------------------------------------------------------------- */

/* The run of neighbours in T that begins with host FIRST; returns what is behind it. */
static unsigned run_end(const struct target *t, unsigned first)
{
    unsigned end = first + 1;
    while (end < t->nhosts && t->hosts[end] == t->hosts[end - 1] + 1)
        end++;
    return end;
}

static void source_chain(struct wall *w, const struct estate *e, unsigned i,
                         unsigned site, unsigned j)
{
    const struct target *t = &e->targets[site][j];
    enum fate fate = e->fates[i][j];
    char chain[32];
    snprintf(chain, sizeof chain, "from-svc%03u", i);
    if (fate == STOPPED_A || fate == STOPPED_BOTH)
        return;
    for (unsigned h = 0; h < t->nhosts;) {
        unsigned end = run_end(t, h);
        uint32_t from = t->hosts[h], to = t->hosts[end - 1];
        h = end;
        if (fate == PARTIAL_A && h == t->nhosts)
            break; /* the last hosts were forgotten */
        if (from == to)
            rule(w, chain, " -d %I/32 -p tcp -m tcp --dport %u -j ACCEPT", from,
                 e->ports[j]);
        else
            rule(w, chain,
                 " -p tcp -m iprange --dst-range %I-%I -m tcp --dport %u -j ACCEPT",
                 from, to, e->ports[j]);
    }
}

static void calls_by_chain(struct wall *w, const struct estate *e)
{
    for (unsigned site = 0; site < e->sites; site++)
        for (unsigned i = 0; i < SOURCES; i++)
            for (unsigned h = 0; h < e->sources[site][i].nhosts; h++) {
                char name[32];
                snprintf(name, sizeof name, "from-svc%03u", i);
                rule(w, "FORWARD", " -s %I/32 -i eth0 -j %s",
                     e->sources[site][i].hosts[h], name);
            }
}

static void chains_of_calls(struct wall *w, const struct estate *e)
{
    for (unsigned i = 0; i < SOURCES; i++)
        for (unsigned site = 0; site < e->sites; site++)
            for (unsigned j = 0; j < TARGETS; j++)
                source_chain(w, e, i, site, j);
}

/* --- the second wall ------------------------------------------------------------- */

static void calls_flat(struct wall *w, const struct estate *e)
{
    for (unsigned site = 0; site < e->sites; site++)
        for (unsigned i = 0; i < SOURCES; i++)
            for (unsigned j = 0; j < TARGETS; j++) {
                const struct source *s = &e->sources[site][i];
                enum fate fate = e->fates[i][j];
                if (fate == STOPPED_B || fate == STOPPED_BOTH)
                    continue;
                unsigned blocks = s->nblocks - (fate == PARTIAL_B && s->nblocks > 1);
                for (unsigned b = 0; b < blocks; b++)
                    for (unsigned to = 0; to < e->sites; to++)
                        rule(w, "FORWARD",
                             " -s %I/24 -d %I/27 -i eth0 -o eth1 -p tcp -m tcp"
                             " --dport %u -m comment --comment \"CHG-%u\" -j ACCEPT",
                             s->blocks[b], e->targets[to][j].block, e->ports[j],
                             1000 + i * TARGETS + j);
            }
}

/* --- a wall ---------------------------------------------------------------------- */

static void declare(struct wall *w, bool by_chain)
{
    fputs("# Generated by iptables-save v1.8.9 on Wed Feb  8 23:50:01 2023\n"
          "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n",
          w->out);
    for (unsigned i = 0; by_chain && i < SOURCES; i++)
        fprintf(w->out, ":from-svc%03u - [0:0]\n", i);
    for (unsigned i = 0; i < NOISE_CHAINS; i++)
        fprintf(w->out, ":net-%u - [0:0]\n", i);
}

/* Half of what is missing stands flat around the calls, half in chains per network. */
static bool write_wall(struct wall *w, const struct estate *e, bool by_chain)
{
    declare(w, by_chain);
    rule(w, "INPUT", " -i lo -j ACCEPT");
    rule(w, "FORWARD", " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    rule(w, "FORWARD", " -m conntrack --ctstate INVALID -j DROP");
    struct wall dry = {.out = fopen("/dev/null", "w"), .seed = 1};
    if (!dry.out)
        return false;
    if (by_chain) {
        calls_by_chain(&dry, e);
        chains_of_calls(&dry, e);
    } else {
        calls_flat(&dry, e);
    }
    fclose(dry.out);
    unsigned long fixed = w->rules + dry.rules + NOISE_CHAINS + 2;
    if (fixed > w->wanted) {
        fprintf(stderr, "gen_estate: the calls alone take %lu rules\n", fixed);
        return false;
    }
    unsigned long spare = w->wanted - fixed;
    for (unsigned long n = 0; n < spare / 4; n++)
        noise(w, "FORWARD");
    if (by_chain)
        calls_by_chain(w, e);
    else
        calls_flat(w, e);
    for (unsigned i = 0; i < NOISE_CHAINS; i++) {
        char name[32];
        noise_chain_name(name, sizeof name, i);
        rule(w, "FORWARD", " -d %I/20 -o eth1 -j %s", 0x0a400000u + (i << 12), name);
    }
    for (unsigned long n = 0; n < spare / 4; n++)
        noise(w, "FORWARD");
    rule(w, "FORWARD", " -m limit --limit 10/min -j LOG --log-prefix \"drop: \"");
    rule(w, "FORWARD", " -j DROP");
    if (by_chain)
        chains_of_calls(w, e);
    while (w->rules < w->wanted) {
        char name[32];
        noise_chain_name(name, sizeof name, below(&w->seed, NOISE_CHAINS));
        noise(w, name);
    }
    fputs("COMMIT\n", w->out);
    return true;
}

/* --- the estate ------------------------------------------------------------------ */

static const char *site_name(unsigned site)
{
    return site ? "dr" : "main";
}

static void write_yaml(FILE *out, const struct estate *e)
{
    fprintf(out, "version: 1\nsites:\n  main: { traffic: %s }\n",
            e->sites > 1 ? "90%" : "100%");
    if (e->sites > 1)
        fputs("  dr: { traffic: 10% }\n", out);
    fputs("walls:\n  wall-a: { policy: wall-a.rules }\n"
          "  wall-b: { policy: wall-b.rules }\n"
          "zones:\n  jinfu: { networks: [10.16.0.0/12] }\n"
          "  lifangtong: { networks: [10.64.0.0/12] }\n"
          "paths:\n  - { from: jinfu, to: lifangtong, walls: [ { wall: wall-a, in: "
          "eth0, out: eth1 }, { wall: wall-b, in: eth0, out: eth1 } ] }\n"
          "services_csv: services.csv\nflows_csv: flows.csv\n",
          out);
}

static void write_services(FILE *out, const struct estate *e)
{
    fputs("name,title,zone,owner,site,hosts,listen\n", out);
    for (unsigned site = 0; site < e->sites; site++) {
        for (unsigned i = 0; i < SOURCES; i++) {
            const struct source *s = &e->sources[site][i];
            fprintf(out, "svc%03u,,jinfu,team-%u,%s,", i, i % 9, site_name(site));
            for (unsigned h = 0; h < s->nhosts; h++) {
                fputs(h ? ";" : "", out);
                put_ip(out, s->hosts[h]);
            }
            fputs(",\n", out);
        }
        for (unsigned j = 0; j < TARGETS; j++) {
            const struct target *t = &e->targets[site][j];
            fprintf(out, "target%02u,,lifangtong,team-%u,%s,", j, j % 9,
                    site_name(site));
            for (unsigned h = 0; h < t->nhosts; h++) {
                fputs(h ? ";" : "", out);
                put_ip(out, t->hosts[h]);
            }
            fprintf(out, ",tcp/%u\n", e->ports[j]);
        }
    }
}

static void write_flows(FILE *out, const struct estate *e)
{
    static const char *const levels[] = {"low", "medium", "high", "critical"};
    fputs("id,from,to,ports,expect,severity,site_pairs,why,owner,ticket,expires,"
          "datasets\n",
          out);
    for (unsigned i = 0; i < SOURCES; i++)
        for (unsigned j = 0; j < TARGETS; j++)
            fprintf(out, "F%03u-%02u,svc%03u,target%02u,tcp/%u,allow,%s,,,,CHG-%u,,\n",
                    i, j, i, j, e->ports[j], levels[(i + j) % 4],
                    1000 + i * TARGETS + j);
}

static FILE *create(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");
    if (!out)
        perror(path);
    return out;
}

static bool write_all(const char *dir, const struct estate *e, unsigned long rules,
                      uint64_t seed)
{
    static const char *const names[] = {"wall-a.rules", "wall-b.rules", "twinwall.yaml",
                                        "services.csv", "flows.csv"};
    bool ok = true;
    for (int i = 0; i < 5 && ok; i++) {
        FILE *out = create(dir, names[i]);
        if (!out)
            return false;
        struct wall w = {.out = out, .seed = seed + 7 + (unsigned)i, .wanted = rules};
        if (i < 2)
            ok = write_wall(&w, e, i == 0);
        else if (i == 2)
            write_yaml(out, e);
        else if (i == 3)
            write_services(out, e);
        else
            write_flows(out, e);
        ok &= !ferror(out);
        ok &= fclose(out) == 0;
    }
    return ok;
}

static uint64_t number(int argc, char **argv, int at, uint64_t otherwise)
{
    if (argc <= at)
        return otherwise;
    char *end;
    uint64_t n = strtoumax(argv[at], &end, 10);
    if (*end || end == argv[at]) {
        fprintf(stderr, "gen_estate: no number: %s\n", argv[at]);
        exit(2);
    }
    return n;
}

int main(int argc, char **argv)
{
    static struct estate estate;
    if (argc < 2 || argc > 5) {
        fputs("usage: gen_estate DIR [RULES [SEED [SITES]]]\n", stderr);
        return 2;
    }
    uint64_t rules = number(argc, argv, 2, 20000), seed = number(argc, argv, 3, 1);
    uint64_t sites = number(argc, argv, 4, 1);
    if (sites < 1 || sites > SITES_MAX || rules > 10000000) {
        fputs("gen_estate: 1 or 2 sites, at most 10,000,000 rules\n", stderr);
        return 2;
    }
    plan(&estate, seed, (unsigned)sites);
    return write_all(argv[1], &estate, (unsigned long)rules, seed) ? 0 : 1;
}

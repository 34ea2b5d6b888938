/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_rules: writes a rule set that nobody would write, for kernel_agreement.sh.
 *
 *   random_rules [-6] SEED [RULES] > FILE
 *
 * iptables-save text (with -6 ip6tables-save) of about RULES rules (default 300) in
 * raw, mangle, filter and at times nat, with chains that call and go to each other,
 * negations, marks of packets and connections, NOTRACK, states, flags, ICMP types and
 * interfaces. The pools of values are small, so that rules overlap. A few conditions
 * are such that no offline tool can decide them. The same seed gives the same bytes.
 */
#include "boundary_sets.h"
#include "oracle_die.h"
#include "oracle_probe.h"

#include <stdio.h>
#include <string.h>

enum { CHAINS_MAX = 9 };

enum table { RAW, MANGLE, NAT, FILTER };

struct maker {
    uint64_t state;
    bool six;
    enum table table;
    unsigned chains;  /* of the table, the base chain counted as one */
    const char *hook; /* the base chain, NULL in a chain of one's own */
};

/* What a rule has said so far. */
struct said {
    const char *proto; /* without negation, or NULL */
    char once[16];     /* letters of options that may stand once */
};

static unsigned dice(struct maker *m, unsigned sides)
{
    return (unsigned)((tw_boundary_random(&m->state) >> 32) % sides);
}

static bool percent(struct maker *m, unsigned chance)
{
    return dice(m, 100) < chance;
}

/* May the option with this letter stand in the rule (again)? */
static bool first(struct said *said, char letter)
{
    size_t n = strlen(said->once);
    if (strchr(said->once, letter) || n + 1 == sizeof said->once)
        return false;
    said->once[n] = letter;
    return true;
}

#define PICK(m, list) ((list)[dice((m), (unsigned)(sizeof(list) / sizeof(list)[0]))])

static const char *no(struct maker *m)
{
    return percent(m, 20) ? " !" : "";
}

static void put_address(struct maker *m, struct said *said)
{
    static const char *const four[] = {"10.1.0.0/16",
                                       "10.1.2.0/24",
                                       "10.1.2.0/28",
                                       "10.1.2.3/32",
                                       "10.1.2.4/31",
                                       "10.1.0.0/22",
                                       "10.64.0.0/12",
                                       "10.64.4.0/24",
                                       "10.64.4.8/29",
                                       "10.64.4.10/32",
                                       "10.64.5.0/24",
                                       "10.0.0.0/8",
                                       "10.1.3.0/24",
                                       "10.1.2.128/25",
                                       "10.64.4.10/30",
                                       "128.0.0.0/1",
                                       "10.64.4.0/255.255.255.128",
                                       "10.1.2.3"};
    static const char *const six[] = {"2001:db8:1::/48",       "2001:db8:1:2::/64",
                                      "2001:db8:1:2::3/128",   "2001:db8:1:2::/112",
                                      "2001:db8:1::/56",       "2001:db8:40::/44",
                                      "2001:db8:40:4::/64",    "2001:db8:40:4::a/128",
                                      "2001:db8:40:4::8/125",  "2001:db8::/32",
                                      "2001:db8:40:5::/64",    "2001:db8:1:2:8000::/65",
                                      "2001:db8:40:4::a0/124", "8000::/1"};
    const char *text = m->six ? PICK(m, six) : PICK(m, four);
    char side = percent(m, 50) ? 's' : 'd';
    if (first(said, side))
        printf("%s -%c %s", no(m), side, text);
}

/* Ends that few packets have: what ends a packet's way must leave some for the rest. */
static void put_ends(struct maker *m, struct said *said)
{
    bool back = percent(m, 15);
    for (int side = 0; side < 2; side++) {
        unsigned bits = dice(m, 6), host = dice(m, 256) >> bits << bits;
        bool near = (side == 0) != back;
        if (!first(said, "sd"[side]))
            continue;
        printf("%s -%c ", percent(m, 4) ? " !" : "", "sd"[side]);
        if (m->six)
            printf("2001:db8:%s::%x/%u", near ? "1:2" : "40:4", host, 128 - bits);
        else
            printf("10.%s.%u/%u", near ? "1.2" : "64.4", host, 32 - bits);
    }
}

static void put_range(struct maker *m)
{
    static const char *const four[] = {"10.1.2.3-10.1.2.9", "10.1.1.250-10.1.3.5",
                                       "10.64.4.9-10.64.4.20", "10.64.4.0-10.65.0.0",
                                       "10.1.2.3-10.1.2.3"};
    static const char *const six[] = {"2001:db8:1:2::3-2001:db8:1:2::9",
                                      "2001:db8:1:1::-2001:db8:1:3::5",
                                      "2001:db8:40:4::9-2001:db8:40:4::20"};
    printf(" -m iprange%s --%s-range %s", no(m), percent(m, 50) ? "src" : "dst",
           m->six ? PICK(m, six) : PICK(m, four));
}

static void put_interface(struct maker *m, struct said *said)
{
    static const char *const names[] = {"eth0", "eth1",  "eth2", "eth+",
                                        "e+",   "eth1+", "ppp+", "lan"};
    bool no_out = m->hook && strcmp(m->hook, "PREROUTING") == 0;
    bool no_in = m->hook && strcmp(m->hook, "POSTROUTING") == 0;
    char side = percent(m, 50) ? 'i' : 'o';
    side = no_out ? 'i' : no_in ? 'o' : side;
    /* Half of them true of the oracle's cables, or nothing would be reached. */
    const char *name =
        percent(m, 50) ? (side == 'i' ? "eth0" : "eth1") : PICK(m, names);
    if (first(said, side))
        printf("%s -%c %s", no(m), side, name);
}

static void put_port(struct maker *m)
{
    static const char *const ports[] = {
        "22",   "53",    "80", "443",   "8000:8100",   "1024:",   ":1023",
        "8443", "79:81", "0",  "65535", "50000:60000", "81:8000", "443:8443"};
    printf("%s", PICK(m, ports));
}

static void put_ports(struct maker *m)
{
    static const char *const words[] = {"dports", "dports", "sports", "ports"};
    static const char *const ports[] = {"22",   "53",         "80",        "443",
                                        "8443", "8000:8100",  "1024:2048", "0:21",
                                        "79",   "50000:60000"};
    unsigned n = 1 + dice(m, 6);
    printf(" -m multiport%s --%s ", no(m), PICK(m, words));
    for (unsigned i = 0; i < n; i++)
        printf("%s%s", i ? "," : "", PICK(m, ports));
}

static void put_tcp(struct maker *m)
{
    static const char *const flags[] = {"FIN,SYN,RST,ACK SYN",
                                        "SYN,ACK SYN",
                                        "ALL NONE",
                                        "ALL SYN",
                                        "SYN SYN",
                                        "FIN,URG,PSH FIN,URG,PSH",
                                        "ACK ACK",
                                        "SYN,RST SYN,RST",
                                        "RST NONE"};
    printf(" -m tcp");
    if (percent(m, 15))
        printf("%s --syn", no(m));
    else if (percent(m, 40))
        printf("%s --tcp-flags %s", no(m), PICK(m, flags));
    if (percent(m, 20))
        printf("%s --sport ", no(m)), put_port(m);
    if (percent(m, 60))
        printf("%s --dport ", no(m)), put_port(m);
}

static void put_icmp(struct maker *m)
{
    static const char *const four[] = {"8", "8/0", "3",    "3/4",
                                       "0", "any", "11/1", "13"};
    static const char *const six[] = {
        "128",          "128/0",          "1/3",          "2", "129", "3",
        "echo-request", "packet-too-big", "time-exceeded"};
    if (m->six)
        printf(" -m icmp6%s --icmpv6-type %s", no(m), PICK(m, six));
    else
        printf(" -m icmp%s --icmp-type %s", no(m), PICK(m, four));
}

/* -p and what may follow it; once in a rule. */
static void put_proto(struct maker *m, struct said *said)
{
    static const char *const plain[] = {"tcp",  "tcp",  "tcp",     "udp", "udp", "icmp",
                                        "icmp", "sctp", "47",      "gre", "esp", "6",
                                        "17",   "dccp", "udplite", "all"};
    const char *proto = PICK(m, plain);
    if (!first(said, 'p'))
        return;
    if (m->six && strcmp(proto, "icmp") == 0)
        proto = "ipv6-icmp";
    if (percent(m, 12) && strcmp(proto, "all") != 0) {
        printf(" ! -p %s", proto);
        return;
    }
    printf(" -p %s", proto);
    said->proto = proto;
    bool tcp = strcmp(proto, "tcp") == 0 || strcmp(proto, "6") == 0;
    bool udp = strcmp(proto, "udp") == 0 || strcmp(proto, "17") == 0;
    bool others = strcmp(proto, "sctp") == 0 || strcmp(proto, "dccp") == 0 ||
                  strcmp(proto, "udplite") == 0;
    if (tcp && percent(m, 60)) {
        put_tcp(m);
    } else if (udp && percent(m, 60)) {
        printf(" -m udp%s --%cport ", no(m), percent(m, 70) ? 'd' : 's');
        put_port(m);
    } else if (strstr(proto, "icmp") && percent(m, 70)) {
        put_icmp(m);
    }
    if ((tcp || udp || others) && percent(m, 35))
        put_ports(m);
}

static void put_state(struct maker *m)
{
    static const char *const states[] = {"NEW",
                                         "ESTABLISHED",
                                         "RELATED,ESTABLISHED",
                                         "INVALID",
                                         "UNTRACKED",
                                         "NEW,INVALID",
                                         "INVALID,UNTRACKED",
                                         "INVALID,NEW,RELATED,ESTABLISHED",
                                         "NEW,UNTRACKED"};
    bool old = percent(m, 30);
    printf(" -m %s%s --%s %s", old ? "state" : "conntrack", no(m),
           old ? "state" : "ctstate", PICK(m, states));
}

static unsigned mark_bits(struct maker *m)
{
    static const unsigned bits[] = {0x1, 0x2, 0x3, 0x4, 0xff, 0xf0, 0x0, 0xffffffff};
    return PICK(m, bits);
}

static void put_mark(struct maker *m)
{
    unsigned mask = mark_bits(m), value = dice(m, 5);
    printf(" -m %s%s --mark 0x%x", percent(m, 70) ? "mark" : "connmark", no(m), value);
    if (percent(m, 80))
        printf("/0x%x", mask);
}

/* Deterministic in the kernel, undecidable for an offline reader. */
static void put_undecidable(struct maker *m)
{
    static const char *const four[] = {"length --length 0:60", "ttl --ttl-gt 10",
                                       "length ! --length 60:2000", "dscp --dscp 0x00"};
    static const char *const six[] = {"length --length 0:80",
                                      "hl --hl-gt 10",
                                      "dscp --dscp 0x00",
                                      "frag --fragmore",
                                      "ipv6header --header frag --soft",
                                      "rt --rt-type 0"};
    printf(" -m %s", m->six ? PICK(m, six) : PICK(m, four));
}

static void put_condition(struct maker *m, struct said *said)
{
    unsigned what = dice(m, 100);
    /* iptables takes these matches, or their options, once. */
    static const struct {
        unsigned from, to;
        char letter;
    } once[] = {{72, 80, 'r'}, {80, 88, 'k'}, {88, 96, 'm'},
                {96, 97, 'u'}, {97, 98, 'a'}, {98, 99, 'f'}};
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        if (what >= once[i].from && what < once[i].to && !first(said, once[i].letter))
            return;
    if (what < 34)
        put_address(m, said);
    else if (what < 64)
        put_proto(m, said);
    else if (what < 72)
        put_interface(m, said);
    else if (what < 80)
        put_range(m);
    else if (what < 88)
        put_state(m);
    else if (what < 96)
        put_mark(m);
    else if (what < 97)
        put_undecidable(m);
    else if (what < 98 && !m->six)
        printf(" -m addrtype%s --%s-type LOCAL", no(m), percent(m, 50) ? "src" : "dst");
    else if (what < 99 && !m->six)
        printf("%s -f", percent(m, 70) ? " !" : "");
    else
        printf(" -m comment --comment \"as \\\"ordered\\\" -j DROP\"");
}

/* Wide conditions for jumps: most of what a chain speaks of should get there. */
static void put_gate(struct maker *m, struct said *said)
{
    static const char *const four[] = {" -s 10.0.0.0/8",    " -s 10.1.0.0/16",
                                       " -d 10.0.0.0/8",    " -d 10.64.0.0/12",
                                       " ! -s 10.1.3.0/24", " ! -d 10.64.4.8/30"};
    static const char *const six[] = {
        " -s 2001:db8::/32",       " -s 2001:db8:1::/48",
        " -d 2001:db8::/32",       " -d 2001:db8:40::/44",
        " ! -s 2001:db8:1:3::/64", " ! -d 2001:db8:40:4::8/126"};
    static const char *const any[] = {" -p all",
                                      " -p tcp",
                                      " ! -p udp",
                                      " -m conntrack --ctstate NEW",
                                      " -m conntrack ! --ctstate INVALID",
                                      " -m mark --mark 0x0/0x1",
                                      ""};
    unsigned what = dice(m, 100);
    if (what < 50)
        printf("%s", m->six ? PICK(m, six) : PICK(m, four));
    else if (what < 85)
        printf("%s", PICK(m, any));
    else if (what < 90)
        put_interface(m, said);
    else
        put_proto(m, said);
}

static void put_jump(struct maker *m, unsigned chain)
{
    unsigned to = chain + 1 + dice(m, m->chains - chain - 1);
    printf(" -%c c%u", percent(m, 88) ? 'j' : 'g', to);
}

static void put_mangling(struct maker *m)
{
    static const char *const others[] = {"DSCP --set-dscp 0x01", "DSCP --set-dscp 0x00",
                                         "TOS --set-tos 0x04/0xff"};
    if (percent(m, 10)) {
        printf(" -j %s", PICK(m, others));
        return;
    }
    static const char *const sets[] = {"--set-xmark", "--set-mark", "--and-mark",
                                       "--or-mark", "--xor-mark"};
    unsigned how = dice(m, 5);
    bool conn = percent(m, 50);
    if (conn && percent(m, 60)) {
        unsigned mask = mark_bits(m);
        printf(" -j CONNMARK --%s-mark --nfmask 0x%x --ctmask 0x%x",
               percent(m, 50) ? "save" : "restore", mask, mask);
        return;
    }
    printf(" -j %s %s 0x%x", conn ? "CONNMARK" : "MARK", sets[how], dice(m, 6));
    if (how < 2)
        printf("/0x%x", mark_bits(m));
}

static void put_end(struct maker *m, const struct said *said)
{
    bool tcp = said->proto && strcmp(said->proto, "tcp") == 0;
    unsigned what = dice(m, 100);
    if (what < 40)
        printf(" -j ACCEPT");
    else if (what < 76)
        printf(" -j DROP");
    else if (what < 84 && m->table == FILTER && tcp)
        printf(" -j REJECT --reject-with tcp-reset");
    else if (what < 88 && m->table == FILTER)
        printf(" -j REJECT");
    else if (what < 91)
        printf(" -j LOG --log-prefix \"seen -j DROP \" --log-level 7");
    else if (what < 93)
        printf(" -j NFLOG --nflog-group 7 --nflog-prefix \"-j ACCEPT\"");
    else
        printf(" -j RETURN");
}

/* A rule of the chain number CHAIN (0: the base chain). */
static void put_rule(struct maker *m, const char *name, unsigned chain)
{
    struct said said = {NULL, {0}};
    unsigned what = dice(m, 100);
    /* Few from chain to chain: the ways through them multiply. */
    bool jumps = chain + 1 < m->chains && what < (chain == 0 ? 25 : 6);
    bool changes = !jumps && m->table != FILTER && what < 65;
    bool ends = !jumps && !changes && what < 97;
    printf("-A %s", name);
    if (ends || (changes && m->table == RAW))
        put_ends(m, &said);
    if (jumps)
        put_gate(m, &said);
    if (!jumps && percent(m, ends ? 70 : 30))
        put_proto(m, &said);
    for (unsigned i = jumps ? 0 : dice(m, 3) + (m->table != FILTER && ends); i > 0; i--)
        put_condition(m, &said);
    if (jumps)
        put_jump(m, chain);
    else if (changes && m->table == RAW)
        printf(" -j %s", percent(m, 70) ? "CT --notrack" : "NOTRACK");
    else if (changes)
        put_mangling(m);
    else if (ends)
        put_end(m, &said);
    putchar('\n');
}

static void put_base(struct maker *m, const char *hook, unsigned rules)
{
    m->hook = hook;
    for (unsigned i = 0; i < rules; i++)
        put_rule(m, hook, 0);
}

/* ":HOOK POLICY"; a DROP in one of a hundred times CHANCE. */
static void put_policy(struct maker *m, const char *hook, unsigned chance)
{
    printf(":%s %s [0:0]\n", hook, percent(m, chance) ? "DROP" : "ACCEPT");
}

static void put_chain_names(struct maker *m)
{
    for (unsigned c = 1; c < m->chains; c++)
        printf(":c%u - [0:0]\n", c);
}

static void put_chains(struct maker *m, unsigned rules)
{
    char name[16];
    m->hook = NULL;
    for (unsigned c = 1; c < m->chains; c++) {
        snprintf(name, sizeof name, "c%u", c);
        for (unsigned i = 0; i < rules / (m->chains - 1); i++)
            put_rule(m, name, c);
    }
}

static void put_raw(struct maker *m, unsigned rules)
{
    m->table = RAW;
    m->chains = 3;
    printf("*raw\n");
    put_policy(m, "PREROUTING", 3);
    printf(":OUTPUT ACCEPT [0:0]\n");
    put_chain_names(m);
    put_base(m, "PREROUTING", rules / 20);
    put_chains(m, rules / 20);
    printf("COMMIT\n");
}

static void put_mangle(struct maker *m, unsigned rules)
{
    m->table = MANGLE;
    m->chains = 5;
    printf("*mangle\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    put_policy(m, "PREROUTING", 3);
    put_policy(m, "FORWARD", 5);
    put_policy(m, "POSTROUTING", 3);
    put_chain_names(m);
    put_base(m, "PREROUTING", rules / 15);
    put_base(m, "FORWARD", rules / 20);
    put_base(m, "POSTROUTING", rules / 20);
    put_chains(m, rules / 10);
    printf("COMMIT\n");
}

/* What becomes of translated packets is nobody's business here; the others' is. */
static void put_nat(struct maker *m)
{
    static const char *const ends[] = {"ACCEPT", "RETURN"};
    m->table = NAT;
    printf("*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
           ":POSTROUTING ACCEPT [0:0]\n");
    for (unsigned i = 0; i < 10; i++) {
        struct said said = {NULL, {0}};
        const char *hook = i < 5 ? "PREROUTING" : "POSTROUTING";
        const char *to = m->six ? "2001:db8:ffff::1" : "192.0.2.1";
        unsigned end = dice(m, 5);
        m->hook = hook;
        printf("-A %s", hook);
        for (unsigned k = 0; k < 4; k++)
            put_condition(m, &said);
        if (end < 2)
            printf(" -j %s", ends[end]);
        else if (i < 5)
            printf(" -j DNAT --to-destination %s", to);
        else
            printf(" -j SNAT --to-source %s", to);
        putchar('\n');
    }
    printf("COMMIT\n");
}

static void put_filter(struct maker *m, unsigned rules)
{
    m->table = FILTER;
    m->chains = CHAINS_MAX;
    printf("*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    put_policy(m, "FORWARD", 50);
    put_chain_names(m);
    put_base(m, "FORWARD", rules / 4);
    put_chains(m, rules * 3 / 4);
    printf("COMMIT\n");
}

int main(int argc, char **argv)
{
    struct maker m = {0};
    uint32_t seed = 0, rules = 300;
    int at = 1;
    if (at < argc && strcmp(argv[at], "-6") == 0) {
        m.six = true;
        at++;
    }
    if (at >= argc || at + 2 < argc ||
        !tw_oracle_number(argv[at], strlen(argv[at]), UINT32_MAX - 1, &seed) ||
        (at + 1 < argc &&
         !tw_oracle_number(argv[at + 1], strlen(argv[at + 1]), 100000, &rules)))
        tw_oracle_die(TW_ORACLE_USAGE, "usage: random_rules [-6] SEED [RULES]");
    m.state = ((uint64_t)seed + 1) * 0x9e3779b97f4a7c15u;
    printf("# Generated by %s from the seed %u\n",
           m.six ? "ip6tables-save" : "iptables-save", seed);
    put_raw(&m, rules);
    put_mangle(&m, rules);
    if (percent(&m, 40))
        put_nat(&m);
    put_filter(&m, rules);
    return 0;
}

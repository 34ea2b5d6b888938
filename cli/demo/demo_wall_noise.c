/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule set that grew for years holds besides the calls that anyone still needs,
 * for demo_wall.c: scrubbing, blocked hosts, legacy pairs, decommissioned services,
 * offices, monitoring, time and name service.
 *
 * None of it may decide a packet of the plan's calls. So the accepts name only hosts
 * that no service of the plan has (10.24.0.0 upward in jinfu, 10.72.0.0 upward in
 * lifangtong) or ports that no flow of the plan uses, and the drops before the calls
 * name only such hosts, such ports, or packets that open no connection.
 */
#include "demo_wall.h"

enum { JINFU_OLD = 28, LFT_OLD = 76 }; /* second octets of the retired networks */

struct sizes {
    unsigned wall;
    unsigned blocked, legacy, retired, offices;
};

static const struct sizes sizes_of[] = {
    {TW_DEMO_JINFU_FW, 180, 420, 42, 160},
    {TW_DEMO_LFT_FW, 260, 560, 56, 220},
};

static const struct sizes *sizes_find(const struct tw_demo_wall *w)
{
    return &sizes_of[w->bit == TW_DEMO_LFT_FW];
}

void tw_demo_wall_noise_first(struct tw_demo_wall *w)
{
    tw_demo_wall_rule(w, true, "-j SCRUB");
    tw_demo_wall_rule(w, true, "-j SPOOF");
    tw_demo_wall_rule(w, true, "-j BLOCK");
}

void tw_demo_wall_noise_last(struct tw_demo_wall *w)
{
    tw_demo_wall_rule(w, true, "-j OPS");
    tw_demo_wall_rule(w, true, "-p icmp -j PING");
    tw_demo_wall_rule(w, true, "-p tcp -j LEGACY");
    tw_demo_wall_rule(w, false, "-j RETIRED");
    tw_demo_wall_rule(w, true, "-s 10.31.0.0/16 -g OFFICE");
    tw_demo_wall_rule(w, false,
                      "-s 10.30.0.0/16 -m comment --comment \"test hosts\" -j REJECT "
                      "--reject-with icmp-admin-prohibited");
}

static void scrub_chain(struct tw_demo_wall *w)
{
    tw_demo_wall_chain(w, NULL, "SCRUB");
    tw_demo_wall_rule(w, false,
                      "-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j DROP");
    tw_demo_wall_rule(w, false, "-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP");
    tw_demo_wall_rule(w, false, "-p tcp -m tcp --tcp-flags SYN,RST SYN,RST -j DROP");
    tw_demo_wall_rule(w, true,
                      "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack "
                      "--ctstate NEW -j DROP");
    tw_demo_wall_rule(w, true, "-p tcp -m multiport --dports 23,135,139,445 -j DROP");
    tw_demo_wall_rule(w, true, "-p udp -m multiport --dports 69,135,137:139 -j DROP");
    tw_demo_wall_rule(w, false, "-p tcp -m tcp --sport 0 -j DROP");
    tw_demo_wall_rule(w, false, "-p udp -m udp --sport 0 -j DROP");
}

static void spoof_chain(struct tw_demo_wall *w)
{
    static const char *const jinfu[] = {
        "! -s 10.16.0.0/12 -i eth0 -j DROP",
        "-s 10.16.0.0/12 -i eth1 -j DROP",
        "! -s 10.0.0.0/8 -i eth1 -j DROP",
        "-s 127.0.0.0/8 -j DROP",
        "-d 224.0.0.0/4 -j DROP",
    };
    static const char *const lft[] = {
        "! -s 10.64.0.0/12 -i eth1 -j DROP",
        "-s 10.64.0.0/12 -i eth0 -j DROP",
        "-s 10.0.0.0/8 -i eth2 -j DROP",
        "-m iprange --src-range 172.16.0.0-172.31.255.255 -j DROP",
        "-s 127.0.0.0/8 -j DROP",
    };
    size_t i;

    tw_demo_wall_chain(w, NULL, "SPOOF");
    for (i = 0; i < sizeof jinfu / sizeof jinfu[0]; i++)
        tw_demo_wall_rule(w, i < 2, "%s",
                          w->bit == TW_DEMO_JINFU_FW ? jinfu[i] : lft[i]);
}

/* Hosts that were blocked once. The zones' living networks never come this far. */
static void block_chain(struct tw_demo_wall *w)
{
    unsigned i;

    tw_demo_wall_chain(w, NULL, "BLOCK");
    tw_demo_wall_rule(w, true, "-s 10.16.0.0/13 -j RETURN");
    tw_demo_wall_rule(w, true, "-s 10.64.0.0/13 -j RETURN");
    for (i = 0; i < sizes_find(w)->blocked; i++) {
        uint32_t x = tw_demo_mix(i, 100 + w->bit);

        if (i % 9 == 8)
            tw_demo_wall_rule(w, false, "-s 192.0.2.%u/32 -j DROP", i / 9 + 1);
        else
            tw_demo_wall_rule(w, x % 5 == 0,
                              "-s 10.%u.%u.%u/32 -m comment --comment \"blocked "
                              "SEC-%04u\" -j DROP",
                              i % 2 == 0 ? 29u : 77u, x >> 8 & 255, (x & 255) % 254 + 1,
                              1000 + i);
    }
    tw_demo_wall_rule(w, true, "-j RETURN");
}

static void ops_chain(struct tw_demo_wall *w)
{
    tw_demo_wall_chain(w, NULL, "OPS");
    tw_demo_wall_rule(w, true, "-d 10.31.241.1/32 -p udp -m udp --dport 123 -j ACCEPT");
    tw_demo_wall_rule(w, true, "-d 10.31.241.2/31 -p udp -m udp --dport 53 -j ACCEPT");
    tw_demo_wall_rule(w, true, "-d 10.31.241.2/31 -p tcp -m tcp --dport 53 -j ACCEPT");
    tw_demo_wall_rule(w, true,
                      "-s 10.31.240.0/27 -p tcp -m multiport --dports 9100,10050 -m "
                      "comment --comment \"monitoring agents\" -j ACCEPT");
    tw_demo_wall_rule(w, true,
                      "-s 10.31.240.0/27 -p udp -m udp --dport 161 -m comment "
                      "--comment \"monitoring SNMP\" -j ACCEPT");
    tw_demo_wall_rule(w, true,
                      "-d 10.31.242.10/32 -p udp -m udp --dport 514 -j ACCEPT");
    tw_demo_wall_rule(w, true,
                      "-d 10.76.0.0/16 -p tcp -m tcp --dport 22 -m iprange --src-range "
                      "10.31.250.11-10.31.250.14 -m comment --comment \"admin jump "
                      "hosts\" -j ACCEPT");
    tw_demo_wall_rule(
        w, false,
        "-d 10.76.0.0/16 -p tcp -m tcp --dport 3389 -m iprange --src-range "
        "10.31.250.11-10.31.250.14 -j ACCEPT");

    tw_demo_wall_chain(w, NULL, "PING");
    tw_demo_wall_rule(w, true, "-p icmp -m icmp --icmp-type 3/4 -j ACCEPT");
    tw_demo_wall_rule(w, true,
                      "-s 10.31.240.0/27 -p icmp -m icmp --icmp-type 8 -j ACCEPT");
    tw_demo_wall_rule(w, false, "-p icmp -m icmp --icmp-type 5 -j DROP");
    tw_demo_wall_rule(w, false, "-p icmp -m icmp --icmp-type 11 -j ACCEPT");
    tw_demo_wall_rule(w, true, "-j DROP");
}

/* Pairs of hosts from before the services had networks of their own. */
static void legacy_chain(struct tw_demo_wall *w)
{
    static const unsigned ports[] = {80, 1521, 3306, 5432, 6379, 7001, 8009, 8080};
    unsigned i;

    tw_demo_wall_chain(w, NULL, "LEGACY");
    tw_demo_wall_rule(w, true, "! -s 10.0.0.0/8 -j RETURN");
    for (i = 0; i < sizes_find(w)->legacy; i++) {
        uint32_t x = tw_demo_mix(i, 200 + w->bit), y = tw_demo_mix(x, 7);
        bool outward = i % 3 != 0;
        char port[32];

        if (i % 11 == 5)
            snprintf(port, sizeof port, "%u:%u", 9000 + i % 40, 9040 + i % 60);
        else
            snprintf(port, sizeof port, "%u", ports[x >> 16 & 7]);
        tw_demo_wall_rule(
            w, x % 17 == 0,
            "-s 10.%d.%u.%u/32 -d 10.%d.%u.%u/32 -p tcp -m tcp --dport %s "
            "-m comment --comment \"legacy %05u\" -j ACCEPT",
            outward ? JINFU_OLD : LFT_OLD, x >> 8 & 63, (x & 255) % 250 + 2,
            outward ? LFT_OLD : JINFU_OLD, y >> 8 & 63, (y & 255) % 250 + 2, port,
            7000 + i * 3);
    }
}

/* Services that were switched off and left their chains behind. */
static void retired_chains(struct tw_demo_wall *w)
{
    unsigned i, j, n = sizes_find(w)->retired;

    tw_demo_wall_chain(w, NULL, "RETIRED");
    for (i = 0; i < n; i++)
        tw_demo_wall_rule(w, false, "-d 10.%u.%u.0/24 -j old_%02u",
                          i % 2 == 0 ? 74u : 26u, i, i + 1);
    for (i = 0; i < n; i++) {
        tw_demo_wall_chain(w, NULL, "old_%02u", i + 1);
        tw_demo_wall_rule(w, false, "-m iprange ! --src-range %s -j RETURN",
                          i % 2 == 0 ? "10.24.0.0-10.31.255.255"
                                     : "10.72.0.0-10.79.255.255");
        for (j = 0; j < 6 + i % 7; j++) {
            uint32_t x = tw_demo_mix(i * 64 + j, 300 + w->bit);

            if (j % 4 == 3)
                tw_demo_wall_rule(
                    w, false,
                    "-s 10.%u.%u.0/24 -p tcp -m multiport --dports "
                    "80,443,8080:8089 -m comment --comment \"switched off "
                    "2021\" -j ACCEPT",
                    i % 2 == 0 ? 25u : 73u, x & 255);
            else
                tw_demo_wall_rule(w, false,
                                  "-s 10.%u.%u.%u/32 -p %s -m %s --dport %u -j ACCEPT",
                                  i % 2 == 0 ? 25u : 73u, x >> 8 & 255, x >> 16 & 255,
                                  j % 5 == 4 ? "udp" : "tcp",
                                  j % 5 == 4 ? "udp" : "tcp", 1024 + (x & 8191));
        }
    }
}

static void office_chain(struct tw_demo_wall *w)
{
    unsigned i;

    tw_demo_wall_chain(w, NULL, "OFFICE");
    tw_demo_wall_rule(w, false,
                      "-m iprange --src-range 10.31.200.0-10.31.255.255 -m comment "
                      "--comment \"servers of the office, not desks\" -j RETURN");
    for (i = 0; i < sizes_find(w)->offices; i++) {
        uint32_t x = tw_demo_mix(i, 400 + w->bit);

        tw_demo_wall_rule(
            w, x % 4 == 0,
            "-s 10.31.%u.0/24 -d 10.%u.%u.0/24 -p tcp -m multiport "
            "--dports %s -m comment --comment \"办公网 floor %u\" -j ACCEPT",
            i % 180, w->bit == TW_DEMO_JINFU_FW ? 78u : 79u, x >> 8 & 127,
            x % 3 == 0 ? "80,443" : "80,443,8080,8443", i % 30 + 1);
    }
    tw_demo_wall_rule(
        w, true, "-m limit --limit 5/min -j LOG --log-prefix \"%s office: \"", w->name);
    tw_demo_wall_rule(w, true, "-j DROP");
}

void tw_demo_wall_noise_chains(struct tw_demo_wall *w)
{
    scrub_chain(w);
    spoof_chain(w);
    block_chain(w);
    ops_chain(w);
    legacy_chain(w);
    retired_chains(w);
    office_chain(w);
}

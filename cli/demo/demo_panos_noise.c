/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rulebase that grew for years holds besides the calls that anyone still needs,
 * for demo_panos.c: blocked hosts, operations, legacy pairs, services that are gone,
 * the office, vendors, partners on the internet.
 *
 * None of it may decide a packet of the plan's calls. So between jinfu and lifangtong
 * the accepts name only hosts that no service of the plan has (10.24.0.0 upward in
 * jinfu, 10.72.0.0 upward in lifangtong), the denials before the calls only such hosts,
 * sources that are none of jinfu's, or ports that no call uses; all else is about
 * other zones.
 */
#include "demo_panos.h"

#include <string.h>

enum {
    BLOCKED = 180,
    BLOCKED_TOGETHER = 20, /* hosts of a group of blocked ones */
    LEGACY = 1180,
    RETIRED = 46,
    OFFICES = 260,
    VENDORS = 48,
    PARTNERS = 150,
    PUBLISHED = 24,
    GROUP_LIST = 1024
};

static void spoof_rules(struct tw_demo_panos *w)
{
    static const struct tw_demo_rule rules[] = {
        {.name = "spoof-jinfu",
         .from = "jinfu",
         .source = "net-jinfu",
         .negate_source = true,
         .action = "drop",
         .tag = "security",
         .busy = true},
        {.name = "spoof-lft",
         .from = "lft-transit",
         .source = "net-lft",
         .negate_source = true,
         .action = "drop",
         .tag = "security"},
        {.name = "never-these-ports",
         .service = "sg-never",
         .action = "drop",
         .tag = "security",
         .description = "telnet、共享、TFTP 一律禁止",
         .busy = true},
        {.name = "internet-known-bad",
         .from = "internet",
         .source = "edl-known-bad",
         .action = "drop",
         .tag = "security",
         .busy = true},
        {.name = "internet-peer-to-peer",
         .from = "jinfu office vpn",
         .to = "internet",
         .application = "af-peer-to-peer",
         .action = "deny",
         .tag = "security",
         .busy = true},
        {.name = "internet-no-quic",
         .from = "jinfu office vpn",
         .to = "internet",
         .application = "quic",
         .action = "deny",
         .tag = "security office",
         .busy = true},
    };
    size_t i;

    for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
        tw_demo_panos_rule(w, &rules[i]);
}

/* Hosts that were blocked once, the later ones in groups. */
static void blocked_rules(struct tw_demo_panos *w)
{
    char list[GROUP_LIST] = "", source[TW_DEMO_NAME], ticket[TW_DEMO_NAME];
    size_t used = 0;
    unsigned i;

    for (i = 0; i < BLOCKED; i++) {
        struct tw_demo_rule r = {.action = "drop", .tag = "security"};
        uint32_t x = tw_demo_mix(i, 101);

        tw_demo_say(source, sizeof source, "blocked-%04u", 1000 + i);
        if (i % 9 == 8)
            tw_demo_panos_address(w, source, "ip-netmask", "192.0.2.%u", 129 + i / 9);
        else
            tw_demo_panos_address(w, source, "ip-netmask", "10.%u.%u.%u",
                                  i % 2 == 0 ? 29u : 77u, x >> 8 & 255,
                                  (x & 255) % 254 + 1);
        r.source = source;
        if (i >= BLOCKED / 2) {
            tw_demo_say(list + used, sizeof list - used, "%s%s", used > 0 ? " " : "",
                        source);
            used += strlen(list + used);
            if ((i + 1) % BLOCKED_TOGETHER != 0 && i + 1 < BLOCKED)
                continue;
            tw_demo_say(source, sizeof source, "g-blocked-%02u", i / BLOCKED_TOGETHER);
            tw_demo_panos_group(w, source, list);
            list[used = 0] = '\0';
        }
        tw_demo_say(ticket, sizeof ticket, "SEC-%04u 封禁", 1000 + i);
        tw_demo_say(r.name, sizeof r.name, "sec-%04u", 1000 + i);
        r.description = ticket;
        r.busy = x % 5 == 0;
        tw_demo_panos_rule(w, &r);
    }
}

static void operations_rules(struct tw_demo_panos *w)
{
    static const struct tw_demo_rule rules[] = {
        {.name = "ops-ntp",
         .from = "jinfu lft-transit office dmz",
         .to = "ops",
         .destination = "ops-ntp",
         .application = "ntp",
         .service = "application-default",
         .busy = true},
        {.name = "ops-dns",
         .from = "jinfu lft-transit office dmz",
         .to = "ops",
         .destination = "g-ops-dns",
         .application = "dns",
         .service = "application-default",
         .busy = true},
        {.name = "ops-syslog",
         .from = "jinfu dmz",
         .to = "ops",
         .destination = "ops-syslog",
         .application = "syslog",
         .service = "udp-514",
         .busy = true},
        {.name = "ops-agents",
         .from = "ops",
         .to = "jinfu lft-transit dmz",
         .source = "ops-monitoring",
         .service = "sg-agents",
         .description = "监控采集 monitoring agents",
         .unlogged = true,
         .busy = true},
        {.name = "ops-snmp",
         .from = "ops",
         .to = "jinfu lft-transit dmz",
         .source = "ops-monitoring",
         .application = "snmp",
         .service = "application-default",
         .unlogged = true,
         .busy = true},
        {.name = "ops-ping",
         .from = "ops",
         .source = "ops-monitoring",
         .application = "ping",
         .service = "application-default",
         .unlogged = true,
         .busy = true},
        {.name = "ops-jump-ssh",
         .from = "ops",
         .to = "jinfu dmz",
         .source = "ops-jump-hosts",
         .user = "jf\\operators",
         .application = "ssh",
         .service = "application-default",
         .description = "堡垒机 admin jump hosts",
         .busy = true},
        {.name = "ops-jump-rdp",
         .from = "ops",
         .to = "dmz",
         .source = "ops-jump-hosts",
         .application = "ms-rdp",
         .service = "application-default",
         .disabled = true},
        {.name = "jinfu-rooms",
         .from = "jinfu",
         .to = "jinfu",
         .source = "net-jinfu",
         .destination = "net-jinfu",
         .type = "intrazone",
         .description = "两机房互通 between the rooms",
         .unlogged = true,
         .busy = true},
    };
    size_t i;

    tw_demo_panos_address(w, "ops-ntp", "ip-netmask", "10.31.241.1");
    tw_demo_panos_address(w, "ops-dns-1", "ip-netmask", "10.31.241.2");
    tw_demo_panos_address(w, "ops-dns-2", "ip-netmask", "10.31.241.3");
    tw_demo_panos_group(w, "g-ops-dns", "ops-dns-1 ops-dns-2");
    tw_demo_panos_address(w, "ops-syslog", "ip-netmask", "10.31.242.10");
    tw_demo_panos_address(w, "ops-monitoring", "ip-netmask", "10.31.240.0/27");
    tw_demo_panos_address(w, "ops-jump-hosts", "ip-range", "10.31.250.11-%s",
                          "10.31.250.14");
    for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
        tw_demo_panos_rule(w, &rules[i]);
}

/* Pairs of hosts from before the services had networks of their own. */
static void legacy_rules(struct tw_demo_panos *w)
{
    static const char *const ports[] = {"service-http", "tcp-1521", "tcp-3306",
                                        "tcp-5432",     "tcp-6379", "tcp-7001",
                                        "tcp-8009",     "tcp-8080"};
    unsigned i;

    for (i = 0; i < LEGACY; i++) {
        uint32_t x = tw_demo_mix(i, 201), y = tw_demo_mix(x, 7);
        bool outbound = i % 3 != 0;
        char source[TW_DEMO_NAME], destination[TW_DEMO_NAME];
        struct tw_demo_rule r = {.from = outbound ? "jinfu" : "lft-transit",
                                 .to = outbound ? "lft-transit" : "jinfu",
                                 .source = source,
                                 .destination = destination,
                                 .service = ports[x >> 16 & 7],
                                 .tag = "legacy",
                                 .busy = x % 17 == 0,
                                 .unlogged = x % 7 == 0,
                                 .disabled = x % 29 == 0};

        tw_demo_say(source, sizeof source, "legacy-%05u-src", 7000 + i * 3);
        tw_demo_say(destination, sizeof destination, "legacy-%05u-dst", 7000 + i * 3);
        tw_demo_panos_address(w, source, "ip-netmask", "10.%u.%u.%u/32",
                              outbound ? 28u : 76u, x >> 8 & 63, (x & 255) % 250 + 2);
        tw_demo_panos_address(w, destination, "ip-netmask", "10.%u.%u.%u/32",
                              outbound ? 76u : 28u, y >> 8 & 63, (y & 255) % 250 + 2);
        if (i % 11 == 5) {
            r.application = "mysql";
            r.service = "application-default";
        }
        if (i % 16 == 9)
            r.schedule = "move-of-2021";
        if (i % 4 == 0)
            r.description = i % 8 == 0 ? "历史策略，待清理" : "from the old rule set";
        tw_demo_say(r.name, sizeof r.name, "legacy-%05u", 7000 + i * 3);
        tw_demo_panos_rule(w, &r);
    }
}

/* Services that were switched off and left their rules behind. */
static void retired_rules(struct tw_demo_panos *w)
{
    unsigned i, j;

    for (i = 0; i < RETIRED; i++) {
        bool outbound = i % 2 == 0;
        char destination[TW_DEMO_NAME], source[TW_DEMO_NAME];

        tw_demo_say(destination, sizeof destination, "retired-%02u", i + 1);
        tw_demo_panos_address(w, destination, "ip-netmask", "10.%u.%u.0/24",
                              outbound ? 74u : 26u, i);
        for (j = 0; j < 6 + i % 7; j++) {
            uint32_t x = tw_demo_mix(i * 64 + j, 301);
            struct tw_demo_rule r = {.from = outbound ? "jinfu" : "lft-transit",
                                     .to = outbound ? "lft-transit" : "jinfu",
                                     .source = source,
                                     .destination = destination,
                                     .service = j % 4 == 3 ? "sg-office" : "tcp-8080",
                                     .tag = "retired",
                                     .description = "2021年下线 switched off",
                                     .disabled = x % 2 == 0};

            tw_demo_say(source, sizeof source, "retired-%02u-caller-%02u", i + 1, j);
            if (j % 4 == 3)
                tw_demo_panos_address(w, source, "ip-netmask", "10.%u.%u.0/24",
                                      outbound ? 25u : 73u, x & 255);
            else
                tw_demo_panos_address(w, source, "ip-range", "10.%u.%u.%u-10.%u.%u.%u",
                                      outbound ? 25u : 73u, x >> 8 & 255, x & 127,
                                      outbound ? 25u : 73u, x >> 8 & 255,
                                      (x & 127) + 1 + j);
            tw_demo_say(r.name, sizeof r.name, "retired-%02u-%02u", i + 1, j);
            tw_demo_panos_rule(w, &r);
        }
    }
}

/* Floors of the office reach what is published inside, by user and in work hours. */
static void office_rules(struct tw_demo_panos *w)
{
    static const char *const users[] = {"jf\\finance",   "jf\\risk",      "jf\\wealth",
                                        "jf\\insurance", "jf\\customers", "known-user"};
    unsigned i;

    for (i = 0; i < OFFICES; i++) {
        uint32_t x = tw_demo_mix(i, 401);
        char source[TW_DEMO_NAME], destination[TW_DEMO_NAME], floor[TW_DEMO_NAME];
        struct tw_demo_rule r = {.from = i % 10 == 9 ? "office vpn" : "office",
                                 .to = "dmz",
                                 .source = source,
                                 .destination = destination,
                                 .user = users[x % 6],
                                 .application = "ag-web",
                                 .service = "application-default",
                                 .tag = "office",
                                 .description = floor,
                                 .busy = x % 4 == 0};

        tw_demo_say(source, sizeof source, "office-%03u", i + 1);
        tw_demo_say(destination, sizeof destination, "dmz-%03u", i + 1);
        tw_demo_panos_address(w, source, "ip-netmask", "10.31.%u.0/24", i % 180);
        tw_demo_panos_address(w, destination, "ip-netmask", "10.31.%u.%u", 224 + i % 8,
                              (x >> 8 & 255) % 250 + 2);
        if (x % 3 == 0) {
            r.application = NULL;
            r.service = "sg-office";
        }
        if (x % 6 == 1)
            r.schedule = "work-hours";
        tw_demo_say(floor, sizeof floor, "办公网 %u 层", i % 30 + 1);
        tw_demo_say(r.name, sizeof r.name, "office-%03u", i + 1);
        tw_demo_panos_rule(w, &r);
    }
}

static void vendor_rules(struct tw_demo_panos *w)
{
    unsigned i;

    tw_demo_panos_address(w, "vpn-pool", "ip-netmask", "10.31.192.0/22");
    for (i = 0; i < VENDORS; i++) {
        uint32_t x = tw_demo_mix(i, 501);
        char user[TW_DEMO_NAME], destination[TW_DEMO_NAME];
        struct tw_demo_rule r = {.from = "vpn",
                                 .to = i % 3 == 0 ? "ops" : "dmz",
                                 .source = "vpn-pool",
                                 .destination = destination,
                                 .user = user,
                                 .application = i % 2 == 0 ? "ssh" : "ms-rdp",
                                 .service = "application-default",
                                 .tag = "temporary",
                                 .schedule = i % 4 == 0 ? NULL : "vendors-2022",
                                 .busy = i % 4 == 0};

        tw_demo_say(user, sizeof user, "ext\\vendor-%02u", i + 1);
        tw_demo_say(destination, sizeof destination, "vendor-%02u-host", i + 1);
        tw_demo_panos_address(w, destination, "ip-netmask", "10.31.%u.%u",
                              i % 3 == 0 ? 243u : 230u, (x & 255) % 250 + 2);
        tw_demo_say(r.name, sizeof r.name, "vendor-%02u", i + 1);
        tw_demo_panos_rule(w, &r);
    }
}

/* What the published servers may reach inside: nothing that bears the tag of the gone,
 * whichever hosts bear it today. */
static void published_servers_rules(struct tw_demo_panos *w)
{
    const struct tw_demo_rule deny = {.name = "dmz-nothing-retired",
                                      .from = "dmz",
                                      .to = "jinfu",
                                      .destination = "dag-retired",
                                      .action = "deny",
                                      .tag = "retired"};
    const struct tw_demo_rule allow = {.name = "dmz-gateway",
                                       .from = "dmz",
                                       .to = "jinfu",
                                       .destination = "g-gateway-jinfu g-open-api",
                                       .application = "ssl",
                                       .service = "tcp-8443",
                                       .tag = "calls",
                                       .busy = true};

    if (w->pass == TW_DEMO_GROUPS) {
        tw_demo_xml_entry(w, "dag-retired");
        tw_demo_xml_path(w, "dynamic/filter", "'retired' or 'quarantined'");
        tw_demo_xml_close(w, "entry");
    }
    tw_demo_panos_rule(w, &deny);
    tw_demo_panos_rule(w, &allow);
}

/* Services that call partners by name, and what is published to the internet. */
static void partner_rules(struct tw_demo_panos *w)
{
    unsigned i, at = 0;

    for (i = 0; i < PARTNERS; i++) {
        char source[TW_DEMO_NAME], destination[TW_DEMO_NAME];
        struct tw_demo_rule r = {.from = "jinfu",
                                 .to = "internet",
                                 .source = source,
                                 .destination = destination,
                                 .application = "ssl",
                                 .service = "application-default",
                                 .category = i % 9 == 4 ? "financial-services" : NULL,
                                 .tag = "partner",
                                 .busy = i % 3 != 2};

        do
            at = (at + 1) % (unsigned)tw_demo_catalogue_count;
        while (tw_demo_catalogue[at].zone != TW_DEMO_JINFU);
        tw_demo_say(source, sizeof source, "g-%s", tw_demo_catalogue[at].name);
        tw_demo_say(destination, sizeof destination, "partner-%03u", i + 1);
        tw_demo_panos_address(w, destination, "fqdn", "api%u.partner-%02u.example",
                              i % 3 + 1, i / 3 + 1);
        tw_demo_say(r.name, sizeof r.name, "partner-%03u", i + 1);
        tw_demo_panos_rule(w, &r);
    }
    for (i = 0; i < PUBLISHED; i++) {
        char destination[TW_DEMO_NAME];
        struct tw_demo_rule r = {.from = "internet",
                                 .to = "dmz",
                                 .destination = destination,
                                 .application = "ag-web",
                                 .service = "service-https",
                                 .tag = "partner",
                                 .busy = i % 5 != 4,
                                 .disabled = i % 8 == 7};

        tw_demo_say(destination, sizeof destination, "published-%02u", i + 1);
        tw_demo_panos_address(w, destination, "ip-netmask", "192.0.2.%u", 64 + i);
        tw_demo_say(r.name, sizeof r.name, "published-%02u", i + 1);
        tw_demo_panos_rule(w, &r);
    }
}

void tw_demo_panos_noise_first(struct tw_demo_panos *w)
{
    spoof_rules(w);
    blocked_rules(w);
}

void tw_demo_panos_noise_last(struct tw_demo_panos *w)
{
    operations_rules(w);
    legacy_rules(w);
    retired_rules(w);
    office_rules(w);
    vendor_rules(w);
    published_servers_rules(w);
    partner_rules(w);
}

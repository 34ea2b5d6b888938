/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of jinfu-fw's configuration that are about the device: management (no
 * account has a password here), interfaces, static routes, zones, translation. For
 * `twinwall demo`.
 *
 * The routes say which networks lie behind which zone; a path of the estate that names
 * no zones is settled by them.
 */
#include "demo_panos.h"

#include <string.h>

void tw_demo_panos_management(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "mgt-config");
    tw_demo_xml_open(w, "users");
    tw_demo_xml_entry(w, "admin");
    tw_demo_xml_path(w, "permissions/role-based/superuser", "yes");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_entry(w, "auditor");
    tw_demo_xml_path(w, "permissions/role-based/superreader", "yes");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "users");
    tw_demo_xml_open(w, "password-complexity");
    tw_demo_xml_leaf(w, "enabled", "yes");
    tw_demo_xml_leaf(w, "minimum-length", "14");
    tw_demo_xml_close(w, "password-complexity");
    tw_demo_xml_close(w, "mgt-config");
}

/* What the rules name beside objects: where their logs go, what inspects their traffic.
 */
void tw_demo_panos_profiles(struct tw_demo_panos *w)
{
    static const char *const kinds[][2] = {{"virus", "default"},
                                           {"spyware", "strict"},
                                           {"vulnerability", "strict"},
                                           {"wildfire-analysis", "default"}};
    static const char *const logs[] = {"traffic", "threat"};
    size_t i;

    tw_demo_xml_open(w, "profile-group");
    tw_demo_xml_entry(w, "profiles-internal");
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        tw_demo_xml_list(w, kinds[i][0], kinds[i][1]);
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "profile-group");
    tw_demo_xml_open(w, "log-settings");
    tw_demo_xml_open(w, "profiles");
    tw_demo_xml_entry(w, "to-siem");
    tw_demo_xml_open(w, "match-list");
    for (i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        tw_demo_xml_entry(w, "%s", logs[i]);
        tw_demo_xml_leaf(w, "log-type", "%s", logs[i]);
        tw_demo_xml_leaf(w, "filter", "All Logs");
        tw_demo_xml_list(w, "send-syslog", "siem");
        tw_demo_xml_close(w, "entry");
    }
    tw_demo_xml_close(w, "match-list");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "profiles");
    tw_demo_xml_open(w, "syslog");
    tw_demo_xml_entry(w, "siem");
    tw_demo_xml_open(w, "server");
    tw_demo_xml_entry(w, "siem-1");
    tw_demo_xml_leaf(w, "server", "10.31.242.10");
    tw_demo_xml_leaf(w, "transport", "UDP");
    tw_demo_xml_leaf(w, "port", "514");
    tw_demo_xml_leaf(w, "facility", "LOG_USER");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "server");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "syslog");
    tw_demo_xml_close(w, "log-settings");
}

/* What each interface carries; a parent with units has none of it itself. */
static const struct port {
    const char *parent, *unit, *address, *zone, *comment;
} ports[] = {
    {"ethernet1/3", NULL, "10.31.255.1/30", "office", "office core"},
    {"ethernet1/4", NULL, "10.31.240.254/24", "ops", "operations"},
    {"ethernet1/5", NULL, "192.0.2.2/29", "internet", "provider 1"},
    {"ethernet1/6", NULL, "10.31.224.1/24", "dmz", "published servers"},
    {"ae1", "ae1.100", "10.16.255.1/29", "jinfu", "jinfu, main room 主机房"},
    {"ae1", "ae1.200", "10.20.255.1/29", "jinfu", "jinfu, new room 新机房"},
    {"ae2", "ae2.300", "10.31.254.1/30", "lft-transit", "towards lft-fw 理房通"},
};

enum { PORT_COUNT = sizeof ports / sizeof ports[0], ETHERNET_COUNT = 4 };

static void address_write(struct tw_demo_panos *w, const struct port *p)
{
    tw_demo_xml_open(w, "ip");
    fprintf(w->out, "%*s<entry name=\"%s\"/>\n", (int)w->depth * 2, "", p->address);
    tw_demo_xml_close(w, "ip");
}

static void ethernet_write(struct tw_demo_panos *w)
{
    static const char *const members[][2] = {{"ethernet1/1", "ae1"},
                                             {"ethernet1/2", "ae1"},
                                             {"ethernet1/7", "ae2"},
                                             {"ethernet1/8", "ae2"}};
    size_t i;

    tw_demo_xml_open(w, "ethernet");
    for (i = 0; i < sizeof members / sizeof members[0]; i++) {
        tw_demo_xml_entry(w, "%s", members[i][0]);
        tw_demo_xml_leaf(w, "aggregate-group", "%s", members[i][1]);
        tw_demo_xml_close(w, "entry");
    }
    for (i = 0; i < ETHERNET_COUNT; i++) {
        tw_demo_xml_entry(w, "%s", ports[i].parent);
        tw_demo_xml_open(w, "layer3");
        address_write(w, &ports[i]);
        tw_demo_xml_close(w, "layer3");
        tw_demo_xml_leaf(w, "comment", "%s", ports[i].comment);
        tw_demo_xml_close(w, "entry");
    }
    tw_demo_xml_close(w, "ethernet");
}

static void aggregate_write(struct tw_demo_panos *w, const char *name)
{
    size_t i;

    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_open(w, "layer3");
    tw_demo_xml_path(w, "lacp/enable", "yes");
    tw_demo_xml_open(w, "units");
    for (i = ETHERNET_COUNT; i < PORT_COUNT; i++) {
        const struct port *p = &ports[i];

        if (p->parent[2] != name[2]) /* ae1, ae2 */
            continue;
        tw_demo_xml_entry(w, "%s", p->unit);
        address_write(w, p);
        tw_demo_xml_leaf(w, "tag", "%s", p->unit + sizeof "ae1." - 1);
        tw_demo_xml_leaf(w, "comment", "%s", p->comment);
        tw_demo_xml_close(w, "entry");
    }
    tw_demo_xml_close(w, "units");
    tw_demo_xml_close(w, "layer3");
    tw_demo_xml_close(w, "entry");
}

static void routes_write(struct tw_demo_panos *w)
{
    static const struct {
        const char *name, *to, *interface, *via;
    } routes[] = {
        {"jinfu-main", "10.16.0.0/14", "ae1.100", "10.16.255.2"},
        {"jinfu-newroom", "10.20.0.0/14", "ae1.200", "10.20.255.2"},
        {"jinfu-old", "10.24.0.0/13", "ae1.100", "10.16.255.2"},
        {"office", "10.31.0.0/16", "ethernet1/3", "10.31.255.2"},
        {"ops", "10.31.240.0/21", "ethernet1/4", "10.31.240.1"},
        {"lft", "10.64.0.0/12", "ae2.300", "10.31.254.2"},
        {"default", "0.0.0.0/0", "ethernet1/5", "192.0.2.1"},
    };
    size_t i;

    tw_demo_xml_open(w, "static-route");
    for (i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        tw_demo_xml_entry(w, "%s", routes[i].name);
        tw_demo_xml_path(w, "nexthop/ip-address", routes[i].via);
        tw_demo_xml_leaf(w, "interface", "%s", routes[i].interface);
        tw_demo_xml_leaf(w, "metric", "10");
        tw_demo_xml_leaf(w, "destination", "%s", routes[i].to);
        tw_demo_xml_close(w, "entry");
    }
    tw_demo_xml_close(w, "static-route");
}

static const char *port_name(const struct port *p)
{
    return p->unit != NULL ? p->unit : p->parent;
}

void tw_demo_panos_network(struct tw_demo_panos *w)
{
    char list[TW_DEMO_LIST] = "tunnel.1";
    size_t i, n = sizeof "tunnel.1" - 1;

    tw_demo_xml_open(w, "network");
    tw_demo_xml_open(w, "interface");
    ethernet_write(w);
    tw_demo_xml_open(w, "aggregate-ethernet");
    aggregate_write(w, "ae1");
    aggregate_write(w, "ae2");
    tw_demo_xml_close(w, "aggregate-ethernet");
    tw_demo_xml_open(w, "tunnel");
    tw_demo_xml_open(w, "units");
    tw_demo_xml_entry(w, "tunnel.1");
    tw_demo_xml_leaf(w, "comment", "remote access");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "units");
    tw_demo_xml_close(w, "tunnel");
    tw_demo_xml_close(w, "interface");
    tw_demo_xml_open(w, "virtual-router");
    tw_demo_xml_entry(w, "default");
    for (i = 0; i < PORT_COUNT; i++) {
        tw_demo_say(list + n, sizeof list - n, " %s", port_name(&ports[i]));
        n += 1 + strlen(port_name(&ports[i]));
    }
    tw_demo_xml_list(w, "interface", list);
    tw_demo_xml_open(w, "routing-table");
    tw_demo_xml_open(w, "ip");
    routes_write(w);
    tw_demo_xml_close(w, "ip");
    tw_demo_xml_close(w, "routing-table");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "virtual-router");
    tw_demo_xml_close(w, "network");
}

void tw_demo_panos_deviceconfig(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "deviceconfig");
    tw_demo_xml_open(w, "system");
    tw_demo_xml_leaf(w, "hostname", "jinfu-fw");
    tw_demo_xml_leaf(w, "ip-address", "10.31.250.20");
    tw_demo_xml_leaf(w, "netmask", "255.255.255.0");
    tw_demo_xml_leaf(w, "default-gateway", "10.31.250.1");
    tw_demo_xml_leaf(w, "timezone", "Asia/Shanghai");
    tw_demo_xml_leaf(w, "login-banner", "仅限授权人员 authorized staff only");
    tw_demo_xml_path(w, "dns-setting/servers/primary", "10.31.241.2");
    tw_demo_xml_path(w, "ntp-servers/primary-ntp-server/ntp-server-address",
                     "10.31.241.1");
    tw_demo_xml_open(w, "service");
    tw_demo_xml_leaf(w, "disable-telnet", "yes");
    tw_demo_xml_leaf(w, "disable-http", "yes");
    tw_demo_xml_close(w, "service");
    tw_demo_xml_close(w, "system");
    tw_demo_xml_open(w, "setting");
    tw_demo_xml_path(w, "config/rematch", "yes");
    tw_demo_xml_path(w, "management/hostname-type-in-syslog", "FQDN");
    tw_demo_xml_close(w, "setting");
    tw_demo_xml_close(w, "deviceconfig");
}

static void zone_write(struct tw_demo_panos *w, const char *name, const char *list)
{
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_open(w, "network");
    tw_demo_xml_list(w, "layer3", list);
    tw_demo_xml_leaf(w, "enable-packet-buffer-protection", "yes");
    tw_demo_xml_close(w, "network");
    if (strcmp(name, "office") == 0)
        tw_demo_xml_leaf(w, "enable-user-identification", "yes");
    tw_demo_xml_close(w, "entry");
}

void tw_demo_panos_zones(struct tw_demo_panos *w)
{
    char list[TW_DEMO_LIST];
    size_t i, n;

    tw_demo_xml_open(w, "zone");
    for (i = 0; i < PORT_COUNT; i++) { /* the interfaces of a zone stand together */
        if (i > 0 && strcmp(ports[i].zone, ports[i - 1].zone) == 0)
            continue;
        tw_demo_say(list, sizeof list, "%s", port_name(&ports[i]));
        for (n = i + 1; n < PORT_COUNT && strcmp(ports[n].zone, ports[i].zone) == 0;
             n++)
            tw_demo_say(list + strlen(list), sizeof list - strlen(list), " %s",
                        port_name(&ports[n]));
        zone_write(w, ports[i].zone, list);
    }
    zone_write(w, "vpn", "tunnel.1");
    tw_demo_xml_close(w, "zone");
    tw_demo_say(list, sizeof list, "tunnel.1");
    for (i = 0; i < PORT_COUNT; i++)
        tw_demo_say(list + strlen(list), sizeof list - strlen(list), " %s",
                    port_name(&ports[i]));
    tw_demo_xml_open(w, "import");
    tw_demo_xml_open(w, "network");
    tw_demo_xml_list(w, "interface", list);
    tw_demo_xml_close(w, "network");
    tw_demo_xml_close(w, "import");
}

/* Only what leaves for the internet is translated. */
void tw_demo_panos_nat(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "nat");
    tw_demo_xml_open(w, "rules");
    tw_demo_xml_entry(w, "src-nat-internet");
    tw_demo_xml_open(w, "source-translation");
    tw_demo_xml_open(w, "dynamic-ip-and-port");
    tw_demo_xml_path(w, "interface-address/interface", "ethernet1/5");
    tw_demo_xml_close(w, "dynamic-ip-and-port");
    tw_demo_xml_close(w, "source-translation");
    tw_demo_xml_list(w, "to", "internet");
    tw_demo_xml_list(w, "from", "jinfu office dmz");
    tw_demo_xml_list(w, "source", NULL);
    tw_demo_xml_list(w, "destination", NULL);
    tw_demo_xml_leaf(w, "service", "any");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "rules");
    tw_demo_xml_close(w, "nat");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the catalogue as jinfu-fw's objects: address objects for hosts,
 * ranges and networks; a group per service and room, one per service over those, one
 * per team over these; ports and port groups; applications, schedules, tags. For
 * `twinwall demo`.
 *
 *     g-team-crypto ─► g-ark ─► g-ark-dr ─► ark-dr-h10 (10.66.4.10)
 */
#include "demo_panos.h"

#include <assert.h>
#include <string.h>

enum { HOSTS_MAX = 16, LISTENS_MAX = 64, GROUP_LIST = 2048 };

static void address_text(char out[20], uint32_t a)
{
    tw_demo_say(out, 20, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

struct object {
    char name[TW_DEMO_NAME];
    struct tw_demo_pool pool;
};

/* Half of the clusters are listed host by host, the others as a range. */
static bool host_by_host(const struct tw_demo_service *s)
{
    return s->shape == TW_DEMO_TWINS ||
           (s->shape == TW_DEMO_CLUSTER && tw_demo_mix(s->slot, 31) % 2 == 0);
}

static size_t objects_of(const struct tw_demo_service *s, enum tw_demo_site site,
                         struct object out[HOSTS_MAX])
{
    struct tw_demo_pool pools[TW_DEMO_POOLS_MAX];
    size_t i, made = 0, n = tw_demo_pools(s, site, pools);

    for (i = 0; i < n; i++) {
        struct tw_demo_pool rest = pools[i];
        bool single = host_by_host(s) || rest.lo == rest.hi;

        do {
            struct object *o = &out[made++];

            assert(made <= HOSTS_MAX);
            o->pool = (struct tw_demo_pool){rest.lo, single ? rest.lo : rest.hi};
            if (single)
                tw_demo_say(o->name, sizeof o->name, "%s-%s-h%02u", s->name,
                            tw_demo_site_name(site), rest.lo & 255);
            else
                tw_demo_say(o->name, sizeof o->name, "%s-%s-%s", s->name,
                            tw_demo_site_name(site),
                            tw_demo_pool_prefix(rest) >= 0 ? "net" : "range");
            rest.lo = o->pool.hi + 1;
        } while (rest.lo <= rest.hi);
    }
    return made;
}

static void object_write(struct tw_demo_panos *w, const struct object *o)
{
    char lo[20], hi[20];
    int len = tw_demo_pool_prefix(o->pool);

    address_text(lo, o->pool.lo);
    address_text(hi, o->pool.hi);
    if (len < 0)
        tw_demo_panos_address(w, o->name, "ip-range", "%s-%s", lo, hi);
    else if (len == 32)
        tw_demo_panos_address(w, o->name, "ip-netmask", "%s", lo);
    else
        tw_demo_panos_address(w, o->name, "ip-netmask", "%s/%d", lo, len);
}

static void list_add(char *list, size_t size, const char *name)
{
    size_t n = strlen(list);

    tw_demo_say(list + n, size - n, "%s%s", n > 0 ? " " : "", name);
}

static void service_write(struct tw_demo_panos *w, const struct tw_demo_service *s)
{
    struct object objects[HOSTS_MAX];
    char name[TW_DEMO_NAME], list[GROUP_LIST], rooms[TW_DEMO_LIST] = "";
    size_t i, n;
    int site;

    for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++) {
        n = objects_of(s, (enum tw_demo_site)site, objects);
        if (n == 0)
            continue;
        list[0] = '\0';
        for (i = 0; i < n; i++) {
            object_write(w, &objects[i]);
            list_add(list, sizeof list, objects[i].name);
        }
        tw_demo_say(name, sizeof name, "g-%s-%s", s->name,
                    tw_demo_site_name((enum tw_demo_site)site));
        tw_demo_panos_group(w, name, list);
        list_add(rooms, sizeof rooms, name);
    }
    tw_demo_say(name, sizeof name, "g-%s", s->name);
    tw_demo_panos_group(w, name, rooms);
}

/* A group per team of ZONE, over the groups of its services. */
static void teams_write(struct tw_demo_panos *w, enum tw_demo_zone zone)
{
    char name[TW_DEMO_NAME], list[GROUP_LIST];
    size_t i, j;

    for (i = 0; i < tw_demo_catalogue_count; i++) {
        const struct tw_demo_service *s = &tw_demo_catalogue[i];

        if (s->zone != zone ||
            (i > 0 && strcmp(tw_demo_catalogue[i - 1].team, s->team) == 0))
            continue; /* the services of a team stand together */
        list[0] = '\0';
        for (j = i; j < tw_demo_catalogue_count &&
                    strcmp(tw_demo_catalogue[j].team, s->team) == 0;
             j++) {
            tw_demo_say(name, sizeof name, "g-%s", tw_demo_catalogue[j].name);
            list_add(list, sizeof list, name);
        }
        tw_demo_say(name, sizeof name, "g-team-%s", s->team);
        tw_demo_panos_group(w, name, list);
    }
}

static void shared_networks(struct tw_demo_panos *w)
{
    tw_demo_panos_address(w, "net-jinfu", "ip-netmask", "10.16.0.0/12");
    tw_demo_panos_address(w, "net-lft", "ip-netmask", "10.64.0.0/12");
    tw_demo_panos_address(w, "net-lft-main", "ip-netmask", "10.64.0.0/15");
    tw_demo_panos_address(w, "net-lft-newroom", "ip-netmask", "10.66.0.0/15");
    /* left over from before the move; the virtual system has its own of these names */
    tw_demo_panos_address(w, "loan-core-main-range", "ip-range", "%s",
                          "10.27.11.20-10.27.11.35");
    tw_demo_panos_address(w, "user-center-main-range", "ip-range", "%s",
                          "10.27.42.20-10.27.42.35");
}

void tw_demo_panos_objects(struct tw_demo_panos *w, bool shared)
{
    enum tw_demo_zone zone = shared ? TW_DEMO_LFT : TW_DEMO_JINFU;
    size_t i;

    if (shared)
        shared_networks(w);
    for (i = 0; i < tw_demo_catalogue_count; i++)
        if (tw_demo_catalogue[i].zone == zone)
            service_write(w, &tw_demo_catalogue[i]);
    teams_write(w, zone);
}

/* --- ports and applications ------------------------------------------------------- */

static void port_name(struct tw_demo_port p, char out[TW_DEMO_NAME])
{
    const char *proto = p.udp ? "udp" : "tcp";

    if (!p.udp && p.lo == 443 && p.hi == 443)
        tw_demo_say(out, TW_DEMO_NAME, "service-https"); /* predefined */
    else if (p.lo == p.hi)
        tw_demo_say(out, TW_DEMO_NAME, "%s-%u", proto, p.lo);
    else
        tw_demo_say(out, TW_DEMO_NAME, "%s-%u-%u", proto, p.lo, p.hi);
}

static bool dubbo(struct tw_demo_port p)
{
    return !p.udp && p.lo == 20880;
}

void tw_demo_flow_service(const struct tw_demo_flow *f, char out[TW_DEMO_NAME])
{
    struct tw_demo_port ports[TW_DEMO_PORTS_MAX];
    size_t n = tw_demo_flow_ports(f, ports);

    if (n > 1)
        tw_demo_say(out, TW_DEMO_NAME, "sg-%s", f->to->name);
    else if (dubbo(ports[0]) || ports[0].lo == 443)
        tw_demo_say(out, TW_DEMO_NAME, "application-default");
    else
        port_name(ports[0], out);
}

static void port_write(struct tw_demo_panos *w, struct tw_demo_port p)
{
    char name[TW_DEMO_NAME], text[16];

    port_name(p, name);
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_say(text, sizeof text, p.lo == p.hi ? "%u" : "%u-%u", p.lo, p.hi);
    tw_demo_xml_path(w, p.udp ? "protocol/udp/port" : "protocol/tcp/port", text);
    tw_demo_xml_close(w, "entry");
}

/* What the noise uses beside the ports of the catalogue. */
static const struct tw_demo_port other_ports[] = {
    {false, 23, 23},     {false, 135, 139},    {false, 445, 445},   {true, 69, 69},
    {true, 135, 139},    {false, 1521, 1521},  {false, 3306, 3306}, {false, 5432, 5432},
    {false, 7001, 7001}, {false, 8009, 8009},  {true, 514, 514},    {false, 9100, 9100},
    {false, 80, 89},     {false, 10050, 10050}};

static size_t ports_of_service(const struct tw_demo_service *s,
                               struct tw_demo_port out[TW_DEMO_PORTS_MAX])
{
    const struct tw_demo_flow all = {.to = s};

    return tw_demo_flow_ports(&all, out);
}

static void ports_write(struct tw_demo_panos *w)
{
    struct tw_demo_port seen[LISTENS_MAX], ports[TW_DEMO_PORTS_MAX];
    size_t i, j, k, n, count = 0;

    for (i = 0; i < sizeof other_ports / sizeof other_ports[0]; i++)
        port_write(w, seen[count++] = other_ports[i]);
    for (i = 0; i < tw_demo_catalogue_count; i++) {
        n = tw_demo_catalogue[i].zone == TW_DEMO_CHANNELS
                ? 0
                : ports_of_service(&tw_demo_catalogue[i], ports);
        for (j = 0; j < n; j++) {
            for (k = 0; k < count; k++)
                if (seen[k].udp == ports[j].udp && seen[k].lo == ports[j].lo &&
                    seen[k].hi == ports[j].hi)
                    break;
            if (k < count || (!ports[j].udp && ports[j].lo == 443))
                continue;
            assert(count < LISTENS_MAX);
            port_write(w, seen[count++] = ports[j]);
        }
    }
}

static void port_group_write(struct tw_demo_panos *w, const char *name,
                             const char *list)
{
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_list(w, "members", list);
    tw_demo_xml_close(w, "entry");
}

/* A service that listens on several ports has a group; the ports of one protocol have
 * a group of their own in it where there are both. */
static void port_groups_write(struct tw_demo_panos *w)
{
    struct tw_demo_port ports[TW_DEMO_PORTS_MAX];
    char name[TW_DEMO_NAME], group[TW_DEMO_NAME], list[2][TW_DEMO_LIST];
    size_t i, j, n;

    for (i = 0; i < tw_demo_catalogue_count; i++) {
        const struct tw_demo_service *s = &tw_demo_catalogue[i];

        n = s->zone == TW_DEMO_CHANNELS ? 0 : ports_of_service(s, ports);
        if (n < 2)
            continue;
        list[0][0] = list[1][0] = '\0';
        for (j = 0; j < n; j++) {
            port_name(ports[j], name);
            list_add(list[ports[j].udp], sizeof list[0], name);
        }
        tw_demo_say(group, sizeof group, "sg-%s", s->name);
        if (list[0][0] != '\0' && list[1][0] != '\0') {
            tw_demo_say(name, sizeof name, "sg-%s-udp", s->name);
            port_group_write(w, name, list[1]);
            list_add(list[0], sizeof list[0], name);
        }
        port_group_write(w, group, list[list[0][0] == '\0']);
    }
    port_group_write(w, "sg-remote-shells", "tcp-23 tcp-445");
    port_group_write(w, "sg-never", "sg-remote-shells tcp-135-139 udp-69 udp-135-139");
    port_group_write(w, "sg-agents", "tcp-9100 tcp-10050");
    port_group_write(w, "sg-office", "service-http service-https tcp-8443");
}

static void applications_write(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "application");
    tw_demo_xml_entry(w, "jf-dubbo");
    tw_demo_xml_path(w, "default/port/member", "tcp/20880-20883");
    tw_demo_xml_leaf(w, "category", "business-systems");
    tw_demo_xml_leaf(w, "subcategory", "general-business");
    tw_demo_xml_leaf(w, "technology", "client-server");
    tw_demo_xml_leaf(w, "risk", "1");
    tw_demo_xml_leaf(w, "description", "内部服务调用");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "application");
    tw_demo_xml_open(w, "application-group");
    port_group_write(w, "ag-web", "ssl web-browsing");
    port_group_write(w, "ag-office", "ag-web ms-office365-base");
    tw_demo_xml_close(w, "application-group");
    tw_demo_xml_open(w, "application-filter");
    tw_demo_xml_entry(w, "af-peer-to-peer");
    tw_demo_xml_list(w, "technology", "peer-to-peer");
    tw_demo_xml_list(w, "risk", "4 5");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "application-filter");
}

void tw_demo_panos_services(struct tw_demo_panos *w)
{
    applications_write(w);
    tw_demo_xml_open(w, "service");
    ports_write(w);
    tw_demo_xml_close(w, "service");
    tw_demo_xml_open(w, "service-group");
    port_groups_write(w);
    tw_demo_xml_close(w, "service-group");
    tw_demo_xml_open(w, "external-list");
    tw_demo_xml_entry(w, "edl-known-bad");
    tw_demo_xml_open(w, "type");
    tw_demo_xml_open(w, "ip");
    tw_demo_xml_path(w, "recurring/five-minute/at", "0");
    tw_demo_xml_leaf(w, "url", "https://lists.security.example/known-bad.txt");
    tw_demo_xml_close(w, "ip");
    tw_demo_xml_close(w, "type");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "external-list");
}

static void schedule_write(struct tw_demo_panos *w, const char *name, const char *path,
                           const char *times)
{
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_path(w, path, times);
    tw_demo_xml_close(w, "entry");
}

void tw_demo_panos_tags(struct tw_demo_panos *w)
{
    static const char *const tags[][3] = {
        {"newroom", "color3", "新机房切换项目"}, {"calls", "color2", "应用调用"},
        {"legacy", "color7", "历史遗留"},        {"retired", "color1", "已下线"},
        {"security", "color8", "安全封禁"},      {"office", "color14", "办公网"},
        {"temporary", "color6", "临时策略"},     {"partner", "color9", "合作方"}};
    size_t i;

    tw_demo_xml_open(w, "tag");
    for (i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        tw_demo_xml_entry(w, "%s", tags[i][0]);
        tw_demo_xml_leaf(w, "color", "%s", tags[i][1]);
        tw_demo_xml_leaf(w, "comments", "%s", tags[i][2]);
        tw_demo_xml_close(w, "entry");
    }
    tw_demo_xml_close(w, "tag");
    tw_demo_xml_open(w, "schedule");
    schedule_write(w, "work-hours", "schedule-type/recurring/daily/member",
                   "08:00-20:00");
    schedule_write(w, "sunday-night", "schedule-type/recurring/weekly/sunday/member",
                   "00:00-06:00");
    schedule_write(w, "move-of-2021", "schedule-type/non-recurring/member",
                   "2021/06/01@00:00-2021/09/30@23:59");
    schedule_write(w, "vendors-2022", "schedule-type/non-recurring/member",
                   "2022/01/01@00:00-2022/12/31@23:59");
    tw_demo_xml_close(w, "schedule");
}

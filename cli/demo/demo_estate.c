/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the demo's estate: twinwall.yaml, the catalogue as an export of a CMDB (with
 * Chinese headers), the flows as CSV, and the README. For `twinwall demo`.
 */
#include "demo_plan.h"

#include <string.h>

#define MARK "# The bundled incident of twinwall, written by `twinwall demo`.\n"

const char tw_demo_mark[] = MARK;

/* The CMDB knows our own services only; the banks, and the story's two, are inline. */
static bool service_in_yaml(const struct tw_demo_service *s)
{
    return s->zone == TW_DEMO_CHANNELS || strcmp(s->name, "finance-data") == 0 ||
           strcmp(s->name, "ark") == 0;
}

static void hosts_write(FILE *out, const struct tw_demo_service *s,
                        enum tw_demo_site site, const char *separator)
{
    struct tw_demo_pool pools[TW_DEMO_POOLS_MAX];
    size_t i, n = tw_demo_pools(s, site, pools);

    for (i = 0; i < n; i++) {
        fputs(i > 0 ? separator : "", out);
        tw_demo_pool_print(out, pools[i]);
    }
}

/* Our lists are parted by a blank or a semicolon; the estate has its own marks. */
static void list_write(FILE *out, const char *list, const char *separator)
{
    for (; *list != '\0'; list++) {
        if (*list == ' ' || *list == ';')
            fputs(separator, out);
        else
            fputc(*list, out);
    }
}

/* The first entry of a list, or all of it where the flow is a ban. */
static void ports_write(FILE *out, const struct tw_demo_flow *f, const char *separator)
{
    if (f->ports == NULL)
        return;
    if (f->deny)
        list_write(out, f->ports, separator);
    else
        fwrite(f->ports, 1, strcspn(f->ports, " "), out);
}

static void ticket_write(FILE *out, unsigned ticket)
{
    fprintf(out, "CHG-%u-%04u", 2019 + ticket % 4, ticket / 4 % 9000 + 100);
}

static void service_yaml_write(FILE *out, const struct tw_demo_service *s)
{
    int site;
    const char *separator = "";

    fprintf(out, "  %s: { title: %s, zone: %s, owner: %s, sites: { ", s->name, s->title,
            tw_demo_zone_name(s->zone), s->team);
    for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++) {
        if (!tw_demo_service_at(s, (enum tw_demo_site)site))
            continue;
        fprintf(out, "%s%s: [", separator, tw_demo_site_name((enum tw_demo_site)site));
        hosts_write(out, s, (enum tw_demo_site)site, ", ");
        fputc(']', out);
        separator = ", ";
    }
    fputs(" }, listen: [", out);
    list_write(out, s->listen, ", ");
    fputs("] }\n", out);
}

static void flow_yaml_write(FILE *out, const struct tw_demo_flow *f)
{
    char id[16];

    tw_demo_flow_id(f, id);
    fprintf(out, "  - { id: %s, from: %s, to: %s", id,
            f->from != NULL ? f->from->name : "any", f->to->name);
    if (f->ports != NULL) {
        fputs(", ports: [", out);
        ports_write(out, f, ", ");
        fputc(']', out);
    }
    if (tw_demo_flow_apps(f) != NULL) {
        fputs(", apps: [", out);
        list_write(out, tw_demo_flow_apps(f), ", ");
        fputc(']', out);
    }
    if (f->deny)
        fputs(", expect: deny", out);
    fprintf(out, ", severity: %s", f->severity);
    fprintf(out, ", why: %s", f->why != NULL ? f->why : f->to->serves);
    fputs(", ticket: ", out);
    ticket_write(out, f->ticket);
    if (f->dataset != NULL)
        fprintf(out, ", datasets: [%s]", f->dataset);
    fputs(" }\n", out);
}

void tw_demo_estate_write(FILE *out, const struct tw_demo_plan *plan)
{
    size_t i;

    fputs(MARK
          "# Two zones, two rooms, two walls and a bank's allow list. README.txt says "
          "what to try.\n"
          "version: 1\n"
          "sites:\n"
          "  main: { traffic: 90% }\n"
          "  dr:   { traffic: 10% }                # the new room\n"
          "walls:\n"
          "  jinfu-fw: { policy: policy/jinfu-fw.xml, vsys: vsys1, tz: Asia/Shanghai, "
          "app_ports: policy/app-ports.csv, hits: policy/jinfu-hits.xml }\n"
          "  lft-fw:   { policy: policy/lft-fw.rules }\n"
          "  bank:     { policy: policy/channel-allowlist.csv }\n"
          "zones:\n"
          "  jinfu:      { title: 金服,     networks: [10.16.0.0/12] }\n"
          "  lifangtong: { title: 理房通,   networks: [10.64.0.0/12] }\n"
          "  channels:   { title: 银行通道, networks: [203.0.113.0/24, "
          "198.51.100.0/24] }\n"
          "paths:\n"
          "  - { from: jinfu, to: lifangtong, walls: [ { wall: jinfu-fw, in: jinfu, "
          "out: lft-transit }, { wall: lft-fw, in: eth0, out: eth1 } ] }\n"
          "  - { from: lifangtong, to: jinfu, walls: [ { wall: lft-fw, in: eth1, "
          "out: eth0 }, jinfu-fw ] }   # the zones of jinfu-fw: by its own routes\n"
          "  - { from: lifangtong, to: channels, walls: [ { wall: lft-fw, in: eth1, "
          "out: eth2 }, bank ] }\n"
          "  - { from: channels, to: lifangtong, walls: [ { wall: lft-fw, in: eth2, "
          "out: eth1 } ] }\n"
          "  - { from: jinfu, to: jinfu, walls: [] }\n"
          "services:                               # the rest is in cmdb.csv\n",
          out);
    for (i = 0; i < tw_demo_catalogue_count; i++)
        if (service_in_yaml(&tw_demo_catalogue[i]))
            service_yaml_write(out, &tw_demo_catalogue[i]);
    fputs("flows:                                  # the rest is in flows.csv\n", out);
    for (i = 0; i < plan->flow_count; i++)
        if (plan->flows[i].in_yaml)
            flow_yaml_write(out, &plan->flows[i]);
    fputs("datasets:\n"
          "  bill_detail: { title: 二合一账单, dump: bills.csv, "
          "wrong: [\"counterparty ~ /解密服务初始化失败/\"], "
          "time: bill_date, key: bill_id }\n"
          "services_csv: cmdb.csv\n"
          "flows_csv: flows.csv\n",
          out);
}

void tw_demo_cmdb_write(FILE *out, const struct tw_demo_plan *plan)
{
    size_t i;
    int site;

    (void)plan;
    fputs("服务,名称,区域,负责人,机房,地址,监听端口\n", out);
    for (i = 0; i < tw_demo_catalogue_count; i++) {
        const struct tw_demo_service *s = &tw_demo_catalogue[i];

        if (service_in_yaml(s))
            continue;
        for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++) {
            if (!tw_demo_service_at(s, (enum tw_demo_site)site))
                continue;
            fprintf(out, "%s,%s,%s,%s,%s,", s->name, s->title,
                    tw_demo_zone_name(s->zone), s->team,
                    tw_demo_site_name((enum tw_demo_site)site));
            hosts_write(out, s, (enum tw_demo_site)site, ";");
            fputc(',', out);
            list_write(out, s->listen, ";");
            fputc('\n', out);
        }
    }
}

void tw_demo_flows_write(FILE *out, const struct tw_demo_plan *plan)
{
    char id[16];
    size_t i;

    fputs("id,from,to,ports,apps,expect,severity,site_pairs,why,owner,ticket,expires,"
          "datasets\n",
          out);
    for (i = 0; i < plan->flow_count; i++) {
        const struct tw_demo_flow *f = &plan->flows[i];

        if (f->in_yaml)
            continue;
        tw_demo_flow_id(f, id);
        fprintf(out, "%s,%s,%s,", id, f->from != NULL ? f->from->name : "any",
                f->to->name);
        ports_write(out, f, ";");
        fputc(',', out);
        if (tw_demo_flow_apps(f) != NULL)
            list_write(out, tw_demo_flow_apps(f), ";");
        fprintf(out, ",%s,%s,%s,%s,%s,", f->deny ? "deny" : "allow", f->severity,
                f->site_pairs != NULL ? f->site_pairs : "",
                f->why != NULL ? f->why : f->to->serves,
                f->from != NULL ? f->from->team : f->to->team);
        ticket_write(out, f->ticket);
        fprintf(out, ",%s,%s\n",
                f->from != NULL && strcmp(f->from->name, "partner-hub") == 0
                    ? "2099-12-31"
                    : "",
                f->dataset != NULL ? f->dataset : "");
    }
}

/* The ports that jinfu-fw's rules mean by "application-default": no export has them. */
void tw_demo_app_ports_write(FILE *out, const struct tw_demo_plan *plan)
{
    (void)plan;
    fputs("application,ports,as_of\n"
          "ssl,tcp/443,2023-02-01\n"
          "web-browsing,tcp/80,2023-02-01\n"
          "ms-office365-base,tcp/80;tcp/443,2023-02-01\n"
          "ssh,tcp/22,2023-02-01\n"
          "ms-rdp,tcp/3389;udp/3389,2023-02-01\n"
          "dns,tcp/53;udp/53,2023-02-01\n"
          "ntp,udp/123,2023-02-01\n"
          "snmp,udp/161,2023-02-01\n"
          "mysql,tcp/3306,2023-02-01\n"
          "syslog,tcp/1514;udp/514,2023-02-01\n"
          "kafka,tcp/9092,2023-02-01\n"
          "quic,udp/80;udp/443,2023-02-01\n"
          "ping,icmp/8,2023-02-01\n",
          out);
}

void tw_demo_readme_write(FILE *out, const struct tw_demo_plan *plan)
{
    (void)plan;
    fputs(
        "twinwall: the bundled incident\n"
        "\n"
        "A payment company has two zones, jinfu (金服, finance) and lifangtong "
        "(理房通,\n"
        "payments), and two rooms, main (90 % of the traffic) and dr (10 %, new). A "
        "call\n"
        "between the zones crosses two walls; a call to a bank crosses one wall and "
        "the\n"
        "bank's allow list. Since 9 February 2023 one decryption in ten fails, and "
        "bills\n"
        "carry an error text where the counterparty should stand. Which rule is "
        "missing,\n"
        "at which wall, and how many bills are affected?\n"
        "\n"
        "  twinwall check                            every flow, wall by wall\n"
        "  twinwall check --site dr                  who can start in the new room\n"
        "  twinwall trace finance-data@main ark@dr tcp/8443\n"
        "  twinwall impact bills.csv --wrong 'counterparty ~ /解密服务初始化失败/' \\\n"
        "      --by bill_date --distinct merchant_id --sum amount\n"
        "\n"
        "  twinwall.yaml                  rooms, walls, zones, paths, datasets\n"
        "  cmdb.csv, flows.csv            the services and the calls they need\n"
        "  policy/jinfu-fw.xml            the wall of jinfu (PAN-OS running "
        "configuration)\n"
        "  policy/jinfu-hits.xml          what its rules have counted\n"
        "  policy/app-ports.csv           default ports of the applications it names\n"
        "  policy/lft-fw.rules            the wall of lifangtong (iptables-save -c)\n"
        "  policy/channel-allowlist.csv   the banks' allow list\n"
        "  bills.csv                      four days of bills\n"
        "\n"
        "All of it is invented: companies, banks, addresses, accounts and amounts.\n"
        "\n"
        "\n"
        "twinwall：内置事故案例\n"
        "\n"
        "一家支付公司有两个区域：jinfu（金服）和 lifangtong（理房通），两个机房：main\n"
        "（90% 流量）和 dr（10%，新机房）。跨区域调用要经过两道防火墙；调用银行要经过\n"
        "一道防火墙和银行的开白名单。自 2023-02-09 "
        "起，十次解密约有一次失败，账单的交易\n"
        "对手一栏变成了报错文字。哪一道墙缺了哪条规则？多少账单受影响？\n"
        "\n"
        "  twinwall check                            逐墙检查每一条调用\n"
        "  twinwall check --site dr                  哪些服务可以在新机房启动\n"
        "  twinwall trace finance-data@main ark@dr tcp/8443\n"
        "  twinwall impact bills.csv --wrong 'counterparty ~ /解密服务初始化失败/' \\\n"
        "      --by bill_date --distinct merchant_id --sum amount\n"
        "\n"
        "公司、银行、地址、账号、金额全部为虚构。\n",
        out);
}

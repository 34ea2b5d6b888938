/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the banks' allow list of the demo: one row per call to a bank and room, beside
 * two rows that ran out years ago. For `twinwall demo`.
 *
 * Rows in force have no date or one far ahead, so that the demo says the same in any
 * year.
 */
#include "demo_plan.h"

/* Hosts that no service of the plan has, with rows that nobody took off the list. */
static void retired_rows_write(FILE *out)
{
    static const char *const fronts[] = {"203.0.113.16/28", "203.0.113.32/28",
                                         "198.51.100.16/28"};
    unsigned i;

    for (i = 0; i < 2; i++)
        fprintf(out, "10.74.%u.%u,%s,%u,tcp,%u-%02u-28,已下线系统 %u\n", i, 10 + i * 7,
                fronts[i % 3], i % 2 == 0 ? 443u : 8443u, 2019 + i % 3, i % 12 + 1,
                i + 1);
}

static void rows_write(FILE *out, const struct tw_demo_flow *f, enum tw_demo_site site)
{
    struct tw_demo_pool src[TW_DEMO_POOLS_MAX], dst[TW_DEMO_POOLS_MAX];
    struct tw_demo_port ports[TW_DEMO_PORTS_MAX];
    size_t i, j, n, port_count;
    const char *until = f->ticket % 3 == 0 ? "2099-12-31" : "";

    if (tw_demo_row_expired(f, site))
        until = "2023-01-31";
    else if ((tw_demo_gap(f, site, TW_DEMO_MAIN) & TW_DEMO_BANK) != 0)
        return;
    n = tw_demo_pools(f->from, site, src);
    port_count = tw_demo_flow_ports(f, ports);
    tw_demo_pools(f->to, TW_DEMO_MAIN, dst); /* a bank's front: one pool */
    for (i = 0; i < n; i++)
        for (j = 0; j < port_count; j++) {
            tw_demo_pool_print(out, src[i]);
            fputc(',', out);
            tw_demo_pool_print(out, dst[0]);
            fprintf(out, ",%u,%s,%s,%s访问%s（%s机房）\n", ports[j].lo,
                    ports[j].udp ? "udp" : "tcp", until, f->from->title, f->to->title,
                    site == TW_DEMO_MAIN ? "主" : "新");
        }
}

void tw_demo_allowlist_write(FILE *out, const struct tw_demo_plan *plan)
{
    size_t i;
    int site;

    fputs("来源,目的,端口,协议,到期日,说明\n", out);
    retired_rows_write(out);
    for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++)
        for (i = 0; i < plan->flow_count; i++) {
            const struct tw_demo_flow *f = &plan->flows[i];

            if (!f->deny && f->to->zone == TW_DEMO_CHANNELS)
                rows_write(out, f, (enum tw_demo_site)site);
        }
}

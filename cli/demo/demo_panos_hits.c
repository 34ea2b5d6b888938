/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters of jinfu-fw's rules, as the firewall answers `show rule-hit-count`:
 * taken on the evening of 12 February 2023, the incident's fourth day. For `twinwall
 * demo`.
 */
#include "demo_panos.h"

#include <string.h>

/* Seconds since 1970; the walls' clocks run eight hours ahead of UTC. */
static const int64_t taken = 1676217540;    /* 2023-02-12 23:59:00 */
static const int64_t switched = 1675872007; /* 2023-02-09 00:00:07: traffic moves */
static const int64_t opened = 1546272000;   /* 2019-01-01 00:00:00 */

enum { DAY = 86400, DENIED = 18393 };

static void counters_print(struct tw_demo_panos *w, uint32_t count, int64_t first,
                           int64_t last, int64_t created, int64_t modified)
{
    tw_demo_xml_leaf(w, "latest", "yes");
    tw_demo_xml_leaf(w, "hit-count", "%u", count);
    tw_demo_xml_leaf(w, "last-hit-timestamp", "%lld", (long long)last);
    tw_demo_xml_leaf(w, "last-reset-timestamp", "0");
    tw_demo_xml_leaf(w, "first-hit-timestamp", "%lld", (long long)first);
    tw_demo_xml_leaf(w, "rule-creation-timestamp", "%lld", (long long)created);
    tw_demo_xml_leaf(w, "rule-modification-timestamp", "%lld", (long long)modified);
}

void tw_demo_panos_hit(struct tw_demo_panos *w, const struct tw_demo_rule *rule)
{
    uint32_t x = tw_demo_mix(w->rules, 905), y = tw_demo_mix(w->rules, 906);
    int64_t created = opened + x % (1400 * DAY);
    int64_t modified = created + (x % 4 == 0 ? (int64_t)(y % (60 * DAY)) : 0);

    tw_demo_xml_entry(w, "%s", rule->name);
    if (strcmp(rule->name, tw_demo_newroom_deny) == 0)
        counters_print(w, DENIED, switched, taken - 41, switched - 72 * DAY,
                       switched - 72 * DAY);
    else if (rule->busy && !rule->disabled)
        counters_print(w, y % 9000000 + 12, modified + y % (9 * DAY),
                       taken - (int64_t)(x % (y % 3 == 0 ? 40 * DAY : 3600)), created,
                       modified);
    else
        counters_print(w, 0, 0, 0, created, modified);
    tw_demo_xml_close(w, "entry");
}

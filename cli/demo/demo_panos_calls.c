/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of jinfu-fw that let the plan's calls through, for demo_panos.c.
 *
 * Calls to a service of the main room have a rule per caller and room, or per caller,
 * or one rule for a group of callers, as the teams liked it. What goes to the new room
 * stands in a list of its own, one rule per call that somebody applied for, and a rule
 * at its end denies the rest: there the incident's rule is missing. Calls from
 * lifangtong have no such list, they meet the default of the rulebase.
 */
#include "demo_panos.h"

#include <string.h>

enum { GROUP_LIST = 4096 };

/* How the callers of a service are written. */
enum habit { BY_ROOM, BY_CALLER, BY_GROUP };

struct direction {
    enum tw_demo_zone from, to;
    const char *in, *out, *prefix;
};

static const struct direction outward = {TW_DEMO_JINFU, TW_DEMO_LFT, "jinfu",
                                         "lft-transit", "out"};
static const struct direction inward = {TW_DEMO_LFT, TW_DEMO_JINFU, "lft-transit",
                                        "jinfu", "in"};

static bool flow_goes(const struct tw_demo_flow *f, const struct direction *d)
{
    return !f->deny && f->from->zone == d->from && f->to->zone == d->to;
}

/* Was the rule of a flow applied for, from one room to another? */
static bool applied_for(const struct tw_demo_flow *f, enum tw_demo_site from,
                        enum tw_demo_site to)
{
    return (tw_demo_gap(f, from, to) & TW_DEMO_JINFU_FW) == 0;
}

static bool applied_for_both(const struct tw_demo_flow *f, enum tw_demo_site to)
{
    return applied_for(f, TW_DEMO_MAIN, to) && applied_for(f, TW_DEMO_DR, to);
}

/* What a flow's rule says but for its name, source and destination. */
static struct tw_demo_rule rule_of(const struct tw_demo_flow *f,
                                   const struct direction *d,
                                   char service[TW_DEMO_NAME],
                                   char description[TW_DEMO_LIST])
{
    const char *apps = tw_demo_flow_apps(f);

    tw_demo_flow_service(f, service);
    if (apps != NULL && strcmp(apps, "ssl") != 0 && strchr(apps, ' ') != NULL)
        apps = "ag-web"; /* the group of the same two */
    else if (apps != NULL && strcmp(service, "application-default") == 0 &&
             strcmp(apps, "ssl") == 0)
        apps = "ag-web";
    tw_demo_say(description, TW_DEMO_LIST, "%s %s CHG-%u-%04u", f->to->title,
                f->why != NULL ? f->why : f->to->serves, 2019 + f->ticket % 4,
                f->ticket / 4 % 9000 + 100);
    return (struct tw_demo_rule){.from = d->in,
                                 .to = d->out,
                                 .application = apps,
                                 .service = service,
                                 .tag = "calls",
                                 .description = description,
                                 .busy = true};
}

static void call_rule(struct tw_demo_panos *w, const struct tw_demo_flow *f,
                      const struct direction *d, const char *from_room,
                      const char *to_room, const char *prefix)
{
    char service[TW_DEMO_NAME], description[TW_DEMO_LIST];
    char source[TW_DEMO_NAME], destination[TW_DEMO_NAME];
    struct tw_demo_rule r = rule_of(f, d, service, description);

    tw_demo_say(source, sizeof source, "g-%s%s", f->from->name, from_room);
    tw_demo_say(destination, sizeof destination, "g-%s%s", f->to->name, to_room);
    tw_demo_say(r.name, sizeof r.name, "%s-%s%s-to-%s", prefix, f->from->name,
                from_room, f->to->name);
    r.source = source;
    r.destination = destination;
    if (strcmp(prefix, "nr") == 0)
        r.tag = "calls newroom";
    tw_demo_panos_rule(w, &r);
}

/* Do two flows to one service ask for the same ports and applications? */
static bool alike(const struct tw_demo_flow *a, const struct tw_demo_flow *b)
{
    return a->to == b->to && (a->ports == NULL) == (b->ports == NULL);
}

static bool first_of_group(const struct tw_demo_panos *w, size_t at,
                           const struct direction *d)
{
    size_t i;

    for (i = 0; i < at; i++)
        if (flow_goes(&w->plan->flows[i], d) &&
            alike(&w->plan->flows[i], &w->plan->flows[at]))
            return false;
    return true;
}

/* One rule for all callers of a service: the group of those that applied for it. */
static void group_rule(struct tw_demo_panos *w, size_t at, const struct direction *d,
                       const char *to_room)
{
    const struct tw_demo_flow *first = &w->plan->flows[at];
    char service[TW_DEMO_NAME], description[TW_DEMO_LIST], destination[TW_DEMO_NAME];
    char group[TW_DEMO_NAME], list[GROUP_LIST] = "";
    struct tw_demo_rule r = rule_of(first, d, service, description);
    size_t i, n;
    int site;

    for (i = at; i < w->plan->flow_count; i++) {
        const struct tw_demo_flow *f = &w->plan->flows[i];

        if (!flow_goes(f, d) || !alike(first, f))
            continue;
        n = strlen(list);
        if (applied_for_both(f, TW_DEMO_MAIN)) {
            tw_demo_say(list + n, sizeof list - n, " g-%s", f->from->name);
            continue;
        }
        for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++)
            if (applied_for(f, (enum tw_demo_site)site, TW_DEMO_MAIN)) {
                n = strlen(list);
                tw_demo_say(list + n, sizeof list - n, " g-%s-%s", f->from->name,
                            tw_demo_site_name((enum tw_demo_site)site));
            }
    }
    tw_demo_say(group, sizeof group, "g-callers-%s%s", first->to->name,
                first->ports == NULL ? "-all" : "");
    tw_demo_panos_group(w, group, list + 1);
    tw_demo_say(destination, sizeof destination, "g-%s%s", first->to->name, to_room);
    tw_demo_say(r.name, sizeof r.name, "%s-callers-to-%s%s", d->prefix, first->to->name,
                first->ports == NULL ? "-all" : "");
    r.source = group;
    r.destination = destination;
    tw_demo_panos_rule(w, &r);
}

static enum habit habit_of(const struct tw_demo_service *to)
{
    if (strcmp(to->name, "ark") == 0)
        return BY_CALLER;
    if (strcmp(to->name, "finance-ledger") == 0)
        return BY_GROUP; /* one of whose members lacks its new room */
    return (enum habit)(tw_demo_mix(to->slot, 11) % 3);
}

/* The rules of one flow, unless its group has been written with an earlier one. */
static void flow_rules(struct tw_demo_panos *w, size_t at, const struct direction *d,
                       const char *to_room)
{
    const struct tw_demo_flow *f = &w->plan->flows[at];
    enum habit habit = habit_of(f->to);
    bool main_too = tw_demo_service_at(f->from, TW_DEMO_MAIN),
         dr_too = tw_demo_service_at(f->from, TW_DEMO_DR);

    if (habit == BY_GROUP) {
        if (first_of_group(w, at, d))
            group_rule(w, at, d, to_room);
    } else if (habit == BY_CALLER && applied_for_both(f, TW_DEMO_MAIN)) {
        call_rule(w, f, d, "", to_room, d->prefix);
    } else {
        if (main_too && applied_for(f, TW_DEMO_MAIN, TW_DEMO_MAIN))
            call_rule(w, f, d, "-main", to_room, d->prefix);
        if (dr_too && applied_for(f, TW_DEMO_DR, TW_DEMO_MAIN))
            call_rule(w, f, d, "-dr", to_room, d->prefix);
    }
}

static void newroom_rules(struct tw_demo_panos *w)
{
    static const char *const rooms[TW_DEMO_SITES] = {"-main", "-dr"};
    struct tw_demo_rule deny = {
        .from = "jinfu",
        .to = "lft-transit",
        .destination = "net-lft-newroom",
        .action = "deny",
        .tag = "newroom",
        .description = "new room: only what was applied for 新机房按申请放行",
        .busy = true};
    size_t i;
    int site;

    for (i = 0; i < w->plan->flow_count; i++) {
        const struct tw_demo_flow *f = &w->plan->flows[i];

        if (!flow_goes(f, &outward) || !tw_demo_service_at(f->to, TW_DEMO_DR))
            continue;
        for (site = TW_DEMO_MAIN; site < TW_DEMO_SITES; site++)
            if (tw_demo_service_at(f->from, (enum tw_demo_site)site) &&
                applied_for(f, (enum tw_demo_site)site, TW_DEMO_DR))
                call_rule(w, f, &outward, rooms[site], "-dr", "nr");
    }
    tw_demo_say(deny.name, sizeof deny.name, "%s", tw_demo_newroom_deny);
    tw_demo_panos_rule(w, &deny);
}

/* What lifangtong's keys are not for: behind the calls, ahead of everything else. */
static void seal_rule(struct tw_demo_panos *w)
{
    const struct tw_demo_rule seal = {.name = "out-crypto-seal",
                                      .from = "jinfu",
                                      .to = "lft-transit",
                                      .destination = "g-team-crypto",
                                      .action = "reset-client",
                                      .tag = "calls security",
                                      .description = "密码服务仅限已登记的调用方",
                                      .busy = true};

    tw_demo_panos_rule(w, &seal);
}

/*
 * Rules that hang on what no export says (a time, a name's addresses, a user) and yet
 * take nothing from an answer: the call that they meet is let through without them.
 */
static void conditional_rules(struct tw_demo_panos *w)
{
    static const struct tw_demo_rule rules[] = {
        {.name = "tmp-bill-query-ledger-sunday",
         .from = "jinfu",
         .to = "lft-transit",
         .source = "g-bill-query",
         .destination = "g-ledger-main",
         .schedule = "sunday-night",
         .tag = "temporary",
         .description = "账务搬迁窗口 the move of the books"},
        {.name = "tmp-bill-index-feed-by-name",
         .from = "jinfu",
         .to = "lft-transit",
         .source = "g-bill-index",
         .destination = "fq-bill-feed",
         .service = "tcp-9092",
         .tag = "temporary",
         .busy = true},
        {.name = "tmp-loan-core-by-user",
         .from = "jinfu",
         .to = "lft-transit",
         .source = "g-loan-core",
         .destination = "g-risk-pay-main",
         .user = "jf\\loan-operators",
         .tag = "temporary",
         .unlogged = true},
    };
    size_t i;

    tw_demo_panos_address(w, "fq-bill-feed", "fqdn", "%s", "bill-feed.lft.example");
    for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
        tw_demo_panos_rule(w, &rules[i]);
}

void tw_demo_panos_calls(struct tw_demo_panos *w)
{
    size_t i;

    conditional_rules(w);
    for (i = 0; i < w->plan->flow_count; i++)
        if (flow_goes(&w->plan->flows[i], &outward) &&
            tw_demo_service_at(w->plan->flows[i].to, TW_DEMO_MAIN))
            flow_rules(w, i, &outward, "-main");
    newroom_rules(w);
    seal_rule(w);
    for (i = 0; i < w->plan->flow_count; i++)
        if (flow_goes(&w->plan->flows[i], &inward))
            flow_rules(w, i, &inward, "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a wall rule by rule for one packet. Every function here says whether
 * something holds in one combination of the open facts; pan_truth() goes through all.
 */
#include "pan_truth.h"

#include <string.h>

#include "pan_facts.h"

enum { APPS_MAX = 64, LAYERS = 2 * PAN_SCOPES + 1 };

/* One question, and the facts of the run. */
struct run {
    const struct pan_wall *wall;
    const struct pan_settled *settled;
    const struct pan_packet *packet;
    int from, to;
    struct pan_facts facts;
    int napps, apps[APPS_MAX]; /* the names that applications may have */
};

static bool in_span(struct pan_span span, uint32_t x)
{
    return span.lo <= x && x <= span.hi;
}

static bool has(const struct pan_list *list, int name)
{
    for (int i = 0; i < list->n; i++)
        if (list->at[i] == name)
            return true;
    return false;
}

/* --- names in scopes ------------------------------------------------------------- */

/* Every table starts its entries with scope and name, and is looked up alike: in the
 * scope, then in its parents. */
struct head {
    int scope, name;
};

static const void *look_up(const struct pan_wall *wall, const void *table, int n,
                           size_t size, int scope, int name)
{
    for (;;) {
        const char *at = table;
        for (int i = 0; i < n; i++, at += size) {
            struct head head;
            memcpy(&head, at, sizeof head);
            if (head.scope == scope && head.name == name)
                return at;
        }
        if (scope == 0)
            return NULL;
        scope = wall->scopes[scope].parent;
    }
}

#define SEE(w, table, n, scope, name) \
    look_up((w), (w)->table, (w)->n, sizeof(w)->table[0], (scope), (name))

static bool same_spans(const struct pan_span *a, int n, const struct pan_span *b, int m)
{
    return n == m && memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

/* Do both stand for the same addresses, whatever is open? */
static bool same_thing(const void *one, const void *other)
{
    const struct pan_thing *a = one, *b = other;
    if (a->kind == PAN_FQDN || b->kind == PAN_FQDN)
        return a->kind == b->kind && a->fqdn == b->fqdn;
    if (a->kind == PAN_EDL && b->kind == PAN_EDL)
        return true;
    return a->kind < PAN_FQDN && b->kind < PAN_FQDN && a->family == b->family &&
           a->loose == b->loose && same_spans(&a->span, 1, &b->span, 1);
}

static bool in_ports(const struct pan_span *spans, int n, uint32_t port);

/* Do both lists hold the same ports? They can differ only right beside an edge. */
static bool same_ports(const struct pan_span *a, int n, const struct pan_span *b, int m)
{
    for (int i = 0; i < n + m; i++) {
        struct pan_span s = i < n ? a[i] : b[i - n];
        uint32_t edges[] = {s.lo - (s.lo > 0), s.lo, s.hi, s.hi + (s.hi < 65535)};
        for (int k = 0; k < 4; k++)
            if (in_ports(a, n, edges[k]) != in_ports(b, m, edges[k]))
                return false;
    }
    return true;
}

static bool same_service(const void *one, const void *other)
{
    const struct pan_service *a = one, *b = other;
    return !a->group && !b->group && a->proto == b->proto &&
           same_ports(a->ports, a->nports, b->ports, b->nports) &&
           same_ports(a->sports, a->nsports, b->sports, b->nsports);
}

static bool never_same(const void *one, const void *other)
{
    return one == other;
}

/* What NAME means where it stands in SCOPE. A device has one value for each name; but
 * whether a rule or group of an outer scope means the inner value or its own is a
 * setting that exports do not show: *DOUBT where these differ. */
static const void *resolve(const struct pan_wall *wall, const void *table, int n,
                           size_t size, int scope, int name,
                           bool (*same)(const void *, const void *), bool *doubt)
{
    const void *nearest = look_up(wall, table, n, size, wall->chosen, name);
    const void *own = look_up(wall, table, n, size, scope, name);
    *doubt = own && own != nearest && !same(own, nearest);
    return nearest;
}

/* A name that scopes dispute, as the name of a fact: not what the nearest one is. */
static int disputed(int name)
{
    return PAN_NAMES + name;
}

#define RESOLVE(w, table, n, scope, name, same, doubt)                             \
    resolve((w), (w)->table, (w)->n, sizeof(w)->table[0], (scope), (name), (same), \
            (doubt))

/* --- addresses ------------------------------------------------------------------- */

static bool behind(struct run *run, int name, int side)
{
    return pan_ask(&run->facts, PAN_FACT_BEHIND, name, side, 2) == 1;
}

static bool filter_holds(const struct pan_thing *group, unsigned tags)
{
    bool stack[8] = {false};
    int depth = 0;
    for (int i = 0; i < group->nfilter; i++) {
        int token = group->filter[i];
        if (token >= 0) {
            stack[depth++] = tags >> token & 1;
            continue;
        }
        depth--;
        stack[depth - 1] = token == PAN_AND ? stack[depth - 1] && stack[depth]
                                            : stack[depth - 1] || stack[depth];
    }
    return stack[0];
}

static bool is_address(const struct pan_thing *thing)
{
    return thing->kind <= PAN_FQDN;
}

static bool in_member(struct run *run, int scope, int name, int side);

/* Is the object surely in the dynamic GROUP? */
static bool surely_tagged(const struct pan_wall *wall, const struct pan_thing *thing,
                          const struct pan_thing *group)
{
    bool doubt;
    const struct pan_thing *seen =
        RESOLVE(wall, things, nthings, group->scope, thing->name, same_thing, &doubt);
    const struct pan_thing *own = SEE(wall, things, nthings, group->scope, thing->name);
    return seen == thing && !doubt && filter_holds(group, thing->tags) && own &&
           filter_holds(group, own->tags);
}

static bool in_thing(struct run *run, const struct pan_thing *thing, int side)
{
    const struct pan_wall *wall = run->wall;
    uint32_t x = run->packet->end[side];
    bool family = thing->family == run->packet->family;
    bool found = false;
    switch (thing->kind) {
    case PAN_NETMASK:
    case PAN_RANGE:
    case PAN_REGION:
        return family && in_span(thing->span, x);
    case PAN_WILDCARD:
        return family && (x & ~thing->loose) == (thing->span.lo & ~thing->loose);
    case PAN_FQDN:
        return behind(run, thing->fqdn, side);
    case PAN_STATIC:
        for (int i = 0; i < thing->members.n && !found; i++)
            found = in_member(run, thing->scope, thing->members.at[i], side);
        return found;
    case PAN_DYNAMIC:
        for (int i = 0; i < wall->nthings && !found; i++) {
            const struct pan_thing *t = &wall->things[i];
            if (is_address(t) && surely_tagged(wall, t, thing))
                found = in_thing(run, t, side);
        }
        return found || behind(run, thing->name, side);
    default:
        return behind(run, thing->name, side);
    }
}

static bool in_member(struct run *run, int scope, int name, int side)
{
    const struct pan_wall *wall = run->wall;
    bool doubt;
    const struct pan_thing *thing =
        RESOLVE(wall, things, nthings, scope, name, same_thing, &doubt);
    if (thing)
        return doubt ? behind(run, disputed(name), side) : in_thing(run, thing, side);
    int family;
    struct pan_span span;
    if (pan_literal(wall->names[name], &family, &span))
        return family == run->packet->family && in_span(span, run->packet->end[side]);
    return behind(run, name, side); /* a region, or a word that nobody defined */
}

static bool in_end(struct run *run, int scope, const struct pan_list *list,
                   bool negated, int side)
{
    bool found = list->n == 0;
    for (int i = 0; i < list->n && !found; i++)
        found = in_member(run, scope, list->at[i], side);
    return found != negated;
}

/* --- services -------------------------------------------------------------------- */

static bool in_ports(const struct pan_span *spans, int n, uint32_t port)
{
    for (int i = 0; i < n; i++)
        if (in_span(spans[i], port))
            return true;
    return n == 0;
}

static bool in_service(struct run *run, int scope, int name)
{
    const struct pan_wall *wall = run->wall;
    const struct pan_packet *p = run->packet;
    bool doubt;
    const struct pan_service *s =
        RESOLVE(wall, services, nservices, scope, name, same_service, &doubt);
    if (doubt)
        return pan_ask(&run->facts, PAN_FACT_SERVICE, disputed(name), 0, 2) == 1;
    if (s && s->group) {
        for (int i = 0; i < s->members.n; i++)
            if (in_service(run, s->scope, s->members.at[i]))
                return true;
        return false;
    }
    if (s)
        return p->proto == s->proto && in_ports(s->ports, s->nports, p->dport) &&
               in_ports(s->sports, s->nsports, p->sport);
    if (strcmp(wall->names[name], "service-http") == 0)
        return p->proto == 6 && (p->dport == 80 || p->dport == 8080);
    if (strcmp(wall->names[name], "service-https") == 0)
        return p->proto == 6 && p->dport == 443;
    return pan_ask(&run->facts, PAN_FACT_SERVICE, name, 0, 2) == 1;
}

/* --- applications ---------------------------------------------------------------- */

static void add_app(struct run *run, int name)
{
    for (int i = 0; i < run->napps; i++)
        if (run->apps[i] == name)
            return;
    if (run->napps < APPS_MAX)
        run->apps[run->napps++] = name;
}

static const struct pan_app *app_of(const struct pan_wall *wall, int scope, int name,
                                    bool *doubt)
{
    return RESOLVE(wall, apps, napps, scope, name, never_same, doubt);
}

/* All names that an application may have: those that are defined, and those that a rule
 * or a group or the table mentions. */
static void collect_apps(struct run *run)
{
    const struct pan_wall *wall = run->wall;
    for (int i = 0; i < wall->napps; i++) {
        if (wall->apps[i].kind == PAN_APP)
            add_app(run, wall->apps[i].name);
        for (int k = 0; k < wall->apps[i].members.n; k++)
            add_app(run, wall->apps[i].members.at[k]);
    }
    for (int i = 0; i < wall->nrules; i++)
        for (int k = 0; k < wall->rules[i].apps.n; k++)
            add_app(run, wall->rules[i].apps.at[k]);
    for (int i = 0; i < wall->ntable; i++)
        add_app(run, wall->table[i].name);
    for (int i = 0; i < wall->noverrides; i++)
        add_app(run, wall->overrides[i].app);
    int kept = 0;
    for (int i = 0; i < run->napps; i++) {
        const struct pan_app *app = SEE(wall, apps, napps, wall->chosen, run->apps[i]);
        if (!app || app->kind == PAN_APP)
            run->apps[kept++] = run->apps[i];
    }
    run->napps = kept;
}

static int overridden(struct run *run);

/* The name of the packet's application; -1: one that nobody mentions. */
static int app_of_packet(struct run *run)
{
    int value = run->napps, said = overridden(run);
    if (said >= 0)
        return said;
    if (run->settled->app < 0) {
        value = pan_ask(&run->facts, PAN_FACT_APP, 0, 0, run->napps + 1);
    } else {
        for (int i = 0; i < run->napps; i++)
            if (run->apps[i] == run->settled->app)
                value = i;
    }
    return value < run->napps ? run->apps[value] : -1;
}

static bool ask_ports(struct run *run, int name, int what)
{
    return pan_ask(&run->facts, PAN_FACT_DEFAULT_PORTS, name, what, 2) == 1;
}

/* Where the application is found by default, as far as that is known. */
static const struct pan_app *defaults_of(const struct pan_wall *wall, int name)
{
    const struct pan_app *app =
        name < 0 ? NULL : SEE(wall, apps, napps, wall->chosen, name);
    for (int i = 0; i < wall->ntable && !app && name >= 0; i++)
        if (wall->table[i].name == name)
            app = &wall->table[i];
    return app && app->by != PAN_BY_NOTHING ? app : NULL;
}

static bool on_known_ports(struct run *run, const struct pan_app *app)
{
    const struct pan_packet *p = run->packet;
    bool dynamic = false;
    if (app->by == PAN_BY_PROTOCOL)
        return p->proto == app->number;
    if (app->by == PAN_BY_ICMP || app->by == PAN_BY_ICMP6)
        return p->proto == (app->by == PAN_BY_ICMP ? 1 : 58) &&
               p->dport >> 8 == (uint32_t)app->number &&
               (app->code < 0 || (p->dport & 255) == (uint32_t)app->code);
    for (int i = 0; i < app->nports; i++) {
        if (p->proto != app->proto[i])
            continue;
        if (app->ports[i].lo == 0 && app->ports[i].hi == 65535)
            dynamic = true; /* agreed on by the application itself */
        else if (in_span(app->ports[i], p->dport))
            return true;
    }
    return dynamic && ask_ports(run, app->name, 2);
}

/* Is the packet on the default ports of its application? ANY: asked of whatever it is,
 * so that all whose ports are not known are one question. */
static bool on_default_ports(struct run *run, bool any)
{
    int name = app_of_packet(run);
    const struct pan_app *app = defaults_of(run->wall, name);
    if (app)
        return on_known_ports(run, app);
    return ask_ports(run, any && overridden(run) < 0 ? -1 : name, 0);
}

static bool stands_alone(const char *name)
{
    static const char *const alone[] = {"ssl", "web-browsing", "ssh"};
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
        if (strcmp(alone[i], name) == 0)
            return true;
    return false;
}

/* A name of the vendor's may be that of several applications. */
static bool may_contain(const struct run *run, int name, int app)
{
    const struct pan_wall *wall = run->wall;
    bool defined =
        SEE(wall, apps, napps, wall->chosen, name) || defaults_of(wall, name);
    bool single = stands_alone(wall->names[app]) ||
                  SEE(wall, apps, napps, wall->chosen, app) != NULL;
    return !defined && !stands_alone(wall->names[name]) && !single;
}

/* Is the application the one that NAME means, or among those? DEFAULTS: and on its
 * default ports. */
static bool is_app(struct run *run, int scope, int name, bool defaults)
{
    const struct pan_wall *wall = run->wall;
    const struct pan_settled *said = run->settled;
    bool doubt;
    const struct pan_app *app = app_of(wall, scope, name, &doubt);
    if (doubt)
        name = disputed(name);
    if (doubt || (app && app->kind == PAN_APP_FILTER))
        return pan_ask(&run->facts, PAN_FACT_FILTER, name, 0, 2) == 1 &&
               (!defaults || ask_ports(run, name, 1));
    if (app && app->kind == PAN_APP_GROUP) {
        for (int i = 0; i < app->members.n; i++)
            if (is_app(run, app->scope, app->members.at[i], defaults))
                return true;
        return false;
    }
    if (app_of_packet(run) == name)
        return !defaults || on_default_ports(run, false);
    return said->app >= 0 && overridden(run) < 0 && may_contain(run, name, said->app) &&
           pan_ask(&run->facts, PAN_FACT_CONTAINER, name, 0, 2) == 1 &&
           (!defaults || ask_ports(run, name, 0));
}

/* --- the other conditions of a rule ---------------------------------------------- */

static bool among(struct run *run, enum pan_fact_kind kind, const struct pan_list *list)
{
    for (int i = 0; i < list->n; i++)
        if (pan_ask(&run->facts, kind, list->at[i], 0, 2) == 1)
            return true;
    return list->n == 0;
}

static bool is_user(struct run *run, const struct pan_list *list)
{
    const struct pan_list *said = &run->settled->users;
    if (!said->n)
        return among(run, PAN_FACT_USER, list);
    for (int i = 0; i < list->n; i++)
        if (has(said, list->at[i]) ||
            strcmp(run->wall->names[list->at[i]], "known-user") == 0)
            return true;
    return list->n == 0;
}

static bool schedule_active(struct run *run, int scope, int name)
{
    const struct pan_settled *at = run->settled;
    const struct pan_wall *wall = run->wall;
    bool doubt;
    const struct pan_schedule *s =
        RESOLVE(wall, schedules, nschedules, scope, name, never_same, &doubt);
    if (doubt)
        return pan_ask(&run->facts, PAN_FACT_SCHEDULE, disputed(name), 0, 2) == 1;
    if (!at->timed || !s)
        return pan_ask(&run->facts, PAN_FACT_SCHEDULE, name, 0, 2) == 1;
    for (int i = 0; i < s->n; i++) {
        uint32_t minute = at->minute;
        if (s->kind == PAN_ONCE)
            minute += (uint32_t)at->day * 1440;
        if (s->kind == PAN_WEEKLY && s->day[i] != at->weekday)
            continue;
        if (s->minutes[i].lo <= minute && minute < s->minutes[i].hi)
            return true;
    }
    return false;
}

/* Is the rule one of this device's? Where the device group's devices are known, they
 * may settle it; else each list of devices is a question of its own. */
static bool targeted(struct run *run, const struct pan_rule *rule)
{
    const struct pan_scope *group = &run->wall->scopes[run->wall->group];
    int ours = 0, key = 0;
    if (!rule->targeted || rule->targets.n == 0)
        return true;
    for (int i = 0; i < group->nserials; i++)
        ours += has(&rule->targets, group->serials[i]);
    if (group->nserials && (ours == 0 || ours == group->nserials))
        return (ours == 0) == rule->target_negate;
    for (int i = 0; i < rule->targets.n; i++)
        key = key * PAN_NAMES + rule->targets.at[i];
    bool named = pan_ask(&run->facts, PAN_FACT_DEVICE, key, 0, 2) == 1;
    return named != rule->target_negate;
}

/* A zone that the wall does not have may be any: the name is a mistake. */
static bool in_zones(struct run *run, const struct pan_list *list, int zone)
{
    const struct pan_wall *wall = run->wall;
    if (list->n == 0 || (zone < wall->nzones && has(list, wall->zones[zone])))
        return true;
    for (int i = 0; i < list->n; i++) {
        bool known = false;
        for (int z = 0; z < wall->nzones; z++)
            known |= wall->zones[z] == list->at[i];
        if (!known && pan_ask(&run->facts, PAN_FACT_ZONE, list->at[i], 0, 2) == 1)
            return true;
    }
    return false;
}

static bool between_zones(struct run *run, const struct pan_rule *rule)
{
    if (!in_zones(run, &rule->from, run->from))
        return false;
    if (rule->type == PAN_INTRAZONE)
        return run->from == run->to;
    if (rule->type == PAN_INTERZONE && run->from == run->to)
        return false;
    return in_zones(run, &rule->to, run->to);
}

static bool service_fits(struct run *run, const struct pan_rule *rule)
{
    for (int i = 0; i < rule->services.n; i++)
        if (in_service(run, rule->scope, rule->services.at[i]))
            return true;
    return rule->services.n == 0;
}

static bool app_fits(struct run *run, const struct pan_rule *rule)
{
    bool defaults = rule->service_word == PAN_APPLICATION_DEFAULT;
    for (int i = 0; i < rule->apps.n; i++)
        if (is_app(run, rule->scope, rule->apps.at[i], defaults))
            return true;
    return rule->apps.n == 0 && (!defaults || on_default_ports(run, true));
}

static bool matches(struct run *run, const struct pan_rule *rule)
{
    int scope = rule->scope;
    if (rule->disabled || !between_zones(run, rule))
        return false;
    for (int side = 0; side < 2; side++)
        if (!in_end(run, scope, &rule->end[side], rule->negate[side], side))
            return false;
    return app_fits(run, rule) &&
           (rule->service_word == PAN_APPLICATION_DEFAULT || service_fits(run, rule)) &&
           is_user(run, &rule->users) && among(run, PAN_FACT_HIP, &rule->hip) &&
           among(run, PAN_FACT_CATEGORY, &rule->categories) && targeted(run, rule) &&
           (rule->schedule < 0 || schedule_active(run, scope, rule->schedule)) &&
           (!rule->odd || pan_ask(&run->facts, PAN_FACT_WORD, rule->name, 0, 2) == 1) &&
           (rule->action < PAN_ACTIONS - 1 ||
            pan_ask(&run->facts, PAN_FACT_WORD, rule->name, 1, 2) == 1);
}

/* --- the order of rules ---------------------------------------------------------- */

struct layer {
    int scope;
    enum pan_place place;
};

/* The layers of the wall from first to last; their number. */
static int layers(const struct pan_wall *wall, struct layer at[LAYERS])
{
    int depth = 0, chain[PAN_SCOPES], n = 0;
    for (int s = wall->chosen; s; s = wall->scopes[s].parent)
        chain[depth++] = s;
    chain[depth++] = 0;
    for (int i = depth - 1; i >= 0; i--)
        at[n++] = (struct layer){chain[i], PAN_PRE};
    at[n++] = (struct layer){wall->chosen, PAN_LOCAL};
    for (int i = 0; i < depth; i++)
        at[n++] = (struct layer){chain[i], PAN_POST};
    return n;
}

bool pan_open_zones(const struct pan_wall *wall)
{
    return wall->panorama && !wall->managed;
}

int pan_order(const struct pan_wall *wall, int order[PAN_RULES])
{
    struct layer at[LAYERS];
    int nlayers = layers(wall, at), n = 0;
    for (int l = 0; l < nlayers; l++)
        for (int i = 0; i < wall->nrules; i++)
            if (wall->rules[i].scope == at[l].scope &&
                wall->rules[i].place == at[l].place)
                order[n++] = i;
    return n;
}

/* The application that an override rule says; -1: none does. */
static int overridden(struct run *run)
{
    const struct pan_wall *wall = run->wall;
    struct layer at[LAYERS];
    int nlayers = layers(wall, at);
    for (int l = 0; l < nlayers; l++)
        for (int i = 0; i < wall->noverrides; i++) {
            const struct pan_override *o = &wall->overrides[i];
            int scope = o->scope;
            if (o->scope == at[l].scope && o->place == at[l].place && !o->disabled &&
                in_zones(run, &o->from, run->from) && in_zones(run, &o->to, run->to) &&
                run->packet->proto == o->proto &&
                in_span(o->ports, run->packet->dport) &&
                in_end(run, scope, &o->end[0], false, 0) &&
                in_end(run, scope, &o->end[1], false, 1))
                return o->app;
        }
    return -1;
}

static int nat_order(const struct pan_wall *wall, int order[PAN_NATS])
{
    struct layer at[LAYERS];
    int nlayers = layers(wall, at), n = 0;
    for (int l = 0; l < nlayers; l++)
        for (int i = 0; i < wall->nnats; i++)
            if (wall->nats[i].scope == at[l].scope &&
                wall->nats[i].place == at[l].place)
                order[n++] = i;
    return n;
}

/* --- one run --------------------------------------------------------------------- */

static bool nat_matches(struct run *run, const struct pan_nat *nat, int to)
{
    const struct pan_wall *wall = run->wall;
    int scope = nat->scope;
    int family = nat->type >= 2; /* IPv4 where nothing is said */
    if (nat->disabled || run->packet->family != family ||
        !in_zones(run, &nat->from, run->from) ||
        (nat->to >= 0 && (to >= wall->nzones || wall->zones[to] != nat->to)))
        return false;
    for (int side = 0; side < 2; side++)
        if (!in_end(run, scope, &nat->end[side], false, side))
            return false;
    return nat->service < 0 || in_service(run, scope, nat->service);
}

/* What translation does with the packet, were its destination in the zone TO. */
static enum pan_nat_kind translation(struct run *run, int to)
{
    int order[PAN_NATS];
    int n = nat_order(run->wall, order);
    for (int i = 0; i < n; i++) {
        const struct pan_nat *nat = &run->wall->nats[order[i]];
        bool matches_it = nat_matches(run, nat, to);
        if (matches_it && nat->type == PAN_NAT_64)
            return PAN_NAT_BOTH; /* the family changes */
        if (matches_it)
            return nat->kind == PAN_NAT_TWO_WAYS ? PAN_NAT_SOURCE : nat->kind;
        if (nat->kind == PAN_NAT_TWO_WAYS && !nat->disabled &&
            run->packet->family == 0 && in_member(run, nat->scope, nat->back, 1))
            return PAN_NAT_DESTINATION;
    }
    return PAN_NAT_NONE;
}

bool pan_translates(const struct pan_wall *wall)
{
    for (int i = 0; i < wall->nnats; i++)
        if ((wall->nats[i].kind >= PAN_NAT_TWO_WAYS ||
             wall->nats[i].type == PAN_NAT_64) &&
            !wall->nats[i].disabled)
            return true;
    return false;
}

static bool default_allows(const struct pan_wall *wall, bool inter)
{
    for (int s = wall->chosen;; s = wall->scopes[s].parent) {
        if (wall->scopes[s].overrides[inter] && wall->scopes[s].defines[inter])
            return wall->scopes[s].allows[inter];
        if (s == 0)
            return !inter;
    }
}

struct outcome {
    bool pass, stop, impossible, translated;
    int decider;
};

static struct outcome decide(struct run *run, const int *order, int n)
{
    const struct pan_wall *wall = run->wall;
    for (int i = 0; i < n; i++) {
        const struct pan_rule *rule = &wall->rules[order[i]];
        if (!matches(run, rule))
            continue;
        bool allows = rule->action == 0;
        if (rule->action == PAN_ACTIONS - 1)
            allows = pan_ask(&run->facts, PAN_FACT_ACTION, rule->name, 0, 2) == 1;
        return (struct outcome){.pass = allows, .stop = !allows, .decider = order[i]};
    }
    bool inter = run->from != run->to, allows = default_allows(wall, inter);
    return (struct outcome){.pass = allows,
                            .stop = !allows,
                            .decider =
                                inter ? PAN_INTERZONE_DEFAULT : PAN_INTRAZONE_DEFAULT};
}

/* The address that the sender names decides which translation there is, by the zone
 * that it leads to. Only where the destination is translated is that another zone than
 * the one the packet leaves by; where it then goes is not followed. */
static struct outcome one_run(struct run *run, const int *order, int n)
{
    const struct pan_wall *wall = run->wall;
    int before = run->to;
    if (pan_translates(wall))
        before = pan_ask(&run->facts, PAN_FACT_PRE_ZONE, 0, 0,
                         wall->nzones + (pan_open_zones(wall) ? 2 : 0));
    if (before >= wall->nzones && pan_translates(wall))
        before += PAN_OTHER_ZONE - wall->nzones;
    enum pan_nat_kind nat = translation(run, before);
    if (nat >= PAN_NAT_DESTINATION)
        return (struct outcome){
            .pass = true, .stop = true, .translated = true, .decider = PAN_NOBODY};
    if (before != run->to)
        return (struct outcome){.impossible = true};
    struct outcome o = decide(run, order, n);
    o.translated = o.pass && nat == PAN_NAT_SOURCE;
    return o;
}

static void start(struct run *run, const struct pan_wall *wall,
                  const struct pan_settled *settled, const struct pan_packet *packet,
                  int from, int to)
{
    memset(run, 0, sizeof *run);
    run->wall = wall;
    run->settled = settled;
    run->packet = packet;
    run->from = from;
    run->to = to;
    collect_apps(run);
}

void pan_truth(const struct pan_wall *wall, const struct pan_settled *settled,
               const struct pan_packet *packet, int from, int to,
               struct pan_answer *answer)
{
    struct run run;
    int order[PAN_RULES], n = pan_order(wall, order);
    bool first = true;
    start(&run, wall, settled, packet, from, to);
    *answer = (struct pan_answer){.decider = PAN_NOBODY};
    do {
        if (++answer->runs > PAN_RUNS_MAX || run.facts.overflow) {
            answer->too_many = true;
            return;
        }
        struct outcome o = one_run(&run, order, n);
        if (o.impossible)
            continue;
        answer->pass |= o.pass;
        answer->stop |= o.stop;
        answer->translated |= o.translated;
        if (!first && o.decider != answer->decider)
            o.decider = PAN_NOBODY;
        answer->decider = o.decider;
        first = false;
    } while (pan_next(&run.facts));
}

struct pan_reach pan_reach(const struct pan_wall *wall, const struct pan_packet *packet,
                           int from, int to, int k)
{
    static const struct pan_settled nothing = {.app = -1};
    struct run run;
    struct pan_reach reach = {0};
    int order[PAN_RULES], runs = 0;
    pan_order(wall, order);
    start(&run, wall, &nothing, packet, from, to);
    do {
        if (++runs > PAN_RUNS_MAX || run.facts.overflow) {
            reach.too_many = true;
            break;
        }
        if (!matches(&run, &wall->rules[order[k]]))
            continue;
        bool before = false;
        for (int i = 0; i < k && !before; i++)
            before = matches(&run, &wall->rules[order[i]]);
        reach.reached |= !before;
        reach.missed |= before;
    } while (pan_next(&run.facts) && !(reach.reached && reach.missed));
    return reach;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walls that nobody would write: few addresses, ports and names, so that rules overlap
 * and names shadow each other, and any mixture of what PAN-OS knows.
 *
 * The names of address objects have ranks, and a group has members of lower ranks only:
 * whichever scope a name is looked up in, groups form no circle.
 */
#include <string.h>

#include "pan_wall.h"

enum feature {
    GROUPS,
    DYNAMIC,
    NEGATION,
    SIX,
    APPS,
    APP_DEFAULT,
    TABLE,
    USERS,
    SCHEDULES,
    TYPES,
    DEFAULTS,
    SHADOWS,
    GHOSTS,
    NAT,
    OVERRIDES,
    REGIONS,
    DOMAINS,
    TARGETS,
    ODD,
    LITERALS,
    SCTP,
    FEATURES
};

enum { OBJECTS = 14, SERVICES = 7 };

static const char *const object_names[OBJECTS] = {
    "web",          "db-1",      "10.0.0.9", "dp net", "R&D <lab>", "机房-A",
    "10.0.0.16/28", "g\"quote'", "all.dbs",  "_grp",   "kms",       "10.0.0.3-10.0.0.5",
    "outer",        "Zz-9"};
static const char *const service_names[SERVICES] = {
    "ark-8443", "many ports", "service-http", "from-low", "svc & co", "sg-1", "sg-2"};

struct maker {
    struct pan_wall *wall;
    uint64_t state;
    unsigned features;
};

static uint32_t draw(struct maker *m, uint32_t below)
{
    return pan_draw(&m->state, below);
}

static bool percent(struct maker *m, unsigned chance)
{
    return draw(m, 100) < chance;
}

static bool can(const struct maker *m, enum feature feature)
{
    return m->features >> feature & 1;
}

/* Now and then, where the wall has the feature at all. */
static bool now_and_then(struct maker *m, enum feature feature, unsigned chance)
{
    return can(m, feature) && percent(m, chance);
}

static void add(struct pan_list *list, int name)
{
    for (int i = 0; i < list->n; i++)
        if (list->at[i] == name)
            return;
    if (list->n < PAN_LIST)
        list->at[list->n++] = name;
}

static int named(struct maker *m, const char *text)
{
    return pan_name(m->wall, text);
}

#define PICK(m, list) ((list)[draw((m), (uint32_t)(sizeof(list) / sizeof(list)[0]))])

/* --- scopes and zones ------------------------------------------------------------ */

static void make_scopes(struct maker *m)
{
    static const char *const systems[] = {"vsys1", "vsys2", "vsys3"};
    static const char *const groups[] = {"DG top", "dg-shop", "dg-bank", "DG_leaf"};
    static const char *const zones[] = {"trust", "untrust", "dmz zone"};
    static const char *const serials[] = {"010101", "010102", "010103"};
    struct pan_wall *w = m->wall;
    w->panorama = percent(m, 50);
    w->nscopes = 2 + (int)draw(m, w->panorama ? 4 : 2);
    w->scopes[0].name = named(m, "shared");
    w->scopes[0].kind = w->panorama ? PAN_SHARED : PAN_DEVICE_SHARED;
    w->pushed = !w->panorama && percent(m, 30);
    if (w->pushed) {
        w->scopes[0].kind = PAN_PUSHED;
        w->scopes[1] = (struct pan_scope){
            .kind = PAN_DEVICE_SHARED, .name = w->scopes[0].name, .parent = 0};
        w->nscopes++;
    }
    for (int s = 1 + w->pushed; s < w->nscopes; s++) {
        w->scopes[s].kind = w->panorama ? PAN_DEVICE_GROUP : PAN_VSYS;
        w->scopes[s].name =
            named(m, w->panorama ? groups[s - 1] : systems[s - 1 - w->pushed]);
        w->scopes[s].parent = w->panorama ? (int)draw(m, (uint32_t)s) : w->pushed;
    }
    int first = 1 + w->pushed;
    w->chosen = percent(m, 60) ? w->nscopes - 1
                               : first + (int)draw(m, (uint32_t)(w->nscopes - first));
    w->group = w->chosen;
    w->managed = w->panorama && percent(m, 30);
    if (w->managed) {
        w->scopes[w->nscopes] = (struct pan_scope){
            .kind = PAN_DEVICE_SHARED, .name = w->scopes[0].name, .parent = w->group};
        w->scopes[w->nscopes + 1] = (struct pan_scope){
            .kind = PAN_VSYS, .name = named(m, systems[0]), .parent = w->nscopes};
        w->nscopes += 2;
        w->chosen = w->nscopes - 1;
    }
    for (int s = 0; s < w->nscopes; s++)
        for (int k = 0; k < 2 && can(m, DEFAULTS); k++) {
            if (w->scopes[s].kind == PAN_DEVICE_SHARED)
                continue;
            w->scopes[s].overrides[k] = percent(m, 40);
            w->scopes[s].defines[k] = percent(m, 90);
            w->scopes[s].allows[k] = percent(m, 50);
        }
    for (int s = 1; s < w->nscopes; s++)
        for (int k = 0; k < 3; k++)
            if (w->scopes[s].kind == PAN_DEVICE_GROUP && percent(m, 60))
                w->scopes[s].serials[w->scopes[s].nserials++] = named(m, serials[k]);
    w->nzones = 2 + (int)draw(m, 2);
    for (int z = 0; z < w->nzones; z++)
        w->zones[z] = named(m, zones[z]);
    w->zones_unstated = w->panorama && !w->managed && percent(m, 40);
}

/* --- objects --------------------------------------------------------------------- */

static struct pan_span any_span(struct maker *m, uint32_t size)
{
    uint32_t a = draw(m, size), b = percent(m, 60) ? a + draw(m, 8) : draw(m, size);
    return a < b ? (struct pan_span){a, b} : (struct pan_span){b, a};
}

static void make_address(struct maker *m, struct pan_thing *t)
{
    uint32_t base = 10u << 24;
    t->family = now_and_then(m, SIX, 35);
    if (t->family)
        base = 0;
    t->tags = can(m, DYNAMIC) ? draw(m, 1u << PAN_TAGS) : 0;
    if (can(m, DYNAMIC))
        t->tags &= draw(m, 1u << PAN_TAGS);
    if (now_and_then(m, DOMAINS, 25)) {
        static const char *const domains[] = {"ark.example", "db.example"};
        t->kind = PAN_FQDN;
        t->fqdn = named(m, PICK(m, domains));
    } else if (percent(m, 35)) {
        t->kind = PAN_RANGE;
        t->span = any_span(m, 32);
        t->span.lo += base;
        t->span.hi += base;
    } else if (!t->family && percent(m, 8)) {
        t->kind = PAN_WILDCARD;
        t->loose = draw(m, 64);
        t->span.lo = base + (draw(m, 64) & ~t->loose);
        t->span.hi = t->span.lo;
    } else {
        static const uint32_t lengths[] = {27, 27, 28, 28, 29, 30, 31,
                                           32, 32, 32, 32, 8,  0};
        uint32_t length = PICK(m, lengths);
        if (length == 0 && t->family)
            length = 8; /* there are IPv6 addresses that are not of the universe */
        uint32_t loose = length == 32 ? 0
                         : length     ? (1u << (32 - length)) - 1
                                      : UINT32_MAX;
        uint32_t address = base + draw(m, 32);
        t->kind = PAN_NETMASK;
        t->span = (struct pan_span){address & ~loose, address | loose};
        t->host_bits = percent(m, 20) ? (int)(draw(m, 64) & loose) : 0;
    }
}

static bool defined_above(const struct pan_wall *w, int scope, int name)
{
    for (;; scope = w->scopes[scope].parent) {
        for (int i = 0; i < w->nthings; i++)
            if (w->things[i].scope == scope && w->things[i].name == name)
                return true;
        if (scope == 0)
            return false;
    }
}

/* A name below RANK that is defined as seen from SCOPE; -1: none was found. */
static int pick_object(struct maker *m, int scope, uint32_t rank)
{
    for (int tries = 0; tries < 20 && rank; tries++) {
        int name = named(m, object_names[draw(m, rank)]);
        if (defined_above(m->wall, scope, name))
            return name;
    }
    return -1;
}

static int ghost(struct maker *m)
{
    static const char *const ghosts[] = {"ghost", "gone net", "$var"};
    return named(m, PICK(m, ghosts));
}

static void make_group(struct maker *m, struct pan_thing *t, uint32_t rank)
{
    t->kind = PAN_STATIC;
    for (uint32_t i = 1 + draw(m, 3); i; i--) {
        int name =
            now_and_then(m, GHOSTS, 7) ? ghost(m) : pick_object(m, t->scope, rank);
        if (name >= 0)
            add(&t->members, name);
    }
    if (t->members.n == 0)
        make_address(m, t);
}

/* Two or three tags joined by and, or. */
static void make_dynamic(struct maker *m, struct pan_thing *t)
{
    t->kind = PAN_DYNAMIC;
    t->filter[t->nfilter++] = (int)draw(m, PAN_TAGS);
    for (uint32_t i = draw(m, 3); i; i--) {
        t->filter[t->nfilter++] = (int)draw(m, PAN_TAGS);
        t->filter[t->nfilter++] = percent(m, 50) ? PAN_AND : PAN_OR;
    }
}

static void make_objects(struct maker *m, int scope)
{
    struct pan_wall *w = m->wall;
    for (uint32_t rank = 0; rank < OBJECTS && w->nthings < PAN_THINGS - 10; rank++) {
        int name = named(m, object_names[rank]);
        bool known = defined_above(w, scope, name);
        if (known ? !now_and_then(m, SHADOWS, 15) : !percent(m, 60))
            continue;
        struct pan_thing *t = &w->things[w->nthings];
        *t = (struct pan_thing){.scope = scope, .name = name};
        if (now_and_then(m, DYNAMIC, 20))
            make_dynamic(m, t);
        else if (rank > 3 && now_and_then(m, GROUPS, 45))
            make_group(m, t, rank);
        else
            make_address(m, t);
        w->nthings++;
    }
    if (!can(m, REGIONS))
        return;
    if (scope == 0 || percent(m, 30)) {
        struct pan_thing *t = &w->things[w->nthings++];
        *t = (struct pan_thing){
            .scope = scope, .name = named(m, "branch"), .kind = PAN_REGION};
        t->span = any_span(m, 64);
        t->span.lo += 10u << 24;
        t->span.hi += 10u << 24;
    }
    if (scope == 0)
        w->things[w->nthings++] = (struct pan_thing){
            .scope = scope, .name = named(m, "bad-list"), .kind = PAN_EDL};
}

/* --- services, applications, schedules ------------------------------------------- */

static struct pan_span any_ports(struct maker *m)
{
    static const struct pan_span ports[] = {
        {22, 22},  {80, 80},    {443, 443},    {8443, 8443}, {80, 90},
        {1, 1023}, {443, 8443}, {1024, 65535}, {8080, 8080}, {0, 65535}};
    return PICK(m, ports);
}

static void make_services(struct maker *m, int scope)
{
    struct pan_wall *w = m->wall;
    for (uint32_t i = 0; i < SERVICES && w->nservices < PAN_SERVICES; i++) {
        if (!percent(m, scope == 0 ? 70 : can(m, SHADOWS) ? 20 : 6))
            continue;
        struct pan_service *s = &w->services[w->nservices];
        *s = (struct pan_service){.scope = scope, .name = named(m, service_names[i])};
        s->group = i > 4;
        for (uint32_t k = 1 + draw(m, 2); k && s->group; k--)
            add(&s->members, named(m, service_names[draw(m, i)]));
        s->proto = percent(m, 65) ? 6 : now_and_then(m, SCTP, 40) ? 132 : 17;
        s->nports = 1 + (percent(m, 30) ? 1 + (int)draw(m, 2) : 0);
        for (int k = 0; k < s->nports; k++)
            s->ports[k] = any_ports(m);
        s->nsports = percent(m, 15) ? 1 : 0;
        s->sports[0] =
            percent(m, 60) ? (struct pan_span){1024, 65535} : (struct pan_span){53, 53};
        w->nservices++;
    }
}

/* Is every member of the service defined (or built in), as seen from SCOPE? */
static bool service_known(const struct pan_wall *w, int scope, int name)
{
    if (strncmp(w->names[name], "service-http", 12) == 0)
        return true;
    for (;; scope = w->scopes[scope].parent) {
        for (int i = 0; i < w->nservices; i++) {
            const struct pan_service *s = &w->services[i];
            if (s->scope != scope || s->name != name)
                continue;
            for (int k = 0; k < s->members.n && s->group; k++)
                if (!service_known(w, scope, s->members.at[k]))
                    return false;
            return true;
        }
        if (scope == 0)
            return false;
    }
}

static int pick_service(struct maker *m, int scope)
{
    for (int tries = 0; tries < 20; tries++) {
        int name = named(m, service_names[draw(m, SERVICES)]);
        if (now_and_then(m, GHOSTS, 5) || service_known(m->wall, scope, name))
            return name;
    }
    return named(m, "service-https");
}

static void make_default_ports(struct maker *m, struct pan_app *app)
{
    app->by = percent(m, 75) ? PAN_BY_PORT : PAN_BY_PROTOCOL + draw(m, 4);
    app->nports = 1 + (int)draw(m, 2);
    for (int k = 0; k < app->nports; k++) {
        app->proto[k] = percent(m, 70) ? 6 : 17;
        app->ports[k] = any_ports(m);
    }
    static const int icmp[] = {8, 8, 13, 0};
    app->number = app->by == PAN_BY_PROTOCOL ? 47 : PICK(m, icmp);
    app->code = percent(m, 50) ? -1 : (int)draw(m, 2);
}

static const char *const app_names[] = {
    "ssl", "ssh", "web-browsing", "erp", "kms-api", "ag-1", "ag-2", "media-filter"};

static void make_apps(struct maker *m, int scope)
{
    struct pan_wall *w = m->wall;
    for (uint32_t i = 3; i < 8 && w->napps < PAN_APPS; i++) {
        if (!percent(m, scope == 0 ? 60 : can(m, SHADOWS) ? 15 : 5))
            continue;
        struct pan_app *a = &w->apps[w->napps++];
        *a = (struct pan_app){.scope = scope, .name = named(m, app_names[i])};
        a->kind = i < 5 ? PAN_APP : i < 7 ? PAN_APP_GROUP : PAN_APP_FILTER;
        if (a->kind == PAN_APP)
            make_default_ports(m, a);
        for (uint32_t k = 1 + draw(m, 3); k && a->kind == PAN_APP_GROUP; k--)
            add(&a->members, named(m, app_names[percent(m, 80) ? draw(m, i) : 7]));
    }
}

static void make_table(struct maker *m)
{
    static const struct {
        const char *name;
        int proto;
        uint32_t port;
    } lines[] = {{"ssl", 6, 443}, {"ssh", 6, 22}, {"web-browsing", 6, 80}};
    struct pan_wall *w = m->wall;
    for (size_t i = 0; i < 3; i++) {
        if (!percent(m, 60))
            continue;
        struct pan_app *a = &w->table[w->ntable++];
        *a = (struct pan_app){.name = named(m, lines[i].name), .nports = 1};
        a->proto[0] = lines[i].proto;
        a->ports[0] = (struct pan_span){lines[i].port, lines[i].port};
    }
}

static void make_schedules(struct maker *m, int scope)
{
    static const char *const names[] = {"office", "night shift", "migration"};
    struct pan_wall *w = m->wall;
    for (int i = 0; i < 3 && w->nschedules < PAN_SCHEDULES; i++) {
        if (!percent(m, scope == 0 ? 80 : 20))
            continue;
        struct pan_schedule *s = &w->schedules[w->nschedules++];
        *s = (struct pan_schedule){
            .scope = scope, .name = named(m, names[i]), .kind = PAN_DAILY + draw(m, 3)};
        s->n = 1 + (int)draw(m, 2);
        int first = (int)draw(m, 7);
        for (int k = 0; k < s->n; k++) {
            uint32_t from = draw(m, 20) * 60, to = from + 60 + draw(m, 3) * 60;
            uint32_t day = s->kind == PAN_ONCE ? draw(m, 10) * 1440 : 0;
            s->day[k] = (first + 3 * k) % 7;
            s->minutes[k] = (struct pan_span){day + from, day + to};
        }
    }
}

/* --- rules ----------------------------------------------------------------------- */

static void make_end(struct maker *m, struct pan_list *list, int scope)
{
    static const char *const literals[] = {"10.0.0.7",          "10.0.0.0/28",
                                           "10.0.0.3-10.0.0.9", "10.0.0.33/27",
                                           "2001:db8::0:11",    "2001:db8::0:20/123"};
    if (percent(m, 40))
        return;
    for (uint32_t i = 1 + draw(m, 4); i; i--) {
        int name = pick_object(m, scope, OBJECTS);
        if (now_and_then(m, LITERALS, 30))
            name = named(m, literals[draw(m, can(m, SIX) ? 6 : 4)]);
        if (now_and_then(m, REGIONS, 15)) {
            static const char *const regions[] = {"branch", "bad-list", "CN"};
            name = named(m, PICK(m, regions));
        }
        if (now_and_then(m, GHOSTS, 5))
            name = ghost(m);
        if (name >= 0)
            add(list, name);
    }
}

static void make_zones(struct maker *m, struct pan_list *list)
{
    for (uint32_t i = percent(m, 45) ? 0 : 1 + draw(m, 2); i; i--)
        add(list, m->wall->zones[draw(m, (uint32_t)m->wall->nzones)]);
}

static void make_applications(struct maker *m, struct pan_rule *r)
{
    if (now_and_then(m, APPS, 45))
        for (uint32_t i = 1 + draw(m, 2); i; i--)
            add(&r->apps, named(m, PICK(m, app_names)));
    if (now_and_then(m, APP_DEFAULT, 40))
        r->service_word = PAN_APPLICATION_DEFAULT;
    else
        for (uint32_t i = percent(m, 55) ? 0 : 1 + draw(m, 2); i; i--)
            add(&r->services, pick_service(m, r->scope));
}

static void make_extras(struct maker *m, struct pan_rule *r)
{
    static const char *const users[] = {"corp\\alice", "known-user", "corp\\ops"};
    static const char *const schedules[] = {"office", "night shift", "migration"};
    if (now_and_then(m, USERS, 30))
        for (uint32_t i = 1 + draw(m, 2); i; i--)
            add(&r->users, named(m, PICK(m, users)));
    if (now_and_then(m, SCHEDULES, 30))
        r->schedule = named(m, PICK(m, schedules));
    bool closed = !m->wall->panorama || m->wall->managed;
    if (now_and_then(m, TYPES, 50))
        r->type = PAN_UNIVERSAL + draw(m, 3);
    else if (closed && now_and_then(m, GHOSTS, 10) && r->from.n)
        add(&r->from, named(m, "lost zone"));
    if (m->wall->scopes[r->scope].kind <= PAN_PUSHED && now_and_then(m, TARGETS, 30)) {
        static const char *const serials[] = {"010101", "010102", "010103"};
        r->targeted = true;
        r->target_negate = percent(m, 30);
        for (uint32_t i = draw(m, 3); i; i--)
            add(&r->targets, named(m, PICK(m, serials)));
    }
    if (now_and_then(m, ODD, 10))
        r->odd = true;
    if (now_and_then(m, ODD, 8))
        r->action = PAN_ACTIONS - 1;
    if (now_and_then(m, ODD, 8))
        add(&r->hip, named(m, "clean laptop"));
    if (now_and_then(m, ODD, 8))
        add(&r->categories, named(m, "gambling"));
}

static void make_rule(struct maker *m, int scope, enum pan_place place)
{
    struct pan_wall *w = m->wall;
    char name[PAN_NAME_SIZE];
    static const char *const styles[] = {"rule %d", "dp-to-ark-%d", "R&D #%d",
                                         "放行%d"};
    if (w->nrules == PAN_RULES)
        return;
    snprintf(name, sizeof name, PICK(m, styles), w->nrules);
    struct pan_rule *r = &w->rules[w->nrules++];
    *r = (struct pan_rule){
        .scope = scope, .place = place, .name = named(m, name), .schedule = -1};
    r->action = percent(m, 55) ? 0 : 1 + (int)draw(m, PAN_ACTIONS - 2);
    r->disabled = percent(m, 8);
    make_zones(m, &r->from);
    make_zones(m, &r->to);
    for (int side = 0; side < 2; side++) {
        make_end(m, &r->end[side], scope);
        r->negate[side] = r->end[side].n && now_and_then(m, NEGATION, 35);
    }
    make_applications(m, r);
    make_extras(m, r);
}

static void make_nat(struct maker *m, int scope, enum pan_place place)
{
    struct pan_wall *w = m->wall;
    char name[PAN_NAME_SIZE];
    if (w->nnats == PAN_NATS)
        return;
    snprintf(name, sizeof name, "nat %d", w->nnats);
    struct pan_nat *n = &w->nats[w->nnats++];
    *n = (struct pan_nat){
        .scope = scope, .place = place, .name = named(m, name), .service = -1};
    n->disabled = percent(m, 10);
    n->kind = percent(m, 45)   ? PAN_NAT_SOURCE
              : percent(m, 50) ? PAN_NAT_NONE
                               : PAN_NAT_TWO_WAYS + draw(m, 3);
    if (percent(m, 30) && n->kind != PAN_NAT_TWO_WAYS)
        n->type = (int)draw(m, PAN_NAT_TYPES);
    static const char *const back[] = {"10.0.0.7", "10.0.0.20-10.0.0.22",
                                       "10.0.0.4/31"};
    int object = percent(m, 30) ? pick_object(m, scope, OBJECTS) : -1;
    n->back = object >= 0 ? object : named(m, PICK(m, back));
    make_zones(m, &n->from);
    n->to = percent(m, 70) ? w->zones[draw(m, (uint32_t)w->nzones)] : -1;
    for (int side = 0; side < 2; side++)
        make_end(m, &n->end[side], scope);
    if (percent(m, 30))
        n->service = pick_service(m, scope);
}

static void make_override(struct maker *m, int scope, enum pan_place place)
{
    static const char *const apps[] = {"erp", "kms-api", "ssl"};
    struct pan_wall *w = m->wall;
    char name[PAN_NAME_SIZE];
    if (w->noverrides == PAN_OVERRIDES)
        return;
    snprintf(name, sizeof name, "override %d", w->noverrides);
    struct pan_override *o = &w->overrides[w->noverrides++];
    *o = (struct pan_override){.scope = scope, .place = place, .name = named(m, name)};
    o->disabled = percent(m, 10);
    make_zones(m, &o->from);
    make_zones(m, &o->to);
    for (int side = 0; side < 2; side++)
        make_end(m, &o->end[side], scope);
    o->proto = percent(m, 70) ? 6 : 17;
    o->ports = any_ports(m);
    o->app = named(m, PICK(m, apps));
}

static void make_rules(struct maker *m)
{
    struct pan_wall *w = m->wall;
    for (int s = 0; s < w->nscopes; s++) {
        bool mine = false;
        for (int k = w->chosen;; k = w->scopes[k].parent) {
            mine |= k == s;
            if (k == 0)
                break;
        }
        for (int place = PAN_PRE; place <= PAN_POST; place++) {
            bool pushes = w->scopes[s].kind <= PAN_PUSHED;
            if (pushes == (place == PAN_LOCAL) ||
                w->scopes[s].kind == PAN_DEVICE_SHARED)
                continue;
            uint32_t most = !mine ? 2 : w->panorama ? 3 : 9;
            for (uint32_t i = draw(m, most + 1); i; i--)
                make_rule(m, s, (enum pan_place)place);
            if (can(m, NAT))
                for (uint32_t i = draw(m, 3); i; i--)
                    make_nat(m, s, (enum pan_place)place);
            if (can(m, OVERRIDES))
                for (uint32_t i = draw(m, 3); i; i--)
                    make_override(m, s, (enum pan_place)place);
        }
    }
}

void pan_random(struct pan_wall *wall, uint64_t seed)
{
    struct maker m = {.wall = wall, .state = (seed + 1) * 0x9e3779b97f4a7c15u};
    for (int i = 0; i < 4; i++)
        draw(&m, 2);
    memset(wall, 0, sizeof *wall);
    wall->layout = m.state;
    for (int f = 0; f < FEATURES; f++)
        if (percent(&m,
                    f == NAT || f == OVERRIDES || f == ODD || f == GHOSTS ? 15 : 40))
            m.features |= 1u << f;
    make_scopes(&m);
    for (int s = 0; s < wall->nscopes; s++) {
        make_objects(&m, s);
        make_services(&m, s);
        if (can(&m, APPS) || can(&m, APP_DEFAULT))
            make_apps(&m, s);
        if (can(&m, SCHEDULES))
            make_schedules(&m, s);
    }
    if (can(&m, TABLE))
        make_table(&m);
    make_rules(&m);
}

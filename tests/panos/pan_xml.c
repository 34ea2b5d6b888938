/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wall as the export that PAN-OS or Panorama would write, in any of the layouts that
 * XML allows: with or without indentation and comments, sections and the children of a
 * rule in any order, names by entities or character references, wrapped as an answer.
 */
#include <stdlib.h>
#include <string.h>

#include "pan_wall.h"

struct writer {
    FILE *out;
    const struct pan_wall *wall;
    uint64_t state;
    bool pretty;
    char quote;
    int depth;
};

static uint32_t draw(struct writer *x, uint32_t below)
{
    return pan_draw(&x->state, below);
}

static void put_escaped(struct writer *x, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (; *text; text++) {
        const char *at = strchr(special, *text);
        if (at && draw(x, 5))
            fputs(entities[at - special], x->out);
        else if (at || (*text > ' ' && draw(x, 60) == 0))
            fprintf(x->out, draw(x, 2) ? "&#%d;" : "&#x%x;", *text);
        else
            fputc(*text, x->out);
    }
}

static void line(struct writer *x)
{
    if (x->pretty) {
        fputc('\n', x->out);
        for (int i = 0; i < x->depth; i++)
            fputs("  ", x->out);
    }
    if (draw(x, 80) == 0)
        fputs("<!-- <entry name=\"not here\"/> -->", x->out);
}

static void begin(struct writer *x, const char *tag)
{
    line(x);
    fprintf(x->out, "<%s>", tag);
    x->depth++;
}

static void attribute(struct writer *x, const char *name, const char *value)
{
    fprintf(x->out, " %s=%c", name, x->quote);
    put_escaped(x, value);
    fputc(x->quote, x->out);
}

static void begin_entry(struct writer *x, const char *name)
{
    bool first = draw(x, 8) != 0;
    line(x);
    fputs("<entry", x->out);
    if (first)
        attribute(x, "name", name);
    if (draw(x, 8) == 0)
        attribute(x, "uuid", "6b3c2a10-0000-4000-8000-000000000001");
    if (draw(x, 8) == 0)
        attribute(x, "dirtyId", "4");
    if (!first)
        attribute(x, "name", name);
    fputc('>', x->out);
    x->depth++;
}

static void finish(struct writer *x, const char *tag)
{
    x->depth--;
    line(x);
    fprintf(x->out, "</%s>", tag);
}

static void leaf(struct writer *x, const char *tag, const char *text)
{
    line(x);
    fprintf(x->out, "<%s>", tag);
    put_escaped(x, text);
    fprintf(x->out, "</%s>", tag);
}

static const char *text_of(const struct writer *x, int name)
{
    return x->wall->names[name];
}

static void members(struct writer *x, const struct pan_list *list)
{
    for (int i = 0; i < list->n; i++)
        leaf(x, "member", text_of(x, list->at[i]));
}

/* <tag><member>…; "any" where the list is empty. */
static void list(struct writer *x, const char *tag, const struct pan_list *names)
{
    begin(x, tag);
    members(x, names);
    if (names->n == 0)
        leaf(x, "member", "any");
    finish(x, tag);
}

/* 0 … n - 1 in any order. */
static void shuffle(struct writer *x, int *order, int n)
{
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int k = (int)draw(x, (uint32_t)i + 1), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
}

/* --- objects --------------------------------------------------------------------- */

static void put_filter(struct writer *x, const struct pan_thing *t)
{
    char text[8][120];
    char last[8] = {0};
    int depth = 0;
    for (int i = 0; i < t->nfilter; i++) {
        int token = t->filter[i];
        if (token >= 0) {
            snprintf(text[depth], sizeof text[0], "'tag %d'", token);
            last[depth++] = 0;
            continue;
        }
        char joint = token == PAN_AND ? 'a' : 'o', joined[280];
        bool bare = (!last[depth - 2] || last[depth - 2] == joint) && draw(x, 2);
        snprintf(joined, sizeof joined, bare ? "%s %s %s" : "(%s) %s %s",
                 text[depth - 2], joint == 'a' ? "and" : "or", text[depth - 1]);
        depth--;
        snprintf(text[depth - 1], sizeof text[0], "%.110s", joined);
        last[depth - 1] = joint;
    }
    leaf(x, "filter", text[0]);
}

static void put_tags(struct writer *x, unsigned tags)
{
    if (!tags)
        return;
    begin(x, "tag");
    for (int k = 0; k < PAN_TAGS; k++) {
        char name[16];
        snprintf(name, sizeof name, "tag %d", k);
        if (tags >> k & 1)
            leaf(x, "member", name);
    }
    finish(x, "tag");
}

static void put_address(struct writer *x, const struct pan_thing *t)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    uint32_t loose = t->span.hi - t->span.lo;
    unsigned length = 32;
    while (length && loose >> (32 - length) & 1)
        length--;
    pan_put_address(out, t->family, t->span.lo | (uint32_t)t->host_bits);
    if (t->kind == PAN_RANGE) {
        fputc('-', out);
        pan_put_address(out, t->family, t->span.hi);
    } else if (t->kind == PAN_WILDCARD) {
        fputc('/', out);
        pan_put_address(out, 0, t->loose);
    } else if (length < 32 || t->host_bits || draw(x, 2)) {
        fprintf(out, "/%u", length + (t->family ? 96 : 0));
    }
    fclose(out);
    leaf(x,
         t->kind == PAN_RANGE      ? "ip-range"
         : t->kind == PAN_WILDCARD ? "ip-wildcard"
                                   : "ip-netmask",
         text);
    free(text);
}

static void put_object(struct writer *x, const struct pan_thing *t)
{
    begin_entry(x, text_of(x, t->name));
    if (draw(x, 6) == 0)
        leaf(x, "description", "a <b> & 'c'");
    if (t->kind == PAN_FQDN)
        leaf(x, "fqdn", text_of(x, t->fqdn));
    else if (t->kind <= PAN_WILDCARD)
        put_address(x, t);
    if (t->kind == PAN_STATIC) {
        begin(x, "static");
        members(x, &t->members);
        finish(x, "static");
    } else if (t->kind == PAN_DYNAMIC) {
        begin(x, "dynamic");
        put_filter(x, t);
        finish(x, "dynamic");
    }
    put_tags(x, t->tags);
    finish(x, "entry");
}

static void put_objects(struct writer *x, int scope, bool groups)
{
    const char *tag = groups ? "address-group" : "address";
    bool opened = false;
    for (int i = 0; i < x->wall->nthings; i++) {
        const struct pan_thing *t = &x->wall->things[i];
        bool group = t->kind == PAN_STATIC || t->kind == PAN_DYNAMIC;
        if (t->scope != scope || t->kind > PAN_DYNAMIC || group != groups)
            continue;
        if (!opened)
            begin(x, tag);
        opened = true;
        put_object(x, t);
    }
    if (opened)
        finish(x, tag);
}

static void put_regions_and_lists(struct writer *x, int scope)
{
    for (int i = 0; i < x->wall->nthings; i++) {
        const struct pan_thing *t = &x->wall->things[i];
        if (t->scope != scope || t->kind < PAN_REGION)
            continue;
        begin(x, t->kind == PAN_REGION ? "region" : "external-list");
        begin_entry(x, text_of(x, t->name));
        begin(x, t->kind == PAN_REGION ? "address" : "type");
        if (t->kind == PAN_REGION) {
            line(x);
            fputs("<member>", x->out);
            pan_put_address(x->out, 0, t->span.lo);
            fputc('-', x->out);
            pan_put_address(x->out, 0, t->span.hi);
            fputs("</member>", x->out);
            finish(x, "address");
        } else {
            begin(x, "ip");
            leaf(x, "url", "https://lists.example/bad.txt");
            finish(x, "ip");
            finish(x, "type");
        }
        finish(x, "entry");
        finish(x, t->kind == PAN_REGION ? "region" : "external-list");
    }
}

/* "80,8080-8090" */
static void put_ports(struct writer *x, const char *tag, const struct pan_span *spans,
                      int n)
{
    if (n == 0)
        return;
    line(x);
    fprintf(x->out, "<%s>", tag);
    for (int i = 0; i < n; i++) {
        fprintf(x->out, i ? ",%u" : "%u", spans[i].lo);
        if (spans[i].hi != spans[i].lo)
            fprintf(x->out, "-%u", spans[i].hi);
    }
    fprintf(x->out, "</%s>", tag);
}

static const char *proto_name(int proto)
{
    return proto == 6 ? "tcp" : proto == 17 ? "udp" : "sctp";
}

static void put_service(struct writer *x, const struct pan_service *s)
{
    begin_entry(x, text_of(x, s->name));
    if (s->group) {
        begin(x, "members");
        members(x, &s->members);
        finish(x, "members");
    } else {
        begin(x, "protocol");
        begin(x, proto_name(s->proto));
        put_ports(x, "port", s->ports, s->nports);
        put_ports(x, "source-port", s->sports, s->nsports);
        finish(x, proto_name(s->proto));
        finish(x, "protocol");
    }
    finish(x, "entry");
}

static void put_services(struct writer *x, int scope, bool groups)
{
    const char *tag = groups ? "service-group" : "service";
    begin(x, tag);
    for (int i = 0; i < x->wall->nservices; i++)
        if (x->wall->services[i].scope == scope && x->wall->services[i].group == groups)
            put_service(x, &x->wall->services[i]);
    finish(x, tag);
}

static void put_default_ports(struct writer *x, const struct pan_app *a)
{
    if (a->by == PAN_BY_NOTHING)
        return;
    begin(x, "default");
    char text[32];
    if (a->by == PAN_BY_PROTOCOL) {
        snprintf(text, sizeof text, "%d", a->number);
        leaf(x, "ident-by-ip-protocol", text);
    } else if (a->by == PAN_BY_ICMP || a->by == PAN_BY_ICMP6) {
        const char *tag =
            a->by == PAN_BY_ICMP ? "ident-by-icmp-type" : "ident-by-icmp6-type";
        begin(x, tag);
        snprintf(text, sizeof text, "%d", a->number);
        leaf(x, "type", text);
        snprintf(text, sizeof text, "%d", a->code);
        if (a->code >= 0)
            leaf(x, "code", text);
        finish(x, tag);
    } else {
        begin(x, "port");
        for (int i = 0; i < a->nports; i++) {
            const char *proto = proto_name(a->proto[i]);
            struct pan_span s = a->ports[i];
            if (s.lo == 0 && s.hi == 65535)
                snprintf(text, sizeof text, "%s/dynamic", proto);
            else if (s.lo == s.hi)
                snprintf(text, sizeof text, "%s/%u", proto, s.lo);
            else
                snprintf(text, sizeof text, "%s/%u-%u", proto, s.lo, s.hi);
            leaf(x, "member", text);
        }
        finish(x, "port");
    }
    finish(x, "default");
}

static void put_apps(struct writer *x, int scope, enum pan_app_kind kind)
{
    static const char *const tags[] = {"application", "application-group",
                                       "application-filter"};
    begin(x, tags[kind]);
    for (int i = 0; i < x->wall->napps; i++) {
        const struct pan_app *a = &x->wall->apps[i];
        if (a->scope != scope || a->kind != kind)
            continue;
        begin_entry(x, text_of(x, a->name));
        if (kind == PAN_APP) {
            put_default_ports(x, a);
            leaf(x, "category", "business-systems");
            leaf(x, "risk", "1");
        } else if (kind == PAN_APP_GROUP) {
            begin(x, "members");
            members(x, &a->members);
            finish(x, "members");
        } else {
            begin(x, "category");
            leaf(x, "member", "media");
            finish(x, "category");
        }
        finish(x, "entry");
    }
    finish(x, tags[kind]);
}

static void put_minutes(FILE *out, enum pan_schedule_kind kind, struct pan_span s)
{
    uint32_t ends[] = {s.lo, s.hi};
    for (int i = 0; i < 2; i++) {
        uint32_t day = ends[i] / 1440, minute = ends[i] % 1440;
        if (i)
            fputc('-', out);
        if (kind == PAN_ONCE)
            fprintf(out, "2026/11/%02u@", day + 2);
        fprintf(out, "%02u:%02u", minute / 60, minute % 60);
    }
}

static void put_schedule(struct writer *x, const struct pan_schedule *s)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    begin_entry(x, text_of(x, s->name));
    begin(x, "schedule-type");
    begin(x, s->kind == PAN_ONCE ? "non-recurring" : "recurring");
    if (s->kind != PAN_ONCE)
        begin(x, s->kind == PAN_DAILY ? "daily" : "weekly");
    for (int i = 0; i < s->n; i++) {
        if (s->kind == PAN_WEEKLY)
            begin(x, days[s->day[i]]);
        line(x);
        fputs("<member>", x->out);
        put_minutes(x->out, s->kind, s->minutes[i]);
        fputs("</member>", x->out);
        if (s->kind == PAN_WEEKLY)
            finish(x, days[s->day[i]]);
    }
    if (s->kind != PAN_ONCE)
        finish(x, s->kind == PAN_DAILY ? "daily" : "weekly");
    finish(x, s->kind == PAN_ONCE ? "non-recurring" : "recurring");
    finish(x, "schedule-type");
    finish(x, "entry");
}

static void put_schedules(struct writer *x, int scope)
{
    begin(x, "schedule");
    for (int i = 0; i < x->wall->nschedules; i++)
        if (x->wall->schedules[i].scope == scope)
            put_schedule(x, &x->wall->schedules[i]);
    finish(x, "schedule");
}

/* --- rules ----------------------------------------------------------------------- */

static void put_to(struct writer *x, const struct pan_rule *r)
{
    uint32_t way = r->type == PAN_INTRAZONE ? draw(x, 3) : 0;
    static const struct pan_list any;
    if (way == 0)
        list(x, "to", r->type == PAN_INTRAZONE ? &r->from : &r->to);
    else if (way == 1)
        list(x, "to", &any);
}

static void put_yes(struct writer *x, const char *tag, bool yes)
{
    if (yes || draw(x, 4) == 0)
        leaf(x, tag, yes ? "yes" : "no");
}

static void put_unless_any(struct writer *x, const char *tag,
                           const struct pan_list *names)
{
    if (names->n || draw(x, 2))
        list(x, tag, names);
}

static void put_service_of(struct writer *x, const struct pan_rule *r)
{
    if (r->service_word != PAN_APPLICATION_DEFAULT) {
        list(x, "service", &r->services);
        return;
    }
    begin(x, "service");
    leaf(x, "member", "application-default");
    finish(x, "service");
}

static void put_targets(struct writer *x, const struct pan_rule *r)
{
    if (!r->targeted)
        return;
    begin(x, "target");
    if (r->targets.n) {
        begin(x, "devices");
        for (int i = 0; i < r->targets.n; i++) {
            begin_entry(x, text_of(x, r->targets.at[i]));
            finish(x, "entry");
        }
        finish(x, "devices");
    }
    put_yes(x, "negate", r->target_negate);
    finish(x, "target");
}

/* What is written into rules and decides nothing. */
static void put_decoration(struct writer *x)
{
    if (draw(x, 4) == 0)
        leaf(x, "description", "ticket 12 <ok>");
    if (draw(x, 4) == 0)
        leaf(x, "log-start", "no");
    if (draw(x, 4) == 0)
        leaf(x, "log-end", "yes");
    if (draw(x, 6) == 0)
        leaf(x, "log-setting", "default");
    if (draw(x, 6) == 0) {
        begin(x, "tag");
        leaf(x, "member", "tag 0");
        finish(x, "tag");
    }
    if (draw(x, 6) == 0) {
        begin(x, "profile-setting");
        begin(x, "group");
        leaf(x, "member", "strict");
        finish(x, "group");
        finish(x, "profile-setting");
    }
}

enum { RULE_PARTS = 17 };

static void put_rule_part(struct writer *x, const struct pan_rule *r, int part)
{
    static const char *const types[] = {"universal", "intrazone", "interzone"};
    switch (part) {
    case 0:
        list(x, "from", &r->from);
        break;
    case 1:
        put_to(x, r);
        break;
    case 2:
        list(x, "source", &r->end[0]);
        break;
    case 3:
        list(x, "destination", &r->end[1]);
        break;
    case 4:
        put_yes(x, "negate-source", r->negate[0]);
        break;
    case 5:
        put_yes(x, "negate-destination", r->negate[1]);
        break;
    case 6:
        put_unless_any(x, "source-user", &r->users);
        break;
    case 7:
        put_unless_any(x, "source-hip", &r->hip);
        break;
    case 8:
        list(x, "application", &r->apps);
        break;
    case 9:
        put_service_of(x, r);
        break;
    case 10:
        put_unless_any(x, "category", &r->categories);
        break;
    case 11:
        leaf(x, "action", pan_actions[r->action]);
        break;
    case 12:
        if (r->type != PAN_UNIVERSAL || draw(x, 3) == 0)
            leaf(x, "rule-type", types[r->type]);
        break;
    case 13:
        put_yes(x, "disabled", r->disabled);
        break;
    case 14:
        if (r->schedule >= 0)
            leaf(x, "schedule", text_of(x, r->schedule));
        break;
    case 15:
        put_targets(x, r);
        break;
    default:
        if (r->odd)
            leaf(x, "moon-phase", text_of(x, r->name));
        put_decoration(x);
    }
}

static void put_rule(struct writer *x, const struct pan_rule *r)
{
    int order[RULE_PARTS];
    shuffle(x, order, RULE_PARTS);
    begin_entry(x, text_of(x, r->name));
    for (int i = 0; i < RULE_PARTS; i++)
        put_rule_part(x, r, order[i]);
    finish(x, "entry");
}

static void put_security(struct writer *x, int scope, enum pan_place place)
{
    begin(x, "security");
    begin(x, "rules");
    for (int i = 0; i < x->wall->nrules; i++)
        if (x->wall->rules[i].scope == scope && x->wall->rules[i].place == place)
            put_rule(x, &x->wall->rules[i]);
    finish(x, "rules");
    finish(x, "security");
}

static void put_translations(struct writer *x, const struct pan_nat *n)
{
    enum pan_nat_kind kind = n->kind;
    if (kind == PAN_NAT_TWO_WAYS) {
        begin(x, "source-translation");
        begin(x, "static-ip");
        leaf(x, "translated-address", text_of(x, n->back));
        leaf(x, "bi-directional", "yes");
        finish(x, "static-ip");
        finish(x, "source-translation");
    }
    if (kind == PAN_NAT_SOURCE || kind == PAN_NAT_BOTH) {
        begin(x, "source-translation");
        begin(x, "dynamic-ip-and-port");
        begin(x, "interface-address");
        leaf(x, "interface", "ethernet1/2");
        finish(x, "interface-address");
        finish(x, "dynamic-ip-and-port");
        finish(x, "source-translation");
    }
    if (kind == PAN_NAT_DESTINATION || kind == PAN_NAT_BOTH) {
        begin(x, "destination-translation");
        leaf(x, "translated-address", "10.0.0.40");
        finish(x, "destination-translation");
    }
}

static void put_nat(struct writer *x, const struct pan_nat *n)
{
    struct pan_list to = {.n = n->to >= 0, .at = {n->to}};
    begin_entry(x, text_of(x, n->name));
    list(x, "from", &n->from);
    list(x, "to", &to);
    list(x, "source", &n->end[0]);
    list(x, "destination", &n->end[1]);
    leaf(x, "service", n->service < 0 ? "any" : text_of(x, n->service));
    if (n->type)
        leaf(x, "nat-type", pan_nat_types[n->type]);
    put_translations(x, n);
    put_yes(x, "disabled", n->disabled);
    finish(x, "entry");
}

static void put_nats(struct writer *x, int scope, enum pan_place place)
{
    begin(x, "nat");
    begin(x, "rules");
    for (int i = 0; i < x->wall->nnats; i++)
        if (x->wall->nats[i].scope == scope && x->wall->nats[i].place == place)
            put_nat(x, &x->wall->nats[i]);
    finish(x, "rules");
    finish(x, "nat");
}

static void put_overrides(struct writer *x, int scope, enum pan_place place)
{
    begin(x, "application-override");
    begin(x, "rules");
    for (int i = 0; i < x->wall->noverrides; i++) {
        const struct pan_override *o = &x->wall->overrides[i];
        if (o->scope != scope || o->place != place)
            continue;
        begin_entry(x, text_of(x, o->name));
        list(x, "from", &o->from);
        list(x, "to", &o->to);
        list(x, "source", &o->end[0]);
        list(x, "destination", &o->end[1]);
        put_ports(x, "port", &o->ports, 1);
        leaf(x, "protocol", proto_name(o->proto));
        leaf(x, "application", text_of(x, o->app));
        put_yes(x, "disabled", o->disabled);
        finish(x, "entry");
    }
    finish(x, "rules");
    finish(x, "application-override");
}

static void put_default_rules(struct writer *x, int scope)
{
    static const char *const names[] = {"intrazone-default", "interzone-default"};
    const struct pan_scope *s = &x->wall->scopes[scope];
    begin(x, "default-security-rules");
    begin(x, "rules");
    for (int k = 0; k < 2; k++) {
        if (!s->overrides[k])
            continue;
        begin_entry(x, names[k]);
        if (s->defines[k])
            leaf(x, "action", s->allows[k] ? "allow" : "deny");
        leaf(x, "log-end", "yes");
        finish(x, "entry");
    }
    finish(x, "rules");
    finish(x, "default-security-rules");
}

static void put_rulebase(struct writer *x, int scope, enum pan_place place)
{
    static const char *const tags[] = {"pre-rulebase", "rulebase", "post-rulebase"};
    int order[4];
    shuffle(x, order, 4);
    begin(x, tags[place]);
    for (int i = 0; i < 4; i++) {
        if (order[i] == 0)
            put_security(x, scope, place);
        if (order[i] == 1 && (x->wall->nnats || draw(x, 4) == 0))
            put_nats(x, scope, place);
        if (order[i] == 2 && place != PAN_PRE)
            put_default_rules(x, scope);
        if (order[i] == 3 && (x->wall->noverrides || draw(x, 4) == 0))
            put_overrides(x, scope, place);
    }
    finish(x, tags[place]);
}

/* --- scopes ---------------------------------------------------------------------- */

static void put_zones(struct writer *x, int interface)
{
    begin(x, "zone");
    for (int z = 0; z < x->wall->nzones; z++) {
        char name[32];
        snprintf(name, sizeof name, "ethernet1/%d", interface + z);
        begin_entry(x, text_of(x, x->wall->zones[z]));
        begin(x, "network");
        begin(x, "layer3");
        leaf(x, "member", name);
        finish(x, "layer3");
        finish(x, "network");
        finish(x, "entry");
    }
    finish(x, "zone");
}

enum { SCOPE_PARTS = 13 };

static void put_scope_part(struct writer *x, int scope, int part)
{
    const struct pan_wall *w = x->wall;
    enum pan_scope_kind kind = w->scopes[scope].kind;
    switch (part) {
    case 0:
    case 1:
        put_objects(x, scope, part == 1);
        break;
    case 2:
    case 3:
        put_services(x, scope, part == 3);
        break;
    case 4:
    case 5:
    case 6:
        put_apps(x, scope, (enum pan_app_kind)(part - 4));
        break;
    case 7:
        put_schedules(x, scope);
        break;
    case 8:
        put_regions_and_lists(x, scope);
        break;
    case 9:
        if (kind <= PAN_PUSHED)
            put_rulebase(x, scope, PAN_PRE);
        else if (kind == PAN_VSYS)
            put_rulebase(x, scope, PAN_LOCAL);
        break;
    case 10:
        if (kind <= PAN_PUSHED)
            put_rulebase(x, scope, PAN_POST);
        break;
    case 11:
        if (kind == PAN_VSYS)
            put_zones(x, scope * 10);
        break;
    default:
        if (kind != PAN_DEVICE_GROUP)
            break;
        begin(x, "devices");
        for (int i = 0; i < w->scopes[scope].nserials; i++) {
            begin_entry(x, text_of(x, w->scopes[scope].serials[i]));
            finish(x, "entry");
        }
        finish(x, "devices");
    }
}

static void put_scope(struct writer *x, int scope)
{
    int order[SCOPE_PARTS];
    shuffle(x, order, SCOPE_PARTS);
    for (int i = 0; i < SCOPE_PARTS; i++)
        put_scope_part(x, scope, order[i]);
}

static void begin_localhost(struct writer *x)
{
    begin(x, "devices");
    begin_entry(x, "localhost.localdomain");
}

static void finish_localhost(struct writer *x)
{
    finish(x, "entry");
    finish(x, "devices");
}

static void put_template(struct writer *x)
{
    begin(x, "template");
    begin_entry(x, "base");
    begin(x, "config");
    begin_localhost(x);
    begin(x, "vsys");
    begin_entry(x, "vsys1");
    put_zones(x, 1);
    finish(x, "entry");
    finish(x, "vsys");
    finish_localhost(x);
    finish(x, "config");
    finish(x, "entry");
    finish(x, "template");
}

/* Device groups, or virtual systems. */
static void put_devices(struct writer *x, enum pan_scope_kind kind)
{
    const struct pan_wall *w = x->wall;
    const char *tag = kind == PAN_VSYS ? "vsys" : "device-group";
    int order[PAN_SCOPES];
    shuffle(x, order, w->nscopes);
    begin_localhost(x);
    begin(x, tag);
    for (int i = 0; i < w->nscopes; i++) {
        if (w->scopes[order[i]].kind != kind)
            continue;
        begin_entry(x, text_of(x, w->scopes[order[i]].name));
        put_scope(x, order[i]);
        finish(x, "entry");
    }
    finish(x, tag);
    if (kind == PAN_DEVICE_GROUP && !w->zones_unstated)
        put_template(x);
    finish_localhost(x);
}

static void put_parents(struct writer *x)
{
    const struct pan_wall *w = x->wall;
    begin(x, "readonly");
    begin_localhost(x);
    begin(x, "device-group");
    for (int s = 1; s < w->nscopes; s++) {
        if (w->scopes[s].kind != PAN_DEVICE_GROUP)
            continue;
        begin_entry(x, text_of(x, w->scopes[s].name));
        leaf(x, "id", "12");
        if (w->scopes[s].parent)
            leaf(x, "parent-dg", text_of(x, w->scopes[w->scopes[s].parent].name));
        finish(x, "entry");
    }
    finish(x, "device-group");
    finish_localhost(x);
    finish(x, "readonly");
}

static void put_pushed(struct writer *x)
{
    const struct pan_wall *w = x->wall;
    begin(x, "panorama");
    begin(x, "vsys");
    begin_entry(x, text_of(x, w->scopes[w->chosen].name));
    put_scope(x, 0);
    finish(x, "entry");
    finish(x, "vsys");
    finish(x, "panorama");
}

/* The document whose shared scope is SHARED, with scopes of KIND. */
static void put_document(FILE *out, const struct pan_wall *wall, int shared,
                         enum pan_scope_kind kind)
{
    struct writer x = {
        .out = out, .wall = wall, .state = wall->layout + (uint64_t)shared};
    x.pretty = draw(&x, 2);
    x.quote = draw(&x, 2) ? '"' : '\'';
    bool wrapped = draw(&x, 3) == 0;
    if (draw(&x, 2))
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", out);
    if (wrapped)
        fputs("<response status=\"success\"><result>", out);
    fprintf(out, "<config version=\"10.2.0\" urldb=\"paloaltonetworks\">");
    int order[3];
    shuffle(&x, order, 3);
    for (int i = 0; i < 3; i++) {
        if (order[i] == 0) {
            begin(&x, "shared");
            put_scope(&x, shared);
            finish(&x, "shared");
        } else if (order[i] == 1) {
            put_devices(&x, kind);
        } else if (kind == PAN_DEVICE_GROUP) {
            put_parents(&x);
        } else if (wall->pushed) {
            put_pushed(&x);
        }
    }
    fputs(wrapped ? "</config></result></response>\n" : "</config>\n", out);
}

void pan_xml(FILE *out, const struct pan_wall *wall)
{
    put_document(out, wall, wall->pushed, wall->panorama ? PAN_DEVICE_GROUP : PAN_VSYS);
}

void pan_xml_device(FILE *out, const struct pan_wall *wall)
{
    put_document(out, wall, wall->nscopes - 2, PAN_VSYS);
}

void pan_table(FILE *out, const struct pan_wall *wall)
{
    fputs("application,ports,as_of\n", out);
    for (int i = 0; i < wall->ntable; i++)
        fprintf(out, "%s,%s/%u,2026-01-01\n", wall->names[wall->table[i].name],
                proto_name(wall->table[i].proto[0]), wall->table[i].ports[0].lo);
}

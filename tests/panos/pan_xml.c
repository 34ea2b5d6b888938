/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wall as the export that PAN-OS or Panorama would write, in any of the layouts that
 * XML allows: with or without indentation and comments, sections and the children of a
 * rule in any order, names by entities or character references, wrapped as an answer.
 */
#include "pan_writer.h"

/* --- rules ----------------------------------------------------------------------- */

static void put_to(struct pan_writer *x, const struct pan_rule *r)
{
    uint32_t way = r->type == PAN_INTRAZONE ? pan_writer_draw(x, 3) : 0;
    static const struct pan_list any;
    if (way == 0)
        pan_list_of(x, "to", r->type == PAN_INTRAZONE ? &r->from : &r->to);
    else if (way == 1)
        pan_list_of(x, "to", &any);
}

static void put_yes(struct pan_writer *x, const char *tag, bool yes)
{
    if (yes || pan_writer_draw(x, 4) == 0)
        pan_leaf(x, tag, yes ? "yes" : "no");
}

static void put_unless_any(struct pan_writer *x, const char *tag,
                           const struct pan_list *names)
{
    if (names->n || pan_writer_draw(x, 2))
        pan_list_of(x, tag, names);
}

static void put_service_of(struct pan_writer *x, const struct pan_rule *r)
{
    if (r->service_word != PAN_APPLICATION_DEFAULT) {
        pan_list_of(x, "service", &r->services);
        return;
    }
    pan_begin(x, "service");
    pan_leaf(x, "member", "application-default");
    pan_finish(x, "service");
}

static void put_targets(struct pan_writer *x, const struct pan_rule *r)
{
    if (!r->targeted)
        return;
    pan_begin(x, "target");
    if (r->targets.n) {
        pan_begin(x, "devices");
        for (int i = 0; i < r->targets.n; i++) {
            pan_begin_entry(x, pan_text(x, r->targets.at[i]));
            pan_finish(x, "entry");
        }
        pan_finish(x, "devices");
    }
    put_yes(x, "negate", r->target_negate);
    pan_finish(x, "target");
}

/* What is written into rules and decides nothing. */
static void put_decoration(struct pan_writer *x)
{
    if (pan_writer_draw(x, 4) == 0)
        pan_leaf(x, "description", "ticket 12 <ok>");
    if (pan_writer_draw(x, 4) == 0)
        pan_leaf(x, "log-start", "no");
    if (pan_writer_draw(x, 4) == 0)
        pan_leaf(x, "log-end", "yes");
    if (pan_writer_draw(x, 6) == 0)
        pan_leaf(x, "log-setting", "default");
    if (pan_writer_draw(x, 6) == 0) {
        pan_begin(x, "tag");
        pan_leaf(x, "member", "tag 0");
        pan_finish(x, "tag");
    }
    if (pan_writer_draw(x, 6) == 0) {
        pan_begin(x, "profile-setting");
        pan_begin(x, "group");
        pan_leaf(x, "member", "strict");
        pan_finish(x, "group");
        pan_finish(x, "profile-setting");
    }
}

enum { RULE_PARTS = 17 };

static void put_rule_part(struct pan_writer *x, const struct pan_rule *r, int part)
{
    static const char *const types[] = {"universal", "intrazone", "interzone"};
    switch (part) {
    case 0:
        pan_list_of(x, "from", &r->from);
        break;
    case 1:
        put_to(x, r);
        break;
    case 2:
        pan_list_of(x, "source", &r->end[0]);
        break;
    case 3:
        pan_list_of(x, "destination", &r->end[1]);
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
        pan_list_of(x, "application", &r->apps);
        break;
    case 9:
        put_service_of(x, r);
        break;
    case 10:
        put_unless_any(x, "category", &r->categories);
        break;
    case 11:
        pan_leaf(x, "action", pan_actions[r->action]);
        break;
    case 12:
        if (r->type != PAN_UNIVERSAL || pan_writer_draw(x, 3) == 0)
            pan_leaf(x, "rule-type", types[r->type]);
        break;
    case 13:
        put_yes(x, "disabled", r->disabled);
        break;
    case 14:
        if (r->schedule >= 0)
            pan_leaf(x, "schedule", pan_text(x, r->schedule));
        break;
    case 15:
        put_targets(x, r);
        break;
    default:
        if (r->odd)
            pan_leaf(x, "moon-phase", pan_text(x, r->name));
        put_decoration(x);
    }
}

static void put_rule(struct pan_writer *x, const struct pan_rule *r)
{
    int order[RULE_PARTS];
    pan_shuffle(x, order, RULE_PARTS);
    pan_begin_entry(x, pan_text(x, r->name));
    for (int i = 0; i < RULE_PARTS; i++)
        put_rule_part(x, r, order[i]);
    pan_finish(x, "entry");
}

static void put_security(struct pan_writer *x, int scope, enum pan_place place)
{
    pan_begin(x, "security");
    pan_begin(x, "rules");
    for (int i = 0; i < x->wall->nrules; i++)
        if (x->wall->rules[i].scope == scope && x->wall->rules[i].place == place)
            put_rule(x, &x->wall->rules[i]);
    pan_finish(x, "rules");
    pan_finish(x, "security");
}

static void put_translations(struct pan_writer *x, const struct pan_nat *n)
{
    enum pan_nat_kind kind = n->kind;
    if (kind == PAN_NAT_TWO_WAYS) {
        pan_begin(x, "source-translation");
        pan_begin(x, "static-ip");
        pan_leaf(x, "translated-address", pan_text(x, n->back));
        pan_leaf(x, "bi-directional", "yes");
        pan_finish(x, "static-ip");
        pan_finish(x, "source-translation");
    }
    if (kind == PAN_NAT_SOURCE || kind == PAN_NAT_BOTH) {
        pan_begin(x, "source-translation");
        pan_begin(x, "dynamic-ip-and-port");
        pan_begin(x, "interface-address");
        pan_leaf(x, "interface", "ethernet1/2");
        pan_finish(x, "interface-address");
        pan_finish(x, "dynamic-ip-and-port");
        pan_finish(x, "source-translation");
    }
    if (kind == PAN_NAT_DESTINATION || kind == PAN_NAT_BOTH) {
        pan_begin(x, "destination-translation");
        pan_leaf(x, "translated-address", "10.0.0.40");
        pan_finish(x, "destination-translation");
    }
}

static void put_nat(struct pan_writer *x, const struct pan_nat *n)
{
    struct pan_list to = {.n = n->to >= 0, .at = {n->to}};
    pan_begin_entry(x, pan_text(x, n->name));
    pan_list_of(x, "from", &n->from);
    pan_list_of(x, "to", &to);
    pan_list_of(x, "source", &n->end[0]);
    pan_list_of(x, "destination", &n->end[1]);
    pan_leaf(x, "service", n->service < 0 ? "any" : pan_text(x, n->service));
    if (n->type)
        pan_leaf(x, "nat-type", pan_nat_types[n->type]);
    put_translations(x, n);
    put_yes(x, "disabled", n->disabled);
    pan_finish(x, "entry");
}

static void put_nats(struct pan_writer *x, int scope, enum pan_place place)
{
    pan_begin(x, "nat");
    pan_begin(x, "rules");
    for (int i = 0; i < x->wall->nnats; i++)
        if (x->wall->nats[i].scope == scope && x->wall->nats[i].place == place)
            put_nat(x, &x->wall->nats[i]);
    pan_finish(x, "rules");
    pan_finish(x, "nat");
}

static void put_overrides(struct pan_writer *x, int scope, enum pan_place place)
{
    pan_begin(x, "application-override");
    pan_begin(x, "rules");
    for (int i = 0; i < x->wall->noverrides; i++) {
        const struct pan_override *o = &x->wall->overrides[i];
        if (o->scope != scope || o->place != place)
            continue;
        pan_begin_entry(x, pan_text(x, o->name));
        pan_list_of(x, "from", &o->from);
        pan_list_of(x, "to", &o->to);
        pan_list_of(x, "source", &o->end[0]);
        pan_list_of(x, "destination", &o->end[1]);
        pan_put_ports(x, "port", &o->ports, 1);
        pan_leaf(x, "protocol", pan_proto_name(o->proto));
        pan_leaf(x, "application", pan_text(x, o->app));
        put_yes(x, "disabled", o->disabled);
        pan_finish(x, "entry");
    }
    pan_finish(x, "rules");
    pan_finish(x, "application-override");
}

static void put_default_rules(struct pan_writer *x, int scope)
{
    static const char *const names[] = {"intrazone-default", "interzone-default"};
    const struct pan_scope *s = &x->wall->scopes[scope];
    pan_begin(x, "default-security-rules");
    pan_begin(x, "rules");
    for (int k = 0; k < 2; k++) {
        if (!s->overrides[k])
            continue;
        pan_begin_entry(x, names[k]);
        if (s->defines[k])
            pan_leaf(x, "action", s->allows[k] ? "allow" : "deny");
        pan_leaf(x, "log-end", "yes");
        pan_finish(x, "entry");
    }
    pan_finish(x, "rules");
    pan_finish(x, "default-security-rules");
}

static void put_rulebase(struct pan_writer *x, int scope, enum pan_place place)
{
    static const char *const tags[] = {"pre-rulebase", "rulebase", "post-rulebase"};
    int order[4];
    pan_shuffle(x, order, 4);
    pan_begin(x, tags[place]);
    for (int i = 0; i < 4; i++) {
        if (order[i] == 0)
            put_security(x, scope, place);
        if (order[i] == 1 && (x->wall->nnats || pan_writer_draw(x, 4) == 0))
            put_nats(x, scope, place);
        if (order[i] == 2 && place != PAN_PRE)
            put_default_rules(x, scope);
        if (order[i] == 3 && (x->wall->noverrides || pan_writer_draw(x, 4) == 0))
            put_overrides(x, scope, place);
    }
    pan_finish(x, tags[place]);
}

/* --- scopes ---------------------------------------------------------------------- */

static void put_zones(struct pan_writer *x, int interface)
{
    pan_begin(x, "zone");
    for (int z = 0; z < x->wall->nzones; z++) {
        char name[32];
        snprintf(name, sizeof name, "ethernet1/%d", interface + z);
        pan_begin_entry(x, pan_text(x, x->wall->zones[z]));
        pan_begin(x, "network");
        pan_begin(x, "layer3");
        pan_leaf(x, "member", name);
        pan_finish(x, "layer3");
        pan_finish(x, "network");
        pan_finish(x, "entry");
    }
    pan_finish(x, "zone");
}

enum { SCOPE_PARTS = 13 };

static void put_scope_part(struct pan_writer *x, int scope, int part)
{
    const struct pan_wall *w = x->wall;
    enum pan_scope_kind kind = w->scopes[scope].kind;
    if (part < PAN_OBJECT_PARTS) {
        pan_put_objects(x, scope, part);
        return;
    }
    switch (part) {
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
        pan_begin(x, "devices");
        for (int i = 0; i < w->scopes[scope].nserials; i++) {
            pan_begin_entry(x, pan_text(x, w->scopes[scope].serials[i]));
            pan_finish(x, "entry");
        }
        pan_finish(x, "devices");
    }
}

static void put_scope(struct pan_writer *x, int scope)
{
    int order[SCOPE_PARTS];
    pan_shuffle(x, order, SCOPE_PARTS);
    for (int i = 0; i < SCOPE_PARTS; i++)
        put_scope_part(x, scope, order[i]);
}

static void begin_localhost(struct pan_writer *x)
{
    pan_begin(x, "devices");
    pan_begin_entry(x, "localhost.localdomain");
}

static void finish_localhost(struct pan_writer *x)
{
    pan_finish(x, "entry");
    pan_finish(x, "devices");
}

static void put_template(struct pan_writer *x)
{
    pan_begin(x, "template");
    pan_begin_entry(x, "base");
    pan_begin(x, "config");
    begin_localhost(x);
    pan_begin(x, "vsys");
    pan_begin_entry(x, "vsys1");
    put_zones(x, 1);
    pan_finish(x, "entry");
    pan_finish(x, "vsys");
    finish_localhost(x);
    pan_finish(x, "config");
    pan_finish(x, "entry");
    pan_finish(x, "template");
}

/* Device groups, or virtual systems. */
static void put_devices(struct pan_writer *x, enum pan_scope_kind kind)
{
    const struct pan_wall *w = x->wall;
    const char *tag = kind == PAN_VSYS ? "vsys" : "device-group";
    int order[PAN_SCOPES];
    pan_shuffle(x, order, w->nscopes);
    begin_localhost(x);
    pan_begin(x, tag);
    for (int i = 0; i < w->nscopes; i++) {
        if (w->scopes[order[i]].kind != kind)
            continue;
        pan_begin_entry(x, pan_text(x, w->scopes[order[i]].name));
        put_scope(x, order[i]);
        pan_finish(x, "entry");
    }
    pan_finish(x, tag);
    if (kind == PAN_DEVICE_GROUP && !w->zones_unstated)
        put_template(x);
    finish_localhost(x);
}

static void put_parents(struct pan_writer *x)
{
    const struct pan_wall *w = x->wall;
    pan_begin(x, "readonly");
    begin_localhost(x);
    pan_begin(x, "device-group");
    for (int s = 1; s < w->nscopes; s++) {
        if (w->scopes[s].kind != PAN_DEVICE_GROUP)
            continue;
        pan_begin_entry(x, pan_text(x, w->scopes[s].name));
        pan_leaf(x, "id", "12");
        if (w->scopes[s].parent)
            pan_leaf(x, "parent-dg", pan_text(x, w->scopes[w->scopes[s].parent].name));
        pan_finish(x, "entry");
    }
    pan_finish(x, "device-group");
    finish_localhost(x);
    pan_finish(x, "readonly");
}

static void put_pushed(struct pan_writer *x)
{
    const struct pan_wall *w = x->wall;
    pan_begin(x, "panorama");
    pan_begin(x, "vsys");
    pan_begin_entry(x, pan_text(x, w->scopes[w->chosen].name));
    put_scope(x, 0);
    pan_finish(x, "entry");
    pan_finish(x, "vsys");
    pan_finish(x, "panorama");
}

/* The document whose shared scope is SHARED, with scopes of KIND. */
static void put_document(FILE *out, const struct pan_wall *wall, int shared,
                         enum pan_scope_kind kind)
{
    struct pan_writer x = {
        .out = out, .wall = wall, .state = wall->layout + (uint64_t)shared};
    x.pretty = pan_writer_draw(&x, 2);
    x.quote = pan_writer_draw(&x, 2) ? '"' : '\'';
    bool wrapped = pan_writer_draw(&x, 3) == 0;
    if (pan_writer_draw(&x, 2))
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", out);
    if (wrapped)
        fputs("<response status=\"success\"><result>", out);
    fprintf(out, "<config version=\"10.2.0\" urldb=\"paloaltonetworks\">");
    int order[3];
    pan_shuffle(&x, order, 3);
    for (int i = 0; i < 3; i++) {
        if (order[i] == 0) {
            pan_begin(&x, "shared");
            put_scope(&x, shared);
            pan_finish(&x, "shared");
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
                pan_proto_name(wall->table[i].proto[0]), wall->table[i].ports[0].lo);
}

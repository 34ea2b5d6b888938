/* SPDX-License-Identifier: Apache-2.0 */
/* The plain reading itself, held against cases whose answers are known by hand. */
#include <string.h>

#include "pan_truth.h"

enum { TRUST, UNTRUST };
enum want { PASSES, STOPPED, UNDECIDED };

static struct pan_wall wall;
static struct pan_settled settled;
static int failures;

static int name(const char *text)
{
    return pan_name(&wall, text);
}

/* A firewall with two zones, one virtual system and another one beside it. */
static void fresh(bool panorama)
{
    memset(&wall, 0, sizeof wall);
    settled = (struct pan_settled){.app = -1};
    wall.panorama = panorama;
    wall.nscopes = 3;
    wall.chosen = wall.group = 1;
    wall.scopes[0].name = name("shared");
    wall.scopes[1].name = name("mine");
    wall.scopes[2].name = name("other");
    wall.nzones = 2;
    wall.zones[TRUST] = name("trust");
    wall.zones[UNTRUST] = name("untrust");
}

static struct pan_rule *rule(const char *text, bool allow)
{
    struct pan_rule *r = &wall.rules[wall.nrules++];
    *r = (struct pan_rule){.scope = wall.chosen,
                           .place = wall.panorama ? PAN_PRE : PAN_LOCAL,
                           .name = name(text),
                           .action = allow ? 0 : 1,
                           .schedule = -1};
    return r;
}

static void add(struct pan_list *list, const char *text)
{
    list->at[list->n++] = name(text);
}

static struct pan_thing *object(int scope, const char *text, const char *value)
{
    struct pan_thing *t = &wall.things[wall.nthings++];
    *t = (struct pan_thing){.scope = scope, .name = name(text), .kind = PAN_RANGE};
    if (!pan_literal(value, &t->family, &t->span)) {
        t->kind = PAN_FQDN;
        t->fqdn = name(value);
    }
    return t;
}

static struct pan_packet packet(uint32_t src, uint32_t dst, uint32_t dport)
{
    uint32_t net = 10u << 24;
    return (struct pan_packet){
        .end = {net + src, net + dst}, .proto = 6, .sport = 40000, .dport = dport};
}

static void expect(const char *what, struct pan_packet p, int from, int to,
                   enum want want, int decider)
{
    struct pan_answer a;
    pan_truth(&wall, &settled, &p, from, to, &a);
    enum want got = a.pass && a.stop ? UNDECIDED : a.pass ? PASSES : STOPPED;
    if (got == want && a.decider == decider && !a.too_many)
        return;
    printf("%s: outcome %d by %d, not %d by %d\n", what, got, a.decider, want, decider);
    failures++;
}

static void check_defaults(void)
{
    fresh(false);
    expect("within a zone", packet(1, 2, 80), TRUST, TRUST, PASSES,
           PAN_INTRAZONE_DEFAULT);
    expect("between zones", packet(1, 2, 80), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
    fresh(true);
    wall.scopes[0].overrides[1] = wall.scopes[0].defines[1] = true;
    wall.scopes[0].allows[1] = true;
    expect("shared default", packet(1, 2, 80), TRUST, UNTRUST, PASSES,
           PAN_INTERZONE_DEFAULT);
    wall.scopes[1].overrides[1] = true;
    expect("nothing said", packet(1, 2, 80), TRUST, UNTRUST, PASSES,
           PAN_INTERZONE_DEFAULT);
    wall.scopes[1].defines[1] = true;
    expect("the nearer default", packet(1, 2, 80), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
}

static void check_layers(void)
{
    fresh(true);
    rule("post of shared", true)->place = PAN_POST;
    wall.rules[0].scope = 0;
    rule("post of mine", false)->place = PAN_POST;
    expect("post: child first", packet(1, 2, 80), TRUST, UNTRUST, STOPPED, 1);
    rule("pre of mine", true);
    expect("pre before post", packet(1, 2, 80), TRUST, UNTRUST, PASSES, 2);
    rule("pre of shared", false)->scope = 0;
    expect("pre: shared first", packet(1, 2, 80), TRUST, UNTRUST, STOPPED, 3);
    wall.rules[3].scope = 2;
    expect("not of another group", packet(1, 2, 80), TRUST, UNTRUST, PASSES, 2);
}

static void check_types(void)
{
    fresh(false);
    struct pan_rule *r = rule("r", false);
    add(&r->from, "trust");
    add(&r->to, "untrust");
    r->type = PAN_INTRAZONE;
    expect("intrazone within", packet(1, 2, 80), TRUST, TRUST, STOPPED, 0);
    expect("intrazone elsewhere", packet(1, 2, 80), UNTRUST, UNTRUST, PASSES,
           PAN_INTRAZONE_DEFAULT);
    r->to.n = r->from.n = 0;
    r->type = PAN_INTERZONE;
    r->action = 0;
    expect("interzone between", packet(1, 2, 80), TRUST, UNTRUST, PASSES, 0);
    expect("interzone within", packet(1, 2, 80), TRUST, TRUST, PASSES,
           PAN_INTRAZONE_DEFAULT);
}

static void check_addresses(void)
{
    fresh(false);
    object(1, "a", "10.0.0.1");
    object(1, "b", "10.0.0.2");
    struct pan_thing *g = object(1, "g", "10.0.0.0");
    g->kind = PAN_STATIC;
    add(&g->members, "a");
    add(&g->members, "b");
    struct pan_rule *r = rule("not g", true);
    add(&r->end[0], "g");
    r->negate[0] = true;
    expect("in the group", packet(2, 9, 80), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
    expect("outside of it", packet(3, 9, 80), TRUST, UNTRUST, PASSES, 0);
    struct pan_packet six = packet(2, 9, 80);
    six.family = 1;
    expect("of another family", six, TRUST, UNTRUST, PASSES, 0);
    object(0, "10.0.0.7", "10.0.0.8");
    r->end[0] = (struct pan_list){0};
    r->negate[0] = false;
    add(&r->end[0], "10.0.0.7");
    expect("an object named like an address", packet(8, 9, 80), TRUST, UNTRUST, PASSES,
           0);
    object(1, "10.0.0.7", "10.0.0.9");
    expect("a nearer object", packet(8, 9, 80), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
}

static void check_disputes(void)
{
    fresh(true);
    object(0, "net", "10.0.0.1");
    object(1, "net", "10.0.0.2");
    struct pan_rule *r = rule("of shared", true);
    r->scope = 0;
    add(&r->end[0], "net");
    expect("an inner value for an outer rule", packet(1, 9, 80), TRUST, UNTRUST,
           UNDECIDED, PAN_NOBODY);
    r->scope = 1;
    expect("for an inner rule", packet(1, 9, 80), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
    expect("and it fits", packet(2, 9, 80), TRUST, UNTRUST, PASSES, 0);
    wall.things[0].span = wall.things[1].span;
    r->scope = 0;
    expect("the same value twice", packet(2, 9, 80), TRUST, UNTRUST, PASSES, 0);
}

static void check_open_addresses(void)
{
    fresh(false);
    object(1, "ark", "ark.example");
    object(0, "the same", "ark.example");
    object(2, "theirs", "10.0.0.0-10.0.0.255");
    struct pan_rule *r = rule("in", true);
    add(&r->end[0], "ark");
    expect("behind a name", packet(1, 9, 80), TRUST, UNTRUST, UNDECIDED, PAN_NOBODY);
    r = rule("out", true);
    add(&r->end[0], "the same");
    r->negate[0] = true;
    expect("or not", packet(1, 9, 80), TRUST, UNTRUST, PASSES, PAN_NOBODY);
    wall.nrules = 0;
    r = rule("of another system", true);
    add(&r->end[0], "theirs");
    expect("an object of others", packet(1, 9, 80), TRUST, UNTRUST, UNDECIDED,
           PAN_NOBODY);
    struct pan_thing *g = object(1, "tagged", "10.0.0.0");
    g->kind = PAN_DYNAMIC;
    memcpy(g->filter, (int[]){0, 1, PAN_OR, 2, PAN_AND}, 5 * sizeof(int));
    g->nfilter = 5;
    object(0, "one", "10.0.0.1")->tags = 1 | 4;
    object(0, "two", "10.0.0.2")->tags = 1 | 2;
    r->end[0] = (struct pan_list){0};
    add(&r->end[0], "tagged");
    expect("tagged in the export", packet(1, 9, 80), TRUST, UNTRUST, PASSES, 0);
    expect("tagged perhaps", packet(2, 9, 80), TRUST, UNTRUST, UNDECIDED, PAN_NOBODY);
}

static void check_apps(void)
{
    fresh(false);
    add(&rule("ssl", false)->apps, "ssl");
    struct pan_rule *r = rule("ssl and ssh", true);
    add(&r->apps, "ssl");
    add(&r->apps, "ssh");
    expect("any application", packet(1, 2, 443), TRUST, UNTRUST, UNDECIDED, PAN_NOBODY);
    settled.app = name("ssl");
    expect("one", packet(1, 2, 443), TRUST, UNTRUST, STOPPED, 0);
    settled.app = name("ssh");
    expect("another", packet(1, 2, 443), TRUST, UNTRUST, PASSES, 1);
    settled.app = name("telnet");
    expect("none of them", packet(1, 2, 443), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
    fresh(false);
    add(&rule("ssl", true)->apps, "ssl");
    add(&rule("not both", false)->apps, "ssh");
    r = rule("rest", true);
    expect("one at a time", packet(1, 2, 443), TRUST, UNTRUST, UNDECIDED, PAN_NOBODY);
    wall.rules[1].apps.at[0] = name("ssl");
    expect("the same one twice", packet(1, 2, 443), TRUST, UNTRUST, PASSES, PAN_NOBODY);
}

static void check_default_ports(void)
{
    fresh(false);
    struct pan_app *a = &wall.apps[wall.napps++];
    *a = (struct pan_app){.scope = 1, .name = name("erp"), .nports = 1};
    a->proto[0] = 6;
    a->ports[0] = (struct pan_span){8443, 8443};
    struct pan_rule *r = rule("erp", true);
    add(&r->apps, "erp");
    r->service_word = PAN_APPLICATION_DEFAULT;
    settled.app = name("erp");
    expect("on its port", packet(1, 2, 8443), TRUST, UNTRUST, PASSES, 0);
    expect("on another", packet(1, 2, 8444), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
    settled.app = -1;
    expect("of some application", packet(1, 2, 8443), TRUST, UNTRUST, UNDECIDED,
           PAN_NOBODY);
    r->apps.n = 0;
    settled.app = name("ssl");
    expect("ports not stated", packet(1, 2, 443), TRUST, UNTRUST, UNDECIDED,
           PAN_NOBODY);
}

static void check_services(void)
{
    fresh(false);
    struct pan_rule *r = rule("web", true);
    add(&r->services, "service-http");
    expect("built in", packet(1, 2, 8080), TRUST, UNTRUST, PASSES, 0);
    struct pan_service *s = &wall.services[wall.nservices++];
    *s = (struct pan_service){
        .scope = 0, .name = name("service-http"), .proto = 6, .nports = 1};
    s->ports[0] = (struct pan_span){81, 81};
    expect("defined anew", packet(1, 2, 8080), TRUST, UNTRUST, STOPPED,
           PAN_INTERZONE_DEFAULT);
    add(&r->services, "ghost");
    expect("defined nowhere", packet(1, 2, 8080), TRUST, UNTRUST, UNDECIDED,
           PAN_NOBODY);
    expect("but the other is", packet(1, 2, 81), TRUST, UNTRUST, PASSES, 0);
}

static void check_translation(void)
{
    fresh(false);
    rule("all", true);
    struct pan_nat *n = &wall.nats[wall.nnats++];
    *n = (struct pan_nat){.scope = 1,
                          .place = PAN_LOCAL,
                          .name = name("source"),
                          .kind = PAN_NAT_SOURCE,
                          .to = -1,
                          .service = -1};
    struct pan_answer a;
    struct pan_packet p = packet(1, 2, 80);
    pan_truth(&wall, &settled, &p, TRUST, UNTRUST, &a);
    if (!a.pass || a.stop || !a.translated) {
        puts("source translation is lost");
        failures++;
    }
    n->kind = PAN_NAT_DESTINATION;
    n->to = wall.zones[TRUST];
    expect("an address that led elsewhere", p, UNTRUST, UNTRUST, UNDECIDED, PAN_NOBODY);
    n->from = (struct pan_list){.n = 1, .at = {wall.zones[UNTRUST]}};
    expect("from another zone", p, TRUST, UNTRUST, PASSES, 0);
}

static void check_override(void)
{
    fresh(false);
    add(&rule("erp", false)->apps, "erp");
    add(&rule("rest", true)->apps, "ssl");
    struct pan_override *o = &wall.overrides[wall.noverrides++];
    *o = (struct pan_override){.scope = 1,
                               .place = PAN_LOCAL,
                               .name = name("o"),
                               .proto = 6,
                               .ports = {80, 90}};
    o->app = name("erp");
    settled.app = name("ssl");
    expect("said to be another", packet(1, 2, 85), TRUST, UNTRUST, STOPPED, 0);
    expect("on another port", packet(1, 2, 91), TRUST, UNTRUST, PASSES, 1);
}

static void check_reach(void)
{
    fresh(false);
    add(&rule("first", false)->apps, "ssl");
    rule("second", true);
    add(&rule("third", true)->apps, "ssl");
    struct pan_packet p = packet(1, 2, 80);
    struct pan_reach second = pan_reach(&wall, &p, TRUST, UNTRUST, 1);
    struct pan_reach third = pan_reach(&wall, &p, TRUST, UNTRUST, 2);
    if (!second.reached || !second.missed || third.reached || !third.missed) {
        puts("reach is wrong");
        failures++;
    }
}

int main(void)
{
    check_defaults();
    check_layers();
    check_types();
    check_addresses();
    check_disputes();
    check_open_addresses();
    check_apps();
    check_default_ports();
    check_services();
    check_translation();
    check_override();
    check_reach();
    printf("%d failures\n", failures);
    return failures != 0;
}

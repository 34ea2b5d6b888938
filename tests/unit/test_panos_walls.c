/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which part of PAN-OS exports is the wall: virtual systems, device groups, layers,
 * scopes; what translates; which zone an address is behind; hit counts.
 */
#include "panos_ask.h"

#define PRE(rules) "<pre-rulebase>" SECURITY(rules) "</pre-rulebase>"
#define POST(rules) "<post-rulebase>" SECURITY(rules) "</post-rulebase>"
#define DEVICE_GROUP(name, body) "<entry name=\"" name "\">" body "</entry>"
#define PANORAMA(shared, groups, parents)                                           \
    "<config urldb=\"paloaltonetworks\"><shared>" shared                            \
    "</shared><devices><entry name=\"localhost.localdomain\"><device-group>" groups \
    "</device-group></entry></devices><readonly><devices>"                          \
    "<entry name=\"localhost.localdomain\"><device-group>" parents                  \
    "</device-group></entry></devices></readonly></config>"
#define PARENT(group, parent) \
    "<entry name=\"" group "\"><parent-dg>" parent "</parent-dg></entry>"
#define MANAGED                                                                 \
    "<deviceconfig><system><panorama><local-panorama><panorama-server>10.9.0.1" \
    "</panorama-server></local-panorama></panorama></system></deviceconfig>"
/* A rule that allows one port: its place in the order is what is asked for. */
#define ONE(name, port) ALLOW(name, ANY, ANY, M(port))

static void choose_vsys(const char *name)
{
    reading.vsys.text = tw_str_of(name);
}

static void choose_group(const char *name)
{
    reading.device_group.text = tw_str_of(name);
}

static struct tw_str order(void)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    for (size_t i = 0; policy && i < policy->rules.len; i++) {
        tw_buf_text(&buf, i ? " " : "");
        tw_buf_str(&buf, policy->rules.at[i].id);
    }
    return tw_buf_view(&buf);
}

/* --- which part --------------------------------------------------------------------
 */

static void one_of_several_virtual_systems_must_be_chosen(void **state)
{
    (void)state;
    const char *text = FIREWALL(
        "",
        VSYS("vsys1", "<display-name>office</display-name>" ZONES "<rulebase>" SECURITY(
                          ALLOW("a", M("10.0.0.1"), ANY, ANY)) "</rulebase>")
            VSYS("vsys2", ZONES "<rulebase>" SECURITY(
                              ALLOW("b", M("10.0.0.2"), ANY, ANY)) "</rulebase>"));
    wall(text);
    assert_refused("virtual system: vsys1 (office), vsys2");
    assert_says("`vsys:`");
    choose_vsys("vsys2");
    wall(text);
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    choose_vsys("office");
    wall(text);
    assert_text(order(), "a intrazone-default");
    choose_vsys("vsys3");
    wall(text);
    assert_refused("no virtual system \"vsys3\"; nearest: vsys1");
    choose_group("x");
    choose_vsys("vsys1");
    wall(text);
    assert_refused("this export holds no device group");
}

static void objects_and_zones_of_another_virtual_system_are_not_seen(void **state)
{
    (void)state;
    choose_vsys("vsys1");
    wall(FIREWALL(
        ADDRESSES(ADDRESS("s", "10.0.0.3")),
        VSYS("vsys1", "<zone>" ZONE("trust", "e1")
                          ZONE("untrust", "e2") "</zone><rulebase>" SECURITY(
                              ALLOW("a", M("h") M("s"), ANY, ANY)) "</rulebase>")
            VSYS("vsys2",
                 "<zone>" ZONE("trust", "e3")
                     ZONE("lab", "e4") "</zone>" ADDRESSES(ADDRESS("h", "10.0.0.1")))));
    assert_asks("10.0.0.3", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_false(tw_policy_knows_interface(policy, TW_STR("lab")));
    assert_false(tw_policy_knows_interface(policy, TW_STR("e3")));
    assert_true(tw_policy_knows_interface(policy, TW_STR("e1")));
}

static void device_groups_are_chosen_and_parents_are_followed(void **state)
{
    (void)state;
    const char *text = PANORAMA(
        PRE(ONE("shared-pre", "service-http")) POST(ONE("shared-post", "service-http")),
        DEVICE_GROUP("branch", PRE(ONE("branch-pre", "service-http"))
                                   POST(ONE("branch-post", "service-http")))
            DEVICE_GROUP("europe", PRE(ONE("europe-pre", "service-http"))
                                       POST(ONE("europe-post", "service-http")))
                DEVICE_GROUP("asia", PRE(ONE("asia-pre", "service-http"))),
        PARENT("branch", "europe") PARENT("europe", "") PARENT("asia", "shared"));
    wall(text);
    assert_refused("device group: branch, europe, asia");
    choose_group("branch");
    wall(text);
    assert_text(order(), "shared-pre europe-pre branch-pre branch-post europe-post "
                         "shared-post intrazone-default");
    choose_group("asia");
    wall(text);
    assert_text(order(), "shared-pre asia-pre shared-post intrazone-default");
    choose_group("aisa");
    wall(text);
    assert_refused("nearest: asia");
    /* The parent may stand in the group itself. */
    choose_group("a");
    wall(PANORAMA("",
                  DEVICE_GROUP("a", "<parent-dg>b</parent-dg>")
                      DEVICE_GROUP("b", PRE(ONE("b-pre", "service-http"))),
                  ""));
    assert_text(order(), "b-pre intrazone-default");
}

static void parents_that_are_missing_or_go_in_a_circle_are_refused(void **state)
{
    (void)state;
    wall(PANORAMA("", DEVICE_GROUP("a", ""), PARENT("a", "gone")));
    assert_refused("the parent \"gone\" of device group \"a\"");
    choose_group("a");
    wall(PANORAMA("", DEVICE_GROUP("a", "") DEVICE_GROUP("b", ""),
                  PARENT("a", "b") PARENT("b", "a")));
    assert_refused("leads back to it");
}

static void a_firewall_stands_between_what_a_panorama_pushes(void **state)
{
    (void)state;
    const char *firewall = "<config><devices><entry name=\"d\">" MANAGED "<vsys>" VSYS(
        "vsys1",
        ZONES "<rulebase>" SECURITY(ONE(
            "own", "service-http")) "</rulebase>") "</vsys></entry></devices></config>";
    const char *panorama =
        PANORAMA(PRE(ONE("first", "service-http")) POST(ONE("last", "service-http")),
                 DEVICE_GROUP("dg", PRE(ONE("pre", "service-http"))
                                        POST(ONE("post", "service-http"))),
                 "");
    walls(firewall, panorama);
    assert_read();
    assert_text(order(), "first pre own post last intrazone-default");
    walls(panorama, firewall);
    assert_text(order(), "first pre own post last intrazone-default");
    assert_true(policy->all_interfaces_named);
    walls(panorama, panorama);
    assert_refused("stands here twice");
    walls(firewall, firewall);
    assert_refused("stands here twice");
}

static void a_managed_firewall_alone_decides_nothing(void **state)
{
    (void)state;
    wall("<config><devices><entry name=\"d\">" MANAGED "<vsys>" VSYS(
        "vsys1",
        ZONES "<rulebase>" SECURITY(ALLOW(
            "own", ANY, ANY, ANY)) "</rulebase>") "</vsys></entry></devices></config>");
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_says("rules that it pushes are not in the export");
    /* The merged configuration shows what was pushed. */
    const char *merged = "<config><devices><entry name=\"d\">" MANAGED "<vsys>" VSYS(
        "vsys1",
        ZONES ADDRESSES(ADDRESS("own-net", "10.0.0.2")) "<rulebase>" SECURITY(ALLOW(
            "own", M("own-net") M("net"), ANY,
            ANY)) "</rulebase>") "</vsys></entry></"
                                 "devices><panorama><"
                                 "vsys>" VSYS(
                                     "vsys1",
                                     ADDRESSES(ADDRESS("net", "10.0.0.1")) PRE(
                                         DENY("pre", M("net"), ANY,
                                              M("servic"
                                                "e-"
                                                "htt"
                                                "p")))
                                         POST(ALLOW(
                                             "pos"
                                             "t",
                                             M("10"
                                               ".0"
                                               ".0"
                                               "."
                                               "9"),
                                             ANY, ANY))) "</vsys></panorama></config>";
    wall(merged);
    assert_text(order(), "pre own post intrazone-default");
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/80", 'D');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/81", 'A');
    assert_asks("10.0.0.9", "10.1.0.1", "tcp/81", 'A');
    walls(merged, PANORAMA("", DEVICE_GROUP("dg", ""), ""));
    assert_refused("stand here twice");
}

static void default_rules_are_taken_from_the_nearest_layer(void **state)
{
    (void)state;
#define INTRAZONE(action)                                                              \
    "<default-security-rules><rules><entry name=\"intrazone-default\"><action>" action \
    "</action></entry></rules></default-security-rules>"
    wall(PANORAMA("<post-rulebase>" INTRAZONE("deny") "</post-rulebase>",
                  DEVICE_GROUP("dg", ""), ""));
    assert_int_equal(ask("a", "a", "10.0.0.1", "10.0.0.2", "tcp/1"), 'D');
    assert_int_equal(rule_of("intrazone-default")->action, TW_ACTION_DENY);
    wall(PANORAMA(
        "<post-rulebase>" INTRAZONE("deny") "</post-rulebase>",
        DEVICE_GROUP("dg", "<post-rulebase>" INTRAZONE("allow") "</post-rulebase>"),
        ""));
    assert_int_equal(rule_of("intrazone-default")->action, TW_ACTION_ACCEPT);
    walls(PANORAMA("",
                   DEVICE_GROUP("dg",
                                "<post-rulebase>" INTRAZONE("deny") "</post-rulebase>"),
                   ""),
          FIREWALL("",
                   VSYS("vsys1", ZONES "<rulebase>" INTRAZONE("allow") "</rulebase>")));
    assert_int_equal(rule_of("intrazone-default")->action, TW_ACTION_ACCEPT);
}

/* --- scopes ------------------------------------------------------------------------
 */

static void the_nearest_object_is_meant(void **state)
{
    (void)state;
    choose_group("child");
    wall(PANORAMA(ADDRESSES(ADDRESS("a", "10.0.0.1") ADDRESS("b", "10.0.0.11"))
                      POST(DENY("rest", ANY, ANY, ANY)),
                  DEVICE_GROUP("child", ADDRESSES(ADDRESS("a", "10.0.0.3"))
                                            PRE(ALLOW("r", M("a") M("b"), ANY, ANY)))
                      DEVICE_GROUP("parent", ADDRESSES(ADDRESS("a", "10.0.0.2"))),
                  PARENT("child", "parent")));
    assert_asks("10.0.0.3", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.0.0.11", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'D');
}

static void a_name_that_layers_understand_differently_is_in_doubt(void **state)
{
    (void)state;
    const char *text =
        PANORAMA(ADDRESSES(ADDRESS("a", "10.0.0.1") ADDRESS("same", "10.0.0.7"))
                     PRE(ALLOW("s", M("a"), ANY, M("service-http"))
                             ALLOW("t", M("same"), ANY, M("service-https"))),
                 DEVICE_GROUP("dg", ADDRESSES(ADDRESS("a", "10.0.0.3")
                                                  ADDRESS("same", "10.0.0.7/32"))),
                 "");
    wall(text);
    assert_asks("10.0.0.3", "10.1.0.1", "tcp/80", '?');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/80", '?');
    assert_says("\"a\", which is defined differently elsewhere,");
    assert_asks("10.0.0.7", "10.1.0.1", "tcp/443", 'A');
    /* A Panorama may turn the order round: then every override is in doubt. */
    wall("<config><devices><entry name=\"d\"><deviceconfig><setting><management>"
         "<ancestor-objects-take-precedence>yes</ancestor-objects-take-precedence>"
         "</management></setting></deviceconfig><device-group>" DEVICE_GROUP(
             "dg", ADDRESSES(ADDRESS("a", "10.0.0.3"))
                       PRE(ALLOW("r", M("a"), ANY, ANY))) "</device-group></entry></"
                                                          "devices><shared>" ADDRESSES(
                                                              ADDRESS("a", "10.0.0."
                                                                           "1")) "</"
                                                                                 "sha"
                                                                                 "red"
                                                                                 "></"
                                                                                 "con"
                                                                                 "fig"
                                                                                 ">");
    assert_asks("10.0.0.3", "10.1.0.1", "tcp/80", '?');
}

static void zones_of_a_panorama_need_not_be_all(void **state)
{
    (void)state;
    wall("<config><devices><entry name=\"d\"><device-group>" DEVICE_GROUP(
        "dg",
        PRE(RULE("r", M("trust"), ANY, ANY, ANY, ANY, ANY, "allow",
                 ""))) "</device-group><template><entry name=\"t\"><config><devices>"
                       "<entry name=\"d\"><vsys>" VSYS(
                           "vsys1",
                           "<zone>" ZONE(
                               "lab",
                               "e1") "</zone>") "</vsys></entry></devices></config></"
                                                "entry></template></entry></devices>"
                                                "</config>");
    assert_read();
    assert_false(policy->all_interfaces_named);
    assert_true(tw_policy_knows_interface(policy, TW_STR("lab")));
    assert_true(rule_of("r")->understood);
    assert_int_equal(ask("trust", "lab", "10.0.0.1", "10.1.0.1", "tcp/1"), 'A');
    assert_int_equal(ask("lab", "lab", "10.0.0.1", "10.1.0.1", "tcp/1"), 'A');
    assert_int_equal(ask("lab", "trust", "10.0.0.1", "10.1.0.1", "tcp/1"), 'D');
    /* Two zones that it does not name may be one. */
    assert_int_equal(ask("x", "y", "10.0.0.1", "10.1.0.1", "tcp/1"), '?');
}

static void targets_limit_a_rule_to_devices(void **state)
{
    (void)state;
#define TARGET(devices, negate) \
    "<target><devices>" devices "</devices><negate>" negate "</negate></target>"
#define SERIAL(n) "<entry name=\"" n "\"/>"
#define TARGETED(group, target)                                                      \
    PANORAMA("",                                                                     \
             DEVICE_GROUP("dg", "<devices>" group "</devices>" PRE(                  \
                                    RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow", \
                                         target) DENY("rest", ANY, ANY, ANY))),      \
             "")
    static const struct {
        const char *text;
        char want;
    } cases[] = {
        {TARGETED("", TARGET(SERIAL("1"), "no")), '?'},
        {TARGETED("", TARGET(SERIAL("1"), "yes")), '?'},
        {TARGETED("", TARGET("", "no")), 'A'},
        {TARGETED(SERIAL("1"), TARGET(SERIAL("1"), "no")), 'A'},
        {TARGETED(SERIAL("1"), TARGET(SERIAL("1"), "yes")), 'D'},
        {TARGETED(SERIAL("1"), TARGET(SERIAL("2"), "no")), 'D'},
        {TARGETED(SERIAL("1"), TARGET(SERIAL("2"), "yes")), 'A'},
        {TARGETED(SERIAL("1") SERIAL("2"), TARGET(SERIAL("2"), "no")), '?'},
        {TARGETED(SERIAL("1") SERIAL("2"), TARGET(SERIAL("2") SERIAL("1"), "no")), 'A'},
        {TARGETED(SERIAL("1"), TARGET("<entry name=\"1\"><vsys><entry name=\"vsys2\"/>"
                                      "</vsys></entry>",
                                      "no")),
         '?'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall(cases[i].text);
        assert_read();
        char got = ask("a", "b", "10.0.0.1", "10.1.0.1", "tcp/1");
        if (got != cases[i].want)
            fail_msg("case %zu is %c", i, got);
        assert_true(rule_of("r")->understood);
    }
    wall(TARGETED("", TARGET(SERIAL("007"), "no")));
    assert_true(has_unknown("rule applies to device 007"));
}

/* --- translation
 * ---------------------------------------------------------------------- */

#define NAT_RULE(name, to, src, dst, service, tail)                                  \
    "<entry name=\"" name "\"><from>" ANY "</from><to>" to "</to><source>" src       \
    "</source><destination>" dst "</destination><service>" service "</service>" tail \
    "</entry>"
#define NAT(rules) "<nat><rules>" rules "</rules></nat>"
#define SNAT                                                                  \
    "<source-translation><dynamic-ip-and-port><interface-address><interface>" \
    "ethernet1/2</interface></interface-address></dynamic-ip-and-port></"     \
    "source-translation>"
#define DNAT                                                                     \
    "<destination-translation><translated-address>10.2.0.1</translated-address>" \
    "</destination-translation>"
#define OPEN SECURITY(ALLOW("all", ANY, M("10.0.0.0/8"), ANY))

static void source_translation_opens_what_is_behind_the_wall(void **state)
{
    (void)state;
    wall(WALL("",
              OPEN NAT(NAT_RULE("exempt", ANY, ANY, M("10.1.0.9"), "any", "") NAT_RULE(
                  "hide", M("untrust"), M("10.0.0.0/24"), ANY, "any", SNAT))));
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'T');
    assert_asks("10.0.0.1", "10.1.0.9", "tcp/1", 'A');
    assert_asks("10.0.1.1", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.0.0.1", "192.0.2.1", "tcp/1", 'D');
    assert_int_equal(ask("trust", "dmz", "10.0.0.1", "10.1.0.1", "tcp/1"), 'A');
    /* nat-type ipv4 is the default. */
    assert_int_equal(tw_policy_receipt(policy).rules, 1);
}

static void destination_translation_leaves_the_wall_open(void **state)
{
    (void)state;
    wall(WALL("", OPEN NAT(NAT_RULE("keep", M("trust"), M("10.0.0.7"), ANY, "any", "")
                               NAT_RULE("in", M("untrust"), ANY, M("10.1.0.1"),
                                        "service-http", DNAT))));
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/80", '?');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/81", 'A');
    assert_asks("10.0.0.1", "10.1.0.2", "tcp/80", 'A');
    /* Which zone the address as it comes leads to is not known: the exemption may hold
     * or not. */
    assert_asks("10.0.0.7", "10.1.0.1", "tcp/80", '?');
    /* … but it is the same question for both. */
    wall(WALL(
        "", OPEN NAT(NAT_RULE("keep", M("trust"), M("10.0.0.7"), ANY, "any", "")
                         NAT_RULE("in", M("trust"), ANY, M("10.1.0.1"), "any", DNAT))));
    assert_asks("10.0.0.7", "10.1.0.1", "tcp/80", 'A');
    assert_asks("10.0.0.8", "10.1.0.1", "tcp/80", '?');
    wall(WALL("", OPEN NAT(NAT_RULE("keep", ANY, M("10.0.0.7"), ANY, "any", "")
                               NAT_RULE("in", ANY, ANY, M("10.1.0.1"), "any", DNAT))));
    assert_asks("10.0.0.7", "10.1.0.1", "tcp/80", 'A');
    assert_asks("10.0.0.8", "10.1.0.1", "tcp/80", '?');
}

static void static_translation_both_ways_works_backward_too(void **state)
{
    (void)state;
#define BOTH_WAYS(yes)                                                          \
    "<source-translation><static-ip><translated-address>10.3.0.1"               \
    "</translated-address><bi-directional>" yes "</bi-directional></static-ip>" \
    "</source-translation>"
    wall(WALL("", OPEN NAT(NAT_RULE("one", M("untrust"), M("10.0.0.1"), ANY, "any",
                                    BOTH_WAYS("yes")))));
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'T');
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.0.0.2", "10.3.0.1", "tcp/1", '?');
    wall(WALL("", OPEN NAT(NAT_RULE("one", M("untrust"), M("10.0.0.1"), ANY, "any",
                                    BOTH_WAYS("no")))));
    assert_asks("10.0.0.2", "10.3.0.1", "tcp/1", 'A');
}

static void translation_that_is_disabled_or_in_doubt(void **state)
{
    (void)state;
    wall(WALL("", OPEN NAT(NAT_RULE("off", ANY, ANY, ANY, "any",
                                    SNAT "<disabled>yes</disabled>"))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    wall(WALL("", OPEN NAT(NAT_RULE("odd", ANY, ANY, M("gone"), "any", DNAT))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_says("address \"gone\", which nothing defines, (odd)");
    wall(WALL("", OPEN NAT(NAT_RULE("six", ANY, ANY, ANY, "any",
                                    "<nat-type>nat64</nat-type>" SNAT))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    assert_asks("::1", "64:ff9b::1", "tcp/1", '?');
}

static void forwarding_that_discards_and_protection_that_denies_may_drop(void **state)
{
    (void)state;
    wall(WALL(
        "",
        OPEN "<pbf><rules><entry name=\"hole\"><from><zone>" M(
            "trust") "</zone></from><source>" ANY
                     "</source><destination>" M(
                         "10.1.0.1") "</destination><application>" ANY
                                     "</application><service>" ANY
                                     "</service><action><discard/></action></entry></"
                                     "rules></pbf>"
                                     "<dos><rules><entry name=\"flood\"><source>" M(
                                         "10.0.0.9") "</source><destination>" ANY
                                                     "</destination><service>" ANY
                                                     "</service><action><deny/></"
                                                     "action></entry><entry "
                                                     "name=\"rate\">"
                                                     "<source>" ANY
                                                     "</source><destination>" ANY
                                                     "</destination><service>" ANY
                                                     "</service><action><protect/></"
                                                     "action></entry></rules></dos>"
                                                     "<decryption><rules><entry "
                                                     "name=\"d\"/></rules></"
                                                     "decryption>"));
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_int_equal(ask("dmz", "untrust", "10.0.0.1", "10.1.0.1", "tcp/1"), 'A');
    assert_asks("10.0.0.9", "10.1.0.2", "tcp/1", '?');
    assert_asks("10.0.0.8", "10.1.0.2", "tcp/1", 'A');
    assert_says("were skipped: 1");
}

/* --- zones of addresses -------------------------------------------------------------
 */

#define IFACE(name, address)                                                           \
    "<entry name=\"" name "\"><layer3><ip><entry name=\"" address "\"/></ip></layer3>" \
    "</entry>"
#define ROUTE(name, to, hop)                                                  \
    "<entry name=\"" name "\"><destination>" to "</destination><nexthop>" hop \
    "</nexthop></entry>"
#define VIA(ip) "<ip-address>" ip "</ip-address>"
#define ROUTED(more, routes)                                                          \
    "<config><devices><entry name=\"d\"><network><interface><ethernet>" IFACE(        \
        "ethernet1/1", "10.0.0.1/16") IFACE("ethernet1/2", "192.0.2.1/24")            \
        IFACE("ethernet1/3",                                                          \
              "10.60.0.1/16") "</ethernet></interface><virtual-router>"               \
                              "<entry name=\"default\"><interface>" M("ethernet1/1")  \
                                  M("ethernet1/2")                                    \
                                      M("ethernet1/3") "</interface>" more            \
                                                       "<routing-table><ip><static-"  \
                                                       "route>" routes                \
                                                       "</static-route></ip></"       \
                                                       "routing-table></entry></"     \
                                                       "virtual-router></"            \
                                                       "network><vsys>" VSYS(         \
                                                           "vsys1",                   \
                                                           ZONES) "</vsys></entry></" \
                                                                  "devices></config>"

static struct tw_str zone_of(const char *range)
{
    enum tw_family family;
    struct tw_range r;
    assert_true(tw_ip_range_parse(tw_str_of(range), &family, &r, NULL));
    const struct tw_ranges *addresses[TW_FAMILIES] = {NULL, NULL};
    addresses[family] = tw_ranges_one(&arena, r.lo, r.hi);
    return tw_policy_zone_of(policy, addresses);
}

static void the_longest_prefix_says_which_zone_an_address_is_behind(void **state)
{
    (void)state;
    wall(ROUTED("", ROUTE("all", "0.0.0.0/0", VIA("192.0.2.254"))
                        ROUTE("in", "10.0.0.0/8", VIA("10.0.0.254"))
                            ROUTE("deep", "10.60.9.0/24", VIA("10.0.0.254"))
                                ROUTE("hole", "172.16.0.0/12", "<discard/>")));
    assert_read();
    assert_int_equal(policy->reach.len, 3);
    assert_text(zone_of("10.0.3.4"), "trust");
    assert_text(zone_of("10.99.0.0/16"), "trust");
    assert_text(zone_of("10.60.5.10"), "dmz");
    assert_text(zone_of("10.60.9.1"), "trust");
    assert_text(zone_of("10.60.8.0-10.60.9.0"), "");
    assert_text(zone_of("192.0.2.7"), "untrust");
    assert_text(zone_of("8.8.8.8"), "untrust");
    assert_text(zone_of("255.255.255.255"), "untrust");
    assert_text(zone_of("172.16.1.1"), "");
    assert_text(zone_of("2001:db8::1"), "");
}

static void of_equal_routes_the_cheapest_holds(void **state)
{
    (void)state;
#define COST(name, hop, metric)                                                   \
    "<entry name=\"" name "\"><destination>8.0.0.0/8</destination><nexthop>" VIA( \
        hop) "</nexthop><metric>" metric "</metric></entry>"
    wall(ROUTED("", COST("a", "192.0.2.254", "20") COST("b", "10.60.0.9", "10")));
    assert_text(zone_of("8.8.8.8"), "dmz");
    wall(ROUTED("", COST("a", "192.0.2.254", "10") COST("b", "10.60.0.9", "10")));
    assert_int_equal(policy->reach.len, 0);
}

static void an_interface_that_is_switched_off_has_no_networks(void **state)
{
    (void)state;
    struct tw_buf buf;
    struct tw_str text = tw_str_of(ROUTED("", "")), layer3 = TW_STR("<layer3>");
    size_t at = tw_str_find_str(text, layer3);
    wall(ROUTED("", ""));
    assert_read();
    assert_true(policy->reach.len > 0);
    assert_true(at < text.len);
    tw_buf_init(&buf, &arena);
    tw_buf_str(&buf, tw_str_first(text, at));
    tw_buf_text(&buf, "<link-state>down</link-state>");
    tw_buf_str(&buf, tw_str_from(text, at));
    wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
    assert_read();
    assert_int_equal(policy->reach.len, 0);
}

static void routes_that_the_export_does_not_settle_say_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        ROUTED("<protocol><bgp><enable>yes</enable></bgp></protocol>", ""),
        ROUTED("", ROUTE("a", "8.0.0.0/8", "<next-vr>other</next-vr>")),
        ROUTED("", ROUTE("a", "8.0.0.0/8", VIA("8.1.1.1"))),
        ROUTED("", ROUTE("a", "8.0.0.0/8", "<fqdn>gw.example.com</fqdn>")),
        ROUTED("",
               "<entry name=\"a\"><destination>8.0.0.0/8</destination><nexthop>" VIA(
                   "192.0.2.2") "</nexthop><path-monitor><enable>yes</enable>"
                                "</path-monitor></entry>"),
        ROUTED("", ROUTE("a", "10.0.0.1-10.0.0.9", VIA("192.0.2.2"))),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        wall(texts[i]);
        assert_read();
        if (policy->reach.len)
            fail_msg("case %zu", i);
    }
    wall(ROUTED("<protocol><bgp><enable>no</enable></bgp></protocol>", ""));
    assert_int_equal(policy->reach.len, 3);
    /* Interfaces of another virtual system, or whose addresses are leased. */
#define SHARED_ROUTER(second, vsyses)                                                  \
    "<config><devices><entry name=\"d\"><network><interface><ethernet>" IFACE(         \
        "ethernet1/1",                                                                 \
        "10.0.0.1/16") "<entry name=\"ethernet1/2\"><layer3>" second                   \
                       "</layer3></entry></ethernet></interface><virtual-router>"      \
                       "<entry name=\"r\"><interface>" M("ethernet1/1")                \
                           M("ethernet1/2") M(                                         \
                               "ethernet1/8") "</interface></entry></"                 \
                                              "virtual-router></network><vsys>" vsyses \
                                              "</vsys></entry></devices></config>"
#define IMPORT(interface) \
    "<import><network><interface>" M(interface) "</interface></network></import>"
    choose_vsys("vsys1");
    const char *text =
        SHARED_ROUTER("", VSYS("vsys1", ZONES) VSYS("vsys2", IMPORT("ethernet1/8")));
    wall(text);
    assert_read();
    assert_int_equal(policy->reach.len, 0);
    text = SHARED_ROUTER("<dhcp-client/>", VSYS("vsys1", ZONES));
    wall(text);
    assert_read();
    assert_int_equal(policy->reach.len, 0);
    text = SHARED_ROUTER("", VSYS("vsys1", ZONES));
    wall(text);
    assert_int_equal(policy->reach.len, 1);
}

static void a_device_without_ipv6_filtering_says_nothing_about_it(void **state)
{
    (void)state;
#define FILTERS_IPV6(answer)                                              \
    "<config><devices><entry name=\"d\"><deviceconfig><setting><session>" \
    "<ipv6-firewalling>" answer "</ipv6-firewalling></session></setting>" \
    "</deviceconfig><vsys>" VSYS("vsys1", ZONES) "</vsys></entry></devices></config>"
    wall(FILTERS_IPV6("no"));
    assert_true(policy->has_family[TW_IPV4]);
    assert_false(policy->has_family[TW_IPV6]);
    wall(FILTERS_IPV6("yes"));
    assert_true(policy->has_family[TW_IPV6]);
}

/* --- hit counts
 * ------------------------------------------------------------------------ */

#define HIT(name, count, last)                                                   \
    "<entry name=\"" name "\"><latest>yes</latest><hit-count>" count             \
    "</hit-count><last-hit-timestamp>" last "</last-hit-timestamp>"              \
    "<last-reset-timestamp>0</last-reset-timestamp><first-hit-timestamp>7"       \
    "</first-hit-timestamp><rule-creation-timestamp>3</rule-creation-timestamp>" \
    "<rule-modification-timestamp>5</rule-modification-timestamp></entry>"
#define HITS(vsys, rules)                                                            \
    "<response status=\"success\"><result><rule-hit-count><vsys><entry name=\"" vsys \
    "\"><rule-base><entry name=\"nat\"><rules>" HIT(                                 \
        "a", "9", "9") "</rules></entry><entry name=\"security\"><rules>" rules      \
                       "</rules></entry></rule-base></entry></vsys></"               \
                       "rule-hit-count></result></response>"

static void with_hits(const char *text)
{
    reading.hits = tw_source_new(&arena, TW_STR("hits.xml"), tw_str_of(text));
}

static const char *two_rules(void)
{
    return RULES("", ALLOW("a", M("10.0.0.1"), ANY, ANY) ALLOW("b", ANY, ANY, ANY));
}

static void hit_counts_go_to_their_rules(void **state)
{
    (void)state;
    with_hits(HITS("vsys1", HIT("a", "12", "1700000000") HIT("b", "0", "0")
                                HIT("intrazone-default", "4", "8")
                                    HIT("interzone-default", "4", "8")));
    wall(two_rules());
    assert_read();
    assert_int_equal(diags.warnings, 0);
    const struct tw_hits *hits = rule_of("a")->hits;
    assert_non_null(hits);
    assert_int_equal(hits->count, 12);
    assert_int_equal(hits->first, 7);
    assert_int_equal(hits->last, 1700000000);
    assert_int_equal(hits->created, 3);
    assert_int_equal(hits->modified, 5);
    assert_true(rule_of("a")->has_counters);
    assert_int_equal(rule_of("a")->packets, 12);
    assert_int_equal(rule_of("b")->hits->count, 0);
    assert_int_equal(rule_of("intrazone-default")->hits->count, 4);
}

static void counts_of_a_panorama_are_those_of_all_devices(void **state)
{
    (void)state;
    with_hits(
        "<response status=\"success\"><result><rule-hit-count><device-group>"
        "<entry name=\"other\"><pre-rulebase><entry name=\"security\"><rules>" HIT(
            "r", "100",
            "1") "</rules></entry></pre-rulebase></entry>"
                 "<entry name=\"dg\"><pre-rulebase><entry name=\"security\"><rules>"
                 "<entry name=\"r\"><device-vsys>" HIT("dg/1/vsys1", "2", "20") HIT(
                     "dg/2/vsys1", "3", "10") "</device-vsys></entry></rules></entry>"
                                              "</pre-rulebase></entry></device-group></"
                                              "rule-hit-count></result>"
                                              "</response>");
    wall(PANORAMA("", DEVICE_GROUP("dg", PRE(ALLOW("r", ANY, ANY, ANY))), ""));
    assert_read();
    assert_int_equal(rule_of("r")->hits->count, 5);
    assert_int_equal(rule_of("r")->hits->last, 20);
}

static void counts_that_do_not_fit_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *hits, *words;
    } cases[] = {
        {HITS("vsys1", HIT("a", "1", "1") HIT("b", "1", "1") HIT("c", "1", "1")),
         "names the rule \"c\""},
        {HITS("vsys1", HIT("a", "1", "1") HIT("b", "1", "1") HIT("a", "2", "1")),
         "counted twice: a"},
        {HITS("vsys1", HIT("a", "1", "1")), "rules without one: 1, the first is b"},
        {HITS("vsys2", HIT("a", "1", "1")), "rules without one: 2, the first is a"},
        {HITS("vsys1", HIT("a", "many", "1") HIT("b", "1", "1")), "no count of a"},
        {HITS("vsys1", "<entry name=\"a\"/>" HIT("b", "1", "1")), "no count of a"},
        {HITS("vsys1",
              "<entry "
              "name=\"a\"><latest>no</latest><hit-count>1</hit-count></entry>" HIT(
                  "b", "1", "1")),
         "did not give its latest counts"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        with_hits(cases[i].hits);
        wall(two_rules());
        assert_read();
        assert_says(cases[i].words);
    }
    with_hits("<response status=\"success\"><result/></response>");
    wall(two_rules());
    assert_refused("no <rule-hit-count>");
    with_hits("<response><result><rule-hit-count>");
    wall(two_rules());
    assert_null(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_several_virtual_systems_must_be_chosen),
        cmocka_unit_test(objects_and_zones_of_another_virtual_system_are_not_seen),
        cmocka_unit_test(device_groups_are_chosen_and_parents_are_followed),
        cmocka_unit_test(parents_that_are_missing_or_go_in_a_circle_are_refused),
        cmocka_unit_test(a_firewall_stands_between_what_a_panorama_pushes),
        cmocka_unit_test(a_managed_firewall_alone_decides_nothing),
        cmocka_unit_test(default_rules_are_taken_from_the_nearest_layer),
        cmocka_unit_test(the_nearest_object_is_meant),
        cmocka_unit_test(a_name_that_layers_understand_differently_is_in_doubt),
        cmocka_unit_test(zones_of_a_panorama_need_not_be_all),
        cmocka_unit_test(targets_limit_a_rule_to_devices),
        cmocka_unit_test(source_translation_opens_what_is_behind_the_wall),
        cmocka_unit_test(destination_translation_leaves_the_wall_open),
        cmocka_unit_test(static_translation_both_ways_works_backward_too),
        cmocka_unit_test(translation_that_is_disabled_or_in_doubt),
        cmocka_unit_test(forwarding_that_discards_and_protection_that_denies_may_drop),
        cmocka_unit_test(the_longest_prefix_says_which_zone_an_address_is_behind),
        cmocka_unit_test(of_equal_routes_the_cheapest_holds),
        cmocka_unit_test(an_interface_that_is_switched_off_has_no_networks),
        cmocka_unit_test(routes_that_the_export_does_not_settle_say_nothing),
        cmocka_unit_test(a_device_without_ipv6_filtering_says_nothing_about_it),
        cmocka_unit_test(hit_counts_go_to_their_rules),
        cmocka_unit_test(counts_of_a_panorama_are_those_of_all_devices),
        cmocka_unit_test(counts_that_do_not_fit_are_told),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

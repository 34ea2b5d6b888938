/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of PAN-OS: what they match, what they leave undecided, and that no word of
 * theirs is taken for "any" or for nothing.
 */
#include <stdio.h>

#include "panos_ask.h"

/* --- the rulebase ----------------------------------------------------------------- */

static void no_rule_allows_within_a_zone_and_denies_between_zones(void **state)
{
    (void)state;
    wall(RULES("", ""));
    assert_read();
    assert_int_equal(ask("trust", "trust", "10.0.0.1", "10.0.0.2", "tcp/1"), 'A');
    assert_int_equal(ask("trust", "dmz", "10.0.0.1", "10.0.0.2", "tcp/1"), 'D');
    assert_int_equal(ask("trust", NULL, "10.0.0.1", "10.0.0.2", "tcp/1"), '?');
    assert_int_equal(ask(NULL, NULL, "::1", "::2", "udp/1"), '?');
    assert_true(policy->rules.at[0].is_default);
    assert_false(policy->state_in_rules);
}

static void default_rules_follow_what_is_stated_about_them(void **state)
{
    (void)state;
#define DEFAULTS(inside, across)                                               \
    "<default-security-rules><rules><entry name=\"intrazone-default\">" inside \
    "</entry><entry name=\"interzone-default\">" across "</entry></rules>"     \
    "</default-security-rules>"
    wall(WALL("", DEFAULTS("<action>drop</action>", "<action>allow</action>")));
    assert_int_equal(ask("trust", "trust", "10.0.0.1", "10.0.0.2", "tcp/1"), 'D');
    assert_int_equal(ask("trust", "dmz", "10.0.0.1", "10.0.0.2", "tcp/1"), 'A');
    assert_int_equal(tw_span_line(policy->chains.at[0].policy_at), 2);
    wall(WALL("", DEFAULTS("<log-end>yes</log-end>", "<log-end>yes</log-end>")));
    assert_int_equal(ask("trust", "trust", "10.0.0.1", "10.0.0.2", "tcp/1"), 'A');
    assert_int_equal(ask("trust", "dmz", "10.0.0.1", "10.0.0.2", "tcp/1"), 'D');
    assert_true(policy->rules.at[0].logged);
    wall(WALL("", DEFAULTS("<action>park</action>", "<frob>1</frob>")));
    assert_int_equal(ask("trust", "trust", "10.0.0.1", "10.0.0.2", "tcp/1"), '?');
    assert_int_equal(ask("trust", "dmz", "10.0.0.1", "10.0.0.2", "tcp/1"), '?');
    assert_says("<frob> 1 (interzone-default)");
}

static void the_first_rule_that_matches_decides(void **state)
{
    (void)state;
    wall(RULES("", DENY("no", M("10.0.0.1"), ANY, ANY)
                       ALLOW("yes", M("10.0.0.0/24"), ANY, ANY)));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.0.0.2", "10.1.0.1", "47", 'A');
    assert_asks("10.0.1.2", "10.1.0.1", "47", 'D');
}

static void drop_and_reset_deny(void **state)
{
    (void)state;
#define ACTION(action)                                            \
    RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, action, "") \
                  ALLOW("rest", ANY, ANY, ANY))
    static const struct {
        const char *text;
        bool rejects;
    } cases[] = {
        {ACTION("deny"), false},        {ACTION("drop"), false},
        {ACTION("reset-client"), true}, {ACTION("reset-server"), true},
        {ACTION("reset-both"), true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall(cases[i].text);
        assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
        assert_int_equal(rule_of("r")->reject, cases[i].rejects);
    }
    wall(ACTION("park"));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_says("<action> park of rule \"r\" (r)");
}

static void a_disabled_rule_is_kept_and_matches_nothing(void **state)
{
    (void)state;
    wall(RULES("", RULE("off", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                        "<disabled>yes</disabled>")
                       RULE("on", ANY, ANY, M("10.0.0.1"), ANY, ANY, ANY, "allow",
                            "<disabled>no</disabled><log-end>yes</log-end>")));
    assert_true(rule_of("off")->disabled);
    assert_int_equal(rule_of("off")->nmatches, 0);
    assert_int_equal(rule_of("on")->index, 2);
    assert_true(rule_of("on")->logged);
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    assert_int_equal(tw_policy_receipt(policy).rules, 2);
    assert_int_equal(tw_policy_receipt(policy).understood, 2);
}

/* --- zones --------------------------------------------------------------------------
 */

static void rule_types_bind_the_zones_of_both_ends(void **state)
{
    (void)state;
#define TYPE(type)                                                                    \
    RULES("", RULE("r", M("trust") M("dmz"), M("trust") M("dmz"), ANY, ANY, ANY, ANY, \
                   "allow", "<rule-type>" type "</rule-type>")                        \
                  DENY("rest", ANY, ANY, ANY))
    static const char *const zones[] = {"trust", "dmz", "untrust"};
    static const struct {
        const char *text, *want[3];
    } cases[] = {
        {TYPE("universal"), {"AAD", "AAD", "DDD"}},
        {TYPE("intrazone"), {"ADD", "DAD", "DDD"}},
        {TYPE("interzone"), {"DAD", "ADD", "DDD"}},
        {RULES("",
               RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                    "<rule-type>interzone</rule-type>") DENY("rest", ANY, ANY, ANY)),
         {"DAA", "ADA", "AAD"}},
        {RULES("",
               RULE("r", ANY, M("dmz"), ANY, ANY, ANY, ANY, "allow",
                    "<rule-type>interzone</rule-type>") DENY("rest", ANY, ANY, ANY)),
         {"DAD", "DDD", "DAD"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall(cases[i].text);
        assert_read();
        for (size_t f = 0; f < 3; f++)
            for (size_t t = 0; t < 3; t++) {
                char got = ask(zones[f], zones[t], "10.0.0.1", "10.0.0.2", "tcp/1");
                if (got != cases[i].want[f][t])
                    fail_msg("case %zu: %s to %s is %c", i, zones[f], zones[t], got);
            }
    }
}

static void an_intrazone_rule_needs_no_destination_zone(void **state)
{
    (void)state;
    wall(RULES("", "<entry name=\"r\"><from>" M(
                       "trust") "</from><source>" ANY "</source><destination>" ANY
                                "</destination><application>" ANY
                                "</application><service>" ANY
                                "</service><action>deny</action>"
                                "<rule-type>intrazone</rule-type></entry>"));
    assert_int_equal(diags.warnings, 0);
    assert_int_equal(ask("trust", "trust", "10.0.0.1", "10.0.0.2", "tcp/1"), 'D');
    assert_int_equal(ask("dmz", "dmz", "10.0.0.1", "10.0.0.2", "tcp/1"), 'A');
    wall(RULES("", RULE("r", M("trust"), M("dmz"), ANY, ANY, ANY, ANY, "deny",
                        "<rule-type>intrazone</rule-type>")));
    assert_int_equal(ask("trust", "trust", "10.0.0.1", "10.0.0.2", "tcp/1"), '?');
}

static void interzone_rules_hold_for_every_pair_of_many_zones(void **state)
{
    enum { N = 37 };
    (void)state;
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_buf_text(&buf, "<config><devices><entry name=\"d\"><vsys><entry name=\"v\">"
                      "<zone>");
    for (int i = 0; i < N; i++)
        tw_buf_fmt(&buf, "<entry name=\"z%d\"/>", i);
    tw_buf_text(&buf, "</zone><rulebase>" SECURITY(
                          RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                               "<rule-type>interzone</rule-type>")
                              DENY("rest", ANY, ANY, ANY)) "</rulebase></entry></vsys>"
                                                           "</entry></devices>"
                                                           "</config>");
    wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
    assert_read();
    assert_true(rule_of("r")->nmatches <= 2 * 6);
    for (int f = 0; f < N; f++)
        for (int t = 0; t < N; t++) {
            char from[8], to[8];
            snprintf(from, sizeof from, "z%d", f);
            snprintf(to, sizeof to, "z%d", t);
            assert_int_equal(ask(from, to, "10.0.0.1", "10.0.0.2", "tcp/1"),
                             f == t ? 'D' : 'A');
        }
}

static void a_zone_that_the_firewall_has_not_is_not_understood(void **state)
{
    (void)state;
    wall(RULES("", RULE("r", M("trsut"), ANY, ANY, ANY, ANY, ANY, "allow", "")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_false(rule_of("r")->understood);
    assert_says("zone \"trsut\", which nothing defines, (r)");
    wall(RULES("",
               RULE("r", M("trsut") M("trust"), ANY, ANY, ANY, ANY, ANY, "allow", "")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
}

static void interfaces_are_other_names_of_their_zones(void **state)
{
    (void)state;
    wall(RULES("", RULE("r", M("trust"), M("dmz"), ANY, ANY, ANY, ANY, "allow", "")));
    assert_true(policy->all_interfaces_named);
    assert_true(tw_policy_knows_interface(policy, TW_STR("ethernet1/1")));
    assert_false(tw_policy_knows_interface(policy, TW_STR("ethernet1/9")));
    assert_int_equal(ask("ethernet1/1", "ethernet1/3", "10.0.0.1", "10.1.0.1", "tcp/1"),
                     'A');
    assert_int_equal(ask("ethernet1/2", "ethernet1/3", "10.0.0.1", "10.1.0.1", "tcp/1"),
                     'D');
}

/* --- addresses
 * ------------------------------------------------------------------------ */

static void addresses_of_every_kind_match_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *value, *in, *out;
    } cases[] = {
        {"<ip-netmask>10.1.0.1</ip-netmask>", "10.1.0.1", "10.1.0.2"},
        {"<ip-netmask>10.1.0.77/24</ip-netmask>", "10.1.0.1", "10.1.1.0"},
        {"<ip-netmask>2001:db8::/64</ip-netmask>", "2001:db8::9", "2001:db8:1::"},
        {"<ip-range>10.1.0.1-10.1.0.9</ip-range>", "10.1.0.9", "10.1.0.10"},
        {"<ip-range>::1-::9</ip-range>", "::9", "::a"},
        {"<ip-wildcard>10.0.1.0/0.255.0.255</ip-wildcard>", "10.77.1.3", "10.77.2.3"},
        {"<ip-wildcard>10.20.1.5/0.0.248.0</ip-wildcard>", "10.20.9.5", "10.20.10.5"},
        {"<ip-wildcard>10.0.0.0/0.0.0.255</ip-wildcard>", "10.0.0.200", "10.0.1.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tw_buf buf;
        tw_buf_init(&buf, &arena);
        tw_buf_text(&buf, "<config><devices><entry name=\"d\"><vsys><entry name=\"v\">"
                          "<address><entry name=\"a\">");
        tw_buf_text(&buf, cases[i].value);
        tw_buf_text(&buf,
                    "<description>d</description></entry></address>" ZONES
                    "<rulebase>" SECURITY(ALLOW(
                        "r", ANY, M("a"),
                        ANY)) "</rulebase></entry></vsys></entry></devices></config>");
        wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
        assert_read();
        bool six = strchr(cases[i].in, ':') != NULL;
        assert_asks(six ? "::1" : "10.9.9.9", cases[i].in, "tcp/1", 'A');
        assert_asks(six ? "::1" : "10.9.9.9", cases[i].out, "tcp/1", 'D');
        assert_int_equal(policy->objects.len, 1);
    }
}

static void a_wildcard_of_too_many_pieces_is_undecided(void **state)
{
    (void)state;
    wall(RULES(ADDRESSES("<entry name=\"w\"><ip-wildcard>10.0.0.1/0.255.255.254"
                         "</ip-wildcard></entry>"
                         "<entry name=\"x\"><ip-wildcard>0.0.0.1/1.254.85.170"
                         "</ip-wildcard></entry>"),
               ALLOW("r", M("w"), ANY, ANY)));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_true(rule_of("r")->understood);
    assert_true(has_unknown("wildcard 10.0.0.1/0.255.255.254 matches src"));
}

static void an_object_wins_over_the_address_that_it_is_named_after(void **state)
{
    (void)state;
    wall(RULES(
        ADDRESSES(ADDRESS("10.1.0.1", "10.1.0.99")),
        ALLOW("r", ANY, M("10.1.0.1") M("10.1.0.5/31") M("10.1.0.20-10.1.0.22"), ANY)));
    assert_asks("10.9.9.9", "10.1.0.99", "tcp/1", 'A');
    assert_asks("10.9.9.9", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.9.9.9", "10.1.0.4", "tcp/1", 'A');
    assert_asks("10.9.9.9", "10.1.0.21", "tcp/1", 'A');
    assert_asks("10.9.9.9", "10.1.0.23", "tcp/1", 'D');
}

static void negation_is_of_the_union(void **state)
{
    (void)state;
    wall(RULES(ADDRESSES(ADDRESS("a", "10.1.0.1") ADDRESS("b", "10.1.0.2"))
                   GROUPS(GROUP("g", M("a") M("b"))),
               RULE("r", ANY, ANY, ANY, M("g") M("10.1.0.3"), ANY, ANY, "allow",
                    "<negate-destination>yes</negate-destination>")));
    assert_asks("10.9.9.9", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.9.9.9", "10.1.0.2", "tcp/1", 'D');
    assert_asks("10.9.9.9", "10.1.0.3", "tcp/1", 'D');
    assert_asks("10.9.9.9", "10.1.0.4", "tcp/1", 'A');
    assert_asks("::1", "::2", "tcp/1", 'A');
}

static void the_negation_of_what_is_unknown_is_unknown(void **state)
{
    (void)state;
    wall(
        RULES(ADDRESSES("<entry name=\"f\"><fqdn>db.example.com</fqdn></entry>" ADDRESS(
                  "a", "10.0.0.1")),
              RULE("r", ANY, ANY, M("f") M("a"), ANY, ANY, ANY, "allow",
                   "<negate-source>yes</negate-source>")
                  RULE("s", ANY, ANY, M("f"), ANY, ANY, ANY, "allow", "")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    /* It is in the name's addresses or not: one of the rules matches. */
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'A');
    assert_true(has_unknown("fqdn db.example.com matches src"));
}

static void groups_nest_and_a_circle_is_not_understood(void **state)
{
    (void)state;
    wall(RULES(ADDRESSES(ADDRESS("a", "10.1.0.1")) GROUPS(
                   GROUP("outer", M("inner") M("10.1.0.7")) GROUP("inner", M("a"))),
               ALLOW("r", ANY, M("outer"), ANY)));
    assert_asks("10.9.9.9", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.9.9.9", "10.1.0.7", "tcp/1", 'A');
    assert_asks("10.9.9.9", "10.1.0.8", "tcp/1", 'D');
    wall(RULES(ADDRESSES(ADDRESS("a", "10.1.0.1"))
                   GROUPS(GROUP("x", M("a") M("y")) GROUP("y", M("x"))),
               ALLOW("r", ANY, M("x"), ANY)));
    assert_asks("10.9.9.9", "10.1.0.1", "tcp/1", 'A');
    assert_asks("10.9.9.9", "10.1.0.2", "tcp/1", '?');
    assert_false(rule_of("r")->understood);
    assert_says("which holds itself");
}

static void an_undefined_member_is_neither_any_nor_nothing(void **state)
{
    (void)state;
    wall(RULES("",
               DENY("d", M("10.0.0.1") M("gone"), ANY, ANY) ALLOW("a", ANY, ANY, ANY)));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", '?');
    assert_false(rule_of("d")->understood);
    assert_int_equal(policy->not_understood.len, 1);
    assert_text(tw_span_text(policy->not_understood.at[0]), "gone");
    assert_says("address \"gone\", which nothing defines, (d)");
    wall(RULES(GROUPS(GROUP("g", M("10.0.0.1") M("gone"))),
               DENY("d", M("g"), ANY, ANY) ALLOW("a", ANY, ANY, ANY)));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", '?');
    /* A template's variable is no address. */
    wall(RULES("", ALLOW("a", M("$dc-net"), ANY, ANY)));
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", '?');
    wall(RULES("", ALLOW("a", M("{{ NET }}"), M("300.1.1.1"), ANY)));
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", '?');
    assert_int_equal(diags.warnings, 2);
}

static void dynamic_groups_are_read_by_their_filter(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *want; /* of the hosts with prod+db, prod+kms, db, none */
    } cases[] = {
        {"'prod' and ('db' or 'kms')", "AA??"},
        {"'prod' and 'db'", "A???"},
        {"prod or kms", "AA??"},
        {"\"db\"", "A?A?"},
        {"'db' or 'prod'", "AAA?"},
        {"not 'prod'", "????"},
        {"('db' and not 'prod') or 'kms'", "?A??"},
        /* by either reading */
        {"'db' or 'none' and 'kms'", "????"},
        {"'db' or 'prod' and 'db'", "A?A?"},
    };
#define TAGGED(name, netmask, tags)                                           \
    "<entry name=\"" name "\"><ip-netmask>" netmask "</ip-netmask><tag>" tags \
    "</tag></entry>"
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tw_buf buf;
        tw_buf_init(&buf, &arena);
        tw_buf_text(&buf,
                    "<config><devices><entry name=\"d\"><vsys><entry name=\"v\">" ZONES
                        ADDRESSES(TAGGED("h0", "10.1.0.0", M("prod") M("db"))
                                      TAGGED("h1", "10.1.0.1", M("prod") M("kms"))
                                          TAGGED("h2", "10.1.0.2", M("db"))
                                              ADDRESS("h3", "10.1.0.3")));
        tw_buf_text(&buf, "<address-group><entry name=\"g\"><dynamic><filter>");
        tw_buf_text(&buf, cases[i].filter);
        tw_buf_text(
            &buf,
            "</filter></dynamic></entry></address-group><rulebase>" SECURITY(
                ALLOW("r", ANY, M("g"),
                      ANY)) "</rulebase></entry></vsys></entry></devices></config>");
        wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
        assert_read();
        assert_true(rule_of("r")->understood);
        assert_true(has_unknown("dynamic group \"g\" matches dst"));
        for (int h = '0'; h < '4'; h++) {
            const char dst[] = {'1', '0', '.', '1', '.', '0', '.', (char)h, '\0'};
            char got = asks("10.9.9.9", dst, "tcp/1");
            if (got != cases[i].want[h - '0'])
                fail_msg("%s: host %c is %c", cases[i].filter, h, got);
        }
    }
    wall(RULES(GROUPS("<entry name=\"g\"><dynamic><filter>'a' and (</filter></dynamic>"
                      "</entry>"),
               ALLOW("r", ANY, M("g"), ANY)));
    assert_asks("10.9.9.9", "10.1.0.1", "tcp/1", '?');
    assert_false(rule_of("r")->understood);
    assert_says("whose filter cannot be read");
}

static void lists_and_regions_of_the_device_are_undecided(void **state)
{
    (void)state;
    wall(RULES("<external-list><entry name=\"bad\"><type><ip><url>u</url></ip></type>"
               "</entry></external-list><region><entry name=\"office\"><address>" M(
                   "10.0.0.0/24") "</address></entry></region>",
               DENY("e", M("bad"), ANY, M("service-http"))
                   DENY("c", M("CN"), ANY, M("service-https"))
                       ALLOW("o", M("office"), ANY, ANY)));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/80", '?');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/443", '?');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    assert_int_equal(diags.warnings, 0);
    assert_true(has_unknown("external list \"bad\" matches src"));
    assert_true(has_unknown("country CN matches src"));
}

static void many_unknown_members_are_one_question(void **state)
{
    enum { N = 40 };
    (void)state;
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_buf_text(&buf,
                "<config><devices><entry name=\"d\"><vsys><entry name=\"v\">" ZONES
                "<address>");
    for (int i = 0; i < N; i++)
        tw_buf_fmt(&buf, "<entry name=\"f%d\"><fqdn>h%d.example.com</fqdn></entry>", i,
                   i);
    tw_buf_text(&buf, "</address><address-group><entry name=\"g\"><static>");
    for (int i = 0; i < N; i++)
        tw_buf_fmt(&buf, "<member>f%d</member>", i);
    tw_buf_text(
        &buf, "</static></entry></address-group><rulebase>" SECURITY(
                  ALLOW("r", M("g") M("10.0.0.1"), M("g"),
                        ANY)) "</rulebase></entry></vsys></entry></devices></config>");
    wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
    assert_read();
    assert_int_equal(rule_of("r")->nmatches, 2);
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", '?');
}

/* --- services
 * --------------------------------------------------------------------------- */

static void services_match_their_ports(void **state)
{
    (void)state;
    wall(RULES(
        SERVICES(
            SERVICE("many", "tcp", "0,22, 8000-8003") SERVICE("u", "udp", "53")
                SERVICE("s", "sctp",
                        "36412")) "<service-group><entry name=\"g\"><members>" M("u")
            M("h") "</members></entry><entry name=\"h\"><members>" M(
                "s") "</members></entry></service-group>",
        ALLOW("r", ANY, ANY, M("many") M("g"))));
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/8003", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/0", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/8004", 'D');
    assert_asks("10.0.0.1", "10.1.0.1", "udp/53", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "udp/22", 'D');
    assert_asks("10.0.0.1", "10.1.0.1", "sctp/36412", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "icmp/8", 'D');
}

static void source_ports_bind_the_service_that_states_them(void **state)
{
    (void)state;
    wall(RULES("<service><entry name=\"low\"><protocol><tcp><port>514</port>"
               "<source-port>1-1023</source-port></tcp></protocol></entry></service>",
               ALLOW("r", ANY, ANY, M("low") M("service-https"))));
    struct tw_packet p = packet_of("10.0.0.1", "10.1.0.1", "tcp/514");
    assert_int_equal(ask_packet(&p, "trust", "untrust"), 'D');
    p.sport = 1023;
    assert_int_equal(ask_packet(&p, "trust", "untrust"), 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/443", 'A');
}

static void built_in_services_yield_to_objects_of_their_name(void **state)
{
    (void)state;
    wall(RULES("", ALLOW("r", ANY, ANY, M("service-http"))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/80", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/8080", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/443", 'D');
    wall(RULES(SERVICES(SERVICE("service-http", "tcp", "81")),
               ALLOW("r", ANY, ANY, M("service-http"))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/80", 'D');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/81", 'A');
}

static void an_undefined_service_is_not_understood(void **state)
{
    (void)state;
    wall(RULES("", ALLOW("r", ANY, ANY, M("service-https") M("gone"))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/443", 'A');
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/444", '?');
    assert_says("service \"gone\", which nothing defines, (r)");
    wall(RULES("<service-group><entry name=\"x\"><members>" M(
                   "y") "</members></entry>"
                        "<entry name=\"y\"><members>" M("x") "</members></entry>"
                                                             "</service-group>",
               ALLOW("r", ANY, ANY, M("x"))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/443", '?');
    assert_false(rule_of("r")->understood);
}

/* --- words that decide nothing here
 * ------------------------------------------------------- */

static void an_element_that_is_not_known_makes_the_rule_unsure(void **state)
{
    (void)state;
    wall(RULES("",
               RULE("r", ANY, ANY, M("10.0.0.1"), ANY, ANY, ANY, "deny",
                    "<quantum-safe>strict</quantum-safe>") ALLOW("a", ANY, ANY, ANY)));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'A');
    assert_says("<quantum-safe> strict of rule \"r\" (r)");
    assert_int_equal(tw_policy_receipt(policy).understood, 1);
    /* Inside an object, too. */
    wall(RULES(ADDRESSES("<entry name=\"a\"><ip-netmask>10.0.0.1</ip-netmask><scope>x"
                         "</scope></entry>")
                   SERVICES("<entry name=\"s\"><protocol><tcp><port>1</port><flags>x"
                            "</flags></tcp></protocol></entry>"),
               ALLOW("r", M("a"), ANY, ANY) ALLOW("t", ANY, ANY, M("s"))));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_int_equal(tw_policy_receipt(policy).understood, 0);
}

static void an_element_that_stands_twice_is_not_understood(void **state)
{
    (void)state;
    wall(RULES("", RULE("r", ANY, ANY, M("10.0.0.1"), ANY, ANY, ANY, "allow",
                        "<source>" M("10.0.0.2") "</source>")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_asks("10.0.0.2", "10.1.0.1", "tcp/1", 'D');
}

static void a_missing_or_empty_list_is_not_any(void **state)
{
    (void)state;
    wall(RULES("", "<entry name=\"r\"><from>" ANY "</from><to>" ANY "</to>"
                   "<destination>" M("10.1.0.1") "</destination><application>" ANY
                                                 "</application><service>" ANY
                                                 "</service><action>allow</action>"
                                                 "</entry>"));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_asks("10.0.0.1", "10.1.0.2", "tcp/1", 'D');
    assert_says("the missing <source>");
    wall(RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, "", "allow", "")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_says("the missing <service>");
}

static void what_has_no_part_in_the_decision_is_passed_over(void **state)
{
    (void)state;
    wall(RULES("",
               RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                    "<description>why</description><tag>" M(
                        "t") "</tag><group-tag>t</group-tag><log-start>yes</log-start>"
                             "<log-setting>s</log-setting><profile-setting><group>" M(
                                 "g") "</group></profile-setting><option>"
                                      "<disable-server-response-inspection>yes"
                                      "</disable-server-response-inspection></option>"
                                      "<icmp-unreachable>no</"
                                      "icmp-unreachable><qos><marking/></qos>"
                                      "<source-user>" ANY "</source-user><category>" ANY
                                      "</category><source-hip>" ANY
                                      "</source-hip><destination-hip>" ANY
                                      "</destination-hip><hip-profiles>" ANY
                                      "</hip-profiles>"
                                      "<target><negate>no</negate></target>")));
    assert_int_equal(diags.warnings, 0);
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    assert_text(rule_of("r")->comment, "why");
    assert_true(rule_of("r")->logged);
}

static void users_are_settled_by_the_flow(void **state)
{
    (void)state;
    static const struct tw_str users[] = {TW_NAME("corp\\amy"), TW_NAME("corp\\dba")};
    static const struct tw_str others[] = {TW_NAME("corp\\bob")};
#define USERS(list)                                            \
    RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow", \
                   "<source-user>" list "</source-user>"))
    wall(USERS(M("corp\\dba") M("corp\\ops")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    crossing.users = users;
    crossing.nusers = 2;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    crossing.users = others;
    crossing.nusers = 1;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    wall(USERS(M("known-user")));
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    crossing.users = others;
    crossing.nusers = 1;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    wall(USERS(M("unknown")));
    crossing.users = others;
    crossing.nusers = 1;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
}

static void posture_and_categories_are_undecided(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } cases[] = {
        {RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                        "<category>" M("news") M("games") "</category>")),
         "URL category news, games"},
        {RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                        "<source-hip>" M("patched") "</source-hip>")),
         "HIP profile of the source patched"},
        {RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                        "<hip-profiles>" M("patched") "</hip-profiles>")),
         "HIP profile of the source patched"},
        {RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                        "<destination-device>" M("camera") "</destination-device>")),
         "device of the destination camera"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall(cases[i].text);
        assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
        assert_true(has_unknown(cases[i].name));
        assert_true(rule_of("r")->understood);
    }
}

static void schedules_are_settled_by_the_time(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *on, *off;
    } cases[] = {
        {"<recurring><daily>" M("08:00-12:00") M("13:00-18:00") "</daily></recurring>",
         "2026-11-22 11:59", "2026-11-22 12:00"},
        {"<recurring><daily>" M("20:00-24:00") "</daily></recurring>",
         "2026-11-22 23:59:59", "2026-11-22 00:00"},
        {"<recurring><weekly><sunday>" M("00:00-24:00") "</sunday><monday>" M(
             "08:00-09:00") "</monday></weekly></recurring>",
         "2026-11-22 23:00", "2026-11-23 10:00"},
        {"<non-recurring>" M("2026/10/01@08:00-2026/10/03@24:00") "</non-recurring>",
         "2026-10-03 23:59", "2026-10-04 00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tw_buf buf;
        struct tw_time at;
        tw_buf_init(&buf, &arena);
        tw_buf_text(&buf,
                    "<config><devices><entry name=\"d\"><vsys><entry name=\"v\">" ZONES
                    "<schedule><entry name=\"s\"><schedule-type>");
        tw_buf_text(&buf, cases[i].schedule);
        tw_buf_text(&buf, "</schedule-type></entry></schedule><rulebase>" SECURITY(RULE(
                              "r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                              "<schedule>s</schedule>")) "</rulebase></entry></vsys></"
                                                         "entry></devices></config>");
        wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
        assert_read();
        assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
        crossing.at = &at;
        assert_true(tw_time_parse(tw_str_of(cases[i].on), &at));
        assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
        assert_true(tw_time_parse(tw_str_of(cases[i].off), &at));
        assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'D');
    }
}

static void a_schedule_that_is_unclear_stays_undecided(void **state)
{
    (void)state;
    struct tw_time at;
    assert_true(tw_time_parse(TW_STR("2026-11-22 12:00"), &at));
    wall(SCHEDULED("<recurring><daily>" M("22:00-06:00") "</daily></recurring>"));
    crossing.at = &at;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    wall(SCHEDULED("<yearly/>"));
    crossing.at = &at;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_false(rule_of("r")->understood);
    wall(RULES("", RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow",
                        "<schedule>gone</schedule>")));
    crossing.at = &at;
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_says("schedule \"gone\", which nothing defines, (r)");
}

static void a_rule_with_too_many_combinations_is_not_understood(void **state)
{
    enum { N = 5000 };
    (void)state;
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_buf_text(&buf,
                "<config><devices><entry name=\"d\"><vsys><entry name=\"v\">" ZONES
                "<rulebase><security><rules><entry name=\"r\"><from>" ANY
                "</from><to>" ANY "</to><source>" ANY "</source><destination>" ANY
                "</destination><application>" ANY "</application><service>" ANY
                "</service><action>allow</action><source-user>");
    for (int i = 0; i < N; i++)
        tw_buf_fmt(&buf, "<member>u%d</member>", i);
    tw_buf_text(&buf, "</source-user></entry></rules></security></rulebase></entry>"
                      "</vsys></entry></devices></config>");
    wall(tw_str_cstr(&arena, tw_buf_view(&buf)));
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", '?');
    assert_int_equal(rule_of("r")->nmatches, 1);
    assert_says("combinations");
}

/* --- refused
 * --------------------------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rule_allows_within_a_zone_and_denies_between_zones),
        cmocka_unit_test(default_rules_follow_what_is_stated_about_them),
        cmocka_unit_test(the_first_rule_that_matches_decides),
        cmocka_unit_test(drop_and_reset_deny),
        cmocka_unit_test(a_disabled_rule_is_kept_and_matches_nothing),
        cmocka_unit_test(rule_types_bind_the_zones_of_both_ends),
        cmocka_unit_test(an_intrazone_rule_needs_no_destination_zone),
        cmocka_unit_test(interzone_rules_hold_for_every_pair_of_many_zones),
        cmocka_unit_test(a_zone_that_the_firewall_has_not_is_not_understood),
        cmocka_unit_test(interfaces_are_other_names_of_their_zones),
        cmocka_unit_test(addresses_of_every_kind_match_what_they_say),
        cmocka_unit_test(a_wildcard_of_too_many_pieces_is_undecided),
        cmocka_unit_test(an_object_wins_over_the_address_that_it_is_named_after),
        cmocka_unit_test(negation_is_of_the_union),
        cmocka_unit_test(the_negation_of_what_is_unknown_is_unknown),
        cmocka_unit_test(groups_nest_and_a_circle_is_not_understood),
        cmocka_unit_test(an_undefined_member_is_neither_any_nor_nothing),
        cmocka_unit_test(dynamic_groups_are_read_by_their_filter),
        cmocka_unit_test(lists_and_regions_of_the_device_are_undecided),
        cmocka_unit_test(many_unknown_members_are_one_question),
        cmocka_unit_test(services_match_their_ports),
        cmocka_unit_test(source_ports_bind_the_service_that_states_them),
        cmocka_unit_test(built_in_services_yield_to_objects_of_their_name),
        cmocka_unit_test(an_undefined_service_is_not_understood),
        cmocka_unit_test(an_element_that_is_not_known_makes_the_rule_unsure),
        cmocka_unit_test(an_element_that_stands_twice_is_not_understood),
        cmocka_unit_test(a_missing_or_empty_list_is_not_any),
        cmocka_unit_test(what_has_no_part_in_the_decision_is_passed_over),
        cmocka_unit_test(users_are_settled_by_the_flow),
        cmocka_unit_test(posture_and_categories_are_undecided),
        cmocka_unit_test(schedules_are_settled_by_the_time),
        cmocka_unit_test(a_schedule_that_is_unclear_stays_undecided),
        cmocka_unit_test(a_rule_with_too_many_combinations_is_not_understood),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

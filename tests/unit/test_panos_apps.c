/* SPDX-License-Identifier: Apache-2.0 */
/* Applications of PAN-OS: lists, groups, filters, default ports, overrides. */
#include "panos_ask.h"

/* A rule about applications alone. */
#define APPS(name, list, service, action) \
    RULE(name, ANY, ANY, ANY, ANY, list, service, action, "")
#define DEFAULT M("application-default")

/* ask() with the application of the flow settled; empty: not said. */
static char with_app(const char *app, const char *port)
{
    crossing.app = tw_str_of(app);
    char got = asks("10.0.0.1", "10.1.0.1", port);
    crossing.app = TW_NO_STR;
    return got;
}

#define assert_app(app, port, want)                                              \
    do {                                                                         \
        char got_ = with_app((app), (port));                                     \
        if (got_ != (want))                                                      \
            fail_msg("\"%s\" on %s is %c, not %c", (app), (port), got_, (want)); \
    } while (0)

static void with_ports(const char *table)
{
    reading.app_ports = tw_source_new(&arena, TW_STR("ports.csv"), tw_str_of(table));
}

static void
a_permit_for_an_application_is_undecided_until_the_flow_names_it(void **state)
{
    (void)state;
    wall(RULES("", APPS("torrent", M("bittorrent"), ANY, "deny")
                       APPS("tls", M("ssl"), M("service-https"), "allow")));
    assert_app("", "tcp/443", '?');
    assert_app("ssl", "tcp/443", 'A');
    assert_app("ssl", "tcp/444", 'D');
    assert_int_not_equal(policy->app, UINT32_MAX);
    assert_int_equal(policy->unknowns.at[policy->app].kind, TW_UNKNOWN_APP);
    assert_int_equal(tw_policy_receipt(policy).understood, 2);
}

static void a_deny_for_an_application_neither_stops_all_nor_nothing(void **state)
{
    (void)state;
    wall(RULES("", APPS("no", M("bittorrent"), ANY, "deny")
                       APPS("yes", ANY, ANY, "allow")));
    assert_app("", "tcp/443", '?');
    assert_app("bittorrent", "tcp/443", 'D');
    assert_app("ssl", "tcp/443", 'A');
}

static void a_name_that_may_be_a_container_leaves_other_names_open(void **state)
{
    (void)state;
    const char *text = RULES("", APPS("no", M("facebook"), ANY, "deny")
                                     APPS("yes", ANY, ANY, "allow"));
    wall(text);
    assert_app("facebook", "tcp/443", 'D');
    assert_app("facebook-base", "tcp/443", '?');
    assert_app("ssl", "tcp/443", 'A');
    /* What has ports of its own is no container. */
    with_ports("application,ports,as_of\nfacebook,tcp/443,2026-01-01\n");
    wall(text);
    assert_app("facebook-base", "tcp/443", 'A');
    /* Nor is an application that the export defines. */
    wall(RULES("<application><entry name=\"facebook\"/></application>",
               APPS("no", M("facebook"), ANY, "deny") APPS("yes", ANY, ANY, "allow")));
    assert_app("facebook-base", "tcp/443", 'A');
    wall(RULES("<application><entry name=\"ours\"/></application>",
               APPS("no", M("facebook"), ANY, "deny") APPS("yes", ANY, ANY, "allow")));
    assert_app("ours", "tcp/443", 'A');
    assert_app("others", "tcp/443", '?');
}

static void a_container_on_its_default_ports_leaves_other_ports_open(void **state)
{
    (void)state;
    wall(RULES("", APPS("yes", M("facebook"), DEFAULT, "allow")
                       APPS("no", M("facebook"), ANY, "deny")
                           APPS("rest", ANY, ANY, "allow")));
    assert_app("facebook-base", "tcp/444", '?');
    /* Where the application is not said, no container adds a question. */
    wall(RULES("",
               APPS("yes", M("facebook"), ANY, "deny") APPS("rest", ANY, ANY, "deny")));
    assert_app("", "tcp/444", 'D');
}

static void groups_of_applications_nest(void **state)
{
    (void)state;
    wall(RULES("<application-group><entry name=\"web\"><members>" M("ssl")
                   M("more") "</members></entry><entry name=\"more\"><members>" M(
                       "web-browsing") "</members></entry></application-group>",
               APPS("r", M("web"), ANY, "allow")));
    assert_app("web-browsing", "tcp/80", 'A');
    assert_app("ssl", "tcp/80", 'A');
    assert_app("ssh", "tcp/80", 'D');
    wall(RULES("<application-group><entry name=\"a\"><members>" M("b")
                   M("ssl") "</members></entry><entry name=\"b\"><members>" M(
                       "a") "</members></entry></application-group>",
               APPS("r", M("a"), ANY, "allow")));
    assert_app("ssl", "tcp/80", 'A');
    assert_app("ssh", "tcp/80", '?');
    assert_false(rule_of("r")->understood);
}

static void filters_of_applications_are_questions_of_their_own(void **state)
{
    (void)state;
    wall(RULES("<application-filter><entry name=\"risky\"><risk>" M(
                   "5") "</risk></entry></application-filter>",
               APPS("r", M("risky") M("telnet"), ANY, "deny")
                   APPS("a", ANY, ANY, "allow")));
    assert_app("telnet", "tcp/23", 'D');
    assert_app("ssl", "tcp/23", '?');
    assert_app("risky", "tcp/23", 'D');
    assert_true(has_unknown("application filter \"risky\""));
    assert_int_equal(tw_policy_receipt(policy).understood, 2);
}

static void default_ports_are_never_any(void **state)
{
    (void)state;
    wall(RULES("", APPS("r", M("ssl"), DEFAULT, "allow")));
    assert_app("ssl", "tcp/443", '?');
    assert_app("ssl", "udp/9", '?');
    assert_app("ssh", "tcp/22", 'D');
    assert_true(has_unknown("default port of application ssl"));
    assert_true(rule_of("r")->understood);
}

static void default_ports_of_custom_applications_stand_in_the_export(void **state)
{
    (void)state;
    wall(RULES(
        "<application><entry name=\"crm\"><default><port>" M("tcp/8080") M(
            "udp/1000-1010,2000") "</port></default></entry>"
                                  "<entry "
                                  "name=\"tunnel\"><default><ident-by-ip-protocol>47"
                                  "</ident-by-ip-protocol></default></entry>"
                                  "<entry "
                                  "name=\"pong\"><default><ident-by-icmp-type><type>8</"
                                  "type>"
                                  "<code>0</code></ident-by-icmp-type></default></"
                                  "entry>"
                                  "<entry "
                                  "name=\"pong6\"><default><ident-by-icmp6-type><type>"
                                  "128</type>"
                                  "</ident-by-icmp6-type></default></entry>"
                                  "<entry name=\"agile\"><default><port>" M(
                                      "tcp/dynamic") "</port></default></entry><entry "
                                                     "name=\"bare\"/></application>",
        APPS("r", M("crm") M("tunnel") M("pong") M("pong6") M("agile") M("bare"),
             DEFAULT, "allow")));
    assert_read();
    assert_app("crm", "tcp/8080", 'A');
    assert_app("crm", "udp/1010", 'A');
    assert_app("crm", "udp/2000", 'A');
    assert_app("crm", "udp/8080", 'D');
    assert_app("tunnel", "47", 'A');
    assert_app("tunnel", "tcp/47", 'D');
    assert_app("pong", "icmp/8", 'A');
    assert_app("pong", "icmp/0", 'D');
    assert_app("agile", "tcp/8080", '?');
    assert_app("agile", "udp/8080", 'D');
    assert_app("bare", "tcp/8080", '?');
    crossing.app = TW_STR("pong6");
    assert_int_equal(ask("trust", "untrust", "::1", "::2", "ipv6-icmp/128"), 'A');
    assert_int_equal(ask("trust", "untrust", "::1", "::2", "ipv6-icmp/129"), 'D');
}

static void the_table_of_ports_settles_default_ports_and_is_told(void **state)
{
    (void)state;
    with_ports("application,ports,as_of\n"
               "ssl,tcp/443,2026-01-01\n"
               "dns,tcp/53;udp/53,2026-02-01\n"
               "ping,icmp/8,2026-01-01\n\n");
    wall(RULES("", APPS("r", M("ssl") M("dns") M("ping") M("foo"), DEFAULT, "allow")));
    assert_read();
    assert_app("ssl", "tcp/443", 'A');
    assert_app("ssl", "tcp/53", 'D');
    assert_app("dns", "udp/53", 'A');
    assert_app("ping", "icmp/8", 'A');
    assert_app("foo", "tcp/443", '?');
    assert_text(policy->assumptions,
                "application ports as of 2026-01-01 to 2026-02-01 (ports.csv)");
    /* A table that no rule leans on is not spoken of. */
    with_ports("application,ports,as_of\nssl,tcp/443,2026-01-01\n");
    wall(RULES("", APPS("r", M("ssl"), ANY, "allow")));
    assert_int_equal(policy->assumptions.len, 0);
    /* The export's own application wins over the table. */
    with_ports("application,ports,as_of\ncrm,tcp/443,2026-01-01\n");
    wall(RULES("<application><entry name=\"crm\"><default><port>" M(
                   "tcp/8080") "</port></default></entry></application>",
               APPS("r", M("crm"), DEFAULT, "allow")));
    assert_app("crm", "tcp/443", 'D');
    assert_app("crm", "tcp/8080", 'A');
}

static void any_application_on_its_default_port_is_each_on_its_own(void **state)
{
    (void)state;
    with_ports("application,ports,as_of\nssl,tcp/443,2026-01-01\n"
               "ssh,tcp/22,2026-01-01\nhttps-like,tcp/443,2026-01-01\n");
    wall(RULES("<application><entry name=\"crm\"><default><port>" M(
                   "tcp/8080") "</port></default></entry></application>",
               APPS("r", ANY, DEFAULT, "allow")));
    assert_read();
    assert_app("ssl", "tcp/443", 'A');
    assert_app("https-like", "tcp/443", 'A');
    assert_app("ssl", "tcp/22", 'D');
    assert_app("ssh", "tcp/22", 'A');
    assert_app("crm", "tcp/8080", 'A');
    assert_app("crm", "tcp/443", 'D');
    assert_app("other", "tcp/443", '?');
    assert_app("", "tcp/443", '?');
    wall(RULES("", APPS("r", ANY, DEFAULT, "allow")));
    assert_app("", "tcp/443", '?');
    assert_app("ssl", "tcp/443", '?');
}

static void bad_tables_of_ports_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *table, *words;
    } cases[] = {
        {"", "no column application"},
        {"application,ports\nssl,tcp/443\n", "no column as_of"},
        {"application,ports,as_of,owner\n", "\"owner\" is not known"},
        {"application,ports,as_of\nssl,tcp/443\n", "2"},
        {"application,ports,as_of\nssl,443,2026-01-01\n", "\"443\" is not a port"},
        {"application,ports,as_of\nssl,tcp/65536,2026-01-01\n", "tcp/65536"},
        {"application,ports,as_of\nssl,tcp/9-3,2026-01-01\n", "tcp/9-3"},
        {"application,ports,as_of\nssl,icmp/256,2026-01-01\n", "icmp/256"},
        {"application,ports,as_of\nssl,ip/256,2026-01-01\n", "ip/256"},
        {"application,ports,as_of\nssl,tcp,2026-01-01\n", "\"tcp\" is not a port"},
        {"application,ports,as_of\nssl,,2026-01-01\n", "is not a port"},
        {"application,ports,as_of\n,tcp/1,2026-01-01\n", "is not a port"},
        {"application,ports,as_of\nssl,tcp/443,\n", "is not a date"},
        {"application,ports,as_of\nssl,tcp/443,today\n", "is not a date"},
        {"application,ports,as_of\nssl,tcp/443,2026-01-01\nssl,tcp/1,2026-01-01\n",
         "\"ssl\" stands here twice"},
        {"application,ports,as_of\nssl,\"tcp/443,2026-01-01\n", "quote"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        with_ports(cases[i].table);
        wall(RULES("", ""));
        assert_refused(cases[i].words);
    }
    with_ports("\xef\xbb\xbf应用,端口,截至日期\nssl,tcp/443,2026/1/1\n");
    wall(RULES("", APPS("r", M("ssl"), DEFAULT, "allow")));
    assert_app("ssl", "tcp/443", 'A');
}

#define OVERRIDE(name, from, to, src, dst, ports, app)                                \
    "<entry name=\"" name "\"><from>" from "</from><to>" to "</to><source>" src       \
    "</source><destination>" dst "</destination><protocol>tcp</protocol><port>" ports \
    "</port><application>" app "</application></entry>"
#define OVERRIDES(entries) \
    "<application-override><rules>" entries "</rules></application-override>"

static void an_override_names_the_application_of_what_it_matches(void **state)
{
    (void)state;
    wall(WALL(
        "<application><entry name=\"plain\"><default><port>" M(
            "tcp/445") "</port></default></entry></application>",
        OVERRIDES(OVERRIDE("o", M("trust"), ANY, ANY, M("10.1.0.1"), "445", "plain"))
            SECURITY(APPS("no", M("ms-ds-smb"), ANY, "deny")
                         APPS("yes", M("plain") M("ssl"), DEFAULT, "allow"))));
    assert_read();
    /* Whatever the flow says it is, there it is "plain". */
    assert_app("ms-ds-smb", "tcp/445", 'A');
    assert_app("", "tcp/445", 'A');
    assert_app("ms-ds-smb", "tcp/446", 'D');
    assert_app("plain", "tcp/446", 'D');
    crossing.app = TW_STR("ms-ds-smb");
    assert_int_equal(ask("trust", "untrust", "10.0.0.1", "10.1.0.2", "tcp/445"), 'D');
    assert_int_equal(ask("dmz", "untrust", "10.0.0.1", "10.1.0.1", "tcp/445"), 'D');
}

static void the_first_override_decides_and_a_disabled_one_does_not(void **state)
{
    (void)state;
    wall(WALL("", OVERRIDES(OVERRIDE("a", ANY, ANY, ANY, ANY, "100-200", "first")
                                OVERRIDE("b", ANY, ANY, ANY, ANY, "150-300", "second"))
                      SECURITY(APPS("r1", M("first"), ANY, "allow")
                                   APPS("r2", M("second"), ANY, "deny")
                                       APPS("rest", ANY, ANY, "allow"))));
    assert_app("", "tcp/150", 'A');
    assert_app("", "tcp/250", 'D');
    assert_app("second", "tcp/150", 'A');
    assert_app("ssl", "tcp/301", 'A');
    wall(WALL("",
              "<application-override><rules><entry name=\"o\"><from>" ANY
              "</from><to>" ANY "</to><source>" ANY "</source><destination>" ANY
              "</destination><protocol>tcp</protocol><port>445</port><application>"
              "plain</application><disabled>yes</disabled></entry></rules>"
              "</application-override>" SECURITY(APPS("r", M("plain"), ANY, "allow"))));
    assert_app("", "tcp/445", '?');
    assert_app("plain", "tcp/445", 'A');
}

static void an_override_that_may_match_leaves_both_names_open(void **state)
{
    (void)state;
    wall(WALL("", OVERRIDES(OVERRIDE("o", ANY, ANY, M("CN"), ANY, "445", "plain"))
                      SECURITY(APPS("r", M("plain"), ANY, "allow"))));
    assert_app("ssl", "tcp/445", '?');
    assert_app("plain", "tcp/445", 'A');
    assert_app("ssl", "tcp/446", 'D');
}

static void an_override_settles_rules_whose_service_is_in_doubt(void **state)
{
    (void)state;
    wall(WALL("", OVERRIDES(OVERRIDE("o", ANY, ANY, ANY, ANY, "445", "plain"))
                      SECURITY(APPS("no", M("ssh"), M("gone"), "deny")
                                   APPS("maybe", M("plain"), M("gone"), "deny")
                                       APPS("yes", ANY, ANY, "allow"))));
    assert_app("ssh", "tcp/446", '?');
    assert_app("ssl", "tcp/445", '?');
    wall(WALL("", OVERRIDES(OVERRIDE("o", ANY, ANY, ANY, ANY, "445", "plain"))
                      SECURITY(APPS("no", M("ssh"), M("gone"), "deny")
                                   APPS("yes", ANY, ANY, "allow"))));
    assert_app("ssh", "tcp/445", 'A');
}

static void an_override_comes_before_forwarding_that_discards(void **state)
{
    (void)state;
    wall(WALL(
        "", OVERRIDES(OVERRIDE("o", ANY, ANY, ANY, ANY, "445", "plain")) SECURITY(APPS(
                "yes", ANY, ANY,
                "allow")) "<pbf><rules>"
                          "<entry name=\"hole\"><from><zone>" M(
                              "trust") "</zone></from><source>" ANY
                                       "</source><destination>" ANY
                                       "</destination><application>" M(
                                           "plain") "</application><service>" ANY
                                                    "</service><action><discard/>"
                                                    "</action></entry></rules></pbf>"));
    assert_read();
    assert_app("ssl", "tcp/445", '?');
    assert_app("ssl", "tcp/446", 'A');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_permit_for_an_application_is_undecided_until_the_flow_names_it),
        cmocka_unit_test(a_deny_for_an_application_neither_stops_all_nor_nothing),
        cmocka_unit_test(a_name_that_may_be_a_container_leaves_other_names_open),
        cmocka_unit_test(a_container_on_its_default_ports_leaves_other_ports_open),
        cmocka_unit_test(groups_of_applications_nest),
        cmocka_unit_test(filters_of_applications_are_questions_of_their_own),
        cmocka_unit_test(default_ports_are_never_any),
        cmocka_unit_test(default_ports_of_custom_applications_stand_in_the_export),
        cmocka_unit_test(the_table_of_ports_settles_default_ports_and_is_told),
        cmocka_unit_test(any_application_on_its_default_port_is_each_on_its_own),
        cmocka_unit_test(bad_tables_of_ports_are_refused),
        cmocka_unit_test(an_override_names_the_application_of_what_it_matches),
        cmocka_unit_test(the_first_override_decides_and_a_disabled_one_does_not),
        cmocka_unit_test(an_override_that_may_match_leaves_both_names_open),
        cmocka_unit_test(an_override_comes_before_forwarding_that_discards),
        cmocka_unit_test(an_override_settles_rules_whose_service_is_in_doubt),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

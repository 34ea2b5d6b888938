/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of PAN-OS that are refused, and wrappings in which they are read. */
#include "panos_ask.h"
#include <stdio.h>

static void malformed_objects_are_refused_used_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {RULES(ADDRESSES(ADDRESS("a", "10.0.0.300")), ""), "10.0.0.300"},
        {RULES(ADDRESSES(ADDRESS("a", "10.0.0.0/33")), ""), "10.0.0.0/33"},
        {RULES(ADDRESSES(ADDRESS("a", "$net")), ""), "\"$net\" is not an address"},
        {RULES(ADDRESSES(ADDRESS("a", "{{ NET }}")), ""), "is not an address"},
        {RULES(ADDRESSES(ADDRESS("a", "10.0.0.1-10.0.0.2")), ""), "is not an address"},
        {RULES(ADDRESSES("<entry name=\"a\"><ip-range>10.0.0.2-10.0.0.1</ip-range>"
                         "</entry>"),
               ""),
         "ends before it begins"},
        {RULES(ADDRESSES("<entry name=\"a\"><ip-range>10.0.0.2-::1</ip-range></entry>"),
               ""),
         "is not an address"},
        {RULES(ADDRESSES("<entry name=\"a\"><ip-wildcard>10.0.0.2</ip-wildcard>"
                         "</entry>"),
               ""),
         "is not an address"},
        {RULES(ADDRESSES("<entry><ip-netmask>10.0.0.2</ip-netmask></entry>"), ""),
         "no name"},
        {RULES(SERVICES(SERVICE("s", "tcp", "65536")), ""), "65536"},
        {RULES(SERVICES(SERVICE("s", "tcp", "80,,81")), ""), "is not a port"},
        {RULES(SERVICES(SERVICE("s", "tcp", "90-80")), ""), "ends before it begins"},
        {RULES(SERVICES(SERVICE("s", "tcp", "http")), ""), "is not a port"},
        {SCHEDULED("<recurring><daily>" M("25:00-26:00") "</daily></recurring>"),
         "25:00-26:00"},
        {SCHEDULED("<recurring><daily>" M("8:00-9:00") "</daily></recurring>"),
         "is not a time"},
        {SCHEDULED("<non-recurring>" M(
             "2026/99/01@08:00-2026/99/01@17:00") "</non-recurring>"),
         "is not a time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall(cases[i].text);
        assert_refused(cases[i].words);
    }
}

static void names_that_stand_twice_are_refused(void **state)
{
    (void)state;
    wall(RULES(ADDRESSES(ADDRESS("a", "10.0.0.1") ADDRESS("a", "10.0.0.2")), ""));
    assert_refused("the address \"a\" stands here twice");
    assert_int_equal(diags.list.at[0].nspans, 2);
    wall(RULES(ADDRESSES(ADDRESS("a", "10.0.0.1")) GROUPS(GROUP("a", M("10.0.0.1"))),
               ""));
    assert_refused("\"a\" stands here twice");
    wall(RULES("", ALLOW("r", ANY, ANY, ANY) DENY("r", ANY, ANY, ANY)));
    assert_refused("the rule \"r\" stands here twice");
    /* Containers may be in pieces; scopes are apart. */
    wall(RULES(ADDRESSES(ADDRESS("a", "10.0.0.1")) ADDRESSES(ADDRESS("a", "10.0.0.1")),
               ""));
    assert_refused("stands here twice");
    wall(RULES(ADDRESSES(ADDRESS("a", "10.0.0.1")) SERVICES(SERVICE("a", "tcp", "1")),
               ALLOW("a", M("a"), ANY, M("a"))));
    assert_read();
}

static void what_is_no_configuration_is_refused(void **state)
{
    (void)state;
    wall("<configuration><a/></configuration>");
    assert_refused("holds no <config>");
    wall("<response status=\"error\"><msg>Invalid Credential</msg></response>");
    assert_refused("error reply");
    wall("<config><devices/></config>");
    assert_refused("no rulebase");
    wall("<config><devices><entry name=\"d\"><vsys><entry name=\"v\">");
    assert_null(policy);
}

static void replies_and_captures_are_read_at_their_own_lines(void **state)
{
    (void)state;
    wall("GET https://fw/api/?type=export\n200 OK\n<?xml version=\"1.0\"?>\n"
         "<response status=\"success\"><result>\n" RULES(
             "", ALLOW("r", M("10.0.0.1"), ANY, ANY)) "</result></response>\n"
                                                      "$ exit\n");
    assert_read();
    assert_asks("10.0.0.1", "10.1.0.1", "tcp/1", 'A');
    assert_int_equal(tw_span_line(rule_of("r")->at), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_objects_are_refused_used_or_not),
        cmocka_unit_test(names_that_stand_twice_are_refused),
        cmocka_unit_test(what_is_no_configuration_is_refused),
        cmocka_unit_test(replies_and_captures_are_read_at_their_own_lines),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}

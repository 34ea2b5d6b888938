/* SPDX-License-Identifier: Apache-2.0 */
/* What settles the unknowns of a policy where a path crosses it. */
#include "cmocka_all.h"

#include "crossing.h"
#include "time_zone.h"

static struct tw_time at(const char *text)
{
    struct tw_time t;
    assert_true(tw_time_parse(tw_str_of(text), &t));
    return t;
}

static bool active(const struct tw_window *window, const char *when)
{
    const struct tw_schedule schedule = {window, 1};
    return tw_schedule_active(&schedule, at(when));
}

static void a_weekly_window_holds_on_its_days_until_its_end(void **state)
{
    (void)state;
    /* 2023-02-09 was a Thursday. */
    const struct tw_window office = {
        .weekdays = 1u << 3, .begin = 9 * 3600, .end = 18 * 3600};
    assert_true(active(&office, "2023-02-09T09:00"));
    assert_true(active(&office, "2023-02-09T17:59:59"));
    assert_false(active(&office, "2023-02-09T18:00"));
    assert_false(active(&office, "2023-02-09T08:59:59"));
    assert_false(active(&office, "2023-02-10T12:00"));
    assert_true(active(&office, "1969-12-25T12:00")); /* a Thursday before 1970 */
}

static void a_window_over_midnight_belongs_to_the_day_it_begins_on(void **state)
{
    (void)state;
    const struct tw_window night = {
        .weekdays = 1u << 3, .begin = 22 * 3600, .end = 6 * 3600};
    assert_true(active(&night, "2023-02-09T23:00"));
    assert_true(active(&night, "2023-02-10T05:59"));
    assert_false(active(&night, "2023-02-10T06:00"));
    assert_false(active(&night, "2023-02-09T05:00"));
    const struct tw_window monday = {
        .weekdays = 1u << 6, .begin = 22 * 3600, .end = 6 * 3600};
    assert_true(active(&monday, "2023-02-13T01:00")); /* Monday, after Sunday night */
}

static void a_whole_day_is_from_midnight_to_midnight(void **state)
{
    (void)state;
    const struct tw_window day = {.weekdays = 1u << 3, .begin = 0, .end = 86400};
    assert_true(active(&day, "2023-02-09T00:00"));
    assert_true(active(&day, "2023-02-09T23:59:59"));
    assert_false(active(&day, "2023-02-10T00:00"));
}

static void a_single_window_holds_from_its_first_to_before_its_last_second(void **state)
{
    (void)state;
    const struct tw_window once = {.from = at("2023-02-08T22:00"),
                                   .to = at("2023-02-15T15:00")};
    assert_false(active(&once, "2023-02-08T21:59:59"));
    assert_true(active(&once, "2023-02-08T22:00"));
    assert_true(active(&once, "2023-02-15T14:59:59"));
    assert_false(active(&once, "2023-02-15T15:00"));
}

static void a_time_is_moved_to_the_clock_of_a_zone(void **state)
{
    (void)state;
    struct tw_tz zone;
    assert_true(tw_tz_parse(TW_STR("Asia/Shanghai"), &zone));
    struct tw_time t = at("2023-02-08T20:30:00Z");
    tw_time_to_zone(&t, &zone);
    assert_int_equal(tw_time_cmp(t, at("2023-02-09T04:30")), 0);
    assert_true(tw_tz_parse(TW_STR("-05:00"), &zone));
    t = at("2023-02-09T03:00:00Z");
    tw_time_to_zone(&t, &zone);
    assert_int_equal(tw_time_cmp(t, at("2023-02-08T22:00")), 0);
    assert_false(tw_tz_parse(TW_STR("Mars/Olympus"), &zone));
}

/* A policy whose unknowns are: zones in, an application, a filter, two users, a
 * schedule. */
enum { IN_ZONE, APP, FILTER, ALICE, ADMINS, ANYONE, NIGHT };

static struct tw_policy *sample(struct tw_arena *arena)
{
    static const struct tw_str zones[] = {{"", 0}, {"jinfu", 5}, {"lft", 3}, {"", 0}};
    static const struct tw_str apps[] = {{"", 0}, {"ssl", 3}, {"ssh", 3}, {"", 0}};
    static const struct tw_window window = {
        .weekdays = 127, .begin = 22 * 3600, .end = 6 * 3600};
    static const struct tw_schedule night = {&window, 1};
    struct tw_policy *p = tw_policy_new(arena, TW_STR("wall"));
    p->in_if =
        tw_policy_choice(p, TW_UNKNOWN_IN_IF, TW_STR("the source zone"), zones, 4);
    p->app = tw_policy_choice(p, TW_UNKNOWN_APP, TW_STR("the application"), apps, 4);
    const struct {
        enum tw_unknown_kind kind;
        const char *subject;
    } rest[] = {{TW_UNKNOWN_APP, "web-filter"},
                {TW_UNKNOWN_USER, "corp\\alice"},
                {TW_UNKNOWN_USER, "admins"},
                {TW_UNKNOWN_USER, "known-user"},
                {TW_UNKNOWN_TIME, "night"}};
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        struct tw_str name = tw_str_of(rest[i].subject);
        uint32_t u = tw_policy_unknown(p, rest[i].kind, name, name);
        assert_int_equal(u, FILTER + i);
        p->unknowns.at[u].subject = name;
    }
    p->unknowns.at[NIGHT].schedule = &night;
    p->all_interfaces_named = true;
    *tw_vec_add(arena, &p->interfaces) = zones[1];
    *tw_vec_add(arena, &p->interfaces) = zones[2];
    *tw_vec_add(arena, &p->aliases) =
        (struct tw_alias){TW_STR("ethernet1/1"), TW_STR("jinfu")};
    return p;
}

static uint64_t possible(struct tw_arena *arena, uint32_t unknown,
                         struct tw_crossing_options options)
{
    return tw_crossing_new(arena, sample(arena), NULL, &options)->possible[unknown][0];
}

#define POSSIBLE(unknown, ...) \
    possible(&arena, unknown, (struct tw_crossing_options){__VA_ARGS__})

static void an_application_that_is_said_is_the_only_one(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_int_equal(POSSIBLE(APP, .nusers = 0), 2 | 4 | 8); /* one of them, or other */
    assert_int_equal(POSSIBLE(APP, .app = TW_STR("ssl")), 2);
    assert_int_equal(POSSIBLE(APP, .app = TW_STR("mysql")), 8);
    assert_int_equal(POSSIBLE(FILTER, .app = TW_STR("ssl")), 1 | 2);
    assert_int_equal(POSSIBLE(FILTER, .app = TW_STR("web-filter")), 2);
    tw_arena_release(&arena);
}

static void users_that_are_said_are_all_names_the_user_has(void **state)
{
    (void)state;
    const struct tw_str users[] = {TW_STR("corp\\alice"), TW_STR("staff")};
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_int_equal(POSSIBLE(ALICE, .nusers = 0), 1 | 2);
    assert_int_equal(POSSIBLE(ALICE, .users = users, .nusers = 2), 2);
    assert_int_equal(POSSIBLE(ADMINS, .users = users, .nusers = 2), 1);
    assert_int_equal(POSSIBLE(ANYONE, .users = users, .nusers = 2), 2);
    tw_arena_release(&arena);
}

static void nobody_is_no_known_user(void **state)
{
    (void)state;
    const struct tw_str nobody[] = {TW_STR("unknown")};
    const struct tw_str before[] = {TW_STR("pre-logon")};
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_int_equal(POSSIBLE(ANYONE, .users = nobody, .nusers = 1), 1);
    assert_int_equal(POSSIBLE(ANYONE, .users = before, .nusers = 1), 1);
    assert_int_equal(POSSIBLE(ALICE, .users = nobody, .nusers = 1), 1);
    tw_arena_release(&arena);
}

static void names_that_differ_in_capitals_alone_stay_open(void **state)
{
    (void)state;
    const struct tw_str users[] = {TW_STR("CORP\\Alice")};
    const struct tw_str both[] = {TW_STR("CORP\\Alice"), TW_STR("corp\\alice")};
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_int_equal(POSSIBLE(ALICE, .users = users, .nusers = 1), 1 | 2);
    assert_int_equal(POSSIBLE(ALICE, .users = both, .nusers = 2), 2);
    assert_int_equal(POSSIBLE(ADMINS, .users = users, .nusers = 1), 1);
    tw_arena_release(&arena);
}

static void a_time_that_is_said_decides_schedules(void **state)
{
    (void)state;
    struct tw_time midnight = at("2023-02-09T00:00"), noon = at("2023-02-09T12:00");
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_int_equal(POSSIBLE(NIGHT, .at = NULL), 1 | 2);
    assert_int_equal(POSSIBLE(NIGHT, .at = &midnight), 2);
    assert_int_equal(POSSIBLE(NIGHT, .at = &noon), 1);
    tw_arena_release(&arena);
}

static void an_interface_stands_for_its_zone(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_int_equal(POSSIBLE(IN_ZONE, .in = TW_STR("lft")), 4);
    assert_int_equal(POSSIBLE(IN_ZONE, .in = TW_STR("ethernet1/1")), 2);
    assert_int_equal(POSSIBLE(IN_ZONE, .nusers = 0), 2 | 4); /* all zones are named */
    const struct tw_policy *p = sample(&arena);
    assert_true(tw_policy_knows_interface(p, TW_STR("ethernet1/1")));
    assert_false(tw_policy_knows_interface(p, TW_STR("ethernet1/2")));
    tw_arena_release(&arena);
}

static void
a_zone_follows_from_routes_only_where_all_addresses_lie_behind_it(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    struct tw_policy *p = sample(&arena);
    const struct tw_ranges *hosts[TW_FAMILIES] = {tw_ranges_one(&arena, 10, 19), NULL};
    assert_int_equal(tw_policy_zone_of(p, hosts).len, 0); /* no routes */
    const struct tw_ranges *none = &tw_ranges_none;
    *tw_vec_add(&arena, &p->reach) =
        (struct tw_reach){TW_STR("jinfu"), {tw_ranges_one(&arena, 0, 19), none}};
    *tw_vec_add(&arena, &p->reach) =
        (struct tw_reach){TW_STR("lft"), {tw_ranges_one(&arena, 20, 99), none}};
    assert_true(tw_str_is(tw_policy_zone_of(p, hosts), "jinfu"));
    hosts[TW_IPV4] = tw_ranges_one(&arena, 15, 25);
    assert_int_equal(tw_policy_zone_of(p, hosts).len, 0);
    hosts[TW_IPV4] = tw_ranges_one(&arena, 25, 26);
    assert_true(tw_str_is(tw_policy_zone_of(p, hosts), "lft"));
    hosts[TW_IPV6] = tw_ranges_one(&arena, 1, 1); /* no route to these */
    assert_int_equal(tw_policy_zone_of(p, hosts).len, 0);
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weekly_window_holds_on_its_days_until_its_end),
        cmocka_unit_test(a_window_over_midnight_belongs_to_the_day_it_begins_on),
        cmocka_unit_test(a_whole_day_is_from_midnight_to_midnight),
        cmocka_unit_test(
            a_single_window_holds_from_its_first_to_before_its_last_second),
        cmocka_unit_test(a_time_is_moved_to_the_clock_of_a_zone),
        cmocka_unit_test(an_application_that_is_said_is_the_only_one),
        cmocka_unit_test(users_that_are_said_are_all_names_the_user_has),
        cmocka_unit_test(nobody_is_no_known_user),
        cmocka_unit_test(names_that_differ_in_capitals_alone_stay_open),
        cmocka_unit_test(a_time_that_is_said_decides_schedules),
        cmocka_unit_test(an_interface_stands_for_its_zone),
        cmocka_unit_test(
            a_zone_follows_from_routes_only_where_all_addresses_lie_behind_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies as diagrams against running each situation of a shrunken universe by the
 * linear checker, one valuation of the unknowns at a time.
 */
#include "cmocka_all.h"
#include "idd_verdicts.h"
#include "random_policy.h"
#include "replay.h"

static const struct tw_idd_budget ample = {(size_t)256 << 20, UINT64_MAX};

/* A situation with a value for every unknown of the policy. */
struct full {
    struct tw_situation s;
    struct tw_valued values[16];
};

static const struct tw_crossing *cross(struct tw_arena *arena,
                                       const struct tw_policy *policy, bool unseen)
{
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD, .unseen = unseen};
    return tw_crossing_new(arena, policy, NULL, &o);
}

static tw_u128 random_address(void)
{
    tw_u128 address = draw(random_addresses + 1);
    if (random_shift == 0)
        return address;
    return (address & 15) << random_shift | (draw(2) ? draw(1000) : 0);
}

static struct tw_packet random_packet(void)
{
    static const unsigned protos[] = {6, 6, 6, 17, 17, 1, 47, 58};
    static const unsigned flags[] = {TW_TCP_SYN, TW_TCP_SYN | TW_TCP_ACK, TW_TCP_RST,
                                     0};
    struct tw_packet p = {.family = random_family,
                          .src = random_address(),
                          .dst = random_address(),
                          .proto = protos[draw(8)],
                          .state = (enum tw_state)(1u << draw(5))};
    bool ports = tw_proto_has_ports(p.proto);
    if (ports)
        p.sport = draw(random_ports + 1);
    if (ports || tw_proto_is_icmp(p.proto, p.family))
        p.dport = draw(random_ports + 1);
    if (p.proto == 6)
        p.tcp_flags = flags[draw(4)];
    return p;
}

static void random_values(const struct tw_crossing *c, struct full *full)
{
    const struct tw_policy *p = c->policy;
    for (uint32_t u = 0; u < p->unknowns.len; u++) {
        uint32_t v = draw((uint32_t)p->unknowns.at[u].nvalues);
        while (!(c->possible[u][0] >> v & 1))
            v = (v + 1) % (uint32_t)p->unknowns.at[u].nvalues;
        full->values[u] = (struct tw_valued){u, v};
    }
    full->s.values = full->values;
    full->s.nvalues = p->unknowns.len;
}

/* What the linear checker says when every unknown has the situation's value. */
static struct tw_replay run_one(struct tw_arena *arena, const struct tw_crossing *c,
                                const struct full *full,
                                const struct tw_replay_watch *watch)
{
    static const uint64_t bits[] = {1, 2, 4, 8, 16, 32, 64, 128};
    const uint64_t *values[16];
    struct tw_crossing settled = *c;
    for (size_t u = 0; u < c->policy->unknowns.len; u++)
        values[u] = &bits[full->values[u].value];
    settled.possible = values;
    return tw_replay(arena, &settled, &full->s.packet, watch);
}

static void check_sets(struct tw_arena *arena, const struct tw_idd_space *space,
                       const struct tw_idd_result *sets, uint32_t crossing,
                       const struct full *full)
{
    const struct tw_crossing *c = tw_idd_space_crossing(space, crossing);
    struct tw_replay r = run_one(arena, c, full, NULL);
    bool pass = tw_idd_holds(arena, space, sets->pass, crossing, &full->s);
    bool stop = tw_idd_holds(arena, space, sets->stop, crossing, &full->s);
    bool open = tw_idd_holds(arena, space, sets->open, crossing, &full->s);
    assert_false(r.gave_up);
    assert_int_equal(pass, r.may_pass && !r.may_stop);
    assert_int_equal(stop, r.may_stop && !r.may_pass);
    assert_int_equal(open, r.may_pass && r.may_stop);
    assert_int_equal(tw_idd_holds(arena, space, sets->translated, crossing, &full->s),
                     pass && r.translated != TW_REPLAY_POLICY);
}

static void check_policies(unsigned rounds, unsigned packets)
{
    for (unsigned i = 0; i < rounds; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = random_policy(&arena, 1 + draw(3));
        const struct tw_crossing *c = cross(&arena, p, draw(6) == 0);
        struct tw_idd_policy a = tw_idd_policy(&arena, c, random_family, ample);
        struct tw_arena *scratch = tw_arena_child(&arena);
        assert_int_equal(a.why, TW_IDD_DONE);
        for (unsigned k = 0; k < packets; k++) {
            struct full full = {.s = {.packet = random_packet()}};
            random_values(c, &full);
            check_sets(scratch, a.space, &a.sets, 0, &full);
            if (k % 64 == 0)
                tw_arena_release(scratch);
        }
        tw_arena_release(&arena);
    }
}

static void policies_let_through_what_replaying_lets_through(void **state)
{
    (void)state;
    seed = 0x9e3779b97f4a7c15u;
    check_policies(400, 300);
}

static void chains_that_are_called_often_do_too(void **state)
{
    (void)state;
    seed = 0xabcdefu;
    calls_often = true;
    check_policies(300, 200);
    calls_often = false;
}

static void ipv6_policies_do_too(void **state)
{
    (void)state;
    seed = 88172645463325252u;
    random_family = TW_IPV6;
    random_shift = 124;
    check_policies(200, 200);
    random_family = TW_IPV4;
    random_shift = 0;
}

/* --- counts, members, products -------------------------------------------------------
 */

static bool product_has(const struct tw_idd_product *p, const struct full *full)
{
    const struct tw_packet *k = &full->s.packet;
    if ((p->dst && !tw_ranges_has(p->dst, k->dst)) ||
        (p->src && !tw_ranges_has(p->src, k->src)) ||
        (p->proto && !tw_ranges_has(p->proto, k->proto)) ||
        (p->dport && !tw_ranges_has(p->dport, k->dport)) ||
        (p->sport && !tw_ranges_has(p->sport, k->sport)) ||
        (p->icmp && !tw_ranges_has(p->icmp, k->dport)) ||
        !(p->flags >> k->tcp_flags & 1) || (p->states && !(p->states & k->state)))
        return false;
    for (size_t i = 0; i < p->nconditions; i++)
        if (!(p->conditions[i].allowed[0] >>
                  full->values[p->conditions[i].unknown].value &
              1))
            return false;
    return true;
}

static void check_listing(struct tw_arena *arena, struct tw_idd_policy *a,
                          const struct tw_crossing *c)
{
    struct tw_idd_product_list list =
        tw_idd_space_products(arena, a->space, a->sets.pass, 0, SIZE_MAX);
    struct tw_situation member;
    struct full full;
    assert_true(list.all);
    for (int k = 0; k < 100; k++) {
        full = (struct full){.s = {.packet = random_packet()}};
        random_values(c, &full);
        size_t times = 0;
        for (size_t i = 0; i < list.n; i++)
            times += product_has(&list.at[i], &full);
        assert_int_equal(times,
                         tw_idd_holds(arena, a->space, a->sets.pass, 0, &full.s));
    }
    bool any = tw_idd_situation(arena, a->space, a->sets.pass, 0, &member);
    assert_int_equal(any, list.n > 0);
    if (!any)
        return;
    full = (struct full){.s = {.packet = member.packet}};
    random_values(c, &full); /* what the member does not name does not matter */
    for (size_t i = 0; i < member.nvalues; i++)
        full.values[member.values[i].unknown] = member.values[i];
    check_sets(arena, a->space, &a->sets, 0, &full);
    assert_true(tw_idd_holds(arena, a->space, a->sets.pass, 0, &full.s));
}

static void products_and_members_are_of_the_set(void **state)
{
    (void)state;
    seed = 2463534242u;
    for (int i = 0; i < 200; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_crossing *c = cross(&arena, random_policy(&arena, 2), false);
        struct tw_idd_policy a = tw_idd_policy(&arena, c, TW_IPV4, ample);
        check_listing(&arena, &a, c);
        tw_arena_release(&arena);
    }
}

static struct tw_rule *add_rule(struct tw_policy *p, enum tw_action action,
                                struct tw_match match)
{
    struct tw_match *m = tw_new(p->arena, struct tw_match);
    *m = match;
    *tw_vec_add(p->arena, &p->rules) =
        (struct tw_rule){.action = action,
                         .matches = m,
                         .nmatches = 1,
                         .index = (uint32_t)p->rules.len + 1};
    p->chains.at[0].count++;
    return &p->rules.at[p->rules.len - 1];
}

static struct tw_policy *flat_policy(struct tw_arena *arena, enum tw_action otherwise)
{
    struct tw_policy *p = tw_policy_new(arena, TW_STR("flat"));
    *tw_vec_add(arena, &p->chains) =
        (struct tw_chain){.is_base = true, .policy = otherwise};
    for (int f = 0; f < TW_FAMILIES; f++)
        *tw_vec_add(arena, &p->stages[f][TW_HOOK_FORWARD]) =
            (struct tw_stage){.chain = 0, .decides = true};
    return p;
}

/* 2^64 pairs of addresses; each: 5 states; protocols: 5 with 2^32 ports, of which TCP
 * has 64 values of flags, ICMP with 2^16, 250 others. */
static void all_situations_are_counted_once(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    struct tw_policy *p = flat_policy(&arena, TW_ACTION_ACCEPT);
    const struct tw_crossing *c = cross(&arena, p, false);
    struct tw_idd_policy a = tw_idd_policy(&arena, c, TW_IPV4, ample);
    /* 2^64 · 5 · (68 · 2^32 + 2^16 + 250) */
    assert_text(tw_idd_situations(&arena, a.space, a.sets.pass),
                "26937581322537402947087756165120");
    assert_text(tw_idd_situations(&arena, a.space, a.sets.stop), "0");
    a = tw_idd_policy(&arena, c, TW_IPV6, ample);
    /* 2^256 times the same */
    assert_text(tw_idd_situations(&arena, a.space, a.sets.pass),
                "169089938466819371163246125045123184541868621447194279998908481642"
                "457336707127080145387520");
    tw_arena_release(&arena);
}

/* --- two policies --------------------------------------------------------------------
 */

/* P with the rule EDIT does something to, or with more rules behind it. */
struct edit {
    uint32_t rule;
    enum { REPEAT, FLIP, REMOVE, INSERT_NEVER } what;
};

static struct tw_policy *edited(struct tw_arena *arena, const struct tw_policy *p,
                                struct edit edit)
{
    static const struct tw_match never = {.never = true};
    struct tw_policy *q = tw_policy_new(arena, p->name);
    q->unknowns = p->unknowns;
    for (int f = 0; f < TW_FAMILIES; f++)
        q->stages[f][TW_HOOK_FORWARD] = p->stages[f][TW_HOOK_FORWARD];
    for (uint32_t c = 0; c < p->chains.len; c++) {
        struct tw_chain chain = p->chains.at[c];
        uint32_t first = (uint32_t)q->rules.len;
        for (uint32_t i = chain.first; i < chain.first + chain.count; i++) {
            struct tw_rule r = p->rules.at[i];
            bool here = i == edit.rule;
            if (here && edit.what == FLIP)
                r.action =
                    r.action == TW_ACTION_ACCEPT ? TW_ACTION_DENY : TW_ACTION_ACCEPT;
            if (!here || edit.what != REMOVE)
                *tw_vec_add(arena, &q->rules) = r;
            if (here && edit.what == INSERT_NEVER) {
                r.matches = &never;
                r.nmatches = 1;
                r.action = TW_ACTION_DENY;
            }
            if (here && (edit.what == REPEAT || edit.what == INSERT_NEVER))
                *tw_vec_add(arena, &q->rules) = r;
        }
        chain.first = first;
        chain.count = (uint32_t)q->rules.len - first;
        *tw_vec_add(arena, &q->chains) = chain;
    }
    return q;
}

static uint32_t a_rule_that_decides(const struct tw_policy *p)
{
    for (int tries = 0; tries < 50 && p->rules.len; tries++) {
        uint32_t i = draw((uint32_t)p->rules.len);
        if (p->rules.at[i].action == TW_ACTION_ACCEPT ||
            p->rules.at[i].action == TW_ACTION_DENY)
            return i;
    }
    return UINT32_MAX;
}

static void check_change(struct tw_arena *arena, const struct tw_idd_change *d,
                         const struct full *full)
{
    bool was = tw_idd_holds(arena, d->space, d->before.pass, 0, &full->s);
    bool opened = tw_idd_holds(arena, d->space, d->opened, 0, &full->s);
    bool closed = tw_idd_holds(arena, d->space, d->closed, 0, &full->s);
    struct tw_replay a = run_one(arena, tw_idd_space_crossing(d->space, 0), full, NULL);
    struct tw_replay b = run_one(arena, tw_idd_space_crossing(d->space, 1), full, NULL);
    check_sets(arena, d->space, &d->before, 0, full);
    check_sets(arena, d->space, &d->after, 1, full);
    assert_int_equal(was, a.may_pass && !a.may_stop);
    assert_int_equal(opened, !a.may_pass && a.may_stop && b.may_pass && !b.may_stop);
    assert_int_equal(closed, a.may_pass && !a.may_stop && !b.may_pass && b.may_stop);
}

static enum tw_idd_answer compare_edited(struct tw_arena *arena,
                                         const struct tw_policy *p, struct edit edit)
{
    const struct tw_crossing *a = cross(arena, p, false);
    const struct tw_crossing *b = cross(arena, edited(arena, p, edit), false);
    struct tw_idd_change d = tw_idd_compare(arena, a, b, TW_IPV4, ample);
    struct tw_idd_change back = tw_idd_compare(arena, b, a, TW_IPV4, ample);
    assert_int_equal(d.why, TW_IDD_DONE);
    assert_int_equal(d.equal, back.equal);
    assert_true(tw_str_eq(tw_idd_situations(arena, d.space, d.opened),
                          tw_idd_situations(arena, back.space, back.closed)));
    assert_true(tw_str_eq(tw_idd_situations(arena, d.space, d.closed),
                          tw_idd_situations(arena, back.space, back.opened)));
    assert_int_equal(d.equal == TW_IDD_NO,
                     d.opened != TW_IDD_NONE || d.closed != TW_IDD_NONE);
    for (int k = 0; k < 60; k++) {
        struct full full = {.s = {.packet = random_packet()}};
        random_values(a, &full);
        check_change(arena, &d, &full);
    }
    return d.equal;
}

static void a_policy_equals_itself_with_redundant_rules(void **state)
{
    (void)state;
    seed = 0x1234567u;
    plain_only = true;
    for (int i = 0; i < 150; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = random_policy(&arena, 2);
        struct edit edit = {a_rule_that_decides(p), draw(2) ? REPEAT : INSERT_NEVER};
        assert_int_equal(compare_edited(&arena, p, edit), TW_IDD_YES);
        tw_arena_release(&arena);
    }
    plain_only = false;
}

static void a_flipped_action_is_found_exactly(void **state)
{
    (void)state;
    seed = 0x7654321u;
    size_t differ = 0, same = 0;
    for (int i = 0; i < 150; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = random_policy(&arena, 2);
        struct edit edit = {a_rule_that_decides(p), FLIP};
        enum tw_idd_answer equal = compare_edited(&arena, p, edit);
        differ += equal == TW_IDD_NO;
        same += equal == TW_IDD_YES;
        tw_arena_release(&arena);
    }
    assert_true(differ > 30);
    assert_true(same > 0); /* flipped dead rules */
}

static void removing_a_dead_rule_changes_nothing(void **state)
{
    (void)state;
    seed = 0x5555u;
    plain_only = true;
    size_t removed = 0;
    for (int i = 0; i < 150; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = random_policy(&arena, 1);
        struct tw_idd_verdicts v =
            tw_idd_verdicts(&arena, cross(&arena, p, false), NULL);
        for (uint32_t r = 0; r < v.n; r++) {
            if (v.at[r] != TW_RULE_DEAD || removed % 3 == draw(3))
                continue;
            assert_int_equal(compare_edited(&arena, p, (struct edit){r, REMOVE}),
                             TW_IDD_YES);
            removed++;
            break;
        }
        tw_arena_release(&arena);
    }
    plain_only = false;
    assert_true(removed > 20);
}

/* --- names of two policies
 * ------------------------------------------------------------ */

static const struct tw_ranges *port(struct tw_arena *arena, unsigned n)
{
    return tw_ranges_one(arena, n, n);
}

/* A policy that lets TCP port 443 in by the zones named by ALLOWED (bits). */
static struct tw_policy *zone_policy(struct tw_arena *arena, const struct tw_str *zones,
                                     size_t n, uint64_t allowed, bool all_named)
{
    struct tw_policy *p = flat_policy(arena, TW_ACTION_DENY);
    struct tw_condition *c = tw_new(arena, struct tw_condition);
    uint64_t *set = tw_new(arena, uint64_t);
    *set = allowed;
    p->in_if = tw_policy_choice(p, TW_UNKNOWN_IN_IF, TW_STR("incoming zone"), zones, n);
    p->all_interfaces_named = all_named;
    *c = (struct tw_condition){p->in_if, set};
    add_rule(p, TW_ACTION_ACCEPT,
             (struct tw_match){.proto = tw_ranges_one(arena, 6, 6),
                               .dport = port(arena, 443),
                               .conditions = c,
                               .nconditions = 1});
    return p;
}

static struct tw_idd_change compare(struct tw_arena *arena, const struct tw_policy *p,
                                    const struct tw_policy *q)
{
    return tw_idd_compare(arena, cross(arena, p, false), cross(arena, q, false),
                          TW_IPV4, ample);
}

static void zones_are_one_by_their_names(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    const struct tw_str two[] = {TW_STR(""), TW_STR("trust"), TW_STR("outside"),
                                 TW_STR("")};
    const struct tw_str three[] = {TW_STR(""), TW_STR("outside"), TW_STR("dmz"),
                                   TW_STR("trust"), TW_STR("")};
    const struct tw_policy *old = zone_policy(&arena, two, 4, 1 << 1, true);
    const struct tw_policy *same = zone_policy(&arena, three, 5, 1 << 3, true);
    const struct tw_policy *more = zone_policy(&arena, three, 5, 1 << 3 | 1 << 2, true);
    const struct tw_policy *wrong = zone_policy(&arena, three, 5, 1 << 1, true);
    assert_int_equal(compare(&arena, old, same).equal, TW_IDD_YES);
    struct tw_idd_change d = compare(&arena, old, more);
    struct tw_idd_product_list list =
        tw_idd_space_products(&arena, d.space, d.opened, 1, 10);
    assert_int_equal(d.equal, TW_IDD_NO);
    assert_int_equal(d.closed, TW_IDD_NONE);
    assert_int_equal(list.n, 1); /* by the new zone alone */
    assert_int_equal(list.at[0].nconditions, 1);
    assert_int_equal(list.at[0].conditions[0].allowed[0], 1 << 2);
    d = compare(&arena, old, wrong);
    assert_true(d.opened != TW_IDD_NONE && d.closed != TW_IDD_NONE);
    tw_arena_release(&arena);
}

static void wildcards_stand_for_names_of_the_other_policy(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    const struct tw_str wild[] = {TW_STR(""), TW_STR("ppp+"), TW_STR("other")};
    const struct tw_str exact[] = {TW_STR(""), TW_STR("ppp0"), TW_STR("ppp+"),
                                   TW_STR("other")};
    const struct tw_policy *a = zone_policy(&arena, wild, 3, 1 << 1, false);
    const struct tw_policy *b = zone_policy(&arena, exact, 4, 1 << 1 | 1 << 2, false);
    const struct tw_policy *c = zone_policy(&arena, exact, 4, 1 << 2, false);
    assert_int_equal(compare(&arena, a, b).equal, TW_IDD_YES);
    struct tw_idd_change d = compare(&arena, a, c);
    assert_int_equal(d.equal, TW_IDD_NO);
    assert_int_equal(d.opened, TW_IDD_NONE);
    tw_arena_release(&arena);
}

/* A policy that lets everything through while a condition holds. */
static struct tw_policy *asking_policy(struct tw_arena *arena,
                                       enum tw_unknown_kind kind, const char *name,
                                       const struct tw_schedule *schedule)
{
    struct tw_policy *p = flat_policy(arena, TW_ACTION_DENY);
    struct tw_condition *c = tw_new(arena, struct tw_condition);
    *c = tw_condition_yes(tw_policy_unknown(p, kind, tw_str_of(name), tw_str_of(name)),
                          false);
    p->unknowns.at[0].schedule = schedule;
    add_rule(p, TW_ACTION_ACCEPT, (struct tw_match){.conditions = c, .nconditions = 1});
    return p;
}

static void unknowns_are_one_by_kind_name_and_times(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    static const struct tw_window day[] = {
        {.weekdays = 31, .begin = 28800, .end = 64800}};
    static const struct tw_window night[] = {
        {.weekdays = 31, .begin = 64800, .end = 1}};
    static const struct tw_schedule by_day = {day, 1}, by_night = {night, 1};
    const struct tw_policy *a =
        asking_policy(&arena, TW_UNKNOWN_TIME, "hours", &by_day);
    assert_int_equal(
        compare(&arena, a, asking_policy(&arena, TW_UNKNOWN_TIME, "hours", &by_day))
            .equal,
        TW_IDD_YES);
    assert_int_equal(
        compare(&arena, a, asking_policy(&arena, TW_UNKNOWN_TIME, "hours", &by_night))
            .equal,
        TW_IDD_NO);
    assert_int_equal(
        compare(&arena, a, asking_policy(&arena, TW_UNKNOWN_TIME, "times", &by_day))
            .equal,
        TW_IDD_NO);
    assert_int_equal(
        compare(&arena, a,
                asking_policy(&arena, TW_UNKNOWN_CONDITION, "hours", &by_day))
            .equal,
        TW_IDD_NO);
    tw_arena_release(&arena);
}

/* Two conditions of the same words that each rule asks for anew, as a module that
 * counts is. */
static struct tw_policy *counting_policy(struct tw_arena *arena, uint32_t rules)
{
    struct tw_policy *p = flat_policy(arena, TW_ACTION_DENY);
    for (uint32_t i = 0; i < rules; i++) {
        struct tw_condition *c = tw_new(arena, struct tw_condition);
        *c = tw_condition_yes(tw_policy_unknown(p, TW_UNKNOWN_CONDITION,
                                                tw_fmt(arena, "rule %u", i),
                                                TW_STR("every second packet")),
                              false);
        add_rule(p, TW_ACTION_ACCEPT,
                 (struct tw_match){.conditions = c, .nconditions = 1});
    }
    return p;
}

static void unknowns_of_one_name_stay_apart(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    const struct tw_policy *one = counting_policy(&arena, 1);
    const struct tw_policy *two = counting_policy(&arena, 2);
    struct tw_idd_verdicts v = tw_idd_verdicts(&arena, cross(&arena, two, false), NULL);
    assert_int_equal(v.at[0], TW_RULE_LIVE);
    assert_int_equal(v.at[1], TW_RULE_PARTLY);
    assert_int_equal(compare(&arena, two, counting_policy(&arena, 2)).equal,
                     TW_IDD_YES);
    struct tw_idd_change d = compare(&arena, one, two);
    assert_int_equal(d.equal, TW_IDD_NO);
    assert_int_equal(d.closed, TW_IDD_NONE);
    tw_arena_release(&arena);
}

/* The mark of an earlier packet stays unknown on its way through both marks. */
static void restored_marks_stay_unknown_when_saved(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    struct tw_policy *p = flat_policy(&arena, TW_ACTION_DENY);
    static const struct tw_match any = {.families = 0};
    static const enum tw_action steps[] = {TW_ACTION_RESTORE_MARK,
                                           TW_ACTION_SET_CONNMARK, TW_ACTION_SAVE_MARK};
    for (int i = 0; i < 3; i++) {
        struct tw_rule *r = add_rule(p, steps[i], any);
        r->mask = 1;
        r->value = steps[i] == TW_ACTION_SET_CONNMARK;
    }
    struct tw_mark_test test = {
        .value = 1,
        .mask = 1,
        .of_connection = true,
        .unknown =
            tw_policy_unknown(p, TW_UNKNOWN_CONDITION, TW_STR("mark"), TW_STR("mark"))};
    add_rule(p, TW_ACTION_ACCEPT, (struct tw_match){.marks = &test, .nmarks = 1});
    const struct tw_crossing *c = cross(&arena, p, false);
    struct tw_idd_policy a = tw_idd_policy(&arena, c, TW_IPV4, ample);
    seed = 0x1dd;
    for (int i = 0; i < 200; i++) {
        struct full full = {.s = {.packet = random_packet()}};
        random_values(c, &full);
        check_sets(&arena, a.space, &a.sets, 0, &full);
    }
    struct full known = {
        .s = {
            .packet = {.family = TW_IPV4, .proto = 6, .state = TW_STATE_ESTABLISHED}}};
    known.values[0] = (struct tw_valued){0, 1};
    known.s.values = known.values;
    known.s.nvalues = 1;
    assert_true(tw_idd_holds(&arena, a.space, a.sets.pass, 0, &known.s));
    tw_arena_release(&arena);
}

static void what_is_open_is_not_called_equal(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    struct tw_policy *p = flat_policy(&arena, TW_ACTION_DENY);
    add_rule(p, TW_ACTION_UNDECIDED,
             (struct tw_match){.proto = tw_ranges_one(&arena, 6, 6),
                               .dport = port(&arena, 25)});
    struct tw_idd_change d = compare(&arena, p, p);
    assert_int_equal(d.equal, TW_IDD_UNDECIDED);
    assert_true(d.unsure != TW_IDD_NONE);
    assert_int_equal(d.opened, TW_IDD_NONE);
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_let_through_what_replaying_lets_through),
        cmocka_unit_test(chains_that_are_called_often_do_too),
        cmocka_unit_test(ipv6_policies_do_too),
        cmocka_unit_test(products_and_members_are_of_the_set),
        cmocka_unit_test(all_situations_are_counted_once),
        cmocka_unit_test(a_policy_equals_itself_with_redundant_rules),
        cmocka_unit_test(a_flipped_action_is_found_exactly),
        cmocka_unit_test(removing_a_dead_rule_changes_nothing),
        cmocka_unit_test(zones_are_one_by_their_names),
        cmocka_unit_test(wildcards_stand_for_names_of_the_other_policy),
        cmocka_unit_test(unknowns_are_one_by_kind_name_and_times),
        cmocka_unit_test(unknowns_of_one_name_stay_apart),
        cmocka_unit_test(restored_marks_stay_unknown_when_saved),
        cmocka_unit_test(what_is_open_is_not_called_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

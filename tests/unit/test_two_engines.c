/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdicts of two engines that share nothing but the policy: covers and witnesses
 * on boxes (cover.h), and interval decision diagrams (idd_verdicts.h).
 */
#include "cmocka_all.h"
#include "cover.h"
#include "idd_verdicts.h"
#include "random_policy.h"
#include "tiny_universe.h"

struct tally {
    size_t rules, states[TW_RULE_STATES], undecided[2], policies;
};

static bool never_fires(enum tw_rule_state state)
{
    return state == TW_RULE_DEAD || state == TW_RULE_UNMATCHABLE;
}

/* May both be said of one rule of a policy that is not plain? Either engine may leave
 * open what the other one decides. Rules that wait in vain, for a mark or for a state
 * that NOTRACK has taken away, have two names; and where NOTRACK changes states, it
 * depends on which state is meant whether a situation that does not come is missed. */
static bool are_compatible(const struct tw_policy *p, enum tw_rule_state a,
                           enum tw_rule_state b)
{
    if (a == TW_RULE_UNDECIDED || b == TW_RULE_UNDECIDED)
        return true;
    if (never_fires(a) || never_fires(b))
        return never_fires(a) && never_fires(b);
    return a == b || p->uses_notrack;
}

/* PLAIN: every verdict is decided, and the same. */
static void compare(struct tw_arena *arena, const struct tw_policy *p, bool unseen,
                    bool plain, struct tally *tally)
{
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD, .unseen = unseen};
    const struct tw_crossing *c = tw_crossing_new(arena, p, NULL, &o);
    struct tw_cover *cover = tw_cover_new(arena, c, NULL);
    struct tw_idd_verdicts v = tw_idd_verdicts(arena, c, NULL);
    assert_int_equal(v.why, TW_IDD_DONE);
    tally->policies++;
    for (uint32_t i = 0; i < p->rules.len; i++) {
        enum tw_rule_state a = tw_cover_rule(cover, i).state, b = v.at[i];
        tally->rules++;
        tally->states[b]++;
        tally->undecided[0] += a == TW_RULE_UNDECIDED;
        tally->undecided[1] += b == TW_RULE_UNDECIDED;
        if (plain ? a != b : !are_compatible(p, a, b))
            fail_msg("policy %zu, rule %u of %zu: %d by boxes, %d by diagrams",
                     tally->policies, i, p->rules.len, a, b);
    }
}

static void on_tiny_policies(const struct tiny *tiny, unsigned rounds, bool plain,
                             struct tally *tally)
{
    for (unsigned i = 0; i < rounds; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        compare(&arena, tiny_policy(&arena, tiny), tiny_draw(8) == 0, plain, tally);
        tw_arena_release(&arena);
    }
}

static void is_rich(const struct tally *tally)
{
    for (int s = 0; s < TW_RULE_UNDECIDED; s++)
        assert_true(tally->states[s] > 100);
}

static void flat_policies_with_many_overlaps_agree(void **state)
{
    (void)state;
    struct tally tally = {.rules = 0};
    tiny_seed = 0x9e3779b97f4a7c15u;
    struct tiny tiny = {.addresses = 12,
                        .flags = true,
                        .states = true,
                        .unknowns = 2,
                        .bases = 1,
                        .most_rules = 60,
                        .family = TW_IPV4};
    on_tiny_policies(&tiny, 300, true, &tally);
    tiny.family = TW_IPV6;
    on_tiny_policies(&tiny, 300, true, &tally);
    tiny.unknowns = 0;
    tiny.states = tiny.flags = false;
    tiny.most_rules = 200;
    tiny.addresses = 40;
    on_tiny_policies(&tiny, 60, true, &tally);
    assert_int_equal(tally.undecided[0] + tally.undecided[1], 0);
    is_rich(&tally);
}

static void programs_with_chains_and_stages_agree(void **state)
{
    (void)state;
    struct tally tally = {.rules = 0};
    tiny_seed = 88172645463325252u;
    struct tiny tiny = {.addresses = 6,
                        .flags = true,
                        .states = true,
                        .chains = true,
                        .unknowns = 2,
                        .bases = 1,
                        .more_chains = 4,
                        .most_rules = 8,
                        .family = TW_IPV4};
    on_tiny_policies(&tiny, 800, true, &tally);
    tiny.bases = 3;
    on_tiny_policies(&tiny, 400, true, &tally);
    tiny.family = TW_IPV6;
    on_tiny_policies(&tiny, 400, true, &tally);
    assert_int_equal(tally.undecided[0] + tally.undecided[1], 0);
    is_rich(&tally);
}

/* Marks, NOTRACK, translations and effects that nobody knows. */
static void what_both_decide_of_the_rest_agrees(void **state)
{
    (void)state;
    struct tally tally = {.rules = 0};
    tiny_seed = 2463534242u;
    struct tiny tiny = {.addresses = 5,
                        .flags = true,
                        .states = true,
                        .marks = true,
                        .notrack = true,
                        .effects = true,
                        .translates = true,
                        .chains = true,
                        .unknowns = 2,
                        .bases = 2,
                        .more_chains = 3,
                        .most_rules = 8,
                        .family = TW_IPV4};
    on_tiny_policies(&tiny, 400, false, &tally);
    tiny.notrack = false;
    on_tiny_policies(&tiny, 300, false, &tally);
    tiny.family = TW_IPV6;
    tiny.marks = false;
    on_tiny_policies(&tiny, 300, false, &tally);
    is_rich(&tally);
    assert_true(tally.undecided[0] * 3 < tally.rules);
    assert_true(tally.undecided[1] * 3 < tally.rules);
}

static void programs_of_another_generator_agree(void **state)
{
    (void)state;
    struct tally tally = {.rules = 0};
    seed = 0x1234567u;
    for (int i = 0; i < 800; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        plain_only = i % 4 != 0;
        calls_often = i % 3 == 0;
        const struct tw_policy *p = random_policy(&arena, 1 + draw(3));
        compare(&arena, p, draw(8) == 0, plain_only, &tally);
        tw_arena_release(&arena);
    }
    plain_only = calls_often = false;
    is_rich(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_policies_with_many_overlaps_agree),
        cmocka_unit_test(programs_with_chains_and_stages_agree),
        cmocka_unit_test(what_both_decide_of_the_rest_agrees),
        cmocka_unit_test(programs_of_another_generator_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdicts of two engines that share nothing but the policy: covers and witnesses
 * on boxes (cover.h), and interval decision diagrams (idd_verdicts.h).
 */
#include "adversarial_sets.h"
#include "cmocka_all.h"
#include "cover.h"
#include "format.h"
#include "idd_escape.h"
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

/* --- one engine as the other's way out
 * ------------------------------------------------ */

/* With few steps the first engine gives up, or asks the second: what it then says is
 * what it says with many. */
static void what_is_asked_of_the_diagrams_is_answered_alike(void **state)
{
    (void)state;
    size_t given_up[2] = {0};
    tiny_seed = 0x5eedu;
    for (int i = 0; i < 250; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tiny tiny = {.addresses = 20,
                                  .flags = true,
                                  .states = true,
                                  .unknowns = 2,
                                  .bases = 1,
                                  .most_rules = 60,
                                  .family = i % 2 ? TW_IPV6 : TW_IPV4};
        const struct tw_policy *p = tiny_policy(&arena, &tiny);
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
        const struct tw_crossing *c = tw_crossing_new(&arena, p, NULL, &o);
        struct tw_cover_escape escape = tw_idd_escape(&arena, tw_idd_covers_budget());
        struct tw_cover_options few = {.budget = 1},
                                asking = {.budget = 1, .escape = &escape};
        struct tw_cover *all = tw_cover_new(&arena, c, NULL);
        struct tw_cover *alone = tw_cover_new(&arena, c, &few);
        struct tw_cover *helped = tw_cover_new(&arena, c, &asking);
        for (uint32_t r = 0; r < p->rules.len; r++) {
            enum tw_rule_state want = tw_cover_rule(all, r).state;
            enum tw_rule_state got = tw_cover_rule(helped, r).state;
            given_up[0] += tw_cover_rule(alone, r).state == TW_RULE_UNDECIDED;
            given_up[1] += got == TW_RULE_UNDECIDED;
            if (got != TW_RULE_UNDECIDED)
                assert_int_equal(got, want);
        }
        tw_arena_release(&arena);
    }
    assert_true(given_up[0] > 20);
    assert_true(given_up[1] * 2 < given_up[0]);
}

/* --- sets from text
 * -------------------------------------------------------------------- */

static const struct tw_policy *policy_of(struct tw_arena *arena, struct tw_str text)
{
    struct tw_diags diags;
    struct tw_format_options options = {.now = {0}};
    tw_diags_init(&diags, arena, TW_LANG_EN);
    const struct tw_source *source = tw_source_new(arena, TW_STR("set"), text);
    const struct tw_policy *p =
        tw_policy_read(arena, TW_STR("set"), NULL, &source, 1, &options, &diags);
    assert_non_null(p);
    return p;
}

static void sets_made_to_be_hard_agree(void **state)
{
    (void)state;
    static const struct {
        enum tw_adversary kind;
        uint32_t size, percent, seed;
        enum tw_rule_state last;
    } sets[] = {{TW_ADVERSARY_TILE, 300, 0, 1, TW_RULE_DEAD},
                {TW_ADVERSARY_TILE, 500, 0, 2, TW_RULE_DEAD},
                {TW_ADVERSARY_NEEDLE, 300, 0, 1, TW_RULE_PARTLY},
                {TW_ADVERSARY_NEEDLE, 500, 0, 3, TW_RULE_PARTLY},
                {TW_ADVERSARY_CLIQUE, 3, 86, 1, TW_RULE_DEAD},
                {TW_ADVERSARY_CLIQUE, 3, 30, 1, TW_RULE_PARTLY}};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        struct tally tally = {.rules = 0};
        const struct tw_policy *p =
            policy_of(&arena, adversarial_set(&arena, sets[i].kind, sets[i].size,
                                              sets[i].percent, sets[i].seed));
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
        compare(&arena, p, false, true, &tally);
        struct tw_idd_verdicts v =
            tw_idd_verdicts(&arena, tw_crossing_new(&arena, p, NULL, &o), NULL);
        assert_true(v.n >= 150);
        assert_int_equal(v.at[v.n - 1], sets[i].last);
        tw_arena_release(&arena);
    }
}

/* Prefixes of few networks, ports of a few kinds, wide rules late: as filter sets of
 * the field are. */
static void put_prefix(struct tw_buf *buf, const char *option, uint32_t wide)
{
    static const uint32_t lengths[] = {32, 32, 28, 24, 24, 16, 8, 0};
    uint32_t length = lengths[wide + draw(4)];
    uint32_t address = (10 + draw(3)) << 24 | draw(4) << 16 | draw(6) << 8 | draw(16);
    if (length == 0)
        return;
    address &= ~(uint32_t)0 << (32 - length);
    tw_buf_fmt(buf, " %s %u.%u.%u.%u/%u", option, address >> 24, address >> 16 & 255,
               address >> 8 & 255, address & 255, length);
}

static struct tw_str filter_set(struct tw_arena *arena, uint32_t rules)
{
    static const char *const ports[] = {"",
                                        " --dport 80",
                                        " --dport 443",
                                        " --dport 1024:65535",
                                        " --dport 53",
                                        " --sport 1024:65535"};
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_text(&buf, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n");
    for (uint32_t i = 0; i < rules; i++) {
        uint32_t wide = i * 5 / rules;
        tw_buf_text(&buf, "-A FORWARD");
        put_prefix(&buf, "-s", wide);
        put_prefix(&buf, "-d", wide);
        if (draw(4))
            tw_buf_fmt(&buf, draw(3) ? " -p tcp -m tcp%s" : " -p udp -m udp%s",
                       ports[draw(6)]);
        tw_buf_text(&buf, draw(4) ? " -j ACCEPT\n" : " -j DROP\n");
    }
    tw_buf_text(&buf, "COMMIT\n");
    return tw_buf_view(&buf);
}

static void filter_sets_agree(void **state)
{
    (void)state;
    seed = 0xacedu;
    for (int i = 0; i < 4; i++) {
        struct tw_arena arena;
        struct tally tally = {.rules = 0};
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = policy_of(&arena, filter_set(&arena, 1200));
        compare(&arena, p, false, true, &tally);
        assert_true(tally.states[TW_RULE_DEAD] > 50);
        assert_true(tally.states[TW_RULE_PARTLY] > 50);
        assert_true(tally.states[TW_RULE_LIVE] > 50);
        tw_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_policies_with_many_overlaps_agree),
        cmocka_unit_test(programs_with_chains_and_stages_agree),
        cmocka_unit_test(what_both_decide_of_the_rest_agrees),
        cmocka_unit_test(programs_of_another_generator_agree),
        cmocka_unit_test(what_is_asked_of_the_diagrams_is_answered_alike),
        cmocka_unit_test(sets_made_to_be_hard_agree),
        cmocka_unit_test(filter_sets_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

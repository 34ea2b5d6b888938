/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on every rule against complete enumeration of small universes: random
 * rulebases and chain programs, IPv4 and IPv6, with flags, states, unknowns, marks,
 * NOTRACK, translations and several stages.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "cover.h"
#include "recheck.h"
#include "tiny_universe.h"

enum { RULES_MAX = 256 };

/* What enumeration says about a rule. */
struct truth {
    bool some, reached, lost; /* it has situations; some come to it; some do not */
    bool may_reach;           /* … where a rule does what nobody knows */
    bool in_doubt;            /* a situation ends in what nobody knows */
};

/* --- enumeration ----------------------------------------------------------------- */

/* Marks every rule that matches, tests of marks aside, in a chain that the calls alone
 * lead to: its situations. */
static void spread(struct tiny_run *r, uint32_t chain, bool *callable, size_t *has)
{
    const struct tw_chain *c = &r->policy->chains.at[chain];
    callable[chain] = true;
    for (uint32_t i = c->first; i < c->first + c->count; i++) {
        const struct tw_rule *rule = &r->policy->rules.at[i];
        bool holds = false;
        for (size_t k = 0; k < rule->nmatches && !rule->disabled; k++) {
            const struct tw_match *m = &rule->matches[k];
            bool state =
                !m->states || r->policy->uses_notrack || m->states & tiny_visible(r);
            holds |= tiny_header(m, &r->at->packet) && state && tiny_conditions(r, m);
        }
        if (holds)
            has[i] = r->stage_number + 1;
        if (holds &&
            (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO) &&
            !callable[rule->chain])
            spread(r, rule->chain, callable, has);
    }
}

/* HAS gets, by rule, the last stage in which it has this situation, plus one. */
static void situations_of(struct tiny_run *r, size_t *has)
{
    enum tw_family family = r->at->packet.family;
    r->state = r->at->packet.state;
    for (size_t i = 0; i < r->policy->stages[family][TW_HOOK_FORWARD].len; i++) {
        bool callable[64] = {false};
        r->stage = &r->policy->stages[family][TW_HOOK_FORWARD].at[i];
        r->stage_number = i;
        if (tiny_sees(r))
            spread(r, r->stage->chain, callable, has);
    }
}

/* Where a rule's effect is not known, or packets are translated: everything that could
 * happen instead. */
static void other_fates(struct tiny_run run, size_t first_effect, struct truth *truth)
{
    const struct tw_policy *p = run.policy;
    size_t nstages = p->stages[run.at->packet.family][TW_HOOK_FORWARD].len;
    for (size_t first = 0; first < nstages; first++) {
        if (first > 0 && first <= first_effect)
            continue; /* nothing is changed before this stage */
        for (int effect = TINY_STOPS; effect <= TINY_ACCEPTS; effect++) {
            bool reached[RULES_MAX] = {false};
            run.effect = (enum tiny_effect)effect;
            run.reached = reached;
            tiny_run(&run, first);
            for (size_t i = 0; i < p->rules.len; i++)
                truth[i].may_reach |= reached[i];
        }
    }
}

/* RUN, which did not come to RULE, ended in what nobody knows: could it matter to the
 * rule, the last stage of which has the number STAGE - 1? */
static bool in_doubt(const struct tiny_run *run, size_t rule, size_t stage)
{
    bool doubt = false;
    if (!run->unsure || run->translated) /* in its own stage a translation is an end */
        return run->unsure && stage > run->unsure_stage + 1;
    for (int effect = TINY_GOES_ON; effect <= TINY_ACCEPTS; effect++) {
        bool reached[RULES_MAX] = {false};
        struct tiny_run again = *run;
        again.effect = (enum tiny_effect)effect;
        again.reached = reached;
        again.translated = false;
        tiny_run(&again, 0);
        doubt |= reached[rule] || (again.translated && stage > again.unsure_stage + 1);
    }
    return doubt;
}

static void enumerate(const struct tw_policy *p, const struct tiny *tiny,
                      struct truth *truth)
{
    struct tiny_walk walk = {.tiny = tiny, .policy = p};
    bool open = tiny->effects || tiny->translates;
    size_t first_effect = SIZE_MAX;
    while (tiny_next(&walk)) {
        size_t has[RULES_MAX] = {0};
        bool reached[RULES_MAX] = {false};
        struct tiny_run run = {.policy = p, .at = &walk.now, .reached = reached};
        situations_of(&run, has);
        tiny_run(&run, 0);
        for (size_t i = 0; i < p->rules.len; i++) {
            bool unsure = in_doubt(&run, i, has[i]);
            truth[i].some |= has[i] != 0;
            truth[i].reached |= reached[i];
            truth[i].lost |= has[i] && !reached[i] && !unsure;
            truth[i].in_doubt |= has[i] && !reached[i] && unsure;
        }
        if (run.unsure && run.unsure_stage < first_effect)
            first_effect = run.unsure_stage;
    }
    for (walk = (struct tiny_walk){.tiny = tiny, .policy = p};
         open && tiny_next(&walk);)
        other_fates((struct tiny_run){.policy = p, .at = &walk.now}, first_effect,
                    truth);
}

/* --- comparison ------------------------------------------------------------------ */

static size_t tallies[TW_RULE_STATES];
static size_t doubts, rechecked;

static bool asks_marks(const struct tw_policy *p)
{
    return p->uses_marks || p->uses_notrack;
}

static void check_witness(struct tw_arena *arena, struct tw_cover *cover,
                          const struct tw_crossing *crossing, uint32_t rule)
{
    struct tw_situation s;
    assert_true(tw_cover_witness(arena, cover, rule, &s));
    assert_true(tw_cover_confirm(arena, crossing, rule, &s));
    for (size_t i = 1; i < s.nvalues; i++)
        assert_true(s.values[i - 1].unknown < s.values[i].unknown);
}

/* A cover holds by plain enumeration, and a minimal one does not without a member. */
static void check_reasons(struct tw_arena *arena, const struct tw_crossing *crossing,
                          uint32_t rule, const struct tw_explained *why)
{
    enum { CELLS = 20000 };
    if (why->by_policy)
        return; /* not a matter of rules alone */
    enum tw_recheck all =
        tw_recheck_cover(arena, crossing, rule, why->rules, why->nrules, CELLS);
    assert_int_not_equal(all, TW_RECHECK_FAILS);
    rechecked += all == TW_RECHECK_HOLDS;
    if (all != TW_RECHECK_HOLDS || !why->minimal)
        return;
    uint32_t *fewer = tw_new_array(arena, why->nrules, uint32_t);
    for (size_t drop = 0; drop < why->nrules; drop++) {
        size_t n = 0;
        for (size_t i = 0; i < why->nrules; i++)
            if (i != drop)
                fewer[n++] = why->rules[i];
        assert_int_equal(tw_recheck_cover(arena, crossing, rule, fewer, n, CELLS),
                         TW_RECHECK_FAILS);
    }
}

static void check_rule(struct tw_arena *arena, struct tw_cover *cover,
                       const struct tw_crossing *crossing, uint32_t rule,
                       const struct truth *t, bool open)
{
    struct tw_rule_answer a = tw_cover_rule(cover, rule);
    struct tw_explained why;
    tallies[a.state]++;
    switch (a.state) {
    case TW_RULE_UNMATCHABLE:
        assert_false(t->some);
        break;
    case TW_RULE_DEAD:
        assert_true(t->some);
        assert_false(t->reached);
        assert_false(open && t->may_reach);
        assert_true(tw_cover_explain(arena, cover, rule, &why));
        assert_true(why.nrules > 0 || why.by_policy);
        check_reasons(arena, crossing, rule, &why);
        if (a.by != TW_NO_RULE) /* one rule holds all of it */
            assert_int_not_equal(
                tw_recheck_cover(arena, crossing, rule, &a.by, 1, 20000),
                TW_RECHECK_FAILS);
        break;
    case TW_RULE_PARTLY:
        assert_true(t->reached);
        assert_true(t->lost);
        check_witness(arena, cover, crossing, rule);
        break;
    case TW_RULE_LIVE:
        assert_true(t->reached);
        assert_false(t->lost);
        assert_false(t->in_doubt);
        check_witness(arena, cover, crossing, rule);
        break;
    default: /* only for a reason that is there */
        doubts++;
        assert_true(t->some);
        if (a.doubt == TW_WHY_EFFECT)
            assert_true(open);
        else
            assert_true(a.doubt == TW_WHY_MARKS && asks_marks(crossing->policy));
        break;
    }
}

static void check_program(const struct tiny *tiny)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 30);
    struct tw_policy *p = tiny_policy(&arena, tiny);
    struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
    struct tw_crossing *crossing = tw_new(&arena, struct tw_crossing);
    *crossing = *tw_crossing_new(&arena, p, NULL, &options);
    /* The whole universe: interfaces may be "none" here. */
    uint64_t *all = tw_new_array(&arena, p->unknowns.len + 1, uint64_t);
    const uint64_t **possible =
        tw_new_array(&arena, p->unknowns.len + 1, const uint64_t *);
    for (size_t u = 0; u < p->unknowns.len; u++) {
        all[u] = ((uint64_t)1 << p->unknowns.at[u].nvalues) - 1;
        possible[u] = &all[u];
    }
    crossing->possible = possible;
    struct truth truth[RULES_MAX] = {{0}};
    assert_true(p->rules.len <= RULES_MAX);
    enumerate(p, tiny, truth);
    struct tw_cover *cover = tw_cover_new(&arena, crossing, NULL);
    for (uint32_t i = 0; i < p->rules.len; i++) {
        struct tw_arena *work = tw_arena_child(&arena);
        check_rule(work, cover, crossing, i, &truth[i],
                   tiny->effects || tiny->translates);
        tw_arena_release(work);
    }
    tw_arena_release(&arena);
}

static void check_many(int programs, struct tiny tiny)
{
    memset(tallies, 0, sizeof tallies);
    doubts = rechecked = 0;
    for (int i = 0; i < programs; i++) {
        tiny.family = i % 4 == 3 ? TW_IPV6 : TW_IPV4;
        tiny.addresses = 2 + tiny_draw(2);
        check_program(&tiny);
    }
    /* The verdicts that matter are really met. */
    assert_true(tallies[TW_RULE_DEAD] > 20);
    assert_true(tallies[TW_RULE_PARTLY] > 20);
    assert_true(tallies[TW_RULE_LIVE] > 20);
    if (getenv("TW_TALLY"))
        printf("unmatchable %zu dead %zu partly %zu live %zu undecided %zu\n",
               tallies[0], tallies[1], tallies[2], tallies[3], doubts);
}

static void rulebases_agree_with_enumeration(void **state)
{
    (void)state;
    tiny_seed = 0x9e3779b97f4a7c15u;
    check_many(600, (struct tiny){.bases = 1, .most_rules = 14});
    assert_int_equal(doubts, 0);
    assert_true(rechecked > 1000);
}

static void flags_and_states_agree_with_enumeration(void **state)
{
    (void)state;
    tiny_seed = 0x1234567u;
    check_many(150,
               (struct tiny){.bases = 1, .most_rules = 12, .flags = 1, .states = 1});
    assert_int_equal(doubts, 0);
}

static void unknowns_agree_with_enumeration(void **state)
{
    (void)state;
    tiny_seed = 0x7654321u;
    check_many(300, (struct tiny){.bases = 1, .most_rules = 12, .unknowns = 3});
    assert_int_equal(doubts, 0);
}

static void chains_agree_with_enumeration(void **state)
{
    (void)state;
    tiny_seed = 0xabcdefu;
    check_many(
        600, (struct tiny){.bases = 1, .more_chains = 3, .most_rules = 6, .chains = 1});
    assert_int_equal(doubts, 0);
}

static void stages_agree_with_enumeration(void **state)
{
    (void)state;
    tiny_seed = 0xfedcbau;
    check_many(120, (struct tiny){.bases = 3,
                                  .more_chains = 2,
                                  .most_rules = 4,
                                  .chains = 1,
                                  .states = 1,
                                  .unknowns = 2});
    assert_int_equal(doubts, 0);
}

static void marks_are_followed_or_left_undecided(void **state)
{
    (void)state;
    tiny_seed = 0x5deece66du;
    check_many(120, (struct tiny){.bases = 2,
                                  .more_chains = 2,
                                  .most_rules = 6,
                                  .chains = 1,
                                  .marks = 1,
                                  .notrack = 1,
                                  .states = 1,
                                  .unknowns = 1});
}

static void unknown_effects_are_never_taken_for_certain(void **state)
{
    (void)state;
    tiny_seed = 0x2545f491u;
    check_many(300, (struct tiny){.bases = 2,
                                  .more_chains = 2,
                                  .most_rules = 6,
                                  .chains = 1,
                                  .effects = 1,
                                  .translates = 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rulebases_agree_with_enumeration),
        cmocka_unit_test(flags_and_states_agree_with_enumeration),
        cmocka_unit_test(unknowns_agree_with_enumeration),
        cmocka_unit_test(chains_agree_with_enumeration),
        cmocka_unit_test(stages_agree_with_enumeration),
        cmocka_unit_test(marks_are_followed_or_left_undecided),
        cmocka_unit_test(unknown_effects_are_never_taken_for_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

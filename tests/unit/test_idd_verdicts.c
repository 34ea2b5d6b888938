/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts by diagrams against running every situation of a shrunken universe, with one
 * value outside of what the rules name in each field.
 */
#include "cmocka_all.h"
#include "idd_covers.h"
#include "idd_verdicts.h"
#include "random_policy.h"
#include "replay.h"

enum { FEW_ADDRESSES = 3, FEW_PORTS = 2, RULES_MAX = 512 };

/* --- one situation -------------------------------------------------------------------
 */

struct situation {
    struct tw_packet packet;
    uint32_t values[8]; /* of each unknown */
};

struct met {
    bool rules[RULES_MAX];
};

static void see(void *ctx, uint32_t rule, bool held)
{
    struct met *met = ctx;
    assert_true(held); /* every unknown has one value */
    met->rules[rule] = true;
}

/* The rules that the situation meets; true where its end is not known. */
static bool run(struct tw_arena *arena, const struct tw_crossing *c,
                const struct situation *s, struct met *met)
{
    static const uint64_t bits[] = {1, 2, 4, 8};
    const uint64_t *values[8];
    const struct tw_replay_watch watch = {see, met};
    struct tw_crossing settled = *c;
    for (size_t u = 0; u < c->policy->unknowns.len; u++)
        values[u] = &bits[s->values[u]];
    settled.possible = values;
    memset(met, 0, sizeof *met);
    struct tw_replay r = tw_replay(arena, &settled, &s->packet, &watch);
    assert_false(r.gave_up);
    return r.may_pass && r.may_stop;
}

static bool listed(const struct tw_ranges *list, tw_u128 x)
{
    return !list || tw_ranges_has(list, x);
}

/* Does the match hold in STAGE, tests of marks aside? */
static bool holds(const struct tw_crossing *c, const struct tw_stage *stage,
                  const struct tw_match *m, const struct situation *s)
{
    const struct tw_packet *p = &s->packet;
    unsigned state = p->state;
    if (c->unseen || (stage->untracked && state != TW_STATE_UNTRACKED))
        state = TW_STATE_INVALID;
    bool ok = !m->never && listed(m->src, p->src) && listed(m->dst, p->dst) &&
              listed(m->proto, p->proto) && listed(m->sport, p->sport) &&
              listed(m->dport, p->dport) && (!m->states || m->states & state);
    if ((m->sport || m->dport) && !tw_proto_has_ports(p->proto))
        return false;
    for (size_t i = 0; i < m->nflags; i++)
        ok &= ((p->tcp_flags & m->flags[i].mask) == m->flags[i].value) !=
              m->flags[i].negated;
    for (size_t i = 0; i < m->nconditions; i++) {
        uint32_t u = m->conditions[i].unknown;
        bool none =
            stage->no_in_if && c->policy->unknowns.at[u].kind == TW_UNKNOWN_IN_IF;
        ok &= m->conditions[i].allowed[0] >> (none ? 0 : s->values[u]) & 1;
    }
    return ok;
}

/* Adds the rules that the situation is one of: it fits, and so do the calls. */
static void add_own(const struct tw_crossing *c, const struct tw_stage *stage,
                    const struct situation *s, bool *own)
{
    const struct tw_policy *p = c->policy;
    bool led[64] = {false};
    bool fresh = s->packet.state & (TW_STATE_NEW | TW_STATE_RELATED) && !c->unseen;
    led[stage->chain] = fresh || !stage->first_only;
    for (uint32_t i = 0; i < p->rules.len; i++) { /* callers stand before callees */
        const struct tw_rule *r = &p->rules.at[i];
        bool fits = false;
        for (size_t m = 0; m < r->nmatches && !r->disabled; m++)
            fits |= holds(c, stage, &r->matches[m], s);
        if (!fits || !led[r->chain_of])
            continue;
        own[i] = true;
        if (r->action == TW_ACTION_CALL || r->action == TW_ACTION_GOTO)
            led[r->chain] = true;
    }
}

/* --- all situations ------------------------------------------------------------------
 */

struct visit {
    void (*see)(void *ctx, const struct situation *s);
    void *ctx;
};

static void with_values(const struct tw_crossing *c, struct situation *s,
                        const struct visit *visit, uint32_t unknown)
{
    if (unknown == c->policy->unknowns.len) {
        visit->see(visit->ctx, s);
        return;
    }
    for (uint32_t v = 0; v < c->policy->unknowns.at[unknown].nvalues; v++) {
        s->values[unknown] = v;
        if (c->possible[unknown][0] >> v & 1)
            with_values(c, s, visit, unknown + 1);
    }
}

static void with_ports(const struct tw_crossing *c, struct situation *s,
                       const struct visit *visit)
{
    bool tcp = s->packet.proto == 6;
    for (unsigned i = 0; i < (FEW_PORTS + 1) * (FEW_PORTS + 1) * (tcp ? 2 : 1); i++) {
        s->packet.sport = i % (FEW_PORTS + 1);
        s->packet.dport = i / (FEW_PORTS + 1) % (FEW_PORTS + 1);
        s->packet.tcp_flags = 0;
        if (tcp)
            s->packet.tcp_flags = i / ((FEW_PORTS + 1) * (FEW_PORTS + 1))
                                      ? TW_TCP_SYN
                                      : TW_TCP_SYN | TW_TCP_ACK;
        with_values(c, s, visit, 0);
    }
}

static void every_situation(const struct tw_crossing *c, const struct visit *visit)
{
    static const unsigned protos[] = {6, 17, 47};
    for (unsigned i = 0; i < (FEW_ADDRESSES + 1) * (FEW_ADDRESSES + 1) * 3 * 5; i++) {
        struct situation s = {
            .packet = {.family = TW_IPV4,
                       .src = i % (FEW_ADDRESSES + 1),
                       .dst = i / (FEW_ADDRESSES + 1) % (FEW_ADDRESSES + 1),
                       .state = (enum tw_state)(1u << i / 16 % 5),
                       .proto = protos[i / 16 / 5]}};
        if (s.packet.proto == 47)
            with_values(c, &s, visit, 0);
        else
            with_ports(c, &s, visit);
    }
}

/* --- verdicts ------------------------------------------------------------------------
 */

struct sum {
    struct tw_arena scratch;
    const struct tw_crossing *crossing;
    bool has[RULES_MAX], reached[RULES_MAX], lost[RULES_MAX], may_come[RULES_MAX];
    /* With AS_SEEN, a rule that sees without acting: one of its situations does not
     * come to it. */
    uint32_t as_seen;
    bool missed;
};

static void add(void *ctx, const struct situation *s)
{
    struct sum *sum = ctx;
    const struct tw_policy *p = sum->crossing->policy;
    struct met met;
    bool own[RULES_MAX] = {false};
    bool open = run(&sum->scratch, sum->crossing, s, &met);
    tw_arena_release(&sum->scratch);
    for (size_t i = 0; i < p->stages[TW_IPV4][TW_HOOK_FORWARD].len; i++)
        add_own(sum->crossing, &p->stages[TW_IPV4][TW_HOOK_FORWARD].at[i], s, own);
    for (size_t i = 0; i < p->rules.len; i++) {
        sum->has[i] |= own[i] || met.rules[i];
        sum->reached[i] |= met.rules[i];
        sum->lost[i] |= own[i] && !met.rules[i] && !open;
        sum->may_come[i] |= own[i] && !met.rules[i] && open;
    }
    if (sum->as_seen != UINT32_MAX)
        sum->missed |= own[sum->as_seen] && !met.rules[sum->as_seen];
}

static bool tests_marks(const struct tw_rule *r)
{
    bool any = false;
    for (size_t m = 0; m < r->nmatches; m++)
        any |= r->matches[m].nmarks > 0;
    return any;
}

static void enumerate(const struct tw_crossing *c, uint32_t as_seen, struct sum *sum)
{
    const struct visit visit = {add, sum};
    *sum = (struct sum){.crossing = c, .as_seen = as_seen};
    tw_arena_init(&sum->scratch, (size_t)1 << 28);
    every_situation(c, &visit);
}

/* Is there a situation of the rule, marks aside, that does not come to it? */
static bool is_missed(struct tw_arena *arena, const struct tw_crossing *c,
                      uint32_t rule)
{
    static struct sum sum;
    struct tw_policy q = *c->policy;
    struct tw_rule *rules = tw_new_array(arena, q.rules.len, struct tw_rule);
    struct tw_crossing d = *c;
    memcpy(rules, q.rules.at, q.rules.len * sizeof *rules);
    struct tw_match *m = tw_new_array(arena, rules[rule].nmatches, struct tw_match);
    for (size_t i = 0; i < rules[rule].nmatches; i++) {
        m[i] = rules[rule].matches[i];
        m[i].nmarks = 0;
    }
    rules[rule].matches = m;
    rules[rule].action = TW_ACTION_CONTINUE;
    q.rules.at = rules;
    d.policy = &q;
    enumerate(&d, rule, &sum);
    return sum.missed;
}

static enum tw_rule_state expected(struct tw_arena *arena, const struct sum *sum,
                                   uint32_t rule)
{
    bool marks = tests_marks(&sum->crossing->policy->rules.at[rule]);
    bool reached = sum->reached[rule];
    if (reached && sum->lost[rule] && !marks)
        return TW_RULE_PARTLY;
    if (sum->may_come[rule])
        return TW_RULE_UNDECIDED;
    if (!sum->has[rule])
        return TW_RULE_UNMATCHABLE;
    if (!marks)
        return reached ? TW_RULE_LIVE : TW_RULE_DEAD;
    if (!is_missed(arena, sum->crossing, rule))
        return reached ? TW_RULE_LIVE : TW_RULE_UNMATCHABLE;
    return reached ? TW_RULE_UNDECIDED : TW_RULE_DEAD;
}

static void check_policies(unsigned rounds, size_t counts[TW_RULE_STATES])
{
    static struct sum sum;
    random_addresses = FEW_ADDRESSES;
    random_ports = FEW_PORTS;
    for (unsigned i = 0; i < rounds; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = random_policy(&arena, 1);
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD,
                                        .unseen = draw(6) == 0};
        const struct tw_crossing *c = tw_crossing_new(&arena, p, NULL, &o);
        struct tw_idd_verdicts v = tw_idd_verdicts(&arena, c, NULL);
        assert_int_equal(v.why, TW_IDD_DONE);
        assert_true(p->rules.len <= RULES_MAX && p->chains.len <= 64);
        enumerate(c, UINT32_MAX, &sum);
        for (uint32_t r = 0; r < p->rules.len; r++) {
            assert_int_equal(v.at[r], expected(&arena, &sum, r));
            counts[v.at[r]]++;
        }
        tw_arena_release(&arena);
    }
    random_addresses = ADDRESSES;
    random_ports = PORTS;
}

static void verdicts_agree_with_enumeration(void **state)
{
    (void)state;
    size_t counts[TW_RULE_STATES] = {0};
    seed = 0x9e3779b97f4a7c15u;
    plain_only = true;
    check_policies(50, counts);
    plain_only = false;
    assert_true(counts[TW_RULE_DEAD] > 50 && counts[TW_RULE_PARTLY] > 50);
    assert_true(counts[TW_RULE_LIVE] > 30 && counts[TW_RULE_UNMATCHABLE] > 10);
    assert_int_equal(counts[TW_RULE_UNDECIDED], 0);
}

static void verdicts_with_marks_and_open_effects_agree_too(void **state)
{
    (void)state;
    size_t counts[TW_RULE_STATES] = {0};
    seed = 88172645463325252u;
    check_policies(18, counts);
    calls_often = true;
    check_policies(6, counts);
    calls_often = false;
    assert_true(counts[TW_RULE_DEAD] > 20 && counts[TW_RULE_PARTLY] > 20);
}

/* --- slices and budgets --------------------------------------------------------------
 */

/* Cut into slices or not: what is decided is the same. */
static void small_budgets_change_nothing_that_is_decided(void **state)
{
    (void)state;
    seed = 2463534242u;
    size_t sliced = 0, undecided = 0;
    for (int i = 0; i < 150; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        plain_only = i % 2;
        const struct tw_policy *p = random_policy(&arena, 2);
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
        const struct tw_crossing *c = tw_crossing_new(&arena, p, NULL, &o);
        struct tw_idd_verdicts want = tw_idd_verdicts(&arena, c, NULL);
        for (uint64_t steps = 64; steps < 20000; steps *= 3) {
            struct tw_idd_verdict_options few = {.budget = {(size_t)1 << 20, steps},
                                                 .steps = steps * 400};
            struct tw_idd_verdicts v = tw_idd_verdicts(&arena, c, &few);
            sliced += v.why == TW_IDD_DONE && v.slices > 1;
            undecided += v.why != TW_IDD_DONE;
            for (size_t r = 0; r < v.n; r++)
                if (v.at[r] != TW_RULE_UNDECIDED || v.why == TW_IDD_DONE)
                    assert_int_equal(v.at[r], want.at[r]);
        }
        tw_arena_release(&arena);
    }
    plain_only = false;
    assert_true(sliced > 50 && undecided > 50);
}

static void small_budgets_are_told_by_whole_policies(void **state)
{
    (void)state;
    seed = 0x1234567u;
    size_t done = 0, given_up = 0;
    for (int i = 0; i < 100; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        const struct tw_policy *p = random_policy(&arena, 2);
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
        const struct tw_crossing *c = tw_crossing_new(&arena, p, NULL, &o);
        struct tw_idd_budget few = {(size_t)1 << (10 + draw(12)), 100 + draw(4000)};
        struct tw_idd_policy a = tw_idd_policy(&arena, c, TW_IPV4, few);
        struct tw_idd_change d = tw_idd_compare(&arena, c, c, TW_IPV4, few);
        done += a.why == TW_IDD_DONE;
        given_up += a.why == TW_IDD_OVER_BUDGET;
        if (a.why != TW_IDD_DONE) {
            assert_int_equal(a.sets.pass, TW_IDD_LOST);
            assert_int_equal(tw_idd_situations(&arena, a.space, a.sets.pass).len, 0);
        }
        if (d.why != TW_IDD_DONE)
            assert_int_equal(d.equal, TW_IDD_UNDECIDED);
        else
            assert_int_not_equal(d.equal, TW_IDD_NO);
        tw_arena_release(&arena);
    }
    assert_true(done > 5 && given_up > 5);
}

/* A rule for each bit sets it, so that marks take 2^24 values: not followed that far.
 */
static void too_many_marks_are_told(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 30);
    struct tw_policy *p = tw_policy_new(&arena, TW_STR("marks"));
    *tw_vec_add(&arena, &p->chains) =
        (struct tw_chain){.is_base = true, .policy = TW_ACTION_ACCEPT, .count = 24};
    *tw_vec_add(&arena, &p->stages[TW_IPV4][TW_HOOK_FORWARD]) =
        (struct tw_stage){.chain = 0, .decides = true};
    for (uint32_t i = 0; i < 24; i++) {
        struct tw_match *m = tw_new(&arena, struct tw_match);
        m->dst = tw_ranges_one(&arena, i * 2, i * 2 + 20);
        *tw_vec_add(&arena, &p->rules) = (struct tw_rule){.action = TW_ACTION_SET_MARK,
                                                          .value = 1u << i,
                                                          .matches = m,
                                                          .nmatches = 1,
                                                          .index = i + 1};
    }
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
    const struct tw_crossing *c = tw_crossing_new(&arena, p, NULL, &o);
    struct tw_idd_policy a = tw_idd_policy(&arena, c, TW_IPV4, tw_idd_usual_budget());
    assert_int_equal(a.why, TW_IDD_TOO_MANY_VIEWS);
    assert_int_equal(a.sets.pass, TW_IDD_LOST);
    struct tw_idd_verdicts v = tw_idd_verdicts(&arena, c, NULL);
    assert_int_equal(v.why, TW_IDD_TOO_MANY_VIEWS);
    assert_int_equal(v.at[3], TW_RULE_UNDECIDED);
    tw_arena_release(&arena);
}

/* --- one box -------------------------------------------------------------------------
 */

struct question {
    const struct tw_crossing *crossing;
    const struct tw_match *box;
    const struct tw_match *const *products;
    size_t n;
    bool uncovered;
    const struct tw_situation *witness;
    bool witness_is_uncovered;
};

static bool is_uncovered(const struct question *q, const struct situation *s)
{
    static const struct tw_stage plain = {.chain = 0};
    bool in = holds(q->crossing, &plain, q->box, s);
    for (size_t i = 0; i < q->n && in; i++)
        in = !holds(q->crossing, &plain, q->products[i], s);
    return in;
}

static void look(void *ctx, const struct situation *s)
{
    struct question *q = ctx;
    q->uncovered |= is_uncovered(q, s);
}

static void boxes_are_covered_as_enumeration_says(void **state)
{
    (void)state;
    seed = 0xfeedu;
    size_t covered = 0, open = 0;
    random_addresses = FEW_ADDRESSES;
    random_ports = FEW_PORTS;
    for (int i = 0; i < 60; i++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 30);
        struct tw_policy *p = tw_policy_new(&arena, TW_STR("box"));
        tw_policy_unknown(p, TW_UNKNOWN_CONDITION, TW_STR("u"), TW_STR("u"));
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
        const struct tw_crossing *c = tw_crossing_new(&arena, p, NULL, &o);
        const struct tw_match *products[30];
        struct tw_idd_asked asked[31];
        struct tw_match matches[31];
        struct question q = {.crossing = c, .products = products, .n = draw(31)};
        plain_only = true;
        for (size_t k = 0; k < 31; k++) {
            matches[k] = random_match(p, 1);
            asked[k] = (struct tw_idd_asked){.match = &matches[k]};
        }
        for (size_t k = 0; k < 30; k++)
            products[k] = &matches[k];
        plain_only = false;
        q.box = &matches[30];
        const struct visit visit = {look, &q};
        struct tw_situation witness = {.nvalues = 0};
        enum tw_idd_answer answer =
            tw_idd_covers(&arena, c, TW_IPV4, &asked[30], asked, q.n,
                          tw_idd_covers_budget(), &witness);
        every_situation(c, &visit);
        assert_int_equal(answer, q.uncovered ? TW_IDD_NO : TW_IDD_YES);
        covered += !q.uncovered;
        open += q.uncovered;
        if (q.uncovered) {
            struct situation s = {.packet = witness.packet};
            if (witness.nvalues)
                s.values[0] = witness.values[0].value;
            assert_true(is_uncovered(&q, &s));
        }
        struct tw_idd_budget none = {1 << 12, 20};
        assert_int_equal(
            tw_idd_covers(&arena, c, TW_IPV4, &asked[30], asked, q.n, none, NULL),
            TW_IDD_UNDECIDED);
        tw_arena_release(&arena);
    }
    random_addresses = ADDRESSES;
    random_ports = PORTS;
    assert_true(covered > 5 && open > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_agree_with_enumeration),
        cmocka_unit_test(verdicts_with_marks_and_open_effects_agree_too),
        cmocka_unit_test(small_budgets_change_nothing_that_is_decided),
        cmocka_unit_test(small_budgets_are_told_by_whole_policies),
        cmocka_unit_test(too_many_marks_are_told),
        cmocka_unit_test(boxes_are_covered_as_enumeration_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

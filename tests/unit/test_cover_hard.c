/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rulebases made to be hard: exact all the same, or undecided when the budget is small,
 * never wrong. Sizes are those of a unit test; what the verdict must be is known from
 * how the set was made.
 */
#include <string.h>

#include "cmocka_all.h"
#include "cover.h"

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 5) % below;
}

/* --- rulebases of boxes ---------------------------------------------------------- */

struct box {
    tw_u128 lo[TW_FIELDS], hi[TW_FIELDS];
};

struct set {
    struct tw_arena arena;
    enum tw_family family;
    TW_VEC(struct box) boxes;
};

static struct box everything(const struct set *set)
{
    struct box b = {{0}, {0}};
    b.hi[TW_FIELD_SRC] = b.hi[TW_FIELD_DST] = tw_ip_max(set->family);
    b.hi[TW_FIELD_PROTO] = TW_PROTO_TCP;
    b.lo[TW_FIELD_PROTO] = TW_PROTO_TCP;
    b.hi[TW_FIELD_DPORT] = b.hi[TW_FIELD_SPORT] = 65535;
    return b;
}

static void begin(struct set *set, enum tw_family family)
{
    memset(set, 0, sizeof *set);
    tw_arena_init(&set->arena, (size_t)1 << 31);
    set->family = family;
}

static void shuffle(struct set *set)
{
    for (size_t i = set->boxes.len; i > 1; i--) {
        size_t j = draw(i);
        struct box swap = set->boxes.at[i - 1];
        set->boxes.at[i - 1] = set->boxes.at[j];
        set->boxes.at[j] = swap;
    }
}

static struct tw_policy *policy_of(struct set *set)
{
    struct tw_arena *a = &set->arena;
    struct tw_policy *p = tw_policy_new(a, TW_STR("hard"));
    *tw_vec_add(a, &p->chains) = (struct tw_chain){.name = TW_STR("rulebase"),
                                                   .count = (uint32_t)set->boxes.len,
                                                   .is_base = true,
                                                   .policy = TW_ACTION_DENY};
    for (size_t i = 0; i < set->boxes.len; i++) {
        const struct box *b = &set->boxes.at[i];
        struct tw_match *m = tw_new(a, struct tw_match);
        *m = (struct tw_match){
            .families = 1u << set->family,
            .src = tw_ranges_one(a, b->lo[TW_FIELD_SRC], b->hi[TW_FIELD_SRC]),
            .dst = tw_ranges_one(a, b->lo[TW_FIELD_DST], b->hi[TW_FIELD_DST]),
            .proto = tw_ranges_one(a, b->lo[TW_FIELD_PROTO], b->hi[TW_FIELD_PROTO]),
            .dport = tw_ranges_one(a, b->lo[TW_FIELD_DPORT], b->hi[TW_FIELD_DPORT]),
            .sport = tw_ranges_one(a, b->lo[TW_FIELD_SPORT], b->hi[TW_FIELD_SPORT])};
        *tw_vec_add(a, &p->rules) =
            (struct tw_rule){.index = (uint32_t)i + 1,
                             .action = i % 3 ? TW_ACTION_ACCEPT : TW_ACTION_DENY,
                             .matches = m,
                             .nmatches = 1};
    }
    *tw_vec_add(a, &p->stages[set->family][TW_HOOK_FORWARD]) =
        (struct tw_stage){.decides = true};
    tw_policy_check(p);
    return p;
}

static const struct tw_crossing *crossing_of(struct set *set)
{
    struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
    return tw_crossing_new(&set->arena, policy_of(set), NULL, &options);
}

static struct tw_cover *cover_of(struct set *set, uint64_t budget)
{
    struct tw_cover_options options = {.budget = budget};
    return tw_cover_new(&set->arena, crossing_of(set), &options);
}

/* Cuts B into N boxes, at random places of random fields. */
static void fragment(struct set *set, struct box b, size_t n)
{
    static const int fields[] = {TW_FIELD_SRC, TW_FIELD_DST, TW_FIELD_DPORT,
                                 TW_FIELD_SPORT};
    int f = fields[draw(4)];
    if (n <= 1 || b.lo[f] == b.hi[f]) {
        *tw_vec_add(&set->arena, &set->boxes) = b;
        return;
    }
    tw_u128 size = b.hi[f] - b.lo[f];
    tw_u128 wide = (tw_u128)draw(UINT64_MAX) << 64 | draw(UINT64_MAX);
    struct box low = b, high = b;
    low.hi[f] = b.lo[f] + wide % size;
    high.lo[f] = low.hi[f] + 1;
    size_t part = 1 + draw(n - 1);
    fragment(set, low, part);
    fragment(set, high, n - part);
}

/* How large it is: the bits of its sides. */
static unsigned bits_of(const struct box *b)
{
    unsigned bits = 0;
    for (int f = 0; f < TW_FIELDS; f++)
        for (tw_u128 size = b->hi[f] - b->lo[f]; size; size >>= 1)
            bits++;
    return bits;
}

/* N fragments of everything in any order; MISSING: without the smallest; then
 * everything as the last rule. */
static void tile(struct set *set, enum tw_family family, size_t n, bool missing)
{
    begin(set, family);
    fragment(set, everything(set), n);
    shuffle(set);
    if (missing) {
        size_t least = 0;
        for (size_t i = 1; i < set->boxes.len; i++)
            if (bits_of(&set->boxes.at[i]) < bits_of(&set->boxes.at[least]))
                least = i;
        set->boxes.at[least] = set->boxes.at[--set->boxes.len];
    }
    *tw_vec_add(&set->arena, &set->boxes) = everything(set);
}

static void tiles_cover(void **state)
{
    (void)state;
    seed = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 8; i++) {
        struct set set;
        tile(&set, i & 1 ? TW_IPV6 : TW_IPV4, 300, false);
        struct tw_cover *cover = cover_of(&set, 0);
        uint32_t last = (uint32_t)set.boxes.len - 1;
        assert_int_equal(tw_cover_rule(cover, last).state, TW_RULE_DEAD);
        assert_int_equal(tw_cover_rule(cover, last / 2).state, TW_RULE_LIVE);
        struct tw_explained why;
        assert_true(tw_cover_explain(&set.arena, cover, last, &why));
        assert_int_equal(why.nrules, last); /* a fragment is needed everywhere */
        tw_arena_release(&set.arena);
    }
}

static void a_missing_sliver_is_found(void **state)
{
    (void)state;
    seed = 0x2545f4914f6cdd1du;
    for (int i = 0; i < 8; i++) {
        struct set set;
        tile(&set, i & 1 ? TW_IPV6 : TW_IPV4, 1000, true);
        const struct tw_crossing *crossing = crossing_of(&set);
        struct tw_cover *cover = tw_cover_new(&set.arena, crossing, NULL);
        uint32_t last = (uint32_t)set.boxes.len - 1;
        struct tw_situation s;
        assert_int_equal(tw_cover_rule(cover, last).state, TW_RULE_PARTLY);
        assert_true(tw_cover_witness(&set.arena, cover, last, &s));
        assert_true(tw_cover_confirm(&set.arena, crossing, last, &s));
        tw_arena_release(&set.arena);
    }
}

static void a_small_budget_is_told(void **state)
{
    (void)state;
    seed = 77;
    size_t undecided = 0;
    for (uint64_t budget = 20; budget < 100000; budget *= 3) {
        struct set set;
        tile(&set, TW_IPV4, 400, false);
        struct tw_rule_answer a =
            tw_cover_rule(cover_of(&set, budget), (uint32_t)set.boxes.len - 1);
        if (a.state == TW_RULE_UNDECIDED)
            assert_int_equal(a.doubt, TW_WHY_BUDGET);
        else
            assert_int_equal(a.state, TW_RULE_DEAD);
        undecided += a.state == TW_RULE_UNDECIDED;
        tw_arena_release(&set.arena);
    }
    assert_true(undecided > 0);
}

/* All rules together have a budget too: behind it, what is quick is still decided. */
static void the_total_is_a_budget_as_well(void **state)
{
    (void)state;
    seed = 99;
    struct set set;
    tile(&set, TW_IPV4, 400, false);
    for (int i = 0; i < 3; i++)
        *tw_vec_add(&set.arena, &set.boxes) = everything(&set);
    uint32_t n = (uint32_t)set.boxes.len;
    struct tw_cover_options options = {.total = 1};
    struct tw_cover *cover = tw_cover_new(&set.arena, crossing_of(&set), &options);
    assert_int_equal(tw_cover_rule(cover, n - 4).state, TW_RULE_UNDECIDED);
    assert_int_equal(tw_cover_rule(cover, n - 3).state, TW_RULE_DEAD); /* by one */
    assert_int_equal(tw_cover_rule(cover, 7).state, TW_RULE_LIVE);
    tw_arena_release(&set.arena);
}

/* Value V of N of a field: the fields are the parts of a graph. */
static void cell(struct box *b, int field, uint32_t v, uint32_t n)
{
    tw_u128 unit = (b->hi[field] - b->lo[field]) / n;
    tw_u128 first = b->lo[field];
    b->lo[field] = first + v * unit;
    if (v + 1 < n)
        b->hi[field] = first + (v + 1) * unit - 1;
}

/* Rules forbid pairs of values of two fields: what is left is a clique with a value in
 * every field. PLANTED: those of one clique are never forbidden. */
static void cliques(struct set *set, uint32_t n, unsigned percent, bool planted)
{
    static const int fields[] = {TW_FIELD_SRC, TW_FIELD_DST, TW_FIELD_DPORT,
                                 TW_FIELD_SPORT};
    begin(set, TW_IPV4);
    uint32_t kept[4] = {0};
    for (int f = 0; f < 4; f++)
        kept[f] = (uint32_t)draw(n);
    for (int f = 0; f < 4; f++)
        for (int g = f + 1; g < 4; g++)
            for (uint32_t i = 0; i < n * n; i++) {
                bool keep = planted && i / n == kept[f] && i % n == kept[g];
                if (keep || draw(100) >= percent)
                    continue;
                struct box b = everything(set);
                cell(&b, fields[f], i / n, n);
                cell(&b, fields[g], i % n, n);
                *tw_vec_add(&set->arena, &set->boxes) = b;
            }
    shuffle(set);
    *tw_vec_add(&set->arena, &set->boxes) = everything(set);
}

static bool same_corner(const struct box *b, const struct tw_packet *p)
{
    return b->lo[TW_FIELD_SRC] <= p->src && p->src <= b->hi[TW_FIELD_SRC] &&
           b->lo[TW_FIELD_DST] <= p->dst && p->dst <= b->hi[TW_FIELD_DST] &&
           b->lo[TW_FIELD_DPORT] <= p->dport && p->dport <= b->hi[TW_FIELD_DPORT] &&
           b->lo[TW_FIELD_SPORT] <= p->sport && p->sport <= b->hi[TW_FIELD_SPORT];
}

/* Is there a clique that no rule before the last one forbids? All of them are tried. */
static bool has_clique(const struct set *set, uint32_t n)
{
    struct box all = everything(set);
    for (uint32_t i = 0; i < n * n * n * n; i++) {
        struct box b = all;
        bool free = true;
        cell(&b, TW_FIELD_SRC, i % n, n);
        cell(&b, TW_FIELD_DST, i / n % n, n);
        cell(&b, TW_FIELD_DPORT, i / n / n % n, n);
        cell(&b, TW_FIELD_SPORT, i / n / n / n, n);
        struct tw_packet p = {.src = b.lo[TW_FIELD_SRC],
                              .dst = b.lo[TW_FIELD_DST],
                              .dport = (unsigned)b.lo[TW_FIELD_DPORT],
                              .sport = (unsigned)b.lo[TW_FIELD_SPORT]};
        for (size_t k = 0; k + 1 < set->boxes.len && free; k++)
            free = !same_corner(&set->boxes.at[k], &p);
        if (free)
            return true;
    }
    return false;
}

static void cliques_are_decided_exactly(void **state)
{
    (void)state;
    seed = 424242;
    size_t dead = 0;
    for (int i = 0; i < 10; i++) {
        struct set set;
        cliques(&set, 6, 60 + (unsigned)i * 2, false);
        bool live = has_clique(&set, 6);
        struct tw_rule_answer a =
            tw_cover_rule(cover_of(&set, 0), (uint32_t)set.boxes.len - 1);
        assert_int_equal(a.state, live ? TW_RULE_PARTLY : TW_RULE_DEAD);
        dead += !live;
        tw_arena_release(&set.arena);
    }
    assert_true(dead > 0 && dead < 10);
    for (int i = 0; i < 2; i++) {
        struct set set;
        cliques(&set, 24, 92, true);
        const struct tw_crossing *crossing = crossing_of(&set);
        struct tw_cover *cover = tw_cover_new(&set.arena, crossing, NULL);
        uint32_t last = (uint32_t)set.boxes.len - 1;
        struct tw_situation s;
        assert_int_equal(tw_cover_rule(cover, last).state, TW_RULE_PARTLY);
        assert_true(tw_cover_witness(&set.arena, cover, last, &s));
        assert_true(tw_cover_confirm(&set.arena, crossing, last, &s));
        tw_arena_release(&set.arena);
    }
}

/* --- groups ---------------------------------------------------------------------- */

enum { MEMBERS = 10000 };

/* Every STEP-th number from FIRST on. */
static const struct tw_ranges *scattered(struct tw_arena *arena, tw_u128 first,
                                         unsigned step, size_t n)
{
    struct tw_range *at = tw_new_array(arena, n, struct tw_range);
    for (size_t i = 0; i < n; i++)
        at[i].lo = at[i].hi = first + i * step;
    return tw_ranges_of(arena, at, n);
}

static struct tw_policy *groups(struct tw_arena *arena, bool all)
{
    struct tw_policy *p = tw_policy_new(arena, TW_STR("groups"));
    const struct tw_ranges *tcp = tw_ranges_one(arena, TW_PROTO_TCP, TW_PROTO_TCP);
    tw_u128 base = 0x0a000000;
    /* The odd and the even members; the last rule has both. */
    const struct tw_ranges *addresses[] = {scattered(arena, base, 4, MEMBERS / 2),
                                           scattered(arena, base + 2, 4, MEMBERS / 2),
                                           scattered(arena, base, 2, MEMBERS)};
    const struct tw_ranges *ports = scattered(arena, 1, 6, MEMBERS);
    const struct tw_ranges *fewer = scattered(arena, 1, 6, MEMBERS - 1);
    struct tw_match *m = tw_new_array(arena, 3, struct tw_match);
    for (uint32_t i = 0; i < 3; i++) {
        m[i] = (struct tw_match){.families = 1u << TW_IPV4,
                                 .src = addresses[i],
                                 .proto = tcp,
                                 .dport = i == 1 && !all ? fewer : ports};
        *tw_vec_add(arena, &p->rules) = (struct tw_rule){.index = i + 1,
                                                         .action = TW_ACTION_ACCEPT,
                                                         .matches = &m[i],
                                                         .nmatches = 1};
    }
    *tw_vec_add(arena, &p->chains) =
        (struct tw_chain){.name = TW_STR("rulebase"), .count = 3, .is_base = true};
    *tw_vec_add(arena, &p->stages[TW_IPV4][TW_HOOK_FORWARD]) = (struct tw_stage){0};
    return p;
}

static void groups_of_ten_thousand_are_not_expanded(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)64 << 20);
        struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
        const struct tw_crossing *crossing =
            tw_crossing_new(&arena, groups(&arena, all), NULL, &options);
        struct tw_cover *cover = tw_cover_new(&arena, crossing, NULL);
        struct tw_rule_answer a = tw_cover_rule(cover, 2);
        assert_int_equal(a.state, all ? TW_RULE_DEAD : TW_RULE_PARTLY);
        assert_int_equal(tw_cover_rule(cover, 1).state, TW_RULE_LIVE);
        struct tw_situation s;
        if (!all) {
            assert_true(tw_cover_witness(&arena, cover, 2, &s));
            assert_int_equal(s.packet.dport, 1 + 6 * (MEMBERS - 1));
            assert_true(tw_cover_confirm(&arena, crossing, 2, &s));
        }
        tw_arena_release(&arena);
    }
}

static void a_hundred_thousand_equal_rules_are_quick(void **state)
{
    (void)state;
    struct set set;
    begin(&set, TW_IPV4);
    for (int i = 0; i < 100000; i++)
        *tw_vec_add(&set.arena, &set.boxes) = everything(&set);
    struct tw_cover *cover = cover_of(&set, 0);
    assert_int_equal(tw_cover_rule(cover, 0).state, TW_RULE_LIVE);
    for (uint32_t i = 1; i < 100000; i += 7) {
        struct tw_rule_answer a = tw_cover_rule(cover, i);
        assert_int_equal(a.state, TW_RULE_DEAD);
    }
    struct tw_explained why;
    assert_true(tw_cover_explain(&set.arena, cover, 99999, &why));
    assert_int_equal(why.nrules, 1);
    assert_int_equal(why.rules[0], 0);
    assert_true(why.opposed == (99999 % 3 != 0));
    tw_arena_release(&set.arena);
}

/* --- the general question -------------------------------------------------------- */

/* The residue must hold what no earlier rule matches, each packet once. */
static void the_residue_is_what_is_left(void **state)
{
    (void)state;
    seed = 5150;
    for (int round = 0; round < 20; round++) {
        struct set set;
        begin(&set, round & 1 ? TW_IPV6 : TW_IPV4);
        fragment(&set, everything(&set), 40);
        shuffle(&set);
        set.boxes.len = 1 + draw(40);
        struct tw_cover *cover = cover_of(&set, 0);
        const struct tw_space *space = tw_cover_space(cover, set.family);
        struct tw_match any = {.proto = tw_ranges_one(&set.arena, 6, 6)};
        struct tw_cover_question q = {.family = set.family,
                                      .product = &any,
                                      .before = (uint32_t)set.boxes.len,
                                      .max = 10000};
        struct tw_cover_reply reply = tw_cover_ask(&set.arena, cover, &q);
        assert_true(reply.complete);
        assert_int_equal(reply.kind,
                         set.boxes.len == 40 ? TW_REPLY_RULES : TW_REPLY_REACHES);
        for (int i = 0; i < 2000; i++) {
            struct tw_extent whole = tw_extent_whole(space);
            whole.field[TW_FIELD_PROTO] = any.proto;
            struct tw_point point = tw_extent_pick(&set.arena, space, &whole, &seed);
            struct tw_packet packet = tw_point_packet(space, &point);
            size_t in = 0, matched = 0;
            for (size_t k = 0; k < set.boxes.len; k++)
                matched += same_corner(&set.boxes.at[k], &packet);
            for (size_t k = 0; k < reply.residue.n; k++)
                in += tw_extent_has(space, &reply.residue.at[k], &point);
            assert_int_equal(in, matched == 0);
        }
        tw_arena_release(&set.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_cover),
        cmocka_unit_test(a_missing_sliver_is_found),
        cmocka_unit_test(a_small_budget_is_told),
        cmocka_unit_test(the_total_is_a_budget_as_well),
        cmocka_unit_test(cliques_are_decided_exactly),
        cmocka_unit_test(groups_of_ten_thousand_are_not_expanded),
        cmocka_unit_test(a_hundred_thousand_equal_rules_are_quick),
        cmocka_unit_test(the_residue_is_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Interval decision diagrams against sets of points as bitmaps. */
#include "cmocka_all.h"
#include "idd.h"
#include "rational.h"

enum { LEVELS = 4, POINTS = 5 * 4 * 3 * 6, SETS = 40 };

static const uint32_t sizes[LEVELS] = {5, 4, 3, 6};
static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % below);
}

/* A set of the diagram, and the same as a bitmap. */
struct both {
    tw_idd_set set;
    bool has[POINTS];
};

static void point_of(size_t number, uint32_t *point)
{
    for (size_t l = 0; l < LEVELS; l++) {
        point[l] = (uint32_t)(number % sizes[l]);
        number /= sizes[l];
    }
}

static const struct tw_idd_budget ample = {(size_t)64 << 20, UINT64_MAX};

/* A product of one or two intervals on some of the levels. */
static struct both random_product(struct tw_idd *d)
{
    struct both b = {.set = TW_IDD_ALL};
    bool allowed[LEVELS][8] = {{false}};
    for (size_t l = LEVELS; l-- > 0;) {
        bool any = draw(3) == 0;
        struct tw_idd_span spans[8];
        size_t n = 0;
        for (uint32_t v = 0; v < sizes[l]; v++) {
            allowed[l][v] = any || draw(2);
            if (allowed[l][v] && n && spans[n - 1].hi + 1 == v)
                spans[n - 1].hi = v;
            else if (allowed[l][v])
                spans[n++] = (struct tw_idd_span){v, v};
        }
        b.set = tw_idd_spans(d, l, spans, n, b.set);
    }
    for (size_t p = 0; p < POINTS; p++) {
        uint32_t point[LEVELS];
        point_of(p, point);
        b.has[p] = true;
        for (size_t l = 0; l < LEVELS; l++)
            b.has[p] &= allowed[l][point[l]];
    }
    return b;
}

static struct both combine(struct tw_idd *d, const struct both *a, const struct both *b)
{
    struct both c;
    uint32_t op = draw(3);
    c.set = op == 0   ? tw_idd_and(d, a->set, b->set)
            : op == 1 ? tw_idd_or(d, a->set, b->set)
                      : tw_idd_minus(d, a->set, b->set);
    for (size_t p = 0; p < POINTS; p++)
        c.has[p] = op == 0   ? a->has[p] && b->has[p]
                   : op == 1 ? a->has[p] || b->has[p]
                             : a->has[p] && !b->has[p];
    return c;
}

static void fill(struct tw_idd *d, struct both *sets)
{
    for (size_t i = 0; i < SETS; i++)
        sets[i] = i < SETS / 3
                      ? random_product(d)
                      : combine(d, &sets[draw((uint32_t)i)], &sets[draw((uint32_t)i)]);
}

static bool same_points(const struct both *a, const struct both *b)
{
    return memcmp(a->has, b->has, sizeof a->has) == 0;
}

static void run_on_random_sets(void (*check)(struct tw_arena *arena, struct tw_idd *d,
                                             const struct both *sets))
{
    static struct both sets[SETS];
    seed = 0x2545f4914f6cdd1du;
    for (int round = 0; round < 30; round++) {
        struct tw_arena arena;
        tw_arena_init(&arena, (size_t)1 << 28);
        struct tw_idd *d = tw_idd_new(&arena, sizes, LEVELS, ample);
        fill(d, sets);
        check(&arena, d, sets);
        assert_false(tw_idd_use(d).gave_up);
        tw_arena_release(&arena);
    }
}

static void check_points(struct tw_arena *arena, struct tw_idd *d,
                         const struct both *sets)
{
    (void)arena;
    for (size_t i = 0; i < SETS; i++)
        for (size_t p = 0; p < POINTS; p++) {
            uint32_t point[LEVELS];
            point_of(p, point);
            assert_int_equal(tw_idd_has(d, sets[i].set, point), sets[i].has[p]);
        }
}

static void operations_agree_with_bitmaps(void **state)
{
    (void)state;
    run_on_random_sets(check_points);
}

static void check_canonical(struct tw_arena *arena, struct tw_idd *d,
                            const struct both *sets)
{
    (void)arena;
    (void)d;
    for (size_t i = 0; i < SETS; i++)
        for (size_t k = 0; k < SETS; k++)
            assert_int_equal(sets[i].set == sets[k].set,
                             same_points(&sets[i], &sets[k]));
}

static void equal_sets_are_one_node(void **state)
{
    (void)state;
    run_on_random_sets(check_canonical);
}

static void check_laws(struct tw_arena *arena, struct tw_idd *d,
                       const struct both *sets)
{
    (void)arena;
    for (int i = 0; i < 200; i++) {
        tw_idd_set a = sets[draw(SETS)].set, b = sets[draw(SETS)].set;
        tw_idd_set c = sets[draw(SETS)].set, some[] = {a, b, c, TW_IDD_NONE, a};
        tw_idd_set ab = tw_idd_and(d, a, b), a_or_b = tw_idd_or(d, a, b);
        assert_int_equal(ab, tw_idd_and(d, b, a));
        assert_int_equal(a_or_b, tw_idd_or(d, b, a));
        assert_int_equal(tw_idd_and(d, c, a_or_b),
                         tw_idd_or(d, tw_idd_and(d, c, a), tw_idd_and(d, c, b)));
        assert_int_equal(tw_idd_minus(d, TW_IDD_ALL, ab),
                         tw_idd_or(d, tw_idd_minus(d, TW_IDD_ALL, a),
                                   tw_idd_minus(d, TW_IDD_ALL, b)));
        assert_int_equal(tw_idd_or(d, ab, tw_idd_minus(d, a, b)), a);
        assert_int_equal(tw_idd_ite(d, a, b, c),
                         tw_idd_or(d, ab, tw_idd_minus(d, c, a)));
        assert_int_equal(tw_idd_any(d, some, 5), tw_idd_or(d, a_or_b, c));
        assert_int_equal(tw_idd_meet(d, a, b),
                         ab == TW_IDD_NONE ? TW_IDD_NO : TW_IDD_YES);
        assert_int_equal(tw_idd_within(d, a, b), ab == a ? TW_IDD_YES : TW_IDD_NO);
    }
}

static void the_laws_of_sets_hold(void **state)
{
    (void)state;
    run_on_random_sets(check_laws);
}

static void check_picks(struct tw_arena *arena, struct tw_idd *d,
                        const struct both *sets)
{
    (void)arena;
    for (size_t i = 0; i < SETS; i++) {
        uint32_t point[LEVELS], best[LEVELS], other[LEVELS];
        bool any = false;
        for (size_t p = 0; p < POINTS; p++) { /* the least, first level first */
            if (!sets[i].has[p])
                continue;
            point_of(p, other);
            int less = 0;
            for (size_t l = 0; l < LEVELS && any && !less; l++)
                less = other[l] < best[l] ? -1 : other[l] > best[l];
            if (!any || less < 0)
                memcpy(best, other, sizeof best);
            any = true;
        }
        assert_int_equal(tw_idd_pick(d, sets[i].set, point, NULL), any);
        if (any)
            assert_memory_equal(point, best, sizeof best);
    }
}

static void the_least_point_is_picked(void **state)
{
    (void)state;
    run_on_random_sets(check_picks);
}

/* --- counts and products -------------------------------------------------------------
 */

static const tw_u128 widths[LEVELS][6] = {
    {1, 3, 7, 1, 2}, {10, 1, 1, 100}, {5, 5, 1}, {2, 2, 1, 1, 9, 4}};

static void check_counts(struct tw_arena *arena, struct tw_idd *d,
                         const struct both *sets)
{
    const tw_u128 *weights[LEVELS];
    for (size_t l = 0; l < LEVELS; l++)
        weights[l] = widths[l];
    for (size_t i = 0; i < SETS; i++) {
        uint64_t want = 0;
        for (size_t p = 0; p < POINTS; p++) {
            uint32_t point[LEVELS];
            uint64_t weight = sets[i].has[p];
            point_of(p, point);
            for (size_t l = 0; l < LEVELS; l++)
                weight *= (uint64_t)widths[l][point[l]];
            want += weight;
        }
        struct tw_str got = tw_idd_count(arena, d, sets[i].set, weights);
        struct tw_str text = tw_fmt(arena, "%llu", (unsigned long long)want);
        assert_true(tw_str_eq(got, text));
    }
}

static void counts_are_sums_of_weights(void **state)
{
    (void)state;
    run_on_random_sets(check_counts);
}

static void counts_beyond_128_bits_are_exact(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 28);
    static const uint32_t wide[] = {1, 2, 3, 2};
    const tw_u128 top = ~(tw_u128)0, odd = ((tw_u128)0x123456789abcdefu << 64) + 12345;
    const tw_u128 a[] = {0}, b[] = {odd, top - odd + 1}, c[] = {1, 65535, 7},
                  e[] = {top, 1};
    const tw_u128 *weights[] = {a, b, c, e}; /* 2^128, then 2^128, 65543, 2^128 */
    struct tw_idd *d = tw_idd_new(&arena, wide, 4, ample);
    static const struct tw_idd_span first = {0, 0}, middle = {1, 1};
    tw_idd_set set = tw_idd_spans(d, 3, &first, 1, TW_IDD_ALL);
    set = tw_idd_spans(d, 1, &first, 1, tw_idd_spans(d, 2, &middle, 1, set));
    const tw_u128 half = (tw_u128)1 << 127;
    const tw_u128 product[] = {half, 2, odd, 65535, top};
    struct tw_str want =
        tw_rational_text(&arena, tw_rational_product(&arena, product, 5), 400);
    assert_true(tw_str_eq(tw_idd_count(&arena, d, set, weights), want));
    const tw_u128 whole[] = {half, 2, half, 2, 65543, half, 2};
    want = tw_rational_text(&arena, tw_rational_product(&arena, whole, 7), 400);
    assert_true(tw_str_eq(tw_idd_count(&arena, d, TW_IDD_ALL, weights), want));
    assert_text(tw_idd_count(&arena, d, TW_IDD_NONE, weights), "0");
    tw_arena_release(&arena);
}

struct seen {
    unsigned times[POINTS];
    size_t products, max;
};

static bool see(void *ctx, const struct tw_idd_list *product)
{
    struct seen *seen = ctx;
    if (seen->products++ == seen->max)
        return false;
    for (size_t p = 0; p < POINTS; p++) {
        uint32_t point[LEVELS];
        bool in = true;
        point_of(p, point);
        for (size_t l = 0; l < LEVELS; l++) {
            bool here = product[l].n == 0;
            for (size_t i = 0; i < product[l].n; i++)
                here |=
                    point[l] >= product[l].at[i].lo && point[l] <= product[l].at[i].hi;
            in &= here;
        }
        seen->times[p] += in;
    }
    return true;
}

static void check_products(struct tw_arena *arena, struct tw_idd *d,
                           const struct both *sets)
{
    for (size_t i = 0; i < SETS; i++) {
        struct seen seen = {.max = SIZE_MAX};
        assert_true(tw_idd_products(arena, d, sets[i].set, see, &seen));
        for (size_t p = 0; p < POINTS; p++)
            assert_int_equal(seen.times[p], sets[i].has[p]);
        struct seen few = {.max = 1};
        assert_int_equal(tw_idd_products(arena, d, sets[i].set, see, &few),
                         seen.products <= 1);
    }
}

static void products_are_disjoint_and_all(void **state)
{
    (void)state;
    run_on_random_sets(check_products);
}

static void check_at_zero(struct tw_arena *arena, struct tw_idd *d,
                          const struct both *sets)
{
    (void)arena;
    for (size_t i = 0; i < SETS; i++) {
        size_t level = draw(LEVELS);
        tw_idd_set got = tw_idd_at_zero(d, sets[i].set, level);
        for (size_t p = 0; p < POINTS; p++) {
            uint32_t point[LEVELS], zero[LEVELS];
            point_of(p, point);
            memcpy(zero, point, sizeof zero);
            zero[level] = 0;
            assert_int_equal(tw_idd_has(d, got, point),
                             tw_idd_has(d, sets[i].set, zero));
        }
    }
}

static void a_level_can_be_fixed_at_zero(void **state)
{
    (void)state;
    run_on_random_sets(check_at_zero);
}

/* --- budgets -------------------------------------------------------------------------
 */

/* What a diagram says as long as it says something is what an ample one says. */
static bool survives(struct tw_idd_budget budget, const struct both *want)
{
    static struct both sets[SETS];
    struct tw_arena arena;
    bool whole = true;
    tw_arena_init(&arena, (size_t)1 << 28);
    struct tw_idd *d = tw_idd_new(&arena, sizes, LEVELS, budget);
    fill(d, sets);
    for (size_t i = 0; i < SETS; i++) {
        whole &= sets[i].set != TW_IDD_LOST;
        for (size_t p = 0; p < POINTS && sets[i].set != TW_IDD_LOST; p++) {
            uint32_t point[LEVELS];
            point_of(p, point);
            assert_int_equal(tw_idd_has(d, sets[i].set, point), want[i].has[p]);
        }
    }
    assert_int_equal(whole, !tw_idd_use(d).gave_up);
    assert_true(tw_idd_use(d).bytes <= budget.bytes);
    if (!whole) { /* nothing is taken for empty or full */
        tw_idd_set lost =
            sets[SETS - 1].set == TW_IDD_LOST ? sets[SETS - 1].set : TW_IDD_LOST;
        assert_int_equal(tw_idd_and(d, TW_IDD_NONE, lost), TW_IDD_LOST);
        assert_int_equal(tw_idd_or(d, TW_IDD_ALL, TW_IDD_ALL), TW_IDD_LOST);
        assert_int_equal(tw_idd_meet(d, TW_IDD_ALL, TW_IDD_ALL), TW_IDD_UNDECIDED);
        assert_int_equal(tw_idd_within(d, TW_IDD_NONE, lost), TW_IDD_UNDECIDED);
    }
    tw_arena_release(&arena);
    return whole;
}

static void a_used_up_budget_is_told_everywhere(void **state)
{
    (void)state;
    static struct both want[SETS];
    struct tw_arena arena;
    uint64_t start = 0x9e3779b97f4a7c15u;
    tw_arena_init(&arena, (size_t)1 << 28);
    seed = start;
    fill(tw_idd_new(&arena, sizes, LEVELS, ample), want);
    size_t finished = 0, lost = 0;
    for (size_t i = 0; i < 60; i++) {
        struct tw_idd_budget budget = {ample.bytes, (i + 1) * 100};
        if (i % 2)
            budget = (struct tw_idd_budget){i * 4096, UINT64_MAX};
        seed = start;
        if (survives(budget, want))
            finished++;
        else
            lost++;
    }
    assert_true(finished > 0 && lost > 0);
    tw_arena_release(&arena);
}

/* An arena with less memory than the budget allows is no way out either. */
static void an_exhausted_arena_gives_up_too(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)256 << 10);
    static const uint32_t wide[] = {20000, 20000};
    struct tw_idd *d = tw_idd_new(&arena, wide, 2, ample);
    tw_idd_set all = TW_IDD_NONE;
    for (uint32_t i = 1; i < 10000 && all != TW_IDD_LOST; i++) {
        struct tw_idd_span x = {2 * i, 2 * i}, y = {3, i};
        if (y.lo > y.hi)
            y.lo = y.hi;
        all = tw_idd_or(
            d, all, tw_idd_spans(d, 0, &x, 1, tw_idd_spans(d, 1, &y, 1, TW_IDD_ALL)));
    }
    assert_int_equal(all, TW_IDD_LOST);
    assert_true(tw_idd_use(d).gave_up);
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_agree_with_bitmaps),
        cmocka_unit_test(equal_sets_are_one_node),
        cmocka_unit_test(the_laws_of_sets_hold),
        cmocka_unit_test(the_least_point_is_picked),
        cmocka_unit_test(counts_are_sums_of_weights),
        cmocka_unit_test(counts_beyond_128_bits_are_exact),
        cmocka_unit_test(products_are_disjoint_and_all),
        cmocka_unit_test(a_level_can_be_fixed_at_zero),
        cmocka_unit_test(a_used_up_budget_is_told_everywhere),
        cmocka_unit_test(an_exhausted_arena_gives_up_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

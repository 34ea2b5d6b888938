/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes for people: inside the set, all of it together, wide, named, and not too many.
 */
#include "readable.h"

#include <string.h>

#include "cmocka_all.h"
#include "crossing.h"

static uint64_t seed;

struct world {
    struct tw_arena arena;
    struct tw_policy *policy;
    struct tw_space *space;
    TW_VEC(struct tw_extent) set;
};

static void begin(struct world *w, enum tw_family family)
{
    memset(w, 0, sizeof *w);
    tw_arena_init(&w->arena, (size_t)1 << 30);
    w->policy = tw_policy_new(&w->arena, TW_STR("wall"));
    struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
    w->space = tw_space_new(
        &w->arena, tw_crossing_new(&w->arena, w->policy, NULL, &options), family);
}

static const struct tw_ranges *range(struct world *w, tw_u128 lo, tw_u128 hi)
{
    return tw_ranges_one(&w->arena, lo, hi);
}

/* Adds SRC × DPORT, all else any but the protocol, which is TCP. */
static void add(struct world *w, const struct tw_ranges *src,
                const struct tw_ranges *dport)
{
    struct tw_extent e = tw_extent_whole(w->space);
    e.field[TW_FIELD_SRC] = src;
    e.field[TW_FIELD_DPORT] = dport;
    e.field[TW_FIELD_PROTO] = range(w, TW_PROTO_TCP, TW_PROTO_TCP);
    *tw_vec_add(&w->arena, &w->set) = e;
}

static struct tw_readable read_out(struct world *w, size_t max)
{
    struct tw_extents set = {w->set.at, w->set.len};
    return tw_readable(&w->arena, w->space, w->policy, &set, max);
}

static void assert_range(const struct tw_ranges *list, tw_u128 lo, tw_u128 hi)
{
    assert_int_equal(list->n, 1);
    assert_true(list->at[0].lo == lo && list->at[0].hi == hi);
}

static void boxes_are_as_wide_as_the_set(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TW_IPV4);
    add(&w, range(&w, 0x0a000000, 0x0a000006), range(&w, 0, 65535));
    add(&w, range(&w, 0x0a000007, 0x0a0000ff), range(&w, 80, 80));
    struct tw_readable r = read_out(&w, 10);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.more, 0);
    assert_range(r.at[0].extent.field[TW_FIELD_SRC], 0x0a000000, 0x0a000006);
    assert_range(r.at[0].extent.field[TW_FIELD_DPORT], 0, 65535);
    assert_range(r.at[1].extent.field[TW_FIELD_SRC], 0x0a000000, 0x0a0000ff);
    assert_range(r.at[1].extent.field[TW_FIELD_DPORT], 80, 80);
    tw_arena_release(&w.arena);
}

static void objects_are_named(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TW_IPV4);
    struct tw_range hosts[] = {
        {0x0a000001, 0x0a000001}, {0x0a000103, 0x0a000104}, {0x0a000509, 0x0a000509}};
    const struct tw_ranges *list = tw_ranges_of(&w.arena, hosts, 3);
    *tw_vec_add(&w.arena, &w.policy->objects) =
        (struct tw_object){.name = TW_STR("clients"), .addresses = {list, NULL}};
    for (size_t i = 0; i < list->n; i++)
        add(&w, range(&w, list->at[i].lo, list->at[i].hi), range(&w, 443, 443));
    struct tw_readable r = read_out(&w, 10);
    assert_int_equal(r.n, 1);
    assert_non_null(r.at[0].src);
    assert_true(tw_str_is(r.at[0].src->name, "clients"));
    assert_null(r.at[0].dst);
    tw_arena_release(&w.arena);
}

static void prefixes_are_preferred_where_they_hold_half(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TW_IPV4);
    add(&w, range(&w, 0x0a000000, 0x0a00000f), range(&w, 80, 81));
    add(&w, range(&w, 0x0a000010, 0x0a00001f), range(&w, 80, 80));
    add(&w, range(&w, 0x0a000020, 0x0a000120), range(&w, 80, 81));
    struct tw_readable r = read_out(&w, 10);
    assert_int_equal(r.n, 3);
    bool found = false; /* 80 is open up to .1.32: the prefix has most of that */
    for (size_t i = 0; i < r.n; i++) {
        const struct tw_range *src = &r.at[i].extent.field[TW_FIELD_SRC]->at[0];
        found |= src->lo == 0x0a000000 && src->hi == 0x0a0000ff;
    }
    assert_true(found);
    tw_arena_release(&w.arena);
    begin(&w, TW_IPV4);
    add(&w, range(&w, 0x0a000001, 0x0a0000fe), range(&w, 0, 65535));
    r = read_out(&w, 10);
    assert_int_equal(r.n, 1);
    assert_range(r.at[0].extent.field[TW_FIELD_SRC], 0x0a000001, 0x0a0000fe);
    tw_arena_release(&w.arena);
}

static void the_rest_is_counted(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TW_IPV6);
    for (unsigned i = 0; i < 30; i++)
        add(&w, range(&w, 16 * i, 16 * i + 3 + i % 4), range(&w, 100 * i, 100 * i + i));
    struct tw_readable r = read_out(&w, 5);
    assert_int_equal(r.n, 5);
    assert_int_equal(r.more, 25);
    assert_true(r.more_exact);
    for (size_t i = 1; i < r.n; i++)
        assert_true(r.at[i - 1].weight >= r.at[i].weight);
    tw_arena_release(&w.arena);
}

/* Random unions, made disjoint: a point is in a box exactly if it is in the set. */
static void boxes_are_the_set(void **state)
{
    (void)state;
    seed = 0x9e3779b97f4a7c15u;
    for (int round = 0; round < 40; round++) {
        struct world w;
        begin(&w, round & 1 ? TW_IPV6 : TW_IPV4);
        for (int i = 0; i < 6; i++) {
            struct tw_extent e = tw_extent_whole(w.space);
            for (int f = 0; f < TW_FIELDS; f++) {
                tw_u128 a = tw_random(&seed) >> 20 & 7, b = tw_random(&seed) >> 20 & 7;
                if (tw_random(&seed) >> 20 & 1)
                    e.field[f] = range(&w, a < b ? a : b, a < b ? b : a);
            }
            e.states = 1 + (unsigned)(tw_random(&seed) >> 20) % 31;
            size_t n = w.set.len;
            TW_VEC(struct tw_extent) parts = {0};
            *tw_vec_add(&w.arena, &parts) = e;
            for (size_t k = 0; k < n; k++)
                for (size_t p = parts.len; p-- > 0;) {
                    struct tw_extent part = parts.at[p];
                    if (!tw_extent_meets(w.space, &part, &w.set.at[k]))
                        continue;
                    parts.at[p] = parts.at[--parts.len];
                    struct tw_extents rest =
                        tw_extent_minus(&w.arena, w.space, &part, &w.set.at[k]);
                    for (size_t q = 0; q < rest.n; q++)
                        *tw_vec_add(&w.arena, &parts) = rest.at[q];
                }
            for (size_t p = 0; p < parts.len; p++)
                *tw_vec_add(&w.arena, &w.set) = parts.at[p];
        }
        struct tw_readable r = read_out(&w, 1000);
        assert_int_equal(r.more, 0);
        for (int i = 0; i < 1000; i++) {
            struct tw_point p = {.state = 1u << (tw_random(&seed) >> 20) % 5};
            bool in_set = false, in_box = false;
            for (int f = 0; f < TW_FIELDS; f++)
                p.field[f] =
                    tw_random(&seed) >> 20 & 7 ? tw_random(&seed) >> 20 & 7 : 200;
            for (size_t k = 0; k < w.set.len; k++)
                in_set |= tw_extent_has(w.space, &w.set.at[k], &p);
            for (size_t k = 0; k < r.n; k++)
                in_box |= tw_extent_has(w.space, &r.at[k].extent, &p);
            assert_int_equal(in_set, in_box);
        }
        tw_arena_release(&w.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_are_as_wide_as_the_set),
        cmocka_unit_test(objects_are_named),
        cmocka_unit_test(prefixes_are_preferred_where_they_hold_half),
        cmocka_unit_test(the_rest_is_counted),
        cmocka_unit_test(boxes_are_the_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

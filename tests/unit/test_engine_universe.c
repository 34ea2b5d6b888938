/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against complete enumeration of a shrunken universe.
 *
 * Random programs (chains, calls, gotos, RETURN, marks, NOTRACK, states, unknowns,
 * several stages) over 4-bit addresses and 3-bit ports; every packet of a random
 * question must lie in exactly one cell, and the cell must say what running the packet
 * under every single valuation of the unknowns says.
 */
#include "atoms.h"
#include "cmocka_all.h"
#include "index.h"
#include "random_policy.h"
#include "replay.h"

/* The next valuation, counting with the unknowns as digits; false behind the last. */
static bool next_valuation(const struct tw_policy *policy, uint32_t *digits)
{
    for (size_t u = 0; u < policy->unknowns.len; u++) {
        if (++digits[u] < policy->unknowns.at[u].nvalues)
            return true;
        digits[u] = 0;
    }
    return false;
}

/* What the packet meets over all valuations: bit 0 passed, bit 1 stopped. */
static unsigned enumerate(struct tw_arena *arena, const struct tw_crossing *crossing,
                          const struct tw_packet *packet)
{
    static const uint64_t one_value[] = {1, 2, 4};
    size_t n = crossing->policy->unknowns.len;
    uint32_t digits[16] = {0};
    unsigned seen = 0;
    do {
        const uint64_t **values = tw_new_array(arena, n + 1, const uint64_t *);
        bool possible = true;
        for (size_t u = 0; u < n; u++) {
            values[u] = &one_value[digits[u]];
            possible &= (*values[u] & *crossing->possible[u]) != 0;
        }
        struct tw_crossing settled = *crossing;
        settled.possible = values;
        if (!possible)
            continue;
        struct tw_replay r = tw_replay(arena, &settled, packet, NULL);
        seen |= (r.may_pass ? 1u : 0) | (r.may_stop ? 2u : 0);
    } while (next_valuation(crossing->policy, digits));
    return seen;
}

static bool cell_has(const struct tw_flow_cell *cell, const struct tw_packet *p)
{
    return tw_ranges_has(cell->field[TW_FIELD_SRC], p->src) &&
           tw_ranges_has(cell->field[TW_FIELD_DST], p->dst) &&
           tw_ranges_has(cell->field[TW_FIELD_PROTO], p->proto) &&
           tw_ranges_has(cell->field[TW_FIELD_SPORT], p->sport) &&
           tw_ranges_has(cell->field[TW_FIELD_DPORT], p->dport);
}

static void check_packet(struct tw_arena *arena, const struct tw_cells *cells,
                         const struct tw_crossing *const *crossings, size_t n,
                         const struct tw_packet *packet)
{
    const struct tw_flow_cell *cell = NULL;
    for (size_t i = 0; i < cells->n; i++) {
        if (!cell_has(&cells->at[i], packet))
            continue;
        assert_null(cell); /* in two cells */
        cell = &cells->at[i];
    }
    assert_non_null(cell);
    for (size_t i = 0; i < n; i++) {
        const struct tw_decision *d = cell->decisions[i];
        unsigned got = (d->may_pass ? 1u : 0) | (d->may_stop ? 2u : 0);
        unsigned want = enumerate(arena, crossings[i], packet);
        assert_false(d->gave_up);
        if (d->approx)
            assert_int_equal(got & want, want); /* bounds: never less */
        else
            assert_int_equal(got, want);
        struct tw_replay r = tw_replay(arena, crossings[i], packet, NULL);
        if (!d->approx) {
            assert_int_equal(r.may_pass, d->may_pass);
            assert_int_equal(r.may_stop, d->may_stop);
        }
        if (d->may_stop && !d->may_pass && !d->approx) {
            assert_int_equal(r.rule, d->stopped.rule);
            assert_int_equal(r.chain, d->stopped.chain);
        }
        if (d->may_pass && !d->may_stop && !d->approx) {
            assert_int_equal(r.rule, d->passed.rule);
            assert_int_equal(r.chain, d->passed.chain);
        }
    }
}

static const struct tw_ranges *question_list(struct tw_arena *arena, uint32_t size)
{
    const struct tw_ranges *list = random_list(arena, size);
    return list ? list : tw_ranges_one(arena, 0, size - 1);
}

static void check_random_estate(uint32_t unknowns)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 30);
    const struct tw_crossing *crossings[2];
    for (int i = 0; i < 2; i++) {
        struct tw_policy *p = random_policy(&arena, unknowns);
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD,
                                        .unseen = draw(5) == 0};
        crossings[i] = tw_crossing_new(&arena, p, tw_index_build(&arena, p), &o);
    }
    static const enum tw_state states[] = {TW_STATE_NEW, TW_STATE_ESTABLISHED,
                                           TW_STATE_INVALID};
    struct tw_range protos[] = {{6, 6}, {17, 17}};
    struct tw_question q = {
        .family = TW_IPV4,
        .kind = TW_KIND_PORTS,
        .field = {question_list(&arena, ADDRESSES), question_list(&arena, ADDRESSES),
                  tw_ranges_of(&arena, protos, 1 + draw(2)),
                  question_list(&arena, PORTS), question_list(&arena, PORTS)},
        .tcp_flags = draw(2) ? TW_TCP_SYN : TW_TCP_SYN | TW_TCP_ACK,
        .state = states[draw(3)]};
    struct tw_cells cells = tw_atoms(&arena, &q, crossings, 2);
    /* All of a question is too slow under every valuation: boundaries and a sample. */
    for (int i = 0; i < 150; i++) {
        struct tw_packet p = {.family = TW_IPV4,
                              .src = draw(ADDRESSES),
                              .dst = draw(ADDRESSES),
                              .proto = draw(2) ? 6 : 17,
                              .sport = draw(PORTS),
                              .dport = draw(PORTS),
                              .state = q.state};
        p.tcp_flags = p.proto == 6 ? q.tcp_flags : 0;
        struct tw_flow_cell whole = {.field = {0}};
        memcpy(whole.field, q.field, sizeof q.field);
        if (cell_has(&whole, &p))
            check_packet(&arena, &cells, crossings, 2, &p);
    }
    tw_arena_release(&arena);
}

static void cells_agree_with_enumeration(void **state)
{
    (void)state;
    seed = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 1500; i++)
        check_random_estate(1 + draw(4));
}

/* The chains that rules enter one after the other are told apart by what stands between
 * the calls alone. */
static void chains_that_are_entered_often_agree_too(void **state)
{
    (void)state;
    seed = 0xabcdefu;
    calls_often = true;
    for (int i = 0; i < 4000; i++)
        check_random_estate(1 + draw(3));
    calls_often = false;
}

static void bounds_never_lose_an_outcome(void **state)
{
    (void)state;
    seed = 88172645463325252u;
    for (int i = 0; i < 12; i++)
        check_random_estate(11);
}

static void check_whole_universe(void)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 31);
    struct tw_policy *p = random_policy(&arena, 1);
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
    const struct tw_crossing *c =
        tw_crossing_new(&arena, p, tw_index_build(&arena, p), &o);
    struct tw_range protos[] = {{6, 6}, {17, 17}};
    struct tw_question q = {.family = TW_IPV4,
                            .kind = TW_KIND_PORTS,
                            .field = {tw_ranges_one(&arena, 0, ADDRESSES - 1),
                                      tw_ranges_one(&arena, 0, ADDRESSES - 1),
                                      tw_ranges_of(&arena, protos, 2),
                                      tw_ranges_one(&arena, 0, PORTS - 1),
                                      tw_ranges_one(&arena, 0, PORTS - 1)},
                            .tcp_flags = TW_TCP_SYN,
                            .state = TW_STATE_NEW};
    struct tw_cells cells = tw_atoms(&arena, &q, &c, 1);
    for (uint32_t i = 0; i < 1u << 15; i++) {
        struct tw_packet packet = {.family = TW_IPV4,
                                   .src = i & 15,
                                   .dst = i >> 4 & 15,
                                   .proto = i >> 8 & 1 ? 6 : 17,
                                   .sport = i >> 9 & 7,
                                   .dport = i >> 12 & 7,
                                   .state = TW_STATE_NEW};
        packet.tcp_flags = packet.proto == 6 ? TW_TCP_SYN : 0;
        check_packet(&arena, &cells, &c, 1, &packet);
    }
    tw_arena_release(&arena);
}

/* All 2^15 packets of the universe, not a sample of a question. */
static void whole_universes_are_partitioned_exactly(void **state)
{
    (void)state;
    seed = 2463534242u;
    for (int i = 0; i < 12; i++)
        check_whole_universe();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_agree_with_enumeration),
        cmocka_unit_test(chains_that_are_entered_often_agree_too),
        cmocka_unit_test(bounds_never_lose_an_outcome),
        cmocka_unit_test(whole_universes_are_partitioned_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Points back to what people know: situations, how many there are, products. */
#include "idd_parts.h"

static unsigned state_bit(uint32_t coordinate)
{
    return 1u << coordinate;
}

static tw_u128 least_of(const struct tw_idd_field *field, uint32_t coordinate)
{
    return coordinate ? field->hi[coordinate - 1] + 1 : field->lo;
}

/* --- situations ----------------------------------------------------------------------
 */

static void name_values(struct tw_arena *arena, const struct tw_idd_space *s,
                        const uint32_t *point, const bool *matters, uint32_t crossing,
                        struct tw_situation *out)
{
    const struct tw_policy *policy = s->crossings[crossing]->policy;
    struct tw_valued *values = tw_new_array(arena, s->axes.n + 1, struct tw_valued);
    for (uint32_t u = 0; u < policy->unknowns.len; u++) {
        uint32_t a = s->axes.axis_of[crossing][u];
        if (a == UINT32_MAX || !matters[TW_IDD_UNKNOWN + a])
            continue;
        const struct tw_idd_axis *axis = &s->axes.at[a];
        uint32_t joint = axis->first[point[TW_IDD_UNKNOWN + a]];
        values[out->nvalues++] = (struct tw_valued){u, axis->own[crossing][joint]};
    }
    out->values = values;
}

bool tw_idd_situation(struct tw_arena *arena, struct tw_idd_space *s, tw_idd_set set,
                      uint32_t crossing, struct tw_situation *out)
{
    size_t levels = tw_idd_levels(s->idd);
    set = tw_idd_and(s->idd, set, s->universe);
    if (set == TW_IDD_LOST)
        return false;
    struct tw_arena_mark mark = tw_arena_mark(s->scratch);
    uint32_t *point = tw_new_array(s->scratch, levels, uint32_t);
    bool *matters = tw_new_array(s->scratch, levels, bool);
    bool found = tw_idd_pick(s->idd, set, point, matters);
    const struct tw_idd_field *f = s->fields;
    if (found) {
        unsigned flags = (unsigned)__builtin_ctzll(s->flags[point[TW_IDD_FLAGS]]);
        *out = (struct tw_situation){
            .packet = {
                .family = s->family,
                .src = least_of(&f[TW_IDD_SRC], point[TW_IDD_SRC]),
                .dst = least_of(&f[TW_IDD_DST], point[TW_IDD_DST]),
                .proto = (unsigned)least_of(&f[TW_IDD_PROTO], point[TW_IDD_PROTO]),
                .sport = (unsigned)least_of(&f[TW_IDD_SPORT], point[TW_IDD_SPORT]),
                .dport = (unsigned)least_of(&f[TW_IDD_DPORT], point[TW_IDD_DPORT]),
                .tcp_flags = flags,
                .state = (enum tw_state)state_bit(
                    matters[TW_IDD_STATE] ? point[TW_IDD_STATE] : 1)}};
        name_values(arena, s, point, matters, crossing, out);
    }
    tw_arena_rewind(s->scratch, mark);
    return found;
}

static uint32_t flags_coordinate(const struct tw_idd_space *s, unsigned flags)
{
    for (uint32_t k = 0; k < s->nflags; k++)
        if (s->flags[k] >> flags & 1)
            return k;
    return 0;
}

bool tw_idd_holds(struct tw_arena *arena, const struct tw_idd_space *s, tw_idd_set set,
                  uint32_t crossing, const struct tw_situation *situation)
{
    const struct tw_packet *p = &situation->packet;
    uint32_t *point = tw_new_array(arena, tw_idd_levels(s->idd), uint32_t);
    const tw_u128 values[] = {p->dst, p->src, p->dport, p->sport, p->proto};
    for (size_t l = 0; l < TW_IDD_FLAGS; l++)
        point[l] = tw_idd_coordinate(&s->fields[l], values[l]);
    point[TW_IDD_FLAGS] = flags_coordinate(s, p->tcp_flags & TW_TCP_ALL);
    point[TW_IDD_STATE] = (uint32_t)__builtin_ctz((unsigned)p->state);
    for (size_t i = 0; i < situation->nvalues; i++) {
        uint32_t a = s->axes.axis_of[crossing][situation->values[i].unknown];
        if (a == UINT32_MAX)
            continue;
        const struct tw_idd_axis *axis = &s->axes.at[a];
        for (uint32_t v = 0; v < axis->nvalues; v++)
            if (axis->coordinate[v] != UINT32_MAX &&
                axis->own[crossing][v] == situation->values[i].value)
                point[TW_IDD_UNKNOWN + a] = axis->coordinate[v];
    }
    return tw_idd_has(s->idd, set, point);
}

struct tw_str tw_idd_situations(struct tw_arena *arena, struct tw_idd_space *s,
                                tw_idd_set set)
{
    set = tw_idd_and(s->idd, set, s->universe);
    return set == TW_IDD_LOST ? TW_NO_STR
                              : tw_idd_count(arena, s->idd, set, s->weights);
}

/* --- products ------------------------------------------------------------------------
 */

enum listed { PORTS, ICMP, OTHER };

struct listing {
    struct tw_arena *arena;
    struct tw_idd_space *s;
    uint32_t crossing;
    enum listed kind;
    size_t max;
    TW_VEC(struct tw_idd_product) found;
};

static const struct tw_ranges *ranges_of(const struct listing *l, unsigned level,
                                         const struct tw_idd_list *list)
{
    const struct tw_idd_field *field = &l->s->fields[level];
    if (list->n == 0)
        return NULL;
    struct tw_range *at = tw_new_array(l->arena, list->n, struct tw_range);
    for (size_t i = 0; i < list->n; i++)
        at[i] = (struct tw_range){least_of(field, list->at[i].lo),
                                  field->hi[list->at[i].hi]};
    return tw_ranges_of(l->arena, at, list->n);
}

static bool in_spans(const struct tw_idd_list *list, uint32_t coordinate)
{
    for (size_t i = 0; i < list->n; i++)
        if (coordinate >= list->at[i].lo && coordinate <= list->at[i].hi)
            return true;
    return false;
}

static void add_condition(const struct listing *l, struct tw_idd_product *p,
                          struct tw_condition *conditions, const struct tw_idd_axis *a,
                          const struct tw_idd_list *list)
{
    uint32_t u = a->unknown[l->crossing];
    if (u == UINT32_MAX) {
        p->foreign = true;
        return;
    }
    const struct tw_policy *policy = l->s->crossings[l->crossing]->policy;
    size_t words = tw_unknown_words(&policy->unknowns.at[u]);
    uint64_t *allowed = tw_new_array(l->arena, words, uint64_t);
    for (uint32_t v = 0; v < a->nvalues; v++) {
        uint32_t own = a->own[l->crossing][v];
        if (a->coordinate[v] != UINT32_MAX && in_spans(list, a->coordinate[v]))
            allowed[own / 64] |= (uint64_t)1 << own % 64;
    }
    conditions[p->nconditions++] = (struct tw_condition){u, allowed};
}

static bool see_product(void *ctx, const struct tw_idd_list *lists)
{
    struct listing *l = ctx;
    const struct tw_idd_space *s = l->s;
    if (l->found.len == l->max)
        return false;
    struct tw_idd_product p = {.dst = ranges_of(l, TW_IDD_DST, &lists[TW_IDD_DST]),
                               .src = ranges_of(l, TW_IDD_SRC, &lists[TW_IDD_SRC]),
                               .proto =
                                   ranges_of(l, TW_IDD_PROTO, &lists[TW_IDD_PROTO])};
    if (l->kind == PORTS) {
        p.dport = ranges_of(l, TW_IDD_DPORT, &lists[TW_IDD_DPORT]);
        p.sport = ranges_of(l, TW_IDD_SPORT, &lists[TW_IDD_SPORT]);
    } else if (l->kind == ICMP) {
        p.icmp = ranges_of(l, TW_IDD_DPORT, &lists[TW_IDD_DPORT]);
    }
    p.flags = lists[TW_IDD_FLAGS].n ? 0 : ~(uint64_t)0;
    for (uint32_t k = 0; k < s->nflags; k++)
        if (in_spans(&lists[TW_IDD_FLAGS], k))
            p.flags |= s->flags[k];
    for (uint32_t k = 0; k < TW_IDD_STATES; k++)
        if (in_spans(&lists[TW_IDD_STATE], k))
            p.states |= state_bit(k);
    struct tw_condition *conditions =
        tw_new_array(l->arena, s->axes.n + 1, struct tw_condition);
    for (size_t a = 0; a < s->axes.n; a++)
        if (lists[TW_IDD_UNKNOWN + a].n)
            add_condition(l, &p, conditions, &s->axes.at[a],
                          &lists[TW_IDD_UNKNOWN + a]);
    p.conditions = conditions;
    *tw_vec_add(l->arena, &l->found) = p;
    return true;
}

struct tw_idd_product_list tw_idd_space_products(struct tw_arena *arena,
                                                 struct tw_idd_space *s, tw_idd_set set,
                                                 uint32_t crossing, size_t max)
{
    struct tw_idd *d = s->idd;
    struct listing l = {.arena = arena, .s = s, .crossing = crossing, .max = max};
    tw_idd_set ported = tw_idd_or(d, s->ports, s->icmp);
    tw_idd_set sets[] = {
        tw_idd_and(d, set, s->ports),
        tw_idd_at_zero(d, tw_idd_and(d, set, s->icmp), TW_IDD_SPORT),
        tw_idd_at_zero(d, tw_idd_at_zero(d, tw_idd_minus(d, set, ported), TW_IDD_SPORT),
                       TW_IDD_DPORT)};
    bool all = true;
    for (int kind = PORTS; kind <= OTHER && all; kind++) {
        l.kind = (enum listed)kind;
        all = sets[kind] != TW_IDD_LOST &&
              (s->axes.empty || tw_idd_products(arena, d, sets[kind], see_product, &l));
    }
    return (struct tw_idd_product_list){l.found.at, l.found.len, all};
}

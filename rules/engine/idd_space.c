/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting fields at the boundaries of rules, and matches as sets.
 *
 * A field's coordinates are the pieces between the boundaries: for rules on 10.0.0.0/8
 * and 10.1.0.0/16 the pieces end at 9.255.255.255, 10.0.255.255, 10.1.255.255,
 * 10.255.255.255 and 255.255.255.255.
 */
#include "idd_space.h"

#include <stdlib.h>

#include "idd_parts.h"

/* --- boundaries ----------------------------------------------------------------------
 */

typedef TW_VEC(tw_u128) numbers;

static int by_value(const void *a, const void *b)
{
    const tw_u128 *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

uint32_t tw_idd_coordinate(const struct tw_idd_field *field, tw_u128 x)
{
    uint32_t low = 0, high = field->n - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (field->hi[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct tw_ranges *list_of(const struct tw_match *m, unsigned level,
                                       unsigned turn)
{
    switch (level) {
    case TW_IDD_DST:
        return m->dst;
    case TW_IDD_SRC:
        return m->src;
    case TW_IDD_DPORT:
        return turn ? m->icmp : m->dport;
    case TW_IDD_SPORT:
        return m->sport;
    default:
        return m->proto;
    }
}

static void add_bounds(struct tw_arena *arena, numbers *ends, struct tw_range domain,
                       const struct tw_ranges *list)
{
    for (size_t i = 0; list && i < list->n; i++) {
        tw_u128 before = list->at[i].lo - 1, last = list->at[i].hi;
        if (list->at[i].lo > domain.lo && list->at[i].lo <= domain.hi)
            *tw_vec_add(arena, ends) = before;
        if (last >= domain.lo && last < domain.hi)
            *tw_vec_add(arena, ends) = last;
    }
}

static void add_fixed(struct tw_arena *arena, numbers *ends, unsigned level,
                      enum tw_family family)
{
    if (level == TW_IDD_DPORT || level == TW_IDD_SPORT)
        *tw_vec_add(arena, ends) = 0; /* fields without meaning are 0 */
    for (unsigned proto = 0; level == TW_IDD_PROTO && proto < 256; proto++) {
        if (!tw_proto_has_ports(proto) && !tw_proto_is_icmp(proto, family))
            continue;
        *tw_vec_add(arena, ends) = proto - 1;
        *tw_vec_add(arena, ends) = proto;
    }
}

static void cut_field(struct tw_arena *arena, struct tw_idd_space *s, unsigned level,
                      struct tw_range domain, const struct tw_idd_asked *asked,
                      size_t nasked)
{
    struct tw_idd_field *field = &s->fields[level];
    const struct tw_ranges *seen = NULL;
    struct tw_arena *own = tw_arena_child(arena);
    numbers ends = {0};
    add_fixed(own, &ends, level, s->family);
    for (size_t i = 0; i < nasked; i++) {
        const struct tw_match *m = asked[i].match;
        if (!tw_match_has(m, s->family))
            continue;
        for (unsigned turn = 0; turn < 1u + (level == TW_IDD_DPORT); turn++) {
            const struct tw_ranges *list = list_of(m, level, turn);
            if (list != seen)
                add_bounds(own, &ends, domain, list);
            seen = list ? list : seen;
        }
    }
    *tw_vec_add(own, &ends) = domain.hi;
    qsort(ends.at, ends.len, sizeof *ends.at, by_value);
    field->lo = domain.lo;
    field->hi = tw_new_array(arena, ends.len, tw_u128);
    field->weights = tw_new_array(arena, ends.len, tw_u128);
    for (size_t i = 0; i < ends.len; i++)
        if (field->n == 0 || field->hi[field->n - 1] != ends.at[i])
            field->hi[field->n++] = ends.at[i];
    for (uint32_t i = 0; i < field->n; i++)
        field->weights[i] = field->hi[i] - (i ? field->hi[i - 1] : domain.lo - 1);
    tw_arena_release(own);
}

static uint64_t flags_that_pass(const struct tw_match *m)
{
    uint64_t set = 0;
    for (unsigned flags = 0; flags <= TW_TCP_ALL; flags++) {
        bool pass = true;
        for (size_t i = 0; i < m->nflags; i++) {
            const struct tw_flags_test *t = &m->flags[i];
            pass &= ((flags & t->mask) == t->value) != t->negated;
        }
        set |= (uint64_t)pass << flags;
    }
    return set;
}

static uint64_t flags_of(const struct tw_idd_asked *asked)
{
    return asked->plain ? asked->flags : flags_that_pass(asked->match);
}

/* Coordinates of the flags: what no test tells apart; no flags are always alone. */
static void split_flags(struct tw_idd_space *s, uint64_t by)
{
    uint32_t n = s->nflags;
    for (uint32_t k = 0; k < n; k++) {
        uint64_t in = s->flags[k] & by, out = s->flags[k] & ~by;
        if (!in || !out)
            continue;
        bool least = (in & (~in + 1)) < (out & (~out + 1));
        s->flags[k] = least ? in : out;
        s->flags[s->nflags++] = least ? out : in;
    }
}

static void cut_flags(struct tw_idd_space *s, const struct tw_idd_asked *asked,
                      size_t nasked)
{
    s->flags[0] = ~(uint64_t)0;
    s->nflags = 1;
    split_flags(s, 1);
    for (size_t i = 0; i < nasked; i++)
        if (asked[i].plain || asked[i].match->nflags)
            split_flags(s, flags_of(&asked[i]));
    for (uint32_t k = 0; k < s->nflags; k++)
        s->flag_weights[k] = (tw_u128)(unsigned)__builtin_popcountll(s->flags[k]);
}

/* --- the space -----------------------------------------------------------------------
 */

struct tw_idd_slice tw_idd_whole(enum tw_family family)
{
    struct tw_range all = {0, tw_ip_max(family)};
    return (struct tw_idd_slice){all, all};
}

bool tw_idd_slice_meets(const struct tw_idd_slice *slice, const struct tw_match *m)
{
    const struct tw_ranges dst = {1, &slice->dst}, src = {1, &slice->src};
    return (!m->dst || tw_ranges_meet(m->dst, &dst)) &&
           (!m->src || tw_ranges_meet(m->src, &src));
}

static tw_idd_set protos(struct tw_idd_space *s, bool (*is)(unsigned, enum tw_family))
{
    struct tw_idd_span spans[256];
    size_t n = 0;
    for (unsigned proto = 0; proto < 256; proto++) {
        uint32_t c = tw_idd_coordinate(&s->fields[TW_IDD_PROTO], proto);
        if (is(proto, s->family) && (n == 0 || spans[n - 1].hi != c))
            spans[n++] = (struct tw_idd_span){c, c};
    }
    return tw_idd_spans(s->idd, TW_IDD_PROTO, spans, n, TW_IDD_ALL);
}

static bool bears_ports(unsigned proto, enum tw_family family)
{
    (void)family;
    return tw_proto_has_ports(proto);
}

static bool is_tcp(unsigned proto, enum tw_family family)
{
    (void)family;
    return proto == TW_PROTO_TCP;
}

/* One point for each situation: fields without meaning are 0. */
static void make_universe(struct tw_idd_space *s)
{
    static const struct tw_idd_span zero = {0, 0};
    struct tw_idd *d = s->idd;
    s->ports = protos(s, bears_ports);
    s->icmp = protos(s, tw_proto_is_icmp);
    s->tcp = protos(s, is_tcp);
    tw_idd_set no_dport = tw_idd_spans(d, TW_IDD_DPORT, &zero, 1, TW_IDD_ALL);
    tw_idd_set no_sport = tw_idd_spans(d, TW_IDD_SPORT, &zero, 1, TW_IDD_ALL);
    tw_idd_set no_flags = tw_idd_spans(d, TW_IDD_FLAGS, &zero, 1, TW_IDD_ALL);
    tw_idd_set rest = tw_idd_or(d, s->icmp, no_dport);
    rest = tw_idd_or(d, s->ports, tw_idd_and(d, rest, no_sport));
    s->universe = tw_idd_and(d, rest, tw_idd_or(d, s->tcp, no_flags));
    if (s->axes.empty)
        s->universe = TW_IDD_NONE;
}

static void make_levels(struct tw_idd_space *s, struct tw_arena *arena,
                        struct tw_idd_budget budget)
{
    static const tw_u128 one[] = {1, 1, 1, 1, 1};
    size_t n = TW_IDD_UNKNOWN + s->axes.n;
    uint32_t *sizes = tw_new_array(arena, n, uint32_t);
    const tw_u128 **weights = tw_new_array(arena, n, const tw_u128 *);
    for (size_t i = 0; i < TW_IDD_FLAGS; i++) {
        sizes[i] = s->fields[i].n;
        weights[i] = s->fields[i].weights;
    }
    sizes[TW_IDD_FLAGS] = s->nflags;
    weights[TW_IDD_FLAGS] = s->flag_weights;
    sizes[TW_IDD_STATE] = TW_IDD_STATES;
    weights[TW_IDD_STATE] = one;
    for (size_t i = 0; i < s->axes.n; i++) {
        sizes[TW_IDD_UNKNOWN + i] = s->axes.at[i].ncoordinates;
        weights[TW_IDD_UNKNOWN + i] = s->axes.at[i].weights;
    }
    s->weights = weights;
    s->idd = tw_idd_new(arena, sizes, n, budget);
}

struct tw_idd_space *tw_idd_space_new(struct tw_arena *arena, enum tw_family family,
                                      const struct tw_crossing *const *crossings,
                                      size_t ncrossings,
                                      const struct tw_idd_asked *asked, size_t nasked,
                                      const struct tw_idd_slice *slice,
                                      struct tw_idd_budget budget)
{
    struct tw_idd_space *s = tw_new(arena, struct tw_idd_space);
    s->family = family;
    s->slice = *slice;
    s->scratch = tw_arena_child(arena);
    for (size_t c = 0; c < ncrossings; c++)
        s->crossings[c] = crossings[c];
    s->axes = tw_idd_axes_of(arena, crossings, ncrossings, asked, nasked);
    const struct tw_range domains[] = {
        slice->dst, slice->src, {0, 65535}, {0, 65535}, {0, 255}};
    for (unsigned level = 0; level < TW_IDD_FLAGS; level++)
        cut_field(arena, s, level, domains[level], asked, nasked);
    cut_flags(s, asked, nasked);
    make_levels(s, arena, budget);
    make_universe(s);
    return s;
}

struct tw_idd *tw_idd_space_diagram(const struct tw_idd_space *space)
{
    return space->idd;
}

const struct tw_crossing *tw_idd_space_crossing(const struct tw_idd_space *space,
                                                uint32_t crossing)
{
    return space->crossings[crossing];
}

enum tw_family tw_idd_space_family(const struct tw_idd_space *space)
{
    return space->family;
}

bool tw_idd_space_empty(const struct tw_idd_space *space)
{
    return space->axes.empty;
}

uint32_t tw_idd_space_pieces(const struct tw_idd_space *space, enum tw_idd_levels level)
{
    return space->fields[level].n;
}

bool tw_idd_space_halves(const struct tw_idd_space *space,
                         struct tw_idd_slice halves[2])
{
    const struct tw_idd_field *fields = space->fields;
    bool by_dst = fields[TW_IDD_DST].n >= fields[TW_IDD_SRC].n;
    const struct tw_idd_field *field = &fields[by_dst ? TW_IDD_DST : TW_IDD_SRC];
    if (field->n < 2)
        return false;
    tw_u128 middle = field->hi[field->n / 2 - 1];
    halves[0] = halves[1] = space->slice;
    if (by_dst) {
        halves[0].dst.hi = middle;
        halves[1].dst.lo = middle + 1;
    } else {
        halves[0].src.hi = middle;
        halves[1].src.lo = middle + 1;
    }
    return true;
}

/* --- matches -------------------------------------------------------------------------
 */

/* The points whose field at LEVEL is in LIST (NULL: any), and that are in INSIDE. */
static tw_idd_set in_list(struct tw_idd_space *s, unsigned level,
                          const struct tw_ranges *list, tw_idd_set inside)
{
    const struct tw_idd_field *field = &s->fields[level];
    tw_u128 first = field->lo, last = field->hi[field->n - 1];
    if (!list)
        return inside;
    struct tw_arena_mark mark = tw_arena_mark(s->scratch);
    struct tw_idd_span *spans = tw_new_array(s->scratch, list->n, struct tw_idd_span);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct tw_range r = list->at[i];
        if (r.hi < first || r.lo > last)
            continue;
        spans[n++] =
            (struct tw_idd_span){tw_idd_coordinate(field, r.lo < first ? first : r.lo),
                                 tw_idd_coordinate(field, r.hi > last ? last : r.hi)};
    }
    tw_idd_set set = tw_idd_spans(s->idd, level, spans, n, inside);
    tw_arena_rewind(s->scratch, mark);
    return set;
}

tw_idd_set tw_idd_states(struct tw_idd_space *s, unsigned states)
{
    struct tw_idd_span spans[TW_IDD_STATES];
    size_t n = 0;
    for (uint32_t i = 0; i < TW_IDD_STATES; i++)
        if (states >> i & 1)
            spans[n++] = (struct tw_idd_span){i, i};
    return tw_idd_spans(s->idd, TW_IDD_STATE, spans, n, TW_IDD_ALL);
}

/* The own states of the packets that are seen in one of STATES. */
static unsigned own_states(const struct tw_idd_view *view, unsigned states)
{
    bool untracked = states & TW_STATE_UNTRACKED, invalid = states & TW_STATE_INVALID;
    if (view->notrack)
        return untracked ? TW_STATE_ALL : 0;
    if (view->unseen)
        return invalid ? TW_STATE_ALL : 0;
    if (!view->before_tracking)
        return states;
    return (untracked ? TW_STATE_UNTRACKED : 0u) |
           (invalid ? TW_STATE_ALL & ~(unsigned)TW_STATE_UNTRACKED : 0u);
}

static tw_idd_set condition(struct tw_idd_space *s, const struct tw_idd_view *view,
                            const struct tw_condition *c)
{
    const struct tw_policy *policy = s->crossings[view->crossing]->policy;
    enum tw_unknown_kind kind = policy->unknowns.at[c->unknown].kind;
    if ((kind == TW_UNKNOWN_IN_IF && view->no_in_if) ||
        (kind == TW_UNKNOWN_OUT_IF && view->no_out_if))
        return c->allowed[0] & 1 ? TW_IDD_ALL : TW_IDD_NONE;
    uint32_t a = s->axes.axis_of[view->crossing][c->unknown];
    const struct tw_idd_axis *axis = &s->axes.at[a];
    struct tw_arena_mark mark = tw_arena_mark(s->scratch);
    struct tw_idd_span *spans =
        tw_new_array(s->scratch, axis->ncoordinates, struct tw_idd_span);
    size_t n = 0;
    for (uint32_t k = 0; k < axis->ncoordinates; k++) {
        uint32_t value = axis->own[view->crossing][axis->first[k]];
        if (c->allowed[value / 64] >> value % 64 & 1)
            spans[n++] = (struct tw_idd_span){k, k};
    }
    tw_idd_set set = tw_idd_spans(s->idd, TW_IDD_UNKNOWN + a, spans, n, TW_IDD_ALL);
    tw_arena_rewind(s->scratch, mark);
    return set;
}

static tw_idd_set mark_test(struct tw_idd_space *s, const struct tw_idd_view *view,
                            const struct tw_mark_test *t)
{
    uint32_t mark = t->of_connection ? view->connmark : view->mark;
    uint32_t known = t->of_connection ? view->connmark_known : view->mark_known;
    bool differs = (mark & t->mask & known) != (t->value & (known | ~t->mask));
    tw_idd_set set = TW_IDD_ALL;
    if (t->of_connection) { /* there is none for what is not tracked */
        if (view->before_tracking || view->notrack || view->unseen)
            return TW_IDD_NONE;
        set = tw_idd_states(s, TW_IDD_TRACKED);
    }
    if (differs)
        return t->negated ? set : TW_IDD_NONE;
    if ((t->mask & ~known) == 0)
        return t->negated ? TW_IDD_NONE : set;
    struct tw_condition open = tw_condition_yes(t->unknown, false);
    return tw_idd_and(s->idd, set, condition(s, view, &open));
}

static tw_idd_set flags_in(struct tw_idd_space *s, uint64_t pass, tw_idd_set inside)
{
    struct tw_idd_span spans[64];
    size_t n = 0;
    for (uint32_t k = 0; k < s->nflags; k++)
        if (s->flags[k] & pass)
            spans[n++] = (struct tw_idd_span){k, k};
    return tw_idd_spans(s->idd, TW_IDD_FLAGS, spans, n, inside);
}

/* What holds beside the header. */
static tw_idd_set tests_of(struct tw_idd_space *s, const struct tw_match *m,
                           const struct tw_idd_view *view)
{
    tw_idd_set set = TW_IDD_ALL;
    if (m->states)
        set = tw_idd_states(s, own_states(view, m->states));
    for (size_t i = 0; i < m->nconditions; i++)
        set = tw_idd_and(s->idd, set, condition(s, view, &m->conditions[i]));
    for (size_t i = 0; i < m->nmarks; i++)
        set = tw_idd_and(s->idd, set, mark_test(s, view, &m->marks[i]));
    return set;
}

/* Those of SET, which is about protocols and what follows, whose ports and addresses
 * are in the lists. */
static tw_idd_set in_lists(struct tw_idd_space *s, const struct tw_match *m,
                           tw_idd_set set)
{
    set = in_list(s, TW_IDD_SPORT, m->sport, set);
    set = in_list(s, TW_IDD_DPORT, m->icmp ? m->icmp : m->dport, set);
    set = in_list(s, TW_IDD_SRC, m->src, set);
    return in_list(s, TW_IDD_DST, m->dst, set);
}

tw_idd_set tw_idd_match(struct tw_idd_space *s, const struct tw_match *m,
                        const struct tw_idd_view *view)
{
    struct tw_idd *d = s->idd;
    if (!tw_match_has(m, s->family) || !tw_idd_slice_meets(&s->slice, m))
        return TW_IDD_NONE;
    if (m->icmp && (m->dport || m->sport)) /* no protocol has both */
        return TW_IDD_NONE;
    tw_idd_set set = tests_of(s, m, view);
    if (m->nflags) {
        uint64_t pass = flags_that_pass(m);
        set =
            tw_idd_ite(d, s->tcp, flags_in(s, pass, set), pass & 1 ? set : TW_IDD_NONE);
    }
    if (m->sport || m->dport)
        set = tw_idd_and(d, set, s->ports);
    if (m->icmp)
        set = tw_idd_and(d, set, s->icmp);
    if (m->proto)
        set = tw_idd_and(d, set, in_list(s, TW_IDD_PROTO, m->proto, TW_IDD_ALL));
    return in_lists(s, m, set);
}

tw_idd_set tw_idd_asked_set(struct tw_idd_space *s, const struct tw_idd_asked *asked,
                            const struct tw_idd_view *view)
{
    const struct tw_match *m = asked->match;
    if (!asked->plain)
        return tw_idd_match(s, m, view);
    if (!tw_match_has(m, s->family) || !tw_idd_slice_meets(&s->slice, m))
        return TW_IDD_NONE;
    tw_idd_set set = flags_in(s, asked->flags, tests_of(s, m, view));
    return in_lists(s, m, in_list(s, TW_IDD_PROTO, m->proto, set));
}

tw_idd_set tw_idd_rule(struct tw_idd_space *s, const struct tw_rule *rule,
                       const struct tw_idd_view *view)
{
    if (rule->disabled || rule->nmatches == 0)
        return TW_IDD_NONE;
    if (rule->nmatches == 1)
        return tw_idd_match(s, &rule->matches[0], view);
    struct tw_arena_mark mark = tw_arena_mark(s->scratch);
    tw_idd_set *sets = tw_new_array(s->scratch, rule->nmatches, tw_idd_set);
    for (size_t i = 0; i < rule->nmatches; i++)
        sets[i] = tw_idd_match(s, &rule->matches[i], view);
    tw_idd_set all = tw_idd_any(s->idd, sets, rule->nmatches);
    tw_arena_rewind(s->scratch, mark);
    return all;
}

bool tw_idd_tests_marks(const struct tw_rule *rule)
{
    bool any = false;
    for (size_t i = 0; i < rule->nmatches; i++)
        any |= rule->matches[i].nmarks > 0;
    return any;
}

tw_idd_set tw_idd_rule_unmarked(struct tw_idd_space *s, const struct tw_rule *rule,
                                const struct tw_idd_view *view)
{
    if (!tw_idd_tests_marks(rule))
        return tw_idd_rule(s, rule, view);
    struct tw_arena_mark mark = tw_arena_mark(s->scratch);
    struct tw_match *matches =
        tw_new_array(s->scratch, rule->nmatches, struct tw_match);
    struct tw_rule plain = *rule;
    for (size_t i = 0; i < rule->nmatches; i++) {
        matches[i] = rule->matches[i];
        matches[i].nmarks = 0;
    }
    plain.matches = matches;
    tw_idd_set set = tw_idd_rule(s, &plain, view);
    tw_arena_rewind(s->scratch, mark);
    return set;
}

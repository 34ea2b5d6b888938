/* SPDX-License-Identifier: Apache-2.0 */
/* Plain enumeration of the grid that a rule and its covers draw. */
#include "recheck.h"

#include <stdlib.h>
#include <string.h>

#include "packet.h"

enum { SRC, DST, PROTO, DPORT, SPORT, FLAGS, STATE, FIXED };

/* The values of one dimension that stand for all. */
struct values {
    TW_VEC(tw_u128) at;
    uint32_t unknown; /* from FIXED on */
};

struct checker {
    struct tw_arena *arena;
    const struct tw_crossing *crossing;
    const struct tw_stage *stage;
    enum tw_family family;
    const struct tw_rule *rule;
    const struct tw_rule **all; /* the rule itself first */
    size_t nall;
    struct values *dims;
    size_t ndims;
    uint64_t cells, max;
};

/* --- matching -------------------------------------------------------------------- */

static bool has(const struct tw_ranges *list, tw_u128 x)
{
    for (size_t i = 0; list && i < list->n; i++)
        if (list->at[i].lo <= x && x <= list->at[i].hi)
            return true;
    return list == NULL;
}

static tw_u128 value_of(const struct checker *c, const tw_u128 *at, uint32_t unknown)
{
    for (size_t d = FIXED; d < c->ndims; d++)
        if (c->dims[d].unknown == unknown)
            return at[d];
    return 0;
}

static bool conditions_hold(const struct checker *c, const struct tw_match *m,
                            const tw_u128 *at)
{
    for (size_t i = 0; i < m->nconditions; i++) {
        const struct tw_condition *cond = &m->conditions[i];
        enum tw_unknown_kind kind =
            c->crossing->policy->unknowns.at[cond->unknown].kind;
        bool none = (kind == TW_UNKNOWN_IN_IF && c->stage->no_in_if) ||
                    (kind == TW_UNKNOWN_OUT_IF && c->stage->no_out_if);
        size_t v = none ? 0 : (size_t)value_of(c, at, cond->unknown);
        if (!(cond->allowed[v / 64] >> v % 64 & 1))
            return false;
    }
    return true;
}

static bool matches(const struct checker *c, const struct tw_match *m,
                    const tw_u128 *at)
{
    unsigned proto = (unsigned)at[PROTO], flags = (unsigned)at[FLAGS];
    unsigned state = (unsigned)at[STATE];
    if (proto != TW_PROTO_TCP)
        flags = 0;
    if (c->stage->untracked && state != TW_STATE_UNTRACKED)
        state = TW_STATE_INVALID;
    if (m->never || (m->families && !(m->families >> c->family & 1)) ||
        ((m->sport || m->dport) && !tw_proto_has_ports(proto)) ||
        (m->icmp && !tw_proto_is_icmp(proto, c->family)) || !has(m->src, at[SRC]) ||
        !has(m->dst, at[DST]) || !has(m->proto, proto) || !has(m->sport, at[SPORT]) ||
        !has(m->dport, at[DPORT]) || !has(m->icmp, at[DPORT]) ||
        (m->states && !(m->states & state)))
        return false;
    for (size_t i = 0; i < m->nflags; i++) {
        const struct tw_flags_test *t = &m->flags[i];
        if (((flags & t->mask) == t->value) == t->negated)
            return false;
    }
    return conditions_hold(c, m, at);
}

static bool rule_matches(const struct checker *c, const struct tw_rule *r,
                         const tw_u128 *at)
{
    for (size_t i = 0; i < r->nmatches; i++)
        if (matches(c, &r->matches[i], at))
            return true;
    return false;
}

/* --- the grid -------------------------------------------------------------------- */

static const struct tw_ranges *list_of(const struct tw_match *m, int dim)
{
    switch (dim) {
    case SRC:
        return m->src;
    case DST:
        return m->dst;
    case PROTO:
        return m->proto;
    case DPORT:
        return m->icmp ? m->icmp : m->dport;
    default:
        return m->sport;
    }
}

static void add(struct checker *c, int dim, tw_u128 x)
{
    *tw_vec_add(c->arena, &c->dims[dim].at) = x;
}

static int ascending(const void *a, const void *b)
{
    const tw_u128 *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void add_borders(struct checker *c, int dim, tw_u128 most)
{
    struct values *v = &c->dims[dim];
    add(c, dim, 0);
    for (size_t r = 0; r < c->nall; r++)
        for (size_t m = 0; m < c->all[r]->nmatches; m++) {
            const struct tw_ranges *list = list_of(&c->all[r]->matches[m], dim);
            for (size_t i = 0; list && i < list->n; i++) {
                add(c, dim, list->at[i].lo);
                if (list->at[i].hi < most)
                    add(c, dim, list->at[i].hi + 1);
            }
        }
    if (dim == PROTO) /* ports and types mean something for some of them */
        for (unsigned p = 0; p < 256; p++)
            if (p == TW_PROTO_TCP || tw_proto_has_ports(p) ||
                tw_proto_is_icmp(p, c->family)) {
                add(c, dim, p);
                add(c, dim, p + 1);
            }
    qsort(v->at.at, v->at.len, sizeof *v->at.at, ascending);
    size_t n = 0;
    for (size_t i = 0; i < v->at.len; i++)
        if (n == 0 || v->at.at[i] != v->at.at[n - 1])
            v->at.at[n++] = v->at.at[i];
    v->at.len = n;
}

/* Of the values of FIELD, only those that the rule itself may match are of interest. */
static void drop_outside(struct checker *c, int dim)
{
    struct values *v = &c->dims[dim];
    size_t n = 0;
    for (size_t i = 0; i < v->at.len; i++) {
        bool inside = false;
        for (size_t m = 0; m < c->rule->nmatches && !inside; m++)
            inside = has(list_of(&c->rule->matches[m], dim), v->at.at[i]);
        if (inside)
            v->at.at[n++] = v->at.at[i];
    }
    v->at.len = n;
}

static void add_flags_and_states(struct checker *c)
{
    bool flags = false, states = false;
    for (size_t r = 0; r < c->nall; r++)
        for (size_t m = 0; m < c->all[r]->nmatches; m++) {
            flags |= c->all[r]->matches[m].nflags != 0;
            states |= c->all[r]->matches[m].states != 0;
        }
    for (unsigned v = 0; v < (flags ? TW_TCP_ALL + 1 : 1); v++)
        add(c, FLAGS, v);
    if (c->crossing->unseen) {
        add(c, STATE, TW_STATE_INVALID);
        return;
    }
    for (unsigned s = 1; s < TW_STATE_ALL; s <<= 1) {
        bool seen = !c->stage->first_only || s == TW_STATE_NEW || s == TW_STATE_RELATED;
        if (seen && (states || c->dims[STATE].at.len == 0))
            add(c, STATE, s);
    }
}

static void add_unknown(struct checker *c, uint32_t unknown)
{
    const struct tw_unknown *u = &c->crossing->policy->unknowns.at[unknown];
    for (size_t d = FIXED; d < c->ndims; d++)
        if (c->dims[d].unknown == unknown)
            return;
    c->dims[c->ndims++].unknown = unknown;
    for (size_t v = 0; v < u->nvalues; v++)
        if (c->crossing->possible[unknown][v / 64] >> v % 64 & 1)
            add(c, (int)c->ndims - 1, v);
}

static void draw_grid(struct checker *c)
{
    size_t room = FIXED;
    for (size_t r = 0; r < c->nall; r++)
        for (size_t m = 0; m < c->all[r]->nmatches; m++)
            room += c->all[r]->matches[m].nconditions;
    c->dims = tw_new_array(c->arena, room, struct values);
    c->ndims = FIXED;
    for (int dim = SRC; dim <= SPORT; dim++) {
        tw_u128 most = dim <= DST ? tw_ip_max(c->family) : dim == PROTO ? 255 : 65535;
        add_borders(c, dim, most);
        while (c->dims[dim].at.len &&
               c->dims[dim].at.at[c->dims[dim].at.len - 1] > most)
            c->dims[dim].at.len--;
        drop_outside(c, dim);
    }
    add_flags_and_states(c);
    for (size_t r = 0; r < c->nall; r++)
        for (size_t m = 0; m < c->all[r]->nmatches; m++)
            for (size_t i = 0; i < c->all[r]->matches[m].nconditions; i++)
                add_unknown(c, c->all[r]->matches[m].conditions[i].unknown);
    c->cells = 1;
    for (size_t d = 0; d < c->ndims; d++)
        if (__builtin_mul_overflow(c->cells, (uint64_t)c->dims[d].at.len, &c->cells))
            c->cells = UINT64_MAX;
}

/* Every cell; false: one that the rule matches and no cover does. */
static bool try_all(const struct checker *c)
{
    size_t *digit = tw_new_array(c->arena, c->ndims, size_t);
    tw_u128 *at = tw_new_array(c->arena, c->ndims, tw_u128);
    for (uint64_t cell = 0; cell < c->cells; cell++) {
        for (size_t d = 0; d < c->ndims; d++)
            at[d] = c->dims[d].at.at[digit[d]];
        bool covered = !rule_matches(c, c->rule, at);
        for (size_t r = 1; r < c->nall && !covered; r++)
            covered = rule_matches(c, c->all[r], at);
        if (!covered)
            return false;
        for (size_t d = 0; d < c->ndims; d++) {
            if (++digit[d] < c->dims[d].at.len)
                break;
            digit[d] = 0;
        }
    }
    return true;
}

/* --- which rules ----------------------------------------------------------------- */

static bool ends(const struct tw_rule *r)
{
    return !r->disabled &&
           (r->action == TW_ACTION_ACCEPT || r->action == TW_ACTION_DENY ||
            r->action == TW_ACTION_RETURN || r->action == TW_ACTION_GOTO ||
            r->action == TW_ACTION_TRANSLATE);
}

static bool asks_marks(const struct tw_policy *p, const struct tw_rule *r)
{
    for (size_t m = 0; m < r->nmatches; m++)
        if (r->matches[m].nmarks || (p->uses_notrack && r->matches[m].states))
            return true;
    return false;
}

/* How many stages of FAMILY run CHAIN; *STAGE is the last of them. */
static size_t stages_of(const struct tw_crossing *crossing, enum tw_family family,
                        uint32_t chain, const struct tw_stage **stage)
{
    const struct tw_policy *p = crossing->policy;
    size_t n = 0;
    for (size_t i = 0; i < p->stages[family][crossing->hook].len; i++) {
        const struct tw_stage *s = &p->stages[family][crossing->hook].at[i];
        if (s->chain == chain) {
            *stage = s;
            n++;
        }
    }
    return n;
}

static bool is_called(const struct tw_policy *p, uint32_t chain)
{
    for (size_t i = 0; i < p->rules.len; i++)
        if ((p->rules.at[i].action == TW_ACTION_CALL ||
             p->rules.at[i].action == TW_ACTION_GOTO) &&
            p->rules.at[i].chain == chain)
            return true;
    return false;
}

static enum tw_recheck check_family(struct checker *c)
{
    draw_grid(c);
    if (c->cells > c->max)
        return TW_RECHECK_TOO_LARGE;
    return try_all(c) ? TW_RECHECK_HOLDS : TW_RECHECK_FAILS;
}

enum tw_recheck tw_recheck_cover(struct tw_arena *arena,
                                 const struct tw_crossing *crossing, uint32_t rule,
                                 const uint32_t *rules, size_t nrules, uint64_t max)
{
    const struct tw_policy *p = crossing->policy;
    struct checker c = {.arena = arena,
                        .crossing = crossing,
                        .rule = &p->rules.at[rule],
                        .nall = nrules + 1,
                        .max = max};
    c.all = tw_new_array(arena, nrules + 1, const struct tw_rule *);
    c.all[0] = c.rule;
    for (size_t i = 0; i < nrules; i++) {
        c.all[i + 1] = &p->rules.at[rules[i]];
        if (c.all[i + 1]->chain_of != c.rule->chain_of || rules[i] >= rule ||
            !ends(c.all[i + 1]))
            return TW_RECHECK_ELSEWHERE;
    }
    for (size_t i = 0; i <= nrules; i++)
        if (asks_marks(p, c.all[i]))
            return TW_RECHECK_ELSEWHERE;
    bool any = false;
    if (is_called(p, c.rule->chain_of))
        return TW_RECHECK_ELSEWHERE;
    for (int f = 0; f < TW_FAMILIES; f++) {
        c.family = (enum tw_family)f;
        size_t n = stages_of(crossing, c.family, c.rule->chain_of, &c.stage);
        if (n > 1)
            return TW_RECHECK_ELSEWHERE;
        if (n == 0)
            continue;
        any = true;
        enum tw_recheck answer = check_family(&c);
        if (answer != TW_RECHECK_HOLDS)
            return answer;
    }
    return any ? TW_RECHECK_HOLDS : TW_RECHECK_ELSEWHERE;
}

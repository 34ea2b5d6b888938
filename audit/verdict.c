/* SPDX-License-Identifier: Apache-2.0 */
/* Judging cells, joining them into shares, and the verdict over all of them. */
#include "verdict.h"

#include "map.h"

const char *tw_verdict_name(enum tw_verdict verdict)
{
    static const char *const names[TW_VERDICTS] = {
        [TW_VERDICT_OPEN] = "OPEN",       [TW_VERDICT_PARTIAL] = "PARTIAL",
        [TW_VERDICT_BLOCKED] = "BLOCKED", [TW_VERDICT_UNKNOWN] = "UNKNOWN",
        [TW_VERDICT_CLOSED] = "CLOSED",   [TW_VERDICT_LEAKS] = "LEAKS"};
    return names[verdict];
}

struct bench {
    struct tw_arena *arena;   /* of the answer */
    struct tw_arena *scratch; /* of the work: rewound behind each question */
    struct tw_walls *walls;
    const struct tw_question *question;
    bool forbidden;
    struct tw_shares *shares;
    TW_VEC(struct tw_share) fresh; /* this question's */
    struct tw_map by_reason;       /* fate + blames + doubts → index in `fresh` + 1 */
    /* of the cell at hand */
    struct tw_blames {
        struct tw_blame *at;
        size_t len, cap;
    } stops, passes;
    TW_VEC(struct tw_doubt) doubts;
};

static void blame(struct bench *j, uint32_t wall, bool allows, struct tw_decider by)
{
    struct tw_blames *list = allows ? &j->passes : &j->stops;
    for (size_t i = 0; i < list->len; i++)
        if (list->at[i].wall == wall && list->at[i].by.rule == by.rule &&
            list->at[i].by.chain == by.chain)
            return;
    *tw_vec_add(j->scratch, list) = (struct tw_blame){wall, allows, by};
}

static void doubt(struct bench *j, uint32_t wall, enum tw_doubt_kind kind,
                  struct tw_reason reason)
{
    for (size_t i = 0; i < j->doubts.len; i++) {
        const struct tw_doubt *d = &j->doubts.at[i];
        if (d->wall == wall && d->kind == kind && d->reason.rule == reason.rule &&
            d->reason.unknown == reason.unknown)
            return;
    }
    *tw_vec_add(j->scratch, &j->doubts) = (struct tw_doubt){wall, kind, reason};
}

/* Could the condition hold at this crossing, in whatever stage it is asked? */
static bool could_hold(const struct tw_crossing *c, const struct tw_condition *cond)
{
    const struct tw_unknown *u = &c->policy->unknowns.at[cond->unknown];
    for (size_t w = 0; w < tw_unknown_words(u); w++)
        if (c->possible[cond->unknown][w] & cond->allowed[w])
            return true;
    return false;
}

/* May the wall translate packets of the question once it lets them through? Then what a
 * wall behind it does with them as they are now says nothing. */
static bool may_translate(const struct bench *j, const struct tw_step *step)
{
    const struct tw_wall *wall = &j->walls->at[step->wall];
    for (size_t i = 0; i < wall->ntranslations; i++) {
        const struct tw_rule *rule = &wall->policy->rules.at[wall->translations[i]];
        for (size_t k = 0; k < rule->nmatches; k++) {
            const struct tw_match *m = &rule->matches[k];
            bool may = !rule->disabled && tw_match_meets(m, j->question);
            for (size_t n = 0; may && n < m->nconditions; n++)
                may = could_hold(step->crossing, &m->conditions[n]);
            if (may)
                return true;
        }
    }
    return false;
}

/* A wall that translated the first packet as the last thing it did undoes that for the
 * answer as soon as it tracks it: whatever looks at the answer behind that sees the
 * addresses of the question. True where nothing looks at it before (the tables raw and
 * mangle, PREROUTING). */
static bool undone_first(const struct bench *j, const struct tw_wall *wall)
{
    const struct tw_policy *policy = wall->policy;
    enum tw_family family = j->question->family;
    const struct tw_stage *stages = policy->stages[family][TW_HOOK_FORWARD].at;
    size_t n = policy->stages[family][TW_HOOK_FORWARD].len;
    /* Only what is translated once per connection is undone by its entry. */
    if (n == 0 || !stages[n - 1].first_only || wall->spec->hook_input)
        return false;
    for (size_t i = 0; i < n && !stages[i].decides; i++) {
        const struct tw_chain *chain = &policy->chains.at[stages[i].chain];
        bool early = stages[i].no_out_if && !stages[i].first_only;
        if (early && (chain->count || chain->policy != TW_ACTION_ACCEPT))
            return false;
    }
    return policy->state_in_rules;
}

/* One wall's part in a way, LAST on it or not. False: nothing behind it is sure. */
static bool judge_step(struct bench *j, const struct tw_step *step, bool last,
                       const struct tw_decision *d, enum tw_fate *fate)
{
    const struct tw_wall *wall = &j->walls->at[step->wall];
    const struct tw_reason whole = {TW_NO_RULE, TW_NO_RULE};
    if (wall->empty || !wall->policy->has_family[j->question->family]) {
        doubt(j, step->wall, wall->empty ? TW_DOUBT_EMPTY : TW_DOUBT_FAMILY, whole);
        if (*fate == TW_FATE_PASSED)
            *fate = TW_FATE_DEPENDS;
        return true;
    }
    j->shares->approx |= d->approx;
    bool certain = true; /* what follows sees the same packet */
    if (d->may_pass && d->may_stop) {
        if (d->gave_up)
            doubt(j, step->wall, TW_DOUBT_BUDGET, whole);
        for (size_t i = 0; i < d->nreasons; i++) {
            doubt(j, step->wall, TW_DOUBT_CONDITION, d->reasons[i]);
            certain &= d->reasons[i].unknown != TW_NO_RULE;
        }
        if (*fate == TW_FATE_PASSED)
            *fate = TW_FATE_DEPENDS;
    } else if (d->may_stop) {
        blame(j, step->wall, false, d->stopped);
        *fate = TW_FATE_STOPPED;
        if (j->question->state == TW_STATE_NEW && may_translate(j, step))
            return false;
    } else {
        blame(j, step->wall, true, d->passed);
    }
    if (d->translated != TW_NO_RULE) {
        bool other = j->shares->undoes && j->shares->undoes != step->wall + 1;
        if (!certain || !last || other || !undone_first(j, wall))
            j->shares->translated = true;
        else
            j->shares->undoes = step->wall + 1;
        return false;
    }
    j->shares->translated |= !certain;
    return certain;
}

static enum tw_fate judge_way(struct bench *j, const struct tw_way *way,
                              const struct tw_decision *const *decisions)
{
    enum tw_fate fate = TW_FATE_PASSED;
    for (size_t s = 0; s < way->nsteps; s++) {
        bool more = s + 1 < way->nsteps;
        if (judge_step(j, &way->steps[s], !more, decisions[s], &fate))
            continue;
        const struct tw_decision *d = decisions[s];
        if (more && fate == TW_FATE_PASSED) {
            fate = TW_FATE_DEPENDS;
            doubt(j, way->steps[s].wall, TW_DOUBT_CONDITION,
                  (struct tw_reason){d->translated, TW_NO_RULE});
        }
        break;
    }
    return fate;
}

static enum tw_fate judge_cell(struct bench *j, const struct tw_ways *ways,
                               const struct tw_flow_cell *cell)
{
    size_t at = 0, stopped = 0, passed = 0;
    j->stops.len = j->passes.len = j->doubts.len = 0;
    for (size_t w = 0; w < ways->n; w++) {
        size_t before = j->passes.len;
        enum tw_fate fate = judge_way(j, &ways->at[w], cell->decisions + at);
        if (fate != TW_FATE_PASSED)
            j->passes.len = before; /* nothing is granted by a way that is shut */
        stopped += fate == TW_FATE_STOPPED;
        passed += fate == TW_FATE_PASSED;
        at += ways->at[w].nsteps;
    }
    if (j->forbidden)
        return passed               ? TW_FATE_PASSED
               : stopped == ways->n ? TW_FATE_STOPPED
                                    : TW_FATE_DEPENDS;
    return stopped             ? TW_FATE_STOPPED
           : passed == ways->n ? TW_FATE_PASSED
                               : TW_FATE_DEPENDS;
}

/* The reasons that tell shares apart: required flows that pass need none, unless
 * certificates are wanted. */
static struct tw_str reason_key(struct bench *j, enum tw_fate fate,
                                const struct tw_blame *blames, size_t nblames)
{
    struct tw_buf key;
    tw_buf_init(&key, j->scratch);
    uint32_t head = (uint32_t)fate;
    tw_buf_put(&key, &head, sizeof head);
    for (size_t i = 0; i < nblames; i++) {
        uint32_t part[] = {blames[i].wall, blames[i].by.rule, blames[i].by.chain};
        tw_buf_put(&key, part, sizeof part);
    }
    for (size_t i = 0; i < j->doubts.len && fate == TW_FATE_DEPENDS; i++) {
        const struct tw_doubt *d = &j->doubts.at[i];
        uint32_t part[] = {d->wall, (uint32_t)d->kind, d->reason.rule,
                           d->reason.unknown};
        tw_buf_put(&key, part, sizeof part);
    }
    return tw_buf_view(&key);
}

/* The index in `fresh` of the share that the cell belongs to. */
static size_t share_of(struct bench *j, enum tw_fate fate, uint32_t entry)
{
    bool plain = fate == TW_FATE_PASSED && !j->forbidden && !j->walls->options.certify;
    size_t nblames = plain || fate == TW_FATE_DEPENDS ? 0
                     : fate == TW_FATE_STOPPED        ? j->stops.len
                                                      : j->passes.len;
    const struct tw_blame *from = fate == TW_FATE_STOPPED ? j->stops.at : j->passes.at;
    void **slot = tw_map_slot(&j->by_reason, reason_key(j, fate, from, nblames));
    if (*slot)
        return (uintptr_t)*slot - 1;
    struct tw_blame *blames = tw_new_array(j->arena, nblames, struct tw_blame);
    for (size_t i = 0; i < nblames; i++)
        blames[i] = from[i];
    size_t ndoubts = fate == TW_FATE_DEPENDS ? j->doubts.len : 0;
    struct tw_doubt *doubts = tw_new_array(j->arena, ndoubts, struct tw_doubt);
    for (size_t i = 0; i < ndoubts; i++)
        doubts[i] = j->doubts.at[i];
    *tw_vec_add(j->scratch, &j->fresh) = (struct tw_share){.fate = fate,
                                                           .blames = blames,
                                                           .nblames = nblames,
                                                           .doubts = doubts,
                                                           .ndoubts = ndoubts,
                                                           .question = j->question,
                                                           .entry = entry};
    *slot = (void *)(uintptr_t)j->fresh.len;
    return j->fresh.len - 1;
}

/* LIST for the answer: the question's own where it is equal. */
static const struct tw_ranges *kept_list(struct bench *j, const struct tw_ranges *list,
                                         const struct tw_ranges *own)
{
    if (tw_ranges_eq(list, own))
        return own;
    struct tw_ranges *copy = tw_new(j->arena, struct tw_ranges);
    struct tw_range *at = tw_new_array(j->arena, list->n, struct tw_range);
    for (size_t i = 0; i < list->n; i++)
        at[i] = list->at[i];
    *copy = (struct tw_ranges){list->n, at};
    return copy;
}

/* Joins the products of S and takes them over from the scratch arena. */
static void keep_products(struct bench *j, struct tw_share *s)
{
    size_t n = tw_products_join(j->scratch, s->products, s->nproducts);
    struct tw_product *kept = tw_new_array(j->arena, n, struct tw_product);
    for (size_t i = 0; i < n; i++)
        for (int f = 0; f < TW_FIELDS; f++)
            kept[i].field[f] =
                kept_list(j, s->products[i].field[f], j->question->field[f]);
    s->products = kept;
    s->nproducts = n;
}

static void judge_cells(struct bench *j, const struct tw_ways *ways,
                        const struct tw_cells *cells, uint32_t entry)
{
    uint32_t *of = tw_new_array(j->scratch, cells->n, uint32_t);
    for (size_t c = 0; c < cells->n; c++) {
        of[c] = (uint32_t)share_of(j, judge_cell(j, ways, &cells->at[c]), entry);
        j->fresh.at[of[c]].nproducts++;
    }
    for (size_t i = 0; i < j->fresh.len; i++) {
        struct tw_share *s = &j->fresh.at[i];
        s->products = tw_new_array(j->scratch, s->nproducts, struct tw_product);
        s->nproducts = 0;
    }
    for (size_t c = 0; c < cells->n; c++) {
        struct tw_share *s = &j->fresh.at[of[c]];
        struct tw_product *p = &s->products[s->nproducts++];
        for (int f = 0; f < TW_FIELDS; f++)
            p->field[f] = cells->at[c].field[f];
    }
    for (size_t i = 0; i < j->fresh.len; i++)
        keep_products(j, &j->fresh.at[i]);
}

void tw_judge(struct tw_arena *arena, struct tw_walls *walls,
              const struct tw_ways *ways, const struct tw_question *question,
              uint32_t entry, bool forbidden, struct tw_shares *shares)
{
    struct tw_arena *scratch = walls->scratch;
    struct tw_arena_mark mark = tw_arena_mark(scratch);
    const struct tw_crossing **crossings =
        tw_new_array(scratch, ways->nsteps + 1, const struct tw_crossing *);
    size_t n = 0;
    for (size_t w = 0; w < ways->n; w++)
        for (size_t s = 0; s < ways->at[w].nsteps; s++)
            crossings[n++] = ways->at[w].steps[s].crossing;
    struct tw_cells cells = tw_atoms(scratch, question, crossings, n);
    struct bench j = {.arena = arena,
                      .scratch = scratch,
                      .walls = walls,
                      .question = question,
                      .forbidden = forbidden,
                      .shares = shares};
    tw_map_init(&j.by_reason, scratch);
    judge_cells(&j, ways, &cells, entry);
    struct tw_share *all =
        tw_new_array(arena, shares->n + j.fresh.len, struct tw_share);
    for (size_t i = 0; i < shares->n + j.fresh.len; i++)
        all[i] = i < shares->n ? shares->at[i] : j.fresh.at[i - shares->n];
    shares->at = all;
    shares->n += j.fresh.len;
    tw_arena_rewind(scratch, mark);
}

enum tw_verdict tw_shares_verdict(const struct tw_shares *shares, bool forbidden)
{
    bool seen[3] = {false, false, false};
    for (size_t i = 0; i < shares->n; i++)
        seen[shares->at[i].fate] = true;
    if (forbidden)
        return seen[TW_FATE_PASSED]    ? TW_VERDICT_LEAKS
               : seen[TW_FATE_DEPENDS] ? TW_VERDICT_UNKNOWN
                                       : TW_VERDICT_CLOSED;
    if (seen[TW_FATE_STOPPED])
        return seen[TW_FATE_PASSED] || seen[TW_FATE_DEPENDS] ? TW_VERDICT_PARTIAL
                                                             : TW_VERDICT_BLOCKED;
    return seen[TW_FATE_DEPENDS] ? TW_VERDICT_UNKNOWN : TW_VERDICT_OPEN;
}

static const struct tw_rational *share_size(struct tw_arena *arena,
                                            const struct tw_share *s)
{
    const struct tw_rational *sum = tw_rational_of(arena, 0, 1);
    for (size_t p = 0; p < s->nproducts; p++)
        sum = tw_rational_add(arena, sum, tw_product_size(arena, s->products[p].field));
    return sum;
}

static bool questions_meet(const struct tw_question *a, const struct tw_question *b)
{
    bool meet = a != b && a->family == b->family && a->kind == b->kind;
    for (int f = 0; f < TW_FIELDS && meet; f++)
        meet = tw_ranges_meet(a->field[f], b->field[f]);
    return meet;
}

/* Takes the packets of Q out of SHARE: field by field, what lies beside Q. */
static void take_out(struct tw_arena *arena, struct tw_share *share,
                     const struct tw_question *q)
{
    TW_VEC(struct tw_product) left = {0};
    for (size_t i = 0; i < share->nproducts; i++) {
        struct tw_product rest = share->products[i];
        for (int f = 0; f < TW_FIELDS; f++) {
            struct tw_product beside = rest;
            beside.field[f] = tw_ranges_minus(arena, rest.field[f], q->field[f]);
            rest.field[f] = tw_ranges_and(arena, rest.field[f], q->field[f]);
            if (beside.field[f]->n)
                *tw_vec_add(arena, &left) = beside;
            if (rest.field[f]->n == 0)
                break;
        }
    }
    share->products = left.at;
    share->nproducts = left.len;
}

void tw_shares_part(struct tw_arena *arena, struct tw_shares *shares)
{
    for (size_t i = 1; i < shares->n; i++) {
        struct tw_share *s = &shares->at[i];
        const struct tw_question *done = NULL;
        for (size_t k = 0; k < i; k++) {
            const struct tw_question *q = shares->at[k].question;
            if (q == done || !questions_meet(q, s->question))
                continue;
            if (!s->size)
                s->size = share_size(arena, s);
            take_out(arena, s, q);
            done = q;
        }
    }
}

bool tw_share_alike(const struct tw_share *a, const struct tw_share *b)
{
    if (a->fate != b->fate || a->nblames != b->nblames || a->ndoubts != b->ndoubts)
        return false;
    for (size_t i = 0; i < a->nblames; i++) {
        const struct tw_blame *x = &a->blames[i], *y = &b->blames[i];
        if (x->wall != y->wall || x->by.rule != y->by.rule ||
            x->by.chain != y->by.chain || x->allows != y->allows)
            return false;
    }
    for (size_t i = 0; i < a->ndoubts; i++) {
        const struct tw_doubt *x = &a->doubts[i], *y = &b->doubts[i];
        if (x->wall != y->wall || x->kind != y->kind ||
            x->reason.rule != y->reason.rule || x->reason.unknown != y->reason.unknown)
            return false;
    }
    return true;
}

static bool joinable(const struct tw_share *a, const struct tw_share *b)
{
    return a->entry == b->entry && a->question->family == b->question->family &&
           a->question->kind == TW_KIND_ICMP && b->question->kind == TW_KIND_ICMP &&
           tw_share_alike(a, b);
}

static void take_over(struct tw_arena *arena, struct tw_share *into,
                      const struct tw_share *from)
{
    size_t n = into->nproducts + from->nproducts;
    struct tw_product *all = tw_new_array(arena, n, struct tw_product);
    for (size_t i = 0; i < n; i++)
        all[i] = i < into->nproducts ? into->products[i]
                                     : from->products[i - into->nproducts];
    if (into->size || from->size)
        into->size =
            tw_rational_add(arena, into->size ? into->size : share_size(arena, into),
                            from->size ? from->size : share_size(arena, from));
    into->products = all;
    into->nproducts = tw_products_join(arena, all, n);
}

void tw_shares_join(struct tw_arena *arena, struct tw_shares *shares)
{
    size_t kept = 0;
    for (size_t i = 0; i < shares->n; i++) {
        size_t k = 0;
        while (k < kept && !joinable(&shares->at[k], &shares->at[i]))
            k++;
        if (k < kept)
            take_over(arena, &shares->at[k], &shares->at[i]);
        else
            shares->at[kept++] = shares->at[i];
    }
    shares->n = kept;
}

static const struct tw_rational *packets_of(struct tw_arena *arena,
                                            const struct tw_shares *shares,
                                            uint32_t entry, bool depends, bool all)
{
    const struct tw_rational *sum = tw_rational_of(arena, 0, 1);
    for (size_t i = 0; i < shares->n; i++) {
        const struct tw_share *s = &shares->at[i];
        bool counts = all || s->fate == TW_FATE_STOPPED ||
                      (depends && s->fate == TW_FATE_DEPENDS);
        if (counts && s->entry == entry)
            sum = tw_rational_add(arena, sum, s->size ? s->size : share_size(arena, s));
    }
    return sum;
}

const struct tw_rational *tw_shares_fraction(struct tw_arena *arena,
                                             const struct tw_shares *shares,
                                             uint32_t entries, bool depends)
{
    const struct tw_rational *sum = tw_rational_of(arena, 0, 1);
    bool any = false;
    for (size_t i = 0; i < shares->n; i++)
        any |= shares->at[i].fate == TW_FATE_STOPPED ||
               (depends && shares->at[i].fate == TW_FATE_DEPENDS);
    for (uint32_t e = 0; any && e < entries; e++)
        sum = tw_rational_add(
            arena, sum,
            tw_rational_div(arena, packets_of(arena, shares, e, depends, false),
                            packets_of(arena, shares, e, depends, true)));
    return entries ? tw_rational_div(arena, sum, tw_rational_of(arena, entries, 1))
                   : sum;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict of every rule.
 *
 * In each stage, chains are visited callers first, so that all calls of a chain have
 * been seen when its own turn comes. What is kept of a slice is three bits a rule.
 */
#include "idd_verdicts.h"

/* What was found about a rule, in any slice. */
enum found {
    HAS_SOME = 1, /* a situation */
    REACHED = 2,  /* by one */
    LOST = 4,     /* one does not reach it */
    NOT_SEEN = 8, /* marks aside, one does not arrive */
    ARRIVED = 16,
    TESTS_MARKS = 32,
    MAY_COME = 64, /* one may reach it by what a rule does that nobody knows */
    UNKNOWN = 128  /* the slice was given up */
};

struct entry {
    uint32_t next, view;
    tw_idd_set set;
};

/* What comes to a chain in the stage that is being run. */
struct entries {
    TW_VEC(struct entry) list;
};

struct slice {
    struct tw_arena *arena;
    const struct tw_policy *policy;
    struct tw_idd_space *space;
    struct tw_idd *idd;
    struct tw_idd_program *program;
    tw_idd_set *arrived, *met, *own; /* of each rule */
    tw_idd_set open;                 /* what becomes of these nobody knows */
    struct entries *pending;         /* of each chain */
};

struct work {
    struct tw_arena *arena;
    const struct tw_crossing *crossing;
    enum tw_family family;
    bool has_open; /* some rule does what nobody knows */
    struct tw_idd_budget budget;
    uint64_t steps_left;
    unsigned char *found;
    struct tw_idd_verdicts answer;
};

/* Small diagrams stay near the processor: slices of this size are fastest. */
static const struct tw_idd_budget slice_budget = {(size_t)64 << 20, 2000000000};

/* --- one slice -----------------------------------------------------------------------
 */

static void add_to(struct slice *s, tw_idd_set *sum, tw_idd_set set)
{
    *sum = tw_idd_or(s->idd, *sum, set);
}

static void see(void *ctx, uint32_t rule, tw_idd_set arrived, tw_idd_set met)
{
    struct slice *s = ctx;
    add_to(s, &s->arrived[rule], arrived);
    add_to(s, &s->met[rule], met);
}

static void go_on(void *ctx, uint32_t chain, uint32_t next, uint32_t view,
                  tw_idd_set set)
{
    struct slice *s = ctx;
    struct entries *entries = &s->pending[chain];
    if (set == TW_IDD_NONE)
        return;
    for (size_t i = 0; i < entries->list.len; i++) {
        struct entry *e = &entries->list.at[i];
        if (e->next == next && e->view == view) {
            add_to(s, &e->set, set);
            return;
        }
    }
    *tw_vec_add(s->arena, &entries->list) = (struct entry){next, view, set};
}

static void call(void *ctx, uint32_t chain, uint32_t view, tw_idd_set set)
{
    go_on(ctx, chain, 0, view, set);
}

/* The earliest of ENTRIES, taken out. */
static bool take(struct entries *entries, struct entry *out)
{
    size_t best = 0;
    if (entries->list.len == 0)
        return false;
    for (size_t i = 1; i < entries->list.len; i++)
        if (entries->list.at[i].next < entries->list.at[best].next)
            best = i;
    *out = entries->list.at[best];
    entries->list.at[best] = entries->list.at[--entries->list.len];
    return true;
}

/* Adds the situations of each rule of the stage's chains: of its match, and of those of
 * the calls that lead there. */
static void add_own(struct slice *s, const struct tw_stage *stage,
                    const uint32_t *chains, size_t n)
{
    uint32_t number = tw_idd_first_view(s->program, stage);
    const struct tw_idd_view view = *tw_idd_view_at(s->program, number);
    tw_idd_set *led = tw_new_array(s->arena, s->policy->chains.len, tw_idd_set);
    led[stage->chain] = TW_IDD_ALL;
    if (stage->first_only)
        led[stage->chain] =
            view.unseen ? TW_IDD_NONE
                        : tw_idd_states(s->space, TW_STATE_NEW | TW_STATE_RELATED);
    for (size_t i = 0; i < n; i++) {
        const struct tw_chain *chain = &s->policy->chains.at[chains[i]];
        for (uint32_t k = 0; k < chain->count && led[chains[i]]; k++) {
            uint32_t number_of = chain->first + k;
            const struct tw_rule *r = &s->policy->rules.at[number_of];
            tw_idd_set holds = tw_idd_rule_unmarked(s->space, r, &view);
            holds = tw_idd_and(s->idd, holds, led[chains[i]]);
            add_to(s, &s->own[number_of], holds);
            if (r->action == TW_ACTION_CALL || r->action == TW_ACTION_GOTO)
                add_to(s, &led[r->chain], holds);
        }
    }
}

static void enter_stage(void *ctx, const struct tw_stage *stage, uint32_t view,
                        tw_idd_set set)
{
    struct slice *s = ctx;
    const struct tw_idd_reach reach = {see, call, go_on, s};
    const uint32_t *chains;
    size_t n = tw_idd_chains(s->arena, s->policy, stage->chain, &chains);
    go_on(s, stage->chain, 0, view, set);
    for (size_t i = 0; i < n; i++) {
        struct entry e;
        while (take(&s->pending[chains[i]], &e))
            tw_idd_reach(s->program, chains[i], e.next, e.view, e.set, &reach);
    }
}

static unsigned found_of(const struct slice *s, uint32_t rule)
{
    const struct tw_rule *r = &s->policy->rules.at[rule];
    tw_idd_set met = s->met[rule], own = s->own[rule], lost;
    unsigned found = tw_idd_tests_marks(r) ? TESTS_MARKS : 0;
    if (met != TW_IDD_NONE)
        found |= REACHED;
    if (own != TW_IDD_NONE || met != TW_IDD_NONE)
        found |= HAS_SOME;
    if (own != met && s->open != TW_IDD_NONE) {
        lost = tw_idd_minus(s->idd, own, met);
        if (tw_idd_meet(s->idd, lost, s->open) != TW_IDD_NO)
            found |= MAY_COME;
        if (tw_idd_within(s->idd, lost, s->open) != TW_IDD_YES)
            found |= LOST;
    } else if (own != met && tw_idd_within(s->idd, own, met) != TW_IDD_YES) {
        found |= LOST;
    }
    if (found & TESTS_MARKS &&
        tw_idd_within(s->idd, own, s->arrived[rule]) != TW_IDD_YES)
        found |= NOT_SEEN;
    return found;
}

static void run_slice(struct slice *s, struct work *w)
{
    size_t n = s->policy->rules.len;
    const struct tw_idd_watch watch = {enter_stage, s};
    size_t nstages = s->policy->stages[w->family][w->crossing->hook].len;
    s->arrived = tw_new_array(s->arena, n, tw_idd_set);
    s->met = tw_new_array(s->arena, n, tw_idd_set);
    s->own = tw_new_array(s->arena, n, tw_idd_set);
    s->pending = tw_new_array(s->arena, s->policy->chains.len, struct entries);
    for (size_t i = 0; i < nstages; i++) {
        const struct tw_stage *stage =
            &s->policy->stages[w->family][w->crossing->hook].at[i];
        const uint32_t *chains;
        size_t nchains = tw_idd_chains(s->arena, s->policy, stage->chain, &chains);
        add_own(s, stage, chains, nchains);
    }
    s->open = tw_idd_run(s->program, &watch, !w->has_open).open;
    if (!w->has_open)
        s->open = TW_IDD_NONE;
}

/* --- slices --------------------------------------------------------------------------
 */

/* What is known of all rules when the slice is done; nothing otherwise. */
static enum tw_idd_why finish_slice(struct slice *s, struct work *w)
{
    unsigned char *found = tw_new_array(s->arena, w->answer.n, unsigned char);
    if (tw_idd_program_why(s->program) == TW_IDD_DONE)
        for (uint32_t i = 0; i < w->answer.n; i++)
            found[i] = (unsigned char)found_of(s, i);
    enum tw_idd_why why = tw_idd_program_why(s->program);
    for (size_t i = 0; i < w->answer.n && why == TW_IDD_DONE; i++)
        w->found[i] |= found[i];
    struct tw_idd_use use = tw_idd_use(s->idd);
    w->steps_left -= use.steps < w->steps_left ? use.steps : w->steps_left;
    w->answer.steps += use.steps;
    if (use.bytes > w->answer.peak_bytes)
        w->answer.peak_bytes = use.bytes;
    w->answer.slices += why == TW_IDD_DONE;
    return why;
}

/* One slice as a whole; where that is too large, *HALVES are what it falls into. */
static enum tw_idd_why solve_whole(struct work *w, const struct tw_idd_slice *where,
                                   const struct tw_idd_asked *asked, size_t nasked,
                                   struct tw_idd_slice halves[2], bool *divisible)
{
    struct slice s = {.arena = tw_arena_child(w->arena), .policy = w->crossing->policy};
    struct tw_idd_budget budget = w->budget;
    if (budget.steps > w->steps_left)
        budget.steps = w->steps_left;
    s.space = tw_idd_space_new(s.arena, w->family, &w->crossing, 1, asked, nasked,
                               where, budget);
    s.idd = tw_idd_space_diagram(s.space);
    s.program = tw_idd_program_new(s.arena, s.space, 0);
    run_slice(&s, w);
    enum tw_idd_why why = finish_slice(&s, w);
    *divisible = why == TW_IDD_OVER_BUDGET && w->steps_left > 0 &&
                 tw_idd_space_halves(s.space, halves);
    tw_arena_release(s.arena);
    return why;
}

static void solve(struct work *w, const struct tw_idd_slice *where,
                  const struct tw_idd_asked *asked, size_t nasked)
{
    struct tw_idd_slice halves[2];
    bool divisible;
    enum tw_idd_why why = solve_whole(w, where, asked, nasked, halves, &divisible);
    for (int i = 0; i < 2 && divisible; i++) {
        struct tw_arena *own = tw_arena_child(w->arena);
        struct tw_idd_asked *inside = tw_new_array(own, nasked, struct tw_idd_asked);
        size_t n = 0;
        for (size_t k = 0; k < nasked; k++)
            if (tw_idd_slice_meets(&halves[i], asked[k].match))
                inside[n++] = asked[k];
        solve(w, &halves[i], inside, n);
        tw_arena_release(own);
    }
    if (why == TW_IDD_DONE || divisible)
        return;
    w->answer.why = why;
    for (size_t i = 0; i < w->answer.n; i++)
        w->found[i] |= UNKNOWN;
}

/* --- verdicts ------------------------------------------------------------------------
 */

static enum tw_rule_state state_of(unsigned found)
{
    bool reached = found & REACHED, tests_marks = found & TESTS_MARKS;
    if (reached && found & LOST && !tests_marks)
        return TW_RULE_PARTLY; /* whatever else is there */
    if (found & (UNKNOWN | MAY_COME))
        return TW_RULE_UNDECIDED;
    if (!(found & HAS_SOME))
        return TW_RULE_UNMATCHABLE;
    if (!tests_marks)
        return reached ? TW_RULE_LIVE : TW_RULE_DEAD;
    if (!(found & NOT_SEEN)) /* asked for all: those that it holds for reach it */
        return reached ? TW_RULE_LIVE : TW_RULE_UNMATCHABLE;
    return reached ? TW_RULE_UNDECIDED : TW_RULE_DEAD;
}

static bool leaves_open(const struct tw_policy *policy)
{
    bool open = false;
    for (size_t i = 0; i < policy->rules.len; i++) {
        enum tw_action action = policy->rules.at[i].action;
        open |= action == TW_ACTION_UNDECIDED || action == TW_ACTION_TRANSLATE;
    }
    return open;
}

static void solve_family(struct work *w, enum tw_family family)
{
    struct tw_idd_slice whole = tw_idd_whole(family);
    struct tw_idd_asked_list asked = {.list = {0}};
    w->family = family;
    if (w->crossing->policy->stages[family][w->crossing->hook].len == 0)
        return;
    tw_idd_ask(w->arena, w->crossing, 0, family, &asked);
    solve(w, &whole, asked.list.at, asked.list.len);
}

struct tw_idd_verdicts tw_idd_verdicts(struct tw_arena *arena,
                                       const struct tw_crossing *crossing,
                                       const struct tw_idd_verdict_options *options)
{
    size_t n = crossing->policy->rules.len;
    struct work w = {.arena = tw_arena_child(arena),
                     .crossing = crossing,
                     .has_open = leaves_open(crossing->policy),
                     .budget = slice_budget};
    if (options && options->budget.bytes)
        w.budget = options->budget;
    w.steps_left = options ? options->steps : 0;
    if (w.steps_left == 0)
        w.steps_left =
            w.budget.steps > UINT64_MAX / 8 ? UINT64_MAX : w.budget.steps * 8;
    w.found = tw_new_array(w.arena, n, unsigned char);
    w.answer.n = n;
    for (int family = 0; family < TW_FAMILIES; family++)
        solve_family(&w, (enum tw_family)family);
    enum tw_rule_state *states = tw_new_array(arena, n, enum tw_rule_state);
    for (size_t i = 0; i < n; i++)
        states[i] = state_of(w.found[i]);
    w.answer.at = states;
    tw_arena_release(w.arena);
    return w.answer;
}

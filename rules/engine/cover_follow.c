/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program followed forward with a product of situations.
 *
 * All rules that meet the product are lined up in order of evaluation. A run carries a
 * product, a place, the frames of its calls, and the marks; at a rule that matches a
 * part of it the run parts: what is inside does the rule's action, what is outside
 * (disjoint products) goes on behind it. A single situation is a product too, and never
 * parts but by unknowns: probes are followed the same way.
 *
 *     -A FORWARD -s 10.0.0.0/8 -j svc     10.1.0.0/16 × any: inside, goes on in svc
 *     -A svc -p tcp --dport 80 -j ACCEPT  parts: tcp × 80 ends, the others return
 *     -A FORWARD -j DROP                  the target: these others come to it
 */
#include "cover_parts.h"

enum { DEPTH_MAX = 1500 };

/* A rule that a run may meet. */
struct stop {
    uint32_t rule;
    bool target;                     /* the place that is asked about */
    const struct tw_match *match;    /* not settled: looked at on the spot */
    const struct tw_extent *product; /* settled */
};

struct frame {
    size_t at, end;
    const struct frame *up;
    size_t depth;
};

struct mark {
    uint32_t value, known;
};

struct run {
    struct tw_extent product;
    const struct frame *frame;
    size_t at, end; /* stops of the chain that is run */
    size_t stage;
    struct mark mark, connmark;
    bool untracked;
    unsigned part; /* of the stop's match: products before it did not match */
};

struct walk {
    struct tw_follow *follow;
    struct tw_cover *cover;
    const struct tw_cover_family *family;
    const struct tw_space *space;
    struct tw_arena *arena;
    struct stop *stops;
    size_t nstops, ntargets;
    size_t last_stage; /* behind it nothing comes to the target any more */
    size_t depth;
};

static bool stopped(const struct walk *w)
{
    return w->follow->gave_up || w->follow->found;
}

/* --- stops ----------------------------------------------------------------------- */

static const struct tw_match *match_of_entry(const struct walk *w, uint32_t rule,
                                             uint32_t entry)
{
    /* The entries of a rule that is not settled are its matches that hold in this
     * family, one each; those of a settled match are its products. */
    const struct tw_rule *r = &w->cover->policy->rules.at[rule];
    uint32_t at = tw_boxes_of_rule(w->family->boxes, rule);
    for (size_t m = 0; m < r->nmatches; m++) {
        struct tw_extent of[TW_MATCH_EXTENTS];
        struct tw_match match = r->matches[m];
        struct tw_view view = {0};
        bool open = tw_cover_unsettled(w->cover, w->family, r->chain_of, &match);
        if (open)
            match.nconditions = match.nflags = match.states = 0;
        else
            for (size_t s = tw_cover_nstages(w->cover, w->space->family); s-- > 0;)
                if (w->family->stages_of[r->chain_of] >> s & 1)
                    view = tw_cover_view(w->cover, w->space->family, s);
        at += (uint32_t)tw_match_extents(w->arena, w->space, &view, &match, of);
        if (entry < at)
            return open ? &r->matches[m] : NULL;
    }
    return NULL;
}

static bool is_unsettled(const struct walk *w, uint32_t rule)
{
    const struct tw_rule *r = &w->cover->policy->rules.at[rule];
    for (size_t m = 0; m < r->nmatches; m++)
        if (tw_cover_unsettled(w->cover, w->family, r->chain_of, &r->matches[m]))
            return true;
    return false;
}

/* Any match of the rule comes to it. */
static void add_target(struct walk *w)
{
    const struct tw_cover_target *t = w->follow->target;
    size_t n = t->rule ? t->rule->nmatches : 1;
    for (size_t i = 0; i < n; i++) {
        struct stop *stop = &w->stops[w->nstops++];
        *stop = (struct stop){.rule = t->before, .target = true};
        if (t->match)
            stop->match = t->rule ? &t->rule->matches[i] : t->match;
        else
            stop->product = &t->product;
    }
    w->ntargets = n;
}

static void line_up(struct walk *w)
{
    const struct tw_cover_target *t = w->follow->target;
    struct tw_box_span all = {0, UINT32_MAX, TW_NO_RULE, ~0u};
    struct tw_box_list list =
        tw_boxes_overlaps(w->arena, w->family->boxes, &w->follow->from, &all);
    w->stops = tw_new_array(w->arena, list.n + 1 + (t->rule ? t->rule->nmatches : 1),
                            struct stop);
    bool added = false;
    for (size_t i = 0; i < list.n; i++) {
        uint32_t rule = tw_boxes_rule(w->family->boxes, list.at[i]);
        if (!added && rule >= t->before) {
            add_target(w);
            added = true;
        }
        struct stop *stop = &w->stops[w->nstops++];
        *stop = (struct stop){.rule = rule};
        if (is_unsettled(w, rule))
            stop->match = match_of_entry(w, rule, list.at[i]);
        w->cover->unsettled |= stop->match != NULL;
        if (!stop->match) {
            struct tw_extent *p = tw_new(w->arena, struct tw_extent);
            *p = tw_boxes_extent(w->arena, w->family->boxes, list.at[i]);
            stop->product = p;
        }
    }
    if (!added)
        add_target(w);
}

/* The first stop of RULE or a later one. */
static size_t stop_of(const struct walk *w, uint32_t rule)
{
    size_t low = 0, high = w->nstops;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->stops[middle].rule < rule)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The place behind the last rule of a chain has the number of the next chain's first
 * rule: the target belongs to its own chain alone. */
static void enter(const struct walk *w, struct run *run, uint32_t chain)
{
    const struct tw_chain *c = &w->cover->policy->chains.at[chain];
    const struct tw_cover_target *t = w->follow->target;
    uint32_t end = c->first + c->count;
    run->at = stop_of(w, c->first);
    run->end = stop_of(w, end);
    run->part = 0;
    if (t->chain == chain)
        run->end += t->before == end ? w->ntargets : 0;
    else if (t->before == c->first)
        run->at += w->ntargets;
    if (run->end < run->at)
        run->end = run->at;
}

/* --- the end of runs ------------------------------------------------------------- */

/* A run that no stage sees any more ends by nobody. */
#define NOBODY (UINT32_MAX - 1)

/* The situations of RUN end before the target, by RULE or (TW_NO_RULE) a policy. */
static void end_run(struct walk *w, const struct run *run, uint32_t rule)
{
    struct tw_follow *f = w->follow;
    if (rule == TW_NO_RULE)
        f->by_policy = true;
    else if (f->ended && rule != NOBODY)
        f->ended[rule] = true;
    if (f->goal == TW_FOLLOW_LOST) {
        f->found = true;
        f->what = run->product;
    }
}

static void come(struct walk *w, const struct tw_extent *product)
{
    struct tw_follow *f = w->follow;
    if (f->goal == TW_FOLLOW_REACH) {
        f->found = true;
        f->what = *product;
    } else if (f->goal == TW_FOLLOW_COLLECT) {
        if (f->came.len == f->max)
            f->gave_up = true;
        else
            *tw_vec_add(w->cover->scratch, &f->came) = *product;
    }
}

static void go(struct walk *w, struct run run);

/* RUN goes on, later than what the caller does next. */
static void branch(struct walk *w, const struct run *run)
{
    if (++w->depth > DEPTH_MAX)
        w->follow->gave_up = true;
    if (!stopped(w))
        go(w, *run);
    w->depth--;
}

/* --- stages ---------------------------------------------------------------------- */

/* Puts RUN at the beginning of its stage, or of a later one that sees it; a part that
 * skips the stage goes its own way. False: it has passed all stages, or all from which
 * something comes to the target. */
static bool begin_stage(struct walk *w, struct run *run)
{
    enum tw_family family = w->space->family;
    run->frame = NULL;
    for (; run->stage < tw_cover_nstages(w->cover, family); run->stage++) {
        const struct tw_stage *s = tw_cover_stage(w->cover, family, run->stage);
        if (run->stage > w->last_stage)
            return false;
        if (s->first_only) {
            unsigned in = TW_STATE_NEW | TW_STATE_RELATED;
            if (run->untracked || !(run->product.states & in))
                continue;
            if (run->product.states & ~in) {
                struct run rest = *run;
                rest.product.states &= ~in;
                rest.stage++;
                if (begin_stage(w, &rest))
                    branch(w, &rest);
                else
                    end_run(w, &rest, NOBODY);
                run->product.states &= in;
            }
        }
        enter(w, run, s->chain);
        return true;
    }
    return false;
}

/* True: the run goes on in a later stage. */
static bool pass_stage(struct walk *w, struct run *run, uint32_t rule)
{
    run->stage++;
    if (begin_stage(w, run))
        return true;
    end_run(w, run, rule);
    return false;
}

/* The end of the base chain. */
static bool policy_decides(struct walk *w, struct run *run)
{
    uint32_t base = tw_cover_stage(w->cover, w->space->family, run->stage)->chain;
    if (w->cover->policy->chains.at[base].policy != TW_ACTION_DENY)
        return pass_stage(w, run, TW_NO_RULE);
    end_run(w, run, TW_NO_RULE);
    return false;
}

static bool leave_chain(struct walk *w, struct run *run)
{
    if (!run->frame)
        return policy_decides(w, run);
    run->at = run->frame->at;
    run->end = run->frame->end;
    run->frame = run->frame->up;
    run->part = 0;
    return true;
}

/* --- actions --------------------------------------------------------------------- */

static struct mark mixed(struct mark to, struct mark from, uint32_t mask)
{
    return (struct mark){(to.value & ~mask) | (from.value & mask),
                         (to.known & ~mask) | (from.known & mask)};
}

static struct mark set_mark(struct mark m, uint32_t value, uint32_t mask)
{
    return (struct mark){(m.value & ~mask) ^ value, m.known | mask};
}

/* Has the packet an entry in the connection table here? Splits by state are made before
 * (see split_tracked). */
static bool is_tracked(const struct walk *w, const struct run *run)
{
    return !tw_cover_stage(w->cover, w->space->family, run->stage)->untracked &&
           !run->untracked &&
           !(run->product.states & (TW_STATE_UNTRACKED | TW_STATE_INVALID));
}

static bool touches_connmark(enum tw_action action)
{
    return action == TW_ACTION_SET_CONNMARK || action == TW_ACTION_SAVE_MARK ||
           action == TW_ACTION_RESTORE_MARK;
}

static void change(const struct walk *w, struct run *run, const struct tw_rule *rule)
{
    if (rule->action == TW_ACTION_SET_MARK)
        run->mark = set_mark(run->mark, rule->value, rule->mask);
    else if (rule->action == TW_ACTION_NOTRACK)
        run->untracked = true;
    else if (!is_tracked(w, run))
        return;
    else if (rule->action == TW_ACTION_SET_CONNMARK)
        run->connmark = set_mark(run->connmark, rule->value, rule->mask);
    else if (rule->action == TW_ACTION_SAVE_MARK)
        run->connmark = mixed(run->connmark, run->mark, rule->mask);
    else if (rule->action == TW_ACTION_RESTORE_MARK)
        run->mark = mixed(run->mark, run->connmark, rule->mask);
}

static bool call(struct walk *w, struct run *run, const struct tw_rule *rule)
{
    size_t depth = run->frame ? run->frame->depth + 1 : 1;
    if (depth > TW_COVER_LEVELS) {
        w->follow->gave_up = true;
        return false;
    }
    if (rule->action == TW_ACTION_CALL) {
        struct frame *f = tw_new(w->arena, struct frame);
        *f = (struct frame){run->at, run->end, run->frame, depth};
        run->frame = f;
    }
    enter(w, run, rule->chain);
    return true;
}

/* RULE matched all of RUN, which stands behind it. False: the run has ended. */
static bool act(struct walk *w, struct run *run, uint32_t index)
{
    const struct tw_rule *rule = &w->cover->policy->rules.at[index];
    if (w->follow->ended && rule->action != TW_ACTION_CONTINUE)
        w->follow->ended[index] = true;
    switch (rule->action) {
    case TW_ACTION_ACCEPT:
        return pass_stage(w, run, index);
    case TW_ACTION_DENY:
        end_run(w, run, index);
        return false;
    case TW_ACTION_UNDECIDED:
        w->follow->unsure = true;
        return false;
    case TW_ACTION_TRANSLATE:
        if (run->stage < w->last_stage)
            w->follow->unsure = true;
        else
            end_run(w, run, index);
        return false;
    case TW_ACTION_CALL:
    case TW_ACTION_GOTO:
        return call(w, run, rule);
    case TW_ACTION_RETURN:
        return leave_chain(w, run);
    default:
        change(w, run, rule);
        return true;
    }
}

/* --- matching -------------------------------------------------------------------- */

/* The states in which a packet arrived for which MATCH sees one of its states. */
static unsigned states_for(const struct walk *w, const struct run *run,
                           const struct tw_match *match)
{
    const struct tw_stage *s = tw_cover_stage(w->cover, w->space->family, run->stage);
    unsigned tracked = TW_STATE_ALL & ~(unsigned)TW_STATE_UNTRACKED;
    if (!match->states)
        return TW_STATE_ALL;
    if (run->untracked)
        return match->states & TW_STATE_UNTRACKED ? TW_STATE_ALL : 0;
    if (s->untracked)
        return (match->states & TW_STATE_UNTRACKED) |
               (match->states & TW_STATE_INVALID ? tracked : 0);
    return match->states;
}

/* Narrows P to the situations for which the test of a mark holds; those for which it
 * does not know go both ways by the test's unknown. False: for none. */
static bool cut_mark(const struct walk *w, const struct run *run,
                     const struct tw_mark_test *t, struct tw_extent *p)
{
    const struct mark *m = t->of_connection ? &run->connmark : &run->mark;
    uint32_t differ = (m->value & t->mask) ^ t->value;
    if (differ & (m->known | ~t->mask))
        return t->negated;
    if ((m->known & t->mask) == t->mask)
        return !t->negated;
    struct tw_condition yes = tw_condition_yes(t->unknown, false);
    return tw_extent_narrow(w->arena, w->space, p, t->unknown, yes.allowed);
}

/* The products of a match that is not settled, as RUN sees it at this point. */
static size_t look_again(const struct walk *w, const struct run *run,
                         const struct tw_match *match,
                         struct tw_extent out[TW_MATCH_EXTENTS])
{
    enum tw_family family = w->space->family;
    struct tw_view view = tw_cover_view(w->cover, family, run->stage);
    unsigned states = states_for(w, run, match);
    view.any_state = true;
    size_t n = tw_match_extents(w->arena, w->space, &view, match, out), kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct tw_extent p = out[i];
        bool holds = true;
        p.states &= states;
        for (size_t k = 0; k < match->nmarks && holds; k++) {
            if (match->marks[k].of_connection) {
                /* Without an entry in the connection table the test fails. */
                if (tw_cover_stage(w->cover, family, run->stage)->untracked ||
                    run->untracked)
                    holds = false;
                p.states &= TW_STATE_NEW | TW_STATE_ESTABLISHED | TW_STATE_RELATED;
            }
            holds = holds && cut_mark(w, run, &match->marks[k], &p);
        }
        if (holds && p.states)
            out[kept++] = p;
    }
    return kept;
}

/* --- running --------------------------------------------------------------------- */

/* What RULE does: does it come first for this goal? */
static bool inside_first(const struct walk *w, const struct run *run,
                         const struct stop *stop)
{
    if (stop->target)
        return w->follow->goal != TW_FOLLOW_LOST;
    if (w->follow->goal == TW_FOLLOW_LOST)
        return true;
    switch (w->cover->policy->rules.at[stop->rule].action) {
    case TW_ACTION_DENY:
    case TW_ACTION_UNDECIDED:
    case TW_ACTION_RETURN:
        return false;
    case TW_ACTION_ACCEPT:
    case TW_ACTION_TRANSLATE:
        return run->stage < w->last_stage;
    default:
        return true;
    }
}

static void act_inside(struct walk *w, const struct run *run, const struct stop *stop,
                       const struct tw_extent *inside)
{
    struct run in = *run;
    in.product = *inside;
    in.part = 0;
    /* Behind all stops of this rule: its other products do not matter any more. */
    do
        in.at++;
    while (in.at < in.end && w->stops[in.at].rule == stop->rule && !stop->target);
    if (stop->target)
        come(w, inside);
    else if (act(w, &in, stop->rule))
        branch(w, &in);
}

/* A part of RUN matches PRODUCT of STOP, and a part does not. */
static void part_ways(struct walk *w, const struct run *run, const struct stop *stop,
                      const struct tw_extent *product, unsigned part)
{
    struct tw_extent inside;
    bool first = inside_first(w, run, stop);
    tw_extent_and(w->arena, w->space, &run->product, product, &inside);
    if (first)
        act_inside(w, run, stop, &inside);
    struct tw_extents rest =
        tw_extent_minus(w->arena, w->space, &run->product, product);
    for (size_t i = 0; i < rest.n && !stopped(w); i++) {
        struct run out = *run;
        out.product = rest.at[i];
        out.part = part + 1;
        branch(w, &out);
    }
    if (!first && !stopped(w))
        act_inside(w, run, stop, &inside);
}

/* Connection marks are changed for packets in the connection table alone: the others
 * go their own way, so that all of the run is or is not. */
static void split_tracked(struct walk *w, struct run *run, const struct stop *stop)
{
    unsigned out = TW_STATE_UNTRACKED | TW_STATE_INVALID;
    if (stop->target ||
        !touches_connmark(w->cover->policy->rules.at[stop->rule].action))
        return;
    if (!(run->product.states & out) || !(run->product.states & ~out))
        return;
    struct run other = *run;
    other.product.states &= out;
    run->product.states &= ~out;
    branch(w, &other);
}

/* One step at the stop where RUN stands; false: the run has ended or parted. */
static bool step(struct walk *w, struct run *run)
{
    const struct stop *stop = &w->stops[run->at];
    struct tw_extent again[TW_MATCH_EXTENTS];
    const struct tw_extent *products = stop->product;
    size_t n = 1;
    split_tracked(w, run, stop);
    if (stop->match) {
        n = look_again(w, run, stop->match, again);
        products = again;
    }
    for (unsigned i = run->part; i < n; i++) {
        if (!tw_extent_meets(w->space, &products[i], &run->product))
            continue;
        if (!tw_extent_covers(w->space, &products[i], &run->product)) {
            part_ways(w, run, stop, &products[i], i);
            return false;
        }
        if (stop->target) {
            come(w, &run->product);
            return false;
        }
        do
            run->at++;
        while (run->at < run->end && w->stops[run->at].rule == stop->rule);
        run->part = 0;
        return act(w, run, stop->rule);
    }
    run->at++;
    run->part = 0;
    return true;
}

static void go(struct walk *w, struct run run)
{
    struct tw_arena_mark mark = tw_arena_mark(w->arena);
    bool on = true;
    while (on && !stopped(w)) {
        if (w->cover->budget < 4) {
            w->follow->gave_up = true;
            break;
        }
        w->cover->budget -= 4;
        on = run.at == run.end ? leave_chain(w, &run) : step(w, &run);
    }
    /* What was found, and what came, lives in the scratch arena. */
    if (!w->follow->found && w->follow->goal != TW_FOLLOW_COLLECT)
        tw_arena_rewind(w->arena, mark);
}

static size_t last_stage(const struct walk *w)
{
    uint32_t stages = w->family->stages_of[w->follow->target->chain];
    return stages ? 31u - (unsigned)__builtin_clz(stages) : 0;
}

void tw_cover_follow(struct tw_follow *follow)
{
    struct tw_cover *cover = follow->cover;
    const struct tw_cover_family *f = &cover->families[follow->target->family];
    struct walk w = {.follow = follow,
                     .cover = cover,
                     .family = f,
                     .space = f->space,
                     .arena = cover->scratch};
    w.last_stage = last_stage(&w);
    line_up(&w);
    struct run run = {.product = follow->from, .mark = {0, UINT32_MAX}};
    run.connmark = run.mark;
    unsigned fresh = TW_STATE_NEW | TW_STATE_INVALID;
    if (cover->writes_connmarks && run.product.states & ~fresh) {
        /* An earlier packet may have left a mark on the connection. */
        struct run old = run;
        old.product.states &= ~fresh;
        old.connmark.known = 0;
        if (begin_stage(&w, &old))
            go(&w, old);
        else
            end_run(&w, &old, NOBODY);
        run.product.states &= fresh;
    }
    if (!run.product.states || stopped(&w))
        return;
    if (begin_stage(&w, &run))
        go(&w, run);
    else
        end_run(&w, &run, NOBODY);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outcomes of chains, by divide and conquer over their rules.
 *
 * A body is a chain as seen in one view. Over its rules stands a binary tree whose
 * segments are computed when they are first asked for, from the right to the left: the
 * rest of a chain in another view is then known when a rule hands over to it. What is
 * asked for lies always later in the same chain or in a called one, so that this ends.
 */
#include "idd_program.h"

#include <string.h>

enum {
    VIEWS_MAX = 4096,
    DEPTH_MAX = 200,    /* chains and changes of view within each other */
    RULES_MAX = 1 << 21 /* rules seen in views, beyond four times those there are */
};

struct segment {
    tw_idd_set gone, touched; /* touched: for which a rule holds, marks aside */
    const struct tw_idd_part *parts;
    uint32_t nparts;
    bool sized, parted;
};

struct body {
    uint32_t chain, view, count;
    struct segment *leaves, *inner; /* by rule; by the first rule of the right half */
};

struct tw_idd_program {
    struct tw_arena *arena;
    struct tw_idd_space *space;
    struct tw_idd *idd;
    const struct tw_crossing *crossing;
    const struct tw_policy *policy;
    uint32_t number;
    struct tw_map view_numbers, body_numbers; /* number + 1 */
    TW_VEC(struct tw_idd_view) views;
    TW_VEC(struct body *) bodies;
    unsigned depth;
    size_t rules;
    bool too_many;
};

struct parts {
    TW_VEC(struct tw_idd_part) list;
};

struct tw_idd_program *tw_idd_program_new(struct tw_arena *arena,
                                          struct tw_idd_space *space, uint32_t crossing)
{
    struct tw_idd_program *p = tw_new(arena, struct tw_idd_program);
    p->arena = arena;
    p->space = space;
    p->idd = tw_idd_space_diagram(space);
    p->crossing = tw_idd_space_crossing(space, crossing);
    p->policy = p->crossing->policy;
    p->number = crossing;
    tw_map_init(&p->view_numbers, arena);
    tw_map_init(&p->body_numbers, arena);
    return p;
}

enum tw_idd_why tw_idd_program_why(const struct tw_idd_program *p)
{
    if (p->too_many)
        return TW_IDD_TOO_MANY_VIEWS;
    return tw_idd_use(p->idd).gave_up ? TW_IDD_OVER_BUDGET : TW_IDD_DONE;
}

/* --- views ---------------------------------------------------------------------------
 */

static uint32_t *numbered(struct tw_idd_program *p, struct tw_map *map,
                          const uint32_t *words, size_t n)
{
    struct tw_str key = {(const char *)words, n * sizeof *words};
    const struct tw_map_entry *known = tw_map_find(map, key);
    if (!known) {
        void **slot = tw_map_slot(map, tw_str_copy(p->arena, key));
        *slot = tw_new(p->arena, uint32_t);
        return *slot;
    }
    return known->value;
}

static uint32_t view_number(struct tw_idd_program *p, struct tw_idd_view v)
{
    v.mark &= v.mark_known;
    v.connmark &= v.connmark_known;
    uint32_t flags = (uint32_t)v.before_tracking | (uint32_t)v.no_in_if << 1 |
                     (uint32_t)v.no_out_if << 2 | (uint32_t)v.notrack << 3 |
                     (uint32_t)v.unseen << 4;
    uint32_t words[] = {flags, v.mark, v.mark_known, v.connmark, v.connmark_known};
    uint32_t *number =
        numbered(p, &p->view_numbers, words, sizeof words / sizeof words[0]);
    if (*number == 0) {
        *tw_vec_add(p->arena, &p->views) = v;
        *number = (uint32_t)p->views.len;
        p->too_many |= p->views.len > VIEWS_MAX;
    }
    return *number - 1;
}

const struct tw_idd_view *tw_idd_view_at(const struct tw_idd_program *p, uint32_t view)
{
    return &p->views.at[view];
}

static uint32_t view_in_stage(struct tw_idd_program *p, uint32_t view,
                              const struct tw_stage *stage)
{
    struct tw_idd_view v = p->views.at[view];
    v.before_tracking = stage && stage->untracked;
    v.no_in_if = stage && stage->no_in_if;
    v.no_out_if = stage && stage->no_out_if;
    return view_number(p, v);
}

static struct tw_idd_view first_view(const struct tw_idd_program *p)
{
    return (struct tw_idd_view){.crossing = p->number,
                                .unseen = p->crossing->unseen,
                                .mark_known = UINT32_MAX,
                                .connmark_known = UINT32_MAX};
}

uint32_t tw_idd_first_view(struct tw_idd_program *p, const struct tw_stage *stage)
{
    return view_in_stage(p, view_number(p, first_view(p)), stage);
}

/* The view behind a rule that sets marks or NOTRACK, for packets that have a connection
 * where TRACKED. */
static uint32_t changed_view(struct tw_idd_program *p, uint32_t view,
                             const struct tw_rule *r, bool tracked)
{
    struct tw_idd_view v = p->views.at[view];
    uint32_t mask = r->mask;
    switch (r->action) {
    case TW_ACTION_NOTRACK:
        v.notrack = true;
        break;
    case TW_ACTION_SET_MARK: /* bits outside the mask are turned over */
        v.mark = (v.mark & ~mask) ^ r->value;
        v.mark_known |= mask;
        break;
    case TW_ACTION_SET_CONNMARK:
        if (tracked) {
            v.connmark = (v.connmark & ~mask) ^ r->value;
            v.connmark_known |= mask;
        }
        break;
    case TW_ACTION_SAVE_MARK:
        if (tracked) {
            v.connmark = (v.connmark & ~mask) | (v.mark & mask);
            v.connmark_known = (v.connmark_known & ~mask) | (v.mark_known & mask);
        }
        break;
    default: /* TW_ACTION_RESTORE_MARK */
        if (tracked) {
            v.mark = (v.mark & ~mask) | (v.connmark & mask);
            v.mark_known = (v.mark_known & ~mask) | (v.connmark_known & mask);
        }
        break;
    }
    return view_number(p, v);
}

/* --- bodies and segments -------------------------------------------------------------
 */

static struct body *body_of(struct tw_idd_program *p, uint32_t chain, uint32_t view)
{
    const uint32_t words[] = {chain, view};
    uint32_t *number = numbered(p, &p->body_numbers, words, 2);
    if (*number)
        return p->bodies.at[*number - 1];
    struct body *b = tw_new(p->arena, struct body);
    b->chain = chain;
    b->view = view;
    b->count = p->policy->chains.at[chain].count;
    p->rules += b->count;
    p->too_many |= p->rules > RULES_MAX + 4 * p->policy->rules.len;
    if (p->too_many)
        b->count = 0;
    b->leaves = tw_new_array(p->arena, b->count, struct segment);
    b->inner = tw_new_array(p->arena, b->count, struct segment);
    *tw_vec_add(p->arena, &p->bodies) = b;
    *number = (uint32_t)p->bodies.len;
    return b;
}

static void add_part(struct tw_idd_program *p, struct parts *parts, enum tw_idd_end end,
                     uint32_t view, tw_idd_set set)
{
    if (set == TW_IDD_NONE)
        return;
    for (size_t i = 0; i < parts->list.len; i++) {
        struct tw_idd_part *part = &parts->list.at[i];
        if (part->end == end && part->view == view) {
            part->set = tw_idd_or(p->idd, part->set, set);
            return;
        }
    }
    *tw_vec_add(p->arena, &parts->list) = (struct tw_idd_part){end, view, set};
}

static struct tw_idd_outcome outcome_of(struct tw_idd_program *p, struct body *b,
                                        uint32_t first);

static const struct tw_rule *rule_of(const struct tw_idd_program *p,
                                     const struct body *b, uint32_t place)
{
    return &p->policy->rules.at[p->policy->chains.at[b->chain].first + place];
}

/* SET goes on behind the rule number PLACE in another view: what becomes of it. */
static void hand_over(struct tw_idd_program *p, const struct body *b, uint32_t place,
                      uint32_t view, tw_idd_set set, struct parts *parts)
{
    if (set == TW_IDD_NONE)
        return;
    struct tw_idd_outcome rest = outcome_of(p, body_of(p, b->chain, view), place + 1);
    for (size_t i = 0; i < rest.n; i++)
        add_part(p, parts, rest.parts[i].end, rest.parts[i].view,
                 tw_idd_and(p->idd, rest.parts[i].set, set));
    add_part(p, parts, TW_IDD_RETURNED, view, tw_idd_minus(p->idd, set, rest.gone));
}

static tw_idd_set enter_chain(struct tw_idd_program *p, const struct body *b,
                              uint32_t place, const struct tw_rule *r, tw_idd_set set,
                              struct parts *parts)
{
    bool comes_back = r->action == TW_ACTION_CALL;
    struct tw_idd_outcome o = outcome_of(p, body_of(p, r->chain, b->view), 0);
    tw_idd_set gone = tw_idd_and(p->idd, set, o.gone);
    for (size_t i = 0; i < o.n; i++) {
        const struct tw_idd_part *part = &o.parts[i];
        tw_idd_set mine = tw_idd_and(p->idd, set, part->set);
        if (part->end != TW_IDD_RETURNED || !comes_back)
            add_part(p, parts, part->end, part->view, mine);
        else if (part->view == b->view)
            gone = tw_idd_minus(p->idd, gone, mine);
        else
            hand_over(p, b, place, part->view, mine, parts);
    }
    if (comes_back)
        return gone;
    add_part(p, parts, TW_IDD_RETURNED, b->view, tw_idd_minus(p->idd, set, o.gone));
    return set;
}

static tw_idd_set change_view(struct tw_idd_program *p, const struct body *b,
                              uint32_t place, const struct tw_rule *r, tw_idd_set set,
                              struct parts *parts)
{
    const struct tw_idd_view *v = &p->views.at[b->view];
    bool of_packet = r->action == TW_ACTION_SET_MARK || r->action == TW_ACTION_NOTRACK;
    bool tracked = !v->notrack && !v->unseen && !v->before_tracking;
    uint32_t view = changed_view(p, b->view, r, tracked);
    if (view == b->view)
        return TW_IDD_NONE;
    if (!of_packet)
        set = tw_idd_and(p->idd, set,
                         tw_idd_states(p->space, TW_STATE_NEW | TW_STATE_ESTABLISHED |
                                                     TW_STATE_RELATED));
    hand_over(p, b, place, view, set, parts);
    return set;
}

/* What becomes of SET, for which the rule holds; the answer is what is gone. */
static tw_idd_set perform(struct tw_idd_program *p, const struct body *b,
                          uint32_t place, tw_idd_set set, struct parts *parts)
{
    const struct tw_rule *r = rule_of(p, b, place);
    if (set == TW_IDD_NONE || set == TW_IDD_LOST)
        return set;
    switch (r->action) {
    case TW_ACTION_ACCEPT:
        add_part(p, parts, TW_IDD_ACCEPTED, b->view, set);
        return set;
    case TW_ACTION_DENY:
        return set;
    case TW_ACTION_RETURN:
        add_part(p, parts, TW_IDD_RETURNED, b->view, set);
        return set;
    case TW_ACTION_UNDECIDED:
        add_part(p, parts, TW_IDD_OPEN, b->view, set);
        return set;
    case TW_ACTION_TRANSLATE:
        add_part(p, parts, TW_IDD_TRANSLATED, b->view, set);
        return set;
    case TW_ACTION_CONTINUE:
        return TW_IDD_NONE;
    case TW_ACTION_CALL:
    case TW_ACTION_GOTO:
        return enter_chain(p, b, place, r, set, parts);
    default:
        return change_view(p, b, place, r, set, parts);
    }
}

static struct tw_idd_outcome outcome_in(const struct segment *s)
{
    return (struct tw_idd_outcome){s->gone, s->parts, s->nparts};
}

static void fill_leaf(struct tw_idd_program *p, struct body *b, uint32_t place)
{
    struct segment *s = &b->leaves[place];
    const struct tw_rule *r = rule_of(p, b, place);
    struct tw_idd_view view = p->views.at[b->view];
    struct parts parts = {.list = {0}};
    tw_idd_set holds = tw_idd_rule(p->space, r, &view);
    s->touched =
        tw_idd_tests_marks(r) ? tw_idd_rule_unmarked(p->space, r, &view) : holds;
    s->gone = perform(p, b, place, holds, &parts);
    s->parts = parts.list.at;
    s->nparts = (uint32_t)parts.list.len;
    s->sized = s->parted = true;
}

static struct segment *segment_of(struct tw_idd_program *p, struct body *b, uint32_t lo,
                                  uint32_t hi);

/* The set of what leaves, for the segment of two or more rules that S is. */
static void size_inner(struct tw_idd_program *p, struct body *b, uint32_t lo,
                       uint32_t hi, struct segment *s)
{
    uint32_t mid = lo + (hi - lo) / 2;
    const struct segment *right = segment_of(p, b, mid, hi);
    const struct segment *left = segment_of(p, b, lo, mid);
    s->gone = tw_idd_or(p->idd, left->gone, right->gone);
    s->touched = s->gone;
    if (left->touched != left->gone || right->touched != right->gone)
        s->touched = tw_idd_or(p->idd, left->touched, right->touched);
    s->sized = true;
}

static struct segment *segment_of(struct tw_idd_program *p, struct body *b, uint32_t lo,
                                  uint32_t hi)
{
    struct segment *s = hi - lo == 1 ? &b->leaves[lo] : &b->inner[lo + (hi - lo) / 2];
    if (!s->sized && hi - lo == 1)
        fill_leaf(p, b, lo);
    else if (!s->sized)
        size_inner(p, b, lo, hi, s);
    return s;
}

static struct tw_idd_outcome join(struct tw_idd_program *p, tw_idd_set gone,
                                  const struct tw_idd_outcome *left,
                                  const struct tw_idd_outcome *right)
{
    struct parts parts = {.list = {0}};
    for (size_t i = 0; i < left->n; i++)
        *tw_vec_add(p->arena, &parts.list) = left->parts[i];
    for (size_t i = 0; i < right->n; i++)
        add_part(p, &parts, right->parts[i].end, right->parts[i].view,
                 tw_idd_minus(p->idd, right->parts[i].set, left->gone));
    return (struct tw_idd_outcome){gone, parts.list.at, parts.list.len};
}

static struct tw_idd_outcome parts_of(struct tw_idd_program *p, struct body *b,
                                      uint32_t lo, uint32_t hi)
{
    struct segment *s = segment_of(p, b, lo, hi);
    if (!s->parted) {
        uint32_t mid = lo + (hi - lo) / 2;
        struct tw_idd_outcome right = parts_of(p, b, mid, hi);
        struct tw_idd_outcome left = parts_of(p, b, lo, mid);
        struct tw_idd_outcome both = join(p, s->gone, &left, &right);
        s->parts = both.parts;
        s->nparts = (uint32_t)both.n;
        s->parted = true;
    }
    return outcome_in(s);
}

/* The outcome of the rules from FIRST on, which is in the segment LO … HI - 1. */
static struct tw_idd_outcome tail_of(struct tw_idd_program *p, struct body *b,
                                     uint32_t lo, uint32_t hi, uint32_t first)
{
    uint32_t mid = lo + (hi - lo) / 2;
    if (first <= lo)
        return parts_of(p, b, lo, hi);
    if (first >= mid)
        return tail_of(p, b, mid, hi, first);
    struct tw_idd_outcome right = parts_of(p, b, mid, hi);
    struct tw_idd_outcome left = tail_of(p, b, lo, mid, first);
    return join(p, tw_idd_or(p->idd, left.gone, right.gone), &left, &right);
}

static struct tw_idd_outcome outcome_of(struct tw_idd_program *p, struct body *b,
                                        uint32_t first)
{
    struct tw_idd_outcome none = {TW_IDD_NONE, NULL, 0};
    p->too_many |= p->depth >= DEPTH_MAX;
    if (p->too_many || tw_idd_use(p->idd).gave_up)
        none.gone = TW_IDD_LOST;
    if (first >= b->count || none.gone == TW_IDD_LOST)
        return none;
    p->depth++;
    struct tw_idd_outcome o = tail_of(p, b, 0, b->count, first);
    p->depth--;
    return o;
}

/* --- stages --------------------------------------------------------------------------
 */

struct flow {
    TW_VEC(struct tw_idd_part) at; /* `end` is of no use here */
};

static void add_flow(struct tw_idd_program *p, struct flow *flow, uint32_t view,
                     tw_idd_set set)
{
    view = view_in_stage(p, view, NULL);
    if (set == TW_IDD_NONE)
        return;
    for (size_t i = 0; i < flow->at.len; i++)
        if (flow->at.at[i].view == view) {
            flow->at.at[i].set = tw_idd_or(p->idd, flow->at.at[i].set, set);
            return;
        }
    *tw_vec_add(p->arena, &flow->at) = (struct tw_idd_part){0, view, set};
}

/* Connection marks of earlier packets are known where no rule writes them. */
static void begin(struct tw_idd_program *p, struct flow *flow)
{
    struct tw_idd_view view = first_view(p);
    tw_idd_set fresh = tw_idd_states(p->space, TW_STATE_NEW | TW_STATE_INVALID);
    bool writes = false;
    for (size_t i = 0; i < p->policy->rules.len; i++)
        writes |= p->policy->rules.at[i].action == TW_ACTION_SAVE_MARK ||
                  p->policy->rules.at[i].action == TW_ACTION_SET_CONNMARK;
    if (!writes || view.unseen) {
        add_flow(p, flow, view_number(p, view), TW_IDD_ALL);
        return;
    }
    add_flow(p, flow, view_number(p, view), fresh);
    view.connmark_known = 0;
    add_flow(p, flow, view_number(p, view), tw_idd_minus(p->idd, TW_IDD_ALL, fresh));
}

/* Those that STAGE sees of all in VIEW. */
static tw_idd_set seen_by(struct tw_idd_program *p, const struct tw_stage *stage,
                          uint32_t view)
{
    const struct tw_idd_view *v = &p->views.at[view];
    if (!stage->first_only)
        return TW_IDD_ALL;
    if (v->notrack || v->unseen)
        return TW_IDD_NONE;
    return tw_idd_states(p->space, TW_STATE_NEW | TW_STATE_RELATED);
}

struct stages {
    const struct tw_stage *at;
    size_t n;
};

static void translate(struct tw_idd_program *p, struct stages later, uint32_t view,
                      tw_idd_set set, struct tw_idd_result *result)
{
    tw_idd_set goes_on = TW_IDD_NONE;
    for (size_t i = 0; i < later.n; i++)
        goes_on = tw_idd_or(p->idd, goes_on, seen_by(p, &later.at[i], view));
    result->open = tw_idd_or(p->idd, result->open, tw_idd_and(p->idd, set, goes_on));
    set = tw_idd_minus(p->idd, set, goes_on);
    result->pass = tw_idd_or(p->idd, result->pass, set);
    result->translated = tw_idd_or(p->idd, result->translated, set);
}

static void run_stage(struct tw_idd_program *p, struct stages stages, uint32_t view,
                      tw_idd_set set, struct flow *out, struct tw_idd_result *result)
{
    const struct tw_stage *stage = stages.at;
    struct stages later = {stages.at + 1, stages.n - 1};
    struct tw_idd *d = p->idd;
    bool accepts = p->policy->chains.at[stage->chain].policy != TW_ACTION_DENY;
    struct tw_idd_outcome o = outcome_of(p, body_of(p, stage->chain, view), 0);
    for (size_t i = 0; i < o.n; i++) {
        const struct tw_idd_part *part = &o.parts[i];
        tw_idd_set mine = tw_idd_and(d, set, part->set);
        if (part->end == TW_IDD_ACCEPTED || (part->end == TW_IDD_RETURNED && accepts))
            add_flow(p, out, part->view, mine);
        else if (part->end == TW_IDD_OPEN)
            result->open = tw_idd_or(d, result->open, mine);
        else if (part->end == TW_IDD_TRANSLATED)
            translate(p, later, part->view, mine, result);
    }
    if (accepts)
        add_flow(p, out, view, tw_idd_minus(d, set, o.gone));
}

struct tw_idd_result tw_idd_run(struct tw_idd_program *p,
                                const struct tw_idd_watch *watch, bool only_enter)
{
    enum tw_family family = tw_idd_space_family(p->space);
    struct stages all = {p->policy->stages[family][p->crossing->hook].at,
                         p->policy->stages[family][p->crossing->hook].len};
    struct tw_idd_result r = {TW_IDD_NONE, TW_IDD_NONE, TW_IDD_NONE, TW_IDD_NONE};
    struct flow in = {.at = {0}};
    begin(p, &in);
    for (size_t s = 0; s < all.n; s++) {
        struct flow out = {.at = {0}};
        for (size_t i = 0; i < in.at.len; i++) {
            tw_idd_set seen = seen_by(p, &all.at[s], in.at.at[i].view);
            tw_idd_set set = tw_idd_and(p->idd, in.at.at[i].set, seen);
            uint32_t view = view_in_stage(p, in.at.at[i].view, &all.at[s]);
            add_flow(p, &out, view, tw_idd_minus(p->idd, in.at.at[i].set, seen));
            if (set == TW_IDD_NONE)
                continue;
            if (watch)
                watch->enter(watch->ctx, &all.at[s], view, set);
            if (!only_enter || s + 1 < all.n)
                run_stage(p, (struct stages){all.at + s, all.n - s}, view, set, &out,
                          &r);
        }
        in = out;
    }
    for (size_t i = 0; i < in.at.len; i++)
        r.pass = tw_idd_or(p->idd, r.pass, in.at.at[i].set);
    r.stop = tw_idd_minus(p->idd, TW_IDD_ALL, tw_idd_or(p->idd, r.pass, r.open));
    if (tw_idd_program_why(p) != TW_IDD_DONE)
        r = (struct tw_idd_result){TW_IDD_LOST, TW_IDD_LOST, TW_IDD_LOST, TW_IDD_LOST};
    return r;
}

/* --- which rules are reached ---------------------------------------------------------
 */

struct search {
    struct tw_idd_program *p;
    struct body *body;
    const struct tw_idd_reach *reach;
};

static void reach_rule(const struct search *s, uint32_t place, tw_idd_set arrived)
{
    struct tw_idd_program *p = s->p;
    const struct body *b = s->body;
    const struct tw_idd_reach *reach = s->reach;
    const struct tw_rule *r = rule_of(p, b, place);
    struct tw_idd_view view = p->views.at[b->view];
    tw_idd_set met = arrived;
    if (tw_idd_tests_marks(r))
        met = tw_idd_and(p->idd, arrived, tw_idd_rule(p->space, r, &view));
    reach->see(reach->ctx, p->policy->chains.at[b->chain].first + place, arrived, met);
    if (met == TW_IDD_NONE)
        return;
    if (r->action == TW_ACTION_CALL || r->action == TW_ACTION_GOTO)
        reach->call(reach->ctx, r->chain, b->view, met);
    if (r->action == TW_ACTION_CALL) {
        struct tw_idd_outcome o = outcome_of(p, body_of(p, r->chain, b->view), 0);
        for (size_t i = 0; i < o.n; i++)
            if (o.parts[i].end == TW_IDD_RETURNED && o.parts[i].view != b->view)
                reach->go_on(reach->ctx, b->chain, place + 1, o.parts[i].view,
                             tw_idd_and(p->idd, met, o.parts[i].set));
    } else if (r->action >= TW_ACTION_SET_MARK) {
        struct tw_idd_view v = p->views.at[b->view];
        bool tracked = !v.notrack && !v.unseen && !v.before_tracking;
        uint32_t to = changed_view(p, b->view, r, tracked);
        if (to != b->view)
            reach->go_on(reach->ctx, b->chain, place + 1, to,
                         tw_idd_and(p->idd, met, b->leaves[place].gone));
    }
}

/* SET comes to the segment, all of it touched there. */
static void descend(const struct search *s, uint32_t lo, uint32_t hi, tw_idd_set set)
{
    struct tw_idd *d = s->p->idd;
    uint32_t mid = lo + (hi - lo) / 2;
    if (set == TW_IDD_NONE || set == TW_IDD_LOST)
        return;
    if (hi - lo == 1) {
        reach_rule(s, lo, set);
        return;
    }
    const struct segment *left = segment_of(s->p, s->body, lo, mid);
    const struct segment *right = segment_of(s->p, s->body, mid, hi);
    descend(s, lo, mid, tw_idd_and(d, set, left->touched));
    set = tw_idd_minus(d, set, left->gone);
    if (left->touched != left->gone)
        set = tw_idd_and(d, set, right->touched);
    descend(s, mid, hi, set);
}

/* SET comes to rule FIRST; the answer is what comes out behind the segment. */
static tw_idd_set descend_from(const struct search *s, uint32_t lo, uint32_t hi,
                               uint32_t first, tw_idd_set set)
{
    struct tw_idd *d = s->p->idd;
    uint32_t mid = lo + (hi - lo) / 2;
    if (first <= lo) {
        const struct segment *whole = segment_of(s->p, s->body, lo, hi);
        descend(s, lo, hi, tw_idd_and(d, set, whole->touched));
        return tw_idd_minus(d, set, whole->gone);
    }
    if (first < mid)
        set = descend_from(s, lo, mid, first, set);
    return descend_from(s, mid, hi, first, set);
}

void tw_idd_reach(struct tw_idd_program *p, uint32_t chain, uint32_t first,
                  uint32_t view, tw_idd_set set, const struct tw_idd_reach *reach)
{
    struct search s = {.p = p, .body = body_of(p, chain, view), .reach = reach};
    if (first < s.body->count && tw_idd_program_why(p) == TW_IDD_DONE)
        descend_from(&s, 0, s.body->count, first, set);
}

/* --- chains --------------------------------------------------------------------------
 */

struct open_chain {
    uint32_t chain, next;
};

/* Depth first, without recursion: a chain is added when all it calls have been. */
size_t tw_idd_chains(struct tw_arena *arena, const struct tw_policy *policy,
                     uint32_t base, const uint32_t **chains)
{
    bool *seen = tw_new_array(arena, policy->chains.len, bool);
    uint32_t *out = tw_new_array(arena, policy->chains.len, uint32_t);
    TW_VEC(struct open_chain) open = {0};
    size_t at = policy->chains.len; /* filled from the end */
    *tw_vec_add(arena, &open) = (struct open_chain){base, 0};
    seen[base] = true;
    while (open.len) {
        struct open_chain *top = &open.at[open.len - 1];
        const struct tw_chain *chain = &policy->chains.at[top->chain];
        if (top->next == chain->count) {
            out[--at] = top->chain;
            open.len--;
            continue;
        }
        const struct tw_rule *r = &policy->rules.at[chain->first + top->next++];
        bool enters = r->action == TW_ACTION_CALL || r->action == TW_ACTION_GOTO;
        if (enters && !r->disabled && !seen[r->chain]) {
            seen[r->chain] = true;
            *tw_vec_add(arena, &open) = (struct open_chain){r->chain, 0};
        }
    }
    *chains = out + at;
    return policy->chains.len - at;
}

void tw_idd_ask(struct tw_arena *arena, const struct tw_crossing *crossing,
                uint32_t index, enum tw_family family, struct tw_idd_asked_list *asked)
{
    const struct tw_policy *policy = crossing->policy;
    size_t nstages = policy->stages[family][crossing->hook].len;
    bool *seen = tw_new_array(arena, policy->chains.len + 1, bool);
    for (size_t s = 0; s < nstages; s++) {
        const uint32_t *chains;
        size_t n = tw_idd_chains(
            arena, policy, policy->stages[family][crossing->hook].at[s].chain, &chains);
        for (size_t i = 0; i < n; i++) {
            const struct tw_chain *chain = &policy->chains.at[chains[i]];
            for (uint32_t k = 0; k < chain->count && !seen[chains[i]]; k++) {
                const struct tw_rule *r = &policy->rules.at[chain->first + k];
                for (size_t m = 0; m < r->nmatches && !r->disabled; m++)
                    if (tw_match_has(&r->matches[m], family))
                        *tw_vec_add(arena, &asked->list) = (struct tw_idd_asked){
                            .match = &r->matches[m], .crossing = index};
            }
            seen[chains[i]] = true;
        }
    }
}

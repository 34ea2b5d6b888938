/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: a situation that gets there, the rules that let nothing get there, and
 * the general question. */
#include <stdlib.h>
#include <string.h>

#include "cover_parts.h"
#include "replay.h"

/* Runs one question in ARENA; the answer is what was the scratch arena before. */
static struct tw_arena *begin(struct tw_cover *cover, struct tw_arena *arena)
{
    struct tw_arena *before = cover->scratch;
    cover->scratch = arena;
    cover->budget = cover->options.budget;
    return before;
}

/* --- witnesses ------------------------------------------------------------------- */

/* One situation of WHAT, with a value for everything that is asked on its way. */
static bool settle(struct tw_cover *cover, const struct tw_cover_target *target,
                   const struct tw_extent *what, struct tw_situation *out)
{
    const struct tw_space *space = cover->families[target->family].space;
    struct tw_arena *arena = cover->scratch;
    struct tw_point point = tw_extent_pick(arena, space, what, NULL);
    struct tw_follow f = {.cover = cover,
                          .target = target,
                          .goal = TW_FOLLOW_REACH,
                          .from = tw_extent_of(arena, space, &point)};
    tw_cover_follow(&f);
    if (!f.found)
        return false;
    point = tw_extent_pick(arena, space, &f.what, NULL);
    *out = (struct tw_situation){.packet = tw_point_packet(space, &point),
                                 .values = point.values,
                                 .nvalues = point.nvalues};
    return true;
}

/* A situation on PATH that comes to its target. */
static bool witness_of(struct tw_cover *cover, const struct tw_cover_path *path,
                       const struct tw_path_answer *answer, struct tw_situation *out)
{
    if (answer->reached != TW_YES)
        return false;
    if (answer->has_what)
        return settle(cover, path->target, &answer->what, out);
    struct tw_follow f = {.cover = cover,
                          .target = path->target,
                          .goal = TW_FOLLOW_REACH,
                          .from = path->product};
    tw_cover_follow(&f);
    return f.found && settle(cover, path->target, &f.what, out);
}

static bool witness_in(struct tw_cover *cover, enum tw_family family, uint32_t rule,
                       struct tw_situation *out)
{
    struct tw_cover_ways ways = tw_cover_ways(cover, family, rule);
    for (size_t t = 0; t < ways.n; t++) {
        for (size_t i = 0; i < ways.at[t].at.len; i++) {
            const struct tw_cover_path *path = ways.at[t].at.at[i];
            struct tw_path_answer a = tw_cover_judge(cover, path, ways.alone);
            if (witness_of(cover, path, &a, out))
                return true;
        }
    }
    return false;
}

bool tw_cover_witness(struct tw_arena *arena, struct tw_cover *cover, uint32_t rule,
                      struct tw_situation *out)
{
    struct tw_arena *before = begin(cover, arena);
    bool found = false;
    for (int f = 0; f < TW_FAMILIES && !found; f++)
        found = witness_in(cover, (enum tw_family)f, rule, out);
    cover->scratch = before;
    return found;
}

/* --- the linear checker ---------------------------------------------------------- */

struct watcher {
    uint32_t rule;
    bool held;
};

static void watch(void *ctx, uint32_t rule, bool held)
{
    struct watcher *w = ctx;
    w->held |= rule == w->rule && held;
}

bool tw_cover_confirm(struct tw_arena *arena, const struct tw_crossing *crossing,
                      uint32_t rule, const struct tw_situation *situation)
{
    size_t n = crossing->policy->unknowns.len;
    const uint64_t **possible = tw_new_array(arena, n + 1, const uint64_t *);
    for (size_t i = 0; i < n; i++)
        possible[i] = crossing->possible[i];
    for (size_t i = 0; i < situation->nvalues; i++) {
        const struct tw_valued *v = &situation->values[i];
        size_t words = tw_unknown_words(&crossing->policy->unknowns.at[v->unknown]);
        uint64_t *only = tw_new_array(arena, words, uint64_t);
        only[v->value / 64] = (uint64_t)1 << v->value % 64;
        if (!(crossing->possible[v->unknown][v->value / 64] & only[v->value / 64]))
            return false;
        possible[v->unknown] = only;
    }
    struct tw_crossing settled = *crossing;
    settled.possible = possible;
    struct watcher w = {.rule = rule};
    struct tw_replay_watch by = {watch, &w};
    tw_replay(arena, &settled, &situation->packet, &by);
    return w.held;
}

/* --- explanations ---------------------------------------------------------------- */

struct reasons {
    struct tw_cover *cover;
    TW_VEC(uint32_t) rules;
    bool by_policy, minimal;
};

static void add_reason(struct reasons *r, uint32_t rule)
{
    for (size_t i = 0; i < r->rules.len; i++)
        if (r->rules.at[i] == rule)
            return;
    *tw_vec_add(r->cover->scratch, &r->rules) = rule;
}

enum { MINIMAL_MAX = 256 }; /* rules of which each is tried without */

/* The covers of a grid and the rules that they are of. */
struct choice {
    const struct tw_grid *grid;
    uint32_t *rule_of; /* by cover */
    bool *used;        /* by cover; all of a rule, or none */
};

/* Do the covers in use hold the target without those of RULE? */
static enum tw_covered without(const struct choice *c, uint32_t rule)
{
    struct tw_arena *arena = c->grid->arena;
    struct tw_arena_mark mark = tw_arena_mark(arena);
    struct tw_grid rest = *c->grid;
    const struct tw_extent **covers =
        tw_new_array(arena, c->grid->n + 1, const struct tw_extent *);
    rest.n = 0;
    for (size_t i = 0; i < c->grid->n; i++)
        if (c->used[i] && c->rule_of[i] != rule)
            covers[rest.n++] = c->grid->covers[i];
    rest.covers = covers;
    enum tw_covered covered = tw_grid_decide(&rest, NULL, NULL, NULL);
    tw_arena_rewind(arena, mark);
    return covered;
}

static void use_rule(const struct choice *c, uint32_t rule, bool used)
{
    for (size_t i = 0; i < c->grid->n; i++)
        if (c->rule_of[i] == rule)
            c->used[i] = used;
}

/* Drops one rule after the other, the last ones first, while the rest holds the target;
 * false: not all could be tried. */
static bool drop_needless(const struct choice *c)
{
    size_t n = 0;
    uint32_t *rules = tw_new_array(c->grid->arena, c->grid->n + 1, uint32_t);
    for (size_t i = 0; i < c->grid->n; i++)
        if (c->used[i])
            use_rule(c, c->rule_of[i], true);
    for (size_t i = 0; i < c->grid->n; i++)
        if (c->used[i] && (n == 0 || rules[n - 1] != c->rule_of[i]))
            rules[n++] = c->rule_of[i];
    if (n > MINIMAL_MAX)
        return false;
    while (n-- > 0) {
        enum tw_covered covered = without(c, rules[n]);
        if (covered == TW_COVER_GAVE_UP)
            return false;
        if (covered == TW_COVERED)
            use_rule(c, rules[n], false);
    }
    return true;
}

/* Do the rules in use have no extents beside those of the grid? */
static bool have_one_extent(const struct tw_boxes *boxes, const struct choice *c)
{
    for (size_t i = 0; i < c->grid->n; i++)
        if (c->used[i] && tw_boxes_of_rule(boxes, c->rule_of[i] + 1) !=
                              tw_boxes_of_rule(boxes, c->rule_of[i]) + 1)
            return false;
    return true;
}

/* The rules of PATH that surely end what they match, where they are enough. */
static bool by_sure_rules(struct reasons *r, const struct tw_cover_path *path,
                          uint32_t container)
{
    const struct tw_cover_family *f = &r->cover->families[path->target->family];
    struct tw_box_list entries;
    if (container != TW_NO_RULE) {
        add_reason(r, container);
        return true;
    }
    for (size_t most = 20;; most = 0) { /* a few large ones, then all */
        struct tw_grid grid = tw_cover_grid(r->cover, path, most, &entries);
        struct choice c = {&grid, tw_new_array(grid.arena, grid.n + 1, uint32_t),
                           tw_new_array(grid.arena, grid.n + 1, bool)};
        for (size_t i = 0; i < grid.n; i++)
            c.rule_of[i] = tw_boxes_rule(f->boxes, entries.at[i]);
        if (tw_grid_decide(&grid, c.used, NULL, NULL) == TW_COVERED &&
            (most == 0 || have_one_extent(f->boxes, &c))) {
            r->minimal &= drop_needless(&c);
            for (size_t i = 0; i < grid.n; i++)
                if (c.used[i])
                    add_reason(r, c.rule_of[i]);
            return true;
        }
        if (most == 0)
            return false;
    }
}

/* Does RULE stand behind the target in its base chain? What it ends has passed the
 * target by, for want of the mark that the target asks for. */
static bool stands_behind(const struct tw_policy *policy,
                          const struct tw_cover_target *target, uint32_t rule)
{
    return policy->chains.at[target->chain].is_base && rule >= target->before &&
           policy->rules.at[rule].chain_of == target->chain;
}

/* Whatever took situations off while the program was followed. */
static bool by_program(struct reasons *r, const struct tw_cover_path *path)
{
    size_t nrules = r->cover->policy->rules.len;
    struct tw_follow f = {.cover = r->cover,
                          .target = path->target,
                          .goal = TW_FOLLOW_REACH,
                          .from = path->product};
    f.ended = tw_new_array(r->cover->scratch, nrules + 1, bool);
    tw_cover_follow(&f);
    if (f.found || f.gave_up || f.unsure)
        return false;
    for (uint32_t i = 0; i < nrules; i++)
        if (f.ended[i] && !stands_behind(r->cover->policy, path->target, i))
            add_reason(r, i);
    r->by_policy |= f.by_policy;
    r->minimal = false;
    return true;
}

static bool explain_path(struct reasons *r, const struct tw_cover_path *path,
                         bool alone)
{
    struct tw_path_answer a = tw_cover_judge(r->cover, path, alone);
    if (a.reached != TW_NO)
        return false;
    return by_sure_rules(r, path, a.by) || by_program(r, path);
}

static bool opposes(const struct tw_policy *policy, uint32_t rule, uint32_t other)
{
    enum tw_action a = policy->rules.at[rule].action,
                   b = policy->rules.at[other].action;
    return (a == TW_ACTION_ACCEPT && b == TW_ACTION_DENY) ||
           (a == TW_ACTION_DENY && b == TW_ACTION_ACCEPT);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* In the order in which packets meet them: by stage and call, which within a chain is
 * by number. Chains stand apart, so that several are sorted by number too. */
static void finish(const struct reasons *r, uint32_t rule, struct tw_explained *out)
{
    *out = (struct tw_explained){.rules = r->rules.at,
                                 .nrules = r->rules.len,
                                 .by_policy = r->by_policy,
                                 .minimal = r->minimal};
    if (r->rules.len > 1)
        qsort(r->rules.at, r->rules.len, sizeof *r->rules.at, by_number);
    for (size_t i = 0; i < r->rules.len && rule != TW_NO_RULE; i++)
        out->opposed |= opposes(r->cover->policy, rule, r->rules.at[i]);
}

bool tw_cover_explain(struct tw_arena *arena, struct tw_cover *cover, uint32_t rule,
                      struct tw_explained *out)
{
    struct tw_arena *before = begin(cover, arena);
    struct reasons r = {.cover = cover, .minimal = true};
    size_t npaths = 0;
    bool dead = true;
    for (int f = 0; f < TW_FAMILIES && dead; f++) {
        struct tw_cover_ways ways = tw_cover_ways(cover, (enum tw_family)f, rule);
        for (size_t t = 0; t < ways.n && dead; t++) {
            const struct tw_cover_paths *paths = &ways.at[t];
            dead = paths->complete;
            for (size_t i = 0; i < paths->at.len && dead; i++)
                dead = explain_path(&r, paths->at.at[i], ways.alone);
            npaths += paths->at.len;
        }
    }
    r.minimal &= npaths == 1 || r.rules.len == 1;
    finish(&r, rule, out);
    cover->scratch = before;
    return dead && npaths;
}

/* --- the general question -------------------------------------------------------- */

/* Adds what comes to the target of P, which is a part of PATH's product. */
static bool collect(struct tw_cover *cover, const struct tw_cover_path *path,
                    const struct tw_extent *p, size_t max, struct tw_extents *out)
{
    struct tw_follow f = {.cover = cover,
                          .target = path->target,
                          .goal = TW_FOLLOW_COLLECT,
                          .from = *p,
                          .max = max - out->n};
    tw_cover_follow(&f);
    for (size_t i = 0; i < f.came.len; i++)
        out->at[out->n++] = f.came.at[i];
    return !f.gave_up && !f.unsure;
}

/* The parts of P that are in none of the N paths before. */
static struct tw_extents parts_of(struct tw_cover *cover,
                                  const struct tw_cover_paths *paths, size_t n)
{
    enum { PARTS_MAX = 256 };
    const struct tw_space *space =
        cover->families[paths->at.at[n]->target->family].space;
    struct tw_extents parts = {tw_new(cover->scratch, struct tw_extent), 1};
    parts.at[0] = paths->at.at[n]->product;
    for (size_t i = 0; i < n && parts.n; i++) {
        const struct tw_extent *other = &paths->at.at[i]->product;
        TW_VEC(struct tw_extent) now = {0};
        for (size_t k = 0; k < parts.n && now.len < PARTS_MAX; k++) {
            if (!tw_extent_meets(space, &parts.at[k], other)) {
                *tw_vec_add(cover->scratch, &now) = parts.at[k];
                continue;
            }
            struct tw_extents rest =
                tw_extent_minus(cover->scratch, space, &parts.at[k], other);
            for (size_t m = 0; m < rest.n; m++)
                *tw_vec_add(cover->scratch, &now) = rest.at[m];
        }
        parts = (struct tw_extents){now.at, now.len};
    }
    return parts;
}

struct asking {
    struct tw_cover *cover;
    struct reasons reasons;
    struct tw_cover_reply reply;
    size_t max, npaths;
    bool all_held, open;
};

static void ask_path(struct asking *ask, const struct tw_cover_paths *paths, size_t i)
{
    struct tw_cover *cover = ask->cover;
    const struct tw_cover_path *path = paths->at.at[i];
    struct tw_path_answer a =
        tw_cover_judge(cover, path, tw_cover_paths_alone(paths, 1));
    ask->npaths++;
    ask->open |= a.reached == TW_OPEN;
    if (a.reached == TW_NO) {
        ask->open |= !by_sure_rules(&ask->reasons, path, a.by) &&
                     !by_program(&ask->reasons, path);
        return;
    }
    ask->all_held = false;
    if (ask->reply.kind != TW_REPLY_REACHES &&
        witness_of(cover, path, &a, &ask->reply.witness))
        ask->reply.kind = TW_REPLY_REACHES;
    struct tw_extents parts = parts_of(cover, paths, i);
    for (size_t k = 0; k < parts.n; k++)
        ask->reply.complete &=
            collect(cover, path, &parts.at[k], ask->max, &ask->reply.residue);
}

struct tw_cover_reply tw_cover_ask(struct tw_arena *arena, struct tw_cover *cover,
                                   const struct tw_cover_question *question)
{
    struct tw_arena *before = begin(cover, arena);
    const struct tw_cover_family *f = &cover->families[question->family];
    struct asking ask = {.cover = cover,
                         .reasons = {.cover = cover, .minimal = true},
                         .reply = {.kind = TW_REPLY_NOTHING, .complete = true},
                         .max = question->max,
                         .all_held = true};
    struct tw_match *match = tw_new(arena, struct tw_match);
    *match = *question->product;
    match->nmarks = 0;
    struct tw_cover_target target = {.family = question->family,
                                     .chain = question->chain,
                                     .before = question->before,
                                     .match = match};
    ask.reply.residue.at = tw_new_array(arena, question->max + 1, struct tw_extent);
    if (f->exists && tw_match_has(match, question->family)) {
        target.product = tw_extent_whole(f->space);
        struct tw_cover_paths paths = tw_cover_paths(cover, &target);
        for (size_t i = 0; i < paths.at.len; i++)
            ask_path(&ask, &paths, i);
        ask.open |= !paths.complete;
        ask.reply.complete &= paths.complete;
    }
    struct tw_explained why;
    finish(&ask.reasons, TW_NO_RULE, &why);
    if (ask.npaths && ask.all_held && !ask.open) {
        ask.reply.kind = why.nrules == 1 ? TW_REPLY_ONE_RULE : TW_REPLY_RULES;
        ask.reply.rules = why.rules;
        ask.reply.nrules = why.nrules;
    } else if (ask.open && ask.reply.kind != TW_REPLY_REACHES) {
        ask.reply.kind = TW_REPLY_UNDECIDED;
    }
    cover->scratch = before;
    return ask.reply;
}

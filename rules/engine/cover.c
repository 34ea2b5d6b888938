/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a rule: quick answers first, then path by path, exactly. */
#include "cover_parts.h"

#include <stdlib.h>

#include "hash.h"

struct tw_cover *tw_cover_new(struct tw_arena *arena,
                              const struct tw_crossing *crossing,
                              const struct tw_cover_options *options)
{
    struct tw_cover *cover = tw_new(arena, struct tw_cover);
    cover->arena = arena;
    cover->scratch = tw_arena_child(arena);
    cover->replays = tw_arena_child(arena);
    cover->nothing = tw_arena_mark(cover->scratch);
    cover->crossing = crossing;
    cover->policy = crossing->policy;
    if (options)
        cover->options = *options;
    if (!cover->options.budget)
        cover->options.budget = TW_COVER_BUDGET;
    if (!cover->options.total)
        cover->options.total = TW_COVER_TOTAL;
    tw_cover_build(cover);
    tw_arena_rewind(cover->scratch, cover->nothing);
    return cover;
}

const struct tw_space *tw_cover_space(const struct tw_cover *cover,
                                      enum tw_family family)
{
    return cover->families[family].space;
}

/* --- one path -------------------------------------------------------------------- */

struct judge {
    struct tw_cover *cover;
    const struct tw_cover_family *family;
    const struct tw_cover_path *path;
    bool alone;  /* the rule has no other path */
    bool simple; /* the boxes say it all */
    struct tw_path_answer answer;
};

/* Does any rule of ROLES on the path before the target meet PRODUCT? */
static uint32_t meets(const struct judge *j, unsigned roles)
{
    for (size_t i = 0; i < j->path->nspans; i++) {
        struct tw_box_span span = j->path->spans[i];
        span.roles = roles;
        uint32_t rule =
            tw_boxes_any_overlap(j->family->boxes, &j->path->product, &span);
        if (rule != TW_NO_RULE)
            return rule;
    }
    return TW_NO_RULE;
}

static uint32_t container(const struct judge *j)
{
    for (size_t i = j->path->nspans; i-- > 0;) {
        struct tw_box_span span = j->path->spans[i];
        span.roles = TW_ROLE_ENDS;
        uint32_t rule =
            tw_boxes_first_container(j->family->boxes, &j->path->product, &span);
        if (rule != TW_NO_RULE)
            return rule;
    }
    return TW_NO_RULE;
}

static bool is_ended(const struct judge *j, const struct tw_point *point)
{
    for (size_t i = 0; i < j->path->nspans; i++) {
        struct tw_box_span span = j->path->spans[i];
        span.roles = TW_ROLE_ENDS;
        if (tw_boxes_any_match(j->family->boxes, point, &span))
            return true;
    }
    return false;
}

static uint64_t seed_of(const struct tw_extent *p)
{
    uint64_t numbers[2 * TW_FIELDS];
    for (int f = 0; f < TW_FIELDS; f++) {
        const struct tw_ranges *list = p->field[f];
        numbers[2 * f] = (uint64_t)list->at[0].lo;
        numbers[2 * f + 1] = (uint64_t)list->at[list->n - 1].hi;
    }
    return tw_hash_bytes(numbers, sizeof numbers) | 1;
}

static void reaches(struct judge *j, const struct tw_extent *what)
{
    j->answer.reached = TW_YES;
    j->answer.has_what = true;
    j->answer.what = *what;
}

struct tw_grid tw_cover_grid(struct tw_cover *cover, const struct tw_cover_path *path,
                             size_t most, struct tw_box_list *entries)
{
    const struct tw_cover_family *f = &cover->families[path->target->family];
    struct tw_arena *arena = cover->scratch;
    TW_VEC(uint32_t) all = {0};
    for (size_t i = path->nspans; i-- > 0;) {
        struct tw_box_span span = path->spans[i];
        span.roles = TW_ROLE_ENDS;
        struct tw_box_list some =
            most ? tw_boxes_largest(arena, f->boxes, &path->product, &span, most)
                 : tw_boxes_overlaps(arena, f->boxes, &path->product, &span);
        for (size_t k = 0; k < some.n; k++)
            *tw_vec_add(arena, &all) = some.at[k];
    }
    const struct tw_extent **covers =
        tw_new_array(arena, all.len + 1, const struct tw_extent *);
    for (size_t i = 0; i < all.len; i++) {
        struct tw_extent *p = tw_new(arena, struct tw_extent);
        *p = tw_boxes_extent(arena, f->boxes, all.at[i]);
        covers[i] = p;
    }
    if (entries)
        *entries = (struct tw_box_list){all.at, all.len};
    return (struct tw_grid){.arena = arena,
                            .space = f->space,
                            .target = &path->product,
                            .covers = covers,
                            .n = all.len,
                            .budget = &cover->budget,
                            .escape = cover->options.escape};
}

/* The rules that surely end what they match: what is left of the product besides them?
 * TW_COVERED: nothing, so that no situation takes this path. */
static enum tw_covered sure_rules(struct judge *j, struct tw_extent *left,
                                  bool *has_left)
{
    struct tw_cover *cover = j->cover;
    const struct tw_space *space = j->family->space;
    uint64_t seed = seed_of(&j->path->product);
    j->answer.by = container(j);
    if (j->answer.by != TW_NO_RULE)
        return TW_COVERED;
    for (unsigned k = 0; k < TW_COVER_PROBES; k++) {
        struct tw_point point =
            tw_extent_pick(cover->scratch, space, &j->path->product, k ? &seed : NULL);
        if (is_ended(j, &point))
            continue;
        *left = tw_extent_of(cover->scratch, space, &point);
        *has_left = true;
        return TW_NOT_COVERED;
    }
    /* A few wide rules often do, and many need not be looked at then. */
    enum { FEW = 20 };
    struct tw_grid grid = tw_cover_grid(cover, j->path, FEW, NULL);
    enum tw_covered covered = tw_grid_decide(&grid, NULL, left, has_left);
    if (covered == TW_COVERED || grid.n < FEW)
        return covered;
    grid = tw_cover_grid(cover, j->path, 0, NULL);
    return tw_grid_decide(&grid, NULL, left, has_left);
}

/* Follows PART of the path's product; *GAVE_UP and *UNSURE are set, not cleared. */
static bool follow(struct judge *j, const struct tw_extent *part,
                   enum tw_follow_goal goal, struct tw_extent *what, bool *gave_up,
                   bool *unsure)
{
    struct tw_follow f = {
        .cover = j->cover, .target = j->path->target, .goal = goal, .from = *part};
    tw_cover_follow(&f);
    *gave_up |= f.gave_up;
    *unsure |= f.unsure;
    if (f.found)
        *what = f.what;
    return f.found;
}

/* A few situations of the path's product, the first of them in LEFT (may be NULL):
 * do they come to the target? */
static void probe(struct judge *j, const struct tw_extent *left)
{
    struct tw_cover *cover = j->cover;
    const struct tw_space *space = j->family->space;
    uint64_t seed = seed_of(&j->path->product);
    for (unsigned k = 0; k < TW_COVER_PROBES / 2; k++) {
        bool gave_up = false, unsure = false;
        bool here = k == 0 && left;
        struct tw_point point =
            tw_extent_pick(cover->scratch, space, here ? left : &j->path->product,
                           k && !here ? &seed : NULL);
        struct tw_extent part = tw_extent_of(cover->scratch, space, &point), what;
        if (j->answer.reached != TW_YES &&
            follow(j, &part, TW_FOLLOW_REACH, &what, &gave_up, &unsure))
            reaches(j, &what);
        if (j->answer.lost != TW_YES && !gave_up &&
            follow(j, &part, TW_FOLLOW_LOST, &what, &gave_up, &unsure))
            j->answer.lost = TW_YES;
        if (gave_up || (j->answer.reached == TW_YES && j->answer.lost == TW_YES))
            return;
    }
}

/* Can an earlier stage make another packet of it? */
static bool may_be_changed(const struct judge *j)
{
    return j->family->effects & (((uint32_t)1 << j->path->stage) - 1);
}

/* Is there something before the path's rules whose effect nobody knows? */
static bool is_murky(const struct judge *j)
{
    return may_be_changed(j) || meets(j, TW_ROLE_MAY_END) != TW_NO_RULE;
}

/* By the whole program. */
static void judge_program(struct judge *j, const struct tw_extent *left)
{
    bool gave_up = false, unsure = false, murky = is_murky(j);
    struct tw_extent what;
    j->answer.reached = j->answer.lost = TW_OPEN;
    probe(j, left);
    if (j->answer.reached == TW_OPEN) {
        if (follow(j, &j->path->product, TW_FOLLOW_REACH, &what, &gave_up, &unsure))
            reaches(j, &what);
        else if (!gave_up && !unsure && !murky)
            j->answer.reached = TW_NO;
    }
    bool lost_gave_up = false, lost_unsure = false;
    if (j->answer.lost == TW_OPEN) {
        if (follow(j, &j->path->product, TW_FOLLOW_LOST, &what, &lost_gave_up,
                   &lost_unsure))
            j->answer.lost = TW_YES;
        else if (!lost_gave_up && !lost_unsure)
            j->answer.lost = TW_NO;
    }
    if (gave_up || lost_gave_up)
        j->answer.doubt = TW_WHY_BUDGET;
    else if (j->answer.reached == TW_OPEN || j->answer.lost == TW_OPEN)
        j->answer.doubt = TW_WHY_EFFECT;
    /* A situation that is lost may just lack the mark. */
    if (j->path->marks && j->answer.lost == TW_YES) {
        j->answer.lost = TW_OPEN;
        j->answer.doubt = TW_WHY_MARKS;
    }
}

struct tw_path_answer tw_cover_judge(struct tw_cover *cover,
                                     const struct tw_cover_path *path, bool alone)
{
    struct judge j = {.cover = cover,
                      .family = &cover->families[path->target->family],
                      .path = path,
                      .alone = alone};
    struct tw_extent left;
    bool has_left = false;
    j.answer.by = TW_NO_RULE;
    j.simple = alone && !path->marks && path->stage <= j.family->first_stage &&
               meets(&j, TW_ROLE_MOVES | TW_ROLE_MAY_END) == TW_NO_RULE;
    enum tw_covered covered = sure_rules(&j, &left, &has_left);
    if (covered == TW_COVERED) {
        j.answer.reached = TW_NO;
        j.answer.elsewhere = !alone || may_be_changed(&j);
        j.answer.lost = j.answer.elsewhere ? TW_NO : TW_YES;
        return j.answer;
    }
    if (!j.simple) {
        judge_program(&j, has_left ? &left : NULL);
        if (alone && !may_be_changed(&j)) {
            uint32_t rule = meets(&j, TW_ROLE_ENDS);
            if (rule != TW_NO_RULE) /* whatever the marks are */
                j.answer.lost = TW_YES;
            if (j.answer.reached != TW_NO)
                j.answer.by = rule;
        }
        return j.answer;
    }
    j.answer.by = meets(&j, TW_ROLE_ENDS);
    j.answer.lost = j.answer.by == TW_NO_RULE ? TW_NO : TW_YES;
    j.answer.reached = TW_OPEN;
    if (covered == TW_COVER_GAVE_UP)
        j.answer.doubt = TW_WHY_BUDGET;
    else if (has_left)
        reaches(&j, &left);
    else
        j.answer.reached = TW_YES;
    return j.answer;
}

/* --- the rule -------------------------------------------------------------------- */

size_t tw_cover_targets(struct tw_cover *cover, enum tw_family family, uint32_t rule,
                        struct tw_cover_target **out)
{
    const struct tw_rule *r = &cover->policy->rules.at[rule];
    struct tw_cover_target *list =
        tw_new_array(cover->scratch, r->nmatches + 1, struct tw_cover_target);
    size_t n = 0;
    const struct tw_cover_family *f = &cover->families[family];
    *out = list;
    if (!f->exists || r->disabled || !f->stages_of[r->chain_of])
        return 0;
    for (size_t m = 0; m < r->nmatches; m++)
        if (tw_match_has(&r->matches[m], family))
            list[n++] = (struct tw_cover_target){.family = family,
                                                 .chain = r->chain_of,
                                                 .before = rule,
                                                 .product = tw_extent_whole(f->space),
                                                 .match = &r->matches[m],
                                                 .rule = r};
    return n;
}

/* What has been found out about a rule so far. */
struct sum {
    bool any; /* it has situations */
    enum tw_answer reached, lost;
    enum tw_cover_doubt doubt;
    uint32_t by; /* of a dead one */
    bool by_many;
    uint32_t part_by; /* of a partly shadowed one */
};

static enum tw_answer either(enum tw_answer a, enum tw_answer b)
{
    return a == TW_YES || b == TW_YES ? TW_YES : a == TW_OPEN ? a : b;
}

static void add(struct sum *sum, const struct tw_path_answer *a)
{
    sum->any = true;
    sum->reached = either(sum->reached, a->reached);
    sum->lost = either(sum->lost, a->lost);
    if (a->doubt && (!sum->doubt || a->doubt == TW_WHY_BUDGET))
        sum->doubt = a->doubt;
    if (a->lost == TW_YES && a->by != TW_NO_RULE && sum->part_by == TW_NO_RULE)
        sum->part_by = a->by;
    if (a->reached != TW_NO)
        return;
    if (a->by == TW_NO_RULE || (sum->by != TW_NO_RULE && sum->by != a->by))
        sum->by_many = true;
    sum->by = a->by;
}

/* The products of a rule whose chain nothing stands before. True: all were quick. */
static bool judge_quickly(const struct tw_cover *cover, const struct tw_cover_family *f,
                          uint32_t rule, struct sum *sum)
{
    const struct tw_rule *r = &cover->policy->rules.at[rule];
    uint32_t first = cover->policy->chains.at[r->chain_of].first;
    uint32_t end = tw_boxes_of_rule(f->boxes, rule + 1);
    struct sum now = *sum;
    for (size_t m = 0; m < r->nmatches; m++)
        if (tw_cover_asks_marks(cover, &r->matches[m]))
            return false;
    for (uint32_t e = tw_boxes_of_rule(f->boxes, rule); e < end; e++) {
        struct tw_path_answer a = {.by = TW_NO_RULE};
        switch (tw_boxes_quick(f->boxes, e, first, &a.by)) {
        case TW_QUICK_FREE:
            a.reached = TW_YES;
            break;
        case TW_QUICK_HELD:
            a.lost = TW_YES;
            break;
        case TW_QUICK_PARTLY:
            a.reached = a.lost = TW_YES;
            break;
        case TW_QUICK_UNKNOWN:
            return false;
        }
        add(&now, &a);
    }
    *sum = now;
    return true;
}

/* What takes none of PATH may come to the rule by another one: does some of it not? */
static void judge_elsewhere(struct tw_cover *cover, const struct tw_cover_path *path,
                            struct sum *sum)
{
    struct tw_follow f = {.cover = cover,
                          .target = path->target,
                          .goal = TW_FOLLOW_LOST,
                          .from = path->product};
    struct tw_path_answer a = {.reached = TW_NO, .lost = TW_NO, .by = TW_NO_RULE};
    tw_cover_follow(&f);
    if (f.gave_up) {
        a.lost = TW_OPEN;
        a.doubt = TW_WHY_BUDGET;
    } else if (f.found) {
        a.lost = path->marks ? TW_OPEN : TW_YES;
        a.doubt = path->marks ? TW_WHY_MARKS : TW_WHY_NONE;
    } else if (f.unsure) {
        a.lost = TW_OPEN;
        a.doubt = TW_WHY_EFFECT;
    }
    add(sum, &a);
}

/* True: the verdict is found. */
static bool judge_list(struct tw_cover *cover, const struct tw_cover_paths *paths,
                       bool alone, struct sum *sum)
{
    bool *elsewhere = tw_new_array(cover->scratch, paths->at.len + 1, bool);
    for (size_t i = 0; i < paths->at.len; i++) {
        struct tw_arena_mark mark = tw_arena_mark(cover->scratch);
        struct tw_path_answer a = tw_cover_judge(cover, paths->at.at[i], alone);
        add(sum, &a);
        elsewhere[i] = a.elsewhere;
        tw_arena_rewind(cover->scratch, mark);
        if (sum->reached == TW_YES && sum->lost == TW_YES)
            return true;
    }
    for (size_t i = 0; i < paths->at.len && sum->lost != TW_YES; i++) {
        struct tw_arena_mark mark = tw_arena_mark(cover->scratch);
        if (elsewhere[i])
            judge_elsewhere(cover, paths->at.at[i], sum);
        tw_arena_rewind(cover->scratch, mark);
    }
    if (!paths->complete) {
        struct tw_path_answer a = {.reached = TW_OPEN,
                                   .lost = TW_OPEN,
                                   .doubt = TW_WHY_BUDGET,
                                   .by = TW_NO_RULE};
        add(sum, &a);
    }
    return false;
}

struct tw_cover_ways tw_cover_ways(struct tw_cover *cover, enum tw_family family,
                                   uint32_t rule)
{
    struct tw_cover_target *targets;
    struct tw_cover_ways ways = {.n = tw_cover_targets(cover, family, rule, &targets)};
    ways.at = tw_new_array(cover->scratch, ways.n + 1, struct tw_cover_paths);
    for (size_t t = 0; t < ways.n; t++)
        ways.at[t] = tw_cover_paths(cover, &targets[t]);
    ways.alone = tw_cover_paths_alone(ways.at, ways.n);
    return ways;
}

static void judge_paths(struct tw_cover *cover, enum tw_family family, uint32_t rule,
                        struct sum *sum)
{
    struct tw_cover_ways ways = tw_cover_ways(cover, family, rule);
    for (size_t t = 0; t < ways.n; t++)
        if (judge_list(cover, &ways.at[t], ways.alone, sum))
            return;
}

static struct tw_rule_answer answer_of(const struct sum *sum)
{
    struct tw_rule_answer a = {.state = TW_RULE_UNDECIDED,
                               .doubt = sum->doubt ? sum->doubt : TW_WHY_BUDGET,
                               .by = TW_NO_RULE};
    if (!sum->any)
        a.state = TW_RULE_UNMATCHABLE;
    else if (sum->reached == TW_NO)
        a.state = TW_RULE_DEAD;
    else if (sum->reached == TW_YES && sum->lost == TW_YES)
        a.state = TW_RULE_PARTLY;
    else if (sum->reached == TW_YES && sum->lost == TW_NO)
        a.state = TW_RULE_LIVE;
    if (a.state != TW_RULE_UNDECIDED)
        a.doubt = TW_WHY_NONE;
    if (a.state == TW_RULE_DEAD && !sum->by_many)
        a.by = sum->by;
    if (a.state == TW_RULE_PARTLY)
        a.by = sum->part_by;
    return a;
}

/* Where marks or changed states were met, the linear checker is asked as well. */
static bool is_confirmed(struct tw_cover *cover, uint32_t rule)
{
    struct tw_arena *work = cover->replays;
    struct tw_situation witness;
    bool held = tw_cover_witness(work, cover, rule, &witness) &&
                tw_cover_confirm(work, cover->crossing, rule, &witness);
    tw_arena_release(work);
    return held;
}

struct tw_rule_answer tw_cover_rule(struct tw_cover *cover, uint32_t rule)
{
    struct sum sum = {.by = TW_NO_RULE, .part_by = TW_NO_RULE};
    const struct tw_rule *r = &cover->policy->rules.at[rule];
    uint64_t budget = cover->options.budget;
    if (budget > cover->options.total)
        budget = cover->options.total > TW_COVER_LEAST ? cover->options.total
                                                       : TW_COVER_LEAST;
    cover->budget = budget;
    cover->unsettled = false;
    for (int i = 0; i < TW_FAMILIES; i++) {
        const struct tw_cover_family *f = &cover->families[i];
        if (!f->exists || r->disabled)
            continue;
        if (f->alone[r->chain_of] && judge_quickly(cover, f, rule, &sum))
            continue;
        judge_paths(cover, (enum tw_family)i, rule, &sum);
        tw_arena_rewind(cover->scratch, cover->nothing);
    }
    struct tw_rule_answer answer = answer_of(&sum);
    uint64_t used = budget - cover->budget;
    cover->options.total -= used < cover->options.total ? used : cover->options.total;
    bool reached = answer.state == TW_RULE_PARTLY || answer.state == TW_RULE_LIVE;
    if (reached && cover->unsettled && !is_confirmed(cover, rule))
        answer = (struct tw_rule_answer){TW_RULE_UNDECIDED, TW_WHY_REPLAY, TW_NO_RULE};
    return answer;
}

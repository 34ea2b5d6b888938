/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths of calls to a rule, found backwards: from its chain to the rules that call
 * it, and on to the base chains of stages. Paths on which nothing of the target is left
 * end early, which keeps the number small where chains are entered by addresses.
 */
#include "cover_parts.h"

struct climb {
    struct tw_cover *cover;
    struct tw_cover_family *family;
    const struct tw_cover_target *target;
    struct tw_cover_paths *paths;
    size_t steps;
    uint32_t callers[TW_COVER_LEVELS]; /* of the path so far: rule numbers */
    size_t ncallers;
};

enum { STEPS_MAX = 1 << 16 };

/* The states that a stage lets in at all: what NOTRACK has made untracked, a stage of
 * first packets does not see either. */
static bool cut_to_stage(const struct tw_cover *cover, enum tw_family family,
                         size_t stage, struct tw_extent *p)
{
    if (tw_cover_stage(cover, family, stage)->first_only)
        p->states &= TW_STATE_NEW | TW_STATE_RELATED;
    return p->states != 0;
}

/* *P cut with what RULE matches when stage STAGE runs it; several products: *OUT. */
static size_t cut_with(struct climb *climb, const struct tw_extent *p, uint32_t rule,
                       size_t stage, struct tw_extent **out)
{
    struct tw_cover *cover = climb->cover;
    const struct tw_rule *r = &cover->policy->rules.at[rule];
    struct tw_view view = tw_cover_view(cover, climb->target->family, stage);
    *out = tw_new_array(cover->scratch, r->nmatches * TW_MATCH_EXTENTS + 1,
                        struct tw_extent);
    size_t n = 0;
    for (size_t m = 0; m < r->nmatches; m++) {
        struct tw_extent of[TW_MATCH_EXTENTS];
        size_t k = tw_match_extents(cover->scratch, climb->family->space, &view,
                                    &r->matches[m], of);
        for (size_t i = 0; i < k; i++)
            n += tw_extent_and(cover->scratch, climb->family->space, p, &of[i],
                               &(*out)[n]);
    }
    return n;
}

static void add_path(struct climb *climb, size_t stage, const struct tw_extent *p,
                     bool marks)
{
    struct tw_cover *cover = climb->cover;
    struct tw_cover_path *path = tw_new(cover->scratch, struct tw_cover_path);
    if (climb->paths->at.len == TW_COVER_PATHS) {
        climb->paths->complete = false;
        return;
    }
    *path = (struct tw_cover_path){.target = climb->target,
                                   .stage = stage,
                                   .product = *p,
                                   .marks = marks,
                                   .nspans = climb->ncallers + 1};
    uint32_t chain = climb->target->chain, limit = climb->target->before;
    for (size_t i = 0;; i++) {
        path->spans[i] = (struct tw_box_span){cover->policy->chains.at[chain].first,
                                              limit, TW_NO_RULE, ~0u};
        if (i == climb->ncallers)
            break;
        limit = climb->callers[i];
        chain = cover->policy->rules.at[limit].chain_of;
    }
    *tw_vec_add(cover->scratch, &climb->paths->at) = path;
}

static bool asks_marks(const struct tw_cover *cover, const struct tw_rule *rule)
{
    for (size_t m = 0; m < rule->nmatches; m++)
        if (tw_cover_asks_marks(cover, &rule->matches[m]))
            return true;
    return false;
}

/* The part P of the target is in CHAIN of STAGE: from where? */
static void climb_from(struct climb *climb, uint32_t chain, size_t stage,
                       const struct tw_extent *p, bool marks)
{
    const struct tw_cover *cover = climb->cover;
    const struct tw_cover_family *f = climb->family;
    if (climb->steps++ > STEPS_MAX) {
        climb->paths->complete = false;
        return;
    }
    if (tw_cover_stage(cover, climb->target->family, stage)->chain == chain)
        add_path(climb, stage, p, marks);
    if (climb->ncallers + 1 == TW_COVER_LEVELS) {
        climb->paths->complete = false;
        return;
    }
    for (uint32_t i = f->callers_of[chain]; i < f->callers_of[chain + 1]; i++) {
        const struct tw_rule *rule = &cover->policy->rules.at[f->callers[i]];
        struct tw_extent *parts;
        if (!(f->stages_of[rule->chain_of] >> stage & 1))
            continue;
        size_t n = cut_with(climb, p, f->callers[i], stage, &parts);
        climb->callers[climb->ncallers++] = f->callers[i];
        for (size_t k = 0; k < n; k++)
            climb_from(climb, rule->chain_of, stage, &parts[k],
                       marks || asks_marks(cover, rule));
        climb->ncallers--;
    }
}

struct tw_cover_paths tw_cover_paths(struct tw_cover *cover,
                                     const struct tw_cover_target *target)
{
    struct tw_cover_paths paths = {.complete = true};
    struct tw_cover_family *f = &cover->families[target->family];
    struct climb climb = {
        .cover = cover, .family = f, .target = target, .paths = &paths};
    bool marks = target->match && tw_cover_asks_marks(cover, target->match);
    for (size_t s = 0; s < tw_cover_nstages(cover, target->family); s++) {
        if (!(f->stages_of[target->chain] >> s & 1))
            continue;
        struct tw_extent p = target->product;
        struct tw_view view = tw_cover_view(cover, target->family, s);
        if (!cut_to_stage(cover, target->family, s, &p))
            continue;
        if (!target->match) {
            climb_from(&climb, target->chain, s, &p, marks);
            continue;
        }
        /* The rule's match as this stage sees it. */
        struct tw_extent of[TW_MATCH_EXTENTS], part;
        size_t n = tw_match_extents(cover->scratch, f->space, &view, target->match, of);
        for (size_t i = 0; i < n; i++)
            if (tw_extent_and(cover->scratch, f->space, &p, &of[i], &part))
                climb_from(&climb, target->chain, s, &part, marks);
    }
    return paths;
}

static bool same_way(const struct tw_cover_path *a, const struct tw_cover_path *b)
{
    if (a->stage != b->stage || a->nspans != b->nspans)
        return false;
    for (size_t i = 0; i < a->nspans; i++)
        if (a->spans[i].first != b->spans[i].first ||
            a->spans[i].limit != b->spans[i].limit)
            return false;
    return true;
}

bool tw_cover_paths_alone(const struct tw_cover_paths *lists, size_t n)
{
    const struct tw_cover_path *one = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!lists[i].complete)
            return false;
        for (size_t k = 0; k < lists[i].at.len; k++) {
            one = one ? one : lists[i].at.at[k];
            if (!same_way(one, lists[i].at.at[k]))
                return false;
        }
    }
    return true;
}

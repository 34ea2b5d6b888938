/* SPDX-License-Identifier: Apache-2.0 */
/* Covers of one box, in slices of its addresses. */
#include "idd_covers.h"

struct tw_idd_budget tw_idd_covers_budget(void)
{
    return (struct tw_idd_budget){(size_t)64 << 20, 400000000};
}

struct job {
    struct tw_arena *arena;
    const struct tw_crossing *crossing;
    enum tw_family family;
    const struct tw_idd_asked *box;
    struct tw_idd_budget budget; /* what is left of the steps */
    struct tw_situation *witness;
};

static struct tw_range hull(const struct tw_ranges *list, enum tw_family family)
{
    if (!list || list->n == 0)
        return (struct tw_range){0, tw_ip_max(family)};
    return (struct tw_range){list->at[0].lo, list->at[list->n - 1].hi};
}

static bool may_meet(const struct tw_match *a, const struct tw_match *b)
{
    return (!a->dst || !b->dst || tw_ranges_meet(a->dst, b->dst)) &&
           (!a->src || !b->src || tw_ranges_meet(a->src, b->src));
}

/* ASKED holds the N products and then the box. */
static tw_idd_set uncovered(struct tw_arena *arena, struct tw_idd_space *space,
                            const struct tw_idd_asked *asked, size_t n)
{
    struct tw_idd *d = tw_idd_space_diagram(space);
    struct tw_idd_view view = {.crossing = 0};
    tw_idd_set *sets = tw_new_array(arena, n + 1, tw_idd_set);
    tw_idd_set all = tw_idd_asked_set(space, &asked[n], &view);
    for (size_t i = 0; i < n; i++)
        sets[i] = tw_idd_and(d, all, tw_idd_asked_set(space, &asked[i], &view));
    return tw_idd_minus(d, all, tw_idd_any(d, sets, n));
}

static enum tw_idd_answer in_slice(struct job *job, const struct tw_idd_slice *slice,
                                   const struct tw_idd_asked *asked, size_t n);

/* The halves of a slice that was too large. */
static enum tw_idd_answer in_halves(struct job *job,
                                    const struct tw_idd_slice halves[2],
                                    const struct tw_idd_asked *asked, size_t n)
{
    enum tw_idd_answer answer = TW_IDD_YES;
    for (int i = 0; i < 2 && answer == TW_IDD_YES; i++) {
        struct tw_arena *own = tw_arena_child(job->arena);
        struct tw_idd_asked *inside = tw_new_array(own, n + 1, struct tw_idd_asked);
        size_t m = 0;
        for (size_t k = 0; k < n; k++)
            if (tw_idd_slice_meets(&halves[i], asked[k].match))
                inside[m++] = asked[k];
        inside[m] = asked[n];
        answer = in_slice(job, &halves[i], inside, m);
        tw_arena_release(own);
    }
    return answer;
}

static enum tw_idd_answer in_slice(struct job *job, const struct tw_idd_slice *slice,
                                   const struct tw_idd_asked *asked, size_t n)
{
    struct tw_arena *own = tw_arena_child(job->arena);
    struct tw_idd_slice halves[2];
    struct tw_idd_budget part = {job->budget.bytes, job->budget.steps / 8 + 1};
    struct tw_idd_space *space = tw_idd_space_new(own, job->family, &job->crossing, 1,
                                                  asked, n + 1, slice, part);
    tw_idd_set left = uncovered(own, space, asked, n);
    enum tw_idd_answer answer = TW_IDD_NO;
    if (left == TW_IDD_NONE)
        answer = TW_IDD_YES;
    else if (left == TW_IDD_LOST)
        answer = TW_IDD_UNDECIDED;
    else if (job->witness &&
             !tw_idd_situation(job->arena, space, left, 0, job->witness))
        answer = TW_IDD_UNDECIDED;
    uint64_t steps = tw_idd_use(tw_idd_space_diagram(space)).steps;
    job->budget.steps -= steps < job->budget.steps ? steps : job->budget.steps;
    bool cut = left == TW_IDD_LOST && job->budget.steps > n &&
               tw_idd_space_halves(space, halves);
    tw_arena_release(own);
    return cut ? in_halves(job, halves, asked, n) : answer;
}

enum tw_idd_answer tw_idd_covers(struct tw_arena *arena,
                                 const struct tw_crossing *crossing,
                                 enum tw_family family, const struct tw_idd_asked *box,
                                 const struct tw_idd_asked *products, size_t n,
                                 struct tw_idd_budget budget,
                                 struct tw_situation *witness)
{
    struct job job = {arena, crossing, family, box, budget, witness};
    struct tw_arena *own = tw_arena_child(arena);
    struct tw_idd_asked *asked = tw_new_array(own, n + 1, struct tw_idd_asked);
    struct tw_idd_slice slice = {hull(box->match->dst, family),
                                 hull(box->match->src, family)};
    bool unclear = false;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (!may_meet(box->match, products[i].match))
            continue;
        unclear |= products[i].match->nmarks > 0;
        if (products[i].match->nmarks == 0)
            asked[used++] = products[i];
    }
    asked[used] = *box;
    enum tw_idd_answer answer = TW_IDD_UNDECIDED;
    if (box->match->nmarks == 0)
        answer = in_slice(&job, &slice, asked, used);
    if (answer == TW_IDD_NO && unclear)
        answer = TW_IDD_UNDECIDED;
    tw_arena_release(own);
    return answer;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about whole policies, and about one box, by diagrams. */
#include "idd_policy.h"

struct tw_idd_budget tw_idd_usual_budget(void)
{
    return (struct tw_idd_budget){(size_t)512 << 20, 2000000000};
}

static struct tw_idd_space *space_of(struct tw_arena *arena,
                                     const struct tw_crossing *const *crossings,
                                     uint32_t n, enum tw_family family,
                                     struct tw_idd_budget budget)
{
    struct tw_idd_asked_list asked = {.list = {0}};
    struct tw_idd_slice whole = tw_idd_whole(family);
    for (uint32_t c = 0; c < n; c++)
        tw_idd_ask(arena, crossings[c], c, family, &asked);
    return tw_idd_space_new(arena, family, crossings, n, asked.list.at, asked.list.len,
                            &whole, budget);
}

struct tw_idd_policy tw_idd_policy(struct tw_arena *arena,
                                   const struct tw_crossing *crossing,
                                   enum tw_family family, struct tw_idd_budget budget)
{
    struct tw_idd_policy answer = {.space =
                                       space_of(arena, &crossing, 1, family, budget)};
    struct tw_idd_program *program = tw_idd_program_new(arena, answer.space, 0);
    answer.sets = tw_idd_run(program, NULL, false);
    answer.why = tw_idd_program_why(program);
    return answer;
}

static bool is_none(tw_idd_set set)
{
    return set == TW_IDD_NONE;
}

struct tw_idd_change tw_idd_compare(struct tw_arena *arena,
                                    const struct tw_crossing *before,
                                    const struct tw_crossing *after,
                                    enum tw_family family, struct tw_idd_budget budget)
{
    const struct tw_crossing *const crossings[] = {before, after};
    struct tw_idd_change c = {
        .equal = TW_IDD_UNDECIDED,
        .space = space_of(arena, crossings, TW_IDD_CROSSINGS, family, budget)};
    struct tw_idd *d = tw_idd_space_diagram(c.space);
    struct tw_idd_program *old = tw_idd_program_new(arena, c.space, 0);
    struct tw_idd_program *new = tw_idd_program_new(arena, c.space, 1);
    c.before = tw_idd_run(old, NULL, false);
    c.after = tw_idd_run(new, NULL, false);
    c.opened = tw_idd_and(d, c.before.stop, c.after.pass);
    c.closed = tw_idd_and(d, c.before.pass, c.after.stop);
    c.unsure = tw_idd_or(d, c.before.open, c.after.open);
    c.why = tw_idd_program_why(old);
    if (c.why == TW_IDD_DONE)
        c.why = tw_idd_program_why(new);
    if (c.why == TW_IDD_DONE && !tw_idd_space_empty(c.space)) {
        if (!is_none(c.opened) || !is_none(c.closed))
            c.equal = TW_IDD_NO;
        else if (is_none(c.unsure))
            c.equal = TW_IDD_YES;
    }
    return c;
}

/* --- one box -------------------------------------------------------------------------
 */

static struct tw_range hull(const struct tw_ranges *list, enum tw_family family)
{
    if (!list || list->n == 0)
        return (struct tw_range){0, tw_ip_max(family)};
    return (struct tw_range){list->at[0].lo, list->at[list->n - 1].hi};
}

static bool may_meet(const struct tw_ranges *a, const struct tw_ranges *b)
{
    return !a || !b || tw_ranges_meet(a, b);
}

static tw_idd_set uncovered(struct tw_idd_space *space, const struct tw_match *box,
                            const struct tw_idd_asked *asked, size_t n,
                            tw_idd_set *sets)
{
    struct tw_idd *d = tw_idd_space_diagram(space);
    struct tw_idd_view view = {.crossing = 0};
    tw_idd_set all = tw_idd_match(space, box, &view);
    for (size_t i = 0; i < n; i++)
        sets[i] = tw_idd_and(d, all, tw_idd_match(space, asked[i].match, &view));
    return tw_idd_minus(d, all, tw_idd_any(d, sets, n));
}

enum tw_idd_answer tw_idd_covers(struct tw_arena *arena,
                                 const struct tw_crossing *crossing,
                                 enum tw_family family, const struct tw_match *box,
                                 const struct tw_match *const *products, size_t n,
                                 struct tw_idd_budget budget,
                                 struct tw_situation *witness)
{
    struct tw_arena *own = tw_arena_child(arena);
    struct tw_idd_asked *asked = tw_new_array(own, n + 1, struct tw_idd_asked);
    tw_idd_set *sets = tw_new_array(own, n + 1, tw_idd_set);
    struct tw_idd_slice slice = {hull(box->dst, family), hull(box->src, family)};
    bool unclear = box->nmarks > 0;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (!may_meet(box->dst, products[i]->dst) ||
            !may_meet(box->src, products[i]->src))
            continue;
        unclear |= products[i]->nmarks > 0;
        if (products[i]->nmarks == 0)
            asked[used++] = (struct tw_idd_asked){products[i], 0};
    }
    asked[used] = (struct tw_idd_asked){box, 0};
    struct tw_idd_space *space =
        tw_idd_space_new(own, family, &crossing, 1, asked, used + 1, &slice, budget);
    tw_idd_set left = TW_IDD_LOST;
    if (box->nmarks == 0)
        left = uncovered(space, box, asked, used, sets);
    enum tw_idd_answer answer = TW_IDD_UNDECIDED;
    if (left == TW_IDD_NONE)
        answer = TW_IDD_YES;
    else if (left != TW_IDD_LOST && !unclear)
        answer = TW_IDD_NO;
    if (answer == TW_IDD_NO && witness &&
        !tw_idd_situation(arena, space, left, 0, witness))
        answer = TW_IDD_UNDECIDED;
    tw_arena_release(own);
    return answer;
}

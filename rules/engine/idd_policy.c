/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about whole policies, by diagrams. */
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Extents as plain products of a diagram. */
#include "idd_escape.h"

struct escape {
    struct tw_arena *arena;
    struct tw_idd_budget budget;
};

static const struct tw_ranges *unless_whole(const struct tw_space *space,
                                            const struct tw_extent *extent,
                                            enum tw_field field)
{
    const struct tw_ranges *list = extent->field[field];
    return tw_ranges_eq(list, space->whole[field]) ? NULL : list;
}

static struct tw_idd_asked asked_of(struct tw_arena *arena,
                                    const struct tw_space *space,
                                    const struct tw_extent *e)
{
    struct tw_match *m = tw_new(arena, struct tw_match);
    *m = (struct tw_match){.families = 1u << space->family,
                           .src = unless_whole(space, e, TW_FIELD_SRC),
                           .dst = unless_whole(space, e, TW_FIELD_DST),
                           .proto = unless_whole(space, e, TW_FIELD_PROTO),
                           .dport = unless_whole(space, e, TW_FIELD_DPORT),
                           .sport = unless_whole(space, e, TW_FIELD_SPORT),
                           .states = e->states,
                           .never = e->states == 0 || e->flags == 0,
                           .conditions = e->conditions,
                           .nconditions = e->nconditions};
    return (struct tw_idd_asked){.match = m, .plain = true, .flags = e->flags};
}

static enum tw_covered decide(void *ctx, const struct tw_space *space,
                              const struct tw_extent *target,
                              const struct tw_extent *const *covers, size_t n)
{
    const struct escape *escape = ctx;
    struct tw_arena_mark mark = tw_arena_mark(escape->arena);
    struct tw_idd_asked box = asked_of(escape->arena, space, target);
    struct tw_idd_asked *products =
        tw_new_array(escape->arena, n + 1, struct tw_idd_asked);
    for (size_t i = 0; i < n; i++)
        products[i] = asked_of(escape->arena, space, covers[i]);
    enum tw_idd_answer answer =
        tw_idd_covers(escape->arena, space->crossing, space->family, &box, products, n,
                      escape->budget, NULL);
    tw_arena_rewind(escape->arena, mark);
    return answer == TW_IDD_YES  ? TW_COVERED
           : answer == TW_IDD_NO ? TW_NOT_COVERED
                                 : TW_COVER_GAVE_UP;
}

struct tw_cover_escape tw_idd_escape(struct tw_arena *arena,
                                     struct tw_idd_budget budget)
{
    struct escape *escape = tw_new(arena, struct escape);
    *escape = (struct escape){tw_arena_child(arena), budget};
    return (struct tw_cover_escape){decide, escape};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the cover engine, for each other alone.
 *
 *     cover_build.c   roles of rules, stages, callers, the tables of boxes
 *     cover_paths.c   the paths of calls that lead to a rule
 *     cover_follow.c  the program followed forward with a product
 *     cover.c         the verdict
 *     cover_explain.c reasons, witnesses, the general question
 */
#ifndef TW_COVER_PARTS_H
#define TW_COVER_PARTS_H

#include "box.h"
#include "cover.h"

enum {
    TW_COVER_BUDGET = 30000000, /* steps for one rule */
    TW_COVER_LEAST = 20000,     /* … when the total is used up */
    TW_COVER_PROBES = 24,
    TW_COVER_PATHS = 4096, /* of calls to one rule */
    TW_COVER_LEVELS = 64   /* of calls on a path */
};

/* One family of the crossing. */
struct tw_cover_family {
    bool exists;
    struct tw_space *space;
    struct tw_boxes *boxes;
    uint32_t *stages_of;  /* by chain: bit i: a packet of stage i can come to it */
    uint32_t *callers;    /* rules that call or go to a chain … */
    uint32_t *callers_of; /* … from callers_of[chain] up to callers_of[chain + 1] */
    bool *moves;          /* by chain: some rule has TW_ROLE_MOVES */
    bool *alone;          /* by chain: a base chain that nothing stands before: its
                             rules are judged by the boxes alone */
    size_t first_stage;   /* the first that has rules, or a policy that denies */
    uint32_t effects;     /* bit i: stage i has a rule that translates, or does what
                             nobody knows */
};

struct tw_cover {
    struct tw_arena *arena;       /* what stays */
    struct tw_arena *scratch;     /* rewound for every question */
    struct tw_arena_mark nothing; /* of the scratch arena, empty */
    struct tw_arena *replays;     /* for the linear checker */
    const struct tw_crossing *crossing;
    const struct tw_policy *policy;
    struct tw_cover_options options;
    struct tw_cover_family families[TW_FAMILIES];
    uint64_t budget; /* what is left for this question */
    bool unsettled;  /* this question met marks, or states that rules change */
    bool writes_connmarks;
};

enum { TW_STAGES_MAX = 32 };

/* Steps for all rules of a policy: a minute or so. */
#define TW_COVER_TOTAL ((uint64_t)2000000000)

static inline const struct tw_stage *tw_cover_stage(const struct tw_cover *cover,
                                                    enum tw_family family, size_t i)
{
    return &cover->policy->stages[family][cover->crossing->hook].at[i];
}

static inline size_t tw_cover_nstages(const struct tw_cover *cover,
                                      enum tw_family family)
{
    return cover->policy->stages[family][cover->crossing->hook].len;
}

void tw_cover_build(struct tw_cover *cover);

/* How stage I sees packets. */
struct tw_view tw_cover_view(const struct tw_cover *cover, enum tw_family family,
                             size_t i);
/* Is what MATCH holds for in CHAIN not settled by a product alone? */
bool tw_cover_unsettled(const struct tw_cover *cover,
                        const struct tw_cover_family *family, uint32_t chain,
                        const struct tw_match *match);
/* Does it ask for marks, or for states where rules change them? */
bool tw_cover_asks_marks(const struct tw_cover *cover, const struct tw_match *match);

/* --- paths ----------------------------------------------------------------------- */

/* What a verdict is about: the situations of one product of a rule, or of a question,
 * on their way to a place. */
struct tw_cover_target {
    enum tw_family family;
    uint32_t chain, before; /* the place: before this rule of the chain */
    struct tw_extent product;
    const struct tw_match *match; /* NULL: the product says it all */
    const struct tw_rule *rule;   /* the match is one of its: others count as well */
};

struct tw_cover_path {
    const struct tw_cover_target *target;
    size_t stage;
    struct tw_extent product;                  /* the target's, cut with the calls' */
    struct tw_box_span spans[TW_COVER_LEVELS]; /* the rules before, innermost first */
    size_t nspans;
    bool marks; /* some match on it asks for marks */
};

struct tw_cover_paths {
    TW_VEC(struct tw_cover_path *) at;
    bool complete; /* these are all */
};
/* All paths on which the target is not empty, in the scratch arena. */
struct tw_cover_paths tw_cover_paths(struct tw_cover *cover,
                                     const struct tw_cover_target *target);
/* Do all of the N lists take the same calls from the same stage? */
bool tw_cover_paths_alone(const struct tw_cover_paths *lists, size_t n);

/* --- following ------------------------------------------------------------------- */

enum tw_follow_goal {
    TW_FOLLOW_REACH,  /* some situation that comes to the target */
    TW_FOLLOW_LOST,   /* some that does not, whatever is unknown */
    TW_FOLLOW_COLLECT /* all that come to it */
};

struct tw_follow {
    struct tw_cover *cover;
    const struct tw_cover_target *target;
    enum tw_follow_goal goal;
    struct tw_extent from; /* what is followed: a part of the target */
    size_t max;            /* COLLECT: products */
    /* answers */
    bool found, gave_up;
    bool unsure; /* some runs ended in what nobody knows */
    bool by_policy;
    struct tw_extent what;         /* REACH, LOST: a product of such situations */
    TW_VEC(struct tw_extent) came; /* COLLECT: disjoint */
    bool *ended;                   /* NULL, or by rule: it took situations off */
};
void tw_cover_follow(struct tw_follow *follow);

/* --- verdicts -------------------------------------------------------------------- */

enum tw_answer { TW_NO, TW_YES, TW_OPEN };

struct tw_path_answer {
    enum tw_answer reached, lost;
    enum tw_cover_doubt doubt;
    uint32_t by; /* reached NO: one that holds all of it; else one that takes a part */
    bool elsewhere; /* none of it takes this path, some may come by another one */
    bool has_what;
    struct tw_extent what; /* reached: a product of such situations */
};

/* The answer for PATH; ALONE: the rule has no other way than this path's. */
struct tw_path_answer tw_cover_judge(struct tw_cover *cover,
                                     const struct tw_cover_path *path, bool alone);

/* The targets that RULE is in FAMILY, one for each of its matches; their number. */
size_t tw_cover_targets(struct tw_cover *cover, enum tw_family family, uint32_t rule,
                        struct tw_cover_target **out);

/* … and the paths of each of them. */
struct tw_cover_ways {
    struct tw_cover_paths *at;
    size_t n;
    bool alone; /* they all take the same calls from the same stage */
};
struct tw_cover_ways tw_cover_ways(struct tw_cover *cover, enum tw_family family,
                                   uint32_t rule);

/* The rules of PATH's spans that surely end what they match, as products: the covers of
 * the path's product. MOST: of each span only so many, the largest; 0: all. *ENTRIES
 * (may be NULL): theirs. */
struct tw_grid tw_cover_grid(struct tw_cover *cover, const struct tw_cover_path *path,
                             size_t most, struct tw_box_list *entries);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The walls of an estate with their policies read and indexed, and ways to cross them.
 */
#ifndef TW_WALLS_H
#define TW_WALLS_H

#include "atoms.h"
#include "estate.h"
#include "format.h"

/* The choices of interfaces that one path may name. */
enum { TW_WAYS_MAX = 256 };

struct tw_wall {
    const struct tw_wall_spec *spec;
    const struct tw_policy *policy;
    const struct tw_index *index;
    struct tw_receipt receipt;
    const struct tw_source *app_ports, *hits; /* NULL: the estate names none */
    const uint32_t *translations;             /* its rules that translate */
    size_t ntranslations;
    bool empty; /* states no rules, and `allow_empty` is not said: decides nothing */
    const struct tw_time *clock; /* --at by the wall's own clock, or NULL */
    bool aged;                   /* `as_of` is said */
    bool stale;  /* … and longer ago than `max_age`: the answer is incomplete */
    int64_t age; /* days */
};

struct tw_walls_options {
    struct tw_time now;
    bool strict_limits;       /* rate limits are left undecided */
    bool certify;             /* tell packets that pass apart by who lets them pass */
    const struct tw_time *at; /* when schedules are judged (--at); NULL: not said */
};

struct tw_walls {
    const struct tw_estate *estate;
    struct tw_wall *at; /* by the estate's index */
    size_t n;
    struct tw_walls_options options;
    struct tw_map *crossings; /* made so far */
    struct tw_arena *scratch; /* for the work on one question, rewound behind it */
};

/* Reads the policies of all walls. NULL after a diagnostic of severity error, also
 * where a path names an interface that the export does not know. */
struct tw_walls *tw_walls_load(struct tw_arena *arena, const struct tw_estate *estate,
                               const struct tw_walls_options *options,
                               struct tw_diags *diags);

/* What a flow says of its own packets. */
struct tw_settled {
    struct tw_str app;     /* one of its applications; empty: not said */
    struct tw_names users; /* all names of its user */
    struct tw_str in, out; /* the wall's own zones or interfaces; empty: not said */
    bool unseen;           /* an answer whose first packet this wall has not seen */
};

/* The crossing of wall W where SETTLED holds; made once. */
const struct tw_crossing *tw_walls_crossing(struct tw_arena *arena,
                                            struct tw_walls *walls, uint32_t wall,
                                            const struct tw_settled *settled);
/* Does some rule of the wall ask for the application? */
bool tw_wall_asks_app(const struct tw_wall *wall);

/* Is the answer of a connection let through by this wall's state table, without rules?
 */
bool tw_wall_keeps_state(const struct tw_wall *wall);

#endif

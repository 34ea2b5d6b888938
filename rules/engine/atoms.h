/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Required flows: what one or more walls do with every packet of a product of lists.
 *
 * The answer is a partition of the question into cells, each a product of interval
 * lists over which every wall decides alike: who lets it through, who stops it, by
 * which rule, and what is undecided. Exact: no packet is in two cells, none is left
 * out.
 */
#ifndef TW_ATOMS_H
#define TW_ATOMS_H

#include "crossing.h"

enum tw_field {
    TW_FIELD_SRC,
    TW_FIELD_DST,
    TW_FIELD_PROTO,
    TW_FIELD_DPORT, /* ICMP: type << 8 | code */
    TW_FIELD_SPORT,
    TW_FIELDS
};

/* Which of the port fields mean something; one question has one kind. */
enum tw_kind { TW_KIND_PORTS, TW_KIND_ICMP, TW_KIND_OTHER };

struct tw_question {
    enum tw_family family;
    enum tw_kind kind;
    /* Never NULL; fields without meaning hold just 0. PROTO lists protocols of the
     * kind. */
    const struct tw_ranges *field[TW_FIELDS];
    unsigned tcp_flags;  /* of the packets that are TCP */
    enum tw_state state; /* of their connection */
};

/* Who decided: a rule, or (rule == TW_NO_RULE) the policy of a chain. */
#define TW_NO_RULE UINT32_MAX
struct tw_decider {
    uint32_t rule, chain;
};

/* Why something is undecided: RULE asked for UNKNOWN, or (unknown == TW_NO_RULE) RULE
 * translates the packet or does what its reader does not know. */
struct tw_reason {
    uint32_t rule, unknown;
};

/* What one wall does with the packets of a cell. Surely let through: may_pass alone;
 * surely stopped: may_stop alone; else undecided. */
struct tw_decision {
    bool may_pass, may_stop;
    bool approx;  /* by sound bounds: more unknowns than are tried out */
    bool gave_up; /* the budget of work was used up; both are set */
    struct tw_decider passed,
        stopped;         /* with several: where the conditions do not hold */
    uint32_t translated; /* the rule that changes the packet behind the wall's decision,
                            or TW_NO_RULE: what follows on the path is UNKNOWN */
    const struct tw_reason *reasons; /* sorted */
    size_t nreasons;
};

struct tw_flow_cell { /* a cell */
    const struct tw_ranges *field[TW_FIELDS];
    const struct tw_decision *const *decisions; /* one per crossing */
};

struct tw_cells {
    const struct tw_flow_cell *at; /* sorted by their first packets */
    size_t n;
};

/* The cells of QUESTION over the CROSSINGS (at least none). All of the work stays in
 * ARENA: who asks often passes one that is rewound. */
struct tw_cells tw_atoms(struct tw_arena *arena, const struct tw_question *question,
                         const struct tw_crossing *const *crossings, size_t ncrossings);

/* Can M, its states, marks and conditions aside, hold for a packet of QUESTION? */
bool tw_match_meets(const struct tw_match *m, const struct tw_question *question);

/* The conditions that are tried out in all combinations; with more, bounds are used. */
enum { TW_ATOMS_EXACT = 10 };

#endif

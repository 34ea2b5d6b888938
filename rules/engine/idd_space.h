/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Situations as points of a diagram.
 *
 * The levels are destination, source, destination port (or ICMP type and code), source
 * port, protocol, TCP flags, state of the connection, and one for each unknown that a
 * rule asks for. Every field is first cut at the boundaries that the rules of the
 * question name: what no rule tells apart is one coordinate. So coordinates are small
 * numbers, whatever the width of the field, and IPv4 and IPv6 are alike.
 *
 * Fields that mean nothing to a protocol (ports of GRE, flags of UDP) are "any" inside
 * sets: a rule that tests them holds for no such packet. Counting and picking take them
 * as 0, so that each situation counts once.
 *
 * One space can hold two policies. Their unknowns are one where kind and name are the
 * same (several of one name: in the order in which they stand; a schedule: with the
 * same times); interfaces, zones and applications are one by their names, and a name
 * that one policy does not know is to it what the crossing would take it for: the
 * wildcard that it fits, or "any other".
 */
#ifndef TW_IDD_SPACE_H
#define TW_IDD_SPACE_H

#include "idd.h"
#include "rule_verdict.h"

enum tw_idd_levels {
    TW_IDD_DST,
    TW_IDD_SRC,
    TW_IDD_DPORT,
    TW_IDD_SPORT,
    TW_IDD_PROTO,
    TW_IDD_FLAGS,
    TW_IDD_STATE,
    TW_IDD_UNKNOWN /* the first of them */
};

struct tw_idd_space;

/* What is looked at: all situations, or those with these addresses. */
struct tw_idd_slice {
    struct tw_range dst, src;
};
struct tw_idd_slice tw_idd_whole(enum tw_family family);
bool tw_idd_slice_meets(const struct tw_idd_slice *slice, const struct tw_match *match);

/* A match that is going to be asked for, by which of the crossings. */
struct tw_idd_asked {
    const struct tw_match *match;
    uint32_t crossing;
    /* A product of plain sets instead: it holds where each of its lists does, whatever
     * the protocol; `dport` is the list of ports and of ICMP types. FLAGS takes the
     * place of the tests of flags: bit i, the flags may be i. */
    bool plain;
    uint64_t flags;
};

enum { TW_IDD_CROSSINGS = 2 };

/* A space for the ASKED matches of one or two CROSSINGS, with a diagram in it. In
 * ARENA; the diagram's memory can be released earlier. */
struct tw_idd_space *tw_idd_space_new(struct tw_arena *arena, enum tw_family family,
                                      const struct tw_crossing *const *crossings,
                                      size_t ncrossings,
                                      const struct tw_idd_asked *asked, size_t nasked,
                                      const struct tw_idd_slice *slice,
                                      struct tw_idd_budget budget);
struct tw_idd *tw_idd_space_diagram(const struct tw_idd_space *space);
const struct tw_crossing *tw_idd_space_crossing(const struct tw_idd_space *space,
                                                uint32_t crossing);
enum tw_family tw_idd_space_family(const struct tw_idd_space *space);
/* No value of some unknown is possible at both crossings: there is no situation. */
bool tw_idd_space_empty(const struct tw_idd_space *space);
/* How many pieces destination and source are cut into. */
uint32_t tw_idd_space_pieces(const struct tw_idd_space *space,
                             enum tw_idd_levels level);
/* The halves of the space's slice, by the field that is cut into more pieces; false
 * where both are one piece. */
bool tw_idd_space_halves(const struct tw_idd_space *space,
                         struct tw_idd_slice halves[2]);

/* What a rule sees beside the packet itself: where it stands, and what rules before it
 * have done. */
struct tw_idd_view {
    uint32_t crossing;
    bool before_tracking;     /* tw_stage.untracked */
    bool no_in_if, no_out_if; /* as in tw_stage */
    bool notrack;             /* a rule took the packet out of connection tracking */
    bool unseen;              /* as in tw_crossing */
    uint32_t mark, mark_known, connmark, connmark_known; /* unknown bits are 0 */
};

/* The situations in which MATCH, one that was asked for, holds as seen in VIEW. */
tw_idd_set tw_idd_match(struct tw_idd_space *space, const struct tw_match *match,
                        const struct tw_idd_view *view);
tw_idd_set tw_idd_asked_set(struct tw_idd_space *space,
                            const struct tw_idd_asked *asked,
                            const struct tw_idd_view *view);
/* … in which one of those of RULE does, a rule that is not disabled. */
tw_idd_set tw_idd_rule(struct tw_idd_space *space, const struct tw_rule *rule,
                       const struct tw_idd_view *view);
/* The same, its tests of marks taken for true; and has it any? */
tw_idd_set tw_idd_rule_unmarked(struct tw_idd_space *space, const struct tw_rule *rule,
                                const struct tw_idd_view *view);
bool tw_idd_tests_marks(const struct tw_rule *rule);
/* The situations with one of STATES (bits) as their own. */
tw_idd_set tw_idd_states(struct tw_idd_space *space, unsigned states);

/* The situation of SET whose coordinates are least; false where there is none. Values
 * are those of CROSSING's unknowns that matter. In ARENA. */
bool tw_idd_situation(struct tw_arena *arena, struct tw_idd_space *space,
                      tw_idd_set set, uint32_t crossing, struct tw_situation *out);
/* Is the situation in SET? Unknowns that it does not name have their least value. */
bool tw_idd_holds(struct tw_arena *arena, const struct tw_idd_space *space,
                  tw_idd_set set, uint32_t crossing,
                  const struct tw_situation *situation);
/* How many situations, over the unknowns that rules ask for; empty when the budget was
 * used up. */
struct tw_str tw_idd_situations(struct tw_arena *arena, struct tw_idd_space *space,
                                tw_idd_set set);

/* A product of SET for people: NULL, 0 and all ones are "any". */
struct tw_idd_product {
    const struct tw_ranges *dst, *src, *proto;
    const struct tw_ranges *dport, *sport; /* protocols with ports */
    const struct tw_ranges *icmp;          /* the family's ICMP */
    uint64_t flags;                        /* bit i: the flags may be i */
    unsigned states;
    const struct tw_condition *conditions; /* on CROSSING's unknowns */
    size_t nconditions;
    bool foreign; /* it depends on an unknown of the other crossing, too */
};

struct tw_idd_product_list {
    const struct tw_idd_product *at;
    size_t n;
    bool all; /* false: there are more than MAX, or the budget was used up */
};

/* At most MAX products of SET, which are disjoint, in ARENA. */
struct tw_idd_product_list tw_idd_space_products(struct tw_arena *arena,
                                                 struct tw_idd_space *space,
                                                 tw_idd_set set, uint32_t crossing,
                                                 size_t max);

#endif

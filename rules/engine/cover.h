/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is it decided before? The verdict on every rule of a policy, and the general question
 * for any product, as rule_verdict.h defines them.
 *
 * A rule is asked about along every path of calls that leads to its chain:
 *
 *     1. one earlier rule of the path's chains holds all of it      dead
 *     2. a few probes, at its corners and anywhere in it, get there  reached
 *     3. the rules that surely take packets off the path, together   dead, exactly
 *     4. the program is followed, both ways where a rule splits      exact
 *     5. another engine (options), else the budget is used up        undecided
 *
 * For a plain rulebase 1 to 3 are all there is, on the table of boxes. Verdicts do not
 * depend on the probes, only the speed does; the same question gives the same answer.
 *
 * What no export tells stays undecided: rules behind a rule whose effect its reader
 * does not know, later stages behind a translation, and whether a rule that asks for
 * marks is shadowed or just waits for its mark.
 */
#ifndef TW_COVER_H
#define TW_COVER_H

#include "grid.h"

struct tw_cover;

struct tw_cover_options {
    uint64_t budget; /* steps of work for one rule; 0: the usual number */
    uint64_t total;  /* … for all verdicts together; 0: the usual number. When it is
                        used up, rules that are not quick to decide are undecided */
    const struct tw_cover_escape *escape; /* asked before giving up; NULL: none */
};

/* Why a verdict is open. */
enum tw_cover_doubt {
    TW_WHY_NONE,
    TW_WHY_BUDGET, /* the work was too much */
    TW_WHY_EFFECT, /* a rule before it does what its reader does not know, or
                        translates packets of a later stage */
    TW_WHY_MARKS,  /* it asks for marks, or for states that NOTRACK changes */
    TW_WHY_REPLAY  /* the linear checker does not confirm the witness */
};

struct tw_rule_answer {
    enum tw_rule_state state;
    enum tw_cover_doubt doubt; /* UNDECIDED */
    uint32_t by; /* DEAD: the rule that holds all of it, PARTLY: one that takes a part;
                    TW_NO_RULE: no one rule, or not looked for */
};

/* The engine for one crossing, which must outlive it; all of it is in ARENA. */
struct tw_cover *tw_cover_new(struct tw_arena *arena,
                              const struct tw_crossing *crossing,
                              const struct tw_cover_options *options);

/* The verdict on RULE, an index into the policy's rules. Not for two threads at once.
 */
struct tw_rule_answer tw_cover_rule(struct tw_cover *cover, uint32_t rule);

/* The questions below leave all of their work in ARENA: who asks often passes one that
 * is rewound. */

/* A situation that reaches RULE, which is live or partly shadowed: its valuation names
 * every unknown that is asked for before. False where none was found (undecided). */
bool tw_cover_witness(struct tw_arena *arena, struct tw_cover *cover, uint32_t rule,
                      struct tw_situation *out);

/* Why RULE, which is dead, can never be reached. */
struct tw_explained {
    const uint32_t *rules; /* in order of evaluation */
    size_t nrules;
    bool by_policy; /* … and the policy of a chain that ends an earlier stage */
    bool minimal;   /* without any one of them the others would not do */
    bool opposed;   /* one of them allows what RULE denies, or the other way */
};
bool tw_cover_explain(struct tw_arena *arena, struct tw_cover *cover, uint32_t rule,
                      struct tw_explained *out);

/* Does the linear checker (replay.h) come to RULE with SITUATION? Takes as long as
 * reading all the rules. */
bool tw_cover_confirm(struct tw_arena *arena, const struct tw_crossing *crossing,
                      uint32_t rule, const struct tw_situation *situation);

/* --- the general question -------------------------------------------------------- */

/* Which part of PRODUCT comes to the place before the rule BEFORE of CHAIN? (The place
 * behind the last rule: its number plus one.) */
struct tw_cover_question {
    enum tw_family family;
    const struct tw_match *product; /* tests of marks are left out */
    uint32_t chain, before;
    size_t max; /* products of the residue */
};

enum tw_cover_reply_kind {
    TW_REPLY_NOTHING,  /* it is empty, or no call leads there */
    TW_REPLY_ONE_RULE, /* `rules` is one that holds all of it */
    TW_REPLY_RULES,    /* `rules` hold all of it together */
    TW_REPLY_REACHES,  /* `witness` comes there */
    TW_REPLY_UNDECIDED
};

struct tw_cover_reply {
    enum tw_cover_reply_kind kind;
    const uint32_t *rules;
    size_t nrules;
    struct tw_situation witness;
    struct tw_extents residue; /* all that comes there: disjoint */
    bool complete;             /* the residue is all of it */
};
struct tw_cover_reply tw_cover_ask(struct tw_arena *arena, struct tw_cover *cover,
                                   const struct tw_cover_question *question);

/* The space that the products of FAMILY live in. */
const struct tw_space *tw_cover_space(const struct tw_cover *cover,
                                      enum tw_family family);

#endif

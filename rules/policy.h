/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firewall policy as a program: what every format's reader produces and what the
 * engine and the linear checker run.
 *
 *     stage 1: raw/PREROUTING ─► stage 2: mangle/PREROUTING ─► … ─► filter/FORWARD ─► …
 *
 * A packet passes the stages of its family in order. In a stage it runs through the
 * base chain, rule by rule: a rule whose match holds does its action. ACCEPT ends the
 * stage and the packet goes on to the next one; DENY is final; CALL continues in
 * another chain and comes back behind the rule; GOTO continues there and comes back to
 * the caller's caller; RETURN, or the end of a chain, goes back to the caller, in a
 * base chain to the chain's policy. Vendors with one ordered rulebase have one stage
 * whose chain has no calls.
 *
 * A match is a union of products (source × destination × protocol × ports), each
 * product a conjunction with any number of conditions. What no offline tool can decide
 * (a set's members, the time of day, a user, a token that the reader did not
 * understand) is a *condition on an unknown*: `must ⊆ may` differ there, and every
 * verdict that leans on it says so. Equal unknowns are one unknown.
 */
#ifndef TW_POLICY_H
#define TW_POLICY_H

#include "date.h"
#include "diag.h"
#include "map.h"
#include "packet.h"

/* --- unknowns -------------------------------------------------------------------- */

enum tw_unknown_kind {
    TW_UNKNOWN_TOKEN,     /* words that the reader did not understand */
    TW_UNKNOWN_CONDITION, /* understood, but not decidable offline: set, time, owner …
                           */
    TW_UNKNOWN_RATE,   /* "within the rate": taken as true unless limits are strict */
    TW_UNKNOWN_IN_IF,  /* the interface or zone the packet comes in by */
    TW_UNKNOWN_OUT_IF, /* … and leaves by */
    TW_UNKNOWN_SRC_LOCAL, /* is the source an address of the wall itself? */
    TW_UNKNOWN_DST_LOCAL, /* is the destination? never for forwarded packets */
    TW_UNKNOWN_APP,       /* application identification (settled by a flow's apps) */
    TW_UNKNOWN_USER,      /* user identification (settled by a flow's users) */
    TW_UNKNOWN_TIME       /* a schedule (settled by --at) */
};

/* A variable with a finite number of values; a yes-or-no question has two: 0 no, 1 yes.
 */
struct tw_unknown {
    enum tw_unknown_kind kind;
    struct tw_str name; /* for people: `set "blocklist" matches src` */
    size_t nvalues;     /* 2, or the number of names */
    /* Names, for unknowns that are one of several (interfaces, zones, applications);
     * [0] is "" = none, the last one "" stands for every name that the export does not
     * mention. NULL for a yes-or-no question. */
    const struct tw_str *values;
    /* What a yes-or-no question of kind APP, USER or TIME is about: the application
     * filter's, the user's or group's, the schedule's own name. Empty, of kind APP:
     * does a container of applications, which rules name, hold the one that the flow
     * names?
     */
    struct tw_str subject;
    const struct tw_schedule *schedule; /* TIME: NULL where it is not known */
    /* APP with values: bit i of word i / 64 says that value i may be a container of
     * applications with names of their own; that it surely stands in none. NULL: none.
     */
    const uint64_t *wide, *alone;
};

/* When a schedule is active, by the wall's own clock. */
struct tw_window {
    unsigned weekdays; /* bit 0 Monday … bit 6 Sunday; 0: once, from `from` to `to` */
    int32_t begin, end; /* weekly: seconds of the day, `end` excluded; an end that is
                           not behind the beginning is on the next day */
    struct tw_time from, to; /* once: `to` excluded */
};

struct tw_schedule {
    const struct tw_window *windows; /* active in any of them */
    size_t n;
};

/* Is it active at AT, a time of the wall's own clock? */
bool tw_schedule_active(const struct tw_schedule *schedule, struct tw_time at);

/* Holds when the value of the unknown is one of `allowed` (bit i of word i / 64). */
struct tw_condition {
    uint32_t unknown; /* index into the policy's list */
    const uint64_t *allowed;
};

/* --- matches --------------------------------------------------------------------- */

/* Holds when (flags & mask) == value, or when not, if negated. TCP only. */
struct tw_flags_test {
    uint8_t mask, value;
    bool negated;
};

/* Holds when (mark & mask) == value, or when not, if negated. Where the mark is not
 * known (restored from an earlier connection), `unknown` decides. */
struct tw_mark_test {
    uint32_t value, mask;
    bool negated;
    bool of_connection; /* connmark */
    uint32_t unknown;   /* a yes-or-no unknown of this rule alone */
};

/* A product. NULL fields are "any". Port and ICMP lists hold only for protocols that
 * have them: a reader that sets sport or dport restricts proto to port-bearing
 * protocols, one that sets icmp restricts it to the family's ICMP. A product with an
 * empty list matches nothing and is legal. */
struct tw_match {
    unsigned families; /* bit 1 << family; 0 = both, then src and dst are "any" */
    const struct tw_ranges *src, *dst;
    const struct tw_ranges *proto;
    const struct tw_ranges *sport, *dport;
    const struct tw_ranges *icmp; /* type << 8 | code */
    unsigned states;              /* of enum tw_state; 0 = any (an empty set is told by
                                     `never`) */
    bool never; /* matches no packet at all (contradictory, disabled) */
    const struct tw_flags_test *flags;
    size_t nflags;
    const struct tw_mark_test *marks;
    size_t nmarks;
    const struct tw_condition *conditions;
    size_t nconditions;
};

/* Can MATCH hold for any packet of FAMILY? */
static inline bool tw_match_has(const struct tw_match *match, enum tw_family family)
{
    return !match->never && (!match->families || match->families >> family & 1);
}

/* --- rules ----------------------------------------------------------------------- */

enum tw_action {
    TW_ACTION_ACCEPT,
    TW_ACTION_DENY,     /* dropped or rejected */
    TW_ACTION_CONTINUE, /* logging, counting: the next rule follows */
    TW_ACTION_CALL,     /* `chain` */
    TW_ACTION_GOTO,     /* `chain` */
    TW_ACTION_RETURN,
    TW_ACTION_TRANSLATE, /* addresses or ports change (DNAT, SNAT …), and the stage
                            ends: what follows is about another packet, which is UNKNOWN
                          */
    TW_ACTION_UNDECIDED, /* the reader does not know what it does (a queue to a program,
                            a target that it does not understand): UNKNOWN */
    TW_ACTION_SET_MARK,  /* mark = (mark & ~mask) ^ value, then the next rule */
    TW_ACTION_SAVE_MARK, /* connmark = mark (under mask) */
    TW_ACTION_RESTORE_MARK, /* mark = connmark (under mask) */
    TW_ACTION_SET_CONNMARK, /* connmark = (connmark & ~mask) ^ value */
    TW_ACTION_NOTRACK       /* the packet becomes UNTRACKED, then the next rule */
};

/* What a device has counted for a rule; times are seconds since 1970, 0: never. */
struct tw_hits {
    uint64_t count;
    int64_t first, last, reset, created, modified;
};

struct tw_rule {
    struct tw_str id;  /* as in the contract: ip/filter/FORWARD#37; a vendor's name */
    uint32_t index;    /* from 1, in its chain or rulebase */
    uint32_t chain_of; /* the chain it stands in */
    struct tw_span at; /* where it stands in the export */
    struct tw_str comment;
    enum tw_action action;
    bool reject;                    /* DENY that answers the sender */
    uint32_t chain;                 /* CALL, GOTO */
    uint32_t value, mask;           /* marks */
    const struct tw_match *matches; /* their union; none = matches nothing */
    size_t nmatches;
    bool filtering; /* counts as a rule stated for filtering (walls[].rules) */
    bool disabled;
    bool understood; /* all its tokens were recognised */
    bool logged;
    bool is_default; /* a vendor's default rule: told as "default", index 0 */
    bool has_counters;
    uint64_t packets, bytes;
    const struct tw_hits *hits; /* from a hit-count export; NULL: not known */
    bool expires;               /* on `expires_day`, days since 1970 */
    int64_t expires_day;
    bool expired; /* it is disabled for no other reason than that day */
};

/* --- chains and stages ----------------------------------------------------------- */

struct tw_chain {
    struct tw_str name;    /* "ip/filter/FORWARD", "rulebase" */
    struct tw_span at;     /* its declaration */
    uint32_t first, count; /* its rules in the policy's list: contiguous */
    bool is_base;
    enum tw_action policy;    /* base chains: ACCEPT or DENY */
    struct tw_span policy_at; /* where the policy is stated; src NULL: implicit */
    bool policy_unstated;     /* missing, not implicit: the last rule is undecided */
};

enum tw_hook { TW_HOOK_FORWARD, TW_HOOK_INPUT, TW_HOOKS };

struct tw_stage {
    uint32_t chain;
    bool decides;    /* the stage whose rules people mean: filter, the rulebase */
    bool untracked;  /* runs before connection tracking (raw): the state is INVALID */
    bool first_only; /* sees only the first packet of a connection (nat) */
    bool no_in_if, no_out_if; /* that interface is not known here: its value is 0 */
};

/* A named list of addresses of the export, all of whose members are known: boxes are
 * printed by these names. */
struct tw_object {
    struct tw_str name;
    struct tw_span at;
    const struct tw_ranges *addresses[TW_FAMILIES]; /* NULL: none of that family */
};

/* Another name for a value of in_if and out_if: a physical interface of a zone. */
struct tw_alias {
    struct tw_str name, value;
};

/* The addresses that are behind a zone or interface, by the export's own routes: the
 * longest prefix has been taken, so that these are disjoint. */
struct tw_reach {
    struct tw_str value;                            /* of in_if and out_if */
    const struct tw_ranges *addresses[TW_FAMILIES]; /* never NULL */
};

struct tw_policy {
    struct tw_arena *arena;
    struct tw_str name; /* the wall's */
    const struct tw_format *format;
    TW_VEC(struct tw_rule) rules; /* chain by chain, each in order of evaluation */
    TW_VEC(struct tw_chain) chains;
    TW_VEC(struct tw_unknown) unknowns;
    TW_VEC(struct tw_stage) stages[TW_FAMILIES][TW_HOOKS];
    bool has_family[TW_FAMILIES]; /* the export says what happens to this family */
    /* The unknowns of the interfaces (kind IN_IF, OUT_IF), or UINT32_MAX: no rule asks.
     */
    uint32_t in_if, out_if;
    TW_VEC(struct tw_str)
    interfaces; /* names that the export knows, for checking in/out */
    TW_VEC(struct tw_alias) aliases;
    TW_VEC(struct tw_reach) reach;    /* empty: the export has no routes */
    bool all_interfaces_named;        /* no packet comes by one it does not name */
    uint32_t app;                     /* the unknown that is the application (kind APP,
                                         with values), or UINT32_MAX */
    TW_VEC(struct tw_object) objects; /* sorted by place */
    TW_VEC(const struct tw_source *) sources;
    TW_VEC(struct tw_span) not_understood; /* the receipt's "these lines not" */
    bool state_in_rules; /* answers are let through by rules (iptables, nft, ACLs) */
    bool uses_marks, uses_notrack; /* some rule sets marks or NOTRACK */
    struct tw_map unknown_keys;    /* used while reading: see tw_policy_unknown() */
    struct tw_str assumptions; /* dated tables that the reader leant on, for people */
};

/* An empty policy in ARENA. */
struct tw_policy *tw_policy_new(struct tw_arena *arena, struct tw_str name);

/* The index of the yes-or-no unknown with this KEY (made on first use with NAME): equal
 * keys are one unknown. KEY and NAME are copied. */
uint32_t tw_policy_unknown(struct tw_policy *policy, enum tw_unknown_kind kind,
                           struct tw_str key, struct tw_str name);
/* A new unknown that is one of N named VALUES, see tw_unknown.values; not copied. */
uint32_t tw_policy_choice(struct tw_policy *policy, enum tw_unknown_kind kind,
                          struct tw_str name, const struct tw_str *values, size_t n);
/* The condition "unknown is true" (or false where NEGATED). */
struct tw_condition tw_condition_yes(uint32_t unknown, bool negated);

/* The name of the rule that RULE < rules.len is, or of the policy of CHAIN. */
struct tw_str tw_policy_action_name(enum tw_action action);

/* rules stated for filtering, and how many of them were understood */
struct tw_receipt {
    uint64_t rules, understood;
};
struct tw_receipt tw_policy_receipt(const struct tw_policy *policy);

/* A rule whose call leads back to its own chain, or UINT32_MAX: readers refuse it. */
uint32_t tw_policy_circle(const struct tw_policy *policy);

/* Checks the invariants that readers promise (contiguous chains, indexes in range, no
 * cycle of calls); asserts. Readers call it last. */
void tw_policy_check(const struct tw_policy *policy);

#endif

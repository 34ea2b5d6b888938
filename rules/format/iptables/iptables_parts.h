/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the reader of iptables-save dumps, for each other alone.
 *
 *     iptables_save.c      lines, tables, families: the format's entry
 *     iptables_words.c     a line to words
 *     iptables_rule.c      the words of a rule to options, options to a tw_rule
 *     iptables_fields.c    options that are modelled: addresses, ports, states, marks
 *     iptables_icmp.c      ICMP types and their names
 *     iptables_modules.c   the table of match modules
 *     iptables_targets.c   the table of targets
 *     iptables_assemble.c  chains, circles, interfaces, stages
 *
 * An option word belongs to the module named last that knows it, as in iptables(8).
 * Every word of a rule ends as one of: modelled, declared irrelevant (TW_IPT_IGNORED),
 * a condition on an unknown, or not understood.
 */
#ifndef TW_IPTABLES_PARTS_H
#define TW_IPTABLES_PARTS_H

#include "intern.h"
#include "policy.h"

enum {
    TW_IPT_WORDS = 4096,     /* words in one rule */
    TW_IPT_LOADS = 128,      /* modules in one rule */
    TW_IPT_EITHER = 4,       /* --ports tests in one rule: 2^4 products at most */
    TW_IPT_INTERFACES = 4096 /* distinct names and patterns in a policy */
};

/* A constant text for static tables. */
#define TW_IPT_S(literal)              \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* --- words --------------------------------------------------------------------- */

struct tw_ipt_word {
    struct tw_str text; /* without quotes and escapes */
    struct tw_str raw;  /* the slice of the source */
    bool quoted;
};

typedef TW_VEC(struct tw_ipt_word) tw_ipt_words;

enum tw_ipt_split { TW_IPT_SPLIT, TW_IPT_OPEN_QUOTE, TW_IPT_TOO_MANY };

/* Splits LINE as iptables-restore does: at blanks; double quotes hold words together,
 * a backslash inside them makes the next character data. On an open quote the last
 * word is the piece from the quote on. */
enum tw_ipt_split tw_ipt_words_split(struct tw_arena *arena, struct tw_str line,
                                     tw_ipt_words *words);

/* --- the tables of what is known ----------------------------------------------- */

struct tw_ipt_rule;
struct tw_ipt_use;

enum tw_ipt_role {
    TW_IPT_MAIN,     /* a test of its own: may be negated */
    TW_IPT_MODIFIER, /* changes what the module's tests mean */
    TW_IPT_IGNORED   /* has no part in the decision */
};

enum tw_ipt_option_flag {
    TW_IPT_TEXT = 1,     /* the value is free text and may begin with a dash */
    TW_IPT_INVERSE = 2,  /* the test is the negation of the unknown */
    TW_IPT_ANYWAY = 4,   /* modelled even where modifiers stand beside it */
    TW_IPT_OPTIONAL = 8, /* the value may be missing */
};

/* Models a use of an option; false: it stays an unknown. */
typedef bool tw_ipt_reader(struct tw_ipt_rule *rule, const struct tw_ipt_use *use);

struct tw_ipt_option {
    struct tw_str name;
    uint8_t nargs;
    enum tw_ipt_role role;
    tw_ipt_reader *read; /* may be NULL */
    unsigned flags;
};

enum tw_ipt_form {
    TW_IPT_EACH,  /* every MAIN option is a condition of its own */
    TW_IPT_WHOLE, /* all the words of the module together are one */
    TW_IPT_ALWAYS /* true, whatever its options say */,
    TW_IPT_NEVER /* matches no unfragmented packet */
};

struct tw_ipt_module {
    struct tw_str name;
    const struct tw_ipt_option *options;
    size_t noptions;
    enum tw_ipt_form form;
    enum tw_unknown_kind kind; /* of its conditions; TOKEN (0) stands for CONDITION */
    bool unique;               /* has a memory: equal words are not equal conditions */
    bool bare;                 /* is a condition even without options */
    bool tracked;              /* leans on connection tracking */
    uint8_t proto;             /* it needs -p of this protocol; 0: any */
    const char *alter;         /* a rule with this text changes what it tests */
    /* targets */
    enum tw_action action;
    bool logged, reject;
    bool needs_option; /* its meaning stands in an option */
};

/* NULL where there is none. */
const struct tw_ipt_module *tw_ipt_module_find(struct tw_str name);
const struct tw_ipt_module *tw_ipt_target_find(struct tw_str name);
/* Options of the protocol, which load their module by themselves. */
extern const struct tw_ipt_module tw_ipt_module_protocol;
const struct tw_ipt_option *tw_ipt_option_find(const struct tw_ipt_module *module,
                                               struct tw_str name);

/* --- a rule under construction ------------------------------------------------- */

/* A module that the rule loads; `module` NULL: one that is not known. */
struct tw_ipt_load {
    const struct tw_ipt_module *module;
    size_t first; /* its own two words, -m NAME */
    size_t count;
    bool target;
    bool has_main, has_modifiers;
};

struct tw_ipt_use {
    const struct tw_ipt_option *option;
    size_t load;  /* index of its module */
    size_t first; /* the option's word */
    size_t arg;   /* the first value's word */
    size_t nargs;
    size_t count; /* words from `first` on */
    bool negated;
    const struct tw_ipt_word *args;
};

/* What stands for a protocol's number where -p gives none. */
enum tw_ipt_proto {
    TW_IPT_NO_PROTO = -1,    /* no -p, or a negated one */
    TW_IPT_VAGUE_PROTO = -2, /* a name that is not in our table */
    TW_IPT_TWO_PROTOS = 256  /* wanted: two at once */
};

struct tw_ipt_piece { /* words [first, end) that were not understood */
    size_t first, end;
};

struct tw_ipt_rule {
    struct tw_ipt *in;
    struct tw_rule rule;
    struct tw_ipt_word *words;
    size_t nwords;
    const struct tw_ranges *src, *dst, *proto, *sport, *dport, *icmp;
    unsigned states; /* 0: any */
    bool never;
    int proto_number;               /* what -p says; one of enum tw_ipt_proto */
    bool wants_ports;               /* some test needs a protocol with ports … */
    int wants_proto;                /* … or this protocol; -1: none */
    const struct tw_ipt_word *want; /* the word that wants it */
    unsigned seen;                  /* core options that stood already */
    bool failed;                    /* an error was told: the rule is not kept */
    bool has_target;
    const struct tw_ranges *either[TW_IPT_EITHER];
    size_t neither;
};

/* An interface test, whose allowed values are known when all names are. */
struct tw_ipt_fixup {
    struct tw_condition *at;
    struct tw_str pattern;
    struct tw_span span;
    uint32_t rule; /* index in `rules` */
    bool out, negated;
};

/* A jump whose chain was not declared when it was read. */
struct tw_ipt_jump {
    uint32_t rule;
    struct tw_ipt_word name;
};

struct tw_ipt_table {
    struct tw_str name;
    unsigned chains; /* of enum tw_ipt_builtin, as bits */
};

enum tw_ipt_builtin {
    TW_IPT_PREROUTING,
    TW_IPT_INPUT,
    TW_IPT_FORWARD,
    TW_IPT_OUTPUT,
    TW_IPT_POSTROUTING,
    TW_IPT_BUILTINS
};

enum tw_ipt_table_id {
    TW_IPT_RAW,
    TW_IPT_MANGLE,
    TW_IPT_NAT,
    TW_IPT_FILTER,
    TW_IPT_SECURITY,
    TW_IPT_TABLES
};

extern const struct tw_ipt_table tw_ipt_tables[TW_IPT_TABLES];
extern const struct tw_str tw_ipt_builtins[TW_IPT_BUILTINS];

/* The reader: one per policy. */
struct tw_ipt {
    struct tw_policy *policy;
    struct tw_arena *arena;   /* the policy's */
    struct tw_arena *scratch; /* for what is not needed after reading */
    struct tw_diags *diags;
    const struct tw_source *src;
    enum tw_family family;
    struct tw_span family_at; /* what says so */
    enum tw_ipt_table_id table;
    struct tw_span table_at;
    struct tw_map chains;         /* of the table: name to index + 1 */
    TW_VEC(uint32_t) unstated;    /* built-in chains whose policy no line states */
    TW_VEC(struct tw_rule) rules; /* as they stand, all tables */
    TW_VEC(struct tw_ipt_jump) jumps;
    TW_VEC(struct tw_ipt_fixup) fixups;
    struct tw_span tables_at[TW_FAMILIES][TW_IPT_TABLES];
    uint32_t base[TW_FAMILIES][TW_IPT_TABLES][TW_IPT_BUILTINS]; /* chain + 1 */
    /* of the rule that is being read; kept for their room */
    tw_ipt_words words;
    TW_VEC(struct tw_ipt_load) loads;
    TW_VEC(struct tw_ipt_use) uses;
    TW_VEC(struct tw_ipt_piece) pieces;
    TW_VEC(struct tw_condition) conditions;
    TW_VEC(struct tw_flags_test) flags;
    TW_VEC(struct tw_mark_test) marks;
    TW_VEC(struct tw_ipt_fixup) tests; /* interface tests: `at` is not set yet */
    struct tw_buf buf;
    struct { /* does a dump hold this text? See tw_ipt_module.alter */
        const char *text;
        bool found;
    } alters[8];
    size_t nalters;
    struct tw_intern addresses;
    struct tw_map ports; /* equal texts share one list */
    const struct tw_ranges *protos[256];
};

struct tw_span tw_ipt_span(const struct tw_ipt *in, struct tw_str piece);

/* Reads the words (in->words) of one -A line into in->rules. */
void tw_ipt_rule_read(struct tw_ipt *in, struct tw_str line, bool has_counters,
                      uint64_t packets, uint64_t bytes);
/* Says that the words [first, end) of the rule were not understood. */
void tw_ipt_rule_unclear(struct tw_ipt_rule *rule, size_t first, size_t end);
/* Adds the built-in chain NAME, which a rule at AT stands in though no line declares
 * it; false where there is none. What falls through it is undecided. */
bool tw_ipt_chain_assume(struct tw_ipt *in, struct tw_str name, struct tw_span at);
/* Resolves the jumps of the table that ends. */
void tw_ipt_jumps_resolve(struct tw_ipt *in);
/* The same for all words of USE; always true, for readers to return. */
bool tw_ipt_use_unclear(struct tw_ipt_rule *rule, const struct tw_ipt_use *use);
/* Narrows *FIELD (NULL: any) to SET, or where USE is negated to {0 … MAX} without it.
 */
void tw_ipt_rule_narrow(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                        const struct tw_ranges **field, const struct tw_ranges *set,
                        tw_u128 max);
/* Notes that WORD needs the rule to be of PROTO. */
void tw_ipt_rule_want(struct tw_ipt_rule *rule, unsigned proto,
                      const struct tw_ipt_word *word);
/* Adds the condition TEXT: equal texts are one unknown, unless it is unique (of this
 * rule alone). */
void tw_ipt_rule_condition(struct tw_ipt_rule *rule, enum tw_unknown_kind kind,
                           struct tw_str text, bool unique, bool negated);
/* Chains, interfaces, stages: fills the policy. */
void tw_ipt_assemble(struct tw_ipt *in);

/* --- readers of options (iptables_fields.c) ------------------------------------ */

tw_ipt_reader tw_ipt_read_src, tw_ipt_read_dst, tw_ipt_read_proto, tw_ipt_read_in,
    tw_ipt_read_out, tw_ipt_read_fragment, tw_ipt_read_sport, tw_ipt_read_dport,
    tw_ipt_read_sports, tw_ipt_read_dports, tw_ipt_read_ports, tw_ipt_read_src_range,
    tw_ipt_read_dst_range, tw_ipt_read_tcp_flags, tw_ipt_read_syn, tw_ipt_read_icmp,
    tw_ipt_read_icmp6, tw_ipt_read_state, tw_ipt_read_mark, tw_ipt_read_connmark,
    tw_ipt_read_src_type, tw_ipt_read_dst_type, tw_ipt_read_true, tw_ipt_read_comment;

/* Readers of target options (iptables_targets.c). */
tw_ipt_reader tw_ipt_set_mark, tw_ipt_set_xmark, tw_ipt_and_mark, tw_ipt_or_mark,
    tw_ipt_xor_mark, tw_ipt_connmark_set, tw_ipt_connmark_xset, tw_ipt_connmark_and,
    tw_ipt_connmark_or, tw_ipt_connmark_xor, tw_ipt_connmark_save,
    tw_ipt_connmark_restore, tw_ipt_connmark_nfmask, tw_ipt_connmark_ctmask,
    tw_ipt_connmark_mask, tw_ipt_undecided, tw_ipt_ct_notrack;

/* value[/mask] of a mark. */
bool tw_ipt_mark_parse(struct tw_ipt_rule *rule, const struct tw_ipt_word *word,
                       uint32_t *value, uint32_t *mask);
/* Tells an error about a word and drops the rule. */
#define TW_IPT_BAD(rule, id, word, ...)                                     \
    (TW_DIAG((rule)->in->diags, (id), tw_ipt_span((rule)->in, (word)->raw), \
             __VA_ARGS__),                                                  \
     (rule)->failed = true)

#endif

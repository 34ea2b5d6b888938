/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From lines to a program: rules go to their chains, circles are refused, interface
 * tests get their values, and each hook its stages.
 *
 * Interfaces: a packet comes in by one of the values "" (none), every name that the
 * policy writes, one stand-in `p+` for the interfaces that match the pattern p+ and
 * have no name of their own here, or "other". The stand-in of q+ matches p+ where p is
 * the beginning of q; with patterns eth+ and eth1+ and the name eth0:
 *
 *              ""  eth0  eth+  eth1+  other
 *     eth+          x     x     x
 *     eth1+                     x
 */
#include "iptables_parts.h"

const struct tw_str tw_ipt_builtins[TW_IPT_BUILTINS] = {
    [TW_IPT_PREROUTING] = TW_IPT_S("PREROUTING"),
    [TW_IPT_INPUT] = TW_IPT_S("INPUT"),
    [TW_IPT_FORWARD] = TW_IPT_S("FORWARD"),
    [TW_IPT_OUTPUT] = TW_IPT_S("OUTPUT"),
    [TW_IPT_POSTROUTING] = TW_IPT_S("POSTROUTING"),
};

#define BIT(chain) (1u << TW_IPT_##chain)

const struct tw_ipt_table tw_ipt_tables[TW_IPT_TABLES] = {
    [TW_IPT_RAW] = {TW_IPT_S("raw"), BIT(PREROUTING) | BIT(OUTPUT)},
    [TW_IPT_MANGLE] = {TW_IPT_S("mangle"), BIT(PREROUTING) | BIT(INPUT) | BIT(FORWARD) |
                                               BIT(OUTPUT) | BIT(POSTROUTING)},
    [TW_IPT_NAT] = {TW_IPT_S("nat"),
                    BIT(PREROUTING) | BIT(INPUT) | BIT(OUTPUT) | BIT(POSTROUTING)},
    [TW_IPT_FILTER] = {TW_IPT_S("filter"), BIT(INPUT) | BIT(FORWARD) | BIT(OUTPUT)},
    [TW_IPT_SECURITY] = {TW_IPT_S("security"), BIT(INPUT) | BIT(FORWARD) | BIT(OUTPUT)},
};

/* --- rules to their chains ----------------------------------------------------- */

/* A policy that no line states is a last rule that may stop what gets there. */
static void close_unstated(struct tw_ipt *in)
{
    for (size_t i = 0; i < in->unstated.len; i++) {
        uint32_t c = in->unstated.at[i];
        struct tw_chain *chain = &in->policy->chains.at[c];
        struct tw_buf name;
        tw_buf_init(&name, in->arena);
        tw_buf_text(&name, "the policy of ");
        tw_buf_str(&name, chain->name);
        tw_buf_text(&name, ", which no line states");
        struct tw_condition *condition = tw_new(in->arena, struct tw_condition);
        *condition =
            tw_condition_yes(tw_policy_unknown(in->policy, TW_UNKNOWN_CONDITION,
                                               tw_buf_view(&name), tw_buf_view(&name)),
                             false);
        struct tw_match *match = tw_new(in->arena, struct tw_match);
        *match = (struct tw_match){.conditions = condition, .nconditions = 1};
        struct tw_buf id;
        tw_buf_init(&id, in->arena);
        tw_buf_str(&id, chain->name);
        tw_buf_text(&id, "#policy");
        *tw_vec_add(in->arena, &in->rules) = (struct tw_rule){.id = tw_buf_view(&id),
                                                              .index = ++chain->count,
                                                              .chain_of = c,
                                                              .at = chain->at,
                                                              .action = TW_ACTION_DENY,
                                                              .matches = match,
                                                              .nmatches = 1,
                                                              .understood = true,
                                                              .expires_day = INT64_MAX};
    }
}

/* Gives the rules to the policy, chain by chain; the answer says where each went. They
 * are moved in place, cycle by cycle: they are most of a policy's memory. */
static uint32_t *move_rules(struct tw_ipt *in)
{
    struct tw_policy *policy = in->policy;
    size_t n = in->rules.len;
    uint32_t *place = tw_new_array(in->scratch, n + 1, uint32_t);
    bool *moved = tw_new_array(in->scratch, n + 1, bool);
    struct tw_rule *rules = in->rules.at;
    uint32_t first = 0;
    for (size_t c = 0; c < policy->chains.len; c++) {
        policy->chains.at[c].first = first;
        first += policy->chains.at[c].count;
    }
    for (size_t i = 0; i < n; i++)
        place[i] = policy->chains.at[rules[i].chain_of].first + rules[i].index - 1;
    for (size_t i = 0; i < n; i++) {
        struct tw_rule held = rules[i];
        for (size_t at = i; !moved[at];) {
            moved[at] = true;
            at = place[at];
            struct tw_rule next = rules[at];
            rules[at] = held;
            held = next;
        }
    }
    policy->rules.at = rules;
    policy->rules.len = n;
    policy->rules.cap = in->rules.cap;
    return place;
}

/* --- the graph of calls -------------------------------------------------------- */

static bool is_call(const struct tw_rule *rule)
{
    return rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO;
}

enum { CIRCLES_TOLD = 100 }; /* one is enough to refuse the dump */

struct walk {
    struct tw_policy *policy;
    struct tw_diags *diags;
    unsigned char *color; /* 0 new, 1 on the way, 2 done */
    struct frame {
        uint32_t chain, next; /* the next rule of it to look at */
    } * stack;
    size_t depth, told;
};

/* The chains from the one that the last rule of the stack calls, to itself. */
static void tell_circle(const struct walk *walk, uint32_t chain)
{
    enum { SHOWN = 20 };
    struct tw_buf buf;
    tw_buf_init(&buf, walk->diags->arena);
    size_t start = walk->depth;
    while (walk->stack[start - 1].chain != chain)
        start--;
    struct tw_span spans[TW_DIAG_SPANS] = {TW_NOWHERE};
    size_t nspans = 0;
    for (size_t i = walk->depth; i-- > start - 1 && nspans < TW_DIAG_SPANS;)
        spans[nspans++] = walk->policy->rules.at[walk->stack[i].next - 1].at;
    for (size_t i = start - 1; i < walk->depth; i++) {
        if (i - (start - 1) == SHOWN) {
            tw_buf_text(&buf, "… → ");
            break;
        }
        tw_buf_str(&buf, walk->policy->chains.at[walk->stack[i].chain].name);
        tw_buf_text(&buf, " → ");
    }
    tw_buf_str(&buf, walk->policy->chains.at[chain].name);
    struct tw_diag *diag =
        TW_DIAG(walk->diags, TW_D_ipt_chain_circle, spans[0], tw_buf_view(&buf));
    for (size_t i = 1; i < nspans; i++)
        tw_diag_also(diag, spans[i]);
}

/* Depth first from CHAIN, without recursion: the depth is the input's. */
static void walk_from(struct walk *walk, uint32_t chain)
{
    const struct tw_policy *policy = walk->policy;
    walk->depth = 1;
    walk->stack[0] = (struct frame){chain, policy->chains.at[chain].first};
    walk->color[chain] = 1;
    while (walk->depth) {
        struct frame *top = &walk->stack[walk->depth - 1];
        const struct tw_chain *c = &policy->chains.at[top->chain];
        if (top->next == c->first + c->count) {
            walk->color[top->chain] = 2;
            walk->depth--;
            continue;
        }
        const struct tw_rule *rule = &policy->rules.at[top->next++];
        if (!is_call(rule))
            continue;
        if (walk->color[rule->chain] == 1) {
            if (walk->diags && walk->told++ < CIRCLES_TOLD)
                tell_circle(walk, rule->chain);
        } else if (walk->color[rule->chain] == 0) {
            walk->color[rule->chain] = 1;
            walk->stack[walk->depth++] =
                (struct frame){rule->chain, policy->chains.at[rule->chain].first};
        }
    }
}

static struct walk walk_new(struct tw_ipt *in, struct tw_diags *diags)
{
    size_t n = in->policy->chains.len;
    return (struct walk){.policy = in->policy,
                         .diags = diags,
                         .color = tw_new_array(in->scratch, n + 1, unsigned char),
                         .stack = tw_new_array(in->scratch, n + 1, struct frame)};
}

static void refuse_circles(struct tw_ipt *in)
{
    struct walk walk = walk_new(in, in->diags);
    for (uint32_t c = 0; c < in->policy->chains.len; c++)
        if (walk.color[c] == 0)
            walk_from(&walk, c);
}

/* Which chains does a packet run through behind the routing decision? */
static const unsigned char *chains_after_routing(struct tw_ipt *in)
{
    struct walk walk = walk_new(in, NULL);
    for (size_t f = 0; f < TW_FAMILIES; f++)
        for (size_t t = 0; t < TW_IPT_TABLES; t++) {
            uint32_t base = in->base[f][t][TW_IPT_POSTROUTING];
            if (base && walk.color[base - 1] == 0)
                walk_from(&walk, base - 1);
        }
    return walk.color;
}

/* --- interfaces ---------------------------------------------------------------- */

struct names {
    TW_VEC(struct tw_str) exact, wild;
    struct tw_map known; /* pattern to its two bit sets */
    size_t nvalues;
};

struct sets {
    struct tw_str pattern;
    uint64_t *yes, *no; /* NULL until asked for */
};

static bool is_wild(struct tw_str pattern)
{
    return tw_str_ends(pattern, "+");
}

static bool starts(struct tw_str s, struct tw_str prefix)
{
    return tw_str_eq(tw_str_first(s, prefix.len), prefix);
}

/* False after an error. */
static bool collect_names(struct tw_ipt *in, struct names *names)
{
    tw_map_init(&names->known, in->scratch);
    for (size_t i = 0; i < in->fixups.len; i++) {
        struct tw_ipt_fixup *fixup = &in->fixups.at[i];
        void **slot = tw_map_slot(&names->known, fixup->pattern);
        if (*slot)
            continue;
        if (names->known.entries.len > TW_IPT_INTERFACES) {
            TW_DIAG(in->diags, TW_D_ipt_too_long, fixup->span, TW_STR("4096"));
            return false;
        }
        struct sets *sets = tw_new(in->scratch, struct sets);
        sets->pattern = fixup->pattern;
        *slot = sets;
        if (is_wild(fixup->pattern))
            *tw_vec_add(in->scratch, &names->wild) = fixup->pattern;
        else
            *tw_vec_add(in->scratch, &names->exact) = fixup->pattern;
        *tw_vec_add(in->arena, &in->policy->interfaces) = fixup->pattern;
    }
    names->nvalues = names->exact.len + names->wild.len + 2;
    return true;
}

static bool value_matches(const struct names *names, size_t value,
                          struct tw_str pattern)
{
    if (value == 0 || value == names->nvalues - 1)
        return false;
    size_t i = value - 1;
    if (!is_wild(pattern))
        return i < names->exact.len && tw_str_eq(names->exact.at[i], pattern);
    struct tw_str prefix = tw_str_first(pattern, pattern.len - 1);
    if (i < names->exact.len)
        return starts(names->exact.at[i], prefix);
    struct tw_str wild = names->wild.at[i - names->exact.len];
    return starts(tw_str_first(wild, wild.len - 1), prefix);
}

static const uint64_t *allowed(struct tw_ipt *in, const struct names *names,
                               struct sets *sets, bool negated)
{
    uint64_t **set = negated ? &sets->no : &sets->yes;
    if (!*set) {
        *set = tw_new_array(in->arena, (names->nvalues + 63) / 64, uint64_t);
        for (size_t v = 0; v < names->nvalues; v++)
            if (value_matches(names, v, sets->pattern) != negated)
                (*set)[v / 64] |= (uint64_t)1 << v % 64;
    }
    return *set;
}

static uint32_t interface_unknown(struct tw_ipt *in, const struct names *names,
                                  bool out)
{
    struct tw_policy *policy = in->policy;
    uint32_t *index = out ? &policy->out_if : &policy->in_if;
    if (*index != UINT32_MAX)
        return *index;
    struct tw_str *values = tw_new_array(in->arena, names->nvalues, struct tw_str);
    size_t n = 0;
    values[n++] = TW_STR("");
    for (size_t i = 0; i < names->exact.len; i++)
        values[n++] = names->exact.at[i];
    for (size_t i = 0; i < names->wild.len; i++)
        values[n++] = names->wild.at[i];
    values[n++] = TW_STR("other");
    *index = (uint32_t)policy->unknowns.len;
    *tw_vec_add(in->arena, &policy->unknowns) = (struct tw_unknown){
        .kind = out ? TW_UNKNOWN_OUT_IF : TW_UNKNOWN_IN_IF,
        .name = out ? TW_STR("outgoing interface") : TW_STR("incoming interface"),
        .nvalues = n,
        .values = values};
    return *index;
}

/* Behind the routing decision some kernels still know the incoming interface and some
 * do not: such a test is a condition of its rule alone. */
static void tell_in_after_routing(struct tw_ipt *in, const struct tw_ipt_fixup *fixup,
                                  struct tw_rule *rule)
{
    struct tw_str name = tw_fmt(in->arena, "-i %.*s behind the routing decision",
                                (int)fixup->pattern.len, fixup->pattern.ptr);
    in->buf.len = 0;
    tw_buf_str(&in->buf, rule->id);
    tw_buf_text(&in->buf, " -i");
    uint32_t unknown =
        tw_policy_unknown(in->policy, TW_UNKNOWN_TOKEN, tw_buf_view(&in->buf), name);
    *fixup->at = tw_condition_yes(unknown, fixup->negated);
    rule->understood = false;
    *tw_vec_add(in->arena, &in->policy->not_understood) = fixup->span;
    TW_DIAG(in->diags, TW_D_ipt_in_after_routing, fixup->span, fixup->pattern,
            rule->id);
}

static void settle_interfaces(struct tw_ipt *in, const uint32_t *place)
{
    struct names names = {0};
    if (!collect_names(in, &names))
        return;
    const unsigned char *after = chains_after_routing(in);
    for (size_t i = 0; i < in->fixups.len; i++) {
        const struct tw_ipt_fixup *fixup = &in->fixups.at[i];
        struct tw_rule *rule = &in->policy->rules.at[place[fixup->rule]];
        struct sets *sets = tw_map_get(&names.known, fixup->pattern);
        if (!fixup->out && after[rule->chain_of])
            tell_in_after_routing(in, fixup, rule);
        else
            *fixup->at =
                (struct tw_condition){interface_unknown(in, &names, fixup->out),
                                      allowed(in, &names, sets, fixup->negated)};
    }
}

/* --- stages -------------------------------------------------------------------- */

struct hook_stage {
    enum tw_ipt_table_id table;
    enum tw_ipt_builtin chain;
    bool decides, untracked, first_only, no_out_if;
};

/* In the order of the kernel's hook priorities (netfilter_ipv4.h). */
static const struct hook_stage forward[] = {
    {TW_IPT_RAW, TW_IPT_PREROUTING, .untracked = true, .no_out_if = true},
    {TW_IPT_MANGLE, TW_IPT_PREROUTING, .no_out_if = true},
    {TW_IPT_NAT, TW_IPT_PREROUTING, .first_only = true, .no_out_if = true},
    {TW_IPT_MANGLE, TW_IPT_FORWARD, .no_out_if = false},
    {TW_IPT_FILTER, TW_IPT_FORWARD, .decides = true},
    {TW_IPT_SECURITY, TW_IPT_FORWARD, .no_out_if = false},
    {TW_IPT_MANGLE, TW_IPT_POSTROUTING, .no_out_if = false},
    {TW_IPT_NAT, TW_IPT_POSTROUTING, .first_only = true},
};

static const struct hook_stage input[] = {
    {TW_IPT_RAW, TW_IPT_PREROUTING, .untracked = true, .no_out_if = true},
    {TW_IPT_MANGLE, TW_IPT_PREROUTING, .no_out_if = true},
    {TW_IPT_NAT, TW_IPT_PREROUTING, .first_only = true, .no_out_if = true},
    {TW_IPT_MANGLE, TW_IPT_INPUT, .no_out_if = true},
    {TW_IPT_FILTER, TW_IPT_INPUT, .decides = true, .no_out_if = true},
    {TW_IPT_SECURITY, TW_IPT_INPUT, .no_out_if = true},
    {TW_IPT_NAT, TW_IPT_INPUT, .first_only = true, .no_out_if = true},
};

static void add_stages(struct tw_ipt *in, enum tw_family family, enum tw_hook hook,
                       const struct hook_stage *stages, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t base = in->base[family][stages[i].table][stages[i].chain];
        if (base)
            *tw_vec_add(in->arena, &in->policy->stages[family][hook]) =
                (struct tw_stage){.chain = base - 1,
                                  .decides = stages[i].decides,
                                  .untracked = stages[i].untracked,
                                  .first_only = stages[i].first_only,
                                  .no_out_if = stages[i].no_out_if};
    }
}

void tw_ipt_assemble(struct tw_ipt *in)
{
    close_unstated(in);
    const uint32_t *place = move_rules(in);
    refuse_circles(in);
    settle_interfaces(in, place);
    for (int f = 0; f < TW_FAMILIES; f++) {
        enum tw_family family = (enum tw_family)f;
        add_stages(in, family, TW_HOOK_FORWARD, forward,
                   sizeof forward / sizeof forward[0]);
        add_stages(in, family, TW_HOOK_INPUT, input, sizeof input / sizeof input[0]);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runs before and behind the rulebase.
 *
 * Translation. Security rules see the addresses as they come, and the zone to which the
 * translated packet goes. What a translation makes of a packet is not followed:
 *
 *     nat (destination)   ahead of the rulebase: a rule that translates the destination
 *                         leaves all that follows open; any other ends the search
 *     nat (source)        behind it: this wall has decided, the rest of the path
 *                         is open
 *
 * The zones of a translation rule's destination are those of the address as it comes,
 * which only the second chain knows: what gets there was not translated before.
 *
 * Override rules name the application of what they match, the first one that does. A
 * mark carries it: the rules are run backward, so that the first one writes last.
 */
#include "panos_parts.h"

static const struct tw_panos_rules *rules_of(const struct tw_panos_layer *layer,
                                             enum tw_panos_book which)
{
    return &layer->scope->books[layer->part][which];
}

static size_t count(const struct tw_panos *in, enum tw_panos_book which, unsigned flag)
{
    size_t n = 0;
    for (size_t i = 0; i < in->layers.len; i++)
        for (struct tw_panos_each e = tw_panos_each(rules_of(&in->layers.at[i], which));
             tw_panos_next(&e);)
            n +=
                !(e.rule->flags & TW_PANOS_DISABLED) && (!flag || e.rule->flags & flag);
    return n;
}

static const struct tw_panos_extra *back_of(const struct tw_panos_rule *raw)
{
    for (const struct tw_panos_extra *x = raw->extras; x; x = x->next)
        if (x->kind == TW_PANOS_BACK)
            return x;
    return NULL;
}

/* --- translation ----------------------------------------------------------------- */

/* A static translation that works both ways: packets to the translated addresses may
 * get the original ones as their destination. */
static void add_back(struct tw_panos *in, const struct tw_panos_rule *raw, int rank)
{
    const struct tw_panos_extra *x = back_of(raw);
    if (!x || raw->flags & TW_PANOS_DISABLED)
        return;
    struct tw_panos_rule reverse = {.name = raw->name,
                                    .src = raw->src,
                                    .off = raw->off,
                                    .start_len = raw->start_len,
                                    .len = raw->len,
                                    .from = TW_PANOS_ANY,
                                    .to = TW_PANOS_ANY,
                                    .source = TW_PANOS_ANY,
                                    .destination = x->list ? x->list : TW_PANOS_ANY,
                                    .user = TW_PANOS_ANY,
                                    .apps = TW_PANOS_ANY,
                                    .service = TW_PANOS_ANY,
                                    .flags = raw->flags};
    struct tw_panos_extra condition = {
        .kind = TW_PANOS_CONDITION, .text = TW_STR("the reverse of translation rule")};
    uint32_t name = tw_panos_name(in, raw->name);
    struct tw_rule rule;
    condition.list = tw_panos_list_of(in, &name, 1);
    reverse.extras = &condition;
    tw_panos_rule_build(in, &reverse, rank, TW_PANOS_NAT_BEFORE, true, &rule);
    rule.action = TW_ACTION_TRANSLATE;
    tw_panos_add_rule(in, &rule);
}

static bool translates_back(const struct tw_panos *in)
{
    for (size_t i = 0; i < in->layers.len; i++)
        for (struct tw_panos_each e =
                 tw_panos_each(rules_of(&in->layers.at[i], TW_PANOS_NAT));
             tw_panos_next(&e);)
            if (!(e.rule->flags & TW_PANOS_DISABLED) && back_of(e.rule))
                return true;
    return false;
}

static void build_nat(struct tw_panos *in, enum tw_panos_use use, unsigned flag,
                      bool quiet)
{
    for (size_t i = 0; i < in->layers.len; i++) {
        const struct tw_panos_layer *l = &in->layers.at[i];
        for (struct tw_panos_each e = tw_panos_each(rules_of(l, TW_PANOS_NAT));
             tw_panos_next(&e);) {
            const struct tw_panos_rule *raw = e.rule;
            struct tw_rule rule;
            tw_panos_rule_build(in, raw, l->scope->rank, use, quiet, &rule);
            rule.action = raw->flags & flag ? TW_ACTION_TRANSLATE : TW_ACTION_ACCEPT;
            tw_panos_add_rule(in, &rule);
            if (use == TW_PANOS_NAT_BEFORE)
                add_back(in, raw, l->scope->rank);
        }
    }
    tw_panos_stage(in, false);
}

void tw_panos_before_build(struct tw_panos *in)
{
    if (!count(in, TW_PANOS_NAT, TW_PANOS_TRANSLATES_DST) && !translates_back(in))
        return;
    tw_panos_chain(in, TW_STR("nat (destination)"), TW_ACTION_ACCEPT);
    build_nat(in, TW_PANOS_NAT_BEFORE, TW_PANOS_TRANSLATES_DST, false);
    in->nat_told = true;
}

void tw_panos_after_build(struct tw_panos *in)
{
    if (!count(in, TW_PANOS_NAT, TW_PANOS_TRANSLATES_SRC))
        return;
    tw_panos_chain(in, TW_STR("nat (source)"), TW_ACTION_ACCEPT);
    build_nat(in, TW_PANOS_NAT_AFTER, TW_PANOS_TRANSLATES_SRC, in->nat_told);
}

/* --- override -------------------------------------------------------------------- */

static void add_override(struct tw_panos *in, const struct tw_panos_rule *raw, int rank)
{
    uint32_t room;
    struct tw_rule rule;
    struct tw_panos_span names = tw_panos_list_names(in, raw->apps, &room);
    tw_panos_rule_build(in, raw, rank, TW_PANOS_NAMES_APP, false, &rule);
    rule.action = TW_ACTION_SET_MARK;
    rule.mask = UINT32_MAX;
    if (names.n)
        rule.value = tw_panos_name_at(in, names.at[0])->app;
    else
        rule.action = TW_ACTION_UNDECIDED; /* names no application */
    tw_panos_add_rule(in, &rule);
}

void tw_panos_override_build(struct tw_panos *in)
{
    struct tw_arena *arena = in->scratch;
    struct tw_str words = TW_STR("application by override");
    TW_VEC(const struct tw_panos_rule *) rules = {0};
    if (!count(in, TW_PANOS_OVERRIDE, 0))
        return;
    in->mark_unknown =
        tw_policy_unknown(in->policy, TW_UNKNOWN_CONDITION, words, words);
    in->policy->uses_marks = true;
    tw_panos_chain(in, TW_STR("application-override"), TW_ACTION_ACCEPT);
    for (size_t i = in->layers.len; i-- > 0;) {
        const struct tw_panos_layer *l = &in->layers.at[i];
        rules.len = 0;
        for (struct tw_panos_each e = tw_panos_each(rules_of(l, TW_PANOS_OVERRIDE));
             tw_panos_next(&e);)
            *tw_vec_add(arena, &rules) = e.rule;
        while (rules.len)
            add_override(in, rules.at[--rules.len], l->scope->rank);
    }
    tw_panos_stage(in, false);
}

/* --- what may drop --------------------------------------------------------------- */

/* Forwarding by policy may discard, protection against floods may deny: whether they do
 * is not followed. */
void tw_panos_drops_build(struct tw_panos *in)
{
    static const struct {
        enum tw_panos_book book;
        const char *words;
    } books[] = {{TW_PANOS_PBF, "the discarding forwarding rule"},
                 {TW_PANOS_DOS, "the denying protection rule"}};
    if (!count(in, TW_PANOS_PBF, TW_PANOS_DROPS) &&
        !count(in, TW_PANOS_DOS, TW_PANOS_DROPS))
        return;
    tw_panos_chain(in, TW_STR("drops"), TW_ACTION_ACCEPT);
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < in->layers.len; i++)
            for (struct tw_panos_each e =
                     tw_panos_each(rules_of(&in->layers.at[i], books[b].book));
                 tw_panos_next(&e);) {
                const struct tw_panos_rule *raw = e.rule;
                struct tw_rule rule;
                uint32_t name = tw_panos_name(in, raw->name);
                struct tw_panos_extra condition = {.kind = TW_PANOS_CONDITION,
                                                   .next = raw->extras,
                                                   .list =
                                                       tw_panos_list_of(in, &name, 1),
                                                   .text = tw_str_of(books[b].words)};
                struct tw_panos_rule copy = *raw;
                if (!(raw->flags & TW_PANOS_DROPS))
                    continue;
                copy.extras = &condition;
                tw_panos_rule_build(in, &copy, in->layers.at[i].scope->rank,
                                    TW_PANOS_MAY_DROP, false, &rule);
                rule.action = TW_ACTION_DENY;
                tw_panos_add_rule(in, &rule);
            }
    tw_panos_stage(in, false);
}

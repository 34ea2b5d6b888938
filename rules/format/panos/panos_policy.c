/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy: chains and stages, the rulebase in the order of its layers, the default
 * rules, the objects that people are shown.
 */
#include <stdlib.h>

#include "hash.h"
#include "panos_parts.h"

/* --- chains ---------------------------------------------------------------------- */

void tw_panos_chain(struct tw_panos *in, struct tw_str name, enum tw_action policy)
{
    *tw_vec_add(in->arena, &in->policy->chains) =
        (struct tw_chain){.name = name,
                          .first = (uint32_t)in->policy->rules.len,
                          .is_base = true,
                          .policy = policy};
}

struct tw_rule *tw_panos_add_rule(struct tw_panos *in, const struct tw_rule *rule)
{
    struct tw_policy *policy = in->policy;
    struct tw_chain *chain = &policy->chains.at[policy->chains.len - 1];
    struct tw_rule *added = tw_vec_add(in->arena, &policy->rules);
    *added = *rule;
    added->chain_of = (uint32_t)(policy->chains.len - 1);
    added->index = ++chain->count;
    return added;
}

void tw_panos_stage(struct tw_panos *in, bool decides)
{
    struct tw_policy *policy = in->policy;
    for (int f = 0; f < TW_FAMILIES; f++)
        for (int h = 0; h < TW_HOOKS; h++)
            *tw_vec_add(in->arena, &policy->stages[f][h]) = (struct tw_stage){
                .chain = (uint32_t)(policy->chains.len - 1), .decides = decides};
}

void tw_panos_only_if(struct tw_panos *in, struct tw_rule *rule,
                      const struct tw_condition *conditions, size_t n)
{
    struct tw_match *match = tw_new(in->arena, struct tw_match);
    match->conditions = tw_panos_conditions(in, conditions, n);
    match->nconditions = n;
    rule->matches = match;
    rule->nmatches = 1;
}

/* --- the rulebase ---------------------------------------------------------------- */

static void set_action(struct tw_panos *in, const struct tw_panos_rule *raw,
                       struct tw_rule *rule)
{
    switch (raw->verb) {
    case TW_PANOS_ALLOW:
        rule->action = TW_ACTION_ACCEPT;
        return;
    case TW_PANOS_RESET:
        rule->reject = true;
        rule->action = TW_ACTION_DENY;
        return;
    case TW_PANOS_DENY:
        rule->action = TW_ACTION_DENY;
        return;
    default:
        rule->action = TW_ACTION_UNDECIDED;
        if (raw->verb == TW_PANOS_OTHER || rule->disabled)
            return; /* told with the element */
        rule->understood = false;
        *tw_vec_add(in->arena, &in->policy->not_understood) = rule->at;
        TW_DIAG(in->diags, TW_D_panos_not_understood, rule->at,
                TW_STR("the missing <action>"), raw->name);
    }
}

static void build_rulebase(struct tw_panos *in)
{
    for (size_t i = 0; i < in->layers.len; i++) {
        const struct tw_panos_layer *l = &in->layers.at[i];
        for (struct tw_panos_each e =
                 tw_panos_each(&l->scope->books[l->part][TW_PANOS_SECURITY]);
             tw_panos_next(&e);) {
            const struct tw_panos_rule *raw = e.rule;
            struct tw_rule rule;
            tw_panos_rule_build(in, raw, l->scope->rank, TW_PANOS_FILTERS, false,
                                &rule);
            set_action(in, raw, &rule);
            rule.filtering = true;
            tw_panos_add_rule(in, &rule);
        }
    }
}

/* Of a default rule only the action may be stated; whatever else decides is unclear. */
static void tell_default(struct tw_panos *in, const struct tw_panos_rule *raw,
                         struct tw_rule *rule)
{
    for (const struct tw_panos_extra *x = raw->extras; x; x = x->next) {
        rule->understood = false;
        *tw_vec_add(in->arena, &in->policy->not_understood) = x->at;
        TW_DIAG(in->diags, TW_D_panos_not_understood, x->at,
                x->text.len ? x->text : TW_STR("<target>"), raw->name);
    }
}

/* What is stated about the default rule NAME goes to RULE: what the vsys says itself
 * wins, then what is pushed, from the innermost device group outward. False: nothing.
 */
static bool state_default(struct tw_panos *in, const char *name, struct tw_rule *rule)
{
    bool stated = false, done = false;
    for (size_t i = 0; i < in->chain.len && !done; i++)
        for (int part = TW_PANOS_PARTS; part-- > 0 && !done;) {
            const struct tw_panos_scope *scope = in->chain.at[i];
            struct tw_panos_each e =
                tw_panos_each(&scope->books[part][TW_PANOS_DEFAULTS]);
            while (!done && tw_panos_next(&e)) {
                if (!tw_str_is(e.rule->name, name))
                    continue;
                tell_default(in, e.rule, rule);
                done = e.rule->verb != TW_PANOS_NO_VERB;
                if (done)
                    set_action(in, e.rule, rule);
                if (done || !stated)
                    rule->at = tw_panos_rule_at(e.rule);
                rule->logged |= (e.rule->flags & TW_PANOS_LOGGED) != 0;
                stated = true;
            }
        }
    if (!rule->understood)
        rule->action = TW_ACTION_UNDECIDED;
    return stated;
}

static void build_defaults(struct tw_panos *in)
{
    struct tw_policy *policy = in->policy;
    const struct tw_panos_rule inside = {.name = TW_STR("intrazone-default"),
                                         .from = TW_PANOS_ANY,
                                         .to = TW_PANOS_ANY,
                                         .source = TW_PANOS_ANY,
                                         .destination = TW_PANOS_ANY,
                                         .user = TW_PANOS_ANY,
                                         .apps = TW_PANOS_ANY,
                                         .service = TW_PANOS_ANY,
                                         .type = TW_PANOS_INTRAZONE};
    struct tw_rule rule;
    tw_panos_rule_build(in, &inside, 0, TW_PANOS_FILTERS, false, &rule);
    rule.action = TW_ACTION_ACCEPT;
    rule.is_default = true;
    state_default(in, "intrazone-default", &rule);
    tw_panos_add_rule(in, &rule);
    struct tw_chain *chain = &policy->chains.at[policy->chains.len - 1];
    struct tw_rule across = {.id = TW_STR("interzone-default"),
                             .action = TW_ACTION_DENY,
                             .is_default = true,
                             .understood = true,
                             .expires_day = INT64_MAX};
    if (!state_default(in, "interzone-default", &across))
        return;
    if (across.action == TW_ACTION_UNDECIDED) {
        tw_panos_only_if(in, &across, NULL, 0);
        tw_panos_add_rule(in, &across);
        return;
    }
    chain->policy_at = across.at;
    chain->policy = across.action;
}

/* --- the policy ------------------------------------------------------------------ */

struct named {
    uint64_t hash;
    const struct tw_panos_rule *rule;
};

static int by_hash(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return tw_str_cmp(x->rule->name, y->rule->name);
}

/* A name stands once in a rulebase. */
static void check_names(struct tw_panos *in, const struct tw_panos_rules *rules)
{
    struct tw_arena *arena = tw_arena_child(in->scratch);
    struct named *at = tw_new_array(arena, rules->n + 1, struct named);
    size_t n = 0;
    for (struct tw_panos_each e = tw_panos_each(rules); tw_panos_next(&e);)
        at[n++] =
            (struct named){tw_hash_bytes(e.rule->name.ptr, e.rule->name.len), e.rule};
    if (n > 1)
        qsort(at, n, sizeof *at, by_hash);
    for (size_t i = 1; i < n; i++)
        if (tw_str_eq(at[i - 1].rule->name, at[i].rule->name))
            tw_diag_also(TW_DIAG(in->diags, TW_D_panos_twice,
                                 tw_panos_rule_at(at[i - 1].rule),
                                 tw_panos_say(in, TW_M_panos_rule), at[i].rule->name),
                         tw_panos_rule_at(at[i].rule));
    tw_arena_release(arena);
}

static size_t count_rules(const struct tw_panos *in)
{
    size_t n = 8; /* the defaults */
    for (size_t i = 0; i < in->layers.len; i++) {
        const struct tw_panos_layer *l = &in->layers.at[i];
        for (int b = 0; b < TW_PANOS_BOOKS; b++)
            n += l->scope->books[l->part][b].n * (b == TW_PANOS_NAT ? 3 : 1);
    }
    return n;
}

static int by_place(const void *a, const void *b)
{
    const struct tw_object *x = a, *y = b;
    if (x->at.src != y->at.src)
        return tw_str_cmp(x->at.src->name, y->at.src->name);
    return x->at.off < y->at.off ? -1 : x->at.off > y->at.off;
}

static void add_objects(struct tw_panos *in)
{
    size_t n = 0;
    for (uint32_t i = 0; i < in->nnames; i++)
        n += tw_panos_name_at(in, i)->objects != NULL;
    struct tw_object *objects = tw_new_array(in->arena, n + 1, struct tw_object);
    in->policy->objects.at = objects;
    in->policy->objects.cap = n + 1;
    for (uint32_t i = 0; i < in->nnames; i++) {
        bool twice;
        struct tw_panos_object *o =
            tw_panos_lookup(in, TW_PANOS_ADDRESSES, i, 0, &twice);
        if (!o || twice || o->kind == TW_PANOS_DYNAMIC || o->kind == TW_PANOS_OPAQUE)
            continue;
        if (o->kind == TW_PANOS_GROUP && o->state != TW_PANOS_RESOLVED)
            continue; /* no rule names it */
        struct tw_panos_set set = tw_panos_object_set(in, o, 0);
        if (set.nthings)
            continue;
        struct tw_object *object = &objects[in->policy->objects.len++];
        *object = (struct tw_object){.name = tw_panos_text(in, i),
                                     .at = tw_panos_object_at(o)};
        for (int f = 0; f < TW_FAMILIES; f++)
            if (set.known[f]->n)
                object->addresses[f] = set.known[f];
    }
    if (in->policy->objects.len > 1)
        qsort(in->policy->objects.at, in->policy->objects.len,
              sizeof *in->policy->objects.at, by_place);
}

/* Rules that a Panorama pushes are in none of the documents: what they decide, and with
 * them all, is unknown. */
static void build_unseen(struct tw_panos *in)
{
    struct tw_panos_thing *thing =
        tw_panos_doubt(in, TW_STR("rules that a Panorama pushes"), in->managed);
    struct tw_condition open =
        tw_condition_yes(tw_panos_unknown(in, thing, TW_PANOS_SELF), false);
    struct tw_rule rule = {.id = TW_STR("panorama"),
                           .at = in->managed,
                           .action = TW_ACTION_UNDECIDED,
                           .expires_day = INT64_MAX};
    tw_panos_chain(in, TW_STR("panorama"), TW_ACTION_ACCEPT);
    tw_panos_only_if(in, &rule, &open, 1);
    tw_panos_add_rule(in, &rule);
    tw_panos_stage(in, false);
    *tw_vec_add(in->arena, &in->policy->not_understood) = in->managed;
    TW_DIAG(in->diags, TW_D_panos_unseen, in->managed, in->vsys->name);
}

static void tell_unread(struct tw_panos *in)
{
    size_t n = 0;
    struct tw_span at = TW_NOWHERE;
    for (size_t i = 0; i < in->chain.len; i++) {
        n += in->chain.at[i]->unread;
        if (in->chain.at[i]->unread && !at.src)
            at = in->chain.at[i]->at;
    }
    if (n)
        TW_DIAG(in->diags, TW_D_panos_unread, at, tw_fmt(in->scratch, "%zu", n));
}

void tw_panos_build(struct tw_panos *in)
{
    struct tw_policy *policy = in->policy;
    size_t errors = in->diags->errors, n = count_rules(in);
    for (size_t i = 0; i < in->layers.len; i++)
        for (int b = 0; b < TW_PANOS_BOOKS; b++)
            check_names(in, &in->layers.at[i].scope->books[in->layers.at[i].part][b]);
    if (in->diags->errors != errors)
        return;
    policy->rules.at = tw_new_array(in->arena, n, struct tw_rule);
    policy->rules.cap = n;
    tw_panos_zones_settle(in);
    tw_panos_apps_settle(in);
    tw_panos_override_build(in); /* first: all others may ask for applications */
    if (in->unseen)
        build_unseen(in);
    tw_panos_drops_build(in);
    tw_panos_before_build(in);
    tw_panos_chain(in, TW_STR("rulebase"), TW_ACTION_DENY);
    build_rulebase(in);
    build_defaults(in);
    tw_panos_stage(in, true);
    tw_panos_after_build(in);
    for (int f = 0; f < TW_FAMILIES; f++)
        policy->has_family[f] = f == TW_IPV4 || !in->without_ipv6;
    tell_unread(in);
    add_objects(in);
    tw_panos_routes(in);
    if (in->leans_on_app_ports)
        policy->assumptions = tw_panos_app_ports_words(in);
    if (in->options->hits)
        tw_panos_hits_read(in, in->options->hits);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The neutral XML of policies that `twinwall show -o xml` prints: for policies that are
 * kept under version control, and for walls of which nobody has an export in a format
 * that is known.
 *
 * The document is walked: chains are entered, everything below them is built and read
 * one element at a time. What one rule names further down (a chain) is put in at the
 * end.
 */
#include "format.h"
#include "neutral.h"
#include "policy_words.h"

/* --- what stands at the top
 * ------------------------------------------------------------ */

static void read_stage(struct tw_neutral *r, const struct tw_xml *e,
                       enum tw_family family, enum tw_hook hook)
{
    static const char *const known[] = {"chain", "decides", "untracked", "first-only",
                                        "in",    "out",     NULL};
    static const char *const none[] = {TW_WORD_NONE, NULL};
    tw_neutral_know(r, e, known);
    *tw_vec_add(r->arena, &r->links) =
        (struct tw_neutral_link){.chain = tw_neutral_text(r, e, "chain", true),
                                 .at = e->start,
                                 .rule = UINT32_MAX,
                                 .family = family,
                                 .hook = hook,
                                 .stage = r->policy->stages[family][hook].len};
    *tw_vec_add(r->arena, &r->policy->stages[family][hook]) =
        (struct tw_stage){.decides = tw_neutral_yes(r, e, "decides", false),
                          .untracked = tw_neutral_yes(r, e, "untracked", false),
                          .first_only = tw_neutral_yes(r, e, "first-only", false),
                          .no_in_if = tw_neutral_word(r, e, "in", none, false) == 0,
                          .no_out_if = tw_neutral_word(r, e, "out", none, false) == 0};
}

static void read_family(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"name", NULL}, *const nothing[] = {NULL};
    tw_neutral_know(r, e, known);
    int family = tw_neutral_word(r, e, "name", tw_words_of_family, true);
    if (family < 0)
        return;
    if (r->policy->has_family[family])
        TW_DIAG(r->diags, TW_D_neutral_twice, e->start, e->name,
                tw_str_of(tw_words_of_family[family]));
    r->policy->has_family[family] = true;
    for (const struct tw_xml *h = e->first; h; h = h->next) {
        int hook = tw_word_index(tw_words_of_hook, h->name);
        if (hook < 0 || !tw_str_eq(h->ns, e->ns)) {
            TW_DIAG(r->diags, TW_D_neutral_element, h->start, h->name, e->name);
            continue;
        }
        tw_neutral_know(r, h, nothing);
        if (r->policy->stages[family][hook].len)
            TW_DIAG(r->diags, TW_D_neutral_twice, h->start, h->name,
                    tw_str_of(tw_words_of_family[family]));
        for (const struct tw_xml *s = h->first; s; s = s->next)
            if (tw_str_is(s->name, "stage") && tw_str_eq(s->ns, e->ns) && !s->first)
                read_stage(r, s, (enum tw_family)family, (enum tw_hook)hook);
            else
                TW_DIAG(r->diags, TW_D_neutral_element, s->start, s->name, h->name);
    }
}

static void read_interfaces(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"names", "complete", NULL};
    size_t n;
    tw_neutral_know(r, e, known);
    struct tw_str *names = tw_neutral_names(r, e, "names", &n);
    for (size_t i = 0; i < n; i++)
        *tw_vec_add(r->arena, &r->policy->interfaces) = names[i];
    r->policy->all_interfaces_named = tw_neutral_yes(r, e, "complete", false);
}

static void read_alias(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"name", "of", NULL};
    tw_neutral_know(r, e, known);
    *tw_vec_add(r->arena, &r->policy->aliases) =
        (struct tw_alias){.name = tw_neutral_text(r, e, "name", true),
                          .value = tw_neutral_text(r, e, "of", true)};
}

static void read_reach(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"of", "ip", "ip6", NULL};
    tw_neutral_know(r, e, known);
    struct tw_reach reach = {.value = tw_neutral_text(r, e, "of", true)};
    for (int f = 0; f < TW_FAMILIES; f++) {
        reach.addresses[f] =
            tw_neutral_addresses(r, e, tw_words_of_family[f], (enum tw_family)f);
        if (!reach.addresses[f])
            reach.addresses[f] = &tw_ranges_none;
    }
    *tw_vec_add(r->arena, &r->policy->reach) = reach;
}

static void read_object(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"name", "ip", "ip6", NULL};
    tw_neutral_know(r, e, known);
    struct tw_object object = {.name = tw_neutral_text(r, e, "name", true),
                               .at = e->start};
    for (int f = 0; f < TW_FAMILIES; f++)
        object.addresses[f] =
            tw_neutral_addresses(r, e, tw_words_of_family[f], (enum tw_family)f);
    *tw_vec_add(r->arena, &r->policy->objects) = object;
    /* An export may have two lists of one name; a reference then means the first. */
    void **slot = tw_map_slot(&r->objects, object.name);
    if (!*slot)
        *slot = (void *)(uintptr_t)r->policy->objects.len;
}

static void read_not_understood(struct tw_neutral *r, const struct tw_xml *e)
{
    enum { LINES_MAX = 1000000 };
    static const char *const known[] = {"lines", NULL};
    tw_neutral_know(r, e, known);
    uint64_t n = tw_neutral_number(r, e, "lines", LINES_MAX, true);
    for (uint64_t i = 0; i < n; i++)
        *tw_vec_add(r->arena, &r->policy->not_understood) = e->start;
}

static void read_assumptions(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"text", NULL};
    tw_neutral_know(r, e, known);
    r->policy->assumptions = tw_neutral_text(r, e, "text", true);
}

static const struct part {
    const char *name;
    void (*read)(struct tw_neutral *r, const struct tw_xml *e);
    bool has_children, once;
} parts[] = {{"family", read_family, .has_children = true},
             {"interfaces", read_interfaces, .once = true},
             {"alias", read_alias, .once = false},
             {"reach", read_reach, .once = false},
             {"unknown", tw_neutral_unknown, .has_children = true},
             {"object", read_object, .once = false},
             {"not-understood", read_not_understood, .once = true},
             {"assumptions", read_assumptions, .once = true}};

static void read_part(struct tw_neutral *r, const struct tw_xml *e, size_t part)
{
    if (e->first && !parts[part].has_children)
        TW_DIAG(r->diags, TW_D_neutral_element, e->first->start, e->first->name,
                e->name);
    if (parts[part].once && r->seen >> part & 1)
        TW_DIAG(r->diags, TW_D_neutral_twice, e->start, e->name, TW_STR(""));
    else
        parts[part].read(r, e);
    r->seen |= 1u << part;
}

/* --- chains ------------------------------------------------------------------------
 */

static void begin_chain(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"name",   "policy",  "stated",
                                        "family", "counted", NULL};
    static const char *const policies[] = {"allow", "deny", NULL};
    static const char *const stated[] = {"no", "implicitly", NULL};
    struct tw_chain chain = {.name = tw_neutral_text(r, e, "name", true),
                             .at = e->start,
                             .first = (uint32_t)r->policy->rules.len};
    tw_neutral_know(r, e, known);
    const struct tw_xml_attr *policy = tw_neutral_attr(e, "policy");
    int how = tw_neutral_word(r, e, "stated", stated, false);
    chain.is_base = policy != NULL;
    if (tw_neutral_word(r, e, "policy", policies, how >= 0) == 1)
        chain.policy = TW_ACTION_DENY;
    chain.policy_unstated = how == 0;
    if (policy && how < 0)
        chain.policy_at = policy->at;
    r->family = tw_neutral_word(r, e, "family", tw_words_of_family, false);
    r->counted = tw_neutral_yes(r, e, "counted", true);
    tw_neutral_declare(r, &r->chains, e, chain.name, r->policy->chains.len);
    *tw_vec_add(r->arena, &r->policy->chains) = chain;
}

/* --- the document ------------------------------------------------------------------
 */

static bool is_ours(const struct tw_xml *e, const char *name)
{
    return tw_str_is(e->name, name) && tw_str_is(e->ns, TW_POLICY_NAMESPACE);
}

static void begin_document(struct tw_neutral *r, const struct tw_xml *e)
{
    static const char *const known[] = {"state", NULL}, *const states[] = {"rules",
                                                                           NULL};
    if (!tw_str_is(e->name, "policy") || !tw_str_is(e->ns, TW_POLICY_NAMESPACE)) {
        TW_DIAG(r->diags, TW_D_neutral_version, e->start, e->ns);
        return;
    }
    tw_neutral_know(r, e, known);
    r->policy->state_in_rules = tw_neutral_word(r, e, "state", states, false) == 0;
}

static enum tw_xml_take start(void *ctx, const struct tw_xml *e)
{
    struct tw_neutral *r = ctx;
    if (!e->parent) {
        size_t errors = r->diags->errors;
        begin_document(r, e);
        return r->diags->errors == errors ? TW_XML_ENTER : TW_XML_SKIP;
    }
    if (!e->parent->parent && is_ours(e, "chain")) {
        begin_chain(r, e);
        return TW_XML_ENTER;
    }
    return TW_XML_TREE;
}

static void end(void *ctx, const struct tw_xml *e)
{
    struct tw_neutral *r = ctx;
    bool top = e->parent && !e->parent->parent;
    if (!e->parent || (top && is_ours(e, "chain"))) {
        if (e->text.len)
            TW_DIAG(r->diags, TW_D_neutral_text, e->text_at, e->name);
        return;
    }
    if (!top && is_ours(e, "rule")) {
        tw_neutral_rule(r, e);
        return;
    }
    for (size_t i = 0; top && i < sizeof parts / sizeof parts[0]; i++)
        if (is_ours(e, parts[i].name)) {
            read_part(r, e, i);
            return;
        }
    TW_DIAG(r->diags, TW_D_neutral_element, e->start, e->name, e->parent->name);
}

/* Calls and stages get their chains. */
static void settle_links(struct tw_neutral *r)
{
    struct tw_policy *policy = r->policy;
    for (size_t i = 0; i < r->links.len; i++) {
        const struct tw_neutral_link *link = &r->links.at[i];
        uint32_t found = (uint32_t)(uintptr_t)tw_map_get(&r->chains, link->chain);
        if (!found) {
            TW_DIAG(r->diags, TW_D_neutral_undeclared, link->at, TW_STR("chain"),
                    link->chain);
            continue;
        }
        bool base = policy->chains.at[found - 1].is_base;
        if (link->rule != UINT32_MAX) {
            policy->rules.at[link->rule].chain = found - 1;
            if (base)
                TW_DIAG(r->diags, TW_D_ipt_jump_to_base, link->at, link->chain);
            continue;
        }
        policy->stages[link->family][link->hook].at[link->stage].chain = found - 1;
        if (!base)
            TW_DIAG(r->diags, TW_D_neutral_no_policy, link->at, link->chain);
    }
}

static void refuse_circle(struct tw_neutral *r)
{
    uint32_t rule = tw_policy_circle(r->policy);
    if (rule != UINT32_MAX)
        TW_DIAG(r->diags, TW_D_ipt_chain_circle, r->policy->rules.at[rule].at,
                r->policy->rules.at[rule].id);
}

/* Room for all rules at once: growing would copy them several times. */
static void reserve_rules(struct tw_neutral *r)
{
    const struct tw_str tag = TW_STR("<rule");
    struct tw_str rest = r->src->text;
    size_t n = 1, at;
    for (; (at = tw_str_find_str(rest, tag)) < rest.len; n++)
        rest = tw_str_from(rest, at + tag.len);
    r->policy->rules.at = tw_new_array(r->arena, n, struct tw_rule);
    r->policy->rules.cap = n;
}

static void read_all(struct tw_policy *policy, const struct tw_source *const *sources,
                     size_t nsources, const struct tw_format_options *options,
                     struct tw_diags *diags)
{
    struct tw_neutral *r = tw_new(policy->arena, struct tw_neutral);
    r->policy = policy;
    r->arena = policy->arena;
    r->diags = diags;
    r->now = options->now;
    tw_buf_init(&r->key, r->arena);
    struct tw_map *maps[] = {&r->chains, &r->unknowns, &r->objects, &r->lists,
                             &r->sets};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        tw_map_init(maps[i], r->arena);
    for (size_t i = 1; i < nsources; i++)
        TW_DIAG(diags, TW_D_neutral_several, ((struct tw_span){sources[i], 0, 0}));
    r->src = sources[0];
    reserve_rules(r);
    const struct tw_xml_visitor visitor = {start, end, r};
    size_t errors = diags->errors;
    if (!tw_xml_walk(r->arena, r->src, &visitor, diags))
        return;
    settle_links(r);
    if (diags->errors == errors)
        refuse_circle(r);
}

/* The root's start tag names our namespace, of whatever version. */
static enum tw_probe probe(struct tw_str head)
{
    struct tw_str name = TW_STR("<policy"), space = TW_STR("urn:twinwall:policy:");
    struct tw_str tag = tw_str_from(head, tw_str_find_str(head, name));
    tag = tw_str_first(tag, tw_str_find(tag, '>'));
    return tw_str_find_str(tag, space) < tag.len ? TW_PROBE_CERTAIN : TW_PROBE_NO;
}

const struct tw_format tw_format_twinwall_xml = {
    .name = "twinwall_xml",
    .summary = {"a policy in the neutral form of `twinwall show -o xml`",
                "`twinwall show -o xml` 输出的中立策略格式"},
    .export_command = "twinwall show -o xml FILE",
    .probe = probe,
    .read = read_all,
};

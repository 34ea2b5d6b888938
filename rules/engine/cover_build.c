/* SPDX-License-Identifier: Apache-2.0 */
/* Before the first question: what each rule does on the way to later ones, who calls
 * whom, and the tables of boxes. */
#include "cover_parts.h"

#include <string.h>

struct tw_view tw_cover_view(const struct tw_cover *cover, enum tw_family family,
                             size_t i)
{
    const struct tw_stage *s = tw_cover_stage(cover, family, i);
    return (struct tw_view){.untracked = s->untracked,
                            .no_in_if = s->no_in_if,
                            .no_out_if = s->no_out_if,
                            .any_state = cover->policy->uses_notrack};
}

bool tw_cover_asks_marks(const struct tw_cover *cover, const struct tw_match *match)
{
    return match->nmarks || (match->states && cover->policy->uses_notrack);
}

/* The first stage that CHAIN is in; false: none. *MIXED: it is in stages that see
 * packets differently. */
static bool view_of(const struct tw_cover *cover, const struct tw_cover_family *f,
                    uint32_t chain, struct tw_view *view, bool *mixed)
{
    bool first = true;
    *mixed = false;
    for (size_t i = 0; i < tw_cover_nstages(cover, f->space->family); i++) {
        if (!(f->stages_of[chain] >> i & 1))
            continue;
        struct tw_view v = tw_cover_view(cover, f->space->family, i);
        if (first)
            *view = v;
        else
            *mixed |= v.untracked != view->untracked || v.no_in_if != view->no_in_if ||
                      v.no_out_if != view->no_out_if;
        first = false;
    }
    return !first;
}

bool tw_cover_unsettled(const struct tw_cover *cover,
                        const struct tw_cover_family *family, uint32_t chain,
                        const struct tw_match *match)
{
    struct tw_view view;
    bool mixed;
    if (tw_cover_asks_marks(cover, match))
        return true;
    view_of(cover, family, chain, &view, &mixed);
    return mixed && (match->states || match->nconditions);
}

/* --- stages and callers ---------------------------------------------------------- */

static bool calls(const struct tw_rule *rule)
{
    return (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO) &&
           !rule->disabled;
}

/* Calls have no cycle: repeated until nothing changes, at most once per chain, and in
 * practice twice. */
static void spread_stages(const struct tw_cover *cover, struct tw_cover_family *f)
{
    const struct tw_policy *p = cover->policy;
    enum tw_family family = f->space->family;
    for (size_t i = 0; i < tw_cover_nstages(cover, family); i++)
        f->stages_of[tw_cover_stage(cover, family, i)->chain] |= (uint32_t)1 << i;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < p->rules.len; i++) {
            const struct tw_rule *rule = &p->rules.at[i];
            if (!calls(rule))
                continue;
            uint32_t now = f->stages_of[rule->chain] | f->stages_of[rule->chain_of];
            changed |= now != f->stages_of[rule->chain];
            f->stages_of[rule->chain] = now;
        }
    }
}

static void find_callers(const struct tw_cover *cover, struct tw_cover_family *f)
{
    const struct tw_policy *p = cover->policy;
    size_t nchains = p->chains.len, total = 0;
    f->callers_of = tw_new_array(cover->arena, nchains + 1, uint32_t);
    for (size_t i = 0; i < p->rules.len; i++)
        if (calls(&p->rules.at[i])) {
            f->callers_of[p->rules.at[i].chain + 1]++;
            total++;
        }
    for (size_t c = 0; c < nchains; c++)
        f->callers_of[c + 1] += f->callers_of[c];
    f->callers = tw_new_array(cover->arena, total + 1, uint32_t);
    uint32_t *fill = tw_new_array(cover->scratch, nchains + 1, uint32_t);
    for (size_t i = 0; i < p->rules.len; i++) {
        const struct tw_rule *rule = &p->rules.at[i];
        if (calls(rule))
            f->callers[f->callers_of[rule->chain] + fill[rule->chain]++] = (uint32_t)i;
    }
}

static void find_effects(const struct tw_cover *cover, struct tw_cover_family *f)
{
    const struct tw_policy *p = cover->policy;
    for (size_t i = 0; i < p->rules.len; i++) {
        const struct tw_rule *rule = &p->rules.at[i];
        if ((rule->action == TW_ACTION_TRANSLATE ||
             rule->action == TW_ACTION_UNDECIDED) &&
            !rule->disabled && rule->nmatches)
            f->effects |= f->stages_of[rule->chain_of];
    }
}

/* --- entries --------------------------------------------------------------------- */

static unsigned roles_of(enum tw_action action)
{
    switch (action) {
    case TW_ACTION_ACCEPT:
    case TW_ACTION_DENY:
    case TW_ACTION_RETURN:
    case TW_ACTION_TRANSLATE:
        return TW_ROLE_ENDS;
    case TW_ACTION_GOTO:
        return TW_ROLE_ENDS | TW_ROLE_MOVES;
    case TW_ACTION_UNDECIDED:
        return TW_ROLE_MAY_END;
    case TW_ACTION_CONTINUE:
        return 0;
    default:
        return TW_ROLE_MOVES;
    }
}

struct feed {
    struct tw_cover *cover;
    struct tw_cover_family *family;
    size_t rule, match, product;
    struct tw_extent products[TW_MATCH_EXTENTS];
    size_t nproducts;
    unsigned roles;
};

/* The products of the next match. A match that is not settled stands with its header
 * alone: whoever meets it looks again. */
static void next_match(struct feed *feed)
{
    struct tw_cover *cover = feed->cover;
    const struct tw_rule *rule = &cover->policy->rules.at[feed->rule];
    struct tw_match match = rule->matches[feed->match];
    struct tw_view view = {0};
    bool mixed;
    feed->product = feed->nproducts = 0;
    if (!view_of(cover, feed->family, rule->chain_of, &view, &mixed))
        return;
    feed->roles = roles_of(rule->action);
    if (tw_cover_unsettled(cover, feed->family, rule->chain_of, &match)) {
        match.nconditions = match.nflags = match.states = 0;
        feed->roles = feed->roles ? TW_ROLE_MOVES : 0;
    }
    feed->nproducts = tw_match_extents(cover->arena, feed->family->space, &view, &match,
                                       feed->products);
}

static bool feed_next(void *ctx, struct tw_box_entry *entry)
{
    struct feed *feed = ctx;
    const struct tw_policy *p = feed->cover->policy;
    while (feed->product == feed->nproducts) {
        if (feed->rule == p->rules.len)
            return false;
        const struct tw_rule *rule = &p->rules.at[feed->rule];
        if (feed->match == rule->nmatches || rule->disabled) {
            feed->rule++;
            feed->match = 0;
            continue;
        }
        next_match(feed);
        feed->match++;
    }
    *entry = (struct tw_box_entry){.rule = (uint32_t)feed->rule,
                                   .roles = feed->roles,
                                   .product = feed->products[feed->product++]};
    return true;
}

static bool has_list(const struct tw_ranges *list)
{
    return list && list->n > 1;
}

static void count_entries(const struct tw_match *m, struct tw_box_source *source)
{
    source->count += m->nflags ? 2 : 1;
    source->more += m->states || m->nconditions || m->nflags || has_list(m->src) ||
                    has_list(m->dst) || has_list(m->sport) || has_list(m->dport) ||
                    has_list(m->proto);
}

static void build_boxes(struct tw_cover *cover, struct tw_cover_family *f)
{
    const struct tw_policy *p = cover->policy;
    struct feed feed = {.cover = cover, .family = f};
    struct tw_box_source source = {.next = feed_next, .ctx = &feed};
    for (size_t i = 0; i < p->rules.len; i++)
        for (size_t m = 0; m < p->rules.at[i].nmatches; m++)
            count_entries(&p->rules.at[i].matches[m], &source);
    f->boxes = tw_boxes_build(cover->arena, f->space, p->rules.len, &source);
}

/* --- what stands before a chain -------------------------------------------------- */

static bool has_rules(const struct tw_cover *cover, const struct tw_cover_family *f,
                      uint32_t chain)
{
    const struct tw_chain *c = &cover->policy->chains.at[chain];
    return tw_boxes_of_rule(f->boxes, c->first) !=
           tw_boxes_of_rule(f->boxes, c->first + c->count);
}

static void weigh_chains(const struct tw_cover *cover, struct tw_cover_family *f)
{
    const struct tw_policy *p = cover->policy;
    enum tw_family family = f->space->family;
    f->moves = tw_new_array(cover->arena, p->chains.len + 1, bool);
    f->alone = tw_new_array(cover->arena, p->chains.len + 1, bool);
    for (uint32_t r = 0; r < p->rules.len; r++) {
        uint32_t end = tw_boxes_of_rule(f->boxes, r + 1);
        for (uint32_t e = tw_boxes_of_rule(f->boxes, r); e < end; e++)
            f->moves[p->rules.at[r].chain_of] |=
                (tw_boxes_roles(f->boxes, e) & (TW_ROLE_MOVES | TW_ROLE_MAY_END)) != 0;
    }
    for (size_t i = 0; i < tw_cover_nstages(cover, family); i++) {
        const struct tw_stage *s = tw_cover_stage(cover, family, i);
        uint32_t c = s->chain;
        f->first_stage = i;
        bool called = f->callers_of[c] != f->callers_of[c + 1];
        f->alone[c] = !called && !f->moves[c] && f->stages_of[c] == (uint32_t)1 << i &&
                      !s->first_only && !p->uses_notrack;
        if (has_rules(cover, f, c) || p->chains.at[c].policy == TW_ACTION_DENY)
            break; /* something stands before the next stage */
    }
}

void tw_cover_build(struct tw_cover *cover)
{
    const struct tw_policy *p = cover->policy;
    for (size_t i = 0; i < p->rules.len; i++)
        cover->writes_connmarks |= p->rules.at[i].action == TW_ACTION_SAVE_MARK ||
                                   p->rules.at[i].action == TW_ACTION_SET_CONNMARK;
    for (int i = 0; i < TW_FAMILIES; i++) {
        struct tw_cover_family *f = &cover->families[i];
        enum tw_family family = (enum tw_family)i;
        size_t nstages = tw_cover_nstages(cover, family);
        f->exists = nstages > 0 && nstages <= TW_STAGES_MAX;
        if (!f->exists)
            continue;
        f->space = tw_space_new(cover->arena, cover->crossing, family);
        f->stages_of = tw_new_array(cover->arena, p->chains.len + 1, uint32_t);
        spread_stages(cover, f);
        find_callers(cover, f);
        find_effects(cover, f);
        build_boxes(cover, f);
        weigh_chains(cover, f);
    }
}

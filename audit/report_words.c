/* SPDX-License-Identifier: Apache-2.0 */
/* Names, places and reasons as the reports of `check` and `trace` write them. */
#include "report_words.h"

#include "messages.h"
#include "text.h"

/* The policy of a chain, or a rule that stands for a vendor's default. */
static bool is_default(const struct tw_policy *policy, struct tw_decider by)
{
    return by.rule == TW_NO_RULE || policy->rules.at[by.rule].is_default;
}

struct tw_str tw_decider_name(const struct tw_policy *policy, struct tw_decider by)
{
    return is_default(policy, by) ? TW_STR("default") : policy->rules.at[by.rule].id;
}

struct tw_str tw_decider_text(struct tw_arena *arena, enum tw_lang lang,
                              const struct tw_policy *policy, struct tw_decider by)
{
    struct tw_str name = tw_decider_name(policy, by);
    if (by.rule != TW_NO_RULE && is_default(policy, by))
        name = policy->rules.at[by.rule].id;
    else if (by.rule == TW_NO_RULE && by.chain < policy->chains.len)
        name = TW_SAY(arena, lang, TW_M_check_default_policy,
                      policy->chains.at[by.chain].name);
    return name;
}

struct tw_span tw_decider_span(const struct tw_policy *policy, struct tw_decider by)
{
    if (by.rule != TW_NO_RULE)
        return policy->rules.at[by.rule].at;
    return by.chain < policy->chains.len ? policy->chains.at[by.chain].policy_at
                                         : TW_NOWHERE;
}

void tw_place_value(struct tw_arena *arena, struct tw_value *object, struct tw_span at)
{
    if (at.src) {
        tw_value_add_text(arena, object, "path", at.src->name);
        tw_value_add_int(arena, object, "line", tw_span_line(at));
    } else {
        tw_value_add_null(arena, object, "path");
        tw_value_add_null(arena, object, "line");
    }
}

void tw_decider_value(struct tw_arena *arena, struct tw_value *object,
                      const struct tw_walls *walls, uint32_t wall,
                      const char *action_key, const char *action, struct tw_decider by)
{
    const struct tw_policy *policy = walls->at[wall].policy;
    tw_value_add_text(arena, object, "wall", walls->at[wall].spec->name);
    tw_value_add_text(arena, object, action_key, tw_str_of(action));
    tw_value_add_text(arena, object, "rule", tw_decider_name(policy, by));
    tw_value_add_int(arena, object, "index",
                     is_default(policy, by) ? 0 : policy->rules.at[by.rule].index);
    if (by.rule == TW_NO_RULE && by.chain < policy->chains.len)
        tw_value_add_text(arena, object, "chain", policy->chains.at[by.chain].name);
    else if (by.rule != TW_NO_RULE && is_default(policy, by))
        tw_value_add_text(arena, object, "name", policy->rules.at[by.rule].id);
    struct tw_span at = tw_decider_span(policy, by);
    if (is_default(policy, by) && !at.src && policy->sources.len) {
        tw_value_add_text(arena, object, "path", policy->sources.at[0]->name);
        tw_value_add_null(arena, object, "line");
        return;
    }
    tw_place_value(arena, object, at);
}

static struct tw_str family_name(enum tw_family family)
{
    return family == TW_IPV4 ? TW_STR("IPv4") : TW_STR("IPv6");
}

static size_t count_values(const struct tw_unknown *u, const struct tw_condition *c)
{
    size_t n = 0;
    for (size_t w = 0; w < tw_unknown_words(u); w++)
        n += (size_t)__builtin_popcountll(c->allowed[w]);
    return n;
}

/* The condition of RULE on UNKNOWN that names the fewest values, not all others; NULL:
 * none does. */
static const struct tw_condition *
narrowest(const struct tw_policy *policy, const struct tw_rule *rule, uint32_t unknown)
{
    const struct tw_unknown *u = &policy->unknowns.at[unknown];
    size_t last = u->nvalues - 1, best = SIZE_MAX;
    const struct tw_condition *found = NULL;
    for (size_t m = 0; m < rule->nmatches; m++)
        for (size_t k = 0; k < rule->matches[m].nconditions; k++) {
            const struct tw_condition *c = &rule->matches[m].conditions[k];
            if (c->unknown != unknown || c->allowed[last / 64] >> last % 64 & 1 ||
                count_values(u, c) >= best)
                continue;
            best = count_values(u, c);
            found = c;
        }
    return found;
}

/* The unknown's name, and of applications those that the rule asks for. */
static struct tw_str unknown_text(struct tw_arena *arena,
                                  const struct tw_policy *policy,
                                  struct tw_reason reason)
{
    enum { SHOWN = 4 };
    const struct tw_unknown *u = &policy->unknowns.at[reason.unknown];
    const struct tw_condition *c = NULL;
    struct tw_buf buf;
    size_t n = 0;
    if (u->kind == TW_UNKNOWN_APP && u->values)
        c = narrowest(policy, &policy->rules.at[reason.rule], reason.unknown);
    tw_buf_init(&buf, arena);
    tw_buf_printable(&buf, u->name);
    for (size_t v = 1; c && v + 1 < u->nvalues; v++) {
        if (!(c->allowed[v / 64] >> v % 64 & 1) || n > SHOWN)
            continue;
        tw_buf_text(&buf, n++ ? ", " : " ");
        if (n > SHOWN)
            tw_buf_text(&buf, "…");
        else
            tw_buf_printable(&buf, u->values[v]);
    }
    return tw_buf_view(&buf);
}

struct tw_str tw_doubt_text(struct tw_arena *arena, enum tw_lang lang,
                            const struct tw_walls *walls, const struct tw_doubt *doubt,
                            enum tw_family family)
{
    const struct tw_wall *wall = &walls->at[doubt->wall];
    const struct tw_policy *policy = wall->policy;
    struct tw_str name = wall->spec->name;
    switch (doubt->kind) {
    case TW_DOUBT_EMPTY:
        return TW_SAY(arena, lang, TW_M_check_doubt_empty, name);
    case TW_DOUBT_FAMILY:
        return TW_SAY(arena, lang, TW_M_check_doubt_family, name, family_name(family));
    case TW_DOUBT_BUDGET:
        return TW_SAY(arena, lang, TW_M_check_doubt_budget, name);
    default:
        break;
    }
    if (doubt->reason.unknown != TW_NO_RULE)
        return unknown_text(arena, policy, doubt->reason);
    const struct tw_rule *rule = &policy->rules.at[doubt->reason.rule];
    bool translates = rule->action == TW_ACTION_TRANSLATE;
    return TW_SAY(arena, lang,
                  translates ? TW_M_check_doubt_translation : TW_M_check_doubt_action,
                  rule->id);
}

struct tw_str tw_place_text(struct tw_arena *arena, struct tw_span at)
{
    if (!at.src)
        return TW_STR("");
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_printable(&buf, at.src->name);
    tw_buf_char(&buf, ':');
    tw_buf_u64(&buf, tw_span_line(at));
    return tw_buf_view(&buf);
}

static bool list_has(const struct tw_ranges *list, tw_u128 x)
{
    return !list || tw_ranges_has(list, x);
}

const struct tw_rule *tw_expired_rule(const struct tw_policy *policy,
                                      const struct tw_packet *packet)
{
    for (size_t i = 0; i < policy->rules.len; i++) {
        const struct tw_rule *rule = &policy->rules.at[i];
        if (!rule->expires || !rule->disabled || rule->action != TW_ACTION_ACCEPT)
            continue;
        for (size_t k = 0; k < rule->nmatches; k++) {
            const struct tw_match *m = &rule->matches[k];
            bool family = !m->families || m->families >> packet->family & 1;
            if (family && list_has(m->src, packet->src) &&
                list_has(m->dst, packet->dst) && list_has(m->proto, packet->proto) &&
                list_has(m->dport, packet->dport))
                return rule;
        }
    }
    return NULL;
}

struct tw_str tw_origin_name(const struct tw_estate *estate, const struct tw_flow *flow,
                             const struct tw_end *origin)
{
    if (flow->from != TW_NONE)
        return estate->services.at[flow->from].name;
    return origin->zone == TW_ZONE_OUTSIDE ? TW_STR("outside")
                                           : estate->zones.at[origin->zone].name;
}

struct tw_str tw_origin_text(struct tw_arena *arena, const struct tw_estate *estate,
                             const struct tw_flow *flow, const struct tw_end *origin)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, tw_origin_name(estate, flow, origin));
    if (origin->site != TW_NONE) {
        tw_buf_char(&buf, '@');
        tw_buf_str(&buf, estate->sites.at[origin->site].name);
    }
    return tw_buf_view(&buf);
}

struct tw_str tw_ports_text(struct tw_arena *arena, const struct tw_flow *flow)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    for (size_t i = 0; i < flow->ports.n; i++) {
        if (i)
            tw_buf_text(&buf, ", ");
        tw_buf_str(&buf, flow->ports.at[i].text);
    }
    return tw_buf_view(&buf);
}

struct tw_str tw_wall_default(const struct tw_wall *wall)
{
    const struct tw_policy *policy = wall->policy;
    enum tw_hook hook = wall->spec->hook_input ? TW_HOOK_INPUT : TW_HOOK_FORWARD;
    bool denies = false, allows = false;
    for (int family = 0; family < TW_FAMILIES; family++) {
        bool decided = false;
        for (size_t s = 0; s < policy->stages[family][hook].len; s++) {
            const struct tw_stage *stage = &policy->stages[family][hook].at[s];
            if (!stage->decides)
                continue;
            const struct tw_chain *chain = &policy->chains.at[stage->chain];
            if (chain->policy_unstated)
                return TW_STR("unknown");
            decided = true;
            allows |= chain->policy == TW_ACTION_ACCEPT;
            denies |= chain->policy != TW_ACTION_ACCEPT;
        }
        allows |= policy->has_family[family] && !decided;
    }
    return denies && allows ? TW_STR("mixed")
           : denies         ? TW_STR("deny")
                            : TW_STR("allow");
}

void tw_walls_value(struct tw_arena *arena, struct tw_value *object,
                    const struct tw_walls *walls)
{
    struct tw_value *list = tw_value_add(arena, object, "walls", TW_VALUE_ARRAY);
    for (size_t i = 0; i < walls->n; i++) {
        const struct tw_wall *w = &walls->at[i];
        struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(arena, v, "name", w->spec->name);
        tw_value_add_text(arena, v, "format", tw_str_of(w->policy->format->name));
        tw_value_add_int(arena, v, "rules", w->receipt.rules);
        tw_value_add_int(arena, v, "understood", w->receipt.understood);
        tw_value_add_int(arena, v, "unsure", w->receipt.rules - w->receipt.understood);
        tw_value_add_text(arena, v, "default", tw_wall_default(w));
        tw_value_add_text(arena, v, "role",
                          w->spec->role == TW_ROLE_OPEN ? TW_STR("open")
                                                        : TW_STR("enforce"));
        if (w->aged) {
            tw_value_add_text(arena, v, "as_of", w->spec->as_of.text);
            tw_value_add_bool(arena, v, "stale", w->stale);
        }
        if (w->policy->assumptions.len)
            tw_value_add_text(arena, v, "assumptions", w->policy->assumptions);
        struct tw_value *lines =
            tw_value_add(arena, v, "not_understood", TW_VALUE_ARRAY);
        for (size_t k = 0; k < w->policy->not_understood.len; k++)
            tw_place_value(arena, tw_value_add(arena, lines, NULL, TW_VALUE_OBJECT),
                           w->policy->not_understood.at[k]);
    }
}

struct tw_str tw_time_text(struct tw_arena *arena, struct tw_time t)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_time(&buf, t);
    return tw_buf_view(&buf);
}

bool tw_walls_assume_rates(const struct tw_walls *walls)
{
    for (size_t i = 0; i < walls->n && !walls->options.strict_limits; i++) {
        const struct tw_policy *policy = walls->at[i].policy;
        for (size_t u = 0; u < policy->unknowns.len; u++)
            if (policy->unknowns.at[u].kind == TW_UNKNOWN_RATE)
                return true;
    }
    return false;
}

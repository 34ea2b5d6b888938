/* SPDX-License-Identifier: Apache-2.0 */
/* Settling a policy's unknowns for one crossing. */
#include "crossing.h"

size_t tw_unknown_words(const struct tw_unknown *unknown)
{
    return (unknown->nvalues + 63) / 64;
}

/* Does the written name PATTERN ("eth0", "ppp+") fit the interface NAME? */
static bool name_fits(struct tw_str pattern, struct tw_str name)
{
    if (!tw_str_ends(pattern, "+"))
        return tw_str_eq(pattern, name);
    struct tw_str prefix = tw_str_first(pattern, pattern.len - 1);
    return name.len >= prefix.len && tw_str_eq(tw_str_first(name, prefix.len), prefix);
}

bool tw_policy_knows_interface(const struct tw_policy *policy, struct tw_str name)
{
    bool names_any = false;
    for (size_t i = 0; i < policy->aliases.len; i++)
        if (tw_str_eq(policy->aliases.at[i].name, name))
            return true;
    for (size_t i = 0; i < policy->interfaces.len; i++) {
        if (name_fits(policy->interfaces.at[i], name))
            return true;
        names_any |= !tw_str_is(policy->interfaces.at[i], "lo");
    }
    return !names_any;
}

/* The value that stands for the interface NAME: itself, else the longest wildcard that
 * it fits, else the last value, "other". */
static size_t interface_value(const struct tw_policy *policy,
                              const struct tw_unknown *u, struct tw_str name)
{
    size_t best = u->nvalues - 1, best_len = 0;
    for (size_t i = 1; i + 1 < u->nvalues; i++)
        if (tw_str_eq(u->values[i], name))
            return i;
    for (size_t i = 0; i < policy->aliases.len; i++)
        if (tw_str_eq(policy->aliases.at[i].name, name))
            name = policy->aliases.at[i].value;
    for (size_t i = 1; i + 1 < u->nvalues; i++) {
        if (tw_str_eq(u->values[i], name))
            return i;
        if (tw_str_ends(u->values[i], "+") && name_fits(u->values[i], name) &&
            u->values[i].len > best_len) {
            best = i;
            best_len = u->values[i].len;
        }
    }
    return best;
}

static void keep_only(uint64_t *set, size_t words, size_t value)
{
    for (size_t w = 0; w < words; w++)
        set[w] = 0;
    set[value / 64] = (uint64_t)1 << value % 64;
}

/* Is NAME one of the names that the flow's user has? "known-user" is whoever has one
 * that is not "unknown" or "pre-logon", which stand for nobody. Names that differ in
 * capitals alone may be one or two: that stays open. */
static void settle_user(uint64_t *set, struct tw_str name,
                        const struct tw_crossing_options *options)
{
    bool is = false, may_be = false, somebody = false;
    for (size_t i = 0; i < options->nusers; i++) {
        struct tw_str own = options->users[i];
        is |= tw_str_eq(own, name);
        may_be |= tw_str_eq_nocase(own, name);
        somebody |= !tw_str_is(own, "unknown") && !tw_str_is(own, "pre-logon");
    }
    is |= somebody && tw_str_is(name, "known-user");
    if (is || !may_be)
        keep_only(set, 1, is);
}

static void settle_app(uint64_t *set, const struct tw_unknown *u, struct tw_str app)
{
    size_t words = tw_unknown_words(u), value = u->nvalues - 1;
    set[0] &= u->values ? ~(uint64_t)1 : ~(uint64_t)0; /* every packet has one */
    if (app.len == 0) {
        /* Where each name is possible, each container's is: nothing more to ask. */
        if (!u->values && u->subject.len == 0)
            keep_only(set, words, 0);
        return;
    }
    if (!u->values) { /* a filter: its members are known to nobody here */
        if (tw_str_eq(u->subject, app))
            keep_only(set, words, 1);
        return;
    }
    for (size_t i = 1; i + 1 < u->nvalues; i++)
        if (tw_str_eq(u->values[i], app))
            value = i;
    bool alone = u->alone && u->alone[value / 64] >> value % 64 & 1;
    keep_only(set, words, value);
    /* It may stand in a container, and match as that: the first of the two decides. */
    for (size_t w = 0; w < words && u->wide && !alone; w++)
        set[w] |= u->wide[w];
}

static void settle(uint64_t *set, const struct tw_policy *policy,
                   const struct tw_unknown *u,
                   const struct tw_crossing_options *options)
{
    size_t words = tw_unknown_words(u), last = u->nvalues - 1;
    struct tw_str name = u->kind == TW_UNKNOWN_IN_IF ? options->in : options->out;
    switch (u->kind) {
    case TW_UNKNOWN_IN_IF:
    case TW_UNKNOWN_OUT_IF:
        set[0] &= ~(uint64_t)1; /* "none" is for the stages that say so */
        if (policy->all_interfaces_named && last > 1)
            set[last / 64] &= ~((uint64_t)1 << last % 64);
        if (name.len)
            keep_only(set, words, interface_value(policy, u, name));
        break;
    case TW_UNKNOWN_APP:
        settle_app(set, u, options->app);
        break;
    case TW_UNKNOWN_USER:
        if (options->nusers)
            settle_user(set, u->subject, options);
        break;
    case TW_UNKNOWN_TIME:
        if (options->at && u->schedule)
            keep_only(set, words, tw_schedule_active(u->schedule, *options->at));
        break;
    case TW_UNKNOWN_RATE:
        if (!options->strict_limits)
            keep_only(set, words, 1);
        break;
    case TW_UNKNOWN_SRC_LOCAL:
        keep_only(set, words, 0);
        break;
    case TW_UNKNOWN_DST_LOCAL:
        keep_only(set, words, options->hook == TW_HOOK_INPUT);
        break;
    default:
        break;
    }
}

const struct tw_crossing *tw_crossing_new(struct tw_arena *arena,
                                          const struct tw_policy *policy,
                                          const struct tw_index *index,
                                          const struct tw_crossing_options *options)
{
    const uint64_t **possible =
        tw_new_array(arena, policy->unknowns.len + 1, const uint64_t *);
    for (size_t i = 0; i < policy->unknowns.len; i++) {
        const struct tw_unknown *u = &policy->unknowns.at[i];
        size_t words = tw_unknown_words(u);
        uint64_t *set = tw_new_array(arena, words, uint64_t);
        for (size_t v = 0; v < u->nvalues; v++)
            set[v / 64] |= (uint64_t)1 << v % 64;
        settle(set, policy, u, options);
        possible[i] = set;
    }
    struct tw_crossing *c = tw_new(arena, struct tw_crossing);
    *c = (struct tw_crossing){.policy = policy,
                              .index = index,
                              .hook = options->hook,
                              .unseen = options->unseen,
                              .possible = possible};
    return c;
}

struct tw_str tw_policy_zone_of(const struct tw_policy *policy,
                                const struct tw_ranges *const addresses[TW_FAMILIES])
{
    for (size_t i = 0; i < policy->reach.len; i++) {
        const struct tw_reach *reach = &policy->reach.at[i];
        bool all = true, any = false;
        for (int f = 0; f < TW_FAMILIES; f++) {
            if (!addresses[f] || addresses[f]->n == 0)
                continue;
            any = true;
            all &= tw_ranges_cover(reach->addresses[f], addresses[f]);
        }
        if (any && all)
            return reach->value;
    }
    return TW_NO_STR;
}

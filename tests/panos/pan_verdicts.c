/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on every rule of a wall, held against looking at every kind of packet:
 * dead, partly shadowed, live, unmatchable, by both engines. The witness of a rule that
 * is reached is looked at by the plain reading; the rules that are named for a dead one
 * must do alone, and, where that is said, none of them may be spared.
 */
#include <inttypes.h>

#include "cover.h"
#include "idd_verdicts.h"
#include "index.h"
#include "pan_compare.h"
#include "pan_fate.h"
#include "pan_read.h"

struct judge {
    struct pan_wall *wall;
    struct tw_arena *arena;
    const struct tw_policy *policy;
    struct tw_cover *cover;
    struct tw_idd_verdicts second; /* the same by another engine */
    struct pan_counts *counts;
    FILE *report;
    int order[PAN_RULES], n;
};

static const char *const fates[] = {"unmatchable", "dead", "partly", "live",
                                    "too many"};
static const char *const states[] = {"unmatchable", "dead", "partly", "live",
                                     "undecided"};

static enum pan_fate fate_of(enum tw_rule_state state)
{
    return state == TW_RULE_UNMATCHABLE ? PAN_UNMATCHABLE
           : state == TW_RULE_DEAD      ? PAN_DEAD
           : state == TW_RULE_PARTLY    ? PAN_PARTLY
                                        : PAN_LIVE;
}

static const char *name_of(const struct judge *j, int k)
{
    return j->wall->names[j->wall->rules[j->order[k]].name];
}

/* --- witnesses ------------------------------------------------------------------- */

/* The zone that UNKNOWN (an interface) has in the situation; FALLBACK: one that the
 * export does not name. -1: it does not matter. */
static int zone_in(const struct judge *j, const struct tw_situation *s,
                   uint32_t unknown, int fallback)
{
    for (size_t i = 0; i < s->nvalues; i++) {
        if (s->values[i].unknown != unknown)
            continue;
        struct tw_str name = j->policy->unknowns.at[unknown].values[s->values[i].value];
        for (int z = 0; z < j->wall->nzones; z++)
            if (tw_str_is(name, j->wall->names[j->wall->zones[z]]))
                return z;
        return fallback;
    }
    return -1;
}

/* False where the address is none of those that the plain reading knows. */
static bool plain_packet(const struct tw_packet *p, struct pan_packet *out)
{
    tw_u128 base = p->family == TW_IPV6 ? (tw_u128)0x20010db8 << 96 : 0;
    if (p->src < base || p->src - base > UINT32_MAX || p->dst < base ||
        p->dst - base > UINT32_MAX)
        return false;
    *out = (struct pan_packet){
        .family = p->family == TW_IPV6,
        .end = {(uint32_t)(p->src - base), (uint32_t)(p->dst - base)},
        .proto = (int)p->proto,
        .sport = p->sport,
        .dport = p->dport};
    return true;
}

static void tell_witness(const struct judge *j, int k, const struct tw_situation *s)
{
    struct tw_buf out;
    tw_buf_init(&out, j->arena);
    tw_buf_ip(&out, s->packet.family, s->packet.src);
    tw_buf_text(&out, " -> ");
    tw_buf_ip(&out, s->packet.family, s->packet.dst);
    tw_buf_fmt(&out, " proto %u sport %u dport %u", s->packet.proto, s->packet.sport,
               s->packet.dport);
    for (size_t i = 0; i < s->nvalues; i++) {
        const struct tw_unknown *u = &j->policy->unknowns.at[s->values[i].unknown];
        tw_buf_text(&out, ", ");
        tw_buf_str(&out, u->name);
        tw_buf_text(&out, " = ");
        if (u->values)
            tw_buf_str(&out, u->values[s->values[i].value]);
        else
            tw_buf_fmt(&out, "%u", s->values[i].value);
    }
    fprintf(j->report, "RULE: the witness of \"%s\" does not reach it: %.*s\n",
            name_of(j, k), (int)out.len, out.ptr);
}

static bool witness_reaches(const struct judge *j, int k, uint32_t rule)
{
    struct tw_situation s = {.nvalues = 0};
    struct pan_packet packet;
    struct tw_arena *arena = tw_arena_child(j->arena);
    bool found = tw_cover_witness(arena, j->cover, rule, &s);
    if (found && plain_packet(&s.packet, &packet)) {
        int in = zone_in(j, &s, j->policy->in_if, PAN_OTHER_ZONE);
        int out = zone_in(j, &s, j->policy->out_if, PAN_OTHER_ZONE + 1);
        int others = pan_open_zones(j->wall) ? 2 : 0;
        found = false;
        for (int i = 0; i < j->wall->nzones + others; i++)
            for (int o = 0; o < j->wall->nzones + others && !found; o++) {
                int from =
                    i < j->wall->nzones ? i : PAN_OTHER_ZONE + i - j->wall->nzones;
                int to = o < j->wall->nzones ? o : PAN_OTHER_ZONE + o - j->wall->nzones;
                bool in_fits =
                    in < 0 || in == from || (in >= PAN_ZONES && from >= PAN_ZONES);
                bool out_fits =
                    out < 0 || out == to || (out >= PAN_ZONES && to >= PAN_ZONES);
                found = in_fits && out_fits &&
                        pan_reach(j->wall, &packet, from, to, k).reached;
            }
    }
    if (!found && j->report)
        tell_witness(j, k, &s);
    tw_arena_release(arena);
    return found;
}

/* --- why a rule is dead ---------------------------------------------------------- */

static bool among(const struct judge *j, const struct tw_explained *e, size_t without,
                  int rule)
{
    uint32_t index = pan_rule_of(j->policy, j->wall, rule);
    for (size_t i = 0; i < e->nrules; i++)
        if (i != without && e->rules[i] == index)
            return true;
    return false;
}

/* The fate of rule K where, before it, there are only the rules of E but one. */
static enum pan_fate fate_behind(const struct judge *j, const struct tw_explained *e,
                                 size_t without, int k)
{
    static struct pan_wall alone; /* too large for a stack */
    alone = *j->wall;
    for (int i = 0; i < k; i++)
        if (!among(j, e, without, j->order[i]))
            alone.rules[j->order[i]].disabled = true;
    return pan_fate(&alone, k);
}

static bool explanation_holds(const struct judge *j, int k, uint32_t rule)
{
    struct tw_explained e;
    struct tw_arena *arena = tw_arena_child(j->arena);
    const char *fault = NULL;
    if (tw_cover_explain(arena, j->cover, rule, &e)) {
        enum pan_fate fate = fate_behind(j, &e, SIZE_MAX, k);
        /* A rule all of whose packets an override renames has none of its own. */
        if (fate != PAN_DEAD && !(j->wall->noverrides && fate < PAN_DEAD))
            fault = "do not do alone";
        /* Behind override rules, those that decide instead of it are named as well. */
        for (size_t i = 0; i < e.nrules && !j->wall->noverrides; i++)
            if (e.rules[i] >= rule)
                fault = "do not all stand before it";
        for (size_t i = 0; i < e.nrules && e.minimal && !fault; i++)
            if (fate_behind(j, &e, i, k) == PAN_DEAD)
                fault = "are not all needed";
    }
    if (fault && j->report) {
        fprintf(j->report,
                "RULE: those that are named for dead \"%s\" %s:", name_of(j, k), fault);
        for (size_t i = 0; i < e.nrules; i++) {
            struct tw_str id = j->policy->rules.at[e.rules[i]].id;
            fprintf(j->report, " \"%.*s\"", (int)id.len, id.ptr);
        }
        fputs(e.by_policy ? " and a policy\n" : "\n", j->report);
    }
    tw_arena_release(arena);
    return !fault;
}

/* --- verdicts -------------------------------------------------------------------- */

static enum pan_verdict check_rule(struct judge *j, int k)
{
    uint32_t rule = pan_rule_of(j->policy, j->wall, j->order[k]);
    enum pan_verdict v = PAN_SAME;
    if (rule == UINT32_MAX)
        return PAN_WRONG;
    struct tw_rule_answer a = tw_cover_rule(j->cover, rule);
    enum pan_fate want = pan_fate(j->wall, k);
    j->counts->packets++;
    j->counts->open += a.state == TW_RULE_UNDECIDED;
    j->counts->sure += a.state != TW_RULE_UNDECIDED;
    if (want == PAN_TOO_MANY)
        return PAN_SAME;
    if (a.state == TW_RULE_UNDECIDED)
        v = a.doubt == TW_WHY_EFFECT || a.doubt == TW_WHY_MARKS ? PAN_SAME : PAN_VAGUE;
    else if (fate_of(a.state) != want)
        v = PAN_WRONG;
    /* What marks tell counts as no condition of a rule: it is never reached. */
    if (v == PAN_WRONG && j->wall->noverrides && fate_of(a.state) <= PAN_DEAD &&
        want <= PAN_DEAD)
        v = PAN_SAME;
    if (v != PAN_SAME && j->report)
        fprintf(j->report, "%s: rule \"%s\" is %s, not %s (doubt %d)\n",
                v == PAN_WRONG ? "WRONG" : "VAGUE", name_of(j, k), fates[want],
                states[a.state], (int)a.doubt);
    if (v != PAN_SAME)
        return v;
    enum tw_rule_state second = j->second.at[rule];
    if (second != TW_RULE_UNDECIDED && fate_of(second) != want &&
        !(j->wall->noverrides && fate_of(second) <= PAN_DEAD && want <= PAN_DEAD)) {
        if (j->report)
            fprintf(j->report, "WRONG: rule \"%s\" is %s, not %s by diagrams\n",
                    name_of(j, k), fates[want], states[second]);
        return PAN_WRONG;
    }
    bool reached = a.state == TW_RULE_LIVE || a.state == TW_RULE_PARTLY;
    if (reached && !witness_reaches(j, k, rule))
        return PAN_RULE;
    if (a.state == TW_RULE_DEAD && !explanation_holds(j, k, rule))
        return PAN_RULE;
    return PAN_SAME;
}

enum pan_verdict pan_verdicts(struct pan_wall *wall, struct pan_scale scale,
                              struct pan_counts *counts, FILE *report)
{
    struct tw_arena arena;
    struct pan_counts ignored = {0};
    (void)scale;
    wall->nnats = 0; /* what comes behind a translation is not told */
    tw_arena_init(&arena, (size_t)1 << 30);
    struct judge j = {.wall = wall,
                      .arena = &arena,
                      .policy = pan_read(&arena, wall, report),
                      .counts = counts ? counts : &ignored,
                      .report = report};
    enum pan_verdict v = j.policy ? PAN_SAME : PAN_REFUSED;
    if (j.policy) {
        struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
        const struct tw_index *index = tw_index_build(&arena, j.policy);
        const struct tw_crossing *crossing =
            tw_crossing_new(&arena, j.policy, index, &o);
        j.cover = tw_cover_new(&arena, crossing, NULL);
        j.second = tw_idd_verdicts(&arena, crossing, NULL);
        j.n = pan_order(wall, j.order);
    }
    for (int k = 0; k < j.n && v == PAN_SAME; k++)
        v = check_rule(&j, k);
    tw_arena_release(&arena);
    return v;
}

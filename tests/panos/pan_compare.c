/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the wall's export with the product, asks the engine for every packet of the
 * shrunken universe at once and the linear checker packet by packet, and holds both
 * against the plain reading.
 */
#include "pan_compare.h"

#include <inttypes.h>
#include <string.h>

#include "atoms.h"
#include "index.h"
#include "pan_points.h"
#include "pan_read.h"
#include "replay.h"

enum { SAID_MAX = 8, SIDE_ZONES = PAN_ZONES + 2 };

/* One way to cross the wall: zones (-1: not said) and what is settled. */
struct scenario {
    int from, to;
    struct pan_settled settled;
};

struct job {
    struct pan_wall *wall; /* only names are added */
    struct tw_arena *arena;
    const struct tw_policy *policy;
    const struct tw_index *index;
    struct pan_scale scale;
    struct pan_counts *counts;
    struct pan_universe universe;
    uint64_t state;
    FILE *report;
    const struct scenario *scenario;
    const struct tw_crossing *crossing;
};

static uint32_t draw(struct job *job, uint32_t below)
{
    return pan_draw(&job->state, below);
}

static struct tw_str name_of(const struct job *job, int name)
{
    return tw_str_of(job->wall->names[name]);
}

/* --- what is asked --------------------------------------------------------------- */

static const struct tw_ranges *ranges(struct tw_arena *arena, int family,
                                      const struct pan_points *points)
{
    tw_u128 base = family ? (tw_u128)0x20010db8 << 96 : 0;
    struct tw_range *at = tw_new_array(arena, (size_t)points->n + 1, struct tw_range);
    for (int i = 0; i < points->n; i++)
        at[i] = (struct tw_range){base + points->at[i], base + points->at[i]};
    return tw_ranges_of(arena, at, (size_t)points->n);
}

static struct tw_question question(struct job *job, struct tw_arena *arena, int family,
                                   enum pan_packets kind)
{
    const struct pan_universe *u = &job->universe;
    struct tw_question q = {.family = family ? TW_IPV6 : TW_IPV4,
                            .tcp_flags = TW_TCP_SYN,
                            .state = TW_STATE_NEW};
    q.field[TW_FIELD_SRC] = ranges(arena, family, &u->address[family]);
    q.field[TW_FIELD_DST] = q.field[TW_FIELD_SRC];
    q.field[TW_FIELD_DPORT] = q.field[TW_FIELD_SPORT] = tw_ranges_one(arena, 0, 0);
    if (kind == PAN_ICMP) {
        q.kind = TW_KIND_ICMP;
        q.field[TW_FIELD_PROTO] =
            family ? tw_ranges_one(arena, 58, 58) : tw_ranges_one(arena, 1, 1);
        q.field[TW_FIELD_DPORT] = ranges(arena, 0, &u->icmp);
    } else if (kind == PAN_WITHOUT_PORTS) {
        q.kind = TW_KIND_OTHER;
        q.field[TW_FIELD_PROTO] = ranges(arena, 0, &u->other);
    } else {
        q.kind = TW_KIND_PORTS;
        q.field[TW_FIELD_PROTO] = ranges(arena, 0, &u->proto);
        q.field[TW_FIELD_DPORT] = ranges(arena, 0, &u->dport);
        q.field[TW_FIELD_SPORT] = ranges(arena, 0, &u->sport);
    }
    return q;
}

static struct tw_packet packet_of(const struct pan_packet *p)
{
    tw_u128 base = p->family ? (tw_u128)0x20010db8 << 96 : 0;
    return (struct tw_packet){.family = p->family ? TW_IPV6 : TW_IPV4,
                              .src = base + p->end[0],
                              .dst = base + p->end[1],
                              .proto = (unsigned)p->proto,
                              .sport = p->sport,
                              .dport = p->dport,
                              .tcp_flags = p->proto == 6 ? TW_TCP_SYN : 0,
                              .state = TW_STATE_NEW};
}

static const struct tw_flow_cell *cell_of(const struct tw_cells *cells,
                                          const struct tw_packet *p)
{
    const struct tw_flow_cell *found = NULL;
    for (size_t i = 0; i < cells->n; i++) {
        const struct tw_flow_cell *c = &cells->at[i];
        if (!tw_ranges_has(c->field[TW_FIELD_SRC], p->src) ||
            !tw_ranges_has(c->field[TW_FIELD_DST], p->dst) ||
            !tw_ranges_has(c->field[TW_FIELD_PROTO], p->proto) ||
            !tw_ranges_has(c->field[TW_FIELD_SPORT], p->sport) ||
            !tw_ranges_has(c->field[TW_FIELD_DPORT], p->dport))
            continue;
        if (found)
            return NULL; /* in two cells */
        found = c;
    }
    return found;
}

/* --- the plain answer, also where a zone is not said ------------------------------ */

static int zones_of(const struct pan_wall *w, int said, int others, int at[SIDE_ZONES])
{
    int n = 0;
    if (said >= 0) {
        at[n++] = said;
        return n;
    }
    for (int z = 0; z < w->nzones; z++)
        at[n++] = z;
    for (int k = 0; k < others && pan_open_zones(w); k++)
        at[n++] = PAN_OTHER_ZONE + k;
    return n;
}

static struct pan_answer truth(const struct job *job, const struct pan_packet *packet)
{
    const struct scenario *s = job->scenario;
    struct pan_answer all = {.decider = PAN_NOBODY}, one;
    int from[SIDE_ZONES], to[SIDE_ZONES];
    int nfrom = zones_of(job->wall, s->from, 1, from);
    int nto = zones_of(job->wall, s->to, 2, to);
    for (int i = 0; i < nfrom; i++)
        for (int k = 0; k < nto; k++) {
            pan_truth(job->wall, &s->settled, packet, from[i], to[k], &one);
            all.decider =
                (i || k) && all.decider != one.decider ? PAN_NOBODY : one.decider;
            all.pass |= one.pass;
            all.stop |= one.stop;
            all.translated |= one.translated;
            all.too_many |= one.too_many;
            all.runs += one.runs;
        }
    return all;
}

/* --- comparing ------------------------------------------------------------------- */

/* An answer of the product, of either of its two ways. */
struct given {
    const char *by;
    bool pass, stop, approx;
    uint32_t rule; /* of a sure answer; TW_NO_RULE: a policy */
    bool translated;
};

static const char *decider_text(const struct job *job, int decider)
{
    if (decider >= 0)
        return job->wall->names[job->wall->rules[decider].name];
    return decider == PAN_INTRAZONE_DEFAULT   ? "intrazone-default"
           : decider == PAN_INTERZONE_DEFAULT ? "interzone-default"
                                              : "(nobody)";
}

static bool same_decider(const struct job *job, int decider, uint32_t rule)
{
    const struct tw_rule *r = rule == TW_NO_RULE ? NULL : &job->policy->rules.at[rule];
    if (decider < 0)
        return !r || r->is_default;
    return r && !r->is_default &&
           tw_str_is(r->id, job->wall->names[job->wall->rules[decider].name]);
}

static enum pan_verdict judge(const struct job *job, const struct pan_answer *want,
                              const struct given *got)
{
    if ((want->pass && !got->pass) || (want->stop && !got->stop))
        return PAN_WRONG;
    if (got->approx)
        return PAN_SAME;
    bool sure = want->pass != want->stop;
    if (sure && got->pass && got->stop)
        return got->translated && pan_translates(job->wall) ? PAN_FEARED : PAN_VAGUE;
    if (want->decider != PAN_NOBODY && want->pass != want->stop &&
        !same_decider(job, want->decider, got->rule))
        return PAN_RULE;
    /* Where it is undecided anyway, a translation may be feared that is none. */
    if (want->translated && !got->translated)
        return PAN_WRONG;
    return sure && got->translated != want->translated ? PAN_RULE : PAN_SAME;
}

static void put_zone(const struct job *job, const char *what, int zone)
{
    fprintf(job->report, " %s \"%s\"", what,
            zone < 0 ? "?" : job->wall->names[job->wall->zones[zone]]);
}

static const char *outcome_text(bool pass, bool stop)
{
    return pass && stop ? "undecided" : pass ? "surely passes" : "surely stopped";
}

static void tell(const struct job *job, const struct pan_packet *p,
                 const struct pan_answer *want, const struct given *got)
{
    static const char *const ids[] = {"same",  "feared", "refused",
                                      "WRONG", "VAGUE",  "RULE"};
    const struct scenario *s = job->scenario;
    if (!job->report)
        return;
    fprintf(job->report, "%s: packet ", ids[judge(job, want, got)]);
    pan_put_address(job->report, p->family, p->end[0]);
    fputs(" -> ", job->report);
    pan_put_address(job->report, p->family, p->end[1]);
    fprintf(job->report, " proto %d sport %u dport %u", p->proto, p->sport, p->dport);
    put_zone(job, "from", s->from);
    put_zone(job, "to", s->to);
    if (s->settled.app >= 0)
        fprintf(job->report, " app %s", job->wall->names[s->settled.app]);
    for (int i = 0; i < s->settled.users.n; i++)
        fprintf(job->report, " user %s", job->wall->names[s->settled.users.at[i]]);
    if (s->settled.timed)
        fprintf(job->report, " at day %d minute %u", s->settled.day, s->settled.minute);
    fprintf(job->report, "\n  want: %s, by %s%s\n",
            outcome_text(want->pass, want->stop), decider_text(job, want->decider),
            want->translated ? ", translated" : "");
    struct tw_str rule = got->rule == TW_NO_RULE ? TW_STR("(a policy)")
                                                 : job->policy->rules.at[got->rule].id;
    fprintf(job->report, "  %s: %s, by %.*s%s\n", got->by,
            outcome_text(got->pass, got->stop), (int)rule.len, rule.ptr,
            got->translated ? ", translated" : "");
}

static struct given given_by_cell(const struct tw_decision *d)
{
    const struct tw_decider *by = d->may_pass ? &d->passed : &d->stopped;
    bool translated = d->translated != TW_NO_RULE;
    for (size_t i = 0; i < d->nreasons; i++)
        translated |= d->reasons[i].unknown == TW_NO_RULE;
    return (struct given){.by = "engine",
                          .pass = d->may_pass,
                          .stop = d->may_stop,
                          .approx = d->approx || d->gave_up,
                          .rule = by->rule,
                          .translated = translated};
}

static struct given given_by_replay(const struct tw_replay *r)
{
    return (struct given){.by = "replay",
                          .pass = r->may_pass,
                          .stop = r->may_stop,
                          .approx = r->gave_up,
                          .rule = r->rule,
                          .translated = (r->may_pass && r->may_stop) ||
                                        r->translated != TW_REPLAY_POLICY};
}

static enum pan_verdict compare_packet(struct job *job, const struct tw_cells *cells,
                                       const struct pan_packet *p)
{
    struct tw_packet packet = packet_of(p);
    struct pan_answer want = truth(job, p);
    const struct tw_flow_cell *cell = cell_of(cells, &packet);
    job->counts->packets++;
    job->counts->runs += (uint64_t)want.runs;
    if (want.too_many)
        return PAN_SAME;
    if (!cell) {
        if (job->report)
            fputs("WRONG: a packet in no cell, or in two\n", job->report);
        return PAN_WRONG;
    }
    struct tw_replay replay = tw_replay(job->arena, job->crossing, &packet, NULL);
    struct given got[] = {given_by_cell(cell->decisions[0]), given_by_replay(&replay)};
    for (int i = 0; i < 2; i++) {
        enum pan_verdict v = judge(job, &want, &got[i]);
        job->counts->approx += got[i].approx;
        job->counts->feared += v == PAN_FEARED;
        if (v == PAN_FEARED)
            continue;
        if (v != PAN_SAME) {
            tell(job, p, &want, &got[i]);
            return v;
        }
    }
    job->counts->sure += want.pass != want.stop;
    job->counts->open += want.pass == want.stop;
    return PAN_SAME;
}

static enum pan_verdict compare_question(struct job *job, int family,
                                         enum pan_packets kind)
{
    uint64_t count = pan_count(&job->universe, family, kind);
    struct tw_arena *arena = tw_arena_child(job->arena);
    struct tw_question q = question(job, arena, family, kind);
    struct tw_cells cells = tw_atoms(arena, &q, &job->crossing, 1);
    enum pan_verdict v = PAN_SAME;
    uint64_t n = job->scale.packets ? (uint64_t)job->scale.packets : count;
    for (uint64_t i = 0; i < n && v == PAN_SAME; i++) {
        uint64_t number = i;
        if (job->scale.packets)
            number =
                ((uint64_t)draw(job, 1u << 30) << 30 | draw(job, 1u << 30)) % count;
        struct pan_packet p = pan_packet_at(&job->universe, family, kind, number);
        v = compare_packet(job, &cells, &p);
    }
    tw_arena_release(arena);
    return v;
}

/* --- scenarios ------------------------------------------------------------------- */

static struct pan_settled settle(struct job *job)
{
    static const char *const apps[] = {"ssl", "erp", "web-browsing", "telnet"};
    static const char *const users[] = {"corp\\alice", "corp\\ops", "corp\\bob"};
    struct pan_wall *w = job->wall;
    struct pan_settled s = {.app = -1};
    if (draw(job, 4) == 0)
        s.app = pan_name(w, apps[draw(job, 4)]);
    if (draw(job, 4) == 0)
        for (uint32_t i = 1 + draw(job, 2); i; i--)
            s.users.at[s.users.n++] = pan_name(w, users[draw(job, 3)]);
    if (draw(job, 4) == 0) {
        s.timed = true;
        s.day = (int)draw(job, 12);
        s.weekday = s.day % 7;
        s.minute = draw(job, 1440);
    }
    return s;
}

static bool names_zone(const struct tw_policy *policy, struct tw_str name)
{
    for (size_t i = 0; i < policy->interfaces.len; i++)
        if (tw_str_eq(policy->interfaces.at[i], name))
            return true;
    for (size_t i = 0; i < policy->aliases.len; i++)
        if (tw_str_eq(policy->aliases.at[i].name, name))
            return true;
    return false;
}

static const struct tw_crossing *cross(struct job *job, const struct scenario *s)
{
    struct tw_str users[SAID_MAX];
    struct tw_time at = {.day = tw_day_of(2026, 11, 2) + s->settled.day,
                         .second = (int32_t)s->settled.minute * 60 + 30,
                         .has_clock = true};
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD, .users = users};
    if (s->from >= 0)
        o.in = name_of(job, job->wall->zones[s->from]);
    if (s->to >= 0)
        o.out = name_of(job, job->wall->zones[s->to]);
    char interface[32]; /* another name of the zone, see pan_xml() */
    if (s->from >= 0 && !pan_open_zones(job->wall) && draw(job, 4) == 0) {
        snprintf(interface, sizeof interface, "ethernet1/%d",
                 job->wall->chosen * 10 + s->from);
        o.in = tw_str_copy(job->arena, tw_str_of(interface));
    }
    if (s->settled.app >= 0)
        o.app = name_of(job, s->settled.app);
    for (int i = 0; i < s->settled.users.n; i++)
        users[o.nusers++] = name_of(job, s->settled.users.at[i]);
    if (s->settled.timed)
        o.at = &at;
    if ((o.in.len && !names_zone(job->policy, o.in)) ||
        (o.out.len && !names_zone(job->policy, o.out)))
        return NULL; /* an estate that says so is refused */
    return tw_crossing_new(job->arena, job->policy, job->index, &o);
}

static enum pan_verdict compare_scenario(struct job *job)
{
    struct scenario s = {.settled = settle(job)};
    s.from = draw(job, 8) ? (int)draw(job, (uint32_t)job->wall->nzones) : -1;
    s.to = draw(job, 8) ? (int)draw(job, (uint32_t)job->wall->nzones) : -1;
    job->scenario = &s;
    job->crossing = cross(job, &s);
    enum pan_verdict v = PAN_SAME;
    for (int family = 0; family < 2 && job->crossing; family++)
        for (int kind = 0; kind < PAN_PACKETS && v == PAN_SAME; kind++)
            v = compare_question(job, family, (enum pan_packets)kind);
    return v;
}

enum pan_verdict pan_compare(struct pan_wall *wall, struct pan_scale scale,
                             struct pan_counts *counts, FILE *report)
{
    struct tw_arena arena;
    struct pan_counts ignored = {0};
    tw_arena_init(&arena, (size_t)1 << 30);
    struct job job = {.wall = wall,
                      .arena = &arena,
                      .scale = scale,
                      .counts = counts ? counts : &ignored,
                      .state = wall->layout ^ 0x5deece66d,
                      .report = report};
    enum pan_verdict v = PAN_REFUSED;
    job.policy = pan_read(&arena, wall, report);
    if (job.policy) {
        job.index = tw_index_build(&arena, job.policy);
        v = PAN_SAME;
        pan_points(&job.universe, wall, 10, &job.state);
        for (int i = 0; i < scale.scenarios && v == PAN_SAME; i++)
            v = compare_scenario(&job);
    }
    tw_arena_release(&arena);
    return v;
}

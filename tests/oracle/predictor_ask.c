/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the engine, checked packet by packet. */
#include "predictor_ask.h"

#include "oracle_die.h"
#include "replay.h"

#include <stdio.h>

static void tell(struct tw_arena *arena, const struct tw_packet *p, size_t wall,
                 const char *what)
{
    struct tw_buf text;
    tw_buf_init(&text, arena);
    tw_buf_ip(&text, p->family, p->src);
    tw_buf_char(&text, ' ');
    tw_buf_ip(&text, p->family, p->dst);
    struct tw_str s = tw_buf_view(&text);
    tw_oracle_note("%.*s proto %u %u %u flags %u state %u, wall %c: %s", (int)s.len,
                   s.ptr, p->proto, p->sport, p->dport, p->tcp_flags,
                   (unsigned)p->state, "AB"[wall], what);
}

static const char *difference(const struct tw_decision *d, const struct tw_replay *r)
{
    if (r->gave_up)
        return "the linear checker gave up";
    if (d->gave_up)
        return NULL;
    if ((r->may_pass && !d->may_pass) || (r->may_stop && !d->may_stop))
        return "the engine misses an outcome of the linear checker";
    if (d->approx)
        return NULL;
    if (d->may_pass != r->may_pass || d->may_stop != r->may_stop)
        return "the engine and the linear checker disagree";
    struct tw_decider by = d->may_stop ? d->stopped : d->passed;
    if (d->may_pass != d->may_stop && (by.rule != r->rule || by.chain != r->chain))
        return "the engine and the linear checker name different rules";
    if (d->may_pass != d->may_stop && d->translated != r->translated)
        return "the engine and the linear checker differ about translation";
    return NULL;
}

static bool in_cell(const struct tw_flow_cell *cell, const struct tw_packet *packet)
{
    for (int f = 0; f < TW_FIELDS; f++)
        if (!tw_ranges_has(cell->field[f],
                           tw_predictor_field(packet, (enum tw_field)f)))
            return false;
    return true;
}

static const struct tw_flow_cell *cell_of(const struct tw_cells *cells,
                                          const struct tw_packet *packet)
{
    const struct tw_flow_cell *found = NULL;
    for (size_t i = 0; i < cells->n; i++) {
        if (!in_cell(&cells->at[i], packet))
            continue;
        if (found)
            return NULL;
        found = &cells->at[i];
    }
    return found;
}

static struct tw_question question_of(struct tw_arena *arena,
                                      const struct tw_packet *const *packets, size_t n)
{
    struct tw_question q = {.family = packets[0]->family,
                            .kind = tw_predictor_kind(packets[0]),
                            .state = packets[0]->state};
    for (size_t i = 0; i < n; i++)
        q.tcp_flags |= packets[i]->tcp_flags;
    for (int f = 0; f < TW_FIELDS; f++) {
        struct tw_range *list = tw_new_array(arena, n, struct tw_range);
        for (size_t i = 0; i < n; i++)
            list[i].lo = list[i].hi = tw_predictor_field(packets[i], (enum tw_field)f);
        q.field[f] = tw_ranges_of(arena, list, n);
    }
    return q;
}

size_t tw_predictor_ask(struct tw_arena *arena,
                        const struct tw_crossing *const *crossings,
                        const struct tw_packet *const *packets, size_t n,
                        enum tw_predictor_fate (*fate)[TW_PREDICTOR_WALLS])
{
    const struct tw_crossing *asked[TW_PREDICTOR_WALLS];
    size_t wall_of[TW_PREDICTOR_WALLS], nasked = 0, wrong = 0;
    for (size_t w = 0; w < TW_PREDICTOR_WALLS; w++)
        if (crossings[w]) {
            wall_of[nasked] = w;
            asked[nasked++] = crossings[w];
        }
    struct tw_question q = question_of(arena, packets, n);
    struct tw_cells cells = tw_atoms(arena, &q, asked, nasked);
    for (size_t i = 0; i < n; i++) {
        const struct tw_flow_cell *cell = cell_of(&cells, packets[i]);
        fate[i][0] = fate[i][1] = TW_PREDICTOR_PASSES;
        if (!cell) {
            tell(arena, packets[i], 0, "in no cell of the engine, or in two");
            wrong++;
            continue;
        }
        for (size_t k = 0; k < nasked; k++) {
            const struct tw_decision *d = cell->decisions[k];
            struct tw_replay r = tw_replay(arena, asked[k], packets[i], NULL);
            const char *what = difference(d, &r);
            if (what) {
                tell(arena, packets[i], wall_of[k], what);
                wrong++;
            }
            bool open = d->may_pass == d->may_stop || d->translated != TW_NO_RULE;
            fate[i][wall_of[k]] = open          ? TW_PREDICTOR_OPEN
                                  : d->may_stop ? TW_PREDICTOR_STOPS
                                                : TW_PREDICTOR_PASSES;
        }
    }
    return wrong;
}

/* Other protocols may stand beside SYNs: the question's flags are of its TCP alone. */
static unsigned flags_in_question(const struct tw_packet *p)
{
    return p->proto == TW_PROTO_TCP ? p->tcp_flags : TW_TCP_SYN;
}

bool tw_predictor_alike(const struct tw_packet *a, const struct tw_packet *b)
{
    return a->family == b->family && a->state == b->state &&
           flags_in_question(a) == flags_in_question(b) &&
           tw_predictor_kind(a) == tw_predictor_kind(b);
}

struct search {
    const struct tw_policy *policy;
    bool held, open;
};

static void look(void *ctx, uint32_t rule, bool held)
{
    struct search *s = ctx;
    s->open |= !held;
    s->held |= held && s->policy->rules.at[rule].action == TW_ACTION_NOTRACK;
}

enum tw_predictor_tracking tw_predictor_tracking(struct tw_arena *arena,
                                                 const struct tw_crossing *crossing,
                                                 const struct tw_packet *packet)
{
    struct search s = {.policy = crossing->policy};
    if (!s.policy->uses_notrack)
        return TW_PREDICTOR_TRACKED;
    const struct tw_replay_watch watch = {look, &s};
    tw_replay(arena, crossing, packet, &watch);
    return s.open   ? TW_PREDICTOR_MAYBE_TRACKED
           : s.held ? TW_PREDICTOR_UNTRACKED
                    : TW_PREDICTOR_TRACKED;
}

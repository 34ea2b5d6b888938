/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wall_predictor: says with the product's own rooms what kernel_oracle will answer.
 *
 *   wall_predictor [--wall-a FILE] [--wall-a6 FILE] [--wall-b FILE] [--wall-b6 FILE]
 *                  [--ifaces a_in,a_out,b_in,b_out] [--two-way] [--group N] [-v]
 *                  PROBES > RESULTS
 *
 * Options, PROBES and RESULTS are kernel_oracle's; a wall without a file for a family
 * accepts all of it. "?" stands where the product does not decide: an unknown
 * condition, a translation, a state that the predictor does not know. Every packet is
 * asked of the engine (up to N neighbours of the list in one question, default 4), and
 * of the linear checker.
 *
 * Exit codes: 0 answered; 1 the engine and the linear checker disagree (the packets
 * are on stderr); 2 usage or input; 3 the product refuses the rules.
 */
#define _GNU_SOURCE 1
#include "oracle_die.h"
#include "predictor_ask.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct predictor {
    struct tw_arena arena;
    struct tw_predictor_wall walls[TW_PREDICTOR_WALLS];
    struct tw_oracle_probes probes;
    struct tw_packet *packets;
    char (*results)[3];
    const char *ifaces;
    uint32_t group;
    bool two_way, verbose;
    size_t wrong;
};

enum option_id { OPT_WALL_A = 256, OPT_WALL_A6, OPT_WALL_B, OPT_WALL_B6, OPT_IFACES };
enum { OPT_TWO_WAY = OPT_IFACES + 1, OPT_GROUP };

static const struct option option_table[] = {
    {"wall-a", required_argument, NULL, OPT_WALL_A},
    {"wall-a6", required_argument, NULL, OPT_WALL_A6},
    {"wall-b", required_argument, NULL, OPT_WALL_B},
    {"wall-b6", required_argument, NULL, OPT_WALL_B6},
    {"ifaces", required_argument, NULL, OPT_IFACES},
    {"two-way", no_argument, NULL, OPT_TWO_WAY},
    {"group", required_argument, NULL, OPT_GROUP},
    {NULL, 0, NULL, 0}};

static void option_take(struct predictor *p, int id, const char *value)
{
    int wall = id == OPT_WALL_B || id == OPT_WALL_B6;
    switch (id) {
    case OPT_WALL_A:
    case OPT_WALL_B:
        p->walls[wall].files[TW_IPV4] = value;
        break;
    case OPT_WALL_A6:
    case OPT_WALL_B6:
        p->walls[wall].files[TW_IPV6] = value;
        break;
    case OPT_IFACES:
        p->ifaces = value;
        break;
    case OPT_TWO_WAY:
        p->two_way = true;
        break;
    case OPT_GROUP:
        if (!tw_oracle_number(value, strlen(value), TW_PREDICTOR_GROUP_MAX,
                              &p->group) ||
            p->group == 0)
            tw_oracle_die(TW_ORACLE_USAGE, "--group is a number from 1 to %d",
                          TW_PREDICTOR_GROUP_MAX);
        break;
    case 'v':
        p->verbose = true;
        break;
    default:
        tw_oracle_die(TW_ORACLE_USAGE, "see the head of wall_predictor.c for usage");
    }
}

/* The crossings of a family's packets; a wall without rules for it has none. */
static void crossings_of(const struct predictor *p, enum tw_family family, bool back,
                         const struct tw_crossing **out)
{
    for (size_t w = 0; w < TW_PREDICTOR_WALLS; w++)
        out[w] = p->walls[w].files[family] == NULL ? NULL
                 : back                            ? p->walls[w].back
                                                   : p->walls[w].there;
}

/* The fate of the answer at wall W, which may not know the request. */
static enum tw_predictor_fate answer_fate(struct predictor *p, struct tw_arena *scratch,
                                          const struct tw_packet *request,
                                          struct tw_packet answer, size_t w)
{
    const struct tw_crossing *there[TW_PREDICTOR_WALLS];
    const struct tw_crossing *back[TW_PREDICTOR_WALLS];
    enum tw_predictor_fate fate[1][TW_PREDICTOR_WALLS];
    crossings_of(p, request->family, false, there);
    crossings_of(p, request->family, true, back);
    if (!there[w])
        return TW_PREDICTOR_PASSES;
    enum tw_predictor_tracking tracking =
        tw_predictor_tracking(scratch, there[w], request);
    if (tracking == TW_PREDICTOR_MAYBE_TRACKED)
        return TW_PREDICTOR_OPEN;
    if ((request->state != TW_STATE_NEW || tracking == TW_PREDICTOR_UNTRACKED) &&
        !tw_predictor_stray_state(&answer, &answer.state))
        return TW_PREDICTOR_OPEN;
    back[1 - w] = NULL;
    const struct tw_packet *one = &answer;
    p->wrong += tw_predictor_ask(scratch, back, &one, 1, fate);
    return fate[0][w];
}

/* The second letter, for a request that passed. */
static char answer_letter(struct predictor *p, struct tw_arena *scratch,
                          const struct tw_packet *request)
{
    struct tw_packet answer;
    if (!tw_predictor_answer(request, &answer))
        return '-';
    for (size_t w = TW_PREDICTOR_WALLS; w-- > 0;) {
        enum tw_predictor_fate fate = answer_fate(p, scratch, request, answer, w);
        if (fate != TW_PREDICTOR_PASSES)
            return fate == TW_PREDICTOR_OPEN ? '?' : "Rr"[w];
    }
    return 'o';
}

static void group_answer(struct predictor *p, const size_t *ids, size_t n)
{
    struct tw_arena *scratch = tw_arena_child(&p->arena);
    const struct tw_crossing *crossings[TW_PREDICTOR_WALLS];
    const struct tw_packet *packets[TW_PREDICTOR_GROUP_MAX];
    enum tw_predictor_fate fate[TW_PREDICTOR_GROUP_MAX][TW_PREDICTOR_WALLS];
    assert(n > 0 && n <= TW_PREDICTOR_GROUP_MAX);
    for (size_t i = 0; i < n; i++)
        packets[i] = &p->packets[ids[i]];
    crossings_of(p, packets[0]->family, false, crossings);
    p->wrong += tw_predictor_ask(scratch, crossings, packets, n, fate);
    for (size_t i = 0; i < n; i++) {
        char *out = p->results[ids[i]];
        out[0] = 'P';
        for (size_t w = TW_PREDICTOR_WALLS; w-- > 0;)
            if (fate[i][w] != TW_PREDICTOR_PASSES)
                out[0] = fate[i][w] == TW_PREDICTOR_OPEN ? '?' : "AB"[w];
        if (p->two_way)
            out[1] = out[0] == 'P'   ? answer_letter(p, scratch, packets[i])
                     : out[0] == '?' ? '?'
                                     : '-';
    }
    tw_arena_release(scratch);
}

/* UDP-Lite is NEW or INVALID: only what holds for both is told. */
static void doubtful_answer(struct predictor *p, size_t id)
{
    char *out = p->results[id];
    group_answer(p, &id, 1);
    const char before[2] = {out[0], out[1]};
    p->packets[id].state = TW_STATE_INVALID;
    group_answer(p, &id, 1);
    for (int i = 0; i < 2; i++)
        if (out[i] != before[i])
            out[i] = '?';
}

/* Neighbours that can share a question do. */
static void probes_answer(struct predictor *p)
{
    size_t ids[TW_PREDICTOR_GROUP_MAX], n = 0;
    for (size_t i = 0; i < p->probes.count; i++) {
        const struct tw_oracle_probe *probe = &p->probes.list[i];
        bool told = tw_predictor_packet(probe, &p->packets[i]);
        if (!tw_oracle_probe_sendable(probe) || !told) {
            p->results[i][0] = tw_oracle_probe_sendable(probe) ? '?' : 'M';
            if (p->two_way)
                p->results[i][1] = told ? '-' : '?';
            continue;
        }
        if (p->packets[i].proto == TW_PROTO_UDPLITE) {
            doubtful_answer(p, i);
            continue;
        }
        if (n == p->group ||
            (n > 0 && !tw_predictor_alike(&p->packets[ids[0]], &p->packets[i]))) {
            group_answer(p, ids, n);
            n = 0;
        }
        ids[n++] = i;
    }
    if (n > 0)
        group_answer(p, ids, n);
}

int main(int argc, char **argv)
{
    struct predictor p = {.group = 4};
    for (int id; (id = getopt_long(argc, argv, "v", option_table, NULL)) != -1;)
        option_take(&p, id, optarg);
    if (optind + 1 != argc)
        tw_oracle_die(TW_ORACLE_USAGE, "exactly one PROBES file is needed");
    tw_arena_init(&p.arena, (size_t)4 << 30);
    tw_predictor_ifaces(&p.arena, p.walls, p.ifaces);
    tw_oracle_probes_read(&p.probes, argv[optind]);
    for (size_t w = 0; w < TW_PREDICTOR_WALLS; w++)
        tw_predictor_wall_load(&p.arena, &p.walls[w], p.verbose);
    p.packets = tw_new_array(&p.arena, p.probes.count + 1, struct tw_packet);
    p.results = tw_arena_array(&p.arena, p.probes.count + 1, sizeof *p.results);
    probes_answer(&p);
    for (size_t i = 0; i < p.probes.count; i++)
        printf("%.*s %s\n", (int)p.probes.text_len[i],
               p.probes.text + p.probes.text_at[i], p.results[i]);
    if (fflush(stdout) != 0 || ferror(stdout))
        tw_oracle_die(TW_ORACLE_FAILED, "cannot write the results");
    tw_oracle_probes_release(&p.probes);
    tw_arena_release(&p.arena);
    return p.wrong ? TW_ORACLE_FAILED : TW_ORACLE_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Judging one pair: its packets there, its answers back, and their proof. */
#include "pairs.h"

#include "replay.h"

struct judge {
    struct tw_arena *arena;
    struct tw_walls *walls;
    struct tw_proof *proof;
    struct tw_pair_result *pair;
};

struct tw_packet_box tw_share_box(const struct tw_share *share, size_t product)
{
    const struct tw_question *q = share->question;
    const struct tw_product *p = &share->products[product];
    struct tw_packet_box box = {.family = q->family, .kind = q->kind};
    for (int f = 0; f < TW_FIELDS; f++)
        box.field[f] = p->field[f]->at[0];
    box.whole_sport = tw_ranges_eq(p->field[TW_FIELD_SPORT], q->field[TW_FIELD_SPORT]);
    return box;
}

bool tw_share_next(const struct tw_share *share, struct tw_box_walk *walk,
                   struct tw_packet_box *box)
{
    if (walk->product == share->nproducts)
        return false;
    const struct tw_product *p = &share->products[walk->product];
    *box = tw_share_box(share, walk->product);
    for (int f = 0; f < TW_FIELDS; f++)
        box->field[f] = p->field[f]->at[walk->at[f]];
    int f = TW_FIELDS - 1;
    while (f >= 0 && ++walk->at[f] == p->field[f]->n)
        walk->at[f--] = 0;
    walk->product += f < 0;
    return true;
}

/* --- the linear checker's word --------------------------------------------------- */

/* Does WALL, wherever WAYS cross it, decide PACKET as BLAME says? */
static bool confirms(struct judge *j, const struct tw_ways *ways,
                     const struct tw_blame *blame, const struct tw_packet *packet)
{
    for (size_t w = 0; w < ways->n; w++)
        for (size_t s = 0; s < ways->at[w].nsteps; s++) {
            const struct tw_step *step = &ways->at[w].steps[s];
            if (step->wall != blame->wall)
                continue;
            struct tw_replay r = tw_replay(j->arena, step->crossing, packet, NULL);
            if (r.may_pass == blame->allows && r.may_stop != blame->allows &&
                r.rule == blame->by.rule && r.chain == blame->by.chain)
                return true;
        }
    return false;
}

/* Does PACKET depend on something at a wall that SHARE doubts? A wall that says nothing
 * at all has nothing to replay. */
static bool confirms_doubt(struct judge *j, const struct tw_ways *ways,
                           const struct tw_share *share, const struct tw_packet *packet)
{
    for (size_t i = 0; i < share->ndoubts; i++) {
        const struct tw_doubt *d = &share->doubts[i];
        if (d->kind != TW_DOUBT_CONDITION)
            return true;
        for (size_t w = 0; w < ways->n; w++)
            for (size_t s = 0; s < ways->at[w].nsteps; s++) {
                const struct tw_step *step = &ways->at[w].steps[s];
                if (step->wall != d->wall)
                    continue;
                struct tw_replay r = tw_replay(j->arena, step->crossing, packet, NULL);
                if ((r.may_pass && r.may_stop) || r.translated != TW_REPLAY_POLICY)
                    return true;
            }
    }
    return false;
}

static void note(struct judge *j, const struct tw_certificate *certificate)
{
    j->proof->asked++;
    if (!certificate->confirmed && j->proof->refuted++ == 0)
        j->proof->first_refuted = tw_packet_text(j->arena, &certificate->packet);
    if (j->proof->certificates)
        *tw_vec_add(j->arena, &j->pair->certificates) = *certificate;
}

/* Does every wall named for a box decide its first packet, which is printed, as said?
 */
static void verify(struct judge *j, const struct tw_ways *ways,
                   const struct tw_shares *shares, bool of_answer)
{
    bool all = j->proof->certificates;
    for (size_t i = 0; i < shares->n && (j->proof->wanted || all); i++) {
        const struct tw_share *share = &shares->at[i];
        struct tw_box_walk walk = {0};
        struct tw_packet_box box;
        while ((share->nblames || all) && tw_share_next(share, &walk, &box)) {
            struct tw_certificate c = {.share = share,
                                       .box = box,
                                       .packet = tw_box_packet(&box, share->question),
                                       .of_answer = of_answer,
                                       .confirmed = true};
            for (size_t b = 0; b < share->nblames; b++)
                c.confirmed &= confirms(j, ways, &share->blames[b], &c.packet);
            if (share->fate == TW_FATE_DEPENDS)
                c.confirmed = confirms_doubt(j, ways, share, &c.packet);
            note(j, &c);
        }
    }
}

/* --- pairs ----------------------------------------------------------------------- */

/* The answer over one wall of the way back: a wall that keeps state itself lets it
 * through where it has seen the first packet, and stops it where it has not. */
static struct tw_ways answered_by_rules(struct tw_arena *arena,
                                        const struct tw_walls *walls,
                                        const struct tw_ways *ways, bool *any_rules,
                                        bool *lost)
{
    struct tw_way *list = tw_new_array(arena, ways->n, struct tw_way);
    struct tw_ways out = {.at = list, .n = ways->n};
    for (size_t w = 0; w < ways->n; w++) {
        const struct tw_way *way = &ways->at[w];
        struct tw_step *steps = tw_new_array(arena, way->nsteps, struct tw_step);
        size_t n = 0;
        for (size_t s = 0; s < way->nsteps; s++) {
            bool keeps = tw_wall_keeps_state(&walls->at[way->steps[s].wall]);
            *lost |= keeps && way->steps[s].unseen;
            if (!keeps)
                steps[n++] = way->steps[s];
        }
        *any_rules |= n > 0;
        list[w] = (struct tw_way){steps, n};
        out.nsteps += n;
    }
    return out;
}

/* The share of an answer that a wall which keeps state stops, never having seen the
 * first packet: all of it. */
static void lose_answer(struct tw_arena *arena, const struct tw_walls *walls,
                        const struct tw_ways *ways, const struct tw_asked *asked,
                        struct tw_shares *shares)
{
    TW_VEC(struct tw_blame) blames = {0};
    for (uint32_t wall = 0; wall < walls->n; wall++) {
        bool lost = false;
        for (size_t w = 0; w < ways->n; w++)
            for (size_t s = 0; s < ways->at[w].nsteps; s++)
                lost |= ways->at[w].steps[s].wall == wall &&
                        ways->at[w].steps[s].unseen &&
                        tw_wall_keeps_state(&walls->at[wall]);
        if (lost)
            *tw_vec_add(arena, &blames) =
                (struct tw_blame){wall, false, {TW_NO_RULE, TW_NO_RULE}};
    }
    struct tw_product *product = tw_new(arena, struct tw_product);
    for (int f = 0; f < TW_FIELDS; f++)
        product->field[f] = asked->answer.field[f];
    size_t n = shares->n++;
    shares->at = tw_arena_grow(arena, shares->at, n * sizeof *shares->at,
                               shares->n * sizeof *shares->at);
    shares->at[n] = (struct tw_share){.fate = TW_FATE_STOPPED,
                                      .blames = blames.at,
                                      .nblames = blames.len,
                                      .products = product,
                                      .nproducts = 1,
                                      .question = &asked->answer,
                                      .entry = asked->entry};
}

/* May a wall on the way there take packets of Q out of connection tracking? Then it
 * does not know the answer. */
static bool may_untrack(const struct tw_walls *walls, const struct tw_ways *ways,
                        const struct tw_question *q)
{
    for (size_t w = 0; w < ways->n; w++)
        for (size_t s = 0; s < ways->at[w].nsteps; s++) {
            const struct tw_policy *p = walls->at[ways->at[w].steps[s].wall].policy;
            for (size_t i = 0; p->uses_notrack && i < p->rules.len; i++)
                for (size_t k = 0; k < p->rules.at[i].nmatches; k++)
                    if (p->rules.at[i].action == TW_ACTION_NOTRACK &&
                        tw_match_meets(&p->rules.at[i].matches[k], q))
                        return true;
        }
    return false;
}

/* Is ANSWER judged the same where a wall takes it for a stranger? Linux calls a SYN+ACK
 * or an ICMP reply that belongs to nothing INVALID, a UDP packet NEW. */
static bool stranger_alike(struct judge *j, const struct tw_ways *ways,
                           const struct tw_question *answer)
{
    static const enum tw_state states[] = {TW_STATE_ESTABLISHED, TW_STATE_INVALID,
                                           TW_STATE_NEW};
    enum tw_verdict verdicts[3];
    for (int i = 0; i < 3; i++) {
        struct tw_question *q = tw_new(j->arena, struct tw_question);
        struct tw_shares shares = {0};
        *q = *answer;
        q->state = states[i];
        tw_judge(j->arena, j->walls, ways, q, 0, false, &shares);
        verdicts[i] = tw_shares_verdict(&shares, false);
    }
    return verdicts[0] == verdicts[1] && verdicts[0] == verdicts[2] &&
           verdicts[0] != TW_VERDICT_PARTIAL;
}

/* Does the answer come by WALL before any other? */
static bool meets_first(const struct tw_ways *ways, uint32_t wall)
{
    for (size_t w = 0; w < ways->n; w++)
        if (ways->at[w].nsteps == 0 || ways->at[w].steps[0].wall != wall)
            return false;
    return true;
}

static void judge_answer(struct judge *j, const struct tw_flow *flow,
                         struct tw_pair_result *pair, const struct tw_ways *forward,
                         const struct tw_asked_list *asked)
{
    bool any_rules = false, lost = false, stranger = false;
    struct tw_ways back =
        tw_answer_ways(j->arena, j->walls, flow, &pair->from, &pair->to, forward);
    struct tw_ways ruled =
        answered_by_rules(j->arena, j->walls, &back, &any_rules, &lost);
    if (!any_rules && !lost)
        return;
    for (size_t i = 0; i < asked->n; i++) {
        if (!asked->at[i].has_answer)
            continue;
        const struct tw_question *q = &asked->at[i].answer;
        if (!lost && may_untrack(j->walls, forward, &asked->at[i].question))
            stranger |= !stranger_alike(j, &ruled, q);
        pair->has_answer = true;
        if (lost) {
            lose_answer(j->arena, j->walls, &back, &asked->at[i], &pair->answer_shares);
            continue;
        }
        tw_judge(j->arena, j->walls, &ruled, q, asked->at[i].entry, false,
                 &pair->answer_shares);
    }
    if (!pair->has_answer)
        return;
    tw_shares_part(j->arena, &pair->answer_shares);
    tw_shares_join(j->arena, &pair->answer_shares);
    if (!lost)
        verify(j, &ruled, &pair->answer_shares, true);
    const struct tw_shares *there = &pair->shares;
    bool changed =
        there->translated || (there->undoes && !meets_first(&back, there->undoes - 1));
    pair->answer = (changed || stranger) && !lost
                       ? TW_VERDICT_UNKNOWN
                       : tw_shares_verdict(&pair->answer_shares, false);
}

void tw_pair_judge(struct tw_arena *arena, struct tw_walls *walls,
                   const struct tw_flow *flow, struct tw_proof *proof,
                   struct tw_pair_result *pair)
{
    struct judge j = {arena, walls, proof, pair};
    bool forbidden = flow->expect != TW_EXPECT_ALLOW;
    struct tw_asked_list asked = tw_flow_questions(arena, flow, &pair->from, &pair->to);
    pair->entries = asked.entries;
    pair->nothing_to_ask = asked.n == 0;
    if (asked.n == 0 || flow->expect == TW_EXPECT_NOTHING_ELSE) {
        pair->verdict = TW_VERDICT_UNKNOWN;
        return;
    }
    struct tw_ways ways = tw_ways_of(arena, walls, flow, &pair->from, &pair->to);
    for (size_t i = 0; i < asked.n; i++) {
        const struct tw_question *q = &asked.at[i].question;
        tw_judge(arena, walls, &ways, q, asked.at[i].entry, forbidden, &pair->shares);
    }
    pair->verdict = tw_shares_verdict(&pair->shares, forbidden);
    tw_shares_part(arena, &pair->shares);
    tw_shares_join(arena, &pair->shares);
    verify(&j, &ways, &pair->shares, false);
    if (!forbidden)
        judge_answer(&j, flow, pair, &ways, &asked);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_witnesses: the packets that `twinwall check` bears witness with, as probes.
 *
 *   check_witnesses ESTATE FROM TO WALL_A WALL_B > EXPECTED
 *
 * Runs the check of ESTATE and prints, for every pair from zone FROM to zone TO, one
 * packet of each box (the witness of the JSON report), with two more columns: what
 * kernel_oracle must answer when WALL_A and WALL_B ("-": none) stand on the way. For a
 * missing box the letter of the first of these walls that `by` names, P where it names
 * neither; P for a box that passes; and for the answers of the two-way letters r, R, o.
 * "?" stands for a letter about which the report says nothing.
 */
#include "check.h"
#include "oracle_die.h"
#include "oracle_probe.h"

#include <stdio.h>
#include <string.h>

struct witnesses {
    struct tw_arena *arena;
    const struct tw_check *check;
    uint32_t from, to; /* zones */
    uint32_t walls[2]; /* A, B; TW_NONE */
    unsigned long long printed;
};

static uint32_t zone_named(const struct tw_estate *estate, const char *name)
{
    for (uint32_t i = 0; i < estate->zones.len; i++)
        if (tw_str_is(estate->zones.at[i].name, name))
            return i;
    tw_oracle_die(TW_ORACLE_USAGE, "no zone %s", name);
}

static uint32_t wall_named(const struct tw_estate *estate, const char *name)
{
    for (uint32_t i = 0; i < estate->walls.len; i++)
        if (tw_str_is(estate->walls.at[i].name, name))
            return i;
    if (strcmp(name, "-") != 0)
        tw_oracle_die(TW_ORACLE_USAGE, "no wall %s", name);
    return TW_NONE;
}

static void address_put(const struct tw_packet *p, tw_u128 address, uint8_t out[16])
{
    for (size_t i = p->family == TW_IPV4 ? 4 : 16; i > 0; i--) {
        out[i - 1] = (uint8_t)address;
        address >>= 8;
    }
}

static void print_probe(struct witnesses *w, const struct tw_packet *p, char first,
                        char second)
{
    struct tw_oracle_probe probe = {.family = p->family == TW_IPV4 ? 4 : 6,
                                    .proto = (uint8_t)p->proto,
                                    .sport = (uint16_t)p->sport,
                                    .dport = (uint16_t)p->dport,
                                    .flags = (uint8_t)p->tcp_flags};
    char text[TW_ORACLE_PROBE_TEXT];
    if (tw_proto_is_icmp(p->proto, p->family)) {
        probe.sport = (uint16_t)(p->dport >> 8);
        probe.dport = (uint16_t)(p->dport & 255);
    }
    address_put(p, p->src, probe.src);
    address_put(p, p->dst, probe.dst);
    tw_oracle_probe_print(&probe, text);
    printf("%s %c%c\n", text, first, second);
    w->printed++;
}

/* The letter of the first wall in the order given that SHARE blames, else NOBODY. */
static char blamed(const struct witnesses *w, const struct tw_share *share,
                   const int order[2], const char letters[2], char nobody)
{
    for (int i = 0; i < 2; i++)
        for (size_t b = 0; b < share->nblames; b++)
            if (w->walls[order[i]] != TW_NONE &&
                share->blames[b].wall == w->walls[order[i]])
                return letters[order[i]];
    return nobody;
}

/* The request that ANSWER is the answer of. */
static struct tw_packet request_of(const struct tw_packet *answer)
{
    struct tw_packet p = *answer;
    p.src = answer->dst;
    p.dst = answer->src;
    p.sport = answer->dport;
    p.dport = answer->sport;
    if (p.proto == TW_PROTO_TCP)
        p.tcp_flags = TW_TCP_SYN;
    if (tw_proto_is_icmp(p.proto, p.family)) {
        unsigned type = answer->dport >> 8;
        p.sport = 0;
        p.dport = (p.family == TW_IPV6 ? 128u : type == 0 ? 8u : type - 1) << 8;
    }
    return p;
}

static void print_packet(struct witnesses *w, const struct tw_pair_result *pair,
                         const struct tw_share *share, const struct tw_packet *packet,
                         bool answer)
{
    static const int there[2] = {0, 1}, back[2] = {1, 0};
    bool stopped = share->fate == TW_FATE_STOPPED;
    if (answer) {
        struct tw_packet request = request_of(packet);
        print_probe(w, &request, '?',
                    stopped ? blamed(w, share, back, "Rr", '?') : 'o');
    } else {
        char second =
            !stopped && pair->has_answer && pair->answer == TW_VERDICT_OPEN ? 'o' : '?';
        print_probe(w, packet, stopped ? blamed(w, share, there, "AB", 'P') : 'P',
                    second);
    }
}

/* One packet of every box, as the report lists them. */
static void print_boxes(struct witnesses *w, const struct tw_pair_result *pair,
                        const struct tw_shares *shares, bool answer)
{
    for (size_t s = 0; s < shares->n; s++) {
        const struct tw_share *share = &shares->at[s];
        for (size_t k = 0; k < share->nproducts && share->fate != TW_FATE_DEPENDS;
             k++) {
            const struct tw_product *product = &share->products[k];
            struct tw_packet_box box = tw_share_box(share, k);
            size_t at[TW_FIELDS] = {0};
            int f = 0;
            while (f >= 0) {
                for (f = 0; f < TW_FIELDS; f++)
                    box.field[f] = product->field[f]->at[at[f]];
                struct tw_packet packet = tw_box_packet(&box, share->question);
                print_packet(w, pair, share, &packet, answer);
                f = TW_FIELDS - 1;
                while (f >= 0 && ++at[f] == product->field[f]->n)
                    at[f--] = 0;
            }
        }
    }
}

static const struct tw_check *run_check(struct tw_arena *arena, const char *path)
{
    const struct tw_time now = {0};
    struct tw_diags diags;
    tw_diags_init(&diags, arena, TW_LANG_EN);
    struct tw_estate *estate = tw_estate_load(arena, tw_str_of(path), now, &diags);
    struct tw_walls_options loading = {.now = now};
    struct tw_walls *walls =
        estate ? tw_walls_load(arena, estate, &loading, &diags) : NULL;
    if (!walls) {
        struct tw_buf text;
        tw_buf_init(&text, arena);
        tw_diags_print(&diags, false, true, &text);
        fwrite(text.ptr, 1, text.len, stderr);
        tw_oracle_die(TW_ORACLE_LOAD, "the product refused the estate");
    }
    const struct tw_check_options options = {
        .site = TW_NONE, .verify = true, .now = now, .lang = TW_LANG_EN};
    const struct tw_check *check = tw_check_run(arena, walls, &options);
    if (check->proof.refuted)
        tw_oracle_die(TW_ORACLE_FAILED, "the linear checker refutes: %.*s",
                      (int)check->proof.first_refuted.len,
                      check->proof.first_refuted.ptr);
    return check;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    if (argc != 6)
        tw_oracle_die(TW_ORACLE_USAGE, "usage: check_witnesses ESTATE FROM TO A B");
    tw_arena_init(&arena, (size_t)4 << 30);
    const struct tw_check *check = run_check(&arena, argv[1]);
    struct witnesses w = {.arena = &arena,
                          .check = check,
                          .from = zone_named(check->estate, argv[2]),
                          .to = zone_named(check->estate, argv[3])};
    for (int i = 0; i < 2; i++)
        w.walls[i] = wall_named(check->estate, argv[4 + i]);
    for (size_t f = 0; f < check->nflows; f++)
        for (size_t p = 0; p < check->flows[f].npairs; p++) {
            const struct tw_pair_result *pair = &check->flows[f].pairs[p];
            if (pair->from.zone != w.from || pair->to.zone != w.to)
                continue;
            print_boxes(&w, pair, &pair->shares, false);
            print_boxes(&w, pair, &pair->answer_shares, true);
        }
    tw_oracle_note("%llu witnesses from %s to %s", w.printed, argv[2], argv[3]);
    tw_arena_release(&arena);
    return TW_ORACLE_OK;
}

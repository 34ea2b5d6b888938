/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of passes, and the rounds of sending and listening.
 */
#define _GNU_SOURCE 1
#include "oracle_rounds.h"

#include "oracle_die.h"
#include "oracle_packet.h"
#include "oracle_wire.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum seen {
    SEEN_AT_B = 1,      /* the request left wall A */
    SEEN_AT_SERVER = 2, /* and wall B */
    SEEN_AT_A = 4,      /* the answer left wall B */
    SEEN_AT_CLIENT = 8, /* and wall A */
    UNSENDABLE = 16
};

#define NONE UINT32_MAX
#define WINDOW_MAX 16384u   /* probes between two emptyings of the walls' tables */
#define SETTLE_MS 2         /* how long the cables must be silent */
#define EXTRA_ROUNDS_MAX 6u /* when a socket buffer overflowed in the last round */

struct order {
    uint32_t *index; /* probes to send, by pass, then by number */
    uint32_t *start; /* of each pass in `index`; one more than there are passes */
    uint32_t *twin;  /* an earlier equal probe, or NONE */
    uint32_t passes;
};

struct rounds {
    struct tw_oracle_probe *probes;
    size_t count;
    const struct tw_oracle_plan *plan;
    struct tw_oracle_report *report;
    struct tw_oracle_tap client;
    struct tw_oracle_tap past_a;
    struct tw_oracle_tap server;
    struct tw_oracle_tap back_at_a;
    int conntrack[2];
    struct tw_oracle_burst out;
    struct tw_oracle_burst in;
    struct tw_oracle_burst answers;
};

/* One end of a connection as connection tracking sees it. */
struct end {
    uint8_t address[16];
    uint16_t port;
};

struct connection {
    struct end low, high;
    uint8_t family;
    uint8_t proto;
};

static bool ported(const struct tw_oracle_probe *probe)
{
    uint8_t foreign = probe->family == 4 ? TW_ORACLE_ICMP6 : TW_ORACLE_ICMP;
    return tw_oracle_proto_ported(probe->proto) && probe->proto != foreign;
}

/* Protocols whose ports surely tell connections apart. Linux has lost its trackers of
 * DCCP and UDP-Lite, and may be built without that of SCTP: what has none is known by
 * its addresses alone. */
static bool tracked_by_port(const struct tw_oracle_probe *probe)
{
    return probe->proto == TW_ORACLE_TCP || probe->proto == TW_ORACLE_UDP;
}

/* ICMP has its probe number where others have ports, and no two are acquainted. */
static void connection_of(const struct tw_oracle_probe *probe, uint32_t id,
                          struct connection *c)
{
    struct end src;
    struct end dst;
    bool icmp = probe->proto == (probe->family == 4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6);
    memset(c, 0, sizeof *c);
    memset(&src, 0, sizeof src);
    memset(&dst, 0, sizeof dst);
    memcpy(src.address, probe->src, sizeof src.address);
    memcpy(dst.address, probe->dst, sizeof dst.address);
    src.port = icmp ? (uint16_t)id : tracked_by_port(probe) ? probe->sport : 0;
    dst.port = icmp ? (uint16_t)id : tracked_by_port(probe) ? probe->dport : 0;
    bool swap = memcmp(&src, &dst, sizeof src) > 0;
    c->low = swap ? dst : src;
    c->high = swap ? src : dst;
    c->family = probe->family;
    c->proto = probe->proto;
}

static uint64_t hash_bytes(const void *data, size_t len)
{
    const uint8_t *at = data;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3u;
    }
    return hash ^ hash >> 29;
}

static bool same_packet(const struct tw_oracle_probe *a,
                        const struct tw_oracle_probe *b)
{
    return a->family == b->family && a->proto == b->proto && a->flags == b->flags &&
           memcmp(a->src, b->src, sizeof a->src) == 0 &&
           memcmp(a->dst, b->dst, sizeof a->dst) == 0 &&
           (!ported(a) || (a->sport == b->sport && a->dport == b->dport));
}

/*
 * Gives each probe a pass number: how many different probes of its connection came
 * before. `slots` holds the newest probe of each connection, `older` chains the rest.
 */
struct acquaintance {
    uint32_t *slots;
    size_t mask;
    uint32_t *older;
    uint16_t *pass;
};

static void pass_choose(struct acquaintance *known, const struct rounds *r,
                        struct order *order, uint32_t id)
{
    struct connection mine;
    struct connection other;
    connection_of(&r->probes[id], id, &mine);
    size_t slot = (size_t)hash_bytes(&mine, sizeof mine) & known->mask;
    while (known->slots[slot] != NONE) {
        uint32_t newest = known->slots[slot];
        connection_of(&r->probes[newest], newest, &other);
        if (memcmp(&mine, &other, sizeof mine) != 0) {
            slot = (slot + 1) & known->mask;
            continue;
        }
        for (uint32_t at = newest; at != NONE; at = known->older[at]) {
            if (same_packet(&r->probes[at], &r->probes[id])) {
                order->twin[id] = at;
                return;
            }
        }
        if (known->pass[newest] == UINT16_MAX) {
            tw_oracle_die(TW_ORACLE_USAGE, "too many probes of one connection");
        }
        known->pass[id] = (uint16_t)(known->pass[newest] + 1);
        break;
    }
    known->older[id] = known->slots[slot];
    known->slots[slot] = id;
}

/* Counting sort by pass. */
static void order_sort(struct order *order, const struct rounds *r,
                       const uint16_t *pass)
{
    uint32_t passes = 0;
    for (size_t id = 0; id < r->count; id++) {
        if (pass[id] >= passes) {
            passes = pass[id] + 1u;
        }
    }
    order->passes = passes;
    order->start = tw_oracle_alloc(passes + 2, sizeof *order->start);
    for (size_t id = 0; id < r->count; id++) {
        bool sent = order->twin[id] == NONE && (r->probes[id].seen & UNSENDABLE) == 0;
        order->start[pass[id] + 2u] += sent;
    }
    for (uint32_t p = 2; p < passes + 2; p++) {
        order->start[p] += order->start[p - 1];
    }
    for (size_t id = 0; id < r->count; id++) {
        if (order->twin[id] == NONE && (r->probes[id].seen & UNSENDABLE) == 0) {
            order->index[order->start[pass[id] + 1u]++] = (uint32_t)id;
        }
    }
}

static void order_init(struct order *order, const struct rounds *r)
{
    struct acquaintance known;
    size_t slots = 1024;
    while (slots < r->count * 2) {
        slots *= 2;
    }
    known.mask = slots - 1;
    known.slots = tw_oracle_alloc(slots, sizeof *known.slots);
    known.older = tw_oracle_alloc(r->count, sizeof *known.older);
    known.pass = tw_oracle_alloc(r->count, sizeof *known.pass);
    order->index = tw_oracle_alloc(r->count, sizeof *order->index);
    order->twin = tw_oracle_alloc(r->count, sizeof *order->twin);
    memset(known.slots, 0xff, slots * sizeof *known.slots);
    memset(order->twin, 0xff, r->count * sizeof *order->twin);
    for (uint32_t id = 0; id < r->count; id++) {
        if (!tw_oracle_probe_sendable(&r->probes[id])) {
            r->probes[id].seen = UNSENDABLE;
        } else {
            pass_choose(&known, r, order, id);
        }
    }
    order_sort(order, r, known.pass);
    free(known.slots);
    free(known.older);
    free(known.pass);
}

static void order_release(struct order *order)
{
    free(order->index);
    free(order->start);
    free(order->twin);
}

static bool resolved(const struct rounds *r, const struct tw_oracle_probe *probe)
{
    bool final = !r->plan->two_way || !tw_oracle_packet_answerable(probe);
    return (probe->seen & (final ? SEEN_AT_SERVER : SEEN_AT_CLIENT)) != 0;
}

static bool same_ends(const struct tw_oracle_probe *a, const struct tw_oracle_probe *b)
{
    return memcmp(a->src, b->src, sizeof a->src) == 0 &&
           memcmp(a->dst, b->dst, sizeof a->dst) == 0 &&
           (!ported(a) || (a->sport == b->sport && a->dport == b->dport));
}

/*
 * The probe that a received packet belongs to, or NULL. A REJECT answer carries the tag
 * of the packet it quotes, but another protocol or another ICMP type. A packet that is
 * the probe's in all but its ends was translated on the way (nat table): it did pass.
 */
static struct tw_oracle_probe *probe_of(struct rounds *r,
                                        const struct tw_oracle_sight *sight,
                                        enum tw_oracle_direction direction)
{
    struct tw_oracle_sight expected;
    uint8_t packet[TW_ORACLE_PACKET_MAX];
    if (sight->direction != direction || sight->id >= r->count) {
        return NULL;
    }
    struct tw_oracle_probe *probe = &r->probes[sight->id];
    if (sight->head.family != probe->family || sight->head.proto != probe->proto) {
        return NULL;
    }
    expected.head = *probe;
    if (direction == TW_ORACLE_ANSWER) {
        size_t len = tw_oracle_packet_answer(probe, sight->id, packet);
        if (len == 0 || !tw_oracle_packet_read(packet, len, &expected)) {
            return NULL;
        }
    }
    bool icmp = probe->proto == (probe->family == 4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6);
    if (icmp && (sight->head.sport != expected.head.sport ||
                 sight->head.dport != expected.head.dport)) {
        return NULL;
    }
    r->report->translated += !same_ends(&expected.head, &sight->head);
    return probe;
}

/* The server sees what arrived, translated or not, and answers that. */
static void answer_give(struct rounds *r, const struct tw_oracle_sight *sight)
{
    uint8_t *packet = tw_oracle_burst_next(&r->answers);
    size_t len = tw_oracle_packet_answer(&sight->head, sight->id, packet);
    if (len != 0) {
        tw_oracle_burst_add(&r->answers, &r->server, len);
        r->report->answers++;
    }
    if (r->answers.count == TW_ORACLE_BURST) {
        tw_oracle_tap_send(&r->server, &r->answers);
    }
}

/* Marks everything a tap has received. */
static void tap_drain(struct rounds *r, const struct tw_oracle_tap *tap,
                      enum tw_oracle_direction direction, enum seen mark)
{
    struct tw_oracle_sight sight;
    while (tw_oracle_tap_receive(tap, &r->in)) {
        for (unsigned i = 0; i < r->in.count; i++) {
            if (r->in.len[i] < 14 ||
                !tw_oracle_packet_read(r->in.frame[i] + 14, r->in.len[i] - 14,
                                       &sight)) {
                continue;
            }
            struct tw_oracle_probe *probe = probe_of(r, &sight, direction);
            if (probe == NULL) {
                continue;
            }
            probe->seen = (uint8_t)(probe->seen | mark);
            if (mark == SEEN_AT_SERVER && r->plan->two_way) {
                answer_give(r, &sight);
            }
        }
        if (r->in.count < TW_ORACLE_BURST) {
            break;
        }
    }
}

static void all_drain(struct rounds *r)
{
    tap_drain(r, &r->past_a, TW_ORACLE_REQUEST, SEEN_AT_B);
    tap_drain(r, &r->server, TW_ORACLE_REQUEST, SEEN_AT_SERVER);
    if (r->plan->two_way) {
        if (r->answers.count != 0) {
            tw_oracle_tap_send(&r->server, &r->answers);
        }
        tap_drain(r, &r->back_at_a, TW_ORACLE_ANSWER, SEEN_AT_A);
        tap_drain(r, &r->client, TW_ORACLE_ANSWER, SEEN_AT_CLIENT);
    }
}

/* Waits until the cables have been silent for a while. */
static void all_settle(struct rounds *r)
{
    struct pollfd taps[4] = {{r->past_a.fd, POLLIN, 0},
                             {r->server.fd, POLLIN, 0},
                             {r->back_at_a.fd, POLLIN, 0},
                             {r->client.fd, POLLIN, 0}};
    nfds_t count = r->plan->two_way ? 4 : 2;
    do {
        all_drain(r);
    } while (poll(taps, count, SETTLE_MS) > 0);
}

static void tables_flush(struct rounds *r)
{
    for (int wall = 0; wall < 2; wall++) {
        if (r->conntrack[wall] >= 0 && !tw_oracle_conntrack_flush(r->conntrack[wall])) {
            tw_oracle_die(TW_ORACLE_FAILED,
                          "wall %c: cannot empty the connection table (ctnetlink)",
                          'A' + wall);
        }
    }
}

static void window_send(struct rounds *r, const uint32_t *index, size_t count)
{
    tables_flush(r);
    for (size_t i = 0; i < count; i++) {
        uint32_t id = index[i];
        if (!resolved(r, &r->probes[id])) {
            size_t len = tw_oracle_packet_request(&r->probes[id], id,
                                                  tw_oracle_burst_next(&r->out));
            tw_oracle_burst_add(&r->out, &r->client, len);
            r->report->sent++;
        }
        if (r->out.count == TW_ORACLE_BURST || (i + 1 == count && r->out.count != 0)) {
            tw_oracle_tap_send(&r->client, &r->out);
            all_drain(r);
        }
    }
    all_settle(r);
}

static uint32_t window_size(void)
{
    uint32_t max = tw_oracle_conntrack_max() / 4;
    if (max == 0 || max > WINDOW_MAX) {
        return WINDOW_MAX;
    }
    return max < TW_ORACLE_BURST ? TW_ORACLE_BURST : max;
}

/* One round over all passes; returns the frames lost in full socket buffers. */
static uint64_t round_run(struct rounds *r, const struct order *order)
{
    uint32_t window = window_size();
    for (uint32_t pass = 0; pass < order->passes; pass++) {
        uint32_t at = order->start[pass];
        uint32_t end = order->start[pass + 1];
        while (at < end) {
            uint32_t count = end - at < window ? end - at : window;
            window_send(r, order->index + at, count);
            at += count;
        }
    }
    uint64_t lost = tw_oracle_tap_drops(&r->past_a) + tw_oracle_tap_drops(&r->server);
    if (r->plan->two_way) {
        lost += tw_oracle_tap_drops(&r->back_at_a) + tw_oracle_tap_drops(&r->client);
    }
    return lost;
}

static void taps_open(struct rounds *r, const struct tw_oracle_net *net)
{
    bool two_way = r->plan->two_way;
    tw_oracle_tap_open(&r->client, net, TW_ORACLE_C0, two_way);
    tw_oracle_tap_open(&r->past_a, net, TW_ORACLE_B_IN, true);
    tw_oracle_tap_open(&r->server, net, TW_ORACLE_S0, true);
    tw_oracle_tap_open(&r->back_at_a, net, TW_ORACLE_A_OUT, two_way);
    r->conntrack[0] = tw_oracle_conntrack_open(net, TW_ORACLE_WALL_A);
    r->conntrack[1] = tw_oracle_conntrack_open(net, TW_ORACLE_WALL_B);
}

void tw_oracle_rounds_run(const struct tw_oracle_net *net,
                          struct tw_oracle_probes *probes,
                          const struct tw_oracle_plan *plan,
                          struct tw_oracle_report *report)
{
    struct rounds *r = tw_oracle_alloc(1, sizeof *r);
    struct order order;
    memset(report, 0, sizeof *report);
    r->probes = probes->list;
    r->count = probes->count;
    r->plan = plan;
    r->report = report;
    taps_open(r, net);
    order_init(&order, r);
    report->passes = order.passes;
    unsigned limit = plan->rounds;
    while (report->rounds < limit) {
        uint64_t lost = round_run(r, &order);
        report->lost += lost;
        report->rounds++;
        if (lost != 0 && report->rounds == limit) {
            if (limit == plan->rounds + EXTRA_ROUNDS_MAX) {
                tw_oracle_die(TW_ORACLE_FAILED, "the receivers keep losing frames");
            }
            limit++;
        }
    }
    for (size_t id = 0; id < r->count; id++) {
        if (order.twin[id] != NONE) {
            r->probes[id].seen = r->probes[order.twin[id]].seen;
        }
    }
    order_release(&order);
    tw_oracle_tap_close(&r->client);
    tw_oracle_tap_close(&r->past_a);
    tw_oracle_tap_close(&r->server);
    tw_oracle_tap_close(&r->back_at_a);
    free(r);
}

void tw_oracle_result(const struct tw_oracle_probe *probe, bool two_way, char out[3])
{
    unsigned seen = probe->seen;
    out[0] = (seen & UNSENDABLE) != 0       ? 'M'
             : (seen & SEEN_AT_SERVER) != 0 ? 'P'
             : (seen & SEEN_AT_B) != 0      ? 'B'
                                            : 'A';
    out[1] = '\0';
    out[2] = '\0';
    if (two_way) {
        bool answered = out[0] == 'P' && tw_oracle_packet_answerable(probe);
        out[1] = !answered                      ? '-'
                 : (seen & SEEN_AT_CLIENT) != 0 ? 'o'
                 : (seen & SEEN_AT_A) != 0      ? 'R'
                                                : 'r';
    }
}

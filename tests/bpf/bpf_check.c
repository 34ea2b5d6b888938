/* SPDX-License-Identifier: Apache-2.0 */
/* One policy against one compiled filter, packet by packet; see bpf_check.h. */
#include "bpf_check.h"

#include <pcap/pcap.h>

#include "atoms.h"
#include "cmocka_all.h"
#include "index.h"
#include "replay.h"

enum { SNAPLEN = 65535, OPTIMISE_MAX = 3000 };

static uint64_t random_state = 1;
static pcap_t *compiler;

void tw_bpf_seed(uint64_t seed)
{
    random_state = seed;
}

uint32_t tw_bpf_draw(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 11) % below);
}

tw_u128 tw_bpf_draw_wide(void)
{
    tw_u128 n = 0;
    for (int i = 0; i < 4; i++)
        n = n << 32 | tw_bpf_draw(UINT32_MAX);
    return n;
}

void tw_bpf_end(void)
{
    if (compiler)
        pcap_close(compiler);
    compiler = NULL;
}

struct tw_policy *tw_bpf_policy(struct tw_arena *arena, const struct tw_match *matches,
                                size_t n)
{
    struct tw_policy *policy = tw_policy_new(arena, TW_STR("wall"));
    *tw_vec_add(arena, &policy->chains) = (struct tw_chain){
        .name = TW_STR("rulebase"),
        .count = 1,
        .is_base = true,
        .policy = TW_ACTION_DENY,
    };
    *tw_vec_add(arena, &policy->rules) = (struct tw_rule){
        .id = TW_STR("rulebase#1"),
        .index = 1,
        .action = TW_ACTION_ACCEPT,
        .matches = matches,
        .nmatches = n,
        .filtering = true,
        .understood = true,
    };
    for (int f = 0; f < TW_FAMILIES; f++) {
        *tw_vec_add(arena, &policy->stages[f][TW_HOOK_FORWARD]) =
            (struct tw_stage){.decides = true};
        policy->has_family[f] = true;
    }
    tw_policy_check(policy);
    return policy;
}

/* --- the filter ------------------------------------------------------------------ */

struct filter {
    struct bpf_program program;
    bool empty; /* the compiler itself found that no packet gets through */
};

static struct filter compile(struct tw_arena *arena, struct tw_str text)
{
    struct filter filter = {0};
    int optimise = text.len <= OPTIMISE_MAX && tw_bpf_draw(2);
    if (!compiler)
        compiler = pcap_open_dead(DLT_RAW, SNAPLEN);
    assert_non_null(compiler);
    if (pcap_compile(compiler, &filter.program, tw_str_cstr(arena, text), optimise,
                     PCAP_NETMASK_UNKNOWN) == 0)
        return filter;
    filter.empty = strstr(pcap_geterr(compiler), "rejects all packets") != NULL;
    if (!filter.empty)
        fail_msg("%.*s: %s", (int)text.len, text.ptr, pcap_geterr(compiler));
    return filter;
}

static bool filter_passes(const struct filter *filter, const struct tw_packet *packet)
{
    unsigned char bytes[TW_BPF_PACKET_MAX];
    unsigned options = tw_bpf_draw(4) ? 0 : tw_bpf_draw(11);
    u_int size = (u_int)tw_bpf_packet(bytes, packet, options);
    return !filter->empty && bpf_filter(filter->program.bf_insns, bytes, size, size);
}

/* --- packets --------------------------------------------------------------------- */

/* An edge of a range, a neighbour of it, or anything inside; or anything at all. */
static tw_u128 draw_value(const struct tw_bpf_edges *edges, enum tw_bpf_field field,
                          tw_u128 max)
{
    size_t n = edges->of[field].len;
    if (!n || tw_bpf_draw(8) == 0)
        return tw_bpf_draw_wide() & max;
    struct tw_range r = edges->of[field].at[tw_bpf_draw((uint32_t)n)];
    tw_u128 size = r.hi - r.lo + 1; /* 0 stands for all */
    switch (tw_bpf_draw(6)) {
    case 0:
        return (r.lo - 1) & max;
    case 1:
        return (r.hi + 1) & max;
    case 2:
        return r.lo;
    case 3:
        return r.hi;
    default:
        return r.lo + (size ? tw_bpf_draw_wide() % size : tw_bpf_draw_wide());
    }
}

static struct tw_packet draw_packet(const struct tw_bpf_edges *edges,
                                    enum tw_family family, unsigned flags)
{
    static const unsigned known[] = {
        TW_PROTO_TCP,    TW_PROTO_TCP,  TW_PROTO_TCP,  TW_PROTO_UDP,     TW_PROTO_ICMP,
        TW_PROTO_ICMPV6, TW_PROTO_SCTP, TW_PROTO_DCCP, TW_PROTO_UDPLITE, 47 /* GRE */};
    enum { FRAGMENT_HEADER = 44 };
    tw_u128 max = tw_ip_max(family);
    struct tw_packet p = {.family = family,
                          .src = draw_value(edges, TW_BPF_SRC, max),
                          .dst = draw_value(edges, TW_BPF_DST, max),
                          .state = TW_STATE_NEW};
    p.proto = edges->of[TW_BPF_PROTO].len && tw_bpf_draw(4)
                  ? (unsigned)draw_value(edges, TW_BPF_PROTO, 255)
                  : known[tw_bpf_draw(sizeof known / sizeof known[0])];
    if (family == TW_IPV6 && p.proto == FRAGMENT_HEADER)
        p.proto++; /* the packets are unfragmented */
    if (tw_proto_is_icmp(p.proto, family)) {
        p.dport = (unsigned)draw_value(edges, TW_BPF_ICMP, 0xffff);
    } else if (tw_proto_has_ports(p.proto)) {
        p.sport = (unsigned)draw_value(edges, TW_BPF_SPORT, 0xffff);
        p.dport = (unsigned)draw_value(edges, TW_BPF_DPORT, 0xffff);
    }
    if (p.proto == TW_PROTO_TCP)
        p.tcp_flags = tw_bpf_draw(3) ? flags : tw_bpf_draw(TW_TCP_ALL + 1);
    return p;
}

/* --- the questions --------------------------------------------------------------- */

enum { KINDS = TW_KIND_OTHER + 1 };

struct answers {
    unsigned tcp_flags;
    struct tw_cells cells[KINDS];
};

static enum tw_kind kind_of(unsigned proto, enum tw_family family)
{
    if (tw_proto_has_ports(proto))
        return TW_KIND_PORTS;
    return tw_proto_is_icmp(proto, family) ? TW_KIND_ICMP : TW_KIND_OTHER;
}

/* Everything of KIND. */
static struct tw_cells ask(struct tw_arena *arena, const struct tw_crossing *crossing,
                           enum tw_family family, enum tw_kind kind, unsigned flags)
{
    struct tw_range protos[256];
    size_t n = 0;
    for (unsigned p = 0; p < 256; p++)
        if (kind_of(p, family) == kind)
            protos[n++] = (struct tw_range){p, p};
    const struct tw_ranges *all = tw_ranges_one(arena, 0, tw_ip_max(family));
    const struct tw_ranges *ports = tw_ranges_one(arena, 0, 0xffff);
    const struct tw_ranges *none = tw_ranges_one(arena, 0, 0);
    struct tw_question q = {
        .family = family, .kind = kind, .tcp_flags = flags, .state = TW_STATE_NEW};
    q.field[TW_FIELD_SRC] = q.field[TW_FIELD_DST] = all;
    q.field[TW_FIELD_PROTO] = tw_ranges_of(arena, protos, n);
    q.field[TW_FIELD_SPORT] = kind == TW_KIND_PORTS ? ports : none;
    q.field[TW_FIELD_DPORT] = kind == TW_KIND_OTHER ? none : ports;
    return tw_atoms(arena, &q, &crossing, 1);
}

static bool in_cell(const struct tw_flow_cell *cell, const struct tw_packet *p)
{
    const tw_u128 value[TW_FIELDS] = {[TW_FIELD_SRC] = p->src,
                                      [TW_FIELD_DST] = p->dst,
                                      [TW_FIELD_PROTO] = p->proto,
                                      [TW_FIELD_SPORT] = p->sport,
                                      [TW_FIELD_DPORT] = p->dport};
    for (int f = 0; f < TW_FIELDS; f++) {
        const struct tw_ranges *list = cell->field[f];
        bool found = false;
        for (size_t i = 0; i < list->n; i++)
            found |= value[f] >= list->at[i].lo && value[f] <= list->at[i].hi;
        if (!found)
            return false;
    }
    return true;
}

/* --- the comparison -------------------------------------------------------------- */

static void disagree(const char *who, struct tw_str filter, const struct tw_packet *p,
                     bool filter_said)
{
    fail_msg("%s disagrees with the filter, which says %s: IPv%c packet "
             "src %016llx%016llx dst %016llx%016llx proto %u sport %u dport %u "
             "flags %u: %.*s",
             who, filter_said ? "yes" : "no", p->family == TW_IPV4 ? '4' : '6',
             (unsigned long long)(p->src >> 64), (unsigned long long)p->src,
             (unsigned long long)(p->dst >> 64), (unsigned long long)p->dst, p->proto,
             p->sport, p->dport, p->tcp_flags, (int)filter.len, filter.ptr);
}

static bool cells_agree(const struct answers *answers, const struct tw_packet *p,
                        bool want)
{
    const struct tw_cells *cells = &answers->cells[kind_of(p->proto, p->family)];
    size_t found = 0;
    if (p->proto == TW_PROTO_TCP && p->tcp_flags != answers->tcp_flags)
        return true; /* another question's */
    for (size_t i = 0; i < cells->n; i++) {
        const struct tw_decision *d = cells->at[i].decisions[0];
        if (!in_cell(&cells->at[i], p))
            continue;
        found++;
        if (d->may_pass != want || d->may_stop == want || d->gave_up || d->approx)
            return false;
    }
    return found == 1;
}

void tw_bpf_check(struct tw_arena *arena, const struct tw_policy *policy,
                  struct tw_str filter, enum tw_family family,
                  const struct tw_bpf_edges *edges, size_t packets,
                  struct tw_bpf_score *score)
{
    static const unsigned flags[] = {TW_TCP_SYN, TW_TCP_SYN, TW_TCP_SYN | TW_TCP_ACK,
                                     TW_TCP_ACK, 0};
    struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
    const struct tw_crossing *crossing =
        tw_crossing_new(arena, policy, tw_index_build(arena, policy), &options);
    struct answers answers = {.tcp_flags = flags[tw_bpf_draw(5)]};
    for (int k = 0; k < KINDS; k++)
        answers.cells[k] =
            ask(arena, crossing, family, (enum tw_kind)k, answers.tcp_flags);
    struct filter compiled = compile(arena, filter);
    score->filters++;
    for (size_t i = 0; i < packets; i++) {
        struct tw_packet p = draw_packet(edges, family, answers.tcp_flags);
        bool want = filter_passes(&compiled, &p);
        struct tw_replay r = tw_replay(arena, crossing, &p, NULL);
        *(want ? &score->met : &score->missed) += 1;
        if (r.may_pass != want || r.may_stop == want || r.gave_up ||
            r.rule != (want ? 0 : TW_REPLAY_POLICY))
            disagree("the linear checker", filter, &p, want);
        if (!cells_agree(&answers, &p, want))
            disagree("the engine", filter, &p, want);
    }
    if (!compiled.empty)
        pcap_freecode(&compiled.program);
}

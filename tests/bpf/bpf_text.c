/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matches as filters of the pcap library (pcap-filter(7)), by rules of our own:
 *
 *     sources 10.0.0.0-10.0.0.2, TCP to 80-90
 *     ip and (ip src net 10.0.0.0/31 or ip src net 10.0.0.2/32)
 *        and (ip[9] = 6) and ((ip proto 6 and (tcp dst portrange 80-90)))
 *
 * What to mind: `tcp` and its like hold for both families, hence the family in front of
 * everything; tcp[…] and icmp[…] read IPv4 only, hence offsets behind the fixed header
 * of IPv6; `ip6 proto N` looks behind a fragment header too, which the first header of
 * an unfragmented packet never is; DCCP and UDP-Lite have no names for their ports.
 */
#include "bpf_match.h"

struct writer {
    struct tw_buf *out;
    enum tw_family family;
    tw_bpf_choose *choose;
    unsigned proto; /* whose ports are being written */
};

typedef void write_range(const struct writer *w, enum tw_bpf_field field, tw_u128 lo,
                         tw_u128 hi);

/* "(a or b or c)", "not (…)"; an empty list holds for nothing. */
static void write_list(const struct writer *w, const struct tw_bpf_term *term,
                       enum tw_bpf_field field, write_range *write)
{
    const struct tw_bpf_list *list = &term->field[field];
    tw_buf_text(w->out, list->negated ? "not (" : "(");
    if (!list->n)
        tw_buf_text(w->out, "1 = 0");
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            tw_buf_text(w->out, " or ");
        write(w, field, list->at[i].lo, list->at[i].hi);
    }
    tw_buf_char(w->out, ')');
}

/* --- addresses ------------------------------------------------------------------- */

static void write_address(const struct writer *w, tw_u128 address)
{
    if (w->family == TW_IPV4) {
        for (int shift = 24; shift >= 0; shift -= 8)
            tw_buf_fmt(w->out, shift ? "%u." : "%u",
                       (unsigned)(address >> shift) & 255);
        return;
    }
    for (int shift = 112; shift >= 0; shift -= 16)
        tw_buf_fmt(w->out, shift ? "%x:" : "%x", (unsigned)(address >> shift) & 0xffff);
}

/* How many bits the longest network that begins at LO and ends by HI leaves free. */
static int free_bits(tw_u128 lo, tw_u128 hi, int width)
{
    int bits = 0;
    while (bits < width && !(lo >> bits & 1)) {
        tw_u128 more = ((tw_u128)1 << bits << 1) - 1; /* 2^128 wraps to what is meant */
        if (lo + more > hi || lo + more < lo)
            break;
        bits++;
    }
    return bits;
}

/* The networks of a range: their number, written where WRITE. */
static size_t networks(const struct writer *w, const char *direction, tw_u128 lo,
                       tw_u128 hi, bool write)
{
    int width = w->family == TW_IPV4 ? 32 : 128;
    size_t n = 0;
    for (;; n++) {
        int bits = free_bits(lo, hi, width);
        tw_u128 last = lo + (((tw_u128)1 << (bits / 2) << (bits - bits / 2)) - 1);
        if (write) {
            tw_buf_fmt(w->out, n ? " or %s %s net " : "%s %s net ",
                       w->family == TW_IPV4 ? "ip" : "ip6", direction);
            write_address(w, lo);
            tw_buf_fmt(w->out, "/%d", width - bits);
        }
        if (last >= hi)
            return n + 1;
        lo = last + 1;
    }
}

/* The 32 bits at OFFSET of the header and those behind them, down to WORDS of them, are
 * at least (or at most) LIMIT. */
static void write_bound(const struct writer *w, unsigned offset, unsigned words,
                        tw_u128 limit, char sign)
{
    const char *header = w->family == TW_IPV4 ? "ip" : "ip6";
    for (unsigned i = 0; i + 1 < words; i++) {
        unsigned part = (unsigned)(limit >> 32 * (words - 1 - i));
        unsigned at = offset + 4 * i;
        tw_buf_fmt(w->out, "(%s[%u:4] %c %u or (%s[%u:4] = %u and ", header, at, sign,
                   part, header, at, part);
    }
    tw_buf_fmt(w->out, "%s[%u:4] %c= %u", header, offset + 4 * (words - 1), sign,
               (unsigned)limit);
    for (unsigned i = 0; i + 1 < words; i++)
        tw_buf_text(w->out, "))");
}

static void write_addresses(const struct writer *w, enum tw_bpf_field field, tw_u128 lo,
                            tw_u128 hi)
{
    enum { NETWORKS_MAX = 24 };
    const char *direction = field == TW_BPF_SRC ? "src" : "dst";
    unsigned words = w->family == TW_IPV4 ? 1 : 4;
    unsigned offset = field == TW_BPF_SRC ? 8 : 24;
    if (w->family == TW_IPV4)
        offset = field == TW_BPF_SRC ? 12 : 16;
    if (w->choose(2) && networks(w, direction, lo, hi, false) <= NETWORKS_MAX) {
        networks(w, direction, lo, hi, true);
        return;
    }
    tw_buf_char(w->out, '(');
    write_bound(w, offset, words, lo, '>');
    tw_buf_text(w->out, " and ");
    write_bound(w, offset, words, hi, '<');
    tw_buf_char(w->out, ')');
}

/* --- protocols, ports, ICMP ------------------------------------------------------ */

static void write_protocols(const struct writer *w, enum tw_bpf_field field, tw_u128 lo,
                            tw_u128 hi)
{
    const char *header = w->family == TW_IPV4 ? "ip" : "ip6";
    unsigned offset = w->family == TW_IPV4 ? 9 : 6;
    (void)field;
    if (lo == hi && w->choose(2))
        tw_buf_fmt(w->out, "%s proto %u", header, (unsigned)lo);
    else
        tw_buf_fmt(w->out, "(%s[%u] >= %u and %s[%u] <= %u)", header, offset,
                   (unsigned)lo, header, offset, (unsigned)hi);
}

/* SIZE bytes of the transport header at OFFSET. */
static void write_transport(const struct writer *w, unsigned offset, unsigned size)
{
    if (w->family == TW_IPV4)
        tw_buf_fmt(w->out, "ip[((ip[0] & 15) * 4) + %u:%u]", offset, size);
    else
        tw_buf_fmt(w->out, "ip6[40 + %u:%u]", offset, size);
}

static void write_between(const struct writer *w, unsigned offset, tw_u128 lo,
                          tw_u128 hi)
{
    tw_buf_char(w->out, '(');
    write_transport(w, offset, 2);
    tw_buf_fmt(w->out, " >= %u and ", (unsigned)lo);
    write_transport(w, offset, 2);
    tw_buf_fmt(w->out, " <= %u)", (unsigned)hi);
}

static const char *port_name(unsigned proto)
{
    switch (proto) {
    case TW_PROTO_TCP:
        return "tcp";
    case TW_PROTO_UDP:
        return "udp";
    case TW_PROTO_SCTP:
        return "sctp";
    default:
        return NULL;
    }
}

static void write_ports(const struct writer *w, enum tw_bpf_field field, tw_u128 lo,
                        tw_u128 hi)
{
    const char *name = port_name(w->proto);
    const char *direction = field == TW_BPF_SPORT ? "src" : "dst";
    if (!name || w->choose(4) == 0)
        write_between(w, field == TW_BPF_SPORT ? 0 : 2, lo, hi);
    else if (lo == hi && w->choose(2))
        tw_buf_fmt(w->out, "%s %s port %u", name, direction, (unsigned)lo);
    else
        tw_buf_fmt(w->out, "%s %s portrange %u-%u", name, direction, (unsigned)lo,
                   (unsigned)hi);
}

static void write_icmp(const struct writer *w, enum tw_bpf_field field, tw_u128 lo,
                       tw_u128 hi)
{
    bool one_type = lo >> 8 == hi >> 8;
    const char *header = w->family == TW_IPV4 ? "icmp" : "icmp6";
    (void)field;
    if (!one_type || w->choose(3) == 0)
        write_between(w, 0, lo, hi);
    else if ((lo & 255) == 0 && (hi & 255) == 255)
        tw_buf_fmt(w->out, "%s[0] = %u", header, (unsigned)lo >> 8);
    else
        tw_buf_fmt(w->out, "(%s[0] = %u and %s[1] >= %u and %s[1] <= %u)", header,
                   (unsigned)lo >> 8, header, (unsigned)lo & 255, header,
                   (unsigned)hi & 255);
}

static bool is_given(const struct tw_bpf_term *term, enum tw_bpf_field field)
{
    return term->field[field].given;
}

/* Ports are those of five protocols; each is written for itself. */
static void write_all_ports(struct writer *w, const struct tw_bpf_term *term)
{
    static const unsigned protos[] = {TW_PROTO_TCP, TW_PROTO_UDP, TW_PROTO_DCCP,
                                      TW_PROTO_SCTP, TW_PROTO_UDPLITE};
    tw_buf_text(w->out, " and (");
    for (size_t i = 0; i < sizeof protos / sizeof protos[0]; i++) {
        w->proto = protos[i];
        tw_buf_text(w->out, i ? " or (" : "(");
        tw_buf_fmt(w->out, "%s proto %u", w->family == TW_IPV4 ? "ip" : "ip6",
                   w->proto);
        for (int f = TW_BPF_SPORT; f <= TW_BPF_DPORT; f++) {
            if (!is_given(term, (enum tw_bpf_field)f))
                continue;
            tw_buf_text(w->out, " and ");
            write_list(w, term, (enum tw_bpf_field)f, write_ports);
        }
        tw_buf_char(w->out, ')');
    }
    tw_buf_char(w->out, ')');
}

static void write_flags(const struct writer *w, const struct tw_flags_test *test)
{
    tw_buf_text(w->out, test->negated ? " and not (" : " and (");
    if (w->family == TW_IPV4 && w->choose(2))
        tw_buf_text(w->out, "tcp[tcpflags]");
    else
        write_transport(w, 13, 1);
    tw_buf_fmt(w->out, " & %u = %u)", test->mask, test->value);
}

void tw_bpf_write(struct tw_buf *filter, const struct tw_bpf_term *term,
                  enum tw_family family, tw_bpf_choose *choose)
{
    struct writer w = {.out = filter, .family = family, .choose = choose};
    tw_buf_text(filter, family == TW_IPV4 ? "ip" : "ip6");
    if (term->never || (term->families && !(term->families & 1u << family))) {
        tw_buf_text(filter, " and 1 = 0");
        return;
    }
    static write_range *const plain[] = {write_addresses, write_addresses,
                                         write_protocols};
    for (int f = TW_BPF_SRC; f <= TW_BPF_PROTO; f++) {
        if (!is_given(term, (enum tw_bpf_field)f))
            continue;
        tw_buf_text(filter, " and ");
        write_list(&w, term, (enum tw_bpf_field)f, plain[f]);
    }
    if (is_given(term, TW_BPF_SPORT) || is_given(term, TW_BPF_DPORT))
        write_all_ports(&w, term);
    if (is_given(term, TW_BPF_ICMP)) {
        tw_buf_text(filter, family == TW_IPV4 ? " and icmp and " : " and icmp6 and ");
        write_list(&w, term, TW_BPF_ICMP, write_icmp);
    }
    if (term->nflags)
        tw_buf_text(filter, family == TW_IPV4 ? " and ip proto 6" : " and ip6 proto 6");
    for (size_t i = 0; i < term->nflags; i++)
        write_flags(&w, &term->flags[i]);
}

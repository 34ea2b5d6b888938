/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The match modules that are known, with their options as in iptables-extensions(8) of
 * 1.8.9, and older spellings that dumps still carry.
 */
#include "iptables_parts.h"

/* An option that is read by a function, one that is a condition, one that changes the
 * module's conditions, one without a part in the decision. */
#define READ(text, n, reader)                                   \
    {                                                           \
        TW_IPT_S(text), n, TW_IPT_MAIN, tw_ipt_read_##reader, 0 \
    }
#define TEST(text, n)                           \
    {                                           \
        TW_IPT_S(text), n, TW_IPT_MAIN, NULL, 0 \
    }
#define TEXT(text, n)                                     \
    {                                                     \
        TW_IPT_S(text), n, TW_IPT_MAIN, NULL, TW_IPT_TEXT \
    }
#define WITH(text, n)                               \
    {                                               \
        TW_IPT_S(text), n, TW_IPT_MODIFIER, NULL, 0 \
    }
#define NONE(text, n)                              \
    {                                              \
        TW_IPT_S(text), n, TW_IPT_IGNORED, NULL, 0 \
    }

#define OPTIONS(name) static const struct tw_ipt_option name##_options[]

#define PORT_OPTIONS                                      \
    READ("--dport", 1, dport), READ("--sport", 1, sport), \
        READ("--destination-port", 1, dport), READ("--source-port", 1, sport)

OPTIONS(tcp) = {
    PORT_OPTIONS,
    READ("--tcp-flags", 2, tcp_flags),
    READ("--syn", 0, syn),
    TEST("--tcp-option", 1),
};
OPTIONS(udp) = {PORT_OPTIONS};
OPTIONS(sctp) = {
    PORT_OPTIONS,
    TEST("--chunk-types", 2),
};
OPTIONS(dccp) = {
    PORT_OPTIONS,
    TEST("--dccp-types", 1),
    TEST("--dccp-option", 1),
};
OPTIONS(icmp) = {READ("--icmp-type", 1, icmp)};
OPTIONS(icmp6) = {READ("--icmpv6-type", 1, icmp6)};
OPTIONS(protocol) = {
    PORT_OPTIONS,
    READ("--icmp-type", 1, icmp),
    READ("--icmpv6-type", 1, icmp6),
    READ("--tcp-flags", 2, tcp_flags),
    READ("--syn", 0, syn),
    TEST("--tcp-option", 1),
};
OPTIONS(multiport) = {
    READ("--dports", 1, dports),       READ("--sports", 1, sports),
    READ("--ports", 1, ports),         READ("--destination-ports", 1, dports),
    READ("--source-ports", 1, sports), READ("--dport", 1, dports),
    READ("--sport", 1, sports),
};
OPTIONS(iprange) = {
    READ("--src-range", 1, src_range),
    READ("--dst-range", 1, dst_range),
};
OPTIONS(comment) = {
    {TW_IPT_S("--comment"), 1, TW_IPT_IGNORED, tw_ipt_read_comment, TW_IPT_TEXT}};
OPTIONS(state) = {READ("--state", 1, state)};
OPTIONS(conntrack) = {
    READ("--ctstate", 1, state), TEST("--ctproto", 1),       TEST("--ctorigsrc", 1),
    TEST("--ctorigdst", 1),      TEST("--ctreplsrc", 1),     TEST("--ctrepldst", 1),
    TEST("--ctorigsrcport", 1),  TEST("--ctorigdstport", 1), TEST("--ctreplsrcport", 1),
    TEST("--ctrepldstport", 1),  TEST("--ctstatus", 1),      TEST("--ctexpire", 1),
    TEST("--ctdir", 1),
};
OPTIONS(mark) = {READ("--mark", 1, mark)};
OPTIONS(connmark) = {READ("--mark", 1, connmark)};
OPTIONS(addrtype) = {
    READ("--src-type", 1, src_type),
    READ("--dst-type", 1, dst_type),
    WITH("--limit-iface-in", 0),
    WITH("--limit-iface-out", 0),
};
OPTIONS(limit) = {
    TEST("--limit", 1),
    WITH("--limit-burst", 1),
};
OPTIONS(hashlimit) = {
    TEST("--hashlimit-upto", 1),
    TEST("--hashlimit", 1),
    {TW_IPT_S("--hashlimit-above"), 1, TW_IPT_MAIN, NULL, TW_IPT_INVERSE},
    WITH("--hashlimit-burst", 1),
    WITH("--hashlimit-mode", 1),
    WITH("--hashlimit-srcmask", 1),
    WITH("--hashlimit-dstmask", 1),
    WITH("--hashlimit-name", 1),
    WITH("--hashlimit-htable-size", 1),
    WITH("--hashlimit-htable-max", 1),
    WITH("--hashlimit-htable-expire", 1),
    WITH("--hashlimit-htable-gcinterval", 1),
    WITH("--hashlimit-rate-match", 0),
    WITH("--hashlimit-rate-interval", 1),
};
OPTIONS(connlimit) = {
    TEST("--connlimit-above", 1), TEST("--connlimit-upto", 1),
    WITH("--connlimit-mask", 1),  WITH("--connlimit-saddr", 0),
    WITH("--connlimit-daddr", 0),
};
OPTIONS(recent) = {
    {TW_IPT_S("--set"), 0, TW_IPT_MAIN, tw_ipt_read_true, TW_IPT_ANYWAY},
    TEST("--rcheck", 0),
    TEST("--update", 0),
    TEST("--remove", 0),
    WITH("--seconds", 1),
    WITH("--reap", 0),
    WITH("--hitcount", 1),
    WITH("--rttl", 0),
    WITH("--name", 1),
    WITH("--rsource", 0),
    WITH("--rdest", 0),
    WITH("--mask", 1),
};
OPTIONS(mac) = {TEST("--mac-source", 1)};
OPTIONS(owner) = {
    TEST("--uid-owner", 1),    TEST("--gid-owner", 1), TEST("--pid-owner", 1),
    TEST("--sid-owner", 1),    TEST("--cmd-owner", 1), TEST("--socket-exists", 0),
    WITH("--suppl-groups", 0),
};
OPTIONS(physdev) = {
    TEST("--physdev-in", 1),         TEST("--physdev-out", 1),
    TEST("--physdev-is-in", 0),      TEST("--physdev-is-out", 0),
    TEST("--physdev-is-bridged", 0),
};
OPTIONS(set) = {
    TEST("--match-set", 2),          TEST("--set", 2),
    WITH("--return-nomatch", 0),     WITH("--update-counters", 0),
    WITH("--update-subcounters", 0), WITH("--packets-eq", 1),
    WITH("--packets-lt", 1),         WITH("--packets-gt", 1),
    WITH("--bytes-eq", 1),           WITH("--bytes-lt", 1),
    WITH("--bytes-gt", 1),
};
OPTIONS(geoip) = {
    TEST("--source-country", 1),
    TEST("--destination-country", 1),
    TEST("--src-cc", 1),
    TEST("--dst-cc", 1),
};
OPTIONS(policy) = {
    WITH("--dir", 1),   WITH("--pol", 1),        WITH("--strict", 0),
    WITH("--reqid", 1), WITH("--spi", 1),        WITH("--proto", 1),
    WITH("--mode", 1),  WITH("--tunnel-src", 1), WITH("--tunnel-dst", 1),
    WITH("--next", 0),
};
OPTIONS(length) = {TEST("--length", 1)};
OPTIONS(dscp) = {TEST("--dscp", 1), TEST("--dscp-class", 1)};
OPTIONS(tos) = {TEST("--tos", 1)};
OPTIONS(ttl) = {
    TEST("--ttl-eq", 1),
    TEST("--ttl-lt", 1),
    TEST("--ttl-gt", 1),
    TEST("--ttl", 1),
};
OPTIONS(hl) = {TEST("--hl-eq", 1), TEST("--hl-lt", 1), TEST("--hl-gt", 1)};
OPTIONS(pkttype) = {TEST("--pkt-type", 1)};
OPTIONS(helper) = {TEXT("--helper", 1)};
OPTIONS(socket) = {
    WITH("--transparent", 0),
    WITH("--nowildcard", 0),
    WITH("--restore-skmark", 0),
};
OPTIONS(rpfilter) = {
    WITH("--loose", 0),
    WITH("--validmark", 0),
    WITH("--accept-local", 0),
    WITH("--invert", 0),
};
OPTIONS(connbytes) = {
    TEST("--connbytes", 1),
    WITH("--connbytes-dir", 1),
    WITH("--connbytes-mode", 1),
};
OPTIONS(connlabel) = {TEST("--label", 1), WITH("--set", 0)};
OPTIONS(nfacct) = {NONE("--nfacct-name", 1)};
OPTIONS(cgroup) = {TEST("--cgroup", 1), TEST("--path", 1)};
OPTIONS(devgroup) = {TEST("--src-group", 1), TEST("--dst-group", 1)};
OPTIONS(realm) = {TEST("--realm", 1)};
OPTIONS(ecn) = {
    TEST("--ecn-tcp-cwr", 0),
    TEST("--ecn-tcp-ece", 0),
    TEST("--ecn-ip-ect", 1),
};
OPTIONS(cpu) = {TEST("--cpu", 1)};
OPTIONS(cluster) = {
    WITH("--cluster-total-nodes", 1),
    WITH("--cluster-local-node", 1),
    WITH("--cluster-local-nodemask", 1),
    WITH("--cluster-hash-seed", 1),
};
OPTIONS(statistic) = {
    WITH("--mode", 1),
    WITH("--probability", 1),
    WITH("--every", 1),
    WITH("--packet", 1),
};
OPTIONS(random) = {WITH("--average", 1)};
OPTIONS(nth) = {
    WITH("--every", 1),
    WITH("--counter", 1),
    WITH("--start", 1),
    WITH("--packet", 1),
};
OPTIONS(quota) = {
    TEST("--quota", 1),   WITH("--name", 1),      WITH("--grow", 0),
    WITH("--packets", 0), WITH("--no-change", 0),
};
OPTIONS(u32) = {TEXT("--u32", 1)};
OPTIONS(string) = {
    TEXT("--string", 1), TEXT("--hex-string", 1), WITH("--algo", 1),
    WITH("--from", 1),   WITH("--to", 1),         WITH("--icase", 0),
};
OPTIONS(bpf) = {TEXT("--bytecode", 1), TEXT("--object-pinned", 1)};
OPTIONS(time) = {
    WITH("--datestart", 1), WITH("--datestop", 1),   WITH("--timestart", 1),
    WITH("--timestop", 1),  WITH("--monthdays", 1),  WITH("--weekdays", 1),
    WITH("--days", 1),      WITH("--contiguous", 0), WITH("--kerneltz", 0),
    WITH("--localtz", 0),   WITH("--utc", 0),
};
OPTIONS(tcpmss) = {TEST("--mss", 1)};
OPTIONS(rateest) = {
    WITH("--rateest-delta", 0),
    WITH("--rateest-lt", 0),
    WITH("--rateest-gt", 0),
    WITH("--rateest-eq", 0),
    WITH("--rateest", 1),
    WITH("--rateest1", 1),
    WITH("--rateest2", 1),
    {TW_IPT_S("--rateest-bps"), 1, TW_IPT_MODIFIER, NULL, TW_IPT_OPTIONAL},
    {TW_IPT_S("--rateest-pps"), 1, TW_IPT_MODIFIER, NULL, TW_IPT_OPTIONAL},
    {TW_IPT_S("--rateest-bps1"), 1, TW_IPT_MODIFIER, NULL, TW_IPT_OPTIONAL},
    {TW_IPT_S("--rateest-bps2"), 1, TW_IPT_MODIFIER, NULL, TW_IPT_OPTIONAL},
    {TW_IPT_S("--rateest-pps1"), 1, TW_IPT_MODIFIER, NULL, TW_IPT_OPTIONAL},
    {TW_IPT_S("--rateest-pps2"), 1, TW_IPT_MODIFIER, NULL, TW_IPT_OPTIONAL},
};
OPTIONS(osf) = {TEXT("--genre", 1), WITH("--ttl", 1), WITH("--log", 1)};
OPTIONS(ipvs) = {
    WITH("--ipvs", 0), WITH("--vproto", 1),  WITH("--vaddr", 1),    WITH("--vport", 1),
    WITH("--vdir", 1), WITH("--vmethod", 1), WITH("--vportctl", 1),
};
OPTIONS(esp) = {TEST("--espspi", 1)};
OPTIONS(ah) = {TEST("--ahspi", 1), TEST("--ahlen", 1), TEST("--ahres", 0)};
OPTIONS(ipcomp) = {TEST("--ipcompspi", 1), WITH("--compres", 0)};
OPTIONS(dst) = {TEST("--dst-len", 1), TEST("--dst-opts", 1)};
OPTIONS(hbh) = {TEST("--hbh-len", 1), TEST("--hbh-opts", 1)};
OPTIONS(frag) = {
    TEST("--fragid", 1),    TEST("--fraglen", 1),  TEST("--fragres", 0),
    TEST("--fragfirst", 0), TEST("--fragmore", 0), TEST("--fraglast", 0),
};
OPTIONS(ipv6header) = {TEST("--header", 1), WITH("--soft", 0)};
OPTIONS(mh) = {TEST("--mh-type", 1)};
OPTIONS(rt) = {
    WITH("--rt-type", 1),  WITH("--rt-segsleft", 1), WITH("--rt-len", 1),
    WITH("--rt-0-res", 0), WITH("--rt-0-addrs", 1),  WITH("--rt-0-not-strict", 0),
};
OPTIONS(condition) = {TEST("--condition", 1)};
OPTIONS(layer7) = {TEXT("--l7proto", 1), WITH("--l7dir", 1)};

#define MODULE(text, list, ...)                                                     \
    {                                                                               \
        .name = TW_IPT_S(text), .options = list##_options,                          \
        .noptions = sizeof list##_options / sizeof list##_options[0], ##__VA_ARGS__ \
    }
#define WHOLE .form = TW_IPT_WHOLE, .bare = true

/* The common ones first: they are looked for in order. */
static const struct tw_ipt_module modules[] = {
    MODULE("tcp", tcp, .proto = TW_PROTO_TCP),
    MODULE("udp", udp, .proto = TW_PROTO_UDP),
    MODULE("comment", comment, .form = TW_IPT_ALWAYS),
    MODULE("conntrack", conntrack, .tracked = true),
    MODULE("state", state, .tracked = true),
    MODULE("multiport", multiport),
    MODULE("icmp", icmp, .proto = TW_PROTO_ICMP),
    MODULE("icmp6", icmp6, .proto = TW_PROTO_ICMPV6),
    MODULE("icmpv6", icmp6, .proto = TW_PROTO_ICMPV6),
    MODULE("iprange", iprange),
    MODULE("limit", limit, .kind = TW_UNKNOWN_RATE, .unique = true, .bare = true),
    MODULE("mac", mac),
    MODULE("mark", mark),
    MODULE("connmark", connmark),
    MODULE("set", set, .alter = "-j SET"),
    MODULE("addrtype", addrtype),
    MODULE("hashlimit", hashlimit, .kind = TW_UNKNOWN_RATE, .unique = true),
    MODULE("connlimit", connlimit, .unique = true, .tracked = true),
    MODULE("recent", recent, .unique = true),
    MODULE("owner", owner),
    MODULE("physdev", physdev, .unique = true),
    MODULE("udplite", udp, .proto = TW_PROTO_UDPLITE),
    MODULE("sctp", sctp, .proto = TW_PROTO_SCTP),
    MODULE("dccp", dccp, .proto = TW_PROTO_DCCP),
    MODULE("time", time, WHOLE, .kind = TW_UNKNOWN_TIME),
    MODULE("geoip", geoip),
    MODULE("policy", policy, WHOLE),
    MODULE("length", length),
    MODULE("length2", length),
    MODULE("dscp", dscp, .alter = "-j DSCP"),
    MODULE("tos", tos, .alter = "-j TOS"),
    MODULE("ttl", ttl, .alter = "-j TTL"),
    MODULE("hl", hl, .alter = "-j HL"),
    MODULE("pkttype", pkttype),
    MODULE("helper", helper, .tracked = true),
    MODULE("socket", socket, .bare = true),
    MODULE("rpfilter", rpfilter, .bare = true),
    MODULE("connbytes", connbytes, .tracked = true),
    MODULE("connlabel", connlabel, .unique = true, .tracked = true),
    MODULE("nfacct", nfacct, .form = TW_IPT_ALWAYS),
    MODULE("cgroup", cgroup),
    MODULE("devgroup", devgroup),
    MODULE("realm", realm),
    MODULE("ecn", ecn, .alter = "-j ECN"),
    MODULE("cpu", cpu, .unique = true),
    MODULE("cluster", cluster, WHOLE),
    MODULE("statistic", statistic, WHOLE, .unique = true),
    MODULE("random", random, WHOLE, .unique = true),
    MODULE("nth", nth, WHOLE, .unique = true),
    MODULE("quota", quota, .unique = true),
    MODULE("quota2", quota, .unique = true),
    MODULE("u32", u32),
    MODULE("string", string),
    MODULE("bpf", bpf),
    MODULE("tcpmss", tcpmss, .alter = "-j TCPMSS"),
    MODULE("rateest", rateest, WHOLE, .unique = true),
    MODULE("osf", osf),
    MODULE("ipvs", ipvs, WHOLE, .tracked = true),
    MODULE("esp", esp),
    MODULE("ah", ah),
    MODULE("ipcomp", ipcomp),
    MODULE("dst", dst),
    MODULE("hbh", hbh),
    MODULE("frag", frag, .form = TW_IPT_NEVER),
    MODULE("ipv6header", ipv6header),
    MODULE("mh", mh),
    MODULE("rt", rt, WHOLE),
    {.name = TW_IPT_S("eui64"), .bare = true},
    {.name = TW_IPT_S("unclean"), .bare = true},
    MODULE("condition", condition, .unique = true),
    MODULE("layer7", layer7, .tracked = true),
};

const struct tw_ipt_module tw_ipt_module_protocol = MODULE("protocol", protocol);

const struct tw_ipt_module *tw_ipt_module_find(struct tw_str name)
{
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        if (tw_str_eq(modules[i].name, name))
            return &modules[i];
    return NULL;
}

const struct tw_ipt_option *tw_ipt_option_find(const struct tw_ipt_module *module,
                                               struct tw_str name)
{
    for (size_t i = 0; i < module->noptions; i++)
        if (tw_str_eq(module->options[i].name, name))
            return &module->options[i];
    return NULL;
}

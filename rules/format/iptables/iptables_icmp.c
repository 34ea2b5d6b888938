/* SPDX-License-Identifier: Apache-2.0 */
/* --icmp-type and --icmpv6-type: names, types, codes. */
#include "iptables_parts.h"

struct icmp_name {
    struct tw_str name;
    int type, code; /* -1: any */
};

/* The names that `iptables -p icmp -h` lists; numbers by RFC 792, 950, 1256, 1812. */
static const struct icmp_name icmp_names[] = {
    {TW_IPT_S("any"), -1, -1},
    {TW_IPT_S("echo-reply"), 0, -1},
    {TW_IPT_S("pong"), 0, -1},
    {TW_IPT_S("destination-unreachable"), 3, -1},
    {TW_IPT_S("network-unreachable"), 3, 0},
    {TW_IPT_S("host-unreachable"), 3, 1},
    {TW_IPT_S("protocol-unreachable"), 3, 2},
    {TW_IPT_S("port-unreachable"), 3, 3},
    {TW_IPT_S("fragmentation-needed"), 3, 4},
    {TW_IPT_S("source-route-failed"), 3, 5},
    {TW_IPT_S("network-unknown"), 3, 6},
    {TW_IPT_S("host-unknown"), 3, 7},
    {TW_IPT_S("network-prohibited"), 3, 9},
    {TW_IPT_S("host-prohibited"), 3, 10},
    {TW_IPT_S("TOS-network-unreachable"), 3, 11},
    {TW_IPT_S("TOS-host-unreachable"), 3, 12},
    {TW_IPT_S("communication-prohibited"), 3, 13},
    {TW_IPT_S("host-precedence-violation"), 3, 14},
    {TW_IPT_S("precedence-cutoff"), 3, 15},
    {TW_IPT_S("source-quench"), 4, -1},
    {TW_IPT_S("redirect"), 5, -1},
    {TW_IPT_S("network-redirect"), 5, 0},
    {TW_IPT_S("host-redirect"), 5, 1},
    {TW_IPT_S("TOS-network-redirect"), 5, 2},
    {TW_IPT_S("TOS-host-redirect"), 5, 3},
    {TW_IPT_S("echo-request"), 8, -1},
    {TW_IPT_S("ping"), 8, -1},
    {TW_IPT_S("router-advertisement"), 9, -1},
    {TW_IPT_S("router-solicitation"), 10, -1},
    {TW_IPT_S("time-exceeded"), 11, -1},
    {TW_IPT_S("ttl-exceeded"), 11, -1},
    {TW_IPT_S("ttl-zero-during-transit"), 11, 0},
    {TW_IPT_S("ttl-zero-during-reassembly"), 11, 1},
    {TW_IPT_S("parameter-problem"), 12, -1},
    {TW_IPT_S("ip-header-bad"), 12, 0},
    {TW_IPT_S("required-option-missing"), 12, 1},
    {TW_IPT_S("timestamp-request"), 13, -1},
    {TW_IPT_S("timestamp-reply"), 14, -1},
    {TW_IPT_S("address-mask-request"), 17, -1},
    {TW_IPT_S("address-mask-reply"), 18, -1},
};

/* RFC 4443, 4861. */
static const struct icmp_name icmp6_names[] = {
    {TW_IPT_S("any"), -1, -1},
    {TW_IPT_S("destination-unreachable"), 1, -1},
    {TW_IPT_S("no-route"), 1, 0},
    {TW_IPT_S("communication-prohibited"), 1, 1},
    {TW_IPT_S("beyond-scope"), 1, 2},
    {TW_IPT_S("address-unreachable"), 1, 3},
    {TW_IPT_S("port-unreachable"), 1, 4},
    {TW_IPT_S("failed-policy"), 1, 5},
    {TW_IPT_S("reject-route"), 1, 6},
    {TW_IPT_S("packet-too-big"), 2, -1},
    {TW_IPT_S("time-exceeded"), 3, -1},
    {TW_IPT_S("ttl-exceeded"), 3, -1},
    {TW_IPT_S("ttl-zero-during-transit"), 3, 0},
    {TW_IPT_S("ttl-zero-during-reassembly"), 3, 1},
    {TW_IPT_S("parameter-problem"), 4, -1},
    {TW_IPT_S("bad-header"), 4, 0},
    {TW_IPT_S("unknown-header-type"), 4, 1},
    {TW_IPT_S("unknown-option"), 4, 2},
    {TW_IPT_S("echo-request"), 128, -1},
    {TW_IPT_S("ping"), 128, -1},
    {TW_IPT_S("echo-reply"), 129, -1},
    {TW_IPT_S("pong"), 129, -1},
    {TW_IPT_S("router-solicitation"), 133, -1},
    {TW_IPT_S("router-advertisement"), 134, -1},
    {TW_IPT_S("neighbour-solicitation"), 135, -1},
    {TW_IPT_S("neighbor-solicitation"), 135, -1},
    {TW_IPT_S("neighbour-advertisement"), 136, -1},
    {TW_IPT_S("neighbor-advertisement"), 136, -1},
    {TW_IPT_S("redirect"), 137, -1},
};

/* A name, TYPE or TYPE/CODE as types << 8 | codes. 0 good, 1 a name that is not in the
 * table, 2 malformed. */
static int icmp_range(struct tw_str text, const struct icmp_name *names, size_t count,
                      bool any_is_255, struct tw_range *out)
{
    size_t slash = tw_str_find(text, '/');
    uint64_t type, code;
    if (tw_parse_u64(tw_str_first(text, slash), 255, &type)) {
        uint64_t lo = 0, hi = 255;
        if (slash < text.len) {
            if (!tw_parse_u64(tw_str_from(text, slash + 1), 255, &code))
                return 2;
            lo = hi = code;
        }
        /* The kernel's IPv4 test takes type 255 for any type. */
        *out = any_is_255 && type == 255
                   ? (struct tw_range){0, 0xffff}
                   : (struct tw_range){type << 8 | lo, type << 8 | hi};
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (!tw_str_eq_nocase(text, names[i].name))
            continue;
        if (names[i].type < 0) {
            *out = (struct tw_range){0, 0xffff};
        } else {
            unsigned base = (unsigned)names[i].type << 8;
            *out = names[i].code < 0
                       ? (struct tw_range){base, base | 255}
                       : (struct tw_range){base | (unsigned)names[i].code,
                                           base | (unsigned)names[i].code};
        }
        return 0;
    }
    char c = text.len ? *text.ptr : '0';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 1 : 2;
}

static bool read_icmp(struct tw_ipt_rule *rule, const struct tw_ipt_use *use, bool six)
{
    if ((rule->in->family == TW_IPV6) != six)
        return tw_ipt_use_unclear(rule, use);
    struct tw_range range;
    int result =
        six ? icmp_range(use->args->text, icmp6_names,
                         sizeof icmp6_names / sizeof icmp6_names[0], false, &range)
            : icmp_range(use->args->text, icmp_names,
                         sizeof icmp_names / sizeof icmp_names[0], true, &range);
    if (result == 2)
        return TW_IPT_BAD(rule, TW_D_bad_number, use->args, use->args->text,
                          TW_STR("0-255[/0-255]"));
    if (result == 1)
        return tw_ipt_use_unclear(rule, use);
    tw_ipt_rule_want(rule, six ? TW_PROTO_ICMPV6 : TW_PROTO_ICMP,
                     &rule->words[use->first]);
    const struct tw_ranges *set = tw_ranges_one(rule->in->arena, range.lo, range.hi);
    tw_ipt_rule_narrow(rule, use, &rule->icmp, set, 0xffff);
    return true;
}

bool tw_ipt_read_icmp(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_icmp(rule, use, false);
}

bool tw_ipt_read_icmp6(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_icmp(rule, use, true);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that are modelled: addresses, protocols, ports, TCP flags, states, marks,
 * interfaces. Each reader narrows the rule's product; a value that is malformed is an
 * error, a name that is not in our tables is not understood (iptables may know it).
 */
#include "iptables_parts.h"

void tw_ipt_rule_narrow(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                        const struct tw_ranges **field, const struct tw_ranges *set,
                        tw_u128 max)
{
    struct tw_arena *arena = rule->in->arena;
    if (use->negated)
        set = tw_ranges_not(arena, set, max);
    *field = *field ? tw_ranges_and(arena, *field, set) : set;
}

bool tw_ipt_use_unclear(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    tw_ipt_rule_unclear(rule, use->first, use->first + use->count);
    return true;
}

/* PIECE is part of WORD: where it lies in the source, if the word stands there as it
 * is. */
static struct tw_ipt_word part(const struct tw_ipt_word *word, struct tw_str piece)
{
    struct tw_ipt_word out = *word;
    if (piece.ptr >= word->raw.ptr && piece.ptr <= word->raw.ptr + word->raw.len)
        out.raw = piece;
    return out;
}

/* --- addresses ----------------------------------------------------------------- */

enum address_kind { ADDRESS_GOOD, ADDRESS_BAD, ADDRESS_VAGUE };

/* ADDRESS/MASK with a mask that is no prefix: a legal test that is no interval. */
static bool has_loose_mask(struct tw_str s)
{
    size_t slash = tw_str_find(s, '/');
    enum tw_family a, b;
    tw_u128 address, mask;
    return slash < s.len && tw_ip_parse(tw_str_first(s, slash), &a, &address) &&
           tw_ip_parse(tw_str_from(s, slash + 1), &b, &mask) && a == b;
}

static void wrong_family(struct tw_ipt_rule *rule, const struct tw_ipt_word *word)
{
    struct tw_ipt *in = rule->in;
    struct tw_diag *diag =
        TW_DIAG(in->diags, TW_D_ipt_wrong_family, tw_ipt_span(in, word->raw),
                word->text, in->family == TW_IPV4 ? TW_STR("IPv4") : TW_STR("IPv6"));
    tw_diag_also(diag, in->family_at);
    rule->failed = true;
}

static enum address_kind read_address(struct tw_ipt_rule *rule,
                                      const struct tw_ipt_word *word,
                                      struct tw_str piece, struct tw_range *out)
{
    enum tw_family family;
    struct tw_ipt_word at = part(word, piece);
    at.text = piece;
    if (!tw_ip_range_parse(piece, &family, out, NULL) ||
        tw_str_find(piece, '-') < piece.len) {
        if (has_loose_mask(piece))
            return ADDRESS_VAGUE;
        TW_IPT_BAD(rule, TW_D_bad_address, &at, piece);
        return ADDRESS_BAD;
    }
    if (family == rule->in->family)
        return ADDRESS_GOOD;
    wrong_family(rule, &at);
    return ADDRESS_BAD;
}

static const struct tw_ranges *read_addresses(struct tw_ipt_rule *rule,
                                              const struct tw_ipt_use *use, bool *vague)
{
    enum { LIST_MAX = 256 };
    struct tw_ipt *in = rule->in;
    const struct tw_ipt_word *word = use->args;
    struct tw_range list[LIST_MAX];
    size_t n = 0;
    struct tw_str rest = word->text, piece;
    while (tw_str_split(&rest, ',', &piece)) {
        if (n == LIST_MAX) {
            TW_IPT_BAD(rule, TW_D_ipt_too_long, word, TW_STR("256"));
            return NULL;
        }
        enum address_kind kind = read_address(rule, word, piece, &list[n]);
        if (kind == ADDRESS_BAD)
            return NULL;
        *vague |= kind == ADDRESS_VAGUE;
        n++;
    }
    if (*vague)
        return NULL;
    return n == 1 ? tw_intern_one(&in->addresses, list[0].lo, list[0].hi)
                  : tw_intern_ranges(&in->addresses, tw_ranges_of(in->arena, list, n));
}

static bool read_side(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                      const struct tw_ranges **field, const char *option)
{
    bool vague = false;
    /* iptables makes a list several rules, so that "! -s a,b" would match everything:
     * it refuses that, and so do we. */
    if (use->negated && tw_str_find(use->args->text, ',') < use->args->text.len)
        return TW_IPT_BAD(rule, TW_D_ipt_bad_negation, use->args, use->args->text);
    const struct tw_ranges *set = read_addresses(rule, use, &vague);
    if (rule->failed)
        return true;
    if (vague) {
        struct tw_str text =
            tw_fmt(rule->in->arena, "%s %.*s", option,
                   (int)tw_str_first(use->args->text, 200).len, use->args->text.ptr);
        tw_ipt_rule_condition(rule, TW_UNKNOWN_CONDITION, text, false, use->negated);
        return true;
    }
    tw_ipt_rule_narrow(rule, use, field, set, tw_ip_max(rule->in->family));
    return true;
}

bool tw_ipt_read_src(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_side(rule, use, &rule->src, "-s");
}

bool tw_ipt_read_dst(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_side(rule, use, &rule->dst, "-d");
}

/* -m iprange: FROM[-TO] */
static bool read_range(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                       const struct tw_ranges **field)
{
    const struct tw_ipt_word *word = use->args;
    size_t dash = tw_str_find(word->text, '-');
    struct tw_str from = tw_str_first(word->text, dash);
    struct tw_str to = dash < word->text.len ? tw_str_from(word->text, dash + 1) : from;
    enum tw_family a, b;
    struct tw_range range;
    if (!tw_ip_parse(from, &a, &range.lo) || !tw_ip_parse(to, &b, &range.hi))
        return TW_IPT_BAD(rule, TW_D_bad_address, word, word->text);
    if (a != rule->in->family || b != rule->in->family) {
        wrong_family(rule, word);
        return true;
    }
    if (range.lo > range.hi)
        return TW_IPT_BAD(rule, TW_D_range_upside_down, word, word->text);
    const struct tw_ranges *set = tw_ranges_one(rule->in->arena, range.lo, range.hi);
    tw_ipt_rule_narrow(rule, use, field, set, tw_ip_max(rule->in->family));
    return true;
}

bool tw_ipt_read_src_range(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_range(rule, use, &rule->src);
}

bool tw_ipt_read_dst_range(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_range(rule, use, &rule->dst);
}

/* -m addrtype. The kernel calls an address multicast by its prefix alone; what else it
 * is stands in the routing table. */
static bool read_type(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                      const struct tw_ranges **field, bool source)
{
    struct tw_ipt *in = rule->in;
    if (tw_str_is(use->args->text, "LOCAL")) {
        tw_ipt_rule_condition(
            rule, source ? TW_UNKNOWN_SRC_LOCAL : TW_UNKNOWN_DST_LOCAL,
            source ? TW_STR("the source is an address of the wall itself")
                   : TW_STR("the destination is an address of the wall itself"),
            false, use->negated);
        return true;
    }
    if (!tw_str_is(use->args->text, "MULTICAST"))
        return false;
    tw_u128 lo = in->family == TW_IPV4 ? (tw_u128)0xe0000000u : (tw_u128)0xff << 120;
    tw_u128 hi = in->family == TW_IPV4 ? (tw_u128)0xefffffffu : TW_IPV6_MAX;
    tw_ipt_rule_narrow(rule, use, field, tw_ranges_one(in->arena, lo, hi),
                       tw_ip_max(in->family));
    return true;
}

bool tw_ipt_read_src_type(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_type(rule, use, &rule->src, true);
}

bool tw_ipt_read_dst_type(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_type(rule, use, &rule->dst, false);
}

/* --- protocol and ports -------------------------------------------------------- */

static const struct tw_ranges *one_proto(struct tw_ipt *in, unsigned proto)
{
    if (!in->protos[proto])
        in->protos[proto] = tw_ranges_one(in->arena, proto, proto);
    return in->protos[proto];
}

bool tw_ipt_read_proto(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    struct tw_str name = use->args->text;
    unsigned proto;
    uint64_t number;
    if (tw_str_eq_nocase(name, TW_STR("all")) || tw_str_is(name, "0")) {
        rule->never |= use->negated;
        return true;
    }
    if (tw_str_is(name, "mh") || tw_str_is(name, "ipv6-mh"))
        proto = 135;
    else if (tw_parse_u64(name, UINT64_MAX, &number) && number > 255)
        return TW_IPT_BAD(rule, TW_D_bad_number, use->args, name, TW_STR("0-255"));
    else if (!tw_proto_parse(name, &proto)) {
        rule->proto_number = TW_IPT_VAGUE_PROTO;
        return tw_ipt_use_unclear(rule, use);
    }
    if (!use->negated)
        rule->proto_number = (int)proto;
    tw_ipt_rule_narrow(rule, use, &rule->proto, one_proto(rule->in, proto), 255);
    return true;
}

enum port_kind { PORT_GOOD, PORT_BAD, PORT_NAME };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* PORT, FROM:TO, :TO, FROM: */
static enum port_kind read_port(struct tw_ipt_rule *rule,
                                const struct tw_ipt_word *word, struct tw_str piece,
                                struct tw_range *out)
{
    struct tw_ipt_word at = part(word, piece);
    size_t colon = tw_str_find(piece, ':');
    struct tw_str from = tw_str_first(piece, colon);
    struct tw_str to = colon < piece.len ? tw_str_from(piece, colon + 1) : from;
    uint64_t lo = 0, hi = 65535;
    bool open = colon < piece.len;
    if ((from.len && is_letter(*from.ptr)) || (to.len && is_letter(*to.ptr)))
        return PORT_NAME;
    if ((!(open && from.len == 0) && !tw_parse_u64(from, 65535, &lo)) ||
        (!(open && to.len == 0) && !tw_parse_u64(to, 65535, &hi))) {
        TW_IPT_BAD(rule, TW_D_bad_port, &at, piece);
        return PORT_BAD;
    }
    if (lo > hi) {
        TW_IPT_BAD(rule, TW_D_range_upside_down, &at, piece);
        return PORT_BAD;
    }
    *out = (struct tw_range){lo, hi};
    return PORT_GOOD;
}

static const struct tw_ranges *read_port_list(struct tw_ipt_rule *rule,
                                              const struct tw_ipt_use *use, bool list)
{
    enum { LIST_MAX = 256 };
    struct tw_ipt *in = rule->in;
    const struct tw_ipt_word *word = use->args;
    void **slot = tw_map_slot(&in->ports, word->text);
    if (*slot && (list || tw_str_find(word->text, ',') == word->text.len))
        return *slot;
    struct tw_range ranges[LIST_MAX];
    size_t n = 0;
    struct tw_str rest = word->text, piece;
    while (tw_str_split(&rest, list ? ',' : '\0', &piece)) {
        if (n == LIST_MAX) {
            TW_IPT_BAD(rule, TW_D_ipt_too_long, word, TW_STR("256"));
            return NULL;
        }
        enum port_kind kind = read_port(rule, word, piece, &ranges[n++]);
        if (kind == PORT_NAME)
            tw_ipt_use_unclear(rule, use);
        if (kind != PORT_GOOD)
            return NULL;
    }
    union {
        const struct tw_ranges *in;
        void *out;
    } both = {tw_ranges_of(in->arena, ranges, n)};
    *slot = both.out;
    return both.in;
}

static const struct tw_ranges *ports_of(struct tw_ipt_rule *rule,
                                        const struct tw_ipt_use *use, bool list)
{
    rule->wants_ports = true;
    rule->want = &rule->words[use->first];
    return read_port_list(rule, use, list);
}

static bool read_ports(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                       const struct tw_ranges **field, bool list)
{
    const struct tw_ranges *set = ports_of(rule, use, list);
    if (set)
        tw_ipt_rule_narrow(rule, use, field, set, 65535);
    return true;
}

bool tw_ipt_read_sport(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_ports(rule, use, &rule->sport, false);
}

bool tw_ipt_read_dport(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_ports(rule, use, &rule->dport, false);
}

bool tw_ipt_read_sports(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_ports(rule, use, &rule->sport, true);
}

bool tw_ipt_read_dports(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_ports(rule, use, &rule->dport, true);
}

/* --ports: the source port or the destination port is one of them. Negated: neither. */
bool tw_ipt_read_ports(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    const struct tw_ranges *set = ports_of(rule, use, true);
    if (!set)
        return true;
    if (use->negated) {
        tw_ipt_rule_narrow(rule, use, &rule->sport, set, 65535);
        tw_ipt_rule_narrow(rule, use, &rule->dport, set, 65535);
    } else if (rule->neither == TW_IPT_EITHER) {
        return tw_ipt_use_unclear(rule, use);
    } else {
        rule->either[rule->neither++] = set;
    }
    return true;
}

/* --- TCP flags ----------------------------------------------------------------- */

static bool read_flag_names(struct tw_str list, uint8_t *out)
{
    static const struct {
        struct tw_str name;
        uint8_t bits;
    } names[] = {
        {TW_IPT_S("SYN"), TW_TCP_SYN}, {TW_IPT_S("ACK"), TW_TCP_ACK},
        {TW_IPT_S("FIN"), TW_TCP_FIN}, {TW_IPT_S("RST"), TW_TCP_RST},
        {TW_IPT_S("PSH"), TW_TCP_PSH}, {TW_IPT_S("URG"), TW_TCP_URG},
        {TW_IPT_S("ALL"), TW_TCP_ALL}, {TW_IPT_S("NONE"), 0},
    };
    struct tw_str piece;
    *out = 0;
    while (tw_str_split(&list, ',', &piece)) {
        size_t i = 0, n = sizeof names / sizeof names[0];
        while (i < n && !tw_str_eq(piece, names[i].name))
            i++;
        if (i == n)
            return false;
        *out |= names[i].bits;
    }
    return true;
}

static bool add_flags(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                      uint8_t mask, uint8_t value)
{
    tw_ipt_rule_want(rule, TW_PROTO_TCP, &rule->words[use->first]);
    *tw_vec_add(rule->in->scratch, &rule->in->flags) =
        (struct tw_flags_test){.mask = mask, .value = value, .negated = use->negated};
    return true;
}

bool tw_ipt_read_tcp_flags(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    uint8_t mask, value;
    if (!read_flag_names(use->args[0].text, &mask) ||
        !read_flag_names(use->args[1].text, &value))
        return tw_ipt_use_unclear(rule, use);
    return add_flags(rule, use, mask, value);
}

bool tw_ipt_read_syn(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return add_flags(rule, use, TW_TCP_SYN | TW_TCP_ACK | TW_TCP_FIN | TW_TCP_RST,
                     TW_TCP_SYN);
}

/* --- states, marks, the rest --------------------------------------------------- */

/* DNAT and SNAT hold for packets that were translated; these are not followed, so for
 * all others such a test is false. */
bool tw_ipt_read_state(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    static const struct {
        struct tw_str name;
        unsigned bits;
    } names[] = {
        {TW_IPT_S("NEW"), TW_STATE_NEW},
        {TW_IPT_S("ESTABLISHED"), TW_STATE_ESTABLISHED},
        {TW_IPT_S("RELATED"), TW_STATE_RELATED},
        {TW_IPT_S("INVALID"), TW_STATE_INVALID},
        {TW_IPT_S("UNTRACKED"), TW_STATE_UNTRACKED},
        {TW_IPT_S("DNAT"), 0},
        {TW_IPT_S("SNAT"), 0},
    };
    unsigned states = 0;
    struct tw_str rest = use->args->text, piece;
    while (tw_str_split(&rest, ',', &piece)) {
        size_t i = 0, n = sizeof names / sizeof names[0];
        while (i < n && !tw_str_eq_nocase(piece, names[i].name))
            i++;
        if (i == n)
            return tw_ipt_use_unclear(rule, use);
        states |= names[i].bits;
    }
    if (use->negated)
        states = TW_STATE_ALL & ~states;
    states &= rule->states ? rule->states : TW_STATE_ALL;
    rule->states = states;
    rule->never |= states == 0;
    return true;
}

bool tw_ipt_mark_parse(struct tw_ipt_rule *rule, const struct tw_ipt_word *word,
                       uint32_t *value, uint32_t *mask)
{
    size_t slash = tw_str_find(word->text, '/');
    uint64_t v, m = UINT32_MAX;
    if (!tw_parse_u64_any(tw_str_first(word->text, slash), UINT32_MAX, &v) ||
        (slash < word->text.len &&
         !tw_parse_u64_any(tw_str_from(word->text, slash + 1), UINT32_MAX, &m))) {
        TW_IPT_BAD(rule, TW_D_bad_number, word, word->text, TW_STR("0-0xffffffff"));
        return false;
    }
    *value = (uint32_t)v;
    *mask = (uint32_t)m;
    return true;
}

static bool read_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                      bool of_connection)
{
    struct tw_ipt *in = rule->in;
    struct tw_mark_test test = {.negated = use->negated,
                                .of_connection = of_connection};
    if (!tw_ipt_mark_parse(rule, use->args, &test.value, &test.mask))
        return true;
    struct tw_str text =
        tw_fmt(in->arena, "-m %s --mark 0x%x/0x%x", of_connection ? "connmark" : "mark",
               test.value, test.mask);
    in->buf.len = 0;
    tw_buf_str(&in->buf, rule->rule.id);
    tw_buf_fmt(&in->buf, " mark %u", (unsigned)in->marks.len);
    test.unknown = tw_policy_unknown(in->policy, TW_UNKNOWN_CONDITION,
                                     tw_buf_view(&in->buf), text);
    *tw_vec_add(in->scratch, &in->marks) = test;
    return true;
}

bool tw_ipt_read_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_mark(rule, use, false);
}

bool tw_ipt_read_connmark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_mark(rule, use, true);
}

static bool read_interface(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                           bool out)
{
    enum { NAME_MAX_LENGTH = 15 }; /* IFNAMSIZ - 1 */
    struct tw_str name = use->args->text;
    if (name.len > NAME_MAX_LENGTH)
        return TW_IPT_BAD(rule, TW_D_ipt_bad_interface, use->args, name);
    if (name.len == 0 || tw_str_is(name, "+")) {
        rule->never |= use->negated;
        return true;
    }
    *tw_vec_add(rule->in->scratch, &rule->in->tests) =
        (struct tw_ipt_fixup){.pattern = name,
                              .span = tw_ipt_span(rule->in, use->args->raw),
                              .out = out,
                              .negated = use->negated};
    return true;
}

bool tw_ipt_read_in(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_interface(rule, use, false);
}

bool tw_ipt_read_out(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return read_interface(rule, use, true);
}

/* Flows are unfragmented: no packet of theirs is a later fragment. */
bool tw_ipt_read_fragment(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    rule->never |= !use->negated;
    return true;
}

/* A test that is always true (-m recent --set). */
bool tw_ipt_read_true(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    rule->never |= use->negated;
    return true;
}

bool tw_ipt_read_comment(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    if (!rule->rule.comment.len)
        rule->rule.comment = use->args->text;
    return true;
}

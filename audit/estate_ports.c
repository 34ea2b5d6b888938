/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of `ports`, `listen` and `source_ports`. */
#include "estate_load.h"

enum { PORT_MAX = 65535, TYPE_MAX = 255, PROTO_MAX = 255 };

/* N, or N-M with N <= M. */
static bool parse_span(struct tw_str s, uint64_t max, struct tw_range *out)
{
    uint64_t lo, hi;
    size_t dash = tw_str_find(s, '-');
    if (!tw_parse_u64(tw_str_first(s, dash), max, &lo))
        return false;
    hi = lo;
    if (dash < s.len && !tw_parse_u64(tw_str_from(s, dash + 1), max, &hi))
        return false;
    *out = (struct tw_range){lo, hi};
    return lo <= hi;
}

static bool parse_icmp(struct tw_arena *arena, struct tw_str type, bool six, bool typed,
                       struct tw_port_entry *out)
{
    uint64_t number;
    out->icmp = true;
    out->proto = six ? TW_PROTO_ICMPV6 : TW_PROTO_ICMP;
    out->in[TW_IPV4] = !six;
    out->in[TW_IPV6] = six || !typed;
    if (!typed)
        return true;
    if (!tw_parse_u64(type, TYPE_MAX, &number))
        return false;
    out->dport =
        tw_ranges_one(arena, (tw_u128)number << 8, (tw_u128)number << 8 | 0xff);
    return true;
}

static bool parse_entry(struct tw_arena *arena, struct tw_str s,
                        struct tw_port_entry *out)
{
    size_t slash = tw_str_find(s, '/');
    struct tw_str head = tw_str_first(s, slash), tail = tw_str_from(s, slash + 1);
    bool typed = slash < s.len, six = tw_str_eq_nocase(head, TW_STR("icmpv6"));
    uint64_t number;
    struct tw_range range;
    out->in[TW_IPV4] = out->in[TW_IPV6] = true;
    if (tw_str_is(s, "any")) {
        out->any = true;
        return true;
    }
    if (six || tw_str_eq_nocase(head, TW_STR("icmp")))
        return parse_icmp(arena, tail, six, typed, out);
    if (!typed)
        return false;
    if (tw_str_eq_nocase(head, TW_STR("ip"))) {
        out->proto = tw_parse_u64(tail, PROTO_MAX, &number) ? (unsigned)number : 256;
        return out->proto <= PROTO_MAX;
    }
    if (tw_parse_u64(head, UINT64_MAX, &number) || !tw_proto_parse(head, &out->proto) ||
        !tw_proto_has_ports(out->proto))
        return false;
    if (tw_str_is(tail, "any"))
        return true;
    if (!parse_span(tail, PORT_MAX, &range))
        return false;
    out->dport = tw_ranges_one(arena, range.lo, range.hi);
    return true;
}

/* `ip/6` says all of TCP: the same as tcp/any; `ip/1` and `ip/58` are the ICMPs without
 * a type, each of its own family. */
static void settle_number(struct tw_port_entry *entry)
{
    if (entry->any || entry->icmp)
        return;
    if (entry->proto == TW_PROTO_ICMP)
        entry->in[TW_IPV6] = false;
    if (entry->proto == TW_PROTO_ICMPV6)
        entry->in[TW_IPV4] = false;
    entry->icmp = entry->proto == TW_PROTO_ICMP || entry->proto == TW_PROTO_ICMPV6;
}

bool tw_port_entry_parse(struct tw_arena *arena, struct tw_str text,
                         struct tw_port_entry *out)
{
    if (!parse_entry(arena, text, out))
        return false;
    out->text = text;
    settle_number(out);
    return true;
}

bool tw_ports_read(struct tw_loader *l, struct tw_names words,
                   struct tw_port_entries *out)
{
    bool good = true;
    struct tw_port_entry *at = tw_new_array(l->arena, words.n, struct tw_port_entry);
    for (size_t i = 0; i < words.n; i++) {
        at[i].text = tw_keep(l, words.at[i].text);
        at[i].at = words.at[i].at;
        if (tw_port_entry_parse(l->arena, at[i].text, &at[i]))
            continue;
        TW_DIAG(l->diags, TW_D_estate_bad_port, at[i].at, at[i].text);
        good = false;
    }
    *out = (struct tw_port_entries){at, good ? words.n : 0};
    return good;
}

const struct tw_ranges *tw_source_ports_read(struct tw_loader *l, struct tw_names words)
{
    if (words.n == 0)
        return NULL;
    struct tw_range *at = tw_new_array(l->scratch, words.n, struct tw_range);
    bool good = true;
    for (size_t i = 0; i < words.n; i++) {
        struct tw_str s = words.at[i].text;
        if (tw_str_is(s, "any")) {
            at[i] = (struct tw_range){0, PORT_MAX};
        } else if (!parse_span(s, PORT_MAX, &at[i])) {
            TW_DIAG(l->diags, TW_D_estate_bad_source_port, words.at[i].at, s);
            good = false;
        }
    }
    return good ? tw_ranges_of(l->arena, at, words.n) : NULL;
}

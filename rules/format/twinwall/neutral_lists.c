/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of addresses, protocols, ports and ICMP types of the neutral XML. */
#include "neutral.h"
#include "policy_words.h"

struct list {
    struct tw_neutral *r;
    const struct tw_xml_attr *attr;
    enum tw_family family; /* of addresses */
};

enum item { GOOD, BAD, TOLD };

/* Reads the value of attribute NAME item by item with ONE. Equal texts of the same KIND
 * are one list. */
static const struct tw_ranges *read_list(struct tw_neutral *r, const struct tw_xml *e,
                                         const char *name, char kind,
                                         enum tw_family family, enum tw_message want,
                                         enum item (*one)(struct list *, struct tw_str))
{
    struct list list = {.r = r, .attr = tw_neutral_attr(e, name), .family = family};
    if (!list.attr)
        return NULL;
    struct tw_str rest = list.attr->value, item;
    r->key.len = 0;
    tw_buf_char(&r->key, kind);
    tw_buf_str(&r->key, rest);
    const struct tw_map_entry *known = tw_map_find(&r->lists, tw_buf_view(&r->key));
    if (known)
        return known->value;
    struct tw_str key = tw_str_copy(r->arena, tw_buf_view(&r->key));
    size_t errors = r->diags->errors;
    r->ranges.len = 0;
    bool none = tw_str_is(rest, TW_WORD_NONE);
    while (!none && tw_next_item(&rest, ' ', &item))
        if (one(&list, item) == BAD)
            tw_neutral_bad(r, list.attr, item,
                           TW_SAY(r->diags->arena, r->diags->lang, want));
    if (!none && r->ranges.len == 0 && r->diags->errors == errors)
        tw_neutral_bad(r, list.attr, list.attr->value,
                       TW_SAY(r->diags->arena, r->diags->lang, want));
    if (r->diags->errors != errors)
        return NULL;
    const struct tw_ranges *ranges =
        tw_ranges_of(r->arena, r->ranges.at, r->ranges.len);
    *tw_map_slot(&r->lists, key) = (void *)(uintptr_t)ranges;
    return ranges;
}

static enum item add(struct list *list, tw_u128 lo, tw_u128 hi, struct tw_str item)
{
    if (lo > hi) {
        TW_DIAG(list->r->diags, TW_D_range_upside_down,
                tw_neutral_span(list->r, list->attr, item), item);
        return TOLD;
    }
    *tw_vec_add(list->r->arena, &list->r->ranges) = (struct tw_range){lo, hi};
    return GOOD;
}

/* A-B, or A alone for both. */
static void split(struct tw_str item, struct tw_str *lo, struct tw_str *hi)
{
    size_t dash = tw_str_find(item, '-');
    *lo = tw_str_first(item, dash);
    *hi = dash < item.len ? tw_str_from(item, dash + 1) : *lo;
}

/* --- addresses -------------------------------------------------------------------- */

/* @name: the addresses of a list of the export. */
static enum item add_object(struct list *list, struct tw_str item)
{
    struct tw_neutral *r = list->r;
    struct tw_str name;
    if (!tw_item_name(r->arena, tw_str_from(item, 1), &name))
        return BAD;
    size_t index = (size_t)(uintptr_t)tw_map_get(&r->objects, name);
    if (!index) {
        TW_DIAG(r->diags, TW_D_neutral_undeclared, tw_neutral_span(r, list->attr, item),
                TW_STR("object"), name);
        return TOLD;
    }
    const struct tw_ranges *all =
        r->policy->objects.at[index - 1].addresses[list->family];
    if (!all)
        return BAD;
    for (size_t i = 0; i < all->n; i++)
        *tw_vec_add(r->arena, &r->ranges) = all->at[i];
    return GOOD;
}

static enum item address(struct list *list, struct tw_str item)
{
    struct tw_neutral *r = list->r;
    enum tw_family family, other;
    struct tw_range range;
    bool host_bits;
    struct tw_str lo, hi;
    if (*item.ptr == '@')
        return add_object(list, item);
    split(item, &lo, &hi);
    if (lo.len < item.len && tw_ip_parse(lo, &family, &range.lo) &&
        tw_ip_parse(hi, &other, &range.hi) && family == other && family == list->family)
        return add(list, range.lo, range.hi, item);
    if (!tw_ip_range_parse(item, &family, &range, &host_bits) || family != list->family)
        return BAD;
    if (host_bits) {
        TW_DIAG(r->diags, TW_D_allow_host_bits, tw_neutral_span(r, list->attr, item),
                item);
        return TOLD;
    }
    return add(list, range.lo, range.hi, item);
}

const struct tw_ranges *tw_neutral_addresses(struct tw_neutral *r,
                                             const struct tw_xml *e, const char *name,
                                             enum tw_family family)
{
    bool six = family == TW_IPV6;
    return read_list(r, e, name, six ? '6' : '4', family,
                     six ? TW_M_want_addresses6 : TW_M_want_addresses4, address);
}

/* --- numbers ---------------------------------------------------------------------- */

static enum item protocol(struct list *list, struct tw_str item)
{
    unsigned lo, hi;
    struct tw_str a, b;
    if (tw_proto_parse(item, &lo)) /* names may hold a dash */
        return add(list, lo, lo, item);
    split(item, &a, &b);
    if (!tw_proto_parse(a, &lo) || !tw_proto_parse(b, &hi))
        return BAD;
    return add(list, lo, hi, item);
}

const struct tw_ranges *tw_neutral_protocols(struct tw_neutral *r,
                                             const struct tw_xml *e)
{
    return read_list(r, e, "proto", 'p', TW_IPV4, TW_M_want_protocols, protocol);
}

static enum item port(struct list *list, struct tw_str item)
{
    enum { PORT_MAX = 65535 };
    uint64_t lo, hi;
    struct tw_str a, b;
    split(item, &a, &b);
    if (!tw_parse_u64(a, PORT_MAX, &lo) || !tw_parse_u64(b, PORT_MAX, &hi))
        return BAD;
    return add(list, lo, hi, item);
}

const struct tw_ranges *tw_neutral_ports(struct tw_neutral *r, const struct tw_xml *e,
                                         const char *name)
{
    return read_list(r, e, name, 'd', TW_IPV4, TW_M_want_ports, port);
}

/* TYPE or TYPE/CODE; all codes lie between *LO and *HI where none is said. */
static bool icmp_end(struct tw_str s, uint64_t *lo, uint64_t *hi)
{
    enum { MAX = 255 };
    uint64_t type, code;
    size_t slash = tw_str_find(s, '/');
    if (!tw_parse_u64(tw_str_first(s, slash), MAX, &type))
        return false;
    *lo = type << 8;
    *hi = type << 8 | MAX;
    if (slash == s.len)
        return true;
    if (!tw_parse_u64(tw_str_from(s, slash + 1), MAX, &code))
        return false;
    *lo = *hi = type << 8 | code;
    return true;
}

static enum item icmp(struct list *list, struct tw_str item)
{
    struct tw_str a, b;
    uint64_t lo, hi, unused;
    split(item, &a, &b);
    if (!icmp_end(a, &lo, &unused) || !icmp_end(b, &unused, &hi))
        return BAD;
    return add(list, lo, hi, item);
}

const struct tw_ranges *tw_neutral_icmp(struct tw_neutral *r, const struct tw_xml *e)
{
    return read_list(r, e, "icmp", 'i', TW_IPV4, TW_M_want_icmp, icmp);
}

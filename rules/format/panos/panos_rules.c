/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of rules as compact records of names, for panos_build.c to resolve.
 *
 * Every child element of an entry is modelled, or stands in the list of those that have
 * no part in the decision, or makes the rule one of doubt. There is no fourth way.
 */
#include "panos_parts.h"

struct entry {
    struct tw_panos *in;
    enum tw_panos_book book;
    struct tw_panos_rule *rule;
    const struct tw_xml *xml;
    size_t nextras;
};

typedef void reader(struct entry *e, const struct tw_xml *child);

/* --- what few rules have --------------------------------------------------------- */

static struct tw_panos_extra *add_extra(struct entry *e, enum tw_panos_extra_kind kind,
                                        const struct tw_xml *child)
{
    struct tw_panos_extra *x = tw_new(e->in->scratch, struct tw_panos_extra);
    struct tw_panos_extra **end = &e->rule->extras;
    while (*end)
        end = &(*end)->next;
    e->nextras++;
    *x = (struct tw_panos_extra){.kind = kind, .at = child->start};
    *end = x;
    return x;
}

static void doubt(struct entry *e, const struct tw_xml *child)
{
    enum { ENOUGH = 64 };
    struct tw_buf buf;
    if (e->nextras >= ENOUGH)
        return; /* it is one of doubt already */
    tw_buf_init(&buf, e->in->scratch);
    tw_buf_char(&buf, '<');
    tw_buf_str(&buf, child->name);
    tw_buf_char(&buf, '>');
    if (!child->first && child->text.len) {
        tw_buf_char(&buf, ' ');
        tw_buf_str(&buf, tw_str_first(child->text, 80));
    }
    add_extra(e, TW_PANOS_DOUBT, child)->text = tw_buf_view(&buf);
}

static bool is_yes(struct entry *e, const struct tw_xml *child)
{
    if (tw_str_is(child->text, "yes"))
        return true;
    if (!tw_str_is(child->text, "no"))
        doubt(e, child);
    return false;
}

/* --- children -------------------------------------------------------------------- */

static void read_from(struct entry *e, const struct tw_xml *child)
{
    e->rule->from = tw_panos_list_read(e->in, child);
}

static void read_to(struct entry *e, const struct tw_xml *child)
{
    e->rule->to = tw_panos_list_read(e->in, child);
}

static void read_source(struct entry *e, const struct tw_xml *child)
{
    e->rule->source = tw_panos_list_read(e->in, child);
}

static void read_destination(struct entry *e, const struct tw_xml *child)
{
    e->rule->destination = tw_panos_list_read(e->in, child);
}

static void read_user(struct entry *e, const struct tw_xml *child)
{
    tw_panos_list list = tw_panos_list_read(e->in, child);
    e->rule->user = list == TW_PANOS_NONE ? TW_PANOS_ANY : list;
}

static void read_apps(struct entry *e, const struct tw_xml *child)
{
    e->rule->apps = tw_panos_list_read(e->in, child);
}

static void read_service(struct entry *e, const struct tw_xml *child)
{
    uint32_t name;
    if (e->book == TW_PANOS_SECURITY || child->first) {
        e->rule->service = tw_panos_list_read(e->in, child);
    } else if (tw_str_is(child->text, "any")) { /* of translation: one, as text */
        e->rule->service = TW_PANOS_ANY;
    } else if (child->text.len) {
        name = tw_panos_name(e->in, child->text);
        e->rule->service = tw_panos_list_of(e->in, &name, 1);
    }
}

/* A list of names that nothing here decides; "any" and none at all are no condition. */
static void read_condition(struct entry *e, const struct tw_xml *child,
                           enum tw_panos_extra_kind kind, const char *words)
{
    tw_panos_list list = tw_panos_list_read(e->in, child);
    if (list == TW_PANOS_ANY || list == TW_PANOS_NONE) {
        if (list == TW_PANOS_NONE && child->text.len)
            doubt(e, child);
        return;
    }
    struct tw_panos_extra *x = add_extra(e, kind, child);
    x->list = list;
    x->text = tw_str_of(words);
}

static void read_category(struct entry *e, const struct tw_xml *child)
{
    read_condition(e, child, TW_PANOS_CONDITION, "URL category");
}

static void read_hip_source(struct entry *e, const struct tw_xml *child)
{
    read_condition(e, child, TW_PANOS_CONDITION, "HIP profile of the source");
}

static void read_hip_destination(struct entry *e, const struct tw_xml *child)
{
    read_condition(e, child, TW_PANOS_CONDITION, "HIP profile of the destination");
}

static void read_device(struct entry *e, const struct tw_xml *child)
{
    bool source = tw_str_starts(child->name, "source");
    read_condition(e, child, TW_PANOS_CONDITION,
                   source ? "device of the source" : "device of the destination");
}

static void read_other_list(struct entry *e, const struct tw_xml *child)
{
    const char *words = tw_str_cstr(e->in->scratch, tw_panos_keep(e->in, child->name));
    read_condition(e, child, TW_PANOS_CONDITION, words);
}

static void read_action(struct entry *e, const struct tw_xml *child)
{
    static const struct {
        const char *name;
        enum tw_panos_verb verb;
    } verbs[] = {{"allow", TW_PANOS_ALLOW},        {"deny", TW_PANOS_DENY},
                 {"drop", TW_PANOS_DENY},          {"reset-client", TW_PANOS_RESET},
                 {"reset-server", TW_PANOS_RESET}, {"reset-both", TW_PANOS_RESET}};
    e->rule->verb = TW_PANOS_OTHER;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (tw_str_is(child->text, verbs[i].name))
            e->rule->verb = (uint8_t)verbs[i].verb;
    if (e->rule->verb == TW_PANOS_OTHER)
        doubt(e, child);
}

static void read_type(struct entry *e, const struct tw_xml *child)
{
    static const char *const names[] = {"universal", "intrazone", "interzone"};
    for (uint8_t i = 0; i < 3; i++)
        if (tw_str_is(child->text, names[i])) {
            e->rule->type = i;
            return;
        }
    doubt(e, child);
}

static void set_flag(struct entry *e, const struct tw_xml *child, unsigned flag)
{
    if (is_yes(e, child))
        e->rule->flags |= (uint16_t)flag;
}

static void read_disabled(struct entry *e, const struct tw_xml *child)
{
    set_flag(e, child, TW_PANOS_DISABLED);
}

static void read_log(struct entry *e, const struct tw_xml *child)
{
    if (tw_str_is(child->text, "yes"))
        e->rule->flags |= TW_PANOS_LOGGED;
}

static void read_negate_source(struct entry *e, const struct tw_xml *child)
{
    set_flag(e, child, TW_PANOS_NEGATE_SRC);
}

static void read_negate_destination(struct entry *e, const struct tw_xml *child)
{
    set_flag(e, child, TW_PANOS_NEGATE_DST);
}

static void read_description(struct entry *e, const struct tw_xml *child)
{
    e->rule->comment = tw_panos_keep(e->in, child->text);
}

static void read_schedule(struct entry *e, const struct tw_xml *child)
{
    if (child->text.len && !tw_str_is(child->text, "none"))
        e->rule->schedule = tw_panos_name(e->in, child->text) + 1;
}

static void read_target(struct entry *e, const struct tw_xml *child)
{
    const struct tw_xml *devices = tw_xml_child(child, "devices");
    const struct tw_xml *negate = tw_xml_child(child, "negate");
    const struct tw_xml *tags = tw_xml_child(child, "tags");
    TW_VEC(uint32_t) serials = {0};
    bool by_vsys = false;
    for (const struct tw_xml *c = child->first; c; c = c->next)
        if (c != devices && c != negate && c != tags)
            doubt(e, c);
    if (tw_xml_child(tags, "member"))
        doubt(e, tags);
    for (const struct tw_xml *d = tw_xml_child(devices, "entry"); d;
         d = tw_xml_next(d)) {
        *tw_vec_add(e->in->scratch, &serials) =
            tw_panos_name(e->in, tw_xml_attr(d, "name"));
        by_vsys |= tw_xml_at(d, "vsys", "entry", NULL) != NULL;
    }
    if (serials.len == 0)
        return; /* every device */
    struct tw_panos_extra *x = add_extra(e, TW_PANOS_TARGET, child);
    x->list = tw_panos_list_of(e->in, serials.at, serials.len);
    x->negated = negate && is_yes(e, negate);
    x->by_vsys = by_vsys;
}

static void ignore(struct entry *e, const struct tw_xml *child)
{
    (void)e;
    (void)child;
}

/* --- translation ----------------------------------------------------------------- */

/* The addresses that a static translation makes of the source's. */
static void read_back(struct entry *e, const struct tw_xml *fixed)
{
    const struct tw_xml *both = tw_xml_child(fixed, "bi-directional");
    const struct tw_xml *to = tw_xml_child(fixed, "translated-address");
    if (!both || !is_yes(e, both))
        return;
    struct tw_panos_extra *x = add_extra(e, TW_PANOS_BACK, both);
    if (to && to->text.len) {
        uint32_t name = tw_panos_name(e->in, to->text);
        x->list = tw_panos_list_of(e->in, &name, 1);
    }
}

static void read_source_translation(struct entry *e, const struct tw_xml *child)
{
    if (!child->first)
        return;
    e->rule->flags |= TW_PANOS_TRANSLATES_SRC;
    const struct tw_xml *fixed = tw_xml_child(child, "static-ip");
    if (fixed)
        read_back(e, fixed);
}

static void read_destination_translation(struct entry *e, const struct tw_xml *child)
{
    if (child->first)
        e->rule->flags |= TW_PANOS_TRANSLATES_DST;
}

static void read_nat_type(struct entry *e, const struct tw_xml *child)
{
    if (tw_str_is(child->text, "ipv4"))
        e->rule->flags |= TW_PANOS_ONLY_IPV4;
    else if (tw_str_is(child->text, "nat64"))
        e->rule->flags |= TW_PANOS_ONLY_IPV6 | TW_PANOS_TRANSLATES_DST;
    else if (tw_str_is(child->text, "nptv6"))
        e->rule->flags |= TW_PANOS_ONLY_IPV6;
    else
        doubt(e, child);
}

static void read_to_interface(struct entry *e, const struct tw_xml *child)
{
    if (!child->text.len || tw_str_is(child->text, "any"))
        return;
    uint32_t name = tw_panos_name(e->in, child->text);
    struct tw_panos_extra *x = add_extra(e, TW_PANOS_CONDITION, child);
    x->list = tw_panos_list_of(e->in, &name, 1);
    x->text = TW_STR("destination interface");
}

static void read_binding(struct entry *e, const struct tw_xml *child)
{
    if (!child->text.len || tw_str_is(child->text, "both"))
        return;
    uint32_t name = tw_panos_name(e->in, child->text);
    struct tw_panos_extra *x = add_extra(e, TW_PANOS_CONDITION, child);
    x->list = tw_panos_list_of(e->in, &name, 1);
    x->text = TW_STR("active-active device");
}

/* --- override -------------------------------------------------------------------- */

static void read_override_port(struct entry *e, const struct tw_xml *child)
{
    struct tw_panos_ports *ports = tw_new(e->in->scratch, struct tw_panos_ports);
    const struct tw_ranges *list = tw_panos_port_list(e->in, child);
    const struct tw_xml *protocol = tw_xml_child(e->xml, "protocol");
    bool udp = protocol && tw_str_is(protocol->text, "udp");
    bool tcp = protocol && tw_str_is(protocol->text, "tcp");
    if (!tcp && !udp)
        doubt(e, protocol ? protocol : child);
    *ports = (struct tw_panos_ports){.proto = udp ? TW_PROTO_UDP : TW_PROTO_TCP,
                                     .dport = list};
    add_extra(e, TW_PANOS_PORT, child)->ports = ports;
}

static void read_override_app(struct entry *e, const struct tw_xml *child)
{
    if (!child->text.len)
        return;
    uint32_t name = tw_panos_name(e->in, child->text);
    e->rule->apps = tw_panos_list_of(e->in, &name, 1);
}

/* --- what only may drop packets -------------------------------------------------- */

/* pbf: <action><discard/></action>; dos: <action><deny/></action>. */
static void read_drop(struct entry *e, const struct tw_xml *child)
{
    static const char *const drops[] = {"discard", "deny", "protect"};
    bool known = false;
    for (const struct tw_xml *c = child->first; c; c = c->next)
        for (size_t i = 0; i < 3; i++)
            if (tw_str_is(c->name, drops[i]) || tw_str_is(child->text, drops[i])) {
                /* A rate is taken as kept to, as everywhere. */
                if (i < 2)
                    e->rule->flags |= TW_PANOS_DROPS;
                known = true;
            }
    if (!known && tw_str_is(child->text, "deny"))
        e->rule->flags |= TW_PANOS_DROPS;
}

/* Zones, or interfaces: from what a packet comes by. */
static void read_from_any(struct entry *e, const struct tw_xml *child)
{
    const struct tw_xml *zone = tw_xml_child(child, "zone");
    e->rule->from = TW_PANOS_ANY;
    if (zone)
        e->rule->from = tw_panos_list_read(e->in, zone);
    else if (tw_xml_child(child, "member"))
        e->rule->from = tw_panos_list_read(e->in, child);
    else if (child->first)
        doubt(e, child);
}

static void read_to_any(struct entry *e, const struct tw_xml *child)
{
    const struct tw_xml *zone = tw_xml_child(child, "zone");
    e->rule->to = TW_PANOS_ANY;
    if (zone)
        e->rule->to = tw_panos_list_read(e->in, zone);
    else if (tw_xml_child(child, "member"))
        e->rule->to = tw_panos_list_read(e->in, child);
    else if (child->first)
        doubt(e, child);
}

/* --- the tables ------------------------------------------------------------------ */

enum {
    SEC = 1 << TW_PANOS_SECURITY,
    DEF = 1 << TW_PANOS_DEFAULTS,
    NAT = 1 << TW_PANOS_NAT,
    OVR = 1 << TW_PANOS_OVERRIDE,
    PBF = 1 << TW_PANOS_PBF,
    DOS = 1 << TW_PANOS_DOS,
    ALL = SEC | DEF | NAT | OVR | PBF | DOS
};

static const struct {
    struct tw_str name;
    unsigned books;
    reader *read;
} children[] = {
    {TW_PANOS_S("from"), SEC | NAT | OVR, read_from},
    {TW_PANOS_S("to"), SEC | NAT | OVR, read_to},
    {TW_PANOS_S("source"), SEC | NAT | OVR | PBF | DOS, read_source},
    {TW_PANOS_S("destination"), SEC | NAT | OVR | PBF | DOS, read_destination},
    {TW_PANOS_S("service"), SEC | NAT | PBF | DOS, read_service},
    {TW_PANOS_S("application"), SEC | PBF, read_apps},
    {TW_PANOS_S("action"), SEC | DEF, read_action},
    {TW_PANOS_S("log-end"), SEC | DEF, read_log},
    {TW_PANOS_S("log-start"), SEC | DEF, read_log},
    {TW_PANOS_S("disabled"), ALL, read_disabled},
    {TW_PANOS_S("description"), ALL, read_description},
    {TW_PANOS_S("source-user"), SEC | PBF | DOS, read_user},
    {TW_PANOS_S("category"), SEC, read_category},
    {TW_PANOS_S("source-hip"), SEC, read_hip_source},
    {TW_PANOS_S("destination-hip"), SEC, read_hip_destination},
    {TW_PANOS_S("hip-profiles"), SEC, read_hip_source},
    {TW_PANOS_S("rule-type"), SEC, read_type},
    {TW_PANOS_S("negate-source"), SEC | OVR | PBF | DOS, read_negate_source},
    {TW_PANOS_S("negate-destination"), SEC | OVR | PBF | DOS, read_negate_destination},
    {TW_PANOS_S("schedule"), SEC | PBF | DOS, read_schedule},
    {TW_PANOS_S("target"), ALL, read_target},
    {TW_PANOS_S("source-device"), SEC, read_device},
    {TW_PANOS_S("destination-device"), SEC, read_device},
    {TW_PANOS_S("source-imsi"), SEC, read_other_list},
    {TW_PANOS_S("source-imei"), SEC, read_other_list},
    {TW_PANOS_S("source-nw-slice"), SEC, read_other_list},
    {TW_PANOS_S("saas-user-list"), SEC, read_other_list},
    {TW_PANOS_S("saas-tenant-list"), SEC, read_other_list},
    {TW_PANOS_S("source-translation"), NAT, read_source_translation},
    {TW_PANOS_S("destination-translation"), NAT, read_destination_translation},
    {TW_PANOS_S("dynamic-destination-translation"), NAT, read_destination_translation},
    {TW_PANOS_S("nat-type"), NAT, read_nat_type},
    {TW_PANOS_S("to-interface"), NAT, read_to_interface},
    {TW_PANOS_S("active-active-device-binding"), NAT | PBF, read_binding},
    {TW_PANOS_S("port"), OVR, read_override_port},
    {TW_PANOS_S("application"), OVR, read_override_app},
    {TW_PANOS_S("protocol"), OVR, ignore}, /* with the port */
    {TW_PANOS_S("from"), PBF | DOS, read_from_any},
    {TW_PANOS_S("to"), DOS, read_to_any},
    {TW_PANOS_S("action"), PBF | DOS, read_drop},
    /* without a part in the decision */
    {TW_PANOS_S("tag"), ALL, ignore},
    {TW_PANOS_S("group-tag"), ALL, ignore},
    {TW_PANOS_S("uuid"), ALL, ignore},
    {TW_PANOS_S("log-setting"), ALL, ignore},
    {TW_PANOS_S("profile-setting"), SEC | DEF, ignore},
    {TW_PANOS_S("option"), SEC, ignore},
    {TW_PANOS_S("icmp-unreachable"), SEC | DEF, ignore},
    {TW_PANOS_S("qos"), SEC, ignore},
    {TW_PANOS_S("disable-inspect"), SEC, ignore},
    {TW_PANOS_S("disable-server-response-inspection"), SEC, ignore},
    {TW_PANOS_S("group-id"), ALL, ignore},
    {TW_PANOS_S("audit-comment"), ALL, ignore},
    {TW_PANOS_S("enforce-symmetric-return"), PBF, ignore},
    {TW_PANOS_S("protection"), DOS, ignore},
};

/* Children stand once; a second one would undo the first. *SEEN has their bits. */
static void read_child(struct entry *e, const struct tw_xml *child, uint64_t *seen)
{
    enum { N = sizeof children / sizeof children[0] };
    _Static_assert(N <= 64, "a bit each");
    for (size_t i = 0; i < N; i++)
        if (children[i].books >> e->book & 1 &&
            tw_str_eq(child->name, children[i].name)) {
            if (*seen >> i & 1)
                break;
            *seen |= (uint64_t)1 << i;
            children[i].read(e, child);
            return;
        }
    doubt(e, child);
}

static struct tw_panos_rule *new_rule(struct tw_panos *in, struct tw_panos_rules *rules)
{
    enum { SMALL = 8, LARGE = 1024 };
    struct tw_panos_chunk *last = rules->last;
    if (!last || last->n == last->cap) {
        struct tw_panos_chunk *next = tw_new(in->scratch, struct tw_panos_chunk);
        next->cap = last ? last->cap * 4 : SMALL;
        if (next->cap > LARGE)
            next->cap = LARGE;
        next->rules = tw_new_array(in->scratch, next->cap, struct tw_panos_rule);
        if (last)
            last->next = next;
        else
            rules->first = next;
        rules->last = last = next;
    }
    rules->n++;
    return &last->rules[last->n++];
}

void tw_panos_rule_read(struct tw_panos *in, enum tw_panos_book book,
                        struct tw_panos_rules *rules, const struct tw_xml *entry)
{
    struct tw_str name = tw_xml_attr(entry, "name");
    if (name.len == 0) {
        TW_DIAG(in->diags, TW_D_panos_no_name, entry->start,
                tw_panos_say(in, TW_M_panos_rule));
        return;
    }
    struct tw_panos_rule *rule = new_rule(in, rules);
    *rule = (struct tw_panos_rule){.name = tw_panos_keep(in, name),
                                   .src = in->src,
                                   .off = entry->start.off,
                                   .start_len = (uint32_t)entry->start.len,
                                   .len = (uint32_t)entry->at.len,
                                   .user = TW_PANOS_ANY};
    if (book != TW_PANOS_SECURITY && book != TW_PANOS_OVERRIDE)
        rule->apps = TW_PANOS_ANY;
    if (book != TW_PANOS_SECURITY && book != TW_PANOS_NAT)
        rule->service = TW_PANOS_ANY;
    if (book == TW_PANOS_PBF || book == TW_PANOS_DOS)
        rule->from = rule->to = TW_PANOS_ANY;
    struct entry e = {in, book, rule, entry, 0};
    uint64_t seen = 0;
    for (const struct tw_xml *child = entry->first; child; child = child->next)
        read_child(&e, child, &seen);
}

/* --- places of members ----------------------------------------------------------- */

struct tw_span tw_panos_member_at(const struct tw_panos_rule *rule, const char *element,
                                  struct tw_str member)
{
    struct tw_str text =
        tw_str_first(tw_str_from(rule->src->text, (size_t)rule->off), rule->len);
    struct tw_str name = tw_str_of(element);
    for (size_t at = tw_str_find(text, '<'); at < text.len;) {
        struct tw_str rest = tw_str_from(text, at + 1);
        if (tw_str_eq(tw_str_first(rest, name.len), name) && rest.len > name.len &&
            (rest.ptr[name.len] == '>' || rest.ptr[name.len] == ' ')) {
            struct tw_str inside = tw_str_from(rest, tw_str_find(rest, '>') + 1);
            size_t found = tw_str_find_str(inside, member);
            while (found < inside.len) {
                struct tw_str hit = tw_str_from(inside, found);
                bool before = found == 0 || inside.ptr[found - 1] == '>' ||
                              inside.ptr[found - 1] == ' ' ||
                              inside.ptr[found - 1] == '\n';
                bool after =
                    hit.len > member.len &&
                    (hit.ptr[member.len] == '<' || hit.ptr[member.len] == ' ' ||
                     hit.ptr[member.len] == '\n' || hit.ptr[member.len] == '\r');
                if (before && after)
                    return tw_span_of(rule->src, tw_str_first(hit, member.len));
                struct tw_str more = tw_str_from(inside, found + 1);
                found += 1 + tw_str_find_str(more, member);
            }
            break;
        }
        at += 1 + tw_str_find(rest, '<');
    }
    return tw_panos_rule_at(rule);
}

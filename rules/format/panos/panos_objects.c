/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of objects, and which of them a name means.
 *
 * A malformed value is an error wherever it stands; an element that is not known makes
 * the object a thing of doubt. Names are looked up from the nearest scope of the wall
 * outward:
 *
 *     vsys → what a Panorama pushed → device group → its parents → shared
 *
 * A Panorama's rule of an outer scope, too, means the nearest object, since it is
 * pushed together with it; where the outer scope has another object of that name, what
 * it means is in doubt.
 */
#include "panos_parts.h"

struct tw_span tw_panos_object_at(const struct tw_panos_object *object)
{
    return (struct tw_span){object->src, object->off, object->at_len};
}

/* --- entries --------------------------------------------------------------------- */

struct entry {
    struct tw_panos *in;
    const struct tw_xml *xml;
    uint16_t scope;
    enum tw_panos_what what;
    struct tw_str name;
};

static const struct {
    enum tw_panos_space space;
    enum tw_message words;
} whats[] = {
    [TW_PANOS_IS_ADDRESS] = {TW_PANOS_ADDRESSES, TW_M_panos_address},
    [TW_PANOS_IS_ADDRESS_GROUP] = {TW_PANOS_ADDRESSES, TW_M_panos_address_group},
    [TW_PANOS_IS_EXTERNAL_LIST] = {TW_PANOS_ADDRESSES, TW_M_panos_external_list},
    [TW_PANOS_IS_REGION] = {TW_PANOS_ADDRESSES, TW_M_panos_region},
    [TW_PANOS_IS_SERVICE] = {TW_PANOS_SERVICES, TW_M_panos_service},
    [TW_PANOS_IS_SERVICE_GROUP] = {TW_PANOS_SERVICES, TW_M_panos_service_group},
    [TW_PANOS_IS_APPLICATION] = {TW_PANOS_APPS, TW_M_panos_application},
    [TW_PANOS_IS_APPLICATION_GROUP] = {TW_PANOS_APPS, TW_M_panos_application_group},
    [TW_PANOS_IS_APPLICATION_FILTER] = {TW_PANOS_APPS, TW_M_panos_application_filter},
    [TW_PANOS_IS_SCHEDULE] = {TW_PANOS_SCHEDULES, TW_M_panos_schedule},
};

static struct tw_str words_of(const struct entry *e, const char *more)
{
    struct tw_buf buf;
    tw_buf_init(&buf, e->in->scratch);
    tw_buf_text(&buf, tw_message_pattern(TW_LANG_EN, whats[e->what].words));
    tw_buf_text(&buf, " \"");
    tw_buf_str(&buf, e->name);
    tw_buf_text(&buf, "\"");
    tw_buf_text(&buf, more);
    return tw_buf_view(&buf);
}

static void read_tags(struct entry *e, struct tw_panos_object *object)
{
    uint32_t room;
    struct tw_panos *in = e->in;
    struct tw_panos_span names = tw_panos_list_names(
        in, tw_panos_list_read(in, tw_xml_child(e->xml, "tag")), &room);
    if (names.n == 0)
        return;
    uint32_t *tags = tw_new_array(in->scratch, names.n, uint32_t);
    for (size_t i = 0; i < names.n; i++)
        tags[i] = names.at[i];
    object->tags = tags;
    object->ntags = (uint16_t)(names.n < UINT16_MAX ? names.n : UINT16_MAX);
}

static void add(struct entry *e, struct tw_panos_object *object,
                enum tw_panos_kind kind)
{
    struct tw_panos *in = e->in;
    object->kind = (uint8_t)kind;
    object->what = (uint8_t)e->what;
    object->space = (uint8_t)whats[e->what].space;
    object->scope = e->scope;
    object->src = in->src;
    object->off = e->xml->start.off;
    object->at_len = (uint32_t)e->xml->start.len;
    object->name = tw_panos_name(in, e->name);
    read_tags(e, object);
    struct tw_panos_name *name = tw_panos_name_at(in, object->name);
    object->same_name = name->objects;
    name->objects = object;
}

static struct tw_panos_opaque *add_opaque(struct entry *e, enum tw_panos_kind kind,
                                          enum tw_unknown_kind unknown,
                                          struct tw_str name)
{
    struct tw_panos_opaque *o = tw_new(e->in->scratch, struct tw_panos_opaque);
    o->thing = tw_panos_thing(e->in, unknown, name);
    add(e, &o->object, kind);
    return o;
}

/* The first child that is not one of KNOWN, or NULL. */
static const struct tw_xml *stranger(const struct tw_xml *xml, const char *const *known)
{
    static const char *const harmless[] = {"description", "tag", "disable-override",
                                           "color", NULL};
    for (const struct tw_xml *child = xml->first; child; child = child->next) {
        bool fits = false;
        for (const char *const *k = known; *k && !fits; k++)
            fits = tw_str_is(child->name, *k);
        for (const char *const *k = harmless; *k && !fits; k++)
            fits = tw_str_is(child->name, *k);
        if (!fits)
            return child;
    }
    return NULL;
}

/* What stands for an object that holds the element CHILD, which is not known. */
static struct tw_panos_thing *strange(struct entry *e, const struct tw_xml *child)
{
    struct tw_buf buf;
    tw_buf_init(&buf, e->in->scratch);
    tw_buf_text(&buf, " with <");
    tw_buf_str(&buf, child->name);
    tw_buf_text(&buf, ">");
    const char *more = tw_str_cstr(e->in->scratch, tw_buf_view(&buf));
    return tw_panos_doubt(e->in, words_of(e, more), child->start);
}

static void add_strange(struct entry *e, const struct tw_xml *child)
{
    struct tw_panos_opaque *o = tw_new(e->in->scratch, struct tw_panos_opaque);
    o->thing =
        child ? strange(e, child)
              : tw_panos_doubt(e->in, words_of(e, " without a value"), e->xml->start);
    add(e, &o->object, TW_PANOS_OPAQUE);
}

/* --- addresses ------------------------------------------------------------------- */

static struct tw_panos_address *new_address(struct entry *e, enum tw_family family,
                                            struct tw_range range)
{
    struct tw_panos_address *a = tw_new(e->in->arena, struct tw_panos_address);
    a->family = family;
    a->one = range;
    a->ranges = (struct tw_ranges){1, &a->one};
    return a;
}

static void read_netmask(struct entry *e, const struct tw_xml *value)
{
    enum tw_family family;
    struct tw_range range;
    struct tw_str text = value->text;
    if (tw_str_find(text, '-') < text.len ||
        !tw_ip_range_parse(text, &family, &range, NULL)) {
        TW_DIAG(e->in->diags, TW_D_bad_address, value->text_at, text);
        return;
    }
    add(e, &new_address(e, family, range)->object, TW_PANOS_ADDRESS);
}

static bool range_of(struct tw_panos *in, struct tw_str text, struct tw_span at,
                     enum tw_family *family, struct tw_range *range)
{
    size_t dash = tw_str_find(text, '-');
    enum tw_family other;
    if (dash == text.len ||
        !tw_ip_parse(tw_str_trim(tw_str_first(text, dash)), family, &range->lo) ||
        !tw_ip_parse(tw_str_trim(tw_str_from(text, dash + 1)), &other, &range->hi) ||
        *family != other)
        TW_DIAG(in->diags, TW_D_bad_address, at, text);
    else if (range->lo > range->hi)
        TW_DIAG(in->diags, TW_D_range_upside_down, at, text);
    else
        return true;
    return false;
}

static void read_range(struct entry *e, const struct tw_xml *value)
{
    enum tw_family family;
    struct tw_range range;
    if (range_of(e->in, value->text, value->text_at, &family, &range))
        add(e, &new_address(e, family, range)->object, TW_PANOS_ADDRESS);
}

/* ADDRESS/MASK: the bits of MASK that are 1 may be anything. */
static void read_wildcard(struct entry *e, const struct tw_xml *value)
{
    struct tw_str text = value->text;
    size_t slash = tw_str_find(text, '/');
    enum tw_family family, other;
    tw_u128 base, mask;
    if (slash == text.len || !tw_ip_parse(tw_str_first(text, slash), &family, &base) ||
        !tw_ip_parse(tw_str_from(text, slash + 1), &other, &mask) ||
        family != TW_IPV4 || other != TW_IPV4) {
        TW_DIAG(e->in->diags, TW_D_bad_address, value->text_at, text);
        return;
    }
    uint32_t free_bits = (uint32_t)mask, low = 0;
    while (free_bits & (low + 1) && low != UINT32_MAX)
        low = low << 1 | 1;
    uint32_t high = free_bits & ~low;
    unsigned ones = (unsigned)__builtin_popcount(high);
    if (ones > 16) {
        struct tw_buf buf;
        tw_buf_init(&buf, e->in->scratch);
        tw_buf_text(&buf, "wildcard ");
        tw_buf_str(&buf, text);
        add_opaque(e, TW_PANOS_OPAQUE, TW_UNKNOWN_CONDITION, tw_buf_view(&buf));
        return;
    }
    size_t n = (size_t)1 << ones;
    struct tw_range *at = tw_new_array(e->in->arena, n, struct tw_range);
    uint32_t fixed = (uint32_t)base & ~free_bits, bits = 0;
    for (size_t i = 0; i < n; i++) {
        at[i] = (struct tw_range){fixed | bits, fixed | bits | low};
        bits = (bits - high) & high; /* the next subset of HIGH */
    }
    struct tw_panos_address *a = new_address(e, TW_IPV4, at[0]);
    a->ranges = *tw_ranges_of(e->in->arena, at, n);
    add(e, &a->object, TW_PANOS_ADDRESS);
}

static void read_fqdn(struct entry *e, const struct tw_xml *value)
{
    struct tw_buf buf;
    tw_buf_init(&buf, e->in->scratch);
    tw_buf_text(&buf, "fqdn ");
    tw_buf_str(&buf, value->text);
    add_opaque(e, TW_PANOS_OPAQUE, TW_UNKNOWN_CONDITION, tw_buf_view(&buf));
}

static void read_address(struct entry *e)
{
    static const char *const known[] = {"ip-netmask", "ip-range", "ip-wildcard", "fqdn",
                                        NULL};
    static void (*const readers[])(struct entry *, const struct tw_xml *) = {
        read_netmask, read_range, read_wildcard, read_fqdn};
    const struct tw_xml *odd = stranger(e->xml, known);
    const struct tw_xml *found = NULL;
    size_t which = 0;
    for (size_t i = 0; known[i]; i++) {
        const struct tw_xml *child = tw_xml_child(e->xml, known[i]);
        if (child && (found || tw_xml_next(child)))
            odd = child; /* a second value */
        if (child) {
            found = child;
            which = i;
        }
    }
    if (odd || !found)
        add_strange(e, odd);
    else
        readers[which](e, found);
}

static struct tw_panos_member *read_members(struct tw_panos *in,
                                            const struct tw_xml *list, size_t *n)
{
    TW_VEC(struct tw_panos_member) members = {0};
    for (const struct tw_xml *m = tw_xml_child(list, "member"); m; m = tw_xml_next(m))
        if (m->text.len)
            *tw_vec_add(in->scratch, &members) = (struct tw_panos_member){
                tw_panos_name(in, m->text), (uint32_t)m->text_at.len, m->text_at.off};
    *n = members.len;
    return members.at;
}

static struct tw_panos_group *add_group(struct entry *e, enum tw_panos_kind kind,
                                        const struct tw_xml *list,
                                        const struct tw_xml *odd)
{
    struct tw_panos_group *g = tw_new(e->in->scratch, struct tw_panos_group);
    g->members = read_members(e->in, list, &g->nmembers);
    g->thing = odd ? strange(e, odd) : NULL;
    add(e, &g->object, kind);
    return g;
}

static void read_address_group(struct entry *e)
{
    static const char *const known[] = {"static", "dynamic", NULL};
    const struct tw_xml *odd = stranger(e->xml, known);
    const struct tw_xml *fixed = tw_xml_child(e->xml, "static");
    const struct tw_xml *dynamic = tw_xml_child(e->xml, "dynamic");
    if (odd || (fixed && dynamic)) {
        add_strange(e, odd ? odd : dynamic);
    } else if (dynamic) {
        const struct tw_xml *filter = tw_xml_child(dynamic, "filter");
        struct tw_panos_group *g = add_group(e, TW_PANOS_DYNAMIC, NULL, NULL);
        g->filter = filter ? tw_panos_keep(e->in, filter->text) : TW_NO_STR;
        g->filter_at = filter ? filter->text_at : dynamic->start;
    } else {
        /* A group without members matches nothing: PAN-OS has none such. */
        struct tw_panos_group *g = add_group(e, TW_PANOS_GROUP, fixed, NULL);
        if (g->nmembers == 0)
            g->thing =
                tw_panos_doubt(e->in, words_of(e, " without members"), e->xml->start);
    }
}

static void read_external_list(struct entry *e)
{
    static const char *const of_addresses[] = {"ip", "predefined-ip", NULL};
    const struct tw_xml *type = tw_xml_child(e->xml, "type");
    for (const char *const *t = of_addresses; *t; t++)
        if (tw_xml_child(type, *t)) {
            add_opaque(e, TW_PANOS_OPAQUE, TW_UNKNOWN_CONDITION, words_of(e, ""));
            return;
        }
}

static void read_region(struct entry *e)
{
    static const char *const known[] = {"geo-location", "address", NULL};
    const struct tw_xml *odd = stranger(e->xml, known);
    const struct tw_xml *list = tw_xml_child(e->xml, "address");
    struct tw_panos *in = e->in;
    TW_VEC(struct tw_range) at[TW_FAMILIES] = {{0}, {0}};
    if (odd || !tw_xml_child(list, "member")) {
        /* Without addresses the device's own table of countries holds. */
        if (odd)
            add_strange(e, odd);
        else
            add_opaque(e, TW_PANOS_OPAQUE, TW_UNKNOWN_CONDITION, words_of(e, ""));
        return;
    }
    for (const struct tw_xml *m = tw_xml_child(list, "member"); m; m = tw_xml_next(m)) {
        enum tw_family family;
        struct tw_range range;
        bool dash = tw_str_find(m->text, '-') < m->text.len;
        if (dash ? !range_of(in, m->text, m->text_at, &family, &range)
                 : !tw_ip_range_parse(m->text, &family, &range, NULL)) {
            if (!dash)
                TW_DIAG(in->diags, TW_D_bad_address, m->text_at, m->text);
            return;
        }
        *tw_vec_add(in->scratch, &at[family]) = range;
    }
    struct tw_panos_region *r = tw_new(in->scratch, struct tw_panos_region);
    for (int f = 0; f < TW_FAMILIES; f++)
        r->set.known[f] = tw_ranges_of(in->arena, at[f].at, at[f].len);
    add(e, &r->object, TW_PANOS_REGION);
}

/* --- services -------------------------------------------------------------------- */

const struct tw_ranges *tw_panos_port_list(struct tw_panos *in,
                                           const struct tw_xml *element)
{
    struct tw_str rest = element->text, piece;
    TW_VEC(struct tw_range) list = {0};
    size_t errors = in->diags->errors;
    while (tw_str_split(&rest, ',', &piece)) {
        uint64_t lo, hi;
        piece = tw_str_trim(piece);
        size_t dash = tw_str_find(piece, '-');
        struct tw_str to =
            dash < piece.len ? tw_str_from(piece, dash + 1) : tw_str_first(piece, dash);
        if (!tw_parse_u64(tw_str_trim(tw_str_first(piece, dash)), 65535, &lo) ||
            !tw_parse_u64(tw_str_trim(to), 65535, &hi))
            TW_DIAG(in->diags, TW_D_bad_port, element->text_at, piece);
        else if (lo > hi)
            TW_DIAG(in->diags, TW_D_range_upside_down, element->text_at, piece);
        else
            *tw_vec_add(in->scratch, &list) = (struct tw_range){lo, hi};
    }
    if (in->diags->errors != errors)
        return NULL;
    return tw_ranges_of(in->arena, list.at, list.len);
}

static const struct {
    const char *name;
    unsigned proto;
} protocols[] = {{"tcp", TW_PROTO_TCP}, {"udp", TW_PROTO_UDP}, {"sctp", TW_PROTO_SCTP}};

static const struct tw_xml *read_protocol(struct entry *e, struct tw_panos_service *s,
                                          const struct tw_xml *xml)
{
    static const char *const known[] = {"port", "source-port", "override", NULL};
    const struct tw_xml *odd = stranger(xml, known);
    const struct tw_xml *port = tw_xml_child(xml, "port");
    const struct tw_xml *source = tw_xml_child(xml, "source-port");
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0] && !odd; i++) {
        if (!tw_str_is(xml->name, protocols[i].name))
            continue;
        struct tw_panos_ports ports = {.proto = protocols[i].proto};
        if (!port)
            return xml; /* told as not understood: which ports? */
        ports.dport = tw_panos_port_list(e->in, port);
        if (source && source->text.len)
            ports.sport = tw_panos_port_list(e->in, source);
        *tw_vec_add(e->in->scratch, &s->ports) = ports;
        return NULL;
    }
    return odd ? odd : xml;
}

static void read_service(struct entry *e)
{
    static const char *const known[] = {"protocol", NULL};
    const struct tw_xml *odd = stranger(e->xml, known);
    const struct tw_xml *protocol = tw_xml_child(e->xml, "protocol");
    struct tw_panos_service *s = tw_new(e->in->scratch, struct tw_panos_service);
    for (const struct tw_xml *p = protocol ? protocol->first : NULL; p && !odd;
         p = p->next)
        odd = read_protocol(e, s, p);
    if (odd)
        s->thing = strange(e, odd);
    else if (s->ports.len == 0)
        s->thing = tw_panos_doubt(e->in, words_of(e, " without ports"), e->xml->start);
    add(e, &s->object, TW_PANOS_SERVICE);
}

static void read_service_group(struct entry *e)
{
    static const char *const known[] = {"members", NULL};
    const struct tw_xml *odd = stranger(e->xml, known);
    struct tw_panos_group *g =
        add_group(e, TW_PANOS_SERVICE_GROUP, tw_xml_child(e->xml, "members"), odd);
    if (g->nmembers == 0 && !odd)
        g->thing =
            tw_panos_doubt(e->in, words_of(e, " without members"), e->xml->start);
}

/* --- applications ---------------------------------------------------------------- */

static void bad_number(struct tw_panos *in, const struct tw_xml *xml)
{
    TW_DIAG(in->diags, TW_D_bad_number, xml->text_at, xml->text, TW_STR("0 … 255"));
}

static void read_protocols(struct tw_panos *in, const struct tw_xml *xml,
                           struct tw_panos_defaults *d)
{
    struct tw_str rest = xml->text, piece;
    TW_VEC(struct tw_range) list = {0};
    while (tw_str_split(&rest, ',', &piece)) {
        uint64_t lo, hi;
        piece = tw_str_trim(piece);
        size_t dash = tw_str_find(piece, '-');
        struct tw_str to = dash < piece.len ? tw_str_from(piece, dash + 1) : piece;
        if (!tw_parse_u64(tw_str_first(piece, dash), 255, &lo) ||
            !tw_parse_u64(to, 255, &hi) || lo > hi)
            bad_number(in, xml);
        else
            *tw_vec_add(in->scratch, &list) = (struct tw_range){lo, hi};
    }
    d->protos = tw_ranges_of(in->arena, list.at, list.len);
}

/* TYPE, or children type and code. */
static const struct tw_ranges *read_icmp(struct tw_panos *in, const struct tw_xml *xml)
{
    const struct tw_xml *type = tw_xml_child(xml, "type");
    const struct tw_xml *code = tw_xml_child(xml, "code");
    uint64_t t, c;
    if (!type)
        type = xml;
    if (!tw_parse_u64(type->text, 255, &t)) {
        bad_number(in, type);
        return NULL;
    }
    if (!code || code->text.len == 0)
        return tw_ranges_one(in->arena, t << 8, t << 8 | 255);
    if (!tw_parse_u64(code->text, 255, &c)) {
        bad_number(in, code);
        return NULL;
    }
    return tw_ranges_one(in->arena, t << 8 | c, t << 8 | c);
}

static struct tw_panos_defaults *read_defaults(struct entry *e,
                                               const struct tw_xml *xml)
{
    struct tw_panos *in = e->in;
    const struct tw_xml *port = tw_xml_child(xml, "port");
    const struct tw_xml *proto = tw_xml_child(xml, "ident-by-ip-protocol");
    const struct tw_xml *icmp = tw_xml_child(xml, "ident-by-icmp-type");
    const struct tw_xml *icmp6 = tw_xml_child(xml, "ident-by-icmp6-type");
    if (!tw_xml_child(port, "member") && !proto && !icmp && !icmp6)
        return NULL;
    struct tw_panos_defaults *d = tw_new(in->scratch, struct tw_panos_defaults);
    for (const struct tw_xml *m = tw_xml_child(port, "member"); m; m = tw_xml_next(m)) {
        /* A member may name several: "tcp/80,443". */
        if (!tw_panos_port_word(in->arena, m->text, d))
            TW_DIAG(in->diags, TW_D_bad_port, m->text_at, m->text);
    }
    if (proto)
        read_protocols(in, proto, d);
    if (icmp)
        d->icmp = read_icmp(in, icmp);
    if (icmp6)
        d->icmp6 = read_icmp(in, icmp6);
    return d;
}

static void read_application(struct entry *e)
{
    struct tw_panos_app *a = tw_new(e->in->scratch, struct tw_panos_app);
    a->defaults = read_defaults(e, tw_xml_child(e->xml, "default"));
    add(e, &a->object, TW_PANOS_APP);
}

static void read_application_group(struct entry *e)
{
    static const char *const known[] = {"members", NULL};
    const struct tw_xml *odd = stranger(e->xml, known);
    struct tw_panos_group *g =
        add_group(e, TW_PANOS_APP_GROUP, tw_xml_child(e->xml, "members"), odd);
    if (g->nmembers == 0 && !odd)
        g->thing =
            tw_panos_doubt(e->in, words_of(e, " without members"), e->xml->start);
}

static void read_application_filter(struct entry *e)
{
    struct tw_panos_opaque *o =
        add_opaque(e, TW_PANOS_APP_FILTER, TW_UNKNOWN_APP, words_of(e, ""));
    o->thing->subject = tw_panos_keep(e->in, e->name);
}

static void read_schedule(struct entry *e)
{
    static const char *const known[] = {"schedule-type", NULL};
    const struct tw_xml *odd = stranger(e->xml, known);
    const struct tw_schedule *schedule = NULL;
    const struct tw_xml *type = tw_xml_child(e->xml, "schedule-type");
    if (odd || !tw_panos_schedule_read(e->in, type, &schedule)) {
        add_strange(e, odd ? odd : type);
        return;
    }
    /* Not shared: two scopes may have schedules of one name. */
    struct tw_panos_opaque *o = tw_new(e->in->scratch, struct tw_panos_opaque);
    o->thing = tw_new(e->in->scratch, struct tw_panos_thing);
    *o->thing = (struct tw_panos_thing){.kind = TW_UNKNOWN_TIME,
                                        .name = words_of(e, ""),
                                        .subject = tw_panos_keep(e->in, e->name),
                                        .schedule = schedule};
    add(e, &o->object, TW_PANOS_SCHEDULE);
}

void tw_panos_object_read(struct tw_panos *in, uint16_t scope, enum tw_panos_what what,
                          const struct tw_xml *entry)
{
    static void (*const readers[])(struct entry *) = {
        [TW_PANOS_IS_ADDRESS] = read_address,
        [TW_PANOS_IS_ADDRESS_GROUP] = read_address_group,
        [TW_PANOS_IS_EXTERNAL_LIST] = read_external_list,
        [TW_PANOS_IS_REGION] = read_region,
        [TW_PANOS_IS_SERVICE] = read_service,
        [TW_PANOS_IS_SERVICE_GROUP] = read_service_group,
        [TW_PANOS_IS_APPLICATION] = read_application,
        [TW_PANOS_IS_APPLICATION_GROUP] = read_application_group,
        [TW_PANOS_IS_APPLICATION_FILTER] = read_application_filter,
        [TW_PANOS_IS_SCHEDULE] = read_schedule,
    };
    struct entry e = {in, entry, scope, what, tw_xml_attr(entry, "name")};
    if (e.name.len == 0)
        TW_DIAG(in->diags, TW_D_panos_no_name, entry->start,
                tw_panos_say(in, whats[what].words));
    else
        readers[what](&e);
}

/* --- looking up ------------------------------------------------------------------ */

/* Do both mean the same addresses or ports, as far as one can see at a glance? */
static bool alike(const struct tw_panos_object *a, const struct tw_panos_object *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == TW_PANOS_ADDRESS) {
        const struct tw_panos_address *x = (const struct tw_panos_address *)a;
        const struct tw_panos_address *y = (const struct tw_panos_address *)b;
        return x->family == y->family && tw_ranges_eq(&x->ranges, &y->ranges);
    }
    if (a->kind == TW_PANOS_SERVICE) {
        const struct tw_panos_service *x = (const struct tw_panos_service *)a;
        const struct tw_panos_service *y = (const struct tw_panos_service *)b;
        bool same = x->ports.len == y->ports.len && !x->thing && !y->thing;
        for (size_t i = 0; same && i < x->ports.len; i++) {
            const struct tw_panos_ports *p = &x->ports.at[i], *q = &y->ports.at[i];
            same = p->proto == q->proto && !p->sport && !q->sport && p->dport &&
                   q->dport && tw_ranges_eq(p->dport, q->dport);
        }
        return same;
    }
    if (a->kind == TW_PANOS_OPAQUE)
        return ((const struct tw_panos_opaque *)a)->thing ==
               ((const struct tw_panos_opaque *)b)->thing;
    return false;
}

struct tw_panos_object *tw_panos_lookup(const struct tw_panos *in,
                                        enum tw_panos_space space, uint32_t name,
                                        int from, bool *twice)
{
    struct tw_panos_object *nearest = NULL, *own = NULL;
    int nearest_rank = -1, own_rank = -1;
    for (struct tw_panos_object *o = tw_panos_name_at(in, name)->objects; o;
         o = o->same_name) {
        int rank = in->scopes.at[o->scope]->rank;
        if (o->space != space || rank < 0)
            continue;
        if (!nearest || rank < nearest_rank) {
            nearest = o;
            nearest_rank = rank;
        }
        if (rank >= from && (!own || rank < own_rank)) {
            own = o;
            own_rank = rank;
        }
    }
    *twice = (own && own != nearest && !alike(own, nearest)) ||
             (nearest && in->ancestors_first.src &&
              tw_panos_is_overridden(in, space, name, nearest));
    return nearest;
}

bool tw_panos_is_overridden(const struct tw_panos *in, enum tw_panos_space space,
                            uint32_t name, const struct tw_panos_object *nearest)
{
    for (struct tw_panos_object *o = tw_panos_name_at(in, name)->objects; o;
         o = o->same_name)
        if (o->space == space && o != nearest && in->scopes.at[o->scope]->rank >= 0 &&
            !alike(o, nearest))
            return true;
    return false;
}

void tw_panos_objects_check(struct tw_panos *in)
{
    size_t n = in->scopes.len * TW_PANOS_SPACES;
    const struct tw_panos_object **last =
        tw_new_array(in->scratch, n + 1, const struct tw_panos_object *);
    for (uint32_t i = 0; i < in->nnames; i++) {
        struct tw_panos_name *name = tw_panos_name_at(in, i);
        struct tw_panos_object **link = &name->objects;
        for (struct tw_panos_object *o = *link; o; o = o->same_name) {
            const struct tw_panos_object **seen =
                &last[o->scope * (size_t)TW_PANOS_SPACES + o->space];
            if (*seen && (*seen)->name == i)
                tw_diag_also(
                    TW_DIAG(in->diags, TW_D_panos_twice, tw_panos_object_at(*seen),
                            tw_panos_say(in, whats[o->what].words), name->text),
                    tw_panos_object_at(o));
            *seen = o;
            if (in->scopes.at[o->scope]->rank < 0)
                *link = o->same_name;
            else
                link = &o->same_name;
        }
    }
}

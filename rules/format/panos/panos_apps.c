/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications, and how a rule's applications and services hold together.
 *
 * The application of a packet is one unknown, whose values are the names that the
 * wall's rules know, and "all others". A rule's list is a set of its values:
 *
 *     application [ssl, web-browsing], service [tcp/8443]
 *         one product: tcp 8443 ∧ app ∈ {ssl, web-browsing}
 *     application [crm, foo], service application-default; crm's ports are known
 *         tcp 8080 ∧ app ∈ {crm}, and app ∈ {foo} ∧ "default port of application foo"
 *
 * Filters of applications are unknowns of their own. A name that the export does not
 * define is one of the vendor's: an application, or a container of several. Only its
 * having ports in the user's table tells that it is an application; for the others a
 * packet of another name may match all the same:
 *
 *     application [facebook]
 *         app ∈ {facebook}, and app ∉ {facebook, …} ∧ "container facebook holds it"
 */
#include "panos_parts.h"

/* The vendor's applications that stand in no container of applications. */
static const char *const alone[] = {
    "ssl",       "web-browsing", "ssh",         "ping",        "icmp",
    "ipv6-icmp", "unknown-tcp",  "unknown-udp", "unknown-p2p", NULL};

struct apps {        /* of a list */
    uint32_t number; /* of this gathering */
    TW_VEC(uint32_t) names;
    TW_VEC(struct tw_panos_thing *) things;
};

/* --- members --------------------------------------------------------------------- */

static void add_thing(struct tw_panos *in, struct apps *apps,
                      struct tw_panos_thing *thing)
{
    if (thing->seen == apps->number)
        return;
    thing->seen = apps->number;
    *tw_vec_add(in->scratch, &apps->things) = thing;
}

static struct tw_panos_thing *group_thing(struct tw_panos *in,
                                          const struct tw_panos_object *o)
{
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    tw_buf_text(&buf, "application group \"");
    tw_buf_str(&buf, tw_panos_text(in, o->name));
    tw_buf_text(&buf, "\", which holds itself,");
    return tw_panos_doubt(in, tw_buf_view(&buf), tw_panos_object_at(o));
}

static void add_name(struct tw_panos *in, struct apps *apps, uint32_t name, int rank,
                     unsigned depth);

static void add_group(struct tw_panos *in, struct apps *apps,
                      struct tw_panos_group *group, unsigned depth)
{
    struct tw_panos_object *o = &group->object;
    if (group->thing)
        add_thing(in, apps, group->thing);
    if (o->state == TW_PANOS_RESOLVING || depth > TW_PANOS_NEST ||
        apps->names.len > TW_PANOS_PORTS) {
        add_thing(in, apps, group_thing(in, o));
        return;
    }
    if (group->seen == apps->number)
        return;
    group->seen = apps->number;
    o->state = TW_PANOS_RESOLVING;
    int rank = in->scopes.at[o->scope]->rank;
    for (size_t i = 0; i < group->nmembers; i++)
        add_name(in, apps, group->members[i].name, rank, depth + 1);
    o->state = TW_PANOS_NEW;
}

static void add_name(struct tw_panos *in, struct apps *apps, uint32_t name, int rank,
                     unsigned depth)
{
    bool twice;
    struct tw_panos_object *o = tw_panos_lookup(in, TW_PANOS_APPS, name, rank, &twice);
    if (o && twice)
        add_thing(in, apps, tw_panos_ambiguous(in, "application", name, o));
    else if (o && o->kind == TW_PANOS_APP_FILTER)
        add_thing(in, apps, ((struct tw_panos_opaque *)o)->thing);
    else if (o && o->kind == TW_PANOS_APP_GROUP)
        add_group(in, apps, (struct tw_panos_group *)o, depth);
    else
        *tw_vec_add(in->scratch, &apps->names) = name;
}

static struct apps apps_of(struct tw_panos *in, tw_panos_list list, int rank)
{
    uint32_t room;
    struct apps apps = {.number = ++in->gatherings};
    struct tw_panos_span names = tw_panos_list_names(in, list, &room);
    for (size_t i = 0; i < names.n; i++)
        add_name(in, &apps, names.at[i], rank, 0);
    return apps;
}

static const struct tw_panos_defaults *own_defaults(struct tw_panos *in, uint32_t name,
                                                    bool *custom)
{
    bool twice;
    const struct tw_panos_object *o =
        tw_panos_lookup(in, TW_PANOS_APPS, name, 0, &twice);
    *custom = o && o->kind == TW_PANOS_APP;
    return *custom ? ((const struct tw_panos_app *)o)->defaults : NULL;
}

/* Its default ports; NULL: not known. */
static const struct tw_panos_defaults *defaults_of(struct tw_panos *in, uint32_t name)
{
    bool custom;
    const struct tw_panos_defaults *d = own_defaults(in, name, &custom);
    if (custom)
        return d;
    d = tw_panos_app_ports_find(in->app_ports, tw_panos_text(in, name));
    in->leans_on_app_ports |= d != NULL;
    return d;
}

/* --- the unknown ----------------------------------------------------------------- */

static void add_value(struct tw_panos *in, uint32_t name)
{
    struct tw_panos_name *n = tw_panos_name_at(in, name);
    if (n->app)
        return;
    n->app = (uint32_t)in->app_values.len;
    *tw_vec_add(in->arena, &in->app_values) = n->text;
    *tw_vec_add(in->scratch, &in->app_names) = name;
}

static bool is_default_service(const struct tw_panos *in, tw_panos_list service)
{
    uint32_t room;
    struct tw_panos_span names = tw_panos_list_names(in, service, &room);
    return names.n == 1 &&
           tw_str_is(tw_panos_text(in, names.at[0]), "application-default");
}

static void add_custom(struct tw_panos *in)
{
    for (uint32_t i = 0; i < in->nnames; i++) {
        bool custom;
        own_defaults(in, i, &custom);
        if (custom)
            add_value(in, i);
    }
}

static void collect(struct tw_panos *in, const struct tw_panos_rules *rules, int rank,
                    struct tw_panos_table *seen, bool *all)
{
    for (struct tw_panos_each e = tw_panos_each(rules); tw_panos_next(&e);) {
        const struct tw_panos_rule *rule = e.rule;
        if (rule->flags & TW_PANOS_DISABLED)
            continue;
        if (rule->apps == TW_PANOS_ANY && is_default_service(in, rule->service))
            *all = true;
        uint64_t key = (uint64_t)rule->apps << 32 | (uint32_t)rank;
        if (rule->apps <= TW_PANOS_ANY || tw_panos_table_get(seen, key))
            continue;
        tw_panos_table_put(in->scratch, seen, key, rule);
        struct apps apps = apps_of(in, rule->apps, rank);
        for (size_t i = 0; i < apps.names.len; i++)
            add_value(in, apps.names.at[i]);
    }
}

/* An override rule names the application of what it matches. */
static void collect_overrides(struct tw_panos *in, const struct tw_panos_rules *rules)
{
    for (struct tw_panos_each e = tw_panos_each(rules); tw_panos_next(&e);) {
        const struct tw_panos_rule *rule = e.rule;
        uint32_t room;
        struct tw_panos_span names = tw_panos_list_names(in, rule->apps, &room);
        if (rule->flags & TW_PANOS_DISABLED || names.n == 0)
            continue;
        add_value(in, names.at[0]);
        uint32_t value = tw_panos_name_at(in, names.at[0])->app;
        bool known = false;
        for (size_t i = 0; i < in->overrides.len; i++)
            known |= in->overrides.at[i] == value;
        if (!known)
            *tw_vec_add(in->scratch, &in->overrides) = value;
    }
}

static bool is_alone(struct tw_str name)
{
    for (const char *const *a = alone; *a; a++)
        if (tw_str_is(name, *a))
            return true;
    return false;
}

/* Which values are surely in no container: the export's own applications, and the
 * vendor's that stand alone. */
static void note_alone(struct tw_panos *in)
{
    in->apps_alone =
        tw_new_array(in->scratch, (in->app_values.len + 63) / 64, uint64_t);
    for (size_t i = 0; i < in->app_names.len; i++) {
        bool custom;
        own_defaults(in, in->app_names.at[i], &custom);
        if (custom || is_alone(tw_panos_text(in, in->app_names.at[i])))
            in->apps_alone[(i + 1) / 64] |= (uint64_t)1 << (i + 1) % 64;
    }
}

void tw_panos_apps_settle(struct tw_panos *in)
{
    struct tw_panos_table seen = {0};
    bool all = false;
    *tw_vec_add(in->arena, &in->app_values) = TW_STR("");
    for (size_t i = 0; i < in->layers.len; i++) {
        const struct tw_panos_layer *l = &in->layers.at[i];
        const struct tw_panos_rules *books = l->scope->books[l->part];
        collect(in, &books[TW_PANOS_SECURITY], l->scope->rank, &seen, &all);
        collect(in, &books[TW_PANOS_PBF], l->scope->rank, &seen, &all);
        collect_overrides(in, &books[TW_PANOS_OVERRIDE]);
    }
    for (size_t i = 0; all && i < tw_panos_app_ports_count(in->app_ports); i++)
        add_value(in, tw_panos_name(in, tw_panos_app_ports_name(in->app_ports, i)));
    if (all)
        add_custom(in);
    if (in->app_values.len == 1)
        return; /* no rule asks */
    /* Those that are surely in no container, though no rule names them. */
    add_custom(in);
    for (const char *const *a = alone; *a; a++)
        add_value(in, tw_panos_name(in, tw_str_of(*a)));
    *tw_vec_add(in->arena, &in->app_values) = TW_STR("");
    in->policy->app =
        tw_policy_choice(in->policy, TW_UNKNOWN_APP, TW_STR("application"),
                         in->app_values.at, in->app_values.len);
    note_alone(in);
}

/* --- products -------------------------------------------------------------------- */

struct builder {
    struct tw_panos *in;
    TW_VEC(struct tw_panos_alt) alts;
    TW_VEC(struct tw_panos_thing *) doubts;
};

static struct tw_condition yes(struct tw_panos *in, struct tw_panos_thing *thing)
{
    return tw_condition_yes(tw_panos_unknown(in, thing, TW_PANOS_SELF), false);
}

/* PORTS where up to three conditions hold (NULL: none). */
static void add_all(struct builder *b, const struct tw_panos_alt *ports,
                    const struct tw_condition *const conditions[3], uint32_t overridden)
{
    struct tw_condition row[3];
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (conditions[i])
            row[n++] = *conditions[i];
    struct tw_panos_alt *alt = tw_vec_add(b->in->scratch, &b->alts);
    *alt = *ports;
    alt->conditions = tw_panos_conditions(b->in, row, n);
    alt->nconditions = n;
    alt->overridden = b->in->overrides.len ? overridden : 0;
}

static void add(struct builder *b, const struct tw_panos_alt *ports,
                const struct tw_condition *app, const struct tw_condition *more,
                uint32_t overridden)
{
    const struct tw_condition *const conditions[3] = {app, more, NULL};
    add_all(b, ports, conditions, overridden);
}

static void doubt(struct builder *b, struct tw_panos_thing *thing)
{
    if (thing->doubt)
        *tw_vec_add(b->in->scratch, &b->doubts) = thing;
}

/* "The application is one of NAMES"; where EXCEPT is given, none of them nor of EXCEPT.
 */
static struct tw_condition among(struct tw_panos *in, const uint32_t *names, size_t n,
                                 const uint64_t *except)
{
    size_t values = in->app_values.len, words = (values + 63) / 64;
    struct tw_arena_mark before = tw_arena_mark(in->arena);
    uint64_t *set = tw_new_array(in->arena, words, uint64_t);
    for (size_t i = 0; i < n; i++) {
        uint32_t v = tw_panos_name_at(in, names[i])->app;
        set[v / 64] |= (uint64_t)1 << v % 64;
    }
    for (size_t w = 0; except && w < words; w++)
        set[w] = ~(set[w] | except[w]);
    if (except && values % 64)
        set[words - 1] &= ((uint64_t)1 << values % 64) - 1;
    return (struct tw_condition){in->policy->app,
                                 tw_panos_bits(in, set, words, before)};
}

/* May NAME be a container of applications with names of their own? */
static bool may_be_container(struct tw_panos *in, uint32_t name)
{
    bool custom;
    struct tw_str text = tw_panos_text(in, name);
    own_defaults(in, name, &custom);
    return !custom && !is_alone(text) && !tw_panos_app_ports_find(in->app_ports, text);
}

static const uint64_t *no_values(struct tw_panos *in)
{
    return tw_new_array(in->scratch, (in->app_values.len + 63) / 64, uint64_t);
}

static const struct tw_panos_alt any_port;

static struct tw_panos_thing *port_thing(struct tw_panos *in, const char *words,
                                         struct tw_str app)
{
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    tw_buf_text(&buf, words);
    tw_buf_str(&buf, app);
    return tw_panos_thing(in, TW_UNKNOWN_CONDITION, tw_buf_view(&buf));
}

/* The products of default ports D for the applications of CONDITION (NULL: told by
 * OVERRIDDEN alone); NAME is one of them. */
static void add_defaults(struct builder *b, const struct tw_panos_defaults *d,
                         const struct tw_condition *condition, uint32_t overridden,
                         struct tw_str name)
{
    static const unsigned protos[] = {TW_PROTO_TCP, TW_PROTO_UDP, TW_PROTO_SCTP};
    struct tw_panos *in = b->in;
    const struct tw_ranges *lists[] = {d->tcp, d->udp, d->sctp};
    for (unsigned i = 0; i < 3; i++) {
        struct tw_panos_alt alt = {.proto = tw_panos_proto(in, protos[i]),
                                   .dport = lists[i]};
        if (lists[i])
            add(b, &alt, condition, NULL, overridden);
        if (d->dynamic >> i & 1) {
            struct tw_condition open =
                yes(in, port_thing(in, "dynamic port of application ", name));
            alt.dport = NULL;
            add(b, &alt, condition, &open, overridden);
        }
    }
    struct tw_panos_alt icmp = {.families = 1u << TW_IPV4,
                                .proto = tw_panos_proto(in, TW_PROTO_ICMP),
                                .icmp = d->icmp};
    struct tw_panos_alt icmp6 = {.families = 1u << TW_IPV6,
                                 .proto = tw_panos_proto(in, TW_PROTO_ICMPV6),
                                 .icmp = d->icmp6};
    struct tw_panos_alt other = {.proto = d->protos};
    if (d->icmp)
        add(b, &icmp, condition, NULL, overridden);
    if (d->icmp6)
        add(b, &icmp6, condition, NULL, overridden);
    if (d->protos)
        add(b, &other, condition, NULL, overridden);
}

static bool same(const struct tw_ranges *a, const struct tw_ranges *b)
{
    return a == b || (a && b && tw_ranges_eq(a, b));
}

static bool same_defaults(const struct tw_panos_defaults *a,
                          const struct tw_panos_defaults *b)
{
    return a == b ||
           (a && b && !a->dynamic && !b->dynamic && same(a->tcp, b->tcp) &&
            same(a->udp, b->udp) && same(a->sctp, b->sctp) && same(a->icmp, b->icmp) &&
            same(a->icmp6, b->icmp6) && same(a->protos, b->protos));
}

/* Those whose ports are not known: one by one while they are few. */
static void add_unknown_ports(struct builder *b, const uint32_t *names, size_t n)
{
    enum { FEW = 4 };
    struct tw_panos *in = b->in;
    struct tw_buf all;
    for (size_t i = 0; i < n && n <= FEW; i++) {
        struct tw_condition app = among(in, &names[i], 1, NULL);
        struct tw_condition open =
            yes(in, port_thing(in, "default port of application ",
                               tw_panos_text(in, names[i])));
        add(b, &any_port, &app, &open, 1);
    }
    if (n <= FEW)
        return;
    tw_buf_init(&all, in->scratch);
    tw_panos_buf_names(in, &all, names, n, ++in->long_lists);
    struct tw_condition app = among(in, names, n, NULL);
    struct tw_condition open =
        yes(in, port_thing(in, "default port of one of the applications ",
                           tw_buf_view(&all)));
    add(b, &any_port, &app, &open, 1);
}

/* Applications NAMES on their default ports. */
static void add_by_default(struct builder *b, const uint32_t *names, size_t n, bool any)
{
    enum { GROUPS = 256 };
    struct tw_panos *in = b->in;
    const struct tw_panos_defaults **of =
        tw_new_array(in->scratch, n + 1, const struct tw_panos_defaults *);
    uint32_t *some = tw_new_array(in->scratch, n + 1, uint32_t);
    bool *done = tw_new_array(in->scratch, n + 1, bool);
    size_t groups = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        of[i] = defaults_of(in, names[i]);
    for (size_t i = 0; i < n && groups < GROUPS; i++) {
        if (done[i] || !of[i])
            continue;
        k = 0;
        for (size_t j = i; j < n; j++)
            if (of[j] && !done[j] && same_defaults(of[i], of[j])) {
                some[k++] = names[j];
                done[j] = true;
            }
        struct tw_condition app = among(in, some, k, NULL);
        add_defaults(b, of[i], &app, 1, tw_panos_text(in, names[i]));
        groups++;
    }
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (done[i] == any)
            some[k++] = names[i];
    if (!any) {
        add_unknown_ports(b, some, k);
        return;
    }
    /* All others, those that no name stands for too. */
    struct tw_condition app = among(in, some, k, no_values(in));
    struct tw_condition open =
        yes(in, port_thing(in, "default port of an application without known ones",
                           TW_NO_STR));
    add(b, &any_port, in->policy->app == UINT32_MAX ? NULL : &app, &open, 1);
}

/* Applications of other names than APPS, held by a container that is named there. */
static bool container_conditions(struct tw_panos *in, const struct apps *apps,
                                 struct tw_condition *others, struct tw_condition *open)
{
    TW_VEC(uint32_t) wide = {0};
    struct tw_buf buf;
    for (size_t i = 0; i < apps->names.len; i++)
        if (may_be_container(in, apps->names.at[i]))
            *tw_vec_add(in->scratch, &wide) = apps->names.at[i];
    if (wide.len == 0)
        return false;
    tw_buf_init(&buf, in->scratch);
    tw_buf_text(&buf, "application container ");
    tw_panos_buf_names(in, &buf, wide.at, wide.len, ++in->long_lists);
    tw_buf_text(&buf, " holds the application");
    *others = among(in, apps->names.at, apps->names.len, in->apps_alone);
    *open = yes(in, tw_panos_thing(in, TW_UNKNOWN_APP, tw_buf_view(&buf)));
    return true;
}

static void add_containers(struct builder *b, const struct apps *apps,
                           const struct tw_panos_services *s)
{
    struct tw_panos *in = b->in;
    struct tw_condition others, open;
    if (!container_conditions(in, apps, &others, &open))
        return;
    for (size_t k = 0; k < s->nports; k++)
        add(b, &s->ports[k], &others, &open, 1);
    for (size_t k = 0; k < s->nthings; k++) {
        struct tw_condition service = yes(in, s->things[k]);
        const struct tw_condition *const all[3] = {&others, &open, &service};
        add_all(b, &any_port, all, 1);
    }
    if (s->by_default) {
        struct tw_condition port = yes(
            in, port_thing(in, "default port of an application that a container holds",
                           TW_NO_STR));
        const struct tw_condition *const all[3] = {&others, &open, &port};
        add_all(b, &any_port, all, 1);
    }
}

/* Packets whose application an override rule names; ALL: of any name. */
static void add_overridden(struct builder *b, const struct apps *apps, bool all,
                           const struct tw_panos_services *s)
{
    struct tw_panos *in = b->in;
    for (size_t i = 0; i < in->overrides.len; i++) {
        uint32_t value = in->overrides.at[i], name = in->app_names.at[value - 1];
        bool listed = all;
        for (size_t k = 0; k < apps->names.len && !listed; k++)
            listed = apps->names.at[k] == name;
        if (!listed)
            continue;
        for (size_t k = 0; k < s->nports; k++)
            add(b, &s->ports[k], NULL, NULL, value + 1);
        for (size_t k = 0; k < s->nthings; k++) {
            struct tw_condition open = yes(in, s->things[k]);
            add(b, &any_port, NULL, &open, value + 1);
        }
        if (!s->by_default)
            continue;
        struct tw_str text = tw_panos_text(in, name);
        const struct tw_panos_defaults *d = defaults_of(in, name);
        struct tw_condition open =
            yes(in, port_thing(in, "default port of application ", text));
        if (d)
            add_defaults(b, d, NULL, value + 1, text);
        else
            add(b, &any_port, NULL, &open, value + 1);
    }
}

/* … of the applications of APP; NULL: of any. */
static void add_things(struct builder *b, const struct apps *apps,
                       const struct tw_panos_services *s,
                       const struct tw_condition *app, bool has_names)
{
    struct tw_panos *in = b->in;
    for (size_t i = 0; i < apps->things.len; i++) {
        struct tw_condition filter = yes(in, apps->things.at[i]);
        doubt(b, apps->things.at[i]);
        for (size_t k = 0; k < s->nports; k++)
            add(b, &s->ports[k], &filter, NULL, 0);
        for (size_t k = 0; k < s->nthings; k++) {
            struct tw_condition open = yes(in, s->things[k]);
            add(b, &any_port, &filter, &open, 0);
        }
        if (s->by_default) {
            struct tw_condition open =
                yes(in, port_thing(in, "default port of ", apps->things.at[i]->name));
            add(b, &any_port, &filter, &open, 0);
        }
    }
    for (size_t k = 0; k < s->nthings; k++) {
        struct tw_condition open = yes(in, s->things[k]);
        doubt(b, s->things[k]);
        if (has_names)
            add(b, &any_port, app, &open, app ? 1 : 0);
    }
}

static void build(struct builder *b, tw_panos_list list, int rank,
                  const struct tw_panos_services *s)
{
    struct tw_panos *in = b->in;
    struct apps apps = apps_of(in, list, rank);
    bool any = list == TW_PANOS_ANY;
    struct tw_condition app;
    if (!any)
        app = among(in, apps.names.at, apps.names.len, NULL);
    const struct tw_condition *condition = any ? NULL : &app;
    if (any || apps.names.len)
        for (size_t k = 0; k < s->nports; k++)
            add(b, &s->ports[k], condition, NULL, any ? 0 : 1);
    if (s->by_default && any)
        add_by_default(b, in->app_names.at, in->app_names.len, true);
    else if (s->by_default)
        add_by_default(b, apps.names.at, apps.names.len, false);
    if (!any)
        add_containers(b, &apps, s);
    if (!any || s->by_default)
        add_overridden(b, &apps, any, s);
    add_things(b, &apps, s, condition, any || apps.names.len);
}

const struct tw_panos_alts *tw_panos_app_services(struct tw_panos *in,
                                                  tw_panos_list apps,
                                                  tw_panos_list service, int rank)
{
    uint32_t key[3] = {apps, service, (uint32_t)rank};
    struct tw_str text = {(const char *)key, sizeof key};
    struct tw_panos_alts *alts = tw_map_get(&in->app_keys, text);
    if (alts)
        return alts;
    struct builder b = {.in = in};
    struct tw_panos_services s = tw_panos_services(in, service, rank);
    build(&b, apps, rank, &s);
    alts = tw_new(in->scratch, struct tw_panos_alts);
    *alts = (struct tw_panos_alts){b.alts.at, b.alts.len, b.doubts.at, b.doubts.len};
    *tw_map_slot(&in->app_keys, tw_str_copy(in->scratch, text)) = alts;
    return alts;
}

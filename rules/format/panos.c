/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports of Palo Alto PAN-OS firewalls and of Panorama: `config` documents, also as
 * replies of their XML API.
 *
 * A table of steps says which elements are entered, which are built whole and handed to
 * their reader; all others are passed over. Parts of one wall may be two documents: a
 * Panorama's and the firewall's own.
 */
#include "panos_parts.h"

enum { DEPTH = 32 };

enum place {
    NOWHERE,
    DOCUMENT,
    RESPONSE,
    RESULT,
    CONFIG,
    SHARED,
    DEVICES,
    DEVICE,
    VSYSES,
    VSYS,
    IMPORT,
    ZONES,
    ZONE,
    GROUPS,
    GROUP,
    GROUP_DEVICES,
    TITLE,
    PARENT,
    NETWORK,
    SYSTEM_OUTER,
    SYSTEM,
    SETTING,
    PUSHED_OUTER,
    PUSHED_VSYSES,
    PUSHED,
    READONLY,
    READONLY_DEVICES,
    READONLY_DEVICE,
    READONLY_GROUPS,
    READONLY_GROUP,
    TEMPLATES,
    TEMPLATE,
    TEMPLATE_CONFIG,
    TEMPLATE_DEVICES,
    TEMPLATE_DEVICE,
    TEMPLATE_VSYSES,
    TEMPLATE_VSYS,
    OBJECTS, /* a container of entries of `what` */
    OBJECT,
    RULEBASE, /* of `part` */
    BOOK,     /* of `book` */
    UNREAD,   /* a book that is not read */
    RULES,
    RULE,
    UNREAD_RULES,
    UNREAD_RULE
};

/* From the place IN an element NAME (NULL: any) leads TO. */
static const struct step {
    enum place in;
    const char *name;
    enum place to;
    bool tree;
} steps[] = {
    {DOCUMENT, "config", CONFIG, false},
    {DOCUMENT, "response", RESPONSE, false},
    {RESPONSE, "result", RESULT, false},
    {RESPONSE, "config", CONFIG, false},
    {RESULT, "config", CONFIG, false},
    {CONFIG, "shared", SHARED, false},
    {CONFIG, "devices", DEVICES, false},
    {CONFIG, "panorama", PUSHED_OUTER, false},
    {CONFIG, "readonly", READONLY, false},
    {CONFIG, "deviceconfig", SYSTEM_OUTER, false},
    {DEVICES, "entry", DEVICE, false},
    {DEVICE, "vsys", VSYSES, false},
    {DEVICE, "device-group", GROUPS, false},
    {DEVICE, "template", TEMPLATES, false},
    {DEVICE, "network", NETWORK, true},
    {DEVICE, "deviceconfig", SYSTEM_OUTER, false},
    {SYSTEM_OUTER, "system", SYSTEM, true},
    {SYSTEM_OUTER, "setting", SETTING, true},
    {VSYSES, "entry", VSYS, false},
    {VSYS, "display-name", TITLE, true},
    {VSYS, "import", IMPORT, true},
    {VSYS, "zone", ZONES, false},
    {ZONES, "entry", ZONE, true},
    {GROUPS, "entry", GROUP, false},
    {GROUP, "devices", GROUP_DEVICES, true},
    {GROUP, "parent-dg", PARENT, true},
    {PUSHED_OUTER, "vsys", PUSHED_VSYSES, false},
    {PUSHED_VSYSES, "entry", PUSHED, false},
    {READONLY, "devices", READONLY_DEVICES, false},
    {READONLY_DEVICES, "entry", READONLY_DEVICE, false},
    {READONLY_DEVICE, "device-group", READONLY_GROUPS, false},
    {READONLY_GROUPS, "entry", READONLY_GROUP, true},
    {TEMPLATES, "entry", TEMPLATE, false},
    {TEMPLATE, "config", TEMPLATE_CONFIG, false},
    {TEMPLATE_CONFIG, "devices", TEMPLATE_DEVICES, false},
    {TEMPLATE_DEVICES, "entry", TEMPLATE_DEVICE, false},
    {TEMPLATE_DEVICE, "vsys", TEMPLATE_VSYSES, false},
    {TEMPLATE_VSYSES, "entry", TEMPLATE_VSYS, false},
    {TEMPLATE_VSYS, "zone", ZONES, false},
    {OBJECTS, "entry", OBJECT, true},
    {BOOK, "rules", RULES, false},
    {RULES, "entry", RULE, true},
    {UNREAD, "rules", UNREAD_RULES, false},
    {UNREAD_RULES, "entry", UNREAD_RULE, true},
};

static const struct {
    const char *name;
    enum tw_panos_what what;
} containers[] = {
    {"address", TW_PANOS_IS_ADDRESS},
    {"address-group", TW_PANOS_IS_ADDRESS_GROUP},
    {"external-list", TW_PANOS_IS_EXTERNAL_LIST},
    {"region", TW_PANOS_IS_REGION},
    {"service", TW_PANOS_IS_SERVICE},
    {"service-group", TW_PANOS_IS_SERVICE_GROUP},
    {"application", TW_PANOS_IS_APPLICATION},
    {"application-group", TW_PANOS_IS_APPLICATION_GROUP},
    {"application-filter", TW_PANOS_IS_APPLICATION_FILTER},
    {"schedule", TW_PANOS_IS_SCHEDULE},
};

static const struct {
    const char *name;
    enum tw_panos_book book;
} books[] = {
    {"security", TW_PANOS_SECURITY}, {"default-security-rules", TW_PANOS_DEFAULTS},
    {"nat", TW_PANOS_NAT},           {"application-override", TW_PANOS_OVERRIDE},
    {"pbf", TW_PANOS_PBF},           {"dos", TW_PANOS_DOS},
};

struct level {
    enum place place;
    uint16_t scope; /* index; of the document's own where there is none */
    enum tw_panos_part part;
    enum tw_panos_book book;
    enum tw_panos_what what;
};

struct walk {
    struct tw_panos *in;
    struct level levels[DEPTH];
    size_t depth;
    struct level tree; /* of the element that is being built */
    bool found;        /* a <config> */
    bool has_shared;   /* the document's own scope, made on first use */
    uint16_t shared;
};

/* --- scopes ---------------------------------------------------------------------- */

static struct tw_panos_scope *scope_at(const struct walk *w, const struct level *l)
{
    return w->in->scopes.at[l->scope];
}

static uint16_t add_scope(struct walk *w, enum tw_panos_scope_kind kind,
                          const struct tw_xml *element)
{
    struct tw_panos *in = w->in;
    struct tw_panos_scope *scope = tw_new(in->scratch, struct tw_panos_scope);
    if (in->scopes.len == TW_PANOS_SCOPES) {
        TW_DIAG(in->diags, TW_D_ipt_too_long, element->start, TW_STR("60000"));
        return (uint16_t)(in->scopes.len - 1);
    }
    *scope =
        (struct tw_panos_scope){.kind = kind,
                                .name = tw_panos_keep(in, tw_xml_attr(element, "name")),
                                .at = element->start,
                                .src = in->src,
                                .rank = -1};
    *tw_vec_add(in->scratch, &in->scopes) = scope;
    return (uint16_t)(in->scopes.len - 1);
}

static void enter_scope(struct walk *w, struct level *l, const struct tw_xml *element)
{
    switch (l->place) {
    case SHARED:
        if (!w->has_shared)
            w->shared = add_scope(w, TW_PANOS_SHARED, element);
        w->has_shared = true;
        l->scope = w->shared;
        break;
    case VSYS:
        l->scope = add_scope(w, TW_PANOS_VSYS, element);
        break;
    case GROUP:
        l->scope = add_scope(w, TW_PANOS_DEVICES, element);
        break;
    case PUSHED:
        l->scope = add_scope(w, TW_PANOS_PUSHED, element);
        w->in->has_pushed = true;
        break;
    case TEMPLATE_VSYS:
        l->scope = add_scope(w, TW_PANOS_TEMPLATE, element);
        break;
    default:
        break;
    }
}

/* --- what a scope holds ---------------------------------------------------------- */

static bool holds_objects(enum place place)
{
    return place == SHARED || place == VSYS || place == GROUP || place == PUSHED;
}

/* The step to a container of objects or to a rulebase; false: neither. */
static bool step_into_scope(struct tw_str name, struct level *to)
{
    static const char *const parts[] = {
        [TW_PANOS_PRE] = "pre-rulebase",
        [TW_PANOS_LOCAL] = "rulebase",
        [TW_PANOS_POST] = "post-rulebase",
    };
    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
        if (tw_str_is(name, containers[i].name)) {
            to->place = OBJECTS;
            to->what = containers[i].what;
            return true;
        }
    for (unsigned i = 0; i < TW_PANOS_PARTS; i++)
        if (tw_str_is(name, parts[i])) {
            to->place = RULEBASE;
            to->part = (enum tw_panos_part)i;
            return true;
        }
    return false;
}

static void step_into_rulebase(struct tw_str name, struct level *to)
{
    to->place = UNREAD;
    for (size_t i = 0; i < sizeof books / sizeof books[0]; i++)
        if (tw_str_is(name, books[i].name)) {
            to->place = BOOK;
            to->book = books[i].book;
        }
}

/* --- readers of whole elements --------------------------------------------------- */

static void read_zone(struct walk *w, const struct level *l, const struct tw_xml *entry)
{
    struct tw_panos *in = w->in;
    struct tw_str name = tw_xml_attr(entry, "name");
    const struct tw_xml *network = tw_xml_child(entry, "network");
    TW_VEC(uint32_t) interfaces = {0};
    if (name.len == 0) {
        TW_DIAG(in->diags, TW_D_panos_no_name, entry->start,
                tw_panos_say(in, TW_M_panos_zone));
        return;
    }
    struct tw_panos_zone *zone = tw_vec_add(in->scratch, &scope_at(w, l)->zones);
    *zone = (struct tw_panos_zone){.name = tw_panos_name(in, name)};
    for (const struct tw_xml *kind = network ? network->first : NULL; kind;
         kind = kind->next) {
        if (tw_str_is(kind->name, "external"))
            zone->external = true;
        else
            for (const struct tw_xml *m = tw_xml_child(kind, "member"); m;
                 m = tw_xml_next(m))
                *tw_vec_add(in->scratch, &interfaces) = tw_panos_name(in, m->text);
    }
    zone->interfaces = interfaces.at;
    zone->ninterfaces = interfaces.len;
}

static void read_group_devices(struct walk *w, const struct level *l,
                               const struct tw_xml *devices)
{
    for (const struct tw_xml *d = tw_xml_child(devices, "entry"); d; d = tw_xml_next(d))
        *tw_vec_add(w->in->scratch, &scope_at(w, l)->devices) =
            (struct tw_panos_device){
                tw_panos_name(w->in, tw_xml_attr(d, "name")),
                tw_xml_at(d, "vsys", "entry", NULL) != NULL,
            };
}

/* A firewall that a Panorama manages has rules that its own export need not show. */
static void read_system(struct walk *w, const struct tw_xml *system)
{
    static const char *const names[] = {"panorama-server", "panorama-server-2"};
    const struct tw_xml *local = tw_xml_at(system, "panorama", "local-panorama", NULL);
    for (size_t i = 0; i < 2; i++) {
        const struct tw_xml *server = tw_xml_child(system, names[i]);
        if (!server)
            server = tw_xml_child(local, names[i]);
        if (server && server->text.len)
            w->in->managed = server->start;
    }
}

static void read_setting(struct walk *w, const struct tw_xml *setting)
{
    const struct tw_xml *first =
        tw_xml_at(setting, "management", "ancestor-objects-take-precedence", NULL);
    if (first && !tw_str_is(first->text, "no"))
        w->in->ancestors_first = first->start;
    w->in->without_ipv6 |= tw_str_is(
        tw_xml_text(tw_xml_child(setting, "session"), "ipv6-firewalling"), "no");
}

static void read_parent(struct walk *w, const struct tw_xml *entry)
{
    struct tw_panos *in = w->in;
    *tw_vec_add(in->scratch, &in->parents) =
        (struct tw_panos_parent){tw_panos_keep(in, tw_xml_attr(entry, "name")),
                                 tw_panos_keep(in, tw_xml_text(entry, "parent-dg"))};
}

static void read_tree(struct walk *w, const struct level *l,
                      const struct tw_xml *element)
{
    struct tw_panos *in = w->in;
    switch (l->place) {
    case OBJECT:
        tw_panos_object_read(in, l->scope, l->what, element);
        break;
    case RULE:
        tw_panos_rule_read(in, l->book, &scope_at(w, l)->books[l->part][l->book],
                           element);
        break;
    case UNREAD_RULE:
        if (!tw_str_is(tw_xml_text(element, "disabled"), "yes"))
            scope_at(w, l)->unread++;
        break;
    case ZONE:
        read_zone(w, l, element);
        break;
    case TITLE:
        scope_at(w, l)->title = tw_panos_keep(in, element->text);
        break;
    case PARENT:
        scope_at(w, l)->parent = tw_panos_keep(in, element->text);
        break;
    case GROUP_DEVICES:
        read_group_devices(w, l, element);
        break;
    case IMPORT:
        scope_at(w, l)->imported =
            tw_panos_list_read(in, tw_xml_at(element, "network", "interface", NULL));
        break;
    case NETWORK:
        tw_panos_network_read(in, element);
        break;
    case SYSTEM:
        read_system(w, element);
        break;
    case SETTING:
        read_setting(w, element);
        break;
    case READONLY_GROUP:
        read_parent(w, element);
        break;
    default:
        break;
    }
}

/* --- the walk -------------------------------------------------------------------- */

static bool step_from(const struct level *from, const struct tw_xml *element,
                      struct level *to, bool *tree)
{
    *to = *from;
    *tree = false;
    if (holds_objects(from->place) && step_into_scope(element->name, to))
        return true;
    if (from->place == RULEBASE) {
        step_into_rulebase(element->name, to);
        return true;
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].in == from->place && tw_str_is(element->name, steps[i].name)) {
            to->place = steps[i].to;
            *tree = steps[i].tree;
            return true;
        }
    return false;
}

static enum tw_xml_take start(void *ctx, const struct tw_xml *element)
{
    struct walk *w = ctx;
    struct level to;
    bool tree;
    if (w->depth + 1 == DEPTH || !step_from(&w->levels[w->depth], element, &to, &tree))
        return TW_XML_SKIP;
    if (to.place == RESPONSE && tw_str_is(tw_xml_attr(element, "status"), "error"))
        TW_DIAG(w->in->diags, TW_D_panos_error_reply, element->start, w->in->src->name);
    if (tree) {
        w->tree = to;
        return TW_XML_TREE;
    }
    w->found |= to.place == CONFIG;
    enter_scope(w, &to, element);
    w->levels[++w->depth] = to;
    return TW_XML_ENTER;
}

static void end(void *ctx, const struct tw_xml *element)
{
    struct walk *w = ctx;
    if (w->tree.place != NOWHERE) {
        struct level l = w->tree;
        w->tree.place = NOWHERE;
        read_tree(w, &l, element);
    } else if (w->depth) {
        w->depth--;
    }
}

/* --- documents ------------------------------------------------------------------- */

/* The document in SRC: captures of an API call have lines before it and behind it. What
 * stands before is blanked, so that places stay as they are. */
static const struct tw_source *document_of(struct tw_panos *in,
                                           const struct tw_source *src)
{
    static const char *const begins[] = {"<?xml", "<response", "<config"};
    struct tw_str text = src->text;
    size_t first = text.len, last = text.len;
    for (size_t i = 0; i < 3; i++) {
        size_t at = tw_str_find_str(tw_str_first(text, first), tw_str_of(begins[i]));
        first = at < first ? at : first;
    }
    while (last > 0 && text.ptr[last - 1] != '>')
        last--;
    if (first == text.len || last <= first)
        return src;
    if (tw_str_trim(tw_str_first(text, first)).len == 0 &&
        tw_str_trim(tw_str_from(text, last)).len == 0)
        return src;
    struct tw_source *doc = tw_new(in->arena, struct tw_source);
    *doc = *src;
    doc->text = tw_str_first(text, last);
    if (first == 0)
        return doc;
    if (tw_str_starts(tw_str_from(text, first), "<?xml"))
        first += tw_str_find(tw_str_from(text, first), '>') + 1;
    char *bytes = tw_new_array(in->arena, last + 1, char);
    for (size_t i = 0; i < last; i++)
        bytes[i] = i >= first || text.ptr[i] == '\n' ? text.ptr[i] : ' ';
    doc->text = (struct tw_str){bytes, last};
    return doc;
}

static void read_source(struct tw_panos *in, const struct tw_source *src)
{
    struct walk w = {.in = in, .levels = {{.place = DOCUMENT}}};
    struct tw_xml_visitor visitor = {start, end, &w};
    size_t errors = in->diags->errors;
    in->src = document_of(in, src);
    if (tw_xml_walk(in->scratch, in->src, &visitor, in->diags) && !w.found &&
        in->diags->errors == errors)
        TW_DIAG(in->diags, TW_D_panos_no_config, ((struct tw_span){src, 0, 0}),
                src->name);
}

static void read_all(struct tw_policy *policy, const struct tw_source *const *sources,
                     size_t nsources, const struct tw_format_options *options,
                     struct tw_diags *diags)
{
    struct tw_panos *in = tw_new(policy->arena, struct tw_panos);
    size_t errors = diags->errors;
    in->policy = policy;
    in->arena = policy->arena;
    in->scratch = tw_arena_child(policy->arena);
    in->diags = diags;
    in->options = options;
    tw_map_init(&in->list_ids, in->scratch);
    tw_map_init(&in->things, in->scratch);
    tw_map_init(&in->conditions, in->scratch);
    tw_map_init(&in->bit_sets, in->scratch);
    tw_map_init(&in->app_keys, in->scratch);
    tw_map_init(&in->mark_tests, in->scratch);
    for (size_t i = 0; i < nsources; i++)
        read_source(in, sources[i]);
    if (options->app_ports)
        in->app_ports = tw_panos_app_ports_read(in, options->app_ports);
    /* Mistakes of every part are told before one of them is chosen. */
    bool chosen = diags->errors == errors && tw_panos_select(in);
    tw_panos_objects_check(in);
    if (chosen && diags->errors == errors)
        tw_panos_build(in);
    tw_arena_release(in->scratch);
}

/* --- the format ------------------------------------------------------------------ */

/* Is the root `config` (or an API reply), in no namespace, with parts of PAN-OS? */
static enum tw_probe probe(struct tw_str head)
{
    static const char *const parts[] = {"<mgt-config", "<devices>", "<shared>",
                                        "detail-version=", "<devices "};
    size_t at = tw_str_find_str(head, TW_STR("<config"));
    struct tw_str config = tw_str_from(head, at);
    struct tw_str tag = tw_str_first(config, tw_str_find(config, '>'));
    struct tw_str before = tw_str_first(head, at);
    if (tag.len == 0 || tw_str_starts(tag, "<configuration"))
        return TW_PROBE_NO;
    if (tw_str_find_str(tag, TW_STR("urldb=\"paloaltonetworks\"")) < tag.len)
        return TW_PROBE_CERTAIN;
    if (tw_str_find_str(tag, TW_STR("xmlns")) < tag.len ||
        tw_str_find_str(before, TW_STR("xmlns")) < before.len)
        return TW_PROBE_NO;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (tw_str_find_str(config, tw_str_of(parts[i])) < config.len)
            return TW_PROBE_LIKELY;
    return TW_PROBE_NO;
}

const struct tw_format tw_format_panos = {
    .name = "panos",
    .summary = {"Palo Alto PAN-OS firewalls and Panorama, configuration XML",
                "Palo Alto PAN-OS 防火墙与 Panorama 的配置 XML"},
    .export_command = "show config running (XML); Panorama: export named configuration",
    .keys =
        TW_FORMAT_VSYS | TW_FORMAT_DEVICE_GROUP | TW_FORMAT_APP_PORTS | TW_FORMAT_HITS,
    .probe = probe,
    .read = read_all,
};

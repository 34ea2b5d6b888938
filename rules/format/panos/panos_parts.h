/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the reader of PAN-OS and Panorama exports, for each other alone.
 *
 *     panos.c            the walk over the document: the format's entry
 *     panos_names.c      names and lists of names, each kept once
 *     panos_objects.c    the entries of objects, and looking them up by scope
 *     panos_rules.c      the entries of rules, as compact records
 *     panos_select.c     which vsys and device group; scopes and layers in order
 *     panos_addresses.c  address objects and lists to sets of addresses and unknowns
 *     panos_dynamic.c    filters of dynamic address groups
 *     panos_services.c   services to ports
 *     panos_apps.c       applications, their default ports, services of rules
 *     panos_ports.c      the table of application ports
 *     panos_zones.c      zones and rule types to conditions
 *     panos_schedule.c   schedules
 *     panos_build.c      records to rules: products of all of these
 *     panos_policy.c     the rulebase, its defaults, chains and stages
 *     panos_nat.c        what translation and application override add
 *     panos_routes.c     which addresses are behind a zone
 *     panos_hits.c       hit counts
 *
 * The document is walked once: objects may stand behind the rules that name them, so
 * rules are kept as records of names, and resolved when all is known.
 *
 * Whatever is not understood becomes a "thing": a named unknown that stands where the
 * text stands. A rule that leans on a thing of doubt is told and counts as not
 * understood.
 */
#ifndef TW_PANOS_PARTS_H
#define TW_PANOS_PARTS_H

#include "format.h"
#include "messages.h"
#include "xml.h"

enum {
    TW_PANOS_NEST = 64,       /* groups in groups */
    TW_PANOS_THINGS = 4,      /* unknown members of a side; more become one */
    TW_PANOS_PRODUCTS = 4096, /* of one rule */
    TW_PANOS_SHOWN = 20,      /* names in the name of an unknown */
    TW_PANOS_TOLD = 64,       /* doubts told about one rule */
    TW_PANOS_LEVELS = 64,     /* device groups above each other */
    TW_PANOS_PORTS = 65536,   /* pieces of one list of services */
    TW_PANOS_SCOPES = 60000
};

/* A constant text for static tables. */
#define TW_PANOS_S(literal)            \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* --- names ----------------------------------------------------------------------- */

struct tw_panos_object;
struct tw_panos_set;

struct tw_panos_name {
    struct tw_str text;
    struct tw_panos_object *objects;    /* all that have this name, any scope */
    const struct tw_panos_set *literal; /* what it means as an address by itself */
    uint32_t zone, app;                 /* its value of the unknown, or 0 */
};

/* A list of names as a rule has it: NONE (no such element, or an empty one), ANY, one
 * name, or the index of a list of several. */
typedef uint32_t tw_panos_list;
#define TW_PANOS_NONE ((tw_panos_list)0)
#define TW_PANOS_ANY ((tw_panos_list)1)

struct tw_panos_span { /* of names */
    const uint32_t *at;
    size_t n;
};

/* --- things: what cannot be known here ------------------------------------------- */

struct tw_panos_thing {
    enum tw_unknown_kind kind;
    struct tw_str name; /* without its side: `fqdn db.example.com` */
    struct tw_str subject;
    const struct tw_schedule *schedule;
    bool doubt;          /* not understood, rather than undecidable */
    struct tw_span at;   /* where, for doubts that stand in an object */
    uint32_t seen;       /* by the gathering of this number */
    uint32_t unknown[3]; /* its index + 1 for src, for dst, and by itself */
};

struct tw_panos_joint {
    struct tw_panos_thing *thing;
};

enum tw_panos_side { TW_PANOS_SRC, TW_PANOS_DST, TW_PANOS_SELF };

/* Addresses: those that are known, and more where a thing holds. */
struct tw_panos_set {
    const struct tw_ranges *known[TW_FAMILIES]; /* never NULL */
    struct tw_panos_thing *const *things;
    size_t nthings;
    bool any;
};

/* --- objects --------------------------------------------------------------------- */

enum tw_panos_space {
    TW_PANOS_ADDRESSES,
    TW_PANOS_SERVICES,
    TW_PANOS_APPS,
    TW_PANOS_SCHEDULES,
    TW_PANOS_SPACES
};

enum tw_panos_kind {
    TW_PANOS_ADDRESS, /* struct tw_panos_address */
    TW_PANOS_OPAQUE,  /* struct tw_panos_opaque: fqdn, external list … */
    TW_PANOS_REGION,  /* struct tw_panos_region */
    TW_PANOS_GROUP,   /* struct tw_panos_group */
    TW_PANOS_DYNAMIC, /* struct tw_panos_group with a filter */
    TW_PANOS_SERVICE, /* struct tw_panos_service */
    TW_PANOS_SERVICE_GROUP,
    TW_PANOS_APP, /* struct tw_panos_app */
    TW_PANOS_APP_GROUP,
    TW_PANOS_APP_FILTER,
    TW_PANOS_SCHEDULE /* struct tw_panos_opaque */
};

enum tw_panos_state { TW_PANOS_NEW, TW_PANOS_RESOLVING, TW_PANOS_RESOLVED };

struct tw_panos_object {
    struct tw_panos_object *same_name;
    uint32_t name;
    uint16_t scope;
    uint8_t kind, space, state;
    uint8_t what; /* of enum tw_panos_what: the container it stands in */
    uint16_t ntags;
    uint32_t at_len;
    const uint32_t *tags;
    const struct tw_source *src;
    uint64_t off; /* its start tag */
};

/* For duplicates: names are unique in their container. */
enum tw_panos_what {
    TW_PANOS_IS_ADDRESS,
    TW_PANOS_IS_ADDRESS_GROUP,
    TW_PANOS_IS_EXTERNAL_LIST,
    TW_PANOS_IS_REGION,
    TW_PANOS_IS_SERVICE,
    TW_PANOS_IS_SERVICE_GROUP,
    TW_PANOS_IS_APPLICATION,
    TW_PANOS_IS_APPLICATION_GROUP,
    TW_PANOS_IS_APPLICATION_FILTER,
    TW_PANOS_IS_SCHEDULE
};

struct tw_panos_address {
    struct tw_panos_object object;
    enum tw_family family;
    struct tw_ranges ranges;
    struct tw_range one; /* what `ranges` holds, unless it is a wildcard or a region */
};

struct tw_panos_opaque {
    struct tw_panos_object object;
    struct tw_panos_thing *thing;
};

struct tw_panos_region {
    struct tw_panos_object object;
    struct tw_panos_set set;
};

struct tw_panos_member {
    uint32_t name, len;
    uint64_t off;
};

struct tw_panos_group {
    struct tw_panos_object object;
    const struct tw_panos_member *members;
    size_t nmembers;
    struct tw_str filter; /* DYNAMIC: its text */
    struct tw_span filter_at;
    struct tw_panos_thing *thing; /* an element of it was not understood, or NULL */
    const struct tw_panos_set *resolved; /* of addresses */
    uint32_t seen;                       /* by the gathering of this number */
};

/* Destinations (and sources) of one protocol. */
struct tw_panos_ports {
    unsigned proto;
    const struct tw_ranges *sport, *dport; /* NULL: any */
};

struct tw_panos_service {
    struct tw_panos_object object;
    TW_VEC(struct tw_panos_ports) ports;
    struct tw_panos_thing *thing; /* an element of it was not understood, or NULL */
};

/* Where an application is found by default. NULL: not by this protocol. */
struct tw_panos_defaults {
    const struct tw_ranges *tcp, *udp, *sctp, *icmp, *icmp6, *protos;
    unsigned dynamic; /* bit 0 tcp, 1 udp, 2 sctp: ports that it agrees on itself */
};

struct tw_panos_app {
    struct tw_panos_object object;
    struct tw_panos_defaults *defaults; /* NULL: it names none */
};

/* --- scopes and layers ----------------------------------------------------------- */

enum tw_panos_scope_kind {
    TW_PANOS_SHARED,  /* of a Panorama or of a firewall */
    TW_PANOS_DEVICES, /* a device group */
    TW_PANOS_VSYS,
    TW_PANOS_PUSHED,  /* to a vsys by a Panorama, as the firewall keeps it */
    TW_PANOS_TEMPLATE /* zones alone */
};

/* The rulebases of a scope. */
enum tw_panos_part { TW_PANOS_PRE, TW_PANOS_LOCAL, TW_PANOS_POST, TW_PANOS_PARTS };

enum tw_panos_book {
    TW_PANOS_SECURITY,
    TW_PANOS_DEFAULTS,
    TW_PANOS_NAT,
    TW_PANOS_OVERRIDE,
    TW_PANOS_PBF,
    TW_PANOS_DOS,
    TW_PANOS_BOOKS
};

struct tw_panos_rule;

struct tw_panos_chunk { /* of rules */
    struct tw_panos_chunk *next;
    uint32_t n, cap;
    struct tw_panos_rule *rules;
};

struct tw_panos_rules {
    struct tw_panos_chunk *first, *last;
    size_t n;
};

struct tw_panos_zone {
    uint32_t name;
    bool external; /* leads to another vsys */
    const uint32_t *interfaces;
    size_t ninterfaces;
};

struct tw_panos_device { /* of a device group */
    uint32_t serial;
    bool by_vsys;
};

struct tw_panos_parent {
    struct tw_str group, parent;
};

struct tw_panos_scope {
    enum tw_panos_scope_kind kind;
    struct tw_str name, title; /* title: display-name */
    struct tw_span at;
    const struct tw_source *src;
    struct tw_str parent; /* of a device group; empty: shared */
    int rank;             /* 0: nearest; -1: no part of this wall */
    struct tw_panos_rules books[TW_PANOS_PARTS][TW_PANOS_BOOKS];
    TW_VEC(struct tw_panos_zone) zones;
    TW_VEC(struct tw_panos_device) devices;
    tw_panos_list imported; /* interfaces of the vsys */
    size_t unread;          /* rules of books that are not read */
};

/* --- rules ----------------------------------------------------------------------- */

/* What only few rules have. */
enum tw_panos_extra_kind {
    TW_PANOS_DOUBT,     /* an element that is not known; `text` names it */
    TW_PANOS_CONDITION, /* `list` of what `text` names */
    TW_PANOS_TARGET,    /* `list` of serials */
    TW_PANOS_PORT,      /* override: `ports` */
    TW_PANOS_BACK       /* bi-directional: `list` of translated addresses */
};

struct tw_panos_extra {
    struct tw_panos_extra *next;
    enum tw_panos_extra_kind kind;
    bool negated, by_vsys;
    tw_panos_list list;
    struct tw_str text;
    struct tw_span at;
    const struct tw_panos_ports *ports;
};

enum tw_panos_rule_flag {
    TW_PANOS_DISABLED = 1,
    TW_PANOS_LOGGED = 2,
    TW_PANOS_NEGATE_SRC = 4,
    TW_PANOS_NEGATE_DST = 8,
    TW_PANOS_TRANSLATES_SRC = 16,
    TW_PANOS_TRANSLATES_DST = 32,
    TW_PANOS_ONLY_IPV4 = 64,
    TW_PANOS_ONLY_IPV6 = 128,
    TW_PANOS_DROPS = 256 /* pbf, dos: a packet that matches may be dropped */
};

enum tw_panos_type { TW_PANOS_UNIVERSAL, TW_PANOS_INTRAZONE, TW_PANOS_INTERZONE };

enum tw_panos_verb {
    TW_PANOS_NO_VERB,
    TW_PANOS_ALLOW,
    TW_PANOS_DENY,
    TW_PANOS_RESET,
    TW_PANOS_OTHER
};

struct tw_panos_rule {
    struct tw_str name, comment;
    const struct tw_source *src;
    uint64_t off;            /* of its start tag */
    uint32_t start_len, len; /* of the start tag, of the whole element */
    tw_panos_list from, to, source, destination, user, apps, service;
    uint32_t schedule; /* name + 1, or 0 */
    struct tw_panos_extra *extras;
    uint16_t flags;
    uint8_t verb, type;
};

/* A rulebase in the order of evaluation. */
struct tw_panos_layer {
    const struct tw_panos_scope *scope;
    enum tw_panos_part part;
};

/* --- the reader ------------------------------------------------------------------ */

/* One way in which some of a rule's fields can hold. */
struct tw_panos_alt {
    unsigned families; /* 0: both */
    const struct tw_ranges *proto, *sport, *dport, *icmp;
    const struct tw_condition *conditions;
    size_t nconditions;
    uint32_t overridden; /* 0: no matter; 1: not at all; else by the application - 1 */
};

struct tw_panos_alts {
    const struct tw_panos_alt *at;
    size_t n;
    struct tw_panos_thing *const *doubts;
    size_t ndoubts;
};

/* A table from numbers to pointers. */
struct tw_panos_table {
    struct tw_panos_slot {
        uint64_t key; /* + 1; 0: free */
        const void *value;
    } * slots;
    size_t n, nslots;
};

struct tw_panos_app_ports; /* the table of application ports */
struct tw_panos_network;   /* interfaces and routes */

struct tw_panos {
    struct tw_policy *policy;
    struct tw_arena *arena;   /* the policy's */
    struct tw_arena *scratch; /* for what is not needed after reading */
    struct tw_diags *diags;
    const struct tw_format_options *options;
    const struct tw_source *src; /* that is being walked */
    struct tw_str doc;           /* the text of its document */

    /* names */
    TW_VEC(struct tw_panos_name *) names; /* in blocks */
    uint32_t nnames;
    uint32_t *name_slots;
    size_t nname_slots;
    struct tw_map list_ids; /* the bytes of its names: index + 1 */
    TW_VEC(struct tw_panos_span) lists;

    /* scopes */
    TW_VEC(struct tw_panos_scope *) scopes;
    TW_VEC(const struct tw_panos_scope *) chain; /* of this wall, nearest first */
    TW_VEC(struct tw_panos_layer) layers;
    const struct tw_panos_scope *vsys, *group;
    bool has_panorama;                /* one of the documents is a Panorama's */
    struct tw_panos_network *network; /* NULL: no such part */
    bool unseen;            /* rules that a Panorama pushes are in none of them */
    struct tw_span managed; /* where a firewall says that a Panorama manages it */
    bool without_ipv6;      /* the device does not filter IPv6 */
    struct tw_span ancestors_first; /* a Panorama turns the order of scopes round */
    bool has_pushed;                /* some source holds what a Panorama pushes */
    TW_VEC(struct tw_panos_parent) parents;

    /* zones */
    bool zones_closed; /* every zone of the wall is named */
    TW_VEC(struct tw_str) zone_values;
    const uint64_t **single_zones;      /* sets of one value, made on first use */
    struct tw_panos_table zone_alts[3]; /* by type */

    /* applications */
    TW_VEC(struct tw_str) app_values; /* of the unknown, the last one once settled */
    TW_VEC(uint32_t) app_names;       /* names of values 1 … */
    uint64_t *apps_alone;             /* values that are surely in no container */
    const struct tw_panos_app_ports *app_ports;
    bool leans_on_app_ports;
    TW_VEC(uint32_t) overrides; /* values of applications that override rules name */
    const struct tw_ranges *protos[256];
    struct tw_map app_keys; /* of app_services */
    uint32_t mark_unknown;
    bool nat_told; /* what is not understood in translation rules */
    struct tw_map mark_tests;
    struct tw_panos_table joints; /* lists of things that stand as one */

    TW_VEC(struct tw_panos_object *) tagged; /* address objects with tags */
    bool tagged_known;
    size_t dynamic_work;
    struct tw_panos_table sets, user_alts;
    uint32_t gatherings; /* of services and applications so far */
    uint32_t long_lists; /* that are named by a number */
    struct tw_map things, conditions, bit_sets; /* each kept once */
    /* of the rule that is being built; kept for their room */
    TW_VEC(struct tw_match) products;
    TW_VEC(struct tw_condition) row;
};

/* --- names (panos_names.c) ------------------------------------------------------- */

/* S where it is a slice of the source, else a copy of it. */
struct tw_str tw_panos_keep(struct tw_panos *in, struct tw_str s);
uint32_t tw_panos_name(struct tw_panos *in, struct tw_str text);
struct tw_panos_name *tw_panos_name_at(const struct tw_panos *in, uint32_t name);
static inline struct tw_str tw_panos_text(const struct tw_panos *in, uint32_t name)
{
    return tw_panos_name_at(in, name)->text;
}
/* The members of ELEMENT (NULL: none) as a list; ANY where one of them is "any". */
tw_panos_list tw_panos_list_read(struct tw_panos *in, const struct tw_xml *element);
tw_panos_list tw_panos_list_of(struct tw_panos *in, const uint32_t *names, size_t n);
/* Its names; ROOM holds the one of a list of one. */
struct tw_panos_span tw_panos_list_names(const struct tw_panos *in, tw_panos_list list,
                                         uint32_t *room);
const void *tw_panos_table_get(const struct tw_panos_table *table, uint64_t key);
void tw_panos_table_put(struct tw_arena *arena, struct tw_panos_table *table,
                        uint64_t key, const void *value);
/* The thing with this kind and NAME (copied), made on first use. */
struct tw_panos_thing *tw_panos_thing(struct tw_panos *in, enum tw_unknown_kind kind,
                                      struct tw_str name);
/* … that stands for words that are not understood, at AT. */
struct tw_panos_thing *tw_panos_doubt(struct tw_panos *in, struct tw_str name,
                                      struct tw_span at);
/* The policy's unknown that THING is on SIDE. */
uint32_t tw_panos_unknown(struct tw_panos *in, struct tw_panos_thing *thing,
                          enum tw_panos_side side);
/* "a, b, c": of many names the first ones, and the NUMBER that tells this list from
 * others. */
void tw_panos_buf_names(struct tw_panos *in, struct tw_buf *buf, const uint32_t *names,
                        size_t n, uint32_t number);
/* One copy of each set of values; SET was the last that was allocated in the policy's
 * arena. */
const uint64_t *tw_panos_bits(struct tw_panos *in, const uint64_t *set, size_t words,
                              struct tw_arena_mark before);
/* One copy of each row of conditions. */
const struct tw_condition *tw_panos_conditions(struct tw_panos *in,
                                               const struct tw_condition *at, size_t n);

/* A word for diagnostics, in their language. */
struct tw_str tw_panos_say(const struct tw_panos *in, enum tw_message word);

/* --- reading entries ------------------------------------------------------------- */

struct tw_span tw_panos_object_at(const struct tw_panos_object *object);
/* Reads ENTRY of the container WHAT (whole) into the scope. */
void tw_panos_object_read(struct tw_panos *in, uint16_t scope, enum tw_panos_what what,
                          const struct tw_xml *entry);
/* The object that NAME means for a reference in the scope of rank FROM, or NULL.
 * *TWICE: scopes differ in what it is, so that it cannot be told. */
struct tw_panos_object *tw_panos_lookup(const struct tw_panos *in,
                                        enum tw_panos_space space, uint32_t name,
                                        int from, bool *twice);
/* Does another scope of the wall mean something else by NAME than NEAREST? */
bool tw_panos_is_overridden(const struct tw_panos *in, enum tw_panos_space space,
                            uint32_t name, const struct tw_panos_object *nearest);
/* After all entries: names that stand twice in a scope are refused. After selection:
 * forgets the objects that the wall does not see. */
void tw_panos_objects_check(struct tw_panos *in);
bool tw_panos_schedule_read(struct tw_panos *in, const struct tw_xml *type,
                            const struct tw_schedule **schedule);
/* tcp/443, udp/1000-1010, tcp/dynamic … into DEFAULTS; false: none of these. */
bool tw_panos_port_word(struct tw_arena *arena, struct tw_str word,
                        struct tw_panos_defaults *defaults);
/* 80,8080-8090 */
const struct tw_ranges *tw_panos_port_list(struct tw_panos *in,
                                           const struct tw_xml *element);

/* Reads ENTRY (whole) of BOOK into RULES. */
void tw_panos_rule_read(struct tw_panos *in, enum tw_panos_book book,
                        struct tw_panos_rules *rules, const struct tw_xml *entry);
static inline struct tw_span tw_panos_rule_at(const struct tw_panos_rule *rule)
{
    return (struct tw_span){rule->src, rule->off, rule->start_len};
}
/* Where MEMBER stands in ELEMENT of RULE; else the rule's start tag. */
struct tw_span tw_panos_member_at(const struct tw_panos_rule *rule, const char *element,
                                  struct tw_str member);

/* --- resolving ------------------------------------------------------------------- */

/* Chooses the vsys and the device group; false after an error. */
bool tw_panos_select(struct tw_panos *in);
/* The addresses of a list of a rule in the scope of RANK. */
struct tw_panos_set tw_panos_addresses(struct tw_panos *in, tw_panos_list list,
                                       int rank);
/* … of one name; AT: where, in a group. */
struct tw_panos_set tw_panos_name_set(struct tw_panos *in, uint32_t name, int rank,
                                      struct tw_span at, unsigned depth);
/* The addresses that OBJECT is surely, and its things. */
struct tw_panos_set tw_panos_object_set(struct tw_panos *in,
                                        struct tw_panos_object *object, unsigned depth);
/* A name that no object has, as an address by itself; NULL: it is none. */
const struct tw_panos_set *tw_panos_literal(struct tw_panos *in, uint32_t name);
struct tw_panos_set tw_panos_set_union(struct tw_panos *in,
                                       const struct tw_panos_set *sets, size_t n);
/* The members of the dynamic GROUP. */
struct tw_panos_set tw_panos_dynamic(struct tw_panos *in, struct tw_panos_group *group,
                                     unsigned depth);

/* What a list of services means: one of the ports, or a thing. */
struct tw_panos_services {
    const struct tw_panos_alt *ports;
    size_t nports;
    struct tw_panos_thing *const *things;
    size_t nthings;
    bool by_default; /* the default ports of the application */
};
struct tw_panos_services tw_panos_services(struct tw_panos *in, tw_panos_list list,
                                           int rank);
/* The list of one protocol. */
const struct tw_ranges *tw_panos_proto(struct tw_panos *in, unsigned proto);

/* Names every application of the wall's rules; makes the unknown. */
void tw_panos_apps_settle(struct tw_panos *in);
/* The ways in which a rule's applications and services (not NONE) hold together. */
const struct tw_panos_alts *tw_panos_app_services(struct tw_panos *in,
                                                  tw_panos_list apps,
                                                  tw_panos_list service, int rank);
const struct tw_panos_app_ports *tw_panos_app_ports_read(struct tw_panos *in,
                                                         const struct tw_source *src);
const struct tw_panos_defaults *
tw_panos_app_ports_find(const struct tw_panos_app_ports *table, struct tw_str app);
size_t tw_panos_app_ports_count(const struct tw_panos_app_ports *table);
struct tw_str tw_panos_app_ports_name(const struct tw_panos_app_ports *table, size_t i);
/* What people are told of the table. */
struct tw_str tw_panos_app_ports_words(struct tw_panos *in);

void tw_panos_zones_settle(struct tw_panos *in);
const struct tw_panos_alts *tw_panos_zone_alts(struct tw_panos *in, tw_panos_list from,
                                               tw_panos_list to,
                                               enum tw_panos_type type);

/* The wall's schedule NAME as a thing. */
struct tw_panos_thing *tw_panos_schedule(struct tw_panos *in, uint32_t name, int rank);
/* What stands for a NAME that nothing defines, or that scopes define differently.
 * WORDS: what it should have been. */
struct tw_panos_thing *tw_panos_nothing(struct tw_panos *in, const char *words,
                                        uint32_t name, struct tw_span at);
struct tw_panos_thing *tw_panos_ambiguous(struct tw_panos *in, const char *words,
                                          uint32_t name,
                                          const struct tw_panos_object *nearest);

/* Builds the policy from what was read. */
void tw_panos_build(struct tw_panos *in);

/* What a record is built for. */
enum tw_panos_use {
    TW_PANOS_FILTERS,    /* a security rule */
    TW_PANOS_NAT_BEFORE, /* translation of destinations: ahead of the rulebase */
    TW_PANOS_NAT_AFTER,  /* translation of sources: behind it */
    TW_PANOS_NAMES_APP,  /* override */
    TW_PANOS_MAY_DROP
};

/* Fills OUT's matches, id, place and comment from the record RAW of the scope of RANK;
 * QUIET: what is not understood has been told. */
void tw_panos_rule_build(struct tw_panos *in, const struct tw_panos_rule *raw, int rank,
                         enum tw_panos_use use, bool quiet, struct tw_rule *out);
/* Appends a base chain, whose rules follow. */
void tw_panos_chain(struct tw_panos *in, struct tw_str name, enum tw_action policy);
/* Appends RULE to the last chain. */
struct tw_rule *tw_panos_add_rule(struct tw_panos *in, const struct tw_rule *rule);
/* Appends the last chain to the stages of all families and hooks. */
void tw_panos_stage(struct tw_panos *in, bool decides);
/* A match of RULE with one product of ANY and the conditions. */
void tw_panos_only_if(struct tw_panos *in, struct tw_rule *rule,
                      const struct tw_condition *conditions, size_t n);

void tw_panos_drops_build(struct tw_panos *in);    /* may drop ahead of all rules */
void tw_panos_before_build(struct tw_panos *in);   /* translation of destinations */
void tw_panos_override_build(struct tw_panos *in); /* applications by name */
void tw_panos_after_build(struct tw_panos *in);    /* translation of sources */
void tw_panos_routes(struct tw_panos *in);
void tw_panos_network_read(struct tw_panos *in, const struct tw_xml *network);
void tw_panos_hits_read(struct tw_panos *in, const struct tw_source *src);

/* for (struct tw_panos_each e = tw_panos_each(rules); tw_panos_next(&e);) … e.rule … */
struct tw_panos_each {
    const struct tw_panos_rule *rule;
    const struct tw_panos_chunk *chunk;
    uint32_t next;
};

static inline struct tw_panos_each tw_panos_each(const struct tw_panos_rules *rules)
{
    return (struct tw_panos_each){.chunk = rules->first};
}

static inline bool tw_panos_next(struct tw_panos_each *e)
{
    while (e->chunk && e->next == e->chunk->n) {
        e->chunk = e->chunk->next;
        e->next = 0;
    }
    e->rule = e->chunk ? &e->chunk->rules[e->next++] : NULL;
    return e->rule;
}

#endif

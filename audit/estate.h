/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estate: what twinwall.yaml and the catalogue beside it say, resolved and checked.
 *
 * Names have become indexes, host lists address ranges, percentages exact fractions.
 * All mistakes of the YAML file and of the CSV files are diagnosed in one run; an
 * estate that loads is consistent: every index is valid, every flow has at least one
 * pair of sites and every pair a path. Policies are not read here (walls.h).
 */
#ifndef TW_ESTATE_H
#define TW_ESTATE_H

#include "date.h"
#include "diag.h"
#include "map.h"
#include "packet.h"
#include "rational.h"

#define TW_NONE UINT32_MAX
/* Pseudo zones of `from: any` flows and of paths. */
#define TW_ZONE_OUTSIDE (UINT32_MAX - 1) /* addresses of no zone */

enum tw_level { TW_LEVEL_LOW, TW_LEVEL_MEDIUM, TW_LEVEL_HIGH, TW_LEVEL_CRITICAL };
enum tw_role { TW_ROLE_ENFORCE, TW_ROLE_OPEN };
enum tw_tristate { TW_UNSAID = -1, TW_NO = 0, TW_YES = 1 };
enum tw_expect { TW_EXPECT_ALLOW, TW_EXPECT_DENY, TW_EXPECT_NOTHING_ELSE };

struct tw_site {
    struct tw_str name;
    struct tw_span at;
    const struct tw_rational *traffic; /* share of all traffic; all sum to 1 */
    /* Where calls that leave this site go, by target site; NULL: `traffic` of the
     * target (no `routing:`, or none for this site). */
    const struct tw_rational **routing;
};

struct tw_named { /* a word of the file and its place */
    struct tw_str text;
    struct tw_span at;
};

struct tw_names {
    const struct tw_named *at;
    size_t n;
};

struct tw_wall_spec {
    struct tw_str name;
    struct tw_span at;
    struct tw_names policy; /* files, relative to the estate's folder */
    struct tw_named format; /* empty text: auto */
    enum tw_role role;
    enum tw_tristate stateful;
    bool hook_input; /* `hook: input` */
    bool allow_empty;
    struct tw_named tz, as_of, max_age, vsys, device_group, app_ports,
        hits; /* as written */
};

struct tw_zone {
    struct tw_str name, title;
    struct tw_span at;
    const struct tw_ranges *networks[TW_FAMILIES]; /* never NULL, may be empty */
};

struct tw_hop {
    uint32_t wall;
    struct tw_span at;
    struct tw_names in,
        out; /* the wall's own interface or zone names; n = 0: not said */
};

struct tw_path {
    struct tw_span at;
    uint32_t from, to;           /* zones; `from` may be TW_ZONE_OUTSIDE */
    uint32_t from_site, to_site; /* only there; TW_NONE: everywhere */
    const struct tw_hop *hops;
    size_t nhops;
};

/* One entry of `ports`: tcp/8443, udp/5000-5010, tcp/any, icmp/8, icmp, icmpv6/128,
 * ip/47, any. A bare `icmp` is the ICMP of either family; with a type it is IPv4's
 * alone, since the two number their types differently, and `icmpv6` is IPv6's. */
struct tw_port_entry {
    struct tw_str text;
    struct tw_span at;
    bool any;             /* all protocols */
    bool icmp;            /* the ICMP of the family */
    bool in[TW_FAMILIES]; /* the families that it says something about */
    unsigned proto;       /* unless any; for icmp: 1 (or 58: icmpv6, IPv6 only) */
    const struct tw_ranges *dport; /* ports; ICMP: type << 8 | code; NULL: all */
};

struct tw_port_entries {
    const struct tw_port_entry *at;
    size_t n;
};

struct tw_service {
    struct tw_str name, title, owner;
    struct tw_span at;
    uint32_t zone;
    /* hosts[family][site]: NULL where the service does not have the site; an empty list
     * where it has no address of that family there. */
    const struct tw_ranges **hosts[TW_FAMILIES];
    struct tw_port_entries listen;
    struct tw_names apps;
};

struct tw_site_pair {
    uint32_t from, to;
};

struct tw_flow {
    struct tw_str id;
    struct tw_span at;
    uint32_t from; /* a service; TW_NONE: any */
    uint32_t to;   /* a service */
    /* Not said: what the target listens on; for nothing-else one entry `any`. */
    struct tw_port_entries ports;
    /* Not said: NULL, which is 1024 to 65535 for allow and any for the others. */
    const struct tw_ranges *source_ports;
    enum tw_expect expect;
    enum tw_level severity;
    struct tw_str why, owner, ticket;
    struct tw_named expires;          /* as written; a date */
    const struct tw_site_pair *pairs; /* all that are to be checked; for `from: any` the
                                         source site is TW_NONE */
    size_t npairs;
    struct tw_names apps, users;
    const uint32_t *datasets;
    size_t ndatasets;
};

struct tw_dataset {
    struct tw_str name, title, dump, time, key;
    struct tw_names wrong;
    struct tw_span at;
};

struct tw_estate {
    struct tw_arena *arena;
    struct tw_str folder; /* that the files are relative to; "" = current */
    TW_VEC(struct tw_site) sites;
    TW_VEC(struct tw_wall_spec) walls;
    TW_VEC(struct tw_zone) zones;
    TW_VEC(struct tw_path) paths;
    TW_VEC(struct tw_service) services;
    TW_VEC(struct tw_flow) flows;
    TW_VEC(struct tw_dataset) datasets;
    TW_VEC(const struct tw_source *) sources; /* the YAML file and the CSV files */
    /* For the functions below. */
    struct tw_map site_index, service_index; /* by name: index + 1 */
    const struct tw_path **path_order;       /* by zones, sites, place in the file */
};

/* How the CSV files of an estate are reached; NULL after a diagnostic. PATH is what to
 * open, and what diagnostics call it. */
struct tw_estate_files {
    const struct tw_source *(*open)(void *ctx, struct tw_arena *arena,
                                    struct tw_str path, struct tw_diags *diags);
    void *ctx;
};

/* Reads the estate that YAML says. FOLDER is what its file names are relative to; FILES
 * NULL: the file system. NULL after diagnostics of severity error. */
struct tw_estate *tw_estate_read(struct tw_arena *arena, const struct tw_source *yaml,
                                 struct tw_str folder,
                                 const struct tw_estate_files *files,
                                 struct tw_time now, struct tw_diags *diags);

/* Reads the estate of the file PATH. NULL after diagnostics. Expired flows and similar
 * are warnings. */
struct tw_estate *tw_estate_load(struct tw_arena *arena, struct tw_str path,
                                 struct tw_time now, struct tw_diags *diags);
/* The estate's file for a command that names none: twinwall.yaml in START or a folder
 * above it, up to the one that holds .git (or the root). Empty where there is none. */
struct tw_str tw_estate_find(struct tw_arena *arena, struct tw_str start);
/* NAME relative to the estate's folder. */
struct tw_str tw_estate_path(struct tw_arena *arena, const struct tw_estate *estate,
                             struct tw_str name);

/* The paths (alternatives) from zone FROM at FROM_SITE to zone TO at TO_SITE, in the
 * order of the file. TW_NONE as a site does not narrow the choice: the paths of every
 * site fit. */
struct tw_path_list {
    const struct tw_path *const *at;
    size_t n;
};
struct tw_path_list tw_estate_paths(struct tw_arena *arena,
                                    const struct tw_estate *estate, uint32_t from,
                                    uint32_t from_site, uint32_t to, uint32_t to_site);

/* The share of each pair of FLOW (in the order of flow->pairs): traffic share of the
 * source site × (routing, or traffic share of the target site), renormalised over the
 * flow's pairs so that they sum to 1; equal shares where all would be 0. */
const struct tw_rational **tw_flow_shares(struct tw_arena *arena,
                                          const struct tw_estate *estate,
                                          const struct tw_flow *flow);

/* One entry of `ports`. TEXT is not copied. False where it is none. */
bool tw_port_entry_parse(struct tw_arena *arena, struct tw_str text,
                         struct tw_port_entry *out);

/* Indexes by name, TW_NONE where there is none. */
uint32_t tw_estate_site(const struct tw_estate *estate, struct tw_str name);
uint32_t tw_estate_service(const struct tw_estate *estate, struct tw_str name);

#endif

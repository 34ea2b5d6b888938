/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the estate's loader share; nobody else includes this.
 *
 * Loading goes in two steps, so that YAML and CSV meet the same checks: every entry of
 * the catalogue becomes a raw record of words with their places (estate_yaml.c reads
 * mappings, estate_csv.c tables), and the resolvers turn raw records into the estate
 * (estate_network.c, estate_services.c, estate_flows.c). The YAML tree and the raw
 * records live in `scratch` and go when loading ends: whatever the estate keeps is
 * copied by tw_keep().
 */
#ifndef TW_ESTATE_LOAD_H
#define TW_ESTATE_LOAD_H

#include "estate.h"
#include "yaml_tree.h"

enum {
    TW_ESTATE_BYTES_MAX = 1 << 28, /* of one file */
    TW_ESTATE_FILES_MAX = 1000,
    TW_ESTATE_SITES_MAX = 256,     /* pairs of sites grow with the square */
    TW_ESTATE_PAIRS_MAX = 1 << 24, /* pairs of sites over all flows */
    TW_ESTATE_ENTRIES_MAX =
        1 << 20, /* walls, zones, paths, services, flows, datasets */
};

/* The keys of a flow in YAML, the columns of flows in CSV. */
enum tw_flow_field {
    TW_FLOW_ID,
    TW_FLOW_FROM,
    TW_FLOW_TO,
    TW_FLOW_PORTS,
    TW_FLOW_SOURCE_PORTS,
    TW_FLOW_EXPECT,
    TW_FLOW_SEVERITY,
    TW_FLOW_SITE_PAIRS,
    TW_FLOW_WHY,
    TW_FLOW_OWNER,
    TW_FLOW_TICKET,
    TW_FLOW_EXPIRES,
    TW_FLOW_APPS,
    TW_FLOW_USERS,
    TW_FLOW_DATASETS,
    TW_FLOW_FIELDS
};

/* Hosts of one service at one site, as written. */
struct tw_raw_site {
    struct tw_named site;
    struct tw_names hosts;
};

struct tw_raw_service {
    struct tw_named name, zone, title, owner;
    TW_VEC(struct tw_raw_site) sites;
    struct tw_names listen, apps;
    bool from_csv; /* further rows may add sites */
    bool broken;   /* something was refused: what follows from it is not told */
};

struct tw_raw_flow {
    struct tw_named id, from, to, expect, severity, why, owner, ticket, expires;
    struct tw_names ports, source_ports, site_pairs, apps, users, datasets;
    struct tw_span at; /* the entry or row, where it has no id */
    bool broken;       /* something was refused: what follows from it is not told */
};

/* One address range of a zone or of a service at a site, for the sweeps that find
 * overlaps. */
struct tw_claim {
    enum tw_family family;
    uint32_t site; /* 0 for zones */
    struct tw_range range;
    uint32_t owner; /* zone or service */
    size_t order;
    struct tw_span at;
};

struct tw_loader {
    struct tw_arena *arena, *scratch;
    struct tw_diags *diags;
    struct tw_estate *estate;
    const struct tw_estate_files *files;
    struct tw_time now;
    struct tw_map walls, zones, datasets, flows; /* by name: index + 1 */
    TW_VEC(struct tw_raw_service) raw_services;
    struct tw_map raw_names; /* name of a raw service: index + 1 */
    TW_VEC(struct tw_claim) zone_claims, host_claims; /* zone_claims end sorted */
    /* What an error already explains is not complained about again. */
    TW_VEC(bool) zone_broken, service_broken;
    bool paths_broken;
    bool services_missing; /* a table of services could not be read completely */
    struct tw_map entered; /* (zone, site) that some path leads to */
    struct tw_map told;    /* pairs that were diagnosed once */
    size_t comparisons;    /* left for "did you mean" */
    size_t pairs;          /* of sites, so far */
    TW_VEC(struct tw_site_pair) pair_list; /* of the flow at hand */
    uint32_t *pair_stamps; /* pair of sites: 1 + the flow that named it last */
};

/* ---- estate_words.c: words, names, lists */

struct tw_str tw_keep(struct tw_loader *l, struct tw_str s);
struct tw_named tw_keep_named(struct tw_loader *l, struct tw_named word);
struct tw_names tw_keep_names(struct tw_loader *l, struct tw_names words);
/* Can WORD be a name? Diagnosed where not. */
bool tw_name_check(struct tw_loader *l, struct tw_named word);
/* The index of NAME in MAP, or TW_NONE. */
uint32_t tw_index_get(const struct tw_map *map, struct tw_str name);
void tw_index_put(struct tw_map *map, struct tw_str name, size_t index);
/* The index of WORD, or TW_NONE after the diagnostic ID with a suggestion. */
uint32_t tw_index_demand(struct tw_loader *l, const struct tw_map *map,
                         struct tw_named word, enum tw_diag_id id);
/* "; did you mean …?", or nothing where WORD is near no name of MAP. */
struct tw_str tw_suggest(struct tw_loader *l, struct tw_str word,
                         const struct tw_map *map);
struct tw_str tw_suggest_text(struct tw_loader *l, const char *near);
/* True for the first call with these numbers. */
bool tw_first_time(struct tw_loader *l, char what, uint32_t a, uint32_t b, uint32_t c,
                   uint32_t d);
/* *OUT = the index of WORD among CHOICES (NULL at the end). An absent word (no text and
 * no place) leaves it; another one is diagnosed as no value of KEY, and false. */
bool tw_choice(struct tw_loader *l, const char *key, struct tw_named word,
               const char *const *choices, unsigned *out);

/* ---- estate_yaml.c: mappings read by a table of their keys */

enum tw_key_kind {
    TW_KEY_TEXT,
    TW_KEY_TEXTS, /* a list of texts, or one */
    TW_KEY_LIST,
    TW_KEY_MAPPING,
    TW_KEY_ANY
};
enum { TW_KEY_REQUIRED = 1, TW_KEY_MAY_BE_EMPTY = 2, TW_KEY_MAY_BE_NULL = 4 };

struct tw_key {
    const char *name; /* NULL at the end of a table */
    enum tw_key_kind kind;
    unsigned flags;
};

enum { TW_KEYS_MAX = 24 };

/* Reads NODE, an entry of SECTION, by the table KEYS: VALUES[i] is the value of
 * KEYS[i], NULL where it is absent or was refused. False where anything was refused. */
bool tw_keys_read(struct tw_loader *l, const struct tw_yaml *node, const char *section,
                  const struct tw_key *keys, const struct tw_yaml **values);
/* The place that stands for an entry: its key, or else the entry. */
struct tw_span tw_entry_span(const struct tw_yaml *node);
/* The name of a member of a mapping, and a text (absent for NULL). */
struct tw_named tw_yaml_key(const struct tw_yaml *node);
struct tw_named tw_yaml_word(const struct tw_yaml *node);
struct tw_names tw_yaml_words(struct tw_loader *l, const struct tw_yaml *node);
bool tw_yaml_is_texts(struct tw_loader *l, const struct tw_yaml *node);
/* May SECTION have one entry more than COUNT? Diagnosed once where not. */
bool tw_room_check(struct tw_loader *l, const char *section, size_t count, size_t most,
                   struct tw_span at);

/* ---- the sections */

void tw_sites_read(struct tw_loader *l, const struct tw_yaml *sites,
                   const struct tw_yaml *routing);
void tw_walls_read(struct tw_loader *l, const struct tw_yaml *walls);
void tw_zones_read(struct tw_loader *l, const struct tw_yaml *zones);
void tw_paths_read(struct tw_loader *l, const struct tw_yaml *paths);
void tw_datasets_read(struct tw_loader *l, const struct tw_yaml *datasets);
/* Services are joined over all files before they are resolved; flows, which need them,
 * are resolved one by one behind tw_flows_begin(). */
void tw_services_read(struct tw_loader *l, const struct tw_yaml *services);
void tw_flows_read(struct tw_loader *l, const struct tw_yaml *flows);
void tw_services_csv_read(struct tw_loader *l, const struct tw_source *src);
void tw_flows_csv_read(struct tw_loader *l, const struct tw_source *src);
void tw_raw_service_add(struct tw_loader *l, const struct tw_raw_service *raw);
void tw_services_resolve(struct tw_loader *l);
void tw_flows_begin(struct tw_loader *l);
void tw_flow_resolve(struct tw_loader *l, const struct tw_raw_flow *raw);

/* ---- addresses (estate_network.c) and ports (estate_ports.c) */

/* ADDRESS, CIDR or FIRST-LAST; diagnosed where it is none, or has host bits set. */
bool tw_address_read(struct tw_loader *l, struct tw_named word, enum tw_family *family,
                     struct tw_range *out);
/* By family, site, first address, order of adding (which it numbers). */
void tw_claims_sort(struct tw_claim *claims, size_t n);
/* For each claim that meets an earlier one of another owner: FN(earlier, later). */
void tw_claims_sweep(struct tw_loader *l, const struct tw_claim *claims, size_t n,
                     void (*fn)(struct tw_loader *l, const struct tw_claim *a,
                                const struct tw_claim *b));
/* False where a word was refused. */
bool tw_ports_read(struct tw_loader *l, struct tw_names words,
                   struct tw_port_entries *out);
/* NULL for no words, and after a diagnostic. */
const struct tw_ranges *tw_source_ports_read(struct tw_loader *l,
                                             struct tw_names words);

/* ---- paths (estate_paths.c) */

void tw_paths_order(struct tw_loader *l);
/* Is there a path from zone FROM at FROM_SITE to zone TO at TO_SITE? */
bool tw_path_exists(const struct tw_estate *estate, uint32_t from, uint32_t from_site,
                    uint32_t to, uint32_t to_site);
/* The same at some pair of sites. */
bool tw_path_exists_somewhere(const struct tw_estate *estate, uint32_t from,
                              uint32_t to);

#endif

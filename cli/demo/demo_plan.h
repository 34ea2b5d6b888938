/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of the bundled incident: one list of services and the calls between them,
 * from which every file of the demo is written. The walls' accept rules come from the
 * same list, so that each call is open by construction, but for the gaps named here.
 * Internal to cli/demo.
 */
#ifndef TW_DEMO_PLAN_H
#define TW_DEMO_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum tw_demo_zone { TW_DEMO_JINFU, TW_DEMO_LFT, TW_DEMO_CHANNELS, TW_DEMO_ZONES };
enum tw_demo_site { TW_DEMO_MAIN, TW_DEMO_DR, TW_DEMO_SITES };

/* What a service's hosts look like; the addresses follow from zone, site and slot. */
enum tw_demo_shape {
    TW_DEMO_NET,     /* the slot's /24 in both rooms */
    TW_DEMO_HALF,    /* a /26 in main, a /27 in dr */
    TW_DEMO_CLUSTER, /* .10-.19 in main, .10 in dr */
    TW_DEMO_BAND,    /* .20-.35 in main, .20-.23 in dr */
    TW_DEMO_TWINS,   /* .21-.22 and .40 in main, .21-.22 in dr */
    TW_DEMO_FRONT    /* a bank's /28, the same for both of our rooms */
};

enum { TW_DEMO_IN_MAIN = 1, TW_DEMO_IN_DR = 2, TW_DEMO_IN_BOTH = 3 };

struct tw_demo_service {
    const char *name, *title;
    const char *team;   /* the owner; for a bank, the bank itself */
    const char *serves; /* what others call it for */
    const char *listen; /* port entries as in the estate, a blank between two */
    const char *calls;  /* names of services; NAME* means all that NAME listens on,
                           NAME alone its first entry */
    enum tw_demo_zone zone;
    enum tw_demo_shape shape;
    uint8_t slot;  /* the third octet within the zone's room */
    uint8_t sites; /* TW_DEMO_IN_* */
};

extern const struct tw_demo_service tw_demo_catalogue[];
extern const size_t tw_demo_catalogue_count;

struct tw_demo_pool {
    uint32_t lo, hi; /* inclusive, host byte order */
};

struct tw_demo_port {
    bool udp;
    uint16_t lo, hi;
};

enum { TW_DEMO_POOLS_MAX = 2, TW_DEMO_PORTS_MAX = 4, TW_DEMO_FLOWS_MAX = 512 };

struct tw_demo_flow {
    const struct tw_demo_service *from; /* NULL: any */
    const struct tw_demo_service *to;
    const char *id;    /* NULL: made of the zones and `number`, as in JL-007 */
    const char *ports; /* NULL: all that the target listens on */
    const char *why;   /* NULL: what the target serves */
    const char *severity;
    const char *site_pairs; /* NULL: all */
    const char *dataset;    /* NULL: none */
    unsigned number;        /* from 1 within its pair of zones */
    unsigned ticket;
    bool deny;
    bool in_yaml; /* stands in twinwall.yaml, not in flows.csv */
};

struct tw_demo_plan {
    struct tw_demo_flow flows[TW_DEMO_FLOWS_MAX];
    size_t flow_count;
};

/* The walls, as bits: a gap may be at several. */
enum { TW_DEMO_JINFU_FW = 1, TW_DEMO_LFT_FW = 2, TW_DEMO_BANK = 4 };

/* Makes the flows of the catalogue's calls, and the forbidden ones. */
void tw_demo_plan_init(struct tw_demo_plan *plan);

const char *tw_demo_zone_name(enum tw_demo_zone zone);
const char *tw_demo_site_name(enum tw_demo_site site);
bool tw_demo_service_at(const struct tw_demo_service *s, enum tw_demo_site site);

/* The addresses of a service in a room, ascending; 0 when it is not there. */
size_t tw_demo_pools(const struct tw_demo_service *s, enum tw_demo_site site,
                     struct tw_demo_pool out[TW_DEMO_POOLS_MAX]);

/* The port entries of a flow, parsed. */
size_t tw_demo_flow_ports(const struct tw_demo_flow *f,
                          struct tw_demo_port out[TW_DEMO_PORTS_MAX]);

/*
 * The applications that the traffic of a flow is, as jinfu-fw names them, parted by
 * blanks; NULL: no rule there asks for them.
 */
const char *tw_demo_flow_apps(const struct tw_demo_flow *f);

/* The walls at which a flow's rule was forgotten for a pair of rooms; 0 for none. */
unsigned tw_demo_gap(const struct tw_demo_flow *f, enum tw_demo_site from_site,
                     enum tw_demo_site to_site);

/* Whether the bank's row of a flow is there but past its date for this room. */
bool tw_demo_row_expired(const struct tw_demo_flow *f, enum tw_demo_site from_site);

/* Writes the flow's id into `out`. */
void tw_demo_flow_id(const struct tw_demo_flow *f, char out[16]);

/* Prints a pool as the estate writes it: an address, a prefix or a range. */
void tw_demo_pool_print(FILE *out, struct tw_demo_pool pool);

/* The prefix length of a pool that is one prefix, else -1. */
int tw_demo_pool_prefix(struct tw_demo_pool pool);

/*
 * The first prefix of a pool, taken off it: for (p = pool; tw_demo_pool_take(&p, &c);)
 * walks the prefixes in order. False when nothing is left (lo > hi).
 */
bool tw_demo_pool_take(struct tw_demo_pool *pool, struct tw_demo_pool *prefix);

/* A well-mixed number from two small ones: the demo's only source of variety in rules.
 */
uint32_t tw_demo_mix(uint32_t a, uint32_t b);

/* The files; each returns nothing, the caller looks at ferror(out). */
void tw_demo_estate_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_cmdb_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_flows_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_readme_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_jinfu_fw_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_jinfu_hits_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_app_ports_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_lft_fw_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_allowlist_write(FILE *out, const struct tw_demo_plan *plan);
void tw_demo_bills_write(FILE *out, const struct tw_demo_plan *plan);

/* The first line of twinwall.yaml, newline included: the mark that a folder is ours. */
extern const char tw_demo_mark[];

#endif

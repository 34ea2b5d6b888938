/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PAN-OS wall as plain data, for holding the product's reader and engine against an
 * evaluation that shares nothing with them.
 *
 *     pan_random   SEED ──► wall ──┬─► pan_xml ──► text ──► reader ──► engine ──►
 * answer └─► pan_truth ─────────────────────────────► answer
 *
 * Names are numbers of one table, so that looking one up is comparing numbers.
 * Addresses are 32 bits in both families: an IPv6 address is 2001:db8:: plus them.
 */
#ifndef PAN_WALL_H
#define PAN_WALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    PAN_NAMES = 400,
    PAN_NAME_SIZE = 56,
    PAN_LIST = 6,
    PAN_THINGS = 80,
    PAN_SERVICES = 30,
    PAN_APPS = 24,
    PAN_SCHEDULES = 6,
    PAN_RULES = 40,
    PAN_NATS = 12,
    PAN_OVERRIDES = 12,
    PAN_SCOPES = 8,
    PAN_ZONES = 4,
    PAN_TAGS = 4,
    PAN_SPANS = 3,
    PAN_SERIALS = 3
};

/* Names; none: any. */
struct pan_list {
    int n, at[PAN_LIST];
};

struct pan_span {
    uint32_t lo, hi; /* both included */
};

enum pan_scope_kind {
    PAN_SHARED,       /* of a Panorama: with rules */
    PAN_DEVICE_GROUP, /* … with rules */
    PAN_PUSHED, /* to a vsys by a Panorama, in the firewall's export: with rules */
    PAN_DEVICE_SHARED, /* of a firewall: no rules */
    PAN_VSYS
};

/* A scope holds objects; names are looked up there, then in the parent. 0 is the
 * outermost. Where a firewall's own export is read with that of the Panorama that
 * manages it, the parent of its shared scope is its device group. */
struct pan_scope {
    enum pan_scope_kind kind;
    int name, parent;
    bool overrides[2], defines[2]; /* default rules: an entry; with an action */
    bool allows[2];                /* [0] intrazone, [1] interzone */
    int nserials, serials[PAN_SERIALS];
};

enum pan_kind {
    PAN_NETMASK,
    PAN_RANGE,
    PAN_WILDCARD,
    PAN_FQDN,
    PAN_STATIC,
    PAN_DYNAMIC,
    PAN_REGION, /* a custom one: its addresses are known */
    PAN_EDL
};

/* The filter of a dynamic group in postfix: a tag, or one of these. */
enum { PAN_AND = -1, PAN_OR = -2 };

/* What may stand in a rule's source or destination. */
struct pan_thing {
    int scope, name;
    enum pan_kind kind;
    int family;           /* 0 IPv4, 1 IPv6 */
    struct pan_span span; /* NETMASK, RANGE, REGION; of WILDCARD the base */
    uint32_t loose;       /* WILDCARD: bits that do not matter */
    int host_bits;        /* NETMASK: written with these */
    int fqdn;
    struct pan_list members; /* STATIC */
    int nfilter, filter[7];  /* DYNAMIC */
    unsigned tags;
};

struct pan_service {
    int scope, name;
    bool group;
    struct pan_list members;
    int proto; /* 6, 17, 132 */
    int nports, nsports;
    struct pan_span ports[PAN_SPANS], sports[PAN_SPANS];
};

enum pan_app_kind { PAN_APP, PAN_APP_GROUP, PAN_APP_FILTER };
enum pan_default {
    PAN_BY_PORT,
    PAN_BY_PROTOCOL,
    PAN_BY_ICMP,
    PAN_BY_ICMP6,
    PAN_BY_NOTHING
};

struct pan_app {
    int scope, name;
    enum pan_app_kind kind;
    struct pan_list members;
    enum pan_default by;
    int nports; /* BY_PORT */
    int proto[PAN_SPANS];
    struct pan_span ports[PAN_SPANS]; /* 0-65535: "dynamic" */
    int number, code;                 /* BY_PROTOCOL; BY_ICMP type and code, -1: any */
};

enum pan_schedule_kind { PAN_DAILY, PAN_WEEKLY, PAN_ONCE };

struct pan_schedule {
    int scope, name;
    enum pan_schedule_kind kind;
    int n;
    int day[PAN_SPANS];                 /* WEEKLY: 0 Monday … 6 Sunday */
    struct pan_span minutes[PAN_SPANS]; /* of the day; ONCE: since the day `base` */
};

enum pan_place { PAN_PRE, PAN_LOCAL, PAN_POST };
enum pan_type { PAN_UNIVERSAL, PAN_INTRAZONE, PAN_INTERZONE };

enum pan_service_word { PAN_LISTED, PAN_APPLICATION_DEFAULT };

struct pan_rule {
    int scope, name;
    enum pan_place place;
    enum pan_type type;
    bool disabled;
    int action; /* index of pan_actions; the last one is no action of the vendor's */
    struct pan_list from, to; /* zones */
    struct pan_list end[2];   /* source, destination */
    bool negate[2];
    struct pan_list users, hip, categories;
    struct pan_list apps;
    enum pan_service_word service_word;
    struct pan_list services;
    int schedule; /* -1: none */
    bool targeted, target_negate;
    struct pan_list targets;
    bool odd; /* carries an element that nobody knows */
};

enum { PAN_ACTIONS = 7 };
extern const char *const pan_actions[PAN_ACTIONS];

/* TWO_WAYS: a static source, and the destination for packets that come the other way.
 */
enum pan_nat_kind {
    PAN_NAT_NONE,
    PAN_NAT_SOURCE,
    PAN_NAT_TWO_WAYS,
    PAN_NAT_DESTINATION,
    PAN_NAT_BOTH
};

struct pan_nat {
    int scope, name;
    enum pan_place place;
    bool disabled;
    enum pan_nat_kind kind;
    struct pan_list from;
    int to; /* a zone; -1: any */
    struct pan_list end[2];
    int service; /* -1: any */
    int type;    /* index of pan_nat_types */
    int back;    /* TWO_WAYS: the translated source */
};

enum { PAN_NAT_64 = 3, PAN_NAT_TYPES };
extern const char *const pan_nat_types[PAN_NAT_TYPES]; /* [0]: not said */

/* Says what application packets are of, before it is recognised. */
struct pan_override {
    int scope, name;
    enum pan_place place;
    bool disabled;
    struct pan_list from, to, end[2];
    int proto; /* 6 or 17 */
    struct pan_span ports;
    int app;
};

struct pan_wall {
    uint64_t layout; /* seeds the way it is written */
    bool panorama;   /* an export of one, */
    bool managed;    /* and one of a firewall that it manages */
    bool pushed;     /* a firewall's own, with what a Panorama pushed */
    int nnames;
    char names[PAN_NAMES][PAN_NAME_SIZE];
    int nscopes, chosen;
    int group; /* the device group of a panorama's wall */
    struct pan_scope scopes[PAN_SCOPES];
    int nzones, zones[PAN_ZONES];
    bool zones_unstated; /* Panorama without templates */
    int nthings, nservices, napps, nschedules, nrules, nnats, ntable, noverrides;
    struct pan_thing things[PAN_THINGS];
    struct pan_service services[PAN_SERVICES];
    struct pan_app apps[PAN_APPS];
    struct pan_app table[PAN_APPS]; /* the table of application ports */
    struct pan_schedule schedules[PAN_SCHEDULES];
    struct pan_rule rules[PAN_RULES];
    struct pan_nat nats[PAN_NATS];
    struct pan_override overrides[PAN_OVERRIDES];
};

/* The number of the name TEXT, added where it is new. */
int pan_name(struct pan_wall *wall, const char *text);
/* The same without adding: -1 where it is new. */
int pan_find_name(const struct pan_wall *wall, const char *text);

/* 0 … below - 1 */
uint32_t pan_draw(uint64_t *state, uint32_t below);

/* Is the text an address, a prefix or FIRST-LAST, as far as generated ones go? */
bool pan_literal(const char *text, int *family, struct pan_span *span);
/* "10.0.0.1" or "2001:db8::1" */
void pan_put_address(FILE *out, int family, uint32_t address);

/* A wall from SEED. */
void pan_random(struct pan_wall *wall, uint64_t seed);
/* The export, that of the firewall where there are two; the table of application ports.
 */
void pan_xml(FILE *out, const struct pan_wall *wall);
void pan_xml_device(FILE *out, const struct pan_wall *wall);
void pan_table(FILE *out, const struct pan_wall *wall);

#endif

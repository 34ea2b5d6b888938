/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the demo's jinfu-fw is written: the running configuration of a PAN-OS firewall
 * with one virtual system, and the counters of its rules. Internal to cli/demo.
 *
 * Such an export has its addresses, groups and rules in separate places, and the
 * counters in another file. So the parts that state both (the calls, the noise) are
 * functions that run once per pass over the same statements: each pass prints what
 * belongs to it.
 */
#ifndef TW_DEMO_PANOS_H
#define TW_DEMO_PANOS_H

#include "demo_plan.h"

enum tw_demo_pass { TW_DEMO_ADDRESSES, TW_DEMO_GROUPS, TW_DEMO_RULES, TW_DEMO_HITS };

struct tw_demo_panos {
    FILE *out;
    const struct tw_demo_plan *plan;
    enum tw_demo_pass pass;
    unsigned depth; /* of the open elements */
    uint32_t rules; /* stated so far in this pass */
};

#if defined(__GNUC__)
#define TW_DEMO_PRINTS(text, first) __attribute__((format(printf, text, first)))
#else
#define TW_DEMO_PRINTS(text, first)
#endif

/* --- the text: elements, each on a line of its own ------------------------------- */

void tw_demo_xml_open(struct tw_demo_panos *w, const char *tag);
void tw_demo_xml_close(struct tw_demo_panos *w, const char *tag);
/* <entry name="…">; closed with "entry". */
void tw_demo_xml_entry(struct tw_demo_panos *w, const char *format, ...)
    TW_DEMO_PRINTS(2, 3);
/* <tag>text</tag> */
void tw_demo_xml_leaf(struct tw_demo_panos *w, const char *tag, const char *format, ...)
    TW_DEMO_PRINTS(3, 4);
/* <tag><member>…</member>…</tag> of a list that is parted by blanks; NULL: any. */
void tw_demo_xml_list(struct tw_demo_panos *w, const char *tag, const char *list);
/* Open elements with one text in them, as in "protocol/tcp/port". */
void tw_demo_xml_path(struct tw_demo_panos *w, const char *path, const char *text);

/* --- objects and rules ------------------------------------------------------------ */

enum { TW_DEMO_NAME = 64, TW_DEMO_LIST = 256 };

/* An address object: `type` is ip-netmask, ip-range or fqdn. */
void tw_demo_panos_address(struct tw_demo_panos *w, const char *name, const char *type,
                           const char *format, ...) TW_DEMO_PRINTS(4, 5);

/* An address group of a list of members, parted by blanks. */
void tw_demo_panos_group(struct tw_demo_panos *w, const char *name, const char *list);

struct tw_demo_rule {
    char name[TW_DEMO_NAME];
    const char *from, *to; /* zones; NULL: any, as all lists here */
    const char *source, *destination, *user;
    const char *application, *service, *category;
    const char *action; /* NULL: allow */
    const char *type;   /* NULL: universal, unsaid */
    const char *schedule, *tag, *description;
    bool negate_source;
    bool disabled, unlogged;
    bool busy; /* has been hit */
};

/* States a rule: it is the next one of the rulebase. */
void tw_demo_panos_rule(struct tw_demo_panos *w, const struct tw_demo_rule *rule);

/* Writes formatted text into a field of a rule. */
void tw_demo_say(char *out, size_t size, const char *format, ...) TW_DEMO_PRINTS(3, 4);

/* The counters of the rule stated last. */
void tw_demo_panos_hit(struct tw_demo_panos *w, const struct tw_demo_rule *rule);

/* The rule that the incident is about. */
extern const char tw_demo_newroom_deny[];

/* --- the parts -------------------------------------------------------------------- */

/* The catalogue's services as objects: those of jinfu in the virtual system, those of
 * lifangtong, which several firewalls share, in `shared`. */
void tw_demo_panos_objects(struct tw_demo_panos *w, bool shared);
/* Services, service groups, applications; what `shared` holds beside addresses. */
void tw_demo_panos_services(struct tw_demo_panos *w);
/* Tags and schedules of the virtual system. */
void tw_demo_panos_tags(struct tw_demo_panos *w);

/* The plan's calls; what is not forgotten is let through. */
void tw_demo_panos_calls(struct tw_demo_panos *w);

/* What a grown rulebase holds besides: none of it decides a call of the plan. */
void tw_demo_panos_noise_first(struct tw_demo_panos *w);
void tw_demo_panos_noise_last(struct tw_demo_panos *w);

/* Management, profiles, interfaces and routes, zones, translation. */
void tw_demo_panos_management(struct tw_demo_panos *w);
void tw_demo_panos_profiles(struct tw_demo_panos *w);
void tw_demo_panos_network(struct tw_demo_panos *w);
void tw_demo_panos_deviceconfig(struct tw_demo_panos *w);
void tw_demo_panos_zones(struct tw_demo_panos *w);
void tw_demo_panos_nat(struct tw_demo_panos *w);

/* The service object that a flow's rule names, into OUT: "tcp-8443", "sg-log-jinfu";
 * "application-default" where its application says the ports. */
void tw_demo_flow_service(const struct tw_demo_flow *f, char out[TW_DEMO_NAME]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the demo's jinfu-fw as the running configuration of a PAN-OS firewall: the
 * frame of the export, its rules and objects in their places. For `twinwall demo`.
 *
 * The order of the rules is what keeps the story true: first the denials that no call
 * of the plan can meet, then the calls, with the list of the new room and its denial at
 * their end, then the noise.
 */
#include "demo_panos.h"

#include <stdarg.h>
#include <string.h>

const char tw_demo_newroom_deny[] = "newroom-out-deny";

void tw_demo_panos_address(struct tw_demo_panos *w, const char *name, const char *type,
                           const char *format, ...)
{
    char text[128];
    va_list args;

    if (w->pass != TW_DEMO_ADDRESSES)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_leaf(w, type, "%s", text);
    tw_demo_xml_close(w, "entry");
}

void tw_demo_panos_group(struct tw_demo_panos *w, const char *name, const char *list)
{
    if (w->pass != TW_DEMO_GROUPS)
        return;
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_list(w, "static", list);
    tw_demo_xml_close(w, "entry");
}

/* The identity that the firewall gave the rule: version 4 in form, ours in substance.
 */
static void rule_open(struct tw_demo_panos *w, const char *name)
{
    uint32_t a = tw_demo_mix(w->rules, 901), b = tw_demo_mix(w->rules, 902),
             c = tw_demo_mix(w->rules, 903), d = tw_demo_mix(w->rules, 904);

    fprintf(w->out, "%*s<entry name=\"%s\" uuid=\"%08x-%04x-4%03x-%04x-%08x%04x\">\n",
            (int)w->depth * 2, "", name, a, b >> 16, b & 0xfff,
            0x8000 | (c >> 16 & 0x3fff), d, c & 0xffff);
    w->depth++;
}

/* A member list that is left out where nothing is said: not every rule has it. */
static void list_if_said(struct tw_demo_panos *w, const char *tag, const char *list)
{
    if (list != NULL)
        tw_demo_xml_list(w, tag, list);
}

static void rule_print(struct tw_demo_panos *w, const struct tw_demo_rule *r)
{
    const char *action = r->action != NULL ? r->action : "allow";

    rule_open(w, r->name);
    tw_demo_xml_list(w, "to", r->to);
    tw_demo_xml_list(w, "from", r->from);
    tw_demo_xml_list(w, "source", r->source);
    tw_demo_xml_list(w, "destination", r->destination);
    tw_demo_xml_list(w, "source-user", r->user);
    tw_demo_xml_list(w, "category", r->category);
    tw_demo_xml_list(w, "application", r->application);
    tw_demo_xml_list(w, "service", r->service);
    if (w->rules % 5 != 0) { /* rules older than release 10 lack these */
        tw_demo_xml_list(w, "source-hip", NULL);
        tw_demo_xml_list(w, "destination-hip", NULL);
    }
    list_if_said(w, "tag", r->tag);
    tw_demo_xml_leaf(w, "action", "%s", action);
    if (r->type != NULL)
        tw_demo_xml_leaf(w, "rule-type", "%s", r->type);
    if (r->negate_source)
        tw_demo_xml_leaf(w, "negate-source", "yes");
    if (strcmp(action, "allow") != 0)
        tw_demo_xml_leaf(w, "log-start", "yes");
    tw_demo_xml_leaf(w, "log-end", r->unlogged ? "no" : "yes");
    if (!r->unlogged)
        tw_demo_xml_leaf(w, "log-setting", "to-siem");
    if (strcmp(action, "allow") == 0 && w->rules % 3 != 0) {
        tw_demo_xml_open(w, "profile-setting");
        tw_demo_xml_list(w, "group", "profiles-internal");
        tw_demo_xml_close(w, "profile-setting");
    }
    if (r->schedule != NULL)
        tw_demo_xml_leaf(w, "schedule", "%s", r->schedule);
    if (r->disabled)
        tw_demo_xml_leaf(w, "disabled", "yes");
    if (r->description != NULL)
        tw_demo_xml_leaf(w, "description", "%s", r->description);
    tw_demo_xml_close(w, "entry");
}

void tw_demo_panos_rule(struct tw_demo_panos *w, const struct tw_demo_rule *rule)
{
    if (w->pass != TW_DEMO_RULES && w->pass != TW_DEMO_HITS)
        return;
    w->rules++;
    if (w->pass == TW_DEMO_RULES)
        rule_print(w, rule);
    else
        tw_demo_panos_hit(w, rule);
}

/* One pass over what the virtual system states. */
static void pass_run(struct tw_demo_panos *w, enum tw_demo_pass pass)
{
    w->pass = pass;
    w->rules = 0;
    tw_demo_panos_objects(w, false);
    tw_demo_panos_noise_first(w);
    tw_demo_panos_calls(w);
    tw_demo_panos_noise_last(w);
}

static void default_rule(struct tw_demo_panos *w, const char *name)
{
    tw_demo_xml_entry(w, "%s", name);
    tw_demo_xml_leaf(w, "action", "deny");
    tw_demo_xml_leaf(w, "log-start", "no");
    tw_demo_xml_leaf(w, "log-end", "yes");
    tw_demo_xml_leaf(w, "log-setting", "to-siem");
    tw_demo_xml_close(w, "entry");
}

static void rulebase_write(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "rulebase");
    tw_demo_xml_open(w, "security");
    tw_demo_xml_open(w, "rules");
    pass_run(w, TW_DEMO_RULES);
    tw_demo_xml_close(w, "rules");
    tw_demo_xml_close(w, "security");
    tw_demo_xml_open(w, "default-security-rules");
    tw_demo_xml_open(w, "rules");
    default_rule(w, "intrazone-default");
    default_rule(w, "interzone-default");
    tw_demo_xml_close(w, "rules");
    tw_demo_xml_close(w, "default-security-rules");
    tw_demo_panos_nat(w);
    tw_demo_xml_close(w, "rulebase");
}

static void vsys_write(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "vsys");
    tw_demo_xml_entry(w, "vsys1");
    tw_demo_xml_leaf(w, "display-name", "jinfu-border");
    tw_demo_panos_tags(w);
    tw_demo_panos_zones(w);
    rulebase_write(w);
    tw_demo_xml_open(w, "address");
    pass_run(w, TW_DEMO_ADDRESSES);
    tw_demo_xml_close(w, "address");
    tw_demo_xml_open(w, "address-group");
    pass_run(w, TW_DEMO_GROUPS);
    tw_demo_xml_close(w, "address-group");
    tw_demo_xml_close(w, "entry");
    tw_demo_xml_close(w, "vsys");
}

static void shared_write(struct tw_demo_panos *w)
{
    tw_demo_xml_open(w, "shared");
    tw_demo_panos_profiles(w);
    tw_demo_panos_services(w);
    tw_demo_xml_open(w, "address");
    w->pass = TW_DEMO_ADDRESSES;
    tw_demo_panos_objects(w, true);
    tw_demo_xml_close(w, "address");
    tw_demo_xml_open(w, "address-group");
    w->pass = TW_DEMO_GROUPS;
    tw_demo_panos_objects(w, true);
    tw_demo_xml_close(w, "address-group");
    tw_demo_xml_close(w, "shared");
}

void tw_demo_jinfu_fw_write(FILE *out, const struct tw_demo_plan *plan)
{
    struct tw_demo_panos w = {.out = out, .plan = plan};

    fputs("<?xml version=\"1.0\"?>\n"
          "<config version=\"10.2.0\" urldb=\"paloaltonetworks\" "
          "detail-version=\"10.2.3\">\n",
          out);
    w.depth = 1;
    tw_demo_panos_management(&w);
    shared_write(&w);
    tw_demo_xml_open(&w, "devices");
    tw_demo_xml_entry(&w, "localhost.localdomain");
    tw_demo_panos_network(&w);
    tw_demo_panos_deviceconfig(&w);
    vsys_write(&w);
    tw_demo_xml_close(&w, "entry");
    tw_demo_xml_close(&w, "devices");
    tw_demo_xml_close(&w, "config");
}

void tw_demo_jinfu_hits_write(FILE *out, const struct tw_demo_plan *plan)
{
    struct tw_demo_panos w = {.out = out, .plan = plan};

    fputs("<response status=\"success\">\n", out);
    w.depth = 1;
    tw_demo_xml_open(&w, "result");
    tw_demo_xml_open(&w, "rule-hit-count");
    tw_demo_xml_open(&w, "vsys");
    tw_demo_xml_entry(&w, "vsys1");
    tw_demo_xml_open(&w, "rule-base");
    tw_demo_xml_entry(&w, "security");
    tw_demo_xml_open(&w, "rules");
    pass_run(&w, TW_DEMO_HITS);
    tw_demo_xml_close(&w, "rules");
    tw_demo_xml_close(&w, "entry");
    tw_demo_xml_close(&w, "rule-base");
    tw_demo_xml_close(&w, "entry");
    tw_demo_xml_close(&w, "vsys");
    tw_demo_xml_close(&w, "rule-hit-count");
    tw_demo_xml_close(&w, "result");
    tw_demo_xml_close(&w, "response");
}

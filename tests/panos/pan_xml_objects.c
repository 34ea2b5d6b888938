/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, services, applications, schedules as an export holds them. */
#include <stdlib.h>

#include "pan_writer.h"

static void put_filter(struct pan_writer *x, const struct pan_thing *t)
{
    char text[8][120];
    char last[8] = {0};
    int depth = 0;
    for (int i = 0; i < t->nfilter; i++) {
        int token = t->filter[i];
        if (token >= 0) {
            snprintf(text[depth], sizeof text[0], "'tag %d'", token);
            last[depth++] = 0;
            continue;
        }
        char joint = token == PAN_AND ? 'a' : 'o', joined[280];
        bool bare =
            (!last[depth - 2] || last[depth - 2] == joint) && pan_writer_draw(x, 2);
        snprintf(joined, sizeof joined, bare ? "%s %s %s" : "(%s) %s %s",
                 text[depth - 2], joint == 'a' ? "and" : "or", text[depth - 1]);
        depth--;
        snprintf(text[depth - 1], sizeof text[0], "%.110s", joined);
        last[depth - 1] = joint;
    }
    pan_leaf(x, "filter", text[0]);
}

static void put_tags(struct pan_writer *x, unsigned tags)
{
    if (!tags)
        return;
    pan_begin(x, "tag");
    for (int k = 0; k < PAN_TAGS; k++) {
        char name[16];
        snprintf(name, sizeof name, "tag %d", k);
        if (tags >> k & 1)
            pan_leaf(x, "member", name);
    }
    pan_finish(x, "tag");
}

static void put_address(struct pan_writer *x, const struct pan_thing *t)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    uint32_t loose = t->span.hi - t->span.lo;
    unsigned length = 32;
    while (length && loose >> (32 - length) & 1)
        length--;
    pan_put_address(out, t->family, t->span.lo | (uint32_t)t->host_bits);
    if (t->kind == PAN_RANGE) {
        fputc('-', out);
        pan_put_address(out, t->family, t->span.hi);
    } else if (t->kind == PAN_WILDCARD) {
        fputc('/', out);
        pan_put_address(out, 0, t->loose);
    } else if (length < 32 || t->host_bits || pan_writer_draw(x, 2)) {
        fprintf(out, "/%u", length + (t->family ? 96 : 0));
    }
    fclose(out);
    pan_leaf(x,
             t->kind == PAN_RANGE      ? "ip-range"
             : t->kind == PAN_WILDCARD ? "ip-wildcard"
                                       : "ip-netmask",
             text);
    free(text);
}

static void put_object(struct pan_writer *x, const struct pan_thing *t)
{
    pan_begin_entry(x, pan_text(x, t->name));
    if (pan_writer_draw(x, 6) == 0)
        pan_leaf(x, "description", "a <b> & 'c'");
    if (t->kind == PAN_FQDN)
        pan_leaf(x, "fqdn", pan_text(x, t->fqdn));
    else if (t->kind <= PAN_WILDCARD)
        put_address(x, t);
    if (t->kind == PAN_STATIC) {
        pan_begin(x, "static");
        pan_members(x, &t->members);
        pan_finish(x, "static");
    } else if (t->kind == PAN_DYNAMIC) {
        pan_begin(x, "dynamic");
        put_filter(x, t);
        pan_finish(x, "dynamic");
    }
    put_tags(x, t->tags);
    pan_finish(x, "entry");
}

static void put_objects(struct pan_writer *x, int scope, bool groups)
{
    const char *tag = groups ? "address-group" : "address";
    bool opened = false;
    for (int i = 0; i < x->wall->nthings; i++) {
        const struct pan_thing *t = &x->wall->things[i];
        bool group = t->kind == PAN_STATIC || t->kind == PAN_DYNAMIC;
        if (t->scope != scope || t->kind > PAN_DYNAMIC || group != groups)
            continue;
        if (!opened)
            pan_begin(x, tag);
        opened = true;
        put_object(x, t);
    }
    if (opened)
        pan_finish(x, tag);
}

static void put_regions_and_lists(struct pan_writer *x, int scope)
{
    for (int i = 0; i < x->wall->nthings; i++) {
        const struct pan_thing *t = &x->wall->things[i];
        if (t->scope != scope || t->kind < PAN_REGION)
            continue;
        pan_begin(x, t->kind == PAN_REGION ? "region" : "external-list");
        pan_begin_entry(x, pan_text(x, t->name));
        pan_begin(x, t->kind == PAN_REGION ? "address" : "type");
        if (t->kind == PAN_REGION) {
            pan_line(x);
            fputs("<member>", x->out);
            pan_put_address(x->out, 0, t->span.lo);
            fputc('-', x->out);
            pan_put_address(x->out, 0, t->span.hi);
            fputs("</member>", x->out);
            pan_finish(x, "address");
        } else {
            pan_begin(x, "ip");
            pan_leaf(x, "url", "https://lists.example/bad.txt");
            pan_finish(x, "ip");
            pan_finish(x, "type");
        }
        pan_finish(x, "entry");
        pan_finish(x, t->kind == PAN_REGION ? "region" : "external-list");
    }
}

static void put_service(struct pan_writer *x, const struct pan_service *s)
{
    pan_begin_entry(x, pan_text(x, s->name));
    if (s->group) {
        pan_begin(x, "members");
        pan_members(x, &s->members);
        pan_finish(x, "members");
    } else {
        pan_begin(x, "protocol");
        pan_begin(x, pan_proto_name(s->proto));
        pan_put_ports(x, "port", s->ports, s->nports);
        pan_put_ports(x, "source-port", s->sports, s->nsports);
        pan_finish(x, pan_proto_name(s->proto));
        pan_finish(x, "protocol");
    }
    pan_finish(x, "entry");
}

static void put_services(struct pan_writer *x, int scope, bool groups)
{
    const char *tag = groups ? "service-group" : "service";
    pan_begin(x, tag);
    for (int i = 0; i < x->wall->nservices; i++)
        if (x->wall->services[i].scope == scope && x->wall->services[i].group == groups)
            put_service(x, &x->wall->services[i]);
    pan_finish(x, tag);
}

static void put_default_ports(struct pan_writer *x, const struct pan_app *a)
{
    if (a->by == PAN_BY_NOTHING)
        return;
    pan_begin(x, "default");
    char text[32];
    if (a->by == PAN_BY_PROTOCOL) {
        snprintf(text, sizeof text, "%d", a->number);
        pan_leaf(x, "ident-by-ip-protocol", text);
    } else if (a->by == PAN_BY_ICMP || a->by == PAN_BY_ICMP6) {
        const char *tag =
            a->by == PAN_BY_ICMP ? "ident-by-icmp-type" : "ident-by-icmp6-type";
        pan_begin(x, tag);
        snprintf(text, sizeof text, "%d", a->number);
        pan_leaf(x, "type", text);
        snprintf(text, sizeof text, "%d", a->code);
        if (a->code >= 0)
            pan_leaf(x, "code", text);
        pan_finish(x, tag);
    } else {
        pan_begin(x, "port");
        for (int i = 0; i < a->nports; i++) {
            const char *proto = pan_proto_name(a->proto[i]);
            struct pan_span s = a->ports[i];
            if (s.lo == 0 && s.hi == 65535)
                snprintf(text, sizeof text, "%s/dynamic", proto);
            else if (s.lo == s.hi)
                snprintf(text, sizeof text, "%s/%u", proto, s.lo);
            else
                snprintf(text, sizeof text, "%s/%u-%u", proto, s.lo, s.hi);
            pan_leaf(x, "member", text);
        }
        pan_finish(x, "port");
    }
    pan_finish(x, "default");
}

static void put_apps(struct pan_writer *x, int scope, enum pan_app_kind kind)
{
    static const char *const tags[] = {"application", "application-group",
                                       "application-filter"};
    pan_begin(x, tags[kind]);
    for (int i = 0; i < x->wall->napps; i++) {
        const struct pan_app *a = &x->wall->apps[i];
        if (a->scope != scope || a->kind != kind)
            continue;
        pan_begin_entry(x, pan_text(x, a->name));
        if (kind == PAN_APP) {
            put_default_ports(x, a);
            pan_leaf(x, "category", "business-systems");
            pan_leaf(x, "risk", "1");
        } else if (kind == PAN_APP_GROUP) {
            pan_begin(x, "members");
            pan_members(x, &a->members);
            pan_finish(x, "members");
        } else {
            pan_begin(x, "category");
            pan_leaf(x, "member", "media");
            pan_finish(x, "category");
        }
        pan_finish(x, "entry");
    }
    pan_finish(x, tags[kind]);
}

static void put_minutes(FILE *out, enum pan_schedule_kind kind, struct pan_span s)
{
    uint32_t ends[] = {s.lo, s.hi};
    for (int i = 0; i < 2; i++) {
        uint32_t day = ends[i] / 1440, minute = ends[i] % 1440;
        if (i)
            fputc('-', out);
        if (kind == PAN_ONCE)
            fprintf(out, "2026/11/%02u@", day + 2);
        fprintf(out, "%02u:%02u", minute / 60, minute % 60);
    }
}

static void put_schedule(struct pan_writer *x, const struct pan_schedule *s)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    pan_begin_entry(x, pan_text(x, s->name));
    pan_begin(x, "schedule-type");
    pan_begin(x, s->kind == PAN_ONCE ? "non-recurring" : "recurring");
    if (s->kind != PAN_ONCE)
        pan_begin(x, s->kind == PAN_DAILY ? "daily" : "weekly");
    for (int i = 0; i < s->n; i++) {
        if (s->kind == PAN_WEEKLY)
            pan_begin(x, days[s->day[i]]);
        pan_line(x);
        fputs("<member>", x->out);
        put_minutes(x->out, s->kind, s->minutes[i]);
        fputs("</member>", x->out);
        if (s->kind == PAN_WEEKLY)
            pan_finish(x, days[s->day[i]]);
    }
    if (s->kind != PAN_ONCE)
        pan_finish(x, s->kind == PAN_DAILY ? "daily" : "weekly");
    pan_finish(x, s->kind == PAN_ONCE ? "non-recurring" : "recurring");
    pan_finish(x, "schedule-type");
    pan_finish(x, "entry");
}

static void put_schedules(struct pan_writer *x, int scope)
{
    pan_begin(x, "schedule");
    for (int i = 0; i < x->wall->nschedules; i++)
        if (x->wall->schedules[i].scope == scope)
            put_schedule(x, &x->wall->schedules[i]);
    pan_finish(x, "schedule");
}

void pan_put_objects(struct pan_writer *x, int scope, int part)
{
    switch (part) {
    case 0:
    case 1:
        put_objects(x, scope, part == 1);
        break;
    case 2:
    case 3:
        put_services(x, scope, part == 3);
        break;
    case 4:
    case 5:
    case 6:
        put_apps(x, scope, (enum pan_app_kind)(part - 4));
        break;
    case 7:
        put_schedules(x, scope);
        break;
    default:
        put_regions_and_lists(x, scope);
    }
}

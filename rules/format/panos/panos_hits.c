/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hit counts: the XML reply to `show rule-hit-count`, of a firewall or of a Panorama.
 *
 *     rule-hit-count/vsys/entry/rule-base/entry[security]/rules/entry
 *     rule-hit-count/device-group/entry/pre-rulebase/entry[security]/rules/entry/
 *         device-vsys/entry                        one for each device: they are added
 *
 * What does not fit the policy is told and left out; no rule is taken for unused
 * because of it.
 */
#include "panos_parts.h"

struct counts {
    struct tw_panos *in;
    const struct tw_source *src;
    struct tw_map rules; /* name to index + 1, or TWICE */
    bool found, stale;
    struct tw_span stale_at;
};

#define TWICE ((uintptr_t)UINT32_MAX)

/* --- one rule -------------------------------------------------------------------- */

static bool number(const struct tw_xml *xml, const char *name, uint64_t *out)
{
    struct tw_str text = tw_xml_text(xml, name);
    *out = 0;
    return text.len == 0 || tw_parse_u64(text, INT64_MAX, out);
}

static void earlier(int64_t *time, uint64_t other)
{
    if (other && (!*time || (int64_t)other < *time))
        *time = (int64_t)other;
}

static void later(int64_t *time, uint64_t other)
{
    if ((int64_t)other > *time)
        *time = (int64_t)other;
}

/* Adds the counts of XML to HITS; false: it has none. */
static bool add_counts(struct counts *c, const struct tw_xml *xml, struct tw_hits *hits)
{
    uint64_t count, first, last, reset, created, modified;
    if (!tw_xml_child(xml, "hit-count") || !number(xml, "hit-count", &count) ||
        !tw_xml_text(xml, "hit-count").len ||
        !number(xml, "first-hit-timestamp", &first) ||
        !number(xml, "last-hit-timestamp", &last) ||
        !number(xml, "last-reset-timestamp", &reset) ||
        !number(xml, "rule-creation-timestamp", &created) ||
        !number(xml, "rule-modification-timestamp", &modified))
        return false;
    if (tw_str_is(tw_xml_text(xml, "latest"), "no") && !c->stale) {
        c->stale = true;
        c->stale_at = xml->start;
    }
    hits->count += count;
    earlier(&hits->first, first);
    later(&hits->last, last);
    later(&hits->reset, reset);
    earlier(&hits->created, created);
    later(&hits->modified, modified);
    return true;
}

static void read_rule(struct counts *c, const struct tw_xml *entry)
{
    struct tw_panos *in = c->in;
    struct tw_str name = tw_xml_attr(entry, "name");
    const struct tw_xml *devices = tw_xml_child(entry, "device-vsys");
    uintptr_t slot = (uintptr_t)tw_map_get(&c->rules, name);
    struct tw_hits sum = {0};
    bool whole = true, any = false;
    if (tw_str_is(name, "interzone-default"))
        return;
    if (!slot || slot == TWICE) {
        TW_DIAG(in->diags, TW_D_panos_hits_unknown, entry->start, name);
        return;
    }
    if (!devices)
        whole = any = add_counts(c, entry, &sum);
    for (const struct tw_xml *d = tw_xml_child(devices, "entry"); d;
         d = tw_xml_next(d)) {
        whole &= add_counts(c, d, &sum);
        any = true;
    }
    struct tw_rule *rule = &in->policy->rules.at[slot - 1];
    if (!whole || !any) {
        TW_DIAG(in->diags, TW_D_panos_hits_cut, entry->start,
                TW_SAY(in->scratch, in->diags->lang, TW_M_panos_no_count, name));
        return;
    }
    if (rule->hits) {
        TW_DIAG(in->diags, TW_D_panos_hits_cut, entry->start,
                TW_SAY(in->scratch, in->diags->lang, TW_M_panos_counted_twice, name));
        return;
    }
    struct tw_hits *hits = tw_new(in->arena, struct tw_hits);
    *hits = sum;
    rule->hits = hits;
    rule->has_counters = true;
    rule->packets = sum.count;
}

/* --- the walk -------------------------------------------------------------------- */

/* Is this the part of another vsys or device group? */
static bool is_other(const struct counts *c, const struct tw_xml *entry)
{
    const struct tw_panos *in = c->in;
    struct tw_str of = entry->parent->name, name = tw_xml_attr(entry, "name");
    if (tw_str_is(of, "vsys"))
        return in->vsys && !tw_str_eq(in->vsys->name, name);
    if (!tw_str_is(of, "device-group"))
        return false;
    for (size_t i = 0; i < in->chain.len; i++)
        if (in->chain.at[i]->kind == TW_PANOS_DEVICES &&
            tw_str_eq(in->chain.at[i]->name, name))
            return false;
    return true;
}

static bool is_rulebase(struct tw_str name)
{
    return tw_str_is(name, "rule-base") || tw_str_is(name, "pre-rulebase") ||
           tw_str_is(name, "post-rulebase") || tw_str_is(name, "rulebase");
}

static enum tw_xml_take start(void *ctx, const struct tw_xml *element)
{
    struct counts *c = ctx;
    const struct tw_xml *parent = element->parent;
    c->found |= tw_str_is(element->name, "rule-hit-count");
    if (!parent || !tw_str_is(element->name, "entry"))
        return TW_XML_ENTER;
    if (tw_str_is(parent->name, "rules"))
        return c->found ? TW_XML_TREE : TW_XML_SKIP;
    if (is_rulebase(parent->name) &&
        !tw_str_is(tw_xml_attr(element, "name"), "security"))
        return TW_XML_SKIP;
    return is_other(c, element) ? TW_XML_SKIP : TW_XML_ENTER;
}

static void end(void *ctx, const struct tw_xml *element)
{
    if (element->parent && tw_str_is(element->parent->name, "rules") &&
        tw_str_is(element->name, "entry"))
        read_rule(ctx, element);
}

static void name_rules(struct counts *c)
{
    const struct tw_policy *policy = c->in->policy;
    tw_map_init(&c->rules, c->in->scratch);
    for (size_t i = 0; i < policy->rules.len; i++) {
        const struct tw_rule *rule = &policy->rules.at[i];
        if (!rule->filtering && !rule->is_default)
            continue;
        void **slot = tw_map_slot(&c->rules, rule->id);
        *slot = (void *)(*slot ? TWICE : (uintptr_t)i + 1);
    }
}

void tw_panos_hits_read(struct tw_panos *in, const struct tw_source *src)
{
    struct counts c = {.in = in, .src = src};
    struct tw_xml_visitor visitor = {start, end, &c};
    struct tw_span at = {src, 0, 0};
    size_t missing = 0;
    struct tw_str first = TW_NO_STR;
    name_rules(&c);
    if (!tw_xml_walk(in->scratch, src, &visitor, in->diags))
        return;
    if (!c.found) {
        TW_DIAG(in->diags, TW_D_panos_no_hits, at, src->name);
        return;
    }
    for (size_t i = 0; i < in->policy->rules.len; i++) {
        const struct tw_rule *rule = &in->policy->rules.at[i];
        if (!rule->filtering || rule->hits)
            continue;
        if (!missing++)
            first = rule->id;
    }
    if (missing)
        TW_DIAG(in->diags, TW_D_panos_hits_cut, at,
                TW_SAY(in->scratch, in->diags->lang, TW_M_panos_uncounted,
                       tw_fmt(in->scratch, "%zu", missing), first));
    if (c.stale)
        TW_DIAG(in->diags, TW_D_panos_hits_cut, c.stale_at,
                TW_SAY(in->scratch, in->diags->lang, TW_M_panos_stale));
}

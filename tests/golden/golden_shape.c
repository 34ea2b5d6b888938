/* SPDX-License-Identifier: Apache-2.0 */
/* The keys and types that the contract promises for the JSON of `check`. */
#include "golden_shape.h"

#include <stdarg.h>
#include <stdio.h>

#include "num.h"

void golden_fault(struct golden *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    g->faults++;
}

/* What the value of a key must be. */
enum form {
    TEXT,
    COUNT,   /* a natural number */
    RATIO,   /* a decimal as text */
    DIGEST,  /* 64 hexadecimal digits */
    VERDICT, /* a word of the contract, in capitals */
    LINE,    /* a number from 1, or null */
    LIST,
    OBJECT,
    TEXT_OR_NULL,
    OBJECT_OR_NULL,
    BOOL
};

struct key {
    const char *name;
    enum form form;
    bool optional;
};

static bool is_ratio(struct tw_str s)
{
    struct tw_decimal d, zero = {0, 0}, one = {1, 0};
    return tw_parse_decimal(s, &d) && tw_decimal_cmp(d, zero) >= 0 &&
           tw_decimal_cmp(d, one) <= 0;
}

static bool is_digest(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
              (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
            return false;
    return s.len == 64;
}

static bool is_verdict(struct tw_str s)
{
    static const char *const words[] = {"OPEN",    "PARTIAL", "BLOCKED",
                                        "UNKNOWN", "CLOSED",  "LEAKS"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tw_str_is(s, words[i]))
            return true;
    return false;
}

static bool fits(const struct json_node *n, enum form form)
{
    bool text = n->kind == JSON_TEXT;
    bool natural = n->kind == JSON_INT && !tw_str_starts(n->text, "-");
    switch (form) {
    case TEXT:
        return text && n->text.len > 0;
    case COUNT:
        return natural;
    case RATIO:
        return text && is_ratio(n->text);
    case DIGEST:
        return text && is_digest(n->text);
    case VERDICT:
        return text && is_verdict(n->text);
    case LINE:
        return n->kind == JSON_NULL || (natural && !tw_str_is(n->text, "0"));
    case LIST:
        return n->kind == JSON_ARRAY;
    case OBJECT:
        return n->kind == JSON_OBJECT;
    case TEXT_OR_NULL:
        return text || n->kind == JSON_NULL;
    case OBJECT_OR_NULL:
        return n->kind == JSON_OBJECT || n->kind == JSON_NULL;
    case BOOL:
        return n->kind == JSON_BOOL;
    }
    return false;
}

static void hold_keys(struct golden *g, const char *what, const struct json_node *node,
                      const struct key *keys)
{
    if (!node || node->kind != JSON_OBJECT) {
        golden_fault(g, "%s is no object", what);
        return;
    }
    for (; keys->name; keys++) {
        const struct json_node *value = json_get(node, keys->name);
        if (!value && !keys->optional)
            golden_fault(g, "%s lacks \"%s\"", what, keys->name);
        else if (value && !fits(value, keys->form))
            golden_fault(g, "%s: \"%s\" is not of its type", what, keys->name);
    }
}

static void hold_each(struct golden *g, const char *what,
                      const struct json_node *parent, const char *key,
                      const struct key *keys)
{
    const struct json_node *list = json_get(parent, key);
    for (const struct json_node *m = list ? list->first : NULL; m; m = m->next)
        hold_keys(g, what, m, keys);
}

static const struct key impact_keys[] = {
    {"schema", TEXT, false},         {"partial", BOOL, false},
    {"records", OBJECT, false},      {"affected", COUNT, false},
    {"ratio", OBJECT, false},        {"by", LIST, false},
    {"wrong", LIST, false},          {"distinct", LIST, false},
    {"sums", LIST, false},           {"first", OBJECT_OR_NULL, false},
    {"last", OBJECT_OR_NULL, false}, {NULL, TEXT, false}};
static const struct key records_keys[] = {
    {"read", COUNT, false}, {"refused", COUNT, false}, {NULL, TEXT, false}};
static const struct key ratio_keys[] = {{"num", COUNT, false},
                                        {"den", COUNT, false},
                                        {"percent", TEXT, false},
                                        {NULL, TEXT, false}};
static const struct key group_keys[] = {{"key", OBJECT, false},
                                        {"records", COUNT, false},
                                        {"affected", COUNT, false},
                                        {"percent", TEXT, false},
                                        {NULL, TEXT, false}};
static const struct key wrong_keys[] = {
    {"rule", TEXT, false}, {"affected", COUNT, false}, {NULL, TEXT, false}};
static const struct key distinct_keys[] = {{"column", TEXT, false},
                                           {"affected", COUNT, false},
                                           {"all", COUNT, false},
                                           {NULL, TEXT, false}};
static const struct key sum_keys[] = {{"column", TEXT, false},
                                      {"affected", TEXT, false},
                                      {"all", TEXT, false},
                                      {NULL, TEXT, false}};
static const struct key spot_keys[] = {{"file", TEXT, false},
                                       {"record", COUNT, false},
                                       {"offset", COUNT, false},
                                       {NULL, TEXT, false}};
static const struct key trace_keys[] = {
    {"schema", TEXT, false}, {"pairs", LIST, false}, {NULL, TEXT, false}};
static const struct key traced_keys[] = {
    {"from", TEXT, false}, {"to", TEXT, false},   {"verdict", VERDICT, false},
    {"hops", LIST, false}, {"reply", LIST, true}, {NULL, TEXT, false}};
static const struct key hop_keys[] = {{"wall", TEXT, false}, {"verdict", TEXT, false},
                                      {"rule", TEXT, true},  {"index", COUNT, true},
                                      {"path", TEXT, true},  {"line", LINE, true},
                                      {NULL, TEXT, false}};
static const struct key root_keys[] = {
    {"schema", TEXT, false},    {"inputs", LIST, false},     {"walls", LIST, false},
    {"summary", OBJECT, false}, {"flows", LIST, false},      {"findings", LIST, false},
    {"now", TEXT, true},        {"readiness", OBJECT, true}, {NULL, TEXT, false}};
static const struct key input_keys[] = {{"path", TEXT, false},
                                        {"sha256", DIGEST, false},
                                        {"bytes", COUNT, false},
                                        {NULL, TEXT, false}};
static const struct key wall_keys[] = {
    {"name", TEXT, false},        {"format", TEXT, false},  {"rules", COUNT, false},
    {"understood", COUNT, false}, {"unsure", COUNT, false}, {"default", TEXT, false},
    {NULL, TEXT, false}};
static const struct key summary_keys[] = {
    {"flows", COUNT, false},   {"open", COUNT, false},    {"partial", COUNT, false},
    {"blocked", COUNT, false}, {"unknown", COUNT, false}, {"closed", COUNT, false},
    {"leaks", COUNT, false},   {"waived", COUNT, false},  {NULL, TEXT, false}};
static const struct key flow_keys[] = {
    {"id", TEXT, false},           {"from", TEXT, false},
    {"to", TEXT, false},           {"expect", TEXT, false},
    {"verdict", VERDICT, false},   {"exposure", RATIO, true},
    {"exposure_max", RATIO, true}, {"pairs", LIST, false},
    {"datasets", LIST, false},     {NULL, TEXT, false}};
static const struct key pair_keys[] = {{"from_site", TEXT_OR_NULL, false},
                                       {"to_site", TEXT, false},
                                       {"share", RATIO, false},
                                       {"verdict", VERDICT, false},
                                       {"reply", VERDICT, true},
                                       {"unsure", LIST, false},
                                       {NULL, TEXT, false}};
static const struct key box_keys[] = {{"src", TEXT, false},   {"dst", TEXT, false},
                                      {"proto", TEXT, false}, {"dport", TEXT, true},
                                      {"sport", TEXT, true},  {"icmp", TEXT, true},
                                      {NULL, TEXT, false}};
static const struct key sure_keys[] = {
    {"by", LIST, false}, {"witness", OBJECT, false}, {NULL, TEXT, false}};
static const struct key by_keys[] = {{"wall", TEXT, false}, {"action", TEXT, false},
                                     {"rule", TEXT, false}, {"index", COUNT, false},
                                     {"path", TEXT, false}, {"line", LINE, false},
                                     {NULL, TEXT, false}};
static const struct key witness_keys[] = {
    {"src", TEXT, false},   {"dst", TEXT, false},   {"proto", TEXT, false},
    {"sport", COUNT, true}, {"dport", COUNT, true}, {NULL, TEXT, false}};
static const struct key unsure_keys[] = {{"depends", LIST, false}, {NULL, TEXT, false}};
static const struct key depends_keys[] = {
    {"wall", TEXT, false}, {"condition", TEXT, false}, {NULL, TEXT, false}};
static const struct key finding_keys[] = {
    {"id", TEXT, false},      {"severity", TEXT, false}, {"fingerprint", TEXT, false},
    {"message", TEXT, false}, {"path", TEXT, false},     {"line", COUNT, false},
    {NULL, TEXT, false}};
static const struct key readiness_keys[] = {{"site", TEXT, false},
                                            {"services", COUNT, false},
                                            {"ready", COUNT, false},
                                            {"not_ready", LIST, false},
                                            {"unreachable_from", LIST, false},
                                            {NULL, TEXT, false}};
static const struct key state_keys[] = {
    {"service", TEXT, false}, {"flows", LIST, false}, {NULL, TEXT, false}};

static void hold_sure(struct golden *g, const struct json_node *pair, const char *key)
{
    const struct json_node *list = json_get(pair, key);
    hold_each(g, key, pair, key, box_keys);
    hold_each(g, key, pair, key, sure_keys);
    for (const struct json_node *m = list ? list->first : NULL; m; m = m->next) {
        hold_each(g, "by", m, "by", by_keys);
        hold_keys(g, "witness", json_get(m, "witness"), witness_keys);
        if (tw_str_is(tw_str_of(key), "missing") && json_get(m, "by")->count == 0)
            golden_fault(g, "a missing box names no wall");
    }
}

static void hold_pair(struct golden *g, const struct json_node *pair, bool required)
{
    hold_keys(g, "a pair", pair, pair_keys);
    if (!json_get(pair, required ? "missing" : "excess"))
        golden_fault(g, "a pair has neither missing nor excess boxes");
    hold_sure(g, pair, "missing");
    hold_sure(g, pair, "excess");
    hold_sure(g, pair, "reply_missing");
    hold_each(g, "unsure", pair, "unsure", box_keys);
    hold_each(g, "unsure", pair, "unsure", unsure_keys);
    const struct json_node *unsure = json_get(pair, "unsure");
    for (const struct json_node *m = unsure ? unsure->first : NULL; m; m = m->next)
        hold_each(g, "depends", m, "depends", depends_keys);
}

static void hold_flow(struct golden *g, const struct json_node *flow)
{
    hold_keys(g, "a flow", flow, flow_keys);
    const struct json_node *expect = json_get(flow, "expect");
    bool required = expect && tw_str_is(expect->text, "allow");
    if (required && (!json_get(flow, "exposure") || !json_get(flow, "exposure_max")))
        golden_fault(g, "a required flow has no exposure");
    const struct json_node *pairs = json_get(flow, "pairs");
    for (const struct json_node *p = pairs ? pairs->first : NULL; p; p = p->next)
        hold_pair(g, p, required);
}

static uint64_t number(const struct json_node *object, const char *key)
{
    const struct json_node *n = json_get(object, key);
    uint64_t value = 0;
    return n && tw_parse_u64(n->text, UINT64_MAX, &value) ? value : 0;
}

/* The summary counts the flows by their verdicts; every wall's rules are understood or
 * unsure. */
static void hold_sums(struct golden *g, const struct json_node *root)
{
    static const char *const words[][2] = {
        {"OPEN", "open"},       {"PARTIAL", "partial"}, {"BLOCKED", "blocked"},
        {"UNKNOWN", "unknown"}, {"CLOSED", "closed"},   {"LEAKS", "leaks"}};
    const struct json_node *flows = json_get(root, "flows");
    const struct json_node *walls = json_get(root, "walls");
    const struct json_node *summary = json_get(root, "summary");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        uint64_t n = 0;
        for (const struct json_node *f = flows->first; f; f = f->next)
            n += tw_str_is(json_get(f, "verdict")->text, words[i][0]);
        if (n != number(summary, words[i][1]))
            golden_fault(g, "the summary miscounts %s", words[i][1]);
    }
    if (number(summary, "flows") != flows->count)
        golden_fault(g, "the summary miscounts the flows");
    for (const struct json_node *w = walls->first; w; w = w->next)
        if (number(w, "rules") != number(w, "understood") + number(w, "unsure"))
            golden_fault(g, "a wall's receipt does not add up");
}

/* The groups share out the records counted and the affected ones. */
static void hold_groups(struct golden *g, const struct json_node *root)
{
    const struct json_node *by = json_get(root, "by");
    uint64_t records = 0, affected = 0;
    for (const struct json_node *m = by->first; m; m = m->next) {
        records += number(m, "records");
        affected += number(m, "affected");
    }
    const struct json_node *ratio = json_get(root, "ratio");
    if (by->count &&
        (records != number(ratio, "den") || affected != number(ratio, "num")))
        golden_fault(g, "the groups do not add up");
    if (number(ratio, "num") != number(root, "affected"))
        golden_fault(g, "the ratio is of another count");
    if (number(ratio, "num") > number(ratio, "den"))
        golden_fault(g, "more records are affected than counted");
    bool none = json_get(root, "first")->kind == JSON_NULL;
    if (none != (number(root, "affected") == 0))
        golden_fault(g, "the first affected record is not where it should be");
}

void golden_impact(struct golden *g, const struct json_node *root)
{
    /* For readers outside counts may be missing; the claims say which. */
    if (json_get(root, "external"))
        return;
    hold_keys(g, "the report", root, impact_keys);
    if (g->faults)
        return;
    hold_keys(g, "records", json_get(root, "records"), records_keys);
    hold_keys(g, "ratio", json_get(root, "ratio"), ratio_keys);
    hold_each(g, "a group", root, "by", group_keys);
    hold_each(g, "a rule", root, "wrong", wrong_keys);
    hold_each(g, "a distinct", root, "distinct", distinct_keys);
    hold_each(g, "a sum", root, "sums", sum_keys);
    if (json_get(root, "first")->kind == JSON_OBJECT) {
        hold_keys(g, "first", json_get(root, "first"), spot_keys);
        hold_keys(g, "last", json_get(root, "last"), spot_keys);
    }
    if (!g->faults)
        hold_groups(g, root);
}

void golden_trace(struct golden *g, const struct json_node *root)
{
    hold_keys(g, "the report", root, trace_keys);
    hold_each(g, "a pair", root, "pairs", traced_keys);
    const struct json_node *pairs = json_get(root, "pairs");
    for (const struct json_node *p = pairs ? pairs->first : NULL; p; p = p->next) {
        hold_each(g, "a hop", p, "hops", hop_keys);
        hold_each(g, "a hop back", p, "reply", hop_keys);
    }
}

void golden_shape(struct golden *g, const struct json_node *root)
{
    hold_keys(g, "the report", root, root_keys);
    if (g->faults)
        return;
    if (!tw_str_is(json_get(root, "schema")->text, "twinwall.check/1"))
        golden_fault(g, "another schema");
    hold_each(g, "an input", root, "inputs", input_keys);
    hold_each(g, "a wall", root, "walls", wall_keys);
    hold_each(g, "a finding", root, "findings", finding_keys);
    hold_keys(g, "the summary", json_get(root, "summary"), summary_keys);
    const struct json_node *readiness = json_get(root, "readiness");
    if (readiness) {
        hold_keys(g, "readiness", readiness, readiness_keys);
        hold_each(g, "not_ready", readiness, "not_ready", state_keys);
        hold_each(g, "unreachable_from", readiness, "unreachable_from", state_keys);
    }
    for (const struct json_node *f = json_get(root, "flows")->first; f; f = f->next)
        hold_flow(g, f);
    if (!g->faults)
        hold_sums(g, root);
}

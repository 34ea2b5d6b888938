/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an earlier answer, and the difference from it: see baseline.h. */
#include "baseline.h"

#include "input.h"
#include "json.h"
#include "messages.h"

/* Counts are taken up to here, so that products of two of them and 1000 fit. */
#define COUNT_MAX UINT64_C(1000000000000000)
enum { FILE_MAX = 64 << 20 };

static const struct tw_baseline *refuse(struct tw_arena *arena,
                                        const struct tw_source *src,
                                        struct tw_diags *diags, enum tw_message why,
                                        struct tw_str about)
{
    TW_DIAG(diags, TW_D_baseline_bad, TW_NOWHERE, src->name,
            TW_SAY(arena, diags->lang, why, about));
    return NULL;
}

static bool is_text(const struct tw_json *node)
{
    return node && node->kind == TW_JSON_TEXT;
}

static bool read_counts(const struct tw_json *item, struct tw_health_counts *out)
{
    const struct tw_json *classes = tw_json_get(item, "classes");
    uint64_t records, sum = 0;
    size_t known = 0;
    if (!classes || classes->kind != TW_JSON_OBJECT ||
        !tw_json_natural(item, "records", COUNT_MAX, &records))
        return false;
    for (size_t i = 0; i < TW_HEALTH_CLASSES; i++) {
        const char *name = tw_health_class_name((enum tw_health_class)i);
        if (!tw_json_get(classes, name))
            continue;
        if (!tw_json_natural(classes, name, COUNT_MAX, &out->of[i]))
            return false;
        sum += out->of[i];
        known++;
    }
    return known == classes->count && sum == records;
}

static bool read_column(struct tw_arena *arena, struct tw_baseline *b,
                        const struct tw_json *item)
{
    const struct tw_json *name = tw_json_get(item, "name");
    const struct tw_json *format = tw_json_get(item, "format");
    struct tw_baseline_column c = {.format = TW_STR("")};
    if (!is_text(name) || !format || !read_counts(item, &c.counts) ||
        (format->kind != TW_JSON_NULL && format->kind != TW_JSON_TEXT) ||
        tw_baseline_column(b, name->text))
        return false;
    c.name = name->text;
    if (is_text(format))
        c.format = format->text;
    *tw_vec_add(arena, &b->columns) = c;
    return true;
}

/* The texts of the rules of KEY, into LIST of B. */
#define READ_RULES(arena, root, key, into)                                 \
    do {                                                                   \
        const struct tw_json *rules_ = tw_json_get(root, key);             \
        for (const struct tw_json *r_ = rules_ ? rules_->first : NULL; r_; \
             r_ = r_->next) {                                              \
            const struct tw_json *text_ = tw_json_get(r_, "rule");         \
            if (is_text(text_))                                            \
                *tw_vec_add(arena, into) = text_->text;                    \
        }                                                                  \
    } while (0)

const struct tw_baseline *tw_baseline_read(struct tw_arena *arena,
                                           const struct tw_source *src,
                                           struct tw_diags *diags)
{
    const struct tw_json *root = tw_json_parse(arena, src, diags);
    if (!root)
        return NULL;
    const struct tw_json *schema = tw_json_get(root, "schema");
    if (!is_text(schema) || !tw_str_is(schema->text, "twinwall.impact/1"))
        return refuse(arena, src, diags, TW_M_baseline_no_impact, TW_STR(""));
    const struct tw_json *partial = tw_json_get(root, "partial");
    if (!partial || partial->kind != TW_JSON_BOOL || partial->boolean)
        return refuse(arena, src, diags, TW_M_baseline_partial, TW_STR(""));
    struct tw_baseline *b = tw_new(arena, struct tw_baseline);
    const struct tw_json *ratio = tw_json_get(root, "ratio");
    const struct tw_json *external = tw_json_get(root, "external");
    if (external)
        return refuse(arena, src, diags, TW_M_baseline_external, TW_STR(""));
    if (!tw_json_natural(ratio, "num", COUNT_MAX, &b->affected.k) ||
        !tw_json_natural(ratio, "den", COUNT_MAX, &b->affected.n) ||
        b->affected.k > b->affected.n ||
        !tw_json_natural(tw_json_get(root, "records"), "refused", COUNT_MAX,
                         &b->refused))
        return refuse(arena, src, diags, TW_M_baseline_ratio, TW_STR(""));
    b->path = src->name;
    b->sampled = tw_json_get(root, "sample") != NULL;
    READ_RULES(arena, root, "wrong", &b->wrong);
    READ_RULES(arena, root, "where", &b->where);
    const struct tw_json *health = tw_json_get(root, "health");
    for (const struct tw_json *item = health ? health->first : NULL; item;
         item = item->next)
        if (!read_column(arena, b, item))
            return refuse(arena, src, diags, TW_M_baseline_column, TW_STR(""));
    return b;
}

const struct tw_baseline *tw_baseline_load(struct tw_arena *arena, struct tw_str path,
                                           struct tw_diags *diags)
{
    const struct tw_source *src =
        tw_source_load(arena, path, path, FILE_MAX, TW_STR("UTF-8"), diags);
    return src ? tw_baseline_read(arena, src, diags) : NULL;
}

const struct tw_baseline_column *tw_baseline_column(const struct tw_baseline *b,
                                                    struct tw_str name)
{
    for (size_t i = 0; i < b->columns.len; i++)
        if (tw_str_eq(b->columns.at[i].name, name))
            return &b->columns.at[i];
    return NULL;
}

static bool among(struct tw_str text, const struct tw_record_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_eq(text, rules[i].text))
            return true;
    return false;
}

bool tw_baseline_same_rules(const struct tw_str *theirs, size_t ntheirs,
                            const struct tw_record_rule *rules, size_t nrules)
{
    for (size_t i = 0; i < ntheirs; i++)
        if (!among(theirs[i], rules, nrules))
            return false;
    for (size_t i = 0; i < nrules; i++) {
        size_t k = 0;
        while (k < ntheirs && !tw_str_eq(theirs[k], rules[i].text))
            k++;
        if (k == ntheirs)
            return false;
    }
    return true;
}

struct tw_drift tw_drift_of(struct tw_part now, struct tw_part before)
{
    struct tw_drift d = {.now = now, .before = before};
    if (now.n == 0 || before.n == 0)
        return d;
    d.difference = tw_newcombe(now, before);
    tw_u128 a = (tw_u128)now.k * before.n, b = (tw_u128)before.k * now.n;
    tw_u128 all = (tw_u128)now.n * before.n;
    d.drifted =
        d.difference.interval.low > 0 && a > b && (a - b) * 1000 > all && a - b > 2 * b;
    return d;
}

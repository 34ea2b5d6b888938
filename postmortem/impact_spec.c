/* SPDX-License-Identifier: Apache-2.0 */
/* One table of option names serves the command line and the spec file. */
#include <stddef.h>
#include <string.h>

#include "impact_spec.h"
#include "messages.h"
#include "yaml_tree.h"

enum kind { LIST, TEXT, CHARACTER, NAMES, RATIO, COUNT, SWITCH, PATH };

struct option {
    const char *name;
    enum kind kind;
    size_t at; /* offset of its member in the options */
};

#define AT(member) offsetof(struct tw_impact_options, member)
static const struct option table[] = {
    {"dumps", LIST, AT(paths)},
    {"wrong", LIST, AT(wrong)},
    {"where", LIST, AT(where)},
    {"by", LIST, AT(by)},
    {"distinct", LIST, AT(distinct)},
    {"sum", LIST, AT(sums)},
    {"dump", TEXT, AT(dump)},
    {"encoding", TEXT, AT(encoding)},
    {"table", TEXT, AT(table)},
    {"tz", TEXT, AT(zone)},
    {"null", TEXT, AT(dialect.null_text)},
    {"columns", NAMES, AT(dialect.columns)},
    {"delimiter", CHARACTER, AT(dialect.delimiter)},
    {"quote", CHARACTER, AT(dialect.quote)},
    {"escape", CHARACTER, AT(dialect.escape)},
    {"max-ratio", RATIO, AT(max_ratio)},
    {"max-affected", COUNT, AT(max_affected)},
    {"max-refused", COUNT, AT(max_refused)},
    {"health", LIST, AT(health)},
    {"baseline", PATH, AT(baseline)},
    {"fail-on-drift", SWITCH, AT(fail_on_drift)},
    {"sample", TEXT, AT(sample)},
    {"pct-digits", COUNT, AT(pct_digits)},
    {"pct-mode", TEXT, AT(pct_mode)},
    {"list", LIST, AT(lists)},
    {"samples", COUNT, AT(samples)},
    {"secret", LIST, AT(secret)},
    {"keyed", LIST, AT(keyed)},
    {"key-file", PATH, AT(key_file)},
    {"external", SWITCH, AT(external)},
};
enum { NOPTIONS = sizeof table / sizeof table[0] };

static const struct option *find(struct tw_str name)
{
    for (size_t i = 0; i < NOPTIONS; i++)
        if (tw_str_is(name, table[i].name))
            return &table[i];
    return NULL;
}

static bool bad_value(struct tw_arena *arena, struct tw_diags *diags,
                      const struct option *o, struct tw_str value, struct tw_span at,
                      enum tw_message what)
{
    TW_DIAG(diags, TW_D_impact_option_bad, at, tw_str_of(o->name), value,
            TW_SAY(arena, diags->lang, what));
    return false;
}

static bool set_character(struct tw_str value, int *out)
{
    if (tw_str_is(value, "none"))
        *out = 0;
    else if (tw_str_is(value, "\\t") || tw_str_is(value, "tab"))
        *out = '\t';
    else if (value.len == 1 && (signed char)value.ptr[0] > 0)
        *out = (unsigned char)value.ptr[0];
    else
        return false;
    return true;
}

/* A switch of the command line has no value. */
static bool set_switch(struct tw_str value, bool *out)
{
    *out = value.len == 0 || tw_str_is(value, "true");
    return *out || tw_str_is(value, "false");
}

static bool set_names(struct tw_arena *arena, struct tw_str value,
                      struct tw_dialect *dialect)
{
    TW_VEC(struct tw_str) names = {0};
    struct tw_str piece;
    if (value.len == 0)
        return false;
    while (tw_str_split(&value, ',', &piece))
        *tw_vec_add(arena, &names) = tw_str_trim(piece);
    dialect->columns = names.at;
    dialect->ncolumns = names.len;
    return true;
}

bool tw_impact_option_set(struct tw_arena *arena, struct tw_impact_options *options,
                          const char *name, struct tw_str value, struct tw_str said,
                          struct tw_span at, struct tw_diags *diags, bool *known)
{
    const struct option *o = find(tw_str_of(name));
    *known = o != NULL;
    if (!o)
        return false;
    void *member = (char *)options + o->at;
    switch (o->kind) {
    case LIST:
        tw_said_add(arena, member, value, said);
        return true;
    case TEXT:
    case PATH:
        *(struct tw_str *)member = value.ptr ? value : TW_STR("");
        return true;
    case SWITCH:
        return set_switch(value, member) ||
               bad_value(arena, diags, o, value, at, TW_M_answers_word_switch);
    case CHARACTER:
        return set_character(value, member) ||
               bad_value(arena, diags, o, value, at, TW_M_impact_word_char);
    case NAMES:
        return set_names(arena, value, &options->dialect) ||
               bad_value(arena, diags, o, value, at, TW_M_impact_word_names);
    case RATIO:
        options->has_max_ratio = true;
        return tw_rational_parse(arena, value, member) ||
               bad_value(arena, diags, o, value, at, TW_M_impact_word_ratio);
    case COUNT:
        options->has_max_affected |= member == &options->max_affected;
        return tw_parse_u64(value, UINT64_MAX, member) ||
               bad_value(arena, diags, o, value, at, TW_M_impact_word_count);
    }
    return false;
}

static bool unknown_key(const struct tw_yaml *node, struct tw_diags *diags)
{
    const char *names[NOPTIONS + 1];
    for (size_t i = 0; i < NOPTIONS; i++)
        names[i] = table[i].name;
    names[NOPTIONS] = NULL;
    const char *near = tw_nearest(node->key, names);
    TW_DIAG(diags, TW_D_spec_key_unknown, node->key_at, node->key,
            tw_str_of(near ? near : "wrong"));
    return false;
}

/* Paths of a spec are relative to its folder. */
static struct tw_str beside(struct tw_arena *arena, const struct tw_source *src,
                            struct tw_str path)
{
    size_t folder = src->name.len;
    while (folder && src->name.ptr[folder - 1] != '/')
        folder--;
    if (folder == 0 || tw_str_starts(path, "/") || tw_str_is(path, "-"))
        return path;
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, tw_str_first(src->name, folder));
    tw_buf_str(&buf, path);
    return tw_buf_view(&buf);
}

static bool set_scalar(struct tw_arena *arena, const struct option *o,
                       const struct tw_yaml *node, const struct tw_source *src,
                       struct tw_impact_options *options, struct tw_diags *diags)
{
    bool known;
    struct tw_str said =
        tw_fmt(arena, "%.*s: %s", (int)tw_str_first(src->name, 400).len, src->name.ptr,
               o->name);
    bool path = o->at == AT(paths) || o->kind == PATH;
    struct tw_str value = path ? beside(arena, src, node->text) : node->text;
    return tw_impact_option_set(arena, options, o->name, value, said, node->at, diags,
                                &known);
}

static bool set_node(struct tw_arena *arena, const struct option *o,
                     const struct tw_yaml *node, const struct tw_source *src,
                     struct tw_impact_options *options, struct tw_diags *diags)
{
    bool ok = true, shaped = true;
    if (node->kind == TW_YAML_SCALAR)
        return set_scalar(arena, o, node, src, options, diags);
    if (node->kind != TW_YAML_SEQUENCE || o->kind != LIST)
        shaped = false;
    for (const struct tw_yaml *item = shaped ? node->first : NULL; item;
         item = item->next) {
        if (item->kind == TW_YAML_SCALAR)
            ok &= set_scalar(arena, o, item, src, options, diags);
        else
            shaped = false;
    }
    if (!shaped) {
        enum tw_message what =
            o->kind == LIST ? TW_M_impact_word_texts : TW_M_impact_word_text;
        TW_DIAG(diags, TW_D_spec_shape, node->key_at, node->key,
                TW_SAY(arena, diags->lang, what));
    }
    return ok && shaped;
}

bool tw_impact_spec_read(struct tw_arena *arena, const struct tw_source *src,
                         struct tw_impact_options *options, struct tw_diags *diags)
{
    const struct tw_yaml *root = tw_yaml_parse(arena, src, diags);
    if (!root)
        return false;
    if (root->kind != TW_YAML_MAPPING) {
        TW_DIAG(diags, TW_D_spec_shape, root->at, src->name,
                TW_SAY(arena, diags->lang, TW_M_impact_word_mapping));
        return false;
    }
    bool ok = true;
    for (const struct tw_yaml *node = root->first; node; node = node->next) {
        const struct option *o = find(node->key);
        ok &= o ? set_node(arena, o, node, src, options, diags)
                : unknown_key(node, diags);
    }
    return ok;
}

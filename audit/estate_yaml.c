/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings of the estate's file, read by tables of their keys: one place that knows
 * what an unknown key, a missing one and a value of the wrong kind look like.
 */
#include <assert.h>

#include "estate_load.h"

struct tw_span tw_entry_span(const struct tw_yaml *node)
{
    return node->key_at.src ? node->key_at : node->at;
}

struct tw_named tw_yaml_key(const struct tw_yaml *node)
{
    return (struct tw_named){node->key, node->key_at};
}

struct tw_named tw_yaml_word(const struct tw_yaml *node)
{
    if (!node)
        return (struct tw_named){TW_STR(""), TW_NOWHERE};
    return (struct tw_named){node->text, node->at};
}

struct tw_names tw_yaml_words(struct tw_loader *l, const struct tw_yaml *node)
{
    if (!node || (node->kind == TW_YAML_SEQUENCE && node->count == 0))
        return (struct tw_names){NULL, 0};
    size_t n = node->kind == TW_YAML_SCALAR ? 1 : node->count, i = 0;
    struct tw_named *at = tw_new_array(l->scratch, n, struct tw_named);
    if (node->kind == TW_YAML_SCALAR)
        at[0] = tw_yaml_word(node);
    else
        for (const struct tw_yaml *m = node->first; m; m = m->next)
            at[i++] = tw_yaml_word(m);
    return (struct tw_names){at, n};
}

static bool is_null(const struct tw_yaml *node)
{
    return node->kind == TW_YAML_SCALAR && !node->quoted &&
           (node->text.len == 0 || tw_str_is(node->text, "~") ||
            tw_str_is(node->text, "null"));
}

/* What an entry of a list, or a member without a key of its own, is called. */
static struct tw_str label(const struct tw_yaml *node, const char *name)
{
    return name ? tw_str_of(name) : node->text.len ? node->text : node->key;
}

static bool text_is_clean(struct tw_loader *l, const struct tw_yaml *node)
{
    for (size_t i = 0; i < node->text.len; i++) {
        unsigned char c = (unsigned char)node->text.ptr[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            TW_DIAG(l->diags, TW_D_estate_control, node->at);
            return false;
        }
    }
    return true;
}

/* NULLs and nested structures in place of a text. NAME NULL: an entry of a list. */
static bool is_text(struct tw_loader *l, const struct tw_yaml *node, const char *name)
{
    if (node->kind != TW_YAML_SCALAR)
        TW_DIAG(l->diags, TW_D_estate_not_text, tw_entry_span(node), label(node, name));
    else if (is_null(node) || node->text.len == 0)
        TW_DIAG(l->diags, TW_D_estate_empty, tw_entry_span(node), label(node, name));
    else
        return text_is_clean(l, node);
    return false;
}

static bool is_texts(struct tw_loader *l, const struct tw_yaml *node, const char *name)
{
    if (node->kind == TW_YAML_SCALAR)
        return is_text(l, node, name);
    if (node->kind != TW_YAML_SEQUENCE) {
        TW_DIAG(l->diags, TW_D_estate_not_list, tw_entry_span(node), label(node, name));
        return false;
    }
    bool good = true;
    for (const struct tw_yaml *m = node->first; m; m = m->next)
        good &= is_text(l, m, name);
    return good;
}

bool tw_yaml_is_texts(struct tw_loader *l, const struct tw_yaml *node)
{
    if (!is_texts(l, node, NULL))
        return false;
    if (node->kind == TW_YAML_SEQUENCE && node->count == 0) {
        TW_DIAG(l->diags, TW_D_estate_empty, tw_entry_span(node), node->key);
        return false;
    }
    return true;
}

static bool value_fits(struct tw_loader *l, const struct tw_key *key,
                       const struct tw_yaml *node)
{
    struct tw_str name = tw_str_of(key->name);
    bool empty = is_null(node);
    if (empty && (key->flags & TW_KEY_MAY_BE_NULL))
        return false;
    if (!empty && node->kind != TW_YAML_SCALAR && node->count == 0)
        empty = !(key->flags & TW_KEY_MAY_BE_EMPTY) && key->kind != TW_KEY_TEXT;
    if (empty) {
        TW_DIAG(l->diags, TW_D_estate_empty, tw_entry_span(node), name);
        return false;
    }
    switch (key->kind) {
    case TW_KEY_TEXT:
        return is_text(l, node, key->name);
    case TW_KEY_TEXTS:
        return is_texts(l, node, key->name);
    case TW_KEY_LIST:
        if (node->kind == TW_YAML_SEQUENCE)
            return true;
        TW_DIAG(l->diags, TW_D_estate_not_list, tw_entry_span(node), name);
        return false;
    case TW_KEY_MAPPING:
        if (node->kind == TW_YAML_MAPPING)
            return true;
        TW_DIAG(l->diags, TW_D_estate_not_mapping, tw_entry_span(node), name);
        return false;
    case TW_KEY_ANY:
        break;
    }
    return true;
}

static size_t key_index(const struct tw_key *keys, struct tw_str name)
{
    size_t i = 0;
    while (keys[i].name && !tw_str_is(name, keys[i].name))
        i++;
    return i;
}

static void unknown_key(struct tw_loader *l, const struct tw_yaml *member,
                        const char *section, const struct tw_key *keys)
{
    const char *names[TW_KEYS_MAX + 1] = {NULL};
    for (size_t i = 0; keys[i].name; i++)
        names[i] = keys[i].name;
    TW_DIAG(l->diags, TW_D_estate_unknown_key, member->key_at, member->key,
            tw_str_of(section), tw_suggest_text(l, tw_nearest(member->key, names)));
}

bool tw_keys_read(struct tw_loader *l, const struct tw_yaml *node, const char *section,
                  const struct tw_key *keys, const struct tw_yaml **values)
{
    size_t errors = l->diags->errors, n = 0;
    bool seen[TW_KEYS_MAX] = {false};
    for (; keys[n].name; n++)
        values[n] = NULL;
    assert(n <= TW_KEYS_MAX);
    if (node->kind != TW_YAML_MAPPING) {
        TW_DIAG(l->diags, TW_D_estate_not_mapping, tw_entry_span(node),
                node->key.len ? node->key : tw_str_of(section));
        return false;
    }
    for (const struct tw_yaml *m = node->first; m; m = m->next) {
        size_t i = key_index(keys, m->key);
        if (!keys[i].name) {
            unknown_key(l, m, section, keys);
            continue;
        }
        if (seen[i]) /* told by the YAML reader */
            continue;
        seen[i] = true;
        if (value_fits(l, &keys[i], m))
            values[i] = m;
    }
    for (size_t i = 0; i < n; i++)
        if (!seen[i] && (keys[i].flags & TW_KEY_REQUIRED))
            TW_DIAG(l->diags, TW_D_estate_missing_key, tw_entry_span(node),
                    tw_str_of(section), tw_str_of(keys[i].name));
    return l->diags->errors == errors;
}

bool tw_room_check(struct tw_loader *l, const char *section, size_t count, size_t most,
                   struct tw_span at)
{
    if (count < most)
        return true;
    struct tw_buf number;
    tw_buf_init(&number, l->scratch);
    tw_buf_u64(&number, most);
    if (count == most &&
        tw_first_time(l, 'm', (uint32_t)section[0], (uint32_t)section[1], 0, 0))
        TW_DIAG(l->diags, TW_D_estate_too_many, at, tw_str_of(section),
                tw_buf_view(&number));
    return false;
}

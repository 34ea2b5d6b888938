/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson's values as our own tree. The library's document hangs on an arena while it
 * is copied, since an allocation may unwind at any time; then it is freed.
 */
#include "json.h"

#include <jansson.h>

struct copier {
    struct tw_arena *arena;
    size_t nodes;
    bool too_deep, too_many;
};

/* What the library holds; it hangs on an arena before there is anything to hold. */
struct holder {
    json_t *root;
};

static void release(void *ptr)
{
    struct holder *holder = ptr;
    json_decref(holder->root);
}

static struct tw_json *copy(struct copier *c, json_t *from, unsigned depth);

static void adopt(struct tw_json *parent, struct tw_json *child)
{
    if (!child)
        return;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

static void copy_members(struct copier *c, struct tw_json *node, json_t *from,
                         unsigned depth)
{
    const char *key;
    json_t *member;
    if (depth > TW_JSON_DEPTH_MAX) {
        c->too_deep = true;
        return;
    }
    if (node->kind == TW_JSON_ARRAY) {
        size_t n = json_array_size(from);
        for (size_t i = 0; i < n; i++)
            adopt(node, copy(c, json_array_get(from, i), depth));
        return;
    }
    json_object_foreach(from, key, member)
    {
        struct tw_json *child = copy(c, member, depth);
        if (child)
            child->key = tw_str_copy(c->arena, tw_str_of(key));
        adopt(node, child);
    }
}

static struct tw_json *copy(struct copier *c, json_t *from, unsigned depth)
{
    static const enum tw_json_kind kinds[] = {
        [JSON_OBJECT] = TW_JSON_OBJECT, [JSON_ARRAY] = TW_JSON_ARRAY,
        [JSON_STRING] = TW_JSON_TEXT,   [JSON_INTEGER] = TW_JSON_INTEGER,
        [JSON_REAL] = TW_JSON_REAL,     [JSON_TRUE] = TW_JSON_BOOL,
        [JSON_FALSE] = TW_JSON_BOOL,    [JSON_NULL] = TW_JSON_NULL,
    };
    if (++c->nodes > TW_JSON_NODES_MAX)
        c->too_many = true;
    if (c->too_many || c->too_deep)
        return NULL;
    struct tw_json *node = tw_new(c->arena, struct tw_json);
    node->kind = kinds[json_typeof(from)];
    node->boolean = json_is_true(from);
    if (node->kind == TW_JSON_INTEGER)
        node->integer = json_integer_value(from);
    if (node->kind == TW_JSON_TEXT)
        node->text = tw_str_copy(c->arena, (struct tw_str){json_string_value(from),
                                                           json_string_length(from)});
    if (node->kind == TW_JSON_ARRAY || node->kind == TW_JSON_OBJECT)
        copy_members(c, node, from, depth + 1);
    return node;
}

const struct tw_json *tw_json_parse(struct tw_arena *arena, const struct tw_source *src,
                                    struct tw_diags *diags)
{
    json_error_t error;
    struct tw_arena *child = tw_arena_child(arena);
    struct holder *holder = tw_new(child, struct holder);
    tw_arena_defer(child, release, holder);
    holder->root = json_loadb(src->text.len ? src->text.ptr : "", src->text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!holder->root) {
        uint64_t at = error.position > 0 ? (uint64_t)error.position : 0;
        struct tw_span span = {src, at < src->text.len ? at : src->text.len, 0};
        TW_DIAG(diags, TW_D_json_bad, span, tw_str_copy(arena, tw_str_of(error.text)));
        tw_arena_release(child);
        return NULL;
    }
    struct copier c = {.arena = arena};
    const struct tw_json *tree = copy(&c, holder->root, 0);
    tw_arena_release(child);
    if (!c.too_deep && !c.too_many)
        return tree;
    struct tw_span span = {src, 0, 0};
    TW_DIAG(diags, TW_D_json_large, span, tw_fmt(arena, "%d", (int)TW_JSON_DEPTH_MAX),
            tw_fmt(arena, "%d", (int)TW_JSON_NODES_MAX));
    return NULL;
}

const struct tw_json *tw_json_get(const struct tw_json *object, const char *key)
{
    if (!object || object->kind != TW_JSON_OBJECT)
        return NULL;
    for (const struct tw_json *m = object->first; m; m = m->next)
        if (tw_str_is(m->key, key))
            return m;
    return NULL;
}

bool tw_json_natural(const struct tw_json *object, const char *key, uint64_t max,
                     uint64_t *out)
{
    const struct tw_json *m = tw_json_get(object, key);
    if (!m || m->kind != TW_JSON_INTEGER || m->integer < 0 ||
        (uint64_t)m->integer > max)
        return false;
    *out = (uint64_t)m->integer;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's events as a tree with places. */
#include "yaml_tree.h"

#include <string.h>
#include <yaml.h>

#include "map.h"

enum { DEPTH_MAX = 64, SHORT_MAPPING = 16 };

struct loader {
    struct tw_arena *arena;
    const struct tw_source *src;
    struct tw_diags *diags;
    yaml_parser_t parser;
    yaml_event_t event; /* the one at hand, or none: freed with the parser */
    bool failed;
    /* Where the last mark was found: the next one is near it. */
    size_t character;
    uint64_t at;
};

/* An allocation may unwind at any time: what the library holds hangs on the arena. */
static void delete_parser(void *ptr)
{
    struct loader *l = ptr;
    yaml_event_delete(&l->event);
    yaml_parser_delete(&l->parser);
}

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Marks count characters. Their lines are not ours: the library also breaks lines at
 * CR, NEL, LS and PS. */
static uint64_t offset_of(struct loader *l, const yaml_mark_t *mark)
{
    struct tw_str text = l->src->text;
    for (; l->character < mark->index && l->at < text.len; l->character++) {
        l->at++;
        while (l->at < text.len && is_tail(text.ptr[l->at]))
            l->at++;
    }
    for (; l->character > mark->index && l->at > 0; l->character--) {
        l->at--;
        while (l->at > 0 && is_tail(text.ptr[l->at]))
            l->at--;
    }
    return l->at;
}

static struct tw_span span_of(struct loader *l, const yaml_event_t *e)
{
    uint64_t start = offset_of(l, &e->start_mark), end = offset_of(l, &e->end_mark);
    return (struct tw_span){l->src, start, end > start ? end - start : 0};
}

static bool next_event(struct loader *l)
{
    yaml_event_t *e = &l->event;
    yaml_event_delete(e);
    if (l->failed)
        return false;
    if (!yaml_parser_parse(&l->parser, e)) {
        l->failed = true;
        if (l->parser.error == YAML_MEMORY_ERROR)
            tw_arena_exhausted(l->arena);
        uint64_t offset = l->parser.error == YAML_READER_ERROR
                              ? l->parser.problem_offset
                              : offset_of(l, &l->parser.problem_mark);
        struct tw_span at = {l->src, offset, offset < l->src->text.len};
        struct tw_str why = tw_str_of(l->parser.problem ? l->parser.problem : "?");
        TW_DIAG(l->diags, TW_D_yaml_syntax, at, tw_str_copy(l->arena, why));
        return false;
    }
    bool anchored =
        (e->type == YAML_SCALAR_EVENT && e->data.scalar.anchor) ||
        (e->type == YAML_SEQUENCE_START_EVENT && e->data.sequence_start.anchor) ||
        (e->type == YAML_MAPPING_START_EVENT && e->data.mapping_start.anchor);
    if (e->type == YAML_ALIAS_EVENT || anchored) {
        TW_DIAG(l->diags, TW_D_yaml_alias, span_of(l, e));
        l->failed = true;
        return false;
    }
    return true;
}

static void append(struct tw_yaml *parent, struct tw_yaml *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

/* The text of a scalar: where the file says it literally, the file's own bytes. */
static void take_text(struct loader *l, const yaml_event_t *e, struct tw_yaml *n)
{
    const char *value = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    struct tw_str raw = tw_span_text(n->at);
    if (n->quoted && raw.len >= 2)
        raw = (struct tw_str){raw.ptr + 1, raw.len - 2};
    n->text = (struct tw_str){value, len};
    if (tw_str_eq(raw, n->text)) {
        n->text = raw;
        return;
    }
    char *copy = tw_arena_alloc(l->arena, len + 1);
    memcpy(copy, value, len);
    n->text.ptr = copy;
}

static struct tw_yaml *node_of(struct loader *l)
{
    const yaml_event_t *e = &l->event;
    struct tw_yaml *n = tw_new(l->arena, struct tw_yaml);
    n->at = span_of(l, e);
    n->kind = e->type == YAML_SEQUENCE_START_EVENT  ? TW_YAML_SEQUENCE
              : e->type == YAML_MAPPING_START_EVENT ? TW_YAML_MAPPING
                                                    : TW_YAML_SCALAR;
    if (n->kind == TW_YAML_SCALAR)
        take_text(l, e, n);
    return n;
}

static struct tw_yaml *read_node(struct loader *l, unsigned depth);

static bool read_sequence(struct loader *l, struct tw_yaml *list, unsigned depth)
{
    while (next_event(l)) {
        if (l->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        struct tw_yaml *child = read_node(l, depth);
        if (!child)
            return false;
        append(list, child);
    }
    return false;
}

/* The earlier member of MAP with CHILD's key. A short mapping is looked through, a long
 * one has its keys in KEYS. */
static const struct tw_yaml *earlier(struct tw_map *keys, const struct tw_yaml *map,
                                     const struct tw_yaml *child)
{
    if (map->count < SHORT_MAPPING) {
        const struct tw_yaml *m = map->first;
        while (m && !tw_str_eq(m->key, child->key))
            m = m->next;
        return m;
    }
    if (keys->entries.len == 0)
        for (const struct tw_yaml *m = map->first; m; m = m->next)
            *tw_map_slot(keys, m->key) = (void *)(uintptr_t)m;
    void **slot = tw_map_slot(keys, child->key);
    const struct tw_yaml *before = *slot;
    if (!before)
        *slot = (void *)(uintptr_t)child;
    return before;
}

static void check_duplicate(struct loader *l, struct tw_map *keys,
                            const struct tw_yaml *map, const struct tw_yaml *child)
{
    const struct tw_yaml *before = earlier(keys, map, child);
    if (before)
        tw_diag_also(
            TW_DIAG(l->diags, TW_D_yaml_duplicate_key, child->key_at, child->key),
            before->key_at);
}

/* The key of a member, the event at hand, into KEY. */
static bool read_key(struct loader *l, struct tw_yaml *key)
{
    const yaml_event_t *e = &l->event;
    key->at = span_of(l, e);
    if (e->type != YAML_SCALAR_EVENT) {
        TW_DIAG(l->diags, TW_D_yaml_syntax, key->at,
                TW_STR("a key must be plain text"));
        return false;
    }
    take_text(l, e, key);
    return true;
}

static bool read_mapping(struct loader *l, struct tw_yaml *map, unsigned depth)
{
    struct tw_map keys;
    tw_map_init(&keys, l->arena);
    while (next_event(l)) {
        struct tw_yaml key = {0};
        if (l->event.type == YAML_MAPPING_END_EVENT)
            return true;
        l->failed |= !read_key(l, &key);
        if (!next_event(l))
            return false;
        struct tw_yaml *child = read_node(l, depth);
        if (!child)
            return false;
        child->key = key.text;
        child->key_at = key.at;
        check_duplicate(l, &keys, map, child);
        append(map, child);
    }
    return false;
}

static struct tw_yaml *read_node(struct loader *l, unsigned depth)
{
    struct tw_yaml *n = node_of(l);
    if (depth == DEPTH_MAX) {
        TW_DIAG(l->diags, TW_D_yaml_too_deep, n->at, TW_STR("64"));
        l->failed = true;
        return NULL;
    }
    if (n->kind == TW_YAML_SEQUENCE && !read_sequence(l, n, depth + 1))
        return NULL;
    if (n->kind == TW_YAML_MAPPING && !read_mapping(l, n, depth + 1))
        return NULL;
    return n;
}

const struct tw_yaml *tw_yaml_parse_on(struct tw_arena *arena,
                                       const struct tw_source *src,
                                       struct tw_diags *diags)
{
    struct loader *l = tw_new(arena, struct loader);
    *l = (struct loader){.arena = arena, .src = src, .diags = diags};
    tw_arena_defer(arena, delete_parser, l);
    if (!yaml_parser_initialize(&l->parser))
        tw_arena_exhausted(arena);
    const char *text = src->text.len ? src->text.ptr : ""; /* NULL is refused */
    yaml_parser_set_input_string(&l->parser, (const unsigned char *)text,
                                 src->text.len);
    yaml_parser_set_encoding(&l->parser, YAML_UTF8_ENCODING);

    struct tw_yaml *root = NULL;
    while (next_event(l)) {
        yaml_event_type_t type = l->event.type;
        bool content = type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                       type == YAML_MAPPING_START_EVENT;
        if (content)
            root = read_node(l, 0);
        if (type == YAML_DOCUMENT_START_EVENT && root) {
            TW_DIAG(diags, TW_D_yaml_documents, span_of(l, &l->event));
            l->failed = true;
        }
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (l->failed)
        return NULL;
    if (!root || (root->kind == TW_YAML_SCALAR && root->text.len == 0)) {
        root = tw_new(arena, struct tw_yaml);
        root->kind = TW_YAML_MAPPING;
        root->at = (struct tw_span){src, 0, 0};
    }
    return root;
}

const struct tw_yaml *tw_yaml_parse(struct tw_arena *arena, const struct tw_source *src,
                                    struct tw_diags *diags)
{
    size_t errors = diags->errors;
    const struct tw_yaml *root = tw_yaml_parse_on(arena, src, diags);
    return diags->errors == errors ? root : NULL;
}

const struct tw_yaml *tw_yaml_get(const struct tw_yaml *mapping, const char *key)
{
    for (const struct tw_yaml *m = mapping->first; m; m = m->next)
        if (tw_str_is(m->key, key))
            return m;
    return NULL;
}

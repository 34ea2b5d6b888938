/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON objects as fields. The wanted names are a tree: each name stands in it as the
 * key that it is, and once more cut at its dots.
 *
 * Most objects of a file have the same keys in the same order. So each key is compared
 * first with the ones that stood behind the last one before, as bytes with its quotes
 * and its colon; only where none of them fits is it decoded and looked up.
 */
#include "json_fields.h"

#include <string.h>

#include "map.h"

enum { KNOWN_MAX = 256, KNOWN_LENGTH_MAX = TW_JSON_SLACK / 2, LOOK_AHEAD = 8 };
enum { NO_SLOT = -1, PARTS_MAX = 32 };

struct node;

struct key {
    struct tw_str name;
    ptrdiff_t slot;
    struct node *inside; /* NULL: no wanted name goes on below it */
    uint64_t seen;       /* the last record with it */
};

struct node {
    TW_VEC(struct key *) keys;
};

/* A key as it is written, its quotes and colon included. */
struct known {
    struct tw_str written;
    struct key *key; /* NULL: not wanted */
};

struct slot {
    const struct key *by; /* by which key it was found … */
    uint64_t found;       /* … in which record, if it counts or not */
    uint64_t seen;        /* the last record in which it counts */
    bool ever;
};

struct tw_json_fields {
    struct tw_arena *arena, *scratch;
    struct tw_str null_text;
    uint64_t *notes;
    struct node root;
    struct slot *slots;
    size_t nslots, unseen;
    size_t *slot_of; /* of arrays: the slot of each place and one more, or 0 */
    size_t nplaces;
    bool others;
    struct tw_record_field *fields;
    size_t room;
    struct known known[KNOWN_MAX];
    size_t nknown;

    uint64_t record; /* the number of the one at hand */
    size_t nfields, expected;
    uint64_t nulls; /* told by a text */
    bool repeated, ambiguous;
    struct tw_map other_keys; /* name → field, with OTHERS */
};

struct tw_json_fields *tw_json_fields_new(struct tw_arena *arena,
                                          struct tw_str null_text, uint64_t *notes)
{
    struct tw_json_fields *f = tw_new(arena, struct tw_json_fields);
    f->arena = arena;
    f->scratch = tw_arena_child(arena);
    f->null_text = null_text;
    f->notes = notes;
    return f;
}

static struct key *find_key(const struct node *node, struct tw_str name)
{
    for (size_t i = 0; i < node->keys.len; i++)
        if (tw_str_eq(node->keys.at[i]->name, name))
            return node->keys.at[i];
    return NULL;
}

static struct key *add_key(struct tw_arena *arena, struct node *node,
                           struct tw_str name)
{
    struct key *key = find_key(node, name);
    if (!key) {
        key = tw_new(arena, struct key);
        *key = (struct key){.name = name, .slot = NO_SLOT};
        *tw_vec_add(arena, &node->keys) = key;
    }
    return key;
}

static void add_path(struct tw_json_fields *f, struct tw_str name, ptrdiff_t slot)
{
    struct tw_str rest = name, part;
    size_t parts = 0;
    while (tw_str_split(&rest, '.', &part))
        parts++;
    add_key(f->arena, &f->root, name)->slot = slot;
    if (parts == 1 || parts > PARTS_MAX)
        return;
    struct node *node = &f->root;
    struct key *key = NULL;
    rest = name;
    while (tw_str_split(&rest, '.', &part)) {
        if (key && !key->inside)
            key->inside = tw_new(f->arena, struct node);
        node = key ? key->inside : node;
        key = add_key(f->arena, node, part);
    }
    if (key)
        key->slot = slot;
}

void tw_json_fields_want(struct tw_json_fields *f, const struct tw_str *names,
                         const size_t *places, size_t count, bool others)
{
    f->nslots = f->unseen = count;
    f->slots = tw_new_array(f->arena, count, struct slot);
    f->others = others;
    f->nplaces = 0;
    f->room = count;
    f->fields = tw_new_array(f->arena, count, struct tw_record_field);
    f->nknown = 0;
    f->root = (struct node){0};
    for (size_t i = 0; names && i < count; i++)
        add_path(f, names[i], (ptrdiff_t)i);
    for (size_t i = 0; places && i < count; i++)
        f->nplaces = places[i] < f->nplaces ? f->nplaces : places[i] + 1;
    f->slot_of = tw_new_array(f->arena, f->nplaces, size_t);
    for (size_t i = 0; places && i < count; i++)
        f->slot_of[places[i]] = i + 1;
}

/* --- values ----------------------------------------------------------------------- */

static struct tw_record_field field_of(struct tw_json_fields *f,
                                       const struct tw_json_value *value)
{
    struct tw_str text = tw_json_decode(f->scratch, value);
    bool is_null = value->kind == TW_JSON_NULL;
    if (value->kind == TW_JSON_TEXT) {
        if (f->null_text.ptr)
            is_null = tw_str_eq(text, f->null_text);
        else if (tw_str_is(text, "\u1d3a\u1d41\u1d38\u1d38"))
            is_null = ++f->nulls;
    }
    return (struct tw_record_field){text.ptr, text.len, is_null};
}

static void set_slot(struct tw_json_fields *f, const struct key *key,
                     const struct tw_json_value *value)
{
    struct slot *slot = &f->slots[key->slot];
    f->ambiguous |= slot->found == f->record && slot->by != key;
    slot->by = key;
    slot->found = slot->seen = f->record;
    f->fields[key->slot] = field_of(f, value);
}

/* KEY stands in its object once more: what it gave before does not count. */
static void forget(struct tw_json_fields *f, const struct key *key)
{
    if (key->slot != NO_SLOT && f->slots[key->slot].by == key) {
        f->slots[key->slot].seen = 0;
        f->fields[key->slot] = (struct tw_record_field){"", 0, true};
    }
    for (size_t i = 0; key->inside && i < key->inside->keys.len; i++) {
        struct key *below = key->inside->keys.at[i];
        forget(f, below);
        below->seen = 0;
    }
}

static const char *members(struct tw_json_fields *f, const char *p, struct node *node);

/* The value of KEY, at P. */
static const char *take(struct tw_json_fields *f, struct key *key, const char *p)
{
    if (key->seen == f->record) {
        f->repeated = true;
        forget(f, key);
    }
    key->seen = f->record;
    struct tw_json_value value;
    const char *end = tw_json_value(p, &value);
    if (end && key->slot != NO_SLOT)
        set_slot(f, key, &value);
    if (end && key->inside && value.kind == TW_JSON_OBJECT)
        end = members(f, p + 1, key->inside);
    return end;
}

/* The value of a key that no rule names, where any column is looked at. */
static const char *take_other(struct tw_json_fields *f, struct tw_str name,
                              const char *p)
{
    struct tw_json_value value;
    const char *end = tw_json_value(p, &value);
    if (!end)
        return NULL;
    void **at = tw_map_slot(&f->other_keys, name);
    f->repeated |= *at != NULL;
    if (!*at) {
        if (f->nfields == f->room) {
            size_t size = sizeof *f->fields, room = f->room * 2 + 16;
            f->fields = tw_arena_grow(f->arena, f->fields, f->room * size, room * size);
            f->room = room;
        }
        *at = (void *)(uintptr_t)++f->nfields;
    }
    f->fields[(uintptr_t)*at - 1] = field_of(f, &value);
    return end;
}

/* --- objects ---------------------------------------------------------------------- */

static struct known *known_at(struct tw_json_fields *f, const char *p)
{
    for (size_t i = 0; i < LOOK_AHEAD && i < f->nknown; i++) {
        size_t n = f->expected + i;
        struct known *k = &f->known[n < f->nknown ? n : n - f->nknown];
        if (memcmp(p, k->written.ptr, k->written.len) == 0)
            return k;
    }
    return NULL;
}

static void learn(struct tw_json_fields *f, struct tw_str written, struct key *key)
{
    if (f->nknown == KNOWN_MAX || written.len > KNOWN_LENGTH_MAX)
        return;
    for (size_t i = 0; i < f->nknown; i++)
        if (tw_str_eq(f->known[i].written, written)) {
            f->expected = i + 1;
            return;
        }
    f->known[f->nknown++] = (struct known){tw_str_copy(f->arena, written), key};
    f->expected = f->nknown;
}

/* The key at P; *NAME stays empty where it is a known one. */
static const char *read_key(struct tw_json_fields *f, const char *p, struct node *node,
                            struct key **key, struct tw_str *name)
{
    bool top = node == &f->root;
    const struct known *known = top && !f->others ? known_at(f, p) : NULL;
    if (known) {
        f->expected = (size_t)(known - f->known) + 1;
        f->expected = f->expected == f->nknown ? 0 : f->expected;
        *key = known->key;
        return p + known->written.len;
    }
    struct tw_json_value text;
    const char *start = p;
    p = *p == '"' ? tw_json_text(p + 1, &text) : NULL;
    if (!p)
        return NULL;
    *name = tw_json_decode(f->scratch, &text);
    *key = find_key(node, *name);
    p = tw_json_blanks(p);
    if (*p != ':')
        return NULL;
    p++;
    if (top)
        learn(f, (struct tw_str){start, (size_t)(p - start)}, *key);
    return p;
}

/* P stands behind the { of an object. */
static const char *members(struct tw_json_fields *f, const char *p, struct node *node)
{
    bool others = f->others && node == &f->root;
    p = tw_json_blanks(p);
    if (*p == '}')
        return p + 1;
    for (;;) {
        struct key *key;
        struct tw_str name = TW_NO_STR;
        struct tw_json_value ignored;
        p = read_key(f, p, node, &key, &name);
        if (!p)
            return NULL;
        p = tw_json_blanks(p);
        if (others && (!key || key->slot == NO_SLOT) && !take_other(f, name, p))
            return NULL;
        p = key ? take(f, key, p) : tw_json_value(p, &ignored);
        if (!p)
            return NULL;
        p = tw_json_blanks(p);
        if (*p == '}')
            return p + 1;
        if (*p != ',')
            return NULL;
        p = tw_json_blanks(p + 1);
    }
}

/* --- records ---------------------------------------------------------------------- */

static void begin(struct tw_json_fields *f)
{
    tw_arena_rewind(f->scratch, (struct tw_arena_mark){0});
    f->record++;
    f->nfields = f->nslots;
    f->expected = 0;
    f->nulls = 0;
    f->repeated = f->ambiguous = false;
    for (size_t i = 0; i < f->nslots; i++)
        f->fields[i] = (struct tw_record_field){"", 0, true};
    if (f->others)
        tw_map_init(&f->other_keys, f->scratch);
}

static void give(struct tw_json_fields *f, struct tw_record *record)
{
    record->fields = f->fields;
    record->nfields = f->nfields;
    f->notes[TW_NOTE_AMBIGUOUS_NULL] += f->nulls;
    f->notes[TW_NOTE_REPEATED_KEY] += f->repeated;
    for (size_t i = 0; f->unseen && i < f->nslots; i++)
        if (!f->slots[i].ever && f->slots[i].seen == f->record) {
            f->slots[i].ever = true;
            f->unseen--;
        }
}

enum tw_json_fate tw_json_fields_object(struct tw_json_fields *f, struct tw_str text,
                                        struct tw_record *record)
{
    begin(f);
    const char *p = tw_json_blanks(text.ptr);
    p = *p == '{' ? members(f, p + 1, &f->root) : NULL;
    if (!p || tw_json_blanks(p) != text.ptr + text.len)
        return TW_JSON_NOT_JSON;
    if (f->ambiguous)
        return TW_JSON_AMBIGUOUS;
    give(f, record);
    return TW_JSON_READ;
}

enum tw_json_fate tw_json_fields_array(struct tw_json_fields *f, struct tw_str text,
                                       size_t length, struct tw_record *record)
{
    begin(f);
    const char *p = tw_json_blanks(text.ptr);
    if (*p != '[')
        return TW_JSON_NOT_JSON;
    p = tw_json_blanks(p + 1);
    bool more = *p != ']';
    size_t n = 0;
    for (; more; n++) {
        struct tw_json_value value;
        p = tw_json_value(p, &value);
        if (!p)
            return TW_JSON_NOT_JSON;
        if (n < f->nplaces && f->slot_of[n])
            f->fields[f->slot_of[n] - 1] = field_of(f, &value);
        p = tw_json_blanks(p);
        more = *p == ',';
        if (!more && *p != ']')
            return TW_JSON_NOT_JSON;
        if (more)
            p = tw_json_blanks(p + 1);
    }
    if (tw_json_blanks(p + 1) != text.ptr + text.len)
        return TW_JSON_NOT_JSON;
    if (n != length)
        return TW_JSON_RAGGED;
    give(f, record);
    return TW_JSON_READ;
}

bool tw_json_fields_seen(const struct tw_json_fields *f, size_t slot)
{
    return f->slots[slot].ever;
}

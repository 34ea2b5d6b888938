/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names, lists of names, things and rows of conditions, each kept once: an export with
 * 100,000 rules says "any" and "trust" a million times.
 */
#include "hash.h"
#include "panos_parts.h"

enum { BLOCK = 1024 };

/* --- names ----------------------------------------------------------------------- */

struct tw_str tw_panos_keep(struct tw_panos *in, struct tw_str s)
{
    struct tw_str all = in->src->text;
    if (s.len == 0)
        return TW_NO_STR;
    if (s.ptr >= all.ptr && s.ptr + s.len <= all.ptr + all.len)
        return s;
    return tw_str_copy(in->arena, s);
}

struct tw_panos_name *tw_panos_name_at(const struct tw_panos *in, uint32_t name)
{
    return &in->names.at[name / BLOCK][name % BLOCK];
}

static size_t name_slot(const struct tw_panos *in, struct tw_str text)
{
    size_t mask = in->nname_slots - 1;
    size_t at = (size_t)tw_hash_bytes(text.ptr, text.len) & mask;
    while (in->name_slots[at] &&
           !tw_str_eq(tw_panos_text(in, in->name_slots[at] - 1), text))
        at = (at + 1) & mask;
    return at;
}

static void grow_names(struct tw_panos *in)
{
    in->nname_slots = in->nname_slots ? in->nname_slots * 2 : 4 * BLOCK;
    in->name_slots = tw_new_array(in->scratch, in->nname_slots, uint32_t);
    for (uint32_t i = 0; i < in->nnames; i++)
        in->name_slots[name_slot(in, tw_panos_text(in, i))] = i + 1;
}

uint32_t tw_panos_name(struct tw_panos *in, struct tw_str text)
{
    if ((size_t)in->nnames * 4 >= in->nname_slots * 3)
        grow_names(in);
    size_t at = name_slot(in, text);
    if (!in->name_slots[at]) {
        if (in->nnames % BLOCK == 0)
            *tw_vec_add(in->scratch, &in->names) =
                tw_new_array(in->scratch, BLOCK, struct tw_panos_name);
        in->name_slots[at] = ++in->nnames;
        tw_panos_name_at(in, in->nnames - 1)->text = tw_panos_keep(in, text);
    }
    return in->name_slots[at] - 1;
}

/* --- lists ----------------------------------------------------------------------- */

enum { SINGLE = 2 };
#define SEVERAL ((tw_panos_list)1 << 31)

tw_panos_list tw_panos_list_of(struct tw_panos *in, const uint32_t *names, size_t n)
{
    if (n == 0)
        return TW_PANOS_NONE;
    if (n == 1)
        return names[0] + SINGLE;
    struct tw_str key = {(const char *)names, n * sizeof *names};
    const struct tw_map_entry *known = tw_map_find(&in->list_ids, key);
    if (known)
        return SEVERAL | (uint32_t)(uintptr_t)known->value;
    uint32_t *copy = tw_new_array(in->scratch, n, uint32_t);
    for (size_t i = 0; i < n; i++)
        copy[i] = names[i];
    key.ptr = (const char *)copy;
    *tw_map_slot(&in->list_ids, key) = (void *)(uintptr_t)in->lists.len;
    *tw_vec_add(in->scratch, &in->lists) = (struct tw_panos_span){copy, n};
    return SEVERAL | (uint32_t)(in->lists.len - 1);
}

tw_panos_list tw_panos_list_read(struct tw_panos *in, const struct tw_xml *element)
{
    enum { FEW = 64 };
    uint32_t few[FEW];
    TW_VEC(uint32_t) names = {few, 0, FEW};
    struct tw_arena *arena = in->scratch;
    for (const struct tw_xml *m = tw_xml_child(element, "member"); m;
         m = tw_xml_next(m)) {
        if (tw_str_is(m->text, "any"))
            return TW_PANOS_ANY;
        if (m->text.len == 0)
            continue;
        if (names.at == few && names.len == FEW) {
            uint32_t *more = tw_new_array(arena, 4 * FEW, uint32_t);
            for (size_t i = 0; i < FEW; i++)
                more[i] = few[i];
            names.at = more;
            names.cap = 4 * FEW;
        }
        *tw_vec_add(arena, &names) = tw_panos_name(in, m->text);
    }
    return tw_panos_list_of(in, names.at, names.len);
}

struct tw_panos_span tw_panos_list_names(const struct tw_panos *in, tw_panos_list list,
                                         uint32_t *room)
{
    if (list & SEVERAL)
        return in->lists.at[list & ~SEVERAL];
    if (list < SINGLE)
        return (struct tw_panos_span){room, 0};
    *room = list - SINGLE;
    return (struct tw_panos_span){room, 1};
}

/* --- from numbers to pointers ---------------------------------------------------- */

static struct tw_panos_slot *table_slot(const struct tw_panos_table *table,
                                        uint64_t key)
{
    size_t mask = table->nslots - 1;
    size_t at = (size_t)tw_hash_bytes(&key, sizeof key) & mask;
    while (table->slots[at].key && table->slots[at].key != key + 1)
        at = (at + 1) & mask;
    return &table->slots[at];
}

const void *tw_panos_table_get(const struct tw_panos_table *table, uint64_t key)
{
    return table->nslots ? table_slot(table, key)->value : NULL;
}

void tw_panos_table_put(struct tw_arena *arena, struct tw_panos_table *table,
                        uint64_t key, const void *value)
{
    if (table->n * 4 >= table->nslots * 3) {
        struct tw_panos_table old = *table;
        table->nslots = old.nslots ? old.nslots * 2 : 64;
        table->slots = tw_new_array(arena, table->nslots, struct tw_panos_slot);
        for (size_t i = 0; i < old.nslots; i++)
            if (old.slots[i].key)
                *table_slot(table, old.slots[i].key - 1) = old.slots[i];
    }
    struct tw_panos_slot *slot = table_slot(table, key);
    table->n += !slot->key;
    *slot = (struct tw_panos_slot){key + 1, value};
}

/* --- things ---------------------------------------------------------------------- */

struct tw_panos_thing *tw_panos_thing(struct tw_panos *in, enum tw_unknown_kind kind,
                                      struct tw_str name)
{
    struct tw_buf key;
    tw_buf_init(&key, in->scratch);
    tw_buf_char(&key, (char)('0' + (int)kind));
    tw_buf_str(&key, name);
    void **slot = tw_map_slot(&in->things, tw_buf_view(&key));
    if (!*slot) {
        struct tw_panos_thing *thing = tw_new(in->scratch, struct tw_panos_thing);
        *thing = (struct tw_panos_thing){.kind = kind,
                                         .name = tw_str_from(tw_buf_view(&key), 1)};
        *slot = thing;
    }
    return *slot;
}

struct tw_panos_thing *tw_panos_doubt(struct tw_panos *in, struct tw_str name,
                                      struct tw_span at)
{
    struct tw_panos_thing *thing = tw_panos_thing(in, TW_UNKNOWN_TOKEN, name);
    thing->doubt = true;
    if (!thing->at.src)
        thing->at = at;
    return thing;
}

uint32_t tw_panos_unknown(struct tw_panos *in, struct tw_panos_thing *thing,
                          enum tw_panos_side side)
{
    static const char *const sides[] = {" matches src", " matches dst", ""};
    if (!thing->unknown[side]) {
        struct tw_buf name;
        tw_buf_init(&name, in->scratch);
        tw_buf_str(&name, thing->name);
        tw_buf_text(&name, sides[side]);
        struct tw_str text = tw_buf_view(&name);
        thing->unknown[side] =
            tw_policy_unknown(in->policy, thing->kind, text, text) + 1;
        struct tw_unknown *u = &in->policy->unknowns.at[thing->unknown[side] - 1];
        u->subject = tw_str_copy(in->arena, thing->subject);
        u->schedule = thing->schedule;
    }
    return thing->unknown[side] - 1;
}

void tw_panos_buf_names(struct tw_panos *in, struct tw_buf *buf, const uint32_t *names,
                        size_t n, uint32_t number)
{
    for (size_t i = 0; i < n && i < TW_PANOS_SHOWN; i++) {
        tw_buf_text(buf, i ? ", " : "");
        tw_buf_str(buf, tw_panos_text(in, names[i]));
    }
    if (n > TW_PANOS_SHOWN)
        tw_buf_fmt(buf, ", … (list %u of %zu)", (unsigned)number, n);
}

struct tw_str tw_panos_say(const struct tw_panos *in, enum tw_message word)
{
    return tw_str_of(tw_message_pattern(in->diags->lang, word));
}

/* --- rows of conditions ---------------------------------------------------------- */

const uint64_t *tw_panos_bits(struct tw_panos *in, const uint64_t *set, size_t words,
                              struct tw_arena_mark before)
{
    struct tw_str key = {(const char *)set, words * sizeof *set};
    const struct tw_map_entry *known = tw_map_find(&in->bit_sets, key);
    if (known) {
        tw_arena_rewind(in->arena, before);
        return known->value;
    }
    *tw_map_slot(&in->bit_sets, key) = (void *)(uintptr_t)set;
    return set;
}

const struct tw_condition *tw_panos_conditions(struct tw_panos *in,
                                               const struct tw_condition *at, size_t n)
{
    if (n == 0)
        return NULL;
    /* Copied field by field: the key has no stray bytes of padding. */
    struct tw_arena_mark mark = tw_arena_mark(in->arena);
    struct tw_condition *copy = tw_new_array(in->arena, n, struct tw_condition);
    for (size_t i = 0; i < n; i++) {
        copy[i].unknown = at[i].unknown;
        copy[i].allowed = at[i].allowed;
    }
    struct tw_str key = {(const char *)copy, n * sizeof *copy};
    const struct tw_map_entry *known = tw_map_find(&in->conditions, key);
    if (known) {
        tw_arena_rewind(in->arena, mark);
        return known->value;
    }
    *tw_map_slot(&in->conditions, key) = copy;
    return copy;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Words, names and indexes for the files that load the estate. */
#include <string.h>

#include "estate_load.h"
#include "messages.h"
#include "text.h"

enum { NAME_MAX_BYTES = 200 };

struct tw_str tw_keep(struct tw_loader *l, struct tw_str s)
{
    return s.len ? tw_str_copy(l->arena, s) : TW_STR("");
}

struct tw_named tw_keep_named(struct tw_loader *l, struct tw_named word)
{
    return (struct tw_named){tw_keep(l, word.text), word.at};
}

struct tw_names tw_keep_names(struct tw_loader *l, struct tw_names words)
{
    if (words.n == 0)
        return (struct tw_names){NULL, 0};
    struct tw_named *at = tw_new_array(l->arena, words.n, struct tw_named);
    for (size_t i = 0; i < words.n; i++)
        at[i] = tw_keep_named(l, words.at[i]);
    return (struct tw_names){at, words.n};
}

/* Blanks at the ends are invisible, and `->` would make a pair of sites ambiguous. */
bool tw_name_check(struct tw_loader *l, struct tw_named word)
{
    struct tw_str s = word.text;
    bool good = s.len && s.len <= NAME_MAX_BYTES && tw_str_trim(s).len == s.len &&
                tw_str_find_str(s, TW_STR("->")) == s.len && tw_utf8_valid(s);
    for (size_t i = 0; good && i < s.len; i++)
        good = (unsigned char)s.ptr[i] >= 0x20 && s.ptr[i] != 0x7f;
    if (good && (tw_str_is(s, "any") || tw_str_is(s, "outside"))) {
        TW_DIAG(l->diags, TW_D_estate_reserved_name, word.at, s);
        return false;
    }
    if (!good)
        TW_DIAG(l->diags, TW_D_estate_bad_name, word.at, s);
    return good;
}

uint32_t tw_index_get(const struct tw_map *map, struct tw_str name)
{
    uintptr_t value = (uintptr_t)tw_map_get(map, name);
    return value ? (uint32_t)(value - 1) : TW_NONE;
}

void tw_index_put(struct tw_map *map, struct tw_str name, size_t index)
{
    *tw_map_slot(map, name) = (void *)(uintptr_t)(index + 1);
}

uint32_t tw_index_demand(struct tw_loader *l, const struct tw_map *map,
                         struct tw_named word, enum tw_diag_id id)
{
    uint32_t index = tw_index_get(map, word.text);
    if (index == TW_NONE)
        TW_DIAG(l->diags, id, word.at, word.text, tw_suggest(l, word.text, map));
    return index;
}

static struct tw_str suggestion(struct tw_loader *l, struct tw_str near)
{
    return TW_SAY(l->diags->arena, l->diags->lang, TW_M_hint_nearest, near);
}

struct tw_str tw_suggest_text(struct tw_loader *l, const char *near)
{
    return near ? suggestion(l, tw_str_of(near)) : TW_STR("");
}

/* Like tw_nearest(), over the names of the file itself. A hundred thousand wrong words
 * against as many names must not take minutes: the comparisons of a run are limited. */
struct tw_str tw_suggest(struct tw_loader *l, struct tw_str word,
                         const struct tw_map *map)
{
    size_t limit = word.len < 4 ? 1 : word.len / 3 + 1, best = limit + 1;
    struct tw_str near = TW_STR("");
    for (size_t i = 0; i < map->entries.len && l->comparisons && best > 1; i++) {
        struct tw_str name = map->entries.at[i].key;
        size_t apart = name.len > word.len ? name.len - word.len : word.len - name.len;
        if (apart >= best)
            continue;
        l->comparisons--;
        size_t distance = tw_str_distance(word, name, limit);
        if (distance < best) {
            best = distance;
            near = name;
        }
    }
    return near.len ? suggestion(l, near) : TW_STR("");
}

bool tw_first_time(struct tw_loader *l, char what, uint32_t a, uint32_t b, uint32_t c,
                   uint32_t d)
{
    uint32_t parts[4] = {a, b, c, d};
    char key[1 + sizeof parts];
    key[0] = what;
    memcpy(key + 1, parts, sizeof parts);
    struct tw_str probe = {key, sizeof key};
    if (tw_map_get(&l->told, probe))
        return false;
    *tw_map_slot(&l->told, tw_str_copy(l->scratch, probe)) = l;
    return true;
}

static struct tw_str choices_text(struct tw_loader *l, const char *const *choices)
{
    struct tw_buf buf;
    tw_buf_init(&buf, l->scratch);
    for (size_t i = 0; choices[i]; i++) {
        tw_buf_text(&buf, i ? ", " : "");
        tw_buf_text(&buf, choices[i]);
    }
    return tw_buf_view(&buf);
}

bool tw_choice(struct tw_loader *l, const char *key, struct tw_named word,
               const char *const *choices, unsigned *out)
{
    if (word.text.len == 0 && !word.at.src)
        return true;
    for (unsigned i = 0; choices[i]; i++) {
        if (tw_str_is(word.text, choices[i])) {
            *out = i;
            return true;
        }
    }
    TW_DIAG(l->diags, TW_D_estate_bad_value, word.at, word.text, tw_str_of(key),
            choices_text(l, choices));
    return false;
}

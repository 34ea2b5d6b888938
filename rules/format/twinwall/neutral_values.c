/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of the neutral XML: words, numbers, names. */
#include "neutral.h"
#include "policy_words.h"

const struct tw_xml_attr *tw_neutral_attr(const struct tw_xml *e, const char *name)
{
    for (size_t i = 0; i < e->nattrs; i++)
        if (e->attrs[i].ns.len == 0 && tw_str_is(e->attrs[i].name, name))
            return &e->attrs[i];
    return NULL;
}

void tw_neutral_know(struct tw_neutral *r, const struct tw_xml *e,
                     const char *const *known)
{
    for (size_t i = 0; i < e->nattrs; i++) {
        const struct tw_xml_attr *a = &e->attrs[i];
        if (a->ns.len || tw_word_index(known, a->name) < 0)
            TW_DIAG(r->diags, TW_D_neutral_attr, tw_span_of(r->src, a->name), e->name,
                    a->name);
    }
    if (e->text.len)
        TW_DIAG(r->diags, TW_D_neutral_text, e->text_at, e->name);
}

static bool in_source(const struct tw_neutral *r, struct tw_str s)
{
    struct tw_str text = r->src->text;
    return s.ptr >= text.ptr && s.ptr + s.len <= text.ptr + text.len;
}

struct tw_str tw_neutral_keep(struct tw_neutral *r, struct tw_str text)
{
    return in_source(r, text) ? text : tw_str_copy(r->arena, text);
}

struct tw_span tw_neutral_span(const struct tw_neutral *r, const struct tw_xml_attr *a,
                               struct tw_str piece)
{
    return piece.len && in_source(r, piece) ? tw_span_of(r->src, piece) : a->at;
}

void tw_neutral_bad(struct tw_neutral *r, const struct tw_xml_attr *a,
                    struct tw_str piece, struct tw_str want)
{
    TW_DIAG(r->diags, TW_D_neutral_value, tw_neutral_span(r, a, piece), a->name, piece,
            want);
}

static void missing(struct tw_neutral *r, const struct tw_xml *e, const char *name)
{
    TW_DIAG(r->diags, TW_D_neutral_missing, e->start, e->name, tw_str_of(name));
}

struct tw_str tw_neutral_text(struct tw_neutral *r, const struct tw_xml *e,
                              const char *name, bool required)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    if (a)
        return tw_neutral_keep(r, tw_unescaped(r->arena, a->value));
    if (required)
        missing(r, e, name);
    return TW_STR("");
}

bool tw_neutral_yes(struct tw_neutral *r, const struct tw_xml *e, const char *name,
                    bool fallback)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    if (!a)
        return fallback;
    bool yes = tw_str_is(a->value, "yes");
    if (!yes && !tw_str_is(a->value, "no"))
        tw_neutral_bad(r, a, a->value,
                       TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_yes_no));
    return yes;
}

int tw_neutral_word(struct tw_neutral *r, const struct tw_xml *e, const char *name,
                    const char *const *words, bool required)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    if (!a && required)
        missing(r, e, name);
    int index = a ? tw_word_index(words, a->value) : -1;
    if (!a || index >= 0)
        return index;
    struct tw_buf list;
    tw_buf_init(&list, r->diags->arena);
    for (size_t i = 0; words[i]; i++) {
        tw_buf_text(&list, i ? ", " : "");
        tw_buf_text(&list, words[i]);
    }
    tw_neutral_bad(
        r, a, a->value,
        TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_one_of, tw_buf_view(&list)));
    return -1;
}

uint64_t tw_neutral_number(struct tw_neutral *r, const struct tw_xml *e,
                           const char *name, uint64_t max, bool required)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    uint64_t n = 0;
    if (!a && required)
        missing(r, e, name);
    if (!a || tw_parse_u64(a->value, max, &n))
        return n;
    tw_neutral_bad(r, a, a->value,
                   TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_number,
                          TW_STR("0"),
                          tw_fmt(r->diags->arena, "%llu", (unsigned long long)max)));
    return 0;
}

struct tw_str *tw_neutral_names(struct tw_neutral *r, const struct tw_xml *e,
                                const char *name, size_t *n)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    TW_VEC(struct tw_str) names = {0};
    *n = 0;
    if (!a)
        return NULL;
    struct tw_str rest = a->value, item, one;
    while (tw_next_item(&rest, ' ', &item)) {
        if (tw_item_name(r->arena, item, &one))
            *tw_vec_add(r->arena, &names) = tw_neutral_keep(r, one);
        else
            tw_neutral_bad(
                r, a, item,
                TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_name_list));
    }
    *n = names.len;
    return names.at ? names.at : tw_new_array(r->arena, 1, struct tw_str);
}

bool tw_neutral_declare(struct tw_neutral *r, struct tw_map *map,
                        const struct tw_xml *e, struct tw_str name, size_t index)
{
    if (tw_map_find(map, name)) {
        TW_DIAG(r->diags, TW_D_neutral_twice, e->start, e->name, name);
        return false;
    }
    *tw_map_slot(map, name) = (void *)(uintptr_t)(index + 1);
    return true;
}

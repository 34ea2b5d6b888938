/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of what is left of a rule, as data and as one line of text. */
#include "left_boxes.h"

#include "readable.h"

enum { PRODUCTS_MAX = 24, BOXES_MAX = 4 };

struct left {
    struct tw_arena *arena, *work;
    const struct tw_policy *policy;
    const struct tw_space *space;
    struct tw_value *list;
    struct tw_buf text; /* of the first box */
    uint64_t more;
    bool complete;
};

static struct tw_str addresses(struct left *l, const struct tw_ranges *list)
{
    enum { SHOWN = 8 };
    struct tw_buf buf;
    tw_buf_init(&buf, l->arena);
    for (size_t i = 0; i < list->n && i < SHOWN; i++) {
        tw_buf_text(&buf, i ? " " : "");
        tw_buf_ip_range(&buf, l->space->family, list->at[i]);
    }
    if (list->n > SHOWN)
        tw_buf_text(&buf, " …");
    return tw_buf_view(&buf);
}

static struct tw_str numbers(struct left *l, const struct tw_ranges *list)
{
    struct tw_buf buf;
    tw_buf_init(&buf, l->arena);
    for (size_t i = 0; i < list->n; i++) {
        tw_buf_text(&buf, i ? " " : "");
        tw_buf_u64(&buf, (uint64_t)list->at[i].lo);
        if (list->at[i].hi == list->at[i].lo)
            continue;
        tw_buf_char(&buf, '-');
        tw_buf_u64(&buf, (uint64_t)list->at[i].hi);
    }
    return tw_buf_view(&buf);
}

static bool is_whole(const struct left *l, const struct tw_extent *e,
                     enum tw_field field)
{
    return tw_ranges_eq(e->field[field], l->space->whole[field]);
}

static void add_side(struct left *l, struct tw_value *box, const struct tw_extent *e,
                     enum tw_field field, const struct tw_object *named)
{
    bool src = field == TW_FIELD_SRC;
    struct tw_str text =
        is_whole(l, e, field) ? TW_STR("any") : addresses(l, e->field[field]);
    tw_value_add_text(l->arena, box, src ? "src" : "dst", text);
    if (named)
        tw_value_add_text(l->arena, box, src ? "src_object" : "dst_object",
                          named->name);
    if (l->list->first == l->list->last) {
        tw_buf_text(&l->text, src ? "" : " → ");
        tw_buf_str(&l->text, named ? named->name : text);
    }
}

static void add_numbers(struct left *l, struct tw_value *box, const char *key,
                        const struct tw_extent *e, enum tw_field field)
{
    const struct tw_ranges *list = e->field[field];
    if (is_whole(l, e, field) || list->n == 0)
        return;
    bool one =
        field == TW_FIELD_PROTO && list->n == 1 && list->at[0].lo == list->at[0].hi;
    struct tw_str text =
        one ? tw_proto_name(l->arena, (unsigned)list->at[0].lo) : numbers(l, list);
    tw_value_add_text(l->arena, box, key, text);
    if (l->list->first == l->list->last && field != TW_FIELD_SPORT) {
        tw_buf_char(&l->text, field == TW_FIELD_PROTO ? ' ' : '/');
        tw_buf_str(&l->text, text);
    }
}

static void add_states(struct left *l, struct tw_value *box, const struct tw_extent *e)
{
    static const char *const names[] = {"INVALID", "NEW", "ESTABLISHED", "RELATED",
                                        "UNTRACKED"};
    if ((e->states & l->space->states) == l->space->states)
        return;
    struct tw_value *list = tw_value_add(l->arena, box, "states", TW_VALUE_ARRAY);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (e->states >> i & 1)
            tw_value_add_text(l->arena, list, NULL, tw_str_of(names[i]));
}

static void add_conditions(struct left *l, struct tw_value *box,
                           const struct tw_extent *e)
{
    if (e->nconditions == 0)
        return;
    struct tw_value *list = tw_value_add(l->arena, box, "conditions", TW_VALUE_ARRAY);
    for (size_t i = 0; i < e->nconditions; i++) {
        const struct tw_condition *c = &e->conditions[i];
        const struct tw_unknown *u = &l->policy->unknowns.at[c->unknown];
        struct tw_value *v = tw_value_add(l->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(l->arena, v, "condition", u->name);
        if (!u->values) {
            tw_value_add_bool(l->arena, v, "value", c->allowed[0] >> 1 & 1);
            continue;
        }
        struct tw_value *values = tw_value_add(l->arena, v, "values", TW_VALUE_ARRAY);
        for (size_t k = 0; k < u->nvalues; k++)
            if (c->allowed[k / 64] >> k % 64 & 1)
                tw_value_add_text(l->arena, values, NULL,
                                  k + 1 == u->nvalues ? TW_STR("(other)")
                                                      : u->values[k]);
    }
}

static bool is_icmp(const struct left *l, const struct tw_extent *e)
{
    const struct tw_ranges *proto = e->field[TW_FIELD_PROTO];
    return proto->n == 1 && proto->at[0].lo == proto->at[0].hi &&
           tw_proto_is_icmp((unsigned)proto->at[0].lo, l->space->family);
}

static void add_box(struct left *l, const struct tw_readable_box *box)
{
    const struct tw_extent *e = &box->extent;
    struct tw_value *v = tw_value_add(l->arena, l->list, NULL, TW_VALUE_OBJECT);
    add_side(l, v, e, TW_FIELD_SRC, box->src);
    add_side(l, v, e, TW_FIELD_DST, box->dst);
    add_numbers(l, v, "proto", e, TW_FIELD_PROTO);
    add_numbers(l, v, is_icmp(l, e) ? "icmp" : "dport", e, TW_FIELD_DPORT);
    add_numbers(l, v, "sport", e, TW_FIELD_SPORT);
    add_states(l, v, e);
    add_conditions(l, v, e);
}

struct tw_str tw_left_boxes(struct tw_arena *arena, struct tw_arena *work,
                            struct tw_cover *cover, const struct tw_policy *policy,
                            uint32_t rule, struct tw_value *object)
{
    const struct tw_rule *r = &policy->rules.at[rule];
    struct left l = {.arena = arena, .work = work, .policy = policy, .complete = true};
    l.list = tw_value_add(arena, object, "left", TW_VALUE_ARRAY);
    tw_buf_init(&l.text, arena);
    for (int family = 0; family < TW_FAMILIES; family++)
        for (size_t m = 0; m < r->nmatches; m++) {
            struct tw_cover_question question = {.family = (enum tw_family)family,
                                                 .product = &r->matches[m],
                                                 .chain = r->chain_of,
                                                 .before = rule,
                                                 .max = PRODUCTS_MAX};
            if (!tw_match_has(&r->matches[m], question.family))
                continue;
            struct tw_cover_reply reply = tw_cover_ask(work, cover, &question);
            l.complete &= reply.complete && reply.kind != TW_REPLY_UNDECIDED;
            if (reply.residue.n == 0)
                continue;
            l.space = tw_cover_space(cover, question.family);
            struct tw_readable boxes =
                tw_readable(work, l.space, policy, &reply.residue, BOXES_MAX);
            for (size_t i = 0; i < boxes.n; i++)
                add_box(&l, &boxes.at[i]);
            l.more += boxes.more;
        }
    if (l.more)
        tw_value_add_int(arena, object, "left_more", l.more);
    tw_value_add_bool(arena, object, "left_complete", l.complete);
    return tw_buf_view(&l.text);
}

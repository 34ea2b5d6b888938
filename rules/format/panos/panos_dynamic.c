/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dynamic address groups: a filter over tags, `'prod' and ('db' or 'kms')`.
 *
 * The device registers tags at run time too, so that the members which are known from
 * the file are members surely, and others may be. A tag that an object does not have in
 * the file may be given to it later; hence an object is a member surely only where the
 * filter holds by tags that it has: `not` never makes one. Whether `and` binds closer
 * than `or` the vendor does not say: a member surely is one both ways.
 */
#include "panos_parts.h"

enum word { END, TAG, AND, OR, NOT, OPEN, CLOSE, BAD };

struct token {
    enum word word;
    struct tw_str text;
};

struct filter {
    const struct token *at;
    size_t n, next;
    bool plain;  /* read from left to right, `and` and `or` alike */
    bool failed; /* it is no filter */
    unsigned depth;
    const struct tw_panos *in;
    const struct tw_panos_object *object;
};

/* Filters are held against so many objects in all: behind that, members are no longer
 * known surely. */
enum { DEPTH_MAX = 100, TOKENS_MAX = 10000, WORK_MAX = 50000000 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct token next_token(struct tw_str *rest)
{
    *rest = tw_str_trim(*rest);
    if (rest->len == 0)
        return (struct token){END, TW_NO_STR};
    char c = rest->ptr[0];
    size_t n = 1;
    if (c == '(' || c == ')') {
        *rest = tw_str_from(*rest, 1);
        return (struct token){c == '(' ? OPEN : CLOSE, TW_NO_STR};
    }
    if (c == '\'' || c == '"') {
        struct tw_str inside = tw_str_from(*rest, 1);
        n = tw_str_find(inside, c);
        *rest = tw_str_from(inside, n + 1);
        return (struct token){n < inside.len ? TAG : BAD, tw_str_first(inside, n)};
    }
    while (n < rest->len && !is_blank(rest->ptr[n]) && rest->ptr[n] != '(' &&
           rest->ptr[n] != ')')
        n++;
    struct tw_str word = tw_str_first(*rest, n);
    *rest = tw_str_from(*rest, n);
    if (tw_str_eq_nocase(word, TW_STR("and")))
        return (struct token){AND, word};
    if (tw_str_eq_nocase(word, TW_STR("or")))
        return (struct token){OR, word};
    if (tw_str_eq_nocase(word, TW_STR("not")))
        return (struct token){NOT, word};
    return (struct token){TAG, word};
}

/* --- does it hold surely? -------------------------------------------------------- */

static bool has_tag(const struct filter *f, struct tw_str tag)
{
    const struct tw_panos_object *o = f->object;
    for (size_t i = 0; o && i < o->ntags; i++)
        if (tw_str_eq(tw_panos_text(f->in, o->tags[i]), tag))
            return true;
    return false;
}

static enum word peek(const struct filter *f)
{
    return f->next < f->n ? f->at[f->next].word : END;
}

static bool expression(struct filter *f);

static bool term(struct filter *f)
{
    bool holds = false;
    const struct token *token = f->next < f->n ? &f->at[f->next] : NULL;
    enum word word = peek(f);
    if (f->failed || ++f->depth > DEPTH_MAX) {
        f->failed = true;
        return false;
    }
    if (token && word == TAG) {
        f->next++;
        holds = has_tag(f, token->text);
    } else if (word == NOT) {
        f->next++;
        term(f); /* may hold at run time, or not: never surely */
    } else if (word == OPEN) {
        f->next++;
        holds = expression(f);
        f->failed |= peek(f) != CLOSE;
        f->next++;
    } else {
        f->failed = true;
    }
    f->depth--;
    return holds;
}

static bool conjunction(struct filter *f)
{
    bool holds = term(f);
    while (!f->failed && !f->plain && peek(f) == AND) {
        f->next++;
        holds &= term(f);
    }
    return holds;
}

static bool expression(struct filter *f)
{
    bool holds = conjunction(f);
    while (!f->failed && (peek(f) == OR || (f->plain && peek(f) == AND))) {
        bool both = f->at[f->next++].word == AND;
        bool more = conjunction(f);
        holds = both ? holds && more : holds || more;
    }
    return holds;
}

static bool holds_surely(struct filter *f, const struct tw_panos_object *object)
{
    bool holds = true;
    f->object = object;
    for (int plain = 0; plain < 2 && !f->failed; plain++) {
        f->plain = plain;
        f->next = 0;
        f->depth = 0;
        holds &= expression(f);
        f->failed |= f->next != f->n;
    }
    return holds && !f->failed;
}

/* --- the group ------------------------------------------------------------------- */

static struct tw_panos_thing *thing_of(struct tw_panos *in,
                                       const struct tw_panos_group *group, bool failed)
{
    struct tw_buf buf;
    tw_buf_init(&buf, in->scratch);
    tw_buf_text(&buf, "dynamic group \"");
    tw_buf_str(&buf, tw_panos_text(in, group->object.name));
    tw_buf_text(&buf, failed ? "\", whose filter cannot be read," : "\"");
    struct tw_str name = tw_buf_view(&buf);
    return failed ? tw_panos_doubt(in, name, group->filter_at)
                  : tw_panos_thing(in, TW_UNKNOWN_CONDITION, name);
}

/* Objects with tags that names of the wall mean: the nearest of each name. */
static void collect(struct tw_panos *in)
{
    if (in->tagged_known)
        return;
    in->tagged_known = true;
    for (uint32_t i = 0; i < in->nnames; i++) {
        bool twice;
        struct tw_panos_object *o =
            tw_panos_lookup(in, TW_PANOS_ADDRESSES, i, 0, &twice);
        if (o && o->ntags && !twice)
            *tw_vec_add(in->scratch, &in->tagged) = o;
    }
}

/* Is OBJECT a member of GROUP, whichever value its name has for a group of that scope?
 * Where the group's own scope sees nothing, or something else, that is not known. */
static bool is_member(const struct tw_panos *in, struct filter *f,
                      const struct tw_panos_group *group,
                      const struct tw_panos_object *object)
{
    int rank = in->scopes.at[group->object.scope]->rank, own_rank = -1;
    const struct tw_panos_object *own = NULL;
    bool twice;
    tw_panos_lookup(in, TW_PANOS_ADDRESSES, object->name, rank, &twice);
    for (const struct tw_panos_object *o = tw_panos_name_at(in, object->name)->objects;
         o; o = o->same_name) {
        int seen = in->scopes.at[o->scope]->rank;
        if (o->space == TW_PANOS_ADDRESSES && seen >= rank &&
            (!own || seen < own_rank)) {
            own = o;
            own_rank = seen;
        }
    }
    return own && !twice && holds_surely(f, object) &&
           (own == object || holds_surely(f, own));
}

struct tw_panos_set tw_panos_dynamic(struct tw_panos *in, struct tw_panos_group *group,
                                     unsigned depth)
{
    TW_VEC(struct token) tokens = {0};
    TW_VEC(struct tw_panos_set) sets = {0};
    struct tw_str rest = group->filter;
    struct filter f = {.in = in};
    for (;;) {
        struct token t = next_token(&rest);
        f.failed |= t.word == BAD || tokens.len == TOKENS_MAX;
        if (t.word == END || f.failed)
            break;
        *tw_vec_add(in->scratch, &tokens) = t;
    }
    f.at = tokens.at;
    f.n = tokens.len;
    holds_surely(&f, NULL); /* says whether it is a filter */
    collect(in);
    for (size_t i = 0; i < in->tagged.len && !f.failed; i++) {
        in->dynamic_work += tokens.len;
        if (in->dynamic_work > WORK_MAX)
            break;
        struct tw_panos_object *o = in->tagged.at[i];
        /* A group that is being resolved would be a circle by way of tags. */
        if (o->state != TW_PANOS_RESOLVING && is_member(in, &f, group, o))
            *tw_vec_add(in->scratch, &sets) = tw_panos_object_set(in, o, depth + 1);
    }
    *tw_vec_add(in->scratch, &sets) =
        tw_panos_set_of_thing(in, thing_of(in, group, f.failed));
    return tw_panos_set_union(in, sets.at, sets.len);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON objects over any number of lines: in an array, or one after another.
 *
 *     [ {"id": 1},                     {
 *       {"id": 2} ]                      "id": 1
 *                                      } {"id": 2}
 *
 * Where an object ends is told by its brackets and quotes alone, so that one that holds
 * something else than JSON is refused and the next one is read; where brackets do not
 * match or a text holds a raw line end, the next object's place is unknown and reading
 * ends with a diagnostic.
 */
#include <string.h>

#include "json_records.h"

extern const struct tw_dump tw_dump_json_array;

enum extent {
    WHOLE,
    MORE,  /* not yet at its end */
    BROKEN /* where it ends cannot be told */
};

/* How far the value at hand has been walked over. */
struct walk {
    size_t at;
    size_t depth;
    bool in_text, escaped;
    uint64_t is_object[TW_JSON_DEPTH_MAX / 64];
};

struct json_array {
    struct tw_json_records json; /* first: the two are cast into each other */
    bool in_array, over;         /* over: behind the array's end */
    bool after_value;            /* a comma or the end must stand here */
    struct walk walk;
};

static bool open_bracket(struct walk *w, bool object)
{
    if (w->depth == TW_JSON_DEPTH_MAX)
        return false;
    uint64_t bit = UINT64_C(1) << w->depth % 64, *word = &w->is_object[w->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    w->depth++;
    return true;
}

static bool close_bracket(struct walk *w, bool object)
{
    w->depth--;
    return (w->is_object[w->depth / 64] >> w->depth % 64 & 1) == object;
}

/* Inside of a text, up to behind its end; false at a control character. */
static bool walk_text(struct walk *w, struct tw_str s)
{
    while (w->at < s.len && w->in_text) {
        if (w->escaped) {
            w->escaped = false;
            if ((unsigned char)s.ptr[w->at] < 0x20)
                return false;
            w->at++;
            continue;
        }
        w->at += tw_json_plain(tw_str_from(s, w->at));
        if (w->at == s.len)
            return true;
        char c = s.ptr[w->at];
        if (c != '"' && c != '\\')
            return false;
        w->at++;
        w->escaped = c == '\\';
        w->in_text = c != '"';
    }
    return true;
}

/* Goes on to the end of the value that begins S. */
static enum extent walk(struct walk *w, struct tw_str s)
{
    while (w->at < s.len) {
        if (w->in_text) {
            if (!walk_text(w, s))
                return BROKEN;
            if (!w->in_text && w->depth == 0)
                return WHOLE;
            continue;
        }
        char c = s.ptr[w->at];
        bool closes = c == '}' || c == ']';
        bool parts = c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (w->depth == 0 && w->at > 0 && (closes || parts))
            return WHOLE; /* a bare value ends before it */
        w->at++;
        if (c == '"')
            w->in_text = true;
        else if ((c == '{' || c == '[') && !open_bracket(w, c == '{'))
            return BROKEN;
        else if (closes && (w->depth == 0 || !close_bracket(w, c == '}')))
            return BROKEN;
        else if (closes && w->depth == 0)
            return WHOLE;
        else if ((unsigned char)c < 0x20 && !parts)
            return BROKEN;
    }
    return MORE;
}

static struct tw_str rest(const struct json_array *t)
{
    return tw_text_window_rest(&t->json.w);
}

/* Makes the first byte that is not blank the next one. *ENDED: there is none. */
static enum tw_status skip_blanks(struct json_array *t, bool *ended)
{
    struct tw_text_window *w = &t->json.w;
    for (;;) {
        struct tw_str s = rest(t);
        size_t n = s.len - tw_json_head(s).len;
        tw_text_window_take(w, n);
        *ended = n == s.len && w->ended;
        if (n < s.len || w->ended)
            return TW_OK;
        enum tw_status status = tw_text_window_more(w);
        if (status != TW_OK)
            return status;
    }
}

static struct tw_str number(const struct json_array *t, uint64_t n)
{
    return tw_fmt(t->json.diags->arena, "%llu", (unsigned long long)n);
}

static enum tw_next broken(struct json_array *t, uint64_t record, uint64_t place)
{
    TW_DIAG(t->json.diags, TW_D_json_broken, TW_NOWHERE, t->json.name,
            number(t, record), number(t, place));
    return TW_NEXT_FAILED;
}

/* The first byte not consumed begins no record. */
static enum tw_next broken_here(struct json_array *t)
{
    return broken(t, t->json.number + 1, tw_text_window_line_place(&t->json.w));
}

static enum tw_next cut_off(struct json_array *t)
{
    TW_DIAG(t->json.diags, TW_D_json_cut_off, TW_NOWHERE, t->json.name,
            number(t, t->json.number));
    return TW_NEXT_FAILED;
}

/* The value at hand is longer than a record may be: its bytes are not kept. */
static enum tw_next skip_long(struct json_array *t, struct tw_record *r)
{
    struct tw_text_window *w = &t->json.w;
    enum extent extent = MORE;
    tw_json_begin(&t->json, r, 0);
    r->refusal = TW_REFUSED_TOO_LONG;
    for (;;) {
        r->bytes += t->walk.at;
        tw_text_window_take(w, t->walk.at);
        t->walk.at = 0;
        if (extent == BROKEN)
            return broken(t, r->number, r->offset);
        if (extent == WHOLE)
            return TW_NEXT_REFUSED;
        if (tw_text_window_at_end(w)) {
            t->json.number--;
            return cut_off(t);
        }
        if (w->start == w->fill && tw_text_window_more(w) != TW_OK)
            return tw_text_window_failed(w);
        extent = walk(&t->walk, rest(t));
    }
}

static enum tw_next read_value(struct json_array *t, struct tw_record *r)
{
    struct tw_text_window *w = &t->json.w;
    t->walk.at = t->walk.depth = 0;
    t->walk.in_text = t->walk.escaped = false;
    for (;;) {
        enum extent extent = walk(&t->walk, rest(t));
        if (extent == BROKEN)
            return broken_here(t);
        t->after_value = true;
        if (extent == WHOLE)
            return tw_json_judge(&t->json, r, t->walk.at, t->walk.at);
        if (w->ended)
            return cut_off(t);
        if (t->walk.at > t->json.record_max)
            return skip_long(t, r);
        if (tw_text_window_more(w) != TW_OK)
            return tw_text_window_failed(w);
    }
}

/* Behind the array nothing may stand. */
static enum tw_next end(struct json_array *t)
{
    bool ended;
    if (skip_blanks(t, &ended) != TW_OK)
        return tw_text_window_failed(&t->json.w);
    return ended ? tw_json_end(&t->json) : broken_here(t);
}

static enum tw_next next_in_array(struct json_array *t, struct tw_record *r)
{
    struct tw_text_window *w = &t->json.w;
    bool ended, comma = false;
    if (t->over)
        return end(t);
    for (;;) {
        if (skip_blanks(t, &ended) != TW_OK)
            return tw_text_window_failed(w);
        if (ended)
            return cut_off(t);
        char c = *rest(t).ptr;
        if (c == ']' && !comma) {
            tw_text_window_take(w, 1);
            t->over = true;
            return end(t);
        }
        if (t->after_value != (c == ','))
            return broken_here(t);
        if (c != ',')
            return read_value(t, r);
        tw_text_window_take(w, 1);
        t->after_value = false;
        comma = true;
    }
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct json_array *t = (struct json_array *)records;
    bool ended;
    if (t->in_array)
        return next_in_array(t, r);
    if (skip_blanks(t, &ended) != TW_OK)
        return tw_text_window_failed(&t->json.w);
    if (ended)
        return tw_json_end(&t->json);
    return *rest(t).ptr == '{' ? read_value(t, r) : broken_here(t);
}

static struct tw_records *open_array(const struct tw_dump_open *how)
{
    struct json_array *t =
        (struct json_array *)tw_json_records_new(how, sizeof *t, &tw_dump_json_array);
    bool ended;
    if (!t)
        return NULL;
    t->json.base.next = next_record;
    if (skip_blanks(t, &ended) != TW_OK)
        return NULL;
    t->json.base.no_header = ended;
    t->in_array = !ended && *rest(t).ptr == '[';
    if (t->in_array)
        tw_text_window_take(&t->json.w, 1);
    return &t->json.base;
}

static unsigned probe(struct tw_str head, struct tw_str file_name)
{
    (void)file_name;
    head = tw_json_head(head);
    struct tw_str inside = tw_json_head(tw_str_from(head, head.len > 0));
    if (tw_str_starts(head, "["))
        return tw_str_starts(inside, "{") || tw_str_starts(inside, "]") ? 92 : 0;
    bool object = tw_str_starts(inside, "\"") || tw_str_starts(inside, "}");
    return tw_str_starts(head, "{") && object ? 50 : 0;
}

const struct tw_dump tw_dump_json_array = {
    .name = "json_array",
    .summary = {"JSON objects in an array, or one after another",
                "JSON 数组中的对象，或依次排列的对象"},
    .probe = probe,
    .open = open_array,
};

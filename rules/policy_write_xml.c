/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The neutral XML of a policy. Its order: what a packet passes, the names around it,
 * the unknowns, then the chains with their rules in order.
 *
 * A start tag is broken where it gets long; a list that is longer than a line has each
 * of its items on a line of its own.
 */
#include <stdlib.h>

#include "policy_fields.h"
#include "policy_words.h"
#include "policy_write.h"

enum { LINE_MAX = 96, INDENT = 2 };

struct writer {
    const struct tw_policy *policy;
    const struct tw_policy_view *view;
    struct tw_buf *out;
    struct tw_arena *scratch; /* of one element's fields */
    struct tw_arena_mark clean;
    struct tw_fields fields;
    size_t depth;
};

/* --- elements -------------------------------------------------------------------- */

/* CharData and AttValue of Extensible Markup Language 1.0; a line end or a tab in an
 * attribute would be read as a blank. */
static void put_char(struct tw_buf *out, char c)
{
    switch (c) {
    case '&':
        tw_buf_text(out, "&amp;");
        break;
    case '<':
        tw_buf_text(out, "&lt;");
        break;
    case '"':
        tw_buf_text(out, "&quot;");
        break;
    case '\t':
    case '\n':
    case '\r':
        tw_buf_fmt(out, "&#%d;", c);
        break;
    default:
        tw_buf_char(out, c);
    }
}

static void new_line(struct writer *w, size_t columns)
{
    tw_buf_char(w->out, '\n');
    tw_buf_chars(w->out, ' ', columns);
}

/* Each item of the list on a line, COLUMN blanks before all but the first. */
static void put_items(struct writer *w, struct tw_str list, size_t column)
{
    struct tw_str item;
    for (bool first = true; tw_next_item(&list, ' ', &item); first = false) {
        if (!first)
            new_line(w, column);
        for (size_t i = 0; i < item.len; i++)
            put_char(w->out, item.ptr[i]);
    }
}

/* KEY="VALUE" on the line that is at *COLUMN, or on a new one. */
static void put_field(struct writer *w, const struct tw_field *f, size_t hang,
                      size_t *column)
{
    size_t key = tw_str_of(f->key).len, len = key + f->value.len + 3;
    if (*column > hang && *column + 1 + len > LINE_MAX) {
        new_line(w, hang);
        *column = hang;
    } else {
        tw_buf_char(w->out, ' ');
        *column += 1;
    }
    tw_buf_text(w->out, f->key);
    tw_buf_text(w->out, "=\"");
    if (f->is_list && *column + len > LINE_MAX)
        put_items(w, f->value, *column + key + 2);
    else
        for (size_t i = 0; i < f->value.len; i++)
            put_char(w->out, f->value.ptr[i]);
    tw_buf_char(w->out, '"');
    *column += len;
}

/* <NAME with the fields that were gathered, and END. */
static void put_tag(struct writer *w, const char *name, const char *end)
{
    size_t column = w->depth * INDENT + 1 + tw_str_of(name).len;
    size_t hang = w->depth * INDENT + 2 * INDENT;
    tw_buf_chars(w->out, ' ', w->depth * INDENT);
    tw_buf_char(w->out, '<');
    tw_buf_text(w->out, name);
    for (size_t i = 0; i < w->fields.list.len; i++)
        put_field(w, &w->fields.list.at[i], hang, &column);
    tw_buf_text(w->out, end);
    tw_buf_char(w->out, '\n');
    tw_arena_rewind(w->scratch, w->clean);
    w->fields = (struct tw_fields){.arena = w->scratch};
}

static void put_empty(struct writer *w, const char *name)
{
    put_tag(w, name, "/>");
}

static void open_element(struct writer *w, const char *name)
{
    put_tag(w, name, ">");
    w->depth++;
}

static void close_element(struct writer *w, const char *name)
{
    w->depth--;
    tw_buf_chars(w->out, ' ', w->depth * INDENT);
    tw_buf_text(w->out, "</");
    tw_buf_text(w->out, name);
    tw_buf_text(w->out, ">\n");
}

/* --- what a packet passes --------------------------------------------------------- */

static void put_stage(struct writer *w, const struct tw_stage *stage)
{
    struct tw_fields *f = &w->fields;
    tw_field_text(f, "chain", w->view->chains[stage->chain]);
    tw_field_yes(f, "decides", stage->decides);
    tw_field_yes(f, "untracked", stage->untracked);
    tw_field_yes(f, "first-only", stage->first_only);
    if (stage->no_in_if)
        tw_field_word(f, "in", TW_WORD_NONE);
    if (stage->no_out_if)
        tw_field_word(f, "out", TW_WORD_NONE);
    put_empty(w, "stage");
}

static void put_families(struct writer *w)
{
    const struct tw_policy *p = w->policy;
    for (int family = 0; family < TW_FAMILIES; family++) {
        if (!p->has_family[family])
            continue;
        tw_field_word(&w->fields, "name", tw_words_of_family[family]);
        open_element(w, "family");
        for (int hook = 0; hook < TW_HOOKS; hook++) {
            if (p->stages[family][hook].len == 0)
                continue;
            open_element(w, tw_words_of_hook[hook]);
            for (size_t i = 0; i < p->stages[family][hook].len; i++)
                put_stage(w, &p->stages[family][hook].at[i]);
            close_element(w, tw_words_of_hook[hook]);
        }
        close_element(w, "family");
    }
}

/* --- names ------------------------------------------------------------------------ */

static void put_interfaces(struct writer *w)
{
    const struct tw_policy *p = w->policy;
    if (p->interfaces.len || p->all_interfaces_named) {
        tw_field_names(&w->fields, "names", p->interfaces.at, p->interfaces.len);
        tw_field_yes(&w->fields, "complete", p->all_interfaces_named);
        put_empty(w, "interfaces");
    }
    for (size_t i = 0; i < p->aliases.len; i++) {
        tw_field_text(&w->fields, "name", p->aliases.at[i].name);
        tw_field_text(&w->fields, "of", p->aliases.at[i].value);
        put_empty(w, "alias");
    }
    for (size_t i = 0; i < p->reach.len; i++) {
        tw_field_text(&w->fields, "of", p->reach.at[i].value);
        for (int f = 0; f < TW_FAMILIES; f++)
            if (p->reach.at[i].addresses[f]->n)
                tw_field_addresses(&w->fields, tw_words_of_family[f],
                                   p->reach.at[i].addresses[f], (enum tw_family)f);
        put_empty(w, "reach");
    }
}

static void put_objects(struct writer *w)
{
    for (size_t i = 0; i < w->policy->objects.len; i++) {
        const struct tw_object *o = &w->policy->objects.at[i];
        tw_field_text(&w->fields, "name", o->name);
        for (int f = 0; f < TW_FAMILIES; f++)
            tw_field_addresses(&w->fields, tw_words_of_family[f], o->addresses[f],
                               (enum tw_family)f);
        put_empty(w, "object");
    }
}

/* --- unknowns --------------------------------------------------------------------- */

/* 08:00, 23:59:59, 24:00 */
static void field_clock(struct tw_fields *fields, const char *key, int32_t second)
{
    struct tw_str text =
        second % 60
            ? tw_fmt(fields->arena, "%02d:%02d:%02d", second / 3600, second / 60 % 60,
                     second % 60)
            : tw_fmt(fields->arena, "%02d:%02d", second / 3600, second / 60 % 60);
    tw_field_text(fields, key, text);
}

static void field_time(struct tw_fields *fields, const char *key, struct tw_time t)
{
    struct tw_buf buf;
    tw_buf_init(&buf, fields->arena);
    tw_buf_time(&buf, t);
    tw_field_text(fields, key, tw_buf_view(&buf));
}

static void put_window(struct writer *w, const struct tw_window *window)
{
    struct tw_fields *f = &w->fields;
    struct tw_buf days;
    tw_buf_init(&days, w->scratch);
    for (unsigned day = 0; tw_words_of_day[day]; day++)
        if (window->weekdays >> day & 1)
            tw_buf_fmt(&days, "%s%s", days.len ? " " : "", tw_words_of_day[day]);
    if (days.len) {
        tw_field_text(f, "days", tw_buf_view(&days));
        field_clock(f, "begin", window->begin);
        field_clock(f, "end", window->end);
    } else {
        field_time(f, "from", window->from);
        field_time(f, "to", window->to);
    }
    put_empty(w, "window");
}

static void fields_of_values(struct writer *w, uint32_t index)
{
    const struct tw_policy *p = w->policy;
    const struct tw_unknown *u = &p->unknowns.at[index];
    struct tw_fields *f = &w->fields;
    if (index == p->in_if || index == p->out_if || index == p->app)
        tw_field_word(f, "attribute",
                      index == p->in_if    ? "in"
                      : index == p->out_if ? "out"
                                           : "app");
    if (!u->values)
        return;
    tw_field_names(f, "values", u->values + 1, u->nvalues - 2);
    if (u->values[u->nvalues - 1].len)
        tw_field_text(f, "other", u->values[u->nvalues - 1]);
    tw_field_values(f, "wide", u, u->wide);
    tw_field_values(f, "alone", u, u->alone);
}

static void put_unknowns(struct writer *w)
{
    for (uint32_t i = 0; i < w->policy->unknowns.len; i++) {
        const struct tw_unknown *u = &w->policy->unknowns.at[i];
        struct tw_fields *f = &w->fields;
        tw_field_text(f, "id", w->view->unknowns[i]);
        tw_field_word(f, "kind", tw_words_of_kind[u->kind]);
        tw_field_text(f, "name", u->name);
        if (u->subject.len)
            tw_field_text(f, "subject", u->subject);
        fields_of_values(w, i);
        if (!u->schedule) {
            put_empty(w, "unknown");
            continue;
        }
        open_element(w, "unknown");
        if (u->schedule->n == 0)
            put_empty(w, "never");
        for (size_t k = 0; k < u->schedule->n; k++)
            put_window(w, &u->schedule->windows[k]);
        close_element(w, "unknown");
    }
}

/* --- chains ----------------------------------------------------------------------- */

static void put_hits(struct writer *w, const struct tw_hits *hits)
{
    const struct {
        const char *key;
        int64_t at;
    } times[] = {{"first", hits->first},
                 {"last", hits->last},
                 {"reset", hits->reset},
                 {"created", hits->created},
                 {"modified", hits->modified}};
    enum { DAY = 86400 };
    tw_field_number(&w->fields, "count", hits->count);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t second = times[i].at % DAY, day = times[i].at / DAY;
        if (times[i].at > 0)
            field_time(&w->fields, times[i].key,
                       (struct tw_time){.day = day,
                                        .second = (int32_t)second,
                                        .has_clock = true,
                                        .has_offset = true});
    }
    put_empty(w, "hits");
}

static void put_rule(struct writer *w, uint32_t index, struct tw_chain_words chain)
{
    const struct tw_rule *rule = &w->policy->rules.at[index];
    const struct tw_hits *hits = w->view->counters ? rule->hits : NULL;
    tw_fields_before(&w->fields, w->view, index);
    if (rule->nmatches == 1)
        tw_fields_of_match(&w->fields, w->view, &rule->matches[0], chain);
    tw_field_yes(&w->fields, "nothing", rule->nmatches == 0);
    tw_fields_behind(&w->fields, w->view, index, chain);
    if (rule->nmatches <= 1 && !hits) {
        put_empty(w, "rule");
        return;
    }
    open_element(w, "rule");
    for (size_t m = 0; m < rule->nmatches && rule->nmatches > 1; m++) {
        tw_fields_of_match(&w->fields, w->view, &rule->matches[m], chain);
        put_empty(w, "match");
    }
    if (hits)
        put_hits(w, hits);
    close_element(w, "rule");
}

static void put_chain(struct writer *w, uint32_t index)
{
    const struct tw_chain *chain = &w->policy->chains.at[index];
    struct tw_chain_words words = tw_chain_words(w->policy, chain);
    struct tw_fields *f = &w->fields;
    tw_field_text(f, "name", w->view->chains[index]);
    if (chain->is_base) {
        tw_field_word(f, "policy", tw_words_of_action[chain->policy]);
        if (chain->policy_unstated)
            tw_field_word(f, "stated", "no");
        else if (!chain->policy_at.src)
            tw_field_word(f, "stated", "implicitly");
    }
    if (words.family >= 0)
        tw_field_word(f, "family", tw_words_of_family[words.family]);
    tw_field_no(f, "counted", words.uncounted);
    tw_buf_char(w->out, '\n');
    if (chain->count == 0) {
        put_empty(w, "chain");
        return;
    }
    open_element(w, "chain");
    for (uint32_t i = 0; i < chain->count; i++)
        put_rule(w, chain->first + i, words);
    close_element(w, "chain");
}

/* --- the document ----------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct tw_span *x = a, *y = b;
    if (x->src != y->src)
        return (uintptr_t)x->src < (uintptr_t)y->src ? -1 : 1;
    return x->off < y->off ? -1 : x->off > y->off;
}

/* Is AT inside of the last span that begins at it or before? */
static bool is_covered(const struct tw_span *rules, size_t n, struct tw_span at)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_place(&rules[middle], &at) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low && rules[low - 1].src == at.src &&
           at.off < rules[low - 1].off + rules[low - 1].len;
}

/* What was not understood beside the rules that are marked so themselves: how many
 * places. */
static size_t lines_elsewhere(struct writer *w)
{
    const struct tw_policy *p = w->policy;
    struct tw_span *rules = tw_new_array(w->scratch, p->rules.len, struct tw_span);
    size_t n = 0, count = 0;
    for (size_t i = 0; i < p->rules.len; i++)
        if (!p->rules.at[i].understood)
            rules[n++] = p->rules.at[i].at;
    qsort(rules, n, sizeof *rules, by_place);
    for (size_t i = 0; i < p->not_understood.len; i++)
        count += !is_covered(rules, n, p->not_understood.at[i]);
    return count;
}

static void put_receipt(struct writer *w)
{
    size_t lines = w->policy->not_understood.len ? lines_elsewhere(w) : 0;
    if (lines) {
        tw_field_number(&w->fields, "lines", lines);
        put_empty(w, "not-understood");
    }
    if (w->policy->assumptions.len) {
        tw_field_text(&w->fields, "text", w->policy->assumptions);
        put_empty(w, "assumptions");
    }
}

void tw_policy_write_xml(const struct tw_policy *policy,
                         const struct tw_write_options *options, struct tw_buf *out)
{
    struct tw_arena *scratch = tw_arena_child(out->arena);
    struct tw_policy_view *view = tw_policy_view_new(scratch, policy);
    view->counters = !options->without_counters;
    struct writer writer = {.policy = policy,
                            .view = view,
                            .out = out,
                            .scratch = scratch,
                            .clean = tw_arena_mark(scratch),
                            .fields = {.arena = scratch}};
    struct writer *w = &writer;
    tw_buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    tw_field_word(&w->fields, "xmlns", TW_POLICY_NAMESPACE);
    if (policy->state_in_rules)
        tw_field_word(&w->fields, "state", "rules");
    open_element(w, "policy");
    put_receipt(w);
    put_families(w);
    put_interfaces(w);
    put_unknowns(w);
    put_objects(w);
    for (uint32_t c = 0; c < policy->chains.len; c++)
        put_chain(w, c);
    close_element(w, "policy");
    tw_arena_release(scratch);
}

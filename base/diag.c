/* SPDX-License-Identifier: Apache-2.0 */
/* The diagnostics' table, list and printed form. */
#include "diag.h"

#include <assert.h>

#include "messages.h"
#include "num.h"
#include "text.h"

enum { LIST_MAX = 10000, PRINT_MAX = 200, ALIKE_MAX = 3, EXCERPT_MAX = 160 };

static const struct tw_diag_def table[TW_DIAG_COUNT] = {
#define D(number, sev, name, en, zh, why_en, why_zh) \
    [TW_D_##name] = {.id = number,                   \
                     .severity = sev,                \
                     .slug = #name,                  \
                     .message = {en, zh},            \
                     .explanation = {why_en, why_zh}},
#include "diag.def"
#undef D
};

const struct tw_diag_def *tw_diag_def(enum tw_diag_id id)
{
    assert(id < TW_DIAG_COUNT);
    return &table[id];
}

const struct tw_diag_def *tw_diag_def_by_id(struct tw_str id)
{
    for (size_t i = 0; i < TW_DIAG_COUNT; i++)
        if (tw_str_eq_nocase(id, tw_str_of(table[i].id)))
            return &table[i];
    return NULL;
}

void tw_diags_init(struct tw_diags *diags, struct tw_arena *arena, enum tw_lang lang)
{
    *diags = (struct tw_diags){.arena = arena, .lang = lang};
}

struct tw_diag *tw_diag_add(struct tw_diags *diags, enum tw_diag_id id,
                            struct tw_span at, size_t nargs, const struct tw_str *args)
{
    enum { ARGS_MAX = 10 };
    const struct tw_diag_def *def = tw_diag_def(id);
    diags->errors += def->severity == TW_ERROR;
    diags->warnings += def->severity == TW_WARNING;
    if (diags->list.len == LIST_MAX) {
        diags->dropped++;
        return NULL;
    }
    assert(nargs <= ARGS_MAX);
    struct tw_str shown[ARGS_MAX];
    for (size_t i = 0; i < nargs; i++)
        shown[i] = tw_printable(diags->arena, tw_str_first(args[i], 1000));
    struct tw_buf buf;
    tw_buf_init(&buf, diags->arena);
    tw_buf_pattern(&buf, def->message[diags->lang], nargs, shown);
    struct tw_diag *diag = tw_vec_add(diags->arena, &diags->list);
    *diag = (struct tw_diag){
        .id = id, .severity = def->severity, .message = tw_buf_view(&buf)};
    tw_diag_also(diag, at);
    return diag;
}

void tw_diag_also(struct tw_diag *diag, struct tw_span span)
{
    if (diag && span.src && diag->nspans < TW_DIAG_SPANS)
        diag->spans[diag->nspans++] = span;
}

static void print_place(struct tw_buf *buf, struct tw_span span)
{
    struct tw_place place = tw_span_place(span);
    tw_buf_printable(buf, span.src->name);
    tw_buf_fmt(buf, ":%llu:%llu: ", (unsigned long long)place.line,
               (unsigned long long)place.column);
}

/* The source line with the span underlined; a long line shows the part around it. */
static void print_excerpt(struct tw_buf *buf, struct tw_span span)
{
    struct tw_place place = tw_span_place(span);
    size_t from = place.in_line > EXCERPT_MAX / 2 ? place.in_line - EXCERPT_MAX / 2 : 0;
    while (from && ((unsigned char)place.text.ptr[from] & 0xc0) == 0x80)
        from--;
    struct tw_str shown = tw_str_first(tw_str_from(place.text, from), EXCERPT_MAX);
    size_t lead = place.in_line - from;
    size_t marked = (size_t)span.len;
    if (lead + marked > shown.len)
        marked = shown.len > lead ? shown.len - lead : 0;
    struct tw_str before = tw_str_first(shown, lead);
    struct tw_str under = tw_str_first(tw_str_from(shown, lead), marked);
    tw_buf_text(buf, "  ");
    size_t start = buf->len;
    tw_buf_printable(buf, before);
    size_t indent = tw_utf8_width((struct tw_str){buf->ptr + start, buf->len - start});
    start = buf->len;
    tw_buf_printable(buf, under);
    size_t width = tw_utf8_width((struct tw_str){buf->ptr + start, buf->len - start});
    tw_buf_printable(buf, tw_str_from(shown, lead + marked));
    tw_buf_text(buf, "\n  ");
    tw_buf_chars(buf, ' ', indent);
    tw_buf_char(buf, '^');
    tw_buf_chars(buf, '~', width > 1 ? width - 1 : 0);
    tw_buf_char(buf, '\n');
}

static void print_one(const struct tw_diags *diags, const struct tw_diag *diag,
                      bool color, struct tw_buf *buf)
{
    static const enum tw_message words[] = {TW_M_severity_note, TW_M_severity_warning,
                                            TW_M_severity_error};
    static const char *const colors[] = {"\033[36m", "\033[33m", "\033[31m"};
    if (diag->nspans)
        print_place(buf, diag->spans[0]);
    else
        tw_buf_text(buf, "twinwall: ");
    if (color)
        tw_buf_text(buf, colors[diag->severity]);
    tw_buf_fmt(buf, "%s[%s]", tw_message_pattern(diags->lang, words[diag->severity]),
               tw_diag_def(diag->id)->id);
    if (color)
        tw_buf_text(buf, "\033[0m");
    tw_buf_text(buf, ": ");
    tw_buf_str(buf, diag->message);
    tw_buf_char(buf, '\n');
    if (diag->nspans)
        print_excerpt(buf, diag->spans[0]);
    for (size_t i = 1; i < diag->nspans; i++) {
        print_place(buf, diag->spans[i]);
        tw_buf_fmt(buf, "%s:\n", tw_message_pattern(diags->lang, TW_M_severity_note));
        print_excerpt(buf, diag->spans[i]);
    }
}

static void print_rest(const struct tw_diags *diags, struct tw_buf *buf, const char *id,
                       uint64_t rest)
{
    if (rest == 0)
        return;
    tw_buf_str(buf, TW_SAY(buf->arena, diags->lang, TW_M_more_diagnostics,
                           tw_thousands(buf->arena, rest), tw_str_of(id)));
    tw_buf_char(buf, '\n');
}

void tw_diags_print(const struct tw_diags *diags, bool color, bool all,
                    struct tw_buf *buf)
{
    size_t seen[TW_DIAG_COUNT] = {0}, printed = 0, errors_left = 0;
    for (size_t i = 0; i < diags->list.len; i++) {
        const struct tw_diag *d = &diags->list.at[i];
        bool repeated = ++seen[d->id] > ALIKE_MAX && d->severity != TW_ERROR && !all;
        if (!repeated && printed < PRINT_MAX) {
            print_one(diags, d, color, buf);
            printed++;
        } else if (d->severity == TW_ERROR) {
            errors_left++;
        }
    }
    for (size_t id = 0; id < TW_DIAG_COUNT && !all; id++)
        if (table[id].severity != TW_ERROR && seen[id] > ALIKE_MAX)
            print_rest(diags, buf, table[id].id, seen[id] - ALIKE_MAX);
    print_rest(diags, buf, "", errors_left + diags->dropped);
}

const char *tw_nearest(struct tw_str word, const char *const *names)
{
    size_t limit = word.len < 4 ? 1 : word.len / 3 + 1, best = limit + 1;
    const char *nearest = NULL;
    for (; *names; names++) {
        size_t distance = tw_str_distance(word, tw_str_of(*names), limit);
        if (distance < best) {
            best = distance;
            nearest = *names;
        }
    }
    return nearest;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser of all verbs, and the table of the options that all of them take.
 */
#include "opt.h"

#include <string.h>

static const char *const fail_on_words[] = {"low",      "medium", "high",
                                            "critical", "never",  NULL};
static const char *const lang_words[] = {"en", "zh", NULL};
static const char *const color_words[] = {"auto", "always", "never", NULL};
static const char *const progress_words[] = {"auto", "plain", "none", NULL};

const struct tw_opt tw_common_opts[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT[:FILE]",
     .repeatable = true,
     .help = TW_M_opt_output},
    {.name = "fail-on",
     .value = "LEVEL",
     .choices = fail_on_words,
     .help = TW_M_opt_fail_on},
    {.name = "lang", .value = "LANG", .choices = lang_words, .help = TW_M_opt_lang},
    {.name = "color", .value = "WHEN", .choices = color_words, .help = TW_M_opt_color},
    {.name = "progress",
     .value = "HOW",
     .choices = progress_words,
     .help = TW_M_opt_progress},
    {.name = "jobs", .letter = 'j', .value = "N", .help = TW_M_opt_jobs},
    {.name = "quiet", .letter = 'q', .help = TW_M_opt_quiet},
    {.name = "verbose", .letter = 'v', .help = TW_M_opt_verbose},
    {.name = "now", .value = "TIME", .help = TW_M_opt_now},
    {.name = "memory", .value = "SIZE", .help = TW_M_opt_memory},
    {.name = "help", .letter = 'h', .help = TW_M_opt_help},
    {.name = NULL}};

const struct tw_opt *const *tw_opts_join(struct tw_arena *arena,
                                         const struct tw_opt *own)
{
    TW_VEC(const struct tw_opt *) all = {0};
    for (const struct tw_opt *o = own; o && o->name; o++)
        *tw_vec_add(arena, &all) = o;
    for (const struct tw_opt *o = tw_common_opts; o->name; o++)
        *tw_vec_add(arena, &all) = o;
    *tw_vec_add(arena, &all) = NULL;
    return all.at;
}

struct tw_str tw_hint_nearest(struct tw_arena *arena, enum tw_lang lang,
                              struct tw_str word, const char *const *names)
{
    const char *near = tw_nearest(word, names);
    if (!near)
        return TW_STR("");
    return TW_SAY(arena, lang, TW_M_hint_nearest, tw_str_of(near));
}

struct tw_str tw_words_join(struct tw_arena *arena, const char *const *list)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    for (const char *const *w = list; *w; w++) {
        if (w != list)
            tw_buf_text(&buf, ", ");
        tw_buf_text(&buf, *w);
    }
    return tw_buf_view(&buf);
}

static const struct tw_opt *by_name(const struct tw_opt *const *opts,
                                    struct tw_str name)
{
    for (; *opts; opts++)
        if (tw_str_is(name, (*opts)->name))
            return *opts;
    return NULL;
}

static const struct tw_opt *by_letter(const struct tw_opt *const *opts, char letter)
{
    for (; *opts; opts++)
        if (letter && (*opts)->letter == letter)
            return *opts;
    return NULL;
}

/* What one word of the line is, by its shape and the table alone. */
struct shape {
    bool option; /* else an operand */
    const struct tw_opt
        *opt;            /* of a long option, or the last letter of a short group */
    bool joined;         /* its value is part of the word */
    struct tw_str name;  /* as written, with its dashes */
    struct tw_str value; /* where joined */
};

static struct shape long_shape(const struct tw_opt *const *opts, struct tw_str word)
{
    size_t eq = tw_str_find(word, '=');
    struct shape s = {.option = true, .name = tw_str_first(word, eq)};
    s.joined = eq < word.len;
    if (s.joined)
        s.value = tw_str_from(word, eq + 1);
    s.opt = by_name(opts, tw_str_from(s.name, 2));
    return s;
}

/* The letter at AT of a group such as -qvo; the rest of the word is its value where it
 * takes one. */
static struct shape letter_shape(const struct tw_opt *const *opts, struct tw_str word,
                                 size_t at)
{
    struct shape s = {.option = true};
    s.opt = by_letter(opts, word.ptr[at]);
    s.joined = at + 1 < word.len;
    s.value = tw_str_from(word, at + 1);
    return s;
}

static bool looks_like_option(const struct tw_opt *const *opts, struct tw_str word)
{
    if (tw_str_is(word, "--"))
        return true;
    if (tw_str_starts(word, "--"))
        return long_shape(opts, word).opt != NULL;
    return word.len == 2 && word.ptr[0] == '-' && by_letter(opts, word.ptr[1]);
}

struct parser {
    struct tw_args *args;
    const struct tw_str *words;
    size_t nwords, at;
    struct tw_diags *diags;
    size_t given_cap;
};

static struct tw_str written(struct parser *p, const struct tw_opt *opt)
{
    return tw_fmt(p->args->arena, "--%s", opt->name);
}

static void accept(struct parser *p, const struct tw_opt *opt, struct tw_str value)
{
    struct tw_args *args = p->args;
    if (!opt->repeatable && tw_args_has(args, opt->name)) {
        TW_DIAG(p->diags, TW_D_option_repeated, TW_NOWHERE, written(p, opt));
        return;
    }
    bool known = !opt->choices;
    for (const char *const *c = opt->choices; c && *c; c++)
        known |= tw_str_is(value, *c);
    if (!known) {
        TW_DIAG(p->diags, TW_D_option_value_bad, TW_NOWHERE, value, written(p, opt),
                tw_words_join(args->arena, opt->choices),
                tw_hint_nearest(args->arena, p->diags->lang, value, opt->choices));
        return;
    }
    if (args->ngiven == p->given_cap)
        args->given =
            tw_vec_room(args->arena, args->given, &p->given_cap, sizeof *args->given);
    args->given[args->ngiven].opt = opt;
    args->given[args->ngiven++].value = value;
}

/* An option whose value is part of the word, or the next word. */
static void take_value(struct parser *p, const struct shape *s)
{
    if (s->joined) {
        accept(p, s->opt, s->value);
        return;
    }
    if (p->at == p->nwords || looks_like_option(p->args->opts, p->words[p->at])) {
        TW_DIAG(p->diags, TW_D_option_value_missing, TW_NOWHERE, written(p, s->opt),
                tw_fmt(p->args->arena, "--%s=%s", s->opt->name, s->opt->value));
        return;
    }
    accept(p, s->opt, p->words[p->at++]);
}

static void unknown(struct parser *p, struct tw_str name)
{
    struct tw_arena *arena = p->args->arena;
    TW_VEC(const char *) names = {0};
    for (const struct tw_opt *const *o = p->args->opts; *o; o++)
        *tw_vec_add(arena, &names) =
            tw_str_cstr(arena, tw_fmt(arena, "--%s", (*o)->name));
    *tw_vec_add(arena, &names) = NULL;
    struct tw_str hint = TW_STR("");
    if (name.len > 2)
        hint = tw_hint_nearest(arena, p->diags->lang, name, names.at);
    TW_DIAG(p->diags, TW_D_option_unknown, TW_NOWHERE, name, hint);
}

static void take_long(struct parser *p, struct tw_str word)
{
    struct shape s = long_shape(p->args->opts, word);
    if (!s.opt)
        unknown(p, s.name);
    else if (s.opt->value)
        take_value(p, &s);
    else if (s.joined)
        TW_DIAG(p->diags, TW_D_option_value_unexpected, TW_NOWHERE, s.name);
    else
        accept(p, s.opt, TW_STR(""));
}

static void take_letters(struct parser *p, struct tw_str word)
{
    for (size_t i = 1; i < word.len; i++) {
        struct shape s = letter_shape(p->args->opts, word, i);
        if (!s.opt) {
            /* The word as a whole: "-name" is likelier than a group of letters. */
            unknown(p, i == 1 ? word : tw_fmt(p->args->arena, "-%c", word.ptr[i]));
            return;
        }
        if (s.opt->value) {
            take_value(p, &s);
            return;
        }
        accept(p, s.opt, TW_STR(""));
    }
}

bool tw_args_parse(struct tw_args *args, const struct tw_str *words, size_t nwords,
                   struct tw_diags *diags)
{
    struct parser p = {.args = args, .words = words, .nwords = nwords, .diags = diags};
    size_t errors = diags->errors;
    bool operands_only = false;
    while (p.at < nwords) {
        struct tw_str word = words[p.at++];
        if (operands_only || word.len < 2 || word.ptr[0] != '-')
            *tw_vec_add(args->arena, &args->operands) = word;
        else if (tw_str_is(word, "--"))
            operands_only = true;
        else if (word.ptr[1] == '-')
            take_long(&p, word);
        else
            take_letters(&p, word);
    }
    return diags->errors == errors;
}

size_t tw_args_verb_at(const struct tw_opt *const *opts, const struct tw_str *words,
                       size_t nwords)
{
    size_t at = 0;
    while (at < nwords && words[at].len >= 2 && words[at].ptr[0] == '-') {
        struct tw_str word = words[at++];
        struct shape s = {0};
        if (word.ptr[1] == '-') {
            s = long_shape(opts, word);
        } else {
            for (size_t i = 1; i < word.len; i++) {
                s = letter_shape(opts, word, i);
                if (!s.opt || s.opt->value)
                    break;
            }
        }
        if (s.opt && s.opt->value && !s.joined && at < nwords &&
            !looks_like_option(opts, words[at]))
            at++;
    }
    return at;
}

bool tw_args_has(const struct tw_args *args, const char *name)
{
    for (size_t i = 0; i < args->ngiven; i++)
        if (strcmp(args->given[i].opt->name, name) == 0)
            return true;
    return false;
}

struct tw_str tw_args_value(const struct tw_args *args, const char *name,
                            struct tw_str fallback)
{
    for (size_t i = args->ngiven; i-- > 0;)
        if (strcmp(args->given[i].opt->name, name) == 0)
            return args->given[i].value;
    return fallback;
}

struct tw_str *tw_args_values(const struct tw_args *args, const char *name, size_t *n)
{
    TW_VEC(struct tw_str) values = {0};
    for (size_t i = 0; i < args->ngiven; i++)
        if (strcmp(args->given[i].opt->name, name) == 0)
            *tw_vec_add(args->arena, &values) = args->given[i].value;
    *n = values.len;
    return values.at;
}

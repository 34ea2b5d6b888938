/* SPDX-License-Identifier: Apache-2.0 */
/* Help for people: the program's page, and one page per verb. */
#include "help.h"

#include <string.h>

#include "opt.h"
#include "text.h"

enum { LEFT_COLUMN = 28 };

const struct tw_command *tw_command_by_name(struct tw_str name)
{
    for (const struct tw_command *const *c = tw_commands; *c; c++)
        if (tw_str_is(name, (*c)->name))
            return *c;
    return NULL;
}

const struct tw_command *tw_command_find(struct tw_run *run, struct tw_str name)
{
    const struct tw_command *command = tw_command_by_name(name);
    if (command)
        return command;
    TW_VEC(const char *) names = {0};
    for (const struct tw_command *const *c = tw_commands; *c; c++)
        *tw_vec_add(run->arena, &names) = (*c)->name;
    *tw_vec_add(run->arena, &names) = NULL;
    TW_DIAG(&run->diags, TW_D_command_unknown, TW_NOWHERE, name,
            tw_hint_nearest(run->arena, run->lang, name, names.at));
    return NULL;
}

static const char *say(enum tw_lang lang, enum tw_message message)
{
    return tw_message_pattern(lang, message);
}

/* LEFT, padded, and what it means; on two lines where LEFT is long. */
static void put_entry(struct tw_buf *buf, struct tw_str left, const char *right)
{
    size_t width = tw_utf8_width(left) + 2;
    tw_buf_text(buf, "  ");
    tw_buf_str(buf, left);
    if (width + 2 > LEFT_COLUMN) {
        tw_buf_char(buf, '\n');
        width = 0;
    }
    tw_buf_chars(buf, ' ', LEFT_COLUMN - width);
    tw_buf_text(buf, right);
    tw_buf_char(buf, '\n');
}

static void put_option(struct tw_buf *buf, enum tw_lang lang, const struct tw_opt *opt)
{
    struct tw_buf left, right;
    tw_buf_init(&left, buf->arena);
    tw_buf_init(&right, buf->arena);
    if (opt->letter)
        tw_buf_fmt(&left, "-%c, ", opt->letter);
    else
        tw_buf_text(&left, "    ");
    tw_buf_fmt(&left, "--%s", opt->name);
    if (opt->value)
        tw_buf_fmt(&left, " %s", opt->value);
    tw_buf_text(&right, say(lang, opt->help));
    if (opt->choices) {
        tw_buf_text(&right, ": ");
        tw_buf_str(&right, tw_words_join(buf->arena, opt->choices));
    }
    tw_buf_char(&right, '\0');
    put_entry(buf, tw_buf_view(&left), right.ptr);
}

static void put_options(struct tw_buf *buf, enum tw_lang lang, enum tw_message title,
                        const struct tw_opt *opts)
{
    if (!opts || !opts->name)
        return;
    if (!opts->group)
        tw_buf_fmt(buf, "\n%s\n", say(lang, title));
    for (; opts->name; opts++) {
        if (opts->group)
            tw_buf_fmt(buf, "\n%s\n", say(lang, opts->group));
        put_option(buf, lang, opts);
    }
}

void tw_help_program(struct tw_buf *buf, enum tw_lang lang)
{
    tw_buf_fmt(buf, "%s\n\n%s twinwall COMMAND [OPTION…] [OPERAND…]\n\n%s\n",
               say(lang, TW_M_help_tagline), say(lang, TW_M_usage),
               say(lang, TW_M_help_commands));
    for (const struct tw_command *const *c = tw_commands; *c; c++)
        put_entry(buf, tw_str_of((*c)->name), say(lang, (*c)->summary));
    put_options(buf, lang, TW_M_help_common_options, tw_common_opts);
    tw_buf_fmt(buf, "\n%s\n", say(lang, TW_M_help_more));
}

void tw_help_command(struct tw_buf *buf, enum tw_lang lang,
                     const struct tw_command *command)
{
    tw_buf_fmt(buf, "%s\n\n%s twinwall %s [OPTION…]%s%s\n", say(lang, command->summary),
               say(lang, TW_M_usage), command->name, *command->operands ? " " : "",
               command->operands);
    if (command->examples) {
        tw_buf_fmt(buf, "\n%s\n", say(lang, TW_M_help_examples));
        for (const char *const *e = command->examples; *e; e++)
            tw_buf_fmt(buf, "  %s\n", *e);
    }
    put_options(buf, lang, TW_M_help_options, command->opts);
    put_options(buf, lang, TW_M_help_common_options, tw_common_opts);
}

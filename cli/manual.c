/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page of the program, from the same tables as its help: roff, man(7). */
#include "help.h"
#include "opt.h"
#include "version.h"

/* TEXT as roff shows it literally: no escapes, no requests, dashes as typed. */
static void put(struct tw_buf *buf, const char *text)
{
    for (const char *p = text; *p; p++) {
        bool line_start = buf->len == 0 || buf->ptr[buf->len - 1] == '\n';
        if (line_start && (*p == '.' || *p == '\''))
            tw_buf_text(buf, "\\&");
        if (*p == '\\')
            tw_buf_text(buf, "\\e");
        else if (*p == '-')
            tw_buf_text(buf, "\\-");
        else
            tw_buf_char(buf, *p);
    }
}

static void put_options(struct tw_buf *buf, enum tw_lang lang,
                        const struct tw_opt *opts)
{
    for (; opts && opts->name; opts++) {
        if (opts->group) {
            tw_buf_text(buf, ".PP\n");
            put(buf, tw_message_pattern(lang, opts->group));
            tw_buf_char(buf, '\n');
        }
        tw_buf_text(buf, ".TP\n\\fB");
        if (opts->letter) {
            char letter[] = {'-', opts->letter, '\0'};
            put(buf, letter);
            tw_buf_text(buf, "\\fR, \\fB");
        }
        put(buf, "--");
        put(buf, opts->name);
        tw_buf_text(buf, "\\fR");
        if (opts->value) {
            tw_buf_text(buf, " \\fI");
            put(buf, opts->value);
            tw_buf_text(buf, "\\fR");
        }
        tw_buf_char(buf, '\n');
        put(buf, tw_message_pattern(lang, opts->help));
        if (opts->choices) {
            tw_buf_text(buf, ": ");
            put(buf, tw_str_cstr(buf->arena, tw_words_join(buf->arena, opts->choices)));
        }
        tw_buf_char(buf, '\n');
    }
}

static void put_command(struct tw_buf *buf, enum tw_lang lang,
                        const struct tw_command *c)
{
    tw_buf_text(buf, ".SS \"twinwall ");
    put(buf, c->name);
    if (*c->operands) {
        tw_buf_char(buf, ' ');
        put(buf, c->operands);
    }
    tw_buf_text(buf, "\"\n");
    put(buf, tw_message_pattern(lang, c->summary));
    tw_buf_char(buf, '\n');
    put_options(buf, lang, c->opts);
    if (!c->examples)
        return;
    tw_buf_text(buf, ".PP\n.nf\n");
    for (const char *const *e = c->examples; *e; e++) {
        put(buf, *e);
        tw_buf_char(buf, '\n');
    }
    tw_buf_text(buf, ".fi\n");
}

void tw_help_manual(struct tw_buf *buf, enum tw_lang lang)
{
    static const enum tw_message exits[] = {TW_M_exit_0, TW_M_exit_1, TW_M_exit_2,
                                            TW_M_exit_3, TW_M_exit_130};
    static const char *const codes[] = {"0", "1", "2", "3", "130"};
    tw_buf_fmt(buf, ".TH TWINWALL 1 \"\" \"twinwall %s\"\n", tw_version());
    tw_buf_text(buf, ".SH NAME\ntwinwall \\- ");
    put(buf, tw_message_pattern(lang, TW_M_help_tagline));
    tw_buf_text(buf, "\n.SH SYNOPSIS\n\\fBtwinwall\\fR \\fICOMMAND\\fR "
                     "[\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n.SH COMMANDS\n");
    for (const struct tw_command *const *c = tw_commands; *c; c++)
        put_command(buf, lang, *c);
    tw_buf_text(buf, ".SH COMMON OPTIONS\n");
    put_options(buf, lang, tw_common_opts);
    tw_buf_text(buf, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        tw_buf_fmt(buf, ".TP\n\\fB%s\\fR\n", codes[i]);
        put(buf, tw_message_pattern(lang, exits[i]));
        tw_buf_char(buf, '\n');
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `twinwall completion SHELL`: scripts for bash, zsh and fish, from the option tables,
 * so that they can never disagree with the program.
 *
 * bash and zsh share one shape: the words before the cursor give the verb, and a table
 * of cases gives its options, or the choices of the option before the cursor.
 */
#include "help.h"
#include "opt.h"

static const char *const examples[] = {
    "twinwall completion bash > ~/.local/share/bash-completion/completions/twinwall",
    NULL};

static void put_words(struct tw_buf *buf, const char *const *words)
{
    for (const char *const *w = words; *w; w++)
        tw_buf_fmt(buf, w == words ? "%s" : " %s", *w);
}

static void put_verbs(struct tw_buf *buf)
{
    for (const struct tw_command *const *c = tw_commands; *c; c++)
        tw_buf_fmt(buf, c == tw_commands ? "%s" : " %s", (*c)->name);
}

static void put_option_names(struct tw_buf *buf, const struct tw_opt *const *opts)
{
    for (const struct tw_opt *const *o = opts; *o; o++)
        tw_buf_fmt(buf, o == opts ? "--%s" : " --%s", (*o)->name);
}

/* The shell's case table: VERB:--option) → choices, then VERB) → options. */
static void put_cases(struct tw_buf *buf)
{
    tw_buf_text(buf, "    case $verb:$prev in\n");
    for (const struct tw_command *const *c = tw_commands; *c; c++) {
        const struct tw_opt *const *opts = tw_opts_join(buf->arena, (*c)->opts);
        for (; *opts; opts++) {
            if (!(*opts)->choices)
                continue;
            tw_buf_fmt(buf, "    %s:--%s) offer='", (*c)->name, (*opts)->name);
            put_words(buf, (*opts)->choices);
            tw_buf_text(buf, "' choice=1 ;;\n");
        }
    }
    tw_buf_text(buf, "    *)\n        case $verb in\n");
    for (const struct tw_command *const *c = tw_commands; *c; c++) {
        tw_buf_fmt(buf, "        %s) offer='", (*c)->name);
        put_option_names(buf, tw_opts_join(buf->arena, (*c)->opts));
        tw_buf_text(buf, "' ;;\n");
    }
    tw_buf_text(buf, "        *) offer='");
    put_verbs(buf);
    tw_buf_text(buf, "' choice=1 ;;\n        esac ;;\n    esac\n");
}

static void put_bash(struct tw_buf *buf)
{
    tw_buf_text(
        buf,
        "# Completion of twinwall for bash.\n"
        "_twinwall()\n{\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local verb= offer= choice= i\n"
        "    COMPREPLY=()\n"
        "    if [[ $cur == = ]]; then\n"
        "        cur=\n"
        "    elif [[ $prev == = ]]; then\n"
        "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
        "    fi\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        if [[ ${COMP_WORDS[i]} != -* ]]; then\n"
        "            verb=${COMP_WORDS[i]}\n"
        "            break\n"
        "        fi\n"
        "    done\n");
    put_cases(buf);
    tw_buf_text(buf, "    if [[ -n $choice || $cur == -* ]]; then\n"
                     "        COMPREPLY=($(compgen -W \"$offer\" -- \"$cur\"))\n"
                     "    else\n"
                     "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                     "    fi\n"
                     "}\n"
                     "complete -o bashdefault -o filenames -F _twinwall twinwall\n");
}

static void put_zsh(struct tw_buf *buf)
{
    tw_buf_text(buf, "#compdef twinwall\n"
                     "# Completion of twinwall for zsh.\n"
                     "_twinwall()\n{\n"
                     "    local cur=$words[CURRENT] prev=$words[CURRENT-1]\n"
                     "    local -a line\n"
                     "    line=(\"${(@)words[2,CURRENT-1]}\")\n"
                     "    local verb=${line[(r)[^-]*]} choice=\n"
                     "    local offer=\n");
    put_cases(buf);
    tw_buf_text(buf, "    if [[ -n $choice || $cur == -* ]]; then\n"
                     "        compadd -- ${=offer}\n"
                     "    else\n"
                     "        _files\n"
                     "    fi\n"
                     "}\n"
                     "# Loaded by name, this file is the first call; sourced, it only "
                     "defines.\n"
                     "if [[ $funcstack[1] == _twinwall ]]; then\n"
                     "    _twinwall \"$@\"\n"
                     "else\n"
                     "    compdef _twinwall twinwall\n"
                     "fi\n");
}

/* TEXT within single quotes of fish. */
static void put_fish_quoted(struct tw_buf *buf, const char *text)
{
    tw_buf_char(buf, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            tw_buf_char(buf, '\\');
        tw_buf_char(buf, *text);
    }
    tw_buf_char(buf, '\'');
}

static void put_fish_option(struct tw_buf *buf, enum tw_lang lang, const char *verb,
                            const struct tw_opt *opt)
{
    tw_buf_text(buf, "complete -c twinwall");
    if (verb)
        tw_buf_fmt(buf, " -n '__fish_seen_subcommand_from %s'", verb);
    tw_buf_fmt(buf, " -l %s", opt->name);
    if (opt->letter)
        tw_buf_fmt(buf, " -s %c", opt->letter);
    if (opt->choices) {
        tw_buf_text(buf, " -x -a '");
        put_words(buf, opt->choices);
        tw_buf_char(buf, '\'');
    } else if (opt->value) {
        tw_buf_text(buf, " -r");
    }
    tw_buf_text(buf, " -d ");
    put_fish_quoted(buf, tw_message_pattern(lang, opt->help));
    tw_buf_char(buf, '\n');
}

static void put_fish(struct tw_buf *buf, enum tw_lang lang)
{
    tw_buf_text(buf, "# Completion of twinwall for fish.\n");
    for (const struct tw_command *const *c = tw_commands; *c; c++) {
        tw_buf_fmt(buf, "complete -c twinwall -n __fish_use_subcommand -f -a %s -d ",
                   (*c)->name);
        put_fish_quoted(buf, tw_message_pattern(lang, (*c)->summary));
        tw_buf_char(buf, '\n');
        for (const struct tw_opt *o = (*c)->opts; o && o->name; o++)
            put_fish_option(buf, lang, (*c)->name, o);
    }
    for (const struct tw_opt *o = tw_common_opts; o->name; o++)
        put_fish_option(buf, lang, NULL, o);
}

static int run_completion(struct tw_run *run)
{
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    struct tw_str shell = run->args->operands.at[0];
    struct tw_buf buf;
    tw_buf_init(&buf, run->arena);
    if (tw_str_is(shell, "bash")) {
        put_bash(&buf);
    } else if (tw_str_is(shell, "zsh")) {
        put_zsh(&buf);
    } else if (tw_str_is(shell, "fish")) {
        put_fish(&buf, run->lang);
    } else {
        TW_DIAG(&run->diags, TW_D_option_value_bad, TW_NOWHERE, shell,
                TW_STR("twinwall completion"),
                TW_SAY(run->arena, run->lang, TW_M_want_shell),
                tw_hint_nearest(run->arena, run->lang, shell, shells));
        return TW_EXIT_ERROR;
    }
    return tw_run_write(run, tw_buf_view(&buf)) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_completion = {.name = "completion",
                                                 .summary = TW_M_cmd_completion,
                                                 .operands = "bash|zsh|fish",
                                                 .min_operands = 1,
                                                 .max_operands = 1,
                                                 .examples = examples,
                                                 .run = run_completion};

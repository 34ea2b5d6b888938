/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: finds the verb, reads its options, runs it inside one arena, prints what
 * was diagnosed, and turns all of it into an exit code.
 */
#include <string.h>
#include <unistd.h>

#include "emit.h"
#include "help.h"
#include "num.h"
#include "opt.h"
#include "term.h"

#define DEFAULT_MEMORY ((uint64_t)4 << 30)
enum {
    FAIL_ON_CRITICAL = 3, /* beyond it: --fail-on never */
    MEMORY_MIN = 1 << 16
};

struct process {
    struct tw_arena arena;
    int argc;
    char **argv;
    uint64_t started_ns;
    struct tw_run run;
    struct tw_args args;
    int exit_code;
};

/* Diagnostics of the options themselves are already in the language asked for, so it
 * is looked up before they are parsed. */
static enum tw_lang language(const struct tw_str *words, size_t n)
{
    enum tw_lang lang = TW_LANG_EN;
    for (size_t i = 0; i < n && !tw_str_is(words[i], "--"); i++)
        if (tw_str_is(words[i], "--lang=zh") ||
            (tw_str_is(words[i], "--lang") && i + 1 < n &&
             tw_str_is(words[i + 1], "zh")))
            lang = TW_LANG_ZH;
    return lang;
}

static void bad_value(struct tw_run *run, const char *option, struct tw_str value,
                      enum tw_message wanted)
{
    TW_DIAG(&run->diags, TW_D_option_value_bad, TW_NOWHERE, value, tw_str_of(option),
            TW_SAY(run->arena, run->lang, wanted), TW_STR(""));
}

static void apply_memory(struct tw_run *run, const struct tw_args *args)
{
    static const struct {
        char unit;
        unsigned shift;
    } units[] = {{'K', 10}, {'M', 20}, {'G', 30}};
    if (!tw_args_has(args, "memory"))
        return;
    struct tw_str s = tw_args_value(args, "memory", TW_STR("")), digits = s;
    unsigned shift = 0;
    for (size_t i = 0; s.len && i < sizeof units / sizeof units[0]; i++)
        if ((s.ptr[s.len - 1] & ~0x20) == units[i].unit) {
            shift = units[i].shift;
            digits = tw_str_first(s, s.len - 1);
        }
    uint64_t n;
    if (!tw_parse_u64(digits, (uint64_t)1 << 32, &n) || n << shift < MEMORY_MIN ||
        n << shift > SIZE_MAX / 2)
        bad_value(run, "--memory", s, TW_M_want_size);
    else if (n << shift > run->arena->used)
        run->arena->limit = (size_t)(n << shift);
    else
        run->arena->limit = run->arena->used; /* the command line alone took more */
}

static void apply_common(struct tw_run *run, const struct tw_args *args)
{
    static const char *const levels[] = {"low", "medium", "high", "critical", "never"};
    struct tw_str color = tw_args_value(args, "color", TW_STR("auto"));
    struct tw_str level = tw_args_value(args, "fail-on", TW_STR("low"));
    struct tw_str jobs = tw_args_value(args, "jobs", TW_STR("0"));
    struct tw_str now = tw_args_value(args, "now", TW_STR(""));
    uint64_t n;
    run->args = args;
    run->quiet = tw_args_has(args, "quiet");
    run->verbose = tw_args_has(args, "verbose");
    run->color_out = tw_color_allowed(STDOUT_FILENO, color);
    run->color_err = tw_color_allowed(STDERR_FILENO, color);
    run->progress =
        tw_progress_mode(tw_args_value(args, "progress", TW_STR("auto")), run->quiet);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (tw_str_is(level, levels[i]))
            run->fail_on = (int)i;
    run->now = (struct tw_time){.day = tw_time_now().day}; /* today, UTC */
    run->now_given = tw_args_has(args, "now");
    if (run->now_given && !tw_time_parse(now, &run->now))
        bad_value(run, "--now", now, TW_M_want_time);
    if (!tw_parse_u64(jobs, 1024, &n) || (n == 0 && tw_args_has(args, "jobs")))
        bad_value(run, "--jobs", jobs, TW_M_want_jobs);
    else
        run->jobs = (unsigned)n;
    apply_memory(run, args);
    (void)tw_outputs_parse(run);
}

static int print_help(struct tw_run *run, const struct tw_command *command)
{
    struct tw_buf buf;
    tw_buf_init(&buf, run->arena);
    if (command)
        tw_help_command(&buf, run->lang, command);
    else
        tw_help_program(&buf, run->lang);
    return tw_run_write(run, tw_buf_view(&buf)) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

static void check_operands(struct tw_run *run, const struct tw_command *command)
{
    const struct tw_args *args = run->args;
    struct tw_str name = tw_str_of(command->name), shape = tw_str_of(command->operands);
    if (args->operands.len < command->min_operands)
        TW_DIAG(&run->diags, TW_D_operand_missing, TW_NOWHERE, name, shape);
    else if (args->operands.len > command->max_operands &&
             command->max_operands != 0xffff)
        TW_DIAG(&run->diags, TW_D_operand_extra, TW_NOWHERE,
                args->operands.at[command->max_operands], name,
                shape.len ? tw_fmt(run->arena, " %s", command->operands) : TW_STR(""));
}

static int run_command(struct process *p, const struct tw_command *command,
                       const struct tw_str *words, size_t nwords)
{
    struct tw_run *run = &p->run;
    p->args.opts = tw_opts_join(run->arena, command->opts);
    bool parsed = tw_args_parse(&p->args, words, nwords, &run->diags);
    apply_common(run, &p->args);
    if (tw_args_has(&p->args, "help"))
        return parsed ? print_help(run, command) : TW_EXIT_ERROR;
    if (parsed)
        check_operands(run, command);
    if (!command->answers_xml && tw_run_wants(run, "xml"))
        TW_DIAG(&run->diags, TW_D_output_not_of_command, TW_NOWHERE, TW_STR("xml"),
                tw_str_of(command->name));
    if (run->diags.errors)
        return TW_EXIT_ERROR;
    return command->run(run);
}

/* No verb: help and version have switches of their own; anything else is a mistake,
 * and the help goes where mistakes go. */
static int run_nothing(struct process *p, const struct tw_str *words, size_t nwords)
{
    struct tw_run *run = &p->run;
    p->args.opts = tw_opts_join(run->arena, NULL);
    bool parsed = tw_args_parse(&p->args, words, nwords, &run->diags);
    apply_common(run, &p->args);
    if (!parsed || run->diags.errors)
        return TW_EXIT_ERROR;
    if (tw_args_has(&p->args, "help"))
        return print_help(run, NULL);
    struct tw_buf buf;
    tw_buf_init(&buf, run->arena);
    tw_help_program(&buf, run->lang);
    (void)tw_write_all(STDERR_FILENO, tw_buf_view(&buf));
    return TW_EXIT_ERROR;
}

static int dispatch(struct process *p)
{
    struct tw_run *run = &p->run;
    size_t n = p->argc > 1 ? (size_t)p->argc - 1 : 0;
    struct tw_str *words = tw_new_array(&p->arena, n + 1, struct tw_str);
    for (size_t i = 0; i < n; i++)
        words[i] = tw_str_of(p->argv[i + 1]);
    run->lang = language(words, n);
    tw_diags_init(&run->diags, &p->arena, run->lang);
    size_t at = tw_args_verb_at(tw_opts_join(&p->arena, NULL), words, n);
    for (size_t i = 0; i < at; i++)
        if (tw_str_is(words[i], "--version") || tw_str_is(words[i], "-V"))
            return run_command(p, tw_command_by_name(TW_STR("version")), NULL, 0);
    if (at == n)
        return run_nothing(p, words, n);
    const struct tw_command *command = tw_command_find(run, words[at]);
    if (!command)
        return TW_EXIT_ERROR;
    memmove(words + at, words + at + 1, (n - at - 1) * sizeof *words);
    return run_command(p, command, words, n - 1);
}

/* With -q only errors are left. */
static void drop_lesser(struct tw_diags *diags)
{
    size_t kept = 0;
    for (size_t i = 0; i < diags->list.len; i++)
        if (diags->list.at[i].severity == TW_ERROR)
            diags->list.at[kept++] = diags->list.at[i];
    diags->list.len = kept;
}

static void print_verbose(struct process *p, struct tw_buf *buf)
{
    enum { MEBI = 1 << 20 };
    uint64_t ms = (tw_clock_ns() - p->started_ns) / 1000000;
    struct tw_str seconds = tw_fmt(
        &p->arena, "%llu.%03u", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
    struct tw_str mib = tw_fmt(&p->arena, "%zu", (p->arena.used + MEBI - 1) / MEBI);
    tw_buf_str(buf, TW_SAY(&p->arena, p->run.lang, TW_M_verbose_line, seconds, mib));
    tw_buf_char(buf, '\n');
}

static enum tw_status run_all(void *ctx)
{
    struct process *p = ctx;
    struct tw_run *run = &p->run;
    int code = dispatch(p);
    tw_progress_end(run);
    bool found = code == TW_EXIT_FINDINGS || code == TW_EXIT_INCOMPLETE;
    if (found && run->fail_on > FAIL_ON_CRITICAL)
        code = TW_EXIT_OK;
    if (run->write_failed)
        code = TW_EXIT_ERROR;
    struct tw_buf buf;
    tw_buf_init(&buf, &p->arena);
    if (run->quiet)
        drop_lesser(&run->diags);
    tw_diags_print(&run->diags, run->color_err, run->verbose, &buf);
    if (run->verbose)
        print_verbose(p, &buf);
    (void)tw_write_all(STDERR_FILENO, tw_buf_view(&buf));
    p->exit_code = code;
    return TW_OK;
}

/* The answer was given up; what had been diagnosed by then is still worth knowing, but
 * printing it needs memory of its own. */
static enum tw_status report_exhausted(void *ctx)
{
    struct process *p = ctx;
    struct tw_arena *arena = p->run.arena;
    tw_progress_end(&p->run);
    struct tw_diags diags;
    tw_diags_init(&diags, arena, p->run.lang);
    TW_DIAG(&diags, TW_D_out_of_memory, TW_NOWHERE,
            tw_fmt(arena, "%zu", p->arena.limit));
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_diags_print(&diags, p->run.color_err, p->run.verbose, &buf);
    (void)tw_write_all(STDERR_FILENO, tw_buf_view(&buf));
    return TW_OK;
}

int main(int argc, char **argv)
{
    tw_streams_guard();
    tw_signals_install();
    struct process p = {.argc = argc, .argv = argv, .started_ns = tw_clock_ns()};
    tw_arena_init(&p.arena, (size_t)DEFAULT_MEMORY);
    p.run.arena = p.args.arena = &p.arena;
    if (tw_arena_run(&p.arena, run_all, &p) != TW_OK) {
        struct tw_arena spare;
        tw_arena_init(&spare, 1 << 20);
        p.run.arena = &spare;
        p.exit_code = TW_EXIT_ERROR;
        if (tw_arena_run(&spare, report_exhausted, &p) != TW_OK)
            (void)tw_write_all(STDERR_FILENO, TW_STR("twinwall: out of memory\n"));
        tw_arena_release(&spare);
    }
    tw_arena_release(&p.arena);
    return p.exit_code;
}

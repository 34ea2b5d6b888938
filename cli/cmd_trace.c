/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall trace SRC DST PORT`: wall by wall, rule by rule, there and back. */
#include "estate_run.h"
#include "trace.h"

static const struct tw_opt opts[] = {
    {.name = "config", .letter = 'c', .value = "ESTATE", .help = TW_M_opt_config},
    {.name = "strict-limits", .help = TW_M_opt_strict_limits},
    {.name = "at", .value = "TIME", .help = TW_M_opt_at},
    {.name = "app", .value = "NAME", .repeatable = true, .help = TW_M_opt_app},
    {.name = "user", .value = "NAME", .repeatable = true, .help = TW_M_opt_user},
    {.name = NULL}};
static const char *const examples[] = {
    "twinwall trace finance-data@main ark@dr tcp/8443",
    "twinwall trace -c twinwall.yaml 10.16.8.5 10.66.4.10 tcp/8443", NULL};

static struct tw_names names_of(const struct tw_run *run, const char *option)
{
    size_t n;
    struct tw_str *values = tw_args_values(run->args, option, &n);
    struct tw_named *names = tw_new_array(run->arena, n, struct tw_named);
    for (size_t i = 0; i < n; i++)
        names[i].text = values[i];
    return (struct tw_names){names, n};
}

static int run_trace(struct tw_run *run)
{
    struct tw_walls *walls = tw_run_estate(run, TW_NO_STR);
    if (!walls)
        return TW_EXIT_ERROR;
    const struct tw_str *operands = run->args->operands.at;
    struct tw_trace_request request = {
        .src = operands[0], .dst = operands[1], .port = operands[2], .lang = run->lang};
    request.apps = names_of(run, "app");
    request.users = names_of(run, "user");
    struct tw_trace trace = {0};
    if (!tw_trace_run(run->arena, walls, &request, &run->diags, &trace) ||
        !tw_run_emit(run, trace.doc))
        return TW_EXIT_ERROR;
    if (run->fail_on > TW_LEVEL_CRITICAL)
        return TW_EXIT_OK;
    return trace.stopped     ? TW_EXIT_FINDINGS
           : trace.undecided ? TW_EXIT_INCOMPLETE
                             : TW_EXIT_OK;
}

const struct tw_command tw_command_trace = {.name = "trace",
                                            .summary = TW_M_cmd_trace,
                                            .operands = "SRC DST PORT",
                                            .min_operands = 3,
                                            .max_operands = 3,
                                            .opts = opts,
                                            .examples = examples,
                                            .run = run_trace};

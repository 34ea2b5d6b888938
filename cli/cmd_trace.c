/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall trace SRC DST PORT`: wall by wall, rule by rule, there and back. */
#include "estate_run.h"
#include "trace.h"

static const struct tw_opt opts[] = {
    {.name = "config", .letter = 'c', .value = "ESTATE", .help = TW_M_opt_config},
    {.name = "strict-limits", .help = TW_M_opt_strict_limits},
    {.name = NULL}};
static const char *const examples[] = {
    "twinwall trace finance-data@main ark@dr tcp/8443",
    "twinwall trace -c twinwall.yaml 10.16.8.5 10.66.4.10 tcp/8443", NULL};

static int run_trace(struct tw_run *run)
{
    struct tw_walls *walls =
        tw_run_estate(run, TW_NO_STR, tw_args_has(run->args, "strict-limits"));
    if (!walls)
        return TW_EXIT_ERROR;
    const struct tw_str *operands = run->args->operands.at;
    struct tw_trace_request request = {
        .src = operands[0], .dst = operands[1], .port = operands[2], .lang = run->lang};
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

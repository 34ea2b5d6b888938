/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall help [COMMAND]`, and the manual page for the installation. */
#include "help.h"

static const struct tw_opt opts[] = {{.name = "man", .help = TW_M_opt_man},
                                     {.name = NULL}};
static const char *const examples[] = {"twinwall help check",
                                       "twinwall help --man > twinwall.1", NULL};

static int run_help(struct tw_run *run)
{
    struct tw_buf buf;
    tw_buf_init(&buf, run->arena);
    if (tw_args_has(run->args, "man")) {
        tw_help_manual(&buf, run->lang);
    } else if (run->args->operands.len) {
        const struct tw_command *command =
            tw_command_find(run, run->args->operands.at[0]);
        if (!command)
            return TW_EXIT_ERROR;
        tw_help_command(&buf, run->lang, command);
    } else {
        tw_help_program(&buf, run->lang);
    }
    return tw_run_write(run, tw_buf_view(&buf)) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_help = {.name = "help",
                                           .summary = TW_M_cmd_help,
                                           .operands = "[COMMAND]",
                                           .max_operands = 1,
                                           .opts = opts,
                                           .examples = examples,
                                           .run = run_help};

/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of verbs, from the names of the files cmd_*.c. */
#include "command.h"

#define X(name) extern const struct tw_command tw_command_##name;
#include "commands.inc"
#undef X

const struct tw_command *const tw_commands[] = {
#define X(name) &tw_command_##name,
#include "commands.inc"
#undef X
    NULL};

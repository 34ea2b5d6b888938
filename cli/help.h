/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, all from the tables of the verbs. */
#ifndef TW_HELP_H
#define TW_HELP_H

#include "command.h"

void tw_help_program(struct tw_buf *buf, enum tw_lang lang);
void tw_help_command(struct tw_buf *buf, enum tw_lang lang,
                     const struct tw_command *command);
/* The manual page of the whole program, roff with the macros of man(7). */
void tw_help_manual(struct tw_buf *buf, enum tw_lang lang);

/* The verb NAME, or NULL. */
const struct tw_command *tw_command_by_name(struct tw_str name);
/* The same, with a diagnostic that names the nearest where there is none. */
const struct tw_command *tw_command_find(struct tw_run *run, struct tw_str name);

#endif

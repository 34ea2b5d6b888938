/* SPDX-License-Identifier: Apache-2.0 */
/* Where the answer goes: what the -o options say, checked before the work begins. */
#ifndef TW_EMIT_H
#define TW_EMIT_H

#include "command.h"
#include "renderer.h"

struct tw_output {
    const struct tw_renderer *renderer;
    struct tw_str file; /* empty: stdout */
};

/* Reads the values of -o from the run's args into its outputs: exactly one of them goes
 * to stdout (text, where none says otherwise). False after diagnostics. */
bool tw_outputs_parse(struct tw_run *run);

#endif

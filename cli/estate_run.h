/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb about an estate does first: find it, read it, read its walls. */
#ifndef TW_ESTATE_RUN_H
#define TW_ESTATE_RUN_H

#include "command.h"
#include "walls.h"

/* Reads the estate that the operand NAME (empty: none), -c, or the folders upward say.
 * NULL after a diagnostic. */
struct tw_walls *tw_run_estate(struct tw_run *run, struct tw_str name);

#endif

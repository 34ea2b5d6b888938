/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and reading the estate for a verb. */
#include "estate_run.h"

struct tw_walls *tw_run_estate(struct tw_run *run, struct tw_str name,
                               bool strict_limits)
{
    if (name.len && tw_args_has(run->args, "config")) {
        TW_DIAG(&run->diags, TW_D_estate_twice, TW_NOWHERE, name);
        return NULL;
    }
    if (name.len == 0)
        name = tw_args_value(run->args, "config", TW_NO_STR);
    if (name.len == 0)
        name = tw_estate_find(run->arena, TW_STR("."));
    if (name.len == 0) {
        TW_DIAG(&run->diags, TW_D_estate_not_found, TW_NOWHERE);
        return NULL;
    }
    struct tw_estate *estate = tw_estate_load(run->arena, name, run->now, &run->diags);
    if (!estate)
        return NULL;
    struct tw_format_options options = {.now = run->now};
    return tw_walls_load(run->arena, estate, &options, strict_limits, &run->diags);
}

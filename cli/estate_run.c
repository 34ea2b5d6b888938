/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and reading the estate for a verb. */
#include "estate_run.h"

/* --at; false after a diagnostic. */
static bool read_at(struct tw_run *run, const struct tw_time **out)
{
    *out = NULL;
    if (!tw_args_has(run->args, "at"))
        return true;
    struct tw_str text = tw_args_value(run->args, "at", TW_NO_STR);
    struct tw_time *at = tw_new(run->arena, struct tw_time);
    bool good = tw_time_parse(text, at) && at->has_clock;
    if (!good)
        TW_DIAG(&run->diags, TW_D_at_bad, TW_NOWHERE, text);
    *out = at;
    return good;
}

struct tw_walls *tw_run_estate(struct tw_run *run, struct tw_str name)
{
    struct tw_walls_options *options = tw_new(run->arena, struct tw_walls_options);
    options->now = run->now;
    options->strict_limits = tw_args_has(run->args, "strict-limits");
    options->certify = tw_args_has(run->args, "certificates");
    if (!read_at(run, &options->at))
        return NULL;
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
    return tw_walls_load(run->arena, estate, options, &run->diags);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall impact DUMP…`: how many records are affected, which, since when. */
#include "command.h"
#include "estate.h"
#include "impact_report.h"
#include "impact_spec.h"
#include "input.h"

extern const struct tw_command tw_command_impact;

static const struct tw_opt options[] = {
    {.name = "wrong",
     .value = "RULE",
     .repeatable = true,
     .help = TW_M_impact_opt_wrong},
    {.name = "where",
     .value = "RULE",
     .repeatable = true,
     .help = TW_M_impact_opt_where},
    {.name = "by",
     .value = "COLUMN[:day|hour|month]",
     .repeatable = true,
     .help = TW_M_impact_opt_by},
    {.name = "distinct",
     .value = "COLUMN",
     .repeatable = true,
     .help = TW_M_impact_opt_distinct},
    {.name = "sum", .value = "COLUMN", .repeatable = true, .help = TW_M_impact_opt_sum},
    {.name = "dump", .value = "FORMAT", .help = TW_M_impact_opt_dump},
    {.name = "encoding", .value = "NAME", .help = TW_M_impact_opt_encoding},
    {.name = "table", .value = "NAME", .help = TW_M_impact_opt_table},
    {.name = "columns", .value = "a,b,c", .help = TW_M_impact_opt_columns},
    {.name = "delimiter", .value = "CHAR", .help = TW_M_impact_opt_delimiter},
    {.name = "quote", .value = "CHAR", .help = TW_M_impact_opt_quote},
    {.name = "escape", .value = "CHAR", .help = TW_M_impact_opt_escape},
    {.name = "null", .value = "TEXT", .help = TW_M_impact_opt_null},
    {.name = "tz", .value = "ZONE", .help = TW_M_impact_opt_tz},
    {.name = "fingerprint", .help = TW_M_impact_opt_fingerprint},
    {.name = "spec", .value = "FILE", .help = TW_M_impact_opt_spec},
    {.name = "max-ratio", .value = "R", .help = TW_M_impact_opt_max_ratio},
    {.name = "max-affected", .value = "N", .help = TW_M_impact_opt_max_affected},
    {.name = "max-refused", .value = "N", .help = TW_M_impact_opt_max_refused},
    {.name = NULL},
};

static bool stop(void *ctx)
{
    (void)ctx;
    return tw_interrupted();
}

static void progress(void *ctx, struct tw_str file, uint64_t done, uint64_t total)
{
    tw_progress_show(ctx, file, done, total);
}

static bool read_spec(struct tw_run *run, struct tw_impact_options *out)
{
    enum { SPEC_MAX = 1 << 20 };
    struct tw_str path = tw_args_value(run->args, "spec", TW_NO_STR);
    if (path.len == 0)
        return true;
    const struct tw_source *src =
        tw_source_load(run->arena, path, path, SPEC_MAX, TW_STR(""), &run->diags);
    return src && tw_impact_spec_read(run->arena, src, out, &run->diags);
}

/* The spec first, so that the command line adds to its lists and overrides the rest. */
static bool read_options(struct tw_run *run, struct tw_impact_options *out)
{
    const struct tw_args *args = run->args;
    bool ok = read_spec(run, out), known;
    for (const struct tw_opt *o = options; o->name; o++) {
        size_t n;
        struct tw_str *values = tw_args_values(args, o->name, &n);
        struct tw_str said = tw_fmt(run->arena, "--%s", o->name);
        for (size_t i = 0; i < n; i++)
            ok &= tw_impact_option_set(run->arena, out, o->name, values[i], said,
                                       TW_NOWHERE, &run->diags, &known) ||
                  !known;
    }
    out->fingerprint = tw_args_has(args, "fingerprint");
    if (args->operands.len)
        out->paths.list.len = 0;
    for (size_t i = 0; i < args->operands.len; i++)
        tw_said_add(run->arena, &out->paths, args->operands.at[i], TW_STR("DUMP"));
    if (out->paths.list.len == 0) {
        TW_DIAG(&run->diags, TW_D_impact_no_dump, TW_NOWHERE);
        ok = false;
    }
    return ok;
}

static int exit_code(const struct tw_run *run, const struct tw_impact *impact)
{
    if (impact->partial)
        return TW_EXIT_INTERRUPTED;
    if (run->fail_on > TW_LEVEL_CRITICAL)
        return TW_EXIT_OK;
    if (tw_impact_above_ratio(impact) || tw_impact_above_affected(impact))
        return TW_EXIT_FINDINGS;
    return tw_impact_incomplete(impact) ? TW_EXIT_INCOMPLETE : TW_EXIT_OK;
}

static int run_impact(struct tw_run *run)
{
    struct tw_impact_options how;
    tw_impact_options_init(&how);
    how.stop = stop;
    how.progress = progress;
    how.ctx = run;
    how.threads = run->jobs;
    bool ok = read_options(run, &how);
    struct tw_impact *impact = tw_impact_new(run->arena, &how, &run->diags);
    if (!ok || !impact)
        return TW_EXIT_ERROR;
    enum tw_status status = tw_impact_count(impact);
    tw_progress_end(run);
    if (status != TW_OK)
        return TW_EXIT_ERROR;
    const struct tw_doc *doc = tw_impact_report(impact, run->lang);
    return tw_run_emit(run, doc) ? exit_code(run, impact) : TW_EXIT_ERROR;
}

const struct tw_command tw_command_impact = {
    .name = "impact",
    .summary = TW_M_impact_summary,
    .operands = "DUMP\xe2\x80\xa6",
    .min_operands = 0,
    .max_operands = 0xffff,
    .opts = options,
    .run = run_impact,
};

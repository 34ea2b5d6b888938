/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall impact DUMP…`: how many records are affected, which, since when. */
#include <string.h>

#include "emit.h"
#include "estate.h"
#include "impact_report.h"
#include "impact_spec.h"
#include "input.h"
#include "private_file.h"

extern const struct tw_command tw_command_impact;

static const struct tw_opt options[] = {
    {.name = "wrong",
     .value = "RULE",
     .repeatable = true,
     .help = TW_M_impact_opt_wrong,
     .group = TW_M_impact_group_count},
    {.name = "where",
     .value = "RULE",
     .repeatable = true,
     .help = TW_M_impact_opt_where},
    {.name = "by",
     .value = "COLUMN[:day|hour|month]",
     .repeatable = true,
     .help = TW_M_impact_opt_by},
    {.name = "tz", .value = "ZONE", .help = TW_M_impact_opt_tz},
    {.name = "distinct",
     .value = "COLUMN",
     .repeatable = true,
     .help = TW_M_impact_opt_distinct},
    {.name = "sum", .value = "COLUMN", .repeatable = true, .help = TW_M_impact_opt_sum},
    {.name = "sample", .value = "1/N", .help = TW_M_impact_opt_sample},
    {.name = "dump",
     .value = "FORMAT",
     .help = TW_M_impact_opt_dump,
     .group = TW_M_impact_group_read},
    {.name = "table", .value = "NAME", .help = TW_M_impact_opt_table},
    {.name = "columns", .value = "a,b,c", .help = TW_M_impact_opt_columns},
    {.name = "encoding", .value = "NAME", .help = TW_M_impact_opt_encoding},
    {.name = "delimiter", .value = "CHAR", .help = TW_M_impact_opt_delimiter},
    {.name = "quote", .value = "CHAR", .help = TW_M_impact_opt_quote},
    {.name = "escape", .value = "CHAR", .help = TW_M_impact_opt_escape},
    {.name = "null", .value = "TEXT", .help = TW_M_impact_opt_null},
    {.name = "health",
     .value = "COLUMN[=FORMAT]",
     .repeatable = true,
     .help = TW_M_impact_opt_health,
     .group = TW_M_impact_group_answer},
    {.name = "baseline", .value = "FILE", .help = TW_M_impact_opt_baseline},
    {.name = "write-baseline", .value = "FILE", .help = TW_M_impact_opt_write_baseline},
    {.name = "pct-digits", .value = "N", .help = TW_M_impact_opt_pct_digits},
    {.name = "pct-mode", .value = "MODE", .help = TW_M_impact_opt_pct_mode},
    {.name = "fingerprint", .help = TW_M_impact_opt_fingerprint},
    {.name = "list",
     .value = "[COLUMN:]FILE",
     .repeatable = true,
     .help = TW_M_impact_opt_list,
     .group = TW_M_impact_group_values},
    {.name = "samples", .value = "N", .help = TW_M_impact_opt_samples},
    {.name = "secret",
     .value = "COLUMN",
     .repeatable = true,
     .help = TW_M_impact_opt_secret},
    {.name = "keyed",
     .value = "COLUMN",
     .repeatable = true,
     .help = TW_M_impact_opt_keyed},
    {.name = "key-file", .value = "FILE", .help = TW_M_impact_opt_key_file},
    {.name = "external", .help = TW_M_impact_opt_external},
    {.name = "max-ratio",
     .value = "R",
     .help = TW_M_impact_opt_max_ratio,
     .group = TW_M_impact_group_limits},
    {.name = "max-affected", .value = "N", .help = TW_M_impact_opt_max_affected},
    {.name = "max-refused", .value = "N", .help = TW_M_impact_opt_max_refused},
    {.name = "fail-on-drift", .help = TW_M_impact_opt_fail_on_drift},
    {.name = "spec", .value = "FILE", .help = TW_M_impact_opt_spec},
    {.name = NULL},
};

static const char *const examples[] = {
    "twinwall impact bills.csv --wrong 'name ~ /failed/' --by bill_date:day",
    "twinwall impact dump/ --table fin.bill --wrong 'mobile fails mobile' --sum amount",
    "twinwall impact bills.jsonl.zst --wrong 'name is null' --health name=cjk-name",
    NULL};

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

static int exit_code(const struct tw_run *run, struct tw_impact *impact)
{
    if (impact->partial)
        return TW_EXIT_INTERRUPTED;
    if (run->fail_on > TW_LEVEL_CRITICAL)
        return TW_EXIT_OK;
    if (tw_impact_above_ratio(impact) || tw_impact_above_affected(impact) ||
        (impact->options->fail_on_drift && tw_impact_drifted(impact)))
        return TW_EXIT_FINDINGS;
    return tw_impact_incomplete(impact) ? TW_EXIT_INCOMPLETE : TW_EXIT_OK;
}

/* --write-baseline FILE is -o json:FILE. */
static bool add_baseline_output(struct tw_run *run)
{
    struct tw_str file = tw_args_value(run->args, "write-baseline", TW_NO_STR);
    if (!tw_args_has(run->args, "write-baseline"))
        return true;
    struct tw_output *all =
        tw_new_array(run->arena, run->noutputs + 1, struct tw_output);
    memcpy(all, run->outputs, run->noutputs * sizeof *all);
    for (size_t i = 0; i < run->noutputs; i++)
        if (tw_str_eq(all[i].file, file)) {
            TW_DIAG(&run->diags, TW_D_output_same_file, TW_NOWHERE, file);
            return false;
        }
    all[run->noutputs++] =
        (struct tw_output){tw_renderer_by_name(TW_STR("json")), file};
    run->outputs = all;
    return true;
}

static bool refuse_list(struct tw_run *run, struct tw_str file, int error)
{
    TW_DIAG(&run->diags, TW_D_list_refused, TW_NOWHERE, file,
            tw_str_of(strerror(error)));
    return false;
}

/* Before the long count: what stands at the place of a list now. */
static bool check_lists(struct tw_run *run, const struct tw_impact *impact)
{
    bool ok = true;
    for (size_t i = 0; i < impact->answers.nlists; i++) {
        struct tw_str file = impact->answers.lists[i].file;
        int error = tw_private_file_check(run->arena, file);
        ok &= error == 0 || refuse_list(run, file, error);
    }
    return ok;
}

static bool write_lists(struct tw_run *run, const struct tw_impact *impact)
{
    bool ok = true;
    for (size_t i = 0; i < impact->answers.nlists; i++) {
        struct tw_str file = impact->answers.lists[i].file;
        if (impact->partial) {
            TW_DIAG(&run->diags, TW_D_list_partial, TW_NOWHERE, file);
            continue;
        }
        struct tw_buf text;
        tw_buf_init(&text, run->arena);
        tw_entity_list_write(&impact->tally.answers->lists[i], &text);
        int error = tw_private_file_write(run->arena, file, tw_buf_view(&text));
        ok &= error == 0 || refuse_list(run, file, error);
    }
    return ok;
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
    ok &= add_baseline_output(run);
    struct tw_impact *impact = tw_impact_new(run->arena, &how, &run->diags);
    if (!ok || !impact || !check_lists(run, impact))
        return TW_EXIT_ERROR;
    enum tw_status status = tw_impact_count(impact);
    tw_progress_end(run);
    if (status != TW_OK)
        return TW_EXIT_ERROR;
    if (!write_lists(run, impact))
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
    .examples = examples,
    .run = run_impact,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall check`: is every required flow let through by every wall on its path, is
 * every forbidden one stopped? */
#include "check_report.h"
#include "estate_run.h"

static const struct tw_opt opts[] = {
    {.name = "config", .letter = 'c', .value = "ESTATE", .help = TW_M_opt_config},
    {.name = "site", .value = "SITE", .help = TW_M_opt_site},
    {.name = "strict-limits", .help = TW_M_opt_strict_limits},
    {.name = "at", .value = "TIME", .help = TW_M_opt_at},
    {.name = "verify", .help = TW_M_opt_verify},
    {.name = "certificates", .help = TW_M_opt_certificates},
    {.name = NULL}};
static const char *const examples[] = {"twinwall check",
                                       "twinwall check --site dr twinwall.yaml",
                                       "twinwall check -o json:run.json", NULL};

static bool site_of(struct tw_run *run, const struct tw_estate *estate, uint32_t *site)
{
    *site = TW_NONE;
    if (!tw_args_has(run->args, "site"))
        return true;
    struct tw_str name = tw_args_value(run->args, "site", TW_NO_STR);
    *site = tw_estate_site(estate, name);
    if (*site == TW_NONE)
        TW_DIAG(&run->diags, TW_D_no_such_site, TW_NOWHERE, name);
    return *site != TW_NONE;
}

static int exit_code(const struct tw_run *run, const struct tw_check *check)
{
    if (run->fail_on > TW_LEVEL_CRITICAL)
        return TW_EXIT_OK;
    bool incomplete = check->nflows == 0 || check->counts[TW_VERDICT_UNKNOWN] > 0;
    for (size_t w = 0; w < check->walls->n; w++)
        incomplete |= check->walls->at[w].empty || check->walls->at[w].stale;
    for (size_t i = 0; i < check->nflows; i++)
        incomplete |= check->flows[i].answer_unknown;
    for (size_t i = 0; i < check->nfindings; i++)
        if (check->findings[i].definite &&
            (int)check->findings[i].severity >= run->fail_on)
            return TW_EXIT_FINDINGS;
    return incomplete ? TW_EXIT_INCOMPLETE : TW_EXIT_OK;
}

static int run_check(struct tw_run *run)
{
    struct tw_str name =
        run->args->operands.len ? run->args->operands.at[0] : TW_NO_STR;
    struct tw_walls *walls = tw_run_estate(run, name);
    struct tw_check_options options = {.verify = tw_args_has(run->args, "verify"),
                                       .certificates =
                                           tw_args_has(run->args, "certificates"),
                                       .now = run->now,
                                       .lang = run->lang};
    if (!walls || !site_of(run, walls->estate, &options.site))
        return TW_EXIT_ERROR;
    const struct tw_check *check = tw_check_run(run->arena, walls, &options);
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.check/1");
    if (!tw_run_text_only(run))
        tw_check_data(doc, check);
    tw_check_text(doc, check);
    if (!tw_run_emit(run, doc))
        return TW_EXIT_ERROR;
    if (check->proof.refuted) {
        TW_DIAG(&run->diags, TW_D_verdict_refuted, TW_NOWHERE,
                check->proof.first_refuted);
        return TW_EXIT_ERROR;
    }
    return exit_code(run, check);
}

const struct tw_command tw_command_check = {.name = "check",
                                            .summary = TW_M_cmd_check,
                                            .operands = "[ESTATE]",
                                            .max_operands = 1,
                                            .opts = opts,
                                            .examples = examples,
                                            .run = run_check};

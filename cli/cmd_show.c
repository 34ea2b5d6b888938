/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall show FILE…`: any policy export in one normal form. */
#include "certificates.h"
#include "command.h"
#include "emit.h"
#include "format.h"
#include "index.h"
#include "input.h"
#include "policy_write.h"

static const char *const hooks[] = {"forward", "input", NULL};

static const struct tw_opt opts[] = {
    {.name = "format", .value = "FORMAT", .help = TW_M_opt_show_format},
    {.name = "vsys", .value = "NAME", .help = TW_M_opt_vsys},
    {.name = "device-group", .value = "NAME", .help = TW_M_opt_device_group},
    {.name = "app-ports", .value = "FILE", .help = TW_M_opt_app_ports},
    {.name = "hits", .value = "FILE", .help = TW_M_opt_hits},
    {.name = "without-counters", .help = TW_M_opt_without_counters},
    {.name = "certificates", .help = TW_M_opt_show_certificates},
    {.name = "hook", .value = "HOOK", .choices = hooks, .help = TW_M_opt_hook},
    {.name = NULL}};
static const char *const examples[] = {
    "twinwall show lft.rules lft.rules6", "twinwall show -o xml:lft.xml lft.rules",
    "twinwall show -o xml --without-counters jinfu.xml",
    "twinwall show --certificates jinfu.xml", NULL};

static const struct tw_source *load(struct tw_run *run, struct tw_str path)
{
    return tw_source_load(run->arena, path, path, TW_SOURCE_MAX, TW_NO_STR,
                          &run->diags);
}

/* The file of the option NAME, where it is given; false after a diagnostic. */
static bool load_option(struct tw_run *run, const char *name,
                        const struct tw_source **out)
{
    if (!tw_args_has(run->args, name))
        return true;
    *out = load(run, tw_args_value(run->args, name, TW_NO_STR));
    return *out != NULL;
}

/* Whoever gives an option that the format does not look at believes otherwise. */
static void tell_unused(struct tw_run *run, const struct tw_format *format)
{
    static const struct {
        const char *option;
        enum tw_format_key use;
    } keys[] = {{"vsys", TW_FORMAT_VSYS},
                {"device-group", TW_FORMAT_DEVICE_GROUP},
                {"app-ports", TW_FORMAT_APP_PORTS},
                {"hits", TW_FORMAT_HITS}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (tw_args_has(run->args, keys[i].option) && !(format->keys & keys[i].use))
            TW_DIAG(&run->diags, TW_D_wall_unused_key, TW_NOWHERE,
                    tw_fmt(run->arena, "--%s", keys[i].option),
                    tw_str_of(format->name));
}

static bool find_format(struct tw_run *run, const struct tw_format **out)
{
    struct tw_str name = tw_args_value(run->args, "format", TW_STR("auto"));
    *out = NULL;
    if (tw_str_is(name, "auto"))
        return true;
    *out = tw_format_by_name(name);
    if (!*out)
        TW_DIAG(&run->diags, TW_D_wall_format, TW_NOWHERE, name);
    return *out != NULL;
}

static struct tw_policy *read_policy(struct tw_run *run)
{
    size_t n = run->args->operands.len;
    const struct tw_source **sources =
        tw_new_array(run->arena, n, const struct tw_source *);
    const struct tw_format *format;
    struct tw_format_options options = {.now = run->now};
    options.vsys.text = tw_args_value(run->args, "vsys", TW_NO_STR);
    options.device_group.text = tw_args_value(run->args, "device-group", TW_NO_STR);
    bool good = find_format(run, &format);
    for (size_t i = 0; i < n; i++) {
        sources[i] = load(run, run->args->operands.at[i]);
        good &= sources[i] != NULL;
    }
    good &= load_option(run, "app-ports", &options.app_ports);
    good &= load_option(run, "hits", &options.hits);
    if (!good)
        return NULL;
    struct tw_policy *policy =
        tw_policy_read(run->arena, run->args->operands.at[0], format, sources, n,
                       &options, &run->diags);
    if (policy)
        tell_unused(run, policy->format);
    return policy;
}

/* The verdict on every rule, with its proof. */
static int certify(struct tw_run *run, const struct tw_policy *policy)
{
    struct tw_str hook = tw_args_value(run->args, "hook", TW_STR("forward"));
    if (tw_run_wants(run, "xml")) {
        TW_DIAG(&run->diags, TW_D_output_not_of_command, TW_NOWHERE, TW_STR("xml"),
                TW_STR("show --certificates"));
        return TW_EXIT_ERROR;
    }
    struct tw_crossing_options nothing_settled = {
        .hook = tw_str_is(hook, "input") ? TW_HOOK_INPUT : TW_HOOK_FORWARD,
        .strict_limits = true};
    const struct tw_crossing *crossing = tw_crossing_new(
        run->arena, policy, tw_index_build(run->arena, policy), &nothing_settled);
    struct tw_doc *doc = tw_certificates_new(run->arena, run->lang);
    struct tw_certified sum = tw_certificates_add(doc, policy->name, policy, crossing);
    if (!tw_run_emit(run, doc))
        return TW_EXIT_ERROR;
    if (sum.refuted) {
        TW_DIAG(&run->diags, TW_D_certificate_refuted, TW_NOWHERE);
        return TW_EXIT_ERROR;
    }
    return TW_EXIT_OK;
}

static int run_show(struct tw_run *run)
{
    struct tw_policy *policy = read_policy(run);
    if (!policy)
        return TW_EXIT_ERROR;
    if (tw_args_has(run->args, "certificates"))
        return certify(run, policy);
    struct tw_write_options options = {.without_counters =
                                           tw_args_has(run->args, "without-counters"),
                                       .now = run->now};
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.show/1");
    if (tw_run_wants(run, "text"))
        tw_policy_write_text(policy, &options, doc);
    if (tw_run_wants(run, "json"))
        tw_policy_write_data(policy, &options, doc);
    if (tw_run_wants(run, "xml")) {
        struct tw_buf xml;
        tw_buf_init(&xml, run->arena);
        tw_policy_write_xml(policy, &options, &xml);
        doc->xml = tw_buf_view(&xml);
    }
    return tw_run_emit(run, doc) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_show = {.name = "show",
                                           .summary = TW_M_cmd_show,
                                           .operands = "FILE…",
                                           .min_operands = 1,
                                           .max_operands = 0xffff,
                                           .opts = opts,
                                           .examples = examples,
                                           .answers_xml = true,
                                           .run = run_show};

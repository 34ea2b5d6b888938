/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall demo DIR`: writes the bundled incident. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "demo.h"

static const char *const examples[] = {"twinwall demo incident", NULL};

static int run_demo(struct tw_run *run)
{
    struct tw_str dir = run->args->operands.at[0];
    const char *failed = "";
    if (tw_demo_write(tw_str_cstr(run->arena, dir), &failed) != 0) {
        int error = errno;
        TW_DIAG(&run->diags, TW_D_cannot_write, TW_NOWHERE,
                failed && *failed ? tw_str_of(failed) : dir,
                tw_str_of(strerror(error)));
        return TW_EXIT_ERROR;
    }
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.demo/1");
    tw_value_add_text(run->arena, doc->data, "folder", dir);
    tw_doc_line(doc, TW_BLOCK_VERDICT, 0, TW_GOOD,
                TW_SAY(run->arena, run->lang, TW_M_demo_written, dir));
    static const char *const commands[] = {
        "twinwall check {0}/twinwall.yaml",
        "twinwall check --site dr {0}/twinwall.yaml",
        "twinwall trace -c {0}/twinwall.yaml finance-data@main ark@dr tcp/8443",
        "twinwall impact {0}/bills.csv --wrong 'counterparty ~ /解密服务初始化失败/' "
        "--by bill_date"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct tw_buf line;
        tw_buf_init(&line, run->arena);
        tw_buf_pattern(&line, commands[i], 1, &dir);
        tw_doc_line(doc, TW_BLOCK_COMMAND, 1, TW_PLAIN, tw_buf_view(&line));
    }
    return tw_run_emit(run, doc) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_demo = {.name = "demo",
                                           .summary = TW_M_cmd_demo,
                                           .operands = "DIR",
                                           .min_operands = 1,
                                           .max_operands = 1,
                                           .examples = examples,
                                           .run = run_demo};

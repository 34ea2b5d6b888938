/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall version`, for people and for bug reports. */
#include "command.h"
#include "version.h"

static int run_version(struct tw_run *run)
{
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.version/1");
    struct tw_str version = tw_str_of(tw_version());
    tw_value_add_text(run->arena, doc->data, "version", version);
    tw_doc_line(doc, TW_BLOCK_LINE, 0, TW_PLAIN,
                tw_fmt(run->arena, "twinwall %s", version.ptr));
    return tw_run_emit(run, doc) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_version = {
    .name = "version", .summary = TW_M_cmd_version, .operands = "", .run = run_version};

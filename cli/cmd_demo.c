/* SPDX-License-Identifier: Apache-2.0 */
/* `twinwall demo DIR`: writes the bundled incident, and says what to ask about it. */
#include "demo.h"

#include <errno.h>
#include <string.h>

#include "command.h"

static const char *const examples[] = {"twinwall demo demo", NULL};

static int refuse(struct tw_run *run, struct tw_str dir, const char *failed, int error)
{
    if (error == EEXIST) {
        TW_DIAG(&run->diags, TW_D_demo_folder_taken, TW_NOWHERE, dir,
                tw_str_of(failed));
        return TW_EXIT_ERROR;
    }
    struct tw_buf path;
    tw_buf_init(&path, run->arena);
    tw_buf_str(&path, dir);
    if (failed && !tw_str_is(dir, failed)) {
        tw_buf_char(&path, '/');
        tw_buf_text(&path, failed);
    }
    TW_DIAG(&run->diags, TW_D_cannot_write, TW_NOWHERE, tw_buf_view(&path),
            tw_str_of(strerror(error)));
    return TW_EXIT_ERROR;
}

/* DIR as a word of a shell: quoted where it holds more than plain characters. */
static struct tw_str shell_word(struct tw_arena *arena, struct tw_str dir)
{
    static const char marks[] = {'.', '_', '/', '-'};
    bool plain = dir.len && dir.ptr[0] != '-';
    for (size_t i = 0; i < dir.len; i++) {
        unsigned char c = (unsigned char)dir.ptr[i];
        plain &= (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                 (c >= 'a' && c <= 'z') || memchr(marks, c, sizeof marks) != NULL;
    }
    if (plain)
        return dir;
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_char(&buf, '\'');
    for (size_t i = 0; i < dir.len; i++) {
        if (dir.ptr[i] == '\'')
            tw_buf_text(&buf, "'\\''");
        else
            tw_buf_char(&buf, dir.ptr[i]);
    }
    tw_buf_char(&buf, '\'');
    return tw_buf_view(&buf);
}

static void add_command(struct tw_doc *doc, struct tw_value *list, const char *before,
                        struct tw_str dir, const char *behind)
{
    struct tw_buf buf;
    tw_buf_init(&buf, doc->arena);
    tw_buf_text(&buf, before);
    tw_buf_str(&buf, dir);
    tw_buf_text(&buf, behind);
    tw_doc_line(doc, TW_BLOCK_COMMAND, 1, TW_PLAIN, tw_buf_view(&buf));
    tw_value_add_text(doc->arena, list, NULL, tw_buf_view(&buf));
}

static int run_demo(struct tw_run *run)
{
    struct tw_str dir = run->args->operands.at[0];
    const char *failed = "";
    if (tw_demo_write(tw_str_cstr(run->arena, dir), &failed) != 0)
        return refuse(run, dir, failed, errno);
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.demo/1");
    tw_value_add_text(run->arena, doc->data, "folder", dir);
    tw_doc_line(doc, TW_BLOCK_VERDICT, 0, TW_GOOD,
                TW_SAY(run->arena, run->lang, TW_M_demo_written, dir));
    struct tw_value *list =
        tw_value_add(run->arena, doc->data, "commands", TW_VALUE_ARRAY);
    struct tw_str word = shell_word(run->arena, dir);
    add_command(doc, list, "twinwall check ", word, "/twinwall.yaml");
    add_command(doc, list, "twinwall check --site dr ", word, "/twinwall.yaml");
    add_command(doc, list, "twinwall trace -c ", word,
                "/twinwall.yaml finance-data@main ark@dr tcp/8443");
    add_command(doc, list, "twinwall impact ", word,
                "/bills.csv --wrong 'counterparty ~ /解密服务初始化失败/' "
                "--by bill_date");
    return tw_run_emit(run, doc) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_demo = {.name = "demo",
                                           .summary = TW_M_cmd_demo,
                                           .operands = "DIR",
                                           .min_operands = 1,
                                           .max_operands = 1,
                                           .examples = examples,
                                           .run = run_demo};

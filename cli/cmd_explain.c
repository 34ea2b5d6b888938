/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `twinwall explain TW112`: what a diagnostic means and how to mend it, offline. Also
 * the source of docs/diagnostics.md.
 */
#include "opt.h"
#include "text.h"

enum { LINE_WIDTH = 78 };

static const struct tw_opt opts[] = {{.name = "markdown", .help = TW_M_opt_markdown},
                                     {.name = NULL}};
static const char *const examples[] = {"twinwall explain TW101", "twinwall explain all",
                                       NULL};

static struct tw_str severity_word(enum tw_lang lang, enum tw_severity severity)
{
    static const enum tw_message words[] = {[TW_NOTE] = TW_M_severity_note,
                                            [TW_WARNING] = TW_M_severity_warning,
                                            [TW_ERROR] = TW_M_severity_error};
    return tw_str_of(tw_message_pattern(lang, words[severity]));
}

/* The first piece of *REST that fits a line; breaks at blanks, and before a wide
 * character, since Chinese has no blanks. */
static struct tw_str next_line(struct tw_str *rest, size_t width)
{
    size_t at = 0, columns = 0, cut = 0;
    while (at < rest->len) {
        uint32_t c = 0;
        struct tw_str tail = tw_str_from(*rest, at);
        size_t n = tw_utf8_step(tail, &c);
        n = n ? n : 1;
        size_t w = tw_utf8_width(tw_str_first(tail, n));
        if (c == ' ' || w == 2)
            cut = at;
        columns += w;
        if (columns > width && cut)
            break;
        at += n;
    }
    if (at == rest->len)
        cut = at;
    struct tw_str line = tw_str_first(*rest, cut);
    *rest = tw_str_trim(tw_str_from(*rest, cut));
    return line;
}

static void add_wrapped(struct tw_doc *doc, unsigned indent, struct tw_str text)
{
    while (text.len)
        tw_doc_line(doc, TW_BLOCK_LINE, indent, TW_PLAIN,
                    next_line(&text, LINE_WIDTH - (size_t)indent * 2));
}

static void add_one(struct tw_doc *doc, struct tw_value *list,
                    const struct tw_diag_def *def)
{
    struct tw_arena *arena = doc->arena;
    struct tw_str message = tw_str_of(def->message[doc->lang]);
    struct tw_str why = tw_str_of(def->explanation[doc->lang]);
    struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(arena, v, "id", tw_str_of(def->id));
    tw_value_add_text(arena, v, "severity", severity_word(TW_LANG_EN, def->severity));
    tw_value_add_text(arena, v, "slug", tw_str_of(def->slug));
    tw_value_add_text(arena, v, "message", message);
    tw_value_add_text(arena, v, "explanation", why);
    tw_doc_line(doc, TW_BLOCK_HEADING, 0, TW_PLAIN,
                TW_SAY(arena, doc->lang, TW_M_explain_title, tw_str_of(def->id),
                       severity_word(doc->lang, def->severity), message));
    add_wrapped(doc, 1, why);
}

/* All definitions by number: the files that hold them are not in that order. */
static const struct tw_diag_def **sorted(struct tw_arena *arena)
{
    const struct tw_diag_def **all =
        tw_new_array(arena, TW_DIAG_COUNT, const struct tw_diag_def *);
    for (size_t i = 0; i < TW_DIAG_COUNT; i++) {
        const struct tw_diag_def *def = tw_diag_def((enum tw_diag_id)i);
        size_t at = i;
        for (; at && tw_str_cmp(tw_str_of(all[at - 1]->id), tw_str_of(def->id)) > 0;
             at--)
            all[at] = all[at - 1];
        all[at] = def;
    }
    return all;
}

static bool write_markdown(struct tw_run *run)
{
    struct tw_buf buf;
    tw_buf_init(&buf, run->arena);
    tw_buf_fmt(&buf, "# %s\n\n%s\n",
               tw_message_pattern(run->lang, TW_M_diagnostics_page_title),
               tw_message_pattern(run->lang, TW_M_diagnostics_page_intro));
    const struct tw_diag_def **all = sorted(run->arena);
    for (size_t i = 0; i < TW_DIAG_COUNT; i++) {
        struct tw_str word = severity_word(run->lang, all[i]->severity);
        tw_buf_fmt(&buf, "\n## %s\n\n%.*s: `", all[i]->id, (int)word.len, word.ptr);
        tw_buf_text(&buf, all[i]->message[run->lang]);
        tw_buf_text(&buf, "`\n\n");
        tw_buf_text(&buf, all[i]->explanation[run->lang]);
        tw_buf_char(&buf, '\n');
    }
    return tw_run_write(run, tw_buf_view(&buf));
}

static int run_explain(struct tw_run *run)
{
    if (tw_args_has(run->args, "markdown"))
        return write_markdown(run) ? TW_EXIT_OK : TW_EXIT_ERROR;
    struct tw_str asked =
        run->args->operands.len ? run->args->operands.at[0] : TW_STR("all");
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.explain/1");
    struct tw_value *list =
        tw_value_add(run->arena, doc->data, "diagnostics", TW_VALUE_ARRAY);
    if (tw_str_is(asked, "all")) {
        const struct tw_diag_def **all = sorted(run->arena);
        for (size_t i = 0; i < TW_DIAG_COUNT; i++) {
            if (i)
                tw_doc_gap(doc);
            add_one(doc, list, all[i]);
        }
    } else {
        const struct tw_diag_def *def = tw_diag_def_by_id(asked);
        if (!def) {
            TW_DIAG(&run->diags, TW_D_option_value_bad, TW_NOWHERE, asked,
                    TW_STR("twinwall explain"),
                    TW_SAY(run->arena, run->lang, TW_M_want_diagnostic), TW_STR(""));
            return TW_EXIT_ERROR;
        }
        add_one(doc, list, def);
    }
    return tw_run_emit(run, doc) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_explain = {.name = "explain",
                                              .summary = TW_M_cmd_explain,
                                              .operands = "[TWnnn|all]",
                                              .max_operands = 1,
                                              .opts = opts,
                                              .examples = examples,
                                              .run = run_explain};

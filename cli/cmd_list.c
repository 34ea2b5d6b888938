/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `twinwall list KIND`: what this build knows, from the registries themselves. A kind
 * that this version has none of is listed as empty, so that scripts may always ask.
 */
#include "detector.h"
#include "format.h"
#include "opt.h"
#include "record.h"
#include "renderer.h"

static const char *const examples[] = {"twinwall list formats",
                                       "twinwall list reports -o json", NULL};

/* One entry: a row for people and an object for programs. COMMAND: how one gets such an
 * export, or NULL where the kind has no such thing. */
static void add_entry(struct tw_doc *doc, struct tw_value *list, struct tw_block *table,
                      const char *name, const char *summary, const char *command)
{
    struct tw_value *v = tw_value_add(doc->arena, list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(doc->arena, v, "name", tw_str_of(name));
    tw_value_add_text(doc->arena, v, "summary", tw_str_of(summary));
    if (command)
        tw_value_add_text(doc->arena, v, "export_command", tw_str_of(command));
    struct tw_cell cells[] = {TW_CELL_TONE(tw_str_of(name), TW_STRONG),
                              TW_CELL(tw_str_of(summary)), TW_CELL(tw_str_of(command))};
    tw_doc_row(doc, table, command ? 3 : 2, cells);
}

static void add_formats(struct tw_doc *doc, struct tw_value *list,
                        struct tw_block *table)
{
    for (const struct tw_format *const *f = tw_formats; *f; f++)
        add_entry(doc, list, table, (*f)->name, (*f)->summary[doc->lang],
                  (*f)->export_command ? (*f)->export_command : "");
}

static void add_dumps(struct tw_doc *doc, struct tw_value *list, struct tw_block *table)
{
    for (const struct tw_dump *const *d = tw_dumps; *d; d++)
        add_entry(doc, list, table, (*d)->name, (*d)->summary[doc->lang], NULL);
}

static void add_detectors(struct tw_doc *doc, struct tw_value *list,
                          struct tw_block *table)
{
    for (const struct tw_detector *const *d = tw_detectors; *d; d++)
        add_entry(doc, list, table, (*d)->name, (*d)->summary[doc->lang], NULL);
}

static void add_reports(struct tw_doc *doc, struct tw_value *list,
                        struct tw_block *table)
{
    for (const struct tw_renderer *const *r = tw_renderers; *r; r++)
        add_entry(doc, list, table, (*r)->name, (*r)->summary[doc->lang], NULL);
}

/* The kinds, and who fills each; NULL: this version has none. */
static const struct kind {
    const char *name;
    bool exported; /* its entries say how one gets them */
    void (*add)(struct tw_doc *, struct tw_value *, struct tw_block *);
} kinds[] = {
    {"formats", true, add_formats},      {"dumps", false, add_dumps},
    {"detectors", false, add_detectors}, {"checks", false, NULL},
    {"reports", false, add_reports},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct kind *find_kind(struct tw_run *run, struct tw_str name)
{
    const char *names[KINDS + 1] = {NULL};
    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (tw_str_is(name, kinds[i].name))
            return &kinds[i];
    }
    TW_DIAG(&run->diags, TW_D_option_value_bad, TW_NOWHERE, name,
            TW_STR("twinwall list"), TW_SAY(run->arena, run->lang, TW_M_want_list),
            tw_hint_nearest(run->arena, run->lang, name, names));
    return NULL;
}

static void add_header(struct tw_doc *doc, struct tw_block *table, bool exported)
{
    struct tw_cell cells[] = {TW_CELL(TW_SAY(doc->arena, doc->lang, TW_M_list_name)),
                              TW_CELL(TW_SAY(doc->arena, doc->lang, TW_M_list_what)),
                              TW_CELL(TW_SAY(doc->arena, doc->lang, TW_M_list_export))};
    tw_doc_row(doc, table, exported ? 3 : 2, cells);
}

static int run_list(struct tw_run *run)
{
    const struct kind *kind = find_kind(run, run->args->operands.at[0]);
    if (!kind)
        return TW_EXIT_ERROR;
    struct tw_doc *doc = tw_doc_new(run->arena, run->lang, "twinwall.list/1");
    struct tw_value *list =
        tw_value_add(run->arena, doc->data, kind->name, TW_VALUE_ARRAY);
    struct tw_block *table = tw_doc_table(doc, 0, true);
    add_header(doc, table, kind->exported);
    if (kind->add)
        kind->add(doc, list, table);
    size_t n = table->rows.len - 1;
    if (n == 0)
        table->rows.len = 0;
    tw_doc_line(
        doc, TW_BLOCK_TOTALS, 0, TW_PLAIN,
        n ? TW_SAY(run->arena, run->lang, TW_M_list_total, tw_fmt(run->arena, "%zu", n))
          : TW_SAY(run->arena, run->lang, TW_M_list_none));
    return tw_run_emit(run, doc) ? TW_EXIT_OK : TW_EXIT_ERROR;
}

const struct tw_command tw_command_list = {.name = "list",
                                           .summary = TW_M_cmd_list,
                                           .operands =
                                               "formats|dumps|detectors|checks|reports",
                                           .min_operands = 1,
                                           .max_operands = 1,
                                           .examples = examples,
                                           .run = run_list};

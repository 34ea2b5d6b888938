/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a dump of each delimited format: no crash, every byte that was passed is
 * of a record or a refused one as far as the format promises it, records read are
 * records counted and refused, and the answer is the same for two sizes of buffer and
 * of the pieces in which the bytes arrive.
 *
 * The first byte chooses the format, the second one flags and sizes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "impact_report.h"
#include "impact_spec.h"
#include "renderer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct format {
    const char *name, *options[8]; /* name and value in turn */
} formats[] = {
    {"hive_text", {"columns", "a,b,c"}},
    {"hive_text", {NULL}},
    {"outfile", {"columns", "a,b"}},
    {"outfile", {"quote", "\"", "delimiter", ","}},
    {"outfile", {"escape", "none"}},
    {"outfile", {"quote", "\"", "escape", "\"", "delimiter", ",", "columns", "a,b,c"}},
    {"outfile", {"quote", "\"", "escape", "\"", "columns", "a"}},
    {"mysql_batch", {NULL}},
    {"beeline", {NULL}},
    {"clickhouse", {NULL}},
    {"pg_copy", {NULL}},
    {"pg_copy", {"table", "t"}},
    {"dumpling_csv", {NULL}},
    {"csv", {NULL}},
    {"tsv", {NULL}},
    {NULL, {NULL}}, /* told by content, where it is one of these */
};
enum { NFORMATS = sizeof formats / sizeof formats[0] };

struct source {
    struct tw_str bytes;
    size_t piece;
};

struct job {
    struct tw_arena *arena;
    struct source source;
    const struct format *format;
    size_t buffer;
    struct tw_str answer;
};

static enum tw_status read_piece(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct source *s = ctx;
    size_t n = s->bytes.len < s->piece ? s->bytes.len : s->piece;
    *got = n < room ? n : room;
    if (*got)
        memcpy(bytes, s->bytes.ptr, *got);
    s->bytes = tw_str_from(s->bytes, *got);
    return TW_OK;
}

static void set(const struct job *job, struct tw_impact_options *options,
                struct tw_diags *diags, const char *name, const char *value)
{
    bool known;
    if (!tw_impact_option_set(job->arena, options, name, tw_str_of(value),
                              tw_str_of(name), TW_NOWHERE, diags, &known))
        abort();
}

static enum tw_status count(void *ctx)
{
    struct job *job = ctx;
    struct tw_diags diags;
    struct tw_impact_options options;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    tw_impact_options_init(&options);
    options.dialect.buffer = job->buffer;
    options.dialect.record_max = 60;
    if (job->format->name)
        set(job, &options, &diags, "dump", job->format->name);
    for (size_t i = 0; i < 8 && job->format->options[i]; i += 2)
        set(job, &options, &diags, job->format->options[i],
            job->format->options[i + 1]);
    set(job, &options, &diags, "encoding", "UTF-8");
    set(job, &options, &diags, "wrong", "#1 ~ /a|b+/");
    set(job, &options, &diags, "wrong", "* is null");
    set(job, &options, &diags, "distinct", "#1");
    struct tw_impact *impact = tw_impact_new(job->arena, &options, &diags);
    if (!impact)
        abort();
    struct tw_byte_source source = {read_piece, &job->source};
    enum tw_status status = tw_impact_add(impact, source, TW_STR("fuzz.csv"));
    struct tw_buf out;
    tw_buf_init(&out, job->arena);
    const struct tw_tally *t = &impact->tally;
    if (t->read != t->counted + tw_tally_refused(t))
        abort();
    if (status == TW_OK)
        tw_renderer_by_name(TW_STR("json"))
            ->render(tw_impact_report(impact, TW_LANG_EN),
                     &(const struct tw_render_options){0}, &out);
    else
        tw_diags_print(&diags, false, true, &out);
    job->answer = tw_buf_view(&out);
    return TW_OK;
}

/* Other formats have fuzzers of their own. */
static bool is_delimited(struct tw_str bytes)
{
    struct tw_arena arena;
    struct tw_diags diags;
    tw_arena_init(&arena, (size_t)1 << 20);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    const struct tw_dump *dump = tw_dump_detect(bytes, TW_STR("fuzz.csv"), &diags);
    bool found = false;
    for (size_t i = 0; dump && i + 1 < NFORMATS; i++)
        found |= strcmp(dump->name, formats[i].name) == 0;
    tw_arena_release(&arena);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct tw_str bytes = {(const char *)data + 2, size - 2};
    const struct format *format = &formats[data[0] % NFORMATS];
    if (!format->name && !is_delimited(bytes))
        return 0;
    struct tw_arena arenas[2];
    struct job jobs[2] = {
        {&arenas[0], {bytes, 1 << 20}, format, 1 << 12, TW_NO_STR},
        {&arenas[1], {bytes, 1 + data[1] % 13}, format, 1 + data[1] / 13, TW_NO_STR}};
    for (size_t i = 0; i < 2; i++) {
        tw_arena_init(&arenas[i], (size_t)64 << 20);
        if (tw_arena_run(&arenas[i], count, &jobs[i]) != TW_OK)
            abort();
    }
    if (!tw_str_eq(jobs[0].answer, jobs[1].answer))
        abort();
    tw_arena_release(&arenas[0]);
    tw_arena_release(&arenas[1]);
    return 0;
}

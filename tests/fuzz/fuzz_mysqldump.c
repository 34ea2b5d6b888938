/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an SQL dump: the count must not crash, and must be the same for two
 * sizes of buffer and of the pieces in which the bytes arrive.
 *
 * The first two bytes choose the options and the sizes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "impact_report.h"
#include "impact_spec.h"
#include "renderer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    struct tw_str bytes;
    size_t piece;
};

struct job {
    struct tw_arena *arena;
    struct source source;
    size_t buffer;
    uint8_t options;
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
    options.dialect.record_max = job->options & 16 ? 24 : 1 << 20;
    set(job, &options, &diags, "dump", "mysqldump");
    if (job->options & 1)
        set(job, &options, &diags, "table", job->options & 2 ? "t" : "d.t");
    if (job->options & 4)
        set(job, &options, &diags, "columns", "a,b");
    if (job->options & 8)
        set(job, &options, &diags, "encoding", job->options & 2 ? "GBK" : "UTF-8");
    set(job, &options, &diags, "wrong", "#1 ~ /a|b+/");
    set(job, &options, &diags, "wrong", "* is null");
    set(job, &options, &diags, "by", "#1:hour");
    set(job, &options, &diags, "tz", "+08:00");
    struct tw_impact *impact = tw_impact_new(job->arena, &options, &diags);
    if (!impact)
        abort();
    struct tw_byte_source source = {read_piece, &job->source};
    enum tw_status status = tw_impact_add(impact, source, TW_STR("fuzz.sql"));
    struct tw_buf out;
    tw_buf_init(&out, job->arena);
    if (status == TW_OK)
        tw_renderer_by_name(TW_STR("json"))
            ->render(tw_impact_report(impact, TW_LANG_EN),
                     &(const struct tw_render_options){0}, &out);
    tw_diags_print(&diags, false, true, &out);
    job->answer = tw_buf_view(&out);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct tw_str bytes = {(const char *)data + 2, size - 2};
    struct tw_arena arenas[2];
    struct job jobs[2] = {
        {&arenas[0], {bytes, 1 << 20}, 1 << 16, data[0], TW_NO_STR},
        {&arenas[1], {bytes, 1 + data[1] % 13}, 1 + data[1] / 13, data[0], TW_NO_STR}};
    for (size_t i = 0; i < 2; i++) {
        tw_arena_init(&arenas[i], (size_t)256 << 20);
        if (tw_arena_run(&arenas[i], count, &jobs[i]) != TW_OK)
            abort();
    }
    if (!tw_str_eq(jobs[0].answer, jobs[1].answer))
        abort();
    tw_arena_release(&arenas[0]);
    tw_arena_release(&arenas[1]);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* For fuzzers of dump readers: one input counted twice, as a whole and in small pieces,
 * must give the same answer or be refused both times for the same reason; and records
 * read are records counted and refused. */
#ifndef TW_FUZZ_PIECES_H
#define TW_FUZZ_PIECES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "impact_report.h"
#include "impact_spec.h"
#include "renderer.h"

struct fuzz_source {
    struct tw_str bytes;
    size_t piece;
};

/* What is asked of the input. */
struct fuzz_plan {
    const char *file; /* its name */
    size_t record_max;
    const char *options[40]; /* name and value in turn */
    size_t noptions;
};

struct fuzz_job {
    struct tw_arena *arena;
    const struct fuzz_plan *plan;
    struct fuzz_source source;
    size_t buffer;
    struct tw_str answer;
};

static inline void fuzz_ask(struct fuzz_plan *plan, const char *name, const char *value)
{
    if (plan->noptions + 2 > sizeof plan->options / sizeof plan->options[0])
        abort();
    plan->options[plan->noptions++] = name;
    plan->options[plan->noptions++] = value;
}

static inline enum tw_status fuzz_read(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct fuzz_source *s = ctx;
    size_t n = s->bytes.len < s->piece ? s->bytes.len : s->piece;
    *got = n < room ? n : room;
    if (*got)
        memcpy(bytes, s->bytes.ptr, *got);
    s->bytes = tw_str_from(s->bytes, *got);
    return TW_OK;
}

static inline enum tw_status fuzz_count(void *ctx)
{
    struct fuzz_job *job = ctx;
    const struct fuzz_plan *plan = job->plan;
    struct tw_diags diags;
    struct tw_impact_options options;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    tw_impact_options_init(&options);
    options.dialect.buffer = job->buffer;
    options.dialect.record_max = plan->record_max;
    for (size_t i = 0; i < plan->noptions; i += 2) {
        const char *const *o = &plan->options[i];
        bool known;
        if (!tw_impact_option_set(job->arena, &options, o[0], tw_str_of(o[1]),
                                  tw_str_of(o[0]), TW_NOWHERE, &diags, &known))
            abort();
    }
    struct tw_impact *impact = tw_impact_new(job->arena, &options, &diags);
    if (!impact)
        abort();
    struct tw_byte_source source = {fuzz_read, &job->source};
    enum tw_status status = tw_impact_add(impact, source, tw_str_of(plan->file));
    const struct tw_tally *t = &impact->tally;
    if (t->read != t->counted + tw_tally_refused(t))
        abort();
    struct tw_buf out;
    tw_buf_init(&out, job->arena);
    if (status == TW_OK)
        tw_renderer_by_name(TW_STR("json"))
            ->render(tw_impact_report(impact, TW_LANG_EN),
                     &(const struct tw_render_options){0}, &out);
    else if (diags.errors == 0)
        abort(); /* refused without a word */
    for (size_t i = 0; i < diags.list.len; i++)
        tw_buf_fmt(&out, "diagnostic %d\n", (int)diags.list.at[i].id);
    job->answer = tw_buf_view(&out);
    return TW_OK;
}

/* SIZES chooses the pieces. */
static inline void fuzz_both(const struct fuzz_plan *plan, struct tw_str bytes,
                             uint8_t sizes)
{
    struct tw_arena arenas[2];
    struct fuzz_job jobs[2] = {
        {&arenas[0], plan, {bytes, 1 << 20}, 1 << 16, TW_NO_STR},
        {&arenas[1], plan, {bytes, 1 + sizes % 13}, 1 + sizes / 13, TW_NO_STR}};
    for (size_t i = 0; i < 2; i++) {
        tw_arena_init(&arenas[i], (size_t)256 << 20);
        if (tw_arena_run(&arenas[i], fuzz_count, &jobs[i]) != TW_OK)
            abort();
    }
    if (!tw_str_eq(jobs[0].answer, jobs[1].answer))
        abort();
    tw_arena_release(&arenas[0]);
    tw_arena_release(&arenas[1]);
}

#endif

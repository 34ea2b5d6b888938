/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the JSON of an earlier run: they are read, and then each histogram adds
 * up and can be held against, or refused with a diagnostic that can be printed.
 */
#include <stdint.h>
#include <stdlib.h>

#include "baseline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct job {
    struct tw_arena *arena;
    struct tw_str text;
};

static enum tw_status run(void *ctx)
{
    struct job *job = ctx;
    struct tw_diags diags;
    struct tw_buf out;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    tw_buf_init(&out, job->arena);
    const struct tw_source *src =
        tw_source_new(job->arena, TW_STR("fuzz.json"), job->text);
    const struct tw_baseline *b = tw_baseline_read(job->arena, src, &diags);
    if ((b != NULL) != (diags.errors == 0))
        abort();
    for (size_t i = 0; b && i < b->columns.len; i++) {
        const struct tw_health_counts *c = &b->columns.at[i].counts;
        struct tw_part all = {tw_health_measured(c, TW_MEASURE_NULL),
                              tw_health_total(c)};
        struct tw_drift d = tw_drift_of(all, b->affected);
        if (all.k > all.n || (d.drifted && d.difference.interval.low <= 0))
            abort();
    }
    tw_diags_print(&diags, false, true, &out);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)256 << 20);
    struct job job = {&arena, {size ? (const char *)data : "", size}};
    if (tw_arena_run(&arena, run, &job) != TW_OK)
        abort();
    tw_arena_release(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a rule, up to the first NUL; what follows it, as the dump to which the
 * rule is put. A rule is read or refused with a diagnostic that can be printed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "impact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct job {
    struct tw_arena *arena;
    struct tw_str rule, dump;
};

static enum tw_status read_all(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct tw_str *rest = ctx;
    *got = rest->len < room ? rest->len : room;
    if (*got)
        memcpy(bytes, rest->ptr, *got);
    *rest = tw_str_from(*rest, *got);
    return TW_OK;
}

static enum tw_status run(void *ctx)
{
    struct job *job = ctx;
    static const struct tw_str columns[] = {{"a", 1}, {"b", 1}};
    struct tw_diags diags;
    struct tw_impact_options options;
    struct tw_buf out;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    tw_impact_options_init(&options);
    tw_buf_init(&out, job->arena);
    options.dump = TW_STR("csv");
    options.dialect.columns = columns;
    options.dialect.ncolumns = 2;
    tw_said_add(job->arena, &options.wrong, job->rule, TW_STR("--wrong"));
    struct tw_impact *impact = tw_impact_new(job->arena, &options, &diags);
    if (!impact && diags.errors == 0)
        abort();
    enum tw_status status = TW_OK;
    if (impact)
        status = tw_impact_add(impact, (struct tw_byte_source){read_all, &job->dump},
                               TW_STR("fuzz.csv"));
    if (status != TW_OK && diags.errors == 0)
        abort();
    tw_diags_print(&diags, false, true, &out);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct tw_str all = {size ? text : "", size};
    size_t n = tw_str_find(all, '\0');
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)256 << 20);
    struct job job = {&arena, tw_str_first(all, n), tw_str_from(all, n + 1)};
    if (tw_arena_run(&arena, run, &job) != TW_OK)
        abort();
    tw_arena_release(&arena);
    return 0;
}

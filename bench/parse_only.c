/* SPDX-License-Identifier: Apache-2.0 */
/* Reads policies and does nothing else: the yardstick of the benchmark. */
#include <stdio.h>

#include "format.h"
#include "input.h"

struct job {
    struct tw_arena *arena;
    char **files;
    int nfiles;
};

static enum tw_status read_all(void *ctx)
{
    const struct job *job = ctx;
    struct tw_diags diags;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    for (int i = 0; i < job->nfiles; i++) {
        struct tw_str name = tw_str_of(job->files[i]);
        const struct tw_source *src =
            tw_source_load(job->arena, name, name, TW_SOURCE_MAX, TW_NO_STR, &diags);
        struct tw_format_options options = {.now = {0}};
        if (!src ||
            !tw_policy_read(job->arena, name, NULL, &src, 1, &options, &diags)) {
            fprintf(stderr, "parse_only: cannot read %s\n", job->files[i]);
            return TW_ERR_INPUT;
        }
    }
    return TW_OK;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)4 << 30);
    struct job job = {&arena, argv + 1, argc - 1};
    enum tw_status status = tw_arena_run(&arena, read_all, &job);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* policy_print FILE…: the policy of dumps as text, one line a rule, for comparing two
 * readings. Exit code 2 where it is refused. */
#include <stdio.h>

#include "../unit/policy_text.h"
#include "format.h"
#include "input.h"

struct job {
    struct tw_arena arena;
    char **paths;
    size_t n;
    int code;
};

static enum tw_status print(void *ctx)
{
    struct job *job = ctx;
    struct tw_diags diags;
    struct tw_format_options options = {.now = {.day = 20000}};
    struct tw_buf out;
    const struct tw_source **sources =
        tw_new_array(&job->arena, job->n, const struct tw_source *);
    tw_diags_init(&diags, &job->arena, TW_LANG_EN);
    tw_buf_init(&out, &job->arena);
    job->code = 2;
    for (size_t i = 0; i < job->n; i++) {
        struct tw_str path = tw_str_of(job->paths[i]);
        sources[i] =
            tw_source_load(&job->arena, path, path, 1 << 24, TW_NO_STR, &diags);
        if (!sources[i])
            return TW_ERR_IO;
    }
    const struct tw_policy *policy = tw_policy_read(&job->arena, TW_STR("wall"), NULL,
                                                    sources, job->n, &options, &diags);
    if (policy) {
        text_policy(&out, policy);
        job->code = 0;
    } else {
        tw_diags_print(&diags, false, true, &out);
    }
    fwrite(out.ptr, 1, out.len, stdout);
    return TW_OK;
}

int main(int argc, char **argv)
{
    struct job job = {.paths = argv + 1, .n = (size_t)argc - 1};
    tw_arena_init(&job.arena, (size_t)1 << 28);
    enum tw_status status = tw_arena_run(&job.arena, print, &job);
    tw_arena_release(&job.arena);
    return status == TW_OK ? job.code : 2;
}

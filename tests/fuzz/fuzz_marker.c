/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a marker, up to the first line feed; what follows it, as a value. Where
 * the marker is found, one of its needles stands in the value, and the value holds it
 * as it is exactly where that is said. Then the same bytes as a regular expression: a
 * value that it finds holds one of its needles.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "regex.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct job {
    struct tw_arena *arena;
    struct tw_str marker, value;
};

static bool holds(struct tw_str value, struct tw_str part)
{
    return value.len && memmem(value.ptr, value.len, part.ptr, part.len);
}

static void check(const struct tw_needles *needles, struct tw_str value)
{
    for (size_t i = 0; i < needles->list.len; i++)
        if (holds(value, needles->list.at[i]))
            return;
    abort();
}

static void as_marker(struct job *job)
{
    struct tw_str why;
    struct tw_needles needles = {0};
    struct tw_marker *marker = tw_marker_new(job->arena, job->marker, &why);
    if (!marker) {
        if (why.len == 0)
            abort();
        return;
    }
    if (!tw_marker_needles(marker, job->arena, &needles) || needles.list.len == 0 ||
        needles.list.len > TW_NEEDLES_MAX)
        abort();
    enum tw_disguise how;
    bool found = tw_marker_in(marker, job->value, &how);
    if (found)
        check(&needles, job->value);
    if (holds(job->value, job->marker) != (found && how == TW_DISGUISE_NONE))
        abort();
}

static void as_regex(struct job *job)
{
    struct tw_str why;
    size_t at;
    bool ignore_case = job->value.len % 2;
    if (!tw_utf8_valid(job->value))
        return;
    const struct tw_regex *regex =
        tw_regex_compile(job->arena, job->marker, ignore_case, &why, &at);
    struct tw_needles needles = {0};
    if (regex && tw_regex_needles(regex, job->arena, &needles) &&
        tw_regex_match(regex, job->value) == TW_HOLDS_YES)
        check(&needles, job->value);
}

static enum tw_status run(void *ctx)
{
    as_marker(ctx);
    as_regex(ctx);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct tw_str all = {size ? text : "", size};
    size_t n = tw_str_find(all, '\n');
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)256 << 20);
    struct job job = {&arena, tw_str_first(all, n), tw_str_from(all, n + 1)};
    if (tw_arena_run(&arena, run, &job) != TW_OK)
        abort();
    tw_arena_release(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast, and in how much memory beside its text, is an export read to a policy?
 *
 *     panos_speed FILE [TIMES]      the least processor time of TIMES (5) readings
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "format.h"
#include "input.h"

static int64_t microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    struct tw_diags diags;
    struct tw_format_options options = {.now = {0}};
    int64_t best = INT64_MAX;
    size_t rules = 0;
    if (argc < 2)
        return 2;
    tw_arena_init(&arena, (size_t)4 << 30);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    struct tw_str name = tw_str_of(argv[1]);
    const struct tw_source *src =
        tw_source_load(&arena, name, name, TW_SOURCE_MAX, TW_NO_STR, &diags);
    long before = peak_kib();
    for (int i = 0; src && i < (argc > 2 ? (int)strtoumax(argv[2], NULL, 10) : 5);
         i++) {
        struct tw_arena *one = tw_arena_child(&arena);
        int64_t start = microseconds();
        const struct tw_policy *policy =
            tw_policy_read(one, name, NULL, &src, 1, &options, &diags);
        int64_t took = microseconds() - start;
        if (!policy)
            return 1;
        best = took < best ? took : best;
        rules = policy->rules.len;
        tw_arena_release(one);
    }
    if (!src || rules == 0 || best == 0)
        return 1;
    printf("%zu rules, %lld ms, %lld MB/s, %ld bytes a rule at the peak\n", rules,
           (long long)(best / 1000), (long long)((int64_t)src->text.len / best),
           (peak_kib() - before) * 1024 / (long)rules);
    tw_arena_release(&arena);
    return 0;
}

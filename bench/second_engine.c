/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdicts of every rule of an iptables-save file by diagrams: their hash, how many
 * of each, the time and the memory.
 *
 *     second_engine FILE [MEGABYTES [MILLION_STEPS]]
 *
 * The hash is FNV-1a over one digit per rule, in the order of the policy; forwarded
 * IPv4, or IPv6 for an ip6tables-save file given as the fourth word "6".
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "format.h"
#include "idd_verdicts.h"
#include "index.h"
#include "input.h"

struct job {
    struct tw_arena *arena;
    const char *file;
    enum tw_family family;
    struct tw_idd_verdict_options options;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void print(const struct tw_idd_verdicts *v, double ms, long before_kib)
{
    static const char *const whys[] = {"done", "over-budget", "too-many-views"};
    size_t count[TW_RULE_STATES] = {0};
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < v->n; i++) {
        count[v->at[i]]++;
        hash = (hash ^ (uint64_t)v->at[i]) * 1099511628211u;
    }
    printf("engine=idd rules=%zu hash=%016llx ms=%.1f rss_mib=%ld read_mib=%ld\n", v->n,
           (unsigned long long)hash, ms, peak_kib() / 1024, before_kib / 1024);
    printf("  unmatchable=%zu dead=%zu partly=%zu live=%zu undecided=%zu %s slices=%zu "
           "steps=%llu diagram_mib=%zu\n",
           count[TW_RULE_UNMATCHABLE], count[TW_RULE_DEAD], count[TW_RULE_PARTLY],
           count[TW_RULE_LIVE], count[TW_RULE_UNDECIDED], whys[v->why], v->slices,
           (unsigned long long)v->steps, v->peak_bytes >> 20);
}

static enum tw_status run(void *ctx)
{
    const struct job *job = ctx;
    struct tw_diags diags;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    struct tw_str name = tw_str_of(job->file);
    const struct tw_source *src =
        tw_source_load(job->arena, name, name, TW_SOURCE_MAX, TW_NO_STR, &diags);
    struct tw_format_options format = {.now = {0}};
    struct tw_policy *policy = NULL;
    if (src)
        policy = tw_policy_read(job->arena, name, NULL, &src, 1, &format, &diags);
    if (!policy) {
        fprintf(stderr, "second_engine: cannot read %s\n", job->file);
        return TW_ERR_INPUT;
    }
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
    const struct tw_crossing *crossing = tw_crossing_new(job->arena, policy, NULL, &o);
    long before = peak_kib();
    double start = now();
    struct tw_idd_verdicts v =
        tw_idd_verdicts(job->arena, crossing, job->family, &job->options);
    print(&v, now() - start, before);
    return TW_OK;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)12 << 30);
    if (argc < 2)
        return 2;
    struct job job = {.arena = &arena, .file = argv[1]};
    job.options.budget = tw_idd_usual_budget();
    if (argc > 2)
        job.options.budget.bytes = (size_t)strtoul(argv[2], NULL, 10) << 20;
    if (argc > 3)
        job.options.budget.steps = strtoull(argv[3], NULL, 10) * 1000000;
    job.family = argc > 4 && argv[4][0] == '6' ? TW_IPV6 : TW_IPV4;
    enum tw_status status = tw_arena_run(&arena, run, &job);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}

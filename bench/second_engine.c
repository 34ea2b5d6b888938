/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdicts of every rule of an iptables-save dump by diagrams, timed: for
 * rules_speed.sh, beside rules_verdicts.
 *
 *     second_engine DUMP [MEBIBYTES [MILLION_STEPS]]
 *
 * Prints one line: rules, times in milliseconds, memory in MiB, verdicts, and a hash of
 * the verdicts on the rules of FORWARD: dead 0, partly 1, live 2, undecided 3, by
 * FNV-1a. MEBIBYTES are what one diagram may take before its situations are cut in two.
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

static bool in_forward(const struct tw_policy *policy, const struct tw_rule *rule)
{
    return tw_str_ends(policy->chains.at[rule->chain_of].name, "/FORWARD");
}

static void print(const struct tw_policy *policy, const struct tw_idd_verdicts *v,
                  double read_ms, double ms)
{
    static const char *const whys[] = {"done", "over-budget", "too-many-views"};
    static const unsigned codes[] = {[TW_RULE_UNMATCHABLE] = 0,
                                     [TW_RULE_DEAD] = 0,
                                     [TW_RULE_PARTLY] = 1,
                                     [TW_RULE_LIVE] = 2,
                                     [TW_RULE_UNDECIDED] = 3};
    size_t count[TW_RULE_STATES] = {0};
    uint64_t hash = 1469598103934665603u;
    for (size_t i = 0; i < v->n; i++) {
        if (!in_forward(policy, &policy->rules.at[i]))
            continue;
        count[v->at[i]]++;
        hash = (hash ^ codes[v->at[i]]) * 1099511628211u;
    }
    printf("rules %zu parse %.1f verdicts %.1f rss %.1f dead %zu partly %zu live %zu "
           "unmatchable %zu undecided %zu hash %016llx %s slices %zu steps %llu "
           "diagram %zu\n",
           v->n, read_ms, ms, (double)peak_kib() / 1024, count[TW_RULE_DEAD],
           count[TW_RULE_PARTLY], count[TW_RULE_LIVE], count[TW_RULE_UNMATCHABLE],
           count[TW_RULE_UNDECIDED], (unsigned long long)hash, whys[v->why], v->slices,
           (unsigned long long)v->steps, v->peak_bytes >> 20);
}

static enum tw_status run(void *ctx)
{
    const struct job *job = ctx;
    struct tw_diags diags;
    double begin = now();
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
    double start = now();
    struct tw_idd_verdicts v = tw_idd_verdicts(job->arena, crossing, &job->options);
    print(policy, &v, start - begin, now() - start);
    return TW_OK;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)12 << 30);
    if (argc < 2)
        return 2;
    struct job job = {.arena = &arena, .file = argv[1]};
    job.options.budget = (struct tw_idd_budget){(size_t)64 << 20, 2000000000};
    if (argc > 2)
        job.options.budget.bytes = (size_t)strtoul(argv[2], NULL, 10) << 20;
    if (argc > 3)
        job.options.budget.steps = strtoull(argv[3], NULL, 10) * 1000000;
    enum tw_status status = tw_arena_run(&arena, run, &job);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdicts of every rule of an iptables-save dump by diagrams, timed: for
 * rules_speed.sh, beside rules_verdicts.
 *
 *     second_engine DUMP [MEBIBYTES [MILLION_STEPS]]
 *     second_engine --compare BEFORE AFTER [MEBIBYTES [MILLION_STEPS]]
 *
 * Prints one line: rules, times in milliseconds, memory in MiB, verdicts, and a hash of
 * the verdicts on the rules of FORWARD: dead 0, partly 1, live 2, undecided 3, by
 * FNV-1a. MEBIBYTES are what one diagram may take before its situations are cut in two.
 * --compare counts the situations of forwarded IPv4 that are newly let through and
 * newly stopped, in one diagram.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "format.h"
#include "idd_verdicts.h"
#include "index.h"
#include "input.h"

struct job {
    struct tw_arena *arena;
    const char *files[2];
    bool compare;
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

static const struct tw_crossing *cross(const struct job *job, const char *file)
{
    struct tw_diags diags;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    struct tw_str name = tw_str_of(file);
    const struct tw_source *src =
        tw_source_load(job->arena, name, name, TW_SOURCE_MAX, TW_NO_STR, &diags);
    struct tw_format_options format = {.now = {0}};
    struct tw_policy *policy = NULL;
    if (src)
        policy = tw_policy_read(job->arena, name, NULL, &src, 1, &format, &diags);
    if (!policy) {
        fprintf(stderr, "second_engine: cannot read %s\n", file);
        return NULL;
    }
    struct tw_crossing_options o = {.hook = TW_HOOK_FORWARD};
    return tw_crossing_new(job->arena, policy, NULL, &o);
}

static void print_set(const struct job *job, const struct tw_idd_change *change,
                      const char *what, tw_idd_set set)
{
    struct tw_str n = tw_idd_situations(job->arena, change->space, set);
    struct tw_idd_product_list list =
        tw_idd_space_products(job->arena, change->space, set, 1, 100000);
    printf(" %s %.*s in %zu%s products", what, (int)n.len, n.ptr, list.n,
           list.all ? "" : "+");
}

static enum tw_status compare(const struct job *job)
{
    static const char *const answers[] = {"differ", "equal", "undecided"};
    const struct tw_crossing *before = cross(job, job->files[0]);
    const struct tw_crossing *after = cross(job, job->files[1]);
    if (!before || !after)
        return TW_ERR_INPUT;
    double start = now();
    struct tw_idd_change change =
        tw_idd_compare(job->arena, before, after, TW_IPV4, job->options.budget);
    printf("%s %.1f rss %.1f", answers[change.equal], now() - start,
           (double)peak_kib() / 1024);
    if (change.why == TW_IDD_DONE) {
        print_set(job, &change, "opened", change.opened);
        print_set(job, &change, "closed", change.closed);
    }
    printf("\n");
    return TW_OK;
}

static enum tw_status run(void *ctx)
{
    const struct job *job = ctx;
    if (job->compare)
        return compare(job);
    double begin = now();
    const struct tw_crossing *crossing = cross(job, job->files[0]);
    if (!crossing)
        return TW_ERR_INPUT;
    double start = now();
    struct tw_idd_verdicts v = tw_idd_verdicts(job->arena, crossing, &job->options);
    print(crossing->policy, &v, start - begin, now() - start);
    return TW_OK;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    struct job job = {.arena = &arena};
    job.compare = argc > 1 && strcmp(argv[1], "--compare") == 0;
    argv += job.compare;
    argc -= job.compare;
    int files = job.compare ? 2 : 1;
    if (argc <= files) {
        fprintf(stderr, "usage: second_engine DUMP [MEBIBYTES [MILLION_STEPS]]\n");
        return 2;
    }
    for (int i = 0; i < files; i++)
        job.files[i] = argv[1 + i];
    job.options.budget = job.compare
                             ? tw_idd_usual_budget()
                             : (struct tw_idd_budget){(size_t)64 << 20, 2000000000};
    if (argc > files + 1)
        job.options.budget.bytes = (size_t)strtoumax(argv[files + 1], NULL, 10) << 20;
    if (argc > files + 2)
        job.options.budget.steps = strtoumax(argv[files + 2], NULL, 10) * 1000000;
    tw_arena_init(&arena, (size_t)12 << 30);
    enum tw_status status = tw_arena_run(&arena, run, &job);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}

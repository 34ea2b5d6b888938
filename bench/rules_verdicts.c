/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on every rule of one iptables-save dump, timed: for rules_speed.sh.
 *
 * Prints one line: rules, times, verdicts, and a hash of the verdicts on the rules of
 * FORWARD, dead 0, partly 1, live 2, by FNV-1a as other engines print it.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "cover.h"
#include "format.h"
#include "input.h"

struct job {
    struct tw_arena *arena;
    const char *file;
};

/* Microseconds. */
static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* " NAME VALUE", with one digit behind the point of thousandths. */
static void put_tenths(const char *name, uint64_t thousandths)
{
    printf(" %s %llu.%llu", name, (unsigned long long)thousandths / 1000,
           (unsigned long long)thousandths / 100 % 10);
}

static struct tw_policy *read_policy(const struct job *job)
{
    struct tw_diags diags;
    tw_diags_init(&diags, job->arena, TW_LANG_EN);
    struct tw_str name = tw_str_of(job->file);
    const struct tw_source *src =
        tw_source_load(job->arena, name, name, TW_SOURCE_MAX, TW_NO_STR, &diags);
    struct tw_format_options options = {.now = {0}};
    return src ? tw_policy_read(job->arena, name, NULL, &src, 1, &options, &diags)
               : NULL;
}

static bool in_forward(const struct tw_policy *policy, const struct tw_rule *rule)
{
    return tw_str_ends(policy->chains.at[rule->chain_of].name, "/FORWARD");
}

static enum tw_status run(void *ctx)
{
    static const unsigned codes[] = {[TW_RULE_UNMATCHABLE] = 0,
                                     [TW_RULE_DEAD] = 0,
                                     [TW_RULE_PARTLY] = 1,
                                     [TW_RULE_LIVE] = 2,
                                     [TW_RULE_UNDECIDED] = 3};
    const struct job *job = ctx;
    uint64_t start = now();
    struct tw_policy *policy = read_policy(job);
    if (!policy) {
        fprintf(stderr, "rules_verdicts: cannot read %s\n", job->file);
        return TW_ERR_INPUT;
    }
    uint64_t parsed = now();
    struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
    const struct tw_crossing *crossing =
        tw_crossing_new(job->arena, policy, NULL, &options);
    struct tw_cover *cover = tw_cover_new(job->arena, crossing, NULL);
    uint64_t built = now();
    size_t counts[TW_RULE_STATES] = {0};
    uint64_t hash = 1469598103934665603u;
    for (uint32_t i = 0; i < policy->rules.len; i++) {
        enum tw_rule_state state = tw_cover_rule(cover, i).state;
        if (!in_forward(policy, &policy->rules.at[i]))
            continue;
        counts[state]++;
        hash = (hash ^ codes[state]) * 1099511628211u;
    }
    uint64_t done = now();
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("rules %zu", policy->rules.len);
    put_tenths("parse", parsed - start);
    put_tenths("index", built - parsed);
    put_tenths("verdicts", done - built);
    put_tenths("rss", (uint64_t)usage.ru_maxrss * 1000 / 1024);
    printf(" dead %zu partly %zu live %zu unmatchable %zu undecided %zu hash %016llx\n",
           counts[TW_RULE_DEAD], counts[TW_RULE_PARTLY], counts[TW_RULE_LIVE],
           counts[TW_RULE_UNMATCHABLE], counts[TW_RULE_UNDECIDED],
           (unsigned long long)hash);
    return TW_OK;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: rules_verdicts DUMP\n");
        return 2;
    }
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)4 << 30);
    struct job job = {&arena, argv[1]};
    enum tw_status status = tw_arena_run(&arena, run, &job);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}

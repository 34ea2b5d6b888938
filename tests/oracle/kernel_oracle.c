/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_oracle: asks the Linux kernel which of two walls stops each of many packets.
 * For the tests of the rule engine, and for anyone who wants a second opinion.
 *
 *   kernel_oracle [-u] [--wall-a FILE] [--wall-a6 FILE] [--sets-a FILE]
 *                 [--wall-b FILE] [--wall-b6 FILE] [--sets-b FILE]
 *                 [--ifaces a_in,a_out,b_in,b_out] [--backend auto|legacy|nft]
 *                 [--two-way] [--rounds N] [-v] PROBES > RESULTS
 *
 * Two real walls are built in network namespaces (oracle_net.h), loaded with the rule
 * sets (iptables-save text; a wall without a file accepts everything), and sent one
 * real packet for each line of PROBES (oracle_probe.h; "-" is standard input).
 *
 * RESULTS has one line for each probe, in order: the probe as it was written, without
 * its comment, and one more column:
 *
 *   A  wall A stopped it       B  wall B stopped it       P  it reached the server
 *   M  Linux never forwards such a packet, so it was not sent
 *
 * With --two-way the server answers what reaches it, and a second letter follows:
 *
 *   r  wall B stopped the answer       R  wall A stopped it
 *   o  the answer came back            -  there was no answer to send
 *
 * Every probe meets the walls as the first packet of its connection. Rules whose answer
 * depends on what came before (limit, recent, hashlimit, statistic, quota) make the
 * results bounds only: stopped packets are sent again in every round.
 *
 * Exit codes: 0 answered; 1 a system call failed; 2 usage or input; 3 a rule set did
 * not load (its loader's message is on stderr); 77 this machine does not allow it.
 */
#define _GNU_SOURCE 1
#include "oracle_die.h"
#include "oracle_load.h"
#include "oracle_net.h"
#include "oracle_rounds.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct options {
    struct tw_oracle_wall_files walls[2];
    struct tw_oracle_plan plan;
    enum tw_oracle_backend backend;
    const char *ifaces;
    const char *probes;
    bool user_ns;
    bool verbose;
};

enum option_id {
    OPT_WALL_A = 256,
    OPT_WALL_A6,
    OPT_SETS_A,
    OPT_WALL_B,
    OPT_WALL_B6,
    OPT_SETS_B,
    OPT_IFACES,
    OPT_BACKEND,
    OPT_TWO_WAY,
    OPT_ROUNDS
};

static const struct option option_table[] = {
    {"wall-a", required_argument, NULL, OPT_WALL_A},
    {"wall-a6", required_argument, NULL, OPT_WALL_A6},
    {"sets-a", required_argument, NULL, OPT_SETS_A},
    {"wall-b", required_argument, NULL, OPT_WALL_B},
    {"wall-b6", required_argument, NULL, OPT_WALL_B6},
    {"sets-b", required_argument, NULL, OPT_SETS_B},
    {"ifaces", required_argument, NULL, OPT_IFACES},
    {"backend", required_argument, NULL, OPT_BACKEND},
    {"two-way", no_argument, NULL, OPT_TWO_WAY},
    {"rounds", required_argument, NULL, OPT_ROUNDS},
    {NULL, 0, NULL, 0}};

static unsigned rounds_parse(const char *text)
{
    uint32_t rounds = 0;
    if (!tw_oracle_number(text, strlen(text), 100, &rounds) || rounds == 0) {
        tw_oracle_die(TW_ORACLE_USAGE, "--rounds is a number from 1 to 100");
    }
    return rounds;
}

/* Takes one option; false for one that getopt did not know. */
static bool option_take(struct options *o, int id, const char *value)
{
    switch (id) {
    case 'u':
        o->user_ns = true;
        return true;
    case 'v':
        o->verbose = true;
        return true;
    case OPT_WALL_A:
    case OPT_WALL_B:
        o->walls[id == OPT_WALL_B].rules4 = value;
        return true;
    case OPT_WALL_A6:
    case OPT_WALL_B6:
        o->walls[id == OPT_WALL_B6].rules6 = value;
        return true;
    case OPT_SETS_A:
    case OPT_SETS_B:
        o->walls[id == OPT_SETS_B].sets = value;
        return true;
    case OPT_IFACES:
        o->ifaces = value;
        return true;
    case OPT_BACKEND:
        o->backend = tw_oracle_backend_parse(value);
        return true;
    case OPT_TWO_WAY:
        o->plan.two_way = true;
        return true;
    case OPT_ROUNDS:
        o->plan.rounds = rounds_parse(value);
        return true;
    default:
        return false;
    }
}

static void options_parse(struct options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->plan.rounds = 2;
    for (;;) {
        int id = getopt_long(argc, argv, "uv", option_table, NULL);
        if (id == -1) {
            break;
        }
        if (!option_take(o, id, optarg)) {
            tw_oracle_die(TW_ORACLE_USAGE, "see the head of kernel_oracle.c for usage");
        }
    }
    if (optind + 1 != argc) {
        tw_oracle_die(TW_ORACLE_USAGE, "exactly one PROBES file is needed");
    }
    o->probes = argv[optind];
}

static uint64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static void walls_load(const struct options *o, const struct tw_oracle_net *net,
                       const struct tw_oracle_probes *probes)
{
    bool needs_rules = false;
    bool needs_ipv6 = false;
    enum tw_oracle_backend backend = o->backend;
    for (int wall = 0; wall < 2; wall++) {
        needs_ipv6 |= o->walls[wall].rules6 != NULL;
        needs_rules |= o->walls[wall].rules4 != NULL || o->walls[wall].rules6 != NULL;
    }
    for (size_t i = 0; i < probes->count; i++) {
        needs_ipv6 |= probes->list[i].family == 6;
    }
    if (needs_ipv6 && !net->ipv6) {
        tw_oracle_die(TW_ORACLE_SKIP, "skipped: this kernel has no IPv6");
    }
    if (needs_rules && backend == TW_ORACLE_BACKEND_AUTO) {
        backend = tw_oracle_backend_find(net);
    }
    if (o->verbose && needs_rules) {
        tw_oracle_note("backend %s", tw_oracle_backend_name(backend));
    }
    tw_oracle_wall_load(net, TW_ORACLE_WALL_A, &o->walls[0], backend);
    tw_oracle_wall_load(net, TW_ORACLE_WALL_B, &o->walls[1], backend);
}

static void results_print(const struct tw_oracle_probes *probes, bool two_way)
{
    char result[3];
    for (size_t i = 0; i < probes->count; i++) {
        tw_oracle_result(&probes->list[i], two_way, result);
        printf("%.*s %s\n", (int)probes->text_len[i], probes->text + probes->text_at[i],
               result);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        tw_oracle_die(TW_ORACLE_FAILED, "cannot write the results");
    }
}

int main(int argc, char **argv)
{
    struct options options;
    struct tw_oracle_net net;
    struct tw_oracle_probes probes;
    struct tw_oracle_report report;
    options_parse(&options, argc, argv);
    tw_oracle_net_init(&net, options.ifaces);
    tw_oracle_probes_read(&probes, options.probes);
    uint64_t start = clock_ms();
    tw_oracle_net_up(&net, options.user_ns);
    uint64_t wired = clock_ms();
    walls_load(&options, &net, &probes);
    uint64_t loaded = clock_ms();
    tw_oracle_rounds_run(&net, &probes, &options.plan, &report);
    uint64_t done = clock_ms();
    results_print(&probes, options.plan.two_way);
    if (report.translated != 0) {
        tw_oracle_note(
            "%llu times a packet was seen with translated addresses or ports",
            (unsigned long long)report.translated);
    }
    if (options.verbose) {
        uint64_t ms = done > loaded ? done - loaded : 1;
        tw_oracle_note(
            "%zu probes in %u passes, %u rounds; sent %llu, answered %llu,"
            " frames lost %llu",
            probes.count, report.passes, report.rounds, (unsigned long long)report.sent,
            (unsigned long long)report.answers, (unsigned long long)report.lost);
        tw_oracle_note("wired in %llu ms, loaded in %llu ms, sent in %llu ms:"
                       " %llu probes/s",
                       (unsigned long long)(wired - start),
                       (unsigned long long)(loaded - wired), (unsigned long long)ms,
                       (unsigned long long)(probes.count * 1000u / ms));
    }
    tw_oracle_probes_release(&probes);
    return TW_ORACLE_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * panos_universe: PAN-OS walls that nobody would write, read and answered by the
 * product, held against a plain reading under every combination of what is open.
 *
 *   panos_universe [-k] [-a] [-v] SEED [COUNT [SCENARIOS [PACKETS]]]
 *
 * Runs COUNT walls (default 1) from SEED. Each is asked in SCENARIOS ways (a pair of
 * zones and what is settled; default 4) for PACKETS packets of each kind and family
 * (default 12; 0: the whole shrunken universe). A difference is printed with its seed,
 * a wall shrunken to what shows it, the packet and both answers; the exit code is then
 * 1. -k goes on to the next seed, -a prints the wall whole, -v asks for the verdict on
 * every rule instead.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pan_compare.h"

struct task {
    uint64_t seed, count;
    struct pan_scale scale;
    pan_check check;
    bool keep_going, whole;
};

static void tell(struct pan_wall *wall, const struct task *task, uint64_t seed,
                 enum pan_verdict verdict)
{
    printf("=== seed %" PRIu64 "\n", seed);
    task->check(wall, task->scale, NULL, stdout);
    if (!task->whole) {
        pan_shrink(wall, task->check, task->scale, verdict);
        puts("shrunken:");
        task->check(wall, task->scale, NULL, stdout);
    }
    if (wall->panorama)
        printf("device_group: \"%s\"\n", wall->names[wall->scopes[wall->group].name]);
    if (!wall->panorama || wall->managed)
        printf("vsys: \"%s\"\n", wall->names[wall->scopes[wall->chosen].name]);
    pan_xml(stdout, wall);
    if (wall->managed)
        pan_xml_device(stdout, wall);
    pan_table(stdout, wall);
}

static int run(const struct task *task)
{
    static struct pan_wall wall;
    struct pan_counts counts = {0};
    uint64_t different = 0;
    for (uint64_t i = 0; i < task->count; i++) {
        pan_random(&wall, task->seed + i);
        enum pan_verdict v = task->check(&wall, task->scale, &counts, NULL);
        if (v == PAN_SAME)
            continue;
        different++;
        tell(&wall, task, task->seed + i, v);
        if (!task->keep_going)
            break;
    }
    printf("%" PRIu64 " walls, %" PRIu64 " %s (%" PRIu64 " sure, %" PRIu64
           " undecided) under %" PRIu64 " combinations, %" PRIu64 " by bounds, %" PRIu64
           " feared, %" PRIu64 " different\n",
           task->count, counts.packets,
           task->check == pan_verdicts ? "rules" : "packets", counts.sure, counts.open,
           counts.runs, counts.approx, counts.feared, different);
    return different ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct task task = {
        .count = 1, .check = pan_compare, .scale = {.scenarios = 4, .packets = 12}};
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        task.keep_going |= strcmp(argv[i], "-k") == 0;
        task.whole |= strcmp(argv[i], "-a") == 0;
        if (strcmp(argv[i], "-v") == 0)
            task.check = pan_verdicts;
    }
    if (i == argc) {
        fputs(
            "usage: panos_universe [-k] [-a] [-v] SEED [COUNT [SCENARIOS [PACKETS]]]\n",
            stderr);
        return 2;
    }
    uint64_t numbers[4] = {0, task.count, (uint64_t)task.scale.scenarios,
                           (uint64_t)task.scale.packets};
    for (int k = 0; k < 4 && i < argc; k++, i++)
        numbers[k] = strtoumax(argv[i], NULL, 10);
    task.seed = numbers[0];
    task.count = numbers[1];
    task.scale = (struct pan_scale){(int)numbers[2], (int)numbers[3]};
    return run(&task);
}

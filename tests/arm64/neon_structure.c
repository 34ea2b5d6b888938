/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel for arm64 against the plain one, on random text: a program of its own, so
 * that it can be made by a cross compiler without any library and run by an emulator.
 */
#include <stdio.h>

#include "scan_structure.h"

int main(void)
{
    const struct tw_scan_kernel *kernels[5];
    size_t rounds = 2000, compared, round = 0;
    const char *kernel = "";
    if (tw_scan_kernels(kernels) != 2 || strcmp(kernels[0]->name, "neon") != 0) {
        fprintf(stderr, "the kernel for NEON is not there\n");
        return 1;
    }
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)1 << 24);
    const char *what = scan_structure(&arena, rounds, &compared, &round, &kernel);
    if (what)
        fprintf(stderr, "round %zu: %s is not what the plain kernel has\n", round,
                what);
    else
        printf("%zu rounds, %zu of them compared to the last offset\n", rounds,
               compared);
    tw_arena_release(&arena);
    return what || compared < rounds / 8;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a rule set that is made to be hard, as an iptables-save dump.
 *
 *     adversarial tile|needle PIECES [SEED]
 *     adversarial clique BITS PERCENT [SEED]
 */
#include "adversarial_sets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t number(const char *text, uint32_t least, uint32_t most)
{
    char *end;
    uintmax_t n = strtoumax(text, &end, 10);
    if (*end || n < least || n > most) {
        fprintf(stderr, "adversarial: %s is not a number from %u to %u\n", text, least,
                most);
        exit(2);
    }
    return (uint32_t)n;
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = {"tile", "needle", "clique"};
    int kind = 0;
    while (argc > 1 && kind < 3 && strcmp(argv[1], kinds[kind]) != 0)
        kind++;
    int needed = kind == TW_ADVERSARY_CLIQUE ? 4 : 3;
    if (kind == 3 || argc < needed || argc > needed + 1) {
        fprintf(stderr, "usage: adversarial tile|needle PIECES [SEED]\n"
                        "       adversarial clique BITS PERCENT [SEED]\n");
        return 2;
    }
    bool clique = kind == TW_ADVERSARY_CLIQUE;
    uint32_t size = number(argv[2], clique ? 3 : 1, clique ? 5 : 1000000);
    uint32_t percent = clique ? number(argv[3], 0, 100) : 0;
    uint32_t seed = argc > needed ? number(argv[needed], 1, UINT32_MAX) : 1;
    struct tw_arena arena;
    tw_arena_init(&arena, (size_t)2 << 30);
    struct tw_str text =
        adversarial_set(&arena, (enum tw_adversary)kind, size, percent, seed);
    fwrite(text.ptr, 1, text.len, stdout);
    tw_arena_release(&arena);
    return fflush(stdout) ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads rule files with the product's own reader. */
#include "predictor_walls.h"

#include "format.h"
#include "index.h"
#include "input.h"
#include "oracle_die.h"

#include <stdio.h>
#include <string.h>

void tw_predictor_ifaces(struct tw_arena *arena, struct tw_predictor_wall *walls,
                         const char *names)
{
    struct tw_str rest = tw_str_of(names ? names : "eth0,eth1,eth0,eth1");
    static const size_t names_max = (size_t)2 * TW_PREDICTOR_WALLS;
    struct tw_str piece[2 * TW_PREDICTOR_WALLS], one;
    size_t n = 0;
    while (tw_str_split(&rest, ',', &one)) {
        if (n == names_max || one.len == 0)
            tw_oracle_die(TW_ORACLE_USAGE, "--ifaces takes four names");
        piece[n++] = tw_str_copy(arena, one);
    }
    if (n != names_max)
        tw_oracle_die(TW_ORACLE_USAGE, "--ifaces takes four names");
    for (size_t i = 0; i < TW_PREDICTOR_WALLS; i++) {
        walls[i].in = piece[2 * i];
        walls[i].out = piece[2 * i + 1];
    }
}

static void print_diags(struct tw_arena *arena, const struct tw_diags *diags)
{
    struct tw_buf text;
    tw_buf_init(&text, arena);
    tw_diags_print(diags, false, true, &text);
    fwrite(text.ptr, 1, text.len, stderr);
}

void tw_predictor_wall_load(struct tw_arena *arena, struct tw_predictor_wall *wall,
                            bool verbose)
{
    const struct tw_source *sources[TW_FAMILIES];
    const struct tw_format_options options = {0};
    struct tw_diags diags;
    size_t n = 0;
    tw_diags_init(&diags, arena, TW_LANG_EN);
    for (int f = 0; f < TW_FAMILIES; f++) {
        if (!wall->files[f])
            continue;
        struct tw_str path = tw_str_of(wall->files[f]);
        sources[n] =
            tw_source_load(arena, path, path, TW_SOURCE_MAX, TW_NO_STR, &diags);
        if (!sources[n++])
            break;
    }
    if (n == 0)
        return;
    if (!diags.errors)
        wall->policy = tw_policy_read(arena, TW_STR("wall"),
                                      tw_format_by_name(TW_STR("iptables_save")),
                                      sources, n, &options, &diags);
    if (verbose || diags.errors)
        print_diags(arena, &diags);
    if (!wall->policy)
        tw_oracle_die(TW_ORACLE_LOAD, "the product refused the rules");
    if (verbose) {
        struct tw_receipt r = tw_policy_receipt(wall->policy);
        tw_oracle_note("%s: understood %llu of %llu rules",
                       wall->files[wall->files[TW_IPV4] ? TW_IPV4 : TW_IPV6],
                       (unsigned long long)r.understood, (unsigned long long)r.rules);
    }
    const struct tw_index *index = tw_index_build(arena, wall->policy);
    /* Rates depend on what was sent before: they are left open. */
    struct tw_crossing_options cross = {.hook = TW_HOOK_FORWARD,
                                        .in = wall->in,
                                        .out = wall->out,
                                        .strict_limits = true};
    wall->there = tw_crossing_new(arena, wall->policy, index, &cross);
    cross.in = wall->out;
    cross.out = wall->in;
    wall->back = tw_crossing_new(arena, wall->policy, index, &cross);
}

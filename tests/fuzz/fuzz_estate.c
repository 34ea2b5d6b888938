/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estate's loader over any bytes. Lines of "%%%" divide an input: twinwall.yaml,
 * then the tables in the order in which they are opened. No file is touched. An estate
 * that loads must keep what estate.h promises. Seeds: fixtures/estates.
 */
#include <stdlib.h>

#include "estate.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct tw_arena arena;
    struct tw_str rest;
};

static struct tw_str next_part(struct tw_str *rest)
{
    size_t at = tw_str_find_str(*rest, TW_STR("\n%%%\n"));
    struct tw_str part = tw_str_first(*rest, at);
    *rest = tw_str_from(*rest, at + 5);
    return part;
}

static const struct tw_source *open_part(void *ctx, struct tw_arena *arena,
                                         struct tw_str path, struct tw_diags *diags)
{
    struct run *run = ctx;
    return tw_source_decode(arena, path, next_part(&run->rest), TW_STR(""), diags);
}

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_flow(struct tw_arena *arena, const struct tw_estate *e,
                       const struct tw_flow *f)
{
    enum { ENOUGH = 64 };
    const struct tw_rational *sum = tw_rational_of(arena, 0, 1);
    demand(f->npairs && f->to < e->services.len && f->ports.n);
    demand(f->from == TW_NONE || f->from < e->services.len);
    if (f->npairs > ENOUGH)
        return;
    const struct tw_rational **shares = tw_flow_shares(arena, e, f);
    for (size_t i = 0; i < f->npairs; i++) {
        struct tw_site_pair pair = f->pairs[i];
        demand(e->services.at[f->to].hosts[TW_IPV4][pair.to] != NULL);
        sum = tw_rational_add(arena, sum, shares[i]);
        if (pair.from == TW_NONE)
            continue;
        demand(e->services.at[f->from].hosts[TW_IPV6][pair.from] != NULL);
        demand(tw_estate_paths(arena, e, e->services.at[f->from].zone, pair.from,
                               e->services.at[f->to].zone, pair.to)
                   .n != 0);
    }
    demand(tw_rational_cmp(sum, tw_rational_of(arena, 1, 1)) == 0);
}

static enum tw_status load(void *ctx)
{
    struct run *run = ctx;
    struct tw_estate_files files = {open_part, run};
    struct tw_time now = {.day = 19397};
    struct tw_diags diags;
    struct tw_buf text;
    tw_diags_init(&diags, &run->arena, TW_LANG_ZH);
    tw_buf_init(&text, &run->arena);
    const struct tw_source *yaml = tw_source_decode(
        &run->arena, TW_STR("e.yaml"), next_part(&run->rest), TW_STR(""), &diags);
    const struct tw_estate *e =
        yaml ? tw_estate_read(&run->arena, yaml, TW_STR("f"), &files, now, &diags)
             : NULL;
    demand((e == NULL) == (diags.errors != 0));
    tw_diags_print(&diags, true, false, &text);
    for (size_t i = 0; e && i < e->flows.len; i++)
        check_flow(&run->arena, e, &e->flows.at[i]);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {.rest = {(const char *)data, size}};
    tw_arena_init(&run.arena, (size_t)1 << 28);
    enum tw_status status = tw_arena_run(&run.arena, load, &run);
    tw_arena_release(&run.arena);
    return status == TW_OK ? 0 : -1;
}

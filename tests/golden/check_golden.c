/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_golden REPORT [ESTATE [CLAIMS]]: is the report of `check` (or of
 * `impact` and `trace`, where ESTATE is not looked at) what the contract promises?
 *
 *   - strict JSON with the keys and the types of the stable core;
 *   - counts that add up (the summary against the flows and the findings);
 *   - boxes of `missing`, `excess` and `unsure` inside their flow (ESTATE says what the
 *     flow is) and pairwise disjoint, each with a witness inside of it;
 *   - of `show --certificates`, strict JSON alone;
 *   - and the claims: one PATH VALUE a line, where PATH walks members by key, items by
 *     number or by their id, name, service or wall, and `#` counts; VALUE is the whole
 *     text, `~TEXT` a part of it, `absent` no such member.
 *
 *         flows.FD-ARK.pairs.0.missing.# 2
 *         flows.FD-ARK.pairs.0.missing.0.by.lft-fw.index 37
 */
#include <stdio.h>
#include <stdlib.h>

#include "golden_shape.h"
#include "input.h"

enum { FILE_MAX = 1 << 24 };

static struct tw_str load(struct golden *g, const char *path)
{
    struct tw_diags diags;
    tw_diags_init(&diags, g->arena, TW_LANG_EN);
    struct tw_str name = tw_str_of(path);
    const struct tw_source *src =
        tw_source_load(g->arena, name, name, FILE_MAX, TW_NO_STR, &diags);
    if (!src) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    return src->text;
}

/* --- claims ---------------------------------------------------------------------- */

static const struct json_node *item(const struct json_node *array, struct tw_str word)
{
    static const char *const names[] = {"id", "name", "service", "wall"};
    uint64_t number;
    bool by_number = tw_parse_u64(word, UINT32_MAX, &number);
    size_t i = 0;
    for (const struct json_node *m = array->first; m; m = m->next, i++) {
        if (by_number && i == number)
            return m;
        for (size_t n = 0; n < sizeof names / sizeof names[0] && !by_number; n++) {
            const struct json_node *name = json_get(m, names[n]);
            if (name && tw_str_eq(name->text, word))
                return m;
        }
    }
    return NULL;
}

static struct tw_str value_at(struct golden *g, const struct json_node *node,
                              struct tw_str path)
{
    struct tw_str word;
    while (node && tw_str_split(&path, '.', &word)) {
        if (tw_str_is(word, "#"))
            return tw_fmt(g->arena, "%zu", node->count);
        node = node->kind == JSON_ARRAY ? item(node, word)
                                        : json_get(node, tw_str_cstr(g->arena, word));
    }
    return node ? node->text : TW_STR("absent");
}

static void hold_claims(struct golden *g, const struct json_node *root,
                        struct tw_str text)
{
    struct tw_str line;
    while (tw_str_split(&text, '\n', &line)) {
        if (line.len == 0)
            continue;
        size_t blank = tw_str_find(line, ' ');
        struct tw_str path = tw_str_first(line, blank);
        struct tw_str want = tw_str_from(line, blank + 1);
        struct tw_str have = value_at(g, root, path);
        bool part = tw_str_starts(want, "~");
        struct tw_str rest = tw_str_from(want, 1);
        bool ok = part ? tw_str_find_str(have, rest) < have.len : tw_str_eq(have, want);
        if (!ok)
            golden_fault(g, "claim %.*s: %.*s, not %.*s", (int)path.len, path.ptr,
                         (int)have.len, have.ptr, (int)want.len, want.ptr);
    }
}

static enum tw_status run(void *ctx)
{
    struct golden *g = ctx;
    size_t at;
    const struct json_node *root = json_parse(g->arena, load(g, g->files[0]), &at);
    if (!root) {
        golden_fault(g, "not strict JSON from byte %zu on", at);
        return TW_OK;
    }
    const struct json_node *schema = json_get(root, "schema");
    bool check = false;
    if (schema && tw_str_is(schema->text, "twinwall.impact/1"))
        golden_impact(g, root);
    else if (schema && tw_str_is(schema->text, "twinwall.trace/1"))
        golden_trace(g, root);
    else
        check = !schema || !tw_str_is(schema->text, "twinwall.certificates/1");
    if (check)
        golden_shape(g, root);
    if (check && g->files[1]) {
        struct tw_diags diags;
        struct tw_time now = {.day = 0};
        tw_diags_init(&diags, g->arena, TW_LANG_EN);
        g->estate = tw_estate_load(g->arena, tw_str_of(g->files[1]), now, &diags);
        if (!g->estate)
            golden_fault(g, "the estate %s does not load", g->files[1]);
        else
            golden_boxes(g, root);
    }
    if (g->files[2])
        hold_claims(g, root, load(g, g->files[2]));
    return TW_OK;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    struct golden g = {.arena = &arena};
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: check_golden REPORT [ESTATE [CLAIMS]]\n");
        return 2;
    }
    for (int i = 1; i < argc; i++)
        g.files[i - 1] = argv[i];
    tw_arena_init(&arena, (size_t)1 << 30);
    if (tw_arena_run(&arena, run, &g) != TW_OK)
        golden_fault(&g, "out of memory");
    tw_arena_release(&arena);
    return g.faults ? 1 : 0;
}

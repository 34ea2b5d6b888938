/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A libFuzzer target for the readers of policy exports. The first byte chooses the
 * format (modulo their number; 255: told by content). Behind the bytes 0xff 0xfe in the
 * text a second source begins, behind 0xff 0xfd a table of application ports, behind
 * 0xff 0xfc an export of counters, in this order. Whatever the text, a reader answers
 * with a policy that keeps its promises or with an error; and what was read is written
 * as neutral XML, which reads again and is written to the same bytes.
 *
 *     cmake -B fuzz -DTWINWALL_FUZZ=ON -DCMAKE_C_COMPILER=clang
 *     fuzz/tests/fuzz_policy -max_len=4096 corpus fixtures/policies/iptables_save
 */
#include <stdint.h>
#include <stdlib.h>

#include "format.h"
#include "policy_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct tw_arena arena;
    struct tw_str text;
    const struct tw_format *format;
};

static const struct tw_format_options plain = {.now = {.day = 20000}};

/* Takes what stands behind MARK off TEXT as a source, or gives NULL. */
static const struct tw_source *part(struct run *run, const char *mark, const char *name)
{
    size_t at = tw_str_find_str(run->text, tw_str_of(mark));
    struct tw_str rest = tw_str_from(run->text, at);
    run->text = tw_str_first(run->text, at);
    if (rest.len == 0)
        return NULL;
    return tw_source_new(&run->arena, tw_str_of(name), tw_str_from(rest, 2));
}

static struct tw_str written(struct run *run, const struct tw_policy *policy)
{
    const struct tw_write_options all = {.without_counters = false};
    struct tw_buf buf;
    tw_buf_init(&buf, &run->arena);
    tw_policy_write_xml(policy, &all, &buf);
    return tw_buf_view(&buf);
}

static void write_and_read(struct run *run, const struct tw_policy *policy)
{
    struct tw_diags diags;
    tw_diags_init(&diags, &run->arena, TW_LANG_EN);
    struct tw_str xml = written(run, policy);
    const struct tw_source *source = tw_source_new(&run->arena, TW_STR("xml"), xml);
    const struct tw_policy *again =
        tw_policy_read(&run->arena, TW_STR("wall"), NULL, &source, 1, &plain, &diags);
    if (!again || !tw_str_eq(written(run, again), xml))
        abort();
    struct tw_receipt was = tw_policy_receipt(policy), is = tw_policy_receipt(again);
    if (was.rules != is.rules || was.understood != is.understood)
        abort();
}

static enum tw_status read_it(void *context)
{
    struct run *run = context;
    struct tw_diags diags;
    struct tw_format_options options = plain;
    const struct tw_source *sources[2];
    size_t n = 0;
    options.hits = part(run, "\xff\xfc", "hits");
    options.app_ports = part(run, "\xff\xfd", "ports");
    const struct tw_source *second = part(run, "\xff\xfe", "b6");
    tw_diags_init(&diags, &run->arena, run->text.len % 2 ? TW_LANG_ZH : TW_LANG_EN);
    sources[n++] = tw_source_new(&run->arena, TW_STR("a"), run->text);
    if (second)
        sources[n++] = second;
    const struct tw_policy *policy = tw_policy_read(
        &run->arena, TW_STR("wall"), run->format, sources, n, &options, &diags);
    if (!policy && diags.errors == 0)
        abort(); /* refused without a reason */
    if (policy)
        write_and_read(run, policy);
    struct tw_buf buf;
    tw_buf_init(&buf, &run->arena);
    tw_diags_print(&diags, false, true, &buf);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 64 << 20 };
    if (size == 0)
        return 0;
    size_t count = 0;
    while (tw_formats[count])
        count++;
    struct run run = {.format = data[0] == 255 ? NULL : tw_formats[data[0] % count]};
    /* A copy of its own, so that reading past the end is seen. */
    char *copy = malloc(size - 1 ? size - 1 : 1);
    if (!copy)
        return 0;
    for (size_t i = 1; i < size; i++)
        copy[i - 1] = (char)data[i];
    run.text = (struct tw_str){copy, size - 1};
    tw_arena_init(&run.arena, LIMIT);
    enum tw_status status = tw_arena_run(&run.arena, read_it, &run);
    (void)status; /* out of memory is an answer too */
    tw_arena_release(&run.arena);
    free(copy);
    return 0;
}

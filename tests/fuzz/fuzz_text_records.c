/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a dump of each delimited format: the first byte chooses the format, the
 * second one the sizes. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct format {
    const char *name, *options[8]; /* name and value in turn */
} formats[] = {
    {"hive_text", {"columns", "a,b,c"}},
    {"hive_text", {NULL}},
    {"outfile", {"columns", "a,b"}},
    {"outfile", {"quote", "\"", "delimiter", ","}},
    {"outfile", {"escape", "none"}},
    {"outfile", {"quote", "\"", "escape", "\"", "delimiter", ",", "columns", "a,b,c"}},
    {"outfile", {"quote", "\"", "escape", "\"", "columns", "a"}},
    {"mysql_batch", {NULL}},
    {"beeline", {NULL}},
    {"clickhouse", {NULL}},
    {"pg_copy", {NULL}},
    {"pg_copy", {"table", "t"}},
    {"dumpling_csv", {NULL}},
    {"csv", {NULL}},
    {"tsv", {NULL}},
    {NULL, {NULL}}, /* told by content, where it is one of these */
};
enum { NFORMATS = sizeof formats / sizeof formats[0] };

/* Other formats have fuzzers of their own. */
static bool is_delimited(struct tw_str bytes)
{
    struct tw_arena arena;
    struct tw_diags diags;
    tw_arena_init(&arena, (size_t)1 << 20);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    const struct tw_dump *dump = tw_dump_detect(bytes, TW_STR("fuzz.csv"), &diags);
    bool found = false;
    for (size_t i = 0; dump && i + 1 < NFORMATS; i++)
        found |= strcmp(dump->name, formats[i].name) == 0;
    tw_arena_release(&arena);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct tw_str bytes = {(const char *)data + 2, size - 2};
    const struct format *format = &formats[data[0] % NFORMATS];
    if (!format->name && !is_delimited(bytes))
        return 0;
    struct fuzz_plan plan = {.file = "fuzz.csv", .record_max = 60};
    if (format->name)
        fuzz_ask(&plan, "dump", format->name);
    for (size_t i = 0; i < 8 && format->options[i]; i += 2)
        fuzz_ask(&plan, format->options[i], format->options[i + 1]);
    fuzz_ask(&plan, "encoding", "UTF-8");
    fuzz_ask(&plan, "wrong", "#1 ~ /a|b+/");
    fuzz_ask(&plan, "wrong", "* is null");
    fuzz_ask(&plan, "distinct", "#1");
    fuzz_both(&plan, bytes, data[1]);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as delimited text: the first two choose the dialect and the sizes. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const delimiters[] = {",", "\\t", "|", ";"};
    if (size < 2)
        return 0;
    uint8_t dialect = data[0];
    struct fuzz_plan plan = {.file = "fuzz.csv", .record_max = 40};
    fuzz_ask(&plan, "delimiter", delimiters[dialect & 3]);
    fuzz_ask(&plan, "quote", dialect & 4 ? "none" : "\"");
    fuzz_ask(&plan, "escape", dialect & 8 ? "\\" : "none");
    if (dialect & 16)
        fuzz_ask(&plan, "columns", "a,b");
    if (dialect & 32)
        fuzz_ask(&plan, "encoding", dialect & 64 ? "GB18030" : "UTF-8");
    fuzz_ask(&plan, "wrong", "#1 ~ /a|b+/");
    fuzz_ask(&plan, "wrong", "* is null");
    fuzz_ask(&plan, "by", "#1:hour");
    fuzz_ask(&plan, "distinct", "#1");
    fuzz_ask(&plan, "sum", "#1");
    fuzz_ask(&plan, "tz", "+08:00");
    fuzz_both(&plan, (struct tw_str){(const char *)data + 2, size - 2}, data[1]);
    return 0;
}

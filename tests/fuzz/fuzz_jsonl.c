/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON lines, as a JSON array, as arrays a line: the first two choose the
 * format, the rules and the sizes. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"jsonl", "json_array", "json_compact",
                                          "jsonl"};
    if (size < 2)
        return 0;
    struct fuzz_plan plan = {.file = "fuzz", .record_max = 200};
    fuzz_ask(&plan, "dump", formats[data[0] & 3]);
    fuzz_ask(&plan, "wrong", data[0] & 4 ? "* ~ /a|b+/" : "a ~ /a|b+/");
    fuzz_ask(&plan, "wrong", "b is null");
    if (!(data[0] & 16))
        fuzz_ask(&plan, "columns", "a,b,a.b");
    fuzz_ask(&plan, "by", data[0] & 16 ? "b" : "a.b");
    fuzz_ask(&plan, "distinct", "a");
    fuzz_ask(&plan, "sum", "b");
    fuzz_ask(&plan, "encoding", data[0] & 8 ? "GB18030" : "UTF-8");
    fuzz_both(&plan, (struct tw_str){(const char *)data + 2, size - 2}, data[1]);
    return 0;
}

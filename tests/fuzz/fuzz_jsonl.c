/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON lines, as a JSON array, as arrays a line. The first two bytes
 * choose the format, the rules and the sizes of pieces. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"jsonl", "json_array", "json_compact",
                                          "jsonl"};
    if (size < 2)
        return 0;
    const char *format = formats[data[0] & 3];
    bool any = data[0] & 4;
    const char *const options[] = {
        "dump",  format,      "wrong",    any ? "* ~ /a|b+/" : "a ~ /a|b+/",
        "wrong", "b is null", "columns",  "a,b,a.b",
        "by",    "a.b",       "distinct", "a",
        "sum",   "b",         "encoding", data[0] & 8 ? "GB18030" : "UTF-8",
        NULL};
    fuzz_both((struct tw_str){(const char *)data + 2, size - 2}, data[1], options);
    return 0;
}

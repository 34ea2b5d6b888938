/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as XML of mysqldump: the first two choose the flags and the sizes. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct fuzz_plan plan = {.file = "fuzz", .record_max = 200};
    fuzz_ask(&plan, "dump", "mysql_xml");
    fuzz_ask(&plan, "wrong", data[0] & 4 ? "* ~ /a|b+/" : "#1 ~ /a|b+/");
    fuzz_ask(&plan, "wrong", "#1 is null");
    fuzz_ask(&plan, "by", "#1:hour");
    fuzz_ask(&plan, "tz", "+08:00");
    fuzz_ask(&plan, "sum", "#1");
    fuzz_ask(&plan, "encoding", data[0] & 8 ? "GB18030" : "UTF-8");
    if (data[0] & 1)
        fuzz_ask(&plan, "table", "t");
    fuzz_both(&plan, (struct tw_str){(const char *)data + 2, size - 2}, data[1]);
    return 0;
}

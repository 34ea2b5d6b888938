/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an SQL dump: the first two choose the options and the sizes. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    uint8_t how = data[0];
    struct fuzz_plan plan = {.file = "fuzz.sql", .record_max = how & 16 ? 24 : 1 << 20};
    fuzz_ask(&plan, "dump", "mysqldump");
    if (how & 1)
        fuzz_ask(&plan, "table", how & 2 ? "t" : "d.t");
    if (how & 4)
        fuzz_ask(&plan, "columns", "a,b");
    if (how & 8)
        fuzz_ask(&plan, "encoding", how & 2 ? "GBK" : "UTF-8");
    fuzz_ask(&plan, "wrong", "#1 ~ /a|b+/");
    fuzz_ask(&plan, "wrong", "* is null");
    fuzz_ask(&plan, "by", "#1:hour");
    fuzz_ask(&plan, "tz", "+08:00");
    fuzz_both(&plan, (struct tw_str){(const char *)data + 2, size - 2}, data[1]);
    return 0;
}

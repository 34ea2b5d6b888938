/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as XML of mysqldump. The first two bytes choose the flags and the sizes of
 * pieces. */
#include "fuzz_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    bool table = data[0] & 1;
    const char *const options[] = {"dump",
                                   "mysql_xml",
                                   "wrong",
                                   data[0] & 4 ? "* ~ /a|b+/" : "#1 ~ /a|b+/",
                                   "wrong",
                                   "#1 is null",
                                   "by",
                                   "#1:hour",
                                   "tz",
                                   "+08:00",
                                   "sum",
                                   "#1",
                                   "encoding",
                                   data[0] & 8 ? "GB18030" : "UTF-8",
                                   table ? "table" : NULL,
                                   "t",
                                   NULL};
    fuzz_both((struct tw_str){(const char *)data + 2, size - 2}, data[1], options);
    return 0;
}

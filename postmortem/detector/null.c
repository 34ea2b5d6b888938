/* SPDX-License-Identifier: Apache-2.0 */
/* NULL: told by the reader of the dump, which alone knows how it is written. */
#include "detector.h"

extern const struct tw_detector tw_detector_null;

const struct tw_detector tw_detector_null = {
    .name = "null",
    .use = TW_DETECTOR_RULE,
    .summary = {"is null: no value, which is not the empty text",
                "is null：没有值，与空文本不同"},
};

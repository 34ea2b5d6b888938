/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes to every detector: a class comes back, the same one for a copy of the bytes
 * that stands elsewhere; what is repaired is valid UTF-8, fits, and does not depend on
 * the room; what is of one form by its digits is valid UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "detector.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_repair(const struct tw_detector *d, struct tw_str text)
{
    size_t room = 4 * text.len + 16;
    char *out = malloc(room), *less = malloc(room);
    check(out && less);
    size_t n = d->repair(text, out, room);
    check(n <= room && tw_utf8_valid((struct tw_str){out, n}));
    check(d->repair(text, less, 0) == 0);
    if (n > 0) {
        check(d->detect(text) == TW_DETECTED_YES);
        check(d->repair(text, less, n - 1) == 0);
        check(d->repair(text, less, n) == n && memcmp(out, less, n) == 0);
    }
    free(out);
    free(less);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Heap copies of the very length: the sanitizer sees a step beyond. */
    char *copy = malloc(size ? size : 1);
    check(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    struct tw_str text = {copy, size};
    struct tw_str same = {size ? (const char *)data : "", size};
    for (size_t i = 0; tw_detectors[i]; i++) {
        const struct tw_detector *d = tw_detectors[i];
        if (d->use == TW_DETECTOR_RULE) {
            check(!d->detect);
            continue;
        }
        enum tw_detected found = d->detect(text);
        check(found <= TW_DETECTED_ODD && found == d->detect(same));
        check(d->use == TW_DETECTOR_FORMAT || found != TW_DETECTED_MASKED);
        if (d->use == TW_DETECTOR_FORMAT && found != TW_DETECTED_NO)
            check(tw_utf8_valid(text) && size > 0);
        if (d->repair)
            check_repair(d, text);
    }
    free(copy);
    return 0;
}

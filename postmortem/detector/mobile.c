/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mobile numbers of the Chinese mainland: eleven digits, 1 and then 3 … 9. Which blocks
 * of numbers are in use changes by the year, so that the third digit is not looked at.
 */
#include <string.h>

#include "detector_text.h"

extern const struct tw_detector tw_detector_mobile;

enum { MOBILE_LEN = 11 };

static bool begins_like_mobile(const char *p)
{
    return p[0] == '1' && p[1] >= '3' && p[1] <= '9';
}

/* Eleven characters: 13800138000, 138****8000. */
static enum tw_detected bare(const char *p)
{
    if (!begins_like_mobile(p))
        return TW_DETECTED_NO;
    if (tw_digits8(tw_load8(p)) && tw_digits8(tw_load8(p + 3)))
        return TW_DETECTED_YES;
    bool masked = tw_is_digit(p[2]) && memcmp(p + 3, "****", 4) == 0 &&
                  tw_all_digits((struct tw_str){p + 7, 4});
    return masked ? TW_DETECTED_MASKED : TW_DETECTED_NO;
}

/* The rest behind +86, 0086 or 86, and one blank or hyphen behind that. */
static struct tw_str without_country(struct tw_str text)
{
    static const char *const codes[] = {"+86", "0086", "86"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (!tw_str_starts(text, codes[i]))
            continue;
        text = tw_str_from(text, strlen(codes[i]));
        if (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '-'))
            text = tw_str_from(text, 1);
        break;
    }
    return text;
}

static enum tw_detected detect(struct tw_str text)
{
    static const size_t groups[] = {3, 7}; /* 138 0013 8000 */
    if (text.len == MOBILE_LEN)
        return bare(text.ptr);
    if (text.len < MOBILE_LEN || text.len > MOBILE_LEN + 7)
        return TW_DETECTED_NO;
    struct tw_str rest = without_country(text);
    char joined[MOBILE_LEN];
    if (rest.len == MOBILE_LEN + 2) {
        if (tw_without_groups(rest, groups, 2, joined, sizeof joined) != MOBILE_LEN)
            return TW_DETECTED_NO;
        rest = (struct tw_str){joined, MOBILE_LEN};
    }
    if (rest.len != MOBILE_LEN)
        return TW_DETECTED_NO;
    enum tw_detected found = bare(rest.ptr);
    return found == TW_DETECTED_YES ? TW_DETECTED_ODD : found;
}

const struct tw_detector tw_detector_mobile = {
    .name = "mobile",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails mobile: no mobile number of the Chinese mainland",
                "fails mobile：不是中国大陆手机号"},
    .detect = detect,
};

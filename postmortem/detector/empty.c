/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that mean nothing and are not empty: blanks, 'NULL', '\N', 'N/A', '-'. They
 * are told apart from NULL (`is null`) and from the empty text (`is empty`), which this
 * detector does not count again.
 */
#include "detector.h"
#include "text.h"

extern const struct tw_detector tw_detector_empty;

/* What programs and people write for "no value"; the ones on the right may be one. */
static const struct word {
    const char *text;
    enum tw_detected class;
} words[] = {
    {"null", TW_DETECTED_YES},
    {"(null)", TW_DETECTED_YES},
    {"<null>", TW_DETECTED_YES},
    {"[null]", TW_DETECTED_YES},
    {"\\N", TW_DETECTED_YES},
    {"nil", TW_DETECTED_YES},
    {"none", TW_DETECTED_YES},
    {"nan", TW_DETECTED_YES},
    {"NaT", TW_DETECTED_YES},
    {"n/a", TW_DETECTED_YES},
    {"#N/A", TW_DETECTED_YES},
    {"undefined", TW_DETECTED_YES},
    {"{}", TW_DETECTED_YES},
    {"[]", TW_DETECTED_YES},
    {"''", TW_DETECTED_YES},
    {"\"\"", TW_DETECTED_YES},
    {"-", TW_DETECTED_YES},
    {"--", TW_DETECTED_YES},
    {"---", TW_DETECTED_YES},
    {"\u2014", TW_DETECTED_YES},
    {"\u2014\u2014", TW_DETECTED_YES},
    {"\uff0d", TW_DETECTED_YES},
    {"na", TW_DETECTED_ODD},
    {".", TW_DETECTED_ODD},
    {"/", TW_DETECTED_ODD},
    {"\\", TW_DETECTED_ODD},
    {"0", TW_DETECTED_ODD},
    {"\u65e0", TW_DETECTED_ODD},
    {"\u7a7a", TW_DETECTED_ODD},
    {"\u6682\u65e0", TW_DETECTED_ODD},
    {"\u672a\u77e5", TW_DETECTED_ODD},
    {"\u4e0d\u8be6", TW_DETECTED_ODD},
    {"unknown", TW_DETECTED_ODD},
    {"empty", TW_DETECTED_ODD},
};
enum { WORD_MAX = 9 };

/* Blanks of any width, zero included, and controls. */
static bool is_blank(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || c == 0x180e ||
           (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
           (c >= 0x205f && c <= 0x2064) || c == 0x2800 || c == 0x3000 || c == 0x3164 ||
           c == 0xfeff;
}

static size_t blank_step(struct tw_str s)
{
    uint32_t c;
    size_t n = tw_utf8_step(s, &c);
    return n && is_blank(c) ? n : 0;
}

/* The blank characters at the end of S take up this many bytes. */
static size_t blank_tail(struct tw_str s)
{
    for (size_t n = 1; n <= 3 && n <= s.len; n++)
        if (blank_step(tw_str_from(s, s.len - n)) == n)
            return n;
    return 0;
}

static enum tw_detected detect(struct tw_str text)
{
    size_t n;
    if (text.len == 0)
        return TW_DETECTED_NO;
    while ((n = blank_step(text)) != 0)
        text = tw_str_from(text, n);
    if (text.len == 0)
        return TW_DETECTED_YES;
    while ((n = blank_tail(text)) != 0)
        text = tw_str_first(text, text.len - n);
    if (text.len > WORD_MAX)
        return TW_DETECTED_NO;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tw_str_eq_nocase(text, tw_str_of(words[i].text)))
            return words[i].class;
    return TW_DETECTED_NO;
}

const struct tw_detector tw_detector_empty = {
    .name = "empty",
    .use = TW_DETECTOR_LOOKS,
    .summary = {"is empty: the empty text; looks empty: blanks, 'NULL', 'N/A', '-' …",
                "is empty：空文本；looks empty：空白、'NULL'、'N/A'、'-' 等"},
    .detect = detect,
};

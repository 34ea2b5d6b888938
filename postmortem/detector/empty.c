/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that mean nothing and are not empty: blanks, 'NULL', '\N', 'N/A', '-'. They
 * are told apart from NULL (`is null`) and from the empty text (`is empty`), which this
 * detector does not count again.
 */
#include "detector.h"
#include "text.h"

extern const struct tw_detector tw_detector_empty;

/* What programs and people write for "no value". */
#define WORD(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
static const struct tw_str words[] = {
    WORD("null"), WORD("(null)"),    WORD("<null>"), WORD("[null]"), WORD("\\N"),
    WORD("nil"),  WORD("none"),      WORD("nan"),    WORD("NaT"),    WORD("n/a"),
    WORD("#N/A"), WORD("undefined"), WORD("{}"),     WORD("[]"),     WORD("''"),
    WORD("\"\""), WORD("-"),         WORD("--"),     WORD("---"),    WORD("—"),
    WORD("——"),   WORD("－"),
};

/* What may be one, or an answer. */
static const struct tw_str maybe_words[] = {
    WORD("na"),   WORD("."),    WORD("/"),       WORD("\\"),
    WORD("0"),    WORD("无"),   WORD("空"),      WORD("暂无"),
    WORD("未知"), WORD("不详"), WORD("unknown"), WORD("empty"),
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

/* Neither ASCII to be seen nor the first byte of an ideograph 4E00 … 9FFF: then it may
 * begin a blank. */
static bool may_be_blank(char c)
{
    unsigned char u = (unsigned char)c;
    return u <= 0x20 || (u >= 0x7f && u < 0xe4) || u > 0xe9;
}

static size_t blank_step(struct tw_str s)
{
    uint32_t c;
    if (s.len == 0 || !may_be_blank(s.ptr[0]))
        return 0;
    size_t n = tw_utf8_step(s, &c);
    return n && is_blank(c) ? n : 0;
}

/* The blank characters at the end of S take up this many bytes. */
static size_t blank_tail(struct tw_str s)
{
    for (size_t n = 1; n <= 3 && n <= s.len; n++) {
        struct tw_str tail = {s.ptr + s.len - n, n};
        if (blank_step(tail) == n)
            return n;
        if (((unsigned char)tail.ptr[0] & 0xc0) != 0x80)
            break; /* a character begins here */
    }
    return 0;
}

static bool is_one_of(const struct tw_str *list, size_t count, struct tw_str text)
{
    for (size_t i = 0; i < count; i++) {
        /* Mostly the length and the first byte say no. */
        bool may =
            list[i].len == text.len && ((list[i].ptr[0] ^ text.ptr[0]) & ~0x20) == 0;
        if (may && tw_str_eq_nocase(text, list[i]))
            return true;
    }
    return false;
}

static enum tw_detected class_of(struct tw_str text)
{
    if (text.len > WORD_MAX)
        return TW_DETECTED_NO;
    if (is_one_of(words, sizeof words / sizeof words[0], text))
        return TW_DETECTED_YES;
    bool maybe =
        is_one_of(maybe_words, sizeof maybe_words / sizeof maybe_words[0], text);
    return maybe ? TW_DETECTED_ODD : TW_DETECTED_NO;
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
    return class_of(text);
}

const struct tw_detector tw_detector_empty = {
    .name = "empty",
    .use = TW_DETECTOR_LOOKS,
    .summary = {"is empty: the empty text; looks empty: blanks, 'NULL', 'N/A', '-' …",
                "is empty：空文本；looks empty：空白、'NULL'、'N/A'、'-' 等"},
    .detect = detect,
};

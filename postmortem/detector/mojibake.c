/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in the wrong encoding, and what such accidents leave behind:
 *
 *     bytes that are no UTF-8; U+FFFD, or 锟斤拷, which is two of them read as GBK
 *     UTF-8 read as GB18030 (寮犱笁), as Latin-1 (å¼ä¸‰); GB18030 read as Latin-1
 *     烫烫 and 屯屯, memory that nobody wrote to; ?? alone, characters that were lost
 *
 * The last two and U+FFFD cannot be repaired.
 */
#include "detector.h"
#include "misread.h"
#include "text.h"

extern const struct tw_detector tw_detector_mojibake;

enum { REPLACEMENT = 0xfffd, HOT = 0x70eb, TUN = 0x5c6f, KUN = 0x951f };

/* What one look at all characters tells. */
struct seen {
    bool invalid, replacement, gaps; /* gaps: a question mark before an ideograph */
    bool kun;                        /* 锟, of 锟斤拷 */
    bool latin;                      /* all have a byte in Latin-1 */
    size_t chars, hot, tun;
    size_t run, longest; /* of 烫 or 屯 */
};

static void look_at(struct seen *s, uint32_t c, uint32_t before)
{
    s->chars++;
    s->hot += c == HOT;
    s->tun += c == TUN;
    s->run = (c == HOT || c == TUN) ? (c == before ? s->run + 1 : 1) : 0;
    if (s->run > s->longest)
        s->longest = s->run;
    s->replacement |= c == REPLACEMENT;
    s->kun |= c == KUN;
    s->gaps |= before == '?' && c >= 0x4e00 && c <= 0x9fff;
    if (s->latin && c > 0xff)
        s->latin = tw_latin1_byte(c) >= 0 || c == REPLACEMENT;
}

static struct seen look(struct tw_str text)
{
    struct seen s = {.latin = true};
    uint32_t c, before = 0;
    for (size_t at = 0, n; at < text.len && !s.invalid; at += n) {
        n = tw_utf8_step((struct tw_str){text.ptr + at, text.len - at}, &c);
        s.invalid = n == 0;
        if (n)
            look_at(&s, c, before);
        before = c;
    }
    return s;
}

static bool is_ascii(struct tw_str text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.ptr[i];
    return all < 0x80;
}

static void start_again(struct tw_misread_out *out)
{
    *out = (struct tw_misread_out){.ptr = out->ptr, .room = out->room};
}

/* Some texts can be read back in both ways: bytes of GB18030 that are UTF-8 by chance.
 * Ideographs are likelier the more common they are; letters of other scripts stand
 * against ideographs, and nobody knows. */
static enum tw_misread undo_latin1(struct tw_str text, struct tw_misread_out *out)
{
    struct tw_misread_out gb = {0};
    enum tw_misread as_gb = tw_misread_gb_as_latin1(text, &gb);
    enum tw_misread as_utf8 = tw_misread_as_latin1(text, out);
    if (as_gb != TW_MISREAD_SURE)
        return as_utf8 != TW_MISREAD_NOT ? as_utf8 : as_gb;
    if (as_utf8 == TW_MISREAD_SURE && !out->gaps) {
        int64_t utf8_mean = out->score * (int64_t)gb.chars;
        int64_t gb_mean = gb.score * (int64_t)out->chars;
        if (!out->ideographs || utf8_mean == gb_mean)
            out->full = true; /* in no way that can be told */
        if (out->full || utf8_mean > gb_mean)
            return as_utf8;
    }
    start_again(out);
    return tw_misread_gb_as_latin1(text, out);
}

static enum tw_misread undo(struct tw_str text, const struct seen *s,
                            struct tw_misread_out *out)
{
    if (s->invalid)
        return tw_misread_raw_gb18030(text, out);
    if (!s->latin)
        return tw_misread_as_gb18030(text, out);
    return undo_latin1(text, out);
}

/* ?? and ? ?: nothing but question marks. */
static enum tw_detected lost(struct tw_str text)
{
    size_t questions = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '?' && text.ptr[i] != ' ')
            return TW_DETECTED_NO;
        questions += text.ptr[i] == '?';
    }
    return questions == 0   ? TW_DETECTED_NO
           : questions == 1 ? TW_DETECTED_ODD
                            : TW_DETECTED_YES;
}

static enum tw_detected detect(struct tw_str text)
{
    if (is_ascii(text))
        return lost(text);
    struct seen s = look(text);
    struct tw_misread_out nowhere = {0};
    bool only = s.chars >= 2 && (s.hot == s.chars || s.tun == s.chars);
    if (s.invalid || s.replacement || only)
        return TW_DETECTED_YES;
    if (s.kun && tw_str_find_str(text, TW_STR("锟斤拷")) < text.len)
        return TW_DETECTED_YES;
    enum tw_misread found = undo(text, &s, &nowhere);
    if (found == TW_MISREAD_SURE)
        return TW_DETECTED_YES;
    bool maybe = found == TW_MISREAD_MAYBE || s.gaps || s.longest >= 3;
    return maybe ? TW_DETECTED_ODD : TW_DETECTED_NO;
}

static size_t repair(struct tw_str text, char *out, size_t room)
{
    if (is_ascii(text))
        return 0;
    struct seen s = look(text);
    struct tw_misread_out to = {.ptr = out, .room = room};
    bool sure = room && undo(text, &s, &to) == TW_MISREAD_SURE && !to.full;
    return sure ? to.len : 0;
}

const struct tw_detector tw_detector_mojibake = {
    .name = "mojibake",
    .use = TW_DETECTOR_LOOKS,
    .summary = {"looks mojibake: text that was decoded in the wrong encoding",
                "looks mojibake：以错误编码读取的文本（乱码）"},
    .detect = detect,
    .repair = repair,
};

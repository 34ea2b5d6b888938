/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of persons in Chinese characters: 2 to 20 code points, unified ideographs
 * (Unicode, with the extensions A to I), and between them the dot of names such as
 * 阿卜杜拉·买买提.
 */
#include "detector.h"
#include "text.h"

extern const struct tw_detector tw_detector_cjk_name;

enum { NAME_MIN = 2, NAME_MAX = 20, ORGANISATION_MIN = 4 };

enum part {
    IDEOGRAPH,
    RARE_FORM, /* a compatibility ideograph, or the zero 〇 */
    DOT,
    ASTERISK,
    OTHER
};

static enum part part_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        enum part part;
    } ranges[] = {
        {0x4e00, 0x9fff, IDEOGRAPH},
        {'*', '*', ASTERISK},
        {0xb7, 0xb7, DOT},
        {0x2022, 0x2022, DOT},
        {0x2027, 0x2027, DOT},
        {0x3007, 0x3007, RARE_FORM},
        {0x3400, 0x4dbf, IDEOGRAPH}, /* A */
        {0xf900, 0xfaff, RARE_FORM},
        {0xff0a, 0xff0a, ASTERISK},    /* full width */
        {0x20000, 0x2a6df, IDEOGRAPH}, /* B */
        {0x2a700, 0x2ebef, IDEOGRAPH}, /* C to F */
        {0x2ebf0, 0x2ee5f, IDEOGRAPH}, /* I */
        {0x2f800, 0x2fa1f, RARE_FORM},
        {0x30000, 0x323af, IDEOGRAPH} /* G, H */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return ranges[i].part;
    return OTHER;
}

/* One character: most are the three bytes E4 … E9 of the ideographs 4E00 … 9FFF. */
static size_t step(struct tw_str s, enum part *part)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (s.len >= 3 && p[0] >= 0xe4 && p[0] <= 0xe9 && (p[1] & 0xc0) == 0x80 &&
        (p[2] & 0xc0) == 0x80 && (p[0] != 0xe4 || p[1] >= 0xb8)) {
        *part = IDEOGRAPH;
        return 3;
    }
    uint32_t c;
    size_t n = tw_utf8_step(s, &c);
    *part = n ? part_of(c) : OTHER;
    return n;
}

/* Ends like an organisation: a company, a centre, a shop … The single characters at the
 * end of the list count only in longer texts: they end names of persons as well. */
static bool ends_like_organisation(struct tw_str text, size_t length)
{
    static const char *const suffixes[] = {
        "公司",   "中心",   "集团",   "银行",   "支行",   "分行",   "商行",   "车行",
        "学校",   "大学",   "中学",   "小学",   "学院",   "医院",   "法院",   "酒店",
        "饭店",   "宾馆",   "餐厅",   "餐馆",   "超市",   "商场",   "工厂",   "门店",
        "药店",   "书店",   "经营部", "营业部", "门市部", "服务部", "事务所", "研究所",
        "工作室", "合作社", "委员会", "协会",   "基金会", "门诊部", "幼儿园", "派出所",
        "店",     "厂",     "社"};
    if (length < ORGANISATION_MIN)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (tw_str_ends(text, suffixes[i]))
            return true;
    return false;
}

static enum tw_detected detect(struct tw_str text)
{
    if (text.len < 2 * NAME_MIN || text.len > (size_t)NAME_MAX * 4)
        return TW_DETECTED_NO;
    size_t count[OTHER + 1] = {0}, length = 0;
    enum part part, before = DOT;
    for (size_t at = 0, n; at < text.len; at += n, before = part) {
        n = step((struct tw_str){text.ptr + at, text.len - at}, &part);
        if (part == OTHER || (part == DOT && before == DOT))
            return TW_DETECTED_NO;
        count[part]++;
        length++;
    }
    bool some = count[IDEOGRAPH] + count[RARE_FORM] > 0;
    if (before == DOT || !some || length < NAME_MIN || length > NAME_MAX)
        return TW_DETECTED_NO;
    if (count[ASTERISK])
        return TW_DETECTED_MASKED;
    bool odd = count[RARE_FORM] || ends_like_organisation(text, length);
    return odd ? TW_DETECTED_ODD : TW_DETECTED_YES;
}

const struct tw_detector tw_detector_cjk_name = {
    .name = "cjk-name",
    .use = TW_DETECTOR_FORMAT,
    .summary = {"fails cjk-name: no name in Chinese characters (2 to 20)",
                "fails cjk-name：不是 2 至 20 个汉字的姓名"},
    .detect = detect,
};

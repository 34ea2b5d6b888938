/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markers in all their disguises: found wherever they stand, never where they do not,
 * and never without a needle.
 */
#include "disguise_maker.h"
#include "marker.h"

#define INCIDENT "【解密服务初始化失败，请联系加解密管理员】"

static const enum tw_disguise expected[MADE_COUNT] = {
    [MADE_PLAIN] = TW_DISGUISE_NONE,
    [MADE_JSON] = TW_DISGUISE_JSON,
    [MADE_JSON_UPPER] = TW_DISGUISE_JSON,
    [MADE_HTML] = TW_DISGUISE_HTML,
    [MADE_HTML_HEX] = TW_DISGUISE_HTML,
    [MADE_HTML_UPPER] = TW_DISGUISE_HTML,
    [MADE_PERCENT] = TW_DISGUISE_PERCENT,
    [MADE_PERCENT_LOWER] = TW_DISGUISE_PERCENT,
    [MADE_PERCENT_GB] = TW_DISGUISE_PERCENT,
    [MADE_HEX] = TW_DISGUISE_HEX,
    [MADE_HEX_UPPER] = TW_DISGUISE_HEX,
    [MADE_HEX_GB] = TW_DISGUISE_HEX,
    [MADE_HEX_GB_UPPER] = TW_DISGUISE_HEX,
    [MADE_GB] = TW_DISGUISE_GB18030,
    [MADE_GB_LATIN] = TW_DISGUISE_GB18030,
    [MADE_UTF16LE] = TW_DISGUISE_UTF16,
    [MADE_UTF16BE] = TW_DISGUISE_UTF16,
    [MADE_LATIN] = TW_DISGUISE_DOUBLE,
    [MADE_WINDOWS] = TW_DISGUISE_DOUBLE,
    [MADE_WINDOWS_LOST] = TW_DISGUISE_DOUBLE,
    [MADE_MOJIBAKE] = TW_DISGUISE_MOJIBAKE,
    [MADE_MOJIBAKE_GBK] = TW_DISGUISE_MOJIBAKE,
    [MADE_MOJIBAKE_LOST] = TW_DISGUISE_MOJIBAKE,
    [MADE_MASKED] = TW_DISGUISE_MASKED};

struct bench {
    struct tw_arena arena;
    struct tw_marker *marker;
    struct tw_needles needles;
    uint64_t random;
};

static void begin(struct bench *b, struct tw_str text)
{
    struct tw_str why;
    b->marker = tw_marker_new(&b->arena, text, &why);
    if (!b->marker)
        fail_msg("\"%.*s\": %.*s", (int)text.len, text.ptr, (int)why.len, why.ptr);
    memset(&b->needles, 0, sizeof b->needles);
    assert_true(tw_marker_needles(b->marker, &b->arena, &b->needles));
    assert_true(b->needles.list.len > 0 && b->needles.list.len <= TW_NEEDLES_MAX);
    for (size_t i = 0; i < b->needles.list.len; i++)
        assert_true(b->needles.list.at[i].len > 0);
}

static int set_up(void **state)
{
    static struct bench bench;
    memset(&bench, 0, sizeof bench);
    tw_arena_init(&bench.arena, (size_t)256 << 20);
    bench.random = 0x9e3779b97f4a7c15u;
    begin(&bench, TW_STR(INCIDENT));
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    tw_arena_release(&b->arena);
    return 0;
}

static unsigned roll(struct bench *b, unsigned sides)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return (unsigned)((b->random >> 20) % sides);
}

static bool holds_needle(const struct bench *b, struct tw_str value)
{
    for (size_t i = 0; i < b->needles.list.len; i++) {
        struct tw_str n = b->needles.list.at[i];
        if (value.len && memmem(value.ptr, value.len, n.ptr, n.len))
            return true;
    }
    return false;
}

/* How the marker is found in VALUE: TW_DISGUISE_COUNT where it is not. The value stands
 * at the end of memory of its own, so that a sanitizer sees what is read behind it. */
static enum tw_disguise found(const struct bench *b, struct tw_str value)
{
    char *own = test_malloc(value.len + 1);
    if (value.len)
        memcpy(own + 1, value.ptr, value.len);
    enum tw_disguise how = TW_DISGUISE_COUNT;
    bool some = tw_marker_in(b->marker, (struct tw_str){own + 1, value.len}, &how);
    test_free(own);
    assert_true(some || how == TW_DISGUISE_NONE);
    if (some && !holds_needle(b, value))
        fail_msg("\"%.*s\" (%s) holds no needle", (int)value.len, value.ptr,
                 tw_disguise_name(how));
    return some ? how : TW_DISGUISE_COUNT;
}

static struct tw_str joined(struct bench *b, struct tw_str x, struct tw_str y,
                            struct tw_str z)
{
    struct tw_buf out;
    tw_buf_init(&out, &b->arena);
    tw_buf_str(&out, x);
    tw_buf_str(&out, y);
    tw_buf_str(&out, z);
    return tw_buf_view(&out);
}

static struct tw_str bytes_of(struct bench *b, const char *hex)
{
    struct tw_buf out;
    tw_buf_init(&out, &b->arena);
    for (; hex[0] && hex[1]; hex += 2) {
        unsigned byte = 0;
        for (int i = 0; i < 2; i++)
            byte = byte << 4 |
                   (unsigned)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
        tw_buf_char(&out, (char)byte);
    }
    return tw_buf_view(&out);
}

#define FOUND(value, how) assert_int_equal(found(b, TW_STR(value)), TW_DISGUISE_##how)
#define NOT_FOUND(value) assert_int_equal(found(b, TW_STR(value)), TW_DISGUISE_COUNT)

/* --- the incident ----------------------------------------------------------------- */

#define UTF8_HEX                                                               \
    "e38090e8a7a3e5af86e69c8de58aa1e5889de5a78be58c96e5a4b1e8b4a5efbc8ce8afb7" \
    "e88194e7b3bbe58aa0e8a7a3e5af86e7aea1e79086e59198e38091"
#define GB_HEX                                                     \
    "a1bebde2c3dcb7fecef1b3f5cabcbbafcaa7b0dca3acc7ebc1aacfb5bcd3" \
    "bde2c3dcb9dcc0edd4b1a1bf"

static void the_incidents_marker_is_found_in_each_published_form(void **state)
{
    struct bench *b = *state;
    FOUND(INCIDENT, NONE);
    FOUND("【解密服务初始化失败，请联系加解密管理员", CUT);
    FOUND(
        "\\u3010\\u89e3\\u5bc6\\u670d\\u52a1\\u521d\\u59cb\\u5316\\u5931\\u8d25"
        "\\uff0c\\u8bf7\\u8054\\u7cfb\\u52a0\\u89e3\\u5bc6\\u7ba1\\u7406\\u5458\\u3011",
        JSON);
    FOUND("&#12304;&#35299;&#23494;&#26381;&#21153;&#21021;&#22987;&#21270;&#22833;"
          "&#36133;&#65292;&#35831;&#32852;&#31995;&#21152;&#35299;&#23494;&#31649;"
          "&#29702;&#21592;&#12305;",
          HTML);
    FOUND("%E3%80%90%E8%A7%A3%E5%AF%86%E6%9C%8D%E5%8A%A1%E5%88%9D%E5%A7%8B%E5%8C%96"
          "%E5%A4%B1%E8%B4%A5%EF%BC%8C%E8%AF%B7%E8%81%94%E7%B3%BB%E5%8A%A0%E8%A7%A3"
          "%E5%AF%86%E7%AE%A1%E7%90%86%E5%91%98%E3%80%91",
          PERCENT);
    FOUND("0x" UTF8_HEX, HEX);
    FOUND("x'" GB_HEX "'", HEX);
    assert_int_equal(found(b, bytes_of(b, GB_HEX)), TW_DISGUISE_GB18030);
    assert_int_equal(found(b, bytes_of(b, UTF8_HEX)), TW_DISGUISE_NONE);
    FOUND("銆愯В瀵嗘湇鍔″垵濮嬪寲澶辫触锛岃鑱旂郴鍔犺В瀵嗙鐞嗗憳銆\ufffd", MOJIBAKE);
    FOUND("銆愯В瀵嗘湇鍔″垵濮嬪寲澶辫触", MOJIBAKE);
    FOUND("【*******************】", MASKED);
    assert_int_equal(
        found(b,
              bytes_of(b, "c3a3c280c290c3a8c2a7c2a3c3a5c2afc286c3a6c29cc28dc3a5c28ac2"
                          "a1c3a5c288c29dc3a5c2a7c28bc3a5c28cc296c3a5c2a4c2b1")),
        TW_DISGUISE_DOUBLE);
    FOUND("ã€\xc2\x90è§£å¯†æœ\xc2\x8d"
          "åŠ¡åˆ\xc2\x9d"
          "å§‹åŒ–å¤±è´¥",
          DOUBLE);
    FOUND("ã€è§£å¯†æœåŠ¡åˆå§‹åŒ–å¤±è´¥", DOUBLE);
    FOUND("¡¾½âÃÜ·þÎñ³õÊ¼»¯Ê§°Ü", GB18030);
}

static void it_is_found_anywhere_in_a_value(void **state)
{
    struct bench *b = *state;
    static const char *const around[] = {
        "", "x", "0x", "{\"m\":\"", "张三", " ", "【", "\\", "&", "%", "*", "é", "?"};
    enum { AROUND = sizeof around / sizeof around[0] };
    for (enum made how = MADE_PLAIN; how < MADE_COUNT; how++)
        for (size_t i = 0; i < AROUND * AROUND; i++) {
            struct tw_str before = tw_str_of(around[i / AROUND]);
            struct tw_str after = tw_str_of(around[i % AROUND]);
            struct tw_str marker = TW_STR(INCIDENT), value;
            if (is_local(how))
                value = joined(b, before, made(&b->arena, marker, how), after);
            else
                value = made(&b->arena, joined(b, before, marker, after), how);
            if (found(b, value) != expected[how])
                fail_msg("way %d: \"%.*s\" is not found", (int)how, (int)value.len,
                         value.ptr);
        }
}

static void its_beginning_is_enough_at_the_end_of_a_value(void **state)
{
    struct bench *b = *state;
    struct tw_str marker = TW_STR(INCIDENT);
    for (enum made how = MADE_PLAIN; how < MADE_MASKED; how++)
        for (size_t chars = 1; chars < 21; chars++) {
            struct tw_str cut = tw_str_first(marker, 3 * chars);
            struct tw_str value =
                joined(b, TW_STR("ab"), made(&b->arena, cut, how), TW_STR(""));
            enum tw_disguise want = chars < 8           ? TW_DISGUISE_COUNT
                                    : how == MADE_PLAIN ? TW_DISGUISE_CUT
                                                        : expected[how];
            /* An odd number of bytes leaves half a pair, or what stands for it. */
            if (found(b, value) != want)
                fail_msg("way %d, %zu: \"%.*s\"", (int)how, chars, (int)value.len,
                         value.ptr);
            value = joined(b, value, TW_STR(", x"), TW_STR(""));
            if (found(b, value) != TW_DISGUISE_COUNT)
                fail_msg("way %d, %zu: \"%.*s\"", (int)how, chars, (int)value.len,
                         value.ptr);
        }
}

static void a_cut_inside_a_character_may_have_left_a_sign(void **state)
{
    struct bench *b = *state;
    FOUND("【解密服务初始化失败，请联系加解密管\ufffd", CUT);
    FOUND("【解密服务初始化失败，请联系加解密管\ufffd\ufffd", CUT);
    FOUND("【解密服务初始化失败，请联系加解密管??", CUT);
    FOUND("\\u3010\\u89e3\\u5bc6\\u670d\\u52a1\\u521d\\u59cb\\u5316\\u5", JSON);
    FOUND("0x"
          "e38090e8a7a3e5af86e69c8de58aa1e5889de5a78be58c96e",
          HEX);
    FOUND("&#12304;&#35299;&#23494;&#26381;&#21153;&#21021;&#22987;&#21270;&", HTML);
    NOT_FOUND("【解密服务初始化失败，请联系加解密管????");
    NOT_FOUND("【解密服务初始化失败，请联系加解密管? ");
    NOT_FOUND("【解密服务初始化成功");
    NOT_FOUND("【解密服务初始");
    NOT_FOUND("解密服务初始化失败，请联系加解密管理员");
    NOT_FOUND("【解密服务初始化失败,请联系加解密管理员】");
}

static void of_several_ways_the_first_counts(void **state)
{
    struct bench *b = *state;
    struct tw_str hex = TW_STR(UTF8_HEX), plain = TW_STR(INCIDENT);
    struct tw_str json = made(&b->arena, plain, MADE_JSON);
    assert_int_equal(found(b, joined(b, hex, json, TW_STR(""))), TW_DISGUISE_JSON);
    assert_int_equal(found(b, joined(b, hex, json, plain)), TW_DISGUISE_NONE);
    assert_int_equal(found(b, joined(b, hex, TW_STR("【***】"), TW_STR(""))),
                     TW_DISGUISE_HEX);
}

static void a_masked_marker_is_told_by_its_brackets_and_its_length(void **state)
{
    struct bench *b = *state;
    FOUND("备注:【*******************】;", MASKED);
    FOUND("【***】", MASKED);
    FOUND(" 【******】\u3000", MASKED);
    NOT_FOUND("备注:【***】");
    NOT_FOUND("【**】");
    NOT_FOUND("【**********】"); /* ten: the mask of another text */
    NOT_FOUND("【******************】");
    NOT_FOUND("【********************】");
    NOT_FOUND("【*******************");
    NOT_FOUND("张*******************员");
    begin(b, TW_STR("解密服务初始化失败请联系管理员")); /* as a long name would be */
    NOT_FOUND("解*************员");
    NOT_FOUND("解***员");
    begin(b, TW_STR("（解密服务初始化失败）")); /* companies have parentheses */
    NOT_FOUND("（*********）");
    begin(b, TW_STR("【失败】")); /* too short to be told */
    NOT_FOUND("【**】");
    begin(b, TW_STR("[DECRYPT_ERR]"));
    FOUND("[***********]", MASKED);
}

/* --- other markers ---------------------------------------------------------------- */

static void punctuation_is_found_in_every_spelling(void **state)
{
    struct bench *b = *state;
    begin(b, TW_STR("<解密 \"失败\" a/b & 'c'>"));
    FOUND("&lt;解密 &quot;失败&quot; a/b &amp; &apos;c&apos;&gt;", HTML);
    FOUND("&#60;解密 &#34;失败&#34; a/b &amp; &#039;c&#39;&gt;", HTML);
    FOUND("&lt;&#35299;&#23494; \"&#22833;&#36133;\" a/b &amp; 'c'&gt;", HTML);
    FOUND("<解密 \\\"失败\\\" a\\/b & 'c'>", JSON);
    FOUND("\\u003c解密 \\\"失败\\\" a/b \\u0026 \\u0027c\\u0027\\u003e", JSON);
    FOUND("\\u003C\\u89E3\\u5BC6 \\u0022\\u5931\\u8D25\\u0022 a\\/b \\u0026 'c'\\u003E",
          JSON);
    FOUND("%3C%E8%A7%A3%E5%AF%86%20%22%E5%A4%B1%E8%B4%A5%22%20a%2Fb%20%26%20'c'%3E",
          PERCENT);
    FOUND("%3c%e8%a7%a3%e5%af%86+%22%e5%a4%b1%e8%b4%a5%22+a%2fb+%26+%27c%27%3e",
          PERCENT);
    NOT_FOUND("<解密 失败 a/b & 'c'>");
    begin(b, TW_STR("ERROR 500"));
    FOUND("ERROR+500", PERCENT);
    FOUND("ERROR%20500", PERCENT);
    FOUND("4552524f5220353030", HEX);
    FOUND("E\0R\0R\0O\0R\0 \0005\0000\0000\0", UTF16);
    begin(b, TW_STR("100%"));
    FOUND("100%25", NONE); /* the plain one stands in it */
    begin(b, TW_STR("%失败"));
    FOUND("%25%E5%A4%B1%E8%B4%A5", PERCENT);
    NOT_FOUND("%%E5%A4%B1%E8%B4%A5");
    begin(b, TW_STR("失败𠮷了")); /* beyond the first plane, four bytes of GB18030 */
    FOUND("\\u5931\\u8d25\\ud842\\udfb7\\u4e86", JSON);
    FOUND("\\u5931\\u8D25\\uD842\\uDFB7\\u4E86", JSON);
    FOUND("&#22833;&#36133;&#134071;&#20102;", HTML);
    FOUND("%CA%A7%B0%DC%954%B25%C1%CB", PERCENT);
    FOUND("%CA%A7%B0%DC%95%34%B2%35%C1%CB", PERCENT);
    FOUND("caa7b0dc9534b235c1cb", HEX);
    begin(b, TW_STR("誠實無訛")); /* second bytes in ASCII: D55C … */
    FOUND("%D5%5C%8C%8D%9Fo%D3%9E", PERCENT);
    FOUND("%d5%5c%8c%8d%9f%6f%d3%9e", PERCENT);
}

static void short_markers_have_only_the_forms_that_are_certain(void **state)
{
    struct bench *b = *state;
    begin(b, TW_STR("无"));
    FOUND("无", NONE);
    FOUND("无锡", NONE);
    FOUND("\\u65e0", JSON);
    FOUND("&#26080;", HTML);
    FOUND("%E6%97%A0", PERCENT);
    NOT_FOUND("e697a0");
    NOT_FOUND("鏃");
    NOT_FOUND("æ—");
    begin(b, TW_STR("000000")); /* its digits are 303030303030: a number */
    FOUND("6222000000", NONE);
    NOT_FOUND("303030303030");
    begin(b, TW_STR("中字")); /* "-NW[" in UTF-16 */
    NOT_FOUND("-NW[");
    NOT_FOUND("N-[W");
    begin(b, TW_STR("N"));
    FOUND("aN", NONE);
    NOT_FOUND("n");
    NOT_FOUND("");
    begin(b, TW_STR("ab"));
    FOUND("xxxxab", NONE);
    NOT_FOUND("xxxxa");
    /* In ASCII eight characters are a word: sixteen are asked for. */
    begin(b, TW_STR("decryption service is not available"));
    NOT_FOUND("the decryption");
    NOT_FOUND("the decryption serv");
    FOUND("the decryption servi", CUT);
}

static void what_cannot_be_a_marker_is_refused(void **state)
{
    struct bench *b = *state;
    struct tw_buf longest;
    tw_buf_init(&longest, &b->arena);
    for (int i = 0; i < TW_MARKER_CHARS_MAX; i++)
        tw_buf_text(&longest, "失");
    struct tw_str why, fits = tw_buf_view(&longest);
    struct tw_str cases[] = {
        TW_STR(""),           TW_STR(" a"),
        TW_STR("a\t"),        TW_STR("\u3000失败"),
        TW_STR("失败\u00a0"), TW_STR("\xe5\xa4"),
        TW_STR("a\xff"),      joined(b, fits, TW_STR("x"), TW_STR(""))};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        why = TW_NO_STR;
        assert_null(tw_marker_new(&b->arena, cases[i], &why));
        assert_true(why.len > 10);
    }
    begin(b, fits);
    assert_int_equal(found(b, fits), TW_DISGUISE_NONE);
    assert_int_equal(found(b, made(&b->arena, fits, MADE_PERCENT)),
                     TW_DISGUISE_PERCENT);
}

/* --- by chance -------------------------------------------------------------------- */

static struct tw_str random_text(struct bench *b, unsigned chars)
{
    struct tw_buf out;
    tw_buf_init(&out, &b->arena);
    static const char *const signs[] = {"【", "】", "，", "<", "&", "\"", "/", "%",
                                        "-",  "_",  "(",  "é", "·", "𠮷", "¥", "“"};
    while (chars--) {
        char utf8[4];
        unsigned kind = roll(b, 12), code = 0x4e00 + roll(b, 0x51a5);
        if (kind == 0)
            tw_buf_text(&out, signs[roll(b, 16)]);
        else if (kind == 1)
            tw_buf_char(&out, (char)('0' + roll(b, 10)));
        else if (kind == 2)
            tw_buf_char(&out, (char)((roll(b, 2) ? 'a' : 'A') + (int)roll(b, 26)));
        else {
            utf8[0] = (char)(0xe0 | code >> 12);
            utf8[1] = (char)(0x80 | (code >> 6 & 0x3f));
            utf8[2] = (char)(0x80 | (code & 0x3f));
            tw_buf_put(&out, utf8, 3);
        }
    }
    return tw_buf_view(&out);
}

static bool has_ascii(struct tw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x80)
            return true;
    return false;
}

/* Random markers: all disguises are found with anything around them, mojibake wherever
 * the pairs begin (where ASCII breaks the pairs, decoders differ too much to ask). */
static void random_markers_are_found_in_every_disguise(void **state)
{
    struct bench *b = *state;
    for (int round = 0; round < 700; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&b->arena);
        struct tw_str text = random_text(b, 10 + roll(b, 20));
        begin(b, text);
        for (enum made how = MADE_PLAIN; how < MADE_MASKED; how++) {
            struct tw_str before = random_text(b, roll(b, 4));
            struct tw_str after = random_text(b, roll(b, 4)), value;
            if (is_local(how))
                value = joined(b, before, made(&b->arena, text, how), after);
            else
                value = made(&b->arena, joined(b, before, text, after), how);
            enum tw_disguise got = found(b, value);
            bool asked = is_local(how) || !has_ascii(text);
            if (asked && got > expected[how])
                fail_msg("\"%.*s\", way %d: \"%.*s\"", (int)text.len, text.ptr,
                         (int)how, (int)value.len, value.ptr);
            bool plain = memmem(value.ptr, value.len, text.ptr, text.len) != NULL;
            assert_int_equal(got == TW_DISGUISE_NONE, plain);
        }
        tw_arena_rewind(&b->arena, mark);
    }
}

static void damaged_values_are_found_only_with_a_needle(void **state)
{
    struct bench *b = *state;
    for (int round = 0; round < 20000; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&b->arena);
        struct tw_str value =
            made(&b->arena, TW_STR(INCIDENT), (enum made)(round % MADE_COUNT));
        value = tw_str_copy(&b->arena, value);
        size_t from = roll(b, (unsigned)value.len), len = roll(b, (unsigned)value.len);
        for (unsigned n = roll(b, 3); n; n--)
            ((char *)(uintptr_t)value.ptr)[roll(b, (unsigned)value.len)] =
                (char)roll(b, 256);
        found(b, roll(b, 3) ? tw_str_first(value, len) : tw_str_from(value, from));
        tw_arena_rewind(&b->arena, mark);
    }
}

/* --- false alarms ----------------------------------------------------------------- */

static void put_some(struct bench *b, struct tw_buf *out, const char *chars, unsigned n)
{
    size_t count = strlen(chars) / 3;
    for (; n; n--)
        tw_buf_put(out, chars + 3 * roll(b, (unsigned)count), 3);
}

static const char *pick(struct bench *b, const char *const *words, size_t n)
{
    return words[roll(b, (unsigned)n)];
}
#define PICK(words) pick(b, (words), sizeof(words) / sizeof *(words))

#define GIVEN                                                                                                                  \
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文辉力志永健世广义兴良海山仁" \
    "波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子成康星光天达安岩中茂进林有坚和"

/* A name, a company, an address, a number, or one of these masked. */
static struct tw_str synthetic(struct bench *b)
{
    static const char *const family[] = {"王", "李",   "张",   "刘", "陈",
                                         "杨", "赵",   "解",   "服", "初",
                                         "联", "欧阳", "司马", "加", "管"};
    static const char *const city[] = {"北京", "上海", "广州",     "深圳",
                                       "成都", "解放", "加格达奇", "呼和浩特"};
    static const char *const trade[] = {
        "科技",     "信息技术", "房地产经纪", "物业服务", "初始化工程",
        "数据服务", "密封件",   "加解密设备", "管理咨询", "联系人服务"};
    static const char *const kind[] = {
        "有限公司", "股份有限公司", "（集团）有限公司",
        "中心",     "店",           "合伙企业(有限合伙)"};
    struct tw_buf out;
    tw_buf_init(&out, &b->arena);
    unsigned what = roll(b, 8);
    if (what < 3) {
        tw_buf_text(&out, PICK(family));
        put_some(b, &out, GIVEN, 1 + roll(b, 2));
    } else if (what < 5) {
        tw_buf_text(&out, PICK(city));
        put_some(b, &out, GIVEN, 2);
        tw_buf_text(&out, PICK(trade));
        tw_buf_text(&out, PICK(kind));
    } else if (what == 5) {
        tw_buf_text(&out, PICK(city));
        tw_buf_text(&out, "市");
        put_some(b, &out, GIVEN, 2);
        tw_buf_fmt(&out, "路%u号%u室（%s）", roll(b, 999), roll(b, 9999), PICK(trade));
    } else if (what == 6) {
        for (unsigned n = 11 + roll(b, 30); n; n--)
            tw_buf_char(&out, "0123456789abcdef"[roll(b, n % 2 ? 10 : 16)]);
    } else {
        tw_buf_text(&out, roll(b, 4) ? PICK(family) : "（");
        tw_buf_chars(&out, '*', 1 + roll(b, 20));
        tw_buf_text(&out, roll(b, 4) ? PICK(family) : "）");
    }
    return tw_buf_view(&out);
}

static void values_of_the_field_raise_no_alarm(void **state)
{
    struct bench *b = *state;
    static const char *const markers[] = {INCIDENT, "解密服务初始化失败",
                                          "[DECRYPT_SERVICE_ERROR]"};
    struct bench each[3];
    for (size_t i = 0; i < 3; i++) {
        begin(b, tw_str_of(markers[i]));
        each[i] = *b;
    }
    for (int round = 0; round < 100000; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&b->arena);
        struct tw_str value = synthetic(b);
        for (size_t i = 0; i < 3; i++)
            if (found(&each[i], value) != TW_DISGUISE_COUNT)
                fail_msg("%s in \"%.*s\"", markers[i], (int)value.len, value.ptr);
        tw_arena_rewind(&b->arena, mark);
    }
}

static void other_markers_raise_no_alarm_in_any_disguise(void **state)
{
    struct bench *b = *state;
    static const char *const others[] = {"【系统繁忙，请稍后再试】",
                                         "【加解密服务初始化失败，请联系管理员】",
                                         "解密服务初始化失败，请稍后重试",
                                         "【解密服务异常】",
                                         "【解密服务初始化成功，无需处理】",
                                         "[解密服务初始化失败]",
                                         "DECRYPT_SERVICE_INIT_FAILED",
                                         "【】",
                                         "#N/A"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        for (enum made how = MADE_PLAIN; how < MADE_COUNT; how++) {
            if (how == MADE_MASKED && tw_str_of(others[i]).len <= 30)
                continue; /* 【***】 is what a fixed mask leaves of any of them */
            struct tw_str value = made(&b->arena, tw_str_of(others[i]), how);
            if (found(b, value) != TW_DISGUISE_COUNT)
                fail_msg("way %d of %s", (int)how, others[i]);
        }
}

int main(void)
{
#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        UNIT(the_incidents_marker_is_found_in_each_published_form),
        UNIT(it_is_found_anywhere_in_a_value),
        UNIT(its_beginning_is_enough_at_the_end_of_a_value),
        UNIT(a_cut_inside_a_character_may_have_left_a_sign),
        UNIT(of_several_ways_the_first_counts),
        UNIT(a_masked_marker_is_told_by_its_brackets_and_its_length),
        UNIT(punctuation_is_found_in_every_spelling),
        UNIT(short_markers_have_only_the_forms_that_are_certain),
        UNIT(what_cannot_be_a_marker_is_refused),
        UNIT(random_markers_are_found_in_every_disguise),
        UNIT(damaged_values_are_found_only_with_a_needle),
        UNIT(values_of_the_field_raise_no_alarm),
        UNIT(other_markers_raise_no_alarm_in_any_disguise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mojibake, made by the C library's iconv as the accident makes it: names are written
 * in one encoding and read in another. iconv shares nothing with the tables under test.
 */
#include <iconv.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "detector.h"
#include "gb18030.h"
#include "text.h"

extern const struct tw_detector tw_detector_mojibake;

static uint64_t seed = 20230209;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % n);
}

static iconv_t converter(const char *to, const char *from)
{
    iconv_t cd = iconv_open(to, from);
    if (cd == (iconv_t)-1)
        fail_msg("iconv does not know %s and %s", to, from);
    return cd;
}

/* Bytes that the source encoding does not have are replaced by U+FFFD, one at a time,
 * which is what most decoders do. */
static size_t read_as(iconv_t cd, struct tw_str bytes, char *out, size_t room)
{
    char copy[256], *in = copy, *at = out;
    assert_true(bytes.len <= sizeof copy);
    memcpy(copy, bytes.ptr, bytes.len);
    size_t left = bytes.len, free_room = room;
    iconv(cd, NULL, NULL, NULL, NULL);
    while (left && iconv(cd, &in, &left, &at, &free_room) == (size_t)-1) {
        assert_true(free_room > 3);
        memcpy(at, "\xef\xbf\xbd", 3);
        at += 3;
        free_room -= 3;
        in++;
        left--;
    }
    return (size_t)(at - out);
}

static const char *const families[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵",   "吴",   "周",  "徐", "孙",
    "马", "朱", "胡", "郭", "何", "林", "高", "罗",   "郑",   "梁",  "谢", "宋",
    "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭",   "萧",   "蔡",  "潘", "田",
    "董", "袁", "于", "余", "叶", "蒋", "杜", "苏",   "魏",   "程",  "吕", "丁",
    "沈", "任", "姚", "卢", "傅", "钟", "姜", "崔",   "谭",   "廖",  "范", "汪",
    "陆", "金", "石", "戴", "贾", "韦", "夏", "邱",   "方",   "侯",  "邹", "熊",
    "孟", "秦", "白", "江", "阎", "薛", "尹", "段",   "雷",   "黎",  "史", "龙",
    "陶", "贺", "顾", "毛", "郝", "龚", "邵", "万",   "钱",   "严",  "赖", "覃",
    "洪", "武", "莫", "孔", "佟", "濮", "琚", "欧阳", "司马", "诸葛"};

/* A character of GB 2312, from its code; LEVEL2: of the rarer half. */
static size_t ideograph(iconv_t from_gb, bool level2, char *out)
{
    for (;;) {
        char code[2] = {(char)(level2 ? 0xd8 + below(0x20) : 0xb0 + below(0x28)),
                        (char)(0xa1 + below(94))};
        size_t n = read_as(from_gb, (struct tw_str){code, 2}, out, 8);
        uint32_t c;
        if (n == 3 && tw_utf8_step((struct tw_str){out, n}, &c) == 3 && c >= 0x4e00 &&
            c <= 0x9fff)
            return n;
    }
}

/* A family name and one or two common characters. */
static size_t make_name(iconv_t from_gb, char *out)
{
    const char *family = families[below(sizeof families / sizeof families[0])];
    size_t n = strlen(family);
    memcpy(out, family, n);
    for (unsigned k = below(2); k < 2; k++)
        n += ideograph(from_gb, false, out + n);
    return n;
}

static bool is_mojibake(struct tw_str s)
{
    return tw_detector_mojibake.detect(s) == TW_DETECTED_YES;
}

static bool has_replacement(struct tw_str s)
{
    return tw_str_find_str(s, TW_STR("\xef\xbf\xbd")) < s.len;
}

/* Is WAS, without the U+FFFD at its end, the beginning of NAME? */
static bool begins(struct tw_str name, struct tw_str was)
{
    if (tw_str_ends(was, "\xef\xbf\xbd"))
        was.len -= 3;
    return was.len && was.len <= name.len && memcmp(name.ptr, was.ptr, was.len) == 0;
}

static void names_read_as_gb18030_are_found_and_names_are_not(void **state)
{
    (void)state;
    iconv_t from_gb = converter("UTF-8", "GB18030");
    unsigned misses = 0, alarms = 0, whole = 0, maybes = 0;
    for (unsigned round = 0; round < 200000; round++) {
        char name[64], wrong[256], was[256];
        size_t n = make_name(from_gb, name);
        size_t m = read_as(from_gb, (struct tw_str){name, n}, wrong, sizeof wrong);
        struct tw_str right = {name, n};
        alarms += is_mojibake(right);
        maybes += tw_detector_mojibake.detect(right) == TW_DETECTED_ODD;
        /* What a decoder that drops what it cannot read leaves. */
        while (m >= 3 && memcmp(wrong + m - 3, "\xef\xbf\xbd", 3) == 0)
            m -= 3;
        struct tw_str misread = {wrong, m};
        misses += !is_mojibake(misread);
        if (has_replacement(misread))
            continue;
        size_t k = tw_detector_mojibake.repair(misread, was, sizeof was);
        if (!begins(right, (struct tw_str){was, k}))
            fail_msg("%.*s was %.*s, not %.*s", (int)m, wrong, (int)n, name, (int)k,
                     was);
        whole += k == n && memcmp(was, name, n) == 0;
    }
    iconv_close(from_gb);
    assert_int_equal(misses, 0);
    assert_int_equal(alarms, 0);
    assert_true(maybes < 1000); /* of 濮 and 琚 */
    assert_true(whole > 60000);
}

static void rare_names_are_at_least_suspected(void **state)
{
    (void)state;
    iconv_t from_gb = converter("UTF-8", "GB18030");
    unsigned yes = 0, no = 0, alarms = 0;
    for (unsigned round = 0; round < 20000; round++) {
        char name[64], wrong[256];
        size_t n = 0;
        for (unsigned k = 0; k < 3; k++)
            n += ideograph(from_gb, true, name + n);
        size_t m = read_as(from_gb, (struct tw_str){name, n}, wrong, sizeof wrong);
        while (m >= 3 && memcmp(wrong + m - 3, "\xef\xbf\xbd", 3) == 0)
            m -= 3;
        enum tw_detected found = tw_detector_mojibake.detect((struct tw_str){wrong, m});
        yes += found == TW_DETECTED_YES;
        no += found == TW_DETECTED_NO;
        alarms += is_mojibake((struct tw_str){name, n});
    }
    iconv_close(from_gb);
    assert_int_equal(no, 0);
    assert_true(yes > 18000);
    assert_true(alarms < 10);
}

static void names_read_as_latin1_are_found_and_repaired(void **state)
{
    (void)state;
    iconv_t from_gb = converter("UTF-8", "GB18030"),
            to_gb = converter("GB18030", "UTF-8");
    iconv_t latin = converter("UTF-8", "ISO-8859-1");
    iconv_t windows = converter("UTF-8", "WINDOWS-1252");
    unsigned unsure = 0, wrongly = 0;
    for (unsigned round = 0; round < 20000; round++) {
        char name[64], gb[64], wrong[256], was[256];
        size_t n = make_name(from_gb, name), m, k;
        struct tw_str right = {name, n};
        m = read_as(latin, right, wrong, sizeof wrong);
        assert_true(is_mojibake((struct tw_str){wrong, m}));
        k = tw_detector_mojibake.repair((struct tw_str){wrong, m}, was, sizeof was);
        assert_true(tw_str_eq((struct tw_str){was, k}, right));
        m = read_as(windows, right, wrong, sizeof wrong);
        struct tw_str misread = {wrong, m};
        assert_true(is_mojibake(misread));
        k = tw_detector_mojibake.repair(misread, was, sizeof was);
        assert_true(has_replacement(misread) ||
                    tw_str_eq((struct tw_str){was, k}, right));
        size_t g = read_as(to_gb, right, gb, sizeof gb);
        m = read_as(latin, (struct tw_str){gb, g}, wrong, sizeof wrong);
        assert_true(is_mojibake((struct tw_str){wrong, m}));
        k = tw_detector_mojibake.repair((struct tw_str){wrong, m}, was, sizeof was);
        /* Bytes that are UTF-8 as well, by chance, are not told. */
        unsure += k == 0;
        wrongly += k && !tw_str_eq((struct tw_str){was, k}, right);
        if (is_mojibake((struct tw_str){gb, g})) {
            k = tw_detector_mojibake.repair((struct tw_str){gb, g}, was, sizeof was);
            assert_true(tw_str_eq((struct tw_str){was, k}, right));
        }
    }
    iconv_close(from_gb);
    iconv_close(to_gb);
    iconv_close(latin);
    iconv_close(windows);
    assert_true(unsure < 600);
    assert_true(wrongly < 5);
}

/* E7C7 is encoded as the edition of 2000 had it; iconv has given it another code. The
 * others that the edition of 2000 had, iconv does not know any more. */
static bool is_of_the_edition_of_2000(uint32_t c)
{
    static const uint16_t all[] = {0xe7c7, 0xe816, 0xe817, 0xe818, 0xe81e,
                                   0xe826, 0xe82b, 0xe82c, 0xe831, 0xe832,
                                   0xe83b, 0xe843, 0xe854, 0xe855, 0xe864};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] == c)
            return true;
    return c >= 0xe78d && c <= 0xe796;
}

static void the_table_of_gb18030_is_that_of_the_c_library(void **state)
{
    (void)state;
    iconv_t to_gb = converter("GB18030", "UTF-32LE");
    for (uint32_t c = 1; c < 0x110000; c++) {
        /* The planes above the second are linear: a sample of them will do. */
        if ((c >= 0xd800 && c <= 0xdfff) || (c >= 0x30000 && c % 251))
            continue;
        unsigned char ours[4];
        char in[4] = {(char)(c & 0xff), (char)(c >> 8 & 0xff), (char)(c >> 16), 0};
        char theirs[8], *at = in, *to = theirs;
        size_t left = 4, room = sizeof theirs, n = tw_gb18030_encode(c, ours);
        bool known = iconv(to_gb, &at, &left, &to, &room) == 0;
        iconv(to_gb, NULL, NULL, NULL, NULL);
        if (is_of_the_edition_of_2000(c)) {
            assert_int_equal(n, 2);
            continue;
        }
        if (!known || n != sizeof theirs - room || memcmp(ours, theirs, n) != 0)
            fail_msg("U+%04X", (unsigned)c);
        uint32_t back;
        assert_int_equal(tw_gb18030_step((struct tw_str){theirs, n}, &back), n);
        assert_int_equal(back, c);
    }
    iconv_close(to_gb);
    unsigned char nowhere[4];
    assert_int_equal(tw_gb18030_encode(0x110000, nowhere), 0);
    assert_int_equal(tw_gb18030_encode(0xd800, nowhere), 0);
}

static void two_bytes_are_valid_where_the_c_library_says_so(void **state)
{
    (void)state;
    iconv_t from_gb = converter("UTF-32LE", "GB18030");
    for (unsigned lead = 0; lead < 256; lead++)
        for (unsigned trail = 0; trail < 256; trail++) {
            char in[2] = {(char)lead, (char)trail}, out[8], *at = in, *to = out;
            size_t left = 2, room = sizeof out;
            uint32_t c = 0;
            if (lead < 0x80)
                continue;
            bool known = iconv(from_gb, &at, &left, &to, &room) == 0 && left == 0;
            iconv(from_gb, NULL, NULL, NULL, NULL);
            size_t n = tw_gb18030_step((struct tw_str){in, 2}, &c);
            if ((n == 2) != known)
                fail_msg("%02x%02x", lead, trail);
        }
    iconv_close(from_gb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_read_as_gb18030_are_found_and_names_are_not),
        cmocka_unit_test(rare_names_are_at_least_suspected),
        cmocka_unit_test(names_read_as_latin1_are_found_and_repaired),
        cmocka_unit_test(the_table_of_gb18030_is_that_of_the_c_library),
        cmocka_unit_test(two_bytes_are_valid_where_the_c_library_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

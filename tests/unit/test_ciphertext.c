/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ciphertext in bulk: random bytes in every wrapping, and what must not be taken for
 * it. The wrappings are written here by arithmetic on single bits, not by tables.
 */
#include "cmocka_all.h"
#include "detector.h"

extern const struct tw_detector tw_detector_ciphertext;

static uint64_t seed = 20230209;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % n);
}

static const char standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static unsigned bit(const unsigned char *bytes, size_t nbytes, size_t at)
{
    return at / 8 < nbytes ? bytes[at / 8] >> (7 - at % 8) & 1u : 0;
}

static size_t base64(const unsigned char *bytes, size_t n, const char *digits, bool pad,
                     char *out)
{
    size_t len = 0;
    for (size_t at = 0; at < n * 8; at += 6) {
        unsigned v = 0;
        for (size_t k = 0; k < 6; k++)
            v = v * 2 + bit(bytes, n, at + k);
        out[len++] = digits[v];
    }
    while (pad && len % 4)
        out[len++] = '=';
    return len;
}

static size_t hexadecimal(const unsigned char *bytes, size_t n, const char *digits,
                          char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] / 16];
        out[2 * i + 1] = digits[bytes[i] % 16];
    }
    return 2 * n;
}

static enum tw_detected put(const char *text, size_t n)
{
    return tw_detector_ciphertext.detect((struct tw_str){text, n});
}

/* How many of 20,000 random blocks of N bytes are found, by wrapping. */
static void count_found(size_t n, unsigned found[5])
{
    for (unsigned round = 0; round < 20000; round++) {
        unsigned char bytes[64];
        char text[256];
        for (size_t i = 0; i < n; i++)
            bytes[i] = (unsigned char)below(256);
        found[0] +=
            put(text, base64(bytes, n, standard, true, text)) == TW_DETECTED_YES;
        found[1] +=
            put(text, base64(bytes, n, for_urls, true, text)) == TW_DETECTED_YES;
        found[2] +=
            put(text, base64(bytes, n, standard, false, text)) == TW_DETECTED_YES;
        found[3] += put(text, hexadecimal(bytes, n, "0123456789abcdef", text)) ==
                    TW_DETECTED_YES;
        found[4] += put(text, hexadecimal(bytes, n, "0123456789ABCDEF", text)) ==
                    TW_DETECTED_YES;
    }
}

static void random_blocks_are_found_in_every_wrapping(void **state)
{
    (void)state;
    unsigned one[5] = {0}, two[5] = {0}, three[5] = {0}, odd[5] = {0};
    count_found(16, one);
    assert_true(one[0] >= 19980 && one[1] >= 19980 && one[2] >= 19300);
    assert_int_equal(one[3] + one[4], 0); /* as long as a hash: it cannot be told */
    count_found(32, two);
    count_found(48, three);
    for (size_t i = 0; i < 5; i++)
        assert_true(two[i] >= 19950 && three[i] >= 19990);
    count_found(21, odd); /* neither blocks nor a nonce and a tag */
    assert_int_equal(odd[0] + odd[1] + odd[2], 0);
    assert_true(odd[3] >= 19990);
}

static void wrapped_texts_are_no_ciphertext(void **state)
{
    (void)state;
    static const char *const parts[] = {"张", "三", "解密", "Hello",
                                        "é",  "𠮷", "-",    "7"};
    for (unsigned round = 0; round < 20000; round++) {
        char plain[128], text[512];
        size_t n = 0;
        for (unsigned k = below(12); k < 16; k++) {
            const char *part = parts[below(8)];
            memcpy(plain + n, part, strlen(part));
            n += strlen(part);
        }
        const unsigned char *bytes = (const unsigned char *)plain;
        assert_int_equal(put(plain, n), TW_DETECTED_NO);
        assert_int_equal(put(text, base64(bytes, n, standard, true, text)),
                         TW_DETECTED_NO);
        assert_int_equal(put(text, hexadecimal(bytes, n, "0123456789abcdef", text)),
                         TW_DETECTED_NO);
    }
}

static void a_damaged_wrapping_is_none(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 5000; round++) {
        unsigned char bytes[32];
        char text[128];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)below(256);
        bytes[0] = 0xff;
        size_t n = base64(bytes, sizeof bytes, standard, true, text);
        size_t at = below((unsigned)n - 3);
        char kept = text[at];
        text[at] = " .,:;!*()[]{}=\"'"[below(16)];
        assert_int_equal(put(text, n), TW_DETECTED_NO);
        text[at] = kept;
        text[n - 2] = '1'; /* of the last digit, two bits are left over: 1 sets them */
        assert_int_equal(put(text, n), TW_DETECTED_NO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blocks_are_found_in_every_wrapping),
        cmocka_unit_test(wrapped_texts_are_no_ciphertext),
        cmocka_unit_test(a_damaged_wrapping_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

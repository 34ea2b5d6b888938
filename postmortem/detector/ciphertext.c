/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ciphertext that stayed in a field because nobody decrypted it. Ciphertext is random
 * bytes; what can be seen is their wrapping:
 *
 *     1. the signs of known wrappings: "Salted__" (OpenSSL), vault:v1:, ENC(…), a JWE …
 *     2. base64 whose bytes are no text: whole cipher blocks (16 bytes), or at least
 *        28 (a nonce of 12 and a tag of 16)
 *     3. hexadecimal digits of at least 16 bytes that are no text
 *
 * Entropy is no help: a Chinese sentence has more bits a byte than short ciphertext. A
 * hash, a token or a random key is the same random bytes: this is for columns that
 * ought to hold readable values. Where the length is that of the common hashes and
 * identifiers (16 or 20 bytes in hexadecimal: MD5, UUID, SHA-1) it cannot be told.
 */
#include <string.h>

#include "detector_text.h"

extern const struct tw_detector tw_detector_ciphertext;

enum { BASE64_MIN = 16, HEX_MIN = 32, BLOCK = 16, NONCE_AND_TAG = 28 };

/* ---- is a stream of bytes valid UTF-8? ---- */

struct utf8_watch {
    unsigned pending;  /* continuation bytes still to come */
    uint8_t low, high; /* bounds of the next one */
    bool bad;
};

static void watch(struct utf8_watch *w, uint8_t b)
{
    if (w->pending) {
        w->bad |= b < w->low || b > w->high;
        w->pending--;
        w->low = 0x80;
        w->high = 0xbf;
        return;
    }
    w->low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    w->high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    w->pending = b >= 0xf0 ? 3 : b >= 0xe0 ? 2 : b >= 0xc0 ? 1 : 0;
    w->bad |= (b >= 0x80 && b < 0xc2) || b > 0xf4;
}

static bool is_text(const struct utf8_watch *w)
{
    return !w->bad && w->pending == 0;
}

/* ---- 1. known wrappings ---- */

static size_t count_of(struct tw_str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == c;
    return n;
}

/* vault:v12:… */
static bool is_vault(struct tw_str s)
{
    if (!tw_str_starts(s, "vault:v"))
        return false;
    size_t i = 7;
    while (i < s.len && tw_is_digit(s.ptr[i]))
        i++;
    return i > 7 && i + 1 < s.len && s.ptr[i] == ':';
}

static bool is_wrapped(struct tw_str s)
{
    if (!strchr("U5{S-Eev", s.ptr[0]) || !s.ptr[0])
        return false;
    static const char *const signs[] = {"U2FsdGVkX1",
                                        "53616c7465645f5f",
                                        "53616C7465645F5F",
                                        "{cipher}",
                                        "SM4:",
                                        "{SM4}",
                                        "-----BEGIN PGP MESSAGE-----"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (tw_str_starts(s, signs[i]) && s.len > strlen(signs[i]))
            return true;
    if (tw_str_starts(s, "ENC(") && tw_str_ends(s, ")") && s.len > 5)
        return true;
    /* Five parts: encrypted. Three are a signed token, which can be read. */
    if (tw_str_starts(s, "eyJ") && count_of(s, '.') == 4)
        return true;
    return is_vault(s);
}

/* ---- 2. base64 ---- */

enum { LOWER = 1, UPPER = 2, DIGIT = 4, STANDARD = 8, URL = 16 };

static int base64_value(char c, unsigned *seen)
{
    if (c >= 'a' && c <= 'z')
        return *seen |= LOWER, c - 'a' + 26;
    if (c >= 'A' && c <= 'Z')
        return *seen |= UPPER, c - 'A';
    if (tw_is_digit(c))
        return *seen |= DIGIT, c - '0' + 52;
    if (c == '+' || c == '/')
        return *seen |= STANDARD, c == '+' ? 62 : 63;
    if (c == '-' || c == '_')
        return *seen |= URL, c == '-' ? 62 : 63;
    return -1;
}

/* The padding at the end, and line ends anywhere, are no part of the digits. */
static size_t padding_of(struct tw_str *s)
{
    size_t n = 0;
    while (s->len && (s->ptr[s->len - 1] == '\n' || s->ptr[s->len - 1] == '\r'))
        s->len--;
    while (n < 2 && s->len && s->ptr[s->len - 1] == '=') {
        s->len--;
        n++;
    }
    return n;
}

static enum tw_detected base64(struct tw_str s)
{
    size_t padding = padding_of(&s), digits = 0, bytes = 0;
    uint32_t bits = 0;
    unsigned nbits = 0, seen = 0;
    struct utf8_watch text = {0};
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\n' || s.ptr[i] == '\r')
            continue;
        int v = base64_value(s.ptr[i], &seen);
        if (v < 0)
            return TW_DETECTED_NO;
        digits++;
        bits = bits << 6 | (uint32_t)v;
        nbits += 6;
        if (nbits < 8)
            continue;
        nbits -= 8;
        watch(&text, (uint8_t)(bits >> nbits));
        bits &= (1u << nbits) - 1;
        bytes++;
    }
    /* Words have no digits; but no word ends in padding either. */
    const unsigned needed = LOWER | UPPER | (padding ? 0 : DIGIT);
    const unsigned both = STANDARD | URL;
    bool whole = padding ? (digits + padding) % 4 == 0 : digits % 4 != 1;
    if (digits + padding < BASE64_MIN || !whole || bits != 0 ||
        (seen & needed) != needed || (seen & both) == both || is_text(&text))
        return TW_DETECTED_NO;
    return bytes % BLOCK == 0 || bytes >= NONCE_AND_TAG ? TW_DETECTED_YES
                                                        : TW_DETECTED_ODD;
}

/* ---- 3. hexadecimal ---- */

static int hex_value(char c, bool *lower, bool *upper)
{
    if (tw_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return *lower = true, c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return *upper = true, c - 'A' + 10;
    return -1;
}

/* NONE of it: base64 may be asked. */
static bool hexadecimal(struct tw_str s, enum tw_detected *found)
{
    bool lower = false, upper = false, digit = false;
    struct utf8_watch text = {0};
    if (tw_str_starts(s, "0x") || tw_str_starts(s, "0X"))
        s = tw_str_from(s, 2);
    if (s.len < HEX_MIN || s.len % 2)
        return false;
    for (size_t i = 0; i < s.len; i += 2) {
        int a = hex_value(s.ptr[i], &lower, &upper);
        int b = hex_value(s.ptr[i + 1], &lower, &upper);
        if (a < 0 || b < 0)
            return false;
        digit |= a < 10 || b < 10;
        watch(&text, (uint8_t)(a << 4 | b));
    }
    bool hash = s.len == 32 || s.len == 40;
    bool letters = lower != upper; /* one case, and not digits alone */
    *found = !letters || !digit || is_text(&text) ? TW_DETECTED_NO
             : hash                               ? TW_DETECTED_ODD
                                                  : TW_DETECTED_YES;
    return letters || !(lower && upper);
}

static enum tw_detected detect(struct tw_str text)
{
    if (text.len < 6 || (unsigned char)text.ptr[0] >= 0x80)
        return TW_DETECTED_NO;
    enum tw_detected found;
    if (tw_all_digits(text))
        return TW_DETECTED_NO;
    if (is_wrapped(text))
        return TW_DETECTED_YES;
    if (text.len < BASE64_MIN)
        return TW_DETECTED_NO;
    return hexadecimal(text, &found) ? found : base64(text);
}

const struct tw_detector tw_detector_ciphertext = {
    .name = "ciphertext",
    .use = TW_DETECTOR_LOOKS,
    .summary = {"looks ciphertext: base64 or hexadecimal of bytes that are no text",
                "looks ciphertext：base64 或十六进制，解码后不是文本"},
    .detect = detect,
};

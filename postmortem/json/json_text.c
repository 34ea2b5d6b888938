/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values passed over at the speed of their bytes: texts in blocks of 16,
 * everything else by its first byte. A stack of one bit per level tells objects from
 * arrays.
 */
#include "json_text.h"

#include <string.h>

#include "num.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool ends_plain(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

#ifdef __SSE2__
/* Which of 16 bytes are a quote, a backslash or a control character. */
static inline unsigned marks_of(const char *p)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i low = _mm_set1_epi8(0x1f);
    __m128i found = _mm_cmpeq_epi8(_mm_min_epu8(bytes, low), bytes);
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(found);
}

static const char *plain_end(const char *p)
{
    for (;; p += 16) {
        unsigned marks = marks_of(p);
        if (marks)
            return p + __builtin_ctz(marks);
    }
}
#else
static const char *plain_end(const char *p)
{
    while (!ends_plain(*p))
        p++;
    return p;
}
#endif

size_t tw_json_plain(struct tw_str text)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= text.len; i += 16) {
        unsigned marks = marks_of(text.ptr + i);
        if (marks)
            return i + (size_t)__builtin_ctz(marks);
    }
#endif
    while (i < text.len && !ends_plain(text.ptr[i]))
        i++;
    return i;
}

/* --- texts ------------------------------------------------------------------------ */

/* The four hexadecimal digits at P, or -1. */
static int32_t unit_at(const char *p)
{
    int32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = tw_hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* The character of the escape whose backslash stands at P; -1: there is none. */
static int32_t escape_at(const char *p, size_t *len)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    *len = 2;
    if (p[1] != 'u') {
        const char *name = p[1] ? strchr(names, p[1]) : NULL;
        return name ? means[name - names] : -1;
    }
    int32_t unit = unit_at(p + 2);
    *len = 6;
    if (!is_high(unit))
        return is_low(unit) ? -1 : unit;
    if (p[6] != '\\' || p[7] != 'u')
        return -1;
    int32_t low = unit_at(p + 8);
    *len = 12;
    return is_low(low) ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : -1;
}

const char *tw_json_text(const char *p, struct tw_json_value *value)
{
    const char *start = p;
    bool escaped = false;
    for (;;) {
        p = plain_end(p);
        if (*p == '"')
            break;
        size_t len;
        if (*p != '\\' || escape_at(p, &len) < 0)
            return NULL;
        escaped = true;
        p += len;
    }
    *value =
        (struct tw_json_value){TW_JSON_TEXT, {start, (size_t)(p - start)}, escaped};
    return p + 1;
}

static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    unsigned tails = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint32_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(leads[tails] | c >> 6 * tails);
    while (tails--)
        *out++ = (char)(0x80 | (c >> 6 * tails & 0x3f));
    return out;
}

struct tw_str tw_json_decode(struct tw_arena *arena, const struct tw_json_value *text)
{
    if (text->kind != TW_JSON_TEXT || !text->escaped)
        return text->raw;
    /* No escape is shorter than what it stands for. */
    char *start = tw_arena_alloc(arena, text->raw.len + 1), *out = start;
    const char *p = text->raw.ptr, *end = p + text->raw.len;
    while (p < end) {
        const char *next = plain_end(p);
        memcpy(out, p, (size_t)(next - p));
        out += next - p;
        p = next;
        if (p < end) {
            size_t len;
            out = put_utf8(out, (uint32_t)escape_at(p, &len));
            p += len;
        }
    }
    return (struct tw_str){start, (size_t)(out - start)};
}

/* --- other values ----------------------------------------------------------------- */

static const char *digits(const char *p)
{
    if (*p < '0' || *p > '9')
        return NULL;
    while (tw_is_digit(*p))
        p++;
    return p;
}

static const char *number(const char *p)
{
    p += *p == '-';
    p = *p == '0' ? p + 1 : digits(p);
    if (p && *p == '.')
        p = digits(p + 1);
    if (p && (*p == 'e' || *p == 'E')) {
        p++;
        p = digits(p + (*p == '+' || *p == '-'));
    }
    return p;
}

/* A value that is neither object nor array. */
static const char *scalar(const char *p, struct tw_json_value *value)
{
    const char *end = NULL;
    enum tw_json_kind kind = TW_JSON_WORD;
    switch (*p) {
    case '"':
        return tw_json_text(p + 1, value);
    case 't':
        end = memcmp(p, "true", 4) == 0 ? p + 4 : NULL;
        break;
    case 'f':
        end = memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
        break;
    case 'n':
        kind = TW_JSON_NULL;
        end = memcmp(p, "null", 4) == 0 ? p + 4 : NULL;
        break;
    default:
        kind = TW_JSON_NUMBER;
        end = number(p);
    }
    *value = (struct tw_json_value){kind, {p, end ? (size_t)(end - p) : 0}, false};
    return end;
}

/* The objects and arrays that are open, innermost last. */
struct stack {
    uint64_t is_object[TW_JSON_DEPTH_MAX / 64];
    size_t depth;
};

static bool in_object(const struct stack *s)
{
    return s->is_object[(s->depth - 1) / 64] >> (s->depth - 1) % 64 & 1;
}

static bool push(struct stack *s, bool object)
{
    if (s->depth == TW_JSON_DEPTH_MAX)
        return false;
    uint64_t bit = UINT64_C(1) << s->depth % 64, *word = &s->is_object[s->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    s->depth++;
    return true;
}

/* "KEY": and the blanks behind it. */
static const char *key(const char *p)
{
    struct tw_json_value ignored;
    p = *p == '"' ? tw_json_text(p + 1, &ignored) : NULL;
    if (!p)
        return NULL;
    p = tw_json_blanks(p);
    return *p == ':' ? tw_json_blanks(p + 1) : NULL;
}

/* Closes what ends at P; *P goes to the next value, or behind the outermost end. */
static bool go_on(struct stack *s, const char **at)
{
    const char *p = *at;
    while (s->depth) {
        p = tw_json_blanks(p);
        bool object = in_object(s);
        if (*p == ',') {
            p = tw_json_blanks(p + 1);
            *at = object ? key(p) : p;
            return *at != NULL;
        }
        if (*p != (object ? '}' : ']'))
            return false;
        p++;
        s->depth--;
    }
    *at = p;
    return true;
}

static const char *nested(const char *p)
{
    struct stack s = {.depth = 0};
    struct tw_json_value ignored;
    do {
        bool object = *p == '{';
        if (object || *p == '[') {
            if (!push(&s, object))
                return NULL;
            p = tw_json_blanks(p + 1);
            if (*p != (object ? '}' : ']')) {
                p = object ? key(p) : p;
                if (!p)
                    return NULL;
                continue;
            }
        } else {
            p = scalar(p, &ignored);
            if (!p || !go_on(&s, &p))
                return NULL;
            continue;
        }
        if (!go_on(&s, &p)) /* an empty one: its end stands at P */
            return NULL;
    } while (s.depth);
    return p;
}

const char *tw_json_value(const char *p, struct tw_json_value *value)
{
    if (*p != '{' && *p != '[')
        return scalar(p, value);
    const char *end = nested(p);
    *value = (struct tw_json_value){*p == '{' ? TW_JSON_OBJECT : TW_JSON_ARRAY,
                                    {p, end ? (size_t)(end - p) : 0},
                                    false};
    return end;
}

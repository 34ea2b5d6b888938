/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The row scanner: see sql_row.h. Nearly all time of a count of an SQL dump is spent
 * here, so the three forms that make up a dump (numbers, texts in single quotes, NULL)
 * are read 16 bytes at a time, without a step per byte; all else takes the way around.
 *
 *     (17,'it\'s',NULL,-0.50)
 *      ^^ the first byte that is no digit, sign or point
 *         ^^^^^^ the first quote or backslash, pair by pair
 */
#include "sql_row.h"

#include <string.h>

#include "num.h"
#include "sql_lexer.h"

#ifdef __SSE2__
#include <emmintrin.h>

/* The first A or B from P on; END or beyond where there is none. */
static inline const char *find_either(const char *p, const char *end, char a, char b)
{
    const __m128i as = _mm_set1_epi8(a), bs = _mm_set1_epi8(b);
    for (; p < end; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned found = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(x, as), _mm_cmpeq_epi8(x, bs)));
        if (found)
            return p + __builtin_ctz(found);
    }
    return end;
}

/* The first byte from P on that is not one of - . / and the digits; END or beyond where
 * there is none. */
static inline const char *number_end(const char *p, const char *end)
{
    const __m128i low = _mm_set1_epi8('-' - 1), high = _mm_set1_epi8('9' + 1);
    for (; p < end; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned inside = (unsigned)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpgt_epi8(x, low), _mm_cmplt_epi8(x, high)));
        if (inside != 0xffff)
            return p + __builtin_ctz(~inside);
    }
    return end;
}
#else
static inline const char *find_either(const char *p, const char *end, char a, char b)
{
    while (p < end && *p != a && *p != b)
        p++;
    return p;
}

static inline const char *number_end(const char *p, const char *end)
{
    while (p < end && *p >= '-' && *p <= '9')
        p++;
    return p;
}
#endif

/* Where a value or a row could not be read: two addresses that are none of the text. */
static const char cut_mark, bad_mark;
#define CUT (&cut_mark)
#define BAD (&bad_mark)

struct reader {
    const char *end;
    bool plain_backslash;
};

/* Behind the quote at P. */
static inline const char *read_text(const struct reader *r, const char *p,
                                    struct tw_sql_value *v)
{
    char quote = *p, backslash = r->plain_backslash ? quote : '\\';
    const char *q = p + 1;
    v->encoded = false;
    for (;;) {
        q = find_either(q, r->end, quote, backslash);
        /* A closing quote that is the last byte may be half of a pair. */
        if (q + 1 >= r->end)
            return CUT;
        if (*q == quote && q[1] != quote)
            break;
        v->encoded = true;
        q += 2;
    }
    v->kind = TW_SQL_TEXT;
    v->quote = quote;
    v->raw = (struct tw_str){p + 1, (size_t)(q - p - 1)};
    return q + 1;
}

static inline bool ends_value(char c)
{
    return c == ',' || c == ')';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Behind blanks and comments. */
static const char *skip_blanks(const struct reader *r, const char *p)
{
    struct tw_sql_lexer lx = {.bytes = {p, (size_t)(r->end - p)}};
    return tw_sql_blanks(&lx) && lx.at < lx.bytes.len ? p + lx.at : CUT;
}

/* Digits of a literal in the form x'…', or behind 0x. */
static const char *read_digits(const struct reader *r, const char *p, bool quoted,
                               enum tw_sql_value_kind kind, struct tw_sql_value *v)
{
    const char *q = p;
    while (q < r->end && (tw_is_digit(*q) || (is_letter(*q) && (*q | 0x20) <= 'f')))
        q++;
    if (q == r->end)
        return CUT;
    bool half = kind == TW_SQL_HEX && (q - p) % 2 != 0;
    if (quoted && (*q != '\'' || half))
        return BAD;
    v->kind = kind;
    v->raw = (struct tw_str){p, (size_t)(q - p)};
    return q + quoted;
}

/* A number with an exponent or a plus sign, or 0x… or 0b…. */
static const char *read_number_slowly(const struct reader *r, const char *p,
                                      struct tw_sql_value *v)
{
    if (p + 2 >= r->end)
        return CUT;
    if (*p == '0' && (p[1] == 'x' || p[1] == 'b'))
        return read_digits(r, p + 2, false, p[1] == 'x' ? TW_SQL_HEX : TW_SQL_BITS, v);
    const char *q = p;
    while (q < r->end && (tw_is_digit(*q) || *q == '+' || *q == '-' || *q == '.' ||
                          (*q | 0x20) == 'e'))
        q++;
    if (q == r->end)
        return CUT;
    v->kind = TW_SQL_NUMBER;
    v->raw = (struct tw_str){p, (size_t)(q - p)};
    return q;
}

/* The parenthesis that closes the one at P, and what follows it. */
static const char *read_call(const struct reader *r, const char *p,
                             struct tw_sql_value *v)
{
    struct tw_sql_walk walk = {.plain_backslash = r->plain_backslash};
    bool ended;
    size_t n =
        tw_sql_pass(&walk, (struct tw_str){p, (size_t)(r->end - p)}, false, &ended);
    v->kind = TW_SQL_OTHER;
    return ended ? p + n : CUT;
}

static const char *read_value(const struct reader *r, const char *p,
                              struct tw_sql_value *v);

static const char *read_word(const struct reader *r, const char *p,
                             struct tw_sql_value *v)
{
    const char *q = p;
    while (q < r->end && (is_letter(*q) || tw_is_digit(*q)))
        q++;
    if (q == r->end)
        return CUT;
    struct tw_str word = {p, (size_t)(q - p)};
    if (*q == '\'' && word.len == 1 && (*p | 0x20) == 'x')
        return read_digits(r, q + 1, true, TW_SQL_HEX, v);
    if (*q == '\'' && word.len == 1 && (*p | 0x20) == 'b')
        return read_digits(r, q + 1, true, TW_SQL_BITS, v);
    if (*q == '\'' && word.len == 1 && (*p | 0x20) == 'n')
        return read_text(r, q, v);
    if (*p == '_' && v->label.len == 0) {
        v->label = tw_str_from(word, 1);
        q = skip_blanks(r, q);
        if (q == CUT)
            return CUT;
        q = read_value(r, q, v);
        if (q == CUT || q == BAD)
            return q;
        bool bytes =
            v->kind == TW_SQL_TEXT || v->kind == TW_SQL_HEX || v->kind == TW_SQL_BITS;
        return bytes ? q : BAD;
    }
    v->raw = word;
    if (tw_str_eq_nocase(word, TW_STR("NULL"))) {
        v->kind = TW_SQL_NULL;
        return q;
    }
    bool yes = tw_str_eq_nocase(word, TW_STR("TRUE"));
    bool no = tw_str_eq_nocase(word, TW_STR("FALSE"));
    v->kind = yes || no ? TW_SQL_TRUTH : TW_SQL_OTHER;
    return *q == '(' ? read_call(r, q, v) : q;
}

/* Any form, after blanks and comments. */
static const char *read_value(const struct reader *r, const char *p,
                              struct tw_sql_value *v)
{
    p = skip_blanks(r, p);
    if (p == CUT)
        return CUT;
    if (*p == '\'' || *p == '"')
        return read_text(r, p, v);
    if (tw_is_digit(*p) || *p == '-' || *p == '+' || *p == '.')
        return read_number_slowly(r, p, v);
    return is_letter(*p) ? read_word(r, p, v) : BAD;
}

/* The common forms at once. */
static inline const char *read_common(const struct reader *r, const char *p,
                                      struct tw_sql_value *v)
{
    v->label.len = 0;
    if (*p == '\'')
        return read_text(r, p, v);
    if ((unsigned char)(*p - '-') <= '9' - '-') {
        const char *q = number_end(p, r->end);
        if (q < r->end && ends_value(*q)) {
            v->kind = TW_SQL_NUMBER;
            v->raw = (struct tw_str){p, (size_t)(q - p)};
            return q;
        }
        return q < r->end ? read_value(r, p, v) : CUT;
    }
    if (r->end - p > 4 && memcmp(p, "NULL", 4) == 0 && ends_value(p[4])) {
        v->kind = TW_SQL_NULL;
        return p + 4;
    }
    return read_value(r, p, v);
}

enum tw_sql_scan tw_sql_row_scan(struct tw_sql_row *row, struct tw_str bytes)
{
    const struct reader r = {bytes.ptr + bytes.len, row->plain_backslash};
    const char *p = bytes.ptr + 1;
    size_t n = 0;
    for (;;) {
        struct tw_sql_value v;
        if (p >= r.end)
            return TW_SQL_CUT;
        p = read_common(&r, p, &v);
        if (p == CUT)
            return TW_SQL_CUT;
        if (p == BAD)
            return TW_SQL_BAD;
        if (n < row->nslots && row->slot[n] != TW_SQL_UNWANTED)
            row->values[row->slot[n]] = v;
        n++;
        if (p < r.end && !ends_value(*p))
            p = skip_blanks(&r, p);
        if (p == CUT || p >= r.end)
            return TW_SQL_CUT;
        if (*p == ')')
            break;
        if (*p++ != ',')
            return TW_SQL_BAD;
    }
    row->count = n;
    row->used = (size_t)(p - bytes.ptr) + 1;
    return TW_SQL_ROW;
}

/* [+-] digits [.digits] [e [+-] digits], with a digit before or behind the point. */
static bool is_number(struct tw_str s)
{
    size_t i = s.len && (s.ptr[0] == '+' || s.ptr[0] == '-'), from = i, digits = 0;
    for (; i < s.len && tw_is_digit(s.ptr[i]); i++)
        digits++;
    if (i < s.len && s.ptr[i] == '.')
        for (i++; i < s.len && tw_is_digit(s.ptr[i]); i++)
            digits++;
    if (digits == 0 || from == s.len)
        return false;
    if (i == s.len || (s.ptr[i] | 0x20) != 'e')
        return i == s.len;
    i++;
    i += i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-');
    from = i;
    while (i < s.len && tw_is_digit(s.ptr[i]))
        i++;
    return i == s.len && i > from;
}

/* Digits of BITS bits each as bytes, the first one filled up with zeros. */
static bool from_digits(struct tw_arena *arena, struct tw_str raw, unsigned bits,
                        struct tw_str *out)
{
    size_t per = 8 / bits, len = (raw.len + per - 1) / per;
    char *bytes = tw_arena_alloc(arena, len);
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[raw.len - 1 - i];
        unsigned digit = (unsigned)tw_hex_digit(c);
        if (digit >> bits)
            return false;
        char *to = &bytes[len - 1 - i / per];
        *to = (char)((unsigned char)*to | digit << (i % per * bits));
    }
    *out = (struct tw_str){bytes, len};
    return true;
}

bool tw_sql_value_bytes(struct tw_arena *arena, const struct tw_sql_value *v,
                        bool plain_backslash, struct tw_str *out)
{
    char *bytes;
    *out = v->raw;
    switch (v->kind) {
    case TW_SQL_TEXT:
        if (!v->encoded)
            return true;
        bytes = tw_arena_alloc(arena, v->raw.len);
        *out = (struct tw_str){
            bytes, tw_sql_unescape(v->raw, v->quote, plain_backslash, bytes)};
        return true;
    case TW_SQL_NUMBER:
        return is_number(v->raw);
    case TW_SQL_HEX:
        return from_digits(arena, v->raw, 4, out);
    case TW_SQL_BITS:
        return from_digits(arena, v->raw, 1, out);
    case TW_SQL_TRUTH:
        *out = (v->raw.ptr[0] | 0x20) == 't' ? TW_STR("1") : TW_STR("0");
        return true;
    case TW_SQL_NULL:
    case TW_SQL_OTHER:
        break;
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of RFC 8259, one function a rule, for the tests of the JSON renderer. */
#include "strict_json.h"

#include <string.h>

#include "text.h"

struct reader {
    struct tw_str s;
    size_t at;
    struct tw_buf *out;
    unsigned depth;
};

static bool read_value(struct reader *r);

static int peek(const struct reader *r)
{
    return r->at < r->s.len ? (unsigned char)r->s.ptr[r->at] : -1;
}

static void skip_blanks(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\n' || peek(r) == '\r' || peek(r) == '\t')
        r->at++;
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != (unsigned char)c)
        return false;
    tw_buf_char(r->out, c);
    r->at++;
    return true;
}

static bool read_word(struct reader *r, const char *word)
{
    if (!tw_str_starts(tw_str_from(r->s, r->at), word))
        return false;
    tw_buf_text(r->out, word);
    r->at += strlen(word);
    return true;
}

static bool read_digits(struct reader *r)
{
    size_t start = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        take(r, r->s.ptr[r->at]);
    return r->at > start;
}

static bool read_number(struct reader *r)
{
    take(r, '-');
    size_t start = r->at;
    if (!read_digits(r) || (r->s.ptr[start] == '0' && r->at > start + 1))
        return false;
    if (take(r, '.') && !read_digits(r))
        return false;
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+'))
            take(r, '-');
        return read_digits(r);
    }
    return true;
}

static bool read_escape(struct reader *r)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    int c = peek(r);
    r->at++;
    if (c == 'u') {
        unsigned code = 0;
        for (int i = 0; i < 4; i++, r->at++) {
            static const char hex[] = "0123456789abcdef";
            const char *digit = peek(r) > 0 ? strchr(hex, peek(r)) : NULL;
            if (!digit)
                return false;
            code = code << 4 | (unsigned)(digit - hex);
        }
        tw_buf_fmt(r->out, "<%04x>", code);
        return true;
    }
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    if (letter)
        tw_buf_fmt(r->out, "<%04x>", (unsigned)values[letter - letters]);
    return letter != NULL;
}

static bool read_text(struct reader *r)
{
    if (!take(r, '"'))
        return false;
    while (!take(r, '"')) {
        uint32_t c = 0;
        struct tw_str rest = tw_str_from(r->s, r->at);
        size_t n = tw_utf8_step(rest, &c);
        if (n == 0 || c < 0x20)
            return false;
        r->at += n;
        if (c == '\\') {
            if (!read_escape(r))
                return false;
        } else {
            tw_buf_put(r->out, rest.ptr, n);
        }
    }
    return true;
}

static bool read_members(struct reader *r, char close, bool object)
{
    r->at++;
    skip_blanks(r);
    if (take(r, close))
        return true;
    do {
        skip_blanks(r);
        if (object) {
            if (!read_text(r))
                return false;
            skip_blanks(r);
            if (!take(r, ':'))
                return false;
        }
        if (!read_value(r))
            return false;
        skip_blanks(r);
    } while (take(r, ','));
    return take(r, close);
}

static bool read_value(struct reader *r)
{
    skip_blanks(r);
    int c = peek(r);
    if (c == '{' || c == '[') {
        if (++r->depth > 100)
            return false;
        tw_buf_char(r->out, (char)c);
        bool ok = read_members(r, c == '{' ? '}' : ']', c == '{');
        r->depth--;
        return ok;
    }
    if (c == '"')
        return read_text(r);
    if (c == 't' || c == 'f' || c == 'n')
        return read_word(r, "true") || read_word(r, "false") || read_word(r, "null");
    return read_number(r);
}

bool strict_json_compact(struct tw_str text, struct tw_buf *compact)
{
    struct reader r = {.s = text, .out = compact};
    bool ok = read_value(&r);
    skip_blanks(&r);
    return ok && r.at == text.len;
}

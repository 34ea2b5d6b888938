/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer for SQL dumps: see sql_lexer.h. Rows of values have a faster one of their
 * own (sql_row.c); this one reads everything around them. */
#include "sql_lexer.h"

#include <string.h>

#include "num.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_word(char c)
{
    return tw_is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '_' || c == '$' || c == '@' || (signed char)c < 0;
}

/* What begins at S[0]? */
enum opening {
    OPENS_NOTHING,
    OPENS_UNKNOWN, /* too few bytes */
    OPENS_LINE,    /* a comment to the end of the line */
    OPENS_COMMENT, /* a comment to its closing mark */
    OPENS_VERSION, /* the inside is read; *LEN bytes belong to the mark */
    CLOSES_VERSION
};

/* The opening mark of a versioned comment: how many of S, or 0 where more bytes are
 * needed. S begins behind the "!". */
static size_t version_digits(struct tw_str s, bool last, bool *never)
{
    size_t n = 0;
    while (n < s.len && n < 6 && tw_is_digit(s.ptr[n]))
        n++;
    if (n == s.len && n < 6 && !last)
        return 0;
    /* A version that no server reaches: a comment like any other. */
    *never = n == 6 && memcmp(s.ptr, "999999", 6) == 0;
    return n + 1;
}

static enum opening opening(struct tw_str s, bool last, size_t *len)
{
    char c = s.ptr[0], d = s.len > 1 ? s.ptr[1] : '\0';
    bool cut = s.len < 2 && !last;
    bool never = false;
    *len = 2;
    switch (c) {
    case '#':
        *len = 1;
        return OPENS_LINE;
    case '-':
        if (cut || (d == '-' && s.len < 3 && !last))
            return OPENS_UNKNOWN;
        /* Two dashes are a comment only before a blank, a control byte or the end. */
        return d == '-' && (s.len < 3 || (unsigned char)s.ptr[2] <= ' ')
                   ? OPENS_LINE
                   : OPENS_NOTHING;
    case '*':
        return cut ? OPENS_UNKNOWN : d == '/' ? CLOSES_VERSION : OPENS_NOTHING;
    case '/':
        break;
    default:
        return OPENS_NOTHING;
    }
    if (cut || (d == '*' && s.len < 4 && !last))
        return OPENS_UNKNOWN;
    if (d != '*')
        return OPENS_NOTHING;
    size_t mark = s.len > 2 && s.ptr[2] == '!'                      ? 3
                  : s.len > 3 && s.ptr[2] == 'M' && s.ptr[3] == '!' ? 4
                                                                    : 0;
    if (mark == 0)
        return OPENS_COMMENT;
    size_t digits = version_digits(tw_str_from(s, mark), last, &never);
    if (digits == 0)
        return OPENS_UNKNOWN;
    if (never)
        return OPENS_COMMENT;
    *len = mark + digits - 1;
    return OPENS_VERSION;
}

/* The end of the comment that S is inside of: the length with its end, or 0. */
static size_t comment_end(struct tw_str s, char comment)
{
    size_t n =
        comment == '\n' ? tw_str_find(s, '\n') : tw_str_find_str(s, TW_STR("*/"));
    return n == s.len ? 0 : n + (comment == '\n' ? 1 : 2);
}

bool tw_sql_blanks(struct tw_sql_lexer *lx)
{
    while (lx->at < lx->bytes.len) {
        struct tw_str rest = tw_str_from(lx->bytes, lx->at);
        size_t len;
        if (is_blank(rest.ptr[0])) {
            lx->at++;
            continue;
        }
        enum opening what = opening(rest, lx->last, &len);
        if (what == OPENS_NOTHING)
            return true;
        if (what == OPENS_UNKNOWN)
            return false;
        size_t end = 0;
        if (what == OPENS_LINE || what == OPENS_COMMENT) {
            end = comment_end(tw_str_from(rest, len), what == OPENS_LINE ? '\n' : '*');
            if (end == 0 && !lx->last)
                return false;
            if (end == 0)
                end = rest.len - len;
        }
        lx->at += len + end;
    }
    return lx->last;
}

/* The quote that closes S, which begins behind the opening one: its place, or S.len.
 * A doubled one at the very end of S may be half of a pair: then S.len as well. */
static size_t closing_quote(struct tw_str s, char quote, bool backslash, bool last,
                            bool *encoded)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\\' && backslash) {
            *encoded = true;
            i++;
        } else if (s.ptr[i] == quote) {
            if (i + 1 == s.len && !last)
                return s.len;
            if (i + 1 == s.len || s.ptr[i + 1] != quote)
                return i;
            *encoded = true;
            i++;
        }
    }
    return s.len;
}

static enum tw_sql_kind quoted(struct tw_sql_lexer *lx, char quote)
{
    struct tw_str rest = tw_str_from(lx->bytes, lx->at + 1);
    bool encoded = false, backslash = quote != '`' && !lx->plain_backslash;
    size_t n = closing_quote(rest, quote, backslash, lx->last, &encoded);
    if (n >= rest.len)
        return TW_SQL_MORE; /* also where nothing follows: it is never closed */
    lx->at += n + 2;
    lx->now.raw = tw_str_first(rest, n);
    lx->now.quote = quote;
    lx->now.encoded = encoded;
    return quote == '`' ? TW_SQL_NAME : TW_SQL_STRING;
}

enum tw_sql_kind tw_sql_step(struct tw_sql_lexer *lx)
{
    struct tw_sql_token *now = &lx->now;
    *now = (struct tw_sql_token){.kind = TW_SQL_MORE};
    if (!tw_sql_blanks(lx))
        return now->kind;
    if (lx->at == lx->bytes.len)
        return now->kind = TW_SQL_END;
    struct tw_str rest = tw_str_from(lx->bytes, lx->at);
    char c = rest.ptr[0];
    if (c == '\'' || c == '"' || c == '`')
        return now->kind = quoted(lx, c);
    size_t n = 0;
    while (n < rest.len && is_word(rest.ptr[n]))
        n++;
    if (n == rest.len && !lx->last)
        return now->kind;
    now->kind = n ? TW_SQL_WORD : TW_SQL_MARK;
    now->raw = tw_str_first(rest, n ? n : 1);
    lx->at += now->raw.len;
    return now->kind;
}

bool tw_sql_is_word(const struct tw_sql_lexer *lx, const char *word)
{
    return lx->now.kind == TW_SQL_WORD &&
           tw_str_eq_nocase(lx->now.raw, tw_str_of(word));
}

bool tw_sql_is_mark(const struct tw_sql_lexer *lx, char mark)
{
    return lx->now.kind == TW_SQL_MARK && lx->now.raw.ptr[0] == mark;
}

bool tw_sql_is_name(const struct tw_sql_lexer *lx)
{
    return lx->now.kind == TW_SQL_NAME || lx->now.kind == TW_SQL_WORD ||
           (lx->now.kind == TW_SQL_STRING && lx->now.quote == '"');
}

static char escaped(char c)
{
    switch (c) {
    case '0':
        return '\0';
    case 'b':
        return '\b';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'Z':
        return '\x1a';
    default:
        return c;
    }
}

size_t tw_sql_unescape(struct tw_str raw, char quote, bool plain_backslash, char *out)
{
    size_t n = 0;
    bool backslash = quote != '`' && !plain_backslash;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '\\' && backslash && i + 1 < raw.len) {
            c = raw.ptr[++i];
            if (c == '%' || c == '_') /* kept with it, for patterns */
                out[n++] = '\\';
            c = escaped(c);
        } else if (c == quote) {
            i++; /* of a pair */
        }
        out[n++] = c;
    }
    return n;
}

struct tw_str tw_sql_decode(struct tw_arena *arena, const struct tw_sql_token *token,
                            bool plain_backslash)
{
    if (!token->encoded)
        return token->raw;
    char *out = tw_arena_alloc(arena, token->raw.len);
    return (struct tw_str){
        out, tw_sql_unescape(token->raw, token->quote, plain_backslash, out)};
}

/* Enters the comment that begins S, or passes the mark of a versioned one: how many
 * bytes. 0 where nothing of the kind begins, or (*UNKNOWN) more bytes are needed. */
static size_t enter_comment(struct tw_sql_walk *w, struct tw_str s, bool last,
                            bool *unknown)
{
    size_t len;
    enum opening what = opening(s, last, &len);
    *unknown = what == OPENS_UNKNOWN;
    if (what == OPENS_UNKNOWN || what == OPENS_NOTHING)
        return 0;
    if (what == OPENS_LINE || what == OPENS_COMMENT)
        w->comment = what == OPENS_LINE ? '\n' : '*';
    return len;
}

/* Inside of quotes: behind the closing one, or as far as BYTES tell. */
static size_t pass_quoted(struct tw_sql_walk *w, struct tw_str s, bool last)
{
    bool backslash = w->quote != '`' && !w->plain_backslash;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\\' && backslash) {
            if (i + 1 == s.len && !last)
                return i;
            i++;
        } else if (s.ptr[i] == w->quote) {
            w->quote = '\0'; /* a doubled one opens again at once */
            return i + 1;
        }
    }
    return s.len;
}

static size_t pass_comment(struct tw_sql_walk *w, struct tw_str s)
{
    size_t n = comment_end(s, w->comment);
    if (n) {
        w->comment = '\0';
        return n;
    }
    /* A star at the very end may be half of the mark. */
    bool half = w->comment == '*' && s.len && s.ptr[s.len - 1] == '*';
    return s.len - half;
}

/* At the delimiter? 1: yes, -1: cannot be told yet. */
static int at_delimiter(const struct tw_sql_walk *w, struct tw_str s, bool last)
{
    size_t n = w->delimiter.len < s.len ? w->delimiter.len : s.len;
    if (n == 0 || memcmp(s.ptr, w->delimiter.ptr, n) != 0)
        return 0;
    return n == w->delimiter.len ? 1 : last ? 0 : -1;
}

/* One step outside of quotes and comments; 0 where more bytes are needed. */
static size_t pass_plain(struct tw_sql_walk *w, struct tw_str s, bool last, bool *ended)
{
    char c = s.ptr[0];
    bool unknown;
    int delimiter = at_delimiter(w, s, last);
    if (delimiter < 0)
        return 0;
    if (delimiter) {
        *ended = true;
        return w->delimiter.len;
    }
    size_t len = enter_comment(w, s, last, &unknown);
    if (len || unknown)
        return len;
    if (c == '\'' || c == '"' || c == '`')
        w->quote = c;
    w->any |= !is_blank(c);
    w->depth += c == '(';
    if (c == ')' && w->depth > 0 && --w->depth == 0)
        *ended = w->delimiter.len == 0;
    return 1;
}

size_t tw_sql_pass(struct tw_sql_walk *w, struct tw_str bytes, bool last, bool *ended)
{
    size_t at = 0;
    *ended = false;
    while (at < bytes.len && !*ended) {
        struct tw_str rest = tw_str_from(bytes, at);
        size_t n = w->quote     ? pass_quoted(w, rest, last)
                   : w->comment ? pass_comment(w, rest)
                                : pass_plain(w, rest, last, ended);
        if (n == 0 && !last)
            break;
        /* At the end of all, what cannot be told apart any more is passed. */
        at += n ? n : 1;
    }
    return at;
}

size_t tw_sql_pass_blank(struct tw_sql_walk *w, struct tw_str bytes, bool last,
                         bool *ended)
{
    size_t n = 0;
    bool unknown;
    *ended = false;
    if (w->comment)
        return pass_comment(w, bytes);
    while (n < bytes.len && is_blank(bytes.ptr[n]))
        n++;
    if (n || bytes.len == 0)
        return n;
    n = enter_comment(w, bytes, last, &unknown);
    *ended = n == 0 && !unknown;
    return n;
}

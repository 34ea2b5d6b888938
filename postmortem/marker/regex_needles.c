/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Required texts of a regular expression, from the bottom up. Each part of the pattern
 * is described by a node:
 *
 *     exact   it matches nothing but the texts of `texts` (all of them whole)
 *     else    whatever it matches holds one of `texts`; no texts: nothing is known
 *
 * A row of parts multiplies exact sets as long as they stay small; where that ends, the
 * set gathered so far is a candidate, and the best candidate stays. Alternatives add
 * their sets. Assertions match the empty text: what stands on both sides is adjacent.
 *
 *     x(a|b)y.*z   {x} {a b} → {xa xb} {y} → {xay xby}, any, {z}: the best is {xay xby}
 *
 * Everything that is not read for sure makes the whole pattern one without needles.
 */
#include "regex_needles.h"

#include <stdint.h>
#include <string.h>

#include "num.h"
#include "text.h"

enum {
    TEXTS_MAX = 32,   /* of one node */
    PRODUCT_MAX = 16, /* by multiplying */
    TEXT_MAX = 40,    /* bytes */
    DEPTH_MAX = 40,   /* of groups */
    REPEAT_MAX = 8    /* of a part, written out */
};

struct texts {
    size_t n;
    struct {
        unsigned char len;
        char bytes[TEXT_MAX];
    } at[TEXTS_MAX];
};

struct node {
    bool exact;
    struct texts texts;
};

struct reader {
    struct tw_str p;
    size_t at;
    bool quoted; /* between \Q and \E */
    bool ignore_case;
    bool unsure;
    bool groups, repeats, other; /* seen so far: enum tw_pattern_kind */
    unsigned depth;
};

static void read_alternatives(struct reader *r, struct node *out);

/* --- sets of texts ---------------------------------------------------------------- */

static const struct node any_text = {false, {0}};
static const struct node empty_text = {true, {1, {{0}}}};

static struct tw_str text_at(const struct texts *t, size_t i)
{
    return (struct tw_str){t->at[i].bytes, t->at[i].len};
}

/* False: there is no room for it. */
static bool add_text(struct texts *t, struct tw_str a, struct tw_str b)
{
    if (t->n == TEXTS_MAX || a.len + b.len > TEXT_MAX)
        return false;
    char *to = t->at[t->n].bytes;
    if (a.len)
        memcpy(to, a.ptr, a.len);
    if (b.len)
        memcpy(to + a.len, b.ptr, b.len);
    struct tw_str made = {to, a.len + b.len};
    for (size_t i = 0; i < t->n; i++)
        if (tw_str_eq(text_at(t, i), made))
            return true;
    t->at[t->n++].len = (unsigned char)made.len;
    return true;
}

static bool add_all(struct texts *into, const struct texts *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!add_text(into, text_at(from, i), TW_NO_STR))
            return false;
    return true;
}

static size_t shortest(const struct texts *t)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < t->n; i++)
        least = t->at[i].len < least ? t->at[i].len : least;
    return t->n ? least : 0;
}

/* How much a set is worth as needles: long ones, few of them. 0: nothing. */
static size_t worth(const struct texts *t)
{
    size_t len = shortest(t);
    if (len == 0 || (len == 1 && t->n > 1))
        return 0;
    return 1 + len * TEXTS_MAX / (t->n + 3);
}

static void offer(struct texts *best, const struct texts *t)
{
    if (worth(t) > worth(best))
        *best = *t;
}

/* --- a row of parts --------------------------------------------------------------- */

struct row {
    struct texts here; /* what the exact parts up to here make */
    struct texts best;
    bool exact;
};

static void row_begin(struct row *row)
{
    row->here = empty_text.texts;
    row->best.n = 0;
    row->exact = true;
}

static bool multiply(struct texts *into, const struct texts *by)
{
    if (into->n * by->n > PRODUCT_MAX && into->n > 1 && by->n > 1)
        return false;
    struct texts out = {0};
    for (size_t i = 0; i < into->n; i++)
        for (size_t k = 0; k < by->n; k++)
            if (!add_text(&out, text_at(into, i), text_at(by, k)))
                return false;
    *into = out;
    return true;
}

static void row_add(struct row *row, const struct node *node)
{
    if (node->exact && multiply(&row->here, &node->texts))
        return;
    offer(&row->best, &row->here);
    row->exact = false;
    row->here = node->exact ? node->texts : empty_text.texts;
    if (!node->exact)
        offer(&row->best, &node->texts);
}

static void row_end(struct row *row, struct node *out)
{
    out->exact = row->exact;
    if (!row->exact)
        offer(&row->best, &row->here);
    out->texts = row->exact ? row->here : row->best;
}

/* --- characters ------------------------------------------------------------------- */

/* Characters beyond ASCII that are sure to have no other case: the ideographs, and the
 * punctuation that stands between them. */
static bool has_no_case(uint32_t c)
{
    return (c >= 0x3001 && c <= 0x301f) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xff01 && c <= 0xff20) ||
           (c >= 0x20000 && c <= 0x2a6df);
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The character of the code C, written as BYTES. */
static void literal(const struct reader *r, uint32_t c, struct tw_str bytes,
                    struct node *out)
{
    out->exact = true;
    out->texts.n = 0;
    if (!r->ignore_case || (c < 0x80 && !is_letter(c)) || has_no_case(c)) {
        add_text(&out->texts, bytes, TW_NO_STR);
    } else if (c < 0x80) {
        char lower = (char)(c | 0x20), upper = (char)(c & ~0x20u);
        add_text(&out->texts, (struct tw_str){&lower, 1}, TW_NO_STR);
        add_text(&out->texts, (struct tw_str){&upper, 1}, TW_NO_STR);
        if (lower == 'k') /* the Kelvin sign */
            add_text(&out->texts, TW_STR("\u212a"), TW_NO_STR);
        if (lower == 's') /* the long s */
            add_text(&out->texts, TW_STR("\u017f"), TW_NO_STR);
    } else {
        *out = any_text;
    }
}

static int peek(const struct reader *r, size_t ahead)
{
    size_t at = r->at + ahead;
    return at < r->p.len ? (unsigned char)r->p.ptr[at] : -1;
}

static bool sees(const struct reader *r, const char *text)
{
    return tw_str_starts(tw_str_from(r->p, r->at), text);
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_char(int c)
{
    return is_digit(c) || c == '_' || (c > 0 && is_letter((uint32_t)c)) || c >= 0x80;
}

/* Takes one character. */
static void read_char(struct reader *r, struct node *out)
{
    uint32_t c = 0;
    struct tw_str rest = tw_str_from(r->p, r->at);
    size_t n = tw_utf8_step(rest, &c);
    r->unsure |= n == 0;
    literal(r, c, tw_str_first(rest, n), out);
    r->at += n ? n : 1;
}

static void literal_code(const struct reader *r, uint32_t c, struct node *out)
{
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    uint32_t left = c;
    for (size_t i = n; i-- > 1; left >>= 6)
        bytes[i] = (char)(0x80 | (left & 0x3f));
    bytes[0] = (char)(lead[n] | left);
    literal(r, c, (struct tw_str){bytes, n}, out);
}

/* Passes by comments, \Q and \E, none of which stands for anything. */
static void settle(struct reader *r)
{
    for (;;) {
        if (sees(r, "\\E")) {
            r->quoted = false;
            r->at += 2;
        } else if (r->quoted) {
            return;
        } else if (sees(r, "\\Q")) {
            r->quoted = true;
            r->at += 2;
        } else if (sees(r, "(?#")) {
            struct tw_str rest = tw_str_from(r->p, r->at);
            size_t n = tw_str_find(rest, ')');
            r->unsure |= n == rest.len;
            r->at += n + (n < rest.len);
        } else {
            return;
        }
    }
}

/* --- parts ------------------------------------------------------------------------ */

/* \xHH, \x{H…} behind the x. */
static void read_hex(struct reader *r, struct node *out)
{
    uint32_t code = 0;
    bool braces = peek(r, 0) == '{';
    r->at += braces;
    int digit;
    for (size_t n = 0; (digit = tw_hex_digit((char)peek(r, 0))) >= 0; r->at++) {
        if (!braces && n++ == 2)
            break;
        code = code << 4 | (uint32_t)digit;
        r->unsure |= code > 0x10ffff;
    }
    if (r->unsure)
        return;
    if (braces)
        r->unsure |= peek(r, 0) != '}';
    r->at += braces;
    literal_code(r, code, out);
}

static void read_escape(struct reader *r, struct node *out)
{
    static const char controls[] = "nrtfae", meant[] = "\n\r\t\f\a\x1b";
    int c = peek(r, 1);
    r->at += 2;
    *out = any_text;
    const char *control = c > 0 ? strchr(controls, c) : NULL;
    if (c > 0 && c < 0x80 && !is_word_char(c)) {
        r->at--;
        read_char(r, out);
    } else if (c == '_') {
        literal_code(r, '_', out);
    } else if (control) {
        literal_code(r, (unsigned char)meant[control - controls], out);
    } else if (c == 'x') {
        read_hex(r, out);
    } else if (is_digit(c)) { /* back, or octal: what follows may belong to it */
        r->other = true;
        while (is_digit(peek(r, 0)))
            r->at++;
    } else if (c == 'p' || c == 'P') {
        struct tw_str rest = tw_str_from(r->p, r->at);
        size_t n = peek(r, 0) == '{' ? tw_str_find(rest, '}') : 0;
        r->unsure |= n >= rest.len;
        r->at += n + 1;
    } else if (c > 0 && strchr("bBAZzGK", c)) {
        r->other |= c == 'G' || c == 'K';
        *out = empty_text;
    } else {
        r->other |= c == 'R' || c == 'X';
        r->unsure |= c < 0 || !strchr("dDwWsShHvVRXN", c) || c == 0 ||
                     (c == 'N' && peek(r, 0) == '{');
    }
}

/* [:name:] within a class. */
static bool read_posix(struct reader *r)
{
    size_t n = 2 + (peek(r, 2) == '^');
    while (peek(r, n) >= 'a' && peek(r, n) <= 'z')
        n++;
    if (peek(r, 1) != ':' || peek(r, n) != ':' || peek(r, n + 1) != ']')
        return false;
    r->at += n + 2;
    return true;
}

/* A few characters are alternatives; every other class is one character of any kind. */
static void read_class(struct reader *r, struct node *out)
{
    bool plain = true;
    struct texts all = {0};
    r->at++;
    if (peek(r, 0) == '^') {
        plain = false;
        r->at++;
    }
    for (bool first = true; first || peek(r, 0) != ']'; first = false) {
        struct node one = empty_text;
        int c = peek(r, 0), next = peek(r, 1);
        if (c < 0 || r->unsure) {
            r->unsure = true;
            return;
        }
        if (c == '\\') {
            if (next <= 0 || next == 'Q' || next == 'E' || next >= 0x80) {
                r->unsure = true;
                return;
            }
            if (is_word_char(next)) {
                plain = false;
                r->at += next == 'c' ? 3 : 2;
                continue;
            }
            r->at++;
        } else if (c == '[' && (next == ':' || next == '.' || next == '=')) {
            plain = false;
            r->unsure |= !read_posix(r);
            continue;
        } else if (c == '-') {
            plain = false;
        }
        read_char(r, &one);
        plain = plain && one.exact && add_all(&all, &one.texts);
    }
    r->at++;
    *out = any_text;
    if (plain && all.n) {
        out->exact = true;
        out->texts = all;
    }
}

/* Passes by a name up to the character END. */
static void read_name(struct reader *r, int end)
{
    while (is_word_char(peek(r, 0)))
        r->at++;
    r->unsure |= peek(r, 0) != end;
    r->at++;
}

/* What stands in a group, and its end. */
static void read_inside(struct reader *r, struct node *out)
{
    bool before = r->ignore_case;
    r->groups = true;
    if (++r->depth > DEPTH_MAX) {
        r->unsure = true;
        return;
    }
    read_alternatives(r, out);
    r->depth--;
    r->ignore_case = before;
    r->unsure |= peek(r, 0) != ')';
    r->at++;
}

/* (?i), (?i:…), (?s-m) … behind the question mark. */
static void read_options(struct reader *r, struct node *out)
{
    bool on = true, ignore_case = r->ignore_case;
    int c;
    while ((c = peek(r, 0)) > 0 && strchr("imsnJU-", c)) {
        on = on && c != '-';
        if (c == 'i')
            ignore_case = on;
        r->at++;
    }
    if (c == ')') { /* up to the end of the group that it stands in */
        r->at++;
        r->ignore_case = ignore_case;
        *out = empty_text;
    } else if (c == ':') {
        bool before = r->ignore_case;
        r->at++;
        r->ignore_case = ignore_case;
        read_inside(r, out);
        r->ignore_case = before;
    } else {
        r->unsure = true;
    }
}

/* (?R), (?1), (?&name), (?P>name), (?P=name), (?C1): up to the bracket. */
static void read_reference(struct reader *r, size_t skip)
{
    r->at += skip;
    read_name(r, ')');
}

static void read_special(struct reader *r, struct node *out)
{
    int c = peek(r, 0), next = peek(r, 1);
    bool assertion = c == '=' || c == '!';
    bool name = c == '<' && next != '=' && next != '!';
    r->other |= !(c == ':' || name || c == '\'' || (c == 'P' && next == '<') ||
                  (c > 0 && strchr("imsnJU", c)) || (c == '-' && !is_digit(next)));
    if (c == ':' || c == '|' || c == '>' || assertion) {
        r->at++;
        read_inside(r, out);
    } else if (c == '<' && (next == '=' || next == '!')) {
        assertion = true;
        r->at += 2;
        read_inside(r, out);
    } else if (c == '<' || c == '\'' || (c == 'P' && next == '<')) {
        r->at += c == 'P' ? 2 : 1;
        read_name(r, c == '\'' ? '\'' : '>');
        read_inside(r, out);
    } else if (c == 'P' && (next == '=' || next == '>')) {
        read_reference(r, 2);
    } else if (c == '&' || c == 'R' || is_digit(c)) {
        read_reference(r, c == '&');
    } else if ((c == '+' || c == '-') && is_digit(next)) {
        read_reference(r, 1);
    } else if (c == 'C' && (next == ')' || is_digit(next))) {
        read_reference(r, 1);
        *out = empty_text;
    } else {
        read_options(r, out);
    }
    if (assertion)
        *out = empty_text;
}

static void read_part(struct reader *r, struct node *out)
{
    *out = any_text;
    int c = peek(r, 0);
    if (r->quoted) {
        read_char(r, out);
    } else if (c == '(' && peek(r, 1) == '?') {
        r->at += 2;
        read_special(r, out);
    } else if (c == '(') {
        r->unsure |= peek(r, 1) == '*';
        r->at++;
        read_inside(r, out);
    } else if (c == '[') {
        read_class(r, out);
    } else if (c == '\\') {
        read_escape(r, out);
    } else if (c == '^' || c == '$') {
        r->at++;
        *out = empty_text;
    } else if (c == '.') {
        r->at++;
    } else {
        r->unsure |= c == '*' || c == '+' || c == '?';
        read_char(r, out);
    }
}

/* --- repetition ------------------------------------------------------------------- */

struct times {
    uint32_t min, max;
};

/* Digits, up to the 65,535 that are allowed. */
static uint32_t read_count(struct reader *r)
{
    uint32_t n = 0;
    for (; is_digit(peek(r, 0)); r->at++)
        n = n < 100000 ? n * 10 + (uint32_t)(peek(r, 0) - '0') : n;
    return n;
}

/* {2}, {2,}, {2,5}; other braces are text, or differ between versions. */
static bool read_braces(struct reader *r, struct times *t)
{
    size_t start = r->at++;
    if (is_digit(peek(r, 0))) {
        t->min = t->max = read_count(r);
        if (peek(r, 0) == ',') {
            r->at++;
            t->max = is_digit(peek(r, 0)) ? read_count(r) : UINT32_MAX;
        }
        if (peek(r, 0) == '}') {
            r->at++;
            return true;
        }
    }
    r->at = start;
    int next = peek(r, 1);
    r->unsure |= is_digit(next) || next == ',' || next == ' ' || next == '\t';
    return false;
}

static bool read_times(struct reader *r, struct times *t)
{
    settle(r);
    int c = r->quoted ? -1 : peek(r, 0);
    if (c == '{') {
        if (!read_braces(r, t))
            return false;
    } else if (c == '*' || c == '+' || c == '?') {
        *t = (struct times){c == '+', c == '?' ? 1 : UINT32_MAX};
        r->at++;
    } else {
        return false;
    }
    if (peek(r, 0) == '+' || peek(r, 0) == '?') /* which of the matches: no matter */
        r->at++;
    return true;
}

static void repeat(struct node *node, struct times t)
{
    if (t.max == 0) {
        *node = empty_text;
    } else if (t.min == 0) {
        bool optional =
            t.max == 1 && node->exact && add_text(&node->texts, TW_NO_STR, TW_NO_STR);
        if (!optional)
            *node = any_text;
    } else {
        struct row row;
        row_begin(&row);
        uint32_t n = t.min < REPEAT_MAX ? t.min : REPEAT_MAX;
        for (uint32_t i = 0; i < n; i++)
            row_add(&row, node);
        if (t.max != n)
            row_add(&row, &any_text);
        row_end(&row, node);
    }
}

/* --- rows and alternatives -------------------------------------------------------- */

/* NODE repeated. Its first times stand behind what was before, its last one before what
 * follows: ab+c holds ab, and bc. */
static void row_repeat(struct row *row, struct node *node, struct times t)
{
    if (t.min == 0 || !node->exact || (t.max == t.min && t.min <= REPEAT_MAX)) {
        repeat(node, t);
        row_add(row, node);
        return;
    }
    for (uint32_t i = 0; i < t.min && i < REPEAT_MAX; i++)
        row_add(row, node);
    row_add(row, &any_text);
    row->here = node->texts;
}

/* One part with its quantifiers, of which there may be several: a{2}{3}. */
static void read_repeated(struct reader *r, struct row *row)
{
    struct node part;
    struct times times, more;
    bool group = !r->quoted && peek(r, 0) == '(';
    read_part(r, &part);
    bool some = !r->unsure && read_times(r, &times);
    while (some && !r->unsure && read_times(r, &more)) {
        repeat(&part, times);
        times = more;
    }
    r->repeats |= some && !group && times.min != times.max;
    if (some)
        row_repeat(row, &part, times);
    else
        row_add(row, &part);
}

static void read_row(struct reader *r, struct node *out)
{
    struct row row;
    row_begin(&row);
    for (;;) {
        settle(r);
        int c = peek(r, 0);
        if (r->unsure || c < 0 || (!r->quoted && (c == '|' || c == ')')))
            break;
        read_repeated(r, &row);
    }
    row_end(&row, out);
}

static void read_alternatives(struct reader *r, struct node *out)
{
    bool exact = true, known = true;
    struct texts all = {0};
    for (;;) {
        struct node one;
        read_row(r, &one);
        exact = exact && one.exact;
        known = known && (one.exact || one.texts.n) && add_all(&all, &one.texts);
        if (r->unsure || peek(r, 0) != '|')
            break;
        r->at++;
    }
    *out = any_text;
    if (known) {
        out->exact = exact;
        if (exact || worth(&all))
            out->texts = all;
    }
}

enum tw_pattern_kind tw_pattern_kind(struct tw_str pattern)
{
    struct reader r = {.p = pattern};
    struct node all;
    read_alternatives(&r, &all);
    if (r.unsure || r.other || r.at != pattern.len)
        return TW_PATTERN_OTHER;
    return r.groups && r.repeats ? TW_PATTERN_GROUPED : TW_PATTERN_PLAIN;
}

bool tw_pattern_needles(struct tw_arena *arena, struct tw_str pattern, bool ignore_case,
                        struct tw_needles *needles)
{
    struct reader r = {.p = pattern, .ignore_case = ignore_case};
    struct node all;
    read_alternatives(&r, &all);
    if (r.unsure || r.at != pattern.len || !worth(&all.texts))
        return false;
    for (size_t i = 0; i < all.texts.n; i++)
        tw_needles_add(arena, needles, tw_str_copy(arena, text_at(&all.texts, i)));
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of RFC 8259 into a tree, for the tests that look at reports. */
#include "json_tree.h"

#include <string.h>

#include "buf.h"
#include "text.h"

enum { DEPTH_MAX = 64 };

struct reader {
    struct tw_arena *arena;
    struct tw_str s;
    size_t at;
    unsigned depth;
};

static struct json_node *read_value(struct reader *r);

static int peek(const struct reader *r)
{
    return r->at < r->s.len ? (unsigned char)r->s.ptr[r->at] : -1;
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != (unsigned char)c)
        return false;
    r->at++;
    return true;
}

static void skip_blanks(struct reader *r)
{
    while (take(r, ' ') || take(r, '\n') || take(r, '\r') || take(r, '\t'))
        continue;
}

static struct json_node *node_new(struct reader *r, enum json_kind kind)
{
    struct json_node *node = tw_new(r->arena, struct json_node);
    node->kind = kind;
    return node;
}

static bool read_hex(struct reader *r, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *d = peek(r) > 0 ? strchr(digits, peek(r)) : NULL;
        if (!d)
            return false;
        *code = *code << 4 | (uint32_t)((d - digits) & 15);
    }
    return true;
}

static void put_utf8(struct tw_buf *out, uint32_t c)
{
    if (c < 0x80) {
        tw_buf_char(out, (char)c);
    } else if (c < 0x800) {
        tw_buf_char(out, (char)(0xc0 | c >> 6));
        tw_buf_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        tw_buf_char(out, (char)(0xe0 | c >> 12));
        tw_buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        tw_buf_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* Behind the backslash. By number stand only characters of the basic plane.
 */
static bool read_escape(struct reader *r, struct tw_buf *out)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    uint32_t code;
    int c = peek(r);
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    r->at++;
    if (letter) {
        tw_buf_char(out, values[letter - letters]);
        return true;
    }
    if (c != 'u' || !read_hex(r, &code) || code > 0xffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return false;
    put_utf8(out, code);
    return true;
}

static bool read_text(struct reader *r, struct tw_str *out)
{
    struct tw_buf buf;
    tw_buf_init(&buf, r->arena);
    if (!take(r, '"'))
        return false;
    while (!take(r, '"')) {
        uint32_t c = 0;
        struct tw_str rest = tw_str_from(r->s, r->at);
        size_t n = tw_utf8_step(rest, &c);
        if (n == 0 || c < 0x20)
            return false;
        r->at += n;
        if (c != '\\')
            tw_buf_put(&buf, rest.ptr, n);
        else if (!read_escape(r, &buf))
            return false;
    }
    *out = tw_buf_view(&buf);
    return true;
}

static bool key_is_new(const struct json_node *object, struct tw_str key)
{
    for (const struct json_node *m = object->first; m; m = m->next)
        if (tw_str_eq(m->key, key))
            return false;
    return true;
}

static bool read_member(struct reader *r, struct json_node *parent,
                        const struct json_node ***tail)
{
    struct tw_str key = TW_STR("");
    skip_blanks(r);
    if (parent->kind == JSON_OBJECT) {
        if (!read_text(r, &key) || !key_is_new(parent, key))
            return false;
        skip_blanks(r);
        if (!take(r, ':'))
            return false;
    }
    struct json_node *member = read_value(r);
    if (!member)
        return false;
    member->key = key;
    **tail = member;
    *tail = &member->next;
    parent->count++;
    skip_blanks(r);
    return true;
}

static struct json_node *read_members(struct reader *r, enum json_kind kind)
{
    struct json_node *node = node_new(r, kind);
    const struct json_node **tail = &node->first;
    char close = kind == JSON_OBJECT ? '}' : ']';
    if (++r->depth > DEPTH_MAX)
        return NULL;
    r->at++;
    skip_blanks(r);
    bool more = !take(r, close);
    while (more) {
        if (!read_member(r, node, &tail))
            return NULL;
        more = take(r, ',');
        if (!more && !take(r, close))
            return NULL;
    }
    r->depth--;
    return node;
}

static struct json_node *read_word(struct reader *r, const char *word,
                                   enum json_kind kind)
{
    if (!tw_str_starts(tw_str_from(r->s, r->at), word))
        return NULL;
    struct json_node *node = node_new(r, kind);
    node->text = tw_str_of(word);
    r->at += strlen(word);
    return node;
}

static struct json_node *read_integer(struct reader *r)
{
    size_t start = r->at;
    take(r, '-');
    size_t digits = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    size_t n = r->at - digits;
    if (n == 0 || (n > 1 && r->s.ptr[digits] == '0'))
        return NULL;
    struct json_node *node = node_new(r, JSON_INT);
    node->text = tw_str_first(tw_str_from(r->s, start), r->at - start);
    return node;
}

static struct json_node *read_value(struct reader *r)
{
    skip_blanks(r);
    switch (peek(r)) {
    case '{':
        return read_members(r, JSON_OBJECT);
    case '[':
        return read_members(r, JSON_ARRAY);
    case '"': {
        struct json_node *node = node_new(r, JSON_TEXT);
        return read_text(r, &node->text) ? node : NULL;
    }
    case 't':
        return read_word(r, "true", JSON_BOOL);
    case 'f':
        return read_word(r, "false", JSON_BOOL);
    case 'n':
        return read_word(r, "null", JSON_NULL);
    default:
        return read_integer(r);
    }
}

const struct json_node *json_parse(struct tw_arena *arena, struct tw_str text,
                                   size_t *at)
{
    struct reader r = {.arena = arena, .s = text};
    struct json_node *node = read_value(&r);
    skip_blanks(&r);
    *at = r.at;
    return r.at == text.len ? node : NULL;
}

const struct json_node *json_get(const struct json_node *object, const char *key)
{
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    for (const struct json_node *m = object->first; m; m = m->next)
        if (tw_str_is(m->key, key))
            return m;
    return NULL;
}

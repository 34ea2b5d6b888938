/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A doc's data as JSON (RFC 8259), for programs: members in the order in which they
 * were built, two blanks per level, the same bytes each time.
 *
 * The text is always valid UTF-8: a byte that is not becomes U+FFFD. Characters that
 * could steer a terminal are escaped, which changes no value.
 */
#include "renderer.h"
#include "text.h"

static void put_escape(struct tw_buf *out, uint32_t c)
{
    static const struct {
        char c, letter;
    } shorts[] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
                  {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
    for (size_t i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
        if (c == (uint32_t)shorts[i].c) {
            tw_buf_char(out, '\\');
            tw_buf_char(out, shorts[i].letter);
            return;
        }
    tw_buf_fmt(out, "\\u%04x", (unsigned)c);
}

static bool needs_escape(uint32_t c)
{
    return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7f && c < 0xa0) ||
           c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static void put_text(struct tw_buf *out, struct tw_str s)
{
    tw_buf_char(out, '"');
    while (s.len) {
        uint32_t c = 0;
        size_t n = tw_utf8_step(s, &c);
        if (n == 0)
            tw_buf_text(out, "\xef\xbf\xbd");
        else if (needs_escape(c))
            put_escape(out, c);
        else
            tw_buf_put(out, s.ptr, n);
        s = tw_str_from(s, n ? n : 1);
    }
    tw_buf_char(out, '"');
}

static void put_integer(struct tw_buf *out, int64_t n)
{
    if (n < 0)
        tw_buf_char(out, '-');
    tw_buf_u64(out, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

static void put_line(struct tw_buf *out, size_t level)
{
    tw_buf_char(out, '\n');
    tw_buf_chars(out, ' ', level * 2);
}

static void put_value(struct tw_buf *out, const struct tw_value *v, size_t level)
{
    switch (v->kind) {
    case TW_VALUE_NULL:
        tw_buf_text(out, "null");
        return;
    case TW_VALUE_BOOL:
        tw_buf_text(out, v->boolean ? "true" : "false");
        return;
    case TW_VALUE_INT:
        put_integer(out, v->integer);
        return;
    case TW_VALUE_TEXT:
        put_text(out, v->text);
        return;
    case TW_VALUE_ARRAY:
    case TW_VALUE_OBJECT:
        break;
    }
    bool object = v->kind == TW_VALUE_OBJECT;
    tw_buf_char(out, object ? '{' : '[');
    for (const struct tw_value *m = v->first; m; m = m->next) {
        put_line(out, level + 1);
        if (object) {
            put_text(out, m->key);
            tw_buf_text(out, ": ");
        }
        put_value(out, m, level + 1);
        if (m->next)
            tw_buf_char(out, ',');
    }
    if (v->first)
        put_line(out, level);
    tw_buf_char(out, object ? '}' : ']');
}

static void render(const struct tw_doc *doc, const struct tw_render_options *options,
                   struct tw_buf *out)
{
    (void)options;
    put_value(out, doc->data, 0);
    tw_buf_char(out, '\n');
}

const struct tw_renderer tw_renderer_json = {
    .name = "json",
    .summary = {"for programs: the stable contract", "供程序读取：稳定的数据约定"},
    .render = render};

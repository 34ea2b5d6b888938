/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A marker as the notations of other worlds write it: JSON (RFC 8259), HTML (numeric
 * and the five named references), percent-encoding (RFC 3986 and that of forms). What
 * is ASCII stays as it is in all of them, but for the characters that mean something
 * there: writers differ in these, so all their spellings are taken.
 */
#include "marker_form.h"

#include <string.h>

/* The spellings of one unit while they are gathered. */
struct spellings {
    struct tw_str list[8];
    size_t count;
};

static void say(struct spellings *s, struct tw_str text)
{
    s->list[s->count++] = text;
}

static bool is_alnum(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The bytes of TEXT as PREFIX and two digits each. */
static struct tw_str hex(struct tw_arena *arena, const char *prefix, struct tw_str text,
                         bool upper)
{
    static const char *const digits[] = {"0123456789abcdef", "0123456789ABCDEF"};
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        tw_buf_text(&out, prefix);
        tw_buf_char(&out, digits[upper][byte >> 4]);
        tw_buf_char(&out, digits[upper][byte & 15]);
    }
    return tw_buf_view(&out);
}

static struct tw_str json_unit(struct tw_arena *arena, uint32_t c, bool upper)
{
    char units[4] = {(char)(c >> 8), (char)c};
    size_t n = 2;
    if (c >= 0x10000) {
        uint32_t high = 0xd800 + ((c - 0x10000) >> 10), low = 0xdc00 + (c & 0x3ff);
        units[0] = (char)(high >> 8), units[1] = (char)high;
        units[2] = (char)(low >> 8), units[3] = (char)low;
        n = 4;
    }
    struct tw_buf out;
    tw_buf_init(&out, arena);
    for (size_t i = 0; i < n; i += 2) {
        tw_buf_text(&out, "\\u");
        tw_buf_str(&out, hex(arena, "", (struct tw_str){units + i, 2}, upper));
    }
    return tw_buf_view(&out);
}

/* --- JSON ------------------------------------------------------------------------- */

static struct spellings json_ascii(struct tw_arena *arena,
                                   const struct tw_marker_char *c, bool upper)
{
    static const char named[] = "\"\\/\b\f\n\r\t", names[] = "\"\\/bfnrt";
    struct spellings s = {0};
    const char *name = c->code ? strchr(named, (int)c->code) : NULL;
    if (name)
        say(&s, tw_fmt(arena, "\\%c", names[name - named]));
    bool must = c->code < 0x20 || c->code == '"' || c->code == '\\';
    if (must || strchr("/<>&'=\x7f", (int)c->code)) /* some writers are careful */
        say(&s, json_unit(arena, c->code, upper));
    if (!must)
        say(&s, c->utf8);
    return s;
}

static void json(struct tw_marker_plan *p, bool all, bool upper)
{
    tw_form_begin(p, TW_DISGUISE_JSON);
    for (size_t i = 0, end = 0; i < p->nchars; i++) {
        const struct tw_marker_char *c = &p->chars[i];
        end += c->utf8.len;
        if (c->code < 0x80) {
            struct spellings s = json_ascii(p->arena, c, upper);
            tw_form_unit(p, end, s.list, s.count);
        } else {
            tw_form_one(p, end, all ? json_unit(p->arena, c->code, upper) : c->utf8);
        }
    }
    tw_form_end(p, 1, NULL);
}

/* --- HTML ------------------------------------------------------------------------- */

static struct spellings html_ascii(struct tw_arena *arena,
                                   const struct tw_marker_char *c)
{
    static const char special[] = "&<>\"'";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    struct spellings s = {0};
    const char *at = c->code ? strchr(special, (int)c->code) : NULL;
    if (at) {
        say(&s, tw_str_of(names[at - special]));
        say(&s, tw_fmt(arena, "&#%u;", c->code));
        say(&s, tw_fmt(arena, "&#0%u;", c->code)); /* PHP */
        say(&s, tw_fmt(arena, "&#x%x;", c->code));
        say(&s, tw_fmt(arena, "&#x%X;", c->code));
    }
    say(&s, c->utf8);
    return s;
}

enum html { HTML_NAMED, HTML_DECIMAL, HTML_LOWER, HTML_UPPER };

static void html(struct tw_marker_plan *p, enum html how)
{
    tw_form_begin(p, TW_DISGUISE_HTML);
    for (size_t i = 0, end = 0; i < p->nchars; i++) {
        const struct tw_marker_char *c = &p->chars[i];
        end += c->utf8.len;
        if (c->code < 0x80) {
            struct spellings s = html_ascii(p->arena, c);
            tw_form_unit(p, end, s.list, s.count);
        } else {
            tw_form_one(p, end,
                        how == HTML_DECIMAL ? tw_fmt(p->arena, "&#%u;", c->code)
                        : how == HTML_LOWER ? tw_fmt(p->arena, "&#x%x;", c->code)
                        : how == HTML_UPPER ? tw_fmt(p->arena, "&#x%X;", c->code)
                                            : c->utf8);
        }
    }
    tw_form_end(p, 1, NULL);
}

/* --- percent ---------------------------------------------------------------------- */

/* A byte of ASCII, also where it is the second one of a GB18030 character. */
static void percent_ascii(struct tw_marker_plan *p, size_t end, const char *byte,
                          bool upper, bool alone)
{
    struct spellings s = {0};
    struct tw_str plain = {byte, 1};
    if (!alone || !is_alnum((unsigned char)*byte))
        say(&s, hex(p->arena, "%", plain, upper));
    if (alone && *byte == ' ')
        say(&s, TW_STR("+"));
    if (*byte != '%')
        say(&s, plain);
    tw_form_unit(p, end, s.list, s.count);
}

static void percent(struct tw_marker_plan *p, bool gb, bool upper)
{
    tw_form_begin(p, TW_DISGUISE_PERCENT);
    for (size_t i = 0, end = 0; i < p->nchars; i++) {
        const struct tw_marker_char *c = &p->chars[i];
        struct tw_str bytes = gb ? c->gb : c->utf8;
        /* Within a character, units end with it: none of them is enough without it. */
        end += c->utf8.len;
        for (size_t k = 0; k < bytes.len; k++) {
            struct tw_str byte = {bytes.ptr + k, 1};
            if (bytes.ptr[k] & 0x80)
                tw_form_one(p, end, hex(p->arena, "%", byte, upper));
            else
                percent_ascii(p, end, byte.ptr, upper, bytes.len == 1);
        }
    }
    tw_form_end(p, 1, NULL);
}

/* Does one of the characters SIGNS stand in the marker, or a control character? */
static bool has_any(const struct tw_marker_plan *p, const char *signs)
{
    for (size_t i = 0; i < p->nchars; i++) {
        uint32_t c = p->chars[i].code;
        if (c < 0x20 || (c < 0x80 && strchr(signs, (int)c)))
            return true;
    }
    return false;
}

static bool is_plain_word(const struct tw_marker_plan *p)
{
    for (size_t i = 0; i < p->nchars; i++)
        if (!is_alnum(p->chars[i].code))
            return false;
    return true;
}

void tw_marker_escapes(struct tw_marker_plan *p)
{
    if (is_plain_word(p)) /* it looks the same in all of them */
        return;
    if (p->foreign) {
        json(p, true, false);
        json(p, true, true);
        tw_form_share(p);
        html(p, HTML_DECIMAL);
        html(p, HTML_LOWER);
        html(p, HTML_UPPER);
        tw_form_share(p);
    }
    if (has_any(p, "\"\\/<>&'=\x7f")) {
        json(p, false, false);
        json(p, false, true);
    }
    if (has_any(p, "&<>\"'"))
        html(p, HTML_NAMED);
    for (int gb = 0; gb < (p->foreign ? 2 : 1); gb++) {
        percent(p, gb, false);
        percent(p, gb, true);
        tw_form_share(p);
    }
}

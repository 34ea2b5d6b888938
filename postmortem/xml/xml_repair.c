/* SPDX-License-Identifier: Apache-2.0 */
/* Repairs what database clients write as XML: see xml_repair.h. */
#include "xml_repair.h"

#include <string.h>

#include "text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { TAG_MAX = 1 << 20, ATTRS_MAX = 1000, PRIVATE = 0xf700, ESCAPE = 0x7f };

void tw_xml_repair_init(struct tw_xml_repair *r, struct tw_arena *arena,
                        struct tw_str element)
{
    *r = (struct tw_xml_repair){.arena = arena, .element = element};
}

struct tw_xml_place tw_xml_places_take(struct tw_xml_places *places)
{
    struct tw_xml_place place = {0, 0};
    if (places->next < places->list.len)
        place = places->list.at[places->next++];
    if (places->next == places->list.len)
        places->list.len = places->next = 0;
    return place;
}

static void add_place(struct tw_xml_repair *r, struct tw_xml_places *places,
                      struct tw_xml_place place)
{
    *tw_vec_add(r->arena, &places->list) = place;
}

/* --- characters ------------------------------------------------------------------- */

/* U+F700 + BYTE is EF 9C 80 … EF 9F BF. */
static char *put_private(char *out, unsigned char byte)
{
    *out++ = '\xef';
    *out++ = (char)(0x9c | byte >> 6);
    *out++ = (char)(0x80 | (byte & 0x3f));
    return out;
}

static bool is_private(const unsigned char *p, size_t left)
{
    return left >= 3 && p[0] == 0xef && p[1] >= 0x9c && p[1] <= 0x9f &&
           (p[2] & 0xc0) == 0x80;
}

/* Bytes that the character at P takes; 0: it is cut at the end. *BAD: XML forbids it.
 */
static size_t wide(const char *p, size_t left, bool last, bool *bad)
{
    uint32_t c = 0;
    *bad = false;
    size_t n = tw_utf8_step((struct tw_str){p, left}, &c);
    if (n == 0 && !last && left < 4) {
        /* Is it the beginning of a character? Any tails will tell. */
        static const char *const tails[] = {"\x80\x80\x80", "\xbf\xbf\xbf"};
        for (size_t i = 0; i < 2; i++) {
            char whole[8];
            memcpy(whole, p, left);
            memcpy(whole + left, tails[i], 3);
            if (tw_utf8_step((struct tw_str){whole, left + 3}, &c) > left)
                return 0;
        }
    }
    *bad = n == 0 || c == 0xfffe || c == 0xffff;
    return n ? n : 1;
}

size_t tw_xml_repair_undo(char *text, size_t len, bool *bytes)
{
    const char *p = text, *end = text + len;
    char *out = text;
    while (p < end) {
        const char *next = memchr(p, '\xef', (size_t)(end - p));
        next = next ? next : end;
        memmove(out, p, (size_t)(next - p));
        out += next - p;
        p = next;
        if (p == end)
            break;
        const unsigned char *u = (const unsigned char *)p;
        size_t left = (size_t)(end - p);
        uint32_t ignored;
        if (!is_private(u, left)) {
            *out++ = *p++;
            continue;
        }
        unsigned byte = (u[1] & 3u) << 6 | (u[2] & 0x3fu);
        p += 3;
        if (byte == ESCAPE) {
            size_t n = tw_utf8_step((struct tw_str){p, (size_t)(end - p)}, &ignored);
            memmove(out, p, n);
            out += n;
            p += n;
            continue;
        }
        *bytes |= byte >= 0x80;
        *out++ = (char)byte;
    }
    return (size_t)(out - text);
}

/* --- markup ----------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void end_tag(struct tw_xml_repair *r)
{
    bool end = r->word[0] == '/', empty = !end && r->last[1] == '/';
    struct tw_str name = {r->word + end, r->nword - end};
    bool told = r->named && tw_str_eq(name, r->element);
    if (told && !end)
        add_place(r, &r->starts, r->tag);
    if (told && (end || empty))
        add_place(r, &r->ends, (struct tw_xml_place){r->at + 1, 0});
    r->depth += !end && !empty;
    r->depth -= end && r->depth;
    r->root_over |= r->depth == 0;
    r->state = TW_XML_IN_TEXT;
}

/* Behind <! or <?: what is not a tag. */
static void open_other(struct tw_xml_repair *r)
{
    struct tw_str word = {r->word, r->nword};
    enum tw_xml_repair_state state =
        tw_str_eq(word, TW_STR("?"))          ? TW_XML_IN_INSTRUCTION
        : tw_str_eq(word, TW_STR("!--"))      ? TW_XML_IN_COMMENT
        : tw_str_eq(word, TW_STR("![CDATA[")) ? TW_XML_IN_CDATA
                                              : TW_XML_IN_OPENING;
    r->state = state;
    if (state != TW_XML_IN_OPENING)
        r->last[0] = r->last[1] = '\0';
    if (tw_str_eq(word, TW_STR("!D")))
        r->fault = TW_XML_REPAIR_DOCTYPE;
}

/* One byte more behind <, where it is not clear yet what begins. */
static void open_more(struct tw_xml_repair *r, char c)
{
    bool over = c == '>' || is_blank(c) || (c == '/' && r->nword);
    bool longer = r->nword == sizeof r->word; /* than any name that is looked for */
    if (!over && !longer) {
        r->word[r->nword++] = c;
        if (r->word[0] == '!' || r->word[0] == '?')
            open_other(r);
        return;
    }
    r->named = over;
    r->state = TW_XML_IN_TAG;
    r->quote = '\0';
    r->nattrs = 0;
    if (c == '>')
        end_tag(r);
}

static void tag_more(struct tw_xml_repair *r, char c)
{
    if (r->quote) {
        if (c == r->quote)
            r->quote = '\0';
    } else if (c == '"' || c == '\'') {
        r->quote = c;
        if (++r->nattrs > ATTRS_MAX)
            r->fault = TW_XML_REPAIR_LONG_TAG;
    } else if (c == '>') {
        end_tag(r);
    }
}

static bool closes(const struct tw_xml_repair *r, char c)
{
    switch (r->state) {
    case TW_XML_IN_COMMENT:
        return c == '>' && r->last[0] == '-' && r->last[1] == '-';
    case TW_XML_IN_CDATA:
        return c == '>' && r->last[0] == ']' && r->last[1] == ']';
    default:
        return c == '>' && r->last[1] == '?';
    }
}

/* Follows the markup by one byte. */
static void follow(struct tw_xml_repair *r, char c)
{
    switch (r->state) {
    case TW_XML_IN_TEXT:
        if (c == '<') {
            r->state = TW_XML_IN_OPENING;
            r->tag = (struct tw_xml_place){r->at, r->line};
            r->nword = 0;
            r->named = false;
        }
        break;
    case TW_XML_IN_OPENING:
        open_more(r, c);
        break;
    case TW_XML_IN_TAG:
        tag_more(r, c);
        break;
    default:
        if (closes(r, c))
            r->state = TW_XML_IN_TEXT;
    }
    r->last[0] = r->last[1];
    r->last[1] = c;
    if (r->state != TW_XML_IN_TEXT && r->state != TW_XML_IN_CDATA &&
        r->at - r->tag.at > TAG_MAX)
        r->fault = TW_XML_REPAIR_LONG_TAG;
    if (c == '\n')
        r->line = r->at + 1;
}

/* --- the run ---------------------------------------------------------------------- */

/* How many bytes, from P on, are character data that means nothing here: ASCII without
 * <, & and control characters but tab and line feed. */
static size_t plain(const char *p, size_t left)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t');
    const __m128i feed = _mm_set1_epi8('\n');
    const __m128i lt = _mm_set1_epi8('<'), and = _mm_set1_epi8('&');
    for (; i + 16 <= left; i += 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i fine = _mm_or_si128(_mm_cmpeq_epi8(c, tab), _mm_cmpeq_epi8(c, feed));
        /* Signed: bytes beyond ASCII are below the space, too. */
        __m128i odd = _mm_andnot_si128(fine, _mm_cmplt_epi8(c, space));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(c, lt));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(c, and));
        unsigned marks = (unsigned)_mm_movemask_epi8(odd);
        if (marks)
            return i + (size_t)__builtin_ctz(marks);
    }
#endif
    while (i < left && p[i] != '<' && p[i] != '&' &&
           ((signed char)p[i] >= ' ' || p[i] == '\t' || p[i] == '\n'))
        i++;
    return i;
}

/* The length of the tag at P where all of it is there and nothing in it needs care; or
 * 0. Nearly all tags are such. */
static size_t simple_tag(struct tw_xml_repair *r, const char *p, size_t left)
{
    char quote = '\0';
    size_t i = 1, nquotes = 0;
    for (; i < left && (quote || p[i] != '>'); i++) {
        char c = p[i];
        if ((signed char)c < ' ' || c == '&')
            return 0;
        if (c == '"' || c == '\'') {
            nquotes += quote == '\0';
            quote = quote == '\0' ? c : quote == c ? '\0' : quote;
        }
    }
    if (i == left || nquotes > ATTRS_MAX || i > TAG_MAX || p[1] == '!' || p[1] == '?')
        return 0;
    r->tag = (struct tw_xml_place){r->at, r->line};
    r->nword = 0;
    while (r->nword < sizeof r->word && 1 + r->nword < i &&
           !is_blank(p[1 + r->nword]) && (p[1 + r->nword] != '/' || r->nword == 0)) {
        r->word[r->nword] = p[1 + r->nword];
        r->nword++;
    }
    r->named = r->nword < sizeof r->word;
    r->last[1] = p[i - 1];
    r->at += i;
    end_tag(r);
    r->at++;
    return i + 1;
}

static bool in_data(const struct tw_xml_repair *r)
{
    return r->depth && (r->state == TW_XML_IN_TEXT || r->state == TW_XML_IN_CDATA);
}

/* The common three bytes of CJK. */
static bool is_common(const unsigned char *u, size_t left)
{
    return left >= 3 && u[0] > 0xe0 && u[0] < 0xed && (u[1] & 0xc0) == 0x80 &&
           (u[2] & 0xc0) == 0x80;
}

/* Nothing from P on needs care: how many bytes are that? They are passed. */
static size_t easy(struct tw_xml_repair *r, const char *p, size_t left)
{
    if (r->state != TW_XML_IN_TEXT)
        return 0;
    if (*p == '<')
        return simple_tag(r, p, left);
    size_t n = 0;
    while (is_common((const unsigned char *)p + n, left - n))
        n += 3;
    if (n == 0)
        n = plain(p, left);
    const char *feed = r->wants_lines && n ? memrchr(p, '\n', n) : NULL;
    if (feed)
        r->line = r->at + (uint64_t)(feed + 1 - p);
    r->at += n;
    return n;
}

/* What the one character at P, of N bytes, becomes; OUT as it is: itself. */
static char *mend(struct tw_xml_repair *r, const char *p, size_t n, bool bad,
                  size_t left, char *out)
{
    unsigned char c = (unsigned char)*p;
    if (c >= 0x80 && bad) {
        r->repaired += n;
        for (size_t i = 0; i < n; i++)
            out = put_private(out, (unsigned char)p[i]);
        return out;
    }
    /* What a reference to a character stands for is as it is. */
    bool reference = c == '&' && left > 1 && p[1] == '#' && (r->quote || in_data(r));
    if (reference || (c >= 0x80 && is_private((const unsigned char *)p, n))) {
        out = put_private(out, ESCAPE);
        memcpy(out, p, n);
        return out + n;
    }
    bool forbidden = c < ' ' && c != '\t' && c != '\n' && c != '\r';
    if (!forbidden && (c != '\r' || !in_data(r)))
        return out;
    r->repaired += forbidden;
    return put_private(out, c);
}

size_t tw_xml_repair_run(struct tw_xml_repair *r, struct tw_str bytes, bool last,
                         char *out, size_t *nout)
{
    const char *p = bytes.ptr, *end = p + bytes.len, *kept = p;
    char *to = out;
    while (p < end && r->fault == TW_XML_REPAIR_FINE) {
        size_t left = (size_t)(end - p), n = easy(r, p, left);
        if (n) {
            p += n;
            continue;
        }
        bool bad = false;
        n = (signed char)*p < 0 ? wide(p, left, last, &bad) : 1;
        if (n == 0 || (*p == '&' && left == 1 && !last))
            break; /* what it is shows with the next bytes */
        char mended[16];
        size_t nmended = (size_t)(mend(r, p, n, bad, left, mended) - mended);
        if (nmended) {
            memcpy(to, kept, (size_t)(p - kept));
            to += p - kept;
            memcpy(to, mended, nmended);
            to += nmended;
            kept = p + n;
            r->mapped = true;
        }
        r->at += n - 1;
        follow(r, *p);
        r->at++;
        p += n;
    }
    memcpy(to, kept, (size_t)(p - kept));
    *nout = (size_t)(to - out) + (size_t)(p - kept);
    return (size_t)(p - bytes.ptr);
}

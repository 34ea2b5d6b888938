/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libxml2's SAX2 events as elements with exact places.
 *
 * The library tells names, namespaces and whether the text is XML at all; what an
 * element holds is cut out of the source by the places of its tags. When a start tag is
 * told the parser stands before its ">", and the tag begins at the last "<" before that
 * (a raw "<" cannot stand in an attribute value); when an end tag is told it stands
 * behind its ">". What lies between two tags is text, comments, instructions, CDATA and
 * references, all found well-formed by then:
 *
 *     <member> a &amp; b<!-- c --></member>
 *             └────── piece ──────┘           text: "a & b"
 *
 * The library is fed in pieces of its own choice, so that it holds a few kilobytes. No
 * allocation of ours unwinds across its frames, where its own memory would be lost:
 * nodes are allocated with tw_arena_try(), and what may unwind (a visitor, a text that
 * is put together) runs inside a tw_arena_run() of its own.
 */
#include "xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

enum { MESSAGE_MAX = 200 };

/* An open element. */
struct frame {
    struct tw_xml *element; /* NULL where it is passed over */
    enum tw_xml_take take;
    struct tw_arena_mark mark; /* what to rewind to behind it */
    const xmlChar *uri;        /* the library's own text of the namespace */
    uint64_t tag;              /* where its < stands */
    struct tw_str slice;       /* its text so far, where one piece of source is it */
    struct tw_buf built;       /* else */
    bool is_built, has_text;
    uint64_t text_from, text_to;
};

struct reader {
    struct tw_arena *nodes; /* of elements: rewound, or the caller's */
    bool keeps;             /* nodes are never rewound */
    const struct tw_source *src;
    struct tw_str text;
    const struct tw_xml_visitor *visitor;
    xmlParserCtxt *parser;
    uint64_t fed; /* bytes that the library has taken */
    uint64_t at;  /* behind the last tag */
    size_t depth; /* frames[1 … depth] are open */
    size_t skip;  /* the depth of the element that is passed over, or 0 */
    size_t count; /* elements of the tree at hand */
    bool stopped, no_memory, failed;
    enum tw_diag_id error;
    struct tw_span error_at, error_also;
    struct tw_str args[2]; /* slices of the source, of `message`, or literals */
    char message[MESSAGE_MAX];
    struct frame frames[TW_XML_DEPTH_MAX + 1];
};

/* No more events; the library soon finds the end of its input. It is not told to stop:
 * that would free a buffer which its callers still look at. */
static void stop(struct reader *r)
{
    r->stopped = true;
    if (r->parser)
        r->parser->disableSAX = 1;
}

static void give_up(struct reader *r)
{
    r->no_memory = true;
    stop(r);
}

static void fail(struct reader *r, enum tw_diag_id error, uint64_t off, uint64_t len)
{
    if (r->failed || r->no_memory)
        return;
    r->failed = true;
    r->error = error;
    r->error_at = (struct tw_span){r->src, off, len};
    r->error_also = TW_NOWHERE;
    stop(r);
}

static uint64_t position(const struct reader *r)
{
    const xmlParserInput *in = r->parser->input;
    uint64_t off = in ? in->consumed + (uint64_t)(in->cur - in->base) : 0;
    return off < r->text.len ? off : r->text.len;
}

/* Where the last C before END stands; END where there is none. */
static uint64_t last_before(const struct reader *r, char c, uint64_t end)
{
    const char *p = end ? memrchr(r->text.ptr, c, (size_t)end) : NULL;
    return p ? (uint64_t)(p - r->text.ptr) : end;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t blanks(struct tw_str s)
{
    size_t n = 0;
    while (n < s.len && is_blank(s.ptr[n]))
        n++;
    return n;
}

/* The name in the tag that begins at OFF, with its prefix. */
static struct tw_str tag_name(const struct reader *r, uint64_t off)
{
    struct tw_str s = tw_str_from(r->text, (size_t)off + 1);
    if (s.len && s.ptr[0] == '/')
        s = tw_str_from(s, 1);
    size_t n = 0;
    while (n < s.len && !is_blank(s.ptr[n]) && s.ptr[n] != '>' && s.ptr[n] != '/')
        n++;
    return tw_str_first(s, n);
}

static struct tw_span open_tag(const struct reader *r)
{
    uint64_t off = r->frames[r->depth].tag;
    return (struct tw_span){r->src, off, tag_name(r, off).len + 1};
}

/* --- text ------------------------------------------------------------------------- */

struct piece {
    struct tw_buf *buf;
    struct tw_str raw;
};

static void put_with_line_ends(struct tw_buf *buf, struct tw_str s)
{
    for (;;) {
        size_t n = tw_str_find(s, '\r');
        tw_buf_str(buf, tw_str_first(s, n));
        if (n == s.len)
            return;
        tw_buf_char(buf, '\n');
        bool pair = n + 1 < s.len && s.ptr[n + 1] == '\n';
        s = tw_str_from(s, n + 1 + pair);
    }
}

static void put_utf8(struct tw_buf *buf, uint32_t c)
{
    unsigned tails = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint32_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    tw_buf_char(buf, (char)(leads[tails] | c >> 6 * tails));
    while (tails--)
        tw_buf_char(buf, (char)(0x80 | (c >> 6 * tails & 0x3f)));
}

/* NAME is what stands between & and ; (the library has found it right). */
static void put_reference(struct tw_buf *buf, struct tw_str name)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    if (!tw_str_starts(name, "#")) {
        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
            if (tw_str_is(name, entities[i].name))
                tw_buf_char(buf, entities[i].c);
        return;
    }
    bool hex = tw_str_starts(name, "#x");
    uint32_t c = 0;
    for (size_t i = hex ? 2 : 1; i < name.len && c < 0x110000; i++) {
        unsigned char d = (unsigned char)name.ptr[i];
        uint32_t digit = d <= '9' ? d - 0x30u : (d | 0x20u) - 0x61u + 10;
        c = c * (hex ? 16 : 10) + digit;
    }
    put_utf8(buf, c);
}

/* Skips what stands in *S from its beginning to END, and gives what is between OPEN
 * bytes and END. */
static struct tw_str skip_to(struct tw_str *s, size_t open, const char *end)
{
    struct tw_str inner = tw_str_from(*s, open);
    inner = tw_str_first(inner, tw_str_find_str(inner, tw_str_of(end)));
    *s = tw_str_from(*s, open + inner.len + strlen(end));
    return inner;
}

static enum tw_status put_piece(void *ctx)
{
    const struct piece *p = ctx;
    struct tw_str s = p->raw;
    while (s.len) {
        size_t n = 0;
        while (n < s.len && s.ptr[n] != '<' && s.ptr[n] != '&')
            n++;
        put_with_line_ends(p->buf, tw_str_first(s, n));
        s = tw_str_from(s, n);
        if (tw_str_starts(s, "<!--"))
            skip_to(&s, 4, "-->");
        else if (tw_str_starts(s, "<![CDATA["))
            put_with_line_ends(p->buf, skip_to(&s, 9, "]]>"));
        else if (s.len && s.ptr[0] == '<')
            skip_to(&s, 2, "?>");
        else if (s.len)
            put_reference(p->buf, skip_to(&s, 1, ";"));
    }
    return TW_OK;
}

/* Whether RAW held more than blanks and comments. */
static bool append_piece(struct reader *r, struct frame *f, struct tw_str raw)
{
    if (!f->is_built) {
        tw_buf_init(&f->built, r->nodes);
        f->is_built = true;
    }
    struct piece first = {&f->built, f->slice}, piece = {&f->built, raw};
    f->slice = TW_STR("");
    bool ok = tw_arena_run(r->nodes, put_piece, &first) == TW_OK;
    size_t before = f->built.len;
    ok = ok && tw_arena_run(r->nodes, put_piece, &piece) == TW_OK;
    if (!ok)
        give_up(r);
    struct tw_str added = tw_str_from(tw_buf_view(&f->built), before);
    return blanks(added) < added.len;
}

static bool is_plain(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '<' || s.ptr[i] == '&' || s.ptr[i] == '\r')
            return false;
    return true;
}

/* What stands between the last tag and the one that begins at END belongs to the
 * innermost open element. */
static void take_text(struct reader *r, uint64_t end)
{
    struct frame *f = &r->frames[r->depth];
    if (end <= r->at || r->skip || r->depth == 0)
        return;
    struct tw_str raw = {r->text.ptr + r->at, (size_t)(end - r->at)};
    size_t lead = blanks(raw), len = raw.len;
    if (lead == raw.len && !f->has_text)
        return;
    while (len > lead && is_blank(raw.ptr[len - 1]))
        len--;
    bool more = len > lead;
    if ((f->is_built ? f->built.len : f->slice.len) + raw.len > TW_XML_TEXT_MAX) {
        fail(r, TW_D_xml_too_long, r->at, 0);
    } else if (!f->has_text && is_plain(tw_str_first(raw, len))) {
        f->slice = tw_str_from(raw, lead);
        f->is_built = false;
    } else {
        more = append_piece(r, f, raw);
    }
    if (more && !f->has_text)
        f->text_from = r->at + lead;
    if (more)
        f->text_to = r->at + len;
    f->has_text |= more;
}

static void finish_text(const struct reader *r, const struct frame *f)
{
    struct tw_xml *e = f->element;
    e->text = tw_str_trim(f->is_built ? tw_buf_view(&f->built) : f->slice);
    e->text_at = e->text.len
                     ? (struct tw_span){r->src, f->text_from, f->text_to - f->text_from}
                     : e->start;
}

/* --- elements --------------------------------------------------------------------- */

/* A value as the library tells it. While it expands no entities, it tells every "&" of
 * a value, however that was written, as a reference. */
static struct tw_str copy_text(struct reader *r, const xmlChar *from, size_t len)
{
    static const char and[] = "&#38;";
    char *copy = tw_arena_try(r->nodes, len + 1);
    size_t n = 0;
    if (!copy) {
        give_up(r);
        return TW_STR("");
    }
    for (size_t i = 0; i < len; i++) {
        copy[n++] = (char)from[i];
        if (len - i >= sizeof and-1 && memcmp(&from[i], and, sizeof and-1) == 0)
            i += sizeof and-2;
    }
    return (struct tw_str){copy, n};
}

/* The next NAME="VALUE" of a start tag; *REST goes behind it. */
static bool next_attr(struct tw_str *rest, struct tw_str *name, struct tw_str *value)
{
    struct tw_str s = tw_str_from(*rest, blanks(*rest));
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '=' && !is_blank(s.ptr[n]))
        n++;
    *name = tw_str_first(s, n);
    s = tw_str_from(s, n + blanks(tw_str_from(s, n)));
    s = tw_str_from(s, 1);
    s = tw_str_from(s, blanks(s));
    if (s.len < 2)
        return false;
    char quote = s.ptr[0];
    s = tw_str_from(s, 1);
    n = tw_str_find(s, quote);
    *value = tw_str_first(s, n);
    *rest = tw_str_from(s, n + 1);
    return n < s.len;
}

static bool as_written(struct tw_str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == '&' || (value.ptr[i] < ' ' && is_blank(value.ptr[i])))
            return false;
    return true;
}

/* The value that RAW stands for (section 3.3.3: line ends and tabs are blanks). The
 * library's own text is not taken: it keeps &amp; as &#38; where entities are not
 * replaced. */
static enum tw_status put_attr_value(void *ctx)
{
    const struct piece *p = ctx;
    struct tw_str s = p->raw;
    while (s.len) {
        size_t n = tw_str_find(s, '&');
        for (size_t i = 0; i < n; i++) {
            bool pair = s.ptr[i] == '\r' && i + 1 < n && s.ptr[i + 1] == '\n';
            if (!pair)
                tw_buf_char(p->buf, is_blank(s.ptr[i]) ? ' ' : s.ptr[i]);
        }
        s = tw_str_from(s, n);
        if (s.len)
            put_reference(p->buf, skip_to(&s, 1, ";"));
    }
    return TW_OK;
}

static struct tw_str attr_value(struct reader *r, struct tw_str raw)
{
    struct tw_buf buf;
    struct piece piece = {&buf, raw};
    if (as_written(raw))
        return raw;
    tw_buf_init(&buf, r->nodes);
    if (tw_arena_run(r->nodes, put_attr_value, &piece) != TW_OK)
        give_up(r);
    return tw_buf_view(&buf);
}

/* An attribute as the library tells it: name, prefix, URI, value, behind the value. */
enum { A_NAME, A_PREFIX, A_URI, A_VALUE, A_END, A_FIELDS };

static struct tw_str local_part(struct tw_str name, const xmlChar *prefix)
{
    return prefix ? tw_str_from(name, strlen((const char *)prefix) + 1) : name;
}

/* From the TAG itself, which tells the attributes in the same order as the library.
 * False where the two do not agree. */
static bool take_attrs(struct reader *r, struct tw_xml *e, struct tw_str tag,
                       size_t count, const xmlChar **told)
{
    struct tw_xml_attr *attrs = tw_arena_try(r->nodes, count * sizeof *attrs);
    if (!attrs) {
        give_up(r);
        return true;
    }
    struct tw_str name, value;
    for (size_t i = 0; i < count;) {
        if (!next_attr(&tag, &name, &value))
            return false;
        if (tw_str_is(name, "xmlns") || tw_str_starts(name, "xmlns:"))
            continue;
        struct tw_xml_attr *a = &attrs[i++];
        a->name = local_part(name, told[A_PREFIX]);
        if (!tw_str_is(a->name, (const char *)told[A_NAME]))
            return false;
        a->ns = TW_STR("");
        if (told[A_URI])
            a->ns = copy_text(r, told[A_URI], strlen((const char *)told[A_URI]));
        a->at = tw_span_of(r->src, value);
        a->value = attr_value(r, value);
        told += A_FIELDS;
    }
    e->attrs = attrs;
    e->nattrs = count;
    return true;
}

static struct tw_str namespace_of(struct reader *r, const xmlChar *uri)
{
    const struct frame *above = &r->frames[r->depth];
    if (!uri)
        return TW_STR("");
    if (above->element && above->uri == uri)
        return above->element->ns;
    return copy_text(r, uri, strlen((const char *)uri));
}

/* Where start tags are told: what the library says of one. */
struct told {
    const xmlChar *name, *prefix, *uri;
    size_t nattrs;
    const xmlChar **attrs;
};

static struct tw_xml *new_element(struct reader *r, const struct told *told,
                                  struct tw_span tag)
{
    struct tw_xml *e = tw_arena_try(r->nodes, sizeof *e);
    if (!e) {
        give_up(r);
        return NULL;
    }
    struct tw_str written = tag_name(r, tag.off);
    e->name = local_part(written, told->prefix);
    e->ns = namespace_of(r, told->uri);
    e->at = e->start = e->text_at = tag;
    e->text = TW_STR("");
    bool agree = tw_str_is(e->name, (const char *)told->name);
    if (agree && told->nattrs)
        agree = take_attrs(r, e, tw_str_from(tw_span_text(tag), 1 + written.len),
                           told->nattrs, told->attrs);
    if (!agree) {
        fail(r, TW_D_xml_syntax, tag.off, tag.len);
        r->args[0] = TW_STR("a start tag that cannot be followed");
    }
    return r->stopped ? NULL : e;
}

static void link_child(struct tw_xml *parent, struct tw_xml *child)
{
    if (parent->last)
        ((struct tw_xml *)(uintptr_t)parent->last)->next = child;
    else
        parent->first = child;
    parent->last = child;
}

struct visit {
    const struct reader *r;
    const struct tw_xml *element;
    enum tw_xml_take take;
};

static enum tw_status visit_start(void *ctx)
{
    struct visit *v = ctx;
    v->take = v->r->visitor->start(v->r->visitor->ctx, v->element);
    return TW_OK;
}

static enum tw_status visit_end(void *ctx)
{
    struct visit *v = ctx;
    v->r->visitor->end(v->r->visitor->ctx, v->element);
    return TW_OK;
}

/* Decides what becomes of the element of F, the innermost one. */
static void settle(struct reader *r, struct frame *f, struct frame *above)
{
    struct tw_xml *e = f->element;
    bool inside = r->depth > 1 && above->take == TW_XML_TREE;
    f->take = TW_XML_TREE;
    e->parent = above->element;
    if (inside) {
        link_child(above->element, e);
    } else if (r->visitor) {
        struct visit v = {r, e, TW_XML_SKIP};
        if (tw_arena_run(r->nodes, visit_start, &v) != TW_OK)
            give_up(r);
        f->take = v.take;
        r->count = 0;
    }
    if (f->take == TW_XML_TREE && ++r->count > TW_XML_NODES_MAX)
        fail(r, TW_D_xml_too_many, f->tag, 1);
    if (f->take == TW_XML_SKIP) {
        r->skip = r->depth;
        f->element = NULL;
        tw_arena_rewind(r->nodes, f->mark);
    }
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
                     const xmlChar *uri, int nnamespaces, const xmlChar **namespaces,
                     int nattrs, int ndefaulted, const xmlChar **attrs)
{
    (void)nnamespaces, (void)namespaces, (void)ndefaulted;
    struct reader *r = ctx;
    if (r->stopped)
        return;
    uint64_t end = position(r), tag = last_before(r, '<', end);
    end += end < r->text.len && r->text.ptr[end] == '/';
    if (end >= r->text.len || r->text.ptr[end] != '>') {
        /* The library will say so itself, with better words. */
        r->parser->disableSAX = 1;
        return;
    }
    end++;
    take_text(r, tag);
    if (r->depth == TW_XML_DEPTH_MAX)
        fail(r, TW_D_xml_too_deep, tag, end - tag);
    if (r->stopped)
        return;
    struct frame *above = &r->frames[r->depth], *f = above + 1;
    f->tag = tag;
    r->at = end;
    if (r->skip) {
        r->depth++;
        return;
    }
    f->mark = tw_arena_mark(r->nodes);
    f->uri = uri;
    f->slice = TW_STR("");
    f->is_built = f->has_text = false;
    struct told told = {name, prefix, uri, (size_t)nattrs, attrs};
    f->element = new_element(r, &told, (struct tw_span){r->src, tag, end - tag});
    if (!f->element)
        return;
    r->depth++;
    settle(r, f, above);
}

static void finish_element(struct reader *r, struct frame *f, uint64_t end)
{
    finish_text(r, f);
    f->element->at.len = end - f->tag;
    bool inside = r->depth > 1 && f[-1].take == TW_XML_TREE;
    if (inside)
        return;
    struct visit v = {r, f->element, f->take};
    if (r->visitor && r->visitor->end && tw_arena_run(r->nodes, visit_end, &v) != TW_OK)
        give_up(r);
    if (!r->keeps)
        tw_arena_rewind(r->nodes, f->mark);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *uri)
{
    (void)name, (void)prefix, (void)uri;
    struct reader *r = ctx;
    if (r->stopped || r->depth == 0)
        return;
    struct frame *f = &r->frames[r->depth];
    uint64_t end = position(r);
    take_text(r, last_before(r, '<', end));
    r->at = end;
    if (r->stopped)
        return;
    if (!r->skip)
        finish_element(r, f, end);
    if (r->skip == r->depth)
        r->skip = 0;
    r->depth--;
}

/* --- errors ----------------------------------------------------------------------- */

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    struct reader *r = ctx;
    uint64_t end = position(r), start = last_before(r, '<', end);
    fail(r, TW_D_xml_doctype, start, end - start);
}

static void syntax_error(struct reader *r, const xmlError *error, uint64_t off)
{
    fail(r, TW_D_xml_syntax, off, off < r->text.len);
    struct tw_str said = tw_str_trim(tw_str_of(error->message));
    said = tw_str_first(said, MESSAGE_MAX);
    if (said.len)
        memcpy(r->message, said.ptr, said.len);
    r->args[0] = (struct tw_str){r->message, said.len};
}

static void mismatch(struct reader *r, uint64_t off)
{
    uint64_t tag = last_before(r, '<', off);
    fail(r, TW_D_xml_tag_mismatch, tag, off - tag);
    r->args[0] = tag_name(r, tag);
    r->args[1] = tag_name(r, r->frames[r->depth].tag);
    r->error_also = open_tag(r);
}

static void cut_off(struct reader *r, uint64_t off)
{
    fail(r, TW_D_xml_truncated, off, 0);
    bool inside = r->depth > 0;
    r->args[0] =
        tag_name(r, inside ? r->frames[r->depth].tag : last_before(r, '<', off));
    if (inside)
        r->error_also = open_tag(r);
}

static void on_error(void *ctx, xmlError *error)
{
    struct reader *r = ctx;
    bool harmless = error->level < XML_ERR_ERROR || error->code == XML_WAR_NS_URI;
    if (harmless || r->failed || r->no_memory)
        return;
    if (error->code == XML_ERR_NO_MEMORY || !r->parser) {
        give_up(r);
        return;
    }
    uint64_t off = position(r), from;
    switch (error->code) {
    case XML_ERR_TAG_NAME_MISMATCH:
        if (r->depth)
            mismatch(r, off);
        else
            syntax_error(r, error, off);
        break;
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
        from = last_before(r, '&', off);
        fail(r, TW_D_xml_entity, from, off - from);
        r->args[0] = tw_str_from(tw_span_text(r->error_at), 1);
        r->args[0] = tw_str_first(r->args[0], tw_str_find(r->args[0], ';'));
        break;
    case XML_ERR_DOCUMENT_EMPTY:
        fail(r, TW_D_xml_empty, off, off < r->text.len);
        break;
    case XML_ERR_DOCUMENT_END:
        fail(r, TW_D_xml_trailing, off, off < r->text.len);
        break;
    default:
        if (off >= r->text.len)
            cut_off(r, off);
        else
            syntax_error(r, error, off);
    }
}

/* --- the parser ------------------------------------------------------------------- */

static int on_read(void *ctx, char *bytes, int room)
{
    struct reader *r = ctx;
    if (r->stopped || room <= 0)
        return 0;
    uint64_t left = r->text.len - r->fed;
    size_t n = left < (uint64_t)room ? (size_t)left : (size_t)room;
    if (n)
        memcpy(bytes, r->text.ptr + r->fed, n);
    r->fed += n;
    return (int)n;
}

static void free_parser(void *ctx)
{
    struct reader *r = ctx;
    if (r->parser) /* what it notes of a DTD until it finds that all is over */
        xmlFreeDoc(r->parser->myDoc);
    xmlFreeParserCtxt(r->parser);
    r->parser = NULL;
}

/* A document type declaration is refused before the library comes to it, which would go
 * on through all of it, whatever on_doctype() says. */
static bool has_doctype(struct reader *r)
{
    struct tw_str s = r->text;
    for (;;) {
        s = tw_str_from(s, blanks(s));
        if (tw_str_starts(s, "<!--"))
            skip_to(&s, 4, "-->");
        else if (tw_str_starts(s, "<?"))
            skip_to(&s, 2, "?>");
        else
            break;
    }
    if (!tw_str_starts(s, "<!DOCTYPE"))
        return false;
    size_t end = 0;
    while (end < s.len && s.ptr[end] != '[' && s.ptr[end] != '>')
        end++;
    fail(r, TW_D_xml_doctype, r->text.len - s.len, end);
    return true;
}

/* As xmlCreateIOParserCtxt() does it, which loses its buffer where memory ends. */
static bool open_parser(struct reader *r)
{
    const xmlCharEncoding utf8 = XML_CHAR_ENCODING_UTF8;
    r->parser = xmlNewParserCtxt();
    if (!r->parser)
        return false;
    *r->parser->sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
                                      .startElementNs = on_start,
                                      .endElementNs = on_end,
                                      .internalSubset = on_doctype,
                                      .serror = on_error};
    r->parser->userData = r;
    xmlParserInputBuffer *buffer = xmlParserInputBufferCreateIO(on_read, NULL, r, utf8);
    xmlParserInput *input =
        buffer ? xmlNewIOInputStream(r->parser, buffer, utf8) : NULL;
    if (!input) {
        xmlFreeParserInputBuffer(buffer);
        return false;
    }
    if (inputPush(r->parser, input) < 0) {
        xmlFreeInputStream(input);
        return false;
    }
    return true;
}

static void run_parser(struct reader *r)
{
    if (!open_parser(r)) {
        give_up(r);
        return;
    }
    /* The text is UTF-8 by now, whatever its declaration says. */
    xmlCtxtUseOptions(r->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    xmlParseDocument(r->parser);
    if (!r->failed && !r->no_memory && (!r->parser->wellFormed || r->depth)) {
        fail(r, TW_D_xml_syntax, position(r), 0);
        r->args[0] = TW_STR("?");
    }
}

static void report(const struct reader *r, struct tw_diags *diags)
{
    size_t limit = r->error == TW_D_xml_too_deep   ? TW_XML_DEPTH_MAX
                   : r->error == TW_D_xml_too_long ? TW_XML_TEXT_MAX
                   : r->error == TW_D_xml_too_many ? TW_XML_NODES_MAX
                                                   : 0;
    struct tw_str args[2] = {r->args[0], r->args[1]};
    if (limit)
        args[0] = tw_fmt(diags->arena, "%zu", limit);
    tw_diag_also(tw_diag_add(diags, r->error, r->error_at, 2, args), r->error_also);
}

/* ROOT, where it is asked for, gets the tree of the whole document, in ARENA. */
static bool read_document(struct tw_arena *arena, const struct tw_source *src,
                          const struct tw_xml_visitor *visitor,
                          const struct tw_xml **root, struct tw_diags *diags)
{
    struct tw_arena *scratch = tw_arena_child(arena);
    struct reader *r = tw_new(scratch, struct reader);
    r->nodes = root ? arena : tw_arena_child(scratch);
    r->keeps = root != NULL;
    r->src = src;
    r->text = src->text;
    r->visitor = visitor;
    tw_arena_defer(scratch, free_parser, r);
    size_t nul = tw_str_find(src->text, '\0'); /* the library takes it for the end */
    if (nul < src->text.len) {
        fail(r, TW_D_xml_syntax, nul, 1);
        r->args[0] = TW_STR("NUL");
    } else if (!has_doctype(r)) {
        run_parser(r);
    }
    bool no_memory = r->no_memory, failed = r->failed;
    if (root)
        *root = r->frames[1].element;
    if (failed && !no_memory)
        report(r, diags);
    tw_arena_release(scratch);
    if (no_memory)
        tw_arena_exhausted(arena); /* else it would pass for a short document */
    return !failed;
}

const struct tw_xml *tw_xml_parse(struct tw_arena *arena, const struct tw_source *src,
                                  struct tw_diags *diags)
{
    const struct tw_xml *root = NULL;
    return read_document(arena, src, NULL, &root, diags) ? root : NULL;
}

bool tw_xml_walk(struct tw_arena *arena, const struct tw_source *src,
                 const struct tw_xml_visitor *visitor, struct tw_diags *diags)
{
    return read_document(arena, src, visitor, NULL, diags);
}

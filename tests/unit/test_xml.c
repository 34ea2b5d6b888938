/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML reader: places against a generator that knows where it wrote each element,
 * texts and refusals against tables, memory by running out of it at every point.
 */
#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "input.h"
#include "xml.h"

static struct tw_arena arena;
static struct tw_diags diags;

static int setup(void **state)
{
    (void)state;
    tw_arena_init(&arena, (size_t)512 << 20);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tw_arena_release(&arena);
    return 0;
}

static const struct tw_xml *parse(const char *text)
{
    struct tw_str s = tw_str_of(text);
    return tw_xml_parse(&arena, tw_source_new(&arena, TW_STR("t.xml"), s), &diags);
}

/* ── places, over documents longer than any buffer of the library ───────────────────
 */

struct wrote {
    size_t at, tag_end, end, text_at, text_len;
    char name[16];
    bool copied; /* its text cannot be a slice */
};

struct writer {
    struct tw_buf out;
    TW_VEC(struct wrote) list;
    uint64_t random;
    size_t limit;
};

static uint32_t roll(struct writer *w, uint32_t sides)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(w->random >> 33) % sides;
}

static void put_filler(struct writer *w, const char *alphabet, size_t len)
{
    for (size_t i = 0; i < len; i++)
        tw_buf_char(&w->out, alphabet[roll(w, (uint32_t)strlen(alphabet))]);
}

static void put_blanks(struct writer *w)
{
    put_filler(w, " \n\t", roll(w, 4));
}

static size_t some_length(struct writer *w)
{
    return roll(w, 40) == 0 ? roll(w, 9000) : roll(w, 12);
}

static void put_aside(struct writer *w)
{
    if (roll(w, 6) == 0) {
        tw_buf_text(&w->out, "<!-- <no> &no; ");
        put_filler(w, "ab<>& ", some_length(w));
        tw_buf_text(&w->out, "-->");
    } else if (roll(w, 12) == 0) {
        tw_buf_text(&w->out, "<?no <a> &no;?>");
    }
}

static void put_tag(struct writer *w, const char *name)
{
    tw_buf_fmt(&w->out, "<%s%s", roll(w, 5) ? "" : "p:", name);
    bool declared = roll(w, 4) == 0;
    if (declared)
        tw_buf_text(&w->out, " xmlns:q='urn:q'");
    for (uint32_t i = 0, n = roll(w, 3); i < n; i++) {
        tw_buf_fmt(&w->out, "\n %sa%u = \"", declared && roll(w, 2) ? "q:" : "", i);
        put_filler(w, "xyz>'/= ", some_length(w));
        tw_buf_text(&w->out, roll(w, 8) ? "\"" : "&#62;\"");
    }
    put_filler(w, " \n", roll(w, 3));
}

static bool ends_prefixed(const struct writer *w, size_t at)
{
    return w->out.ptr[at + 1] == 'p' && w->out.ptr[at + 2] == ':';
}

static void put_text(struct writer *w, size_t at)
{
    struct wrote *e = &w->list.at[at];
    e->copied = roll(w, 4) == 0;
    put_blanks(w);
    e->text_at = w->out.len;
    tw_buf_text(&w->out, "x");
    put_filler(w, "abc  \n>;", some_length(w));
    tw_buf_text(&w->out, e->copied ? "\xe9\x87\x91&amp;" : "\xe6\x9c\x8d");
    e->text_len = w->out.len - e->text_at;
    put_blanks(w);
}

static void put_element(struct writer *w, unsigned depth)
{
    static const char *const names[] = {"entry", "m", "from", "a.b-c", "\xe8\xa7\x84"};
    size_t n = w->list.len;
    struct wrote *e = tw_vec_add(&arena, &w->list);
    memset(e, 0, sizeof *e);
    const char *name = depth ? names[roll(w, 5)] : "root";
    memcpy(e->name, name, strlen(name));
    e->at = w->out.len;
    if (depth)
        put_tag(w, e->name);
    else
        tw_buf_text(&w->out, "<root xmlns:p='urn:p'");
    bool empty = depth && roll(w, 5) == 0;
    tw_buf_text(&w->out, empty ? "/>" : ">");
    w->list.at[n].tag_end = w->out.len;
    if (!empty) {
        if (roll(w, 2) && depth)
            put_text(w, n);
        else
            put_blanks(w);
        while (depth == 0 ? w->out.len < w->limit : depth < 9 && roll(w, 3)) {
            put_element(w, depth + 1);
            put_blanks(w);
            put_aside(w);
        }
        e = &w->list.at[n];
        tw_buf_fmt(&w->out, "</%s%s", ends_prefixed(w, e->at) ? "p:" : "", e->name);
        put_blanks(w);
        tw_buf_text(&w->out, ">");
    }
    w->list.at[n].end = w->out.len;
}

static bool inside(struct tw_str outer, struct tw_str inner)
{
    return inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len;
}

static void check_element(const struct tw_source *src, const struct wrote *w,
                          const struct tw_xml *e)
{
    assert_int_equal(e->at.off, w->at);
    assert_int_equal(e->at.len, w->end - w->at);
    assert_int_equal(e->start.off, w->at);
    assert_int_equal(e->start.len, w->tag_end - w->at);
    assert_true(tw_str_is(e->name, w->name));
    assert_true(inside(src->text, e->name));
    bool prefixed = src->text.ptr[w->at + 1] == 'p';
    assert_text(e->ns, prefixed ? "urn:p" : "");
    if (w->text_len) {
        assert_int_equal(e->text_at.off, w->text_at);
        assert_int_equal(e->text_at.len, w->text_len);
        if (!e->first)
            assert_int_equal(inside(src->text, e->text), !w->copied);
        assert_int_equal(e->text.len, w->text_len - (w->copied ? 4 : 0));
        assert_memory_equal(e->text.ptr, src->text.ptr + w->text_at,
                            w->text_len - (w->copied ? 5 : 0));
    } else {
        assert_int_equal(e->text.len, 0);
        assert_int_equal(e->text_at.off, w->at);
    }
    for (size_t i = 0; i < e->nattrs; i++) {
        const struct tw_xml_attr *a = &e->attrs[i];
        struct tw_str raw = tw_span_text(a->at);
        assert_true(raw.ptr[-1] == '"' && raw.ptr[raw.len] == '"');
        assert_true(a->name.ptr[0] == 'a' && a->name.len == 2);
        assert_text(a->ns, a->name.ptr[-1] == ':' ? "urn:q" : "");
        bool reference = tw_str_ends(raw, "&#62;");
        assert_int_equal(inside(src->text, a->value), !reference);
        assert_int_equal(a->value.len, raw.len - (reference ? 4 : 0));
    }
}

/* Document order. */
static const struct tw_xml *following(const struct tw_xml *e)
{
    if (e->first)
        return e->first;
    while (e && !e->next)
        e = e->parent;
    return e ? e->next : NULL;
}

static void every_place_is_where_it_was_written(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct writer w = {.random = seed * 7919, .limit = 120000};
        tw_buf_init(&w.out, &arena);
        tw_buf_text(&w.out, "<?xml version='1.0' encoding='GBK'?>\n");
        put_element(&w, 0);
        const struct tw_source *src =
            tw_source_new(&arena, TW_STR("big.xml"), tw_buf_view(&w.out));
        const struct tw_xml *e = tw_xml_parse(&arena, src, &diags);
        assert_non_null(e);
        size_t i = 0;
        for (; e; e = following(e))
            check_element(src, &w.list.at[i++], e);
        assert_int_equal(i, w.list.len);
        assert_true(i > 300);
    }
}

/* ── texts ──────────────────────────────────────────────────────────────────────────
 */

static void text_is_what_the_standard_says(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *text, *at;
    } cases[] = {
        {"<a> x y\n</a>", "x y", "x y"},
        {"<a>x<!-- - & < -->y</a>", "xy", "x<!-- - & < -->y"},
        {"<a><!-- c -->y</a>", "y", "<!-- c -->y"},
        {"<a>&lt;&gt;&amp;&quot;&apos;</a>", "<>&\"'", "&lt;&gt;&amp;&quot;&apos;"},
        {"<a>&#65;&#x4E2d;&#x1F600;</a>", "A\xe4\xb8\xad\xf0\x9f\x98\x80",
         "&#65;&#x4E2d;&#x1F600;"},
        {"<a>1<![CDATA[ <b>&amp; ]]>2</a>", "1 <b>&amp; 2", "1<![CDATA[ <b>&amp; ]]>2"},
        {"<a>x\r\ny\rz</a>", "x\ny\nz", "x\r\ny\rz"},
        {"<a>x<b>no</b> y</a>", "x y", "x<b>no</b> y"},
        {"<a>x<?p q?>y</a>", "xy", "x<?p q?>y"},
        {"<a>]] &gt; <b/></a>", "]] >", "]] &gt;"},
        {"<a><!-- c --><b/> y <b/><!-- d --></a>", "y", "y"},
        {"<a><!-- c --><b/><!-- d -->y<b/>\n</a>", "y", "<!-- d -->y"},
        {"<a><!-- c --><b/><!-- d --></a>", "", "<a>"},
        {"<a></a>", "", "<a>"},
        {"<a> \r\n </a>", "", "<a>"},
        {"<a/>", "", "<a/>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tw_xml *a = parse(cases[i].xml);
        assert_non_null(a);
        assert_text(a->text, cases[i].text);
        assert_text(tw_span_text(a->text_at), cases[i].at);
        assert_text(tw_span_text(a->at), cases[i].xml);
    }
}

static void attributes_have_their_values_and_places(void **state)
{
    (void)state;
    const struct tw_xml *a =
        parse("<a x='1' xmlns='urn:d' xmlns:n=\"urn:n\" n:x = '2&lt;\n3' y=\"\""
              " z='&amp;&#38;\r\n\t&#10;&#x4e2d;&quot;'/>");
    assert_non_null(a);
    assert_int_equal(a->nattrs, 4);
    assert_text(a->ns, "urn:d");
    assert_text(tw_xml_attr(a, "x"), "1");
    assert_text(a->attrs[1].name, "x");
    assert_text(a->attrs[1].ns, "urn:n");
    assert_text(a->attrs[1].value, "2< 3");
    assert_text(tw_span_text(a->attrs[1].at), "2&lt;\n3");
    assert_text(tw_xml_attr(a, "y"), "");
    assert_text(tw_xml_attr(a, "z"), "&&  \n\xe4\xb8\xad\"");
    assert_text(tw_xml_attr(a, "none"), "");
}

static void every_ampersand_of_an_attribute_is_one(void **state)
{
    (void)state;
    const struct tw_xml *a = parse("<a xmlns='urn:x&amp;y' e='R&amp;D' n='&#38;&#x26;'"
                                   " t='&amp;#38;' l='&amp;'/>");
    assert_non_null(a);
    assert_text(a->ns, "urn:x&y");
    assert_text(tw_xml_attr(a, "e"), "R&D");
    assert_text(tw_xml_attr(a, "n"), "&&");
    assert_text(tw_xml_attr(a, "t"), "&#38;");
    assert_text(tw_xml_attr(a, "l"), "&");
}

static void children_are_found_by_name_and_namespace(void **state)
{
    (void)state;
    const struct tw_xml *a = parse("<a xmlns='urn:1' xmlns:o='urn:2'><o:b>no</o:b>"
                                   "<b>1</b><c/><b xmlns=''>no</b><b>2<d> 3 </d></b>"
                                   "</a>");
    assert_non_null(a);
    const struct tw_xml *b = tw_xml_child(a, "b");
    assert_text(b->text, "1");
    b = tw_xml_next(b);
    assert_text(b->text, "2");
    assert_null(tw_xml_next(b));
    assert_text(tw_xml_text(b, "d"), "3");
    assert_null(tw_xml_at(a, "b", "d", NULL));
    assert_null(tw_xml_at(a, "x", "y", NULL));
    assert_null(tw_xml_child(NULL, "b"));
}

/* ── encodings ──────────────────────────────────────────────────────────────────────
 */

static void check_decoded(const char *bytes, size_t len, const char *encoding,
                          const char *text)
{
    const struct tw_source *src = tw_source_decode(
        &arena, TW_STR("e.xml"), (struct tw_str){bytes, len}, TW_STR(""), &diags);
    assert_non_null(src);
    assert_text(src->encoding, encoding);
    const struct tw_xml *root = tw_xml_parse(&arena, src, &diags);
    assert_non_null(root);
    assert_text(root->text, text);
}

static void other_encodings_are_read_whatever_is_declared(void **state)
{
    (void)state;
#define BYTES(s) (s), sizeof(s) - 1
    /* A service's name in GBK. */
    check_decoded(BYTES("<a>\xb7\xfe\xce\xf1</a>"), "GB18030",
                  "\xe6\x9c\x8d\xe5\x8a\xa1");
    check_decoded(
        BYTES("<?xml version='1.0' encoding='gb2312'?><a>\xb7\xfe\xce\xf1</a>"),
        "GB18030", "\xe6\x9c\x8d\xe5\x8a\xa1");
    /* These two bytes are a character in UTF-8, too: the declaration decides. */
    check_decoded(BYTES("<?xml version=\"1.0\" encoding=\"GBK\"?><a>\xd0\xa1</a>"),
                  "GB18030", "\xe5\xb0\x8f");
    check_decoded(BYTES("<a>\xd0\xa1</a>"), "UTF-8", "\xd0\xa1");
    /* Converted to UTF-8, but its declaration left. */
    check_decoded(BYTES("<?xml version=\"1.0\" encoding=\"GBK\"?><a>\xe5\xb0\x8f</a>"),
                  "UTF-8", "\xe5\xb0\x8f");
    check_decoded(
        BYTES("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9\xe9\xe9</a>"),
        "ISO-8859-1", "\xc3\xa9\xc3\xa9\xc3\xa9");
    check_decoded(BYTES("\xff\xfe<\0a\0>\0\x0d\x67<\0/\0a\0>\0"), "UTF-16LE",
                  "\xe6\x9c\x8d");
    check_decoded(
        BYTES("\0<\0?\0x\0m\0l\0 \0v\0e\0r\0s\0i\0o\0n\0=\0'\0001\0.\0000\0'\0?"
              "\0>\0<\0a\0>\x67\x0d\0<\0/\0a\0>"),
        "UTF-16BE", "\xe6\x9c\x8d");
    check_decoded(BYTES("\xef\xbb\xbf<?xml version='1.0' encoding='UTF-16'?><a>x</a>"),
                  "UTF-8", "x");
#undef BYTES
}

/* ── refusals ───────────────────────────────────────────────────────────────────────
 */

static void what_is_no_document_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *id, *marked;
        unsigned line, column;
    } cases[] = {
        {"", "TW467", "", 1, 1},
        {" \n ", "TW467", "", 2, 2},
        {"hostname fw", "TW467", "h", 1, 1},
        {"<!DOCTYPE a><a/>", "TW462", "<!DOCTYPE a", 1, 1},
        {"<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM '/etc/passwd'>\n<a/>", "TW462",
         "<!DOCTYPE a SYSTEM '/etc/passwd'", 2, 1},
        {"<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>", "TW462", "<!DOCTYPE a ", 1, 1},
        {"<a>\n &b;</a>", "TW463", "&b;", 2, 2},
        {"<a b='&c;'/>", "TW463", "&c;", 1, 7},
        {"<a>\n<b></c></a>", "TW464", "</c>", 2, 4},
        {"<a>\n<b>", "TW465", "", 2, 4},
        {"<a>\n<b", "TW465", "", 2, 3},
        {"<a b='x", "TW465", "", 1, 8},
        {"<a/>\n<b/>", "TW466", "<", 2, 1},
        {"<a/> x", "TW466", "x", 1, 6},
        {"<a><p:b/></a>", "TW461", "/", 1, 8},
        {"<a b='1' b='2'/>", "TW461", "/", 1, 15},
        {"<a>\x01</a>", "TW461", "\x01", 1, 4},
        {"<a b=1/>", "TW461", "1", 1, 6},
        {"<a>&#0;</a>", "TW461", "<", 1, 8},
        {"<a><!-- -- --></a>", "TW461", NULL, 1, 9},
        {"<a>]]></a>", "TW461", NULL, 1, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        diags.list.len = 0;
        assert_null(parse(cases[i].xml));
        assert_int_equal(diags.list.len, 1);
        const struct tw_diag *d = &diags.list.at[0];
        if (strcmp(tw_diag_def(d->id)->id, cases[i].id) != 0)
            fail_msg("%s: %s, %.*s", cases[i].xml, tw_diag_def(d->id)->id,
                     (int)d->message.len, d->message.ptr);
        assert_true(d->nspans > 0);
        struct tw_place place = tw_span_place(d->spans[0]);
        if (place.line != cases[i].line || place.column != cases[i].column)
            fail_msg("%s: at %u:%u", cases[i].xml, (unsigned)place.line,
                     (unsigned)place.column);
        if (cases[i].marked)
            assert_text(tw_span_text(d->spans[0]), cases[i].marked);
    }
}

static void a_nul_byte_does_not_end_a_document(void **state)
{
    (void)state;
    struct tw_str s = {"<a/>\0<b/>", 9};
    const struct tw_source *src = tw_source_new(&arena, TW_STR("t"), s);
    assert_null(tw_xml_parse(&arena, src, &diags));
    assert_int_equal(diags.list.at[0].spans[0].off, 4);
}

static const struct tw_xml *parse_nested(size_t depth)
{
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    for (size_t i = 0; i < depth; i++)
        tw_buf_text(&b, "<a>");
    for (size_t i = 0; i < depth; i++)
        tw_buf_text(&b, "</a>");
    const struct tw_source *src =
        tw_source_new(&arena, TW_STR("deep"), tw_buf_view(&b));
    return tw_xml_parse(&arena, src, &diags);
}

static void depth_and_text_have_their_limits(void **state)
{
    (void)state;
    assert_non_null(parse_nested(TW_XML_DEPTH_MAX));
    assert_null(parse_nested(TW_XML_DEPTH_MAX + 1));
    assert_int_equal(diags.list.at[0].id, TW_D_xml_too_deep);

    struct tw_buf b;
    tw_buf_init(&b, &arena);
    tw_buf_text(&b, "<a>");
    tw_buf_chars(&b, 'x', TW_XML_TEXT_MAX + 1);
    tw_buf_text(&b, "</a>");
    const struct tw_source *src =
        tw_source_new(&arena, TW_STR("long"), tw_buf_view(&b));
    assert_null(tw_xml_parse(&arena, src, &diags));
    assert_int_equal(diags.list.at[1].id, TW_D_xml_too_long);
}

/* ── walking ────────────────────────────────────────────────────────────────────────
 */

struct log {
    struct tw_buf out;
    size_t largest; /* bytes of the arena at any call */
};

static enum tw_xml_take log_start(void *ctx, const struct tw_xml *e)
{
    struct log *log = ctx;
    tw_buf_fmt(&log->out, "+%.*s ", (int)e->name.len, e->name.ptr);
    return tw_str_starts(e->name, "t")   ? TW_XML_TREE
           : tw_str_starts(e->name, "s") ? TW_XML_SKIP
                                         : TW_XML_ENTER;
}

static void log_end(void *ctx, const struct tw_xml *e)
{
    struct log *log = ctx;
    size_t children = 0;
    for (const struct tw_xml *c = e->first; c; c = c->next)
        children++;
    tw_buf_fmt(&log->out, "-%.*s%zu(%.*s)%s ", (int)e->name.len, e->name.ptr, children,
               (int)e->text.len, e->text.ptr, e->parent ? "" : "!");
}

static void a_visitor_chooses_what_is_built(void **state)
{
    (void)state;
    struct log log = {0};
    tw_buf_init(&log.out, &arena);
    struct tw_xml_visitor visitor = {log_start, log_end, &log};
    struct tw_str s = TW_STR("<e>1<t1><e/><s2/>x</t1>2<s><t2/>no</s><e2> a&lt;<t3/>"
                             "<!-- c -->b </e2>3</e>");
    const struct tw_source *src = tw_source_new(&arena, TW_STR("w"), s);
    assert_true(tw_xml_walk(&arena, src, &visitor, &diags));
    assert_text(tw_buf_view(&log.out),
                "+e +t1 -t12(x) +s +e2 +t3 -t30() -e20(a<b) -e0(123)! ");
}

static enum tw_xml_take take_entries(void *ctx, const struct tw_xml *e)
{
    (void)ctx;
    return e->parent ? TW_XML_TREE : TW_XML_ENTER;
}

static void note_memory(void *ctx, const struct tw_xml *e)
{
    struct log *log = ctx;
    if (arena.used > log->largest)
        log->largest = arena.used;
    assert_true(!e->parent || tw_xml_text(e, "m").len == 5);
}

static size_t memory_of_walk(size_t entries)
{
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    tw_buf_text(&b, "<rules>");
    for (size_t i = 0; i < entries; i++)
        tw_buf_text(&b, "<entry name='n'>\n<m>a&lt;bcd</m><n>x</n></entry>\n");
    tw_buf_text(&b, "</rules>");
    const struct tw_source *src = tw_source_new(&arena, TW_STR("w"), tw_buf_view(&b));
    struct log log = {.largest = 0};
    size_t before = arena.used;
    struct tw_xml_visitor visitor = {take_entries, note_memory, &log};
    assert_true(tw_xml_walk(&arena, src, &visitor, &diags));
    return log.largest - before;
}

static void a_walk_needs_the_memory_of_one_element(void **state)
{
    (void)state;
    size_t few = memory_of_walk(10), many = memory_of_walk(20000);
    assert_true(many <= few + 4096 && many < 256 * 1024);
}

/* ── running out of memory ──────────────────────────────────────────────────────────
 */

static const char mixed[] =
    "<?xml version='1.0'?><e xmlns='urn:a' xmlns:p='urn:p' a='1&amp;2'><t p:b='&lt;'>"
    "a&amp;b<c>1</c><!-- --><c>2</c>z</t><t>second</t><s><x/></s></e>";

struct small {
    struct tw_arena memory;
    size_t trees;
    bool parses_too;
};

static void keep_text(void *ctx, const struct tw_xml *e)
{
    struct small *small = ctx;
    small->trees++;
    tw_str_copy(&small->memory, e->text); /* may unwind */
}

static enum tw_status walk_in_small(void *ctx)
{
    struct small *small = ctx;
    struct tw_diags d;
    tw_diags_init(&d, &small->memory, TW_LANG_EN);
    const struct tw_source *src =
        tw_source_new(&small->memory, TW_STR("m"), tw_str_of(mixed));
    struct tw_xml_visitor visitor = {take_entries, keep_text, small};
    bool ok = tw_xml_walk(&small->memory, src, &visitor, &d) &&
              (!small->parses_too || tw_xml_parse(&small->memory, src, &d));
    return ok ? TW_OK : TW_ERR_INPUT;
}

static void exhaustion_unwinds_and_leaves_nothing_behind(void **state)
{
    (void)state;
    enum tw_status status = TW_ERR_MEMORY;
    size_t limit = 4096;
    for (; status != TW_OK; limit += 64) {
        struct small small = {.parses_too = true};
        tw_arena_init(&small.memory, limit);
        status = tw_arena_run(&small.memory, walk_in_small, &small);
        assert_true(status == TW_OK || status == TW_ERR_MEMORY);
        assert_true(status != TW_OK || small.trees == 4);
        tw_arena_release(&small.memory);
        assert_int_equal(small.memory.used, 0);
    }
    assert_true(limit > 20000);
}

static size_t allocations_left;

static void *scarce_malloc(size_t size)
{
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static void *scarce_realloc(void *old, size_t size)
{
    return allocations_left && allocations_left-- ? realloc(old, size) : NULL;
}

static char *scarce_strdup(const char *s)
{
    size_t len = strlen(s) + 1;
    char *copy = scarce_malloc(len);
    return copy ? memcpy(copy, s, len) : NULL;
}

static void say_nothing(void *ctx, const char *format, ...)
{
    (void)ctx, (void)format;
}

static int read_nothing(void *ctx, char *bytes, int room)
{
    (void)ctx, (void)bytes, (void)room;
    return 0;
}

/* Allocations that setting up a parser takes: when one of them fails, the library (in
 * its version 2.9.14) loses the ones before. */
static size_t allocations_of_setup(void)
{
    const size_t plenty = 1000;
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC};
    allocations_left = plenty;
    xmlFreeParserCtxt(xmlCreateIOParserCtxt(&sax, NULL, read_nothing, NULL, NULL,
                                            XML_CHAR_ENCODING_UTF8));
    return plenty - allocations_left;
}

static void the_librarys_own_exhaustion_is_ours(void **state)
{
    (void)state;
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, say_nothing);
    assert_int_equal(xmlMemSetup(free, scarce_malloc, scarce_realloc, scarce_strdup),
                     0);
    enum tw_status status = TW_ERR_MEMORY;
    size_t rounds = 0, setup_takes = allocations_of_setup();
    for (; status != TW_OK && rounds < 1000; rounds++) {
        struct small small = {.trees = 0};
        tw_arena_init(&small.memory, (size_t)1 << 20);
        allocations_left = setup_takes + rounds;
        status = tw_arena_run(&small.memory, walk_in_small, &small);
        assert_true(status == TW_OK || status == TW_ERR_MEMORY);
        assert_true(status != TW_OK || small.trees == 4);
        tw_arena_release(&small.memory);
    }
    xmlMemSetup(free, malloc, realloc, strdup);
    xmlSetGenericErrorFunc(NULL, NULL);
    assert_int_equal(status, TW_OK);
    assert_true(rounds > 5);
}

int main(void)
{
#define UNIT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        UNIT(every_place_is_where_it_was_written),
        UNIT(text_is_what_the_standard_says),
        UNIT(attributes_have_their_values_and_places),
        UNIT(every_ampersand_of_an_attribute_is_one),
        UNIT(children_are_found_by_name_and_namespace),
        UNIT(other_encodings_are_read_whatever_is_declared),
        UNIT(what_is_no_document_is_refused_with_its_place),
        UNIT(a_nul_byte_does_not_end_a_document),
        UNIT(depth_and_text_have_their_limits),
        UNIT(a_visitor_chooses_what_is_built),
        UNIT(a_walk_needs_the_memory_of_one_element),
        UNIT(exhaustion_unwinds_and_leaves_nothing_behind),
        UNIT(the_librarys_own_exhaustion_is_ours),
    };
#undef UNIT
    return cmocka_run_group_tests(tests, NULL, NULL);
}

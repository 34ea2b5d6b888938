/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2's push parser as events: see xml_events.h. */
#include "xml_events.h"

#include <libxml/parser.h>
#include <string.h>

#include "xml.h"

enum {
    MESSAGE_MAX = 200,
    ATTRS_FIRST = 16,
    PIECE_MAX = 1 << 20,
    NAMES_MAX = 10000000 /* bytes of different names */
};

struct tw_xml_events {
    struct tw_arena *arena;
    struct tw_xml_event_handler handler;
    xmlParserCtxt *parser;
    struct tw_xml_event_attr *attrs;
    size_t attrs_room, depth;
    bool stopped, no_memory;
    char message[MESSAGE_MAX];
    size_t message_len;
};

/* No more events. The parser is not told to stop, as that would free a buffer that its
 * callers still look at. */
static void stop(struct tw_xml_events *e)
{
    e->stopped = true;
    if (e->parser)
        e->parser->disableSAX = 1;
}

static void fail(struct tw_xml_events *e, struct tw_str message)
{
    if (e->message_len || e->stopped)
        return;
    message = tw_str_first(tw_str_trim(message), MESSAGE_MAX);
    e->message_len = message.len;
    if (message.len)
        memcpy(e->message, message.ptr, message.len);
    stop(e);
}

static struct tw_str name_of(const xmlChar *local, const xmlChar *prefix)
{
    return prefix ? TW_STR("") : tw_str_of((const char *)local);
}

static bool make_attrs_room(struct tw_xml_events *e, size_t count)
{
    if (count <= e->attrs_room)
        return true;
    size_t room = ATTRS_FIRST;
    while (room < count)
        room *= 2;
    void *more = tw_arena_try(e->arena, room * sizeof *e->attrs);
    if (!more) {
        e->no_memory = true;
        stop(e);
        return false;
    }
    e->attrs = more;
    e->attrs_room = room;
    return true;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
                     const xmlChar *uri, int nnamespaces, const xmlChar **namespaces,
                     int nattrs, int ndefaulted, const xmlChar **attrs)
{
    (void)uri, (void)nnamespaces, (void)namespaces, (void)ndefaulted;
    struct tw_xml_events *e = ctx;
    size_t count = (size_t)nattrs;
    if (e->stopped || !make_attrs_room(e, count))
        return;
    if (e->depth == TW_XML_DEPTH_MAX) {
        fail(e, TW_STR("elements are nested too deep"));
        return;
    }
    e->depth++;
    for (size_t i = 0; i < count; i++, attrs += 5)
        e->attrs[i] = (struct tw_xml_event_attr){
            tw_str_of((const char *)attrs[0]),
            {(const char *)attrs[3], (size_t)(attrs[4] - attrs[3])}};
    if (!e->handler.start(e->handler.ctx, name_of(name, prefix), e->attrs, count))
        stop(e);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *uri)
{
    (void)uri;
    struct tw_xml_events *e = ctx;
    if (e->stopped)
        return;
    e->depth--;
    if (!e->handler.end(e->handler.ctx, name_of(name, prefix)))
        stop(e);
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct tw_xml_events *e = ctx;
    struct tw_str piece = {(const char *)text, (size_t)len};
    if (!e->stopped && !e->handler.text(e->handler.ctx, piece))
        stop(e);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    fail(ctx, TW_STR("a document type declaration"));
}

static void on_error(void *ctx, xmlError *error)
{
    struct tw_xml_events *e = ctx;
    /* Names are compared by their local part: an undeclared prefix does no harm. */
    if (error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE)
        return;
    if (error->code == XML_ERR_NO_MEMORY) {
        e->no_memory = true;
        stop(e);
        return;
    }
    fail(e, tw_str_of(error->message ? error->message : "?"));
}

static void free_parser(void *ctx)
{
    struct tw_xml_events *e = ctx;
    if (!e->parser)
        return;
    xmlFreeDoc(e->parser->myDoc);
    xmlFreeParserCtxt(e->parser);
    e->parser = NULL;
}

struct tw_xml_events *tw_xml_events_new(struct tw_arena *arena,
                                        const struct tw_xml_event_handler *handler)
{
    struct tw_xml_events *e = tw_new(arena, struct tw_xml_events);
    e->arena = arena;
    e->handler = *handler;
    tw_arena_defer(arena, free_parser, e);
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .endElementNs = on_end,
                         .characters = on_text,
                         .ignorableWhitespace = on_text,
                         .cdataBlock = on_text,
                         .internalSubset = on_doctype,
                         .serror = on_error};
    e->parser = xmlCreatePushParserCtxt(&sax, e, NULL, 0, NULL);
    if (!e->parser || e->no_memory)
        tw_arena_exhausted(arena);
    /* NOENT: the five entities stand resolved in attributes; others cannot be declared
     * where there is no DTD. HUGE lifts the limit of a text, which is told in pieces
     * here; the one of the names seen is put back. */
    xmlCtxtUseOptions(e->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC |
                                     XML_PARSE_NOENT | XML_PARSE_HUGE);
    xmlDictSetLimit(e->parser->dict, NAMES_MAX);
    return e;
}

bool tw_xml_events_feed(struct tw_xml_events *e, struct tw_str bytes, bool last)
{
    while (!e->stopped && (bytes.len || last)) {
        struct tw_str piece = tw_str_first(bytes, PIECE_MAX);
        bytes = tw_str_from(bytes, piece.len);
        xmlParseChunk(e->parser, piece.ptr, (int)piece.len, last && bytes.len == 0);
        if (bytes.len == 0)
            break;
    }
    if (e->no_memory)
        tw_arena_exhausted(e->arena);
    if (last && !e->stopped && !e->parser->wellFormed)
        fail(e, TW_STR("not well-formed"));
    return !e->stopped;
}

struct tw_str tw_xml_events_error(const struct tw_xml_events *e)
{
    return (struct tw_str){e->message, e->message_len};
}

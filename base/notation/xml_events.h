/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML as a stream of events, for documents of any length: libxml2's push parser with
 * the rules of xml.h (no network, no DTD, no entities but the five, limited depth). It
 * holds what it needs to find the end of a tag or comment, not the document.
 *
 * The text is UTF-8, whatever its declaration says. The caller keeps a document type
 * declaration away from it, which the library would read to its end before it tells.
 *
 * Source: Extensible Markup Language 1.0, Namespaces in XML 1.0 (W3C).
 */
#ifndef TW_XML_EVENTS_H
#define TW_XML_EVENTS_H

#include "str.h"

struct tw_xml_events;

struct tw_xml_event_attr {
    struct tw_str name, value; /* the local name; entities are resolved */
};

/* Called from inside the library, so none may unwind: tw_arena_try() instead of
 * tw_arena_alloc(), or a tw_arena_run() of its own. False: no more events. */
struct tw_xml_event_handler {
    /* NAME is empty for names with a prefix. */
    bool (*start)(void *ctx, struct tw_str name, const struct tw_xml_event_attr *attrs,
                  size_t nattrs);
    bool (*text)(void *ctx, struct tw_str piece); /* a text may come in pieces */
    bool (*end)(void *ctx, struct tw_str name);
    void *ctx;
};

struct tw_xml_events *tw_xml_events_new(struct tw_arena *arena,
                                        const struct tw_xml_event_handler *handler);
/* Takes the next BYTES; LAST: they end the document. False where it is not XML, or a
 * handler answered false: nothing more can be fed. Unwinds where memory ends. */
bool tw_xml_events_feed(struct tw_xml_events *events, struct tw_str bytes, bool last);
/* What the library says is wrong; empty where nothing is. */
struct tw_str tw_xml_events_error(const struct tw_xml_events *events);

#endif

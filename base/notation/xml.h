/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML read the safe way: libxml2's SAX2 events into our own small tree, each element
 * with its exact place in the source.
 *
 * No network, no DTD (a document type declaration is refused), no entities but the five
 * of the standard and character references; depth, text and node limits. Names are
 * local names; a namespace is compared by its URI, never by its prefix.
 *
 * A large export is read with a visitor, which says for each element whether to go into
 * it, to have it built whole and handed over, or to pass over it: memory is then that
 * of the largest element that is built, not of the document.
 *
 * Source: Extensible Markup Language 1.0, Namespaces in XML 1.0 (W3C).
 */
#ifndef TW_XML_H
#define TW_XML_H

#include "diag.h"

enum { TW_XML_DEPTH_MAX = 256, TW_XML_TEXT_MAX = 16 << 20 };
/* Elements of one tree (of one that a visitor takes, too). */
enum { TW_XML_NODES_MAX = 50000000 };

struct tw_xml_attr {
    struct tw_str name, ns, value;
    struct tw_span at; /* the value, without its quotes */
};

struct tw_xml {
    struct tw_str name; /* local */
    struct tw_str ns;   /* URI; "" for none */
    const struct tw_xml_attr *attrs;
    size_t nattrs;
    struct tw_str text;     /* its own character data without blanks at both ends;
                               comments and children stand for nothing */
    struct tw_span at;      /* from the < of its start to behind the > of its end */
    struct tw_span start;   /* its start tag alone */
    struct tw_span text_at; /* its text; its start tag where it has none */
    const struct tw_xml *parent, *first, *last, *next;
};

/* The root element of SRC, or NULL after diagnostics. Texts may be slices of SRC, which
 * must outlive the tree. */
const struct tw_xml *tw_xml_parse(struct tw_arena *arena, const struct tw_source *src,
                                  struct tw_diags *diags);

enum tw_xml_take {
    TW_XML_ENTER, /* its children are asked for; end() is called with it, childless */
    TW_XML_TREE,  /* end() is called with the whole element, which is then given back */
    TW_XML_SKIP   /* passed over, checked for well-formedness alone */
};

struct tw_xml_visitor {
    /* ELEMENT has its attributes and its parents, which were all entered. */
    enum tw_xml_take (*start)(void *ctx, const struct tw_xml *element);
    /* Not called for elements passed over. Nothing of ELEMENT outlives the call but
     * what is a slice of the source; copy what is kept. May be NULL. */
    void (*end)(void *ctx, const struct tw_xml *element);
    void *ctx;
};

/* Walks SRC. False after a diagnostic of severity error: the rest was not visited. */
bool tw_xml_walk(struct tw_arena *arena, const struct tw_source *src,
                 const struct tw_xml_visitor *visitor, struct tw_diags *diags);

/* The first child with this local NAME and the namespace of its parent, or NULL;
 * ELEMENT may be NULL. */
const struct tw_xml *tw_xml_child(const struct tw_xml *element, const char *name);
/* The next sibling of the same name and namespace, or NULL. */
const struct tw_xml *tw_xml_next(const struct tw_xml *element);
/* Follows a path of children: tw_xml_at(e, "network", "layer3", NULL). */
const struct tw_xml *tw_xml_at(const struct tw_xml *element, ...);
/* The value of the attribute without namespace, or the empty text. */
struct tw_str tw_xml_attr(const struct tw_xml *element, const char *name);
/* The text of the child NAME, or the empty text. */
struct tw_str tw_xml_text(const struct tw_xml *element, const char *name);

#endif

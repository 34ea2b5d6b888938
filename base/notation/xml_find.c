/* SPDX-License-Identifier: Apache-2.0 */
/* Finding children, siblings, attributes and texts in a tree of XML. */
#include <stdarg.h>

#include "xml.h"

const struct tw_xml *tw_xml_child(const struct tw_xml *element, const char *name)
{
    for (const struct tw_xml *c = element ? element->first : NULL; c; c = c->next)
        if (tw_str_is(c->name, name) && tw_str_eq(c->ns, element->ns))
            return c;
    return NULL;
}

const struct tw_xml *tw_xml_next(const struct tw_xml *element)
{
    for (const struct tw_xml *c = element->next; c; c = c->next)
        if (tw_str_eq(c->name, element->name) && tw_str_eq(c->ns, element->ns))
            return c;
    return NULL;
}

const struct tw_xml *tw_xml_at(const struct tw_xml *element, ...)
{
    va_list names;
    va_start(names, element);
    for (const char *name; element && (name = va_arg(names, const char *));)
        element = tw_xml_child(element, name);
    va_end(names);
    return element;
}

struct tw_str tw_xml_attr(const struct tw_xml *element, const char *name)
{
    for (size_t i = 0; element && i < element->nattrs; i++)
        if (element->attrs[i].ns.len == 0 && tw_str_is(element->attrs[i].name, name))
            return element->attrs[i].value;
    return TW_STR("");
}

struct tw_str tw_xml_text(const struct tw_xml *element, const char *name)
{
    const struct tw_xml *child = tw_xml_child(element, name);
    return child ? child->text : TW_STR("");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams the elements of a PAN-OS configuration, indented by two blanks, for the
 * demo_panos files.
 */
#include "demo_panos.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static void indent(struct tw_demo_panos *w)
{
    fprintf(w->out, "%*s", (int)w->depth * 2, "");
}

static void text_put(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

void tw_demo_xml_open(struct tw_demo_panos *w, const char *tag)
{
    indent(w);
    fprintf(w->out, "<%s>\n", tag);
    w->depth++;
}

void tw_demo_xml_close(struct tw_demo_panos *w, const char *tag)
{
    assert(w->depth > 0);
    w->depth--;
    indent(w);
    fprintf(w->out, "</%s>\n", tag);
}

void tw_demo_say(char *out, size_t size, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(out, size, format, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < size);
    (void)n;
}

void tw_demo_xml_entry(struct tw_demo_panos *w, const char *format, ...)
{
    char name[TW_DEMO_NAME];
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    indent(w);
    fputs("<entry name=\"", w->out);
    text_put(w->out, name);
    fputs("\">\n", w->out);
    w->depth++;
}

void tw_demo_xml_leaf(struct tw_demo_panos *w, const char *tag, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    indent(w);
    fprintf(w->out, "<%s>", tag);
    text_put(w->out, text);
    fprintf(w->out, "</%s>\n", tag);
}

void tw_demo_xml_list(struct tw_demo_panos *w, const char *tag, const char *list)
{
    char member[TW_DEMO_NAME];

    tw_demo_xml_open(w, tag);
    for (list = list != NULL ? list : "any"; *list != '\0';) {
        size_t n = strcspn(list, " ");

        assert(n > 0 && n < sizeof member);
        memcpy(member, list, n);
        member[n] = '\0';
        tw_demo_xml_leaf(w, "member", "%s", member);
        list += n + (list[n] == ' ');
    }
    tw_demo_xml_close(w, tag);
}

void tw_demo_xml_path(struct tw_demo_panos *w, const char *path, const char *text)
{
    const char *slash = strchr(path, '/');
    char tag[TW_DEMO_NAME];

    if (slash == NULL) {
        tw_demo_xml_leaf(w, path, "%s", text);
        return;
    }
    tw_demo_say(tag, sizeof tag, "%.*s", (int)(slash - path), path);
    tw_demo_xml_open(w, tag);
    tw_demo_xml_path(w, slash + 1, text);
    tw_demo_xml_close(w, tag);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Elements, entries, lists: with or without indentation and comments, names by entities
 * or character references. */
#include "pan_writer.h"

#include <string.h>

uint32_t pan_writer_draw(struct pan_writer *x, uint32_t below)
{
    return pan_draw(&x->state, below);
}

void pan_put_escaped(struct pan_writer *x, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (; *text; text++) {
        const char *at = strchr(special, *text);
        if (at && pan_writer_draw(x, 5))
            fputs(entities[at - special], x->out);
        else if (at || (*text > ' ' && pan_writer_draw(x, 60) == 0))
            fprintf(x->out, pan_writer_draw(x, 2) ? "&#%d;" : "&#x%x;", *text);
        else
            fputc(*text, x->out);
    }
}

void pan_line(struct pan_writer *x)
{
    if (x->pretty) {
        fputc('\n', x->out);
        for (int i = 0; i < x->depth; i++)
            fputs("  ", x->out);
    }
    if (pan_writer_draw(x, 80) == 0)
        fputs("<!-- <entry name=\"not here\"/> -->", x->out);
}

void pan_begin(struct pan_writer *x, const char *tag)
{
    pan_line(x);
    fprintf(x->out, "<%s>", tag);
    x->depth++;
}

static void attribute(struct pan_writer *x, const char *name, const char *value)
{
    fprintf(x->out, " %s=%c", name, x->quote);
    pan_put_escaped(x, value);
    fputc(x->quote, x->out);
}

void pan_begin_entry(struct pan_writer *x, const char *name)
{
    bool first = pan_writer_draw(x, 8) != 0;
    pan_line(x);
    fputs("<entry", x->out);
    if (first)
        attribute(x, "name", name);
    if (pan_writer_draw(x, 8) == 0)
        attribute(x, "uuid", "6b3c2a10-0000-4000-8000-000000000001");
    if (pan_writer_draw(x, 8) == 0)
        attribute(x, "dirtyId", "4");
    if (!first)
        attribute(x, "name", name);
    fputc('>', x->out);
    x->depth++;
}

void pan_finish(struct pan_writer *x, const char *tag)
{
    x->depth--;
    pan_line(x);
    fprintf(x->out, "</%s>", tag);
}

void pan_leaf(struct pan_writer *x, const char *tag, const char *text)
{
    pan_line(x);
    fprintf(x->out, "<%s>", tag);
    pan_put_escaped(x, text);
    fprintf(x->out, "</%s>", tag);
}

const char *pan_text(const struct pan_writer *x, int name)
{
    return x->wall->names[name];
}

void pan_members(struct pan_writer *x, const struct pan_list *list)
{
    for (int i = 0; i < list->n; i++)
        pan_leaf(x, "member", pan_text(x, list->at[i]));
}

void pan_list_of(struct pan_writer *x, const char *tag, const struct pan_list *names)
{
    pan_begin(x, tag);
    pan_members(x, names);
    if (names->n == 0)
        pan_leaf(x, "member", "any");
    pan_finish(x, tag);
}

void pan_shuffle(struct pan_writer *x, int *order, int n)
{
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int k = (int)pan_writer_draw(x, (uint32_t)i + 1), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
}

void pan_put_ports(struct pan_writer *x, const char *tag, const struct pan_span *spans,
                   int n)
{
    if (n == 0)
        return;
    pan_line(x);
    fprintf(x->out, "<%s>", tag);
    for (int i = 0; i < n; i++) {
        fprintf(x->out, i ? ",%u" : "%u", spans[i].lo);
        if (spans[i].hi != spans[i].lo)
            fprintf(x->out, "-%u", spans[i].hi);
    }
    fprintf(x->out, "</%s>", tag);
}

const char *pan_proto_name(int proto)
{
    return proto == 6 ? "tcp" : proto == 17 ? "udp" : "sctp";
}

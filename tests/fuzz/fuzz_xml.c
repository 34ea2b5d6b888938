/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as XML: every element of the tree begins and ends where its places say, its
 * texts lie in memory that can be read, and a walk that takes the root whole sees as
 * many elements as the tree.
 */
#include <stdint.h>
#include <stdlib.h>

#include "input.h"
#include "text.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct job {
    struct tw_arena arena;
    struct tw_str bytes;
    size_t walked;
};

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static const struct tw_xml *following(const struct tw_xml *e)
{
    if (e->first)
        return e->first;
    while (e && !e->next)
        e = e->parent;
    return e ? e->next : NULL;
}

static void check(const struct tw_xml *e)
{
    struct tw_str whole = tw_span_text(e->at), tag = tw_span_text(e->start);
    demand(tw_str_starts(whole, "<") && tw_str_ends(whole, ">"));
    demand(tw_str_starts(tag, "<") && tw_str_ends(tag, ">") && tag.len <= whole.len);
    demand(e->name.ptr > tag.ptr && e->name.ptr + e->name.len < tag.ptr + tag.len);
    demand(e->name.len > 0 && tw_utf8_valid(e->text) && tw_utf8_valid(e->ns));
    const struct tw_span *at = &e->text_at;
    demand(at->off >= e->at.off && at->off + at->len <= e->at.off + e->at.len);
    for (size_t i = 0; i < e->nattrs; i++) {
        struct tw_str raw = tw_span_text(e->attrs[i].at);
        demand(raw.ptr[-1] == raw.ptr[raw.len] && tw_utf8_valid(e->attrs[i].value));
    }
    for (const struct tw_xml *c = e->first; c; c = c->next) {
        demand(c->parent == e && c->at.off >= e->start.off + e->start.len);
        demand(!c->next || c->next->at.off >= c->at.off + c->at.len);
    }
}

static enum tw_xml_take take_whole(void *ctx, const struct tw_xml *element)
{
    (void)ctx, (void)element;
    return TW_XML_TREE;
}

static void count(void *ctx, const struct tw_xml *element)
{
    struct job *job = ctx;
    for (const struct tw_xml *e = element; e; e = following(e))
        job->walked++;
}

static enum tw_status read_twice(void *ctx)
{
    struct job *job = ctx;
    struct tw_diags diags;
    tw_diags_init(&diags, &job->arena, TW_LANG_EN);
    const struct tw_source *src = tw_source_decode(&job->arena, TW_STR("fuzz.xml"),
                                                   job->bytes, TW_STR(""), &diags);
    if (!src)
        return TW_OK;
    const struct tw_xml *root = tw_xml_parse(&job->arena, src, &diags);
    demand((root == NULL) == (diags.errors == 1));
    size_t elements = 0;
    for (const struct tw_xml *e = root; e; e = following(e), elements++)
        check(e);
    struct tw_xml_visitor visitor = {take_whole, count, job};
    demand(tw_xml_walk(&job->arena, src, &visitor, &diags) == (root != NULL));
    demand(!root || job->walked == elements);
    struct tw_buf out;
    tw_buf_init(&out, &job->arena);
    tw_diags_print(&diags, false, true, &out);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct job job = {.bytes = {(const char *)data, size}};
    tw_arena_init(&job.arena, (size_t)64 << 20);
    demand(tw_arena_run(&job.arena, read_twice, &job) == TW_OK);
    tw_arena_release(&job.arena);
    return 0;
}

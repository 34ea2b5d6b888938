/* SPDX-License-Identifier: Apache-2.0 */
/* Line maps and places. */
#include "source.h"

#include <assert.h>
#include <string.h>

#include "text.h"

const struct tw_source *tw_source_new(struct tw_arena *arena, struct tw_str name,
                                      struct tw_str text)
{
    size_t count = 1;
    for (size_t at = tw_str_find(text, '\n'); at < text.len; count++)
        at += 1 + tw_str_find(tw_str_from(text, at + 1), '\n');
    uint64_t *lines = tw_new_array(arena, count, uint64_t);
    size_t at = 0;
    for (size_t i = 1; i < count; i++) {
        at += tw_str_find(tw_str_from(text, at), '\n') + 1;
        lines[i] = at;
    }
    struct tw_source *src = tw_new(arena, struct tw_source);
    *src = (struct tw_source){.name = name,
                              .text = text,
                              .bytes = text.len,
                              .encoding = TW_STR("UTF-8"),
                              .lines = lines,
                              .nlines = count};
    return src;
}

static size_t line_index(const struct tw_source *src, uint64_t off)
{
    size_t low = 0, high = src->nlines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (src->lines[middle] <= off)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t tw_span_line(struct tw_span span)
{
    return span.src ? line_index(span.src, span.off) + 1 : 0;
}

struct tw_place tw_span_place(struct tw_span span)
{
    const struct tw_source *src = span.src;
    size_t i = line_index(src, span.off);
    size_t start = (size_t)src->lines[i];
    struct tw_str line = tw_str_from(src->text, start);
    line = tw_str_first(line, tw_str_find(line, '\n'));
    if (tw_str_ends(line, "\r"))
        line.len--;
    size_t in_line = (size_t)span.off - start;
    if (in_line > line.len)
        in_line = line.len;
    return (struct tw_place){
        .line = i + 1,
        .column = tw_utf8_length(tw_str_first(line, in_line)) + 1,
        .text = line,
        .in_line = in_line,
    };
}

struct tw_span tw_span_of(const struct tw_source *src, struct tw_str piece)
{
    assert(piece.ptr >= src->text.ptr &&
           piece.ptr + piece.len <= src->text.ptr + src->text.len);
    return (struct tw_span){src, (uint64_t)(piece.ptr - src->text.ptr), piece.len};
}

struct tw_str tw_span_text(struct tw_span span)
{
    if (!span.src)
        return TW_STR("");
    return tw_str_first(tw_str_from(span.src->text, (size_t)span.off),
                        (size_t)span.len);
}

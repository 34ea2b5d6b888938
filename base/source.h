/* SPDX-License-Identifier: Apache-2.0 */
/* An input text that diagnostics can point into: its name, its bytes, its line map. */
#ifndef TW_SOURCE_H
#define TW_SOURCE_H

#include <stdint.h>

#include "str.h"

struct tw_source {
    struct tw_str name;     /* as the user wrote it, or relative to the estate */
    struct tw_str text;     /* UTF-8 where the format is text */
    struct tw_str sha256;   /* of the bytes as read from the file, hexadecimal */
    uint64_t bytes;         /* of the file as read */
    struct tw_str encoding; /* "UTF-8", or what the bytes were converted from */
    const uint64_t *lines;  /* offset of each line's first byte */
    size_t nlines;
};

/* Bytes [off, off+len) of a source; src NULL says "nowhere". */
struct tw_span {
    const struct tw_source *src;
    uint64_t off, len;
};

#define TW_NOWHERE ((struct tw_span){NULL, 0, 0})

struct tw_place {
    uint64_t line;      /* from 1 */
    uint64_t column;    /* in characters, from 1 */
    struct tw_str text; /* the line, without its end */
    size_t in_line;     /* offset of the span in `text` */
};

/* A source over TEXT, which must outlive it (NAME and TEXT are not copied). */
const struct tw_source *tw_source_new(struct tw_arena *arena, struct tw_str name,
                                      struct tw_str text);
struct tw_place tw_span_place(struct tw_span span);
uint64_t tw_span_line(struct tw_span span); /* 0 for TW_NOWHERE */
/* The span of PIECE, which is a slice of SRC's text. */
struct tw_span tw_span_of(const struct tw_source *src, struct tw_str piece);
struct tw_str tw_span_text(struct tw_span span);

#endif

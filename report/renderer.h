/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renderers: one file render_NAME.c each, which defines
 *
 *     const struct tw_renderer tw_renderer_NAME = { .name = "NAME", … };
 *
 * The build collects them into the registry. A renderer sees a doc and nothing else.
 */
#ifndef TW_RENDERER_H
#define TW_RENDERER_H

#include "buf.h"
#include "doc.h"

struct tw_render_options {
    bool color; /* terminal escapes may be used */
};

struct tw_renderer {
    const char *name; /* of -o NAME */
    const char *summary[TW_LANG_COUNT];
    void (*render)(const struct tw_doc *doc, const struct tw_render_options *options,
                   struct tw_buf *out);
};

/* All renderers, sorted by name, NULL at the end. */
extern const struct tw_renderer *const tw_renderers[];
const struct tw_renderer *tw_renderer_by_name(struct tw_str name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of renderers, from the names of the files render_*.c. */
#include "renderer.h"

#define X(name) extern const struct tw_renderer tw_renderer_##name;
#include "renderers.inc"
#undef X

const struct tw_renderer *const tw_renderers[] = {
#define X(name) &tw_renderer_##name,
#include "renderers.inc"
#undef X
    NULL};

const struct tw_renderer *tw_renderer_by_name(struct tw_str name)
{
    for (const struct tw_renderer *const *r = tw_renderers; *r; r++)
        if (tw_str_is(name, (*r)->name))
            return *r;
    return NULL;
}

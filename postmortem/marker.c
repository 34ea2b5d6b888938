/* SPDX-License-Identifier: Apache-2.0 */
/* Markers: see marker.h. */
#include "marker.h"

struct tw_marker {
    struct tw_str text;
};

struct tw_marker *tw_marker_new(struct tw_arena *arena, struct tw_str text,
                                struct tw_str *why)
{
    *why = TW_STR("the text is empty");
    if (text.len == 0)
        return NULL;
    struct tw_marker *m = tw_new(arena, struct tw_marker);
    m->text = tw_str_copy(arena, text);
    return m;
}

bool tw_marker_in(const struct tw_marker *m, struct tw_str value,
                  enum tw_disguise *disguise)
{
    *disguise = TW_DISGUISE_NONE;
    return tw_str_find_str(value, m->text) < value.len;
}

bool tw_marker_needles(const struct tw_marker *m, struct tw_arena *arena,
                       struct tw_needles *needles)
{
    tw_needles_add(arena, needles, m->text);
    return true;
}

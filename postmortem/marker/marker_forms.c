/* SPDX-License-Identifier: Apache-2.0 */
/* Making the forms of a marker (marker_form.h): the builder that all of them share. */
#include "marker_form.h"

#include <string.h>

void tw_form_begin(struct tw_marker_plan *p, enum tw_disguise disguise)
{
    p->open = tw_vec_add(p->arena, &p->forms);
    *p->open = (struct tw_marker_form){.disguise = disguise};
}

void tw_form_unit(struct tw_marker_plan *p, size_t end, const struct tw_str *list,
                  size_t count)
{
    struct tw_str *copies = tw_new_array(p->arena, count, struct tw_str);
    for (size_t i = 0; i < count; i++)
        copies[i] = tw_str_copy(p->arena, list[i]);
    *tw_vec_add(p->arena, &p->open->units) =
        (struct tw_marker_unit){copies, count, end};
}

void tw_form_one(struct tw_marker_plan *p, size_t end, struct tw_str spelling)
{
    tw_form_unit(p, end, &spelling, 1);
}

size_t tw_form_utf8(uint32_t c, char *out)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[n] | c);
    return n;
}

/* The longest run of units with one spelling among the first `must`. */
static void find_needle(struct tw_marker_plan *p, struct tw_marker_form *f)
{
    size_t best = 0, from = 0, len = 0;
    f->run = f->run_end = 0;
    for (size_t i = 0; i < f->must; i++) {
        const struct tw_marker_unit *u = &f->units.at[i];
        if (u->count != 1) {
            from = i + 1;
            len = 0;
            continue;
        }
        len += u->spellings[0].len;
        if (len > best) {
            best = len;
            f->run = from;
            f->run_end = i + 1;
        }
    }
    struct tw_buf text;
    tw_buf_init(&text, p->arena);
    for (size_t i = f->run; i < f->run_end; i++)
        tw_buf_str(&text, f->units.at[i].spellings[0]);
    f->needle = f->wanted = tw_buf_view(&text);
}

static bool settle(struct tw_marker_plan *p, size_t cut, size_t least,
                   bool (*enough)(struct tw_str needle))
{
    struct tw_marker_form *f = p->open;
    f->must = 0;
    while (f->must < f->units.len && f->units.at[f->must].end <= cut)
        f->must++;
    find_needle(p, f);
    return f->needle.len && f->needle.len >= least && (!enough || enough(f->needle));
}

bool tw_form_end(struct tw_marker_plan *p, size_t least,
                 bool (*enough)(struct tw_str needle))
{
    bool kept =
        settle(p, p->cut, least, enough) || settle(p, p->text.len, least, enough);
    p->forms.len -= !kept;
    p->open = NULL;
    return kept;
}

void tw_form_drop(struct tw_marker_plan *p)
{
    p->forms.len--;
    p->open = NULL;
}

/* A stretch of LEN bytes is rare enough for two if notation stands in it, which plain
 * text and numbers do not have. */
static bool is_notation(const char *text, size_t len)
{
    enum { SHARED_MIN = 7 };
    size_t signs = 0;
    for (size_t i = 0; i < len; i++)
        signs += strchr("%\\&#;", text[i]) != NULL;
    return len >= SHARED_MIN && signs >= 2;
}

void tw_form_share(struct tw_marker_plan *p)
{
    if (p->forms.len < 2) /* they were dropped */
        return;
    struct tw_marker_form *a = &p->forms.at[p->forms.len - 2], *b = a + 1;
    if (a->disguise != b->disguise || a->needle.len != b->needle.len)
        return;
    const char *x = a->needle.ptr, *y = b->needle.ptr;
    struct tw_str best = TW_NO_STR;
    for (size_t i = 0, from = 0; i < a->needle.len; i++) {
        if (x[i] != y[i])
            from = i + 1;
        else if (i + 1 - from > best.len)
            best = (struct tw_str){x + from, i + 1 - from};
    }
    if (best.len && is_notation(best.ptr, best.len))
        a->wanted = b->wanted = best;
}

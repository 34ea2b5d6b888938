/* SPDX-License-Identifier: Apache-2.0 */
/* What of a value may be seen: see mask.h. */
#include "mask.h"

#include <string.h>

#include "detector.h"
#include "text.h"

/* In the order in which they are tried. */
static const struct {
    enum tw_mask_class class;
    const char *name;
    size_t head, tail, least, most; /* characters */
} forms[] = {
    {TW_MASK_ID, "cn-id", 1, 1, 15, 18},
    {TW_MASK_MOBILE, "mobile", 3, 4, 11, 11},
    {TW_MASK_CARD, "bank-card", 6, 4, 13, 19},
    {TW_MASK_NAME, "cjk-name", 1, 1, 2, 20},
};
enum { NFORMS = sizeof forms / sizeof forms[0] };

const char *tw_mask_class_name(enum tw_mask_class class)
{
    for (size_t i = 0; i < NFORMS; i++)
        if (forms[i].class == class)
            return forms[i].name;
    return "length";
}

enum tw_mask_class tw_mask_class_of(struct tw_str value)
{
    for (size_t i = 0; i < NFORMS; i++) {
        const struct tw_detector *d = tw_detector_by_name(tw_str_of(forms[i].name));
        if (d && d->detect && d->detect(value) == TW_DETECTED_YES)
            return forms[i].class;
    }
    return TW_MASK_LENGTH;
}

static uint64_t characters_of(struct tw_str s)
{
    uint64_t n = 0;
    for (uint32_t c; s.len; n++) {
        size_t step = tw_utf8_step(s, &c);
        s = tw_str_from(s, step ? step : 1);
    }
    return n;
}

/* Keeps HEAD and TAIL of N characters; of two, only the first. */
static void keep_ends(struct tw_masked *m, struct tw_str s, uint64_t n, size_t head,
                      size_t tail)
{
    if (head + tail >= n)
        tail = 0;
    for (uint64_t i = 0; s.len; i++) {
        uint32_t c;
        size_t step = tw_utf8_step(s, &c);
        if (step == 0)
            step = 1;
        bool shown = i < head || i + tail >= n;
        size_t need = shown ? step : 1;
        if (m->len + need > TW_MASKED_MAX) {
            m->len = 0;
            m->class = TW_MASK_LENGTH;
            return;
        }
        memcpy(m->text + m->len, shown ? s.ptr : "*", need);
        m->len += need;
        s = tw_str_from(s, step);
    }
}

/* A card of as many digits as an identity number has. */
static bool may_be_id(enum tw_mask_class class, uint64_t characters)
{
    return class == TW_MASK_CARD && (characters == 15 || characters == 18);
}

struct tw_masked tw_mask(struct tw_str value, enum tw_mask_class class)
{
    struct tw_masked m = {.class = TW_MASK_LENGTH, .characters = characters_of(value)};
    for (size_t i = 0; i < NFORMS; i++)
        if (forms[i].class == class && m.characters >= forms[i].least &&
            m.characters <= forms[i].most && !may_be_id(class, m.characters)) {
            m.class = class;
            keep_ends(&m, value, m.characters, forms[i].head, forms[i].tail);
        }
    return m;
}

bool tw_masked_eq(const struct tw_masked *a, const struct tw_masked *b)
{
    return a->class == b->class && a->characters == b->characters &&
           tw_str_eq((struct tw_str){a->text, a->len},
                     (struct tw_str){b->text, b->len});
}

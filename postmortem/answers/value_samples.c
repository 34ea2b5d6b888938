/* SPDX-License-Identifier: Apache-2.0 */
/* The first few different masked forms: see value_samples.h. */
#include "value_samples.h"

void tw_value_samples_init(struct tw_value_samples *samples, size_t max)
{
    *samples =
        (struct tw_value_samples){.max = max < TW_SAMPLES_MAX ? max : TW_SAMPLES_MAX};
}

static bool before(struct tw_tally_place a, struct tw_tally_place b)
{
    return a.file != b.file ? a.file < b.file : a.record < b.record;
}

static bool same(const struct tw_value_sample *a, const struct tw_value_sample *b)
{
    return a->is_null == b->is_null && a->is_empty == b->is_empty &&
           tw_masked_eq(&a->value, &b->value);
}

static void take_out(struct tw_value_samples *s, size_t at)
{
    s->len--;
    for (; at < s->len; at++)
        s->at[at] = s->at[at + 1];
}

static void insert(struct tw_value_samples *s, const struct tw_value_sample *sample)
{
    for (size_t i = 0; i < s->len; i++)
        if (same(&s->at[i], sample)) {
            if (!before(sample->place, s->at[i].place))
                return;
            take_out(s, i);
            break;
        }
    size_t at = 0;
    while (at < s->len && !before(sample->place, s->at[at].place))
        at++;
    if (at == s->max)
        return;
    if (s->len == s->max)
        s->len--;
    for (size_t i = s->len++; i > at; i--)
        s->at[i] = s->at[i - 1];
    s->at[at] = *sample;
}

void tw_value_samples_add(struct tw_value_samples *s,
                          const struct tw_record_field *field,
                          struct tw_tally_place place)
{
    if (s->max == 0)
        return;
    struct tw_str text = {field->ptr, field->len};
    struct tw_value_sample sample = {
        .is_null = field->is_null,
        .is_empty = !field->is_null && field->len == 0,
        .place = place,
    };
    if (!sample.is_null && !sample.is_empty)
        sample.value = tw_mask(text, tw_mask_class_of(text));
    insert(s, &sample);
}

void tw_value_samples_merge(struct tw_value_samples *into,
                            const struct tw_value_samples *from)
{
    for (size_t i = 0; i < from->len && into->max; i++)
        insert(into, &from->at[i]);
}

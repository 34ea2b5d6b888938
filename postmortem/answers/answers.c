/* SPDX-License-Identifier: Apache-2.0 */
/* One record for each of the answers that were asked for: see answers.h. */
#include "answers.h"

#include <assert.h>

struct tw_answers *tw_answers_new(struct tw_arena *arena,
                                  const struct tw_count_plan *plan)
{
    const struct tw_answers_plan *how = plan->answers;
    if (!how || !how->records)
        return NULL;
    struct tw_answers *a = tw_new(arena, struct tw_answers);
    a->plan = how;
    tw_health_init(&a->health, arena, &how->health);
    tw_good_times_init(&a->good, arena, TW_GOOD_DAYS_MAX);
    a->lists = tw_new_array(arena, how->nlists, struct tw_entity_list);
    for (size_t i = 0; i < how->nlists; i++)
        tw_entity_list_init(&a->lists[i], arena, how->list_count_max,
                            how->list_bytes_max);
    a->samples = tw_new_array(arena, plan->nwrong, struct tw_value_samples);
    for (size_t i = 0; i < plan->nwrong; i++)
        tw_value_samples_init(&a->samples[i], how->samples);
    return a;
}

void tw_answers_slots(const struct tw_count_plan *plan, const struct tw_binding *b,
                      bool *used)
{
    const struct tw_answers_plan *how = plan->answers;
    for (size_t i = 0; how && how->health.all && i < b->nslots; i++)
        used[i] = true;
    for (size_t i = 0; how && i < how->health.nasked; i++)
        used[b->slot[how->health.asked[i].column]] = true;
    for (size_t i = 0; how && i < how->nlists; i++)
        used[b->slot[how->lists[i].column]] = true;
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

bool tw_sample_takes(const struct tw_sample_plan *s, uint64_t file, uint64_t number)
{
    uint64_t hash = mix(mix(file + UINT64_C(0x9e3779b97f4a7c15)) + number);
    return (tw_u128)hash * s->den < (tw_u128)s->num << 64;
}

bool tw_answers_left_out(struct tw_answers *a, const struct tw_record *r, size_t file)
{
    const struct tw_sample_plan *s = &a->plan->sample;
    if (!s->on || tw_sample_takes(s, file, r->number))
        return false;
    a->left_out++;
    return true;
}

static void full(struct tw_tally *t, enum tw_answers_part part)
{
    t->stop = TW_TALLY_ANSWERS_FULL;
    t->stop_index = part;
}

static bool is_secret(const struct tw_answers_plan *plan, const struct tw_binding *b,
                      size_t slot)
{
    for (size_t i = 0; i < plan->nsecret; i++)
        if (b->slot[plan->secret[i]] == slot)
            return true;
    return false;
}

static void keep_samples(struct tw_tally *t, const struct tw_record *r,
                         const struct tw_binding *b, size_t file)
{
    struct tw_tally_place place = {true, file, r->number, r->offset};
    for (size_t i = 0; i < t->plan->nwrong; i++) {
        size_t slot = b->slot[t->plan->wrong[i].column];
        if (t->verdicts[i] == TW_HOLDS_YES && slot != TW_SLOT_ANY &&
            !is_secret(t->answers->plan, b, slot))
            tw_value_samples_add(&t->answers->samples[i], &r->fields[slot], place);
    }
}

static void keep_entities(struct tw_tally *t, const struct tw_record *r,
                          const struct tw_binding *b)
{
    struct tw_answers *a = t->answers;
    for (size_t i = 0; i < a->plan->nlists; i++) {
        const struct tw_record_field *f = &r->fields[b->slot[a->plan->lists[i].column]];
        if (!f->is_null &&
            !tw_entity_list_add(&a->lists[i], (struct tw_str){f->ptr, f->len}))
            full(t, TW_ANSWERS_LIST);
    }
}

void tw_answers_record(struct tw_tally *t, const struct tw_record *r,
                       const struct tw_binding *b, size_t file,
                       const struct tw_group *group, bool affected,
                       const struct tw_time *time)
{
    struct tw_answers *a = t->answers;
    const struct tw_answers_plan *plan = a->plan;
    if (!affected && time)
        tw_good_times_add(&a->good, time);
    if (plan->has_health) {
        size_t by = plan->health.by;
        const struct tw_group_key *key =
            group && by != SIZE_MAX ? &group->keys[by] : NULL;
        if (!tw_health_record(&a->health, t->plan, r, b, file, key))
            full(t, TW_ANSWERS_HEALTH);
    }
    if (affected && plan->nlists)
        keep_entities(t, r, b);
    if (affected && plan->samples)
        keep_samples(t, r, b, file);
}

void tw_answers_merge(struct tw_tally *into, const struct tw_tally *from)
{
    struct tw_answers *a = into->answers;
    const struct tw_answers *b = from->answers;
    assert(b && "a part was counted by another plan");
    a->left_out += b->left_out;
    tw_good_times_merge(&a->good, &b->good);
    if (!tw_health_merge(&a->health, &b->health))
        full(into, TW_ANSWERS_HEALTH);
    for (size_t i = 0; i < a->plan->nlists; i++)
        if (!tw_entity_list_merge(&a->lists[i], &b->lists[i]))
            full(into, TW_ANSWERS_LIST);
    for (size_t i = 0; i < into->plan->nwrong; i++)
        tw_value_samples_merge(&a->samples[i], &b->samples[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a count answers beyond counts: health of columns, times around the affected,
 * lists of entities, masked samples, and which records are taken in a sample.
 *
 * All of it hangs on a tally: made with it, fed by it, merged with it, in any order.
 * A tally whose plan asks for none of it has none (NULL).
 */
#ifndef TW_ANSWERS_H
#define TW_ANSWERS_H

#include "entity_list.h"
#include "good_times.h"
#include "health.h"
#include "ratio_text.h"
#include "value_samples.h"

/* NUM of DEN records, chosen by their numbers. */
struct tw_sample_plan {
    bool on;
    uint64_t num, den;
};

/* --list COLUMN:FILE */
struct tw_list_plan {
    size_t column; /* index into the references */
    struct tw_str text, file;
};

struct tw_answers_plan {
    bool records; /* something is to be done with each record */
    struct tw_sample_plan sample;
    bool has_health;
    struct tw_health_plan health;
    struct tw_list_plan *lists;
    size_t nlists;
    uint64_t list_count_max, list_bytes_max;
    uint64_t samples; /* masked values per rule */
    size_t *secret;   /* indices into the references */
    size_t nsecret;
    bool *keyed; /* per --by: its keys are shown as keyed hashes */
    bool any_keyed;
    struct tw_str key; /* of these hashes */
    bool external;
    size_t time_by; /* the first --by that is a time bucket; SIZE_MAX: none */
    struct tw_pct_style pct;
};

/* What ran full. */
enum tw_answers_part { TW_ANSWERS_HEALTH, TW_ANSWERS_LIST };

struct tw_answers {
    const struct tw_answers_plan *plan;
    uint64_t left_out; /* records that the sample did not take */
    struct tw_health health;
    struct tw_good_times good;
    struct tw_entity_list *lists;
    struct tw_value_samples *samples; /* per --wrong */
};

struct tw_answers *tw_answers_new(struct tw_arena *arena,
                                  const struct tw_count_plan *plan);
/* Marks the slots that are looked at in records that no rule holds for. */
void tw_answers_slots(const struct tw_count_plan *plan,
                      const struct tw_binding *binding, bool *used);
/* Is the record none of the sample? Then it is counted as left out. */
bool tw_answers_left_out(struct tw_answers *answers, const struct tw_record *record,
                         size_t file);
/* Takes a record that passed --where. GROUP: NULL without --by. TIME: by the first time
 * bucket, NULL where there is none. May stop the tally. */
void tw_answers_record(struct tw_tally *tally, const struct tw_record *record,
                       const struct tw_binding *binding, size_t file,
                       const struct tw_group *group, bool affected,
                       const struct tw_time *time);
void tw_answers_merge(struct tw_tally *into, const struct tw_tally *from);

/* Would the sample take record NUMBER of file FILE? */
bool tw_sample_takes(const struct tw_sample_plan *sample, uint64_t file,
                     uint64_t number);

#endif

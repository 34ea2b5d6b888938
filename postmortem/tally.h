/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counts of one run, or of one part of it.
 *
 * A tally takes records one at a time; two tallies of parts of a dataset merge into the
 * tally of the whole, in any grouping: every count is a sum, a set union, or a least or
 * greatest place. Which part came first is told by the places, not by the order of
 * merging.
 */
#ifndef TW_TALLY_H
#define TW_TALLY_H

#include "map.h"
#include "num.h"
#include "record_rule.h"
#include "time_zone.h"
#include "value_set.h"

enum tw_bucket { TW_BUCKET_NONE, TW_BUCKET_MONTH, TW_BUCKET_DAY, TW_BUCKET_HOUR };

struct tw_by {
    struct tw_str text;  /* as it was written */
    struct tw_str title; /* of its column in reports */
    size_t column;       /* index into the references */
    enum tw_bucket bucket;
};

struct tw_measured {
    struct tw_str text;
    size_t column;
};

/* What is counted. */
struct tw_count_plan {
    struct tw_column_refs refs;
    struct tw_record_rule *wrong, *where;
    size_t nwrong, nwhere;
    struct tw_by *by;
    size_t nby;
    struct tw_measured *distinct, *sums;
    size_t ndistinct, nsums;
    struct tw_tz zone;
    uint64_t groups_max, distinct_max;
    const struct tw_answers_plan *answers; /* what is asked beyond counts; or NULL */
    /* Of the rules of --wrong that have some; guarded[i]: rule i cannot hold for a
     * record without one of them. */
    struct tw_needles needles;
    bool *guarded, all_guarded;
};

/* Finds the plan's needles, once its rules are there. */
void tw_count_plan_needles(struct tw_count_plan *plan, struct tw_arena *arena);
/* Is a record that has no needle merely counted? Then nobody needs its fields. */
bool tw_tally_only_counts(const struct tw_count_plan *plan);

struct tw_tally_place {
    bool set;
    size_t file; /* index of the file in the dataset */
    uint64_t record, offset;
};

struct tw_refused {
    uint64_t count;
    uint64_t bytes;
    struct tw_tally_place first;
};

struct tw_record_rule_count {
    uint64_t holds;
    uint64_t not_comparable, masked, odd;  /* cells: struct tw_rule_notes */
    uint64_t disguises[TW_DISGUISE_COUNT]; /* of a marker; their sum is `holds` */
};

struct tw_sum {
    struct tw_decimal gross, refunds;                   /* of all: > 0 and < 0 */
    struct tw_decimal affected_gross, affected_refunds; /* of the affected */
    uint64_t numbers, nulls, not_numbers;
    uint64_t affected_numbers, affected_nulls, affected_not_numbers;
};

enum tw_group_key_kind {
    TW_GROUP_TEXT,
    TW_GROUP_NOT_A_TIME,
    TW_GROUP_EMPTY,
    TW_GROUP_NULL
};

struct tw_group_key {
    enum tw_group_key_kind kind;
    struct tw_str text;
};

struct tw_group {
    struct tw_group_key *keys; /* one per --by */
    uint64_t records, affected;
};

/* What stops a run: an answer that goes on would be wrong. */
enum tw_tally_stop {
    TW_TALLY_GOES_ON,
    TW_TALLY_GROUPS_FULL,
    TW_TALLY_DISTINCT_FULL,
    TW_TALLY_SUM_OVERFLOW,
    TW_TALLY_ZONES_MIXED,
    TW_TALLY_ANSWERS_FULL /* stop_index: an enum tw_answers_part */
};

struct tw_answers_plan; /* answers.h */
struct tw_answers;
struct tw_group_recent; /* keys that were seen of late */
struct tw_time_memo;    /* the last cell of a time bucket, already parsed */

struct tw_tally {
    struct tw_arena *arena;
    const struct tw_count_plan *plan;
    uint64_t read;    /* counted + refused */
    uint64_t counted; /* read and understood */
    uint64_t matched; /* of these, the ones that pass --where: the denominator */
    uint64_t affected;
    struct tw_refused refused[TW_REFUSAL_COUNT];
    struct tw_record_rule_count *wrong, *where;
    struct tw_map groups; /* encoded key → struct tw_group */
    struct tw_value_set *distinct;
    struct tw_sum *sums;
    struct tw_tally_place first, last;
    bool has_time; /* of an affected record, by the first time bucket */
    struct tw_time first_time, last_time;
    bool *zoned, *unzoned; /* per --by: times with and without a zone were seen */
    enum tw_tally_stop stop;
    size_t stop_index;          /* of the --by, --distinct or --sum that stopped it */
    struct tw_answers *answers; /* NULL where nothing of it is asked for */

    struct tw_group_recent *recent;
    struct tw_time_memo *memo;
    struct tw_buf key;
    enum tw_holds *verdicts;
    struct tw_record_field *complete; /* room for constant fields, if there are any */
    size_t ncomplete;
    struct tw_rule_notes *notes; /* of the record at hand */
};

void tw_tally_init(struct tw_tally *tally, struct tw_arena *arena,
                   const struct tw_count_plan *plan);
/* Counts a record of file FILE. */
void tw_tally_record(struct tw_tally *tally, const struct tw_record *record,
                     const struct tw_binding *binding, size_t file);
/* Which slots of BINDING are looked at in a record without a needle: into USED, one for
 * each. */
void tw_tally_slots(const struct tw_count_plan *plan, const struct tw_binding *binding,
                    bool *used);
/* Counts N records of which no rule holds, where tw_tally_only_counts(). */
void tw_tally_unaffected(struct tw_tally *tally, uint64_t n);
/* Can many records without a needle be counted at once? */
bool tw_tally_takes_many(const struct tw_count_plan *plan);
/* Counts N of them, column by column: columns[slot][i], for the slots that
 * tw_tally_slots() names. MARGIN: as in a record. */
void tw_tally_many(struct tw_tally *tally, const struct tw_record_field *const *columns,
                   size_t n, const struct tw_binding *binding, size_t file,
                   bool margin);
/* Counts a refused one (record->refusal, record->times). */
void tw_tally_refuse(struct tw_tally *tally, const struct tw_record *record,
                     size_t file);
/* Adds FROM, of the same plan, to INTO; both are settled then. */
void tw_tally_merge(struct tw_tally *into, struct tw_tally *from);
/* To be called when all records were counted: makes the counts final. */
void tw_tally_settle(struct tw_tally *tally);
uint64_t tw_tally_refused(const struct tw_tally *tally);
/* The groups sorted by key: texts bytewise, then not a time, empty, NULL. */
struct tw_group **tw_tally_groups(const struct tw_tally *tally, struct tw_arena *arena,
                                  size_t *count);
/* GROSS + REFUNDS; false on overflow. */
bool tw_sum_net(struct tw_decimal gross, struct tw_decimal refunds,
                struct tw_decimal *net);

/* group.c: the group of the record at hand, a record of file FILE, and its time by the
 * first time bucket. NULL: the tally stopped. */
struct tw_group *tw_group_of(struct tw_tally *tally, const struct tw_record *record,
                             const struct tw_binding *binding, size_t file,
                             struct tw_time *time, bool *has_time);
/* Counts N records that are not affected in their groups: columns[slot][i]. */
void tw_group_plain(struct tw_tally *tally,
                    const struct tw_record_field *const *columns, size_t n,
                    const struct tw_binding *binding, size_t file);
/* The fields of record I of such columns. */
const struct tw_record_field *tw_tally_row(struct tw_tally *tally,
                                           const struct tw_record_field *const *columns,
                                           size_t i, const struct tw_binding *binding);
/* The group of an encoded key. */
struct tw_group *tw_group_find(struct tw_tally *tally, struct tw_str key);
struct tw_time_memo *tw_time_memo_new(struct tw_arena *arena, size_t count);

#endif

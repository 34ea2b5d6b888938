/* SPDX-License-Identifier: Apache-2.0 */
/* Counting one record, and merging counts: see tally.h. */
#include "tally.h"

#include <string.h>

void tw_tally_init(struct tw_tally *t, struct tw_arena *arena,
                   const struct tw_count_plan *plan)
{
    *t = (struct tw_tally){.arena = arena, .plan = plan};
    size_t nrules = plan->nwrong + plan->nwhere;
    t->wrong = tw_new_array(arena, nrules, struct tw_record_rule_count);
    t->where = t->wrong + plan->nwrong;
    t->distinct = tw_new_array(arena, plan->ndistinct, struct tw_value_set);
    for (size_t i = 0; i < plan->ndistinct; i++)
        tw_value_set_init(&t->distinct[i], arena, plan->distinct_max);
    t->sums = tw_new_array(arena, plan->nsums, struct tw_sum);
    t->zoned = tw_new_array(arena, plan->nby, bool);
    t->unzoned = tw_new_array(arena, plan->nby, bool);
    t->memo = tw_time_memo_new(arena, plan->nby);
    t->verdicts = tw_new_array(arena, nrules, enum tw_holds);
    t->cells = tw_new_array(arena, nrules, uint64_t);
    tw_map_init(&t->groups, arena);
    tw_buf_init(&t->key, arena);
}

void tw_count_plan_needles(struct tw_count_plan *plan, struct tw_arena *arena)
{
    plan->guarded = tw_new_array(arena, plan->nwrong, bool);
    for (size_t i = 0; i < plan->nwrong; i++) {
        struct tw_needles found = {0};
        plan->guarded[i] = tw_record_rule_needles(&plan->wrong[i], arena, &found) &&
                           plan->needles.list.len + found.list.len <= TW_NEEDLES_MAX;
        for (size_t k = 0; plan->guarded[i] && k < found.list.len; k++)
            tw_needles_add(arena, &plan->needles, found.list.at[k]);
    }
}

bool tw_tally_only_counts(const struct tw_count_plan *plan,
                          const struct tw_binding *binding)
{
    bool all = binding->nconstants == 0 && plan->nwhere == 0 && plan->nby == 0 &&
               plan->ndistinct == 0 && plan->nsums == 0;
    for (size_t i = 0; i < plan->nwrong; i++)
        all = all && plan->guarded[i];
    return all;
}

void tw_tally_unaffected(struct tw_tally *t, uint64_t n)
{
    t->read += n;
    t->counted += n;
    t->matched += n;
}

static bool comes_before(struct tw_tally_place a, struct tw_tally_place b)
{
    return a.file != b.file ? a.file < b.file : a.record < b.record;
}

static void keep_first(struct tw_tally_place *first, struct tw_tally_place place)
{
    if (place.set && (!first->set || comes_before(place, *first)))
        *first = place;
}

static void keep_last(struct tw_tally_place *last, struct tw_tally_place place)
{
    if (place.set && (!last->set || comes_before(*last, place)))
        *last = place;
}

static struct tw_tally_place place_of(const struct tw_record *r, size_t file)
{
    return (struct tw_tally_place){true, file, r->number, r->offset};
}

void tw_tally_refuse(struct tw_tally *t, const struct tw_record *r, size_t file)
{
    struct tw_refused *refused = &t->refused[r->refusal];
    t->read += r->times;
    refused->count += r->times;
    refused->bytes += r->bytes;
    keep_first(&refused->first, place_of(r, file));
}

static void keep_times(struct tw_tally *t, struct tw_time first, struct tw_time last)
{
    if (!t->has_time || tw_time_cmp(first, t->first_time) < 0)
        t->first_time = first;
    if (!t->has_time || tw_time_cmp(last, t->last_time) > 0)
        t->last_time = last;
    t->has_time = true;
}

static bool add_amount(struct tw_decimal *gross, struct tw_decimal *refunds,
                       struct tw_decimal amount)
{
    return tw_decimal_add(amount.units < 0 ? refunds : gross, amount);
}

bool tw_sum_net(struct tw_decimal gross, struct tw_decimal refunds,
                struct tw_decimal *net)
{
    *net = gross;
    return tw_decimal_add(net, refunds);
}

static bool sum_cell(struct tw_sum *sum, const struct tw_record_field *f, bool affected)
{
    struct tw_decimal amount;
    if (f->is_null) {
        sum->nulls++;
        sum->affected_nulls += affected;
        return true;
    }
    if (!tw_parse_decimal((struct tw_str){f->ptr, f->len}, &amount)) {
        sum->not_numbers++;
        sum->affected_not_numbers += affected;
        return true;
    }
    sum->numbers++;
    sum->affected_numbers += affected;
    return add_amount(&sum->gross, &sum->refunds, amount) &&
           (!affected ||
            add_amount(&sum->affected_gross, &sum->affected_refunds, amount));
}

static bool stop(struct tw_tally *t, enum tw_tally_stop why, size_t index)
{
    t->stop = why;
    t->stop_index = index;
    return false;
}

static bool measure(struct tw_tally *t, const struct tw_record *r,
                    const struct tw_binding *b, bool affected)
{
    const struct tw_count_plan *plan = t->plan;
    for (size_t i = 0; i < plan->ndistinct; i++) {
        const struct tw_record_field *f = &r->fields[b->slot[plan->distinct[i].column]];
        if (!f->is_null && !tw_value_set_add(&t->distinct[i],
                                             (struct tw_str){f->ptr, f->len}, affected))
            return stop(t, TW_TALLY_DISTINCT_FULL, i);
    }
    for (size_t i = 0; i < plan->nsums; i++)
        if (!sum_cell(&t->sums[i], &r->fields[b->slot[plan->sums[i].column]], affected))
            return stop(t, TW_TALLY_SUM_OVERFLOW, i);
    return true;
}

/* Do the rules of --where all hold, and which of --wrong? NO where it does not pass.
 * Nothing is counted yet: a rule that gives up refuses the record as a whole. */
static enum tw_holds judge(struct tw_tally *t, const struct tw_record *r,
                           const struct tw_binding *b)
{
    const struct tw_count_plan *plan = t->plan;
    memset(t->cells, 0, (plan->nwrong + plan->nwhere) * sizeof *t->cells);
    for (size_t i = 0; i < plan->nwhere; i++) {
        enum tw_holds m =
            tw_record_rule_holds(&plan->where[i], r, b, &t->cells[plan->nwrong + i]);
        t->verdicts[plan->nwrong + i] = m;
        if (m != TW_HOLDS_YES) {
            for (size_t k = i + 1; k < plan->nwhere; k++)
                t->verdicts[plan->nwrong + k] = TW_HOLDS_NO;
            return m;
        }
    }
    for (size_t i = 0; i < plan->nwrong; i++) {
        if (r->no_needle && plan->guarded[i]) {
            t->verdicts[i] = TW_HOLDS_NO;
            continue;
        }
        t->verdicts[i] = tw_record_rule_holds(&plan->wrong[i], r, b, &t->cells[i]);
        if (t->verdicts[i] == TW_HOLDS_LIMIT)
            return TW_HOLDS_LIMIT;
    }
    return TW_HOLDS_YES;
}

static void count_affected(struct tw_tally *t, struct tw_tally_place place,
                           const struct tw_time *time)
{
    t->affected++;
    keep_first(&t->first, place);
    keep_last(&t->last, place);
    if (time)
        keep_times(t, *time, *time);
}

/* For a record with the constants of its file behind it. */
static struct tw_record_field *room_for(struct tw_tally *t, const struct tw_binding *b)
{
    size_t n = b->nconstants ? b->nslots + b->nconstants : 0;
    if (n > t->nroom) {
        t->room = tw_new_array(t->arena, n, struct tw_record_field);
        t->nroom = n;
    }
    return t->room;
}

void tw_tally_record(struct tw_tally *t, const struct tw_record *record,
                     const struct tw_binding *b, size_t file)
{
    const struct tw_count_plan *plan = t->plan;
    struct tw_record complete;
    const struct tw_record *r =
        tw_binding_complete(b, record, room_for(t, b), &complete);
    enum tw_holds passes = judge(t, r, b);
    if (passes == TW_HOLDS_LIMIT) {
        struct tw_record refused = *r;
        refused.refusal = TW_REFUSED_REGEX_LIMIT;
        tw_tally_refuse(t, &refused, file);
        return;
    }
    t->read++;
    t->counted++;
    for (size_t i = 0; i < plan->nwhere; i++) {
        t->where[i].holds += t->verdicts[plan->nwrong + i] == TW_HOLDS_YES;
        t->where[i].not_comparable += t->cells[plan->nwrong + i];
    }
    if (passes == TW_HOLDS_NO)
        return;
    t->matched++;
    bool affected = false, has_time = false;
    for (size_t i = 0; i < plan->nwrong; i++) {
        bool holds = t->verdicts[i] == TW_HOLDS_YES;
        t->wrong[i].holds += holds;
        t->wrong[i].not_comparable += t->cells[i];
        affected |= holds;
    }
    struct tw_time time;
    if (plan->nby) {
        struct tw_group *g = tw_group_of(t, r, b, file, &time, &has_time);
        if (!g)
            return;
        g->records++;
        g->affected += affected;
    }
    if (affected)
        count_affected(t, place_of(r, file), has_time ? &time : NULL);
    if (plan->ndistinct || plan->nsums)
        (void)measure(t, r, b, affected);
}

uint64_t tw_tally_refused(const struct tw_tally *t)
{
    return t->read - t->counted;
}

static bool merge_sum(struct tw_sum *into, const struct tw_sum *from)
{
    into->numbers += from->numbers;
    into->nulls += from->nulls;
    into->not_numbers += from->not_numbers;
    into->affected_numbers += from->affected_numbers;
    into->affected_nulls += from->affected_nulls;
    into->affected_not_numbers += from->affected_not_numbers;
    return tw_decimal_add(&into->gross, from->gross) &&
           tw_decimal_add(&into->refunds, from->refunds) &&
           tw_decimal_add(&into->affected_gross, from->affected_gross) &&
           tw_decimal_add(&into->affected_refunds, from->affected_refunds);
}

static void merge_groups(struct tw_tally *into, const struct tw_tally *from)
{
    for (size_t i = 0; i < from->groups.entries.len; i++) {
        const struct tw_group *theirs = from->groups.entries.at[i].value;
        struct tw_group *ours = tw_group_find(into, from->groups.entries.at[i].key);
        if (!ours)
            return;
        ours->records += theirs->records;
        ours->affected += theirs->affected;
    }
}

static void merge_zones(struct tw_tally *into, const struct tw_tally *from)
{
    for (size_t i = 0; i < into->plan->nby; i++) {
        into->zoned[i] |= from->zoned[i];
        into->unzoned[i] |= from->unzoned[i];
        if (into->zoned[i] && into->unzoned[i] && !into->plan->zone.given)
            stop(into, TW_TALLY_ZONES_MIXED, i);
    }
}

void tw_tally_merge(struct tw_tally *into, const struct tw_tally *from)
{
    const struct tw_count_plan *plan = into->plan;
    into->read += from->read;
    into->counted += from->counted;
    into->matched += from->matched;
    into->affected += from->affected;
    for (size_t i = 0; i < TW_REFUSAL_COUNT; i++) {
        into->refused[i].count += from->refused[i].count;
        into->refused[i].bytes += from->refused[i].bytes;
        keep_first(&into->refused[i].first, from->refused[i].first);
    }
    for (size_t i = 0; i < plan->nwrong + plan->nwhere; i++) {
        into->wrong[i].holds += from->wrong[i].holds;
        into->wrong[i].not_comparable += from->wrong[i].not_comparable;
    }
    keep_first(&into->first, from->first);
    keep_last(&into->last, from->last);
    if (from->has_time)
        keep_times(into, from->first_time, from->last_time);
    if (from->stop)
        stop(into, from->stop, from->stop_index);
    merge_zones(into, from);
    merge_groups(into, from);
    for (size_t i = 0; i < plan->ndistinct; i++)
        if (!tw_value_set_merge(&into->distinct[i], &from->distinct[i]))
            stop(into, TW_TALLY_DISTINCT_FULL, i);
    for (size_t i = 0; i < plan->nsums; i++)
        if (!merge_sum(&into->sums[i], &from->sums[i]))
            stop(into, TW_TALLY_SUM_OVERFLOW, i);
}

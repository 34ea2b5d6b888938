/* SPDX-License-Identifier: Apache-2.0 */
/* Counting one record, and merging counts: see tally.h. */
#include "tally.h"

#include <assert.h>
#include <string.h>

#include "answers.h"

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
    t->notes = tw_new_array(arena, nrules, struct tw_rule_notes);
    tw_map_init(&t->groups, arena);
    tw_buf_init(&t->key, arena);
    t->answers = tw_answers_new(arena, plan);
}

void tw_count_plan_needles(struct tw_count_plan *plan, struct tw_arena *arena)
{
    plan->guarded = tw_new_array(arena, plan->nwrong, bool);
    plan->all_guarded = true;
    for (size_t i = 0; i < plan->nwrong; i++) {
        struct tw_needles found = {0};
        plan->guarded[i] = tw_record_rule_needles(&plan->wrong[i], arena, &found) &&
                           plan->needles.list.len + found.list.len <= TW_NEEDLES_MAX;
        for (size_t k = 0; plan->guarded[i] && k < found.list.len; k++)
            tw_needles_add(arena, &plan->needles, found.list.at[k]);
        plan->all_guarded &= plan->guarded[i];
    }
}

bool tw_tally_only_counts(const struct tw_count_plan *plan)
{
    if (plan->answers && plan->answers->records)
        return false;
    return plan->all_guarded && plan->nwhere == 0 && plan->nby == 0 &&
           plan->ndistinct == 0 && plan->nsums == 0;
}

static void use(const struct tw_binding *b, size_t ref, bool *used)
{
    if (b->slot[ref] != TW_SLOT_ANY)
        used[b->slot[ref]] = true;
    for (size_t i = 0; b->slot[ref] == TW_SLOT_ANY && i < b->nslots; i++)
        used[i] = true;
}

void tw_tally_slots(const struct tw_count_plan *plan, const struct tw_binding *b,
                    bool *used)
{
    tw_answers_slots(plan, b, used);
    for (size_t i = 0; i < plan->nwrong; i++)
        if (!plan->guarded[i])
            use(b, plan->wrong[i].column, used);
    for (size_t i = 0; i < plan->nwhere; i++)
        use(b, plan->where[i].column, used);
    for (size_t i = 0; i < plan->nby; i++)
        use(b, plan->by[i].column, used);
    for (size_t i = 0; i < plan->ndistinct; i++)
        use(b, plan->distinct[i].column, used);
    for (size_t i = 0; i < plan->nsums; i++)
        use(b, plan->sums[i].column, used);
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

/* MARGIN: eight bytes before the cell can be read. */
static bool sum_cell(struct tw_sum *sum, const struct tw_record_field *f, bool margin,
                     bool affected)
{
    struct tw_decimal amount;
    int64_t cents;
    if (margin && !f->is_null && !affected &&
        tw_parse_cents((struct tw_str){f->ptr, f->len}, &cents)) {
        struct tw_decimal *into = cents < 0 ? &sum->refunds : &sum->gross;
        sum->numbers++;
        if (into->scale != 2)
            return tw_decimal_add(into, (struct tw_decimal){cents, 2});
        return !__builtin_add_overflow(into->units, (tw_i128)cents, &into->units);
    }
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
        if (!sum_cell(&t->sums[i], &r->fields[b->slot[plan->sums[i].column]], r->margin,
                      affected))
            return stop(t, TW_TALLY_SUM_OVERFLOW, i);
    return true;
}

/* Do the rules of --where all hold, and which of --wrong? NO where it does not pass.
 * Nothing is counted yet: a rule that gives up refuses the record as a whole. */
static enum tw_holds judge(struct tw_tally *t, const struct tw_record *r,
                           const struct tw_binding *b)
{
    const struct tw_count_plan *plan = t->plan;
    memset(t->notes, 0, (plan->nwrong + plan->nwhere) * sizeof *t->notes);
    for (size_t i = 0; i < plan->nwhere; i++) {
        enum tw_holds m =
            tw_record_rule_holds(&plan->where[i], r, b, &t->notes[plan->nwrong + i]);
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
        t->verdicts[i] = tw_record_rule_holds(&plan->wrong[i], r, b, &t->notes[i]);
        if (t->verdicts[i] == TW_HOLDS_LIMIT)
            return TW_HOLDS_LIMIT;
    }
    return TW_HOLDS_YES;
}

static void count_rule(struct tw_record_rule_count *count, bool marker, bool holds,
                       const struct tw_rule_notes *notes)
{
    count->holds += holds;
    count->not_comparable += notes->not_comparable;
    count->masked += notes->masked;
    count->odd += notes->odd;
    if (marker && holds)
        count->disguises[notes->disguise]++;
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

void tw_tally_record(struct tw_tally *t, const struct tw_record *record,
                     const struct tw_binding *b, size_t file)
{
    const struct tw_count_plan *plan = t->plan;
    if (t->answers && tw_answers_left_out(t->answers, record, file))
        return;
    struct tw_record complete;
    if (b->nconstants && t->ncomplete < record->nfields + b->nconstants) {
        t->ncomplete = 2 * (record->nfields + b->nconstants);
        t->complete = tw_new_array(t->arena, t->ncomplete, struct tw_record_field);
    }
    const struct tw_record *r =
        b->nconstants ? tw_binding_complete(b, record, t->complete, &complete) : record;
    bool plain = r->no_needle && plan->all_guarded && plan->nwhere == 0;
    enum tw_holds passes = plain ? TW_HOLDS_YES : judge(t, r, b);
    if (passes == TW_HOLDS_LIMIT) {
        struct tw_record refused = *r;
        refused.refusal = TW_REFUSED_REGEX_LIMIT;
        tw_tally_refuse(t, &refused, file);
        return;
    }
    t->read++;
    t->counted++;
    for (size_t i = 0; i < plan->nwhere; i++) {
        size_t k = plan->nwrong + i;
        count_rule(&t->where[i], plan->where[i].marker, t->verdicts[k] == TW_HOLDS_YES,
                   &t->notes[k]);
    }
    if (passes == TW_HOLDS_NO)
        return;
    t->matched++;
    bool affected = false, has_time = false;
    for (size_t i = 0; !plain && i < plan->nwrong; i++) {
        bool holds = t->verdicts[i] == TW_HOLDS_YES;
        count_rule(&t->wrong[i], plan->wrong[i].marker, holds, &t->notes[i]);
        affected |= holds;
    }
    struct tw_time time;
    struct tw_group *g = NULL;
    if (plan->nby) {
        g = tw_group_of(t, r, b, file, &time, &has_time);
        if (!g)
            return;
        g->records++;
        g->affected += affected;
    }
    if (affected)
        count_affected(t, place_of(r, file), has_time ? &time : NULL);
    if (plan->ndistinct || plan->nsums)
        (void)measure(t, r, b, affected);
    if (t->answers)
        tw_answers_record(t, r, b, file, g, affected, has_time ? &time : NULL);
}

bool tw_tally_takes_many(const struct tw_count_plan *plan)
{
    const struct tw_answers_plan *answers = plan->answers;
    bool each = answers && (answers->has_health || answers->sample.on);
    return plan->all_guarded && plan->nwhere == 0 && !each;
}

const struct tw_record_field *tw_tally_row(struct tw_tally *t,
                                           const struct tw_record_field *const *columns,
                                           size_t i, const struct tw_binding *b)
{
    if (t->ncomplete < b->nslots) {
        t->ncomplete = b->nslots;
        t->complete = tw_new_array(t->arena, t->ncomplete, struct tw_record_field);
    }
    for (size_t slot = 0; slot < b->nslots; slot++)
        if (columns[slot])
            t->complete[slot] = columns[slot][i];
    return t->complete;
}

/* Amounts of cents are added up in a word each, the others one by one. */
static bool sum_cells(struct tw_sum *sum, const struct tw_record_field *fields,
                      size_t n, bool margin)
{
    enum { WORD_MAX = 1 << 20 }; /* as many amounts below 10^11 fit it */
    assert(n <= WORD_MAX);
    int64_t gross = 0, refunds = 0, cents;
    size_t ngross = 0, nrefunds = 0;
    for (size_t i = 0; i < n; i++) {
        const struct tw_record_field *f = &fields[i];
        if (margin && !f->is_null &&
            tw_parse_cents((struct tw_str){f->ptr, f->len}, &cents)) {
            gross += cents < 0 ? 0 : cents;
            refunds += cents < 0 ? cents : 0;
            ngross += cents >= 0;
            nrefunds += cents < 0;
        } else if (!sum_cell(sum, f, false, false)) {
            return false;
        }
    }
    sum->numbers += ngross + nrefunds;
    return (!ngross || tw_decimal_add(&sum->gross, (struct tw_decimal){gross, 2})) &&
           (!nrefunds ||
            tw_decimal_add(&sum->refunds, (struct tw_decimal){refunds, 2}));
}

void tw_tally_many(struct tw_tally *t, const struct tw_record_field *const *columns,
                   size_t n, const struct tw_binding *b, size_t file, bool margin)
{
    const struct tw_count_plan *plan = t->plan;
    tw_tally_unaffected(t, n);
    if (plan->nby)
        tw_group_plain(t, columns, n, b, file);
    for (size_t i = 0; i < plan->ndistinct && !t->stop; i++)
        if (!tw_value_set_add_many(&t->distinct[i],
                                   columns[b->slot[plan->distinct[i].column]], n))
            stop(t, TW_TALLY_DISTINCT_FULL, i);
    for (size_t i = 0; i < plan->nsums && !t->stop; i++)
        if (!sum_cells(&t->sums[i], columns[b->slot[plan->sums[i].column]], n, margin))
            stop(t, TW_TALLY_SUM_OVERFLOW, i);
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

void tw_tally_settle(struct tw_tally *t)
{
    for (size_t i = 0; i < t->plan->ndistinct; i++)
        if (!tw_value_set_settle(&t->distinct[i]) && !t->stop)
            stop(t, TW_TALLY_DISTINCT_FULL, i);
}

static void merge_rule(struct tw_record_rule_count *into,
                       const struct tw_record_rule_count *from)
{
    into->holds += from->holds;
    into->not_comparable += from->not_comparable;
    into->masked += from->masked;
    into->odd += from->odd;
    for (size_t i = 0; i < TW_DISGUISE_COUNT; i++)
        into->disguises[i] += from->disguises[i];
}

void tw_tally_merge(struct tw_tally *into, struct tw_tally *from)
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
    for (size_t i = 0; i < plan->nwrong + plan->nwhere; i++)
        merge_rule(&into->wrong[i], &from->wrong[i]);
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
    if (into->answers)
        tw_answers_merge(into, from);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter of chains for one class of packets.
 *
 * Rules stand in one order in which every chain is contiguous, so a chain is a range of
 * bits, and "the next rule that matches" is the next set bit of the class in that
 * range. A call pushes a frame, a goto does not, RETURN and the end of a chain pop one;
 * in a base chain they mean its policy. ACCEPT goes on to the next stage; DENY ends.
 *
 * Where a rule asks for an unknown whose value is open, the run splits: once with the
 * values for which the condition holds, once with the others. The split is remembered
 * along the run, so that the same question is answered the same way later: the leaves
 * are the valuations. Beyond TW_ATOMS_EXACT unknowns on one run the class is run again
 * by bounds: each open condition may hold or not, independently, and places that were
 * seen are not entered twice. That gives a superset of the outcomes: sound, not exact.
 */
#include "explore.h"

#include "hash.h"

enum { LEAVES_MAX = 4096, SEEN_MAX = 1 << 16 };
enum { CALL_COST = 64, SPLIT_COST = 256 }; /* steps; they stand for memory too */
enum { PASS = 1, STOP = 2, OPEN = PASS | STOP };

/* Where to go on when a chain ends. */
struct frame {
    size_t pc, end;
    const struct frame *up;
    uint64_t hash; /* of the whole call path */
};

/* One unknown's values that are left on this run. */
struct guess {
    uint32_t unknown;
    const uint64_t *left;
    const struct guess *before;
};

struct mark {
    uint32_t value, known; /* bits of `known` are known */
};

struct run {
    size_t stage;
    uint32_t base; /* the stage's chain */
    size_t pc, end;
    const struct frame *frame;
    const struct guess *guesses;
    unsigned nguesses;
    enum tw_state state;
    struct mark mark, connmark;
    struct tw_decider passed;
    uint32_t translated;
    bool matched; /* by bounds: the product at PC holds */
};

struct explorer {
    struct tw_arena *arena;
    const struct tw_program *program;
    const uint64_t *words;
    struct tw_decision result;
    TW_VEC(struct tw_reason) reasons;
    size_t leaves;
    bool bounds;   /* by bounds, not by valuations */
    bool too_many; /* more unknowns than are tried out */
    struct tw_map seen;
    TW_VEC(struct run) waiting; /* by bounds */
};

static const struct tw_policy *policy_of(const struct explorer *x)
{
    return x->program->crossing->policy;
}

static size_t first_bit(const struct explorer *x, uint32_t rule)
{
    const struct tw_program *p = x->program;
    return tw_entries_from((struct tw_entries){p->bits, p->nbits}, rule);
}

static void enter_chain(const struct explorer *x, struct run *run, uint32_t chain)
{
    const struct tw_chain *c = &policy_of(x)->chains.at[chain];
    run->pc = first_bit(x, c->first);
    run->end = first_bit(x, c->first + c->count);
}

/* The next matching product at PC or later, or END. */
static size_t next_bit(const struct explorer *x, size_t pc, size_t end)
{
    size_t at = x->program->offset + pc, stop = x->program->offset + end;
    while (at < stop) {
        uint64_t word = x->words[at / 64] >> at % 64;
        if (word) {
            at += (size_t)__builtin_ctzll(word);
            return at < stop ? at - x->program->offset : end;
        }
        at = (at / 64 + 1) * 64;
    }
    return end;
}

static void add_reason(struct explorer *x, uint32_t rule, uint32_t unknown)
{
    for (size_t i = 0; i < x->reasons.len; i++)
        if (x->reasons.at[i].rule == rule && x->reasons.at[i].unknown == unknown)
            return;
    *tw_vec_add(x->arena, &x->reasons) = (struct tw_reason){rule, unknown};
}

/* --- leaves ---------------------------------------------------------------------- */

static unsigned leaf(struct explorer *x, const struct run *run, unsigned outcome,
                     struct tw_decider by)
{
    x->leaves++;
    if (outcome & PASS) {
        x->result.may_pass = true;
        x->result.passed = run->passed;
        if (run->translated != TW_NO_RULE)
            x->result.translated = run->translated;
    }
    if (outcome & STOP) {
        x->result.may_stop = true;
        x->result.stopped = by;
    }
    return outcome;
}

static const struct tw_stage *stage_at(const struct explorer *x, size_t i)
{
    const struct tw_program *p = x->program;
    return &policy_of(x)->stages[p->family][p->crossing->hook].at[i];
}

/* Enters the first stage from run->stage on that sees this packet; false at the end. */
static bool enter_stage(const struct explorer *x, struct run *run)
{
    const struct tw_program *p = x->program;
    size_t n = policy_of(x)->stages[p->family][p->crossing->hook].len;
    for (; run->stage < n; run->stage++) {
        const struct tw_stage *s = stage_at(x, run->stage);
        if (s->first_only && !(run->state & (TW_STATE_NEW | TW_STATE_RELATED)))
            continue;
        run->base = s->chain;
        run->frame = NULL;
        enter_chain(x, run, s->chain);
        return true;
    }
    return false;
}

/* ACCEPT in this stage: true when another stage follows. */
static bool accept_stage(const struct explorer *x, struct run *run,
                         struct tw_decider by)
{
    const struct tw_stage *s = stage_at(x, run->stage);
    if (s->decides || run->passed.chain == TW_NO_RULE)
        run->passed = by;
    run->stage++;
    return enter_stage(x, run);
}

/* --- matching -------------------------------------------------------------------- */

enum answer { NO, YES, MAYBE };

static const uint64_t *values_left(const struct explorer *x, const struct run *run,
                                   uint32_t unknown)
{
    for (const struct guess *g = run->guesses; g; g = g->before)
        if (g->unknown == unknown)
            return g->left;
    return x->program->crossing->possible[unknown];
}

static enum answer ask(const struct explorer *x, const struct run *run,
                       const struct tw_condition *c)
{
    static const uint64_t none_only[] = {1};
    const struct tw_policy *policy = policy_of(x);
    const struct tw_unknown *u = &policy->unknowns.at[c->unknown];
    const struct tw_stage *stage = stage_at(x, run->stage);
    bool none = (u->kind == TW_UNKNOWN_IN_IF && stage->no_in_if) ||
                (u->kind == TW_UNKNOWN_OUT_IF && stage->no_out_if);
    const uint64_t *left = none ? none_only : values_left(x, run, c->unknown);
    size_t words = none ? 1 : tw_unknown_words(u);
    bool in = false, out = false;
    for (size_t w = 0; w < words; w++) {
        in |= (left[w] & c->allowed[w]) != 0;
        out |= (left[w] & ~c->allowed[w]) != 0;
    }
    return in && out ? MAYBE : in ? YES : NO;
}

/* Has the packet an entry in the connection table here? */
static bool is_tracked(const struct explorer *x, const struct run *run)
{
    return !stage_at(x, run->stage)->untracked &&
           !(run->state & (TW_STATE_UNTRACKED | TW_STATE_INVALID));
}

static enum answer ask_mark(const struct explorer *x, const struct run *run,
                            const struct tw_mark_test *t)
{
    const struct mark *m = t->of_connection ? &run->connmark : &run->mark;
    /* Without an entry in the connection table the match fails either way. */
    if (t->of_connection && !is_tracked(x, run))
        return NO;
    uint32_t differ = (m->value & t->mask) ^ t->value;
    if (differ & (m->known | ~t->mask))
        return t->negated ? YES : NO;
    if ((m->known & t->mask) == t->mask)
        return t->negated ? NO : YES;
    struct tw_condition c = tw_condition_yes(t->unknown, false);
    return ask(x, run, &c);
}

static enum tw_state visible_state(const struct explorer *x, const struct run *run)
{
    return stage_at(x, run->stage)->untracked && run->state != TW_STATE_UNTRACKED
               ? TW_STATE_INVALID
               : run->state;
}

/* Does product M hold for the class at this point? On MAYBE, *OPEN_CONDITION is the
 * first condition that is open. */
static enum answer holds(const struct explorer *x, const struct run *run,
                         const struct tw_match *m, struct tw_condition *open)
{
    enum answer result = YES;
    if (m->states && !(m->states & visible_state(x, run)))
        return NO;
    for (size_t i = 0; i < m->nmarks + m->nconditions; i++) {
        bool mark = i < m->nmarks;
        struct tw_condition c = mark ? tw_condition_yes(m->marks[i].unknown, false)
                                     : m->conditions[i - m->nmarks];
        enum answer a = mark ? ask_mark(x, run, &m->marks[i]) : ask(x, run, &c);
        if (a == NO)
            return NO;
        if (a == MAYBE && result == YES) {
            result = MAYBE;
            *open = c;
        }
    }
    return result;
}

static const struct guess *guess(struct explorer *x, const struct run *run,
                                 const struct tw_condition *c, bool held)
{
    const struct tw_unknown *u = &policy_of(x)->unknowns.at[c->unknown];
    const uint64_t *left = values_left(x, run, c->unknown);
    size_t words = tw_unknown_words(u);
    uint64_t *now = tw_new_array(x->arena, words, uint64_t);
    for (size_t w = 0; w < words; w++)
        now[w] = left[w] & (held ? c->allowed[w] : ~c->allowed[w]);
    struct guess *g = tw_new(x->arena, struct guess);
    *g = (struct guess){c->unknown, now, run->guesses};
    return g;
}

/* --- running --------------------------------------------------------------------- */

static struct mark mixed(struct mark to, struct mark from, uint32_t mask)
{
    /* to = (to & ~mask) ^ (from & mask) */
    return (struct mark){(to.value & ~mask) | (from.value & mask),
                         (to.known & ~mask) | (from.known & mask)};
}

static struct mark set_mark(struct mark m, uint32_t value, uint32_t mask)
{
    return (struct mark){(m.value & ~mask) ^ value, m.known | mask};
}

static void change(const struct explorer *x, struct run *run,
                   const struct tw_rule *rule)
{
    bool tracked = is_tracked(x, run);
    switch (rule->action) {
    case TW_ACTION_SET_MARK:
        run->mark = set_mark(run->mark, rule->value, rule->mask);
        break;
    case TW_ACTION_SET_CONNMARK:
        if (tracked)
            run->connmark = set_mark(run->connmark, rule->value, rule->mask);
        break;
    case TW_ACTION_SAVE_MARK:
        if (tracked)
            run->connmark = mixed(run->connmark, run->mark, rule->mask);
        break;
    case TW_ACTION_RESTORE_MARK:
        if (tracked)
            run->mark = mixed(run->mark, run->connmark, rule->mask);
        break;
    case TW_ACTION_NOTRACK:
        run->state = TW_STATE_UNTRACKED;
        break;
    default:
        break;
    }
}

/* Pops to the caller; false in a base chain. */
static bool leave_chain(struct run *run)
{
    if (!run->frame)
        return false;
    run->pc = run->frame->pc;
    run->end = run->frame->end;
    run->frame = run->frame->up;
    return true;
}

static void call(struct explorer *x, struct run *run, const struct tw_rule *rule,
                 size_t after)
{
    if (rule->action == TW_ACTION_CALL) {
        *x->program->work += CALL_COST;
        struct frame *f = tw_new(x->arena, struct frame);
        uint64_t path[2] = {run->frame ? run->frame->hash : 0, after};
        *f = (struct frame){after, run->end, run->frame,
                            tw_hash_bytes(path, sizeof path)};
        run->frame = f;
    }
    enter_chain(x, run, rule->chain);
}

/* Has this place been seen by bounds? The same place gives the same outcomes. */
static bool seen_before(struct explorer *x, const struct run *run)
{
    uint64_t key[9] = {run->stage,         run->pc,
                       run->end,           run->frame ? run->frame->hash : 0,
                       run->state,         run->mark.value,
                       run->mark.known,    run->connmark.value,
                       run->connmark.known};
    if (x->seen.entries.len >= SEEN_MAX) {
        x->result.gave_up = true;
        return true;
    }
    struct tw_str k = {(const char *)key, sizeof key};
    if (tw_map_find(&x->seen, k))
        return true;
    tw_map_slot(&x->seen, tw_str_copy(x->arena, k));
    return false;
}

static unsigned explore(struct explorer *x, struct run run);

/* Both ways from the condition OPEN of RULE, which both runs look at again. */
static unsigned split(struct explorer *x, const struct run *run, uint32_t rule,
                      const struct tw_condition *open)
{
    bool first = true;
    *x->program->work += SPLIT_COST;
    for (const struct guess *g = run->guesses; g && first; g = g->before)
        first = g->unknown != open->unknown;
    x->too_many |= run->nguesses + first > TW_ATOMS_EXACT || x->leaves > LEAVES_MAX;
    if (x->too_many)
        return OPEN;
    struct run yes = *run, no = *run;
    yes.guesses = guess(x, run, open, true);
    no.guesses = guess(x, run, open, false);
    yes.nguesses = no.nguesses = run->nguesses + first;
    unsigned a = explore(x, yes);
    unsigned b = explore(x, no);
    if (a != b)
        add_reason(x, rule, open->unknown);
    return a | b;
}

/* Whatever sees the packet behind a translation sees another one: where a later stage
 * of this wall does, the outcome is open; behind the last one the wall has decided, and
 * the rest of the path is open. */
static bool translate(struct explorer *x, struct run *run, uint32_t index,
                      struct tw_decider by, unsigned *outcome)
{
    struct run before = *run;
    run->translated = index;
    if (accept_stage(x, run, by)) {
        add_reason(x, index, TW_NO_RULE);
        *outcome = leaf(x, &before, OPEN, by);
    } else {
        *outcome = leaf(x, run, PASS, by);
    }
    return true;
}

/* The rule of bit PC matched: *RUN goes on behind it. True when the run has ended with
 * *OUTCOME. */
static bool act(struct explorer *x, struct run *run, const struct tw_rule *rule,
                uint32_t index, unsigned *outcome)
{
    struct tw_decider by = {index, rule->chain_of};
    size_t after = first_bit(x, index + 1);
    switch (rule->action) {
    case TW_ACTION_ACCEPT:
        if (accept_stage(x, run, by))
            return false;
        *outcome = leaf(x, run, PASS, by);
        return true;
    case TW_ACTION_DENY:
        *outcome = leaf(x, run, STOP, by);
        return true;
    case TW_ACTION_UNDECIDED:
        add_reason(x, index, TW_NO_RULE);
        *outcome = leaf(x, run, OPEN, by);
        return true;
    case TW_ACTION_TRANSLATE:
        return translate(x, run, index, by, outcome);
    case TW_ACTION_CALL:
    case TW_ACTION_GOTO:
        call(x, run, rule, after);
        return false;
    case TW_ACTION_RETURN:
        if (!leave_chain(run))
            run->pc = run->end = 0; /* the policy of the base chain follows */
        return false;
    default:
        change(x, run, rule);
        run->pc = after;
        return false;
    }
}

/* By bounds: the run in which the open condition OPEN of RULE holds waits its turn;
 * *RUN goes on as the one in which it does not. */
static void go_both_ways(struct explorer *x, struct run *run, uint32_t rule,
                         const struct tw_condition *open)
{
    struct run *yes = tw_vec_add(x->arena, &x->waiting);
    *yes = *run;
    yes->matched = true;
    run->pc++;
    add_reason(x, rule, open->unknown);
}

/* The end of a base chain: its policy. True when the run has ended with *OUTCOME. */
static bool end_stage(struct explorer *x, struct run *run, unsigned *outcome)
{
    struct tw_decider by = {TW_NO_RULE, run->base};
    if (policy_of(x)->chains.at[run->base].policy != TW_ACTION_ACCEPT) {
        *outcome = leaf(x, run, STOP, by);
        return true;
    }
    if (accept_stage(x, run, by))
        return false;
    *outcome = leaf(x, run, PASS, by);
    return true;
}

static unsigned explore(struct explorer *x, struct run run)
{
    unsigned outcome = 0;
    for (;;) {
        if (++*x->program->work > TW_WORK_MAX) {
            x->result.gave_up = true;
            return OPEN;
        }
        size_t bit = next_bit(x, run.pc, run.end);
        if (bit == run.end) {
            if (!leave_chain(&run) && end_stage(x, &run, &outcome))
                return outcome;
            continue;
        }
        uint32_t index = x->program->bits[bit].rule;
        const struct tw_rule *rule = &policy_of(x)->rules.at[index];
        struct tw_condition open;
        run.pc = bit;
        enum answer answer = NO; /* where the rule changes nothing, nobody asks */
        if (run.matched)
            answer = YES;
        else if (rule->action != TW_ACTION_CONTINUE)
            answer = holds(x, &run, &rule->matches[x->program->bits[bit].match], &open);
        run.matched = false;
        if (answer == NO)
            run.pc = bit + 1;
        else if (answer == YES && act(x, &run, rule, index, &outcome))
            return outcome;
        else if (answer == MAYBE && !x->bounds)
            return split(x, &run, index, &open);
        else if (answer == MAYBE && seen_before(x, &run))
            return 0;
        else if (answer == MAYBE)
            go_both_ways(x, &run, index, &open);
    }
}

static int by_reason(const struct tw_reason *a, const struct tw_reason *b)
{
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return a->unknown < b->unknown ? -1 : a->unknown > b->unknown;
}

static void sort_reasons(struct tw_reason *at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct tw_reason r = at[i];
        size_t j = i;
        for (; j > 0 && by_reason(&r, &at[j - 1]) < 0; j--)
            at[j] = at[j - 1];
        at[j] = r;
    }
}

static void start(struct explorer *x)
{
    const struct tw_decider nobody = {TW_NO_RULE, TW_NO_RULE};
    const struct tw_program *p = x->program;
    bool fresh = p->state & (TW_STATE_NEW | TW_STATE_INVALID);
    x->result = (struct tw_decision){
        .passed = nobody, .stopped = nobody, .translated = TW_NO_RULE};
    x->reasons.len = 0;
    x->leaves = 0;
    struct run run = {.state = p->state,
                      .mark = {0, UINT32_MAX},
                      .passed = nobody,
                      .translated = TW_NO_RULE};
    /* A later packet finds the connection mark that an earlier one left. */
    if (fresh || !tw_index_writes_connmarks(p->crossing->index))
        run.connmark.known = UINT32_MAX;
    if (enter_stage(x, &run))
        explore(x, run);
    else
        leaf(x, &run, PASS, nobody);
    /* The deciders are those of this run, in which the open conditions do not hold. */
    struct tw_decision own = x->result;
    while (x->waiting.len) {
        run = x->waiting.at[--x->waiting.len];
        explore(x, run);
    }
    if (own.may_pass)
        x->result.passed = own.passed;
    if (own.may_stop)
        x->result.stopped = own.stopped;
}

struct tw_decision tw_explore(struct tw_arena *arena, const struct tw_program *program,
                              const uint64_t *words)
{
    struct explorer x = {.arena = arena, .program = program, .words = words};
    start(&x);
    if (x.too_many) {
        x.bounds = true;
        tw_map_init(&x.seen, arena);
        start(&x);
        x.result.approx = true;
    }
    if (x.result.gave_up)
        x.result.may_pass = x.result.may_stop = true;
    sort_reasons(x.reasons.at, x.reasons.len);
    x.result.reasons = x.reasons.at;
    x.result.nreasons = x.reasons.len;
    return x.result;
}

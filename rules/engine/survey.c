/* SPDX-License-Identifier: Apache-2.0 */
/* Surveying a question: following calls, and what is never met. */
#include "survey.h"

#include <stdlib.h>

struct call {
    uint32_t bit;
    uint32_t part;   /* of that chain, or NO_PART: it has no bits */
    bool comes_back; /* else: a goto */
    bool alone;      /* the only product of its rule */
};

struct tw_survey_part {
    uint32_t chain;
    unsigned where;            /* the circumstances under which it is reached */
    size_t first, end;         /* its bits */
    TW_VEC(struct call) calls; /* by chain called, then by bit */
    bool base;                 /* entered from a stage */
    bool reached;              /* by the class that is being pruned */
};

#define NO_PART UINT32_MAX

/* --- which products can meet the question ---------------------------------------- */

const struct tw_ranges *tw_match_field(const struct tw_match *m, enum tw_kind kind,
                                       enum tw_field field)
{
    switch (field) {
    case TW_FIELD_SRC:
        return m->src;
    case TW_FIELD_DST:
        return m->dst;
    case TW_FIELD_PROTO:
        return m->proto;
    case TW_FIELD_SPORT:
        return kind == TW_KIND_PORTS ? m->sport : NULL;
    default:
        return kind == TW_KIND_PORTS ? m->dport : kind == TW_KIND_ICMP ? m->icmp : NULL;
    }
}

/* A product that asks for ports never matches a packet without them. */
static bool kind_fits(const struct tw_match *m, enum tw_kind kind)
{
    if ((m->sport || m->dport) && kind != TW_KIND_PORTS)
        return false;
    return !m->icmp || kind == TW_KIND_ICMP;
}

static bool flags_fit(const struct tw_match *m, const struct tw_question *q)
{
    for (size_t i = 0; i < m->nflags; i++) {
        bool equal = (q->tcp_flags & m->flags[i].mask) == m->flags[i].value;
        if (equal == m->flags[i].negated)
            return false;
    }
    return true;
}

/* --- where a chain can be reached from ------------------------------------------- */

/* The circumstances under which a chain may be run, as bits beside enum tw_state: is
 * the interface known in the stage that came here? */
enum { IN_KNOWN = 32, IN_NONE = 64, OUT_KNOWN = 128, OUT_NONE = 256 };

static unsigned circumstances(const struct tw_crossing *c, const struct tw_stage *stage,
                              enum tw_state state)
{
    unsigned untracked = tw_index_untracks(c->index) ? TW_STATE_UNTRACKED : 0;
    return untracked | (unsigned)(stage->untracked ? TW_STATE_INVALID : state) |
           (stage->no_in_if ? IN_NONE : IN_KNOWN) |
           (stage->no_out_if ? OUT_NONE : OUT_KNOWN);
}

/* Can the condition hold (bit 0), can it fail (bit 1), where a rule is reached WHERE?
 */
enum { CAN_HOLD = 1, CAN_FAIL = 2 };

static unsigned weigh(const struct tw_crossing *c, const struct tw_condition *cond,
                      unsigned where)
{
    const struct tw_unknown *u = &c->policy->unknowns.at[cond->unknown];
    unsigned known = u->kind == TW_UNKNOWN_IN_IF    ? IN_KNOWN
                     : u->kind == TW_UNKNOWN_OUT_IF ? OUT_KNOWN
                                                    : 0;
    unsigned none = known << 1, can = 0;
    if (where & none)
        can |= cond->allowed[0] & 1 ? CAN_HOLD : CAN_FAIL;
    for (size_t w = 0; (!known || where & known) && w < tw_unknown_words(u); w++) {
        uint64_t possible = c->possible[cond->unknown][w];
        can |= possible & cond->allowed[w] ? CAN_HOLD : 0;
        can |= possible & ~cond->allowed[w] ? CAN_FAIL : 0;
    }
    return can;
}

bool tw_match_meets(const struct tw_match *m, const struct tw_question *q)
{
    if (!tw_match_has(m, q->family) || !kind_fits(m, q->kind) || !flags_fit(m, q))
        return false;
    for (int f = 0; f < TW_FIELDS; f++) {
        const struct tw_ranges *list = tw_match_field(m, q->kind, (enum tw_field)f);
        if (list && !tw_ranges_meet(list, q->field[f]))
            return false;
    }
    return true;
}

static bool may_match(const struct tw_question *q, const struct tw_crossing *c,
                      const struct tw_match *m, unsigned where)
{
    if ((m->states && !(m->states & where)) || !tw_match_meets(m, q))
        return false;
    for (size_t i = 0; i < m->nconditions; i++)
        if (!(weigh(c, &m->conditions[i], where) & CAN_HOLD))
            return false;
    return true;
}

/* Does this product, wherever it is reached, hold for all packets that its lists hold?
 */
static bool never_fails(const struct tw_crossing *c, const struct tw_match *m,
                        unsigned where)
{
    if (m->nmarks || (m->states && where & TW_STATE_ALL & ~m->states))
        return false;
    for (size_t i = 0; i < m->nconditions; i++)
        if (weigh(c, &m->conditions[i], where) & CAN_FAIL)
            return false;
    return true;
}

/* The first field from which on the lists of M hold all of the question. */
static int covered_from(const struct tw_question *q, const struct tw_match *m)
{
    int field = TW_FIELDS;
    while (field > 0) {
        const struct tw_ranges *list =
            tw_match_field(m, q->kind, (enum tw_field)(field - 1));
        if (list && !tw_ranges_cover(list, q->field[field - 1]))
            break;
        field--;
    }
    return field;
}

/* Does ACTION leave the chain? Then what stands behind a sure match is never met. */
static bool leaves(enum tw_action action)
{
    return action == TW_ACTION_ACCEPT || action == TW_ACTION_DENY ||
           action == TW_ACTION_GOTO || action == TW_ACTION_RETURN ||
           action == TW_ACTION_TRANSLATE || action == TW_ACTION_UNDECIDED;
}

/* --- one crossing ---------------------------------------------------------------- */

struct surveyor {
    struct tw_survey *survey;
    struct tw_program *program;
    struct tw_entries found;
    struct tw_entry *kept; /* chain by chain, callers before callees */
    size_t nkept;
    uint16_t *where; /* by chain: the circumstances under which it is reached */
    uint32_t *part;  /* by chain: its part + 1 */
};

/* The products of a chain that can be met, and the chains that they call. */
static void survey_chain(struct surveyor *s, uint32_t chain)
{
    const struct tw_crossing *crossing = s->program->crossing;
    const struct tw_question *q = s->survey->question;
    const struct tw_chain *c = &crossing->policy->chains.at[chain];
    unsigned where = s->where[chain];
    size_t k = tw_entries_from(s->found, c->first);
    for (; k < s->found.n && s->found.at[k].rule < c->first + c->count; k++) {
        const struct tw_rule *rule = &crossing->policy->rules.at[s->found.at[k].rule];
        const struct tw_match *m = &rule->matches[s->found.at[k].match];
        ++*s->program->work;
        if (rule->action == TW_ACTION_CONTINUE || !may_match(q, crossing, m, where))
            continue;
        s->kept[s->nkept++] = s->found.at[k];
        if (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO)
            s->where[rule->chain] = (uint16_t)(s->where[rule->chain] | where);
        if (leaves(rule->action) && never_fails(crossing, m, where) &&
            covered_from(q, m) == 0)
            break;
    }
}

static void add_part(struct surveyor *s, uint32_t chain, bool base, size_t nbits)
{
    struct tw_survey_part *part = tw_vec_add(s->survey->arena, &s->survey->parts);
    *part = (struct tw_survey_part){
        .chain = chain, .where = s->where[chain], .base = base, .end = nbits};
    s->part[chain] = (uint32_t)s->survey->parts.len;
}

/* The chains of the stages, and under which circumstances they are run. */
static void enter_stages(struct surveyor *s)
{
    const struct tw_crossing *c = s->program->crossing;
    enum tw_family family = s->survey->question->family;
    for (size_t i = 0; i < c->policy->stages[family][c->hook].len; i++) {
        const struct tw_stage *stage = &c->policy->stages[family][c->hook].at[i];
        s->where[stage->chain] = (uint16_t)(s->where[stage->chain] |
                                            circumstances(c, stage, s->program->state));
    }
}

typedef TW_VEC(struct tw_entry) entry_list;

enum { HEAD = 16 };

/* The first products of CHAIN to LIST; true when they decide the question there: none
 * of them calls, and one of them surely matches, or there are no more. */
static bool add_head(const struct surveyor *s, uint32_t chain, entry_list *list)
{
    const struct tw_crossing *crossing = s->program->crossing;
    const struct tw_question *q = s->survey->question;
    const struct tw_chain *c = &crossing->policy->chains.at[chain];
    unsigned where = s->where[chain];
    for (uint32_t i = 0; i < c->count && i < HEAD; i++) {
        const struct tw_rule *rule = &crossing->policy->rules.at[c->first + i];
        for (uint32_t k = 0; k < rule->nmatches && !rule->disabled; k++) {
            const struct tw_match *m = &rule->matches[k];
            if (!tw_match_has(m, q->family) || !may_match(q, crossing, m, where))
                continue;
            if (rule->action == TW_ACTION_CALL || rule->action == TW_ACTION_GOTO ||
                list->len >= HEAD)
                return false;
            *tw_vec_add(s->survey->arena, list) = (struct tw_entry){c->first + i, k};
            if (leaves(rule->action) && never_fails(crossing, m, where) &&
                covered_from(q, m) == 0)
                return true;
        }
    }
    return c->count <= HEAD;
}

/* Answers are mostly decided by the first rules of a wall: those are asked before the
 * index is. */
static bool find_heads(struct surveyor *s)
{
    const struct tw_crossing *c = s->program->crossing;
    enum tw_family family = s->survey->question->family;
    entry_list list = {0};
    for (size_t i = 0; i < c->policy->stages[family][c->hook].len; i++)
        if (!add_head(s, c->policy->stages[family][c->hook].at[i].chain, &list))
            return false;
    if (list.len > 1)
        qsort(list.at, list.len, sizeof *list.at, tw_entry_compare);
    size_t n = 0; /* a chain may be run in two stages */
    for (size_t i = 0; i < list.len; i++)
        if (n == 0 || tw_entry_compare(&list.at[n - 1], &list.at[i]) != 0)
            list.at[n++] = list.at[i];
    s->found = (struct tw_entries){list.at, n};
    return true;
}

/* Follows the calls: all callers of a chain have been surveyed before it. */
static void follow(struct surveyor *s)
{
    const struct tw_crossing *c = s->program->crossing;
    struct tw_chain_order order =
        tw_index_chains(c->index, s->survey->question->family);
    for (size_t i = 0; i < order.n; i++) {
        uint32_t chain = order.at[i];
        if (!s->where[chain])
            continue;
        size_t before = s->nkept;
        survey_chain(s, chain);
        if (s->nkept > before)
            add_part(s, chain, c->policy->chains.at[chain].is_base, s->nkept - before);
    }
    if (s->nkept > 1)
        qsort(s->kept, s->nkept, sizeof *s->kept, tw_entry_compare);
}

static int by_callee(const void *a, const void *b)
{
    const struct call *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->comes_back != y->comes_back)
        return x->comes_back ? 1 : -1;
    return x->bit < y->bit ? -1 : x->bit > y->bit;
}

/* The bits of the parts that were added from FIRST_PART on, and their calls. */
static void place_parts(struct surveyor *s, size_t first_part)
{
    struct tw_survey *v = s->survey;
    struct tw_entries kept = {s->kept, s->nkept};
    const struct tw_policy *policy = s->program->crossing->policy;
    for (size_t i = first_part; i < v->parts.len; i++) {
        struct tw_survey_part *part = &v->parts.at[i];
        size_t at = tw_entries_from(kept, policy->chains.at[part->chain].first);
        part->first = s->program->offset + at;
        part->end += part->first;
        for (size_t b = part->first; b < part->end; b++, at++) {
            const struct tw_rule *rule = &policy->rules.at[kept.at[at].rule];
            if (rule->action != TW_ACTION_CALL && rule->action != TW_ACTION_GOTO)
                continue;
            *tw_vec_add(v->arena, &part->calls) =
                (struct call){.bit = (uint32_t)b,
                              .part = s->part[rule->chain] - 1,
                              .comes_back = rule->action == TW_ACTION_CALL,
                              .alone = rule->nmatches == 1};
        }
        if (part->calls.len > 1)
            qsort(part->calls.at, part->calls.len, sizeof *part->calls.at, by_callee);
    }
}

static void survey_crossing(struct tw_survey *v, struct tw_program *p,
                            const struct tw_region *region)
{
    size_t nchains = p->crossing->policy->chains.len, first_part = v->parts.len;
    struct surveyor s = {.survey = v, .program = p};
    s.where = tw_new_array(v->arena, nchains + 1, uint16_t);
    s.part = tw_new_array(v->arena, nchains + 1, uint32_t);
    enter_stages(&s);
    if (!find_heads(&s))
        s.found = tw_index_overlaps(v->arena, p->crossing->index, v->question->family,
                                    region);
    s.kept = tw_new_array(v->arena, s.found.n + 1, struct tw_entry);
    follow(&s);
    p->bits = s.kept;
    p->nbits = s.nkept;
    p->offset = v->nbits;
    place_parts(&s, first_part);
    v->nbits += s.nkept;
}

/* --- the question ---------------------------------------------------------------- */

/* What pruning needs to know of every bit. */
static void weigh_bits(struct tw_survey *v, const struct tw_program *p,
                       const struct tw_survey_part *part)
{
    const struct tw_policy *policy = p->crossing->policy;
    const struct tw_question *q = v->question;
    for (size_t c = 0; c < part->calls.len; c++) {
        tw_bits_set(v->calls, part->calls.at[c].bit);
        v->call_at[part->calls.at[c].bit] = (uint32_t)c;
    }
    for (size_t b = part->first; b < part->end; b++) {
        const struct tw_entry *e = &p->bits[b - p->offset];
        const struct tw_rule *rule = &policy->rules.at[e->rule];
        const struct tw_match *m = &rule->matches[e->match];
        v->match[b] = m;
        for (int f = 0; f < TW_FIELDS; f++) {
            const struct tw_ranges *list = tw_match_field(m, q->kind, (enum tw_field)f);
            if (!list || tw_ranges_cover(list, q->field[f]))
                tw_bits_set(v->covers[f], b);
        }
        if (leaves(rule->action))
            tw_bits_set(v->leaves, b);
        if (!never_fails(p->crossing, m, part->where))
            continue;
        for (int f = TW_FIELDS; f >= 0; f--) {
            if (f < TW_FIELDS && !tw_bits_has(v->covers[f], b))
                break;
            tw_bits_set(v->sure[f], b);
        }
    }
}

struct tw_survey *tw_survey_new(struct tw_arena *arena,
                                const struct tw_question *question,
                                const struct tw_crossing *const *crossings,
                                size_t ncrossings, uint64_t *work)
{
    struct tw_survey *v = tw_new(arena, struct tw_survey);
    *v = (struct tw_survey){
        .arena = arena, .question = question, .ncrossings = ncrossings, .work = work};
    v->programs = tw_new_array(arena, ncrossings, struct tw_program);
    struct tw_region region = {question->field[TW_FIELD_SRC],
                               question->field[TW_FIELD_DST],
                               question->field[TW_FIELD_PROTO], NULL};
    if (question->kind == TW_KIND_PORTS)
        region.dport = question->field[TW_FIELD_DPORT];
    size_t *first_part = tw_new_array(arena, ncrossings + 1, size_t);
    for (size_t i = 0; i < ncrossings; i++) {
        v->programs[i] = (struct tw_program){
            .crossing = crossings[i],
            .family = question->family,
            .state = crossings[i]->unseen ? TW_STATE_INVALID : question->state,
            .work = work};
        survey_crossing(v, &v->programs[i], &region);
        first_part[i + 1] = v->parts.len;
    }
    v->words = v->nbits / 64 + 1;
    v->match = tw_new_array(arena, v->nbits, const struct tw_match *);
    for (int f = 0; f < TW_FIELDS; f++)
        v->covers[f] = tw_new_array(arena, v->words, uint64_t);
    for (int f = 0; f <= TW_FIELDS; f++)
        v->sure[f] = tw_new_array(arena, v->words, uint64_t);
    v->leaves = tw_new_array(arena, v->words, uint64_t);
    v->calls = tw_new_array(arena, v->words, uint64_t);
    v->call_at = tw_new_array(arena, v->nbits, uint32_t);
    for (size_t i = 0; i < ncrossings; i++)
        for (size_t p = first_part[i]; p < first_part[i + 1]; p++)
            weigh_bits(v, &v->programs[i], &v->parts.at[p]);
    return v;
}

/* --- pruning --------------------------------------------------------------------- */

/* The bits of word W that lie in [FIRST, END). */
static uint64_t window(size_t w, size_t first, size_t end)
{
    uint64_t mask = ~(uint64_t)0;
    if (first > w * 64)
        mask &= ~(uint64_t)0 << (first - w * 64);
    if (end < w * 64 + 64)
        mask &= ~(~(uint64_t)0 << (end - w * 64));
    return mask;
}

static void clear(uint64_t *bits, size_t first, size_t end)
{
    for (size_t w = first / 64; w * 64 < end; w++)
        bits[w] &= ~window(w, first, end);
}

/* The first of BITS in [FIRST, END), or END. */
static size_t first_of(const uint64_t *bits, size_t first, size_t end)
{
    for (size_t w = first / 64; w * 64 < end; w++) {
        uint64_t word = bits[w] & window(w, first, end);
        if (word)
            return w * 64 + (size_t)__builtin_ctzll(word);
    }
    return end;
}

/* What stands behind the first sure match that leaves the chain is never met. */
static void cut_behind_end(const struct tw_survey *v, int field,
                           const struct tw_survey_part *p, uint64_t *bits)
{
    for (size_t w = p->first / 64; w * 64 < p->end; w++) {
        uint64_t last =
            bits[w] & v->sure[field][w] & v->leaves[w] & window(w, p->first, p->end);
        if (last) {
            clear(bits, w * 64 + (size_t)__builtin_ctzll(last) + 1, p->end);
            return;
        }
    }
}

/* Calls FN for every call of BITS in P; FN may take the bit off. */
static void each_call(struct tw_survey *v, const struct tw_survey_part *p,
                      uint64_t *bits,
                      void (*fn)(struct tw_survey *v, const struct tw_survey_part *p,
                                 const struct call *call, uint64_t *bits))
{
    if (p->calls.len == 0)
        return;
    for (size_t w = p->first / 64; w * 64 < p->end; w++) {
        uint64_t left = bits[w] & v->calls[w] & window(w, p->first, p->end);
        for (; left; left &= left - 1) {
            size_t bit = w * 64 + (size_t)__builtin_ctzll(left);
            ++*v->work;
            fn(v, p, &p->calls.at[v->call_at[bit]], bits);
        }
    }
}

static void reach(struct tw_survey *v, const struct tw_survey_part *p,
                  const struct call *call, uint64_t *bits)
{
    (void)p;
    (void)bits;
    if (call->part != NO_PART)
        v->parts.at[call->part].reached = true;
}

/* A call of a chain in which nothing matches has no effect. (Where conditions are open
 * it stays: which rule is named depends on the order in which they are asked.) */
static void drop_empty(struct tw_survey *v, const struct tw_survey_part *p,
                       const struct call *call, uint64_t *bits)
{
    (void)p;
    if (!call->comes_back || !call->alone ||
        !tw_bits_has(v->sure[TW_FIELDS], call->bit))
        return;
    if (call->part != NO_PART) {
        const struct tw_survey_part *callee = &v->parts.at[call->part];
        if (first_of(bits, callee->first, callee->end) < callee->end)
            return;
    }
    clear(bits, call->bit, call->bit + 1);
}

/* A sure call stands for every other sure one of the same chain that no bit parts from
 * it: the last one of them is taken. */
static void unify(struct tw_survey *v, const struct tw_survey_part *p,
                  const struct call *call, uint64_t *bits)
{
    const uint64_t *sure = v->sure[v->field];
    if (!call->alone || !tw_bits_has(sure, call->bit))
        return;
    size_t next = first_of(bits, call->bit + 1, p->end);
    const struct call *low = call, *high = p->calls.at + p->calls.len;
    while (high - low > 1) { /* the last call of this kind before the next bit */
        const struct call *middle = low + (high - low) / 2;
        bool same =
            middle->part == call->part && middle->comes_back == call->comes_back;
        if (same && middle->bit < next)
            low = middle;
        else
            high = middle;
    }
    for (; !low->alone || !tw_bits_has(sure, low->bit); low--)
        ++*v->work;
    clear(bits, call->bit, call->bit + 1);
    tw_bits_set(bits, low->bit);
}

void tw_survey_prune(struct tw_survey *survey, int field, uint64_t *bits)
{
    struct tw_survey_part *parts = survey->parts.at;
    size_t n = survey->parts.len;
    survey->field = field;
    *survey->work += 4 * survey->words + 4 * n;
    for (size_t i = 0; i < n; i++)
        parts[i].reached = parts[i].base;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].reached) {
            cut_behind_end(survey, field, &parts[i], bits);
            each_call(survey, &parts[i], bits, reach);
        } else {
            clear(bits, parts[i].first, parts[i].end);
        }
    }
    for (size_t i = n; i-- > 0;) {
        each_call(survey, &parts[i], bits, drop_empty);
        each_call(survey, &parts[i], bits, unify);
    }
}

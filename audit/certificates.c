/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of a wall's rules, each held against an independent checker. */
#include "certificates.h"

#include "idd_escape.h"
#include "left_boxes.h"
#include "messages.h"
#include "packets.h"
#include "recheck.h"
#include "report_words.h"
#include "text.h"

/* Rules whose rest is told in boxes: following chains for it takes its time. */
enum { LEFT_MAX = 400 };
enum { CELLS_MAX = 200000 }; /* of the grid of one cover: a fraction of a second */

struct certifier {
    struct tw_doc *doc;
    struct tw_arena *work; /* for one rule */
    const struct tw_crossing *crossing;
    const struct tw_policy *policy;
    struct tw_cover *cover;
    struct tw_certified sum;
    struct tw_block *table; /* of the text face: all rules but live ones */
    struct tw_buf by;       /* who takes what the rule at hand does not get */
    struct tw_str left;     /* the largest box of what it does get, if not all */
};

struct tw_doc *tw_certificates_new(struct tw_arena *arena, enum tw_lang lang)
{
    struct tw_doc *doc = tw_doc_new(arena, lang, "twinwall.certificates/1");
    tw_value_add(arena, doc->data, "walls", TW_VALUE_ARRAY);
    return doc;
}

/* --- words ----------------------------------------------------------------------- */

static struct tw_str verdict_name(enum tw_rule_state state)
{
    static const char *const names[] = {
        [TW_RULE_UNMATCHABLE] = "unmatchable", [TW_RULE_DEAD] = "dead",
        [TW_RULE_PARTLY] = "partly",           [TW_RULE_LIVE] = "live",
        [TW_RULE_UNDECIDED] = "undecided",
    };
    return tw_str_of(names[state]);
}

static struct tw_str doubt_name(enum tw_cover_doubt doubt)
{
    static const char *const names[] = {
        [TW_WHY_NONE] = "",         [TW_WHY_BUDGET] = "budget",
        [TW_WHY_EFFECT] = "effect", [TW_WHY_MARKS] = "marks",
        [TW_WHY_REPLAY] = "replay",
    };
    return tw_str_of(names[doubt]);
}

static struct tw_str state_name(enum tw_state state)
{
    switch (state) {
    case TW_STATE_INVALID:
        return TW_STR("INVALID");
    case TW_STATE_NEW:
        return TW_STR("NEW");
    case TW_STATE_ESTABLISHED:
        return TW_STR("ESTABLISHED");
    case TW_STATE_RELATED:
        return TW_STR("RELATED");
    default:
        return TW_STR("UNTRACKED");
    }
}

/* --- witnesses ------------------------------------------------------------------- */

static void add_flags(struct tw_arena *arena, struct tw_value *object, unsigned flags)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
    struct tw_value *list = tw_value_add(arena, object, "tcp_flags", TW_VALUE_ARRAY);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags >> i & 1)
            tw_value_add_text(arena, list, NULL, tw_str_of(names[i]));
}

static void add_values(struct certifier *c, struct tw_value *object,
                       const struct tw_situation *s)
{
    struct tw_arena *arena = c->doc->arena;
    struct tw_value *list = tw_value_add(arena, object, "values", TW_VALUE_ARRAY);
    for (size_t i = 0; i < s->nvalues; i++) {
        const struct tw_unknown *u = &c->policy->unknowns.at[s->values[i].unknown];
        struct tw_value *v = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
        uint32_t value = s->values[i].value;
        tw_value_add_text(arena, v, "condition", u->name);
        if (u->values)
            tw_value_add_text(arena, v, "value", u->values[value]);
        else
            tw_value_add_bool(arena, v, "value", value == 1);
    }
}

static void add_witness(struct certifier *c, struct tw_value *object,
                        const struct tw_situation *s)
{
    struct tw_arena *arena = c->doc->arena;
    struct tw_value *v = tw_value_add(arena, object, "witness", TW_VALUE_OBJECT);
    tw_packet_value(arena, tw_value_add(arena, v, "packet", TW_VALUE_OBJECT),
                    &s->packet);
    tw_value_add_text(arena, v, "state", state_name(s->packet.state));
    if (s->packet.proto == TW_PROTO_TCP)
        add_flags(arena, v, s->packet.tcp_flags);
    add_values(c, v, s);
}

static void add_confirmed(struct certifier *c, struct tw_value *object, bool confirmed)
{
    tw_value_add_bool(c->doc->arena, object, "confirmed", confirmed);
    if (confirmed)
        c->sum.confirmed++;
    else
        c->sum.refuted++;
}

static void add_unconfirmed(struct certifier *c, struct tw_value *object,
                            const char *why)
{
    tw_value_add_null(c->doc->arena, object, "confirmed");
    tw_value_add_text(c->doc->arena, object, "unconfirmed", tw_str_of(why));
    c->sum.unconfirmed++;
}

static void certify_reached(struct certifier *c, struct tw_value *object, uint32_t rule)
{
    struct tw_situation s;
    if (!tw_cover_witness(c->work, c->cover, rule, &s)) {
        add_unconfirmed(c, object, "size");
        return;
    }
    add_witness(c, object, &s);
    add_confirmed(c, object, tw_cover_confirm(c->work, c->crossing, rule, &s));
}

/* --- covers ---------------------------------------------------------------------- */

static void name_by(struct certifier *c, uint32_t rule)
{
    enum { SHOWN = 200 }; /* bytes */
    if (c->by.len >= SHOWN)
        return;
    tw_buf_text(&c->by, c->by.len ? ", " : "");
    tw_buf_printable(&c->by, c->policy->rules.at[rule].id);
    tw_buf_text(&c->by, c->by.len >= SHOWN ? " …" : "");
}

static void add_rule(struct certifier *c, struct tw_value *object, uint32_t rule)
{
    const struct tw_rule *r = &c->policy->rules.at[rule];
    tw_value_add_text(c->doc->arena, object, "rule", r->id);
    tw_place_value(c->doc->arena, object, r->at);
}

static void certify_dead(struct certifier *c, struct tw_value *object, uint32_t rule)
{
    struct tw_arena *arena = c->doc->arena;
    struct tw_explained why;
    if (!tw_cover_explain(c->work, c->cover, rule, &why)) {
        add_unconfirmed(c, object, "size");
        return;
    }
    struct tw_value *list = tw_value_add(arena, object, "cover", TW_VALUE_ARRAY);
    for (size_t i = 0; i < why.nrules; i++) {
        add_rule(c, tw_value_add(arena, list, NULL, TW_VALUE_OBJECT), why.rules[i]);
        name_by(c, why.rules[i]);
    }
    tw_value_add_bool(arena, object, "by_policy", why.by_policy);
    tw_value_add_bool(arena, object, "minimal", why.minimal);
    tw_value_add_bool(arena, object, "opposed", why.opposed);
    enum tw_recheck checked = why.by_policy
                                  ? TW_RECHECK_ELSEWHERE
                                  : tw_recheck_cover(c->work, c->crossing, rule,
                                                     why.rules, why.nrules, CELLS_MAX);
    switch (checked) {
    case TW_RECHECK_HOLDS:
    case TW_RECHECK_FAILS:
        add_confirmed(c, object, checked == TW_RECHECK_HOLDS);
        break;
    case TW_RECHECK_TOO_LARGE:
        add_unconfirmed(c, object, "size");
        break;
    case TW_RECHECK_ELSEWHERE:
        add_unconfirmed(c, object, "chains");
        break;
    }
}

/* --- walls ----------------------------------------------------------------------- */

static enum tw_tone tone_of(enum tw_rule_state state)
{
    return state == TW_RULE_UNDECIDED ? TW_DOUBT
           : state == TW_RULE_DEAD    ? TW_BAD
                                      : TW_PLAIN;
}

static void add_row(struct certifier *c, enum tw_rule_state state, uint32_t rule)
{
    struct tw_arena *arena = c->doc->arena;
    const struct tw_rule *r = &c->policy->rules.at[rule];
    if (state == TW_RULE_LIVE || r->disabled)
        return;
    struct tw_str by = tw_str_copy(arena, tw_buf_view(&c->by));
    struct tw_cell cells[] = {
        TW_CELL_TONE(verdict_name(state), tone_of(state)),
        TW_CELL_TONE(tw_printable(arena, r->id), TW_STRONG),
        TW_CELL(tw_place_text(arena, r->at)),
        TW_CELL_TONE(by.len ? TW_SAY(arena, c->doc->lang, TW_M_certificates_by, by)
                            : TW_STR(""),
                     TW_DIM),
        TW_CELL_TONE(c->left.len ? TW_SAY(arena, c->doc->lang, TW_M_certificates_left,
                                          tw_printable(arena, c->left))
                                 : TW_STR(""),
                     TW_DIM)};
    tw_doc_row(c->doc, c->table, sizeof cells / sizeof cells[0], cells);
}

static void certify(struct certifier *c, struct tw_value *list, uint32_t rule)
{
    struct tw_arena *arena = c->doc->arena;
    struct tw_value *object = tw_value_add(arena, list, NULL, TW_VALUE_OBJECT);
    struct tw_rule_answer answer = tw_cover_rule(c->cover, rule);
    c->sum.verdicts[answer.state]++;
    add_rule(c, object, rule);
    if (c->policy->rules.at[rule].disabled)
        tw_value_add_bool(arena, object, "disabled", true);
    tw_value_add_text(arena, object, "verdict", verdict_name(answer.state));
    tw_buf_init(&c->by, c->work);
    c->left = TW_STR("");
    if (answer.state == TW_RULE_PARTLY && answer.by != TW_NO_RULE)
        name_by(c, answer.by);
    switch (answer.state) {
    case TW_RULE_PARTLY:
    case TW_RULE_LIVE:
        if (answer.state == TW_RULE_PARTLY &&
            c->sum.verdicts[TW_RULE_PARTLY] <= LEFT_MAX)
            c->left = tw_left_boxes(arena, c->work, c->cover, c->policy, rule, object);
        certify_reached(c, object, rule);
        break;
    case TW_RULE_DEAD:
        certify_dead(c, object, rule);
        break;
    case TW_RULE_UNDECIDED:
        tw_value_add_text(arena, object, "why", doubt_name(answer.doubt));
        tw_buf_str(&c->by, doubt_name(answer.doubt));
        break;
    default:
        break;
    }
    add_row(c, answer.state, rule);
}

static void add_totals(const struct certifier *c, struct tw_value *wall)
{
    struct tw_arena *arena = c->doc->arena;
    struct tw_value *by =
        tw_value_add(arena, wall, "rules_by_verdict", TW_VALUE_OBJECT);
    for (int s = 0; s < TW_RULE_STATES; s++)
        tw_value_add_int(arena, by, verdict_name((enum tw_rule_state)s).ptr,
                         c->sum.verdicts[s]);
    tw_value_add_int(arena, wall, "confirmed", c->sum.confirmed);
    tw_value_add_int(arena, wall, "refuted", c->sum.refuted);
}

static struct tw_str number(const struct certifier *c, uint64_t n)
{
    return tw_thousands(c->doc->arena, n);
}

static void add_totals_text(const struct certifier *c)
{
    const uint64_t *n = c->sum.verdicts;
    enum tw_lang lang = c->doc->lang;
    struct tw_arena *arena = c->doc->arena;
    uint64_t asked = c->sum.confirmed + c->sum.refuted;
    tw_doc_gap(c->doc);
    tw_doc_line(c->doc, TW_BLOCK_LINE, 0, c->sum.refuted ? TW_BAD : TW_GOOD,
                TW_SAY(arena, lang, TW_M_certificates_confirmed,
                       number(c, c->sum.confirmed), number(c, asked),
                       number(c, c->sum.unconfirmed)));
    tw_doc_line(c->doc, TW_BLOCK_TOTALS, 0, TW_PLAIN,
                TW_SAY(arena, lang, TW_M_certificates_totals,
                       number(c, c->policy->rules.len), number(c, n[TW_RULE_LIVE]),
                       number(c, n[TW_RULE_PARTLY]), number(c, n[TW_RULE_DEAD]),
                       number(c, n[TW_RULE_UNMATCHABLE]),
                       number(c, n[TW_RULE_UNDECIDED])));
}

/* The array that tw_certificates_new() made. */
static struct tw_value *walls_of(const struct tw_doc *doc)
{
    struct tw_value *v = doc->data->first;
    while (!tw_str_is(v->key, "walls"))
        v = v->next;
    return v;
}

struct tw_certified tw_certificates_add(struct tw_doc *doc, struct tw_str name,
                                        const struct tw_policy *policy,
                                        const struct tw_crossing *crossing)
{
    struct tw_arena *arena = doc->arena, *engine = tw_arena_child(arena);
    struct tw_value *wall = tw_value_add(arena, walls_of(doc), NULL, TW_VALUE_OBJECT);
    /* What boxes leave open, the diagrams may still decide. */
    struct tw_cover_escape escape = tw_idd_escape(engine, tw_idd_covers_budget());
    struct tw_cover_options options = {.escape = &escape};
    struct certifier c = {.doc = doc,
                          .work = tw_arena_child(engine),
                          .crossing = crossing,
                          .policy = policy,
                          .cover = tw_cover_new(engine, crossing, &options)};
    tw_value_add_text(arena, wall, "wall", name);
    tw_value_add_text(arena, wall, "hook",
                      crossing->hook == TW_HOOK_INPUT ? TW_STR("input")
                                                      : TW_STR("forward"));
    struct tw_value *rules = tw_value_add(arena, wall, "rules", TW_VALUE_ARRAY);
    c.table = tw_doc_table(doc, 0, false);
    for (uint32_t i = 0; i < policy->rules.len; i++) {
        certify(&c, rules, i);
        tw_arena_release(c.work);
    }
    add_totals(&c, wall);
    add_totals_text(&c);
    tw_arena_release(engine);
    return c.sum;
}

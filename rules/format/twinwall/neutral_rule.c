/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the neutral XML and what they match. */
#include "neutral.h"
#include "policy_words.h"

#define MATCH_ATTRS                                                              \
    "never", "family", "src", "dst", "proto", "sport", "dport", "icmp", "state", \
        "flags", "marks", "in", "out", "app", "if"
#define RULE_ATTRS                                                                   \
    "name", "action", "chain", "set", "nothing", "understood", "disabled", "logged", \
        "default", "counted", "expires", "packets", "bytes", "comment"

static struct tw_str say(const struct tw_neutral *r, enum tw_message want)
{
    return TW_SAY(r->diags->arena, r->diags->lang, want);
}

/* A list that says nothing may be one that lost its items. */
static const struct tw_xml_attr *list_attr(struct tw_neutral *r, const struct tw_xml *e,
                                           const char *name, enum tw_message want)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    if (a && tw_str_trim(a->value).len == 0) {
        tw_neutral_bad(r, a, a->value, say(r, want));
        return NULL;
    }
    return a;
}

/* --- products -----------------------------------------------------------------------
 */

static void read_states(struct tw_neutral *r, const struct tw_xml *e,
                        struct tw_match *m)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, "state");
    if (!a)
        return;
    struct tw_str rest = a->value, item;
    while (tw_next_item(&rest, ' ', &item)) {
        int bit = tw_word_index(tw_words_of_state, item);
        if (bit >= 0)
            m->states |= 1u << bit;
        else
            m->states = UINT32_MAX;
    }
    if (m->states == 0 || m->states > TW_STATE_ALL)
        tw_neutral_bad(r, a, a->value,
                       TW_SAY(r->diags->arena, r->diags->lang, TW_M_want_one_of,
                              TW_STR("invalid, new, established, related, untracked")));
}

/* syn,ack as bits; none: 0. */
static bool parse_flags(struct tw_str s, uint8_t *bits)
{
    struct tw_str piece;
    *bits = 0;
    if (tw_str_is(s, TW_WORD_NONE))
        return true;
    while (tw_str_split(&s, ',', &piece)) {
        int bit = tw_word_index(tw_words_of_flag, piece);
        if (bit < 0)
            return false;
        *bits = (uint8_t)(*bits | 1u << bit);
    }
    return true;
}

static void read_flags(struct tw_neutral *r, const struct tw_xml *e, struct tw_match *m)
{
    const struct tw_xml_attr *a = list_attr(r, e, "flags", TW_M_want_flags);
    TW_VEC(struct tw_flags_test) tests = {0};
    if (!a)
        return;
    struct tw_str rest = a->value, item;
    while (tw_next_item(&rest, ' ', &item)) {
        struct tw_flags_test t = {.negated = tw_str_starts(item, "!")};
        struct tw_str s = tw_str_from(item, t.negated);
        size_t slash = tw_str_find(s, '/');
        if (slash < s.len && parse_flags(tw_str_first(s, slash), &t.value) &&
            parse_flags(tw_str_from(s, slash + 1), &t.mask))
            *tw_vec_add(r->arena, &tests) = t;
        else
            tw_neutral_bad(r, a, item, say(r, TW_M_want_flags));
    }
    m->flags = tests.at;
    m->nflags = tests.len;
}

/* 0x1/0xff */
static bool parse_masked(struct tw_str s, uint32_t *value, uint32_t *mask)
{
    size_t slash = tw_str_find(s, '/');
    uint64_t v, k;
    if (!tw_parse_u64_any(tw_str_first(s, slash), UINT32_MAX, &v) ||
        !tw_parse_u64_any(tw_str_from(s, slash + 1), UINT32_MAX, &k))
        return false;
    *value = (uint32_t)v;
    *mask = (uint32_t)k;
    return true;
}

/* !connmark=0x1/0xff?u3: the unknown decides where the mark is not known. */
static bool read_mark(struct tw_neutral *r, const struct tw_xml_attr *a,
                      struct tw_str item, struct tw_mark_test *t)
{
    *t = (struct tw_mark_test){.negated = tw_str_starts(item, "!")};
    struct tw_str s = tw_str_from(item, t->negated);
    t->of_connection = tw_str_starts(s, "conn");
    s = tw_str_from(s, t->of_connection ? 4 : 0);
    size_t question = tw_str_find(s, '?');
    if (!tw_str_starts(s, "mark=") || question == s.len ||
        !parse_masked(tw_str_from(tw_str_first(s, question), 5), &t->value, &t->mask)) {
        tw_neutral_bad(r, a, item, say(r, TW_M_want_marks));
        return false;
    }
    t->unknown = tw_neutral_find_unknown(r, a, tw_str_from(s, question + 1));
    if (t->unknown == UINT32_MAX)
        return false;
    bool fits = !r->policy->unknowns.at[t->unknown].values;
    if (!fits)
        tw_neutral_bad(r, a, item, say(r, TW_M_want_marks));
    return fits;
}

static void read_marks(struct tw_neutral *r, const struct tw_xml *e, struct tw_match *m)
{
    const struct tw_xml_attr *a = list_attr(r, e, "marks", TW_M_want_marks);
    TW_VEC(struct tw_mark_test) tests = {0};
    if (!a)
        return;
    struct tw_str rest = a->value, item;
    struct tw_mark_test test;
    while (tw_next_item(&rest, ' ', &item))
        if (read_mark(r, a, item, &test))
            *tw_vec_add(r->arena, &tests) = test;
    m->marks = tests.at;
    m->nmarks = tests.len;
}

/* --- conditions ---------------------------------------------------------------------
 */

/* in="eth0 'DMZ 1'": the policy's own unknowns. */
static void read_choice(struct tw_neutral *r, const struct tw_xml *e, const char *name,
                        uint32_t unknown)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    if (!a)
        return;
    if (unknown == UINT32_MAX) {
        TW_DIAG(r->diags, TW_D_neutral_undeclared, a->at, TW_STR("unknown attribute"),
                a->name);
        return;
    }
    const uint64_t *set = tw_neutral_set(r, a, unknown, a->value, ' ');
    *tw_vec_add(r->arena, &r->conditions) = (struct tw_condition){unknown, set};
}

/* u3=any and u3=none, for yes-or-no questions; NULL: neither. */
static const uint64_t *constant_set(struct tw_str s)
{
    static const uint64_t none = 0, any = 3;
    return tw_str_is(s, "any") ? &any : tw_str_is(s, TW_WORD_NONE) ? &none : NULL;
}

/* u3, !u3, u7=a|'b c', u7=!a */
static void read_condition(struct tw_neutral *r, const struct tw_xml_attr *a,
                           struct tw_str item)
{
    bool negated = tw_str_starts(item, "!");
    struct tw_str s = tw_str_from(item, negated);
    size_t equals = tw_str_find(s, '=');
    uint32_t unknown = tw_neutral_find_unknown(r, a, tw_str_first(s, equals));
    if (unknown == UINT32_MAX)
        return;
    const struct tw_unknown *u = &r->policy->unknowns.at[unknown];
    struct tw_condition c = tw_condition_yes(unknown, negated);
    bool has_list = equals < s.len;
    struct tw_str list = tw_str_from(s, equals + 1);
    if (u->values && has_list && !negated)
        c.allowed = tw_neutral_set(r, a, unknown, list, '|');
    else if (!u->values && has_list && !negated)
        c.allowed = constant_set(list);
    else if (u->values || has_list)
        c.allowed = NULL;
    if (!c.allowed && !(u->values && has_list && !negated))
        tw_neutral_bad(r, a, item, say(r, TW_M_want_conditions));
    *tw_vec_add(r->arena, &r->conditions) = c;
}

static void read_conditions(struct tw_neutral *r, const struct tw_xml *e,
                            struct tw_match *m)
{
    const struct tw_xml_attr *a = list_attr(r, e, "if", TW_M_want_conditions);
    r->conditions.len = 0;
    read_choice(r, e, "in", r->policy->in_if);
    read_choice(r, e, "out", r->policy->out_if);
    read_choice(r, e, "app", r->policy->app);
    if (a) {
        struct tw_str rest = a->value, item;
        while (tw_next_item(&rest, ' ', &item))
            read_condition(r, a, item);
    }
    size_t n = r->conditions.len;
    struct tw_condition *kept = tw_new_array(r->arena, n, struct tw_condition);
    for (size_t i = 0; i < n; i++)
        kept[i] = r->conditions.at[i];
    m->conditions = n ? kept : NULL;
    m->nconditions = n;
}

/* --- what must fit together ---------------------------------------------------------
 */

static bool all_protocols(const struct tw_match *m, bool (*fits)(unsigned))
{
    for (size_t i = 0; m->proto && i < m->proto->n; i++)
        for (unsigned p = (unsigned)m->proto->at[i].lo; p <= m->proto->at[i].hi; p++)
            if (!fits(p))
                return false;
    return m->proto != NULL;
}

static bool is_tcp(unsigned proto)
{
    return proto == TW_PROTO_TCP;
}

static bool is_icmp4(unsigned proto)
{
    return tw_proto_is_icmp(proto, TW_IPV4);
}

static bool is_icmp6(unsigned proto)
{
    return tw_proto_is_icmp(proto, TW_IPV6);
}

static bool is_icmp(unsigned proto)
{
    return is_icmp4(proto) || is_icmp6(proto);
}

/* Ports, flags and ICMP types hold only for protocols that have them. */
static void check_protocols(struct tw_neutral *r, const struct tw_xml *e,
                            const struct tw_match *m)
{
    bool (*icmp)(unsigned) = m->families == 1u << TW_IPV4   ? is_icmp4
                             : m->families == 1u << TW_IPV6 ? is_icmp6
                                                            : is_icmp;
    const struct {
        const char *name, *protocols;
        bool (*fits)(unsigned);
    } needs[] = {{"sport", "tcp udp dccp sctp udplite", tw_proto_has_ports},
                 {"dport", "tcp udp dccp sctp udplite", tw_proto_has_ports},
                 {"icmp", "icmp ipv6-icmp", icmp},
                 {"flags", "tcp", is_tcp}};
    const struct tw_xml_attr *proto = tw_neutral_attr(e, "proto");
    for (size_t i = 0; i < sizeof needs / sizeof needs[0] && (m->proto || !proto);
         i++) {
        const struct tw_xml_attr *a = tw_neutral_attr(e, needs[i].name);
        if (a && !all_protocols(m, needs[i].fits))
            TW_DIAG(r->diags, TW_D_neutral_protocol, a->at, a->name,
                    tw_str_of(needs[i].protocols));
    }
}

static const struct tw_ranges *read_addresses(struct tw_neutral *r,
                                              const struct tw_xml *e, const char *name,
                                              int family)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    if (!a || family >= 0)
        return a ? tw_neutral_addresses(r, e, name, (enum tw_family)family) : NULL;
    TW_DIAG(r->diags, TW_D_neutral_family, a->at, a->name);
    return NULL;
}

static struct tw_match read_match(struct tw_neutral *r, const struct tw_xml *e)
{
    int own = tw_neutral_word(r, e, "family", tw_words_of_family, false);
    int family = own >= 0 ? own : r->family;
    struct tw_match m = {.never = tw_neutral_yes(r, e, "never", false)};
    m.families = family >= 0 ? 1u << family : 0;
    m.src = read_addresses(r, e, "src", family);
    m.dst = read_addresses(r, e, "dst", family);
    m.proto = tw_neutral_protocols(r, e);
    m.sport = tw_neutral_ports(r, e, "sport");
    m.dport = tw_neutral_ports(r, e, "dport");
    m.icmp = tw_neutral_icmp(r, e);
    check_protocols(r, e, &m);
    read_states(r, e, &m);
    read_flags(r, e, &m);
    read_marks(r, e, &m);
    read_conditions(r, e, &m);
    return m;
}

/* --- rules --------------------------------------------------------------------------
 */

/* Seconds since 1970. */
static int64_t read_moment(struct tw_neutral *r, const struct tw_xml *e,
                           const char *name)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, name);
    struct tw_time t = {0};
    if (a && (!tw_time_parse(a->value, &t) || !t.has_offset || t.nano || t.day < 0))
        tw_neutral_bad(r, a, a->value, say(r, TW_M_want_moment));
    return a ? t.day * 86400 + t.second : 0;
}

static void read_hits(struct tw_neutral *r, const struct tw_xml *e,
                      struct tw_rule *rule)
{
    static const char *const known[] = {"count",   "first",    "last", "reset",
                                        "created", "modified", NULL};
    struct tw_hits *hits = tw_new(r->arena, struct tw_hits);
    tw_neutral_know(r, e, known);
    hits->count = tw_neutral_number(r, e, "count", UINT64_MAX, true);
    hits->first = read_moment(r, e, "first");
    hits->last = read_moment(r, e, "last");
    hits->reset = read_moment(r, e, "reset");
    hits->created = read_moment(r, e, "created");
    hits->modified = read_moment(r, e, "modified");
    rule->hits = hits;
}

static void read_action(struct tw_neutral *r, const struct tw_xml *e,
                        struct tw_rule *rule)
{
    const struct tw_xml_attr *action = tw_neutral_attr(e, "action");
    const struct tw_xml_attr *set = tw_neutral_attr(e, "set");
    rule->reject = action && tw_str_is(action->value, TW_WORD_REJECT);
    int index = rule->reject
                    ? TW_ACTION_DENY
                    : tw_neutral_word(r, e, "action", tw_words_of_action, true);
    if (index < 0)
        return;
    rule->action = (enum tw_action)index;
    bool calls = index == TW_ACTION_CALL || index == TW_ACTION_GOTO;
    bool marks = index >= TW_ACTION_SET_MARK && index <= TW_ACTION_SET_CONNMARK;
    const struct tw_xml_attr *chain = tw_neutral_attr(e, "chain");
    const struct {
        const struct tw_xml_attr *attr;
        const char *name;
        bool wanted;
    } parts[] = {{chain, "chain", calls}, {set, "set", marks}};
    for (size_t i = 0; i < 2; i++)
        if (!parts[i].attr != !parts[i].wanted)
            TW_DIAG(r->diags,
                    parts[i].wanted ? TW_D_neutral_missing : TW_D_neutral_attr,
                    parts[i].wanted ? e->start : parts[i].attr->at, e->name,
                    tw_str_of(parts[i].name));
    if (calls && chain)
        *tw_vec_add(r->arena, &r->links) =
            (struct tw_neutral_link){.chain = tw_neutral_text(r, e, "chain", true),
                                     .at = chain->at,
                                     .rule = (uint32_t)r->policy->rules.len};
    if (marks && set && !parse_masked(set->value, &rule->value, &rule->mask))
        tw_neutral_bad(r, set, set->value, say(r, TW_M_want_set));
    r->policy->uses_marks |= marks;
    r->policy->uses_notrack |= index == TW_ACTION_NOTRACK;
}

/* One product in the rule's own attributes, none, or one in each <match>. */
static void read_matches(struct tw_neutral *r, const struct tw_xml *e,
                         struct tw_rule *rule)
{
    static const char *const known[] = {MATCH_ATTRS, NULL};
    static const char *const of_rule[] = {RULE_ATTRS, MATCH_ATTRS, NULL};
    static const char *const without[] = {RULE_ATTRS, NULL};
    bool nothing = tw_neutral_yes(r, e, "nothing", false);
    size_t room = 1, n = 0;
    for (const struct tw_xml *c = e->first; c; c = c->next)
        room++;
    struct tw_match *list = tw_new_array(r->arena, room, struct tw_match);
    for (const struct tw_xml *c = e->first; c; c = c->next) {
        bool ours = tw_str_eq(c->ns, e->ns) && !c->first;
        if (ours && tw_str_is(c->name, "match") && !nothing) {
            tw_neutral_know(r, c, known);
            list[n++] = read_match(r, c);
        } else if (ours && tw_str_is(c->name, "hits") && !rule->hits) {
            read_hits(r, c, rule);
        } else {
            TW_DIAG(r->diags, TW_D_neutral_element, c->start, c->name, e->name);
        }
    }
    tw_neutral_know(r, e, n || nothing ? without : of_rule);
    if (n == 0 && !nothing)
        list[n++] = read_match(r, e);
    rule->matches = list;
    rule->nmatches = n;
}

/* The day is held against today, as when the export itself is read. */
static void read_expiry(struct tw_neutral *r, const struct tw_xml *e,
                        struct tw_rule *rule)
{
    const struct tw_xml_attr *a = tw_neutral_attr(e, "expires");
    struct tw_time time;
    rule->expires_day = INT64_MAX;
    if (!a)
        return;
    if (!tw_time_parse(a->value, &time) || time.has_clock) {
        tw_neutral_bad(r, a, a->value, say(r, TW_M_want_date));
        return;
    }
    rule->expires = true;
    rule->expires_day = time.day;
    if (time.day >= r->now.day)
        return;
    TW_DIAG(r->diags, TW_D_allow_expired, a->at, rule->id, a->value);
    rule->expired = !rule->disabled;
    rule->disabled = true;
}

void tw_neutral_rule(struct tw_neutral *r, const struct tw_xml *e)
{
    struct tw_policy *policy = r->policy;
    struct tw_chain *chain = &policy->chains.at[policy->chains.len - 1];
    struct tw_rule rule = {.id = tw_neutral_text(r, e, "name", false),
                           .index = chain->count + 1,
                           .chain_of = (uint32_t)policy->chains.len - 1,
                           .at = e->at,
                           .comment = tw_neutral_text(r, e, "comment", false),
                           .filtering = tw_neutral_yes(r, e, "counted", r->counted),
                           .disabled = tw_neutral_yes(r, e, "disabled", false),
                           .understood = tw_neutral_yes(r, e, "understood", true),
                           .logged = tw_neutral_yes(r, e, "logged", false),
                           .is_default = tw_neutral_yes(r, e, "default", false)};
    if (!tw_neutral_attr(e, "name")) {
        struct tw_buf id;
        tw_buf_init(&id, r->arena);
        tw_buf_str(&id, chain->name);
        tw_buf_fmt(&id, "#%u", (unsigned)rule.index);
        rule.id = tw_buf_view(&id);
    }
    read_action(r, e, &rule);
    read_matches(r, e, &rule);
    read_expiry(r, e, &rule);
    rule.has_counters = tw_neutral_attr(e, "packets") != NULL;
    if (rule.has_counters || tw_neutral_attr(e, "bytes")) {
        rule.packets = tw_neutral_number(r, e, "packets", UINT64_MAX, true);
        rule.bytes = tw_neutral_number(r, e, "bytes", UINT64_MAX, true);
    }
    if (!rule.understood)
        *tw_vec_add(r->arena, &policy->not_understood) = e->start;
    *tw_vec_add(r->arena, &policy->rules) = rule;
    chain->count++;
}

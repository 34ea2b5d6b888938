/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The neutral XML: every policy of the fixtures and random ones with every field there
 * is are written, read again, held against the first field by field, and written again
 * to the same bytes. Documents that contradict themselves are refused, each with its
 * diagnostic.
 */
#include <dirent.h>
#include <stdlib.h>

#include "format.h"
#include "input.h"
#include "policy_same.h"
#include "policy_write.h"

static struct tw_arena arena;
static struct tw_diags diags;
static const struct tw_format_options options = {.now = {.day = 20000}};

static int setup(void **state)
{
    (void)state;
    tw_arena_init(&arena, (size_t)1 << 30);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tw_arena_release(&arena);
    return 0;
}

static struct tw_str written(const struct tw_policy *policy)
{
    const struct tw_write_options all = {.without_counters = false};
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_policy_write_xml(policy, &all, &buf);
    return tw_buf_view(&buf);
}

static struct tw_policy *read_again(struct tw_str xml)
{
    const struct tw_source *src =
        tw_source_decode(&arena, TW_STR("again.xml"), xml, TW_STR(""), &diags);
    assert_non_null(src);
    struct tw_policy *policy =
        tw_policy_read(&arena, TW_STR("again"), NULL, &src, 1, &options, &diags);
    if (!policy) {
        struct tw_buf told;
        tw_buf_init(&told, &arena);
        tw_diags_print(&diags, false, true, &told);
        fail_msg("refused: %.*s\n%.*s", (int)told.len, told.ptr, (int)xml.len, xml.ptr);
    }
    return policy;
}

static void check_round_trip(const struct tw_policy *policy)
{
    struct tw_str xml = written(policy);
    struct tw_policy *again = read_again(xml);
    same_policy(policy, again);
    struct tw_receipt was = tw_policy_receipt(policy), is = tw_policy_receipt(again);
    assert_int_equal(was.rules, is.rules);
    assert_int_equal(was.understood, is.understood);
    struct tw_str twice = written(again);
    if (!tw_str_eq(xml, twice))
        fail_msg("not the same again:\n%.*s\n%.*s", (int)xml.len, xml.ptr,
                 (int)twice.len, twice.ptr);
}

/* --- fixtures -----------------------------------------------------------------------
 */

static void check_fixture(const struct tw_format *format, const char *path)
{
    const struct tw_source *src = tw_source_load(&arena, tw_str_of(path), TW_STR("in"),
                                                 1 << 24, TW_STR(""), &diags);
    assert_non_null(src);
    const struct tw_policy *policy =
        tw_policy_read(&arena, TW_STR("wall"), format, &src, 1, &options, &diags);
    assert_non_null(policy);
    check_round_trip(policy);
}

static void every_fixture_that_reads_comes_back(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct tw_format *const *f = tw_formats; *f; f++) {
        struct tw_str folder =
            tw_fmt(&arena, "%s/policies/%s", TW_FIXTURES, (*f)->name);
        struct dirent **entries;
        int n = scandir(tw_str_cstr(&arena, folder), &entries, NULL, alphasort);
        assert_true(n > 0);
        for (int i = 0; i < n; i++) {
            struct tw_str name = tw_str_of(entries[i]->d_name);
            if (tw_str_ends(name, ".ok")) {
                struct tw_str path = tw_fmt(&arena, "%.*s/%.*s.in", (int)folder.len,
                                            folder.ptr, (int)name.len - 3, name.ptr);
                check_fixture(*f, tw_str_cstr(&arena, path));
                count++;
            }
            free(entries[i]);
        }
        free(entries);
    }
    assert_true(count > 15);
}

/* --- random policies ----------------------------------------------------------------
 */

static uint64_t seed;

static uint32_t draw(uint32_t sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % sides;
}

/* Names that are hard on lists, attributes and escapes. */
static struct tw_str hard_name(uint32_t number)
{
    static const struct tw_str names[] = {
        TW_STR("eth0"),         TW_STR("DMZ 1"),
        TW_STR("it's"),         TW_STR("!no"),
        TW_STR("(none)"),       TW_STR("@web"),
        TW_STR("a|b"),          TW_STR("a=b"),
        TW_STR("corp\\alice"),  TW_STR("\\x41"),
        TW_STR("\x01\x1f"),     TW_STR("\xff\xfe"),
        TW_STR("\xef\xbf\xbf"), TW_STR("tab\tline\nend\r"),
        TW_STR("<&\">"),        TW_STR("\xe6\x9c\x8d\xe5\x8a\xa1"),
        TW_STR("nul\0nul"),     TW_STR("\\"),
        TW_STR("]]>"),          TW_STR("&#10;"),
        TW_STR("none"),         TW_STR(" "),
        TW_STR("any"),          TW_STR("-")};
    struct tw_str base = names[draw(sizeof names / sizeof names[0])];
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_buf_str(&buf, base);
    tw_buf_u64(&buf, number); /* no two are the same */
    return tw_buf_view(&buf);
}

static const struct tw_ranges *some_ranges(tw_u128 max, uint32_t most)
{
    struct tw_range at[40];
    uint32_t n = draw(most + 1);
    for (uint32_t i = 0; i < n; i++) {
        tw_u128 lo =
            ((tw_u128)draw(UINT32_MAX) << 96 | (tw_u128)draw(UINT32_MAX) << 64 |
             (tw_u128)draw(UINT32_MAX) << 32 | draw(UINT32_MAX));
        lo = max == TW_IPV6_MAX ? lo : lo % (max + 1);
        tw_u128 span = draw(3) ? draw(300) : max;
        tw_u128 hi = span > max - lo ? max : lo + span;
        at[i] = (struct tw_range){lo, hi};
    }
    return tw_ranges_of(&arena, at, n);
}

static const struct tw_ranges *maybe(const struct tw_ranges *ranges)
{
    return draw(3) ? ranges : NULL;
}

static const uint64_t *some_set(size_t nvalues)
{
    uint64_t *set = tw_new_array(&arena, (nvalues + 63) / 64, uint64_t);
    uint32_t odds = 1 + draw(4);
    for (size_t v = 0; v < nvalues; v++)
        if (draw(odds) == 0)
            set[v / 64] |= (uint64_t)1 << v % 64;
    return set;
}

static void random_conditions(const struct tw_policy *p, struct tw_match *m)
{
    struct tw_condition *c = tw_new_array(&arena, 4, struct tw_condition);
    m->nconditions = draw(5);
    for (size_t i = 0; i < m->nconditions; i++) {
        c[i].unknown = draw((uint32_t)p->unknowns.len);
        c[i].allowed = some_set(p->unknowns.at[c[i].unknown].nvalues);
    }
    m->conditions = c;
}

static void random_tests(const struct tw_policy *p, struct tw_match *m)
{
    struct tw_flags_test *flags = tw_new_array(&arena, 2, struct tw_flags_test);
    struct tw_mark_test *marks = tw_new_array(&arena, 2, struct tw_mark_test);
    m->nflags = m->proto && m->proto->n == 1 && m->proto->at[0].lo == TW_PROTO_TCP &&
                        m->proto->at[0].hi == TW_PROTO_TCP
                    ? draw(3)
                    : 0;
    for (size_t i = 0; i < m->nflags; i++)
        flags[i] =
            (struct tw_flags_test){(uint8_t)draw(256), (uint8_t)draw(256), draw(2)};
    m->nmarks = draw(8) ? 0 : 1 + draw(2);
    for (size_t i = 0; i < m->nmarks; i++) {
        marks[i] = (struct tw_mark_test){draw(UINT32_MAX), draw(UINT32_MAX), draw(2),
                                         draw(2), draw((uint32_t)p->unknowns.len)};
        while (p->unknowns.at[marks[i].unknown].values)
            marks[i].unknown = draw((uint32_t)p->unknowns.len);
    }
    m->flags = flags;
    m->marks = marks;
}

static struct tw_match random_match(const struct tw_policy *p)
{
    static const unsigned protocols[] = {6, 17, 1, 58, 47};
    enum tw_family family = (enum tw_family)draw(TW_FAMILIES);
    struct tw_match m = {.families = draw(4) ? 1u << family : 0, .never = draw(9) == 0};
    if (m.families) {
        m.src = maybe(some_ranges(tw_ip_max(family), 9));
        m.dst = maybe(some_ranges(tw_ip_max(family), 9));
        if (p->objects.len && draw(4) == 0)
            m.src = p->objects.at[draw((uint32_t)p->objects.len)].addresses[family];
    }
    unsigned proto = protocols[draw(5)];
    switch (draw(4)) {
    case 0:
        m.proto = maybe(some_ranges(255, 4));
        break;
    default:
        m.proto = tw_ranges_one(&arena, proto, proto);
        bool icmp = proto == 1 || proto == 58;
        if (tw_proto_has_ports(proto)) {
            m.sport = maybe(some_ranges(65535, 3));
            m.dport = maybe(some_ranges(65535, 30));
        } else if (icmp && (!m.families || tw_proto_is_icmp(proto, family))) {
            m.icmp = maybe(some_ranges(65535, 3));
        }
    }
    m.states = draw(3) ? 0 : 1 + draw(31);
    random_tests(p, &m);
    random_conditions(p, &m);
    return m;
}

static const struct tw_schedule *random_schedule(void)
{
    struct tw_schedule *s = tw_new(&arena, struct tw_schedule);
    s->n = draw(3);
    struct tw_window *w = tw_new_array(&arena, s->n, struct tw_window);
    for (size_t i = 0; i < s->n; i++) {
        bool clock = draw(2);
        w[i].weekdays = draw(2) ? 1 + draw(127) : 0;
        w[i].begin = (int32_t)draw(86400);
        w[i].end = draw(4) ? (int32_t)draw(86400) : 86400;
        w[i].from = (struct tw_time){.day = draw(20000), .has_clock = clock};
        w[i].to = (struct tw_time){.day = 20000 + draw(20000), .has_clock = clock};
        w[i].from.second = clock ? (int32_t)draw(86400) : 0;
    }
    s->windows = w;
    return s;
}

static uint32_t random_choice(struct tw_policy *p, enum tw_unknown_kind kind)
{
    size_t n = 2 + draw(90);
    struct tw_str *values = tw_new_array(&arena, n, struct tw_str);
    values[0] = TW_STR("");
    for (size_t i = 1; i < n; i++)
        values[i] = hard_name((uint32_t)i);
    if (draw(2))
        values[n - 1] = TW_STR("");
    return tw_policy_choice(p, kind, hard_name(0), values, n);
}

static void random_unknowns(struct tw_policy *p)
{
    static const enum tw_unknown_kind plain[] = {
        TW_UNKNOWN_TOKEN,     TW_UNKNOWN_CONDITION, TW_UNKNOWN_RATE, TW_UNKNOWN_USER,
        TW_UNKNOWN_SRC_LOCAL, TW_UNKNOWN_DST_LOCAL, TW_UNKNOWN_APP,  TW_UNKNOWN_TIME};
    for (uint32_t i = 0; i < 8; i++) {
        struct tw_str name = hard_name(i);
        uint32_t u = tw_policy_unknown(p, plain[i], name, name);
        struct tw_unknown *unknown = &p->unknowns.at[u];
        if (i >= 6 || plain[i] == TW_UNKNOWN_USER)
            unknown->subject = hard_name(i);
        if (plain[i] == TW_UNKNOWN_TIME && draw(3))
            unknown->schedule = random_schedule();
    }
    random_choice(p, TW_UNKNOWN_CONDITION);
    if (draw(2))
        p->in_if = random_choice(p, TW_UNKNOWN_IN_IF);
    if (draw(2))
        p->out_if = random_choice(p, TW_UNKNOWN_OUT_IF);
    if (draw(2))
        p->app = random_choice(p, TW_UNKNOWN_APP);
    if (p->app != UINT32_MAX && draw(2)) {
        struct tw_unknown *u = &p->unknowns.at[p->app];
        u->wide = some_set(u->nvalues);
        u->alone = some_set(u->nvalues);
    }
}

static void random_names(struct tw_policy *p)
{
    p->all_interfaces_named = draw(2);
    for (uint32_t i = 0, n = draw(4); i < n; i++)
        *tw_vec_add(&arena, &p->interfaces) = hard_name(i);
    for (uint32_t i = 0, n = draw(3); i < n; i++)
        *tw_vec_add(&arena, &p->aliases) =
            (struct tw_alias){hard_name(i), hard_name(9)};
    for (uint32_t i = 0, n = draw(3); i < n; i++)
        *tw_vec_add(&arena, &p->reach) = (struct tw_reach){
            hard_name(i), {some_ranges(TW_IPV4_MAX, 9), some_ranges(TW_IPV6_MAX, 9)}};
    for (uint32_t i = 0, n = draw(5); i < n; i++)
        *tw_vec_add(&arena, &p->objects) =
            (struct tw_object){.name = hard_name(draw(3)),
                               .addresses = {maybe(some_ranges(TW_IPV4_MAX, 12)),
                                             maybe(some_ranges(TW_IPV6_MAX, 12))}};
    if (draw(2))
        p->assumptions = hard_name(7);
}

static const struct tw_hits *random_hits(void)
{
    struct tw_hits *h = tw_new(&arena, struct tw_hits);
    *h = (struct tw_hits){.count = draw(UINT32_MAX),
                          .first = draw(3) * (int64_t)draw(UINT32_MAX),
                          .last = draw(3) * (int64_t)draw(UINT32_MAX),
                          .modified = draw(2)};
    return h;
}

static struct tw_rule random_rule(struct tw_policy *p, uint32_t chain, uint32_t bases,
                                  uint32_t chains)
{
    struct tw_rule r = {.action = (enum tw_action)draw(TW_ACTION_NOTRACK + 1),
                        .chain_of = chain,
                        .index = p->chains.at[chain].count,
                        .reject = draw(2),
                        .value = draw(UINT32_MAX),
                        .mask = draw(UINT32_MAX),
                        .filtering = draw(5) > 0,
                        .disabled = draw(9) == 0,
                        .understood = draw(9) > 0,
                        .logged = draw(2),
                        .is_default = draw(20) == 0,
                        .has_counters = draw(2),
                        .packets = draw(UINT32_MAX),
                        .bytes = UINT64_MAX - draw(9),
                        .expires_day = INT64_MAX};
    uint32_t from = chain + 1 > bases ? chain + 1 : bases;
    if ((r.action == TW_ACTION_CALL || r.action == TW_ACTION_GOTO) && from < chains)
        r.chain = from + draw(chains - from);
    else if (r.action == TW_ACTION_CALL || r.action == TW_ACTION_GOTO)
        r.action = TW_ACTION_RETURN;
    r.reject &= r.action == TW_ACTION_DENY;
    if (draw(5) == 0) {
        r.expires = true;
        r.expires_day = 19990 + draw(20);
        r.expired = !r.disabled && r.expires_day < options.now.day;
        r.disabled |= r.expired;
    }
    if (draw(3) == 0)
        r.comment = hard_name(1);
    if (draw(6) == 0)
        r.hits = random_hits();
    struct tw_buf id;
    tw_buf_init(&id, &arena);
    tw_buf_str(&id, p->chains.at[chain].name);
    tw_buf_fmt(&id, "#%u", (unsigned)r.index);
    r.id = draw(2) ? tw_buf_view(&id) : hard_name(r.index);
    p->uses_marks |=
        r.action >= TW_ACTION_SET_MARK && r.action <= TW_ACTION_SET_CONNMARK;
    p->uses_notrack |= r.action == TW_ACTION_NOTRACK;
    return r;
}

static void random_chains(struct tw_policy *p)
{
    uint32_t bases = 1 + draw(3), chains = bases + draw(4);
    for (uint32_t c = 0; c < chains; c++)
        *tw_vec_add(&arena, &p->chains) =
            (struct tw_chain){.name = hard_name(c),
                              .is_base = c < bases,
                              .policy = draw(2) ? TW_ACTION_ACCEPT : TW_ACTION_DENY,
                              .policy_unstated = draw(5) == 0};
    for (uint32_t c = 0; c < chains; c++) {
        struct tw_chain *chain = &p->chains.at[c];
        chain->first = (uint32_t)p->rules.len;
        for (uint32_t i = 0, n = draw(6); i < n; i++) {
            chain->count++;
            struct tw_rule r = random_rule(p, c, bases, chains);
            struct tw_match *m = tw_new_array(&arena, 3, struct tw_match);
            r.nmatches = draw(3) ? 1 : draw(4);
            for (size_t k = 0; k < r.nmatches; k++)
                m[k] = random_match(p);
            r.matches = m;
            *tw_vec_add(&arena, &p->rules) = r;
        }
    }
    for (int f = 0; f < TW_FAMILIES; f++) {
        p->has_family[f] = draw(4) > 0;
        for (int h = 0; h < TW_HOOKS && p->has_family[f]; h++)
            for (uint32_t i = 0, n = draw(3); i < n; i++)
                *tw_vec_add(&arena, &p->stages[f][h]) = (struct tw_stage){
                    draw(bases), draw(2), draw(2), draw(2), draw(2), draw(2)};
    }
}

static void random_policies_come_back_whole(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 300; round++) {
        seed = round * 1099511628211u;
        tw_arena_release(&arena);
        tw_diags_init(&diags, &arena, TW_LANG_EN);
        struct tw_policy *p = tw_policy_new(&arena, TW_STR("random"));
        p->state_in_rules = draw(2);
        random_unknowns(p);
        random_names(p);
        random_chains(p);
        tw_policy_check(p);
        check_round_trip(p);
    }
}

/* --- what is refused ----------------------------------------------------------------
 */

#define HEAD "<policy xmlns='urn:twinwall:policy:1'>"
#define IN(body) HEAD body "</policy>"
#define RULE(attrs)                                                        \
    IN("<unknown id='u0' kind='token' name='t'/>"                          \
       "<unknown id='u1' kind='in' attribute='in' name='z' values='a b'/>" \
       "<chain name='c' policy='deny'><rule " attrs "/></chain>")
#define UNKNOWN(attrs) IN("<unknown id='u0' name='n' " attrs "/>")

static const struct {
    const char *xml, *ids; /* of the errors, in order */
} hostile[] = {
    {"<policy xmlns='urn:twinwall:policy:2'/>", "TW188"},
    {"<config xmlns='urn:twinwall:policy:1'/>", "TW188"},
    {IN("<nonsense/>"), "TW190"},
    {IN("<rule action='allow'/>"), "TW190"},
    {IN("<o:chain xmlns:o='urn:o'/>"), "TW190"},
    {IN("text"), "TW199"},
    {HEAD, "TW465"},
    {IN("<chain name='c'>x</chain>"), "TW199"},
    {IN("<chain name='c' x='y'/>"), "TW191"},
    {IN("<chain/>"), "TW192"},
    {IN("<chain name='c' policy='drop'/>"), "TW193"},
    {IN("<chain name='c' stated='no'/>"), "TW192"},
    {IN("<chain name='c'/><chain name='c'/>"), "TW195"},
    /* rules */
    {RULE("action='accept'"), "TW193"},
    {RULE(""), "TW192"},
    {RULE("action='allow' index='2'"), "TW191"},
    {RULE("action='allow' soruce='10.0.0.1'"), "TW191"},
    {RULE("action='allow' src='10.0.0.1'"), "TW196"},
    {RULE("action='allow' family='ip' src='2001:db8::1'"), "TW193"},
    {RULE("action='allow' family='ip' src='10.0.0.256'"), "TW193"},
    {RULE("action='allow' family='ip' src='10.0.0.0/33'"), "TW193"},
    {RULE("action='allow' family='ip' src='10.0.0.1/8'"), "TW144"},
    {RULE("action='allow' family='ip' src='10.0.0.9-10.0.0.1'"), "TW116"},
    {RULE("action='allow' family='ip' src=''"), "TW193"},
    {RULE("action='allow' family='ip' src='none 10.0.0.1'"), "TW193"},
    {RULE("action='allow' family='ip' src='@nobody'"), "TW194"},
    {RULE("action='allow' family='ipx'"), "TW193"},
    {RULE("action='allow' dport='80'"), "TW197"},
    {RULE("action='allow' proto='gre' dport='80'"), "TW197"},
    {RULE("action='allow' proto='6-17' dport='80'"), "TW197"},
    {RULE("action='allow' proto='tcp' dport='65536'"), "TW193"},
    {RULE("action='allow' proto='tcp' dport='80-70'"), "TW116"},
    {RULE("action='allow' proto='tcp' dport='-80'"), "TW193"},
    {RULE("action='allow' proto='256'"), "TW193"},
    {RULE("action='allow' proto='udp' flags='syn/syn'"), "TW197"},
    {RULE("action='allow' proto='tcp' flags='syn'"), "TW193"},
    {RULE("action='allow' proto='tcp' flags='sin/syn'"), "TW193"},
    {RULE("action='allow' proto='tcp' icmp='8'"), "TW197"},
    {RULE("action='allow' family='ip6' proto='icmp' icmp='8'"), "TW197"},
    {RULE("action='allow' proto='icmp' icmp='256'"), "TW193"},
    {RULE("action='allow' proto='icmp' icmp='3/9-3/1'"), "TW116"},
    {RULE("action='allow' state='open'"), "TW193"},
    {RULE("action='allow' state=''"), "TW193"},
    {RULE("action='allow' if='u2'"), "TW194"},
    {RULE("action='allow' if='u99999999999999999999'"), "TW194"},
    {RULE("action='allow' if='u0=maybe'"), "TW193"},
    {RULE("action='allow' if='!u0=any'"), "TW193"},
    {RULE("action='allow' if='u1'"), "TW193"},
    {RULE("action='allow' if='u1=a|x'"), "TW193"},
    {RULE("action='allow' in='x'"), "TW193"},
    {RULE("action='allow' in=\"'a\""), "TW193"},
    {RULE("action='allow' out='a'"), "TW194"},
    {RULE("action='allow' app='a'"), "TW194"},
    {RULE("action='allow' marks='mark=1/1'"), "TW193"},
    {RULE("action='allow' marks='mark=1/1?u1'"), "TW193"},
    {RULE("action='allow' marks='mark=1/1?u7'"), "TW194"},
    {RULE("action='allow' marks='mark=4294967296/1?u0'"), "TW193"},
    {RULE("action='allow' marks=''"), "TW193"},
    {RULE("action='allow' if=' '"), "TW193"},
    {RULE("action='set-mark'"), "TW192"},
    {RULE("action='set-mark' set='1'"), "TW193"},
    {RULE("action='allow' set='1/1'"), "TW191"},
    {RULE("action='allow' chain='c'"), "TW191"},
    {RULE("action='call'"), "TW192"},
    {RULE("action='call' chain='d'"), "TW194"},
    {RULE("action='call' chain='c'"), "TW130"},
    {RULE("action='allow' nothing='yes' proto='tcp'"), "TW191"},
    {RULE("action='allow' disabled='true'"), "TW193"},
    {RULE("action='allow' expires='soon'"), "TW193"},
    {RULE("action='allow' expires='2025-01-01T00:00'"), "TW193"},
    {RULE("action='allow' packets='1'"), "TW192"},
    {RULE("action='allow' packets='18446744073709551616' bytes='1'"), "TW193"},
    {IN("<chain name='c'><rule action='allow' proto='tcp'><match/></rule></chain>"),
     "TW191"},
    {IN("<chain name='c'><rule action='allow'><x/></rule></chain>"), "TW190"},
    {IN("<chain name='c'><rule action='allow'><hits count='1'/><hits count='1'/></rule>"
        "</chain>"),
     "TW190"},
    {IN("<chain name='c'><rule action='allow'><hits count='1' last='today'/></rule>"
        "</chain>"),
     "TW193"},
    {IN("<chain name='a'><rule action='call' chain='b'/></chain>"
        "<chain name='b'><rule action='goto' chain='a'/></chain>"),
     "TW120"},
    {IN("<chain name='a'><rule action='call' chain='a'/></chain>"), "TW120"},
    /* what a packet passes */
    {IN("<family name='ip'><forward><stage chain='x'/></forward></family>"), "TW194"},
    {IN("<family name='ip'><forward><stage chain='x'/></forward></family>"
        "<chain name='x'/>"),
     "TW189"},
    {IN("<family name='ip'/><family name='ip'/>"), "TW195"},
    {IN("<family name='ip'><forward><stage chain='x'/></forward><forward>"
        "<stage chain='x'/></forward></family><chain name='x' policy='deny'/>"),
     "TW195"},
    {IN("<family name='ip'><output/></family>"), "TW190"},
    {IN("<family name='ip'><forward><rule/></forward></family>"), "TW190"},
    {IN("<family name='ip'><forward><stage chain='x' in='eth0'/></forward></family>"
        "<chain name='x' policy='deny'/>"),
     "TW193"},
    /* unknowns */
    {UNKNOWN("kind='guess'"), "TW193"},
    {IN("<unknown id='!u' kind='token' name='t'/>"), "TW193"},
    {IN("<unknown id='' kind='token' name='t'/>"), "TW193"},
    {UNKNOWN("kind='in'"), "TW192"},
    {UNKNOWN("kind='rate' values='a'"), "TW191"},
    {UNKNOWN("kind='token' attribute='in'"), "TW193"},
    {UNKNOWN("kind='app' attribute='app'"), "TW193"},
    {UNKNOWN("kind='in' values='a a'"), "TW195"},
    {UNKNOWN("kind='in' values='a' wide='a'"), "TW191"},
    {UNKNOWN("kind='app' wide='a'"), "TW191"},
    {UNKNOWN("kind='app' values='a' wide='b'"), "TW193"},
    {UNKNOWN("kind='in' values=\"a 'b\""), "TW193"},
    {IN("<unknown id='u0' kind='token' name='a'/><unknown id='u0' kind='token' "
        "name='b'/>"),
     "TW195"},
    {IN("<unknown id='u0' kind='in' attribute='in' name='a' values='a'/>"
        "<unknown id='u1' kind='in' attribute='in' name='b' values='a'/>"),
     "TW195"},
    {IN("<unknown id='u0' kind='token' name='a'><window days='mon' begin='00:00' "
        "end='24:00'/></unknown>"),
     "TW190"},
    {IN("<unknown id='u0' kind='time' name='a'><window days='mo' begin='00:00' "
        "end='24:00'/></unknown>"),
     "TW193 TW193"},
    {IN("<unknown id='u0' kind='time' name='a'><window days='mon' begin='24:00' "
        "end='24:01'/></unknown>"),
     "TW193 TW193"},
    {IN("<unknown id='u0' kind='time' name='a'><window days='mon' begin='1:00' "
        "end='02:00:00:00'/></unknown>"),
     "TW193 TW193"},
    {IN("<unknown id='u0' kind='time' name='a'><window from='2023-02-09' "
        "to='2023-02-09'/></unknown>"),
     "TW193"},
    {IN("<unknown id='u0' kind='time' name='a'><window/></unknown>"), "TW192 TW192"},
    {IN("<unknown id='u0' kind='time' name='a'><never/><never/></unknown>"),
     "TW190 TW190"},
    /* the rest */
    {IN("<not-understood lines='-1'/>"), "TW193"},
    {IN("<not-understood lines='9999999999'/>"), "TW193"},
    {IN("<assumptions text='a'/><assumptions text='b'/>"), "TW195"},
    {IN("<reach of='a' ip='10.0.0.9-10.0.0.1'/>"), "TW116"},
    {IN("<object ip='10.0.0.1'/>"), "TW192"},
    {IN("<alias name='a'/>"), "TW192"},
    {IN("<interfaces names='a' complete='1'/>"), "TW193"},
    {IN("<interfaces names='a'><x/></interfaces>"), "TW190"},
};

static void contradictions_are_refused_each_with_its_reason(void **state)
{
    (void)state;
    const struct tw_format *format = tw_format_by_name(TW_STR("twinwall_xml"));
    assert_non_null(format);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        tw_diags_init(&diags, &arena, TW_LANG_EN);
        const struct tw_source *src =
            tw_source_new(&arena, TW_STR("h.xml"), tw_str_of(hostile[i].xml));
        assert_null(
            tw_policy_read(&arena, TW_STR("w"), format, &src, 1, &options, &diags));
        struct tw_buf ids;
        tw_buf_init(&ids, &arena);
        for (size_t d = 0; d < diags.list.len; d++) {
            tw_buf_text(&ids, d ? " " : "");
            tw_buf_text(&ids, tw_diag_def(diags.list.at[d].id)->id);
            assert_true(diags.list.at[d].nspans > 0);
        }
        if (!tw_str_is(tw_buf_view(&ids), hostile[i].ids))
            fail_msg("%s: %.*s, not %s", hostile[i].xml, (int)ids.len, ids.ptr,
                     hostile[i].ids);
    }
}

static void a_wall_is_one_document(void **state)
{
    (void)state;
    const struct tw_source *src =
        tw_source_new(&arena, TW_STR("a.xml"), TW_STR(IN("")));
    const struct tw_source *const two[] = {src, src};
    assert_null(tw_policy_read(&arena, TW_STR("w"), NULL, two, 2, &options, &diags));
    assert_int_equal(diags.list.at[0].id, TW_D_neutral_several);
}

/* A rule that expires later is printed the same before and after. */
static void expiry_is_held_against_the_day_of_reading(void **state)
{
    (void)state;
    const struct tw_source *src = tw_source_new(
        &arena, TW_STR("e.xml"), TW_STR(RULE("action='allow' expires='2024-10-04'")));
    for (int64_t day = 19999; day <= 20001; day++) {
        const struct tw_format_options then = {.now = {.day = day}};
        struct tw_policy *p =
            tw_policy_read(&arena, TW_STR("w"), NULL, &src, 1, &then, &diags);
        assert_non_null(p);
        assert_int_equal(p->rules.at[0].disabled, day > 20000);
        struct tw_str xml = written(p);
        size_t at = tw_str_find_str(xml, TW_STR("expires=\"2024-10-04\""));
        assert_true(at < xml.len);
        assert_int_equal(tw_str_find_str(xml, TW_STR("disabled")), xml.len);
    }
}

static void long_lists_of_objects_are_told_by_name(void **state)
{
    (void)state;
    const struct tw_source *src = tw_source_new(
        &arena, TW_STR("o.xml"),
        TW_STR(IN("<object name='web 1' ip='10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 "
                  "10.0.0.9'/><chain name='c' policy='deny' family='ip'>"
                  "<rule action='allow' src='10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 "
                  "10.0.0.9' dst='10.0.0.1'/></chain>")));
    struct tw_policy *p =
        tw_policy_read(&arena, TW_STR("w"), NULL, &src, 1, &options, &diags);
    assert_non_null(p);
    struct tw_str xml = written(p);
    assert_true(tw_str_find_str(xml, TW_STR("src=\"@'web 1'\" dst=\"10.0.0.1\"")) <
                xml.len);
    check_round_trip(p);
}

/* Calls name their chains, so that the second of two twins gets a name of its own. */
static void chains_of_one_name_are_told_apart(void **state)
{
    (void)state;
    struct tw_policy *p = tw_policy_new(&arena, TW_STR("twins"));
    static const struct tw_match all = {.never = false};
    for (uint32_t c = 0; c < 3; c++)
        *tw_vec_add(&arena, &p->chains) = (struct tw_chain){.name = TW_STR("a"),
                                                            .first = c ? 1 : 0,
                                                            .count = c == 0,
                                                            .is_base = c == 0};
    *tw_vec_add(&arena, &p->rules) = (struct tw_rule){.id = TW_STR("a#1"),
                                                      .index = 1,
                                                      .action = TW_ACTION_CALL,
                                                      .chain = 2,
                                                      .matches = &all,
                                                      .nmatches = 1,
                                                      .understood = true};
    tw_policy_check(p);
    struct tw_str xml = written(p);
    struct tw_policy *again = read_again(xml);
    assert_int_equal(again->chains.len, 3);
    assert_text(again->chains.at[1].name, "a~2");
    assert_int_equal(again->rules.at[0].chain, 2);
    assert_true(tw_str_eq(written(again), xml));
}

int main(void)
{
#define UNIT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        UNIT(every_fixture_that_reads_comes_back),
        UNIT(random_policies_come_back_whole),
        UNIT(contradictions_are_refused_each_with_its_reason),
        UNIT(a_wall_is_one_document),
        UNIT(expiry_is_held_against_the_day_of_reading),
        UNIT(long_lists_of_objects_are_told_by_name),
        UNIT(chains_of_one_name_are_told_apart),
    };
#undef UNIT
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule matches, by the compiler of the pcap library: random products, the rules
 * of the fixtures, and iptables rules beside filters that a person wrote for them.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpf_check.h"
#include "cmocka_all.h"
#include "format.h"
#include "input.h"

enum {
    RANDOM_RULES = 3000,
    RANDOM_PACKETS = 40,
    FIXTURE_PACKETS = 60,
    PAIR_PACKETS = 400
};

static struct tw_arena arena;

/* --- random products ------------------------------------------------------------- */

static const tw_u128 field_max[TW_BPF_FIELDS] = {
    0, 0, 255, 0xffff, 0xffff, 0xffff}; /* addresses: by family */

static tw_u128 max_of(enum tw_bpf_field field, enum tw_family family)
{
    return field <= TW_BPF_DST ? tw_ip_max(family) : field_max[field];
}

/* Networks, single values, ends of the universe, or any two numbers. */
static struct tw_range random_range(tw_u128 max)
{
    tw_u128 a = tw_bpf_draw_wide() & max, b = tw_bpf_draw_wide() & max;
    tw_u128 spread = max >> tw_bpf_draw(max > 0xffff ? 32 : 8);
    if (max > TW_IPV4_MAX && tw_bpf_draw(2))
        spread >>= tw_bpf_draw(97);
    switch (tw_bpf_draw(5)) {
    case 0:
        return (struct tw_range){a, a};
    case 1:
        return (struct tw_range){a & ~spread, (a & ~spread) + spread};
    case 2:
        return tw_bpf_draw(2) ? (struct tw_range){0, a & spread}
                              : (struct tw_range){max - (a & spread), max};
    case 3:
        return (struct tw_range){a, max - a < spread ? max : a + spread};
    default:
        return a < b ? (struct tw_range){a, b} : (struct tw_range){b, a};
    }
}

static struct tw_bpf_list random_list(tw_u128 max)
{
    size_t n = tw_bpf_draw(40) ? 1 + tw_bpf_draw(tw_bpf_draw(4) ? 3 : 15) : 0;
    struct tw_range *at = tw_new_array(&arena, n + 1, struct tw_range);
    for (size_t i = 0; i < n; i++)
        at[i] = random_range(max);
    return (struct tw_bpf_list){
        .given = true, .negated = tw_bpf_draw(4) == 0, .at = at, .n = n};
}

/* Some protocols of those that carry ports, or one, or any list. */
static struct tw_bpf_list random_protocols(bool with_ports)
{
    static const struct tw_range carriers[] = {
        {TW_PROTO_TCP, TW_PROTO_TCP},         {TW_PROTO_UDP, TW_PROTO_UDP},
        {TW_PROTO_SCTP, TW_PROTO_SCTP},       {TW_PROTO_DCCP, TW_PROTO_DCCP},
        {TW_PROTO_UDPLITE, TW_PROTO_UDPLITE},
    };
    struct tw_bpf_list list = {.given = true, .n = 1};
    size_t first = tw_bpf_draw(2) ? 0 : tw_bpf_draw(5);
    if (!with_ports && tw_bpf_draw(2))
        return random_list(255);
    list.at = &carriers[first];
    if (tw_bpf_draw(4) == 0)
        list.n = 1 + tw_bpf_draw((uint32_t)(5 - first));
    return list;
}

static void random_flags(struct tw_bpf_term *term)
{
    struct tw_flags_test *tests = tw_new_array(&arena, 2, struct tw_flags_test);
    term->nflags = 1 + tw_bpf_draw(2);
    for (size_t i = 0; i < term->nflags; i++) {
        tests[i] = (struct tw_flags_test){.mask = (uint8_t)tw_bpf_draw(TW_TCP_ALL + 1),
                                          .negated = tw_bpf_draw(2)};
        tests[i].value = (uint8_t)tw_bpf_draw(TW_TCP_ALL + 1) & tests[i].mask;
    }
    term->flags = tests;
}

/* What a reader may make: ports only with protocols that carry them, ICMP types only
 * with the family's ICMP, TCP flags only with TCP. */
static struct tw_bpf_term random_term(enum tw_family family)
{
    static const struct tw_range tcp = {TW_PROTO_TCP, TW_PROTO_TCP};
    static const struct tw_range icmp[] = {{TW_PROTO_ICMP, TW_PROTO_ICMP},
                                           {TW_PROTO_ICMPV6, TW_PROTO_ICMPV6}};
    struct tw_bpf_term term = {.families = 1u << family};
    uint32_t sort = tw_bpf_draw(8);
    for (int f = TW_BPF_SRC; f <= TW_BPF_DST; f++)
        if (tw_bpf_draw(3))
            term.field[f] = random_list(tw_ip_max(family));
    if (sort < 4) {
        term.field[TW_BPF_PROTO] = random_protocols(true);
        if (tw_bpf_draw(3) == 0)
            term.field[TW_BPF_SPORT] = random_list(0xffff);
        if (tw_bpf_draw(4))
            term.field[TW_BPF_DPORT] = random_list(0xffff);
    } else if (sort == 4) {
        term.field[TW_BPF_PROTO] =
            (struct tw_bpf_list){.given = true, .at = &icmp[family], .n = 1};
        term.field[TW_BPF_ICMP] = random_list(0xffff);
    } else if (sort == 5) {
        term.field[TW_BPF_PROTO] =
            (struct tw_bpf_list){.given = true, .at = &tcp, .n = 1};
        random_flags(&term);
    } else if (sort == 6) {
        term.field[TW_BPF_PROTO] = random_protocols(false);
    }
    if (!term.field[TW_BPF_SRC].given && !term.field[TW_BPF_DST].given &&
        tw_bpf_draw(2))
        term.families = 0;
    term.never = tw_bpf_draw(50) == 0;
    return term;
}

static const struct tw_ranges *model_list(const struct tw_bpf_term *term,
                                          enum tw_bpf_field field,
                                          enum tw_family family)
{
    const struct tw_bpf_list *list = &term->field[field];
    if (!list->given)
        return NULL;
    struct tw_range *at = tw_new_array(&arena, list->n + 1, struct tw_range);
    if (list->n)
        memcpy(at, list->at, list->n * sizeof *at);
    const struct tw_ranges *ranges = tw_ranges_of(&arena, at, list->n);
    return list->negated ? tw_ranges_not(&arena, ranges, max_of(field, family))
                         : ranges;
}

static struct tw_match match_of(const struct tw_bpf_term *term, enum tw_family family)
{
    return (struct tw_match){
        .families = term->families,
        .never = term->never,
        .src = model_list(term, TW_BPF_SRC, family),
        .dst = model_list(term, TW_BPF_DST, family),
        .proto = model_list(term, TW_BPF_PROTO, family),
        .sport = model_list(term, TW_BPF_SPORT, family),
        .dport = model_list(term, TW_BPF_DPORT, family),
        .icmp = model_list(term, TW_BPF_ICMP, family),
        .flags = term->flags,
        .nflags = term->nflags,
    };
}

static void add_edges(struct tw_bpf_edges *edges, const struct tw_bpf_term *term)
{
    for (int f = 0; f < TW_BPF_FIELDS; f++)
        for (size_t i = 0; term->field[f].given && i < term->field[f].n; i++)
            *tw_vec_add(&arena, &edges->of[f]) = term->field[f].at[i];
}

/* The union of the terms as one filter. */
static struct tw_str filter_of(const struct tw_bpf_term *terms, size_t n,
                               enum tw_family family)
{
    struct tw_buf filter;
    tw_buf_init(&filter, &arena);
    for (size_t i = 0; i < n; i++) {
        tw_buf_text(&filter, i ? " or (" : "(");
        tw_bpf_write(&filter, &terms[i], family, tw_bpf_draw);
        tw_buf_char(&filter, ')');
    }
    return tw_buf_view(&filter);
}

static void check_random_rule(enum tw_family family, struct tw_bpf_score *score)
{
    struct tw_bpf_term terms[2];
    struct tw_match matches[2];
    struct tw_bpf_edges edges = {0};
    size_t n = tw_bpf_draw(5) ? 1 : 2;
    for (size_t i = 0; i < n; i++) {
        terms[i] = random_term(family);
        matches[i] = match_of(&terms[i], family);
        add_edges(&edges, &terms[i]);
    }
    const struct tw_policy *policy = tw_bpf_policy(&arena, matches, n);
    tw_bpf_check(&arena, policy, filter_of(terms, n, family), family, &edges,
                 RANDOM_PACKETS, score);
    enum tw_family other = family == TW_IPV4 ? TW_IPV6 : TW_IPV4;
    if (tw_bpf_draw(10) == 0 && !terms[0].field[TW_BPF_SRC].given &&
        !terms[0].field[TW_BPF_DST].given && n == 1) {
        edges = (struct tw_bpf_edges){0};
        add_edges(&edges, &terms[0]);
        tw_bpf_check(&arena, policy, filter_of(terms, n, other), other, &edges,
                     RANDOM_PACKETS, score);
    }
}

static void random_products_match_what_their_filters_match(void **state)
{
    (void)state;
    struct tw_bpf_score score = {0};
    struct tw_arena_mark empty = tw_arena_mark(&arena);
    tw_bpf_seed(0x9e3779b97f4a7c15u);
    for (int i = 0; i < RANDOM_RULES; i++) {
        check_random_rule(i % 2 ? TW_IPV6 : TW_IPV4, &score);
        tw_arena_rewind(&arena, empty);
    }
    printf("%zu filters, %zu packets met, %zu missed\n", score.filters, score.met,
           score.missed);
    assert_true(score.met > RANDOM_RULES * RANDOM_PACKETS / 5);
    assert_true(score.missed > RANDOM_RULES * RANDOM_PACKETS / 5);
}

/* --- the rules of the fixtures --------------------------------------------------- */

static struct tw_bpf_list list_of(const struct tw_ranges *ranges)
{
    if (!ranges)
        return (struct tw_bpf_list){0};
    return (struct tw_bpf_list){.given = true, .at = ranges->at, .n = ranges->n};
}

static struct tw_bpf_term term_of(const struct tw_match *m)
{
    return (struct tw_bpf_term){
        .families = m->families,
        .never = m->never,
        .field = {list_of(m->src), list_of(m->dst), list_of(m->proto),
                  list_of(m->sport), list_of(m->dport), list_of(m->icmp)},
        .flags = m->flags,
        .nflags = m->nflags,
    };
}

static bool is_headers_only(const struct tw_rule *rule)
{
    for (size_t i = 0; i < rule->nmatches; i++)
        if (rule->matches[i].states || rule->matches[i].nmarks ||
            rule->matches[i].nconditions)
            return false;
    return rule->nmatches > 0 && !rule->disabled;
}

static void check_rule(const struct tw_rule *rule, struct tw_bpf_score *score)
{
    struct tw_bpf_term *terms =
        tw_new_array(&arena, rule->nmatches, struct tw_bpf_term);
    const struct tw_policy *policy =
        tw_bpf_policy(&arena, rule->matches, rule->nmatches);
    for (int f = 0; f < TW_FAMILIES; f++) {
        struct tw_bpf_edges edges = {0};
        for (size_t i = 0; i < rule->nmatches; i++) {
            terms[i] = term_of(&rule->matches[i]);
            if (tw_match_has(&rule->matches[i], (enum tw_family)f))
                add_edges(&edges, &terms[i]);
        }
        tw_bpf_check(&arena, policy,
                     filter_of(terms, rule->nmatches, (enum tw_family)f),
                     (enum tw_family)f, &edges, FIXTURE_PACKETS, score);
    }
}

/* Returns the number of rules that headers alone decide. */
static size_t check_fixture(struct tw_str path, struct tw_bpf_score *score)
{
    struct tw_diags diags;
    struct tw_format_options options = {.now = {.day = 20000}};
    size_t seen = 0;
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    const struct tw_source *source =
        tw_source_load(&arena, path, path, 1 << 24, TW_STR(""), &diags);
    if (!source)
        return 0; /* meant to be refused, as is a policy that is NULL */
    struct tw_policy *policy = tw_policy_read(
        &arena, TW_STR("wall"), tw_format_by_name(TW_STR("iptables_save")), &source, 1,
        &options, &diags);
    for (size_t i = 0; policy && i < policy->rules.len; i++) {
        if (is_headers_only(&policy->rules.at[i])) {
            check_rule(&policy->rules.at[i], score);
            seen++;
        }
    }
    return seen;
}

static void rules_of_the_fixtures_match_what_their_filters_match(void **state)
{
    (void)state;
    struct tw_bpf_score score = {0};
    struct dirent **entries;
    const char *folder = TW_FIXTURES "/policies/iptables_save";
    int n = scandir(folder, &entries, NULL, alphasort);
    size_t rules = 0;
    tw_bpf_seed(88172645463325252u);
    for (int i = 0; i < n; i++) {
        struct tw_str path = tw_fmt(&arena, "%s/%s", folder, entries[i]->d_name);
        if (tw_str_ends(path, ".in"))
            rules += check_fixture(path, &score);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    printf("%zu rules, %zu packets met, %zu missed\n", rules, score.met, score.missed);
    assert_true(rules > 100);
    assert_true(score.met > 1000 && score.missed > 1000);
}

/* --- pairs that a person wrote --------------------------------------------------- */

struct pair {
    const char *rule, *filter;
    const char *edges; /* words whose numbers are worth a packet too, or NULL */
};

/* The numbers and addresses of a rule's words, whatever its reader makes of them. */
static void add_words(struct tw_bpf_edges *edges, const char *rule)
{
    struct tw_str rest = tw_str_of(rule), word, part;
    while (tw_str_split(&rest, ' ', &word)) {
        while (tw_str_split(&word, ',', &part)) {
            enum tw_family family;
            struct tw_range range;
            if (tw_ip_range_parse(part, &family, &range, NULL)) {
                *tw_vec_add(&arena, &edges->of[TW_BPF_SRC]) = range;
                *tw_vec_add(&arena, &edges->of[TW_BPF_DST]) = range;
            }
            uint64_t n, last = 0;
            struct tw_str number;
            char separator = tw_str_find(part, ':') < part.len ? ':' : '/';
            while (tw_str_split(&part, separator, &number)) {
                if (!tw_parse_u64(number, 65535, &n))
                    continue;
                struct tw_range code = {last << 8 | n, last << 8 | n};
                struct tw_range type = {n << 8, n << 8 | 255}, one = {n, n};
                *tw_vec_add(&arena, &edges->of[TW_BPF_SPORT]) = one;
                *tw_vec_add(&arena, &edges->of[TW_BPF_DPORT]) = one;
                if (n < 256) {
                    *tw_vec_add(&arena, &edges->of[TW_BPF_ICMP]) = type;
                    *tw_vec_add(&arena, &edges->of[TW_BPF_ICMP]) = code;
                    *tw_vec_add(&arena, &edges->of[TW_BPF_PROTO]) = one;
                }
                last = n & 255;
            }
        }
    }
}

static void check_pairs(enum tw_family family, const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tw_bpf_score score = {0};
        struct tw_bpf_edges edges = {0};
        struct tw_diags diags;
        struct tw_format_options options = {0};
        tw_diags_init(&diags, &arena, TW_LANG_EN);
        struct tw_str text =
            tw_fmt(&arena,
                   "# Generated by %s-save v1.8.9\n*filter\n:FORWARD DROP [0:0]\n"
                   "-A FORWARD %s -j ACCEPT\nCOMMIT\n",
                   family == TW_IPV4 ? "iptables" : "ip6tables", pairs[i].rule);
        const struct tw_source *source = tw_source_new(&arena, TW_STR("dump"), text);
        const struct tw_policy *policy = tw_policy_read(
            &arena, TW_STR("wall"), tw_format_by_name(TW_STR("iptables_save")), &source,
            1, &options, &diags);
        assert_non_null(policy);
        add_words(&edges, pairs[i].rule);
        if (pairs[i].edges)
            add_words(&edges, pairs[i].edges);
        tw_bpf_check(&arena, policy, tw_str_of(pairs[i].filter), family, &edges,
                     PAIR_PACKETS, &score);
        if (!score.met || !score.missed)
            fail_msg("%s: %zu packets met, %zu missed", pairs[i].rule, score.met,
                     score.missed);
    }
}

static void rules_match_what_a_person_reads_in_them(void **state)
{
    (void)state;
    static const struct pair ipv4[] = {
        {"-s 10.0.0.1", "ip src host 10.0.0.1", NULL},
        {"! -s 10.1.0.0/16", "ip and not src net 10.1.0.0/16", NULL},
        {"-s 10.1.2.3/255.255.0.0 -d 192.168.7.0/24",
         "ip src net 10.1.0.0/16 and ip dst net 192.168.7.0/24", NULL},
        {"-m iprange --src-range 10.0.0.3-10.0.0.9",
         "ip[12:4] >= 0x0a000003 and ip[12:4] <= 0x0a000009", NULL},
        {"-s 10.0.0.0/29 -m iprange ! --dst-range 10.9.0.1-10.9.0.4",
         "ip src net 10.0.0.0/29 and not (ip dst host 10.9.0.1 or dst host 10.9.0.2 "
         "or dst host 10.9.0.3 or dst host 10.9.0.4)",
         NULL},
        {"-p tcp -m tcp --dport 443", "ip and tcp dst port 443", NULL},
        {"-p udp -m udp --dport :53", "ip and udp dst portrange 0-53", NULL},
        {"-p tcp --sport 1024:65535 ! --dport 80",
         "ip and tcp src portrange 1024-65535 and not dst port 80", NULL},
        {"! -p tcp", "ip and not tcp", NULL},
        {"-p 47", "ip proto 47", NULL},
        {"-p sctp --dport 36412", "ip and sctp dst port 36412", NULL},
        {"-p tcp -m multiport ! --dports 80,443:445",
         "ip and tcp and not (dst port 80 or dst portrange 443-445)", NULL},
        {"-p udp -m multiport --sports 53,123,1000:1010",
         "ip and udp and (src port 53 or src port 123 or src portrange 1000-1010)",
         NULL},
        {"-p tcp -m multiport --ports 22,3389", "ip and tcp and port (22 or 3389)",
         NULL},
        {"-p tcp -m multiport ! --ports 22", "ip and tcp and not port 22", NULL},
        {"-p icmp -m icmp --icmp-type 8", "icmp[icmptype] = icmp-echo", NULL},
        {"-p icmp -m icmp --icmp-type 3/4",
         "icmp[icmptype] = icmp-unreach and icmp[icmpcode] = 4", NULL},
        {"-p icmp -m icmp ! --icmp-type 11/0", "icmp and not icmp[0:2] = 0x0b00", NULL},
        {"-p icmp --icmp-type host-prohibited", "icmp[0] = 3 and icmp[1] = 10", "3/10"},
        {"-p icmp -m icmp --icmp-type redirect", "icmp[icmptype] = icmp-redirect", "5"},
        {"-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
         "ip and tcp[tcpflags] & (tcp-fin|tcp-syn|tcp-rst|tcp-ack) = tcp-syn", NULL},
        {"-p tcp -m tcp ! --syn --dport 25",
         "ip and tcp dst port 25 and not tcp[13] & 23 = 2", NULL},
        {"-p tcp -m tcp --tcp-flags ALL NONE", "ip and tcp[13] & 63 = 0", NULL},
    };
    static const struct pair ipv6[] = {
        {"-s 2001:db8::/32", "ip6 src net 2001:db8::/32", NULL},
        {"! -d 2001:db8::1/128", "ip6 and not dst host 2001:db8::1", NULL},
        {"-s fe80::/10 -p udp -m udp --sport 547 --dport 546",
         "ip6 src net fe80::/10 and udp src port 547 and udp dst port 546", NULL},
        {"-p ipv6-icmp -m icmp6 --icmpv6-type 128", "icmp6[icmp6type] = 128", NULL},
        {"-p ipv6-icmp -m icmp6 ! --icmpv6-type 1/4",
         "icmp6 and not (ip6[40] = 1 and ip6[41] = 4)", NULL},
        {"-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK",
         "ip6 proto 6 and ip6[53] & 18 = 18", NULL},
        {"-p tcp -m multiport --dports 22,8000:8080",
         "ip6 and tcp and (dst port 22 or dst portrange 8000-8080)", NULL},
        {"-p 103", "ip6 proto 103", NULL},
    };
    tw_bpf_seed(2463534242u);
    check_pairs(TW_IPV4, ipv4, sizeof ipv4 / sizeof ipv4[0]);
    check_pairs(TW_IPV6, ipv6, sizeof ipv6 / sizeof ipv6[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_products_match_what_their_filters_match),
        cmocka_unit_test(rules_of_the_fixtures_match_what_their_filters_match),
        cmocka_unit_test(rules_match_what_a_person_reads_in_them),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_bpf_end();
    tw_arena_release(&arena);
    return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports of PAN-OS made of pieces, and single packets asked of them by the linear
 * checker: 'A' let through, 'D' stopped, '?' undecided, 'T' let through and translated
 * behind the wall, 'X' the export is refused.
 */
#ifndef TW_PANOS_ASK_H
#define TW_PANOS_ASK_H

#include "cmocka_all.h"
#include "format.h"
#include "index.h"
#include "policy_text.h"
#include "replay.h"

/* A constant text for static tables. */
#define TW_NAME(literal)               \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

#define M(x) "<member>" x "</member>"
#define ANY M("any")
/* Lists of members; TAIL: whatever else the rule holds. */
#define RULE(name, from, to, src, dst, app, service, action, tail)                 \
    "<entry name=\"" name "\"><from>" from "</from><to>" to "</to><source>" src    \
    "</source><destination>" dst "</destination><application>" app                 \
    "</application><service>" service "</service><action>" action "</action>" tail \
    "</entry>\n"
/* A rule about addresses and services alone. */
#define ALLOW(name, src, dst, service) \
    RULE(name, ANY, ANY, src, dst, ANY, service, "allow", "")
#define DENY(name, src, dst, service) \
    RULE(name, ANY, ANY, src, dst, ANY, service, "deny", "")
#define ZONE(name, interface)                                                       \
    "<entry name=\"" name "\"><network><layer3>" M(interface) "</layer3></network>" \
                                                              "</entry>"
#define ZONES                                                            \
    "<zone>" ZONE("trust", "ethernet1/1") ZONE("untrust", "ethernet1/2") \
        ZONE("dmz", "ethernet1/3") "</zone>"
#define SECURITY(rules) "<security><rules>" rules "</rules></security>\n"
#define VSYS(name, body) "<entry name=\"" name "\">" body "</entry>"
#define FIREWALL(shared, vsyses)                                              \
    "<config version=\"10.2.0\" urldb=\"paloaltonetworks\"><shared>" shared   \
    "</shared><devices><entry name=\"localhost.localdomain\"><vsys>\n" vsyses \
    "</vsys></entry></devices></config>"
/* A firewall with one vsys and the three zones. */
#define WALL(objects, books) \
    FIREWALL("", VSYS("vsys1", ZONES objects "<rulebase>" books "</rulebase>"))
#define RULES(objects, rules) WALL(objects, SECURITY(rules))
#define ADDRESS(name, netmask) \
    "<entry name=\"" name "\"><ip-netmask>" netmask "</ip-netmask></entry>"
#define ADDRESSES(entries) "<address>" entries "</address>"
#define GROUP(name, members) \
    "<entry name=\"" name "\"><static>" members "</static></entry>"
#define GROUPS(entries) "<address-group>" entries "</address-group>"
#define SERVICE(name, proto, ports)                                                \
    "<entry name=\"" name "\"><protocol><" proto "><port>" ports "</port></" proto \
    "></protocol></entry>"
#define SERVICES(entries) "<service>" entries "</service>"

static struct tw_arena arena;
static struct tw_diags diags;
static struct tw_policy *policy;
/* What the next reading and asking use; cleared by wall(). */
static struct tw_format_options reading;
static struct tw_crossing_options crossing;

static struct tw_policy *read_sources(const char *const *texts, size_t n)
{
    const struct tw_source *sources[4];
    for (size_t i = 0; i < n; i++)
        sources[i] = tw_source_new(&arena, tw_fmt(&arena, "%c.xml", (char)('a' + i)),
                                   tw_str_of(texts[i]));
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    policy = tw_policy_read(&arena, TW_STR("wall"), tw_format_by_name(TW_STR("panos")),
                            sources, n, &reading, &diags);
    reading = (struct tw_format_options){0};
    return policy;
}

static inline void wall(const char *text)
{
    crossing = (struct tw_crossing_options){0};
    read_sources(&text, 1);
}

static inline void walls(const char *one, const char *other)
{
    const char *texts[] = {one, other};
    crossing = (struct tw_crossing_options){0};
    read_sources(texts, 2);
}

static struct tw_packet packet_of(const char *src, const char *dst, const char *port)
{
    struct tw_packet p = {.state = TW_STATE_NEW};
    struct tw_str word = tw_str_of(port);
    size_t slash = tw_str_find(word, '/');
    enum tw_family family;
    uint64_t n = 0;
    assert_true(tw_ip_parse(tw_str_of(src), &p.family, &p.src));
    assert_true(tw_ip_parse(tw_str_of(dst), &family, &p.dst));
    assert_int_equal(family, p.family);
    assert_true(tw_proto_parse(tw_str_first(word, slash), &p.proto));
    if (slash < word.len)
        assert_true(tw_parse_u64(tw_str_from(word, slash + 1), 65535, &n));
    p.dport = (unsigned)n;
    if (tw_proto_is_icmp(p.proto, p.family))
        p.dport = (unsigned)n << 8;
    p.sport = tw_proto_has_ports(p.proto) ? 40000 : 0;
    p.tcp_flags = p.proto == TW_PROTO_TCP ? TW_TCP_SYN : 0;
    return p;
}

static char ask_packet(const struct tw_packet *p, const char *in, const char *out)
{
    if (!policy)
        return 'X';
    crossing.in = tw_str_of(in);
    crossing.out = tw_str_of(out);
    const struct tw_crossing *c =
        tw_crossing_new(&arena, policy, tw_index_build(&arena, policy), &crossing);
    struct tw_replay r = tw_replay(&arena, c, p, NULL);
    assert_false(r.gave_up);
    if (r.may_pass && r.may_stop)
        return '?';
    if (r.may_pass && r.translated != TW_REPLAY_POLICY)
        return 'T';
    return r.may_pass ? 'A' : 'D';
}

/* IN, OUT: zones, or NULL: not said. PORT: "tcp/443", "icmp/8", "47". */
static inline char ask(const char *in, const char *out, const char *src,
                       const char *dst, const char *port)
{
    struct tw_packet p = packet_of(src, dst, port);
    return ask_packet(&p, in, out);
}

/* From trust to untrust. */
static inline char asks(const char *src, const char *dst, const char *port)
{
    return ask("trust", "untrust", src, dst, port);
}

#define assert_asks(src, dst, port, want)                                             \
    do {                                                                              \
        char got_ = asks((src), (dst), (port));                                       \
        if (got_ != (want))                                                           \
            fail_msg("%s > %s %s is %c, not %c", (src), (dst), (port), got_, (want)); \
    } while (0)

static struct tw_str messages(void)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_diags_print(&diags, false, true, &buf);
    return tw_buf_view(&buf);
}

static inline void assert_says(const char *words)
{
    struct tw_str text = messages();
    if (tw_str_find_str(text, tw_str_of(words)) == text.len)
        fail_msg("\"%s\" is not said:\n%.*s", words, (int)text.len, text.ptr);
}

/* The export is read without an error. */
static inline void assert_read(void)
{
    struct tw_str text = messages();
    if (!policy)
        fail_msg("refused:\n%.*s", (int)text.len, text.ptr);
}

static inline void assert_refused(const char *words)
{
    assert_null(policy);
    assert_says(words);
}

static inline const struct tw_rule *rule_of(const char *name)
{
    for (size_t i = 0; i < policy->rules.len; i++)
        if (tw_str_is(policy->rules.at[i].id, name))
            return &policy->rules.at[i];
    fail_msg("no rule %s", name);
    return NULL;
}

static inline struct tw_str rule_text(const char *name)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    text_rule(&buf, policy, rule_of(name));
    return tw_buf_view(&buf);
}

static inline bool has_unknown(const char *name)
{
    for (size_t i = 0; i < policy->unknowns.len; i++)
        if (tw_str_is(policy->unknowns.at[i].name, name))
            return true;
    return false;
}

/* One rule with the schedule s of this type. */
#define SCHEDULED(type)                                                         \
    RULES("<schedule><entry name=\"s\"><schedule-type>" type "</schedule-type>" \
          "</entry></schedule>",                                                \
          RULE("r", ANY, ANY, ANY, ANY, ANY, ANY, "allow", "<schedule>s</schedule>"))

#endif

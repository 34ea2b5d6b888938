/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Picks addresses, ports, protocols, ICMP types, TCP flags and jumps out of
 * iptables-save text.
 */
#define _GNU_SOURCE 1
#include "boundary_rules.h"

#include "oracle_die.h"
#include "oracle_probe.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 256

/* Makes room for one more element; the vectors start empty. */
static void *room_make(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return list;
    }
    *room = *room != 0 ? *room * 2 : 256;
    void *larger = realloc(list, *room * size);
    if (larger == NULL) {
        tw_oracle_die(TW_ORACLE_FAILED, "out of memory (%zu elements)", *room);
    }
    return larger;
}

static tw_boundary_value value_of(const uint8_t *bytes, size_t len)
{
    tw_boundary_value value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static bool address_parse(const char *text, tw_boundary_value *value, uint8_t *family)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1) {
        *family = 4;
        *value = value_of(bytes, 4);
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) == 1) {
        *family = 6;
        *value = value_of(bytes, 16);
        return true;
    }
    return false;
}

/* Leading ones of a dotted mask; the rare mask with holes is read as far as it goes. */
static uint32_t mask_length(tw_boundary_value mask, uint32_t bits)
{
    uint32_t ones = 0;
    while (ones < bits && (mask >> (bits - 1 - ones) & 1) != 0) {
        ones++;
    }
    return ones;
}

bool tw_boundary_network_parse(const char *text, struct tw_boundary_range *range,
                               uint8_t *family)
{
    char address[64];
    size_t len = strcspn(text, "/");
    if (len >= sizeof address) {
        return false;
    }
    memcpy(address, text, len);
    address[len] = '\0';
    if (!address_parse(address, &range->lo, family)) {
        return false;
    }
    uint32_t bits = *family == 4 ? 32 : 128;
    uint32_t prefix = bits;
    if (text[len] == '/') {
        const char *tail = text + len + 1;
        tw_boundary_value mask;
        uint8_t mask_family;
        if (!tw_oracle_number(tail, strlen(tail), bits, &prefix)) {
            if (!address_parse(tail, &mask, &mask_family) || mask_family != *family) {
                return false;
            }
            prefix = mask_length(mask, bits);
        }
    }
    tw_boundary_value ones = ~(tw_boundary_value)0 >> (128 - bits);
    tw_boundary_value host = prefix == 128 ? 0 : ones >> prefix;
    range->lo &= ~host;
    range->hi = range->lo | host;
    return true;
}

struct reader {
    struct tw_boundary_rules *all;
    struct tw_boundary_rule *rule; /* the one being read */
    uint8_t family;                /* 0: not known yet */
    uint32_t file, table;
    bool jumped;
};

static void range_add(struct reader *r, tw_boundary_value lo, tw_boundary_value hi)
{
    struct tw_boundary_rules *all = r->all;
    all->ranges =
        room_make(all->ranges, all->range_count, &all->range_room, sizeof *all->ranges);
    all->ranges[all->range_count].lo = lo < hi ? lo : hi;
    all->ranges[all->range_count].hi = lo < hi ? hi : lo;
    all->range_count++;
}

/* Closes a condition over the ranges added since `first`; none means not understood. */
static void condition_add(struct reader *r, enum tw_boundary_field field, bool negated,
                          size_t first)
{
    struct tw_boundary_rules *all = r->all;
    if (all->range_count == first || r->rule->count == UINT16_MAX) {
        return;
    }
    all->conditions = room_make(all->conditions, all->condition_count,
                                &all->condition_room, sizeof *all->conditions);
    struct tw_boundary_condition *c = &all->conditions[all->condition_count++];
    c->field = field;
    c->negated = negated;
    c->first = (uint32_t)first;
    c->count = (uint32_t)(all->range_count - first);
    r->rule->count++;
}

static void family_note(struct reader *r, uint8_t family)
{
    if (r->family == 0 && family == 6) {
        r->family = 6;
    }
}

static void networks_take(struct reader *r, enum tw_boundary_field field, bool negated,
                          char *text)
{
    size_t first = r->all->range_count;
    for (char *next = NULL; text != NULL; text = next) {
        struct tw_boundary_range range;
        uint8_t family;
        next = strchr(text, ',');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (tw_boundary_network_parse(text, &range, &family)) {
            family_note(r, family);
            range_add(r, range.lo, range.hi);
        }
    }
    condition_add(r, field, negated, first);
}

static void address_range_take(struct reader *r, enum tw_boundary_field field,
                               bool negated, char *text)
{
    size_t first = r->all->range_count;
    tw_boundary_value lo;
    tw_boundary_value hi;
    uint8_t family;
    char *dash = strchr(text, '-');
    if (dash != NULL) {
        *dash = '\0';
        if (address_parse(text, &lo, &family) &&
            address_parse(dash + 1, &hi, &family)) {
            family_note(r, family);
            range_add(r, lo, hi);
        }
    }
    condition_add(r, field, negated, first);
}

static void ports_take(struct reader *r, enum tw_boundary_field field, bool negated,
                       const char *text)
{
    size_t first = r->all->range_count;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        size_t lo_len = strcspn(text, ":,");
        uint32_t lo = 0;
        uint32_t hi = 65535;
        bool good = lo_len == 0 || tw_oracle_number(text, lo_len, 65535, &lo);
        if (lo_len == len) {
            hi = lo;
        } else if (lo_len + 1 < len) {
            good &= tw_oracle_number(text + lo_len + 1, len - lo_len - 1, 65535, &hi);
        }
        if (good && len != 0) {
            range_add(r, lo, hi);
        }
        text += len + (text[len] == ',');
    }
    condition_add(r, field, negated, first);
}

struct name_number {
    const char *name;
    uint16_t number;
};

static const struct name_number proto_names[] = {
    {"tcp", 6},       {"udp", 17},   {"icmp", 1},  {"icmpv6", 58}, {"ipv6-icmp", 58},
    {"icmp6", 58},    {"esp", 50},   {"ah", 51},   {"gre", 47},    {"sctp", 132},
    {"udplite", 136}, {"dccp", 33},  {"ospf", 89}, {"igmp", 2},    {"ipencap", 4},
    {"ipv6", 41},     {"vrrp", 112}, {"pim", 103}, {NULL, 0}};

/* type * 256 + code; a bare type is a multiple of 256 */
static const struct name_number icmp4_names[] = {{"echo-reply", 0},
                                                 {"destination-unreachable", 3 << 8},
                                                 {"source-quench", 4 << 8},
                                                 {"redirect", 5 << 8},
                                                 {"echo-request", 8 << 8},
                                                 {"router-advertisement", 9 << 8},
                                                 {"time-exceeded", 11 << 8},
                                                 {"parameter-problem", 12 << 8},
                                                 {"timestamp-request", 13 << 8},
                                                 {NULL, 0}};
static const struct name_number icmp6_names[] = {{"destination-unreachable", 1 << 8},
                                                 {"packet-too-big", 2 << 8},
                                                 {"time-exceeded", 3 << 8},
                                                 {"parameter-problem", 4 << 8},
                                                 {"echo-request", 128 << 8},
                                                 {"echo-reply", 129 << 8},
                                                 {"router-solicitation", 133 << 8},
                                                 {"router-advertisement", 134 << 8},
                                                 {"neighbour-solicitation", 135 << 8},
                                                 {"neighbor-solicitation", 135 << 8},
                                                 {"neighbour-advertisement", 136 << 8},
                                                 {"neighbor-advertisement", 136 << 8},
                                                 {"redirect", 137 << 8},
                                                 {NULL, 0}};

static bool name_find(const struct name_number *names, const char *text,
                      uint32_t *number)
{
    for (; names->name != NULL; names++) {
        if (strcmp(names->name, text) == 0) {
            *number = names->number;
            return true;
        }
    }
    return false;
}

static void proto_take(struct reader *r, bool negated, const char *text)
{
    size_t first = r->all->range_count;
    uint32_t number;
    if ((tw_oracle_number(text, strlen(text), 255, &number) && number != 0) ||
        name_find(proto_names, text, &number)) {
        range_add(r, number, number);
    }
    condition_add(r, TW_BOUNDARY_PROTO, negated, first);
}

static void icmp_take(struct reader *r, bool negated, const char *text, bool v6)
{
    size_t first = r->all->range_count;
    size_t len = strcspn(text, "/");
    uint32_t type;
    uint32_t code;
    if (name_find(v6 ? icmp6_names : icmp4_names, text, &type)) {
        range_add(r, type, type + 255);
    } else if (tw_oracle_number(text, len, 255, &type)) {
        if (text[len] != '/') {
            range_add(r, type << 8, (type << 8) + 255);
        } else if (tw_oracle_number(text + len + 1, strlen(text + len + 1), 255,
                                    &code)) {
            range_add(r, type << 8 | code, type << 8 | code);
        }
    }
    condition_add(r, TW_BOUNDARY_ICMP, negated, first);
}

static uint8_t flags_read(const char *text)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH",
                                        "ACK", "URG", "ECE", "CWR"};
    uint8_t flags = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        for (unsigned bit = 0; bit < 8; bit++) {
            if (len == 3 && strncmp(text, names[bit], 3) == 0) {
                flags = (uint8_t)(flags | 1u << bit);
            }
        }
        if (len == 3 && strncmp(text, "ALL", 3) == 0) {
            flags = 0x3f;
        }
        text += len + (text[len] == ',');
    }
    return flags;
}

static uint32_t chain_find(struct reader *r, const char *name)
{
    struct tw_boundary_rules *all = r->all;
    char key[sizeof all->chains->name] = {0};
    size_t len = strlen(name);
    memcpy(key, name, len < sizeof key ? len : sizeof key - 1);
    for (size_t i = 0; i < all->chain_count; i++) {
        const struct tw_boundary_chain *c = &all->chains[i];
        if (c->file == r->file && c->table == r->table && strcmp(c->name, key) == 0) {
            return (uint32_t)i;
        }
    }
    if (all->chain_count == TW_BOUNDARY_RULES_MAX) {
        tw_oracle_die(TW_ORACLE_USAGE, "too many chains");
    }
    all->chains =
        room_make(all->chains, all->chain_count, &all->chain_room, sizeof *all->chains);
    struct tw_boundary_chain *c = &all->chains[all->chain_count];
    memset(c, 0, sizeof *c);
    memcpy(c->name, key, sizeof key);
    c->file = r->file;
    c->table = r->table;
    c->first_caller = TW_BOUNDARY_NONE;
    return (uint32_t)all->chain_count++;
}

enum word_kind {
    WORD_NETWORK,
    WORD_RANGE,
    WORD_PORTS,
    WORD_BOTH_PORTS,
    WORD_PROTO,
    WORD_ICMP4,
    WORD_ICMP6,
    WORD_FLAGS,
    WORD_SYN,
    WORD_JUMP,
    WORD_SKIP /* a word with a value that could look like one of these */
};

static const struct word {
    const char *text;
    enum word_kind kind;
    enum tw_boundary_field field;
} words[] = {{"-s", WORD_NETWORK, TW_BOUNDARY_SRC},
             {"--source", WORD_NETWORK, TW_BOUNDARY_SRC},
             {"--src", WORD_NETWORK, TW_BOUNDARY_SRC},
             {"-d", WORD_NETWORK, TW_BOUNDARY_DST},
             {"--destination", WORD_NETWORK, TW_BOUNDARY_DST},
             {"--dst", WORD_NETWORK, TW_BOUNDARY_DST},
             {"--src-range", WORD_RANGE, TW_BOUNDARY_SRC},
             {"--dst-range", WORD_RANGE, TW_BOUNDARY_DST},
             {"--sport", WORD_PORTS, TW_BOUNDARY_SPORT},
             {"--sports", WORD_PORTS, TW_BOUNDARY_SPORT},
             {"--source-port", WORD_PORTS, TW_BOUNDARY_SPORT},
             {"--source-ports", WORD_PORTS, TW_BOUNDARY_SPORT},
             {"--dport", WORD_PORTS, TW_BOUNDARY_DPORT},
             {"--dports", WORD_PORTS, TW_BOUNDARY_DPORT},
             {"--destination-port", WORD_PORTS, TW_BOUNDARY_DPORT},
             {"--destination-ports", WORD_PORTS, TW_BOUNDARY_DPORT},
             {"--ports", WORD_BOTH_PORTS, TW_BOUNDARY_DPORT},
             {"-p", WORD_PROTO, TW_BOUNDARY_PROTO},
             {"--protocol", WORD_PROTO, TW_BOUNDARY_PROTO},
             {"--proto", WORD_PROTO, TW_BOUNDARY_PROTO},
             {"--icmp-type", WORD_ICMP4, TW_BOUNDARY_ICMP},
             {"--icmpv6-type", WORD_ICMP6, TW_BOUNDARY_ICMP},
             {"--tcp-flags", WORD_FLAGS, TW_BOUNDARY_PROTO},
             {"--syn", WORD_SYN, TW_BOUNDARY_PROTO},
             {"-j", WORD_JUMP, TW_BOUNDARY_PROTO},
             {"--jump", WORD_JUMP, TW_BOUNDARY_PROTO},
             {"-g", WORD_JUMP, TW_BOUNDARY_PROTO},
             {"--goto", WORD_JUMP, TW_BOUNDARY_PROTO},
             {"--comment", WORD_SKIP, TW_BOUNDARY_PROTO},
             {"--log-prefix", WORD_SKIP, TW_BOUNDARY_PROTO}};

static const struct word *word_find(const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].text, text) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

/* A rule is in one list of callers only: what comes after its first jump is noise. */
static void jump_take(struct reader *r, const char *target)
{
    if (r->jumped) {
        return;
    }
    r->jumped = true;
    uint32_t index = chain_find(r, target); /* may move the chains */
    struct tw_boundary_chain *c = &r->all->chains[index];
    r->rule->next_caller = c->first_caller;
    c->first_caller = (uint32_t)r->all->rule_count;
    c->callers++;
}

static void word_take(struct reader *r, const struct word *word, bool negated,
                      char *value, char *second)
{
    switch (word->kind) {
    case WORD_NETWORK:
        networks_take(r, word->field, negated, value);
        break;
    case WORD_RANGE:
        address_range_take(r, word->field, negated, value);
        break;
    case WORD_PORTS:
    case WORD_BOTH_PORTS:
        /* "either port" has no box: its bounds are tried on the destination only */
        ports_take(r, word->field, negated, value);
        break;
    case WORD_PROTO:
        proto_take(r, negated, value);
        break;
    case WORD_ICMP4:
    case WORD_ICMP6:
        icmp_take(r, negated, value, word->kind == WORD_ICMP6);
        break;
    case WORD_FLAGS:
        r->rule->flags_mask = flags_read(value);
        r->rule->flags_comp = second != NULL ? flags_read(second) : 0;
        break;
    case WORD_JUMP:
        jump_take(r, value);
        break;
    case WORD_SYN:
    case WORD_SKIP:
        break;
    }
}

/* Splits a line in place; quotes group, a backslash keeps the next character. */
static size_t line_split(char *line, char *out[WORDS_MAX])
{
    size_t count = 0;
    char *at = line;
    while (count < WORDS_MAX) {
        at += strspn(at, " \t\r");
        if (*at == '\0') {
            break;
        }
        out[count++] = at;
        char *to = at;
        bool quoted = false;
        while (*at != '\0' && (quoted || strchr(" \t\r", *at) == NULL)) {
            if (*at == '"') {
                quoted = !quoted;
                at++;
                continue;
            }
            if (*at == '\\' && at[1] != '\0') {
                at++;
            }
            *to++ = *at++;
        }
        bool end = *at == '\0';
        *to = '\0';
        at += !end;
        if (end) {
            break;
        }
    }
    return count;
}

static void rule_read(struct reader *r, char *const *list, size_t count)
{
    struct tw_boundary_rules *all = r->all;
    if (all->rule_count == TW_BOUNDARY_RULES_MAX) {
        tw_oracle_die(TW_ORACLE_USAGE, "more than %u rules", TW_BOUNDARY_RULES_MAX);
    }
    all->rules =
        room_make(all->rules, all->rule_count, &all->rule_room, sizeof *all->rules);
    r->rule = &all->rules[all->rule_count];
    memset(r->rule, 0, sizeof *r->rule);
    r->rule->chain = chain_find(r, list[0]);
    r->rule->next_caller = TW_BOUNDARY_NONE;
    r->rule->first = (uint32_t)all->condition_count;
    r->jumped = false;
    bool negated = false;
    for (size_t i = 1; i < count; i++) {
        const struct word *word = word_find(list[i]);
        if (word == NULL) {
            negated = strcmp(list[i], "!") == 0;
            continue;
        }
        if (word->kind == WORD_SYN) {
            r->rule->flags_mask = 0x17;
            r->rule->flags_comp = TW_ORACLE_TCP_SYN;
        } else if (i + 1 < count) {
            if (strcmp(list[i + 1], "!") == 0 && i + 2 < count) {
                negated = true; /* the old order: -s ! 10.0.0.0/8 */
                i++;
            }
            i++;
            word_take(r, word, negated, list[i], i + 1 < count ? list[i + 1] : NULL);
        }
        negated = false;
    }
    all->rule_count++;
}

static void line_read(struct reader *r, char *line)
{
    char *list[WORDS_MAX];
    size_t count = line_split(line, list);
    if (count == 0) {
        return;
    }
    if (list[0][0] == '*') {
        r->table = ++r->all->tables;
        return;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        if (strcmp(list[i], "-A") == 0 || strcmp(list[i], "--append") == 0) {
            rule_read(r, list + i + 1, count - i - 1);
            return;
        }
    }
}

void tw_boundary_rules_read(struct tw_boundary_rules *all, const char *path,
                            uint8_t family)
{
    size_t size;
    char *text = tw_oracle_file_read(path, TW_ORACLE_INPUT_MAX, &size);
    struct reader r = {all, NULL, family, all->files++, ++all->tables, false};
    size_t first = all->rule_count;
    char *at = text;
    while (at < text + size) {
        char *end = memchr(at, '\n', (size_t)(text + size - at));
        if (end == NULL) {
            end = text + size;
        }
        *end = '\0';
        line_read(&r, at);
        at = end + 1;
    }
    for (size_t i = first; i < all->rule_count; i++) {
        all->rules[i].family = r.family == 6 ? 6 : 4;
    }
    free(text);
}

void tw_boundary_rules_link(struct tw_boundary_rules *all)
{
    static const char *const roots[] = {"FORWARD", "PREROUTING", "POSTROUTING"};
    for (size_t i = 0; i < all->chain_count; i++) {
        for (size_t k = 0; k < sizeof roots / sizeof roots[0]; k++) {
            all->chains[i].forwarding |= strcmp(all->chains[i].name, roots[k]) == 0;
        }
    }
    bool grown = true;
    while (grown) {
        grown = false;
        for (size_t i = 0; i < all->chain_count; i++) {
            struct tw_boundary_chain *c = &all->chains[i];
            uint32_t caller = c->first_caller;
            while (caller != TW_BOUNDARY_NONE && !c->forwarding) {
                c->forwarding = all->chains[all->rules[caller].chain].forwarding;
                grown |= c->forwarding;
                caller = all->rules[caller].next_caller;
            }
        }
    }
}

void tw_boundary_rules_release(struct tw_boundary_rules *all)
{
    free(all->rules);
    free(all->conditions);
    free(all->ranges);
    free(all->chains);
    memset(all, 0, sizeof *all);
}

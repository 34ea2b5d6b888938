/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boundary_probes: prints probes that sit on the edges of a rule set, for
 * kernel_oracle. Random packets hardly ever notice a port that is off by one; packets
 * one step inside and one step outside of every range do.
 *
 *   boundary_probes [-4|-6] FILE... [--seed N] [--random N] [--repeat N] [--max N]
 *                   [--src-zone CIDR,..] [--dst-zone CIDR,..] [--all-chains] > PROBES
 *
 * FILEs are iptables-save text. -4 and -6 hold for the files after them; without, a
 * file with an IPv6 address in it is IPv6. For each condition of each rule (source,
 * destination, ports, protocol, ICMP type) the values lo-1, lo, hi, hi+1 of each range
 * are tried, the other fields drawn inside the rule and inside one of the rules that
 * jump to its chain; then other protocols and other TCP flags. --repeat does it all N
 * times with other draws. --random N adds N packets whose fields come from all over
 * the rules. Zones limit the addresses (a family that the list does not name stays
 * free). Rules that forwarded packets cannot reach are left out unless --all-chains.
 *
 * The same seed gives the same bytes. No probe is printed twice, nor any that Linux
 * never forwards. --max (default and limit 2000000) ends the list with a note.
 */
#define _GNU_SOURCE 1
#include "boundary_rules.h"
#include "boundary_sets.h"
#include "oracle_die.h"
#include "oracle_probe.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_RULES 8u /* how far up the callers of a chain are followed */

struct maker {
    struct tw_boundary_rules all;
    struct tw_boundary_set zone[2][2]; /* [src, dst][IPv4, IPv6]; empty: no limit */
    uint64_t random_state;
    struct tw_oracle_probe *made;
    size_t count, max;
    uint32_t *slots;
    size_t mask;
    uint32_t random_wanted, repeat;
    bool all_chains;
};

/* The values of one packet, by field. */
struct draw {
    tw_boundary_value value[TW_BOUNDARY_FIELDS];
    uint8_t family;
    uint8_t flags;
};

/* A rule and one way to it: itself, a caller of its chain, a caller of that, ... */
struct way {
    const struct tw_boundary_rule *rule[PATH_MAX_RULES];
    unsigned count;
};

static uint32_t dice(struct maker *m, uint32_t sides)
{
    return (uint32_t)((tw_boundary_random(&m->random_state) >> 32) % sides);
}

static bool is_icmp(uint8_t family, tw_boundary_value proto)
{
    return proto == (family == 4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6);
}

static void address_put(uint8_t out[16], tw_boundary_value value, uint8_t family)
{
    size_t bytes = family == 4 ? 4 : 16;
    for (size_t i = bytes; i > 0; i--) {
        out[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

static void probe_make(const struct draw *d, struct tw_oracle_probe *probe)
{
    memset(probe, 0, sizeof *probe);
    probe->family = d->family;
    probe->proto = (uint8_t)d->value[TW_BOUNDARY_PROTO];
    address_put(probe->src, d->value[TW_BOUNDARY_SRC], d->family);
    address_put(probe->dst, d->value[TW_BOUNDARY_DST], d->family);
    if (is_icmp(d->family, probe->proto)) {
        probe->sport = (uint16_t)(d->value[TW_BOUNDARY_ICMP] >> 8);
        probe->dport = (uint16_t)(d->value[TW_BOUNDARY_ICMP] & 255);
    } else if (tw_oracle_proto_ported(probe->proto) && probe->proto != TW_ORACLE_ICMP &&
               probe->proto != TW_ORACLE_ICMP6) {
        probe->sport = (uint16_t)d->value[TW_BOUNDARY_SPORT];
        probe->dport = (uint16_t)d->value[TW_BOUNDARY_DPORT];
    }
    probe->flags = probe->proto == TW_ORACLE_TCP ? d->flags : 0;
}

static size_t probe_hash(const struct tw_oracle_probe *probe)
{
    const uint8_t *at = (const uint8_t *)probe;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof *probe; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3u;
    }
    return (size_t)(hash ^ hash >> 29);
}

static bool zone_allows(const struct maker *m, const struct draw *d)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct tw_boundary_set *zone = &m->zone[side][d->family == 6];
        if (zone->count != 0 && !tw_boundary_set_has(zone, d->value[side])) {
            return false;
        }
    }
    return true;
}

/* Keeps a packet that is sendable, within the zones, and new. */
static void packet_keep(struct maker *m, const struct draw *d)
{
    struct tw_oracle_probe probe;
    if (m->count == m->max || !zone_allows(m, d)) {
        return;
    }
    probe_make(d, &probe);
    if (!tw_oracle_probe_sendable(&probe)) {
        return;
    }
    size_t slot = probe_hash(&probe) & m->mask;
    while (m->slots[slot] != TW_BOUNDARY_NONE) {
        if (memcmp(&m->made[m->slots[slot]], &probe, sizeof probe) == 0) {
            return;
        }
        slot = (slot + 1) & m->mask;
    }
    m->slots[slot] = (uint32_t)m->count;
    m->made[m->count++] = probe;
}

static tw_boundary_value field_top(enum tw_boundary_field field, uint8_t family)
{
    switch (field) {
    case TW_BOUNDARY_SRC:
    case TW_BOUNDARY_DST:
        return family == 4 ? 0xffffffffu : ~(tw_boundary_value)0;
    case TW_BOUNDARY_PROTO:
        return 255;
    default:
        return 65535;
    }
}

/* Where a field without conditions is drawn from: `wide` for what that leaves out. */
static void universe(const struct maker *m, enum tw_boundary_field field,
                     uint8_t family, bool wide, struct tw_boundary_set *set)
{
    set->count = 0;
    if (field <= TW_BOUNDARY_DST && m->zone[field][family == 6].count != 0) {
        *set = m->zone[field][family == 6];
    } else if (wide) {
        tw_boundary_set_add(set, 0, field_top(field, family));
    } else if (field <= TW_BOUNDARY_DST && family == 4) {
        tw_boundary_set_add(set, 0x01000000u, 0x7effffffu);
        tw_boundary_set_add(set, 0x80000000u, 0xdfffffffu);
    } else if (field <= TW_BOUNDARY_DST) {
        tw_boundary_value start = (tw_boundary_value)0x20 << 120;
        tw_boundary_set_add(set, start, start | ~(tw_boundary_value)0 >> 3);
    } else if (field == TW_BOUNDARY_PROTO) {
        tw_boundary_value icmp = family == 4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6;
        tw_boundary_set_add(set, TW_ORACLE_TCP, TW_ORACLE_TCP);
        tw_boundary_set_add(set, TW_ORACLE_UDP, TW_ORACLE_UDP);
        tw_boundary_set_add(set, icmp, icmp);
    } else if (field == TW_BOUNDARY_ICMP) {
        tw_boundary_value echo = family == 4 ? 8 << 8 : 128 << 8;
        tw_boundary_set_add(set, echo, echo);
    } else {
        tw_boundary_set_add(set, 0, 65535);
    }
}

/* What the first `depth` rules of the way leave of a field. */
static void way_set(const struct maker *m, const struct way *way, unsigned depth,
                    enum tw_boundary_field field, bool wide,
                    struct tw_boundary_set *set)
{
    universe(m, field, way->rule[0]->family, wide, set);
    for (unsigned i = 0; i < depth; i++) {
        const struct tw_boundary_rule *rule = way->rule[i];
        for (uint32_t k = 0; k < rule->count; k++) {
            const struct tw_boundary_condition *c = &m->all.conditions[rule->first + k];
            if (c->field == field) {
                tw_boundary_set_meet(set, &m->all, c);
            }
        }
    }
}

/* Draws a field inside the way, or at least inside the rule; false if it cannot be. */
static bool field_draw(struct maker *m, const struct way *way,
                       enum tw_boundary_field field, struct draw *d)
{
    struct tw_boundary_set set;
    for (unsigned attempt = 0; attempt < 4; attempt++) {
        unsigned depth = attempt < 2 ? way->count : 1;
        way_set(m, way, depth, field, (attempt & 1) != 0, &set);
        if (set.count != 0) {
            d->value[field] = tw_boundary_set_draw(&set, &m->random_state);
            return true;
        }
    }
    return false;
}

/* Climbs from the rule through callers chosen by dice to a built-in chain. */
static void way_find(struct maker *m, const struct tw_boundary_rule *rule,
                     struct way *way)
{
    way->count = 0;
    while (way->count < PATH_MAX_RULES) {
        way->rule[way->count++] = rule;
        const struct tw_boundary_chain *chain = &m->all.chains[rule->chain];
        if (chain->callers == 0) {
            break;
        }
        uint32_t skip = dice(m, chain->callers);
        uint32_t caller = chain->first_caller;
        while (skip-- > 0) {
            caller = m->all.rules[caller].next_caller;
        }
        rule = &m->all.rules[caller];
    }
}

static bool packet_draw(struct maker *m, const struct way *way, struct draw *d)
{
    memset(d, 0, sizeof *d);
    d->family = way->rule[0]->family;
    for (unsigned field = 0; field < TW_BOUNDARY_FIELDS; field++) {
        if (!field_draw(m, way, (enum tw_boundary_field)field, d)) {
            return false;
        }
    }
    d->flags = TW_ORACLE_TCP_SYN;
    for (unsigned i = way->count; i > 0; i--) {
        const struct tw_boundary_rule *rule = way->rule[i - 1];
        d->flags = (uint8_t)((d->flags & ~rule->flags_mask) | rule->flags_comp);
    }
    return true;
}

/* One field set to one value, all others drawn anew. */
static void value_try(struct maker *m, const struct tw_boundary_rule *rule,
                      enum tw_boundary_field field, tw_boundary_value value)
{
    struct way way;
    struct draw d;
    way_find(m, rule, &way);
    if (packet_draw(m, &way, &d)) {
        d.value[field] = value;
        if (field == TW_BOUNDARY_ICMP) {
            bool v4 = d.family == 4;
            d.value[TW_BOUNDARY_PROTO] = v4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6;
        }
        packet_keep(m, &d);
    }
}

static void bounds_try(struct maker *m, const struct tw_boundary_rule *rule,
                       const struct tw_boundary_condition *condition)
{
    tw_boundary_value top = field_top(condition->field, rule->family);
    for (uint32_t i = 0; i < condition->count; i++) {
        struct tw_boundary_range range = m->all.ranges[condition->first + i];
        value_try(m, rule, condition->field, range.lo);
        value_try(m, rule, condition->field, range.hi);
        if (range.lo > 0) {
            value_try(m, rule, condition->field, range.lo - 1);
        }
        if (range.hi < top) {
            value_try(m, rule, condition->field, range.hi + 1);
        }
    }
}

static void protocols_try(struct maker *m, const struct tw_boundary_rule *rule)
{
    static const uint8_t others[] = {TW_ORACLE_TCP, TW_ORACLE_UDP, TW_ORACLE_SCTP, 47};
    for (size_t i = 0; i < sizeof others; i++) {
        value_try(m, rule, TW_BOUNDARY_PROTO, others[i]);
    }
    value_try(m, rule, TW_BOUNDARY_PROTO,
              rule->family == 4 ? TW_ORACLE_ICMP : TW_ORACLE_ICMP6);
    value_try(m, rule, TW_BOUNDARY_PROTO, 100 + dice(m, 100));
}

static void flags_try(struct maker *m, const struct tw_boundary_rule *rule)
{
    uint8_t mask = rule->flags_mask;
    uint8_t tries[11] = {rule->flags_comp, TW_ORACLE_TCP_SYN,
                         TW_ORACLE_TCP_SYN | TW_ORACLE_TCP_ACK};
    for (unsigned bit = 0; bit < 8; bit++) {
        tries[3 + bit] = (uint8_t)(rule->flags_comp ^ (mask & 1u << bit));
    }
    for (size_t i = 0; mask != 0 && i < sizeof tries; i++) {
        struct way way;
        struct draw d;
        way_find(m, rule, &way);
        if (packet_draw(m, &way, &d)) {
            d.value[TW_BOUNDARY_PROTO] = TW_ORACLE_TCP;
            d.flags = tries[i];
            packet_keep(m, &d);
        }
    }
}

static bool rule_counts(const struct maker *m, const struct tw_boundary_rule *rule)
{
    return m->all_chains || m->all.chains[rule->chain].forwarding;
}

static void rule_try(struct maker *m, const struct tw_boundary_rule *rule)
{
    struct way way;
    struct draw d;
    way_find(m, rule, &way);
    if (!packet_draw(m, &way, &d)) {
        return; /* nothing of it lies in the zones */
    }
    packet_keep(m, &d);
    for (uint32_t i = 0; i < rule->count; i++) {
        bounds_try(m, rule, &m->all.conditions[rule->first + i]);
    }
    protocols_try(m, rule);
    flags_try(m, rule);
}

/* Each field from another rule, or from anywhere. */
static void random_try(struct maker *m)
{
    static const uint8_t flags[] = {0x02, 0x02, 0x02, 0x12, 0x10, 0x11, 0x04, 0x18};
    struct draw d;
    struct tw_boundary_rule anything = {0};
    uint32_t rules = (uint32_t)m->all.rule_count;
    memset(&d, 0, sizeof d);
    d.family = m->all.rules[dice(m, rules)].family;
    anything.family = d.family;
    for (unsigned field = 0; field < TW_BOUNDARY_FIELDS; field++) {
        const struct tw_boundary_rule *rule = &m->all.rules[dice(m, rules)];
        bool foreign = rule->family != d.family || dice(m, 3) == 0;
        struct way way = {{foreign ? &anything : rule}, 1};
        if (!field_draw(m, &way, (enum tw_boundary_field)field, &d)) {
            way.rule[0] = &anything;
            field_draw(m, &way, (enum tw_boundary_field)field, &d);
        }
    }
    if (dice(m, 16) == 0) {
        d.value[TW_BOUNDARY_PROTO] = dice(m, 256);
    }
    d.flags = flags[dice(m, sizeof flags)];
    packet_keep(m, &d);
}

static void all_make(struct maker *m)
{
    size_t slots = 1024;
    while (slots < m->max * 2) {
        slots *= 2;
    }
    m->made = tw_oracle_alloc(m->max, sizeof *m->made);
    m->slots = tw_oracle_alloc(slots, sizeof *m->slots);
    memset(m->slots, 0xff, slots * sizeof *m->slots);
    m->mask = slots - 1;
    for (uint32_t turn = 0; turn < m->repeat; turn++) {
        for (size_t i = 0; i < m->all.rule_count && m->count < m->max; i++) {
            if (rule_counts(m, &m->all.rules[i])) {
                rule_try(m, &m->all.rules[i]);
            }
        }
    }
    for (uint32_t i = 0; m->all.rule_count != 0 && i < m->random_wanted; i++) {
        random_try(m);
    }
}

static void zone_parse(struct maker *m, unsigned side, char *list)
{
    for (char *next = NULL; list != NULL; list = next) {
        struct tw_boundary_range range;
        uint8_t family;
        next = strchr(list, ',');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (!tw_boundary_network_parse(list, &range, &family)) {
            tw_oracle_die(TW_ORACLE_USAGE, "a zone is a list of networks, not '%s'",
                          list);
        }
        struct tw_boundary_set *zone = &m->zone[side][family == 6];
        if (zone->count == TW_BOUNDARY_SET_MAX) {
            tw_oracle_die(TW_ORACLE_USAGE, "a zone has at most %d networks",
                          TW_BOUNDARY_SET_MAX);
        }
        tw_boundary_set_add(zone, range.lo, range.hi);
    }
}

static uint32_t number_parse(const char *option, const char *text, uint32_t max)
{
    uint32_t number = 0;
    if (!tw_oracle_number(text, strlen(text), max, &number)) {
        tw_oracle_die(TW_ORACLE_USAGE, "%s is a number from 0 to %u", option, max);
    }
    return number;
}

enum option_id {
    OPT_SEED = 256,
    OPT_RANDOM,
    OPT_REPEAT,
    OPT_MAX,
    OPT_SRC,
    OPT_DST,
    OPT_ALL
};

static const struct option option_table[] = {
    {"seed", required_argument, NULL, OPT_SEED},
    {"random", required_argument, NULL, OPT_RANDOM},
    {"repeat", required_argument, NULL, OPT_REPEAT},
    {"max", required_argument, NULL, OPT_MAX},
    {"src-zone", required_argument, NULL, OPT_SRC},
    {"dst-zone", required_argument, NULL, OPT_DST},
    {"all-chains", no_argument, NULL, OPT_ALL},
    {NULL, 0, NULL, 0}};

static void options_parse(struct maker *m, int argc, char **argv)
{
    uint8_t family = 0;
    int id;
    /* "-" in front: operands are handed out in order, between -4 and -6 */
    while ((id = getopt_long(argc, argv, "-46", option_table, NULL)) != -1) {
        switch (id) {
        case 1:
            tw_boundary_rules_read(&m->all, optarg, family);
            break;
        case '4':
        case '6':
            family = (uint8_t)(id - '0');
            break;
        case OPT_SEED:
            /* spread the bits; the generator cannot start at 0 */
            m->random_state = number_parse("--seed", optarg, UINT32_MAX);
            m->random_state = (m->random_state + 1) * 0x9e3779b97f4a7c15u;
            break;
        case OPT_RANDOM:
            m->random_wanted = number_parse("--random", optarg, TW_ORACLE_PROBES_MAX);
            break;
        case OPT_REPEAT:
            m->repeat = number_parse("--repeat", optarg, 1000);
            break;
        case OPT_MAX:
            m->max = number_parse("--max", optarg, TW_ORACLE_PROBES_MAX);
            break;
        case OPT_SRC:
        case OPT_DST:
            zone_parse(m, id == OPT_DST, optarg);
            break;
        case OPT_ALL:
            m->all_chains = true;
            break;
        default:
            tw_oracle_die(TW_ORACLE_USAGE,
                          "see the head of boundary_probes.c for usage");
        }
    }
    if (m->all.files == 0) {
        tw_oracle_die(TW_ORACLE_USAGE, "no rule set given");
    }
}

int main(int argc, char **argv)
{
    struct maker *m = tw_oracle_alloc(1, sizeof *m);
    char text[TW_ORACLE_PROBE_TEXT];
    m->random_state = 0x9e3779b97f4a7c15u;
    m->max = TW_ORACLE_PROBES_MAX;
    m->repeat = 1;
    options_parse(m, argc, argv);
    tw_boundary_rules_link(&m->all);
    all_make(m);
    for (size_t i = 0; i < m->count; i++) {
        tw_oracle_probe_print(&m->made[i], text);
        puts(text);
    }
    if (m->count == m->max) {
        tw_oracle_note("stopped at --max %zu", m->max);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        tw_oracle_die(TW_ORACLE_FAILED, "cannot write the probes");
    }
    free(m->made);
    free(m->slots);
    tw_boundary_rules_release(&m->all);
    free(m);
    return TW_ORACLE_OK;
}

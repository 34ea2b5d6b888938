/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A very lenient reader of iptables-save text, for the probe generator only. It knows
 * the fields that probes can vary and skips every other word, so it must never be used
 * to judge a rule. It shares nothing with the parser that it helps to test.
 */
#ifndef TW_BOUNDARY_RULES_H
#define TW_BOUNDARY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 tw_boundary_value;

#define TW_BOUNDARY_RULES_MAX 500000u
#define TW_BOUNDARY_NONE UINT32_MAX

enum tw_boundary_field {
    TW_BOUNDARY_SRC,
    TW_BOUNDARY_DST,
    TW_BOUNDARY_PROTO,
    TW_BOUNDARY_SPORT,
    TW_BOUNDARY_DPORT,
    TW_BOUNDARY_ICMP, /* type * 256 + code */
    TW_BOUNDARY_FIELDS
};

struct tw_boundary_range {
    tw_boundary_value lo, hi;
};

/* One condition of a rule: a field lies in one of the ranges, or in none (negated). */
struct tw_boundary_condition {
    enum tw_boundary_field field;
    bool negated;
    uint32_t first; /* into ranges */
    uint32_t count;
};

struct tw_boundary_rule {
    uint32_t chain;
    uint32_t next_caller; /* another rule with the same target, or NONE */
    uint32_t first;       /* into conditions */
    uint16_t count;
    uint8_t family;
    uint8_t flags_mask; /* --tcp-flags mask comp; mask 0: none */
    uint8_t flags_comp;
};

struct tw_boundary_chain {
    char name[64];
    uint32_t file; /* chains of different files and tables are different */
    uint32_t table;
    uint32_t callers;
    uint32_t first_caller;
    bool forwarding; /* forwarded packets come by */
};

struct tw_boundary_rules {
    struct tw_boundary_rule *rules;
    struct tw_boundary_condition *conditions;
    struct tw_boundary_range *ranges;
    struct tw_boundary_chain *chains;
    size_t rule_count, condition_count, range_count, chain_count;
    size_t rule_room, condition_room, range_room, chain_room;
    uint32_t files, tables;
};

/*
 * Adds the rules of one file. `family` 4 or 6, or 0: 6 if any address in it is IPv6.
 * Dies (exit 2) on an unreadable file and above TW_BOUNDARY_RULES_MAX rules.
 */
void tw_boundary_rules_read(struct tw_boundary_rules *all, const char *path,
                            uint8_t family);

/* Marks the chains that forwarded packets visit; call once after all files. */
void tw_boundary_rules_link(struct tw_boundary_rules *all);

void tw_boundary_rules_release(struct tw_boundary_rules *all);

/* "10.0.0.0/8", "10.0.0.1", "2001:db8::/32", "10.0.0.0/255.0.0.0" as a range. */
bool tw_boundary_network_parse(const char *text, struct tw_boundary_range *range,
                               uint8_t *family);

#endif

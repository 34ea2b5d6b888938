/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule says, as pairs of texts in a fixed order, for the writers of the normal
 * form: src="10.0.0.0/8" proto="tcp" dport="80 8000-8010" in="eth0" if="!u3".
 *
 * What a reader would take for granted is left out. Addresses that are those of a named
 * list of the export stand as @name where they would be long.
 */
#ifndef TW_POLICY_FIELDS_H
#define TW_POLICY_FIELDS_H

#include "policy.h"

struct tw_field {
    const char *key;
    struct tw_str value; /* escaped, see policy_words.h */
    bool is_list;        /* of items with blanks between them */
};

struct tw_fields {
    struct tw_arena *arena; /* of the values */
    TW_VEC(struct tw_field) list;
};

/* A policy as its writers look at it. */
struct tw_policy_view {
    const struct tw_policy *policy;
    struct tw_str *unknowns; /* their ids, such as time.sunday-night */
    struct tw_str *chains;   /* their names, each different from the others */
    struct tw_map objects;   /* addresses, as bytes, to struct tw_object */
    bool for_people;         /* unknowns by their names, not by their ids */
    bool counters;           /* packets, bytes, hits */
};

struct tw_policy_view *tw_policy_view_new(struct tw_arena *arena,
                                          const struct tw_policy *policy);

/* The named list of the export whose addresses of FAMILY are RANGES (may be NULL),
 * where it is long; or NULL. */
const struct tw_object *tw_view_object(const struct tw_policy_view *view,
                                       const struct tw_ranges *ranges,
                                       enum tw_family family);

/* What holds for all rules of a chain and is said there. */
struct tw_chain_words {
    int family;     /* that all their products are restricted to, or -1 */
    bool uncounted; /* there are rules, and none is stated for filtering */
};
struct tw_chain_words tw_chain_words(const struct tw_policy *policy,
                                     const struct tw_chain *chain);

/* Has somebody given it a name, other than CHAIN#INDEX? */
bool tw_rule_has_own_name(const struct tw_policy_view *view,
                          const struct tw_rule *rule);
/* What stands before and behind the products of rule INDEX. */
void tw_fields_before(struct tw_fields *fields, const struct tw_policy_view *view,
                      uint32_t index);
void tw_fields_behind(struct tw_fields *fields, const struct tw_policy_view *view,
                      uint32_t index, struct tw_chain_words chain);
/* A product of a rule in CHAIN. */
void tw_fields_of_match(struct tw_fields *fields, const struct tw_policy_view *view,
                        const struct tw_match *match, struct tw_chain_words chain);

void tw_field_text(struct tw_fields *fields, const char *key, struct tw_str text);
void tw_field_word(struct tw_fields *fields, const char *key, const char *word);
void tw_field_yes(struct tw_fields *fields, const char *key, bool yes);
void tw_field_no(struct tw_fields *fields, const char *key, bool no);
void tw_field_number(struct tw_fields *fields, const char *key, uint64_t n);
/* "none" where RANGES is empty; nothing where it is NULL. */
void tw_field_addresses(struct tw_fields *fields, const char *key,
                        const struct tw_ranges *ranges, enum tw_family family);
/* A set of the values of U; nothing where it is NULL or empty. */
void tw_field_values(struct tw_fields *fields, const char *key,
                     const struct tw_unknown *u, const uint64_t *set);
void tw_field_names(struct tw_fields *fields, const char *key,
                    const struct tw_str *names, size_t n);

#endif

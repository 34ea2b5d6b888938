/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the neutral XML of policies (docs/twinwall-policy.rng): what its parts share.
 *
 * Nothing is passed over: an attribute or element that is not known may restrict a
 * rule, so it is an error. Every mistake of a document is told in one run.
 */
#ifndef TW_NEUTRAL_H
#define TW_NEUTRAL_H

#include "messages.h"
#include "policy.h"
#include "xml.h"

/* A rule or stage that names a chain, which may stand further down. */
struct tw_neutral_link {
    struct tw_str chain;
    struct tw_span at;
    uint32_t rule;         /* UINT32_MAX: a stage */
    enum tw_family family; /* of the stage … */
    enum tw_hook hook;
    size_t stage;
};

struct tw_neutral {
    struct tw_policy *policy;
    struct tw_arena *arena;
    struct tw_diags *diags;
    const struct tw_source *src;
    struct tw_time now;
    struct tw_map chains, unknowns, objects; /* by name or id: index + 1 */
    struct tw_map lists; /* by family and text: ranges that were read before */
    struct tw_map sets;  /* by unknown and text: sets of values */
    struct tw_buf key;   /* what is looked up in these */
    /* Work of one list or rule: what is kept is copied, as it is most often short. */
    TW_VEC(struct tw_range) ranges;
    TW_VEC(struct tw_condition) conditions;
    TW_VEC(struct tw_neutral_link) links;
    int family;    /* of the chain at hand, or -1 */
    bool counted;  /* its rules count as filtering */
    unsigned seen; /* elements that may stand once, as bits */
};

/* --- attributes (neutral_values.c) --------------------------------------------------
 */

/* The attribute NAME of E, or NULL. */
const struct tw_xml_attr *tw_neutral_attr(const struct tw_xml *e, const char *name);
/* All attributes of E must be among KNOWN and its text empty; tells what is not. */
void tw_neutral_know(struct tw_neutral *r, const struct tw_xml *e,
                     const char *const *known);
/* TEXT as long as the policy lives. */
struct tw_str tw_neutral_keep(struct tw_neutral *r, struct tw_str text);
/* The place of PIECE in the value of A. */
struct tw_span tw_neutral_span(const struct tw_neutral *r, const struct tw_xml_attr *a,
                               struct tw_str piece);
/* "A="PIECE": expected WANT". */
void tw_neutral_bad(struct tw_neutral *r, const struct tw_xml_attr *a,
                    struct tw_str piece, struct tw_str want);
/* Kept text of the attribute NAME; empty where it is missing, which is told where it is
 * REQUIRED. */
struct tw_str tw_neutral_text(struct tw_neutral *r, const struct tw_xml *e,
                              const char *name, bool required);
/* yes or no; FALLBACK where it is missing. */
bool tw_neutral_yes(struct tw_neutral *r, const struct tw_xml *e, const char *name,
                    bool fallback);
/* The index of the value of NAME in WORDS; -1 where it is missing or wrong, which is
 * told (missing: where REQUIRED). */
int tw_neutral_word(struct tw_neutral *r, const struct tw_xml *e, const char *name,
                    const char *const *words, bool required);
/* A number up to MAX; 0 where it is missing or wrong. */
uint64_t tw_neutral_number(struct tw_neutral *r, const struct tw_xml *e,
                           const char *name, uint64_t max, bool required);
/* A list of names; NULL and *N = 0 where it is missing. */
struct tw_str *tw_neutral_names(struct tw_neutral *r, const struct tw_xml *e,
                                const char *name, size_t *n);
/* Enters NAME with its index in MAP; false after telling that it stood there before. */
bool tw_neutral_declare(struct tw_neutral *r, struct tw_map *map,
                        const struct tw_xml *e, struct tw_str name, size_t index);

/* --- lists of numbers (neutral_lists.c) ---------------------------------------------
 */

/* NULL where the attribute is missing or wrong. */
const struct tw_ranges *tw_neutral_addresses(struct tw_neutral *r,
                                             const struct tw_xml *e, const char *name,
                                             enum tw_family family);
const struct tw_ranges *tw_neutral_protocols(struct tw_neutral *r,
                                             const struct tw_xml *e);
const struct tw_ranges *tw_neutral_ports(struct tw_neutral *r, const struct tw_xml *e,
                                         const char *name);
const struct tw_ranges *tw_neutral_icmp(struct tw_neutral *r, const struct tw_xml *e);

/* --- rules (neutral_rule.c) and unknowns (neutral_unknown.c) ------------------------
 */

void tw_neutral_rule(struct tw_neutral *r, const struct tw_xml *e);
void tw_neutral_unknown(struct tw_neutral *r, const struct tw_xml *e);
/* The index of the unknown that ID names, or UINT32_MAX after telling. */
uint32_t tw_neutral_find_unknown(struct tw_neutral *r, const struct tw_xml_attr *a,
                                 struct tw_str id);
/* The set of values of UNKNOWN that LIST names, items separated by SEPARATOR; a leading
 * ! takes all others. NULL after telling. */
const uint64_t *tw_neutral_set(struct tw_neutral *r, const struct tw_xml_attr *a,
                               uint32_t unknown, struct tw_str list, char separator);

#endif

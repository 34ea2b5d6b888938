/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which products of a policy can the packets of one question meet, and which of them
 * can a class of these packets still meet? The first step of atoms.c.
 *
 * The products that may match are the bits of a question, crossing by crossing, each in
 * order of evaluation. A survey follows the calls from the base chains; what stands
 * behind a rule that surely matches and leaves its chain is never met, nor is a chain
 * whose callers are never met. Pruning does the same for a class whose first fields are
 * fixed, so that sets which differ only in what is never met become equal, and so do
 * sets that enter the same chain by different rules:
 *
 *     -s 10.1.1.1 -j svc     class {10.1.1.1}: rule 1 \  the same from here on
 *     -s 10.1.1.2 -j svc     class {10.1.1.2}: rule 2 /
 */
#ifndef TW_SURVEY_H
#define TW_SURVEY_H

#include "explore.h"

struct tw_survey_part; /* the bits of a chain */

struct tw_survey {
    struct tw_arena *arena;
    const struct tw_question *question;
    struct tw_program *programs; /* one per crossing */
    size_t ncrossings;
    size_t nbits, words;           /* of all crossings together */
    const struct tw_match **match; /* of every bit */
    /* For every field: the bits whose list holds all of the question's field. */
    uint64_t *covers[TW_FIELDS];
    /* For every field, and TW_FIELDS: the bits that match surely where all fields
     * before it match. */
    uint64_t *sure[TW_FIELDS + 1];
    uint64_t *leaves; /* the bits that leave their chain where they match */
    TW_VEC(struct tw_survey_part) parts; /* callers before callees */
    uint64_t *calls;                     /* the bits that call */
    uint32_t *call_at;                   /* … their places in their parts' lists */
    int field;                           /* that is being pruned for */
    uint64_t *work;
};

/* Surveys QUESTION over CROSSINGS; *WORK counts steps. */
struct tw_survey *tw_survey_new(struct tw_arena *arena,
                                const struct tw_question *question,
                                const struct tw_crossing *const *crossings,
                                size_t ncrossings, uint64_t *work);

/* BITS are matched by a class in all fields before FIELD: takes off what it cannot
 * meet, and puts one call for others that are equal to it here. */
void tw_survey_prune(struct tw_survey *survey, int field, uint64_t *bits);

/* The list of M that is held against FIELD; NULL: any. */
const struct tw_ranges *tw_match_field(const struct tw_match *m, enum tw_kind kind,
                                       enum tw_field field);

static inline void tw_bits_set(uint64_t *words, size_t bit)
{
    words[bit / 64] |= (uint64_t)1 << bit % 64;
}

static inline bool tw_bits_has(const uint64_t *words, size_t bit)
{
    return words[bit / 64] >> bit % 64 & 1;
}

#endif

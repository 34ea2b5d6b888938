/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of texts that only counts: how many different ones, and how many of them were
 * seen in an affected record.
 *
 * 16 bytes a value. Texts of up to 15 bytes are kept as they are; longer ones are told
 * apart by 125 bits of their hash, so that two of them are taken for one with a
 * probability below n² · 2^-126 for n values. The three highest bits of a key say that
 * it is there, that it is a hash, and that it was seen in an affected record.
 */
#ifndef TW_VALUE_SET_H
#define TW_VALUE_SET_H

#include <stdint.h>

#include "record.h"
#include "str.h"

struct tw_value_key {
    uint64_t a, b;
};

enum { TW_VALUE_SET_LATE = 8 };

struct tw_value_set {
    struct tw_arena *parent, *arena; /* of the table */
    struct tw_value_key *keys;       /* of zeros: free */
    size_t nslots;                   /* a power of two, or 0 */
    /* Values that were given and are not in the table yet, the oldest at nput % LATE:
     * their places are being fetched from memory meanwhile. */
    struct tw_value_key late[TW_VALUE_SET_LATE];
    uint64_t nlate, nput;
    uint64_t count, affected, max;
};

void tw_value_set_init(struct tw_value_set *set, struct tw_arena *arena, uint64_t max);
/* False where the set is full (MAX): a value was not added, this one or one before. */
bool tw_value_set_add(struct tw_value_set *set, struct tw_str text, bool affected);
/* The same for N fields, of records that are not affected; NULL is no value. */
bool tw_value_set_add_many(struct tw_value_set *set,
                           const struct tw_record_field *fields, size_t n);
/* Puts all that was given in its place; before that the counts are not final. */
bool tw_value_set_settle(struct tw_value_set *set);
/* Adds all of FROM to INTO; both are settled then. */
bool tw_value_set_merge(struct tw_value_set *into, struct tw_value_set *from);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the normal form of policies (docs/twinwall-policy.rng), for its writer
 * and its reader.
 *
 * Text stands as it is, but for bytes that XML cannot hold, which are written \xNN, and
 * a backslash that would read as one of these, which is \x5c. Lists are separated by
 * blanks; a name with a blank or a special beginning stands in single quotes:
 *
 *     in="trust 'DMZ 1'"     in="! eth0"     in="(none) (other)"
 */
#ifndef TW_POLICY_WORDS_H
#define TW_POLICY_WORDS_H

#include "buf.h"

/* By their enumerations or bits; NULL at the end. */
extern const char *const tw_words_of_action[]; /* enum tw_action; a DENY that answers
                                                  the sender is "reject" */
extern const char *const tw_words_of_kind[];   /* enum tw_unknown_kind */
extern const char *const tw_words_of_state[];  /* bits of enum tw_state */
extern const char *const tw_words_of_flag[];   /* TCP flags, bit by bit */
extern const char *const tw_words_of_family[]; /* enum tw_family */
extern const char *const tw_words_of_hook[];   /* enum tw_hook */
extern const char *const tw_words_of_day[];    /* bit 0 Monday */

#define TW_WORD_REJECT "reject"
#define TW_WORD_NONE "none"     /* an empty list */
#define TW_NAME_NONE "(none)"   /* value 0 of a choice */
#define TW_NAME_OTHER "(other)" /* its last value */
#define TW_POLICY_NAMESPACE "urn:twinwall:policy:1"

/* The index of S in WORDS, or -1. */
int tw_word_index(const char *const *words, struct tw_str s);

void tw_buf_escaped(struct tw_buf *buf, struct tw_str s);
/* S without its escapes: a slice of S where it has none. */
struct tw_str tw_unescaped(struct tw_arena *arena, struct tw_str s);

/* May S be the id of an unknown: letters, digits, _ . - and what is not ASCII? */
bool tw_is_id(struct tw_str s);

/* A name as an item of a list. */
void tw_buf_name(struct tw_buf *buf, struct tw_str name);
/* Takes the next item off the list *REST, up to a blank or to SEPARATOR outside of
 * quotes; false at the end. */
bool tw_next_item(struct tw_str *rest, char separator, struct tw_str *item);
/* The name that ITEM is; false where its quotes are wrong. */
bool tw_item_name(struct tw_arena *arena, struct tw_str item, struct tw_str *name);

#endif

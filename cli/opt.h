/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line, read by tables.
 *
 *     --name VALUE  --name=VALUE  -o VALUE  -oVALUE  -qv (switches)  --  OPERAND…  -
 *
 * Names are never abbreviated, so that a script means the same in every version. All
 * mistakes of a line are told in one run. An option that is not repeatable stands once.
 */
#ifndef TW_OPT_H
#define TW_OPT_H

#include "command.h"

/* The options that every verb takes; name NULL ends. */
extern const struct tw_opt tw_common_opts[];

/* The options OWN (NULL: none) and the common ones, as one list; NULL ends. */
const struct tw_opt *const *tw_opts_join(struct tw_arena *arena,
                                         const struct tw_opt *own);

/* Reads WORDS into ARGS, whose arena and opts are set. False where errors were added
 * to DIAGS; ARGS then holds what was understood. */
bool tw_args_parse(struct tw_args *args, const struct tw_str *words, size_t nwords,
                   struct tw_diags *diags);

/* How many of WORDS are options (and their values) that stand before the first operand,
 * which is the verb; by the same rules as tw_args_parse(). */
size_t tw_args_verb_at(const struct tw_opt *const *opts, const struct tw_str *words,
                       size_t nwords);

/* "; did you mean "X"?", or nothing: the last argument of diagnostics about names. */
struct tw_str tw_hint_nearest(struct tw_arena *arena, enum tw_lang lang,
                              struct tw_str word, const char *const *names);

/* The words of LIST (NULL ends) with ", " between them. */
struct tw_str tw_words_join(struct tw_arena *arena, const char *const *list);

#endif

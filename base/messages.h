/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of user-facing text, English and Chinese.
 *
 * Each line of messages_*.def is M(name, "English {0} …", "中文 {0} …"); {0} … {9} are
 * replaced by the arguments, in any order and as often as a language needs. Arguments
 * are text; a brace in an argument is just a brace.
 */
#ifndef TW_MESSAGES_H
#define TW_MESSAGES_H

#include "buf.h"
#include "lang.h"

enum tw_message {
#define M(name, en, zh) TW_M_##name,
#include "messages.def"
#undef M
    TW_MESSAGE_COUNT
};

/* Replaces the placeholders of PATTERN. An argument that is missing stays as written.
 */
void tw_buf_pattern(struct tw_buf *buf, const char *pattern, size_t nargs,
                    const struct tw_str *args);
const char *tw_message_pattern(enum tw_lang lang, enum tw_message message);
struct tw_str tw_message_text(struct tw_arena *arena, enum tw_lang lang,
                              enum tw_message message, size_t nargs,
                              const struct tw_str *args);

/* TW_SAY(arena, lang, TW_M_verdict_open) and TW_SAY(arena, lang, TW_M_x, a, b): A and B
 * are struct tw_str. */
#define TW_SAY(arena, lang, ...) TW_SAY_(arena, lang, __VA_ARGS__, TW_NO_STR)
#define TW_SAY_(arena, lang, message, ...)                                        \
    tw_message_text(                                                              \
        (arena), (lang), (message),                                               \
        sizeof((const struct tw_str[]){__VA_ARGS__}) / sizeof(struct tw_str) - 1, \
        (const struct tw_str[]){__VA_ARGS__})

#endif

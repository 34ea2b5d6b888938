/* SPDX-License-Identifier: Apache-2.0 */
/* User-facing text by language. */
#include "messages.h"

#include <assert.h>

static const char *const patterns[TW_MESSAGE_COUNT][TW_LANG_COUNT] = {
#define M(name, en, zh) [TW_M_##name] = {en, zh},
#include "messages.def"
#undef M
};

void tw_buf_pattern(struct tw_buf *buf, const char *pattern, size_t nargs,
                    const struct tw_str *args)
{
    for (const char *p = pattern; *p; p++) {
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}' &&
            (size_t)(p[1] - '0') < nargs) {
            tw_buf_str(buf, args[p[1] - '0']);
            p += 2;
        } else {
            tw_buf_char(buf, *p);
        }
    }
}

const char *tw_message_pattern(enum tw_lang lang, enum tw_message message)
{
    assert(lang < TW_LANG_COUNT && message < TW_MESSAGE_COUNT);
    return patterns[message][lang];
}

struct tw_str tw_message_text(struct tw_arena *arena, enum tw_lang lang,
                              enum tw_message message, size_t nargs,
                              const struct tw_str *args)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_pattern(&buf, tw_message_pattern(lang, message), nargs, args);
    return tw_buf_view(&buf);
}

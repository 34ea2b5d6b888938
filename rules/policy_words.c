/* SPDX-License-Identifier: Apache-2.0 */
/* Words, names and escapes of the normal form. */
#include "policy_words.h"

#include <string.h>

#include "policy.h"
#include "text.h"

const char *const tw_words_of_action[] = {
    [TW_ACTION_ACCEPT] = "allow",
    [TW_ACTION_DENY] = "deny",
    [TW_ACTION_CONTINUE] = "continue",
    [TW_ACTION_CALL] = "call",
    [TW_ACTION_GOTO] = "goto",
    [TW_ACTION_RETURN] = "return",
    [TW_ACTION_TRANSLATE] = "translate",
    [TW_ACTION_UNDECIDED] = "undecided",
    [TW_ACTION_SET_MARK] = "set-mark",
    [TW_ACTION_SAVE_MARK] = "save-mark",
    [TW_ACTION_RESTORE_MARK] = "restore-mark",
    [TW_ACTION_SET_CONNMARK] = "set-connmark",
    [TW_ACTION_NOTRACK] = "notrack",
    [TW_ACTION_NOTRACK + 1] = NULL,
};

const char *const tw_words_of_kind[] = {
    [TW_UNKNOWN_TOKEN] = "token",         [TW_UNKNOWN_CONDITION] = "condition",
    [TW_UNKNOWN_RATE] = "rate",           [TW_UNKNOWN_IN_IF] = "in",
    [TW_UNKNOWN_OUT_IF] = "out",          [TW_UNKNOWN_SRC_LOCAL] = "src-local",
    [TW_UNKNOWN_DST_LOCAL] = "dst-local", [TW_UNKNOWN_APP] = "app",
    [TW_UNKNOWN_USER] = "user",           [TW_UNKNOWN_TIME] = "time",
    [TW_UNKNOWN_TIME + 1] = NULL,
};

const char *const tw_words_of_state[] = {"invalid", "new",       "established",
                                         "related", "untracked", NULL};
const char *const tw_words_of_flag[] = {"fin", "syn", "rst", "psh", "ack",
                                        "urg", "ece", "cwr", NULL};
const char *const tw_words_of_family[] = {"ip", "ip6", NULL};
const char *const tw_words_of_hook[] = {"forward", "input", NULL};
const char *const tw_words_of_day[] = {"mon", "tue", "wed", "thu",
                                       "fri", "sat", "sun", NULL};

int tw_word_index(const char *const *words, struct tw_str s)
{
    for (int i = 0; words[i]; i++)
        if (tw_str_is(s, words[i]))
            return i;
    return -1;
}

/* --- escapes ------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Does S begin with \xNN? */
static bool is_escape(struct tw_str s)
{
    return s.len >= 4 && s.ptr[0] == '\\' && s.ptr[1] == 'x' &&
           hex_digit(s.ptr[2]) >= 0 && hex_digit(s.ptr[3]) >= 0;
}

/* Char of Extensible Markup Language 1.0, production 2. */
static bool fits_xml(uint32_t c)
{
    return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

/* As tw_buf_escaped(), and the character ALSO is escaped too. */
static void put_escaped(struct tw_buf *buf, struct tw_str s, char also)
{
    while (s.len) {
        uint32_t c = 0;
        size_t n = tw_utf8_step(s, &c);
        bool fits = n && fits_xml(c) && *s.ptr != also && !is_escape(s);
        n = n ? n : 1;
        if (fits)
            tw_buf_put(buf, s.ptr, n);
        for (size_t i = 0; !fits && i < n; i++)
            tw_buf_fmt(buf, "\\x%02x", (unsigned)(unsigned char)s.ptr[i]);
        s = tw_str_from(s, n);
    }
}

void tw_buf_escaped(struct tw_buf *buf, struct tw_str s)
{
    put_escaped(buf, s, '\0');
}

struct tw_str tw_unescaped(struct tw_arena *arena, struct tw_str s)
{
    struct tw_buf buf;
    size_t clean = tw_str_find_str(s, TW_STR("\\x"));
    if (clean == s.len)
        return s;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, tw_str_first(s, clean));
    s = tw_str_from(s, clean);
    while (s.len) {
        bool escape = is_escape(s);
        char c =
            escape ? (char)(hex_digit(s.ptr[2]) << 4 | hex_digit(s.ptr[3])) : *s.ptr;
        tw_buf_char(&buf, c);
        s = tw_str_from(s, escape ? 4 : 1);
    }
    return tw_buf_view(&buf);
}

bool tw_is_id(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i], letter = c | 0x20;
        bool plain = (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9');
        if (!plain && c < 0x80 && c != '_' && c != '.' && c != '-')
            return false;
    }
    return s.len > 0;
}

/* --- names in lists ------------------------------------------------------------ */

static bool needs_quotes(struct tw_str name)
{
    if (name.len == 0 || strchr("!(@", *name.ptr))
        return true;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == '\'' ||
            name.ptr[i] == '|')
            return true;
    return false;
}

void tw_buf_name(struct tw_buf *buf, struct tw_str name)
{
    bool quotes = needs_quotes(name);
    if (quotes)
        tw_buf_char(buf, '\'');
    put_escaped(buf, name, '\'');
    if (quotes)
        tw_buf_char(buf, '\'');
}

bool tw_next_item(struct tw_str *rest, char separator, struct tw_str *item)
{
    size_t at = 0;
    bool quoted = false;
    while (at < rest->len && rest->ptr[at] == ' ')
        at++;
    struct tw_str s = tw_str_from(*rest, at);
    for (at = 0; at < s.len; at++) {
        char c = s.ptr[at];
        quoted ^= c == '\'';
        if (!quoted && (c == ' ' || c == separator))
            break;
    }
    *item = tw_str_first(s, at);
    bool separated = at < s.len && s.ptr[at] == separator;
    *rest = tw_str_from(s, at + separated);
    return item->len > 0 || separated;
}

bool tw_item_name(struct tw_arena *arena, struct tw_str item, struct tw_str *name)
{
    bool quoted = item.len >= 2 && *item.ptr == '\'' && item.ptr[item.len - 1] == '\'';
    if (quoted)
        item = tw_str_first(tw_str_from(item, 1), item.len - 2);
    *name = tw_unescaped(arena, item);
    return tw_str_find(item, '\'') == item.len &&
           (quoted || (item.len && !strchr("!(@", *item.ptr)));
}

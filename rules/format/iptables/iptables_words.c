/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a dump to words, by the rules of iptables-restore. */
#include "iptables_parts.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* The word that begins at S: most have no quote and are slices. */
static size_t plain_length(struct tw_str s)
{
    size_t n = 0;
    while (n < s.len && !is_blank(s.ptr[n]) && s.ptr[n] != '"')
        n++;
    return n;
}

/* A word with a quote in it. Quotes vanish; a closing quote ends the word. False where
 * no quote closes. */
static bool quoted_word(struct tw_arena *arena, struct tw_str s,
                        struct tw_ipt_word *word)
{
    size_t open = tw_str_find(s, '"'), end = open + 1;
    bool escaped = false;
    while (end < s.len && s.ptr[end] != '"') {
        if (s.ptr[end] == '\\') {
            escaped = true;
            end++;
        }
        end++;
    }
    if (end >= s.len) {
        word->raw = tw_str_from(s, open);
        return false;
    }
    word->raw = tw_str_first(s, end + 1);
    word->quoted = true;
    if (open == 0 && !escaped) {
        word->text = (struct tw_str){s.ptr + 1, end - 1};
        return true;
    }
    char *text = tw_arena_alloc(arena, end);
    size_t n = 0;
    for (size_t i = 0; i < end; i++) {
        if (i == open)
            continue;
        if (i > open && s.ptr[i] == '\\')
            i++;
        text[n++] = s.ptr[i];
    }
    word->text = (struct tw_str){text, n};
    return true;
}

enum tw_ipt_split tw_ipt_words_split(struct tw_arena *arena, struct tw_str line,
                                     tw_ipt_words *words)
{
    words->len = 0;
    for (size_t at = 0;;) {
        while (at < line.len && is_blank(line.ptr[at]))
            at++;
        if (at == line.len)
            return TW_IPT_SPLIT;
        if (words->len == TW_IPT_WORDS)
            return TW_IPT_TOO_MANY;
        struct tw_str rest = tw_str_from(line, at);
        struct tw_ipt_word *word = tw_vec_add(arena, words);
        *word = (struct tw_ipt_word){0};
        size_t n = plain_length(rest);
        if (n < rest.len && rest.ptr[n] == '"') {
            if (!quoted_word(arena, rest, word))
                return TW_IPT_OPEN_QUOTE;
        } else {
            word->text = word->raw = tw_str_first(rest, n);
        }
        at += word->raw.len;
    }
}

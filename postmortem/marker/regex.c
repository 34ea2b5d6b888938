/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCRE2 behind regex.h. Its memory comes from the arena (giving back is a no-op there;
 * the heap limit bounds what one match may take); machine code and its stack are the
 * library's own and are freed with the arena.
 *
 * Machine code is not trusted blindly. Up to PCRE2 10.42 its start optimisation loses
 * matches where a repeated character stands near a group (`(1|)b*1` is not found in
 * "1"), and later releases had other faults around assertions. So patterns with groups
 * and repeated characters are compiled without it, and unusual ones are interpreted.
 * The test regex_needles holds both ways to the interpreter's answers.
 */
#include "regex.h"

#include <string.h>

#include "regex_needles.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_LIMIT = 1000000,
    DEPTH_LIMIT = 100000,
    HEAP_LIMIT_KIB = 16 << 10,
    JIT_STACK_FIRST = 32 << 10,
    JIT_STACK_MAX = 1 << 20
};

struct tw_regex {
    struct tw_str literal; /* where the pattern is plain text */
    bool is_literal;
    struct tw_str pattern;
    bool ignore_case;
    bool machine_code;
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static void *take(PCRE2_SIZE size, void *arena)
{
    return tw_arena_try(arena, size);
}

static void give_back(void *ptr, void *arena)
{
    (void)ptr, (void)arena;
}

static void release(void *ptr)
{
    struct tw_regex *r = ptr;
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->limits);
    pcre2_jit_stack_free(r->stack);
    pcre2_code_free(r->code);
}

/* PATTERN as the text that it stands for, where it stands for just one. */
static bool plain_text(struct tw_arena *arena, struct tw_str pattern,
                       struct tw_str *literal)
{
    char *out = tw_arena_alloc(arena, pattern.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c == '\\') {
            /* Behind a backslash, punctuation of ASCII stands for itself. */
            if (i + 1 == pattern.len ||
                !strchr("!\"#%&',-/:;<=>@_`~\\^$.[]|()?*+{}", pattern.ptr[i + 1]) ||
                pattern.ptr[i + 1] == '\0')
                return false;
            c = pattern.ptr[++i];
        } else if (c != '\0' && strchr("^$.[|()?*+{", c)) {
            return false;
        }
        out[n++] = c;
    }
    *literal = (struct tw_str){out, n};
    return true;
}

static struct tw_str error_text(struct tw_arena *arena, int error)
{
    char *text = tw_arena_alloc(arena, 256);
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)text, 256) < 0)
        return TW_STR("?");
    return tw_str_of(text);
}

const struct tw_regex *tw_regex_compile(struct tw_arena *arena, struct tw_str pattern,
                                        bool ignore_case, struct tw_str *why,
                                        size_t *at)
{
    struct tw_regex *r = tw_new(arena, struct tw_regex);
    pcre2_general_context *memory =
        pcre2_general_context_create(take, give_back, arena);
    pcre2_compile_context *how = memory ? pcre2_compile_context_create(memory) : NULL;
    *at = 0;
    *why = TW_STR("no memory");
    if (!how)
        return NULL;
    int error;
    PCRE2_SIZE place;
    enum tw_pattern_kind kind = tw_pattern_kind(pattern);
    uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY |
                     PCRE2_NEVER_BACKSLASH_C | (ignore_case ? PCRE2_CASELESS : 0) |
                     (kind == TW_PATTERN_GROUPED ? PCRE2_NO_START_OPTIMIZE : 0);
    r->code =
        pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, flags, &error, &place, how);
    if (!r->code) {
        *why = error_text(arena, error);
        *at = place < pattern.len ? place : pattern.len;
        return NULL;
    }
    tw_arena_defer(arena, release, r);
    r->pattern = tw_str_copy(arena, pattern);
    r->ignore_case = ignore_case;
    r->is_literal = !ignore_case && plain_text(arena, pattern, &r->literal);
    r->data = pcre2_match_data_create_from_pattern(r->code, memory);
    r->limits = pcre2_match_context_create(memory);
    if (!r->data || !r->limits)
        return NULL;
    pcre2_set_match_limit(r->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(r->limits, HEAP_LIMIT_KIB);
    /* Without machine code the interpreter does the same, only slower. */
    if (kind != TW_PATTERN_OTHER &&
        pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0) {
        r->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, memory);
        if (!r->stack) /* a smaller one would give up on more texts */
            tw_arena_exhausted(arena);
        pcre2_jit_stack_assign(r->limits, NULL, r->stack);
        size_t size = 0; /* none where the pattern itself forbids it: (*NO_JIT) */
        r->machine_code =
            pcre2_pattern_info(r->code, PCRE2_INFO_JITSIZE, &size) == 0 && size;
    }
    return r;
}

bool tw_regex_needles(const struct tw_regex *r, struct tw_arena *arena,
                      struct tw_needles *needles)
{
    if (!r->is_literal)
        return tw_pattern_needles(arena, r->pattern, r->ignore_case, needles);
    if (r->literal.len == 0)
        return false;
    tw_needles_add(arena, needles, r->literal);
    return true;
}

enum tw_holds tw_regex_match(const struct tw_regex *r, struct tw_str text)
{
    if (r->is_literal)
        return text.len >= r->literal.len &&
                       memmem(text.ptr, text.len, r->literal.ptr, r->literal.len)
                   ? TW_HOLDS_YES
                   : TW_HOLDS_NO;
    const char *subject = text.len ? text.ptr : "";
    PCRE2_SPTR bytes = (PCRE2_SPTR)subject;
    /* Straight into the machine code: the same limits, no checks of the arguments. */
    int n = r->machine_code
                ? pcre2_jit_match(r->code, bytes, text.len, 0, 0, r->data, r->limits)
                : pcre2_match(r->code, bytes, text.len, 0, PCRE2_NO_UTF_CHECK, r->data,
                              r->limits);
    if (n >= 0)
        return TW_HOLDS_YES;
    return n == PCRE2_ERROR_NOMATCH ? TW_HOLDS_NO : TW_HOLDS_LIMIT;
}

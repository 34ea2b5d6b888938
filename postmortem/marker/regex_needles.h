/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in every text that a pattern of PCRE2 finds: see needles.h.
 *
 *     ^.*解密.*失败$           解密 (or 失败: one of them is enough)
 *     (初始化|连接)失败|超时    初始化失败, 连接失败, 超时
 *     解密        /i           解密: there is no other case
 *     err\d+      /i           err, erR, eRr, …
 *     a?b?                     none
 *
 * The reader knows the grammar well enough to be sure, and gives up where it is not: at
 * verbs, conditions, extended mode, and whatever differs between versions.
 */
#ifndef TW_REGEX_NEEDLES_H
#define TW_REGEX_NEEDLES_H

#include "needles.h"

/* What a pattern is made of, as far as it matters to the compiler of machine code. */
enum tw_pattern_kind {
    TW_PATTERN_PLAIN,   /* no groups, or no character that is repeated */
    TW_PATTERN_GROUPED, /* groups, alternatives, and repeated characters */
    TW_PATTERN_OTHER    /* assertions, references, verbs, what was not read for sure */
};

enum tw_pattern_kind tw_pattern_kind(struct tw_str pattern);

/* PATTERN compiles with UTF, UCP and DOLLAR_ENDONLY, and CASELESS for IGNORE_CASE. Adds
 * texts of which every text that it finds holds at least one. False where there are
 * none, or it is not sure: then nothing was added. */
bool tw_pattern_needles(struct tw_arena *arena, struct tw_str pattern, bool ignore_case,
                        struct tw_needles *needles);

#endif

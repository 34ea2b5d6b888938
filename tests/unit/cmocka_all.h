/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with what it needs, and a comparison of our texts. */
#ifndef TW_CMOCKA_ALL_H
#define TW_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "str.h"

/* Analyzers cannot see in cmocka's header that a failed assertion does not return. */
#ifdef __clang_analyzer__
#include <stdio.h>
#include <stdlib.h>
#undef fail_msg
#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#define fail_msg(...) ((void)snprintf(NULL, 0, __VA_ARGS__), abort())
#define assert_true(c) ((c) ? (void)0 : abort())
#define assert_false(c) ((c) ? abort() : (void)0)
#define assert_null(p) ((p) ? abort() : (void)0)
#define assert_non_null(p) ((p) ? (void)0 : abort())
#endif

/* Fails with both texts where S is not LITERAL. */
#define assert_text(s, literal)                                                   \
    do {                                                                          \
        struct tw_str got_ = (s);                                                 \
        if (!tw_str_is(got_, literal))                                            \
            fail_msg("\"%.*s\" is not \"%s\"", (int)got_.len, got_.ptr, literal); \
    } while (0)

#endif

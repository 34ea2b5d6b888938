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

/* Fails with both texts where S is not LITERAL. */
#define assert_text(s, literal)                                                   \
    do {                                                                          \
        struct tw_str got_ = (s);                                                 \
        if (!tw_str_is(got_, literal))                                            \
            fail_msg("\"%.*s\" is not \"%s\"", (int)got_.len, got_.ptr, literal); \
    } while (0)

#endif

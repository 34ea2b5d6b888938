/* SPDX-License-Identifier: Apache-2.0 */
/* A byte buffer that grows in an arena: text under construction. */
#ifndef TW_BUF_H
#define TW_BUF_H

#include <stdint.h>

#include "str.h"

struct tw_buf {
    struct tw_arena *arena;
    char *ptr;
    size_t len, cap;
};

void tw_buf_init(struct tw_buf *buf, struct tw_arena *arena);
void tw_buf_put(struct tw_buf *buf, const void *bytes, size_t len);
void tw_buf_char(struct tw_buf *buf, char c);
void tw_buf_chars(struct tw_buf *buf, char c, size_t count);
void tw_buf_str(struct tw_buf *buf, struct tw_str s);
void tw_buf_text(struct tw_buf *buf, const char *nul_terminated);
void tw_buf_u64(struct tw_buf *buf, uint64_t n);
/* Up to 1,024 bytes of formatted text; FMT is a literal, never data. */
void tw_buf_fmt(struct tw_buf *buf, const char *fmt, ...) TW_PRINTF(2, 3);
/* What was built so far; it stays valid when the buffer goes on growing elsewhere. */
struct tw_str tw_buf_view(const struct tw_buf *buf);
/* Formatted text of its own in ARENA. */
struct tw_str tw_fmt(struct tw_arena *arena, const char *fmt, ...) TW_PRINTF(2, 3);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The growing byte buffer. */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FORMATTED_MAX = 1024 };

void tw_buf_init(struct tw_buf *buf, struct tw_arena *arena)
{
    *buf = (struct tw_buf){.arena = arena};
}

static char *reserve(struct tw_buf *buf, size_t more)
{
    if (buf->cap - buf->len < more) {
        size_t cap = buf->cap ? buf->cap * 2 : 32;
        if (cap - buf->len < more)
            cap = buf->len + more;
        buf->ptr = tw_arena_grow(buf->arena, buf->ptr, buf->cap, cap);
        buf->cap = cap;
    }
    return buf->ptr + buf->len;
}

void tw_buf_put(struct tw_buf *buf, const void *bytes, size_t len)
{
    if (len) {
        memcpy(reserve(buf, len), bytes, len);
        buf->len += len;
    }
}

void tw_buf_char(struct tw_buf *buf, char c)
{
    *reserve(buf, 1) = c;
    buf->len++;
}

void tw_buf_chars(struct tw_buf *buf, char c, size_t count)
{
    if (count) {
        memset(reserve(buf, count), c, count);
        buf->len += count;
    }
}

void tw_buf_str(struct tw_buf *buf, struct tw_str s)
{
    tw_buf_put(buf, s.ptr, s.len);
}

void tw_buf_text(struct tw_buf *buf, const char *s)
{
    tw_buf_put(buf, s, strlen(s));
}

void tw_buf_u64(struct tw_buf *buf, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    tw_buf_put(buf, digits + at, sizeof digits - at);
}

static void put_formatted(struct tw_buf *buf, const char *fmt, va_list args)
{
    char *at = reserve(buf, FORMATTED_MAX);
    int n = vsnprintf(at, FORMATTED_MAX, fmt, args);
    assert(n >= 0 && n < FORMATTED_MAX);
    buf->len += n < 0 ? 0 : (size_t)n < FORMATTED_MAX ? (size_t)n : FORMATTED_MAX - 1;
}

void tw_buf_fmt(struct tw_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    put_formatted(buf, fmt, args);
    va_end(args);
}

struct tw_str tw_buf_view(const struct tw_buf *buf)
{
    return (struct tw_str){buf->ptr ? buf->ptr : "", buf->len};
}

struct tw_str tw_fmt(struct tw_arena *arena, const char *fmt, ...)
{
    char text[FORMATTED_MAX];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < sizeof text);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return tw_str_copy(arena, (struct tw_str){text, len});
}
